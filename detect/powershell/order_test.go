package powershell

import (
	"strings"
	"testing"
)

// What hangs on the order of a table is not known, and whether it happens is
// conditional.
func TestOrderOfTables(t *testing.T) {
	for _, c := range []struct{ script, want string }{
		{`if (@($h.Keys)[0] -eq 'b') { Act x }`, "x?"},
		{`if (@($h.Keys)[0] -eq 'a') { Act x } else { Act y }`, "x? y?"},
		{`Act (@($h.Keys)[1]); Act ($h.Count)`, "{(@($h.Keys)[1])} 2"},
		{`foreach ($k in $h.Keys) { Act $k }`, "a b"},
		{`foreach ($k in $h.Keys) { $s += $k }; Act "x$s-"`, "x{$s}-"},
		{`Act (-join $h.Values.ForEach({ $_ }))`, "{(-join $h.Values.ForEach({ $_ }))}"},
		{`$h.Remove('b'); Act (-join $h.Keys)`, "a"},
		{`& ([scriptblock]::Create("Act '$($h.Keys)'"))`, "{order of a hashtable}"},
		{`$same = @{ a = 3; b = 4 }; Act "$(@($h.Keys)[0] -eq @($same.Keys)[0])"`, "True"},
	} {
		got := strings.Join(act(t, "$h = @{ a = 1; b = 2 }\n"+c.script), " ")
		if got != c.want {
			t.Errorf("%s\n  got  %s\n  want %s", c.script, got, c.want)
		}
	}
}
