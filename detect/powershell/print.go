package powershell

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Print writes a node as text that reads back, in the same dialect, as the same
// tree but for the places: one statement a line, no comments, words and strings
// escaped where they must be. Of what is an error it writes what was read.
func Print(n Node) string {
	var w printer
	w.node(n)
	return w.b.String()
}

// printer collects the text.
type printer struct {
	b strings.Builder
	// verbatim is set behind what follows --%, which swallows all but a line
	// end, a pipe or &&; open, if a double quote in it keeps these, too.
	verbatim, open bool
}

func (w *printer) str(parts ...string) {
	if w.verbatim {
		w.verbatim = false
		next := strings.TrimLeft(strings.Join(parts, ""), " ")
		if w.open || !strings.HasPrefix(next, "|") && !strings.HasPrefix(next, "&&") && !strings.HasPrefix(next, "\n") {
			w.b.WriteByte('\n')
		}
		w.b.WriteString(next)
		return
	}
	for _, s := range parts {
		w.b.WriteString(s)
	}
}

func (w *printer) node(n Node) {
	switch n := n.(type) {
	case nil:
	case *ScriptBlock:
		w.scriptBlock(n)
	case *Block:
		w.block(n)
	case Statement:
		w.statement(n)
	case Expression:
		w.expression(n)
	case *Command:
		w.command(n)
	case *CommandExpression:
		w.commandExpression(n)
	case *CommandParameter:
		w.commandParameter(n)
	case *ParamBlock:
		w.parameters(n)
	case *Parameter:
		w.parameter(n)
	case *Attribute:
		w.attribute(n)
	case *Redirection:
		w.redirection(n)
	case *Catch:
		w.catch(n)
	case *TypeMember:
		w.member(n, false)
	}
}

// scriptBlock writes what stands between the braces.
func (w *printer) scriptBlock(b *ScriptBlock) {
	for _, u := range b.Usings {
		w.statement(u)
		w.str("\n")
	}
	if b.Params != nil {
		for _, a := range b.Attributes {
			w.attribute(a)
			w.str("\n")
		}
		w.str("param")
		w.parameters(b.Params)
		w.str("\n")
	}
	for _, n := range []struct {
		word  string
		block *Block
	}{
		{"dynamicparam ", b.Dynamic}, {"begin ", b.Begin}, {"process ", b.Process}, {"end ", b.EndBlock}, {"clean ", b.Clean},
	} {
		switch {
		case n.block == nil:
		case n.block.Unnamed:
			w.statements(n.block)
		default:
			w.str(n.word)
			w.block(n.block)
			w.str("\n")
		}
	}
}

func (w *printer) statements(b *Block) {
	for _, t := range b.Traps {
		w.statement(t)
		w.str("\n")
	}
	for _, s := range b.Statements {
		w.statement(s)
		w.str("\n")
	}
}

// block writes statements in braces.
func (w *printer) block(b *Block) {
	if b.Keyword != KindUnknown {
		w.str(b.Keyword.Text(), " ")
	}
	w.str("{\n")
	w.statements(b)
	w.str("}")
}

func (w *printer) statement(s Statement) {
	switch s := s.(type) {
	case *Pipeline:
		w.pipeline(s)
	case *PipelineChain:
		w.chain(s)
		if s.Background {
			w.str(" &")
		}
	case *Assignment:
		w.expression(s.Left)
		w.str(" ", s.Op.Text(), " ")
		w.statement(s.Right)
	case *If:
		for i, c := range s.Clauses {
			w.str([]string{"if (", " elseif ("}[min(i, 1)])
			w.statement(c.Condition)
			w.str(") ")
			w.block(c.Body)
		}
		if s.Else != nil {
			w.str(" else ")
			w.block(s.Else)
		}
	case *While:
		w.label(s.Label)
		w.str("while (")
		w.statement(s.Condition)
		w.str(") ")
		w.block(s.Body)
	case *DoLoop:
		w.label(s.Label)
		w.str("do ")
		w.block(s.Body)
		w.str(map[bool]string{false: " while (", true: " until ("}[s.Until])
		w.statement(s.Condition)
		w.str(")")
	case *For:
		w.label(s.Label)
		w.str("for (")
		w.optional(s.Init)
		w.str("; ")
		w.optional(s.Condition)
		w.str("; ")
		w.optional(s.Next)
		w.str(") ")
		w.block(s.Body)
	case *ForEach:
		w.label(s.Label)
		w.str("foreach ")
		if s.Parallel {
			w.str("-parallel ")
		}
		w.str("(")
		w.expression(s.Variable)
		w.str(" in ")
		w.statement(s.Source)
		w.str(") ")
		w.block(s.Body)
	case *Switch:
		w.switchStatement(s)
	case *Try:
		w.str("try ")
		w.block(s.Body)
		for _, c := range s.Catches {
			w.str(" ")
			w.catch(c)
		}
		if s.Finally != nil {
			w.str(" finally ")
			w.block(s.Finally)
		}
	case *Trap:
		w.str("trap ")
		if s.Type != nil {
			w.bracketed(s.Type)
			w.str(" ")
		}
		w.block(s.Body)
	case *Data:
		w.data(s)
	case *Function:
		w.str(s.Keyword.Text(), " ")
		w.word(s.Name, false)
		w.str(" ")
		if s.Params != nil {
			w.parameters(s.Params)
			w.str(" ")
		}
		w.braced(s.Body)
	case *TypeDef:
		w.typeDef(s)
	case *Using:
		w.str("using ", s.Kind.Text(), " ")
		w.expression(s.Name)
		if s.Alias != nil {
			w.str(" = ")
			w.expression(s.Alias)
		}
	case *Flow:
		w.str(s.Keyword.Text())
		if s.Label != nil {
			w.str(" ")
			w.expression(s.Label)
		}
		if s.Value != nil {
			w.str(" ")
			w.statement(s.Value)
		}
	case *Block:
		w.block(s)
	case *ErrorStatement:
		w.errorNodes(s.Nodes)
	}
}

func (w *printer) optional(s Statement) {
	if s != nil {
		w.statement(s)
	}
}

func (w *printer) label(label string) {
	if label != "" {
		w.str(":", label, " ")
	}
}

func (w *printer) errorNodes(nodes []Node) {
	for i, n := range nodes {
		if i > 0 {
			w.str("\n")
		}
		w.node(n)
	}
}

func (w *printer) switchStatement(s *Switch) {
	w.label(s.Label)
	w.str("switch")
	for _, f := range []struct {
		set  bool
		name string
	}{
		{s.Exact, " -exact"}, {s.Regex, " -regex"}, {s.Wildcard, " -wildcard"}, {s.CaseSensitive, " -casesensitive"},
		{s.Parallel, " -parallel"}, {s.File, " -file"},
	} {
		if f.set {
			w.str(f.name)
		}
	}
	if name, ok := pureExpression(s.Source); ok && s.File {
		w.str(" ")
		w.expression(name)
	} else {
		w.str(" (")
		w.optional(s.Source)
		w.str(")")
	}
	w.str(" {\n")
	for _, c := range s.Clauses {
		w.expression(c.Label)
		w.str(" ")
		w.block(c.Body)
		w.str("\n")
	}
	if s.Default != nil {
		w.str("default ")
		w.block(s.Default)
		w.str("\n")
	}
	w.str("}")
}

func (w *printer) catch(c *Catch) {
	w.str("catch")
	for i, t := range c.Types {
		w.str([]string{" ", ", "}[min(i, 1)])
		w.bracketed(t)
	}
	w.str(" ")
	w.block(c.Body)
}

func (w *printer) data(s *Data) {
	w.str("data ", s.Variable)
	for i, c := range s.Commands {
		w.str([]string{" -SupportedCommand ", ", "}[min(i, 1)])
		w.expression(c)
	}
	w.str(" ")
	w.block(s.Body)
}

func (w *printer) pipeline(s *Pipeline) {
	for i, e := range s.Elements {
		if i > 0 {
			w.str(" | ")
		}
		w.node(e)
	}
	if s.Background {
		w.str(" &")
	}
}

// chain writes a chain, which may be very long.
func (w *printer) chain(s *PipelineChain) {
	var links []*PipelineChain
	left := Statement(s)
	for c, ok := left.(*PipelineChain); ok; c, ok = left.(*PipelineChain) {
		links = append(links, c)
		left = c.Left
	}
	w.statement(left)
	for i := len(links) - 1; i >= 0; i-- {
		w.str(" ", links[i].Op.Text(), " ")
		w.pipeline(links[i].Right)
	}
}

func (w *printer) command(c *Command) {
	if c.Invocation != 0 {
		w.str(c.Invocation.Text(), " ")
	}
	rest := len(c.Elements) // what --% makes of the rest of the line
	if rest > 1 && isVerbatimMark(c.Elements[rest-2]) {
		rest--
	}
	for i, n := range c.Elements[:rest] {
		if i == rest-1 && rest < len(c.Elements) {
			w.redirections(c) // behind --% they would be part of the rest
		}
		if i > 0 {
			w.str(" ")
		}
		if s, ok := n.(*String); ok && s.Kind == BareWord {
			w.word(s.Value, i == 0 && c.Invocation == 0)
			continue
		}
		w.node(n)
	}
	if rest == len(c.Elements) {
		w.redirections(c)
	} else if s, ok := c.Elements[rest].(*String); ok {
		w.str(" ", s.Value)
		quotes := 0
		for _, r := range s.Value {
			if isDoubleQuote(r) {
				quotes++
			}
		}
		w.verbatim, w.open = true, quotes%2 == 1
	}
}

func (w *printer) redirections(c *Command) {
	for _, r := range c.Redirections {
		w.str(" ")
		w.redirection(r)
	}
}

func isVerbatimMark(n Node) bool {
	s, ok := n.(*String)
	return ok && s.Kind == BareWord && s.Value == "--%"
}

func (w *printer) commandParameter(p *CommandParameter) {
	w.str("-", p.Name)
	if p.Colon {
		w.str(":")
	}
	if p.Argument != nil {
		w.expression(p.Argument)
	}
}

func (w *printer) commandExpression(c *CommandExpression) {
	w.expression(c.Expression)
	for _, r := range c.Redirections {
		w.str(" ")
		w.redirection(r)
	}
}

func (w *printer) redirection(r *Redirection) {
	switch {
	case r.From == 7:
		w.str("*")
	case r.From > 1 || r.ToStream != 0 && r.From == 1:
		w.str(string(rune('0' + r.From)))
	case r.From == 0:
		w.str("< ")
		w.expression(r.File)
		return
	}
	if r.ToStream != 0 {
		w.str(">&", string(rune('0'+r.ToStream)))
		return
	}
	w.str(map[bool]string{false: "> ", true: ">> "}[r.Append])
	w.expression(r.File)
}

// word writes a bare word: as it is where it reads back as itself, else with
// quotes and backticks. A command's name must not read as anything else at the
// start of a statement.
func (w *printer) word(s string, isName bool) {
	if readsAsWord(s, WindowsPowerShell) && readsAsWord(s, PowerShellCore) && (!isName || isPlainName(s)) {
		w.str(s)
		return
	}
	w.escapedWord(s)
}

func (w *printer) escapedWord(s string) {
	r, n := utf8.DecodeRuneInString(s)
	switch {
	case n == 0:
		w.str("''")
		return
	case isIdentFollow(r):
		w.str(s[:n])
	default:
		if e, ok := controlEscapes[r]; ok {
			w.str("`", e)
		} else if isSpace(r) {
			w.str(fmt.Sprintf("`u{%x}", r)) // only version 7 has such a word
		} else {
			w.str("`", s[:n])
		}
	}
	w.quoted(s[n:])
}

var controlEscapes = map[rune]string{
	0: "0", '\a': "a", '\b': "b", '\f': "f", '\n': "n", '\r': "r", '\t': "t", '\v': "v",
}

// quoted writes the rest of a word in single quotes.
func (w *printer) quoted(s string) {
	w.str("'")
	w.doubling(s, isSingleQuote)
	w.str("'")
}

// doubling writes a text with its quotes doubled.
func (w *printer) doubling(s string, isQuote func(rune) bool) {
	done := 0
	for i, r := range s {
		if isQuote(r) {
			w.raw(s[done:i])
			done = i
			w.raw(string(r))
		}
	}
	w.raw(s[done:])
}

// raw writes text within a token.
func (w *printer) raw(s string) { w.b.WriteString(s) }

func readsAsWord(s string, dialect Dialect) bool {
	ok := true
	// The blank shows whether the word ends where it should.
	l := lexer{lexText: lexText{text: s + " "}, dialect: dialect, fail: func(Span, string, bool) { ok = false }}
	kind := l.next()
	value := l.valueOf(&l.tok)
	switch {
	case kind == KindIdentifier || kind.has(keyword):
		value = l.text[l.tok.From:l.tok.To]
	case kind != KindGeneric || l.tok.parts > 0:
		return false
	}
	return ok && value == s && l.tok.Span == Span{0, int32(len(s))}
}

// isPlainName reports whether a word begins no statement but a command.
func isPlainName(s string) bool {
	kind, isKeyword := keywordKind(s)
	return (!isKeyword || kind == KindInlineScript) && charClasses[s[0]]&charIdent != 0
}
