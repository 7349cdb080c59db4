package powershell

import (
	"strings"
	"testing"
)

func BenchmarkRun(b *testing.B) {
	for _, c := range []struct{ name, script string }{
		{"empty", "1"},
		{"loop", "foreach ($i in 1..1000) { $n += $i; \"$n\" | Out-Null }"},
		{"unknown loop", "foreach ($m in Get-X) { if ($m.A) { $s = 1 } else { $s = 2 }; Act \"$s$($m.B)\" }"},
		{"decode", "$k = 42; $o = ''; foreach ($b in " + strings.Repeat("100,", 999) + "1) { $o += [char]($b -bxor $k) }"},
	} {
		b.Run(c.name, func(b *testing.B) {
			tree := Parse(c.script, WindowsPowerShell)
			b.ReportAllocs()
			for b.Loop() {
				Run(actHost{}, []Logged{{Tree: tree}}, Budget{})
			}
		})
	}
}

// FuzzRun runs any text that a log can hold: it must end, within its budget, and
// without a panic.
func FuzzRun(f *testing.F) {
	for _, c := range readSeeds(f) {
		f.Add(c)
	}
	f.Fuzz(func(t *testing.T, script string) {
		if len(script) > 4096 || stringFromUnits(utf16Units(script)) != script {
			return
		}
		tree := Parse(script, WindowsPowerShell)
		r := Run(newExportHost(), []Logged{{Tree: tree, Script: true}, {Tree: tree, Invoked: true}}, Budget{Steps: 20_000, Text: 1 << 16, Paths: 8})
		if strings.HasPrefix(r.Limit, "internal") {
			t.Fatalf("%s\n%s", r.Limit, script)
		}
	})
}
