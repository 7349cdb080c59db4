package powershell

// Command lines as text: how PowerShell passes arguments to programs, how
// programs split them, and what powershell.exe and pwsh make of theirs. Holes
// stand in the text as marks, which are like letters here.

import "strings"

// joinArguments builds the command line that PowerShell gives a program.
//
// The rules are:
//   - Windows PowerShell quotes an argument that holds a blank outside quotes of
//     its own; the quotes in it stay as they are, so the program loses them. An
//     empty argument vanishes.
//   - Version 7 escapes what must be escaped.
func joinArguments(args []string, d Dialect) string {
	var b strings.Builder
	for _, a := range args {
		if a == "" && d != PowerShellCore {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		switch {
		case d == PowerShellCore:
			writeEscaped(&b, a)
		case needsQuotes(a):
			b.WriteByte('"')
			b.WriteString(a)
			b.WriteString(a[len(strings.TrimRight(a, `\`)):])
			b.WriteByte('"')
		default:
			b.WriteString(a)
		}
	}
	return b.String()
}

// needsQuotes tells whether a blank stands outside quotes.
func needsQuotes(s string) bool {
	quotes, escaped := 0, false
	for _, r := range s {
		switch {
		case r == '"' && !escaped:
			quotes++
		case separates(r) && quotes%2 == 0:
			return true
		}
		escaped = r == '\\'
	}
	return false
}

func separates(r rune) bool {
	return r == ' ' || r == '\t' || r == '\n' || r == '\r' || r == '\v' || r == '\f'
}

// writeEscaped writes an argument so that a program gets it as it is.
func writeEscaped(b *strings.Builder, a string) {
	if a != "" && !strings.ContainsAny(a, " \t\n\v\"") {
		b.WriteString(a)
		return
	}
	b.WriteByte('"')
	slashes := 0
	for i := 0; i < len(a); i++ {
		switch a[i] {
		case '\\':
			slashes++
			continue
		case '"':
			slashes = 2*slashes + 1
		}
		b.WriteString(strings.Repeat(`\`, slashes))
		slashes = 0
		b.WriteByte(a[i])
	}
	b.WriteString(strings.Repeat(`\`, 2*slashes))
	b.WriteByte('"')
}

// splitCommandLine splits a command line as programs do: blanks separate,
// quotes join, 2n backslashes before a quote are n, one more is a quote itself,
// and so are two quotes within quotes.
func splitCommandLine(line string) []string {
	var args []string
	var b strings.Builder
	inside, started := false, false
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case c == '\\':
			n := 1
			for i+n < len(line) && line[i+n] == '\\' {
				n++
			}
			i += n - 1
			started = true
			if i+1 >= len(line) || line[i+1] != '"' {
				b.WriteString(line[i-n+1 : i+1])
				continue
			}
			b.WriteString(strings.Repeat(`\`, n/2))
			if n%2 == 1 {
				b.WriteByte('"')
				i++
			}
		case c == '"':
			started = true
			if inside && i+1 < len(line) && line[i+1] == '"' {
				b.WriteByte('"')
				i++
				continue
			}
			inside = !inside
		case !inside && (c == ' ' || c == '\t' || c == '\n' || c == '\r'):
			if started {
				args = append(args, b.String())
			}
			b.Reset()
			started = false
		default:
			b.WriteByte(c)
			started = true
		}
	}
	if started {
		args = append(args, b.String())
	}
	return args
}

// cutProgram takes the program from a command line.
func cutProgram(line string) (program, rest string) {
	line = strings.TrimLeft(line, " \t\r\n")
	if quoted, ok := strings.CutPrefix(line, `"`); ok {
		program, rest, _ = strings.Cut(quoted, `"`)
		return program, rest
	}
	end := strings.IndexAny(line, " \t\r\n")
	if end < 0 {
		return line, ""
	}
	return line[:end], line[end:]
}

// programName is the name of a program's file in lower case, without its
// folder and .exe.
func programName(path string) string {
	path = strings.Trim(strings.TrimSpace(path), `"`)
	name := foldCase(path[strings.LastIndexAny(path, `\/`)+1:])
	return strings.TrimSuffix(name, ".exe")
}

// shellParameter is a parameter of powershell.exe or pwsh.
type shellParameter struct {
	name     string // in lower case
	shortest int    // characters of it that are enough
	alias    string
	value    bool // takes the next argument
	is       shellInput
	only     Dialect // 0: both have it
}

// shellInput is where a started PowerShell takes its code from.
type shellInput uint8

const (
	shellNothing  shellInput = iota // it shows help or fails
	shellPrompt                     // none is given: what is piped to it, or a person
	shellCommand                    // text
	shellEncoded                    // base64 of UTF-16
	shellStandard                   // what is piped to it
	shellFile                       // a file
	shellCommandArgs
	shellEnd
)

// windowsOnly marks parameters that version 7 lacks.
const windowsOnly = PowerShellCore + 1

// shellParameters are in the order in which they are tried: the first whose
// beginning fits is meant.
var shellParameters = []shellParameter{
	{name: "version", shortest: 1, is: shellEnd, only: PowerShellCore},
	{name: "version", shortest: 1, value: true, only: windowsOnly},
	{name: "psconsolefile", shortest: 1, value: true, only: windowsOnly},
	{name: "help", shortest: 1, alias: "?", is: shellEnd},
	{name: "login", shortest: 1, only: PowerShellCore},
	{name: "noexit", shortest: 3},
	{name: "importsystemmodules", shortest: 3, only: windowsOnly},
	{name: "showinitialprompt", shortest: 4, only: windowsOnly},
	{name: "noprofileloadtime", shortest: 10, only: PowerShellCore},
	{name: "noprofile", shortest: 3},
	{name: "nologo", shortest: 3},
	{name: "noninteractive", shortest: 4},
	{name: "socketservermode", shortest: 2},
	{name: "servermode", shortest: 1},
	{name: "namedpipeservermode", shortest: 3},
	{name: "sshservermode", shortest: 4},
	{name: "interactive", shortest: 1, only: PowerShellCore},
	{name: "configurationname", shortest: 6, value: true},
	{name: "configurationfile", shortest: 14, value: true, only: PowerShellCore},
	{name: "custompipename", shortest: 3, value: true, only: PowerShellCore},
	{name: "commandwithargs", shortest: 8, alias: "cwa", is: shellCommandArgs, only: PowerShellCore},
	{name: "command", shortest: 1, is: shellCommand},
	{name: "windowstyle", shortest: 1, value: true},
	{name: "file", shortest: 1, is: shellFile},
	{name: "outputformat", shortest: 1, alias: "of", value: true},
	{name: "inputformat", shortest: 1, alias: "if", value: true},
	{name: "executionpolicy", shortest: 2, alias: "ep", value: true},
	{name: "encodedcommand", shortest: 1, alias: "ec", is: shellEncoded},
	{name: "encodedarguments", shortest: 8, alias: "ea", value: true},
	{name: "settingsfile", shortest: 8, value: true, only: PowerShellCore},
	{name: "sta", shortest: 1},
	{name: "mta", shortest: 3},
	{name: "workingdirectory", shortest: 2, alias: "wd", value: true, only: PowerShellCore},
	{name: "removeworkingdirectorytrailingcharacter", shortest: 3, only: PowerShellCore},
}

// shellDash is the parameter name in an argument: behind a dash of any kind or
// a slash.
func shellDash(arg string) (string, bool) {
	for range 2 {
		trimmed := arg
		for _, dash := range []string{"-", "/", "\u2013", "\u2014", "\u2015"} {
			if rest, ok := strings.CutPrefix(arg, dash); ok {
				trimmed = rest
				break
			}
		}
		if trimmed == arg {
			return "", false
		}
		if trimmed == "" || trimmed[0] != '-' {
			return trimmed, true
		}
		arg = trimmed
	}
	return arg, true
}

// findShellParameter returns the parameter that a name is, or the beginning of
// which it is; nil: none.
func findShellParameter(name string, d Dialect) *shellParameter {
	name = foldCase(strings.TrimSpace(name))
	for i := range shellParameters {
		p := &shellParameters[i]
		if p.only == windowsOnly && d == PowerShellCore || p.only == PowerShellCore && d != PowerShellCore {
			continue
		}
		if name != "" && (name == p.alias || len(name) >= p.shortest && strings.HasPrefix(p.name, name)) {
			return p
		}
	}
	return nil
}

// shellLine is what a started PowerShell is to run.
type shellLine struct {
	is   shellInput
	text string   // the command, base64, or file
	args []string // for the command or file
}

// readShellLine reads the arguments of powershell.exe or pwsh. What is no
// parameter begins the command, in version 7 it is a file.
func readShellLine(args []string, d Dialect) shellLine {
	line := shellLine{is: shellPrompt}
	for i := 0; i < len(args); i++ {
		name, dashed := shellDash(args[i])
		var p *shellParameter
		if dashed {
			p = findShellParameter(name, d)
		}
		if p == nil && dashed && name == "" {
			return shellLine{is: shellStandard} // a lone dash
		}
		rest := args[i:]
		is := shellCommand
		if d == PowerShellCore {
			is = shellFile
		}
		if p != nil {
			rest, is = args[i+1:], p.is
		}
		switch {
		case p != nil && p.value:
			i++
		case p != nil && is == shellNothing:
		case is == shellEnd:
			return shellLine{}
		case is == shellEncoded:
			if len(rest) == 0 {
				return shellLine{}
			}
			i++
			line = shellLine{is: shellEncoded, text: rest[0]}
		case len(rest) == 0:
			return shellLine{}
		case p != nil && rest[0] == "-":
			return shellLine{is: shellStandard}
		case is == shellCommand:
			return shellLine{is: is, text: strings.Join(rest, " ")}
		default:
			return shellLine{is: is, text: rest[0], args: rest[1:]}
		}
	}
	return line
}
