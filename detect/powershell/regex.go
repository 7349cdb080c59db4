package powershell

// Regular expressions as a script uses them: matches and groups as objects,
// replacing and splitting.

import (
	"slices"
	"strconv"
	"strings"
)

const (
	typeMatch           = "System.Text.RegularExpressions.Match"
	typeGroup           = "System.Text.RegularExpressions.Group"
	typeMatchCollection = "System.Text.RegularExpressions.MatchCollection"
	typeGroupCollection = "System.Text.RegularExpressions.GroupCollection"
	maxCachedRegexes    = 256
)

// regexValue is the payload of a [regex].
type regexValue struct{ re *regex }

func (r regexValue) String() string { return r.re.pattern }

// groupValue is the payload of a Match or Group.
type groupValue struct {
	re     *regex
	text   []uint16
	bounds []int // of all groups of the match
	group  int
}

func (g *groupValue) success() bool { return len(g.bounds) > 2*g.group && g.bounds[2*g.group] >= 0 }

func (g *groupValue) from() int {
	if !g.success() {
		return 0
	}
	return g.bounds[2*g.group]
}

func (g *groupValue) length() int {
	if !g.success() {
		return 0
	}
	return g.bounds[2*g.group+1] - g.bounds[2*g.group]
}

func (g *groupValue) String() string {
	return stringFromUnits(g.text[g.from() : g.from()+g.length()])
}

// matchCollection is the payload of what Matches returns.
type matchCollection struct{ items []Value }

func (c *matchCollection) values() []Value { return c.items }

// groupCollection is the payload of Match.Groups.
type groupCollection struct{ of *groupValue }

func (c *groupCollection) values() []Value {
	groups := make([]Value, len(c.of.bounds)/2)
	for i := range groups {
		groups[i] = c.group(i)
	}
	return groups
}

func (c *groupCollection) group(i int) Value {
	g := *c.of
	g.group = i
	name := typeGroup
	if i == 0 {
		name = typeMatch
	}
	return newPayload(name, &g)
}

func (c *groupCollection) named(name string) Value {
	for i, n := range c.of.re.names {
		if n == name {
			return c.group(i)
		}
	}
	return newPayload(typeGroup, &groupValue{re: c.of.re, group: len(c.of.bounds)})
}

func newMatch(re *regex, text []uint16, m regexMatch) *Object {
	return newPayload(typeMatch, &groupValue{re: re, text: text, bounds: m.bounds})
}

// compiled returns a pattern compiled. ok is false if it is beyond what the
// matcher reads; err is the engine's for a pattern that is wrong.
func (in *Interpreter) compiled(pattern string, options regexOptions) (re *regex, ok bool, err error) {
	key := strconv.Itoa(int(options)) + " " + pattern
	cache := in.lib().regexes
	re, cached := cache[key]
	if !cached {
		re, err = compileRegex(pattern, options)
		if err == errRegexSyntax {
			return nil, false, in.thrown("System.ArgumentException", "parsing \""+pattern+"\" - invalid pattern.")
		}
		if len(cache) < maxCachedRegexes {
			cache[key] = re
		}
		if err := in.spend(len(pattern)/16 + 1); err != nil {
			return nil, false, err
		}
	}
	return re, re != nil, nil
}

// matchesOf finds matches; ok is false if the search takes too long.
func (in *Interpreter) matchesOf(re *regex, text []uint16, from regexStart, limit int) (matches []regexMatch, ok bool, err error) {
	matches, err = re.all(text, from, limit, in.spend)
	if err == errRegexBudget {
		return nil, false, nil
	}
	return matches, err == nil, err
}

// replacementPart is text, or what a reference in a replacement stands for: a
// group, or one of & ` ' _ +.
type replacementPart struct {
	text      string
	group     int
	special   byte
	reference bool
}

// parseReplacement reads $1, ${name}, $$, $&, $`, $', $_ and $+.
func parseReplacement(s string, re *regex) []replacementPart {
	var parts []replacementPart
	literal := func(t string) {
		if n := len(parts); n > 0 && !parts[n-1].reference {
			parts[n-1].text += t
			return
		}
		parts = append(parts, replacementPart{text: t})
	}
	for s != "" {
		i := strings.IndexByte(s, '$')
		if i < 0 || i == len(s)-1 {
			literal(s)
			break
		}
		if i > 0 {
			literal(s[:i])
		}
		s = s[i:]
		part, length := replacementReference(s, re)
		if length == 0 {
			literal("$")
			s = s[1:]
			continue
		}
		if part.reference {
			parts = append(parts, part)
		} else {
			literal(part.text)
		}
		s = s[length:]
	}
	return parts
}

// replacementReference reads the reference that s begins with; length 0: none.
func replacementReference(s string, re *regex) (part replacementPart, length int) {
	switch c := s[1]; {
	case c == '$':
		return replacementPart{text: "$"}, 2
	case strings.IndexByte("&`'_+", c) >= 0:
		return replacementPart{special: c, reference: true}, 2
	case c == '{':
		end := strings.IndexByte(s, '}')
		if end < 0 {
			return replacementPart{}, 0
		}
		if g, ok := re.groupNamed(s[2:end]); ok {
			return replacementPart{group: g, reference: true}, end + 1
		}
	case c >= '0' && c <= '9':
		end := 2
		for end < len(s) && s[end] >= '0' && s[end] <= '9' {
			end++
		}
		if g, ok := atoiUnits(s[1:end]); ok && g < len(re.names) {
			return replacementPart{group: g, reference: true}, end
		}
	}
	return replacementPart{}, 0
}

func (re *regex) groupNamed(name string) (int, bool) {
	for i, n := range re.names {
		if n == name {
			return i, true
		}
	}
	n, ok := atoiUnits(name)
	return n, ok && n < len(re.names)
}

// expand writes what a replacement stands for at one match.
func (re *regex) expand(b *textBuilder, parts []replacementPart, text []uint16, m regexMatch) {
	write := func(from, to int) {
		if from >= 0 && to >= from {
			b.writeString(stringFromUnits(text[from:to]))
		}
	}
	for _, p := range parts {
		switch {
		case !p.reference:
			b.writeString(p.text)
		case p.special == '&':
			write(m.start(), m.end())
		case p.special == '`':
			write(0, m.start())
		case p.special == '\'':
			write(m.end(), len(text))
		case p.special == '_':
			write(0, len(text))
		case p.special == '+':
			last := len(m.bounds) - 2
			write(m.bounds[last], m.bounds[last+1])
		default:
			write(m.bounds[2*p.group], m.bounds[2*p.group+1])
		}
	}
}

// substitute replaces matches by what replace writes for each.
func (in *Interpreter) substitute(s string, matches []regexMatch, leftwards bool, replace func(*textBuilder, regexMatch) error) (Value, error) {
	text := utf16Units(s)
	if leftwards {
		for i, j := 0, len(matches)-1; i < j; i, j = i+1, j-1 {
			matches[i], matches[j] = matches[j], matches[i]
		}
	}
	var b textBuilder
	at := 0
	for _, m := range matches {
		b.writeString(stringFromUnits(text[at:m.start()]))
		if err := replace(&b, m); err != nil {
			return nil, err
		}
		if err := in.fits(int64(b.size)); err != nil {
			return nil, err
		}
		at = m.end()
	}
	b.writeString(stringFromUnits(text[at:]))
	return b.value(), in.spend(b.size / bytesPerStep)
}

// splitText is Regex.Split: what stands between the matches, which are from
// left to right, and what groups captured.
func (re *regex) splitText(text []uint16, matches []regexMatch) []Value {
	var pieces []Value
	at := 0
	for _, m := range matches {
		pieces = append(pieces, stringFromUnits(text[at:m.start()]))
		groups := len(pieces)
		for g := 2; g < len(m.bounds); g += 2 {
			if m.bounds[g] >= 0 {
				pieces = append(pieces, stringFromUnits(text[m.bounds[g]:m.bounds[g+1]]))
			}
		}
		if re.program.leftwards {
			slices.Reverse(pieces[groups:])
		}
		at = m.end()
	}
	return append(pieces, stringFromUnits(text[at:]))
}

// escapeRegex is Regex.Escape.
func escapeRegex(s string) string {
	names := map[rune]string{'\t': `\t`, '\n': `\n`, '\f': `\f`, '\r': `\r`}
	var b strings.Builder
	for _, r := range s {
		switch {
		case names[r] != "":
			b.WriteString(names[r])
		case strings.ContainsRune(`\*+?|{[()^$.# `, r):
			b.WriteByte('\\')
			b.WriteRune(r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

func unescapeRegex(s string) (string, bool) {
	p := &regexParser{pattern: utf16Units(s)}
	var units []uint16
	for p.more() {
		if !p.accept(`\`) {
			units = append(units, p.peek())
			p.at++
			continue
		}
		u, err := p.charEscape()
		if err != nil {
			return "", false
		}
		units = append(units, u)
	}
	return stringFromUnits(units), true
}

// singleUnit tells whether every match of the pattern is one unit wide and
// depends on nothing around it.
func (re *regex) singleUnit() bool {
	code := re.program.code
	for i := 0; i < len(code); i++ {
		switch code[i].code {
		case rcSave:
		case rcChar, rcSet:
			return i+1 < len(code) && (code[i+1].code == rcMatch || code[i+1].code == rcSave && i+2 < len(code) && code[i+2].code == rcMatch)
		default:
			return false
		}
	}
	return false
}

// selfContained tells whether a pattern that matches a part of a text matches
// the whole, wherever the part stands or, if not anywhere, at its beginning.
func (re *regex) selfContained() (anywhere, ok bool) {
	anywhere = true
	for _, i := range re.program.code {
		switch i.code {
		case rcMatch, rcChar, rcSet, rcRepeat, rcSplit, rcJump, rcSave, rcInit, rcLoop, rcEnter:
		case rcAnchor:
			if i.anchor != 'A' {
				return false, false
			}
			anywhere = false
		default:
			return false, false
		}
	}
	return anywhere, !re.program.leftwards
}

// differs tells whether no text that begins with prefix matches a pattern which
// is anchored to the beginning.
func (re *regex) differs(prefix []uint16) bool {
	m, pos, anchored := matcher{text: prefix}, 0, false
	for k := range re.program.code {
		i := &re.program.code[k]
		least := 1
		switch {
		case i.code == rcSave:
			continue
		case i.code == rcAnchor && i.anchor == 'A' && pos == 0:
			anchored = true
			continue
		case i.leftwards || !anchored:
			return false
		case i.code == rcRepeat:
			least = i.min
		case i.code != rcChar && i.code != rcSet:
			return false
		}
		for ; least > 0 && pos < len(prefix); least-- {
			if !m.one(i, pos) {
				return true
			}
			pos++
		}
		if pos == len(prefix) || i.code == rcRepeat && i.min != i.max {
			return false
		}
	}
	return false
}

// run returns the units of which every match is a run, as long as it can be;
// nil if the pattern matches anything else.
func (re *regex) run() *regexInst {
	var run *regexInst
	for k := range re.program.code {
		switch i := &re.program.code[k]; {
		case i.code == rcSave, i.code == rcMatch:
		case i.code == rcRepeat && run == nil && i.min > 0 && i.max == maxRegexQuantifer && !i.lazy && !i.leftwards:
			run = i
		default:
			return nil
		}
	}
	return run
}

// literal returns the text that is all that a pattern matches, without regard
// to case if ignoreCase, and whether it is anchored to the end.
func (re *regex) literal() (text string, ignoreCase, atEnd, ok bool) {
	var units []uint16
	for _, i := range re.program.code {
		switch {
		case i.leftwards || atEnd && i.code != rcMatch:
			return "", false, false, false
		case i.code == rcChar:
			ignoreCase = ignoreCase || i.ignoreCase
			units = append(units, i.unit)
		case i.code == rcAnchor && i.anchor == 'Z':
			atEnd = true
		case i.code == rcMatch:
			return stringFromUnits(units), ignoreCase, atEnd, len(units) > 0
		default:
			return "", false, false, false
		}
	}
	return "", false, false, false
}
