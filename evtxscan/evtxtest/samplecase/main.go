// Command samplecase writes the sample case, a small invented collection of
// event logs. Equal versions write equal bytes.
//
//	go run ./samplecase FOLDER
//
// The case: in January 2026, somebody at corp.example exports mailboxes from
// the Exchange server EX01. Three accounts do it in three ways, and two of the
// logs have been rotated or cut since.
//
// # What a report on it must say
//
// Calls of New-MailboxExportRequest, all started:
//
//	time (UTC)           host  account            pid    block                      EventRecordIDs
//	2026-01-12 20:33:02  EX01  CORP\adm.kessler   10344  typed, a bare UNC path     48330
//	2026-01-12 20:35:27  EX01  CORP\adm.kessler   10344  typed, $root of 20:34:51   48332
//	2026-01-12 21:40:05  EX01  CORP\svc-exarchive 8812   Export-JournalArchive.ps1  48345, 48346, 48348
//	2026-01-13 02:17:46  WS07  CORP\l.fontaine    9704   Invoke-Command -Session    9121
//
//	mailbox        PST path                                                            from
//	e.dahl         \\fs02.corp.example\legal$\hold-114\e.dahl.pst                      20:33:02
//	j.marchetti    \\fs02.corp.example\legal$\hold-114\j.marchetti.pst (archive)       20:35:27
//	h.lindqvist    \\fs02.corp.example\archive$\2026-Q1\h.lindqvist.pst                21:40:05
//	m.okafor       \\fs02.corp.example\archive$\2026-Q1\m.okafor.pst                   21:40:05
//	r.castellano   \\fs02.corp.example\archive$\2026-Q1\r.castellano.pst               21:40:05
//	s.yamada       \\fs02.corp.example\archive$\2026-Q1\s.yamada.pst                   21:40:05
//	t.novak        \\fs02.corp.example\archive$\2026-Q1\t.novak.pst                    21:40:05
//	{$box.Alias}   \\127.0.0.1\c$\ExchangeStaging\{$box.Alias}.pst, over
//	               Get-Mailbox -Database DB03 -ResultSize Unlimited                    21:40:05
//	c.abara        \\ex01.corp.example\c$\inetpub\wwwroot\aspnet_client\c.abara.pst    02:17:46
//
// The bulk script makes six calls, all in the function Submit-MailboxArchive,
// which splats a hashtable; its path is
// C:\ProgramData\ExAudit\Export-JournalArchive.ps1. The function was logged on
// its own too, at 21:40:24. The cut between the first two fragments falls
// inside the only "New-MailboxExportRequest" of the text: the rule matches the
// whole script and none of its fragments, nor the function on its own. It
// matches the other three calls.
//
// Mentions, all of CORP\adm.kessler on EX01, none matched by the rule:
// Import-PSSession -CommandName at 20:03:38, the module with its proxies at
// 20:03:44, Get-Help at 20:05:20. Nothing is undecided, latent or an attempt.
//
// Acts around them: New-ManagementRoleAssignment for "Mailbox Import Export"
// at 20:06:31 (svc-exarchive) and 20:07:15 (group Sync Operators), and
// Remove-MailboxExportRequest at 20:52:38, of CORP\adm.kessler.
//
// Other witnesses: MSExchange Management has event 1 for the exports of
// e.dahl, j.marchetti, h.lindqvist, m.okafor, r.castellano, s.yamada and
// c.abara, and for i.brandt, k.ferrante and p.osei, which are the mailboxes of
// DB03; event 6 for t.novak, whose mailbox was not found. Security of EX01 has
// 5145 for two of the PST files, and with that of WS07 names all accounts.
//
// # The logs
//
//	EX01.corp.example/Archive-...evtx             native; ends with fragment 1 of the bulk script
//	EX01.corp.example/...PowerShell%4Operational  native, dirty, preallocated; fragments 2 and 3 in two chunks
//	EX01.corp.example/MSExchange Management.evtx  exported; header ids differ from EventRecordIDs
//	EX01.corp.example/Security.evtx               native
//	EX01.corp.example/Windows PowerShell.evtx     native; event 400 of the processes
//	WEC01.corp.example/ForwardedEvents.evtx       forwarded; what WS07 and WS11 sent on the 13th
//	WS07.corp.example/...PowerShell%4Operational  native; cut inside its second chunk, with the call in
//	                                              the lost part
//	WS07.corp.example/Security.evtx               native
package main

import (
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: samplecase FOLDER")
		os.Exit(64)
	}
	if err := write(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "samplecase:", err)
		os.Exit(1)
	}
}

// write puts the case into a folder. What else is there stays.
func write(folder string) error {
	for _, f := range logs() {
		path := filepath.Join(folder, filepath.FromSlash(f.name))
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			return err
		}
		if err := os.WriteFile(path, f.data, 0o666); err != nil {
			return err
		}
	}
	return nil
}
