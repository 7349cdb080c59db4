package powershell

// What a command's name stands for, and how commands other than script blocks
// become stages of a pipeline.

import (
	"cmp"
	"slices"
	"strings"
	"sync"
)

// cmdlet is a command that the interpreter knows. It has one of Run, which
// gets all its input at once, and Stream.
type cmdlet struct {
	Name       string
	Aliases    []string
	Parameters []ParameterInfo
	windows    []ParameterInfo // those that Windows PowerShell has
	Open       bool            // it takes parameters that are not listed
	// Alone says that Stream's process is called once where there is no input.
	Alone  bool
	Run    func(x *execution) error
	Stream func(x *execution) (process func(Value) error, end func() error)
}

// execution is a cmdlet that runs.
type execution struct {
	in       *Interpreter
	Name     string
	Input    []Value // of Run: what came through the pipeline
	HasInput bool
	command  *Command
	binding  *binding
	stage    *stage
	err      error // of Stream
}

// Source is that of the command and of what gives its input, by which unknown
// results are named.
func (x *execution) Source() string { return x.stage.given() + x.stage.named() }

// Arg returns the argument of a parameter.
func (x *execution) Arg(name string) (Value, bool) {
	b := x.binding.find(name)
	if b == nil {
		return nil, false
	}
	if b.param != nil && !takesNumber(b.param.Type) {
		return b.arg.forText(b.value), true
	}
	return b.value, true
}

// Switch tells whether a switch is set.
func (x *execution) Switch(name string) Tri {
	b := x.binding.find(name)
	if b == nil {
		return No
	}
	return x.in.truth(b.value)
}

// Out puts out an item.
func (x *execution) Out(v Value) error { return x.in.settled(x.stage.put(v)) }

// Text returns an argument as a string; known is false if it is not known.
func (x *execution) Text(name string) (s string, given, known bool) {
	v, ok := x.Arg(name)
	if !ok {
		return "", false, true
	}
	s, known = x.in.text(v).(string)
	return s, true, known
}

// sharedCommands are made once: no run changes them.
var sharedCommands = sync.OnceValue(newCommandTable)

// commandTable are the commands and aliases that every session has.
type commandTable struct {
	cmdlets map[string]*cmdlet // by lower-case name
	aliases map[string]string
	names   []string // of cmdlets known or at least heard of
}

func newCommandTable() *commandTable {
	t := &commandTable{cmdlets: map[string]*cmdlet{}, aliases: map[string]string{}}
	known := map[string]bool{}
	for name, target := range standardAliases {
		t.aliases[name] = target
		known[target] = true
	}
	for _, list := range [][]*cmdlet{dataCommands(), controlCommands()} {
		for _, c := range list {
			c.Parameters = withCommon(c.Parameters)
			c.windows = withoutNew(c.Name, c.Parameters)
			t.cmdlets[foldCase(c.Name)] = c
			known[c.Name] = true
			for _, a := range c.Aliases {
				t.aliases[foldCase(a)] = c.Name
			}
		}
	}
	t.names = sortedKeys(known)
	return t
}

// target is what a command's name stands for; one of the fields is set, or
// only name.
type target struct {
	name    string
	unknown Value // the name or block is not known
	closure *Closure
	cmdlet  *cmdlet
	host    *CommandInfo
	module  *module // its first argument is run in it
	script  *scriptRun
	written string // the name as written, aliases resolved
	doubt   string // why the name may mean something else
}

// commandRef is the payload of what Get-Command returns.
type commandRef struct {
	name    string
	closure *Closure
	cmdlet  bool // whatever hides it now
}

func (c commandRef) String() string { return c.name }
func (c commandRef) key() string    { return c.name }

// targetOf finds what a command invokes.
func (in *Interpreter) targetOf(c *Command) (target, error) {
	e, ok := c.Elements[0].(Expression)
	if !ok {
		return target{name: in.source(c.Elements[0])}, nil
	}
	v, err := in.eval(e)
	if err != nil {
		return target{}, err
	}
	return in.chosen(in.targetOfValue(v))
}

func (in *Interpreter) targetOfValue(v Value) target {
	if items, ok := enumerable(v); ok && len(items) == 1 {
		v = items[0]
	}
	switch v := v.(type) {
	case *Closure:
		return target{closure: v}
	case *Object:
		if m, ok := v.Payload.(*module); ok {
			return target{module: m}
		}
		if r, ok := v.Payload.(commandRef); ok {
			if r.closure != nil {
				return target{name: r.name, closure: r.closure}
			}
			if r.cmdlet {
				return in.resolveCmdlet(r.name, r.name)
			}
			return in.resolve(r.name)
		}
	}
	switch s := in.text(v).(type) {
	case string:
		return in.resolve(s)
	default:
		if program, ok := in.programOf(s); ok {
			return target{name: program, written: program}
		}
		return target{unknown: s}
	}
}

// resolve finds what a name stands for: an alias, a function, a cmdlet, a
// command of the host, or a program.
func (in *Interpreter) resolve(name string) target {
	doubt := ""
	for range 16 {
		next, ok := in.aliasNamed(name)
		if !ok {
			break
		}
		if key := in.gone(name, next.leaver); key != "" {
			if there, _ := in.answered(key); there == 0 {
				break
			}
			doubt = in.leftBehind(name, next.leaver)
		}
		name = next.target
		if h := in.host.Command(name); h != nil && next.imported {
			return target{name: h.Name, host: h}
		}
	}
	t := in.resolveName(name)
	t.doubt = cmp.Or(t.doubt, doubt)
	return t
}

// resolveName is resolve for what is no alias.
func (in *Interpreter) resolveName(name string) target {
	if f := in.functionThere(name); f != nil {
		if h := in.proxied(name, f); h != nil {
			return target{name: h.Name, host: h}
		}
		return target{name: name, closure: f}
	}
	plain := withoutModule(name)
	if plain != name { // a function of no module has no such name
		if f := in.functionThere(plain); f != nil && f.Bound != nil && in.proxied(plain, f) == nil {
			return target{name: plain, closure: f}
		}
	}
	return in.resolveCmdlet(plain, name)
}

// resolveCmdlet is resolve for what is no function, by its name and as written.
func (in *Interpreter) resolveCmdlet(plain, name string) target {
	if h := in.host.Command(plain); h != nil {
		return target{name: h.Name, host: h}
	}
	if c := in.commands.cmdlets[foldCase(plain)]; c != nil {
		return target{name: c.Name, cmdlet: c}
	}
	if !strings.ContainsAny(plain, "-\\/. ") {
		if c := in.commands.cmdlets["get-"+foldCase(plain)]; c != nil {
			return target{name: c.Name, cmdlet: c}
		}
	}
	return target{name: plain, written: name}
}

// proxied returns the command of the host of which a function is the proxy.
func (in *Interpreter) proxied(name string, f *Closure) *CommandInfo {
	p, ok := in.host.(interface{ Proxy(name, body string) bool })
	if !ok {
		return nil
	}
	if h := in.host.Command(name); h != nil && p.Proxy(name, closureText(f)) {
		return h
	}
	return nil
}

// prepare makes a stage of a command.
func (in *Interpreter) prepare(s *stage, c *Command) error {
	s.process = discard
	if len(c.Elements) == 0 {
		return nil
	}
	t, err := in.targetOf(c)
	if err != nil {
		return err
	}
	args, err := in.arguments(c.Elements[1:])
	if err != nil {
		return err
	}
	in.frame.doubt = cmp.Or(in.frame.doubt, t.doubt)
	return in.prepareTarget(s, c, t, args)
}

func (in *Interpreter) prepareTarget(s *stage, c *Command, t target, args []argument) error {
	if slices.ContainsFunc(args, func(a argument) bool { return a.name == "?" }) {
		return nil
	}
	s.command, s.name, s.args = c, t.name, args
	switch {
	case t.module != nil:
		return in.prepareInModule(s, c, t.module, args)
	case t.closure != nil:
		return in.prepareClosure(s, c, t, args)
	case t.cmdlet != nil:
		return in.prepareCmdlet(s, c, t.cmdlet, args)
	case t.host != nil:
		return in.prepareHost(s, c, t.host, args)
	}
	if run, ok := in.scriptRun(t); ok {
		return in.prepareScript(s, c, t, run, args)
	}
	in.runsFile(cmp.Or(t.unknown, Value(t.name)))
	return in.prepareUnknown(s, c, t, args)
}

// common carries out the parameters that every command has.
func (in *Interpreter) common(s *stage, b *binding, risky bool) {
	name := func(parameter string) string {
		if p := b.find(parameter); p != nil {
			if n, ok := in.text(p.value).(string); ok {
				return n
			}
		}
		return ""
	}
	s.variable = name("PipelineVariable")
	if s.saved = name("OutVariable"); s.saved != "" {
		s.saved, s.add = strings.CutPrefix(s.saved, "+")
		s.collected = in.newCollector()
	}
	for _, parameter := range []string{"ErrorVariable", "WarningVariable", "InformationVariable"} {
		n := strings.TrimPrefix(name(parameter), "+")
		if n == "" {
			continue
		}
		var v Value = newList(typeArrayList)
		if risky {
			u := in.unknown("$"+n, OriginCommand)
			u.Many = true
			v = u
		}
		in.store(in.declare(in.scope, n), v, in.sources)
	}
}

// prepareClosure makes a stage of a function or script block.
func (in *Interpreter) prepareClosure(s *stage, c *Command, t target, args []argument) error {
	if in.doubts > 0 && in.active[t.closure.Body] > 1 {
		// What recurs without a known end has been seen.
		return in.prepareUnknown(s, c, target{name: t.closure.Name}, args)
	}
	sig := in.signatureOf(t.closure)
	if sig.advanced {
		b := in.bind(binder{params: sig.all, open: t.closure.Body.Dynamic != nil, sig: sig}, args)
		in.common(s, b, false)
	}
	var a *activation
	begin := func() error {
		var err error
		a, err = in.activate(t.closure, args, callOptions{dot: c.Invocation == KindDot, dotted: c.Invocation == KindDot, HasInput: s.piped, file: t.script}, s.put)
		return err
	}
	s.begin = func() error {
		if err := begin(); err != nil {
			return err
		}
		a.piped = s.piped
		return a.begin()
	}
	s.process = func(v Value) error { return a.process(v) }
	s.end = func() error { return a.exited(a.end()) }
	s.alone = func() error { return a.process(nil) }
	s.over = func() {
		if a != nil {
			a.over()
		}
	}
	return nil
}

// prepareCmdlet makes a stage of a cmdlet.
func (in *Interpreter) prepareCmdlet(s *stage, c *Command, cmd *cmdlet, args []argument) error {
	how := binder{params: cmd.windows, open: cmd.Open}
	if in.dialect() == PowerShellCore {
		how.params = cmd.Parameters
	}
	b := in.bind(how, args)
	if len(b.faults) > 0 {
		f := b.faults[0]
		return in.thrown("System.Management.Automation.ParameterBindingException", string(f.Kind)+": "+f.Text)
	}
	in.standardValues(cmd.Name, how, b)
	in.common(s, b, false)
	x := &execution{in: in, Name: cmd.Name, command: c, binding: b, stage: s}
	if cmd.Stream != nil {
		var process func(Value) error
		var end func() error
		s.begin = func() error {
			x.HasInput = true
			process, end = cmd.Stream(x)
			err := x.err
			x.err = nil
			return err
		}
		s.process = func(v Value) error { return process(v) }
		s.end = func() error {
			if end == nil {
				return nil
			}
			return end()
		}
		s.alone = func() error {
			x.HasInput = false
			if cmd.Alone {
				return process(nil)
			}
			if v, ok := x.Arg("InputObject"); ok {
				return in.emit(v, process)
			}
			return nil
		}
		return nil
	}
	input := in.newCollector()
	s.begin = func() error { x.HasInput = true; return nil }
	s.alone = func() error { x.HasInput = false; return nil }
	s.process = func(v Value) error { return in.collect(input, v) }
	s.end = func() error {
		x.Input = slices.Clone(input.values)
		if err := x.delayed(); err != nil {
			return err
		}
		return cmd.Run(x)
	}
	return nil
}

// prepareUnknown makes a stage of a command of which nothing is known.
func (in *Interpreter) prepareUnknown(s *stage, c *Command, t target, args []argument) error {
	b := in.bind(binder{params: commonParameters, open: true}, args)
	in.common(s, b, true)
	in.risks++
	origin := OriginCommand
	if t.unknown != nil {
		code := []Value{t.unknown}
		for _, a := range args {
			if a.has {
				code = append(code, a.value)
			}
		}
		in.noteOpaque(c, Opaque{Open: ofSession(t.unknown) && in.takes(args)}, code) // it may be what runs its arguments
		if c.Invocation == KindDot {
			in.setCell(in.foreign, once(true))
		}
	} else {
		origin = in.host.Origin(t.name)
		if v, ok := in.host.(interface{ Variant(name string) bool }); ok && v.Variant(t.name) {
			in.became(c, t.name)
		}
		if c.Invocation == KindDot && isPath(t.name) {
			in.setCell(in.foreign, once(true))
		}
	}
	input := in.newCollector()
	s.process = func(v Value) error { return in.collect(input, v) }
	s.end = func() error {
		source, named := s.given()+in.source(c), s.given()+s.named()
		if t.unknown == nil {
			handled, err := in.nativeChild(t.written, in.commandLine(args), slices.Clone(input.values), source,
				func(v Value) error { return in.settled(s.put(v)) })
			if handled || err != nil {
				return err
			}
		}
		if t.unknown != nil && len(input.values) > 0 {
			in.became(c, input.values[0])
		}
		if t.unknown != nil || runsBlocks(t.name) {
			for _, a := range b.bound {
				if block, ok := a.value.(*Closure); ok {
					if err := in.maybe(block); err != nil {
						return err
					}
				}
			}
		}
		u := in.unknown(named, origin)
		u.Many, u.session = true, t.unknown == nil // it may be a function
		if named != source {
			u.Source = named
		}
		return s.put(u)
	}
	return nil
}

// commandLine are arguments as another program gets them.
func (in *Interpreter) commandLine(args []argument) []Value {
	var line []Value
	for _, a := range args {
		if !a.named() {
			if a.number != "" {
				line = append(line, a.number)
			} else {
				line = append(line, a.value)
			}
			continue
		}
		name := a.text
		if a.splat || name == "" {
			name = "-" + a.name
		}
		if !a.has {
			line = append(line, name)
			continue
		}
		if i := strings.IndexByte(name, ':'); i > 0 {
			name = name[:i]
		}
		line = append(line, in.joinText([]Value{name + ":", a.value}))
	}
	return line
}

// isPath tells whether a command name is that of a file.
func isPath(name string) bool {
	return strings.ContainsAny(name, `\/`) || strings.HasSuffix(foldCase(name), ".ps1")
}

// runsBlocks tells whether a command that is not known may run the script
// blocks it is given.
func runsBlocks(name string) bool {
	verb, _, ok := strings.Cut(foldCase(name), "-")
	if !ok {
		return !isPath(name) && verb != "mock" && !slices.Contains(keywords, verb)
	}
	switch verb {
	case "invoke", "start", "register", "use", "measure", "retry", "watch", "wait", "run", "exec", "with", "do", "try", "test", "step":
		return true
	}
	return false
}

// keywords are words that a command's name may be where text is torn: else
// behind an empty line names a command that does not exist.
var keywords = []string{
	"else", "elseif", "catch", "finally", "until", "while", "do", "begin", "process", "end", "if", "for", "switch", "try", "trap",
}

// maybe runs a script block of which it is not known whether it runs.
func (in *Interpreter) maybe(block *Closure) error {
	_, err := in.fork("", 2, func(k int) (Value, error) {
		if k == 0 {
			return nil, nil
		}
		underscore := Value(in.unknown("$_", OriginVariable))
		err := in.runBody(block, nil, callOptions{Underscore: &underscore, unknown: true}, discard)
		if isLimit(err) {
			return nil, err
		}
		return nil, nil
	})
	return err
}

// standardAliases are those of Windows PowerShell.
var standardAliases = map[string]string{
	"%": "ForEach-Object", "foreach": "ForEach-Object", "?": "Where-Object", "where": "Where-Object",
	"ac": "Add-Content", "asnp": "Add-PSSnapin", "cat": "Get-Content", "cd": "Set-Location", "chdir": "Set-Location",
	"clc": "Clear-Content", "clear": "Clear-Host", "cls": "Clear-Host", "cli": "Clear-Item", "clp": "Clear-ItemProperty",
	"clv": "Clear-Variable", "compare": "Compare-Object", "copy": "Copy-Item", "cp": "Copy-Item", "cpi": "Copy-Item",
	"cpp": "Copy-ItemProperty", "cvpa": "Convert-Path", "del": "Remove-Item", "diff": "Compare-Object", "dir": "Get-ChildItem",
	"echo": "Write-Output", "epal": "Export-Alias", "epcsv": "Export-Csv", "epsn": "Export-PSSession", "erase": "Remove-Item",
	"fc": "Format-Custom", "fl": "Format-List", "ft": "Format-Table", "fw": "Format-Wide", "gal": "Get-Alias",
	"gc": "Get-Content", "gci": "Get-ChildItem", "gcm": "Get-Command", "gdr": "Get-PSDrive", "ghy": "Get-History",
	"gi": "Get-Item", "gjb": "Get-Job", "gl": "Get-Location", "gm": "Get-Member", "gmo": "Get-Module", "gp": "Get-ItemProperty",
	"gps": "Get-Process", "group": "Group-Object", "gsn": "Get-PSSession", "gsnp": "Get-PSSnapin", "gsv": "Get-Service",
	"gu": "Get-Unique", "gv": "Get-Variable", "gwmi": "Get-WmiObject", "h": "Get-History", "history": "Get-History",
	"icm": "Invoke-Command", "iex": "Invoke-Expression", "ihy": "Invoke-History", "ii": "Invoke-Item", "ipal": "Import-Alias",
	"ipcsv": "Import-Csv", "ipmo": "Import-Module", "ipsn": "Import-PSSession", "irm": "Invoke-RestMethod",
	"iwmi": "Invoke-WmiMethod", "iwr": "Invoke-WebRequest", "kill": "Stop-Process", "lp": "Out-Printer", "ls": "Get-ChildItem",
	"man": "help", "md": "mkdir", "measure": "Measure-Object", "mi": "Move-Item", "mount": "New-PSDrive", "move": "Move-Item",
	"mp": "Move-ItemProperty", "mv": "Move-Item", "nal": "New-Alias", "ndr": "New-PSDrive", "ni": "New-Item", "nmo": "New-Module",
	"nsn": "New-PSSession", "nv": "New-Variable", "oh": "Out-Host", "popd": "Pop-Location", "ps": "Get-Process",
	"pushd": "Push-Location", "pwd": "Get-Location", "r": "Invoke-History", "rbp": "Remove-PSBreakpoint", "rcjb": "Receive-Job",
	"rd": "Remove-Item", "rdr": "Remove-PSDrive", "ren": "Rename-Item", "ri": "Remove-Item", "rjb": "Remove-Job",
	"rm": "Remove-Item", "rmdir": "Remove-Item", "rmo": "Remove-Module", "rni": "Rename-Item", "rnp": "Rename-ItemProperty",
	"rp": "Remove-ItemProperty", "rsn": "Remove-PSSession", "rv": "Remove-Variable", "rvpa": "Resolve-Path", "sajb": "Start-Job",
	"sal": "Set-Alias", "saps": "Start-Process", "sasv": "Start-Service", "sc": "Set-Content", "select": "Select-Object",
	"set": "Set-Variable", "si": "Set-Item", "sl": "Set-Location", "sleep": "Start-Sleep", "sls": "Select-String",
	"sort": "Sort-Object", "sp": "Set-ItemProperty", "spjb": "Stop-Job", "spps": "Stop-Process", "spsv": "Stop-Service",
	"start": "Start-Process", "sv": "Set-Variable", "swmi": "Set-WmiInstance", "tee": "Tee-Object", "type": "Get-Content",
	"wget": "Invoke-WebRequest", "curl": "Invoke-WebRequest", "wjb": "Wait-Job", "write": "Write-Output",
	"etsn": "Enter-PSSession", "exsn": "Exit-PSSession", "fhx": "Format-Hex", "gcb": "Get-Clipboard", "scb": "Set-Clipboard",
	"gin": "Get-ComputerInfo", "gtz": "Get-TimeZone", "stz": "Set-TimeZone", "shcm": "Show-Command", "trcm": "Trace-Command",
	"sujb": "Suspend-Job", "rujb": "Resume-Job", "rwmi": "Remove-WmiObject", "gbp": "Get-PSBreakpoint",
	"dbp": "Disable-PSBreakpoint", "ebp": "Enable-PSBreakpoint", "sbp": "Set-PSBreakpoint", "gcs": "Get-PSCallStack",
	"cnsn": "Connect-PSSession", "dnsn": "Disconnect-PSSession", "rcsn": "Receive-PSSession", "npssc": "New-PSSessionConfigurationFile",
	"ise": "powershell_ise.exe",
}
