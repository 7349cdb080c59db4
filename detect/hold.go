package detect

import "strings"

// This file tells, at the speed of a search, which texts can have to do with
// the cmdlet, so that all others never reach the parser.
//
// The rules are:
//   - A text holds the name if its letters stand there in order, whatever else
//     stands between them: quotes, plus signs, backticks, blanks.
//   - A text may hide the name if it runs text as code: that code is another
//     script, of which nothing needs to be seen here.
//   - It may hide the name if it calls what it computes, or makes an alias or a
//     process of it, and has something to compute the name from: a piece of it,
//     codes of characters, encoded data, or whatever takes texts apart or puts
//     them together.
//   - It may call a name that other blocks tell if it gives what it calls a
//     table, or -FilePath in full or shortened, and if it makes an alias of what
//     is no plain name.
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
type clues uint16

const (
	clueName       clues = 1 << iota // the letters of the name, in order
	clueMailbox                      // the first parameter that every export has
	clueFilePath                     // and the second
	clueMaterial                     // a piece of the name, codes of characters, encoded data
	clueMakes                        // what makes texts of others, of codes or of data
	clueMayRun                       // what may run what is computed
	clueSurelyRuns                   // what does run it
	clueRunsText                     // what runs text as code
	clueGives                        // what a call of a name from elsewhere would be given

	clueRuns = clueSurelyRuns | clueMayRun
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
	case has(clueRunsText), has(clueRuns | clueMakes), has(clueMayRun | clueMaterial), has(clueSurelyRuns | clueGives):
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

	{clueMailbox, window{noWord, exactly("-"), fold("m")}, func(text string, i int) bool { return isWord(text, i, "-mailbox") }},
	word(clueFilePath, "epa", "-filepath"),

	{clueRunsText, window{fold("i"), fold("e"), fold("x")}, func(text string, i int) bool { return isWord(text, i-1, "iex") }},
	either(word(clueRunsText, "-ex", "-expression"), word(clueRunsText, "xpa", "expandstring")),
	either(word(clueRunsText, "kes", "invokescript"), word(clueRunsText, "wsc", "newscriptblock")),
	either(word(clueRunsText, "k]:", "scriptblock]::create"), word(clueRunsText, "add", "addscript", "addcommand")),

	{clueRuns, window{fold("pr"), fold("sw"), fold("hs")}, func(text string, i int) bool {
		return isProgram(text, i-5, "powershell") || isProgram(text, i-1, "pwsh")
	}},
	{clueRuns, window{anyByte, exactly("&"), anyByte}, func(text string, i int) bool { return computes(text, i+1) }},
	{clueRuns, window{mayPrecedeDot, exactly("."), anyByte}, func(text string, i int) bool { return startsCommand(text, i) && computes(text, i+1) }},
	{clueRuns, window{anyByte, exactly("."), exactly("($'\"")}, func(text string, i int) bool { return computesMember(text[i+1:]) }},
	{clueRuns, window{isLetter, exactly("`"), isHiding}, always},
	{clueRuns, window{fold("-ns"), fold("a"), fold("l")}, makesAlias},
	{clueGives, window{fold("-ns"), fold("a"), fold("l")}, func(text string, i int) bool {
		return makesAlias(text, i) && strings.ContainsAny(text[i:min(i+longestName, len(text))], "$(")
	}},
	{clueGives, window{isBlank, exactly("@"), byteSet(isLetter).or(exactly("_"))}, always}, // a table
	{clueGives, window{exactly("-\x93\x94\x95"), fold("f"), fold("i").or(noLetter)}, givesPath},
	either(word(clueRuns, "as:", "alias:"), word(clueRuns, "on:", "function:")),
	{clueRuns, window{exactly(":"), exactly(":"), fold("c").or(noLetter)}, func(text string, i int) bool {
		return hasFold(text, i+1, "create") || i+1 == len(text) || noLetter(text[i+1])
	}},

	word(clueMayRun, "ias", "alias"),
	either(word(clueRuns, "::s", "::start"), word(clueRuns, "t-p", "start-process")),
	either(word(clueRuns, "sap", "saps"), word(clueRuns, "2_p", "win32_process")),
	{clueRuns, window{fold("c"), fold("m"), fold("d")}, func(text string, i int) bool { return isCmd(text, i-1) }},
	either(word(clueMayRun, "ipm", "ipmo"), word(clueMayRun, "-mo", "import-module")),
	word(clueMayRun, "e-c", "invoke-command"),
	word(clueMayRun, "eac", "foreach"),
	word(clueMayRun, "%", "%"),
	either(word(clueMayRun, "icm", "icm"), word(clueMayRun, "psd", "psdefaultparametervalues")),
	word(clueMayRun, "-it", "set-item", "new-item"),

	either(word(clueMaterial, "[by", "[byte"), word(clueMaterial, "[c", "[char", "[convert")),
	word(clueMaterial|clueMakes, "e64", "e64"), // Base64
	word(clueMaterial|clueMakes, "bxo", "bxor"),
	{clueMaterial | clueMakes, window{exactly("A"), isBase64, exactly("AQgw")}, encodesText},

	// Codes and data.
	word(clueMakes, "cha", "char"),
	word(clueMakes, "ets", "getstring"),
	either(word(clueMakes, "oby", "tobyte"), word(clueMakes, "toi", "toint")),
	either(word(clueMakes, "0x", "0x"), word(clueMakes, "&#", "&#")),
	word(clueMakes, "rev", "reverse"),
	either(word(clueMakes, "gzi", "gzip"), word(clueMakes, "liz", "normaliz")), // of full-width letters
	word(clueMakes, "efl", "deflate"),
	word(clueMakes, "ure", "securestring"),
	// -EncodedCommand: powershell.exe needs no more of it, and takes longer dashes.
	// In quotes or behind a backtick, it is the same.
	{clueMakes, window{exactly("-\x93\x94\x95"), fold("e").or(exactly("'\"`")), fold("cne").or(noLetter)}, func(text string, i int) bool {
		e := i+1 < len(text) && text[i+1]|0x20 == 'e'
		return e != (text[i]|0x20 == 'e')
	}},
	word(clueMakes, "/e", "/e"),
	either(word(clueMakes, "esc", "unescape"), word(clueMakes, "dec", "decode")),
	either(word(clueMakes, `\u0`, `\u0`), word(clueMakes, "`u{", "`u{")),
	// Names that PowerShell knows, found by a pattern or among all.
	{clueMakes, window{fold("t"), fold("-c"), fold("co")}, func(text string, i int) bool {
		return findsNames(text, i-3, "get-command") || findsNames(text, i-3, "getcommand") || findsNames(text, i-3, "getcmdlet")
	}},
	{clueMakes, window{fold("g"), fold("c"), fold("m")}, func(text string, i int) bool { return findsNames(text, i-1, "gcm") }},
	// What cmd.exe takes out of a text, and the values that it puts in.
	{clueMakes, window{byteSet(isLetter).or(exactly("-/^")), exactly("^"), byteSet(isLetter).or(exactly("^"))}, always},
	{clueMakes, window{anyByte, exactly(":%!"), exactly("~%!")}, func(text string, i int) bool {
		return text[i] == text[i+1] || text[i] == ':' && text[i+1] == '~'
	}},
	// What takes texts apart.
	word(clueMakes, "epl", "replace"),
	word(clueMakes, "mov", "remove"),
	word(clueMakes, "nse", "insert"),
	word(clueMakes, "ubs", "substring"),
	word(clueMakes, "lit", "split"),
	word(clueMakes, "rim", "trim"),
	word(clueMakes, "..", ".."),
	{clueMakes, window{anyByte, exactly("["), exactly("-0123456789$")}, always}, // an index
	// And what puts them together.
	either(word(clueMakes, "-jo", "-join"), word(clueMakes, ":jo", "::join")),
	either(word(clueMakes, "ppe", ".append"), word(clueMakes, "nca", "concat")),
	{clueMakes, window{byteSet(isQuote).or(isBlank), exactly("+"), byteSet(isQuote).or(isBlank)}, addsTexts},
	word(clueMakes, "}{", "}{"), // of a format
}

// There is one bit for each needle.
var _ [64 - len(needleList)]struct{}

var needles = newNeedleSet(needleList[:])

func always(string, int) bool { return true }

// findsNames reports whether a command that finds others stands there, and a
// pattern, a variable or a filter in what follows; with a plain name alone it
// finds nothing that is not written.
func findsNames(text string, at int, command string) bool {
	if !hasFold(text, at, command) {
		return false
	}
	rest := text[at+len(command):]
	return strings.ContainsAny(rest[:min(len(rest), longestName)], "*?$([|")
}

// isHiding reports whether a letter stays the same behind a backtick.
func isHiding(c byte) bool { return isLetter(c) && strings.IndexByte("abfnrtv", c) < 0 }

// isProgram reports whether the name of a program stands there, and not that of
// a folder, a module or a site that begins with it.
func isProgram(text string, at int, name string) bool {
	if !hasFold(text, at, name) {
		return false
	}
	at += len(name)
	if hasFold(text, at, ".exe") {
		return true
	}
	return at == len(text) || noLetter(text[at]) && strings.IndexByte(`.\/:-_0123456789`, text[at]) < 0
}

// isCmd reports whether cmd.exe is named there: what it runs may be computed.
func isCmd(text string, at int) bool {
	if at > 0 && (isWordByte(text[at-1]) || strings.IndexByte("$_.", text[at-1]) >= 0) {
		return false
	}
	at += len("cmd")
	return hasFold(text, at, ".exe") || at == len(text) || noLetter(text[at]) && strings.IndexByte(`.\:-_=0123456789`, text[at]) < 0
}

// encodesText reports whether base64 of text in UTF-16 stands there, as
// powershell.exe takes it: of every second byte, which is 0, one or two
// characters in eight are A.
func encodesText(text string, i int) bool {
	if i < 1 || i+16 > len(text) {
		return false
	}
	for k := i; k < i+16; k += 8 {
		if text[k-1] != 'A' || !isBase64(text[k]) || strings.IndexByte("AQgw", text[k+1]) < 0 || text[k+2] != 'A' && text[k+2] != 'B' || text[k+4] != 'A' ||
			!isBase64(text[k+3]) || text[k+5] < 'A' || text[k+5] > 'H' || !isBase64(text[k+6]) || text[k+7] != 'A' {
			return false
		}
	}
	return true
}

func isBase64(c byte) bool { return isLetter(c) || c >= '0' && c <= '9' || c == '+' || c == '/' }

// addsTexts reports whether the plus sign at i stands between two strings.
func addsTexts(text string, i int) bool {
	before, after := i-1, i+1
	for before >= 0 && i-before < maxBetween && isBlank(text[before]) {
		before--
	}
	for after < len(text) && after-i < maxBetween && isBlank(text[after]) {
		after++
	}
	return before >= 0 && after < len(text) && isQuote(text[before]) && isQuote(text[after])
}

// isQuote includes the bytes of quotes of other scripts.
func isQuote(c byte) bool { return c == '\'' || c == '"' || c >= 0x80 }

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

// computes reports whether what follows a call operator is no bare name, no
// block and no file: a variable, a string, an expression, a word with one in it,
// or, to be on the safe side, a comment.
func computes(text string, at int) bool {
	for at < len(text) && isBlank(text[at]) {
		at++
	}
	if at < len(text) && (strings.IndexByte("(@[<#", text[at]) >= 0 || text[at] >= 0x80) { // the last are quotes, too
		return true
	}
	if at < len(text) && text[at] == '"' && namesFile(text[at+1:]) {
		return false
	}
	for k := at; k < len(text) && !isNameEnd(text[k]); k++ {
		if strings.IndexByte("$\"'`", text[k]) >= 0 || k-at == longestName {
			return true
		}
	}
	return false
}

// computesMember reports whether the name of a method begins there that is no
// bare one: an expression, or a variable or a string with arguments behind it.
func computesMember(text string) bool {
	end := 1
	switch text[0] {
	case '(':
		return true
	case '$':
		for end < len(text) && (isLetter(text[end]) || strings.IndexByte("0123456789_:{}", text[end]) >= 0) {
			end++
		}
	default:
		quoted := strings.IndexByte(text[1:min(len(text), longestName)], text[0])
		if quoted < 0 {
			return false
		}
		end += quoted + 1
	}
	return end < len(text) && text[end] == '('
}

// namesFile reports whether a text in double quotes, which begins there, ends as
// the name of a script or a program does.
func namesFile(text string) bool {
	end := strings.IndexByte(text[:min(len(text), longestName)], '"')
	return end >= 4 && (hasFold(text, end-4, ".ps1") || hasFold(text, end-4, ".exe")) &&
		(end+1 == len(text) || isNameEnd(text[end+1]))
}

// longestName is how long a bare name may be that is called.
const longestName = 260

func isBlank(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }

func isNameEnd(c byte) bool { return isBlank(c) || strings.IndexByte(";|&(){},", c) >= 0 }

// startsCommand reports whether a dot at i may be the operator: nothing of a
// word stands before it, and it is not the dot of a member's bare name.
func startsCommand(text string, i int) bool {
	if i == 0 {
		return true
	}
	if (text[i-1] == ')' || text[i-1] == '}') && i+1 < len(text) && isLetter(text[i+1]) {
		return false
	}
	return mayPrecedeDot(text[i-1])
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

// makesAlias reports whether a command that makes an alias stands around the
// two letters at i.
func makesAlias(text string, i int) bool {
	return hasFold(text, i-4, "set-alias") || hasFold(text, i-4, "new-alias") || isWord(text, i-1, "sal") || isWord(text, i-1, "nal")
}

// givesPath reports whether the name of a parameter begins at i to which
// -FilePath may be shortened.
func givesPath(text string, i int) bool {
	end := i
	for end < len(text) && isLetter(text[end]) {
		end++
	}
	return end-i <= len("filepath") && strings.EqualFold(text[i:end], "filepath"[:end-i])
}
