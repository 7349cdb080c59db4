package main

import (
	"fmt"
	"strconv"
	"time"

	"pstrail/evtxscan/evtxtest"
)

// This file holds what other logs than PowerShell's say of the case.

// exchangeManagement returns the log of Exchange's own commands, as saved from
// the event viewer.
func exchangeManagement() []byte {
	const (
		bulk   = ` -BatchName "JournalArchive-2026-Q1" -ExcludeFolders ("#DeletedItems#/*","#JunkEmail#/*","#RssSubscription#/*","#SyncIssues#/*","#Contacts#/*","#Tasks#/*","#Notes#/*","#Journal#/*") -ExcludeDumpster "True" -BadItemLimit "20" -Priority "Low"`
		remote = `w3wp#MSExchangePowerShellAppPool`
		local  = "powershell"
	)
	export := func(mailbox, path, name, rest string) string {
		text := fmt.Sprintf(`-Mailbox "%s" -FilePath "%s"`, mailbox, path)
		if name != "" {
			text += fmt.Sprintf(` -Name "%s"`, name)
		}
		return text + rest
	}
	owner := func(alias string) string {
		return export(alias, `\\fs02.corp.example\archive$\2026-Q1\`+alias+`.pst`, "2026-Q1 "+alias, bulk)
	}
	staged := func(alias string) string {
		return export(alias, `\\127.0.0.1\c$\ExchangeStaging\`+alias+`.pst`, "DB03 "+alias, bulk)
	}
	const hold = `\\fs02.corp.example\legal$\hold-114\`
	const request = "New-MailboxExportRequest"
	rows := []struct {
		clock      string
		by         account
		process    string
		command    string
		parameters string
		failure    string
	}{
		{"2026-01-12T07:52:11Z", tveit, "5120 " + local, "Set-Mailbox", `-Identity "a.nygaard" -ProhibitSendReceiveQuota "12 GB (12,884,901,888 bytes)" -ProhibitSendQuota "11 GB (11,811,160,064 bytes)" -IssueWarningQuota "10 GB (10,737,418,240 bytes)" -UseDatabaseQuotaDefaults "False"`, ""},
		{"2026-01-12T11:19:48Z", tveit, "7344 " + local, "New-TransportRule", `-Name "Vendor newsletter to junk" -From ("newsletter@vendor.example") -SetSCL "6" -Mode "AuditAndNotify"`, ""},
		{"2026-01-12T14:50:12Z", tveit, "7344 " + local, "Add-MailboxPermission", `-Identity "board@corp.example" -User "s.tveit" -AccessRights ("ReadPermission") -AutoMapping "False"`, ""},
		{"2026-01-12T20:06:31Z", kessler, "5668 " + remote, "New-ManagementRoleAssignment", `-Name "Import Export archive" -Role "Mailbox Import Export" -User "svc-exarchive"`, ""},
		{"2026-01-12T20:07:15Z", kessler, "5668 " + remote, "New-ManagementRoleAssignment", `-Name "Import Export sync" -Role "Mailbox Import Export" -SecurityGroup "Sync Operators"`, ""},
		{"2026-01-12T20:33:03Z", kessler, "10344 " + local, request, export("e.dahl", hold+"e.dahl.pst", "", ""), ""},
		{"2026-01-12T20:35:28Z", kessler, "10344 " + local, request, export("j.marchetti", hold+"j.marchetti.pst", "", ` -IsArchive "True"`), ""},
		{"2026-01-12T20:52:39Z", kessler, "10344 " + local, "Remove-MailboxExportRequest", `-Identity "corp.example/Staff/Bergen/Dahl, Even\MailboxExport" -Confirm "False"`, ""},
		{"2026-01-12T20:52:40Z", kessler, "10344 " + local, "Remove-MailboxExportRequest", `-Identity "corp.example/Staff/Trieste/Marchetti, Jole\MailboxExport" -Confirm "False"`, ""},
		{"2026-01-12T21:40:25Z", exarchive, "8812 " + local, request, owner("h.lindqvist"), ""},
		{"2026-01-12T21:40:27Z", exarchive, "8812 " + local, request, owner("m.okafor"), ""},
		{"2026-01-12T21:40:28Z", exarchive, "8812 " + local, request, owner("r.castellano"), ""},
		{"2026-01-12T21:40:30Z", exarchive, "8812 " + local, request, owner("s.yamada"), ""},
		{"2026-01-12T21:40:31Z", exarchive, "8812 " + local, request, owner("t.novak"), "Microsoft.Exchange.Configuration.Tasks.ManagementObjectNotFoundException: The operation couldn't be performed because object 't.novak' couldn't be found on 'dc01.corp.example'."},
		{"2026-01-12T21:40:34Z", exarchive, "8812 " + local, request, staged("i.brandt"), ""},
		{"2026-01-12T21:40:36Z", exarchive, "8812 " + local, request, staged("k.ferrante"), ""},
		{"2026-01-12T21:40:37Z", exarchive, "8812 " + local, request, staged("p.osei"), ""},
		{"2026-01-13T02:17:49Z", fontaine, "5668 " + remote, request, export("c.abara", `\\ex01.corp.example\c$\inetpub\wwwroot\aspnet_client\c.abara.pst`, "sync & archive", ` -ContentFilter "Received -gt '01/01/2025' -and Subject -like '*tender*'"`), ""},
	}
	var log evtxtest.Log
	for i, row := range rows {
		kind, seed := evtxtest.ExchangeCommand, row.clock+row.parameters
		if row.failure != "" {
			kind = evtxtest.ExchangeFailure
		}
		s := make([]string, 27) // positions are counted from 1 in the facts of the event
		s[0], s[1] = row.command, row.parameters
		s[2], s[3], s[4] = row.by.canonical, row.by.sid, row.by.sid
		s[5], s[6] = "Local-ConsoleHost-Unknown", row.process
		if row.process == "5668 "+remote {
			s[5] = "Remote-ManagementShell-Unknown"
		}
		s[8] = strconv.Itoa(20 + i)
		s[9] = fmt.Sprintf("00:00:00.%07d", 3_000_000+uint32(digest(seed)[0])*21_407)
		s[10] = "View Entire Forest: 'False', Default Scope: 'corp.example', Configuration Domain Controller: 'dc01.corp.example', Preferred Global Catalog: 'dc01.corp.example', Preferred Domain Controllers: '{ dc01.corp.example }'"
		s[11], s[14], s[17] = row.failure, "NonLocalizedException", "False"
		s[19], s[22] = "0 objects execution has been proxied to remote server.", "0"
		s[23] = "ActivityId: " + guid(seed)
		s[24], s[26] = "ServicePlan:;IsAdmin:True;", "en-US"
		e := kind.Event(evtxtest.Origin{Computer: ex01}, moment(row.clock, seed), s...)
		e.RecordID = 15_880 + 3*uint64(i)
		log.Add(e)
	}
	return log.Bytes()
}

// engineStarts returns the log "Windows PowerShell" of the Exchange server: the
// processes of the sessions, by their command lines.
func engineStarts() []byte {
	log := evtxtest.Log{Shape: evtxtest.Native, FirstID: 20_114}
	for i, row := range [][2]string{
		{"2026-01-12T07:41:17Z", "morning"}, {"2026-01-12T08:14:01Z", "profile"}, {"2026-01-12T13:30:01Z", "defender"},
		{"2026-01-12T20:03:10Z", "grant"}, {"2026-01-12T20:31:06Z", "typed"}, {"2026-01-12T21:40:04Z", "archive"},
		{"2026-01-13T07:38:43Z", "morning2"},
	} {
		command := processOf(row[1]).command
		details := fmt.Sprintf("\tNewEngineState=Available\r\n\tPreviousEngineState=None\r\n\r\n\tSequenceNumber=%d\r\n\r\n"+
			"\tHostName=ConsoleHost\r\n\tHostVersion=5.1.17763.6414\r\n\tHostId=%s\r\n\tHostApplication=%s\r\n"+
			"\tEngineVersion=5.1.17763.6414\r\n\tRunspaceId=%s\r\n\tPipelineId=\r\n\tCommandName=\r\n\tCommandType=\r\n"+
			"\tScriptName=\r\n\tCommandPath=\r\n\tCommandLine=", 13+2*i, guid("host", command), command, guid("runspace", command))
		log.Add(evtxtest.EngineStarted.Event(evtxtest.Origin{Computer: ex01}, moment(row[0], row[1]), "Available", "None", details))
	}
	return log.Bytes()
}

// securityLog makes the events of a host's Security log.
type securityLog struct {
	host   string
	events []evtxtest.Event
}

func (l *securityLog) add(clock string, kind evtxtest.Kind, values ...string) {
	from := evtxtest.Origin{Computer: l.host, ProcessID: 4, ThreadID: 5512}
	if kind.ID == evtxtest.Logon.ID {
		from.ProcessID = 712
	}
	l.events = append(l.events, kind.Event(from, moment(clock, values[0]+clock), values...))
}

// logon adds that an account logged on; logonType is 2 at the console, 3 from
// the network, 4 for a task, 10 for a remote desktop.
func (l *securityLog) logon(clock string, who account, id string, logonType int, address string) {
	method := map[int]string{2: "User32", 3: "Kerberos", 4: "Advapi", 10: "User32"}[logonType]
	l.add(clock, evtxtest.Logon,
		"S-1-5-18", l.machine(), "CORP", "0x3e7", who.sid, who.name, "CORP", id, strconv.Itoa(logonType),
		method, "Kerberos", "-", guid(clock, who.name), "-", "-", "0", "0x2c8", `C:\Windows\System32\svchost.exe`,
		address, "0", "%%1833", "-", "-", "-", "%%1843", "0x0", "%%1842")
}

// started adds that the process of a session was created.
func (l *securityLog) started(clock, session, logon string) {
	p := processOf(session)
	l.add(clock, evtxtest.ProcessCreated,
		p.sid, p.name, "CORP", logon, fmt.Sprintf("0x%x", p.id),
		`C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe`, "%%1936", fmt.Sprintf("0x%x", p.parent), p.command,
		"S-1-0-0", "-", "-", "0x0", p.shell, "S-1-16-12288")
}

// shared adds that a file of a share was accessed.
func (l *securityLog) shared(clock string, who account, logon, address, share, local, name, mask string) {
	l.add(clock, evtxtest.ShareAccessed,
		who.sid, who.name, "CORP", logon, "File", address, "50114", `\\*\`+share, local, name, mask, "%%4416\r\n\t\t\t\t", "-")
}

func (l *securityLog) machine() string { return l.host[:4] + "$" }

func (l *securityLog) bytes(first uint64) []byte {
	log := evtxtest.Log{Shape: evtxtest.Native, FirstID: first}
	for _, e := range l.events {
		e.Written = e.Time.Add(12 * time.Millisecond)
		log.Add(e)
	}
	return log.Bytes()
}

func exchangeSecurity() []byte {
	server := account{"EX01$", domainSID + "1120", ""}
	const cshare, root = "C$", `\??\C:\`
	l := &securityLog{host: ex01}
	l.logon("2026-01-12T07:40:58Z", tveit, "0x51c20e", 10, "10.20.4.12")
	l.started("2026-01-12T07:41:16Z", "morning", "0x51c20e")
	l.started("2026-01-12T08:14:00Z", "profile", "0x51c20e")
	l.logon("2026-01-12T20:02:35Z", kessler, "0x7aa3f1", 10, "10.20.7.31")
	l.started("2026-01-12T20:03:09Z", "grant", "0x7aa3f1")
	l.started("2026-01-12T20:31:05Z", "typed", "0x7aa3f1")
	l.logon("2026-01-12T21:40:01Z", exarchive, "0x7f0b52", 4, "-")
	l.started("2026-01-12T21:40:03Z", "archive", "0x7f0b52")
	l.shared("2026-01-12T21:44:50Z", server, "0x3e7", "127.0.0.1", cshare, root, `ExchangeStaging\i.brandt.pst`, "0x120196")
	l.logon("2026-01-13T02:14:32Z", fontaine, "0x8d41c7", 3, "10.20.7.31")
	l.shared("2026-01-13T02:19:03Z", server, "0x3e7", "10.20.4.20", cshare, root, `inetpub\wwwroot\aspnet_client\c.abara.pst`, "0x120196")
	l.shared("2026-01-13T02:31:56Z", fontaine, "0x8d41c7", "10.20.7.31", cshare, root, `inetpub\wwwroot\aspnet_client\c.abara.pst`, "0x120089")
	l.logon("2026-01-13T07:38:12Z", tveit, "0x99e010", 10, "10.20.4.12")
	l.started("2026-01-13T07:38:42Z", "morning2", "0x99e010")
	return l.bytes(731_004)
}

func deskSecurity() []byte {
	l := &securityLog{host: ws07}
	l.logon("2026-01-12T08:40:17Z", fontaine, "0x1f40a2", 2, "127.0.0.1")
	l.started("2026-01-12T08:55:11Z", "desk", "0x1f40a2")
	l.shared("2026-01-12T13:02:44Z", tveit, "0x2a7713", "10.20.4.12", "IPC$", "", "srvsvc", "0x120196")
	l.logon("2026-01-13T02:12:26Z", fontaine, "0x30bb9d", 10, "10.20.4.99")
	l.started("2026-01-13T02:14:07Z", "remote", "0x30bb9d")
	return l.bytes(88_410)
}
