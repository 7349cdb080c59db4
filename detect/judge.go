package detect

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"pstrail/detect/powershell"
	"pstrail/evtxscan"
)

// Judge decides what script blocks amount to. It may be used by several
// goroutines at once.
type Judge struct {
	host   *exchange
	hidden worthCache
}

// NewJudge returns a Judge.
func NewJudge() *Judge { return &Judge{host: newExchange()} }

// conversationBudget bounds what is worked out of a conversation.
var conversationBudget = powershell.Budget{Steps: 600_000, Paths: 16}

// dialectOf returns the version of the language that a block is in.
func dialectOf(b *evtxscan.ScriptBlock) powershell.Dialect {
	if b.First().Channel == evtxscan.ChannelPowerShellCore {
		return powershell.PowerShellCore
	}
	return powershell.WindowsPowerShell
}

// logged is how the interpreter is given a turn.
func (t *turn) logged() powershell.Logged {
	return powershell.Logged{
		Tree:    t.tree,
		Invoked: t.shape == shapeBraces && t.candidate,
		Script:  t.block.First().Path != "" && t.shape == shapeScript,
		File:    t.block.First().Path,
		Cut:     len(t.block.Holes) > 0,
		Began:   t.began,
	}
}

// Options say what [Judge.Findings] reports.
type Options struct {
	// Workers is how many goroutines read evidence again; below 1 means one per
	// processor.
	Workers int
	// Since and Until bound the findings: those whose [Time, LastTime] meets
	// [Since, Until) are reported, and those without a valid time. 0 means no
	// bound.
	Since, Until evtxscan.FileTime
}

// Findings judges the script blocks of the evidence that [Judge.Wants] wanted
// and returns the findings in order: by time, then place. What it needs of
// other blocks it reads again. PassedOver is how many blocks, each of which by
// itself is no finding, were not looked at with those around, since there are
// too many. The only error is the context's.
func (j *Judge) Findings(ctx context.Context, ev *evtxscan.Evidence, opt Options) (findings []*Finding, passedOver int, err error) {
	if len(ev.Blocks) == 0 {
		return nil, 0, ctx.Err()
	}
	sure, others := j.byWorth(ev.Blocks)
	others, passedOver = rarest(others, maxOthers)
	for _, wanted := range [][]*evtxscan.ScriptBlock{sure, others} {
		around, err := surroundingsOf(ctx, ev, wanted, opt.Workers, maxCompanions)
		if err != nil {
			return nil, 0, err
		}
		for _, c := range conversations(wanted, around) {
			if err := ctx.Err(); err != nil {
				return nil, 0, err
			}
			if c.mayMakeName() {
				findings = append(findings, j.conversation(c)...)
			}
		}
	}
	findings = foldMentions(findings)
	findings = slices.DeleteFunc(findings, func(f *Finding) bool { return !opt.covers(f) })
	sortFindings(findings)
	return findings, passedOver, secondOpinions(ctx, findings)
}

// covers reports whether a finding meets the bounds of time.
func (o *Options) covers(f *Finding) bool {
	if !f.Time.Valid() {
		return true
	}
	last := max(f.Time, f.LastTime)
	return (o.Since == 0 || last >= o.Since) && (o.Until == 0 || f.Time < o.Until)
}

// conversation judges the blocks of one conversation. Their trees are let go
// when it is done, since those of all would not fit into memory.
func (j *Judge) conversation(c *conversation) []*Finding {
	for _, t := range c.turns {
		t.read()
	}
	nest(c.turns)
	s := j.open(c, conversationBudget)
	j.runAside(s)
	byTurn := map[*turn]*Finding{}
	var findings []*Finding
	for _, t := range s.given {
		if t.repeated || !t.candidate && len(s.ran.exports[t.given])+len(s.ran.registered[t.given])+len(s.ran.doubtful[t.given]) == 0 {
			continue
		}
		if f := j.judge(s, t); f != nil {
			byTurn[t] = f
			findings = append(findings, f)
		}
	}
	findings = append(findings, j.foldNested(c.turns, findings, byTurn)...)
	for t, f := range byTurn {
		if why := s.missing(t, f.Verdict); why != "" {
			f.Reason = strings.TrimPrefix(f.Reason+"; "+why, "; ")
		}
	}
	for _, t := range c.turns {
		t.tree = nil
	}
	return foldProxies(findings)
}

// judge makes the finding of a turn that no other holds, nil if it is none.
func (j *Judge) judge(s *session, t *turn) *Finding {
	b := t.block
	f := newFinding(b)
	for _, ev := range s.ran.exports[t.given] {
		if len(b.Holes) > 0 && ev.Place.End() >= len(strings.TrimRight(t.tree.Text, " \t")) {
			continue // an argument of it goes on in what is missing
		}
		c := callOf(ev, t.tree, s.given)
		if t.shape == shapeBraces {
			c.Outcome = OutcomeStarted
		}
		f.Calls = append(f.Calls, c)
		f.addContext(ev, s.given)
	}
	f.Calls = foldRounds(f.Calls)
	for _, ev := range s.ran.registered[t.given] {
		f.Latent = append(f.Latent, callOf(ev, t.tree, s.given))
		f.addContext(ev, s.given)
	}
	f.Latent = foldRounds(f.Latent)
	if isProxyText(b.Text) && t.shape != shapeScript && len(f.Calls) == 0 {
		return f.proxyBody()
	}
	f.Verdict, f.Reason = j.verdict(f, s, t)
	if f.Verdict == "" {
		return nil
	}
	f.truncate()
	f.addSignals(s.ran.related[t.given], t.tree)
	if b.Conflicted() {
		f.Contested = j.contested(f, b)
	}
	return f
}

// verdict decides what a block amounts to. It may add calls to f that cannot
// be said to be made.
func (j *Judge) verdict(f *Finding, s *session, t *turn) (Verdict, string) {
	b := t.block
	named := ruleTermsIn(b.Text, false, false)&termName != 0 || f.Rule.Matches()
	if wrong, ok := syntaxError(t.tree, b.Complete()); ok {
		f.Latent, f.Calls = append(f.Latent, f.Calls...), nil
		if named || t.holds == holdsName || len(f.Latent) > 0 {
			return VerdictUndecided, "the text is no PowerShell that could run (" + wrong + "), although it was logged"
		}
		return "", ""
	}
	var attempts int
	for _, c := range f.Calls {
		if c.refused {
			attempts++
		}
	}
	doubt := ""
	for _, ev := range s.ran.doubtful[t.given] {
		doubt = cmp.Or(doubt, ev.Place.Doubt)
		f.Latent = append(f.Latent, callOf(ev, t.tree, s.given))
		f.addContext(ev, s.given)
	}
	unfinished := missingReason(b)
	if limit := s.ran.limit[t.given]; limit != "" {
		f.CallsTruncated = true
		unfinished = strings.TrimPrefix(unfinished+"; not worked out to its end: "+limit, "; ")
	}
	switch {
	case len(f.Calls) > attempts:
		return VerdictCall, unfinished
	case attempts > 0:
		return VerdictAttempt, unfinished
	case doubt != "":
		return VerdictUndecided, strings.TrimPrefix(unfinished+"; "+doubt, "; ")
	}
	if !b.Complete() && (named || t.holds != holdsNothing) {
		if a := s.aside[t]; a != nil {
			f.Calls = append(f.Calls, a.calls...)
		}
		return VerdictUndecided, missingReason(b)
	}
	if limit := s.ran.limit[t.given]; limit != "" && (named || t.holds == holdsName) {
		return VerdictUndecided, "not worked out: " + limit
	}
	if why := s.suspect(t); why != "" {
		return VerdictUndecided, why
	}
	if len(f.Latent) > 0 {
		return VerdictLatent, "the block only sets the call up to be made later; its record does not show that it was"
	}
	if a := s.aside[t]; a != nil {
		f.Latent, f.CallsTruncated = a.calls, a.truncated || a.limit != ""
		if a.limit != "" && len(a.calls) == 0 {
			return VerdictUndecided, "what it would call is not worked out: " + a.limit
		}
	}
	if len(f.Latent) > 0 {
		if t.shape == shapeFunction {
			return VerdictLatent, "defined or called, cannot be told"
		}
		return VerdictLatent, "the call stands in the text, but the block does not make it"
	}
	if named {
		return VerdictMention, s.mentionReason(t)
	}
	return "", ""
}

// syntaxError says what is wrong with a text that cannot run. Where the text
// goes on in a missing fragment, an early end is no fault.
func syntaxError(t *powershell.Tree, complete bool) (string, bool) {
	for _, e := range t.Errors {
		if e.Incomplete && !complete {
			continue
		}
		line, column := t.Position(e.Pos())
		return fmt.Sprintf("line %d, column %d: %s", line, column, e.Message), true
	}
	return "", false
}

// missingReason says which fragments are missing, nothing if none is.
func missingReason(b *evtxscan.ScriptBlock) string {
	if b.Complete() {
		return ""
	}
	var numbers []string
	for _, m := range b.Missing {
		if m[0] == m[1] {
			numbers = append(numbers, fmt.Sprint(m[0]))
		} else {
			numbers = append(numbers, fmt.Sprintf("%d to %d", m[0], m[1]))
		}
	}
	if len(numbers) == 0 {
		return fmt.Sprintf("fragments do not fit a total of %d", b.Total)
	}
	return fmt.Sprintf("missing of %d fragments: %s", b.Total, strings.Join(numbers, ", "))
}

// suspect gives the ground for suspecting a text that runs what cannot be
// worked out, nothing if there is none: the parameters of the cmdlet at a
// command whose name is not known, or the name, in pieces, in such a text or in
// what it is made of.
func (s *session) suspect(t *turn) string {
	for _, p := range s.ran.opaque[t.given] {
		if p.Made {
			continue
		}
		if name := strings.Trim(p.Code, "'\n"); isVariant(name) {
			return "the cmdlet's name with a prefix, " + name + ": what brings a command of that name is not known"
		}
		if hasWord(p.Statement, "-filepath") && hasWord(p.Statement, "-mailbox") {
			return "a command whose name is not known is given -Mailbox and -FilePath"
		}
		if t.holds == holdsName && holds(p.Statement) == holdsName || holds(p.Code) == holdsName {
			return "text with the cmdlet's name is run in a way that cannot be worked out"
		}
	}
	return ""
}

// hasWord reports whether a word, which is lower case, stands in the text by
// itself.
func hasWord(text, word string) bool {
	for i := range text {
		if isWord(text, i, word) {
			return true
		}
	}
	return false
}

// mentionReason says why a turn is a mention.
func (s *session) mentionReason(t *turn) string {
	if isProxyText(t.block.Text) {
		return "text of an implicit-remoting proxy"
	}
	if s.ran.lent[t.given] {
		return "the call that stands there is made by another block"
	}
	return "the name stands there, but no call"
}

// contested reports whether the other version of a block in conflict would
// have another verdict.
func (j *Judge) contested(f *Finding, b *evtxscan.ScriptBlock) bool {
	other := *b
	other.Text = b.OtherText()
	other.Pieces = slices.Clone(b.Pieces)
	slices.Reverse(other.Pieces) // so that no conflict is seen again
	t := newTurn(&other, true)
	t.read()
	session := j.alone(t, conversationBudget)
	j.runAside(session)
	t = session.given[0]
	g := newFinding(b)
	for _, ev := range session.ran.exports[0] {
		g.Calls = append(g.Calls, callOf(ev, t.tree, session.given))
	}
	verdict, _ := j.verdict(g, session, t)
	return verdict != f.Verdict
}
