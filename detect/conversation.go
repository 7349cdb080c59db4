package detect

import (
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
//   - Process ids are used again. A conversation ends where a record says that a
//     process with its id began to run PowerShell, and at a silence of more than
//     conversationGap. Whether the host was started again is not asked: that
//     stands in chunks which are passed over, and what runs PowerShell then
//     begins with such a record. One conversation too many leaves values
//     unknown; one too few would give a process those of another.
//   - A conversation also ends where blocks were left out, and where it is more
//     than can be worked out at once; then the next one begins with the end of
//     it. The findings say what is missing.
//   - That a process's start stands in the log does not make its session one
//     that began with nothing: a profile, a signed file like the one that opens
//     the Exchange shell, or an advanced script leaves variables behind without
//     a record, and so does a program that embeds PowerShell. A variable that no
//     block assigns is therefore unknown, never empty.
//   - A block that is one {...} or one function, and stands in the text of an
//     earlier block of the conversation and of the same script file, is that
//     block's: it was logged because it ran.

// conversationGap is the longest silence within a conversation, in ticks.
const conversationGap evtxscan.FileTime = 24 * 3600 * 10_000_000

// settling is how long after the first record of a start its others come, in
// ticks.
const settling evtxscan.FileTime = 60 * 10_000_000

// maxConversation is the cost of what is worked out at once; the trees of its
// texts take some twenty times as much memory.
const maxConversation = 3 << 20

// processID tells the processes of all hosts apart, at one time.
type processID struct {
	computer, hostKey string
	id                uint32
}

// process is whose blocks a conversation holds.
type process struct {
	processID
	user string
}

func processOf(f *evtxscan.Fragment) process {
	return process{processID{f.Computer, f.HostKey, f.ProcessID}, f.UserSID}
}

func startedBy(s evtxscan.Start) processID { return processID{s.Computer, s.HostKey, s.ProcessID} }

// startTimes returns when processes began, ascending. Starts are in order. The
// console host always says that a process begins; that a runspace was opened
// says so unless another record just did.
func startTimes(starts []evtxscan.Start) map[processID][]evtxscan.FileTime {
	times := map[processID][]evtxscan.FileTime{}
	for i, s := range starts {
		if !s.Time.Valid() {
			continue
		}
		p := startedBy(s)
		if i > 0 && !s.Console && startedBy(starts[i-1]) == p && s.Time-starts[i-1].Time < settling {
			continue
		}
		times[p] = append(times[p], s.Time)
	}
	return times
}

// conversation is what one process ran, in order.
type conversation struct {
	turns []*turn
	// lacksBefore and lacksAfter tell that the process ran more, which was left
	// out.
	lacksBefore, lacksAfter bool
}

// turn is a block as part of a conversation.
type turn struct {
	block     *evtxscan.ScriptBlock
	candidate bool // it is judged; else it is read for what it leaves behind
	repeated  bool // it is part of the conversation before, too, which has its finding
	tree      *powershell.Tree
	holds     holding
	shape     shape
	outer     *turn              // whose text holds this one; nil if none does
	at        int                // where in that text, bytes
	given     int                // index among the blocks that the interpreter was given
	began     []powershell.Began // the pieces of others that stand behind it by themselves
}

func newTurn(b *evtxscan.ScriptBlock, candidate bool) *turn {
	return &turn{block: b, candidate: candidate}
}

func (t *turn) time() evtxscan.FileTime { return t.block.First().Time }

// shape is what a block's text is as a whole.
type shape uint8

const (
	shapeScript   shape = iota
	shapeBraces         // one {...}
	shapeFunction       // one function or filter
)

// conversations sorts blocks into conversations. Wanted are the blocks to be
// judged; those around were read again for their sake.
func conversations(wanted []*evtxscan.ScriptBlock, around *surroundings) []*conversation {
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
		byProcess[p] = append(byProcess[p], newTurn(b, candidate))
	}
	for _, b := range wanted {
		add(b, true)
	}
	for _, b := range around.blocks {
		add(b, false)
	}
	var out []*conversation
	for _, p := range order {
		turns := byProcess[p]
		slices.SortStableFunc(turns, func(a, b *turn) int { return momentOf(a.block).compare(momentOf(b.block)) })
		var all []*conversation
		if p.id == 0 {
			for _, t := range turns {
				all = append(all, &conversation{turns: []*turn{t}})
			}
		} else {
			all = split(turns, around.gaps[p], around.starts[p.processID])
		}
		for _, c := range all {
			if slices.ContainsFunc(c.turns, func(t *turn) bool { return t.candidate }) {
				out = append(out, c)
			}
		}
	}
	return out
}

// split cuts the turns of a process id into conversations.
func split(turns []*turn, gaps []gap, starts []evtxscan.FileTime) []*conversation {
	apart := func(before, now evtxscan.FileTime) bool {
		i, _ := slices.BinarySearch(starts, before+1)
		return now.Valid() && (now-before > conversationGap || i < len(starts) && starts[i] <= now)
	}
	var out []*conversation
	var c *conversation // the last one of out
	var cost int64
	begin := func(lacks bool) {
		c = &conversation{lacksBefore: lacks}
		out = append(out, c)
		cost = 0
	}
	for i, t := range turns {
		var g *gap // in front of t
		for len(gaps) > 0 && !gaps[0].openEnd && gaps[0].last.compare(momentOf(t.block)) < 0 {
			if g == nil {
				g = &gap{first: gaps[0].first}
			}
			g.last, gaps = gaps[0].last, gaps[1:]
		}
		switch {
		case g != nil:
			if i > 0 {
				c.lacksAfter = !apart(turns[i-1].time(), g.first.time)
			}
			begin(!apart(g.last.time, t.time()))
		case i == 0 || apart(turns[i-1].time(), t.time()):
			begin(false)
		case cost+costOf(t.block) > maxConversation:
			c.lacksAfter = true
			again := c.end(maxConversation / 4)
			begin(true)
			for _, t := range again {
				c.turns = append(c.turns, &turn{block: t.block, repeated: true})
				cost += costOf(t.block)
			}
		}
		c.turns = append(c.turns, t)
		cost += costOf(t.block)
	}
	if len(gaps) > 0 {
		c.lacksAfter = !apart(turns[len(turns)-1].time(), gaps[0].first.time)
	}
	return out
}

// end returns the last turns, as many as cost no more than that.
func (c *conversation) end(cost int64) []*turn {
	i := len(c.turns)
	for i > 0 && costOf(c.turns[i-1].block) <= cost {
		i--
		cost -= costOf(c.turns[i].block)
	}
	return c.turns[i:]
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
// holds it: the last one before it whose text has such a piece.
func nest(turns []*turn) {
	type piece struct{ path, text string }
	type spot struct {
		turn *turn
		at   int
	}
	lengths := map[int]bool{} // of texts that are looked for
	for _, t := range turns {
		if t.shape != shapeScript && t.candidate {
			lengths[len(strings.TrimSpace(t.block.Text))] = true
		}
	}
	if len(lengths) == 0 {
		return
	}
	pieces := map[piece]spot{}
	for _, t := range turns {
		text, path := t.block.Text, t.block.First().Path
		whole := strings.TrimSpace(text)
		if t.shape != shapeScript && t.candidate {
			if found, ok := pieces[piece{path, whole}]; ok {
				t.outer, t.at = found.turn, found.at
			}
		}
		powershell.Walk(t.tree.Root, func(n powershell.Node) bool {
			switch n.(type) {
			case *powershell.ScriptBlockExpression, *powershell.Function:
				from, to := n.Pos(), n.End()
				if !lengths[to-from] || to-from >= len(whole) {
					break
				}
				if p := (piece{path, text[from:to]}); pieces[p].turn != t {
					pieces[p] = spot{t, from}
				}
			}
			return true
		})
	}
}
