package powershell

// Loops and switch.

import "slices"

// loop is a while, do or for statement.
type loop struct {
	label           string
	condition, next Statement
	body            *Block
	first, until    bool // the body runs before the first test; it ends the loop
}

// A loop that is not over known items is run for known once a fork was met in
// it and it has run so often: it may have no end.
const maxForkedIterations = 400

// The rules are:
//   - As long as the tests are known, the body runs again and again; where one
//     is not, it runs any number of times.
//   - So it does where some ways through the body lead to another round and
//     others do not: how many rounds there are then hangs on what is not known.
//   - So it does where there are several ways through the body and nothing has
//     changed that the test asks about: another way must be what ends the loop.
//     A test that asks for nothing leaves that to the tests in the body.
func (in *Interpreter) loop(l loop, out sink) error {
	forks := in.forks
	rounds := repetition{source: "while (" + in.source(l.condition) + ")", rounds: true}
	if l.until {
		rounds.source = "until (" + in.source(l.condition) + ")"
	}
	asked, plain := askedAbout(l.condition)
	same := func(before, after []knownValue) bool { return slices.Equal(before, after) }
	if len(asked) == 0 && plain {
		asked = askedToLeave(l.body)
		same = sameAsFarAsKnown
	}
	anyNumber := func() error {
		return in.done(in.anyNumber(rounds, func() error {
			return in.then(in.iteration(l, out), func(err error) error {
				if err == nil {
					_, err = in.test(l)
				}
				return err
			})
		}))
	}
	var on, off bool // tests after the present round
	tested := func() (bool, error) {
		more, err := in.test(l)
		on, off = on || more == Yes, off || more != Yes
		switch {
		case err != nil:
			return false, err
		case more == Maybe:
			return false, anyNumber()
		case more == No:
			return false, errDone
		}
		return true, nil
	}
	return in.sequence(func(i int) error {
		if i > 0 && (on && off || in.forks > forks && i > maxForkedIterations) {
			return anyNumber()
		}
		if i == 0 && !l.first {
			if more, err := tested(); !more {
				return err
			}
			on = false
		}
		before := in.values(asked)
		return in.then(in.iteration(l, out), func(err error) error {
			if err != nil {
				return err
			}
			more, err := tested()
			if more && plain && in.forks > forks && same(before, in.values(asked)) {
				return anyNumber()
			}
			return err
		})
	})
}

// askedAbout returns the variables of a condition. It is plain if what it
// comes to hangs on nothing else.
func askedAbout(s Statement) (asked []*Variable, plain bool) {
	plain = true
	if s == nil {
		return nil, plain
	}
	Walk(s, func(n Node) bool {
		switch n := n.(type) {
		case *Variable:
			if name := foldCase(n.Name); name != "true" && name != "false" {
				asked = append(asked, n)
			}
		case *Command, *Assignment, *ScriptBlockExpression:
			plain = false
		case *Member:
			plain = plain && !n.Call
		case *Unary:
			switch n.Op {
			case KindPlusPlus, KindMinusMinus, KindPostfixPlusPlus, KindPostfixMinusMinus:
				plain = false
			}
		}
		return plain
	})
	return asked, plain
}

// askedToLeave returns the variables of the conditions under which a body is
// left, as far as these hang on nothing else.
func askedToLeave(body *Block) (asked []*Variable) {
	Walk(body, func(n Node) bool {
		i, ok := n.(*If)
		if !ok {
			_, block := n.(*ScriptBlockExpression)
			_, function := n.(*Function)
			return !block && !function
		}
		for _, c := range i.Clauses {
			if of, plain := askedAbout(c.Condition); plain && leaves(c.Body) {
				asked = append(asked, of...)
			}
		}
		return true
	})
	return asked
}

// leaves tells whether there is a statement in n that may end what is around.
func leaves(n Node) bool {
	found := false
	Walk(n, func(n Node) bool {
		if f, ok := n.(*Flow); ok && f.Keyword != KindContinue {
			found = true
		}
		return !found
	})
	return found
}

// knownValue sums up what a variable holds, and tells whether that is known.
type knownValue struct {
	sum   checksum
	known bool
}

func (in *Interpreter) values(variables []*Variable) []knownValue {
	list := make([]knownValue, len(variables))
	for i, e := range variables {
		v, err := in.eval(e)
		if err == nil {
			d := &digester{}
			d.value(v, digestDepth)
			list[i] = knownValue{d.sum(), holeIn(v, 3) == nil}
		}
	}
	return list
}

// sameAsFarAsKnown tells whether no value that is known has become another.
func sameAsFarAsKnown(before, after []knownValue) bool {
	for i, v := range before {
		if v.known && after[i].known && v.sum != after[i].sum {
			return false
		}
	}
	return true
}

// done makes a normal end that of the loop.
func (in *Interpreter) done(err error) error {
	return in.then(err, func(err error) error {
		if err == nil {
			return errDone
		}
		return err
	})
}

// test tells whether the loop goes on.
func (in *Interpreter) test(l loop) (Tri, error) {
	if l.condition == nil {
		return Yes, nil
	}
	v, _, err := in.valueOf(l.condition)
	if err != nil {
		return No, err
	}
	t := in.truth(v)
	if l.until {
		switch t {
		case Yes:
			return No, nil
		case No:
			return Yes, nil
		}
	}
	return t, nil
}

// iteration runs the body once and what comes between two tests. It returns
// errDone for a break.
func (in *Interpreter) iteration(l loop, out sink) error {
	return in.then(in.statements(l.body, out), func(err error) error {
		if err = ofLoop(err, l.label); err != nil || l.next == nil {
			return err
		}
		return in.statement(l.next, discard)
	})
}

// ofLoop is what the end of a body means for its loop.
func ofLoop(err error, label string) error {
	if f, ok := err.(*flow); ok && f.matches(label) {
		switch f.kind {
		case flowBreak:
			return errDone
		case flowContinue:
			return nil
		}
	}
	return err
}

func (in *Interpreter) forEach(s *ForEach, out sink) error {
	outer := in.sources
	in.sources = nil
	source, nothing, err := in.valueOf(s.Source)
	from := in.fromBlocks(in.sources)
	in.sources = union(outer, from)
	if err != nil || nothing || source == nil {
		return err
	}
	items, ok := enumerable(source)
	if !ok {
		items = in.looped(source, "$"+s.Variable.Name)
	}
	if len(items) > 1 && in.unclosed(in.frame.tree, s.Body.Span) {
		items = items[:1]
	}
	name := s.Variable
	if constantVariables[foldCase(name.Name)] {
		return in.cannotOverwrite(name.Name)
	}
	return in.overItemsOf("foreach", s.Body, slices.Clone(items), "$"+name.Name, func(item Value) error {
		s1 := in.scopeNamed(name.Scope)
		if s1 == nil {
			s1 = in.scope
		}
		v := in.declare(s1, name.Name)
		if v.readOnly {
			return nil
		}
		in.store(v, item, from)
		return in.then(in.statements(s.Body, out), func(err error) error { return ofLoop(err, s.Label) })
	})
}

// looped is what a foreach statement runs over that is no known collection: any
// number of items where nothing is known of it, and those of the default if it
// has one.
func (in *Interpreter) looped(source Value, name string) []Value {
	u, ok := source.(*Unknown)
	if !ok {
		return []Value{source}
	}
	if items, ok := Items(u.Default); ok && u.HasDefault && len(items) > 0 && len(items) <= maxDefaultItems && !anyUnknown(items...) {
		elements := make([]Value, len(items))
		for i, item := range items {
			e := in.element(u, name)
			e.Identity = shortIdentity(e.Identity + decimalText(i))
			e.Default, e.HasDefault = item, true
			elements[i] = e
		}
		return elements
	}
	return []Value{perhapsMany(u)}
}

// maxDefaultItems is how many items of a default are told one by one.
const maxDefaultItems = 64

// overItems runs a body for each item; what stands for many items is one
// unknown element of that name. The body returns errDone to end.
func (in *Interpreter) overItems(items []Value, name string, body func(Value) error) error {
	return in.sequence(func(i int) error {
		if i >= len(items) {
			return errDone
		}
		if err := in.spend(1); err != nil {
			return err
		}
		item := items[i]
		if isMore(item) {
			return nil
		}
		if u, ok := item.(*Unknown); ok && u.Many {
			return in.symbolicStatement(sourceOf(u), func() error { return body(in.element(u, name)) })
		}
		if i+1 < len(items) && isMore(items[i+1]) {
			source := ""
			if h := holeIn(item, 3); h != nil {
				source = sourceOf(h)
			}
			return in.symbolicStatement(source, func() error { return body(item) })
		}
		return body(item)
	})
}

// overItemsOf is overItems for a statement whose body may move on by itself:
// the variable of that name, $foreach or $switch, is what enumerates the items.
func (in *Interpreter) overItemsOf(variable string, s Node, items []Value, name string, body func(Value) error) error {
	if hasMany(items) || !mentions(s, variable) {
		return in.overItems(items, name, body)
	}
	o := newEnumerator(items)
	return in.withVariable(variable, o, func() error {
		return in.sequence(func(int) error {
			if err := in.spend(1); err != nil {
				return err
			}
			in.touch(o)
			e := o.Payload.(*enumerator)
			if e.next >= len(e.items) {
				return errDone
			}
			e.next++
			item := e.items[e.next-1]
			if u, ok := item.(*Unknown); ok && u.Many {
				e.next = len(e.items)
				return in.done(in.symbolicStatement(sourceOf(u), func() error { return body(in.element(u, name)) }))
			}
			return body(item)
		})
	})
}

// mentions tells whether a variable of that name, in lower case, is in n.
func mentions(n Node, name string) bool {
	found := false
	Walk(n, func(n Node) bool {
		v, ok := n.(*Variable)
		found = found || ok && foldCase(v.Name) == name
		return !found
	})
	return found
}

// sourceOf is the command that enumerates what u is or is one of.
func sourceOf(u *Unknown) string {
	if u.Source != "" {
		return u.Source
	}
	return u.Expression
}

// switchState is how far a switch has come with one item.
type switchState struct {
	matched Tri
	literal Value // the constant that an unknown item is taken to be equal to
}

func (s switchState) joined(other any) any {
	o := other.(switchState)
	if s.matched != o.matched {
		s.matched = Maybe
	}
	if !sameValue(s.literal, o.literal) {
		s.literal = nil
	}
	return s
}

func (s switchState) same(other any) bool {
	o, ok := other.(switchState)
	return ok && s.matched == o.matched && sameValue(s.literal, o.literal)
}

func (in *Interpreter) switchStatement(s *Switch, out sink) error {
	var source Value
	var err error
	if s.File {
		name, _, err := in.valueOf(s.Source)
		if err != nil {
			return err
		}
		source = in.unknown("Get-Content "+expressionOf(name), OriginFile)
		source.(*Unknown).Many = true
	} else if source, _, err = in.valueOf(s.Source); err != nil {
		return err
	}
	items, ok := enumerable(source)
	if !ok {
		items = []Value{source}
	}
	if u, ok := source.(*Unknown); ok && u.Many && !s.File {
		// A property of one object is more likely than a list.
		items = []Value{in.element(u, u.Expression)}
	}
	return in.overItemsOf("switch", s, slices.Clone(items), "$_", func(item Value) error {
		return in.withUnderscore(item, func() error { return in.switchItem(s, item, out) })
	})
}

// switchItem runs the clauses for one item.
func (in *Interpreter) switchItem(s *Switch, item Value, out sink) error {
	state := in.newCell(switchState{matched: No})
	defer func() { state.over = true }()
	err := in.sequence(func(i int) error {
		now := state.v.(switchState)
		if i > len(s.Clauses) {
			return errDone
		}
		if i == len(s.Clauses) {
			if s.Default == nil {
				return nil
			}
			return in.branchOn(now.matched, "",
				func() error { return nil },
				func() error { return in.statements(s.Default, out) })
		}
		c := s.Clauses[i]
		match, label, key, err := in.matchesClause(s, c, item, now)
		if err != nil {
			return err
		}
		return in.branchOn(match, key,
			func() error {
				next := switchState{matched: Yes, literal: now.literal}
				if match == Maybe {
					next.literal = label
				}
				in.setCell(state, next)
				return in.statements(c.Body, out)
			},
			func() error { return nil })
	})
	return in.then(err, func(err error) error { return ofLoop(err, s.Label) })
}

// matchesClause tells whether a clause of a switch is for an item. Label is
// set where that is by comparison with a constant.
func (in *Interpreter) matchesClause(s *Switch, c SwitchClause, item Value, now switchState) (match Tri, label Value, key string, err error) {
	if b, ok := c.Label.(*ScriptBlockExpression); ok {
		var result []Value
		result, err = in.callBlock(in.closure(b), nil, callOptions{Underscore: &item, local: true})
		if err != nil {
			return No, nil, "", err
		}
		v := resultOf(result)
		return in.truth(v), nil, conditionKey(v), nil
	}
	label, err = in.eval(c.Label)
	if err != nil {
		return No, nil, "", err
	}
	op := KindIeq
	switch {
	case s.Regex && s.CaseSensitive:
		op = KindCmatch
	case s.Regex:
		op = KindImatch
	case s.Wildcard && s.CaseSensitive:
		op = KindClike
	case s.Wildcard:
		op = KindIlike
	case s.CaseSensitive:
		op = KindCeq
	}
	left, right := in.text(item), in.text(label)
	if op == KindIeq || op == KindCeq {
		if now.literal != nil && isUnknown(item) {
			// An unknown item that is one constant is no other.
			if a, ok := now.literal.(string); ok {
				if b, ok := right.(string); ok && foldCase(a) != foldCase(b) {
					return No, nil, "", nil
				}
			}
		}
	}
	v, err := in.binary(op, left, right, nil)
	if err != nil {
		return No, nil, "", err
	}
	if op == KindImatch || op == KindCmatch || op == KindIlike || op == KindClike {
		right = now.literal
	}
	return in.truth(v), right, conditionKey(v), nil
}
