package powershell

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestRegistered checks that what is only set up to run later is told from what
// runs, with its values.
func TestRegistered(t *testing.T) {
	const export = `powershell -c New-MailboxExportRequest ann -FilePath \\fs\a.pst`
	const registered = `ann | \\fs\a.pst child later`
	for _, c := range []struct{ name, script, want string }{
		{"task", `schtasks /create /tn x /tr "` + export + `" /sc daily`, registered},
		{"changed task", `schtasks.exe /Change /tn x /TR "` + export + `"`, registered},
		{"task by cmd", `cmd /c 'schtasks /create /tn x /tr "` + export + `"'`, registered},
		{"task that is only asked for", `schtasks /query /tn x /tr "` + export + `"`, ""},
		{"task of another program", `schtasks /create /tn x /tr "notepad ` + export + `"`, ""},
		{"tasks of a loop", `foreach ($u in 'ann', 'bea') { schtasks /create /tn $u /tr "powershell -c New-MailboxExportRequest $u -FilePath \\fs\$u.pst" }`,
			"ann | \\\\fs\\ann.pst child later\nbea | \\\\fs\\bea.pst child later"},
		{"action", `New-ScheduledTaskAction powershell.exe '-c New-MailboxExportRequest ann -FilePath \\fs\a.pst'`, registered},
		{"action by its folder", `New-ScheduledTaskAction -Argument '/c ` + export + `' -Execute '%SystemRoot%\System32\cmd.exe'`, registered},
		{"scheduled job", `Register-ScheduledJob x { param($m) New-MailboxExportRequest $m -FilePath \\fs\a.pst } -ArgumentList ann`, registered},
		{"scheduled job that runs now", `Register-ScheduledJob x { New-MailboxExportRequest ann -FilePath \\fs\a.pst } -RunNow`, `ann | \\fs\a.pst child`},
		{"service", `New-Service x "cmd /c ` + export + `"`, registered},
		{"service by sc", `sc.exe create x binPath= "cmd /c ` + export + `" start= auto`, registered},
		{"run key", `Set-ItemProperty HKCU:\Software\Microsoft\Windows\CurrentVersion\Run x '` + export + `'`, registered},
		{"run key by reg", `reg add HKLM\Software\Microsoft\Windows\CurrentVersion\RunOnce /v x /d "` + export + `" /f`, registered},
		{"another key", `Set-ItemProperty HKCU:\Software\Vendor x '` + export + `'`, ""},
		{"it leaves nothing behind", `$m = 'ann'
			Register-ScheduledJob x { $global:m = 'eve' }
			New-MailboxExportRequest $m -FilePath \\fs\a.pst`, `ann | \\fs\a.pst`},
		{"it fails nothing", `$m = 'ann'
			try { $null = Register-ScheduledJob x { New-MailboxExportRequest ann -FilePath \\fs\a.pst -ErrorAction Stop } } catch { $m = 'eve' }
			New-MailboxExportRequest $m -FilePath \\fs\b.pst`, registered + "\nann | \\\\fs\\b.pst"},
		{"text that is not known", `schtasks /create /tn x /tr "powershell -enc $(Get-Content c.txt)"`, ""},
	} {
		result := Run(newExportHost(), []Logged{{Tree: Parse(c.script, WindowsPowerShell), Fresh: true}}, Budget{})
		var got []string
		for _, e := range result.Events {
			got = append(got, writeCall(e))
		}
		if d := cmp.Diff(c.want, strings.Join(got, "\n")); d != "" {
			t.Errorf("%s: %s", c.name, d)
		}
		if len(result.Opaque) > 0 {
			t.Errorf("%s: %v", c.name, result.Opaque)
		}
	}
}
