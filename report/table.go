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
	p.head(d)
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

// head says in one line what the run amounts to.
func (p *page) head(d *document) {
	var about []string
	if d.Case.ID != "" {
		about = append(about, "Case "+show(string(d.Case.ID)))
	}
	if d.Case.Examiner != "" {
		about = append(about, "Examiner "+show(string(d.Case.Examiner)))
	}
	if len(about) > 0 {
		p.text(plain, "", 0, strings.Join(about, ", "))
	}
	v := d.Summary.Verdicts
	var found []string
	for _, n := range []struct {
		n         int
		one, many string
	}{
		{v.Call, "call", "calls"}, {v.Attempt, "attempt", "attempts"}, {v.Undecided, "undecided", "undecided"},
		{v.Latent, "latent", "latent"}, {v.Mention, "mention", "mentions"},
	} {
		if n.n > 0 {
			found = append(found, count(n.n, n.one, n.many))
		}
	}
	text := "Nothing found."
	if len(found) > 0 {
		text = "Found: " + strings.Join(found, ", ") + "."
	}
	if d.Summary.Status.Examined {
		text += " Everything was examined."
	} else {
		text += " Not everything could be examined."
	}
	p.text(strong, "", 0, text)
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
	p.field("account", fmt.Sprintf("%s, process %d", show(f.Account.full()), f.Process.PID))
	if f.Script.Path != "" {
		p.field("script", show(string(f.Script.Path)))
	}
	for _, n := range f.notes() {
		p.field("note", n)
	}
	p.calls(f.Calls, "")
	p.calls(f.LatentCalls, "not made: ")
	p.field("record", f.where())
	p.blank()
}

// field writes a labelled line of a block.
func (p *page) field(name, text string) {
	p.text(plain, strings.Repeat(" ", margin)+name, label, text)
}

// calls writes the calls of a block; lead says what is common to them.
func (p *page) calls(calls []call, lead string) {
	for i := range calls {
		if i == maxShown {
			p.field("calls", lead+count(len(calls)-i, "more call", "more calls")+"; the other formats list all")
			return
		}
		c := &calls[i]
		p.field("mailbox", lead+c.shownMailbox())
		p.exact(strong, margin, c.shownPath())
		for _, n := range c.notes() {
			p.field("", n)
		}
	}
}

func (c *call) shownMailbox() string { return shown(c.Mailbox, "no mailbox named") }

func (c *call) shownPath() string { return shown(c.PSTPath, "no PST path named") }

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
		notes = append(notes, "only under a condition")
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
	if f.Reason != "" {
		notes = append(notes, show(string(f.Reason)))
	}
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
		notes = append(notes, "from a "+weakest.String()+" record")
	}
	if o := f.SecondOpinion; o != nil && o.Result == evtxscan.OpinionDiffers {
		notes = append(notes, "a second reader differs: "+show(string(o.Detail)))
	}
	return notes
}

// where names the first record of a finding and counts the others.
func (f *finding) where() string {
	first := f.Records[0]
	text := fmt.Sprintf("%d at byte %d of %s", first.RecordID, first.Offset, show(first.path))
	if more := len(f.Records) - 1; more > 0 {
		text += ", and " + count(more, "more", "more")
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
	p.text(plain, "", 0, text+".")
	p.blank()
}

func (p *page) statement(paragraphs []string) {
	for _, s := range paragraphs {
		p.text(plain, "", 0, visible(s))
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
	text := fmt.Sprintf(": %s at byte %d, %s", show(worst.Kind), worst.Offset, show(worst.Detail))
	if e.State == string(evtxscan.Unread) {
		text = ": " + show(worst.Detail)
	}
	if more := len(e.Issues) + e.IssuesTruncated - 1; more > 0 {
		text += fmt.Sprintf(" (and %s)", count(more, "more issue", "more issues"))
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
