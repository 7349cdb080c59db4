package powershell

// The enums that a script defines, and casts to its enums and classes.

import (
	"slices"
	"strings"
)

// becomes tells whether a value of another type is converted to a class:
// $null, a table, what a constructor takes that is of no class itself. No
// constructor is run for it.
func (in *Interpreter) becomes(v Value, t *TypeRef) bool {
	if v == nil || len(t.Ranks) > 0 {
		return true
	}
	if isTable(v) {
		return in.takesNothing(t.Class)
	}
	c := in.infoOf(t.Class)
	return c != nil && slices.ContainsFunc(constructors(c), func(m classMethod) bool {
		if len(m.member.Params.Parameters) != 1 {
			return false
		}
		p := typed(m.member.Params.Parameters[0].Attributes)
		if p == nil {
			return true
		}
		r := in.typeOf(p)
		if r.Class != nil && r.Class.Keyword != KindEnum {
			return in.isInstance(v, r) == Yes
		}
		_, err := in.convert(v, r)
		return err == nil
	})
}

// isTable tells whether a value has names and values that can be those of a
// class's properties.
func isTable(v Value) bool {
	switch v := v.(type) {
	case *Hash:
		return true
	case *Object:
		return v.Type == typePSCustomObject
	}
	return false
}

// enumOf lists the names and numbers of a script's enum.
func (in *Interpreter) enumOf(def *TypeDef) *enumType {
	c := in.infoOf(def)
	if c == nil || def.Keyword != KindEnum {
		return &enumType{}
	}
	if c.enum != nil {
		return c.enum
	}
	e := &enumType{}
	c.enum = e // before the values, which may name the enum itself
	for _, a := range def.Attributes {
		e.flags = e.flags || equalFold(a.Type.Name, "flags") || equalFold(a.Type.Name, "system.flagsattribute")
	}
	next := int64(0)
	for _, m := range def.Members {
		if m.Initial != nil {
			var v Value
			err := in.inClass(c, func() (err error) { v, err = in.eval(m.Initial); return err })
			if n, ok := smallInt(v); ok && err == nil {
				next = n
			}
		}
		e.names = append(e.names, m.Name)
		e.numbers = append(e.numbers, next)
		next++
	}
	return e
}

// classConvert casts to a script's class or enum: to an enum from a name, names
// or a number, to a class from a table of its properties or by a constructor
// with one parameter.
func (in *Interpreter) classConvert(v Value, t *TypeRef) (Value, error) {
	if isUnknown(v) {
		u := derivedFrom(v, nameOf("["+t.Name+"]"+operand(expressionOf(v)), ""), "as "+t.Name)
		u.Type = t.Name
		return u, nil
	}
	if t.Class.Keyword == KindEnum {
		return in.toScriptEnum(v, t)
	}
	if isTable(v) && in.takesNothing(t.Class) {
		return in.fromTable(v, t)
	}
	if !isTable(v) && in.becomes(v, t) {
		return in.classNew(t, []Value{v})
	}
	return nil, in.cannotConvert(v, t.Name, "")
}

func (in *Interpreter) toScriptEnum(v Value, t *TypeRef) (Value, error) {
	e := in.enumOf(t.Class)
	if o, ok := v.(*Object); ok && o.Class == t.Class {
		return v, nil
	}
	n, ok := smallInt(v)
	if s, isText := v.(string); isText {
		n, ok = e.number(s)
	}
	if !ok || !e.defines(n) {
		return nil, in.cannotConvert(v, t.Name, "The possible enumeration values are \""+strings.Join(e.names, ",")+"\".")
	}
	return newEnum(t.Name, t.Class, e.name(n), n), nil
}

// takesNothing tells whether a class has a constructor without parameters.
func (in *Interpreter) takesNothing(def *TypeDef) bool {
	c := in.infoOf(def)
	if c == nil {
		return false
	}
	list := constructors(c)
	return len(list) == 0 || len(in.overload(list, nil)) > 0
}

func (in *Interpreter) fromTable(table Value, t *TypeRef) (Value, error) {
	v, err := in.classNew(t, nil)
	if err != nil {
		return nil, err
	}
	set := func(name string, value Value) error {
		if in.classProperty(t.Class, name) == nil {
			return in.cannotConvert(table, t.Name, "The "+name+" property was not found for the "+t.Name+" object.")
		}
		return in.setMember(v, name, value)
	}
	if o, ok := table.(*Object); ok {
		for _, name := range o.Names() {
			value, _ := o.Get(name)
			if err := set(name, value); err != nil {
				return nil, err
			}
		}
		return v, nil
	}
	h := table.(*Hash)
	for _, key := range in.propertiesOf(h) {
		value, _ := h.Get(key)
		name, ok := in.text(key).(string)
		if !ok {
			in.risks++
			continue
		}
		if err := set(name, value); err != nil {
			return nil, err
		}
	}
	return v, nil
}
