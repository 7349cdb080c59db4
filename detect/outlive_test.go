package detect

import (
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
