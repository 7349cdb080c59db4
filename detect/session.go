package detect

import (
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

// outcome is what the interpreter says of blocks, by their index.
type outcome struct {
	exports, related map[int][]powershell.Event
	registered       map[int][]powershell.Event // exports that are only set up to run later
	doubtful         map[int][]powershell.Event // exports through what may be gone
	opaque           map[int][]powershell.Opaque
	unreached        map[int][]powershell.Place
	lent             map[int]bool   // whether others make a call that stands in its text
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
		exports: map[int][]powershell.Event{}, related: map[int][]powershell.Event{}, registered: map[int][]powershell.Event{},
		doubtful: map[int][]powershell.Event{},
		opaque:   map[int][]powershell.Opaque{}, unreached: map[int][]powershell.Place{},
		lent: map[int]bool{}, limit: map[int]string{}, lacks: map[int]lack{},
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
			t.began = nil
		} else if len(s.given) > 0 && t.outer.outer == nil {
			last := s.given[len(s.given)-1]
			last.began = append(last.began, powershell.Began{Tree: t.outer.tree, At: t.at})
		}
	}
	for _, t := range s.given {
		logged = append(logged, t.logged())
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
		if at := ev.Place.Block + from; at < next || at >= last || ev.Again {
			continue
		}
		ev = shifted(ev, from)
		list := o.related
		switch export := ev.Command.Name == exportCmdlet; {
		case export && ev.Place.Later:
			list = o.registered
		case export && ev.Place.Doubt != "":
			list = o.doubtful
		case export:
			list = o.exports
			if ev.Place.Home != ev.Place.Block {
				o.lent[ev.Place.Home] = true
			}
		case ev.Place.Later:
			continue
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
