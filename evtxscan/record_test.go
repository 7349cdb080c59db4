package evtxscan

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"pstrail/evtxscan/evtxtest"
)

func text(s string) []evtxtest.Node { return []evtxtest.Node{evtxtest.Text(s)} }

func leafElement(name, s string) evtxtest.Node {
	return evtxtest.Element{Name: name, Content: text(s)}
}

func dataElement(name string, content ...evtxtest.Node) evtxtest.Node {
	return evtxtest.Element{Name: "Data", Attributes: []evtxtest.Attribute{{Name: "Name", Value: text(name)}}, Content: content}
}

// renderedRecord is a script block in plain elements.
func renderedRecord(system, data []evtxtest.Node) []evtxtest.Node {
	return []evtxtest.Node{evtxtest.FragmentHeader{}, evtxtest.Element{Name: "Event", Content: []evtxtest.Node{
		evtxtest.Element{Name: "System", Content: system}, evtxtest.Element{Name: "EventData", Content: data},
	}}}
}

func providerElement(name ...evtxtest.Node) evtxtest.Node {
	return evtxtest.Element{Name: "Provider", Attributes: []evtxtest.Attribute{{Name: "Name", Value: name}}}
}

// A rendered record is read by its names, whatever their order and whatever
// stands beside them.
func TestRenderedRecords(t *testing.T) {
	system := []evtxtest.Node{
		leafElement("Computer", "h"), leafElement("Extra", "x"), leafElement("EventID", "4104"), leafElement("Level", "3"),
		leafElement("Channel", ChannelWindowsPowerShell), providerElement(text(providerWindowsPowerShell)...),
		evtxtest.Element{Name: "Execution", Attributes: []evtxtest.Attribute{{Name: "ThreadID", Value: text("7")}, {Name: "ProcessID", Value: text("0x10")}}},
	}
	for _, c := range []struct {
		name         string
		system, data []evtxtest.Node
		want         Fragment
		lost         int64
	}{
		{
			name: "odd order, other data", system: system,
			data: []evtxtest.Node{
				dataElement("Path"), dataElement("Other", evtxtest.Text("y")), dataElement("ScriptBlockId", evtxtest.Text("{0A0B0C0D-0000-4000-8000-00000000000F}")),
				dataElement("MessageTotal", evtxtest.Text("2")), dataElement("ScriptBlockText", evtxtest.Text("a")), dataElement("MessageNumber", evtxtest.Text("1")),
			},
			want: Fragment{Text: "a", BlockID: "0a0b0c0d-0000-4000-8000-00000000000f", Number: 1, Total: 2},
		},
		{
			name: "entities in attributes, surrogates cut in two", system: system,
			data: []evtxtest.Node{
				evtxtest.Element{Name: "Data", Attributes: []evtxtest.Attribute{
					{Name: "Note", Value: []evtxtest.Node{evtxtest.Text("a"), evtxtest.EntityRef("amp"), evtxtest.Text("b")}},
					{Name: "Name", Value: text("ScriptBlockText")},
				}, Content: []evtxtest.Node{
					evtxtest.CharRef(0xd83d), evtxtest.CharRef(0xde00), evtxtest.Text("x"), evtxtest.CharRef(0xd83d), evtxtest.Text("y"),
				}},
				dataElement("ScriptBlockId", evtxtest.Text("no GUID")),
			},
			want: Fragment{Text: "\U0001f600x\xed\xa0\xbdy", BlockID: "no GUID"},
		},
		{
			name: "another provider", data: []evtxtest.Node{dataElement("ScriptBlockText", evtxtest.Text("a"))},
			system: []evtxtest.Node{providerElement(text("Microsoft-Windows-Winlogon")...), leafElement("EventID", "4104"), leafElement("Computer", "h")},
		},
		{
			name: "an id that is 4104 only modulo 2^32", data: []evtxtest.Node{dataElement("ScriptBlockText", evtxtest.Text("a"))},
			system: []evtxtest.Node{providerElement(text(providerWindowsPowerShell)...), leafElement("EventID", "4294971400")},
		},
		{name: "no text", system: system, data: []evtxtest.Node{dataElement("Path")}, lost: 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			var log evtxtest.Log
			log.AddRecord(testTime, renderedRecord(c.system, c.data)...)
			ev := scanPaths(t, Options{}, writeLog(t, log.Bytes()))
			if lost := ev.Items[0].Records.Lost; lost != c.lost {
				t.Errorf("%d lost", lost)
			}
			if c.want.Text == "" {
				if len(ev.Blocks) != 0 {
					t.Errorf("read as %q", ev.Blocks[0].Text)
				}
				return
			}
			if len(ev.Blocks) != 1 {
				t.Fatalf("%d blocks", len(ev.Blocks))
			}
			f := ev.Blocks[0].First()
			if f.Text != c.want.Text || f.BlockID != c.want.BlockID || f.Number != c.want.Number || f.Total != c.want.Total ||
				f.Level != 3 || f.ProcessID != 16 || f.ThreadID != 7 || f.Computer != "h" || f.Shape != FormForwarded {
				t.Errorf("%+v", f)
			}
		})
	}
}

// Where the record that holds a chunk's names is destroyed, the others are read
// by what their texts say; entities, which are names too, cannot be known.
func TestNamesLost(t *testing.T) {
	log := evtxtest.Log{Shape: evtxtest.Forwarded}
	for i := range 6 {
		from := testOrigin
		from.ActivityID = "0a0b0c0d-0000-4000-8000-00000000000a"
		b := evtxtest.ScriptBlock{ID: fmt.Sprintf("00000000-0000-4000-8000-%012d", i), Text: "Get-Item", Path: `C:\a.ps1`}
		if i == 0 || i == 5 {
			b.Text = "a & b"
		}
		log.Add(b.Events(evtxtest.ScriptBlockLogged, from, testTime)...)
	}
	log.Add(evtxtest.EngineStarted.Event(testOrigin, testTime, "Available", "None", "x"))
	raw := log.Bytes()
	whole := scanPaths(t, Options{}, writeLog(t, raw))
	first := evtxtest.Records(raw)[0]
	ev := scanPaths(t, Options{}, writeLog(t, evtxtest.Damaged(raw, evtxtest.Zero(first.Offset+24, first.Size-28))))
	it := ev.Items[0]
	if it.Records.Fragments != 5 || it.Records.Lost != 1 || it.Records.Read != 6 || len(ev.Blocks) != 5 {
		t.Fatalf("%+v %+v", it.Records, it.Issues)
	}
	for i, b := range ev.Blocks {
		got, want := b.First(), whole.Blocks[i+1].First()
		text := strings.ReplaceAll(want.Text, "&", "\ufffd")
		if got.System != want.System || got.Text != text || got.BlockID != want.BlockID || got.Path != want.Path || got.Number != 1 || got.Total != 1 || got.Shape != FormForwarded {
			t.Errorf("%+v\nwant %+v", got, want)
		}
	}
	if last := it.Issues[len(it.Issues)-1]; last.Kind != IssueRecordValue || last.Lost != 0 || !strings.Contains(last.Detail, "1 references") {
		t.Errorf("%+v", last)
	}
}

// A native string loses the one NUL that ends it, and no more; an exported one
// loses none.
func TestNUL(t *testing.T) {
	for name, want := range map[string]string{"exported": "a\x00b\x00\x00", "native": "a\x00b\x00\x00"} {
		log := evtxtest.Log{Shape: shapes[name]}
		b := evtxtest.ScriptBlock{ID: "0a0b0c0d-0000-4000-8000-00000000000f", Text: "a\x00b\x00\x00", Path: "p\x00"}
		log.Add(b.Events(evtxtest.ScriptBlockLogged, testOrigin, testTime)...)
		f := scanPaths(t, Options{}, writeLog(t, log.Bytes())).Blocks[0].First()
		if f.Text != want || f.Path != "p\x00" {
			t.Errorf("%s: text %q, path %q", name, f.Text, f.Path)
		}
	}
}

// Every field of every kind of event is decoded, in order.
func TestDecode(t *testing.T) {
	at := testTime
	for _, c := range []struct {
		event  evtxtest.Event
		fields []field
	}{
		{
			evtxtest.EngineStarted.Event(testOrigin, at, "Available", "None", "\tNewEngineState=Available"),
			[]field{{"", "Available"}, {"", "None"}, {"", "\tNewEngineState=Available"}},
		},
		{
			evtxtest.LogCleared.Event(testOrigin, at, "admin", "CORP", "Windows PowerShell", ""),
			[]field{{"SubjectUserName", "admin"}, {"SubjectDomainName", "CORP"}, {"Channel", "Windows PowerShell"}, {"BackupPath", ""}},
		},
		{
			evtxtest.SysmonFileCreated.Event(testOrigin, at, "-", "2026-01-12 08:00:00.000", "0a0b0c0d-0000-4000-8000-00000000000f", "77", `C:\a.exe`, `C:\b.pst`, "x"),
			[]field{
				{"RuleName", "-"}, {"UtcTime", "2026-01-12 08:00:00.000"}, {"ProcessGuid", "0a0b0c0d-0000-4000-8000-00000000000f"}, {"ProcessId", "77"},
				{"Image", `C:\a.exe`}, {"TargetFilename", `C:\b.pst`}, {"CreationUtcTime", "x"},
			},
		},
	} {
		for name, shape := range shapes {
			log := evtxtest.Log{Shape: shape}
			log.Add(c.event)
			raw := log.Bytes()
			var out chunkResult
			r := chunkReader{}
			r.begin(raw[fileHeaderSize:], &out)
			rec, ok := soundRecordAt(r.chunk, chunkHeaderSize)
			e, err := r.decode(rec)
			if err != nil || !ok {
				t.Fatalf("%s: %v", name, err)
			}
			got := append([]field{}, e.fields...)
			for i := range got {
				if got[i].name == "ProcessGuid" {
					got[i].text = normalGUID(got[i].text)
				}
			}
			if d := cmp.Diff(c.fields, got, cmp.AllowUnexported(field{})); d != "" {
				t.Errorf("%s, event %d: %s", name, c.event.ID, d)
			}
			if e.Computer != testOrigin.Computer || e.Channel != c.event.Channel || e.Provider != c.event.Provider || e.EventID != uint32(c.event.ID) {
				t.Errorf("%s: %+v", name, e.System)
			}
		}
	}
}

// Record ids are unsigned.
func TestHighIDs(t *testing.T) {
	log := evtxtest.Log{Shape: evtxtest.Native, FirstID: 1<<63 - 5}
	log.Add(scripts(10)...)
	it := scanPaths(t, Options{}, writeLog(t, log.Bytes())).Items[0]
	if it.Records.Fragments != 10 || it.Records.Lost != 0 || it.State != Intact || it.RecordIDs.Last != 1<<63+4 {
		t.Errorf("%s %+v %+v %+v", it.State, it.Records, it.RecordIDs, it.Issues)
	}
}

// A log may hold the records of several hosts; equal block ids of two hosts are
// two blocks.
func TestSeveralHosts(t *testing.T) {
	log := evtxtest.Log{Shape: evtxtest.Forwarded}
	for _, host := range []string{"a.example", "b.example"} {
		from := testOrigin
		from.Computer = host
		b := evtxtest.ScriptBlock{ID: "0a0b0c0d-0000-4000-8000-00000000000f", Text: "exit"}
		log.Add(b.Events(evtxtest.ScriptBlockLogged, from, testTime)...)
	}
	ev := scanPaths(t, Options{}, writeLog(t, log.Bytes()))
	if ev.ScriptBlocks != 2 || len(ev.Coverage) != 2 || len(ev.Items[0].Hosts) != 2 {
		t.Errorf("%d blocks, coverage %+v, hosts %v", ev.ScriptBlocks, ev.Coverage, ev.Items[0].Hosts)
	}
}

// Two chunks that claim the same ids, and have them no more, tell nothing of how
// many records there were.
func TestTwoChunksClaimOneID(t *testing.T) {
	log := evtxtest.Log{Dirty: true}
	log.Add(scripts(2)...)
	raw := log.Bytes()
	for _, r := range evtxtest.Records(raw) {
		raw = evtxtest.Put32(r.Offset+4, 0)(raw)
	}
	raw = append(raw, raw[fileHeaderSize:]...)
	it := scanPaths(t, Options{}, writeLog(t, raw)).Items[0]
	if it.Records.Lost != -1 || it.State != Incomplete {
		t.Errorf("%s %+v", it.State, it.Records)
	}
}

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
			it := &Item{
				Path: "a.evtx", Size: int64(len(raw)), Kind: KindEVTX, file: "a.evtx", claims: true, head: raw[:512],
				openWith: func() (evidenceFile, error) {
					return faultyReader{bytes.NewReader(raw), c.from, c.to, &calls}, nil
				},
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
			it := &Item{
				Path: "a.evtx", Size: int64(len(raw)), Kind: KindEVTX, file: "a.evtx", claims: true, head: raw[:512],
				openWith: func() (evidenceFile, error) {
					return faultyReader{bytes.NewReader(raw), bad, bad + 4096, &calls}, nil
				},
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

// Encrypted blocks are counted and not kept, whole or in pieces, once however
// often they are there; reports of trouble with encryption, 0 of 0, are blocks
// of their own.
func TestEncrypted(t *testing.T) {
	const cms = "-----BEGIN CMS-----\nMIIB\n-----END CMS-----"
	event := func(id int, number, total, text string) evtxtest.Event {
		return evtxtest.ScriptBlockLogged.Event(testOrigin, testTime, number, total, text, testGUID(id), "")
	}
	trouble := evtxtest.ScriptBlockLogged
	trouble.Level = 2
	for name, shape := range shapes {
		t.Run(name, func(t *testing.T) {
			log := evtxtest.Log{Shape: shape}
			log.Add(
				event(1, "1", "1", cms), event(1, "1", "1", cms),
				event(2, "1", "2", cms), event(2, "2", "2", "\r\n "+cms), // each piece is encrypted by itself
				event(3, "1", "3", cms), // and the others are missing
				event(4, "1", "1", "'"+cms+"'"),
				trouble.Event(testOrigin, testTime, "0", "0", "no certificate: Get-Item a", testGUID(5), ""),
				trouble.Event(testOrigin, testTime, "0", "0", "no certificate: Get-Item b", testGUID(5), ""),
			)
			for _, opt := range []Options{{}, {Keep: keepNone, Glance: glanceNone}} {
				ev := scanBytes(t, log.Bytes(), opt)
				if ev.ScriptBlocks != 6 || ev.Encrypted != 3 || ev.Incomplete != 1 || ev.Items[0].Records.Fragments != 8 {
					t.Errorf("%d blocks, %d encrypted, %d incomplete, %+v", ev.ScriptBlocks, ev.Encrypted, ev.Incomplete, ev.Items[0].Records)
				}
				if want := 3; opt.Keep == nil && len(ev.Blocks) != want {
					t.Errorf("%d blocks are kept, want %d", len(ev.Blocks), want)
				}
				for _, b := range ev.Blocks {
					if b.Encrypted || !b.Complete() || len(b.Pieces[0].Records) != 1 {
						t.Errorf("%+v", b)
					}
				}
			}
		})
	}
}
