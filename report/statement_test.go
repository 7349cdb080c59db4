package report

import (
	"strings"
	"testing"

	"pstrail/evtxscan"
)

// said returns the statement of r as JSON has it.
func said(r *Report) string { return flatten(r).Summary.Statement }

// TestStatementSaysWhatIsTrue changes one thing in a case and looks for what
// the statement must say then, and must not say else.
func TestStatementSaysWhatIsTrue(t *testing.T) {
	noRecords := func(r *Report) {
		it := *r.Evidence.Items[0]
		it.Records.Fragments = 0
		r.Evidence.Items = []*evtxscan.Item{&it}
		r.Evidence.Coverage = nil
		r.Evidence.ScriptBlocks = 0
	}
	cover := func(change func(*evtxscan.Coverage)) func(*Report) {
		return func(r *Report) {
			c := r.Evidence.Coverage[0]
			change(&c)
			r.Evidence.Coverage = []evtxscan.Coverage{c}
		}
	}
	for _, c := range []struct {
		name   string
		change func(*Report)
		says   string
	}{
		{"unread", func(r *Report) {
			r.Evidence.Items = append(r.Evidence.Items[:1:1], &evtxscan.Item{State: evtxscan.Unread, Records: evtxscan.RecordCount{Lost: -1}})
		}, "read 1 of 2 items of evidence"},
		{"live only", func(r *Report) { r.Options.LiveOnly = true }, "Unused space of the logs was not searched, as asked."},
		{"since", func(r *Report) { r.Options.Since = at(1, 0, 0, 0) }, "Only findings from 2026-01-01T00:00:00.1234567Z on,"},
		{"until", func(r *Report) { r.Options.Until = at(2, 0, 0, 0) }, "Only findings before 2026-01-02T00:00:00.1234567Z,"},
		{"of the time asked for", func(r *Report) { r.Options.Until = at(2, 0, 0, 0) }, ", of the time asked for, no call"},
		{
			"passed over", func(r *Report) { r.PassedOver = 3 },
			"3 script blocks may call by a name or run text that other blocks may tell, and of themselves tell nothing of such a call: these were not followed",
		},
		{"encrypted", func(r *Report) { r.Evidence.Encrypted = 2 }, "2 script blocks are encrypted (Protected Event Logging) and could not be examined."},
		{"incomplete blocks", func(r *Report) { r.Evidence.Incomplete = 1 }, "1 script block is incomplete: fragments are missing"},
		{"no coverage", noRecords, "nothing can be said of what PowerShell ran on any host"},
		{"no worth", noRecords, "That nothing was found therefore means nothing:"},
		{"suspicious only", cover(func(c *evtxscan.Coverage) { c.Logging = evtxscan.LoggingSuspicious }), "the name of this command is no such word"},
		{"no script block", cover(func(c *evtxscan.Coverage) { c.Logging = evtxscan.LoggingNone }), "there is no script block record, so that nothing can be said of what PowerShell ran there"},
		{"no valid time", cover(func(c *evtxscan.Coverage) { c.First, c.Last = 0, 0 }), "records, none with a valid time, of which"},
		{"one time", cover(func(c *evtxscan.Coverage) { c.Last = c.First }), " records at 2026-01-07T01:02:03.1234567Z, of which"},
		{"one id", cover(func(c *evtxscan.Coverage) { c.IDGaps = [][2]uint64{{5, 5}} }), "1 record id is missing: 5;"},
		{"many gaps", cover(func(c *evtxscan.Coverage) {
			c.IDGaps, c.GapsTruncated = [][2]uint64{{5, 5}, {7, 9}, {11, 11}, {13, 13}, {15, 2014}}, true
		}), "at least 2,006 record ids are missing: 5, 7 to 9, 11 and 2 more gaps;"},
		{"host without a name", cover(func(c *evtxscan.Coverage) { c.Host = "" }), "Host without a name, channel"},
		{"many hosts", func(r *Report) {
			for range maxCovered {
				r.Evidence.Coverage = append(r.Evidence.Coverage, r.Evidence.Coverage[0])
			}
		}, "A further 1 host and channel is covered, which summary.coverage"},
		{"unknown loss", func(r *Report) {
			it := *r.Evidence.Items[0]
			it.State, it.Records.Lost = evtxscan.Incomplete, -1
			r.Evidence.Items = []*evtxscan.Item{&it}
		}, "How many records are lost in 1 item cannot be known."},
		{"found", func(r *Report) { r.Findings = canonicalCase().Findings }, "What was found stands in the records that the findings name"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if before := said(nothingFound()); strings.Contains(before, c.says) {
				t.Fatalf("the statement says %q where it is not so:\n%s", c.says, before)
			}
			r := nothingFound()
			c.change(r)
			after := said(r)
			if !strings.Contains(after, c.says) {
				t.Errorf("the statement does not say %q:\n%s", c.says, after)
			}
			if strings.Contains(after, "  ") || strings.Contains(after, "%!") || strings.Contains(after, " .") || strings.Contains(after, "..") {
				t.Errorf("not a clean text:\n%s", after)
			}
			for range 3 {
				if said(r) != after {
					t.Fatal("the statement differs when it is made again")
				}
			}
		})
	}
}

// TestStatementNeverOverclaims holds the words that the evidence cannot bear
// away from it.
func TestStatementNeverOverclaims(t *testing.T) {
	for _, r := range []*Report{canonicalCase(), nothingFound(), shortRows()} {
		text := strings.ToLower(said(r))
		for _, word := range []string{"executed", "exported the", "was exported to", "the attacker", "malicious", "clean", "no export took place"} {
			if strings.Contains(text, word) {
				t.Errorf("the statement says %q:\n%s", word, text)
			}
		}
	}
}
