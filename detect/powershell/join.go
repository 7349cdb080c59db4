package powershell

// Outcomes and contents of which it is not known which one there is, as one.

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// sameResult tells whether two values come to the same. Collections that the
// paths made each for itself are compared by what is in them.
func sameResult(a, b Value) bool { return sameWithin(a, b, 3) }

func sameWithin(a, b Value, depth int) bool {
	if sameValue(a, b) {
		return true
	}
	if depth == 0 {
		return false
	}
	within := func(x, y Value) bool { return sameWithin(x, y, depth-1) }
	switch x := a.(type) {
	case *Array:
		y, ok := b.(*Array)
		return ok && x.Type == y.Type && len(x.Elements) <= 256 && slices.EqualFunc(x.Elements, y.Elements, within)
	case *List:
		y, ok := b.(*List)
		return ok && x.Type == y.Type && len(x.Elements) <= 256 && slices.EqualFunc(x.Elements, y.Elements, within)
	case *Hash:
		y, ok := b.(*Hash)
		return ok && x.Type == y.Type && x.Len() <= 256 && x.Known() && y.Known() && len(x.doubt)+len(y.doubt) == 0 &&
			slices.EqualFunc(x.keys, y.keys, within) && slices.EqualFunc(x.values, y.values, within)
	case *Object:
		y, ok := b.(*Object)
		if !ok || x.Type != y.Type || x.Class != y.Class || x.Payload != nil || y.Payload != nil ||
			x.Base != nil || y.Base != nil || !slices.Equal(x.names, y.names) {
			return false
		}
		for name, v := range x.values {
			if !within(v, y.values[name]) {
				return false
			}
		}
		return true
	case *Closure:
		y, ok := b.(*Closure)
		return ok && sameClosure(x, y)
	}
	return false
}

// joinByEnd makes one outcome of those that end alike, and of those that throw
// the same kind of exception.
func (in *Interpreter) joinByEnd(outs []outcome) []outcome {
	var joined []outcome
	for len(outs) > 0 {
		var group, rest []outcome
		for _, o := range outs {
			if sameKindOfEnd(o.err, outs[0].err) {
				group = append(group, o)
			} else {
				rest = append(rest, o)
			}
		}
		joined = append(joined, in.joinOutcomes(group))
		outs = rest
	}
	return joined
}

// joinOutcomes makes one outcome of several that end alike; what differs becomes
// unknown.
func (in *Interpreter) joinOutcomes(outs []outcome) outcome {
	o := outs[0]
	for _, other := range outs[1:] {
		o.value = in.either("result", o.value, other.value)
		o.err = in.eitherEnd(o.err, other.err)
		o.events = mergeEvents(o.events, other.events)
		o.changes = in.joinChanges(o.changes, other.changes)
	}
	if len(outs) > 1 {
		o.changes = withoutLost(o.changes)
		in.describe(o.changes, true)
		o.state = stateOf(o.changes)
		o.digest = digestValue(o.value)
	}
	return o
}

func (in *Interpreter) joinChanges(a, b []change) []change {
	index := map[mutable]int{}
	joined := slices.Clone(a)
	for i, c := range joined {
		index[c.object] = i
	}
	seen := map[mutable]bool{}
	for _, c := range b {
		seen[c.object] = true
		i, ok := index[c.object]
		if !ok {
			if !c.made {
				c.after = in.eitherIn(c.object, c.before, c.after, nil, b)
			}
			index[c.object] = len(joined)
			joined = append(joined, c)
			continue
		}
		// What is not compared has no digest that could be equal.
		if _, ok := c.object.(*scope); ok || joined[i].is != c.is || !c.compared() {
			joined[i].after = in.eitherIn(c.object, joined[i].after, c.after, a, b)
		}
	}
	for i, c := range joined {
		if !c.made && !seen[c.object] {
			joined[i].after = in.eitherIn(c.object, c.before, c.after, nil, a)
		}
	}
	return in.withJoinedVariables(joined, index)
}

// withoutLost drops the variables that no scope holds any more.
func withoutLost(changes []change) []change {
	scopes := map[*scope]scopeState{}
	for _, c := range changes {
		if s, ok := c.object.(*scope); ok {
			scopes[s] = c.after.(scopeState)
		}
	}
	return slices.DeleteFunc(changes, func(c change) bool {
		v, ok := c.object.(*variable)
		if !ok || !c.made || v.owner == nil {
			return false
		}
		s, ok := scopes[v.owner]
		return ok && s.variables[foldCase(v.name)] != v
	})
}

// withJoinedVariables adds the variables that the joining of scopes made.
func (in *Interpreter) withJoinedVariables(changes []change, index map[mutable]int) []change {
	for _, c := range changes {
		s, ok := c.object.(*scope)
		if !ok {
			continue
		}
		before, _ := c.before.(scopeState)
		variables := c.after.(scopeState).variables
		for _, name := range sortedKeys(variables) {
			v := variables[name]
			if _, ok := index[v]; !ok && before.variables[name] != v {
				v.owner = s
				changes = append(changes, change{object: v, after: v.variableState, made: true})
			}
		}
	}
	return changes
}

// eitherIn is eitherContents, where variables that the outcomes made are as
// they left them.
func (in *Interpreter) eitherIn(m mutable, x, y any, a, b []change) any {
	if _, ok := m.(*scope); !ok {
		return in.eitherContents(m, x, y)
	}
	return in.eitherScope(finalScope(x.(scopeState), a), finalScope(y.(scopeState), b))
}

// finalScope is a scope with variables as changes left them.
func finalScope(s scopeState, changes []change) scopeState {
	final := scopeState{maps.Clone(s.variables), maps.Clone(s.functions), maps.Clone(s.aliases)}
	for _, c := range changes {
		v, ok := c.object.(*variable)
		if !ok {
			continue
		}
		if key := foldCase(v.name); c.made && final.variables[key] == v {
			final.variables[key] = &variable{stamp: v.stamp, name: v.name, variableState: c.after.(variableState)}
		}
	}
	return final
}

// eitherContents are contents of m that stand for two that it may have.
func (in *Interpreter) eitherContents(m mutable, a, b any) any {
	switch m := m.(type) {
	case *counter:
		return max(a.(int), b.(int))
	case *assumptions:
		return common(a.(*assumption), b.(*assumption))
	case *variable:
		x, y := a.(variableState), b.(variableState)
		if !sameResult(x.value, y.value) {
			x.value = in.either("$"+m.name, x.value, y.value)
			if u, ok := x.value.(*Unknown); ok && x.nothing != y.nothing {
				u.Many = true // or none
			}
		}
		x.blocks, x.nothing = union(x.blocks, y.blocks), x.nothing && y.nothing
		return x
	case *scope:
		return in.eitherScope(a.(scopeState), b.(scopeState))
	case *cell:
		return in.eitherState(a, b)
	case *collector:
		return in.eitherItems("output", a.([]Value), b.([]Value))
	case *Array:
		return in.eitherElements(a.([]Value), b.([]Value))
	case *List:
		return in.eitherItems("items", a.([]Value), b.([]Value))
	}
	if sameContents(m, a, b) {
		return a
	}
	switch m := m.(type) {
	case *Hash:
		return in.eitherHash(m, a, b)
	case *Object:
		return in.eitherObject(m, a, b)
	}
	return b
}

func (in *Interpreter) eitherScope(a, b scopeState) scopeState {
	for name, v := range b.variables {
		if _, ok := a.variables[name]; !ok {
			u := &variable{name: v.name, variableState: v.variableState}
			u.value = in.either("$"+name, nil, v.value)
			a.variables[name] = u
		} else if w := a.variables[name]; w != v && !sameResult(w.value, v.value) {
			u := &variable{name: w.name, variableState: w.variableState}
			u.value = in.either("$"+name, w.value, v.value)
			a.variables[name] = u
		}
	}
	for name, w := range a.variables {
		if _, ok := b.variables[name]; !ok {
			u := &variable{name: w.name, variableState: w.variableState}
			u.value = in.either("$"+name, nil, w.value)
			a.variables[name] = u
		}
	}
	for name, f := range b.functions {
		if a.functions == nil {
			a.functions = map[string]*Closure{}
		}
		if mine, ok := a.functions[name]; !ok {
			a.functions[name] = f
		} else {
			a.functions[name] = eitherFunction(mine, f)
		}
	}
	for name, t := range b.aliases {
		if a.aliases == nil {
			a.aliases = map[string]alias{}
		}
		if _, ok := a.aliases[name]; !ok {
			a.aliases[name] = t
		}
	}
	return a
}

// eitherItems is what two lists have in common at the beginning, and any
// number of unknown items.
func (in *Interpreter) eitherItems(name string, a, b []Value) []Value {
	n := 0
	for n < len(a) && n < len(b) && sameResult(a[n], b[n]) {
		n++
	}
	if n == len(a) && n == len(b) {
		return a
	}
	rest := slices.Concat(a[n:], b[n:])
	u := in.derived(name, name+"|"+identities(rest), rest...)
	if u.Origin == "" {
		u.Origin = OriginVariable
	}
	u.Many = true
	return append(slices.Clone(a[:n]), u)
}

func (in *Interpreter) eitherElements(a, b []Value) []Value {
	if len(a) != len(b) {
		return in.eitherItems("elements", a, b)
	}
	joined := slices.Clone(a)
	for i := range joined {
		joined[i] = in.either("["+strconv.Itoa(i)+"]", a[i], b[i])
	}
	return joined
}

func (in *Interpreter) eitherHash(h *Hash, a, b any) any {
	now := h.save()
	defer h.restore(now)
	h.restore(b)
	other := h.Copy()
	h.restore(a)
	for _, key := range other.Keys() {
		mine, had := h.Get(key)
		if v, _ := other.Get(key); !had || !sameResult(mine, v) {
			h.Set(key, in.either("value", mine, v))
		}
		if loop, some := other.roundsOf(key); some || !had {
			h.setInRounds(key, loop)
		}
	}
	for _, key := range h.Keys() {
		if _, ok := other.Get(key); !ok {
			mine, _ := h.Get(key)
			h.Set(key, in.either("value", mine, nil))
			h.setInRounds(key, 0)
		}
	}
	return h.save()
}

func (in *Interpreter) eitherObject(o *Object, a, b any) any {
	x, y := a.(objectState), b.(objectState)
	joined := newObject(x.typeName)
	joined.Payload = x.payload
	joined.Payload = eitherPayload(x.payload, y.payload, func(a, b Value) Value { return in.either(lastOf(o.Type), a, b) })
	for _, name := range x.names {
		joined.Set(name, in.either("."+name, x.values[foldCase(name)], y.values[foldCase(name)]))
	}
	for _, name := range y.names {
		if _, ok := joined.Get(name); !ok {
			joined.Set(name, in.either("."+name, nil, y.values[foldCase(name)]))
		}
	}
	return joined.save()
}

// either is a value that stands for two, of which it is not known which.
func (in *Interpreter) either(name string, a, b Value) Value {
	if sameResult(a, b) {
		return a
	}
	u := in.derived(name, name+"|"+identities([]Value{a, b}), a, b)
	if u.Origin == "" {
		u.Origin = OriginVariable
	}
	_, many := enumerable(a)
	_, other := enumerable(b)
	u.Many = u.Many || many || other || isMany(a) || isMany(b)
	u.noText = mayBeNoText(a) || mayBeNoText(b)
	u.choices = choicesOf(a, b)
	return u
}

// maxChoices is how many script blocks a value is told to be one of.
const maxChoices = 8

// choicesOf are the script blocks that one of the values is, if there are.
func choicesOf(values ...Value) []*Closure {
	var list []*Closure
	for _, v := range values {
		var more []*Closure
		switch v := v.(type) {
		case *Closure:
			more = []*Closure{v}
		case *Unknown:
			more = v.choices
		}
		list = addChoices(list, more...)
	}
	return list
}

func addChoices(list []*Closure, more ...*Closure) []*Closure {
	for _, c := range more {
		if c != nil && len(list) < maxChoices && !slices.ContainsFunc(list, func(o *Closure) bool { return sameClosure(o, c) }) {
			list = append(list, c)
		}
	}
	return list
}

// eitherFunction is a function that stands for two of its name.
func eitherFunction(a, b *Closure) *Closure {
	if a == nil || b == nil || sameClosure(a, b) && len(a.choices)+len(b.choices) == 0 {
		if a == nil {
			return b
		}
		return a
	}
	of := func(c *Closure) []*Closure {
		if len(c.choices) > 0 {
			return c.choices
		}
		return []*Closure{c}
	}
	either := *b
	either.choices = addChoices(addChoices(nil, of(a)...), of(b)...)
	return &either
}

// chosen is a target, one of several where it may be one of them.
func (in *Interpreter) chosen(t target) (target, error) {
	var choices []*Closure
	n := 0
	if u, ok := t.unknown.(*Unknown); ok && len(u.choices) > 0 {
		choices, n = u.choices, len(u.choices)+1 // or something else
	} else if t.closure != nil && len(t.closure.choices) > 0 {
		choices, n = t.closure.choices, len(t.closure.choices)
	}
	if n == 0 {
		return t, nil
	}
	v, err := in.fork("", n, func(k int) (Value, error) {
		if k == len(choices) {
			return nil, nil
		}
		return choices[k], nil
	})
	if c, ok := v.(*Closure); ok {
		t = target{name: t.name, closure: c}
	}
	return t, err
}

// identities names values so that equal values have equal names.
func identities(values []Value) string {
	var b strings.Builder
	for _, v := range values {
		b.WriteString(identityOf(v) + ",")
	}
	return shortIdentity(b.String())
}
