package powershell

import (
	"strings"
	"testing"
)

// TestWrittenCases runs scripts whose calls were worked out by hand from the
// engine's rules, with the answers of the recorded ones' commands.
func TestWrittenCases(t *testing.T) {
	cases := readRecorded(t, "../../testdata/powershell/cases.jsonl")
	if len(cases) != 933 {
		t.Fatalf("%d cases, want 933", len(cases))
	}
	for i := range cases {
		c := &cases[i]
		t.Run(c.Name, func(t *testing.T) {
			if c.tagged("parse-error") != brokenAnywhere(c) {
				t.Errorf("a syntax error: %v, want %v", !c.tagged("parse-error"), c.tagged("parse-error"))
			}
			if problem := checkExport(c); problem != "" {
				t.Errorf("%s\n  script:\n    %s", problem, strings.ReplaceAll(strings.Join(c.Blocks, "\n----\n"), "\n", "\n    "))
			}
		})
	}
}

// brokenAnywhere tells whether one of the blocks would not have been run at all.
func brokenAnywhere(c *recordedScript) bool {
	dialect := WindowsPowerShell
	if c.tagged("ps7") {
		dialect = PowerShellCore
	}
	for _, text := range c.Blocks {
		if len(Parse(text, dialect).Errors) > 0 {
			return true
		}
	}
	return false
}
