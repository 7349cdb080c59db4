package powershell

// Objects and types through which a script reaches the interpreter itself:
// $ExecutionContext, [powershell], [scriptblock]::Create.

import "strings"

const (
	typeEngine     = "System.Management.Automation.EngineIntrinsics"
	typeIntrinsics = "System.Management.Automation.CommandInvocationIntrinsics"
	typeSession    = "System.Management.Automation.SessionState"
	typeVariables  = "System.Management.Automation.PSVariableIntrinsics"
	typePowerShell = "System.Management.Automation.PowerShell"
)

// shellSteps is the payload of a [powershell] object: the commands to run.
type shellSteps struct{ list []shellStep }

// shellStep is a script or a command with what it is given.
type shellStep struct {
	script  Value
	command Value
	args    []argument
	fresh   bool // it begins a new statement
}

func (s *shellSteps) copied() any { return &shellSteps{append([]shellStep(nil), s.list...)} }

func (s *shellSteps) equals(other any) bool {
	o, ok := other.(*shellSteps)
	return ok && len(o.list) == len(s.list)
}

// setUp sets the variables that a session begins with.
func (in *Interpreter) setUp() {
	outer, sources, block := in.scope, in.sources, in.block
	in.scope, in.sources, in.block = in.global, nil, -1
	defer func() { in.scope, in.sources, in.block = outer, sources, block }()
	environment := func(name string) *Unknown {
		return &Unknown{Expression: "$" + name, Origin: OriginEnvironment, Identity: "automatic|" + foldCase(name)}
	}
	home := `C:\Windows\System32\WindowsPowerShell\v1.0`
	for _, v := range []struct {
		name  string
		value Value
	}{
		{"Error", newList(typeArrayList)},
		{"ErrorActionPreference", "Continue"}, {"WarningPreference", "Continue"}, {"VerbosePreference", "SilentlyContinue"},
		{"DebugPreference", "SilentlyContinue"}, {"ProgressPreference", "Continue"}, {"InformationPreference", "SilentlyContinue"},
		{"ConfirmPreference", "High"}, {"WhatIfPreference", false}, {"ShellId", "Microsoft.PowerShell"}, {"PSHOME", home},
		{"PSDefaultParameterValues", newHash()}, {"MaximumHistoryCount", int32(4096)}, {"MaximumAliasCount", int32(4096)},
		{"MaximumDriveCount", int32(4096)}, {"MaximumErrorCount", int32(256)}, {"MaximumFunctionCount", int32(4096)},
		{"MaximumVariableCount", int32(4096)}, {"NestedPromptLevel", int32(0)},
		{"ExecutionContext", newObject(typeEngine)}, {"PSEdition", "Desktop"},
		{"HOME", environment("HOME")}, {"PID", environment("PID")}, {"PWD", environment("PWD")}, {"Host", environment("Host")},
		{"PSVersionTable", environment("PSVersionTable")}, {"PROFILE", environment("PROFILE")}, {"PSCulture", environment("PSCulture")},
		{"PSUICulture", environment("PSUICulture")}, {"PSScriptRoot", environment("PSScriptRoot")},
		{"PSCommandPath", environment("PSCommandPath")}, {"MyInvocation", environment("MyInvocation")},
		{"IsWindows", true}, {"IsLinux", false}, {"IsMacOS", false}, {"IsCoreCLR", environment("IsCoreCLR")},
		{"LASTEXITCODE", environment("LASTEXITCODE")}, {"StackTrace", environment("StackTrace")}, {"OutputEncoding", environment("OutputEncoding")},
	} {
		in.store(in.declare(in.global, v.name), v.value, nil)
	}
}

// specialMember reads a property of such an object.
func (in *Interpreter) specialMember(target Value, name, src string) (Value, bool, error) {
	o, ok := target.(*Object)
	if !ok {
		return nil, false, nil
	}
	key := foldCase(name)
	switch o.Type {
	case typeEngine:
		switch key {
		case "invokecommand":
			return newObject(typeIntrinsics), true, nil
		case "sessionstate":
			return newObject(typeSession), true, nil
		}
	case typeSession:
		switch key {
		case "psvariable":
			return newObject(typeVariables), true, nil
		case "invokecommand":
			return newObject(typeIntrinsics), true, nil
		}
	case typePowerShell:
		if key == "streams" || key == "runspace" || key == "runspacepool" || key == "haderrors" {
			return in.derived(src, src), true, nil
		}
		if key == "commands" {
			return o, true, nil
		}
	}
	if r, ok := o.Payload.(*reference); ok && key == "value" {
		return r.get(), true, nil
	}
	return nil, false, nil
}

func (in *Interpreter) specialSetMember(target Value, name string, v Value) (bool, error) {
	o, ok := target.(*Object)
	if !ok {
		return false, nil
	}
	if r, ok := o.Payload.(*reference); ok && foldCase(name) == "value" {
		return true, r.set(v)
	}
	return o.Type == typePowerShell, nil
}

// specialInvokeStatic calls a static method that makes or runs code.
func (in *Interpreter) specialInvokeStatic(t *TypeRef, name string, args []Value, src string) (Value, bool, error) {
	typeName, key := foldCase(strings.TrimPrefix(t.Name, "System.")), foldCase(name)
	switch typeName + "::" + key {
	case "management.automation.scriptblock::create", "scriptblock::create":
		if len(args) == 0 {
			return nil, true, nil
		}
		v, err := in.makeBlock(args[0], "[scriptblock]::Create")
		return v, true, err
	case "management.automation.powershell::create", "powershell::create":
		o := newObject(typePowerShell)
		o.Payload = &shellSteps{}
		return o, true, nil
	case "diagnostics.process::start":
		var file, rest Value
		if len(args) > 0 {
			file = args[0]
		}
		if len(args) > 1 {
			rest = args[1]
		}
		v, err := in.startProcess(file, rest, src)
		return v, true, err
	}
	return nil, false, nil
}

// specialInvoke calls a method of such an object.
func (in *Interpreter) specialInvoke(target Value, name string, args []Value, src string) (Value, bool, error) {
	if u, ok := target.(*Unknown); ok {
		return nil, false, in.startedBy(u, name, args)
	}
	o, ok := target.(*Object)
	if !ok {
		return nil, false, nil
	}
	key := foldCase(name)
	switch o.Type {
	case typeIntrinsics:
		return in.invokeIntrinsics(key, args, src)
	case typeVariables:
		return in.invokeVariables(key, args)
	case typePowerShell:
		v, err := in.invokePowerShell(o, key, args, src)
		return v, true, err
	case typeScriptCmdlet:
		v, err := in.invokeCmdlet(key, args, src)
		return v, true, err
	}
	return nil, false, nil
}

func (in *Interpreter) invokeIntrinsics(key string, args []Value, src string) (Value, bool, error) {
	if len(args) == 0 {
		return nil, false, nil
	}
	switch key {
	case "invokescript":
		text := args[0]
		for _, a := range args {
			if c, ok := a.(*Closure); ok {
				text = c
			}
		}
		out, err := in.invokeScript(text, "InvokeScript")
		return resultOf(out), true, err
	case "newscriptblock":
		v, err := in.makeBlock(args[0], "NewScriptBlock")
		return v, true, err
	case "expandstring":
		v, err := in.expandString(args[0])
		return v, true, err
	case "getcommand", "getcmdlet", "getcommands", "getcmdlets", "getcommandname":
		v, err := in.commandObject(args[0], src)
		if key == "getcommandname" {
			v, err = in.member(v, "Name", src)
		}
		return v, true, err
	}
	return nil, false, nil
}

func (in *Interpreter) invokeVariables(key string, args []Value) (Value, bool, error) {
	if len(args) == 0 {
		return nil, false, nil
	}
	name, ok := in.text(args[0]).(string)
	if !ok {
		return nil, false, nil
	}
	switch key {
	case "getvalue":
		if v, ok := in.lookupVariable(name); ok {
			return v, true, nil
		}
		if len(args) > 1 {
			return args[1], true, nil
		}
		return nil, true, nil
	case "set":
		if len(args) > 1 {
			in.store(in.declare(in.scope, name), args[1], in.sources)
		}
		return nil, true, nil
	}
	return nil, false, nil
}

// invokePowerShell builds or runs the commands of a [powershell] object.
func (in *Interpreter) invokePowerShell(o *Object, key string, args []Value, src string) (Value, error) {
	s, ok := o.Payload.(*shellSteps)
	if !ok {
		return in.derived(src, src), nil
	}
	change := func(f func(*shellSteps)) {
		in.touch(o)
		next := o.Payload.(*shellSteps).copied().(*shellSteps)
		f(next)
		o.Payload = next
	}
	parameter := func(a argument) {
		change(func(s *shellSteps) {
			if n := len(s.list); n > 0 {
				last := s.list[n-1]
				last.args = append(append([]argument(nil), last.args...), a)
				s.list[n-1] = last
			}
		})
	}
	switch key {
	case "addscript":
		if len(args) > 0 {
			change(func(s *shellSteps) { s.list = append(s.list, shellStep{script: args[0]}) })
		}
	case "addcommand":
		if len(args) > 0 {
			change(func(s *shellSteps) { s.list = append(s.list, shellStep{command: args[0]}) })
		}
	case "addstatement":
		change(func(s *shellSteps) { s.list = append(s.list, shellStep{fresh: true}) })
	case "clear":
		change(func(s *shellSteps) { s.list = nil })
	case "addargument":
		for _, v := range args {
			parameter(argument{value: v, has: true, text: expressionOf(v), from: in.sources})
		}
	case "addparameter":
		if len(args) > 0 {
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
	case "addparameters":
		if len(args) > 0 {
			in.addParameters(args[0], parameter)
		}
	case "invoke", "begininvoke", "invokeasync":
		out, err := in.runSteps(s.list)
		if key == "invoke" {
			return newArray(out), err
		}
		return in.unknown(src, OriginCommand), err
	case "endinvoke", "dispose", "stop":
		return nil, nil
	}
	return o, nil
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

// runSteps runs the commands of a [powershell] object as pipelines.
func (in *Interpreter) runSteps(list []shellStep) ([]Value, error) {
	c, out := in.collectorSink()
	for len(list) > 0 {
		n := 0
		for n < len(list) && !list[n].fresh {
			n++
		}
		if n > 0 {
			if err := in.runStepsOnce(list[:n], out); err != nil {
				return c.values, err
			}
		}
		if n < len(list) {
			n++
		}
		list = list[n:]
	}
	return c.values, nil
}

func (in *Interpreter) runStepsOnce(list []shellStep, out sink) error {
	return in.via("[powershell]", func() error {
		stages := make([]*stage, len(list))
		for i, st := range list {
			s := &stage{in: in, scope: in.scope, frame: in.frame, piped: i > 0, next: out}
			if i+1 < len(list) {
				s.next = func(v Value) error { return stages[i+1].take(v) }
			}
			stages[i] = s
			t := target{}
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
			} else {
				t = in.targetOfValue(st.command)
			}
			if err := in.prepareTarget(s, in.currentCommand(), t, st.args); err != nil {
				return err
			}
		}
		return in.settled(in.runStages(stages, false, func() error { return nil }))
	})
}
