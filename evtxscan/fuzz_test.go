package evtxscan

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"os"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
	"unicode/utf16"

	"pstrail/evtxscan/evtxtest"
)

// memoryFile is an item in memory, which counts what is read of it.
type memoryFile struct {
	*bytes.Reader
	read *atomic.Int64
}

func (f memoryFile) ReadAt(p []byte, off int64) (int, error) {
	f.read.Add(int64(len(p)))
	return f.Reader.ReadAt(p, off)
}

func (memoryFile) Close() error               { return nil }
func (memoryFile) Stat() (os.FileInfo, error) { return nil, os.ErrInvalid }

// memoryItem returns an item in memory, and how much is read of it.
func memoryItem(raw []byte) (*Item, *atomic.Int64) {
	read := &atomic.Int64{}
	return &Item{
		Path: "a.evtx", Size: int64(len(raw)), Kind: KindEVTX, file: "a.evtx", claims: true, head: raw[:min(len(raw), 512)],
		openWith: func() (evidenceFile, error) { return memoryFile{bytes.NewReader(raw), read}, nil },
	}, read
}

// scanBytes scans a log in memory, and checks what holds for every input: the
// account, that the program did not fail, and that its work is bounded by the
// size, counted in bytes that were read and bytes that were allocated.
func scanBytes(t testing.TB, raw []byte, opt Options) *Evidence {
	t.Helper()
	it, read := memoryItem(raw)
	opt.Workers = cmp.Or(opt.Workers, 1)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	ev, err := (&Collection{items: []*Item{it}}).Scan(context.Background(), opt)
	if err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	slots := int64(len(raw)/chunkSize + 1)
	if n := read.Load(); n > 6*int64(len(raw)) {
		t.Errorf("%d bytes were read of %d", n, len(raw))
	}
	if n := int64(after.TotalAlloc - before.TotalAlloc); n > 16<<20+slots*(12<<20) {
		t.Errorf("%d bytes were allocated for %d slots", n, slots)
	}
	checkLedger(t, it)
	for _, i := range it.Issues {
		if i.Kind == IssueInternal {
			t.Error(i.Detail)
		}
	}
	return ev
}

// FuzzLog changes single bytes of sound logs, with the checksums put right again
// or not. Each edit is an offset of three bytes and a value.
func FuzzLog(f *testing.F) {
	all := oracles()
	for i := range all {
		f.Add(uint8(i), i%2 == 0, []byte{0x30, 0x10, 0x00, 0xff, 0x04, 0x12, 0x00, 0x00})
		f.Add(uint8(i), true, []byte{0x38, 0x12, 0x00, 0x01, 0x2a, 0x10, 0x01, 0x10, 0x9b, 0x12, 0x00, 0x21})
	}
	f.Fuzz(func(t *testing.T, base uint8, repair bool, edits []byte) {
		o := &all[int(base)%len(all)]
		damaged := bytes.Clone(o.raw)
		for e := range slices.Chunk(edits[:min(len(edits), 400)], 4) {
			if len(e) == 4 {
				at := int(e[0]) | int(e[1])<<8 | int(e[2])<<16
				damaged[at%len(damaged)] = e[3]
			}
		}
		if repair {
			damaged = evtxtest.Repair()(damaged)
		}
		ev := scanBytes(t, damaged, Options{})
		// A record needs the names and definitions that stand in others of its
		// chunk, so what a damaged record costs the others is another test's.
		hurt := map[int]bool{}
		for _, r := range o.records {
			if !bytes.Equal(damaged[r.Offset:r.Offset+r.Size], o.raw[r.Offset:r.Offset+r.Size]) {
				hurt[(r.Offset-fileHeaderSize)/chunkSize] = true
			}
		}
		whole := 0
		for _, r := range o.records {
			if !hurt[(r.Offset-fileHeaderSize)/chunkSize] && bytes.Equal(damaged[r.Offset:r.Offset+r.Size], o.raw[r.Offset:r.Offset+r.Size]) {
				whole++
			}
		}
		// Repaired checksums vouch for a header that was changed.
		if r := ev.Items[0].Records; !repair && r.Read+r.Skipped < int64(whole) {
			t.Errorf("%d read and %d skipped of %d whole records", r.Read, r.Skipped, whole)
		}
		if _, err := SecondOpinion(context.Background(), ev.Blocks[:min(len(ev.Blocks), 3)]); err != nil {
			t.Error(err)
		}
	})
}

// FuzzBytes reads anything as a log.
func FuzzBytes(f *testing.F) {
	log := evtxtest.Log{Shape: evtxtest.Native}
	log.Add(scripts(2)...)
	raw := log.Bytes()
	f.Add(raw[:fileHeaderSize+3000])
	f.Add(raw[fileHeaderSize : fileHeaderSize+3000])
	f.Add([]byte(fileMagic))
	f.Add([]byte(chunkMagic))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, raw []byte) { scanBytes(t, raw, Options{Hash: true}) })
}

// recordIn puts a body into a record behind a sound one, in a chunk of its own.
func recordIn(body []byte) []byte {
	log := evtxtest.Log{Shape: evtxtest.Exported}
	log.Add(scripts(1)...)
	raw := log.Bytes()
	first := evtxtest.Records(raw)[0]
	at := first.Offset + first.Size
	size := (recordHead + len(body) + 4 + 7) &^ 7
	if at+size > len(raw) {
		return raw
	}
	le := binary.LittleEndian
	le.PutUint32(raw[at:], recordMagic)
	le.PutUint32(raw[at+4:], uint32(size))
	le.PutUint64(raw[at+8:], 2)
	copy(raw[at+recordHead:], body)
	le.PutUint32(raw[at+size-4:], uint32(size))
	chunk := raw[fileHeaderSize:]
	le.PutUint64(chunk[16:], 2)
	le.PutUint64(chunk[32:], 2)
	le.PutUint32(chunk[44:], uint32(at-fileHeaderSize))
	le.PutUint32(chunk[48:], uint32(at+size-fileHeaderSize))
	return evtxtest.Repair()(raw)
}

// FuzzRecord reads a record of any content, and has the library read what of it
// may be handed over.
func FuzzRecord(f *testing.F) {
	for _, shape := range shapes {
		log := evtxtest.Log{Shape: shape}
		log.Add(scripts(2)...)
		log.Add(evtxtest.EngineStarted.Event(testOrigin, testTime, "a", "b"), evtxtest.LogCleared.Event(testOrigin, testTime, "a", "b", "c", "d"))
		raw := log.Bytes()
		for _, r := range evtxtest.Records(raw) {
			f.Add(raw[r.Offset+recordHead : r.Offset+r.Size-4])
		}
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		raw := recordIn(body)
		scanBytes(t, raw, Options{})
		chunk := raw[fileHeaderSize:]
		records := recordsOf(chunk)
		for _, rec := range records {
			if p, err := isolate(chunk, records, rec); err == nil {
				decodeByLibrary(p) // comes to an end
			}
		}
	})
}

// FuzzDefinition reads an instance of a template of any content, whose values
// nest.
func FuzzDefinition(f *testing.F) {
	log := evtxtest.Log{Shape: evtxtest.Exported}
	log.Add(scripts(1)...)
	chunk := log.Bytes()[fileHeaderSize:]
	in, err := instanceAt(chunk, chunkHeaderSize+recordHead+4, chunkSize)
	start, end, ok := in.body(chunk)
	if err != nil || !ok {
		f.Fatal(err)
	}
	f.Add(chunk[start:end], in.values)
	f.Fuzz(func(t *testing.T, definition, values []byte) {
		if len(definition) > 4000 || len(values) > 20000 {
			return
		}
		le := binary.LittleEndian
		body := []byte{0x0f, 1, 1, 0, 0x0c, 1, 7, 7, 7, 7}
		// Behind the sound record, whose size decides where this one begins.
		records := evtxtest.Records(recordIn(nil))
		at := records[1].Offset - fileHeaderSize + recordHead + len(body) + 4
		body = le.AppendUint32(body, uint32(at))
		body = append(body, 0, 0, 0, 0, 7, 7, 7, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
		body = le.AppendUint32(body, uint32(len(definition)))
		body = append(body, definition...)
		body = le.AppendUint32(body, 4)
		for i, kind := range []byte{0x21, 0x01, 0x21, 0x81} {
			size := len(values) / 4
			if i == 3 {
				size = len(values) - 3*size
			}
			body = le.AppendUint16(body, uint16(size))
			body = append(body, kind, 0)
		}
		body = append(body, values...)
		scanBytes(t, recordIn(append(body, 0)), Options{})
	})
}

// FuzzUTF16 holds the decoder against the standard library's.
func FuzzUTF16(f *testing.F) {
	f.Add([]byte("a\x00b\x00c\x00d\x00e\x00f\x00g\x00h\x00i\x00"))
	f.Add([]byte("\x3d\xd8\x00\xde\x3d\xd8a\x00\x00\xde\xe9\x00\xac\x20"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		want := make([]uint16, len(raw)/2)
		for i := range want {
			want[i] = binary.LittleEndian.Uint16(raw[2*i:])
		}
		got := string(decodeUTF16([]byte("x"), raw))[1:]
		if want := string(utf16.Decode(want)); asLibraryText(got+".") != want+"." {
			t.Errorf("%q, want %q", got, want)
		}
		if n := UTF16Len(got); n != len(want) {
			t.Errorf("%d units, want %d", n, len(want))
		}
	})
}
