package detect

import (
	"cmp"
	"slices"

	"pstrail/detect/powershell"
)

// This file works out what calls that stand in a text but are not made would
// be.
//
// The rules are:
//   - It is done for turns that make no call at all.
//   - Of each call, what stands around it is run first, so that it is seen with
//     its values; where that does not make it either, less and less of it, at
//     last the command alone.
//   - What is run aside leaves nothing to what comes after it.

// aside is what a turn would call if pieces of it ran.
type aside struct {
	calls     []*Call
	pending   []asideCall              // not made by what has been run so far
	made      map[powershell.Span]bool // the others
	truncated bool                     // there are more
	limit     string                   // a budget that a piece exceeds by itself
	// Where what stands before was not all taken into account: from where on it
	// was, and why.
	since *turn
	why   string
}

// asideCall is a call that its block does not make: a command, or a stretch
// behind missing fragments.
type asideCall struct {
	at     powershell.Span
	around []piece // to run for it, the largest first
}

// piece is a stretch of a turn's text, in bytes.
type piece struct {
	from, to   int
	behindHole bool
}

// What is run aside at most: calls of one turn, pieces around one call.
const (
	maxPieces = 200
	maxAround = 5
)

// entry is a block that the interpreter is given: a turn, or a piece of one.
type entry struct {
	turn              *turn
	tree              *powershell.Tree
	piece, behindHole bool
}

// runAside works out what the calls would be that turns do not make.
func (j *Judge) runAside(s *session) {
	for _, t := range s.given {
		if calls := s.asides(t); len(calls) > 0 {
			s.aside[t] = &aside{
				truncated: len(calls) > maxPieces, pending: calls[:min(len(calls), maxPieces)], made: map[powershell.Span]bool{},
			}
		}
	}
	for round := 0; round < maxAround && j.runRound(s, round); round++ {
	}
	for _, a := range s.aside {
		slices.SortStableFunc(a.calls, func(a, b *Call) int { return cmp.Compare(a.at.Pos(), b.at.Pos()) })
	}
}

// runRound runs the pieces of one round, and reports whether there were any.
func (j *Judge) runRound(s *session, round int) bool {
	var entries []entry
	last := 0 // behind the last piece
	some := false
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
		if s.aside[t] == nil {
			continue
		}
		var before piece
		for _, c := range s.aside[t].pending {
			if round >= len(c.around) || c.around[round] == before {
				continue
			}
			p := c.around[round]
			before = p
			tree := powershell.Parse(only(t.block.Text, p), dialectOf(t.block))
			if p.to < len(t.block.Text) && p.behindHole {
				tree = closed(tree, dialectOf(t.block))
			}
			entries = append(entries, entry{turn: t, tree: tree, piece: true, behindHole: p.behindHole})
			last, some = len(entries), true
		}
	}
	flush()
	return some
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
	made := map[*turn][]powershell.Span{}
	for i, e := range entries {
		if !e.piece {
			continue
		}
		a := s.aside[e.turn]
		a.limit = cmp.Or(a.limit, ran.limit[i])
		if l, ok := ran.lacks[i]; ok {
			a.since, a.why = turns[l.from], l.limit
		}
		for _, ev := range slices.Concat(ran.exports[i], ran.doubtful[i]) {
			c := callOf(ev, e.tree, turns)
			if e.behindHole {
				c.Conditional = true
				c.Problems = append(c.Problems, "stands behind missing fragments")
			}
			if !a.made[c.at] { // else a larger piece made it
				a.calls = append(a.calls, c)
				made[e.turn] = append(made[e.turn], c.at)
			}
		}
	}
	for t, spans := range made {
		a := s.aside[t]
		for _, at := range spans {
			a.made[at] = true
		}
		a.pending = slices.DeleteFunc(a.pending, func(c asideCall) bool { return a.made[c.at] })
	}
}

// asides returns the calls that a turn does not make: what stands behind
// missing fragments, else the commands that no path reached.
func (s *session) asides(t *turn) []asideCall {
	if !t.candidate || len(s.ran.exports[t.given]) > 0 {
		return nil
	}
	if _, wrong := syntaxError(t.tree, t.block.Complete()); wrong {
		return nil
	}
	var calls []asideCall
	if !t.block.Complete() {
		for _, p := range t.behindHoles() {
			calls = append(calls, asideCall{at: powershell.Span{From: int32(p.from), To: int32(p.to)}, around: []piece{p}})
		}
		return calls
	}
	if s.ran.limit[t.given] != "" {
		return nil
	}
	for _, p := range s.ran.unreached[t.given] {
		if holds(p.Statement) == holdsName {
			calls = append(calls, asideCall{at: p.At, around: piecesAround(t.tree, p.At)})
		}
	}
	return calls
}

// piecesAround returns what stands around a command and can be run by itself, the
// outermost first: functions, the statements of branches, loops and script
// blocks, the command. The whole text is none of it.
func piecesAround(tree *powershell.Tree, at powershell.Span) []piece {
	var list []piece
	powershell.Walk(tree.Root, func(n powershell.Node) bool {
		if n.Pos() > at.Pos() || n.End() < at.End() {
			return false
		}
		switch n := n.(type) {
		case *powershell.Function:
			list = append(list, piece{from: n.Pos(), to: n.End()})
		case *powershell.Block:
			if k := len(n.Statements); k > 0 && n != tree.Root.EndBlock {
				list = append(list, piece{from: n.Statements[0].Pos(), to: n.Statements[k-1].End()})
			}
		}
		return true
	})
	if len(list) >= maxAround {
		list = append(list[:maxAround-2:maxAround-2], list[len(list)-1])
	}
	return append(list, piece{from: at.Pos(), to: at.End()})
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
