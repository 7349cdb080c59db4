package powershell

// Tri is the answer to a question about a value that may not be known.
type Tri uint8

// The answers.
const (
	No Tri = iota
	Yes
	Maybe
)

func triOf(b bool) Tri {
	if b {
		return Yes
	}
	return No
}

// not is the answer to the opposite question.
func (t Tri) not() Tri {
	switch t {
	case Yes:
		return No
	case No:
		return Yes
	}
	return Maybe
}

// truth is the conversion to a bool, which every condition makes.
func (in *Interpreter) truth(v Value) Tri {
	switch v := v.(type) {
	case nil:
		return No
	case bool:
		return triOf(v)
	case string:
		return triOf(v != "")
	case Char:
		return triOf(v != 0)
	case *Text:
		for _, p := range v.Parts {
			if p.Hole == nil {
				return Yes
			}
		}
		return Maybe
	case *Unknown:
		return Maybe
	case *Array, *List:
		return in.truthOfItems(enumerate(v))
	case *Object:
		return in.truthOfObject(v)
	case *Hash, *Closure, *TypeRef:
		return Yes
	}
	if n, ok := bigInt(v); ok {
		return triOf(n.Sign() != 0)
	}
	return triOf(floatOf(v) != 0)
}

// truthOfItems is that of the only element, or whether there are several.
func (in *Interpreter) truthOfItems(items []Value) Tri {
	known := 0
	for _, item := range items {
		if !isMany(item) {
			known++
		}
	}
	switch {
	case known > 1:
		return Yes
	case known < len(items):
		return Maybe
	case known == 0:
		return No
	}
	if inner, ok := Items(items[0]); ok {
		return triOf(len(inner) > 0)
	}
	return in.truth(items[0])
}

func (in *Interpreter) truthOfObject(o *Object) Tri {
	switch p := o.Payload.(type) {
	case switchValue:
		return triOf(bool(p))
	case doubtful:
		return Maybe
	}
	if e, ok := o.Payload.(*enumValue); ok {
		return triOf(e.Number != 0)
	}
	if o.Base != nil {
		return in.truth(o.Base)
	}
	if items, ok := enumeratedPayload(o); ok {
		return in.truthOfItems(items)
	}
	return Yes
}

// switchValue is the payload of a SwitchParameter.
type switchValue bool

func (s switchValue) String() string { return boolText(bool(s)) }
func (s switchValue) key() string    { return boolText(bool(s)) }
