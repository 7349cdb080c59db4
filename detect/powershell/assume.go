package powershell

// What the interpreter remembers on a path: the answers to unknown conditions,
// and how often something was made.

import "slices"

// assumptions are the answers given to unknown conditions on this path.
type assumptions struct {
	stamp
	last *assumption
}

type assumption struct {
	key    string
	answer int
	prev   *assumption
	length int
}

func (a *assumptions) save() any                    { return a.last }
func (a *assumptions) restore(v any)                { a.last = v.(*assumption) }
func (a *assumptions) equalContents(saved any) bool { return a.last == saved.(*assumption) }

func (a *assumption) len() int {
	if a == nil {
		return 0
	}
	return a.length
}

// common are the answers that two paths have given alike.
func common(a, b *assumption) *assumption {
	shared := a
	for other := b; shared != other; {
		if shared.len() >= other.len() {
			shared = shared.prev
		} else {
			other = other.prev
		}
	}
	answers := map[string]int{}
	for ; b != shared; b = b.prev {
		answers[b.key] = b.answer
	}
	var same []*assumption
	for ; a != shared; a = a.prev {
		if answer, ok := answers[a.key]; ok && answer == a.answer {
			same = append(same, a)
		}
	}
	for _, s := range slices.Backward(same) {
		shared = &assumption{s.key, s.answer, shared, shared.len() + 1}
	}
	return shared
}

func (in *Interpreter) answered(key string) (int, bool) {
	if key == "" {
		return 0, false
	}
	for a := in.assumptions.last; a != nil; a = a.prev {
		if a.key == key {
			return a.answer, true
		}
	}
	return 0, false
}

func (in *Interpreter) assume(key string, answer int) {
	if key == "" {
		return
	}
	last := in.assumptions.last
	in.touch(in.assumptions)
	in.assumptions.last = &assumption{key, answer, last, last.len() + 1}
}

// counter counts how often something happened, so that what is made twice has
// two names. Paths that are joined go on from the higher number.
type counter struct {
	stamp
	n int
}

func (c *counter) save() any                    { return c.n }
func (c *counter) restore(v any)                { c.n = v.(int) }
func (c *counter) equalContents(saved any) bool { return c.n == saved.(int) }

func (in *Interpreter) count(key string) int {
	c := in.counters[key]
	if c == nil {
		c = &counter{}
		in.counters[key] = c
	}
	in.touch(c)
	c.n++
	return c.n
}
