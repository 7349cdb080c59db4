package powershell

// Stretches that happen any number of times: bodies of loops over what is not
// known.

import (
	"slices"
	"strings"
)

// moreMark begins the identity of what stands behind an item of a list that was
// made in a loop over unknown items: there is any number of the like.
const moreMark = "more|"

func isMore(v Value) bool {
	u, ok := v.(*Unknown)
	return ok && u.Many && len(u.Identity) >= len(moreMark) && u.Identity[:len(moreMark)] == moreMark
}

// withoutMarks makes one unknown of each item of which there is any number.
func (in *Interpreter) withoutMarks(items []Value) []Value {
	if !slices.ContainsFunc(items, isMore) {
		return items
	}
	var out []Value
	for _, v := range items {
		n := len(out) - 1
		if !isMore(v) || n < 0 {
			out = append(out, v)
			continue
		}
		u := in.derived(expressionOf(out[n])+", ...", identityOf(v)+identityOf(out[n]), out[n], v)
		u.Many = true
		out[n] = u
	}
	return out
}

// wholeItem is an item of which there is any number, taken as a whole: as a rule
// there is one, and it is that item. Where it is text with unknown parts, these
// stand for what more of it would add.
func (in *Interpreter) wholeItem(item, mark Value) Value {
	switch v := item.(type) {
	case *Text:
		return v
	case *Unknown:
		u := *v
		if rest, ok := strings.CutPrefix(v.Expression, "$_"); ok && v.Source != "" && (rest == "" || rest[0] == '.') {
			u.Expression = nameOf(strings.TrimSuffix(operand(v.Source)+rest, "."), v.Expression)
		}
		u.Identity, u.Many = shortIdentity(identityOf(v)+"|any"), true
		return &u
	}
	u := in.derived(expressionOf(item), "any|"+identityOf(mark)+identityOf(item), item, mark)
	u.Many = true
	return u
}

// whole is a list of one item of which there is any number, as that item.
func (in *Interpreter) whole(v Value) Value {
	if items, ok := Items(v); ok && len(items) == 2 && isMore(items[1]) {
		return in.wholeItem(items[0], items[1])
	}
	return v
}

// mayBeOne tells whether v is a list of an unknown number of items, which may
// be a single one.
func mayBeOne(v Value) bool {
	items, _ := Items(v)
	sure := 0
	for i, item := range items {
		if !isMany(item) && (i+1 == len(items) || !isMore(items[i+1])) {
			sure++
		}
	}
	return sure < len(items) && sure < 2
}

// symbolic runs a stretch that happens any number of times, for the elements
// of source.
//
// The rules are:
//   - It is run without effect until it is known what it changes; what it
//     changes is unknown before it and after it.
//   - What it adds to lists and output stays, followed by a mark that there is
//     any number of the like.
//   - It is then run once. That it ends what is around it (return, throw) is
//     one of two ways on.
func (in *Interpreter) symbolic(source string, run func() error) error {
	return in.settled(in.symbolicStatement(source, run))
}

func (in *Interpreter) symbolicStatement(source string, run func() error) error {
	return in.anyNumber(repetition{source: source}, run)
}

// repetition is why a stretch happens any number of times: for each element of
// a source, or as often as a loop goes round.
type repetition struct {
	source string
	rounds bool
}

func (in *Interpreter) anyNumber(r repetition, run func() error) error {
	in.forks++
	in.doubts++
	in.many = append(in.many, r)
	defer func() {
		in.doubts--
		in.many = in.many[:len(in.many)-1]
	}()
	once := func() (Value, error) {
		return nil, in.then(run(), func(err error) error {
			if err == errDone {
				return nil
			}
			return err
		})
	}
	g := generalised{before: map[mutable]any{}, id: in.count("loop")}
	in.loops = append(in.loops, g.id)
	defer func() { in.loops = in.loops[:len(in.loops)-1] }()
	sources := in.sources // a round must not see what the one before read
	for range 4 {
		in.sources = sources
		var again []outcome // a round that ends what is around it is the last
		for _, o := range in.outcomes(once) {
			if isLimit(o.err) {
				return o.err
			}
			if o.err == nil {
				again = append(again, o)
			}
		}
		if in.generalise(&g, again) {
			break
		}
		g.rounds++
	}
	var ends []outcome
	normal := false
	base := in.events
	in.sources = sources
	for _, o := range in.outcomes(once) {
		if isLimit(o.err) {
			return o.err
		}
		if o.err == nil {
			normal = true
			mark := in.trail.mark()
			since := in.trail.epoch
			in.trail.redo(o.changes)
			in.generalise(&g, []outcome{o})
			o.changes = in.trail.undo(mark, since)
		}
		ends = in.merge(ends, o)
	}
	if !normal {
		ends = append([]outcome{{events: base}}, ends...)
	}
	return in.spreadOf(ends)
}

// outcomes runs a stretch and undoes it.
func (in *Interpreter) outcomes(run func() (Value, error)) []outcome {
	base := in.events
	mark := in.trail.mark()
	since := in.trail.epoch
	defer in.trail.within(since)()
	outs, v, err := in.explore(run)
	if outs == nil {
		outs = []outcome{in.take(v, err, mark, since)}
	}
	in.events = base
	return outs
}

// generalised is what is known of a stretch that happens any number of times.
type generalised struct {
	before map[mutable]any // contents at the very beginning
	rounds int
	id     int
}

// generalise gives what the stretch changed contents that stand for any number
// of times, whichever of the outcomes each has. It reports whether nothing had
// to be changed for it.
func (in *Interpreter) generalise(g *generalised, outs []outcome) bool {
	stable := true
	wide := map[mutable]any{}
	var changed []change
	for _, o := range outs {
		for _, c := range o.changes {
			if c.made || bookkeeping(c.object) {
				continue
			}
			if _, ok := g.before[c.object]; !ok {
				g.before[c.object] = c.before
			}
			if s, ok := c.object.(*scope); ok {
				if !in.generaliseScope(g, s, finalScope(c.after.(scopeState), o.changes)) {
					stable = false
				}
				continue
			}
			next := in.widen(g, c.object, g.before[c.object], c.before, c.after)
			if other, ok := wide[c.object]; ok {
				next = in.eitherContents(c.object, other, next)
			} else {
				changed = append(changed, c)
			}
			wide[c.object] = next
		}
	}
	for _, c := range changed {
		if !sameContents(c.object, c.object.save(), wide[c.object]) {
			in.touch(c.object)
			c.object.restore(wide[c.object])
		}
		if !sameContents(c.object, c.before, wide[c.object]) {
			stable = false
		}
	}
	return stable
}

// generaliseScope makes the variables that the stretch adds to a scope, with
// unknown values.
func (in *Interpreter) generaliseScope(g *generalised, s *scope, after scopeState) bool {
	stable := true
	for _, name := range sortedKeys(after.variables) {
		v := after.variables[name]
		if s.variables[name] != nil {
			continue
		}
		stable = false
		here := in.declare(s, v.name)
		in.touch(here)
		here.variableState = v.variableState
		here.value = in.loopValue(g, "$"+v.name, v.value)
		g.before[here] = variableState{block: v.block}
	}
	for _, name := range sortedKeys(after.functions) {
		if _, ok := s.functions[name]; !ok {
			stable = false
			in.touch(s)
			if s.functions == nil {
				s.functions = map[string]*Closure{}
			}
			s.functions[name] = after.functions[name]
		} else if f := s.functions[name]; f != nil && after.functions[name] != nil && !sameClosure(f, after.functions[name]) {
			stable = false
			in.touch(s)
			s.functions[name] = eitherFunction(f, after.functions[name])
		}
	}
	for _, name := range sortedKeys(after.aliases) {
		if _, ok := s.aliases[name]; !ok {
			stable = false
			in.setAlias(s, name, after.aliases[name])
		}
	}
	return stable
}

// loopValue is an unknown value of a variable that a loop changes.
func (in *Interpreter) loopValue(g *generalised, name string, like Value) *Unknown {
	u := in.derived(name, name+"|loop", like)
	u.Identity = shortIdentity(name + "|loop|" + decimalText(g.id))
	if u.Origin == "" {
		u.Origin = OriginVariable
	}
	u.Source = ""
	if _, ok := enumerable(like); ok || isMany(like) {
		u.Many = true
	}
	return u
}

// widen gives contents of m that stand for those of any number of rounds:
// those at the beginning, before the last round, and after it.
func (in *Interpreter) widen(g *generalised, m mutable, begin, before, after any) any {
	switch m := m.(type) {
	case *variable:
		b, a, z := begin.(variableState), before.(variableState), after.(variableState)
		z.value = in.widenValue(g, "$"+m.name, b.value, a.value, z.value)
		z.blocks, z.nothing = union(b.blocks, z.blocks), false
		return z
	case *collector:
		return in.widenItems(g, "output", begin.([]Value), before.([]Value), after.([]Value))
	case *List:
		return in.widenItems(g, "items", begin.([]Value), before.([]Value), after.([]Value))
	case *Array:
		b, a, z := begin.([]Value), before.([]Value), after.([]Value)
		if len(b) != len(z) || len(a) != len(z) {
			return z
		}
		wide := slices.Clone(z)
		for i := range wide {
			wide[i] = in.widenValue(g, "["+decimalText(i)+"]", b[i], a[i], z[i])
		}
		return wide
	case *cell:
		switch before.(type) {
		case joinable, []Value:
			return in.eitherState(before, after)
		}
		return in.widenValue(g, "value", nil, before, after)
	case *Hash:
		return in.widenHash(g, m, before, after)
	case *Object:
		b, a, z := begin.(objectState), before.(objectState), after.(objectState)
		wide := newObject(z.typeName)
		wide.Payload = z.payload
		var first Value
		if builder, ok := b.payload.(*builderValue); ok {
			first = builder.content()
		}
		wide.Payload = eitherPayload(a.payload, z.payload, func(before, after Value) Value {
			return in.widenValue(g, lastOf(m.Type), first, before, after)
		})
		for _, name := range z.names {
			key := foldCase(name)
			wide.Set(name, in.widenValue(g, "."+name, b.values[key], a.values[key], z.values[key]))
		}
		return wide.save()
	}
	return after
}

func (in *Interpreter) widenHash(g *generalised, h *Hash, before, after any) any {
	now := h.save()
	defer h.restore(now)
	h.restore(before)
	old := h.Copy()
	h.restore(after)
	for _, key := range h.Keys() {
		v, _ := h.Get(key)
		was, had := old.Get(key)
		begin := was
		if _, ok := v.(*Array); ok && isUnknown(key) {
			begin = newArray(nil) // another key's in the round before
		}
		_, some := old.roundsOf(key)
		if had && !sameResult(was, v) || !had && !isUnknown(key) {
			h.Set(key, in.widenValue(g, "value of "+expressionOf(key), begin, was, v))
		}
		if !had || some {
			h.setInRounds(key, g.id)
		}
	}
	return h.save()
}

func (in *Interpreter) widenValue(g *generalised, name string, begin, before, after Value) Value {
	if sameResult(before, after) {
		return after
	}
	if a, ok := before.(*Array); ok {
		if z, ok := after.(*Array); ok {
			if b, ok := begin.(*Array); ok {
				wide := in.widenItems(g, name, b.Elements, a.Elements, z.Elements)
				if len(wide) == len(a.Elements) && slices.EqualFunc(wide, a.Elements, sameResult) {
					return a
				}
				return newTypedArray(z.Type, wide)
			}
		}
	}
	if _, ok := after.(*Array); ok && begin == nil && g.rounds == 0 && before == nil {
		z := after.(*Array)
		return newTypedArray(z.Type, in.widenItems(g, name, nil, nil, z.Elements))
	}
	if g.rounds < 2 {
		if wide := in.widenText(g, name, begin, after); wide != nil {
			return wide
		}
	}
	u := in.loopValue(g, name, after)
	u.noText = mayBeNoText(begin) || mayBeNoText(before) || mayBeNoText(after)
	u.choices = choicesOf(begin, before, after)
	return u
}

// widenText keeps the text at the beginning of a variable to which a loop
// appends.
func (in *Interpreter) widenText(g *generalised, name string, begin, after Value) Value {
	prefix, ok := begin.(string)
	if !ok || prefix == "" {
		return nil
	}
	switch after.(type) {
	case string, *Text:
	default:
		return nil
	}
	parts := Parts(after)
	if len(parts) == 0 || len(parts[0].Text) < len(prefix) || parts[0].Text[:len(prefix)] != prefix {
		return nil
	}
	hole := in.loopValue(g, name, after)
	hole.Many = false
	return &Text{Parts: []TextPart{{Text: prefix}, {Hole: hole}}}
}

// widenItems is a list to which a loop appends: what was in it, and each item
// that a round appends, with the mark for more of it.
func (in *Interpreter) widenItems(g *generalised, name string, begin, before, after []Value) []Value {
	n := 0
	for n < len(before) && n < len(after) && sameResult(before[n], after[n]) {
		n++
	}
	if n == len(before) && n == len(after) {
		return after
	}
	if n < len(before) || len(begin) > n {
		u := in.loopValue(g, name, newArray(slices.Clone(after)))
		u.Many = true
		return []Value{u}
	}
	wide := slices.Clone(begin)
	for _, v := range after[n:] {
		if !isMore(v) {
			wide = append(wide, v, in.more(g, v))
		}
	}
	return wide
}

func (in *Interpreter) more(g *generalised, like Value) *Unknown {
	u := in.derived("...", "", like)
	u.Identity = moreMark + decimalText(g.id)
	if u.Origin == "" {
		u.Origin = OriginVariable
	}
	u.Many = true
	return u
}
