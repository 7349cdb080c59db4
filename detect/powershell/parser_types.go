package powershell

import "strings"

// readAttribute is an attribute that was read, and where to go on.
type readAttribute struct {
	node   *Attribute
	pos    int // in the lexer's text
	tokens []Token
}

// attributeList reads attributes and types in brackets. In an expression, a
// line end behind a type ends the list.
func (p *parser) attributeList(inExpression bool) []*Attribute {
	mark := p.nodes.attributeLists.begin()
	for {
		a := p.attribute()
		if a == nil {
			return p.nodes.attributeLists.end(mark)
		}
		p.nodes.attributeLists.add(a)
		if !inExpression || a.Arguments {
			p.skipNewlines()
		}
	}
}

// attribute reads [Name(...)] or [Name]; nil if none begins here.
//
// Whether attributes belong to parameters, a statement or an expression is
// known only behind them, so they may be read several times, and those within
// them again each time. What was read is therefore remembered.
func (p *parser) attribute() *Attribute {
	var open lexeme
	if p.has {
		if p.tok.kind != KindLBracket {
			return nil
		}
		open = p.next()
	} else {
		if !p.leftBracket() {
			return nil
		}
		open = p.tok
	}
	if known, ok := p.attributes[open.From]; ok {
		p.pos = known.pos
		p.tokens = append(p.tokens, known.tokens...)
		return known.node
	}
	first := len(p.tokens)
	p.skipNewlines()
	name := p.typeName(true)
	if name == nil {
		p.rewind(int(open.at))
		p.report(Span{open.To, open.To}, "a type's name is missing behind [", p.endsBehind(open.End()))
		return nil
	}
	a := p.nodes.attributes.one()
	a.Span, a.Type = Span{open.From, name.To}, name
	if paren, ok := p.accept(KindLParen); ok {
		p.attributeArguments(a, paren)
		p.checkAttribute(a)
		if p.has {
			p.rewind(int(p.tok.at))
		}
		if p.attributes == nil {
			p.attributes = make(map[int32]readAttribute)
		}
		known := readAttribute{node: a, pos: p.pos}
		if p.save {
			known.tokens = append(known.tokens, p.tokens[first:]...)
		}
		p.attributes[open.From] = known
		return a
	}
	if t, ok := p.accept(KindRBracket); ok {
		a.To = t.To
	} else {
		p.missing(name.To, "] is missing behind a type")
	}
	return a
}

// endsBehind reports whether only blanks follow an offset of the script.
func (p *parser) endsBehind(offset int) bool {
	return p.open && strings.TrimSpace(p.script[offset:]) == ""
}

// attributeArguments reads from behind ( up to ].
func (p *parser) attributeArguments(a *Attribute, paren Span) {
	a.Arguments = true
	a.To = paren.To
	was := p.setMode(expressionMode)
	comma := p.noComma
	p.noComma = true
	p.attributeArgumentList(a)
	p.noComma = comma
	p.setMode(was)
	p.skipNewlines()
	closed := false
	if t, ok := p.accept(KindRParen); ok {
		a.To = t.To
		closed = true
	} else {
		p.missing(a.To, ") is missing in an attribute")
	}
	p.skipNewlines()
	if t, ok := p.accept(KindRBracket); ok {
		a.To = t.To
	} else if closed {
		p.missing(a.To, "] is missing behind an attribute")
	}
}

func (p *parser) attributeArgumentList(a *Attribute) {
	for first := true; ; first = false {
		p.skipNewlines()
		if name, ok := p.simpleNameToken(); ok {
			p.namedArgument(a, name)
		} else if e := p.expression(); e != nil {
			a.Positional = append(a.Positional, e)
			a.To = e.place().To
		} else if !first {
			p.missing(a.To, "an argument is missing behind the comma")
			a.Positional = append(a.Positional, errorExpression(a.To, a.To))
		}
		p.skipNewlines()
		comma, ok := p.accept(KindComma)
		if !ok {
			return
		}
		a.To = comma.To
	}
}

func (p *parser) namedArgument(a *Attribute, name lexeme) {
	arg := NamedArgument{Span: name.Span, Name: p.source(&name)}
	if equals, ok := p.accept(KindEquals); ok {
		p.skipNewlines()
		arg.Value = p.expression()
		if arg.Value == nil {
			p.missing(equals.To, "the value of an attribute's argument is missing")
			arg.Value = errorExpression(equals.To, equals.To)
			p.sync(true, KindComma, KindRParen, KindRBracket, KindNewLine)
		}
		arg.To = arg.Value.place().To
	}
	a.To = max(a.To, arg.To)
	a.Named = append(a.Named, arg)
}

// typeName reads a type's name; nil if none begins here. assembly: a comma and
// an assembly's name may follow.
func (p *parser) typeName(assembly bool) *TypeName {
	was := p.setMode(typeNameMode)
	var n *TypeName
	if name, ok := p.accept(KindIdentifier); ok {
		n = p.finishTypeName(name, false, assembly)
	}
	p.setMode(was)
	return n
}

// finishTypeName reads what follows the name: dimensions, type arguments, an
// assembly. inArguments: it is a type argument without brackets of its own.
func (p *parser) finishTypeName(name Span, inArguments, assembly bool) *TypeName {
	n := p.nodes.types.one()
	n.Span, n.Name = name, p.script[name.From:name.To]
	open, ok := p.accept(KindLBracket)
	if !ok {
		if assembly && !inArguments {
			p.assembly(n)
		}
		return n
	}
	p.skipNewlines()
	switch t := p.next(); t.kind {
	case KindRBracket, KindComma:
		p.dimensions(n, t)
	case KindLBracket, KindIdentifier:
		p.typeArguments(n, t)
		if bracket, ok := p.accept(KindLBracket); ok {
			p.dimensions(n, p.next())
			n.To = max(n.To, bracket.To)
		}
	case KindEndOfInput:
		p.unget(t)
		p.missing(open.To, "a type's name is missing behind [")
	default:
		p.unexpected(&t)
		p.sync(true, KindRBracket)
	}
	if !inArguments {
		p.assembly(n)
	}
	return n
}

// dimensions reads [], [,] and so on, behind the first bracket.
func (p *parser) dimensions(n *TypeName, t lexeme) {
	for {
		rank := 1
		for ; t.kind == KindComma; rank++ {
			n.To = t.To
			t = p.next()
		}
		if t.kind != KindRBracket {
			p.unget(t)
			p.missing(n.To, "] is missing behind a type")
			return
		}
		n.Ranks = append(n.Ranks, rank)
		n.To = t.To
		if _, ok := p.accept(KindLBracket); !ok {
			return
		}
		t = p.next()
	}
}

// typeArguments reads the type arguments of a generic type, from t on up to ].
func (p *parser) typeArguments(n *TypeName, t lexeme) {
	if !p.enter() {
		p.leave()
		p.tooDeep()
		return
	}
	defer p.leave()
	for {
		arg := p.typeArgument(t)
		n.Args = append(n.Args, arg)
		n.To = arg.To
		p.skipNewlines()
		comma, ok := p.accept(KindComma)
		if !ok {
			break
		}
		n.To = comma.To
		p.skipNewlines()
		if k := p.peek().kind; k != KindIdentifier && k != KindLBracket {
			p.missing(comma.To, "a type's name is missing behind the comma")
			break
		}
		t = p.next()
	}
	if t, ok := p.accept(KindRBracket); ok {
		n.To = t.To
	} else {
		p.missing(n.To, "] is missing behind type arguments")
	}
}

// typeArgument reads Name or [Name, Assembly].
func (p *parser) typeArgument(t lexeme) *TypeName {
	if t.kind == KindIdentifier {
		return p.finishTypeName(t.Span, true, true)
	}
	name, ok := p.accept(KindIdentifier)
	if !ok {
		p.missing(t.To, "a type's name is missing behind [")
		return &TypeName{Span: t.Span}
	}
	n := p.finishTypeName(name, false, true)
	if close, ok := p.accept(KindRBracket); ok {
		n.To = close.To
	} else {
		p.missing(n.To, "] is missing behind a type argument")
	}
	return n
}

// assembly reads a comma and the name of an assembly with its properties.
func (p *parser) assembly(n *TypeName) {
	comma, ok := p.accept(KindComma)
	if !ok {
		return
	}
	var b strings.Builder
	p.assemblyWord(&b)
	for p.peekByte() == ',' {
		p.mark(KindComma)
		b.WriteString(", ")
		p.assemblyWord(&b)
		if p.peekByte() == '=' {
			p.mark(KindEquals)
			b.WriteByte('=')
			p.assemblyWord(&b)
		}
	}
	n.Assembly = b.String()
	n.To = int32(p.origin(p.pos))
	if strings.Trim(n.Assembly, " ,=") == "" {
		p.missing(comma.To, "the assembly's name is missing behind the comma")
	}
}

// mark reads a token of one byte.
func (p *parser) mark(kind TokenKind) {
	p.start = p.pos
	p.pos++
	p.emit(kind)
}

func (p *parser) assemblyWord(b *strings.Builder) {
	p.skipBlanks()
	p.start = p.pos
	for {
		r, n := p.rune(p.pos)
		if n == 0 || r == 0 || r == ',' || r == '=' || r == ']' || r == '\r' || r == '\n' || isBlank(r) {
			break
		}
		p.pos += n
	}
	b.WriteString(p.text[p.start:p.pos])
	p.emit(KindIdentifier)
	p.skipBlanks()
}

// methodTypeArgs reads [type, ...] between a method's name and its arguments.
// Any other bracket there is an index, and stays unread.
func (p *parser) methodTypeArgs() []*TypeName {
	if p.peekByte() != '[' || !p.typeArgsAhead() {
		return nil
	}
	was := p.setMode(typeNameMode)
	p.skipOne()
	var n TypeName
	p.skipNewlines()
	p.typeArguments(&n, p.next())
	p.setMode(was)
	return n.Args
}

// skipOne reads the bracket before type arguments.
func (p *parser) skipOne() {
	p.start = p.pos
	p.pos++
	p.emit(KindLBracket)
}

// typeArgsAhead reports whether names in brackets and then ( follow.
func (p *parser) typeArgsAhead() bool {
	const most = 1000
	open := 0
	for i := p.pos; i < len(p.text) && i < p.pos+most; i++ {
		c := p.text[i]
		switch {
		case c == '[':
			open++
		case c == ']':
			if open--; open == 0 {
				return p.text[i-1] != '[' && i+1 < len(p.text) && p.text[i+1] == '('
			}
		case isDecimalDigit(c):
			if b := p.text[i-1]; charClasses[b]&(charIdent|charDigit) == 0 && b < 0x80 && b != '.' && b != '`' {
				return false
			}
		case charClasses[c]&(charIdent|charBlank|charNewline) == 0 && c < 0x80 && c != ',' && c != '.' && c != '`' && c != '+':
			return false
		}
	}
	return false
}
