package powershell

// Elements of values: reading and assigning target[i].

import (
	"fmt"
	"slices"
)

// index reads target[i].
func (in *Interpreter) index(target, i Value, source string) (Value, error) {
	if target == nil {
		return nil, in.nullIndex()
	}
	if list, ok := Items(i); ok {
		if a, isArray := target.(*Array); isArray && a.Lengths != nil {
			return in.cell(a, list, source)
		}
		return in.indexEach(target, list, source)
	}
	switch t := target.(type) {
	case *Text:
		if c, ok := knownUnit(t, i); ok {
			return c, nil
		}
		return in.unknownIndex(target, i, source), nil
	case *Unknown:
		return in.unknownIndex(target, i, source), nil
	case *Hash:
		return in.hashIndex(t, i, source)
	case string:
		return in.stringIndex(t, i, source)
	case *Array, *List:
		return in.itemIndex(enumerate(t), target, i, source)
	case *Object:
		return in.objectIndex(t, i, source)
	}
	if n, ok := smallInt(i); ok && (n == 0 || n == -1) {
		return target, nil
	}
	return nil, nil
}

// cell reads an element of an array of several dimensions.
func (in *Interpreter) cell(a *Array, indexes []Value, source string) (Value, error) {
	if anyUnknown(indexes...) {
		return in.unknownIndex(a, newArray(indexes), source), nil
	}
	at, ok := a.offset(indexes)
	if !ok {
		return nil, nil
	}
	return a.Elements[at], nil
}

// offset is the place of an element of an array of several dimensions.
func (a *Array) offset(indexes []Value) (int, bool) {
	if len(indexes) != len(a.Lengths) {
		return 0, false
	}
	at := 0
	for d, i := range indexes {
		n, ok := smallInt(numberOf(i))
		if !ok || n < 0 || n >= int64(a.Lengths[d]) {
			return 0, false
		}
		at = at*a.Lengths[d] + int(n)
	}
	return at, true
}

// nullIndex is the error of indexing $null.
func (in *Interpreter) nullIndex() error {
	return in.thrown("System.Management.Automation.RuntimeException", "Cannot index into a null array.")
}

func (in *Interpreter) unknownIndex(target, i Value, source string) Value {
	expression := operand(expressionOf(target)) + "[" + expressionOf(i) + "]"
	from := target
	if firstHole(target) == nil {
		from = i
	}
	u := derivedFrom(from, nameOf(expression, source), "")
	u.Identity = shortIdentity(identityOf(target) + "[" + identityOf(i) + "]")
	return in.withDefault(u, []Value{target, i}, func(known []Value) (Value, error) { return in.index(known[0], known[1], source) })
}

// indexEach is a slice: of several indexes, those that are out of range are
// left out.
func (in *Interpreter) indexEach(target Value, indexes []Value, source string) (Value, error) {
	if u, ok := target.(*Unknown); ok {
		return in.unknownIndex(u, newArray(indexes), source), nil
	}
	var values []Value
	for _, i := range indexes {
		if err := in.spend(1); err != nil {
			return nil, err
		}
		if n, ok := in.position(target, i); ok && !n {
			continue
		}
		v, err := in.index(target, i, source)
		if err != nil {
			return nil, err
		}
		values = append(values, v)
	}
	return newArray(values), nil
}

// position tells whether a known index lies within a known collection; ok is
// false where that is not the question.
func (in *Interpreter) position(target, i Value) (within, ok bool) {
	length := 0
	switch t := target.(type) {
	case string:
		length = in.lib().view(t).len()
	case *Array, *List:
		items := enumerate(t)
		if hasMany(items) {
			return true, false
		}
		length = len(items)
	default:
		return true, false
	}
	n, _ := integerFrom(i)
	if n == nil || !n.IsInt64() {
		return true, false
	}
	k := n.Int64()
	return k >= -int64(length) && k < int64(length), true
}

func (in *Interpreter) hashIndex(h *Hash, key Value, source string) (Value, error) {
	if h.Type == typeOrdered {
		if n, ok := key.(int32); ok && h.Has(key) != Yes {
			return in.orderedIndex(h, int(n), source), nil
		}
	}
	if v, ok := h.Get(key); ok {
		if loop, some := h.roundsOf(key); some && slices.Contains(in.loops, loop) {
			return in.ifThere(h, key, func() (Value, error) { return v, nil })
		}
		return v, nil
	}
	if h.Has(key) != Maybe {
		return nil, nil
	}
	if values, ok := candidates(h, key); ok && len(values) == 0 {
		return nil, nil
	} else if ok {
		return in.ifThere(h, key, func() (Value, error) { return in.oneOf(key, source, values) })
	}
	return in.unknownLookup(h, key, source), nil
}

// ifThere is a value of a table that is $null in the case that the key is not
// there. What is asked of that key again is answered alike.
func (in *Interpreter) ifThere(h *Hash, key Value, value func() (Value, error)) (Value, error) {
	return in.fork(shortIdentity("has|"+identityOf(key)+"|"+identityOf(newArray(h.keys))), 2, func(k int) (Value, error) {
		if k == 1 {
			return nil, nil
		}
		return value()
	})
}

// hasKey tells whether a table has a key.
func (c *call) hasKey() (Value, error) {
	h, key := c.target.(*Hash), c.arg(0)
	has := h.Has(key)
	if has == Maybe {
		values, known := candidates(h, key)
		if known && len(values) == 0 {
			return false, nil
		}
		loop, some := h.roundsOf(key)
		if known || some && slices.Contains(c.in.loops, loop) {
			found, err := c.in.ifThere(h, key, func() (Value, error) { return true, nil })
			return found == true, err
		}
	}
	return c.decided(has)
}

// candidates are the values that a key which is not known may have in a known
// table; not ok where they cannot be told.
func candidates(h *Hash, key Value) (values []Value, ok bool) {
	if !isUnknown(key) || isMany(key) || !h.Known() {
		return nil, false
	}
	t, isText := key.(*Text)
	for i, k := range h.keys {
		s, known := k.(string)
		if !isText || known && textMayEqual(t, s, !h.CaseSensitive) == Maybe {
			values = append(values, h.at(i))
		}
	}
	return values, true
}

// maxAlternatives bounds the values of which one is looked up by an unknown
// key or index: with more, the result is unknown.
const maxAlternatives = 12

// oneOf is one of the values, it is not known which: each is a path of its
// own.
func (in *Interpreter) oneOf(key Value, source string, values []Value) (Value, error) {
	var distinct []Value
	for _, v := range values {
		if !slices.ContainsFunc(distinct, func(d Value) bool { return sameValue(d, v) }) {
			distinct = append(distinct, v)
		}
	}
	if len(distinct) == 1 {
		return distinct[0], nil
	}
	if len(distinct) > maxAlternatives {
		u := derivedFrom(key, nameOf(source, source), "lookup")
		u.Identity = shortIdentity(source + "[" + identityOf(key) + "]" + identityOf(newArray(values)))
		return u, nil
	}
	return in.fork(shortIdentity("lookup|"+identityOf(key)+"|"+identityOf(newArray(distinct))), len(distinct),
		func(k int) (Value, error) { return distinct[k], nil })
}

// unknownLookup is the value of a key that is not known, or in a table of
// which a key is not known.
func (in *Interpreter) unknownLookup(h *Hash, key Value, source string) Value {
	from := key
	if firstHole(key) == nil {
		for _, k := range h.Keys() {
			if isUnknown(k) {
				from = k
			}
		}
	}
	u := derivedFrom(from, nameOf(source, source), "lookup")
	u.Identity = shortIdentity(fmt.Sprintf("%s[%s]%d", source, identityOf(key), h.Len()))
	if source == "" {
		u.Expression = "@{...}[" + expressionOf(key) + "]"
	}
	return u
}

func (in *Interpreter) orderedIndex(h *Hash, n int, source string) Value {
	if n < 0 || n >= h.Len() {
		return nil
	}
	if !h.Known() {
		return in.unknownLookup(h, int32(n), source)
	}
	return h.at(n)
}

func (in *Interpreter) stringIndex(s string, i Value, source string) (Value, error) {
	if isUnknown(i) {
		return in.unknownIndex(s, i, source), nil
	}
	n, err := in.toInteger(i, "System.Int32", integerRanges["System.Int32"])
	if err != nil {
		return nil, err
	}
	k := int(n.(int32))
	v := in.lib().view(s)
	if k < 0 {
		k += v.len()
	}
	if k < 0 || k >= v.len() {
		return nil, nil
	}
	return v.at(k), nil
}

// itemIndex reads an element; negative indexes count from the end. Behind an
// item that stands for several no element is known.
func (in *Interpreter) itemIndex(items []Value, target, i Value, source string) (Value, error) {
	if isUnknown(i) {
		if hasMany(items) || isMany(i) {
			return in.unknownIndex(target, i, source), nil
		}
		return in.oneOf(i, source, append(slices.Clone(items), nil))
	}
	n, err := in.toInteger(i, "System.Int32", integerRanges["System.Int32"])
	if err != nil {
		return nil, err
	}
	k := int(n.(int32))
	for j, item := range items {
		if isMany(item) && (k < 0 || j <= k) {
			if u := item.(*Unknown); k >= 0 {
				return elementOf(u, k-j), nil
			}
			return in.unknownIndex(target, i, source), nil
		}
	}
	if k < 0 {
		k += len(items)
	}
	if k < 0 || k >= len(items) {
		return nil, nil
	}
	return items[k], nil
}

func (in *Interpreter) objectIndex(o *Object, i Value, source string) (Value, error) {
	switch p := o.Payload.(type) {
	case *groupCollection:
		if isUnknown(i) {
			return in.unknownIndex(o, i, source), nil
		}
		if s, ok := i.(string); ok {
			return p.named(s), nil
		}
	case interface {
		indexed(in *Interpreter, i Value) (Value, bool)
	}:
		if v, ok := p.indexed(in, i); ok {
			return v, nil
		}
	}
	if items, ok := enumeratedPayload(o); ok {
		return in.itemIndex(items, o, i, source)
	}
	if o.Base != nil {
		return in.index(o.Base, i, source)
	}
	if n, ok := smallInt(i); ok && (n == 0 || n == -1) {
		return o, nil
	}
	return nil, nil
}

// setIndex assigns to target[i].
func (in *Interpreter) setIndex(target, i, v Value) error {
	switch t := target.(type) {
	case nil:
		return in.nullIndex()
	case *Hash:
		if n, ok := i.(int32); ok && t.Type == typeOrdered && t.Has(i) != Yes && int(n) < t.Len() && n >= 0 {
			i = t.keys[n]
		}
		if i == nil {
			return in.thrown("System.ArgumentNullException", "Index operation failed; the array index evaluated to null.")
		}
		in.touchKey(t, i)
		t.Set(i, v)
	case *Array:
		if list, ok := Items(i); ok && t.Lengths != nil && !anyUnknown(list...) {
			at, ok := t.offset(list)
			if !ok {
				return in.thrown("System.IndexOutOfRangeException", "Index was outside the bounds of the array.")
			}
			i = int32(at)
		}
		return in.setItem(t, t.Elements, t.Type, i, v)
	case *List:
		return in.setItem(t, t.Elements, "", i, v)
	case *Object:
		if t.Base != nil {
			return in.setIndex(t.Base, i, v)
		}
	}
	return nil
}

func (in *Interpreter) setItem(m mutable, items []Value, element string, i, v Value) error {
	if element != "" && element != typeObject && !isUnknown(v) {
		converted, err := in.convert(v, &TypeRef{Name: element})
		if err != nil {
			return err
		}
		v = converted
	}
	if isUnknown(i) || hasMany(items) {
		in.touch(m)
		for k, old := range items {
			items[k] = derivedFrom(newArray([]Value{i, v, old}), expressionOf(old)+" or "+expressionOf(v), "set "+identityOf(i))
		}
		return nil
	}
	n, err := in.toInteger(i, "System.Int32", integerRanges["System.Int32"])
	if err != nil {
		return err
	}
	k := int(n.(int32))
	if k < 0 {
		k += len(items)
	}
	if k < 0 || k >= len(items) {
		return in.thrown("System.IndexOutOfRangeException", "Index was outside the bounds of the array.")
	}
	in.touchElement(m, k)
	items[k] = v
	return nil
}
