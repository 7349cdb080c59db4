package detect

import (
	"strings"

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

// top returns the turn that holds turn t and is held by none, and where in its
// text it stands.
func top(t *turn) (holder *turn, at int) {
	for t.outer != nil {
		at += t.at
		t = t.outer
	}
	return t, at
}

// foldNested puts the nested turns to the findings they belong to. It returns
// findings of their own for those that have none.
func (j *Judge) foldNested(turns []*turn, findings []*Finding, byTurn map[*turn]*Finding) []*Finding {
	callers := map[*evtxscan.ScriptBlock][]*Finding{} // by the block that has the call
	for _, f := range findings {
		for _, c := range f.Calls {
			if list := callers[c.home]; len(list) == 0 || list[len(list)-1] != f {
				callers[c.home] = append(list, f)
			}
		}
	}
	var own []*Finding
	for _, t := range turns {
		if !t.candidate || t.outer == nil {
			continue
		}
		if f := j.foldOne(t, callers, byTurn); f != nil {
			own = append(own, f)
		}
	}
	return own
}

// foldOne folds one nested turn, or returns a finding of its own.
func (j *Judge) foldOne(t *turn, callers map[*evtxscan.ScriptBlock][]*Finding, byTurn map[*turn]*Finding) *Finding {
	if isProxyText(t.block.Text) {
		return newFinding(t.block).proxyBody()
	}
	holder, at := top(t)
	end := at + len(strings.TrimSpace(t.block.Text))
	folded := false
	for _, f := range callers[holder.block] {
		started := false
		for _, c := range f.Calls {
			if c.home == holder.block && c.at.Pos() >= at && c.at.End() <= end {
				c.Outcome = OutcomeStarted
				started = true
			}
		}
		if started {
			f.Nested = append(f.Nested, BlockRef{Block: t.block})
			folded = true
		}
	}
	if folded {
		return nil
	}
	if f := byTurn[holder]; f != nil && f.startLatent(at, end) {
		f.Nested = append(f.Nested, BlockRef{Block: t.block})
		if list := callers[holder.block]; len(list) == 0 || list[len(list)-1] != f {
			callers[holder.block] = append(list, f)
		}
		return nil
	}
	s := j.alone(t, conversationBudget)
	j.runAside(s)
	return j.judge(s, s.given[0])
}

// startLatent makes calls of the latent ones that stand in a piece of the text
// whose own record shows that it ran. It reports whether there are any.
func (f *Finding) startLatent(from, to int) bool {
	if f.Verdict != VerdictLatent && f.Verdict != VerdictCall {
		return false
	}
	var rest []*Call
	some := false
	for _, c := range f.Latent {
		if c.home != f.block() || c.at.Pos() < from || c.at.End() > to {
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

// foldProxies puts the bodies of proxies to the calls they were started by: the
// last one before them that this process makes.
func foldProxies(findings []*Finding) []*Finding {
	var out []*Finding
	sortFindings(findings)
	var caller, body *Finding // the last call, and the last body that stands for itself
	for _, f := range findings {
		switch {
		case !f.proxy:
			out = append(out, f)
			if f.Verdict == VerdictCall {
				caller = f
			}
		case caller != nil:
			caller.startOne()
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

// startOne marks the first call that is not known to be started.
func (f *Finding) startOne() {
	for _, c := range f.Calls {
		if c.Outcome == OutcomeNotShown {
			c.Outcome = OutcomeStarted
			return
		}
	}
}
