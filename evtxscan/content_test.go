package evtxscan

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"pstrail/evtxscan/evtxtest"
)

// This file reads items that are large, that change, or that cannot be read.

// sparseFile is zeros, but for a log at its beginning and a chunk far away.
type sparseFile struct {
	near, chunk []byte
	far         int64
}

func (s sparseFile) ReadAt(p []byte, off int64) (int, error) {
	clear(p)
	if off < int64(len(s.near)) {
		copy(p, s.near[off:])
	}
	if at := s.far - off; at >= 0 && at < int64(len(p)) {
		copy(p[at:], s.chunk)
	} else if at < 0 && -at < int64(len(s.chunk)) {
		copy(p, s.chunk[-at:])
	}
	return len(p), nil
}

func (sparseFile) Close() error               { return nil }
func (sparseFile) Stat() (os.FileInfo, error) { return nil, errors.New("no") }

// Beyond 4 GiB, where the header's count has wrapped, offsets stay right.
func TestBeyond4GiB(t *testing.T) {
	log := evtxtest.Log{Shape: evtxtest.Native}
	log.Add(scripts(10)...)
	raw := log.Bytes()
	const far = fileHeaderSize + 65600*chunkSize
	log = evtxtest.Log{Shape: evtxtest.Native, FirstID: 11}
	log.Add(scripts(10)...)
	chunk := evtxtest.Damaged(log.Bytes(), evtxtest.Flip(evtxtest.Slot(0)+100))[fileHeaderSize:]

	col, err := Find(t.Context(), []string{writeLog(t, raw)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	it := col.items[0]
	it.Size = far + chunkSize
	it.openWith = func() (evidenceFile, error) { return sparseFile{raw, chunk, far}, nil }
	ev, err := col.Scan(t.Context(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	checkLedger(t, it)
	last := it.Issues[len(it.Issues)-1]
	f := ev.Blocks[len(ev.Blocks)-1].Pieces[0].Records
	opinions, err := SecondOpinion(t.Context(), ev.Blocks[len(ev.Blocks)-1:])
	if err != nil || opinions[0].Result != OpinionAgrees {
		t.Errorf("%+v, %v", opinions, err)
	}
	if it.Records.Fragments != 20 || it.Records.Lost != 0 || it.Chunks.Slots != 65601 || it.Chunks.Empty != 65599 || last.Offset != far+124 || f[len(f)-1].ChunkOffset != far {
		t.Errorf("%+v %+v %+v", it.Records, it.Chunks, it.Issues)
	}
}

// A file that was changed since it was found is read as far as it was there
// then, and says so; it has no hash.
func TestChangedFile(t *testing.T) {
	raw := damageBase(evtxtest.Native)
	for _, c := range []struct {
		name   string
		change func(path string) error
		read   int64
		issues string
	}{
		{"shorter", func(path string) error { return os.Truncate(path, int64(evtxtest.Slot(3))) }, 72, "changed-while-read read-error read-error"},
		{"cut in a chunk", func(path string) error { return os.Truncate(path, int64(evtxtest.Records(raw)[80].Offset)) }, 80, "changed-while-read chunk-data-checksum read-error read-error record"},
		{"longer", func(path string) error {
			return os.WriteFile(path, append(bytes.Clone(raw), make([]byte, 2*chunkSize)...), 0o600)
		}, 120, "changed-while-read"},
		{"touched", func(path string) error { return os.Chtimes(path, time.Time{}, time.Unix(1, 0)) }, 120, "changed-while-read"},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := writeLog(t, raw)
			col, err := Find(t.Context(), []string{path}, nil)
			if err != nil {
				t.Fatal(err)
			}
			if err := c.change(path); err != nil {
				t.Fatal(err)
			}
			ev, err := col.Scan(t.Context(), Options{Hash: true})
			if err != nil {
				t.Fatal(err)
			}
			it := ev.Items[0]
			checkLedger(t, it)
			if got, want := told(it), "incomplete 0 "+c.issues; got != want || it.Records.Read != c.read || it.Records.Lost != -1 || it.SHA256 != "" {
				t.Errorf("%s, %+v, hash %q; want %s", got, it.Records, it.SHA256, want)
			}
		})
	}
}

// A file that can no longer be opened is an item that says why.
func TestVanishedFile(t *testing.T) {
	path := writeLog(t, damageBase(evtxtest.Native))
	c, err := Find(t.Context(), []string{path}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	ev, err := c.Scan(t.Context(), Options{Hash: true})
	if err != nil || ev.Items[0].State != Unread || len(ev.Items[0].Issues) != 1 {
		t.Errorf("%+v, %v", ev.Items[0], err)
	}
}

// faultyReader fails inside a range of bytes.
type faultyReader struct {
	*bytes.Reader
	from, to int64
	calls    *int
}

func (r faultyReader) ReadAt(p []byte, off int64) (int, error) {
	*r.calls++
	if off < r.to && off+int64(len(p)) > r.from {
		n := max(0, r.from-off)
		r.Reader.ReadAt(p[:n], off)
		return int(n), errors.New("input/output error")
	}
	return r.Reader.ReadAt(p, off)
}

func (faultyReader) Close() error               { return nil }
func (faultyReader) Stat() (os.FileInfo, error) { return nil, errors.New("no") }

// What cannot be read costs the records that stand there, in steps of 4,096
// bytes, and is asked for so often only.
func TestReadError(t *testing.T) {
	raw := damageBase(evtxtest.Native)
	records := evtxtest.Records(raw)
	slot := func(n int) int64 { return int64(evtxtest.Slot(n)) }
	for _, c := range []struct {
		name     string
		from, to int64
		unknown  bool // how many are lost
		inserted int  // bytes in front of the second chunk
	}{
		{"in the file header", 0, 4096, false, 0},
		{"in a record", int64(records[60].Offset+100) &^ 4095, int64(records[60].Offset+100)&^4095 + 4096, false, 0},
		{"in a record, less than a step", int64(records[60].Offset + 100), int64(records[60].Offset + 101), false, 0},
		{"a chunk's first sector", slot(2), slot(2) + 4096, false, 0},
		{"a chunk", slot(2), slot(3), false, 0},
		{"from a chunk to the end", slot(3), slot(5), false, 0},
		{"the first chunk", slot(0), slot(1), true, 0},
		{"everything", 0, slot(5), true, 0},
		{"in a displaced chunk", slot(3) + 5000, slot(3) + 5001, false, 13},
	} {
		t.Run(c.name, func(t *testing.T) {
			calls := 0
			raw := evtxtest.Damaged(raw, evtxtest.Insert(evtxtest.Slot(1), make([]byte, c.inserted)...))
			it, _ := memoryItem(raw)
			it.openWith = func() (evidenceFile, error) {
				return faultyReader{bytes.NewReader(raw), c.from, c.to, &calls}, nil
			}
			ev, err := (&Collection{items: []*Item{it}}).Scan(t.Context(), Options{Hash: true, Workers: 1})
			if err != nil {
				t.Fatal(err)
			}
			checkLedger(t, it)
			lost := int64(0)
			to := (c.to + 4095) &^ 4095
			for _, r := range records {
				if r.Offset > evtxtest.Slot(1) {
					r.Offset += c.inserted
				}
				if int64(r.Offset) < to && int64(r.Offset+r.Size) > c.from {
					lost++
				}
			}
			state := Incomplete
			if lost == 0 {
				state = Damaged
			}
			if c.unknown {
				lost = -1
			}
			if it.State != state || it.Records.Lost != lost || it.SHA256 != "" || lost >= 0 && it.Records.Fragments != 120-lost {
				t.Errorf("%s %+v, want %d lost: %+v", it.State, it.Records, lost, it.Issues)
			}
			if most := 4 * len(raw) / 4096; calls > most {
				t.Errorf("the file was asked %d times", calls)
			}
			for _, b := range ev.Blocks {
				if b.Computer != testOrigin.Computer {
					t.Errorf("block %s is of %q", b.BlockID, b.Computer)
				}
			}
		})
	}
}

// A record that could not be read whole is not shown with zeros in its text.
func TestReadErrorInText(t *testing.T) {
	for name, shape := range shapes {
		t.Run(name, func(t *testing.T) {
			log := evtxtest.Log{Shape: shape}
			log.Add(scripts(2)...)
			b := evtxtest.ScriptBlock{ID: testGUID(7), Text: strings.Repeat("x", 15_000)}
			log.Add(b.Events(evtxtest.ScriptBlockLogged, testOrigin, testTime)...)
			log.Add(scripts(2)...)
			raw := log.Bytes()
			bad := int64(evtxtest.Records(raw)[2].Offset+10_000) &^ 4095
			calls := 0
			it, _ := memoryItem(raw)
			it.openWith = func() (evidenceFile, error) {
				return faultyReader{bytes.NewReader(raw), bad, bad + 4096, &calls}, nil
			}
			ev, err := (&Collection{items: []*Item{it}}).Scan(t.Context(), Options{Workers: 1})
			if err != nil {
				t.Fatal(err)
			}
			checkLedger(t, it)
			if got := told(it); got != "incomplete 2 chunk-data-checksum read-error record" || it.Records.Lost != 1 || it.Records.Fragments != 4 || len(ev.Blocks) != 2 {
				t.Errorf("%s %+v %+v", got, it.Records, it.Issues)
			}
		})
	}
}

// Each byte is read once, hashed or not.
func TestReadOnce(t *testing.T) {
	for _, workers := range []int{1, 4} {
		raw := damageBase(evtxtest.Native)
		it, read := memoryItem(raw)
		if _, err := (&Collection{items: []*Item{it}}).Scan(t.Context(), Options{Hash: true, Workers: workers}); err != nil {
			t.Fatal(err)
		}
		if sum := sha256.Sum256(raw); read.Load() != int64(len(raw)) || it.SHA256 != hex.EncodeToString(sum[:]) {
			t.Errorf("%d bytes read of %d, sha256 %s", read.Load(), len(raw), it.SHA256)
		}
	}
}

// Memory does not grow with the evidence.
func TestMemoryIsBounded(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bulk.evtx")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	bulk := evtxtest.Bulk{Size: 64 << 20, Units: 500}
	if _, err := bulk.WriteTo(file); err != nil {
		t.Fatal(err)
	}
	file.Close()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	ev := scanPaths(t, Options{Workers: 2, Keep: keepNone, Glance: glanceNone}, path)
	runtime.ReadMemStats(&after)
	if grown := int64(after.TotalAlloc - before.TotalAlloc); grown > 32<<20 {
		t.Errorf("%d MiB allocated for %d blocks", grown>>20, ev.ScriptBlocks)
	}
}
