package evtxscan

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// ledger adds up what the slots of an item hold. Slots come in order.
type ledger struct {
	item    *Item
	content *content

	ids       []idRun             // of records read or skipped
	first     uint64              // of them in the order of the file
	claims    []idRun             // what sound chunk headers say
	seen      map[chunkMark]int64 // sound chunks so far, and where they stand
	next      uint64              // the id that would follow in the order of the file
	reached   bool                // next is known
	open      []openLoss          // what the next id tells
	torn      bool                // something that was a record is among open or ones
	ones      int64               // records lost one by one since the last id
	accounted uint64              // records whose loss has an issue
	unknown   bool                // something was lost that no id tells
	unordered bool                // ids repeat, or fall inside a chunk
	descents  int                 // chunks that begin with a lower id than the last one ended with
	permuted  bool                // chunks are in no order that a ring can have
	destroyed bool                // records were lost one by one
	settled   []int               // issues to which a loss was ascribed by the order of the ids
	tooMany   bool                // more runs than are kept
	native    bool
	exported  bool
	forwarded bool
	channels  map[string]bool
	hosts     map[string]bool
	emptyFrom int64 // offset of the run of empty slots at the end so far
	empty     int64 // its length
	usedSlots int64
	explained int64  // chunks that are missing where ids are
	oldest    uint64 // the first id in the slot that is the first of the ring
	copies    bool   // chunks that stand there twice
	stray     bool   // records that the sound header of their chunk does not know of
	lastKind  slotKind
	problems  bool // anything that makes an item damaged
}

// openLoss is an issue whose loss only ids tell.
type openLoss struct {
	at    int    // in Item.Issues; -1: not listed
	most  uint64 // records that can have been lost by it
	slots int64  // that hold nothing
}

// idRun is a run of record ids, both ends inclusive.
type idRun = [2]uint64

// chunkMark tells a chunk: two with equal ids and data checksum are copies.
type chunkMark struct {
	ids idRun
	sum uint32
}

// Limits of what a hostile log can make us keep.
const (
	maxRuns  = 1 << 16
	maxNames = 10_000 // channels, hosts of an item
)

func newLedger(it *Item, c *content) *ledger {
	return &ledger{item: it, content: c, seen: map[chunkMark]int64{}, channels: map[string]bool{}, hosts: map[string]bool{}}
}

// reset makes an item as it was when it was found.
func (it *Item) reset() {
	if it.file == "" {
		return
	}
	*it = Item{
		ID: it.ID, Path: it.Path, Member: it.Member, Also: it.Also, Size: it.Size, Kind: KindEVTX,
		file: it.file, modified: it.modified, head: it.head, claims: it.claims, openWith: it.openWith,
	}
}

// slot takes the next slot.
func (l *ledger) slot(r *chunkResult, cover coverageBuilder) {
	it := l.item
	if !r.part && !l.count(r) {
		return
	}
	if l.repeats(r) {
		return
	}
	it.Records.Read += r.read
	it.Records.Recovered += r.recovered
	it.Records.Skipped += r.skipped
	it.Records.Slack += r.slack
	if it.Chunks.Slots == int64(l.content.header.firstChunk)+1 && len(r.runs) > 0 && l.oldest == 0 {
		l.oldest = r.runs[0].ids[0]
	}
	l.native = l.native || r.native
	l.exported = l.exported || r.exported
	l.forwarded = l.forwarded || r.forwarded
	l.addTimes(r.first, r.last)
	l.addIDs(r)
	for i := range r.sources {
		s := &r.sources[i]
		onlyCleared := s.records == 0 && len(s.cleared) > 0 // by a record of another channel
		if s.channel != "" && !onlyCleared && len(l.channels) < maxNames {
			l.channels[s.channel] = true
		}
		if s.host != "" && len(l.hosts) < maxNames {
			l.hosts[s.host] = true
		}
		it.Records.Fragments += s.fragments
		cover.add(it, s)
	}
}

// count counts a slot and reports whether there is anything in it.
func (l *ledger) count(r *chunkResult) bool {
	it := l.item
	it.Chunks.Slots++
	l.lastKind = r.kind
	switch r.kind {
	case slotEmpty:
		it.Chunks.Empty++
		if l.empty == 0 {
			l.emptyFrom = r.offset
		}
		l.empty++
		return false
	case slotSkipped:
		it.Chunks.Skipped++
	case slotRead:
		it.Chunks.Read++
	case slotForeign:
		it.Chunks.Foreign++
	}
	if r.badChecksum {
		it.Chunks.BadChecksum++
	}
	if r.kind == slotForeign {
		return true
	}
	if l.empty > 0 {
		l.issue(chunkIssue{loss: lossOpen, room: l.empty * chunkSize, Issue: Issue{
			Offset: l.emptyFrom, Kind: IssueZeroed, Lost: -1,
			Detail: fmt.Sprintf("%d slot(s) of zeros among used ones", l.empty),
		}})
	}
	l.empty = 0
	l.usedSlots++
	return true
}

// repeats reports whether a chunk is a copy of an earlier one of the item, and
// if so notes it. Its records are places of the same records, not more of them.
func (l *ledger) repeats(r *chunkResult) bool {
	if !r.sound || !r.claimed || r.dataSum == 0 {
		return false
	}
	mark := chunkMark{r.claim, r.dataSum}
	if first, ok := l.seen[mark]; ok {
		l.copies = true
		l.issue(chunkIssue{Issue: Issue{
			Offset: r.offset, Kind: IssueCopy,
			Detail: fmt.Sprintf("the chunk at 0x%x once more; its records %d to %d are counted once", first, mark.ids[0], mark.ids[1]),
		}})
		return true
	}
	if len(l.seen) < maxRuns {
		l.seen[mark] = r.offset
	}
	return false
}

// issue takes an issue, in the order of the file.
func (l *ledger) issue(i chunkIssue) {
	l.problems = true
	at := len(l.item.Issues)
	if at >= maxIssues {
		at = -1
	}
	switch i.loss {
	case lossOne:
		i.Lost = 1
		l.ones++
		l.destroyed = true
		l.torn = true
	case lossOpen:
		i.Lost = -1
		most := uint64(math.MaxUint64)
		if i.room > 0 {
			most = uint64(i.room / minRecordSize)
		}
		l.open = append(l.open, openLoss{at, most, i.room / chunkSize})
		l.torn = l.torn || i.Kind != IssueForeign
	}
	l.item.addIssue(i.Issue)
}

// addIDs takes the ids and issues of a chunk, in the order of their offsets, and
// settles what was lost between them.
func (l *ledger) addIDs(r *chunkResult) {
	l.addRuns(r)
	slices.SortStableFunc(r.issues, func(a, b chunkIssue) int { return cmp.Compare(a.Offset, b.Offset) })
	if r.claimed {
		l.reach(r.claim[0], r.offset)
		l.next = r.claim[0]
	}
	rest := r.issues
	for _, run := range r.runs {
		for len(rest) > 0 && rest[0].Offset < run.offset {
			l.issue(rest[0])
			rest = rest[1:]
		}
		l.reach(run.ids[0], run.offset)
		l.next, l.reached = run.ids[1]+1, true
	}
	for _, i := range rest {
		l.issue(i)
	}
	if r.claimed && (len(r.runs) == 0 || l.next <= r.claim[1]) && l.next != 0 {
		l.settle(r.claim[1]+1-l.next, r.offset)
		l.next = r.claim[1] + 1
	}
}

// reach settles the losses before a record with that id.
func (l *ledger) reach(id uint64, offset int64) {
	switch {
	case l.reached && id >= l.next && l.next != 0:
		l.settle(id-l.next, offset)
	case !l.reached && id == 1: // the lowest there is
		l.settle(0, offset)
	case len(l.open) > 0 || l.ones > 0:
		l.unknown = true
	}
	l.open, l.ones, l.torn, l.reached = l.open[:0], 0, false, true
}

// settle divides n lost records among the issues that may account for them.
// More records destroyed than ids missing cannot be settled: ids repeat, or
// what was destroyed was no record.
func (l *ledger) settle(n uint64, offset int64) {
	l.unknown = l.unknown || uint64(l.ones) > n
	l.accounted += n
	rest := n - min(n, uint64(l.ones))
	for _, o := range l.open {
		here := min(rest, o.most)
		if o.at >= 0 {
			l.item.Issues[o.at].Lost = int64(min(here, maxLost))
			l.settled = append(l.settled, o.at)
		}
		if rest -= here; here > 0 {
			l.explained += o.slots
		}
	}
	if rest > 0 {
		l.item.addIssue(Issue{
			Offset: offset, Kind: IssueIDGap, Lost: int64(min(rest, maxLost)),
			Detail: fmt.Sprintf("%d record ids are missing before this place", rest),
		})
		l.explained++
	}
	l.open, l.ones, l.torn = l.open[:0], 0, false
}

// maxLost is more records than a log can have lost; more cannot be known.
const maxLost = 1 << 48

func (l *ledger) addTimes(first, last FileTime) {
	if first.Valid() && (!l.item.First.Valid() || first < l.item.First) {
		l.item.First = first
	}
	if last.Valid() && last > l.item.Last {
		l.item.Last = last
	}
}

func (l *ledger) addRuns(r *chunkResult) {
	for i, placed := range r.runs {
		run := placed.ids
		switch {
		case i > 0 && run[0] <= r.runs[i-1].ids[1]:
			l.unordered = true
		case i == 0 && len(l.ids) > 0 && run[0] <= l.ids[len(l.ids)-1][1]:
			l.descents++
		}
		if r.claimed && (run[1] < r.claim[0] || run[0] > r.claim[1] && run[0]-1 > r.claim[1]) {
			l.stray = true
		}
		// A ring goes on with older records than those that it began with.
		l.permuted = l.permuted || l.descents > 1 || l.descents > 0 && run[1] >= l.first
		if len(l.ids) == 0 {
			l.first = run[0]
		}
		l.ids = l.keep(l.ids, run)
	}
	if r.claimed {
		l.claims = l.keep(l.claims, r.claim)
	}
}

// keep appends a run to others.
func (l *ledger) keep(runs []idRun, run idRun) []idRun {
	if n := len(runs); n > 0 && runs[n-1][1]+1 == run[0] && run[0] != 0 {
		runs[n-1][1] = run[1]
		return runs
	}
	if len(runs) >= maxRuns {
		l.tooMany = true
		return runs
	}
	return append(runs, run)
}

// finish closes the account of the item.
func (l *ledger) finish() {
	it := l.item
	if l.content.unread != "" {
		l.unread(KindOther, IssueNotALog, l.content.unread)
		return
	}
	if l.content.openErr != nil {
		l.unread(KindOther, "", "")
		return
	}
	if l.usedSlots == 0 && !l.content.header.present && !l.content.header.startsWithChunk {
		it.Chunks = ChunkCount{}
		l.unread(KindOther, IssueNotALog, "not an event log: "+l.content.header.describe())
		return
	}
	if l.content.changed {
		l.problems, l.unknown = true, true
		it.addIssue(Issue{Kind: IssueChanged, Lost: -1, Detail: "the file changed while it was read; what stands here is of no single moment"})
	}
	if l.empty > 0 {
		it.Flags = append(it.Flags, "preallocated")
	}
	l.checkHeader()
	l.account()
	it.Form = l.form()
	it.Channels, it.Hosts = sortedKeys(l.channels), sortedKeys(l.hosts)
	slices.SortStableFunc(it.Issues, func(a, b Issue) int { return cmp.Compare(a.Offset, b.Offset) })
	slices.Sort(it.Flags)
	switch {
	case it.Records.Lost != 0:
		it.State = Incomplete
	case l.problems:
		it.State = Damaged
	default:
		it.State = Intact
	}
}

// unread closes the account of something that is no log.
func (l *ledger) unread(kind Kind, issue, why string) {
	it := l.item
	it.Kind, it.State = kind, Unread
	it.Records.Lost = -1
	if issue != "" {
		it.addIssue(Issue{Kind: issue, Detail: why, Lost: -1})
	}
}

// checkHeader compares what the file header says with what is there.
func (l *ledger) checkHeader() {
	it, h := l.item, l.content.header
	if rest := (it.Size - l.content.base) % chunkSize; it.Size > l.content.base && rest != 0 && l.lastKind == slotEmpty {
		it.addIssue(Issue{
			Offset: it.Size - rest, Kind: IssueTrailing,
			Detail: fmt.Sprintf("%d zeros that are no whole slot follow at the end", rest),
		})
		l.problems = true
	}
	for _, i := range h.issues(it.Size) {
		it.addIssue(i)
		l.problems = true
	}
	it.Flags = append(it.Flags, h.flagNames()...)
}

// account settles which ids are missing.
//
// The rules are:
//   - Ids ascend inside a chunk and from chunk to chunk, but for one place
//     where the ring begins again; else nothing can be said of what is lost.
//   - Between the lowest and the highest id, what was neither read nor skipped
//     is lost. A chunk whose header is sound says which ids it held.
//   - A clean file header says which id would come next.
//   - Damage before the first id, or behind the last one where no header says
//     what followed, has cost an unknown number.
//   - Each lost record is accounted for by an issue.
func (l *ledger) account() {
	it, h := l.item, l.content.header
	slices.SortFunc(l.ids, func(a, b idRun) int { return cmp.Compare(a[0], b[0]) })
	for i := 1; i < len(l.ids); i++ {
		l.unordered = l.unordered || l.ids[i][0] <= l.ids[i-1][1]
	}
	all := coalesce(append(slices.Clone(l.ids), l.claims...))
	if len(all) == 0 {
		l.accountEmpty()
		return
	}
	first, last := all[0][0], all[len(all)-1][1]
	if h.clean() && h.nextRecordID > last && last != 1<<64-1 {
		last = h.nextRecordID - 1
	}
	gaps := complement(coalesce(l.ids), first, last)
	var lost uint64
	for _, g := range gaps {
		if lost += g[1] - g[0] + 1; lost > maxLost {
			break
		}
	}
	it.RecordIDs = IDRange{Known: true, First: first, Last: last, Gaps: gaps[:min(len(gaps), maxGaps)]}
	if l.unordered || l.permuted || l.stray {
		l.unknown = l.unknown || l.headCut(first, lost) || l.copies && first > 1
		it.Records.Lost = l.accountByIDs(lost)
		return
	}
	why := ""
	switch {
	case l.tooMany:
		why = "record ids break off too often"
	case l.headCut(first, lost):
		why = "chunks are missing that may be older than those that are left"
	case l.copies && first > 1:
		why = "a chunk stands there twice, perhaps in the place of one older than those that are left"
	case lost > maxLost:
		why = "record ids lie too far apart"
	case l.accounted > lost: // two headers may claim one id, and none of the two chunks have it
		why = "the same record ids are missing in two places"
	case l.torn && !h.clean() && l.descents == 0:
		why = "records were destroyed behind the last one, in a log that was not closed"
	case !l.unknown:
		l.settleTail(lost - l.accounted)
	}
	it.Records.Lost = int64(lost)
	if why != "" || l.unknown {
		l.lostUnknown(cmp.Or(why, "record ids do not account for the records that were destroyed"))
	}
}

// headCut reports whether chunks may be missing that were older than those that
// are left: a ring does not begin where it should, or more chunks are missing
// than are explained by ids that are missing.
func (l *ledger) headCut(first, lost uint64) bool {
	h, there := &l.content.header, l.usedSlots+l.explained
	if lost > l.accounted && len(l.open) == 0 {
		there++ // at the end
	}
	return h.clean() && first > 1 && (int64(h.chunkCount) > there || h.firstChunk > 0 && l.oldest != first)
}

// accountByIDs settles the account of a log whose records are in no order that
// tells what is missing between two of them: only if all ids are there, once
// each, it is known that none is. It returns the number of lost records.
func (l *ledger) accountByIDs(missing uint64) int64 {
	it := l.item
	lost := int64(0)
	if missing > 0 || l.unordered || l.unknown || l.tooMany || l.destroyed || l.torn && !l.content.header.clean() {
		lost = -1
	}
	for _, o := range l.open {
		if o.at >= 0 {
			l.settled = append(l.settled, o.at)
		}
	}
	for _, at := range l.settled {
		it.Issues[at].Lost = lost
	}
	it.Issues = slices.DeleteFunc(it.Issues, func(i Issue) bool { return i.Kind == IssueIDGap })
	if lost < 0 {
		why := "record ids fall or repeat"
		if l.stray {
			why = "records stand in a chunk whose header has others"
		}
		it.addIssue(lossUnknown(why))
	}
	return lost
}

// lostUnknown notes why nobody knows how many records are missing, where no
// issue says so yet.
func (l *ledger) lostUnknown(why string) {
	l.item.Records.Lost = -1
	if !slices.ContainsFunc(l.item.Issues, func(i Issue) bool { return i.Lost < 0 }) {
		l.item.addIssue(lossUnknown(why))
	}
}

func lossUnknown(why string) Issue {
	return Issue{Kind: IssueIDGap, Detail: why + "; how many are missing cannot be known", Lost: -1}
}

// settleTail accounts for the records that should follow the last one read.
func (l *ledger) settleTail(n uint64) {
	ones := uint64(l.ones)
	if n <= ones || len(l.open) > 0 {
		l.settle(n, l.item.Size)
		return
	}
	l.problems = true
	l.item.addIssue(Issue{
		Offset: l.item.Size, Kind: IssueIDGap, Lost: int64(n - ones),
		Detail: fmt.Sprintf("%d record ids are missing at the end of the log", n-ones),
	})
}

// accountEmpty settles the account of a log without records.
func (l *ledger) accountEmpty() {
	h := &l.content.header
	switch {
	case len(l.open) > 0 || l.ones > 0 || l.unknown || h.truncated || l.item.Size < fileHeaderSize:
		l.lostUnknown("records were destroyed, and none is left")
	case !h.clean() || h.nextRecordID <= 1 || int64(h.chunkCount) <= l.usedSlots:
	case h.firstChunk > 0 || h.nextRecordID > maxLost:
		l.lostUnknown("all chunks of a ring are missing, and nobody knows how many records it has overwritten")
	default:
		l.item.Records.Lost = int64(h.nextRecordID - 1)
		l.settleTail(h.nextRecordID - 1)
	}
}

func (l *ledger) form() Form {
	switch {
	case l.native && !l.exported && !l.forwarded:
		return FormNative
	case l.exported && !l.native && !l.forwarded:
		return FormExported
	case l.forwarded && !l.native && !l.exported:
		return FormForwarded
	case l.native || l.exported || l.forwarded:
		return FormMixed
	}
	return FormNone
}

// coalesce sorts runs and joins those that overlap or touch.
func coalesce(runs []idRun) []idRun {
	slices.SortFunc(runs, func(a, b idRun) int { return cmp.Compare(a[0], b[0]) })
	var out []idRun
	for _, r := range runs {
		if n := len(out); n > 0 && (r[0] <= out[n-1][1] || r[0] == out[n-1][1]+1) {
			out[n-1][1] = max(out[n-1][1], r[1])
			continue
		}
		out = append(out, r)
	}
	return out
}

// complement returns what is missing in runs, which are coalesced, between
// first and last.
func complement(runs []idRun, first, last uint64) []idRun {
	gaps := []idRun{}
	next := first
	for _, r := range runs {
		if r[0] > next {
			gaps = append(gaps, idRun{next, r[0] - 1})
		}
		next = r[1] + 1
	}
	if n := len(runs); n == 0 || runs[n-1][1] < last {
		gaps = append(gaps, idRun{next, last})
	}
	return gaps
}

func sortedKeys(m map[string]bool) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
