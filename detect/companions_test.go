package detect

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"pstrail/evtxscan"
)

// ran makes a block of a process that began at a second.
func ran(second int, text string) *evtxscan.ScriptBlock {
	b := block(text)
	f := b.First()
	f.Time += evtxscan.FileTime(second) * 10_000_000
	f.RecordID, f.BlockID = uint64(second), fmt.Sprint(second)
	b.BlockID = f.BlockID
	return b
}

// outline writes conversations, one per line: the seconds of their blocks, with
// dots where something was left out.
func outline(all []*conversation) string {
	var lines []string
	for _, c := range all {
		line := ""
		if c.lacksBefore {
			line = ".. "
		}
		for _, t := range c.turns {
			line += t.block.BlockID
			if t.candidate {
				line += "!"
			}
			line += " "
		}
		if c.lacksAfter {
			line += ".."
		}
		lines = append(lines, strings.TrimSpace(line))
	}
	return strings.Join(lines, " | ")
}

// around shows a survey the blocks in an order and returns the conversations
// that come of what it chooses.
func around(wanted, blocks []*evtxscan.ScriptBlock, budget int64, starts ...int) string {
	s := newSurvey(wanted, budget)
	for _, b := range blocks {
		s.see(b)
	}
	found := &surroundings{gaps: map[process][]gap{}, starts: map[processID][]evtxscan.FileTime{}}
	seen := map[string]bool{}
	for _, b := range blocks {
		if p := processOf(b.First()); s.reaches(p, momentOf(b)) && !seen[b.BlockID] {
			seen[b.BlockID] = true
			found.blocks = append(found.blocks, b)
		}
	}
	for p, v := range s.processes {
		found.gaps[p] = v.gaps()
		for _, second := range starts {
			found.starts[p.processID] = append(found.starts[p.processID], wanted[0].First().Time-evtxscan.FileTime(wanted[0].First().RecordID-uint64(second))*10_000_000)
		}
	}
	return outline(conversations(wanted, found))
}

func TestReach(t *testing.T) {
	text := strings.Repeat("x", 1000-blockCost) // each block costs 1000
	for _, c := range []struct {
		name   string
		wanted []int
		budget int64
		starts []int
		want   string
	}{
		{"all", []int{5}, 20_000, nil, "0 1 2 3 4 5! 6 7 8 9"},
		{"the nearest", []int{5}, 6000, nil, ".. 2 3 4 5! 6 7 8 .."},
		{"none", []int{5}, 900, nil, ".. 5! .."},
		{"at the end", []int{9}, 3000, nil, ".. 6 7 8 9!"},
		{"at the beginning", []int{0}, 3000, nil, "0! 1 2 3 .."},
		{"two near each other share what is between", []int{4, 6}, 8500, nil, ".. 2 3 4! 5 6! 7 8 .."},
		{"two far from each other", []int{1, 8}, 7000, nil, "0 1! 2 .. | .. 7 8! 9"},
		{"two far from each other, all fits", []int{1, 8}, 14_100, nil, "0 1! 2 3 4 5 6 7 8! 9"},
		{"what was left out is another process's", []int{5}, 6000, []int{2}, "2 3 4 5! 6 7 8 .."},
		{"a start among what is read", []int{5}, 6000, []int{4}, "4 5! 6 7 8 .."},
		{"a start among what is left out", []int{5}, 6000, []int{1}, ".. 2 3 4 5! 6 7 8 .."},
		{"a start behind", []int{5}, 6000, []int{9}, ".. 2 3 4 5! 6 7 8"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var wanted, blocks []*evtxscan.ScriptBlock
			for i := range 10 {
				b := ran(i, text)
				blocks = append(blocks, b)
				if slices.Contains(c.wanted, i) {
					wanted = append(wanted, b)
				}
			}
			if d := cmp.Diff(c.want, around(wanted, blocks, c.budget, c.starts...)); d != "" {
				t.Error(d)
			}
		})
	}
}

// A conversation that is too much for once goes on with the end of what was
// before, which is not judged again.
func TestLongConversation(t *testing.T) {
	text := strings.Repeat("x", 100_000-blockCost)
	var wanted, blocks []*evtxscan.ScriptBlock
	for i := range 35 {
		b := ran(i, text)
		blocks = append(blocks, b)
		if i%10 == 0 {
			wanted = append(wanted, b)
		}
	}
	want := "0! 1 2 3 4 5 6 7 8 9 10! 11 12 13 14 15 16 17 18 19 20! 21 22 23 24 25 26 27 28 29 30! .."
	if got := around(wanted, blocks, 100<<20); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	wanted = append(wanted, blocks[33])
	want += " | .. 24 25 26 27 28 29 30 31 32 33! 34"
	if got := around(wanted, blocks, 100<<20); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// What is read does not depend on the order in which the evidence is read, and
// costs no more than the budget.
func TestReachInAnyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var wanted, blocks []*evtxscan.ScriptBlock
		for i := range rapid.IntRange(1, 40).Draw(t, "blocks") {
			b := ran(i, strings.Repeat("x", rapid.IntRange(1, 3000).Draw(t, "length")))
			blocks = append(blocks, b)
			if i == 0 || rapid.IntRange(0, 5).Draw(t, "wanted") == 0 {
				wanted = append(wanted, b)
			}
		}
		for _, b := range blocks {
			if rapid.IntRange(0, 9).Draw(t, "copy") == 0 {
				blocks = append(blocks, b)
			}
		}
		budget := int64(rapid.IntRange(0, 40_000).Draw(t, "budget"))
		want := around(wanted, blocks, budget)
		shuffled := rapid.Permutation(blocks).Draw(t, "order")
		if got := around(wanted, shuffled, budget); got != want {
			t.Fatalf("%s\n%s", want, got)
		}
		s := newSurvey(wanted, budget)
		for _, b := range blocks {
			s.see(b)
		}
		cost := int64(0)
		for _, v := range s.processes {
			for i := range v.stretches {
				for _, side := range v.stretches[i].sides() {
					cost += side.cost
				}
			}
		}
		if cost > budget {
			t.Fatalf("cost %d, budget %d", cost, budget)
		}
	})
}

// What was left out is said, for a call what was before it, and for what is
// only defined what comes after, too.
func TestMissingIsSaid(t *testing.T) {
	filler := func(n int) (blocks []typed) {
		for range n {
			blocks = append(blocks, typed{text: "# " + strings.Repeat("nothing of interest ", 900), size: 40_000})
		}
		return blocks
	}
	const (
		root = `$root = '\\fs07\out'`
		call = `New-MailboxExportRequest mia -FilePath "$root\mia.pst"`
		def  = `function Out-Box($m) { New-MailboxExportRequest -Mailbox $m -FilePath "\\fs07\out\$m.pst" }`
	)
	for _, c := range []struct {
		name   string
		blocks []typed
		want   []string
	}{
		{"all is read", slices.Concat([]typed{{text: root}}, filler(50), []typed{{text: call}}), []string{`51 call; mia -> \\fs07\out\mia.pst`}},
		{
			"too much before", slices.Concat([]typed{{text: root}}, filler(60), []typed{{text: call}}),
			[]string{`61 call; mia -> {$root}\mia.pst: what the process ran before 2026-01-12T08:00:06.0000000Z was not taken into account: it is too much to read`},
		},
		{
			"too much behind a function", slices.Concat([]typed{{text: def, path: `C:\a.ps1`}}, filler(60), []typed{{text: "Out-Box mia"}}),
			[]string{`0 latent; latent {$m} -> \\fs07\out\{$m}.pst: defined or called, cannot be told; what the process ran after 2026-01-12T08:00:57.0000000Z was not taken into account: it is too much to read`},
		},
		{
			"too much before a mention", slices.Concat(filler(60), []typed{{text: "# " + call}}),
			[]string{`60 mention: the name stands there, but no call; not all that the process ran was taken into account`},
		},
		{
			"too much before a function that ran",
			slices.Concat(filler(60), []typed{{text: "Set-StrictMode -Version 2\n" + def}, {text: def}}),
			[]string{`60 call; {$m} -> \\fs07\out\{$m}.pst (started): a record of its own shows that the block with the call ran; what the process ran before 2026-01-12T08:00:05.0000000Z was not taken into account: it is too much to read`},
		},
		{
			"a block takes too long", []typed{{text: root}, {text: "while ($true) { $i++ }"}, {text: call}},
			[]string{`2 call; mia -> {$root}\mia.pst: what the process ran before 2026-01-12T08:00:03.0000000Z was not taken into account: it takes too much to work out (steps)`},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, f := range findings(t, c.blocks...) {
				line := short(f)
				if f.Reason != "" {
					line += ": " + f.Reason
				}
				got = append(got, line)
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}
