package powershell

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// What hangs on the order of tables that have none.
//
// A hashtable is walked through in the order of its keys' hash codes, which no
// text tells. Blocks that walk through one with several entries are therefore
// run in several orders, and what is not the same in all of them is not known.
// So are those that sort by what is not known.

// walk is an order that tables are walked through in, and which were.
//
// The rules are:
//   - All tables of the same keys are walked through in the same order.
//   - The entries are rotated, then reversed: all of them, or those of each
//     table whose number, by when it was first walked through, has bit swap.
type walk struct {
	rotate  int
	reverse bool
	swap    int

	tables  map[string]int // their numbers by their keys
	longest int            // entries of the longest table
	pending int            // the same of those that became objects
}

// maxRotations is how many entries a table may have for all of its rotations to
// be tried.
const maxRotations = 8

// maxRepeatedSteps is what a run may take for it to be repeated only to say
// more of what is not known.
const maxRepeatedSteps = 200_000

// unordered tells whether it is not known in which order h is walked through.
func (h *Hash) unordered() bool { return !h.Ordered && !sortedTypes[h.Type] && len(h.keys) > 1 }

// places are the indexes of the entries of h in the order of this run.
func (in *Interpreter) places(h *Hash) []int {
	if h.unordered() {
		return in.anyOrderOf(h.keys)
	}
	at := make([]int, len(h.keys))
	for i := range at {
		at[i] = i
	}
	return at
}

// anyOrderOf are the indexes of keys that have no known order, in that of this
// run.
func (in *Interpreter) anyOrderOf(keys []Value) []int {
	n := len(keys)
	at := make([]int, n)
	w := &in.walk
	w.longest = max(w.longest, n)
	var b strings.Builder
	for _, k := range keys {
		b.WriteString(foldCase(valueName(k)) + "|")
	}
	if w.tables == nil {
		w.tables = map[string]int{}
	}
	name := shortIdentity(b.String())
	number, ok := w.tables[name]
	if !ok {
		number = len(w.tables) + 1
		w.tables[name] = number
	}
	for i := range at {
		at[i] = (i + w.rotate) % n
	}
	if w.reverse || number&w.swap != 0 {
		slices.Reverse(at)
	}
	return at
}

// keysOf, valuesOf and entriesOf are what a table has, in the order of this run.
func (in *Interpreter) keysOf(h *Hash) []Value {
	return taking(in.places(h), func(i int) Value { return h.keys[i] })
}

func (in *Interpreter) valuesOf(h *Hash) []Value { return taking(in.places(h), h.at) }

func (in *Interpreter) entriesOf(h *Hash) []Value {
	return taking(in.places(h), func(i int) Value { return newEntry(h.entryType(), h.keys[i], h.at(i)) })
}

// propertiesOf is keysOf for what becomes the properties of an object, of which
// seeProperties says that their order was seen.
func (in *Interpreter) propertiesOf(h *Hash) []Value {
	longest := in.walk.longest
	keys := in.keysOf(h)
	if in.walk.longest = longest; h.unordered() {
		in.walk.pending = max(in.walk.pending, len(keys))
	}
	return keys
}

func (in *Interpreter) seeProperties() {
	if in != nil {
		in.walk.longest = max(in.walk.longest, in.walk.pending)
	}
}

func taking[T any](at []int, of func(int) T) []T {
	taken := make([]T, len(at))
	for i, k := range at {
		taken[i] = of(k)
	}
	return taken
}

// Run works out what the blocks would do, run one after another in one
// session, in global scope.
func Run(host Host, blocks []Logged, budget Budget) *Result {
	first, of := run(host, blocks, budget, walk{})
	if of.walk.longest < 2 {
		return first
	}
	orders := []walk{{reverse: true}}
	if of.walk.longest > 2 {
		orders = append(orders, walk{rotate: 1})
	}
	if len(of.walk.tables) > 1 {
		orders = append(orders, walk{swap: 1}, walk{swap: 2})
	}
	runs := []*Result{first}
	again := func(w walk) {
		if r, _ := run(host, blocks, budget, w); r.Limit == first.Limit {
			runs = append(runs, r)
		}
	}
	for _, w := range orders {
		again(w)
	}
	all := of.walk.longest <= maxRotations && of.steps <= maxRepeatedSteps
	if all && !sameInAll(runs) {
		for i := 2; i < of.walk.longest; i++ {
			again(walk{rotate: i})
		}
	}
	return inAnyOrder(runs, all)
}

// sameInAll tells whether runs found the same.
func sameInAll(runs []*Result) bool {
	return !slices.ContainsFunc(runs[1:], func(r *Result) bool {
		return !slices.Equal(sortedNames(r), sortedNames(runs[0]))
	})
}

func sortedNames(r *Result) []string {
	var names []string
	for _, e := range r.Events {
		names = append(names, nameOfEvent(e)+fmt.Sprint(e.Conditional))
	}
	slices.Sort(names)
	return names
}

// inAnyOrder is what runs in several orders say together; the first is in the
// order in which the tables were filled.
//
// The rules are:
//   - An event of the first is matched, in each other run, with one of the same
//     command reached in the same way that is given the same, else with one
//     that is given the same for a parameter that is given the same values
//     altogether in all runs, else with the next.
//   - What is given differently is not known but for the text that all begin
//     and end with, if every entry was once the first.
//   - What is not matched is conditional.
func inAnyOrder(runs []*Result, all bool) *Result {
	first := runs[0]
	result := *first
	result.Events = slices.Clone(first.Events)
	groups := make([]map[string][]Event, len(runs))
	for i, r := range runs {
		groups[i] = map[string][]Event{}
		for _, e := range r.Events {
			e.Again = false // what is the same in one order need not be in all
			way := wayOf(e)
			groups[i][way] = append(groups[i][way], e)
		}
	}
	merged := map[string][]Event{}
	used := map[*Invocation]bool{}
	for way, events := range groups[0] {
		merged[way] = mergeOrders(events, groups[1:], way, all, used)
	}
	for i, e := range first.Events {
		way := wayOf(e)
		result.Events[i] = merged[way][0]
		merged[way] = merged[way][1:]
	}
	extra := map[string]bool{}
	for _, r := range runs[1:] {
		for _, e := range r.Events {
			name := nameOfEvent(e)
			if used[e.Invocation] || extra[name] {
				continue
			}
			extra[name] = true
			e.Conditional, e.Again = true, false
			result.Events = append(result.Events, e)
		}
		result.Done = max(result.Done, r.Done)
		for _, p := range r.Opaque {
			if !slices.ContainsFunc(result.Opaque, func(o Opaque) bool { return o.Block == p.Block && o.At == p.At && o.Code == p.Code }) {
				result.Opaque = append(result.Opaque, p)
			}
		}
		result.Unreached = slices.DeleteFunc(slices.Clone(result.Unreached), func(p Place) bool {
			return !slices.ContainsFunc(r.Unreached, func(o Place) bool { return o.Block == p.Block && o.At == p.At })
		})
	}
	return &result
}

// mergeOrders merges the events of the first run that were reached in one way
// with those of the others, and notes those as used.
func mergeOrders(events []Event, others []map[string][]Event, way string, all bool, used map[*Invocation]bool) []Event {
	merged := slices.Clone(events)
	values := make([][][]Value, len(events)) // by event and argument
	for i, e := range events {
		values[i] = make([][]Value, len(e.Arguments))
		for k, a := range e.Arguments {
			values[i][k] = []Value{a.Value}
		}
	}
	statements := make([][]string, len(events))
	anchor := anchorOf(events, others, way)
	for _, other := range others {
		for i, match := range matchOrders(events, other[way], anchor) {
			if match == nil {
				merged[i].Conditional = true
				continue
			}
			used[match.Invocation] = true
			merged[i].Conditional = merged[i].Conditional || match.Conditional
			statements[i] = append(statements[i], match.Place.Statement)
			for k := range values[i] {
				values[i][k] = append(values[i][k], match.Arguments[k].Value)
			}
		}
	}
	for i := range merged {
		var changed *Invocation
		change := func() *Invocation {
			if changed == nil {
				one := *merged[i].Invocation
				one.Arguments = slices.Clone(one.Arguments)
				changed, merged[i].Invocation = &one, &one
			}
			return changed
		}
		for k, of := range values[i] {
			name := valueName(of[0])
			if !slices.ContainsFunc(of, func(v Value) bool { return valueName(v) != name }) {
				continue
			}
			a := &change().Arguments[k]
			a.Value, a.Literal = ofAnyOrder(a, of, fmt.Sprint("order|", way, i, k), all), false
		}
		text := merged[i].Place.Statement
		if slices.ContainsFunc(statements[i], func(s string) bool { return s != text }) {
			begin, end := "", ""
			if all {
				begin, end = around(append(statements[i], text))
			}
			change().Place.Statement = begin + "{" + orderUnknown + "}" + end
		}
	}
	return merged
}

// anchorOf is the argument by which events are told apart, -1 if there is none:
// one that is given the same values in all runs, and positional rather than not.
func anchorOf(events []Event, others []map[string][]Event, way string) int {
	given := func(events []Event, k int) []string {
		var names []string
		for _, e := range events {
			names = append(names, valueName(e.Arguments[k].Value))
		}
		slices.Sort(names)
		return names
	}
	anchor, most := -1, 1
	for k, a := range events[0].Arguments {
		names := given(events, k)
		if slices.ContainsFunc(others, func(o map[string][]Event) bool { return !slices.Equal(given(o[way], k), names) }) {
			continue
		}
		weight := 2 * len(slices.Compact(names))
		if i, _ := lookup(events[0].Command.Parameters, a.Name); i >= 0 && events[0].Command.Parameters[i].Position >= 0 {
			weight++
		}
		if weight > most {
			anchor, most = k, weight
		}
	}
	return anchor
}

// matchOrders finds for each event its counterpart among others, nil if it has
// none.
func matchOrders(events, others []Event, anchor int) []*Event {
	match := make([]*Event, len(events))
	used := make([]bool, len(others))
	by := func(name func(Event) string) {
		where := map[string][]int{}
		for i, e := range others {
			if !used[i] {
				where[name(e)] = append(where[name(e)], i)
			}
		}
		for i, e := range events {
			if match[i] != nil {
				continue
			}
			if at := where[name(e)]; len(at) > 0 {
				match[i], used[at[0]] = &others[at[0]], true
				where[name(e)] = at[1:]
			}
		}
	}
	by(nameOfEvent)
	if anchor >= 0 {
		by(func(e Event) string { return valueName(e.Arguments[anchor].Value) })
	}
	by(func(Event) string { return "" })
	return match
}

// orderUnknown names what hangs on the order of a table where the text of the
// command does not.
const orderUnknown = "order of a hashtable"

// ofAnyOrder is the value of an argument that was given several.
func ofAnyOrder(a *Argument, of []Value, identity string, all bool) Value {
	hole := &Unknown{Expression: a.source, Origin: OriginVariable, Identity: shortIdentity(identity)}
	switch {
	case a.Pipeline:
		hole.Expression = "$_"
	case a.Literal || a.source == "":
		hole.Expression = orderUnknown
	}
	texts := make([]string, len(of))
	for i, v := range of {
		s, ok := v.(string)
		if !ok || !all {
			return hole
		}
		texts[i] = s
	}
	begin, end := around(texts)
	if begin == "" && end == "" {
		return hole
	}
	// Of "\\fs\$i.pst" only $i is not known.
	if written := strings.Trim(a.source, `"`); strings.HasPrefix(written, begin) && strings.HasSuffix(written[len(begin):], end) && !a.Literal {
		hole.Expression = written[len(begin) : len(written)-len(end)]
	}
	var b textBuilder
	b.writeString(begin)
	b.write(hole)
	b.writeString(end)
	return b.value()
}

// around is what all texts begin and end with.
func around(texts []string) (begin, end string) {
	begin, end = texts[0], texts[0]
	shortest := len(texts[0])
	for _, s := range texts[1:] {
		begin, end = commonPrefix(begin, s), commonSuffix(end, s)
		shortest = min(shortest, len(s))
	}
	if len(begin)+len(end) > shortest {
		end = ""
	}
	return begin, end
}

// commonPrefix is what both texts begin with, in whole characters.
func commonPrefix(a, b string) string {
	n := 0
	for n < len(a) {
		_, size := utf8.DecodeRuneInString(a[n:])
		if !strings.HasPrefix(b[n:], a[n:n+size]) {
			break
		}
		n += size
	}
	return a[:n]
}

// commonSuffix is what both texts end with, in whole characters.
func commonSuffix(a, b string) string {
	n := len(a)
	for n > 0 {
		_, size := utf8.DecodeLastRuneInString(a[:n])
		if !strings.HasSuffix(b, a[n-size:]) {
			break
		}
		n -= size
	}
	return a[n:]
}

// wayOf is what an event must share with another to be matched with it: the
// command, how it is reached, and what it is given values for.
func wayOf(e Event) string {
	var b strings.Builder
	p := e.Place
	fmt.Fprintf(&b, "%s|%d|%d|%d|%d|%v|%v|%v|%v|%q", e.Command.Name, p.Block, p.From, p.To, p.Home, p.At, p.Child, p.Remote, e.Many, p.Via)
	for _, a := range e.Arguments {
		b.WriteString("|" + a.Name)
	}
	for _, f := range e.Faults {
		b.WriteString("|" + string(f.Kind) + f.Text)
	}
	return b.String()
}

// nameOfEvent is equal for events that a reader cannot tell apart.
func nameOfEvent(e Event) string {
	var b strings.Builder
	b.WriteString(wayOf(e))
	for _, a := range e.Arguments {
		b.WriteString("|" + valueName(a.Value))
	}
	return shortIdentity(b.String())
}

// valueName is equal for values that a reader cannot tell apart.
func valueName(v Value) string {
	switch v := v.(type) {
	case *Unknown:
		return fmt.Sprintf("?%q|%s|%q|%v", v.Expression, v.Origin, v.Source, v.Many)
	case *Text:
		var b strings.Builder
		for _, p := range v.Parts {
			if p.Hole != nil {
				b.WriteString(valueName(p.Hole))
			} else {
				b.WriteString(fmt.Sprintf("%q", p.Text))
			}
		}
		return b.String()
	case *Array, *List:
		var b strings.Builder
		for i, item := range enumerate(v) {
			if i >= maxIdentityValues {
				break
			}
			if _, nested := Items(item); nested {
				b.WriteString(identityOf(item) + ",")
				continue
			}
			b.WriteString(valueName(item) + ",")
		}
		return b.String()
	}
	return identityOf(v)
}
