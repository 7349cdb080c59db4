package evtxtest_test

import (
	"bytes"
	"io"
	"testing"

	"pstrail/evtxscan/evtxtest"
)

func TestBulk(t *testing.T) {
	for _, c := range []struct {
		name string
		evtxtest.Bulk
		skipped int64 // chunks
	}{
		{"small scripts", evtxtest.Bulk{Size: 1 << 20, Units: 500}, 0},
		{"large scripts", evtxtest.Bulk{Size: 1 << 20, Units: 5000}, 0},
		{"mixed", evtxtest.Bulk{Size: 4096 + 40*65536, Units: 500, Mixed: true}, 38},
	} {
		t.Run(c.name, func(t *testing.T) {
			var log bytes.Buffer
			n, err := c.WriteTo(&log)
			if err != nil || n != int64(log.Len()) || n > c.Size || n < c.Size-65536 {
				t.Fatalf("%d of %d bytes, %v", n, c.Size, err)
			}
			ev := intact(t, log.Bytes(), int64(len(evtxtest.Records(log.Bytes()))))
			it := ev.Items[0]
			if int64(ev.ScriptBlocks) != c.Blocks() || it.Records.Fragments != c.Blocks() || it.Chunks.Skipped != c.skipped {
				t.Errorf("%d blocks, want %d; %+v", ev.ScriptBlocks, c.Blocks(), it.Chunks)
			}
			texts := map[string]bool{}
			for i, b := range ev.Blocks {
				texts[b.Text] = true
				if i > 0 && b.First().Time <= ev.Blocks[i-1].First().Time {
					t.Fatal("times do not ascend")
				}
			}
			if int64(len(texts)) != c.Blocks() {
				t.Errorf("%d distinct texts", len(texts))
			}
		})
	}
}

func BenchmarkBulk(b *testing.B) {
	bulk := evtxtest.Bulk{Size: 64 << 20, Units: 500}
	b.SetBytes(bulk.Size)
	for b.Loop() {
		if _, err := bulk.WriteTo(io.Discard); err != nil {
			b.Fatal(err)
		}
	}
}
