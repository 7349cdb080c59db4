package evtxscan

import (
	"slices"
	"time"
)

// State says how far an evidence item could be read.
type State string

const (
	Intact     State = "intact"     // every check holds
	Damaged    State = "damaged"    // something is wrong, but no record is missing
	Incomplete State = "incomplete" // records are missing, or may be
	Unread     State = "unread"     // not read at all
)

// Item is one piece of evidence and the account of its reading. The sums
//
//	Slots = Empty + Skipped + Read + Foreign
//
// and, where record ids ascend without repeats,
//
//	last - first + 1 = Records.Read + Records.Skipped + Records.Lost
//
// hold for every input.
type Item struct {
	// ID is short and stable: items are numbered in the order of their paths.
	ID string
	// Path is the argument as typed, cleaned, joined with '/' to what lies
	// below it; a byte that is not UTF-8 stands as \xNN.
	Path string
	// Member is the path inside an archive, or empty.
	Member string
	// Also are other paths whose content is the same, byte for byte.
	Also []ItemPath
	// Size is in bytes, as found when the scan began.
	Size int64
	// SHA256 is of the whole item, in hex; empty if it was not asked for or
	// not every byte could be read.
	SHA256 string
	Kind   Kind
	Form   Form
	State  State
	Flags  []string // odd but normal: "dirty", "full", "no-checksums", "preallocated" ...

	Channels, Hosts []string // sorted
	Chunks          ChunkCount
	Records         RecordCount
	RecordIDs       IDRange // of the record headers
	First, Last     FileTime
	Issues          []Issue // by offset
	IssuesTruncated int     // issues beyond the limit, which are counted only

	file     string                       // path for the system; empty if there is nothing to open
	modified time.Time                    // of the file, when it was found
	head     []byte                       // its first bytes
	claims   bool                         // is, or by its name claims to be, an event log
	openWith func() (evidenceFile, error) // nil: the file is opened
}

// ItemPath is where an item was found.
type ItemPath struct{ Path, Member string }

// Kind is what an item is by its content.
type Kind string

const (
	KindEVTX  Kind = "evtx"
	KindOther Kind = "other"
)

// Form is the shape in which an item's records are stored.
type Form string

const (
	FormNone      Form = ""
	FormNative    Form = "native"    // written by the log service
	FormExported  Form = "exported"  // saved from the event viewer
	FormForwarded Form = "forwarded" // rendered text
	FormMixed     Form = "mixed"
)

// ChunkCount counts 64 KiB slots, from the item's size.
type ChunkCount struct {
	Slots       int64
	Empty       int64 // all zero
	Skipped     int64 // sound, searched, cannot hold what is looked for
	Read        int64 // walked record by record
	Foreign     int64 // neither empty nor a chunk, and no record in it
	BadChecksum int64 // among Read
}

// RecordCount counts records.
type RecordCount struct {
	Read      int64 // Recovered ones included
	Recovered int64 // reached only by resynchronising, or beyond a stale header
	Skipped   int64 // in skipped chunks, by their headers
	Lost      int64 // known to be missing; -1 if that cannot be known
	Slack     int64 // PowerShell 4104 records outside the live area
	Fragments int64 // PowerShell 4104 records among Read
}

// IDRange is a range of record ids with the ids missing in it, both ends
// inclusive and ascending. It is empty if Known is false.
type IDRange struct {
	Known       bool
	First, Last uint64
	Gaps        [][2]uint64
}

// Issue is something wrong with an item at a place.
type Issue struct {
	Offset int64  // in the item, bytes
	Kind   string // one of the Issue constants
	Detail string // for a person: what was needed, what was found
	Lost   int64  // records lost by it; -1 if that cannot be known
}

// Evidence problems, as they stand in a report.
const (
	IssueFileHeader     = "file-header"
	IssueFileChecksum   = "file-checksum"
	IssueVersion        = "version"
	IssueChunkCount     = "chunk-count"
	IssueChunkMagic     = "chunk-magic"
	IssueChunkHeader    = "chunk-header"
	IssueHeaderChecksum = "chunk-header-checksum"
	IssueDataChecksum   = "chunk-data-checksum"
	IssueDisplaced      = "displaced-chunk"
	IssueZeroed         = "zeroed"
	IssueForeign        = "foreign-data"
	IssueTruncated      = "truncated"
	IssueTrailing       = "trailing-bytes"
	IssueRecord         = "record" // a record that cannot be walked
	IssueSizeCopy       = "record-size-copy"
	IssueRecordValue    = "record-value" // a record that is there, but cannot be decoded
	IssueIDGap          = "record-id-gap"
	IssueReadError      = "read-error"
	IssueChanged        = "changed-while-read"
	IssueInternal       = "internal"
	IssueNotALog        = "not-a-log"
	IssueNotRead        = "not-read"
	IssueCopy           = "duplicate-records"
)

// Limits of what one item may put into a report.
const (
	maxIssues = 1000
	maxGaps   = 1000
)

func (it *Item) addIssue(i Issue) {
	if len(it.Issues) >= maxIssues {
		it.IssuesTruncated++
		return
	}
	it.Issues = append(it.Issues, i)
}

func (it *Item) addAlso(p ItemPath) {
	if !slices.Contains(it.Also, p) {
		it.Also = append(it.Also, p)
	}
}
