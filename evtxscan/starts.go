package evtxscan

import (
	"cmp"
	"slices"
	"strings"
)

// This file notes where processes begin to run PowerShell, since their ids are
// used again.
//
// The rules are:
//   - Only records of PowerShell itself are asked, which are walked anyway. The
//     classic log has no process id, and process creations and reboots stand in
//     chunks that are passed over.
//   - 40961 is the first thing that the console host does, once in a process.
//   - 53504 tells of every process that opens a runspace, from PowerShell 5 on,
//     the remoting host and programs that embed PowerShell included. It comes a
//     moment after 40961; in the same process again for each further domain of
//     an application, and when another process that was attached to it leaves.
//   - 40962 tells nothing more: it comes when both are there, and blocks may
//     stand between.
//   - What stands in slack is not asked: where it belongs is not sure enough to
//     tell two processes apart.

const (
	consoleStarting = 40961
	ipcListening    = 53504
)

// Start is a record that says that a process began to run PowerShell.
type Start struct {
	Computer, HostKey string // as in [System]
	ProcessID         uint32
	Time              FileTime
	Console           bool // its console host started; else it opened a runspace
}

func isStart(s *System) bool {
	return (s.EventID == consoleStarting || s.EventID == ipcListening) && isPowerShellProvider(s.Provider) && s.ProcessID != 0
}

func startOf(s *System) Start {
	return Start{s.Computer, s.HostKey, s.ProcessID, s.Time, s.EventID == consoleStarting}
}

// sortStarts orders starts by host, process id and time, and drops copies.
func sortStarts(starts []Start) []Start {
	slices.SortFunc(starts, func(a, b Start) int {
		console := func(s Start) int {
			if s.Console {
				return 0
			}
			return 1
		}
		return cmp.Or(
			strings.Compare(a.Computer, b.Computer), strings.Compare(a.HostKey, b.HostKey), cmp.Compare(a.ProcessID, b.ProcessID),
			CompareTime(a.Time, b.Time), cmp.Compare(console(a), console(b)),
		)
	})
	return slices.Compact(starts)
}
