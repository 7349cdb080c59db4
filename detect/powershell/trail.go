package powershell

// mutable is what a script can change in place: variables, scopes, arrays,
// lists, hashtables, objects, and what a pipeline has collected.
type mutable interface {
	save() any                    // a copy of the contents, not of what they refer to
	restore(any)                  // contents as saved
	equalContents(saved any) bool // by value for scalars, by identity for the rest
	lastSaved() *uint64
}

// trail remembers how things were, so that a script's other path can start
// from the same state.
//
// The rules are:
//   - Whatever changes a mutable touches it first.
//   - A mutable is saved at most once between two marks; a part of a large one
//     may be saved instead of the whole, once per change.
//   - What was made after a mark need not be saved: nothing from before leads
//     to it once everything from before is restored.
type trail struct {
	epoch   uint64
	entries []trailEntry
	// outer is the epoch that the innermost mark began to which it may come to
	// go back.
	outer uint64
}

type trailEntry struct {
	object mutable
	before any    // contents, or a reverter
	last   uint64 // its stamp before
	made   bool   // it is made again by a redone stretch
}

// reverter takes back one change to a part of a mutable.
type reverter interface{ revert() }

// mark begins a stretch that can be undone, and returns its beginning.
func (t *trail) mark() int {
	t.epoch++
	return len(t.entries)
}

// touch saves m if that has not been done since the last mark.
func (t *trail) touch(m mutable) {
	last := m.lastSaved()
	if *last == t.epoch {
		return
	}
	t.entries = append(t.entries, trailEntry{object: m, before: m.save(), last: *last})
	*last = t.epoch
}

// note remembers how to take back a change to a part of m, unless m as a whole
// is saved. It reports whether it did.
func (t *trail) note(m mutable, r reverter) {
	if last := m.lastSaved(); *last != t.epoch {
		t.entries = append(t.entries, trailEntry{object: m, before: r, last: *last})
	}
}

// saved tells whether m as a whole is saved since the last mark.
func (t *trail) saved(m mutable) bool { return *m.lastSaved() == t.epoch }

// change is the contents of a mutable at the end of a stretch. Made tells that
// the stretch made it; what was before is then of no interest.
type change struct {
	object        mutable
	before, after any
	was, is       checksum // of them, unless it was made
	member        checksum // of object and contents; zero if they are as before
	deep          bool     // is describes what is in other objects, too
	last          uint64   // its stamp before
	made          bool
}

// compare works out whether the change is one.
func (c *change) compare() {
	c.member = checksum{}
	if c.compared() && c.is != c.was {
		c.member = memberOf(c.object, c.is)
	}
}

// compared tells whether the change makes outcomes differ: what was made is
// described where it is found, and so are variables, by scope and name.
func (c *change) compared() bool {
	if _, ok := c.object.(*variable); ok {
		return true
	}
	return !c.made && !bookkeeping(c.object)
}

// undo takes everything back to mark. It returns what the stretch had changed,
// in the order of the first change. since is the epoch that mark began.
func (t *trail) undo(mark int, since uint64) []change {
	var changes []change
	index := map[mutable]int{}
	for _, e := range t.entries[mark:] {
		if isOver(e.object) {
			continue
		}
		if i, ok := index[e.object]; ok {
			changes[i].made = changes[i].made || e.made
			continue
		}
		index[e.object] = len(changes)
		c := change{object: e.object, after: e.object.save(), last: e.last, made: e.made || e.last >= since}
		if c.compared() {
			c.is, c.deep = digest(e.object)
		}
		changes = append(changes, c)
	}
	t.revert(mark)
	for i := range changes {
		c := &changes[i]
		if !c.made {
			c.before = c.object.save()
			if c.compared() {
				c.was, _ = digest(c.object)
			}
		}
		c.compare()
	}
	return changes
}

// revert takes everything back to mark.
func (t *trail) revert(mark int) {
	for i := len(t.entries) - 1; i >= mark; i-- {
		e := t.entries[i]
		if r, ok := e.before.(reverter); ok {
			r.revert()
			continue
		}
		e.object.restore(e.before)
		*e.object.lastSaved() = e.last
	}
	clear(t.entries[mark:])
	t.entries = t.entries[:mark]
	t.epoch++
}

// compose is what two stretches changed, one after the other; since is the
// epoch in which the first began.
func compose(first, second []change, since uint64) []change {
	both := make([]change, 0, len(first)+len(second))
	index := make(map[mutable]int, len(first))
	for _, c := range first {
		if !isOver(c.object) {
			index[c.object] = len(both)
			both = append(both, c)
		}
	}
	for _, c := range second {
		i, ok := index[c.object]
		switch {
		case isOver(c.object):
		case ok:
			b := &both[i]
			b.after, b.is, b.deep = c.after, c.is, c.deep
			b.made = b.made || c.made
			b.compare()
		default:
			if c.last >= since {
				c.made = true
				c.compare()
			}
			both = append(both, c)
		}
	}
	return both
}

// stale tells whether what second changed may be described by first.
func stale(first, second []change) bool {
	inner := false
	for i := range second {
		switch second[i].object.(type) {
		case *Array, *List, *Hash, *Object:
			inner = true
		}
	}
	if !inner {
		return false
	}
	for i := range first {
		if first[i].deep {
			return true
		}
	}
	return false
}

// unchanged takes nothing back: for what a stretch makes.
type unchanged struct{}

func (unchanged) revert() {}

// within makes the present stretch one that may come to be undone, until the
// function that it returns is called.
func (t *trail) within(since uint64) func() {
	outer := t.outer
	t.outer = since
	return func() { t.outer = outer }
}

// forget drops what is saved since mark and need not be: what is saved since
// the outer mark too.
func (t *trail) forget(mark int, outer uint64) {
	kept := t.entries[:mark]
	for _, e := range t.entries[mark:] {
		if (e.last < outer || e.made) && !isOver(e.object) {
			kept = append(kept, e)
		}
	}
	clear(t.entries[len(kept):])
	t.entries = kept
}

// redo makes the changes that an undone stretch had made, from where it began.
func (t *trail) redo(changes []change) {
	for _, c := range changes {
		last := c.object.lastSaved()
		before := c.before
		if c.made {
			before = unchanged{}
		}
		t.entries = append(t.entries, trailEntry{c.object, before, *last, c.made})
		*last = t.epoch
		c.object.restore(c.after)
	}
}

// elementBefore is one element of an array or list before it is replaced.
type elementBefore struct {
	elements []Value
	index    int
	value    Value
}

func (e elementBefore) revert() { e.elements[e.index] = e.value }

// lengthBefore is the length of a list before something is appended.
type lengthBefore struct {
	list   *List
	length int
}

func (l lengthBefore) revert() { l.list.Elements = l.list.Elements[:l.length:l.length] }

// entryBefore is one entry of a hashtable before it is set.
type entryBefore struct {
	hash       *Hash
	key, value Value
	had        bool
}

func (e entryBefore) revert() {
	if e.had {
		e.hash.Set(e.key, e.value)
	} else {
		e.hash.Delete(e.key)
	}
}

// touch must be called before m is changed.
func (in *Interpreter) touch(m mutable) { in.trail.touch(m) }

// touchAppend must be called before something is appended to l.
func (in *Interpreter) touchAppend(l *List) {
	in.trail.note(l, lengthBefore{l, len(l.Elements)})
}

// touchElement must be called before element i of m, an *Array or *List, is
// replaced.
func (in *Interpreter) touchElement(m mutable, i int) {
	var elements []Value
	switch m := m.(type) {
	case *Array:
		elements = m.Elements
	case *List:
		elements = m.Elements
	}
	if i < 0 || i >= len(elements) {
		in.touch(m)
		return
	}
	in.trail.note(m, elementBefore{elements, i, elements[i]})
}

// touchEntry must be called before the entry of key in h is set.
func (in *Interpreter) touchEntry(h *Hash, key Value) {
	if _, known := h.indexKey(key); !known || !h.Known() || len(h.doubt) > 0 || len(h.rounds) > 0 || h.Ordered {
		in.touch(h)
		return
	}
	if in.trail.saved(h) {
		return
	}
	v, had := h.Get(key)
	in.trail.note(h, entryBefore{h, key, v, had})
}

// isOver tells whether m belonged to a call or statement that is over on all
// paths: what it holds is of no interest.
func isOver(m mutable) bool {
	switch m := m.(type) {
	case *cell:
		return m.over
	case *collector:
		return m.over
	case *scope:
		return m.over
	case *variable:
		return m.owner != nil && m.owner.over
	}
	return false
}

// born is the stamp of what is made now.
func (in *Interpreter) born() stamp { return stamp{epoch: in.trail.epoch} }

// collector gathers the output of a statement or pipeline.
type collector struct {
	stamp
	values []Value
	over   bool
}

func (in *Interpreter) newCollector() *collector { return &collector{stamp: in.born()} }

func (c *collector) save() any { return c.values[:len(c.values):len(c.values)] }

func (c *collector) restore(saved any) {
	v := saved.([]Value)
	c.values = v[:len(v):len(v)]
}

func (c *collector) equalContents(saved any) bool {
	v := saved.([]Value)
	if len(v) != len(c.values) {
		return false
	}
	for i := range v {
		if !sameValue(v[i], c.values[i]) {
			return false
		}
	}
	return true
}

// collectorBefore is the length of a collector before something is added.
type collectorBefore struct {
	c *collector
	n int
}

func (b collectorBefore) revert() { b.c.values = b.c.values[:b.n:b.n] }

func (in *Interpreter) collect(c *collector, v Value) error {
	in.trail.note(c, collectorBefore{c, len(c.values)})
	c.values = append(c.values, v)
	return in.spend(1)
}
