package evtxscan

import (
	"slices"
	"strings"
	"time"
)

// This file reads rendered records whose names are lost. The names of elements
// and attributes stand once in a chunk, mostly in its first record; if that is
// destroyed, the others still have all their text.
//
// The rules are:
//   - It is asked only where a name could not be resolved.
//   - The fields of a script block tell their names by text: <Data Name="...">.
//   - What stands in System is known by its place in the order of the schema,
//     and taken only if it looks like what belongs there.

// namelessDocument collects the elements of a record in order.
type namelessDocument struct {
	elements []namelessElement
	path     []int // indexes of the open elements
	inStart  bool
}

type namelessElement struct {
	depth      int
	attributes []string
	text       []byte
}

func (d *namelessDocument) open(string) {
	d.path = append(d.path, len(d.elements))
	d.elements = append(d.elements, namelessElement{depth: len(d.path)})
	d.inStart = true
}

func (d *namelessDocument) innermost() *namelessElement {
	if len(d.path) == 0 {
		return nil
	}
	return &d.elements[d.path[len(d.path)-1]]
}

func (d *namelessDocument) attribute(string) {
	if e := d.innermost(); e != nil {
		e.attributes = append(e.attributes, "")
	}
}

func (d *namelessDocument) text(value []byte) {
	e := d.innermost()
	switch {
	case e == nil:
	case d.inStart && len(e.attributes) > 0:
		e.attributes[len(e.attributes)-1] += string(value)
	default:
		e.text = joinText(e.text, 0, value)
	}
}

func (d *namelessDocument) repeat() {}

func (d *namelessDocument) closeStart() { d.inStart = false }

func (d *namelessDocument) close() {
	d.inStart = false
	d.path = d.path[:max(0, len(d.path)-1)]
}

// scriptBlockFields are the fields of the event, all of which a record has but
// perhaps the path.
var scriptBlockFields = []string{"MessageNumber", "MessageTotal", "ScriptBlockText", "ScriptBlockId", "Path"}

// event makes an event of the document, false if it does not look like one.
func (d *namelessDocument) event() (e event, ok bool) {
	e.shape = FormForwarded
	var system []namelessElement
	for _, x := range d.elements {
		if x.depth != 3 {
			continue
		}
		name := ""
		if len(x.attributes) == 1 && slices.Contains(scriptBlockFields, x.attributes[0]) {
			name = x.attributes[0]
		}
		switch {
		case name != "":
			e.fields = append(e.fields, field{name, string(x.text)})
		case len(e.fields) == 0:
			system = append(system, x)
		}
	}
	if len(system) < 2 || len(system[0].attributes) == 0 {
		return e, false
	}
	e.Provider = system[0].attributes[0]
	e.EventID = uint32(parseUint(string(system[1].text), 16))
	for i, x := range system {
		following := ""
		if i+1 < len(system) {
			following = string(system[i+1].text)
		}
		text := string(x.text)
		switch {
		case i == 3 && len(x.attributes) == 0 && len(text) == 1: // after EventID, Version
			e.Level = uint8(parseUint(text, 8))
		case len(x.attributes) == 1 && isRenderedTime(x.attributes[0]):
			e.Time = parseSystemTime(x.attributes[0])
			e.RecordID = parseUint(following, 64)
		case len(x.attributes) > 0 && len(normalGUID(x.attributes[0])) == 36 && i > 1:
			e.ActivityID = normalGUID(x.attributes[0])
		case len(x.attributes) > 0 && strings.HasPrefix(x.attributes[0], "S-1-"):
			e.UserSID = x.attributes[0]
		case len(x.attributes) == 2 && i > 1:
			e.ProcessID = uint32(parseUint(x.attributes[0], 32))
			e.ThreadID = uint32(parseUint(x.attributes[1], 32))
		case isScriptBlockChannel(text):
			e.Channel, e.Computer = text, following
		}
	}
	return e, e.EventID != 0
}

func isRenderedTime(s string) bool {
	_, err := time.Parse(time.RFC3339Nano, s)
	return err == nil
}
