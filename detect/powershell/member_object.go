package powershell

// Members that all values have, and those of numbers, types, objects and
// script blocks.

import (
	"slices"
	"strings"
)

func addObjectMembers(l *library) {
	l.addMethods(typeObject, map[string]method{
		"tostring":    known((*call).toString),
		"gettype":     opened((*call).getType),
		"equals":      known(func(c *call) (Value, error) { return exactly(c.target, c.arg(0)), nil }),
		"gethashcode": known(func(c *call) (Value, error) { return c.unknown(), nil }),
		"gettypecode": known(func(c *call) (Value, error) { return c.unknown(), nil }),
		"compareto": known(func(c *call) (Value, error) {
			n, err := c.in.order(operator{caseSensitive: true}, c.target, c.arg(0))
			return int32(n), err
		}),
		"dispose": opened(func(*call) (Value, error) { return nil, nil }),
		"close":   opened(func(*call) (Value, error) { return nil, nil }),
	})
	l.addProperties(typeObject, map[string]property{
		"psobject": func(_ *Interpreter, v Value) Value {
			return newPayload("System.Management.Automation.PSObject+View", &objectView{v})
		},
		"pstypenames": func(in *Interpreter, v Value) Value { return in.typeNames(v) },
		"psbase": func(_ *Interpreter, v Value) Value {
			if h, ok := v.(*Hash); ok {
				return newPayload(typeTableBase, &objectView{h})
			}
			return v
		},
		"psextended": func(_ *Interpreter, v Value) Value { return v },
	})
	addTableBase(l)
	oneOrNothing := func(in *Interpreter, _ Value) Value {
		if in.dialect() == PowerShellCore {
			return int32(1)
		}
		return nil
	}
	l.addProperties(typePSCustomObject, map[string]property{"count": oneOrNothing, "length": oneOrNothing})
	addViewMembers(l)
	addTypeMembers(l)
	addSyntaxMembers(l)
	l.addProperties("System.Management.Automation.SwitchParameter", map[string]property{
		"ispresent": func(_ *Interpreter, v Value) Value { return bool(v.(*Object).Payload.(switchValue)) },
	})
	l.addMethods("System.Management.Automation.SwitchParameter", map[string]method{
		"tobool": known(func(c *call) (Value, error) { return bool(c.target.(*Object).Payload.(switchValue)), nil }),
	})
}

// toString is ToString(), with a format where the type takes one. Unlike a
// cast it does not look into collections.
func (c *call) toString() (Value, error) {
	spec := ""
	for _, a := range c.args {
		if s, ok := a.(string); ok {
			spec = s
		}
	}
	switch t := c.target.(type) {
	case *Array, *List, *Hash:
		return typeNameOf(t), nil
	case *TypeRef:
		return t.String(), nil
	case *Object:
		if f, ok := t.Payload.(interface {
			format(spec string, dialect Dialect) (string, bool)
		}); ok {
			s, ok := f.format(spec, c.in.dialect())
			if !ok {
				return nil, c.fail("System.FormatException", "Input string was not in a correct format.")
			}
			return s, nil
		}
	}
	if isNumber(c.target) {
		if c.isInteger(0) {
			return c.unknown(), nil
		}
		s, ok := formatNumber(c.target, spec, c.in.dialect())
		if !ok {
			return nil, c.fail("System.FormatException", "Format specifier was invalid.")
		}
		return s, nil
	}
	return c.in.scalarText(c.target), nil
}

// typeRefOf is the type of a value.
func (in *Interpreter) typeRefOf(v Value) *TypeRef {
	switch v := v.(type) {
	case *Array:
		if i := strings.IndexByte(v.Type, '['); i > 0 {
			return in.typeNamed(v.Type + "[]")
		}
		return &TypeRef{Name: v.Type, Ranks: []int{max(1, len(v.Lengths))}}
	case *List:
		t := &TypeRef{Name: v.Type}
		if v.Element != nil {
			t.Args = []*TypeRef{v.Element}
		}
		return t
	case *Object:
		if v.Class != nil {
			return &TypeRef{Name: v.Type, Class: v.Class}
		}
	}
	return &TypeRef{Name: typeNameOf(v)}
}

func (c *call) getType() (Value, error) { return c.in.typeRefOf(c.target), nil }

func (in *Interpreter) typeNames(v Value) Value {
	if o, ok := v.(*Object); ok {
		if names, ok := o.Get("PSTypeNames"); ok {
			return names
		}
	}
	return newList(typeCollection, typeNameOf(v), typeObject)
}

// objectView is the payload of .PSObject, and of a hashtable's .PSBase.
type objectView struct{ of Value }

// typeTableBase is a hashtable's .PSBase, whose members no key hides.
const typeTableBase = "System.Collections.Hashtable+Base"

func addTableBase(l *library) {
	properties := map[string]property{}
	for _, name := range []string{"keys", "values", "count"} {
		properties[name] = func(in *Interpreter, v Value) Value {
			return in.lib().properties["Hash"][name](in, v.(*Object).Payload.(*objectView).of)
		}
	}
	l.addProperties(typeTableBase, properties)
	methods := map[string]method{}
	for _, name := range []string{"getenumerator", "containskey", "contains", "containsvalue", "clone", "remove", "clear", "add"} {
		methods[name] = opened(func(c *call) (Value, error) {
			return c.in.invoke(c.target.(*Object).Payload.(*objectView).of, c.name, c.args, c.source)
		})
	}
	l.addMethods(typeTableBase, methods)
}

func addViewMembers(l *library) {
	const view = "System.Management.Automation.PSObject+View"
	l.addProperties(view, map[string]property{
		"properties": func(in *Interpreter, v Value) Value {
			return in.propertyList(v.(*Object).Payload.(*objectView).of, false)
		},
		"members": func(in *Interpreter, v Value) Value {
			return in.propertyList(v.(*Object).Payload.(*objectView).of, true)
		},
		"baseobject": func(_ *Interpreter, v Value) Value { return v.(*Object).Payload.(*objectView).of },
		"typenames":  func(in *Interpreter, v Value) Value { return in.typeNames(v.(*Object).Payload.(*objectView).of) },
		"methods": func(_ *Interpreter, v Value) Value {
			return methodsOf(v.(*Object).Payload.(*objectView).of)
		},
	})
	l.addMethods(view, map[string]method{
		"copy": opened(func(c *call) (Value, error) {
			of, ok := c.target.(*Object).Payload.(*objectView).of.(*Object)
			if !ok {
				return c.target.(*Object).Payload.(*objectView).of, nil
			}
			clone := &Object{Type: of.Type, Class: of.Class, Base: of.Base}
			clone.restore(of.save())
			return clone, nil
		}),
	})
	l.addMethods("System.Management.Automation.PSMethodList", map[string]method{"add": opened((*call).addProperty)})
	l.addMethods("System.Management.Automation.PSPropertyList", map[string]method{
		"add": opened((*call).addProperty),
		"remove": opened(func(c *call) (Value, error) {
			of, ok := c.target.(*Object).Payload.(*propertyList).of.(*Object)
			name, known := c.in.text(c.arg(0)).(string)
			if ok && known {
				c.in.touch(of)
				of.Delete(name)
			}
			return nil, nil
		}),
		"match": known(func(c *call) (Value, error) {
			var matching []Value
			for _, p := range c.target.(*Object).Payload.(*propertyList).items(c.in) {
				name, _ := p.(*Object).Get("Name")
				if s, ok := name.(string); ok && c.in.like(s, c.text(0)) {
					matching = append(matching, p)
				}
			}
			return newList(typeCollection, matching...), nil
		}),
	})
}

// methodList is the payload of .PSObject.Methods.
type methodList struct{ of Value }

// indexed is Methods['Name'].
func (l *methodList) indexed(in *Interpreter, i Value) (Value, bool) {
	name, ok := i.(string)
	if !ok || isUnknown(l.of) {
		return in.unknown("methods of "+expressionOf(l.of), OriginCommand), true
	}
	return newPayload(typePSMethod, &boundMethod{l.of, name}), true
}

// propertyList is the payload of .PSObject.Properties.
type propertyList struct{ of Value }

func (in *Interpreter) propertyList(v Value, _ bool) Value {
	if isUnknown(v) {
		u := derivedFrom(v, operand(expressionOf(v))+".PSObject.Properties", ".properties")
		u.Many = true
		return u
	}
	list := &propertyList{v}
	o := newPayload("System.Management.Automation.PSPropertyList", list)
	o.Base = newList(typeCollection, list.items(in)...)
	return o
}

// items are the properties, each of which can be read and set.
func (l *propertyList) items(in *Interpreter) []Value {
	var items []Value
	add := func(name string, get func() Value, set func(Value) error) {
		v := get()
		if s, ok := v.(*scriptProperty); ok {
			get = func() Value {
				if s.get == nil {
					return nil
				}
				r, err := in.callValue(s.get, nil, l.of)
				if err != nil {
					return nil
				}
				return r
			}
		}
		p := newPayload("System.Management.Automation.PSNoteProperty", &reference{get, set})
		p.Set("Name", name)
		p.Set("MemberType", "NoteProperty")
		if s, ok := v.(*scriptProperty); ok {
			p.Set("MemberType", "ScriptProperty")
			v = &propertyOfAnother{l.of, s}
		}
		p.Set("Value", v)
		items = append(items, p)
	}
	switch of := l.of.(type) {
	case *Object:
		in.seeProperties()
		for _, name := range of.Names() {
			add(name,
				func() Value { v, _ := of.Get(name); return v },
				func(v Value) error { return in.setMember(of, name, v) })
		}
	case *Hash:
		for _, name := range []string{"IsReadOnly", "IsFixedSize", "IsSynchronized", "Keys", "Values", "SyncRoot", "Count"} {
			add(name, func() Value { return in.lib().properties["Hash"][foldCase(name)](in, of) }, func(Value) error { return nil })
		}
	}
	return items
}

// indexed is Properties['Name'].
func (l *propertyList) indexed(in *Interpreter, i Value) (Value, bool) {
	name, ok := i.(string)
	if !ok {
		return nil, false
	}
	for _, p := range l.items(in) {
		if n, _ := p.(*Object).Get("Name"); strings.EqualFold(n.(string), name) {
			return p, true
		}
	}
	return nil, true
}

func (c *call) addProperty() (Value, error) {
	var of *Object
	var ok bool
	switch p := c.target.(*Object).Payload.(type) {
	case *propertyList:
		of, ok = p.of.(*Object)
	case *methodList:
		of, ok = p.of.(*Object)
	}
	p, isProperty := c.arg(0).(*Object)
	if !ok || !isProperty {
		return nil, nil
	}
	name, _ := p.Get("Name")
	v, _ := p.Get("Value")
	if m, ok := p.Payload.(*madeMember); ok {
		v = m.value
	}
	if s, ok := name.(string); ok {
		c.in.touch(of)
		of.Set(s, v)
	}
	return nil, nil
}

func addTypeMembers(l *library) {
	text := func(f func(t *TypeRef) Value) property {
		return func(_ *Interpreter, v Value) Value { return f(v.(*TypeRef)) }
	}
	properties := map[string]property{
		"fullname": text(func(t *TypeRef) Value { return t.String() }),
		"name": text(func(t *TypeRef) Value {
			s := t.Name[strings.LastIndexAny(t.Name, ".+")+1:]
			return (&TypeRef{Name: s, Ranks: t.Ranks}).String()
		}),
		"namespace":   text(func(t *TypeRef) Value { return t.Name[:max(0, strings.LastIndexByte(t.Name, '.'))] }),
		"isarray":     text(func(t *TypeRef) Value { return len(t.Ranks) > 0 }),
		"isvaluetype": text(func(t *TypeRef) Value { return valueTypes[t.Name] }),
		"isenum":      func(in *Interpreter, v Value) Value { return in.lib().enums[v.(*TypeRef).Name] != nil },
	}
	l.addProperties("System.RuntimeType", properties)
	l.addMethods("System.Type", map[string]method{
		"getelementtype": known(func(c *call) (Value, error) {
			if t := c.target.(*TypeRef); len(t.Ranks) > 0 {
				return t.element(), nil
			}
			return nil, nil
		}),
		"makearraytype": known(func(c *call) (Value, error) {
			t := *c.target.(*TypeRef)
			t.Ranks = append(slices.Clone(t.Ranks), 1)
			return &t, nil
		}),
		"isinstanceoftype": known(func(c *call) (Value, error) { return c.decided(c.in.isInstance(c.arg(0), c.target.(*TypeRef))) }),
		"isassignablefrom": known(func(c *call) (Value, error) {
			other, ok := c.arg(0).(*TypeRef)
			if !ok {
				return false, nil
			}
			t := c.target.(*TypeRef)
			if t.Name == typeObject || sameValue(t, other) || slices.Contains(bases[other.Name], t.Name) {
				return true, nil
			}
			return c.unknown(), nil
		}),
		"getenumnames": known(func(c *call) (Value, error) {
			return c.in.invokeStatic(&TypeRef{Name: "System.Enum"}, "GetNames", []Value{c.target}, c.source)
		}),
	})
	l.addStatics("System.Type", map[string]method{
		"gettype":        known(func(c *call) (Value, error) { return c.in.typeNamed(c.text(0)), nil }),
		"getelementtype": known(func(c *call) (Value, error) { return c.unknown(), nil }),
	})
}
