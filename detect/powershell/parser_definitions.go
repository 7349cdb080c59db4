package powershell

import "strings"

// paramBlock reads attributes and param(...). Where no param follows,
// attributes are left for what they belong to.
func (p *parser) paramBlock(b *ScriptBlock) {
	if p.has {
		// As the beginning of a statement, [ was read as a word.
		p.rewind(int(p.tok.at))
	}
	p.skipNewlines()
	back := p.here()
	attributes := p.attributeList(false)
	p.skipNewlines()
	word := *p.peek()
	if word.kind != KindParam {
		if attributes != nil {
			p.rewind(back)
		}
		return
	}
	p.skip()
	p.skipNewlines()
	open, ok := p.accept(KindLParen)
	if !ok {
		// It is a command with the name param.
		p.rewind(back)
		return
	}
	b.Params = p.parameters(open)
	b.Params.From = word.From
	for _, a := range attributes {
		if !a.Arguments {
			p.invalid(a.Span, "a type cannot stand before param")
		}
	}
	b.Attributes = attributes
}

// parameters reads from behind ( up to ).
func (p *parser) parameters(open Span) *ParamBlock {
	b := &ParamBlock{Span: open}
	mark := p.nodes.blockParameterLists.begin()
	for comma, more := (Span{}), true; more; {
		x := p.parameter()
		if x == nil {
			if comma.To > 0 {
				p.missing(comma.To, "a parameter is missing behind the comma")
			}
			break
		}
		p.nodes.blockParameterLists.add(x)
		b.To = x.To
		p.skipNewlines()
		comma, more = p.accept(KindComma)
	}
	b.Parameters = p.nodes.blockParameterLists.end(mark)
	p.skipNewlines()
	if t, ok := p.accept(KindRParen); ok {
		b.To = t.To
	} else {
		p.missing(b.To, ") is missing behind parameters")
	}
	p.checkParameters(b)
	return b
}

// parameter reads one parameter; nil if none begins here.
func (p *parser) parameter() *Parameter {
	comma := p.noComma
	p.noComma = true
	was := p.setMode(expressionMode)
	x := p.parameterHere()
	p.noComma = comma
	p.setMode(was)
	return x
}

func (p *parser) parameterHere() *Parameter {
	p.skipNewlines()
	x := p.nodes.blockParameters.one()
	x.Attributes = p.attributeList(false)
	p.skipNewlines()
	t := p.next()
	if t.kind != KindVariable && t.kind != KindSplattedVariable {
		p.unget(t)
		if x.Attributes == nil {
			return nil
		}
		last := x.Attributes[len(x.Attributes)-1]
		x.Span = Span{x.Attributes[0].From, last.To}
		p.missing(last.To, "the parameter's variable is missing")
		p.sync(false, KindRParen)
		x.Name = &Variable{Span: Span{last.To, last.To}, Name: "__error__"}
		return x
	}
	x.Name = p.variableNode(&t)
	x.Span = t.Span
	if x.Attributes != nil {
		x.From = x.Attributes[0].From
	}
	p.skipNewlines()
	if equals, ok := p.accept(KindEquals); ok {
		p.skipNewlines()
		x.Default = p.expression()
		if x.Default == nil {
			p.missing(equals.To, "the parameter's default is missing")
		} else {
			x.To = x.Default.place().To
		}
	}
	return x
}

// nameable says which tokens cannot be a function's name.
func nameable(kind TokenKind) bool {
	switch kind {
	case KindPipe, KindLParen, KindLCurly, KindAtParen, KindAtCurly, KindRCurly, KindRParen, KindEndOfInput, KindSemi,
		KindRedirection, KindRedirectInStd, KindAndAnd, KindOrOr, KindAmpersand, KindVariable, KindSplattedVariable,
		KindHereStringExpandable, KindHereStringLiteral, KindStringLiteral, KindStringExpandable:
		return false
	}
	return true
}

func (p *parser) function(t lexeme) Statement {
	f := &Function{Span: t.Span, Keyword: t.kind}
	if t.kind == KindWorkflow && p.dialect == PowerShellCore {
		p.invalid(t.Span, "there are no workflows in PowerShell 7")
	}
	p.skipNewlines()
	name := p.next()
	if !nameable(name.kind) {
		p.unget(name)
		p.missing(t.To, "a name is missing behind "+t.kind.Text())
		return errorStatement(t.From, t.To)
	}
	f.Name = p.source(&name)
	if name.kind == KindGeneric {
		f.Name = p.valueOf(&name)
	}
	f.To = name.To
	p.skipNewlines()
	if open, ok := p.accept(KindLParen); ok {
		f.Params = p.parameters(open)
		f.To = f.Params.To
		p.skipNewlines()
	}
	open, ok := p.accept(KindLCurly)
	if !ok {
		p.missing(f.To, "a body { } is missing behind "+t.kind.Text()+" "+f.Name)
		if f.Params == nil {
			return errorStatement(t.From, f.To)
		}
		return errorStatement(t.From, f.To, f.Params)
	}
	workflow := p.inWorkflow
	p.inWorkflow = t.kind == KindWorkflow
	comma := p.noComma
	p.noComma = false
	f.Body = p.scriptBlock(open)
	p.noComma = comma
	p.inWorkflow = workflow
	f.To = f.Body.To
	p.checkFunction(f)
	return f
}

// configuration reads one, whose resources are read as commands.
func (p *parser) configuration(t lexeme) Statement {
	f := &Function{Span: t.Span, Keyword: t.kind}
	p.skipNewlines()
	if k := p.peek().kind; k == KindLCurly || k == KindEndOfInput || k == KindNewLine || k == KindSemi {
		p.missing(t.To, "a name is missing behind configuration")
		return errorStatement(t.From, t.To)
	}
	name := p.singleArgument(commandName)
	if name == nil {
		p.missing(t.To, "a name is missing behind configuration")
		return errorStatement(t.From, t.To)
	}
	f.Name = p.script[name.place().From:name.place().To]
	if s, ok := name.(*String); ok {
		f.Name = s.Value
	}
	p.skipNewlines()
	open, ok := p.accept(KindLCurly)
	if !ok {
		p.missing(name.place().To, "a body { } is missing behind configuration")
		return errorStatement(t.From, name.place().To, name)
	}
	f.Body = p.scriptBlock(open)
	f.To = f.Body.To
	return f
}

func (p *parser) class(t lexeme, attributes []*Attribute) Statement {
	c, open, bad := p.typeHead(t, attributes)
	if bad != nil {
		return bad
	}
	was := p.setMode(signatureMode)
	defer p.setMode(was)
	for {
		m := p.classMember(c)
		if m == nil {
			break
		}
		c.Members = append(c.Members, m)
		c.To = m.To
	}
	p.closeType(c, open)
	return c
}

// typeHead reads the name and bases of a class or enum up to its {. Where they
// cannot be read, it returns what could be.
func (p *parser) typeHead(t lexeme, attributes []*Attribute) (c *TypeDef, open Span, bad Statement) {
	p.skipNewlines()
	name, ok := p.simpleNameToken()
	if !ok {
		p.missing(t.To, "a name is missing behind "+t.kind.Text())
		return nil, open, errorStatement(t.From, t.To)
	}
	c = &TypeDef{Span: Span{t.From, name.To}, Keyword: t.kind, Name: p.source(&name), Attributes: attributes}
	if attributes != nil {
		c.From = attributes[0].From
	}
	p.skipNewlines()
	was := p.setMode(signatureMode)
	if colon, ok := p.accept(KindColon); ok {
		p.baseTypes(c, colon)
	}
	open, ok = p.accept(KindLCurly)
	p.setMode(was)
	if !ok {
		p.missing(c.To, "{ is missing behind "+t.kind.Text()+" "+c.Name)
		return nil, open, errorStatement(c.From, c.To)
	}
	c.To = open.To
	return c, open, nil
}

// closeType reads the } of a class or enum.
func (p *parser) closeType(c *TypeDef, open Span) {
	p.checkMembers(c)
	if t, ok := p.accept(KindRCurly); ok {
		c.To = t.To
		return
	}
	p.report(open, "the block is not closed with }", p.endsHere())
}

func (p *parser) baseTypes(c *TypeDef, after Span) {
	p.skipNewlines()
	for {
		base := p.typeName(false)
		if base == nil {
			p.missing(after.To, "a type's name is missing")
			return
		}
		c.Bases = append(c.Bases, base)
		c.To = base.To
		p.skipNewlines()
		var ok bool
		if after, ok = p.accept(KindComma); !ok {
			return
		}
		p.skipNewlines()
	}
}

// classMember reads a property or method; nil if none begins here.
func (p *parser) classMember(c *TypeDef) *TypeMember {
	m := &TypeMember{}
	end := p.memberModifiers(m)
	switch t := *p.peek(); {
	case t.kind == KindVariable:
		p.skip()
		m.start(t.From)
		p.property(m, t)
		return m
	case t.kind == KindIdentifier, t.kind.has(keyword):
		p.skip()
		m.start(t.From)
		m.Name = p.source(&t)
		p.method(c, m, t)
		p.skipTerminators()
		return m
	}
	if end > 0 {
		p.missing(end, "a member of the class is not finished")
	}
	return nil
}

func (m *TypeMember) start(from int32) {
	if m.From == 0 && m.To == 0 {
		m.Span = Span{from, from}
	}
}

// memberModifiers reads attributes, types, static and hidden, and returns
// where the last one ends; 0: there is none.
func (p *parser) memberModifiers(m *TypeMember) (end int32) {
	typed := false
	for {
		p.skipNewlines()
		if a := p.attribute(); a != nil {
			m.start(a.From)
			end = a.To
			if !a.Arguments && typed {
				p.invalid(a.Span, "a member has only one type")
			}
			typed = typed || !a.Arguments
			m.Attributes = append(m.Attributes, a)
			continue
		}
		t := *p.peek()
		set := &m.Static
		switch t.kind {
		case KindHidden:
			set = &m.Hidden
		case KindStatic:
		default:
			return end
		}
		if *set {
			p.invalid(t.Span, t.kind.Text()+" is given twice")
		}
		*set = true
		m.start(t.From)
		end = t.To
		p.skip()
	}
}

func (p *parser) property(m *TypeMember, t lexeme) {
	_, m.Name = splitVariable(p.valueOf(&t))
	m.To = t.To
	if equals, ok := p.accept(KindEquals); ok {
		p.skipNewlines()
		m.Initial = p.expression()
		if m.Initial == nil {
			p.missing(equals.To, "the property's value is missing")
		} else {
			m.To = m.Initial.place().To
		}
	}
	p.endMember(m)
}

// endMember reads what ends a property or an enum's value.
func (p *parser) endMember(m *TypeMember) {
	switch t := p.peek(); t.kind {
	case KindNewLine, KindRCurly:
	case KindSemi:
		m.To = t.To
	default:
		p.missing(m.To, "a line end or ; is missing behind a member")
	}
	p.skipTerminators()
}

// method reads parameters, the call of the base's constructor, and the body.
func (p *parser) method(c *TypeDef, m *TypeMember, name lexeme) {
	m.To = name.To
	m.Params = &ParamBlock{Span: Span{name.To, name.To}}
	bad := false
	if open, ok := p.accept(KindLParen); ok {
		m.Params = p.parameters(open)
		m.To = m.Params.To
		p.skipNewlines()
	} else {
		bad = true
		p.missing(name.To, "( is missing behind the name of a method")
	}
	if strings.EqualFold(m.Name, c.Name) && !m.Static {
		bad = !p.baseCall(m) || bad
	}
	open, ok := p.accept(KindLCurly)
	if !ok {
		if !bad {
			p.missing(m.To, "the body { } of a method is missing")
		}
		p.sync(false, KindRCurly)
		return
	}
	was := p.setMode(commandMode)
	m.Body = p.scriptBlock(open)
	p.setMode(was)
	m.To = m.Body.To
	p.checkMethod(m, strings.EqualFold(m.Name, c.Name))
}

// baseCall reads : base(arguments), if it is there.
func (p *parser) baseCall(m *TypeMember) (ok bool) {
	p.skipNewlines()
	was := p.setMode(signatureMode)
	defer p.setMode(was)
	colon, ok := p.accept(KindColon)
	if !ok {
		return true
	}
	p.skipNewlines()
	base, ok := p.accept(KindBase)
	if !ok {
		p.missing(colon.To, "base is missing behind :")
		return false
	}
	p.skipNewlines()
	open, ok := p.accept(KindLParen)
	if !ok {
		p.missing(base.To, "( is missing behind base")
		return false
	}
	m.Base, m.To = p.arguments(open)
	if m.Base == nil {
		m.Base = []Expression{}
	}
	p.skipNewlines()
	return true
}

func (p *parser) enum(t lexeme, attributes []*Attribute) Statement {
	e, open, bad := p.typeHead(t, attributes)
	if bad != nil {
		return bad
	}
	for {
		p.skipNewlines()
		name, ok := p.simpleNameToken()
		if !ok {
			break
		}
		m := &TypeMember{Span: name.Span, Name: p.source(&name)}
		p.enumValue(m)
		e.Members = append(e.Members, m)
		e.To = m.To
	}
	p.closeType(e, open)
	return e
}

func (p *parser) enumValue(m *TypeMember) {
	was := p.setMode(expressionMode)
	if equals, ok := p.accept(KindEquals); ok {
		m.Initial = p.expression()
		if m.Initial == nil {
			p.missing(equals.To, "the value of the enum is missing")
		} else {
			m.To = m.Initial.place().To
		}
	}
	p.setMode(was)
	p.endMember(m)
}

// using reads a using statement behind its word.
func (p *parser) using(t lexeme) Statement {
	u := &Using{Span: t.Span}
	word := p.next()
	switch word.kind {
	case KindNamespace, KindModule, KindAssembly, KindType, KindCommand:
		u.Kind = word.kind
	default:
		p.unget(word)
		p.missing(t.To, "namespace, module or assembly is missing behind using")
		return errorStatement(t.From, t.To)
	}
	item := *p.peek()
	switch item.kind {
	case KindEndOfInput, KindNewLine, KindComma, KindSemi:
		p.missing(word.To, "a name is missing behind using "+word.kind.Text())
		p.has = item.kind == KindEndOfInput
		return errorStatement(t.From, word.To)
	}
	u.Name = p.argument(commandArgument)
	if u.Name == nil {
		p.invalid(item.Span, "a name is missing behind using "+word.kind.Text())
		p.sync(true, KindSemi, KindNewLine)
		return errorStatement(t.From, item.To)
	}
	u.To = u.Name.place().To
	if !isUsingName(u.Name, u.Kind) {
		p.invalid(u.Name.place(), "using needs a plain name")
		return errorStatement(t.From, u.To, u.Name)
	}
	if u.Kind == KindType || u.Kind == KindCommand {
		p.invalid(u.Span, "using "+u.Kind.Text()+" is not supported")
	}
	_, table := u.Name.(*Hashtable)
	if u.Kind != KindAssembly && !table {
		if !p.usingAlias(u) {
			return errorStatement(t.From, u.To, u.Name)
		}
	}
	switch end := p.peek(); end.kind {
	case KindNewLine, KindSemi:
		p.skip()
	case KindEndOfInput:
	default:
		p.report(end.Span, "a line end is missing behind using", p.endsHere())
	}
	return u
}

func isUsingName(e Expression, kind TokenKind) bool {
	switch e.(type) {
	case *String:
		return true
	case *Hashtable:
		return kind == KindModule
	}
	return false
}

// usingAlias reads = and what the name stands for, which some kinds need.
func (p *parser) usingAlias(u *Using) bool {
	equals, ok := p.accept(KindEquals)
	if !ok {
		if u.Kind == KindType || u.Kind == KindCommand {
			p.missing(u.To, "= is missing behind using "+u.Kind.Text())
			return false
		}
		return true
	}
	u.Alias = p.argument(commandArgument)
	if u.Alias == nil {
		p.missing(equals.To, "there is nothing behind =")
		return false
	}
	u.To = u.Alias.place().To
	p.invalid(u.Span, "using with = is not supported")
	return true
}
