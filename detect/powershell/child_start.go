package powershell

// Commands and methods that start programs: Start-Process, Win32_Process,
// WScript.Shell and their kin.

import (
	"slices"
	"strings"
)

// startLine runs a whole command line, as Win32_Process.Create takes it.
func (in *Interpreter) startLine(line Value, via string) error {
	s := in.newStarter(discard)
	program, rest := cutProgram(s.mark(line))
	if s.program(program) == "" {
		in.opaqueHere(line)
	}
	return s.start(program, rest, via)
}

// launchers are programs that run a command line which is one of their
// arguments, by rules of their own.
var launchers = map[string]bool{
	"conhost": true, "forfiles": true, "mshta": true, "pcalua": true, "psexec": true, "psexec64": true, "rundll32": true, "runas": true, "wt": true,
}

// wmic runs what wmic process call create starts.
func (s *starter) wmic(rest string) error {
	var before []string
	for {
		var word string
		if word, rest = cutProgram(rest); word == "" {
			return nil
		}
		if word = foldCase(word); word == "create" && slices.Contains(before, "process") && before[len(before)-1] == "call" {
			break
		}
		before = append(before, word)
	}
	line := strings.TrimSpace(rest)
	if quoted, ok := strings.CutPrefix(line, "'"); ok {
		line, _, _ = strings.Cut(quoted, "'")
	} else if args := splitCommandLine(line); len(args) > 0 && strings.HasPrefix(line, `"`) {
		line = args[0]
	}
	remote := slices.ContainsFunc(before, func(w string) bool { return strings.HasPrefix(w, "/node:") })
	return s.in.onMachine(remote, func() error {
		program, rest := cutProgram(line)
		if s.program(program) == "" {
			s.in.opaqueHere(s.unmark(line))
		}
		return s.start(program, rest, "Win32_Process Create")
	})
}

// start runs a program with its command line on the way that via names.
func (s *starter) start(program, rest, via string) error {
	return s.in.via(via, func() error { return s.in.settled(s.run(s.program(program), rest, nil)) })
}

// startProcess is [Diagnostics.Process]::Start(file, arguments), or of a
// ProcessStartInfo.
func (in *Interpreter) startProcess(file, args Value, src string) (Value, error) {
	if o, ok := file.(*Object); ok {
		if f, ok := o.Get("FileName"); ok {
			file = f
			args, _ = o.Get("Arguments")
		}
	}
	s := in.newStarter(discard)
	program := s.mark(file)
	err := s.start(strings.Trim(program, `"`), s.arguments(args), "[Diagnostics.Process]::Start")
	return in.unknown(src, OriginCommand), err
}

// arguments are those of a new process: text, or texts joined by blanks.
func (s *starter) arguments(v Value) string {
	items, many := enumerable(v)
	if !many {
		items = []Value{v}
	}
	list := make([]string, len(items))
	for i, item := range items {
		list[i] = s.mark(item)
	}
	return strings.Join(list, " ")
}

// startProcessCommand is Start-Process.
func startProcessCommand(x *execution) error {
	in := x.in
	in.risks++
	if x.Switch("WhatIf") == Yes {
		return nil
	}
	s := in.newStarter(discard)
	file, _ := x.Arg("FilePath")
	args, _ := x.Arg("ArgumentList")
	if err := s.start(strings.Trim(s.mark(file), `"`), s.arguments(args), "Start-Process"); err != nil {
		return err
	}
	if x.Switch("PassThru") == No {
		return nil
	}
	return x.Out(in.unknown(x.Source(), OriginCommand))
}

// invokeMethodCommand is Invoke-WmiMethod and Invoke-CimMethod, of which
// Win32_Process.Create starts a process.
func invokeMethodCommand(x *execution) error {
	in := x.in
	in.risks++
	text := func(names ...string) string {
		for _, name := range names {
			if s, given, known := x.Text(name); given && known {
				return foldCase(s)
			}
		}
		return ""
	}
	class := text("Class", "ClassName", "Path", "InputObject")
	if strings.Contains(class, "win32_process") && text("Name", "MethodName") == "create" {
		line, _ := x.Arg("ArgumentList")
		if v, ok := x.Arg("Arguments"); ok {
			line = v
			if h, ok := v.(*Hash); ok {
				line, _ = h.Get("CommandLine")
			}
		}
		if items, many := enumerable(line); many && len(items) > 0 {
			line = items[0]
		}
		err := in.onMachine(x.remote(), func() error { return in.startLine(line, "Win32_Process Create") })
		if err != nil {
			return err
		}
	}
	return x.Out(in.unknown(x.Source(), in.host.Origin(x.Name)))
}

// remote tells whether a command is for another machine.
func (x *execution) remote() bool {
	for _, name := range []string{"ComputerName", "CimSession"} {
		if _, ok := x.Arg(name); ok {
			return true
		}
	}
	return false
}

// onMachine runs a stretch that happens here or on another machine.
func (in *Interpreter) onMachine(remote bool, run func() error) error {
	return in.via("", func() error {
		in.frame.remote = in.frame.remote || remote
		return run()
	})
}

// The .NET types that start processes.
const (
	typeProcess   = "System.Diagnostics.Process"
	typeStartInfo = "System.Diagnostics.ProcessStartInfo"
)

// addProcessMembers makes the types that start processes objects whose
// properties scripts set before they start one.
func addProcessMembers(l *library) {
	startInfo := func(args ...Value) *Object {
		o := newObject(typeStartInfo)
		for i, name := range []string{"FileName", "Arguments"} {
			var v Value = ""
			if i < len(args) {
				v = args[i]
			}
			o.Set(name, v)
		}
		return o
	}
	l.constructors[typeStartInfo] = opened(func(c *call) (Value, error) { return startInfo(c.args...), nil })
	l.constructors[typeProcess] = opened(func(c *call) (Value, error) {
		o := newObject(typeProcess)
		o.Set("StartInfo", startInfo())
		return o, nil
	})
	l.addMethods(typeProcess, map[string]method{
		"start": opened(func(c *call) (Value, error) {
			_, err := c.in.startProcess(propertyOf(c.target.(*Object), "StartInfo"), nil, c.source)
			return true, err
		}),
	})
}

// startedBy runs what a method of an object starts that is not known but by
// its name: Create of Win32_Process, Run and Exec of WScript.Shell,
// ShellExecute of Shell.Application.
func (in *Interpreter) startedBy(target *Unknown, name string, args []Value) error {
	if len(args) == 0 {
		return nil
	}
	of := foldCase(target.Expression)
	switch key := foldCase(name); {
	case key == "create" && strings.Contains(of, "win32_process"):
		return in.startLine(args[0], "Win32_Process Create")
	case key == "run" || key == "exec":
		s := in.newStarter(discard)
		line := expandPercent(s.mark(args[0]), '%', s.environment)
		return in.startLine(s.unmark(line), "WScript.Shell "+name)
	case key == "executeshellcommand" && len(args) > 2: // of MMC
		s := in.newStarter(discard)
		return s.start(strings.Trim(s.mark(args[0]), `"`), s.mark(args[2]), "ExecuteShellCommand")
	case key == "shellexecute":
		s := in.newStarter(discard)
		rest := ""
		if len(args) > 1 {
			rest = s.mark(args[1])
		}
		return s.start(strings.Trim(s.mark(args[0]), `"`), rest, "ShellExecute")
	}
	return nil
}

// childCommands are the commands of this kind.
func childCommands() []*cmdlet {
	machine := []ParameterInfo{{Name: "ComputerName", Aliases: []string{"CN", "PSComputerName"}, Position: -1}, named("Namespace"), named("InputObject"), named("ThrottleLimit")}
	return []*cmdlet{
		{Name: "Start-Process", Run: startProcessCommand, Parameters: slices.Concat([]ParameterInfo{
			{Name: "FilePath", Aliases: []string{"PSPath", "Path"}, Position: 0}, {Name: "ArgumentList", Aliases: []string{"Args"}, Position: 1},
			named("WorkingDirectory"), named("Verb"), named("WindowStyle"), named("Credential"), named("Environment"),
			{Name: "RedirectStandardError", Aliases: []string{"RSE"}, Position: -1}, {Name: "RedirectStandardInput", Aliases: []string{"RSI"}, Position: -1},
			{Name: "RedirectStandardOutput", Aliases: []string{"RSO"}, Position: -1}},
			switches("NoNewWindow", "PassThru", "Wait", "LoadUserProfile", "UseNewEnvironment", "WhatIf", "Confirm"))},
		{Name: "Invoke-WmiMethod", Run: invokeMethodCommand, Parameters: slices.Concat([]ParameterInfo{
			positional("Class", 0), positional("Name", 1), {Name: "ArgumentList", Aliases: []string{"Args"}, Position: 2}, named("Path"),
			named("Authentication"), named("Impersonation"), named("Authority"), named("Credential"), named("Locale")},
			machine, switches("AsJob", "EnableAllPrivileges", "WhatIf", "Confirm"))},
		{Name: "Invoke-CimMethod", Run: invokeMethodCommand, Parameters: slices.Concat([]ParameterInfo{
			{Name: "ClassName", Aliases: []string{"Class"}, Position: 0}, positional("Arguments", 1),
			{Name: "MethodName", Aliases: []string{"Name"}, Position: 2}, named("CimSession"), named("CimClass"), named("Query"), named("QueryDialect"),
			named("OperationTimeoutSec"), named("ResourceUri")}, machine, switches("WhatIf", "Confirm"))},
	}
}
