package evtxscan

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash/crc32"
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
	noSkip   bool // walk every chunk, also where no needle stands
	slack    bool // look for 4104 records outside the live area too
	noChecks bool // the file's header declares checksums absent
}

// chunkReader reads slots. It holds the scratch space of one worker and is not
// safe for concurrent use.
type chunkReader struct {
	opt       chunkOptions
	chunk     []byte
	out       *chunkResult
	scratch   []byte
	names     map[int]string       // of this chunk, by offset
	computers map[int]computerName // of this chunk, by offset of the definition
	interned  map[string]string    // UTF-16LE or SID bytes to text
	lastID    uint64
	anyID     bool
	source    int // index of the source used last
}

// chunkResult is what a slot was found to hold. Offsets are relative to the
// slot. Nothing in it aliases the slot's bytes.
type chunkResult struct {
	kind        slotKind
	part        bool // of a slot that was cut up and counts by itself
	magic       bool // starts as a chunk does
	badChecksum bool // a checksum is wrong
	sound       bool // both checksums hold, or are declared absent

	// runs are the header ids of live and recovered records that were read, or
	// of the records a skipped chunk holds, in walk order; a run breaks where
	// ids do not follow each other.
	runs      [][2]uint64
	claimed   bool      // the chunk's header is sound and says which ids it holds
	claim     [2]uint64 // those ids
	read      int64     // records read, recovered ones included
	recovered int64
	skipped   int64
	slack     int64 // PowerShell 4104 records outside the live area

	native, exported, forwarded bool     // shapes seen
	first, last                 FileTime // of the events' own times, valid ones only
	sources                     []chunkSource
	fragments                   []Fragment // by offset; Offset and ChunkOffset relative, Item nil
	issues                      []Issue
}

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
	noChecksums         bool
	checksumOK, dataOK  bool
	freeOK              bool
}

func parseChunkHeader(data []byte) chunkHeader {
	le := binary.LittleEndian
	h := chunkHeader{
		magic:       bytes.HasPrefix(data, []byte(chunkMagic)),
		firstNumber: le.Uint64(data[8:]), number: le.Uint64(data[16:]),
		firstID: le.Uint64(data[24:]), lastID: le.Uint64(data[32:]),
		last: int(le.Uint32(data[44:])), free: int(le.Uint32(data[48:])),
		noChecksums: le.Uint32(data[120:])&4 != 0,
	}
	// The magic is put in, so that a header whose magic alone is gone counts.
	sum := crc32.ChecksumIEEE([]byte(chunkMagic))
	sum = crc32.Update(sum, crc32.IEEETable, data[8:120])
	sum = crc32.Update(sum, crc32.IEEETable, data[128:chunkHeaderSize])
	h.checksumOK = sum == le.Uint32(data[124:])
	h.freeOK = h.free >= chunkHeaderSize && h.free <= chunkSize
	if h.freeOK && h.free <= len(data) {
		h.dataOK = crc32.ChecksumIEEE(data[chunkHeaderSize:h.free]) == le.Uint32(data[52:])
	}
	return h
}

// read examines one slot. data is always chunkSize long, padded with zeros;
// have is how many of its bytes the item really holds. out is overwritten.
func (r *chunkReader) read(data []byte, have int, out *chunkResult) {
	*out = chunkResult{}
	if bytes.Equal(data, zeroChunk[:]) {
		return
	}
	r.begin(data, out)
	h := parseChunkHeader(data)
	out.magic = h.magic
	noChecks := r.opt.noChecks || h.noChecksums
	out.sound = h.magic && have == chunkSize && (noChecks || h.checksumOK && h.dataOK)
	if h.checksumOK && h.lastID >= h.firstID && h.lastID-h.firstID < chunkSize/minRecordSize && h.lastID-h.firstID == h.number-h.firstNumber {
		out.claimed, out.claim = true, [2]uint64{h.firstID, h.lastID}
	}
	if out.sound && !noChecks && r.skip(&h) {
		return
	}
	if h.magic {
		r.checkHeader(&h, noChecks)
	}
	r.walk(&h)
	if out.kind = slotRead; !h.magic {
		if out.read+out.slack == 0 {
			out.kind = slotForeign
			out.issues = append(out.issues[:0], Issue{Kind: IssueForeign, Detail: "neither a chunk nor empty, and no record in it"})
			return
		}
		out.issues = append(out.issues, Issue{Kind: IssueChunkMagic, Detail: fmt.Sprintf("needs %q, has % x; read record by record", chunkMagic, data[:8])})
	}
}

func (r *chunkReader) begin(data []byte, out *chunkResult) {
	if r.interned == nil || len(r.interned) > 4096 {
		r.interned = map[string]string{}
	}
	if r.names == nil {
		r.names, r.computers = map[int]string{}, map[int]computerName{}
	}
	clear(r.names)
	clear(r.computers)
	r.chunk, r.out, r.anyID, r.source = data, out, false, -1
}

// skip decides whether a sound chunk may be left unread, and if so accounts
// for it.
func (r *chunkReader) skip(h *chunkHeader) bool {
	end := chunkSize
	if !r.opt.slack {
		end = h.free
	}
	if r.opt.noSkip || !r.out.claimed || bytes.Contains(r.chunk[chunkHeaderSize:end], needle) {
		return false
	}
	first, ok1 := recordAt(r.chunk, chunkHeaderSize, h.free, false)
	last, ok2 := recordAt(r.chunk, h.last, h.free, false)
	if !ok1 || !ok2 || last.offset+last.size != h.free || first.id != h.firstID || last.id != h.lastID {
		return false
	}
	r.out.kind = slotSkipped
	r.out.skipped = int64(h.lastID - h.firstID + 1)
	r.out.runs = append(r.out.runs, r.out.claim)
	r.seen(first)
	if last.offset != first.offset {
		r.seen(last)
	}
	return true
}

// seen takes host, channel and time of a record in a skipped chunk.
func (r *chunkReader) seen(rec rawRecord) {
	if m, ok := manifestAt(r.chunk, rec); ok {
		s := r.system(&m)
		r.times(s.Time)
		r.sourceOf(&s)
		r.shape(r.templateShape(rec.offset+recordHead+4, rec.offset+rec.size-4))
		return
	}
	if e, err := r.decode(rec); err == nil {
		r.times(e.Time)
		r.sourceOf(&e.System)
		r.shape(e.shape)
	}
}

func (r *chunkReader) checkHeader(h *chunkHeader, noChecks bool) {
	add := func(offset int64, kind, format string, args ...any) {
		r.out.issues = append(r.out.issues, Issue{Offset: offset, Kind: kind, Detail: fmt.Sprintf(format, args...)})
	}
	if !noChecks && !h.checksumOK {
		r.out.badChecksum = true
		add(124, IssueHeaderChecksum, "the checksum of the chunk header is wrong")
	}
	switch {
	case !h.freeOK:
		add(48, IssueChunkHeader, "the free space is said to begin at 0x%x", h.free)
	case !noChecks && !h.dataOK:
		r.out.badChecksum = true
		add(52, IssueDataChecksum, "the checksum of the chunk's records is wrong")
	}
}

// walk reads the records of a chunk, also behind damage.
//
// The rules are:
//   - A record that follows right behind another is live, up to the free space
//     that a believable header states.
//   - Behind something that is no record, the search goes on at every byte,
//     since bytes may have been inserted or removed. What is found there is recovered; but where no header bounds the
//     live area, only if its id is higher than those before, else it is slack.
//   - So is a record in the free space that continues the walk without a gap:
//     the header was not written any more.
//   - All else in the free space is slack.
func (r *chunkReader) walk(h *chunkHeader) {
	liveEnd, bounded := chunkSize, h.freeOK && h.checksumOK
	if bounded {
		liveEnd = h.free
	}
	pos, gap := chunkHeaderSize, -1
	for pos < liveEnd {
		rec, ok := recordAt(r.chunk, pos, liveEnd, true)
		if ok && gap >= 0 && (rec.wrongCopy || !bounded && r.anyID && rec.id <= r.lastID) {
			ok = false
		}
		if !ok {
			if gap < 0 {
				gap = pos
			}
			pos = r.nextMagic(pos+1, liveEnd)
			continue
		}
		recovered := gap >= 0 || !h.magic
		r.endGap(gap, pos, rec.id)
		gap = -1
		r.record(rec, recovered)
		pos += rec.size
	}
	if gap >= 0 && !isZero(r.chunk[gap:liveEnd]) {
		if liveEnd < chunkSize || r.tornAt(gap) {
			r.endGap(gap, liveEnd, 0)
		}
	}
	if gap < 0 {
		for pos < chunkSize {
			rec, ok := recordAt(r.chunk, pos, chunkSize, false)
			if !ok || !r.anyID || rec.id != r.lastID+1 {
				break
			}
			r.record(rec, true)
			pos += rec.size
		}
	}
	if r.opt.slack {
		r.slack(max(pos, chunkHeaderSize), gap)
	}
}

// nextMagic returns the offset of the next record magic, or end.
func (r *chunkReader) nextMagic(pos, end int) int {
	if pos >= end {
		return end
	}
	if i := bytes.Index(r.chunk[pos:end], recordMagicBytes); i >= 0 {
		return pos + i
	}
	return end
}

var recordMagicBytes = []byte{0x2a, 0x2a, 0, 0}

// tornAt reports whether a record begins at offset that is not whole.
func (r *chunkReader) tornAt(offset int) bool {
	return offset+4 <= len(r.chunk) && binary.LittleEndian.Uint32(r.chunk[offset:]) == recordMagic
}

// endGap notes a stretch of the live area that is no record. next is the id of
// the record behind it, 0 at the end.
func (r *chunkReader) endGap(gap, pos int, next uint64) {
	if gap < 0 {
		return
	}
	lost := int64(-1)
	if r.anyID && next > r.lastID {
		lost = int64(next - r.lastID - 1)
	}
	why := "no record begins here"
	if r.tornAt(gap) {
		why = fmt.Sprintf("a record begins here, but its size 0x%x does not hold", binary.LittleEndian.Uint32(r.chunk[gap+4:]))
	}
	r.out.issues = append(r.out.issues, Issue{
		Offset: int64(gap), Kind: IssueRecord, Lost: lost,
		Detail: fmt.Sprintf("%s; %d bytes passed over", why, pos-gap),
	})
}

// record reads one record of the live area.
func (r *chunkReader) record(rec rawRecord, recovered bool) {
	out := r.out
	if rec.wrongCopy {
		out.issues = append(out.issues, Issue{Offset: int64(rec.offset), Kind: IssueSizeCopy, Detail: "the copy of the record's size is wrong; the record is sound otherwise"})
	}
	class := Live
	if recovered {
		class = Recovered
	}
	system, fragment, shape, err := r.content(rec)
	r.lastID, r.anyID = rec.id, true
	if err != nil {
		// A record is lost only if it may be one of PowerShell's.
		lost := bytes.Contains(rec.payload(r.chunk), needle)
		issue := Issue{Offset: int64(rec.offset), Kind: IssueRecordValue, Detail: fmt.Sprintf("record %d cannot be decoded: %v", rec.id, err)}
		if lost {
			issue.Lost = 1
		}
		out.issues = append(out.issues, issue)
		if lost {
			return
		}
	}
	out.read++
	if recovered {
		out.recovered++
	}
	if n := len(out.runs); n > 0 && out.runs[n-1][1]+1 == rec.id {
		out.runs[n-1][1] = rec.id
	} else {
		out.runs = append(out.runs, [2]uint64{rec.id, rec.id})
	}
	if err != nil {
		return
	}
	r.shape(shape)
	r.times(system.Time)
	src := r.sourceOf(&system)
	src.records++
	if system.Time.Valid() {
		if src.first == 0 || system.Time < src.first {
			src.first = system.Time
		}
		src.last = max(src.last, system.Time)
	}
	if n := len(src.ids); n > 0 && src.ids[n-1][1]+1 == system.RecordID {
		src.ids[n-1][1] = system.RecordID
	} else {
		src.ids = append(src.ids, [2]uint64{system.RecordID, system.RecordID})
	}
	if fragment == nil {
		return
	}
	src.fragments++
	src.level5 = src.level5 || fragment.Level == 5
	src.level3 = src.level3 || fragment.Level == 3
	r.add(fragment, rec, class)
}

// add puts a fragment into the result.
func (r *chunkReader) add(f *Fragment, rec rawRecord, class Class) {
	f.Place = Place{Offset: int64(rec.offset), Size: uint32(rec.size), Sound: r.out.sound && class == Live, Class: class}
	f.HeaderID, f.Written = rec.id, rec.written
	r.out.fragments = append(r.out.fragments, *f)
}

// content decodes a record as far as it matters: its System part, and all of
// it if it is a script block.
func (r *chunkReader) content(rec rawRecord) (s System, f *Fragment, shape Form, err error) {
	if m, ok := manifestAt(r.chunk, rec); ok {
		s = r.system(&m)
		shape = r.templateShape(rec.offset+recordHead+4, rec.offset+rec.size-4)
		if s.EventID != scriptBlockEvent || !m.isPowerShell(s.Provider) {
			return s, nil, shape, nil
		}
		if f, ok := r.fragment4104(rec, &m, &s); ok {
			return s, &f, f.Shape, nil
		}
	}
	e, err := r.decode(rec)
	if err != nil {
		return s, nil, shape, err
	}
	if e.Computer == "" {
		if in, ierr := instanceAt(r.chunk, rec.offset+recordHead+4, rec.offset+rec.size-4); ierr == nil {
			_, e.HostKey = r.computer(&in)
		}
	}
	if e.EventID == 1102 || e.EventID == 104 {
		r.cleared(&e)
	}
	if frag, ok := fragmentOf(&e); ok {
		return e.System, &frag, e.shape, nil
	}
	return e.System, nil, e.shape, nil
}

// cleared takes the record of a log that was cleared.
func (r *chunkReader) cleared(e *event) {
	channel, ok := e.get("Channel")
	if !ok {
		return
	}
	s := e.System
	s.Channel = channel
	src := r.sourceOf(&s)
	src.cleared = append(src.cleared, e.Time)
}

// slack looks for script block records where no live record stands, strictly:
// the record must be whole, its arrays those of the event.
func (r *chunkReader) slack(pos, gap int) {
	if gap >= 0 {
		pos = gap
	}
	for pos = r.nextMagic(pos, chunkSize); pos < chunkSize; pos = r.nextMagic(pos+1, chunkSize) {
		rec, ok := recordAt(r.chunk, pos, chunkSize, false)
		if !ok {
			continue
		}
		m, ok := manifestAt(r.chunk, rec)
		if !ok {
			continue
		}
		s := r.system(&m)
		if s.EventID != scriptBlockEvent || !m.isPowerShell(s.Provider) {
			continue
		}
		if f, ok := r.fragment4104(rec, &m, &s); ok {
			r.out.slack++
			r.add(&f, rec, Slack)
			pos += rec.size - 1
		}
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

// intern returns UTF-16LE bytes as text, the same string for the same bytes;
// one NUL at the end is left out.
func (r *chunkReader) intern(raw []byte) string {
	if s, ok := r.interned[string(raw)]; ok {
		return s
	}
	text := raw
	if n := len(raw); n >= 2 && raw[n-1] == 0 && raw[n-2] == 0 {
		text = raw[:n-2]
	}
	s := string(decodeUTF16(nil, text))
	r.interned[string(raw)] = s
	return s
}

// sid returns a binary SID as text.
func (r *chunkReader) sid(raw []byte) string {
	if len(raw) == 0 {
		return ""
	}
	key := "sid" + string(raw)
	if s, ok := r.interned[key]; ok {
		return s
	}
	s, ok := sidString(raw)
	if !ok {
		s = hex.EncodeToString(raw)
	}
	r.interned[key] = s
	return s
}

func isZero(b []byte) bool {
	return bytes.Equal(b, zeroChunk[:len(b)])
}
