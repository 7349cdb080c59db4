package main

import (
	"fmt"
	"io"
	"runtime/debug"
	"strings"

	"pstrail/report"
)

const helpHead = `Usage: pstrail [flags] EVIDENCE...

Finds mailbox exports to PST files (New-MailboxExportRequest) in the PowerShell
that Windows event logs recorded: who, when, on which host, which mailboxes, to
which paths, from which record in which file; and what could not be read.

EVIDENCE is an event log (.evtx) or a folder, which is searched with everything
below it. What a file is, its content decides, not its name. The evidence is
opened read-only, nothing in it is executed, and no network is used.
`

const helpTail = `
Exit status:
    0  nothing found, everything examined
   10  found
   20  nothing found, but not everything could be examined
   30  found, and not everything could be examined
   64  wrong usage
   66  no evidence: a path does not exist, or holds no event log
   73  an output is refused or cannot be created
   74  an output cannot be written
  130  interrupted; no report is written

Examples:
  pstrail logs
      prints what the logs in a folder show
  pstrail --since 2026-01-12 -o out/a.json -o out/a.csv logs DC01.evtx
      writes two reports of what began or lasted after 2026-01-12 00:00 UTC
`

// writeHelp prints the help, made from the flag table.
func writeHelp(w io.Writer) error {
	var b strings.Builder
	b.WriteString(helpHead)
	table := new(options).flagTable()
	for _, group := range []string{groupReport, groupEvidence, groupProgram} {
		fs := flagSet(table, func(d flagDef) bool { return d.group == group && d.target != nil })
		fmt.Fprintf(&b, "\n%s:\n%s", group, fs.FlagUsagesWrapped(80))
	}
	b.WriteString(helpTail)
	_, err := io.WriteString(w, b.String())
	return err
}

// build returns what the binary knows of its making. It holds no time, so that
// equal sources give equal reports.
func build() (tool report.Tool, goVersion string) {
	tool = report.Tool{Name: "pstrail", Version: "(devel)"}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return tool, ""
	}
	if info.Main.Version != "" {
		tool.Version = info.Main.Version
	}
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			tool.Commit = s.Value + tool.Commit
		case s.Key == "vcs.modified" && s.Value == "true":
			tool.Commit += "+modified"
		}
	}
	return tool, info.GoVersion
}

func writeVersion(w io.Writer) error {
	tool, goVersion := build()
	commit := tool.Commit
	if commit == "" {
		commit = "unknown"
	}
	_, err := fmt.Fprintf(w, "%s %s, commit %s, %s\n", tool.Name, tool.Version, commit, goVersion)
	return err
}
