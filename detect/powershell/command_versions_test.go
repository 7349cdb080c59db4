package powershell

import (
	"slices"
	"strings"
	"testing"
)

func TestNewParameters(t *testing.T) {
	table := newCommandTable()
	for command, names := range newParameters {
		c := table.cmdlets[foldCase(command)]
		if c == nil {
			t.Errorf("%s is not known", command)
			continue
		}
		for name := range strings.FieldsSeq(names) {
			named := func(p ParameterInfo) bool { return p.Name == name }
			if !slices.ContainsFunc(c.Parameters, named) || slices.ContainsFunc(c.windows, named) {
				t.Errorf("%s -%s: want it in version 7 only", command, name)
			}
		}
	}
	for _, c := range []struct{ text, windows, core string }{
		{`1, 2 | Where-Object -Not Count`, "throws System.Management.Automation.ParameterBindingException", ""},
		{`1, 2 | Where-Object -NotIn -Value 1 Length`, "", ""},
		{`Join-Path a b c`, "throws System.Management.Automation.ParameterBindingException", `'a\b\c'`},
		{`Split-Path a\b.c -LeafBase`, "throws System.Management.Automation.ParameterBindingException", "'b'"},
		{`2, 1 | Sort-Object -Top 1`, "throws System.Management.Automation.ParameterBindingException", "1"},
		{`1 | ForEach-Object -Parallel { $_ }`, "throws System.Management.Automation.ParameterBindingException", "1"},
	} {
		if got := evaluate(t, c.text, WindowsPowerShell); got != c.windows {
			t.Errorf("%s: got %s, want %s", c.text, got, c.windows)
		}
		if got := evaluate(t, c.text, PowerShellCore); got != c.core {
			t.Errorf("%s in 7: got %s, want %s", c.text, got, c.core)
		}
	}
}
