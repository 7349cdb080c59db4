package evtxscan

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// fragment makes a fragment of block "b" on host "h" at a place of its own.
func fragment(item *Item, offset int64, number, total int32, text string) *Fragment {
	return &Fragment{
		Place:  Place{Item: item, Offset: offset, Sound: true},
		System: System{Computer: "h", Time: FileTime(132_000_000_000_000_000 + offset), RecordID: uint64(offset)},
		Number: number, Total: total, BlockID: "b", Text: text,
	}
}

func notCopy(*Item) bool { return false }

func TestAssemble(t *testing.T) {
	type piece struct {
		number, total int32
		text          string
	}
	for _, c := range []struct {
		name       string
		pieces     []piece
		text       string
		complete   bool
		missing    [][2]int32
		holes      []Hole
		conflicted bool
	}{
		{name: "one", pieces: []piece{{1, 1, "a"}}, text: "a", complete: true},
		{name: "in order", pieces: []piece{{1, 2, "ab"}, {2, 2, "c"}}, text: "abc", complete: true},
		{name: "out of order", pieces: []piece{{3, 3, ""}, {1, 3, "ab"}, {2, 3, "cd"}}, text: "abcd", complete: true},
		{name: "copy", pieces: []piece{{1, 2, "ab"}, {1, 2, "ab"}, {2, 2, "c"}}, text: "abc", complete: true},
		{name: "copy of one", pieces: []piece{{1, 1, "ab"}, {1, 1, "ab"}}, text: "ab", complete: true},
		{name: "conflict", pieces: []piece{{1, 2, "ab"}, {1, 2, "xy"}, {2, 2, "c"}}, text: "abc", complete: true, conflicted: true},
		{
			name: "first missing", pieces: []piece{{2, 3, "cd"}, {3, 3, "e"}}, text: "cde",
			missing: [][2]int32{{1, 1}}, holes: []Hole{{At: 0, Numbers: [2]int32{1, 1}, Length: 2}},
		},
		{
			name: "middle missing", pieces: []piece{{1, 4, "ab"}, {4, 4, "g"}}, text: "abg",
			missing: [][2]int32{{2, 3}}, holes: []Hole{{At: 2, Numbers: [2]int32{2, 3}, Length: 4}},
		},
		{
			name: "last missing", pieces: []piece{{1, 2, "ab"}}, text: "ab",
			missing: [][2]int32{{2, 2}}, holes: []Hole{{At: 2, Numbers: [2]int32{2, 2}, Length: -1}},
		},
		{
			name: "only the last", pieces: []piece{{2, 2, "ab"}}, text: "ab",
			missing: [][2]int32{{1, 1}}, holes: []Hole{{At: 0, Numbers: [2]int32{1, 1}, Length: -1}},
		},
		{name: "0 of 0", pieces: []piece{{0, 0, "x"}}, text: "x", complete: true},
		{
			name: "5 of 2", pieces: []piece{{5, 2, "x"}}, text: "x",
			missing: [][2]int32{{1, 2}}, holes: []Hole{{At: 0, Numbers: [2]int32{1, 2}, Length: -1}},
		},
		{
			name: "5 of 2 beside the two", pieces: []piece{{1, 2, "a"}, {2, 2, "b"}, {5, 2, "x"}}, text: "abx",
			holes: []Hole{{At: 2, Length: -1}},
		},
		{
			name: "a total that is only a claim", pieces: []piece{{7, 1<<31 - 1, "x"}}, text: "x",
			missing: [][2]int32{{1, 6}, {8, 1<<31 - 1}},
			holes: []Hole{
				{At: 0, Numbers: [2]int32{1, 6}, Length: 6},
				{At: 1, Numbers: [2]int32{8, 1<<31 - 1}, Length: -1},
			},
		},
		{
			name: "negative", pieces: []piece{{-1, 2, "x"}, {1, 2, "a"}, {2, 2, "b"}}, text: "xab",
			holes: []Hole{{At: 1, Length: -1}},
		},
		{
			name: "a surrogate pair cut in two", pieces: []piece{{1, 2, "a\xed\xa0\xbd"}, {2, 2, "\xed\xb8\x80b"}},
			text: "a\U0001f600b", complete: true,
		},
		{
			name: "halves that a hole parts", pieces: []piece{{1, 3, "a\xed\xa0\xbd"}, {3, 3, "\xed\xb8\x80b"}},
			text: "a\xed\xa0\xbd\xed\xb8\x80b", missing: [][2]int32{{2, 2}},
			holes: []Hole{{At: 4, Numbers: [2]int32{2, 2}, Length: 2}},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			item := &Item{Path: "log"}
			a := newAssembler(nil)
			for i, p := range c.pieces {
				a.add(fragment(item, int64(i), p.number, p.total, p.text), p.number == 1 && p.total == 1)
			}
			blocks := a.finish(notCopy, nil)
			if len(blocks) != 1 {
				t.Fatalf("%d blocks", len(blocks))
			}
			b := blocks[0]
			if b.Text != c.text || b.Complete() != c.complete || b.Conflicted() != c.conflicted {
				t.Errorf("text %q complete %v conflicted %v", b.Text, b.Complete(), b.Conflicted())
			}
			if d := cmp.Diff(c.holes, b.Holes); d != "" {
				t.Error("holes", d)
			}
			if d := cmp.Diff(c.missing, b.Missing); d != "" {
				t.Error("missing", d)
			}
			records := 0
			for _, p := range b.Pieces {
				records += len(p.Records)
			}
			if records != len(c.pieces) {
				t.Errorf("%d of %d records are cited", records, len(c.pieces))
			}
			if want := 1; a.seen.len() != want {
				t.Errorf("counted %d", a.seen.len())
			}
			if incomplete := a.incomplete == 1; incomplete == c.complete {
				t.Errorf("counted %d incomplete", a.incomplete)
			}
		})
	}
}

// Records 0 of 0 report trouble with encryption; they may share an id.
func TestReportsAreNotJoined(t *testing.T) {
	item := &Item{Path: "log"}
	a := newAssembler(nil)
	a.add(fragment(item, 1, 0, 0, "x"), false)
	a.add(fragment(item, 2, 0, 0, "y"), false)
	if blocks := a.finish(notCopy, nil); len(blocks) != 2 {
		t.Errorf("%d blocks", len(blocks))
	}
}

// The version to believe is that of the sounder record, wherever it comes.
func TestConflictTrust(t *testing.T) {
	item := &Item{Path: "log"}
	worse := fragment(item, 1, 1, 1, "worse")
	worse.Sound = false
	better := fragment(item, 2, 1, 1, "better")
	for _, order := range [][]*Fragment{{worse, better}, {better, worse}} {
		a := newAssembler(nil)
		for _, f := range order {
			a.add(f, true)
		}
		if b := a.finish(notCopy, nil)[0]; b.Text != "better" || !b.Conflicted() {
			t.Errorf("text %q, conflict %v", b.Text, b.Conflicted())
		}
	}
}

// A version that was dropped is not forgotten: the scan has to be told.
func TestDroppedVersionIsRecalled(t *testing.T) {
	item := &Item{Path: "log"}
	wanted := func(b *ScriptBlock) bool { return strings.Contains(b.Text, "wanted") }
	drop := func(a *assembler) { a.drop(droppedOf(blockKey{"h", "b", 1, 0}, "other", false)) }
	add := func(a *assembler) { a.add(fragment(item, 1, 1, 1, "wanted"), true) }
	for name, steps := range map[string][]func(*assembler){"before": {drop, add}, "after": {add, drop}} {
		a := newAssembler(wanted)
		for _, step := range steps {
			step(a)
		}
		if !a.recall || len(a.recalled()) != 1 {
			t.Errorf("%s: not recalled", name)
		}
	}
	a := newAssembler(wanted)
	add(a)
	a.drop(droppedOf(blockKey{"h", "b", 1, 0}, "wanted", false))
	if a.recall {
		t.Error("a copy is no other version")
	}
}

// Any cut of a script, in any order and with copies, gives the script again.
func TestAssembleAnySplit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		script := rapid.StringOf(rapid.SampledFrom([]rune("ab\n\té€\U0001f600"))).Draw(t, "script")
		pieces := cutUnits(script, rapid.IntRange(1, 5).Draw(t, "size"))
		total := int32(len(pieces))
		var order []int
		for i := range pieces {
			for range rapid.IntRange(1, 2).Draw(t, "copies") {
				order = append(order, i)
			}
		}
		order = rapid.Permutation(order).Draw(t, "order")
		a := newAssembler(nil)
		for at, i := range order {
			a.add(fragment(&Item{Path: "log"}, int64(at), int32(i+1), total, pieces[i]), false)
		}
		blocks := a.finish(notCopy, nil)
		if len(blocks) != 1 || blocks[0].Text != script || !blocks[0].Complete() {
			t.Fatalf("got %+v", blocks[0])
		}
	})
}

// cutUnits cuts a script as PowerShell does: every size UTF-16 units, also
// through a surrogate pair, with an empty last piece where it comes out even.
func cutUnits(script string, size int) []string {
	var unitTexts []string
	for _, r := range script {
		if r < 0x10000 {
			unitTexts = append(unitTexts, string(r))
			continue
		}
		r -= 0x10000
		unitTexts = append(unitTexts, surrogate(0xd800+r>>10), surrogate(0xdc00+r&0x3ff))
	}
	var pieces []string
	for i := 0; i <= len(unitTexts); i += size {
		var b []byte
		for _, u := range unitTexts[i:min(i+size, len(unitTexts))] {
			b = joinText(b, 0, u)
		}
		pieces = append(pieces, string(b))
	}
	return pieces
}

func surrogate(r rune) string {
	return string([]byte{0xe0 | byte(r>>12), 0x80 | byte(r>>6&0x3f), 0x80 | byte(r&0x3f)})
}

func TestSurrogateHelper(t *testing.T) {
	if got := joinText([]byte(surrogate(0xd83d)), 0, surrogate(0xde00)); !utf8.Valid(got) || string(got) != "\U0001f600" {
		t.Errorf("%x", got)
	}
}

// However many pieces one block claims to have, joining stays linear.
func TestManyPieces(t *testing.T) {
	item := &Item{Path: "log"}
	a := newAssembler(nil)
	const n = 50_000
	for i := range n {
		a.add(fragment(item, int64(i), int32(i%3+1), 3, fmt.Sprint(strings.Repeat("x", 200), i)), false)
	}
	b := a.finish(notCopy, nil)[0]
	if len(b.Pieces) != n || !b.Conflicted() || !b.Complete() {
		t.Errorf("%d pieces", len(b.Pieces))
	}
}

func TestBlockSet(t *testing.T) {
	var s blockSet
	const n = 100_000
	key := func(i int) uint64 { return hash64(7, fmt.Sprint("key", i)) }
	for i := range n {
		if got := s.add(key(i), 1<<60); got != setNew {
			t.Fatalf("key %d: %v", i, got)
		}
	}
	for i := range n {
		if got := s.add(key(i), 1<<60); got != setSame {
			t.Fatalf("key %d again: %v", i, got)
		}
		if got := s.add(key(i), 2<<60); got != setDifferent {
			t.Fatalf("key %d with another text: %v", i, got)
		}
	}
	size := 0
	for i := range s.shards {
		size += 8 * cap(s.shards[i].slots)
	}
	if s.len() != n || size > 12*n {
		t.Errorf("%d keys in %d bytes", s.len(), size)
	}
}

func TestCoalesceComplement(t *testing.T) {
	runs := coalesce([]idRun{{7, 9}, {1, 3}, {4, 4}, {8, 12}, {20, 20}})
	if want := []idRun{{1, 4}, {7, 12}, {20, 20}}; !slices.Equal(runs, want) {
		t.Errorf("coalesce: %v", runs)
	}
	if got, want := complement(runs, 1, 25), []idRun{{5, 6}, {13, 19}, {21, 25}}; !slices.Equal(got, want) {
		t.Errorf("complement: %v", got)
	}
	top := ^uint64(0)
	if got := complement(coalesce([]idRun{{top, top}}), top, top); len(got) != 0 {
		t.Errorf("at the end of the range: %v", got)
	}
}
