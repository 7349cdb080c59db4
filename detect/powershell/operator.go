package powershell

// The operators: which of them is meant, and arithmetic. Comparison is in
// operator_compare.go, text in operator_text.go.

import (
	"fmt"
)

// operator is what a kind of token asks for: a case-insensitive kind stands
// for its whole family.
type operator struct {
	family        TokenKind
	caseSensitive bool
	negated       bool
}

// operatorOf brings the case variants and negations of an operator together.
func operatorOf(op TokenKind) operator {
	o := operator{family: op}
	if op >= KindCeq && op <= KindCsplit {
		o.caseSensitive = true
		o.family = op - KindCeq + KindIeq
	}
	switch o.family {
	case KindIne:
		o.family, o.negated = KindIeq, true
	case KindInotlike:
		o.family, o.negated = KindIlike, true
	case KindInotmatch:
		o.family, o.negated = KindImatch, true
	case KindInotcontains:
		o.family, o.negated = KindIcontains, true
	case KindInotin:
		o.family, o.negated = KindIin, true
	case KindIsNot:
		o.family, o.negated = KindIs, true
	}
	return o
}

// binary is what an operator makes of two operands. b gives the source text
// for the names of unknown results, and is nil for compound assignment.
func (in *Interpreter) binary(op TokenKind, l, r Value, b *Binary) (Value, error) {
	source := ""
	if b != nil {
		source = in.source(b)
	}
	if v, ok, err := in.classOperator(op, l, r, source); ok {
		return v, err
	}
	o := operatorOf(op)
	switch o.family {
	case KindPlus:
		return in.add(l, r, source, b == nil)
	case KindMinus, KindMultiply, KindDivide, KindRem:
		return in.arithmetic(op, l, r, source)
	case KindBand, KindBor, KindBxor, KindShl, KindShr:
		return in.bitwise(op, l, r, source)
	case KindAnd, KindOr, KindXor:
		return in.combine(op, l, r, source)
	case KindDotDot:
		return in.rangeOf(l, r, source)
	case KindFormat:
		return in.formatOperator(l, r, source)
	case KindJoin:
		return in.join(l, in.text(r), source)
	case KindIsplit:
		return in.split(o, l, r, source)
	case KindIreplace:
		return in.replace(o, l, r, source)
	case KindAs:
		return in.as(l, r)
	case KindIs:
		return in.is(o, l, r, source)
	}
	return in.compareOperator(op, o, l, r, source)
}

// unary is what an operator makes of one operand.
func (in *Interpreter) unary(op TokenKind, v Value, u *Unary) (Value, error) {
	source := ""
	if u != nil {
		source = in.source(u)
	}
	switch op {
	case KindNot, KindExclaim:
		if t := in.truth(v); t != Maybe {
			return t == No, nil
		}
		n := derivedFrom(v, nameOf("-not "+operand(expressionOf(v)), source), "not")
		n.Type = "System.Boolean"
		return n, nil
	case KindJoin:
		return in.join(v, "", source)
	case KindIsplit, KindCsplit:
		return in.splitBlanks(v, source)
	case KindPlus:
		return in.arithmetic(KindPlus, int32(0), v, source)
	case KindMinus:
		return in.negate(v, source)
	case KindBnot:
		return in.complement(v, source)
	case KindComma:
		return newArray([]Value{asOne(v)}), nil
	}
	return v, nil
}

// unknownResult is the result of an operator of which an operand is unknown.
func (in *Interpreter) unknownResult(op TokenKind, l, r Value, source string) *Unknown {
	built := operandOf(l) + " " + op.Text() + " " + operandOf(r)
	from := l
	if firstHole(l) == nil {
		from = r
	}
	u := derivedFrom(from, nameOf(built, source), "")
	u.Identity = shortIdentity(identityOf(l) + op.Text() + identityOf(r))
	switch op {
	case KindPlus, KindMultiply:
		u.noText = l != nil && mayBeNoText(l)
	case KindMinus, KindDivide, KindRem, KindBand, KindBor, KindBxor, KindShl, KindShr:
		u.noText = true
	}
	return in.withDefault(u, []Value{l, r}, func(known []Value) (Value, error) {
		return in.binary(op, known[0], known[1], nil)
	})
}

// operandOf writes a value as the operand of an operator.
func operandOf(v Value) string {
	if isUnknown(v) {
		return operand(expressionOf(v))
	}
	return expressionOf(v)
}

// unknownBool is the unknown result of a comparison.
func (in *Interpreter) unknownBool(op TokenKind, l, r Value, source string) *Unknown {
	u := in.unknownResult(op, l, r, source)
	u.Type = "System.Boolean"
	return u
}

// noOperator is the error of an operator that a type does not have.
func (in *Interpreter) noOperator(v Value, name string) error {
	return in.thrown("System.Management.Automation.RuntimeException",
		fmt.Sprintf("Method invocation failed because [%s] does not contain a method named '%s'.", typeNameOf(v), name))
}

// mayBeNoText tells whether a value is known to be, on some path at least, what
// text is not joined to by +. What is not known at all is taken for text.
func mayBeNoText(v Value) bool {
	switch v := v.(type) {
	case nil, string, Char, *Text, *Array, *List:
		return false
	case *Unknown:
		return v.noText || v.Type != "" && v.Type != typeString || v.HasDefault && mayBeNoText(v.Default)
	}
	return true
}

// add is +, which the left operand decides: text is joined, lists grow, tables
// merge, numbers add up. Text that an unknown value is part of keeps its known
// parts; an unknown collection to which a compound assignment adds stays one.
func (in *Interpreter) add(l, r Value, source string, compound bool) (Value, error) {
	switch x := l.(type) {
	case nil:
		return r, nil
	case string, *Text, Char:
		return in.boundedText(l, r)
	case *Array, *List:
		return in.appendItems(enumerate(x), r)
	case *Hash:
		return in.mergeHashes(x, r, source)
	case *Unknown:
		if x.Type == typeString && !x.Many {
			return in.boundedText(l, r)
		}
		switch r.(type) {
		case string, *Text:
			switch {
			case x.Many && compound:
				u := in.unknownResult(KindPlus, l, r, source)
				u.Many = true
				return u, nil
			case !mayBeNoText(x):
				return in.boundedText(l, r)
			}
		case *Array, *List:
			u := in.unknownResult(KindPlus, l, r, source)
			u.Many = true
			return u, nil
		}
		u := in.unknownResult(KindPlus, l, r, source)
		u.Many = x.Many
		return u, nil
	}
	if t, ok := l.(*Object); ok {
		if items, ok := enumeratedPayload(t); ok {
			return in.appendItems(items, r)
		}
	}
	return in.arithmetic(KindPlus, l, r, source)
}

func (in *Interpreter) appendItems(items []Value, r Value) (Value, error) {
	more, ok := enumerable(r)
	if !ok {
		more = []Value{r}
	}
	if err := in.charge(int64(len(items)+len(more)) * 16); err != nil {
		return nil, err
	}
	joined := make([]Value, 0, len(items)+len(more))
	return newArray(append(append(joined, items...), more...)), nil
}

func (in *Interpreter) mergeHashes(l *Hash, r Value, source string) (Value, error) {
	h, ok := r.(*Hash)
	if !ok {
		if isUnknown(r) {
			return in.unknownResult(KindPlus, l, r, source), nil
		}
		return nil, in.thrown("System.Management.Automation.RuntimeException", "A hash table can only be added to another hash table.")
	}
	if err := in.chargeItems(int64(l.Len() + h.Len())); err != nil {
		return nil, err
	}
	merged := l.Copy()
	merged.Type, merged.Ordered = typeHashtable, false
	for _, k := range h.Keys() {
		if merged.Has(k) == Yes {
			return nil, in.thrown("System.ArgumentException", "Item has already been added. Key in dictionary: '"+expressionOf(k)+"'")
		}
		v, _ := h.Get(k)
		merged.Set(k, v)
	}
	return merged, nil
}

// combine is -and, -or, -xor on evaluated operands.
func (in *Interpreter) combine(op TokenKind, l, r Value, source string) (Value, error) {
	a, b := in.truth(l), in.truth(r)
	switch {
	case op == KindAnd && (a == No || b == No):
		return false, nil
	case op == KindOr && (a == Yes || b == Yes):
		return true, nil
	case a == Maybe || b == Maybe:
		return in.unknownBool(op, l, r, source), nil
	case op == KindXor:
		return a != b, nil
	}
	return op == KindAnd, nil
}

// rangeOf is .., which counts up or down; in 7 also through characters.
func (in *Interpreter) rangeOf(l, r Value, source string) (Value, error) {
	if isUnknown(l) || isUnknown(r) {
		u := in.unknownResult(KindDotDot, l, r, source)
		u.Many = true
		return u, nil
	}
	if in.dialect() == PowerShellCore {
		from, ok := charOf(l)
		to, ok2 := charOf(r)
		if ok && ok2 {
			return in.countRange(int64(from), int64(to), "System.Object", func(n int64) Value { return Char(n) })
		}
	}
	from, err := in.rangeBound(l)
	if err != nil {
		return nil, err
	}
	to, err := in.rangeBound(r)
	if err != nil {
		return nil, err
	}
	return in.countRange(from, to, typeObject, func(n int64) Value { return int32(n) })
}

func (in *Interpreter) rangeBound(v Value) (int64, error) {
	n, err := in.toInteger(v, "System.Int32", integerRanges["System.Int32"])
	if err != nil {
		return 0, err
	}
	return int64(n.(int32)), nil
}

func (in *Interpreter) countRange(from, to int64, element string, make func(int64) Value) (Value, error) {
	step := int64(1)
	count := to - from
	if count < 0 {
		step, count = -1, -count
	}
	if err := in.chargeItems(count + 1); err != nil {
		return nil, err
	}
	var items []Value
	for n := from; ; n += step {
		items = append(items, make(n))
		if n == to {
			return newTypedArray(element, items), nil
		}
	}
}

// charOf returns the unit of a char or of a string of one.
func charOf(v Value) (Char, bool) {
	switch v := v.(type) {
	case Char:
		return v, true
	case string:
		if unitLen(v) == 1 {
			return Char(utf16Units(v)[0]), true
		}
	}
	return 0, false
}

// is is -is: the right side is a type or its name.
func (in *Interpreter) is(o operator, l, r Value, source string) (Value, error) {
	t, ok := r.(*TypeRef)
	if s, isString := r.(string); isString {
		t, ok = in.typeNamed(s), true
	}
	if !ok {
		return in.unknownBool(KindIs, l, r, source), nil
	}
	switch in.isInstance(l, t) {
	case Yes:
		return !o.negated, nil
	case No:
		return o.negated, nil
	}
	op := KindIs
	if o.negated {
		op = KindIsNot
	}
	return in.unknownBool(op, l, r, source), nil
}

// as is -as: a cast that gives $null where it fails.
func (in *Interpreter) as(l, r Value) (Value, error) {
	t, ok := r.(*TypeRef)
	if s, isString := r.(string); isString {
		t, ok = in.typeNamed(s), true
	}
	if !ok {
		return in.unknownResult(KindAs, l, r, ""), nil
	}
	v, err := in.convert(l, t)
	if _, thrown := err.(*Thrown); thrown {
		return nil, nil
	}
	return v, err
}
