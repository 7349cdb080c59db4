package detect

import (
	"strings"
	"testing"

	"pstrail/evtxscan"
)

// A value is that of an earlier block only if nothing can have changed it.
func TestWhatVariablesOutlive(t *testing.T) {
	const call = "New-MailboxExportRequest -Mailbox ann -FilePath $path"
	const sets = "$path = '\\\\fs\\x.pst'\n"
	typed := func(text string) *evtxscan.ScriptBlock { return ran(0, text) }
	file := func(name, text string) *evtxscan.ScriptBlock {
		b := ran(0, text)
		b.First().Path = `C:\work\` + name
		return b
	}
	for _, c := range []struct {
		name   string
		blocks []*evtxscan.ScriptBlock
		want   string
	}{
		{"typed", []*evtxscan.ScriptBlock{typed(sets), typed(call)}, `\\fs\x.pst`},
		{"script", []*evtxscan.ScriptBlock{typed(`.\setup.ps1`), file("setup.ps1", sets), typed(call)}, "{$path}"},
		{"function of a script with capitals", []*evtxscan.ScriptBlock{file("Main.ps1", sets+"function Go { "+call+" }"), file("Main.ps1", "Go")}, `\\fs\x.pst`},
		{"script of that name too", []*evtxscan.ScriptBlock{typed("$path = '\\\\fs\\y.pst'"), typed(`.\setup.ps1`), file("setup.ps1", sets), typed(call)}, `\\fs\y.pst`},
		{"dot-sourced", []*evtxscan.ScriptBlock{typed(`. .\Setup.ps1`), file("setup.ps1", sets), typed(call)}, `\\fs\x.pst`},
		{"dot-sourced by its full name", []*evtxscan.ScriptBlock{typed(`. "$root\setup.ps1"`), file("setup.ps1", sets), typed(call)}, `\\fs\x.pst`},
		{"profile", []*evtxscan.ScriptBlock{file("Microsoft.PowerShell_profile.ps1", sets), typed(call)}, `\\fs\x.pst`},
		{"script that calls", []*evtxscan.ScriptBlock{file("main.ps1", sets+"& $PSScriptRoot\\export.ps1"), file("export.ps1", call)}, `\\fs\x.pst`},
		{"script that does not call", []*evtxscan.ScriptBlock{file("main.ps1", sets), file("export.ps1", call)}, "{$path}"},
		{"typed before a script", []*evtxscan.ScriptBlock{typed(sets), file("export.ps1", call)}, `\\fs\x.pst`},
		{"end lost", []*evtxscan.ScriptBlock{withoutEnd(sets), typed(call)}, "{$path}"},
		{"end of another lost", []*evtxscan.ScriptBlock{typed(sets), withoutEnd("Get-Date\n"), typed(call)}, "{$path}"},
		{"set after a lost end", []*evtxscan.ScriptBlock{withoutEnd("Get-Date\n"), typed(sets), typed(call)}, `\\fs\x.pst`},
		{"environment", []*evtxscan.ScriptBlock{file("setup.ps1", "$env:out = '\\\\fs\\x.pst'"), typed("New-MailboxExportRequest -Mailbox ann -FilePath $env:out")}, `\\fs\x.pst`},
	} {
		for i, b := range c.blocks {
			first := ran(i, b.Text).First()
			b.First().Time, b.First().RecordID, b.First().BlockID, b.BlockID = first.Time, first.RecordID, first.BlockID, first.BlockID
		}
		got := "nothing"
		for _, f := range judgeBlocks(NewJudge(), func(*evtxscan.ScriptBlock) bool { return true }, c.blocks...) {
			for _, call := range f.Calls {
				got = call.PSTPath.Text()
			}
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// A function or an alias of a script file is gone when that ends: what is called
// through it is in doubt, but for what tells that it was there.
func TestWhatFunctionsOutlive(t *testing.T) {
	const (
		lib  = "C:\\s\\lib.ps1"
		call = `New-MailboxExportRequest $u -FilePath "\\fs07\$u.pst"`
		goes = "function Go($u) { " + call + " }"
		gone = `latent mia -> \\fs07\mia.pst (conditional)`
		made = `mia -> \\fs07\mia.pst`
	)
	for _, c := range []struct {
		name   string
		blocks []typed
		want   string // the last finding
	}{
		{"script", []typed{{text: goes, path: lib}, {text: "Go mia"}}, "1 undecided; " + gone},
		{"global", []typed{{text: strings.Replace(goes, "Go", "global:Go", 1), path: lib}, {text: "Go mia"}}, "1 call; " + made},
		{"dot-sourced", []typed{{text: ". .\\lib.ps1"}, {text: goes, path: lib}, {text: "Go mia"}}, "2 call; " + made},
		{"dot-sourced by a script", []typed{{text: ". .\\lib.ps1", path: `C:\s\main.ps1`}, {text: goes, path: lib}, {text: "Go mia"}}, "2 undecided; " + gone},
		{
			"dot-sourced by a script that calls another",
			[]typed{{text: ". .\\lib.ps1; .\\sub.ps1", path: `C:\s\main.ps1`}, {text: goes, path: lib}, {text: "Go mia", path: `C:\s\sub.ps1`}},
			"2 call; " + made,
		},
		{"module", []typed{{text: goes, path: `C:\s\lib.psm1`}, {text: "Go mia"}}, "1 call; " + made},
		{"imported", []typed{{text: "ipmo .\\lib.ps1"}, {text: goes, path: lib}, {text: "Go mia"}}, "2 call; " + made},
		{"profile", []typed{{text: goes, path: `C:\s\profile.ps1`}, {text: "Go mia"}}, "1 call; " + made},
		{"typed", []typed{{text: goes}, {text: "Go mia", path: lib}}, "1 call; " + made},
		{"by a name that is computed", []typed{{text: goes, path: lib}, {text: "$c = 'G' + 'o'; & $c mia"}}, `1 undecided; latent mia -> \\fs07\mia.pst`},
		{"logged when it ran", []typed{{text: goes + "\n1", path: lib}, {text: "Go mia"}, {text: goes, path: lib}}, "1 call; " + made + " (started)"},
		{"logged when the script ran it", []typed{{text: goes + "\n1", path: lib}, {text: goes, path: lib}, {text: "Go mia"}}, "2 undecided; " + gone},
		{"alias", []typed{{text: "sal x New-MailboxExportRequest", path: lib}, {text: `x mia -FilePath \\fs07\mia.pst`}}, "1 undecided; " + gone},
		{"global alias", []typed{{text: "sal x New-MailboxExportRequest -Scope Global", path: lib}, {text: `x mia -FilePath \\fs07\mia.pst`}}, "1 call; " + made},
		{
			"what it hides", []typed{{text: "function New-MailboxExportRequest { 1 }", path: lib}, {text: "$u = 'mia'; " + call}},
			"1 call; " + made + " (conditional)",
		},
		{
			"what it hid before", []typed{{text: goes}, {text: "function Go { 1 }", path: lib}, {text: "Go mia"}},
			"2 call; " + made + " (conditional)",
		},
		{
			"what it changes", []typed{{text: "function Go { $global:u = 'mia' }\n1", path: lib}, {text: "$u = 'noa'; Go; New-MailboxExportRequest -Mailbox $u -FilePath \\\\fs07\\x.pst"}},
			`1 call; noa -> \\fs07\x.pst (conditional); mia -> \\fs07\x.pst (conditional)`,
		},
		{"wrong text", []typed{{text: goes + " }"}, {text: "Go mia"}}, "1 undecided; " + gone},
		{"variable of wrong text", []typed{{text: "$u = 'mia' }"}, {text: `New-MailboxExportRequest $u -FilePath \\fs07\x.pst`}}, `1 call; {$u} -> \\fs07\x.pst`},
		{"text whose end is lost", []typed{{text: goes + "\n" + strings.Repeat("# filler line\n", 1500) + "(", size: 10_000, drop: []int{3}}, {text: "Go mia"}}, "1 call; " + made},
	} {
		fs := findings(t, c.blocks...)
		got := ""
		for _, f := range fs {
			if s := short(f); strings.Contains(s, "->") {
				got = s
			}
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}
