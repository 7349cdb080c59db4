package powershell

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestJoinArguments(t *testing.T) {
	for _, c := range []struct {
		args         []string
		windows, set string
	}{
		{[]string{"-c", "a b"}, `-c "a b"`, `-c "a b"`},
		{[]string{"-c", `say "x y"`}, `-c "say "x y""`, `-c "say \"x y\""`},
		{[]string{`"a b"`}, `"a b"`, `"\"a b\""`},
		{[]string{`--x="a b"`}, `--x="a b"`, `"--x=\"a b\""`},
		{[]string{`C:\my dir\`}, `"C:\my dir\\"`, `"C:\my dir\\"`},
		{[]string{`C:\dir\`}, `C:\dir\`, `C:\dir\`},
		{[]string{"", "x"}, "x", `"" x`},
		{nil, "", ""},
	} {
		if got := joinArguments(c.args, WindowsPowerShell); got != c.windows {
			t.Errorf("5.1 %q: %s, want %s", c.args, got, c.windows)
		}
		if got := joinArguments(c.args, PowerShellCore); got != c.set {
			t.Errorf("7 %q: %s, want %s", c.args, got, c.set)
		}
	}
}

func TestSplitCommandLine(t *testing.T) {
	for _, c := range []struct {
		line string
		want []string
	}{
		{``, nil},
		{`  a  b	c `, []string{"a", "b", "c"}},
		{`"a b" c`, []string{"a b", "c"}},
		{`a"b c"d`, []string{"ab cd"}},
		{`-c "say "x y" z"`, []string{"-c", "say x", "y z"}},
		{`a\\b \\fs01\x`, []string{`a\\b`, `\\fs01\x`}},
		{`a\"b`, []string{`a"b`}},
		{`"a\\" b`, []string{`a\`, "b"}},
		{`"a\\\" b"`, []string{`a\" b`}},
		{`"a""b" c`, []string{`a"b`, "c"}},
		{`"" x`, []string{"", "x"}},
		{`"open end`, []string{"open end"}},
		{`\`, []string{`\`}},
	} {
		if got := splitCommandLine(c.line); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.line, got, c.want)
		}
	}
}

// What version 7 passes, a program gets as it is.
func TestJoinedArgumentsSplitAgain(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		args := rapid.SliceOf(rapid.StringOfN(rapid.SampledFrom([]rune(`ab "\`+"\t")), 0, 8, -1)).Draw(t, "args")
		line := joinArguments(args, PowerShellCore)
		if got := splitCommandLine(line); !slices.Equal(got, args) && len(got)+len(args) > 0 {
			t.Fatalf("%q: %s: %q", args, line, got)
		}
	})
}

func TestReadShellLine(t *testing.T) {
	for _, c := range []struct {
		line, windows, core string
	}{
		{`-c a b`, "command a b", "command a b"},
		{`-Command "a; b" c`, "command a; b c", "command a; b c"},
		{`/command a`, "command a", "command a"},
		{`--command a`, "command a", "command a"},
		{"\u2013c a", "command a", "command a"},
		{"\u2015nop \u2014enc QQA=", "encoded QQA=", "encoded QQA="},
		{`-nop -w hidden -ExecutionPolicy Bypass -c a`, "command a", "command a"},
		{`-noprof -nol -noni -noe -sta -mta a b`, "command a b", "file a b"},
		{`-win 1 -o Text -if Text -ep x -ex y -config z a`, "command a", "file a"},
		{`-Version 2 -c a`, "command a", "nothing"},
		{`-v 2.0 -enc QQA=`, "encoded QQA=", "nothing"},
		{`-PSConsoleFile x.psc1 -c a`, "command a", "file -PSConsoleFile x.psc1 -c a"},
		{`-e QQA=`, "encoded QQA=", "encoded QQA="},
		{`-ec QQA= -nop`, "encoded QQA=", "encoded QQA="},
		{`-en QQA=`, "encoded QQA=", "encoded QQA="},
		{`/EncodedC QQA=`, "encoded QQA=", "encoded QQA="},
		{`-enca QQA=`, "command -enca QQA=", "file -enca QQA="},
		{`-encodedArguments x -c a`, "command a", "command a"},
		{`-ex bypass a`, "command a", "file a"},
		{`-f x.ps1 -c a`, "file x.ps1 -c a", "file x.ps1 -c a"},
		{`-File -`, "standard", "standard"},
		{`-c -`, "standard", "standard"},
		{`-`, "standard", "standard"},
		{`-nop`, "prompt", "prompt"},
		{``, "prompt", "prompt"},
		{`-c`, "nothing", "nothing"},
		{`-enc`, "nothing", "nothing"},
		{`-? -c a`, "nothing", "nothing"},
		{`/help`, "nothing", "nothing"},
		{`-cwa a b c`, "command -cwa a b c", "args a b c"},
		{`-wd C:\x -l -i a`, "command -wd C:\\x -l -i a", "file a"},
	} {
		for d, want := range map[Dialect]string{WindowsPowerShell: c.windows, PowerShellCore: c.core} {
			l := readShellLine(splitCommandLine(c.line), d)
			kind := map[shellInput]string{
				shellNothing: "nothing", shellPrompt: "prompt", shellCommand: "command", shellEncoded: "encoded",
				shellStandard: "standard", shellFile: "file", shellCommandArgs: "args",
			}[l.is]
			got := strings.Join(append(append([]string{kind}, strings.Fields(l.text)...), l.args...), " ")
			if got != want {
				t.Errorf("%s in dialect %d: %s, want %s", c.line, d, got, want)
			}
		}
	}
}

func TestProgramName(t *testing.T) {
	for path, want := range map[string]string{
		"powershell": "powershell", "PowerShell.EXE": "powershell", `C:\Windows\System32\cmd.exe`: "cmd",
		`"C:\Program Files\PowerShell\7\pwsh.exe"`: "pwsh", `\\host\c$\x/pwsh`: "pwsh", "": "", "cmd.com": "cmd.com",
	} {
		if got := programName(path); got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
}

func TestCmdSteps(t *testing.T) {
	for _, c := range []struct {
		line string
		want []string // <: it is fed, >: it feeds, ?: it may not run
	}{
		{"a", []string{"a"}},
		{"a & b&&c", []string{"a", "b", "c"}},
		{"a || b & c", []string{"a", "b?", "c"}},
		{"a | b", []string{"a>", "b<"}},
		{`a "x & y" & b`, []string{`a "x & y"`, "b"}},
		{`a ^& b ^"c & d`, []string{`a & b "c`, "d"}},
		{"p^ow^ershell", []string{"powershell"}},
		{`a "^x"`, []string{`a "^x"`}},
		{"a > nul 2>&1 & b", []string{"a", "b"}},
		{"a >x.txt b", []string{"a  b"}},
		{"a 2>nul", []string{"a"}},
		{"a x2>nul", []string{"a x2"}},
		{`a >"x y" b`, []string{"a  b"}},
		{"(a & b) & c", []string{"a", "b", "c"}},
		{"a (b)", []string{"a (b)"}},
		{"@a", []string{"a"}},
		{"", nil},
		{"^", nil},
		{">", nil},
	} {
		var got []string
		for _, s := range cmdSteps(c.line) {
			text := s.text
			if s.piped {
				text += "<"
			}
			if s.feeds {
				text += ">"
			}
			if s.maybe {
				text += "?"
			}
			got = append(got, text)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.line, got, c.want)
		}
	}
}

func TestCutCmdSwitches(t *testing.T) {
	for line, want := range map[string]string{
		`/c a b`: "a b", `/C "a b"`: "a b", `/s /c "a "b""`: `a "b"`, `/d/q/c a`: "a", `/v:on /c a`: "a", `/k a`: "a",
		`/c "C:\my dir\x.exe"`: `"C:\my dir\x.exe"`, `/c "C:\my dir\x.exe" "y"`: `C:\my dir\x.exe" "y`, `/ca`: "a", `/c"a b"`: "a b",
		`/c "a`: "a",
	} {
		c, ok := cutCmdSwitches(line)
		if !ok || c.text != want {
			t.Errorf("%s: %q, want %q", line, c.text, want)
		}
	}
	for _, line := range []string{"", "a", "/d", "/v:on", "x /c a"} {
		if c, ok := cutCmdSwitches(line); ok {
			t.Errorf("%s: %q", line, c.text)
		}
	}
}

func TestExpandPercent(t *testing.T) {
	lookup := func(name string) (string, bool) {
		v, ok := map[string]string{"a": "Alpha", "b": "be"}[strings.ToLower(name)]
		return v, ok
	}
	for line, want := range map[string]string{
		"%a%": "Alpha", "x%A%y%b%": "xAlphaybe", "%c%": "%c%", "100% of %b%": "100% of be", "%": "%", "%%": "%%",
		"%a:~1,2%": "lp", "%a:~-2%": "ha", "%a:~0,-1%": "Alph", "%a:~9%": "", "%a:l=L%": "ALpha", "%a:PH=f%": "Alfa", "%a:~x%": "%a:~x%",
	} {
		if got := expandPercent(line, '%', lookup); got != want {
			t.Errorf("%s: %s, want %s", line, got, want)
		}
	}
}

func TestReadFor(t *testing.T) {
	f, ok := readFor("%u in (ann, bea) do echo %u %%u")
	if !ok || !f.known || !slices.Equal(f.words, []string{"ann", "bea"}) || f.replaceVariable("x") != "echo x x" {
		t.Errorf("%+v", f)
	}
	for _, line := range []string{`/f "tokens=1" %a in (x.txt) do b %a`, "%a in (*.txt) do b"} {
		if f, ok := readFor(line); !ok || f.known {
			t.Errorf("%s: %+v", line, f)
		}
	}
	for _, line := range []string{"", "%", "%a", "%a in", "%a in (x", "%a in (x) b"} {
		if f, ok := readFor(line); ok {
			t.Errorf("%s: %+v", line, f)
		}
	}
}

// Nothing that stands in a command line breaks what reads it.
func TestCommandLinesOfAnyText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		line := rapid.StringOf(rapid.SampledFrom([]rune("ab/c \"'^&|<>()%!=:~,1@-\\\n"))).Draw(t, "line")
		cutCmdSwitches("/c" + line)
		cmdSteps(line)
		expandPercent(line, '%', func(string) (string, bool) { return "value", true })
		readFor(line)
		cutIf(line)
		cutStart(line)
		readShellLine(splitCommandLine(line), WindowsPowerShell)
		readShellLine(splitCommandLine(line), PowerShellCore)
	})
}
