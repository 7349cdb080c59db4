package report

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"pstrail/detect"
	"pstrail/evtxscan"
)

// Limits of what a report repeats of a script block. What is cut is said in
// the same object.
const (
	maxText    = 16 << 20 // bytes of script.text; a longer one is null
	maxMissing = 1000     // numbers in script.missing; script.holes has all, as ranges
)

// flatten turns a report into what the formats write. It is the only place
// that reads the types of detect and evtxscan.
func flatten(r *Report) *document {
	d := &document{
		Schema: schema,
		Tool:   toolInfo{r.Tool.Name, r.Tool.Version, optional(r.Tool.Commit)},
		Scan: scanInfo{
			optional(r.Scan.Started), optional(r.Scan.Finished), list(r.Scan.Arguments), r.Scan.Workers,
		},
		Options: optionInfo{
			Since: instant(r.Options.Since), Until: instant(r.Options.Until),
			LiveOnly: r.Options.LiveOnly, Hash: r.Options.Hash,
		},
		Case:     caseInfo{optional(r.Case.ID), optional(r.Case.Examiner)},
		Rule:     flattenRule(r.Rule),
		Findings: []*finding{},
		Evidence: []*evidence{},
	}
	for _, it := range r.Evidence.Items {
		d.Evidence = append(d.Evidence, flattenItem(it))
	}
	for _, f := range r.Findings {
		d.Findings = append(d.Findings, flattenFinding(f))
	}
	d.Timeline = timeline(d.Findings)
	d.Summary = summarize(r, d)
	d.Summary.Statement = oneParagraph(statement(r, &d.Summary, fullTime))
	return d
}

func flattenRule(r detect.Rule) ruleInfo {
	info := ruleInfo{r.ID, r.Name, r.Version, r.Severity, r.RiskScore, r.Query, []technique{}}
	for _, t := range r.Attack {
		info.Attack = append(info.Attack, technique(t))
	}
	return info
}

func flattenFinding(f *detect.Finding) *finding {
	block := f.Blocks[0]
	first := block.First()
	out := &finding{
		ID: f.ID, Source: f.Source, Verdict: string(f.Verdict), Reason: optional(f.Reason), Contested: f.Contested,
		Time: instant(f.Time), LastTime: instant(f.LastTime), TimeMeans: f.TimeMeans,
		TimeRaw: rawTime(f.Time), LastTimeRaw: rawTime(f.LastTime),
		RuleMatch:  ruleMatch{tri(f.Rule.Script), list(f.Rule.Fragments)},
		Host:       optional(first.Host()),
		Account:    account{optional(f.Account.SID), []accountName{}},
		Process:    process{first.ProcessID, first.ThreadID},
		ActivityID: optional(first.ActivityID), Channel: optional(first.Channel), Provider: optional(first.Provider),
		Level:    first.Level,
		Script:   flattenScript(block),
		Records:  []record{},
		CallsCut: f.CallsTruncated,
		Nested:   []nested{}, Context: []contextOf{}, Signals: []signal{},
	}
	for _, n := range f.Account.Names {
		out.Account.Names = append(out.Account.Names, accountName(n))
	}
	for _, b := range f.Blocks {
		out.Records = append(out.Records, flattenRecords(b)...)
	}
	out.Calls, out.LatentCalls = flattenCalls(f.Calls), flattenCalls(f.Latent)
	for _, n := range f.Nested {
		out.Nested = append(out.Nested, nested{optional(n.Block.BlockID), instant(n.Block.First().Time), flattenRecords(n.Block)})
	}
	for _, c := range f.Context {
		out.Context = append(out.Context, contextOf{
			optional(c.Block.BlockID), instant(c.Block.First().Time), flattenRecords(c.Block), c.Why,
		})
	}
	for _, s := range f.Signals {
		out.Signals = append(out.Signals, signal{s.Name, optional(s.Detail)})
	}
	if o := f.SecondOpinion; o.Result != "" {
		out.SecondOpinion = &opinion{o.Library, o.Result, optional(o.Detail)}
	}
	return out
}

func flattenScript(b *evtxscan.ScriptBlock) script {
	sum := sha256.Sum256([]byte(b.Text))
	s := script{
		BlockID: optional(b.BlockID), Total: b.Total, Present: []int32{}, Missing: []int32{}, missing: b.Missing,
		Complete: b.Complete(), Holes: []hole{}, Path: optional(b.First().Path),
		Length: evtxscan.UTF16Len(b.Text), SHA256: hex.EncodeToString(sum[:]),
	}
	for _, p := range b.Pieces {
		if n := len(s.Present); n == 0 || s.Present[n-1] != p.Number {
			s.Present = append(s.Present, p.Number)
		}
	}
	for _, m := range b.Missing {
		for n := int64(m[0]); n <= int64(m[1]) && len(s.Missing) < maxMissing; n++ {
			s.Missing = append(s.Missing, int32(n))
		}
		s.MissingCount += int64(m[1]) - int64(m[0]) + 1
	}
	at, units := 0, 0
	for _, h := range b.Holes {
		units += evtxscan.UTF16Len(b.Text[at:h.At])
		at = h.At
		s.Holes = append(s.Holes, hole{units, h.Numbers, unknown(h.Length)})
	}
	if len(b.Text) <= maxText {
		s.Text = &b.Text
	}
	return s
}

func flattenRecords(b *evtxscan.ScriptBlock) []record {
	out := []record{}
	for i, p := range b.Pieces {
		conflict := i > 0 && b.Pieces[i-1].Number == p.Number ||
			i+1 < len(b.Pieces) && b.Pieces[i+1].Number == p.Number
		for _, f := range p.Records {
			rec := record{
				Evidence: f.Item.ID, Number: f.Number, Time: instant(f.Time), Written: instant(f.Written),
				TimeRaw: rawTime(f.Time), WrittenRaw: rawTime(f.Written),
				RecordID: f.RecordID, HeaderID: f.HeaderID,
				Offset: f.Offset, Size: f.Size, ChunkOffset: f.ChunkOffset, Class: f.Class.String(), class: f.Class,
				Conflict: conflict, BlockID: optional(b.BlockID), path: itemName(f.Item.Path, f.Item.Member),
			}
			if f.SHA256 != [32]byte{} {
				rec.SHA256 = optional(hex.EncodeToString(f.SHA256[:]))
			}
			out = append(out, rec)
		}
	}
	return out
}

func flattenCalls(calls []*detect.Call) []call {
	out := []call{}
	for _, c := range calls {
		flat := call{
			Cmdlet: c.Cmdlet, Line: c.Line, Column: c.Column, Statement: c.Statement,
			Mailbox: flattenValue(c.Mailbox), PSTPath: flattenValue(c.PSTPath),
			Parameters: []parameter{}, Targets: targets{unknown(c.Targets.Count), optional(c.Targets.EnumeratedBy)},
			WhatIf: tri(c.WhatIf), Conditional: c.Conditional, Via: list(c.Via),
			Outcome: string(c.Outcome), OutcomeRecords: []record{}, Problems: list(c.Problems),
		}
		if c.PSTPath != nil {
			flat.PST = &pst{
				string(c.PST.Kind), optional(c.PST.Host), optional(c.PST.Share), c.PST.Loopback, optional(c.PST.LocalPath),
			}
		}
		for i := range c.Parameters {
			p := &c.Parameters[i]
			flat.Parameters = append(flat.Parameters, parameter{p.Name, flattenValue(&p.Value)})
		}
		out = append(out, flat)
	}
	return out
}

func flattenValue(v *detect.Value) *value {
	if v == nil {
		return nil
	}
	out := &value{Text: v.Text(), Resolved: v.Resolved(), Basis: optional(v.Basis), Parts: []any{}, Values: []*value{}}
	for _, p := range v.Parts {
		if p.Expression == "" {
			out.Parts = append(out.Parts, textPart{p.Text})
		} else {
			out.Parts = append(out.Parts, openPart{p.Expression, optional(p.Origin), p.Default})
		}
	}
	for i := range v.Values {
		out.Values = append(out.Values, flattenValue(&v.Values[i]))
	}
	return out
}

func flattenItem(it *evtxscan.Item) *evidence {
	e := &evidence{
		ID: it.ID, Path: it.Path, Member: optional(it.Member), Also: []itemPath{}, Size: it.Size,
		SHA256: optional(it.SHA256), Kind: string(it.Kind), Form: optional(it.Form), State: string(it.State),
		Flags: list(it.Flags), Channels: list(it.Channels), Hosts: list(it.Hosts),
		Chunks: chunkCount(it.Chunks),
		Records: recordCount{
			it.Records.Read, it.Records.Recovered, it.Records.Skipped, unknown(it.Records.Lost),
			it.Records.Slack, it.Records.Fragments,
		},
		RecordIDs: recordIDs{Gaps: [][2]uint64{}},
		Time:      timeSpan{instant(it.First), instant(it.Last)},
		Issues:    []issue{}, IssuesTruncated: it.IssuesTruncated,
		name: itemName(it.Path, it.Member),
	}
	for _, a := range it.Also {
		e.Also = append(e.Also, itemPath{a.Path, optional(a.Member)})
	}
	if ids := it.RecordIDs; ids.Known {
		e.RecordIDs = recordIDs{&ids.First, &ids.Last, list(ids.Gaps)}
	}
	for _, i := range it.Issues {
		e.Issues = append(e.Issues, issue{i.Offset, i.Kind, i.Detail, unknown(i.Lost)})
	}
	return e
}

// timeline has one entry for each finding, in the order of time, evidence,
// offset.
func timeline(findings []*finding) []entry {
	entries := []entry{}
	for _, f := range findings {
		first := f.Records[0]
		basis := "observed"
		if len(f.Calls) > 0 {
			basis = f.Calls[0].basis()
		}
		entries = append(entries, entry{
			Time: f.Time, TimeRaw: f.TimeRaw, TimeMeans: f.TimeMeans, Kind: "finding", Host: f.Host,
			Account: optional(f.Account.name()), PID: f.Process.PID, Text: f.headline(), Basis: basis,
			Finding: optional(f.ID), Record: recordPlace{first.Evidence, first.RecordID, first.Offset}, path: first.path,
		})
	}
	slices.SortStableFunc(entries, func(a, b entry) int {
		return cmp.Or(
			evtxscan.CompareTime(evtxscan.FileTime(a.Time), evtxscan.FileTime(b.Time)),
			strings.Compare(a.path, b.path), cmp.Compare(a.Record.Offset, b.Record.Offset),
		)
	})
	return entries
}

// headline says in one line what a finding is.
func (f *finding) headline() string {
	text := f.Verdict
	if len(f.Calls) > 0 {
		c := f.Calls[0]
		text += ": " + c.Cmdlet
		if c.Mailbox != nil {
			text += " of " + c.Mailbox.Text
		}
		if c.PSTPath != nil {
			text += " to " + c.PSTPath.Text
		}
		if more := len(f.Calls) - 1; more > 0 {
			text += " and " + count(more, "more call", "more calls")
		}
	}
	if f.Reason != "" {
		text += " (" + string(f.Reason) + ")"
	}
	return text
}

// basis tells a call that was read from text from one that a record shows.
func (c *call) basis() string {
	switch detect.Outcome(c.Outcome) {
	case detect.OutcomeNotShown, detect.OutcomeStarted:
		return "predicted"
	}
	return "observed"
}

// name is the account's name where the evidence gives one, else its SID.
func (a account) name() string {
	if len(a.Names) > 0 {
		return a.Names[0].Name
	}
	return string(a.SID)
}

// itemName is the path of an evidence item with the path inside its archive.
func itemName(path, member string) string {
	if member == "" {
		return path
	}
	return path + "!" + member
}

// list returns s, but never nil: an empty list is [] in a report.
func list[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}
