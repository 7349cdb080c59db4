package evtxscan

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash/crc32"
	"slices"
)

// slotKind says what a 64 KiB slot of a log holds.
type slotKind uint8

const (
	slotEmpty   slotKind = iota // all zero
	slotSkipped                 // both checksums hold and no needle stands in it
	slotRead                    // walked record by record
	slotForeign                 // not zero, no chunk, and no record in it
)

// chunkOptions say what a chunkReader looks for.
type chunkOptions struct {
	noSkip   bool   // walk every chunk, also where no needle stands
	slack    bool   // look for 4104 records outside the live area too
	noChecks bool   // the file's header declares checksums absent
	dirty    bool   // the log was not closed, so headers may lag behind
	nextID   uint64 // the id that the log would have given next, if not dirty
}

// chunkReader reads slots. It holds the scratch space of one worker and is not
// safe for concurrent use.
type chunkReader struct {
	opt       chunkOptions
	chunk     []byte
	out       *chunkResult
	xml       xmlReader
	builder   eventBuilder         // of the record
	outer     eventBuilder         // of a definition
	computers map[int]computerName // of this chunk, by offset of the definition
	inline    map[uint32]string    // computers of this chunk's inline definitions, by id
	interned  map[string]string    // UTF-16LE bytes to text
	sids      map[string]string    // bytes to text
	lastID    uint64
	anyID     bool
	source    int // index of the source used last

	// Where the slot stands, for the places of fragments.
	item              *Item
	base, chunkOffset int64
	faults            []fault // what of it could not be read, and is zero
	// found takes each script block with the bytes of its record. Both are valid
	// during the call only, and so are the fragment's strings.
	found func(f *Fragment, record []byte)
	// started, where not nil, takes the starts of processes.
	started  func(Start)
	fragment Fragment
	// The space of the fragment's strings.
	script, blockID, guid   []byte
	provider, channel, path lastText
	lastComputer            lastComputer
	known                   knownDefinition
}

// chunkResult is what a slot was found to hold. Offsets are relative to the
// slot. Nothing in it aliases the slot's bytes.
type chunkResult struct {
	kind        slotKind
	offset      int64 // in the item, once that is known
	part        bool  // of a slot that was cut up and counts by itself
	badChecksum bool  // a checksum is wrong
	sound       bool  // both checksums hold, or are declared absent

	// runs are the header ids of live and recovered records that were read, or
	// of the records a skipped chunk holds, in walk order; a run breaks where
	// ids do not follow each other.
	runs      []placedRun
	claimed   bool  // the chunk's header is sound and says which ids it holds
	claim     idRun // those ids
	dataSum   uint32
	read      int64 // records read, recovered ones included
	recovered int64
	skipped   int64
	slack     int64 // PowerShell 4104 records outside the live area

	native, exported, forwarded bool     // shapes seen
	first, last                 FileTime // of the events' own times, valid ones only
	sources                     []chunkSource
	templates                   []computerName
	issues                      []chunkIssue
}

// placedRun is a run of record ids and the offset of its first record.
type placedRun struct {
	ids    idRun
	offset int64
}

// chunkIssue is something wrong in a slot.
type chunkIssue struct {
	Issue
	loss loss
	room int64 // bytes in which all records stood that it has cost; 0: not known
}

// loss says how many records an issue costs.
type loss uint8

const (
	lossNone loss = iota
	lossOne       // the record at its offset
	lossOpen      // any number; only the ids around it tell
)

// chunkSource is what a chunk says of one host and channel.
type chunkSource struct {
	host, hostKey, channel string
	records                int64
	fragments              int64
	ids                    [][2]uint64 // runs of EventRecordIDs in walk order
	first, last            FileTime
	level5, level3         bool // levels of its 4104 records
	cleared                []FileTime
}

// needle stands in every record of PowerShell: in its provider, its channel.
var needle = []byte("P\x00o\x00w\x00e\x00r\x00S\x00h\x00e\x00l\x00l\x00")

var zeroChunk [chunkSize]byte

// chunkHeader is what the first 512 bytes of a chunk say. Nothing of it is
// obeyed.
type chunkHeader struct {
	magic               bool
	firstNumber, number uint64 // of the first and the last record
	firstID, lastID     uint64
	last, free          int
	noChecksums         bool // the flag says so
	checksumOK, dataOK  bool
	sumsZero            bool
	freeOK              bool
}

// empty reports whether the header states that no record was written yet.
func (h *chunkHeader) empty() bool { return h.free == chunkHeaderSize }

func parseChunkHeader(data []byte) chunkHeader {
	le := binary.LittleEndian
	h := chunkHeader{
		magic:       bytes.HasPrefix(data, []byte(chunkMagic)),
		firstNumber: le.Uint64(data[8:]), number: le.Uint64(data[16:]),
		firstID: le.Uint64(data[24:]), lastID: le.Uint64(data[32:]),
		last: int(le.Uint32(data[44:])), free: int(le.Uint32(data[48:])),
		noChecksums: le.Uint32(data[120:])&4 != 0,
	}
	h.checksumOK = headerSum(data) == le.Uint32(data[124:])
	h.sumsZero = le.Uint32(data[124:])|le.Uint32(data[52:]) == 0
	h.freeOK = h.free >= chunkHeaderSize && h.free <= chunkSize
	if h.freeOK && h.free <= len(data) {
		h.dataOK = crc32.ChecksumIEEE(data[chunkHeaderSize:h.free]) == le.Uint32(data[52:])
	}
	return h
}

// headerSum returns the checksum of a chunk header. The magic is put in, so that
// a header whose magic alone is gone counts.
func headerSum(data []byte) uint32 {
	sum := crc32.Update(magicSum, crc32.IEEETable, data[8:120])
	return crc32.Update(sum, crc32.IEEETable, data[128:chunkHeaderSize])
}

var magicSum = crc32.ChecksumIEEE([]byte(chunkMagic))

// read examines one slot. data is always chunkSize long, padded with zeros;
// have is how many of its bytes the item really holds. out is overwritten.
func (r *chunkReader) read(data []byte, have int, out *chunkResult) {
	*out = chunkResult{}
	if bytes.Equal(data, zeroChunk[:]) {
		return
	}
	r.begin(data[:have], out)
	h := parseChunkHeader(data)
	// One flag that says so may be damage; a real log has the other one and no
	// sums.
	noChecks := r.opt.noChecks && h.noChecksums || (r.opt.noChecks || h.noChecksums) && h.sumsZero
	out.sound = h.magic && have == chunkSize && (noChecks || h.checksumOK && h.dataOK)
	if h.checksumOK && h.lastID >= h.firstID && h.lastID-h.firstID < chunkSize/minRecordSize && h.lastID-h.firstID == h.number-h.firstNumber {
		out.claimed, out.claim = true, idRun{h.firstID, h.lastID}
		out.dataSum = binary.LittleEndian.Uint32(data[52:])
	}
	if out.sound && !noChecks && r.skip(&h) {
		return
	}
	out.kind = slotRead
	if h.magic {
		r.checkHeader(&h, noChecks)
	} else {
		r.issue(lossNone, 0, IssueChunkMagic, "needs %q, has % x; read record by record", chunkMagic, data[:8])
	}
	start := chunkHeaderSize
	if !h.magic && !h.checksumOK {
		// Perhaps there is no header, and records are where one should be.
		if at := r.nextMagic(0, start); at < start {
			start = at
		}
	}
	r.walk(start, &h)
	r.checkClaim(&h)
	if !h.magic && !r.anyID && out.slack == 0 {
		out.kind = slotForeign
		out.issues = out.issues[:0]
		r.issue(lossOpen, 0, IssueForeign, "neither a chunk nor empty, and no record in it")
		out.issues[0].room = chunkSize
	}
	r.learn()
}

// readBare examines records that stand without their chunk, from data[bareHead:]
// on. Where their names and templates were is not known, but inline ones are
// found, and tell how far off the others are.
func (r *chunkReader) readBare(data []byte, out *chunkResult) {
	*out = chunkResult{kind: slotRead}
	r.begin(data, out)
	r.walk(bareHead, &chunkHeader{})
	r.learn()
}

// bareHead is more than any offset in a chunk, so that none points among the
// bare records by chance.
const bareHead = chunkSize

// learn takes the computers of the definitions that were read.
func (r *chunkReader) learn() {
	for _, c := range r.computers {
		if c.name != "" {
			r.out.templates = append(r.out.templates, c)
		}
	}
}

// issue notes something wrong at an offset of the slot.
func (r *chunkReader) issue(l loss, offset int, kind, format string, args ...any) {
	i := chunkIssue{loss: l, Issue: Issue{Offset: int64(offset), Kind: kind, Detail: fmt.Sprintf(format, args...)}}
	if l != lossNone {
		i.Lost = -1 // until the ledger knows
	}
	r.out.issues = append(r.out.issues, i)
}

// checkHeader compares the checksums of a chunk with its bytes.
func (r *chunkReader) checkHeader(h *chunkHeader, noChecks bool) {
	if !noChecks && !h.checksumOK {
		r.out.badChecksum = true
		r.issue(lossNone, 124, IssueHeaderChecksum, "the checksum of the chunk header is wrong")
	}
	switch {
	case !h.freeOK:
		r.issue(lossNone, 48, IssueChunkHeader, "the free space is said to begin at 0x%x", h.free)
	case !noChecks && !h.dataOK:
		r.out.badChecksum = true
		r.issue(lossNone, 52, IssueDataChecksum, "the checksum of the chunk's records is wrong")
	}
}

// checkClaim compares what a header states with the records. The ids that it
// claims are dropped if none of the records has one: whoever wrote the header,
// it is not this chunk's. Where nothing else is wrong, it must be right.
func (r *chunkReader) checkClaim(h *chunkHeader) {
	out := r.out
	if len(out.runs) == 0 {
		return
	}
	first, last := out.runs[0].ids[0], r.lastID
	wrong := out.sound && !r.opt.dirty && len(out.issues) == 0 &&
		(h.firstID != first || h.lastID != last || h.number-h.firstNumber != uint64(out.read-1))
	if out.claimed && !slices.ContainsFunc(out.runs, func(run placedRun) bool {
		return run.ids[0] <= out.claim[1] && run.ids[1] >= out.claim[0]
	}) {
		wrong, out.claimed = true, false
	}
	if wrong {
		r.issue(lossNone, 8, IssueChunkHeader, "the header states records %d to %d with the ids %d to %d, but here stand %d with the ids %d to %d",
			h.firstNumber, h.number, h.firstID, h.lastID, out.read, first, last)
	}
}

func (r *chunkReader) begin(data []byte, out *chunkResult) {
	if r.interned == nil || len(r.interned) > 4096 {
		r.interned = map[string]string{}
	}
	if r.sids == nil || len(r.sids) > 4096 {
		r.sids = map[string]string{}
	}
	if r.computers == nil {
		r.computers, r.inline = map[int]computerName{}, map[uint32]string{}
	}
	clear(r.computers)
	clear(r.inline)
	r.xml.reset(data)
	r.chunk, r.out, r.anyID, r.source, r.lastComputer = data, out, false, -1, lastComputer{}
}

// skip decides whether a sound chunk may be left unread, and if so accounts
// for it.
func (r *chunkReader) skip(h *chunkHeader) bool {
	end := len(r.chunk)
	if !r.opt.slack {
		end = h.free
	}
	if r.opt.noSkip || !r.out.claimed || bytes.Contains(r.chunk[chunkHeaderSize:end], needle) {
		return false
	}
	first, ok1 := soundRecordAt(r.chunk, chunkHeaderSize)
	last, ok2 := soundRecordAt(r.chunk, h.last)
	if !ok1 || !ok2 || last.offset+last.size != h.free || first.id != h.firstID || last.id != h.lastID {
		return false
	}
	if beyond, ok := soundRecordAt(r.chunk, h.free); ok && beyond.id == last.id+1 {
		return false // the header is stale
	}
	r.out.kind = slotSkipped
	r.out.skipped = int64(h.lastID - h.firstID + 1)
	r.out.runs = append(r.out.runs, placedRun{r.out.claim, chunkHeaderSize})
	r.seen(first)
	if last.offset != first.offset {
		r.seen(last)
	}
	return true
}

// seen takes host, channel and time of a record in a skipped chunk.
func (r *chunkReader) seen(rec rawRecord) {
	if m, ok := manifestAt(r.chunk, rec); ok {
		var s System
		r.system(&m, &s)
		r.times(s.Time)
		r.sourceOf(&s)
		r.shape(m.shape())
		return
	}
	if e, err := r.decode(rec); err == nil {
		r.times(e.Time)
		r.sourceOf(&e.System)
		r.shape(e.shape)
	}
}

func (r *chunkReader) times(t FileTime) {
	if !t.Valid() {
		return
	}
	if r.out.first == 0 || t < r.out.first {
		r.out.first = t
	}
	r.out.last = max(r.out.last, t)
}

func (r *chunkReader) shape(f Form) {
	r.out.native = r.out.native || f == FormNative
	r.out.exported = r.out.exported || f == FormExported
	r.out.forwarded = r.out.forwarded || f == FormForwarded
}

// sourceOf returns the entry for a record's host and channel.
func (r *chunkReader) sourceOf(s *System) *chunkSource {
	same := func(c *chunkSource) bool {
		return c.host == s.Computer && c.channel == s.Channel && c.hostKey == s.HostKey
	}
	if r.source >= 0 && same(&r.out.sources[r.source]) {
		return &r.out.sources[r.source]
	}
	for i := range r.out.sources {
		if same(&r.out.sources[i]) {
			r.source = i
			return &r.out.sources[i]
		}
	}
	r.out.sources = append(r.out.sources, chunkSource{host: s.Computer, hostKey: s.HostKey, channel: s.Channel})
	r.source = len(r.out.sources) - 1
	return &r.out.sources[r.source]
}

// intern returns UTF-16LE bytes as text, the same string for the same bytes.
func (r *chunkReader) intern(raw []byte) string {
	if s, ok := r.interned[string(raw)]; ok {
		return s
	}
	s := string(decodeUTF16(nil, raw))
	r.interned[string(raw)] = s
	return s
}

// sid returns a binary SID as text.
func (r *chunkReader) sid(raw []byte) string {
	if len(raw) == 0 {
		return ""
	}
	if s, ok := r.sids[string(raw)]; ok {
		return s
	}
	s, ok := sidString(raw)
	if !ok {
		s = hex.EncodeToString(raw)
	}
	r.sids[string(raw)] = s
	return s
}

func isZero(b []byte) bool {
	return bytes.Equal(b, zeroChunk[:len(b)])
}
