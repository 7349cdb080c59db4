package powershell

// Methods that call script blocks: .ForEach() and .Where() of anything, and
// the methods of script blocks themselves.

func (in *Interpreter) callbackMethod(c *call, lower string) (Value, bool, error) {
	if block, ok := c.target.(*Closure); ok {
		return in.blockMethod(c, block, lower)
	}
	if lower != "foreach" && lower != "where" || len(c.args) == 0 {
		return nil, false, nil
	}
	if l, ok := c.target.(*List); ok && l.Type == typeGenericList && lower == "foreach" {
		if _, block := c.args[0].(*Closure); !block {
			return nil, false, nil
		}
	}
	items, ok := enumerable(c.target)
	if !ok {
		items = []Value{c.target}
	}
	if lower == "where" {
		v, err := in.whereMethod(c, items, nothingGiven)
		return v, true, err
	}
	v, err := in.forEachMethod(c, items)
	return v, true, err
}

func (in *Interpreter) blockMethod(c *call, block *Closure, lower string) (Value, bool, error) {
	switch lower {
	case "invoke", "invokereturnasis":
		args := c.args
		if len(args) == 1 {
			if items, ok := Items(args[0]); ok {
				args = items
			}
		}
		out, err := in.callBlock(block, args, callOptions{})
		if lower == "invoke" {
			return newList(typeCollection, out...), true, err
		}
		return single(out), true, err
	case "invokewithcontext":
		out, err := in.invokeWithContext(c, block)
		return newList(typeCollection, out...), true, err
	case "getnewclosure":
		return in.newClosure(block), true, nil
	case "getsteppablepipeline":
		if v := in.newSteppable(block); v != nil {
			return v, true, nil
		}
	case "tostring":
		return closureText(block), true, nil
	}
	return nil, false, nil
}

// forEachMethod calls the block for each item, in the scope of its caller;
// converts each to a type; or reads or calls a member of each.
func (in *Interpreter) forEachMethod(c *call, items []Value) (Value, error) {
	collected, out := in.collectorSink()
	for _, item := range items {
		err := in.eachItem(item, "$_", func(item Value) error {
			switch a := c.args[0].(type) {
			case *Closure:
				return in.withUnderscore(item, func() error {
					given := make([]argument, len(c.args)-1)
					for i, v := range c.args[1:] {
						given[i] = argument{value: v, has: true, from: in.sources}
					}
					if l, ok := c.target.(*List); ok && l.Type == typeGenericList {
						given = []argument{{value: item, has: true, from: in.sources}} // its own method, of a delegate
					}
					return in.runBody(a, given, callOptions{dot: a.Bound == nil}, out)
				})
			case *TypeRef:
				v, err := in.convert(item, a)
				if err != nil {
					return err
				}
				return in.emit(v, out)
			default:
				v, err := in.namedMember(c, item)
				if err != nil {
					return err
				}
				return in.emit(v, out)
			}
		})
		if err != nil {
			return nil, err
		}
	}
	return newList(typeCollection, collected.values...), nil
}

// namedMember is .ForEach('Name') or .ForEach('Method', arguments).
func (in *Interpreter) namedMember(c *call, item Value) (Value, error) {
	name, ok := in.text(c.args[0]).(string)
	if !ok {
		return c.unknown(), nil
	}
	if u, isUnknown := item.(*Unknown); isUnknown && len(c.args) == 1 {
		return in.unknownMember(u, name, ""), nil
	}
	if block, ok := item.(*Closure); ok {
		if v, done, err := in.blockMethod(&call{in: in, target: item, args: c.args[1:], source: c.source}, block, foldCase(name)); done {
			return v, err
		}
	}
	if _, method := in.findMethod(item, name); method {
		return in.invoke(item, name, c.args[1:], c.source)
	}
	if len(c.args) == 1 {
		return in.member(item, name, c.source)
	}
	return nil, in.setMember(item, name, c.args[1])
}

// whereMethod filters by a block, and in its modes finds the first or last, or
// where to begin or to stop.
func (in *Interpreter) whereMethod(c *call, items []Value, args func(Value) []Value) (Value, error) {
	block, ok := c.args[0].(*Closure)
	if !ok {
		return c.unknown(), nil
	}
	mode, limit := "default", 0
	if len(c.args) > 1 {
		mode = foldCase(c.text(1))
		if n, ok := smallInt(c.args[1]); ok && n >= 0 && n < 6 {
			mode = []string{"default", "first", "last", "skipuntil", "until", "split"}[n]
		}
	}
	if len(c.args) > 2 {
		n, err := c.integer(2)
		if err != nil {
			return nil, err
		}
		limit = n
	}
	answers := make([]Tri, len(items))
	undecided := false
	for i, item := range items {
		answer, err := in.ask(block, item, args)
		if err != nil {
			return nil, err
		}
		answers[i] = answer
		undecided = undecided || answer == Maybe
		if mode == "first" && answer == Yes && limit <= 1 {
			answers, items = answers[:i+1], items[:i+1]
			break
		}
	}
	if undecided {
		return in.filtered(c, items, answers, mode), nil
	}
	return newList(typeCollection, selected(items, answers, mode, limit)...), nil
}

// nothingGiven are the arguments of a block that sees the item as $_ only.
func nothingGiven(Value) []Value { return nil }

// ask calls a block with an item as $_, and with the arguments that are made of
// it, and returns the truth of what it puts out.
func (in *Interpreter) ask(block *Closure, item Value, args func(Value) []Value) (Tri, error) {
	var answer Tri
	err := in.eachItem(item, "$_", func(one Value) error {
		out, err := in.callBlock(block, args(one), callOptions{Underscore: &one})
		answer = in.truthOfItems(out)
		return err
	})
	if isMany(item) && answer == Yes {
		// It held for one element; of others it is not known.
		return Maybe, err
	}
	return answer, err
}

// filtered keeps what a filter may keep: items for which it is not known stay
// as ones that may be there.
func (in *Interpreter) filtered(c *call, items []Value, answers []Tri, mode string) Value {
	if mode != "default" {
		u := c.unknown()
		if h := firstHole(newArray(items)); h != nil {
			u.Origin, u.Source = h.Origin, h.Source
		}
		u.Many = true
		return u
	}
	var kept []Value
	for i, item := range items {
		switch answers[i] {
		case Yes:
			kept = append(kept, item)
		case Maybe:
			kept = append(kept, perhapsOf(item, c.source))
		}
	}
	return newList(typeCollection, kept...)
}

// perhapsOf stands for an item that may be there.
func perhapsOf(item Value, step string) *Unknown {
	u := derivedFrom(item, expressionOf(item), "perhaps "+step)
	if from, ok := item.(*Unknown); ok {
		u.Type = from.Type
	}
	u.Many = true
	return u
}

func selected(items []Value, answers []Tri, mode string, limit int) []Value {
	var yes, no []Value
	begun := false
	for i, item := range items {
		holds := answers[i] == Yes
		switch mode {
		case "skipuntil":
			begun = begun || holds
			holds = begun
		case "until":
			begun = begun || holds
			holds = !begun
		}
		if holds {
			yes = append(yes, item)
		} else {
			no = append(no, item)
		}
	}
	switch {
	case mode == "first":
		return yes[:min(len(yes), max(limit, 1))]
	case mode == "last":
		return yes[max(0, len(yes)-max(limit, 1)):]
	case mode == "split":
		return []Value{newList(typeCollection, yes...), newList(typeCollection, no...)}
	case limit > 0:
		return yes[:min(len(yes), limit)]
	}
	return yes
}
