// Package report writes findings and the ledger of the evidence for people and
// for other programs. Every format is fed by the same flattening.
package report

import (
	"io"

	"pstrail/detect"
	"pstrail/evtxscan"
)

// Report is everything that a report says. Two runs over the same evidence
// differ in Scan only. It is not changed by being written, so that several
// formats can be written at once.
type Report struct {
	Tool     Tool
	Scan     Scan
	Options  Options
	Case     Case
	Rule     detect.Rule
	Findings []*detect.Finding // in the order of detect
	// PassedOver is how many script blocks were not looked at with those around.
	PassedOver int
	Evidence   *evtxscan.Evidence
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
	LiveOnly     bool
	Hash         bool
}

// Case is what the user says of the case; empty if nothing was said.
type Case struct{ ID, Examiner string }

// Format is one form of a report.
type Format struct {
	Name   string // as --format takes it
	Ending string // of a file's name, with its dot
	// Write writes r to w. Only the table heeds t. Its errors are those of w.
	Write func(w io.Writer, r *Report, t Terminal) error
}

// Terminal is where a table will be read.
type Terminal struct {
	Width int // in columns; 0 means 100
	Color bool
}

// Formats returns the formats that there are, the default first.
func Formats() []Format {
	return []Format{
		{"table", ".txt", writeTable},
		{"csv", ".csv", writeCSV},
		{"json", ".json", writeJSON},
	}
}
