package evtxscan

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
)

// This file makes the copy of a chunk that the Velocidex library may see.
//
// The library trusts what it reads: values are not bounded by their record, an
// empty nested value sends it to the bytes that follow, an unknown template is
// taken for an inline one. So one small record can keep it busy for ever, and a
// goroutine cannot be stopped.
//
// The rules are:
//   - The copy holds the record asked for, and of the others only those that
//     define a template it needs. The size of each is set so that the next one
//     follows; a dummy record bridges the way to the first.
//   - Every step the library will take over these records has been taken here
//     before, in the library's own way, and ended inside the structure it
//     belongs to. A template instance is met only where one was checked.
//   - What does not pass is withheld, with the reason.

// maxLibraryNesting is how deep values of records handed over may nest; in
// public logs it is 1.
const maxLibraryNesting = 2

// privateChunk is a chunk made for the library.
type privateChunk struct {
	data   []byte
	count  int // records in it
	target int // index of the record asked for
	// faults of the library that this record is known to meet
	skipsTokens, overwrites, oddString bool
}

// isolate makes the copy for a record of a chunk; records are those of the
// chunk that are sound. Its error says why the record is withheld.
func isolate(chunk []byte, records []rawRecord, rec rawRecord) (*privateChunk, error) {
	s := isolation{chunk: chunk, records: records, definitions: map[uint32]int{}}
	if err := s.admit(rec); err != nil {
		return nil, err
	}
	slices.SortFunc(s.needed, func(a, b rawRecord) int { return a.offset - b.offset })
	first := s.needed[0].offset
	const dummySize = recordHead + 1 // a header and an end token
	if first != chunkHeaderSize && first < chunkHeaderSize+dummySize {
		return nil, errors.New("no room to bridge what stands before it")
	}
	p := &s.result
	p.data = slices.Clone(chunk)
	le := binary.LittleEndian
	if first != chunkHeaderSize {
		head := p.data[chunkHeaderSize:]
		le.PutUint32(head, recordMagic)
		le.PutUint32(head[4:], uint32(first-chunkHeaderSize))
		le.PutUint64(head[8:], math.MaxUint64)
		le.PutUint64(head[16:], 0)
		head[recordHead] = 0
		p.count++
	}
	for i, r := range s.needed {
		if i+1 < len(s.needed) {
			next := s.needed[i+1].offset
			if next < r.offset+r.size {
				return nil, errors.New("the records it needs overlap")
			}
			le.PutUint32(p.data[r.offset+4:], uint32(next-r.offset))
		}
		if r.offset == rec.offset {
			p.target = p.count
		}
		p.count++
	}
	le.PutUint64(p.data[8:], 1)
	le.PutUint64(p.data[16:], uint64(p.count))
	return p, nil
}

type isolation struct {
	chunk       []byte
	records     []rawRecord
	needed      []rawRecord
	definitions map[uint32]int // offsets of the inline definitions in needed
	wanted      []instance     // whose definitions stand elsewhere
	result      privateChunk
}

// admit checks a record and those that define its templates.
func (s *isolation) admit(rec rawRecord) error {
	pending := []rawRecord{rec}
	for len(pending) > 0 {
		next := pending[0]
		pending = pending[1:]
		if slices.ContainsFunc(s.needed, func(r rawRecord) bool { return r.offset == next.offset }) {
			continue
		}
		s.needed = append(s.needed, next)
		from := len(s.wanted)
		if err := s.record(next); err != nil {
			if next.offset != rec.offset {
				err = fmt.Errorf("the record at 0x%x of the chunk, which defines its template: %w", next.offset, err)
			}
			return err
		}
		for _, in := range s.wanted[from:] {
			if at, ok := s.definitions[in.id]; ok && at == in.definition {
				continue
			}
			definer, ok := s.holder(in.definition)
			if !ok || in.definition >= next.offset {
				return fmt.Errorf("its template definition at 0x%x of the chunk stands in no readable record before it", in.definition)
			}
			pending = append(pending, definer)
		}
	}
	for _, in := range s.wanted {
		if s.definitions[in.id] != in.definition {
			return fmt.Errorf("its template definition at 0x%x of the chunk is overwritten", in.definition)
		}
	}
	return nil
}

// holder returns the record that an offset of the chunk lies in.
func (s *isolation) holder(offset int) (rawRecord, bool) {
	i, found := slices.BinarySearchFunc(s.records, offset, func(r rawRecord, at int) int { return r.offset - at })
	if !found {
		i--
	}
	if i < 0 || offset >= s.records[i].offset+s.records[i].size {
		return rawRecord{}, false
	}
	return s.records[i], true
}

// record takes the steps of the library over one record.
func (s *isolation) record(rec rawRecord) error {
	pos, end := rec.offset+recordHead, rec.offset+rec.size-4
	if pos+5 <= end && s.chunk[pos] == 0x0f && s.chunk[pos+4] == 0x0c {
		return s.fragment(pos+4, end, 0)
	}
	_, err := s.walk(pos, end, false)
	return err
}

// fragment takes a template instance and the end token behind it.
func (s *isolation) fragment(pos, end, nesting int) error {
	next, err := s.instance(pos, end, nesting)
	if err == nil && (next >= end || s.chunk[next] != 0) {
		err = errors.New("no end token follows its template instance")
	}
	return err
}

// naturalSizes are the sizes that the library assumes for a type, whatever the
// descriptor says.
var naturalSizes = map[byte]int{0x04: 1, 0x06: 2, 0x07: 4, 0x08: 4, 0x09: 8, 0x0a: 8, 0x0b: 4, 0x0c: 8, 0x0f: 16, 0x11: 8, 0x12: 16, 0x14: 4, 0x15: 8}

// arrayUnits are the sizes of which the library takes an array's to be a
// multiple; it panics where it is not.
var arrayUnits = map[byte]int{0x86: 2, 0x8a: 8, 0x95: 8}

// instance takes the template instance at pos and returns the offset behind.
func (s *isolation) instance(pos, end, nesting int) (int, error) {
	in, err := instanceAt(s.chunk, pos, end)
	if err != nil {
		return pos, err
	}
	if in.id == 0 || s.chunk[pos+1] != 1 {
		return pos, errors.New("its template has the id 0")
	}
	start, stop, ok := in.body(s.chunk)
	if !ok {
		return pos, errors.New("the template definition that it names is lost or overwritten")
	}
	if int(binary.LittleEndian.Uint32(s.chunk[start-4:])) != stop-start {
		return pos, errors.New("its template definition has not the size it states")
	}
	if in.inline != (in.definition == pos+10) {
		return pos, errors.New("its template definition is not at the offset it states")
	}
	if !in.inline {
		s.wanted = append(s.wanted, in)
	} else {
		if _, twice := s.definitions[in.id]; twice {
			return pos, errors.New("its template is defined twice in the chunk, and the library tells templates by their id alone")
		}
		s.definitions[in.id] = in.definition
		if next, err := s.walk(start, stop, true); err != nil || next != stop {
			return pos, errors.New("its template definition does not close where it should")
		}
	}
	at := in.end - len(in.values)
	for i := range in.count {
		d := in.types[4*i:]
		size, kind := int(binary.LittleEndian.Uint16(d)), d[2]
		raw := s.chunk[at : at+size]
		if natural, fixed := naturalSizes[kind]; d[3] != 0 || fixed && size != natural {
			return pos, fmt.Errorf("value %d of type 0x%02x%02x has %d bytes, which the library does not heed", i, d[3], kind, size)
		}
		if unit := arrayUnits[kind]; unit != 0 && size%unit != 0 {
			return pos, fmt.Errorf("value %d is an array of %d bytes, at which the library panics", i, size)
		}
		switch kind {
		case 0x01:
			s.result.oddString = s.result.oddString || size%2 != 0
		case 0x0d:
			if size != 1 && size != 2 && size != 4 && size != 8 {
				return pos, fmt.Errorf("value %d is a boolean of %d bytes", i, size)
			}
		case 0x13:
			if size < 8 || size%4 != 0 {
				return pos, fmt.Errorf("value %d is a SID of %d bytes", i, size)
			}
		case 0x21:
			if err := s.nested(at, at+len(raw), nesting+1); err != nil {
				return pos, fmt.Errorf("value %d, which is BinXML: %w", i, err)
			}
		}
		at += size
	}
	return in.end, nil
}

// nested takes a value that is BinXML.
func (s *isolation) nested(pos, end, nesting int) error {
	if nesting > maxLibraryNesting {
		return errDepth
	}
	if pos == end {
		return errors.New("it is empty, and the library would read what follows")
	}
	if pos+4 < end && s.chunk[pos] == 0x0f {
		pos += 4
	}
	if s.chunk[pos] == 0x0c {
		return s.fragment(pos, end, nesting)
	}
	_, err := s.walk(pos, end, true)
	return err
}

// walk takes the steps of the library over tokens until it stops, at an end
// token or at one that it does not know, and returns the offset behind.
func (s *isolation) walk(pos, end int, dependency bool) (int, error) {
	le := binary.LittleEndian
	text := false
	for pos < end {
		token := s.chunk[pos]
		pos++
		wasText := text
		text = false
		switch token {
		case 0x01, 0x41:
			if pos += 4; dependency {
				pos += 2
			}
			next, err := s.name(pos, end)
			if err != nil {
				return pos, err
			}
			if pos = next; token == 0x41 {
				pos += 4
			}
		case 0x02, 0x03, 0x04:
		case 0x05, 0x45:
			if pos+3 > end {
				return pos, errTruncated
			}
			pos += 3 + 2*int(le.Uint16(s.chunk[pos+1:]))
			s.result.overwrites = s.result.overwrites || wasText
			text = true
		case 0x06, 0x46:
			next, err := s.name(pos, end)
			if err != nil {
				return pos, err
			}
			pos = next
		case 0x07, 0x47, 0x08, 0x48, 0x09, 0x49, 0x0a, 0x0b:
			s.result.skipsTokens = true // and takes their operands for tokens
		case 0x0c:
			return pos, errors.New("the library would come upon a template instance that is none")
		case 0x0d, 0x0e:
			if pos+3 > end {
				return pos, errTruncated
			}
			if pos += 3; s.chunk[pos-1] == 0 {
				pos++ // it takes a zero for the type to mean that the type follows
			}
		case 0x0f:
			pos += 3
		default:
			return pos, nil
		}
	}
	return pos, errTruncated
}

// name takes a name reference, and its node where that is inline.
func (s *isolation) name(pos, end int) (int, error) {
	if pos+4 > end {
		return pos, errTruncated
	}
	offset := int(binary.LittleEndian.Uint32(s.chunk[pos:]))
	pos += 4
	if offset > len(s.chunk)-10 {
		return pos, errName
	}
	n := int(binary.LittleEndian.Uint16(s.chunk[offset+6:]))
	if n > maxNameLength || offset+10+2*n > len(s.chunk) {
		return pos, errName
	}
	if offset == pos {
		pos += 10 + 2*n
	}
	return pos, nil
}
