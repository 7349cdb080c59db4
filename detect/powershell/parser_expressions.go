package powershell

import "strings"

// expression reads an expression, with ? : if it has it; nil if none begins
// here.
func (p *parser) expression() Expression { return p.ternary(false) }

// ternary reads an expression. Where within is set, it stands between ? and :,
// which then end numbers.
func (p *parser) ternary(within bool) Expression {
	if !p.enter() {
		p.leave()
		return &ErrorExpression{Span: p.tooDeep()}
	}
	was := p.setMode(expressionMode)
	e := p.binary(within)
	if e != nil && p.peek().kind == KindQuestionMark {
		e = p.finishTernary(e, p.next())
	}
	p.setMode(was)
	p.leave()
	return e
}

func (p *parser) finishTernary(condition Expression, question lexeme) Expression {
	p.skipNewlines()
	then := p.ternary(true)
	if then == nil {
		p.missing(question.To, "an expression is missing behind ?")
		then = errorExpression(question.To, question.To)
	}
	p.skipNewlines()
	colon, ok := p.accept(KindColon)
	if !ok {
		p.missing(then.place().To, ": is missing behind ?")
		return errorExpression(condition.place().From, then.place().To, condition, then)
	}
	p.skipNewlines()
	other := p.ternary(false)
	if other == nil {
		p.missing(colon.To, "an expression is missing behind :")
		other = errorExpression(colon.To, colon.To)
	}
	return &Ternary{Span: Span{condition.place().From, other.place().To}, Condition: condition, Then: then, Else: other}
}

// errorExpression keeps what could be read of an expression.
func errorExpression(from, to int32, parts ...Expression) *ErrorExpression {
	e := &ErrorExpression{Span: Span{from, to}}
	for _, n := range parts {
		e.Nodes = append(e.Nodes, n)
	}
	return e
}

// binary reads operands and operators by precedence; all bind to the left.
func (p *parser) binary(within bool) Expression {
	first := p.arrayLiteral(within)
	if first == nil {
		return nil
	}
	if kinds[p.peek().kind].precedence == 0 {
		return p.endExpression(first)
	}
	op := p.tok
	var (
		operands  = make([]Expression, 1, 4)
		operators = make([]TokenKind, 0, 4)
	)
	operands[0] = first
	reduce := func(precedence uint8) {
		for n := len(operators); n > 0 && kinds[operators[n-1]].precedence >= precedence; n-- {
			left, right := operands[n-1], operands[n]
			b := p.nodes.binaries.one()
			b.Span, b.Op, b.Left, b.Right = Span{left.place().From, right.place().To}, operators[n-1], left, right
			operands[n-1] = b
			operands, operators = operands[:n], operators[:n-1]
		}
	}
	for links := 0; kinds[op.kind].precedence != 0; links++ {
		p.skip()
		reduce(kinds[op.kind].precedence)
		p.skipNewlines()
		right := p.arrayLiteral(within)
		if right == nil {
			p.missing(op.To, "a value is missing behind "+p.source(&op))
			right = errorExpression(op.To, op.To)
		}
		if links < maxChain {
			operands = append(operands, right)
			operators = append(operators, op.kind)
		} else {
			p.invalid(right.place(), "too many operators in one expression")
			p.muted = true
		}
		op = *p.peek()
	}
	reduce(0)
	return p.endExpression(operands[0])
}

// endExpression takes a parameter behind an expression for an operator that is
// not finished.
func (p *parser) endExpression(e Expression) Expression {
	if p.peek().kind != KindParameter {
		return e
	}
	t := p.next()
	p.unexpected(&t)
	err := errorExpression(e.place().From, t.To, e)
	err.Nodes = append(err.Nodes, &CommandParameter{Span: t.Span, Name: p.valueOf(&t)})
	return err
}

// arrayLiteral reads a, b, c.
func (p *parser) arrayLiteral(within bool) Expression {
	first := p.unary(within)
	if p.noComma || p.peek().kind != KindComma {
		return first
	}
	if first == nil {
		// A comma alone is a unary operator, so this cannot be.
		return nil
	}
	mark := p.nodes.arguments.begin()
	p.nodes.arguments.add(first)
	for p.peek().kind == KindComma {
		comma := p.next()
		p.skipNewlines()
		e := p.unary(within)
		if e == nil {
			p.missing(comma.To, "an expression is missing behind the comma")
			p.nodes.arguments.add(errorExpression(comma.From, comma.To))
			break
		}
		p.nodes.arguments.add(e)
	}
	items := p.nodes.arguments.end(mark)
	return p.arrayNode(first.place().From, items)
}

func (p *parser) arrayNode(from int32, elements []Expression) *ArrayLiteral {
	a := p.nodes.arrays.one()
	a.Span, a.Elements = Span{from, elements[len(elements)-1].place().To}, elements
	return a
}

// unary reads prefix operators and casts, and what they are for.
func (p *parser) unary(within bool) Expression {
	if !p.enter() {
		p.leave()
		return &ErrorExpression{Span: p.tooDeep()}
	}
	signed, ternary := p.signed, p.inTernary
	p.signed, p.inTernary = true, within
	if p.has && p.tok.kind == KindMinus {
		// Now it may be the sign of a number.
		p.rewind(int(p.tok.at))
	}
	kind := p.peek().kind
	p.signed, p.inTernary = signed, ternary

	var e Expression
	switch {
	case kind == KindComma && p.noComma:
	case kind.has(unaryOperator):
		e = p.prefixed(within)
	case kind == KindLBracket:
		e = p.attributed(within)
	default:
		e = p.primary(true)
		p.checkNotSplatted(e)
	}
	if e != nil {
		e = p.postfix(e)
	}
	p.leave()
	return e
}

// postfix reads ++ and -- behind an expression.
func (p *parser) postfix(e Expression) Expression {
	if _, bad := e.(*ErrorExpression); bad {
		return e
	}
	kind := KindUnknown
	switch p.peek().kind {
	case KindPlusPlus:
		kind = KindPostfixPlusPlus
	case KindMinusMinus:
		kind = KindPostfixMinusMinus
	default:
		return e
	}
	t := p.next()
	p.checkTarget(e, kind)
	return &Unary{Span: Span{e.place().From, t.To}, Op: kind, Operand: e}
}

// prefixed reads an operator and its operand.
func (p *parser) prefixed(within bool) Expression {
	t := p.next()
	p.skipNewlines()
	operand := p.unary(within)
	if operand == nil {
		p.missing(t.To, "an expression is missing behind "+p.source(&t))
		return errorExpression(t.From, t.To)
	}
	span := Span{t.From, operand.place().To}
	if t.kind == KindComma {
		return &ArrayLiteral{Span: span, Elements: []Expression{operand}}
	}
	if t.kind == KindPlusPlus || t.kind == KindMinusMinus {
		p.checkTarget(operand, t.kind)
	}
	return &Unary{Span: span, Op: t.kind, Operand: operand}
}

// attributed reads types and attributes before an expression: casts, a type
// as a value, [ValidateRange(1,2)]$x. All of them form a list, whose last one
// decides what may follow.
func (p *parser) attributed(within bool) Expression {
	list := p.attributeList(true)
	if list == nil {
		return nil
	}
	last := list[len(list)-1]
	var e Expression
	switch {
	case last.Arguments:
		p.skipNewlines()
		operand := p.unary(within)
		if operand == nil {
			p.report(last.Span, "there is nothing behind the attribute", p.endsHere())
			return &ErrorExpression{Span: last.Span, Nodes: []Node{last}}
		}
		e = &Attributed{Span: Span{last.From, operand.place().To}, Attribute: last, Operand: operand}
	default:
		e = p.typed(last, within)
	}
	p.checkCast(e)
	if len(list) > maxDepth {
		p.invalid(last.Span, "nested too deeply")
		return &ErrorExpression{Span: Span{list[0].From, e.place().To}, Nodes: []Node{e}}
	}
	for i := len(list) - 2; i >= 0; i-- {
		a := list[i]
		span := Span{a.From, e.place().To}
		if a.Arguments {
			e = &Attributed{Span: span, Attribute: a, Operand: e}
		} else {
			e = &Convert{Span: span, Type: a.Type, Operand: e}
		}
		p.checkCast(e)
	}
	return e
}

// typed reads what follows a type: a member of it, or what it is cast to.
func (p *parser) typed(a *Attribute, within bool) Expression {
	literal := *a.Type
	literal.Span = a.Span
	if !p.has {
		if p.memberAccess(false) {
			return p.postfixOperators(&literal)
		}
	}
	if k := p.peek().kind; k != KindNewLine && k != KindComma {
		if operand := p.unary(within); operand != nil {
			return &Convert{Span: Span{a.From, operand.place().To}, Type: a.Type, Operand: operand}
		}
	}
	return &literal
}

// primary reads a value and, if asked to, the members and indexes behind it.
func (p *parser) primary(members bool) Expression {
	e := p.value()
	if e == nil || !members || p.has {
		return e
	}
	if !p.memberAccess(true) {
		return e
	}
	return p.postfixOperators(e)
}

// value reads a variable, a literal, or what stands in brackets.
func (p *parser) value() Expression {
	switch t := p.peek(); t.kind {
	case KindVariable, KindSplattedVariable:
		v := p.variableNode(t)
		p.skip()
		return usingOr(v)
	case KindNumber:
		p.skip()
		n := p.nodes.numbers.one()
		n.Span, n.Text, n.Value = t.Span, p.source(t), p.number
		return n
	case KindStringLiteral:
		p.skip()
		return p.newString(t.Span, SingleQuoted, p.valueOf(t))
	case KindHereStringLiteral:
		p.skip()
		return p.newString(t.Span, SingleHere, p.valueOf(t))
	case KindStringExpandable:
		t := p.next()
		return p.stringNode(DoubleQuoted, &t)
	case KindHereStringExpandable:
		t := p.next()
		return p.stringNode(DoubleHere, &t)
	case KindLParen, KindAtParen, KindDollarParen, KindAtCurly, KindLCurly:
		var e Expression
		if p.enter() {
			p.skip()
			e = p.brackets(t.kind, t.Span)
		} else {
			e = &ErrorExpression{Span: p.tooDeep()}
		}
		p.leave()
		return e
	}
	return nil
}

// brackets reads what stands in brackets, behind the opening one.
func (p *parser) brackets(kind TokenKind, open Span) Expression {
	switch kind {
	case KindLParen:
		return p.paren(open)
	case KindAtCurly:
		return p.hashtable(open)
	case KindLCurly:
		return p.scriptBlockExpression(open)
	}
	return p.subexpressionNode(kind, open)
}

// usingOr returns the variable, or $using: around it.
func usingOr(v *Variable) Expression {
	if v.Scope == "using" && v.Name != "" {
		return &UsingExpression{Span: v.Span, Variable: v}
	}
	return v
}

// variableNode makes a node of a variable.
func (p *parser) variableNode(t *lexeme) *Variable {
	return p.variableOf(p.valueOf(t), t.Span, t.kind == KindSplattedVariable)
}

func (p *parser) variableOf(path string, at Span, splatted bool) *Variable {
	v := p.nodes.variables.one()
	v.Span, v.Name, v.Splatted = at, path, splatted
	v.Braced = at.Pos()+1 < len(p.script) && p.script[at.From+1] == '{'
	if i := strings.IndexByte(path, ':'); i > 0 {
		v.Scope, v.Name = strings.ToLower(path[:i]), path[i+1:]
	} else if i == 0 {
		v.Name = path[1:]
	}
	return v
}

// postfixOperators reads members, calls and indexes, behind the operator that
// was just read.
func (p *parser) postfixOperators(e Expression) Expression {
	_, using := e.(*UsingExpression)
	p.checkNotSplatted(e)
	for links := 0; ; links++ {
		op := operatorToken{p.tok.kind, p.tok.To}
		// A line may end behind the operator.
		p.skipNewlines()
		target := e
		switch op.kind {
		case KindDot, KindColonColon, KindQuestionDot:
			e = p.member(target, op)
		default:
			e = p.index(target, op)
		}
		if using {
			p.checkUsingMember(e)
		}
		if links > maxChain {
			p.invalid(Span{op.to, op.to}, "too many members in one expression")
			p.muted = true
			e = target
		}
		if p.has {
			return e
		}
		if !p.memberAccess(true) {
			return e
		}
	}
}

// operatorToken is an operator and where it ends.
type operatorToken struct {
	kind TokenKind
	to   int32
}

func (p *parser) member(target Expression, op operatorToken) Expression {
	m := p.nodes.members.one()
	m.Target, m.Static, m.Nullable = target, op.kind == KindColonColon, op.kind == KindQuestionDot
	m.Name = p.memberName()
	if m.Name == nil {
		p.missing(op.to, "the member's name is missing behind "+op.kind.Text())
		m.Name = p.singleArgument(commandArgument)
		if m.Name == nil {
			m.Name = errorExpression(op.to, op.to)
		}
		m.Span = Span{target.place().From, m.Name.place().To}
		return m
	}
	end := m.Name.place().To
	if !p.has {
		m.TypeArgs = p.methodTypeArgs()
		if p.argumentOpener() {
			open := p.tok.Span
			m.Call = true
			if p.tok.kind == KindLParen {
				m.Arguments, end = p.arguments(open)
			} else {
				// $x.m{ } is $x.m({ }).
				p.skipNewlines()
				block := p.scriptBlockExpression(open)
				m.Arguments, end = []Expression{block}, block.place().To
			}
		}
	}
	m.Span = Span{target.place().From, end}
	return m
}

// memberName reads a name, a string, or an expression.
func (p *parser) memberName() Expression {
	if t, ok := p.simpleNameToken(); ok {
		return p.bareWord(&t)
	}
	if k := p.peek().kind; k.has(unaryOperator) || k == KindLBracket {
		return p.unary(false)
	}
	return p.primary(false)
}

// simpleNameToken takes an identifier, be it a keyword or not.
func (p *parser) simpleNameToken() (lexeme, bool) {
	p.simpleName = true
	t := p.peek()
	p.simpleName = false
	if t.kind != KindIdentifier {
		return lexeme{}, false
	}
	return p.next(), true
}

// arguments reads the arguments of a method from behind ( on, and returns
// where they end.
func (p *parser) arguments(open Span) (list []Expression, end int32) {
	comma := p.noComma
	p.noComma = true
	end = open.To
	reported := false
	mark := p.nodes.arguments.begin()
	for first := true; ; first = false {
		p.skipNewlines()
		e := p.expression()
		if e == nil {
			if !first {
				reported = true
				p.missing(end, "an argument is missing behind the comma")
			}
			break
		}
		p.nodes.arguments.add(e)
		end = e.place().To
		p.skipNewlines()
		t, ok := p.accept(KindComma)
		if !ok {
			break
		}
		end = t.To
	}
	list = p.nodes.arguments.end(mark)
	p.skipNewlines()
	if t, ok := p.accept(KindRParen); ok {
		end = t.To
	} else if !reported {
		p.missing(end, ") is missing behind a method's arguments")
	}
	p.noComma = comma
	return list, end
}

func (p *parser) index(target Expression, op operatorToken) Expression {
	x := &Index{Target: target, Nullable: op.kind == KindQuestionLBracket}
	p.skipNewlines()
	comma := p.noComma
	p.noComma = false
	x.Index = p.expression()
	p.noComma = comma
	bad := x.Index == nil
	if bad {
		p.missing(op.to, "the index is missing")
		x.Index = errorExpression(op.to, op.to)
	}
	p.skipNewlines()
	end := x.Index.place().To
	if t, ok := p.accept(KindRBracket); ok {
		end = t.To
	} else if !bad {
		p.missing(end, "] is missing behind an index")
	}
	x.Span = Span{target.place().From, end}
	return x
}
