package evtxscan

import (
	"cmp"
	"iter"
	"slices"
	"strings"
)

// This file joins fragments.
//
// The rules are:
//   - Fragments belong together if computer, block id and total are equal,
//     whichever chunk, file or class they come from.
//   - The same number with the same text is one piece with several records;
//     with another text it is a conflict, and both stay.
//   - A number outside 1..total is kept as a piece, and the block is not
//     complete.
//   - A record numbered 0 of 0 is never joined: it is a block of its own.
//   - Nothing is sized by the total; it is only a claim.
//   - Incomplete blocks are decided when all evidence has been read.

// blockKey says which fragments belong together.
type blockKey struct {
	computer, blockID string
	total             int32
	record            uint64 // only where nothing may be joined: the record's id
}

func keyOf(f *Fragment) blockKey {
	k := blockKey{computer: f.Computer, blockID: f.BlockID, total: f.Total}
	if k.computer == "" {
		k.computer = "\x00" + f.HostKey
	}
	if f.Total == 0 && f.Number == 0 {
		k.record = f.RecordID + 1
	}
	return k
}

// hash is that of the block combined with that of its computer, so that a block
// can be counted before its computer is known.
func (k blockKey) hash() uint64 { return k.blockHash() ^ computerHash(k.computer) }

func (k blockKey) blockHash() uint64 {
	return hash64(uint64(uint32(k.total))+k.record*31, k.blockID)
}

func computerHash(name string) uint64 { return hash64(0, name) }

// droppedBlock is what is kept of a complete block that is not wanted.
type droppedBlock struct {
	hash, text uint64
	hostKey    string // of an unknown computer; then hash is of the block alone
	encrypted  bool
}

func droppedOf(key blockKey, text string, encrypted bool) droppedBlock {
	d := droppedBlock{hostKey: key.hostKey(), text: hash64(0, text), encrypted: encrypted}
	if d.hash = key.blockHash(); d.hostKey == "" {
		d.hash ^= computerHash(key.computer)
	}
	return d
}

// hostKey returns the key of an unknown computer, or "".
func (k blockKey) hostKey() string {
	if strings.HasPrefix(k.computer, "\x00") {
		return k.computer[1:]
	}
	return ""
}

// resolved returns the key with the computer's name, once that is known.
func (k blockKey) resolved(names hostNames) blockKey {
	if name := names.name(k.hostKey()); name != "" {
		k.computer = name
	}
	return k
}

// assembler turns fragments, given in the order of the evidence, into blocks.
type assembler struct {
	keep    func(*ScriptBlock) bool
	entries map[blockKey]*entry
	kept    map[uint64]*entry // by hash
	seen    blockSet
	unknown unknownBlocks // dropped, and of computers not known yet
	recall  bool          // some other version of a kept block was dropped
	pending int           // bytes of texts that wait
	limit   int           // of pending
	reread  func([]Place) []*Fragment

	incomplete, encrypted int
}

// entry is a block that is kept or still waits for fragments.
type entry struct {
	pieces   []Piece
	index    map[pieceKey]int   // where in pieces
	numbers  map[int32]struct{} // those of 1..total that are there
	places   []Place            // of fragments that were forgotten
	kept     bool
	counted  bool // among the distinct blocks
	recalled bool // another version of it was dropped
}

// pieceKey finds the piece that a fragment is a copy of.
type pieceKey struct {
	number int32
	text   uint64 // hash
}

func newAssembler(keep func(*ScriptBlock) bool) *assembler {
	if keep == nil {
		keep = func(*ScriptBlock) bool { return true }
	}
	return &assembler{keep: keep, entries: map[blockKey]*entry{}, kept: map[uint64]*entry{}, limit: maxPending}
}

func newEntry() *entry {
	return &entry{index: map[pieceKey]int{}, numbers: map[int32]struct{}{}}
}

// drop counts a complete block that is not wanted.
func (a *assembler) drop(d droppedBlock) {
	if d.hostKey != "" {
		if a.unknown.add(d) {
			return
		}
		d.hash ^= computerHash("\x00" + d.hostKey)
	}
	switch a.seen.add(d.hash, d.text) {
	case setNew:
		if d.encrypted {
			a.encrypted++
		}
	case setDifferent:
		if e := a.kept[d.hash&^textMask]; e != nil {
			e.recalled, a.recall = true, true
		}
	}
}

// add takes a fragment of a block that may be wanted. With sifted, it is a
// whole block that is known to be wanted.
func (a *assembler) add(f *Fragment, sifted bool) {
	key := keyOf(f)
	e := a.entries[key]
	if e == nil {
		e = newEntry()
		a.entries[key] = e
	}
	completed := e.add(f)
	if e.kept {
		return
	}
	if !sifted {
		if !completed {
			if a.pending += len(f.Text); a.pending > a.limit && a.reread != nil {
				a.spill()
			}
			return
		}
		a.unspill(e)
		block := buildBlock(key, e.pieces)
		if !block.Complete() {
			return
		}
		if block.Encrypted || !a.keep(block) {
			delete(a.entries, key)
			a.drop(droppedOf(key, block.Text, block.Encrypted))
			return
		}
		f = &Fragment{Text: block.Text}
	}
	e.kept = true
	if key.hostKey() == "" {
		a.count(key, e, f.Text)
	}
}

// count counts a block that is kept.
func (a *assembler) count(key blockKey, e *entry, text string) setResult {
	e.counted = true
	a.kept[key.hash()&^textMask] = e
	result := a.seen.add(key.hash(), hash64(0, text))
	if result == setDifferent {
		e.recalled, a.recall = true, true
	}
	return result
}

// add puts a fragment to the piece it is a copy of, or makes it a new piece. It
// reports whether the block has just got the last number it lacked.
func (e *entry) add(f *Fragment) bool {
	k := pieceKey{f.Number, hash64(0, f.Text)}
	if i, ok := e.index[k]; ok && e.pieces[i].Text == f.Text {
		e.pieces[i].Records = append(e.pieces[i].Records, f)
		return false
	}
	e.index[k] = len(e.pieces)
	e.pieces = append(e.pieces, Piece{Number: f.Number, Text: f.Text, Records: []*Fragment{f}})
	if f.Total < 1 {
		return true
	}
	if f.Number < 1 || f.Number > f.Total {
		return false
	}
	before := len(e.numbers)
	e.numbers[f.Number] = struct{}{}
	return len(e.numbers) > before && len(e.numbers) == int(f.Total)
}

// recalled returns the keys of kept blocks of which another version was dropped.
func (a *assembler) recalled() map[blockKey]bool {
	keys := map[blockKey]bool{}
	for key, e := range a.entries {
		if e.recalled {
			keys[key] = true
		}
	}
	return keys
}

// finish decides the blocks that are still incomplete and returns the kept
// ones. Records of items for which isCopy is true are left out; names are the
// computers that were not known at once. It is called once.
func (a *assembler) finish(isCopy func(*Item) bool, names hostNames) []*ScriptBlock {
	a.resolve(names)
	var blocks []*ScriptBlock
	for key, e := range a.entries {
		a.unspill(e)
		e.dropCopies(isCopy)
		if len(e.pieces) == 0 {
			continue
		}
		block := buildBlock(key, e.pieces)
		if !e.kept {
			known := a.seen.add(key.hash(), hash64(0, block.Text)) != setNew
			if block.Encrypted || !a.keep(block) {
				delete(a.entries, key)
				// What is left of a block that was complete elsewhere is no
				// block of its own.
				if !known && !block.Complete() {
					a.incomplete++
				}
				if !known && block.Encrypted {
					a.encrypted++
				}
				continue
			}
			e.kept = true
			if known {
				e.recalled, a.recall = true, true
			}
		} else if !e.counted {
			a.count(key, e, block.Text)
		}
		if !block.Complete() {
			a.incomplete++
		}
		blocks = append(blocks, block)
	}
	sortBlocks(blocks)
	return blocks
}

// resolve gives the blocks of computers that were not known their names, and
// joins them with what else there is of those computers. A record whose
// computer stays unknown is at least known as a copy of another one.
func (a *assembler) resolve(names hostNames) {
	encrypted, other := a.unknown.count(&a.seen, names)
	a.encrypted += encrypted
	var unknown []blockKey
	for key, e := range a.entries {
		if e.kept && other[key.hash()&^textMask] {
			e.recalled, a.recall = true, true
		}
		if key.hostKey() != "" {
			unknown = append(unknown, key)
		}
	}
	if len(unknown) == 0 {
		return
	}
	for _, key := range unknown {
		to := key.resolved(names)
		if to == key {
			continue
		}
		from := a.entries[key]
		delete(a.entries, key)
		a.unspill(from)
		for f := range from.records() {
			f.Computer, f.HostKey = to.computer, ""
		}
		e := a.entries[to]
		if e == nil {
			a.entries[to] = from
			continue
		}
		a.unspill(e)
		for f := range from.records() {
			e.add(f)
		}
		e.kept, e.recalled = e.kept || from.kept, e.recalled || from.recalled
	}
	a.mergeCopies()
}

// mergeCopies moves records of unknown computers to the pieces that they are
// copies of: equal in block, number, text, record id and time.
func (a *assembler) mergeCopies() {
	type copyKey struct {
		blockID  string
		number   int32
		recordID uint64
		time     FileTime
		text     string
	}
	keyOf := func(f *Fragment) copyKey { return copyKey{f.BlockID, f.Number, f.RecordID, f.Time, f.Text} }
	unknown := map[copyKey]int{} // records
	for key, e := range a.entries {
		if key.hostKey() != "" {
			for f := range e.records() {
				unknown[keyOf(f)]++
			}
		}
	}
	known := map[copyKey]*entry{}
	for key, e := range a.entries {
		if key.hostKey() != "" {
			continue
		}
		for f := range e.records() {
			if k := keyOf(f); unknown[k] > 0 && known[k] != e {
				if known[k] != nil {
					unknown[k] = 0 // of two hosts: a copy of which?
					continue
				}
				known[k] = e
			}
		}
	}
	for key, e := range a.entries {
		if key.hostKey() == "" {
			continue
		}
		for i := range e.pieces {
			p := &e.pieces[i]
			p.Records = slices.DeleteFunc(p.Records, func(f *Fragment) bool {
				to := known[keyOf(f)]
				if to == nil || unknown[keyOf(f)] == 0 {
					return false
				}
				to.add(f)
				return true
			})
		}
		e.pieces = slices.DeleteFunc(e.pieces, func(p Piece) bool { return len(p.Records) == 0 })
	}
}

// records yields all records of an entry.
func (e *entry) records() iter.Seq[*Fragment] {
	return func(yield func(*Fragment) bool) {
		for _, p := range e.pieces {
			for _, f := range p.Records {
				if !yield(f) {
					return
				}
			}
		}
	}
}

func (e *entry) dropCopies(isCopy func(*Item) bool) {
	for i := range e.pieces {
		p := &e.pieces[i]
		p.Records = slices.DeleteFunc(p.Records, func(f *Fragment) bool { return isCopy(f.Item) })
	}
	e.pieces = slices.DeleteFunc(e.pieces, func(p Piece) bool { return len(p.Records) == 0 })
}

// buildBlock joins the pieces of a block. It leaves pieces as it found them.
func buildBlock(key blockKey, found []Piece) *ScriptBlock {
	pieces := slices.Clone(found)
	for i := range pieces {
		pieces[i].Records = slices.Clone(pieces[i].Records)
		slices.SortFunc(pieces[i].Records, compareTrust)
	}
	slices.SortFunc(pieces, func(a, b Piece) int {
		return cmp.Or(cmp.Compare(a.Number, b.Number), compareTrust(a.Records[0], b.Records[0]))
	})
	block := &ScriptBlock{
		Computer: pieces[0].Records[0].Computer, BlockID: key.blockID, Total: key.total, Pieces: pieces,
	}
	block.Text, block.Holes, block.Missing = join(key.total, pieces, false)
	for _, p := range pieces {
		block.Encrypted = block.Encrypted || isEncrypted(p.Text)
	}
	return block
}

// join returns the text of the pieces: of each number the first piece, or the
// last one if others is true.
func join(total int32, pieces []Piece, others bool) (text string, holes []Hole, missing [][2]int32) {
	var chosen []Piece
	for _, p := range pieces {
		if n := len(chosen); n > 0 && chosen[n-1].Number == p.Number {
			if others {
				chosen[n-1] = p
			}
			continue
		}
		chosen = append(chosen, p)
	}
	// All pieces but the last are equally long, so one of them tells the
	// length of what is missing before the last.
	unit := int64(-1)
	for _, p := range chosen {
		if p.Number >= 1 && p.Number < total {
			unit = int64(UTF16Len(p.Text))
			break
		}
	}
	var b []byte
	hole := func(first, last int64) {
		h := Hole{At: len(b), Numbers: [2]int32{int32(first), int32(last)}, Length: -1}
		if unit >= 0 && last < int64(total) {
			h.Length = unit * (last - first + 1)
		}
		holes = append(holes, h)
		missing = append(missing, h.Numbers)
	}
	next, odd := int64(1), false // the number expected; whether the last one could not be
	for i, p := range chosen {
		n := int64(p.Number)
		wasOdd := odd
		odd = n < 1 || n > int64(total)
		switch {
		case n > int64(total) && next <= int64(total):
			hole(next, int64(total))
			next = int64(total) + 1
		case !odd && n > next:
			hole(next, n-1)
		case i > 0 && (odd || wasOdd):
			holes = append(holes, Hole{At: len(b), Length: -1})
		}
		if len(holes) > 0 && holes[len(holes)-1].At == len(b) {
			b = append(b, p.Text...) // nothing joins across a hole
		} else {
			b = joinText(b, 0, p.Text)
		}
		if !odd {
			next = n + 1
		}
	}
	if next <= int64(total) {
		hole(next, int64(total))
	}
	return string(b), holes, missing
}

// isEncrypted reports whether a text is a CMS message, as Protected Event
// Logging writes it.
func isEncrypted(text string) bool {
	return strings.HasPrefix(strings.TrimLeft(text, " \t\r\n"), "-----BEGIN CMS-----")
}

// compareTrust orders records by how much they are to be believed: in a sound
// chunk, live, then by place.
func compareTrust(a, b *Fragment) int {
	sound := func(f *Fragment) int {
		if f.Sound {
			return 0
		}
		return 1
	}
	return cmp.Or(
		cmp.Compare(sound(a), sound(b)),
		cmp.Compare(a.Class, b.Class),
		comparePlace(a, b),
	)
}

func comparePlace(a, b *Fragment) int {
	return cmp.Or(
		strings.Compare(a.Item.Path, b.Item.Path),
		strings.Compare(a.Item.Member, b.Item.Member),
		cmp.Compare(a.Offset, b.Offset),
	)
}

// sortBlocks puts blocks in the order of time, then place; those without a
// valid time last.
func sortBlocks(blocks []*ScriptBlock) {
	slices.SortFunc(blocks, func(a, b *ScriptBlock) int {
		x, y := a.First(), b.First()
		return cmp.Or(CompareTime(x.Time, y.Time), comparePlace(x, y), strings.Compare(a.BlockID, b.BlockID), cmp.Compare(a.Total, b.Total))
	})
}
