package powershell

// Members of [regex], matches and groups.

func addRegexMembers(l *library) {
	l.constructors[typeRegex] = known(func(c *call) (Value, error) {
		v, err := c.regexFrom(c.arg(0), c.arg(1))
		return v, err
	})
	static := func(run func(c *call, re *regex) (Value, error)) method {
		return opened(func(c *call) (Value, error) {
			pattern, options := c.arg(1), Value(nil)
			last := len(c.args) - 1
			least := 2
			if foldCase(c.name) == "replace" {
				least = 3
			}
			if last >= least && c.isOptions(c.args[last]) {
				options = c.args[last]
				d := *c
				d.args = c.args[:last]
				c = &d
			}
			if isUnknown(pattern) || isUnknown(options) {
				return c.unknownMatch(), nil
			}
			re, err := c.regexFrom(pattern, options)
			if err != nil {
				return nil, err
			}
			o, ok := re.(*Object)
			if !ok {
				return c.unknownMatch(), nil
			}
			d := *c
			d.args = append([]Value{c.arg(0)}, c.args[min(2, len(c.args)):]...)
			return run(&d, o.Payload.(regexValue).re)
		})
	}
	instance := func(run func(c *call, re *regex) (Value, error)) method {
		return opened(func(c *call) (Value, error) { return run(c, c.target.(*Object).Payload.(regexValue).re) })
	}
	for name, run := range map[string]func(c *call, re *regex) (Value, error){
		"match": (*call).regexMatch, "matches": (*call).regexMatches, "ismatch": (*call).regexIsMatch,
		"replace": (*call).regexReplace, "split": (*call).regexSplit,
	} {
		most := 2 // arguments; what is behind them bounds the search
		if name == "replace" {
			most = 3
		}
		bounded := run
		run = func(c *call, re *regex) (Value, error) {
			if len(c.args) > most {
				return c.unknownMatch(), nil
			}
			return bounded(c, re)
		}
		l.addStatics(typeRegex, map[string]method{name: static(run)})
		l.addMethods(typeRegex, map[string]method{name: instance(run)})
	}
	l.addStatics(typeRegex, map[string]method{
		"escape": known(func(c *call) (Value, error) { return escapeRegex(c.text(0)), nil }),
		"unescape": known(func(c *call) (Value, error) {
			if s, ok := unescapeRegex(c.text(0)); ok {
				return s, nil
			}
			return nil, c.fail("System.ArgumentException", "Unrecognized escape sequence.")
		}),
	})
	l.addMethods(typeRegex, map[string]method{
		"getgroupnames": known(func(c *call) (Value, error) {
			var names []Value
			for _, n := range c.target.(*Object).Payload.(regexValue).re.names {
				names = append(names, n)
			}
			return newTypedArray("System.String", names), nil
		}),
	})
	l.addProperties(typeRegex, map[string]property{
		"options": func(in *Interpreter, v Value) Value {
			const name = "System.Text.RegularExpressions.RegexOptions"
			n := int64(v.(*Object).Payload.(regexValue).re.options)
			return newEnum(name, nil, in.lib().enums[name].name(n), n)
		},
	})
	group := func(get func(g *groupValue) Value) property {
		return func(_ *Interpreter, v Value) Value { return get(v.(*Object).Payload.(*groupValue)) }
	}
	for _, name := range []string{typeMatch, typeGroup} {
		l.addProperties(name, map[string]property{
			"value": group(func(g *groupValue) Value { return g.String() }), "success": group(func(g *groupValue) Value { return g.success() }),
			"index": group(func(g *groupValue) Value { return int32(g.from()) }), "length": group(func(g *groupValue) Value { return int32(g.length()) }),
			"groups": group(func(g *groupValue) Value { return newPayload(typeGroupCollection, &groupCollection{g}) }),
			"name": group(func(g *groupValue) Value {
				if g.group < len(g.re.names) {
					return g.re.names[g.group]
				}
				return ""
			}),
			"captures": func(in *Interpreter, v Value) Value {
				g := v.(*Object).Payload.(*groupValue)
				if !g.success() {
					return newPayload(typeMatchCollection, &matchCollection{})
				}
				if g.group > 0 && g.re.program.captures(2*g.group+1) > 1 {
					u := in.unknown(expressionOf(v)+".Captures", OriginLimit) // only the last one is kept
					u.Many = true
					return u
				}
				return newPayload(typeMatchCollection, &matchCollection{items: []Value{v}})
			},
		})
	}
	l.addMethods(typeMatch, map[string]method{
		"nextmatch": known((*call).nextMatch),
		"result": known(func(c *call) (Value, error) {
			g := c.target.(*Object).Payload.(*groupValue)
			var b textBuilder
			g.re.expand(&b, parseReplacement(c.text(0), g.re), g.text, regexMatch{g.bounds})
			return b.value(), nil
		}),
	})
	for _, name := range []string{typeMatchCollection, typeGroupCollection} {
		l.addProperties(name, map[string]property{"count": func(in *Interpreter, v Value) Value { return in.countOf(v) }})
		l.addMethods(name, map[string]method{
			"getenumerator": known(func(c *call) (Value, error) { return newEnumerator(enumerate(c.target)), nil }),
			"item":          known(func(c *call) (Value, error) { return c.in.index(c.target, c.arg(0), c.source) }),
			"get_item":      known(func(c *call) (Value, error) { return c.in.index(c.target, c.arg(0), c.source) }),
		})
	}
}

// isOptions tells whether an argument names RegexOptions.
func (c *call) isOptions(v Value) bool {
	switch v := v.(type) {
	case *Object:
		_, ok := v.Payload.(*enumValue)
		return ok
	case string:
		_, ok := c.in.lib().enums["System.Text.RegularExpressions.RegexOptions"].number(v)
		return ok && v != ""
	}
	return isNumber(v)
}

// regexFrom compiles a pattern; the result is unknown where the matcher does
// not read it.
func (c *call) regexFrom(pattern, options Value) (Value, error) {
	if o, ok := pattern.(*Object); ok {
		if _, ok := o.Payload.(regexValue); ok && options == nil {
			return o, nil
		}
	}
	var bits regexOptions
	if options != nil {
		v, err := c.in.convert(options, &TypeRef{Name: "System.Text.RegularExpressions.RegexOptions"})
		if err != nil {
			return nil, err
		}
		n, _ := smallInt(v)
		bits = regexOptions(n) &^ (8 | 512)
	}
	text, ok := c.in.text(pattern).(string)
	if !ok {
		return c.unknown(), nil
	}
	re, ok, err := c.in.compiled(text, bits)
	if err != nil {
		return nil, err
	}
	if !ok {
		return c.unknown(), nil
	}
	return newPayload(typeRegex, regexValue{re}), nil
}

func toRegex(in *Interpreter, v Value) (Value, error) {
	c := &call{in: in, kind: &TypeRef{Name: typeRegex}, name: "new", args: []Value{v}}
	return c.regexFrom(v, nil)
}

func (c *call) unknownMatch() Value {
	u := c.unknown()
	switch foldCase(c.name) {
	case "matches", "split":
		u.Many = true
	case "ismatch":
		u.Type = "System.Boolean"
	case "replace":
		u.Type = "System.String"
	}
	return u
}

// found searches the first argument; ok is false where that is not known.
func (c *call) found(re *regex, limit int) (matches []regexMatch, text []uint16, ok bool, err error) {
	s, known := c.in.text(c.arg(0)).(string)
	if !known {
		return nil, nil, false, nil
	}
	text = utf16Units(s)
	from := re.begin(text)
	if c.isInteger(1) && foldCase(c.name) != "replace" && foldCase(c.name) != "split" {
		if from.at, err = c.integer(1); err != nil {
			return nil, nil, false, err
		}
		if from.at < 0 || from.at > len(text) {
			return nil, nil, false, c.fail("System.ArgumentOutOfRangeException",
				"Start index cannot be less than 0 or greater than input length.")
		}
	}
	matches, ok, err = c.in.matchesOf(re, text, from, limit)
	return matches, text, ok, err
}

func (c *call) regexMatch(re *regex) (Value, error) {
	matches, text, ok, err := c.found(re, 1)
	switch {
	case err != nil:
		return nil, err
	case !ok:
		return c.unknownMatch(), nil
	case len(matches) == 0:
		return newPayload(typeMatch, &groupValue{re: re, group: 1}), nil
	}
	return newMatch(re, text, matches[0]), nil
}

func (c *call) regexMatches(re *regex) (Value, error) {
	matches, text, ok, err := c.found(re, 0)
	switch {
	case err != nil:
		return nil, err
	case !ok:
		return c.unknownMatch(), nil
	}
	if err := c.in.chargeItems(int64(len(matches))); err != nil {
		return nil, err
	}
	list := &matchCollection{}
	for _, m := range matches {
		list.items = append(list.items, newMatch(re, text, m))
	}
	return newPayload(typeMatchCollection, list), nil
}

func (c *call) regexIsMatch(re *regex) (Value, error) {
	if t, ok := c.in.text(c.arg(0)).(*Text); ok {
		answer, err := c.in.matchPartly(re, t)
		if err != nil {
			return nil, err
		}
		return c.decided(answer)
	}
	matches, _, ok, err := c.found(re, 1)
	switch {
	case err != nil:
		return nil, err
	case !ok:
		return c.unknownMatch(), nil
	}
	return len(matches) > 0, nil
}

// regexReplace replaces with a text or with what a script block returns.
func (c *call) regexReplace(re *regex) (Value, error) {
	if t, ok := c.in.text(c.arg(0)).(*Text); ok {
		return c.in.replaceInText(re, t, newArray([]Value{re.pattern, c.arg(1)}), c.arg(1), c.source)
	}
	limit := 0
	if c.isInteger(2) {
		n, err := c.integer(2)
		if err != nil {
			return nil, err
		}
		if n == 0 {
			return c.in.text(c.arg(0)), nil
		}
		limit = max(n, 0)
	}
	matches, text, ok, err := c.found(re, limit)
	switch {
	case err != nil:
		return nil, err
	case !ok:
		return c.unknownMatch(), nil
	}
	var write func(*textBuilder, regexMatch) error
	if block, ok := c.arg(1).(*Closure); ok {
		write = c.in.matchEvaluator(re, text, block)
	} else if write, err = c.in.replacer(re, text, c.arg(1)); err != nil {
		return nil, err
	}
	return c.in.substitute(c.text(0), matches, re.program.leftwards, write)
}

// matchEvaluator calls a script block as a delegate: the match is its argument.
func (in *Interpreter) matchEvaluator(re *regex, text []uint16, block *Closure) func(*textBuilder, regexMatch) error {
	return func(b *textBuilder, m regexMatch) error {
		out, err := in.callBlock(block, []Value{newMatch(re, text, m)}, callOptions{})
		if err != nil {
			return err
		}
		b.write(in.joinItems(out, " "))
		return nil
	}
}

func (c *call) regexSplit(re *regex) (Value, error) {
	s, ok := c.in.text(c.arg(0)).(string)
	if !ok {
		return c.unknownMatch(), nil
	}
	limit := 0
	if c.isInteger(1) {
		n, err := c.integer(1)
		if err != nil {
			return nil, err
		}
		limit = max(n, 0)
	}
	pieces, err := c.in.splitByRegex(re, s, limit, c.unknownMatch)
	if err != nil {
		return nil, err
	}
	return newTypedArray("System.String", pieces), nil
}

func (c *call) nextMatch() (Value, error) {
	g := c.target.(*Object).Payload.(*groupValue)
	if !g.success() {
		return c.target, nil
	}
	matches, ok, err := c.in.matchesOf(g.re, g.text, g.re.behind(regexMatch{g.bounds}), 1)
	switch {
	case err != nil:
		return nil, err
	case !ok:
		return c.unknown(), nil
	case len(matches) == 0:
		return newPayload(typeMatch, &groupValue{re: g.re, group: 1}), nil
	}
	return newMatch(g.re, g.text, matches[0]), nil
}
