package powershell

// Numbers: what type a result has, how text becomes a number, and how a number
// is written where no format is asked for.

import (
	"math"
	"math/big"
	"strconv"
	"strings"
)

// bigInt returns the value of an integer of any type.
func bigInt(v Value) (*big.Int, bool) {
	switch v := v.(type) {
	case *big.Int:
		return v, true
	case uint64:
		return new(big.Int).SetUint64(v), true
	case bool, Char:
		return nil, false
	}
	n, ok := smallInt(v)
	return big.NewInt(n), ok
}

// smallInt returns the value of an integer that fits an int64. Values of
// enumerations are integers too.
func smallInt(v Value) (int64, bool) {
	switch v := v.(type) {
	case int8:
		return int64(v), true
	case int16:
		return int64(v), true
	case int32:
		return int64(v), true
	case int64:
		return v, true
	case uint8:
		return int64(v), true
	case uint16:
		return int64(v), true
	case uint32:
		return int64(v), true
	case uint64:
		return int64(v), v <= math.MaxInt64
	case *Object:
		if e, ok := v.Payload.(*enumValue); ok {
			return e.Number, true
		}
	}
	return 0, false
}

// isNumber tells whether v is a number, in the narrow sense.
func isNumber(v Value) bool {
	switch v.(type) {
	case int8, int16, int32, int64, uint8, uint16, uint32, uint64, float32, float64, Decimal, *big.Int:
		return true
	}
	return false
}

// floatOf returns the value of a number, bool or char.
func floatOf(v Value) float64 {
	switch v := v.(type) {
	case float32:
		return float64(v)
	case float64:
		return v
	case Decimal:
		return v.Float()
	case bool:
		if v {
			return 1
		}
	case Char:
		return float64(v)
	default:
		if n, ok := bigInt(v); ok {
			f, _ := new(big.Float).SetInt(n).Float64()
			return f
		}
	}
	return 0
}

// arithmeticKind is the type in which an operation is done.
type arithmeticKind uint8

const (
	kindInt arithmeticKind = iota
	kindUint
	kindLong
	kindUlong
	kindDecimal
	kindBig
	kindDouble
)

func kindOf(v Value) arithmeticKind {
	switch v.(type) {
	case uint32:
		return kindUint
	case int64:
		return kindLong
	case uint64:
		return kindUlong
	case Decimal:
		return kindDecimal
	case *big.Int:
		return kindBig
	case float32, float64:
		return kindDouble
	}
	return kindInt
}

// commonKind is the type for two operands: the wider; a signed and an unsigned
// integer meet in the next wider signed type, or in decimal.
func commonKind(l, r Value) arithmeticKind {
	a, b := kindOf(l), kindOf(r)
	wide, narrow := max(a, b), min(a, b)
	switch {
	case wide == kindUint && narrow == kindInt:
		return kindLong
	case wide == kindUlong && (narrow == kindInt && negative(l, r) || narrow == kindLong):
		return kindDecimal
	}
	return wide
}

func negative(l, r Value) bool {
	a, _ := bigInt(l)
	b, _ := bigInt(r)
	return a != nil && a.Sign() < 0 || b != nil && b.Sign() < 0
}

// narrow gives an integer the type of the operation, or makes it a double if
// that type does not hold it.
func narrow(n *big.Int, k arithmeticKind) Value {
	switch k {
	case kindInt:
		if n.IsInt64() && n.Int64() == int64(int32(n.Int64())) {
			return int32(n.Int64())
		}
	case kindUint:
		if n.IsUint64() && n.Uint64() <= math.MaxUint32 {
			return uint32(n.Uint64())
		}
	case kindLong:
		if n.IsInt64() {
			return n.Int64()
		}
	case kindUlong:
		if n.IsUint64() {
			return n.Uint64()
		}
	case kindBig:
		return n
	}
	f, _ := new(big.Float).SetInt(n).Float64()
	return f
}

// numberOf makes a bool or char an integer, for arithmetic.
func numberOf(v Value) Value {
	switch v := v.(type) {
	case bool:
		if v {
			return int32(1)
		}
		return int32(0)
	case Char:
		return int32(v)
	case *Object:
		if e, ok := v.Payload.(*enumValue); ok {
			return narrow(big.NewInt(e.Number), kindLong)
		}
	}
	return v
}

// decimalOf converts any number but a double.
func decimalOf(v Value) (Decimal, bool) {
	if d, ok := v.(Decimal); ok {
		return d, true
	}
	if n, ok := bigInt(numberOf(v)); ok {
		return decimalFromInt(n)
	}
	return decimalFromFloat(floatOf(v))
}

// numberText is how a number converts to text: in the invariant culture.
func numberText(v Value, dialect Dialect) (string, bool) {
	switch v := v.(type) {
	case float32:
		return floatText(float64(v), 32, dialect), true
	case float64:
		return floatText(v, 64, dialect), true
	case Decimal:
		return v.String(), true
	}
	if n, ok := bigInt(v); ok {
		return n.String(), true
	}
	return "", false
}

// floatText writes 15 (or 7) significant digits in Windows PowerShell and the
// shortest digits that read back equal in 7, with an exponent where there are
// more digits before the point, or more than four zeros behind it.
func floatText(f float64, bits int, dialect Dialect) string {
	if s, ok := specialFloat(f, dialect); ok {
		return s
	}
	significant := 15
	if bits == 32 {
		significant = 7
	}
	precision := significant - 1
	if dialect == PowerShellCore {
		precision = -1
	}
	digits, exponent := floatDigits(f, precision, bits)
	if dialect == PowerShellCore {
		significant = max(significant, len(digits))
	}
	return generalText(digits, exponent, significant, f < 0 || math.Signbit(f) && dialect == PowerShellCore, "E", 2)
}

func specialFloat(f float64, dialect Dialect) (string, bool) {
	infinity := "Infinity"
	if dialect == PowerShellCore {
		infinity = "∞"
	}
	switch {
	case math.IsNaN(f):
		return "NaN", true
	case math.IsInf(f, 1):
		return infinity, true
	case math.IsInf(f, -1):
		return "-" + infinity, true
	case f == 0 && (dialect == WindowsPowerShell || !math.Signbit(f)):
		return "0", true
	}
	return "", false
}

// floatDigits returns the significant digits of |f| without trailing zeros,
// and the power of ten of the first; precision counts digits behind the first,
// -1 asks for the shortest that read back equal.
func floatDigits(f float64, precision, bits int) (string, int) {
	s := strconv.FormatFloat(math.Abs(f), 'e', precision, bits)
	mantissa, exponent, _ := strings.Cut(s, "e")
	e, _ := strconv.Atoi(exponent)
	digits := strings.TrimRight(strings.Replace(mantissa, ".", "", 1), "0")
	return digits, e
}

// generalText is the G format.
func generalText(digits string, exponent, significant int, negative bool, letter string, exponentDigits int) string {
	var b strings.Builder
	if negative {
		b.WriteByte('-')
	}
	if digits == "" {
		digits = "0"
	}
	switch {
	case exponent >= significant || exponent < -4:
		b.WriteString(digits[:1])
		if len(digits) > 1 {
			b.WriteString("." + digits[1:])
		}
		b.WriteString(exponentText(exponent, letter, exponentDigits))
	case exponent < 0:
		b.WriteString("0." + strings.Repeat("0", -exponent-1) + digits)
	case len(digits) <= exponent+1:
		b.WriteString(digits + strings.Repeat("0", exponent+1-len(digits)))
	default:
		b.WriteString(digits[:exponent+1] + "." + digits[exponent+1:])
	}
	return b.String()
}

func exponentText(exponent int, letter string, digits int) string {
	sign := "+"
	if exponent < 0 {
		sign, exponent = "-", -exponent
	}
	s := strconv.Itoa(exponent)
	return letter + sign + strings.Repeat("0", max(0, digits-len(s))) + s
}

// exponentless writes f with the given number of significant digits and
// without an exponent.
func exponentless(f float64, significant int) string {
	rounded, _ := strconv.ParseFloat(strconv.FormatFloat(f, 'e', significant-1, 64), 64)
	return strconv.FormatFloat(rounded, 'f', -1, 64)
}

// numberFromLiteral reads text as the language reads a number: 0x1F, 2kb, 1.5d.
// It is how arithmetic converts a string.
func numberFromLiteral(s string) (Value, bool) {
	s = strings.TrimFunc(s, isSpace)
	if s == "" {
		return int32(0), true
	}
	sign, rest := "", s
	if s[0] == '-' || s[0] == '+' {
		sign, rest = s[:1], s[1:]
	}
	body, multiplier := cutMultiplier(rest)
	isHex := len(body) > 1 && body[0] == '0' && (body[1] == 'x' || body[1] == 'X')
	suffix := byte(0)
	if n := len(body); n > 1 {
		switch c := body[n-1] | 0x20; {
		case c == 'l', c == 'd' && !isHex:
			suffix, body = c, body[:n-1]
		}
	}
	if isHex {
		n, ok := new(big.Int).SetString(body[2:], 16)
		if !ok || len(body) > 18 {
			return nil, false
		}
		return integerLiteral(hexValue(n, len(body)-2), sign, multiplier, suffix)
	}
	if !plainNumber(body) {
		return nil, false
	}
	if n, ok := new(big.Int).SetString(body, 10); ok && suffix != 'd' {
		return integerLiteral(n, sign, multiplier, suffix)
	}
	return realLiteral(body, sign, multiplier, suffix)
}

// plainNumber tells whether s is digits, at most one point and an exponent.
func plainNumber(s string) bool {
	if len(s) > 400 || strings.ContainsAny(s, "_pPxXiInN") {
		return false
	}
	_, err := strconv.ParseFloat(s, 64)
	return err == nil || strings.Contains(err.Error(), "range")
}

// hexValue takes eight or sixteen digits for a signed number, as the language
// does.
func hexValue(n *big.Int, digits int) *big.Int {
	switch {
	case digits == 8 && n.Bit(31) == 1:
		return n.Sub(n, new(big.Int).Lsh(big.NewInt(1), 32))
	case digits == 16 && n.Bit(63) == 1:
		return n.Sub(n, new(big.Int).Lsh(big.NewInt(1), 64))
	}
	return n
}

func cutMultiplier(s string) (string, int64) {
	if len(s) < 3 || s[len(s)-1]|0x20 != 'b' {
		return s, 1
	}
	shift := strings.IndexByte("kmgtp", s[len(s)-2]|0x20)
	if shift < 0 {
		return s, 1
	}
	return s[:len(s)-2], 1 << (10 * (shift + 1))
}

func integerLiteral(n *big.Int, sign string, multiplier int64, suffix byte) (Value, bool) {
	n.Mul(n, big.NewInt(multiplier))
	if sign == "-" {
		n.Neg(n)
	}
	if suffix == 'l' {
		return n.Int64(), n.IsInt64()
	}
	for _, k := range []arithmeticKind{kindInt, kindLong} {
		if v := narrow(n, k); kindOf(v) == k {
			return v, true
		}
	}
	if d, ok := decimalFromInt(n); ok {
		return d, true
	}
	return narrow(n, kindLong), true
}

func realLiteral(body, sign string, multiplier int64, suffix byte) (Value, bool) {
	if suffix == 'd' {
		r, ok := new(big.Rat).SetString(body)
		if !ok {
			return nil, false
		}
		d, ok := parseDecimal(sign + r.FloatString(maxDecimalScale))
		if !strings.ContainsAny(body, "eE") {
			d, ok = parseDecimal(sign + body)
		}
		if !ok {
			return nil, false
		}
		return d.mul(Decimal{big.NewInt(multiplier), 0})
	}
	f, err := strconv.ParseFloat(sign+body, 64)
	if err != nil && !math.IsInf(f, 0) {
		return nil, false
	}
	f *= float64(multiplier)
	if suffix == 'l' {
		return int64(math.RoundToEven(f)), true
	}
	return f, true
}

// parseFloat reads a number with optional group separators, as Double.Parse
// does in the invariant culture.
func parseFloat(s string) (float64, bool) {
	s = strings.TrimFunc(s, isSpace)
	switch s {
	case "NaN":
		return math.NaN(), true
	case "Infinity", "∞":
		return math.Inf(1), true
	case "-Infinity", "-∞":
		return math.Inf(-1), true
	}
	whole, fraction, _ := strings.Cut(s, ".")
	s = strings.ReplaceAll(whole, ",", "") + s[len(whole):]
	if s == "" || strings.Contains(fraction, ",") || !plainNumber(s) {
		return 0, false
	}
	f, _ := strconv.ParseFloat(s, 64)
	return f, true
}

// parseInteger reads digits with a sign, and hexadecimal digits behind 0x, as
// casts to an integer do.
func parseInteger(s string) (*big.Int, bool) {
	s = strings.TrimFunc(s, isSpace)
	lower := strings.ToLower(s)
	for _, prefix := range []string{"0x", "&h", "#"} {
		if strings.HasPrefix(lower, prefix) {
			digits := lower[len(prefix):]
			if digits == "" || len(digits) > 16 || strings.Trim(digits, "0123456789abcdef") != "" {
				return nil, false
			}
			n, _ := new(big.Int).SetString(digits, 16)
			return hexValue(n, len(digits)), true
		}
	}
	digits := strings.TrimLeft(s, "+-")
	if digits == "" || len(s)-len(digits) > 1 || len(digits) > 400 || strings.Trim(digits, "0123456789") != "" {
		return nil, false
	}
	return new(big.Int).SetString(strings.TrimPrefix(s, "+"), 10)
}
