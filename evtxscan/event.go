package evtxscan

import (
	"encoding/binary"
	"strconv"
	"strings"
	"time"
)

// event is one record, decoded.
type event struct {
	System
	shape  Form
	fields []field
}

// field is a named value of EventData or UserData, in order. Unnamed strings
// of classic events have an empty name.
type field struct{ name, text string }

// get returns the text of the first field of that name.
func (e *event) get(name string) (string, bool) {
	for _, f := range e.fields {
		if f.name == name {
			return f.text, true
		}
	}
	return "", false
}

// decode reads a record in whatever shape.
func (r *chunkReader) decode(rec rawRecord) (event, error) {
	start := rec.offset + recordHead
	end := rec.offset + rec.size - 4
	e := event{shape: FormForwarded}
	if end-start >= 5 && r.chunk[start] == 0x0f && r.chunk[start+4] == 0x0c {
		e.shape = r.templateShape(start+4, end)
	}
	b := eventBuilder{event: &e}
	x := xmlReader{chunk: r.chunk, sink: &b, scratch: r.scratch, names: r.names}
	err := x.read(start, end, nil)
	r.scratch = x.scratch
	return e, err
}

// templateShape tells a native record from an exported one: its values end in
// NUL, and nested values lack the fragment header.
func (r *chunkReader) templateShape(pos, end int) Form {
	in, err := instanceAt(r.chunk, pos, end)
	if err != nil {
		return FormExported
	}
	for i := range in.count {
		if kind, raw, _ := in.value(i); kind == 0x21 && len(raw) > 0 {
			if raw[0] == 0x0f {
				return FormExported
			}
			return FormNative
		}
	}
	return FormExported
}

// eventBuilder makes an event out of a document.
type eventBuilder struct {
	*event
	path  []string
	texts []string // of the open elements
	attr  string
	value string
	name  string // Name attribute of the open Data
	leaf  bool   // the element closed next had no child
	start bool
}

func (b *eventBuilder) open(name string) {
	b.path = append(b.path, name)
	b.texts = append(b.texts, "")
	b.attr, b.value, b.start, b.leaf = "", "", true, true
	if name == "Data" {
		b.name = ""
	}
}

func (b *eventBuilder) attribute(name string) {
	b.endAttribute()
	b.attr = name
}

func (b *eventBuilder) text(value []byte) {
	if b.start && b.attr != "" {
		b.value += string(value)
		return
	}
	if n := len(b.texts); n > 0 {
		b.texts[n-1] += string(value)
	}
}

func (b *eventBuilder) endAttribute() {
	if b.attr == "" {
		return
	}
	element := b.path[len(b.path)-1]
	switch {
	case b.inSystem():
		b.system(element, b.attr, b.value)
	case element == "Data" && b.attr == "Name":
		b.name = b.value
	}
	b.attr, b.value = "", ""
}

func (b *eventBuilder) closeStart() {
	b.endAttribute()
	b.start = false
}

func (b *eventBuilder) close() {
	n := len(b.path)
	if n == 0 {
		return
	}
	element, text := b.path[n-1], b.texts[n-1]
	switch {
	case b.inSystem():
		b.system(element, "", text)
	case n >= 3 && b.path[1] == "EventData":
		if element == "Data" {
			element = b.name
		}
		b.fields = append(b.fields, field{element, text})
	case n >= 3 && b.path[1] == "UserData" && b.leaf:
		b.fields = append(b.fields, field{element, text})
	}
	b.path, b.texts = b.path[:n-1], b.texts[:n-1]
	b.leaf = false
}

func (b *eventBuilder) inSystem() bool {
	return len(b.path) == 3 && b.path[1] == "System"
}

// system takes an attribute of an element of System, or the element's text.
func (b *eventBuilder) system(element, attribute, text string) {
	switch element + "/" + attribute {
	case "Provider/Name":
		b.Provider = text
	case "EventID/":
		b.EventID = uint32(parseUint(text))
	case "Level/":
		b.Level = uint8(parseUint(text))
	case "TimeCreated/SystemTime":
		b.Time = parseSystemTime(text)
	case "EventRecordID/":
		b.RecordID = parseUint(text)
	case "Correlation/ActivityID":
		b.ActivityID = normalGUID(text)
	case "Execution/ProcessID":
		b.ProcessID = uint32(parseUint(text))
	case "Execution/ThreadID":
		b.ThreadID = uint32(parseUint(text))
	case "Channel/":
		b.Channel = text
	case "Computer/":
		b.Computer = text
	case "Security/UserID":
		b.UserSID = text
	}
}

// parseUint reads a decimal or hexadecimal number; 0 if it is none.
func parseUint(s string) uint64 {
	n, err := strconv.ParseUint(strings.TrimSpace(s), 0, 64)
	if err != nil {
		return 0
	}
	return n
}

// normalGUID returns a GUID in lower case without braces, and other text as it
// is.
func normalGUID(s string) string {
	t := strings.TrimSuffix(strings.TrimPrefix(s, "{"), "}")
	if len(t) != 36 {
		return s
	}
	for i := range len(t) {
		c := t[i] | 0x20
		dash := i == 8 || i == 13 || i == 18 || i == 23
		if dash != (t[i] == '-') || !dash && (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return s
		}
	}
	return strings.ToLower(t)
}

// values of the outer template instance of a manifest event, by index; every
// such event of every provider has these 18.
const (
	valueLevel      = 0
	valueEventID    = 3
	valueTime       = 6
	valueActivityID = 7
	valueProcessID  = 8
	valueThreadID   = 9
	valueRecordID   = 10
	valueUserID     = 12
	valueProvider   = 14
	valueGUID       = 15
	valueChannel    = 16
	valueData       = 17
	valueCount      = 18
)

// manifestTypes are their types; 0 stands where null is allowed too.
var manifestTypes = [valueCount]struct {
	kind byte
	size int // 0: any
	null bool
}{
	{0x04, 1, false}, {0x04, 1, false}, {0x06, 2, false}, {0x06, 2, false}, {0x06, 2, true}, {0x15, 8, false},
	{0x11, 8, false}, {0x0f, 16, true}, {0x08, 4, false}, {0x08, 4, false}, {0x0a, 8, false}, {0x04, 1, false},
	{0x13, 0, true}, {0x0f, 16, true}, {0x01, 0, false}, {0x0f, 16, true}, {0x01, 0, false}, {0x21, 0, true},
}

// manifest is the array of a manifest event, its values found.
type manifest struct {
	instance
	at [valueCount + 1]int // offsets in instance.values
}

// manifestAt reads the array of the record if it is a manifest event's.
func manifestAt(chunk []byte, rec rawRecord) (m manifest, ok bool) {
	start, end := rec.offset+recordHead, rec.offset+rec.size-4
	if end-start < 14 || binary.LittleEndian.Uint32(chunk[start:]) != 0x0001010f || chunk[start+4] != 0x0c {
		return m, false
	}
	in, err := instanceAt(chunk, start+4, end)
	if err != nil || in.count != valueCount {
		return m, false
	}
	m.instance = in
	at := 0
	for i := range valueCount {
		size := int(binary.LittleEndian.Uint16(in.types[4*i:]))
		kind := in.types[4*i+2]
		want := &manifestTypes[i]
		switch {
		case kind == want.kind && (want.size == 0 || want.size == size):
		case kind == 0 && want.null:
		default:
			return m, false
		}
		m.at[i] = at
		at += size
	}
	m.at[valueCount] = at
	return m, true
}

func (m *manifest) raw(i int) []byte { return m.values[m.at[i]:m.at[i+1]] }

// has reports whether value i is not null.
func (m *manifest) has(i int) bool { return m.types[4*i+2] != 0 && m.at[i+1] > m.at[i] }

// system reads the System part of a manifest event. Its strings are interned.
func (r *chunkReader) system(m *manifest) System {
	le := binary.LittleEndian
	s := System{
		Provider:  r.intern(m.raw(valueProvider)),
		Channel:   r.intern(m.raw(valueChannel)),
		EventID:   uint32(le.Uint16(m.raw(valueEventID))),
		Level:     m.raw(valueLevel)[0],
		ProcessID: le.Uint32(m.raw(valueProcessID)),
		ThreadID:  le.Uint32(m.raw(valueThreadID)),
		RecordID:  le.Uint64(m.raw(valueRecordID)),
		Time:      FileTime(le.Uint64(m.raw(valueTime))),
	}
	s.Computer, s.HostKey = r.computer(&m.instance)
	return s
}

// computer returns the computer that the definition of an instance names, or a
// key for it if the definition is lost.
func (r *chunkReader) computer(in *instance) (name, key string) {
	c, known := r.computers[in.definition]
	if !known || c.id != in.id {
		c = computerName{id: in.id}
		if start, end, ok := in.body(r.chunk); ok {
			var e event
			b := eventBuilder{event: &e}
			x := xmlReader{chunk: r.chunk, sink: &b, names: r.names}
			empty := instance{definition: in.definition} // no values
			if x.read(start, end, &empty) == nil {
				c.name = e.Computer
			}
		}
		r.computers[in.definition] = c
	}
	if c.name == "" {
		return "", strconv.FormatUint(uint64(in.id), 16)
	}
	return c.name, ""
}

type computerName struct {
	id   uint32
	name string
}

// parseInt32 reads a signed number; 0 if it is none.
func parseInt32(s string) int32 {
	n, err := strconv.ParseInt(strings.TrimSpace(s), 0, 64)
	if err != nil || n != int64(int32(n)) {
		return 0
	}
	return int32(n)
}

// parseSystemTime reads the time of a rendered record: RFC 3339 with up to
// nine digits, of which the last two are below the clock of Windows, or the raw
// value of an invalid time.
func parseSystemTime(s string) FileTime {
	if strings.HasPrefix(s, "0x") {
		return FileTime(parseUint(s))
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return 0
	}
	return FileTimeOf(t)
}
