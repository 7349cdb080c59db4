# Runs every hour as a scheduled task. Writes one line per check; the monitoring
# of the data centre reads the file and raises an alarm if a line says BAD.
$report = 'C:\Scripts\Health\mailflow.txt'
$server = $env:COMPUTERNAME
$lines = @('mail flow on {0}, {1:yyyy-MM-dd HH:mm}' -f $server, (Get-Date))

function Add-Check {
    param([string]$Name, [bool]$Good, [string]$Text)
    $mark = 'BAD '
    if ($Good) { $mark = 'good' }
    $script:lines += '{0} {1,-22} {2}' -f $mark, $Name, $Text
}

Add-PSSnapin Microsoft.Exchange.Management.PowerShell.SnapIn -ErrorAction SilentlyContinue

foreach ($queue in Get-Queue -Server $server) {
    $good = $queue.MessageCount -lt 200 -and $queue.Status -ne 'Retry'
    Add-Check -Name ('queue ' + $queue.NextHopDomain) -Good $good -Text ('{0} waiting, {1}' -f $queue.MessageCount, $queue.Status)
}

foreach ($copy in Get-MailboxDatabaseCopyStatus -Server $server) {
    $good = $copy.Status -eq 'Mounted' -or $copy.Status -eq 'Healthy'
    $text = '{0}, copy queue {1}, replay queue {2}' -f $copy.Status, $copy.CopyQueueLength, $copy.ReplayQueueLength
    Add-Check -Name ('database ' + $copy.DatabaseName) -Good $good -Text $text
}

foreach ($role in Test-ServiceHealth -Server $server) {
    $text = 'all running'
    if (-not $role.RequiredServicesRunning) { $text = 'stopped: ' + ($role.ServicesNotRunning -join ', ') }
    Add-Check -Name $role.Role -Good $role.RequiredServicesRunning -Text $text
}

$days = ((Get-ExchangeCertificate | Sort-Object NotAfter | Select-Object -First 1).NotAfter - (Get-Date)).Days
Add-Check -Name 'certificate' -Good ($days -gt 21) -Text ('{0} days left' -f $days)

Set-Content -Path $report -Value $lines -Encoding UTF8
