package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/pkg/twwidth"
	"github.com/olekukonko/tablewriter/tw"

	"pstrail/detect"
	"pstrail/evtxscan"
)

// The table is for a person at a terminal. What it cuts, it counts; the other
// formats have all.
const (
	defaultWidth = 100
	minWidth     = 40   // a narrower terminal breaks the lines itself
	maxShown     = 100  // calls of one finding
	maxValue     = 1000 // characters of one value
)

func writeTable(w io.Writer, r *Report, t Terminal) error {
	if t.Width == 0 {
		t.Width = defaultWidth
	}
	p := &page{w: bufio.NewWriter(w), width: max(t.Width, minWidth), color: t.Color}
	d := flatten(r)
	p.head(d, notExamined(r.Evidence))
	p.findings(d)
	p.mentions(d)
	p.statement(statement(r, &d.Summary, seconds))
	p.evidence(d)
	return p.w.Flush()
}

// verdictStyle says how strongly a verdict catches the eye.
var verdictStyle = map[detect.Verdict]style{
	detect.VerdictCall: red, detect.VerdictAttempt: yellow, detect.VerdictUndecided: yellow,
	detect.VerdictLatent: cyan, detect.VerdictMention: faint,
}

// head says in a line or two what the run amounts to.
func (p *page) head(d *document, missing []string) {
	var about []string
	if d.Case.ID != "" {
		about = append(about, "Case "+show(string(d.Case.ID)))
	}
	if d.Case.Examiner != "" {
		about = append(about, "Examiner "+show(string(d.Case.Examiner)))
	}
	if len(about) > 0 {
		p.text(plain, "", 0, strings.Join(about, ", "))
		p.blank()
	}
	v := d.Summary.Verdicts
	var found []string
	for i, n := range []int{v.Call, v.Attempt, v.Undecided, v.Latent, v.Mention} {
		if n > 0 {
			found = append(found, fmt.Sprintf("%s %s", thousands(n), verdicts[i]))
		}
	}
	text := "Nothing found."
	if d.Summary.Status.Found {
		text = "Findings: " + strings.Join(found, ", ") + "."
	}
	p.text(strong, "", 0, text)
	if len(missing) == 0 {
		p.text(plain, "", 0, "Every item of evidence was examined.")
	} else {
		p.text(yellow, "", 0, "Not everything could be examined: "+strings.Join(missing, ", ")+".")
	}
	p.blank()
}

// findings writes the findings other than mentions: a line for each call where
// that fits, else a block for each finding.
func (p *page) findings(d *document) {
	var rowsShown []row
	for _, r := range rows(d) {
		if r.Verdict != string(detect.VerdictMention) {
			rowsShown = append(rowsShown, r)
		}
	}
	if len(rowsShown) == 0 {
		return
	}
	if lines := p.grid(rowsShown); lines != nil {
		for _, l := range lines {
			p.line(l)
		}
		p.blank()
		return
	}
	var last *finding
	for _, r := range rowsShown {
		if r.finding != last {
			p.block(r.finding)
		}
		last = r.finding
	}
}

// grid returns the rows as lines of columns, or nil if they do not fit.
func (p *page) grid(rows []row) []string {
	header := []string{"TIME (UTC)", "HOST", "ACCOUNT", "VERDICT", "MAILBOX", "PST PATH", "NOTE"}
	widths := make([]int, len(header))
	var cells [][]string
	for _, r := range rows {
		notes := r.finding.notes()
		if r.Reason != "" {
			notes = append([]string{show(string(r.Reason))}, notes...)
		}
		mailbox, path := "", ""
		if r.call != nil {
			mailbox, path = r.call.shownMailbox(), r.call.shownPath()
			notes = append(r.call.notes(), notes...)
		}
		line := []string{
			strings.TrimSuffix(seconds(r.Time), "Z"), show(string(r.Host)), show(r.Account.name()), r.verdict(), mailbox, path,
			strings.Join(notes, "; "),
		}
		for i, c := range line {
			widths[i] = max(widths[i], columnsOf(c))
		}
		cells = append(cells, line)
	}
	if widths[len(header)-1] == 0 {
		header = header[:len(header)-1]
	}
	total := 2 * (len(header) - 1)
	for i, h := range header {
		total += max(widths[i], columnsOf(h))
	}
	if total > p.width {
		return nil
	}
	return p.drawn(header, cells)
}

// drawn has the library set the columns.
func (p *page) drawn(header []string, cells [][]string) []string {
	var out strings.Builder
	table := tablewriter.NewTable(&out,
		tablewriter.WithEastAsian(tw.Off),
		tablewriter.WithHeaderAutoFormat(tw.Off),
		tablewriter.WithHeaderAlignment(tw.AlignLeft),
		tablewriter.WithRowAlignment(tw.AlignLeft),
		tablewriter.WithHeaderAutoWrap(tw.WrapNone),
		tablewriter.WithRowAutoWrap(tw.WrapNone),
		tablewriter.WithTrimSpace(tw.Off),
		tablewriter.WithPadding(tw.Padding{Right: "  ", Overwrite: true}),
		tablewriter.WithRendition(tw.Rendition{
			Borders:  tw.BorderNone,
			Settings: tw.Settings{Separators: tw.SeparatorsNone, Lines: tw.LinesNone},
		}),
	)
	table.Header(header)
	for _, line := range cells {
		if p.color {
			line[3] = p.paint(verdictStyle[detect.Verdict(line[3])], line[3])
		}
		if err := table.Append(line[:len(header)]); err != nil {
			return nil
		}
	}
	if err := table.Render(); err != nil {
		return nil
	}
	var lines []string
	for l := range strings.Lines(out.String()) {
		l = strings.TrimRight(l, " \n")
		if columnsOf(l) > p.width {
			return nil
		}
		lines = append(lines, l)
	}
	return lines
}

// columnsOf returns how many columns s takes. It does not depend on the
// environment, unlike the library's own default.
func columnsOf(s string) int { return twwidth.WidthWithOptions(s, twwidth.Options{}) }

const (
	margin = 2 // of what belongs to a finding
	label  = 11
)

// block writes one finding.
func (p *page) block(f *finding) {
	verdict := detect.Verdict(f.Verdict)
	when, host := seconds(f.Time), show(string(f.Host))
	if host == "" {
		host = "host not known"
	}
	if columnsOf(when)+len(verdict)+columnsOf(host)+4 <= p.width {
		p.line(p.paint(strong, when) + "  " + p.paint(verdictStyle[verdict], f.Verdict) + "  " + p.paint(strong, host))
	} else {
		p.line(p.paint(strong, when) + "  " + p.paint(verdictStyle[verdict], f.Verdict))
		p.text(strong, "", margin, host)
	}
	p.field("account", fmt.Sprintf("%s, process %d", f.Account.shown(), f.Process.PID))
	p.field("script", show(string(f.Script.Path)))
	p.field("reason", show(string(f.Reason)))
	p.calls("mailbox", f.Calls)
	p.calls("not made", f.LatentCalls)
	p.field("note", strings.Join(f.notes(), "; "))
	p.field("finding", f.ID+", "+f.where())
	p.blank()
}

// shown is the account's name, where the evidence gives one, and its SID.
func (a account) shown() string {
	switch {
	case a.SID == "" && len(a.Names) == 0:
		return "not known"
	case a.SID == "" || len(a.Names) == 0:
		return show(a.name())
	}
	return show(strings.Join(namesOf(a.Names), " or ")) + " (" + show(string(a.SID)) + ")"
}

// field writes a labelled line of a block; one without text is left out.
func (p *page) field(name, text string) {
	if text != "" {
		p.text(plain, strings.Repeat(" ", margin)+name, label, text)
	}
}

// calls writes the calls of a block, the mailbox of each under name.
func (p *page) calls(name string, calls []call) {
	for i := range calls {
		if i == maxShown {
			p.field("", "and "+count(len(calls)-i, "more call", "more calls")+", which the other formats list")
			return
		}
		c := &calls[i]
		p.field(name, c.shownMailbox())
		p.exact(strong, label, c.shownPath())
		p.field("", strings.Join(c.notes(), "; "))
	}
}

func (c *call) shownMailbox() string { return shown(c.Mailbox, "(no mailbox named)") }

func (c *call) shownPath() string { return shown(c.PSTPath, "(no PST path named)") }

func shown(v *value, none string) string {
	switch {
	case v == nil:
		return none
	case v.Text == "":
		return `""`
	}
	return show(v.Text)
}

// notes say briefly what else must be known of a call.
func (c *call) notes() []string {
	var notes []string
	switch detect.Tri(c.WhatIf) {
	case detect.Yes:
		notes = append(notes, "what-if: a dry run")
	case detect.Unknown:
		notes = append(notes, "what-if: not known")
	}
	if c.Conditional {
		notes = append(notes, "under a condition that is not known")
	}
	switch {
	case c.Targets.Count < 0 && c.Targets.EnumeratedBy != "":
		notes = append(notes, "for each of: "+show(string(c.Targets.EnumeratedBy)))
	case c.Targets.Count < 0:
		notes = append(notes, "number of mailboxes not known")
	case c.Targets.Count != 1:
		notes = append(notes, count(int64(c.Targets.Count), "mailbox", "mailboxes"))
	}
	if c.PST != nil && c.PST.LocalPath != "" {
		where := " on " + show(string(c.PST.Host))
		if c.PST.Loopback {
			where = " on the server that runs the request"
		}
		notes = append(notes, "file is "+show(string(c.PST.LocalPath))+where)
	}
	for _, v := range []struct {
		what  string
		value *value
	}{{"mailbox", c.Mailbox}, {"PST path", c.PSTPath}} {
		if v.value != nil && detect.Basis(v.value.Basis) == detect.BasisEarlier {
			notes = append(notes, v.what+" from an earlier block")
		}
	}
	for _, problem := range c.Problems {
		notes = append(notes, "problem: "+show(problem))
	}
	if c.Outcome != string(detect.OutcomeNotShown) {
		notes = append(notes, "outcome: "+show(c.Outcome))
	}
	return notes
}

// notes say briefly what else must be known of a finding.
func (f *finding) notes() []string {
	var notes []string
	if !f.Script.Complete {
		notes = append(notes, fmt.Sprintf("%d of %d fragments", len(f.Script.Present), f.Script.Total))
	}
	if f.Contested {
		notes = append(notes, "fragments contradict each other; the other version would give another verdict")
	}
	if f.CallsCut {
		notes = append(notes, "more calls than are listed")
	}
	if weakest := (row{finding: f}).class(); weakest > evtxscan.Live {
		notes = append(notes, "weakest record: "+weakest.String())
	}
	if o := f.SecondOpinion; o != nil && o.Result != evtxscan.OpinionAgrees {
		notes = append(notes, "second reader: "+show(o.Result)+", "+show(string(o.Detail)))
	}
	return notes
}

// where names the first record of a finding and counts the others.
func (f *finding) where() string {
	first := f.Records[0]
	text := fmt.Sprintf("record %d at byte %d of %s", first.RecordID, first.Offset, show(first.path))
	if more := len(f.Records) - 1; more > 0 {
		text += ", and " + count(more, "more record", "more records")
	}
	return text
}

// mentions writes the one line that counts the mentions.
func (p *page) mentions(d *document) {
	findings, records, matched := 0, 0, 0
	for _, f := range d.Findings {
		if f.Verdict != string(detect.VerdictMention) {
			continue
		}
		findings++
		records += len(f.Records)
		if detect.Tri(f.RuleMatch.Script) == detect.Yes || len(f.RuleMatch.Fragments) > 0 {
			matched++
		}
	}
	if findings == 0 {
		return
	}
	text := fmt.Sprintf("%s without a call, in %s", count(findings, "mention", "mentions"), count(records, "record", "records"))
	if matched > 0 {
		text += fmt.Sprintf("; Elastic's rule matches %d of them", matched)
	}
	p.text(plain, "", 0, text+". The other formats list them.")
	p.blank()
}

func (p *page) statement(paragraphs [][]string) {
	for i, paragraph := range paragraphs {
		if i > 0 {
			p.blank()
		}
		for _, s := range paragraph {
			p.text(plain, "", 0, visible(s))
		}
	}
}

// evidence writes a line for each item that is not intact.
func (p *page) evidence(d *document) {
	first := true
	for _, e := range d.Evidence {
		if e.State == string(evtxscan.Intact) {
			continue
		}
		if first {
			p.blank()
			first = false
		}
		st := plain
		if e.State != string(evtxscan.Damaged) {
			st = yellow
		}
		p.text(st, e.State, len("incomplete")+2, show(e.name)+e.whatIsWrong())
	}
}

// whatIsWrong gives the first issue by which records are lost, else the first.
func (e *evidence) whatIsWrong() string {
	if len(e.Issues) == 0 {
		return ""
	}
	worst := e.Issues[0]
	for _, i := range e.Issues {
		if i.Lost != 0 {
			worst = i
			break
		}
	}
	text := ": " + show(worst.Detail)
	if e.State != string(evtxscan.Unread) {
		text += fmt.Sprintf(" (%s at byte %d)", show(worst.Kind), worst.Offset)
	}
	if more := len(e.Issues) + e.IssuesTruncated - 1; more > 0 {
		text += ", and " + count(more, "more issue", "more issues")
	}
	if e.Records.Lost > 0 {
		text += "; " + count(int64(e.Records.Lost), "record", "records") + " lost"
	}
	return text
}

// show returns a text of the evidence for the terminal, cut where it is long.
func show(s string) string {
	n := 0
	for i := range s {
		if n++; n > maxValue {
			return visible(s[:i]) + fmt.Sprintf(" [cut: %d characters in all]", len([]rune(s)))
		}
	}
	return visible(s)
}
