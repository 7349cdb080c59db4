package powershell

// How an item of the input binds to the parameters that take it.

import (
	"slices"
	"strings"
)

// takenByItem says for each parameter whether an item of the input was bound to
// it: 'y', 'n', or '?' where that differs by path. The empty one says none.
type takenByItem string

func (t takenByItem) joined(other any) any {
	o := other.(takenByItem)
	if t == o {
		return t
	}
	either := make([]byte, max(len(t), len(o)))
	for i := range either {
		switch x, y := t.of(i), o.of(i); x {
		case y:
			either[i] = x
		default:
			either[i] = '?'
		}
	}
	return takenByItem(either)
}

func (t takenByItem) of(i int) byte {
	if i < len(t) {
		return t[i]
	}
	return 'n'
}

// itemBinding is an item of the input while it is bound.
type itemBinding struct {
	a     *activation
	item  Value
	taken []byte   // takenByItem
	sets  []string // parameter sets that take what is bound
}

// bindItem binds an item of the input to the parameters of an advanced
// function.
//
// The rules are:
//   - What the item before was bound to has its default again.
//   - A script block that was given to a parameter which takes input, and no
//     script block, is run for the item: what it puts out is the argument.
//   - An item binds by value where it is of the parameter's type, then by its
//     properties where these are, then by value where it can be converted, then
//     by its properties; each time in the default parameter set first.
//   - What is bound leaves the parameter sets that have it.
//   - An item that binds to nothing, or leaves out what is mandatory, is refused.
func (a *activation) bindItem(v Value) error {
	if !a.sig.advanced {
		return nil
	}
	b := &itemBinding{a: a, item: v, taken: []byte(strings.Repeat("n", len(a.sig.nodes))), sets: a.sets}
	before := a.taken.v.(takenByItem)
	if err := a.untake(before); err != nil {
		return err
	}
	delayed, err := b.delayed()
	for _, step := range []struct{ byName, converts bool }{{false, false}, {true, false}, {false, true}, {true, true}} {
		if err == nil {
			err = b.step(step.byName, step.converts)
		}
	}
	if now := takenByItem(b.taken); now != before {
		a.in.setCell(a.taken, now)
	}
	if err != nil {
		return err
	}
	if !delayed && !strings.Contains(string(b.taken), "y") {
		return a.in.bindingError("the input object cannot be bound to any parameters")
	}
	return b.complete()
}

// step binds the item in one way, in the default parameter set or else in the
// others.
func (b *itemBinding) step(byName, converts bool) error {
	sig, all := b.a.sig, b.sets
	standard := slices.ContainsFunc(all, func(set string) bool { return strings.EqualFold(set, sig.defaultSet) })
	if standard && len(all) > 1 {
		b.sets = []string{sig.defaultSet}
		bound, err := b.stepIn(byName, converts)
		if err != nil {
			return err
		}
		b.sets = all
		if len(bound) > 0 {
			return b.narrow(bound)
		}
	}
	bound, err := b.stepIn(byName, converts)
	if err != nil {
		return err
	}
	return b.narrow(bound)
}

// stepIn binds the item to what takes it so in the present sets.
func (b *itemBinding) stepIn(byName, converts bool) (bound []int, err error) {
	for i := range b.taken {
		if b.taken[i] == 'n' && b.open(i, byName) {
			if err := b.bind(i, byName, converts); err != nil {
				return nil, err
			}
			if b.taken[i] == 'y' {
				bound = append(bound, i)
			}
		}
	}
	return bound, nil
}

// narrow leaves the parameter sets that have what was bound in a step. Where
// none has all of it, it is not known what the item is bound to.
func (b *itemBinding) narrow(bound []int) error {
	a, in := b.a, b.a.in
	left := b.sets
	for _, i := range bound {
		left = a.sig.with(left, i)
	}
	if len(left) > 0 {
		b.sets = left
		return nil
	}
	for _, i := range bound {
		p := a.sig.nodes[i]
		cell := in.declare(a.scope, p.Name.Name)
		v := cell.value
		if err := in.defaultValue(a, i, p); err != nil {
			return err
		}
		in.store(cell, in.either("$"+p.Name.Name, v, cell.value), in.sources)
	}
	return nil
}

// untake gives the parameters that the item before was bound to their defaults.
func (a *activation) untake(before takenByItem) error {
	in, lost := a.in, false
	for i, p := range a.sig.nodes {
		taken := before.of(i)
		if taken == 'n' {
			continue
		}
		cell := in.declare(a.scope, p.Name.Name)
		now := cell.value
		if err := in.defaultValue(a, i, p); err != nil {
			return err
		}
		if taken == '?' {
			in.store(cell, in.either("$"+p.Name.Name, now, cell.value), in.sources)
		}
		lost = true
	}
	if lost {
		// Whether it goes on telling what the item before was bound to is not known.
		unknown := in.unknown("$PSBoundParameters", OriginVariable)
		if a.options.dotted {
			in.setCell(a.frame.own.given, unknown)
		} else {
			in.store(in.declare(a.scope, "PSBoundParameters"), unknown, in.sources)
		}
	}
	return nil
}

// open tells whether parameter i takes input, by value or by name, in one of the
// sets, and was given nothing by name or position.
func (b *itemBinding) open(i int, byName bool) bool {
	sig := b.a.sig
	if info := sig.params[i]; !info.Pipeline && !info.Property || b.a.binding.find(info.Name) != nil {
		return false
	}
	return slices.ContainsFunc(b.sets, func(set string) bool {
		m := sig.part(i, set)
		return m != nil && (m.pipeline && !byName || m.property && byName)
	})
}

// bind binds the item, or its property of the parameter's name, to parameter i
// if it can be.
func (b *itemBinding) bind(i int, byName, converts bool) error {
	in, info, t := b.a.in, &b.a.sig.params[i], b.a.sig.types[i]
	v := b.item
	if byName {
		w, found, err := in.propertyFor(b.item, info)
		if err != nil || !found {
			return err
		}
		v = w
	}
	if !converts && in.isOfType(v, t) == No {
		return nil
	}
	if t != nil {
		c, err := in.convert(v, t)
		if err == nil && !b.a.sig.accepts(i, v) {
			err = in.bindingError("cannot convert the input to what " + info.Name + " takes")
		}
		switch {
		case err != nil && !byName:
			return nil // it may have a property that fits
		case err != nil:
			return in.bindingError(err.Error())
		}
		v = c
	}
	return b.take(i, v)
}

// take binds a value to parameter i.
func (b *itemBinding) take(i int, v Value) error {
	a, in := b.a, b.a.in
	if err := a.allowed(i, v); err != nil {
		return err
	}
	b.taken[i] = 'y'
	name := a.sig.nodes[i].Name.Name
	in.store(in.declare(a.scope, name), v, in.sources)
	if h, ok := a.given().(*Hash); ok {
		in.touch(h)
		h.Set(name, v)
	}
	return nil
}

// delays tells whether a value is a script block that is run for each item of
// the input.
func (in *Interpreter) delays(s *signature, i int, v Value) bool {
	info, t := s.params[i], s.types[i]
	_, ok := v.(*Closure)
	return ok && (info.Pipeline || info.Property) && t != nil && in.isInstance(v, t) == No
}

// delayed runs the script blocks that parameters were given for each item, and
// tells whether there are any.
func (b *itemBinding) delayed() (any bool, err error) {
	a, in := b.a, b.a.in
	for i := range a.sig.nodes {
		given := a.binding.find(a.sig.params[i].Name)
		if given == nil || !in.delays(a.sig, i, given.value) {
			continue
		}
		out, err := in.callBlock(given.value.(*Closure), nil, callOptions{Underscore: &b.item})
		if err != nil {
			return true, err
		}
		if len(out) == 0 {
			return true, in.bindingError("the script block of " + given.name + " puts out nothing")
		}
		v, err := in.convert(single(out), a.sig.types[i])
		if err != nil {
			return true, in.bindingError(err.Error())
		}
		if err := b.take(i, v); err != nil {
			return true, err
		}
		any = true
	}
	return any, nil
}

// complete refuses an item where nothing is bound to a parameter that is
// mandatory, and sets what depends on the parameter set.
func (b *itemBinding) complete() error {
	a := b.a
	if len(b.sets) != 1 || slices.ContainsFunc(a.binding.bound, func(x bound) bool { return x.arg.unknown }) {
		return nil
	}
	for i, info := range a.sig.params[:len(a.sig.nodes)] {
		m := a.sig.part(i, b.sets[0])
		if b.taken[i] == 'y' || m == nil || !m.mandatory || a.binding.find(info.Name) != nil {
			continue
		}
		if info.Pipeline || info.Property || len(a.sets) > 1 { // the user was asked for others
			return a.in.bindingError("the input object does not hold what " + info.Name + " needs")
		}
	}
	if len(a.sets) > 1 && !a.options.top {
		cmdlet := a.scope.find("PSCmdlet")
		if a.options.dotted {
			cmdlet = &variable{variableState: variableState{value: a.frame.own.cmdlet}}
		}
		if o, ok := cmdlet.value.(*Object); ok {
			a.in.touch(o)
			o.Set("ParameterSetName", b.sets[0])
		}
	}
	return nil
}

// isOfType tells whether a value can be bound to a parameter of that type as it
// is, also as the only element of an array.
func (in *Interpreter) isOfType(v Value, t *TypeRef) Tri {
	switch {
	case t == nil:
		return Yes
	case v == nil:
		return triOf(t.Name != typeString && !valueTypes[t.Name] || len(t.Ranks) > 0)
	}
	is := in.isInstance(v, t)
	if is == No && len(t.Ranks) == 1 {
		element := *t
		element.Ranks = nil
		return in.isInstance(v, &element)
	}
	return is
}

// itemRefused goes on with the next item of the input where one does not bind,
// unless errors end what runs.
func (in *Interpreter) itemRefused(err error) error {
	t, ok := err.(*Thrown)
	if !ok || in.errorAction() == "stop" {
		return err
	}
	in.recordError(t)
	in.setCell(in.succeeded, false)
	return nil
}

// itemFor is what an item of the pipeline gives to a parameter.
func (in *Interpreter) itemFor(p *ParameterInfo, v Value) (Value, bool) {
	convert := func(v Value) (Value, bool) {
		if p.Convert == nil {
			return v, true
		}
		c, err := p.Convert(v)
		return c, err == nil
	}
	if p.Pipeline {
		if c, ok := convert(v); ok {
			return c, true
		}
	}
	if p.Property {
		if w, ok, err := in.propertyFor(v, p); ok && err == nil {
			return convert(w)
		}
	}
	return nil, false
}

// propertyFor is the property of an item of the input that a parameter takes.
func (in *Interpreter) propertyFor(v Value, p *ParameterInfo) (Value, bool, error) {
	w, found, err := in.propertyOf(v, p.Name)
	for i := 0; !found && err == nil && i < len(p.Aliases); i++ {
		w, found, err = in.propertyOf(v, p.Aliases[i])
	}
	return w, found, err
}

// propertyOf is the property of a value that has that name, if it has one. That
// of an object of which not all properties are known is unknown.
func (in *Interpreter) propertyOf(v Value, name string) (Value, bool, error) {
	switch v := v.(type) {
	case nil:
		return nil, false, nil
	case *Unknown:
		if v.Type == typeString {
			return in.lengthOnly(v, name)
		}
		return in.unknownMember(v, name, operand(v.Expression)+"."+memberText(name)), true, nil
	case *Text, string:
		return in.lengthOnly(v, name)
	case *Object:
		return in.propertyOfObject(v, name)
	}
	if p := in.ownProperty(v, name); p != nil {
		return p(in, v), true, nil
	}
	switch v.(type) {
	case *Closure, *TypeRef:
		return in.maybeProperty(v, name, ""), true, nil
	}
	return nil, false, nil
}

// ownProperty is a property that the type of a value has: a Length that the
// language gives to everything is none.
func (in *Interpreter) ownProperty(v Value, name string) property {
	for _, typeName := range lookupTypes(v) {
		if p, ok := in.lib().properties[typeName][foldCase(name)]; ok && typeName != typeObject {
			return p
		}
	}
	return nil
}

// lengthOnly is the only property that text has.
func (in *Interpreter) lengthOnly(v Value, name string) (Value, bool, error) {
	if !strings.EqualFold(name, "Length") {
		return nil, false, nil
	}
	w, err := in.member(v, name, expressionOf(v)+".Length")
	return w, true, err
}

func (in *Interpreter) propertyOfObject(o *Object, name string) (Value, bool, error) {
	if v, ok := o.Get(name); ok {
		switch p := v.(type) {
		case *scriptProperty:
			w, err := in.scriptPropertyValue(o, p)
			return w, true, err
		case *scriptMethod:
			return nil, false, nil
		}
		return v, true, nil
	}
	if p := in.ownProperty(o, name); p != nil {
		return p(in, o), true, nil
	}
	switch {
	case o.Base != nil:
		return in.propertyOf(o.Base, name)
	case o.listsAll():
		return nil, false, nil
	}
	return in.maybeProperty(o, name, ""), true, nil
}

// delayedParameters are those of cmdlets that take a property of each item, so
// that a block for one of them runs with each.
var delayedParameters = []string{"NewName", "Destination", "Path", "LiteralPath"}

// delayed runs the blocks that are the arguments of such parameters. What they
// give is not known to the command.
func (x *execution) delayed() error {
	if !x.HasInput {
		return nil
	}
	for _, name := range delayedParameters {
		b := x.binding.find(name)
		if b == nil {
			continue
		}
		block, ok := b.value.(*Closure)
		if !ok {
			continue
		}
		for _, item := range x.Input {
			err := x.in.eachItem(item, "$_", func(item Value) error {
				return x.in.settled(x.in.inCaller(block, item, discard))
			})
			if err != nil {
				return err
			}
		}
		u := x.in.derived("{"+truncated(closureText(block))+"}", "delayed|"+closureText(block))
		u.Origin = OriginVariable
		b.value = u
	}
	return nil
}
