package detect

import (
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
	hidden verdictCache
}

// NewJudge returns a Judge.
func NewJudge() *Judge { return &Judge{host: newExchange()} }

// Budgets: of a conversation, and of the question whether a text that does not
// name the cmdlet makes a call of it all the same.
var (
	conversationBudget = powershell.Budget{Steps: 600_000, Paths: 16}
	hiddenBudget       = powershell.Budget{Steps: 20_000, Paths: 4}
)

// Glance reports whether a text can have to do with the cmdlet at all. It is
// what [evtxscan.Options.Glance] needs.
func (j *Judge) Glance(text string) bool { return holds(text) != holdsNothing }

// Wants reports whether a script block must be looked at: its text holds the
// cmdlet's name, whole or in pieces, or its parameters, or computes a call of
// it. It is what [evtxscan.Options.Keep] needs.
func (j *Judge) Wants(b *evtxscan.ScriptBlock) bool {
	switch holds(b.Text) {
	case holdsName, holdsPair:
		return true
	case holdsNothing:
		return false
	}
	t := &turn{block: b, candidate: true, outer: -1}
	return j.hidden.get(t.head(), dialectOf(b), func() bool {
		t.read()
		run := j.run([]*turn{t}, hiddenBudget)
		return len(run.exports) > 0 || suspect(t, 0, run.result) != ""
	})
}

// read parses the block, as far as it is there from its beginning on.
func (t *turn) read() {
	t.holds = holds(t.block.Text)
	t.tree = powershell.Parse(t.head(), dialectOf(t.block))
	t.shape = shapeOf(t.tree)
}

// head is the text up to the first hole.
func (t *turn) head() string {
	if len(t.block.Holes) == 0 {
		return t.block.Text
	}
	return t.block.Text[:t.block.Holes[0].At]
}

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
	}
}

// outcome is what the interpreter says of the blocks it was given, by their
// index.
type outcome struct {
	result  *powershell.Result
	exports map[int][]powershell.Event
	related map[int][]powershell.Event
}

// run gives turns to the interpreter.
func (j *Judge) run(turns []*turn, budget powershell.Budget) outcome {
	logged := make([]powershell.Logged, len(turns))
	for i, t := range turns {
		logged[i] = t.logged()
	}
	return j.interpret(logged, budget)
}

func (j *Judge) interpret(logged []powershell.Logged, budget powershell.Budget) outcome {
	o := outcome{exports: map[int][]powershell.Event{}, related: map[int][]powershell.Event{}}
	o.result = powershell.Run(j.host, logged, budget)
	for _, ev := range o.result.Events {
		if ev.Command.Name == exportCmdlet {
			o.exports[ev.Place.Block] = append(o.exports[ev.Place.Block], ev)
		} else {
			o.related[ev.Place.Block] = append(o.related[ev.Place.Block], ev)
		}
	}
	return o
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
// other blocks it reads again. Its only error is the context's.
func (j *Judge) Findings(ctx context.Context, ev *evtxscan.Evidence, opt Options) ([]*Finding, error) {
	if len(ev.Blocks) == 0 {
		return nil, ctx.Err()
	}
	others, err := companions(ctx, ev, opt.Workers)
	if err != nil {
		return nil, err
	}
	var findings []*Finding
	for _, turns := range conversations(ev.Blocks, others) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		findings = append(findings, j.conversation(turns)...)
	}
	findings = foldMentions(findings)
	findings = slices.DeleteFunc(findings, func(f *Finding) bool { return !opt.covers(f) })
	sortFindings(findings)
	return findings, secondOpinions(ctx, findings)
}

// covers reports whether a finding meets the bounds of time.
func (o *Options) covers(f *Finding) bool {
	if !f.Time.Valid() {
		return true
	}
	last := max(f.Time, f.LastTime)
	return (o.Since == 0 || last >= o.Since) && (o.Until == 0 || f.Time < o.Until)
}

// companions reads the other blocks of the processes that a wanted block is of:
// those before it may define what it uses, those after it may call what it
// defines.
func companions(ctx context.Context, ev *evtxscan.Evidence, workers int) ([]*evtxscan.ScriptBlock, error) {
	processes := map[process]bool{}
	for _, b := range ev.Blocks {
		if f := b.First(); f.ProcessID != 0 {
			processes[processOf(f)] = true
		}
	}
	if len(processes) == 0 {
		return nil, nil
	}
	return ev.Recall(ctx, workers, func(f *evtxscan.Fragment) bool { return processes[processOf(f)] })
}

// conversation judges the blocks of one conversation.
func (j *Judge) conversation(turns []*turn) []*Finding {
	for _, t := range turns {
		t.read()
	}
	nest(turns)
	run, index := j.runConversation(turns)
	byTurn := map[*turn]*Finding{}
	var findings []*Finding
	for i, t := range turns {
		if t.outer >= 0 || !t.candidate && len(run.exports[index[i]]) == 0 {
			continue
		}
		if f := j.judge(turns, i, run, index); f != nil {
			byTurn[t] = f
			findings = append(findings, f)
		}
	}
	for i, t := range turns {
		if t.candidate && t.outer >= 0 {
			if f := j.foldNested(turns, i, byTurn); f != nil {
				findings = append(findings, f)
			}
		}
	}
	return foldProxies(findings)
}

// runConversation interprets the turns that no other holds. index tells the
// place of a turn among the interpreter's blocks, -1 for those left out.
func (j *Judge) runConversation(turns []*turn) (run outcome, index []int) {
	index = make([]int, len(turns))
	var given []*turn
	for i, t := range turns {
		index[i] = -1
		if t.outer < 0 {
			index[i] = len(given)
			given = append(given, t)
		}
	}
	run = j.run(given, conversationBudget)
	if run.result.Limit == "" || len(given) == 1 {
		return run, index
	}
	// Something took too long; what each block does by itself is still known.
	for i, t := range given {
		if !t.candidate || len(run.exports[i]) > 0 {
			continue
		}
		alone := j.run([]*turn{t}, conversationBudget)
		for _, events := range []struct{ from, to map[int][]powershell.Event }{{alone.exports, run.exports}, {alone.related, run.related}} {
			for _, ev := range events.from[0] {
				moved := *ev.Invocation
				moved.Place.Block = i
				if moved.Place.Home >= 0 {
					moved.Place.Home = i
				}
				ev.Invocation = &moved
				events.to[i] = append(events.to[i], ev)
			}
		}
	}
	return run, index
}

// judge makes the finding of a turn, nil if it is none.
func (j *Judge) judge(turns []*turn, i int, run outcome, index []int) *Finding {
	t := turns[i]
	b := t.block
	f := newFinding(b)
	given := givenTurns(turns, index)
	for _, ev := range run.exports[index[i]] {
		if len(b.Holes) > 0 && touches(ev, t.tree) {
			continue
		}
		c := callOf(ev, t.tree)
		if home := ev.Place.Home; home >= 0 {
			c.home, c.at = given[home].block, ev.Place.At
		}
		if t.shape == shapeBraces {
			c.Outcome = OutcomeStarted
		}
		f.Calls = append(f.Calls, c)
		f.addContext(ev, given)
	}
	if isProxyText(b.Text) && t.shape != shapeScript && len(f.Calls) == 0 {
		return f.proxyBody()
	}
	f.Verdict, f.Reason = j.verdict(f, turns, i, run, index)
	if f.Verdict == "" {
		return nil
	}
	f.truncate()
	f.addSignals(run.related[index[i]], t.tree)
	if b.Conflicted() {
		f.Contested = j.contested(f, b)
	}
	return f
}

func givenTurns(turns []*turn, index []int) []*turn {
	var given []*turn
	for i, t := range turns {
		if index[i] >= 0 {
			given = append(given, t)
		}
	}
	return given
}

// touches reports whether a command ends where its text does, so that what is
// missing may be part of it.
func touches(ev powershell.Event, tree *powershell.Tree) bool { return ev.Place.End() >= len(tree.Text) }

// verdict decides what a block amounts to. It may add calls to f that cannot
// be said to be made.
func (j *Judge) verdict(f *Finding, turns []*turn, i int, run outcome, index []int) (Verdict, string) {
	t := turns[i]
	b := t.block
	named := ruleTermsIn(b.Text, false, false)&termName != 0 || f.Rule.Matches()
	if wrong, ok := syntaxError(t.tree, b.Complete()); ok {
		f.Latent, f.Calls = f.Calls, nil
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
	switch {
	case len(f.Calls) > attempts:
		return VerdictCall, missingReason(b)
	case attempts > 0:
		return VerdictAttempt, missingReason(b)
	}
	if !b.Complete() && (named || t.holds != holdsNothing) {
		j.addBehindHoles(f, turns, i, index)
		return VerdictUndecided, missingReason(b)
	}
	if run.result.Limit != "" && (named || t.holds == holdsName) {
		return VerdictUndecided, "not worked out: " + run.result.Limit
	}
	if why := suspect(t, index[i], run.result); why != "" {
		return VerdictUndecided, why
	}
	j.addLatent(f, turns, i, run, index)
	if len(f.Latent) > 0 {
		if t.shape == shapeFunction {
			return VerdictLatent, "defined or called, cannot be told"
		}
		return VerdictLatent, "the call stands in the text, but the block does not make it"
	}
	if named {
		return VerdictMention, mentionReason(b.Text)
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
// command whose name is not known, or the name, in pieces, in such a text.
func suspect(t *turn, index int, r *powershell.Result) string {
	for _, p := range r.Opaque {
		if p.Block != index {
			continue
		}
		if containsFold(p.Statement, "-filepath") && containsFold(p.Statement, "-mailbox") {
			return "a command whose name is not known is given -Mailbox and -FilePath"
		}
		if t.holds == holdsName && holds(p.Statement) == holdsName {
			return "text with the cmdlet's name is run in a way that cannot be worked out"
		}
	}
	return ""
}

func mentionReason(text string) string {
	if isProxyText(text) {
		return "text of an implicit-remoting proxy"
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
	t := &turn{block: &other, candidate: true, outer: -1}
	t.holds = holds(other.Text)
	t.tree = powershell.Parse(t.head(), dialectOf(b))
	t.shape = shapeOf(t.tree)
	g := newFinding(b)
	run := j.run([]*turn{t}, conversationBudget)
	for _, ev := range run.exports[0] {
		g.Calls = append(g.Calls, callOf(ev, t.tree))
	}
	verdict, _ := j.verdict(g, []*turn{t}, 0, run, []int{0})
	return verdict != f.Verdict
}
