package evtxscan

import (
	"bytes"
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

// decode reads a record in whatever shape. The event is valid until the next
// call.
func (r *chunkReader) decode(rec rawRecord) (*event, error) {
	start, end := rec.offset+recordHead, rec.offset+rec.size-4
	shape := FormForwarded
	if end-start >= 5 && r.chunk[start] == 0x0f && r.chunk[start+4] == 0x0c {
		shape = r.templateShape(start+4, end)
	}
	b := &r.builder
	b.reset(shape)
	_, err := r.xml.read(start, end, nil, b)
	if err == nil && b.event.Provider == "" && b.event.EventID == 0 {
		err = errNoEvent
	}
	if shape != FormForwarded || r.xml.nameless == 0 || err == nil && b.event.isScriptBlock() && b.event.hasScriptBlock() {
		return &b.event, err
	}
	var d namelessDocument
	if _, err = r.xml.read(start, end, nil, &d); err != nil {
		return &b.event, err
	}
	if e, ok := d.event(); ok {
		b.event = e
		return &b.event, nil
	}
	return &b.event, errName
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
	event   event
	path    []string
	buffer  []byte // the texts of the open elements, one behind the other
	starts  []int  // where in buffer
	attr    string // the open attribute, whose value stands at the buffer's end
	inStart bool
	name    string            // Name attribute of the open Data
	leaf    bool              // the element closed next had no child
	strings map[string]string // what occurs again and again
}

func (b *eventBuilder) reset(shape Form) {
	if b.strings == nil || len(b.strings) > 4096 {
		b.strings = map[string]string{}
	}
	*b = eventBuilder{
		event: event{shape: shape, fields: b.event.fields[:0]},
		path:  b.path[:0], buffer: b.buffer[:0], starts: b.starts[:0], strings: b.strings,
	}
}

func (b *eventBuilder) open(name string) {
	b.path = append(b.path, name)
	b.starts = append(b.starts, len(b.buffer))
	b.attr, b.inStart, b.leaf = "", true, true
	if name == "Data" {
		b.name = ""
	}
}

func (b *eventBuilder) attribute(name string) {
	if len(b.path) > 0 {
		b.endAttribute()
		b.attr = name
	}
}

func (b *eventBuilder) text(value []byte) {
	n := len(b.starts)
	if n == 0 {
		return
	}
	b.buffer = joinText(b.buffer, b.starts[n-1], value)
}

// value takes the text of the innermost element or its attribute.
func (b *eventBuilder) value() []byte {
	start := b.starts[len(b.starts)-1]
	text := b.buffer[start:]
	b.buffer = b.buffer[:start]
	return text
}

func (b *eventBuilder) endAttribute() {
	if b.attr == "" {
		return
	}
	element := b.path[len(b.path)-1]
	value := b.value()
	switch {
	case b.inSystem():
		b.system(element, b.attr, value)
	case element == "Data" && b.attr == "Name":
		b.name = b.intern(value)
	}
	b.attr = ""
}

func (b *eventBuilder) closeStart() {
	if len(b.path) > 0 {
		b.endAttribute()
	}
	b.inStart = false
}

func (b *eventBuilder) close() {
	n := len(b.path)
	if n == 0 {
		return
	}
	b.element()
	b.path, b.starts = b.path[:n-1], b.starts[:n-1]
	b.leaf = false
}

// repeat ends the innermost element and begins it anew.
func (b *eventBuilder) repeat() {
	if len(b.path) > 0 && !b.inStart {
		b.element()
	}
}

// element takes the text of the innermost element.
func (b *eventBuilder) element() {
	n := len(b.path)
	element, text := b.path[n-1], b.value()
	switch {
	case b.inSystem():
		b.system(element, "", text)
	case n >= 3 && b.path[1] == "EventData":
		if element == "Data" {
			element = b.name
		}
		b.event.fields = append(b.event.fields, field{element, string(text)})
	case n >= 3 && b.path[1] == "UserData" && b.leaf:
		b.event.fields = append(b.event.fields, field{element, string(text)})
	}
}

func (b *eventBuilder) intern(text []byte) string {
	s, ok := b.strings[string(text)]
	if !ok {
		s = string(text)
		b.strings[s] = s
	}
	return s
}

func (b *eventBuilder) inSystem() bool {
	return len(b.path) == 3 && b.path[1] == "System"
}

// system takes an attribute of an element of System, or the element's text.
func (b *eventBuilder) system(element, attribute string, text []byte) {
	s := &b.event.System
	switch element {
	case "Provider":
		if attribute == "Name" {
			s.Provider = b.intern(text)
		}
	case "EventID":
		if attribute == "" {
			s.EventID = uint32(parseUint(string(text), 32))
		}
	case "Level":
		s.Level = uint8(parseUint(string(text), 8))
	case "TimeCreated":
		if attribute == "SystemTime" {
			s.Time = parseSystemTime(string(text))
		}
	case "EventRecordID":
		s.RecordID = parseUint(string(text), 64)
	case "Correlation":
		if attribute == "ActivityID" {
			s.ActivityID = normalGUID(b.intern(text))
		}
	case "Execution":
		switch attribute {
		case "ProcessID":
			s.ProcessID = uint32(parseUint(string(text), 32))
		case "ThreadID":
			s.ThreadID = uint32(parseUint(string(text), 32))
		}
	case "Channel":
		s.Channel = b.intern(text)
	case "Computer":
		s.Computer = b.intern(text)
	case "Security":
		if attribute == "UserID" {
			s.UserSID = b.intern(text)
		}
	}
}

// parseUint reads a decimal number, or a hexadecimal one with 0x, of at most so
// many bits; 0 if it is none.
func parseUint(s string, bits int) uint64 {
	s, base := strings.TrimSpace(s), 10
	if hex, ok := strings.CutPrefix(s, "0x"); ok {
		s, base = hex, 16
	}
	n, err := strconv.ParseUint(s, base, bits)
	if err != nil {
		return 0
	}
	return n
}

// normalGUID returns a GUID in lower case without braces, and other text as it
// is.
func normalGUID(s string) string {
	t := strings.TrimSuffix(strings.TrimPrefix(s, "{"), "}")
	if !isGUID(t) {
		return s
	}
	return strings.ToLower(t)
}

// isGUID reports whether text is a GUID without braces.
func isGUID[T string | []byte](t T) bool {
	if len(t) != 36 {
		return false
	}
	for i := range len(t) {
		c := t[i] | 0x20
		dash := i == 8 || i == 13 || i == 18 || i == 23
		if dash != (t[i] == '-') || !dash && (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

// lowerGUID is normalGUID on text that may be changed.
func lowerGUID(t []byte) []byte {
	inner := bytes.TrimSuffix(bytes.TrimPrefix(t, []byte("{")), []byte("}"))
	if !isGUID(inner) {
		return t
	}
	for i, c := range inner {
		if c >= 'A' && c <= 'F' {
			inner[i] = c | 0x20
		}
	}
	return inner
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
	if end-start < 14 || binary.LittleEndian.Uint32(chunk[start:]) != fragmentHeader || chunk[start+4] != 0x0c {
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

// system reads what of the System part says what a manifest event is, and where
// and when it happened; [chunkReader.origin] reads the rest.
func (r *chunkReader) system(m *manifest, s *System) {
	le := binary.LittleEndian
	s.Provider = r.provider.of(r, trimNUL(0x01, m.raw(valueProvider)))
	s.Channel = r.channel.of(r, trimNUL(0x01, m.raw(valueChannel)))
	s.EventID = uint32(le.Uint16(m.raw(valueEventID)))
	s.Level = m.raw(valueLevel)[0]
	s.RecordID = le.Uint64(m.raw(valueRecordID))
	s.Time = FileTime(le.Uint64(m.raw(valueTime)))
	s.Computer, s.HostKey = r.computer(&m.instance)
}

// origin reads which process and user a manifest event is of.
func (r *chunkReader) origin(m *manifest, s *System) {
	le := binary.LittleEndian
	s.ProcessID, s.ThreadID = le.Uint32(m.raw(valueProcessID)), le.Uint32(m.raw(valueThreadID))
	s.UserSID = r.sid(m.raw(valueUserID))
	if m.has(valueActivityID) {
		r.guid = appendGUID(r.guid[:0], m.raw(valueActivityID))
		s.ActivityID = view(r.guid)
	}
}

// shape tells a native record from an exported one: its nested values lack the
// fragment header.
func (m *manifest) shape() Form {
	if data := m.raw(valueData); m.types[4*valueData+2] == 0x21 && len(data) > 0 && data[0] != 0x0f {
		return FormNative
	}
	return FormExported
}

// lastText remembers the text that was interned last, since most records repeat
// that of the one before.
type lastText struct{ raw, text string }

func (l *lastText) of(r *chunkReader, raw []byte) string {
	if l.raw != string(raw) {
		*l = lastText{string(raw), r.intern(raw)}
	}
	return l.text
}

// computer returns the computer that the definition of an instance names, or a
// key for it if the definition is lost.
func (r *chunkReader) computer(in *instance) (name, key string) {
	if last := &r.lastComputer; last.name != "" && last.definition == in.definition && last.id == in.id {
		return last.name, ""
	}
	c, known := r.computers[in.definition]
	if !known || c.id != in.id {
		c = computerName{id: in.id, name: r.computerIn(in)}
		if in.inline && c.name != "" {
			r.inline[in.id] = c.name
		}
		r.computers[in.definition] = c
	}
	if c.name == "" {
		c.name = r.inline[in.id] // where offsets are wrong
	}
	if c.name == "" {
		return "", hostKey(in.id)
	}
	r.lastComputer = lastComputer{in.definition, in.id, c.name}
	return c.name, ""
}

// lastComputer is what the record before had.
type lastComputer struct {
	definition int
	id         uint32
	name       string
}

// hostKey stands for a computer whose name is lost.
func hostKey(template uint32) string { return strconv.FormatUint(uint64(template), 16) }

// computerIn reads the definition of an instance for the computer's name. The
// first definition of a chunk is mostly the same in the next chunk, byte for
// byte and at the same offset; then so is the name, if no other one is referred
// to outside of it.
func (r *chunkReader) computerIn(in *instance) string {
	start, end, ok := in.body(r.chunk)
	if !ok {
		return ""
	}
	body := r.chunk[start:end]
	if r.known.start == start && string(r.known.body) == string(body) {
		return r.known.name
	}
	r.outer.reset(FormNone)
	if _, err := r.xml.read(start, end, &instance{}, &r.outer); err != nil {
		return ""
	}
	name := r.outer.event.Computer
	if r.xml.lowest >= start {
		r.known.start, r.known.body, r.known.name = start, append(r.known.body[:0], body...), name
	}
	return name
}

// knownDefinition is a definition that was read, whose names all stand in it.
type knownDefinition struct {
	start int // of its body
	body  []byte
	name  string // of the computer
}

type computerName struct {
	id   uint32
	name string
}

// parseInt32 reads a signed number; 0 if it is none.
func parseInt32(s string) int32 {
	n, err := strconv.ParseInt(strings.TrimSpace(s), 10, 32)
	if err != nil {
		return 0
	}
	return int32(n)
}

// parseSystemTime reads the time of a rendered record: RFC 3339 with up to
// nine digits, of which the last two are below the clock of Windows, or the raw
// value of an invalid time.
func parseSystemTime(s string) FileTime {
	if strings.HasPrefix(s, "0x") {
		return FileTime(parseUint(s, 64))
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return 0
	}
	return FileTimeOf(t)
}
