package powershell

// Text that becomes code: Invoke-Expression, script blocks from strings, the
// text of other processes.

import (
	"slices"
	"strconv"
	"strings"
)

// A hole in text that becomes code stands there as its number between two
// characters of a private use area, and is a hole again in every constant.
const (
	holeOpen  = "\uF8F1"
	holeClose = "\uF8F2"
)

// parsed is text that became code.
type parsed struct {
	tree  *Tree
	holes []*Unknown
}

// parse reads text as code, with its holes as parts of its words and strings.
// It returns nil if nothing is known of it.
func (in *Interpreter) parse(text Value) (*parsed, error) {
	p := &parsed{}
	var source string
	switch t := in.text(text).(type) {
	case string:
		source = t
	case *Text:
		var b strings.Builder
		for _, part := range t.Parts {
			if part.Hole == nil {
				b.WriteString(part.Text)
				continue
			}
			b.WriteString(holeOpen + strconv.Itoa(len(p.holes)) + holeClose)
			p.holes = append(p.holes, part.Hole)
		}
		if len(p.holes) == len(t.Parts) {
			return nil, nil
		}
		source = b.String()
	default:
		return nil, nil
	}
	if err := in.spend(1 + len(source)/16); err != nil {
		return nil, err
	}
	if ofSession(text) { // what is unknown may be more code
		in.noteOpaque(in.currentCommand(), Opaque{Open: true, Made: true}, nil)
	}
	p.tree = Parse(source, in.dialect())
	in.noteAssigned(p.tree)
	if len(p.holes) > 0 {
		in.holes[p.tree] = p.holes
	}
	return p, nil
}

// broken tells whether the engine would refuse the text. Holes may make it
// look so.
func (p *parsed) broken() bool { return len(p.tree.Errors) > 0 && len(p.holes) == 0 }

func (in *Interpreter) parseError(p *parsed) error {
	return in.thrown("System.Management.Automation.ParseException", p.tree.Errors[0].Message)
}

// codeText runs text as code in the present scope.
func (in *Interpreter) codeText(text Value, via string, out sink) error {
	p, err := in.parse(text)
	if err != nil {
		return err
	}
	if p == nil {
		in.opaqueHere(text)
		in.setCell(in.foreign, once(true))
		in.risks++
		u := in.unknown(via, OriginCommand)
		u.Many = true
		return out(u)
	}
	if p.broken() {
		return in.parseError(p)
	}
	return in.via(via, func() error {
		c := &Closure{Body: p.tree.Root, Tree: p.tree, Block: -1}
		return in.inline(c, out)
	})
}

// inline runs a body in the present scope, where return ends it.
func (in *Interpreter) inline(c *Closure, out sink) error {
	return in.body(c, nil, callOptions{dot: true}, out)
}

// via runs a stretch that is reached in a way worth telling.
func (in *Interpreter) via(how string, run func() error) error {
	outer := in.frame
	f := *in.frame
	if how != "" {
		f.via = append(slices.Clone(f.via), how)
	}
	in.frame = &f
	defer func() { in.frame = outer }()
	return run()
}

// makeBlock makes a script block from text; an unknown one from unknown text.
func (in *Interpreter) makeBlock(text Value, via string) (Value, error) {
	p, err := in.parse(text)
	if err != nil {
		return nil, err
	}
	if p == nil {
		in.noteOpaque(in.currentCommand(), Opaque{Open: ofSession(text), Made: true}, nil)
		return in.derived("[scriptblock]::Create("+expressionOf(text)+")", identityOf(text)+"|block", text), nil
	}
	if p.broken() {
		return nil, in.parseError(p)
	}
	return &Closure{Body: p.tree.Root, Tree: p.tree, Block: -1}, nil
}

// invokeScript is InvokeScript of a script or a block, with its arguments:
//
//	(script, arguments), (script, new scope, results, input, arguments)
//	(session, block, arguments), (own scope, block, input, arguments)
func (in *Interpreter) invokeScript(args []Value) ([]Value, error) {
	code, own, given := args[0], true, args[1:]
	if len(args) > 1 {
		block, ok := args[1].(*Closure)
		scoped, isBool := args[0].(bool)
		newScope, isBool2 := args[1].(bool)
		switch {
		case ok && isBool:
			code, own, given = block, scoped, args[min(3, len(args)):]
		case ok:
			code, given = block, args[2:]
		case isBool2:
			own, given = newScope, args[min(4, len(args)):]
		}
	}
	if len(given) == 1 {
		if items, ok := Items(given[0]); ok {
			given = items
		}
	}
	block, ok := code.(*Closure)
	if !ok {
		v, err := in.makeBlock(code, "InvokeScript")
		if err != nil {
			return nil, err
		}
		if block, ok = v.(*Closure); !ok {
			in.opaqueHere(code)
			in.risks++
			if !own {
				in.setCell(in.foreign, once(true))
			}
			u := in.unknown("InvokeScript", OriginCommand)
			u.Many = true
			return []Value{u}, nil
		}
	}
	var out []Value
	err := in.via("InvokeScript", func() (err error) {
		out, err = in.callBlock(block, given, callOptions{dot: !own})
		return err
	})
	return out, err
}

// expandString expands text as a double-quoted string.
func (in *Interpreter) expandString(text Value) (Value, error) {
	var b strings.Builder
	var holes []*Unknown
	for _, part := range Parts(in.text(text)) {
		if part.Hole != nil {
			b.WriteString(holeOpen + strconv.Itoa(len(holes)) + holeClose)
			holes = append(holes, part.Hole)
			continue
		}
		b.WriteString(part.Text)
	}
	// A here-string holds any quotes; only its end must not stand in the text.
	source := "@\"\n" + b.String() + "\n\"@"
	tree := Parse(source, in.dialect())
	e := soleStatement(tree)
	if e == nil || len(tree.Errors) > 0 {
		source = "\"" + strings.ReplaceAll(b.String(), `"`, "`\"") + "\""
		tree = Parse(source, in.dialect())
		if e = soleStatement(tree); e == nil {
			return text, nil
		}
	}
	outer := in.frame
	f := *in.frame
	f.tree, f.home, f.holes = tree, -1, holes
	in.frame = &f
	defer func() { in.frame = outer }()
	if len(holes) > 0 {
		in.holes[tree] = holes
	}
	return in.eval(e)
}

func soleStatement(t *Tree) Expression {
	if t.Root == nil || t.Root.EndBlock == nil || len(t.Root.EndBlock.Statements) != 1 {
		return nil
	}
	return soleExpression(t.Root.EndBlock.Statements[0])
}

// isolated runs a stretch in a session of its own.
func (in *Interpreter) isolated(run func() error) error {
	return in.isolatedIn("", run)
}

// isolatedIn is isolated for the session of that key, which keeps what it holds;
// an empty key is a new one.
func (in *Interpreter) isolatedIn(key string, run func() error) error {
	outer := *in
	in.using = in.scope
	g := in.sessions[key]
	if g == nil {
		g = in.newScope(nil)
		g.script = g
		if key != "" {
			if in.sessions == nil {
				in.sessions = map[string]*scope{}
			}
			in.sessions[key] = g
		}
	}
	in.global, in.scope = g, g
	in.environment = in.newScope(in.environment)
	for _, v := range outer.environment.variables {
		in.declare(in.environment, v.name).variableState = v.variableState
	}
	in.trying = 0
	if len(g.variables) == 0 { // new, or made on another path only
		in.setUp()
	}
	err := run()
	in.global, in.scope, in.using, in.environment, in.trying = outer.global, outer.scope, outer.using, outer.environment, outer.trying
	if isLimit(err) {
		return err
	}
	return nil
}

// runChild runs text in another process.
func (in *Interpreter) runChild(text Value, via string, out sink) error {
	p, err := in.parse(text)
	if err != nil {
		return err
	}
	if p == nil {
		in.opaqueHere(text)
		u := in.unknown(via, OriginCommand)
		u.Many = true
		return out(u)
	}
	if p.broken() {
		return nil
	}
	return in.runChildBlock(&Closure{Body: p.tree.Root, Tree: p.tree, Block: -1}, nil, via, false, out)
}

// runChildBlock runs a script block in another process, or on another machine.
func (in *Interpreter) runChildBlock(c *Closure, args []Value, via string, remote bool, out sink) error {
	return in.runChildWith(c, args, via, remote, callOptions{}, out)
}

// sentOver is what another process gets of a value that is piped to it.
func (in *Interpreter) sentOver(v Value) Value {
	switch v.(type) {
	case *Object, *Hash, *Closure:
		u := in.derived("$_", "sent|"+identityOf(v), v)
		if u.Origin == "" {
			u.Origin = OriginVariable
		}
		return u
	}
	return v
}

// runChildWith is runChildBlock of a block that is given input.
func (in *Interpreter) runChildWith(c *Closure, args []Value, via string, remote bool, options callOptions, out sink) error {
	outer := in.frame
	f := *in.frame
	if via != "" {
		f.via = append(slices.Clone(f.via), via)
	}
	if remote {
		f.remote = true
	} else {
		f.child = true
	}
	in.frame = &f
	defer func() { in.frame = outer }()
	given := make([]argument, len(args))
	for i, v := range args {
		given[i] = argument{value: v, has: true, from: in.sources}
	}
	return in.isolatedIn(options.session, func() error { return in.runBody(c, given, options, out) })
}

// opaqueHere notes that unknown text became code in the present command.
func (in *Interpreter) opaqueHere(code ...Value) { in.became(in.currentCommand(), code...) }
