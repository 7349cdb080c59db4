package powershell

// Static members of Convert, BitConverter, the number types and Math.

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"math"
	"math/big"
	"slices"
	"strings"
)

func addConvertStatics(l *library) {
	to := map[string]string{
		"toboolean": "System.Boolean", "tobyte": "System.Byte", "tosbyte": "System.SByte", "toint16": "System.Int16", "touint16": "System.UInt16",
		"toint32": "System.Int32", "touint32": "System.UInt32", "toint64": "System.Int64", "touint64": "System.UInt64",
		"tosingle": "System.Single", "todouble": "System.Double", "todecimal": "System.Decimal", "todatetime": typeDateTime, "tochar": "System.Char",
	}
	methods := map[string]method{
		"tostring":         known((*call).convertToString),
		"frombase64string": opened((*call).fromBase64),
		"tobase64string":   opened((*call).toBase64),
		"frombase64chararray": known(func(c *call) (Value, error) {
			items, _ := Items(c.arg(0))
			v, err := c.in.join(newArray(items), "", c.source)
			if err != nil {
				return nil, err
			}
			d := *c
			d.args = []Value{v}
			return d.fromBase64()
		}),
		"fromhexstring": known(func(c *call) (Value, error) {
			b, err := hex.DecodeString(c.text(0))
			if err != nil {
				return nil, c.fail("System.FormatException", "The input is not a valid hex string.")
			}
			return c.in.newBytes(b)
		}),
		"tohexstring": known(func(c *call) (Value, error) {
			b, ok := bytesOf(c.arg(0))
			if !ok {
				return c.unknown(), nil
			}
			return strings.ToUpper(hex.EncodeToString(b)), c.in.charge(int64(len(b)))
		}),
		"changetype": known(func(c *call) (Value, error) {
			if t, ok := c.arg(1).(*TypeRef); ok {
				return c.in.convert(c.arg(0), t)
			}
			return c.in.convert(c.arg(0), c.in.typeNamed(c.text(1)))
		}),
	}
	for name, typeName := range to {
		methods[name] = known(func(c *call) (Value, error) { return c.convertTo(typeName) })
	}
	l.addStatics("System.Convert", methods)
	// Strings, numbers and characters have them, too, as IConvertible.
	instance := map[string]method{}
	for name, typeName := range to {
		instance[name] = known(func(c *call) (Value, error) {
			d := *c
			d.args = []Value{c.target}
			return d.convertTo(typeName)
		})
	}
	for _, typeName := range []string{"System.String", "System.Char", "Number"} {
		l.addMethods(typeName, instance)
	}
	l.addMethods("System.Numerics.BigInteger", map[string]method{"tobytearray": known((*call).bigBytes)})
	addBitStatics(l)
	addNumberStatics(l)
}

// bigBytes is ToByteArray: the bytes of a number from the lowest on, of which the
// last one has the sign.
func (c *call) bigBytes() (Value, error) {
	n, ok := c.target.(*big.Int)
	if !ok {
		return c.unknown(), nil
	}
	width := n.BitLen()/8 + 1
	if n.Sign() < 0 {
		width = new(big.Int).Add(n, big.NewInt(1)).BitLen()/8 + 1
		n = new(big.Int).Add(n, new(big.Int).Lsh(big.NewInt(1), uint(8*width)))
	}
	b := n.FillBytes(make([]byte, width))
	slices.Reverse(b)
	return c.in.newBytes(b)
}

// convertTo converts, reading text in the base that a second argument gives.
func (c *call) convertTo(typeName string) (Value, error) {
	s, isText := c.arg(0).(string)
	r, isInteger := integerRanges[typeName]
	if isText && isInteger && c.isInteger(1) {
		return c.fromBase(s, r, typeName)
	}
	if isText && isInteger {
		n, ok := parseInteger(s)
		if !ok || strings.ContainsAny(s, "xX#&") {
			return nil, c.fail("System.FormatException", c.in.badNumber(s))
		}
		if !r.holds(n) {
			return nil, c.fail("System.OverflowException", "Value was either too large or too small for an "+strings.TrimPrefix(typeName, "System.")+".")
		}
		return r.make(n), nil
	}
	if typeName == "System.Boolean" && isText {
		switch foldCase(strings.TrimSpace(s)) {
		case "true":
			return true, nil
		case "false":
			return false, nil
		}
		return nil, c.fail("System.FormatException", "String was not recognized as a valid Boolean.")
	}
	return c.in.convert(c.arg(0), &TypeRef{Name: typeName})
}

// fromBase reads digits of base 2, 8, 10 or 16; all bits set is a negative
// number of a signed type.
func (c *call) fromBase(s string, r integerRange, typeName string) (Value, error) {
	base, _ := c.integer(1)
	if base == 16 {
		s = strings.TrimPrefix(strings.TrimPrefix(s, "0x"), "0X")
	}
	if base != 2 && base != 8 && base != 10 && base != 16 {
		return nil, c.fail("System.ArgumentException", "Invalid Base.")
	}
	n, ok := new(big.Int).SetString(s, base)
	if !ok || len(s) > 128 || strings.ContainsAny(s, "_+") {
		return nil, c.fail("System.FormatException", "Could not find any recognizable digits.")
	}
	width := integerWidth(r.make(new(big.Int)))
	if base != 10 && n.Sign() > 0 && n.BitLen() == width && r.low != "0" {
		n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(width)))
	}
	if !r.holds(n) {
		return nil, c.fail("System.OverflowException", "Value was either too large or too small for a "+strings.TrimPrefix(typeName, "System.")+".")
	}
	return r.make(n), nil
}

// convertToString writes an integer in base 2, 8, 10 or 16.
func (c *call) convertToString() (Value, error) {
	if !c.isInteger(1) {
		return c.in.text(c.arg(0)), nil
	}
	base, _ := c.integer(1)
	v := c.arg(0)
	if s, ok := v.(string); ok {
		n, err := c.in.toInteger(s, "System.Int32", integerRanges["System.Int32"])
		if err != nil {
			return nil, err
		}
		v = n
	}
	n, ok := twosComplement(numberOf(v))
	if base == 10 {
		n, ok = bigInt(numberOf(v))
	}
	if !ok || base != 2 && base != 8 && base != 10 && base != 16 {
		return nil, c.fail("System.ArgumentException", "Invalid Base.")
	}
	return n.Text(base), nil
}

// stillEncoded is the result for an unknown argument, which may remember the
// text that it encodes.
func (c *call) stillEncoded() *Unknown {
	r := c.unknown()
	if u, ok := c.arg(0).(*Unknown); ok && len(c.args) == 1 {
		r.encoded = u.encoded
	}
	return r
}

func (c *call) fromBase64() (Value, error) {
	if anyUnknown(c.args...) {
		return c.stillEncoded(), nil
	}
	s := c.text(0)
	b, ok := decodeBase64(s)
	if !ok {
		return nil, c.fail("System.FormatException", "The input is not a valid Base-64 string as it contains a non-base 64 character, more than two padding characters, or an illegal character among the padding characters.")
	}
	return c.in.newBytes(b)
}

func (c *call) toBase64() (Value, error) {
	if anyUnknown(c.args...) {
		return c.stillEncoded(), nil
	}
	b, ok := bytesOf(c.arg(0))
	if !ok {
		return nil, c.fail("System.ArgumentException", "Cannot convert argument to type System.Byte[].")
	}
	if c.isInteger(1) && c.isInteger(2) {
		from, _ := c.integer(1)
		n, _ := c.integer(2)
		if from < 0 || n < 0 || from+n > len(b) {
			return nil, c.outOfRange("Offset and length must refer to a position in the string.")
		}
		b = b[from : from+n]
	}
	s := base64.StdEncoding.EncodeToString(b)
	if last := c.arg(len(c.args) - 1); len(c.args) > 1 && strings.EqualFold(expressionOf(last), "InsertLineBreaks") || last == "InsertLineBreaks" {
		var lines []string
		for len(s) > 76 {
			lines, s = append(lines, s[:76]), s[76:]
		}
		s = strings.Join(append(lines, s), "\r\n")
	}
	return s, c.in.charge(int64(len(s)))
}

func addBitStatics(l *library) {
	at := func(c *call, n int) ([]byte, error) {
		b, ok := bytesOf(c.arg(0))
		from, err := c.integer(1)
		if err != nil {
			return nil, err
		}
		if !ok || from < 0 || from+n > len(b) {
			return nil, c.fail("System.ArgumentException", "Destination array is not long enough.")
		}
		return b[from : from+n], nil
	}
	read := func(n int, make func([]byte) Value) method {
		return known(func(c *call) (Value, error) {
			b, err := at(c, n)
			if err != nil {
				return nil, err
			}
			return make(b), nil
		})
	}
	order := binary.LittleEndian
	l.addStatics("System.BitConverter", map[string]method{
		"toint16": read(2, func(b []byte) Value { return int16(order.Uint16(b)) }), "touint16": read(2, func(b []byte) Value { return order.Uint16(b) }),
		"toint32": read(4, func(b []byte) Value { return int32(order.Uint32(b)) }), "touint32": read(4, func(b []byte) Value { return order.Uint32(b) }),
		"toint64": read(8, func(b []byte) Value { return int64(order.Uint64(b)) }), "touint64": read(8, func(b []byte) Value { return order.Uint64(b) }),
		"todouble": read(8, func(b []byte) Value { return math.Float64frombits(order.Uint64(b)) }),
		"tochar":   read(2, func(b []byte) Value { return Char(order.Uint16(b)) }),
		"getbytes": known((*call).bitBytes),
		"tostring": known((*call).bitString),
	})
	l.addStaticProperties("System.BitConverter", map[string]staticProperty{"islittleendian": constant(true)})
}

func (c *call) bitBytes() (Value, error) {
	v := c.arg(0)
	switch x := v.(type) {
	case bool:
		return bytesValue([]byte{uint8(floatOf(x))}), nil
	case Char:
		return bytesValue([]byte{byte(x), byte(x >> 8)}), nil
	case float64:
		return bytesValue(binary.LittleEndian.AppendUint64(nil, math.Float64bits(x))), nil
	case float32:
		return bytesValue(binary.LittleEndian.AppendUint32(nil, math.Float32bits(x))), nil
	}
	n, ok := twosComplement(v)
	if !ok {
		return c.unknown(), nil
	}
	b := n.FillBytes(make([]byte, max(integerWidth(v)/8, 2)))
	for i, j := 0, len(b)-1; i < j; i, j = i+1, j-1 {
		b[i], b[j] = b[j], b[i]
	}
	return bytesValue(b), nil
}

func (c *call) bitString() (Value, error) {
	b, ok := bytesOf(c.arg(0))
	if !ok {
		return nil, c.fail("System.ArgumentException", "Cannot convert argument to type System.Byte[].")
	}
	if c.isInteger(1) {
		from, _ := c.integer(1)
		n := len(b) - from
		if c.isInteger(2) {
			n, _ = c.integer(2)
		}
		if from < 0 || n < 0 || from+n > len(b) {
			return nil, c.outOfRange("Index was out of range.")
		}
		b = b[from : from+n]
	}
	pairs := make([]string, len(b))
	for i, x := range b {
		pairs[i] = strings.ToUpper(hex.EncodeToString([]byte{x}))
	}
	return strings.Join(pairs, "-"), c.in.charge(int64(len(b)))
}

// addNumberStatics are Parse, TryParse, MaxValue and MinValue of the number
// types.
func addNumberStatics(l *library) {
	for name, r := range integerRanges {
		low, _ := new(big.Int).SetString(r.low, 10)
		high, _ := new(big.Int).SetString(r.high, 10)
		l.addStaticProperties(name, map[string]staticProperty{"minvalue": constant(r.make(low)), "maxvalue": constant(r.make(high))})
		l.addStatics(name, map[string]method{
			"parse":    known(func(c *call) (Value, error) { return c.parseNumber(name) }),
			"tryparse": opened(func(c *call) (Value, error) { return c.tryParse(name) }),
		})
	}
	for _, name := range []string{"System.Double", "System.Single", "System.Decimal", "System.Numerics.BigInteger", "System.Boolean", typeGUID, typeVersion,
		typeTimeSpan, "System.Net.IPAddress", "System.Char"} {
		l.addStatics(name, map[string]method{
			"tryparse": opened(func(c *call) (Value, error) { return c.tryParse(name) }),
		})
	}
	for _, name := range []string{"System.Double", "System.Single", "System.Decimal", "System.Numerics.BigInteger", "System.Boolean"} {
		l.addStatics(name, map[string]method{"parse": known(func(c *call) (Value, error) { return c.parseNumber(name) })})
	}
	l.addStatics("System.Double", map[string]method{
		"isnan":      known(func(c *call) (Value, error) { return math.IsNaN(floatOf(c.arg(0))), nil }),
		"isinfinity": known(func(c *call) (Value, error) { return math.IsInf(floatOf(c.arg(0)), 0), nil }),
	})
	l.addStaticProperties("System.Double", map[string]staticProperty{
		"nan": constant(math.NaN()), "positiveinfinity": constant(math.Inf(1)), "negativeinfinity": constant(math.Inf(-1)),
		"maxvalue": constant(math.MaxFloat64), "minvalue": constant(-math.MaxFloat64), "epsilon": constant(math.SmallestNonzeroFloat64),
	})
	l.addStaticProperties("System.Boolean", map[string]staticProperty{"truestring": constant("True"), "falsestring": constant("False")})
	l.addStaticProperties("System.Decimal", map[string]staticProperty{
		"maxvalue": constant(Decimal{maxDecimal, 0}), "minvalue": constant(Decimal{new(big.Int).Neg(maxDecimal), 0}),
		"zero": constant(Decimal{new(big.Int), 0}), "one": constant(Decimal{big.NewInt(1), 0}),
	})
}

// parseNumber is Parse, which unlike a cast takes no empty text; a style may
// ask for hexadecimal digits.
func (c *call) parseNumber(typeName string) (Value, error) {
	s := strings.TrimFunc(c.text(0), isSpace)
	r, isInteger := integerRanges[typeName]
	if style := c.arg(1); style != nil && isInteger {
		n, _ := smallInt(style)
		if text, ok := style.(string); ok {
			n, _ = c.in.lib().enums["System.Globalization.NumberStyles"].number(text)
		}
		if n&512 != 0 {
			d := *c
			d.args = []Value{s, int32(16)}
			return d.fromBase(s, r, typeName)
		}
	}
	if typeName == "System.Boolean" {
		return c.convertTo(typeName)
	}
	plain := s
	if isInteger {
		plain = strings.TrimLeft(s, "+-0123456789")
		if plain != "" {
			return nil, c.fail("System.FormatException", c.in.badNumber(c.text(0)))
		}
	}
	if s == "" {
		return nil, c.fail("System.FormatException", c.in.badNumber(c.text(0)))
	}
	return c.in.convert(s, &TypeRef{Name: typeName})
}

func (c *call) tryParse(typeName string) (Value, error) {
	r := referenceIn(c.arg(len(c.args) - 1))
	if isUnknown(c.arg(0)) {
		u := c.unknown()
		u.Type = "System.Boolean"
		if r != nil {
			result := derivedFrom(c.arg(0), nameOf("["+acceleratorName(c.kind)+"]"+operand(expressionOf(c.arg(0))), ""), "parsed")
			result.Type = typeName
			if err := r.set(result); err != nil {
				return nil, err
			}
		}
		return u, nil
	}
	d := *c
	d.args = c.args[:min(1, len(c.args))]
	v, err := d.parseNumber(typeName)
	if _, thrown := err.(*Thrown); thrown {
		if r != nil {
			err = r.set(c.in.defaultOf(&TypeRef{Name: typeName}))
		} else {
			err = nil
		}
		return false, err
	}
	if err == nil && r != nil {
		err = r.set(v)
	}
	return true, err
}

func addMathStatics(l *library) {
	methods := map[string]method{
		"abs": known((*call).mathAbs), "max": known(func(c *call) (Value, error) { return c.mathPick(1) }), "min": known(func(c *call) (Value, error) { return c.mathPick(-1) }),
		"round": known((*call).mathRound), "floor": known(func(c *call) (Value, error) { return c.mathWhole(math.Floor, false) }),
		"ceiling": known(func(c *call) (Value, error) { return c.mathWhole(math.Ceil, true) }), "truncate": known((*call).mathTruncate),
		"sign": known(func(c *call) (Value, error) { return int32(compareNumbers(c.number(0), int32(0))), nil }),
		"pow":  known(func(c *call) (Value, error) { return math.Pow(floatOf(c.number(0)), floatOf(c.number(1))), nil }),
		"divrem": known(func(c *call) (Value, error) {
			q, err := c.in.arithmetic(KindDivide, c.number(0), c.number(1), c.source)
			if err != nil {
				return nil, err
			}
			if r := referenceIn(c.arg(2)); r != nil {
				rest, err := c.in.arithmetic(KindRem, c.number(0), c.number(1), c.source)
				if err == nil {
					err = r.set(rest)
				}
				if err != nil {
					return nil, err
				}
			}
			n, _ := roundedFloat(math.Trunc(floatOf(q)))
			if n == nil {
				return q, nil
			}
			return narrow(n, kindOf(c.number(0))), nil
		}),
		"log": known(func(c *call) (Value, error) {
			if len(c.args) > 1 {
				return math.Log(floatOf(c.number(0))) / math.Log(floatOf(c.number(1))), nil
			}
			return math.Log(floatOf(c.number(0))), nil
		}),
	}
	for name, f := range map[string]func(float64) float64{
		"sqrt": math.Sqrt, "log10": math.Log10, "exp": math.Exp, "sin": math.Sin, "cos": math.Cos, "tan": math.Tan,
		"asin": math.Asin, "acos": math.Acos, "atan": math.Atan,
	} {
		methods[name] = known(func(c *call) (Value, error) { return f(floatOf(c.number(0))), nil })
	}
	l.addStatics("System.Math", methods)
	l.addStaticProperties("System.Math", map[string]staticProperty{"pi": constant(math.Pi), "e": constant(math.E)})
}

// number is an argument as a number; what is none counts as zero.
func (c *call) number(i int) Value {
	switch v := c.arg(i).(type) {
	case string:
		if f, ok := parseFloat(v); ok {
			return f
		}
	default:
		if n := numberOf(v); isNumber(n) {
			return n
		}
	}
	return int32(0)
}

func (c *call) mathAbs() (Value, error) {
	n := c.number(0)
	if compareNumbers(n, int32(0)) >= 0 {
		return n, nil
	}
	return c.in.negate(n, c.source)
}

func (c *call) mathPick(want int) (Value, error) {
	a, b := c.number(0), c.number(1)
	k := commonKind(a, b)
	pick := b
	if compareNumbers(a, b) == want {
		pick = a
	}
	switch k {
	case kindDouble:
		return floatOf(pick), nil
	case kindDecimal:
		d, _ := decimalOf(pick)
		return d, nil
	}
	n, _ := bigInt(pick)
	return narrow(n, k), nil
}

func (c *call) mathWhole(round func(float64) float64, up bool) (Value, error) {
	if d, ok := c.number(0).(Decimal); ok {
		unit := pow10(d.Scale)
		q, r := new(big.Int).DivMod(d.Unscaled, unit, new(big.Int))
		if up && r.Sign() != 0 {
			q.Add(q, big.NewInt(1))
		}
		return Decimal{q, 0}, nil
	}
	return round(floatOf(c.number(0))), nil
}

func (c *call) mathTruncate() (Value, error) {
	if d, ok := c.number(0).(Decimal); ok {
		return Decimal{new(big.Int).Quo(d.Unscaled, pow10(d.Scale)), 0}, nil
	}
	return math.Trunc(floatOf(c.number(0))), nil
}

// mathRound rounds half to even, or away from zero where asked for.
func (c *call) mathRound() (Value, error) {
	away := strings.EqualFold(expressionOf(c.arg(len(c.args)-1)), "AwayFromZero") || strings.EqualFold(c.text(len(c.args)-1), "AwayFromZero")
	digits := 0
	if c.isInteger(1) {
		digits, _ = c.integer(1)
	}
	if digits < 0 || digits > maxDecimalScale {
		return nil, c.outOfRange("Rounding digits must be between 0 and 15, inclusive.")
	}
	if d, ok := c.number(0).(Decimal); ok {
		if away {
			r := intDecimal(d.Unscaled, d.Scale).rounded(digits)
			rounded, _ := parseDecimal(r.signed(r.plain(digits, false), digits))
			return rounded, nil
		}
		return d.rounded(digits), nil
	}
	f := floatOf(c.number(0))
	scale := math.Pow(10, float64(digits))
	if away {
		return math.Round(f*scale) / scale, nil
	}
	return math.RoundToEven(f*scale) / scale, nil
}
