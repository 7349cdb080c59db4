package powershell

// Regular expressions of .NET: the tree as a program for the matcher.

type regexCode uint8

const (
	rcMatch  regexCode = iota
	rcChar             // one unit
	rcSet              // one unit of a set
	rcRepeat           // a unit or set, min to max times
	rcSplit            // try a, then b
	rcJump             // to a
	rcSave             // position into register a
	rcAnchor
	rcBackref
	rcLook   // sub
	rcAtomic // sub
	rcIf     // to a if the group or sub matched, else to b
	rcInit   // loop: count register a to 0, start register b to none
	rcLoop   // loop: to the body behind it, or to a
	rcEnter  // loop: one more turn, from a lazy loop's choice
)

// regexInst is one instruction. Instructions that consume do so to the left if
// leftwards.
type regexInst struct {
	code       regexCode
	leftwards  bool
	ignoreCase bool
	lazy       bool
	negated    bool
	anchor     byte
	unit       uint16
	set        *charSet
	a, b       int
	count, at  int // registers of a loop
	min, max   int
	group      int
	sub        *regexProgram
}

type regexProgram struct {
	code      []regexInst
	leftwards bool
}

// regex is a compiled pattern. It is not changed once it is made.
type regex struct {
	pattern   string
	options   regexOptions
	program   *regexProgram
	names     []string // of the groups, by number
	registers int
}

// maxRegexCode bounds a program: counted loops within counted loops are not
// unrolled, so it grows with the pattern only.
const maxRegexCode = 1 << 16

func compileRegex(pattern string, options regexOptions) (*regex, error) {
	if len(pattern) > maxRegexCode {
		return nil, errRegexBeyond
	}
	tree, names, err := parseRegex(pattern, options)
	if err != nil {
		return nil, err
	}
	c := &regexCompiler{registers: 2 * len(names)}
	program := c.program(tree, options&optRightToLeft != 0)
	if c.size > maxRegexCode {
		return nil, errRegexBeyond
	}
	return &regex{pattern: pattern, options: options, program: program, names: names, registers: c.registers}, nil
}

type regexCompiler struct {
	registers int
	size      int
	leftwards bool
	out       *regexProgram
}

func (c *regexCompiler) program(n *regexNode, leftwards bool) *regexProgram {
	out, direction := c.out, c.leftwards
	defer func() { c.out, c.leftwards = out, direction }()
	p := &regexProgram{leftwards: leftwards}
	c.out, c.leftwards = p, leftwards
	c.node(n)
	c.emit(regexInst{code: rcMatch})
	return p
}

func (c *regexCompiler) emit(i regexInst) int {
	i.leftwards = c.leftwards
	c.size++
	c.out.code = append(c.out.code, i)
	return len(c.out.code) - 1
}

func (c *regexCompiler) here() int { return len(c.out.code) }

func (c *regexCompiler) node(n *regexNode) {
	if c.size > maxRegexCode {
		return
	}
	switch n.op {
	case reChar:
		c.emit(regexInst{code: rcChar, unit: n.unit, ignoreCase: n.ignoreCase})
	case reSet:
		c.emit(regexInst{code: rcSet, set: n.set, ignoreCase: n.ignoreCase})
	case reConcat:
		for i := range n.subs {
			if c.leftwards {
				i = len(n.subs) - 1 - i
			}
			c.node(n.subs[i])
		}
	case reAlternate:
		c.alternate(n.subs)
	case reLoop:
		c.loop(n)
	case reCapture:
		first, second := 2*n.group, 2*n.group+1
		if c.leftwards {
			first, second = second, first
		}
		// The start is kept aside until the end is reached: a group that is
		// entered again keeps what it matched before until then.
		aside := c.register()
		c.emit(regexInst{code: rcSave, a: aside, b: -1})
		c.node(n.subs[0])
		c.emit(regexInst{code: rcSave, a: second, b: first, count: aside})
	case reLook:
		c.emit(regexInst{code: rcLook, negated: n.negated, sub: c.program(n.subs[0], n.behind)})
	case reAtomic:
		c.emit(regexInst{code: rcAtomic, sub: c.program(n.subs[0], c.leftwards)})
	case reBackref:
		c.emit(regexInst{code: rcBackref, group: n.group, ignoreCase: n.ignoreCase})
	case reAnchor:
		c.emit(regexInst{code: rcAnchor, anchor: n.anchor})
	case reIf:
		c.conditional(n)
	}
}

func (c *regexCompiler) register() int {
	c.registers++
	return c.registers - 1
}

func (c *regexCompiler) alternate(branches []*regexNode) {
	var ends []int
	for i, b := range branches {
		if i == len(branches)-1 {
			c.node(b)
			break
		}
		split := c.emit(regexInst{code: rcSplit})
		c.out.code[split].a = c.here()
		c.node(b)
		ends = append(ends, c.emit(regexInst{code: rcJump}))
		c.out.code[split].b = c.here()
	}
	for _, e := range ends {
		c.out.code[e].a = c.here()
	}
}

func (c *regexCompiler) conditional(n *regexNode) {
	i := regexInst{code: rcIf, group: n.group}
	if n.group < 0 {
		i.sub = c.program(n.subs[0], c.leftwards)
	}
	branch := c.emit(i)
	c.out.code[branch].a = c.here()
	c.node(n.subs[1])
	end := c.emit(regexInst{code: rcJump})
	c.out.code[branch].b = c.here()
	c.node(n.subs[2])
	c.out.code[end].a = c.here()
}

func (c *regexCompiler) loop(n *regexNode) {
	body := n.subs[0]
	for body.op == reConcat && len(body.subs) == 1 {
		body = body.subs[0]
	}
	switch {
	case body.op == reChar || body.op == reSet:
		c.emit(regexInst{code: rcRepeat, unit: body.unit, set: body.set, ignoreCase: body.ignoreCase, min: n.min, max: n.max, lazy: n.lazy})
		return
	case n.min == 0 && n.max == 1:
		split := c.emit(regexInst{code: rcSplit})
		inside := c.here()
		c.node(body)
		c.out.code[split].a, c.out.code[split].b = inside, c.here()
		if n.lazy {
			c.out.code[split].a, c.out.code[split].b = c.here(), inside
		}
		return
	}
	count, at := c.register(), c.register()
	c.emit(regexInst{code: rcInit, count: count, at: at})
	loop := c.emit(regexInst{code: rcLoop, count: count, at: at, min: n.min, max: n.max, lazy: n.lazy})
	enter := c.emit(regexInst{code: rcEnter, count: count, at: at})
	c.node(body)
	c.emit(regexInst{code: rcJump, a: loop})
	c.out.code[loop].a, c.out.code[loop].b = c.here(), enter
}

// captures is how often a group may match whose end is kept in that register:
// 0, 1, or 2 for any number of times.
func (p *regexProgram) captures(register int) int {
	n, loop := 0, 0 // loop is where the outermost loop ends
	for pc, i := range p.code {
		inside := 0
		switch {
		case i.code == rcLoop:
			loop = max(loop, i.a)
		case i.code == rcSave && i.b >= 0 && (i.a == register || i.b == register):
			inside = 1
		case i.sub != nil:
			inside = i.sub.captures(register)
		}
		if pc < loop {
			inside *= 2
		}
		n = min(2, n+inside)
	}
	return n
}
