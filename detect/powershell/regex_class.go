package powershell

// Regular expressions of .NET: what stands for a character, and classes of them.

import (
	"slices"
	"strings"
	"unicode"
)

// charSet is a class of units.
type charSet struct {
	ranges  []uint16 // pairs
	tables  []setTable
	negated bool
	minus   *charSet
}

type setTable struct {
	in      func(rune) bool
	negated bool
}

func (s *charSet) has(u uint16) bool {
	r := rune(u)
	found := false
	for i := 0; i < len(s.ranges) && !found; i += 2 {
		found = s.ranges[i] <= u && u <= s.ranges[i+1]
	}
	for i := 0; i < len(s.tables) && !found; i++ {
		found = s.tables[i].in(r) != s.tables[i].negated
	}
	return found != s.negated && (s.minus == nil || !s.minus.has(u))
}

// hasFolded is has without regard to case.
func (s *charSet) hasFolded(u uint16) bool {
	if s.negated {
		positive := *s
		positive.negated, positive.minus = false, nil
		return !positive.hasFolded(u) && (s.minus == nil || !s.minus.hasFolded(u))
	}
	return s.has(u) || s.has(uint16(lowerRune(rune(u)))) || s.has(uint16(upperRune(rune(u))))
}

func isDigit(r rune) bool { return unicode.Is(unicode.Nd, r) }

func isWord(r rune) bool {
	if r < 0x80 {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_'
	}
	return unicode.In(r, unicode.L, unicode.Mn, unicode.Nd, unicode.Pc)
}

// escape reads what follows a backslash outside a class.
func (p *regexParser) escape() (*regexNode, error) {
	if !p.more() {
		return nil, errRegexSyntax
	}
	c := p.peek()
	switch c {
	case 'A', 'Z', 'z', 'b', 'B', 'G':
		p.at++
		return &regexNode{op: reAnchor, anchor: byte(c)}, nil
	case 'k':
		p.at++
		name, ok := groupName(p.pattern[p.at:])
		if !ok {
			return nil, errRegexSyntax
		}
		number, ok := p.groupNumber(name)
		if !ok {
			return nil, errRegexSyntax
		}
		p.at += unitLen(name) + 2
		return &regexNode{op: reBackref, group: number, ignoreCase: p.options&optIgnoreCase != 0}, nil
	}
	if table, ok, err := p.classEscape(); ok || err != nil {
		return &regexNode{op: reSet, set: &charSet{tables: []setTable{table}}}, err
	}
	if c >= '1' && c <= '9' {
		return p.numberedBackref()
	}
	u, err := p.charEscape()
	return p.char(u), err
}

// numberedBackref is \n, or an octal escape where there is no such group.
func (p *regexParser) numberedBackref() (*regexNode, error) {
	end := p.at
	for end < len(p.pattern) && end < p.at+4 && p.pattern[end] >= '0' && p.pattern[end] <= '9' {
		end++
	}
	n, _ := atoiUnits(stringFromUnits(p.pattern[p.at:end]))
	if n > 9 && n > p.unnamed+len(p.names) {
		u, err := p.charEscape()
		return p.char(u), err
	}
	if n > p.unnamed+len(p.names) {
		return nil, errRegexSyntax
	}
	p.at = end
	return &regexNode{op: reBackref, group: n, ignoreCase: p.options&optIgnoreCase != 0}, nil
}

// classEscape reads \d, \w, \s, \p{..} and their opposites.
func (p *regexParser) classEscape() (setTable, bool, error) {
	c := p.peek()
	tables := map[uint16]func(rune) bool{'d': isDigit, 'w': isWord, 's': isSpace}
	if in, ok := tables[c|0x20]; ok && c < 0x80 {
		p.at++
		if p.options&optECMAScript != 0 {
			unicodeIn := in
			in = func(r rune) bool { return r < 0x80 && unicodeIn(r) }
		}
		return setTable{in, c < 'a'}, true, nil
	}
	if c != 'p' && c != 'P' {
		return setTable{}, false, nil
	}
	rest := p.pattern[p.at+1:]
	end := slices.Index(rest, '}')
	if end < 2 || rest[0] != '{' {
		return setTable{}, false, errRegexSyntax
	}
	name := stringFromUnits(rest[1:end])
	p.at += end + 2
	table := unicode.Categories[name]
	if script, ok := unicode.Scripts[strings.TrimPrefix(name, "Is")]; ok && table == nil && strings.HasPrefix(name, "Is") {
		table = script
	}
	if table == nil {
		return setTable{}, false, errRegexBeyond
	}
	return setTable{func(r rune) bool { return unicode.Is(table, r) }, c == 'P'}, true, nil
}

// charEscape reads an escape that stands for one unit.
func (p *regexParser) charEscape() (uint16, error) {
	if !p.more() {
		return 0, errRegexSyntax
	}
	c := p.peek()
	p.at++
	switch c {
	case 'a':
		return 7, nil
	case 'b':
		return 8, nil
	case 'e':
		return 27, nil
	case 'f':
		return 12, nil
	case 'n':
		return '\n', nil
	case 'r':
		return '\r', nil
	case 't':
		return '\t', nil
	case 'v':
		return 11, nil
	case 'x':
		return p.digits(2, 16, true)
	case 'u':
		return p.digits(4, 16, true)
	case 'c':
		if !p.more() {
			return 0, errRegexSyntax
		}
		u := p.peek() &^ 0x20
		p.at++
		return u & 0x1F, nil
	}
	if c >= '0' && c <= '7' {
		p.at--
		return p.digits(3, 8, false)
	}
	if c < 0x80 && isWord(rune(c)) {
		return 0, errRegexSyntax
	}
	return c, nil
}

func (p *regexParser) digits(most, base int, exact bool) (uint16, error) {
	n, i := 0, 0
	for ; i < most && p.more(); i++ {
		d := strings.IndexRune("0123456789abcdef", lowerRune(rune(p.peek())))
		if d < 0 || d >= base {
			break
		}
		n = n*base + d
		p.at++
	}
	if i == 0 || exact && i < most {
		return 0, errRegexSyntax
	}
	return uint16(n), nil
}

// class reads what follows an opening bracket.
func (p *regexParser) class() (*charSet, error) {
	if p.depth++; p.depth > maxRegexNesting {
		return nil, errRegexBeyond
	}
	defer func() { p.depth-- }()
	set := &charSet{negated: p.accept("^")}
	for first := true; ; first = false {
		if !p.more() {
			return nil, errRegexSyntax
		}
		if p.peek() == ']' && !first {
			p.at++
			return set, nil
		}
		if !first && p.accept("-[") {
			minus, err := p.class()
			if err != nil {
				return nil, err
			}
			set.minus = minus
			continue
		}
		if p.peek() == '\\' {
			p.at++
			table, ok, err := p.classEscape()
			if err != nil {
				return nil, err
			}
			if ok {
				set.tables = append(set.tables, table)
				continue
			}
			p.at--
		}
		low, err := p.classChar()
		if err != nil {
			return nil, err
		}
		high := low
		if p.peek() == '-' && p.at+1 < len(p.pattern) && p.pattern[p.at+1] != ']' && p.pattern[p.at+1] != '[' {
			p.at++
			if high, err = p.classChar(); err != nil {
				return nil, err
			}
			if high < low {
				return nil, errRegexSyntax
			}
		}
		set.ranges = append(set.ranges, low, high)
	}
}

func (p *regexParser) classChar() (uint16, error) {
	c := p.peek()
	p.at++
	if c != '\\' {
		return c, nil
	}
	return p.charEscape()
}

// atoiUnits reads a small decimal number.
func atoiUnits(s string) (int, bool) {
	if s == "" || len(s) > 9 || strings.Trim(s, "0123456789") != "" {
		return 0, false
	}
	n := 0
	for _, c := range s {
		n = n*10 + int(c-'0')
	}
	return n, true
}
