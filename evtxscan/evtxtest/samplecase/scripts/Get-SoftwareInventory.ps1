# Inventory agent. Runs every hour on workstations and sends what has changed
# since the last run to the software catalogue.
$share = '\\inv01.corp.example\inbox'
$state = Join-Path $env:ProgramData 'Inventory\last.csv'
$roots = 'HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall\*',
         'HKLM:\SOFTWARE\WOW6432Node\Microsoft\Windows\CurrentVersion\Uninstall\*'

function Get-Product {
    param([string[]]$Keys)
    foreach ($key in $Keys) {
        Get-ItemProperty -Path $key -ErrorAction SilentlyContinue |
            Where-Object { $_.DisplayName -and -not $_.SystemComponent } |
            Select-Object DisplayName, DisplayVersion, Publisher, InstallDate
    }
}

$now = Get-Product -Keys $roots | Sort-Object DisplayName, DisplayVersion
$then = @()
if (Test-Path $state) { $then = Import-Csv -Path $state }

$changes = Compare-Object -ReferenceObject @($then) -DifferenceObject @($now) -Property DisplayName, DisplayVersion
$out = foreach ($change in $changes) {
    $what = 'removed'
    if ($change.SideIndicator -eq '=>') { $what = 'installed' }
    '{0:yyyy-MM-dd HH:mm};{1};{2};{3};{4}' -f (Get-Date), $env:COMPUTERNAME, $what, $change.DisplayName, $change.DisplayVersion
}

$now | Export-Csv -Path $state -NoTypeInformation -Encoding UTF8
if ($out) {
    $file = Join-Path $share ('{0}-{1:yyyyMMddHHmm}.csv' -f $env:COMPUTERNAME, (Get-Date))
    Set-Content -Path $file -Value $out -Encoding UTF8
}

$disks = Get-WmiObject -Class Win32_LogicalDisk -Filter 'DriveType=3' |
    Select-Object DeviceID, @{ n = 'FreeGB'; e = { [math]::Round($_.FreeSpace / 1GB, 1) } }, @{ n = 'SizeGB'; e = { [math]::Round($_.Size / 1GB, 1) } }
$os = Get-WmiObject -Class Win32_OperatingSystem
$boot = [Management.ManagementDateTimeConverter]::ToDateTime($os.LastBootUpTime)
$text = '{0} up since {1:yyyy-MM-dd HH:mm}, {2}' -f $env:COMPUTERNAME, $boot, (($disks | ForEach-Object { '{0} {1} of {2} GB free' -f $_.DeviceID, $_.FreeGB, $_.SizeGB }) -join ', ')
Add-Content -Path (Join-Path $env:ProgramData 'Inventory\agent.log') -Value $text
