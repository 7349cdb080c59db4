package evtxscan

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"strconv"
)

// This file reads BinXML in any shape: template instances and plain elements,
// nested values, entities. It is bounded: every step consumes input, values
// nest to a limit, and names and definitions are found by offset only where
// the format allows them to be.

// Limits, at least three times what public logs hold.
const (
	maxValues       = 256
	maxValueNesting = 4
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
	errName      = errors.New("a name is not where it should be")
)

// xmlSink takes what a document holds, in order. Text may come in pieces.
type xmlSink interface {
	open(name string)
	attribute(name string)
	text(value []byte) // of the attribute begun last, until closeStart, then of the element
	closeStart()
	close()
}

// xmlReader walks one record.
type xmlReader struct {
	chunk   []byte
	sink    xmlSink
	scratch []byte
	names   map[int]string // by offset, of this chunk
	nesting int
	depth   int
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
	in.inline = in.definition == pos || pos+24 <= end && binary.LittleEndian.Uint32(chunk[pos+4:]) == in.id
	if in.inline {
		if pos+24 > end {
			return in, errTruncated
		}
		size, ok := definitionSize(chunk, pos, end)
		if !ok {
			return in, errTemplate
		}
		pos += 24 + size
	}
	if pos+4 > end {
		return in, errTruncated
	}
	in.count = int(binary.LittleEndian.Uint32(chunk[pos:]))
	pos += 4
	if in.count > maxValues || in.count < 0 || pos+4*in.count > end {
		return in, errValues
	}
	in.types = chunk[pos : pos+4*in.count]
	pos += 4 * in.count
	total := 0
	for i := range in.count {
		total += int(binary.LittleEndian.Uint16(in.types[4*i:]))
	}
	if pos+total > end {
		return in, errValues
	}
	in.values = chunk[pos : pos+total]
	in.end = pos + total
	return in, nil
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

// body returns where the body of the definition lies, if it is one: earlier in
// the chunk, or inline, with a GUID that begins with the id.
func (in *instance) body(chunk []byte) (start, end int, ok bool) {
	d := in.definition
	if d < chunkHeaderSize || d+24 > len(chunk) || d >= in.end || binary.LittleEndian.Uint32(chunk[d+4:]) != in.id {
		return 0, 0, false
	}
	size, ok := definitionSize(chunk, d, len(chunk))
	return d + 24, d + 24 + size, ok
}

// definitionSize returns the size of the body of the definition at pos. Where
// the stated one cannot be, that of the body's one element tells it.
func definitionSize(chunk []byte, pos, end int) (int, bool) {
	size := int(binary.LittleEndian.Uint32(chunk[pos+20:]))
	if size <= maxDefinition && pos+24+size <= end {
		return size, true
	}
	const head = 4 + 1 + 2 + 4 // fragment header, token, dependency id, size
	if pos+24+head > end || chunk[pos+28]&^0x40 != 0x01 {
		return 0, false
	}
	size = head + int(binary.LittleEndian.Uint32(chunk[pos+31:])) + 1
	return size, size <= maxDefinition && pos+24+size <= end
}

// read walks a fragment list between start and end; values are those that
// substitutions stand for, nil outside a definition.
func (r *xmlReader) read(start, end int, in *instance) error {
	_, err := r.tokens(start, end, in)
	return err
}

// tokens walks tokens until the end token or end. It returns the offset behind.
func (r *xmlReader) tokens(pos, end int, in *instance) (int, error) {
	depth := r.depth
	inStart := false
	inAttribute := false
	_ = inAttribute
	for pos < end {
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
			if in != nil && in.definition > 0 {
				pos += 2
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
			if c, ok := entities[name]; ok {
				r.sink.text([]byte(c))
			} else {
				r.sink.text([]byte("&" + name + ";"))
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
	if r.nesting++; r.nesting > maxValueNesting {
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
	if offset+10 > len(r.chunk) || offset < 128 {
		return "", pos, errName
	}
	n := int(binary.LittleEndian.Uint16(r.chunk[offset+6:]))
	if n > maxNameLength || offset+8+2*n > len(r.chunk) {
		return "", pos, errName
	}
	if offset == pos {
		pos += 10 + 2*n
	}
	name, ok := r.names[offset]
	if !ok {
		name = string(decodeUTF16(nil, r.chunk[offset+8:offset+8+2*n]))
		if r.names != nil {
			r.names[offset] = name
		}
	}
	return name, pos, nil
}

func (r *xmlReader) units(raw []byte) {
	r.scratch = decodeUTF16(r.scratch[:0], raw)
	r.sink.text(r.scratch)
}

// value hands a substituted value to the sink.
func (r *xmlReader) value(in *instance, index int) error {
	kind, raw, offset := in.value(index)
	if kind == 0x21 {
		if len(raw) == 0 {
			return nil
		}
		if r.nesting++; r.nesting > maxValueNesting {
			return errDepth
		}
		_, err := r.tokens(offset, offset+len(raw), nil)
		r.nesting--
		return err
	}
	r.scratch = appendValue(r.scratch[:0], kind, raw)
	r.sink.text(r.scratch)
	return nil
}

// appendValue renders a value as text: integers in decimal, hex types as
// 0x..., times as RFC 3339 with seven digits, GUIDs and SIDs as Windows writes
// them, without braces; arrays with "\n" between the elements. A value whose
// size does not fit its type is rendered as its bytes in hex.
func appendValue(dst []byte, kind byte, raw []byte) []byte {
	le := binary.LittleEndian
	if kind&0x80 != 0 {
		return appendArray(dst, kind&0x7f, raw)
	}
	size := map[byte]int{3: 1, 4: 1, 5: 2, 6: 2, 7: 4, 8: 4, 9: 8, 0xa: 8, 0xb: 4, 0xc: 8, 0xd: 4, 0xf: 16, 0x11: 8, 0x12: 16, 0x14: 4, 0x15: 8}[kind]
	if len(raw) == 0 || kind == 0 {
		return dst
	}
	if size != 0 && len(raw) != size {
		return hex.AppendEncode(dst, raw)
	}
	switch kind {
	case 0x01:
		if n := len(raw); n >= 2 && raw[n-1] == 0 && raw[n-2] == 0 {
			raw = raw[:n-2]
		}
		return decodeUTF16(dst, raw)
	case 0x02:
		for _, b := range raw {
			if b == 0 {
				break
			}
			dst = append(dst, string(rune(b))...)
		}
		return dst
	case 0x03:
		return strconv.AppendInt(dst, int64(int8(raw[0])), 10)
	case 0x04:
		return strconv.AppendUint(dst, uint64(raw[0]), 10)
	case 0x05:
		return strconv.AppendInt(dst, int64(int16(le.Uint16(raw))), 10)
	case 0x06:
		return strconv.AppendUint(dst, uint64(le.Uint16(raw)), 10)
	case 0x07:
		return strconv.AppendInt(dst, int64(int32(le.Uint32(raw))), 10)
	case 0x08:
		return strconv.AppendUint(dst, uint64(le.Uint32(raw)), 10)
	case 0x09:
		return strconv.AppendInt(dst, int64(le.Uint64(raw)), 10)
	case 0x0a:
		return strconv.AppendUint(dst, le.Uint64(raw), 10)
	case 0x0b:
		return strconv.AppendFloat(dst, float64(math.Float32frombits(le.Uint32(raw))), 'g', -1, 32)
	case 0x0c:
		return strconv.AppendFloat(dst, math.Float64frombits(le.Uint64(raw)), 'g', -1, 64)
	case 0x0d:
		return strconv.AppendBool(dst, le.Uint32(raw) != 0)
	case 0x0f:
		return appendGUID(dst, raw)
	case 0x10, 0x14, 0x15, 0x20:
		switch len(raw) {
		case 4:
			return fmt.Appendf(dst, "0x%x", le.Uint32(raw))
		case 8:
			return fmt.Appendf(dst, "0x%x", le.Uint64(raw))
		}
	case 0x11:
		t := FileTime(le.Uint64(raw))
		if !t.Valid() {
			return fmt.Appendf(dst, "0x%016x", uint64(t))
		}
		return append(dst, t.String()...)
	case 0x12:
		return fmt.Appendf(dst, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", le.Uint16(raw), le.Uint16(raw[2:]), le.Uint16(raw[6:]),
			le.Uint16(raw[8:]), le.Uint16(raw[10:]), le.Uint16(raw[12:]), le.Uint16(raw[14:]))
	case 0x13:
		if s, ok := sidString(raw); ok {
			return append(dst, s...)
		}
	}
	return hex.AppendEncode(dst, raw)
}

// appendArray renders the elements of an array.
func appendArray(dst []byte, kind byte, raw []byte) []byte {
	if kind == 0x01 {
		first := true
		for start, i := 0, 0; i+1 < len(raw); i += 2 {
			if raw[i] == 0 && raw[i+1] == 0 || i+3 >= len(raw) {
				end := i
				if raw[i] != 0 || raw[i+1] != 0 {
					end = i + 2
				}
				if !first {
					dst = append(dst, '\n')
				}
				first = false
				dst = decodeUTF16(dst, raw[start:end])
				start = i + 2
			}
		}
		return dst
	}
	size := map[byte]int{3: 1, 4: 1, 5: 2, 6: 2, 7: 4, 8: 4, 9: 8, 0xa: 8, 0xb: 4, 0xc: 8, 0xd: 4, 0xf: 16, 0x11: 8, 0x12: 16, 0x14: 4, 0x15: 8}[kind]
	if size == 0 || len(raw)%size != 0 {
		return hex.AppendEncode(dst, raw)
	}
	for i := 0; i < len(raw); i += size {
		if i > 0 {
			dst = append(dst, '\n')
		}
		dst = appendValue(dst, kind, raw[i:i+size])
	}
	return dst
}

// appendGUID renders a GUID in lower case, without braces.
func appendGUID(dst, raw []byte) []byte {
	order := [16]int{3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15}
	for i, k := range order {
		if i == 4 || i == 6 || i == 8 || i == 10 {
			dst = append(dst, '-')
		}
		dst = hex.AppendEncode(dst, raw[k:k+1])
	}
	return dst
}

// sidString renders a SID as S-1-5-21-...
func sidString(raw []byte) (string, bool) {
	if len(raw) < 8 || raw[0] != 1 || len(raw) != 8+4*int(raw[1]) {
		return "", false
	}
	var authority uint64
	for _, b := range raw[2:8] {
		authority = authority<<8 | uint64(b)
	}
	s := "S-1-" + strconv.FormatUint(authority, 10)
	for i := 8; i < len(raw); i += 4 {
		s += "-" + strconv.FormatUint(uint64(binary.LittleEndian.Uint32(raw[i:])), 10)
	}
	return s, true
}
