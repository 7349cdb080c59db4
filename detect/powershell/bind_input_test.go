package powershell

import (
	"strings"
	"testing"
)

// Each script runs f, which calls Act with what it was given.
func TestInputBinding(t *testing.T) {
	type parameters struct{ name, text string }
	var (
		byName = parameters{"by name", `param([Parameter(ValueFromPipelineByPropertyName)][string]$A = 'a0', [Parameter(ValueFromPipelineByPropertyName)][Alias('Bee')]$B)`}
		both   = parameters{"by value and by name", `param([Parameter(ValueFromPipeline, ValueFromPipelineByPropertyName)][string]$A, $B)`}
		number = parameters{"a number by value", `param([Parameter(ValueFromPipeline)][int]$A = 7, $B)`}
		length = parameters{"a length", `param([Parameter(ValueFromPipelineByPropertyName)][Alias('Length')]$A, $B)`}
		must   = parameters{"mandatory", `param([Parameter(Mandatory, ValueFromPipelineByPropertyName)]$A, [Parameter(ValueFromPipelineByPropertyName)]$B)`}
		value  = parameters{"mandatory by value", `param([Parameter(Mandatory, ValueFromPipeline)][string]$A, $B)`}
		none   = parameters{"no input", `[CmdletBinding()] param($A, $B)`}
		block  = parameters{"a block", `param([Parameter(ValueFromPipeline)]$A, [Parameter(ValueFromPipelineByPropertyName)][string]$B)`}
		sets   = parameters{"sets", `[CmdletBinding(DefaultParameterSetName = 'S')] param([Parameter(ParameterSetName = 'N', ValueFromPipeline)][int]$A, [Parameter(ParameterSetName = 'S', ValueFromPipeline)][string]$B)`}
		names  = parameters{"sets by name", `param([Parameter(ParameterSetName = 'N', ValueFromPipelineByPropertyName)]$A, [Parameter(ParameterSetName = 'S', ValueFromPipeline)][string]$B)`}
		either = parameters{"sets that both fit", `param([Parameter(ParameterSetName = 'N', ValueFromPipeline)][string]$A, [Parameter(ParameterSetName = 'S', ValueFromPipeline)][string]$B)`}
	)
	for _, c := range []struct {
		of        parameters
		run, want string
	}{
		{byName, `[pscustomobject]@{ A = 'x'; B = 1 }, [pscustomobject]@{ Bee = 2 }, [pscustomobject]@{ A = 'y' } | f`, "x/1 a0/2 y/"},
		{byName, `$o = @([pscustomobject]@{ B = 1 }); if ($env:x) { $o[0] = [pscustomobject]@{ A = 'x' } }; $o += [pscustomobject]@{ B = 2 }; $o | f`, "x/? a0/1? a0/2"},
		{byName, `@{ A = 'x' } | f`, ""},
		{byName, `Get-X | f`, "{$_.A}/{$_.B}*"},
		{byName, `[pscustomobject]@{ A = 'x' } | f -A y`, ""},
		{both, `[pscustomobject]@{ A = 'x' }, 'y', 5 | f`, "x/ y/ 5/"},
		{number, `'5', 'x', 6 | f`, "5/ 6/"},
		{length, `'abc', (1, 2), 5 | f`, "3/ 2/"},
		{must, `[pscustomobject]@{ A = 'x' }, [pscustomobject]@{ B = 'y' } | f`, "x/"},
		{value, `'x', '', $null, 'y' | f`, "x/ y/"},
		{value, `f ''; f $null; f z`, "z/"},
		{none, `'x' | f`, ""},
		{none, `f x`, "x/"},
		{block, `'x', 'y' | f -B { "$_$_" }`, "x/xx y/yy"},
		{block, `f x { 1 }`, ""},
		{sets, `'x', '6', 5 | f`, "0/x 0/6 5/"},
		{names, `'x', [pscustomobject]@{ A = 'y' } | f`, "/x y/"},
		{either, `'x' | f`, "{$A}/{$B}"},
	} {
		script := "function f { " + c.of.text + ` process { Act "$A/$B" } }` + "\n" + c.run
		if got := strings.Join(act(t, script), " "); got != c.want {
			t.Errorf("%s: %s\n  got  %s\n  want %s", c.of.name, c.run, got, c.want)
		}
	}
}

func TestInputBindingOfHostCommand(t *testing.T) {
	for _, c := range []struct{ script, want string }{
		{`[pscustomobject]@{ Mailbox = 'a' }, [pscustomobject]@{ x = 1 }, 'b' | New-MailboxExportRequest -FilePath \\f\x.pst`,
			"a | \\\\f\\x.pst\n | \\\\f\\x.pst fault:value of a wrong type\nb | \\\\f\\x.pst"},
		{`'a' | New-MailboxExportRequest -Mailbox { $_ } -FilePath \\f\x.pst`, `{{ $_ }} | \\f\x.pst`},
		{`New-MailboxExportRequest -Mailbox { $_ } -FilePath \\f\x.pst`, ` $_  | \\f\x.pst fault:value of a wrong type`},
		{`'a' | New-MailboxExportRequest -Mailbox b -FilePath \\f\x.pst`, `b | \\f\x.pst fault:value of a wrong type`},
	} {
		tree := Parse(c.script, WindowsPowerShell)
		var got []string
		for _, e := range Run(newExportHost(), []Logged{{Tree: tree, Fresh: true}}, Budget{}).Events {
			got = append(got, writeCall(e))
		}
		if s := strings.Join(got, "\n"); s != c.want {
			t.Errorf("%s\n  got  %s\n  want %s", c.script, s, c.want)
		}
	}
}

// A command's parameters are not copied for each call.
func TestBindCopiesNothing(t *testing.T) {
	in := newInterpreter(newExportHost(), Budget{})
	for _, params := range [][]ParameterInfo{in.commands.cmdlets["out-null"].Parameters, in.parametersOf(in.host.Command("New-MailboxExportRequest"))} {
		if n := testing.AllocsPerRun(100, func() { in.bind(binder{params: params}, nil) }); n > 2 {
			t.Errorf("%v allocations for %d parameters", n, len(params))
		}
	}
}
