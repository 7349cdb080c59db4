package powershell

// Strings as .NET sees them, in UTF-16 units. A Go string here is generalized
// UTF-8: a surrogate without its partner stands as three bytes, a pair as four.

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	surrogateLow  = 0xDC00
	surrogateHigh = 0xD800
	surrogateEnd  = 0xE000
)

func isASCII(s string) bool {
	for ; len(s) >= 8; s = s[8:] {
		if (s[0]|s[1]|s[2]|s[3]|s[4]|s[5]|s[6]|s[7])&utf8.RuneSelf != 0 {
			return false
		}
	}
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// decodeRune is utf8.DecodeRuneInString, which it extends to surrogates.
func decodeRune(s string) (rune, int) {
	r, n := utf8.DecodeRuneInString(s)
	if r == utf8.RuneError && n == 1 && len(s) >= 3 && s[0] == 0xED && s[1] >= 0xA0 && s[1] < 0xC0 && s[2]&0xC0 == 0x80 {
		return 0xD000 | rune(s[1]&0x3F)<<6 | rune(s[2]&0x3F), 3
	}
	return r, n
}

// utf16Units returns the units of s.
func utf16Units(s string) []uint16 {
	units := make([]uint16, 0, len(s))
	for len(s) > 0 {
		r, n := decodeRune(s)
		s = s[n:]
		if r >= 0x10000 {
			r -= 0x10000
			units = append(units, surrogateHigh|uint16(r>>10), surrogateLow|uint16(r&0x3FF))
			continue
		}
		units = append(units, uint16(r))
	}
	return units
}

// stringFromUnits joins units into a string.
func stringFromUnits(units []uint16) string {
	var b strings.Builder
	b.Grow(len(units))
	for i := 0; i < len(units); i++ {
		u := units[i]
		if u >= surrogateHigh && u < surrogateLow && i+1 < len(units) && units[i+1] >= surrogateLow && units[i+1] < surrogateEnd {
			b.WriteRune(0x10000 + rune(u-surrogateHigh)<<10 + rune(units[i+1]-surrogateLow))
			i++
			continue
		}
		writeUnit(&b, u)
	}
	return b.String()
}

func writeUnit(b *strings.Builder, u uint16) {
	if u >= surrogateHigh && u < surrogateEnd {
		b.WriteByte(0xED)
		b.WriteByte(0x80 | byte(u>>6)&0x3F)
		b.WriteByte(0x80 | byte(u)&0x3F)
		return
	}
	b.WriteRune(rune(u))
}

// String returns the text of one unit.
func (c Char) String() string { return stringFromUnits([]uint16{uint16(c)}) }

// unitLen is the length of s in units.
func unitLen(s string) int {
	n := 0
	for i := 0; i < len(s); i++ {
		switch {
		case s[i]&0xC0 == 0x80:
		case s[i] >= 0xF0:
			n += 2
		default:
			n++
		}
	}
	return n
}

// unitSlice returns the units [from, to) of s.
func unitSlice(s string, from, to int) string {
	if isASCII(s) {
		return s[from:to]
	}
	return stringFromUnits(utf16Units(s)[from:to])
}

// textView is a string of which units are asked for again and again, as a loop
// over its characters does: what it takes to find them is kept.
type textView struct {
	text  string
	ascii bool
	units []uint16 // if it is not
}

// view returns the view of a string; that of the last one is kept.
func (l *library) view(s string) *textView {
	if v := &l.last; len(v.text) == len(s) && v.text == s {
		return v
	}
	l.last = textView{text: s, ascii: isASCII(s)}
	if !l.last.ascii {
		l.last.units = utf16Units(s)
	}
	return &l.last
}

func (v *textView) len() int {
	if v.ascii {
		return len(v.text)
	}
	return len(v.units)
}

func (v *textView) at(i int) Char {
	if v.ascii {
		return Char(v.text[i])
	}
	return Char(v.units[i])
}

func (v *textView) slice(from, to int) string {
	if v.ascii {
		return v.text[from:to]
	}
	return stringFromUnits(v.units[from:to])
}

// concat joins two strings; halves of a pair that meet become one character.
func concat(a, b string) string {
	if len(a) >= 3 && len(b) >= 3 && a[len(a)-3] == 0xED && b[0] == 0xED {
		return a[:len(a)-3] + stringFromUnits(append(utf16Units(a[len(a)-3:]), utf16Units(b[:3])...)) + b[3:]
	}
	return a + b
}

// mapRunes applies f to every character.
func mapRunes(s string, f func(rune) rune) string {
	changed := false
	for rest := s; len(rest) > 0; {
		r, n := decodeRune(rest)
		if f(r) != r {
			changed = true
			break
		}
		rest = rest[n:]
	}
	if !changed {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for len(s) > 0 {
		r, n := decodeRune(s)
		if m := f(r); m == r {
			b.WriteString(s[:n])
		} else {
			b.WriteRune(m)
		}
		s = s[n:]
	}
	return b.String()
}

// upperRune and lowerRune are the invariant culture's mappings: one character
// to one, the dotted and dotless i and the long s to themselves.
func upperRune(r rune) rune {
	if r < utf8.RuneSelf {
		if r >= 'a' && r <= 'z' {
			return r - 'a' + 'A'
		}
		return r
	}
	if r == 0x131 || r == 0x17F {
		return r
	}
	return unicode.ToUpper(r)
}

func lowerRune(r rune) rune {
	if r < utf8.RuneSelf {
		if r >= 'A' && r <= 'Z' {
			return r - 'A' + 'a'
		}
		return r
	}
	if r == 0x130 {
		return r
	}
	return unicode.ToLower(r)
}

func toUpper(s string) string { return mapRunes(s, upperRune) }
func toLower(s string) string { return mapRunes(s, lowerRune) }

// foldCase maps strings that differ only in case to one.
func foldCase(s string) string { return mapRunes(s, foldRune) }

func foldRune(r rune) rune { return lowerRune(upperRune(r)) }

// isSpace is Char.IsWhiteSpace.
func isSpace(r rune) bool {
	switch {
	case r >= 9 && r <= 13, r == ' ', r == 0x85, r == 0xA0:
		return true
	case r < 0x1680:
		return false
	}
	return r == 0x1680 || r >= 0x2000 && r <= 0x200A || r == 0x2028 || r == 0x2029 || r == 0x202F || r == 0x205F || r == 0x3000
}
