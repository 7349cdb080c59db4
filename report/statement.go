package report

import (
	"fmt"
	"slices"
	"strings"

	"pstrail/detect"
	"pstrail/evtxscan"
)

// maxCovered is how many hosts and channels the statement names; what is
// beyond is counted, and stands in summary.coverage.
const maxCovered = 20

// maxGapsNamed is how many gaps of one host and channel it names.
const maxGapsNamed = 3

// statement returns what a case file can quote, in paragraphs of one or more
// parts: what was read and found, what the logs cover, what could not be read,
// what such a record shows, and what "nothing found" is worth. Times are
// written by clock.
//
// The rules are:
//   - It says no more than the records show: that a block was started, never
//     that its lines were run or that a mailbox was exported.
//   - What was left out, for whatever reason, is said.
//   - Every number is one of the report's own.
func statement(r *Report, s *summary, clock func(instant) string) [][]string {
	return [][]string{
		{whatWasRead(r), whatWasFound(r, s, clock)},
		whatIsCovered(s, clock),
		{whatWasNotRead(r, s)},
		{whatRecordsShow, whatItIsWorth(r, s)},
	}
}

// oneParagraph joins the parts of a statement.
func oneParagraph(paragraphs [][]string) string {
	return strings.Join(slices.Concat(paragraphs...), " ")
}

func whatWasRead(r *Report) string {
	read, copies := 0, 0
	var size, records, skipped, slack, fragments int64
	for _, it := range r.Evidence.Items {
		copies += len(it.Also)
		if it.State == evtxscan.Unread {
			continue
		}
		read++
		size += it.Size
		records += it.Records.Read
		skipped += it.Records.Skipped
		slack += it.Records.Slack
		fragments += it.Records.Fragments
	}
	b := prose{separator: " "}
	b.add("%s %s read %s of %s, %s.", r.Tool.Name, r.Tool.Version, thousands(read),
		count(len(r.Evidence.Items), "item of evidence", "items of evidence"), count(size, "byte", "bytes"))
	b.add("In these it read %s, of which %s (event 4104 of PowerShell).",
		count(records, "record", "records"), scriptBlockRecords(fragments))
	if skipped > 0 {
		b.add("It did not read %s in chunks whose checksums are good and which, searched as bytes, cannot hold a script block record.",
			count(skipped, "record", "records"))
	}
	if slack > 0 {
		b.add("In unused space of the logs it found %s.", count(slack, "further script block record", "further script block records"))
	}
	if r.Options.LiveOnly {
		b.add("Unused space of the logs was not searched, as asked.")
	}
	if copies > 0 {
		b.add("%s the same content as one of these; what they hold is counted once.", count(copies, "further file has", "further files have"))
	}
	b.add("The script block records make %s.", count(r.Evidence.ScriptBlocks, "script block", "different script blocks"))
	return b.String()
}

// verdictWords say what a finding of a verdict is, one and many.
var verdictWords = []struct {
	verdict   detect.Verdict
	one, many string
}{
	{
		detect.VerdictCall,
		"script that makes such a call when it runs (a call under a condition that is not known included)",
		"scripts that make such calls when they run (calls under a condition that is not known included)",
	},
	{
		detect.VerdictAttempt,
		"script with such a call that PowerShell would refuse as it is written",
		"scripts with such a call that PowerShell would refuse as it is written",
	},
	{
		detect.VerdictUndecided,
		"script that gives ground for suspicion, but cannot be worked out",
		"scripts that give ground for suspicion, but cannot be worked out",
	},
	{
		detect.VerdictLatent,
		"script that holds such a call, but does not make it",
		"scripts that hold such a call, but do not make it",
	},
	{
		detect.VerdictMention,
		"script that only names the command or only matches Elastic's rule",
		"scripts that only name the command or only match Elastic's rule",
	},
}

func whatWasFound(r *Report, s *summary, clock func(instant) string) string {
	b := prose{separator: " "}
	var found []string
	for _, w := range verdictWords {
		if n := countVerdict(r.Findings, w.verdict); n > 0 {
			found = append(found, count(n, w.one, w.many))
		}
	}
	if len(found) == 0 {
		found = []string{"no script that makes such a call, may make it, or names the command"}
	}
	b.add("It looked for calls of New-MailboxExportRequest, the command that orders the export of a mailbox to a PST file, and found %s.",
		strings.Join(found, "; "))
	if s.WhatIfCalls > 0 {
		b.add("Of the %s, %s with -WhatIf, which exports nothing.", count(s.Calls, "call", "calls"),
			count(s.WhatIfCalls, "is a dry run", "are dry runs"))
	}
	since, until := instant(r.Options.Since), instant(r.Options.Until)
	switch {
	case since != 0 && until != 0:
		b.add("Only findings from %s until before %s, and those without a valid time, were asked for; others are left out.", clock(since), clock(until))
	case since != 0:
		b.add("Only findings from %s on, and those without a valid time, were asked for; others are left out.", clock(since))
	case until != 0:
		b.add("Only findings before %s, and those without a valid time, were asked for; others are left out.", clock(until))
	}
	return b.String()
}

// whatIsCovered has a paragraph for each host and channel.
func whatIsCovered(s *summary, clock func(instant) string) []string {
	if len(s.Coverage) == 0 {
		return []string{"No record of a PowerShell channel (" + evtxscan.ChannelWindowsPowerShell + " or " +
			evtxscan.ChannelPowerShellCore + ") was read: nothing can be said of what PowerShell ran on any host."}
	}
	var out []string
	for i := range s.Coverage[:min(len(s.Coverage), maxCovered)] {
		out = append(out, covers(&s.Coverage[i], clock))
	}
	rest := "Of other hosts, other channels and other times the evidence says nothing."
	if more := len(s.Coverage) - maxCovered; more > 0 {
		rest = fmt.Sprintf("A further %s covered, which summary.coverage of the JSON report lists. ",
			count(more, "host and channel is", "hosts and channels are")) + rest
	}
	return append(out, rest)
}

func covers(c *coverage, clock func(instant) string) string {
	host := c.Host
	if host == "" {
		host = "without a name"
	}
	b := prose{separator: "; "}
	span := " from " + clock(c.First) + " to " + clock(c.Last)
	switch {
	case c.First.plain() == nil:
		span = ", none with a valid time"
	case c.First == c.Last:
		span = " at " + clock(c.First)
	}
	b.add("Host %s, channel %s: %s%s, of which %s", host, c.Channel,
		count(c.Records, "record", "records"), span, scriptBlockRecords(c.ScriptBlocks))
	b.add("%s", gaps(c))
	if len(c.Cleared) > 0 {
		b.add("the log says that it was cleared at %s", joinedWith(c.Cleared, ", ", clock))
	}
	switch evtxscan.Logging(c.Logging) {
	case evtxscan.LoggingFull:
		b.add("script blocks of level 5 show that the policy to log every block was on when they were written")
	case evtxscan.LoggingSuspicious:
		b.add("as far as the records show, only blocks with a word that PowerShell takes for suspicious were being logged " +
			"(level 3), and the name of this command is no such word")
	case evtxscan.LoggingNone:
		b.add("there is no script block record, so that nothing can be said of what PowerShell ran there")
	}
	return b.String() + "."
}

// gaps says which record ids of a host and channel are missing.
func gaps(c *coverage) string {
	if len(c.IDGaps) == 0 && !c.IDGapsTruncated {
		return "no record id is missing between the first and the last"
	}
	var missing uint64
	for _, g := range c.IDGaps {
		missing += g[1] - g[0] + 1
	}
	named := joinedWith(c.IDGaps[:min(len(c.IDGaps), maxGapsNamed)], ", ", func(g [2]uint64) string {
		if g[0] == g[1] {
			return fmt.Sprint(g[0])
		}
		return fmt.Sprintf("%d to %d", g[0], g[1])
	})
	if more := len(c.IDGaps) - maxGapsNamed; more > 0 {
		named += " and " + count(more, "more gap", "more gaps")
	}
	least := ""
	if c.IDGapsTruncated {
		least = "at least "
	}
	if missing == 1 {
		return least + "1 record id is missing: " + named
	}
	return fmt.Sprintf("%s%s record ids are missing: %s", least, thousands(missing), named)
}

func whatWasNotRead(r *Report, s *summary) string {
	b := prose{separator: " "}
	e := s.Evidence
	if len(r.Evidence.Items) == e.Intact {
		b.add("Every item of evidence is intact: all checks hold, and no record is missing.")
	} else {
		var states []string
		for _, state := range []struct {
			n         int
			one, many string
		}{
			{e.Intact, "item of evidence is intact", "items of evidence are intact"},
			{e.Damaged, "is damaged, but no record is missing", "are damaged, but no record is missing"},
			{e.Incomplete, "is incomplete: records are missing or may be", "are incomplete: records are missing or may be"},
			{e.Unread, "could not be read at all", "could not be read at all"},
		} {
			if state.n > 0 || state.one == "item of evidence is intact" {
				states = append(states, count(state.n, state.one, state.many))
			}
		}
		b.add("%s.", strings.Join(states, "; "))
		b.add("%s", lostRecords(r.Evidence.Items))
	}
	if n := s.ScriptBlocksPartial; n > 0 {
		b.add("%s: fragments are missing, and what stood in them is not known.", count(n, "script block is incomplete", "script blocks are incomplete"))
	}
	if n := r.PassedOver; n > 0 {
		b.add("%s by a name or run text that other blocks may tell, and of themselves tell nothing of such a call: "+
			"these were not followed, since there are too many.", count(n, "script block may call", "script blocks may call"))
	}
	if n := s.ScriptBlocksEncrypted; n > 0 {
		b.add("%s (Protected Event Logging) and could not be examined.", count(n, "script block is encrypted", "script blocks are encrypted"))
	}
	return b.String()
}

// lostRecords says how many records are missing in what was read; it is empty
// if none is.
func lostRecords(items []*evtxscan.Item) string {
	var lost int64
	open := 0
	for _, it := range items {
		switch {
		case it.State == evtxscan.Unread:
		case it.Records.Lost < 0:
			open++
		default:
			lost += it.Records.Lost
		}
	}
	switch {
	case lost > 0 && open > 0:
		return fmt.Sprintf("%s known to be lost; of %s the number cannot be known.",
			count(lost, "record is", "records are"), count(open, "further item", "further items"))
	case lost > 0:
		return count(lost, "record is", "records are") + " known to be lost."
	case open > 0:
		return fmt.Sprintf("How many records are lost in %s cannot be known.", count(open, "item", "items"))
	}
	return ""
}

const whatRecordsShow = "A script block record shows that a block of PowerShell was started on that host, " +
	"under that security context, at that time of the host's clock. " +
	"It does not show that a given line of it was reached, that Exchange accepted a request, that a file was written, " +
	"or who sat at the keyboard. " +
	"A block is logged when it is first run, however often it runs after that: the number of records is not the number of exports. " +
	"Some ways of running PowerShell leave no such record: advanced functions and script files with [CmdletBinding()] " +
	"or [Parameter()], PowerShell 2, exports that are ordered in Exchange's web console, and, on the server, " +
	"commands that reach it as objects over remote PowerShell."

func whatItIsWorth(r *Report, s *summary) string {
	if s.Status.Found {
		return "What was found stands in the records that the findings name, and can be checked there. " +
			"It is not all that may have happened: that no more was found is no evidence that no more was done."
	}
	if !hasScriptBlockRecord(r.Evidence) {
		return "That nothing was found therefore means nothing: there was no script block record in which a call could stand. " +
			"It is no evidence that no mailbox was exported."
	}
	where := "the script blocks that were logged, were kept in these logs, and could be read"
	if r.Options.Since != 0 || r.Options.Until != 0 {
		where += ", of the time asked for"
	}
	return "That nothing was found therefore means this and no more: in " + where +
		", no call of New-MailboxExportRequest was recognised, and Elastic's rule matches none of them. " +
		"It is no evidence that no mailbox was exported."
}

// scriptBlockRecords is their number with its verb.
func scriptBlockRecords(n int64) string {
	if n == 1 {
		return "1 is a script block record"
	}
	return thousands(n) + " are script block records"
}
