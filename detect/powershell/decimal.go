package powershell

import (
	"math"
	"math/big"
	"strings"
)

// Decimal is System.Decimal: Unscaled / 10^Scale.
type Decimal struct {
	Unscaled *big.Int
	Scale    int
}

const maxDecimalScale = 28

var maxDecimal = new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 96), big.NewInt(1))

func decimalFromInt(n *big.Int) (Decimal, bool) {
	return Decimal{new(big.Int).Set(n), 0}.fit()
}

// decimalFromFloat converts as System.Decimal does: to 15 significant digits.
func decimalFromFloat(f float64) (Decimal, bool) {
	if math.IsNaN(f) || math.IsInf(f, 0) || math.Abs(f) >= 7.922816251426434e28 {
		return Decimal{}, false
	}
	d, ok := parseDecimal(exponentless(f, 15))
	return d.normalized(), ok
}

// parseDecimal reads digits with at most one point and a sign.
func parseDecimal(s string) (Decimal, bool) {
	negative := strings.HasPrefix(s, "-")
	s = strings.TrimLeft(s, "+-")
	whole, fraction, _ := strings.Cut(s, ".")
	if len(whole)+len(fraction) == 0 || len(whole) > 64 {
		return Decimal{}, false
	}
	fraction = fraction[:min(len(fraction), 64)]
	n, ok := new(big.Int).SetString(whole+fraction, 10)
	if !ok {
		return Decimal{}, false
	}
	if negative {
		n.Neg(n)
	}
	return Decimal{n, len(fraction)}.fit()
}

// fit rounds to what 96 bits and 28 decimals hold, half to even.
func (d Decimal) fit() (Decimal, bool) {
	for d.Scale > maxDecimalScale || d.Scale > 0 && d.Unscaled.CmpAbs(maxDecimal) > 0 {
		drop := max(1, d.Scale-maxDecimalScale)
		if excess := d.Unscaled.BitLen() - 96; excess > 8 {
			drop = max(drop, excess*3/10)
		}
		d = d.rounded(max(d.Scale-drop, 0))
	}
	return d, d.Unscaled.CmpAbs(maxDecimal) <= 0
}

// rounded has the given number of decimals, half to even.
func (d Decimal) rounded(scale int) Decimal {
	if scale >= d.Scale {
		return d
	}
	unit := pow10(d.Scale - scale)
	q, r := new(big.Int).QuoRem(d.Unscaled, unit, new(big.Int))
	switch r.Lsh(r.Abs(r), 1).Cmp(unit) {
	case 1:
		q.Add(q, big.NewInt(int64(d.Unscaled.Sign())))
	case 0:
		if q.Bit(0) == 1 {
			q.Add(q, big.NewInt(int64(d.Unscaled.Sign())))
		}
	}
	return Decimal{q, scale}
}

func (d Decimal) rescaled(scale int) *big.Int {
	return new(big.Int).Mul(d.Unscaled, pow10(scale-d.Scale))
}

// normalized has no trailing zeros behind the point.
func (d Decimal) normalized() Decimal {
	if d.Unscaled == nil {
		return Decimal{new(big.Int), 0}
	}
	ten, q, r := big.NewInt(10), new(big.Int), new(big.Int)
	for d.Scale > 0 {
		if q.QuoRem(d.Unscaled, ten, r); r.Sign() != 0 {
			break
		}
		d = Decimal{new(big.Int).Set(q), d.Scale - 1}
	}
	return d
}

func pow10(n int) *big.Int {
	return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil)
}

func (d Decimal) String() string {
	s := new(big.Int).Abs(d.Unscaled).String()
	if d.Scale > 0 {
		if len(s) <= d.Scale {
			s = strings.Repeat("0", d.Scale-len(s)+1) + s
		}
		s = s[:len(s)-d.Scale] + "." + s[len(s)-d.Scale:]
	}
	if d.Unscaled.Sign() < 0 {
		s = "-" + s
	}
	return s
}

// Float is the nearest float64.
func (d Decimal) Float() float64 {
	f, _ := new(big.Rat).SetFrac(d.Unscaled, pow10(d.Scale)).Float64()
	return f
}

// Cmp compares by value.
func (d Decimal) Cmp(e Decimal) int {
	scale := max(d.Scale, e.Scale)
	return d.rescaled(scale).Cmp(e.rescaled(scale))
}

func (d Decimal) add(e Decimal) (Decimal, bool) {
	scale := max(d.Scale, e.Scale)
	return Decimal{new(big.Int).Add(d.rescaled(scale), e.rescaled(scale)), scale}.fit()
}

func (d Decimal) sub(e Decimal) (Decimal, bool) {
	return d.add(Decimal{new(big.Int).Neg(e.Unscaled), e.Scale})
}

func (d Decimal) mul(e Decimal) (Decimal, bool) {
	return Decimal{new(big.Int).Mul(d.Unscaled, e.Unscaled), d.Scale + e.Scale}.fit()
}

// div divides; e is not zero. The quotient has as few decimals as it needs.
func (d Decimal) div(e Decimal) (Decimal, bool) {
	const extra = maxDecimalScale + 30
	n := new(big.Int).Mul(d.Unscaled, pow10(extra+e.Scale))
	q := new(big.Int).Quo(n, e.Unscaled)
	r, ok := Decimal{q, extra + d.Scale}.fit()
	if !ok {
		return r, false
	}
	least := max(d.Scale-e.Scale, 0)
	for r.Scale > least {
		shorter := r.rounded(r.Scale - 1)
		if shorter.Cmp(r) != 0 {
			break
		}
		r = shorter
	}
	return r, true
}

func (d Decimal) rem(e Decimal) (Decimal, bool) {
	scale := max(d.Scale, e.Scale)
	return Decimal{new(big.Int).Rem(d.rescaled(scale), e.rescaled(scale)), scale}.fit()
}
