package evtxscan

// The layout of a log; source: [MS-EVEN6], libevtx's description of the
// format, and measurements on public logs.
const (
	fileHeaderSize  = 4096
	chunkSize       = 65536
	chunkHeaderSize = 512
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
	opt chunkOptions
}

// chunkResult is what a slot was found to hold. Offsets are relative to the
// slot. Nothing in it aliases the slot's bytes.
type chunkResult struct {
	kind        slotKind
	magic       bool // starts as a chunk does
	badChecksum bool // a checksum is wrong
	sound       bool // both checksums hold, or are declared absent

	// runs are the header ids of live and recovered records that were read, or
	// of the records a skipped chunk holds, in walk order; a run breaks where
	// ids do not follow each other.
	runs      [][2]uint64
	read      int64 // records read, recovered ones included
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

// read examines one slot. data is always chunkSize long, padded with zeros;
// have is how many of its bytes the item really holds. out is overwritten.
func (r *chunkReader) read(data []byte, have int, out *chunkResult) {
	*out = chunkResult{}
}
