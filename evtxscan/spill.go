package evtxscan

import "slices"

// This file keeps small what waits for missing fragments. A log that begins in
// the middle of a script leaves some waiting to the end, and a thousand logs
// leave more than memory should hold.
//
// The rules are:
//   - Above a limit, fragments that wait are forgotten but for their places.
//   - They are read again when the last one of their block comes, or at the
//     end; what cannot be read again is missing.

// maxPending is how many bytes of texts may wait.
const maxPending = 64 << 20

// spill forgets the fragments that wait.
func (a *assembler) spill() {
	for _, e := range a.entries {
		if e.kept {
			continue
		}
		for f := range e.records() {
			e.places = append(e.places, f.Place)
		}
		e.pieces = nil
		clear(e.index)
	}
	a.pending = 0
}

// unspill reads again what an entry has forgotten.
func (a *assembler) unspill(e *entry) {
	if len(e.places) == 0 {
		return
	}
	fresh := newEntry()
	for _, f := range a.reread(e.places) {
		fresh.add(f)
	}
	for f := range e.records() {
		fresh.add(f)
	}
	e.pieces, e.index, e.numbers, e.places = fresh.pieces, fresh.index, fresh.numbers, nil
}

// reread reads the fragments at some places once more.
func (s *scanner) reread(places []Place) []*Fragment {
	slices.SortFunc(places, func(a, b Place) int {
		return comparePlace(&Fragment{Place: a}, &Fragment{Place: b})
	})
	again := newScanner(nil, Options{Workers: 1, LiveOnly: s.opt.LiveOnly})
	var found []*Fragment
	var open *content
	defer func() {
		if open != nil {
			open.close()
		}
	}()
	buffer := make([]byte, fileHeaderSize+chunkSize)
	for len(places) > 0 {
		it, chunk := places[0].Item, places[0].ChunkOffset
		n := 1
		for n < len(places) && places[n].Item == it && places[n].ChunkOffset == chunk {
			n++
		}
		if open == nil || open.item != it {
			if open != nil {
				open.close()
			}
			open = newContent(it, false)
		}
		found = append(found, again.rereadSlot(open, places[:n], buffer)...)
		places = places[n:]
	}
	return found
}

// rereadSlot reads the slot again to which a chunk belonged. A chunk that is
// displaced may have been read with the slot behind the one it begins in.
func (s *scanner) rereadSlot(c *content, places []Place, buffer []byte) (found []*Fragment) {
	first := max(0, places[0].ChunkOffset-c.base) / chunkSize
	for slot := first; slot <= first+1 && len(found) < len(places); slot++ {
		sp := &span{item: c.item, content: c, offset: c.base + slot*chunkSize, firstSlot: slot}
		if slot == 0 {
			sp.offset, sp.first = 0, true
		}
		end := min(c.base+(slot+1)*chunkSize, c.item.Size)
		if sp.size = int(end - sp.offset); sp.size <= 0 {
			break
		}
		buf := buffer[:cap(buffer)]
		faults := c.readAt(buf[:sp.size], sp.offset)
		clear(buf[sp.size:])
		result := &spanResult{span: sp}
		s.slots(result, 0, buf, faults)
		for _, k := range result.kept {
			same := func(p Place) bool { return p.Offset == k.Offset }
			if slices.ContainsFunc(places, same) && !slices.ContainsFunc(found, func(f *Fragment) bool { return same(f.Place) }) {
				found = append(found, k.Fragment)
			}
		}
	}
	return found
}
