package detect

import "strings"

// This file tells, at the speed of a search, which texts can have to do with
// the cmdlet, so that all others never reach the parser.
//
// The rules are:
//   - A text holds the name if its letters stand there in order, whatever else
//     stands between them: quotes, plus signs, backticks, blanks.
//   - A text may hide the name if it runs a command or a text that it computes
//     and has something to compute the name from: a piece of the name, codes of
//     characters, encoded data; or if it holds both parameters that every
//     export has.
//   - What has neither can make no call, whatever its values: the name would
//     have to come from outside, and that text has a record of its own.

// holding is what a text can have to do with the cmdlet's name.
type holding uint8

const (
	holdsNothing holding = iota
	holdsHidden          // may compute it
	holdsName            // its letters are there in order
)

// name is what the letters of the cmdlet's name are, after "New".
const (
	nameBefore = "mailboxexportre" // what stands before the only q
	nameAfter  = "uest"
	wholeName  = "new-mailboxexportrequest"
)

// maxBetween is how far apart two letters of a name in pieces may stand.
const maxBetween = 48

// Classes of bytes at which a text is looked at closely; all others are
// passed over.
const (
	atNothing = iota
	atQ
	atX
	atCall // &
	atDot
	atTick
	atBracket
	atSix
	atW
)

var anchors = func() (a [256]uint8) {
	a['q'], a['Q'], a['x'], a['X'] = atQ, atQ, atX, atX
	a['&'], a['.'], a['`'], a['['], a['6'] = atCall, atDot, atTick, atBracket, atSix
	a['w'], a['W'] = atW, atW
	return a
}()

// holds looks at a text.
func holds(text string) holding {
	var piece, codes, mailbox, dynamic bool
	for i := 0; i < len(text); i++ {
		switch anchors[text[i]] {
		case atNothing:
		case atQ:
			if nameAround(text, i) {
				return holdsName
			}
			piece = piece || isPiece(text, i)
		case atX:
			piece = piece || isPiece(text, i)
			mailbox = mailbox || isWord(text, i-7, "-mailbox")
			dynamic = dynamic || isWord(text, i-2, "iex") || hasFold(text, i-8, "-expression") ||
				hasFold(text, i-1, "expandstring")
			codes = codes || hasFold(text, i-2, "bxor")
		case atCall:
			dynamic = dynamic || computes(text, i+1)
		case atDot:
			dynamic = dynamic || startsCommand(text, i) && computes(text, i+1) || runsText(text, i+1)
		case atTick:
			dynamic = dynamic || i > 0 && i+1 < len(text) && isLetter(text[i-1]) && isLetter(text[i+1])
		case atBracket:
			codes = codes || hasFold(text, i+1, "char") || hasFold(text, i+1, "byte") || hasFold(text, i+1, "convert")
		case atSix:
			codes = codes || hasFold(text, i, "64")
		case atW:
			dynamic = dynamic || hasFold(text, i-2, "powershell") || hasFold(text, i-1, "pwsh")
		}
	}
	switch {
	case mailbox && containsFold(text, "-filepath"), (piece || codes) && (dynamic || runsComputed(text)), dynamic && canCompute(text):
		return holdsHidden
	}
	return holdsNothing
}

// nameAround reports whether the q at i is that of the name, its letters in
// order on both sides.
func nameAround(text string, i int) bool {
	at := i
	for k := len(nameBefore) - 1; k >= 0; k-- {
		if at = letterBefore(text, at); at < 0 || text[at]|0x20 != nameBefore[k] {
			return false
		}
	}
	at = i
	for k := range len(nameAfter) {
		if at = letterAfter(text, at); at < 0 || text[at]|0x20 != nameAfter[k] {
			return false
		}
	}
	return true
}

func letterBefore(text string, at int) int {
	for k := at - 1; k >= 0 && k >= at-maxBetween; k-- {
		if isLetter(text[k]) {
			return k
		}
	}
	return -1
}

func letterAfter(text string, at int) int {
	for k := at + 1; k < len(text) && k <= at+maxBetween; k++ {
		if isLetter(text[k]) {
			return k
		}
	}
	return -1
}

// isPiece reports whether the word around i is a piece of the name, read
// forwards or backwards, that is not an ordinary word.
func isPiece(text string, i int) bool {
	from, to := i, i+1
	for from > 0 && i-from < len(wholeName) && isWordByte(text[from-1]) {
		from--
	}
	for to < len(text) && to-i <= len(wholeName) && isWordByte(text[to]) {
		to++
	}
	if to-from > len(wholeName) {
		return false
	}
	word := strings.ToLower(text[from:to])
	if word == "x" || word == "-mailbox" || word == "mailbox" || word == "box" {
		return false
	}
	return strings.Contains(wholeName, word) || strings.Contains(wholeName, reversed(word))
}

func isWordByte(c byte) bool { return isLetter(c) || c == '-' }

func reversed(s string) string {
	b := []byte(s)
	for i, k := 0, len(b)-1; i < k; i, k = i+1, k-1 {
		b[i], b[k] = b[k], b[i]
	}
	return string(b)
}

// computes reports whether what follows a call operator is no bare name and no
// block: a variable, a string, an expression.
func computes(text string, at int) bool {
	for at < len(text) && (text[at] == ' ' || text[at] == '\t') {
		at++
	}
	if at >= len(text) {
		return false
	}
	switch text[at] {
	case '$', '(', '"', '\'', '`', '@', '[':
		return true
	}
	return text[at] >= 0x80 // quotes of other scripts
}

// startsCommand reports whether a dot at i may be the operator: nothing of a
// word stands before it.
func startsCommand(text string, i int) bool {
	if i == 0 {
		return true
	}
	switch text[i-1] {
	case ' ', '\t', '\n', '\r', ';', '{', '(', '|', '=', '&', ',', '}':
		return true
	}
	return false
}

// runsText reports whether a member at that place runs text.
func runsText(text string, at int) bool {
	if at >= len(text) {
		return false
	}
	switch text[at] | 0x20 {
	case 'a':
		return hasFold(text, at, "addscript") || hasFold(text, at, "addcommand")
	case 'i':
		return hasFold(text, at, "invokescript")
	case 'n':
		return hasFold(text, at, "newscriptblock")
	}
	return false
}

// runsComputed looks for the rarer ways to run what is computed.
func runsComputed(text string) bool {
	for _, way := range []string{
		"alias", "sal ", "nal ", "function:", "]::create", "]::start", "powershell", "pwsh", "start-process", "saps ",
		"invoke-command", "icm ", "foreach", "%", "psdefaultparametervalues", "cmd", "set-item", "new-item", "import-module",
	} {
		if containsFold(text, way) {
			return true
		}
	}
	return false
}

// canCompute reports whether a text that runs what it computes has anything to
// make the name of.
func canCompute(text string) bool {
	for _, way := range []string{
		"char", "getstring", "tobyte", "toint", "0x", "reverse", "base64", "gzip", "deflate", "securestring", "-bxor",
		"-e ", "-en", "-ec", "/e",
	} {
		if containsFold(text, way) {
			return true
		}
	}
	if strings.IndexByte(text, 'q') < 0 && strings.IndexByte(text, 'Q') < 0 {
		return false
	}
	for _, way := range []string{"replace", "remove", "insert", "substring", "split", "trim", "..", "get-command", "gcm", "get-alias"} {
		if containsFold(text, way) {
			return true
		}
	}
	return false
}

// hasFold reports whether s, which is lower case, stands at that place in any
// case of ASCII.
func hasFold(text string, at int, s string) bool {
	if at < 0 || at+len(s) > len(text) {
		return false
	}
	for i := range len(s) {
		c := text[at+i]
		if c >= 'A' && c <= 'Z' {
			c |= 0x20
		}
		if c != s[i] {
			return false
		}
	}
	return true
}

// isWord is hasFold for a whole word.
func isWord(text string, at int, s string) bool {
	return hasFold(text, at, s) && (at == 0 || !isWordByte(text[at-1])) && (at+len(s) == len(text) || !isWordByte(text[at+len(s)]))
}

// containsFold reports whether s, which is lower case, stands in the text in
// any case of ASCII.
func containsFold(text, s string) bool {
	for at := 0; at+len(s) <= len(text); at++ {
		if text[at]|0x20 == s[0]|0x20 && hasFold(text, at, s) {
			return true
		}
	}
	return false
}
