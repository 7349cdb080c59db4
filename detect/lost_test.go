package detect

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"pstrail/detect/powershell"
	"pstrail/evtxscan"
	"pstrail/evtxscan/evtxtest"
)

// withoutEnd is a script block that lacks its last fragment.
func withoutEnd(text string) *evtxscan.ScriptBlock {
	b := ran(0, text)
	f := b.First()
	f.Number, f.Total, b.Total = 1, 2, 2
	b.Pieces[0].Number = 1
	b.Holes = []evtxscan.Hole{{At: len(text), Numbers: [2]int32{2, 2}, Length: -1}}
	b.Missing = [][2]int32{{2, 2}}
	return b
}

// What is said of a script without its end holds of the whole script.
func TestLostEnd(t *testing.T) {
	evtxtest.SameEachTime(t)
	var cases []exportCase
	for _, c := range exportCases(t) {
		if len(c.Blocks) == 1 && slices.Contains(c.Tags, "static") {
			cases = append(cases, c)
		}
	}
	all := func(*evtxscan.ScriptBlock) bool { return true }
	said := 0
	rapid.Check(t, func(r *rapid.T) {
		c := rapid.SampledFrom(cases).Draw(r, "case")
		text := c.Blocks[0]
		core := slices.Contains(c.Tags, "ps7")
		whole := strings.SplitAfter(essence(judgeWith(NewJudge(), all, c.Blocks, core)), "\n\n")
		for range 8 {
			b := withoutEnd(text[:rapid.IntRange(1, len(text)-1).Draw(r, "cut")])
			if core {
				b.First().Channel = evtxscan.ChannelPowerShellCore
			}
			for _, call := range strings.SplitAfter(essence(judgeBlocks(NewJudge(), all, b)), "\n\n") {
				if call == "" || strings.Contains(call, "{}") {
					continue // what is missing may have told it
				}
				said++
				if !slices.Contains(whole, call) {
					r.Fatalf("%s: without its end\n%s\nis said to call\n%sand whole\n%s\nto call\n%s", c.Name, b.Text, call, text, strings.Join(whole, ""))
				}
			}
		}
	})
	if said == 0 {
		t.Error("no call was found")
	}
}

func TestOpenStatement(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"a; b", "a; "},
		{"a; b ", "a; "},
		{"a; b\n", "a; b\n"},
		{"a; b;", "a; b;"},
		{"a; b `\n", "a; "},
		{"a; b # c", "a; b # c"},
		{"a; b <# c", "a; "},
		{"a; b <# c #>", "a; "},
		{"a\n$x = 'b'", "a\n"},
		{"a\n$x = 'b' +\n", "a\n"},
		{"a\n$x = 'b", "a\n"},
		{"a\nb |\n", "a\n"},
		{"a\nb -c (d\n", "a\n"},
		{"a\n$x = @{ b = 1\n", "a\n"},
		{"a\n$x = @{ b = 1 } ", "a\n"},
		{"a\nb ${c}", "a\n"},
		{"if (1) { a; b", "if (1) { a; "},
		{"if (1) { a\n", "if (1) { a\n"},
		{"if (1) { a }", "if (1) { a }"},
		{"a\nif (1", "a\n"},
		{"a | % { b; c -d", "a | % { b; "},
		{"function f { a\n b", "function f { a\n "},
		{"a\nforeach ($x in 1, 2) { b; if", "a\nforeach ($x in 1, 2) { b; if"},
		{"try { a } catch { b; c", "try { a } catch { b; "},
		{"", ""},
	} {
		if got := c.text[:openStatement(c.text, powershell.WindowsPowerShell)]; got != c.want {
			t.Errorf("%q: read up to %q, want %q", c.text, got, c.want)
		}
	}
}

// What a script block is given may stand in what is missing.
func TestOpenArguments(t *testing.T) {
	const block = "{ param($u = 'ann') New-MailboxExportRequest -Mailbox $u -FilePath \\\\f\\x.pst }"
	for _, c := range []struct{ text, want string }{
		{"& " + block, "{$u}"},
		{"& " + block + " ", "{$u}"},
		{"& " + block + "\n", "ann"},
		{"& " + strings.TrimSuffix(block, "}") + ";", "{$u}"},
		{"if (1) " + strings.Replace(block, "param($u = 'ann') ", "$u = 'ann'; ", 1), "ann"},
	} {
		var got string
		for _, f := range judgeBlocks(NewJudge(), func(*evtxscan.ScriptBlock) bool { return true }, withoutEnd(c.text)) {
			for _, call := range f.Calls {
				if got = call.Mailbox.Text(); strings.HasPrefix(got, "{$u") {
					got = "{$u}"
				}
			}
		}
		if got != c.want {
			t.Errorf("%q: %s, want %s", c.text, got, c.want)
		}
	}
}
