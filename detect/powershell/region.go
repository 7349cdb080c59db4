package powershell

// What a script does where a condition is not known: it is run on every path,
// and paths that come to the same are joined.
//
// The rules are:
//   - A fork runs its alternatives one after the other from the same state. An
//     alternative ends in outcomes: what it changed, how it ended, what it
//     yielded, what it made the host's commands do.
//   - Outcomes with the same state, end and result are one outcome. Its
//     invocations are those of both, each as often as the outcome has it that
//     has it more often; what one of them lacks is conditional.
//   - Statements that follow one another, the items of a loop and those of a
//     pipeline run once from each state that the one before left.
//   - Where more than one outcome is left, what surrounds them (an expression,
//     a call) is run once for each, by its decisions. An outcome that ends what
//     surrounds it (return, throw) is set aside instead: it is one of that.
//   - A condition that has been answered is answered alike on the same path.
//   - Of too many outcomes, those that end alike become one: what differs is
//     unknown.

import "slices"

// outcome is one way in which a stretch ends. Its changes are undone.
type outcome struct {
	value   Value
	digest  checksum // of the value
	state   checksum // of what it changed
	err     error
	events  *eventList
	changes []change
}

// path is a way through a stretch that may be run more than once.
type path struct {
	decisions []decision
	next      int
	join      bool // do not decide, join
	// Where the stretch began on the trail, and the outcomes that end it before
	// its end.
	mark  int
	since uint64
	aside []outcome
}

// decision is the choice of one of n outcomes.
type decision struct{ n, choice int }

// advance moves to the next way, and reports whether there is one.
func (p *path) advance() bool {
	for n := len(p.decisions); n > 0; n = len(p.decisions) {
		if last := &p.decisions[n-1]; last.choice+1 < last.n {
			last.choice++
			p.next = 0
			return true
		}
		p.decisions = p.decisions[:n-1]
	}
	return false
}

// choose picks one of n outcomes on this path, or -1: join them.
func (in *Interpreter) choose(n int) int {
	p := in.path
	if p.join {
		return -1
	}
	if p.next == len(p.decisions) {
		p.decisions = append(p.decisions, decision{n: n})
	}
	p.next++
	if d := p.decisions[p.next-1]; d.n == n {
		return d.choice
	}
	return -1
}

// maxReplays bounds how many stretches within one another are run again for
// another way through them; within those, outcomes are joined.
const maxReplays = 5

// explore runs a stretch on every path. Where there is only one, it is left in
// place and its result returned; else the outcomes are, and all is undone.
func (in *Interpreter) explore(run func() (Value, error)) ([]outcome, Value, error) {
	outer, replays := in.path, in.replays
	defer func() { in.path, in.replays = outer, replays }()
	began, base, sources := in.steps, in.events, in.sources
	mark := in.trail.mark()
	enclosing := in.trail.outer
	p := &path{join: in.replays > maxReplays, mark: mark, since: in.trail.epoch}
	in.path = p
	defer in.trail.within(p.since)()
	v, err := run()
	if _, ok := err.(*spread); !ok && len(p.decisions)+len(p.aside) == 0 {
		in.trail.forget(mark, enclosing)
		return nil, v, err
	}
	var outs []outcome
	all := in.sources
	defer func() { in.sources = all }()
	for paths := 1; ; paths++ {
		outs = in.gather(outs, v, err)
		in.events = base
		all = union(all, in.sources)
		in.sources = sources
		if isLimit(err) || !p.advance() {
			break
		}
		in.replays = replays + 1
		if paths >= in.mostPaths() || in.steps-began > in.budget.Steps/16 {
			p = &path{join: true, mark: mark}
			in.path, outs = p, nil
		}
		in.trail.mark()
		p.since = in.trail.epoch
		in.trail.outer = p.since
		v, err = run()
	}
	return outs, nil, nil
}

// spread is how a stretch ends that has several outcomes, which are undone. It
// passes through what has nothing more to do in the stretch; see then.
type spread struct{ outs []outcome }

func (s *spread) Error() string { return "several outcomes" }

// gather adds how the present way through a stretch ended to its outcomes, and
// undoes it.
func (in *Interpreter) gather(outs []outcome, v Value, err error) []outcome {
	p := in.path
	if s, ok := err.(*spread); ok {
		outs = in.extend(outs, in.trail.undo(p.mark, p.since), s.outs, p.since)
	} else {
		outs = in.merge(outs, in.take(v, err, p.mark, p.since))
	}
	for _, o := range p.aside {
		outs = in.merge(outs, o)
	}
	p.aside = nil
	return outs
}

// setAside leaves those outcomes with which the stretch goes on, if there are
// any, else one. The others become outcomes of the stretch.
func (in *Interpreter) setAside(outs []outcome) []outcome {
	p := in.path
	var on, ended []outcome
	for _, o := range outs {
		if o.err == nil {
			on = append(on, o)
		} else {
			ended = append(ended, o)
		}
	}
	if len(on) == 0 {
		on, ended = ended[:1], ended[1:]
	}
	if len(ended) == 0 {
		return on
	}
	before := in.trail.undo(p.mark, p.since)
	p.aside = in.extend(p.aside, before, ended, p.since)
	in.trail.redo(before)
	return on
}

// extend adds outcomes of a stretch to which others lead.
func (in *Interpreter) extend(outs []outcome, before []change, more []outcome, since uint64) []outcome {
	for _, o := range more {
		describe := stale(before, o.changes)
		o.changes = compose(before, o.changes, since)
		if describe {
			in.describe(o.changes, false)
		}
		o.state = stateOf(o.changes)
		in.steps += len(o.changes) / 16
		outs = in.merge(outs, o)
	}
	return outs
}

// describe works out anew what the changes come to: those that hold other
// objects, or all.
func (in *Interpreter) describe(changes []change, all bool) {
	mark := in.trail.mark()
	in.trail.redo(changes)
	for i := range changes {
		if c := &changes[i]; c.deep || all && c.compared() {
			c.is, c.deep = digest(c.object)
			c.compare()
		}
	}
	in.trail.revert(mark)
}

// goOn runs a stretch from the end of an outcome, and undoes both.
func (in *Interpreter) goOn(outs []outcome, from outcome, run func() (Value, error)) []outcome {
	base := in.events
	mark := in.trail.mark()
	since := in.trail.epoch
	in.trail.redo(from.changes)
	in.events = from.events
	next := in.outcomes(run)
	in.trail.revert(mark)
	in.events = base
	return in.extend(outs, from.changes, next, since)
}

// take is the outcome of a stretch that ended, and undoes it.
func (in *Interpreter) take(v Value, err error, mark int, since uint64) outcome {
	o := outcome{value: v, digest: digestValue(v), err: err, events: in.events}
	o.changes = in.trail.undo(mark, since)
	o.state = stateOf(o.changes)
	in.steps += len(o.changes) / 16
	return o
}

// spreadOf is how a stretch ends with those outcomes: the only one is left in
// place.
func (in *Interpreter) spreadOf(outs []outcome) error {
	for _, o := range outs {
		if isLimit(o.err) {
			return o.err
		}
	}
	if len(outs) > in.mostPaths() {
		outs = in.joinByEnd(outs)
	}
	if len(outs) == 1 {
		_, err := in.settle(outs)
		return err
	}
	return &spread{outs}
}

// settled decides for one of the outcomes where there are several.
func (in *Interpreter) settled(err error) error {
	if s, ok := err.(*spread); ok {
		_, err = in.settle(s.outs)
	}
	return err
}

// then goes on in each of the ways in which a stretch ended.
func (in *Interpreter) then(err error, next func(error) error) error {
	s, ok := err.(*spread)
	if !ok {
		return next(err)
	}
	var outs []outcome
	for _, o := range s.outs {
		outs = in.goOn(outs, o, func() (Value, error) { return nil, next(o.err) })
	}
	return in.spreadOf(outs)
}

// settle leaves one of the outcomes of a stretch in place: the only one, or
// the one that this path decides for, of those with which it goes on.
//
// What surrounds it up to the next explore must leave an error as it is; see
// handled.
func (in *Interpreter) settle(outs []outcome) (Value, error) {
	if len(outs) > 1 {
		outs = in.setAside(outs)
	}
	if len(outs) > 1 {
		if k := in.choose(len(outs)); k >= 0 {
			outs = outs[k : k+1]
		} else {
			outs = []outcome{in.joinOutcomes(outs)}
		}
	}
	o := outs[0]
	in.trail.redo(o.changes)
	in.events = o.events
	return o.value, o.err
}

// handled runs a stretch and does something about the error that it ends with.
func (in *Interpreter) handled(run func() (Value, error), handle func(Value, error) (Value, error)) (Value, error) {
	outs, v, err := in.explore(run)
	if outs == nil {
		return handle(v, err)
	}
	var all []outcome
	for _, o := range outs {
		all = in.goOn(all, o, func() (Value, error) { return handle(o.value, o.err) })
	}
	return in.settle(all)
}

// fork runs n alternatives of which it is not known which one happens. An
// equal key is answered alike; an empty one is never known.
func (in *Interpreter) fork(key string, n int, alternative func(int) (Value, error)) (Value, error) {
	if k, ok := in.answered(key); ok && k < n {
		return alternative(k)
	}
	return in.settle(in.forked(key, n, alternative))
}

// forkStatement is fork where nothing follows that needs a decision.
func (in *Interpreter) forkStatement(key string, n int, alternative func(int) error) error {
	if k, ok := in.answered(key); ok && k < n {
		return alternative(k)
	}
	return in.spreadOf(in.forked(key, n, func(k int) (Value, error) { return nil, alternative(k) }))
}

func (in *Interpreter) forked(key string, n int, alternative func(int) (Value, error)) []outcome {
	in.forks++
	in.doubts++
	defer func() { in.doubts-- }()
	base := in.events
	defer in.trail.within(in.trail.outer)()
	var all []outcome
	for k := range n {
		mark := in.trail.mark()
		since := in.trail.epoch
		in.trail.outer = since
		outs, v, err := in.explore(func() (Value, error) {
			in.assume(key, k)
			return alternative(k)
		})
		if outs == nil {
			outs = []outcome{in.take(v, err, mark, since)}
			in.events = base
		}
		for _, o := range outs {
			all = in.merge(all, o)
		}
	}
	return all
}

// errDone is what the steps of a sequence return at its end.
var errDone = &flow{kind: flowDone}

// sequence runs step 0, step 1 and so on, each from every state that the one
// before it left, until it returns an error in all of them; errDone is none.
//
// Each step may end in several outcomes, and so may the sequence.
func (in *Interpreter) sequence(step func(i int) error) error {
	i := 0
	for ; ; i++ {
		outs, _, err := in.explore(func() (Value, error) { return nil, step(i) })
		if outs == nil {
			if err == nil {
				continue
			}
			if err == errDone {
				return nil
			}
			return err
		}
		one, err := in.fan(outs, &i, step)
		if !one {
			return err
		}
	}
}

// mostPaths is how many states a stretch may leave: fewer where much of the
// budget is spent, as each of them is one more run of what follows.
func (in *Interpreter) mostPaths() int {
	switch most := in.budget.Paths; {
	case in.steps > in.budget.Steps/16:
		return max(1, most/16)
	case in.steps > in.budget.Steps/64:
		return max(2, most/4)
	default:
		return most
	}
}

// fan goes on with the steps of a sequence from several states. It returns
// true where only one state is left, which is then in place, and else how the
// sequence ended.
func (in *Interpreter) fan(outs []outcome, i *int, step func(i int) error) (bool, error) {
	var ended []outcome
	for {
		var running []outcome
		for _, o := range outs {
			if o.err == nil {
				running = append(running, o)
				continue
			}
			if o.err == errDone {
				o.err = nil
			}
			ended = in.merge(ended, o)
		}
		if len(running) == 0 {
			return false, in.spreadOf(ended)
		}
		if len(running)+len(ended) > in.mostPaths() {
			running, ended = []outcome{in.joinOutcomes(running)}, in.joinByEnd(ended)
		}
		if len(running) == 1 && len(ended) == 0 {
			in.trail.redo(running[0].changes)
			in.events = running[0].events
			return true, nil
		}
		*i++
		outs = nil
		for _, o := range running {
			outs = in.goOn(outs, o, func() (Value, error) { return nil, step(*i) })
			if in.limit != nil {
				return false, in.limit
			}
		}
	}
}

// merge adds an outcome to those there are, into an equal one if there is one.
func (in *Interpreter) merge(outs []outcome, o outcome) []outcome {
	for i := range outs {
		if !in.alike(&outs[i], &o) {
			continue
		}
		outs[i].events = mergeEvents(outs[i].events, o.events)
		outs[i].changes = in.mergeChanges(outs[i].changes, o.changes)
		return outs
	}
	return append(outs, o)
}

// alike tells whether two outcomes of one stretch come to the same. What a
// stretch made is compared where it is reached.
func (in *Interpreter) alike(a, b *outcome) bool {
	return sameEnd(a.err, b.err) && a.digest == b.digest && a.state == b.state
}

// sameContents compares two saved contents of m, which is left as it is.
func sameContents(m mutable, a, b any) bool {
	switch m.(type) {
	case *variable:
		x := &variable{variableState: a.(variableState)}
		return x.equalContents(b)
	case *collector:
		return slices.EqualFunc(a.([]Value), b.([]Value), sameResult)
	}
	now := m.save()
	defer m.restore(now)
	m.restore(a)
	return m.equalContents(b)
}

// bookkeeping tells whether m is what the interpreter remembers for itself and
// what no script can see.
func bookkeeping(m mutable) bool {
	switch m.(type) {
	case *counter, *assumptions:
		return true
	}
	return false
}

// mergeChanges is what is common to two outcomes that are alike: the first
// one's changes, with the bookkeeping of both.
func (in *Interpreter) mergeChanges(a, b []change) []change {
	index := map[mutable]int{}
	for i := range a {
		if bookkeeping(a[i].object) {
			index[a[i].object] = i
		}
	}
	answered := false
	for _, c := range b {
		if !bookkeeping(c.object) {
			continue
		}
		i, ok := index[c.object]
		switch c.object.(type) {
		case *counter:
			if !ok {
				a = append(a, c)
			} else if c.after.(int) > a[i].after.(int) {
				a[i].after = c.after
			}
		case *assumptions:
			answered = true
			if ok {
				a[i].after = common(a[i].after.(*assumption), c.after.(*assumption))
			}
		}
	}
	if i, ok := index[in.assumptions]; ok && !answered {
		a[i].after = a[i].before
	}
	return a
}
