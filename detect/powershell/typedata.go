package powershell

// Members that a script gives to objects of a type (Update-TypeData), or makes
// as objects of their own before it adds them.

import (
	"cmp"
	"slices"
	"strings"
)

// madeMember is the payload of a PSScriptProperty, PSScriptMethod or
// PSAliasProperty that a script made.
type madeMember struct{ value Value }

func addMemberTypes(l *library) {
	const space = "System.Management.Automation."
	block := func(c *call, i int) *Closure {
		b, _ := c.arg(i).(*Closure)
		return b
	}
	for name, value := range map[string]func(c *call) Value{
		"PSScriptProperty": func(c *call) Value { return &scriptProperty{get: block(c, 1), set: block(c, 2)} },
		"PSScriptMethod":   func(c *call) Value { return &scriptMethod{block(c, 1)} },
		"PSAliasProperty":  func(c *call) Value { return &aliasProperty{c.in.text(c.arg(1))} },
	} {
		l.constructors[space+name] = opened(func(c *call) (Value, error) {
			o := newPayload(c.kind.Name, &madeMember{value(c)})
			o.Set("Name", c.in.text(c.arg(0)))
			return o, nil
		})
	}
}

// propertyOfAnother is the Value of an object that stands for a script property.
type propertyOfAnother struct {
	of       Value
	property *scriptProperty
}

// aliasProperty is a property that is another one.
type aliasProperty struct{ of Value }

// typeMember is a member of a type by Update-TypeData, both in lower case.
type typeMember struct{ typeName, name string }

// addedMember is what Update-TypeData gives a type; doubtful where a condition
// decided that is not known, or where there was another one.
type addedMember struct {
	value    Value
	doubtful bool
}

// maxTypeData bounds what is added.
const maxTypeData = 256

// updateTypeData is Update-TypeData for one member.
func updateTypeData(x *execution) error {
	in := x.in
	typeName, _, _ := x.Text("TypeName")
	name, _, known := x.Text("MemberName")
	if typeName == "" || name == "" || !known {
		return quiet(x)
	}
	kind, _, _ := x.Text("MemberType")
	v, _ := x.Arg("Value")
	block, _ := v.(*Closure)
	switch foldCase(kind) {
	case "scriptmethod":
		v = &scriptMethod{block}
	case "scriptproperty":
		second, _ := x.Arg("SecondValue")
		set, _ := second.(*Closure)
		v = &scriptProperty{get: block, set: set}
	case "aliasproperty":
		v = &aliasProperty{in.text(v)}
	case "noteproperty":
	default:
		return quiet(x)
	}
	if t := in.typeNamed(typeName); t != nil {
		typeName = t.Name
	}
	if in.typeData == nil {
		in.typeData = map[typeMember]addedMember{}
	}
	key := typeMember{foldCase(typeName), foldCase(name)}
	if _, again := in.typeData[key]; again || len(in.typeData) < maxTypeData {
		in.typeData[key] = addedMember{v, again || in.doubts > 0}
	}
	return quiet(x)
}

// added returns the members of that name that the types of a value have by
// Update-TypeData, and whether it surely has the first. Any type may be that of
// a value that is not known.
func (in *Interpreter) added(v Value, name string, method bool) (list []Value, sure bool) {
	if len(in.typeData) == 0 || v == nil {
		return nil, false
	}
	lower := foldCase(name)
	var names []string
	if isUnknown(v) {
		for of := range in.typeData {
			if of.name == lower {
				names = append(names, of.typeName)
			}
		}
		slices.SortFunc(names, strings.Compare)
	} else {
		names = append(lookupTypes(v), typeNameOf(v), typeObject)
		if list, ok := in.typeNames(v).(*List); ok {
			for _, n := range list.Elements {
				if s, ok := n.(string); ok {
					names = append(names, s)
				}
			}
		}
	}
	for _, n := range slices.Compact(names) {
		m, ok := in.typeData[typeMember{foldCase(n), lower}]
		if _, isMethod := m.value.(*scriptMethod); !ok || isMethod != method {
			continue
		}
		if sure = !m.doubtful && !isUnknown(v); sure {
			return []Value{m.value}, true
		}
		list = append(list, m.value)
	}
	return list, false
}

// withAdded does with a member of the types of a value what use does, or where
// it is not known which one there is, with each of them, and with none.
func (in *Interpreter) withAdded(v Value, name, source string, method bool, use func(Value) (Value, error)) (Value, bool, error) {
	list, sure := in.added(v, name, method)
	if len(list) == 0 {
		return nil, false, nil
	}
	if sure {
		r, err := use(list[0])
		return r, true, err
	}
	r, err := in.fork("", len(list)+1, func(k int) (Value, error) {
		if k == 0 {
			return in.derived(cmp.Or(source, expressionOf(v)+"."+name), identityOf(v)+"|"+foldCase(name), v), nil
		}
		return use(list[k-1])
	})
	return r, true, err
}

// typeProperty reads such a property; false: there is none.
func (in *Interpreter) typeProperty(v Value, name, source string) (Value, bool, error) {
	return in.withAdded(v, name, source, false, func(m Value) (Value, error) {
		switch m := m.(type) {
		case *scriptProperty:
			if m.get == nil {
				return nil, nil
			}
			return in.callValue(m.get, nil, v)
		case *aliasProperty:
			if other, ok := m.of.(string); ok && foldCase(other) != foldCase(name) {
				return in.member(v, other, source)
			}
			return in.derived(source, identityOf(v)+"|"+foldCase(name), v), nil
		}
		return m, nil
	})
}

// typeMethod calls such a method; false: there is none.
func (in *Interpreter) typeMethod(c *call) (Value, bool, error) {
	return in.withAdded(c.target, c.name, c.source, true, func(m Value) (Value, error) {
		body := m.(*scriptMethod).body
		if body == nil {
			return c.unknown(), nil
		}
		return in.callValue(body, c.args, c.target)
	})
}
