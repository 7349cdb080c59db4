package powershell

// Sessions within the process: [powershell] objects and pipelines, the runspaces
// that they run in, and script blocks run with a context of their own.

import (
	"maps"
	"slices"
	"strings"
)

const (
	typePowerShell  = "System.Management.Automation.PowerShell"
	typePSCommand   = "System.Management.Automation.PSCommand"
	typePipeline    = "System.Management.Automation.Runspaces.Pipeline"
	typeCommand     = "System.Management.Automation.Runspaces.Command"
	typeRunspace    = "System.Management.Automation.Runspaces.Runspace"
	typeSpacePool   = "System.Management.Automation.Runspaces.RunspacePool"
	typeInitial     = "System.Management.Automation.Runspaces.InitialSessionState"
	typePSVariable  = "System.Management.Automation.PSVariable"
	spaceEntryTypes = "System.Management.Automation.Runspaces.SessionState"
)

// shell is the payload of a [powershell] object, of a pipeline and of a command:
// the commands to run, and where.
type shell struct {
	list   []shellStep
	space  *scope  // the global scope of its runspace; nil: one of its own
	here   bool    // it runs in the runspace of its maker
	output []Value // of the last run
}

// shellStep is a script or a command with what it is given.
type shellStep struct {
	script  Value
	command Value
	args    []argument
	fresh   bool // it begins a new statement
}

func (s *shell) copied() any {
	c := *s
	c.list = slices.Clone(s.list)
	return &c
}

func (s *shell) equals(other any) bool {
	o, ok := other.(*shell)
	return ok && len(o.list) == len(s.list) && o.space == s.space && o.here == s.here && slices.EqualFunc(o.output, s.output, sameValue)
}

// runspace is the payload of a runspace, of its SessionStateProxy, and of what a
// runspace or a pool of them is made with.
type runspace struct{ global *scope }

// newSpace makes the global scope of a new runspace, which begins with the
// variables and functions of another.
func (in *Interpreter) newSpace(initial *scope) *scope {
	g := in.newScope(nil)
	g.script = g
	outer := in.global
	in.global = g
	in.setUp()
	in.global = outer
	if initial != nil {
		for _, key := range sortedKeys(initial.variables) {
			in.store(in.declare(g, initial.variables[key].name), initial.variables[key].value, in.sources)
		}
		in.touch(g)
		g.functions = maps.Clone(initial.functions)
	}
	return g
}

// inSpace runs a stretch in another runspace, with functions and variables of
// its own. What ends the stretch ends nothing else.
func (in *Interpreter) inSpace(global *scope, run func() error) error {
	outerGlobal, outer, using, trying := in.global, in.scope, in.using, in.trying
	in.global, in.scope, in.using, in.trying = global, global, nil, 0
	err := run()
	in.global, in.scope, in.using, in.trying = outerGlobal, outer, using, trying
	if _, ok := err.(*flow); ok {
		return nil
	}
	return err
}

// newShell is [powershell]::Create(): of a runspace mode, of an initial state.
func (in *Interpreter) newShell(args []Value) Value {
	s := &shell{}
	if len(args) > 0 {
		mode, _ := in.scalarText(args[0]).(string)
		s.here = strings.EqualFold(mode, "CurrentRunspace") || mode == "0"
		s.space = in.spaceIn(args)
	}
	return newPayload(typePowerShell, s)
}

// spaceIn is a new global scope by the initial state among arguments, or that of
// the runspace among them; nil if there is neither.
func (in *Interpreter) spaceIn(args []Value) *scope {
	for _, a := range args {
		o, _ := a.(*Object)
		if o == nil {
			continue
		}
		if r, ok := o.Payload.(*runspace); ok {
			if o.Type == typeInitial || o.Type == typeSpacePool {
				return in.newSpace(r.global)
			}
			return r.global
		}
	}
	return nil
}

// shellMember reads a property of a [powershell] object, a runspace or a kin.
func (in *Interpreter) shellMember(o *Object, key, src string) (Value, bool) {
	switch o.Payload.(type) {
	case *shell:
		switch key {
		case "commands", "parameters":
			return o, true
		case "streams", "runspacepool", "haderrors", "invocationstateinfo":
			return in.derived(src, src), true
		case "runspace":
			return newPayload(typeRunspace, &runspace{in.spaceOf(o)}), true
		}
	case *runspace:
		switch key {
		case "sessionstateproxy", "psvariable", "variables", "commands", "sessionstate":
			return o, true
		case "invokecommand":
			if o.Payload.(*runspace).global == in.global {
				return newObject(typeIntrinsics), true
			}
		}
	}
	return nil, false
}

// spaceOf is the global scope of the runspace of a [powershell] object, which is
// made when first asked for.
func (in *Interpreter) spaceOf(o *Object) *scope {
	s := o.Payload.(*shell)
	if s.here {
		return in.global
	}
	if s.space == nil {
		space := in.newSpace(nil)
		in.changeShell(o, func(s *shell) { s.space = space })
		return space
	}
	return s.space
}

func (in *Interpreter) changeShell(o *Object, f func(*shell)) {
	in.touch(o)
	next := o.Payload.(*shell).copied().(*shell)
	f(next)
	o.Payload = next
}

// setShellMember sets a property of a [powershell] object: its runspace, or the
// commands.
func (in *Interpreter) setShellMember(o *Object, key string, v Value) bool {
	if _, ok := o.Payload.(*shell); !ok {
		return false
	}
	given, _ := v.(*Object)
	if given == nil {
		return true
	}
	switch p := given.Payload.(type) {
	case *runspace:
		space := in.spaceIn([]Value{v})
		in.changeShell(o, func(s *shell) { s.space, s.here = space, false })
	case *shell:
		if key == "commands" {
			in.changeShell(o, func(s *shell) { s.list = slices.Clone(p.list) })
		}
	}
	return true
}

// invokeShell builds or runs the commands of a [powershell] object.
func (in *Interpreter) invokeShell(o *Object, key string, args []Value, src string) (Value, error) {
	add := func(steps ...shellStep) {
		in.changeShell(o, func(s *shell) { s.list = append(s.list, steps...) })
	}
	parameter := func(a argument) {
		in.changeShell(o, func(s *shell) {
			if n := len(s.list); n > 0 {
				last := s.list[n-1]
				last.args = append(slices.Clone(last.args), a)
				s.list[n-1] = last
			}
		})
	}
	switch key {
	case "addscript":
		if len(args) > 0 {
			add(shellStep{script: args[0]})
		}
	case "addcommand":
		if len(args) > 0 {
			add(stepsOf(args[0])...)
		}
	case "add":
		switch {
		case len(args) == 0:
		case o.Type == typeCommand:
			in.addParameter(args, parameter)
		default:
			add(stepsOf(args[0])...)
		}
		return nil, nil
	case "addstatement":
		add(shellStep{fresh: true})
	case "clear":
		in.changeShell(o, func(s *shell) { s.list = nil })
	case "addargument":
		for _, v := range args {
			parameter(argument{value: v, has: true, text: expressionOf(v), from: in.sources})
		}
	case "addparameter":
		in.addParameter(args, parameter)
	case "addparameters":
		if len(args) > 0 {
			in.addParameters(args[0], parameter)
		}
	case "invoke", "begininvoke", "invokeasync":
		out, err := in.runShell(o, args)
		if key == "invoke" {
			return newList(typeCollection, out...), err
		}
		in.changeShell(o, func(s *shell) { s.output = out })
		u := in.unknown(src, OriginCommand)
		u.Type = "System.Management.Automation.PowerShellAsyncResult"
		return u, err
	case "endinvoke", "readtoend":
		return newList(typeCollection, o.Payload.(*shell).output...), nil
	case "dispose", "stop", "close":
		return nil, nil
	}
	return o, nil
}

// stepsOf are the commands that a name or an object of commands stands for.
func stepsOf(v Value) []shellStep {
	if o, ok := v.(*Object); ok {
		if s, ok := o.Payload.(*shell); ok {
			return slices.Clone(s.list)
		}
	}
	return []shellStep{{command: v}}
}

// addParameter adds a parameter by its name, perhaps with its value.
func (in *Interpreter) addParameter(args []Value, parameter func(argument)) {
	if len(args) == 0 {
		return
	}
	name, ok := in.text(args[0]).(string)
	a := argument{name: strings.TrimPrefix(name, "-"), text: "-" + name, from: in.sources}
	if len(args) > 1 {
		a.value, a.has = args[1], true
	}
	if !ok {
		a = argument{value: args[0], unknown: true, text: expressionOf(args[0])}
	}
	parameter(a)
}

func (in *Interpreter) addParameters(v Value, parameter func(argument)) {
	if h, ok := v.(*Hash); ok {
		for _, key := range h.Keys() {
			value, _ := h.Get(key)
			if name, ok := in.text(key).(string); ok {
				parameter(argument{name: name, text: "-" + name, value: value, has: true, from: in.sources})
			}
		}
		return
	}
	items, ok := enumerable(v)
	if !ok {
		parameter(argument{value: v, unknown: isUnknown(v), has: true, text: expressionOf(v)})
		return
	}
	for _, item := range items {
		parameter(argument{value: item, has: true, text: expressionOf(item), from: in.sources})
	}
}

// runShell runs the commands of a [powershell] object as pipelines, the first of
// them with the input that is given.
func (in *Interpreter) runShell(o *Object, args []Value) ([]Value, error) {
	s := o.Payload.(*shell)
	var input []Value
	if len(args) > 0 {
		input = slices.Clone(enumerate(args[0]))
	}
	c, out := in.collectorSink()
	run := func() error {
		for list := s.list; len(list) > 0; {
			n := 0
			for n < len(list) && !list[n].fresh {
				n++
			}
			if n > 0 {
				if err := in.runSteps(list[:n], input, out); err != nil {
					return err
				}
				input = nil
			}
			list = list[min(n+1, len(list)):]
		}
		return nil
	}
	if s.here {
		return c.values, run()
	}
	err := in.inSpace(in.spaceOf(o), run)
	return c.values, err
}

func (in *Interpreter) runSteps(list []shellStep, input []Value, out sink) error {
	return in.via("[powershell]", func() error {
		stages := make([]*stage, len(list))
		for i, st := range list {
			s := &stage{in: in, scope: in.scope, frame: in.frame, piped: i > 0 || len(input) > 0, next: out}
			if i+1 < len(list) {
				s.next = func(v Value) error { return stages[i+1].take(v) }
			}
			stages[i] = s
			t := target{}
			command := in.currentCommand()
			if st.script != nil {
				block, err := in.makeBlock(st.script, "[powershell]")
				if err != nil {
					return err
				}
				if c, ok := block.(*Closure); ok {
					t.closure = c
				} else {
					t.unknown = block
				}
				if len(st.args) == 0 {
					// What it sets stays in the runspace.
					dotted := *command
					dotted.Invocation = KindDot
					command = &dotted
				}
			} else {
				t = in.targetOfValue(st.command)
			}
			if err := in.prepareTarget(s, command, t, st.args); err != nil {
				return err
			}
		}
		return in.settled(in.runStages(stages, len(input) > 0, func() error { return in.feed(input, stages[0].take) }))
	})
}

// invokeRunspace calls a method of a runspace, of its proxy or of an initial
// state.
func (in *Interpreter) invokeRunspace(o *Object, key string, args []Value) (Value, bool, error) {
	r := o.Payload.(*runspace)
	var name string
	if len(args) > 0 {
		name, _ = in.text(args[0]).(string)
	}
	switch key {
	case "setvariable", "set":
		if name != "" && len(args) > 1 {
			in.store(in.declare(r.global, name), args[1], in.sources)
		}
		return nil, true, nil
	case "getvariable", "getvalue":
		if v := r.global.find(name); v != nil {
			return v.value, true, nil
		}
		return nil, true, nil
	case "add":
		in.addEntries(r, args)
		return nil, true, nil
	case "createpipeline", "createnestedpipeline":
		s := &shell{space: r.global}
		if len(args) > 0 {
			s.list = []shellStep{{script: args[0]}}
		}
		return newPayload(typePipeline, s), true, nil
	}
	return nil, false, nil
}

// addEntries adds variables and functions to an initial state.
func (in *Interpreter) addEntries(r *runspace, args []Value) {
	for _, a := range args {
		for _, item := range enumerate(a) {
			e, ok := item.(*Object)
			if !ok {
				in.setCell(in.foreign, once(true))
				continue
			}
			name, _ := in.text(propertyOf(e, "Name")).(string)
			switch e.Type {
			case spaceEntryTypes + "VariableEntry":
				in.store(in.declare(r.global, name), propertyOf(e, "Value"), in.sources)
			case spaceEntryTypes + "FunctionEntry":
				if block, err := in.makeBlock(propertyOf(e, "Definition"), "function:"); err == nil {
					if c, ok := block.(*Closure); ok {
						f := *c
						f.Name = plainName(name)
						in.touch(r.global)
						r.global.functions = maps.Clone(r.global.functions)
						if r.global.functions == nil {
							r.global.functions = map[string]*Closure{}
						}
						r.global.functions[foldCase(name)] = &f
					}
				}
			}
		}
	}
}

// invokeWithContext runs a block with functions, variables and arguments that
// are its own.
func (in *Interpreter) invokeWithContext(c *call, block *Closure) ([]Value, error) {
	var args []Value
	if len(c.args) > 2 {
		args = slices.Clone(enumerate(c.args[2]))
	}
	outer := in.scope
	in.scope = in.newScope(outer)
	defer func() { in.scope = outer }()
	if functions, ok := c.arg(0).(*Hash); ok {
		for _, key := range functions.Keys() {
			name, known := in.text(key).(string)
			v, _ := functions.Get(key)
			if f, ok := v.(*Closure); ok && known {
				named := *f
				named.Name = plainName(name)
				in.define(name, &named)
			}
		}
	} else if isUnknown(c.arg(0)) {
		in.risks++
	}
	for _, v := range enumerate(c.arg(1)) {
		o, ok := v.(*Object)
		if !ok {
			if v != nil {
				in.setCell(in.foreign, once(true))
			}
			continue
		}
		if name, ok := in.text(propertyOf(o, "Name")).(string); ok {
			in.store(in.declare(in.scope, name), propertyOf(o, "Value"), in.sources)
		}
	}
	return in.callBlock(block, args, callOptions{})
}

func addRunspaceMembers(l *library) {
	// entry is an object with its arguments as properties.
	entry := func(names ...string) method {
		return opened(func(c *call) (Value, error) {
			o := newObject(c.kind.Name)
			for i, name := range names {
				o.Set(name, c.arg(i))
			}
			return o, nil
		})
	}
	l.addStaticProperties(typeRunspace, map[string]staticProperty{
		"defaultrunspace": func(in *Interpreter) Value { return newPayload(typeRunspace, &runspace{in.global}) },
	})
	l.constructors[typePSVariable] = entry("Name", "Value")
	l.constructors[spaceEntryTypes+"VariableEntry"] = entry("Name", "Value", "Description")
	l.constructors[spaceEntryTypes+"FunctionEntry"] = entry("Name", "Definition")
	l.constructors[typePSCommand] = opened(func(*call) (Value, error) { return newPayload(typePSCommand, &shell{}), nil })
	l.constructors[typeCommand] = opened(func(c *call) (Value, error) {
		step := shellStep{command: c.arg(0)}
		if c.in.truth(c.arg(1)) == Yes {
			step = shellStep{script: c.arg(0)}
		}
		return newPayload(typeCommand, &shell{list: []shellStep{step}}), nil
	})
	space := func(typeName string) method {
		return opened(func(c *call) (Value, error) {
			global := c.in.spaceIn(c.args)
			if global == nil {
				global = c.in.newSpace(nil)
			}
			return newPayload(typeName, &runspace{global}), nil
		})
	}
	l.addStatics("System.Management.Automation.Runspaces.RunspaceFactory", map[string]method{
		"createrunspace": space(typeRunspace), "createrunspacepool": space(typeSpacePool),
	})
	l.addStatics(typeInitial, map[string]method{"create": space(typeInitial), "createdefault": space(typeInitial), "createdefault2": space(typeInitial)})
}
