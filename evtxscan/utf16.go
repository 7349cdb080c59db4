package evtxscan

import (
	"encoding/binary"
	"slices"
	"unicode/utf8"
	"unsafe"
)

// Text is kept in generalized UTF-8: as UTF-8, but a lone surrogate stands as
// its own three bytes, so that nothing of the log is lost.

// decodeUTF16 appends UTF-16LE units as text. An odd last byte is left out.
func decodeUTF16(dst, src []byte) []byte {
	dst = slices.Grow(dst, len(src)/2+len(src)/16)
	for len(src) >= 2 {
		// Eight units at a time while they are ASCII.
		n := len(dst)
		room := dst[n:cap(dst)]
		k := 0
		for len(src) >= 16 && len(room)-k >= 8 {
			a, b := binary.LittleEndian.Uint64(src), binary.LittleEndian.Uint64(src[8:])
			if (a|b)&0xff80ff80ff80ff80 != 0 {
				break
			}
			binary.LittleEndian.PutUint64(room[k:], narrow(a)|narrow(b)<<32)
			src = src[16:]
			k += 8
		}
		dst = dst[:n+k]
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

// narrow puts the low bytes of four units side by side.
func narrow(w uint64) uint64 {
	w = (w | w>>8) & 0x0000ffff0000ffff
	return (w | w>>16) & 0xffffffff
}

// view returns bytes as a string without a copy. It is for text that is looked
// at and mostly dropped: the string changes with the bytes, so whoever keeps it
// clones it.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// UTF16Len returns how many UTF-16 units a text in generalized UTF-8 has.
func UTF16Len(text string) int {
	n := 0
	for i := range len(text) {
		if text[i]&0xc0 != 0x80 { // not the continuation of a character
			n++
		}
		if text[i] >= 0xf0 {
			n++
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
