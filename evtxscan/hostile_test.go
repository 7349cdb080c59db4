package evtxscan

import (
	"bytes"
	"encoding/binary"
	"testing"

	"pstrail/evtxscan/evtxtest"
)

// This file reads what somebody made to mislead the reader or to keep it busy.

// filled is a file header and slots that repeat a pattern.
func filled(slots int, pattern []byte) []byte {
	log := evtxtest.Log{Dirty: true}
	raw := append(log.Bytes(), bytes.Repeat(pattern, slots*chunkSize/len(pattern)+1)...)
	return raw[:evtxtest.Slot(slots)]
}

// words are numbers of four bytes.
func words(values ...uint32) (raw []byte) {
	for _, v := range values {
		raw = binary.LittleEndian.AppendUint32(raw, v)
	}
	return raw
}

// Whatever slots are filled with, the work on each is bounded; that it is, is
// asserted by scanBytes.
func TestFilledSlots(t *testing.T) {
	magic := binary.LittleEndian.Uint32(recordMagicBytes)
	for name, pattern := range map[string][]byte{
		"magics of chunks":                         []byte(chunkMagic),
		"magics of chunks, each 512 from a record": append([]byte(chunkMagic), recordMagicBytes...),
		"magics of records":                        recordMagicBytes,
		"records in records":                       words(magic, 32768),
		"records without an event":                 words(magic, 32, 1, 0, 0, 0, 0, 32),
		"records in records, rendered":             words(magic, 32*512+8, 1, 0, 0, 0, 0x0001010f, 0x01),
		"records whose size copy is wrong":         words(magic, 320, 1, 0, 0, 0, 0x0001010f, 0x0c),
		"names of PowerShell":                      needle,
	} {
		t.Run(name, func(t *testing.T) {
			const slots = 20
			it := scanBytes(t, filled(slots, pattern), Options{}).Items[0]
			if it.Chunks.Slots != slots || it.Records.Fragments != 0 || it.Records.Slack != 0 || it.Records.Lost != -1 || it.State != Incomplete {
				t.Errorf("%s %+v %+v", it.State, it.Chunks, it.Records)
			}
		})
	}
}

// A script that has the bytes of a chunk in its text cannot cut up the chunk it
// stands in, not even a damaged one.
func TestChunkInText(t *testing.T) {
	text := bytes.Repeat([]byte("x\x00"), 1000)
	copy(text[600:], chunkMagic)
	copy(text[600+chunkHeaderSize:], words(recordMagic, 200, 77))
	for name, shape := range shapes {
		t.Run(name, func(t *testing.T) {
			log := evtxtest.Log{Shape: shape}
			log.Add(scripts(10)...)
			b := evtxtest.ScriptBlock{ID: "0a0b0c0d-0000-4000-8000-00000000000f", Text: string(decodeUTF16(nil, text))}
			log.Add(b.Events(evtxtest.ScriptBlockLogged, testOrigin, testTime.Add(1e11))...)
			log.Add(scripts(10)...)
			ev := scanBytes(t, evtxtest.Damaged(log.Bytes(), evtxtest.Flip(evtxtest.Slot(0)+evtxtest.ChunkDataChecksum)), Options{})
			it := ev.Items[0]
			if it.Records.Fragments != 21 || it.Records.Recovered != 0 || it.Records.Lost != 0 || it.State != Damaged || len(ev.Blocks) != 11 {
				t.Fatalf("%s %+v %+v", it.State, it.Records, it.Issues)
			}
			if last := ev.Blocks[10]; last.Text != b.Text || last.Computer != testOrigin.Computer {
				t.Errorf("%q of %q", last.Text, last.Computer)
			}
		})
	}
}
