package evtxtest

import (
	"crypto/sha256"
	"fmt"
	"strconv"
	"strings"
)

// Shape is how the records of a log are stored.
type Shape int

const (
	// Exported is what the event viewer saves: values without NUL, nulls of
	// size 0, nested values with a fragment header.
	Exported Shape = iota
	// Native is what the log service writes: inner strings end in NUL, nulls
	// keep a size, nested values begin with their template instance.
	Native
	// Forwarded is rendered text in plain elements, without templates.
	Forwarded
)

// Layout is which definition an event's record has.
type Layout int

const (
	// Manifest events have 18 values; provider and channel are among them.
	Manifest Layout = iota
	// Classic events have 20 values and unnamed strings; provider and channel
	// stand in the definition.
	Classic
	// LogService events are the log service's own, of 20 values and UserData.
	LogService
)

// Kind is what all events of one id of one provider have in common.
type Kind struct {
	Layout         Layout
	Provider, GUID string
	Channel        string
	ID, Qualifiers uint16
	Version        uint8
	Level, Opcode  uint8
	Task           uint16
	Keywords       uint64
	// Fields are the data in order; classic events have none.
	Fields []Field
	// Template is the GUID of the definition of the data; where it is empty
	// one is made up.
	Template string
	// Element and Namespace are of the UserData of a log service event.
	Element, Namespace string
}

// Field is a named value of an event's data.
type Field struct {
	Name string
	Type Type
}

// Origin is where an event comes from: the host, the user, the process.
type Origin struct {
	Computer            string
	UserSID             string // empty: none
	ActivityID          string // GUID; empty: none
	ProcessID, ThreadID uint32
}

// Event is one record's content, in whatever shape it is written.
type Event struct {
	Kind
	Origin
	Time     FileTime
	Written  FileTime // in the record's header; 0 means Time
	RecordID uint64   // EventRecordID; 0 means the id in the record's header
	Data     []Datum
}

// Datum is one value of an event's data. Its type is normally the field's.
type Datum struct {
	Type Type
	Text string // as [Type.Encode] takes it
}

// Event makes an event of that kind. There must be a value for each field, as
// text; a classic event takes any number of strings. It panics if the number
// is wrong.
func (k Kind) Event(from Origin, at FileTime, values ...string) Event {
	e := Event{Kind: k, Origin: from, Time: at}
	if k.Layout != Classic && len(values) != len(k.Fields) {
		panic(fmt.Sprintf("evtxtest: event %d has %d fields, not %d", k.ID, len(k.Fields), len(values)))
	}
	for i, text := range values {
		t := UTF16
		if k.Layout != Classic {
			t = k.Fields[i].Type
		}
		e.Data = append(e.Data, Datum{t, text})
	}
	return e
}

func (e *Event) written() FileTime {
	if e.Written != 0 {
		return e.Written
	}
	return e.Time
}

// document returns the event as BinXML.
func (e *Event) document(shape Shape, recordID uint64) []Node {
	if shape == Forwarded {
		return []Node{FragmentHeader{}, e.rendered(recordID)}
	}
	return []Node{FragmentHeader{}, e.instance(shape, recordID)}
}

const eventNamespace = "http://schemas.microsoft.com/win/2004/08/events/event"

func attribute(name string, value ...Node) Attribute { return Attribute{name, value} }

func element(name string, content ...Node) Element { return Element{Name: name, Content: content} }

// eventElement returns the element around a System part and what follows it.
func eventElement(system []Node, data Node) Element {
	return Element{
		Name:       "Event",
		Attributes: []Attribute{attribute("xmlns", Text(eventNamespace))},
		Content:    []Node{Element{Name: "System", Content: system}, data},
	}
}

// systemTypes are the types of the outer values that all layouts share.
var systemTypes = [...]Type{
	UInt8, UInt8, UInt16, UInt16, UInt16, Hex64, Filetime, GUID, UInt32, UInt32, UInt64, UInt8, SID, GUID,
}

// value returns what stands in a definition for a value of the instance.
func value(index int, t Type) Substitution {
	return Substitution{Index: uint16(index), Type: t, Optional: true}
}

// system returns the System part of a definition for the layout.
func (e *Event) system() []Node {
	sub := func(i int) Substitution { return value(i, systemTypes[i]) }
	provider := []Attribute{attribute("Name", value(14, UTF16)), attribute("Guid", value(15, GUID))}
	channel, related := Node(value(16, UTF16)), sub(13)
	if e.Layout != Manifest {
		channel, related = Text(e.Channel), value(18, GUID)
		provider = []Attribute{attribute("Name", Text(e.Provider))}
		if e.GUID != "" {
			provider = append(provider, attribute("Guid", Text("{"+e.GUID+"}")))
		}
	}
	nodes := []Node{
		Element{Name: "Provider", Attributes: provider},
		Element{Name: "EventID", Attributes: []Attribute{attribute("Qualifiers", sub(4))}, Content: []Node{sub(3)}},
		element("Version", sub(11)), element("Level", sub(0)), element("Task", sub(2)), element("Opcode", sub(1)),
		element("Keywords", sub(5)),
		Element{Name: "TimeCreated", Attributes: []Attribute{attribute("SystemTime", sub(6))}},
		element("EventRecordID", sub(10)),
		Element{Name: "Correlation", Attributes: []Attribute{attribute("ActivityID", sub(7)), attribute("RelatedActivityID", related)}},
		Element{Name: "Execution", Attributes: []Attribute{attribute("ProcessID", sub(8)), attribute("ThreadID", sub(9))}},
		element("Channel", channel), element("Computer", Text(e.Computer)),
		Element{Name: "Security", Attributes: []Attribute{attribute("UserID", sub(12))}},
	}
	if e.Layout == Classic {
		nodes = without(nodes, "Version", "Opcode", "Correlation", "Execution")
	}
	return nodes
}

// without returns the elements that do not have one of the names.
func without(nodes []Node, names ...string) []Node {
	var rest []Node
	for _, n := range nodes {
		keep := true
		for _, name := range names {
			keep = keep && n.(Element).Name != name
		}
		if keep {
			rest = append(rest, n)
		}
	}
	return rest
}

// instance returns the event as an instance of its host's template.
func (e *Event) instance(shape Shape, recordID uint64) Instance {
	data := Node(value(17, BinXML))
	last := 17
	switch e.Layout {
	case Classic:
		data, last = value(19, BinXML), 19
	case LogService:
		data, last = element("UserData", value(19, BinXML)), 19
	}
	in := Instance{Template: &Template{
		GUID: madeUpGUID(e.Computer, strconv.Itoa(int(e.Layout)), e.literals()),
		Root: eventElement(e.system(), data),
	}}
	null := func(size int) Value {
		if shape != Native {
			size = 0
		}
		return Value{Type: Null, Raw: make([]byte, size)}
	}
	optional := func(t Type, text string, size int) Value {
		if text == "" {
			return null(size)
		}
		return Value{Type: t, Raw: t.Encode(text)}
	}
	for i, text := range e.systemValues(recordID) {
		size := map[Type]int{UInt16: 2, GUID: 16}[systemTypes[i]]
		in.Values = append(in.Values, optional(systemTypes[i], text, size))
	}
	if e.Layout == Manifest {
		in.Values = append(in.Values,
			optional(UTF16, e.Provider, 0), optional(GUID, e.GUID, 16), optional(UTF16, e.Channel, 0))
	}
	for len(in.Values) < last {
		in.Values = append(in.Values, null(0))
	}
	nested := []Node{e.data(shape)}
	if shape == Exported {
		nested = []Node{FragmentHeader{}, nested[0]}
	}
	in.Values = append(in.Values, Value{Type: BinXML, Nested: nested})
	return in
}

// literals are what the definition of a layout holds besides the computer.
func (e *Event) literals() string {
	if e.Layout == Manifest {
		return ""
	}
	return e.Provider + "\n" + e.GUID + "\n" + e.Channel
}

// systemValues are the values of the System part as text; empty means null.
func (e *Event) systemValues(recordID uint64) []string {
	qualifiers := ""
	if e.Layout == Classic {
		qualifiers = strconv.Itoa(int(e.Qualifiers))
	}
	number := func(n uint64) string { return strconv.FormatUint(n, 10) }
	return []string{
		number(uint64(e.Level)), number(uint64(e.Opcode)), number(uint64(e.Task)), number(uint64(e.ID)),
		qualifiers, number(e.Keywords), number(uint64(e.Time)), e.ActivityID,
		number(uint64(e.ProcessID)), number(uint64(e.ThreadID)), number(recordID), number(uint64(e.Version)),
		e.UserSID, "",
	}
}

// data returns the event's own data as a template instance.
func (e *Event) data(shape Shape) Instance {
	guid := madeUpGUID("data", e.Provider, strconv.Itoa(int(e.ID)), strconv.Itoa(int(e.Version)))
	if e.Layout == Classic {
		guid = madeUpGUID("classic data")
	}
	if e.Template != "" {
		guid = mustGUID(e.Template)
	}
	in := Instance{Template: &Template{GUID: guid, Root: e.dataDefinition()}}
	if e.Layout == Classic {
		var texts []byte
		for _, d := range e.Data {
			texts = append(appendText(texts, d.Text), 0, 0)
		}
		in.Values = []Value{{Type: Array | UTF16, Raw: texts}, {Type: UInt32, Raw: make([]byte, 4)}, {Type: Null}}
		return in
	}
	for _, d := range e.Data {
		v := Value{Type: d.Type, Raw: d.Type.Encode(d.Text)}
		if shape == Native && d.Type == UTF16 {
			v.Raw = append(v.Raw, 0, 0)
		}
		in.Values = append(in.Values, v)
	}
	return in
}

// dataDefinition returns the definition of the event's own data.
func (e *Event) dataDefinition() Element {
	root := Element{Name: "EventData", Content: []Node{}}
	if e.Layout == Classic {
		root.Content = []Node{
			element("Data", value(0, Array|UTF16)), element("Binary", value(2, Binary)),
		}
		return root
	}
	if e.Layout == LogService {
		root.Name = e.Element
		root.Attributes = []Attribute{attribute("xmlns", Text(e.Namespace))}
	}
	for i, f := range e.Fields {
		sub := Substitution{Index: uint16(i), Type: f.Type}
		root.Content = append(root.Content, e.field(f.Name, sub))
	}
	return root
}

// field returns the element of a field of the data.
func (e *Event) field(name string, content ...Node) Element {
	if e.Layout == LogService {
		return Element{Name: name, Content: content}
	}
	return Element{Name: "Data", Attributes: []Attribute{attribute("Name", Text(name))}, Content: content}
}

// rendered returns the event as plain elements in which all is text.
func (e *Event) rendered(recordID uint64) Element {
	text := func(name, text string) Node { return element(name, Text(text)) }
	number := func(name string, n uint64) Node { return text(name, strconv.FormatUint(n, 10)) }
	attributes := func(name string, pairs ...string) Node {
		el := Element{Name: name}
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i+1] != "" {
				el.Attributes = append(el.Attributes, Attribute{pairs[i], escape(pairs[i+1], attributeEntities)})
			}
		}
		return el
	}
	id := Element{Name: "EventID", Content: []Node{Text(strconv.Itoa(int(e.ID)))}}
	if e.Layout == Classic {
		id.Attributes = []Attribute{attribute("Qualifiers", Text(strconv.Itoa(int(e.Qualifiers))))}
	}
	system := []Node{
		attributes("Provider", "Name", e.Provider, "Guid", braced(e.GUID)), id,
		number("Version", uint64(e.Version)), number("Level", uint64(e.Level)), number("Task", uint64(e.Task)),
		number("Opcode", uint64(e.Opcode)), text("Keywords", fmt.Sprintf("0x%x", e.Keywords)),
		attributes("TimeCreated", "SystemTime", e.Time.rendered()), number("EventRecordID", recordID),
		attributes("Correlation", "ActivityID", braced(e.ActivityID)),
		attributes("Execution", "ProcessID", strconv.Itoa(int(e.ProcessID)), "ThreadID", strconv.Itoa(int(e.ThreadID))),
		text("Channel", e.Channel), text("Computer", e.Computer), attributes("Security", "UserID", e.UserSID),
	}
	if e.Layout == Classic {
		system = without(system, "Version", "Opcode", "Correlation", "Execution")
	}
	data := Element{Name: "EventData", Content: []Node{}}
	if e.Layout == LogService {
		data = Element{Name: e.Element, Attributes: []Attribute{attribute("xmlns", Text(e.Namespace))}, Content: []Node{}}
	}
	for i, d := range e.Data {
		var content []Node
		if d.Type == GUID {
			d.Text = braced(d.Text)
		}
		if d.Text != "" {
			content = escape(d.Text, textEntities)
		}
		if e.Layout == Classic {
			data.Content = append(data.Content, Element{Name: "Data", Content: content})
		} else {
			data.Content = append(data.Content, e.field(e.Fields[i].Name, content...))
		}
	}
	if e.Layout == LogService {
		return eventElement(system, element("UserData", data))
	}
	return eventElement(system, data)
}

// braced returns a GUID as Windows renders it.
func braced(guid string) string {
	if guid == "" {
		return ""
	}
	return "{" + strings.ToUpper(guid) + "}"
}

// madeUpGUID returns a GUID that depends on the parts alone.
func madeUpGUID(parts ...string) (guid [16]byte) {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\n")))
	copy(guid[:], sum[:])
	return guid
}

func mustGUID(text string) [16]byte {
	guid, err := parseGUID(text)
	if err != nil {
		panic("evtxtest: " + err.Error())
	}
	return guid
}
