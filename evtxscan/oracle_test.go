package evtxscan

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"pstrail/evtxscan/evtxtest"
)

// This file damages sound logs at random and holds what the reader says
// against what is known of them.

// oracle is a sound log and what is known of its records.
type oracle struct {
	name    string
	shape   evtxtest.Shape
	clean   bool
	raw     []byte
	records []evtxtest.Record
	scripts map[string]oracleScript // by block id
	foreign []byte                  // another log
	slack   int                     // records in slack that repeat others, or stand there only
}

type oracleScript struct {
	text, raw string
	record    evtxtest.Record // zero: it stands in slack only
}

func oracles() []oracle {
	var all []oracle
	for _, shape := range []evtxtest.Shape{evtxtest.Exported, evtxtest.Native, evtxtest.Forwarded} {
		for _, mixed := range []bool{false, true} {
			for _, dirty := range []bool{false, true} {
				log := evtxtest.Log{Shape: shape, Dirty: dirty}
				if mixed {
					log.Rotated, log.FirstID, log.Preallocated = 2, 5000, 1
				}
				name := fmt.Sprintf("shape %d mixed %v dirty %v", shape, mixed, dirty)
				all = append(all, newOracle(name, &log, mixed, false))
			}
		}
		log := evtxtest.Log{Shape: shape}
		all = append(all, newOracle(fmt.Sprintf("shape %d with slack", shape), &log, false, true))
	}
	return all
}

func newOracle(name string, log *evtxtest.Log, mixed, slack bool) oracle {
	o := oracle{name: name, shape: log.Shape, clean: !log.Dirty, scripts: map[string]oracleScript{}, foreign: damageBaseFrom(log.Shape, 30_000)}
	at := evtxtest.At(time.Date(2026, 1, 12, 8, 0, 0, 0, time.UTC))
	from := evtxtest.Origin{Computer: "EX01.corp.example", UserSID: "S-1-5-21-1-2-3-500", ProcessID: 4000, ThreadID: 12}
	n := 0
	script := func() []evtxtest.Event {
		n++
		id := testGUID(n)
		text := fmt.Sprintf("Write-Host 'record %d' > C:\\out.txt & # %s", n, strings.Repeat("päd ", 10+n*37%300))
		o.scripts[id] = oracleScript{text: text}
		b := evtxtest.ScriptBlock{ID: id, Text: text, Path: `C:\scripts\a.ps1`}
		return b.Events(evtxtest.ScriptBlockLogged, from, at.Add(time.Duration(n)*time.Second))
	}
	var first evtxtest.Event
	for i := range 100 {
		switch {
		case mixed && i%5 == 1:
			log.Add(evtxtest.EngineStarted.Event(from, at, "Available", "None", "details"))
		case mixed && i%20 == 7:
			log.Break()
			for range 70 {
				log.Add(evtxtest.SysmonFileCreated.Event(from, at, "-", "2026-01-12 08:00:00.000", "11111111-2222-3333-4444-555555555555", "77", `C:\a.exe`, `C:\b.pst`, "2026-01-12 08:00:00.000"))
			}
			log.Break()
		default:
			events := script()
			log.Add(events...)
			if i == 0 {
				first = events[0]
				first.RecordID = 1
			}
		}
		if slack && i%13 == 12 { // what an earlier use of the buffer left
			only := script()[0]
			only.RecordID = uint64(800_000 + i)
			log.AddSlack(first, only)
			o.slack += 2
		}
	}
	o.raw = log.Bytes()
	o.records = evtxtest.Records(o.raw)
	for _, r := range o.records {
		raw := o.raw[r.Offset : r.Offset+r.Size]
		for id := range o.scripts {
			if s := o.scripts[id]; s.raw == "" && bytes.Contains(raw, encodeASCII(id)) {
				s.raw, s.record = string(raw), r
				o.scripts[id] = s
			}
		}
	}
	for id, s := range o.scripts {
		if s.raw == "" {
			start := bytes.LastIndex(o.raw[:bytes.Index(o.raw, encodeASCII(id))], recordMagicBytes)
			s.raw = string(o.raw[start : start+int(binary.LittleEndian.Uint32(o.raw[start+4:]))])
			o.scripts[id] = s
		}
	}
	return o
}

// readAs reports whether a text may be read so, where the names of entities are
// lost.
func readAs(text, got string) bool {
	a, b := []rune(text), []rune(got)
	return slices.EqualFunc(a, b, func(want, got rune) bool {
		return want == got || got == 0xfffd && strings.ContainsRune("&<>", want)
	})
}

// check scans a damaged copy and returns what is wrong with the answer. With
// more, whole chunks are in other places, and there may be records that the log
// did not have, or some of its own twice, which the account can not know.
func (o *oracle) check(t *testing.T, damaged []byte, more bool) (it *Item, faults []string) {
	ev := scanBytes(t, damaged, Options{Workers: 1})
	it = ev.Items[0]
	fault := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	if want, got := dump(ev), dump(scanBytes(t, damaged, Options{Workers: 4})); got != want {
		fault("with 4 workers: %s", firstDifference(want, got))
	}
	full := scanBytes(t, damaged, Options{noSkip: true})
	if want, got := dumpBlocks(ev.Blocks), dumpBlocks(full.Blocks); got != want {
		fault("without skipping: %s", firstDifference(want, got))
	}
	a, b := it.Records, full.Items[0].Records
	if a.Read+a.Skipped != b.Read || a.Lost != b.Lost || a.Slack != b.Slack || a.Fragments != b.Fragments || a.Recovered > b.Recovered {
		fault("%+v, without skipping %+v", a, b)
	}
	live := scanBytes(t, damaged, Options{LiveOnly: true}).Items[0].Records
	if a.Read+a.Skipped != live.Read+live.Skipped || a.Lost != live.Lost || a.Fragments != live.Fragments || live.Slack != 0 {
		fault("%+v, live only %+v", a, live)
	}
	found := map[string]bool{}
	places := map[int64]bool{}
	for _, b := range ev.Blocks {
		for _, p := range b.Pieces {
			for _, f := range p.Records {
				if places[f.Offset] {
					fault("two fragments at 0x%x", f.Offset)
				}
				places[f.Offset] = true
			}
			if s, ok := o.scripts[b.BlockID]; ok && readAs(s.text, p.Text) {
				found[b.BlockID] = true
				continue
			}
			f := p.Records[0]
			if raw := damaged[f.Offset:min(int(f.Offset)+int(f.Size), len(damaged))]; bytes.Contains(o.raw, raw) {
				fault("invented: 0x%x %s %.40q", f.Offset, b.BlockID, p.Text)
			}
		}
	}
	whole := 0
	for _, r := range o.records {
		if holds(damaged, o.raw[r.Offset:r.Offset+r.Size], r.Offset) {
			whole++
		}
	}
	for id, s := range o.scripts {
		if found[id] || !holds(damaged, []byte(s.raw), s.record.Offset) {
			continue
		}
		if s.record.Size == 0 && o.shape == evtxtest.Forwarded {
			continue // the names of the chunk may be lost
		}
		fault("missed: %s, record %d at 0x%x", id, s.record.ID, s.record.Offset)
	}
	r := it.Records
	if !more && r.Read+r.Skipped > int64(len(o.records)) || !more && r.Fragments+r.Slack > int64(len(o.scripts)+o.slack/2) {
		fault("%d read, %d skipped, %d in slack; there are %d and %d", r.Read, r.Skipped, r.Slack, len(o.records), o.slack)
	}
	headerWhole := len(damaged) >= 128 && bytes.Equal(damaged[:128], o.raw[:128])
	if !more && r.Lost >= 0 && headerWhole && o.clean && r.Read+r.Skipped+r.Lost != int64(len(o.records)) {
		fault("%d read, %d skipped, %d lost of %d", r.Read, r.Skipped, r.Lost, len(o.records))
	}
	if !more && it.State == Intact && whole < len(o.records) && (o.clean || it.Chunks.Empty == 0) {
		fault("intact, but %d of %d records are whole", whole, len(o.records))
	}
	if int64(whole) > r.Read+r.Skipped {
		fault("%d read and %d skipped, but %d are whole", r.Read, r.Skipped, whole)
	}
	if !more && r.Lost >= 0 && r.Lost > int64(len(o.records)-whole) {
		fault("%d lost, but %d are damaged", r.Lost, len(o.records)-whole)
	}
	return it, faults
}

// randomDamage makes one damage somewhere in a log of that size.
func (o *oracle) randomDamage(rng *rand.Rand, size int) (string, evtxtest.Damage) {
	at := rng.IntN(size)
	record := o.records[rng.IntN(len(o.records))]
	slot := evtxtest.Slot(rng.IntN(max((size-fileHeaderSize)/chunkSize, 1)))
	junk := make([]byte, 1+rng.IntN(40))
	for i := range junk {
		junk[i] = byte(rng.Uint32())
	}
	zero := func(at, n int) evtxtest.Damage {
		at = min(at, size)
		return evtxtest.Zero(at, min(n, size-at))
	}
	put := func(at int, data ...byte) evtxtest.Damage { return evtxtest.Put(min(at, size), data...) }
	put32 := func(at int, v uint32) evtxtest.Damage { return put(at, binary.LittleEndian.AppendUint32(nil, v)...) }
	slots := max((size-fileHeaderSize)/chunkSize, 0)
	switch rng.IntN(26) {
	case 0:
		return fmt.Sprintf("flip 0x%x", at), evtxtest.Flip(at)
	case 1:
		return fmt.Sprintf("zero the sector at 0x%x", at&^511), zero(at&^511, 512)
	case 2:
		return fmt.Sprintf("cut at 0x%x", at), evtxtest.Cut(at)
	case 3:
		return fmt.Sprintf("insert %d at 0x%x", len(junk), at), evtxtest.Insert(at, junk...)
	case 4:
		n := min(1+rng.IntN(3000), size-at)
		return fmt.Sprintf("remove %d at 0x%x", n, at), evtxtest.Remove(at, n)
	case 5:
		return fmt.Sprintf("zero the chunk at 0x%x", slot), zero(slot, chunkSize)
	case 6:
		return fmt.Sprintf("magic of the chunk at 0x%x", slot), zero(slot, 8)
	case 7:
		return fmt.Sprintf("header of the chunk at 0x%x", slot), zero(slot, chunkHeaderSize)
	case 8:
		v := []uint32{0, 8, 0xfffffff0, uint32(record.Size) + 8, rng.Uint32()}[rng.IntN(5)]
		return fmt.Sprintf("size 0x%x of the record at 0x%x", v, record.Offset), put32(record.Offset+4, v)
	case 9:
		return fmt.Sprintf("magic of the record at 0x%x", record.Offset), zero(record.Offset, 4)
	case 10:
		return fmt.Sprintf("size copy of the record at 0x%x", record.Offset), put32(record.Offset+record.Size-4, rng.Uint32())
	case 11:
		return fmt.Sprintf("zero the record at 0x%x", record.Offset), zero(record.Offset, record.Size)
	case 12:
		return fmt.Sprintf("id of the record at 0x%x", record.Offset), put(record.Offset+8, junk[:min(8, len(junk))]...)
	case 13:
		field := []int{8, 16, 24, 32, 40, 44, 48, 52, 120, 124}[rng.IntN(10)]
		return fmt.Sprintf("field %d of the chunk at 0x%x", field, slot), put32(slot+field, rng.Uint32())
	case 14:
		field := []int{8, 16, 24, 32, 36, 40, 42, 120, 124}[rng.IntN(9)]
		return fmt.Sprintf("field %d of the file header", field), put32(field, rng.Uint32())
	case 15:
		return "zero the file header", zero(0, fileHeaderSize)
	case 17, 18:
		a, b := rng.IntN(max(slots, 1)), rng.IntN(max(slots, 1))
		if slots == 0 || rng.IntN(2) == 0 {
			return fmt.Sprintf("swap slots %d and %d", a, b), func(log []byte) []byte {
				if slots == 0 {
					return log
				}
				return swapped(a, b)(log)
			}
		}
		return fmt.Sprintf("slot %d over slot %d", a, b), func(log []byte) []byte {
			copy(log[evtxtest.Slot(b):evtxtest.Slot(b+1)], log[evtxtest.Slot(a):])
			return log
		}
	case 19:
		b := rng.IntN(max(slots, 1))
		return fmt.Sprintf("another log's chunk over slot %d", b), func(log []byte) []byte {
			if slots > 0 {
				copy(log[evtxtest.Slot(b):evtxtest.Slot(b+1)], o.foreign[evtxtest.Slot(rng.IntN(2)):])
			}
			return log
		}
	case 20:
		return fmt.Sprintf("allocated chunk at 0x%x", slot), func(log []byte) []byte {
			if slots > 0 {
				log = allocated(slot)(log)
			}
			return log
		}
	case 21:
		n := 1 + rng.IntN(64)
		seed := rng.Uint64()
		return fmt.Sprintf("%d flips in the sector at 0x%x", n, at&^511), func(log []byte) []byte {
			rng := rand.New(rand.NewPCG(seed, 2))
			for range n {
				if k := at&^511 + rng.IntN(512); k < len(log) {
					log[k] ^= 1 << rng.IntN(8)
				}
			}
			return log
		}
	case 22:
		what := fmt.Sprintf("remove the chunk at 0x%x", slot)
		if !o.clean {
			what = "remove a slot"
		}
		return what, func(log []byte) []byte {
			return evtxtest.Remove(min(slot, len(log)), min(chunkSize, len(log)-min(slot, len(log))))(log)
		}
	case 23:
		n := chunkSize * (1 + rng.IntN(2))
		return fmt.Sprintf("insert %d zeros at 0x%x", n, slot), evtxtest.Insert(min(slot, size), make([]byte, n)...)
	case 24:
		return fmt.Sprintf("zeros from 0x%x on", at), zero(at, size)
	case 16:
		return fmt.Sprintf("junk of %d at 0x%x", len(junk), at), put(at, junk...)
	default:
		n := 4096 * (1 + rng.IntN(20))
		return fmt.Sprintf("zero %d at 0x%x", n, at), zero(at, n)
	}
}

// holds reports whether data stands in a log, most likely at a certain place.
func holds(log, data []byte, at int) bool {
	return at+len(data) <= len(log) && bytes.Equal(log[at:at+len(data)], data) || bytes.Contains(log, data)
}

// However a log is damaged, in up to three places: what is whole is found,
// nothing is invented, the account is right, and the answer is the same for any
// number of workers, with and without skipping and slack.
func TestRandomDamage(t *testing.T) {
	all := oracles()
	for seed := range 240 {
		o := &all[seed%len(all)]
		rng := rand.New(rand.NewPCG(uint64(seed), 1))
		damaged := bytes.Clone(o.raw)
		var what []string
		for range 1 + rng.IntN(3) {
			if len(damaged) < 130 {
				break
			}
			name, damage := o.randomDamage(rng, len(damaged))
			what = append(what, name)
			damaged = damage(damaged)
		}
		if len(damaged) < len(fileMagic) {
			continue
		}
		more := slices.ContainsFunc(what, func(name string) bool { return strings.Contains(name, " slot") })
		it, faults := o.check(t, damaged, more)
		if len(faults) == 0 {
			continue
		}
		t.Errorf("seed %d, %s, %v: %s\n%s %+v %+v ids %+v", seed, o.name, what, strings.Join(faults, "; "), it.State, it.Chunks, it.Records, it.RecordIDs)
		for _, i := range it.Issues {
			t.Logf("0x%x %s %d %s", i.Offset, i.Kind, i.Lost, i.Detail)
		}
	}
}
