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

// What the letters of the cmdlet's name are.
const (
	nameBefore = "mailboxexportre" // what stands before the only q, after "New"
	nameAfter  = "uest"
	wholeName  = "new-mailboxexportrequest"
	eman       = "tseuqertropxexobliam-wen" // backwards
)

// maxBetween is how far apart two letters of a name in pieces may stand.
const maxBetween = 48

// clues are a set of what a text has.
type clues uint8

const (
	clueName       clues = 1 << iota // the letters of the name, in order
	clueMailbox                      // the first parameter that every export has
	clueFilePath                     // and the second
	clueMaterial                     // a piece of the name, codes of characters, encoded data
	clueCuts                         // what makes a text of others
	clueQ                            // the letter that the others must have for that
	clueMayRun                       // what may run what is computed
	clueSurelyRuns                   // what does run it

	clueRuns  = clueSurelyRuns | clueMayRun
	clueMakes = clueCuts | clueQ // what makes a text of anything
)

// holds looks at a text, once.
func holds(text string) holding {
	found := needles.find(text, clueName)
	has := func(c clues) bool { return found&c == c }
	switch {
	case has(clueName):
		return holdsName
	case has(clueMailbox | clueFilePath):
		return holdsPair
	case has(clueMayRun | clueMaterial), has(clueRuns | clueMakes):
		return holdsHidden
	}
	return holdsNothing
}

// needleList is what gives the clues.
var needleList = [...]needle{
	// In the name, and in its pieces, no other letters stand beside q and x.
	{clueName, window{fold("e").or(noLetter), fold("q"), fold("u").or(noLetter)}, nameAround},
	{clueMaterial, window{fold("eu").or(noWord), fold("q"), fold("eu").or(noWord)}, isPiece},
	{clueMaterial, window{fold("op"), fold("x"), fold("e").or(noWord)}, isPiece},
	{clueMaterial, window{fold("e"), fold("x"), fold("op").or(noWord)}, isPiece},
	{clueMaterial, window{noWord, fold("x"), fold("eop")}, isPiece},
	word(clueQ, "q", "q"),

	{clueMailbox, window{noWord, exactly("-"), fold("m")}, func(text string, i int) bool { return isWord(text, i, "-mailbox") }},
	word(clueFilePath, "epa", "-filepath"),

	{clueRuns, window{fold("i"), fold("e"), fold("x")}, func(text string, i int) bool { return isWord(text, i-1, "iex") }},
	word(clueRuns, "-ex", "-expression"),
	word(clueRuns, "xpa", "expandstring"),
	word(clueRuns, "rsh", "powershell"),
	word(clueRuns, "pws", "pwsh"),
	{clueRuns, window{anyByte, exactly("&"), anyByte}, func(text string, i int) bool { return computes(text, i+1) }},
	{clueRuns, window{mayPrecedeDot, exactly("."), anyByte}, func(text string, i int) bool { return startsCommand(text, i) && computes(text, i+1) }},
	{clueRuns, window{isLetter, exactly("`"), isLetter}, always},

	word(clueMayRun, "add", "addscript", "addcommand"),
	word(clueMayRun, "kes", "invokescript"),
	word(clueMayRun, "wsc", "newscriptblock"),
	word(clueMayRun, "ias", "alias"),
	{clueMayRun, window{fold("ns"), fold("a"), fold("l")}, func(text string, i int) bool { return isWord(text, i-1, "sal") || isWord(text, i-1, "nal") }},
	word(clueMayRun, "on:", "function:"),
	{clueMayRun, window{exactly(":"), exactly(":"), fold("cs").or(noLetter)}, func(text string, i int) bool {
		return hasFold(text, i+1, "create") || hasFold(text, i+1, "start") || i+1 == len(text) || noLetter(text[i+1])
	}},
	word(clueMayRun, "-pr", "start-process"),
	word(clueMayRun, "sap", "saps"),
	word(clueMayRun, "e-c", "invoke-command"),
	word(clueMayRun, "icm", "icm"),
	word(clueMayRun, "eac", "foreach"),
	word(clueMayRun, "%", "%"),
	word(clueMayRun, "psd", "psdefaultparametervalues"),
	word(clueMayRun, "cmd", "cmd"),
	word(clueMayRun, "-it", "set-item", "new-item"),
	word(clueMayRun, "-mo", "import-module"),
	word(clueMayRun, "ipm", "ipmo"),

	word(clueMaterial, "[by", "[byte"),
	word(clueMaterial, "[c", "[char", "[convert"),
	word(clueMaterial, "e64", "e64"), // Base64
	word(clueMaterial, "bxo", "bxor"),

	word(clueMakes, "cha", "char"),
	word(clueMakes, "ets", "getstring"),
	word(clueMakes, "oby", "tobyte"),
	word(clueMakes, "toi", "toint"),
	word(clueMakes, "0x", "0x"),
	word(clueMakes, "rev", "reverse"),
	word(clueMakes, "e64", "base64"),
	word(clueMakes, "gzi", "gzip"),
	word(clueMakes, "efl", "deflate"),
	word(clueMakes, "ure", "securestring"),
	word(clueMakes, "-bx", "-bxor"),
	// -EncodedCommand: powershell.exe needs no more of it, and takes longer dashes.
	{clueMakes, window{exactly("-\x93\x94\x95"), fold("e"), fold("cn").or(noLetter)}, always},
	word(clueMakes, "/e", "/e"),

	word(clueCuts, "epl", "replace"),
	word(clueCuts, "mov", "remove"),
	word(clueCuts, "nse", "insert"),
	word(clueCuts, "ubs", "substring"),
	word(clueCuts, "lit", "split"),
	word(clueCuts, "rim", "trim"),
	word(clueCuts, "..", ".."),
	word(clueCuts, "t-c", "get-command"),
	word(clueCuts, "gcm", "gcm"),
	word(clueCuts, "t-a", "get-alias"),
	{clueCuts, window{anyByte, exactly("["), exactly("-0123456789$")}, always}, // an index
	word(clueCuts, "joi", "-join"),
}

// There is one bit for each needle.
var _ [64 - len(needleList)]struct{}

var needles = newNeedleSet(needleList[:])

func always(string, int) bool { return true }

func noLetter(c byte) bool { return !isLetter(c) }

func noWord(c byte) bool { return !isWordByte(c) }

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
	for _, name := range []string{wholeName, eman} {
		for k := range len(name) {
			if name[k] == text[i]|0x20 && isPieceOf(name, k, text, i) {
				return true
			}
		}
	}
	return false
}

// isPieceOf reports whether that word stands in a name that has the letter at i
// at place k.
func isPieceOf(name string, k int, text string, i int) bool {
	from, start := i, k
	for ; from > 0 && isWordByte(text[from-1]); from-- {
		if start--; start < 0 || text[from-1]|0x20 != name[start] {
			return false
		}
	}
	if from > 0 && text[from-1] == '$' {
		return false
	}
	to := i + 1
	for ; to < len(text) && isWordByte(text[to]); to++ {
		if k++; k == len(name) || text[to]|0x20 != name[k] {
			return false
		}
	}
	switch word := name[start : k+1]; word {
	case "x", "-mailbox", "mailbox", "box":
		return false
	}
	return true
}

func isWordByte(c byte) bool { return isLetter(c) || c == '-' }

// computes reports whether what follows a call operator is no bare name and no
// block: a variable, a string, an expression, a word with one in it, or, to be
// on the safe side, a comment.
func computes(text string, at int) bool {
	for at < len(text) && isBlank(text[at]) {
		at++
	}
	if at < len(text) && (strings.IndexByte("(@[<#", text[at]) >= 0 || text[at] >= 0x80) { // the last are quotes, too
		return true
	}
	for k := at; k < len(text) && !isNameEnd(text[k]); k++ {
		if strings.IndexByte("$\"'`", text[k]) >= 0 || k-at == longestName {
			return true
		}
	}
	return false
}

// longestName is how long a bare name may be that is called.
const longestName = 260

func isBlank(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }

func isNameEnd(c byte) bool { return isBlank(c) || strings.IndexByte(";|&(){},", c) >= 0 }

// startsCommand reports whether a dot at i may be the operator: nothing of a
// word stands before it.
func startsCommand(text string, i int) bool {
	return i == 0 || mayPrecedeDot(text[i-1])
}

// mayPrecedeDot includes the ends of comments and the blanks of other scripts.
func mayPrecedeDot(c byte) bool {
	return c == 0 || isNameEnd(c) || c == '=' || c == '>' || c >= 0x80
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
