// Package report writes findings and the ledger of the evidence for people and
// for other programs. Every format is fed by the same flattening.
package report

import (
	"pstrail/detect"
	"pstrail/evtxscan"
)

// Report is everything that a report says. Two runs over the same evidence
// differ in Scan only.
type Report struct {
	Tool     Tool
	Scan     Scan
	Options  Options
	Case     Case
	Rule     detect.Rule
	Findings []*detect.Finding // in the order of detect
	Evidence *evtxscan.Evidence
}

// Tool is the program that made the report.
type Tool struct{ Name, Version, Commit string }

// Scan is the run that made the report; times are RFC 3339.
type Scan struct {
	Started, Finished string
	Arguments         []string
	Workers           int
}

// Options are the options that decide what a report says.
type Options struct {
	Since, Until evtxscan.FileTime // 0: not given
	Hash         bool
}

// Case is what the user says of the case; empty if nothing was said.
type Case struct{ ID, Examiner string }
