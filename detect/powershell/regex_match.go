package powershell

// Regular expressions of .NET: the matcher. It backtracks, on a stack of its
// own, within a budget.

import (
	"errors"
	"unicode/utf8"
)

// The most that one search may take: a pattern can take longer than any
// patience. What exceeds it is not known.
const (
	maxRegexSteps = 2_000_000
	maxRegexStack = 1 << 20
)

var errRegexBudget = errors.New("regular expression takes too long")

// matcher is one search. Registers hold the bounds of the groups, then those
// of loops; -1 is none.
type matcher struct {
	re        *regex
	text      []uint16
	registers []int
	stack     []backtrack
	steps     int
	most      int // steps that it may take
	start     int // where the match before ended, for \G
}

// backtrack is a choice to come back to, or a register to set back.
type backtrack struct {
	kind     backtrackKind
	pc, pos  int
	register int
	value    int
}

type backtrackKind uint8

const (
	backtrackChoice backtrackKind = iota
	backtrackRegister
	// backtrackLess is a repeat that can give back units: value of them, from
	// pos on.
	backtrackLess
	// backtrackMore is a lazy repeat that can take value units more.
	backtrackMore
)

// regexStart is where a search begins. Behind an empty match it begins one
// unit on, but \G stays where that match was.
type regexStart struct {
	at    int // units
	empty bool
}

// find searches text, and returns the bounds of the groups, nil for no match,
// and the steps taken.
func (re *regex) find(text []uint16, from regexStart) ([]int, int, error) {
	m := &matcher{re: re, text: text, registers: make([]int, re.registers), start: from.at, most: maxRegexSteps + 32*len(text)}
	step, end := 1, len(text)
	if re.program.leftwards {
		step, end = -1, 0
	}
	first, only := re.firstUnit()
	pos := from.at
	if from.empty {
		if pos == end {
			return nil, 0, nil
		}
		pos += step
	}
	for ; ; pos += step {
		m.steps++
		if !only || pos < len(text) && text[pos] == first {
			for i := range m.registers {
				m.registers[i] = -1
			}
			m.stack = m.stack[:0]
			last, ok, err := m.run(re.program, pos)
			if err != nil {
				return nil, m.steps, err
			}
			if ok {
				m.registers[0], m.registers[1] = min(pos, last), max(pos, last)
				return m.registers[:2*len(re.names)], m.steps, nil
			}
		}
		if pos == end {
			return nil, m.steps, nil
		}
	}
}

// firstUnit is the unit that every match begins with, if there is one.
func (re *regex) firstUnit() (uint16, bool) {
	i := re.program.code[0]
	return i.unit, i.code == rcChar && !i.ignoreCase && !i.leftwards
}

// run executes a program from pos on and returns where it ends. Where it
// fails, the stack and the registers are as before.
func (m *matcher) run(p *regexProgram, pos int) (int, bool, error) {
	base, pc := len(m.stack), 0
	for {
		if m.steps++; m.steps > m.most || len(m.stack) > maxRegexStack {
			return 0, false, errRegexBudget
		}
		i := &p.code[pc]
		ok := true
		switch i.code {
		case rcMatch:
			return pos, true, nil
		case rcChar, rcSet:
			if ok = m.one(i, pos); ok {
				pos = step(i, pos, 1)
				pc++
			}
		case rcRepeat:
			pos, ok = m.repeat(i, pc, pos)
			pc++
		case rcSplit:
			m.stack = append(m.stack, backtrack{kind: backtrackChoice, pc: i.b, pos: pos})
			pc = i.a
		case rcJump:
			pc = i.a
		case rcSave:
			m.save(i, pos)
			pc++
		case rcAnchor:
			ok = m.anchored(i.anchor, pos)
			pc++
		case rcBackref:
			pos, ok = m.backref(i, pos)
			pc++
		case rcInit:
			m.set(i.count, 0)
			m.set(i.at, -1)
			pc++
		case rcLoop:
			pc = m.loop(i, pos)
		case rcEnter:
			m.set(i.count, m.registers[i.count]+1)
			m.set(i.at, pos)
			pc++
		default:
			next, to, held, err := m.nested(i, pc, pos)
			if err != nil {
				return 0, false, err
			}
			pc, pos, ok = next, to, held
		}
		if !ok {
			if pc, pos, ok = m.back(base, p); !ok {
				return 0, false, nil
			}
		}
	}
}

func step(i *regexInst, pos, n int) int {
	if i.leftwards {
		return pos - n
	}
	return pos + n
}

// one tells whether the unit at pos fits.
func (m *matcher) one(i *regexInst, pos int) bool {
	if i.leftwards {
		pos--
	}
	if pos < 0 || pos >= len(m.text) {
		return false
	}
	u := m.text[pos]
	if i.set == nil {
		return u == i.unit || i.ignoreCase && foldUnit(u) == foldUnit(i.unit)
	}
	if i.ignoreCase {
		return i.set.hasFolded(u)
	}
	return i.set.has(u)
}

func foldUnit(u uint16) uint16 {
	if u < utf8.RuneSelf {
		if u >= 'A' && u <= 'Z' {
			return u | 0x20
		}
		return u
	}
	return uint16(foldRune(rune(u)))
}

func (m *matcher) repeat(i *regexInst, pc, pos int) (int, bool) {
	n := 0
	for n < i.max && (n < i.min || !i.lazy) && m.one(i, step(i, pos, n)) {
		n++
	}
	m.steps += n
	if n < i.min {
		return pos, false
	}
	switch {
	case i.lazy && i.max > n:
		m.stack = append(m.stack, backtrack{kind: backtrackMore, pc: pc, pos: step(i, pos, n), value: i.max - n})
	case n > i.min:
		m.stack = append(m.stack, backtrack{kind: backtrackLess, pc: pc, pos: step(i, pos, n), value: n - i.min})
	}
	return step(i, pos, n), true
}

func (m *matcher) set(register, value int) {
	m.stack = append(m.stack, backtrack{kind: backtrackRegister, register: register, value: m.registers[register]})
	m.registers[register] = value
}

// save keeps the position where a group begins; where it ends, both bounds
// become those of the group.
func (m *matcher) save(i *regexInst, pos int) {
	m.set(i.a, pos)
	if i.b >= 0 {
		m.set(i.b, m.registers[i.count])
	}
}

// loop decides about one more turn. A turn that took nothing is the last.
func (m *matcher) loop(i *regexInst, pos int) int {
	turns := m.registers[i.count]
	switch {
	case turns < i.min:
		return i.b
	case turns >= i.max || turns > 0 && m.registers[i.at] == pos:
		return i.a
	case i.lazy:
		m.stack = append(m.stack, backtrack{kind: backtrackChoice, pc: i.b, pos: pos})
		return i.a
	}
	m.stack = append(m.stack, backtrack{kind: backtrackChoice, pc: i.a, pos: pos})
	return i.b
}

func (m *matcher) anchored(anchor byte, pos int) bool {
	n := len(m.text)
	switch anchor {
	case 'A':
		return pos == 0
	case 'z':
		return pos == n
	case 'Z':
		return pos == n || pos == n-1 && m.text[pos] == '\n'
	case 'm':
		return pos == 0 || m.text[pos-1] == '\n'
	case 'M':
		return pos == n || m.text[pos] == '\n'
	case 'G':
		return pos == m.start
	}
	before := pos > 0 && isBoundaryWord(m.text[pos-1])
	after := pos < n && isBoundaryWord(m.text[pos])
	return (before != after) == (anchor == 'b')
}

// isBoundaryWord counts the joiners as parts of a word.
func isBoundaryWord(u uint16) bool { return isWord(rune(u)) || u == 0x200C || u == 0x200D }

func (m *matcher) backref(i *regexInst, pos int) (int, bool) {
	from, to := m.registers[2*i.group], m.registers[2*i.group+1]
	if from < 0 || to < 0 {
		return pos, m.re.options&optECMAScript != 0
	}
	n := to - from
	at := pos
	if i.leftwards {
		at -= n
	}
	if at < 0 || at+n > len(m.text) {
		return pos, false
	}
	for k := range n {
		a, b := m.text[from+k], m.text[at+k]
		if a != b && !(i.ignoreCase && foldUnit(a) == foldUnit(b)) {
			return pos, false
		}
	}
	m.steps += n
	return step(i, pos, n), true
}

// nested runs the program within a look-around, an atomic group or a
// condition. It returns where to go on.
func (m *matcher) nested(i *regexInst, pc, pos int) (int, int, bool, error) {
	if i.code == rcIf && i.group >= 0 {
		if m.registers[2*i.group+1] >= 0 {
			return i.a, pos, true, nil
		}
		return i.b, pos, true, nil
	}
	base := len(m.stack)
	end, ok, err := m.run(i.sub, pos)
	if err != nil {
		return 0, 0, false, err
	}
	if ok && !i.negated {
		m.settle(base)
	} else if ok {
		m.unwind(base)
	}
	switch i.code {
	case rcLook:
		return pc + 1, pos, ok != i.negated, nil
	case rcAtomic:
		return pc + 1, end, ok, nil
	}
	if ok {
		return i.a, pos, true, nil
	}
	return i.b, pos, true, nil
}

// settle forgets the choices above base, but not what to set back.
func (m *matcher) settle(base int) {
	kept := m.stack[:base]
	for _, b := range m.stack[base:] {
		if b.kind == backtrackRegister {
			kept = append(kept, b)
		}
	}
	m.stack = kept
}

// unwind sets everything back to what it was at base.
func (m *matcher) unwind(base int) {
	for len(m.stack) > base {
		b := m.stack[len(m.stack)-1]
		m.stack = m.stack[:len(m.stack)-1]
		if b.kind == backtrackRegister {
			m.registers[b.register] = b.value
		}
	}
}

// back returns to the last choice above base.
func (m *matcher) back(base int, p *regexProgram) (pc, pos int, ok bool) {
	for len(m.stack) > base {
		b := &m.stack[len(m.stack)-1]
		switch b.kind {
		case backtrackRegister:
			m.registers[b.register] = b.value
		case backtrackChoice:
			pc, pos = b.pc, b.pos
			m.stack = m.stack[:len(m.stack)-1]
			return pc, pos, true
		case backtrackLess:
			i := &p.code[b.pc]
			b.pos, b.value = step(i, b.pos, -1), b.value-1
			pc, pos = b.pc+1, b.pos
			if b.value == 0 {
				m.stack = m.stack[:len(m.stack)-1]
			}
			return pc, pos, true
		case backtrackMore:
			i := &p.code[b.pc]
			if m.one(i, b.pos) {
				b.pos, b.value = step(i, b.pos, 1), b.value-1
				pc, pos = b.pc+1, b.pos
				if b.value == 0 {
					m.stack = m.stack[:len(m.stack)-1]
				}
				return pc, pos, true
			}
		}
		m.stack = m.stack[:len(m.stack)-1]
	}
	return 0, 0, false
}

// regexMatch is one match: the bounds of its groups in units, -1 for none.
type regexMatch struct {
	bounds []int
}

func (m regexMatch) start() int { return m.bounds[0] }
func (m regexMatch) end() int   { return m.bounds[1] }

// behind is where the search for the match behind m begins.
func (re *regex) behind(m regexMatch) regexStart {
	at := m.end()
	if re.program.leftwards {
		at = m.start()
	}
	return regexStart{at, m.start() == m.end()}
}

// all finds up to limit matches, one behind the other; limit 0 is no limit.
// spend is told of the steps taken.
func (re *regex) all(text []uint16, from regexStart, limit int, spend func(int) error) ([]regexMatch, error) {
	var matches []regexMatch
	total := 0
	for {
		bounds, steps, err := re.find(text, from)
		total += steps
		if err == nil {
			err = spend(steps/8 + 1)
		}
		if err != nil {
			return nil, err
		}
		if bounds == nil {
			return matches, nil
		}
		if total > 8*maxRegexSteps+64*len(text) {
			return nil, errRegexBudget
		}
		m := regexMatch{bounds}
		matches = append(matches, m)
		if len(matches) == limit {
			return matches, nil
		}
		from = re.behind(m)
	}
}
