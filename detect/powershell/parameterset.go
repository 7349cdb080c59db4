package powershell

import (
	"slices"
	"strings"
)

// Parameter sets of advanced functions, and $PSCmdlet, which tells them.

const (
	typeScriptCmdlet = "System.Management.Automation.PSScriptCmdlet"
	// allParameterSets is the name where a function declares no sets.
	allParameterSets = "__AllParameterSets"
)

// membership is a parameter's part in a set.
type membership struct {
	set       string // "": in all
	mandatory bool
	position  int // -1: none
	// pipeline and property tell whether it takes input there.
	pipeline, property bool
}

// possibleSets are the parameter sets that a call may be of; none if no set
// fits what is bound.
//
// The rules are:
//   - What is bound by name or position leaves the sets that have it.
//   - Of several, pipeline input decides, item by item; else the default one is
//     taken, else the only one whose mandatory parameters are all bound.
//   - Where that leaves several the call is refused, unless something is bound
//     that is not known.
func (s *signature) possibleSets(b *binding, piped bool) []string {
	sets := s.declaredSets()
	if len(sets) == 0 {
		return []string{allParameterSets}
	}
	open := false
	bound := make([]bool, len(s.sets))
	for _, x := range b.bound {
		open = open || x.arg.unknown
		at := slices.IndexFunc(s.params, func(p ParameterInfo) bool { return x.param != nil && p.Name == x.param.Name })
		if at < 0 || at >= len(s.sets) {
			continue
		}
		bound[at] = true
		sets = s.with(sets, at)
	}
	switch {
	case len(sets) < 2 || piped && s.inputDecides():
		return sets
	case strings.EqualFold(sets[0], s.defaultSet):
		return sets[:1]
	}
	complete := slices.DeleteFunc(slices.Clone(sets), func(set string) bool {
		for i := range s.sets {
			if m := s.part(i, set); m != nil && m.mandatory && !bound[i] {
				return true
			}
		}
		return false
	})
	if len(complete) != 1 && open {
		return sets
	}
	if len(complete) == 1 {
		return complete
	}
	return nil
}

// declaredSets are the names of the parameter sets, the default one first.
func (s *signature) declaredSets() []string {
	var sets []string
	add := func(name string) {
		if name != "" && !slices.ContainsFunc(sets, func(s string) bool { return strings.EqualFold(s, name) }) {
			sets = append(sets, name)
		}
	}
	add(s.defaultSet)
	for _, list := range s.sets {
		for _, m := range list {
			add(m.set)
		}
	}
	return sets
}

// with leaves those of sets that parameter i is in.
func (s *signature) with(sets []string, i int) []string {
	var left []string
	for _, set := range sets {
		if s.part(i, set) != nil {
			left = append(left, set)
		}
	}
	return left
}

// inputDecides tells whether a parameter of some sets takes pipeline input.
func (s *signature) inputDecides() bool {
	for i, list := range s.sets {
		if (s.params[i].Pipeline || s.params[i].Property) && slices.ContainsFunc(list, func(m membership) bool { return m.set != "" }) {
			return true
		}
	}
	return false
}

// part is the part of parameter i in a set, nil if it has none.
func (s *signature) part(i int, set string) *membership {
	if len(s.sets[i]) == 0 {
		return &membership{position: -1}
	}
	for j := range s.sets[i] {
		if m := &s.sets[i][j]; m.set == "" || strings.EqualFold(m.set, set) {
			return m
		}
	}
	return nil
}

// scriptCmdlet is $PSCmdlet.
func (a *activation) scriptCmdlet() *Object {
	in := a.in
	o := newObject(typeScriptCmdlet)
	var set Value = a.set()
	if set == "" || a.options.top && (a.options.script || a.options.unknown) && set != allParameterSets {
		set = in.unknown("$PSCmdlet.ParameterSetName", OriginParameter)
	}
	o.Set("ParameterSetName", set)
	for _, name := range []string{"MyInvocation", "Host", "CommandRuntime", "Events", "PagingParameters"} {
		o.Set(name, in.unknown("$PSCmdlet."+name, OriginCommand))
	}
	o.Set("SessionState", newObject(typeSession))
	o.Set("InvokeCommand", newObject(typeIntrinsics))
	o.Set("InvokeProvider", newObject(typeProviders))
	if a.closure.Name != "" {
		o.Set("MyInvocation", a.invocation())
	}
	return o
}

// invokeCmdlet calls a method of $PSCmdlet. ShouldProcess is true but in a dry
// run, where nobody has to be asked.
func (in *Interpreter) invokeCmdlet(key string, args []Value, src string) (Value, error) {
	switch key {
	case "shouldprocess":
		ask, _ := in.lookupVariable("ConfirmPreference")
		dry, _ := in.lookupVariable("WhatIfPreference")
		if _, text := ask.(string); !text && ask != false {
			break
		}
		switch in.truth(dry) {
		case Yes:
			return false, nil
		case No:
			return true, nil
		}
	case "throwterminatingerror":
		var message Value = ""
		if len(args) > 0 {
			message = in.text(args[0])
		}
		return nil, in.throwing("System.Management.Automation.RuntimeException", message, nil, true)
	case "writeverbose", "writewarning", "writedebug", "writeprogress", "writeinformation", "writeerror":
		return nil, nil
	}
	return in.unknown(src, OriginCommand), nil
}
