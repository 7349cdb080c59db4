package powershell

// Regular expressions of .NET: the pattern as a tree. Go's own package cannot
// stand in: it has no lookaround, no backreferences and no right-to-left
// search, reads \d and \w as ASCII, and puts $ elsewhere.

import (
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"
)

// regexOptions are RegexOptions by their values.
type regexOptions uint16

const (
	optIgnoreCase     regexOptions = 1
	optMultiline      regexOptions = 2
	optExplicit       regexOptions = 4
	optSingleline     regexOptions = 16
	optIgnoreBlanks   regexOptions = 32
	optRightToLeft    regexOptions = 64
	optECMAScript     regexOptions = 256
	maxRegexNesting                = 100
	maxRegexGroups                 = 2000
	maxRegexQuantifer              = math.MaxInt32
)

var (
	errRegexSyntax = errors.New("not a regular expression")
	// errRegexBeyond says that a pattern may be right but is not understood.
	errRegexBeyond = errors.New("regular expression beyond what is read")
)

type regexOp uint8

const (
	reEmpty regexOp = iota
	reChar          // unit
	reSet           // set
	reConcat
	reAlternate
	reLoop    // subs[0], min to max times
	reCapture // subs[0] into group
	reLook    // subs[0] ahead or, if behind, before; negated
	reAtomic  // subs[0] without backtracking into it
	reBackref // what group matched
	reIf      // subs[1] if group matched (or subs[0] matches here), else subs[2]
	reAnchor  // anchor
)

// regexNode is a piece of a pattern.
type regexNode struct {
	op         regexOp
	unit       uint16
	set        *charSet
	subs       []*regexNode
	min, max   int
	lazy       bool
	group      int
	anchor     byte // ^ $ A Z z b B G, m and M for ^ and $ by lines
	behind     bool
	negated    bool
	ignoreCase bool
}

// regexParser reads a pattern from left to right.
type regexParser struct {
	pattern []uint16
	at      int
	options regexOptions
	depth   int
	// unnamed groups are numbered first, named ones behind them.
	unnamed int
	names   []string
	numbers map[string]int
	capture int // next unnamed group
}

// parseRegex returns the tree, the number of groups with that of the whole
// match, and the names of the groups by number.
func parseRegex(pattern string, options regexOptions) (*regexNode, []string, error) {
	p := &regexParser{pattern: utf16Units(pattern), options: options, numbers: map[string]int{}}
	p.countGroups()
	if p.unnamed+len(p.names) > maxRegexGroups {
		return nil, nil, errRegexBeyond
	}
	p.capture = 1
	n, err := p.alternation()
	if err != nil {
		return nil, nil, err
	}
	if p.at < len(p.pattern) {
		return nil, nil, errRegexSyntax
	}
	return n, p.groupNames(), nil
}

func (p *regexParser) groupNames() []string {
	highest := p.unnamed
	for _, n := range p.numbers {
		highest = max(highest, n)
	}
	names := make([]string, highest+1)
	for i := range names {
		names[i] = strconv.Itoa(i)
	}
	for name, n := range p.numbers {
		names[n] = name
	}
	return names
}

// countGroups finds the groups before the pattern is read, since a reference
// may come before its group.
func (p *regexParser) countGroups() {
	inClass, explicit := false, p.options&optExplicit != 0
	var numeric []int
	for i := 0; i < len(p.pattern); i++ {
		switch c := p.pattern[i]; {
		case c == '\\':
			i++
		case inClass:
			inClass = c != ']'
		case c == '[':
			inClass = true
			if i+1 < len(p.pattern) && p.pattern[i+1] == '^' {
				i++
			}
			if i+1 < len(p.pattern) && p.pattern[i+1] == ']' {
				i++
			}
		case c == '(':
			if i+1 >= len(p.pattern) || p.pattern[i+1] != '?' {
				if !explicit {
					p.unnamed++
				}
				continue
			}
			if i+2 < len(p.pattern) && p.pattern[i+2] == '(' {
				i += 2 // a condition, which is no group
				continue
			}
			if name, ok := groupName(p.pattern[i+2:]); ok {
				if n, isNumber := atoiUnits(name); isNumber {
					numeric = append(numeric, n)
				} else if !slices.Contains(p.names, name) {
					p.names = append(p.names, name)
				}
			}
		}
	}
	for _, n := range numeric {
		if n <= maxRegexGroups {
			p.unnamed = max(p.unnamed, n)
			p.numbers[strconv.Itoa(n)] = n
		}
	}
	for i, name := range p.names {
		p.numbers[name] = p.unnamed + 1 + i
	}
}

// groupName reads the name behind (?; lookbehind has none.
func groupName(rest []uint16) (string, bool) {
	if len(rest) > 0 && rest[0] == 'P' {
		rest = rest[1:]
	}
	if len(rest) < 2 || rest[0] != '<' && rest[0] != '\'' || rest[1] == '=' || rest[1] == '!' {
		return "", false
	}
	end := uint16('>')
	if rest[0] == '\'' {
		end = '\''
	}
	i := slices.Index(rest[1:], end)
	if i < 1 {
		return "", false
	}
	return stringFromUnits(rest[1 : 1+i]), true
}

func (p *regexParser) more() bool { return p.at < len(p.pattern) }

func (p *regexParser) peek() uint16 {
	if p.at < len(p.pattern) {
		return p.pattern[p.at]
	}
	return 0
}

func (p *regexParser) accept(s string) bool {
	for i := 0; i < len(s); i++ {
		if p.at+i >= len(p.pattern) || p.pattern[p.at+i] != uint16(s[i]) {
			return false
		}
	}
	p.at += len(s)
	return true
}

func (p *regexParser) alternation() (*regexNode, error) {
	if p.depth++; p.depth > maxRegexNesting {
		return nil, errRegexBeyond
	}
	defer func() { p.depth-- }()
	var branches []*regexNode
	for {
		n, err := p.concatenation()
		if err != nil {
			return nil, err
		}
		branches = append(branches, n)
		if !p.more() || p.peek() != '|' {
			break
		}
		p.at++
	}
	if len(branches) == 1 {
		return branches[0], nil
	}
	return &regexNode{op: reAlternate, subs: branches}, nil
}

func (p *regexParser) concatenation() (*regexNode, error) {
	n := &regexNode{op: reConcat}
	for {
		if err := p.skipBlanks(); err != nil {
			return nil, err
		}
		if !p.more() || p.peek() == '|' || p.peek() == ')' {
			return n, nil
		}
		a, err := p.atom()
		if err != nil {
			return nil, err
		}
		if a == nil {
			continue
		}
		if a, err = p.quantified(a); err != nil {
			return nil, err
		}
		n.subs = append(n.subs, a)
	}
}

// skipBlanks passes comments, and blanks where the options say so.
func (p *regexParser) skipBlanks() error {
	for p.more() {
		switch c := p.peek(); {
		case p.options&optIgnoreBlanks != 0 && isSpace(rune(c)):
			p.at++
		case p.options&optIgnoreBlanks != 0 && c == '#':
			for p.more() && p.peek() != '\n' {
				p.at++
			}
		case c == '(' && p.accept("(?#"):
			for p.more() && p.peek() != ')' {
				p.at++
			}
			if !p.more() {
				return errRegexSyntax
			}
			p.at++
		default:
			return nil
		}
	}
	return nil
}

func (p *regexParser) quantified(a *regexNode) (*regexNode, error) {
	for {
		if err := p.skipBlanks(); err != nil {
			return nil, err
		}
		least, most := 0, maxRegexQuantifer
		switch p.peek() {
		case '*':
		case '+':
			least = 1
		case '?':
			most = 1
		case '{':
			n, m, length, ok := p.counts()
			if !ok {
				return a, nil
			}
			if m < n {
				return nil, errRegexSyntax
			}
			least, most = n, m
			p.at += length - 1
		default:
			return a, nil
		}
		if !p.more() {
			return a, nil
		}
		if a.op == reLoop {
			return nil, errRegexSyntax
		}
		p.at++
		a = &regexNode{op: reLoop, subs: []*regexNode{a}, min: least, max: most}
		if p.more() && p.peek() == '?' {
			a.lazy = true
			p.at++
		}
	}
}

// counts reads {n}, {n,} or {n,m}; anything else is literal.
func (p *regexParser) counts() (least, most, length int, ok bool) {
	rest := p.pattern[p.at:]
	end := slices.Index(rest[:min(len(rest), 32)], '}')
	if end < 2 {
		return 0, 0, 0, false
	}
	low, high, comma := strings.Cut(stringFromUnits(rest[1:end]), ",")
	least, ok = atoiUnits(low)
	if !ok {
		return 0, 0, 0, false
	}
	switch {
	case !comma:
		most = least
	case high == "":
		most = maxRegexQuantifer
	default:
		if most, ok = atoiUnits(high); !ok {
			return 0, 0, 0, false
		}
	}
	return least, most, end + 1, true
}

// atom reads one piece; nil for what is none, as an option.
func (p *regexParser) atom() (*regexNode, error) {
	c := p.peek()
	p.at++
	switch c {
	case '(':
		return p.group()
	case '[':
		set, err := p.class()
		return &regexNode{op: reSet, set: set, ignoreCase: p.options&optIgnoreCase != 0}, err
	case '.':
		if p.options&optSingleline != 0 {
			return &regexNode{op: reSet, set: &charSet{negated: true}}, nil
		}
		return &regexNode{op: reSet, set: &charSet{ranges: []uint16{'\n', '\n'}, negated: true}}, nil
	case '^':
		return p.lineAnchor('A', 'm'), nil
	case '$':
		return p.lineAnchor('Z', 'M'), nil
	case '\\':
		return p.escape()
	case '*', '+', '?':
		return nil, errRegexSyntax
	}
	return p.char(c), nil
}

func (p *regexParser) lineAnchor(text, lines byte) *regexNode {
	if p.options&optMultiline != 0 {
		return &regexNode{op: reAnchor, anchor: lines}
	}
	return &regexNode{op: reAnchor, anchor: text}
}

func (p *regexParser) char(c uint16) *regexNode {
	return &regexNode{op: reChar, unit: c, ignoreCase: p.options&optIgnoreCase != 0}
}

// group reads what follows an opening parenthesis.
func (p *regexParser) group() (*regexNode, error) {
	before := p.options
	defer func() { p.options = before }()
	n := &regexNode{op: reCapture}
	switch {
	case !p.accept("?"):
		if p.options&optExplicit != 0 {
			n = &regexNode{op: reConcat}
			break
		}
		n.group = p.capture
		p.capture++
	case p.accept(":"):
		n = &regexNode{op: reConcat}
	case p.accept("="):
		n = &regexNode{op: reLook}
	case p.accept("!"):
		n = &regexNode{op: reLook, negated: true}
	case p.accept("<="):
		n = &regexNode{op: reLook, behind: true}
	case p.accept("<!"):
		n = &regexNode{op: reLook, behind: true, negated: true}
	case p.accept(">"):
		n = &regexNode{op: reAtomic}
	case p.accept("("):
		return p.condition()
	default:
		if name, ok := groupName(p.pattern[p.at:]); ok {
			number, ok := p.numbers[name]
			if !ok || strings.Contains(name, "-") {
				return nil, errRegexBeyond // a balancing group
			}
			n.group = number
			p.at += unitLen(name) + 2
			break
		}
		inline, err := p.inlineOptions()
		if err != nil {
			return nil, err
		}
		if inline {
			before = p.options
			return nil, nil
		}
		n = &regexNode{op: reConcat}
	}
	return p.closeGroup(n)
}

func (p *regexParser) closeGroup(n *regexNode) (*regexNode, error) {
	inner, err := p.alternation()
	if err != nil {
		return nil, err
	}
	if !p.accept(")") {
		return nil, errRegexSyntax
	}
	n.subs = []*regexNode{inner}
	return n, nil
}

// inlineOptions reads (?i-m) or (?i-m: and tells whether it was the former,
// which holds to the end of the group around it.
func (p *regexParser) inlineOptions() (bool, error) {
	letters := map[uint16]regexOptions{
		'i': optIgnoreCase, 'm': optMultiline, 'n': optExplicit, 's': optSingleline, 'x': optIgnoreBlanks,
	}
	off := false
	for p.more() {
		c := p.peek()
		p.at++
		switch {
		case c == '-':
			off = true
		case c == '+':
			off = false
		case c == ')':
			return true, nil
		case c == ':':
			return false, nil
		case c < 0x80 && letters[c|0x20] != 0:
			if off {
				p.options &^= letters[c|0x20]
			} else {
				p.options |= letters[c|0x20]
			}
		default:
			return false, errRegexSyntax
		}
	}
	return false, errRegexSyntax
}

// condition reads (?(name)yes|no) or (?(pattern)yes|no).
func (p *regexParser) condition() (*regexNode, error) {
	n := &regexNode{op: reIf, group: -1, subs: []*regexNode{nil, nil, {op: reEmpty}}}
	rest := p.pattern[p.at:]
	if end := slices.Index(rest, ')'); end > 0 {
		name := stringFromUnits(rest[:end])
		if number, ok := p.groupNumber(name); ok {
			n.group = number
			p.at += end + 1
		}
	}
	if n.group < 0 {
		inner, err := p.alternation()
		if err != nil {
			return nil, err
		}
		if !p.accept(")") {
			return nil, errRegexSyntax
		}
		n.subs[0] = inner
	}
	branches, err := p.alternation()
	if err != nil {
		return nil, err
	}
	n.subs[1] = branches
	if branches.op == reAlternate {
		if len(branches.subs) > 2 {
			return nil, errRegexSyntax
		}
		n.subs[1], n.subs[2] = branches.subs[0], branches.subs[1]
	}
	if !p.accept(")") {
		return nil, errRegexSyntax
	}
	return n, nil
}

func (p *regexParser) groupNumber(name string) (int, bool) {
	if n, ok := p.numbers[name]; ok {
		return n, true
	}
	n, ok := atoiUnits(name)
	return n, ok && n <= p.unnamed
}
