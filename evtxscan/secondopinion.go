package evtxscan

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/Velocidex/ordereddict"
	"www.velocidex.com/golang/evtx"
)

// This file asks the Velocidex library for a second opinion; no other file
// imports it.
//
// The rules are:
//   - A finding is never changed by what the library says.
//   - The library sees a copy of the chunk in memory, never the evidence, and
//     of that copy only what has been checked before; see isolate.
//   - A difference that a known fault of the library explains is called so and
//     is never counted as agreement.

// Opinion is what the Velocidex library says of the records behind a block.
type Opinion struct {
	Library string // module path and version
	Result  string // one of the Opinion constants
	Detail  string // what differs, which fault, why withheld; empty if it agrees
}

// The results of a second opinion.
const (
	OpinionAgrees   = "agrees"
	OpinionDiffers  = "differs"
	OpinionFault    = "library-fault"
	OpinionWithheld = "withheld"
)

// velocidexVersion is that of go.mod, which a test asserts.
const (
	velocidexModule  = "www.velocidex.com/golang/evtx"
	velocidexVersion = "v0.2.1-0.20250117005955-e5cd153ed377"
)

// SecondOpinion has the Velocidex library decode records again and returns one
// opinion per block, in the order of the blocks. Of each piece, the record that
// its text is taken from is compared, field by field. The evidence is opened
// again, read-only, one chunk at a time. Its only error is the context's.
func SecondOpinion(ctx context.Context, blocks []*ScriptBlock) ([]Opinion, error) {
	requests := opinionRequests(blocks)
	var open *content
	defer func() {
		if open != nil {
			open.close()
		}
	}()
	buffer := make([]byte, chunkSize)
	for start := 0; start < len(requests); {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		place := requests[start].fragment.Place
		end := start + 1
		for end < len(requests) && requests[end].fragment.Item == place.Item && requests[end].fragment.ChunkOffset == place.ChunkOffset {
			end++
		}
		if open == nil || open.item != place.Item {
			if open != nil {
				open.close()
			}
			open = newContent(place.Item, false)
		}
		chunk := readChunkAgain(open, place.ChunkOffset, buffer)
		records := recordsOf(chunk)
		for i := range requests[start:end] {
			r := &requests[start+i]
			r.opinion = compareRecord(chunk, records, r.fragment)
		}
		start = end
	}
	return sumOpinions(blocks, requests), nil
}

// opinionRequest is one record to compare.
type opinionRequest struct {
	block    int // index
	fragment *Fragment
	opinion  Opinion
}

// opinionRequests lists the records to compare in the order of the evidence.
func opinionRequests(blocks []*ScriptBlock) []opinionRequest {
	var requests []opinionRequest
	for i, b := range blocks {
		for _, p := range b.Pieces {
			requests = append(requests, opinionRequest{block: i, fragment: p.Records[0]})
		}
	}
	slices.SortStableFunc(requests, func(a, b opinionRequest) int {
		x, y := a.fragment, b.fragment
		return cmp.Or(
			strings.Compare(x.Item.Path, y.Item.Path), strings.Compare(x.Item.Member, y.Item.Member),
			cmp.Compare(x.ChunkOffset, y.ChunkOffset), cmp.Compare(x.Offset, y.Offset),
		)
	})
	return requests
}

// readChunkAgain reads the 64 KiB at an offset of an item into buffer; what the
// item does not have is zero. The offset may be negative where records stood
// without a chunk header.
func readChunkAgain(c *content, offset int64, buffer []byte) []byte {
	clear(buffer)
	lack := max(0, -offset)
	if have := c.item.Size - (offset + lack); lack < chunkSize && have > 0 {
		part := buffer[lack:]
		c.readAt(part[:min(int64(len(part)), have)], offset+lack)
	}
	return buffer
}

// recordsOf returns the sound records of a chunk, those of its slack too, in
// order and without overlap.
func recordsOf(chunk []byte) []rawRecord {
	var records []rawRecord
	for pos := chunkHeaderSize; pos < len(chunk); {
		if rec, ok := soundRecordAt(chunk, pos); ok {
			records = append(records, rec)
			pos += rec.size
			continue
		}
		i := bytes.Index(chunk[pos+1:], recordMagicBytes)
		if i < 0 {
			break
		}
		pos += 1 + i
	}
	return records
}

// compareRecord asks the library about one record.
func compareRecord(chunk []byte, records []rawRecord, f *Fragment) Opinion {
	opinion := func(result, format string, args ...any) Opinion {
		return Opinion{Library: velocidexModule + "@" + velocidexVersion, Result: result, Detail: fmt.Sprintf(format, args...)}
	}
	start := f.Offset - f.ChunkOffset
	if start < chunkHeaderSize || start+int64(f.Size) > int64(len(chunk)) {
		return opinion(OpinionWithheld, "the record does not lie inside a chunk")
	}
	raw := chunk[start : start+int64(f.Size)]
	if f.SHA256 != ([32]byte{}) && sha256.Sum256(raw) != f.SHA256 {
		return opinion(OpinionWithheld, "the record could not be read again as it was")
	}
	rec := rawRecord{offset: int(start), size: int(f.Size), id: f.HeaderID}
	private, err := isolate(chunk, records, rec)
	if err != nil {
		return opinion(OpinionWithheld, "not handed over: %v", err)
	}
	event, err := decodeByLibrary(private)
	if err != nil {
		return opinion(OpinionFault, "%v", err)
	}
	difference := compareEvent(f, event)
	switch {
	case difference == "":
		return opinion(OpinionAgrees, "")
	case private.skipsTokens:
		return opinion(OpinionFault, "it does not read entity references, character references and CDATA, and ends there: %s", difference)
	case private.overwrites:
		return opinion(OpinionFault, "of a text in several pieces it keeps the last one only: %s", difference)
	case private.oddString:
		return opinion(OpinionFault, "it leaves a string with an odd number of bytes undecoded: %s", difference)
	}
	return opinion(OpinionDiffers, "%s", difference)
}

// decodeByLibrary returns the library's reading of the record that a chunk was
// made for.
func decodeByLibrary(p *privateChunk) (event *ordereddict.Dict, err error) {
	defer func() {
		if fault := recover(); fault != nil {
			event, err = nil, fmt.Errorf("it panics: %v", fault)
		}
	}()
	chunk, err := evtx.NewChunk(bytes.NewReader(p.data), 0)
	if err != nil {
		return nil, err
	}
	records, err := chunk.Parse(math.MinInt) // ids are unsigned; it takes them as int
	if err != nil {
		return nil, err
	}
	if len(records) != p.count {
		return nil, fmt.Errorf("it reads %d of %d records", len(records), p.count)
	}
	if root, ok := records[p.target].Event.(*ordereddict.Dict); ok {
		value, _ := root.Get("Event")
		event, _ = value.(*ordereddict.Dict)
	}
	if event == nil {
		return nil, errors.New("it finds no event in the record")
	}
	return event, nil
}

// compareEvent returns the first field in which two readings differ, with both
// values, or "".
func compareEvent(f *Fragment, event *ordereddict.Dict) string {
	system := dictAt(event, "System")
	data := eventData(event)
	for _, c := range []struct{ field, ours, theirs string }{
		{"script text", f.Text, data["ScriptBlockText"]},
		{"provider", f.Provider, leaf(system, "Provider", "Name")},
		{"event id", number(f.EventID), leaf(system, "EventID")},
		{"level", number(f.Level), leaf(system, "Level")},
		{"record id", number(f.RecordID), leaf(system, "EventRecordID")},
		{"activity id", f.ActivityID, normalGUID(leaf(system, "Correlation", "ActivityID"))},
		{"process id", number(f.ProcessID), leaf(system, "Execution", "ProcessID")},
		{"thread id", number(f.ThreadID), leaf(system, "Execution", "ThreadID")},
		{"channel", f.Channel, leaf(system, "Channel")},
		{"computer", f.Computer, leaf(system, "Computer")},
		{"user", f.UserSID, leaf(system, "Security", "UserID")},
		{"message number", strconv.Itoa(int(f.Number)), data["MessageNumber"]},
		{"message total", strconv.Itoa(int(f.Total)), data["MessageTotal"]},
		{"block id", f.BlockID, normalGUID(data["ScriptBlockId"])},
		{"path", f.Path, data["Path"]},
	} {
		ours, theirs := asLibraryText(c.ours), asLibraryText(c.theirs)
		if ours != theirs && !(ours == "0" && theirs == "") { // a number that the record lacks
			return difference(c.field, ours, theirs)
		}
	}
	return compareTimes(f.Time, system)
}

// compareTimes compares within the error of the library, which turns a time
// into a float64: the same arithmetic must give the same value.
func compareTimes(ours FileTime, system *ordereddict.Dict) string {
	value, _ := dictAt(system, "TimeCreated").Get("SystemTime")
	switch theirs := value.(type) {
	case float64:
		if want := (float64(ours) - unixEpochTicks) / ticksPerSecond; theirs != want {
			return difference("time", number(want), number(theirs))
		}
	case string:
		if parseSystemTime(theirs) != ours {
			return difference("time", ours.String(), theirs)
		}
	default:
		return difference("time", ours.String(), libraryText(value))
	}
	return ""
}

// difference tells two values apart in few words.
func difference(field, ours, theirs string) string {
	at := 0
	for at < min(len(ours), len(theirs)) && ours[at] == theirs[at] {
		at++
	}
	if len(ours) <= shownBytes && len(theirs) <= shownBytes {
		return fmt.Sprintf("%s is %q, the library has %q", field, ours, theirs)
	}
	return fmt.Sprintf("%s differs from byte %d on: %s of %d bytes, the library has %s of %d", field, at,
		shorten(ours[at:]), len(ours), shorten(theirs[at:]), len(theirs))
}

const shownBytes = 40

// shorten quotes the beginning of a text.
func shorten(s string) string {
	if len(s) <= shownBytes {
		return strconv.Quote(s)
	}
	n := shownBytes
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return strconv.Quote(s[:n]) + "..."
}

// asLibraryText writes text as the library does: lone surrogates become
// U+FFFD, and NULs at the end are cut off.
func asLibraryText(s string) string {
	s = strings.TrimRight(s, "\x00")
	if utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && n == 1 {
			if i+2 < len(s) && s[i] == 0xed { // a surrogate in three bytes
				n = 3
			}
		}
		b.WriteRune(r)
		i += n
	}
	return b.String()
}

// dictAt returns what stands under a path of keys if it is a dictionary, else
// an empty one.
func dictAt(d *ordereddict.Dict, keys ...string) *ordereddict.Dict {
	for _, key := range keys {
		value, _ := d.Get(key)
		inner, ok := value.(*ordereddict.Dict)
		if !ok {
			inner = ordereddict.NewDict()
		}
		d = inner
	}
	return d
}

// leaf returns the text under a path of keys. Where an element has attributes,
// its text stands under "Value".
func leaf(d *ordereddict.Dict, keys ...string) string {
	last := len(keys) - 1
	value, _ := dictAt(d, keys[:last]...).Get(keys[last])
	if inner, ok := value.(*ordereddict.Dict); ok {
		value, _ = inner.Get("Value")
	}
	return libraryText(value)
}

// eventData returns the named values of EventData. The library gives them as a
// dictionary, but as a list of Name and Value, or one such pair, where a Data
// has no value or the record is rendered.
func eventData(event *ordereddict.Dict) map[string]string {
	fields := map[string]string{}
	data := dictAt(event, "EventData")
	pair := func(value any) {
		if d, ok := value.(*ordereddict.Dict); ok {
			fields[leaf(d, "Name")] = leaf(d, "Value")
		}
	}
	for _, key := range data.Keys() {
		value, _ := data.Get(key)
		if list, ok := value.([]any); ok && key == "Data" {
			for _, v := range list {
				pair(v)
			}
		} else if _, ok := value.(*ordereddict.Dict); ok && key == "Data" {
			pair(value)
		} else {
			fields[key] = libraryText(value)
		}
	}
	return fields
}

// libraryText writes a value of the library as text.
func libraryText(value any) string {
	switch v := value.(type) {
	case nil:
		return ""
	case string:
		return v
	}
	return number(value)
}

func number(v any) string { return fmt.Sprint(v) }

// sumOpinions makes one opinion per block of those on its records: the gravest
// result, and what it was about.
func sumOpinions(blocks []*ScriptBlock, requests []opinionRequest) []Opinion {
	gravity := []string{OpinionAgrees, OpinionWithheld, OpinionFault, OpinionDiffers}
	sums := make([]Opinion, len(blocks))
	with := make([]int, len(blocks))  // records with the gravest result
	total := make([]int, len(blocks)) // records asked about
	for _, r := range requests {
		sum := &sums[r.block]
		total[r.block]++
		was, is := slices.Index(gravity, sum.Result), slices.Index(gravity, r.opinion.Result)
		switch {
		case is > was:
			*sum = r.opinion
			with[r.block] = 1
			if sum.Detail != "" {
				sum.Detail = fmt.Sprintf("record at 0x%x: %s", r.fragment.Offset, sum.Detail)
			}
		case is == was:
			with[r.block]++
		}
	}
	for i := range sums {
		if sums[i].Result != OpinionAgrees && total[i] > 1 {
			sums[i].Detail = fmt.Sprintf("%d of %d records; %s", with[i], total[i], sums[i].Detail)
		}
	}
	return sums
}
