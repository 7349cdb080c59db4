package powershell

// The parameters of a call: what is bound to them, what they are where nothing
// is, and what a value has to be.

import (
	"slices"
	"strings"
)

// bindParameters makes the variables of the parameters, and those that every
// call has.
func (a *activation) bindParameters() error {
	in := a.in
	given := newHash()
	given.Type = "System.Management.Automation.PSBoundParametersDictionary"
	given.Ordered = true
	values := make([]*bound, len(a.sig.nodes))
	for i := range a.binding.bound {
		b := &a.binding.bound[i]
		if b.param == nil {
			switch {
			case b.arg.unknown:
				in.unknownTable(a, values, b)
			case b.name != "": // of a dynamic parameter
				given.Set(b.name, b.value)
			}
			continue
		}
		at := slices.IndexFunc(a.sig.params, func(p ParameterInfo) bool { return p.Name == b.param.Name })
		if at < 0 || at >= len(values) {
			if b.param.Name != "" && !isCommon(b.param.Name) {
				in.store(in.declare(a.scope, preferenceOf(b.param.Name)), b.value, b.arg.from)
				given.Set(b.param.Name, b.value)
			} else if strings.EqualFold(b.param.Name, "ErrorAction") {
				in.store(in.declare(a.scope, "ErrorActionPreference"), b.value, b.arg.from)
			}
			continue
		}
		if in.delays(a.sig, at, b.value) {
			if !a.piped {
				return in.bindingError("the argument of " + b.name + " is a script block and there is no input")
			}
			continue
		}
		v, err := in.parameterValue(a.sig, at, b)
		if err == nil {
			err = a.allowed(at, v)
		}
		if err != nil {
			return err
		}
		b.value = v
		values[at] = b
	}
	if a.sig.advanced {
		in.defaultParameters(a, values)
	}
	switch {
	case a.options.dotted:
		in.setCell(a.frame.own.given, given)
		a.frame.own.invocation = a.invocation()
		if a.sig.advanced {
			a.frame.own.cmdlet = a.scriptCmdlet()
		}
	case !a.options.dot, a.options.top:
		a.automatic(given)
	}
	for i, p := range a.sig.nodes {
		if b := values[i]; b != nil {
			cell := in.declare(a.scope, p.Name.Name)
			in.touch(cell)
			cell.typ = a.sig.types[i]
			in.store(cell, b.value, b.arg.from)
			given.Set(p.Name.Name, b.value)
		}
	}
	for i, p := range a.sig.nodes {
		if values[i] == nil {
			if err := in.defaultValue(a, i, p); err != nil {
				return err
			}
			if a.options.script && a.options.top || a.options.unknown {
				a.perhapsGiven(given, i, p)
			}
		}
	}
	return nil
}

// perhapsGiven adds to what was passed a parameter that may have been.
func (a *activation) perhapsGiven(given *Hash, i int, p *Parameter) {
	name := p.Name.Name
	v := a.scope.variables[foldCase(name)].value
	if h := firstHole(v); h == nil || h.HasDefault {
		v = declaredAs(a.in.parameterUnknown("$"+name, OriginParameter), a.sig.types[i])
	}
	if a.sig.params[i].Mandatory {
		given.Set(name, v)
	} else {
		given.setPerhaps(name, v)
	}
}

func isCommon(name string) bool {
	return slices.ContainsFunc(commonParameters, func(p ParameterInfo) bool { return strings.EqualFold(p.Name, name) })
}

// preferenceOf is the variable that -WhatIf and -Confirm set for the calls
// within.
func preferenceOf(parameter string) string { return parameter + "Preference" }

// unknownTable gives the parameters that nothing else is bound to the members
// of a splatted table that is not known.
func (in *Interpreter) unknownTable(a *activation, values []*bound, b *bound) {
	for i, p := range a.sig.nodes {
		if values[i] == nil {
			v := in.derived("$"+p.Name.Name, identityOf(b.value)+"|."+foldCase(p.Name.Name), b.value)
			values[i] = &bound{name: p.Name.Name, value: v, arg: b.arg}
		}
	}
}

// parameterValue converts a value for a script's parameter.
func (in *Interpreter) parameterValue(s *signature, i int, b *bound) (Value, error) {
	t := s.types[i]
	v, err := in.transformed(s.nodes[i].Attributes, b.value)
	if _, ok := err.(*Thrown); ok {
		return nil, in.bindingError(err.Error())
	}
	if err != nil || t == nil {
		return v, err
	}
	if t.Name == typeString {
		v = b.arg.forText(v)
	}
	if s.params[i].isSwitch() {
		if v == nil {
			return false, nil
		}
		if isUnknown(v) {
			return v, nil
		}
	}
	if !s.accepts(i, v) {
		return nil, in.bindingError("cannot convert the value of " + b.name)
	}
	c, err := in.convert(v, t)
	if _, ok := err.(*Thrown); ok {
		return nil, in.bindingError(err.Error())
	}
	return c, err
}

// accepts tells whether parameter i takes a value that a cast to its type might
// take: only flags and numbers are flags, and to an advanced function an array
// is no text.
func (s *signature) accepts(i int, v Value) bool {
	t := s.types[i]
	switch _, array := v.(*Array); {
	case isUnknown(v) || len(t.Ranks) > 0:
		return true
	case t.Name == "System.Boolean", s.params[i].isSwitch():
		switch o := v.(type) {
		case bool:
			return true
		case *Object:
			_, ok := o.Payload.(switchValue)
			return ok
		}
		return isNumber(v)
	default:
		return !array || !s.advanced || t.Name != typeString
	}
}

// bindingError is the exception for arguments that do not bind.
func (in *Interpreter) bindingError(message string) error {
	return in.thrown("System.Management.Automation.ParameterBindingException", message)
}

// defaultValue is the value of a parameter that nothing was given for.
func (in *Interpreter) defaultValue(a *activation, i int, p *Parameter) error {
	cell := in.declare(a.scope, p.Name.Name)
	name := "$" + p.Name.Name
	info := a.sig.params[i]
	var v Value
	var err error
	switch {
	case p.Default != nil:
		v, err = in.eval(p.Default)
	case info.isSwitch():
		v = false
	case (a.options.top || a.options.unknown) && !a.piped:
		v = declaredAs(in.parameterUnknown(name, OriginParameter), a.sig.types[i])
	case info.Mandatory && a.asked(i) && !(a.piped && (info.Pipeline || info.Property)):
		v = declaredAs(in.parameterUnknown(name, OriginPrompt), a.sig.types[i])
	}
	if err != nil {
		return err
	}
	if (a.options.script && a.options.top || a.options.unknown) && (p.Default != nil || info.isSwitch()) {
		u := in.parameterUnknown(name, OriginParameter)
		u.Default, u.HasDefault = v, true
		v = u
	}
	if t := a.sig.types[i]; t != nil && !info.isSwitch() && (p.Default != nil || v == nil) {
		if c, err := in.convert(v, t); err == nil {
			v = c
		}
	}
	from := in.sources
	if p.Default != nil {
		from = in.fromBlocks(from)
	}
	in.touch(cell)
	cell.typ = a.sig.types[i]
	in.store(cell, v, from)
	return nil
}

// asked tells whether the user is asked for a mandatory parameter, which may
// be so in other parameter sets only.
func (a *activation) asked(i int) bool {
	m := a.sig.part(i, a.set())
	return a.set() == "" || m != nil && m.mandatory
}

// set is the parameter set of the call; "": not known.
func (a *activation) set() string {
	if len(a.sets) == 1 {
		return a.sets[0]
	}
	return ""
}

func (in *Interpreter) parameterUnknown(name string, origin Origin) *Unknown {
	return in.unknown(name, origin)
}

// declaredAs is an unknown value of a parameter of that type, nil if it has
// none.
func declaredAs(u *Unknown, t *TypeRef) *Unknown {
	switch {
	case t == nil:
	case len(t.Ranks) > 0, t.Name == "System.Array", t.Name == typeArrayList, strings.HasPrefix(t.Name, "System.Collections.Generic.List"):
		u.Many = true
	case t.Name == typeString, isNumeric(t.Name), t.Name == typeDateTime:
		u.Type = t.Name
	}
	return u
}
