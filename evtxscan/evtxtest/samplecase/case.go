package main

import (
	"time"

	"pstrail/evtxscan/evtxtest"
)

const (
	ex01  = "EX01.corp.example"
	ws07  = "WS07.corp.example"
	ws11  = "WS11.corp.example"
	wec01 = "WEC01.corp.example"

	bulkScript      = "Export-JournalArchive.ps1"
	powerShellLogs  = "Microsoft-Windows-PowerShell%4Operational"
	archivedAt      = "2026-01-12-21-40-05-412"
	domainSID       = "S-1-5-21-1004336348-1177238915-682003330-"
	firstRecordEX01 = 48_213
	firstRecordWS07 = 9_027
)

// account is somebody of the case.
type account struct {
	name, sid string
	canonical string // name in the directory
}

var (
	system    = account{"SYSTEM", "S-1-5-18", ""}
	tveit     = account{"adm.tveit", domainSID + "1142", "corp.example/Administration/Tveit, Sunniva (admin)"}
	kessler   = account{"adm.kessler", domainSID + "1107", "corp.example/Administration/Kessler, Jonas (admin)"}
	exarchive = account{"svc-exarchive", domainSID + "1618", "corp.example/Service Accounts/svc-exarchive"}
	fontaine  = account{"l.fontaine", domainSID + "1233", "corp.example/Staff/Trieste/Fontaine, Lea"}
)

const (
	console  = `"C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe"`
	taskHost = `C:\Windows\System32\svchost.exe`
	desktop  = `C:\Windows\explorer.exe`
)

// processes are the PowerShell processes of the transcripts by session.
var processes = map[string]process{
	"health":   {system, 0, 1240, "powershell.exe -NoProfile -ExecutionPolicy RemoteSigned -File C:\\Scripts\\Health\\Test-MailFlow.ps1", taskHost},
	"sync":     {system, 6188, 1240, "powershell.exe -NoProfile -ExecutionPolicy RemoteSigned -File C:\\Scripts\\AD\\Sync-DistributionGroups.ps1", taskHost},
	"defender": {system, 2980, 1240, "powershell.exe -NoProfile -File \"C:\\ProgramData\\Microsoft\\Windows Defender\\Scripts\\Get-ExclusionState.ps1\"", taskHost},
	"morning":  {tveit, 5120, 4404, console + " -NoProfile", desktop},
	"profile":  {tveit, 7344, 4404, console, desktop},
	"morning2": {tveit, 6408, 4988, console + " -NoProfile", desktop},
	"grant":    {kessler, 9120, 8256, console + " -NoProfile", desktop},
	"typed":    {kessler, 10344, 8256, console + " -NoProfile", desktop},
	"archive":  {exarchive, 8812, 1240, "powershell.exe -NoProfile -NonInteractive -ExecutionPolicy RemoteSigned -File C:\\ProgramData\\ExAudit\\Export-JournalArchive.ps1", taskHost},
	"agent":    {system, 0, 1184, "powershell.exe -NoProfile -ExecutionPolicy RemoteSigned -File C:\\ProgramData\\Inventory\\Get-SoftwareInventory.ps1", taskHost},
	"desk":     {fontaine, 4616, 3920, console, desktop},
	"remote":   {fontaine, 9704, 3920, console + " -NoProfile -WindowStyle Minimized", desktop},
}

// file is one log of the case; its name is a path with '/'.
type file struct {
	name string
	data []byte
}

// logs returns the case.
func logs() []file {
	archive, live := exchangePowerShell()
	desk := powerShellLog(ws07, transcript("ws07.txt"))
	return []file{
		{ex01 + "/Archive-" + powerShellLogs + "-" + archivedAt + ".evtx", archive},
		{ex01 + "/" + powerShellLogs + ".evtx", live},
		{ex01 + "/MSExchange Management.evtx", exchangeManagement()},
		{ex01 + "/Security.evtx", exchangeSecurity()},
		{ex01 + "/Windows PowerShell.evtx", engineStarts()},
		{wec01 + "/ForwardedEvents.evtx", forwarded(desk)},
		{ws07 + "/" + powerShellLogs + ".evtx", cutLog(desk)},
		{ws07 + "/Security.evtx", deskSecurity()},
	}
}

// exchangePowerShell returns the PowerShell log of the Exchange server and its
// predecessor, which was closed when the first fragment of the bulk script had
// been written.
func exchangePowerShell() (archive, live []byte) {
	events := powerShellLog(ex01, transcript("ex01.txt"))
	before := evtxtest.Log{Shape: evtxtest.Native, FirstID: firstRecordEX01}
	n := 0
	for ; !isFirstFragment(events[n]); n++ {
		before.Add(events[n])
	}
	before.Add(events[n])
	after := evtxtest.Log{
		Shape: evtxtest.Native, FirstID: firstRecordEX01 + uint64(n) + 1, Dirty: true, Preallocated: 1,
	}
	after.Add(events[n+1:]...)
	return before.Bytes(), after.Bytes()
}

func isFirstFragment(e evtxtest.Event) bool {
	return e.ID == evtxtest.ScriptBlockLogged.ID && e.Data[0].Text == "1" && e.Data[1].Text != "1"
}

// cutLog returns a log of which the copying broke off inside the second chunk.
func cutLog(events []evtxtest.Event) []byte {
	log := evtxtest.Log{Shape: evtxtest.Native, FirstID: firstRecordWS07}
	log.Add(events...)
	const rest = 29_184
	return evtxtest.Damaged(log.Bytes(), evtxtest.Cut(evtxtest.Slot(1)+rest))
}

// forwarded returns what two workstations sent to the collector on the 13th:
// script blocks with the record ids of their own logs.
func forwarded(desk []evtxtest.Event) []byte {
	log := evtxtest.Log{Shape: evtxtest.Forwarded, FirstID: 77_310}
	from := evtxtest.Clock("2026-01-13T00:00:00Z")
	other := evtxtest.ScriptBlock{
		ID: guid(ws11, "agent"), Text: script("Get-SoftwareInventory.ps1"),
		Path: `C:\ProgramData\Inventory\Get-SoftwareInventory.ps1`,
	}.Events(evtxtest.ScriptBlockLogged, processOf("agent 11").origin(ws11), from.Add(61*time.Minute))
	other[0].RecordID = 3118
	sent := false
	for i, e := range desk {
		e.RecordID = firstRecordWS07 + uint64(i)
		if e.Time < from || e.ID != evtxtest.ScriptBlockLogged.ID {
			continue
		}
		if !sent && e.Time > other[0].Time {
			log.Add(other...)
			sent = true
		}
		e.Written = e.Time.Add(3 * time.Second)
		log.Add(e)
	}
	return log.Bytes()
}
