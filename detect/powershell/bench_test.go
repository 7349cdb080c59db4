package powershell

import (
	"fmt"
	"strings"
	"testing"
)

// adminScript is what administrators write: long names, paths, strings,
// comments, a loop, a function.
const adminScript = `<#
    .SYNOPSIS
    Moves the mail of people who left to the archive share.
    .EXAMPLE
    .\Export-Leavers.ps1 -CsvPath .\leavers.csv -Share \\fs01\leavers$
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)][string] $CsvPath,
    [string] $Share = '\\fs01\leavers$'
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
$log = Join-Path $env:TEMP ('leavers-{0:yyyyMMdd}.log' -f (Get-Date))

# One line per step, so that the run can be followed afterwards.
function Write-Log([string] $Text, [string] $Level = 'INFO') {
    "$(Get-Date -Format s) [$Level] $Text" | Out-File -FilePath $log -Append
}

if (-not (Test-Path -LiteralPath $CsvPath)) {
    Write-Log "no such file: $CsvPath" ERROR
    throw "no such file: $CsvPath"
}

$rows = Import-Csv -Path $CsvPath -Delimiter ';' | Where-Object { $_.Export -eq 'yes' }
Write-Log ("{0} rows" -f @($rows).Count)

foreach ($row in $rows) {
    $target = "$Share\$($row.Alias)_$(Get-Date -Format yyyyMMdd).pst"
    try {
        $request = New-MailboxExportRequest -Mailbox $row.Alias -FilePath $target -BadItemLimit 50 -AcceptLargeDataLoss -ErrorAction Stop
        Write-Log "queued $($request.Identity) for $($row.DisplayName)"
    }
    catch {
        # The mailbox may be gone already: go on with the next one.
        Write-Log "failed $($row.Alias): $_" ERROR
        continue
    }
    if ($row.Archive -eq 'yes') {
        New-MailboxExportRequest $row.Alias -IsArchive -FilePath ($target -replace '\.pst$', '_archive.pst') | Out-Null
    }
}

$services = Get-Service -ComputerName $env:COMPUTERNAME | Sort-Object -Property Status, DisplayName
foreach ($service in $services) {
    $line = '{0,-40} {1,-10} {2}' -f $service.DisplayName, $service.Status, $service.StartType
    Write-Host $line -ForegroundColor $(if ($service.Status -eq 'Running') { 'Green' } else { 'Yellow' })
}
`

func benchmarkTexts(b *testing.B) map[string][]string {
	var real []string
	for _, s := range realScripts(b) {
		real = append(real, s.text)
	}
	var admin strings.Builder
	for i := range 20 {
		fmt.Fprintf(&admin, "function Export-Leavers%d {\n%s}\n", i, adminScript)
	}
	return map[string][]string{"admin": {admin.String()}, "real": real}
}

// lexAll reads a text in one mode, as fast as tokens can be had.
func lexAll(text string, mode lexMode) int {
	l := lexer{lexText: lexText{text: text, open: true}, mode: mode, fail: func(Span, string, bool) {}}
	for n := 0; ; n++ {
		if l.next() == KindEndOfInput {
			return n
		}
	}
}

func benchmark(b *testing.B, read func(text string)) {
	for name, texts := range benchmarkTexts(b) {
		b.Run(name, func(b *testing.B) {
			size := 0
			for _, text := range texts {
				size += len(text)
			}
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for b.Loop() {
				for _, text := range texts {
					read(text)
				}
			}
		})
	}
}

func BenchmarkLexer(b *testing.B) { benchmark(b, func(text string) { lexAll(text, commandMode) }) }

func BenchmarkParse(b *testing.B) { benchmark(b, func(text string) { Parse(text, WindowsPowerShell) }) }
