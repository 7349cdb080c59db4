package powershell

// Split of strings: what separates, and where.

import (
	"slices"
	"strings"
)

// splitString is Split in its overloads: by characters, or by strings where
// those are asked for. In Windows PowerShell a string is a set of characters.
func (c *call) splitString() (Value, error) {
	if !c.textsKnown() {
		return c.unknown(), nil
	}
	separators, options, limit, err := c.splitParameters()
	if err != nil {
		return nil, err
	}
	s := c.string()
	if err := c.in.spend(len(s)/bytesPerStep + 1); err != nil {
		return nil, err
	}
	pieces := splitAt(s, separators, limit, options&1 != 0, options&2 != 0)
	if err := c.in.chargeItems(int64(len(pieces))); err != nil {
		return nil, err
	}
	values := make([]Value, len(pieces))
	for i, p := range pieces {
		values[i] = p
	}
	return newTypedArray("System.String", values), nil
}

// textsKnown tells whether all arguments, and what they list, are known as text.
func (c *call) textsKnown() bool {
	for _, a := range c.args {
		items, isList := Items(a)
		if !isList {
			items = []Value{a}
		}
		if slices.ContainsFunc(items, func(v Value) bool { _, ok := c.in.text(v).(string); return !ok }) {
			return false
		}
	}
	return true
}

// splitParameters sorts the arguments into separators, options (the bits of
// StringSplitOptions) and the most pieces, -1 for no limit.
func (c *call) splitParameters() (separators []string, options int64, limit int, err error) {
	args := c.args
	limit = -1
	if n := len(args); n > 1 {
		if o, ok := c.splitOptions(args[n-1]); ok {
			options, args = o, args[:n-1]
		}
	}
	if n := len(args); n > 1 && isNumber(args[n-1]) {
		i, _ := smallInt(args[n-1])
		if i < 0 {
			return nil, 0, 0, c.outOfRange("Count cannot be less than zero.")
		}
		limit, args = int(i), args[:n-1]
	}
	for _, a := range args {
		items, isList := Items(a)
		if !isList {
			items = []Value{a}
		}
		whole := isList && (len(c.args) > 1 || stringArray(a)) && len(args) == 1 || !isList && len(args) == 1 && c.in.dialect() == PowerShellCore
		for _, item := range items {
			s := c.in.text(item).(string)
			if whole {
				if s != "" {
					separators = append(separators, s)
				}
				continue
			}
			for _, u := range utf16Units(s) {
				separators = append(separators, Char(u).String())
			}
		}
	}
	return separators, options, limit, nil
}

// stringArray tells whether a value is a string[].
func stringArray(v Value) bool {
	a, ok := v.(*Array)
	return ok && a.Type == "System.String"
}

func (c *call) splitOptions(v Value) (int64, bool) {
	if o, ok := v.(*Object); ok {
		if e, ok := o.Payload.(*enumValue); ok {
			return e.Number, true
		}
	}
	if s, ok := v.(string); ok && len(s) > 1 {
		return c.in.lib().enums["System.StringSplitOptions"].number(s)
	}
	return 0, false
}

// splitAt cuts at separators, or at blanks where there are none.
func splitAt(s string, separators []string, limit int, removeEmpty, trim bool) []string {
	if limit == 0 {
		return nil
	}
	pieces := []string{}
	keep := func(p string) {
		if trim {
			p = strings.TrimFunc(p, isSpace)
		}
		if p != "" || !removeEmpty {
			pieces = append(pieces, p)
		}
	}
	for limit < 0 || len(pieces) < limit-1 {
		at, length := nextSeparator(s, separators)
		if at < 0 {
			break
		}
		keep(s[:at])
		s = s[at+length:]
	}
	if removeEmpty && limit > 0 {
		for at, length := nextSeparator(s, separators); at == 0; at, length = nextSeparator(s, separators) {
			s = s[length:]
		}
	}
	keep(s)
	return pieces
}

func nextSeparator(s string, separators []string) (at, length int) {
	if len(separators) == 0 {
		for i, r := range s {
			if isSpace(r) {
				return i, len(string(r))
			}
		}
		return -1, 0
	}
	at = -1
	for _, sep := range separators {
		within := s
		if at >= 0 {
			within = s[:min(len(s), at+len(sep)-1)]
		}
		if i := strings.Index(within, sep); i >= 0 && (at < 0 || i < at) {
			at, length = i, len(sep)
		}
	}
	return at, length
}
