package evtxtest

import (
	"encoding/binary"
	"unicode/utf16"
	"unicode/utf8"
)

// Text is given in generalized UTF-8: as UTF-8, but a lone surrogate stands as
// its own three bytes, so that every sequence of UTF-16 units can be asked for.

// unitsOf returns the UTF-16 units of a text.
func unitsOf(text string) []uint16 {
	units := make([]uint16, 0, len(text))
	for len(text) > 0 {
		if len(text) >= 3 && text[0] == 0xed && text[1] >= 0xa0 {
			units = append(units, 0xd000|uint16(text[1]&0x3f)<<6|uint16(text[2]&0x3f))
			text = text[3:]
			continue
		}
		r, n := utf8.DecodeRuneInString(text)
		units = utf16.AppendRune(units, r)
		text = text[n:]
	}
	return units
}

// textOf returns UTF-16 units as text.
func textOf(units []uint16) string {
	var b []byte
	for i := 0; i < len(units); i++ {
		u := rune(units[i])
		switch {
		case !utf16.IsSurrogate(u):
			b = utf8.AppendRune(b, u)
		case i+1 < len(units) && utf16.DecodeRune(u, rune(units[i+1])) != utf8.RuneError:
			b = utf8.AppendRune(b, utf16.DecodeRune(u, rune(units[i+1])))
			i++
		default:
			b = append(b, 0xe0|byte(u>>12), 0x80|byte(u>>6&0x3f), 0x80|byte(u&0x3f))
		}
	}
	return string(b)
}

// appendText appends a text as UTF-16LE.
func appendText(dst []byte, text string) []byte {
	for _, u := range unitsOf(text) {
		dst = binary.LittleEndian.AppendUint16(dst, u)
	}
	return dst
}
