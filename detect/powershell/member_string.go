package powershell

// Members of strings and characters.

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
)

func addStringMembers(l *library) {
	l.addProperties("System.String", map[string]property{
		"length": func(_ *Interpreter, v Value) Value { return int32(unitLen(v.(string))) },
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
	if i < len(c.args) {
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

// fail is the exception of a call.
func (c *call) fail(typeName, message string) error {
	return c.in.thrown(typeName, fmt.Sprintf("Exception calling \"%s\" with \"%d\" argument(s): \"%s\"", c.name, len(c.args), message))
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
	units := utf16Units(c.string())
	if n < 0 || n >= len(units) {
		return nil, c.fail("System.IndexOutOfRangeException", "Index was outside the bounds of the array.")
	}
	return Char(units[n]), nil
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
	if err := c.in.spend(len(s) / 256); err != nil {
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
	if err := c.in.charge(int64(len(u)) * 64); err != nil {
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
	if err := c.in.spend(len(u) / 64); err != nil {
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
	return concat(unitSlice(s, 0, from), unitSlice(s, to, unitLen(s))), c.in.spend(len(s) / 256)
}

func (c *call) substring() (Value, error) {
	s := c.string()
	n := unitLen(s)
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
	return unitSlice(s, from, from+length), c.in.spend(len(s) / 256)
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
		matches, _, err := c.in.matchesOf(re, utf16Units(s), 0, 0)
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
	if isASCII(c.string()) {
		return c.target, nil
	}
	return c.unknown(), nil
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

// splitString is Split in its overloads: by characters, or by strings where
// those are asked for. In Windows PowerShell a string is a set of characters.
func (c *call) splitString() (Value, error) {
	separators, options, limit, err := c.splitParameters()
	if err != nil {
		return nil, err
	}
	s := c.string()
	if err := c.in.spend(len(s)/16 + 1); err != nil {
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

// textMethod calls a method of a string of which parts are unknown.
func (in *Interpreter) textMethod(c *call, t *Text, lower string) (Value, error) {
	if anyUnknown(c.args...) && lower != "insert" && lower != "replace" {
		return in.unknownText(c, lower), nil
	}
	switch lower {
	case "tostring", "clone", "normalize":
		return t, nil
	case "tolower", "tolowerinvariant":
		return mapText(t, "ToLower()", toLower), nil
	case "toupper", "toupperinvariant":
		return mapText(t, "ToUpper()", toUpper), nil
	case "trim", "trimstart", "trimend":
		return trimmedText(t, c, lower), nil
	case "replace":
		return in.replacedText(c, t)
	case "startswith", "endswith", "contains", "equals":
		return c.decided(in.askText(c, t, lower))
	case "insert", "substring", "remove":
		if v, ok, err := in.cutText(c, t, lower); ok || err != nil {
			return v, err
		}
	case "padleft", "padright":
		n, err := c.integer(0)
		if err != nil {
			return nil, err
		}
		if textLength(t) >= n {
			return t, nil
		}
	}
	return in.unknownText(c, lower), nil
}

// unknownText is what a method of a text returns that cannot be worked out.
func (in *Interpreter) unknownText(c *call, lower string) Value {
	u := c.unknown()
	switch lower {
	case "split", "tochararray", "getenumerator":
		u.Many = true
	case "indexof", "lastindexof", "compareto", "indexofany", "lastindexofany":
		u.Type = "System.Int32"
	case "startswith", "endswith", "contains", "equals":
		u.Type = "System.Boolean"
	default:
		u.Type = "System.String"
	}
	return u
}

// trimmedText trims the known ends; an unknown part at an end is trimmed
// itself.
func trimmedText(t *Text, c *call, lower string) Value {
	set := c.charsFrom(0, len(c.args))
	args := make([]string, len(c.args))
	for i, a := range c.args {
		args[i] = expressionOf(a)
	}
	parts := append([]TextPart(nil), t.Parts...)
	if lower != "trimend" {
		parts = trimEnd(parts, 0, 1, "TrimStart("+strings.Join(args, ", ")+")", func(s string) string { return trimText(s, set, true, false) })
	}
	if lower != "trimstart" {
		parts = trimEnd(parts, len(parts)-1, -1, "TrimEnd("+strings.Join(args, ", ")+")", func(s string) string { return trimText(s, set, false, true) })
	}
	var b textBuilder
	b.write(&Text{Parts: parts})
	return b.value()
}

// trimEnd trims from one end on: known text that vanishes uncovers the next
// part.
func trimEnd(parts []TextPart, at, step int, method string, trim func(string) string) []TextPart {
	for ; at >= 0 && at < len(parts); at += step {
		if parts[at].Hole != nil {
			parts[at].Hole = methodOf(parts[at].Hole, method)
			break
		}
		parts[at].Text = trim(parts[at].Text)
		if parts[at].Text != "" {
			break
		}
	}
	return parts
}

// replacedText replaces in known parts where no occurrence can reach into an
// unknown one.
func (in *Interpreter) replacedText(c *call, t *Text) (Value, error) {
	old, ok := in.text(c.arg(0)).(string)
	ignoreCase := c.ignoresCase(2)
	if !ok || old == "" || !apart(t, old, ignoreCase) {
		return in.unknownText(c, "replace"), nil
	}
	method := "Replace(" + expressionOf(c.arg(0)) + ", " + expressionOf(c.arg(1)) + ")"
	var b textBuilder
	for _, p := range t.Parts {
		if p.Hole != nil {
			b.writeHole(methodOf(p.Hole, method))
			continue
		}
		v, err := in.run(in.lib().methods["System.String"]["replace"], &call{in: in, target: p.Text, name: c.name, args: c.args, source: c.source})
		if err != nil {
			return nil, err
		}
		b.write(v)
	}
	return b.value(), in.fits(int64(b.size))
}

// askText answers from the known ends of a text.
func (in *Interpreter) askText(c *call, t *Text, lower string) Tri {
	ignoreCase := c.ignoresCase(1)
	part := c.text(0)
	prefix, suffix := knownEnds(t)
	if ignoreCase {
		prefix, suffix, part = foldCase(prefix), foldCase(suffix), foldCase(part)
	}
	switch lower {
	case "startswith":
		return prefixAnswer(prefix, part)
	case "endswith":
		return prefixAnswer(reverseText(suffix), reverseText(part))
	case "contains":
		if knownPartHas(t, part, ignoreCase) {
			return Yes
		}
		return Maybe
	}
	return textMayEqual(t, c.text(0), ignoreCase)
}

func prefixAnswer(known, part string) Tri {
	switch {
	case strings.HasPrefix(known, part):
		return Yes
	case !strings.HasPrefix(part, known):
		return No
	}
	return Maybe
}

// cutText cuts or inserts within the known beginning of a text; ok is false
// where it reaches further.
func (in *Interpreter) cutText(c *call, t *Text, lower string) (Value, bool, error) {
	first := t.Parts[0]
	if first.Hole != nil && lower != "insert" || isUnknown(c.arg(0)) {
		return nil, false, nil
	}
	from, err := c.integer(0)
	if err != nil {
		return nil, false, err
	}
	n := unitLen(first.Text)
	if from < 0 || from > n {
		return nil, false, nil
	}
	rest := append([]TextPart(nil), t.Parts[1:]...)
	if first.Hole != nil {
		rest = t.Parts
	}
	head, tail := unitSlice(first.Text, 0, from), unitSlice(first.Text, from, n)
	var v Value
	switch {
	case lower == "insert":
		v, err = in.boundedText(head, c.arg(1), tail, &Text{Parts: rest})
	case len(c.args) > 1:
		count, err := c.integer(1)
		if err != nil || count < 0 || from+count > n {
			return nil, false, err
		}
		if lower == "substring" {
			return unitSlice(first.Text, from, from+count), true, nil
		}
		v, err = in.boundedText(head, unitSlice(first.Text, from+count, n), &Text{Parts: rest})
		return v, true, err
	case lower == "substring":
		v, err = in.boundedText(tail, &Text{Parts: rest})
	default:
		v = head
	}
	return v, true, err
}

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
		if u, ok := rest[0].(*Unknown); ok && u.Many && len(rest) == 1 {
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
