package powershell

// Commands that have a command line run later: scheduled tasks, services, run
// keys. That it ran then, no text shows.

import (
	"slices"
	"strings"
)

// later runs a stretch as one that is registered, by what via names, to run
// later. It leaves nothing behind.
func (in *Interpreter) later(via string, run func() error) error {
	risks, hosted := in.risks, in.hosted
	defer func() { in.risks, in.hosted = risks, hosted }()
	return in.via(via, func() error {
		in.frame.later = true
		return in.settled(run())
	})
}

// registered is a command line that a script has registered as a task or a
// service, or the action of a task.
type registered struct {
	service bool
	name    string // lower case; empty: not known, or an action that is no task's yet
	line    Value  // nil: not known
	action  string // the identity of the action's object
}

// maxRegistered bounds what is remembered of such lines.
const maxRegistered = 64

func (in *Interpreter) remember(r registered) {
	if len(in.registered) < maxRegistered {
		in.registered = append(in.registered, r)
	}
}

// rememberLine keeps a registered line, in case the script starts it.
func (s *starter) rememberLine(service bool, name, line string) {
	if line != "" {
		s.in.remember(registered{service: service, name: taskName(name), line: s.unmark(expandPercent(line, '%', s.environment))})
	}
}

// taskName is the name of a task or service in lower case, without the root
// folder.
func taskName(name string) string { return strings.TrimPrefix(foldCase(name), `\`) }

// startRegistered runs what was registered under a name: the last line of that
// name. Where its name or its line is not known, it may be each of those that it
// can be.
func (in *Interpreter) startRegistered(service bool, name, via string) error {
	name = taskName(name)
	var perhaps []Value
	for _, r := range slices.Backward(in.registered) {
		switch {
		case r.service != service:
		case name == "" || r.name == "":
			if r.line != nil {
				perhaps = append(perhaps, r.line)
			}
		case r.name == name && r.line != nil:
			return in.startLine(r.line, via)
		}
	}
	if name != "" && !slices.ContainsFunc(in.registered, func(r registered) bool { return r.service == service && r.name == name }) {
		return nil // it is another one
	}
	for _, line := range perhaps {
		_, err := in.fork("", 2, func(k int) (Value, error) {
			if k == 0 {
				return nil, nil
			}
			return nil, in.startLine(line, via)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// registerLine takes a command line that is to run later.
func (s *starter) registerLine(line, via string) error {
	line = expandPercent(line, '%', s.environment)
	program, rest := cutProgram(line)
	ran := s.ran
	defer func() { s.ran = ran }()
	return s.in.later(via, func() error { return s.run(s.program(program), rest, nil) })
}

// register takes what a program registers, of which the rest of its command
// line is given.
func (s *starter) register(program, rest string) error {
	args := splitCommandLine(rest)
	has := func(name string) bool {
		return slices.ContainsFunc(args, func(a string) bool { return strings.EqualFold(a, name) })
	}
	following := func(name string) string {
		for i, a := range args[:max(0, len(args)-1)] {
			if strings.EqualFold(a, name) {
				return args[i+1]
			}
		}
		return ""
	}
	switch program {
	case "schtasks":
		switch {
		case has("/create"), has("/change"):
			s.rememberLine(false, following("/tn"), following("/tr"))
			return s.registerLine(following("/tr"), "schtasks")
		case has("/run"):
			return s.in.startRegistered(false, following("/tn"), "schtasks")
		}
	case "sc":
		switch {
		case has("create"):
			s.rememberLine(true, following("create"), following("binpath="))
			return s.registerLine(following("binpath="), "sc.exe")
		case has("config"):
			s.rememberLine(true, following("config"), following("binpath="))
			return s.registerLine(following("binpath="), "sc.exe")
		case has("start"):
			return s.in.startRegistered(true, following("start"), "sc.exe")
		}
	case "reg":
		if has("add") && slices.ContainsFunc(args, isRunKey) {
			return s.registerLine(following("/d"), "reg.exe")
		}
	}
	return nil
}

// isRunKey reports whether a path is of a key whose values are command lines
// that run when somebody logs on.
func isRunKey(path string) bool {
	path = strings.TrimRight(foldCase(path), `\`)
	return strings.HasSuffix(path, `\currentversion\run`) || strings.HasSuffix(path, `\currentversion\runonce`)
}

// taskAction is New-ScheduledTaskAction.
func taskAction(x *execution) error {
	s := x.in.newStarter(discard)
	file, _ := x.Arg("Execute")
	args, _ := x.Arg("Argument")
	line := `"` + strings.Trim(s.mark(file), `"`) + `" ` + s.arguments(args)
	u := x.in.unknown(x.Source(), OriginCommand)
	x.in.remember(registered{line: s.unmark(expandPercent(line, '%', s.environment)), action: identityOf(u)})
	if err := s.registerLine(line, x.Name); err != nil {
		return err
	}
	return x.Out(u)
}

// registerTask is Register-ScheduledTask. An action that is made on the way to
// it, as by New-ScheduledTask, is not known.
func registerTask(x *execution) error {
	in := x.in
	in.risks++
	name, _, _ := x.Text("TaskName")
	r := registered{name: taskName(name)}
	action, _ := x.Arg("Action")
	for _, known := range in.registered {
		if u, ok := action.(*Unknown); ok && known.action == identityOf(u) && known.action != "" {
			r.line = known.line
		}
	}
	in.remember(r)
	return x.Out(in.unknown(x.Source(), OriginCommand))
}

// startByName returns Start-ScheduledTask or Start-Service, which starts what the
// parameter names.
func startByName(service bool, parameter string) func(*execution) error {
	return func(x *execution) error {
		x.in.risks++
		name, _, _ := x.Text(parameter)
		if err := x.in.startRegistered(service, name, x.Name); err != nil {
			return err
		}
		return quiet(x)
	}
}

// newService is New-Service.
func newService(x *execution) error {
	x.in.risks++
	s := x.in.newStarter(discard)
	line, _ := x.Arg("BinaryPathName")
	name, _, _ := x.Text("Name")
	s.rememberLine(true, name, s.mark(line))
	if err := s.registerLine(s.mark(line), x.Name); err != nil {
		return err
	}
	return x.Out(x.in.unknown(x.Source(), OriginCommand))
}

// itemProperty is Set-ItemProperty or New-ItemProperty.
func itemProperty(x *execution) error {
	x.in.risks++
	path, _, _ := x.Text("Path")
	if literal, given, _ := x.Text("LiteralPath"); given {
		path = literal
	}
	value, _ := x.Arg("Value")
	x.in.stores(nil, value)
	if isRunKey(path) {
		s := x.in.newStarter(discard)
		if err := s.registerLine(s.mark(value), x.Name); err != nil {
			return err
		}
	}
	if x.Name == "Set-ItemProperty" {
		return quiet(x)
	}
	return x.unknownOut(x.in.host.Origin(x.Name))
}

// registeringCommands are the commands of this kind.
func registeringCommands() []*cmdlet {
	property := func(name string, value ParameterInfo) *cmdlet {
		return &cmdlet{Name: name, Run: itemProperty, Open: true, Parameters: slices.Concat([]ParameterInfo{
			positional("Path", 0), {Name: "LiteralPath", Aliases: []string{"PSPath"}, Position: -1}, {Name: "Name", Aliases: []string{"PSProperty"}, Position: 1},
			{Name: "PropertyType", Aliases: []string{"Type"}, Position: -1}, value}, switches("PassThru", "Force"))}
	}
	return []*cmdlet{
		{Name: "New-ScheduledTaskAction", Run: taskAction, Open: true, Parameters: []ParameterInfo{
			positional("Execute", 0), positional("Argument", 1), positional("WorkingDirectory", 2), named("Id"), named("CimSession"), named("ThrottleLimit")}},
		{Name: "Register-ScheduledTask", Run: registerTask, Open: true, Parameters: slices.Concat([]ParameterInfo{
			positional("TaskName", 0), positional("TaskPath", 1), positional("Action", 2), positional("Trigger", 3), positional("Settings", 4),
			named("InputObject"), named("Principal"), named("User"), named("Password"), named("RunLevel"), named("Description"), named("Xml"), named("CimSession"),
		}, switches("Force", "AsJob"))},
		{Name: "Start-ScheduledTask", Run: startByName(false, "TaskName"), Open: true, Parameters: slices.Concat([]ParameterInfo{
			positional("TaskName", 0), positional("TaskPath", 1), named("InputObject"), named("CimSession"), named("ThrottleLimit")}, switches("AsJob"))},
		{Name: "Start-Service", Run: startByName(true, "Name"), Open: true, Parameters: slices.Concat([]ParameterInfo{
			{Name: "Name", Aliases: []string{"ServiceName"}, Position: 0}, named("DisplayName"), named("InputObject"), named("Include"), named("Exclude")},
			switches("PassThru", "WhatIf", "Confirm"))},
		{Name: "New-Service", Run: newService, Open: true, Parameters: []ParameterInfo{
			positional("Name", 0), {Name: "BinaryPathName", Aliases: []string{"Path"}, Position: 1}, named("DisplayName"), named("Description"),
			named("StartupType"), named("Credential"), named("DependsOn")}},
		property("Set-ItemProperty", positional("Value", 2)),
		property("New-ItemProperty", named("Value")),
	}
}
