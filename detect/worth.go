package detect

import (
	"cmp"
	"slices"

	"pstrail/detect/powershell"
	"pstrail/evtxscan"
)

// This file tells which script blocks are worth a look, one by one.
//
// The rules are:
//   - One whose text holds the cmdlet's name or both its parameters is, whatever
//     it does.
//   - One that may hide the name is if it makes a call by itself or is suspect.
//   - It is for the sake of its process if it calls by a name, or runs text, that
//     other blocks may tell: what these leave behind is not looked at here.
//     That takes nothing from the budget of the others, and where there are too
//     many such processes, as where some agent runs text all day, those with the
//     rarest texts are looked at.
//   - So is what was typed and has such a call in a function or a script block,
//     which others may run. Modules are full of these, and get their names from
//     their own text.

// worth is what looking at a script block by itself says of it.
type worth uint8

const (
	worthNothing worth = iota
	worthOthers        // with what others leave behind, it may make a call
	worthItself
)

// maxOthers is how many processes are looked at for what their blocks may make
// together; each takes some ten KB.
const maxOthers = 4096

// hiddenBudget bounds what is worked out of a block by itself.
var hiddenBudget = powershell.Budget{Steps: 20_000, Paths: 4}

// Glance reports whether a text can have to do with the cmdlet at all. It is
// what [evtxscan.Options.Glance] needs.
func (j *Judge) Glance(text string) bool { return holds(text) != holdsNothing }

// Wants reports whether a script block must be looked at. It is what
// [evtxscan.Options.Keep] needs.
func (j *Judge) Wants(b *evtxscan.ScriptBlock) bool { return j.worth(b) != worthNothing }

func (j *Judge) worth(b *evtxscan.ScriptBlock) worth {
	switch holds(b.Text) {
	case holdsName, holdsPair:
		return worthItself
	case holdsNothing:
		return worthNothing
	}
	t := newTurn(b, true)
	typed := b.First().Path == ""
	return j.hidden.get(cacheKeyOf(t.head(), dialectOf(b), typed, len(b.Holes) > 0), func() worth {
		t.read()
		l := t.logged()
		l.File = "" // the answer is that of the text, whatever file it stands in
		s := &session{ran: j.run([]powershell.Logged{l}, hiddenBudget)}
		switch {
		case len(s.ran.exports)+len(s.ran.registered) > 0 || s.suspect(t) != "":
			return worthItself
		case slices.ContainsFunc(s.ran.opaque[t.given], func(o powershell.Opaque) bool { return o.Open }),
			typed && j.callsUnknown(t.tree.Root):
			return worthOthers
		}
		return worthNothing
	})
}

// callsUnknown reports whether a function or a script block in a text calls by a
// name that is no plain one what may be the cmdlet.
func (j *Judge) callsUnknown(root *powershell.ScriptBlock) bool {
	found := false
	powershell.Walk(root, func(n powershell.Node) bool {
		c, ok := n.(*powershell.Command)
		if !ok || found || c.Invocation == 0 || len(c.Elements) == 0 {
			return !found
		}
		switch c.Elements[0].(type) {
		case *powershell.String, *powershell.ScriptBlockExpression:
			return true
		}
		var names []string
		more := false
		for _, e := range c.Elements[1:] {
			switch e := e.(type) {
			case *powershell.CommandParameter:
				names = append(names, e.Name)
			case *powershell.Variable:
				more = more || e.Splatted
			}
		}
		found = j.host.Takes(names, more)
		return !found
	})
	return found
}

// byWorth sorts blocks by processes: those of which one is worth a look by
// itself, and the others.
func (j *Judge) byWorth(blocks []*evtxscan.ScriptBlock) (sure, others []*evtxscan.ScriptBlock) {
	processes := map[process]bool{}
	for _, b := range blocks {
		if j.worth(b) == worthItself {
			processes[processOf(b.First())] = true
		}
	}
	for _, b := range blocks {
		if processes[processOf(b.First())] {
			sure = append(sure, b)
		} else {
			others = append(others, b)
		}
	}
	return sure, others
}

// rarest returns the blocks of as many processes, those with the rarest texts,
// and how many blocks it leaves out.
func rarest(blocks []*evtxscan.ScriptBlock, most int) (kept []*evtxscan.ScriptBlock, leftOut int) {
	seen := map[string]int{}
	for _, b := range blocks {
		seen[b.Text]++
	}
	var order []process
	rarity := map[process]int{}
	for _, b := range blocks {
		p := processOf(b.First())
		n, ok := rarity[p]
		if !ok {
			order = append(order, p)
		}
		if !ok || seen[b.Text] < n {
			rarity[p] = seen[b.Text]
		}
	}
	slices.SortStableFunc(order, func(a, b process) int { return cmp.Compare(rarity[a], rarity[b]) })
	for _, p := range order[min(most, len(order)):] {
		delete(rarity, p)
	}
	for _, b := range blocks {
		if _, ok := rarity[processOf(b.First())]; ok {
			kept = append(kept, b)
		}
	}
	return kept, len(blocks) - len(kept)
}

// mayMakeName reports whether the name may come of what the blocks have.
func (c *conversation) mayMakeName() bool {
	return slices.ContainsFunc(c.turns, func(t *turn) bool {
		return needles.find(t.block.Text, clueName)&(clueName|clueMailbox|clueMaterial|clueMakes) != 0
	})
}
