package detect

import (
	"context"

	"pstrail/evtxscan"
)

// Options say what [Run] reports.
type Options struct {
	// Workers is how many goroutines read evidence again; below 1 means one per
	// processor.
	Workers int
	// Since and Until bound the findings: those whose [Time, LastTime] meets
	// [Since, Until) are reported, and those without a valid time. 0 means no
	// bound.
	Since, Until evtxscan.FileTime
}

// Wants reports whether a script block must be looked at: the rule matches it,
// or its text can hold the cmdlet or hide it. It is what
// [evtxscan.Options.Keep] needs, and may be called from several goroutines at
// once.
func Wants(b *evtxscan.ScriptBlock) bool {
	return MatchRule(b).Matches()
}

// Run judges the script blocks of the evidence and returns the findings in
// order: by time, then place. What it needs of other blocks it reads again. Its
// only error is the context's.
func Run(ctx context.Context, ev *evtxscan.Evidence, opt Options) ([]*Finding, error) {
	return nil, ctx.Err()
}
