package powershell

import (
	"slices"
	"strings"
	"testing"
)

// TestOddValues gives each parameter of each cmdlet, and each method, values
// that nobody writes there: none may end the work.
func TestOddValues(t *testing.T) {
	odd := []string{
		"''.Trim", "(Get-Command Get-Item)", "$ExecutionContext", "([regex]'a')", "(New-Object Net.WebClient)", "(Get-Date)", "{a}", "([object]::new())",
		"@{a=1}", "(1..3)", "$null", "([pscustomobject]@{a=1})", "(gc x)", `"a$(gc x)b"`, "''", "-1", "([int]::MaxValue)", "1.5", "$true", "([char]65)",
		"(,'a')", "@()", "([type]'int')", "'*'", "'['", "([IO.MemoryStream]::new())", "(1..3 | select a)", "(New-Object Collections.ArrayList)",
		"([xml]'<a><b/></a>')", "([ref]$x)",
	}
	try := func(script string) {
		r := Run(newExportHost(), []Logged{{Tree: Parse(script, WindowsPowerShell), Fresh: true}}, Budget{Steps: 20000})
		if strings.HasPrefix(r.Limit, "internal") {
			t.Errorf("%s: %s", script, r.Limit)
		}
	}
	table := sharedCommands()
	for _, name := range sortedKeys(table.cmdlets) {
		for i, v := range odd {
			try(v + " | " + name + " " + odd[(i+7)%len(odd)])
			for _, p := range table.cmdlets[name].Parameters {
				if !isCommon(p.Name) {
					try(v + " | " + name + " -" + p.Name + " " + odd[(i+3)%len(odd)] + " 'x'")
				}
			}
		}
	}
	lib := newInterpreter(newExportHost(), Budget{}).lib()
	var methods []string
	for _, of := range lib.methods {
		methods = append(methods, sortedKeys(of)...)
	}
	slices.Sort(methods)
	for _, m := range slices.Compact(methods) {
		for i, v := range odd {
			other := odd[(i*7+len(m))%len(odd)]
			try(other + "." + m + "(" + v + ")")
			try("'abc'." + m + "(" + v + ", " + other + ")")
			try("(1..3)." + m + "(1, " + v + ", 2)")
		}
	}
}
