package powershell

import (
	"slices"
	"testing"
)

// A block that is run aside leaves nothing to those after it, and a session
// that ends says with which block.
func TestAside(t *testing.T) {
	parse := func(text string) *Tree { return Parse(text, WindowsPowerShell) }
	for _, c := range []struct {
		name   string
		blocks []Logged
		want   []string
		done   int
	}{
		{
			"a variable", []Logged{
				{Tree: parse("$m = 'a'; $h = @{x = 1}; $l = 1, 2")},
				{Tree: parse("$m = 'b'; $h.x = 2; $l[0] = 3; $n = 'c'; function f { 'd' }; Act $m"), Aside: true},
				{Tree: parse(`Act "$m $($h.x) $($l[0]) $(f)"`)},
			},
			[]string{"b", "a 1 1 {f}"}, 3,
		},
		{
			"several ways", []Logged{
				{Tree: parse("$m = 'a'")},
				{Tree: parse("if (Test-Path x) { $m = 'b' } else { $m = 'c'; exit }; Act $m"), Aside: true},
				{Tree: parse("Act $m")},
			},
			[]string{"b", "a"}, 3,
		},
		{
			"the session ends", []Logged{
				{Tree: parse("exit"), Aside: true},
				{Tree: parse("Act a; exit")},
				{Tree: parse("Act b")},
			},
			[]string{"a"}, 2,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := Run(actHost{}, c.blocks, Budget{})
			var got []string
			for _, ev := range r.Events {
				got = append(got, partsText(Parts(ev.Arguments[0].Value)))
			}
			if !slices.Equal(got, c.want) || r.Done != c.done || r.Limit != "" {
				t.Errorf("%q, done %d %q", got, r.Done, r.Limit)
			}
		})
	}
}
