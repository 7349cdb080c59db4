package powershell

// mutable is what a script can change in place: scopes, arrays, lists,
// hashtables, objects.
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
//   - Whatever changes a mutable calls touch first.
//   - A mutable is saved at most once between two marks.
//   - What was made after a mark is not saved: nothing from before leads to it
//     once everything from before is restored.
type trail struct {
	epoch   uint64
	entries []trailEntry
}

type trailEntry struct {
	object mutable
	before any
	last   uint64 // its stamp before
}

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
	t.entries = append(t.entries, trailEntry{m, m.save(), *last})
	*last = t.epoch
}

// change is the contents of a mutable at the end of a stretch.
type change struct {
	object mutable
	before any
	after  any
}

// undo takes everything back to mark. It returns what the stretch had changed,
// in the order of the first change.
func (t *trail) undo(mark int) []change {
	var changes []change
	index := map[mutable]int{}
	for _, e := range t.entries[mark:] {
		if _, ok := index[e.object]; ok {
			continue
		}
		index[e.object] = len(changes)
		changes = append(changes, change{object: e.object, before: e.before, after: e.object.save()})
	}
	for i := len(t.entries) - 1; i >= mark; i-- {
		e := t.entries[i]
		e.object.restore(e.before)
		*e.object.lastSaved() = e.last
	}
	t.entries = t.entries[:mark]
	t.epoch++
	return changes
}

// redo makes the changes that an undone stretch had made.
func (t *trail) redo(changes []change) {
	for _, c := range changes {
		t.touch(c.object)
		c.object.restore(c.after)
	}
}
