package powershell

// Members of strings and characters.

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

func addStringMembers(l *library) {
	l.addProperties("System.String", map[string]property{
		"length": func(in *Interpreter, v Value) Value { return int32(in.lib().view(v.(string)).len()) },
	})
	l.addMethods("System.String", map[string]method{
		"chars":            known(func(c *call) (Value, error) { return c.charAt() }),
		"clone":            known(func(c *call) (Value, error) { return c.target, nil }),
		"compareto":        known(func(c *call) (Value, error) { return int32(compareText(c.string(), c.text(0), false)), nil }),
		"contains":         opened((*call).contains),
		"endswith":         opened((*call).endsWith),
		"equals":           known((*call).equals),
		"getenumerator":    known(func(c *call) (Value, error) { return newEnumerator(chars(c.string())), nil }),
		"indexof":          known(func(c *call) (Value, error) { return c.indexOf(strings.Index, unitsIndex) }),
		"indexofany":       known(func(c *call) (Value, error) { return c.indexOfAny(false) }),
		"insert":           opened((*call).insert),
		"isnormalized":     known(func(c *call) (Value, error) { return isASCII(c.string()), nil }),
		"lastindexof":      known((*call).lastIndexOf),
		"lastindexofany":   known(func(c *call) (Value, error) { return c.indexOfAny(true) }),
		"normalize":        known((*call).normalize),
		"padleft":          known(func(c *call) (Value, error) { return c.pad(true) }),
		"padright":         known(func(c *call) (Value, error) { return c.pad(false) }),
		"remove":           known((*call).remove),
		"replace":          opened((*call).replaceText),
		"split":            known((*call).splitString),
		"startswith":       opened((*call).startsWith),
		"substring":        known((*call).substring),
		"tochararray":      known((*call).toCharArray),
		"tolower":          known(func(c *call) (Value, error) { return toLower(c.string()), nil }),
		"tolowerinvariant": known(func(c *call) (Value, error) { return toLower(c.string()), nil }),
		"toupper":          known(func(c *call) (Value, error) { return toUpper(c.string()), nil }),
		"toupperinvariant": known(func(c *call) (Value, error) { return toUpper(c.string()), nil }),
		"trim":             known(func(c *call) (Value, error) { return c.trim(true, true), nil }),
		"trimstart":        known(func(c *call) (Value, error) { return c.trim(true, false), nil }),
		"trimend":          known(func(c *call) (Value, error) { return c.trim(false, true), nil }),
	})
	l.addMethods("System.Char", map[string]method{
		"compareto": known(func(c *call) (Value, error) {
			other, ok := charOf(c.arg(0))
			if !ok {
				return nil, c.fail("System.ArgumentException", "Object must be of type Char.")
			}
			return int32(c.target.(Char)) - int32(other), nil
		}),
	})
}

// arg returns an argument, or nil.
func (c *call) arg(i int) Value {
	if i >= 0 && i < len(c.args) {
		return c.args[i]
	}
	return nil
}

// string is the target as a string.
func (c *call) string() string {
	s, _ := c.target.(string)
	return s
}

// text is an argument as a string. It is known where the method is not open.
func (c *call) text(i int) string {
	s, _ := c.in.text(c.arg(i)).(string)
	return s
}

// integer is an argument as an int.
func (c *call) integer(i int) (int, error) {
	n, err := c.in.toInteger(c.arg(i), "System.Int32", integerRanges["System.Int32"])
	if err != nil {
		return 0, err
	}
	return int(n.(int32)), nil
}

// isInteger tells whether an argument is a number, or text of digits where a
// method has no other use for text.
func (c *call) isInteger(i int) bool { return i < len(c.args) && isNumber(c.args[i]) }

// fail is the exception of a call: one of the type within a
// MethodInvocationException.
func (c *call) fail(typeName, message string) error {
	inner := NewObject(typeName)
	inner.Set("Message", message)
	inner.Set("InnerException", nil)
	outer := NewObject("System.Management.Automation.MethodInvocationException")
	whole := fmt.Sprintf("Exception calling \"%s\" with \"%d\" argument(s): \"%s\"", c.name, len(c.args), message)
	outer.Set("Message", whole)
	outer.Set("InnerException", inner)
	t := c.in.throwingException(outer, whole, nil, false)
	t.typeName = typeName
	return t
}

func (c *call) outOfRange(what string) error {
	return c.fail("System.ArgumentOutOfRangeException", what)
}

// ignoresCase tells whether an argument is a StringComparison that does.
func (c *call) ignoresCase(i int) bool {
	if b, ok := c.arg(i).(bool); ok {
		return b
	}
	if i < 0 || i >= len(c.args) || isNumber(c.args[i]) {
		return false
	}
	return strings.HasSuffix(foldCase(c.text(i)), "ignorecase")
}

func chars(s string) []Value {
	units := utf16Units(s)
	values := make([]Value, len(units))
	for i, u := range units {
		values[i] = Char(u)
	}
	return values
}

func (c *call) charAt() (Value, error) {
	n, err := c.integer(0)
	if err != nil {
		return nil, err
	}
	v := c.in.lib().view(c.string())
	if n < 0 || n >= v.len() {
		return nil, c.fail("System.IndexOutOfRangeException", "Index was outside the bounds of the array.")
	}
	return v.at(n), nil
}

// foldedFor brings text and what is sought in it to one case if asked for.
func foldedFor(ignoreCase bool, a, b string) (string, string) {
	if ignoreCase {
		return foldCase(a), foldCase(b)
	}
	return a, b
}

// decided answers a question about a string of which an argument is unknown.
func (c *call) decided(answer Tri) (Value, error) {
	if answer == Maybe {
		u := c.unknown()
		u.Type = "System.Boolean"
		return u, nil
	}
	return answer == Yes, nil
}

func (c *call) contains() (Value, error) {
	if isUnknown(c.arg(0)) {
		return c.decided(Maybe)
	}
	s, part := foldedFor(c.ignoresCase(1), c.string(), c.text(0))
	return strings.Contains(s, part), nil
}

func (c *call) startsWith() (Value, error) {
	if t, ok := c.in.text(c.arg(0)).(*Text); ok {
		prefix, _ := knownEnds(t)
		if !strings.HasPrefix(c.string(), prefix) && len(c.args) == 1 {
			return false, nil
		}
	}
	if isUnknown(c.arg(0)) {
		return c.decided(Maybe)
	}
	s, part := foldedFor(c.ignoresCase(1), c.string(), c.text(0))
	return strings.HasPrefix(s, part), nil
}

func (c *call) endsWith() (Value, error) {
	if isUnknown(c.arg(0)) {
		return c.decided(Maybe)
	}
	s, part := foldedFor(c.ignoresCase(1), c.string(), c.text(0))
	return strings.HasSuffix(s, part), nil
}

func (c *call) equals() (Value, error) {
	other, ok := c.arg(0).(string)
	if !ok {
		return false, nil
	}
	s, other := foldedFor(c.ignoresCase(1), c.string(), other)
	return s == other, nil
}

// unitsIndex finds units in units.
func unitsIndex(s, part []uint16) int {
	for i := 0; i+len(part) <= len(s); i++ {
		if slices.Equal(s[i:i+len(part)], part) {
			return i
		}
	}
	return -1
}

// span reads the start and count arguments from i on, for a text of length n.
func (c *call) span(i, n int) (from, to int, err error) {
	to = n
	if c.isInteger(i) {
		if from, err = c.integer(i); err != nil {
			return 0, 0, err
		}
		if from < 0 || from > n {
			return 0, 0, c.outOfRange("Index was out of range. Must be non-negative and less than the size of the collection.")
		}
	}
	if c.isInteger(i + 1) {
		count, err := c.integer(i + 1)
		if err != nil {
			return 0, 0, err
		}
		if count < 0 || from+count > n {
			return 0, 0, c.outOfRange("Count must be positive and count must refer to a location within the string/array/collection.")
		}
		to = from + count
	}
	return from, to, nil
}

func (c *call) indexOf(ascii func(string, string) int, units func(s, part []uint16) int) (Value, error) {
	ignore := c.ignoresCase(len(c.args) - 1)
	s, part := foldedFor(ignore && len(c.args) > 1, c.string(), c.text(0))
	if err := c.in.spend(len(s) / bytesPerStep); err != nil {
		return nil, err
	}
	if isASCII(s) && isASCII(part) {
		from, to, err := c.span(1, len(s))
		if err != nil {
			return nil, err
		}
		if i := ascii(s[from:to], part); i >= 0 {
			return int32(from + i), nil
		}
		return int32(-1), nil
	}
	u := utf16Units(s)
	from, to, err := c.span(1, len(u))
	if err != nil {
		return nil, err
	}
	if err := c.in.charge(int64(len(u)) * 2); err != nil {
		return nil, err
	}
	if i := units(u[from:to], utf16Units(part)); i >= 0 {
		return int32(from + i), nil
	}
	return int32(-1), nil
}

// lastIndexOf searches backwards from a position.
func (c *call) lastIndexOf() (Value, error) {
	ignore := c.ignoresCase(len(c.args) - 1)
	s, part := foldedFor(ignore && len(c.args) > 1, c.string(), c.text(0))
	u, p := utf16Units(s), utf16Units(part)
	if err := c.in.spend(len(u) / bytesPerStep); err != nil {
		return nil, err
	}
	last := len(u)
	if c.isInteger(1) {
		n, err := c.integer(1)
		if err != nil {
			return nil, err
		}
		if n < -1 || n > len(u) {
			return nil, c.outOfRange("Index was out of range. Must be non-negative and less than the size of the collection.")
		}
		last = min(n+1, len(u))
	}
	for i := last - len(p); i >= 0; i-- {
		if slices.Equal(u[i:i+len(p)], p) {
			return int32(i), nil
		}
	}
	return int32(-1), nil
}

func (c *call) indexOfAny(last bool) (Value, error) {
	set := c.charsFrom(0, 1)
	u := utf16Units(c.string())
	from, to, err := c.span(1, len(u))
	if err != nil {
		return nil, err
	}
	found := -1
	for i := from; i < to; i++ {
		if slices.Contains(set, u[i]) {
			found = i
			if !last {
				break
			}
		}
	}
	return int32(found), nil
}

// charsFrom collects the units of arguments: chars, strings, arrays of them.
func (c *call) charsFrom(from, to int) []uint16 {
	var set []uint16
	for i := from; i < min(to, len(c.args)); i++ {
		items, ok := Items(c.args[i])
		if !ok {
			items = []Value{c.args[i]}
		}
		for _, item := range items {
			if s, ok := c.in.text(item).(string); ok {
				set = append(set, utf16Units(s)...)
			}
		}
	}
	return set
}

func (c *call) insert() (Value, error) {
	if isUnknown(c.arg(0)) {
		return c.unknown(), nil
	}
	n, err := c.integer(0)
	if err != nil {
		return nil, err
	}
	s := c.string()
	if n < 0 || n > unitLen(s) {
		return nil, c.outOfRange("Specified argument was out of the range of valid values. Parameter name: startIndex")
	}
	return c.in.boundedText(unitSlice(s, 0, n), c.arg(1), unitSlice(s, n, unitLen(s)))
}

func (c *call) remove() (Value, error) {
	s := c.string()
	from, to, err := c.span(0, unitLen(s))
	if err != nil {
		return nil, err
	}
	if from == unitLen(s) && len(c.args) == 1 && c.in.dialect() == WindowsPowerShell {
		return nil, c.outOfRange("startIndex must be less than length of string.")
	}
	return concat(unitSlice(s, 0, from), unitSlice(s, to, unitLen(s))), c.in.spend(len(s) / bytesPerStep)
}

func (c *call) substring() (Value, error) {
	v := c.in.lib().view(c.string())
	n := v.len()
	from, err := c.integer(0)
	if err != nil {
		return nil, err
	}
	length := n - from
	if len(c.args) > 1 {
		if length, err = c.integer(1); err != nil {
			return nil, err
		}
	}
	switch {
	case from < 0:
		return nil, c.outOfRange("StartIndex cannot be less than zero.")
	case from > n:
		return nil, c.outOfRange("startIndex cannot be larger than length of string.")
	case length < 0:
		return nil, c.outOfRange("Length cannot be less than zero.")
	case from+length > n:
		return nil, c.outOfRange("Index and length must refer to a location within the string.")
	}
	return v.slice(from, from+length), c.in.spend(length / bytesPerStep)
}

func (c *call) pad(left bool) (Value, error) {
	width, err := c.integer(0)
	if err != nil {
		return nil, err
	}
	if width < 0 {
		return nil, c.outOfRange("Non-negative number required.")
	}
	fill := " "
	if len(c.args) > 1 {
		ch, err := toChar(c.in, c.arg(1))
		if err != nil {
			return nil, err
		}
		fill = ch.(Char).String()
	}
	s := c.string()
	n := max(0, width-unitLen(s))
	if err := c.in.charge(int64(n) * int64(len(fill))); err != nil {
		return nil, err
	}
	if left {
		return concat(strings.Repeat(fill, n), s), nil
	}
	return concat(s, strings.Repeat(fill, n)), nil
}

// replaceText is literal and minds case unless a comparison says otherwise.
// What is put in may be unknown.
func (c *call) replaceText() (Value, error) {
	old, ok := c.in.text(c.arg(0)).(string)
	if !ok || isUnknown(c.arg(2)) {
		return c.unknown(), nil
	}
	if old == "" {
		return nil, c.fail("System.ArgumentException", "String cannot be of zero length. Parameter name: oldValue")
	}
	s := c.string()
	if c.ignoresCase(2) {
		re, _, err := c.in.compiled(escapeRegex(old), optIgnoreCase)
		if err != nil || re == nil {
			return nil, err
		}
		matches, _, err := c.in.matchesOf(re, utf16Units(s), regexStart{}, 0)
		if err != nil {
			return nil, err
		}
		with := c.in.text(c.arg(1))
		return c.in.substitute(s, matches, false, func(b *textBuilder, _ regexMatch) error { b.write(with); return nil })
	}
	return c.in.replaceLiteral(s, old, c.in.text(c.arg(1)))
}

func (in *Interpreter) replaceLiteral(s, old string, with Value) (Value, error) {
	pieces := strings.Split(s, old)
	size := int64(len(s))
	if w, ok := with.(string); ok {
		size += int64(len(pieces)) * int64(len(w))
	} else {
		size += int64(len(pieces)) * holeSize
	}
	if err := in.charge(size); err != nil {
		return nil, err
	}
	var b textBuilder
	for i, p := range pieces {
		if i > 0 {
			b.write(with)
		}
		b.writeString(p)
	}
	return b.value(), nil
}

func (c *call) toCharArray() (Value, error) {
	units := utf16Units(c.string())
	from, to, err := c.span(0, len(units))
	if err != nil {
		return nil, err
	}
	if err := c.in.chargeItems(int64(to - from)); err != nil {
		return nil, err
	}
	values := make([]Value, to-from)
	for i := range values {
		values[i] = Char(units[from+i])
	}
	return newTypedArray("System.Char", values), nil
}

// normalize is known for ASCII only, which all forms leave alone.
func (c *call) normalize() (Value, error) {
	form := norm.NFC
	if len(c.args) > 0 {
		v, err := c.in.convert(c.arg(0), &TypeRef{Name: "System.Text.NormalizationForm"})
		if err != nil {
			return nil, err
		}
		o, ok := v.(*Object)
		if !ok {
			return c.unknown(), nil
		}
		switch o.Payload.(*enumValue).Number {
		case 1:
		case 2:
			form = norm.NFD
		case 5:
			form = norm.NFKC
		case 6:
			form = norm.NFKD
		default:
			return nil, c.fail("System.ArgumentException", "Invalid normalization form.")
		}
	}
	s := c.string()
	if !utf8.ValidString(s) { // half of a surrogate pair
		return nil, c.fail("System.ArgumentException", "Invalid Unicode code point found.")
	}
	s = form.String(s)
	return s, c.in.charge(int64(len(s)))
}

func (c *call) trim(start, end bool) Value {
	return trimText(c.string(), c.charsFrom(0, len(c.args)), start, end)
}

// trimText removes blanks, or the units given, from the ends.
func trimText(s string, set []uint16, start, end bool) string {
	in := isSpace
	if len(set) > 0 {
		in = func(r rune) bool { return r < 0x10000 && slices.Contains(set, uint16(r)) }
	}
	if start {
		s = strings.TrimLeftFunc(s, in)
	}
	if end {
		s = strings.TrimRightFunc(s, in)
	}
	return s
}
