package detect

import "testing"

// Text that a script puts somewhere and runs from there is not known to be
// what runs, but suspected; text that it only puts there is a mention, as is
// one beside other text that runs.
func TestTextRunFromWhereItWasPut(t *testing.T) {
	const text = `'New-MailboxExportRequest -Mailbox mia -FilePath \\fs07\x.pst'`
	for _, c := range []struct {
		script string
		want   Verdict
	}{
		{"$f = [IO.Path]::GetTempFileName(); Set-Content $f " + text + "; iex (Get-Content $f -Raw)", VerdictUndecided},
		{text + ` > C:\t\x.ps1; powershell -ep bypass -File C:\t\x.ps1`, VerdictUndecided},
		{`[IO.File]::WriteAllText('C:\t\y.ps1', ` + text + `); . C:\t\y.ps1`, VerdictUndecided},
		{text + ` | Out-File C:\t\y.ps1; & "C:\t\y.ps1"`, VerdictUndecided},
		{"Set-Clipboard " + text + "; iex (Get-Clipboard)", VerdictUndecided},
		{`Set-ItemProperty HKCU:\Software\X -Name c -Value ` + text + `; iex (Get-ItemProperty HKCU:\Software\X).c`, VerdictUndecided},
		{`conhost --headless powershell -c "` + text + `"`, VerdictUndecided},
		{`Add-Type -TypeDefinition 'public class X { public static void R() { PowerShell.Create().AddScript("New-MailboxExportRequest mia").Invoke(); } }'; [X]::R()`, VerdictUndecided},
		{text + ` > C:\t\x.ps1`, VerdictMention},
		{text + ` > C:\t\x.ps1; & C:\t\other.ps1`, VerdictMention},
		{text + ` > C:\t\x.txt; Get-Content C:\t\x.txt | Write-Host`, VerdictMention},
		{"Set-Clipboard " + text + "; iex $env:other", VerdictMention},
	} {
		fs := findings(t, typed{text: c.script})
		if len(fs) != 1 || fs[0].Verdict != c.want {
			t.Errorf("%s: %v, want %s", c.script, fs, c.want)
		}
	}
}
