package powershell

import (
	"strings"
	"testing"
)

// TestRunRealScripts runs scripts that nobody wrote for a test, many of them
// obfuscated, as a script file, as typed and as invoked, within a small
// budget: none exports a mailbox.
func TestRunRealScripts(t *testing.T) {
	runs, ended := 0, 0
	for _, s := range realScripts(t) {
		tree := Parse(s.text, WindowsPowerShell)
		for _, b := range []Logged{{Tree: tree, Script: true}, {Tree: tree, Fresh: true}, {Tree: tree, Invoked: true}} {
			r := Run(newExportHost(), []Logged{b}, Budget{Steps: 30_000})
			if len(r.Events) > 0 || strings.HasPrefix(r.Limit, "internal") {
				t.Errorf("%s: %d calls, limit %q", s.name, len(r.Events), r.Limit)
			}
			runs++
			if r.Limit == "" {
				ended++
			}
		}
	}
	t.Logf("%d of %d runs end within the budget", ended, runs)
}
