package detect

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestScriptFiles checks that a script file is seen with what the command that
// ran it gave it.
func TestScriptFiles(t *testing.T) {
	const script = "param([string]$User, [string]$Share = '\\\\fs\\o')\nNew-MailboxExportRequest $User -FilePath \"$Share\\$User.pst\""
	file := func(name, text string) typed { return typed{text: text, path: `C:\s\` + name} }
	x := file("x.ps1", script)
	for _, c := range []struct {
		name   string
		blocks []typed
		want   []string
	}{
		{"nobody known ran it", []typed{x}, []string{`0 call; {$User} -> {$Share = \\fs\o}\{$User}.pst`}},
		{"a command ran it", []typed{{text: `C:\s\x.ps1 -User ann`}, x}, []string{`1 call; ann -> \\fs\o\ann.pst`}},
		{"by its end", []typed{{text: `.\x ann \\fs\p`}, x}, []string{`1 call; ann -> \\fs\p\ann.pst`}},
		{"by a path of which the end is known", []typed{{text: `& "$tools\x.ps1" ann`}, x}, []string{`1 call; ann -> \\fs\o\ann.pst`}},
		{"another file", []typed{{text: `C:\t\x.ps1 ann`}, {text: `.\y.ps1 ann`}, x}, []string{`2 call; {$User} -> {$Share = \\fs\o}\{$User}.pst`}},
		{"in a loop", []typed{{text: `'ann', 'bea' | % { .\x.ps1 $_ }`}, x}, []string{`1 call; ann -> \\fs\o\ann.pst; bea -> \\fs\o\bea.pst`}},
		{"in a loop, logged again", []typed{{text: `'ann', 'bea' | % { .\x.ps1 $_ }`}, x, x}, []string{`1 call; ann -> \\fs\o\ann.pst`, `2 call; bea -> \\fs\o\bea.pst`}},
		{"for each of a list", []typed{{text: `Get-Content l.txt | % { .\x.ps1 $_ }`}, x}, []string{`1 call; {$_} -> \\fs\o\{$_}.pst`}},
		{"the last that names it", []typed{{text: `.\x.ps1 ann`}, {text: `cd C:\s`}, {text: `.\x.ps1 bea`}, x}, []string{`3 call; bea -> \\fs\o\bea.pst`}},
		{"something typed between", []typed{{text: `.\x.ps1 ann`}, {text: `& $script bea`}, x}, []string{`2 call; {$User} -> {$Share = \\fs\o}\{$User}.pst`}},
		{"of two commands", []typed{{text: `.\main.ps1; .\x.ps1 ann`}, file("main.ps1", `& $PSScriptRoot\x.ps1 bea`), x}, []string{`2 call; bea -> \\fs\o\bea.pst; ann -> \\fs\o\ann.pst`}},
		{"once more", []typed{{text: `C:\s\x.ps1 ann`}, x, {text: `C:\s\x.ps1 bea`}}, []string{`1 call; ann -> \\fs\o\ann.pst`, `2 call; bea -> \\fs\o\bea.pst`}},
		{"once more, by its end", []typed{{text: `.\x.ps1 ann`}, x, {text: `.\x.ps1 bea`}}, []string{`1 call; ann -> \\fs\o\ann.pst`, `2 call; bea -> \\fs\o\bea.pst (conditional)`}},
		{"a changed file", []typed{{text: `C:\s\x.ps1 ann`}, x, {text: `C:\s\x.ps1 bea`}, file("x.ps1", "# mended\n"+script)},
			[]string{`1 call; ann -> \\fs\o\ann.pst`, `3 call; bea -> \\fs\o\bea.pst`}},
		{"another process", []typed{{text: `powershell -c "C:\s\x.ps1 ann"`}, x}, []string{`1 call; {$User} -> {$Share = \\fs\o}\{$User}.pst`}},
		{"arguments that it would refuse", []typed{{text: `.\x.ps1 -Bogus:1 -User`}, x}, []string{`1 call; {$User} -> {$Share = \\fs\o}\{$User}.pst`}},
		{"arguments that it would refuse, caught", []typed{{text: `try { .\x.ps1 -Bogus:1 -User } catch { $q = 1 }; New-MailboxExportRequest eve -FilePath \\fs\e.pst`}, x},
			[]string{`0 call; eve -> \\fs\e.pst`, `1 call; {$User} -> {$Share = \\fs\o}\{$User}.pst`}},
		{"either", []typed{{text: `if (Test-Path y) { .\x.ps1 ann } else { .\x.ps1 bea }`}, x},
			[]string{`1 call; ann -> \\fs\o\ann.pst (conditional); bea -> \\fs\o\bea.pst (conditional)`}},
		{"with what it calls", []typed{
			{text: `.\main.ps1 -Users ann,bea`},
			file("main.ps1", "param([string[]]$Users)\n$root = '\\\\fs\\o'\n. \"$PSScriptRoot\\lib.ps1\"\nforeach ($u in $Users) { Export-One $u }\n& $PSScriptRoot\\sub.ps1 cid"),
			file("lib.ps1", "function Export-One($m) { New-MailboxExportRequest $m -FilePath \"$root\\$m.pst\" }"),
			file("sub.ps1", "New-MailboxExportRequest $args[0] -FilePath \"$root\\$($args[0]).pst\"\nexit"),
			{text: `New-MailboxExportRequest eve -FilePath $root\e.pst`},
		}, []string{
			`1 call; ann -> \\fs\o\ann.pst; bea -> \\fs\o\bea.pst`, `2 mention`, `3 call; cid -> \\fs\o\cid.pst`, `4 call; eve -> {$root}\e.pst`,
		}},
		{"exit ends the file", []typed{{text: "C:\\s\\x.ps1\nNew-MailboxExportRequest eve -FilePath \\\\fs\\e.pst"}, file("x.ps1", "New-MailboxExportRequest ann -FilePath \\\\fs\\a.pst\nexit 1")},
			[]string{`0 call; eve -> \\fs\e.pst`, `1 call; ann -> \\fs\a.pst`}},
		{"what it leaves", []typed{{text: `.\x.ps1`}, file("x.ps1", `$global:root = '\\fs\o'; $mine = '\\fs\m'`), {text: `New-MailboxExportRequest ann -FilePath $root\a.pst; New-MailboxExportRequest ann -FilePath $mine\a.pst`}},
			[]string{`2 call; ann -> \\fs\o\a.pst; ann -> {$mine}\a.pst`}},
		{"what it puts out", []typed{{text: "$m = .\\get.ps1\nNew-MailboxExportRequest $m -FilePath \\\\fs\\$m.pst"}, file("get.ps1", `'ann'`)}, []string{`0 call; ann -> \\fs\ann.pst`}},
		{"what it is fed", []typed{{text: `'ann', 'bea' | .\x.ps1`}, file("x.ps1", `$input | % { New-MailboxExportRequest $_ -FilePath \\fs\$_.pst }`)},
			[]string{`1 call; ann -> \\fs\ann.pst; bea -> \\fs\bea.pst`}},
		{"where it stands", []typed{file("x.ps1", "function Go { New-MailboxExportRequest ann -FilePath $PSScriptRoot\\a.pst }\nGo\nNew-MailboxExportRequest bea -FilePath (Join-Path (Split-Path $MyInvocation.MyCommand.Path) \"$($MyInvocation.MyCommand.Name).pst\")\niex 'New-MailboxExportRequest cid -FilePath $PSScriptRoot\\c.pst'")},
			[]string{`0 call; ann -> C:\s\a.pst; bea -> C:\s\x.ps1.pst; cid -> {$PSScriptRoot}\c.pst`}},
		{"where it says that it stands", []typed{file("x.ps1", "$PSScriptRoot = '\\\\fs\\o'\nNew-MailboxExportRequest ann -FilePath $PSScriptRoot\\a.pst")}, []string{`0 call; ann -> \\fs\o\a.pst`}},
	} {
		var got []string
		for _, f := range findings(t, c.blocks...) {
			got = append(got, short(f))
		}
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("%s: %s", c.name, d)
		}
	}
}

// A block whose function another one calls does not say that there is no call.
func TestMentionOfFunction(t *testing.T) {
	fs := findings(t, typed{text: "function Go { New-MailboxExportRequest ann -FilePath \\\\fs\\a.pst }; $x = 1"}, typed{text: "Go"})
	if len(fs) != 2 || fs[0].Verdict != VerdictMention || fs[0].Reason != "the call that stands there is made by another block" || fs[1].Verdict != VerdictCall {
		t.Errorf("%+v", fs)
	}
}

// What a command gave a script file is said to come from its block.
func TestScriptFileContext(t *testing.T) {
	f := findings(t, typed{text: `C:\s\x.ps1 -User ann`}, typed{text: "param($User) New-MailboxExportRequest $User -FilePath \\\\fs\\a.pst", path: `C:\s\x.ps1`})[0]
	if len(f.Context) != 1 || f.Context[0].Block.BlockID != blockID(0) || f.Context[0].Why != "value of -Mailbox" || f.Calls[0].Mailbox.Basis != BasisEarlier || f.Calls[0].PSTPath.Basis != BasisLiteral {
		t.Errorf("%+v, %+v", f.Context, f.Calls[0])
	}
}
