package detect

import (
	"iter"
	"strings"
)

// This file tells, at the speed of a search, which texts can have to do with
// the cmdlet, so that all others never reach the parser.
//
// The rules are:
//   - A text holds the name if its letters stand there in order, whatever else
//     stands between them: quotes, plus signs, backticks, blanks.
//   - A text may hide the name if it runs a command or a text that it computes
//     and has something to compute the name from: a piece of the name, codes of
//     characters, encoded data.
//   - Both parameters that every export has are reason enough to look closely,
//     and at the blocks around: the name may be theirs.
//   - What has neither can make no call, whatever its values: the name would
//     have to come from outside, and that text has a record of its own.

// holding is what a text can have to do with the cmdlet's name.
type holding uint8

const (
	holdsNothing holding = iota
	holdsHidden          // may compute it
	holdsPair            // has both parameters of every export
	holdsName            // its letters are there in order
)

// name is what the letters of the cmdlet's name are, after "New".
const (
	nameBefore = "mailboxexportre" // what stands before the only q
	nameAfter  = "uest"
	wholeName  = "new-mailboxexportrequest"
	eman       = "tseuqertropxexobliam-wen" // backwards
)

// maxBetween is how far apart two letters of a name in pieces may stand.
const maxBetween = 48

// holds looks at a text. It looks closely only at the few bytes that all it
// looks for must have, which are found faster than bytes are read.
func holds(text string) holding {
	for i := range each(text, "qQ") {
		if nameAround(text, i) {
			return holdsName
		}
	}
	piece := hasPiece(text, "qQ")
	var pair, dynamic, codes bool
	for i := range each(text, "xX") {
		piece = piece || isPiece(text, i)
		pair = pair || isWord(text, i-7, "-mailbox")
		dynamic = dynamic || isWord(text, i-2, "iex") || hasFold(text, i-2, "-expression") || hasFold(text, i-1, "expandstring")
		codes = codes || hasFold(text, i-1, "bxor")
	}
	if pair && containsFold(text, "-filepath") {
		return holdsPair
	}
	dynamic = dynamic || callsComputed(text)
	if dynamic && canCompute(text) || (piece || codes || hasCodes(text)) && (dynamic || runsComputed(text)) {
		return holdsHidden
	}
	return holdsNothing
}

// each yields where any of the given bytes stand: all places of one, then all
// of the next.
func each(text, bytes string) iter.Seq[int] {
	return func(yield func(int) bool) {
		for k := range len(bytes) {
			for at := 0; ; at++ {
				i := strings.IndexByte(text[at:], bytes[k])
				if i < 0 {
					break
				}
				if at += i; !yield(at) {
					return
				}
			}
		}
	}
}

func hasPiece(text, bytes string) bool {
	for i := range each(text, bytes) {
		if isPiece(text, i) {
			return true
		}
	}
	return false
}

// hasCodes reports whether a text has codes of characters or encoded data.
func hasCodes(text string) bool {
	for i := range each(text, "[") {
		if hasFold(text, i+1, "char") || hasFold(text, i+1, "byte") || hasFold(text, i+1, "convert") {
			return true
		}
	}
	return strings.Contains(text, "e64") || strings.Contains(text, "E64") // Base64
}

// callsComputed reports whether a text calls what is no bare name: by & or the
// dot, by a name with backticks in it, or as a process that takes encoded text.
func callsComputed(text string) bool {
	for i := range each(text, "&") {
		if computes(text, i+1) {
			return true
		}
	}
	for i := range each(text, ".") {
		if startsCommand(text, i) && computes(text, i+1) {
			return true
		}
	}
	for i := range each(text, "`") {
		if i > 0 && i+1 < len(text) && isLetter(text[i-1]) && isLetter(text[i+1]) {
			return true
		}
	}
	for i := range each(text, "wW") {
		if hasFold(text, i-2, "powershell") || hasFold(text, i-1, "pwsh") {
			return true
		}
	}
	return false
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

// isPiece reports whether the word around i, where a q or an x stands, is a
// piece of the name, read forwards or backwards, that is not an ordinary word
// and not a variable, whose name is no text.
func isPiece(text string, i int) bool {
	from, to := i, i+1
	for from > 0 && i-from < len(wholeName) && isWordByte(text[from-1]) {
		from--
	}
	for to < len(text) && to-i <= len(wholeName) && isWordByte(text[to]) {
		to++
	}
	if from > 0 && text[from-1] == '$' {
		return false
	}
	word := text[from:to]
	for _, ordinary := range []string{"x", "-mailbox", "mailbox", "box"} {
		if len(word) == len(ordinary) && hasFold(word, 0, ordinary) {
			return false
		}
	}
	return isPart(wholeName, word, i-from) || isPart(eman, word, i-from)
}

// isPart reports whether a word, in any case, stands in a name. The letter at
// that place of the word tells where in the name it would have to begin.
func isPart(name, word string, at int) bool {
	for k := range len(name) {
		start := k - at
		if name[k] == word[at]|0x20 && start >= 0 && start+len(word) <= len(name) && hasFold(word, 0, name[start:start+len(word)]) {
			return true
		}
	}
	return false
}

func isWordByte(c byte) bool { return isLetter(c) || c == '-' }

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

// runsComputed looks for the rarer ways to run what is computed.
func runsComputed(text string) bool {
	for _, way := range []string{
		".addscript", ".addcommand", ".invokescript", ".newscriptblock", "alias", "sal ", "nal ", "function:", "]::create", "]::start", "powershell", "pwsh", "start-process", "saps ",
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
	for _, way := range []string{"replace", "remove", "insert", "substring", "split", "trim", "..", "get-command", "gcm", "get-alias", "-join"} {
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
