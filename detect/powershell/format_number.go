package powershell

// Numbers by format specifier, in the culture en-US.

import (
	"math"
	"math/big"
	"strconv"
	"strings"
)

// maxPrecision bounds the digits that a specifier can ask for.
const maxPrecision = 10_000

// decimalDigits is a number as digits: 0.d1d2d3... times 10^point. Zero has no
// digits.
type decimalDigits struct {
	negative bool
	digits   string
	point    int
}

// digitsOf writes a number as digits. A double is exact in 7, and has 15
// significant digits in Windows PowerShell.
func digitsOf(v Value, dialect Dialect) decimalDigits {
	switch v := v.(type) {
	case float32:
		return floatDecimal(float64(v), 32, dialect)
	case float64:
		return floatDecimal(v, 64, dialect)
	case Decimal:
		return intDecimal(v.Unscaled, v.Scale)
	}
	n, _ := bigInt(v)
	return intDecimal(n, 0)
}

func floatDecimal(f float64, bits int, dialect Dialect) decimalDigits {
	precision := 14
	switch {
	case dialect == PowerShellCore:
		precision = 766
	case bits == 32:
		precision = 6
	}
	digits, exponent := floatDigits(f, precision, bits)
	d := decimalDigits{negative: f < 0, digits: digits, point: exponent + 1}
	if f == 0 {
		d = decimalDigits{}
	}
	return d
}

func intDecimal(n *big.Int, scale int) decimalDigits {
	s := strings.TrimLeft(new(big.Int).Abs(n).String(), "0")
	return decimalDigits{negative: n.Sign() < 0, digits: strings.TrimRight(s, "0"), point: len(s) - scale}
}

// rounded keeps the given number of digits behind the point, half away from
// zero.
func (d decimalDigits) rounded(decimals int) decimalDigits {
	keep := d.point + decimals
	if keep >= len(d.digits) {
		return d
	}
	if keep < 0 || keep == 0 && d.digits[0] < '5' {
		return decimalDigits{}
	}
	up := d.digits[keep] >= '5'
	digits := []byte(d.digits[:keep])
	for i := keep - 1; up && i >= 0; i-- {
		if digits[i] == '9' {
			digits[i] = '0'
			continue
		}
		digits[i]++
		up = false
	}
	if up {
		digits = append([]byte{'1'}, digits...)
		d.point++
	}
	d.digits = strings.TrimRight(string(digits), "0")
	if d.digits == "" {
		return decimalDigits{}
	}
	return d
}

// fixed returns the digits before and behind the point.
func (d decimalDigits) fixed(decimals int) (whole, fraction string) {
	d = d.rounded(decimals)
	padded := d.digits
	if n := d.point - len(padded); n > 0 {
		padded += strings.Repeat("0", n)
	}
	if d.point > 0 {
		whole, fraction = padded[:d.point], padded[d.point:]
	} else if padded != "" {
		fraction = strings.Repeat("0", -d.point) + padded
	}
	fraction += strings.Repeat("0", max(0, decimals-len(fraction)))
	return whole, fraction
}

// formatNumber formats a number; ok is false for a specifier that .NET
// refuses.
func formatNumber(v Value, spec string, dialect Dialect) (string, bool) {
	if spec == "" {
		s, _ := numberText(v, dialect)
		return s, true
	}
	if f := floatOf(v); math.IsNaN(f) || math.IsInf(f, 0) {
		s, _ := numberText(v, dialect)
		return s, true
	}
	letter, precision, standard := standardSpecifier(spec)
	if !standard {
		return customNumber(digitsOf(v, dialect), spec), true
	}
	if precision > maxPrecision {
		return "", false
	}
	d := digitsOf(v, dialect)
	switch letter | 0x20 {
	case 'd':
		return integerDigits(v, precision)
	case 'x':
		return hexDigits(v, letter == 'x', precision)
	case 'b':
		return binaryDigits(v, precision, dialect)
	case 'f':
		n := orDefault(precision, 2, 3, dialect)
		return d.signed(d.plain(n, false), n), true
	case 'n':
		n := orDefault(precision, 2, 3, dialect)
		return d.signed(d.plain(n, true), n), true
	case 'e':
		return scientific(d, orDefault(precision, 6, 6, dialect), string(letter), 3), true
	case 'g':
		return generalNumber(v, d, letter, precision, dialect), true
	case 'r':
		switch f := v.(type) {
		case float64:
			return floatText(f, 64, PowerShellCore), true
		case float32:
			return floatText(float64(f), 32, PowerShellCore), true
		case *big.Int:
			return f.String(), true
		}
		return "", false
	case 'p':
		d.point += 2
		if d.digits == "" {
			d.point = 0
		}
		n := orDefault(precision, 2, 3, dialect)
		sign := " %"
		if dialect == PowerShellCore {
			sign = "%"
		}
		return d.signed(d.plain(n, true)+sign, n), true
	case 'c':
		n := orDefault(precision, 2, 2, dialect)
		body := "$" + d.plain(n, true)
		if d.negative && dialect == WindowsPowerShell && d.rounded(n).digits != "" {
			return "(" + body + ")", true
		}
		return d.signed(body, n), true
	}
	return "", false
}

// standardSpecifier reads a letter and up to nine digits.
func standardSpecifier(spec string) (letter byte, precision int, ok bool) {
	c := spec[0]
	if c|0x20 < 'a' || c|0x20 > 'z' {
		return 0, 0, false
	}
	if len(spec) == 1 {
		return c, -1, true
	}
	precision, ok = atoiUnits(spec[1:])
	return c, precision, ok
}

func orDefault(precision, windows, core int, dialect Dialect) int {
	switch {
	case precision >= 0:
		return precision
	case dialect == PowerShellCore:
		return core
	}
	return windows
}

// signed puts the sign before, unless everything that is shown is zero.
func (d decimalDigits) signed(body string, decimals int) string {
	if d.negative && d.rounded(decimals).digits != "" {
		return "-" + body
	}
	return body
}

// plain is the number without sign and exponent, in groups of three if
// grouped.
func (d decimalDigits) plain(decimals int, grouped bool) string {
	whole, fraction := d.fixed(decimals)
	if whole == "" {
		whole = "0"
	}
	if grouped {
		whole = groupDigits(whole)
	}
	if decimals > 0 {
		return whole + "." + fraction[:decimals]
	}
	return whole
}

func groupDigits(s string) string {
	var b strings.Builder
	for i := range len(s) {
		if i > 0 && (len(s)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

func integerDigits(v Value, precision int) (string, bool) {
	n, ok := bigInt(v)
	if !ok {
		return "", false
	}
	s := new(big.Int).Abs(n).String()
	s = strings.Repeat("0", max(0, precision-len(s))) + s
	if n.Sign() < 0 {
		s = "-" + s
	}
	return s, true
}

// integerWidth is the number of bits of an integer's type; 0 for others.
func integerWidth(v Value) int {
	switch v.(type) {
	case int8, uint8:
		return 8
	case int16, uint16:
		return 16
	case int32, uint32:
		return 32
	case int64, uint64:
		return 64
	}
	return 0
}

// twosComplement is the value of the bits of an integer.
func twosComplement(v Value) (*big.Int, bool) {
	n, ok := bigInt(v)
	width := integerWidth(v)
	if !ok || width == 0 {
		return n, false
	}
	if n.Sign() < 0 {
		n = new(big.Int).Add(n, new(big.Int).Lsh(big.NewInt(1), uint(width)))
	}
	return n, true
}

func hexDigits(v Value, lower bool, precision int) (string, bool) {
	n, ok := twosComplement(v)
	if !ok {
		return "", false
	}
	s := n.Text(16)
	if !lower {
		s = strings.ToUpper(s)
	}
	return strings.Repeat("0", max(0, precision-len(s))) + s, true
}

func binaryDigits(v Value, precision int, dialect Dialect) (string, bool) {
	n, ok := twosComplement(v)
	if !ok || dialect == WindowsPowerShell {
		return "", false
	}
	s := n.Text(2)
	return strings.Repeat("0", max(0, precision-len(s))) + s, true
}

// significant rounds to a number of significant digits.
func (d decimalDigits) significant(n int) decimalDigits { return d.rounded(n - d.point) }

func scientific(d decimalDigits, decimals int, letter string, exponentDigits int) string {
	d = d.significant(decimals + 1)
	digits, exponent := d.digits, d.point-1
	if digits == "" {
		digits, exponent = "0", 0
	}
	body := digits[:1]
	if decimals > 0 {
		body += "." + digits[1:] + strings.Repeat("0", max(0, decimals-len(digits)+1))
	}
	body += exponentText(exponent, letter, exponentDigits)
	if d.negative {
		return "-" + body
	}
	return body
}

func generalNumber(v Value, d decimalDigits, letter byte, precision int, dialect Dialect) string {
	if precision <= 0 {
		s, _ := numberText(v, dialect)
		if letter == 'g' {
			s = strings.ToLower(s)
		}
		return s
	}
	d = d.significant(precision)
	digits := d.digits
	if digits == "" {
		return "0"
	}
	return generalText(digits, d.point-1, precision, d.negative, map[bool]string{true: "e", false: "E"}[letter == 'g'], 2)
}

// customFormat is a custom format as read.
type customFormat struct {
	tokens                        []customToken
	beforeMin, afterMin, afterMax int // zeros before the point, zeros and places behind it
	beforePlaces                  int
	grouped                       bool
	scale                         int // thousands to divide by, powers of ten to multiply by
	exponent                      bool
}

type customToken struct {
	kind byte // '0' or '#' for a place, '.' the point, 'E' the exponent, 'L' text
	text string
	min  int // digits of the exponent
}

// customNumber formats by places: 0 # . , % ; and quoted text.
func customNumber(d decimalDigits, spec string) string {
	sections := splitSections(spec)
	section := sections[0]
	negative := d.negative
	if len(sections) > 1 && d.negative {
		if sections[1] != "" {
			section, negative = sections[1], false
		}
	}
	if len(sections) > 2 && d.digits == "" {
		section = sections[2]
	}
	f := readCustom(section)
	if d.digits != "" {
		d.point += f.scale
	}
	if f.exponent {
		return f.scientific(d, negative)
	}
	d = d.rounded(f.afterMax)
	if d.digits == "" && len(sections) > 2 && section != sections[2] {
		return customNumber(decimalDigits{}, sections[2])
	}
	body := f.write(d)
	if negative && d.digits != "" {
		return "-" + body
	}
	return body
}

// splitSections splits at semicolons outside quotes.
func splitSections(spec string) []string {
	var sections []string
	var quote byte
	from := 0
	for i := 0; i < len(spec); i++ {
		switch c := spec[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '\'' || c == '"':
			quote = c
		case c == '\\':
			i++
		case c == ';':
			sections = append(sections, spec[from:i])
			from = i + 1
		}
	}
	return append(sections, spec[from:])
}

func readCustom(spec string) customFormat {
	var f customFormat
	point, commas, firstZero := false, 0, -1
	literal := func(s string) { f.tokens = append(f.tokens, customToken{kind: 'L', text: s}) }
	for i := 0; i < len(spec); i++ {
		switch c := spec[i]; c {
		case '0', '#':
			if commas > 0 && !point {
				f.grouped = true
			}
			commas = 0
			f.place(c, point, &firstZero)
		case '.':
			if !point {
				f.scale -= 3 * commas
				commas = 0
				point = true
				f.tokens = append(f.tokens, customToken{kind: '.'})
			}
		case ',':
			if f.beforePlaces > 0 && !point {
				commas++
			}
		case '%':
			f.scale += 2
			literal("%")
		case '\'', '"':
			end := strings.IndexByte(spec[i+1:], c)
			if end < 0 {
				end = len(spec) - i - 1
			}
			literal(spec[i+1 : i+1+end])
			i += end + 1
		case '\\':
			if i+1 < len(spec) {
				i++
				literal(spec[i : i+1])
			}
		case 'E', 'e':
			if n := f.readExponent(spec[i:]); n > 0 {
				i += n - 1
				continue
			}
			literal(spec[i : i+1])
		default:
			literal(spec[i : i+1])
		}
	}
	f.scale -= 3 * commas
	if firstZero >= 0 {
		f.beforeMin = f.beforePlaces - firstZero
	}
	return f
}

func (f *customFormat) place(c byte, point bool, firstZero *int) {
	f.tokens = append(f.tokens, customToken{kind: c})
	if point {
		f.afterMax++
		if c == '0' {
			f.afterMin = f.afterMax
		}
		return
	}
	if c == '0' && *firstZero < 0 {
		*firstZero = f.beforePlaces
	}
	f.beforePlaces++
}

// readExponent reads E0, E+0 or E-0 and returns its length.
func (f *customFormat) readExponent(s string) int {
	i := 1
	if i < len(s) && (s[i] == '+' || s[i] == '-') {
		i++
	}
	from := i
	for i < len(s) && s[i] == '0' {
		i++
	}
	if i == from {
		return 0
	}
	f.exponent = true
	f.tokens = append(f.tokens, customToken{kind: 'E', text: s[:from], min: i - from})
	return i
}

// write puts the digits into the places. Digits beyond the first place go
// before it.
func (f *customFormat) write(d decimalDigits) string {
	whole, fraction := d.fixed(f.afterMax)
	fraction = strings.TrimRight(fraction, "0")
	fraction += strings.Repeat("0", max(0, f.afterMin-len(fraction)))
	whole = strings.Repeat("0", max(0, f.beforeMin-len(whole))) + whole
	var b strings.Builder
	places, left := f.beforePlaces, len(whole)
	point := false
	emit := func(upTo int) {
		for ; left > upTo; left-- {
			b.WriteByte(whole[len(whole)-left])
			if f.grouped && left > 1 && (left-1)%3 == 0 {
				b.WriteByte(',')
			}
		}
	}
	for _, t := range f.tokens {
		switch {
		case t.kind == 'L':
			b.WriteString(t.text)
		case t.kind == '.':
			point = true
			if fraction != "" {
				b.WriteByte('.')
			}
		case point && (t.kind == '0' || t.kind == '#'):
			if fraction != "" {
				b.WriteByte(fraction[0])
				fraction = fraction[1:]
			}
		case t.kind == '0' || t.kind == '#':
			places--
			emit(places)
		}
	}
	return b.String()
}

func (f *customFormat) scientific(d decimalDigits, negative bool) string {
	d = d.significant(f.beforePlaces + f.afterMax)
	exponent := d.point - f.beforePlaces
	if d.digits == "" {
		exponent = 0
	}
	d.point = f.beforePlaces
	plain := *f
	plain.tokens = nil
	for _, t := range f.tokens {
		if t.kind == 'E' {
			sign := ""
			if strings.HasSuffix(t.text, "+") && exponent >= 0 {
				sign = "+"
			}
			if exponent < 0 {
				sign = "-"
			}
			digits := strconv.Itoa(max(exponent, -exponent))
			t = customToken{kind: 'L', text: t.text[:1] + sign + strings.Repeat("0", max(0, t.min-len(digits))) + digits}
		}
		plain.tokens = append(plain.tokens, t)
	}
	if body := plain.write(d); !negative {
		return body
	}
	return "-" + plain.write(d)
}
