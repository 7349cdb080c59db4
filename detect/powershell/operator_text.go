package powershell

// The operators on text: -like, -match, -replace, -split, -join.

import (
	"strings"
)

func (o operator) options() regexOptions {
	if o.caseSensitive {
		return 0
	}
	return optIgnoreCase
}

func (in *Interpreter) likeScalar(o operator, l, r Value) Tri {
	pattern, ok := in.text(r).(string)
	if !ok {
		return Maybe
	}
	switch t := in.text(l).(type) {
	case string:
		return triOf(wildcardMatch(t, pattern, !o.caseSensitive))
	case *Text:
		return likeText(t, pattern, !o.caseSensitive)
	}
	return Maybe
}

// matchScalar is -match, which sets $Matches where it holds.
func (in *Interpreter) matchScalar(o operator, l, r Value, set bool) (Tri, error) {
	answer, matches, err := in.matchText(o, l, r)
	if err != nil {
		return No, err
	}
	if set && answer == Yes && matches != nil {
		in.setMatches(matches)
	}
	if set && (answer == Maybe || answer == Yes && matches == nil) {
		u := derivedFrom(l, "$Matches", "match "+identityOf(r))
		in.setMatches(u)
	}
	return answer, nil
}

func (in *Interpreter) matchText(o operator, l, r Value) (Tri, Value, error) {
	re, ok, err := in.pattern(r, o.options())
	if err != nil || !ok {
		return Maybe, nil, err
	}
	switch t := in.text(l).(type) {
	case string:
		text := utf16Units(t)
		found, ok, err := in.matchesOf(re, text, re.begin(text), 1)
		if err != nil || !ok {
			return Maybe, nil, err
		}
		if len(found) == 0 {
			return No, nil, nil
		}
		return Yes, matchTable(re, text, found[0]), nil
	case *Text:
		answer, err := in.matchPartly(re, t)
		return answer, nil, err
	}
	return Maybe, nil, nil
}

// begin is where a search begins.
func (re *regex) begin(text []uint16) regexStart {
	if re.program.leftwards {
		return regexStart{at: len(text)}
	}
	return regexStart{}
}

// matchPartly answers for a text with unknown parts where what is known of it
// decides.
func (in *Interpreter) matchPartly(re *regex, t *Text) (Tri, error) {
	text, ignoreCase, atEnd, ok := re.literal()
	prefix, suffix := knownEnds(t)
	if !ok || !atEnd {
		if re.differs(utf16Units(prefix)) {
			return No, nil
		}
		return in.matchWithin(re, t)
	}
	if ignoreCase {
		suffix, text = foldCase(suffix), foldCase(text)
	}
	switch {
	case strings.HasSuffix(suffix, text):
		return Yes, nil
	case !agree(reverseText(suffix), reverseText(text)) && !strings.HasSuffix(suffix, "\n"):
		return No, nil
	}
	return Maybe, nil
}

// matchWithin tells whether a known part of a text matches a pattern that asks
// for nothing beside what it matches.
func (in *Interpreter) matchWithin(re *regex, t *Text) (Tri, error) {
	anywhere, ok := re.selfContained()
	if !ok {
		return Maybe, nil
	}
	for i, p := range t.Parts {
		if i > 0 && !anywhere {
			break
		}
		if p.Hole != nil {
			continue
		}
		text := utf16Units(p.Text)
		found, ok, err := in.matchesOf(re, text, re.begin(text), 1)
		if err != nil {
			return No, err
		}
		if ok && len(found) > 0 {
			return Yes, nil
		}
	}
	return Maybe, nil
}

// matchTable is $Matches: groups by number, or by name if they have one.
func matchTable(re *regex, text []uint16, m regexMatch) *Hash {
	h := newHash()
	for i, name := range re.names {
		from, to := m.bounds[2*i], m.bounds[2*i+1]
		if from < 0 {
			continue
		}
		var key Value = name
		if n, ok := atoiUnits(name); ok {
			key = int32(n)
		}
		h.Set(key, stringFromUnits(text[from:to]))
	}
	return h
}

// pattern compiles the right side of an operator; ok is false if it is not
// known or not understood.
func (in *Interpreter) pattern(v Value, options regexOptions) (*regex, bool, error) {
	if o, isObject := v.(*Object); isObject {
		if r, isRegex := o.Payload.(regexValue); isRegex {
			return r.re, true, nil
		}
	}
	s, ok := in.text(v).(string)
	if !ok {
		return nil, false, nil
	}
	return in.compiled(s, options)
}

// replace is -replace: of each item where the left side is a collection.
func (in *Interpreter) replace(o operator, l, r Value, source string) (Value, error) {
	var pattern, replacement Value = r, ""
	if items, ok := Items(r); ok {
		switch len(items) {
		case 0:
			pattern = ""
		case 1:
			pattern = items[0]
		case 2:
			pattern, replacement = items[0], items[1]
		default:
			return nil, in.thrown("System.Management.Automation.RuntimeException",
				"The -replace operator allows only two elements to follow it.")
		}
	}
	re, ok, err := in.pattern(pattern, o.options())
	if err != nil {
		return nil, err
	}
	if !ok {
		return in.unknownReplace(l, r, source), nil
	}
	items, isList := enumerable(l)
	if !isList {
		return in.replaceIn(re, l, r, replacement, source)
	}
	replaced := make([]Value, len(items))
	for i, item := range items {
		if replaced[i], err = in.replaceIn(re, item, r, replacement, source); err != nil {
			return nil, err
		}
	}
	return newArray(replaced), nil
}

func (in *Interpreter) unknownReplace(l, r Value, source string) Value {
	u := in.unknownResult(KindIreplace, l, r, source)
	u.Many = isMany(l)
	if !u.Many {
		u.Type = "System.String"
	}
	return u
}

func (in *Interpreter) replaceIn(re *regex, v, right, replacement Value, source string) (Value, error) {
	switch t := in.text(v).(type) {
	case string:
		text := utf16Units(t)
		matches, ok, err := in.matchesOf(re, text, re.begin(text), 0)
		if err != nil {
			return nil, err
		}
		if !ok {
			return in.unknown(nameOf(expressionOf(v)+" -replace "+expressionOf(right), source), OriginLimit), nil
		}
		write, err := in.replacer(re, text, replacement)
		if err != nil {
			return nil, err
		}
		return in.substitute(t, matches, re.program.leftwards, write)
	case *Text:
		return in.replaceInText(re, t, right, replacement, source)
	}
	return in.unknownReplace(v, right, source), nil
}

// replacer writes the replacement of one match. A script block is called with
// the match as $_, in 7.
func (in *Interpreter) replacer(re *regex, text []uint16, replacement Value) (func(*textBuilder, regexMatch) error, error) {
	if block, ok := replacement.(*Closure); ok && in.dialect() == PowerShellCore {
		return in.blockReplacer(re, text, block), nil
	}
	type piece struct {
		parts []replacementPart
		hole  *Unknown
	}
	var pieces []piece
	switch t := in.text(replacement).(type) {
	case string:
		pieces = append(pieces, piece{parts: parseReplacement(t, re)})
	case *Unknown:
		pieces = append(pieces, piece{hole: t})
	case *Text:
		for _, p := range t.Parts {
			pieces = append(pieces, piece{parseReplacement(p.Text, re), p.Hole})
		}
	}
	return func(b *textBuilder, m regexMatch) error {
		for _, p := range pieces {
			if p.hole != nil {
				b.writeHole(p.hole)
				continue
			}
			re.expand(b, p.parts, text, m)
		}
		return nil
	}, nil
}

func (in *Interpreter) blockReplacer(re *regex, text []uint16, block *Closure) func(*textBuilder, regexMatch) error {
	return func(b *textBuilder, m regexMatch) error {
		var match Value = newMatch(re, text, m)
		out, err := in.callBlock(block, []Value{match}, callOptions{Underscore: &match})
		if err != nil {
			return err
		}
		b.write(in.joinItems(out, ""))
		return nil
	}
}

// replaceInText replaces within the known parts where that is sound: where no
// match can reach into an unknown part. The unknown parts are replaced within
// as well, and are named so.
func (in *Interpreter) replaceInText(re *regex, t *Text, right, replacement Value, source string) (Value, error) {
	literal, ignoreCase, atEnd, isLiteral := re.literal()
	switch {
	case isLiteral && atEnd:
		last := len(t.Parts) - 1
		if p := t.Parts[last]; p.Hole == nil && unitLen(p.Text) >= unitLen(literal) && !strings.HasSuffix(p.Text, "\n") {
			v, err := in.replaceIn(re, p.Text, right, replacement, source)
			if err != nil {
				return nil, err
			}
			return in.boundedText(&Text{Parts: t.Parts[:last:last]}, v)
		}
	case isLiteral && !atEnd:
		with, isText := in.text(replacement).(string)
		if _, block := replacement.(*Closure); block || !isText || strings.Contains(with, "$") {
			with = ""
		}
		return in.replacePartly(t, literalReplacement{old: literal, with: with, ignoreCase: ignoreCase,
			inText: func(s string) (Value, error) { return in.replaceIn(re, s, right, replacement, source) },
			inRest: func(v Value) Value { return in.unknownReplace(v, right, "") },
		})
	case re.singleUnit():
		var b textBuilder
		for _, p := range t.Parts {
			if p.Hole != nil {
				b.write(in.unknownReplace(p.Hole, right, ""))
				continue
			}
			v, err := in.replaceIn(re, p.Text, right, replacement, source)
			if err != nil {
				return nil, err
			}
			b.write(v)
		}
		return b.value(), in.fits(int64(b.size))
	}
	if run := re.run(); run != nil {
		return in.replaceRuns(re, run, t, right, replacement)
	}
	return in.unknownReplace(t, right, source), nil
}

// replaceRuns replaces within a text by a pattern that matches runs of units.
// What could be part of a run that goes on in an unknown part goes with that.
func (in *Interpreter) replaceRuns(re *regex, run *regexInst, t *Text, right, replacement Value) (Value, error) {
	var b textBuilder
	var open []Value
	close := func() error {
		if len(open) == 0 {
			return nil
		}
		whole, err := in.boundedText(open...)
		b.write(in.unknownReplace(whole, right, ""))
		open = nil
		return err
	}
	for k, p := range t.Parts {
		if p.Hole != nil {
			open = append(open, p.Hole)
			continue
		}
		m := matcher{text: utf16Units(p.Text)}
		from, to := 0, len(m.text)
		for k > 0 && from < to && m.one(run, from) {
			from++
		}
		for k+1 < len(t.Parts) && from < to && m.one(run, to-1) {
			to--
		}
		if from > 0 {
			open = append(open, stringFromUnits(m.text[:from]))
		}
		if from < to {
			if err := close(); err != nil {
				return nil, err
			}
			v, err := in.replaceIn(re, stringFromUnits(m.text[from:to]), right, replacement, "")
			if err != nil {
				return nil, err
			}
			b.write(v)
		}
		if to < len(m.text) {
			open = append(open, stringFromUnits(m.text[to:]))
		}
		if err := in.fits(int64(b.size)); err != nil {
			return nil, err
		}
	}
	err := close()
	return b.value(), err
}

// join is -join: the texts of the items with a separator between them. How
// many separators stand around items of which the number is unknown is not
// known.
func (in *Interpreter) join(l, separator Value, source string) (Value, error) {
	items, ok := enumerable(l)
	if !ok {
		items = []Value{l}
	}
	if err := in.chargeItems(int64(len(items))); err != nil {
		return nil, err
	}
	if hasMany(items) && (len(items) == 1 || separator != "") {
		u := in.unknownResult(KindJoin, l, separator, source)
		if separator == "" {
			u.Expression = nameOf("-join "+operand(expressionOf(l)), source)
		}
		u.Type = "System.String"
		return u, nil
	}
	var b textBuilder
	for i, item := range items {
		if i > 0 {
			b.write(separator)
		}
		b.write(in.scalarText(item))
		if err := in.fits(int64(b.size)); err != nil {
			return nil, err
		}
	}
	return b.value(), in.spend(b.size / bytesPerStep)
}

// splitBlanks is the unary -split.
func (in *Interpreter) splitBlanks(v Value, source string) (Value, error) {
	items, ok := enumerable(v)
	if !ok {
		items = []Value{v}
	}
	var pieces []Value
	for _, item := range items {
		s, ok := in.text(item).(string)
		if !ok {
			u := derivedFrom(item, nameOf("-split "+operand(expressionOf(item)), source), "split")
			u.Many = true
			pieces = append(pieces, u)
			continue
		}
		if err := in.chargeItems(int64(len(s) / 2)); err != nil {
			return nil, err
		}
		for _, f := range strings.FieldsFunc(s, isSpace) {
			pieces = append(pieces, f)
		}
	}
	if len(pieces) == 1 && isMany(pieces[0]) {
		return pieces[0], nil
	}
	return newTypedArray("System.String", pieces), nil
}

// splitting is what the right side of -split asks for.
type splitting struct {
	pattern Value
	limit   int
	options regexOptions
	simple  bool // the pattern is literal text
}

func (in *Interpreter) split(o operator, l, r Value, source string) (Value, error) {
	s := splitting{pattern: r, options: o.options()}
	if items, ok := Items(r); ok {
		var err error
		if s, ok, err = in.splitArguments(items, s); err != nil {
			return nil, err
		}
		if !ok {
			return in.unknownSplit(l, r, source), nil
		}
	}
	items, ok := enumerable(l)
	if !ok {
		items = []Value{l}
	}
	var pieces []Value
	for _, item := range items {
		part, err := in.splitOne(s, item, r, source)
		if err != nil {
			return nil, err
		}
		pieces = append(pieces, part...)
	}
	if len(pieces) == 1 && isMany(pieces[0]) {
		return pieces[0], nil
	}
	return newTypedArray("System.String", pieces), nil
}

func (in *Interpreter) unknownSplit(l, r Value, source string) *Unknown {
	u := in.unknownResult(KindIsplit, l, r, source)
	u.Many = true
	return u
}

func (in *Interpreter) splitArguments(items []Value, s splitting) (splitting, bool, error) {
	if anyUnknown(items...) {
		return s, false, nil
	}
	if len(items) == 0 {
		return s, true, nil
	}
	s.pattern = items[0]
	if len(items) > 1 {
		n, err := in.toInteger(items[1], "System.Int32", integerRanges["System.Int32"])
		if err != nil {
			return s, false, err
		}
		s.limit = int(n.(int32))
	}
	if len(items) > 2 {
		text, _ := in.text(items[2]).(string)
		for _, name := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || isSpace(r) }) {
			switch foldCase(name) {
			case "simplematch":
				s.simple = true
			case "ignorecase":
				s.options |= optIgnoreCase
			case "multiline":
				s.options |= optMultiline
			case "singleline":
				s.options |= optSingleline
			case "ignorepatternwhitespace":
				s.options |= optIgnoreBlanks
			case "explicitcapture":
				s.options |= optExplicit
			}
		}
	}
	return s, true, nil
}

func (in *Interpreter) splitOne(s splitting, v, right Value, source string) ([]Value, error) {
	t, ok := in.text(v).(string)
	if !ok {
		return []Value{in.unknownSplit(v, right, source)}, nil
	}
	if block, ok := s.pattern.(*Closure); ok {
		return in.splitByBlock(block, t, s.limit)
	}
	pattern := s.pattern
	if s.simple {
		literal, ok := in.text(pattern).(string)
		if ok {
			pattern = escapeRegex(literal)
		}
	}
	re, ok, err := in.pattern(pattern, s.options)
	if err != nil {
		return nil, err
	}
	if !ok {
		return []Value{in.unknownSplit(v, right, source)}, nil
	}
	return in.splitByRegex(re, t, s.limit, func() Value { return in.unknownSplit(v, right, source) })
}

// splitByRegex cuts at matches, at most limit-1 of them; a negative limit
// counts pieces from the end, in 7.
func (in *Interpreter) splitByRegex(re *regex, t string, limit int, unknown func() Value) ([]Value, error) {
	text := utf16Units(t)
	if limit < 0 && in.dialect() == WindowsPowerShell {
		limit = 0
	}
	if limit == 1 || limit == -1 {
		return []Value{t}, nil
	}
	most := max(limit-1, 0)
	matches, ok, err := in.matchesOf(re, text, re.begin(text), most)
	if err != nil {
		return nil, err
	}
	if !ok {
		return []Value{unknown()}, nil
	}
	if limit < 0 && len(matches) > -limit-1 {
		matches = matches[len(matches)+limit+1:]
	}
	if err := in.chargeItems(int64(len(matches))); err != nil {
		return nil, err
	}
	if re.program.leftwards {
		for i, j := 0, len(matches)-1; i < j; i, j = i+1, j-1 {
			matches[i], matches[j] = matches[j], matches[i]
		}
	}
	return re.splitText(text, matches), nil
}

// splitByBlock cuts at the characters for which the block holds.
func (in *Interpreter) splitByBlock(block *Closure, t string, limit int) ([]Value, error) {
	var pieces []Value
	from := 0
	units := utf16Units(t)
	for i, u := range units {
		if limit > 0 && len(pieces) == limit-1 {
			break
		}
		var c Value = Char(u).String()
		out, err := in.callBlock(block, []Value{t, int32(i)}, callOptions{Underscore: &c})
		if err != nil {
			return nil, err
		}
		switch in.truthOfItems(out) {
		case Yes:
			pieces = append(pieces, stringFromUnits(units[from:i]))
			from = i + 1
		case Maybe:
			u := in.unknown("'"+truncated(t)+"' -split {"+closureText(block)+"}", OriginVariable)
			u.Many = true
			return []Value{u}, nil
		}
	}
	return append(pieces, stringFromUnits(units[from:])), nil
}
