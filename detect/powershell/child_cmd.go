package powershell

// Command lines of cmd.exe as text.

import (
	"strconv"
	"strings"
)

// cmdLine is what follows /c or /k, and what the switches before it say.
type cmdLine struct {
	text    string
	delayed bool // /v:on: !NAME! is a variable, too
}

// cutCmdSwitches reads the switches of cmd.exe; ok is false if no command
// follows.
func cutCmdSwitches(line string) (c cmdLine, ok bool) {
	stripping := false // /s
	for {
		line = strings.TrimLeft(line, " \t,;=")
		if len(line) < 2 || line[0] != '/' {
			return cmdLine{}, false
		}
		letter := line[1] | 0x20
		end := strings.IndexAny(line[1:], " \t/\"")
		switch letter {
		case 'c', 'k', 'r':
			c.text = unquotedCommand(line[2:], stripping)
			return c, true
		case 's':
			stripping = true
		case 'v':
			c.delayed = !strings.HasPrefix(foldCase(line), "/v:off")
		}
		if end < 0 {
			return cmdLine{}, false
		}
		line = line[1+end:]
	}
}

// unquotedCommand takes the outer quotes off a command: always with /s, else unless
// they are those of a program's path alone.
func unquotedCommand(s string, stripping bool) string {
	s = strings.TrimLeft(s, " \t")
	if !strings.HasPrefix(s, `"`) {
		return s
	}
	last := strings.LastIndexByte(s, '"')
	if last == 0 {
		return s[1:]
	}
	inner := s[1:last]
	if !stripping && strings.Count(s, `"`) == 2 && !strings.ContainsAny(inner, "&<>()@^|") &&
		strings.ContainsAny(inner, " \t") && strings.HasSuffix(foldCase(inner), ".exe") {
		return s
	}
	return inner + s[last+1:]
}

// cmdStep is a command of cmd.exe. Maybe says that it depends on how others
// end.
type cmdStep struct {
	text  string
	piped bool // it gets the output of the step before
	feeds bool // its output goes to the step behind
	maybe bool
}

// cmdSteps splits a line at its operators. Carets are resolved, redirections
// left out.
func cmdSteps(line string) []cmdStep {
	var steps []cmdStep
	var text []byte
	inside, piped, maybe := false, false, false
	blank := true // of the step so far
	end := func(feeds bool) {
		if s := strings.Trim(string(text), " \t\r\n,;=@"); s != "" {
			steps = append(steps, cmdStep{text: s, piped: piped, feeds: feeds, maybe: maybe})
		}
		text, blank, piped = text[:0], true, feeds
	}
	depth := 0
	for i := 0; i < len(line); i++ {
		c := line[i]
		double := i+1 < len(line) && line[i+1] == c
		switch {
		case inside && c != '"':
			text = append(text, c)
		case c == '^':
			if i++; i < len(line) && line[i] != '\n' {
				text = append(text, line[i])
				blank = false
			}
		case c == '&' || c == '\n':
			end(false)
			maybe = false
			if c == '&' && double {
				i++
			}
		case c == '|':
			end(!double)
			maybe = double
			if double {
				i++
			}
		case c == '(' && blank:
			depth++
		case c == ')' && depth > 0:
			depth--
		case c == '>' || c == '<':
			text = dropDigit(text)
			i = skipRedirection(line, i)
		default:
			inside = inside != (c == '"')
			blank = blank && (c == ' ' || c == '\t')
			text = append(text, c)
		}
	}
	end(false)
	return steps
}

// dropDigit takes back the number of the stream that is redirected.
func dropDigit(s []byte) []byte {
	if n := len(s); n > 0 && s[n-1] >= '0' && s[n-1] <= '9' && (n == 1 || s[n-2] == ' ') {
		return s[:n-1]
	}
	return s
}

// skipRedirection returns the index of the last character of the redirection
// that begins at i.
func skipRedirection(line string, i int) int {
	i++
	for i < len(line) && (line[i] == '>' || line[i] == '&') {
		i++
	}
	for i < len(line) && (line[i] == ' ' || line[i] == '\t') {
		i++
	}
	inside := false
	for ; i < len(line); i++ {
		switch c := line[i]; {
		case c == '"':
			inside = !inside
		case !inside && strings.IndexByte(" \t&|<>()\n", c) >= 0:
			return i - 1
		}
	}
	return i - 1
}

// setNames are the names that set gives values to in a line, in lower case.
func setNames(line string) map[string]bool {
	names := map[string]bool{}
	rest := foldCase(line)
	for {
		at := strings.Index(rest, "set ")
		if at < 0 {
			return names
		}
		rest = strings.TrimLeft(rest[at+len("set "):], "\" ")
		end := strings.IndexAny(rest, "=&|\"%")
		if end > 0 && rest[end] == '=' {
			names[rest[:end]] = true
		}
	}
}

// expandPercent replaces the variables of a line: mark is what stands around
// their names. What lookup does not have stays as it is.
func expandPercent(line string, mark byte, lookup func(name string) (string, bool)) string {
	var b strings.Builder
	for {
		from := strings.IndexByte(line, mark)
		if from < 0 {
			break
		}
		n := strings.IndexByte(line[from+1:], mark)
		if n < 0 {
			break
		}
		name, change, changed := strings.Cut(line[from+1:from+1+n], ":")
		value, ok := lookup(name)
		if !ok || name == "" {
			b.WriteString(line[:from+1])
			line = line[from+1:]
			continue
		}
		if changed {
			value, changed = changeVariable(knownEnd(name, value, change), change)
			ok = changed
		}
		b.WriteString(line[:from])
		if ok {
			b.WriteString(value)
		} else {
			b.WriteString(line[from : from+n+2])
		}
		line = line[from+n+2:]
	}
	b.WriteString(line)
	return b.String()
}

// knownEnd is what is known of the end of a variable from which a piece of the
// end is taken: of ComSpec, which every machine has, it is known.
func knownEnd(name, value, change string) string {
	const end = `\system32\cmd.exe`
	first, _, _ := strings.Cut(strings.TrimPrefix(change, "~"), ",")
	if from, err := strconv.Atoi(strings.TrimSpace(first)); err == nil && from < 0 && from >= -len(end) &&
		equalFold(name, "comspec") && strings.Contains(value, holeOpen) {
		return end
	}
	return value
}

// cutCmdProgram takes the program from a command of cmd.exe, in whose name
// quotes may stand anywhere.
func cutCmdProgram(line string) (program, rest string) {
	inside := false
	for i := range len(line) {
		switch c := line[i]; {
		case c == '"':
			inside = !inside
		case !inside && (c == ' ' || c == '\t'):
			return strings.ReplaceAll(line[:i], `"`, ""), line[i:]
		}
	}
	return strings.ReplaceAll(line, `"`, ""), ""
}

// changeVariable is %NAME:~from,count% and %NAME:old=new%. It fails where the
// value is not known.
func changeVariable(value, change string) (string, bool) {
	if strings.Contains(value, holeOpen) {
		return "", false
	}
	if rest, ok := strings.CutPrefix(change, "~"); ok {
		first, second, two := strings.Cut(rest, ",")
		from, err := strconv.Atoi(strings.TrimSpace(first))
		if err != nil {
			return "", false
		}
		to := len(value)
		if from < 0 {
			from += len(value)
		}
		from = max(0, min(from, len(value)))
		if two {
			n, err := strconv.Atoi(strings.TrimSpace(second))
			if err != nil {
				return "", false
			}
			if n < 0 {
				to = len(value) + n
			} else {
				to = min(len(value), from+n)
			}
		}
		return value[from:max(from, to)], true
	}
	old, replacement, ok := strings.Cut(change, "=")
	if !ok || old == "" {
		return "", false
	}
	var b strings.Builder
	folded, target := foldCase(value), foldCase(old)
	if len(folded) != len(value) {
		return "", false
	}
	for {
		at := strings.Index(folded, target)
		if at < 0 {
			break
		}
		b.WriteString(value[:at] + replacement)
		value, folded = value[at+len(target):], folded[at+len(target):]
	}
	return b.String() + value, true
}

// cutWord takes the first word from a line in lower case, if it is one of
// those.
func cutWord(line string, words ...string) (word, rest string) {
	line = strings.TrimLeft(line, " \t")
	end := strings.IndexAny(line, " \t(")
	if end < 0 {
		end = len(line)
	}
	for _, w := range words {
		if equalFold(line[:end], w) {
			return w, strings.TrimLeft(line[end:], " \t")
		}
	}
	return "", line
}

// cutStart takes the title and the switches of start from what it starts.
func cutStart(line string) string {
	line = strings.TrimLeft(line, " \t")
	if title, rest, ok := cutQuoted(line); ok && title != line {
		line = strings.TrimLeft(rest, " \t")
	}
	for strings.HasPrefix(line, "/") {
		name, rest := cutProgram(line)
		line = strings.TrimLeft(rest, " \t")
		if equalFold(name, "/d") || equalFold(name, "/affinity") || equalFold(name, "/node") {
			_, rest = cutProgram(line)
			line = strings.TrimLeft(rest, " \t")
		}
	}
	return line
}

func cutQuoted(line string) (quoted, rest string, ok bool) {
	inner, ok := strings.CutPrefix(line, `"`)
	if !ok {
		return "", line, false
	}
	return strings.Cut(inner, `"`)
}

// cutIf takes the condition of if from the command that depends on it.
func cutIf(line string) string {
	for {
		word, rest := cutWord(line, "not", "/i")
		if word == "" {
			break
		}
		line = rest
	}
	if word, rest := cutWord(line, "exist", "defined", "errorlevel", "cmdextversion"); word != "" {
		_, rest = cutProgram(rest)
		return strings.Trim(rest, " \t()")
	}
	// a==b
	at := strings.Index(line, "==")
	if at < 0 {
		return ""
	}
	_, rest := cutProgram(strings.TrimLeft(line[at+2:], " \t"))
	return strings.Trim(rest, " \t()")
}

// cmdFor is for %v in (words) do command.
type cmdFor struct {
	variable string // one letter
	words    []string
	known    bool // the words are all there are
	command  string
}

func readFor(line string) (f cmdFor, ok bool) {
	f.known = true
	line = strings.TrimLeft(line, " \t")
	for strings.HasPrefix(line, "/") { // /f, /r, /d, /l
		f.known = false
		_, line = cutProgram(line)
		line = strings.TrimLeft(line, " \t")
	}
	if _, rest, quoted := cutQuoted(line); quoted {
		line = strings.TrimLeft(rest, " \t")
	}
	line = strings.TrimLeft(line, "%")
	if line == "" {
		return f, false
	}
	f.variable = line[:1]
	word, rest := cutWord(line[1:], "in")
	if word == "" || !strings.HasPrefix(rest, "(") {
		return f, false
	}
	set, rest, ok := strings.Cut(rest[1:], ")")
	if !ok {
		return f, false
	}
	if word, f.command = cutWord(rest, "do"); word == "" {
		return f, false
	}
	f.command = strings.Trim(f.command, " \t()")
	f.words = strings.FieldsFunc(set, func(r rune) bool { return strings.ContainsRune(" \t,;=", r) })
	f.known = f.known && !strings.ContainsAny(set, "*?\"'`")
	return f, true
}

// replaceVariable puts a word in the place of %v and %%v.
func (f *cmdFor) replaceVariable(word string) string {
	line := strings.ReplaceAll(f.command, "%%"+f.variable, word)
	line = strings.ReplaceAll(line, "%~"+f.variable, word)
	return strings.ReplaceAll(line, "%"+f.variable, word)
}
