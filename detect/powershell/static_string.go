package powershell

// Static members of strings and characters, and how strings are made.

import (
	"strings"
	"unicode"
)

func addTextStatics(l *library) {
	l.addStaticProperties("System.String", map[string]staticProperty{"empty": constant("")})
	l.addStatics("System.String", map[string]method{
		"join":          opened((*call).staticJoin),
		"concat":        opened(func(c *call) (Value, error) { return c.in.join(c.flattened(0), "", c.source) }),
		"format":        opened((*call).staticFormat),
		"isnullorempty": opened(func(c *call) (Value, error) { return c.emptiness(func(s string) bool { return s == "" }) }),
		"isnullorwhitespace": opened(func(c *call) (Value, error) {
			return c.emptiness(func(s string) bool { return strings.TrimFunc(s, isSpace) == "" })
		}),
		"compare":        known((*call).staticCompare),
		"compareordinal": known(func(c *call) (Value, error) { return int32(strings.Compare(c.text(0), c.text(1))), nil }),
		"equals": known(func(c *call) (Value, error) {
			a, b := foldedFor(c.ignoresCase(2), c.text(0), c.text(1))
			return a == b && (c.arg(0) == nil) == (c.arg(1) == nil), nil
		}),
		"copy":   known(func(c *call) (Value, error) { return c.text(0), nil }),
		"intern": known(func(c *call) (Value, error) { return c.text(0), nil }),
	})
	l.constructors["System.String"] = opened((*call).newString)
	charTests := map[string]func(rune) bool{
		"isdigit": isDigit, "isletter": unicode.IsLetter, "isletterordigit": func(r rune) bool { return unicode.IsLetter(r) || isDigit(r) },
		"isupper": unicode.IsUpper, "islower": unicode.IsLower, "iswhitespace": isSpace, "ispunctuation": unicode.IsPunct,
		"issymbol": unicode.IsSymbol, "iscontrol": unicode.IsControl, "isnumber": unicode.IsNumber, "isseparator": func(r rune) bool { return unicode.In(r, unicode.Z) },
		"issurrogate": func(r rune) bool { return r >= surrogateHigh && r < surrogateEnd },
	}
	statics := map[string]method{
		"toupper": known(func(c *call) (Value, error) { return c.mapChar(upperRune) }), "tolower": known(func(c *call) (Value, error) { return c.mapChar(lowerRune) }),
		"toupperinvariant": known(func(c *call) (Value, error) { return c.mapChar(upperRune) }),
		"tolowerinvariant": known(func(c *call) (Value, error) { return c.mapChar(lowerRune) }),
		"tostring":         known(func(c *call) (Value, error) { return c.text(0), nil }),
		"parse":            known(func(c *call) (Value, error) { return toChar(c.in, c.arg(0)) }),
		"getnumericvalue": known(func(c *call) (Value, error) {
			u, err := c.char(0)
			if err != nil || u < '0' || u > '9' {
				return float64(-1), err
			}
			return float64(u - '0'), nil
		}),
		"convertfromutf32": known(func(c *call) (Value, error) {
			n, err := c.integer(0)
			if err != nil {
				return nil, err
			}
			if n < 0 || n > unicode.MaxRune || n >= surrogateHigh && n < surrogateEnd {
				return nil, c.outOfRange("A valid UTF32 value is between 0x000000 and 0x10ffff, inclusive.")
			}
			return string(rune(n)), nil
		}),
		"converttoutf32": known(func(c *call) (Value, error) {
			r, _ := decodeRune(c.text(0))
			return int32(r), nil
		}),
	}
	category := known((*call).unicodeCategory)
	statics["getunicodecategory"] = category
	l.addStatics("System.Globalization.CharUnicodeInfo", map[string]method{"getunicodecategory": category})
	for name, test := range charTests {
		statics[name] = known(func(c *call) (Value, error) { return c.testChar(test) })
	}
	l.addStatics("System.Char", statics)
	l.addStaticProperties("System.Char", map[string]staticProperty{"maxvalue": constant(Char(0xFFFF)), "minvalue": constant(Char(0))})
}

// char is an argument as a character; a string and a position may name it.
func (c *call) char(i int) (rune, error) {
	if s, ok := c.arg(i).(string); ok && c.isInteger(i+1) {
		n, _ := c.integer(i + 1)
		units := utf16Units(s)
		if n < 0 || n >= len(units) {
			return 0, c.outOfRange("Specified argument was out of the range of valid values.")
		}
		return rune(units[n]), nil
	}
	v, err := toChar(c.in, c.arg(i))
	if err != nil {
		return 0, err
	}
	return rune(v.(Char)), nil
}

func (c *call) testChar(test func(rune) bool) (Value, error) {
	r, err := c.char(0)
	return test(r), err
}

func (c *call) mapChar(change func(rune) rune) (Value, error) {
	r, err := c.char(0)
	return Char(change(r)), err
}

// flattened are the arguments from i on as one list: an array among them
// stands for its items if it is the only one.
func (c *call) flattened(i int) Value {
	rest := c.args[min(i, len(c.args)):]
	if len(rest) == 1 {
		if _, ok := Items(rest[0]); ok {
			return rest[0]
		}
		if isMany(rest[0]) {
			return rest[0]
		}
	}
	single := make([]Value, len(rest))
	for i, v := range rest {
		single[i] = asOne(v)
	}
	return newArray(single)
}

func (c *call) staticJoin() (Value, error) {
	list := c.flattened(1)
	if items, ok := Items(c.arg(1)); ok && len(c.args) == 4 && c.isInteger(2) && c.isInteger(3) {
		from, _ := c.integer(2)
		count, _ := c.integer(3)
		if from < 0 || count < 0 || from+count > len(items) {
			return nil, c.outOfRange("Index was out of range.")
		}
		list = newArray(items[from : from+count])
	}
	return c.in.join(list, c.in.text(c.arg(0)), c.source)
}

func (c *call) staticFormat() (Value, error) {
	args := c.args
	if len(args) > 0 && args[0] == nil {
		args = args[1:]
	} else if o, ok := c.arg(0).(*Object); ok && o.Type == typeCulture {
		args = args[1:]
	}
	if len(args) == 0 {
		return nil, c.fail("System.ArgumentNullException", "Value cannot be null. Parameter name: format")
	}
	rest := args[1:]
	if len(rest) == 1 {
		if items, ok := Items(rest[0]); ok {
			rest = items
		}
		if u, ok := args[1].(*Unknown); ok && u.Many {
			return c.in.formatText(c.in.text(args[0]), nil, u, c.source)
		}
	}
	return c.in.formatText(c.in.text(args[0]), rest, nil, c.source)
}

func (c *call) emptiness(test func(string) bool) (Value, error) {
	switch t := c.in.text(c.arg(0)).(type) {
	case string:
		return test(t), nil
	case *Text:
		for _, p := range t.Parts {
			if p.Hole == nil && !test(p.Text) {
				return false, nil
			}
		}
	}
	return c.decided(Maybe)
}

func (c *call) staticCompare() (Value, error) {
	if c.isInteger(1) {
		return c.unknown(), nil
	}
	return int32(compareText(c.text(0), c.text(1), c.ignoresCase(2))), nil
}

// newString is [string]::new: of characters, or of one repeated.
func (c *call) newString() (Value, error) {
	if len(c.args) == 2 && c.isInteger(1) {
		n, _ := c.integer(1)
		ch, err := toChar(c.in, c.arg(0))
		if err != nil || n < 0 {
			return nil, err
		}
		s := ch.(Char).String()
		if err := c.in.charge(int64(n) * int64(len(s))); err != nil {
			return nil, err
		}
		return strings.Repeat(s, n), nil
	}
	items, ok := Items(c.arg(0))
	if !ok {
		return c.in.text(c.arg(0)), nil
	}
	if len(c.args) == 3 {
		from, _ := c.integer(1)
		count, _ := c.integer(2)
		if from < 0 || count < 0 || from+count > len(items) {
			return nil, c.outOfRange("Index was out of range.")
		}
		items = items[from : from+count]
	}
	if anyUnknown(items...) {
		return c.in.join(newArray(items), "", c.source)
	}
	units := make([]uint16, 0, len(items))
	for _, item := range items {
		units = append(units, utf16Units(c.in.text(item).(string))...)
	}
	return stringFromUnits(units), nil
}

// unicodeCategories are the categories in the order of their numbers.
var unicodeCategories = strings.Fields("Lu Ll Lt Lm Lo Mn Mc Me Nd Nl No Zs Zl Zp Cc Cf Cs Co Pc Pd Ps Pe Pi Pf Po Sm Sc Sk So")

// unicodeCategory is the category of a character, or of that at a place of a
// text.
func (c *call) unicodeCategory() (Value, error) {
	r, err := c.char(0)
	if err != nil {
		return nil, err
	}
	const typeName = "System.Globalization.UnicodeCategory"
	for i, name := range unicodeCategories {
		if unicode.Is(unicode.Categories[name], r) {
			return newEnum(typeName, nil, c.in.lib().enums[typeName].names[i], int64(i)), nil
		}
	}
	return newEnum(typeName, nil, "OtherNotAssigned", 29), nil
}
