package evtxscan

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"pstrail/evtxscan/evtxtest"
)

var (
	testOrigin = evtxtest.Origin{Computer: "EX01.corp.example", UserSID: "S-1-5-21-1-2-3-500", ProcessID: 4000, ThreadID: 12}
	testTime   = evtxtest.At(time.Date(2026, 1, 12, 8, 0, 0, 0, time.UTC))
)

// scripts returns n script block events; their record ids are those of a log
// that holds them from the first record on.
func scripts(n int) []evtxtest.Event {
	var events []evtxtest.Event
	for i := range n {
		b := evtxtest.ScriptBlock{ID: testGUID(i), Text: fmt.Sprintf("Get-Item <%d> & exit", i)}
		for _, e := range b.Events(evtxtest.ScriptBlockLogged, testOrigin, testTime.Add(time.Duration(i)*time.Second)) {
			e.RecordID = uint64(i + 1)
			events = append(events, e)
		}
	}
	return events
}

func testGUID(n int) string { return fmt.Sprintf("00000000-0000-4000-8000-%012d", n) }

func writeLog(t testing.TB, raw []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a.evtx")
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

var shapes = map[string]evtxtest.Shape{"exported": evtxtest.Exported, "native": evtxtest.Native, "forwarded": evtxtest.Forwarded}

// Records in slack that repeat live ones are further places of these; others
// are records of their own; a live-only scan knows of neither.
func TestSlack(t *testing.T) {
	for name, shape := range shapes {
		t.Run(name, func(t *testing.T) {
			log := evtxtest.Log{Shape: shape}
			all := scripts(12)
			log.Add(all[:10]...)
			log.Break()
			log.Add(evtxtest.EngineStarted.Event(testOrigin, testTime, "Available", "None", "x"))
			log.AddSlack(all[3], all[7], all[11])
			path := writeLog(t, log.Bytes())
			ev := scanPaths(t, Options{}, path)
			it := ev.Items[0]
			if it.Records.Slack != 3 || it.Records.Fragments != 10 || it.Records.Lost != 0 || it.State != Intact || ev.ScriptBlocks != 11 || len(ev.Blocks) != 11 {
				t.Errorf("%s %+v, %d blocks, %d kept: %+v", it.State, it.Records, ev.ScriptBlocks, len(ev.Blocks), it.Issues)
			}
			for i, b := range ev.Blocks {
				records := b.Pieces[0].Records
				copies := 0
				for _, r := range records {
					if r.Class == Slack {
						copies++
					}
				}
				switch id := b.First().RecordID; {
				case id == 4 || id == 8:
					if len(records) != 2 || copies != 1 || records[0].Class != Live {
						t.Errorf("record %d has %d places, %d in slack", id, len(records), copies)
					}
				case id == 12:
					if i != 10 || len(records) != 1 || copies != 1 || b.Computer != testOrigin.Computer {
						t.Errorf("%+v", b.First())
					}
				case len(records) != 1 || copies != 0:
					t.Errorf("record %d has %d places", id, len(records))
				}
			}
			if none := scanPaths(t, Options{Keep: func(*ScriptBlock) bool { return false }}, path); none.ScriptBlocks != 11 {
				t.Errorf("%d blocks counted where none is kept", none.ScriptBlocks)
			}
			live := scanPaths(t, Options{LiveOnly: true}, path)
			if live.ScriptBlocks != 10 || live.Items[0].Records.Slack != 0 {
				t.Errorf("live only: %d blocks, %+v", live.ScriptBlocks, live.Items[0].Records)
			}
		})
	}
}

// Whatever is destroyed around them, records in slack stay what they are, once
// each.
func TestSlackStaysSlack(t *testing.T) {
	for name, shape := range shapes {
		log := evtxtest.Log{Shape: shape}
		all := scripts(18)
		for i := range 3 {
			log.Add(all[5*i : 5*i+5]...)
			all[15+i].RecordID = uint64(800_000 + i)
			log.AddSlack(all[0], all[15+i])
		}
		raw := log.Bytes()
		records := evtxtest.Records(raw)
		for _, c := range []struct {
			name   string
			damage evtxtest.Damage
			read   int64
			says   string
		}{
			{"a chunk header destroyed", evtxtest.Zero(evtxtest.Slot(1), chunkHeaderSize), 15, "damaged 5 chunk-magic"},
			{"bytes removed from the free space", evtxtest.Remove(evtxtest.Slot(1)-1000, 1000), 15, "damaged 0 displaced-chunk displaced-chunk"},
			{"bytes removed from a record", evtxtest.Remove(records[7].Offset+100, 200), 14, "incomplete 2 chunk-data-checksum displaced-chunk displaced-chunk record"},
			{"bytes inserted in a record", evtxtest.Insert(records[7].Offset+100, make([]byte, 400)...), 14, "incomplete 2 chunk-data-checksum displaced-chunk record trailing-bytes"},
		} {
			t.Run(c.name+"/"+name, func(t *testing.T) {
				ev := scanBytes(t, evtxtest.Damaged(raw, c.damage), Options{})
				it := ev.Items[0]
				if r := it.Records; told(it) != c.says || r.Read != c.read || r.Lost != 15-c.read || r.Slack != 6 {
					t.Errorf("%s %+v", told(it), r)
				}
				places := map[int64]Class{}
				for _, b := range ev.Blocks {
					for _, f := range b.Pieces[0].Records {
						if class, ok := places[f.Offset]; ok {
							t.Errorf("0x%x is %s and %s", f.Offset, class, f.Class)
						}
						places[f.Offset] = f.Class
						if live := f.HeaderID < 800_000 && (f.HeaderID > 1 || f.Offset == int64(records[0].Offset)); live != (f.Class != Slack) {
							t.Errorf("record %d at 0x%x is %s", f.HeaderID, f.Offset, f.Class)
						}
					}
				}
				if t.Failed() {
					t.Logf("%+v", it.Issues)
				}
			})
		}
	}
}

// A chunk that is said to be empty holds what its buffer held before, or records
// that its header does not know of yet; ids that the log never gave tell.
func TestEmptyChunk(t *testing.T) {
	log := evtxtest.Log{Shape: evtxtest.Native, FirstID: 5000}
	log.Add(scripts(10)...)
	used := evtxtest.Damaged(log.Bytes(), allocated(evtxtest.Slot(0)), evtxtest.Repair())
	for _, c := range []struct {
		name        string
		raw         []byte
		damage      evtxtest.Damage
		live, slack int64
		state       State
	}{
		{"no chunk", new(evtxtest.Log).Bytes(), nil, 0, 0, Intact},
		{"clean", used[:evtxtest.Slot(0)+chunkHeaderSize], evtxtest.Put64(24, 1), 0, 0, Intact},
		{"clean, of other logs", used, evtxtest.Put64(24, 5000), 0, 10, Intact},
		{"clean, of its own", used, evtxtest.Put64(24, 5010), 10, 0, Damaged},
		{"dirty", used, evtxtest.Put32(120, 1), 10, 0, Intact},
	} {
		t.Run(c.name, func(t *testing.T) {
			raw := c.raw
			if c.damage != nil {
				raw = append(bytes.Clone(raw), make([]byte, len(used)-len(raw))...)
				raw = evtxtest.Damaged(raw, c.damage, evtxtest.Repair())
			}
			ev := scanBytes(t, raw, Options{})
			it := ev.Items[0]
			if r := it.Records; r.Read != c.live || r.Recovered != c.live || r.Slack != c.slack || r.Lost != 0 || it.State != c.state {
				t.Errorf("%s %+v %+v", it.State, r, it.Issues)
			}
			for _, b := range ev.Blocks {
				if f := b.First(); f.Sound || (f.Class == Slack) != (c.slack > 0) {
					t.Errorf("sound %v, %s", f.Sound, f.Class)
				}
			}
		})
	}
}

// A fragment that is left in slack only completes its script, and shows where
// it was.
func TestSlackCompletesScript(t *testing.T) {
	text := ""
	for i := range 4000 {
		text += fmt.Sprintf("line %d\n", i)
	}
	events := evtxtest.ScriptBlock{ID: "0000000a-0000-4000-8000-000000000000", Text: text, Segment: 14000}.Events(evtxtest.ScriptBlockLogged, testOrigin, testTime)
	if len(events) != 3 {
		t.Fatalf("%d fragments", len(events))
	}
	for i := range events {
		events[i].RecordID = uint64(100 + i)
	}
	log := evtxtest.Log{Shape: evtxtest.Native}
	log.Add(events[0], events[2])
	log.Break()
	log.Add(scripts(1)...)
	log.AddSlack(events[1])
	path := writeLog(t, log.Bytes())
	ev := scanPaths(t, Options{}, path)
	b := ev.Blocks[slices.IndexFunc(ev.Blocks, func(b *ScriptBlock) bool { return b.Total == 3 })]
	if ev.ScriptBlocks != 2 || ev.Incomplete != 0 || !b.Complete() || b.Text != text || b.Pieces[1].Records[0].Class != Slack {
		t.Errorf("%d blocks, %d incomplete; complete %v", ev.ScriptBlocks, ev.Incomplete, b.Complete())
	}
	if live := scanPaths(t, Options{LiveOnly: true}, path); live.Incomplete != 1 {
		t.Errorf("live only: %d incomplete", live.Incomplete)
	}
}

// Where the definition that names the computer is lost, another one with its
// id tells; where there is none, the computer stays unknown.
func TestComputerWhoseDefinitionIsLost(t *testing.T) {
	for _, c := range []struct {
		name    string
		chunks  int
		host    string
		damaged int // chunk
	}{
		{"told by a later chunk", 2, testOrigin.Computer, 0},
		{"told by an earlier chunk", 2, testOrigin.Computer, 1},
		{"lost", 1, "", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			log := evtxtest.Log{Shape: evtxtest.Native}
			for i, e := range scripts(10 * c.chunks) {
				if i > 0 && i%10 == 0 {
					log.Break()
				}
				log.Add(e)
			}
			raw := log.Bytes()
			first := evtxtest.Records(raw)[10*c.damaged]
			path := writeLog(t, evtxtest.Damaged(raw, evtxtest.Zero(first.Offset+24, first.Size-28)))
			ev := scanPaths(t, Options{}, path)
			want := 10*c.chunks - 1
			if r := ev.Items[0].Records; ev.ScriptBlocks != want || len(ev.Blocks) != want || r.Fragments != int64(want) || r.Lost != 1 {
				t.Errorf("%d blocks, %d kept, %+v", ev.ScriptBlocks, len(ev.Blocks), r)
			}
			for _, b := range ev.Blocks {
				if f := b.First(); b.Computer != c.host || f.Computer != c.host || (f.HostKey == "") != (c.host != "") {
					t.Errorf("computer %q, %q, key %q", b.Computer, f.Computer, f.HostKey)
				}
			}
			if len(ev.Coverage) != 1 || c.host != "" && ev.Coverage[0].Host != c.host {
				t.Errorf("coverage %+v", ev.Coverage)
			}
			if none := scanPaths(t, Options{Keep: func(*ScriptBlock) bool { return false }}, path); none.ScriptBlocks != want {
				t.Errorf("%d blocks counted where none is kept", none.ScriptBlocks)
			}
		})
	}
}

// The same log damaged and whole is one set of blocks.
func TestCopyWithoutComputer(t *testing.T) {
	log := evtxtest.Log{Shape: evtxtest.Exported}
	log.Add(scripts(10)...)
	raw := log.Bytes()
	first := evtxtest.Records(raw)[0]
	dir := t.TempDir()
	for name, raw := range map[string][]byte{"a.evtx": evtxtest.Damaged(raw, evtxtest.Zero(first.Offset+24, first.Size-28)), "b.evtx": raw} {
		if err := os.WriteFile(filepath.Join(dir, name), raw, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	ev := scanPaths(t, Options{}, dir)
	if ev.ScriptBlocks != 10 || len(ev.Blocks) != 10 {
		t.Errorf("%d blocks, %d kept", ev.ScriptBlocks, len(ev.Blocks))
	}
	for i, b := range ev.Blocks {
		if n := len(b.Pieces[0].Records); i > 0 && n != 2 || b.Computer != testOrigin.Computer {
			t.Errorf("block %d: %d places, %q", i, n, b.Computer)
		}
	}
}

// A record in slack is of the computer and channel that it names itself, never
// of those of the log it was found in. Where its definition should be stands
// that of the log; so its computer is unknown, unless another log tells it. It
// is no part of the coverage.
func TestSlackOfOtherHost(t *testing.T) {
	dc := evtxtest.Origin{Computer: "DC01.corp.example", UserSID: "S-1-5-18", ProcessID: 9, ThreadID: 3}
	for name, shape := range shapes {
		log, other := evtxtest.Log{Shape: shape}, evtxtest.Log{Shape: shape}
		log.Add(scripts(3)...)
		for i := range 2 {
			other.Add(evtxtest.ScriptBlock{ID: testGUID(70 + i), Text: "exit"}.Events(evtxtest.ScriptBlockLogged, dc, testTime)...)
		}
		raw, rawOther := log.Bytes(), other.Bytes()
		live, left := evtxtest.Records(raw)[2], evtxtest.Records(rawOther)[1] // whose definition is the first one's
		copy(raw[live.Offset+live.Size:], rawOther[left.Offset:left.Offset+left.Size])
		for _, c := range []struct {
			name   string
			logs   map[string][]byte
			host   string
			places int
		}{
			{"alone", map[string][]byte{"a.evtx": raw}, "", 1},
			{"with the log it is from", map[string][]byte{"a.evtx": raw, "b.evtx": rawOther}, dc.Computer, 2},
			{"with another log of its host", map[string][]byte{"a.evtx": raw, "b.evtx": evtxtest.Damaged(rawOther, evtxtest.Zero(left.Offset, left.Size))}, dc.Computer, 1},
		} {
			t.Run(c.name+"/"+name, func(t *testing.T) {
				host := c.host
				if shape == evtxtest.Forwarded { // which has the name in each record
					host = dc.Computer
				}
				dir := t.TempDir()
				for name, raw := range c.logs {
					if err := os.WriteFile(filepath.Join(dir, name), raw, 0o600); err != nil {
						t.Fatal(err)
					}
				}
				ev := scanPaths(t, Options{}, dir)
				it := ev.Items[0]
				if it.Records.Slack != 1 || it.State != Intact || ev.ScriptBlocks != len(ev.Blocks) {
					t.Errorf("%s %+v, %d blocks", it.State, it.Records, ev.ScriptBlocks)
				}
				i := slices.IndexFunc(ev.Blocks, func(b *ScriptBlock) bool { return b.BlockID == testGUID(71) })
				records := ev.Blocks[i].Pieces[0].Records
				f := records[len(records)-1]
				if len(records) != c.places || f.Class != Slack || f.Item != it || f.Computer != host || (f.HostKey != "") != (host == "") || f.ProcessID != 9 {
					t.Errorf("%d places, %+v", len(records), f)
				}
				if ev.Coverage[len(ev.Coverage)-1].Records != 3 || !slices.Equal(it.Hosts, []string{testOrigin.Computer}) {
					t.Errorf("coverage %+v, hosts %v", ev.Coverage, it.Hosts)
				}
			})
		}
	}
}
