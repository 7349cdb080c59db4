package evtxscan

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pstrail/evtxscan/evtxtest"
)

// damageBase is a log of 120 script blocks, ids 1 to 120, 24 in each of five
// chunks, the middle three as full as chunks are.
func damageBase(shape evtxtest.Shape) []byte { return damageBaseFrom(shape, 0) }

// damageBaseFrom is the same with other ids and other blocks, numbered behind
// the first one.
func damageBaseFrom(shape evtxtest.Shape, first int) []byte {
	log := evtxtest.Log{Shape: shape, FirstID: uint64(first + 1)}
	for i := first; i < first+120; i++ {
		if i > first && (i-first)%24 == 0 {
			log.Break()
		}
		b := evtxtest.ScriptBlock{ID: testGUID(i), Text: fmt.Sprintf("Get-Item %d # %s", i, strings.Repeat("x", 500)), Path: `C:\a.ps1`}
		log.Add(b.Events(evtxtest.ScriptBlockLogged, testOrigin, testTime)...)
	}
	return log.Bytes()
}

// all does one damage after the other.
func all(damage ...evtxtest.Damage) evtxtest.Damage {
	return func(log []byte) []byte {
		for _, d := range damage {
			log = d(log)
		}
		return log
	}
}

// allocated makes the header of the chunk at an offset what it is before the
// first record is written.
func allocated(at int) evtxtest.Damage {
	return func(log []byte) []byte {
		for _, field := range []int{16, 32} { // last number and id
			log = evtxtest.Put64(at+field, 1<<64-1)(log)
		}
		return evtxtest.Put64(at+44, chunkHeaderSize<<32)(log) // last record, free space
	}
}

// stale makes the header of a slot's chunk what it was n records ago.
func stale(slot, n int) evtxtest.Damage {
	return func(log []byte) []byte {
		var last evtxtest.Record // that it knows of
		for _, r := range evtxtest.Records(log) {
			if r.Offset > evtxtest.Slot(slot) && r.Offset < evtxtest.Slot(slot+1) && r.ID+uint64(n) <= binary.LittleEndian.Uint64(log[evtxtest.Slot(slot)+32:]) {
				last = r
			}
		}
		at := evtxtest.Slot(slot)
		le := binary.LittleEndian
		le.PutUint64(log[at+16:], le.Uint64(log[at+16:])-uint64(n))
		le.PutUint64(log[at+32:], last.ID)
		le.PutUint32(log[at+44:], uint32(last.Offset-at))
		le.PutUint32(log[at+48:], uint32(last.Offset+last.Size-at))
		return log
	}
}

// chained changes what the buckets of a chunk's table point to, of which each
// begins with the offset of the next one of its chain.
func chained(slot, table, buckets int, change func(chunk []byte, at int)) evtxtest.Damage {
	return func(log []byte) []byte {
		chunk := log[evtxtest.Slot(slot):evtxtest.Slot(slot+1)]
		for i := range buckets {
			if at := int(binary.LittleEndian.Uint32(chunk[table+4*i:])); at != 0 {
				change(chunk, at)
			}
		}
		return log
	}
}

// swapped puts two chunks into each other's slot.
func swapped(a, b int) evtxtest.Damage {
	return func(log []byte) []byte {
		x, y := log[evtxtest.Slot(a):evtxtest.Slot(a+1)], log[evtxtest.Slot(b):evtxtest.Slot(b+1)]
		z := bytes.Clone(x)
		copy(x, y)
		copy(y, z)
		return log
	}
}

// What each damage costs, to the record. The same holds for all three shapes.
func TestDamage(t *testing.T) {
	slot := evtxtest.Slot
	junk := func(n int) []byte { return bytes.Repeat([]byte{0xa5}, n) }
	const unknown = -1
	record := func(n int, field int, v uint32) func([]byte) evtxtest.Damage { // n from 0
		return func(log []byte) evtxtest.Damage {
			r := evtxtest.Records(log)[n]
			if field < 0 {
				return evtxtest.Put32(r.Offset+r.Size+field, v)
			}
			return evtxtest.Put32(r.Offset+field, v)
		}
	}
	at := func(n, part int) func(do func(int) evtxtest.Damage) func([]byte) evtxtest.Damage { // inside record n
		return func(do func(int) evtxtest.Damage) func([]byte) evtxtest.Damage {
			return func(log []byte) evtxtest.Damage { return do(evtxtest.Records(log)[n].Offset + part) }
		}
	}
	toItself := func(chunk []byte, at int) { binary.LittleEndian.PutUint32(chunk[at:], uint32(at)) }
	inLoop := func(chunk []byte, at int) {
		if next := int(binary.LittleEndian.Uint32(chunk[at:])); next > 0 && next+4 < len(chunk) {
			binary.LittleEndian.PutUint32(chunk[next:], uint32(at))
		}
	}
	always := func(d ...evtxtest.Damage) func([]byte) evtxtest.Damage {
		return func([]byte) evtxtest.Damage { return all(d...) }
	}
	for _, c := range []struct {
		name       string
		damage     func([]byte) evtxtest.Damage
		read, lost int64
		says       string
	}{
		{"none", always(), 120, 0, "intact 0"},

		{"file header: dirty", always(evtxtest.Put32(120, 1)), 120, 0, "intact 0"},
		{"file header: dirty and stale", always(evtxtest.Put32(120, 1), evtxtest.Put64(24, 7), evtxtest.Put(42, 2, 0), evtxtest.Repair()), 120, 0, "intact 0"},
		{"file header: count 0", always(evtxtest.Put(42, 0, 0), evtxtest.Repair()), 120, 0, "intact 0"},
		{"file header: count too large", always(evtxtest.Put(42, 0, 1), evtxtest.Repair()), 120, 0, "damaged 0 chunk-count"},
		{"file header: checksum", always(evtxtest.Flip(124)), 120, 0, "damaged 0 file-checksum"},
		{"file header: block size 0", always(evtxtest.Put(40, 0, 0), evtxtest.Repair()), 120, 0, "damaged 0 file-header"},
		{"file header: block size 512", always(evtxtest.Put(40, 0, 2), evtxtest.Repair()), 120, 0, "damaged 0 file-header"},
		{"file header: version 3.3", always(evtxtest.Put(36, 3), evtxtest.Repair()), 120, 0, "damaged 0 version"},
		{"file header: zeroed", always(evtxtest.Zero(0, 4096)), 120, 0, "damaged 0 file-header"},
		{"file header: missing", always(evtxtest.Remove(0, 4096)), 120, 0, "damaged 0 file-header"},
		{"file header: next id says that five follow", always(evtxtest.Put64(24, 126), evtxtest.Repair()), 120, 5, "incomplete 0 record-id-gap"},

		{"chunk: header checksum", always(evtxtest.Flip(slot(2) + evtxtest.ChunkHeaderChecksum)), 120, 0, "damaged 0 chunk-header-checksum"},
		{"chunk: data checksum", always(evtxtest.Flip(slot(2) + evtxtest.ChunkDataChecksum)), 120, 0, "damaged 0 chunk-data-checksum chunk-header-checksum"},
		{"chunk: magic", always(evtxtest.Zero(slot(2), 8)), 120, 0, "damaged 24 chunk-magic"},
		{"chunk: header zeroed", always(evtxtest.Zero(slot(2), 512)), 120, 0, "damaged 24 chunk-magic"},
		{"chunk: zeroed", always(evtxtest.Zero(slot(2), chunkSize)), 96, 24, "incomplete 0 zeroed"},
		{"chunk: the first zeroed", always(evtxtest.Zero(slot(0), chunkSize)), 96, unknown, "incomplete 0 zeroed"},
		{"chunk: the last zeroed", always(evtxtest.Zero(slot(4), chunkSize)), 96, 24, "incomplete 0 record-id-gap"},
		{"chunk: all zeroed", always(evtxtest.Zero(slot(0), 5*chunkSize)), 0, 120, "incomplete 0 record-id-gap"},
		{"chunk: all of a ring zeroed", always(evtxtest.Put(8, 2), evtxtest.Repair(), evtxtest.Zero(slot(0), 5*chunkSize)), 0, unknown, "incomplete 0 record-id-gap"},
		{"chunk: the first removed", always(evtxtest.Remove(slot(0), chunkSize)), 96, unknown, "incomplete 0 chunk-count record-id-gap"},
		{"chunk: a copy over the first", always(func(b []byte) []byte { copy(b[slot(0):slot(1)], b[slot(3):]); return b }), 96, unknown, "incomplete 0 duplicate-records record-id-gap"},
		{"chunk: overwritten", always(evtxtest.Put(slot(2), junk(chunkSize)...)), 96, 24, "incomplete 0 foreign-data"},
		{"chunk: removed", always(evtxtest.Remove(slot(2), chunkSize)), 96, 24, "incomplete 0 chunk-count record-id-gap"},
		{"chunk: twice", always(func(b []byte) []byte { return append(b, b[slot(1):slot(2)]...) }), 120, 0, "damaged 0 duplicate-records"},
		{"chunk: two in each other's place", always(swapped(1, 3)), 120, 0, "intact 0"},
		{"chunk: two in each other's place, one zeroed", always(swapped(1, 3), evtxtest.Zero(slot(2), chunkSize)), 96, unknown, "incomplete 0 record-id-gap zeroed"},
		{"chunk: two in each other's place, dirty, and the last record torn", func(log []byte) evtxtest.Damage {
			last := evtxtest.Records(log)[119]
			return all(swapped(1, 3), evtxtest.Put32(120, 1), evtxtest.Zero(slot(4), 512), evtxtest.Zero(last.Offset+200, last.Size-200))
		}, 119, unknown, "incomplete 23 chunk-magic record record-id-gap"},
		{"chunk: first and last numbers swapped", always(evtxtest.Put64(slot(2)+8, 72), evtxtest.Put64(slot(2)+16, 49), evtxtest.Repair()), 120, 0, "damaged 0 chunk-header"},
		{"chunk: last ids ff", always(evtxtest.Put64(slot(2)+16, 1<<64-1), evtxtest.Put64(slot(2)+32, 1<<64-1), evtxtest.Repair()), 120, 0, "damaged 0 chunk-header"},
		{"chunk: as it was allocated", always(allocated(slot(2)), evtxtest.Repair()), 120, 0, "damaged 24 chunk-header"},
		{"chunk: as it was allocated, dirty", always(evtxtest.Put32(120, 1), allocated(slot(4)), evtxtest.Repair()), 120, 0, "intact 24"},
		{"chunk: all but the magic overwritten", always(evtxtest.Put(slot(2)+8, junk(chunkSize-8)...)), 96, 24, "incomplete 0 chunk-header chunk-header-checksum record"},
		{"chunk: all but the magic of the last overwritten, dirty", always(evtxtest.Put32(120, 1), evtxtest.Put(slot(4)+8, junk(chunkSize-8)...)), 96, unknown, "incomplete 0 chunk-header chunk-header-checksum record"},
		{"chunk: stale header", always(stale(2, 12), evtxtest.Repair()), 120, 0, "damaged 12 chunk-header"},
		{"chunk: stale header, dirty", always(evtxtest.Put32(120, 1), stale(4, 12), evtxtest.Repair()), 120, 0, "intact 12"},
		{"chunk: offsets of strings out of range", always(evtxtest.Put(slot(2)+128, bytes.Repeat([]byte{0xff}, 384)...), evtxtest.Repair()), 120, 0, "intact 0"},
		{"chunk: strings chained to themselves", always(chained(2, 128, 64, toItself), evtxtest.Repair()), 120, 0, "intact 0"},
		{"chunk: strings chained in loops of two", always(chained(2, 128, 64, inLoop), evtxtest.Repair()), 120, 0, "intact 0"},
		{"chunk: definitions chained to themselves", always(chained(2, 384, 32, toItself), evtxtest.Repair()), 120, 0, "intact 0"},
		{"chunk: definitions of 2 GiB", always(chained(2, 384, 32, func(chunk []byte, at int) { binary.LittleEndian.PutUint32(chunk[at+20:], 1<<31) }), evtxtest.Repair()), 120, 0, "intact 0"},
		{"chunk: free offset huge", always(evtxtest.Put32(slot(2)+48, 0xfffff000)), 120, 0, "damaged 0 chunk-header chunk-header-checksum"},
		{"chunk: free offset 0", always(evtxtest.Put32(slot(2)+48, 0)), 120, 0, "damaged 0 chunk-header chunk-header-checksum"},
		{"chunk: tables zeroed", always(evtxtest.Zero(slot(2)+128, 384)), 120, 0, "damaged 0 chunk-header-checksum"},
		{"chunk: forged ids", always(evtxtest.Put64(slot(2)+8, 1000), evtxtest.Put64(slot(2)+16, 1023), evtxtest.Put64(slot(2)+24, 1000), evtxtest.Put64(slot(2)+32, 1023), evtxtest.Repair()), 120, 0, "damaged 0 chunk-header"},

		{"record: size 0", record(60, 4, 0), 119, 1, "incomplete 11 chunk-data-checksum record"},
		{"record: size 8", record(60, 4, 8), 119, 1, "incomplete 11 chunk-data-checksum record"},
		{"record: size huge", record(60, 4, 0xfffffff0), 119, 1, "incomplete 11 chunk-data-checksum record"},
		{"record: size of two", at(60, 4)(func(at int) evtxtest.Damage {
			return func(log []byte) []byte {
				le := binary.LittleEndian
				size := le.Uint32(log[at:])
				le.PutUint32(log[at:], size+le.Uint32(log[at+int(size):]))
				return log
			}
		}), 119, 1, "incomplete 11 chunk-data-checksum record"},
		{"record: size copy", record(60, -4, 77), 120, 0, "damaged 0 chunk-data-checksum record-size-copy"},
		{"record: magic", record(60, 0, 0), 119, 1, "incomplete 11 chunk-data-checksum record"},
		{"record: id", record(60, 8, 7777), 120, 0, "damaged 0 chunk-data-checksum record-value"},
		{"record: id of the first", record(48, 8, 7777), 120, 0, "damaged 0 chunk-data-checksum record-value"},
		{"record: id of the last", record(119, 8, 7777), 120, 0, "damaged 0 chunk-data-checksum record-value"},

		{"record: id of the first, no chunk header", func(log []byte) evtxtest.Damage {
			return all(evtxtest.Zero(slot(2), 512), evtxtest.Put64(evtxtest.Records(log)[48].Offset+8, 1<<60))
		}, 120, unknown, "incomplete 24 chunk-magic record-id-gap"},
		{"13 bytes inserted between chunks", always(evtxtest.Insert(slot(2), junk(13)...)), 120, 0, "damaged 0 displaced-chunk displaced-chunk displaced-chunk trailing-bytes"},
		{"5,000 bytes inserted between chunks", always(evtxtest.Insert(slot(2), junk(5000)...)), 120, 0, "damaged 0 displaced-chunk displaced-chunk displaced-chunk trailing-bytes"},
		{"a slot and a half inserted between chunks", always(evtxtest.Insert(slot(2), junk(98304)...)), 120, 0, "damaged 0 displaced-chunk displaced-chunk displaced-chunk displaced-chunk foreign-data"},
		{"13 bytes inserted in a record", at(60, 300)(func(at int) evtxtest.Damage { return evtxtest.Insert(at, junk(13)...) }), 119, 1, "incomplete 11 chunk-data-checksum displaced-chunk displaced-chunk record trailing-bytes"},
		{"35 bytes inserted in a record, the next chunk's magic gone", at(60, 300)(func(at int) evtxtest.Damage { // as far as two names are apart
			return all(evtxtest.Zero(slot(3), 8), evtxtest.Insert(at, junk(35)...))
		}), 119, 1, "incomplete 35 chunk-data-checksum chunk-magic displaced-chunk record record trailing-bytes"},
		{"512 bytes inserted in a record", at(60, 300)(func(at int) evtxtest.Damage { return evtxtest.Insert(at, junk(512)...) }), 119, 1, "incomplete 11 chunk-data-checksum displaced-chunk displaced-chunk record trailing-bytes"},
		{"1,000 bytes removed in a record", at(60, 100)(func(at int) evtxtest.Damage { return evtxtest.Remove(at, 1000) }), 119, 1, "incomplete 11 chunk-data-checksum displaced-chunk displaced-chunk displaced-chunk record record"},
		{"13 bytes removed in a record", at(60, 300)(func(at int) evtxtest.Damage { return evtxtest.Remove(at, 13) }), 119, 1, "incomplete 11 chunk-data-checksum displaced-chunk displaced-chunk displaced-chunk record record"},
		{"16 bytes removed from the file's head", always(evtxtest.Remove(2000, 16)), 120, 0, "damaged 0 displaced-chunk displaced-chunk displaced-chunk displaced-chunk displaced-chunk"},
		{"13 bytes inserted into the file's head", always(evtxtest.Insert(2000, junk(13)...)), 120, 0, "damaged 0 displaced-chunk displaced-chunk displaced-chunk displaced-chunk displaced-chunk trailing-bytes"},
		{"1,000 bytes removed from a chunk's free space", always(evtxtest.Remove(slot(2)-1000, 1000)), 120, 0, "damaged 0 displaced-chunk displaced-chunk displaced-chunk"},

		{"cut in the file's head", always(evtxtest.Cut(2000)), 0, unknown, "incomplete 0 chunk-count truncated"},
		{"cut 20 bytes into the last chunk", always(evtxtest.Cut(slot(4) + 20)), 96, 24, "incomplete 0 chunk-header chunk-header-checksum truncated"},
		{"cut at a chunk", always(evtxtest.Cut(slot(4))), 96, 24, "incomplete 0 chunk-count record-id-gap"},
		{"cut in the tenth record of the last chunk", at(105, 40)(evtxtest.Cut), 105, 15, "incomplete 0 chunk-data-checksum record truncated"},
		{"cut behind the ninth record of the last chunk", at(105, 0)(evtxtest.Cut), 105, 15, "incomplete 0 chunk-data-checksum truncated"},
		{"20,000 bytes follow", always(func(b []byte) []byte { return append(b, junk(20000)...) }), 120, 0, "damaged 0 trailing-bytes"},

		{"dirty, and a record torn at the end", func(log []byte) evtxtest.Damage {
			last := evtxtest.Records(log)[119]
			return always(evtxtest.Put32(120, 1), evtxtest.Zero(slot(4), 512), evtxtest.Zero(last.Offset+500, last.Size-500))(log)
		}, 119, unknown, "incomplete 23 chunk-magic record"},
	} {
		for name, shape := range shapes {
			t.Run(c.name+"/"+name, func(t *testing.T) {
				raw := damageBase(shape)
				ev := scanBytes(t, evtxtest.Damaged(raw, c.damage(raw)), Options{})
				it := ev.Items[0]
				r := it.Records
				if r.Read != c.read || r.Fragments != c.read || ev.ScriptBlocks != int(c.read) || r.Lost != c.lost {
					t.Errorf("%d read, %d blocks, %d lost; want %d, %d", r.Read, ev.ScriptBlocks, r.Lost, c.read, c.lost)
				}
				if got := told(it); got != c.says {
					t.Errorf("%s, want %s", got, c.says)
				}
				if t.Failed() {
					for _, i := range it.Issues {
						t.Logf("0x%x %s %d %s", i.Offset, i.Kind, i.Lost, i.Detail)
					}
					t.Logf("%+v %+v %+v", it.Chunks, r, it.RecordIDs)
				}
			})
		}
	}
}

// Clusters of one log that stand in another one too are further places of its
// records, and tell nothing of what the other log held there.
func TestCrossLinkedLogs(t *testing.T) {
	a, b := damageBaseFrom(evtxtest.Native, 0), damageBaseFrom(evtxtest.Native, 1000)
	copy(b[evtxtest.Slot(2):evtxtest.Slot(3)], a[evtxtest.Slot(2):])
	dir := t.TempDir()
	for name, raw := range map[string][]byte{"a.evtx": a, "b.evtx": b} {
		if err := os.WriteFile(filepath.Join(dir, name), raw, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	ev := scanPaths(t, Options{Hash: true}, dir)
	if ev.ScriptBlocks != 120+96 || len(ev.Blocks) != 120+96 {
		t.Errorf("%d blocks, %d kept", ev.ScriptBlocks, len(ev.Blocks))
	}
	for _, block := range ev.Blocks {
		records := block.Pieces[0].Records
		want := 1
		if id := records[0].HeaderID; id > 48 && id <= 72 {
			want = 2
		}
		if len(records) != want {
			t.Errorf("record %d stands in %d places, want %d", records[0].HeaderID, len(records), want)
		}
	}
	if told(ev.Items[0]) != "intact 0" || told(ev.Items[1]) != "incomplete 0 record-id-gap" || ev.Items[1].Records.Lost != -1 {
		t.Errorf("%s; %s, %+v", told(ev.Items[0]), told(ev.Items[1]), ev.Items[1])
	}
}
