package detect

import (
	"cmp"
	"slices"
	"strings"

	"pstrail/detect/powershell"
	"pstrail/evtxscan"
)

// This file puts blocks in the order in which one PowerShell process ran them.
//
// The rules are:
//   - Blocks of the same host, process id and account are one conversation, in
//     the order of their times, then record ids. A process id of 0 tells
//     nothing: each such block stands alone.
//   - Process ids are used again: a silence of more than conversationGap ends a
//     conversation.
//   - A block that is one {...} or one function, and stands in the text of an
//     earlier block of the conversation and of the same script file, is that
//     block's: it was logged because it ran.

// conversationGap is the longest silence within a conversation, in ticks.
const conversationGap evtxscan.FileTime = 24 * 3600 * 10_000_000

// process is whose blocks a conversation holds.
type process struct {
	computer, hostKey, user string
	id                      uint32
}

func processOf(f *evtxscan.Fragment) process {
	return process{f.Computer, f.HostKey, f.UserSID, f.ProcessID}
}

// turn is a block as part of a conversation.
type turn struct {
	block     *evtxscan.ScriptBlock
	candidate bool // it is judged; else it is read for what it leaves behind
	tree      *powershell.Tree
	holds     holding
	shape     shape
	outer     int // the turn whose text holds this one, -1 if none does
	at        int // where in that text, bytes
}

// shape is what a block's text is as a whole.
type shape uint8

const (
	shapeScript   shape = iota
	shapeBraces         // one {...}
	shapeFunction       // one function or filter
)

// conversations sorts blocks into conversations. Wanted are the blocks to be
// judged; others were read again for their sake.
func conversations(wanted, others []*evtxscan.ScriptBlock) [][]*turn {
	type identity struct {
		computer, blockID string
		total             int32
	}
	seen := map[identity]bool{}
	byProcess := map[process][]*turn{}
	var order []process
	add := func(b *evtxscan.ScriptBlock, candidate bool) {
		id := identity{b.Computer, b.BlockID, b.Total}
		if b.Total != 0 && seen[id] {
			return
		}
		seen[id] = true
		p := processOf(b.First())
		if byProcess[p] == nil {
			order = append(order, p)
		}
		byProcess[p] = append(byProcess[p], &turn{block: b, candidate: candidate, outer: -1})
	}
	for _, b := range wanted {
		add(b, true)
	}
	for _, b := range others {
		add(b, false)
	}
	var out [][]*turn
	for _, p := range order {
		turns := byProcess[p]
		slices.SortStableFunc(turns, compareTurns)
		if p.id == 0 {
			for _, t := range turns {
				if t.candidate {
					out = append(out, []*turn{t})
				}
			}
			continue
		}
		for _, part := range splitAtSilence(turns) {
			if slices.ContainsFunc(part, func(t *turn) bool { return t.candidate }) {
				out = append(out, part)
			}
		}
	}
	return out
}

func compareTurns(a, b *turn) int {
	x, y := a.block.First(), b.block.First()
	return cmp.Or(evtxscan.CompareTime(x.Time, y.Time), cmp.Compare(x.RecordID, y.RecordID), strings.Compare(a.block.BlockID, b.block.BlockID))
}

func splitAtSilence(turns []*turn) [][]*turn {
	var parts [][]*turn
	start := 0
	for i := 1; i < len(turns); i++ {
		before, now := turns[i-1].block.First().Time, turns[i].block.First().Time
		if now.Valid() && now-before > conversationGap {
			parts = append(parts, turns[start:i])
			start = i
		}
	}
	return append(parts, turns[start:])
}

// shapeOf tells what a text is as a whole.
func shapeOf(t *powershell.Tree) shape {
	root := t.Root
	if root == nil || root.Params != nil || root.Begin != nil || root.Process != nil || root.Dynamic != nil || root.EndBlock == nil {
		return shapeScript
	}
	statements := root.EndBlock.Statements
	if len(statements) != 1 {
		return shapeScript
	}
	switch s := statements[0].(type) {
	case *powershell.Function:
		return shapeFunction
	case *powershell.Pipeline:
		if len(s.Elements) != 1 {
			return shapeScript
		}
		if e, ok := s.Elements[0].(*powershell.CommandExpression); ok && len(e.Redirections) == 0 {
			if _, ok := e.Expression.(*powershell.ScriptBlockExpression); ok {
				return shapeBraces
			}
		}
	}
	return shapeScript
}

// nest finds for every block that is one {...} or one function the block that
// holds it.
func nest(turns []*turn) {
	for i, inner := range turns {
		if inner.shape == shapeScript || !inner.candidate {
			continue
		}
		text, path := strings.TrimSpace(inner.block.Text), inner.block.First().Path
		for k := i - 1; k >= 0; k-- {
			outer := turns[k]
			if outer.block.First().Path != path || len(outer.block.Text) <= len(text) {
				continue
			}
			if at := strings.Index(outer.block.Text, text); at >= 0 {
				inner.outer, inner.at = k, at
				break
			}
		}
	}
}
