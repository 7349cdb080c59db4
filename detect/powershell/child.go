package powershell

// Programs that a script calls, as far as they run PowerShell in turn:
// powershell.exe, pwsh, cmd.exe. What starts them otherwise is in
// child_start.go.

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
	size  int               // of the text put into command lines so far
	set   map[string]string // variables of cmd.exe that the line sets
}

func (in *Interpreter) newStarter(out sink) *starter {
	return &starter{in: in, out: out, set: map[string]string{}}
}

// grow notes that a text is put into a command line, and tells whether the
// budget allows for it.
func (s *starter) grow(n int) bool {
	if s.size <= s.in.budget.Text {
		s.size += n
	}
	return s.size <= s.in.budget.Text
}

// fits returns the limit error if the command lines have become too long.
func (s *starter) fits() error { return s.in.fits(int64(s.size)) }

// mark is a value as text with marks for holes; nothing beyond the budget.
func (s *starter) mark(v Value) string {
	if !s.grow(0) {
		return ""
	}
	var b strings.Builder
	for _, p := range Parts(s.in.text(v)) {
		if p.Hole == nil {
			b.WriteString(p.Text)
			continue
		}
		b.WriteString(holeOpen + strconv.Itoa(len(s.holes)) + holeClose)
		s.holes = append(s.holes, p.Hole)
	}
	if !s.grow(b.Len()) {
		return ""
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
			return true, in.childBlock(program, args, at, input, out)
		}
	case "cmd", "schtasks", "sc", "reg", "wmic":
	default:
		if !launchers[program] {
			return false, nil
		}
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
func (in *Interpreter) childBlock(program string, args []Value, at int, input []Value, out sink) error {
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
		o := callOptions{HasInput: len(input) > 0, Input: slices.Clone(input)}
		for i, v := range o.Input {
			o.Input[i] = in.sentOver(v)
		}
		return in.runChildWith(block, given, program+" -Command", false, o, out)
	})
}

// dialectOf is what powershell or pwsh speaks.
func dialectOf(program string) Dialect {
	if program == "pwsh" {
		return PowerShellCore
	}
	return WindowsPowerShell
}

// inDialect runs a stretch whose text is read as the program reads it.
func (in *Interpreter) inDialect(program string, run func() error) error {
	d := dialectOf(program)
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
	if err := s.fits(); err != nil {
		return err
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
		return s.cmd(rest, input)
	case "wmic":
		return s.wmic(rest)
	}
	if launchers[program] {
		s.in.opaqueHere(s.unmark(rest))
	}
	return s.register(program, rest)
}

// shell runs what a command line of PowerShell says.
func (s *starter) shell(program, rest string, input *string) error {
	line := readShellLine(splitCommandLine(rest), dialectOf(program))
	switch line.is {
	case shellCommand:
		return s.child(program, " -Command", s.unmark(line.text))
	case shellCommandArgs:
		return s.childWithArgs(program, line)
	case shellEncoded:
		return s.encoded(program, line.text)
	case shellFile:
		s.in.runsFile(s.unmark(line.text))
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
			in.opaqueHere(s.unmark(line.text))
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
		v := s.unmark(text)
		return s.child(program, " -EncodedCommand", s.in.derived(expressionOf(v), "decoded|"+identityOf(v), v))
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
	return textOfUTF16(b), true
}

// environment is a variable that cmd.exe sees: one that the line or the script
// set, else the machine's.
func (s *starter) environment(name string) (string, bool) {
	if v, ok := s.set[foldCase(name)]; ok {
		return v, v != "" && s.grow(len(v))
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
func (s *starter) cmd(rest string, input *string) error {
	c, ok := cutCmdSwitches(rest)
	if !ok && input == nil {
		return nil
	}
	if !ok {
		c.text, input = *input, nil
	}
	return s.in.via("cmd /c", func() error { return s.cmdText(c, input) })
}

func (s *starter) cmdText(c cmdLine, input *string) error {
	// What the line itself sets is not yet set where the line is read.
	later := setNames(c.text)
	text := expandPercent(c.text, '%', func(name string) (string, bool) {
		if later[foldCase(name)] {
			return "", false
		}
		return s.environment(name)
	})
	if err := s.fits(); err != nil {
		return err
	}
	if err := s.in.spend(len(text) / 16); err != nil {
		return err
	}
	var fed *string
	for _, step := range cmdSteps(text) {
		line := step.text
		if c.delayed {
			line = expandPercent(line, '!', s.environment)
		}
		if !step.piped {
			fed = input
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
	if s.depth >= maxLines {
		return nil, nil
	}
	if err := s.fits(); err != nil {
		return nil, err
	}
	if err := s.in.spend(1 + len(line)/16); err != nil {
		return nil, err
	}
	s.depth++
	defer func() { s.depth-- }()
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
	program, rest := cutCmdProgram(strings.TrimLeft(line, " \t@"))
	if cut := strings.IndexByte(program, '/'); cut > 0 && programName(program[:cut]) == "cmd" { // cmd/c
		program, rest = program[:cut], program[cut:]+rest
	}
	name := s.program(program)
	if name == "" {
		s.in.opaqueHere(s.unmark(line))
	}
	return nil, s.run(name, rest, fed)
}

// cmdFor runs the command of a for for each word, or for one that is not known.
func (s *starter) cmdFor(line string) error {
	f, ok := readFor(line)
	if !ok {
		return nil
	}
	if f.known {
		for _, word := range f.words {
			if !s.grow(strings.Count(f.command, "%") * len(word)) {
				return s.fits()
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
