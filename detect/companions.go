package detect

import (
	"cmp"
	"container/heap"
	"context"
	"slices"
	"strings"
	"sync"

	"pstrail/evtxscan"
)

// This file chooses the blocks that are read for the sake of those that are
// judged: the ones before may define what they use, the ones after may call
// what they define.
//
// The rules are:
//   - A process may log gigabytes in weeks. Read are the nearest blocks on both
//     sides of a block that is judged, as far as the budget goes. What lies
//     farther off is left out, and the findings say so.
//   - What is read has no gap: it is as if the log began later. A choice of
//     blocks that look as if they mattered would reach farther, but nobody
//     could tell what those between have changed.
//   - All share one budget. Where it is short, all reach less far; how far does
//     not depend on the order in which the evidence is read.

// Costs of blocks, in bytes.
const (
	maxReach      = 1 << 20 // of what is read on one side of a block
	maxCompanions = 8 << 20 // of all that is read
	blockCost     = 512     // of a block, beside its text
)

func costOf(b *evtxscan.ScriptBlock) int64 { return int64(len(b.Text)) + blockCost }

// moment is a block's place in the order of a process.
type moment struct {
	time     evtxscan.FileTime
	recordID uint64
	blockID  string
	total    int32
}

func momentOf(b *evtxscan.ScriptBlock) moment {
	f := b.First()
	return moment{f.Time, f.RecordID, b.BlockID, b.Total}
}

func (m moment) compare(o moment) int {
	return cmp.Or(
		evtxscan.CompareTime(m.time, o.time), cmp.Compare(m.recordID, o.recordID),
		strings.Compare(m.blockID, o.blockID), cmp.Compare(m.total, o.total),
	)
}

// surroundings is what the evidence has around the blocks that are judged.
type surroundings struct {
	blocks []*evtxscan.ScriptBlock
	gaps   map[process][]gap // of what was left out, in order
	starts map[processID][]evtxscan.FileTime
}

// gap is a stretch of a process that is left out: from its first block to its
// last one. Where it is open, it goes on to the process's begin or end.
type gap struct {
	first, last        moment
	openFirst, openEnd bool
}

// surroundingsOf reads what stands around the blocks that are wanted.
func surroundingsOf(ctx context.Context, ev *evtxscan.Evidence, wanted []*evtxscan.ScriptBlock, workers int, budget int64) (*surroundings, error) {
	s := newSurvey(wanted, budget)
	around := &surroundings{gaps: map[process][]gap{}}
	if len(s.processes) == 0 {
		return around, nil
	}
	ids := map[processID]bool{}
	for p := range s.processes {
		ids[p.processID] = true
	}
	starts, err := ev.Survey(ctx, workers, s.see, func(st evtxscan.Start) bool { return ids[startedBy(st)] })
	if err != nil {
		return nil, err
	}
	around.starts = startTimes(starts)
	around.blocks, err = ev.Recall(ctx, workers, func(f *evtxscan.Fragment) bool {
		return s.reaches(processOf(f), moment{f.Time, f.RecordID, f.BlockID, f.Total})
	})
	around.blocks = slices.DeleteFunc(around.blocks, func(b *evtxscan.ScriptBlock) bool {
		return !s.reaches(processOf(b.First()), momentOf(b))
	})
	for p, v := range s.processes {
		around.gaps[p] = v.gaps()
	}
	return around, err
}

// survey finds out how far around the blocks that are judged others can be
// read. It may be shown blocks by several goroutines at once.
type survey struct {
	processes map[process]*vicinity
	budget    int64

	mu     sync.Mutex
	reach  int64 // what may be read on one side
	demand int64 // what is read if every side has what it can use of that
}

// vicinity is a process whose blocks at some moments are judged. Between two of
// these, and at both ends, stands a stretch with up to two sides.
type vicinity struct {
	judged    []moment
	stretches []stretch
}

// stretch is what lies between two moments: the nearest blocks after the first
// one and the nearest before the second one.
type stretch struct{ after, before *side }

func newSurvey(wanted []*evtxscan.ScriptBlock, budget int64) *survey {
	s := &survey{processes: map[process]*vicinity{}, budget: budget, reach: min(maxReach, budget)}
	for _, b := range wanted {
		p := processOf(b.First())
		if p.id == 0 {
			continue
		}
		v := s.processes[p]
		if v == nil {
			v = &vicinity{}
			s.processes[p] = v
		}
		v.judged = append(v.judged, momentOf(b))
	}
	for _, v := range s.processes {
		slices.SortFunc(v.judged, moment.compare)
		v.judged = slices.Compact(v.judged)
		n := len(v.judged)
		v.stretches = make([]stretch, n+1)
		for i := range v.stretches {
			if i > 0 {
				v.stretches[i].after = &side{farther: 1}
			}
			if i < n {
				v.stretches[i].before = &side{farther: -1}
			}
		}
	}
	return s
}

// see takes a block into account.
func (s *survey) see(b *evtxscan.ScriptBlock) {
	v := s.processes[processOf(b.First())]
	if v == nil {
		return
	}
	m := momentOf(b)
	i, judged := slices.BinarySearchFunc(v.judged, m, moment.compare)
	if judged {
		return
	}
	m.blockID = strings.Clone(m.blockID)
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, side := range v.stretches[i].sides() {
		s.demand += side.take(m, costOf(b), s.reach)
	}
	for s.demand > s.budget && s.reach > 0 {
		s.reach /= 2
		s.demand = 0
		for _, v := range s.processes {
			for i := range v.stretches {
				for _, side := range v.stretches[i].sides() {
					side.trim(s.reach)
					s.demand += min(side.seen, s.reach)
				}
			}
		}
	}
}

func (s *stretch) sides() []*side {
	switch {
	case s.after == nil:
		return []*side{s.before}
	case s.before == nil:
		return []*side{s.after}
	}
	return []*side{s.after, s.before}
}

// reaches reports whether a block at that moment is read for another's sake.
func (s *survey) reaches(p process, m moment) bool {
	v := s.processes[p]
	if v == nil {
		return false
	}
	i, judged := slices.BinarySearchFunc(v.judged, m, moment.compare)
	return !judged && slices.ContainsFunc(v.stretches[i].sides(), func(s *side) bool { return s.reaches(m) })
}

// gaps returns what is left out.
func (v *vicinity) gaps() []gap {
	var gaps []gap
	for _, s := range v.stretches {
		switch after, before := s.after, s.before; {
		case after != nil && !after.limited || before != nil && !before.limited:
		case after == nil:
			gaps = append(gaps, gap{last: before.limit, openFirst: true})
		case before == nil:
			gaps = append(gaps, gap{first: after.limit, openEnd: true})
		case after.limit.compare(before.limit) <= 0:
			gaps = append(gaps, gap{first: after.limit, last: before.limit})
		}
	}
	return gaps
}

// side is what is read on one side of a moment: the nearest blocks, as many as
// cost no more than the reach. It is a heap with the farthest one on top.
type side struct {
	farther int // the sign of comparing a farther moment with a nearer one
	near    []neighbour
	known   map[moment]bool // those in near: a copy costs nothing
	cost    int64           // of near
	seen    int64           // the cost of all blocks, copies included
	limited bool
	limit   moment // the nearest one that is left out
}

type neighbour struct {
	moment
	cost int64
}

func (s *side) reaches(m moment) bool { return !s.limited || s.limit.compare(m)*s.farther > 0 }

// take takes a block into account, and returns by how much it raises the
// demand.
func (s *side) take(m moment, cost, reach int64) int64 {
	before := min(s.seen, reach)
	s.seen += cost
	if s.reaches(m) && !s.known[m] {
		if s.known == nil {
			s.known = map[moment]bool{}
		}
		s.known[m] = true
		s.cost += cost
		heap.Push(s, neighbour{m, cost})
		s.trim(reach)
	}
	return min(s.seen, reach) - before
}

// trim leaves out the farthest blocks until the others cost no more than reach.
// Whatever comes later can only make the limit nearer.
func (s *side) trim(reach int64) {
	for s.cost > reach {
		out := heap.Pop(s).(neighbour)
		s.cost -= out.cost
		delete(s.known, out.moment)
		s.limit, s.limited = out.moment, true
	}
}

// Len, Less, Swap, Push and Pop implement heap.Interface.
func (s *side) Len() int           { return len(s.near) }
func (s *side) Less(i, j int) bool { return s.near[i].compare(s.near[j].moment)*s.farther > 0 }
func (s *side) Swap(i, j int)      { s.near[i], s.near[j] = s.near[j], s.near[i] }
func (s *side) Push(x any)         { s.near = append(s.near, x.(neighbour)) }
func (s *side) Pop() any {
	last := len(s.near) - 1
	out := s.near[last]
	s.near = s.near[:last]
	return out
}
