package powershell

// Comparison: -eq and its kin, -like, -match, -contains, -in. The left operand
// decides what is compared, and a collection on the left is filtered.

import (
	"math"
	"strings"
	"unicode"
)

func (in *Interpreter) compareOperator(op TokenKind, o operator, l, r Value, source string) (Value, error) {
	switch o.family {
	case KindIcontains:
		return in.containment(op, o, l, r, l, r, source)
	case KindIin:
		return in.containment(op, o, r, l, l, r, source)
	}
	if items, ok := enumerable(l); ok {
		return in.filter(op, o, items, r, source)
	}
	var answer Tri
	var err error
	if o.family == KindImatch {
		answer, err = in.matchScalar(o, l, r, true)
	} else {
		answer, err = in.compare(o, l, r)
	}
	if err != nil {
		return nil, err
	}
	if answer == Maybe {
		u := in.unknownBool(op, l, r, source)
		if isMany(l) {
			u.Many, u.Type = true, ""
		}
		return u, nil
	}
	return (answer == Yes) != o.negated, nil
}

// filter keeps the items for which the comparison holds. An item for which
// that is not known stays as one that may be there.
func (in *Interpreter) filter(op TokenKind, o operator, items []Value, r Value, source string) (Value, error) {
	var kept []Value
	for _, item := range items {
		if err := in.spend(1); err != nil {
			return nil, err
		}
		answer, err := in.compare(o, item, r)
		if err != nil {
			return nil, err
		}
		switch {
		case answer == Maybe:
			kept = append(kept, in.perhaps(op, item, r, source))
		case (answer == Yes) != o.negated:
			kept = append(kept, item)
		}
	}
	return newArray(kept), nil
}

// perhaps stands for an item that a filter may keep.
func (in *Interpreter) perhaps(op TokenKind, item, r Value, source string) *Unknown {
	u := derivedFrom(item, expressionOf(item), "perhaps "+op.Text()+identityOf(r))
	if firstHole(item) == nil {
		u = in.unknownResult(op, item, r, source)
		u.Expression = expressionOf(item)
	}
	u.Many = true
	return u
}

// containment is -contains and -in.
func (in *Interpreter) containment(op TokenKind, o operator, list, v, l, r Value, source string) (Value, error) {
	items, ok := enumerable(list)
	if !ok {
		items = []Value{list}
	}
	if u, isUnknown := list.(*Unknown); isUnknown && !ok {
		many := *u
		many.Many = true
		items = []Value{&many}
	}
	answer := No
	for i, item := range items {
		if err := in.spend(1); err != nil {
			return nil, err
		}
		e := operator{family: KindIeq, caseSensitive: o.caseSensitive}
		one := Maybe
		if !isMany(item) {
			one = in.equal(e, item, v)
		}
		if one == Yes && i+1 < len(items) && isMore(items[i+1]) {
			one = Maybe // a round of a loop put it there, this one or another
		}
		if one == Yes {
			return !o.negated, nil
		}
		answer = max(answer, one)
	}
	if answer == Maybe {
		return in.unknownBool(op, l, r, source), nil
	}
	return o.negated, nil
}

// compare answers a comparison of scalars; negation is left to the caller.
func (in *Interpreter) compare(o operator, l, r Value) (Tri, error) {
	switch o.family {
	case KindIeq:
		return in.equal(o, l, r), nil
	case KindIlike:
		return in.likeScalar(o, l, r), nil
	case KindImatch:
		return in.matchScalar(o, l, r, false)
	}
	if isUnknown(l) || isUnknown(r) {
		return Maybe, nil
	}
	sign, err := in.order(o, l, r)
	if err != nil {
		return No, err
	}
	switch o.family {
	case KindIgt:
		return triOf(sign == 1), nil
	case KindIge:
		return triOf(sign == 0 || sign == 1), nil
	case KindIlt:
		return triOf(sign == -1), nil
	}
	return triOf(sign == 0 || sign == -1), nil
}

// equal is -eq of scalars.
func (in *Interpreter) equal(o operator, l, r Value) Tri {
	if isUnknown(l) || isUnknown(r) {
		return in.equalUnknown(o, l, r)
	}
	switch x := l.(type) {
	case nil:
		if isDoubtful(r) {
			return Maybe
		}
		return triOf(r == nil)
	case string:
		return in.equalText(o, x, r)
	case bool:
		if t := in.truth(r); t != Maybe {
			return triOf(x == (t == Yes))
		}
		return Maybe
	case Char:
		if s, ok := r.(string); ok {
			return triOf(compareText(x.String(), s, !o.caseSensitive) == 0)
		}
		if c, ok := r.(Char); ok {
			return triOf(compareText(x.String(), c.String(), !o.caseSensitive) == 0)
		}
		if isNumber(r) {
			return triOf(floatOf(r) == float64(x))
		}
		return No
	case *TypeRef:
		if s, ok := r.(string); ok {
			r = in.typeNamed(s)
		}
		return triOf(sameValue(x, r))
	case *Object:
		if r == nil && isDoubtful(x) {
			return Maybe
		}
		return in.equalObject(o, x, r)
	}
	if isNumber(l) {
		n, ok := in.asNumber(r)
		if !ok {
			return No
		}
		return triOf(compareNumbers(l, n) == 0)
	}
	return triOf(sameValue(l, r))
}

func (in *Interpreter) equalText(o operator, l string, r Value) Tri {
	if r == nil {
		return No
	}
	switch t := in.text(r).(type) {
	case string:
		return triOf(compareText(l, t, !o.caseSensitive) == 0)
	case *Text:
		return textMayEqual(t, l, !o.caseSensitive)
	}
	return Maybe
}

// equalUnknown is equality where the same unknown value stands on both sides,
// or known parts of a text rule it out.
func (in *Interpreter) equalUnknown(o operator, l, r Value) Tri {
	if isMany(l) || isMany(r) {
		return Maybe
	}
	if isUnknown(l) && isUnknown(r) && identityOf(l) == identityOf(r) {
		return Yes
	}
	if t, ok := l.(*Text); ok {
		if r == nil {
			return No
		}
		if s, ok := in.text(r).(string); ok {
			return textMayEqual(t, s, !o.caseSensitive)
		}
	}
	if t, ok := r.(*Text); ok {
		if s, ok := l.(string); ok {
			return textMayEqual(t, s, !o.caseSensitive)
		}
	}
	return Maybe
}

// textMayEqual compares what is known at both ends.
func textMayEqual(t *Text, s string, ignoreCase bool) Tri {
	prefix, suffix := knownEnds(t)
	if ignoreCase {
		prefix, suffix, s = foldCase(prefix), foldCase(suffix), foldCase(s)
	}
	if strings.HasPrefix(s, prefix) && strings.HasSuffix(s, suffix) && len(s) >= len(prefix)+len(suffix) {
		return Maybe
	}
	return No
}

func knownEnds(t *Text) (prefix, suffix string) {
	if first := t.Parts[0]; first.Hole == nil {
		prefix = first.Text
	}
	if last := t.Parts[len(t.Parts)-1]; last.Hole == nil {
		suffix = last.Text
	}
	return prefix, suffix
}

func (in *Interpreter) equalObject(o operator, l *Object, r Value) Tri {
	if e, ok := l.Payload.(*enumValue); ok {
		switch x := r.(type) {
		case string:
			n, ok := in.enumNumber(l, x)
			return triOf(ok && n == e.Number)
		case *Object:
			if f, ok := x.Payload.(*enumValue); ok {
				return triOf(f.Number == e.Number && x.Type == l.Type)
			}
		}
		if isNumber(r) {
			return triOf(floatOf(r) == float64(e.Number))
		}
		return No
	}
	if b, ok := l.Payload.(switchValue); ok {
		return in.equal(o, bool(b), r)
	}
	if l.Base != nil {
		return in.equal(o, l.Base, r)
	}
	if other, ok := r.(*Object); ok && other.Type == l.Type {
		if l.Class != nil && l != other {
			if v, ok, err := in.classInvoke(l, "Equals", []Value{r}, ""); ok && err == nil {
				return in.truth(v)
			}
		}
		return triOf(sameValue(l, r))
	}
	if _, scalar := l.Payload.(scalarPayload); scalar && r != nil {
		converted, err := in.convert(r, &TypeRef{Name: l.Type})
		if err != nil {
			return No
		}
		if isUnknown(converted) {
			return Maybe
		}
		return triOf(sameValue(l, converted))
	}
	return No
}

// asNumber is the number that the right side of a comparison with a number is
// converted to.
func (in *Interpreter) asNumber(v Value) (Value, bool) {
	switch x := v.(type) {
	case nil:
		return nil, false
	case string:
		return numberFromLiteral(x)
	}
	n := numberOf(v)
	return n, isNumber(n)
}

// order compares for -gt and its kin: -1, 0, 1; 2 where the values have no
// order, as NaN has none.
func (in *Interpreter) order(o operator, l, r Value) (int, error) {
	if l == nil || r == nil {
		return orderNull(l, r), nil
	}
	switch x := l.(type) {
	case string:
		s, _ := in.text(r).(string)
		return compareText(x, s, !o.caseSensitive), nil
	case Char:
		if s, ok := r.(string); ok {
			return compareText(x.String(), s, !o.caseSensitive), nil
		}
	case *Object:
		if v, ok, err := in.orderObjects(x, r); ok || err != nil {
			return v, err
		}
	}
	a := numberOf(l)
	if !isNumber(a) {
		return 0, in.cannotCompare(l, r)
	}
	b, ok := in.asNumber(r)
	if !ok {
		return 0, in.cannotCompare(l, r)
	}
	return compareNumbers(a, b), nil
}

// orderNull puts $null before everything but negative numbers.
func orderNull(l, r Value) int {
	switch {
	case l == nil && r == nil:
		return 0
	case l == nil:
		return -orderNull(r, nil)
	}
	if n := numberOf(l); isNumber(n) && floatOf(n) < 0 {
		return -1
	}
	return 1
}

func (in *Interpreter) orderObjects(l *Object, r Value) (int, bool, error) {
	if l.Base != nil {
		v, err := in.order(operator{}, l.Base, r)
		return v, true, err
	}
	x, ok := l.Payload.(interface{ compare(other any) int })
	if !ok {
		return 0, false, nil
	}
	converted, err := in.convert(r, &TypeRef{Name: l.Type})
	if err != nil {
		return 0, true, err
	}
	if other, ok := converted.(*Object); ok && other.Type == l.Type {
		return x.compare(other.Payload), true, nil
	}
	return 0, true, in.cannotCompare(l, r)
}

func (in *Interpreter) cannotCompare(l, r Value) error {
	return in.thrown("System.Management.Automation.RuntimeException",
		"Could not compare "+expressionOf(l)+" to "+expressionOf(r)+".")
}

// compareNumbers compares by value; 2 if one is not a number.
func compareNumbers(l, r Value) int {
	if k := commonKind(l, r); k == kindDouble {
		a, b := floatOf(l), floatOf(r)
		switch {
		case math.IsNaN(a) || math.IsNaN(b):
			return 2
		case a < b:
			return -1
		case a > b:
			return 1
		}
		return 0
	}
	a, ok := decimalOf(l)
	b, ok2 := decimalOf(r)
	if ok && ok2 {
		return a.Cmp(b)
	}
	x, _ := bigInt(l)
	y, _ := bigInt(r)
	if x == nil || y == nil {
		return 2
	}
	return x.Cmp(y)
}

// asciiOrder has the places of printable characters in the linguistic order
// of the invariant culture: blanks, punctuation, symbols, digits, letters.
const asciiOrder = "\t\n\v\f\r _-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$0123456789"

// compareText orders text as the invariant culture does, as far as it can
// stand in: letters by their place in the alphabet whatever their case, small
// before capital where nothing else differs, invisible characters ignored.
func compareText(a, b string, ignoreCase bool) int {
	if a == b {
		return 0
	}
	x, y := visible(a), visible(b)
	caseOrder := 0
	for x != "" && y != "" {
		r, n := decodeRune(x)
		s, m := decodeRune(y)
		x, y = x[n:], y[m:]
		if r == s {
			continue
		}
		if c := collationWeight(r) - collationWeight(s); c != 0 {
			return sign(c)
		}
		if caseOrder == 0 {
			caseOrder = -1
			if unicode.IsUpper(r) {
				caseOrder = 1
			}
		}
	}
	switch {
	case x != "":
		return 1
	case y != "":
		return -1
	case ignoreCase:
		return 0
	}
	return caseOrder
}

func sign(n int) int {
	switch {
	case n < 0:
		return -1
	case n > 0:
		return 1
	}
	return 0
}

func collationWeight(r rune) int {
	if i := strings.IndexRune(asciiOrder, r); i >= 0 && r < 0x80 {
		return i
	}
	return 0x100 + int(foldRune(r))
}

// visible leaves out what linguistic comparison ignores.
func visible(s string) string {
	if strings.IndexFunc(s, ignorable) < 0 {
		return s
	}
	return strings.Map(func(r rune) rune {
		if ignorable(r) {
			return -1
		}
		return r
	}, s)
}

func ignorable(r rune) bool {
	return r < 0x20 && (r < 9 || r > 13) || r == 0x7F || r == 0xAD || r >= 0x200B && r <= 0x200F ||
		r >= 0x202A && r <= 0x202E || r >= 0x2060 && r <= 0x2064 || r == 0xFEFF || r >= 0xFE00 && r <= 0xFE0F
}
