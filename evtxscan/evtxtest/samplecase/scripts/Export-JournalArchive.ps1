<#
.SYNOPSIS
    Moves the mail of named owners and of one database to the archive share.

.DESCRIPTION
    Part of the yearly journal archive. The script runs on an Exchange server
    under the account of the backup service. It loads the Exchange snap-in,
    looks whether the targets can be reached, queues one request per mailbox,
    waits until the queue is empty and writes a summary.

    Owners are taken from the list below, which the records office keeps. The
    second part takes the mailboxes of the database that is to be retired; they
    go to the local staging folder, from where the tape robot fetches them.

    Nothing is deleted by this script. Requests that failed stay in the queue
    so that an administrator can look at them in the morning.

.PARAMETER MaxRunning
    How many requests may run before the script reports a busy queue.

.PARAMETER LogFolder
    Where the log of each run is kept. Logs older than 60 days are removed.

.NOTES
    Owner     Messaging operations
    History   1.0  first version, for the move to the new file server
              1.1  staging folder for databases that are retired
              1.2  log folder is kept small, summary as a table
              1.3  owners of the records office are listed here, no longer in
                   a file that somebody else could change
#>
param(
    [int]$MaxRunning = 8,
    [string]$LogFolder = 'C:\ProgramData\ExAudit\Logs'
)

#--- Settings -----------------------------------------------------------------

$Wave        = '2026-Q1'
$BatchName   = 'JournalArchive-' + $Wave
$FileServer  = 'fs02.corp.example'
$ArchiveRoot = '\\{0}\archive$' -f $FileServer
$StagingRoot = '\\127.0.0.1\c$\ExchangeStaging'
$Retired     = 'DB03'
$KeepLogDays = 60
$LogFile     = Join-Path $LogFolder ('archive-' + (Get-Date -Format 'yyyyMMdd-HHmmss') + '.log')

# Owners, as named by the records office in the request of January.
$Owners = @(
    'h.lindqvist'
    'm.okafor'
    'r.castellano'
    's.yamada'
    't.novak'
)

#--- Log ----------------------------------------------------------------------

function Write-ArchiveLog {
    param(
        [string]$Message,
        [string]$Severity = 'INFO'
    )
    $line = '{0:yyyy-MM-dd HH:mm:ss} {1,-5} {2}' -f (Get-Date), $Severity, $Message
    Add-Content -Path $LogFile -Value $line -Encoding UTF8
    switch ($Severity) {
        'ERROR' { Write-Host $line -ForegroundColor Red }
        'WARN'  { Write-Host $line -ForegroundColor Yellow }
        default { Write-Host $line }
    }
}

function Write-ArchiveSection {
    param([string]$Title)
    $width = 72
    $rule = '-' * ($width - $Title.Length - 1)
    Write-ArchiveLog ($Title + ' ' + $rule)
}

function Limit-LogFolder {
    param(
        [string]$Folder,
        [int]$Days
    )
    if (-not (Test-Path $Folder)) {
        New-Item -ItemType Directory -Path $Folder | Out-Null
        return
    }
    $limit = (Get-Date).AddDays(-$Days)
    $old = Get-ChildItem -Path $Folder -Filter 'archive-*.log' |
        Where-Object { $_.LastWriteTime -lt $limit }
    foreach ($file in $old) {
        Remove-Item -Path $file.FullName -Force
    }
}

function Format-Size {
    param($Bytes)
    $units = 'B', 'KB', 'MB', 'GB', 'TB'
    $n = [double]$Bytes
    $i = 0
    while ($n -ge 1024 -and $i -lt $units.Count - 1) {
        $n = $n / 1024
        $i++
    }
    return ('{0:N1} {1}' -f $n, $units[$i])
}

function Format-Duration {
    param([timespan]$Span)
    if ($Span.TotalHours -ge 1) {
        return ('{0} h {1:00} min' -f [int][math]::Floor($Span.TotalHours), $Span.Minutes)
    }
    if ($Span.TotalMinutes -ge 1) {
        return ('{0} min {1:00} s' -f $Span.Minutes, $Span.Seconds)
    }
    return ('{0:N1} s' -f $Span.TotalSeconds)
}

#--- Checks before the run ----------------------------------------------------

function Import-ExchangeShell {
    $name = 'Microsoft.Exchange.Management.PowerShell.SnapIn'
    if (Get-PSSnapin -Name $name -ErrorAction SilentlyContinue) {
        Write-ArchiveLog 'Exchange snap-in is loaded already'
        return
    }
    try {
        Add-PSSnapin $name -ErrorAction Stop
        Write-ArchiveLog 'Exchange snap-in loaded'
    }
    catch {
        Write-ArchiveLog ('Exchange snap-in: ' + $_.Exception.Message) 'ERROR'
    }
}

function Test-ArchiveTarget {
    param([string]$Folder)
    if (-not (Test-Path $Folder)) {
        Write-ArchiveLog ('target cannot be reached: ' + $Folder) 'WARN'
        return
    }
    $probe = Join-Path $Folder ('probe-' + [guid]::NewGuid().ToString('N') + '.tmp')
    try {
        Set-Content -Path $probe -Value 'probe' -ErrorAction Stop
        Remove-Item -Path $probe -Force
        Write-ArchiveLog ('target is writable: ' + $Folder)
    }
    catch {
        Write-ArchiveLog ('target is not writable: ' + $Folder) 'WARN'
    }
}

function Test-MailboxReplicationService {
    $service = Get-Service -Name 'MSExchangeMailboxReplication' -ErrorAction SilentlyContinue
    if ($null -eq $service) {
        Write-ArchiveLog 'the mailbox replication service is not installed here' 'WARN'
        return
    }
    if ($service.Status -ne 'Running') {
        Write-ArchiveLog ('the mailbox replication service is ' + $service.Status) 'WARN'
        return
    }
    Write-ArchiveLog 'the mailbox replication service is running'
}

function Test-StagingSpace {
    param(
        [string]$Drive,
        [int]$MinimumGB
    )
    $disk = Get-WmiObject -Class Win32_LogicalDisk -Filter ("DeviceID='{0}'" -f $Drive)
    if ($null -eq $disk) {
        Write-ArchiveLog ('drive not found: ' + $Drive) 'WARN'
        return
    }
    $free = $disk.FreeSpace
    Write-ArchiveLog ('free on {0} {1}' -f $Drive, (Format-Size $free))
    if ($free -lt $MinimumGB * 1GB) {
        Write-ArchiveLog ('less than {0} GB free on {1}' -f $MinimumGB, $Drive) 'WARN'
    }
}

#--- Owners -------------------------------------------------------------------

# Offices and the retention class that the records office has agreed with each.
$Retention = @{
    'Bergen'     = @{ Class = 'R10'; Years = 10; Contact = 'records-north@corp.example' }
    'Rotterdam'  = @{ Class = 'R7';  Years = 7;  Contact = 'records-west@corp.example' }
    'Trieste'    = @{ Class = 'R10'; Years = 10; Contact = 'records-south@corp.example' }
    'Lagos'      = @{ Class = 'R7';  Years = 7;  Contact = 'records-south@corp.example' }
    'Yokohama'   = @{ Class = 'R15'; Years = 15; Contact = 'records-east@corp.example' }
    'Head Office' = @{ Class = 'R15'; Years = 15; Contact = 'records@corp.example' }
}

function Get-RetentionText {
    param([string]$Office)
    if (-not $Retention.ContainsKey($Office)) {
        return ('{0}: no class agreed, kept for 15 years' -f $Office)
    }
    $entry = $Retention[$Office]
    return ('{0}: class {1}, kept for {2} years, ask {3}' -f `
        $Office, $entry.Class, $entry.Years, $entry.Contact)
}

function Write-RetentionTable {
    foreach ($office in ($Retention.Keys | Sort-Object)) {
        Write-ArchiveLog (Get-RetentionText -Office $office)
    }
}

# A name that stands in the list twice would be queued twice, under one label.
function Test-OwnerList {
    param([string[]]$Names)
    $seen = @{}
    foreach ($name in $Names) {
        $key = $name.Trim().ToLower()
        if ($seen.ContainsKey($key)) {
            Write-ArchiveLog ('listed twice: ' + $name) 'WARN'
        }
        $seen[$key] = $true
        if ($key.Length -gt 20) {
            Write-ArchiveLog ('too long for an account name: ' + $name) 'WARN'
        }
    }
    Write-ArchiveLog ('{0} owners are listed' -f $seen.Count)
}

#--- Folders that are left out ------------------------------------------------

# The cmdlet knows well-known folders by #Name#, whatever their language. Mail
# clients of other makers create folders of their own, under these names.
$ForeignFolders = @{
    'en' = 'Suspected Spam', 'RSS Feeds', 'Conversation History', 'Quick Step Settings'
    'de' = 'Spamverdacht', 'RSS-Feeds', 'Aufgezeichnete Unterhaltungen', 'QuickSteps'
    'fr' = 'Courrier suspect', 'Flux RSS', 'Historique des conversations', 'Actions rapides'
    'es' = 'Correo sospechoso', 'Fuentes RSS', 'Historial de conversaciones', 'Pasos rapidos'
    'it' = 'Posta sospetta', 'Feed RSS', 'Cronologia conversazioni', 'Passaggi rapidi'
    'nl' = 'Verdachte mail', 'RSS-feeds', 'Gespreksgeschiedenis', 'Snelle stappen'
    'pt' = 'Correio suspeito', 'RSS Feeds', 'Historico de conversas', 'Passos rapidos'
    'sv' = 'Misstankt skrap', 'RSS-feeds', 'Konversationshistorik', 'Snabbsteg'
    'da' = 'Mistaenkt spam', 'RSS-feeds', 'Samtalehistorik', 'Hurtige trin'
    'nb' = 'Mistenkt soppel', 'RSS-feeder', 'Samtaleloggen', 'Hurtigtrinn'
    'fi' = 'Epailty roska', 'RSS-syotteet', 'Keskusteluhistoria', 'Pikavaiheet'
    'pl' = 'Podejrzany spam', 'Kanaly RSS', 'Historia konwersacji', 'Szybkie kroki'
    'cs' = 'Podezrela posta', 'Informacni kanaly RSS', 'Historie konverzaci', 'Rychle kroky'
    'hu' = 'Gyanus level', 'RSS-hirek', 'Beszelgetesek', 'Gyorsmuveletek'
    'ro' = 'Mesaje suspecte', 'Fluxuri RSS', 'Istoric conversatii', 'Pasi rapizi'
    'tr' = 'Supheli posta', 'RSS Akislari', 'Konusma Gecmisi', 'Hizli Adimlar'
}

# Always left out: what can be rebuilt, and what the records office must not see.
$ExcludeFolders = @(
    '#DeletedItems#/*'
    '#JunkEmail#/*'
    '#RssSubscription#/*'
    '#SyncIssues#/*'
    '#Contacts#/*'
    '#Tasks#/*'
    '#Notes#/*'
    '#Journal#/*'
)

function Get-ForeignFolder {
    param([string]$Culture)
    $key = $Culture.Split('-')[0].ToLower()
    if ($ForeignFolders.ContainsKey($key)) {
        return $ForeignFolders[$key]
    }
    return $ForeignFolders['en']
}

#--- Requests -----------------------------------------------------------------

$Submitted = New-Object System.Collections.ArrayList
$Refused   = New-Object System.Collections.ArrayList

function Submit-MailboxArchive {
    param(
        [string]$Owner,
        [string]$Target,
        [string]$Label
    )
    $request = @{
        Mailbox         = $Owner
        FilePath        = $Target
        Name            = $Label
        BatchName       = $BatchName
        ExcludeFolders  = $ExcludeFolders
        ExcludeDumpster = $true
        BadItemLimit    = 20
        Priority        = 'Low'
    }
    try {
        $queued = New-MailboxExportRequest @request -ErrorAction Stop
        [void]$Submitted.Add($Label)
        Write-ArchiveLog ('queued {0} to {1}' -f $Owner, $Target)
    }
    catch {
        [void]$Refused.Add($Label)
        Write-ArchiveLog ('refused {0}: {1}' -f $Owner, $_.Exception.Message) 'ERROR'
    }
}

function Get-BatchState {
    param([string]$Batch)
    $all = @(Get-MailboxExportRequest -BatchName $Batch)
    $state = @{ Queued = 0; InProgress = 0; Completed = 0; Failed = 0; Other = 0 }
    foreach ($one in $all) {
        $name = [string]$one.Status
        if ($state.ContainsKey($name)) {
            $state[$name] = $state[$name] + 1
        }
        else {
            $state['Other'] = $state['Other'] + 1
        }
    }
    return $state
}

function Wait-ArchiveBatch {
    param(
        [string]$Batch,
        [int]$Minutes
    )
    $until = (Get-Date).AddMinutes($Minutes)
    $last = ''
    while ((Get-Date) -lt $until) {
        $state = Get-BatchState -Batch $Batch
        $open = $state['Queued'] + $state['InProgress']
        $text = '{0} waiting, {1} running, {2} done, {3} failed' -f `
            $state['Queued'], $state['InProgress'], $state['Completed'], $state['Failed']
        if ($text -ne $last) {
            Write-ArchiveLog $text
            $last = $text
        }
        if ($open -eq 0) {
            Write-ArchiveLog 'the queue is empty'
            return
        }
        if ($state['InProgress'] -ge $MaxRunning) {
            Write-ArchiveLog ('{0} requests are running at once' -f $state['InProgress']) 'WARN'
        }
        Start-Sleep -Seconds 60
    }
    Write-ArchiveLog ('still not done after {0} minutes' -f $Minutes) 'WARN'
}

#--- Summary ------------------------------------------------------------------

function Get-ArchiveSummary {
    param([string]$Batch)
    $rows = New-Object System.Collections.ArrayList
    foreach ($request in @(Get-MailboxExportRequest -BatchName $Batch)) {
        $statistics = $request | Get-MailboxExportRequestStatistics
        $row = New-Object PSObject
        $row | Add-Member -MemberType NoteProperty -Name Request -Value $request.Name
        $row | Add-Member -MemberType NoteProperty -Name Status -Value $request.Status
        $row | Add-Member -MemberType NoteProperty -Name Items -Value $statistics.ItemsTransferred
        $row | Add-Member -MemberType NoteProperty -Name Transferred -Value $statistics.BytesTransferred
        $row | Add-Member -MemberType NoteProperty -Name Percent -Value $statistics.PercentComplete
        $row | Add-Member -MemberType NoteProperty -Name Started -Value $statistics.StartTimestamp
        $row | Add-Member -MemberType NoteProperty -Name Finished -Value $statistics.CompletionTimestamp
        [void]$rows.Add($row)
    }
    return $rows
}

function ConvertTo-SummaryTable {
    param($Rows)
    $head = '{0,-28} {1,-12} {2,9} {3,12} {4,5}' -f 'Request', 'Status', 'Items', 'Transferred', '%'
    $lines = New-Object System.Collections.ArrayList
    [void]$lines.Add($head)
    [void]$lines.Add('-' * $head.Length)
    foreach ($row in $Rows) {
        $line = '{0,-28} {1,-12} {2,9} {3,12} {4,5}' -f `
            $row.Request, $row.Status, $row.Items, $row.Transferred, $row.Percent
        [void]$lines.Add($line)
    }
    return ($lines -join [Environment]::NewLine)
}

function Send-ArchiveSummary {
    param(
        [string]$Table,
        [timespan]$Took
    )
    $body = @"
The journal archive of wave $Wave has run on $env:COMPUTERNAME.

Duration   $(Format-Duration $Took)
Queued     $($Submitted.Count)
Refused    $($Refused.Count)

$Table

The log of the run is $LogFile.
Requests that failed stay in the queue. Please look at them with
Get-MailboxExportRequest -BatchName $BatchName -Status Failed
and remove them when they are settled.
"@
    $mail = @{
        From       = 'ex01-archive@corp.example'
        To         = 'messaging-operations@corp.example'
        Subject    = 'Journal archive ' + $Wave
        Body       = $body
        SmtpServer = 'localhost'
    }
    try {
        Send-MailMessage @mail -ErrorAction Stop
        Write-ArchiveLog 'summary sent'
    }
    catch {
        Write-ArchiveLog ('summary not sent: ' + $_.Exception.Message) 'WARN'
    }
}

function Save-ArchiveSummary {
    param(
        [string]$Table,
        [string]$Folder
    )
    $file = Join-Path $Folder ('summary-' + $Wave + '.txt')
    $stamp = 'Written {0:yyyy-MM-dd HH:mm}' -f (Get-Date)
    Set-Content -Path $file -Value ($stamp, '', $Table) -Encoding UTF8
    Write-ArchiveLog ('summary saved as ' + $file)
}

function Write-RefusedList {
    if ($Refused.Count -eq 0) {
        Write-ArchiveLog 'nothing was refused'
        return
    }
    Write-ArchiveLog ('{0} refused:' -f $Refused.Count) 'WARN'
    foreach ($label in $Refused) {
        Write-ArchiveLog ('  ' + $label) 'WARN'
    }
}

#--- Reports for the offices --------------------------------------------------

# Each office gets the lines of its own people, with the retention class on top.
function Get-OfficeReport {
    param(
        [string]$Office,
        $Rows
    )
    $lines = New-Object System.Collections.ArrayList
    [void]$lines.Add('Journal archive of wave ' + $Wave)
    [void]$lines.Add((Get-RetentionText -Office $Office))
    [void]$lines.Add('')
    $count = 0
    foreach ($row in $Rows) {
        if ($row.Office -ne $Office) {
            continue
        }
        [void]$lines.Add(('{0,-28} {1,-12} {2,12}' -f $row.Request, $row.Status, $row.Transferred))
        $count++
    }
    if ($count -eq 0) {
        [void]$lines.Add('Nobody of this office is part of the wave.')
    }
    return ($lines -join [Environment]::NewLine)
}

function Save-OfficeReports {
    param(
        $Rows,
        [string]$Folder
    )
    foreach ($office in ($Retention.Keys | Sort-Object)) {
        $short = $office.Replace(' ', '').ToLower()
        $file = Join-Path $Folder ('office-{0}-{1}.txt' -f $short, $Wave)
        Set-Content -Path $file -Value (Get-OfficeReport -Office $office -Rows $Rows) -Encoding UTF8
    }
    Write-ArchiveLog ('{0} office reports saved in {1}' -f $Retention.Count, $Folder)
}

# The event log is where the monitoring of the data centre looks first.
function Write-RunEvent {
    param(
        [int]$Queued,
        [int]$Failed
    )
    $source = 'JournalArchive'
    $type = 'Information'
    $id = 100
    if ($Failed -gt 0) {
        $type = 'Warning'
        $id = 101
    }
    $text = 'Wave {0}: {1} requests queued, {2} refused. Log: {3}' -f $Wave, $Queued, $Failed, $LogFile
    try {
        Write-EventLog -LogName Application -Source $source -EventId $id -EntryType $type -Message $text -ErrorAction Stop
    }
    catch {
        Write-ArchiveLog ('event not written: ' + $_.Exception.Message) 'WARN'
    }
}

# How the sizes of the databases look before the requests run. The numbers of
# two waves side by side show how much of a database is really old mail.
function Write-DatabaseSizes {
    $databases = Get-MailboxDatabase -Status | Sort-Object -Property Name
    foreach ($database in $databases) {
        $mounted = 'dismounted'
        if ($database.Mounted) {
            $mounted = 'mounted'
        }
        $text = '{0,-8} {1,-10} {2,12} free inside {3}' -f `
            $database.Name, $mounted, $database.DatabaseSize, $database.AvailableNewMailboxSpace
        Write-ArchiveLog $text
    }
}

#--- History ------------------------------------------------------------------

# A run is noted in the registry, where the monitoring looks for it: the time,
# the wave, and how many requests were queued and refused.
function Set-RunMark {
    param(
        [datetime]$Began,
        [int]$Queued,
        [int]$Failed
    )
    $key = 'HKLM:\SOFTWARE\Corp\JournalArchive'
    if (-not (Test-Path $key)) {
        New-Item -Path $key -Force | Out-Null
    }
    Set-ItemProperty -Path $key -Name 'LastRun' -Value $Began.ToString('s')
    Set-ItemProperty -Path $key -Name 'LastWave' -Value $Wave
    Set-ItemProperty -Path $key -Name 'LastQueued' -Value $Queued
    Set-ItemProperty -Path $key -Name 'LastRefused' -Value $Failed
}

function Get-RunMark {
    $key = 'HKLM:\SOFTWARE\Corp\JournalArchive'
    if (-not (Test-Path $key)) {
        return 'this is the first run'
    }
    $mark = Get-ItemProperty -Path $key
    return ('last run {0}, wave {1}, {2} queued, {3} refused' -f `
        $mark.LastRun, $mark.LastWave, $mark.LastQueued, $mark.LastRefused)
}

# Old batches that are complete keep the list long. They are only counted here;
# whoever is on duty removes them after the restore test.
function Write-OldBatches {
    $old = Get-MailboxExportRequest -Status Completed |
        Where-Object { $_.BatchName -like 'JournalArchive-*' -and $_.BatchName -ne $BatchName } |
        Group-Object -Property BatchName
    foreach ($group in $old) {
        Write-ArchiveLog ('older batch {0}: {1} complete requests' -f $group.Name, $group.Count)
    }
}

# The tape robot fetches what is in the staging folder at night. What is older
# than three days was not fetched; somebody has to look at it.
function Write-StagingLeftovers {
    param([string]$Folder)
    $limit = (Get-Date).AddDays(-3)
    $files = Get-ChildItem -Path $Folder -ErrorAction SilentlyContinue |
        Where-Object { -not $_.PSIsContainer -and $_.LastWriteTime -lt $limit }
    foreach ($file in $files) {
        $age = (Get-Date) - $file.LastWriteTime
        $text = '{0} is {1} days old, {2}' -f $file.Name, [int]$age.TotalDays, (Format-Size $file.Length)
        Write-ArchiveLog $text 'WARN'
    }
}

#--- Run ----------------------------------------------------------------------

Limit-LogFolder -Folder $LogFolder -Days $KeepLogDays
$started = Get-Date

Write-ArchiveSection 'Checks'
Write-ArchiveLog (Get-RunMark)
Write-RetentionTable
Test-OwnerList -Names $Owners
Import-ExchangeShell
Test-MailboxReplicationService
Test-ArchiveTarget -Folder ('{0}\{1}' -f $ArchiveRoot, $Wave)
Test-ArchiveTarget -Folder $StagingRoot
Test-StagingSpace -Drive 'C:' -MinimumGB 200
Write-DatabaseSizes
Write-OldBatches
Write-StagingLeftovers -Folder $StagingRoot

Write-ArchiveSection 'Owners'
foreach ($owner in $Owners) {
    $target = '{0}\{1}\{2}.pst' -f $ArchiveRoot, $Wave, $owner
    Submit-MailboxArchive -Owner $owner -Target $target -Label "$Wave $owner"
}

Write-ArchiveSection 'Retired database'
foreach ($box in Get-Mailbox -Database $Retired -ResultSize Unlimited) {
    Submit-MailboxArchive -Owner $box.Alias -Target "$StagingRoot\$($box.Alias).pst" -Label "$Retired $($box.Alias)"
}

Write-ArchiveSection 'Queue'
Wait-ArchiveBatch -Batch $BatchName -Minutes 240

Write-ArchiveSection 'Summary'
$rows = Get-ArchiveSummary -Batch $BatchName
$table = ConvertTo-SummaryTable -Rows $rows
Save-ArchiveSummary -Table $table -Folder $LogFolder
Save-OfficeReports -Rows $rows -Folder $LogFolder
Write-RefusedList
$took = (Get-Date) - $started
Send-ArchiveSummary -Table $table -Took $took
Set-RunMark -Began $started -Queued $Submitted.Count -Failed $Refused.Count
Write-RunEvent -Queued $Submitted.Count -Failed $Refused.Count
Write-ArchiveLog ('done in ' + (Format-Duration $took))
