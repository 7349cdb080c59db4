package powershell

// How arguments without a name bind.

import (
	"slices"
	"strings"
)

// bindPositional binds what has no name.
func (in *Interpreter) bindPositional(b binder, args []argument, taken map[int]int, r *binding) {
	params, inSets := b.params, false
	var rest []argument
	if !b.simple {
		// A name that no parameter has, for the one that takes the rest.
		unnamed := args[:0:0]
		for _, a := range args {
			if a.named() {
				rest = append(rest, a)
			} else {
				unnamed = append(unnamed, a)
			}
		}
		args = unnamed
	}
	if b.sig != nil {
		if sets := b.sig.declaredSets(); len(sets) > 1 {
			p := placing{in, b.sig, sets, map[int]bool{}, r}
			for i := range taken {
				p.taken[i] = true
			}
			args, inSets = p.bind(args), true
		}
	}
	var order []int
	remaining := -1
	for i, p := range params {
		if _, ok := taken[i]; ok {
			continue
		}
		if p.Remaining {
			remaining = i
		} else if p.Position >= 0 && !inSets {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(x, y int) int { return params[x].Position - params[y].Position })
	for i := 0; i < len(args); i++ {
		a := args[i]
		switch {
		case a.named(): // only where they may be $args
			r.rest = append(r.rest, a)
			if !a.has && i+1 < len(args) && !args[i+1].named() {
				// The value of a parameter that is not known stays with it.
				if len(order) == 0 || remaining >= 0 {
					i++
					r.rest = append(r.rest, args[i])
				}
			}
		case len(order) > 0:
			p := &params[order[0]]
			order = order[1:]
			r.bound = append(r.bound, bound{name: p.Name, param: p, value: a.value, arg: a})
		case remaining >= 0:
			rest = append(rest, args[i:]...)
			i = len(args)
		case b.open:
			r.bound = append(r.bound, bound{value: a.value, arg: a})
		case b.simple:
			r.rest = append(r.rest, a)
		default:
			r.faults = append(r.faults, Fault{FaultPositional, a.text})
		}
	}
	if len(rest) > 0 {
		in.bindRest(params, remaining, rest, r)
	}
}

// bindRest binds what is left to the parameter that takes it. The names among
// it are names again where that is splatted.
func (in *Interpreter) bindRest(params []ParameterInfo, remaining int, rest []argument, r *binding) {
	slices.SortStableFunc(rest, func(x, y argument) int { return x.at - y.at })
	at := slices.IndexFunc(rest, argument.named)
	if remaining < 0 {
		r.faults = append(r.faults, Fault{FaultUnknownParameter, rest[max(at, 0)].text})
		return
	}
	var items []Value
	for _, x := range rest {
		items = append(items, in.passing(x)...)
	}
	v := newArray(items)
	if at >= 0 {
		in.passed[v] = rest
	}
	p := &params[remaining]
	r.bound = append(r.bound, bound{name: p.Name, param: p, value: v, arg: rest[0]})
}

// placing binds arguments without a name to the parameters of a function with
// several parameter sets.
//
// The rules are:
//   - What is bound by name leaves the sets that have it.
//   - One position after the other, in ascending order, takes one argument where a
//     parameter that is not bound has it in one of the sets.
//   - Of the parameters at a position all of the default set that take the
//     argument as it is get it, else all of the other sets that do, else those
//     of the default set, else all.
//   - What is bound leaves the sets that have it.
//   - An argument that has to be converted and cannot be, ends the call.
type placing struct {
	in    *Interpreter
	sig   *signature
	sets  []string
	taken map[int]bool
	r     *binding
}

// bind binds arguments and returns what is left of them.
func (p *placing) bind(args []argument) []argument {
	for i := range p.sig.nodes {
		if p.taken[i] {
			p.sets = p.sig.with(p.sets, i)
		}
	}
	for _, place := range p.places() {
		all := p.at(place, p.sets)
		if len(args) == 0 || len(all) == 0 {
			continue
		}
		a := args[0]
		args = args[1:]
		standard := p.at(place, p.standard())
		if p.undecided(a, all) {
			a.unknown = true
			p.r.bound = append(p.r.bound, bound{value: a.value, arg: a})
			continue
		}
		found := p.fitting(a, standard)
		if len(found) == 0 {
			found = p.fitting(a, all)
		}
		if len(found) == 0 {
			if found = standard; len(found) == 0 {
				found = all
			}
			if !p.convertible(a, found) {
				p.r.faults = append(p.r.faults, Fault{FaultConversion, a.text})
				return nil
			}
		}
		for _, i := range found {
			p.taken[i] = true
			info := &p.sig.params[i]
			p.r.bound = append(p.r.bound, bound{name: info.Name, param: info, value: a.value, arg: a})
			p.sets = p.sig.with(p.sets, i)
		}
	}
	return args
}

// standard is the default parameter set, if it is still one of the sets.
func (p *placing) standard() []string {
	for _, set := range p.sets {
		if strings.EqualFold(set, p.sig.defaultSet) {
			return []string{set}
		}
	}
	return nil
}

// places are the positions that parameters have, ascending.
func (p *placing) places() []int {
	var places []int
	for i := range p.sig.nodes {
		for _, set := range p.sets {
			if at := p.sig.position(i, set); at >= 0 {
				places = append(places, at)
			}
		}
	}
	slices.Sort(places)
	return slices.Compact(places)
}

// at are the parameters that are not bound and have a position in one of sets.
func (p *placing) at(place int, sets []string) []int {
	var at []int
	for i := range p.sig.nodes {
		if !p.taken[i] && slices.ContainsFunc(sets, func(set string) bool { return p.sig.position(i, set) == place }) {
			at = append(at, i)
		}
	}
	return at
}

// fitting are those of parameters that take an argument as it is.
func (p *placing) fitting(a argument, of []int) []int {
	var fit []int
	for _, i := range of {
		if p.in.isOfType(a.value, p.sig.types[i]) != No || p.in.delays(p.sig, i, a.value) {
			fit = append(fit, i)
		}
	}
	return fit
}

// undecided tells whether it hangs on the type of an argument that is not known
// which of parameters takes it.
func (p *placing) undecided(a argument, of []int) bool {
	return len(of) > 1 && slices.ContainsFunc(of, func(i int) bool { return p.in.isOfType(a.value, p.sig.types[i]) == Maybe })
}

// convertible tells whether an argument can be converted for all of parameters.
func (p *placing) convertible(a argument, of []int) bool {
	return !slices.ContainsFunc(of, func(i int) bool {
		_, err := p.in.convert(a.value, p.sig.types[i])
		return err != nil || !p.sig.accepts(i, a.value)
	})
}

// position is that of parameter i in a parameter set, -1 for none.
func (s *signature) position(i int, set string) int {
	m := s.part(i, set)
	switch {
	case m == nil || s.params[i].Remaining:
		return -1
	case s.placed:
		return m.position
	}
	return s.params[i].Position
}
