package powershell

// Members of arrays, lists, queues, stacks, sets and hashtables.

import (
	"slices"
	"sort"
)

func addCollectionMembers(l *library) {
	count := func(in *Interpreter, v Value) Value { return in.countOf(v) }
	rank := func(*Interpreter, Value) Value { return int32(1) }
	truth := func(b bool) property { return func(*Interpreter, Value) Value { return b } }
	itself := func(_ *Interpreter, v Value) Value { return v }
	l.addProperties("System.Array", map[string]property{
		"count": count, "length": count, "longlength": count, "rank": rank, "isfixedsize": truth(true), "isreadonly": truth(false),
		"issynchronized": truth(false), "syncroot": itself,
	})
	l.addProperties("List", map[string]property{"count": count, "capacity": count, "isfixedsize": truth(false), "isreadonly": truth(false)})
	l.addProperties(typeObject, map[string]property{
		"count": func(in *Interpreter, v Value) Value { return in.countOf(v) }, "length": func(in *Interpreter, v Value) Value { return in.countOf(v) },
	})
	search := map[string]method{
		"contains":      known((*call).listContains),
		"indexof":       known(func(c *call) (Value, error) { return c.listIndexOf(false) }),
		"lastindexof":   known(func(c *call) (Value, error) { return c.listIndexOf(true) }),
		"getenumerator": opened(func(c *call) (Value, error) { return newEnumerator(enumerate(c.target)), nil }),
		"clone":         opened(func(c *call) (Value, error) { return c.copied(), nil }),
		"copyto":        opened((*call).copyTo),
		"toarray": opened(func(c *call) (Value, error) {
			return newTypedArray(c.elementType(), slices.Clone(enumerate(c.target))), nil
		}),
	}
	l.addMethods("System.Array", search)
	l.addMethods("System.Array", map[string]method{
		"getvalue":      known(func(c *call) (Value, error) { return c.in.index(c.target, c.arg(0), c.source) }),
		"setvalue":      opened(func(c *call) (Value, error) { return nil, c.in.setIndex(c.target, c.arg(1), c.arg(0)) }),
		"get":           known(func(c *call) (Value, error) { return c.in.index(c.target, c.arg(0), c.source) }),
		"set":           opened(func(c *call) (Value, error) { return nil, c.in.setIndex(c.target, c.arg(0), c.arg(1)) }),
		"getlength":     known(func(c *call) (Value, error) { return c.in.countOf(c.target), nil }),
		"getlowerbound": known(func(*call) (Value, error) { return int32(0), nil }),
		"getupperbound": known(func(c *call) (Value, error) {
			return c.in.arithmetic(KindMinus, c.in.countOf(c.target), int32(1), c.source)
		}),
		"initialize": known(func(*call) (Value, error) { return nil, nil }),
		"add":        opened(func(c *call) (Value, error) { return nil, c.fixedSize() }),
		"remove":     opened(func(c *call) (Value, error) { return nil, c.fixedSize() }),
		"removeat":   opened(func(c *call) (Value, error) { return nil, c.fixedSize() }),
		"insert":     opened(func(c *call) (Value, error) { return nil, c.fixedSize() }),
		"clear":      opened(func(c *call) (Value, error) { return nil, c.fixedSize() }),
	})
	l.addMethods("List", search)
	l.addMethods("List", map[string]method{
		"add":           opened((*call).listAdd),
		"addrange":      opened(func(c *call) (Value, error) { return nil, c.insertAll(-1, c.arg(0)) }),
		"insert":        opened(func(c *call) (Value, error) { return nil, c.insertAt(c.arg(1), false) }),
		"insertrange":   opened(func(c *call) (Value, error) { return nil, c.insertAt(c.arg(1), true) }),
		"remove":        opened((*call).listRemove),
		"removeat":      known(func(c *call) (Value, error) { return nil, c.removeRange(1) }),
		"removerange":   known(func(c *call) (Value, error) { return nil, c.removeRange(-1) }),
		"clear":         opened(func(c *call) (Value, error) { c.replaceItems(nil); return nil, nil }),
		"reverse":       known((*call).listReverse),
		"sort":          known((*call).listSort),
		"getrange":      known((*call).listRange),
		"trimtosize":    opened(func(*call) (Value, error) { return nil, nil }),
		"trimexcess":    opened(func(*call) (Value, error) { return nil, nil }),
		"binarysearch":  known(func(c *call) (Value, error) { return c.listIndexOf(false) }),
		"enqueue":       opened(func(c *call) (Value, error) { return nil, c.append(c.arg(0)) }),
		"dequeue":       opened(func(c *call) (Value, error) { return c.take(0, true) }),
		"push":          opened(func(c *call) (Value, error) { return nil, c.append(c.arg(0)) }),
		"pop":           opened(func(c *call) (Value, error) { return c.take(-1, true) }),
		"peek":          opened(func(c *call) (Value, error) { return c.peek() }),
		"addfirst":      opened(func(c *call) (Value, error) { return nil, c.insertAll(0, newArray([]Value{c.arg(0)})) }),
		"addlast":       opened(func(c *call) (Value, error) { return nil, c.append(c.arg(0)) }),
		"unionwith":     known((*call).unionWith),
		"exceptwith":    known(func(c *call) (Value, error) { return c.keepWhere(false) }),
		"intersectwith": known(func(c *call) (Value, error) { return c.keepWhere(true) }),
	})
	addHashMembers(l)
	for _, name := range []string{typeArrayList, typeGenericList, typeCollection, typeQueue, typeStack, typeHashSet,
		"System.Collections.Generic.Queue`1", typeGenericStack, "System.Collections.Generic.LinkedList`1",
		"System.Collections.Generic.SortedSet`1", "System.Collections.Specialized.StringCollection",
		"System.Collections.Concurrent.ConcurrentBag`1", "System.Collections.Concurrent.ConcurrentQueue`1"} {
		l.constructors[name] = opened((*call).newList)
	}
	l.addProperties("System.Collections.IEnumerator", map[string]property{
		"current": func(_ *Interpreter, v Value) Value {
			e := v.(*Object).Payload.(*enumerator)
			if e.next == 0 || e.next > len(e.items) {
				return nil
			}
			return e.items[e.next-1]
		},
	})
	entry := func(name string) property {
		return func(in *Interpreter, v Value) Value {
			e := v.(*Object).Payload.(*enumerator)
			if e.next == 0 || e.next > len(e.items) {
				return nil
			}
			o, _ := e.items[e.next-1].(*Object)
			if o == nil {
				return nil
			}
			found, _ := o.Get(name)
			return found
		}
	}
	l.addProperties("System.Collections.IEnumerator", map[string]property{"key": entry("Key"), "value": entry("Value"), "name": entry("Key")})
	l.addMethods("System.Collections.IEnumerator", map[string]method{
		"movenext": opened(func(c *call) (Value, error) {
			o := c.target.(*Object)
			e := o.Payload.(*enumerator)
			if e.next < len(e.items) && isMany(e.items[e.next]) {
				return c.unknown(), nil
			}
			c.in.touch(o)
			e = o.Payload.(*enumerator)
			e.next++
			return e.next <= len(e.items), nil
		}),
		"reset": opened(func(c *call) (Value, error) {
			o := c.target.(*Object)
			c.in.touch(o)
			o.Payload.(*enumerator).next = 0
			return nil, nil
		}),
		"dispose": opened(func(*call) (Value, error) { return nil, nil }),
	})
	for _, name := range []string{"System.Collections.DictionaryEntry", "System.Collections.Generic.KeyValuePair`2"} {
		l.addProperties(name, map[string]property{"name": func(_ *Interpreter, v Value) Value {
			key, _ := v.(*Object).Get("Key")
			return key
		}})
	}
}

// countOf is the number of items; of what is no collection 1, or 0 of $null.
func (in *Interpreter) countOf(v Value) Value {
	items, ok := enumerable(v)
	if !ok {
		if v == nil {
			return int32(0)
		}
		return int32(1)
	}
	if hasMany(items) {
		u := derivedFrom(v, operand(expressionOf(v))+".Count", ".count")
		u.Type = "System.Int32"
		return u
	}
	return int32(len(items))
}

func (c *call) elementType() string {
	switch t := c.target.(type) {
	case *Array:
		return t.Type
	case *List:
		if t.Element != nil {
			return t.Element.String()
		}
	}
	return typeObject
}

func (c *call) copied() Value {
	switch t := c.target.(type) {
	case *Array:
		return newTypedArray(t.Type, slices.Clone(t.Elements))
	case *List:
		return &List{Type: t.Type, Element: t.Element, Elements: slices.Clone(t.Elements)}
	}
	return c.target
}

func (c *call) fixedSize() error {
	return c.fail("System.NotSupportedException", "Collection was of a fixed size.")
}

func (c *call) list() *List {
	l, _ := c.target.(*List)
	return l
}

// replaceItems gives a list new elements.
func (c *call) replaceItems(items []Value) {
	switch t := c.target.(type) {
	case *List:
		c.in.touch(t)
		t.Elements = items
	case *Array:
		c.in.touch(t)
		t.Elements = items
	}
}

// exactly is the equality of .NET: by type and value.
func exactly(a, b Value) bool { return sameValue(a, b) }

func (c *call) listContains() (Value, error) {
	for _, item := range enumerate(c.target) {
		if isUnknown(item) {
			return c.decided(Maybe)
		}
	}
	return slices.ContainsFunc(enumerate(c.target), func(v Value) bool { return exactly(v, c.arg(0)) }), nil
}

func (c *call) listIndexOf(last bool) (Value, error) {
	found := -1
	for i, item := range enumerate(c.target) {
		if isUnknown(item) {
			u := c.unknown()
			u.Type = "System.Int32"
			return u, nil
		}
		if exactly(item, c.arg(0)) {
			found = i
			if !last {
				break
			}
		}
	}
	return int32(found), nil
}

// element converts what is put into a list of a type.
func (c *call) element(v Value) (Value, error) {
	l := c.list()
	if l == nil || l.Element == nil || isUnknown(v) && l.Element.Name != "System.String" {
		return v, nil
	}
	return c.in.convert(v, l.Element)
}

func (c *call) append(v Value) error {
	l := c.list()
	if l == nil {
		return c.fixedSize()
	}
	v, err := c.element(v)
	if err != nil {
		return err
	}
	if err := c.in.charge(int64(len(l.Elements)) * 16); err != nil {
		return err
	}
	c.in.touchAppend(l)
	l.Elements = append(l.Elements, v)
	return nil
}

// listAdd puts out the index in an ArrayList, and whether the item is new in a
// set.
func (c *call) listAdd() (Value, error) {
	l := c.list()
	switch l.Type {
	case typeHashSet, "System.Collections.Generic.SortedSet`1":
		v, err := c.element(c.arg(0))
		if err != nil {
			return nil, err
		}
		if anyUnknown(l.Elements...) || isUnknown(v) {
			return c.unknown(), c.append(v)
		}
		if slices.ContainsFunc(l.Elements, func(e Value) bool { return exactly(e, v) }) {
			return false, nil
		}
		return true, c.append(v)
	case typeArrayList:
		n := c.in.countOf(l)
		return n, c.append(c.arg(0))
	}
	return nil, c.append(c.arg(0))
}

// insertAll inserts the items of v at a place, -1 for the end.
func (c *call) insertAll(at int, v Value) error {
	l := c.list()
	if l == nil {
		return c.fixedSize()
	}
	items, ok := enumerable(v)
	if !ok {
		items = []Value{v}
	}
	converted := make([]Value, len(items))
	for i, item := range items {
		var err error
		if converted[i], err = c.element(item); err != nil {
			return err
		}
	}
	if err := c.in.charge(int64(len(l.Elements)+len(items)) * 16); err != nil {
		return err
	}
	if at < 0 {
		at = len(l.Elements)
	}
	if at > len(l.Elements) {
		return c.outOfRange("Index must be within the bounds of the List. Parameter name: index")
	}
	c.replaceItems(slices.Concat(l.Elements[:at], converted, l.Elements[at:]))
	return nil
}

func (c *call) insertAt(v Value, many bool) error {
	l := c.list()
	if l == nil {
		return c.fixedSize()
	}
	if isUnknown(c.arg(0)) {
		c.blur(v)
		return nil
	}
	at, err := c.integer(0)
	if err != nil {
		return err
	}
	if at < 0 {
		return c.outOfRange("Index must be within the bounds of the List. Parameter name: index")
	}
	if !many {
		v = newArray([]Value{v})
	}
	return c.insertAll(at, v)
}

// blur makes the contents of a list unknown after a change that is.
func (c *call) blur(v Value) {
	u := c.unknown()
	u.Expression = expressionOf(c.target)
	u.Many = true
	c.replaceItems([]Value{u})
}

func (c *call) listRemove() (Value, error) {
	l := c.list()
	if isUnknown(c.arg(0)) || anyUnknown(l.Elements...) {
		for i, item := range l.Elements {
			if isUnknown(item) && isUnknown(c.arg(0)) && identityOf(item) == identityOf(c.arg(0)) && !isMany(item) {
				c.replaceItems(slices.Concat(l.Elements[:i], l.Elements[i+1:]))
				return true, nil
			}
		}
		kept := make([]Value, len(l.Elements))
		for i, item := range l.Elements {
			kept[i] = item
			if !isMany(item) {
				kept[i] = perhapsOf(item, c.source)
			}
		}
		c.replaceItems(kept)
		return c.unknown(), nil
	}
	i := slices.IndexFunc(l.Elements, func(v Value) bool { return exactly(v, c.arg(0)) })
	if i >= 0 {
		c.replaceItems(slices.Concat(l.Elements[:i], l.Elements[i+1:]))
	}
	if l.Type == typeArrayList {
		return nil, nil
	}
	return i >= 0, nil
}

func (c *call) removeRange(count int) error {
	l := c.list()
	at, err := c.integer(0)
	if err != nil {
		return err
	}
	if count < 0 {
		if count, err = c.integer(1); err != nil {
			return err
		}
	}
	if at < 0 || count < 0 || at+count > len(l.Elements) {
		return c.outOfRange("Index was out of range. Must be non-negative and less than the size of the collection.")
	}
	c.replaceItems(slices.Concat(l.Elements[:at], l.Elements[at+count:]))
	return nil
}

func (c *call) listReverse() (Value, error) {
	c.replaceItems(reversed(c.list().Elements))
	return nil, nil
}

func (c *call) listRange() (Value, error) {
	l := c.list()
	at, err := c.integer(0)
	if err != nil {
		return nil, err
	}
	n, err := c.integer(1)
	if err != nil {
		return nil, err
	}
	if at < 0 || n < 0 || at+n > len(l.Elements) {
		return nil, c.outOfRange("Offset and length were out of bounds for the array.")
	}
	return &List{Type: l.Type, Element: l.Element, Elements: slices.Clone(l.Elements[at : at+n])}, nil
}

// listSort sorts by the order of the culture; what has none stays unknown.
func (c *call) listSort() (Value, error) {
	items := slices.Clone(enumerate(c.target))
	if len(c.args) > 0 || anyUnknown(items...) {
		c.blur(nil)
		return nil, nil
	}
	err := c.in.sortValues(items, operator{caseSensitive: true})
	c.replaceItems(items)
	return nil, err
}

// sortValues sorts in place, stably.
func (in *Interpreter) sortValues(items []Value, o operator) error {
	if err := in.chargeItems(int64(len(items)) * 4); err != nil {
		return err
	}
	var failed error
	sort.SliceStable(items, func(i, j int) bool {
		n, err := in.order(o, items[i], items[j])
		if err != nil && failed == nil {
			failed = err
		}
		return n < 0
	})
	return failed
}

// take removes and returns the first or, at -1, the last item.
func (c *call) take(at int, remove bool) (Value, error) {
	l := c.list()
	if l == nil || len(l.Elements) == 0 {
		return nil, c.fail("System.InvalidOperationException", "Queue empty.")
	}
	if at < 0 {
		at = len(l.Elements) - 1
	}
	v := l.Elements[at]
	if u, ok := v.(*Unknown); ok && u.Many {
		return elementOf(u, 0), nil
	}
	if remove {
		c.replaceItems(slices.Concat(l.Elements[:at], l.Elements[at+1:]))
	}
	return v, nil
}

func (c *call) peek() (Value, error) {
	if l := c.list(); l != nil && (l.Type == typeStack || l.Type == typeGenericStack) {
		return c.take(-1, false)
	}
	return c.take(0, false)
}

func (c *call) unionWith() (Value, error) {
	for _, item := range enumerate(c.arg(0)) {
		if _, err := (&call{in: c.in, target: c.target, name: "Add", args: []Value{item}}).listAdd(); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

func (c *call) keepWhere(inOther bool) (Value, error) {
	other := enumerate(c.arg(0))
	if anyUnknown(c.list().Elements...) {
		c.blur(nil)
		return nil, nil
	}
	var kept []Value
	for _, item := range c.list().Elements {
		if slices.ContainsFunc(other, func(v Value) bool { return exactly(v, item) }) == inOther {
			kept = append(kept, item)
		}
	}
	c.replaceItems(kept)
	return nil, nil
}

func (c *call) copyTo() (Value, error) {
	to, ok := c.arg(0).(*Array)
	at, err := c.integer(1)
	items := enumerate(c.target)
	if !ok || err != nil || at < 0 || at+len(items) > len(to.Elements) {
		return nil, c.fail("System.ArgumentException", "Destination array was not long enough.")
	}
	c.in.touch(to)
	copy(to.Elements[at:], items)
	return nil, nil
}

// newList makes a collection; a collection as argument fills it, a number is
// a capacity.
func (c *call) newList() (Value, error) {
	l := newList(c.kind.Name)
	if len(c.kind.Args) == 1 {
		l.Element = c.kind.Args[0]
	}
	for _, a := range c.args {
		if u, ok := a.(*Unknown); ok {
			many := *u
			many.Many = true
			l.Elements = append(l.Elements, &many)
			continue
		}
		items, ok := enumerable(a)
		if !ok {
			continue
		}
		fill := &call{in: c.in, target: l, name: "Add"}
		for _, item := range items {
			fill.args = []Value{item}
			if _, err := fill.listAdd(); err != nil {
				return nil, err
			}
		}
	}
	return l, nil
}

func addHashMembers(l *library) {
	list := func(of func(*Hash) []Value) property {
		return func(_ *Interpreter, v Value) Value {
			return newList("System.Collections.ICollection", of(v.(*Hash))...)
		}
	}
	l.addProperties("Hash", map[string]property{
		"keys": list((*Hash).Keys), "values": list((*Hash).Values),
		"count": func(in *Interpreter, v Value) Value {
			h := v.(*Hash)
			if h.Known() {
				return int32(h.Len())
			}
			u := derivedFrom(newArray(h.Keys()), "count of "+expressionOf(h), ".count")
			u.Type = "System.Int32"
			return u
		},
		"isreadonly": func(*Interpreter, Value) Value { return false }, "isfixedsize": func(*Interpreter, Value) Value { return false },
		"issynchronized": func(*Interpreter, Value) Value { return false }, "syncroot": func(_ *Interpreter, v Value) Value { return v },
	})
	has := func(c *call) (Value, error) { return c.decided(c.target.(*Hash).Has(c.arg(0))) }
	l.addMethods("Hash", map[string]method{
		"add":           opened((*call).hashAdd),
		"tryadd":        opened((*call).hashTryAdd),
		"remove":        opened((*call).hashRemove),
		"clear":         opened(func(c *call) (Value, error) { c.in.touch(c.target.(*Hash)); c.target.(*Hash).Clear(); return nil, nil }),
		"containskey":   opened(has),
		"contains":      opened(has),
		"containsvalue": known((*call).containsValue),
		"clone":         opened(func(c *call) (Value, error) { return c.target.(*Hash).Copy(), nil }),
		"getenumerator": opened(func(c *call) (Value, error) { return newEnumerator(c.target.(*Hash).entries()), nil }),
		"get_item":      opened(func(c *call) (Value, error) { return c.in.hashIndex(c.target.(*Hash), c.arg(0), c.source) }),
		"item":          opened(func(c *call) (Value, error) { return c.in.hashIndex(c.target.(*Hash), c.arg(0), c.source) }),
		"set_item":      opened(func(c *call) (Value, error) { return nil, c.in.setIndex(c.target, c.arg(0), c.arg(1)) }),
		"trygetvalue":   opened((*call).tryGetValue),
		"insert":        opened((*call).hashInsert),
		"removeat":      known((*call).hashRemoveAt),
		"copyto":        opened((*call).hashCopyTo),
		"getkey":        known(func(c *call) (Value, error) { return c.hashNth((*Hash).Keys) }),
		"getbyindex":    known(func(c *call) (Value, error) { return c.hashNth((*Hash).Values) }),
	})
	for _, name := range []string{typeHashtable, typeOrdered, typeDictionary, typeSortedList, "System.Collections.Generic.SortedDictionary`2",
		"System.Collections.Generic.SortedList`2", "System.Collections.Concurrent.ConcurrentDictionary`2",
		"System.Collections.Specialized.NameValueCollection", "System.Collections.Specialized.ListDictionary"} {
		l.constructors[name] = opened((*call).newHash)
	}
}

// newHash makes a dictionary. Only @{} and [ordered] compare strings without
// case; others do if they are given a comparer that does.
func (c *call) newHash() (Value, error) {
	h := &Hash{Type: c.kind.Name, Ordered: c.kind.Name != typeHashtable, CaseSensitive: true}
	for _, a := range c.args {
		switch a := a.(type) {
		case *Hash:
			h.CaseSensitive = h.CaseSensitive && len(c.args) > 0
			for _, k := range a.Keys() {
				v, _ := a.Get(k)
				h.Set(k, v)
			}
		case *Object:
			if p, ok := a.Payload.(comparerValue); ok {
				h.CaseSensitive = !p.ignoreCase
			}
		}
	}
	return h, nil
}

// comparerValue is the payload of a StringComparer.
type comparerValue struct{ ignoreCase bool }

func (c *call) hashAdd() (Value, error) {
	h := c.target.(*Hash)
	key := c.arg(0)
	if key == nil {
		return nil, c.fail("System.ArgumentNullException", "Key cannot be null. Parameter name: key")
	}
	if h.Has(key) == Yes && !isUnknown(key) {
		return nil, c.fail("System.ArgumentException", "Item has already been added. Key in dictionary: "+expressionOf(key)+"  Key being added: "+expressionOf(key))
	}
	c.in.touchKey(h, key)
	h.Set(key, c.arg(1))
	return nil, nil
}

func (c *call) hashTryAdd() (Value, error) {
	h := c.target.(*Hash)
	if h.Has(c.arg(0)) != No {
		return c.decided(h.Has(c.arg(0)).not())
	}
	_, err := c.hashAdd()
	return true, err
}

// hashRemove takes a key out. A key that is not known may be any.
func (c *call) hashRemove() (Value, error) {
	h := c.target.(*Hash)
	present := h.Has(c.arg(0))
	c.in.touch(h)
	if present == Yes {
		h.Delete(c.arg(0))
	} else if isUnknown(c.arg(0)) {
		for _, k := range h.Keys() {
			v, _ := h.Get(k)
			h.Set(k, derivedFrom(newArray([]Value{c.arg(0), v}), expressionOf(v), "perhaps removed"))
		}
	}
	if h.Type == typeHashtable || h.Type == typeOrdered {
		return nil, nil
	}
	return c.decided(present)
}

func (c *call) containsValue() (Value, error) {
	values := c.target.(*Hash).Values()
	if slices.ContainsFunc(values, isUnknown) {
		return c.decided(Maybe)
	}
	return slices.ContainsFunc(values, func(v Value) bool { return exactly(v, c.arg(0)) }), nil
}

func (c *call) tryGetValue() (Value, error) {
	h := c.target.(*Hash)
	v, ok := h.Get(c.arg(0))
	if r := referenceIn(c.arg(1)); r != nil && ok {
		if err := r.set(v); err != nil {
			return nil, err
		}
	}
	return c.decided(h.Has(c.arg(0)))
}

// referenceIn returns the [ref] that an argument is.
func referenceIn(v Value) *reference {
	if o, ok := v.(*Object); ok {
		if r, ok := o.Payload.(*reference); ok {
			return r
		}
	}
	return nil
}

// hashInsert is Insert(index, key, value) of an ordered dictionary.
func (c *call) hashInsert() (Value, error) {
	h := c.target.(*Hash)
	at, err := c.integer(0)
	if err != nil {
		return nil, err
	}
	if at < 0 || at > h.Len() || h.Has(c.arg(1)) == Yes {
		return nil, c.outOfRange("Specified argument was out of the range of valid values. Parameter name: index")
	}
	keys, values := h.Keys(), h.Values()
	c.in.touch(h)
	h.Clear()
	for i := range len(keys) + 1 {
		if i == at {
			h.Set(c.arg(1), c.arg(2))
		}
		if i < len(keys) {
			h.Set(keys[i], values[i])
		}
	}
	return nil, nil
}

func (c *call) hashRemoveAt() (Value, error) {
	h := c.target.(*Hash)
	at, err := c.integer(0)
	if err != nil {
		return nil, err
	}
	if at < 0 || at >= h.Len() {
		return nil, c.outOfRange("Index was out of range.")
	}
	c.in.touch(h)
	h.Delete(h.keys[at])
	return nil, nil
}

func (c *call) hashCopyTo() (Value, error) {
	entries := c.target.(*Hash).entries()
	if of, ok := c.arg(0).(*Array); ok {
		return (&call{in: c.in, target: newArray(entries), name: c.name, args: []Value{of, c.arg(1)}}).copyTo()
	}
	return nil, nil
}

func (c *call) hashNth(of func(*Hash) []Value) (Value, error) {
	at, err := c.integer(0)
	if err != nil {
		return nil, err
	}
	list := of(c.target.(*Hash))
	if at < 0 || at >= len(list) {
		return nil, c.outOfRange("Index was out of range.")
	}
	return list[at], nil
}

func addCollectionStatics(l *library) {
	l.addStatics("System.Array", map[string]method{
		"reverse":        opened((*call).arrayReverse),
		"sort":           opened((*call).arraySort),
		"indexof":        known(func(c *call) (Value, error) { return c.onFirst().listIndexOf(false) }),
		"lastindexof":    known(func(c *call) (Value, error) { return c.onFirst().listIndexOf(true) }),
		"copy":           opened((*call).arrayCopy),
		"empty":          opened(func(*call) (Value, error) { return newArray(nil), nil }),
		"createinstance": known((*call).arrayCreate),
		"clear":          opened((*call).arrayClear),
		"resize":         opened((*call).arrayResize),
		"find":           opened(func(c *call) (Value, error) { return c.arrayFind("first") }),
		"findall":        opened(func(c *call) (Value, error) { return c.arrayFind("default") }),
		"findlast":       opened(func(c *call) (Value, error) { return c.arrayFind("last") }),
		"exists": opened(func(c *call) (Value, error) {
			v, err := c.arrayFind("default")
			if err != nil {
				return nil, err
			}
			return c.decided(c.in.truth(v))
		}),
	})
}

// onFirst is the call as a method of its first argument.
func (c *call) onFirst() *call {
	d := *c
	d.target, d.args = c.arg(0), c.args[min(1, len(c.args)):]
	return &d
}

func (c *call) arrayReverse() (Value, error) {
	d := c.onFirst()
	items, ok := Items(d.target)
	if !ok {
		return nil, nil
	}
	if len(d.args) == 2 {
		from, _ := d.integer(0)
		n, _ := d.integer(1)
		if from < 0 || n < 0 || from+n > len(items) {
			return nil, c.outOfRange("Offset and length were out of bounds for the array.")
		}
		d.replaceItems(slices.Concat(items[:from], reversed(items[from:from+n]), items[from+n:]))
		return nil, nil
	}
	d.replaceItems(reversed(items))
	return nil, nil
}

func (c *call) arraySort() (Value, error) {
	d := c.onFirst()
	items, ok := Items(d.target)
	if !ok {
		return nil, nil
	}
	if anyUnknown(items...) || len(d.args) > 0 {
		u := c.unknown()
		blurred := make([]Value, len(items))
		for i := range blurred {
			blurred[i] = elementOf(u, i)
		}
		d.replaceItems(blurred)
		return nil, nil
	}
	sorted := slices.Clone(items)
	err := c.in.sortValues(sorted, operator{caseSensitive: true})
	d.replaceItems(sorted)
	return nil, err
}

// arrayCopy is Copy(source, destination, length) or with the places.
func (c *call) arrayCopy() (Value, error) {
	from, ok := Items(c.arg(0))
	at, to, n := 0, 0, 0
	var target *Array
	var err error
	switch len(c.args) {
	case 3:
		target, _ = c.arg(1).(*Array)
		n, err = c.integer(2)
	case 5:
		target, _ = c.arg(2).(*Array)
		at, _ = c.integer(1)
		to, _ = c.integer(3)
		n, err = c.integer(4)
	}
	if !ok || target == nil || err != nil || at < 0 || to < 0 || n < 0 || at+n > len(from) || to+n > len(target.Elements) {
		return nil, c.fail("System.ArgumentException", "Source array was not long enough.")
	}
	c.in.touch(target)
	copy(target.Elements[to:], slices.Clone(from[at:at+n]))
	return nil, nil
}

// defaultOf is the default value of a type.
func (in *Interpreter) defaultOf(t *TypeRef) Value {
	if valueTypes[t.Name] && len(t.Ranks) == 0 {
		v, err := in.convert(int32(0), t)
		if err == nil {
			return v
		}
	}
	return nil
}

func (c *call) arrayCreate() (Value, error) {
	t, ok := c.arg(0).(*TypeRef)
	if s, isString := c.arg(0).(string); isString {
		t, ok = c.in.typeNamed(s), true
	}
	n, err := c.integer(1)
	if !ok || err != nil || n < 0 {
		return c.unknown(), err
	}
	return c.in.newFilled(t, n)
}

// newFilled makes an array of default values.
func (in *Interpreter) newFilled(element *TypeRef, n int) (Value, error) {
	if err := in.charge(int64(n) * 16); err != nil {
		return nil, err
	}
	items := make([]Value, n)
	zero := in.defaultOf(element)
	for i := range items {
		items[i] = zero
	}
	return newTypedArray(element.String(), items), nil
}

func (c *call) arrayClear() (Value, error) {
	a, ok := c.arg(0).(*Array)
	if !ok {
		return nil, nil
	}
	from, n := 0, len(a.Elements)
	if len(c.args) == 3 {
		from, _ = c.integer(1)
		n, _ = c.integer(2)
	}
	if from < 0 || n < 0 || from+n > len(a.Elements) {
		return nil, c.outOfRange("Index was outside the bounds of the array.")
	}
	c.in.touch(a)
	for i := range n {
		a.Elements[from+i] = c.in.defaultOf(&TypeRef{Name: a.Type})
	}
	return nil, nil
}

func (c *call) arrayResize() (Value, error) {
	r := referenceIn(c.arg(0))
	n, err := c.integer(1)
	if r == nil || err != nil || n < 0 {
		return nil, err
	}
	old, _ := Items(r.get())
	if err := c.in.charge(int64(n) * 16); err != nil {
		return nil, err
	}
	items := make([]Value, n)
	copy(items, old)
	return nil, r.set(newArray(items))
}

func (c *call) arrayFind(mode string) (Value, error) {
	items, ok := Items(c.arg(0))
	if !ok {
		return c.unknown(), nil
	}
	d := *c
	d.args = []Value{c.arg(1), mode}
	v, err := c.in.whereMethod(&d, items)
	if l, ok := v.(*List); ok && mode != "default" {
		return single(l.Elements), err
	}
	return v, err
}
