package evtxscan

import (
	"cmp"
	"fmt"
	"slices"
)

// ledger adds up what the slots of an item hold. Slots come in order.
type ledger struct {
	item    *Item
	content *content

	ids       []idRun // of records read or skipped, and what chunk headers claim
	claims    []idRun
	unordered bool // ids fall or repeat inside a chunk
	descents  int  // chunks that begin with a lower id than the last one ended with
	tooMany   bool // more runs than are kept
	torn      bool // something that was or may have been a record cannot be read
	tornTail  bool // and it is the last thing so far
	native    bool
	exported  bool
	forwarded bool
	channels  map[string]bool
	hosts     map[string]bool
	emptyFrom int64 // first slot of the run of empty slots at the end so far
	empty     int64 // its length
	usedSlots int64
	problems  bool // anything that makes an item damaged
}

// idRun is a run of record ids, both ends inclusive.
type idRun = [2]uint64

// maxRuns bounds what a log with scattered ids can make us keep.
const maxRuns = 1 << 16

func newLedger(it *Item, c *content) *ledger {
	return &ledger{item: it, content: c, channels: map[string]bool{}, hosts: map[string]bool{}}
}

// reset makes an item as it was when it was found.
func (it *Item) reset() {
	if it.file == "" {
		return
	}
	*it = Item{
		ID: it.ID, Path: it.Path, Member: it.Member, Also: it.Also, Size: it.Size, Kind: KindEVTX,
		file: it.file, modified: it.modified, head: it.head, claims: it.claims,
	}
}

// fault notes that bytes could not be read.
func (l *ledger) fault(i Issue) {
	l.torn, l.problems = true, true
	l.item.addIssue(i)
}

// slot takes the next slot.
func (l *ledger) slot(r *chunkResult, cover coverageBuilder) {
	it := l.item
	if !r.part && !l.count(r) {
		return
	}
	it.Records.Read += r.read
	it.Records.Recovered += r.recovered
	it.Records.Skipped += r.skipped
	it.Records.Slack += r.slack
	for _, i := range r.issues {
		l.problems = true
		if i.Lost != 0 {
			l.torn, l.tornTail = true, true
		}
		it.addIssue(i)
	}
	l.native = l.native || r.native
	l.exported = l.exported || r.exported
	l.forwarded = l.forwarded || r.forwarded
	l.addTimes(r.first, r.last)
	l.addRuns(r)
	for i := range r.sources {
		s := &r.sources[i]
		if s.channel != "" {
			l.channels[s.channel] = true
		}
		if s.host != "" {
			l.hosts[s.host] = true
		}
		it.Records.Fragments += s.fragments
		cover.add(it, s)
	}
}

// count counts a slot and reports whether there is anything in it.
func (l *ledger) count(r *chunkResult) bool {
	it := l.item
	index := it.Chunks.Slots
	it.Chunks.Slots++
	switch r.kind {
	case slotEmpty:
		it.Chunks.Empty++
		if l.empty == 0 {
			l.emptyFrom = index
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
	if r.kind != slotForeign {
		if l.empty > 0 {
			it.addIssue(Issue{
				Offset: l.content.base + l.emptyFrom*chunkSize, Kind: IssueZeroed, Lost: l.lostBetween(r.runs),
				Detail: fmt.Sprintf("%d slot(s) of zeros among used ones", l.empty),
			})
			l.problems = true
		}
		l.usedSlots++
	}
	l.empty = 0
	l.tornTail = false
	if r.badChecksum {
		it.Chunks.BadChecksum++
	}
	return true
}

// lostBetween says how many ids lie between the last one so far and runs, or
// -1 if that cannot be said.
func (l *ledger) lostBetween(runs []idRun) int64 {
	if len(l.ids) == 0 || len(runs) == 0 || l.unordered {
		return -1
	}
	before, after := l.ids[len(l.ids)-1][1], runs[0][0]
	if after <= before {
		return -1
	}
	return int64(after - before - 1)
}

func (l *ledger) addTimes(first, last FileTime) {
	if first.Valid() && (!l.item.First.Valid() || first < l.item.First) {
		l.item.First = first
	}
	if last.Valid() && last > l.item.Last {
		l.item.Last = last
	}
}

func (l *ledger) addRuns(r *chunkResult) {
	for i, run := range r.runs {
		switch {
		case i > 0 && run[0] <= r.runs[i-1][1]:
			l.unordered = true
		case i == 0 && len(l.ids) > 0 && run[0] <= l.ids[len(l.ids)-1][1]:
			l.descents++
		}
		if n := len(l.ids); n > 0 && l.ids[n-1][1]+1 == run[0] && run[0] != 0 {
			l.ids[n-1][1] = run[1]
			continue
		}
		if len(l.ids) >= maxRuns {
			l.tooMany = true
			continue
		}
		l.ids = append(l.ids, run)
	}
	if r.claimed && len(l.claims) < maxRuns {
		if n := len(l.claims); n > 0 && l.claims[n-1][1]+1 == r.claim[0] {
			l.claims[n-1][1] = r.claim[1]
		} else {
			l.claims = append(l.claims, r.claim)
		}
	}
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
		l.problems, l.torn = true, true
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
	if rest := (it.Size - l.content.base) % chunkSize; it.Size > l.content.base && rest != 0 {
		it.addIssue(Issue{
			Offset: it.Size - rest, Kind: IssueTruncated, Lost: -1,
			Detail: fmt.Sprintf("the last slot has %d of %d bytes", rest, chunkSize),
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
func (l *ledger) account() {
	it, h := l.item, l.content.header
	l.unordered = l.unordered || l.descents > 1
	slices.SortFunc(l.ids, func(a, b idRun) int { return cmp.Compare(a[0], b[0]) })
	for i := 1; i < len(l.ids); i++ {
		l.unordered = l.unordered || l.ids[i][0] <= l.ids[i-1][1]
	}
	if len(l.ids) == 0 {
		switch {
		case h.truncated || it.Size < fileHeaderSize || l.torn:
			it.Records.Lost = -1
		case h.clean() && h.nextRecordID > 1 && int64(h.chunkCount) > it.Chunks.Slots:
			it.Records.Lost = int64(h.nextRecordID - 1)
		}
		return
	}
	known := coalesce(l.ids)
	all := coalesce(append(slices.Clone(l.ids), l.claims...))
	first, last := all[0][0], all[len(all)-1][1]
	if h.clean() && h.nextRecordID > last+1 && last+1 != 0 {
		last = h.nextRecordID - 1
	}
	it.RecordIDs = IDRange{Known: true, First: known[0][0], Last: known[len(known)-1][1]}
	gaps := complement(known, first, last)
	var lost uint64
	for _, g := range gaps {
		lost += g[1] - g[0] + 1
	}
	it.RecordIDs.Gaps = gaps[:min(len(gaps), maxGaps)]
	it.Records.Lost = int64(min(lost, 1<<62))
	if l.unordered || l.tooMany {
		it.Records.Lost = -1
	}
	if it.Records.Lost == 0 && l.tornTail && !h.clean() {
		it.Records.Lost = -1
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
	if n := len(runs); n > 0 && runs[n-1][1] < last {
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
