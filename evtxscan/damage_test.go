package evtxscan

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"pstrail/evtxscan/evtxtest"
)

// Damage that shifts, cuts or repeats what follows it. The base has 120
// records in five chunks of 33, 15, 32, 16 and 24.
func TestDamage(t *testing.T) {
	chunk := func(n int) int { return fileHeaderSize + n*chunkSize }
	insert := func(at, n int) func([]byte) []byte {
		return func(b []byte) []byte { return slices.Insert(b, at, bytes.Repeat([]byte{0xa5}, n)...) }
	}
	remove := func(at, n int) func([]byte) []byte {
		return func(b []byte) []byte { return slices.Delete(b, at, at+n) }
	}
	zero := func(at, n int) func([]byte) []byte {
		return func(b []byte) []byte { clear(b[at : at+n]); return b }
	}
	for _, c := range []struct {
		name      string
		damage    func([]byte) []byte
		fragments int64
		lost      int64
	}{
		{"13 bytes inserted between two chunks", insert(chunk(1), 13), 120, 0},
		{"5,000 bytes inserted between two chunks", insert(chunk(1), 5000), 120, 0},
		{"a slot and a half inserted between two chunks", insert(chunk(1), 98304), 120, 0},
		{"13 bytes inserted inside a chunk", insert(chunk(2)+20000, 13), 119, 1},
		{"512 bytes inserted inside a chunk", insert(chunk(2)+20000, 512), 119, 1},
		{"1,000 bytes removed inside a chunk", remove(chunk(2)+20000, 1000), 119, 1},
		{"13 bytes removed inside a chunk", remove(chunk(2)+20000, 13), 119, 1},
		{"16 bytes removed at the file's head", remove(2000, 16), 120, 0},
		{"a chunk removed", remove(chunk(1), chunkSize), 105, 15},
		{"cut in the middle of the last chunk", func(b []byte) []byte { return b[:chunk(4)+30000] }, -1, -2},
		{"a chunk twice", func(b []byte) []byte { return append(b, b[chunk(1):chunk(2)]...) }, 120, 0},
		{"the header of a chunk zeroed", zero(chunk(1), 512), 120, 0},
		{"the head of a chunk and its first record zeroed", zero(chunk(1), 600), 119, 1},
		{"half a chunk zeroed", zero(chunk(3)+30000, 20000), -1, -2},
	} {
		t.Run(c.name, func(t *testing.T) {
			raw, err := os.ReadFile(evtxtest.Corpus(t, "evidence", "made", "00_base_native.evtx"))
			if err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(t.TempDir(), "a.evtx")
			if err := os.WriteFile(path, c.damage(raw), 0o600); err != nil {
				t.Fatal(err)
			}
			it := scanPaths(t, Options{}, path).Items[0]
			r := it.Records
			switch {
			case c.fragments >= 0 && r.Fragments != c.fragments:
				t.Errorf("%d fragments, want %d", r.Fragments, c.fragments)
			case c.lost == -2 && (r.Lost <= 0 || r.Fragments+r.Lost != 120):
				t.Errorf("%d fragments and %d lost of 120", r.Fragments, r.Lost)
			case c.lost != -2 && r.Lost != c.lost:
				t.Errorf("%d lost, want %d", r.Lost, c.lost)
			case it.State == Intact:
				t.Error("intact")
			}
			if t.Failed() {
				for _, i := range it.Issues {
					t.Log(fmt.Sprintf("0x%x", i.Offset), i.Kind, i.Detail, i.Lost)
				}
				t.Log(it.Chunks, r, it.RecordIDs)
			}
		})
	}
}
