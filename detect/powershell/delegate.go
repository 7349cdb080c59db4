package powershell

// Methods that take delegates, which script blocks stand for: those of lists and
// arrays.

// itself gives a delegate the item that it is called for.
func itself(item Value) []Value { return []Value{item} }

// eachDelegate calls the script block among the arguments for each item until
// next ends it.
func (c *call) eachDelegate(items []Value, at int, next func(item Value, out []Value) (done bool)) (known bool, err error) {
	block, ok := c.arg(at).(*Closure)
	if !ok {
		return false, c.mayRunBlocks()
	}
	for _, item := range items {
		if isMany(item) {
			return false, c.in.maybe(block)
		}
		out, err := c.in.callBlock(block, itself(item), callOptions{Underscore: &item})
		if err != nil || next(item, out) {
			return true, err
		}
	}
	return true, nil
}

// convertAll is ConvertAll: what a delegate makes of each item.
func (c *call) convertAll(items []Value, at int) (Value, error) {
	var all []Value
	known, err := c.eachDelegate(items, at, func(_ Value, out []Value) bool {
		all = append(all, single(out))
		return false
	})
	if !known || err != nil {
		return c.unknown(), err
	}
	return newArray(all), nil
}

// holdsFor is Exists and TrueForAll: whether a delegate's answer is it for some
// item.
func (c *call) holdsFor(items []Value, at int, answer Tri, result bool) (Value, error) {
	found, sure := false, true
	known, err := c.eachDelegate(items, at, func(_ Value, out []Value) bool {
		is := c.in.truthOfItems(out)
		sure = sure && is != Maybe
		found = is == answer
		return found
	})
	if !known || err != nil || !found && !sure {
		return c.unknown(), err
	}
	return found == result, nil
}

// findIndex is FindIndex.
func (c *call) findIndex(items []Value, at int) (Value, error) {
	n, found, sure := 0, false, true
	known, err := c.eachDelegate(items, at, func(_ Value, out []Value) bool {
		is := c.in.truthOfItems(out)
		sure = sure && is != Maybe
		if found = is == Yes; !found {
			n++
		}
		return found
	})
	if !known || err != nil || !sure {
		return c.unknown(), err
	}
	if !found {
		n = -1
	}
	return int32(n), nil
}

func addDelegateMembers(l *library) {
	items := func(c *call) []Value { return append([]Value(nil), enumerate(c.target)...) }
	given := func(c *call) []Value { return append([]Value(nil), enumerate(c.arg(0))...) }
	find := func(mode string) method {
		return opened(func(c *call) (Value, error) {
			d := *c
			d.args = append([]Value{c.target}, c.args...)
			return d.arrayFind(mode)
		})
	}
	l.addMethods(typeGenericList, map[string]method{
		"find": find("first"), "findall": find("default"), "findlast": find("last"),
		"findindex":  opened(func(c *call) (Value, error) { return c.findIndex(items(c), 0) }),
		"exists":     opened(func(c *call) (Value, error) { return c.holdsFor(items(c), 0, Yes, true) }),
		"trueforall": opened(func(c *call) (Value, error) { return c.holdsFor(items(c), 0, No, false) }),
		"convertall": opened(func(c *call) (Value, error) { return c.convertAll(items(c), 0) }),
	})
	l.addStatics("System.Array", map[string]method{
		"foreach": opened(func(c *call) (Value, error) {
			_, err := c.eachDelegate(given(c), 1, func(Value, []Value) bool { return false })
			return nil, err
		}),
		"findindex":  opened(func(c *call) (Value, error) { return c.findIndex(given(c), 1) }),
		"trueforall": opened(func(c *call) (Value, error) { return c.holdsFor(given(c), 1, No, false) }),
		"convertall": opened(func(c *call) (Value, error) { return c.convertAll(given(c), 1) }),
	})
}
