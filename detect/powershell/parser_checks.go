package powershell

import (
	"slices"
	"strconv"
	"strings"
)

// What stands here is well formed but refused by the engine before anything
// runs. The rules are:
//   - only variables, members and indexes can be assigned to, and lists of
//     them with =;
//   - a splatted variable is a whole argument of a command;
//   - keys of a hashtable, parameters and an attribute's arguments are given
//     once;
//   - an attribute's arguments are constant, or script blocks;
//   - [ordered] stands before a hashtable, attributes before variables;
//   - $using:x has members and constant indexes, but no methods;
//   - nothing leaves a finally block but its end, throw and exit;
//   - catch without types is the last;
//   - workflow statements stand in workflows;
//   - no parameter is a [void];
//   - a catch is for what those before it leave;
//   - a data section has values, conditions and the commands it names.

func (p *parser) checkTarget(e Expression, op TokenKind) {
	if !isTarget(e, op == KindEquals, 0) {
		p.invalid(e.place(), "nothing can be assigned to what stands before "+op.Text())
	}
}

// isTarget reports whether an expression can be assigned to; list: so can a
// list.
func isTarget(e Expression, list bool, depth int) bool {
	if depth > maxDepth {
		return false
	}
	switch e := e.(type) {
	case *ArrayLiteral:
		for _, x := range e.Elements {
			if !list || !isTarget(x, true, depth+1) {
				return false
			}
		}
		return true
	case *Paren:
		inner, ok := pureExpression(e.Pipeline)
		return ok && isTarget(inner, list, depth+1)
	case *Convert:
		return isTarget(e.Operand, list, depth+1)
	case *Attributed:
		return isTarget(e.Operand, list, depth+1)
	case *Member:
		return !e.Call && !e.Nullable
	case *Index:
		return !e.Nullable
	case *Variable, *ErrorExpression:
		return true
	}
	return false
}

// pureExpression returns the expression that a statement consists of.
func pureExpression(s Statement) (Expression, bool) {
	p, ok := s.(*Pipeline)
	if !ok || len(p.Elements) != 1 || p.Background {
		return nil, false
	}
	c, ok := p.Elements[0].(*CommandExpression)
	if !ok || len(c.Redirections) > 0 {
		return nil, false
	}
	return c.Expression, true
}

func (p *parser) checkNotSplatted(e Expression) {
	if v, ok := e.(*Variable); ok && v.Splatted {
		p.invalid(v.Span, "@"+v.Name+" can only be an argument of a command")
	}
}

// constantKey returns the key of a hashtable that is known without running.
func constantKey(e Expression) (string, bool) {
	switch e := e.(type) {
	case *String:
		return e.Value, true
	case *Number:
		if n, ok := e.Value.(int32); ok {
			return strconv.Itoa(int(n)), true
		}
		return e.Text, true
	}
	return "", false
}

// names finds names that repeat, in any case.
type names struct {
	few  [8]string
	n    int
	many map[string]bool // all, once they are more
}

// repeat adds a name and reports whether it was there.
func (n *names) repeat(name string) bool {
	if n.many != nil {
		name = strings.ToLower(name)
		known := n.many[name]
		n.many[name] = true
		return known
	}
	for _, other := range n.few[:n.n] {
		if strings.EqualFold(other, name) {
			return true
		}
	}
	if n.n < len(n.few) {
		n.few[n.n] = name
		n.n++
		return false
	}
	n.many = map[string]bool{strings.ToLower(name): true}
	for _, other := range n.few {
		n.many[strings.ToLower(other)] = true
	}
	return false
}

func (p *parser) checkKeys(h *Hashtable) {
	var names names
	for _, entry := range h.Entries {
		if key, ok := constantKey(entry.Key); ok && names.repeat(key) {
			p.invalid(entry.Key.place(), "the key is in the hashtable already")
		}
	}
}

func (p *parser) checkParameters(b *ParamBlock) {
	var names names
	for _, x := range b.Parameters {
		p.checkNotSplatted(x.Name)
		for _, a := range x.Attributes {
			switch {
			case a.Arguments:
			case equalFold(a.Type.Name, "ordered"):
				p.invalid(a.Span, "[ordered] can only stand before a hashtable")
			case isVoidName(a.Type):
				p.invalid(a.Span, "a parameter cannot be [void]")
			}
		}
		name := x.Name.Name
		if x.Name.Scope != "" {
			name = x.Name.Scope + ":" + name
		}
		if names.repeat(name) {
			p.invalid(x.Name.Span, "there is a parameter of this name already")
		}
	}
}

func (p *parser) checkAttribute(a *Attribute) {
	for _, e := range a.Positional {
		p.checkConstant(e)
	}
	var names names
	for _, n := range a.Named {
		if names.repeat(n.Name) {
			p.invalid(n.Span, "the attribute's argument is given twice")
		}
		if n.Value != nil {
			p.checkConstant(n.Value)
		}
	}
}

func (p *parser) checkConstant(e Expression) {
	if !isConstant(e, 0) {
		p.report(e.place(), "an attribute's argument must be constant or a script block",
			p.open && e.End() == len(p.script))
	}
}

// isConstant reports whether an expression could be known without running.
// Where types decide, it gives the benefit of the doubt.
func isConstant(e Expression, depth int) bool {
	if depth > maxDepth {
		return false
	}
	all := func(list ...Expression) bool {
		for _, x := range list {
			if !isConstant(x, depth+1) {
				return false
			}
		}
		return true
	}
	switch e := e.(type) {
	case *Variable:
		return e.Scope == "" && !e.Splatted &&
			(equalFold(e.Name, "true") || equalFold(e.Name, "false") || equalFold(e.Name, "null"))
	case *ExpandableString, *UsingExpression:
		return false
	case *ArrayLiteral:
		return all(e.Elements...)
	case *ArrayExpression:
		return isConstantBlock(e.Body, depth)
	case *SubExpression:
		return isConstantBlock(e.Body, depth)
	case *Paren:
		return isConstantStatement(e.Pipeline, depth)
	case *Hashtable:
		for _, x := range e.Entries {
			if !all(x.Key) || !isConstantStatement(x.Value, depth) {
				return false
			}
		}
	case *Unary:
		return all(e.Operand)
	case *Binary:
		return isConstantChain(e, depth)
	case *Ternary:
		return all(e.Condition, e.Then, e.Else)
	case *Convert:
		return all(e.Operand)
	case *Member:
		return !e.Call
	}
	return true
}

// isConstantChain is isConstant for operators, which may be very many.
func isConstantChain(e *Binary, depth int) bool {
	for {
		if !isConstant(e.Right, depth+1) {
			return false
		}
		left, ok := e.Left.(*Binary)
		if !ok {
			return isConstant(e.Left, depth+1)
		}
		e = left
	}
}

func isConstantBlock(b *Block, depth int) bool {
	for _, s := range b.Statements {
		if !isConstantStatement(s, depth) {
			return false
		}
	}
	return len(b.Traps) == 0
}

func isConstantStatement(s Statement, depth int) bool {
	e, ok := pureExpression(s)
	return ok && isConstant(e, depth+1)
}

// checkCast looks at a cast, or an attribute before an expression.
func (p *parser) checkCast(e Expression) {
	switch e := e.(type) {
	case *Convert:
		if _, ok := e.Operand.(*Hashtable); !ok && equalFold(e.Type.Name, "ordered") {
			p.invalid(e.Span, "[ordered] can only stand before a hashtable")
		}
	case *Attributed:
		if !isTypedVariable(e) {
			p.invalid(e.Attribute.Span, "an attribute can only stand before a variable")
		}
	}
}

func isTypedVariable(e Expression) bool {
	for {
		switch x := e.(type) {
		case *Attributed:
			e = x.Operand
		case *Convert:
			e = x.Operand
		case *Variable, *ErrorExpression:
			return true
		default:
			return false
		}
	}
}

// checkUsingMember looks at a member or index of $using:x.
func (p *parser) checkUsingMember(e Expression) {
	switch e := e.(type) {
	case *Member:
		if _, plain := e.Name.(*String); e.Call || !plain {
			p.invalid(e.Span, "$using: cannot call methods")
		}
	case *Index:
		if !isConstant(e.Index, 0) {
			p.invalid(e.Span, "an index of $using: must be constant")
		}
	}
}

func (p *parser) checkCatches(s *Try) {
	var taken []string // of the exceptions that are known: few
	for i, c := range s.Catches {
		if len(c.Types) == 0 && i+1 < len(s.Catches) {
			p.invalid(c.Span, "a catch without types must be the last")
			return
		}
		before := taken
		for _, t := range c.Types {
			name := exceptionName(t)
			switch {
			case name == "":
			case slices.ContainsFunc(before, func(base string) bool { return isException(name, base) }):
				p.invalid(t.Span, "an earlier catch takes ["+t.Name+"]")
			case !slices.Contains(taken, name):
				taken = append(taken, name)
			}
		}
	}
}

// exceptionName is the full name of an exception that is known, in lower case;
// else empty.
func exceptionName(t *TypeName) string {
	for _, name := range []string{foldCase(t.Name), "system." + foldCase(t.Name)} {
		if strings.HasSuffix(name, "bindingvalidationexception") {
			return "" // internal: the engine does not find it
		}
		if _, ok := exceptionParents[name]; ok || name == "system.exception" {
			return name
		}
	}
	return ""
}

// checkData looks at a data section. Its values are no variables but those of
// the engine's, and come of no member and no index.
func (p *parser) checkData(s *Data) {
	supported := map[string]bool{"convertfrom-stringdata": true}
	for _, e := range s.Commands {
		name, ok := e.(*String)
		if !ok {
			return
		}
		supported[foldCase(name.Value)] = true
	}
	Walk(s.Body, func(n Node) bool {
		switch n := n.(type) {
		case *Command:
			if len(n.Elements) == 0 {
				return true
			}
			name, ok := n.Elements[0].(*String)
			if n.Invocation == KindDot || len(n.Redirections) > 0 || !ok || !supported[foldCase(name.Value)] {
				p.report(n.Span, "a data section does not name this command as supported", p.endsHere())
				return false
			}
		case *Variable:
			if name := foldCase(n.Name); n.Scope != "" || name != "true" && name != "false" && name != "null" && name != "psculture" && name != "psuiculture" {
				p.report(n.Span, "a data section has no variables", p.endsHere())
			}
		case *Assignment, *Function, *While, *DoLoop, *For, *ForEach, *Switch, *Try, *Flow, *Data, *TypeDef,
			*ScriptBlockExpression, *Member, *Index:
			p.report(n.place(), "a data section has only values, conditions and commands", p.endsHere())
			return false
		}
		return true
	})
}

// flowScope is what break, continue and return may leave where they stand.
type flowScope struct {
	inFinally bool
	labels    []string // of the loops within the finally block
}

// enterFlow begins a script block or trap, which nothing leaves.
func (p *parser) enterFlow() (was flowScope) {
	was = p.flowScope
	p.flowScope = flowScope{}
	return was
}

// inLoop reads the block of a loop or switch label.
func (p *parser) inLoop(label string, read func() *Block) *Block {
	n := len(p.labels)
	p.labels = append(p.labels, label)
	b := read()
	p.labels = p.labels[:n]
	return b
}

func (p *parser) checkFlow(s *Flow) {
	if !p.inFinally || s.Keyword == KindThrow || s.Keyword == KindExit {
		return
	}
	if s.Keyword != KindReturn {
		label, known := "", s.Label == nil
		if w, ok := s.Label.(*String); ok {
			label, known = w.Value, true
		}
		for _, l := range p.labels {
			if known && (label == "" || strings.EqualFold(l, label)) {
				return
			}
		}
	}
	p.invalid(s.Span, s.Keyword.Text()+" cannot leave a finally block")
}

func (p *parser) checkFunction(f *Function) {
	if f.Params != nil && f.Body.Params != nil {
		p.invalid(f.Body.Params.Span, "a function has one list of parameters")
	}
}
