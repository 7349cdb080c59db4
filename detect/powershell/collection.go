package powershell

// What a script can change in place: arrays, lists and objects, and how a
// pipeline walks through values. Hashtables are in hash.go.

import (
	"maps"
	"slices"
	"strings"
)

// The .NET names of collections.
const (
	typeObject       = "System.Object"
	typeString       = "System.String"
	typeArrayList    = "System.Collections.ArrayList"
	typeGenericList  = "System.Collections.Generic.List`1"
	typeCollection   = "System.Collections.ObjectModel.Collection`1"
	typeQueue        = "System.Collections.Queue"
	typeStack        = "System.Collections.Stack"
	typeGenericStack = "System.Collections.Generic.Stack`1"
	typeHashSet      = "System.Collections.Generic.HashSet`1"
)

// Array is an array. Its length does not change.
type Array struct {
	stamp
	Type     string // of the elements, "System.Object" for object[]
	Elements []Value
	// Lengths are those of the dimensions if there are several; Elements then
	// holds row after row.
	Lengths []int
}

// List is a collection that grows: lists, queues, stacks, sets.
type List struct {
	stamp
	Type     string   // typeArrayList, typeGenericList ...
	Element  *TypeRef // of the elements of a generic list; nil: any
	Elements []Value
}

// Object is an object with properties, in order, and for types that the
// interpreter knows a payload: the content of a StringBuilder, a Regex match,
// a date.
type Object struct {
	stamp
	Type    string // "System.Management.Automation.PSCustomObject", ...
	Class   *TypeDef
	names   []string
	values  map[string]Value // by lower-case name
	Payload any
	Base    Value // what an object with added members wraps; nil: none
}

// changing is a payload that a script can change in place.
type changing interface {
	copied() any
	equals(other any) bool
}

// lost is the payload of an object of which it is not known any more what is in
// it, as where a loop changes it that runs any number of times.
type lost struct{ was *Unknown }

// eitherPayload is a payload that stands for two.
func eitherPayload(x, y any, join func(a, b Value) Value) any {
	if p, ok := x.(uncertain); ok {
		return p.either(y, join)
	}
	c, ok := x.(changing)
	if _, gone := y.(*lost); gone || x == nil {
		return y
	}
	if !ok || c.equals(y) {
		return x
	}
	switch x.(type) {
	case *readerValue, *streamValue:
	default: // what runs, or a part of a whole, is rather that of one way than none
		return y
	}
	if u, ok := join("\x00before", "\x00after").(*Unknown); ok {
		return &lost{u}
	}
	return x
}

// uncertain is a changing payload of which there is one that stands for two:
// each made by the join of what is in them.
type uncertain interface {
	either(other any, join func(a, b Value) Value) any
}

// scriptProperty is a property that runs code, as a value in an Object.
type scriptProperty struct{ get, set *Closure }

// scriptMethod is a method that Add-Member gave to an Object.
type scriptMethod struct{ body *Closure }

// reference is the payload of a [ref].
type reference struct {
	get func() Value
	set func(Value) error
}

// boundMethod is the payload of a PSMethod: a method taken as a value.
type boundMethod struct {
	target Value
	name   string
}

func newArray(elements []Value) *Array {
	return &Array{Type: typeObject, Elements: elements}
}

func newTypedArray(element string, elements []Value) *Array {
	return &Array{Type: element, Elements: elements}
}

func newList(typeName string, elements ...Value) *List {
	return &List{Type: typeName, Elements: elements}
}

// NewObject makes an object without properties; typeName is its .NET name.
func NewObject(typeName string) *Object { return &Object{Type: typeName} }

// NewDoubtful makes an object that may not be there: what a command puts out
// if it succeeds. As a condition it may be $null.
func NewDoubtful(typeName string) *Object { return newPayload(typeName, doubtful{}) }

// doubtful is the payload of an object that may not be there.
type doubtful struct{}

func isDoubtful(v Value) bool {
	o, ok := v.(*Object)
	if !ok {
		return false
	}
	_, ok = o.Payload.(doubtful)
	return ok
}

func newObject(typeName string) *Object { return NewObject(typeName) }

// newPayload makes an object that stands for a .NET value.
func newPayload(typeName string, payload any) *Object {
	return &Object{Type: typeName, Payload: payload}
}

func newCustomObject() *Object { return newObject(typePSCustomObject) }

func (a *Array) save() any         { return slices.Clone(a.Elements) }
func (a *Array) restore(saved any) { a.Elements = slices.Clone(saved.([]Value)) }
func (a *Array) equalContents(saved any) bool {
	return slices.EqualFunc(a.Elements, saved.([]Value), sameValue)
}

func (l *List) save() any         { return slices.Clone(l.Elements) }
func (l *List) restore(saved any) { l.Elements = slices.Clone(saved.([]Value)) }
func (l *List) equalContents(saved any) bool {
	return slices.EqualFunc(l.Elements, saved.([]Value), sameValue)
}

// objectState is what an Object holds.
type objectState struct {
	typeName string
	names    []string
	values   map[string]Value
	payload  any
}

func (o *Object) save() any {
	return objectState{o.Type, slices.Clone(o.names), maps.Clone(o.values), copiedPayload(o.Payload)}
}

func (o *Object) restore(saved any) {
	s := saved.(objectState)
	o.Type = s.typeName
	o.names, o.values, o.Payload = slices.Clone(s.names), maps.Clone(s.values), copiedPayload(s.payload)
}

func (o *Object) equalContents(saved any) bool {
	s := saved.(objectState)
	if o.Type != s.typeName || !slices.Equal(o.names, s.names) {
		return false
	}
	for name, v := range o.values {
		if !sameValue(v, s.values[name]) {
			return false
		}
	}
	if c, ok := o.Payload.(changing); ok {
		return c.equals(s.payload)
	}
	return true
}

func copiedPayload(p any) any {
	if c, ok := p.(changing); ok {
		return c.copied()
	}
	return p
}

// Get returns a property by its name in any case.
func (o *Object) Get(name string) (Value, bool) {
	v, ok := o.values[foldCase(name)]
	return v, ok
}

// Set gives a property a value, and adds the property if there is none.
// Callers touch o first unless they have just made it.
func (o *Object) Set(name string, v Value) {
	key := foldCase(name)
	if _, ok := o.values[key]; !ok {
		o.names = append(o.names, name)
	}
	if o.values == nil {
		o.values = map[string]Value{}
	}
	o.values[key] = v
}

// Delete removes a property.
func (o *Object) Delete(name string) {
	key := foldCase(name)
	delete(o.values, key)
	o.names = slices.DeleteFunc(o.names, func(n string) bool { return foldCase(n) == key })
}

// Names returns the names of the properties, in order.
func (o *Object) Names() []string {
	names := make([]string, 0, len(o.names))
	for _, n := range o.names {
		if _, method := o.values[foldCase(n)].(*scriptMethod); !method {
			names = append(names, n)
		}
	}
	return names
}

// enumerator is the payload of what GetEnumerator returns.
type enumerator struct {
	items []Value
	next  int // index behind the current item
}

func (e *enumerator) copied() any { c := *e; return &c }
func (e *enumerator) equals(other any) bool {
	o, ok := other.(*enumerator)
	return ok && o.next == e.next && slices.EqualFunc(o.items, e.items, sameValue)
}

// either has any of the items before it and behind it, where one has come
// farther than the other.
func (e *enumerator) either(other any, join func(a, b Value) Value) any {
	o, ok := other.(*enumerator)
	if !ok || e.equals(o) {
		return e
	}
	u, ok := join(newArray(slices.Clone(e.items)), newArray(slices.Clone(append(o.items, int32(o.next))))).(*Unknown)
	if !ok {
		return e
	}
	u.Many = true
	return &enumerator{items: []Value{u, u}, next: 1}
}

func newEnumerator(items []Value) *Object {
	return newPayload("System.Collections.IEnumerator", &enumerator{items: items})
}

// enumerate returns the items that a pipeline or foreach sees in v. Strings,
// hashtables and objects are one item, as is an [Unknown] of many; nil is none.
func enumerate(v Value) []Value {
	switch v := v.(type) {
	case nil:
		return nil
	case *Array:
		return v.Elements
	case *List:
		if v.Type == typeStack || v.Type == typeGenericStack {
			return reversed(v.Elements)
		}
		return v.Elements
	case *Object:
		if items, ok := enumeratedPayload(v); ok {
			return items
		}
	}
	return []Value{v}
}

// Items returns the elements of an array or list, and whether v is one.
func Items(v Value) ([]Value, bool) {
	switch v.(type) {
	case *Array, *List:
		return enumerate(v), true
	}
	return nil, false
}

// enumerable tells whether v is a collection, and returns what is in it.
func enumerable(v Value) ([]Value, bool) {
	switch v := v.(type) {
	case *Array, *List:
		return enumerate(v), true
	case *Object:
		return enumeratedPayload(v)
	}
	return nil, false
}

func enumeratedPayload(o *Object) ([]Value, bool) {
	switch p := o.Payload.(type) {
	case *enumerator:
		return p.items[min(p.next, len(p.items)):], true
	case *matchCollection:
		return p.values(), true
	case *groupCollection:
		return p.values(), true
	}
	if o.Base != nil {
		return enumerable(o.Base)
	}
	return nil, false
}

func reversed(items []Value) []Value {
	r := slices.Clone(items)
	slices.Reverse(r)
	return r
}

// hasMany tells whether one of the items stands for any number of items.
func hasMany(items []Value) bool {
	return slices.ContainsFunc(items, isMany)
}

func isMany(v Value) bool {
	u, ok := v.(*Unknown)
	return ok && u.Many
}

// sameValue tells whether two values cannot be told apart: scalars by value,
// what can be changed by identity.
func sameValue(a, b Value) bool {
	switch x := a.(type) {
	case Decimal:
		y, ok := b.(Decimal)
		return ok && x.Scale == y.Scale && x.Unscaled.Cmp(y.Unscaled) == 0
	case *Text:
		y, ok := b.(*Text)
		return ok && sameText(x, y)
	case *Unknown:
		y, ok := b.(*Unknown)
		return ok && sameUnknown(x, y)
	case *TypeRef:
		y, ok := b.(*TypeRef)
		return ok && x.Class == y.Class && strings.EqualFold(x.String(), y.String())
	case *Object:
		y, ok := b.(*Object)
		return ok && (x == y || sameScalar(x, y))
	}
	if x, ok := bigInt(a); ok {
		y, ok := bigInt(b)
		return ok && x.Cmp(y) == 0
	}
	return a == b
}

func sameUnknown(a, b *Unknown) bool {
	return a == b || a.Expression == b.Expression && a.Origin == b.Origin && a.Source == b.Source &&
		a.Many == b.Many && a.Type == b.Type && a.noText == b.noText && a.Identity == b.Identity &&
		a.HasDefault == b.HasDefault && (!a.HasDefault || sameValue(a.Default, b.Default))
}

func sameText(a, b *Text) bool {
	return slices.EqualFunc(a.Parts, b.Parts, func(x, y TextPart) bool {
		if x.Hole == nil || y.Hole == nil {
			return x.Hole == y.Hole && x.Text == y.Text
		}
		return sameUnknown(x.Hole, y.Hole)
	})
}

// sameScalar compares objects that have no properties and an unchanging
// payload: dates, enum values and the like.
func sameScalar(a, b *Object) bool {
	if a.Type != b.Type || len(a.names)+len(b.names) > 0 || a.Class != b.Class {
		return false
	}
	x, ok := a.Payload.(scalarPayload)
	if !ok {
		return false
	}
	y, ok := b.Payload.(scalarPayload)
	return ok && x.key() == y.key()
}

// scalarPayload is a payload that is compared by value: equal keys, equal
// values of one type.
type scalarPayload interface{ key() string }
