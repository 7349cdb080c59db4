package evtxscan

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"slices"
)

// This file reads BinXML in any shape: template instances and plain elements,
// nested values, entities. It is bounded: every step consumes input, values
// nest to a limit, and names and definitions are found by offset only where
// the format allows them to be.

// Limits, at least three times what public logs hold.
const (
	maxValues       = 256
	maxValueNesting = 4                     // of values of type 0x21
	maxNesting      = 1 + 2*maxValueNesting // the record's instance, and each value with one of its own
	maxElementDepth = 64
	maxDefinition   = 32 << 10
	maxNameLength   = 1024
)

var (
	errTruncated = errors.New("ends inside a token")
	errDepth     = errors.New("nested too deep")
	errToken     = errors.New("unknown token")
	errTemplate  = errors.New("its template definition is not where it should be")
	errValues    = errors.New("its values do not fit into the record")
	errBudget    = errors.New("it asks for more work than any real chunk")
	errNoEvent   = errors.New("it holds no event")
	errName      = errors.New("a name is not where it should be")
)

// xmlSink takes what a document holds, in order. Text may come in pieces.
type xmlSink interface {
	open(name string)
	attribute(name string)
	text(value []byte) // of the attribute begun last, until closeStart, then of the element
	repeat()           // the element ends, and another one like it begins
	closeStart()
	close()
}

// Budgets bound the work on one chunk and on one document in it: a definition
// may ask for one value many times, and that value nest the next. A step costs
// 1, and so does a byte of text. Public chunks need less than the budget of one
// document, so that a hostile one cannot starve the others of its chunk.
const (
	xmlBudget      = 8 << 20
	documentBudget = xmlBudget / 8
)

// xmlReader walks records of one chunk.
type xmlReader struct {
	chunk      []byte
	sink       xmlSink
	scratch    []byte
	names      map[int]string    // by offset
	moved      map[int]int       // where nodes stand that are not where their offsets say
	known      map[string]string // names by their units, of all chunks
	lowest     int               // offset of a name that this document uses
	budget     int               // of the chunk
	left       int               // of the document's budget
	nesting    int
	depth      int
	native     bool // strings end in NUL
	shift      int  // how far nodes are from where their offsets say
	nameless   int  // names of the record that could not be resolved
	unresolved int  // entities among them, in text
}

// reset makes the reader ready for another chunk.
func (r *xmlReader) reset(chunk []byte) {
	if r.names == nil {
		r.names, r.moved = map[int]string{}, map[int]int{}
	}
	if r.known == nil || len(r.known) > 4096 {
		r.known = map[string]string{}
	}
	clear(r.names)
	clear(r.moved)
	r.chunk, r.budget, r.shift = chunk, xmlBudget, 0
}

// instance is a template instance: which definition, and its values.
type instance struct {
	id         uint32
	definition int // offset of it in the chunk
	inline     bool
	count      int
	types      []byte // descriptors of four bytes
	values     []byte
	end        int // offset behind the values
}

// instanceAt reads a template instance whose 0c stands at pos.
func instanceAt(chunk []byte, pos, end int) (in instance, err error) {
	if pos+10 > end || chunk[pos] != 0x0c {
		return in, errTruncated
	}
	in.id = binary.LittleEndian.Uint32(chunk[pos+2:])
	in.definition = int(binary.LittleEndian.Uint32(chunk[pos+6:]))
	pos += 10
	// The definition's GUID repeats the id; so an inline one is known even where
	// bytes were lost before it and offsets are wrong.
	repeats := pos+definitionHead+4 <= end &&
		binary.LittleEndian.Uint32(chunk[pos+4:]) == in.id && binary.LittleEndian.Uint32(chunk[pos+definitionHead:]) == fragmentHeader
	in.inline = in.definition == pos || repeats
	if !in.inline {
		return in, in.readValues(chunk, pos, end)
	}
	err = in.readInline(chunk, pos, end)
	if err != nil && !repeats {
		in.inline = false
		return in, in.readValues(chunk, pos, end)
	}
	return in, err
}

// readInline reads the values behind an inline definition.
func (in *instance) readInline(chunk []byte, pos, end int) error {
	if pos+definitionHead > end {
		return errTruncated
	}
	size, ok := definitionSize(chunk, pos, end)
	if !ok {
		return errTemplate
	}
	return in.readValues(chunk, pos+definitionHead+size, end)
}

// fragmentHeader is the token with its version, 0f 01 01 00.
const fragmentHeader = 0x0001010f

// readValues reads u32 n, n descriptors and the values they describe.
func (in *instance) readValues(chunk []byte, pos, end int) error {
	if pos+4 > end {
		return errTruncated
	}
	in.count = int(binary.LittleEndian.Uint32(chunk[pos:]))
	pos += 4
	if in.count > maxValues || pos+4*in.count > end {
		return errValues
	}
	in.types = chunk[pos : pos+4*in.count]
	pos += 4 * in.count
	total := 0
	for i := range in.count {
		total += int(binary.LittleEndian.Uint16(in.types[4*i:]))
	}
	if pos+total > end {
		return errValues
	}
	in.values = chunk[pos : pos+total]
	in.end = pos + total
	return nil
}

// value returns the type and bytes of value i, and the offset of the bytes.
func (in *instance) value(i int) (kind byte, raw []byte, offset int) {
	at := 0
	for k := range i {
		at += int(binary.LittleEndian.Uint16(in.types[4*k:]))
	}
	size := int(binary.LittleEndian.Uint16(in.types[4*i:]))
	return in.types[4*i+2], in.values[at : at+size : at+size], in.end - len(in.values) + at
}

// definitionHead is what stands before a definition's body: u32 next,
// GUID[16], u32 size.
const definitionHead = 24

// body returns where the body of the definition lies, if it is one: earlier in
// the chunk, or inline, with a GUID that begins with the id.
func (in *instance) body(chunk []byte) (start, end int, ok bool) {
	d := in.definition
	if d < chunkHeaderSize || d+definitionHead > len(chunk) || d >= in.end || binary.LittleEndian.Uint32(chunk[d+4:]) != in.id {
		return 0, 0, false
	}
	size, ok := definitionSize(chunk, d, len(chunk))
	return d + definitionHead, d + definitionHead + size, ok
}

// definitionSize returns the size of the body of the definition at pos. A body
// is a fragment header, one element and an end token; so the element tells its
// size too, and is believed where the two differ and an end token agrees.
func definitionSize(chunk []byte, pos, end int) (int, bool) {
	fits := func(size int) bool { return size <= maxDefinition && pos+definitionHead+size <= end }
	stated := int(binary.LittleEndian.Uint32(chunk[pos+20:]))
	body := pos + definitionHead
	const head = 4 + 1 + 2 + 4 // fragment header, token, dependency id, size
	if body+head <= end && chunk[body] == 0x0f && chunk[body+4]&^0x40 == 0x01 {
		size := head + int(binary.LittleEndian.Uint32(chunk[body+7:])) + 1
		if size != stated && fits(size) && chunk[body+size-1] == 0 {
			return size, true
		}
	}
	return stated, fits(stated)
}

// read hands what stands between start and end to the sink, and returns the
// offset behind its end token. Substitutions stand for the values of in, which
// is nil outside a definition.
func (r *xmlReader) read(start, end int, in *instance, sink xmlSink) (int, error) {
	r.sink, r.nesting, r.depth, r.native, r.nameless, r.unresolved, r.lowest = sink, 0, 0, false, 0, 0, len(r.chunk)
	budget := min(r.budget, documentBudget)
	r.left = budget
	end, err := r.tokens(start, end, in)
	r.budget -= budget - r.left
	return end, err
}

// tokens walks tokens until the end token or end. It returns the offset behind.
func (r *xmlReader) tokens(pos, end int, in *instance) (int, error) {
	depth := r.depth
	inStart := false
	for pos < end {
		if r.left--; r.left < 0 {
			return pos, errBudget
		}
		token := r.chunk[pos]
		switch token &^ 0x40 {
		case 0x00:
			if r.depth != depth {
				return pos, errTruncated
			}
			return pos + 1, nil
		case 0x0f:
			pos += 4
		case 0x0c:
			next, err := r.instance(pos, end)
			if err != nil {
				return pos, err
			}
			pos = next
		case 0x01:
			pos++
			if in != nil {
				if pos+6 > end {
					return pos, errTruncated
				}
				// An element whose one optional value is null is not there.
				dependency := int(binary.LittleEndian.Uint16(r.chunk[pos:]))
				if pos += 2; dependency < in.count && in.types[4*dependency+2] == 0 {
					pos += 4 + int(min(binary.LittleEndian.Uint32(r.chunk[pos:]), chunkSize))
					break
				}
			}
			pos += 4
			name, next, err := r.name(pos, end)
			if err != nil {
				return pos, err
			}
			pos = next
			if token&0x40 != 0 {
				pos += 4
			}
			if r.depth++; r.depth > maxElementDepth {
				return pos, errDepth
			}
			r.sink.open(name)
			inStart = true
		case 0x06:
			name, next, err := r.name(pos+1, end)
			if err != nil {
				return pos, err
			}
			pos = next
			r.sink.attribute(name)
		case 0x02:
			pos++
			r.sink.closeStart()
			inStart = false
		case 0x03:
			pos++
			if inStart {
				r.sink.closeStart()
				inStart = false
			}
			r.sink.close()
			if r.depth--; r.depth < depth {
				return pos, errToken
			}
		case 0x04:
			pos++
			r.sink.close()
			if r.depth--; r.depth < depth {
				return pos, errToken
			}
		case 0x05:
			if pos+4 > end {
				return pos, errTruncated
			}
			n := int(binary.LittleEndian.Uint16(r.chunk[pos+2:]))
			if pos += 4; pos+2*n > end {
				return pos, errTruncated
			}
			r.units(r.chunk[pos : pos+2*n])
			pos += 2 * n
		case 0x07, 0x0b:
			if pos+3 > end {
				return pos, errTruncated
			}
			n := int(binary.LittleEndian.Uint16(r.chunk[pos+1:]))
			if pos += 3; pos+2*n > end {
				return pos, errTruncated
			}
			if token&^0x40 == 0x07 {
				r.units(r.chunk[pos : pos+2*n])
			}
			pos += 2 * n
		case 0x08:
			if pos+3 > end {
				return pos, errTruncated
			}
			r.units(r.chunk[pos+1 : pos+3])
			pos += 3
		case 0x09:
			name, next, err := r.name(pos+1, end)
			if err != nil {
				return pos, err
			}
			pos = next
			switch c, ok := entities[name]; {
			case ok:
				r.text(append(r.scratch[:0], c...))
			case name == "":
				r.unresolved++
				r.text(append(r.scratch[:0], "\ufffd"...))
			default:
				r.text(append(append(append(r.scratch[:0], '&'), name...), ';'))
			}
		case 0x0a:
			_, next, err := r.name(pos+1, end)
			if err != nil {
				return pos, err
			}
			pos = next
		case 0x0d, 0x0e:
			if pos+4 > end || in == nil {
				return pos, errTruncated
			}
			index := int(binary.LittleEndian.Uint16(r.chunk[pos+1:]))
			pos += 4
			if index < in.count {
				if err := r.value(in, index); err != nil {
					return pos, err
				}
			}
		default:
			return pos, errToken
		}
		if pos > end {
			return pos, errTruncated
		}
	}
	if r.depth != depth {
		return pos, errTruncated
	}
	return pos, nil
}

var entities = map[string]string{"lt": "<", "gt": ">", "amp": "&", "quot": `"`, "apos": "'"}

// instance walks a template instance at pos and returns the offset behind it.
func (r *xmlReader) instance(pos, end int) (int, error) {
	in, err := instanceAt(r.chunk, pos, end)
	if err != nil {
		return pos, err
	}
	start, stop, ok := in.body(r.chunk)
	if !ok {
		return pos, errTemplate
	}
	if r.nesting++; r.nesting > maxNesting {
		return pos, errDepth
	}
	_, err = r.tokens(start, stop, &in)
	r.nesting--
	return in.end, err
}

// name reads a name reference, and skips the node where it is inline.
func (r *xmlReader) name(pos, end int) (string, int, error) {
	if pos+4 > end {
		return "", pos, errTruncated
	}
	offset := int(binary.LittleEndian.Uint32(r.chunk[pos:]))
	pos += 4
	// Where bytes were inserted or lost before it, a node is not where its
	// offset says, but still where it is inline, and others are as far off.
	stated := offset
	at, moved := r.moved[offset]
	switch {
	case moved:
		offset = at
	case r.shift != 0 && offset+r.shift == pos && r.isNode(pos):
		offset = pos
	case r.isNode(offset):
	case r.isNode(pos):
		offset, r.shift = pos, pos-offset
	case r.shift != 0 && r.isNode(offset+r.shift):
		offset += r.shift
	}
	inline := offset == pos
	if inline && stated != pos {
		r.moved[stated] = pos
	}
	r.lowest = min(r.lowest, offset)
	n := 0
	if offset >= 0 && offset+nodeHead <= len(r.chunk) {
		n = int(binary.LittleEndian.Uint16(r.chunk[offset+6:]))
	}
	if n == 0 || n > maxNameLength || offset+nodeHead+2*n+2 > len(r.chunk) {
		if inline {
			return "", pos, errName
		}
		r.nameless++
		return "", pos, nil
	}
	if inline {
		pos += nodeHead + 2*n + 2
	}
	name, ok := r.names[offset]
	if !ok {
		name = r.nameAt(r.chunk[offset:], n)
		r.names[offset] = name
	}
	if name == "" {
		r.nameless++
	}
	return name, pos, nil
}

// nodeHead is what stands before a name: u32 next, u16 hash, u16 n. Behind it
// stands a NUL.
const nodeHead = 8

// isNode reports whether a name's node stands at an offset: its hash is right,
// a NUL follows, and the next node of its chain stands before it.
func (r *xmlReader) isNode(offset int) bool {
	if _, known := r.names[offset]; known {
		return true
	}
	if offset < 0 || offset+nodeHead > len(r.chunk) {
		return false
	}
	le := binary.LittleEndian
	node := r.chunk[offset:]
	n := int(le.Uint16(node[6:]))
	end := nodeHead + 2*n
	return n > 0 && n <= maxNameLength && end+2 <= len(node) && le.Uint16(node[end:]) == 0 && int(le.Uint32(node)) < offset &&
		nameHash(node[nodeHead:end]) == le.Uint16(node[4:])
}

// nameAt reads a name's node of n units, and returns "" if that is damaged. A
// name of an event's schema is believed by itself, or by its hash: one damaged
// node must not cost all records of the chunk that refer to it.
func (r *xmlReader) nameAt(node []byte, n int) string {
	units, hash := node[nodeHead:nodeHead+2*n], binary.LittleEndian.Uint16(node[4:])
	name, ok := r.known[string(units)]
	if !ok {
		name = string(decodeUTF16(nil, units))
		r.known[string(units)] = name
	}
	if nameHash(units) == hash || slices.Contains(schemaNames, name) {
		return name
	}
	for _, known := range schemaNames {
		ascii := encodeASCII(known)
		if hash != nameHash(ascii) {
			continue
		}
		// The length of the node may be what is damaged, or the text.
		if len(known) == n || bytes.HasPrefix(units, ascii) || bytes.HasPrefix(ascii, units) {
			return known
		}
	}
	return ""
}

// schemaNames are the names that events have in common.
var schemaNames = []string{
	"Event", "xmlns", "System", "Provider", "Name", "Guid", "EventSourceName", "EventID", "Qualifiers", "Version", "Level",
	"Task", "Opcode", "Keywords", "TimeCreated", "SystemTime", "EventRecordID", "Correlation", "ActivityID",
	"RelatedActivityID", "Execution", "ProcessID", "ThreadID", "Channel", "Computer", "Security", "UserID", "EventData",
	"UserData", "Data", "lt", "gt", "amp", "quot", "apos",
}

// nameHash is the hash of a name's UTF-16LE units in its node.
func nameHash(units []byte) uint16 {
	var h uint32
	for i := 0; i+1 < len(units); i += 2 {
		h = h*65599 + uint32(binary.LittleEndian.Uint16(units[i:]))
	}
	return uint16(h)
}

// encodeASCII returns ASCII text as UTF-16LE.
func encodeASCII(s string) []byte {
	units := make([]byte, 2*len(s))
	for i := range len(s) {
		units[2*i] = s[i]
	}
	return units
}

// units hands UTF-16LE units to the sink.
func (r *xmlReader) units(raw []byte) { r.text(decodeUTF16(r.scratch[:0], raw)) }

// text hands text, which stands in the scratch space, to the sink.
func (r *xmlReader) text(value []byte) {
	r.left -= len(value)
	r.scratch = value
	r.sink.text(value)
}

// value hands a substituted value to the sink.
func (r *xmlReader) value(in *instance, index int) error {
	r.left -= index // of steps to find it
	kind, raw, offset := in.value(index)
	switch {
	case kind&0x80 != 0:
		r.array(kind&0x7f, raw)
		return nil
	case kind != 0x21:
		if r.native {
			raw = trimNUL(kind, raw)
		}
		r.text(appendValue(r.scratch[:0], kind, raw))
		return nil
	}
	if len(raw) == 0 {
		return nil
	}
	if r.nesting++; r.nesting > maxNesting {
		return errDepth
	}
	native := r.native
	r.native = native || raw[0] == 0x0c // exported ones begin with a fragment header
	_, err := r.tokens(offset, offset+len(raw), nil)
	r.native = native
	r.nesting--
	return err
}

// array hands the elements of an array to the sink: one XML element each, and
// strings of which each ends in a NUL. What is no whole array is shown in hex.
func (r *xmlReader) array(kind byte, raw []byte) {
	size := valueSize(kind)
	if kind != 0x01 && (size == 0 || len(raw)%size != 0) {
		r.text(hex.AppendEncode(r.scratch[:0], raw))
		return
	}
	for first := true; len(raw) > 0; first = false {
		n, skip := size, 0
		if kind == 0x01 {
			n, skip = firstString(raw)
		}
		if !first {
			r.left--
			r.sink.repeat()
		}
		r.text(appendValue(r.scratch[:0], kind, raw[:n]))
		raw = raw[n+skip:]
	}
}

// firstString returns the length in bytes of the first of some UTF-16 strings,
// and of what ends it.
func firstString(raw []byte) (n, skip int) {
	for n+2 <= len(raw) {
		if raw[n] == 0 && raw[n+1] == 0 {
			return n, 2
		}
		n += 2
	}
	return n, len(raw) - n
}

// trimNUL cuts off the one NUL that ends a string in a native record.
func trimNUL(kind byte, raw []byte) []byte {
	if n := len(raw); kind == 0x01 && n >= 2 && raw[n-1] == 0 && raw[n-2] == 0 {
		return raw[:n-2]
	}
	return raw
}
