package powershell

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// eventList holds the invocations of a path, the last one first; paths share
// what they have in common. Nil is empty.
type eventList struct {
	prev        *eventList
	length      int
	invocation  *Invocation
	conditional bool
	key         string // equal for what a reader cannot tell apart
}

func (l *eventList) len() int {
	if l == nil {
		return 0
	}
	return l.length
}

func (l *eventList) add(e eventList) *eventList {
	e.prev, e.length = l, l.len()+1
	return &e
}

func (l *eventList) list() []Event {
	events := make([]Event, 0, l.len())
	made := map[string]bool{}
	for _, e := range l.since(nil) {
		events = append(events, Event{Invocation: e.invocation, Conditional: e.conditional, Again: e.conditional && made[e.key]})
		made[e.key] = true
	}
	return events
}

// since returns what l has beyond base, in order.
func (l *eventList) since(base *eventList) []*eventList {
	tail := make([]*eventList, l.len()-base.len())
	for i := len(tail) - 1; i >= 0; i-- {
		tail[i], l = l, l.prev
	}
	return tail
}

// mergeEvents are the invocations of two paths, each as often as the path has
// it that has it more often, in the order of both as far as there is one. What
// one of them lacks is conditional.
func mergeEvents(a, b *eventList) *eventList {
	if a == b {
		return a
	}
	base, other := a, b
	for base != other {
		if base.len() >= other.len() {
			base = base.prev
		} else {
			other = other.prev
		}
	}
	left, right := a.since(base), b.since(base)
	where := map[string][]int{}
	for i, e := range left {
		where[e.key] = append(where[e.key], i)
	}
	matched := make([]*eventList, len(left))
	counterpart := make([]int, len(right)) // in left; -1: none
	for i, e := range right {
		counterpart[i] = -1
		if places := where[e.key]; len(places) > 0 {
			counterpart[i] = places[0]
			matched[places[0]] = e
			where[e.key] = places[1:]
		}
	}
	inserted := make([][]*eventList, len(left)+1) // before left[i], last one first
	at := len(left)
	for i := len(right) - 1; i >= 0; i-- {
		if counterpart[i] >= 0 {
			at = min(at, counterpart[i])
			continue
		}
		inserted[at] = append(inserted[at], right[i])
	}
	merged := base
	for i := range inserted {
		for _, e := range slices.Backward(inserted[i]) {
			one := *e
			one.conditional = true
			merged = merged.add(one)
		}
		if i < len(left) {
			one := *left[i]
			one.conditional = one.conditional || matched[i] == nil || matched[i].conditional
			merged = merged.add(one)
		}
	}
	return merged
}

// happened adds an invocation to those of this path.
func (in *Interpreter) happened(inv *Invocation) error {
	if in.events.len() >= in.budget.Events {
		return in.exceeded("events")
	}
	in.events = in.events.add(eventList{invocation: inv, conditional: in.doubtful, key: eventKey(inv)})
	return nil
}

func eventKey(inv *Invocation) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s|%d|%d|%d|%v|%v|%v|%s", inv.Command.Name, inv.Place.Block, inv.Place.From, inv.Place.To,
		inv.Place.Child, inv.Place.Later, inv.Many, inv.Place.Statement+"|"+inv.Place.Doubt)
	for _, v := range inv.Place.Via {
		b.WriteString("|" + v)
	}
	for _, a := range inv.Arguments {
		b.WriteString("|" + a.Name + "=" + identityOf(a.Value))
	}
	for _, f := range inv.Faults {
		b.WriteString("|" + string(f.Kind) + f.Text)
	}
	return shortIdentity(b.String())
}

// sortedKeys are the keys of a table in a fixed order.
func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
