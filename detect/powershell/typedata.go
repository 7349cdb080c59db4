package powershell

// Members that a script gives to objects of a type (Update-TypeData), or makes
// as objects of their own before it adds them.

import "slices"

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

// aliasProperty is a property that is another one.
type aliasProperty struct{ of Value }

// typeMember is a member of a type by Update-TypeData, both in lower case.
type typeMember struct{ typeName, name string }

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
		in.typeData = map[typeMember]Value{}
	}
	if len(in.typeData) < 256 {
		in.typeData[typeMember{foldCase(typeName), foldCase(name)}] = v
	}
	return quiet(x)
}

// memberOfType is the member of that name that the types of a value have by
// Update-TypeData; any type may be that of a value that is not known.
func (in *Interpreter) memberOfType(v Value, name string) Value {
	if len(in.typeData) == 0 || v == nil {
		return nil
	}
	lower := foldCase(name)
	if isUnknown(v) {
		for of, m := range in.typeData {
			if of.name == lower {
				return m
			}
		}
		return nil
	}
	names := append(lookupTypes(v), typeNameOf(v), typeObject)
	if list, ok := in.typeNames(v).(*List); ok {
		for _, n := range list.Elements {
			if s, ok := n.(string); ok {
				names = append(names, s)
			}
		}
	}
	for _, n := range slices.Compact(names) {
		if m, ok := in.typeData[typeMember{foldCase(n), lower}]; ok {
			return m
		}
	}
	return nil
}

// typeProperty reads such a property; false: there is none.
func (in *Interpreter) typeProperty(v Value, name, source string) (Value, bool, error) {
	switch m := in.memberOfType(v, name).(type) {
	case nil, *scriptMethod:
		return nil, false, nil
	case *scriptProperty:
		if m.get == nil {
			return nil, true, nil
		}
		r, err := in.callValue(m.get, nil, v)
		return r, true, err
	case *aliasProperty:
		other, _ := m.of.(string)
		if foldCase(other) == foldCase(name) {
			return nil, false, nil
		}
		r, err := in.member(v, other, source)
		return r, true, err
	default:
		return m, true, nil
	}
}

// typeMethod calls such a method; false: there is none.
func (in *Interpreter) typeMethod(c *call) (Value, bool, error) {
	m, ok := in.memberOfType(c.target, c.name).(*scriptMethod)
	if !ok || m.body == nil {
		return nil, false, nil
	}
	r, err := in.callValue(m.body, c.args, c.target)
	return r, true, err
}
