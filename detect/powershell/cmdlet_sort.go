package powershell

// Commands that put what comes through a pipeline in order, or sum it up.

import (
	"slices"
	"strings"
)

// sortKey are the keys of an item.
type sortKey struct {
	item Value
	keys []Value
}

// sortObject sorts what has known keys; the place of others is not known, and
// they keep theirs.
func sortObject(x *execution) error {
	in := x.in
	items := slices.Clone(x.items())
	if err := in.chargeItems(int64(len(items)) * 4); err != nil {
		return err
	}
	by := x.selectors("Property")
	sorted := make([]sortKey, 0, len(items))
	decided := true
	for _, item := range items {
		k := sortKey{item: item, keys: []Value{item}}
		if isMany(item) {
			decided = false
		} else if len(by) > 0 {
			k.keys = nil
			for _, s := range by {
				v, err := s.of(x, item)
				if err != nil {
					return err
				}
				k.keys = append(k.keys, v)
			}
		}
		decided = decided && !anyUnknown(k.keys...)
		sorted = append(sorted, k)
	}
	switch {
	case decided:
		o := operator{caseSensitive: x.Switch("CaseSensitive") == Yes}
		slices.SortStableFunc(sorted, func(a, b sortKey) int { return compareKeys(x, o, by, a, b) })
		if x.Switch("Unique") == Yes {
			sorted = slices.CompactFunc(sorted, func(a, b sortKey) bool { return compareKeys(x, o, by, a, b) == 0 })
		}
	case len(items) > 1 && !hasMany(items):
		sorted = taking(in.anyOrderOf(items), func(i int) sortKey { return sorted[i] })
		decided = true
	}
	if decided {
		if n, given, known := x.number("Top"); given && known {
			sorted = sorted[:min(max(n, 0), len(sorted))]
		}
		if n, given, known := x.number("Bottom"); given && known {
			sorted = sorted[max(0, len(sorted)-n):]
		}
	}
	for i, k := range sorted {
		items[i] = k.item
	}
	return in.feed(items[:len(sorted)], x.Out)
}

func compareKeys(x *execution, o operator, by []selector, a, b sortKey) int {
	for i := range a.keys {
		c := x.in.orderForSort(o, a.keys[i], b.keys[i])
		descending := x.Switch("Descending") == Yes
		if i < len(by) && by[i].descending == Yes {
			descending = true
		}
		if c != 0 {
			if descending {
				return -c
			}
			return c
		}
	}
	return 0
}

// orderForSort orders any two values: as text where they have no other order,
// $null first.
func (in *Interpreter) orderForSort(o operator, a, b Value) int {
	if a == nil || b == nil {
		return sign(boolInt(a != nil) - boolInt(b != nil))
	}
	if n, err := in.order(o, a, b); err == nil && n != 2 {
		return n
	}
	x, _ := in.text(a).(string)
	y, _ := in.text(b).(string)
	return compareText(x, y, !o.caseSensitive)
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// group is a group of items with equal keys.
type group struct {
	keys  []Value
	items []Value
}

// groupObject groups what has known keys. What has not forms groups of its
// own, of which there may be any number.
func groupObject(x *execution) error {
	in := x.in
	by := x.selectors("Property")
	var groups []*group
	var rest []Value
	for _, item := range x.items() {
		if isMany(item) {
			rest = append(rest, item)
			continue
		}
		keys := []Value{item}
		if len(by) > 0 {
			keys = nil
			for _, s := range by {
				v, err := s.of(x, item)
				if err != nil {
					return err
				}
				keys = append(keys, v)
			}
		}
		if anyUnknown(keys...) {
			rest = append(rest, item)
			continue
		}
		if err := in.spend(len(groups)/16 + 1); err != nil {
			return err
		}
		groups = addToGroup(x, groups, keys, item)
	}
	if x.Switch("AsHashTable") == Yes {
		return groupTable(x, groups, rest)
	}
	for _, g := range groups {
		if err := x.Out(groupInfo(x, g.keys, g.items, int32(len(g.items)))); err != nil {
			return err
		}
	}
	return unknownGroups(x, by, rest)
}

func addToGroup(x *execution, groups []*group, keys []Value, item Value) []*group {
	o := operator{caseSensitive: x.Switch("CaseSensitive") == Yes}
	for _, g := range groups {
		if slices.EqualFunc(g.keys, keys, func(a, b Value) bool {
			return a == nil && b == nil || a != nil && b != nil && x.in.orderForSort(o, a, b) == 0
		}) {
			g.items = append(g.items, item)
			return groups
		}
	}
	return append(groups, &group{keys, []Value{item}})
}

func groupInfo(x *execution, keys, items []Value, count Value) *Object {
	o := newObject("Microsoft.PowerShell.Commands.GroupInfo")
	names := make([]Value, 0, 2*len(keys))
	for i, k := range keys {
		if i > 0 {
			names = append(names, ", ")
		}
		names = append(names, k)
	}
	o.Set("Count", count)
	o.Set("Name", x.in.joinText(names))
	o.Set("Values", newList(typeArrayList, keys...))
	if x.Switch("NoElement") != Yes {
		o.Set("Group", newList(typeCollection, items...))
	}
	return o
}

func groupTable(x *execution, groups []*group, rest []Value) error {
	h := newHash()
	for _, g := range groups {
		var key Value = single(g.keys)
		if x.Switch("AsString") == Yes {
			key = x.in.text(key)
		}
		h.Set(key, newList(typeCollection, g.items...))
	}
	if len(rest) > 0 {
		h.Set(x.unknown(newArray(rest)), newList(typeCollection, rest...))
	}
	return x.Out(h)
}

func unknownGroups(x *execution, by []selector, rest []Value) error {
	if len(rest) == 0 {
		return nil
	}
	in := x.in
	first := firstHole(newArray(rest))
	if first == nil {
		first = x.unknown()
	}
	return in.symbolic(sourceOf(first), func() error {
		item := Value(in.element(first, "$_"))
		keys := []Value{item}
		if len(by) > 0 {
			keys = nil
			for _, s := range by {
				v, err := s.of(x, item)
				if err != nil {
					return err
				}
				keys = append(keys, v)
			}
		}
		count := derivedFrom(first, "Count of a group of "+sourceOf(first), "group count")
		return x.Out(groupInfo(x, keys, rest, count))
	})
}

func measureObject(x *execution) error {
	in := x.in
	items := x.items()
	o := newObject("Microsoft.PowerShell.Commands.GenericMeasureInfo")
	if x.Switch("Line") == Yes || x.Switch("Word") == Yes || x.Switch("Character") == Yes {
		return x.Out(measureText(x, items))
	}
	by := x.selectors("Property")
	values := items
	if len(by) > 0 {
		values = nil
		for _, item := range items {
			v, err := by[0].of(x, item)
			if err != nil {
				return err
			}
			if v != nil {
				values = append(values, v)
			}
		}
	}
	o.Set("Count", in.countOf(newArray(values)))
	for _, name := range []string{"Average", "Sum", "Maximum", "Minimum"} {
		o.Set(name, nil)
		if x.Switch(name) == Yes || x.Switch("AllStats") == Yes {
			v, err := measured(x, name, values)
			if err != nil {
				return err
			}
			o.Set(name, v)
		}
	}
	if len(by) > 0 {
		o.Set("Property", by[0].name)
	}
	return x.Out(o)
}

func measured(x *execution, name string, values []Value) (Value, error) {
	if anyUnknown(values...) {
		u := x.unknown(newArray(values))
		u.Expression = nameOf("("+x.Source()+")."+name, "")
		u.Identity = shortIdentity(u.Identity + name)
		return u, nil
	}
	if len(values) == 0 {
		return nil, nil
	}
	if name == "Maximum" || name == "Minimum" {
		best := values[0]
		for _, v := range values[1:] {
			c := x.in.orderForSort(operator{}, v, best)
			if name == "Maximum" && c > 0 || name == "Minimum" && c < 0 {
				best = v
			}
		}
		if n := numberOf(best); isNumber(n) && x.in.dialect() == WindowsPowerShell {
			return floatOf(n), nil
		}
		return best, nil
	}
	sum := 0.0
	for _, v := range values {
		f, err := x.in.toFloat(v, "System.Double")
		if err != nil {
			return nil, err
		}
		sum += f.(float64)
	}
	if name == "Average" {
		sum /= float64(len(values))
	}
	return sum, nil
}

func measureText(x *execution, items []Value) Value {
	o := newObject("Microsoft.PowerShell.Commands.TextMeasureInfo")
	lines, words, characters := 0, 0, 0
	for _, item := range items {
		s, ok := x.in.text(item).(string)
		if !ok {
			return x.unknown(newArray(items))
		}
		lines += strings.Count(strings.TrimSuffix(s, "\n"), "\n") + 1
		words += len(strings.FieldsFunc(s, isSpace))
		characters += unitLen(s)
	}
	for name, n := range map[string]int{"Lines": lines, "Words": words, "Characters": characters} {
		o.Set(name, nil)
		if x.Switch(strings.TrimSuffix(name, "s")) == Yes {
			o.Set(name, int32(n))
		}
	}
	return o
}

func getUnique(x *execution) error {
	ignoreCase := x.Switch("CaseInsensitive") == Yes
	var last Value
	for i, item := range x.items() {
		if i > 0 && x.in.equal(operator{caseSensitive: !ignoreCase}, last, item) == Yes {
			continue
		}
		last = item
		if err := x.Out(item); err != nil {
			return err
		}
	}
	return nil
}

// compareObject tells what is only on one side.
func compareObject(x *execution) error {
	reference, difference := x.list("ReferenceObject"), x.list("DifferenceObject")
	if len(x.Input) > 0 {
		difference = x.Input
	}
	if anyUnknown(reference...) || anyUnknown(difference...) {
		u := x.unknown(newArray(reference), newArray(difference))
		u.Many = true
		return x.Out(u)
	}
	by := x.selectors("Property")
	equal := func(a, b Value) bool {
		if len(by) == 0 {
			return x.in.orderForSort(operator{caseSensitive: x.Switch("CaseSensitive") == Yes}, a, b) == 0
		}
		for _, s := range by {
			v, err := s.of(x, a)
			w, err2 := s.of(x, b)
			if err != nil || err2 != nil || x.in.orderForSort(operator{}, v, w) != 0 {
				return false
			}
		}
		return true
	}
	if err := x.in.chargeItems(int64(len(reference)) * int64(len(difference)) / 8); err != nil {
		return err
	}
	put := func(v Value, side string) error {
		if x.Switch("PassThru") == Yes {
			return x.Out(v)
		}
		o := newCustomObject()
		o.Set("InputObject", v)
		for _, s := range by {
			p, err := s.of(x, v)
			if err != nil {
				return err
			}
			o.Set(s.name, p)
		}
		o.Set("SideIndicator", side)
		return x.Out(o)
	}
	left := slices.Clone(reference)
	var onlyRight, both []Value
	for _, d := range difference {
		i := slices.IndexFunc(left, func(r Value) bool { return equal(r, d) })
		if i < 0 {
			onlyRight = append(onlyRight, d)
			continue
		}
		both = append(both, d)
		left = slices.Delete(left, i, i+1)
	}
	if x.Switch("IncludeEqual") == Yes || x.Switch("ExcludeDifferent") == Yes {
		for _, v := range both {
			if err := put(v, "=="); err != nil {
				return err
			}
		}
	}
	if x.Switch("ExcludeDifferent") == Yes {
		return nil
	}
	for _, v := range onlyRight {
		if err := put(v, "=>"); err != nil {
			return err
		}
	}
	for _, v := range left {
		if err := put(v, "<="); err != nil {
			return err
		}
	}
	return nil
}
