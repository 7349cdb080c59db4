package detect

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestTargets checks how many mailboxes a call addresses, and what tells so.
func TestTargets(t *testing.T) {
	const export = ` New-MailboxExportRequest $u -FilePath \\fs07\out\x.pst`
	for _, c := range []struct {
		script string
		count  int
		by     string
		bulk   bool
	}{
		{`$u = 'mia';` + export, 1, "", false},
		{`$u = Read-Host 'mailbox';` + export, 1, "", false},
		{`$u = Get-Mailbox;` + export, -1, "Get-Mailbox", true},
		{`$u = Get-Mailbox mia;` + export, -1, "Get-Mailbox mia", false},
		{`$u = Get-Mailbox -Ident mia;` + export, -1, "Get-Mailbox -Ident mia", false},
		{`$u = Get-Mailbox m*;` + export, -1, "Get-Mailbox m*", true},
		{`$u = Get-Mailbox -Database DB1;` + export, -1, "Get-Mailbox -Database DB1", true},
		{`Get-Content l.txt | ForEach-Object { $_.Trim() } | Sort-Object | ForEach-Object { $u = $_;` + export + ` }`, -1, "Get-Content l.txt", true},
		{`Get-Content l.txt | ForEach-Object { $_.Trim() } | Select-Object -Unique | ForEach-Object { $u = $_;` + export + ` }`, -1, "Get-Content l.txt", true},
		{`$u = (Get-ADUser -Identity mia | Select-Object Name, SamAccountName).SamAccountName;` + export, 1, "", false},
		{`$u = 'mia' | Get-Mailbox;` + export, -1, "'mia' | Get-Mailbox", false},
		{`$u = 'm*' | Get-Mailbox;` + export, -1, "'m*' | Get-Mailbox", true},
		{`$u = 'mia', 'noa' | Get-Mailbox;` + export, -1, "'mia', 'noa' | Get-Mailbox", true},
		{`$u = 'mia' | Get-ADUser;` + export, 1, "", false},
		{`$u = (Get-ADUser mia).mail | Get-Mailbox;` + export, -1, "(Get-ADUser mia).mail | Get-Mailbox", false},
		{`$u = Get-ADGroup all | Get-ADGroupMember;` + export, -1, "Get-ADGroup all | Get-ADGroupMember", true},
		{`$u = Get-ADGroupMember all | Get-ADUser;` + export, -1, "Get-ADGroupMember all | Get-ADUser", true},
		{`$u = Get-Content l.txt | Get-Mailbox -Archive;` + export, -1, "Get-Content l.txt | Get-Mailbox -Archive", true},
		{`$u = Get-ADUser -Filter *;` + export, -1, "Get-ADUser -Filter *", true},
		{`foreach ($n in (Get-Content l.txt)) { $u = (Get-ADUser $n).mail;` + export + ` }`, -1, "Get-Content l.txt", true},
		{`foreach ($n in (Get-Content l.txt)) { $dc = (Get-ADUser $n).Server; $u = $n;` + export + ` -DomainController $dc }`, -1, "Get-Content l.txt", true},
		{`foreach ($u in $Boxes) {` + export + ` }`, -1, "$Boxes", true},
		{`$Boxes | ForEach-Object { $u = $_;` + export + ` }`, -1, "$Boxes", true},
		{`param([string[]]$Boxes) foreach ($u in $Boxes) {` + export + ` }`, -1, "$Boxes", true},
		{`param([string]$Box) foreach ($u in $Box) {` + export + ` }`, 1, "", false},
		{`do { $u = Read-Host 'mailbox';` + export + ` } until ((Read-Host 'more') -eq 'n')`, -1, "", false},
		{`do { $u = 'mia';` + export + ` } until ((Read-Host 'more') -eq 'n')`, 1, "", false},
	} {
		f := findings(t, typed{text: c.script, path: `C:\x.ps1`})[0]
		if len(f.Calls) != 1 {
			t.Errorf("%s: %s", c.script, short(f))
			continue
		}
		bulk := slices.ContainsFunc(f.Signals, func(s Signal) bool { return s.Name == "bulk" })
		if got := f.Calls[0].Targets; got != (Targets{c.count, c.by}) || bulk != c.bulk {
			t.Errorf("%s: %+v, bulk %v", c.script, got, bulk)
		}
	}
}

// TestRetriedCalls checks that a call which is made again if it failed is listed
// once, and that another one is not taken for it.
func TestRetriedCalls(t *testing.T) {
	const export = `New-MailboxExportRequest mia -FilePath \\fs07\x.pst`
	for _, c := range []struct{ script, want string }{
		{`foreach ($i in 1..5) { try { ` + export + ` -ErrorAction Stop; break } catch { Start-Sleep 9 } }`, `mia -> \\fs07\x.pst`},
		{`for ($i = 0; $i -lt 3; $i++) { ` + export + ` -ErrorVariable e; if (-not $e) { break } }`, `mia -> \\fs07\x.pst`},
		{`function Retry($Do, $Max) { for ($i = 1; $i -le $Max; $i++) { try { return & $Do } catch { if ($i -eq $Max) { throw } } } }
			Retry { ` + export + ` -ErrorAction Stop } 4`, `mia -> \\fs07\x.pst`},
		{`1..2 | ForEach-Object { ` + export + ` }`, `mia -> \\fs07\x.pst; mia -> \\fs07\x.pst`},
		{`foreach ($i in 1, 2) { $u = Read-Host 'mailbox'; if ($u) { New-MailboxExportRequest $u -FilePath \\fs07\x.pst } }`,
			`{Read-Host 'mailbox'} -> \\fs07\x.pst (conditional); {Read-Host 'mailbox'} -> \\fs07\x.pst (conditional)`},
		{`foreach ($i in 1, 2) { try { New-MailboxExportRequest mia -FilePath \\fs07\$i.pst -ErrorAction Stop; break } catch { } }`,
			`mia -> \\fs07\1.pst; mia -> \\fs07\2.pst (conditional)`},
	} {
		if f := findings(t, typed{text: c.script})[0]; short(f) != "0 call; "+c.want {
			t.Errorf("%s: %s", c.script, short(f))
		}
	}
}

// TestLookedUpPaths checks that a path which a table gives for an unknown key is
// none where the script has asked whether the key is there.
func TestLookedUpPaths(t *testing.T) {
	const (
		table  = `$roots = @{ HR = '\\hr\pst'; IT = '\\it\pst' }; $d = Read-Host 'department'; `
		export = `New-MailboxExportRequest mia -FilePath "$($roots[$d])\mia.pst"`
		both   = `mia -> \\hr\pst\mia.pst (conditional); mia -> \\it\pst\mia.pst (conditional)`
	)
	for _, c := range []struct{ script, want string }{
		{table + export, both + `; mia -> \mia.pst (conditional)`},
		{table + `if ($roots.ContainsKey($d)) { ` + export + ` }`, both},
		{table + `if (-not $roots.ContainsKey($d)) { return }; ` + export, both},
		{table + `if (!$roots[$d]) { throw 'no such department' }; ` + export, both},
		{table + `$ok = $roots.Contains($d); if ($ok) { ` + export + ` }`, both},
	} {
		if f := findings(t, typed{text: c.script})[0]; short(f) != "0 call; "+c.want {
			t.Errorf("%s: %s", c.script, short(f))
		}
	}
}

// TestTargetsOfRounds checks that a list which a known argument tells from
// another one is a call of its own, and that the report shows the argument.
func TestTargetsOfRounds(t *testing.T) {
	for _, c := range []struct {
		script string
		want   []string
	}{
		{`foreach ($n in 'ann', 'bea') { Get-Mailbox $n | % { New-MailboxExportRequest $_ -FilePath "\\fs\$($_.Alias).pst" } }`,
			[]string{"{$_} of Get-Mailbox ann", "{$_} of Get-Mailbox bea"}},
		{`$l = @(Get-Mailbox -Database DB1) + @(Get-Mailbox -Database DB2)
			foreach ($m in $l) { New-MailboxExportRequest $m.Alias -FilePath "\\fs\$($m.Alias).pst" }`,
			[]string{"{$m.Alias} of Get-Mailbox -Database DB1", "{$m.Alias} of Get-Mailbox -Database DB2"}},
		{`foreach ($n in 'ann', "o'hara") { New-MailboxExportRequest (Get-ADUser $n).mail -FilePath "\\fs\x.pst" }`,
			[]string{"{(Get-ADUser ann).mail} of ", "{(Get-ADUser 'o''hara').mail} of "}},
		{`foreach ($n in 1..2) { New-MailboxExportRequest (Resolve-User -Id $n) -FilePath "\\fs\x.pst" }`,
			[]string{"{Resolve-User -Id 1} of Resolve-User -Id 1", "{Resolve-User -Id 2} of Resolve-User -Id 2"}},
		{`$list = 'C:\l.txt'; foreach ($n in Get-Content $list) { New-MailboxExportRequest $n -FilePath "\\fs\$n.pst" }`,
			[]string{`{$n} of Get-Content C:\l.txt`}},
		{`foreach ($n in Get-Content l.txt) { Get-Mailbox $n | % { New-MailboxExportRequest $_ -FilePath "\\fs\$($_.Alias).pst" } }`,
			[]string{"{$_} of Get-Mailbox $n"}},
	} {
		var got []string
		for _, call := range findings(t, typed{text: c.script})[0].Calls {
			got = append(got, call.Mailbox.Text()+" of "+call.Targets.EnumeratedBy)
		}
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("%s: %s", c.script, d)
		}
	}
}

// What a related command does to mail is told: a switch that deletes, a dry run.
func TestRelatedDetails(t *testing.T) {
	fs := findings(t, typed{text: `New-MailboxExportRequest mia -FilePath \\fs07\out\mia.pst
		Search-Mailbox mia -SearchQuery 'old' -deletecontent -Force
		Get-Mailbox mia | Search-Mailbox -DeleteContent:$false
		Remove-Mailbox mia -whatif`})
	want := []Signal{
		{"searches-mailbox", "Search-Mailbox -Identity mia -SearchQuery old -DeleteContent"},
		{"searches-mailbox", "Search-Mailbox -Identity {each of Get-Mailbox mia} -DeleteContent False"},
		{"removes-mailbox", "Remove-Mailbox -Identity mia -WhatIf"},
	}
	if d := cmp.Diff(want, fs[0].Signals); d != "" {
		t.Error(d)
	}
}
