package evtxtest

import (
	"bytes"
	"encoding/binary"
	"strings"
)

// This file writes BinXML. What is written depends on its place in the chunk:
// names and definitions stand inline where they are first needed and are
// referred to by offset from then on, as the log service does it.

// Node is a part of a BinXML document: [FragmentHeader], [Element], [Text],
// [CDATA], [CharRef], [EntityRef], [PI], [Substitution], [Instance] or [Raw].
type Node interface {
	// write appends the node to the chunk. inTemplate is set in the body of a
	// definition; more says that character data follows in the same place.
	write(c *chunk, inTemplate, more bool)
}

// FragmentHeader is the token 0f that begins a record. Nested values have it
// in exported logs and lack it in native ones.
type FragmentHeader struct{}

// Element is an element. With nil Content it is closed by its start tag; with
// empty Content it has an end tag.
type Element struct {
	Name       string
	Attributes []Attribute
	Content    []Node
}

// Attribute is an attribute of an element; its value is character data.
type Attribute struct {
	Name  string
	Value []Node
}

// Text is a text token, without entities of its own.
type Text string

// CDATA is a CDATA section.
type CDATA string

// CharRef is a character reference.
type CharRef uint16

// EntityRef is an entity reference by name, "amp".
type EntityRef string

// PI is a processing instruction.
type PI struct{ Target, Data string }

// Substitution stands in a definition for a value of the instance.
type Substitution struct {
	Index    uint16
	Type     Type
	Optional bool
}

// Template is a definition. One with the same GUID is written once per chunk.
type Template struct {
	GUID [16]byte // as stored; its first four bytes are the short id
	Root Element
}

// Instance is an instance of a template with its values.
type Instance struct {
	Template *Template
	Values   []Value
}

// Value is one value of an instance: its bytes, or, where Nested is not empty,
// a document of its own.
type Value struct {
	Type   Type
	Raw    []byte
	Nested []Node
}

// Raw is bytes that are written as they are, for what no sound log holds.
type Raw []byte

const hasMore = 0x40 // the bit of a token after which more follows

func (FragmentHeader) write(c *chunk, _, _ bool) { c.put(0x0f, 0x01, 0x01, 0x00) }

func (r Raw) write(c *chunk, _, _ bool) { c.put(r...) }

func (e Element) write(c *chunk, inTemplate, _ bool) {
	token := byte(0x01)
	if len(e.Attributes) > 0 {
		token |= hasMore
	}
	c.put(token)
	if inTemplate {
		c.put16(e.dependency())
	}
	size := c.reserve()
	c.name(e.Name)
	if len(e.Attributes) > 0 {
		list := c.reserve()
		for i, a := range e.Attributes {
			token := byte(0x06)
			if i < len(e.Attributes)-1 {
				token |= hasMore
			}
			c.put(token)
			c.name(a.Name)
			c.content(a.Value, inTemplate)
		}
		c.fill(list)
	}
	if e.Content == nil {
		c.put(0x03)
	} else {
		c.put(0x02)
		c.content(e.Content, inTemplate)
		c.put(0x04)
	}
	c.fill(size)
}

// dependency returns the index of the element's single optional value, on
// which it depends whether the element is shown at all, or ffff.
func (e Element) dependency() uint16 {
	index, count := uint16(0xffff), 0
	for _, n := range e.Content {
		if s, ok := n.(Substitution); ok && s.Optional {
			index = s.Index
			count++
		}
	}
	if count != 1 {
		return 0xffff
	}
	return index
}

func (t Text) write(c *chunk, _, more bool) {
	c.put(token(0x05, more), 0x01)
	c.putCounted(string(t))
}

func (t CDATA) write(c *chunk, _, more bool) {
	c.put(token(0x07, more))
	c.putCounted(string(t))
}

func (r CharRef) write(c *chunk, _, more bool) {
	c.put(token(0x08, more))
	c.put16(uint16(r))
}

func (r EntityRef) write(c *chunk, _, more bool) {
	c.put(token(0x09, more))
	c.name(string(r))
}

func (p PI) write(c *chunk, _, _ bool) {
	c.put(0x0a)
	c.name(p.Target)
	c.put(0x0b)
	c.putCounted(p.Data)
}

func (s Substitution) write(c *chunk, _, _ bool) {
	kind := byte(0x0d)
	if s.Optional {
		kind = 0x0e
	}
	c.put(kind)
	c.put16(s.Index)
	c.put(byte(s.Type))
}

func token(kind byte, more bool) byte {
	if more {
		return kind | hasMore
	}
	return kind
}

func (in Instance) write(c *chunk, _, _ bool) {
	c.put(0x0c, 0x01)
	c.put(in.Template.GUID[:4]...)
	c.definition(in.Template)
	c.put32(uint32(len(in.Values)))
	descriptors := len(c.data)
	for _, v := range in.Values {
		c.put(0, 0, byte(v.Type), 0)
	}
	for i, v := range in.Values {
		start := len(c.data)
		if len(v.Nested) > 0 {
			c.document(v.Nested)
		} else {
			c.put(v.Raw...)
		}
		binary.LittleEndian.PutUint16(c.data[descriptors+4*i:], uint16(len(c.data)-start))
	}
}

// document writes nodes and the end token.
func (c *chunk) document(nodes []Node) {
	c.content(nodes, false)
	c.put(0x00)
}

// content writes nodes that stand side by side.
func (c *chunk) content(nodes []Node, inTemplate bool) {
	for i, n := range nodes {
		more := i+1 < len(nodes) && isCharacterData(nodes[i+1])
		n.write(c, inTemplate, more)
	}
}

func isCharacterData(n Node) bool {
	switch n.(type) {
	case Text, CDATA, CharRef, EntityRef:
		return true
	}
	return false
}

// name refers to a name, and writes it where the chunk does not hold it yet.
func (c *chunk) name(name string) {
	units := unitsOf(name)
	var hash uint32
	for _, u := range units {
		hash = hash*65599 + uint32(u)
	}
	bucket := stringTable + 4*int(hash%stringBuckets)
	text := appendText(nil, name)
	for at := c.at32(bucket); at != 0; at = c.at32(int(at)) {
		n := 2 * int(binary.LittleEndian.Uint16(c.data[at+6:]))
		if bytes.Equal(c.data[at+8:int(at)+8+n], text) {
			c.put32(at)
			return
		}
	}
	here := uint32(len(c.data) + 4)
	c.put32(here)
	c.put32(c.at32(bucket))
	c.put16(uint16(hash))
	c.putCounted(name)
	c.put16(0)
	c.set32(bucket, here)
}

// definition refers to a definition, and writes it where the chunk does not
// hold it yet.
func (c *chunk) definition(t *Template) {
	bucket := templateBucket(t.GUID)
	for at := c.at32(bucket); at != 0; at = c.at32(int(at)) {
		if bytes.Equal(c.data[at+4:at+20], t.GUID[:]) {
			c.put32(at)
			return
		}
	}
	here := uint32(len(c.data) + 4)
	c.put32(here)
	c.put32(c.at32(bucket))
	c.put(t.GUID[:]...)
	size := c.reserve()
	c.content([]Node{FragmentHeader{}, t.Root}, true)
	c.put(0x00)
	c.fill(size)
	c.set32(bucket, here)
}

// templateBucket returns the offset of a definition's bucket, as version 3.1 of
// the format places it.
func templateBucket(guid [16]byte) int {
	var hash uint32
	for i := 0; i < len(guid); i += 2 {
		hash = hash*65599 + uint32(binary.LittleEndian.Uint16(guid[i:]))
	}
	return templateTable + 4*int(hash%templateBuckets)
}

func (c *chunk) put(b ...byte)  { c.data = append(c.data, b...) }
func (c *chunk) put16(v uint16) { c.data = binary.LittleEndian.AppendUint16(c.data, v) }
func (c *chunk) put32(v uint32) { c.data = binary.LittleEndian.AppendUint32(c.data, v) }
func (c *chunk) put64(v uint64) { c.data = binary.LittleEndian.AppendUint64(c.data, v) }

// putCounted writes a text behind the number of its units.
func (c *chunk) putCounted(text string) {
	at := len(c.data)
	c.put16(0)
	c.data = appendText(c.data, text)
	binary.LittleEndian.PutUint16(c.data[at:], uint16((len(c.data)-at-2)/2))
}

func (c *chunk) at32(offset int) uint32     { return binary.LittleEndian.Uint32(c.data[offset:]) }
func (c *chunk) set32(offset int, v uint32) { binary.LittleEndian.PutUint32(c.data[offset:], v) }

// reserve leaves room for a size; fill puts in how many bytes came after it.
func (c *chunk) reserve() int {
	c.put32(0)
	return len(c.data)
}

func (c *chunk) fill(reserved int) { c.set32(reserved-4, uint32(len(c.data)-reserved)) }

// The characters that rendered records write as entities.
const (
	textEntities      = "<>&"
	attributeEntities = `<>&"`
)

// escape cuts a text into text tokens and entities for those characters.
func escape(text, characters string) []Node {
	var nodes []Node
	for {
		i := strings.IndexAny(text, characters)
		if i < 0 {
			break
		}
		if i > 0 {
			nodes = append(nodes, Text(text[:i]))
		}
		nodes = append(nodes, entityOf(text[i]))
		text = text[i+1:]
	}
	if text != "" || nodes == nil {
		nodes = append(nodes, Text(text))
	}
	return nodes
}

func entityOf(char byte) EntityRef {
	switch char {
	case '<':
		return "lt"
	case '>':
		return "gt"
	case '"':
		return "quot"
	}
	return "amp"
}
