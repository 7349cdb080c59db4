package report

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"pstrail/detect"
	"pstrail/evtxscan"
)

func TestStatus(t *testing.T) {
	log := func(s evtxscan.State, fragments int64) *evtxscan.Item {
		return &evtxscan.Item{Path: "a.evtx", State: s, Records: evtxscan.RecordCount{Fragments: fragments}}
	}
	whole := []*evtxscan.Item{log(evtxscan.Intact, 3), log(evtxscan.Damaged, 0)}
	find := func(v detect.Verdict, matches detect.Tri, fragments ...int32) *detect.Finding {
		return &detect.Finding{Verdict: v, Rule: detect.RuleMatch{Script: matches, Fragments: fragments}}
	}
	for _, c := range []struct {
		name      string
		findings  []*detect.Finding
		items     []*evtxscan.Item
		encrypted int
		want      Status
	}{
		{"nothing", nil, whole, 0, Status{0, false, true, []string{}}},
		{"a mention", []*detect.Finding{find(detect.VerdictMention, detect.No)}, whole, 0, Status{0, false, true, []string{}}},
		{"a mention that cannot be matched", []*detect.Finding{find(detect.VerdictMention, detect.Unknown)}, whole, 0,
			Status{0, false, true, []string{}}},
		{"a mention that the rule matches", []*detect.Finding{find(detect.VerdictMention, detect.Yes)}, whole, 0,
			Status{10, true, true, []string{"Elastic's rule matches 1 mention"}}},
		{"a mention with a fragment that the rule matches", []*detect.Finding{find(detect.VerdictMention, detect.No, 2)}, whole, 0,
			Status{10, true, true, []string{"Elastic's rule matches 1 mention"}}},
		{"calls", []*detect.Finding{
			find(detect.VerdictLatent, detect.No), find(detect.VerdictCall, detect.Yes), find(detect.VerdictCall, detect.No),
		}, whole, 0, Status{10, true, true, []string{"found: 2 call, 1 latent"}}},
		{"undecided", []*detect.Finding{find(detect.VerdictUndecided, detect.No)}, whole, 0,
			Status{10, true, true, []string{"found: 1 undecided"}}},
		{"attempt", []*detect.Finding{find(detect.VerdictAttempt, detect.No)}, whole, 0,
			Status{10, true, true, []string{"found: 1 attempt"}}},
		{"incomplete", nil, append(whole, log(evtxscan.Incomplete, 0)), 0,
			Status{20, false, false, []string{"1 evidence item is incomplete"}}},
		{"unread", nil, append(whole, log(evtxscan.Unread, 0), log(evtxscan.Unread, 0)), 0,
			Status{20, false, false, []string{"2 evidence items were not read"}}},
		{"encrypted", nil, whole, 2, Status{20, false, false, []string{"2 script blocks are encrypted"}}},
		{"no script block record", nil, whole[1:], 0,
			Status{20, false, false, []string{"there is no PowerShell script block record"}}},
		{"found and incomplete", []*detect.Finding{find(detect.VerdictCall, detect.Yes)}, append(whole, log(evtxscan.Incomplete, 0)), 1,
			Status{30, true, false, []string{"found: 1 call", "1 evidence item is incomplete", "1 script block is encrypted"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := &Report{Findings: c.findings, Evidence: &evtxscan.Evidence{Items: c.items, Encrypted: c.encrypted}}
			if diff := cmp.Diff(c.want, r.Status()); diff != "" {
				t.Errorf("status (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCount(t *testing.T) {
	for n, want := range map[int64]string{
		0: "0 logs", 1: "1 log", 2: "2 logs", 999: "999 logs", 1000: "1,000 logs", 1_234_567: "1,234,567 logs", -1000: "-1,000 logs",
	} {
		if got := count(n, "log", "logs"); got != want {
			t.Errorf("count(%d) = %q, want %q", n, got, want)
		}
	}
}
