package powershell

// Programs that a script starts, as far as they run PowerShell in turn:
// powershell.exe, pwsh, cmd.exe, Start-Process and its kin.

import (
	"slices"
	"strconv"
	"strings"
)

// maxLines bounds command lines within command lines.
const maxLines = 16

// starter runs command lines. Values that are not known stand in them as marks.
type starter struct {
	in    *Interpreter
	holes []*Unknown
	out   sink
	ran   bool // something was run, or is known to put out nothing
	depth int
	set   map[string]string // variables of cmd.exe that the line sets
}

func (in *Interpreter) newStarter(out sink) *starter {
	return &starter{in: in, out: out, set: map[string]string{}}
}

// mark is a value as text with marks for holes.
func (s *starter) mark(v Value) string {
	var b strings.Builder
	for _, p := range Parts(s.in.text(v)) {
		if p.Hole == nil {
			b.WriteString(p.Text)
			continue
		}
		b.WriteString(holeOpen + strconv.Itoa(len(s.holes)) + holeClose)
		s.holes = append(s.holes, p.Hole)
	}
	return b.String()
}

// unmark is text with marks as a value.
func (s *starter) unmark(text string) Value {
	in, outer := s.in, s.in.frame
	f := *outer
	f.holes = s.holes
	in.frame = &f
	defer func() { in.frame = outer }()
	return in.constantText(text)
}

// hole is the unknown value that a text consists of, or nil.
func (s *starter) hole(text string) *Unknown {
	switch v := s.unmark(text).(type) {
	case *Text:
		if len(v.Parts) == 1 {
			return v.Parts[0].Hole
		}
	case *Unknown:
		return v
	}
	return nil
}

// program is the name of a program by its path, of which only the end need be
// known; $env:ComSpec is cmd.exe.
func (s *starter) program(path string) string {
	if u := s.hole(path); u != nil {
		if equalFold(u.Expression, "$env:comspec") {
			return "cmd"
		}
		return ""
	}
	name := programName(path)
	if strings.Contains(name, holeOpen) {
		return ""
	}
	return name
}

// programOf is the path of a program whose folder is not known, as
// "$env:SystemRoot\System32\cmd.exe": a name that can be called by.
func (in *Interpreter) programOf(v Value) (string, bool) {
	s := in.newStarter(discard)
	switch s.program(s.mark(v)) {
	case "powershell":
		return "powershell.exe", true
	case "pwsh":
		return "pwsh.exe", true
	case "cmd":
		return "cmd.exe", true
	}
	return "", false
}

// nativeChild runs a program that a script calls by name, if it is one that
// runs PowerShell. args are its arguments as written, input what is piped to
// it.
func (in *Interpreter) nativeChild(name string, args, input []Value, src string, out sink) (handled bool, err error) {
	s := in.newStarter(in.textSink(src, out))
	program := programName(name)
	switch program {
	case "powershell", "pwsh":
		if at := slices.IndexFunc(args, func(v Value) bool { _, ok := v.(*Closure); return ok }); at >= 0 {
			return true, in.childBlock(program, args, at, out)
		}
	case "cmd":
	default:
		return false, nil
	}
	line := s.line(args)
	err = s.run(program, line, s.inputText(input))
	return s.ran, err
}

// textSink takes what another process puts out: text.
func (in *Interpreter) textSink(src string, out sink) sink {
	return func(v Value) error {
		switch v.(type) {
		case *Object, *Hash, *Closure:
			u := in.derived(src, "output|"+src, v)
			u.Many = true
			if u.Origin == "" {
				u.Origin = OriginCommand
			}
			return out(u)
		case *Array, *List:
			return in.emit(v, out)
		}
		return out(in.text(v))
	}
}

// line is the command line that PowerShell makes of arguments. What follows --%
// is passed as it is.
func (s *starter) line(args []Value) string {
	var list []string
	for i, v := range args {
		if v == "--%" {
			raw := make([]string, 0, len(args)-i)
			for _, rest := range args[i+1:] {
				raw = append(raw, s.mark(rest))
			}
			line := expandPercent(strings.Join(raw, " "), '%', s.environment)
			return strings.TrimSpace(joinArguments(list, s.in.dialect()) + " " + line)
		}
		items, many := enumerable(v)
		if !many {
			items = []Value{v}
		}
		for _, item := range items {
			list = append(list, s.mark(item))
		}
	}
	return joinArguments(list, s.in.dialect())
}

func (s *starter) inputText(input []Value) *string {
	if len(input) == 0 {
		return nil
	}
	lines := make([]string, len(input))
	for i, v := range input {
		lines[i] = s.mark(v)
	}
	text := strings.Join(lines, "\n")
	return &text
}

// childBlock runs -Command {...}: its arguments follow -args.
func (in *Interpreter) childBlock(program string, args []Value, at int, out sink) error {
	block := args[at].(*Closure)
	var given []Value
	for i, v := range args[at+1:] {
		if name, ok := v.(string); ok {
			if name, ok := shellDash(name); ok && len(name) > 0 && strings.HasPrefix("args", foldCase(name)) {
				for _, v := range args[at+2+i:] {
					items, many := enumerable(v)
					if !many {
						items = []Value{v}
					}
					given = append(given, items...)
				}
				break
			}
		}
	}
	return in.inDialect(program, func() error {
		return in.runChildBlock(block, given, program+" -Command", false, out)
	})
}

// inDialect runs a stretch whose text is read as the program reads it.
func (in *Interpreter) inDialect(program string, run func() error) error {
	d := WindowsPowerShell
	if program == "pwsh" {
		d = PowerShellCore
	}
	if in.dialect() == d {
		return run()
	}
	outer := in.frame
	f := *outer
	f.tree = &Tree{Text: outer.tree.Text, Dialect: d, Root: outer.tree.Root}
	in.frame = &f
	defer func() { in.frame = outer }()
	return run()
}

// run runs a program with the rest of its command line.
func (s *starter) run(program, rest string, input *string) error {
	if s.depth >= maxLines {
		return nil
	}
	if err := s.in.spend(1 + len(rest)/16); err != nil {
		return err
	}
	s.depth++
	defer func() { s.depth-- }()
	switch program {
	case "powershell", "pwsh":
		return s.shell(program, rest, input)
	case "cmd":
		return s.cmd(rest)
	}
	return nil
}

// shell runs what a command line of PowerShell says.
func (s *starter) shell(program, rest string, input *string) error {
	d := WindowsPowerShell
	if program == "pwsh" {
		d = PowerShellCore
	}
	line := readShellLine(splitCommandLine(rest), d)
	switch line.is {
	case shellCommand:
		return s.child(program, " -Command", s.unmark(line.text))
	case shellCommandArgs:
		return s.childWithArgs(program, line)
	case shellEncoded:
		return s.encoded(program, line.text)
	case shellStandard, shellPrompt:
		if input != nil {
			return s.child(program, " -Command -", s.unmark(*input))
		}
	}
	return nil
}

// child runs text in another PowerShell.
func (s *starter) child(program, how string, text Value) error {
	s.ran = true
	return s.in.inDialect(program, func() error { return s.in.runChild(text, program+how, s.out) })
}

func (s *starter) childWithArgs(program string, line shellLine) error {
	s.ran = true
	in := s.in
	args := make([]Value, len(line.args))
	for i, a := range line.args {
		args[i] = s.unmark(a)
	}
	return in.inDialect(program, func() error {
		p, err := in.parse(s.unmark(line.text))
		if err != nil {
			return err
		}
		if p == nil {
			in.opaqueHere()
			return nil
		}
		if p.broken() {
			return nil
		}
		return in.runChildBlock(&Closure{Body: p.tree.Root, Tree: p.tree, Block: -1}, args, program+" -CommandWithArgs", false, s.out)
	})
}

// encoded runs text that is given in base64 of its UTF-16 units.
func (s *starter) encoded(program, text string) error {
	if strings.Contains(text, holeOpen) {
		u := s.hole(text)
		if u != nil && u.encoded != nil {
			return s.child(program, " -EncodedCommand", u.encoded)
		}
		return s.child(program, " -EncodedCommand", s.in.derived(expressionOf(s.unmark(text)), text, s.unmark(text)))
	}
	code, ok := decodeCommand(text)
	if !ok {
		return nil // refused
	}
	return s.child(program, " -EncodedCommand", code)
}

// decodeCommand is the text of -EncodedCommand.
func decodeCommand(text string) (string, bool) {
	b, ok := decodeBase64(text)
	if !ok || len(b) == 0 {
		return "", false
	}
	units := make([]uint16, len(b)/2)
	for i := range units {
		units[i] = uint16(b[2*i]) | uint16(b[2*i+1])<<8
	}
	return stringFromUnits(units), true
}

// environment is a variable that cmd.exe sees: one that the line or the script
// set, else the machine's.
func (s *starter) environment(name string) (string, bool) {
	if v, ok := s.set[foldCase(name)]; ok {
		return v, v != ""
	}
	if name == "" || strings.Trim(foldCase(name), "abcdefghijklmnopqrstuvwxyz0123456789_()") != "" {
		return "", false
	}
	v := s.in.environmentVariable(name)
	if v == nil {
		return "", false
	}
	return s.mark(v), true
}

// cmd runs a command line of cmd.exe.
func (s *starter) cmd(rest string) error {
	c, ok := cutCmdSwitches(rest)
	if !ok {
		return nil
	}
	return s.in.via("cmd /c", func() error { return s.cmdText(c) })
}

func (s *starter) cmdText(c cmdLine) error {
	// What the line itself sets is not yet set where the line is read.
	folded := foldCase(c.text)
	text := expandPercent(c.text, '%', func(name string) (string, bool) {
		if strings.Contains(folded, "set "+foldCase(name)+"=") || strings.Contains(folded, `set "`+foldCase(name)+"=") {
			return "", false
		}
		return s.environment(name)
	})
	var fed *string
	for _, step := range cmdSteps(text) {
		line := step.text
		if c.delayed {
			line = expandPercent(line, '!', s.environment)
		}
		if !step.piped {
			fed = nil
		}
		var err error
		if step.maybe {
			fed, err = nil, s.perhaps(line)
		} else {
			fed, err = s.cmdCommand(line, fed, step.feeds)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// perhaps runs a command of which it is not known whether it runs.
func (s *starter) perhaps(line string) error {
	_, err := s.in.fork("", 2, func(k int) (Value, error) {
		if k == 0 {
			return nil, nil
		}
		_, err := s.cmdCommand(line, nil, false)
		return nil, err
	})
	return err
}

// cmdCommand runs one command of cmd.exe and returns what it puts out into a
// pipe, if that is known.
func (s *starter) cmdCommand(line string, fed *string, feeds bool) (*string, error) {
	for range maxLines {
		word, rest := cutWord(strings.TrimLeft(line, " \t@"), "call", "start", "if", "for", "set", "echo")
		switch word {
		case "call":
			line = expandPercent(rest, '%', s.environment)
			continue
		case "start":
			line = cutStart(rest)
			continue
		case "if":
			if rest = cutIf(rest); rest == "" {
				return nil, nil
			}
			return nil, s.perhaps(rest)
		case "for":
			return nil, s.cmdFor(rest)
		case "set":
			if name, value, ok := strings.Cut(strings.Trim(rest, `"`), "="); ok {
				s.set[foldCase(strings.TrimSpace(name))] = value
			}
			return nil, nil
		case "echo":
			if !feeds {
				s.ran = true
				return nil, s.out(s.unmark(rest))
			}
			return &rest, nil
		}
		break
	}
	program, rest := cutProgram(strings.TrimLeft(line, " \t@"))
	if cut := strings.IndexByte(program, '/'); cut > 0 && programName(program[:cut]) == "cmd" { // cmd/c
		program, rest = program[:cut], program[cut:]+rest
	}
	return nil, s.run(s.program(program), rest, fed)
}

// cmdFor runs the command of a for for each word, or for one that is not known.
func (s *starter) cmdFor(line string) error {
	f, ok := readFor(line)
	if !ok {
		return nil
	}
	if f.known {
		for _, word := range f.words {
			if err := s.in.spend(1); err != nil {
				return err
			}
			if _, err := s.cmdCommand(f.replaceVariable(word), nil, false); err != nil {
				return err
			}
		}
		return nil
	}
	u := s.in.unknown("%"+f.variable, OriginVariable)
	return s.in.symbolic("for %"+f.variable, func() error {
		_, err := s.cmdCommand(f.replaceVariable(s.mark(u)), nil, false)
		return err
	})
}

// startLine runs a whole command line, as Win32_Process.Create takes it.
func (in *Interpreter) startLine(line Value, via string) error {
	s := in.newStarter(discard)
	program, rest := cutProgram(s.mark(line))
	if s.program(program) == "" {
		in.opaqueHere()
	}
	return s.start(program, rest, via)
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
	s := in.newStarter(discard)
	file, _ := x.Arg("FilePath")
	args, _ := x.Arg("ArgumentList")
	if err := s.start(strings.Trim(s.mark(file), `"`), s.arguments(args), "Start-Process"); err != nil {
		return err
	}
	if x.Switch("PassThru") == No {
		return nil
	}
	return x.Out(in.unknown(x.Source, OriginCommand))
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
	return x.Out(in.unknown(x.Source, in.host.Origin(x.Name)))
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
	case (key == "run" || key == "exec") && strings.Contains(of, "wscript.shell"):
		return in.startLine(args[0], "WScript.Shell "+name)
	case key == "shellexecute" && strings.Contains(of, "shell.application"):
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
