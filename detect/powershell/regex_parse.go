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
	"unicode"
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
