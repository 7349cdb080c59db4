package detect

import (
	"slices"
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

func blockOf(process uint32, text string) *evtxscan.ScriptBlock {
	f := &evtxscan.Fragment{System: evtxscan.System{Computer: "EX01", ProcessID: process}, Number: 1, Total: 1, Text: text}
	return &evtxscan.ScriptBlock{Text: text, Total: 1, Pieces: []evtxscan.Piece{{Number: 1, Text: text, Records: []*evtxscan.Fragment{f}}}}
}

// The blocks of a process that is worth a look by itself stay together.
func TestByWorth(t *testing.T) {
	blocks := []*evtxscan.ScriptBlock{
		blockOf(1, "& $n @p"), blockOf(2, "& $n @p"), blockOf(3, "# New-MailboxExportRequest"), blockOf(2, "New-MailboxExportRequest a"),
	}
	sure, others := NewJudge().byWorth(blocks)
	if !slices.Equal(sure, blocks[1:]) || !slices.Equal(others, blocks[:1]) {
		t.Errorf("%v and %v", sure, others)
	}
}

// Where there are too many processes, what all of them run is passed over.
func TestRarest(t *testing.T) {
	blocks := []*evtxscan.ScriptBlock{
		blockOf(1, "iex $line"), blockOf(2, "iex $line"), blockOf(3, "iex $line"), blockOf(3, "& $n @p"), blockOf(4, "iex $other"),
	}
	for most, want := range [][]*evtxscan.ScriptBlock{nil, blocks[2:4], blocks[2:], {blocks[0], blocks[2], blocks[3], blocks[4]}, blocks} {
		kept, leftOut := rarest(blocks, most)
		if !slices.Equal(kept, want) || leftOut != len(blocks)-len(want) {
			t.Errorf("of %d processes: %v, %d left out", most, kept, leftOut)
		}
	}
}
