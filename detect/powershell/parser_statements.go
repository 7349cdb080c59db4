package powershell

// statement reads one statement; nil if none begins here.
func (p *parser) statement() Statement {
	var s Statement
	if p.enter() {
		s = p.statementHere()
	} else {
		switch p.peek().kind {
		case KindEndOfInput, KindRParen, KindRCurly:
		default:
			s = &ErrorStatement{Span: p.tooDeep()}
		}
	}
	p.leave()
	return s
}

func (p *parser) statementHere() Statement {
	if !p.has {
		// Most statements begin with a name or a $. A $ need not be read as a
		// command's word first.
		p.skipBlanks()
		if p.peekByte() == '$' {
			return p.pipelineChain()
		}
	}
	next := p.peek()
	typed := next.kind == KindGeneric && p.script[next.From] == '['
	if !typed && !next.kind.has(keyword) && next.kind != KindLabel && next.kind != KindEndOfInput {
		return p.pipelineChain()
	}
	t := p.next()
	restore := int(t.at)
	var attributes []*Attribute
	if typed {
		attributes = p.attributesBefore(&t, restore)
	}
	switch t.kind {
	case KindIf:
		return p.ifStatement(t)
	case KindSwitch, KindForeach, KindFor, KindWhile, KindDo:
		return p.loop(t, t.From, "")
	case KindLabel:
		return p.labelled(t)
	case KindFunction, KindFilter, KindWorkflow:
		return p.function(t)
	case KindConfiguration:
		return p.configuration(t)
	case KindReturn, KindThrow, KindExit, KindBreak, KindContinue:
		return p.flow(t)
	case KindTrap:
		return p.trap(t)
	case KindTry:
		return p.try(t)
	case KindData:
		return p.data(t)
	case KindParallel, KindSequence:
		return p.keywordBlock(t)
	case KindFrom, KindDefine, KindVar:
		p.invalid(t.Span, "the word "+t.kind.Text()+" is reserved")
		return &ErrorStatement{Span: t.Span}
	case KindElse, KindElseIf, KindCatch, KindUntil:
		if len(p.errors) > 0 {
			// It belongs to a statement that could not be read.
			p.skipNewlines()
			return p.statement()
		}
	case KindClass:
		return p.class(t, attributes)
	case KindEnum:
		return p.enum(t, attributes)
	case KindUsing:
		u := p.using(t)
		p.invalid(t.Span, "using may stand only at the beginning of a script")
		return u
	case KindEndOfInput:
		if attributes == nil {
			p.unget(t)
			return nil
		}
	}
	if attributes != nil {
		p.rewind(restore)
	} else {
		p.unget(t)
	}
	return p.pipelineChain()
}

// attributesBefore reads attributes that may stand before a statement, and
// sets t to what follows; nil where they begin an expression.
func (p *parser) attributesBefore(t *lexeme, restore int) []*Attribute {
	p.rewind(restore)
	attributes := p.attributeList(false)
	*t = p.next()
	if len(attributes) == 0 {
		return nil
	}
	typed := false
	for _, a := range attributes {
		typed = typed || !a.Arguments
	}
	switch {
	case t.kind.has(statementKeyword):
		if !typed {
			p.invalid(attributes[0].Span, "an attribute cannot stand before "+t.kind.Text())
			return attributes
		}
	case t.kind.has(keyword):
		if typed {
			p.invalid(attributes[0].Span, "a type cannot stand before "+t.kind.Text())
		}
		return attributes
	case t.kind == KindEndOfInput:
		return attributes
	}
	p.rewind(restore)
	*t = p.next()
	return nil
}

// labelled reads a loop behind its label; a label before anything else is a
// command.
func (p *parser) labelled(label lexeme) Statement {
	p.skipNewlines()
	switch t := p.next(); t.kind {
	case KindSwitch, KindForeach, KindFor, KindWhile, KindDo:
		return p.loop(t, label.From, p.valueOf(&label))
	}
	p.rewind(int(label.at))
	return p.pipelineChain()
}

func (p *parser) loop(t lexeme, from int32, label string) Statement {
	switch t.kind {
	case KindSwitch:
		return p.switchStatement(t, from, label)
	case KindForeach:
		return p.forEach(t, from, label)
	case KindFor:
		return p.forLoop(t, from, label)
	case KindWhile:
		return p.while(t, from, label)
	}
	return p.doLoop(t, from, label)
}

// errorStatement keeps what could be read of a statement.
func errorStatement(from, to int32, nodes ...Node) *ErrorStatement {
	e := &ErrorStatement{Span: Span{from, to}}
	for _, n := range nodes {
		if n != nil {
			e.Nodes = append(e.Nodes, n)
			e.To = max(e.To, n.place().To)
		}
	}
	return e
}

// condition reads ( pipeline ) behind a keyword. ok is false where the
// statement must be given up; what was read of the condition is returned.
func (p *parser) condition(word lexeme) (s Statement, end int32, ok bool) {
	p.skipNewlines()
	open, found := p.accept(KindLParen)
	if !found {
		p.missing(word.To, "( is missing behind "+word.kind.Text())
		return nil, word.To, false
	}
	p.skipNewlines()
	s = p.pipelineChain()
	empty := s == nil
	if empty {
		p.missing(open.To, "the condition of "+word.kind.Text()+" is missing")
		s = &ErrorStatement{Span: Span{open.To, open.To}}
	}
	p.skipNewlines()
	t, found := p.accept(KindRParen)
	if !found {
		if !empty {
			p.missing(s.place().To, ") is missing behind the condition of "+word.kind.Text())
		}
		return s, s.place().To, false
	}
	return s, t.To, true
}

// body reads the block of a statement.
func (p *parser) body(after int32, word TokenKind) *Block {
	b := p.block()
	if b == nil {
		p.missing(after, "a block { } is missing behind "+word.Text())
	}
	return b
}

func (p *parser) ifStatement(t lexeme) Statement {
	s := p.nodes.ifs.one()
	s.Span = t.Span
	mark := p.nodes.clauses.begin()
	for word := t; ; {
		cond, end, ok := p.condition(word)
		var body *Block
		if ok {
			body = p.body(end, word.kind)
		}
		if body == nil {
			s.Clauses = p.nodes.clauses.end(mark)
			return s.unfinished(end, nodeOf(cond))
		}
		p.nodes.clauses.add(IfClause{Condition: cond, Body: body})
		s.To = body.To
		p.skipNewlines()
		if _, ok = p.accept(KindElseIf); !ok {
			break
		}
		word = p.tok
	}
	s.Clauses = p.nodes.clauses.end(mark)
	if word, ok := p.accept(KindElse); ok {
		s.Else = p.body(word.To, KindElse)
		if s.Else == nil {
			return s.unfinished(word.To, nil)
		}
		s.To = s.Else.To
	}
	return s
}

// unfinished keeps what could be read of a statement that ends behind a
// clause, or a condition.
func (s *If) unfinished(end int32, condition Node) *ErrorStatement {
	var nodes []Node
	for _, c := range s.Clauses {
		nodes = append(nodes, c.Condition, c.Body)
	}
	return errorStatement(s.From, end, append(nodes, condition)...)
}

func (p *parser) while(t lexeme, from int32, label string) Statement {
	cond, end, ok := p.condition(t)
	if !ok {
		return errorStatement(from, end, nodeOf(cond))
	}
	body := p.inLoop(label, func() *Block { return p.body(end, t.kind) })
	if body == nil {
		return errorStatement(from, end, cond)
	}
	return &While{Span: Span{from, body.To}, Label: label, Condition: cond, Body: body}
}

// nodeOf is the node, or an untyped nil.
func nodeOf(s Statement) Node {
	if s == nil {
		return nil
	}
	return s
}

func (p *parser) doLoop(t lexeme, from int32, label string) Statement {
	body := p.inLoop(label, func() *Block { return p.body(t.To, t.kind) })
	if body == nil {
		return errorStatement(from, t.To)
	}
	p.skipNewlines()
	word := p.next()
	if word.kind != KindWhile && word.kind != KindUntil {
		p.unget(word)
		p.missing(body.To, "while or until is missing behind the block of do")
		return errorStatement(from, body.To, body)
	}
	cond, end, ok := p.condition(word)
	if !ok {
		return errorStatement(from, end, body, nodeOf(cond))
	}
	return &DoLoop{Span: Span{from, end}, Label: label, Until: word.kind == KindUntil, Body: body, Condition: cond}
}

func (p *parser) forLoop(t lexeme, from int32, label string) Statement {
	p.skipNewlines()
	open, ok := p.accept(KindLParen)
	if !ok {
		p.missing(t.To, "( is missing behind for")
		return errorStatement(from, t.To)
	}
	var parts [3]Statement
	end := open.To
	for i := range parts {
		p.skipNewlines()
		if parts[i] = p.pipelineChain(); parts[i] != nil {
			end = parts[i].place().To
		}
		if i == 2 {
			break
		}
		if semi, ok := p.accept(KindSemi); ok {
			end = semi.To
		}
	}
	nodes := []Node{nodeOf(parts[0]), nodeOf(parts[1]), nodeOf(parts[2])}
	p.skipNewlines()
	rParen, ok := p.accept(KindRParen)
	if !ok {
		p.missing(end, ") is missing behind for")
		return errorStatement(from, end, nodes...)
	}
	body := p.inLoop(label, func() *Block { return p.body(rParen.To, t.kind) })
	if body == nil {
		return errorStatement(from, rParen.To, nodes...)
	}
	return &For{
		Span: Span{from, body.To}, Label: label,
		Init: parts[0], Condition: parts[1], Next: parts[2], Body: body,
	}
}

func (p *parser) forEach(t lexeme, from int32, label string) Statement {
	s := &ForEach{Span: Span{from, t.To}, Label: label}
	p.skipNewlines()
	for p.peek().kind == KindParameter {
		p.forEachParameter(s, p.next())
	}
	open, ok := p.accept(KindLParen)
	if !ok {
		p.missing(t.To, "( is missing behind foreach")
		return errorStatement(from, s.To)
	}
	p.skipNewlines()
	v := p.next()
	if v.kind != KindVariable {
		p.unget(v)
		p.missing(open.To, "the variable of foreach is missing")
		return errorStatement(from, open.To)
	}
	s.Variable = p.variableNode(&v)
	p.skipNewlines()
	in, ok := p.accept(KindIn)
	if !ok {
		p.missing(v.To, "in is missing behind the variable of foreach")
		return errorStatement(from, v.To, s.Variable)
	}
	p.skipNewlines()
	if s.Source = p.pipelineChain(); s.Source == nil {
		p.missing(in.To, "there is nothing behind in")
		return errorStatement(from, in.To, s.Variable)
	}
	p.skipNewlines()
	rParen, ok := p.accept(KindRParen)
	if !ok {
		p.missing(s.Source.place().To, ") is missing behind foreach")
		return errorStatement(from, s.Source.place().To, s.Variable, s.Source)
	}
	if s.Body = p.inLoop(label, func() *Block { return p.body(rParen.To, t.kind) }); s.Body == nil {
		return errorStatement(from, rParen.To, s.Variable, s.Source)
	}
	s.To = s.Body.To
	if s.Parallel && !p.workflowAllowed() {
		p.invalid(s.Span, "foreach -parallel can only stand in a workflow")
	}
	return s
}

// workflowAllowed reports whether statements of workflows may stand here.
func (p *parser) workflowAllowed() bool { return p.inWorkflow && p.dialect == WindowsPowerShell }

// forEachParameter reads -parallel and -throttlelimit, of workflows.
func (p *parser) forEachParameter(s *ForEach, t lexeme) {
	s.To = t.To
	switch name := p.valueOf(&t); {
	case isPrefixOf(name, "parallel"):
		s.Parallel = true
	case isPrefixOf(name, "throttlelimit"):
		p.skipNewlines()
		if limit := p.singleArgument(commandArgument); limit != nil {
			s.To = limit.place().To
		} else {
			p.missing(t.To, "the limit is missing")
		}
	default:
		p.invalid(t.Span, "foreach has no such parameter")
	}
	p.skipNewlines()
}

// isPrefixOf reports whether name begins the lower-case word, in any case.
func isPrefixOf(name, word string) bool {
	return len(name) <= len(word) && equalFold(name, word[:len(name)])
}

func (p *parser) trap(t lexeme) Statement {
	s := &Trap{Span: t.Span}
	back := p.here()
	p.skipNewlines()
	if a := p.attribute(); a != nil {
		if a.Arguments {
			p.rewind(back)
		} else {
			s.Type = a.Type
			s.To = a.To
		}
	}
	flow := p.enterFlow()
	s.Body = p.body(s.To, t.kind)
	p.flowScope = flow
	if s.Body == nil {
		return errorStatement(t.From, s.To)
	}
	s.To = s.Body.To
	return s
}

func (p *parser) try(t lexeme) Statement {
	s := &Try{Span: t.Span}
	if s.Body = p.body(t.To, t.kind); s.Body == nil {
		return errorStatement(t.From, t.To)
	}
	s.To = s.Body.To
	bad := false
	for {
		p.skipNewlines()
		word, ok := p.accept(KindCatch)
		if !ok {
			break
		}
		c := p.catch(word)
		s.To = c.To
		if c.Body == nil {
			bad = true
			break
		}
		s.Catches = append(s.Catches, c)
	}
	p.skipNewlines()
	if word, ok := p.accept(KindFinally); ok {
		s.To = word.To
		flow := p.flowScope
		p.flowScope = flowScope{inFinally: true}
		s.Finally = p.body(word.To, KindFinally)
		p.flowScope = flow
		if s.Finally != nil {
			s.To = s.Finally.To
		} else {
			bad = true
		}
	}
	p.checkCatches(s)
	if len(s.Catches) == 0 && s.Finally == nil && !bad {
		p.missing(s.To, "catch or finally is missing behind try")
		// At the end of the text, that is no reason to give the body up.
		bad = !p.endsHere()
	}
	if bad {
		nodes := []Node{s.Body}
		for _, c := range s.Catches {
			nodes = append(nodes, c.Body)
		}
		if s.Finally != nil {
			nodes = append(nodes, s.Finally)
		}
		return errorStatement(t.From, s.To, nodes...)
	}
	return s
}

// catch reads types and block behind the word. Body is nil if it is missing.
func (p *parser) catch(word Span) *Catch {
	c := &Catch{Span: word}
	for {
		back := p.here()
		p.skipNewlines()
		a := p.attribute()
		if a == nil {
			if len(c.Types) > 0 {
				p.missing(c.To, "a type is missing behind the comma")
			}
			break
		}
		if a.Arguments {
			p.rewind(back)
			break
		}
		c.Types = append(c.Types, a.Type)
		c.To = a.To
		p.skipNewlines()
		comma, ok := p.accept(KindComma)
		if !ok {
			break
		}
		c.To = comma.To
	}
	if c.Body = p.body(c.To, KindCatch); c.Body != nil {
		c.To = c.Body.To
	}
	return c
}

func (p *parser) data(t lexeme) Statement {
	s := &Data{Span: t.Span}
	p.skipNewlines()
	if name, ok := p.simpleNameToken(); ok {
		s.Variable = p.source(&name)
		s.To = name.To
	}
	p.skipNewlines()
	if word := *p.peek(); word.kind == KindParameter {
		p.skip()
		s.To = word.To
		if !isPrefixOf(p.valueOf(&word), "supportedcommand") {
			p.invalid(word.Span, "a data section has no such parameter")
		}
		p.supportedCommands(s)
	}
	if s.Body = p.body(s.To, t.kind); s.Body == nil {
		nodes := make([]Node, len(s.Commands))
		for i, c := range s.Commands {
			nodes[i] = c
		}
		return errorStatement(t.From, s.To, nodes...)
	}
	s.To = s.Body.To
	p.checkData(s)
	return s
}

func (p *parser) supportedCommands(s *Data) {
	for {
		p.skipNewlines()
		c := p.singleArgument(commandName)
		if c == nil {
			p.missing(s.To, "a command's name is missing")
			return
		}
		s.Commands = append(s.Commands, c)
		s.To = c.place().To
		comma, ok := p.accept(KindComma)
		if !ok {
			return
		}
		s.To = comma.To
	}
}

// keywordBlock reads parallel and sequence, of workflows.
func (p *parser) keywordBlock(t lexeme) Statement {
	b := p.body(t.To, t.kind)
	if b == nil {
		return errorStatement(t.From, t.To)
	}
	b.From = t.From
	b.Keyword = t.kind
	if !p.workflowAllowed() {
		p.invalid(t.Span, t.kind.Text()+" can only stand in a workflow")
	}
	return b
}

func (p *parser) flow(t lexeme) Statement {
	s := p.nodes.flows.one()
	s.Span, s.Keyword = t.Span, t.kind
	if t.kind == KindBreak || t.kind == KindContinue {
		if s.Label = p.labelOrKey(); s.Label != nil {
			s.To = s.Label.place().To
		}
	} else if s.Value = p.pipelineChain(); s.Value != nil {
		s.To = s.Value.place().To
	}
	p.checkFlow(s)
	return s
}
