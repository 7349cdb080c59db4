package evtxtest

import (
	"encoding/binary"
	"hash/crc32"
)

// The layout of a log; source: [MS-EVEN6], libevtx's description of the
// format, and measurements on public logs.
const (
	fileHeaderSize  = 4096
	chunkSize       = 65536
	chunkHeaderSize = 512
	stringTable     = 128
	stringBuckets   = 64
	templateTable   = 384
	templateBuckets = 32
	recordHead      = 24
)

// chunk is a chunk while it is written: data begins with its header and ends
// where the free space does.
type chunk struct {
	data            []byte
	last            int // offset of the last record
	firstID, lastID uint64
	records         int
	slack           []byte // what lies behind the free offset
}

func newChunk() *chunk {
	return &chunk{data: make([]byte, chunkHeaderSize, chunkSize)}
}

// add writes a record of nodes. It returns false and leaves the chunk as it
// was if there is no room for it.
func (c *chunk) add(id uint64, written FileTime, nodes []Node) bool {
	start := len(c.data)
	if !c.record(id, written, nodes) {
		return false
	}
	if c.records == 0 {
		c.firstID = id
	}
	c.last, c.lastID = start, id
	c.records++
	return true
}

func (c *chunk) record(id uint64, written FileTime, nodes []Node) bool {
	start := len(c.data)
	var tables [chunkHeaderSize]byte
	copy(tables[:], c.data)

	c.put(0x2a, 0x2a, 0x00, 0x00)
	c.put32(0)
	c.put64(id)
	c.put64(uint64(written))
	c.document(nodes)
	for (len(c.data)-start+4)%8 != 0 {
		c.put(0x00)
	}
	size := uint32(len(c.data) - start + 4)
	c.put32(size)
	c.set32(start+4, size)

	if len(c.data) > chunkSize {
		c.data = c.data[:start]
		copy(c.data, tables[:])
		return false
	}
	return true
}

// addSlack writes a record behind the free offset, where no table knows it.
func (c *chunk) addSlack(id uint64, written FileTime, nodes []Node) bool {
	free := len(c.data)
	var tables [chunkHeaderSize]byte
	copy(tables[:], c.data)
	c.put(c.slack...)
	ok := c.record(id, written, nodes)
	c.slack = append([]byte(nil), c.data[free:]...)
	c.data = c.data[:free]
	copy(c.data, tables[:])
	return ok
}

// bytes returns the whole chunk, closed. number is that of its first record.
func (c *chunk) bytes(number uint64, noChecksums bool) []byte {
	le := binary.LittleEndian
	out := make([]byte, chunkSize)
	copy(out, c.data)
	copy(out[len(c.data):], c.slack)
	copy(out, "ElfChnk\x00")
	le.PutUint64(out[8:], number)
	le.PutUint64(out[16:], number+uint64(c.records)-1)
	le.PutUint64(out[24:], c.firstID)
	le.PutUint64(out[32:], c.lastID)
	le.PutUint32(out[40:], 128)
	le.PutUint32(out[44:], uint32(c.last))
	le.PutUint32(out[48:], uint32(len(c.data)))
	le.PutUint32(out[120:], 1)
	if noChecksums {
		le.PutUint32(out[120:], 1|4)
		return out
	}
	sumChunk(out)
	return out
}

// sumChunk puts both checksums of a chunk right, the one of its records only
// if the free offset can be one.
func sumChunk(c []byte) {
	le := binary.LittleEndian
	if free := le.Uint32(c[48:]); free >= chunkHeaderSize && free <= chunkSize {
		le.PutUint32(c[52:], crc32.ChecksumIEEE(c[chunkHeaderSize:free]))
	}
	sum := crc32.ChecksumIEEE(c[:120])
	le.PutUint32(c[124:], crc32.Update(sum, crc32.IEEETable, c[128:chunkHeaderSize]))
}
