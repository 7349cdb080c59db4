package detect

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"pstrail/detect/powershell"
	"pstrail/evtxscan"
)

// This file has a conversation worked out.
//
// The rules are:
//   - The interpreter is given the turns in order, but for those that another
//     one holds.
//   - Where that exceeds its budget, it begins again in front of the block it
//     came to, with the nearest quarter of what it had before; at last with that
//     block alone. What is left out so, the finding says. Each block that exceeds
//     the budget alone makes it smaller for what follows, since there may be
//     thousands.
//   - Where a session ends and yet blocks follow, they are of another one, which
//     begins with nothing that is known.
//   - What stands in a text and was not run is run aside, after the block it
//     stands in.

// session is a conversation as it was worked out.
type session struct {
	*conversation
	given []*turn // the turns that no other holds
	ran   *outcome

	aside map[*turn]*aside // what turns would call if pieces of them ran
}

// aside is what a turn would call if pieces of it ran.
type aside struct {
	calls     []*Call
	truncated bool   // there are more pieces
	limit     string // a budget that a piece exceeds by itself
	// Where what stands before was not all taken into account: from where on it
	// was, and why.
	since *turn
	why   string
}

// outcome is what the interpreter says of blocks, by their index.
type outcome struct {
	exports, related map[int][]powershell.Event
	opaque           map[int][]powershell.Opaque
	unreached        map[int][]powershell.Place
	limit            map[int]string // budgets that a block exceeds by itself
	lacks            map[int]lack
}

// lack tells that a block was worked out without all that stands before it.
type lack struct {
	from  int // the first block that was taken into account
	limit string
}

func newOutcome() *outcome {
	return &outcome{
		exports: map[int][]powershell.Event{}, related: map[int][]powershell.Event{},
		opaque: map[int][]powershell.Opaque{}, unreached: map[int][]powershell.Place{},
		limit: map[int]string{}, lacks: map[int]lack{},
	}
}

// open has the turns of a conversation, which have been read, worked out.
func (j *Judge) open(c *conversation, budget powershell.Budget) *session {
	s := &session{conversation: c, aside: map[*turn]*aside{}}
	var logged []powershell.Logged
	for _, t := range c.turns {
		if t.outer == nil {
			t.given = len(s.given)
			s.given = append(s.given, t)
			logged = append(logged, t.logged())
		}
	}
	s.ran = j.run(logged, budget)
	return s
}

// alone has one turn worked out by itself.
func (j *Judge) alone(t *turn, budget powershell.Budget) *session {
	one := *t
	one.outer = nil
	return j.open(&conversation{turns: []*turn{&one}}, budget)
}

// leastSteps is what is left of a budget of steps however many blocks exceed it.
const leastSteps = 60_000

// run has blocks worked out.
func (j *Judge) run(blocks []powershell.Logged, budget powershell.Budget) *outcome {
	o := newOutcome()
	limit := "" // why what stands before from is left out
	for from, next := 0, 0; next < len(blocks); {
		r := powershell.Run(j.host, blocks[from:], budget)
		known := from + r.Done
		if r.Limit != "" && r.Done > 1 {
			known--
		}
		o.take(r, from, next, known)
		for i := next; i < known && limit != ""; i++ {
			o.lacks[i] = lack{from, limit}
		}
		switch {
		case r.Limit == "":
			from, next, limit = known, known, ""
			continue
		case r.Done == 1 && from == next:
			o.limit[from] = r.Limit
			from, next = known, known
			budget.Steps = max(budget.Steps*3/4, min(budget.Steps, leastSteps))
		case known < next:
			from = next
		default:
			from, next = known-(known-from)/4, known
		}
		limit = r.Limit
	}
	return o
}

// take takes what a run of the blocks from one on says of those in [next, last).
func (o *outcome) take(r *powershell.Result, from, next, last int) {
	for _, ev := range r.Events {
		if at := ev.Place.Block + from; at < next || at >= last {
			continue
		}
		ev = shifted(ev, from)
		list := o.related
		if ev.Command.Name == exportCmdlet {
			list = o.exports
		}
		list[ev.Place.Block] = append(list[ev.Place.Block], ev)
	}
	for _, p := range r.Opaque {
		if at := p.Block + from; at >= next && at < last {
			o.opaque[at] = append(o.opaque[at], p)
		}
	}
	unreached := map[int][]powershell.Place{}
	for _, p := range r.Unreached {
		unreached[p.Block+from] = append(unreached[p.Block+from], p)
	}
	for i := from; i < last; i++ {
		if i >= next {
			o.unreached[i] = unreached[i]
			continue
		}
		// It was run before; what calls it may come now.
		still := map[powershell.Span]bool{}
		for _, p := range unreached[i] {
			still[p.At] = true
		}
		o.unreached[i] = slices.DeleteFunc(o.unreached[i], func(p powershell.Place) bool { return !still[p.At] })
	}
}

// shifted returns an event of a run that began with a later block.
func shifted(ev powershell.Event, by int) powershell.Event {
	if by == 0 {
		return ev
	}
	moved := *ev.Invocation
	moved.Place.Block += by
	if moved.Place.Home >= 0 {
		moved.Place.Home += by
	}
	moved.Arguments = slices.Clone(moved.Arguments)
	for i := range moved.Arguments {
		blocks := slices.Clone(moved.Arguments[i].Blocks)
		for k := range blocks {
			blocks[k] += by
		}
		moved.Arguments[i].Blocks = blocks
	}
	ev.Invocation = &moved
	return ev
}

// entry is a block that the interpreter is given: a turn, or a piece of one.
type entry struct {
	turn              *turn
	tree              *powershell.Tree
	piece, behindHole bool
}

// runAside works out what the pieces of all turns that did not run would call.
func (j *Judge) runAside(s *session) {
	var entries []entry
	last := 0 // behind the last piece
	flush := func() {
		j.runEntries(s, entries[:last])
		entries, last = nil, 0
	}
	for _, t := range s.given {
		if s.ran.limit[t.given] != "" {
			flush() // as in the first run, nothing is known behind it
		} else {
			entries = append(entries, entry{turn: t, tree: t.tree})
		}
		pieces := s.pieces(t)
		if len(pieces) == 0 {
			continue
		}
		s.aside[t] = &aside{truncated: len(pieces) > maxPieces}
		for _, p := range pieces[:min(len(pieces), maxPieces)] {
			tree := powershell.Parse(only(t.block.Text, p), dialectOf(t.block))
			if p.to < len(t.block.Text) && p.behindHole {
				tree = closed(tree, dialectOf(t.block))
			}
			entries = append(entries, entry{turn: t, tree: tree, piece: true, behindHole: p.behindHole})
		}
		last = len(entries)
	}
	flush()
}

// runEntries works out what the pieces among the entries would call.
func (j *Judge) runEntries(s *session, entries []entry) {
	logged := make([]powershell.Logged, len(entries))
	turns := make([]*turn, len(entries))
	for i, e := range entries {
		logged[i], turns[i] = e.turn.logged(), e.turn
		if e.piece {
			logged[i] = powershell.Logged{Tree: e.tree, Invoked: true, Aside: true, File: e.turn.block.First().Path}
		}
	}
	ran := j.run(logged, conversationBudget)
	for i, e := range entries {
		if !e.piece {
			continue
		}
		a := s.aside[e.turn]
		a.limit = cmp.Or(a.limit, ran.limit[i])
		if l, ok := ran.lacks[i]; ok {
			a.since, a.why = turns[l.from], l.limit
		}
		for _, ev := range ran.exports[i] {
			c := callOf(ev, e.tree, turns)
			if e.behindHole {
				c.Conditional = true
				c.Problems = append(c.Problems, "stands behind missing fragments")
			}
			a.calls = append(a.calls, c)
		}
	}
}

// piece is a stretch of a turn's text, in bytes.
type piece struct {
	from, to   int
	behindHole bool
}

// maxPieces is how many pieces of one turn are run aside.
const maxPieces = 200

// pieces returns what of a turn's text is to be run aside: what stands behind
// missing fragments, else the calls that the turn does not make, each with the
// function around it.
func (s *session) pieces(t *turn) []piece {
	if !t.candidate || len(s.ran.exports[t.given]) > 0 {
		return nil
	}
	if _, wrong := syntaxError(t.tree, t.block.Complete()); wrong {
		return nil
	}
	if !t.block.Complete() {
		return t.behindHoles()
	}
	if s.ran.limit[t.given] != "" {
		return nil
	}
	var pieces []piece
	var functions []powershell.Node // the outermost ones
	for _, p := range s.ran.unreached[t.given] {
		if holds(p.Statement) != holdsName {
			continue
		}
		if functions == nil {
			functions = outermostFunctions(t.tree)
		}
		found := piece{from: p.At.Pos(), to: p.At.End()}
		i, _ := slices.BinarySearchFunc(functions, found.from, func(f powershell.Node, at int) int {
			if f.End() <= at {
				return -1
			}
			return 1
		})
		if i < len(functions) && functions[i].Pos() <= found.from {
			found = piece{from: functions[i].Pos(), to: functions[i].End()}
		}
		if n := len(pieces); n == 0 || pieces[n-1] != found {
			pieces = append(pieces, found)
		}
	}
	return pieces
}

// outermostFunctions returns the functions that stand in no other one, in order.
func outermostFunctions(tree *powershell.Tree) []powershell.Node {
	functions := []powershell.Node{}
	powershell.Walk(tree.Root, func(n powershell.Node) bool {
		function, ok := n.(*powershell.Function)
		if ok {
			functions = append(functions, function)
		}
		return !ok
	})
	return functions
}

// only returns text with blanks for everything outside a piece, so that what is
// left keeps its place.
func only(text string, p piece) string {
	b := []byte(text)
	for i, c := range b {
		if (i < p.from || i >= p.to) && c != '\n' && c != '\r' {
			b[i] = ' '
		}
	}
	return string(b)
}

// missing says what of the process was not taken into account for a finding,
// nothing if nothing was. What comes after it matters to what is not called in
// it. A mention says no times, since equal ones fold.
func (s *session) missing(t *turn, verdict Verdict) string {
	const reading, working = "it is too much to read", "it takes too much to work out"
	var parts []string
	before := func(at evtxscan.FileTime, why string) {
		parts = append(parts, fmt.Sprintf("what the process ran before %v was not taken into account: %s", at, why))
	}
	l, short := s.ran.lacks[t.given]
	switch a := s.aside[t]; {
	case a != nil && a.since != nil:
		before(a.since.time(), working+" ("+a.why+")")
	case short:
		before(s.given[l.from].time(), working+" ("+l.limit+")")
	case s.lacksBefore:
		before(s.turns[0].time(), reading)
	}
	if made := verdict == VerdictCall || verdict == VerdictAttempt; s.lacksAfter && !made {
		parts = append(parts, fmt.Sprintf("what the process ran after %v was not taken into account: %s", s.turns[len(s.turns)-1].time(), reading))
	}
	if verdict == VerdictMention && len(parts) > 0 {
		return "not all that the process ran was taken into account"
	}
	return strings.Join(parts, "; ")
}
