package powershell

func (p *parser) switchStatement(t lexeme, from int32, label string) Statement {
	s := &Switch{Span: Span{from, t.To}, Label: label}
	p.skipNewlines()
	bad := p.switchParameters(s)
	if open, ok := p.accept(KindLParen); ok {
		bad = p.switchSource(s, open) || bad
	} else if s.Source == nil {
		bad = true
		p.missing(s.To, "switch needs a value in parentheses")
	}
	nodes := []Node{nodeOf(s.Source)}
	p.skipNewlines()
	open, ok := p.accept(KindLCurly)
	if !ok {
		if !bad || p.endsHere() {
			p.missing(s.To, "{ is missing behind switch")
		}
		return errorStatement(from, s.To, nodes...)
	}
	s.To = open.To
	p.skipNewlines()
	nodes, clausesBad := p.switchClauses(s, open, nodes)
	if bad || clausesBad {
		return errorStatement(from, s.To, nodes...)
	}
	return s
}

// switchParameters reads -regex and the others, which may be shortened. It
// returns true if something is wrong.
func (p *parser) switchParameters(s *Switch) (bad bool) {
	for p.peek().kind == KindParameter {
		t := p.next()
		s.To = t.To
		switch name := p.valueOf(&t); {
		case isPrefixOf(name, "regex"):
			s.Regex, s.Wildcard = true, false
		case isPrefixOf(name, "wildcard"):
			s.Regex, s.Wildcard = false, true
		case isPrefixOf(name, "exact"):
			s.Regex, s.Wildcard, s.Exact = false, false, true
		case isPrefixOf(name, "casesensitive"):
			s.CaseSensitive = true
		case isPrefixOf(name, "parallel"):
			s.Parallel = true
			p.invalid(t.Span, "switch -parallel is reserved")
		case isPrefixOf(name, "file"):
			s.File = true
			p.skipNewlines()
			file := p.singleArgument(fileName)
			if file == nil {
				bad = true
				p.missing(t.To, "the file's name is missing")
				break
			}
			s.Source = expressionStatement(file)
			s.To = file.place().To
		default:
			bad = true
			p.invalid(t.Span, "switch has no such parameter")
		}
	}
	return bad
}

// expressionStatement makes a statement of an expression.
func expressionStatement(e Expression) *Pipeline {
	span := e.place()
	return &Pipeline{Span: span, Elements: []PipelineElement{&CommandExpression{Span: span, Expression: e}}}
}

func (p *parser) switchSource(s *Switch, open Span) (bad bool) {
	s.To = open.To
	if s.File {
		bad = true
		p.invalid(open, "switch -file takes no value in parentheses")
	}
	p.skipNewlines()
	s.Source = p.pipelineChain()
	if s.Source == nil {
		bad = true
		p.missing(open.To, "switch needs a value in parentheses")
	} else {
		s.To = s.Source.place().To
	}
	p.skipNewlines()
	t, ok := p.accept(KindRParen)
	if !ok {
		p.missing(s.To, ") is missing behind the value of switch")
		return true
	}
	s.To = t.To
	return bad
}

// switchClauses reads labels and blocks up to the }. What was read is appended
// to nodes, for the case that the statement is given up.
func (p *parser) switchClauses(s *Switch, open Span, nodes []Node) (_ []Node, bad bool) {
	for {
		label := p.singleArgument(switchLabel)
		if label == nil {
			p.missing(s.To, "a label of switch is missing")
			if t, ok := p.accept(KindRCurly); ok {
				s.To = t.To
				return nodes, true
			}
			// Where the text ends, nothing that is there is wrong.
			return nodes, bad || !p.endsHere()
		}
		nodes = append(nodes, label)
		s.To = label.place().To
		body := p.inLoop(s.Label, p.block)
		if body == nil {
			p.missing(s.To, "the block { } of a switch label is missing")
			bad = bad || !p.endsHere()
		} else {
			nodes = append(nodes, body)
			s.To = body.To
			bad = p.addClause(s, label, body) || bad
		}
		p.skipTerminators()
		switch p.peek().kind {
		case KindRCurly:
			s.To = p.next().To
			return nodes, bad
		case KindEndOfInput:
			p.report(open, "the block of switch is not closed with }", p.endsHere())
			return nodes, bad || !p.endsHere()
		}
	}
}

func (p *parser) addClause(s *Switch, label Expression, body *Block) (bad bool) {
	if word, ok := label.(*String); ok && word.Kind == BareWord && equalFold(word.Value, "default") {
		if s.Default != nil {
			bad = true
			p.invalid(word.Span, "a second default in a switch")
		}
		s.Default = body
		return bad
	}
	s.Clauses = append(s.Clauses, SwitchClause{Label: label, Body: body})
	return false
}
