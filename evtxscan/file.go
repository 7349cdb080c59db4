package evtxscan

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"unicode/utf8"
)

// The layout of a log; source: [MS-EVEN6], libevtx's description of the
// format, and measurements on public logs.
const (
	fileMagic       = "ElfFile\x00"
	chunkMagic      = "ElfChnk\x00"
	fileHeaderSize  = 4096 // the field that says so is never trusted
	chunkSize       = 65536
	chunkHeaderSize = 512
)

// fileHeader is what the first 128 bytes of a log say.
type fileHeader struct {
	present         bool // starts with the magic, and is there to its end
	truncated       bool // starts with the magic, but ends before the header does
	startsWithChunk bool // the header is missing; chunks begin at once
	first           []byte

	firstChunk, lastChunk uint64
	nextRecordID          uint64
	minor, major          uint16
	blockSize, chunkCount uint16
	flags                 uint32
	checksumOK            bool
}

// File flags.
const (
	fileDirty       = 1
	fileFull        = 2
	fileNoChecksums = 4
)

// parseFileHeader reads the head of an item.
func parseFileHeader(head []byte) fileHeader {
	h := fileHeader{
		first:           head[:min(len(head), 16)],
		startsWithChunk: bytes.HasPrefix(head, []byte(chunkMagic)),
	}
	if !bytes.HasPrefix(head, []byte(fileMagic)) {
		return h
	}
	if len(head) < 128 {
		h.truncated = true
		return h
	}
	le := binary.LittleEndian
	h.present = true
	h.firstChunk, h.lastChunk, h.nextRecordID = le.Uint64(head[8:]), le.Uint64(head[16:]), le.Uint64(head[24:])
	h.minor, h.major = le.Uint16(head[36:]), le.Uint16(head[38:])
	h.blockSize, h.chunkCount = le.Uint16(head[40:]), le.Uint16(head[42:])
	h.flags = le.Uint32(head[120:])
	h.checksumOK = crc32.ChecksumIEEE(head[:120]) == le.Uint32(head[124:])
	return h
}

// clean reports whether the counts of the header can be believed: its checksum
// holds and the log was closed.
func (h *fileHeader) clean() bool {
	return h.present && h.checksumOK && h.flags&fileDirty == 0
}

// noChecksums reports whether the log declares that it has none.
func (h *fileHeader) noChecksums() bool {
	return h.present && h.flags&fileNoChecksums != 0
}

// flagNames returns what is odd but normal.
func (h *fileHeader) flagNames() []string {
	var names []string
	if !h.present {
		return nil
	}
	if h.flags&fileDirty != 0 {
		names = append(names, "dirty")
	}
	if h.flags&fileFull != 0 {
		names = append(names, "full")
	}
	if h.flags&fileNoChecksums != 0 {
		names = append(names, "no-checksums")
	}
	if h.firstChunk > 0 && h.clean() {
		names = append(names, "rotated")
	}
	return names
}

// issues returns what is wrong with the header of an item of that size.
func (h *fileHeader) issues(size int64) []Issue {
	var issues []Issue
	add := func(offset int64, kind, format string, args ...any) {
		issues = append(issues, Issue{Offset: offset, Kind: kind, Detail: fmt.Sprintf(format, args...)})
	}
	switch {
	case h.truncated || h.present && size < fileHeaderSize:
		issues = append(issues, Issue{Kind: IssueTruncated, Lost: -1, Detail: fmt.Sprintf("the file ends inside its header: %d of %d bytes", size, fileHeaderSize)})
	case h.startsWithChunk:
		add(0, IssueFileHeader, "the file header is missing; chunks begin at offset 0")
	case !h.present:
		add(0, IssueFileHeader, "the file header is destroyed: needs %q, has % x", fileMagic, h.first)
	}
	if !h.present {
		return issues
	}
	if !h.checksumOK && !h.noChecksums() {
		add(124, IssueFileChecksum, "the checksum of the file header is wrong; its counts are not used")
	}
	if h.major != 3 || h.minor != 1 && h.minor != 2 {
		add(36, IssueVersion, "format version %d.%d is not known; read as 3.1", h.major, h.minor)
	}
	if h.blockSize != fileHeaderSize {
		add(40, IssueFileHeader, "the header block is said to have %d bytes; %d are used", h.blockSize, fileHeaderSize)
	}
	if slots := (size - fileHeaderSize + chunkSize - 1) / chunkSize; h.clean() && int64(h.chunkCount) > max(slots, 0) {
		add(42, IssueChunkCount, "the header counts %d chunks, the file has room for %d", h.chunkCount, max(slots, 0))
	}
	return issues
}

// otherFormats are what is found under the name of an event log.
var otherFormats = []struct {
	offset int
	magic  string
	name   string
}{
	{0, "\x30\x00\x00\x00LfLe", "an event log of the old .evt format (before Windows Vista)"},
	{0, "PK\x03\x04", "a zip archive"},
	{0, "PK\x05\x06", "an empty zip archive"},
	{0, "\x1f\x8b", "a gzip archive"},
	{0, "7z\xbc\xaf\x27\x1c", "a 7-Zip archive"},
	{0, "MSCF", "a cabinet archive"},
	{0, "\x28\xb5\x2f\xfd", "a zstd archive"},
	{0, "regf", "a registry hive"},
	{0, "SQLite format 3", "an SQLite database"},
	// The header of a trace's first event, behind that of its first buffer.
	{0x48, "\x02\x00\x01\xc0", "an event trace (.etl)"},
	{0x48, "\x02\x00\x02\xc0", "an event trace (.etl)"},
}

// otherFormat names what an item is if it is certainly no event log, else it
// returns "".
func otherFormat(head []byte) string {
	if len(head) == 0 {
		return "the file is empty"
	}
	for _, f := range otherFormats {
		if len(head) >= f.offset && bytes.HasPrefix(head[f.offset:], []byte(f.magic)) {
			return "it is " + f.name
		}
	}
	return ""
}

// describe says what stands where the magic of a log should.
func (h *fileHeader) describe() string {
	if n := len(h.first); n > 0 && utf8.Valid(h.first) && bytes.IndexFunc(h.first, func(r rune) bool { return r < ' ' && r != '\n' && r != '\r' && r != '\t' }) < 0 {
		return fmt.Sprintf("needs %q, begins with the text %q", fileMagic, h.first)
	}
	return fmt.Sprintf("needs %q, begins with % x", fileMagic, h.first)
}
