package powershell

// stringNode makes a node of a double-quoted string.
func (p *parser) stringNode(kind StringKind, t *lexeme) Expression {
	if t.parts == 0 {
		return p.newString(t.Span, kind, p.valueOf(t))
	}
	return p.expandable(kind, t)
}

// expandable makes a node of a string or word that expands, and reads what is
// in it.
func (p *parser) expandable(kind StringKind, t *lexeme) Expression {
	value := p.valueOf(t)
	s := p.nodes.expandables.one()
	s.Span, s.Kind, s.Raw = t.Span, kind, value
	var tokens []Token
	done := int32(0)
	parts, held := p.partsOf(t), p.held
	p.held += len(parts)
	mark := p.nodes.parts.begin()
	for i := range parts {
		part := &parts[i]
		if part.value.From > done {
			p.nodes.parts.add(StringPart{Text: value[done:part.value.From]})
		}
		done = part.value.To
		var e Expression
		if part.isVariable() {
			v := p.variableOf(part.name, p.span(part.from, part.to), false)
			e = usingOr(v)
			if p.save {
				tokens = append(tokens, nestedVariable(v.Span, part.name))
			}
		} else {
			e = p.inString(part, &tokens)
		}
		p.nodes.parts.add(StringPart{Expression: e})
	}
	if int(done) < len(value) {
		p.nodes.parts.add(StringPart{Text: value[done:]})
	}
	s.Parts = p.nodes.parts.end(mark)
	p.held = held
	if p.save {
		p.setNested(t, tokens)
	}
	return s
}

func nestedVariable(at Span, path string) Token {
	_, name := splitVariable(path)
	return Token{Kind: KindVariable, Span: at, Value: name}
}

// inString reads a $() inside a string, as a text of its own.
func (p *parser) inString(part *lexPart, tokens *[]Token) Expression {
	at := p.span(part.from, part.to)
	if p.stringDepth >= maxStringDepth {
		p.invalid(at, "strings are nested too deeply")
		return &ErrorExpression{Span: at}
	}
	p.stringDepth++
	outer, pos, outerTokens := p.lexText, p.pos, p.tokens
	if part.clean != nil {
		p.lexText, p.pos = *part.clean, 0
	} else {
		p.text, p.open, p.pos = p.text[:part.to], part.open, part.from
	}
	p.tokens = nil
	e := p.primary(true)
	if e == nil {
		e = &ErrorExpression{Span: at}
	}
	// What is left, if anything, is part of an error.
	p.has = false
	*tokens = append(*tokens, p.tokens...)
	p.lexText, p.pos, p.tokens = outer, pos, outerTokens
	p.stringDepth--
	return e
}

// setNested keeps the tokens inside the string that was read last.
func (p *parser) setNested(t *lexeme, tokens []Token) {
	for i := len(p.tokens) - 1; i >= 0 && p.tokens[i].From >= t.From; i-- {
		if p.tokens[i].From == t.From {
			p.tokens[i].Nested = tokens
		}
	}
}
