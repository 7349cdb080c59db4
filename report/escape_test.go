package report

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"pstrail/evtxscan"
)

func TestVisible(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"", ""},
		{`\\fs07\pst$\a b.pst`, `\\fs07\pst$\a b.pst`},
		{"müller-日本 🙂 e\u0301", "müller-日本 🙂 e\u0301"},
		{"a\x1b[2Jb", "a<U+001B>[2Jb"},
		{"a\r\n\tb\x00\x7f", "a<U+000D><U+000A><U+0009>b<U+0000><U+007F>"},
		{"\u0085\u009b", "<U+0085><U+009B>"},
		{"x\u202egnp.tsp\u202c", "x<U+202E>gnp.tsp<U+202C>"},
		{"\u2066a\u2069\u200e\u200f\u061c", "<U+2066>a<U+2069><U+200E><U+200F><U+061C>"},
		{"a\u200bb\u200c\u200d\u2060\ufeff\u00ad", "a<U+200B>b<U+200C><U+200D><U+2060><U+FEFF><U+00AD>"},
		{"\u034f\u115f\u3164\uffa0\u180e\ufe0f\U000e0100\U000e0041", "<U+034F><U+115F><U+3164><U+FFA0><U+180E><U+FE0F><U+E0100><U+E0041>"},
		{"a\u00a0b\u3000c\u2028\u2029", "a<U+00A0>b<U+3000>c<U+2028><U+2029>"},
		{"\ue000\U000f0000\uffff", "<U+E000><U+F0000><U+FFFF>"},
		{"\xed\xa0\xbd|\xed\xb0\x80", "<U+D83D>|<U+DC00>"},
		{"\xff|\xc3|\xed", "<0xFF>|<0xC3>|<0xED>"},
		{"\ufffd", "\ufffd"},
	} {
		if got := visible(c.in); got != c.want {
			t.Errorf("visible(%+q) = %+q, want %+q", c.in, got, c.want)
		}
	}
}

func TestJSONString(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"", `""`},
		{`\\fs\a "b" <c> & 'd'/`, `"\\\\fs\\a \"b\" <c> & 'd'/"`},
		{"a\r\n\tb\x00\x1b\x7f", `"a\r\n\tb\u0000\u001b\u007f"`},
		{"ü日🙂", `"ü日🙂"`},
		{"\u202e\u200b\u2028\ufeff", `"\u202e\u200b\u2028\ufeff"`},
		{"\U000e0041", `"\udb40\udc41"`},
		{"\xed\xa0\xbd|\xed\xb0\x80", `"\ud83d|\udc00"`},
		{"\xed\xb0\x80\xed\xa0\xbd", `"\udc00\ud83d"`},
		{"\xff", `"\ufffd"`},
	} {
		if got := jsonString(c.in); got != c.want {
			t.Errorf("%+q as JSON is %s, want %s", c.in, got, c.want)
		}
	}
}

func TestCell(t *testing.T) {
	note := " [cut: 40000 UTF-16 units in all; the JSON report has them]"
	for _, c := range []struct{ in, want string }{
		{"", ""},
		{"plain", "plain"},
		{"=cmd|'/c calc'!A0", "'=cmd|'/c calc'!A0"},
		{"+1", "'+1"}, {"-1", "'-1"}, {"@a", "'@a"}, {"\ta", "'\ta"}, {"\ra", "'\ra"}, {"\na", "'\na"}, {"\x00a", "'\x00a"},
		{"＝a", "'＝a"}, {"＋a", "'＋a"}, {"－a", "'－a"}, {"＠a", "'＠a"},
		{"'=a", "'=a"}, {" =a", " =a"}, {"a=b", "a=b"},
		{"a\nb", "a\nb"},
		{"\xed\xa0\xbd|\xff", `\ud83d|\xff`},
		{strings.Repeat("x", maxCell), strings.Repeat("x", maxCell)},
		{strings.Repeat("x", 40000), strings.Repeat("x", maxCell-len(note)) + note},
		{strings.Repeat("🙂", 20000), strings.Repeat("🙂", (maxCell-len(note))/2) + note},
		{"=" + strings.Repeat("x", 39999), "'=" + strings.Repeat("x", maxCell-len(note)-2) + note},
	} {
		got := cell(c.in)
		if got != c.want {
			t.Errorf("cell(%.40q), %d bytes = %.40q ... %q, %d bytes, want %d bytes", c.in, len(c.in), got, got[max(0, len(got)-70):], len(got), len(c.want))
		}
		if n := evtxscan.UTF16Len(got); n > maxCell {
			t.Errorf("cell(%.40q) has %d units", c.in, n)
		}
	}
}

func TestVisibleIsHarmless(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(hostileText(), rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) })).Draw(t, "text")
		got := visible(text)
		if !utf8.ValidString(got) {
			t.Fatalf("%+q is no UTF-8", got)
		}
		for _, r := range got {
			if hostile(r) {
				t.Fatalf("visible(%+q) holds %U", text, r)
			}
		}
	})
}
