package detect

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"pstrail/evtxscan/evtxtest"
)

// plainWords and plainForms are all that gives a clue, looked for one after the
// other in texts of which each byte is a character, in lower case.
var (
	plainWords = map[clues][]string{
		clueFilePath: {"-filepath"},
		clueRunsText: {"-expression", "expandstring", "invokescript", "newscriptblock", "scriptblock]::create", "addscript", "addcommand"},
		clueRuns:     {"set-alias", "new-alias", "alias:", "function:", "::create", "::start", "start-process", "saps", "win32_process"},
		clueMayRun: {
			"alias", "invoke-command", "icm", "foreach", "%", "psdefaultparametervalues",
			"set-item", "new-item", "import-module", "ipmo",
		},
		clueMaterial: {"[char", "[byte", "[convert", "e64", "bxor"},
		clueMakes: {
			"char", "getstring", "tobyte", "toint", "0x", "reverse", "gzip", "deflate", "securestring", "e64", "bxor",
			"-en", "-ec", "/e", "unescape", "decode", `\u0`, "`u{", "&#", "normaliz",
			"replace", "remove", "insert", "substring", "split", "trim", "..", "-join", "::join", ".append", "concat", "}{", ":~", "%%", "!!",
		},
	}
	plainForms = map[clues]*regexp.Regexp{
		clueName:     regexp.MustCompile(strings.Join(strings.Split("mailboxexportrequest", ""), "[^a-z]{0,47}")),
		clueMailbox:  regexp.MustCompile(`(^|[^a-z-])-mailbox($|[^a-z-])`),
		clueRunsText: regexp.MustCompile(`(^|[^a-z-])iex($|[^a-z-])`),
		clueRuns: regexp.MustCompile(`(powershell|pwsh)(\.exe|$|[^a-z0-9._:/\\-])` +
			`|(^|[^a-z$_.-])cmd(\.exe|$|[^a-z0-9._:=\\-])` +
			`|(^|[^a-z-])[ns]al($|[^a-z-])|::($|[^a-z])|\.(\(|\$[a-z0-9_:{}]*\(|'[^']{0,258}'\(|"[^"]{0,258}"\()`),
		clueGives: regexp.MustCompile("[\t-\r ]@[a-z_]" + "|[-\u0093-\u0095]f(i(l(e(p(a(t(h)?)?)?)?)?)?)?($|[^a-z])" +
			`|(set|new)-alias[\x00-\x{ff}]{0,254}[$(]|(^|[^a-z-])[ns]al([$(]|[^a-z-][\x00-\x{ff}]{0,256}[$(])`),
		clueMakes: regexp.MustCompile("[\u0093-\u0095-]e($|[^abd-mo-z])" +
			"|[\u0093-\u0095-]['\"`]e" + `|[a-z/^-]\^[a-z^]` +
			`|\[[-0-9$]` +
			"|['\"\u0080-\u00ff][\t-\r ]{0,46}\\+[\t-\r ]{0,46}['\"\u0080-\u00ff]" +
			`|(get-command|getcommand|getcmdlet|gcm)[\x00-\x{ff}]{0,259}[*?$([|]`),
	}
	plainHidden    = regexp.MustCompile("[A-Za-z]`[A-Zc-eg-mo-qsuw-z]")
	plainEncoded   = regexp.MustCompile(`A([A-Za-z0-9+/][AQgw][AB][A-Za-z0-9+/]A[A-H][A-Za-z0-9+/]A){2}`)
	plainBeforeDot = regexp.MustCompile("(^|[\x00\t-\r ;|&(){},=>\u0080-\u00ff])$")
	plainComputed  = regexp.MustCompile("^[\t-\r ]*([(@[<#\u0080-\u00ff]|[^\t-\r ;|&(){},]*[$\"'`]|[^\t-\r ;|&(){},]{261})")
	plainMember    = regexp.MustCompile(`^[)}]\.[a-z]`)
	plainFile      = regexp.MustCompile(`^[\t-\r ]*"[^"]{0,255}\.(ps1|exe)"($|[\t-\r ;|&(){},])`)
	plainWord      = regexp.MustCompile(`(^|[^a-z-])([a-z-]*[qx][a-z-]*)`)
	ordinaryWords  = []string{"x", "-mailbox", "mailbox", "box"}
)

func plainClues(text string) clues {
	runes := make([]rune, len(text))
	for i, c := range []byte(text) {
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		runes[i] = rune(c)
	}
	var found clues
	if plainHidden.MatchString(text) {
		found |= clueRuns
	}
	if plainEncoded.MatchString(text) {
		found |= clueMaterial | clueMakes
	}
	text = string(runes)
	for i, c := range text {
		if c == '&' || c == '.' && plainBeforeDot.MatchString(text[max(0, i-2):i]) {
			if rest := text[i+1:]; !plainMember.MatchString(text[max(0, i-1):]) && plainComputed.MatchString(rest) && !plainFile.MatchString(rest) {
				found |= clueRuns
			}
		}
	}
	for c, words := range plainWords {
		if slices.ContainsFunc(words, func(w string) bool { return strings.Contains(text, w) }) {
			found |= c
		}
	}
	for c, form := range plainForms {
		if form.MatchString(text) {
			found |= c
		}
	}
	for _, m := range plainWord.FindAllStringSubmatch(text, -1) {
		if m[1] != "$" && !slices.Contains(ordinaryWords, m[2]) && (strings.Contains(wholeName, m[2]) || strings.Contains(eman, m[2])) {
			found |= clueMaterial
		}
	}
	return found
}

// checkClues compares the search with a plain one.
func checkClues(t interface{ Fatalf(string, ...any) }, text string) {
	want, got := plainClues(text), needles.find(text, 0)
	if got != want {
		t.Fatalf("%q: clues %09b, want %09b", text, got, want)
	}
	if early := needles.find(text, clueName); early != got && early&got&clueName == 0 {
		t.Fatalf("%q: clues %09b if it may end with the name, %09b otherwise", text, early, got)
	}
}

// corpusTexts are the scripts of the tests and those of public logs.
func corpusTexts(t testing.TB) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(evtxtest.Root(t), "testdata", "powershell", "*.jsonl"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	var texts []string
	for _, name := range files {
		file, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		lines := bufio.NewScanner(file)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			var c struct {
				Script string
				Blocks []string
			}
			if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
				t.Fatal(err)
			}
			texts = append(append(texts, c.Script), c.Blocks...)
		}
	}
	for _, k := range kindsOfTexts {
		texts = append(texts, k.text)
	}
	return texts
}

// Every needle is found wherever it stands, and in any case.
func TestEachNeedle(t *testing.T) {
	for c, list := range plainWords {
		for _, w := range list {
			for _, text := range []string{w, strings.ToUpper(w), swapCase(w)} {
				for before := range 12 {
					for after := range 12 {
						text := strings.Repeat(" ", before) + text + strings.Repeat("\n", after)
						if checkClues(t, text); needles.find(text, 0)&c != c {
							t.Fatalf("%q: the test does not find it either", text)
						}
					}
				}
			}
		}
	}
}

// marks are bytes of every kind that the needles tell apart.
const marks = "^!:~abeimnopqrtuwxEOPQUX-&.`$([{@%/0\"' \t\n\r;|=,}#\x00\x7f\x80\xff"

// What stands beside a byte decides as it should.
func TestNeedlesBetweenBytes(t *testing.T) {
	for _, a := range []byte(marks) {
		letters := strings.Split("mailboxexportrequest", "")
		checkClues(t, strings.Join(letters, string([]byte{a})))
		for _, b := range []byte(marks) {
			for _, middle := range []string{"q", "x", "Q", "X", "ex", "xe", "&", ".", ". ", "`", "-mailbox", "iex", "cmd", "cmd.exe", "^", "-", "-'"} {
				text := string([]byte{a}) + middle + string([]byte{b})
				checkClues(t, text)
			}
		}
	}
}

// The search finds in scripts what a plain one finds, and in what is left of
// them if they are cut.
func TestCluesOfScripts(t *testing.T) {
	for _, text := range corpusTexts(t) {
		checkClues(t, text)
		for k := 1; k < len(text); k += 1 + len(text)/4 {
			checkClues(t, text[:k])
			checkClues(t, text[k:])
		}
	}
}

func TestCluesOfRealLogs(t *testing.T) {
	for _, text := range realTexts(t) {
		checkClues(t, text)
	}
}

// The search finds in any text what a plain one finds.
func TestCluesOfAnyText(t *testing.T) {
	evtxtest.SameEachTime(t)
	pieces := []string{wholeName, eman, "-mailbox", "iex", "\u212a", "\u017f", "é", "\u201c", "\x80", "\xff", "\x00"}
	for _, list := range plainWords {
		pieces = append(pieces, list...)
	}
	scripts := corpusTexts(t)
	rapid.Check(t, func(t *rapid.T) {
		var text string
		for range rapid.IntRange(1, 8).Draw(t, "parts") {
			switch rapid.IntRange(0, 4).Draw(t, "kind") {
			case 0:
				s := rapid.SampledFrom(scripts).Draw(t, "script")
				from := rapid.IntRange(0, len(s)).Draw(t, "from")
				text += s[from:min(len(s), from+rapid.IntRange(0, 40).Draw(t, "length"))]
			case 1, 2:
				s := rapid.SampledFrom(pieces).Draw(t, "piece")
				from := rapid.IntRange(0, len(s)).Draw(t, "from")
				text += s[from:rapid.IntRange(from, len(s)).Draw(t, "to")]
			case 3:
				text += rapid.SampledFrom(pieces).Draw(t, "piece")
			case 4:
				text += string(rapid.SliceOfN(rapid.SampledFrom([]byte(marks)), 1, 6).Draw(t, "bytes"))
			}
		}
		if rapid.Bool().Draw(t, "case") {
			text = swapCase(text)
		}
		for k := range len(text) {
			checkClues(t, text[k:])
			checkClues(t, text[:k])
			checkClues(t, text[:k]+text[k+1:])
		}
	})
}
