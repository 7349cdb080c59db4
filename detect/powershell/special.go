package powershell

// Objects and types through which a script reaches the interpreter itself:
// $ExecutionContext, [scriptblock]::Create.

import (
	"slices"
	"strings"
)

const (
	typeEngine     = "System.Management.Automation.EngineIntrinsics"
	typeIntrinsics = "System.Management.Automation.CommandInvocationIntrinsics"
	typeSession    = "System.Management.Automation.SessionState"
	typeProviders  = "System.Management.Automation.ProviderIntrinsics"
	typeItems      = "System.Management.Automation.ItemCmdletProviderIntrinsics"
	typeVariables  = "System.Management.Automation.PSVariableIntrinsics"
)

// setUp sets the variables that a session begins with.
func (in *Interpreter) setUp() {
	outer, sources, frame := in.scope, in.sources, in.frame
	f := *frame
	f.block = -1
	in.scope, in.sources, in.frame = in.global, nil, &f
	defer func() { in.scope, in.sources, in.frame = outer, sources, frame }()
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
		case "invokeprovider":
			return newObject(typeProviders), true, nil
		}
	case typeIntrinsics:
		if slices.ContainsFunc(memberLists[typeIntrinsics].methods, func(m string) bool { return strings.EqualFold(m, name) }) {
			return newPayload(typePSMethod, &boundMethod{o, name}), true, nil
		}
	case typeProviders:
		if key == "item" {
			return newObject(typeItems), true, nil
		}
	case typeSession:
		switch key {
		case "invokeprovider":
			return newObject(typeProviders), true, nil
		case "psvariable":
			return newObject(typeVariables), true, nil
		case "invokecommand":
			return newObject(typeIntrinsics), true, nil
		}
	}
	if m, ok := o.Payload.(*module); ok && key == "sessionstate" {
		return newPayload(typeRunspace, &runspace{m.scope}), true, nil
	}
	if v, ok := in.shellMember(o, key, src); ok {
		return v, true, nil
	}
	if r, ok := o.Payload.(*reference); ok && key == "value" {
		return r.get(), true, nil
	}
	return nil, false, nil
}

// commandHooks are the properties whose block runs when a command is looked up,
// or in its place.
var commandHooks = map[string]bool{
	"commandnotfoundaction": true, "precommandlookupaction": true, "postcommandlookupaction": true, "locationchangedaction": true,
	"commandscriptblock": true,
}

func (in *Interpreter) specialSetMember(target Value, name string, v Value) (bool, error) {
	if block, ok := v.(*Closure); ok && commandHooks[foldCase(name)] {
		return true, in.maybe(block)
	}
	o, ok := target.(*Object)
	if !ok {
		return false, nil
	}
	if r, ok := o.Payload.(*reference); ok && foldCase(name) == "value" {
		return true, r.set(v)
	}
	return in.setShellMember(o, foldCase(name), v), nil
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
		return in.newShell(args), true, nil
	case "microsoft.visualbasic.interaction::shell":
		if len(args) == 0 {
			return nil, false, nil
		}
		return in.unknown(src, OriginCommand), true, in.startLine(args[0], "[Interaction]::Shell")
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
	if strings.HasPrefix(foldCase(name), "add_") && len(args) == 1 {
		if block, ok := args[0].(*Closure); ok { // it runs when the event happens
			return nil, true, in.maybe(block)
		}
	}
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
	case typeItems:
		return in.invokeItems(key, args)
	case typeScriptCmdlet:
		v, err := in.invokeCmdlet(key, args, src)
		return v, true, err
	}
	switch p := o.Payload.(type) {
	case *module:
		return in.invokeModule(p, key, args)
	case *shell:
		v, err := in.invokeShell(o, key, args, src)
		return v, true, err
	case *runspace:
		return in.invokeRunspace(o, key, args)
	case *steppable:
		return in.invokeSteppable(o, key, args)
	}
	return nil, false, nil
}

func (in *Interpreter) invokeIntrinsics(key string, args []Value, src string) (Value, bool, error) {
	if len(args) == 0 {
		return nil, false, nil
	}
	switch key {
	case "invokescript":
		out, err := in.invokeScript(args)
		return resultOf(out), true, err
	case "newscriptblock":
		v, err := in.makeBlock(args[0], "NewScriptBlock")
		return v, true, err
	case "expandstring":
		v, err := in.expandString(args[0])
		return v, true, err
	case "getcommand", "getcmdlet", "getcommands", "getcmdlets", "getcommandname":
		var f commandFilter
		switch {
		case strings.HasPrefix(key, "getcmdlet"):
			f.kinds = []string{"Cmdlet"}
		case len(args) > 1 && key != "getcommandname":
			f.kinds = in.commandKinds(args[1])
		}
		v, err := in.commandObject(args[0], f, src)
		if key == "getcommandname" {
			if v, err = in.member(v, "Name", src); !isUnknown(v) {
				v = newList(typeGenericList, enumerate(v)...)
			}
		}
		return v, true, err
	}
	return nil, false, nil
}

// invokeItems calls a method of $ExecutionContext.InvokeProvider.Item.
func (in *Interpreter) invokeItems(key string, args []Value) (Value, bool, error) {
	if len(args) == 0 {
		return nil, false, nil
	}
	path, _ := in.text(args[0]).(string)
	value := args[len(args)-1]
	if key == "new" && len(args) > 3 {
		name, _ := in.text(args[1]).(string)
		path = strings.TrimRight(path, `\`) + name
		if !strings.Contains(path, ":") {
			path = name
		}
	}
	drive, name, ok := cutDrive(path)
	if !ok {
		return nil, false, nil
	}
	switch {
	case key == "set" && len(args) > 1, key == "new" && len(args) > 3:
		return value, true, in.setDriveItem(drive, name, value)
	case key == "clear":
		return nil, true, in.setDriveItem(drive, name, nil)
	case key == "get" && !hasWildcard(name):
		return in.driveObject(drive, name), true, nil
	}
	return nil, false, nil
}

func (in *Interpreter) invokeVariables(key string, args []Value) (Value, bool, error) {
	if len(args) == 0 {
		return nil, false, nil
	}
	if o, ok := args[0].(*Object); ok && o.Type == typePSVariable && key == "set" && len(args) == 1 {
		name, _ := o.Get("Name")
		v, _ := o.Get("Value")
		args = []Value{name, v}
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
