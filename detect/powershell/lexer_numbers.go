package powershell

import (
	"math"
	"math/big"
	"strconv"
	"strings"
)

// numberSuffix is the type that a number's suffix asks for.
type numberSuffix uint8

const (
	suffixUnsigned numberSuffix = 1 << iota
	suffixByte
	suffixShort
	suffixLong
	suffixDecimal
	suffixBig
)

// numberScan is a number as it is written.
type numberScan struct {
	negative   bool
	digits     string // of an integer; of a real one all up to the suffix, dashes as -
	base       int    // 10, 16 or 2
	real       bool
	suffix     numberSuffix
	multiplier int64
}

// maxBigDigits bounds the digits of integers of any size.
const maxBigDigits = 10_000

// numberToken reads a number of which the first character, or a sign, is
// read; or a word, where it turns out to be none.
func (l *lexer) numberToken() TokenKind {
	var n numberScan
	if !l.scanNumber(&n, l.start) {
		return l.wordAnew()
	}
	value := n.value()
	if value == nil {
		if l.mode != expressionMode {
			return l.wordAnew()
		}
		l.wrong(l.start, l.pos, "the number does not fit its type")
	}
	return l.emitNumber(value)
}

// scanNumber reads a number that begins at from. It returns false if what
// stands there is none.
func (l *lexer) scanNumber(n *numberScan, from int) bool {
	n.base, n.multiplier = 10, 1
	l.pos = from
	if r, size := l.rune(l.pos); r == '+' || isDash(r) {
		n.negative = r != '+'
		l.pos += size
	}
	ok := l.scanDigits(n)
	ok = l.scanSuffix(n) && ok
	ok = l.scanMultiplier(n) && ok
	return ok && l.numberEnds()
}

func (l *lexer) scanDigits(n *numberScan) bool {
	from := l.pos
	if l.text[from] == '0' && from+1 < len(l.text) {
		switch l.text[from+1] | 0x20 {
		case 'x':
			n.base = 16
			l.pos += 2
			for isHexDigit(l.peekByte()) {
				l.pos++
			}
			n.digits = l.text[from+2 : l.pos]
			return true
		case 'b':
			if l.dialect == WindowsPowerShell && l.mode != expressionMode {
				break
			}
			n.base = 2
			l.pos += 2
			for c := l.peekByte(); c == '0' || c == '1'; c = l.peekByte() {
				l.pos++
			}
			n.digits = l.text[from+2 : l.pos]
			return n.digits != ""
		}
	}
	l.skipDigits()
	ok := true
	if l.peekByte() == '.' && (l.pos == from || l.pos+1 >= len(l.text) || l.text[l.pos+1] != '.') {
		// 1.5, 1. and .5, but not 1..5.
		n.real = true
		l.pos++
		l.skipDigits()
	}
	if l.peekByte()|0x20 == 'e' {
		n.real = true
		l.pos++
		if r, size := l.rune(l.pos); r == '+' || isDash(r) {
			l.pos += size
		}
		digits := l.pos
		l.skipDigits()
		ok = l.pos > digits
	}
	n.digits = l.text[from:l.pos]
	return ok
}

func (l *lexer) skipDigits() {
	for isDecimalDigit(l.peekByte()) {
		l.pos++
	}
}

// scanSuffix reads l, d, and what PowerShell 7 adds: u, y, s, n, and y, s, l
// behind u. Windows PowerShell takes a number with these for a word.
func (l *lexer) scanSuffix(n *numberScan) bool {
	suffix, ok := suffixOf(l.peekByte())
	if !ok {
		return true
	}
	l.pos++
	n.suffix = suffix
	known := suffix&(suffixLong|suffixDecimal) != 0 || l.dialect == PowerShellCore || l.mode == expressionMode
	second, ok := suffixOf(l.peekByte())
	if !ok {
		return known
	}
	l.pos++
	n.suffix |= second
	return known && suffix == suffixUnsigned && second&(suffixByte|suffixShort|suffixLong) != 0
}

func suffixOf(c byte) (numberSuffix, bool) {
	switch c | 0x20 {
	case 'u':
		return suffixUnsigned, true
	case 'y':
		return suffixByte, true
	case 's':
		return suffixShort, true
	case 'l':
		return suffixLong, true
	case 'd':
		return suffixDecimal, true
	case 'n':
		return suffixBig, true
	}
	return 0, false
}

// scanMultiplier reads kb, mb, gb, tb or pb.
func (l *lexer) scanMultiplier(n *numberScan) bool {
	i := strings.IndexByte("kmgtp", l.peekByte()|0x20)
	if i < 0 {
		return true
	}
	l.pos++
	n.multiplier = 1 << (10 * (i + 1))
	if l.peekByte()|0x20 != 'b' {
		return false
	}
	l.pos++
	return true
}

// numberEnds reports whether the number ends at pos. In a command, only what
// ends any token does; in an expression an operator does, too.
func (l *lexer) numberEnds() bool {
	r := l.peek()
	if endsToken(r) {
		return true
	}
	if l.mode != expressionMode {
		return false
	}
	if r < 0x80 {
		return charClasses[r]&charEndsNumber != 0 || l.inTernary && (r == '?' || r == ':')
	}
	return isDash(r)
}

// value returns the number as PowerShell types it; nil: it does not fit.
func (n *numberScan) value() any {
	switch {
	case n.real && n.suffix == suffixDecimal:
		return n.decimal()
	case n.real:
		return n.float()
	}
	if v, ok := n.small(); ok {
		return v
	}
	v := n.integer()
	if v == nil {
		return n.hugeFloat()
	}
	return fit(v, n.suffix, n.base)
}

// small is the common case: a few decimal digits, nothing else.
func (n *numberScan) small() (int32, bool) {
	if n.base != 10 || n.suffix != 0 || n.multiplier != 1 || len(n.digits) > 9 {
		return 0, false
	}
	v := int32(0)
	for i := range len(n.digits) {
		v = v*10 + int32(n.digits[i]-'0')
	}
	if n.negative {
		v = -v
	}
	return v, true
}

// integer returns the whole number, nil if it has too many digits.
func (n *numberScan) integer() *big.Int {
	digits := strings.TrimLeft(n.digits, "0")
	if n.digits == "" || len(digits) > maxBigDigits || n.suffix == 0 && len(digits) > 1000 {
		return nil
	}
	v := new(big.Int)
	if digits != "" {
		v.SetString(digits, n.base)
	}
	if n.base != 10 && n.suffix&suffixUnsigned == 0 {
		n.takeSign(v)
	}
	if n.base == 16 && len(n.digits) == 16 || n.base == 2 && len(n.digits) == 64 {
		// Sixteen hex digits are 64 bits even if they would fit in 32.
		if n.suffix&^suffixUnsigned == 0 {
			n.suffix |= suffixLong
		}
	}
	if n.negative {
		v.Neg(v)
	}
	return v.Mul(v, big.NewInt(n.multiplier))
}

// takeSign makes the value negative if its highest bit is a sign: that of
// exactly 8, 16, 32 and so on bits, as written with leading zeros.
func (n *numberScan) takeSign(v *big.Int) {
	bits := len(n.digits)
	if n.base == 16 {
		bits *= 4
	}
	if !signWidth(bits, n.base) || v.BitLen() < bits {
		return
	}
	v.Sub(v, new(big.Int).Lsh(big.NewInt(1), uint(bits)))
}

// signWidth reports whether a hex or binary number of so many bits has a sign
// bit.
func signWidth(bits, base int) bool {
	if base == 16 {
		return bits%32 == 0 && bits > 0
	}
	return bits == 8 || bits == 16 || bits == 32 || bits == 64 || bits == 96 || bits >= 128 && bits%8 == 0
}

// fit returns the value as the type that the suffix names, or the narrowest
// that holds it.
func fit(v *big.Int, suffix numberSuffix, base int) any {
	switch suffix {
	case suffixByte:
		if v.IsInt64() && v.Int64() == int64(int8(v.Int64())) {
			return int8(v.Int64())
		}
	case suffixByte | suffixUnsigned:
		if v.IsUint64() && v.Uint64() <= math.MaxUint8 {
			return uint8(v.Uint64())
		}
	case suffixShort:
		if v.IsInt64() && v.Int64() == int64(int16(v.Int64())) {
			return int16(v.Int64())
		}
	case suffixShort | suffixUnsigned:
		if v.IsUint64() && v.Uint64() <= math.MaxUint16 {
			return uint16(v.Uint64())
		}
	case suffixLong:
		if v.IsInt64() {
			return v.Int64()
		}
	case suffixUnsigned:
		if v.IsUint64() && v.Uint64() <= math.MaxUint32 {
			return uint32(v.Uint64())
		}
		if v.IsUint64() {
			return v.Uint64()
		}
	case suffixLong | suffixUnsigned:
		if v.IsUint64() {
			return v.Uint64()
		}
	case suffixDecimal:
		if v.BitLen() <= decimalBits {
			return Decimal{Unscaled: v}
		}
	case suffixBig:
		return v
	case 0:
		return narrowest(v, base)
	}
	return nil
}

// decimalBits is the size of System.Decimal's number without its scale.
const decimalBits = 96

func narrowest(v *big.Int, base int) any {
	switch {
	case v.IsInt64() && v.Int64() == int64(int32(v.Int64())):
		return int32(v.Int64())
	case v.IsInt64():
		return v.Int64()
	case base != 10:
		return nil
	case v.BitLen() <= decimalBits:
		return Decimal{Unscaled: v}
	}
	f, _ := new(big.Float).SetInt(v).Float64()
	return f
}

// hugeFloat is an integer of very many digits.
func (n *numberScan) hugeFloat() any {
	if n.base != 10 || n.suffix != 0 {
		return nil
	}
	return n.float()
}

// plainDigits returns the digits with a plain minus in the exponent.
func (n *numberScan) plainDigits() string {
	for _, dash := range []string{"\u2013", "\u2014", "\u2015"} {
		if strings.Contains(n.digits, dash) {
			return strings.Replace(n.digits, dash, "-", 1)
		}
	}
	return n.digits
}

func (n *numberScan) float() any {
	f, err := strconv.ParseFloat(n.plainDigits(), 64)
	if err != nil && !math.IsInf(f, 0) {
		return nil
	}
	if n.negative {
		f = -f
	}
	f *= float64(n.multiplier)
	if n.suffix == 0 {
		return f
	}
	if math.IsInf(f, 0) || math.IsNaN(f) {
		return nil
	}
	v, _ := new(big.Float).SetFloat64(math.RoundToEven(f)).Int(nil)
	return fit(v, n.suffix, 10)
}

// decimal reads a real number with the suffix d. System.Decimal keeps the
// digits behind the point as they are written, up to 28 of them.
func (n *numberScan) decimal() any {
	const maxScale = 28
	mantissa, exponent, _ := strings.Cut(strings.ToLower(n.plainDigits()), "e")
	whole, fraction, _ := strings.Cut(mantissa, ".")
	scale := len(fraction)
	if exponent != "" {
		e, err := strconv.Atoi(exponent)
		if err != nil || e > 1000 || e < -1000 {
			return nil
		}
		scale -= e
	}
	digits := strings.TrimLeft(whole+fraction, "0")
	if len(digits) > 1000 {
		return nil
	}
	v := new(big.Int)
	if digits != "" {
		v.SetString(digits, 10)
	}
	if scale < 0 {
		v.Mul(v, new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(-scale)), nil))
		scale = 0
	}
	for ; scale > maxScale || scale > 0 && v.BitLen() > decimalBits; scale-- {
		roundTenth(v)
	}
	v.Mul(v, big.NewInt(n.multiplier))
	if n.negative {
		v.Neg(v)
	}
	if v.BitLen() > decimalBits {
		return nil
	}
	return Decimal{Unscaled: v, Scale: scale}
}

// roundTenth divides by ten, rounding a half to the even digit.
func roundTenth(v *big.Int) {
	rest := new(big.Int)
	v.QuoRem(v, big.NewInt(10), rest)
	if r := rest.Int64(); r > 5 || r == 5 && v.Bit(0) == 1 {
		v.Add(v, big.NewInt(1))
	}
}
