package detect

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"pgregory.net/rapid"

	"pstrail/detect/powershell"
	"pstrail/evtxscan"
	"pstrail/evtxscan/evtxtest"
)

// judgeTexts judges the blocks of one process.
func judgeTexts(texts []string, core bool) []*Finding {
	j := NewJudge()
	return judgeWith(j, j.Wants, texts, core)
}

func judgeWith(j *Judge, wants func(*evtxscan.ScriptBlock) bool, texts []string, core bool) []*Finding {
	var all []*evtxscan.ScriptBlock
	for i, text := range texts {
		b := ran(i, text)
		if core {
			b.First().Channel = evtxscan.ChannelPowerShellCore
		}
		all = append(all, b)
	}
	return judgeBlocks(j, wants, all...)
}

func judgeBlocks(j *Judge, wants func(*evtxscan.ScriptBlock) bool, all ...*evtxscan.ScriptBlock) []*Finding {
	var wanted []*evtxscan.ScriptBlock
	for _, b := range all {
		if wants(b) {
			wanted = append(wanted, b)
		}
	}
	var findings []*Finding
	for _, c := range conversations(wanted, &surroundings{blocks: all}) {
		findings = append(findings, j.conversation(c)...)
	}
	return foldMentions(findings)
}

var position = regexp.MustCompile(`line \d+, column \d+: `)

// portrait writes what findings say, but for where in the text they say it.
func portrait(findings []*Finding) string {
	var b strings.Builder
	for _, f := range findings {
		fmt.Fprintf(&b, "%s %s: %s\n", f.Blocks[0].BlockID, f.Verdict, position.ReplaceAllString(f.Reason, ""))
		for _, list := range [][]*Call{f.Calls, f.Latent} {
			for _, c := range list {
				fmt.Fprintf(&b, "  %+v %+v if=%v whatif=%v via=%q %s %q\n", c.PST, c.Targets, c.Conditional, c.WhatIf, c.Via, c.Outcome, c.Problems)
				for _, p := range c.Parameters {
					fmt.Fprintf(&b, "    %s = %s (%s)", p.Name, p.Value.Text(), p.Value.Basis)
					for _, part := range p.Value.Parts {
						fmt.Fprintf(&b, " %s", part.Origin)
					}
					b.WriteByte('\n')
				}
			}
			b.WriteString("  --\n")
		}
		for _, s := range f.Signals {
			fmt.Fprintf(&b, "  %s: %s\n", s.Name, s.Detail)
		}
		for _, r := range append(f.Nested[:len(f.Nested):len(f.Nested)], f.Context...) {
			fmt.Fprintf(&b, "  %s %s\n", r.Block.BlockID, r.Why)
		}
	}
	return b.String()
}

// A script may be cut wherever PowerShell cuts, its records may stand in any
// order in any number of logs, and more than once: the findings are the same.
func TestAnySplit(t *testing.T) {
	evtxtest.SameEachTime(t)
	cases := exportCases(t)
	from := evtxtest.Origin{Computer: "EX01", UserSID: "S-1-5-18", ProcessID: 8, ThreadID: 4, ActivityID: "11111111-2222-3333-4444-555555555555"}
	rapid.Check(t, func(r *rapid.T) {
		c := rapid.SampledFrom(cases).Draw(r, "case")
		kind := evtxtest.ScriptBlockLogged
		if slices.Contains(c.Tags, "ps7") {
			kind = evtxtest.ScriptBlockLoggedCore
		}
		var texts []string
		var events []evtxtest.Event
		for i, text := range c.Blocks {
			size := rapid.IntRange(10_000, 19_999).Draw(r, "size")
			cut := rapid.IntRange(0, len(text)).Draw(r, "cut")
			text = "#" + strings.Repeat("-", size-cut-2) + "\n" + text + "\n#" + strings.Repeat("-", 20_000)
			at := caseStart.Add(time.Duration(i) * time.Second)
			script := evtxtest.ScriptBlock{ID: blockID(i), Text: text, Segment: size}
			texts = append(texts, text)
			events = append(events, script.Events(kind, from, at)...)
		}
		for _, ev := range events {
			if rapid.IntRange(0, 3).Draw(r, "copy") == 0 {
				events = append(events, ev)
			}
		}
		events = rapid.Permutation(events).Draw(r, "order")
		logs := map[string][]byte{}
		n := rapid.IntRange(1, 3).Draw(r, "logs")
		for i := range n {
			log := evtxtest.Log{Shape: rapid.SampledFrom([]evtxtest.Shape{evtxtest.Native, evtxtest.Exported, evtxtest.Forwarded}).Draw(r, "shape")}
			log.Add(events[i*len(events)/n : (i+1)*len(events)/n]...)
			logs[fmt.Sprintf("%d.evtx", i)] = log.Bytes()
		}
		want := portrait(judgeTexts(texts, kind.Provider == evtxtest.ScriptBlockLoggedCore.Provider))
		if got := loggedID.ReplaceAllString(portrait(findingsOf(t, logs, evtxscan.Options{})), "$1"); got != want {
			r.Fatalf("%s: whole:\n%s\nin pieces:\n%s", c.Name, want, got)
		}
	})
}

var loggedID = regexp.MustCompile(`aaaaaaaa-0000-0000-0000-0*(\d+)`)

// rewrite is a change of scripts that changes nothing of what they do.
type rewrite struct {
	name string
	// texts changes the blocks of a case. same makes the portraits before and
	// after equal, but for what they must not say otherwise.
	texts func(r *rapid.T, c exportCase) (texts []string, same func(string) string)
	// except names scripts for which the change is one.
	except []string
}

var rewrites = []rewrite{
	{"renamed variables", renameVariables, []string{"obf-get-variable-wildcard"}}, // finds them by a pattern
	{"comments and blank lines", surround, []string{"none-unclosed-quote"}},       // they are in the string
	{"another case", changeCase, nil},
	{"continued lines", continueLines, nil},
}

// What does not matter to PowerShell does not matter to a finding.
func TestRewrites(t *testing.T) {
	cases := exportCases(t)
	for _, w := range rewrites {
		t.Run(w.name, func(t *testing.T) {
			evtxtest.SameEachTime(t)
			changed := 0
			rapid.Check(t, func(r *rapid.T) {
				start := rapid.IntRange(0, len(cases)-1).Draw(r, "case")
				for _, c := range cases[start:min(start+6, len(cases))] {
					core := slices.Contains(c.Tags, "ps7")
					texts, same := w.texts(r, c)
					if !slices.Equal(texts, c.Blocks) {
						changed++
					}
					want, got := same(portrait(judgeTexts(c.Blocks, core))), same(portrait(judgeTexts(texts, core)))
					if want != got && !slices.Contains(w.except, c.Name) {
						r.Fatalf("%s\n%s\n%s\nchanged:\n%s\n%s", c.Name, strings.Join(c.Blocks, "\n==\n"), want, strings.Join(texts, "\n==\n"), got)
					}
				}
			})
			if changed < 100 {
				t.Errorf("only %d scripts were changed", changed)
			}
		})
	}
}

func dialectOfCase(c exportCase) powershell.Dialect {
	if slices.Contains(c.Tags, "ps7") {
		return powershell.PowerShellCore
	}
	return powershell.WindowsPowerShell
}

// tokensOf yields all tokens of a text, those inside others too, by position.
func tokensOf(text string, dialect powershell.Dialect) []powershell.Token {
	var all []powershell.Token
	var add func([]powershell.Token)
	add = func(tokens []powershell.Token) {
		for _, token := range tokens {
			all = append(all, token)
			add(token.Nested)
		}
	}
	add(powershell.ParseTokens(text, dialect).Tokens)
	return all
}

// edit replaces a stretch of a text.
type edit struct {
	from, to int
	text     string
}

func applyEdits(text string, edits []edit) string {
	slices.SortFunc(edits, func(a, b edit) int { return b.from - a.from })
	for _, e := range edits {
		text = text[:e.from] + e.text + text[e.to:]
	}
	return text
}

var (
	plainName     = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
	automaticName = regexp.MustCompile(`(?i)preference$|^(_|args|input|this|psitem|true|false|null|matches|ofs|error|host|home|pwd|pid|profile|foreach|switch|ps.*|myinvocation|executioncontext|shellid|stacktrace|lastexitcode|event.*|sender|is(windows|linux|macos|coreclr)|maximum.*|outputencoding|nestedpromptlevel|consolefilename|ex(scripts|bin|install))$`)
)

// renameVariables renames all variables that nothing else names.
func renameVariables(_ *rapid.T, c exportCase) ([]string, func(string) string) {
	named := map[string]bool{} // in any other way, or by a prefix
	var rest strings.Builder
	type place struct{ block, from, to int }
	places := map[string][]place{}
	for i, text := range c.Blocks {
		last := 0
		for _, token := range tokensOf(text, dialectOfCase(c)) {
			switch token.Kind {
			case powershell.KindVariable, powershell.KindSplattedVariable:
				source := text[token.Pos():token.End()]
				name := strings.ToLower(token.Value)
				at := strings.LastIndex(strings.ToLower(source), name)
				if !plainName.MatchString(name) || automaticName.MatchString(name) || at < 0 || strings.Contains(source, "`") || token.Pos() < last {
					named[name] = true
					continue
				}
				scope := strings.Trim(source[:at], "$@{")
				if scope != "" && !slices.Contains([]string{"script:", "global:", "local:", "private:", "using:", "variable:"}, strings.ToLower(scope)) {
					named[name] = true
					continue
				}
				rest.WriteString(text[last:token.Pos()])
				rest.WriteByte(' ')
				last = token.End()
				places[name] = append(places[name], place{i, token.Pos() + at, token.Pos() + at + len(name)})
			}
		}
		rest.WriteString(text[last:] + "\n")
	}
	elsewhere := map[string]bool{}
	for word := range strings.FieldsFuncSeq(strings.ToLower(rest.String()), func(c rune) bool { return c != '_' && !unicode.IsLetter(c) && !unicode.IsDigit(c) }) {
		elsewhere[word] = true
	}
	for i := range c.Blocks {
		for _, token := range tokensOf(c.Blocks[i], dialectOfCase(c)) {
			if token.Kind == powershell.KindParameter {
				for name := range places {
					named[name] = named[name] || strings.HasPrefix(name, strings.ToLower(token.Value))
				}
			}
		}
	}
	edits := make([][]edit, len(c.Blocks))
	var back []string
	for name, list := range places {
		if named[name] || elsewhere[name] {
			continue
		}
		other := fmt.Sprintf("zv%dvz", len(back)/2)
		back = append(back, other, name)
		for _, p := range list {
			edits[p.block] = append(edits[p.block], edit{p.from, p.to, other})
		}
	}
	var texts []string
	for i, text := range c.Blocks {
		texts = append(texts, applyEdits(text, edits[i]))
	}
	names := strings.NewReplacer(back...)
	return texts, func(s string) string { return names.Replace(strings.ToLower(s)) }
}

// surround puts a comment in front of scripts, and blank lines around.
func surround(r *rapid.T, c exportCase) ([]string, func(string) string) {
	var texts []string
	for _, text := range c.Blocks {
		if shapeOf(powershell.Parse(text, dialectOfCase(c))) == shapeScript {
			text = rapid.SampledFrom([]string{"# a note\n", "<# a\nnote #>\r\n", "\n\n", "\t \r\n"}).Draw(r, "before") + text +
				rapid.SampledFrom([]string{"\n", "\r\n\r\n", "\n# the end", "\n<# the end #>\n"}).Draw(r, "after")
		}
		texts = append(texts, text)
	}
	return texts, func(s string) string { return s }
}

// changeCase changes the case of the names of commands and parameters.
func changeCase(r *rapid.T, c exportCase) ([]string, func(string) string) {
	var texts []string
	for _, text := range c.Blocks {
		tree := powershell.Parse(text, dialectOfCase(c))
		var edits []edit
		change := func(n powershell.Node) {
			from, to := n.Pos(), n.End()
			source := text[from:to]
			if strings.Trim(strings.ToLower(source), "abcdefghijklmnopqrstuvwxyz-") != "" {
				return
			}
			edits = append(edits, edit{from, to, rapid.SampledFrom([]func(string) string{strings.ToLower, strings.ToUpper, swapCase}).Draw(r, "case")(source)})
		}
		powershell.Walk(tree.Root, func(n powershell.Node) bool {
			if command, ok := n.(*powershell.Command); ok {
				for i, e := range command.Elements {
					switch e.(type) {
					case *powershell.String:
						if i == 0 {
							change(e)
						}
					case *powershell.CommandParameter:
						change(e)
					}
				}
			}
			return true
		})
		texts = append(texts, applyEdits(text, edits))
	}
	return texts, strings.ToLower
}

func swapCase(s string) string {
	b := []byte(s)
	for i, c := range b {
		if isLetter(c) && i%2 == 1 {
			b[i] = c ^ 0x20
		}
	}
	return string(b)
}

var continued = regexp.MustCompile("(`\\s|\\s)+")

// continueLines breaks lines at blanks between tokens.
func continueLines(r *rapid.T, c exportCase) ([]string, func(string) string) {
	var texts []string
	for _, text := range c.Blocks {
		var edits []edit
		tokens := powershell.ParseTokens(text, dialectOfCase(c)).Tokens
		for i := 1; i < len(tokens) && !strings.Contains(text, "--%"); i++ {
			before, after := tokens[i-1], tokens[i]
			from, to := before.End(), after.Pos()
			if from >= to || strings.Trim(text[from:to], " ") != "" ||
				slices.Contains([]powershell.TokenKind{powershell.KindNewLine, powershell.KindComment, powershell.KindLineContinuation}, before.Kind) ||
				slices.Contains([]powershell.TokenKind{powershell.KindNewLine, powershell.KindComment, powershell.KindEndOfInput, powershell.KindLineContinuation}, after.Kind) {
				continue
			}
			if rapid.IntRange(0, 2).Draw(r, "continue") == 0 {
				edits = append(edits, edit{from, to, rapid.SampledFrom([]string{" `\n", " `\r\n  ", "   `\n\t"}).Draw(r, "break")})
			}
		}
		texts = append(texts, applyEdits(text, edits))
	}
	return texts, func(s string) string { return continued.ReplaceAllString(s, " ") }
}
