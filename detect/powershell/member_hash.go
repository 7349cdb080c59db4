package powershell

// Members of hashtables and dictionaries.

import "slices"

func addHashMembers(l *library) {
	list := func(of func(*Interpreter, *Hash) []Value, name string) property {
		return func(in *Interpreter, v Value) Value {
			h := v.(*Hash)
			if len(h.perhaps) > 0 {
				return in.passedOn(name)
			}
			return newList("System.Collections.ICollection", of(in, h)...)
		}
	}
	l.addProperties("Hash", map[string]property{
		"keys": list((*Interpreter).keysOf, "Keys"), "values": list((*Interpreter).valuesOf, "Values"),
		"count": func(in *Interpreter, v Value) Value {
			h := v.(*Hash)
			if h.Known() && len(h.rounds) == 0 {
				return int32(h.Len())
			}
			u := derivedFrom(newArray(h.Keys()), "count of "+expressionOf(h), ".count")
			u.Type = "System.Int32"
			return u
		},
		"isreadonly": func(*Interpreter, Value) Value { return false }, "isfixedsize": func(*Interpreter, Value) Value { return false },
		"issynchronized": func(*Interpreter, Value) Value { return false }, "syncroot": func(_ *Interpreter, v Value) Value { return v },
	})
	l.addMethods("Hash", map[string]method{
		"add":           opened((*call).hashAdd),
		"tryadd":        opened((*call).hashTryAdd),
		"remove":        opened((*call).hashRemove),
		"clear":         opened(func(c *call) (Value, error) { c.in.touch(c.target.(*Hash)); c.target.(*Hash).Clear(); return nil, nil }),
		"containskey":   opened((*call).hasKey),
		"contains":      opened((*call).hasKey),
		"containsvalue": known((*call).containsValue),
		"clone":         opened(func(c *call) (Value, error) { return c.target.(*Hash).Copy(), nil }),
		"getenumerator": opened(func(c *call) (Value, error) {
			h := c.target.(*Hash)
			if len(h.perhaps) > 0 {
				return c.in.passedOn("GetEnumerator()"), nil
			}
			return newEnumerator(c.in.entriesOf(h)), nil
		}),
		"get_item":    opened(func(c *call) (Value, error) { return c.in.hashIndex(c.target.(*Hash), c.arg(0), c.source) }),
		"item":        opened(func(c *call) (Value, error) { return c.in.hashIndex(c.target.(*Hash), c.arg(0), c.source) }),
		"set_item":    opened(func(c *call) (Value, error) { return nil, c.in.setIndex(c.target, c.arg(0), c.arg(1)) }),
		"trygetvalue": opened((*call).tryGetValue),
		"insert":      opened((*call).hashInsert),
		"removeat":    known((*call).hashRemoveAt),
		"copyto":      opened((*call).hashCopyTo),
		"getkey":      known(func(c *call) (Value, error) { return c.hashNth((*Hash).Keys) }),
		"getbyindex":  known(func(c *call) (Value, error) { return c.hashNth((*Hash).Values) }),
	})
	for _, name := range []string{typeHashtable, typeOrdered, typeDictionary, typeSortedList, "System.Collections.Generic.SortedDictionary`2",
		"System.Collections.Generic.SortedList`2", typeConcurrent,
		"System.Collections.Specialized.NameValueCollection", "System.Collections.Specialized.ListDictionary"} {
		l.constructors[name] = opened((*call).newHash)
	}
}

// passedOn is what a member of $PSBoundParameters gives where it is not known
// which parameters were passed.
func (in *Interpreter) passedOn(member string) *Unknown {
	u := in.unknown("$PSBoundParameters."+member, OriginParameter)
	u.Many = true
	return u
}

// newHash makes a dictionary. Only @{} and [ordered] compare strings without
// case; others do if they are given a comparer that does.
func (c *call) newHash() (Value, error) {
	h := &Hash{Type: c.kind.Name, Ordered: c.kind.Name != typeHashtable && c.kind.Name != typeConcurrent, CaseSensitive: true}
	for _, a := range c.args {
		switch a := a.(type) {
		case *Hash:
			h.CaseSensitive = h.CaseSensitive && len(c.args) > 0
			keys := a.Keys()
			if h.Ordered {
				keys = c.in.keysOf(a)
			}
			for _, k := range keys {
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
	if sortedTypes[h.Type] {
		if err := c.in.spend(h.Len() / 16); err != nil {
			return nil, err
		}
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
	entries := c.in.entriesOf(c.target.(*Hash))
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
