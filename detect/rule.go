package detect

import (
	"slices"

	"pstrail/evtxscan"
)

// Rule describes a detection rule, as far as a report quotes it.
type Rule struct {
	ID, Name  string
	Version   int // of Elastic's version lock, as read in August 2026
	Severity  string
	RiskScore int
	Query     string
	Attack    []Technique
}

// Technique is an ATT&CK technique under its tactic.
type Technique struct{ Tactic, Technique string }

// ElasticRule returns the identity of the rule that [MatchRule] applies.
func ElasticRule() Rule {
	rule := Rule{
		ID: "54a81f68-5f2a-421e-8eed-f888278bb712", Name: "Exchange Mailbox Export via PowerShell", Version: 215,
		Severity: "medium", RiskScore: 47,
		Query: `event.category:process and host.os.type:windows and
powershell.file.script_block_text : "New-MailboxExportRequest" and
(
  powershell.file.script_block_text : ("-FilePath" or ".pst") and
  powershell.file.script_block_text : ("-Mailbox" or "Get-Mailbox" or "ExportToPSTFile" or "-Identity")
)`,
	}
	for _, technique := range []string{"T1005", "T1074", "T1074.001", "T1114", "T1114.001", "T1114.002"} {
		rule.Attack = append(rule.Attack, Technique{"TA0009", technique})
	}
	return rule
}

// RuleMatch says where the rule matches.
type RuleMatch struct {
	Script    Tri     // the whole text; Unknown where fragments are missing and none decides
	Fragments []int32 // numbers of the fragments that match on their own, as Elastic sees them
}

// Matches reports whether the rule matches anything.
func (m RuleMatch) Matches() bool { return m.Script == Yes || len(m.Fragments) > 0 }

// The terms of the rule as its analyzer sees them. The query's phrases are
// analysed like the text: each becomes one token, and ".pst" loses its dot.
const (
	termName = 1 << iota
	termFilePath
	termPST
	termMailbox
	termGetMailbox
	termExportToPSTFile
	termIdentity

	termsPath   = termFilePath | termPST
	termsSource = termMailbox | termGetMailbox | termExportToPSTFile | termIdentity
)

var ruleTerms = map[string]uint8{
	"new-mailboxexportrequest": termName,
	"-filepath":                termFilePath,
	"pst":                      termPST,
	"-mailbox":                 termMailbox,
	"get-mailbox":              termGetMailbox,
	"exporttopstfile":          termExportToPSTFile,
	"-identity":                termIdentity,
}

const longestTerm = len("new-mailboxexportrequest")

func satisfied(terms uint8) bool {
	return terms&termName != 0 && terms&termsPath != 0 && terms&termsSource != 0
}

// tokenByte says which bytes the analyzer keeps. Its pattern [\W&&[^-]]+ is
// ASCII-only: every byte of a character beyond separates.
var tokenByte = func() (kept [256]bool) {
	for c := range kept {
		kept[c] = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '-'
	}
	return kept
}()

// ruleTermsIn returns the terms of the rule that stand in text as whole tokens.
// With openStart or openEnd the text goes on beyond that end in a way that is
// not known, and a token that touches it does not count.
func ruleTermsIn(text string, openStart, openEnd bool) (terms uint8) {
	for i := 0; i < len(text); {
		if !tokenByte[text[i]] {
			i++
			continue
		}
		start := i
		for i < len(text) && tokenByte[text[i]] {
			i++
		}
		if n := i - start; n < len("pst") || n > longestTerm {
			continue
		}
		if openStart && start == 0 || openEnd && i == len(text) {
			continue
		}
		var lower [longestTerm]byte
		for k := range i - start {
			c := text[start+k]
			if c >= 'A' && c <= 'Z' {
				c |= 0x20
			}
			lower[k] = c
		}
		terms |= ruleTerms[string(lower[:i-start])]
	}
	return terms
}

// MatchesText reports whether the rule matches a text that is whole.
func MatchesText(text string) bool {
	return satisfied(ruleTermsIn(text, false, false))
}

// MatchRule applies the rule to a block: to each event as Elastic sees it, and
// to the text as a whole.
//
// The rules are:
//   - A fragment is an event of its own; where a cut went through a token,
//     Elastic sees its halves.
//   - The query has no negation: what matches in the pieces that are there
//     matches whatever is missing, unless a token touches a hole and may be
//     part of a longer one.
//   - That a script does not match can be said only if it is complete.
func MatchRule(b *evtxscan.ScriptBlock) RuleMatch {
	m := RuleMatch{}
	for _, p := range b.Pieces {
		if MatchesText(p.Text) && !slices.Contains(m.Fragments, p.Number) {
			m.Fragments = append(m.Fragments, p.Number)
		}
	}
	var terms uint8
	start := 0
	for i, h := range b.Holes {
		terms |= ruleTermsIn(b.Text[start:h.At], i > 0, true)
		start = h.At
	}
	terms |= ruleTermsIn(b.Text[start:], len(b.Holes) > 0, false)
	switch {
	case satisfied(terms):
		m.Script = Yes
	case !b.Complete():
		m.Script = Unknown
	}
	return m
}
