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
		if has("/create") || has("/change") {
			return s.registerLine(following("/tr"), "schtasks")
		}
	case "sc":
		if has("create") || has("config") {
			return s.registerLine(following("binpath="), "sc.exe")
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
	if err := s.registerLine(line, x.Name); err != nil {
		return err
	}
	return x.Out(x.in.unknown(x.Source(), OriginCommand))
}

// newService is New-Service.
func newService(x *execution) error {
	x.in.risks++
	s := x.in.newStarter(discard)
	line, _ := x.Arg("BinaryPathName")
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
		{Name: "New-Service", Run: newService, Open: true, Parameters: []ParameterInfo{
			positional("Name", 0), {Name: "BinaryPathName", Aliases: []string{"Path"}, Position: 1}, named("DisplayName"), named("Description"),
			named("StartupType"), named("Credential"), named("DependsOn")}},
		property("Set-ItemProperty", positional("Value", 2)),
		property("New-ItemProperty", named("Value")),
	}
}
