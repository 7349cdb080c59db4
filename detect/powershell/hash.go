package powershell

import (
	"maps"
	"math/big"
	"slices"
	"sort"
)

// The .NET names of dictionaries.
const (
	typeHashtable  = "System.Collections.Hashtable"
	typeOrdered    = "System.Collections.Specialized.OrderedDictionary"
	typeDictionary = "System.Collections.Generic.Dictionary`2"
	typeSortedList = "System.Collections.SortedList"
	typeConcurrent = "System.Collections.Concurrent.ConcurrentDictionary`2"
)

// Hash is a hashtable or dictionary. Keys are compared as the engine does:
// strings without case unless CaseSensitive, other keys by type and value.
//
// An unknown key may be any key: what it was set to may have replaced the
// value of a key that was set before, which is then unknown.
type Hash struct {
	stamp
	Type          string // typeHashtable, typeOrdered ...
	Ordered       bool
	CaseSensitive bool
	keys, values  []Value
	index         map[any]int
	doubt         map[any]*Unknown // keys an unknown key may have replaced
	perhaps       map[any]bool     // keys that may not be there; nil: none
	rounds        map[any]int      // keys that only some ways set, or rounds of that loop; nil: none
	unknown       int              // keys that are not known
}

func newHash() *Hash    { return &Hash{Type: typeHashtable} }
func newOrdered() *Hash { return &Hash{Type: typeOrdered, Ordered: true} }

// unknownKey is the index of a key that is not known.
type unknownKey struct{ expression, identity string }

// decimalKey and bigKey index numbers that Go cannot compare.
type (
	decimalKey string
	bigKey     string
	scalarKey  struct{ typeName, key string }
)

// indexKey is what a key is compared by; known tells whether it is known.
func (h *Hash) indexKey(v Value) (key any, known bool) {
	switch v := v.(type) {
	case string:
		if h.CaseSensitive {
			return v, true
		}
		return foldCase(v), true
	case Decimal:
		return decimalKey(v.normalized().String()), true
	case *big.Int:
		return bigKey(v.String()), true
	case *Unknown:
		return unknownKey{v.Expression, v.Identity}, false
	case *Text:
		return unknownKey{textExpression(v), textIdentity(v)}, false
	case *TypeRef:
		return scalarKey{"System.RuntimeType", v.String()}, true
	case *Object:
		if p, ok := v.Payload.(scalarPayload); ok {
			return scalarKey{v.Type, p.key()}, true
		}
	}
	return v, true
}

// Len returns the number of entries, of which any may be unknown keys.
func (h *Hash) Len() int { return len(h.keys) }

// Known tells whether all keys are, and are there.
func (h *Hash) Known() bool { return h.unknown == 0 && len(h.perhaps) == 0 }

// Keys returns the keys in the order in which they were set; scripts see them in
// that of keysOf.
func (h *Hash) Keys() []Value { return slices.Clone(h.keys) }

// Values returns the values in the order of the keys.
func (h *Hash) Values() []Value {
	values := make([]Value, len(h.keys))
	for i := range h.keys {
		values[i] = h.at(i)
	}
	return values
}

// Has tells whether the key is there; where unknown keys are, no other key is
// certainly absent.
func (h *Hash) Has(key Value) Tri {
	k, known := h.indexKey(key)
	if _, ok := h.index[k]; ok {
		if _, some := h.rounds[k]; some || h.perhaps[k] {
			return Maybe
		}
		return Yes
	}
	if !known && h.Len() > 0 || !h.Known() {
		return Maybe
	}
	return No
}

// Get returns the value of a key.
func (h *Hash) Get(key Value) (Value, bool) {
	k, _ := h.indexKey(key)
	i, ok := h.index[k]
	if !ok {
		return nil, false
	}
	return h.at(i), true
}

func (h *Hash) at(i int) Value {
	k, _ := h.indexKey(h.keys[i])
	if u, ok := h.doubt[k]; ok {
		return u
	}
	return h.values[i]
}

// Set gives a key a value. Callers touch h first unless they have just made
// it.
func (h *Hash) Set(key, value Value) {
	k, known := h.indexKey(key)
	if h.index == nil {
		h.index = map[any]int{}
	}
	delete(h.doubt, k)
	delete(h.perhaps, k)
	delete(h.rounds, k)
	i, ok := h.index[k]
	if ok {
		h.values[i] = value
	} else {
		at := len(h.keys)
		if sortedTypes[h.Type] {
			at = sort.Search(at, func(i int) bool { return sortsBefore(key, h.keys[i]) })
			for other, i := range h.index {
				if i >= at {
					h.index[other] = i + 1
				}
			}
		}
		h.index[k] = at
		h.keys = slices.Insert(h.keys, at, key)
		h.values = slices.Insert(h.values, at, value)
		if !known {
			h.unknown++
		}
	}
	if !known {
		h.doubtOthers(k, key)
	}
}

// sortedTypes are dictionaries that are in the order of their keys.
var sortedTypes = map[string]bool{
	typeSortedList: true, "System.Collections.Generic.SortedDictionary`2": true, "System.Collections.Generic.SortedList`2": true,
}

// sortsBefore tells whether a key stands before another, both strings or both
// numbers.
func sortsBefore(a, b Value) bool {
	if s, ok := a.(string); ok {
		t, ok := b.(string)
		return ok && compareText(s, t, false) < 0
	}
	return isNumber(a) && isNumber(b) && compareNumbers(a, b) < 0
}

// setPerhaps gives a key a value that it has if it is there.
func (h *Hash) setPerhaps(key, value Value) {
	h.Set(key, value)
	if h.perhaps == nil {
		h.perhaps = map[any]bool{}
	}
	k, _ := h.indexKey(key)
	h.perhaps[k] = true
}

// setInRounds notes that only some rounds of a loop set a key that is there, or
// only some ways to here (loop 0).
func (h *Hash) setInRounds(key Value, loop int) {
	if h.rounds == nil {
		h.rounds = map[any]int{}
	}
	k, _ := h.indexKey(key)
	h.rounds[k] = loop
}

// roundsOf returns the loop of which only some rounds set a key.
func (h *Hash) roundsOf(key Value) (loop int, ok bool) {
	k, _ := h.indexKey(key)
	loop, ok = h.rounds[k]
	return loop, ok
}

// mayLack tells whether a key that h lists may not be there.
func (h *Hash) mayLack(key Value) bool {
	k, _ := h.indexKey(key)
	return h.perhaps[k]
}

// doubtOthers marks the values that setting an unknown key may have replaced.
func (h *Hash) doubtOthers(set any, key Value) {
	for other := range h.index {
		if other == set {
			continue
		}
		if h.doubt == nil {
			h.doubt = map[any]*Unknown{}
		}
		h.doubt[other] = derivedFrom(key, "value of "+expressionOf(key), "value")
	}
}

// Delete removes a key and tells whether it was there.
func (h *Hash) Delete(key Value) bool {
	k, known := h.indexKey(key)
	i, ok := h.index[k]
	if !ok {
		return false
	}
	h.keys = slices.Delete(h.keys, i, i+1)
	h.values = slices.Delete(h.values, i, i+1)
	delete(h.index, k)
	delete(h.doubt, k)
	delete(h.perhaps, k)
	delete(h.rounds, k)
	if !known {
		h.unknown--
	}
	for k, j := range h.index {
		if j > i {
			h.index[k] = j - 1
		}
	}
	return true
}

// Clear removes all keys.
func (h *Hash) Clear() {
	h.keys, h.values, h.index, h.doubt, h.perhaps, h.rounds, h.unknown = nil, nil, nil, nil, nil, nil, 0
}

// Copy returns a hashtable with the same entries.
func (h *Hash) Copy() *Hash {
	c := &Hash{Type: h.Type, Ordered: h.Ordered, CaseSensitive: h.CaseSensitive}
	c.restore(h.save())
	return c
}

// hashState is what a Hash holds.
type hashState struct {
	keys, values []Value
	index        map[any]int
	doubt        map[any]*Unknown
	perhaps      map[any]bool
	rounds       map[any]int
	unknown      int
}

func (h *Hash) save() any {
	return hashState{slices.Clone(h.keys), slices.Clone(h.values), maps.Clone(h.index), maps.Clone(h.doubt), maps.Clone(h.perhaps),
		maps.Clone(h.rounds), h.unknown}
}

func (h *Hash) restore(saved any) {
	s := saved.(hashState)
	h.keys, h.values = slices.Clone(s.keys), slices.Clone(s.values)
	h.index, h.doubt, h.perhaps, h.unknown = maps.Clone(s.index), maps.Clone(s.doubt), maps.Clone(s.perhaps), s.unknown
	h.rounds = maps.Clone(s.rounds)
}

func (h *Hash) equalContents(saved any) bool {
	s := saved.(hashState)
	return slices.EqualFunc(h.keys, s.keys, sameValue) && slices.EqualFunc(h.values, s.values, sameValue) &&
		maps.EqualFunc(h.doubt, s.doubt, sameUnknown) && maps.Equal(h.perhaps, s.perhaps) && maps.Equal(h.rounds, s.rounds)
}

func (h *Hash) entryType() string {
	if h.Type == typeHashtable || h.Type == typeOrdered || h.Type == typeSortedList {
		return "System.Collections.DictionaryEntry"
	}
	return "System.Collections.Generic.KeyValuePair`2"
}

// newEntry makes a DictionaryEntry; Name is the engine's alias of Key.
func newEntry(typeName string, key, value Value) *Object {
	e := newObject(typeName)
	e.Set("Key", key)
	e.Set("Value", value)
	return e
}
