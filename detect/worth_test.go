package detect

import (
	"reflect"
	"strings"
	"testing"

	"pstrail/evtxscan"
)

// What several blocks make together is seen, although none of them is worth a
// look by itself.
func TestBlocksTogether(t *testing.T) {
	const (
		hidden = "$a = 'New-MXXailboxExXXportReqXXuest'"
		bare   = "$n = $a.Replace('XX', '')"
		coded  = "$x = 'TmV3LU1haWxib3hFeHBvcnRSZXF1ZXN0IGNlbyAtRiBcXGZzXHAucHN0'"
		text   = "$y = [Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($x))"
	)
	for name, blocks := range map[string][]string{
		"name in two variables, table": {"$a = 'New-Mailbox'", "$b = 'ExportRequest'", `$p = @{ Mailbox = 'ceo' }`, `$p.FilePath = '\\fs\p.pst'`, "& ($a + $b) @p"},
		"format":                       {"$t = 'New-Mail{0}'", "$c = $t -f 'boxExportRequest'", `& $c ceo -FilePath \\fs\p.pst`},
		"shortened parameters":         {hidden, bare, `& $n -Mai ceo -F \\fs\p.pst`},
		"alias":                        {hidden, bare, "Set-Alias zz $n", `zz ceo -Fi \\fs\p.pst`},
		"alias: drive":                 {hidden, "Set-Item alias:zz ($a -replace 'XX')", `zz ceo -Fi \\fs\p.pst`},
		"environment":                  {"$env:a = 'New-MXXailboxExXXportReqXXuest'", "$env:a = $env:a.Replace('XX', '')", `& $env:a ceo -Fi \\fs\p.pst`},
		"function that gives the name": {"function Get-N { -join [char[]](78,101,119,45,77,97,105,108,98,111,120,69,120,112,111,114,116,82,101,113,117,101,115,116) }", `& (Get-N) ceo -F \\fs\p.pst`},
		"function that calls":          {"function go { & $n @args }", hidden, bare, `go ceo -F \\fs\p.pst`},
		"block that calls":             {"$n = 'New-Mail{0}Request'", "$b = { & ($n -f 'boxExport') @args }", `& $b ceo -File \\fs\p.pst`},
		"text run":                     {coded, text, "iex $y"},
		"text made a block":            {coded, text, "$z = [scriptblock]::Create($y)", "& $z"},
		"text made a block, Invoke":    {coded, text, "$z = [scriptblock]::Create($y)", "$z.Invoke()"},
	} {
		var typedBlocks []typed
		for _, b := range blocks {
			if text := []typed{{text: b}}; len(findings(t, text...)) > 0 {
				t.Errorf("%s: %q is a finding by itself", name, b)
			}
			typedBlocks = append(typedBlocks, typed{text: b})
		}
		var got []string
		for _, f := range findings(t, typedBlocks...) {
			got = append(got, short(f))
		}
		if s := strings.Join(got, "\n"); !strings.HasSuffix(s, `call; ceo -> \\fs\p.pst`) || len(got) != 1 {
			t.Errorf("%s: %q", name, s)
		}
	}
}

// What calls by a name that is not known, and finds nothing in the blocks
// around, is no finding.
func TestBlocksTogetherForNothing(t *testing.T) {
	for _, blocks := range [][]string{
		{"$n = 'Get-' + 'Item'", `& $n -F C:\x`},
		{"$p = @{ Path = 'x' }", "$n = 'Get-Item'", "& $n @p"},
		{"$n = 'Get-{0}'", "Set-Alias zz $n", `zz -F C:\x`},
		{"iex $y"},
		{`& $n -Fi \\fs\p.pst -Mai ceo`},
	} {
		var typedBlocks []typed
		for _, b := range blocks {
			typedBlocks = append(typedBlocks, typed{text: b})
		}
		if fs := findings(t, typedBlocks...); len(fs) > 0 {
			t.Errorf("%q: %s", blocks, short(fs[0]))
		}
	}
}

// The blocks of a process that is worth a look by itself stay together.
func TestByWorth(t *testing.T) {
	block := func(process uint32, text string) *evtxscan.ScriptBlock {
		f := &evtxscan.Fragment{System: evtxscan.System{Computer: "EX01", ProcessID: process}, Number: 1, Total: 1, Text: text}
		return &evtxscan.ScriptBlock{Text: text, Total: 1, Pieces: []evtxscan.Piece{{Number: 1, Text: text, Records: []*evtxscan.Fragment{f}}}}
	}
	blocks := []*evtxscan.ScriptBlock{
		block(1, "& $n @p"), block(2, "& $n @p"), block(3, "# New-MailboxExportRequest"), block(2, "New-MailboxExportRequest a"),
	}
	sorted := NewJudge().byWorth(blocks)
	if want := [2][]*evtxscan.ScriptBlock{{blocks[1], blocks[2], blocks[3]}, {blocks[0]}}; !reflect.DeepEqual(sorted, want) {
		t.Errorf("%v, want %v", sorted, want)
	}
}
