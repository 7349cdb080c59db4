package powershell

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pstrail/evtxscan/evtxtest"
)

type elementFact struct {
	Type          string
	Text          string
	ParameterName *string `json:"parameter_name"`
	ArgumentText  *string `json:"argument_text"`
	ArgumentType  *string `json:"argument_type"`
	ArgumentValue *string `json:"argument_value"`
	Value         *string
}

type commandFact struct {
	Start, End     int
	Line, Column   int
	Name           *string
	Invocation     string
	NameType       string `json:"name_type"`
	NameText       string `json:"name_text"`
	Elements       []elementFact
	Redirections   []string
	In             []string
	PipelineIndex  int `json:"pipeline_index"`
	PipelineLength int `json:"pipeline_length"`
	Background     bool
}

type commandCase struct {
	Name        string
	Script      string
	Commands    []commandFact
	ParseErrors int `json:"parse_errors"`
}

func commandCases(t testing.TB) []commandCase {
	return readLines[commandCase](t, filepath.Join("..", "..", "testdata", "powershell", "commands.jsonl"))
}

// TestCommands compares commands with those of the engine's own parser.
func TestCommands(t *testing.T) {
	for _, c := range commandCases(t) {
		t.Run(c.Name, func(t *testing.T) {
			tree := Parse(c.Script, PowerShellCore)
			got := commandFacts(tree)
			if len(got) != len(c.Commands) {
				t.Fatalf("%d commands, want %d\n%q\n%v", len(got), len(c.Commands), c.Script, got)
			}
			for i := range got {
				compareCommand(t, &got[i], &c.Commands[i])
			}
			if (len(tree.Errors) > 0) != (c.ParseErrors > 0) {
				t.Errorf("errors %v, want %d", tree.Errors, c.ParseErrors)
			}
		})
	}
}

func compareCommand(t *testing.T, got, want *commandFact) {
	t.Helper()
	check := func(what string, got, want any) {
		t.Helper()
		if got != want {
			t.Errorf("%s: %v, want %v", what, got, want)
		}
	}
	text := func(s *string) string {
		if s == nil {
			return "<nil>"
		}
		return *s
	}
	check("start", got.Start, want.Start)
	check("end", got.End, want.End)
	check("line", got.Line, want.Line)
	check("column", got.Column, want.Column)
	check("name", text(got.Name), text(want.Name))
	check("invocation", got.Invocation, want.Invocation)
	check("name_type", got.NameType, want.NameType)
	check("name_text", got.NameText, want.NameText)
	check("in", strings.Join(got.In, ","), strings.Join(want.In, ","))
	check("pipeline_index", got.PipelineIndex, want.PipelineIndex)
	check("pipeline_length", got.PipelineLength, want.PipelineLength)
	check("background", got.Background, want.Background)
	if !slices.Equal(got.Redirections, want.Redirections) {
		t.Errorf("redirections: %q, want %q", got.Redirections, want.Redirections)
	}
	if len(got.Elements) != len(want.Elements) {
		t.Fatalf("elements: %d, want %d", len(got.Elements), len(want.Elements))
	}
	for i := range got.Elements {
		g, w := &got.Elements[i], &want.Elements[i]
		check("type", g.Type, w.Type)
		check("text", g.Text, w.Text)
		check("parameter_name", text(g.ParameterName), text(w.ParameterName))
		check("argument_text", text(g.ArgumentText), text(w.ArgumentText))
		check("argument_type", text(g.ArgumentType), text(w.ArgumentType))
		check("argument_value", text(g.ArgumentValue), text(w.ArgumentValue))
		check("value", text(g.Value), text(w.Value))
	}
}

// commandFacts lists a tree's commands, outer before inner.
func commandFacts(tree *Tree) []commandFact {
	w := factWriter{tree: tree}
	w.scriptBlock(tree.Root)
	slices.SortStableFunc(w.facts, func(a, b commandFact) int { return a.Start - b.Start })
	return w.facts
}

// factWriter walks a tree. in is where it is, outermost first.
type factWriter struct {
	tree  *Tree
	in    []string
	facts []commandFact
}

func (w *factWriter) within(label string, walk func()) {
	w.in = append(w.in, label)
	walk()
	w.in = w.in[:len(w.in)-1]
}

func (w *factWriter) scriptBlock(b *ScriptBlock) {
	if b == nil {
		return
	}
	for _, u := range b.Usings {
		w.statement(u)
	}
	w.params(b.Params, b.Attributes)
	for _, n := range []struct {
		name  string
		block *Block
	}{{"dynamicparam", b.Dynamic}, {"begin", b.Begin}, {"process", b.Process}, {"end", b.EndBlock}, {"clean", b.Clean}} {
		if n.block == nil {
			continue
		}
		if n.block.Unnamed {
			w.block(n.block)
		} else {
			w.within(n.name, func() { w.block(n.block) })
		}
	}
}

func (w *factWriter) params(b *ParamBlock, attributes []*Attribute) {
	if b == nil {
		return
	}
	w.within("param", func() {
		w.attributes(attributes)
		for _, x := range b.Parameters {
			w.attributes(x.Attributes)
			w.expression(x.Default)
		}
	})
}

func (w *factWriter) attributes(list []*Attribute) {
	for _, a := range list {
		for _, e := range a.Positional {
			w.expression(e)
		}
		for _, e := range a.Named {
			w.expression(e.Value)
		}
	}
}

func (w *factWriter) block(b *Block) {
	if b == nil {
		return
	}
	for _, t := range b.Traps {
		w.statement(t)
	}
	for _, s := range b.Statements {
		w.statement(s)
	}
}

func (w *factWriter) blockIn(label string, b *Block) { w.within(label, func() { w.block(b) }) }

func (w *factWriter) statementIn(label string, s Statement) {
	w.within(label, func() { w.statement(s) })
}

func (w *factWriter) statement(s Statement) {
	switch s := s.(type) {
	case *Pipeline:
		w.pipeline(s, false)
	case *PipelineChain:
		w.within("chain", func() { w.chain(s) })
	case *Assignment:
		w.expression(s.Left)
		w.statementIn("assignment", s.Right)
	case *If:
		for i, c := range s.Clauses {
			w.statementIn("if-condition", c.Condition)
			w.blockIn([]string{"if", "elseif"}[min(i, 1)], c.Body)
		}
		w.blockIn("else", s.Else)
	case *While:
		w.statementIn("while-condition", s.Condition)
		w.blockIn("while", s.Body)
	case *DoLoop:
		w.blockIn("do", s.Body)
		w.statementIn("do-condition", s.Condition)
	case *For:
		w.statementIn("for-header", s.Init)
		w.statementIn("for-header", s.Condition)
		w.statementIn("for-header", s.Next)
		w.blockIn("for", s.Body)
	case *ForEach:
		w.statementIn("foreach-source", s.Source)
		w.blockIn("foreach", s.Body)
	case *Switch:
		w.statementIn("switch-source", s.Source)
		for _, c := range s.Clauses {
			w.within("switch-label", func() { w.expression(c.Label) })
			w.blockIn("switch", c.Body)
		}
		w.blockIn("switch-default", s.Default)
	case *Try:
		w.blockIn("try", s.Body)
		for _, c := range s.Catches {
			w.blockIn("catch", c.Body)
		}
		w.blockIn("finally", s.Finally)
	case *Trap:
		w.blockIn("trap", s.Body)
	case *Data:
		w.blockIn("data", s.Body)
	case *Function:
		label := "function:"
		if s.Keyword == KindFilter {
			label = "filter:"
		}
		w.within(label+s.Name, func() {
			w.params(s.Params, nil)
			w.scriptBlock(s.Body)
		})
	case *TypeDef:
		w.within("class:"+s.Name, func() { w.members(s) })
	case *Flow:
		w.expression(s.Label)
		w.statementIn(s.Keyword.Text(), s.Value)
	case *Block:
		w.block(s)
	case *ErrorStatement:
		w.within("error", func() { w.nodes(s.Nodes) })
	}
}

func (w *factWriter) chain(s Statement) {
	if c, ok := s.(*PipelineChain); ok {
		w.chain(c.Left)
		w.pipeline(c.Right, c.Background)
		return
	}
	w.statement(s)
}

func (w *factWriter) members(s *TypeDef) {
	w.attributes(s.Attributes)
	for _, m := range s.Members {
		w.attributes(m.Attributes)
		w.expression(m.Initial)
		if m.Params == nil {
			continue
		}
		w.within("method:"+m.Name, func() {
			w.params(m.Params, nil)
			for _, e := range m.Base {
				w.expression(e)
			}
			w.scriptBlock(m.Body)
		})
	}
}

func (w *factWriter) nodes(list []Node) {
	for _, n := range list {
		switch n := n.(type) {
		case Statement:
			w.statement(n)
		case Expression:
			w.expression(n)
		case *CommandParameter:
			w.expression(n.Argument)
		}
	}
}

func (w *factWriter) pipeline(s *Pipeline, background bool) {
	for i, e := range s.Elements {
		switch e := e.(type) {
		case *CommandExpression:
			w.expression(e.Expression)
			w.redirections(e.Redirections)
		case *Command:
			f := w.command(e)
			f.PipelineIndex, f.PipelineLength = i, len(s.Elements)
			f.Background = s.Background || background
			w.facts = append(w.facts, f)
			name := "?"
			if f.Name != nil {
				name = *f.Name
			}
			w.within("command:"+name, func() {
				w.nodes(e.Elements)
				w.redirections(e.Redirections)
			})
		}
	}
}

func (w *factWriter) redirections(list []*Redirection) {
	for _, r := range list {
		w.expression(r.File)
	}
}

func (w *factWriter) text(n Node) string { return w.tree.Text[n.Pos():n.End()] }

func (w *factWriter) command(c *Command) commandFact {
	f := commandFact{
		Start: w.tree.UTF16Offset(c.Pos()), End: w.tree.UTF16Offset(c.End()),
		Invocation: c.Invocation.Text(), In: slices.Clone(w.in),
	}
	f.Line, f.Column = w.tree.Position(c.Pos())
	for i, n := range c.Elements {
		e := w.element(n)
		if i > 0 {
			f.Elements = append(f.Elements, e)
			continue
		}
		f.NameType, f.NameText = e.Type, e.Text
		if s, ok := n.(*String); ok {
			f.Name = &s.Value
		}
	}
	for _, r := range c.Redirections {
		if r.From != 0 {
			f.Redirections = append(f.Redirections, w.text(r))
		}
	}
	return f
}

func (w *factWriter) element(n Node) elementFact {
	f := elementFact{Text: w.text(n)}
	p, ok := n.(*CommandParameter)
	if !ok {
		f.Type, f.Value = w.valueOf(n)
		return f
	}
	f.Type, f.ParameterName = "parameter", &p.Name
	if p.Argument != nil {
		text := w.text(p.Argument)
		typ, value := w.valueOf(p.Argument)
		f.ArgumentText, f.ArgumentType, f.ArgumentValue = &text, &typ, value
	}
	return f
}

func (w *factWriter) valueOf(n Node) (typ string, value *string) {
	switch n := n.(type) {
	case *String:
		return "constant", &n.Value
	case *Number:
		s, _ := showNumber(n.Value)
		return "constant", &s
	case *ExpandableString:
		return "expandable", &n.Raw
	case *Variable:
		s := n.Name
		if n.Scope != "" {
			s = w.text(n)[1:]
			s = strings.TrimSuffix(strings.TrimPrefix(s, "{"), "}")
		}
		if n.Splatted {
			return "splat", &s
		}
		return "variable", &s
	case *Member:
		if isUsing(n) {
			return "other", nil
		}
		return "member", nil
	case *SubExpression:
		return "subexpr", nil
	case *Paren:
		return "paren", nil
	case *Hashtable:
		return "hashtable", nil
	case *ArrayLiteral, *ArrayExpression:
		return "array", nil
	case *ScriptBlockExpression:
		return "scriptblock", nil
	}
	return "other", nil
}

// isUsing reports whether a member is that of $using:x, which the engine takes
// for one expression with it.
func isUsing(e Expression) bool {
	for {
		switch n := e.(type) {
		case *Member:
			e = n.Target
		case *Index:
			e = n.Target
		case *UsingExpression:
			return true
		default:
			return false
		}
	}
}

func (w *factWriter) expression(e Expression) {
	switch e := e.(type) {
	case *ExpandableString:
		w.within("string", func() {
			for _, part := range e.Parts {
				w.expression(part.Expression)
			}
		})
	case *ArrayLiteral:
		for _, x := range e.Elements {
			w.expression(x)
		}
	case *ArrayExpression:
		w.blockIn("array", e.Body)
	case *SubExpression:
		w.blockIn("subexpr", e.Body)
	case *Paren:
		w.statementIn("paren", e.Pipeline)
	case *Hashtable:
		w.within("hashtable", func() {
			for _, x := range e.Entries {
				w.expression(x.Key)
				w.statement(x.Value)
			}
		})
	case *ScriptBlockExpression:
		w.within("scriptblock", func() { w.scriptBlock(e.Body) })
	case *Unary:
		w.expression(e.Operand)
	case *Binary:
		w.expression(e.Left)
		w.expression(e.Right)
	case *Ternary:
		w.within("ternary", func() {
			w.expression(e.Condition)
			w.expression(e.Then)
			w.expression(e.Else)
		})
	case *Convert:
		w.expression(e.Operand)
	case *Attributed:
		w.attributes([]*Attribute{e.Attribute})
		w.expression(e.Operand)
	case *Member:
		walk := func() {
			w.expression(e.Target)
			w.expression(e.Name)
			for _, x := range e.Arguments {
				w.expression(x)
			}
		}
		if e.Call {
			w.within("method-call", walk)
		} else {
			walk()
		}
	case *Index:
		w.expression(e.Target)
		w.expression(e.Index)
	case *ErrorExpression:
		w.within("error", func() { w.nodes(e.Nodes) })
	}
}

type exportCase struct {
	Name   string
	Tags   []string
	Blocks []string
}

// TestExports parses what the engine ran, and what it refused.
func TestExports(t *testing.T) {
	cases := readLines[exportCase](t, evtxtest.Corpus(t, "conformance", "exports.jsonl"))
	for _, c := range cases {
		errors := 0
		var first string
		for _, text := range c.Blocks {
			tree := Parse(text, PowerShellCore)
			errors += len(tree.Errors)
			if len(tree.Errors) > 0 && first == "" {
				line, column := tree.Position(tree.Errors[0].Pos())
				first = fmt.Sprintf("%d:%d %s in %q", line, column, tree.Errors[0].Message, text)
			}
		}
		if refused := slices.Contains(c.Tags, "parse-error"); refused != (errors > 0) {
			t.Errorf("%s: %d errors, refused by the engine: %v: %s", c.Name, errors, refused, first)
		}
	}
}
