package report

import (
	"fmt"
	"slices"
	"strings"

	"pstrail/detect"
	"pstrail/evtxscan"
)

// Status is what a run amounts to; Code is the program's exit status.
type Status struct {
	Code            int
	Found, Examined bool
	Reasons         []string // what was found, then what was not examined
}

// The exit statuses of a run that came to its end.
const (
	CodeNothing         = 0  // nothing found, everything examined
	CodeFound           = 10 // found
	CodeNotExamined     = 20 // nothing found, but not everything could be examined
	CodeFoundIncomplete = 30 // found, and not everything could be examined
)

// Status returns what the report amounts to.
//
// The rules are:
//   - Found is a finding other than a mention, or any that Elastic's rule
//     matches.
//   - Everything is examined if each evidence item is intact or damaged, no
//     script block is encrypted, and there is a script block record at all.
func (r *Report) Status() Status {
	s := Status{Reasons: []string{}}
	var found []string
	for _, v := range verdicts {
		n := countVerdict(r.Findings, v)
		if n > 0 && v != detect.VerdictMention {
			found = append(found, fmt.Sprintf("%d %s", n, v))
		}
	}
	if len(found) > 0 {
		s.Reasons = append(s.Reasons, "found: "+strings.Join(found, ", "))
	}
	matched := 0
	for _, f := range r.Findings {
		if f.Verdict == detect.VerdictMention && f.Rule.Matches() {
			matched++
		}
	}
	if matched > 0 {
		s.Reasons = append(s.Reasons, "Elastic's rule matches "+count(matched, "mention", "mentions"))
	}
	s.Found = len(s.Reasons) > 0

	missing := notExamined(r.Evidence)
	s.Reasons = append(s.Reasons, missing...)
	s.Examined = len(missing) == 0
	switch {
	case s.Found && s.Examined:
		s.Code = CodeFound
	case s.Found:
		s.Code = CodeFoundIncomplete
	case !s.Examined:
		s.Code = CodeNotExamined
	}
	return s
}

// notExamined returns why not everything was examined; nil if it was.
func notExamined(ev *evtxscan.Evidence) []string {
	var reasons []string
	incomplete, unread := 0, 0
	for _, it := range ev.Items {
		switch it.State {
		case evtxscan.Incomplete:
			incomplete++
		case evtxscan.Unread:
			unread++
		}
	}
	if incomplete > 0 {
		reasons = append(reasons, count(incomplete, "evidence item is", "evidence items are")+" incomplete")
	}
	if unread > 0 {
		reasons = append(reasons, count(unread, "evidence item was", "evidence items were")+" not read")
	}
	if ev.Encrypted > 0 {
		reasons = append(reasons, count(ev.Encrypted, "script block is", "script blocks are")+" encrypted")
	}
	if !hasScriptBlockRecord(ev) {
		reasons = append(reasons, "there is no PowerShell script block record")
	}
	return reasons
}

func hasScriptBlockRecord(ev *evtxscan.Evidence) bool {
	return slices.ContainsFunc(ev.Items, func(it *evtxscan.Item) bool {
		return it.Records.Fragments > 0 || it.Records.Slack > 0
	})
}

// verdicts are all there are, the strongest first.
var verdicts = []detect.Verdict{
	detect.VerdictCall, detect.VerdictAttempt, detect.VerdictUndecided, detect.VerdictLatent, detect.VerdictMention,
}

func countVerdict(findings []*detect.Finding, v detect.Verdict) int {
	n := 0
	for _, f := range findings {
		if f.Verdict == v {
			n++
		}
	}
	return n
}
