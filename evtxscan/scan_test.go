package evtxscan

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"pstrail/evtxscan/evtxtest"
)

var sameEvidence = cmp.Options{
	cmpopts.IgnoreUnexported(Item{}, Evidence{}),
	cmpopts.EquateEmpty(),
}

// Neither the workers nor the order of the arguments shows in the result.
func TestScanIsDeterministic(t *testing.T) {
	real, made, damaged := evtxtest.Corpus(t, "evidence", "real"), evtxtest.Corpus(t, "evidence", "made"), evtxtest.Corpus(t, "evidence", "damaged")
	want := scanPaths(t, Options{Workers: 1, Hash: true}, real, made, damaged)
	if len(want.Blocks) < 400 {
		t.Fatalf("only %d blocks", len(want.Blocks))
	}
	for _, workers := range []int{2, 8} {
		got := scanPaths(t, Options{Workers: workers, Hash: true}, damaged, real, made, real)
		if d := cmp.Diff(want, got, sameEvidence); d != "" {
			t.Errorf("%d workers: %s", workers, d[:min(len(d), 2000)])
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
	blocks := skipping.Blocks
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
	if d := cmp.Diff(full.Blocks, blocks, sameEvidence, cmpopts.IgnoreTypes(&Item{})); d != "" {
		t.Error(d[:min(len(d), 2000)])
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
	if d := cmp.Diff(all.Blocks, again, sameEvidence, cmpopts.IgnoreTypes(&Item{})); d != "" {
		t.Error(d[:min(len(d), 2000)])
	}
}

func BenchmarkScan(b *testing.B) {
	dir := evtxtest.Corpus(b, "evidence", "real")
	for _, hash := range []bool{false, true} {
		b.Run(fmt.Sprintf("hash=%v", hash), func(b *testing.B) {
			c, err := Find(b.Context(), []string{dir}, nil)
			if err != nil {
				b.Fatal(err)
			}
			var size int64
			for _, f := range c.Files() {
				info, _ := os.Stat(filepath.Clean(f))
				size += info.Size()
			}
			b.SetBytes(size)
			for b.Loop() {
				if _, err := c.Scan(b.Context(), Options{Hash: hash, Workers: runtime.GOMAXPROCS(0)}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
