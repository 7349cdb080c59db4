// Package detect judges script blocks: Elastic's rule to the letter, and what
// the PowerShell itself would do with New-MailboxExportRequest.
package detect

import (
	"strings"

	"pstrail/detect/powershell"
	"pstrail/evtxscan"
)

// Verdict is what a finding amounts to; the contract of the report defines it.
type Verdict string

// The verdicts, the strongest first.
const (
	VerdictCall      Verdict = "call"
	VerdictAttempt   Verdict = "attempt"
	VerdictUndecided Verdict = "undecided"
	VerdictLatent    Verdict = "latent"
	VerdictMention   Verdict = "mention"
)

// Finding is one rebuilt script that calls for an export, may do so, or names
// the cmdlet.
type Finding struct {
	// ID is 12 hex digits of SHA-256 over source, computer, block id and total;
	// never over a path, so it is the same wherever the evidence lies.
	ID        string
	Source    string // "4104"
	Verdict   Verdict
	Reason    string
	Contested bool // fragments in conflict, and the other version has another verdict
	Time      evtxscan.FileTime
	LastTime  evtxscan.FileTime
	TimeMeans string
	Rule      RuleMatch
	// Blocks are the blocks the finding stands on: one, or several where equal
	// mentions fold. The first speaks for it.
	Blocks         []*evtxscan.ScriptBlock
	Calls          []*Call
	Latent         []*Call
	CallsTruncated bool
	Nested         []BlockRef
	Context        []BlockRef
	Signals        []Signal
	SecondOpinion  evtxscan.Opinion
	Account        Account

	proxy bool // the body of an implicit-remoting proxy
}

// BlockRef names another script block that belongs to a finding.
type BlockRef struct {
	Block *evtxscan.ScriptBlock
	Why   string
}

// Account is the security context of a finding.
type Account struct {
	SID   string
	Names []AccountName
}

// AccountName is a name that a record of the evidence gives to a SID.
type AccountName struct {
	Name   string
	Record string
}

// Signal is a trait that helps to rank a finding; none is a proof.
type Signal struct{ Name, Detail string }

// Call is one call of the cmdlet that running the block would make.
type Call struct {
	Cmdlet       string
	Line, Column int // in the block's text, 1-based; columns in UTF-16 units
	Statement    string
	Mailbox      *Value // nil if not given
	PSTPath      *Value
	PST          PST
	Parameters   []Parameter // full names, in the order written
	Targets      Targets
	WhatIf       Tri
	Conditional  bool
	Via          []string
	Outcome      Outcome
	Problems     []string

	refused bool                  // PowerShell's binder refuses it
	many    bool                  // it stands for any number of calls
	home    *evtxscan.ScriptBlock // whose text holds the command, nil for made text
	at      powershell.Span       // where in it
}

// Tri is true, false or unknown.
type Tri uint8

// The zero Tri is No.
const (
	No Tri = iota
	Yes
	Unknown
)

// Outcome is how far the evidence shows that a call came.
type Outcome string

// The outcomes that a 4104 record alone can show.
const (
	OutcomeNotShown Outcome = "not-shown"
	OutcomeStarted  Outcome = "started"
)

// PST is what a path says about where the file goes.
type PST struct {
	Kind      PathKind
	Host      string
	Share     string
	Loopback  bool
	LocalPath string // behind a drive's admin share
}

// PathKind is the form of a path.
type PathKind string

// The forms of paths.
const (
	PathUNC      PathKind = "unc"
	PathDrive    PathKind = "drive"
	PathRelative PathKind = "relative"
	PathOther    PathKind = "other"
	PathUnknown  PathKind = "unknown"
)

// Parameter is a bound parameter under its full name.
type Parameter struct {
	Name  string
	Value Value
}

// Targets is how many mailboxes a call addresses.
type Targets struct {
	Count        int    // -1 if not known
	EnumeratedBy string // the source text, where Count is not known
}

// Basis is where a value was found.
type Basis string

// The bases of values.
const (
	BasisLiteral  Basis = "literal"
	BasisComputed Basis = "computed"
	BasisEarlier  Basis = "earlier-block"
	BasisDefault  Basis = "default"
)

// Value is what is known of an argument: text with unknown parts, or an array.
type Value struct {
	Parts  []Part
	Values []Value // of an array; Parts is then empty
	Basis  Basis
}

// Part is a piece of a value: known text, or an expression that the text of
// the script does not decide.
type Part struct {
	Text       string
	Expression string // not empty: unknown
	Origin     string // of an unknown part: mailbox, file, prompt, parameter ...
	Default    *string
}

// Resolved reports whether every part of v is known.
func (v Value) Resolved() bool {
	for _, p := range v.Parts {
		if p.Expression != "" {
			return false
		}
	}
	for _, e := range v.Values {
		if !e.Resolved() {
			return false
		}
	}
	return true
}

// Text returns v for a person, unknown parts in braces.
func (v Value) Text() string {
	var b strings.Builder
	v.appendText(&b)
	return b.String()
}

func (v Value) appendText(b *strings.Builder) {
	for _, p := range v.Parts {
		switch {
		case p.Expression == "":
			b.WriteString(p.Text)
		case p.Default != nil:
			b.WriteString("{" + p.Expression + " = " + *p.Default + "}")
		default:
			b.WriteString("{" + p.Expression + "}")
		}
	}
	for i, e := range v.Values {
		if i > 0 {
			b.WriteString(", ")
		}
		e.appendText(b)
	}
}
