package main

import (
	"fmt"
	"strings"
)

// This file makes the texts that are lists: the script that maintains the
// distribution groups, and the module with the proxies of remote commands.

// groupScript returns a text nearly as long as one that PowerShell does not cut:
// it fills the chunk between two fragments of the bulk export script.
func groupScript() string {
	offices := []string{"Bergen", "Rotterdam", "Trieste", "Lagos", "Yokohama", "Aarhus", "Malaga", "Gdansk", "Leeds", "Tartu"}
	departments := []string{
		"Finance", "Legal", "Sales", "Purchasing", "Engineering", "Quality", "Logistics", "Facilities",
		"Research", "Service", "Training", "Communication", "Audit", "Payroll", "Safety",
	}
	var b strings.Builder
	b.WriteString(`# Keeps one distribution group for each department of each office. The list is
# the whole truth: a group that is not in it is reported, never removed.
#
# History
#   2021  written for the merger; nine offices, one group for each department
#   2022  people without a mail address are left out, they broke the address list
#   2023  Tartu opened; the groups are made by the service desk before this runs
#   2024  members are compared by account name, since display names changed twice
#   2025  hidden groups were given up; the column stays, the import expects it
#
# If a search base is wrong the whole department would be removed from its group.
# Run with the list of one office first, and look at the log before the rest.
#
# Questions to the directory team, directory@corp.example.
$log = 'C:\Scripts\AD\groups.log'
$groups = @(
`)
	for _, office := range offices {
		for _, department := range departments {
			fmt.Fprintf(&b, "    @{ Name = 'DL %s %s'; Search = 'OU=%[2]s,OU=%[1]s,OU=Staff,DC=corp,DC=example'; Hidden = $false }\n", office, department)
		}
	}
	b.WriteString(`)

function Write-GroupLog {
    param([string]$Text)
    Add-Content -Path $log -Value ('{0:yyyy-MM-dd HH:mm:ss} {1}' -f (Get-Date), $Text)
}

foreach ($group in $groups) {
    $wanted = Get-ADUser -SearchBase $group.Search -Filter 'Enabled -eq $true' -Properties mail |
        Where-Object { $_.mail } | Select-Object -ExpandProperty SamAccountName
    $there = Get-ADGroupMember -Identity $group.Name | Select-Object -ExpandProperty SamAccountName
    foreach ($name in $wanted) {
        if ($there -notcontains $name) {
            Add-ADGroupMember -Identity $group.Name -Members $name
            Write-GroupLog ('{0}: added {1}' -f $group.Name, $name)
        }
    }
    foreach ($name in $there) {
        if ($wanted -notcontains $name) {
            Remove-ADGroupMember -Identity $group.Name -Members $name -Confirm:$false
            Write-GroupLog ('{0}: removed {1}' -f $group.Name, $name)
        }
    }
}

$known = $groups | ForEach-Object { $_.Name }
Get-ADGroup -Filter "Name -like 'DL *'" | Where-Object { $known -notcontains $_.Name } |
    ForEach-Object { Write-GroupLog ('not in the list: ' + $_.Name) }
`)
	return windowsLines(b.String())
}

// proxyParameters are the parameters of the commands that a proxy module may
// hold, as far as they matter here.
var proxyParameters = map[string][]string{
	"Get-Mailbox":                  {"Identity", "Database", "Server", "Filter", "OrganizationalUnit", "ResultSize", "Archive"},
	"Get-MailboxExportRequest":     {"Identity", "Mailbox", "Name", "Status", "BatchName", "ResultSize"},
	"Get-ManagementRoleAssignment": {"Identity", "Role", "RoleAssignee", "GetEffectiveUsers", "Enabled"},
	"New-ManagementRoleAssignment": {"Name", "Role", "User", "SecurityGroup", "Policy", "Computer", "Delegating"},
	"New-MailboxExportRequest": {
		"Mailbox", "FilePath", "SourceRootFolder", "TargetRootFolder", "IncludeFolders", "ExcludeFolders",
		"ExcludeDumpster", "IsArchive", "ContentFilter", "BadItemLimit", "LargeItemLimit", "BatchName", "Name",
		"Priority", "AcceptLargeDataLoss", "CompletedRequestAgeLimit", "DomainController", "Suspend", "WhatIf", "Confirm",
	},
}

// proxyModule returns a module like the one that Import-PSSession writes, with
// a function for each command that sends its parameters to the session.
func proxyModule(commands []string) string {
	var b strings.Builder
	b.WriteString(`param([System.Management.Automation.Runspaces.PSSession] $PSSessionOverride)

$script:__psImplicitRemoting_versionOfScriptGenerator = '1.0'
$script:WriteHost = $executionContext.InvokeCommand.GetCommand('Write-Host', [System.Management.Automation.CommandTypes]::Cmdlet)
$script:InvokeCommand = $executionContext.InvokeCommand.GetCommand('Invoke-Command', [System.Management.Automation.CommandTypes]::Cmdlet)
$script:SetItem = $executionContext.InvokeCommand.GetCommand('Set-Item', [System.Management.Automation.CommandTypes]::Cmdlet)
$script:PSSession = $null

function Get-PSImplicitRemotingModuleName { 'tmp_k2wq0x5d.o1f' }

function Get-PSImplicitRemotingSession {
    param([string] $commandName)
    if (($null -eq $script:PSSession) -or ($script:PSSession.Runspace.RunspaceStateInfo.State -ne 'Opened')) {
        & $script:WriteHost -Object "Creating a new session for implicit remoting of '$commandName' ..."
        $script:PSSession = New-PSSession -ConfigurationName Microsoft.Exchange -ConnectionUri 'http://ex01.corp.example/PowerShell/' -Authentication Kerberos
    }
    return $script:PSSession
}

function Get-PSImplicitRemotingClientSideParameters {
    param([object] $boundParameters, [bool] $proxyForCmdlet)
    $own = @{}
    foreach ($name in 'AsJob', 'OutVariable', 'OutBuffer') {
        if ($proxyForCmdlet -and $boundParameters.ContainsKey($name)) {
            $own.Add($name, $boundParameters[$name])
        }
    }
    return $own
}
`)
	for _, command := range commands {
		b.WriteString(proxyFunction(command))
	}
	fmt.Fprintf(&b, "\nExport-ModuleMember -Function @('%s')\n", strings.Join(commands, "', '"))
	return windowsLines(b.String())
}

func proxyFunction(command string) string {
	var parameters []string
	for _, name := range proxyParameters[command] {
		parameters = append(parameters, "        ${"+name+"}")
	}
	return fmt.Sprintf(`
& $script:SetItem 'function:script:%[1]s' {
    param(
%[2]s,
        [switch] ${AsJob}
    )
    Begin {
        $client = Get-PSImplicitRemotingClientSideParameters $PSBoundParameters $true
        $script:steppable = { & $script:InvokeCommand @client -HideComputerName -Session (Get-PSImplicitRemotingSession -CommandName '%[1]s') -Arg ('%[1]s', $PSBoundParameters) -Script { param($name, $bound) & $name @bound } }.GetSteppablePipeline($myInvocation.CommandOrigin)
        $script:steppable.Begin($myInvocation.ExpectingInput, $executionContext)
    }
    Process { $script:steppable.Process($_) }
    End { $script:steppable.End() }
    # .ForwardHelpTargetName %[1]s
    # .ForwardHelpCategory Cmdlet
}
`, command, strings.Join(parameters, ",\n"))
}
