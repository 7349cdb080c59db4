package main

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"pstrail/evtxscan/evtxtest"
)

//go:embed scripts
var scripts embed.FS

// script returns one of the texts, with the line ends of Windows.
func script(name string) string {
	raw, err := scripts.ReadFile("scripts/" + name)
	if err != nil {
		panic(err)
	}
	return windowsLines(string(raw))
}

func windowsLines(text string) string {
	return strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\n", "\r\n")
}

// entry is one script block of a host's transcript, a text file in which a
// line
//
//	=== time session [path] [hourly n]
//
// begins each block. Its text follows, or one line that names a text:
//
//	@file name       a whole script file
//	@cut name        one that is cut into fragments inside the cmdlet's name
//	@function name   that function of the bulk export script
//	@proxy names...  the module with proxies of those commands
//	@groups          the script that maintains distribution groups
type entry struct {
	at      evtxtest.FileTime
	session string
	path    string
	text    string
	segment int
}

// transcript reads a host's transcript, with hourly blocks repeated.
func transcript(name string) []entry {
	raw, err := scripts.ReadFile("scripts/" + name)
	if err != nil {
		panic(err)
	}
	var entries []entry
	for _, part := range strings.Split(windowsLines(string(raw)), "=== ")[1:] {
		head, text, _ := strings.Cut(part, "\r\n")
		head, times, hourly := strings.Cut(head, " hourly ")
		count := 1
		if hourly {
			count, _ = strconv.Atoi(times)
		}
		clock, rest, _ := strings.Cut(head, " ")
		session, path, _ := strings.Cut(rest, " ")
		e := entry{session: session, path: path}
		e.text, e.segment = textOf(strings.TrimSuffix(text, "\r\n"))
		at := moment(clock, head+text)
		for hour := range count {
			e.at = at.Add(time.Duration(hour) * time.Hour)
			if hourly {
				e.session = fmt.Sprintf("%s %d", session, hour)
				e.at += evtxtest.FileTime(digest(e.session)[0]) * 7919
			}
			entries = append(entries, e)
		}
	}
	return entries
}

// textOf returns the text that a transcript gives or names, and the length of
// its fragments.
func textOf(text string) (string, int) {
	what, name, _ := strings.Cut(text, " ")
	switch what {
	case "@file":
		return script(name), 0
	case "@cut":
		whole := script(name)
		return whole, strings.Index(whole, "New-MailboxExportRequest") + len("New-Mailbox")
	case "@function":
		return functionOf(script(bulkScript), name), 0
	case "@proxy":
		return proxyModule(strings.Fields(name)), 0
	case "@groups":
		return groupScript(), 0
	}
	return text, 0
}

// functionOf returns the text of a function as PowerShell logs it when it is
// first called.
func functionOf(text, name string) string {
	start := strings.Index(text, "function "+name+" {")
	if start < 0 {
		panic("no function " + name)
	}
	length := strings.Index(text[start:], "\r\n}\r\n")
	return text[start : start+length+3]
}

// moment returns a time. One in whole seconds gets a fraction that depends on
// seed alone.
func moment(clock, seed string) evtxtest.FileTime {
	at := evtxtest.Clock(clock)
	if !strings.Contains(clock, ".") {
		d := digest(seed)
		at += evtxtest.FileTime(uint32(d[0])<<16|uint32(d[1])<<8|uint32(d[2])) % 9_000_000
	}
	return at
}

// process is a PowerShell process of the case.
type process struct {
	account
	id, parent uint32
	command    string // its command line
	shell      string // of the parent
}

// origin is where the events of a process come from.
func (p process) origin(host string) evtxtest.Origin {
	return evtxtest.Origin{
		Computer: host, UserSID: p.sid, ProcessID: p.id, ThreadID: p.id + 1372,
		ActivityID: guid(host, p.name, strconv.Itoa(int(p.id))),
	}
}

// processOf returns the process of a session. A session that is repeated, as
// "health 3", has a process each time.
func processOf(session string) process {
	name, run, repeated := strings.Cut(session, " ")
	p, ok := processes[name]
	if !ok {
		panic("no session " + name)
	}
	if repeated {
		d := digest(name, run)
		p.id = 2048 + 4*((uint32(d[0])<<8|uint32(d[1]))%2200)
	}
	return p
}

// powerShellLog returns the events of a host's PowerShell channel: the blocks
// of its transcript and what a process and some commands log besides.
func powerShellLog(host string, entries []entry) []evtxtest.Event {
	var events []evtxtest.Event
	started := map[string]bool{}
	for i, e := range entries {
		p := processOf(e.session)
		from := p.origin(host)
		if !started[e.session] {
			started[e.session] = true
			pid := strconv.Itoa(int(p.id))
			events = append(events,
				evtxtest.ConsoleStarting.Event(from, e.at.Add(-912*time.Millisecond)),
				evtxtest.IPCListening.Event(from, e.at.Add(-640*time.Millisecond), pid, "DefaultAppDomain"),
				evtxtest.ConsoleReady.Event(from, e.at.Add(-171*time.Millisecond)))
		}
		kind := evtxtest.ScriptBlockLogged
		if isSuspicious(e.text) {
			kind.Level = 3
		}
		block := evtxtest.ScriptBlock{
			ID: guid(host, e.session, strconv.Itoa(i), e.text), Text: e.text, Path: e.path, Segment: e.segment,
		}
		events = append(events, block.Events(kind, from, e.at)...)
		if command, _, _ := strings.Cut(e.text, " "); e.path == "" && slices.Contains(moduleLogged, command) {
			events = append(events, commandLogged(p, from, e.at.Add(38*time.Millisecond), command))
		}
	}
	slices.SortStableFunc(events, func(a, b evtxtest.Event) int {
		switch {
		case a.Time < b.Time:
			return -1
		case a.Time > b.Time:
			return 1
		}
		return 0
	})
	for i := range events {
		// The log service writes a little after the event.
		events[i].Written = events[i].Time + evtxtest.FileTime(digest(strconv.Itoa(i))[0])*211
	}
	return events
}

// isSuspicious reports whether PowerShell would log a text even without the
// policy, at level 3; these are the words of that kind that the texts hold.
func isSuspicious(text string) bool {
	return slices.ContainsFunc([]string{"Add-Type", "DllImport", " -Properties "}, func(word string) bool {
		return strings.Contains(text, word)
	})
}

// moduleLogged are the commands for which module logging was on.
var moduleLogged = []string{"Get-Queue", "Get-ExchangeCertificate", "Get-ServerComponentState", "Test-ServiceHealth"}

// commandLogged returns the event of module logging for a command.
func commandLogged(p process, from evtxtest.Origin, at evtxtest.FileTime, command string) evtxtest.Event {
	var context strings.Builder
	for _, line := range [][2]string{
		{"Severity", "Informational"}, {"Host Name", "ConsoleHost"}, {"Host Version", "5.1.17763.6414"},
		{"Host ID", guid("host", command)}, {"Host Application", p.command}, {"Engine Version", "5.1.17763.6414"},
		{"Runspace ID", guid("runspace", p.command)}, {"Pipeline ID", "7"}, {"Command Name", command},
		{"Command Type", "Cmdlet"}, {"Script Name", ""}, {"Command Path", ""}, {"Sequence Number", "22"},
		{"User", `CORP\` + p.name}, {"Connected User", ""}, {"Shell ID", "Microsoft.PowerShell"},
	} {
		fmt.Fprintf(&context, "        %s = %s\r\n", line[0], line[1])
	}
	payload := fmt.Sprintf("CommandInvocation(%s): \"%[1]s\"\r\n", command)
	return evtxtest.CommandLogged.Event(from, at, context.String(), "", payload)
}

// guid returns a GUID in lower case that depends on the parts alone.
func guid(parts ...string) string {
	d := digest(parts...)
	d[6], d[8] = d[6]&0x0f|0x40, d[8]&0x3f|0x80
	h := hex.EncodeToString(d[:16])
	return strings.Join([]string{h[:8], h[8:12], h[12:16], h[16:20], h[20:]}, "-")
}

func digest(parts ...string) []byte {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\n")))
	return sum[:]
}
