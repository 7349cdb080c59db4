package evtxtest

import (
	"bytes"
	"encoding/binary"
	"slices"
)

// Damage changes the bytes of a log. It may reuse the slice it is given.
type Damage func(log []byte) []byte

// Damaged returns a copy of a log with damage done to it, in order.
func Damaged(log []byte, damage ...Damage) []byte {
	log = bytes.Clone(log)
	for _, d := range damage {
		log = d(log)
	}
	return log
}

// Slot returns the offset of the n-th slot of a log, from 0.
func Slot(n int) int { return fileHeaderSize + n*chunkSize }

// Zero overwrites n bytes with zeros.
func Zero(at, n int) Damage {
	return func(log []byte) []byte { clear(log[at : at+n]); return log }
}

// Put overwrites what stands at an offset.
func Put(at int, data ...byte) Damage {
	return func(log []byte) []byte { copy(log[at:], data); return log }
}

// Put32 overwrites a number of four bytes.
func Put32(at int, v uint32) Damage {
	return Put(at, binary.LittleEndian.AppendUint32(nil, v)...)
}

// Put64 overwrites a number of eight bytes.
func Put64(at int, v uint64) Damage {
	return Put(at, binary.LittleEndian.AppendUint64(nil, v)...)
}

// Cut ends the log at an offset.
func Cut(at int) Damage {
	return func(log []byte) []byte { return log[:at] }
}

// Insert puts data in front of an offset.
func Insert(at int, data ...byte) Damage {
	return func(log []byte) []byte { return slices.Insert(log, at, data...) }
}

// Remove takes n bytes out.
func Remove(at, n int) Damage {
	return func(log []byte) []byte { return slices.Delete(log, at, at+n) }
}

// Flip inverts a byte.
func Flip(at int) Damage {
	return func(log []byte) []byte { log[at] ^= 0xff; return log }
}

// Offsets of checksums, for [Flip]: of the file header, and inside a slot of
// the chunk header and of the chunk's records.
const (
	FileChecksum        = 124
	ChunkHeaderChecksum = 124
	ChunkDataChecksum   = 52
)

// Repair puts the checksums of the file header and of every whole chunk right,
// so that what was changed is read on its own account.
func Repair() Damage {
	return func(log []byte) []byte {
		if len(log) >= 128 {
			sumFileHeader(log)
		}
		for n := 0; Slot(n+1) <= len(log); n++ {
			if slot := log[Slot(n):Slot(n+1)]; bytes.HasPrefix(slot, []byte("ElfChnk\x00")) {
				sumChunk(slot)
			}
		}
		return log
	}
}

// Record is where a record lies in a log.
type Record struct {
	Offset, Size int
	ID           uint64 // of its header
}

// Records returns where the records of a sound log lie, in the order of the
// file, so that damage can be aimed at them. It panics on another log.
func Records(log []byte) []Record {
	le := binary.LittleEndian
	var records []Record
	for n := 0; Slot(n+1) <= len(log); n++ {
		free := Slot(n) + int(le.Uint32(log[Slot(n)+48:]))
		for at := Slot(n) + chunkHeaderSize; at < free; {
			r := Record{at, int(le.Uint32(log[at+4:])), le.Uint64(log[at+8:])}
			if r.Size < recordHead {
				panic("evtxtest: the log is not sound")
			}
			records = append(records, r)
			at += r.Size
		}
	}
	return records
}
