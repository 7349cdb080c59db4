package report

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"pstrail/detect"
)

// TestTableFits draws hostile cases and widths: no line is wider than the
// terminal, and nothing reaches it that it could take for a command.
func TestTableFits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := canonicalCase()
		disfigure(t, r)
		if rapid.Bool().Draw(t, "one") {
			r.Findings = r.Findings[:1]
		}
		width := rapid.IntRange(minWidth, 400).Draw(t, "width")
		out := written(t, r, "table", Terminal{Width: width})
		if !utf8.ValidString(out) {
			t.Fatal("not UTF-8")
		}
		for line := range strings.SplitSeq(out, "\n") {
			if n := columnsOf(line); n > width {
				t.Fatalf("a line of %d columns on a terminal of %d:\n%s", n, width, line)
			}
			for _, r := range line {
				if hostile(r) {
					t.Fatalf("%U reaches the terminal: %+q", r, line)
				}
			}
		}
	})
}

// TestColorsAreAllThatDiffers takes the colours away again.
func TestColorsAreAllThatDiffers(t *testing.T) {
	for _, r := range []*Report{canonicalCase(), shortRows(), nothingFound()} {
		for _, width := range []int{80, 160} {
			plainText := written(t, r, "table", Terminal{Width: width})
			colored := written(t, r, "table", Terminal{Width: width, Color: true})
			if !strings.Contains(colored, "\x1b[1m") || strings.Contains(plainText, "\x1b") {
				t.Error("colours where none are wanted, or none where they are")
			}
			var stripped strings.Builder
			for i, piece := range strings.Split(colored, "\x1b[") {
				if i > 0 {
					_, piece, _ = strings.Cut(piece, "m")
				}
				stripped.WriteString(piece)
			}
			if stripped.String() != plainText {
				t.Errorf("at %d columns the texts differ:\n%s\nand\n%s", width, stripped.String(), plainText)
			}
		}
	}
}

// TestPathCanBeCopied finds each path alone on its line, whole.
func TestPathCanBeCopied(t *testing.T) {
	r := canonicalCase()
	long := `\\fs07.corp.example\out\` + strings.Repeat("0123456789", 6) + ".pst"
	r.Findings[0].Calls[0].PSTPath = known(long, detect.BasisLiteral)
	lines := map[string]bool{}
	for line := range strings.SplitSeq(written(t, r, "table", Terminal{Width: 90}), "\n") {
		lines[strings.TrimSpace(line)] = true
	}
	for _, path := range []string{long, `{$Share = \\fs07\out}\{$m.Alias}.pst`, `\\fs07.corp.example\out\boss.pst`, `D:\x.pst`} {
		if !lines[path] {
			t.Errorf("no line is %s", path)
		}
	}
}

func TestTableCountsWhatItCuts(t *testing.T) {
	r := canonicalCase()
	f := r.Findings[0]
	one := *f.Calls[0]
	f.Calls = nil
	for i := range maxShown + 50 {
		c := one
		c.Mailbox = known(fmt.Sprintf("user%03d", i), detect.BasisLiteral)
		f.Calls = append(f.Calls, &c)
	}
	f.Calls[0].PSTPath = known(strings.Repeat("x", 5000), detect.BasisLiteral)
	out := written(t, r, "table", Terminal{})
	for text, want := range map[string]bool{
		"user099": true, "user100": false, "and 50 more calls, which the other formats list": true,
		"[cut: 5000 characters in all]": true,
	} {
		if got := strings.Contains(strings.ReplaceAll(out, "\n", " "), text); got != want {
			t.Errorf("%q in the table: %v, want %v", text, got, want)
		}
	}
}

func TestWrap(t *testing.T) {
	for _, c := range []struct {
		text  string
		width int
		want  string
	}{
		{"", 10, ""},
		{"one two three", 20, "one two three"},
		{"one two three", 7, "one two|three"},
		{"one two three", 8, "one two|three"},
		{" a  b ", 10, " a  b "},
		{"a  b  c", 4, "a  b| c"},
		{"abcdefghij kl", 4, "abcd|efgh|ij|kl"},
		{"a abcdefghij", 4, "a|abcd|efgh|ij"},
		{"日本語日本語", 5, "日本|語日|本語"},
		{"ae\u0301e\u0301", 2, "ae\u0301|e\u0301"},
		{"日", 1, "日"},
	} {
		if got := strings.Join(wrap(c.text, c.width), "|"); got != c.want {
			t.Errorf("wrap(%q, %d) = %q, want %q", c.text, c.width, got, c.want)
		}
	}
}
