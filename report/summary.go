package report

import (
	"slices"
	"strings"

	"pstrail/detect"
	"pstrail/evtxscan"
)

// summarize counts what the findings and the evidence amount to.
//
// The rules are:
//   - Calls, mailboxes and paths are those of `call` findings; what a dry run
//     names is left out of mailboxes and paths.
//   - Hosts, accounts and times are of findings other than mentions.
//   - Every list is sorted, each entry once, as it was written.
func summarize(r *Report, d *document) summary {
	status := r.Status()
	s := summary{
		Status:       statusInfo(status),
		ScriptBlocks: r.Evidence.ScriptBlocks, ScriptBlocksPartial: r.Evidence.Incomplete,
		ScriptBlocksEncrypted: r.Evidence.Encrypted,
		Coverage:              flattenCoverage(r.Evidence.Coverage),
	}
	number := map[detect.Verdict]*int{
		detect.VerdictCall: &s.Verdicts.Call, detect.VerdictAttempt: &s.Verdicts.Attempt,
		detect.VerdictUndecided: &s.Verdicts.Undecided, detect.VerdictLatent: &s.Verdicts.Latent,
		detect.VerdictMention: &s.Verdicts.Mention,
	}
	var mailboxes, paths namedValues
	accounts := map[optional][]accountName{}
	for _, f := range d.Findings {
		verdict := detect.Verdict(f.Verdict)
		if n := number[verdict]; n != nil {
			*n++
		}
		if verdict == detect.VerdictMention {
			continue
		}
		s.Hosts = append(s.Hosts, string(f.Host))
		accounts[f.Account.SID] = append(accounts[f.Account.SID], f.Account.Names...)
		s.FirstTime = earlier(s.FirstTime, f.Time)
		s.LastTime = later(later(s.LastTime, f.Time), f.LastTime)
		if verdict != detect.VerdictCall {
			continue
		}
		for i := range f.Calls {
			c := &f.Calls[i]
			s.Calls++
			if detect.Tri(c.WhatIf) == detect.Yes {
				s.WhatIfCalls++
				continue
			}
			mailboxes.add(c.Mailbox)
			paths.add(c.PSTPath)
		}
	}
	s.Mailboxes, s.MailboxPatterns = distinct(mailboxes.resolved), distinct(mailboxes.patterns)
	s.PSTPaths, s.PSTPatterns = distinct(paths.resolved), distinct(paths.patterns)
	for sid, names := range accounts {
		s.Accounts = append(s.Accounts, namedSID(sid, names))
	}
	s.Hosts, s.Accounts = distinct(s.Hosts), distinct(s.Accounts)

	for _, e := range d.Evidence {
		switch evtxscan.State(e.State) {
		case evtxscan.Intact:
			s.Evidence.Intact++
		case evtxscan.Damaged:
			s.Evidence.Damaged++
		case evtxscan.Incomplete:
			s.Evidence.Incomplete++
		case evtxscan.Unread:
			s.Evidence.Unread++
		}
	}
	return s
}

// namedValues are the values of one parameter over many calls.
type namedValues struct{ resolved, patterns []string }

func (n *namedValues) add(v *value) {
	switch {
	case v == nil:
	case len(v.Values) > 0:
		for _, e := range v.Values {
			n.add(e)
		}
	case v.Resolved:
		n.resolved = append(n.resolved, v.Text)
	default:
		n.patterns = append(n.patterns, v.Text)
	}
}

// namedSID is a SID with the names that the evidence gives to it.
func namedSID(sid optional, names []accountName) string {
	text := string(sid)
	if len(names) > 0 {
		text += " (" + strings.Join(distinct(namesOf(names)), ", ") + ")"
	}
	return strings.TrimSpace(text)
}

func namesOf(names []accountName) []string {
	var out []string
	for _, n := range names {
		out = append(out, n.Name)
	}
	return out
}

func flattenCoverage(covers []evtxscan.Coverage) []coverage {
	out := []coverage{}
	for _, c := range covers {
		flat := coverage{
			Host: c.Host, Channel: c.Channel, First: instant(c.First), Last: instant(c.Last),
			Records: c.Records, ScriptBlocks: c.ScriptBlocks, Logging: string(c.Logging),
			IDGaps: list(c.IDGaps), IDGapsTruncated: c.GapsTruncated, Cleared: []instant{},
		}
		for _, t := range c.Cleared {
			flat.Cleared = append(flat.Cleared, instant(t))
		}
		out = append(out, flat)
	}
	return out
}

// distinct returns the entries sorted, each once, without empty ones.
func distinct(entries []string) []string {
	out := slices.DeleteFunc(slices.Clone(entries), func(s string) bool { return s == "" })
	slices.Sort(out)
	return list(slices.Compact(out))
}

// earlier and later choose between times; one that is not valid loses.
func earlier(a, b instant) instant {
	if evtxscan.CompareTime(evtxscan.FileTime(a), evtxscan.FileTime(b)) <= 0 {
		return a
	}
	return b
}

func later(a, b instant) instant {
	if evtxscan.FileTime(b).Valid() && (b > a || !evtxscan.FileTime(a).Valid()) {
		return b
	}
	return a
}
