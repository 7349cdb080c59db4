package report

import (
	"bufio"
	"strings"
)

// page writes lines for a terminal. Nothing that it is given to write may hold
// a character that [hostile] names; no line is wider than the page.
type page struct {
	w     *bufio.Writer
	width int // columns
	color bool
}

// style is the parameter of a terminal's SGR sequence.
type style string

const (
	plain  style = ""
	strong style = "1"
	faint  style = "2"
	red    style = "1;31"
	yellow style = "33"
	cyan   style = "36"
)

// proseWidth is the widest that running text is set, however wide the page is:
// longer lines are hard to read.
const proseWidth = 100

func (p *page) blank() { p.w.WriteByte('\n') }

// line writes one line that is known to fit.
func (p *page) line(s string) {
	p.w.WriteString(s)
	p.w.WriteByte('\n')
}

// paint returns s in a style, if the page has colours.
func (p *page) paint(st style, s string) string {
	if !p.color || st == plain || s == "" {
		return s
	}
	return "\x1b[" + string(st) + "m" + s + "\x1b[0m"
}

// text writes running text under an indent; its first line follows lead, which
// takes the indent's place.
func (p *page) text(st style, lead string, indent int, s string) {
	width := min(p.width, proseWidth) - indent
	lead += strings.Repeat(" ", max(0, indent-columnsOf(lead)))
	for _, l := range wrap(s, width) {
		if strings.TrimSpace(lead) != "" {
			lead = p.paint(faint, lead)
		}
		p.line(lead + p.paint(st, l))
		lead = strings.Repeat(" ", indent)
	}
}

// exact writes s on a line of its own, so that it can be copied: under an
// indent if it fits there, else from the margin on, broken only if it must be.
func (p *page) exact(st style, indent int, s string) {
	if indent+columnsOf(s) > p.width {
		indent = 0
	}
	for _, l := range chop(s, p.width-indent) {
		p.line(strings.Repeat(" ", indent) + p.paint(st, l))
	}
}

// wrap breaks s into lines at spaces, and inside a word that is wider than a
// line. A space where a line ends is dropped; all others stay.
func wrap(s string, width int) []string {
	var lines []string
	line, used := "", -1 // -1: no word yet
	for word := range strings.SplitSeq(s, " ") {
		n := columnsOf(word)
		if used >= 0 && used+1+n <= width {
			line, used = line+" "+word, used+1+n
			continue
		}
		if used >= 0 {
			lines = append(lines, line)
		}
		pieces := chop(word, width)
		lines = append(lines, pieces[:len(pieces)-1]...)
		line = pieces[len(pieces)-1]
		used = columnsOf(line)
	}
	return append(lines, line)
}

// chop breaks s into lines of at most width columns, wherever that falls. A
// character without a width stays with the one before it.
func chop(s string, width int) []string {
	var lines []string
	start, used := 0, 0
	for i, r := range s {
		n := columnsOf(string(r))
		if used+n > width && used > 0 {
			lines = append(lines, s[start:i])
			start, used = i, 0
		}
		used += n
	}
	return append(lines, s[start:])
}
