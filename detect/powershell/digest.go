package powershell

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"reflect"
	"strconv"
)

// checksum is a digest. It must not be easy to find two contents with the same
// one: a script could hide a way through it.
type checksum [16]byte

// add makes s that of a set with one more member.
func (s *checksum) add(member checksum) {
	for i := range s {
		s[i] ^= member[i]
	}
}

// The most of a value that its digest looks at; beyond, identity counts.
const (
	digestDepth = 4
	digestNodes = 512
)

// digester describes values so that what comes to the same is described alike:
// scalars by value, collections and objects by what is in them.
type digester struct {
	text  []byte
	nodes int
	deep  bool // other objects are looked into
}

func (d *digester) sum() checksum {
	full := sha256.Sum256(d.text)
	return checksum(full[:16])
}

// digest describes the contents of m as they are now. deep tells whether those
// of other objects are among them.
func digest(m mutable) (sum checksum, deep bool) {
	d := &digester{}
	switch m := m.(type) {
	case *variable:
		d.variable(m)
	case *scope: // its variables describe themselves
		var all checksum
		for name := range m.variables {
			one := &digester{}
			one.word(name)
			all.add(one.sum())
		}
		d.text = append(d.text, all[:]...)
		for _, name := range sortedKeys(m.functions) {
			d.word("function " + name)
			d.closure(m.functions[name])
		}
		for _, name := range sortedKeys(m.aliases) {
			d.word(fmt.Sprintf("alias %s %v", name, m.aliases[name]))
		}
	case *collector:
		for _, v := range m.values {
			d.nodes = 0
			d.value(v, digestDepth)
		}
	case *cell:
		d.state(m.v)
	case *Array:
		d.items(m.Elements, digestDepth)
	case *List:
		d.items(m.Elements, digestDepth)
	case *Hash:
		d.hash(m, digestDepth)
	case *Object:
		d.object(m, digestDepth)
	}
	return d.sum(), d.deep
}

// memberOf describes an object with its contents.
func memberOf(m mutable, contents checksum) checksum {
	d := &digester{}
	if v, ok := m.(*variable); ok && v.owner != nil {
		m = v.owner
		d.word(foldCase(v.name))
	}
	d.text = binary.LittleEndian.AppendUint64(d.text, uint64(reflect.ValueOf(m).Pointer()))
	d.text = append(d.text, contents[:]...)
	return d.sum()
}

// stateOf describes what a stretch changed, in any order.
func stateOf(changes []change) checksum {
	var sum checksum
	for i := range changes {
		sum.add(changes[i].member)
	}
	return sum
}

// digestValue describes a value.
func digestValue(v Value) checksum {
	d := &digester{}
	d.value(v, digestDepth)
	return d.sum()
}

func (d *digester) word(s string) {
	d.text = strconv.AppendInt(d.text, int64(len(s)), 10)
	d.text = append(d.text, ' ')
	d.text = append(d.text, s...)
}

func (d *digester) variable(v *variable) {
	switch v.value.(type) {
	case string, int32, bool, *Text, *Unknown:
		if v.digested != v.value {
			v.digest, v.digested = digestValue(v.value), v.value
		}
		d.text = append(d.text, v.digest[:]...)
	default:
		d.nodes = 0
		d.value(v.value, digestDepth)
	}
	if v.readOnly || v.private || v.nothing {
		d.word(fmt.Sprintf("%v %v %v", v.readOnly, v.private, v.nothing))
	}
}

func (d *digester) closure(c *Closure) {
	if c == nil {
		d.word("nil")
		return
	}
	d.word(fmt.Sprintf("%p %p %d", c.Body, c.Bound, c.Block))
}

func (d *digester) items(items []Value, depth int) {
	d.word(strconv.Itoa(len(items)))
	for _, v := range items {
		d.value(v, depth-1)
	}
}

func (d *digester) hash(h *Hash, depth int) {
	d.word(h.Type)
	d.items(h.keys, depth)
	d.items(h.values, depth)
	d.word(fmt.Sprintf("%d %v %v %v", h.unknown, h.doubt, h.perhaps, h.rounds))
}

func (d *digester) object(o *Object, depth int) {
	d.word(o.Type)
	if s, ok := o.Payload.(scalarPayload); ok {
		d.word(s.key())
	} else if e, ok := o.Payload.(errorRecord); ok {
		d.value(e.message, depth-1)
	} else if o.Payload != nil {
		d.word(fmt.Sprintf("%p %+v", o, o.Payload))
	}
	d.value(o.Base, depth-1)
	for _, name := range o.names {
		d.word(name)
		d.value(o.values[foldCase(name)], depth-1)
	}
}

func (d *digester) value(v Value, depth int) {
	d.nodes++
	if depth <= 0 || d.nodes > digestNodes {
		if m, ok := v.(mutable); ok {
			d.word(fmt.Sprintf("%p", m))
			return
		}
	}
	switch v := v.(type) {
	case nil:
		d.word("null")
	case string:
		d.word("s" + v)
	case *Text, *Unknown:
		d.word("u" + identityOf(v))
		if u, ok := v.(*Unknown); ok {
			d.word(fmt.Sprintf("%v %v %s", u.Many, u.noText, u.Source))
		}
	case *Array:
		d.deep = true
		d.word("array " + v.Type)
		d.items(v.Elements, depth)
	case *List:
		d.deep = true
		d.word("list " + v.Type)
		d.items(v.Elements, depth)
	case *Hash:
		d.deep = true
		d.hash(v, depth)
	case *Object:
		d.deep = true
		d.object(v, depth)
	case *Closure:
		d.closure(v)
	case *TypeRef:
		d.word("type " + v.String())
	case Decimal:
		d.word(fmt.Sprintf("decimal %v %d", v.Unscaled, v.Scale))
	case int32:
		d.word("i" + strconv.Itoa(int(v)))
	case bool:
		d.word("b" + strconv.FormatBool(v))
	default:
		d.word(fmt.Sprintf("%T %v", v, v))
	}
}
