package powershell

import (
	"encoding/base64"
	"slices"
	"strings"
	"testing"
)

// encodedCommand is base64 of the UTF-16 units of a text.
func encodedCommand(s string) string {
	var b []byte
	for _, u := range utf16Units(s) {
		b = append(b, byte(u), byte(u>>8))
	}
	return base64.StdEncoding.EncodeToString(b)
}

// scriptCase is a script and the calls it makes: "mailbox|path", with c behind
// another | for a call of another process, r for one of another machine. NMER
// stands for the cmdlet, ENC(...) for -EncodedCommand's base64.
type scriptCase struct {
	name, tags, script string
	calls              []string
}

func (c scriptCase) recorded() *recordedScript {
	script := strings.ReplaceAll(c.script, "NMER", "New-MailboxExportRequest")
	for {
		from := strings.Index(script, "ENC(")
		if from < 0 {
			break
		}
		to := from + strings.Index(script[from:], ")CNE")
		script = script[:from] + encodedCommand(script[from+len("ENC("):to]) + script[to+len(")CNE"):]
	}
	r := &recordedScript{Name: c.name, Tags: strings.Fields(c.tags), Blocks: strings.Split(script, "\n----\n")}
	for _, call := range c.calls {
		parts := strings.Split(call+"||", "|")
		r.Calls = append(r.Calls, recordedCall{
			Mailbox: parts[0], FilePath: parts[1], Child: strings.Contains(parts[2], "c"), Remote: strings.Contains(parts[2], "r"),
		})
	}
	return r
}

func checkScripts(t *testing.T, cases []scriptCase) {
	t.Helper()
	seen := map[string]bool{}
	for _, c := range cases {
		if seen[c.name] {
			t.Errorf("%s stands twice", c.name)
		}
		seen[c.name] = true
		r := c.recorded()
		if d := (map[bool]Dialect{true: PowerShellCore})[r.tagged("ps7")]; true {
			for _, b := range r.Blocks {
				if errors := Parse(b, d).Errors; len(errors) > 0 {
					t.Errorf("%s: %v\n%s", c.name, errors, b)
				}
			}
		}
		if problem := checkExport(r); problem != "" {
			t.Errorf("%s: %s\n  script:\n    %s", c.name, problem, strings.ReplaceAll(c.script, "\n", "\n    "))
		}
	}
}

func TestChildScripts(t *testing.T) {
	checkScripts(t, []scriptCase{
		{"inner-double-quotes-are-lost", "static", `powershell -Command "NMER -Mailbox ""ann b"" -FilePath \\f\x.pst"`, nil},
		{"inner-double-quotes-are-lost-but-harmless", "static", `powershell -Command "NMER -Mailbox ""ann"" -FilePath \\f\x.pst"`, []string{`ann|\\f\x.pst|c`}},
		{"escaped-double-quotes-arrive", "static", `powershell -Command 'NMER -Mailbox \"ann b\" -FilePath \\f\x.pst'`, []string{`ann b|\\f\x.pst|c`}},
		{"quotes-arrive-in-7", "static ps7", `pwsh -Command 'NMER -Mailbox "ann b" -FilePath \\f\x.pst'`, []string{`ann b|\\f\x.pst|c`}},
		{"dashes-of-all-kinds", "static", "powershell \u2013nop \u2014enc ENC(NMER ann -FilePath \\\\f\\d.pst)CNE", []string{`ann|\\f\d.pst|c`}},
		{"slashes", "static", `powershell.exe /nologo /w hidden /c NMER ann -FilePath \\f\s.pst`, []string{`ann|\\f\s.pst|c`}},
		{"version-2", "static", `powershell -Version 2 -nop -c "NMER ann -FilePath \\f\v.pst"`, []string{`ann|\\f\v.pst|c`}},
		{"path-with-unknown-folder", "static", `& "$env:SystemRoot\System32\WindowsPowerShell\v1.0\powershell.exe" -c 'NMER ann -FilePath \\f\p.pst'`, []string{`ann|\\f\p.pst|c`}},
		{"program-looked-up", "static", "& (Get-Command powershell) -c 'NMER ann -FilePath \\\\f\\1.pst'\n& (gcm powershell.exe).Source -c 'NMER bea -FilePath \\\\f\\2.pst'", []string{`ann|\\f\1.pst|c`, `bea|\\f\2.pst|c`}},
		{"comspec", "static", `& $env:ComSpec /c powershell -c NMER ann -FilePath \\f\cs.pst`, []string{`ann|\\f\cs.pst|c`}},
		{"comspec-percent", "static", `cmd /c '%COMSPEC% /c powershell -c NMER ann -FilePath \\f\cp.pst'`, []string{`ann|\\f\cp.pst|c`}},
		{"cmd-two-commands", "static", `cmd /c "cd \ & powershell -c NMER ann -FilePath \\f\a.pst && powershell -c NMER bea -FilePath \\f\b.pst"`,
			[]string{`ann|\\f\a.pst|c`, `bea|\\f\b.pst|c`}},
		{"cmd-carets", "static", `cmd.exe /c 'p^o^wersh^ell -n^op -c "NMER ann -FilePath \\f\^c.pst"'`, []string{`ann|\\f\^c.pst|c`}},
		{"cmd-echo-into-powershell", "static", `cmd /c 'echo NMER ann -FilePath \\f\e.pst | powershell -nop -'`, []string{`ann|\\f\e.pst|c`}},
		{"cmd-start", "static", `cmd /c 'start "title" /min /wait powershell -c NMER ann -FilePath \\f\st.pst'`, []string{`ann|\\f\st.pst|c`}},
		{"cmd-for-words", "static", `cmd /c 'for %u in (ann bea) do @powershell -c NMER %u -FilePath \\f\%u.pst'`, []string{`ann|\\f\ann.pst|c`, `bea|\\f\bea.pst|c`}},
		{"cmd-set-and-call", "static", `cmd /c 'set p=power&& set q=shell&& call %p%%q% -c NMER ann -FilePath \\f\sc.pst'`, []string{`ann|\\f\sc.pst|c`}},
		{"cmd-delayed", "static", `cmd /v:on /c 'set m=ann&powershell -c NMER !m! -FilePath \\f\!m!.pst'`, []string{`ann|\\f\ann.pst|c`}},
		{"cmd-parent-variable", "static", "$env:box = 'ann'\ncmd /c 'powershell -c NMER %box% -FilePath \\\\f\\%BOX%.pst'", []string{`ann|\\f\ann.pst|c`}},
		{"cmd-in-cmd", "static", `cmd /c 'cmd /d /c "powershell -c NMER ann -FilePath \\f\cc.pst"'`, []string{`ann|\\f\cc.pst|c`}},
		{"cmd-redirection", "static", `cmd /c 'powershell -c NMER ann -FilePath \\f\rd.pst >nul 2>&1'`, []string{`ann|\\f\rd.pst|c`}},
		{"cmd-echo-only", "none", `cmd /c 'echo powershell -c NMER ann -FilePath \\f\no.pst'`, nil},
		{"cmd-output-is-text", "static", "$d = cmd /c 'echo \\\\f\\out'\nNMER ann -FilePath \"$d\\a.pst\"", []string{`ann|\\f\out\a.pst`}},
		{"task-is-no-call", "none", `schtasks /create /tn x /tr "powershell -c NMER ann -FilePath \\f\no.pst" /sc daily`, nil},
		{"file-is-another-text", "none", `powershell -File x.ps1 -c "NMER ann -FilePath \\f\no.pst"`, nil},
		{"help-runs-nothing", "none", `powershell -? -c "NMER ann -FilePath \\f\no.pst"`, nil},
		{"pwsh-without-parameter-is-a-file", "none", `pwsh NMER ann -FilePath \\f\no.pst`, nil},
		{"broken-base64", "none", `powershell -enc TgBlAHcALQBNA`, nil},
		{"child-with-syntax-error", "none", `powershell -c 'NMER ann -FilePath \\f\no.pst; }'`, nil},
		{"stdin-of-several-lines", "static", "\"`$m = 'ann'\", 'NMER $m -FilePath \\\\f\\i.pst' | powershell -nop -c -", []string{`ann|\\f\i.pst|c`}},
		{"stdin-without-parameter", "static", `'NMER ann -FilePath \\f\i.pst' | powershell`, []string{`ann|\\f\i.pst|c`}},
		{"block-with-args", "static", `powershell -nop -Command { param($m, $p) NMER $m -FilePath $p } -args ann, \\f\ba.pst`, []string{`ann|\\f\ba.pst|c`}},
		{"child-functions-are-its-own", "none", "function NMER { 'mine' }\nfunction Go { NMER ann -FilePath \\\\f\\no.pst }\npowershell -c Go", nil},
		{"hiding-function-is-not-inherited", "static", "function NMER { 'mine' }\nNMER zed\npowershell -c NMER ann -FilePath \\\\f\\h.pst", []string{`ann|\\f\h.pst|c`}},
		{"environment-is-inherited", "static", "$env:P = '\\\\f\\env'\npowershell -c 'NMER ann -FilePath \"$env:P\\a.pst\"'", []string{`ann|\\f\env\a.pst|c`}},
		{"environment-is-inherited-quoted-for-5", "static", "$env:P = '\\\\f\\env'\npowershell -c 'NMER ann -FilePath $env:P\\a.pst'", []string{`ann|\\f\env\a.pst|c`}},
		{"environment-of-a-child-stays-there", "static", "$env:P = '\\\\f\\a'\npowershell -c { $env:P = 'no' }\nNMER ann -FilePath \"$env:P\\a.pst\"", []string{`ann|\\f\a\a.pst`}},
		{"child-output", "static", "$m = powershell -c \"'ann'\"\nNMER $m -FilePath \"\\\\f\\$m.pst\"", []string{`ann|\\f\ann.pst`}},
		{"encoded-nested-twice", "static", `powershell -enc ENC(powershell -e TgBNAEUAUgA=)CNE`, nil},
		{"start-process-array-is-joined", "static", `Start-Process powershell '-nop', '-c', 'NMER', 'ann', '-FilePath', '\\f\sp.pst'`, []string{`ann|\\f\sp.pst|c`}},
		{"start-process-loses-quotes", "static", `saps powershell.exe -Args '-c NMER -Mailbox "ann" -FilePath "\\f\q.pst"' -Verb RunAs`, []string{`ann|\\f\q.pst|c`}},
		{"start-process-splat", "static", "$s = @{ FilePath = 'powershell'; ArgumentList = '-c', 'NMER ann -FilePath \\\\f\\sl.pst'; NoNewWindow = $true }\nStart-Process @s", []string{`ann|\\f\sl.pst|c`}},
		{"start-process-of-something-else", "none", `Start-Process notepad 'NMER ann -FilePath \\f\no.pst'`, nil},
		{"wmi-create", "static", `Invoke-WmiMethod -Class Win32_Process -Name Create -ArgumentList 'powershell -nop -c NMER ann -FilePath \\f\wmi.pst'`, []string{`ann|\\f\wmi.pst|c`}},
		{"wmi-create-elsewhere", "static", `Invoke-WmiMethod Win32_Process Create 'cmd /c powershell -c NMER ann -FilePath \\f\wmi.pst' -ComputerName ex01`, []string{`ann|\\f\wmi.pst|cr`}},
		{"cim-create", "static", `Invoke-CimMethod -ClassName Win32_Process -MethodName Create -Arguments @{ CommandLine = 'powershell -c NMER ann -FilePath \\f\cim.pst' }`, []string{`ann|\\f\cim.pst|c`}},
		{"wmi-other-method", "none", `Invoke-WmiMethod -Class Win32_Share -Name Create -ArgumentList 'powershell -c NMER ann -FilePath \\f\no.pst'`, nil},
		{"wmiclass-create", "static", `([wmiclass]'Win32_Process').Create('powershell -c NMER ann -FilePath \\f\wc.pst')`, []string{`ann|\\f\wc.pst|c`}},
		{"wscript-shell-run", "static", "$w = New-Object -ComObject WScript.Shell\n$w.Run('powershell -w 1 -c NMER ann -FilePath \\\\f\\ws.pst', 0)", []string{`ann|\\f\ws.pst|c`}},
		{"process-start-info", "static", "$i = New-Object System.Diagnostics.ProcessStartInfo\n$i.FileName = 'powershell.exe'\n$i.Arguments = '-c NMER ann -FilePath \\\\f\\x.pst'\n$i.UseShellExecute = $false\n$p = [Diagnostics.Process]::Start($i)", []string{`ann|\\f\x.pst|c`}},
		{"process-object", "static", "$p = New-Object Diagnostics.Process\n$p.StartInfo.FileName = 'cmd'\n$p.StartInfo.Arguments = '/c powershell -c NMER ann -FilePath \\\\f\\x.pst'\n[void]$p.Start()\n$p.WaitForExit()", []string{`ann|\\f\x.pst|c`}},
		{"process-with-new-start-info", "static", "$p = [System.Diagnostics.Process]::new()\n$p.StartInfo = [System.Diagnostics.ProcessStartInfo]::new('powershell', '-c NMER ann -FilePath \\\\f\\x.pst')\n$null = $p.Start()", []string{`ann|\\f\x.pst|c`}},
		{"command-line-in-pieces", "static obf", "$a = 'power'; $b = 'shell'; & ($a + $b) ('-' + 'c') ('New-Mailbox' + 'ExportRequest ann -FilePath \\\\f\\pc.pst')", []string{`ann|\\f\pc.pst|c`}},
		{"loop-once", "static", "do { if (Get-Random) { 'x' }; NMER ann -FilePath \\\\f\\x.pst } until ($true)", []string{`ann|\\f\x.pst`}},
		{"loop-of-children", "static", "foreach ($m in 'ann', 'bea') { powershell -c \"NMER $m -FilePath '\\\\f\\$m.pst'\" }", []string{`ann|\\f\ann.pst|c`, `bea|\\f\bea.pst|c`}},
		{"exit-of-a-child", "static", "powershell -c 'exit 3; NMER zed'\nNMER ann -FilePath \\\\f\\x.pst", []string{`ann|\\f\x.pst`}},
		{"splatted-arguments", "static", "$a = '-nop', '-c', 'NMER ann -FilePath \\\\f\\x.pst'\npowershell @a\npowershell $a", []string{`ann|\\f\x.pst|c`, `ann|\\f\x.pst|c`}},
		{"stop-parsing", "static", "powershell --% -c NMER ann -FilePath \\\\f\\x.pst", []string{`ann|\\f\x.pst|c`}},
		{"stop-parsing-expands", "static", "$env:m = 'ann'\npowershell --% -c NMER %M% -FilePath \\\\f\\x.pst", []string{`ann|\\f\x.pst|c`}},
		{"cmd-passes-its-input", "static", "'NMER ann -FilePath \\\\f\\x.pst' | cmd /c powershell -nop -", []string{`ann|\\f\x.pst|c`}},
		{"cmd-reads-its-input", "static", "'powershell -c NMER ann -FilePath \\\\f\\x.pst' | cmd", []string{`ann|\\f\x.pst|c`}},
		{"start-process-what-if", "none", "Start-Process powershell '-c NMER ann -FilePath \\\\f\\no.pst' -WhatIf", nil},
		{"start-process-by-prefix", "static", "Start-Process -File powershell -Arg '-c NMER ann -FilePath \\\\f\\x.pst'", []string{`ann|\\f\x.pst|c`}},
		{"start-process-in-a-child", "static", "powershell -c \"Start-Process powershell '-c NMER ann -FilePath \\\\f\\x.pst'\"", []string{`ann|\\f\x.pst|c`}},
		{"colon-values", "static", "powershell -c NMER -Mailbox:ann -FilePath:\\\\f\\x.pst", []string{`ann|\\f\x.pst|c`}},
		{"whole-block-in-quotes", "static", "powershell \"& { foreach (`$m in 'ann', 'bea') { NMER `$m -FilePath \\\\f\\`$m.pst } }\"", []string{`ann|\\f\ann.pst|c`, `bea|\\f\bea.pst|c`}},
		{"dialect-of-the-child", "static", "pwsh -c '$a = $null ?? ''ann''; NMER $a -FilePath \\\\f\\x.pst'", []string{`ann|\\f\x.pst|c`}},
		{"job-in-a-child", "static", "powershell -c { Start-Job { NMER ann -FilePath \\\\f\\x.pst } }", []string{`ann|\\f\x.pst|c`}},
		{"variables-of-a-child-stay-there", "static", "$m = 'ann'\npowershell -c '$m = 1'\nNMER $m -FilePath \\\\f\\x.pst", []string{`ann|\\f\x.pst`}},
	})
}

func TestDynamicChildScripts(t *testing.T) {
	mailbox := []string{"alice|\\\\f\\alice.pst|c"}
	checkScripts(t, []scriptCase{
		{"unknown-in-command", "dynamic", "Get-Mailbox | % { powershell -c \"NMER $($_.Alias) -FilePath \\\\f\\$($_.Alias).pst\" }", mailbox},
		{"unknown-in-argument-list", "dynamic", "foreach ($m in Get-Mailbox) { Start-Process powershell -ArgumentList '-c', \"NMER $($m.Alias) -FilePath \\\\f\\$($m.Alias).pst\" }", mailbox},
		{"unknown-in-cmd", "dynamic", "$m = (Get-Mailbox alice).Alias; cmd /c \"powershell -c NMER $m -FilePath \\\\f\\$m.pst\"", mailbox},
		{"unknown-in-cmd-variable", "dynamic", `cmd /c 'powershell -c NMER %USERNAME% -FilePath \\f\%USERNAME%.pst'`, []string{"mockuser|\\\\f\\mockuser.pst|c"}},
		{"unknown-for", "dynamic", `cmd /c 'for /f %u in (users.txt) do powershell -c NMER %u -FilePath \\f\%u.pst'`, mailbox},
		{"unknown-in-encoded-command", "dynamic", "Get-Mailbox | % { $e = [Convert]::ToBase64String([Text.Encoding]::Unicode.GetBytes(\"NMER $($_.Alias) -FilePath \\\\f\\$($_.Alias).pst\")); powershell -enc $e }", mailbox},
		{"unknown-in-encoded-argument-list", "dynamic", "$m = (Get-Mailbox alice).Alias; $b = [System.Text.Encoding]::Unicode.GetBytes('NMER ' + $m + ' -FilePath \\\\f\\' + $m + '.pst'); $e = [Convert]::ToBase64String($b); saps powershell \"-nop -enc $e\"", mailbox},
		{"either-of-two-commands", "dynamic", `cmd /c 'ping ex01 || powershell -c NMER alice -FilePath \\f\alice.pst'`, mailbox},
		{"if-of-cmd", "dynamic", `cmd /c 'if not exist x.txt powershell -c NMER alice -FilePath \\f\alice.pst'`, mailbox},
	})
}

func TestItemScripts(t *testing.T) {
	checkScripts(t, []scriptCase{
		{"set-variable", "static", "Set-Variable -Name m -Value ann\nsv p \\\\f\\x.pst\nNMER $m -FilePath $p", []string{`ann|\\f\x.pst`}},
		{"set-variable-from-pipeline", "static", "'ann' | Set-Variable m\n'a', 'b' | sv l\nNMER $m -FilePath \"\\\\f\\$($l[1]).pst\"", []string{`ann|\\f\b.pst`}},
		{"set-variable-by-wildcard", "static", "$box1 = 1; $box2 = 2\nSet-Variable box* ann\nNMER $box1 -FilePath \\\\f\\$box2.pst", []string{`ann|\\f\ann.pst`}},
		{"variable-is-private", "static", "sv m ann -Option Private\nfunction f { NMER \"x$m\" -FilePath \\\\f\\x.pst }\nf\nNMER $m -FilePath \\\\f\\x.pst", []string{`x|\\f\x.pst`, `ann|\\f\x.pst`}},
		{"variable-keeps-its-type", "static", "[int]$n = 1\nSet-Variable n '07'\nNMER ann -FilePath \\\\f\\$n.pst", []string{`ann|\\f\7.pst`}},
		{"set-variable-is-local", "static", "$m = 'ann'\nfunction f { Set-Variable m zed }\nf\nNMER $m -FilePath \\\\f\\x.pst", []string{`ann|\\f\x.pst`}},
		{"set-variable-scope", "static", "function f { sv m ann -Scope Global; sv p \\\\f\\x.pst -Scope 1 }\nf\nNMER $m -FilePath $p", []string{`ann|\\f\x.pst`}},
		{"new-variable-readonly", "static", "New-Variable p \\\\f\\x.pst -Option ReadOnly\n$p = 'no'\nNMER ann -FilePath $p", []string{`ann|\\f\x.pst`}},
		{"new-variable-twice", "static", "New-Variable p \\\\f\\x.pst\nNew-Variable p no\nNMER ann -FilePath $p", []string{`ann|\\f\x.pst`}},
		{"new-variable-forced", "static", "nv p no\nnv p \\\\f\\x.pst -Force\nNMER ann -FilePath $p", []string{`ann|\\f\x.pst`}},
		{"constant-cannot-be-set", "static", "sv p \\\\f\\x.pst -Option Constant\nsv p no\nNMER ann -FilePath $p", []string{`ann|\\f\x.pst`}},
		{"remove-variable", "static", "$p = 'no'\nRemove-Variable p\nNMER ann -FilePath \"\\\\f\\x$p.pst\"", []string{`ann|\\f\x.pst`}},
		{"clear-variable", "static", "$p = 'no'\nclv p\nNMER ann -FilePath \"\\\\f\\x$p.pst\"", []string{`ann|\\f\x.pst`}},
		{"variable-object-assigns", "static", "$m = 'zed'\n(Get-Variable m).Value = 'ann'\nNMER $m -FilePath \\\\f\\x.pst", []string{`ann|\\f\x.pst`}},
		{"get-variable-scope", "static", "$m = 'ann'\nfunction f { $m = 'zed'; NMER (gv m -Scope 1 -ValueOnly) -FilePath \\\\f\\x.pst }\nf", []string{`ann|\\f\x.pst`}},
		{"names-that-are-built", "static", "1..2 | % { Set-Variable \"u$_\" \"user$_\" }\nNMER $u1 -FilePath \\\\f\\1.pst\nNMER (gv u2).Value -FilePath \\\\f\\2.pst", []string{`user1|\\f\1.pst`, `user2|\\f\2.pst`}},
		{"function-drive", "static", "New-Item function:go -Value { NMER ann -FilePath \\\\f\\x.pst }\ngo", []string{`ann|\\f\x.pst`}},
		{"function-drive-by-name", "static", "ni -Path function: -Name go -Value { NMER ann -FilePath \\\\f\\x.pst } | Out-Null\ngo", []string{`ann|\\f\x.pst`}},
		{"function-drive-text", "static", "Set-Content function:go 'param($m) NMER $m -FilePath \\\\f\\x.pst'\ngo ann", []string{`ann|\\f\x.pst`}},
		{"function-drive-options", "static", "Set-Item function:global:go { NMER ann -FilePath \\\\f\\x.pst } -Options AllScope -Force\ngo", []string{`ann|\\f\x.pst`}},
		{"function-drive-in-a-function", "static", "function make { Set-Item function:script:go { NMER ann -FilePath \\\\f\\x.pst } }\nmake\ngo", []string{`ann|\\f\x.pst`}},
		{"function-provider-path", "static", "function go { NMER ann -FilePath \\\\f\\x.pst }\n& (Get-Content Microsoft.PowerShell.Core\\Function::go)", []string{`ann|\\f\x.pst`}},
		{"function-piped-away", "static", "function NMER { }\nGet-Item function:NMER | Remove-Item\nNMER ann -FilePath \\\\f\\x.pst", []string{`ann|\\f\x.pst`}},
		{"function-not-there", "static", "try { Get-Item function:nothing -ErrorAction Stop } catch { NMER ann -FilePath \\\\f\\x.pst }", []string{`ann|\\f\x.pst`}},
		{"function-renamed", "static", "function Get-Nothing { NMER ann -FilePath \\\\f\\x.pst }\nRename-Item function:Get-Nothing go\ngo", []string{`ann|\\f\x.pst`}},
		{"function-copied", "static", "function a { NMER $args[0] -FilePath \\\\f\\x.pst }\nCopy-Item function:\\a function:\\b\nRemove-Item function:a\na zed\nb ann", []string{`ann|\\f\x.pst`}},
		{"hidden-cmdlet-uncovered", "static", "function NMER { }\nNMER zed\nRemove-Item function:NMER\nNMER ann -FilePath \\\\f\\x.pst", []string{`ann|\\f\x.pst`}},
		{"hidden-cmdlet-uncovered-by-wildcard", "static", "function NMER { }\nri function:New-Mail*\nNMER ann -FilePath \\\\f\\x.pst", []string{`ann|\\f\x.pst`}},
		{"function-content", "static", "function a { NMER ann -FilePath \\\\f\\x.pst }\n& (Get-Content function:a)\n. (gi function:a)", []string{`ann|\\f\x.pst`, `ann|\\f\x.pst`}},
		{"function-listed", "static", "function Export-One { NMER ann -FilePath \\\\f\\x.pst }\ngci function:Export-* | % { & $_ }", []string{`ann|\\f\x.pst`}},
		{"alias-new", "static", "New-Alias n NMER\nn ann -FilePath \\\\f\\x.pst", []string{`ann|\\f\x.pst`}},
		{"alias-of-alias", "static", "sal a NMER; sal b a\nb ann -FilePath \\\\f\\x.pst", []string{`ann|\\f\x.pst`}},
		{"alias-is-local", "static", "function f { Set-Alias n NMER; n ann -FilePath \\\\f\\x.pst }\nf\nn zed", []string{`ann|\\f\x.pst`}},
		{"alias-global", "static", "function f { Set-Alias n NMER -Scope Global }\nf\nn ann -FilePath \\\\f\\x.pst", []string{`ann|\\f\x.pst`}},
		{"alias-removed", "static", "sal n NMER\nRemove-Item alias:n\nn zed", nil},
		{"alias-hides-the-cmdlet", "none", "Set-Alias NMER Write-Output\nNMER ann -FilePath \\\\f\\no.pst", nil},
		{"get-alias", "static", "sal n NMER\n& (Get-Alias n).Definition ann -FilePath \\\\f\\1.pst\n& (gal -Definition NMER) bea -FilePath \\\\f\\2.pst", []string{`ann|\\f\1.pst`, `bea|\\f\2.pst`}},
		{"environment-items", "static", "Set-Item env:box ann\nNMER $env:BOX -FilePath \"\\\\f\\$((gi env:box).Value).pst\"", []string{`ann|\\f\ann.pst`}},
		{"environment-content", "static", "sc env:\\p \\\\f\\x.pst\nNMER ann -FilePath (gc env:p)", []string{`ann|\\f\x.pst`}},
		{"test-path-of-a-function", "static", "if (Test-Path function:g) { NMER zed }\nif (Test-Path function:NMER) { NMER bea -FilePath \\\\f\\y.pst }\nfunction f { }\nif (Test-Path function:f) { NMER ann -FilePath \\\\f\\x.pst }", []string{`bea|\\f\y.pst`, `ann|\\f\x.pst`}},
		{"test-path-of-a-variable", "static", "if (!(Test-Path variable:root)) { $root = '\\\\f' }\nNMER ann -FilePath \"$root\\x.pst\"", []string{`ann|\\f\x.pst`}},
		{"command-by-wildcard", "static", "$c = Get-Command *-MailboxExp* \n& $c ann -FilePath \\\\f\\x.pst", []string{`ann|\\f\x.pst`}},
		{"command-by-verb", "static", "gcm -Verb n*w -Noun *exportrequest | % { & $_ ann -FilePath \\\\f\\x.pst }", []string{`ann|\\f\x.pst`}},
		{"command-of-a-function", "static", "function Go { NMER ann -FilePath \\\\f\\x.pst }\n& (gcm Go).ScriptBlock\niex (gcm Go).Definition\n(gcm Go -CommandType Function).ScriptBlock.Invoke()", []string{`ann|\\f\x.pst`, `ann|\\f\x.pst`, `ann|\\f\x.pst`}},
		{"command-name", "static", "$n = (Get-Command NMER).Name\n& $n ann -FilePath \\\\f\\x.pst", []string{`ann|\\f\x.pst`}},
		{"command-from-pipeline", "static", "'NMER' | Get-Command | % { & $_ -Mailbox ann -FilePath \\\\f\\x.pst }", []string{`ann|\\f\x.pst`}},
		{"command-verb-property", "static", "$c = gcm NMER\n& \"$($c.Verb)-$($c.Noun)\" ann -FilePath \\\\f\\x.pst", []string{`ann|\\f\x.pst`}},
	})
}

func TestDisguisedNames(t *testing.T) {
	command := `'NMER ann -FilePath \\f\x.pst'`
	var cases []scriptCase
	for name, script := range map[string]string{
		"iex-of-a-variables-name":    `. ((Get-Variable '*mdr*').Name[3,11,2] -join '') ` + command,
		"iex-of-gv":                  `& ((gv *mdr*).Name[3,11,2] -join '') ` + command,
		"iex-of-a-drive":             `& ((Get-ChildItem Variable:*mdr*).Name[3,11,2] -join '') ` + command,
		"iex-by-alias":               `& (Get-Alias i*x) ` + command,
		"iex-by-alias-definition":    `& (gal -Definition Invoke-Exp*) ` + command,
		"iex-by-alias-drive":         `& (gi alias:i?x) ` + command,
		"iex-by-wildcard":            `& (gcm *ke-*pr*) ` + command,
		"iex-by-command":             `. (Get-Command Inv*e-Exp*ion) ` + command,
		"iex-by-verb":                `& (Get-Command -Noun exp*ion -Verb in*e) ` + command,
		"execution-context":          `(Get-Variable Ex*xt).Value.InvokeCommand.InvokeScript(` + command + `)`,
		"execution-context-item":     `(Get-Item Variable:\Ex*xt).Value.InvokeCommand.InvokeScript(` + command + `)`,
		"execution-context-value":    `(gv Ex*xt -Value).InvokeCommand.NewScriptBlock(` + command + `).Invoke()`,
		"command-name-by-pattern":    `& $ExecutionContext.InvokeCommand.GetCommandName('N*-M*xE*', 1, 1) ann -FilePath \\f\x.pst`,
		"cmdlets-by-pattern":         `& $ExecutionContext.InvokeCommand.GetCmdlets('*-Mail*Req*') ann -FilePath \\f\x.pst`,
		"alias-for-a-command-object": `sal q (gcm New-Mail*Req*); q ann -FilePath \\f\x.pst`,
		"alias-in-a-variable-drive":  `si variable:n NMER; . (gi variable:n).Value ann -FilePath \\f\x.pst`,
		"name-from-an-enum":          "enum Parts { Mailbox; Export; Request }\n& ('New-' + [Parts]::Mailbox + [Parts]::Export + [Parts]2) ann -FilePath \\\\f\\x.pst",
		"name-from-a-class":          "class Name { static [string] Get() { return 'NMER' } }\n& ([Name]::Get()) ann -FilePath \\\\f\\x.pst",
		"name-from-a-job":            "& (Start-Job { 'NMER' } | Receive-Job -Wait) ann -FilePath \\\\f\\x.pst",
		"name-from-cmd":              "& (cmd /c 'set a=New-Mailbox&& call echo %a%ExportRequest') ann -FilePath \\\\f\\x.pst",
		"name-from-environment":      "$env:a = 'New-Mail'; si env:b boxExportRequest; & ($env:a + (gc env:b)) ann -FilePath \\\\f\\x.pst",
		"name-from-a-function":       "function NMailbox { }\n& (gi function:N*).Name.Replace('NMailbox', 'NMER') ann -FilePath \\\\f\\x.pst",
		"name-from-function-text":    "function q { New-MailboxExportRequest }\n& (gc function:q).ToString().Trim() ann -FilePath \\\\f\\x.pst",
	} {
		cases = append(cases, scriptCase{name, "static", script, []string{`ann|\\f\x.pst`}})
	}
	checkScripts(t, cases)
}

func TestUnknownNames(t *testing.T) {
	checkScripts(t, []scriptCase{
		{"partly-known-name-found-again", "dynamic", "$n = Read-Host; Set-Variable \"x_$n\" ann\nNMER (Get-Variable \"x_$n\" -ValueOnly) -FilePath \\\\f\\x.pst", []string{`ann|\\f\x.pst`}},
		{"partly-known-name-may-be-another", "dynamic", "$n = Read-Host; $x_a = 'bea'; $y = 'y'; Set-Variable \"x_$n\" ann\nNMER $x_a -FilePath \\\\f\\$y.pst", []string{`ann|\\f\y.pst`, `bea|\\f\y.pst`}},
		{"unknown-alias", "dynamic", "$n = Read-Host; Set-Alias n $n\nNMER ann -FilePath \\\\f\\x.pst", []string{`ann|\\f\x.pst`}},
		{"unknown-scope", "dynamic", "$s = Read-Host; sv m ann -Scope $s\nNMER $m -FilePath \\\\f\\x.pst", []string{`ann|\\f\x.pst`}},
	})
}

func TestJobScripts(t *testing.T) {
	checkScripts(t, []scriptCase{
		{"job-with-initialization", "static", "Start-Job -InitializationScript { function go($m) { NMER $m -FilePath \\\\f\\x.pst } } -ScriptBlock { go ann }", []string{`ann|\\f\x.pst|c`}},
		{"job-using", "static", "$m = 'ann'\nStart-Job { NMER $using:m -FilePath \\\\f\\$using:m.pst }", []string{`ann|\\f\ann.pst|c`}},
		{"job-does-not-see", "static", "$m = 'ann'\nStart-Job { NMER \"x$m\" -FilePath \\\\f\\x.pst }", []string{`x|\\f\x.pst|c`}},
		{"job-output", "static", "$j = Start-Job { '\\\\f\\out' }\n$p = $j | Wait-Job | Receive-Job\nNMER ann -FilePath \"$p\\x.pst\"", []string{`ann|\\f\out\x.pst`}},
		{"job-output-once", "static", "$j = sajb { 'a' }\n$null = rcjb $j\n$p = Receive-Job $j\nNMER ann -FilePath \"\\\\f\\x$p.pst\"", []string{`ann|\\f\x.pst`}},
		{"job-output-kept", "static", "$j = sajb { 'a' }\n$null = rcjb $j -Keep\n$p = Receive-Job -Job $j\nNMER ann -FilePath \"\\\\f\\x$p.pst\"", []string{`ann|\\f\xa.pst`}},
		{"job-by-name", "static", "Start-Job -Name one { 'ann' } | Out-Null\nStart-Job -Name two { 'bea' } | Out-Null\nNMER (Receive-Job -Name two) -FilePath \\\\f\\x.pst", []string{`bea|\\f\x.pst`}},
		{"jobs-together", "static", "foreach ($m in 'ann', 'bea') { Start-Job { param($m) NMER $m -FilePath \\\\f\\$m.pst } -ArgumentList $m }\nGet-Job | Wait-Job | Receive-Job", []string{`ann|\\f\ann.pst|c`, `bea|\\f\bea.pst|c`}},
		{"job-removed", "static", "sajb { 'a' } | Out-Null\nGet-Job | Remove-Job\nsajb { '\\\\f\\x.pst' } | Out-Null\nNMER ann -FilePath (Get-Job | Receive-Job)", []string{`ann|\\f\x.pst`}},
		{"job-state", "static", "$j = Start-Job { 'ann' }\nwhile ($j.State -eq 'Running') { Start-Sleep 1 }\nNMER $j.ChildJobs[0].Output[0] -FilePath \\\\f\\x.pst", []string{`ann|\\f\x.pst`}},
		{"scheduled-job-is-no-call", "none", "Register-ScheduledJob -Name n -ScriptBlock { NMER ann -FilePath \\\\f\\no.pst }", nil},
		{"thread-job", "static ps7", "Start-ThreadJob { NMER ann -FilePath \\\\f\\x.pst }", []string{`ann|\\f\x.pst|c`}},
		{"measure-command-is-here", "static", "Measure-Command { $m = 'ann'; NMER bea -FilePath \\\\f\\1.pst }\nNMER $m -FilePath \\\\f\\2.pst", []string{`bea|\\f\1.pst`, `ann|\\f\2.pst`}},
		{"event-may-run", "dynamic", "Register-ObjectEvent -InputObject $t -EventName Elapsed -Action { NMER ann -FilePath \\\\f\\x.pst }", []string{`ann|\\f\x.pst`}},
		{"quiet-commands-add-nothing", "static", "function Get-Root { Import-Module x -Force; Set-Location C:\\; Start-Sleep 1; '\\\\f\\root' }\n$r = Get-Root\nNMER ann -FilePath \"$r\\x.pst\"", []string{`ann|\\f\root\x.pst`}},
	})
}

func TestClassScripts(t *testing.T) {
	checkScripts(t, []scriptCase{
		{"class-method", "static", "class Exporter { [string]$Root = '\\\\f'; [void] Run([string]$m) { NMER $m -FilePath \"$($this.Root)\\$m.pst\" } }\n[Exporter]::new().Run('ann')", []string{`ann|\\f\ann.pst`}},
		{"class-members-named-as-keywords", "static", "class A { [string]$for = 'ann'; [void] Process([string]$in) { $this.End($this.for, $in) }; hidden [void] End($a, $b) { NMER $a -FilePath \"$b\\$([A]::If()).pst\" }\nstatic [int] If() { return 3 } }\n[A]::new().Process('\\\\f')", []string{`ann|\\f\3.pst`}},
		{"class-constructors", "static", "class E { $m; $p; E() { $this.m = 'zed' } E([string]$m) { $this.m = $m; $this.p = '\\\\f\\1.pst' } E($m, $p) { $this.m = $m; $this.p = $p } [void] Go() { NMER $this.m -FilePath $this.p } }\n[E]::new('ann').Go()\n(New-Object E bea, \\\\f\\2.pst).Go()", []string{`ann|\\f\1.pst`, `bea|\\f\2.pst`}},
		{"class-inheritance", "static", "class A { [string]$Root; A([string]$r) { $this.Root = $r } [string] Path($m) { return \"$($this.Root)\\$m.pst\" } }\nclass B : A { B() : base('\\\\f\\b') { } [void] Go($m) { NMER $m -FilePath $this.Path($m) } }\n[B]::new().Go('ann')", []string{`ann|\\f\b\ann.pst`}},
		{"class-override", "static", "class A { [string] Root() { return '\\\\a' } [string] Path() { return $this.Root() + '\\x.pst' } }\nclass B : A { [string] Root() { return '\\\\b' + ([A]$this).Root().Substring(2) } }\nNMER ann -FilePath ([B]::new().Path())", []string{`ann|\\ba\x.pst`}},
		{"class-static", "static", "class C { static [string]$Root = '\\\\f'; static [string] Of([string]$m) { return [C]::Root + \"\\$m.pst\" } }\n[C]::Root = '\\\\g'\nNMER ann -FilePath ([C]::Of('ann'))", []string{`ann|\\g\ann.pst`}},
		{"class-returns-only-what-is-returned", "static", "class C { [string] Get() { 'noise'; 1..3 | % { $_ }; return 'ann' } }\nNMER ([C]::new().Get()) -FilePath \\\\f\\x.pst", []string{`ann|\\f\x.pst`}},
		{"class-overload-by-count", "static", "class C { [string] P($a) { return \"1$a\" } [string] P($a, $b) { return \"2$a$b\" } }\n$c = [C]::new()\nNMER $c.P('x') -FilePath \"\\\\f\\$($c.P('y', 'z')).pst\"", []string{`1x|\\f\2yz.pst`}},
		{"class-overload-by-type", "static", "class C { [string] P([int]$a) { return \"i$a\" } [string] P([string]$a) { return \"s$a\" } }\n$c = [C]::new()\nNMER $c.P(7) -FilePath \"\\\\f\\$($c.P('7')).pst\"", []string{`i7|\\f\s7.pst`}},
		{"class-from-table", "static", "class J { [string]$Box; [int]$N }\n$j = [J]@{ Box = 'ann'; N = '7' }\nNMER $j.Box -FilePath \"\\\\f\\$($j.N + 1).pst\"", []string{`ann|\\f\8.pst`}},
		{"class-from-object", "static", "class J { [string]$Box }\n$j = [J][pscustomobject]@{ Box = 'ann' }\nNMER $j.Box -FilePath \\\\f\\x.pst", []string{`ann|\\f\x.pst`}},
		{"class-by-constructor", "static", "class J { $Box; J([string]$b) { $this.Box = $b } }\nclass K { [string] P([J]$j) { return $j.Box } }\nNMER ([K]::new().P('ann')) -FilePath \"\\\\f\\$(([J]'x').Box).pst\"", []string{`ann|\\f\x.pst`}},
		{"class-constructor-runs-once", "static", "class J { J([string]$b) { NMER $b -FilePath \\\\f\\x.pst } }\nclass K { [void] P([J]$j) { } }\n[K]::new().P('ann')", []string{`ann|\\f\x.pst`}},
		{"class-inherited-property-is-typed", "static", "class A { [int]$N }\nclass B : A { }\n$b = [B]::new(); $b.N = '041'\nNMER ann -FilePath \"\\\\f\\$($b.N).pst\"", []string{`ann|\\f\41.pst`}},
		{"class-of-itself", "none", "class A { A([A]$x) { NMER ann -FilePath \\\\f\\no.pst } }\n[A]'s'", nil},
		{"class-return-array", "static", "class C { [object[]] All() { $l = @(); foreach ($i in 1..2) { $l += \"m$i\" }; return $l } }\nforeach ($m in [C]::new().All()) { NMER $m -FilePath \\\\f\\$m.pst }", []string{`m1|\\f\m1.pst`, `m2|\\f\m2.pst`}},
		{"class-redefined", "static", "class C { [string] P() { return '1' } }\n$a = [C]::new()\n----\nclass C { [string] P() { return '2' } }\nNMER ann -FilePath \"\\\\f\\$($a.P())$([C]::new().P()).pst\"", []string{`ann|\\f\12.pst`}},
		{"class-to-string", "static", "class J { $b = 'ann'; [string] ToString() { return \"<$($this.b)>\" } }\n$j = [J]::new()\nNMER ann -FilePath \"\\\\f\\$j.pst\"", []string{`ann|\\f\<ann>.pst`}},
		{"class-property-is-typed", "static", "class J { [int]$N }\n$j = [J]::new()\n$j.N = '42'\nNMER ann -FilePath \"\\\\f\\$($j.N + 1).pst\"", []string{`ann|\\f\43.pst`}},
		{"class-defaults", "static", "class J { [int]$N; [bool]$B; [string]$S; $O }\n$j = [J]::new()\nNMER ann -FilePath \"\\\\f\\$($j.N)$($j.B)$($j.S)$($null -eq $j.O).pst\"", []string{`ann|\\f\0FalseTrue.pst`}},
		{"class-calls-functions", "static", "function Export-It($m) { NMER $m -FilePath \\\\f\\$m.pst }\nclass C { [void] Go() { foreach ($m in 'ann', 'bea') { Export-It $m } } }\n[C]::new().Go()", []string{`ann|\\f\ann.pst`, `bea|\\f\bea.pst`}},
		{"class-sees-script-variables", "static", "$script:root = '\\\\f'\nclass C { [string] P() { return \"$script:root\\x.pst\" } }\nNMER ann -FilePath ([C]::new().P())", []string{`ann|\\f\x.pst`}},
		{"class-used-before-it-stands", "static", "$c = [C]::new()\n$c.Go()\nclass C { [void] Go() { NMER ann -FilePath \\\\f\\x.pst } }", []string{`ann|\\f\x.pst`}},
		{"class-in-another-block", "static", "class C { [void] Go($m) { NMER $m -FilePath \\\\f\\x.pst } }\n----\n[C]::new().Go('ann')", []string{`ann|\\f\x.pst`}},
		{"class-not-used", "none", "class C { [void] Go() { NMER ann -FilePath \\\\f\\no.pst } }\n$c = [C]::new()", nil},
		{"class-throws", "static", "class C { [void] Go() { throw 'no' } }\ntry { [C]::new().Go(); NMER zed } catch { NMER ann -FilePath \"\\\\f\\$_.pst\" }", []string{`ann|\\f\no.pst`}},
		{"class-recursion", "static", "class C { [int] F([int]$n) { if ($n -le 1) { return 1 } return $n * $this.F($n - 1) } }\nNMER ann -FilePath \"\\\\f\\$([C]::new().F(5)).pst\"", []string{`ann|\\f\120.pst`}},
		{"class-exception", "static", "class Bad : System.Exception { Bad([string]$m) : base($m) { } }\ntry { throw [Bad]::new('x') } catch [Bad] { NMER ann -FilePath \"\\\\f\\$($_.Exception.Message).pst\" }", []string{`ann|\\f\x.pst`}},
		{"class-is", "static", "class A { }\nclass B : A { }\n$b = [B]::new()\nif ($b -is [A] -and $b.GetType().Name -eq 'B') { NMER ann -FilePath \\\\f\\x.pst }", []string{`ann|\\f\x.pst`}},
		{"class-hidden-and-pipeline", "static", "class C { hidden [string]$m = 'ann'; [string[]] All() { return @('a', 'b') } }\n$c = [C]::new()\n$c.All() | % { NMER $c.m -FilePath \\\\f\\$_.pst }", []string{`ann|\\f\a.pst`, `ann|\\f\b.pst`}},
		{"enum-values", "static", "enum K { Primary; Archive = 5; Other }\n$k = [K]::Archive\nNMER \"$k\" -FilePath \"\\\\f\\$([int][K]::Other)$([K]5)$([K]'primary').pst\"", []string{`Archive|\\f\6ArchivePrimary.pst`}},
		{"enum-flags", "static", "[Flags()] enum K { A = 1; B = 2; C = 4 }\n$k = [K]'A, C'\nNMER ann -FilePath \"\\\\f\\$([int]$k)-$([K]3)-$($k -band [K]::C).pst\"", []string{`ann|\\f\5-A, B-C.pst`}},
		{"enum-compared", "static", "enum K { P; A }\n$k = [K]::A\nif ($k -eq 'A' -and $k -eq [K]::A -and [K]::P -lt $k) { switch ($k) { 'A' { NMER ann -FilePath \\\\f\\x.pst } } }", []string{`ann|\\f\x.pst`}},
		{"enum-bad-value", "static", "enum K { P }\ntry { [K]'X' } catch { NMER ann -FilePath \\\\f\\x.pst }", []string{`ann|\\f\x.pst`}},
		{"enum-as-property", "static", "enum K { P; A }\nclass C { [K]$Kind; [K]$Other = 'A' }\n$c = [C]@{ Kind = 'A' }\nNMER ann -FilePath \"\\\\f\\$($c.Kind)$([C]::new().Kind).pst\"", []string{`ann|\\f\AP.pst`}},
		{"method-with-unknown", "dynamic", "class C { [string] P([string]$m) { return \"\\\\f\\$m.pst\" } }\n$c = [C]::new()\nGet-Mailbox | % { NMER $_.Alias -FilePath $c.P($_.Alias) }", []string{`alice|\\f\alice.pst`}},
		{"overload-with-unknown", "dynamic", "class C { [string] P([int]$a) { return \"\\\\f\\i.pst\" } [string] P([string]$a) { return \"\\\\f\\s.pst\" } }\nNMER ann -FilePath ([C]::new().P((Read-Host)))", []string{`ann|\\f\s.pst`}},
		{"return-in-an-unknown-loop", "dynamic", "class C { [string] P() { foreach ($m in Get-Mailbox) { if ($m.Name -eq (Read-Host)) { return \"\\\\f\\$($m.Alias).pst\" } } return '\\\\f\\none.pst' } }\nNMER ann -FilePath ([C]::new().P())", []string{`ann|\\f\bob.pst`, `ann|\\f\none.pst`}},
		{"return-in-try", "dynamic", "class C { [string] P() { try { Get-Thing; return '\\\\f\\a.pst' } catch { return '\\\\f\\b.pst' } } }\nNMER ann -FilePath ([C]::new().P())", []string{`ann|\\f\a.pst`, `ann|\\f\b.pst`}},
		{"static-on-two-ways", "dynamic", "class C { static $n = 0 }\nif (Read-Host) { [C]::n = 1 } else { [C]::n = 2 }\nNMER ann -FilePath \"\\\\f\\$([C]::n).pst\"", []string{`ann|\\f\1.pst`, `ann|\\f\2.pst`}},
		{"recursion-with-unknown-end", "dynamic", "class C { [void] F($n) { if ($n -gt (Read-Host)) { $this.F($n + 1) } } }\n[C]::new().F(1)\nNMER ann -FilePath \\\\f\\x.pst", []string{`ann|\\f\x.pst`}},
	})
}

// What cannot be worked out of a child is told where it is started.
func TestOpaqueChildren(t *testing.T) {
	for script, want := range map[string]int{
		"powershell -c (Get-X)": 1, "powershell -enc (Get-X)": 1, "Start-Process powershell (Get-X)": 1, "cmd /c (Get-X)": 1,
		`cmd /c "powershell -c Act 1 & $(Get-X)"`: 1, "Invoke-WmiMethod Win32_Process Create (Get-X)": 1, "Set-Alias n (Get-X)": 1,
		"Set-Item function:n (Get-X)": 1, "Start-Job (Get-X)": 1, "Get-X | powershell -": 1, "Start-Process (Get-X)": 0, "ping x": 0,
		"cmd /c dir": 0, "powershell -File x.ps1": 0, "Set-Variable (Get-X) 1": 0, "Get-Command (Get-X)": 0,
	} {
		result := Run(actHost{}, []Logged{{Tree: Parse(script, WindowsPowerShell)}}, Budget{})
		run := slices.DeleteFunc(result.Opaque, func(o Opaque) bool { return o.Made })
		if len(run) != want {
			t.Errorf("%s: %d opaque places, want %d", script, len(run), want)
		}
	}
}

// How a call was reached is told, outermost first.
func TestViaOfChildren(t *testing.T) {
	for script, want := range map[string]string{
		"powershell -c 'Act 1'":                                                          "powershell -Command",
		"pwsh -nop -enc " + encodedCommand("Act 1"):                                      "pwsh -EncodedCommand",
		"powershell -c { Act 1 }":                                                        "powershell -Command",
		"'Act 1' | powershell -c -":                                                      "powershell -Command -",
		"cmd /c powershell -c Act 1":                                                     "cmd /c, powershell -Command",
		"powershell -c 'powershell -c Act 1'":                                            "powershell -Command, powershell -Command",
		"saps cmd '/c powershell -c Act 1'":                                              "Start-Process, cmd /c, powershell -Command",
		"Start-Job { Act 1 }":                                                            "Start-Job",
		"function f { powershell -c 'Act 1' }; f":                                        "function f, powershell -Command",
		"class C { [void] F() { Act 1 } }; [C]::new().F()":                               "method C.F",
		"[Diagnostics.Process]::Start('powershell', '-c Act 1')":                         "[Diagnostics.Process]::Start, powershell -Command",
		"Invoke-CimMethod Win32_Process @{ CommandLine = 'powershell -c Act 1' } Create": "Win32_Process Create, powershell -Command",
	} {
		result := Run(actHost{}, []Logged{{Tree: Parse(script, WindowsPowerShell)}}, Budget{})
		if len(result.Events) != 1 {
			t.Errorf("%s: %d calls", script, len(result.Events))
			continue
		}
		p := result.Events[0].Place
		if got := strings.Join(p.Via, ", "); got != want || p.Child != !strings.HasPrefix(want, "method") {
			t.Errorf("%s: via %s, child %v; want %s", script, got, p.Child, want)
		}
	}
}

// Scripts that are to have no end, or too deep a one, come to an end.
func TestHostileCommands(t *testing.T) {
	for name, script := range map[string]string{
		"bases in a circle":          "class A : B { }\nclass B : A { }\n[A]::new().M()\n[A]'x'\n[A]@{ a = 1 }",
		"property of its own class":  "class A { [A]$a = [A]::new() }\n[A]::new()",
		"constructor of itself":      "class A { A() { [A]::new() } }\n[A]::new()",
		"constructors of each other": "class A { A([B]$x) { } }\nclass B { B([A]$x) { } }\n[A]'x'\n[A]::new('x')",
		"static of itself":           "class A { static $s = [A]::s }\n[A]::s",
		"enum of itself":             "enum E { A = [E]::A }\n[E]::A",
		"method of itself":           "class A { [string] ToString() { return \"$this\" } }\n\"$([A]::new())\"",
		"children without end":       "$env:x = 'powershell -c iex $env:x'\niex $env:x",
		"fors in fors":               "cmd /c '" + strings.Repeat("for %a in (1 2 3 4 5 6 7 8 9) do ", 2000) + "echo x'",
		"ifs in ifs":                 "cmd /c '" + strings.Repeat("if a==b ", 20000) + "powershell -c x'",
		"calls of calls":             "cmd /c '" + strings.Repeat("call ", 20000) + "echo %a%'",
		"cmd in cmd":                 "cmd /c '" + strings.Repeat("cmd /c ", 20000) + "echo x'",
		"many variables":             "cmd /c '" + strings.Repeat("set a=%a%%b%&", 20000) + "'",
		"one large value often":      "$e = 'x' * 1mb; powershell -c (@($e) * 5000)",
		"a large variable often":     "$env:e = 'x' * 1mb; cmd /c ('%e%' * 50000)",
		"a large word often":         "cmd /c ('for %a in (' + 'x' * 1mb + ') do echo ' + '%a' * 50000)",
		"a doubling variable":        "cmd /c ('set a=xxxxxxxxxx&' + 'call set a=%a%%a%&' * 60)",
		"many parentheses":           "cmd /c '" + strings.Repeat(" ", 100000) + strings.Repeat("(", 100000) + "'",
		"many redirections":          "cmd /c 'echo " + strings.Repeat("a", 100000) + strings.Repeat(" 1>a", 50000) + "'",
		"alias of itself":            "sal a a; a; sal b c; sal c b; b; gcm a; gal b",
		"function renamed in a loop": "function f { }\nwhile ($true) { Rename-Item function:f g; Rename-Item function:g f }",
		"jobs without end":           "while ($true) { Start-Job { 1 } }",
		"a method forks":             "class A { [int] F($n) { if (Read-Host) { return $this.F($n + 1) } else { return $this.F($n + 2) } } }\n[A]::new().F(1)",
	} {
		t.Run(name, func(t *testing.T) {
			actLimit(t, script, Budget{Steps: 50_000})
		})
	}
}
