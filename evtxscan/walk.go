package evtxscan

import (
	"bytes"
	"encoding/binary"
	"errors"
	"slices"
)

// This file reads the records of a chunk, also behind damage.
//
// The rules are:
//   - A record that follows right behind another is live, up to the free space
//     that a believable header states, or else as long as the ids go on.
//   - Behind something that is no record, the search goes on at every byte,
//     since bytes may have been inserted or removed. What is found there, and
//     what follows it, is recovered; but where no header bounds the live area,
//     only if its id says that the records between could have stood in the gap.
//   - So is a record in the free space that continues the walk without a gap:
//     the header was not written any more.
//   - All else in the free space is slack.

// walk reads from an offset on.
func (r *chunkReader) walk(pos int, h *chunkHeader) {
	end, bounded := r.liveEnd(h)
	var spare [][2]int      // stretches without a live record
	gap, slack := -1, false // slack: no damage, but what seems to be of other records
	recovered := !h.magic || h.empty()
	for pos < end {
		rec, ok := recordAt(r.chunk, pos)
		if ok && rec.wrongCopy {
			next := pos + rec.size
			ok = (next == end || r.tornAt(next)) && r.closes(rec)
		}
		ok = ok && r.readable(rec)
		switch {
		case !ok:
		case gap >= 0:
			ok = bounded && !slack || r.canFollow(rec.id, pos-gap)
		case !bounded || !h.dataOK:
			ok = r.continues(rec, h) || bounded && pos+rec.size == end
			slack = !ok
		}
		if !ok {
			if gap < 0 {
				gap = pos
			}
			pos = r.nextMagic(pos+1, end)
			continue
		}
		if gap >= 0 {
			r.gap(gap, pos)
			spare = append(spare, [2]int{gap, pos})
			recovered = true
		}
		r.record(rec, recovered)
		gap, slack = -1, false
		pos += rec.size
	}
	if h.empty() && r.anyID {
		r.headerLags(chunkHeaderSize)
	}
	switch {
	case gap < 0:
		pos = r.beyond(pos)
	case !slack && (bounded || r.tornAt(gap)) || h.magic && !r.anyID && !(r.out.sound && h.empty()):
		r.gap(gap, end)
		pos = gap
	default:
		pos = gap
	}
	if !r.opt.slack {
		return
	}
	for _, s := range append(spare, [2]int{pos, len(r.chunk)}) {
		r.slack(s[0], s[1])
	}
}

// liveEnd returns where the live area ends, and whether the header is to be
// believed about it. Of a header whose checksum is wrong, the free space is
// believed if the checksum of the records, or the last record, ends there. A
// chunk that is said to be empty may have been filled since, but in a log that
// was closed only with records that the log can have.
func (r *chunkReader) liveEnd(h *chunkHeader) (end int, bounded bool) {
	all := len(r.chunk)
	switch {
	case !h.freeOK:
		return all, false
	case h.empty():
		first, ok := soundRecordAt(r.chunk, chunkHeaderSize)
		if r.out.sound && !r.opt.dirty && ok && first.id >= r.opt.nextID {
			return chunkHeaderSize, true
		}
		return all, false
	}
	last, ok := soundRecordAt(r.chunk, h.last)
	if h.checksumOK || h.dataOK || ok && last.offset+last.size == h.free {
		return min(h.free, all), true
	}
	return all, false
}

// readable reports whether all of a record could be read.
func (r *chunkReader) readable(rec rawRecord) bool {
	from, to := r.base+int64(rec.offset), r.base+int64(rec.offset+rec.size)
	return !slices.ContainsFunc(r.faults, func(f fault) bool { return f.from < to && f.to > from })
}

// continues reports whether a record that follows right behind another belongs
// to it by its id, or by that of the next one if it is its id that is damaged.
// Where no header says so, or bytes were removed, else nothing tells where slack
// begins.
func (r *chunkReader) continues(rec rawRecord, h *chunkHeader) bool {
	if !r.anyID || rec.id == r.lastID+1 {
		return true
	}
	if h.checksumOK && rec.id >= h.firstID && rec.id <= h.lastID && (rec.id > r.lastID || r.lastID > h.lastID) {
		return true
	}
	next, ok := soundRecordAt(r.chunk, rec.offset+rec.size)
	return ok && (next.id == r.lastID+2 || r.out.read == 1 && next.id == rec.id+1)
}

// canFollow reports whether a record with that id can stand behind a gap of so
// many bytes.
func (r *chunkReader) canFollow(id uint64, gap int) bool {
	return !r.anyID || id > r.lastID && id-r.lastID-1 <= uint64(gap/minRecordSize)
}

// beyond reads the records that continue the walk in the free space, and
// returns the offset behind them.
func (r *chunkReader) beyond(pos int) int {
	start := pos
	for pos < len(r.chunk) {
		rec, ok := soundRecordAt(r.chunk, pos)
		if !ok || !r.anyID || rec.id != r.lastID+1 || !r.readable(rec) {
			break
		}
		r.record(rec, true)
		pos += rec.size
	}
	if pos > start {
		r.headerLags(start)
	}
	return pos
}

// headerLags notes that there are records behind what the chunk header knows
// of, which is normal in a log that was not closed.
func (r *chunkReader) headerLags(end int) {
	if !r.opt.dirty {
		r.issue(lossNone, end, IssueChunkHeader, "records follow beyond the end that the chunk header states, 0x%x", end)
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

// tornAt reports whether a record begins at an offset, whole or not.
func (r *chunkReader) tornAt(offset int) bool {
	return offset+4 <= len(r.chunk) && binary.LittleEndian.Uint32(r.chunk[offset:]) == recordMagic
}

// closes reports whether a record ends where its size says by its BinXML too:
// at an end token and at most seven bytes of padding.
func (r *chunkReader) closes(rec rawRecord) bool {
	start, end := rec.offset+recordHead, rec.offset+rec.size-4
	var at int
	if end-start >= 5 && r.chunk[start] == 0x0f && r.chunk[start+4] == 0x0c {
		in, err := instanceAt(r.chunk, start+4, end)
		if err != nil || in.end >= end || r.chunk[in.end] != 0 {
			return false
		}
		at = in.end + 1
	} else {
		r.outer.reset(FormNone)
		var err error
		if at, err = r.xml.read(start, end, nil, &r.outer); err != nil {
			return false
		}
	}
	return end-at < recordAlignment
}

// gap notes a stretch of the live area that is no record.
func (r *chunkReader) gap(from, to int) {
	if rec, ok := soundRecordAt(r.chunk, from); ok && !r.readable(rec) {
		r.issue(lossOpen, from, IssueRecord, "a record begins here that cannot be read whole; %d bytes passed over", to-from)
	} else if r.tornAt(from) && from+8 <= len(r.chunk) {
		size := binary.LittleEndian.Uint32(r.chunk[from+4:])
		r.issue(lossOpen, from, IssueRecord, "a record begins here, but its size 0x%x does not hold; %d bytes passed over", size, to-from)
	} else {
		r.issue(lossOpen, from, IssueRecord, "no record begins here; %d bytes passed over", to-from)
	}
	r.out.issues[len(r.out.issues)-1].room = int64(to - from)
}

// record reads one record of the live area.
func (r *chunkReader) record(rec rawRecord, recovered bool) {
	out := r.out
	if rec.wrongCopy {
		r.issue(lossNone, rec.offset, IssueSizeCopy, "the copy of the record's size is wrong; the record is sound otherwise")
	}
	id := r.trueID(rec)
	if id != rec.id {
		r.issue(lossNone, rec.offset, IssueRecordValue, "the record's id %d does not fit between its neighbours; counted as %d", rec.id, id)
	}
	found, shape, err := r.content(rec)
	r.lastID, r.anyID = id, true
	if err != nil {
		l := lossNone
		if r.mayBeScriptBlock(rec) {
			l = lossOne
		}
		r.issue(l, rec.offset, IssueRecordValue, "record %d cannot be decoded: %v", rec.id, err)
		if l == lossOne {
			return
		}
	}
	if found && shape == FormForwarded && r.xml.unresolved > 0 {
		r.issue(lossNone, rec.offset, IssueRecordValue, "record %d: %d references in its text cannot be resolved, their names are lost; each stands as U+FFFD", rec.id, r.xml.unresolved)
	}
	out.read++
	if recovered {
		out.recovered++
	}
	if n := len(out.runs); n > 0 && out.runs[n-1].ids[1]+1 == id && id != 0 {
		out.runs[n-1].ids[1] = id
	} else {
		out.runs = append(out.runs, placedRun{idRun{id, id}, int64(rec.offset)})
	}
	if err != nil {
		return
	}
	f := &r.fragment
	r.shape(shape)
	r.times(f.Time)
	src := r.sourceOf(&f.System)
	src.add(&f.System)
	if !found {
		if r.started != nil && isStart(&f.System) {
			r.started(startOf(&f.System))
		}
		return
	}
	src.fragments++
	src.level5 = src.level5 || f.Level == 5
	src.level3 = src.level3 || f.Level == 3
	class := Live
	if recovered {
		class = Recovered
	}
	r.emit(rec, class)
}

// mayBeScriptBlock reports whether a record that cannot be decoded may be a
// script block. It is none if its array, where it has one, holds another event's
// id, or if no damage can have taken PowerShell's name out of it. What is none
// counts as read.
func (r *chunkReader) mayBeScriptBlock(rec rawRecord) bool {
	if r.out.sound && !bytes.Contains(rec.payload(r.chunk), needle) {
		return false
	}
	start := rec.offset + recordHead
	if r.chunk[start] != 0x0f {
		return true
	}
	in, err := instanceAt(r.chunk, start+4, rec.offset+rec.size-4)
	if err != nil || in.count < valueCount {
		return true
	}
	kind, raw, _ := in.value(valueEventID)
	return kind != 0x06 || len(raw) != 2 || binary.LittleEndian.Uint16(raw) == scriptBlockEvent
}

// trueID returns the id of a record. In a chunk whose checksums are wrong, it is
// the one that its neighbours leave for it, where they follow each other.
func (r *chunkReader) trueID(rec rawRecord) uint64 {
	if r.out.sound || r.anyID && rec.id == r.lastID+1 {
		return rec.id
	}
	before, out := r.lastID, r.out
	next, ok := soundRecordAt(r.chunk, rec.offset+rec.size)
	switch {
	case r.anyID && ok && next.id == before+2, r.anyID && !ok && out.claimed && out.claim[1] == before+1:
		return before + 1
	case !r.anyID && out.claimed && (ok && next.id == out.claim[0]+1 || !ok && out.claim[0] == out.claim[1]):
		return out.claim[0]
	}
	return rec.id
}

// add takes a record of the source.
func (c *chunkSource) add(s *System) {
	c.records++
	if s.Time.Valid() {
		if c.first == 0 || s.Time < c.first {
			c.first = s.Time
		}
		c.last = max(c.last, s.Time)
	}
	if n := len(c.ids); n > 0 && c.ids[n-1][1]+1 == s.RecordID {
		c.ids[n-1][1] = s.RecordID
	} else {
		c.ids = append(c.ids, idRun{s.RecordID, s.RecordID})
	}
}

// emit hands on the script block that was read from a record.
func (r *chunkReader) emit(rec rawRecord, class Class) {
	f := &r.fragment
	f.Place = Place{
		Item: r.item, Offset: r.base + int64(rec.offset), Size: uint32(rec.size), ChunkOffset: r.chunkOffset,
		Sound: r.out.sound && class == Live, Class: class,
	}
	f.HeaderID, f.Written = rec.id, rec.written
	r.found(f, r.chunk[rec.offset:rec.offset+rec.size])
}

// content decodes a record into the reader's fragment as far as it matters: its
// System part, and all of it if it is a script block.
func (r *chunkReader) content(rec rawRecord) (found bool, shape Form, err error) {
	r.fragment = Fragment{}
	s := &r.fragment.System
	if m, ok := manifestAt(r.chunk, rec); ok {
		r.system(&m, s)
		if s.EventID != scriptBlockEvent || !m.isPowerShell(s.Provider) {
			if s.EventID == consoleStarting || s.EventID == ipcListening {
				r.origin(&m, s)
			}
			return false, m.shape(), nil
		}
		if r.scriptBlock(&m) {
			return true, m.shape(), nil
		}
	}
	e, err := r.decode(rec)
	if err != nil {
		return false, e.shape, err
	}
	if e.Computer == "" {
		if in, ierr := instanceAt(r.chunk, rec.offset+recordHead+4, rec.offset+rec.size-4); ierr == nil {
			e.Computer, e.HostKey = r.computer(&in)
		}
	}
	if e.EventID == 1102 || e.EventID == 104 {
		r.cleared(e)
	}
	*s = e.System
	if !e.isScriptBlock() {
		return false, e.shape, nil
	}
	if !r.scriptBlockOf(e) {
		return false, e.shape, errors.New("a script block without its text")
	}
	return true, e.shape, nil
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

// slack looks for script block records between two offsets where no live
// record stands. A record must be whole, and say by its own values that it is
// one.
func (r *chunkReader) slack(from, to int) {
	for pos := r.nextMagic(from, to); pos < to; pos = r.nextMagic(pos+1, to) {
		rec, ok := soundRecordAt(r.chunk, pos)
		if !ok || !r.readable(rec) {
			continue
		}
		if r.slackScript(rec) {
			r.out.slack++
			r.emit(rec, Slack)
			pos += rec.size - 1
		}
	}
}

// slackScript reads a record in slack as a script block.
func (r *chunkReader) slackScript(rec rawRecord) bool {
	r.fragment = Fragment{}
	if m, ok := manifestAt(r.chunk, rec); ok {
		s := &r.fragment.System
		r.system(&m, s)
		return s.EventID == scriptBlockEvent && m.isPowerShell(s.Provider) && r.scriptBlock(&m)
	}
	if rec.offset+recordHead+5 > len(r.chunk) || r.chunk[rec.offset+recordHead+4]&^0x40 != 0x01 || !bytes.Contains(rec.payload(r.chunk), needle) {
		return false
	}
	e, err := r.decode(rec)
	return err == nil && e.isScriptBlock() && e.Channel != "" && e.Computer != "" && r.scriptBlockOf(e) && r.fragment.BlockID != ""
}
