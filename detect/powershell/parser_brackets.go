package powershell

// Expressions in brackets of any kind: parentheses, subexpressions, script
// blocks and hashtables.

// enclosing is how the text around brackets is read.
type enclosing struct {
	mode    lexMode
	noComma bool
}

// openBrackets begins to read in command mode what stands between brackets.
func (p *parser) openBrackets() enclosing {
	around := enclosing{noComma: p.noComma}
	p.noComma = false
	around.mode = p.setMode(commandMode)
	p.skipNewlines()
	return around
}

// closeBrackets goes on with the text around them.
func (p *parser) closeBrackets(around enclosing) {
	p.setMode(around.mode)
	p.noComma = around.noComma
}

func (p *parser) paren(open Span) Expression {
	e := p.nodes.parens.one()
	e.Span = open
	around := p.openBrackets()
	e.Pipeline = p.pipelineChain()
	if e.Pipeline == nil {
		p.missing(open.To, "an expression is missing behind (")
		e.Pipeline = &ErrorStatement{Span: Span{open.To, open.To}}
	}
	e.To = e.Pipeline.place().To
	p.skipNewlines()
	if t, ok := p.accept(KindRParen); ok {
		e.To = t.To
	} else {
		p.missing(e.To, ") is missing")
	}
	p.closeBrackets(around)
	return e
}

// subexpressionNode reads $() and @().
func (p *parser) subexpressionNode(kind TokenKind, open Span) Expression {
	b := p.nodes.blocks.one()
	b.Span, b.Unnamed = Span{open.To, open.To}, true
	end := open.To
	around := p.openBrackets()
	p.statements(b)
	end = max(end, b.To)
	p.skipNewlines()
	if t, ok := p.accept(KindRParen); ok {
		end = t.To
	} else {
		p.missing(end, ") is missing behind "+kind.Text())
	}
	p.closeBrackets(around)
	if kind == KindAtParen {
		return &ArrayExpression{Span: Span{open.From, end}, Body: b}
	}
	s := p.nodes.subexpressions.one()
	s.Span, s.Body = Span{open.From, end}, b
	return s
}

func (p *parser) scriptBlockExpression(open Span) Expression {
	around := p.openBrackets()
	b := p.scriptBlock(open)
	p.closeBrackets(around)
	return &ScriptBlockExpression{Span: b.Span, Body: b}
}

func (p *parser) hashtable(open Span) Expression {
	h := &Hashtable{Span: open}
	p.skipNewlines()
	for {
		entry, ok := p.hashEntry()
		if !ok {
			break
		}
		h.Entries = append(h.Entries, entry)
		h.To = entry.Value.place().To
		if k := p.peek().kind; k != KindNewLine && k != KindSemi {
			break
		}
		p.skipTerminators()
	}
	if t, ok := p.accept(KindRCurly); ok {
		h.To = t.To
	} else {
		p.report(Span{open.To, open.To}, "the hashtable is not closed with }", p.endsHere())
	}
	p.checkKeys(h)
	return h
}

func (p *parser) hashEntry() (HashEntry, bool) {
	was := p.setMode(expressionMode)
	key := p.labelOrKey()
	if key == nil {
		p.setMode(was)
		return HashEntry{}, false
	}
	equals := p.next()
	p.setMode(was)
	if equals.kind != KindEquals {
		p.unget(equals)
		p.missing(key.place().To, "= is missing behind the key of a hashtable")
		p.sync(false, KindRCurly, KindSemi, KindNewLine)
		return HashEntry{Key: key, Value: &ErrorStatement{Span: Span{key.place().To, key.place().To}}}, true
	}
	was = p.setMode(commandMode)
	p.skipNewlines()
	comma := p.noComma
	p.noComma = false
	value := p.statement()
	p.noComma = comma
	if value == nil {
		p.missing(equals.To, "the value is missing behind the key of a hashtable")
		value = &ErrorStatement{Span: Span{equals.To, equals.To}}
	}
	p.setMode(was)
	return HashEntry{Key: key, Value: value}, true
}

// labelOrKey reads the label of break and continue, or a hashtable's key.
func (p *parser) labelOrKey() Expression {
	if t, ok := p.simpleNameToken(); ok {
		return p.bareWord(&t)
	}
	if k := p.peek().kind; k == KindNewLine || k == KindSemi {
		return nil
	}
	comma := p.noComma
	p.noComma = true
	e := p.unary(false)
	p.noComma = comma
	return e
}
