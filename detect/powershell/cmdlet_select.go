package powershell

// Commands that choose and arrange what comes through a pipeline:
// Select-Object, Sort-Object, Group-Object, Measure-Object and their like.

import (
	"slices"
	"strings"
)

// dataCommands are the commands that only work on values.
func dataCommands() []*cmdlet {
	return slices.Concat(selectCommands(), textCommands(), pathCommands(), objectCommands(), miscellaneousCommands())
}

func input() ParameterInfo { return named("InputObject") }

func selectCommands() []*cmdlet {
	return []*cmdlet{
		{Name: "Select-Object", Stream: selectObject, Parameters: slices.Concat([]ParameterInfo{
			positional("Property", 0), named("ExcludeProperty"), named("ExpandProperty"), named("First"), named("Last"), named("Skip"),
			named("SkipLast"), named("Index"), named("SkipIndex"), input()}, switches("Unique", "Wait", "CaseInsensitive"))},
		{Name: "Sort-Object", Run: sortObject, Parameters: slices.Concat([]ParameterInfo{
			positional("Property", 0), named("Culture"), named("Top"), named("Bottom"), input()},
			switches("Descending", "Unique", "CaseSensitive", "Stable"))},
		{Name: "Group-Object", Run: groupObject, Parameters: slices.Concat([]ParameterInfo{positional("Property", 0), named("Culture"), input()},
			switches("NoElement", "AsHashTable", "AsString", "CaseSensitive"))},
		{Name: "Measure-Object", Run: measureObject, Parameters: slices.Concat([]ParameterInfo{positional("Property", 0), input()},
			switches("Sum", "Average", "Maximum", "Minimum", "StandardDeviation", "AllStats", "Line", "Word", "Character", "IgnoreWhiteSpace"))},
		{Name: "Get-Unique", Run: getUnique, Parameters: slices.Concat([]ParameterInfo{input()}, switches("AsString", "OnType", "CaseInsensitive"))},
		{Name: "Compare-Object", Run: compareObject, Parameters: slices.Concat([]ParameterInfo{
			positional("ReferenceObject", 0), positional("DifferenceObject", 1), named("Property"), named("SyncWindow"), named("Culture")},
			switches("ExcludeDifferent", "IncludeEqual", "PassThru", "CaseSensitive"))},
	}
}

// items is the input of a command that gets it all at once: -InputObject as
// one item, or what came through the pipeline.
func (x *execution) items() []Value {
	if v, ok := x.Arg("InputObject"); ok && !x.HasInput {
		return []Value{v}
	}
	return x.Input
}

// list is an argument as a list of values.
func (x *execution) list(name string) []Value {
	v, ok := x.Arg(name)
	if !ok {
		return nil
	}
	if items, ok := Items(v); ok {
		return items
	}
	return []Value{v}
}

// number is an argument as a count; known is false where it is not.
func (x *execution) number(name string) (n int, given, known bool) {
	v, ok := x.Arg(name)
	if !ok {
		return 0, false, true
	}
	i, err := x.in.toInteger(v, "System.Int32", integerRanges["System.Int32"])
	if err != nil || isUnknown(v) {
		return 0, true, false
	}
	return int(i.(int32)), true, true
}

// unknown is the output of a command that cannot be worked out: it depends on
// the first unknown value among its input and arguments, else on the command.
func (x *execution) unknown(from ...Value) *Unknown {
	source := x.Source()
	for _, v := range from {
		if h := firstHole(v); h != nil {
			u := derivedFrom(v, nameOf(source, source), "")
			u.Identity = shortIdentity(identityOf(newArray(from)) + "|" + source)
			if h.Many {
				u.Source = h.Source
				if u.Source == "" {
					u.Source = h.Expression
				}
			}
			return u
		}
	}
	return x.in.unknown(source, OriginCommand)
}

// selector is a property that a command is asked for: a name with wildcards,
// or what a script block makes of each item.
type selector struct {
	name       string
	block      *Closure
	unknown    Value // a name that is not known
	descending Tri
	expression string // a name behind the label, where they differ
}

// selectors reads -Property and its kin.
func (x *execution) selectors(name string) []selector {
	var list []selector
	for _, v := range x.list(name) {
		list = append(list, x.selector(v))
	}
	return list
}

func (x *execution) selector(v Value) selector {
	switch v := v.(type) {
	case *Closure:
		return selector{name: closureText(v), block: v}
	case *Hash:
		return x.calculated(v)
	case nil:
		return selector{}
	}
	if s, ok := x.in.text(v).(string); ok {
		return selector{name: s, expression: s}
	}
	return selector{unknown: v}
}

// calculated reads @{Name=...; Expression=...}; keys may be shortened.
func (x *execution) calculated(h *Hash) selector {
	var s selector
	for _, k := range h.Keys() {
		key, _ := x.in.text(k).(string)
		key = foldCase(key)
		v, _ := h.Get(k)
		switch {
		case key == "":
		case strings.HasPrefix("name", key), strings.HasPrefix("label", key):
			s.name, _ = x.in.text(v).(string)
		case strings.HasPrefix("expression", key):
			if block, ok := v.(*Closure); ok {
				s.block = block
			} else if name, ok := x.in.text(v).(string); ok {
				s.expression = name
			} else {
				s.unknown = v
			}
		case strings.HasPrefix("descending", key):
			s.descending = x.in.truth(v)
		case strings.HasPrefix("ascending", key):
			s.descending = x.in.truth(v).not()
		}
	}
	if s.name == "" {
		s.name = s.expression
		if s.block != nil {
			s.name = closureText(s.block)
		}
	}
	return s
}

// of is the value that a selector has for an item.
func (s selector) of(x *execution, item Value) (Value, error) {
	switch {
	case s.block != nil:
		// What it throws is no error; the property has no value.
		return x.in.handled(func() (Value, error) {
			out, err := x.in.callBlock(s.block, nil, callOptions{Underscore: &item})
			return single(out), err
		}, func(v Value, err error) (Value, error) {
			if _, thrown := err.(*Thrown); thrown {
				return nil, nil
			}
			return v, err
		})
	case s.unknown != nil:
		return x.unknown(item, s.unknown), nil
	case s.expression == "":
		return nil, nil
	}
	return x.in.member(item, s.expression, operand(expressionOf(item))+"."+memberText(s.expression))
}

// selection is how many items Select-Object lets pass, and of what.
type selection struct {
	x                           *execution
	first, last, skip, skipLast int // -1: not asked for
	index, skipIndex            []Value
	open                        []string // parameters of unknown numbers
	properties, excluded        []selector
	expand                      *selector
	unique                      bool
}

// selectState is how far Select-Object has come; uncertain since an item stood
// for any number, or the number differs by path.
type selectState struct {
	seen, put int
	uncertain bool
}

func (s selectState) joined(other any) any {
	if s != other.(selectState) {
		s.uncertain = true
	}
	return s
}

func selectObject(x *execution) (func(Value) error, func() error) {
	s := readSelection(x)
	state := x.in.newCell(selectState{})
	var later *collector
	if s.collects() {
		later = x.in.newCollector()
	}
	process := func(v Value) error {
		if later != nil {
			return x.in.collect(later, v)
		}
		return s.pass(state, v)
	}
	if v, ok := x.Arg("InputObject"); ok && !x.HasInput {
		x.err = s.alone(later, state, v)
	}
	return process, func() error {
		if later == nil {
			return nil
		}
		return s.finish(later.values)
	}
}

func (s *selection) alone(later *collector, state *cell, v Value) error {
	if later != nil {
		return s.x.in.collect(later, v)
	}
	if err := s.pass(state, v); err != errStopPipeline {
		return err
	}
	return nil
}

func readSelection(x *execution) *selection {
	s := &selection{x: x, first: -1, last: -1, skip: -1, skipLast: -1}
	for name, n := range map[string]*int{"First": &s.first, "Last": &s.last, "Skip": &s.skip, "SkipLast": &s.skipLast} {
		v, given, known := x.number(name)
		if given {
			*n = max(v, 0)
			if !known {
				s.open = append(s.open, name)
			}
		}
	}
	s.index, s.skipIndex = x.list("Index"), x.list("SkipIndex")
	for name, list := range map[string][]Value{"Index": s.index, "SkipIndex": s.skipIndex} {
		for _, n := range list {
			if isUnknown(n) || isMany(n) {
				s.open = append(s.open, name)
			}
		}
		if len(list) > 1 && len(s.open) > 0 {
			s.open = append(s.open, name) // not one number alone
		}
	}
	s.properties, s.excluded = x.selectors("Property"), x.selectors("ExcludeProperty")
	if list := x.selectors("ExpandProperty"); len(list) > 0 {
		s.expand = &list[0]
	}
	s.unique = x.Switch("Unique") != No
	return s
}

// collects tells whether all items must be there before one can be let pass.
func (s *selection) collects() bool {
	return s.last >= 0 || s.skipLast >= 0 || s.index != nil || s.skipIndex != nil || s.unique || len(s.open) > 0
}

// pass lets an item pass that comes in time; with -First the pipeline stops
// after the last.
func (s *selection) pass(c *cell, v Value) error {
	in := s.x.in
	state := c.v.(selectState)
	limited := s.first >= 0 || s.skip > 0
	if isMany(v) {
		state.uncertain = state.uncertain || limited
		in.setCell(c, state)
		if s.first == 0 {
			return errStopPipeline
		}
		if limited {
			v = s.some(v.(*Unknown))
		}
		return s.project(v)
	}
	state.seen++
	if s.first == 0 {
		return errStopPipeline
	}
	if state.uncertain {
		in.setCell(c, state)
		return s.project(perhapsOf(v, s.x.Source()))
	}
	if s.skip >= 0 && state.seen <= s.skip {
		in.setCell(c, state)
		return nil
	}
	state.put++
	in.setCell(c, state)
	if err := s.project(v); err != nil {
		return err
	}
	if s.first >= 0 && state.put >= s.first {
		return errStopPipeline
	}
	return nil
}

// some is what a selection leaves of an unknown collection: one element of it
// with -First 1, else an unknown collection.
func (s *selection) some(u *Unknown) *Unknown {
	name := sourceOf(u) + " | " + s.x.stage.named()
	r := derivedFrom(u, nameOf(name, s.x.Source()), "select "+s.x.Source())
	r.Source = sourceOf(u)
	r.Type = u.Type
	r.Many = s.first != 1 && s.last != 1 && len(s.index) != 1
	return r
}

// finish selects where all items were needed.
func (s *selection) finish(items []Value) error {
	in := s.x.in
	limited := s.first >= 0 || s.skip > 0 || s.last >= 0 || s.skipLast >= 0 || s.index != nil || s.skipIndex != nil
	switch {
	case hasMany(items) && limited, len(s.open) > 1, len(s.open) == 1 && len(items) >= maxAlternatives:
		return s.anyOf(items)
	case len(s.open) == 1:
		_, err := in.fork("select|"+identityOf(newArray(items))+"|"+s.x.Source(), len(items)+1, func(k int) (Value, error) {
			return nil, in.feed(s.counting(k).chosen(items), s.project)
		})
		return err
	}
	return in.feed(s.chosen(items), s.project)
}

// counting is the selection with a number for the one that is not known.
func (s *selection) counting(n int) *selection {
	one := *s
	switch s.open[0] {
	case "First":
		one.first = n
	case "Last":
		one.last = n
	case "Skip":
		one.skip = n
	case "SkipLast":
		one.skipLast = n
	case "Index":
		one.index = []Value{int32(n)}
	case "SkipIndex":
		one.skipIndex = []Value{int32(n)}
	}
	return &one
}

// anyOf selects where it is not known which items there are, or how many are
// asked for: each may be one of those.
func (s *selection) anyOf(items []Value) error {
	in := s.x.in
	return in.feed(items, func(v Value) error {
		if u, ok := v.(*Unknown); ok && u.Many {
			return s.project(s.some(u))
		}
		source := ""
		if h := holeIn(v, 3); h != nil {
			source = sourceOf(h)
		}
		return in.symbolicStatement(source, func() error { return s.project(v) })
	})
}

func (s *selection) chosen(items []Value) []Value {
	if s.index != nil || s.skipIndex != nil {
		var list []Value
		for i, v := range items {
			at := slices.ContainsFunc(s.index, func(n Value) bool { k, ok := smallInt(n); return ok && k == int64(i) })
			skipped := slices.ContainsFunc(s.skipIndex, func(n Value) bool { k, ok := smallInt(n); return ok && k == int64(i) })
			if s.index != nil && at || s.skipIndex != nil && !skipped {
				list = append(list, v)
			}
		}
		return list
	}
	from, to := 0, len(items)
	switch {
	case s.last >= 0 && s.first >= 0:
		to := min(max(s.skip, 0)+s.first, len(items))
		return slices.Concat(items[min(max(s.skip, 0), to):to], items[max(to, len(items)-s.last):])
	case s.last >= 0:
		to = max(0, len(items)-max(s.skip, 0))
		from = max(0, to-s.last)
	case s.skipLast >= 0:
		to = max(0, len(items)-s.skipLast)
		from = min(max(s.skip, 0), to)
	default:
		from = min(max(s.skip, 0), len(items))
		if s.first >= 0 {
			to = min(from+s.first, to)
		}
	}
	items = items[from:to]
	if s.unique {
		return s.distinct(items)
	}
	return items
}

// distinct drops an item that equals an earlier one, with regard to case.
func (s *selection) distinct(items []Value) []Value {
	var kept []Value
	for _, v := range items {
		if !slices.ContainsFunc(kept, func(k Value) bool { return s.same(k, v) }) {
			kept = append(kept, v)
		}
		if s.x.in.spend(len(kept)/64+1) != nil {
			return kept
		}
	}
	return kept
}

func (s *selection) same(a, b Value) bool {
	x, ok := a.(*Object)
	y, ok2 := b.(*Object)
	if !ok || !ok2 {
		return s.x.in.equal(operator{caseSensitive: true}, a, b) == Yes
	}
	if !slices.Equal(x.names, y.names) || len(x.names) == 0 {
		return sameValue(x, y)
	}
	for _, n := range x.Names() {
		v, _ := x.Get(n)
		w, _ := y.Get(n)
		if s.x.in.equal(operator{caseSensitive: true}, v, w) != Yes {
			return false
		}
	}
	return true
}

// project puts out an item, or the properties of it that are asked for.
func (s *selection) project(v Value) error {
	in := s.x.in
	if s.expand == nil && len(s.properties) == 0 && len(s.excluded) == 0 {
		return s.x.Out(v)
	}
	if s.expand != nil {
		if u, ok := v.(*Unknown); ok && s.expand.block == nil && s.expand.unknown == nil {
			return s.x.Out(in.unknownMember(u, s.expand.expression, ""))
		}
		r, err := s.expand.of(s.x, v)
		if err != nil || r == nil {
			return err
		}
		return in.emit(r, s.x.stage.put)
	}
	return in.eachItem(v, "$_", func(item Value) error {
		o, err := s.object(item)
		if err != nil {
			return err
		}
		return s.x.Out(o)
	})
}

// object holds the selected properties of an item.
func (s *selection) object(item Value) (Value, error) {
	o := newCustomObject()
	wanted := s.properties
	if len(wanted) == 0 {
		wanted = []selector{{name: "*", expression: "*"}}
	}
	for _, p := range wanted {
		if p.unknown != nil {
			return s.x.unknown(item, p.unknown), nil
		}
		if p.block == nil && hasWildcard(p.expression) {
			if isUnknown(item) {
				return item, nil
			}
			s.copyMatching(o, item, p.expression)
			continue
		}
		v, err := p.of(s.x, item)
		if err != nil {
			if _, thrown := err.(*Thrown); !thrown {
				return nil, err
			}
			v = nil
		}
		o.Set(p.name, v)
	}
	for _, e := range s.excluded {
		for _, name := range o.Names() {
			if s.x.in.like(name, e.expression) {
				o.Delete(name)
			}
		}
	}
	return o, nil
}

func (s *selection) copyMatching(o *Object, item Value, pattern string) {
	from, ok := item.(*Object)
	if !ok {
		return
	}
	for _, name := range from.Names() {
		if s.x.in.like(name, pattern) {
			v, _ := s.x.in.objectMember(from, name, "")
			o.Set(name, v)
		}
	}
}
