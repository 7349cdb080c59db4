package detect

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"pstrail/detect/powershell"
	"pstrail/evtxscan"
	"pstrail/evtxscan/evtxtest"
)

// This file puts the scripts of known calls into disguise: their statements
// elsewhere, their parameters into tables, their names and constants as
// expressions, all of it into a text. What they call must stay the same.

// frames run a statement in another place than where it stands. They suit those
// that assign nothing and know nothing of what is around them.
var frames = []func(d *disguiser, s string) string{
	func(_ *disguiser, s string) string { return "& {" + s + "}" },
	func(_ *disguiser, s string) string { return ". {" + s + "}" },
	func(_ *disguiser, s string) string { return "if ($true) {" + s + "}" },
	func(_ *disguiser, s string) string { return "if (1 -gt 2) {'no'} elseif ('a' -ne 'b') {" + s + "}" },
	func(_ *disguiser, s string) string { return "foreach ($zq in 1) {" + s + "}" },
	func(_ *disguiser, s string) string { return "for ($zq = 0; $zq -lt 1; $zq++) {" + s + "}" },
	func(_ *disguiser, s string) string { return "do {" + s + "} until ($true)" },
	func(_ *disguiser, s string) string { return "$zq = 2; while ($zq -gt 1) {" + s + "; $zq--}" },
	func(_ *disguiser, s string) string { return "switch ('b') {'a' {'no'} 'b' {" + s + "}}" },
	func(_ *disguiser, s string) string { return "try {" + s + "} finally {'done'}" },
	func(_ *disguiser, s string) string { return "try {throw 'x'} catch {" + s + "}" },
	func(d *disguiser, s string) string { f := d.name(); return "function " + f + " {" + s + "}; " + f },
	func(d *disguiser, s string) string { f := d.name(); return "filter " + f + " {" + s + "}; 7 | " + f },
	func(d *disguiser, s string) string {
		f := d.name()
		return "function " + f + " {process {" + s + "}}; " + f
	},
	func(d *disguiser, s string) string {
		f, g := d.name(), d.name()
		return "function " + f + " {" + s + "}; function " + g + " {param($zqb) & $zqb}; " + g + " {" + f + "}"
	},
	func(d *disguiser, s string) string { v := d.name(); return "$" + v + " = {" + s + "}; & $" + v },
	func(d *disguiser, s string) string {
		v := d.name()
		return "$" + v + " = {" + s + "}; $" + v + ".Invoke()"
	},
	func(_ *disguiser, s string) string { return "({" + s + "}).InvokeReturnAsIs()" },
	func(_ *disguiser, s string) string { return "Invoke-Command -ScriptBlock {" + s + "}" },
	func(_ *disguiser, s string) string { return "icm {" + s + "}" },
	func(_ *disguiser, s string) string { return "1 | ForEach-Object {" + s + "}" },
	func(_ *disguiser, s string) string { return "(,1).ForEach({" + s + "})" },
	func(_ *disguiser, s string) string { return "1 | Where-Object {" + s + "}" },
	func(_ *disguiser, s string) string { return "Measure-Command {" + s + "}" },
	func(_ *disguiser, s string) string { return "$null = " + s },
	func(_ *disguiser, s string) string { return "[void]$(" + s + ")" },
	func(_ *disguiser, s string) string {
		if !quotable(s) {
			return s
		}
		return "\"$(" + s + ")\" | Out-Null"
	},
	func(_ *disguiser, s string) string { return "@(" + s + ").Count" },
	func(d *disguiser, s string) string {
		v := d.name()
		return "$" + v + " = @{run = {" + s + "}}; & $" + v + ".run"
	},
	func(_ *disguiser, s string) string { return "& {trap {continue}\nthrow 'x'\n" + s + "}" },
	func(d *disguiser, s string) string { f := d.name(); return "sal " + f + " iex; " + f + " " + quote(s) },
	func(_ *disguiser, s string) string {
		return "$ExecutionContext.InvokeCommand.InvokeScript(" + quote(s) + ")"
	},
}

// unframed are texts of statements that depend on where they stand; one is an
// error within a statement, which in try ends all of it.
var unframed = regexp.MustCompile(`(?i)\$(null\[|_|input|args|psitem|this|myinvocation|matches|error|psbound|pscmdlet|switch|foreach|stacktrace|script:|local:|private:|zq)|\b(return|break|continue|exit|throw|param|trap|alias|sal|nal|function|variable|set|sv|nv|psdrive|import|scope|module|item|gv|out-?var\w*|ov|pv|pipelinevariable)\b|[&.]\s*["$(@'{]|\+\+|--|=`)

// reframed puts some statements of a script in frames.
func reframed(d *disguiser, text string, dialect powershell.Dialect) string {
	tree := powershell.Parse(text, dialect)
	if shapeOf(tree) != shapeScript || tree.Root.EndBlock == nil || strings.Contains(text, "$?") || strings.Contains(text, "ErrorAction") {
		return text
	}
	var edits []edit
	for _, statement := range tree.Root.EndBlock.Statements {
		p, ok := statement.(*powershell.Pipeline)
		if !ok || p.Background || unframed.MatchString(text[p.Pos():p.End()]) || !rapid.Bool().Draw(d.r, "frame") {
			continue
		}
		if _, ok := p.Elements[0].(*powershell.Command); !ok {
			continue
		}
		frame := rapid.SampledFrom(frames).Draw(d.r, "in")
		edits = append(edits, edit{p.Pos(), p.End(), frame(d, text[p.Pos():p.End()])})
	}
	return applyEdits(text, edits)
}

// textParameter are names of parameters that take any text.
var textParameter = regexp.MustCompile(`(?i)^(mailbox|filepath|name|batchname|targetrootfolder|sourcerootfolder)$`)

// splatted writes the parameters of commands as tables.
func splatted(d *disguiser, text string, dialect powershell.Dialect) string {
	tree := powershell.Parse(text, dialect)
	if shapeOf(tree) != shapeScript || tree.Root.EndBlock == nil {
		return text
	}
	var edits []edit
	for _, statement := range tree.Root.EndBlock.Statements {
		p, ok := statement.(*powershell.Pipeline)
		if !ok || !rapid.Bool().Draw(d.r, "splat") {
			continue
		}
		c, ok := p.Elements[0].(*powershell.Command)
		if !ok || len(c.Elements) < 3 || len(c.Elements)%2 == 0 || c.Redirections != nil {
			continue
		}
		var pairs []string
		for i := 1; i < len(c.Elements); i += 2 {
			name, isName := c.Elements[i].(*powershell.CommandParameter)
			value, isText := c.Elements[i+1].(*powershell.String)
			if !isName || name.Colon || !isText || !textParameter.MatchString(name.Name) || slices.ContainsFunc(pairs, func(p string) bool { return strings.HasPrefix(p, quote(name.Name)) }) || strings.Trim(value.Value, printable) != "" {
				pairs = nil
				break
			}
			pairs = append(pairs, quote(name.Name)+"="+quote(value.Value))
		}
		if pairs == nil {
			continue
		}
		v, last := d.name(), c.Elements[len(c.Elements)-1]
		edits = append(edits, edit{c.Elements[1].Pos(), last.End(), "@" + v},
			edit{p.Pos(), p.Pos(), "$" + v + "=@{" + strings.Join(pairs, ";") + "};"})
	}
	return applyEdits(text, edits)
}

// disguise writes names of commands and constant arguments in another way, puts
// statements elsewhere and now and then makes a text of the whole script.
func disguise(r *rapid.T, c exportCase) []string {
	var texts []string
	d := &disguiser{r: r}
	for _, text := range c.Blocks {
		text = reframed(d, splatted(d, text, dialectOfCase(c)), dialectOfCase(c))
		var edits []edit
		tree := powershell.Parse(text, dialectOfCase(c))
		powershell.Walk(tree.Root, func(n powershell.Node) bool {
			switch n := n.(type) {
			case *powershell.Data, *powershell.ExpandableString:
				return false // only some commands are allowed there; written twice over
			case *powershell.ScriptBlockExpression:
				if strings.Contains(text[:n.Pos()], "-ContentFilter") {
					return false // its text is the value
				}
			case *powershell.Command:
				if slices.ContainsFunc(n.Elements, isVerbatim) {
					return false
				}
				for i, e := range n.Elements {
					s, ok := e.(*powershell.String)
					if !ok || strings.Trim(s.Value, printable) != "" || !strings.ContainsRune(" \t\n", rune(text[max(s.Pos(), 1)-1])) && s.Pos() > 0 ||
						rapid.Bool().Draw(r, "plain") {
						continue // of what is joined to another token, the meaning changes
					}
					switch {
					case i > 0:
						edits = append(edits, edit{s.Pos(), s.End(), d.text(s.Value, 2)})
					case s.Kind == powershell.BareWord && n.Invocation == 0:
						edits = append(edits, edit{s.Pos(), s.End(), "& " + d.text(s.Value, 2)})
					}
				}
			}
			return true
		})
		text = applyEdits(text, outermost(edits))
		if shapeOf(tree) == shapeScript && !strings.Contains(text, "$args") && tree.Root.Params == nil && rapid.IntRange(0, 3).Draw(r, "whole") == 0 {
			ways := wholeDisguises
			if dialectOfCase(c) == powershell.PowerShellCore {
				ways = ways[:len(ways)-1]
			}
			text = rapid.SampledFrom(ways).Draw(r, "as")(d, text)
		}
		texts = append(texts, text)
	}
	return texts
}

func isVerbatim(n powershell.Node) bool {
	s, ok := n.(*powershell.String)
	return ok && s.Kind == powershell.BareWord && strings.HasPrefix(s.Value, "--")
}

// outermost leaves out edits within others.
func outermost(edits []edit) []edit {
	var out []edit
	for _, e := range edits {
		if !slices.ContainsFunc(edits, func(o edit) bool { return o != e && o.from <= e.from && e.to <= o.to }) {
			out = append(out, e)
		}
	}
	return out
}

// essence writes which calls findings have, and with what values: of values
// that are not known, what is. Parameters of a table and calls of alternatives
// have no order.
func essence(findings []*Finding) string {
	var calls []string
	for _, f := range findings {
		for _, c := range f.Calls {
			var parameters []string
			for _, p := range c.Parameters {
				parameters = append(parameters, fmt.Sprintf("  %s = %s\n", p.Name, knownOf(p.Value)))
			}
			slices.Sort(parameters)
			calls = append(calls, fmt.Sprintf("%s if=%v whatif=%v\n%s\n", c.Cmdlet, c.Conditional, c.WhatIf, strings.Join(parameters, "")))
		}
	}
	slices.Sort(calls)
	return strings.Join(calls, "")
}

// knownOf writes what is known of a value.
func knownOf(v Value) string {
	var b strings.Builder
	for _, part := range v.Parts {
		if part.Expression != "" {
			b.WriteString("{}")
		} else {
			fmt.Fprintf(&b, "%q", part.Text)
		}
	}
	for _, e := range v.Values {
		b.WriteString("," + knownOf(e))
	}
	return b.String()
}

// Whatever a script is written like: what it calls stays the same.
func TestDisguises(t *testing.T) {
	evtxtest.SameEachTime(t)
	cases := exportCases(t)
	rapid.Check(t, func(r *rapid.T) {
		start := rapid.IntRange(0, len(cases)-1).Draw(r, "case")
		for _, c := range cases[start:min(start+4, len(cases))] {
			core := slices.Contains(c.Tags, "ps7")
			if strings.Contains(strings.Join(c.Blocks, ""), "$Error") {
				continue // a disguise that throws is seen there
			}
			texts := disguise(r, c)
			all := func(*evtxscan.ScriptBlock) bool { return true }
			want, got := essence(judgeWith(NewJudge(), all, c.Blocks, core)), essence(judgeWith(NewJudge(), all, texts, core))
			if want != got {
				r.Fatalf("%s\n%s\n%s\nin disguise:\n%s\n%s", c.Name, strings.Join(c.Blocks, "\n==\n"), want, strings.Join(texts, "\n==\n"), got)
			}
		}
	})
}

// endsOrKnowsScript are texts that mean something else at a prompt: what ends a
// script ends no session there, and some variables are of the script.
var endsOrKnowsScript = regexp.MustCompile(`(?i)\b(throw|exit|return|break|continue|trap|class|enum|using|data|ErrorAction\w*)\b|\$(\?|\^|\$|args|input|MyInvocation|PSScriptRoot|PSCommandPath|Error)`)

// A script does what its statements do that are typed one after the other.
func TestTyped(t *testing.T) {
	all := func(*evtxscan.ScriptBlock) bool { return true }
	typed := 0
	for _, c := range exportCases(t) {
		tree := powershell.Parse(c.Blocks[0], dialectOfCase(c))
		root := tree.Root
		if len(c.Blocks) > 1 || len(tree.Errors) > 0 || shapeOf(tree) != shapeScript || root.Params != nil || root.EndBlock == nil ||
			!root.EndBlock.Unnamed || endsOrKnowsScript.MatchString(tree.Text) || slices.Contains(typedExcept, c.Name) {
			continue
		}
		var texts []string
		for _, s := range root.EndBlock.Statements {
			texts = append(texts, tree.Text[s.Pos():s.End()])
		}
		if len(texts) < 2 {
			continue
		}
		typed++
		core := dialectOfCase(c) == powershell.PowerShellCore
		want, got := essence(judgeWith(NewJudge(), all, c.Blocks, core)), essence(judgeWith(NewJudge(), all, texts, core))
		if want != got {
			t.Errorf("%s\n%s\n%s\ntyped:\n%s", c.Name, tree.Text, want, got)
		}
	}
	if typed < 100 {
		t.Errorf("only %d scripts were typed", typed)
	}
}

// typedExcept are scripts that say something else when typed: a variable that is
// set only later may have been set in the session before.
var typedExcept = []string{"var-used-before-assignment"}

// Where a script in disguise makes a call, the first glance does not miss it.
func TestHoldsDisguised(t *testing.T) {
	evtxtest.SameEachTime(t)
	var cases []exportCase
	for _, c := range exportCases(t) {
		if len(c.Blocks) == 1 && len(c.Calls) > 0 {
			cases = append(cases, c)
		}
	}
	rapid.Check(t, func(r *rapid.T) {
		start := rapid.IntRange(0, len(cases)-1).Draw(r, "case")
		for _, c := range cases[start:min(start+10, len(cases))] {
			if text := disguise(r, c)[0]; holds(text) == holdsNothing {
				r.Fatalf("%s: passed over:\n%s", c.Name, text)
			}
		}
	})
}
