package evtxscan

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"pstrail/evtxscan/evtxtest"
)

// dump writes all that a scan found as text, so that two scans can be compared.
func dump(ev *Evidence) string {
	var b strings.Builder
	for _, it := range ev.Items {
		public := *it
		public.file, public.head, public.modified, public.openWith = "", nil, time.Time{}, nil
		fmt.Fprintf(&b, "%+v\n", public)
	}
	fmt.Fprintf(&b, "%+v %d %d %d\n", ev.Coverage, ev.ScriptBlocks, ev.Incomplete, ev.Encrypted)
	b.WriteString(dumpBlocks(ev.Blocks))
	return b.String()
}

func dumpBlocks(blocks []*ScriptBlock) string {
	var b strings.Builder
	for _, block := range blocks {
		fmt.Fprintf(&b, "%s %s %d %q %+v %v %v\n", block.Computer, block.BlockID, block.Total, block.Text, block.Holes, block.Missing, block.Encrypted)
		for _, p := range block.Pieces {
			fmt.Fprintf(&b, "  %d %q\n", p.Number, p.Text)
			for _, f := range p.Records {
				fmt.Fprintf(&b, "    %s:%s %x %d %x %v %v %+v %d %v %v %d %d %q %q %x\n", f.Item.Path, f.Item.Member, f.Offset, f.Size,
					f.ChunkOffset, f.Sound, f.Class, f.System, f.HeaderID, f.Written, f.Shape, f.Number, f.Total, f.BlockID, f.Path, f.SHA256)
			}
		}
	}
	return b.String()
}

// firstDifference shows the first lines in which two texts differ.
func firstDifference(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range min(len(w), len(g)) {
		if w[i] != g[i] {
			return fmt.Sprintf("line %d\n-%.1000s\n+%.1000s", i, w[i], g[i])
		}
	}
	return fmt.Sprintf("%d and %d lines", len(w), len(g))
}

// Neither the workers nor the order of the arguments shows in the result.
func TestScanIsDeterministic(t *testing.T) {
	real, made, damaged := evtxtest.Corpus(t, "evidence", "real"), evtxtest.Corpus(t, "evidence", "made"), evtxtest.Corpus(t, "evidence", "damaged")
	one := scanPaths(t, Options{Workers: 1, Hash: true}, real, made, damaged)
	if len(one.Blocks) < 400 {
		t.Fatalf("only %d blocks", len(one.Blocks))
	}
	want := dump(one)
	for _, workers := range []int{2, 8} {
		if got := dump(scanPaths(t, Options{Workers: workers, Hash: true}, damaged, real, made, real)); got != want {
			t.Errorf("%d workers: %s", workers, firstDifference(want, got))
		}
	}
}

// Skipping chunks must not lose anything.
func TestSkippingLosesNothing(t *testing.T) {
	dir := evtxtest.Corpus(t, "evidence")
	c, err := Find(t.Context(), []string{dir}, nil)
	if err != nil {
		t.Fatal(err)
	}
	skipping, err := c.Scan(t.Context(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	skipped := int64(0)
	for _, it := range skipping.Items {
		skipped += it.Chunks.Skipped
	}
	if skipped == 0 {
		t.Error("nothing was skipped")
	}
	blocks := dumpBlocks(skipping.Blocks)
	type counts struct{ records, lost, slack, fragments int64 }
	sums := map[string]counts{}
	for _, it := range skipping.Items {
		r := it.Records
		sums[it.Path] = counts{r.Read + r.Skipped, r.Lost, r.Slack, r.Fragments}
	}
	full, err := c.Scan(t.Context(), Options{noSkip: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, it := range full.Items {
		r := it.Records
		if got := (counts{r.Read, r.Lost, r.Slack, r.Fragments}); got != sums[it.Path] || it.Chunks.Skipped != 0 {
			t.Errorf("%s: %+v without, %+v with skipping", it.Path, got, sums[it.Path])
		}
	}
	if got := dumpBlocks(full.Blocks); got != blocks {
		t.Error(firstDifference(blocks, got))
	}
}

// A copy of a log is the same evidence in another place, not more evidence.
func TestCopies(t *testing.T) {
	raw, err := os.ReadFile(evtxtest.Corpus(t, "evidence", "made", "00_base_native.evtx"))
	if err != nil {
		t.Fatal(err)
	}
	tree(t, map[string]string{"c/b/": "", "c/a.evtx": string(raw), "c/b/a.evtx": string(raw)})
	one := scanPaths(t, Options{Hash: true}, "c/a.evtx")
	two := scanPaths(t, Options{Hash: true}, "c")
	if len(two.Items) != 1 || len(two.Items[0].Also) != 1 || two.Items[0].Also[0].Path != "c/b/a.evtx" {
		t.Errorf("items: %+v", two.Items[0].Also)
	}
	if one.ScriptBlocks != two.ScriptBlocks || len(one.Blocks) != len(two.Blocks) {
		t.Errorf("%d blocks, %d with the copy", one.ScriptBlocks, two.ScriptBlocks)
	}
	if d := cmp.Diff(one.Coverage, two.Coverage); d != "" {
		t.Error(d)
	}
	unhashed := scanPaths(t, Options{}, "c")
	if got := len(unhashed.Blocks[0].Pieces[0].Records); got != 2 {
		t.Errorf("without hashes each record is cited from both places, not %d times", got)
	}
}

// What is dropped is counted all the same, and can be recalled.
func TestKeepAndRecall(t *testing.T) {
	path := evtxtest.Corpus(t, "evidence", "real", "ps-obfuscation-many.evtx")
	all := scanPaths(t, Options{}, path)
	none := scanPaths(t, Options{Keep: func(*ScriptBlock) bool { return false }}, path)
	if len(none.Blocks) != 0 || none.ScriptBlocks != all.ScriptBlocks || none.Incomplete != all.Incomplete {
		t.Errorf("%d kept; %d counted, %d there", len(none.Blocks), none.ScriptBlocks, all.ScriptBlocks)
	}
	again, err := none.Recall(t.Context(), 2, func(*Fragment) bool { return true })
	if err != nil {
		t.Fatal(err)
	}
	if want, got := dumpBlocks(all.Blocks), dumpBlocks(again); got != want {
		t.Error(firstDifference(want, got))
	}
}

// However little may wait in memory, the blocks are the same.
func TestSpill(t *testing.T) {
	paths := []string{evtxtest.Corpus(t, "evidence", "real"), evtxtest.Corpus(t, "evidence", "made")}
	c, err := Find(t.Context(), paths, nil)
	if err != nil {
		t.Fatal(err)
	}
	scan := func(limit int) (string, int) {
		for _, it := range c.items {
			it.reset()
		}
		s := newScanner(c.items, Options{Workers: 2, Hash: true})
		s.blocks.limit = limit
		blocks, err := s.run(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return dump(s.evidence(blocks)), len(blocks)
	}
	want, n := scan(maxPending)
	for _, limit := range []int{0, 100_000} {
		if got, _ := scan(limit); got != want || n < 400 {
			t.Errorf("limit %d, %d blocks: %s", limit, n, firstDifference(want, got))
		}
	}
}
