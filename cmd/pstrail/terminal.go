package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/term"

	"pstrail/report"
)

// terminalFd returns the descriptor of a stream if it is a terminal.
func terminalFd(stream any) (fd int, ok bool) {
	f, ok := stream.(interface{ Fd() uintptr })
	if !ok {
		return 0, false
	}
	fd = int(f.Fd())
	return fd, term.IsTerminal(fd)
}

// widthOf returns the columns of a terminal, or the default if they are not
// known.
func widthOf(fd, otherwise int) int {
	if width, _, err := term.GetSize(fd); err == nil && width > 0 {
		return width
	}
	return otherwise
}

// tableTerminal says how a table on stdout is drawn. The order for colour is:
// the flag, FORCE_COLOR, NO_COLOR or TERM=dumb, whether stdout is a terminal.
func tableTerminal(stdout io.Writer, color when, env func(string) string) report.Terminal {
	fd, isTerminal := terminalFd(stdout)
	var t report.Terminal
	if isTerminal {
		t.Width = widthOf(fd, 0)
	}
	switch {
	case color == "always":
		t.Color = true
	case color == "never":
	case env("FORCE_COLOR") != "":
		t.Color = true
	case env("NO_COLOR") != "", env("TERM") == "dumb":
	default:
		t.Color = isTerminal
	}
	if t.Color && isTerminal {
		t.Color = understandsEscapes(fd) || color == "always"
	}
	return t
}

// voice says things to a person, on standard error.
//
// The rules are:
//   - Each message is a line that begins with the program's name; a line that
//     begins with "hint:" says how to mend it.
//   - What a name or a path brings along never reaches the terminal as a
//     control or formatting character.
type voice struct {
	w          io.Writer
	errorsOnly bool
}

func (v voice) fail(err error) {
	message := err.Error()
	if statusOf(err) == statusInterrupted {
		message = "interrupted: no complete report was written"
	}
	fmt.Fprintf(v.w, "pstrail: %s\n", printable(message))
	if fix := hintOf(err); fix != "" {
		fmt.Fprintf(v.w, "hint: %s\n", printable(fix))
	}
}

func (v voice) say(message string) {
	if !v.errorsOnly {
		fmt.Fprintf(v.w, "pstrail: %s\n", printable(message))
	}
}

// printable returns s with everything that does not print as an escape.
func printable(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case unicode.IsPrint(r):
			b.WriteRune(r)
		default:
			quoted := strconv.QuoteRuneToASCII(r)
			b.WriteString(quoted[1 : len(quoted)-1])
		}
		i += n
	}
	return b.String()
}
