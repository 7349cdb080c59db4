package evtxtest

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
)

// Log is an event log while it is written. Its fields are set before the first
// record is added; the zero value is a clean log in exported shape whose
// records are numbered from 1.
type Log struct {
	Shape   Shape
	FirstID uint64 // of the first record's header; 0 means 1

	// Dirty leaves the header as it was when the log was opened: the flag is
	// set, and it knows of one chunk and no record.
	Dirty bool
	Full  bool // the flag of a log that reached its size
	// NoChecksums sets the flags that say so, and writes none.
	NoChecksums bool
	// Rotated is the slot of the oldest chunk; the ring goes on in slot 0.
	Rotated int
	// Preallocated is how many empty slots follow the used ones.
	Preallocated int

	chunks  []*chunk
	nextID  uint64
	broken  bool // the next record begins a chunk
	started bool
}

// Add writes events. An event without a RecordID of its own gets that of its
// record's header. It panics if a record does not fit into a chunk.
func (l *Log) Add(events ...Event) {
	for i := range events {
		e := &events[i]
		id := l.next()
		record := e.RecordID
		if record == 0 {
			record = id
		}
		l.AddRecord(e.written(), e.document(l.Shape, record)...)
	}
}

// AddRecord writes a record of any content under the next id.
func (l *Log) AddRecord(written FileTime, nodes ...Node) {
	id := l.next()
	c := l.current()
	if !c.add(id, written, nodes) {
		l.broken = true
		if c = l.current(); !c.add(id, written, nodes) {
			panic(fmt.Sprintf("evtxtest: record %d does not fit into a chunk", id))
		}
	}
	l.nextID++
}

// AddSlack writes events behind the free offset of the current chunk, as left
// there by an earlier use of the buffer; the chunk is closed with it. The id
// in the record's header is the event's RecordID.
func (l *Log) AddSlack(events ...Event) {
	c := l.current()
	for i := range events {
		e := &events[i]
		if !c.addSlack(e.RecordID, e.written(), e.document(l.Shape, e.RecordID)) {
			panic(fmt.Sprintf("evtxtest: record %d does not fit into the slack of the chunk", e.RecordID))
		}
	}
	l.broken = true
}

// Break ends the chunk: the next record begins a new one.
func (l *Log) Break() { l.broken = true }

// SkipIDs leaves n ids out.
func (l *Log) SkipIDs(n uint64) { l.nextID = l.next() + n }

func (l *Log) next() uint64 {
	if !l.started {
		l.started = true
		l.nextID = max(l.FirstID, 1)
	}
	return l.nextID
}

func (l *Log) current() *chunk {
	if l.broken || len(l.chunks) == 0 {
		l.chunks = append(l.chunks, newChunk())
		l.broken = false
	}
	return l.chunks[len(l.chunks)-1]
}

// Bytes returns the log as it stands in a file.
func (l *Log) Bytes() []byte {
	count := len(l.chunks)
	h := fileHeader{chunks: count, next: l.next()}
	if count > 0 {
		h.first = l.Rotated % count
		h.last = (h.first + count - 1) % count
	}
	if l.Dirty {
		h = fileHeader{first: h.first, last: h.first, chunks: min(count, 1), next: max(l.FirstID, 1), flags: 1}
	}
	if l.Full {
		h.flags |= 2
	}
	if l.NoChecksums {
		h.flags |= 4
	}
	out := make([]byte, fileHeaderSize+chunkSize*(count+l.Preallocated))
	copy(out, h.bytes())
	number := uint64(1)
	for i, c := range l.chunks {
		slot := (i + l.Rotated) % count
		copy(out[Slot(slot):], c.bytes(number, l.NoChecksums))
		number += uint64(c.records)
	}
	return out
}

// fileHeader is what the header of a log says.
type fileHeader struct {
	first, last, chunks int
	next                uint64 // record id
	flags               uint32
}

// bytes returns the header as it stands in a file, without the zeros behind.
func (h fileHeader) bytes() []byte {
	le := binary.LittleEndian
	out := make([]byte, 128)
	copy(out, "ElfFile\x00")
	le.PutUint64(out[8:], uint64(h.first))
	le.PutUint64(out[16:], uint64(max(h.last, 0)))
	le.PutUint64(out[24:], h.next)
	le.PutUint32(out[32:], 128)
	le.PutUint16(out[36:], 1)
	le.PutUint16(out[38:], 3)
	le.PutUint16(out[40:], fileHeaderSize)
	le.PutUint16(out[42:], uint16(h.chunks))
	le.PutUint32(out[120:], h.flags)
	sumFileHeader(out)
	return out
}

// sumFileHeader puts the checksum of a file header right. The flags lie
// outside of what it covers.
func sumFileHeader(h []byte) {
	binary.LittleEndian.PutUint32(h[124:], crc32.ChecksumIEEE(h[:120]))
}
