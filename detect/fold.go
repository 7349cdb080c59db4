package detect

import (
	"slices"
	"strings"

	"pstrail/detect/powershell"
	"pstrail/evtxscan"
)

// This file sees to it that one act is one finding.
//
// The rules are:
//   - A block logged on its own, because a piece of another block ran, belongs
//     to the finding that has the calls of that piece, and raises them to
//     started: the piece that makes them ran. It was logged for its first run
//     only, so how often it ran, nothing shows.
//   - If no block makes the calls of that piece, the record of the piece itself
//     shows that they were made, with values that are not known.
//   - The body of an implicit-remoting proxy is the cmdlet's own: it belongs to
//     the call before it. Where none is found, it is a call of which only that
//     it was made is known.

// top returns the turn that holds turn i and is held by none, and where in its
// text it stands.
func top(turns []*turn, i int) (holder *turn, at int) {
	t := turns[i]
	for t.outer >= 0 {
		at += t.at
		t = turns[t.outer]
	}
	return t, at
}

// foldNested puts a nested block to the finding it belongs to. It returns a
// finding of its own where there is none.
func (j *Judge) foldNested(turns []*turn, i int, byTurn map[*turn]*Finding) *Finding {
	inner := turns[i]
	if isProxyText(inner.block.Text) {
		return newFinding(inner.block).proxyBody()
	}
	holder, at := top(turns, i)
	piece := powershell.Span{From: int32(at), To: int32(at + len(strings.TrimSpace(inner.block.Text)))}
	folded := false
	for _, t := range turns {
		f := byTurn[t]
		if f == nil {
			continue
		}
		started := false
		for _, c := range f.Calls {
			if c.home == holder.block && c.at.From >= piece.From && c.at.To <= piece.To {
				c.Outcome = OutcomeStarted
				started = true
			}
		}
		if started {
			f.Nested = append(f.Nested, BlockRef{Block: inner.block})
			folded = true
		}
	}
	if folded {
		return nil
	}
	if f := byTurn[holder]; f != nil && f.startLatent(piece) {
		f.Nested = append(f.Nested, BlockRef{Block: inner.block})
		return nil
	}
	alone := *inner
	alone.outer = -1
	run := j.run([]*turn{&alone}, conversationBudget)
	return j.judge([]*turn{&alone}, 0, run, []int{0})
}

// startLatent makes calls of the latent ones that stand in a piece of the text
// whose own record shows that it ran. It reports whether there are any.
func (f *Finding) startLatent(piece powershell.Span) bool {
	if f.Verdict != VerdictLatent && f.Verdict != VerdictCall {
		return false
	}
	var rest []*Call
	some := false
	for _, c := range f.Latent {
		if c.at.From < piece.From || c.at.To > piece.To {
			rest = append(rest, c)
			continue
		}
		c.Outcome = OutcomeStarted
		f.Calls = append(f.Calls, c)
		some = true
	}
	if some {
		f.Latent = rest
		f.Verdict, f.Reason = VerdictCall, "a record of its own shows that the block with the call ran"
	}
	return some
}

// addLatent finds the calls that stand in a text and are not made, and what
// they would be if their function or statement ran after all the rest.
func (j *Judge) addLatent(f *Finding, turns []*turn, i int, run outcome, index []int) {
	t := turns[i]
	var pieces []powershell.Span
	for _, p := range run.result.Unreached {
		if p.Block != index[i] || holds(p.Statement) != holdsName {
			continue
		}
		if piece := enclosing(t.tree, p.At); !slices.Contains(pieces, piece) {
			pieces = append(pieces, piece)
		}
	}
	f.Latent = j.callsIn(turns, i, index, pieces)
}

// enclosing returns the outermost function that a command stands in, else the
// command itself.
func enclosing(tree *powershell.Tree, at powershell.Span) powershell.Span {
	found := at
	powershell.Walk(tree.Root, func(n powershell.Node) bool {
		if n.Pos() > at.Pos() || n.End() < at.End() || found != at {
			return false
		}
		if function, ok := n.(*powershell.Function); ok {
			found = function.Span
		}
		return true
	})
	return found
}

// callsIn returns the calls that pieces of a turn's text would make if they ran
// after the conversation up to it.
func (j *Judge) callsIn(turns []*turn, i int, index []int, pieces []powershell.Span) []*Call {
	if len(pieces) == 0 {
		return nil
	}
	var logged []powershell.Logged
	for k, t := range turns[:i+1] {
		if index[k] >= 0 {
			logged = append(logged, t.logged())
		}
	}
	text := turns[i].block.Text
	dialect := dialectOf(turns[i].block)
	trees := map[int]*powershell.Tree{}
	for _, p := range pieces {
		tree := powershell.Parse(only(text, p), dialect)
		trees[len(logged)] = tree
		logged = append(logged, powershell.Logged{Tree: tree, Invoked: true})
	}
	run := j.interpret(logged, conversationBudget)
	var calls []*Call
	for k := range logged {
		if trees[k] == nil {
			continue
		}
		for _, ev := range run.exports[k] {
			c := callOf(ev, trees[k])
			c.home, c.at = turns[i].block, ev.Place.At
			calls = append(calls, c)
		}
	}
	return calls
}

// only returns text with blanks for everything outside a span, so that what is
// left keeps its place.
func only(text string, span powershell.Span) string {
	b := []byte(text)
	for i, c := range b {
		if (i < span.Pos() || i >= span.End()) && c != '\n' && c != '\r' {
			b[i] = ' '
		}
	}
	return string(b)
}

// addBehindHoles adds the calls that stand behind missing fragments: whether
// the block makes them depends on what is missing.
func (j *Judge) addBehindHoles(f *Finding, turns []*turn, i int, index []int) {
	text, holes := turns[i].block.Text, turns[i].block.Holes
	var pieces []powershell.Span
	for k, h := range holes {
		end := len(text)
		if k+1 < len(holes) {
			end = holes[k+1].At
		}
		if holds(text[h.At:end]) != holdsNothing {
			pieces = append(pieces, powershell.Span{From: int32(h.At), To: int32(end)})
		}
	}
	for _, c := range j.callsIn(turns, i, index, pieces) {
		c.Conditional = true
		c.Problems = append(c.Problems, "stands behind missing fragments")
		f.Calls = append(f.Calls, c)
	}
}

// proxyMarks are what the generated text of an implicit-remoting module holds.
var proxyMarks = []string{
	"get-psimplicitremotingsession", "get-psimplicitremotingclientsideparameters", "$script:invokecommand", ".forwardhelptargetname", "'function:script:",
}

// isProxyText reports whether a text is of an implicit-remoting module.
func isProxyText(text string) bool {
	marks := 0
	for _, m := range proxyMarks {
		if containsFold(text, m) {
			marks++
		}
	}
	return marks >= 2
}

// Proxy implements the interpreter's question whether a function is the cmdlet
// by another way rather than something that hides it.
func (h *exchange) Proxy(name, body string) bool {
	return h.Command(name) != nil && isProxyText(body)
}

// proxyBody makes a finding of a proxy's body, which was logged because the
// cmdlet was called.
func (f *Finding) proxyBody() *Finding {
	f.Verdict, f.Reason = VerdictCall, "the body of the cmdlet's proxy was started; the arguments stand in the calling block"
	f.proxy = true
	f.Calls = []*Call{{
		Cmdlet: exportCmdlet, Line: 1, Column: 1, Statement: exportCmdlet, PST: PST{Kind: PathUnknown},
		Targets: Targets{Count: -1}, WhatIf: Unknown, Outcome: OutcomeStarted,
	}}
	return f
}

// foldProxies puts the bodies of proxies to the calls they were started by.
func foldProxies(findings []*Finding) []*Finding {
	var out []*Finding
	sortFindings(findings)
	var body *Finding // the last one that stands for itself
	for _, f := range findings {
		if !f.proxy {
			out = append(out, f)
			continue
		}
		switch caller := lastCaller(out, f.Time); {
		case caller != nil:
			caller.Nested = append(caller.Nested, BlockRef{Block: f.block()})
		case body != nil:
			body.Nested = append(body.Nested, BlockRef{Block: f.block()})
		default:
			body = f
			out = append(out, f)
		}
	}
	return out
}

// lastCaller returns the last finding before a time with a call that this
// process makes, and marks its first one that is not known to be started.
func lastCaller(findings []*Finding, until evtxscan.FileTime) *Finding {
	for i := len(findings) - 1; i >= 0; i-- {
		f := findings[i]
		if f.proxy || f.Verdict != VerdictCall || f.Time > until {
			continue
		}
		for _, c := range f.Calls {
			if c.Outcome == OutcomeNotShown {
				c.Outcome = OutcomeStarted
				break
			}
		}
		return f
	}
	return nil
}
