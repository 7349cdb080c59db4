package powershell

import "testing"

// TestRefused reads what is well formed, and refused by the engine all the same.
func TestRefused(t *testing.T) {
	for _, text := range []string{
		"class C { [void] m() { Act $x } }",
		"class C { [void] m() { Act \"a$x\" } }",
		"class C { [void] m() { Act @x } }",
		"class C { static [void] m() { Act $this.a } }",
		"class C { [string] m() { Act 1 } }",
		"class C { [string] m($a) { if ($a) { return 1 } } }",
		"class C { [string] m($a) { if ($a) { return 1 } else { Act 1 } } }",
		"class C { [string] m($a) { foreach ($x in $a) { return $x } } }",
		"class C { [string] m($a) { while ($a) { return 1 } } }",
		"class C { [string] m($a) { for (;$a;) { return 1 } } }",
		"class C { [string] m($a) { try { return 1 } catch { Act 1 } } }",
		"class C { [string] m($a) { switch ($a) { 1 { return 1 } } } }",
		"class C { [string]$a; [int]$A }",
		"class C { [void] m([int]$a) { } [void] M([int]$b) { } }",
		"enum E { a; A }",
		"class C { }; enum c { a }",
		"function f([void]$a) { }",
		"try { a } catch [Exception] { b } catch [IO.IOException] { c }",
		"try { a } catch [System.IO.IOException] { b } catch [IO.FileNotFoundException] { c }",
		"try { a } catch [ArgumentException] { b } catch [System.ArgumentException] { c }",
		"data { Act 1 }",
		"data d { $x }",
		"data d { \"$x\" }",
		"data d { @{ a = 'b'.Length } }",
		"data d { foreach ($x in 1) { 1 } }",
		"data d -SupportedCommand Act { . Act 1 }",
		"data d -SupportedCommand Act { & ('Act') 1 }",
		"data d -SupportedCommand Act { Act 1 > x }",
		"data d { { 1 } }",
	} {
		if tree := Parse(text+"\na", WindowsPowerShell); len(tree.Errors) == 0 || tree.Errors[0].Incomplete {
			t.Errorf("%q: %v", text, tree.Errors)
		}
	}
	for _, text := range []string{
		"class C { [void] m() { if ($true) { $x = 1 }; Act $x } }",
		"class C { [void] m() { Act $x; $x = 1 } }",
		"class C { [void] m($x) { Act $x $_ $Error $env:x $script:y $global:z $VerbosePreference $PSScriptRoot $Matches $null } }",
		"class C { [void] m() { [int]$x, $y = 1, 2; Act $x $y; $z++; Act $z } }",
		"class C { [void] m() { function f($x) { $y }; & { param($z) $z } } }",
		"class C { [void] m() { foreach ($x in 1) { Act $x } } }",
		"class C { [void] m() { 1 | ForEach-Object { Act $x } } }",
		"class C { [void] m() { Act 1 -OutVariable x; Act $x } }",
		"class C { [void] m() { [int]::TryParse('1', [ref]$x); Act $x } }",
		"class C { $a = $x; static $b = 1; [void] m() { Act $this.a } }",
		"class C { [string] m($a) { if ($a) { return 1 } else { return 2 } } }",
		"class C { [string] m($a) { if ($a) { return 1 }; throw 2 } }",
		"class C { [string] m($a) { while ($true) { if ($a) { return 1 } } } }",
		"class C { [string] m($a) { for (;;) { return 1 } } }",
		"class C { [string] m($a) { do { return 1 } while ($a) } }",
		"class C { [string] m($a) { try { return 1 } catch { throw } } }",
		"class C { [string] m($a) { try { return 1 } finally { Act 1 } } }",
		"class C { [string] m($a) { switch ($a) { 1 { return 1 } default { return 2 } }; return 3 } }",
		"class C { [void] m([int]$a) { } [void] m([string]$a) { } [void] m() { } }",
		"class C { C() { } C($a) { } static C() { } [string]$m; [void] m() { } }",
		"class C { }; class D { }; function f { class C { } }",
		"try { a } catch [IO.FileNotFoundException] { b } catch [IO.IOException] { c } catch [Exception] { d } catch { e }",
		"try { a } catch [My.Exception] { b } catch [My.Exception2] { c }",
		"data d { 'a', 1; @{ b = $true; c = $null }; if ($false) { 2 } else { 1 + 2 } }",
		"data d { ConvertFrom-StringData @'\na = b\n'@ }",
		"data d -SupportedCommand Act, Other { Act 1; other 2 }",
		"data d -SupportedCommand $x { Act 1 }",
		"data d { \"$PSCulture $(1 + 2)\"; & ConvertFrom-StringData 'a = b' }",
		"try { a } catch [Management.Automation.ParameterBindingException] { b } catch [Management.Automation.ParameterBindingValidationException] { c }",
		"class C { [string] m($a) { $null = if ($a) { return 'b' } else { return 'c' } } }",
	} {
		if tree := Parse(text+"\na", WindowsPowerShell); len(tree.Errors) > 0 {
			t.Errorf("%q: %v", text, tree.Errors)
		}
	}
}
