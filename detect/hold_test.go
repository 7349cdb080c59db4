package detect

import (
	"bufio"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"pstrail/evtxscan"
	"pstrail/evtxscan/evtxtest"
)

func TestHolds(t *testing.T) {
	for _, c := range []struct {
		text string
		want holding
	}{
		{"New-MailboxExportRequest", holdsName},
		{"nEw-mAiLbOxEXPORTREQUEST x", holdsName},
		{"New-Mailbox`Export''Request", holdsName},
		{"& ('New-Mail' + 'boxExp' + 'ortRequest')", holdsName},
		{"'N#e#w#-#M#a#i#l#b#o#x#E#x#p#o#r#t#R#e#q#u#e#s#t'", holdsName},
		{"# New-MailboxExportRequest", holdsName},
		{"iex ('New-{1}{0}' -f 'ExportRequest', 'Mailbox')", holdsHidden},
		{"$a='Request';$b='New-Mailbox';& ($b+'Export'+$a)", holdsHidden},
		{`& "New-Mailbox$x" -Mailbox a -FilePath b`, holdsPair},
		{`. $c -Mailbox a -FilePath \\x\y.pst`, holdsPair},
		{"iex ([char]78+[char]101)", holdsHidden},
		{"Invoke-Expression ([char]78+[char]101)", holdsHidden},
		{"Invoke-Expression (-join $r[-1..-99]) # q", holdsHidden},
		{"iex ([Text.Encoding]::UTF8.GetString([Convert]::FromBase64String('TmV3')))", holdsHidden},
		{"'H4sIAAAA' | Expand-Text | Invoke-Expression; [Convert]", holdsHidden},
		{"$a = 'abcmnopqrstuvwxyz-'; & (-join (1, 2 | % { $a[$_] }))", holdsHidden},
		{"$r = 'tseuqeRtropxExobliaM-weN'; & (-join $r[-1..-99])", holdsHidden},
		{"powershell -EncodedCommand TgBlAHcALQBN; [char]1", holdsHidden},
		{"sal x ('New-Mailbox' + $e)", holdsHidden},
		{"$t = 'New-Mailbox{0}Request -Mailbox ann -FilePath \\\\fs01\\x.pst'", holdsPair},
		{"powershell -enc TgBlAHcALQBNAGEAaQBsAGIAbwB4AEUAeAA=", holdsHidden},
		{"$x = 'boxExportRequest'; & New-Mail$x", holdsHidden},
		{"$x = 'boxExportReques'; . New-Mail${x}t", holdsHidden},
		{"$x = 'boxExportRequest'; & <# by name #> ('New-Mail' + $x)", holdsHidden},
		{"$x = 'boxExportRequest'; <# by name #>. ('New-Mail' + $x)", holdsHidden},
		{"$x = 'boxExportRequest';\u00a0. ('New-Mail' + $x)", holdsHidden},
		{"$x = 'boxExportRequest';\f&\v('New-Mail' + $x)", holdsHidden},
		{"$x = 'boxExportRequest'; nal\texport ('New-Mail' + $x)", holdsHidden},
		{"$x = 'boxExportRequest'; $type::Create('New-Mail' + $x)", holdsHidden},
		{"$x = 'boxExportRequest'; [scriptblock]::\"Create\"('New-Mail' + $x)", holdsHidden},
		{"$a = 'qwertu'; & ($a[1] + $a[0])", holdsHidden},
		{"powershell \u2013e TgBlAHcALQBN", holdsHidden},
		{`cmd /c "po^wer^shell -^f x.ps1"`, holdsHidden},
		{`cmd /v:on /c "set a=power&set b=shell&!a!!b! x.ps1"`, holdsHidden},
		{"cmd/c \"%ComSpec:~-7,1%md /c x.cmd\"", holdsHidden},
		{"iwmi win32_process create ('pow' + 'ershell x.ps1')", holdsHidden},
		{"& $x TgBlAHcALQBNAGEAaQBsAGIAbwB4AA==", holdsHidden},
		{"& ($a + $b) @p", holdsHidden},
		{"& $c ceo -F \\\\x\\y.pst", holdsHidden},
		{"Set-Alias x $c", holdsHidden},
		{"sal x (n)", holdsHidden},
		{"& $c ceo", holdsNothing},
		{"& $c -Force; 'a@b'", holdsNothing},
		{"Set-Alias ll Get-ChildItem", holdsNothing},
		{`cmd /c "dir C:\Temp"`, holdsNothing},
		{"function cmd-let { $cmd = 'a-b'; $cmd.Split('-') }", holdsNothing},
		{"$line -match 'a[^b]c'; Write-Host 'Done!'", holdsNothing},
		{"$x = 'boxExportRequest'; & { Get-Mailbox }", holdsNothing},
		{"$x = 'boxExportRequest'; the original or final one", holdsNothing},
		{"Get-Mailbox -Identity mia | Set-Mailbox -Type Shared", holdsNothing},
		{"Get-ChildItem | % { $_.Name }", holdsNothing},
		{`& "C:\Program Files\7-Zip\7z.exe" a x.7z y`, holdsNothing},
		{". .\\functions.ps1", holdsNothing},
		{"Invoke-WebRequest -Uri $u", holdsNothing},
		{"'x' -replace 'a', 'b'", holdsNothing},
		{"", holdsNothing},
		{"q", holdsNothing},
		{strings.Repeat("q", 1000), holdsNothing},
	} {
		if got := holds(c.text); got != c.want {
			t.Errorf("%q: %d, want %d", c.text, got, c.want)
		}
	}
}

// Whatever stands between the letters of the name, they are found.
func TestHoldsNameInPieces(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var b strings.Builder
		b.WriteString(rapid.StringN(0, 40, -1).Draw(t, "before"))
		for _, c := range "MailboxExportRequest" {
			b.WriteString(strings.ToLower(string(c)))
			b.WriteString(rapid.StringOfN(rapid.SampledFrom([]rune("'\"+ `(),é\u201c#$1")), 0, 8, 40).Draw(t, "between"))
		}
		if got := holds(b.String()); got != holdsName {
			t.Fatalf("%q: %d", b.String(), got)
		}
	})
}

// exportCase is one line of the corpus of scripts whose calls the real engine
// made.
type exportCase struct {
	Name   string
	Tags   []string
	Blocks []string
	Calls  []struct {
		Mailbox, Filepath string
		Whatif, Child     bool
		Block             int
		Fixed             *struct{ Mailbox, Filepath []string }
	}
}

func exportCases(t testing.TB) []exportCase {
	t.Helper()
	return readCases(t, evtxtest.Corpus(t, "conformance", "exports.jsonl"))
}

func readCases(t testing.TB, name string) []exportCase {
	t.Helper()
	file, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var cases []exportCase
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var c exportCase
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		cases = append(cases, c)
	}
	return cases
}

// No script that makes a call is passed over.
func TestHoldsMissesNoCall(t *testing.T) {
	for _, c := range exportCases(t) {
		if len(c.Calls) == 0 {
			continue
		}
		most := holdsNothing
		for _, text := range c.Blocks {
			most = max(most, holds(text))
		}
		if most == holdsNothing {
			t.Errorf("%s: %q", c.Name, c.Blocks)
		}
	}
}

// Ordinary logs hardly reach the parser.
func TestHoldsOnRealLogs(t *testing.T) {
	found, err := evtxscan.Find(t.Context(), []string{evtxtest.Corpus(t, "evidence", "real")}, nil)
	if err != nil {
		t.Fatal(err)
	}
	ev, err := found.Scan(t.Context(), evtxscan.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var texts, hidden int
	for _, b := range ev.Blocks {
		switch holds(b.Text) {
		case holdsName:
			t.Errorf("%s holds the name", b.BlockID)
		case holdsHidden:
			hidden++
		}
		texts++
	}
	t.Logf("%d of %d texts may hide the name", hidden, texts)
}
