package powershell

// pipelineChain reads an assignment, or pipelines joined by && and ||; nil if
// none begins here.
func (p *parser) pipelineChain() Statement {
	left, assign := p.chainStart()
	if assign.kind != KindUnknown {
		return p.assignment(left, assign)
	}
	var chain Statement
	var op lexeme
	for links := 0; ; links++ {
		pipe := p.pipeline(left)
		left = nil
		if pipe == nil {
			if chain == nil {
				return nil
			}
			p.missing(op.To, "a command is missing behind "+op.kind.Text())
			return chain
		}
		if chain == nil {
			chain = pipe
		} else if links <= maxChain {
			chain = &PipelineChain{Span: Span{chain.place().From, pipe.To}, Left: chain, Op: op.kind, Right: pipe}
		} else {
			p.invalid(pipe.Span, "too many && and ||")
		}
		switch p.peek().kind {
		case KindAndAnd, KindOrOr:
			op = p.next()
			p.skipNewlines()
			continue
		case KindAmpersand:
			p.skip()
			if more := p.peek(); more.kind == KindAndAnd || more.kind == KindOrOr {
				p.invalid(more.Span, "& can only end a chain")
				p.skip()
			}
			switch s := chain.(type) {
			case *Pipeline:
				s.Background = true
			case *PipelineChain:
				s.Background = true
			}
		}
		return chain
	}
}

// chainStart reads the expression that may begin a pipeline, and the operator
// of an assignment behind it.
func (p *parser) chainStart() (Expression, lexeme) {
	if p.startsWithName() {
		return nil, lexeme{}
	}
	was := p.setMode(expressionMode)
	e := p.expression()
	var assign lexeme
	// The operator is read in expression mode, since =0 is a word in a command.
	if e != nil && p.peek().kind.has(assignOperator) {
		assign = p.next()
	}
	p.setMode(was)
	return e, assign
}

// startsWithName reports whether a letter is next, with which no expression
// begins.
func (p *parser) startsWithName() bool {
	if !p.has {
		p.skipBlanks()
		c := p.peekByte()
		return charClasses[c]&charIdent != 0 || c == '%'
	}
	return !p.tok.kind.has(modeless) && charClasses[p.script[p.tok.From]]&charIdent != 0
}

func (p *parser) assignment(left Expression, op lexeme) Statement {
	p.checkTarget(left, op.kind)
	p.skipNewlines()
	right := p.statement()
	if right == nil {
		p.missing(op.To, "there is nothing behind "+op.kind.Text())
		right = &ErrorStatement{Span: Span{op.To, op.To}}
	}
	a := p.nodes.assignments.one()
	a.Span, a.Left, a.Op, a.Right = Span{left.place().From, right.place().To}, left, op.kind, right
	return a
}

// pipeline reads commands joined by pipes; first is the expression that it
// begins with, if that is read. It returns nil if there is none.
func (p *parser) pipeline(first Expression) *Pipeline {
	var s *Pipeline
	after := int32(-1) // where the last pipe ends
	mark := -1         // of the elements, if there are several
	for {
		e := first
		first = nil
		if e == nil && !p.startsWithName() {
			was := p.setMode(expressionMode)
			e = p.expression()
			p.setMode(was)
		}
		if s == nil {
			if s = p.firstElement(e); s == nil && p.peek().kind == KindPipe {
				p.missing(max(after, p.peek().From), "a command is missing beside a pipe")
			}
		} else if c := p.laterElement(e); c == nil {
			p.missing(max(after, p.peek().From), "a command is missing beside a pipe")
		} else {
			if mark < 0 {
				mark = p.nodes.pipes.begin()
				p.nodes.pipes.add(s.Elements[0])
			}
			p.nodes.pipes.add(c)
			s.To = c.place().To
		}
		t := p.peek()
		if t.kind == KindNewLine && p.pipeFollows(p.pos) {
			p.skipNewlines()
			t = p.peek()
		}
		switch t.kind {
		case KindPipe:
			after = t.To
			p.skip()
			p.skipNewlines()
			if p.peek().kind != KindEndOfInput {
				continue
			}
			p.missing(after, "a command is missing behind a pipe")
		case KindSemi, KindNewLine, KindRParen, KindRCurly, KindEndOfInput, KindAndAnd, KindOrOr, KindAmpersand:
		default:
			// It may belong to something else, or begin a statement.
			p.unexpected(t)
		}
		if mark >= 0 {
			s.Elements = p.nodes.pipes.end(mark)
		}
		return s
	}
}

// firstElement makes a pipeline of the expression, or of a command if it is
// nil; nil if none begins here.
func (p *parser) firstElement(e Expression) *Pipeline {
	if e == nil {
		if p.has {
			switch p.tok.kind {
			case KindNewLine, KindSemi, KindRParen, KindRCurly, KindEndOfInput:
				return nil
			}
		}
		s := p.nodes.commandPipelines.one()
		if !p.command(&s.Command) {
			return nil
		}
		s.elements[0] = &s.Command
		s.Pipeline.Span, s.Pipeline.Elements = s.Command.Span, s.elements[:]
		return &s.Pipeline
	}
	s := p.nodes.expressionPipelines.one()
	p.commandExpression(&s.CommandExpression, e)
	s.elements[0] = &s.CommandExpression
	s.Pipeline.Span, s.Elements = s.CommandExpression.Span, s.elements[:]
	return &s.Pipeline
}

// laterElement reads what stands behind a pipe: the expression, or a command if
// it is nil; nil if none begins here.
func (p *parser) laterElement(e Expression) PipelineElement {
	if e == nil {
		c := p.nodes.commands.one()
		if !p.command(c) {
			return nil
		}
		return c
	}
	c := &CommandExpression{}
	p.commandExpression(c, e)
	p.invalid(e.place(), "an expression can only be the first in a pipeline")
	return c
}

// commandExpression reads redirections behind an expression.
func (p *parser) commandExpression(c *CommandExpression, e Expression) {
	c.Span, c.Expression = e.place(), e
	streams := uint8(0)
	for k := p.peek().kind; k == KindRedirection || k == KindRedirectInStd; k = p.peek().kind {
		r := p.redirect(p.next(), &streams)
		c.Redirections = append(c.Redirections, r)
		c.To = r.To
	}
}

// argumentContext says where a command's word stands.
type argumentContext uint8

const (
	commandName   argumentContext = iota
	nameAfterCall                 // behind & or .
	fileName                      // of a redirection or switch -file
	commandArgument
	switchLabel
)

// command reads a command; false if none begins here.
func (p *parser) command(c *Command) bool {
	was := p.setMode(commandMode)
	t := p.peek()
	c.Span = t.Span
	context := commandName
	if t.kind == KindDot || t.kind == KindAmpersand {
		c.Invocation = t.kind
		context = nameAfterCall
		p.skip()
	}
	after := c.To
	mark := p.nodes.elements.begin()
	p.commandElements(c, context)
	c.Elements = p.nodes.elements.end(mark)
	p.setMode(was)
	if len(c.Elements) > 0 {
		return true
	}
	if c.Invocation != 0 {
		p.missing(after, "a command is missing behind "+c.Invocation.Text())
	}
	return false
}

// commandElements reads name, parameters, arguments and redirections.
func (p *parser) commandElements(c *Command, context argumentContext) {
	dashes := false // -- was read
	streams := uint8(0)
	for ; ; context = commandArgument {
		var element Node
		switch p.peek().kind {
		case KindPipe, KindRCurly, KindRParen, KindEndOfInput, KindNewLine, KindSemi, KindAndAnd, KindOrOr, KindAmpersand:
			return
		case KindMinusMinus:
			// The first -- is a parameter that ends the parameters.
			t := p.next()
			if dashes {
				element = p.bareWord(&t)
			} else {
				element = &CommandParameter{Span: t.Span, Name: "-"}
			}
			dashes = true
		case KindComma:
			t := p.next()
			c.To = t.To
			p.invalid(t.Span, "an argument is missing before the comma")
			p.skipNewlines()
			continue
		case KindParameter:
			t := p.next()
			if context != commandArgument || dashes {
				element = p.bareWord(&t)
			} else {
				element = p.commandParameter(t)
			}
		case KindRedirection, KindRedirectInStd:
			t := p.next()
			if context == commandArgument {
				r := p.redirect(t, &streams)
				c.Redirections = append(c.Redirections, r)
				c.To = r.To
				continue
			}
			element = p.bareWord(&t)
		case KindInlineScript:
			if context == commandName {
				p.inlineScript(c)
				continue
			}
			element = p.argument(context)
		default:
			verbatim := p.isVerbatim(&p.tok)
			element = p.argument(context)
			if verbatim {
				p.nodes.elements.add(element)
				c.To = element.place().To
				rest := p.verbatim()
				p.nodes.elements.add(rest)
				c.To = rest.To
				return
			}
		}
		p.nodes.elements.add(element)
		c.To = element.place().To
	}
}

// bareWord makes a word of any token.
func (p *parser) bareWord(t *lexeme) *String {
	return p.newString(t.Span, BareWord, p.source(t))
}

func (p *parser) newString(at Span, kind StringKind, value string) *String {
	s := p.nodes.strings.one()
	s.Span, s.Kind, s.Value = at, kind, value
	return s
}

func (p *parser) commandParameter(t lexeme) *CommandParameter {
	c := p.nodes.parameters.one()
	c.Span, c.Name, c.Colon = t.Span, p.valueOf(&t), t.colon
	if !t.colon || p.peek().kind == KindComma {
		return c
	}
	if c.Argument = p.argument(commandArgument); c.Argument == nil {
		p.missing(t.To, "the argument of "+p.source(&t)+" is missing")
		return c
	}
	p.checkNotSplatted(c.Argument)
	c.To = c.Argument.place().To
	return c
}

// inlineScript reads the word and the block behind it, in a workflow.
func (p *parser) inlineScript(c *Command) {
	t := p.next()
	p.nodes.elements.add(p.bareWord(&t))
	c.To = t.To
	p.skipNewlines()
	open, ok := p.accept(KindLCurly)
	if !ok {
		p.missing(t.To, "a block { } is missing behind inlinescript")
		return
	}
	e := p.scriptBlockExpression(open)
	p.nodes.elements.add(e)
	c.To = e.place().To
}

// isVerbatim reports whether a token is --%.
func (p *parser) isVerbatim(t *lexeme) bool {
	return t.kind == KindGeneric && p.valueOf(t) == "--%"
}

// verbatim reads what follows --%: up to the end of the line, or a pipe or &&
// outside of double quotes.
func (p *parser) verbatim() *String {
	p.skipBlanks()
	p.start = p.pos
	quoted := false
	for !p.atEnd() {
		r, n := p.rune(p.pos)
		if r == '\r' || r == '\n' {
			break
		}
		if !quoted && (r == '|' || r == '&' && p.pos+1 < len(p.text) && p.text[p.pos+1] == '&') {
			break
		}
		if isDoubleQuote(r) {
			quoted = !quoted
		}
		p.pos += n
	}
	p.emitValue(KindGeneric, p.start, p.pos)
	return p.newString(p.tok.Span, BareWord, p.valueOf(&p.tok))
}

// singleArgument reads one argument outside of a command; nil if there is none.
func (p *parser) singleArgument(context argumentContext) Expression {
	if k := p.peek().kind; k == KindComma || k == KindEndOfInput {
		return nil
	}
	was := p.setMode(commandMode)
	e := p.argument(context)
	p.setMode(was)
	return e
}

// argument reads a command's argument: with commas, an array. It returns nil
// if none begins here.
func (p *parser) argument(context argumentContext) Expression {
	verbatim := p.isVerbatim(p.peek())
	e := p.argumentItem(context)
	if e == nil || context != commandArgument || verbatim || p.peek().kind != KindComma {
		return e
	}
	mark := p.nodes.arguments.begin()
	p.checkNotSplatted(e)
	p.nodes.arguments.add(e)
	from := e.place().From
	for p.peek().kind == KindComma && !verbatim {
		comma := p.next()
		p.skipNewlines()
		verbatim = p.isVerbatim(p.peek())
		if e = p.argumentItem(context); e == nil {
			p.missing(comma.To, "an argument is missing behind the comma")
			return errorExpression(from, comma.To, p.nodes.arguments.end(mark)...)
		}
		p.checkNotSplatted(e)
		p.nodes.arguments.add(e)
	}
	list := p.nodes.arguments.end(mark)
	return p.arrayNode(from, list)
}

// argumentItem reads one item of an argument.
func (p *parser) argumentItem(context argumentContext) Expression {
	switch p.peek().kind {
	case KindPipe, KindRCurly, KindRParen, KindEndOfInput, KindNewLine, KindSemi, KindRedirection, KindRedirectInStd,
		KindAndAnd, KindOrOr, KindAmpersand, KindMinusMinus, KindComma:
		return nil
	case KindVariable, KindSplattedVariable, KindNumber, KindStringExpandable, KindHereStringExpandable,
		KindStringLiteral, KindHereStringLiteral, KindLParen, KindDollarParen, KindAtParen, KindAtCurly, KindLCurly:
		e := p.primary(true)
		if context != commandArgument && context != nameAfterCall {
			p.checkNotSplatted(e)
		}
		return e
	case KindGeneric:
		t := p.next()
		// A command's name expands only behind & and dot.
		if t.parts > 0 && context != commandName {
			return p.expandable(BareWord, &t)
		}
		return p.newString(t.Span, BareWord, p.valueOf(&t))
	}
	t := p.next()
	switch {
	case context == commandName || context == nameAfterCall:
	case context == switchLabel && t.kind == KindDefault:
	default:
		p.retag(&t)
	}
	return p.bareWord(&t)
}

// retag shows a token that turned out to be an argument as a word.
func (p *parser) retag(t *lexeme) {
	if !p.save || t.kind == KindIdentifier {
		return
	}
	for i := len(p.tokens) - 1; i >= 0 && p.tokens[i].From >= t.From; i-- {
		if p.tokens[i].From == t.From {
			p.tokens[i].Kind = KindGeneric
		}
	}
}

// redirect reads a redirection behind its operator. streams holds a bit for
// each stream that is redirected already.
func (p *parser) redirect(t lexeme, streams *uint8) *Redirection {
	r := &Redirection{Span: t.Span, From: 1}
	op := p.source(&t)
	switch c := op[0]; {
	case c == '*':
		r.From = 7
	case c == '<':
		r.From = 0
	case c >= '1' && c <= '6':
		r.From = int(c - '0')
	}
	if last := op[len(op)-1]; len(op) > 2 && op[len(op)-2] == '&' {
		r.ToStream = int(last - '0')
		if r.ToStream != 1 || r.From == 1 {
			p.invalid(t.Span, "a stream can only be merged into stream 1")
		}
	} else {
		r.Append = len(op) > 1 && op[len(op)-2] == '>'
		r.File = p.singleArgument(fileName)
		if r.File == nil {
			p.missing(t.To, "the file is missing behind "+op)
			r.File = errorExpression(t.From, t.To)
		} else {
			r.To = r.File.place().To
		}
	}
	if r.From == 0 {
		p.report(t.Span, "< is reserved", p.isCut(&t))
	} else if *streams&(1<<r.From) != 0 {
		p.invalid(r.Span, "the stream is redirected already")
	}
	*streams |= 1 << r.From
	return r
}
