package powershell

// Operators as they are evaluated: which operand first, and whether at all.

func (in *Interpreter) unaryExpression(e *Unary) (Value, error) {
	switch e.Op {
	case KindPlusPlus, KindMinusMinus, KindPostfixPlusPlus, KindPostfixMinusMinus:
		return in.increment(e)
	}
	v, err := in.eval(e.Operand)
	if err != nil {
		return nil, err
	}
	return in.unary(e.Op, v, e)
}

// increment is ++ and --, whose value is the number before or after.
func (in *Interpreter) increment(e *Unary) (Value, error) {
	before, err := in.eval(e.Operand)
	if err != nil {
		return nil, err
	}
	if before == nil {
		before = int32(0)
	}
	op := KindPlus
	if e.Op == KindMinusMinus || e.Op == KindPostfixMinusMinus {
		op = KindMinus
	}
	after, err := in.binary(op, before, int32(1), nil)
	if err != nil {
		return nil, err
	}
	if u, ok := after.(*Unknown); ok {
		named := *u
		named.Expression = in.source(e.Operand)
		after = &named
	}
	if err := in.assign(e.Operand, after, in.sources); err != nil {
		return nil, err
	}
	if e.Op == KindPostfixPlusPlus || e.Op == KindPostfixMinusMinus {
		return before, nil
	}
	return after, nil
}

func (in *Interpreter) binaryExpression(e *Binary) (Value, error) {
	switch e.Op {
	case KindAnd, KindOr:
		return in.logical(e)
	case KindQuestionQuestion:
		l, err := in.eval(e.Left)
		if err != nil {
			return nil, err
		}
		if u, ok := l.(*Unknown); ok {
			return in.fork("null|"+identityOf(u), 2, func(k int) (Value, error) {
				if k == 0 {
					return l, nil
				}
				return in.eval(e.Right)
			})
		}
		if l != nil {
			return l, nil
		}
		return in.eval(e.Right)
	}
	// A chain of operators of one kind leans to the left, and may be long.
	var chain []*Binary
	var left Expression = e
	for {
		b, ok := left.(*Binary)
		if !ok || b.Op == KindAnd || b.Op == KindOr || b.Op == KindQuestionQuestion {
			break
		}
		chain = append(chain, b)
		left = b.Left
	}
	v, err := in.eval(left)
	if err != nil {
		return nil, err
	}
	for i := len(chain) - 1; i >= 0; i-- {
		b := chain[i]
		r, err := in.eval(b.Right)
		if err != nil {
			return nil, err
		}
		if v, err = in.binary(b.Op, v, r, b); err != nil {
			return nil, err
		}
	}
	return v, nil
}

// logical is -and and -or, which evaluate their right side only where the left
// one does not decide.
func (in *Interpreter) logical(e *Binary) (Value, error) {
	l, err := in.eval(e.Left)
	if err != nil {
		return nil, err
	}
	decided := No
	if e.Op == KindOr {
		decided = Yes
	}
	t := in.truth(l)
	if t == decided {
		return t == Yes, nil
	}
	if t != Maybe {
		r, err := in.eval(e.Right)
		if err != nil {
			return nil, err
		}
		switch in.truth(r) {
		case Yes:
			return true, nil
		case No:
			return false, nil
		}
		return r, nil
	}
	// What the right side does happens only if the left one does not decide.
	var r Value
	right := func() (Value, error) {
		v, err := in.eval(e.Right)
		r = v
		return v, err
	}
	if k, ok := in.answered(conditionKey(l)); ok {
		if (k == 0) == (decided == Yes) {
			return decided == Yes, nil
		}
		return right()
	}
	outs := in.forked(conditionKey(l), 2, func(k int) (Value, error) {
		if (k == 0) == (decided == Yes) {
			return decided == Yes, nil
		}
		return right()
	})
	if len(outs) == 2 && outs[0].err == nil && outs[1].err == nil && outs[0].state == outs[1].state {
		// It does nothing: what comes of both is one unknown value.
		o := outs[0]
		o.events = mergeEvents(o.events, outs[1].events)
		o.changes = in.mergeChanges(o.changes, outs[1].changes)
		if _, err := in.settle([]outcome{o}); err != nil {
			return nil, err
		}
		if in.truth(r) == decided {
			return decided == Yes, nil
		}
		return in.binary(e.Op, l, r, e)
	}
	return in.settle(outs)
}
