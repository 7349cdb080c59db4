package powershell

// Members of arrays, lists, queues, stacks, sets and hashtables.

import (
	"slices"
	"sort"
)

func addCollectionMembers(l *library) {
	count := func(in *Interpreter, v Value) Value { return in.countOf(v) }
	rank := func(_ *Interpreter, v Value) Value { return int32(max(1, len(v.(*Array).Lengths))) }
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
		"getlength":     known(func(c *call) (Value, error) { return c.dimension(0) }),
		"getlowerbound": known(func(*call) (Value, error) { return int32(0), nil }),
		"getupperbound": known(func(c *call) (Value, error) { return c.dimension(1) }),
		"initialize":    known(func(*call) (Value, error) { return nil, nil }),
		"add":           opened(func(c *call) (Value, error) { return nil, c.fixedSize() }),
		"remove":        opened(func(c *call) (Value, error) { return nil, c.fixedSize() }),
		"removeat":      opened(func(c *call) (Value, error) { return nil, c.fixedSize() }),
		"insert":        opened(func(c *call) (Value, error) { return nil, c.fixedSize() }),
		"clear":         opened(func(c *call) (Value, error) { return nil, c.fixedSize() }),
	})
	l.addMethods("List", search)
	l.addMethods("List", map[string]method{
		"item":          known(func(c *call) (Value, error) { return c.in.index(c.target, c.arg(0), c.source) }),
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

// dimension is the length of a dimension, less something.
func (c *call) dimension(less int) (Value, error) {
	d, err := c.integer(0)
	if a, ok := c.target.(*Array); ok && d >= 0 && d < len(a.Lengths) {
		return int32(a.Lengths[d] - less), err
	}
	if err != nil || d != 0 {
		return nil, c.fail("System.IndexOutOfRangeException", "Index was outside the bounds of the array.")
	}
	return c.in.arithmetic(KindMinus, c.in.countOf(c.target), int32(less), c.source)
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
		return &Array{Type: t.Type, Elements: slices.Clone(t.Elements), Lengths: t.Lengths}
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
		if l.Type != typeHashSet {
			at := sort.Search(len(l.Elements), func(i int) bool { return sortsBefore(v, l.Elements[i]) })
			return true, c.insertAll(at, newArray([]Value{v}))
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
	if at >= 0 && count >= 0 && hasMany(l.Elements[:min(len(l.Elements), at+count)]) {
		return nil // any of them is still there
	}
	if at < 0 || count < 0 || at+count > len(l.Elements) {
		return c.outOfRange("Index was out of range. Must be non-negative and less than the size of the collection.")
	}
	if !hasMoreAt(l.Elements, at+count) {
		c.replaceItems(slices.Concat(l.Elements[:at], l.Elements[at+count:]))
	}
	return nil
}

// hasMoreAt tells whether item i stands for more of the item before it, which is
// then not taken away.
func hasMoreAt(items []Value, i int) bool { return i < len(items) && isMore(items[i]) }

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
		for _, a := range c.args {
			if block, ok := a.(*Closure); ok {
				if err := c.in.maybe(block); err != nil {
					return nil, err
				}
			}
		}
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
	if remove && !hasMoreAt(l.Elements, at+1) {
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
