package detect

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"pstrail/evtxscan"
)

func TestRuleTokens(t *testing.T) {
	const name, path, source = "New-MailboxExportRequest ", " -FilePath ", " -Mailbox "
	for _, c := range []struct {
		clause string // the text is put beside the other two clauses
		text   string
		want   bool
	}{
		{"name", "New-MailboxExportRequest", true},
		{"name", "new-mailboxexportrequest", true},
		{"name", ";New-MailboxExportRequest(", true},
		{"name", "'New-MailboxExportRequest'", true},
		{"name", "#New-MailboxExportRequest\r\n", true},
		{"name", `module\New-MailboxExportRequest`, true},
		{"name", "New\u2013MailboxExportRequest", false},
		{"name", "New-Mailbox`ExportRequest", false},
		{"name", "New-MailboxExport''Request", false},
		{"name", "'New-Mailbox'+'ExportRequest'", false},
		{"name", "New-MailboxExportRequestX", false},
		{"name", "_New-MailboxExportRequest", false},
		{"name", "xNew-MailboxExportRequest", false},
		{"name", "New-MailboxExportRequest-Test", false},
		{"name", "New-MailboxExportRe\u212auest", false},
		{"path", "-FilePath", true},
		{"path", "-FILEPATH:", true},
		{"path", `-FilePath:\\s\x`, true},
		{"path", `"a"-FilePath`, true},
		{"path", "\u2013FilePath", false},
		{"path", "\u2014FilePath", false},
		{"path", "\u2015FilePath", false},
		{"path", "--FilePath", false},
		{"path", "x-FilePath", false},
		{"path", "-FilePaths", false},
		{"path", "-File", false},
		{"path", "-FilePath_", false},
		{"path", "FilePath = ", false},
		{"path", "${FilePath}", false},
		{"path", "x.pst", true},
		{"path", `x.pst"`, true},
		{"path", ".PST", true},
		{"path", "pst", true},
		{"path", "$pst", true},
		{"path", `\\s\pst\x.zip`, true},
		{"path", ".pst.zip", true},
		{"path", "é.pst", true},
		{"path", "é\u00a0pst", true},
		{"path", ".pst1", false},
		{"path", ".pst_old", false},
		{"path", "$pstPath", false},
		{"path", "PSTExport", false},
		{"path", "ExportPST.ps1", false},
		{"source", "-Mailbox", true},
		{"source", "-Mailbox:mia", true},
		{"source", "-Mailbox=", true},
		{"source", "-MailboxFoo", false},
		{"source", "-Mailb", false},
		{"source", "Mailbox = 'a'", false},
		{"source", "\u2013Mailbox", false},
		{"source", "Get-Mailbox", true},
		{"source", "(Get-Mailbox).Alias", true},
		{"source", "Get-Mailbox|", true},
		{"source", "Get-MailboxStatistics", false},
		{"source", "Get-MailboxExportRequest", false},
		{"source", "Get-MailboxFolderStatistics", false},
		{"source", "-Identity", true},
		{"source", "-Identity:", true},
		{"source", "ExportToPSTFile", true},
		{"source", "TgBlAHcALQBNAGEAaQBsAGIAbwB4", false},
	} {
		parts := map[string]string{"name": name, "path": path, "source": source}
		parts[c.clause] = " " + c.text + " "
		text := parts["name"] + parts["path"] + parts["source"]
		if got := MatchesText(text); got != c.want {
			t.Errorf("%s: %q: %v", c.clause, c.text, got)
		}
	}
}

func TestRuleStatements(t *testing.T) {
	for _, c := range []struct {
		text string
		want bool
	}{
		{`New-MailboxExportRequest -Mailbox a -FilePath \\s\p\a.pst`, true},
		{`New-MailboxExportRequest -Mailbox a -FilePath "\\s\p\a.pst"`, true},
		{`New-MailboxExportRequest -Mailbox:a -FilePath:\\s\p\a.pst`, true},
		{"New-MailboxExportRequest \u2013Mailbox a \u2013FilePath \\\\s\\p\\a.pst", false},
		{`New-MailboxExportRequest a -FilePath \\s\p\a.pst`, false},
		{`New-MailboxExportRequest -Mailb a -File \\s\p\a.pst`, false},
		{`New-MailboxExportRequest -Mailbox a -File $p`, false},
		{`New-MailboxExportRequest -Mailbox a -File \\s\pst\x`, true},
		{`$p=@{Mailbox='a';FilePath='\\s\p\a.pst'}; New-MailboxExportRequest @p`, false},
		{`Get-Mailbox | New-MailboxExportRequest -FilePath "\\s\$($_.Alias).pst"`, true},
		{`Get-Mailbox | % { New-MailboxExportRequest @p }`, false},
		{`{ $_ | New-MailboxExportRequest -FilePath \\s\x\y.pst }`, false},
		{`foreach ($m in (Get-Mailbox)) { New-MailboxExportRequest -Mailbox $m -FilePath "C:\x\$($m.Alias).pst" }`, true},
		{`# New-MailboxExportRequest -Mailbox x -FilePath y.pst`, true},
		{`# New-MailboxExportRequest writes a .pst file`, false},
		{`Get-Help New-MailboxExportRequest; "x.pst"`, false},
		{`{ param(${Mailbox}, ${FilePath}) & x -CommandName 'New-MailboxExportRequest' }`, false},
	} {
		if got := MatchesText(c.text); got != c.want {
			t.Errorf("%q: %v", c.text, got)
		}
	}
}

// block makes a script block of pieces; an empty one is missing.
func block(pieces ...string) *evtxscan.ScriptBlock {
	b := &evtxscan.ScriptBlock{Computer: "ex01", BlockID: "b", Total: int32(len(pieces))}
	for i, text := range pieces {
		number := int32(i + 1)
		if text == "" {
			b.Holes = append(b.Holes, evtxscan.Hole{At: len(b.Text), Numbers: [2]int32{number, number}})
			b.Missing = append(b.Missing, [2]int32{number, number})
			continue
		}
		b.Text += text
		f := &evtxscan.Fragment{
			Place:  evtxscan.Place{Item: &evtxscan.Item{Path: "log"}, Offset: int64(i), Sound: true},
			System: evtxscan.System{Computer: "ex01", Time: 133_000_000_000_000_000, ProcessID: 7, UserSID: "S-1-5-18"},
			Number: number, Total: b.Total, BlockID: b.BlockID, Text: text,
		}
		b.Pieces = append(b.Pieces, evtxscan.Piece{Number: number, Text: text, Records: []*evtxscan.Fragment{f}})
	}
	return b
}

func TestMatchRule(t *testing.T) {
	const call = `New-MailboxExportRequest -Mailbox a -FilePath \\s\p\a.pst `
	for _, c := range []struct {
		name      string
		pieces    []string
		script    Tri
		fragments []int32
	}{
		{"one", []string{call}, Yes, []int32{1}},
		{"cut between tokens", []string{"New-MailboxExportRequest ", `-Mailbox a -FilePath \\s`}, Yes, nil},
		{"cut inside a token", []string{"New-MailboxExp", `ortRequest -Mailbox a -FilePath \\s`}, Yes, nil},
		{"only the second matches", []string{"x ", call, "y"}, Yes, []int32{2}},
		{"none", []string{"x", "y"}, No, nil},
		{"a piece is missing, the others match", []string{call, ""}, Yes, []int32{1}},
		{"a piece is missing, the others do not", []string{"x", ""}, Unknown, nil},
		{"a token touches the hole behind it", []string{"-FilePath -Mailbox New-MailboxExportRequest", ""}, Unknown, []int32{1}},
		{"a token touches the hole before it", []string{"", "New-MailboxExportRequest -FilePath -Mailbox "}, Unknown, []int32{2}},
		{"tokens on both sides of a hole", []string{"New-MailboxExportRequest ", "", " -FilePath -Mailbox "}, Yes, nil},
		{"halves at a hole do not join", []string{"-FilePath -Mailbox New-MailboxExp", "", "ortRequest "}, Unknown, nil},
	} {
		m := MatchRule(block(c.pieces...))
		if m.Script != c.script || !slices.Equal(m.Fragments, c.fragments) {
			t.Errorf("%s: script %v, fragments %v", c.name, m.Script, m.Fragments)
		}
	}
}

// The tokens are what splitting at [^A-Za-z0-9_-]+ gives.
func TestRuleAgainstSplitting(t *testing.T) {
	words := []string{"New-MailboxExportRequest", "-FilePath", "pst", ".", " ", "-Mailbox", "é", "x", "-", "_", "'", "Get-Mailbox", "\u2013", "-Identity"}
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(rapid.SampledFrom(words), 0, 12).Draw(t, "text"), "")
		has := map[string]bool{}
		for _, token := range strings.FieldsFunc(text, func(r rune) bool {
			return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' || r == '-')
		}) {
			has[strings.ToLower(token)] = true
		}
		want := has["new-mailboxexportrequest"] && (has["-filepath"] || has["pst"]) &&
			(has["-mailbox"] || has["get-mailbox"] || has["exporttopstfile"] || has["-identity"])
		if got := MatchesText(text); got != want {
			t.Fatalf("%q: %v, want %v", text, got, want)
		}
	})
}

func BenchmarkRule(b *testing.B) {
	text := strings.Repeat("Get-ChildItem -Path $env:TEMP -Recurse | Where-Object { $_.Length -gt 10kb } | Remove-Item\r\n", 200)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		MatchesText(text)
	}
}
