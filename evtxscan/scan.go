package evtxscan

import (
	"cmp"
	"context"
	"crypto/sha256"
	"fmt"
	"iter"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Scan reads the collection. Its only error is the context's; what cannot be
// read is an issue of its item. A collection can be scanned more than once,
// but not twice at the same time.
func (c *Collection) Scan(ctx context.Context, opt Options) (*Evidence, error) {
	if opt.Workers < 1 {
		opt.Workers = runtime.GOMAXPROCS(0)
	}
	for _, it := range c.items {
		it.reset()
	}
	if opt.Progress != nil {
		opt.Progress.start(c.items)
	}
	s := newScanner(c.items, opt)
	blocks, err := s.run(ctx)
	if err == nil && s.blocks.recall {
		// A version of a wanted block was dropped before or after another one
		// was kept. That is rare enough to read all again, now knowing which.
		wanted := s.blocks.recalled()
		again := opt
		again.Glance = nil
		names := s.hosts
		again.Keep = func(b *ScriptBlock) bool { return wanted[keyOf(b.First()).resolved(names)] || opt.Keep(b) }
		for _, it := range c.items {
			it.reset()
		}
		s = newScanner(c.items, again)
		blocks, err = s.run(ctx)
	}
	if err != nil {
		return nil, err
	}
	return s.evidence(blocks), nil
}

// Recall reads the evidence again for the script blocks that have a fragment
// for which want is true, in the same order as Evidence.Blocks. Want is called
// from several goroutines at once. Its only error is the context's.
func (ev *Evidence) Recall(ctx context.Context, workers int, want func(*Fragment) bool) ([]*ScriptBlock, error) {
	keep := func(b *ScriptBlock) bool {
		for _, p := range b.Pieces {
			if want(ev.named(p.Records[0])) {
				return true
			}
		}
		return false
	}
	return ev.again(workers, keep).run(ctx)
}

// Survey reads the evidence again and shows all its script blocks, without
// keeping any, and the starts of those processes for which want is true, by
// host, process id and time. What stands in several items is seen as often. See
// and want are called from several goroutines at once, in no order; what they
// are given is valid during the call only. Its only error is the context's.
func (ev *Evidence) Survey(ctx context.Context, workers int, see func(*ScriptBlock), want func(Start) bool) ([]Start, error) {
	s := ev.again(workers, func(b *ScriptBlock) bool {
		for _, p := range b.Pieces {
			p.Records[0] = ev.named(p.Records[0])
		}
		see(b)
		return false
	})
	s.wantStart = func(start Start) (Start, bool) {
		if name := ev.hosts.name(start.HostKey); start.Computer == "" && name != "" {
			start.Computer, start.HostKey = name, ""
		}
		return start, want(start)
	}
	if _, err := s.run(ctx); err != nil {
		return nil, err
	}
	return sortStarts(s.starts), nil
}

// again prepares one more pass over the items that have records of PowerShell.
func (ev *Evidence) again(workers int, keep func(*ScriptBlock) bool) *scanner {
	if workers < 1 {
		workers = runtime.GOMAXPROCS(0)
	}
	var items []*Item
	for _, it := range ev.Items {
		if it.Records.Fragments+it.Records.Slack > 0 || slices.ContainsFunc(it.Channels, isScriptBlockChannel) {
			items = append(items, it)
		}
	}
	s := newScanner(items, Options{Workers: workers, LiveOnly: ev.liveOnly, Keep: keep})
	s.quiet = true
	return s
}

// named returns a fragment with the name of its computer, where only other
// records tell it.
func (ev *Evidence) named(f *Fragment) *Fragment {
	name := ev.hosts.name(f.HostKey)
	if f.Computer != "" || name == "" {
		return f
	}
	known := *f
	known.Computer, known.HostKey = name, ""
	return &known
}

// scanner is one pass over the items.
type scanner struct {
	opt     Options
	readers []*chunkReader // one per worker
	buffers chan []byte
	dropped sync.Pool // of *[]droppedBlock, empty ones to fill
	ledgers map[*Item]*ledger
	blocks  *assembler
	bySum   map[string]*Item // items by their hash
	copyOf  map[*Item]*Item
	cover   coverageBuilder
	hosts   hostNames
	items   []*Item
	quiet   bool // only blocks are wanted; the items are not touched

	wantStart func(Start) (Start, bool) // nil: no starts are wanted
	starts    []Start
}

func newScanner(items []*Item, opt Options) *scanner {
	s := &scanner{
		opt: opt, items: items,
		ledgers: map[*Item]*ledger{}, blocks: newAssembler(opt.Keep),
		bySum: map[string]*Item{}, copyOf: map[*Item]*Item{}, cover: coverageBuilder{}, hosts: hostNames{},
	}
	s.blocks.reread = s.reread
	for range opt.Workers {
		s.readers = append(s.readers, &chunkReader{})
	}
	count := 1
	if opt.Workers > 1 {
		count = 2*opt.Workers + 1
	}
	s.buffers = make(chan []byte, count)
	for range count {
		s.buffers <- nil // made when first used
	}
	return s
}

// run reads all items and returns the blocks that are wanted.
func (s *scanner) run(ctx context.Context) ([]*ScriptBlock, error) {
	err := orderedMap(ctx, s.opt.Workers, cap(s.buffers), s.spans(ctx), s.read, s.deliver)
	for _, l := range s.ledgers { // of items that were not read to their ends
		l.content.close()
	}
	if err != nil {
		return nil, err
	}
	return s.blocks.finish(s.isCopy, s.hosts), nil
}

func (s *scanner) isCopy(it *Item) bool { return s.copyOf[it] != nil }

// A span is a run of slots that is read at once; the first one of an item
// holds the file header too.
type span struct {
	item        *Item
	content     *content
	offset      int64 // in the item
	size        int   // bytes
	firstSlot   int64
	index       int
	first, last bool
	buffer      []byte
}

// slotsPerSpan makes a span half a MiB: enough for a disk, and it stays in a
// core's cache from the reading to the last look at it.
const slotsPerSpan = 8

// spans yields the spans of all items in order, each with a buffer. Since the
// buffers are handed out in the order of the spans, the span that all others
// wait for never lacks one.
func (s *scanner) spans(ctx context.Context) iter.Seq[*span] {
	return func(yield func(*span) bool) {
		for _, it := range s.items {
			if it.file == "" {
				continue
			}
			src := newContent(it, s.opt.Hash)
			if src.unread != "" && !s.opt.Hash {
				continue
			}
			for offset, index := int64(0), 0; offset == 0 || offset < it.Size; index++ {
				sp := &span{item: it, content: src, offset: offset, index: index, first: offset == 0}
				sp.firstSlot = max(0, offset-src.base) / chunkSize
				end := src.base + (sp.firstSlot+slotsPerSpan)*chunkSize
				sp.size = int(min(end, it.Size) - offset)
				sp.last = end >= it.Size
				select {
				case sp.buffer = <-s.buffers:
				case <-ctx.Done():
					return
				}
				if !yield(sp) {
					return
				}
				offset = end
			}
		}
	}
}

// spanResult is what a span was found to hold.
type spanResult struct {
	span    *span
	slots   []chunkResult
	faults  []Issue // of reading what lies before the first slot, or all
	kept    []keptFragment
	dropped []droppedBlock
	starts  []Start
}

// keptFragment is a fragment of a block that may be wanted.
type keptFragment struct {
	*Fragment
	whole bool // a block of one fragment, known to be wanted
}

// read reads and examines a span on one of the workers.
func (s *scanner) read(worker int, sp *span) (result *spanResult) {
	result = &spanResult{span: sp}
	defer func() {
		if p := recover(); p != nil {
			// A fault of the program costs one span, not the case.
			*result = spanResult{span: sp, slots: failedSlots(sp, p)}
			sp.content.broken.Store(true)
		}
		sp.content.release(sp, s.buffers)
		if s.opt.Progress != nil {
			s.opt.Progress.done.Add(int64(sp.size))
		}
	}()

	if cap(sp.buffer) == 0 {
		sp.buffer = make([]byte, fileHeaderSize+slotsPerSpan*chunkSize)
	}
	buf := sp.buffer[:cap(sp.buffer)]
	faults := sp.content.readAt(buf[:sp.size], sp.offset)
	examined := sp.content.unread == "" && sp.content.openErr == nil
	for _, f := range faults {
		if !examined || f.from < sp.content.base {
			result.faults = append(result.faults, f.issue())
		}
	}
	if !examined {
		return result
	}
	clear(buf[sp.size:])
	s.slots(result, worker, buf, faults)
	return result
}

// slots examines the slots of a span, which stands in buf.
func (s *scanner) slots(result *spanResult, worker int, buf []byte, faults []fault) {
	sp, reader := result.span, s.readers[worker]
	if list, ok := s.dropped.Get().(*[]droppedBlock); ok {
		result.dropped = *list
	}
	reader.item = sp.item
	reader.found = func(f *Fragment, record []byte) { s.sift(result, f, record) }
	if s.wantStart != nil {
		reader.started = func(start Start) {
			if start, ok := s.wantStart(start); ok {
				result.starts = append(result.starts, start)
			}
		}
	}
	header := &sp.content.header
	reader.opt = chunkOptions{noSkip: s.opt.noSkip, slack: !s.opt.LiveOnly, noChecks: header.noChecksums(), dirty: !header.clean(), nextID: header.nextRecordID}
	for at := sp.slotStart(); at < sp.size; at += chunkSize {
		first := len(result.slots)
		reader.faults = faults
		s.slot(result, reader, buf, at)
		result.slots[first].unreadable(faults)
	}
}

// slotStart returns where in a span its first slot begins.
func (sp *span) slotStart() int {
	if sp.first {
		return int(sp.content.base)
	}
	return 0
}

// failedSlots are the slots of a span at which the program failed.
func failedSlots(sp *span, fault any) []chunkResult {
	var slots []chunkResult
	for at := sp.slotStart(); at < sp.size; at += chunkSize {
		slots = append(slots, chunkResult{kind: slotForeign, offset: sp.offset + int64(at)})
	}
	if len(slots) > 0 {
		slots[0].issues = []chunkIssue{{loss: lossOpen, Issue: Issue{
			Offset: slots[0].offset, Kind: IssueInternal,
			Detail: fmt.Sprintf("pstrail failed on the %d bytes from here (%v); please report it", sp.size, fault),
		}}}
	}
	return slots
}

// unreadable adds those of the faults that lie in the slot.
func (r *chunkResult) unreadable(faults []fault) {
	for i, f := range faults {
		if f.from < r.offset || f.from >= r.offset+chunkSize {
			continue
		}
		if i == 0 || faults[i-1].from < r.offset || faults[i-1].why != f.why {
			r.issues = append(r.issues, chunkIssue{Issue: f.issue(), loss: lossOpen})
		}
		if r.kind == slotEmpty {
			r.kind = slotForeign // nobody knows what is there
		}
	}
}

// slot examines the slot at buf[at:].
func (s *scanner) slot(result *spanResult, reader *chunkReader, buf []byte, at int) {
	sp := result.span
	data, have := buf[at:at+chunkSize], min(chunkSize, sp.size-at)
	offset := sp.offset + int64(at)
	kept, dropped := len(result.kept), len(result.dropped)
	var out chunkResult
	reader.base, reader.chunkOffset = offset, offset
	reader.read(data, have, &out)
	if have < chunkSize && out.kind == slotRead {
		reader.issue(lossOpen, have, IssueTruncated, "the item ends here, after %d of the %d bytes of a chunk", have, chunkSize)
	}
	if out.kind == slotEmpty || out.sound && len(out.issues) == 0 {
		s.collect(result, &out, offset)
		return
	}
	// What stands in front of the slot is searched too: what was removed there
	// has moved a chunk into it. Of a sound chunk it is the free space; the file
	// header has nothing else.
	before, slot, normal := []byte(nil), data[:have], 0
	if offset == sp.content.base {
		slot, normal = buf[:at+have], at
	} else if before = neighbour(sp, buf, at-chunkSize); isZero(before) {
		before = nil
	} else if h := parseChunkHeader(before); h.magic && h.checksumOK && h.dataOK {
		slot, normal = slices.Concat(before[h.free:], slot), chunkSize-h.free
		before = nil
	}
	start := offset - int64(normal)
	parts := segments(before, slot, neighbour(sp, buf, at+chunkSize), normal, start)
	if parts == nil {
		if have < chunkSize && out.kind == slotForeign {
			out.issues = out.issues[:0]
			reader.issue(lossNone, 0, IssueTrailing, "%d bytes that are no chunk follow at the end", have)
		}
		s.collect(result, &out, offset)
		return
	}
	result.kept, result.dropped = result.kept[:kept], result.dropped[:dropped] // read again, part by part
	whole := chunkResult{kind: slotRead, badChecksum: out.badChecksum}
	displaced := chunkIssue{Issue: Issue{Kind: IssueDisplaced, Detail: "what is in this slot does not begin where it should; read from where it begins"}}
	if len(parts) == 0 || parts[0].start-offset >= chunkHeaderSize+minRecordSize {
		displaced.loss, displaced.Lost = lossOpen, -1 // there is room for more than what was inserted
	}
	whole.issues = []chunkIssue{displaced}
	s.collect(result, &whole, offset)
	for _, part := range parts {
		s.part(result, reader, part, offset)
	}
}

// part examines a segment of the slot at an offset of the item.
func (s *scanner) part(result *spanResult, reader *chunkReader, part segment, slot int64) {
	head := 0
	if !part.chunk {
		head = bareHead
	}
	n := int(min(int64(part.size), result.span.item.Size-part.start))
	piece := make([]byte, max(chunkSize, head+n))
	reader.faults = result.span.content.readAt(piece[head:head+n], part.start) // told with the span
	var out chunkResult
	reader.base = part.start - int64(head)
	if part.chunk {
		reader.chunkOffset = part.start
		reader.read(piece, n, &out)
	} else {
		reader.chunkOffset = slot
		reader.readBare(piece, &out)
	}
	out.part = true
	s.collect(result, &out, reader.base)
}

// neighbour returns the slot at buf[at:], read anew where it lies outside the
// span; at least a chunk header long, zeros where the item has no more.
func neighbour(sp *span, buf []byte, at int) []byte {
	if at >= 0 && at+chunkSize <= sp.size {
		return buf[at : at+chunkSize]
	}
	slot := make([]byte, chunkSize)
	offset := sp.offset + int64(at)
	if offset >= sp.content.base && offset < sp.item.Size {
		n := min(chunkSize, sp.item.Size-offset)
		sp.content.readAt(slot[:n], offset)
	}
	return slot
}

// collect puts what stands at an offset of the item into the result.
func (s *scanner) collect(result *spanResult, out *chunkResult, offset int64) {
	out.offset = offset
	for i := range out.runs {
		out.runs[i].offset += offset
	}
	for i := range out.issues {
		out.issues[i].Offset += offset
	}
	result.slots = append(result.slots, *out)
}

// sift decides about a block of one fragment at once, so that most blocks end
// here; a piece of a larger one goes on to be joined.
func (s *scanner) sift(result *spanResult, f *Fragment, record []byte) {
	whole := f.Number == 1 && f.Total == 1
	drop := func(encrypted bool) {
		result.dropped = append(result.dropped, droppedOf(keyOf(f), f.Text, encrypted))
	}
	keep, glance := s.opt.Keep, s.opt.Glance
	switch {
	case whole && isEncrypted(f.Text):
		drop(true)
		return
	case whole && keep != nil && glance != nil && !glance(f.Text):
		drop(false)
		return
	}
	kept := *f
	kept.Text, kept.BlockID, kept.ActivityID = strings.Clone(f.Text), strings.Clone(f.BlockID), strings.Clone(f.ActivityID)
	if whole && keep != nil && !keep(blockOf(&kept)) {
		drop(false)
		return
	}
	kept.SHA256 = sha256.Sum256(record)
	result.kept = append(result.kept, keptFragment{&kept, whole})
}

// blockOf makes a block of one fragment.
func blockOf(f *Fragment) *ScriptBlock {
	return &ScriptBlock{
		Computer: f.Computer, BlockID: f.BlockID, Total: f.Total, Text: f.Text,
		Pieces: []Piece{{Number: f.Number, Text: f.Text, Records: []*Fragment{f}}},
	}
}

// deliver takes the results in the order of the evidence.
func (s *scanner) deliver(r *spanResult) {
	it := r.span.item
	l := s.ledgers[it]
	if l == nil {
		l = newLedger(it, r.span.content)
		s.ledgers[it] = l
	}
	for i := range r.slots {
		for _, c := range r.slots[i].templates {
			s.hosts.learn(c.id, c.name)
		}
	}
	for _, d := range r.dropped {
		s.blocks.drop(d)
	}
	clear(r.dropped) // they hold texts
	empty := r.dropped[:0]
	s.dropped.Put(&empty)
	for _, k := range r.kept {
		s.blocks.add(k.Fragment, k.whole)
	}
	s.starts = append(s.starts, r.starts...)
	if !s.quiet {
		for _, f := range r.faults {
			l.problems = true
			it.addIssue(f)
		}
		for i := range r.slots {
			l.slot(&r.slots[i], s.cover)
		}
	}
	if !r.span.last {
		return
	}
	delete(s.ledgers, it)
	sum := l.content.finish()
	if s.quiet {
		return
	}
	l.finish()
	it.SHA256 = sum
	if sum == "" || it.Size == 0 {
		return
	}
	if first := s.bySum[sum]; first != nil {
		s.copyOf[it] = first
	} else {
		s.bySum[sum] = it
	}
}

// evidence puts the results together.
func (s *scanner) evidence(blocks []*ScriptBlock) *Evidence {
	ev := &Evidence{Blocks: blocks, liveOnly: s.opt.LiveOnly, hosts: s.hosts}
	for _, it := range s.items {
		if first := s.copyOf[it]; first != nil {
			first.addAlso(ItemPath{it.Path, it.Member})
			for _, also := range it.Also {
				first.addAlso(also)
			}
			continue
		}
		if it.State == "" { // nothing of it was read, not even for a hash
			newLedger(it, newContent(it, false)).finish()
		}
		ev.Items = append(ev.Items, it)
	}
	for i, it := range ev.Items {
		it.ID = "e" + strconv.Itoa(i+1)
		slices.SortFunc(it.Also, func(a, b ItemPath) int {
			return cmp.Or(strings.Compare(a.Path, b.Path), strings.Compare(a.Member, b.Member))
		})
	}
	ev.ScriptBlocks = s.blocks.seen.len()
	ev.Incomplete, ev.Encrypted = s.blocks.incomplete, s.blocks.encrypted
	ev.Coverage = s.cover.list(s.isCopy, s.hosts)
	return ev
}
