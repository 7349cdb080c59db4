package powershell

// [Linq.Enumerable], as far as scripts use it.

import "slices"

func addLinqStatics(l *library) {
	list := func(f func(c *call, items []Value) (Value, error)) method {
		return opened(func(c *call) (Value, error) {
			items, ok := enumerable(c.arg(0))
			if s, isString := c.arg(0).(string); isString {
				items, ok = chars(s), true
			}
			if !ok || hasMany(items) {
				u := c.unknown()
				u.Many = true
				return u, nil
			}
			return f(c, items)
		})
	}
	// chosen is list of a method that may be given a predicate.
	chosen := func(f func(c *call, items []Value) (Value, error)) method {
		return list(func(c *call, items []Value) (Value, error) {
			if len(c.args) < 2 {
				return f(c, items)
			}
			block, ok := c.args[1].(*Closure)
			if !ok {
				return c.unknown(), nil
			}
			var kept []Value
			for _, item := range items {
				out, err := c.in.callBlock(block, []Value{item}, callOptions{})
				if err != nil {
					return nil, err
				}
				switch c.in.truth(single(out)) {
				case Yes:
					kept = append(kept, item)
				case Maybe:
					return c.unknown(), nil
				}
			}
			return f(c, kept)
		})
	}
	counted := func(f func(items []Value, n int) []Value) method {
		return list(func(c *call, items []Value) (Value, error) {
			if isUnknown(c.arg(1)) {
				u := c.unknown()
				u.Many = true
				return u, nil
			}
			n, err := c.integer(1)
			n = min(max(n, 0), len(items))
			return newArray(f(items, n)), err
		})
	}
	pick := func(at func(items []Value) int) method {
		return chosen(func(c *call, items []Value) (Value, error) {
			if len(items) == 0 {
				return nil, c.fail("System.InvalidOperationException", "Sequence contains no elements")
			}
			return items[at(items)], nil
		})
	}
	l.addStatics("System.Linq.Enumerable", map[string]method{
		"reverse": list(func(_ *call, items []Value) (Value, error) { return newArray(reversed(items)), nil }),
		"toarray": list(func(_ *call, items []Value) (Value, error) { return newArray(slices.Clone(items)), nil }),
		"tolist": list(func(_ *call, items []Value) (Value, error) {
			return newList(typeGenericList, slices.Clone(items)...), nil
		}),
		"count": chosen(func(_ *call, items []Value) (Value, error) { return int32(len(items)), nil }),
		"first": pick(func([]Value) int { return 0 }), "last": pick(func(items []Value) int { return len(items) - 1 }),
		"take":  counted(func(items []Value, n int) []Value { return items[:n] }),
		"skip":  counted(func(items []Value, n int) []Value { return items[n:] }),
		"range": known((*call).linqRange),
		"repeat": opened(func(c *call) (Value, error) {
			if isUnknown(c.arg(1)) {
				return c.unknown(), nil
			}
			return c.in.binary(KindMultiply, newArray([]Value{c.arg(0)}), c.arg(1), nil)
		}),
		"concat": opened(func(c *call) (Value, error) { return c.in.appendItems(enumerate(c.arg(0)), c.arg(1)) }),
		"sum": list(func(c *call, items []Value) (Value, error) {
			var sum Value = int32(0)
			for _, item := range items {
				var err error
				if sum, err = c.in.binary(KindPlus, sum, item, nil); err != nil {
					return nil, err
				}
			}
			return sum, nil
		}),
		"distinct": list(func(c *call, items []Value) (Value, error) {
			if anyUnknown(items...) {
				return c.unknown(), nil
			}
			var distinct []Value
			for _, item := range items {
				if err := c.in.spend(len(distinct)/64 + 1); err != nil {
					return nil, err
				}
				if !slices.ContainsFunc(distinct, func(v Value) bool { return exactly(v, item) }) {
					distinct = append(distinct, item)
				}
			}
			return newArray(distinct), nil
		}),
		"contains": list(func(c *call, items []Value) (Value, error) {
			d := *c
			d.target, d.args = newArray(items), c.args[1:]
			return c.in.run(c.in.lib().methods["System.Array"]["contains"], &d)
		}),
		"any": chosen(func(_ *call, items []Value) (Value, error) { return len(items) > 0, nil }),
	})
}

func (c *call) linqRange() (Value, error) {
	from, err := c.integer(0)
	if err != nil {
		return nil, err
	}
	n, err := c.integer(1)
	if err != nil || n <= 0 {
		return newArray(nil), err
	}
	return c.in.countRange(int64(from), int64(from)+int64(n)-1, "System.Int32", func(n int64) Value { return int32(n) })
}
