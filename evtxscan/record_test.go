package evtxscan

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

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
	for _, first := range []uint64{1<<63 - 5, 1<<64 - 10} {
		log := evtxtest.Log{Shape: evtxtest.Native, FirstID: first}
		log.Add(scripts(10)...)
		it := scanBytes(t, log.Bytes(), Options{}).Items[0]
		if it.Records.Fragments != 10 || it.Records.Lost != 0 || it.State != Intact || it.RecordIDs.First != first || it.RecordIDs.Last != first+9 {
			t.Errorf("%s %+v %+v %+v", it.State, it.Records, it.RecordIDs, it.Issues)
		}
	}
}

// Fragments of any length and number that a record can hold are taken as they
// are.
func TestOddFragments(t *testing.T) {
	for _, c := range []struct {
		name, number, total, text string
		missing                   [][2]int32
	}{
		{"30,000 units", "1", "1", strings.Repeat("x", 30_000), nil},
		{"31,000 units", "1", "1", strings.Repeat("\u00e9", 31_000), nil},
		{"empty", "1", "1", "", nil},
		{"empty and the last one", "2", "2", "", [][2]int32{{1, 1}}},
		{"a total that is only a claim", "7", "2147483647", "x", [][2]int32{{1, 6}, {8, 1<<31 - 1}}},
		{"negative", "-3", "-2147483648", "x", nil},
	} {
		for name, shape := range shapes {
			t.Run(c.name+"/"+name, func(t *testing.T) {
				log := evtxtest.Log{Shape: shape}
				log.Add(evtxtest.ScriptBlockLogged.Event(testOrigin, testTime, c.number, c.total, c.text, testGUID(1), ""))
				ev := scanBytes(t, log.Bytes(), Options{})
				if told(ev.Items[0]) != "intact 0" || len(ev.Blocks) != 1 {
					t.Fatalf("%+v, %d blocks", ev.Items[0], len(ev.Blocks))
				}
				b := ev.Blocks[0]
				number, total := strconv.Itoa(int(b.First().Number)), strconv.Itoa(int(b.Total))
				if b.Text != c.text || number != c.number || total != c.total || !slices.Equal(b.Missing, c.missing) {
					t.Errorf("%s of %s, missing %v, %d bytes", number, total, b.Missing, len(b.Text))
				}
			})
		}
	}
}

// Half a unit at the end of a string is none, and shifts nothing.
func TestOddStringSize(t *testing.T) {
	log := evtxtest.Log{Shape: evtxtest.Exported}
	log.Add(scripts(2)...)
	raw := log.Bytes()
	rec, _ := soundRecordAt(raw[fileHeaderSize:], evtxtest.Records(raw)[1].Offset-fileHeaderSize)
	m, ok := manifestAt(raw[fileHeaderSize:], rec)
	_, _, at := m.value(valueData)
	in, err := instanceAt(raw[fileHeaderSize:], at+4, rec.offset+rec.size)
	if err != nil || !ok {
		t.Fatal(err)
	}
	in.types[4*2]++ // the text takes a byte of the id
	in.types[4*3]--
	ev := scanBytes(t, evtxtest.Repair()(raw), Options{})
	if len(ev.Blocks) != 2 || told(ev.Items[0]) != "intact 0" {
		t.Fatalf("%+v", ev.Items[0])
	}
	for i, b := range ev.Blocks {
		if f := b.First(); f.Text != fmt.Sprintf("Get-Item <%d> & exit", i) || f.Number != 1 || f.Total != 1 || UTF16Len(f.BlockID) != 36-i {
			t.Errorf("%d of %d, %q of %q", f.Number, f.Total, f.Text, f.BlockID)
		}
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
