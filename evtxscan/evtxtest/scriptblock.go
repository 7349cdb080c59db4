package evtxtest

import "strconv"

// maxWhole is the length in UTF-16 units from which PowerShell cuts a script.
const maxWhole = 20_000

// ScriptBlock is a script block as PowerShell logs it.
type ScriptBlock struct {
	ID   string // GUID in lower case without braces
	Text string
	Path string // of the script file; empty if typed
	// Segment is the length of a fragment in UTF-16 units, which PowerShell
	// draws from 10,000 to 19,999. 0 means one fragment.
	Segment int
}

// Events returns the records of the block in the order of their numbers, each
// some microseconds after the one before. kind is one of the kinds of script
// block events; one without a field for the path leaves it out.
func (b ScriptBlock) Events(kind Kind, from Origin, at FileTime) []Event {
	pieces := []string{b.Text}
	if b.Segment > 0 {
		pieces = Split(b.Text, b.Segment)
	}
	const between = 3127 // ticks
	var events []Event
	for i, piece := range pieces {
		values := []string{strconv.Itoa(i + 1), strconv.Itoa(len(pieces)), piece, b.ID, b.Path}
		events = append(events, kind.Event(from, at+FileTime(i*between), values[:len(kind.Fields)]...))
	}
	return events
}

// Split cuts a text as PowerShell does: a text shorter than 20,000 UTF-16
// units stays whole; another one is cut into floor(length/size)+1 pieces of
// size units, of which the last may be empty. Cuts fall where they fall,
// inside a surrogate pair too.
func Split(text string, size int) []string {
	units := unitsOf(text)
	if len(units) < maxWhole {
		return []string{text}
	}
	var pieces []string
	for range len(units)/size + 1 {
		n := min(size, len(units))
		pieces = append(pieces, textOf(units[:n]))
		units = units[n:]
	}
	return pieces
}
