// Package evtxscan turns Windows event logs into PowerShell script blocks and a
// ledger of what was read; it knows nothing of rules or reports.
//
// It goes in two steps. [Find] says what the evidence is, without reading more
// of a file than its first bytes; [Collection.Scan] reads it. What cannot be
// read becomes an [Issue] of its [Item], never an error of the run.
package evtxscan

// Options say how a collection is read. The zero value reads everything with
// one worker per processor, without hashing, and keeps every script block.
type Options struct {
	// Workers is how many spans are read at a time; below 1 means one per
	// processor. With 1 no goroutine is started.
	Workers int
	// Hash asks for the SHA-256 of every item.
	Hash bool
	// LiveOnly leaves out what stands in slack.
	LiveOnly bool
	// Keep says whether a script block is wanted with its text; what is not is
	// only counted. It is called from several goroutines at once, and with
	// incomplete blocks too. The block is the caller's only if Keep returns
	// true. Nil keeps all.
	Keep func(*ScriptBlock) bool
	// Glance, where not nil, is asked before Keep about the text of a block of
	// one fragment; false means that Keep would return false. It makes a scan
	// faster, since no memory is taken for what does not pass. The text is valid
	// during the call only: Glance must not remember any part of it.
	Glance func(text string) bool
	// Progress, where not nil, is told how far the scan is.
	Progress *Progress

	noSkip bool // walk every chunk: for the test that skipping loses nothing
}

// Evidence is what a scan found. It does not depend on the number of workers
// or on the order of the arguments.
type Evidence struct {
	// Items are the evidence items in the order of their paths.
	Items []*Item
	// Blocks are the script blocks that Options.Keep wanted, in the order of
	// time, then item, then offset; blocks without a valid time come last.
	Blocks []*ScriptBlock
	// Coverage is one entry per host and PowerShell channel, in that order.
	Coverage []Coverage
	// ScriptBlocks counts distinct (computer, block id, total), kept or not;
	// Incomplete and Encrypted are parts of it.
	ScriptBlocks, Incomplete, Encrypted int

	liveOnly bool
	hosts    hostNames
}

// Coverage says for one host and one PowerShell channel which time the logs
// cover, and how complete they are.
type Coverage struct {
	Host, Channel string
	First, Last   FileTime // of the records' own times; 0 if none is valid
	Records       int64
	ScriptBlocks  int64       // 4104 fragments among Records
	Logging       Logging     // what the levels of the blocks show
	IDGaps        [][2]uint64 // missing EventRecordIDs, both ends inclusive, ascending
	GapsTruncated bool        // more gaps than are listed
	Cleared       []FileTime  // when a record says that the log was cleared
}

// Logging tells which script blocks a host wrote to its log.
type Logging string

const (
	LoggingFull       Logging = "full"            // blocks of level 5: the policy was on
	LoggingSuspicious Logging = "suspicious-only" // only blocks of level 3: no policy was set
	LoggingNone       Logging = "none-seen"       // records, but no script block
)
