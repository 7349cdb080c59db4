package evtxscan

import (
	"encoding/binary"
	"unicode/utf8"
)

// Text is kept in generalized UTF-8: as UTF-8, but a lone surrogate stands as
// its own three bytes, so that nothing of the log is lost.

// decodeUTF16 appends UTF-16LE units as text. An odd last byte is left out.
func decodeUTF16(dst, src []byte) []byte {
	for len(src) >= 2 {
		// Four units at a time while they are ASCII.
		for len(src) >= 8 {
			w := binary.LittleEndian.Uint64(src)
			if w&0xff80ff80ff80ff80 != 0 {
				break
			}
			w |= w >> 8
			w = w&0xffff | w>>16&0xffff0000
			dst = append(dst, byte(w), byte(w>>8), byte(w>>16), byte(w>>24))
			src = src[8:]
		}
		if len(src) < 2 {
			break
		}
		u := rune(src[0]) | rune(src[1])<<8
		src = src[2:]
		switch {
		case u < utf8.RuneSelf:
			dst = append(dst, byte(u))
		case u < 0xd800 || u > 0xdfff:
			dst = utf8.AppendRune(dst, u)
		default:
			if u < 0xdc00 && len(src) >= 2 {
				if low := rune(src[0]) | rune(src[1])<<8; low >= 0xdc00 && low <= 0xdfff {
					dst = utf8.AppendRune(dst, 0x10000+(u-0xd800)<<10+(low-0xdc00))
					src = src[2:]
					continue
				}
			}
			dst = append(dst, 0xe0|byte(u>>12), 0x80|byte(u>>6&0x3f), 0x80|byte(u&0x3f))
		}
	}
	return dst
}

// units returns how many UTF-16 units a text has.
func units(text string) int {
	n := 0
	for i := range len(text) {
		switch b := text[i]; {
		case b < 0x80, b >= 0xc0 && b < 0xf0:
			n++
		case b >= 0xf0:
			n += 2
		}
	}
	return n
}

// joinText appends text to b[start:]. Where a cut stood between the two halves
// of a surrogate pair, they become the character again.
func joinText[T string | []byte](b []byte, start int, text T) []byte {
	if n := len(b); n-start >= 3 && len(text) >= 3 &&
		b[n-3] == 0xed && b[n-2] >= 0xa0 && b[n-2] < 0xb0 &&
		text[0] == 0xed && text[1] >= 0xb0 {
		high := rune(b[n-2]&0x0f)<<6 | rune(b[n-1]&0x3f)
		low := rune(text[1]&0x0f)<<6 | rune(text[2]&0x3f)
		b = utf8.AppendRune(b[:n-3], 0x10000+high<<10+low)
		text = text[3:]
	}
	return append(b, text...)
}
