package evtxscan

import "encoding/binary"

// A record is 2a2a0000, u32 size, u64 id, u64 FILETIME written, BinXML, up to
// seven bytes of padding, u32 copy of the size. It begins at a multiple of
// eight and never leaves its chunk.
const (
	recordMagic     = 0x00002a2a
	recordHead      = 24
	minRecordSize   = 32
	maxRecordSize   = 65024
	recordAlignment = 8
)

var recordMagicBytes = []byte{0x2a, 0x2a, 0, 0}

// rawRecord is a record as it lies in a chunk.
type rawRecord struct {
	offset, size int
	id           uint64
	written      FileTime
	wrongCopy    bool // the size copy differs
}

// recordAt returns the record at offset of a chunk if one is there. Its header
// is sound; the copy of its size may be wrong.
func recordAt(chunk []byte, offset int) (rawRecord, bool) {
	if offset < 0 || offset+minRecordSize > len(chunk) || binary.LittleEndian.Uint32(chunk[offset:]) != recordMagic {
		return rawRecord{}, false
	}
	size := int(binary.LittleEndian.Uint32(chunk[offset+4:]))
	if size < minRecordSize || size > maxRecordSize || size%recordAlignment != 0 || offset+size > len(chunk) {
		return rawRecord{}, false
	}
	return rawRecord{
		offset: offset, size: size,
		id:        binary.LittleEndian.Uint64(chunk[offset+8:]),
		written:   FileTime(binary.LittleEndian.Uint64(chunk[offset+16:])),
		wrongCopy: binary.LittleEndian.Uint32(chunk[offset+size-4:]) != uint32(size),
	}, true
}

// soundRecordAt is recordAt for records whose two sizes agree.
func soundRecordAt(chunk []byte, offset int) (rawRecord, bool) {
	r, ok := recordAt(chunk, offset)
	return r, ok && !r.wrongCopy
}

// payload is the BinXML of a record with its padding.
func (r rawRecord) payload(chunk []byte) []byte {
	return chunk[r.offset+recordHead : r.offset+r.size-4]
}
