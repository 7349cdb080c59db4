package powershell

import (
	"errors"
	"slices"
)

// What a parameter refuses: because of its Validate attributes, or because it
// is mandatory.

var errRefused = errors.New("the value is not one that the parameter allows")

// allowed refuses a value that parameter i does not allow.
func (a *activation) allowed(i int, v Value) error {
	p := a.sig.nodes[i]
	err := a.in.validate(p.Attributes, v)
	if err == nil && a.sig.params[i].Mandatory && isNothing(p, a.sig.types[i], v) {
		err = errRefused
	}
	if err == errRefused {
		return a.in.bindingError(p.Name.Name + ": " + err.Error())
	}
	return err
}

// isNothing tells whether a mandatory parameter of type t is given nothing that it
// takes: $null, empty text, a collection that is empty or holds such.
func isNothing(p *Parameter, t *TypeRef, v Value) bool {
	allows := func(attribute string) bool {
		return slices.ContainsFunc(p.Attributes, func(a *Attribute) bool { return a.Arguments && foldCase(a.Type.Name) == attribute })
	}
	items, list := Items(v)
	switch {
	case v == nil:
		return !allows("allownull")
	case t == nil:
		return false
	case t.Name == typeString && len(t.Ranks) == 0:
		return v == "" && !allows("allowemptystring")
	case !list || len(t.Ranks) == 0:
		return false
	case len(items) == 0:
		return !allows("allowemptycollection")
	}
	return slices.ContainsFunc(items, func(item Value) bool {
		return item == nil && !allows("allownull") || item == "" && t.Name == typeString && !allows("allowemptystring")
	})
}

// validate refuses a value that an attribute of its parameter does not allow.
//
// The rules are:
//   - Only what is known is refused, and only by limits that are known.
//   - All but ValidateNull, ValidateNotNull... and ValidateCount judge each
//     element of a collection, and refuse $null.
//   - ValidateSet and ValidatePattern ignore case unless told otherwise.
//   - A ValidateScript that throws refuses.
func (in *Interpreter) validate(attributes []*Attribute, v Value) error {
	for _, a := range attributes {
		if !a.Arguments {
			continue
		}
		if foldCase(a.Type.Name) == "validatecount" {
			if in.hasCount(a, v) == No {
				return errRefused
			}
			continue
		}
		check := in.validation(a)
		if check == nil {
			continue
		}
		items, many := Items(v)
		if !many {
			items = []Value{v}
		}
		if len(items) == 0 && foldCase(a.Type.Name) == "validatenotnullorempty" {
			return errRefused
		}
		for _, item := range items {
			if isUnknown(item) {
				continue
			}
			if item == nil {
				return errRefused
			}
			answer, err := check(item)
			if err != nil {
				return err
			}
			if answer == No {
				return errRefused
			}
		}
	}
	return nil
}

// hasCount tells whether v is a list of as many items as ValidateCount wants.
func (in *Interpreter) hasCount(a *Attribute, v Value) Tri {
	items, many := Items(v)
	if isUnknown(v) || hasMany(items) || len(a.Positional) < 2 || !isLiteral(a.Positional[0]) || !isLiteral(a.Positional[1]) {
		return Maybe
	}
	least, ok := smallInt(in.constantOf(a.Positional[0]))
	most, ok2 := smallInt(in.constantOf(a.Positional[1]))
	if !ok || !ok2 {
		return Maybe
	}
	return triOf(many && int64(len(items)) >= least && int64(len(items)) <= most)
}

// validation is the check of an attribute for one value, nil if it has none.
func (in *Interpreter) validation(a *Attribute) func(Value) (Tri, error) {
	limit := func(i int) (Value, bool) {
		if i >= len(a.Positional) || !isLiteral(a.Positional[i]) {
			return nil, false
		}
		return in.constantOf(a.Positional[i]), true
	}
	ignoreCase := true
	for _, n := range a.Named {
		if foldCase(n.Name) == "ignorecase" {
			ignoreCase = in.attributeFlag(n)
		}
	}
	switch foldCase(a.Type.Name) {
	case "validatenotnull":
		return func(Value) (Tri, error) { return Yes, nil }
	case "validatenotnullorempty":
		return func(v Value) (Tri, error) { return triOf(v != ""), nil }
	case "validateset":
		return func(v Value) (Tri, error) {
			for i := range a.Positional {
				w, known := limit(i)
				if !known {
					return Maybe, nil
				}
				if answer := in.equal(operator{family: KindIeq, caseSensitive: !ignoreCase}, in.text(v), in.text(w)); answer != No {
					return answer, nil
				}
			}
			return No, nil
		}
	case "validatepattern":
		pattern, known := limit(0)
		if !known || len(a.Named) > 0 {
			return nil
		}
		return func(v Value) (Tri, error) {
			return in.matchScalar(operator{family: KindImatch}, in.text(v), pattern, false)
		}
	case "validaterange":
		least, known := limit(0)
		most, both := limit(1)
		if !known || !both {
			return nil
		}
		return func(v Value) (Tri, error) {
			low, err := in.compare(operator{family: KindIge}, v, least)
			if err != nil || low != Yes {
				return low, err
			}
			return in.compare(operator{family: KindIle}, v, most)
		}
	case "validatelength":
		least, known := limit(0)
		most, both := limit(1)
		from, ok := smallInt(least)
		to, fine := smallInt(most)
		if !known || !both || !ok || !fine {
			return nil
		}
		return func(v Value) (Tri, error) {
			s, ok := v.(string)
			if !ok {
				return No, nil
			}
			n := unitLen(s)
			return triOf(n >= int(from) && n <= int(to)), nil
		}
	case "validatescript":
		block, known := limit(0)
		c, ok := block.(*Closure)
		if !known || !ok {
			return nil
		}
		return func(v Value) (Tri, error) {
			fine, err := in.handled(func() (Value, error) {
				out, err := in.callBlock(c, nil, callOptions{Underscore: &v})
				return resultOf(out), err
			}, func(v Value, err error) (Value, error) {
				if _, thrown := err.(*Thrown); thrown {
					return false, nil
				}
				return v, err
			})
			if err != nil {
				return Maybe, err
			}
			return in.truth(fine), nil
		}
	}
	return nil
}
