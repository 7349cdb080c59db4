package powershell

// What a command is given, and how that binds to its parameters.

import (
	"slices"
	"strings"
)

// argument is one element of a command behind its name.
type argument struct {
	name    string // of a parameter, without the dash
	text    string // as written
	source  string // of the value
	value   Value
	has     bool // a value belongs to it
	splat   bool // from a table
	literal bool
	number  string // how a number was written
	from    []int  // earlier blocks that the value came from
	unknown bool   // a splatted table that is not known
	perhaps bool   // it may not be in the table
	at      int    // among the arguments
	// variable is what the value was written as, nil where as something else.
	variable *Variable
}

func (a argument) named() bool { return a.name != "" }

// binding is what the arguments are bound to.
type binding struct {
	bound  []bound
	rest   []argument // bound to nothing
	faults []Fault
}

// bound is a parameter with its value.
type bound struct {
	name     string
	param    *ParameterInfo // nil: not listed
	value    Value
	arg      argument
	standard bool // from a default
}

func (b *binding) find(name string) *bound {
	for i := range b.bound {
		if strings.EqualFold(b.bound[i].name, name) {
			return &b.bound[i]
		}
	}
	return nil
}

// binder says how a command binds.
type binder struct {
	params []ParameterInfo // all that it has; see withCommon
	open   bool            // it takes parameters that are not listed
	simple bool            // what binds to nothing is $args
	sig    *signature      // of a function; nil: it is none
}

// commonParameters are what every cmdlet and advanced function has.
var commonParameters = []ParameterInfo{
	{Name: "Verbose", Aliases: []string{"vb"}, Type: typeSwitch, Position: -1, common: true},
	{Name: "Debug", Aliases: []string{"db"}, Type: typeSwitch, Position: -1, common: true},
	{Name: "ErrorAction", Aliases: []string{"ea"}, Position: -1, common: true},
	{Name: "WarningAction", Aliases: []string{"wa"}, Position: -1, common: true},
	{Name: "InformationAction", Aliases: []string{"infa"}, Position: -1, common: true},
	{Name: "ErrorVariable", Aliases: []string{"ev"}, Position: -1, common: true},
	{Name: "WarningVariable", Aliases: []string{"wv"}, Position: -1, common: true},
	{Name: "InformationVariable", Aliases: []string{"iv"}, Position: -1, common: true},
	{Name: "OutVariable", Aliases: []string{"ov"}, Position: -1, common: true},
	{Name: "OutBuffer", Aliases: []string{"ob"}, Position: -1, common: true},
	{Name: "PipelineVariable", Aliases: []string{"pv"}, Position: -1, common: true},
}

// typeSwitch is the type of a parameter that takes no value.
const typeSwitch = "switch"

func (p *ParameterInfo) isSwitch() bool { return p.Type == typeSwitch }

// withCommon are parameters, and behind them the common ones that the command
// does not list itself.
func withCommon(params []ParameterInfo) []ParameterInfo {
	all := slices.Clone(params)
	for _, c := range commonParameters {
		if !slices.ContainsFunc(params, func(p ParameterInfo) bool { return strings.EqualFold(p.Name, c.Name) }) {
			all = append(all, c)
		}
	}
	return all
}

// takesRest tells whether a parameter takes what no other one does, be it a
// name.
func (b binder) takesRest() bool {
	return b.sig != nil && slices.ContainsFunc(b.params, func(p ParameterInfo) bool { return p.Remaining })
}

// lookup finds a parameter by name, alias or prefix. Ambiguous is set if a
// prefix fits several, unless only one of them is no common parameter.
func lookup(params []ParameterInfo, name string) (index int, ambiguous bool) {
	index = -1
	for i, p := range params {
		if strings.EqualFold(p.Name, name) || slices.ContainsFunc(p.Aliases, func(a string) bool { return strings.EqualFold(a, name) }) {
			return i, false
		}
	}
	prefixed := func(s string) bool { return len(s) > len(name) && strings.EqualFold(s[:len(name)], name) }
	own, common := 0, 0
	for i, p := range params {
		if (p.Exact || !prefixed(p.Name)) && !slices.ContainsFunc(p.Aliases, prefixed) {
			continue
		}
		switch {
		case !p.common:
			own++
			index = i
		case own == 0:
			common++
			index = i
		}
	}
	if own > 1 || own == 0 && common > 1 {
		return -1, true
	}
	return index, false
}

// bind binds arguments to parameters as the engine does.
//
// The rules are:
//   - A name is a parameter's, an alias, or a prefix of one of them only.
//   - A parameter takes what stands behind its colon, else the next argument,
//     unless it is a switch.
//   - What is left is bound by position, then to the parameter that takes the
//     rest.
//   - An argument in the command wins over one from a table in version 7; in
//     5.1, and between tables, it is an error.
func (in *Interpreter) bind(b binder, args []argument) *binding {
	params := b.params
	r := &binding{}
	var positional []argument
	taken := map[int]int{} // parameter to its place in r.bound
	bindTo := func(i int, a argument) {
		if at, ok := taken[i]; ok {
			switch earlier := r.bound[at].arg; {
			case a.perhaps:
			case earlier.perhaps:
				r.bound[at] = bound{name: params[i].Name, param: &params[i], value: a.value, arg: a}
			case earlier.splat != a.splat && in.dialect() == PowerShellCore:
				if earlier.splat {
					r.bound[at] = bound{name: params[i].Name, param: &params[i], value: a.value, arg: a}
				}
			default:
				r.faults = append(r.faults, Fault{FaultTwice, a.text})
			}
			return
		}
		taken[i] = len(r.bound)
		r.bound = append(r.bound, bound{name: params[i].Name, param: &params[i], value: a.value, arg: a})
	}
	for i := range args {
		args[i].at = i
	}
	verbatim := false
	for i := 0; i < len(args); i++ {
		a := args[i]
		if a.unknown {
			r.bound = append(r.bound, bound{value: a.value, arg: a})
			continue
		}
		if !a.named() || verbatim {
			if a.text == "--" && !a.has && !verbatim {
				verbatim = true
				continue
			}
			positional = append(positional, a)
			continue
		}
		at, ambiguous := lookup(params, a.name)
		switch {
		case a.perhaps && at < 0:
		case ambiguous:
			r.faults = append(r.faults, Fault{FaultAmbiguous, a.text})
			if !a.has && i+1 < len(args) && !args[i+1].named() {
				i++
			}
		case at >= 0 && params[at].isSwitch():
			if !a.has {
				a.value, a.has, a.literal = true, true, true
			}
			bindTo(at, a)
		case at >= 0:
			if !a.has {
				if i+1 >= len(args) || args[i+1].named() || args[i+1].unknown {
					r.faults = append(r.faults, Fault{FaultNoValue, a.text})
					continue
				}
				i++
				next := args[i]
				next.name, next.text, next.at = a.name, a.text, a.at
				a = next
			}
			bindTo(at, a)
		case b.open:
			if !a.has {
				a.value, a.has, a.literal = true, true, true
				if i+1 < len(args) && !args[i+1].named() && !args[i+1].unknown {
					i++
					a.value, a.literal, a.number, a.from = args[i].value, args[i].literal, args[i].number, args[i].from
				}
			}
			r.bound = append(r.bound, bound{name: a.name, value: a.value, arg: a})
		case b.simple, b.takesRest():
			positional = append(positional, a)
		default:
			r.faults = append(r.faults, Fault{FaultUnknownParameter, a.text})
			if !a.has && i+1 < len(args) && !args[i+1].named() {
				i++
			}
		}
	}
	in.bindPositional(b, positional, taken, r)
	slices.SortStableFunc(r.bound, func(x, y bound) int { return x.arg.at - y.arg.at })
	return r
}

// passing is an argument as an element of $args.
func (in *Interpreter) passing(a argument) []Value {
	if !a.named() {
		return []Value{a.value}
	}
	text := "-" + a.name
	if a.has {
		return []Value{text + ":", a.value}
	}
	return []Value{text}
}

// arguments evaluates what stands behind a command's name.
func (in *Interpreter) arguments(elements []Node) ([]argument, error) {
	var args []argument
	for _, e := range elements {
		outer := in.sources
		in.sources = nil
		next, err := in.argumentsOf(e)
		from := in.sources
		if !passesOn(e) {
			from = in.fromBlocks(from)
		}
		in.sources = union(outer, from)
		if err != nil {
			return nil, err
		}
		for i := range next {
			next[i].from = union(next[i].from, from)
		}
		args = append(args, next...)
	}
	return args, nil
}

func (in *Interpreter) argumentsOf(n Node) ([]argument, error) {
	switch n := n.(type) {
	case *CommandParameter:
		if n.Name == "-" && n.Argument == nil {
			return []argument{{text: "--"}}, nil
		}
		a := argument{name: n.Name, text: in.source(n)}
		if n.Argument == nil {
			return []argument{a}, nil
		}
		v, err := in.eval(n.Argument)
		if err != nil {
			return nil, err
		}
		a.value, a.has, a.literal, a.number, a.source = v, true, isLiteral(n.Argument), writtenNumber(n.Argument), in.source(n.Argument)
		a.variable, _ = n.Argument.(*Variable)
		return []argument{a}, nil
	case *Variable:
		if n.Splatted {
			return in.splat(n)
		}
	case *UsingExpression:
		if n.Variable.Splatted {
			using := *n.Variable
			using.Scope = "using"
			return in.splat(&using)
		}
	}
	e, ok := n.(Expression)
	if !ok {
		return nil, nil
	}
	v, err := in.eval(e)
	if err != nil {
		return nil, err
	}
	text := in.source(e)
	variable, _ := n.(*Variable)
	return []argument{{text: text, source: text, value: v, has: text != "--", literal: isLiteral(e), number: writtenNumber(e), variable: variable}}, nil
}

func (in *Interpreter) splat(e *Variable) ([]argument, error) {
	plain := *e
	plain.Splatted = false
	v, err := in.variable(&plain)
	if err != nil {
		return nil, err
	}
	text := in.source(e)
	switch t := v.(type) {
	case nil:
		return nil, nil
	case *Hash:
		var args []argument
		for _, key := range t.Keys() {
			value, _ := t.Get(key)
			name, ok := in.text(key).(string)
			if !ok {
				args = append(args, argument{value: value, unknown: true, text: text, splat: true})
				continue
			}
			args = append(args, argument{name: name, text: text + " " + name, source: "$" + e.Name + "." + name, value: value, has: true, splat: true, perhaps: t.mayLack(key)})
		}
		return args, nil
	case *Array:
		if given, ok := in.passed[t]; ok && len(t.Elements) > 0 {
			given = slices.Clone(given)
			for i := range given {
				given[i].variable = nil // it is one of another command
			}
			return given, nil
		}
	case *Unknown:
		return []argument{{value: t, unknown: true, text: text, splat: true}}, nil
	}
	items, ok := enumerable(v)
	if !ok {
		items = []Value{v}
	}
	var args []argument
	for _, item := range items {
		args = append(args, argument{text: text, value: item, has: true, splat: true})
	}
	return args, nil
}

// passesOn tells whether an argument is a variable and nothing else: what it
// says is said where that got its value.
func passesOn(n Node) bool {
	if p, ok := n.(*CommandParameter); ok {
		n = p.Argument
	}
	v, ok := n.(*Variable)
	return ok && foldCase(v.Name) != "_" && foldCase(v.Name) != "psitem"
}

// isLiteral tells whether a value is written as a constant.
func isLiteral(e Expression) bool {
	switch e := e.(type) {
	case *String, *Number, *ScriptBlockExpression:
		return true
	case *ArrayLiteral:
		return !slices.ContainsFunc(e.Elements, func(x Expression) bool { return !isLiteral(x) })
	case *Variable:
		switch foldCase(e.Name) {
		case "true", "false", "null":
			return e.Scope == ""
		}
	case *Paren:
		if inner := soleExpression(e.Pipeline); inner != nil {
			return isLiteral(inner)
		}
	}
	return false
}

// writtenNumber is how a number is written that stands as an argument itself.
func writtenNumber(e Expression) string {
	if n, ok := e.(*Number); ok {
		return n.Text
	}
	return ""
}

// forText is the value of an argument for a parameter that takes text.
func (a argument) forText(v Value) Value {
	if a.number != "" && isNumber(v) {
		return a.number
	}
	return v
}

// isNumeric tells whether a type is that of numbers.
func isNumeric(typeName string) bool {
	name := foldCase(strings.TrimPrefix(typeName, "System."))
	return takesNumber(name) && name != "" && name != "object"
}

// takesNumber tells whether a parameter is of a type for which a number stays
// a number.
func takesNumber(typeName string) bool {
	switch foldCase(strings.TrimPrefix(typeName, "System.")) {
	case "int", "int32", "int64", "long", "uint32", "uint64", "double", "single", "decimal", "byte", "int16", "uint16", "sbyte", "object", "":
		return true
	}
	return false
}

// signature is what a script block or function takes.
type signature struct {
	params   []ParameterInfo
	all      []ParameterInfo // params, and the common ones where there are such
	nodes    []*Parameter
	types    []*TypeRef // nil: none
	sets     [][]membership
	advanced bool
	process  bool // it runs for each item of its input
	placed   bool // positions are given
	// defaultSet is the parameter set of calls that fit several.
	defaultSet string
}

// signatureOf reads the param block and the attributes of a body.
func (in *Interpreter) signatureOf(c *Closure) *signature {
	if s, ok := in.signatures[c.Body]; ok {
		return s
	}
	s := &signature{process: c.Body.Process != nil || c.function != nil && c.function.Keyword == KindFilter}
	block := c.Body.Params
	if c.function != nil && c.function.Params != nil {
		block = c.function.Params
	}
	positional, asks := true, false
	for _, a := range c.Body.Attributes {
		if foldCase(a.Type.Name) == "cmdletbinding" {
			s.advanced = true
			for _, n := range a.Named {
				if strings.EqualFold(n.Name, "PositionalBinding") && !in.attributeFlag(n) {
					positional = false
				}
				if strings.EqualFold(n.Name, "DefaultParameterSetName") {
					s.defaultSet, _ = in.attributeValue(n).(string)
				}
				if strings.EqualFold(n.Name, "SupportsShouldProcess") {
					asks = in.attributeFlag(n)
				}
			}
		}
	}
	explicit := false
	if block != nil {
		for _, p := range block.Parameters {
			if in.readParameter(s, p) {
				explicit = true
			}
		}
	}
	s.placed = explicit || !positional
	if positional && !explicit {
		n := 0
		for i := range s.params {
			if !s.params[i].isSwitch() && !s.params[i].Remaining {
				s.params[i].Position = n
				n++
			}
		}
	}
	if asks {
		s.params = append(s.params,
			ParameterInfo{Name: "WhatIf", Aliases: []string{"wi"}, Type: typeSwitch, Position: -1, common: true},
			ParameterInfo{Name: "Confirm", Aliases: []string{"cf"}, Type: typeSwitch, Position: -1, common: true})
	}
	if s.all = s.params; s.advanced {
		s.all = withCommon(s.params)
	}
	in.signatures[c.Body] = s
	return s
}

// readParameter adds a parameter and tells whether it names its position or a
// parameter set, without which positions follow the order.
func (in *Interpreter) readParameter(s *signature, p *Parameter) (explicit bool) {
	info := ParameterInfo{Name: p.Name.Name, Position: -1}
	var typ *TypeRef
	var parts []membership
	for _, a := range p.Attributes {
		name := foldCase(a.Type.Name)
		if !a.Arguments {
			typ = in.typeOf(a.Type)
			if name == "switch" || strings.HasSuffix(name, "switchparameter") {
				info.Type = typeSwitch
			} else {
				info.Type = typ.Name
			}
			continue
		}
		switch name {
		case "parameter":
			s.advanced = true
			part := membership{position: -1}
			for _, n := range a.Named {
				flag := in.attributeFlag(n)
				switch foldCase(n.Name) {
				case "mandatory":
					info.Mandatory, part.mandatory = info.Mandatory || flag, flag
				case "parametersetname":
					part.set, _ = in.attributeValue(n).(string)
					if part.set == allParameterSets {
						part.set = ""
					}
					explicit = explicit || part.set != ""
				case "valuefrompipeline":
					info.Pipeline, part.pipeline = info.Pipeline || flag, flag
				case "valuefrompipelinebypropertyname":
					info.Property, part.property = info.Property || flag, flag
				case "valuefromremainingarguments":
					info.Remaining = flag
				case "position":
					if n, ok := smallInt(in.attributeValue(n)); ok {
						info.Position, part.position = int(n), int(n)
						explicit = true
					}
				}
			}
			parts = append(parts, part)
		case "alias":
			for _, e := range a.Positional {
				if s, ok := in.constantOf(e).(string); ok {
					info.Aliases = append(info.Aliases, s)
				}
			}
		}
	}
	s.params = append(s.params, info)
	s.nodes = append(s.nodes, p)
	s.types = append(s.types, typ)
	s.sets = append(s.sets, parts)
	return explicit
}

// attributeFlag is a flag of an attribute, which a bare name sets.
func (in *Interpreter) attributeFlag(n NamedArgument) bool {
	return n.Value == nil || in.truth(in.attributeValue(n)) == Yes
}

func (in *Interpreter) attributeValue(n NamedArgument) Value {
	if n.Value == nil {
		return true
	}
	return in.constantOf(n.Value)
}

// constantOf is the value of an expression that is a constant, else nil.
func (in *Interpreter) constantOf(e Expression) Value {
	if !isLiteral(e) {
		return nil
	}
	v, err := in.eval(e)
	if err != nil {
		return nil
	}
	return v
}
