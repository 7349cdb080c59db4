package report

import (
	"bufio"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"pstrail/evtxscan"
)

// This file makes text of the evidence harmless, for each sink in its way.
//
// The rules are:
//   - Text is kept as it was logged until a sink writes it; what a sink
//     changes, it changes visibly.
//   - What a reader cannot see or what moves what he sees is hostile:
//     controls, bidirectional marks, zero-width and other invisible
//     characters, spaces other than the ordinary one, characters without a
//     glyph. A terminal never gets one.
//   - JSON loses nothing: a lone UTF-16 surrogate stands as its own escape.
//   - A CSV cell that a spreadsheet would run as a formula gets an apostrophe.

// hostile reports whether a terminal must not get r as it is.
func hostile(r rune) bool {
	if r >= ' ' && r < utf8.RuneSelf {
		return r == 0x7f
	}
	return !unicode.IsPrint(r) || unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

// surrogate decodes a lone surrogate, which generalized UTF-8 keeps as three
// bytes, at the beginning of s.
func surrogate(s string) (rune, bool) {
	if len(s) < 3 || s[0] != 0xed || s[1] < 0xa0 || s[1] > 0xbf || s[2]&0xc0 != 0x80 {
		return 0, false
	}
	return 0xd000 | rune(s[1]&0x3f)<<6 | rune(s[2]&0x3f), true
}

// nextRune decodes the first character of s, which is not empty. The character
// is a lone surrogate, or utf8.RuneError of size 1 for a byte that is no text.
func nextRune(s string) (r rune, size int) {
	if s[0] < utf8.RuneSelf {
		return rune(s[0]), 1
	}
	if r, ok := surrogate(s); ok {
		return r, 3
	}
	return utf8.DecodeRuneInString(s)
}

// visible returns s for a terminal: a hostile character as <U+202E>, a byte
// that is no text as <0xFF>. No path can hold these brackets, so what stands
// in them is an escape.
func visible(s string) string {
	if strings.IndexFunc(s, func(r rune) bool { return hostile(r) || r == utf8.RuneError }) < 0 {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, n := nextRune(s[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, "<0x%02X>", s[i])
		case hostile(r):
			fmt.Fprintf(&b, "<U+%04X>", r)
		default:
			b.WriteString(s[i : i+n])
		}
		i += n
	}
	return b.String()
}

// writeJSONString writes s as a string of JSON.
func writeJSONString(w *bufio.Writer, s string) {
	w.WriteByte('"')
	start := 0
	for i := 0; i < len(s); {
		r, n := nextRune(s[i:])
		if r >= ' ' && r < 0x7f && r != '"' && r != '\\' || n > 1 && !hostile(r) {
			i += n
			continue
		}
		w.WriteString(s[start:i])
		i += n
		start = i
		switch {
		case r == '"' || r == '\\':
			w.WriteByte('\\')
			w.WriteByte(byte(r))
		case r == '\n':
			w.WriteString(`\n`)
		case r == '\r':
			w.WriteString(`\r`)
		case r == '\t':
			w.WriteString(`\t`)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(w, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(w, `\u%04x`, r)
		}
	}
	w.WriteString(s[start:])
	w.WriteByte('"')
}

// maxCell is what Excel takes in one cell, in UTF-16 units; it cuts the rest
// without a word.
const maxCell = 32_767

// cell returns s for a cell of CSV: guarded, valid UTF-8 with a lone surrogate
// as its \udXXX, and cut with a note where it is too long.
func cell(s string) string {
	all := evtxscan.UTF16Len(s)
	s = plainUTF8(s)
	if formula(s) {
		s = "'" + s
	}
	if evtxscan.UTF16Len(s) <= maxCell {
		return s
	}
	note := fmt.Sprintf(" [cut: %d UTF-16 units in all; the JSON report has them]", all)
	left := maxCell - len(note)
	for i, r := range s {
		n := 1
		if r > 0xffff {
			n = 2
		}
		if left -= n; left < 0 {
			return s[:i] + note
		}
	}
	return s
}

// formula reports whether a spreadsheet may run s.
func formula(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return s != "" && strings.ContainsRune("=+-@\t\r\n\x00＝＋－＠", r)
}

// plainUTF8 returns s with each lone surrogate as \udXXX and each byte that is
// no text as \xNN.
func plainUTF8(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, n := nextRune(s[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case n == 3 && r >= 0xd800 && r <= 0xdfff:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteString(s[i : i+n])
		}
		i += n
	}
	return b.String()
}
