package powershell

// The operators: which of them is meant, and arithmetic. Comparison is in
// operator_compare.go, text in operator_text.go.

import (
	"fmt"
	"math"
	"math/big"
	"strings"
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
			if x.Many && compound {
				u := in.unknownResult(KindPlus, l, r, source)
				u.Many = true
				return u, nil
			}
			return in.boundedText(l, r)
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

// arithmetic is + - * / % on what is not joined or merged.
func (in *Interpreter) arithmetic(op TokenKind, l, r Value, source string) (Value, error) {
	if op == KindMultiply {
		if v, ok, err := in.repeat(l, r, source); ok || err != nil {
			return v, err
		}
	}
	if isUnknown(l) || isUnknown(r) {
		return in.unknownResult(op, l, r, source), nil
	}
	if v, ok, err := in.timeArithmetic(op, l, r); ok || err != nil {
		return v, err
	}
	if l == nil && op == KindMultiply {
		return nil, nil
	}
	a, err := in.operandNumber(l, r, op)
	if err != nil {
		return nil, err
	}
	b, err := in.operandNumber(r, l, op)
	if err != nil {
		return nil, err
	}
	return in.calculate(op, a, b)
}

// operandNumber makes an operand of arithmetic a number.
func (in *Interpreter) operandNumber(v, other Value, op TokenKind) (Value, error) {
	switch x := v.(type) {
	case nil:
		return int32(0), nil
	case string:
		if n, ok := numberFromLiteral(x); ok {
			return n, nil
		}
		return nil, in.cannotConvert(v, typeNameOf(coalesce(numberOf(other), int32(0))), in.badNumber(x))
	}
	if n := numberOf(v); isNumber(n) {
		return n, nil
	}
	return nil, in.noOperator(v, operatorMethods[op])
}

func coalesce(v, otherwise Value) Value {
	if isNumber(v) {
		return v
	}
	return otherwise
}

var operatorMethods = map[TokenKind]string{
	KindPlus: "op_Addition", KindMinus: "op_Subtraction", KindMultiply: "op_Multiply", KindDivide: "op_Division",
	KindRem: "op_Modulus", KindBand: "op_BitwiseAnd", KindBor: "op_BitwiseOr", KindBxor: "op_ExclusiveOr",
	KindShl: "op_LeftShift", KindShr: "op_RightShift",
}

// repeat is * on text and lists, which the number of copies multiplies.
func (in *Interpreter) repeat(l, r Value, source string) (Value, bool, error) {
	items, isList := Items(l)
	_, isString := l.(string)
	text, isText := l.(*Text)
	if !isList && !isString && !isText {
		return nil, false, nil
	}
	if isUnknown(r) {
		u := in.unknownResult(KindMultiply, l, r, source)
		u.Many = isList
		return u, true, nil
	}
	v, err := in.toInteger(r, "System.Int32", integerRanges["System.Int32"])
	if err != nil {
		return nil, true, err
	}
	n := int64(v.(int32))
	if n < 0 {
		return nil, true, in.thrown("System.ArgumentOutOfRangeException", "Specified argument was out of the range of valid values.")
	}
	if isList {
		if err := in.charge(n * int64(len(items)) * 16); err != nil {
			return nil, true, err
		}
		repeated := make([]Value, 0, n*int64(len(items)))
		for range n {
			repeated = append(repeated, items...)
		}
		return newArray(repeated), true, nil
	}
	if isText {
		if err := in.charge(n * int64(len(text.Parts)) * holeSize); err != nil {
			return nil, true, err
		}
		parts := make([]Value, n)
		for i := range parts {
			parts[i] = text
		}
		v, err := in.boundedText(parts...)
		return v, true, err
	}
	if err := in.charge(n * int64(len(l.(string)))); err != nil {
		return nil, true, err
	}
	return strings.Repeat(l.(string), int(n)), true, nil
}

// calculate does arithmetic on two numbers. Integers that overflow become
// doubles; decimals that do are an error.
func (in *Interpreter) calculate(op TokenKind, l, r Value) (Value, error) {
	k := commonKind(l, r)
	switch {
	case k == kindDouble:
		return floatArithmetic(op, floatOf(l), floatOf(r)), nil
	case k == kindDecimal:
		return in.decimalArithmetic(op, l, r)
	}
	a, _ := bigInt(l)
	b, _ := bigInt(r)
	if err := in.charge(int64(a.BitLen()+b.BitLen()) / 8 * 64); err != nil {
		return nil, err
	}
	n := new(big.Int)
	switch op {
	case KindPlus:
		return narrow(n.Add(a, b), k), nil
	case KindMinus:
		return narrow(n.Sub(a, b), k), nil
	case KindMultiply:
		return narrow(n.Mul(a, b), k), nil
	}
	if b.Sign() == 0 {
		return nil, in.thrown("System.DivideByZeroException", "Attempted to divide by zero.")
	}
	if op == KindRem {
		return narrow(n.Rem(a, b), k), nil
	}
	remainder := new(big.Int)
	n.QuoRem(a, b, remainder)
	if remainder.Sign() == 0 || k == kindBig {
		return narrow(n, k), nil
	}
	return floatOf(l) / floatOf(r), nil
}

func floatArithmetic(op TokenKind, a, b float64) float64 {
	switch op {
	case KindPlus:
		return a + b
	case KindMinus:
		return a - b
	case KindMultiply:
		return a * b
	case KindDivide:
		return a / b
	}
	return math.Mod(a, b)
}

func (in *Interpreter) decimalArithmetic(op TokenKind, l, r Value) (Value, error) {
	a, ok := decimalOf(l)
	b, ok2 := decimalOf(r)
	ok = ok && ok2
	if ok {
		switch op {
		case KindPlus:
			a, ok = a.add(b)
		case KindMinus:
			a, ok = a.sub(b)
		case KindMultiply:
			a, ok = a.mul(b)
		default:
			if b.Unscaled.Sign() == 0 {
				return nil, in.thrown("System.DivideByZeroException", "Attempted to divide by zero.")
			}
			if op == KindRem {
				a, ok = a.rem(b)
			} else {
				a, ok = a.div(b)
			}
		}
	}
	if !ok {
		return nil, in.thrown("System.OverflowException", "Value was either too large or too small for a Decimal.")
	}
	return a, nil
}

func (in *Interpreter) negate(v Value, source string) (Value, error) {
	if isUnknown(v) {
		return derivedFrom(v, nameOf("-"+operand(expressionOf(v)), source), "-"), nil
	}
	switch x := v.(type) {
	case float64:
		return -x, nil
	case float32:
		return -x, nil
	}
	return in.arithmetic(KindMinus, int32(0), v, source)
}

// bitwise is on integers: others are rounded to one first.
func (in *Interpreter) bitwise(op TokenKind, l, r Value, source string) (Value, error) {
	if isUnknown(l) || isUnknown(r) {
		return in.unknownResult(op, l, r, source), nil
	}
	if e, ok := l.(*Object); ok && (op == KindBor || op == KindBand || op == KindBxor) {
		if _, ok := e.Payload.(*enumValue); ok {
			return in.enumBitwise(op, e, r)
		}
	}
	a, err := in.operandInteger(l, op)
	if err != nil {
		return nil, err
	}
	b, err := in.operandInteger(r, op)
	if err != nil {
		return nil, err
	}
	if op == KindShl || op == KindShr {
		return in.shift(op, a, b)
	}
	k := commonKind(a, b)
	if k == kindDecimal {
		k = kindLong
	}
	x, _ := bigInt(a)
	y, _ := bigInt(b)
	n := new(big.Int)
	switch op {
	case KindBand:
		n.And(x, y)
	case KindBor:
		n.Or(x, y)
	default:
		n.Xor(x, y)
	}
	return narrow(n, k), nil
}

func (in *Interpreter) operandInteger(v Value, op TokenKind) (Value, error) {
	n, err := in.operandNumber(v, int32(0), op)
	if err != nil {
		return nil, err
	}
	switch n.(type) {
	case float32, float64, Decimal:
		rounded, reason := integerFrom(n)
		if rounded == nil || !rounded.IsInt64() {
			return nil, in.cannotConvert(v, "System.Int64", reason)
		}
		return narrow(rounded, widthOf(rounded)), nil
	}
	return n, nil
}

func widthOf(n *big.Int) arithmeticKind {
	if n.IsInt64() && n.Int64() == int64(int32(n.Int64())) {
		return kindInt
	}
	return kindLong
}

// shift takes the distance modulo the width, as the processor does.
func (in *Interpreter) shift(op TokenKind, v, by Value) (Value, error) {
	distance, _ := bigInt(by)
	d := uint(new(big.Int).And(distance, big.NewInt(63)).Uint64())
	switch x := v.(type) {
	case int64:
		if op == KindShl {
			return x << d, nil
		}
		return x >> d, nil
	case uint64:
		if op == KindShl {
			return x << d, nil
		}
		return x >> d, nil
	case uint32:
		if op == KindShl {
			return x << (d & 31), nil
		}
		return x >> (d & 31), nil
	}
	n, ok := smallInt(v)
	if !ok {
		return nil, in.noOperator(v, operatorMethods[op])
	}
	if op == KindShl {
		return int32(n) << (d & 31), nil
	}
	return int32(n) >> (d & 31), nil
}

func (in *Interpreter) complement(v Value, source string) (Value, error) {
	if isUnknown(v) {
		return derivedFrom(v, nameOf("-bnot "+operand(expressionOf(v)), source), "bnot"), nil
	}
	n, err := in.operandInteger(v, KindBxor)
	if err != nil {
		return nil, err
	}
	switch x := n.(type) {
	case int64:
		return ^x, nil
	case uint64:
		return ^x, nil
	case uint32:
		return ^x, nil
	}
	i, _ := smallInt(n)
	return ^int32(i), nil
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
