package evtxtest_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"pgregory.net/rapid"

	"pstrail/evtxscan"
	"pstrail/evtxscan/evtxtest"
)

// blocks returns n small script blocks with distinct ids.
func blocks(n int) []evtxtest.Event {
	var events []evtxtest.Event
	for i := range n {
		b := evtxtest.ScriptBlock{ID: fmt.Sprintf("00000000-0000-4000-8000-%012d", i), Text: fmt.Sprintf("Get-Item %d", i)}
		events = append(events, b.Events(evtxtest.ScriptBlockLogged, from, noon.Add(1000))...)
	}
	return events
}

// The layouts that sound logs have are sound to the reader, and lose nothing.
func TestLogLayouts(t *testing.T) {
	for _, c := range []struct {
		name  string
		log   evtxtest.Log
		flags []string
	}{
		{"clean", evtxtest.Log{}, nil},
		{"native", evtxtest.Log{Shape: evtxtest.Native}, nil},
		{"forwarded", evtxtest.Log{Shape: evtxtest.Forwarded}, nil},
		{"ids that go on", evtxtest.Log{FirstID: 7001}, nil},
		{"dirty", evtxtest.Log{Dirty: true}, []string{"dirty"}},
		{"full", evtxtest.Log{Full: true}, []string{"full"}},
		{"no checksums", evtxtest.Log{NoChecksums: true}, []string{"no-checksums"}},
		{"rotated", evtxtest.Log{Rotated: 2}, []string{"rotated"}},
		{"preallocated", evtxtest.Log{Preallocated: 3}, []string{"preallocated"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			log := c.log
			for i, e := range blocks(300) {
				if i > 0 && i%70 == 0 {
					log.Break()
				}
				log.Add(e)
			}
			raw := log.Bytes()
			if n := len(evtxtest.Records(raw)); n != 300 {
				t.Errorf("%d records", n)
			}
			ev := intact(t, raw, 300)
			it := ev.Items[0]
			first := max(c.log.FirstID, 1)
			if ev.ScriptBlocks != 300 || !slices.Equal(it.Flags, c.flags) || it.RecordIDs.First != first || it.RecordIDs.Last != first+299 {
				t.Errorf("%d blocks, flags %v, ids %+v", ev.ScriptBlocks, it.Flags, it.RecordIDs)
			}
		})
	}
}

// A chunk ends where it is full or where it is told to.
func TestBreak(t *testing.T) {
	var log evtxtest.Log
	log.Add(blocks(2)...)
	log.Break()
	log.Add(blocks(200)...)
	perSlot := map[int]int{}
	for _, r := range evtxtest.Records(log.Bytes()) {
		perSlot[(r.Offset-evtxtest.Slot(0))/(evtxtest.Slot(1)-evtxtest.Slot(0))]++
	}
	if len(perSlot) != 3 || perSlot[0] != 2 || perSlot[1]+perSlot[2] != 200 {
		t.Errorf("records by slot: %v", perSlot)
	}
}

func TestIDs(t *testing.T) {
	log := evtxtest.Log{FirstID: 10}
	events := blocks(3)
	events[1].RecordID = 5000
	log.Add(events[:2]...)
	log.SkipIDs(4)
	log.Add(events[2])
	ev := scan(t, log.Bytes())
	var got [][2]uint64
	for _, b := range ev.Blocks {
		got = append(got, [2]uint64{b.First().HeaderID, b.First().RecordID})
	}
	if want := [][2]uint64{{10, 10}, {11, 5000}, {16, 16}}; !slices.Equal(got, want) {
		t.Errorf("ids %v, want %v", got, want)
	}
	if lost := ev.Items[0].Records.Lost; lost != 4 {
		t.Errorf("%d lost", lost)
	}
}

func TestSlack(t *testing.T) {
	log := evtxtest.Log{Shape: evtxtest.Native}
	events := blocks(4)
	log.Add(events[0])
	events[1].RecordID, events[2].RecordID = 901, 902
	log.AddSlack(events[1], events[2])
	log.Add(events[3])
	ev := intact(t, log.Bytes(), 2)
	if it := ev.Items[0]; it.Records.Slack != 2 || it.Chunks.Slots != 2 {
		t.Errorf("%+v", it.Records)
	}
	for _, b := range ev.Blocks {
		slack := b.BlockID == "00000000-0000-4000-8000-000000000001" || b.BlockID == "00000000-0000-4000-8000-000000000002"
		if f := b.First(); (f.Class == evtxscan.Slack) != slack || f.Computer != from.Computer {
			t.Errorf("%s is %s, from %q", b.BlockID, f.Class, f.Computer)
		}
	}
}

func TestDamage(t *testing.T) {
	var log evtxtest.Log
	log.Add(blocks(100)...)
	log.Break()
	log.Add(blocks(100)[:50]...)
	raw := log.Bytes()
	records := evtxtest.Records(raw)
	slot := evtxtest.Slot(1)
	for _, c := range []struct {
		name   string
		damage []evtxtest.Damage
		kinds  []string // of issues, at least
		lost   int64
	}{
		{"none", nil, nil, 0},
		{"file checksum", []evtxtest.Damage{evtxtest.Flip(evtxtest.FileChecksum)}, []string{"file-checksum"}, 0},
		{"chunk header checksum", []evtxtest.Damage{evtxtest.Flip(slot + evtxtest.ChunkHeaderChecksum)}, []string{"chunk-header-checksum"}, 0},
		{
			"chunk data checksum", []evtxtest.Damage{evtxtest.Flip(slot + evtxtest.ChunkDataChecksum)},
			[]string{"chunk-data-checksum", "chunk-header-checksum"}, 0,
		},
		{"repaired", []evtxtest.Damage{evtxtest.Flip(slot + evtxtest.ChunkDataChecksum), evtxtest.Flip(evtxtest.FileChecksum), evtxtest.Repair()}, nil, 0},
		{"a record of no size", []evtxtest.Damage{evtxtest.Put32(records[120].Offset+4, 0), evtxtest.Repair()}, []string{"record"}, 1},
		{"a chunk of zeros", []evtxtest.Damage{evtxtest.Zero(evtxtest.Slot(0), evtxtest.Slot(1)-evtxtest.Slot(0))}, []string{"zeroed"}, -1},
		{"cut", []evtxtest.Damage{evtxtest.Cut(records[110].Offset)}, []string{"chunk-data-checksum", "truncated"}, 40},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := bytes.Clone(raw)
			it := scan(t, evtxtest.Damaged(raw, c.damage...)).Items[0]
			kinds := map[string]bool{}
			for _, i := range it.Issues {
				kinds[i.Kind] = true
			}
			for _, kind := range c.kinds {
				if !kinds[kind] {
					t.Errorf("no issue %s in %+v", kind, it.Issues)
				}
			}
			if (len(kinds) == 0) != (len(c.kinds) == 0) || c.lost >= 0 && it.Records.Lost != c.lost {
				t.Errorf("%d lost, want %d; %+v", it.Records.Lost, c.lost, it.Issues)
			}
			if !bytes.Equal(raw, before) {
				t.Error("the log itself was changed")
			}
		})
	}
}

// The pieces of a text are those of PowerShell, and make the text again.
func TestSplit(t *testing.T) {
	for _, c := range []struct {
		units, size int
		want        []int
	}{
		{19_999, 10_000, []int{19_999}},
		{20_000, 10_000, []int{10_000, 10_000, 0}},
		{20_000, 10_001, []int{10_001, 9_999}},
		{45_000, 19_999, []int{19_999, 19_999, 5_002}},
	} {
		var got []int
		for _, piece := range evtxtest.Split(strings.Repeat("x", c.units), c.size) {
			got = append(got, len(piece))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%d units by %d: %v, want %v", c.units, c.size, got, c.want)
		}
	}
}

// A script that is cut anywhere, over chunks, in any shape, is rebuilt.
func TestFragmentsAreJoined(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		shape := rapid.SampledFrom(shapes).Draw(r, "shape")
		runes := rapid.SliceOfN(rapid.SampledFrom([]rune("aA\n'é東\U0001f600")), 50, 70).Draw(r, "runes")
		text := strings.Repeat(string(runes)+"&", 350+rapid.IntRange(0, 400).Draw(r, "more"))
		size := rapid.IntRange(10_000, 19_999).Draw(r, "size")
		log := evtxtest.Log{Shape: shape.Shape}
		log.Add(evtxtest.ScriptBlock{ID: blockID, Text: text, Segment: size}.Events(evtxtest.ScriptBlockLogged, from, noon)...)
		ev := intact(t, log.Bytes(), int64(max(1, fragments(text, size))))
		if len(ev.Blocks) != 1 || ev.Blocks[0].Text != text {
			r.Errorf("%d blocks", len(ev.Blocks))
		}
	})
}

func fragments(text string, size int) int {
	n := len(utf16.Encode([]rune(text)))
	if n < 20_000 {
		return 1
	}
	return n/size + 1
}
