package powershell

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// findAll returns the matches of a pattern with their groups, as text.
func findAll(t *testing.T, pattern, text string, options regexOptions) string {
	t.Helper()
	re, err := compileRegex(pattern, options)
	if err != nil {
		return err.Error()
	}
	units := utf16Units(text)
	matches, err := re.all(units, re.begin(units), 0, func(int) error { return nil })
	if err != nil {
		return err.Error()
	}
	var found []string
	for _, m := range matches {
		var groups []string
		for i := 0; i < len(m.bounds); i += 2 {
			g := "-"
			if m.bounds[i] >= 0 {
				g = stringFromUnits(units[m.bounds[i]:m.bounds[i+1]])
			}
			groups = append(groups, g)
		}
		found = append(found, strings.Join(groups, ","))
	}
	return strings.Join(found, " ")
}

func TestRegex(t *testing.T) {
	for _, c := range []struct {
		pattern, text string
		options       regexOptions
		want          string
	}{
		{`a+`, "aab a", 0, "aa a"},
		{`(a)|(b)`, "ab", 0, "a,a,- b,-,b"},
		{`(?<y>\d{4})-(\d\d)`, "2025-03", 0, "2025-03,03,2025"},
		{`(?i)AB(?-i)c`, "abcABC", 0, "abc"},
		{`(?i:a)b`, "AbAB", 0, "Ab"},
		{`^b`, "a\nb", optMultiline, "b"},
		{`^.$`, "a\nb", optMultiline, "a b"},
		{`a$`, "a\n", 0, "a"},
		{`a\z`, "a\n", 0, ""},
		{`a.b`, "a\nb", 0, ""},
		{`a.b`, "a\nb", optSingleline, "a\nb"},
		{`(?<=\$)\d+`, "a$12 13", 0, "12"},
		{`(?<!\$)\b\d+`, "$12 13", 0, "13"},
		{`\d+(?=%)`, "10% 20", 0, "10"},
		{`\d+(?!%|\d)`, "10% 20", 0, "20"},
		{`(\w)\1`, "hello", 0, "ll,l"},
		{`(?<q>['"]).*?\k<q>`, `a "b'c" 'd'`, 0, `"b'c"," 'd','`},
		{`(?>a+)ab`, "aaab", 0, ""},
		{`a{2,3}?`, "aaaa", 0, "aa aa"},
		{`a{,2}`, "a{,2}", 0, "a{,2}"},
		{`[^\W_]+`, "a_é1", 0, "a é1"},
		{`[a-z-[aeiou]]+`, "abcde", 0, "bcd"},
		{`[]a]+`, "]a", 0, "]a"},
		{`\p{Lu}\p{Ll}+`, "Ábc Xyz", 0, "Ábc Xyz"},
		{`\x41\u0042\t`, "AB\t", 0, "AB\t"},
		{`a b # c`, "ab", optIgnoreBlanks, "ab"},
		{`(?x) a [ ] b`, "a b", 0, "a b"},
		{`(a)(?<n>b)(c)`, "abc", 0, "abc,a,c,b"},
		{`(a)(?:b)(c)`, "abc", optExplicit, "abc"},
		{`(a)?(?(1)b|c)`, "ab c", 0, "ab,a c,-"},
		{`.`, "abc", optRightToLeft, "c b a"},
		{`a.c|b`, "abc", optRightToLeft, "abc"},
		{`x*`, "ab", 0, "  "},
		{`(a*)*b`, "aab", 0, "aab,"},
		{`(?:a|ab)(?:c|bcd)`, "abcd", 0, "abcd"},
		{`\Ga`, "aab", 0, "a a"},
		{`\G(?=(a))`, "aab", 0, ",a"}, // behind an empty match \G stays where that was
		{`(?<=\G(..))`, "4e6572", 0, ",4e ,65 ,72"},
		{`(?=(..)\G)`, "4e6572", optRightToLeft, ",72 ,65 ,4e"},
		{`\Ga|\G`, "aba", 0, "a "},
		{`K`, "\u212Ak", optIgnoreCase, "\u212A k"},
		{`(`, "", 0, "not a regular expression"},
		{`a**`, "", 0, "not a regular expression"},
		{`[z-a]`, "", 0, "not a regular expression"},
		{`(?<a-b>x)(?<b>y)`, "", 0, "regular expression beyond what is read"},
		{`(a+)+$`, strings.Repeat("a", 40) + "!", 0, "regular expression takes too long"},
		{`(x+x+)+y`, strings.Repeat("x", 60), 0, "regular expression takes too long"},
	} {
		if got := findAll(t, c.pattern, c.text, c.options); got != c.want {
			t.Errorf("%s in %q: got %q, want %q", c.pattern, c.text, got, c.want)
		}
	}
}

// Where Go's package can stand in, it finds the same.
func TestRegexAgainstGo(t *testing.T) {
	var pattern func(depth int) *rapid.Generator[string]
	pattern = func(depth int) *rapid.Generator[string] {
		return rapid.Custom(func(t *rapid.T) string {
			if depth == 0 {
				return rapid.SampledFrom([]string{"a", "b", "c", ".", "[ab]", "[^a]", "ab", "ca"}).Draw(t, "atom")
			}
			sub := func() string { return pattern(depth-1).Draw(t, "sub") }
			switch rapid.IntRange(0, 5).Draw(t, "kind") {
			case 0:
				return sub() + sub()
			case 1:
				return "(" + sub() + "|" + sub() + ")"
			case 2:
				return "(?:" + sub() + ")" + rapid.SampledFrom([]string{"*", "+", "?", "*?", "+?", "??", "{2}", "{1,2}", "{0,2}?"}).Draw(t, "count")
			case 3:
				return "(?i:" + sub() + ")"
			case 4:
				return `\b` + sub()
			}
			return sub()
		})
	}
	rapid.Check(t, func(t *rapid.T) {
		p := pattern(3).Draw(t, "pattern")
		text := rapid.StringOfN(rapid.SampledFrom([]rune("abcABC ")), 0, 12, -1).Draw(t, "text")
		want := regexp.MustCompile("(?s)" + p).FindStringIndex(text)
		re, err := compileRegex(p, optSingleline)
		if err != nil {
			t.Fatalf("%s: %v", p, err)
		}
		got, _, err := re.find(utf16Units(text), regexStart{})
		switch {
		case err != nil:
			t.Fatalf("%s in %q: %v", p, text, err)
		case (got == nil) != (want == nil):
			t.Fatalf("%s in %q: got %v, want %v", p, text, got, want)
		case got != nil && (got[0] != want[0] || got[1] != want[1]):
			t.Fatalf("%s in %q: got %v, want %v", p, text, got[:2], want)
		}
	})
}

func FuzzRegex(f *testing.F) {
	for _, p := range []string{`(?<=a)b*?(c|\1)+`, `(?(1)a|b)[^\w-[x]]{2,}`, `((a*)*)*$`, `(?i)\p{L}+?\b`, `(?x) a # b`, `\u0041{3}|(?!x)`} {
		f.Add(p, "aabbcc\nABC", uint16(0))
	}
	f.Fuzz(func(t *testing.T, pattern, text string, options uint16) {
		if len(pattern) > 200 || len(text) > 200 {
			return
		}
		start := time.Now()
		re, err := compileRegex(pattern, regexOptions(options)&(1|2|4|16|32|64|256))
		if err != nil {
			return
		}
		units := utf16Units(text)
		matches, _ := re.all(units, re.begin(units), 50, func(int) error { return nil })
		for _, m := range matches {
			for i := 0; i < len(m.bounds); i += 2 {
				if from, to := m.bounds[i], m.bounds[i+1]; from > to || to > len(units) {
					t.Fatalf("%q in %q: group %d is %d to %d", pattern, text, i/2, from, to)
				}
			}
		}
		if time.Since(start) > 5*time.Second {
			t.Fatalf("%q in %q took %v", pattern, text, time.Since(start))
		}
	})
}

func TestWildcards(t *testing.T) {
	for _, c := range []struct {
		text, pattern string
		want          bool
	}{
		{"New-MailboxExportRequest", "new-*ox?xport*", true}, {"a", "?", true}, {"", "*", true}, {"", "?", false}, {"ab", "a", false},
		{"a*b", "a`*b", true}, {"axb", "a`*b", false}, {"b", "[a-c]", true}, {"d", "[a-c]", false}, {"a[", "a[", true}, {"aab", "*ab", true},
		{strings.Repeat("a", 5000) + "b", strings.Repeat("*a", 50) + "*c", false},
	} {
		if got := wildcardMatch(c.text, c.pattern, true); got != c.want {
			t.Errorf("%.20q like %.20q: got %v", c.text, c.pattern, got)
		}
	}
}

// Units and strings turn into each other without loss, surrogates included.
func TestUnits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		units := rapid.SliceOf(rapid.Uint16()).Draw(t, "units")
		s := stringFromUnits(units)
		back := utf16Units(s)
		if len(back) != len(units) || unitLen(s) != len(units) {
			t.Fatalf("%v became %v", units, back)
		}
		for i := range units {
			if units[i] != back[i] {
				t.Fatalf("%v became %v", units, back)
			}
		}
		at := rapid.IntRange(0, len(units)).Draw(t, "at")
		if got := concat(stringFromUnits(units[:at]), stringFromUnits(units[at:])); got != s {
			t.Fatalf("%q and %q make %q", stringFromUnits(units[:at]), stringFromUnits(units[at:]), got)
		}
	})
}

// A hashtable holds what a map by folded keys would, in the order of setting.
func TestHash(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := newHash()
		model := map[string]int32{}
		key := rapid.SampledFrom([]string{"a", "A", "b", "é", "É", "x y"})
		for range rapid.IntRange(0, 20).Draw(t, "steps") {
			k := key.Draw(t, "key")
			if rapid.Bool().Draw(t, "delete") {
				_, was := model[foldCase(k)]
				if h.Delete(k) != was {
					t.Fatalf("deleting %q", k)
				}
				delete(model, foldCase(k))
				continue
			}
			v := rapid.Int32().Draw(t, "value")
			saved := h.save()
			h.Set(k, v)
			after := h.save()
			h.restore(saved)
			h.restore(after)
			if !h.equalContents(after) {
				t.Fatal("restored contents differ")
			}
			model[foldCase(k)] = v
		}
		if h.Len() != len(model) {
			t.Fatalf("%d entries, want %d", h.Len(), len(model))
		}
		for k, v := range model {
			if got, _ := h.Get(k); got != v {
				t.Fatalf("%q is %v, want %v", k, got, v)
			}
		}
	})
}

func FuzzFormat(f *testing.F) {
	for _, s := range []string{"{0:d3}", "{0,-9:n2}", "{0:#,##0.0;(0);z}", "{0:E+00}", "{0:yyyy'x'}", "{{{0}}}", "{0:0.##%}", "{0:x8}"} {
		f.Add(s, 1234.5, int64(-7))
	}
	f.Fuzz(func(t *testing.T, format string, real float64, whole int64) {
		in := newInterpreter(newExportHost(), Budget{Text: 1 << 20})
		for _, v := range []Value{real, whole, int32(whole), newDateTime(dateTime{ticks: whole & maxTicks >> 1}), newTimeSpan(timeSpan(whole / 2))} {
			_, _ = in.formatText(format, []Value{v}, nil, "")
		}
	})
}
