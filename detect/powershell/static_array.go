package powershell

// Static members of [array].

import "slices"

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
	v, err := c.in.whereMethod(&d, items, itself)
	if l, ok := v.(*List); ok && mode != "default" {
		return single(l.Elements), err
	}
	return v, err
}
