package powershell

// Arithmetic and bitwise operators.

import (
	"math"
	"math/big"
	"strings"
)

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
		return nil, in.dividedByZero()
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
				return nil, in.dividedByZero()
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
		u := derivedFrom(v, nameOf("-"+operand(expressionOf(v)), source), "-")
		u.noText = true
		return u, nil
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
