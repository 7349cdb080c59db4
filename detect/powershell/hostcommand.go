package powershell

// Commands of the host.

import (
	"slices"
	"strings"
)

// hostCall is a command of the host with what it is given.
type hostCall struct {
	info      *CommandInfo
	command   *Command
	stage     *stage
	binding   *binding
	arguments []Argument
	faults    []Fault
	delayed   bool // a parameter that takes input was given a script block
}

func (in *Interpreter) prepareHost(s *stage, c *Command, info *CommandInfo, args []argument) error {
	in.ran[c] = true
	how := binder{params: in.parametersOf(info), open: info.Open}
	b := in.bind(how, args)
	written := len(b.bound)
	in.standardValues(info.Name, how, b)
	in.common(s, b, true)
	if info.Fails {
		in.hosted++
	}
	if in.stops(b) {
		in.risks++
	}
	h := &hostCall{info: info, command: c, stage: s, binding: b, faults: b.faults}
	for i := range b.bound {
		in.argument(h, &b.bound[i], i >= written)
	}
	in.preferences(h)
	refused := func() error {
		err := in.invoked(h, nil, nil)
		if err == nil {
			err = in.thrown("System.Management.Automation.ParameterBindingException", string(h.faults[0].Kind)+": "+h.faults[0].Text)
		}
		return err
	}
	if len(h.faults) > 0 {
		if s.piped {
			s.begin = refused
		}
		s.alone = refused
		return nil
	}
	s.alone = func() error { return in.invoked(h, nil, nil) }
	s.process = func(v Value) error { return in.invokedFor(h, v) }
	return nil
}

// parametersOf are all parameters of a command of the host.
func (in *Interpreter) parametersOf(info *CommandInfo) []ParameterInfo {
	params, ok := in.hostParameters[info]
	if !ok {
		params = withCommon(info.Parameters)
		in.hostParameters[info] = params
	}
	return params
}

// Takes reports whether the command has parameters of all these names, which may
// be prefixes.
func (info *CommandInfo) Takes(names []string) bool {
	params := withCommon(info.Parameters)
	return !slices.ContainsFunc(names, func(name string) bool {
		at, ambiguous := lookup(params, name)
		return at < 0 && !ambiguous
	})
}

// stops tells whether an error of the command would be an exception.
func (in *Interpreter) stops(b *binding) bool {
	if p := b.find("ErrorAction"); p != nil {
		action := errorActionOf(in, p.value)
		return action == "stop" || isUnknown(p.value)
	}
	return in.errorAction() == "stop"
}

// argument converts what is bound to a parameter as the host says.
func (in *Interpreter) argument(h *hostCall, b *bound, standard bool) {
	v := in.whole(b.value)
	if b.param == nil || !isNumeric(b.param.Type) {
		v = b.arg.forText(v)
	}
	literal := b.arg.literal && !standard
	block, _ := v.(*Closure)
	switch {
	case b.param == nil:
	case block != nil && h.stage.piped && (b.param.Pipeline || b.param.Property):
		// The cmdlet runs the block for each item; its proxy takes it as it is.
		h.delayed = true
		u := in.derived("{"+closureText(block)+"}", "delayed|"+closureText(block))
		u.Origin = OriginVariable
		v, literal = u, false
	case b.param.Convert != nil:
		c, err := b.param.Convert(v)
		if err != nil && mayBeOne(v) {
			u := in.derived(expressionOf(v), "one|"+identityOf(v), v)
			u.Many = true
			c, err = b.param.Convert(u)
		}
		if err != nil {
			h.faults = append(h.faults, Fault{FaultConversion, b.param.Name})
		} else {
			v = c
		}
	}
	h.arguments = append(h.arguments, Argument{Name: b.name, Value: v, Literal: literal, Blocks: b.arg.from, Default: standard, source: b.arg.source})
}

// fromBlocks are the earlier blocks that a value came from, that of the text
// which names it among them.
func (in *Interpreter) fromBlocks(from []int) []int {
	if in.frame.home >= 0 && in.frame.home != in.frame.block {
		from = union(from, []int{in.frame.home})
	}
	return from
}

// preferences adds what preference variables give to parameters that were not
// given.
func (in *Interpreter) preferences(h *hostCall) {
	i, _ := lookup(h.info.Parameters, "WhatIf")
	if i < 0 || h.binding.find("WhatIf") != nil {
		return
	}
	cell := in.scope.find("WhatIfPreference")
	if cell == nil {
		return
	}
	v := in.read(cell)
	if in.truth(v) == No {
		return
	}
	var from []int
	if cell.block != in.frame.block && cell.block >= 0 {
		from = union(cell.blocks, []int{cell.block})
	}
	h.arguments = append(h.arguments, Argument{Name: "WhatIf", Value: v, Blocks: from, Default: true})
}

// standardValues adds what $PSDefaultParameterValues gives to parameters that
// were not given.
func (in *Interpreter) standardValues(name string, how binder, b *binding) {
	cell := in.scope.find("PSDefaultParameterValues")
	if cell == nil {
		return
	}
	table, ok := in.read(cell).(*Hash)
	if !ok || table.Len() == 0 {
		return
	}
	if v, ok := table.Get("Disabled"); ok && in.truth(v) == Yes {
		return
	}
	params := how.params
	for _, key := range table.Keys() {
		k, ok := in.text(key).(string)
		if !ok {
			continue
		}
		pattern, parameter, ok := strings.Cut(k, ":")
		if !ok || !in.like(name, strings.Trim(strings.TrimSpace(pattern), `"'`)) {
			continue
		}
		at, ambiguous := lookup(params, strings.TrimSpace(parameter))
		if at < 0 || ambiguous || b.find(params[at].Name) != nil {
			continue
		}
		v, _ := table.Get(key)
		if block, ok := v.(*Closure); ok {
			out, err := in.callBlock(block, nil, callOptions{})
			if err != nil {
				continue
			}
			v = resultOf(out)
		}
		var from []int
		if cell.block != in.frame.block && cell.block >= 0 {
			from = []int{cell.block}
		}
		from = union(from, cell.blocks)
		b.bound = append(b.bound, bound{name: params[at].Name, param: &params[at], value: v, standard: true,
			arg: argument{text: k, has: true, from: from}})
	}
}

// defaultParameters is standardValues for an advanced function. A value that a
// parameter does not take is passed over, with a warning.
func (in *Interpreter) defaultParameters(a *activation, values []*bound) {
	if a.closure.Name == "" {
		return
	}
	b := &binding{bound: append([]bound(nil), a.binding.bound...)}
	n := len(b.bound)
	in.standardValues(a.closure.Name, binder{params: a.sig.params}, b)
	for _, more := range b.bound[n:] {
		for i := range a.sig.nodes {
			if strings.EqualFold(a.sig.params[i].Name, more.name) && values[i] == nil {
				one := more
				v, err := in.parameterValue(a.sig, i, &one)
				if err != nil || a.allowed(i, v) != nil {
					continue
				}
				one.value = v
				values[i] = &one
			}
		}
	}
}

// invokedFor runs the command for an item of its input.
func (in *Interpreter) invokedFor(h *hostCall, v Value) error {
	if u, ok := v.(*Unknown); ok && u.Many {
		return in.symbolicStatement(sourceOf(u), func() error { return in.invokedFor(h, in.element(u, "$_")) })
	}
	var extra []Argument
	for i := range h.info.Parameters {
		p := &h.info.Parameters[i]
		if !p.Pipeline && !p.Property || h.binding.find(p.Name) != nil {
			continue
		}
		item, ok := in.itemFor(p, v)
		if ok {
			extra = append(extra, Argument{Name: p.Name, Value: item, Blocks: in.fromBlocks(in.sources), Pipeline: true})
		}
	}
	if len(extra) == 0 && !h.delayed {
		in.recordError(in.throwing("System.Management.Automation.ParameterBindingException", "The input object cannot be bound.", nil, false))
		return in.invoked(h, nil, []Fault{{FaultConversion, "pipeline input"}})
	}
	return in.invoked(h, extra, nil)
}

// enumerating names what an invocation that stands for any number of them is
// made for: of what goes round about it, what gives the parameter that takes
// pipeline input, else the innermost. Rounds is true where that is a loop with
// a condition.
func (in *Interpreter) enumerating(inv *Invocation) (source string, rounds bool) {
	if !inv.Many {
		return "", false
	}
	for _, a := range inv.Arguments {
		for i := range inv.Command.Parameters {
			if p := &inv.Command.Parameters[i]; !p.Pipeline || p.Name != a.Name {
				continue
			}
			u := firstHole(a.Value)
			if u != nil && u.Source != "" && slices.Contains(in.many, repetition{source: u.Source}) {
				return u.Source, false
			}
		}
	}
	for _, r := range slices.Backward(in.many) {
		if r.source != "" {
			return r.source, r.rounds
		}
	}
	return "", true
}

// invoked tells the host of an invocation and puts out what comes of it.
func (in *Interpreter) invoked(h *hostCall, extra []Argument, faults []Fault) error {
	inv := &Invocation{
		Command:   h.info,
		Arguments: append(append([]Argument(nil), h.arguments...), extra...),
		Faults:    append(append([]Fault(nil), h.faults...), faults...),
		Many:      len(in.many) > 0,
		Place:     in.place(h.command),
	}
	inv.Source, inv.Rounds = in.enumerating(inv)
	if err := in.happened(inv); err != nil {
		return err
	}
	if len(inv.Faults) > 0 || h.info.Run == nil {
		return nil
	}
	return in.feed(h.info.Run(inv), h.stage.put)
}
