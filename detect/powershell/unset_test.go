package powershell

import (
	"strings"
	"testing"
)

// TestUnset reads variables that nothing has set, in a session that may have
// begun before.
func TestUnset(t *testing.T) {
	for _, c := range []struct {
		name, want string
		texts      []string
	}{
		{"assigned nowhere", "{$root}.", []string{`Act "$root."`}},
		{"assigned by an uncalled function", "{$root}.", []string{`function f { $script:root = 'x' }; Act "$root."`}},
		{"assigned by an uncalled block", "{$root}.", []string{`$b = { $script:root = 'x' }; Act "$root."`}},
		{"a local of an uncalled function", "{$root}.", []string{`function f { $root = 'x' }; Act "$root."`}},
		{"a parameter of an uncalled function", "{$root}.", []string{`function f($root) { $root }; Act "$root."`}},
		{"a local of a function that ran", ".", []string{`function f { $root = 'x' }; f; Act "$root."`}},
		{"a function sets it", "x.", []string{`function f { $script:root = 'x' }; f; Act "$root."`}},
		{"a function that one path calls", "x.? ; {$root}.?", []string{`function f { $script:root = 'x' }; if ($u.a) { f }; Act "$root."`}},
		{"a function that one path calls later", ".? ; {$root}.?", []string{`function f { $root = 'x' }; $c = ''; if ($u.a) { $c = 'f' }; if ($c) { & $c }; Act "$root."`}},
		{"the function's own", ".", []string{`function f { Act "$root."; $root = 'x' }; f`}},
		{"of the function around a block", ".", []string{`function f { 1 | % { Act "$root." }; $root = 'x' }; f`}},
		{"in a function, assigned around it only later", ".", []string{`function f { Act "$root." }; f; $root = 'x'`}},
		{"the text's own", ".", []string{`if ($false) { $root = 'x' }; Act "$root."`}},
		{"an earlier text's", ".", []string{`$root = 'x'; Remove-Variable root`, `Act "$root."`}},
		{"a later text's", "{$root}.", []string{`Act "$root."`, `$root = 'x'`}},
		{"a text that is made", ".", []string{`iex 'if ($false) { $root = 1 }'; Act "$root."`}},
		{"Get-Variable", "{Get-Variable root -ValueOnly}", []string{`Act (Get-Variable root -ValueOnly)`}},
		{"Test-Path", "x?", []string{`if (Test-Path variable:root) { Act x }`}},
		{"Test-Path of a function", "x?", []string{`if (Test-Path function:f) { Act x }`}},
		{"content of a drive", "{$variable:root}{$function:f}", []string{`Act "$(Get-Content variable:root)$function:f"`}},
		{"a file", "{${c:/a.txt}}", []string{`Act "${c:/a.txt}"`}},
		{"no drive", ".", []string{`Act "$u:x."`}},
	} {
		var blocks []Logged
		for _, text := range c.texts {
			blocks = append(blocks, Logged{Tree: Parse(text, WindowsPowerShell)})
		}
		if got := strings.Join(actsOf(Run(actHost{}, blocks, Budget{})), " ; "); got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
}
