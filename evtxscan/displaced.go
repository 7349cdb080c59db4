package evtxscan

import (
	"bytes"
	"encoding/binary"
)

// This file finds chunks that do not begin where a slot does, because bytes
// were inserted or removed before them.
//
// The rules are:
//   - Only a slot that is not sound is searched, and the slot before it.
//   - A chunk begins where its magic stands and either the checksum of its
//     header holds or a record follows the header. What stands inside a sound
//     record is its content, whatever it looks like.
//   - A chunk reaches to the next one, at most 64 KiB. What no chunk covers is
//     walked for records on its own, with a record that begins before it and
//     reaches into it.

// segment is a stretch of a slot that is read by itself: a chunk, or bytes
// without one. Start is an offset in the item; a chunk may reach into the next
// slot.
type segment struct {
	start int64
	size  int
	chunk bool
}

// segments cuts an unsound slot, which has a chunk at slot[normal:] if all is
// well, and begins at an offset of the item. What stands before that is the end
// of a sound chunk, whose own slack is none of the slot's. It returns nil where
// the slot is best read as it stands. before is the slot in front of it, if that
// is not sound, and after what follows it.
func segments(before, slot, after []byte, normal int, offset int64) []segment {
	window := make([]byte, 0, len(before)+len(slot)+len(after))
	window = append(append(append(window, before...), slot...), after...)
	begin := offset - int64(len(before))
	from, to := len(before), len(before)+len(slot)

	starts := chunkStarts(window, from+normal)
	covered := from + normal // up to here, what began before the slot reaches
	inside := false
	for i, s := range starts {
		next := len(window)
		if i+1 < len(starts) {
			next = starts[i+1]
		}
		switch {
		case s < from:
			covered = max(covered, min(s+chunkSize, next, to))
		case s != from+normal && s < to:
			inside = true
		}
	}
	lead := crossing(window, from, covered)
	if !inside && covered == from+normal && lead == covered {
		return nil
	}
	var out []segment
	bare := func(a, b int) {
		if i := bytes.Index(window[a:max(a, b)], recordMagicBytes); i >= 0 {
			out = append(out, segment{begin + int64(a+i), b - a - i, false})
		}
	}
	at := lead
	for i, s := range starts {
		if s < from || s >= to {
			continue
		}
		bare(at, s)
		end := min(s+chunkSize, len(window))
		if i+1 < len(starts) {
			end = min(end, starts[i+1])
		}
		out = append(out, segment{begin + int64(s), end - s, true})
		at = end
	}
	bare(at, to)
	if out == nil {
		out = []segment{}
	}
	return out
}

// chunkStarts returns where chunks begin in a window. One is expected at normal.
func chunkStarts(window []byte, normal int) (starts []int) {
	record, end := 0, 0 // the sound record that reaches furthest so far
	for at := 0; ; at++ {
		i := bytes.Index(window[at:], []byte(chunkMagic))
		if i < 0 {
			return starts
		}
		at += i
		for end <= at && record < at {
			i := bytes.Index(window[record:at], recordMagicBytes)
			if i < 0 {
				record = at
				break
			}
			record += i
			if rec, ok := soundRecordAt(window, record); ok {
				end = record + rec.size
				record = end
			} else {
				record++
			}
		}
		if at < end && at != normal || !chunkBegins(window[at:]) {
			continue
		}
		// One that another follows at once has no room for a record.
		if n := len(starts) - 1; n >= 0 && at-starts[n] < chunkHeaderSize+minRecordSize {
			if starts[n] == normal || headerHolds(window[starts[n]:]) {
				continue
			}
			starts = starts[:n]
		}
		starts = append(starts, at)
	}
}

// crossing returns where a record begins that reaches over a boundary, or where
// those begin that lead up to it one by one, not before from; if there is none,
// the boundary.
func crossing(window []byte, from, boundary int) int {
	start, end, id := 0, -1, uint64(0) // of the records that follow each other so far
	for at := max(0, boundary-maxRecordSize); at < boundary; at++ {
		i := bytes.Index(window[at:boundary], recordMagicBytes)
		if i < 0 {
			break
		}
		at += i
		rec, ok := soundRecordAt(window, at)
		if !ok {
			continue
		}
		if at != end || rec.id != id+1 || start < from {
			start = at
		}
		if end, id = at+rec.size, rec.id; end > boundary {
			return start
		}
		at = end - 1
	}
	return boundary
}

// chunkBegins reports whether data, which begins with the magic, is a chunk.
func chunkBegins(data []byte) bool {
	if len(data) < chunkHeaderSize+4 {
		return false
	}
	return binary.LittleEndian.Uint32(data[chunkHeaderSize:]) == recordMagic || headerHolds(data)
}

// headerHolds reports whether the checksum of the chunk header at data holds.
func headerHolds(data []byte) bool {
	return headerSum(data) == binary.LittleEndian.Uint32(data[124:])
}
