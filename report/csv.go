package report

import (
	"cmp"
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"pstrail/detect"
	"pstrail/evtxscan"
)

// column is one column of the CSV: its name and what stands in it.
type column struct {
	name string
	text func(row) string
}

// row is one call of a finding, or a finding without calls.
type row struct {
	*finding
	call   *call // nil if the finding has none
	latent bool  // call stands in the text, but the block does not make it
}

// columns are the columns in the order of the contract.
var columns = []column{
	{"time", func(r row) string { return scalar(r.Time) }},
	{"time_means", func(r row) string {
		if raw := r.TimeRaw.plain(); raw != nil {
			return fmt.Sprintf("%s (invalid time %v)", r.TimeMeans, raw)
		}
		return r.TimeMeans
	}},
	{"host", func(r row) string { return string(r.Host) }},
	{"account", func(r row) string { return r.Account.name() }},
	{"account_sid", func(r row) string { return string(r.Account.SID) }},
	{"verdict", row.verdict},
	{"outcome", ofCall(func(c *call) string { return c.Outcome })},
	{"basis", row.basis},
	{"mailbox", ofCall(func(c *call) string { return c.Mailbox.text() })},
	{"mailbox_resolved", ofCall(func(c *call) string { return c.Mailbox.isResolved() })},
	{"pst_path", ofCall(func(c *call) string { return c.PSTPath.text() })},
	{"pst_path_resolved", ofCall(func(c *call) string { return c.PSTPath.isResolved() })},
	{"pst_host", ofCall(func(c *call) string {
		if c.PST == nil {
			return ""
		}
		return string(c.PST.Host)
	})},
	{"targets", ofCall(func(c *call) string {
		if c.Targets.Count < 0 {
			return "many"
		}
		return scalar(c.Targets.Count)
	})},
	{"what_if", ofCall(func(c *call) string { return scalar(c.WhatIf) })},
	{"conditional", ofCall(func(c *call) string { return strconv.FormatBool(c.Conditional) })},
	{"content_filter", ofCall(func(c *call) string { return c.parameter("ContentFilter") })},
	{"request_name", ofCall(func(c *call) string { return c.parameter("Name") })},
	{"problems", ofCall(func(c *call) string { return strings.Join(c.Problems, "; ") })},
	{"reason", func(r row) string { return string(r.Reason) }},
	{"signals", func(r row) string {
		return joined(r.Signals, func(s signal) string {
			if s.Detail == "" {
				return s.Name
			}
			return s.Name + ": " + string(s.Detail)
		})
	}},
	{"rule_script", func(r row) string { return scalar(r.RuleMatch.Script) }},
	{"rule_fragments", func(r row) string {
		return joined(r.RuleMatch.Fragments, func(n int32) string { return fmt.Sprint(n) })
	}},
	{"class", func(r row) string { return r.class().String() }},
	{"source", func(r row) string { return r.Source }},
	{"channel", func(r row) string { return string(r.Channel) }},
	{"pid", func(r row) string { return fmt.Sprint(r.Process.PID) }},
	{"evidence", row.evidence},
	{"record_ids", func(r row) string {
		return joined(r.Records, func(rec record) string { return fmt.Sprint(rec.RecordID) })
	}},
	{"offsets", func(r row) string {
		return joined(r.Records, func(rec record) string { return fmt.Sprint(rec.Offset) })
	}},
	{"script_block_id", func(r row) string { return string(r.Script.BlockID) }},
	{"fragments", func(r row) string { return fmt.Sprintf("%d/%d", len(r.Script.Present), r.Script.Total) }},
	{"missing", func(r row) string {
		return joined(r.Script.missing, func(m [2]int32) string {
			if m[0] == m[1] {
				return fmt.Sprint(m[0])
			}
			return fmt.Sprintf("%d-%d", m[0], m[1])
		})
	}},
	{"script_path", func(r row) string { return string(r.Script.Path) }},
	{"script_sha256", func(r row) string { return r.Script.SHA256 }},
	{"statement", ofCall(func(c *call) string { return c.Statement })},
	{"finding", func(r row) string { return r.ID }},
}

// writeCSV writes a line for each call or latent call, and one for a finding
// without; the header always.
func writeCSV(w io.Writer, r *Report, _ Terminal) error {
	out := csv.NewWriter(w)
	cells := make([]string, len(columns))
	for i, c := range columns {
		cells[i] = c.name
	}
	if err := out.Write(cells); err != nil {
		return err
	}
	for _, row := range rows(flatten(r)) {
		for i, c := range columns {
			cells[i] = cell(c.text(row))
		}
		if err := out.Write(cells); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// rows returns the rows of a document by time, evidence, offset, call.
func rows(d *document) []row {
	var out []row
	for _, f := range d.Findings {
		if len(f.Calls)+len(f.LatentCalls) == 0 {
			out = append(out, row{finding: f})
		}
		for i := range f.Calls {
			out = append(out, row{f, &f.Calls[i], false})
		}
		for i := range f.LatentCalls {
			out = append(out, row{f, &f.LatentCalls[i], true})
		}
	}
	slices.SortStableFunc(out, func(a, b row) int {
		return cmp.Or(
			evtxscan.CompareTime(evtxscan.FileTime(a.Time), evtxscan.FileTime(b.Time)),
			strings.Compare(a.Records[0].path, b.Records[0].path), cmp.Compare(a.Records[0].Offset, b.Records[0].Offset),
		)
	})
	return out
}

// verdict is that of the row: a call that is not made is latent, also where
// another call of the same finding is made.
func (r row) verdict() string {
	if r.latent {
		return string(detect.VerdictLatent)
	}
	return r.Verdict
}

func (r row) basis() string {
	if r.call == nil {
		return ""
	}
	return r.call.basis()
}

// class is the weakest class of the finding's records.
func (r row) class() evtxscan.Class {
	weakest := evtxscan.Live
	for _, rec := range r.Records {
		weakest = max(weakest, rec.class)
	}
	return weakest
}

// evidence names the item of the records once if it is the same for all, else
// for each record, as record_ids and offsets do.
func (r row) evidence() string {
	first := r.Records[0].path
	if !slices.ContainsFunc(r.Records, func(rec record) bool { return rec.path != first }) {
		return first
	}
	return joined(r.Records, func(rec record) string { return rec.path })
}

// parameter returns the value of a parameter as text, empty if it is not given.
func (c *call) parameter(name string) string {
	for _, p := range c.Parameters {
		if strings.EqualFold(p.Name, name) {
			return p.Value.text()
		}
	}
	return ""
}

func (v *value) text() string {
	if v == nil {
		return ""
	}
	return v.Text
}

func (v *value) isResolved() string {
	if v == nil {
		return ""
	}
	return strconv.FormatBool(v.Resolved)
}

func ofCall(text func(*call) string) func(row) string {
	return func(r row) string {
		if r.call == nil {
			return ""
		}
		return text(r.call)
	}
}

// scalar returns what stands for n in a cell: null is empty.
func scalar(n nullable) string {
	if p := n.plain(); p != nil {
		return fmt.Sprint(p)
	}
	return ""
}

// joined joins the texts of a list as CSV does.
func joined[T any](list []T, text func(T) string) string {
	return joinedWith(list, "; ", text)
}
