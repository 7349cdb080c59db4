package powershell

import (
	"strings"
	"testing"
)

// evaluate runs a text and returns what it puts out, elements of collections
// one by one, as text with the type in front where it is not a string.
func evaluate(t *testing.T, text string, dialect Dialect) string {
	t.Helper()
	in, out, err := runText(t, text, dialect)
	if thrown, ok := err.(*Thrown); ok {
		return "throws " + thrown.typeName
	}
	if err != nil {
		return "stops: " + err.Error()
	}
	shown := make([]string, len(out))
	for i, v := range out {
		shown[i] = showValue(in, v)
	}
	return strings.Join(shown, " ; ")
}

// runText runs a text of which the first error is the end.
func runText(t *testing.T, text string, dialect Dialect) (*Interpreter, []Value, error) {
	t.Helper()
	tree := Parse(text, dialect)
	if len(tree.Errors) > 0 {
		t.Fatalf("%s: %s", text, tree.Errors[0].Message)
	}
	in := newInterpreter(newExportHost(), Budget{})
	in.frame = &frame{tree: tree, home: -1, site: tree.Root.Span}
	in.trying = 1
	out, err := in.callBlock(&Closure{Body: tree.Root, Tree: tree}, nil, callOptions{dot: true})
	return in, out, err
}

// showValue writes a value with its type: strings in quotes, holes in braces.
func showValue(in *Interpreter, v Value) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case string:
		return "'" + v + "'"
	case *Text:
		return "'" + partsText(v.Parts) + "'"
	case *Unknown:
		many := ""
		if v.Many {
			many = "*"
		}
		return "{" + v.Expression + "}" + many
	case bool:
		return strings.ToLower(boolText(v))
	case int32:
		return partsText(Parts(v))
	case *Array, *List:
		items := enumerate(v)
		shown := make([]string, len(items))
		for i, item := range items {
			shown[i] = showValue(in, item)
		}
		return "(" + strings.Join(shown, ", ") + ")"
	}
	name := typeNameOf(v)
	if o, ok := v.(*Object); ok && o.Type == typePSCustomObject {
		return partsText(Parts(v))
	}
	text, _ := in.text(v).(string)
	return name[strings.LastIndexByte(name, '.')+1:] + " " + text
}

// valueCase is an expression and what it yields. One in Windows PowerShell
// holds in 7 as well, unless core says otherwise.
type valueCase struct {
	text, want string
}

func checkValues(t *testing.T, dialect Dialect, cases []valueCase) {
	t.Helper()
	for _, c := range cases {
		if got := evaluate(t, c.text, dialect); got != c.want {
			t.Errorf("%s\n  got  %s\n  want %s", c.text, got, c.want)
		}
	}
}

func TestArithmetic(t *testing.T) {
	checkValues(t, WindowsPowerShell, []valueCase{
		{`1 + 1`, "2"},
		{`5 + '5'`, "10"},
		{`'5' + 5`, "'55'"},
		{`[int]::MaxValue + 1`, "Double 2147483648"},
		{`[long]::MaxValue + 1`, "Double 9.22337203685478E+18"},
		{`2147483647 * 2`, "Double 4294967294"},
		{`7 / 2`, "Double 3.5"},
		{`8 / 2`, "4"},
		{`7 % 4`, "3"},
		{`-7 % 4`, "-3"},
		{`7.5 % 2`, "Double 1.5"},
		{`1 / 0`, "throws System.DivideByZeroException"},
		{`1.0 / 0`, "Double Infinity"},
		{`0.1 + 0.2`, "Double 0.3"},
		{`1.5d + 1`, "Decimal 2.5"},
		{`1.50d * 2`, "Decimal 3.00"},
		{`10d / 4`, "Decimal 2.5"},
		{`1d / 3`, "Decimal 0.3333333333333333333333333333"},
		{`[byte]200 + [byte]100`, "300"},
		{`$true + $true`, "2"},
		{`$null + 5`, "5"},
		{`5 + $null`, "5"},
		{`$null - 1`, "-1"},
		{`'3' * 2`, "'33'"},
		{`'6' / 2`, "3"},
		{`'6' - '2'`, "4"},
		{`5 + '1kb'`, "1029"},
		{`5 + '0x10'`, "21"},
		{`5 + ''`, "5"},
		{`5 - 'x'`, "throws System.Management.Automation.PSInvalidCastException"},
		{`[char]'a' + 1`, "'a1'"},
		{`[char]'a' + 'b'`, "'ab'"},
		{`[char]97 + [char]98`, "'ab'"},
		{`(1, 2) + 3`, "1 ; 2 ; 3"},
		{`(1, 2) + (3, 4)`, "1 ; 2 ; 3 ; 4"},
		{`(1, 2) * 2`, "1 ; 2 ; 1 ; 2"},
		{`'ab' * 0`, "''"},
		{`(@{a = 1} + @{b = 2}).Count`, "2"},
		{`@{a = 1} + @{A = 2}`, "throws System.ArgumentException"},
		{`5 -band 6`, "4"},
		{`5 -bor 2`, "7"},
		{`5 -bxor 1`, "4"},
		{`-bnot 0`, "-1"},
		{`1 -shl 4`, "16"},
		{`1 -shl 32`, "1"},
		{`-8 -shr 1`, "-4"},
		{`0xFF -band '15'`, "15"},
		{`-'5'`, "-5"},
		{`+'5'`, "5"},
		{`-(1.5)`, "Double -1.5"},
		{`3..1`, "3 ; 2 ; 1"},
		{`'1'..'3'`, "1 ; 2 ; 3"},
		{`1GB * 4`, "Double 4294967296"},
		{`1gb * 4l`, "Int64 4294967296"},
		{`[uint32]1 + 1`, "Int64 2"},
		{`[datetime]'2025-03-09' + '1.00:00:00'`, "DateTime 03/10/2025 00:00:00"},
		{`([datetime]'2025-03-09' - [datetime]'2025-03-01').Days`, "8"},
	})
	checkValues(t, PowerShellCore, []valueCase{
		{`0.1 + 0.2`, "Double 0.30000000000000004"},
		{`[long]::MaxValue + 1`, "Double 9.223372036854776E+18"},
		{`'a'..'c'`, "Char a ; Char b ; Char c"},
	})
}

func TestNumbersAsText(t *testing.T) {
	checkValues(t, WindowsPowerShell, []valueCase{
		{`"$(1.10) $(1e6) $(-3) $(1.50d) $(10/4) $(7/7)"`, "'1.1 1000000 -3 1.50 2.5 1'"},
		{`"$(1e15) $(1e14) $(0.0001) $(0.00001) $(123456789012345678.0)"`, "'1E+15 100000000000000 0.0001 1E-05 1.23456789012346E+17'"},
		{`"$([single]0.1) $([double]::NaN) $(1.0)"`, "'0.1 NaN 1'"},
		{`"$([int]2.5) $([int]3.5) $([int]'0x1F') $([int]'1.5') $([int]'') $([int]'1,000')"`, "'2 4 31 2 0 1000'"},
		{`"$(100000000000000000000) $(1e20)"`, "'100000000000000000000 1E+20'"},
		{`[int]'x'`, "throws System.Management.Automation.PSInvalidCastException"},
		{`[byte]300`, "throws System.Management.Automation.PSInvalidCastException"},
		{`[int]1e10`, "throws System.Management.Automation.PSInvalidCastException"},
		{`[int][char]'a'`, "97"},
		{`[char]65`, "Char A"},
		{`[char]'ab'`, "throws System.Management.Automation.PSInvalidCastException"},
		{`[bool]'False'`, "true"},
		{`[bool]0.0`, "false"},
		{`[bool]@(0)`, "false"},
		{`[bool]@(0, 0)`, "true"},
		{`[string]$null`, "''"},
		{`[string]@(1, 2, 3)`, "'1 2 3'"},
		{`[decimal]'1.10'`, "Decimal 1.10"},
		{`[string[]](1, 2)`, "'1' ; '2'"},
		{`[char[]]'ab'`, "Char a ; Char b"},
		{`[int[]]('1', 2.6)`, "1 ; 3"},
		{`"$([string])"`, "'string'"},
		{`"$(@{a = 1})"`, "'System.Collections.Hashtable'"},
		{`"$(, (1, 2))"`, "'1 2'"},
		{`"$(1, (2, 3))"`, "'1 System.Object[]'"},
		{`"$([pscustomobject]@{A = 'x'; B = 2})"`, "'@{A=x; B=2}'"},
		{`"$({ a b })"`, "' a b '"},
		{`'5' -as [int]`, "5"},
		{`'x' -as [int]`, "null"},
		{`5 -is [int]`, "true"},
		{`'x' -isnot [string]`, "false"},
		{`@(1) -is [array]`, "true"},
		{`@{} -is [hashtable]`, "true"},
		{`[version]'1.2.3' -gt [version]'1.10'`, "false"},
		{`[guid]'{00000000-0000-0000-0000-00000000000A}'`, "Guid 00000000-0000-0000-0000-00000000000a"},
	})
}

func TestComparison(t *testing.T) {
	checkValues(t, WindowsPowerShell, []valueCase{
		{`'x' -eq 'X'`, "true"},
		{`'x' -ceq 'X'`, "false"},
		{`'5' -eq 5`, "true"},
		{`5 -eq '5.0'`, "true"},
		{`'5.0' -eq 5`, "false"},
		{`$null -eq $null`, "true"},
		{`0 -eq $null`, "false"},
		{`$null -lt 1`, "true"},
		{`-1 -lt $null`, "true"},
		{`$true -eq 'x'`, "true"},
		{`10 -gt '9'`, "true"},
		{`'10' -gt 9`, "false"},
		{`'a' -lt 'B'`, "true"},
		{`'a' -clt 'A'`, "true"},
		{`5 -lt 'x'`, "throws System.Management.Automation.RuntimeException"},
		{`5 -eq 'x'`, "false"},
		{`1, 2, 3, 4 -gt 2`, "3 ; 4"},
		{`'a', 'b', 'A' -eq 'a'`, "'a' ; 'A'"},
		{`(1, 2, $null -eq $null).Count`, "1"},
		{`'ann', 'bob' -contains 'ANN'`, "true"},
		{`3 -in 1..5`, "true"},
		{`'x' -notin 'a', 'x'`, "false"},
		{`'ada' -like 'a*'`, "true"},
		{`'a[b' -like 'a` + "`" + `[b'`, "true"},
		{`'b1' -like '[a-c]?'`, "true"},
		{`'ann', 'bob', 'amy' -like 'a*'`, "'ann' ; 'amy'"},
		{`'a'[0] -eq 'A'`, "true"},
		{`[datetime]'2025-01-01' -lt '2025-02-01'`, "true"},
		{`[System.DayOfWeek]::Monday -eq 'monday'`, "true"},
		{`'CN=Ada,OU=X' -match 'cn=(?<n>[^,]+)'; $Matches.n; $Matches[0]`, "true ; 'Ada' ; 'CN=Ada'"},
		{`'abc' -cmatch 'B'`, "false"},
		{`'ab', 'cd' -match 'c'`, "'cd'"},
	})
}

func TestTextOperators(t *testing.T) {
	checkValues(t, WindowsPowerShell, []valueCase{
		{`'a.b' -replace '.', 'x'`, "'xxx'"},
		{`'ada.lund@c' -replace '^(\w+)\.(\w+)@.*$', '$2_$1'`, "'lund_ada'"},
		{`'ab' -replace '(?<x>a)', '${x}${x}$$$&'`, "'aa$ab'"},
		{`'abc' -replace 'b'`, "'ac'"},
		{`'aXbx' -creplace 'x'`, "'aXb'"},
		{`'a1', 'b2' -replace '\d'`, "'a' ; 'b'"},
		{`'abc' -replace '(?<=a)b(?=c)', '-'`, "'a-c'"},
		{`'aabb' -replace '(.)\1', '<$1>'`, "'<a><b>'"},
		{`'x' -replace 'x', '$9 $10 $x'`, "'$9 $10 $x'"},
		{`'a-b-c' -split '-', 2`, "'a' ; 'b-c'"},
		{`'a.b' -split '.'`, "'' ; '' ; '' ; ''"},
		{`'a.b' -split '.', 0, 'simplematch'`, "'a' ; 'b'"},
		{`-split ' p   q '`, "'p' ; 'q'"},
		{`'a1b2c' -split '(\d)'`, "'a' ; '1' ; 'b' ; '2' ; 'c'"},
		{`'abc' -split ''`, "'' ; 'a' ; 'b' ; 'c' ; ''"},
		{`'aXbxc' -csplit 'x'`, "'aXb' ; 'c'"},
		{`'a b', 'c d' -split ' '`, "'a' ; 'b' ; 'c' ; 'd'"},
		{`'a,b;c' -split { $_ -eq ',' -or $_ -eq ';' }`, "'a' ; 'b' ; 'c'"},
		{`'a', 1, $null, 'b' -join '-'`, "'a-1--b'"},
		{`-join ('a', 'b')`, "'ab'"},
		{`'x' -join ','`, "'x'"},
		{`'{0}-{1:d3}-{2,4}|{3,-4}|{{{0}}}' -f 'a', 7, 'b', 'c'`, "'a-007-   b|c   |{a}'"},
		{`'{0:x2} {0:X4} {0:n} {0:n0} {0:p} {0:c} {0:e2} {0:f1}' -f 255`, "'ff 00FF 255.00 255 25,500.00 % $255.00 2.55e+002 255.0'"},
		{`'{0:000} {0:0.00} {0:#,##0.0} {0:#%}' -f 7.5`, "'008 7.50 7.5 750%'"},
		{`'{0:#,##0} {0:0,0} {0:0.###E+00}' -f 1234567`, "'1,234,567 1,234,567 1.235E+06'"},
		{`'{0:+0;-0;zero}' -f 5, '{0:+0;-0;zero}'`, "'+5'"},
		{`'{0:(000) 000-0000}' -f 5551234567`, "'(555) 123-4567'"},
		{`'{0:yyyyMMdd} {0:d} {0:HH:mm} {0:MMM} {0:tt} {0}' -f [datetime]'2025-03-09 14:05'`, "'20250309 3/9/2025 14:05 Mar PM 3/9/2025 2:05:00 PM'"},
		{`'{0}' -f 1.5, 2`, "'1.5'"},
		{`'{1}' -f 'a'`, "throws System.FormatException"},
		{`'{0' -f 'a'`, "throws System.FormatException"},
		{`'{0:d}' -f 1.5`, "throws System.FormatException"},
		{`'{0} {1}' -f @(1, 2)`, "'1 2'"},
		{`'{0}' -f $null`, "''"},
		{`'{0:x}' -f -1`, "'ffffffff'"},
		{`'{0:f0} {1:f0} {2:f2}' -f 2.5, 0.5, 1.005`, "'3 1 1.01'"},
		{`'{0:n2}' -f -1234.567`, "'-1,234.57'"},
		{`'{0:c}' -f -5`, "'($5.00)'"},
	})
	checkValues(t, PowerShellCore, []valueCase{
		{`'{0:f2} {0:n} {1:p} {2:c}' -f 1.005, 0.125, -5`, "'1.00 1.005 12.500% -$5.00'"},
		{`'a1b2' -replace '\d', { [int]$_.Value + 1 }`, "'a2b3'"},
		{`'a-b-c' -split '-', -2`, "'a-b' ; 'c'"},
	})
}

func TestStringMethods(t *testing.T) {
	checkValues(t, WindowsPowerShell, []valueCase{
		{`'Ada'.ToUpper() + 'Ada'.ToLower()`, "'ADAada'"},
		{`' a '.Trim() + '|' + ' a '.TrimStart() + '|' + 'xay'.Trim('xy')`, "'a|a |a'"},
		{`'a||b'.Split('|')`, "'a' ; '' ; 'b'"},
		{`'aXXbXc'.Split('XX')`, "'a' ; '' ; 'b' ; 'c'"},
		{`'a,b;c'.Split(',;'.ToCharArray())`, "'a' ; 'b' ; 'c'"},
		{`'a,,b'.Split(',', [StringSplitOptions]::RemoveEmptyEntries)`, "'a' ; 'b'"},
		{`'aXXbXc'.Split([string[]]'XX', 'None')`, "'a' ; 'bXc'"},
		{`'a,b,c'.Split(',', 2)`, "'a' ; 'b,c'"},
		{`'a b'.Split()`, "'a' ; 'b'"},
		{`'abcdef'.Substring(2) + 'abcdef'.Substring(1, 2)`, "'cdefbc'"},
		{`'abc'.Substring(4)`, "throws System.ArgumentOutOfRangeException"},
		{`'abcabc'.IndexOf('c'); 'abcabc'.LastIndexOf('b'); 'abc'.IndexOf('x'); 'abcabc'.IndexOf('a', 1)`, "2 ; 4 ; -1 ; 3"},
		{`'abc'.IndexOf('B', [StringComparison]::OrdinalIgnoreCase)`, "1"},
		{`'abc'.Contains('bc'); 'abc'.Contains('BC'); 'abc'.StartsWith('ab'); 'abc'.EndsWith('BC', 'OrdinalIgnoreCase')`, "true ; false ; true ; true"},
		{`'7'.PadLeft(3, '0') + 'p'.PadRight(3, '-')`, "'007p--'"},
		{`'acd'.Insert(1, 'b') + 'xxyy'.Remove(2) + 'abcdef'.Remove(1, 3)`, "'abcdxxaef'"},
		{`'AbA'.Replace('A', '1')`, "'1b1'"},
		{`'abc'[0]; 'abc'[-1]; 'abc'[5]`, "Char a ; Char c ; null"},
		{`'abc'[2..0] -join ''`, "'cba'"},
		{`'abc'.ToCharArray() -join '.'`, "'a.b.c'"},
		{`'abc'.Length; 'abc'.Chars(1)`, "3 ; Char b"},
		{`'abc'.CompareTo('abd'); 'a'.Equals('A'); 'a'.Equals('A', 'OrdinalIgnoreCase')`, "-1 ; false ; true"},
		{`[string]::Join('-', 1, 2, 3); [string]::Join('-', @('a', 'b')); [string]::Concat('a', 1, 'b')`, "'1-2-3' ; 'a-b' ; 'a1b'"},
		{`[string]::Format('{0}\{1}', 'a', 'b'); [string]::IsNullOrEmpty(''); [string]::IsNullOrWhiteSpace(' x')`, `'a\b' ; true ; false`},
		{`[string]::new('x', 3); [string]::new([char[]]('a', 'b'))`, "'xxx' ; 'ab'"},
		{`('ab', 'cd').ToUpper()`, "'AB' ; 'CD'"},
		{`('ab', 'cde').Length; ('ab', 'cde').Substring(1)`, "2 ; 'b' ; 'de'"},
		{`'x'.Foo()`, "throws System.Management.Automation.RuntimeException"},
		{`$null.Foo()`, "throws System.Management.Automation.RuntimeException"},
		{`$null.Foo`, "null"},
		{`$m = 'ToUpper'; 'a'.$m(); 'a'.ToUpper.Invoke()`, "'A' ; 'A'"},
		{`"$([char]0xD83D)$([char]0xDE00)".Length`, "2"},
		{`[char]::IsDigit('5'); [char]::ToUpper('a'); [char]::IsLetter('ab', 1)`, "true ; Char A ; true"},
		{`(255).ToString('X'); (7).ToString('000'); (1.5).ToString(); $true.ToString()`, "'FF' ; '007' ; '1.5' ; 'True'"},
		{`(Get-Culture).TextInfo; [cultureinfo]::InvariantCulture.TextInfo.ToTitleCase('ada LUND x')`, "{(Get-Culture).TextInfo}* ; 'Ada LUND X'"},
	})
	checkValues(t, PowerShellCore, []valueCase{
		{`'aXXbXc'.Split('XX')`, "'a' ; 'bXc'"},
	})
}

func TestCollections(t *testing.T) {
	checkValues(t, WindowsPowerShell, []valueCase{
		{`$l = [Collections.ArrayList]@('a'); $l.Add('b'); $l.Insert(0, 'z'); $l.Remove('a'); $l.Count; $l`, "1 ; 2 ; 'z' ; 'b'"},
		{`$l = New-Object Collections.Generic.List[string]; $l.Add('a'); $l.AddRange([string[]]('b', 'c')); $l.RemoveAt(1); $l.Remove('x'); $l.IndexOf('c'); $l`, "false ; 1 ; 'a' ; 'c'"},
		{`$q = New-Object Collections.Queue; $q.Enqueue('a'); $q.Enqueue('b'); $q.Dequeue(); $q.Peek(); $q.Count`, "'a' ; 'b' ; 1"},
		{`$s = [Collections.Stack]::new(); $s.Push(1); $s.Push(2); $s.Pop(); $s.Push(3); $s`, "2 ; 3 ; 1"},
		{`$h = @{ b = 1 }; $h.Add('c', 2); $h['B'] = 5; $h.ContainsKey('C'); $h.Remove('c'); $h.Count; $h.b`, "true ; 1 ; 5"},
		{`$o = [ordered]@{ z = 'first'; a = 'second' }; $o[0]; $o['a']; $o.Keys`, "'first' ; 'second' ; 'z' ; 'a'"},
		{`$h = @{ 1 = 'i' }; $h['1'] = 's'; $h[1]; $h['1']; $h.'1'`, "'i' ; 's' ; 's'"},
		{`foreach ($e in ([ordered]@{ a = 1; b = 2 }).GetEnumerator()) { "$($e.Key)=$($e.Value)$($e.Name)" }`, "'a=1a' ; 'b=2b'"},
		{`$a = 1..5; $a[1..3]; $a[-1]; $a[0, 2]; $a[9]`, "2 ; 3 ; 4 ; 5 ; 1 ; 3 ; null"},
		{`$a = @(3, 1, 2); [array]::Sort($a); $a; [array]::Reverse($a); $a; [array]::IndexOf($a, 2)`, "1 ; 2 ; 3 ; 3 ; 2 ; 1 ; 1"},
		{`$a = 1, 2; $a[0] = 'x'; $a.Count; $a[0]; $a[5] = 1`, "throws System.IndexOutOfRangeException"},
		{`(1..4).Where({ $_ -gt 2 }); (1..4).Where({ $_ -gt 2 }, 'First'); (1..3).ForEach({ $_ * 2 })`, "3 ; 4 ; 3 ; 2 ; 4 ; 6"},
		{`('a', 'b').ForEach('ToUpper'); ('1', '2').ForEach([int])`, "'A' ; 'B' ; 1 ; 2"},
		{`$o = [pscustomobject]@{ A = 1 }; $o | Add-Member -NotePropertyName B -NotePropertyValue 2; $o.B; $o.PSObject.Properties.Name; $o.C`, "2 ; 'A' ; 'B' ; null"},
		{`$o = New-Object PSObject -Property @{ U = 'x' }; $o.U += '2'; $o.U`, "'x2'"},
		{`$o = [pscustomobject]@{ A = 1 }; $o | Add-Member ScriptProperty D { $this.A + 1 }; $o | Add-Member ScriptMethod M { param($x) "$($this.A)$x" }; $o.D; $o.M('z')`, "2 ; '1z'"},
		{`([pscustomobject]@{ A = 'x' }, [pscustomobject]@{ A = 'y' }).A`, "'x' ; 'y'"},
		{`@(1, 2, 3).Contains(2); (1, 2).Count; 'x'.Count; $null.Count`, "true ; 2 ; 1 ; 0"},
		{`$i = 0; [int]::TryParse('42', [ref]$i); $i; [int]::TryParse('x', [ref]$i); $i`, "true ; 42 ; false ; 0"},
		{`[Linq.Enumerable]::Reverse([int[]](1, 2)); [Linq.Enumerable]::Range(1, 3)`, "2 ; 1 ; 1 ; 2 ; 3"},
		{`$hs = [Collections.Generic.HashSet[string]]::new(); $hs.Add('a'); $hs.Add('a'); $hs.Contains('a'); $hs.Count`, "true ; false ; true ; 1"},
		{`$sb = [Text.StringBuilder]::new('a'); [void]$sb.Append('b').AppendFormat('{0:d2}', 3).Append([char]'c'); $sb.ToString(); $sb.Length; [void]$sb.Replace('b', 'x').Insert(0, '<').Remove(1, 1); "$sb"`, "'ab03c' ; 5 ; '<x03c'"},
	})
}

func TestStatics(t *testing.T) {
	checkValues(t, WindowsPowerShell, []valueCase{
		{`[Convert]::ToInt32('1010', 2); [Convert]::ToInt32('ff', 16); [Convert]::ToString(255, 16); [Convert]::ToChar(65); [Convert]::ToByte('7')`, "10 ; 255 ; 'ff' ; Char A ; Byte 7"},
		{`[Convert]::ToBase64String([Text.Encoding]::Unicode.GetBytes('ab')); [Text.Encoding]::UTF8.GetString([Convert]::FromBase64String('w7w='))`, "'YQBiAA==' ; 'ü'"},
		{`[Convert]::FromBase64String('!')`, "throws System.FormatException"},
		{`[BitConverter]::ToString([byte[]](1, 255)); [BitConverter]::ToInt32([byte[]](1, 0, 0, 0), 0)`, "'01-FF' ; 1"},
		{`[math]::Max(3, 9); [Math]::Floor(7 / 2); [math]::Round(2.5); [math]::Pow(2, 8); [math]::Abs(-3); [math]::Round(1.25, 1)`, "9 ; Double 3 ; Double 2 ; Double 256 ; 3 ; Double 1.2"},
		{`[regex]::Replace('Ada  L!', '\W+', '-'); [regex]::Match('id=42;', '\d+').Value; [regex]::Escape('a.b'); [regex]::IsMatch('a', 'A', 'IgnoreCase')`, `'Ada-L-' ; '42' ; 'a\.b' ; true`},
		{`$m = [regex]::Matches('a1b22', '(?<l>[a-z])(\d+)'); $m.Count; $m[1].Value; $m[1].Groups['l'].Value; $m[0].Groups[1].Value; $m[1].Index`, "2 ; 'b22' ; 'b' ; '1' ; 2"},
		{`[regex]::Matches('abc', '.', 'RightToLeft') -join ''`, "'cba'"},
		{`'4e65772d' -split '(?<=\G.{2})'; 'aab' -replace '\G(?=a)', '-'`, "'4e' ; '65' ; '77' ; '2d' ; '' ; '-aab'"},
		{`[regex]::Split('4e65', '(?<=\G.{2})(?!$)'); [regex]::Replace('4e65', '(?<=\G.{2})', '.'); [regex]::Matches('4e65', '(?<=\G.{2})').Count`, "'4e' ; '65' ; '4e.65.' ; 2"},
		{`[regex]::Split('4e65', '(?=.{2}\G)', 'RightToLeft'); [regex]::Split('a1-2b', '(\d)-(\d)', 'RightToLeft')`, "'' ; '4e' ; '65' ; 'a' ; '2' ; '1' ; 'b'"},
		{`$m = [regex]::Match('4e65', '(?<=\G.{2})'); $m.Index; $m.NextMatch().Index; $m.NextMatch().NextMatch().Success`, "2 ; 4 ; false"},
		{`[regex]::Replace('a none', 'a', 'None'); ([regex]'a').Match('baaa', 0, 2)`, "'None none' ; {(a).Match('baaa', 0, 2)}"},
		{`([regex]'a').Matches('a', 2)`, "throws System.ArgumentOutOfRangeException"},
		{`[regex]::Match('abcd', '(..)+').Groups[1].Captures; [regex]::Match('ab', '(.)(.)').Groups[2].Captures.Value`, "{cd.Captures}* ; 'b'"},
		{`[regex]::Split('a1b', '\d'); ([regex]'b').Replace('abb', 'x', 1)`, "'a' ; 'b' ; 'axb'"},
		{`[regex]::Replace('ab', '[ab]', { param($m) $m.Value.ToUpper() })`, "'AB'"},
		{`[IO.Path]::Combine('\\fs01\x', 'y'); [IO.Path]::Combine('\\a\b', '\\c\d', 'e'); [IO.Path]::GetFileNameWithoutExtension('C:\in\m.berg.txt')`, `'\\fs01\x\y' ; '\\c\d\e' ; 'm.berg'`},
		{`[IO.Path]::GetDirectoryName('C:\p\q.txt'); [IO.Path]::GetExtension('x.tar.gz'); [IO.Path]::ChangeExtension('\\a\b\y.old', 'pst'); [IO.Path]::GetFileName('C:\p\q.txt')`, `'C:\p' ; '.gz' ; '\\a\b\y.pst' ; 'q.txt'`},
		{`([uri]'\\fs01\pst\ada.pst').Host; ([uri]'\\fs01\pst\ada.pst').LocalPath; ([uri]'https://a.b/c?d=e').Query`, `'fs01' ; '\\fs01\pst\ada.pst' ; '?d=e'`},
		{`[uri]::EscapeDataString('a b&'); [uri]::UnescapeDataString('a%20b'); [Net.WebUtility]::UrlDecode('a+b%26'); [Net.WebUtility]::HtmlDecode('a&amp;b')`, "'a%20b%26' ; 'a b' ; 'a b&' ; 'a&b'"},
		{`$d = [datetime]'2025-03-09'; $d.AddDays(-1).ToString('yyyy-MM-dd'); $d.Year; $d.DayOfWeek; $d.AddMonths(1).Month; "$d"`, "'2025-03-08' ; 2025 ; DayOfWeek Sunday ; 4 ; '03/09/2025 00:00:00'"},
		{`[datetime]::ParseExact('20250309', 'yyyyMMdd', $null).ToString('d'); (Get-Date '2025-03-09' -Format 'yyyy'); [timespan]::FromHours(1.5)`, "'3/9/2025' ; '2025' ; TimeSpan 01:30:00"},
		{`[Environment]::NewLine.Length; [int]::MaxValue; [string]::Empty; [IO.Path]::DirectorySeparatorChar`, `2 ; 2147483647 ; '' ; Char \`},
		{`[guid]::Parse('0000000000000000000000000000000a').ToString('N'); [guid]::Empty`, "'0000000000000000000000000000000a' ; Guid 00000000-0000-0000-0000-000000000000"},
		{`$s = ConvertTo-SecureString 'pw' -AsPlainText -Force; [Net.NetworkCredential]::new('', $s).Password; [Runtime.InteropServices.Marshal]::PtrToStringAuto([Runtime.InteropServices.Marshal]::SecureStringToBSTR($s))`, "'pw' ; 'pw'"},
		{`$m = [IO.MemoryStream]::new(); $g = [IO.Compression.GzipStream]::new($m, 'Compress'); $b = [Text.Encoding]::ASCII.GetBytes('zip'); $g.Write($b, 0, 3); $g.Close(); $r = [IO.MemoryStream]::new($m.ToArray()); [IO.StreamReader]::new([IO.Compression.GzipStream]::new($r, [IO.Compression.CompressionMode]::Decompress)).ReadToEnd()`, "'zip'"},
		{`[enum]::GetNames([DayOfWeek])[1]; [DayOfWeek]3; [int][DayOfWeek]::Friday; [Enum]::Parse([DayOfWeek], 'tuesday')`, "'Monday' ; DayOfWeek Wednesday ; 5 ; DayOfWeek Tuesday"},
		{`[xml]$x = '<r a="1"><u name="ann">t</u><u name="bea"/><v>w</v></r>'; $x.r.u[1].name; $x.r.u.name; $x.r.u[0].'#text'; $x.r.v; $x.r.a; $x.DocumentElement.InnerText`,
			"'bea' ; 'ann' ; 'bea' ; 't' ; 'w' ; '1' ; 'tw'"},
		{`'x'.GetType().Name; (1, 2).GetType().FullName; (5).GetType().FullName; [string].FullName`, "'String' ; 'System.Object[]' ; 'System.Int32' ; 'System.String'"},
	})
}

func TestDataCommands(t *testing.T) {
	checkValues(t, WindowsPowerShell, []valueCase{
		{`'a', 'b', 'c', 'd' | Select-Object -Skip 1 -First 2`, "'b' ; 'c'"},
		{`'a', 'b', 'c' | Select-Object -Last 1; 'a', 'b', 'c' | Select-Object -Index 0, 2; 'a', 'b', 'a' | Select-Object -Unique`, "'c' ; 'a' ; 'c' ; 'a' ; 'b'"},
		{`$n = 0; 1..5 | ForEach-Object { $n++; $_ } | Select-Object -First 2; $n`, "1 ; 2 ; 2"},
		{`$o = [pscustomobject]@{ A = 'x'; B = 1 }; $o | Select-Object -ExpandProperty A; ($o | Select-Object B, @{ n = 'C'; e = { $_.A * 2 } }).C; "$($o | Select-Object * -ExcludeProperty A)"`, "'x' ; 'xx' ; '@{B=1}'"},
		{`'cid', 'ann', 'Bob' | Sort-Object; 10, 9, 100 | Sort-Object -Descending; 'a', 'A', 'b' | Sort-Object -Unique`, "'ann' ; 'Bob' ; 'cid' ; 100 ; 10 ; 9 ; 'a' ; 'b'"},
		{`@{ n = 2 }, @{ n = 1 } | Sort-Object { $_.n } | ForEach-Object { $_.n }`, "1 ; 2"},
		{`$g = 'ann', 'bob', 'amy' | Group-Object { $_[0] }; $g.Count; $g[0].Name; $g[0].Group[1]; $g[0].Count`, "2 ; 'a' ; 'amy' ; 2"},
		{`$m = 1..4 | Measure-Object -Sum -Average -Maximum; $m.Count; $m.Sum; $m.Average; $m.Maximum`, "4 ; Double 10 ; Double 2.5 ; Double 4"},
		{`Compare-Object ('a', 'b') ('b', 'c') | ForEach-Object { $_.InputObject + $_.SideIndicator }`, "'c=>' ; 'a<='"},
		{"\"a,f\nann,a.pst\nbea,`\"b,1`\"\" | ConvertFrom-Csv | ForEach-Object { $_.a + '|' + $_.f }", "'ann|a.pst' ; 'bea|b,1'"},
		{`'{"s":"\\\\x","u":["a",1,2.5],"n":null}' | ConvertFrom-Json | ForEach-Object { $_.s; $_.u; $_.n }`, `'\\x' ; 'a' ; 1 ; Decimal 2.5 ; null`},
		{"(ConvertFrom-StringData \"a = 1`nb = \\\\\\\\x\").b", `'\\x'`},
		{`[ordered]@{ a = 'x''y'; b = @(1, $true); c = @{ d = $null } } | ConvertTo-Json -Compress`, `'{"a":"x\u0027y","b":[1,true],"c":{"d":null}}'`},
		{`([ordered]@{ a = 1; b = @(2) } | ConvertTo-Json) -replace "\r\n", '|'`, `'{|    "a":  1,|    "b":  [|              2|          ]|}'`},
		{`$a = New-Object 'string[,]' 2, 3; $a[1, 2] = 'x'; $a[1, 2]; $a.Length; $a.GetLength(1); $a.Rank; $a[0, 0]`, "'x' ; 6 ; 3 ; 2 ; null"},
		{`try { [Convert]::FromBase64String('!') } catch { $_.Exception.GetType().Name; $_.Exception.InnerException.GetType().Name }`, "'MethodInvocationException' ; 'FormatException'"},
		{`Join-Path '\\fs01\x\' '\y'; Join-Path 'C:' 'a'; Join-Path a b`, `'\\fs01\x\y' ; 'C:\a' ; 'a\b'`},
		{`Split-Path '\\fs01\a\b.pst'; Split-Path C:\x\y.txt -Leaf; Split-Path C:\x; Split-Path 'C:\x\y' -Qualifier; Split-Path C:\x\y -NoQualifier`, `'\\fs01\a' ; 'y.txt' ; 'C:\' ; 'C:' ; '\x\y'`},
		{`'a b', 'cb' | Select-String 'b$' | ForEach-Object { $_.Line }; ('x12' | Select-String '\d+').Matches[0].Value`, "'a b' ; 'cb' ; '12'"},
		{`('a', 'b' | Out-String).Length; 'a', 'a', 'b' | Get-Unique`, "6 ; 'a' ; 'b'"},
		{`(New-TimeSpan -Days 1 -Hours 2).TotalHours; New-TimeSpan -Start '2025-01-01' -End '2025-01-02'`, "Double 26 ; TimeSpan 1.00:00:00"},
	})
}

// What is unknown keeps what is known of it, and a name.
func TestUnknownValues(t *testing.T) {
	checkValues(t, WindowsPowerShell, []valueCase{
		{`$u = $env:R; '\\f\' + $u + '.pst'`, `'\\f\{$env:R}.pst'`},
		{`$m = Get-Mailbox; "\\f\$($m.Alias.ToUpper()).pst"`, `'\\f\{(Get-Mailbox).Alias.ToUpper()}.pst'`},
		{`$r = $env:R; ("\\f\$r" + '\x.PST').ToLower()`, `'\\f\{$env:R.ToLower()}\x.pst'`},
		{`$r = $env:R; "\\old\$r.pst".Replace('\\old', '\\new')`, `'\\new\{"\$($env:R)".Replace('\\old', '\\new').Substring(1)}.pst'`},
		{`$r = $env:R; "aa${r}aaa".Replace('aa', 'b'); "xab${r}bx" -replace 'ab', 'c'`, `'b{"$($env:R)aaa".Replace('aa', 'b')}' ; 'xc{"$($env:R)b" -replace 'ab', 'c'}x'`},
		{`$r = $env:R; "a b $r c".Replace(' ', '_')`, `'a_b_{$env:R.Replace(' ', '_')}_c'`},
		{`$r = $env:R; "ab$r".Replace('bc', 'x')`, `'a{"b$($env:R)".Replace('bc', 'x')}'`},
		{`$r = $env:R; "x $r" -replace '[^\w]', '_'`, `'x_{$env:R -replace '[^\w]', '_'}'`},
		{`$r = $env:R; "$r\a.txt" -replace '\.txt$', '.pst'`, `'{$env:R}\a.pst'`},
		{`$r = $env:R; '\\f\USER.pst' -replace 'user', $r`, `'\\f\{$env:R}.pst'`},
		{`$r = $env:R; '{0}\{1:d3}' -f 'a', $r`, `'a\{'{0:d3}' -f $env:R}'`},
		{`$r = $env:R; 'a', $r, 'b' -join '\'`, `'a\{$env:R}\b'`},
		{`Split-Path 'D:/x/y' -NoQualifier; Split-Path '\\fs\x' -NoQualifier; Split-Path 'FileSystem::D:\x' -NoQualifier; Split-Path ab:c -Qualifier; Split-Path C:x -IsAbsolute; Split-Path x -IsAbsolute`,
			`'/x/y' ; '\\fs\x' ; 'D:\x' ; 'ab:' ; true ; false`},
		{`$r = $env:R; Split-Path "D:\$r\x.pst" -NoQualifier; Split-Path "D:\$r" -Qualifier; Split-Path "$r\x.pst" -NoQualifier`,
			`'\{$env:R}\x.pst' ; 'D:' ; '{Split-Path $env:R -NoQualifier}\x.pst'`},
		{`$r = $env:R; Split-Path "$r\$($env:S).pst" -NoQualifier; Split-Path "$r\:x" -NoQualifier; Split-Path "\\$r\x" -NoQualifier; Split-Path "$r\x" -Qualifier`,
			`{Split-Path "$r\$($env:S).pst" -NoQualifier} ; {Split-Path "$r\:x" -NoQualifier} ; {Split-Path "\\$r\x" -NoQualifier} ; {Split-Path "$r\x" -Qualifier}`},
		{`$u = Read-Host; $u | Get-Thing; $u | Get-Thing | Get-Other -All`, `{$u | Get-Thing}* ; {$u | Get-Thing | Get-Other -All}*`},
		{`$r = $env:R; Join-Path "$r\" '\x.pst'; Split-Path "$r\a\b.pst" -Leaf; Split-Path "$r\a\b.pst"; [IO.Path]::Combine('\\f', $r)`, `'{$env:R}\x.pst' ; 'b.pst' ; '{$env:R}\a' ; '\\f\{$env:R}'`},
		{`$r = $env:R; $r.Trim().Substring(0, 2); $r -eq 'x'; $r + 1; [int]$r; (Get-Mailbox x).Age + 1`, `{$env:R.Trim().Substring(0, 2)} ; {$env:R -eq 'x'} ; '{$env:R}1' ; {[int]$env:R} ; {(Get-Mailbox x).Age + 1}*`},
		{`$r = $env:R; "\\x$r" -like '\\*'; "ab$r" -eq 'b'; "a$r" -ne $null; "$r.pst".EndsWith('.pst'); "x$r".StartsWith('y')`, "true ; false ; true ; true ; false"},
		{`$r = $env:R; $r -eq $r; "a$r" -eq "a$r"`, "true ; true"},
		{`$r = $env:R; $l = @('a') + (Get-Mailbox); $l.Count; $l[0]; $l[1]`, `{('a', Get-Mailbox).Count} ; 'a' ; {Get-Mailbox}`},
		{`$h = @{ a = 1 }; $h[$env:R] = 2; $h.a; $h.Count; $h.ContainsKey('b')`, `{value of $env:R} ; {count of @{...}} ; {@{...}.ContainsKey('b')}`},
		{`Get-Mailbox | Select-Object -ExpandProperty Alias`, `{(Get-Mailbox).Alias}*`},
		{`(Get-Date).AddDays(-1).ToString('yyyyMMdd'); Get-Date -Format yyyy`, `{(Get-Date).AddDays(-1).ToString('yyyyMMdd')} ; {Get-Date -Format yyyy}`},
		{`$sb = [Text.StringBuilder]::new(); [void]$sb.Append('a').Append($env:R).Append('b'); $sb.ToString()`, "'a{$env:R}b'"},
		{`"  $env:R x ".Trim(); "$env:R".Trim()`, `'{$env:R.TrimStart()} x' ; '{$env:R.TrimStart().TrimEnd()}'`},
	})
}

// Collections may hold themselves.
// What a body that is run by the operator . or by a command has of its own.
func TestOwnVariables(t *testing.T) {
	const g = "function g { param($p) \"$($PSBoundParameters.Keys) $args $($MyInvocation.MyCommand.Name)\" }\n"
	checkValues(t, WindowsPowerShell, []valueCase{
		{`. { $args[0] } bob`, "'bob'"},
		{g + `function f { param($q) . g 1 2; "$($PSBoundParameters.Keys) $args $($MyInvocation.MyCommand.Name)" }; f 3 4`, "'p 2 g' ; 'q 4 f'"},
		{`function f { param($q) 1 | % { "$($PSBoundParameters.Keys) $args" } }; f 3 4`, "'q '"},
		{`function f { & { $MyInvocation.MyCommand.Name }; 1 | % { $MyInvocation.Line } }; f`, "{$MyInvocation.MyCommand.Name} ; {$MyInvocation.Line}"},
		{`function g { [CmdletBinding()] param([Parameter(ValueFromPipeline)]$p) process { "$($PSBoundParameters.Keys)" } }; function f { param($q) 1 | . g; "$($PSBoundParameters.Keys)" }; f 1`, "'p' ; 'q'"},
	})
}

// A property that an object of the engine's may have, and that nothing is known
// of, is not $null.
func TestUnlistedProperties(t *testing.T) {
	checkValues(t, WindowsPowerShell, []valueCase{
		{`function f { $MyInvocation.PSScriptRoot; $MyInvocation.MyCommand.Name }; f`, "{$MyInvocation.PSScriptRoot} ; 'f'"},
		{`try { throw 'x' } catch { $_.ScriptStackTrace; $_.Exception.Message }`, "{$_.ScriptStackTrace} ; 'x'"},
		{`([pscustomobject]@{ a = 1 }).b; ([xml]'<a/>').b`, "null ; null"},
	})
}

func TestCycles(t *testing.T) {
	for _, text := range []string{
		`$a = @(0); $a[0] = $a; $a.Foo`, `$a = @(0); $a[0] = $a; $a.ToUpper()`, `$a = @(0); $a[0] = $a; $a.Foo = 1`, `$a = @(0, 0); $a[0] = $a; "$a"; [string[]]$a`,
		`$a = @(0); $a[0] = $a; $a -contains $env:X; $a -eq $env:X; $a -join ','`, `$a = @(0); $a[0] = $a; if ($a) { 1 }; [bool]$a; $a -f $a; [array]::Reverse($a)`,
		`$h = @{}; $h.h = $h; "$h"; $h.h.h.Count; $h[$env:X]`, `$o = [pscustomobject]@{ A = 1 }; $o.A = $o; "$o"; $o.A.A; $o | Select-Object A; $o.PSObject.Copy()`,
		`$l = [Collections.ArrayList]@(1); [void]$l.Add($l); $l.Contains($l); $l | Sort-Object; $l | Group-Object; $l | Measure-Object; $l.Foo`,
		`$a = 1; foreach ($i in 1..100) { $a = $a, $a }; $a + $env:X; $a -contains $env:X; "$a"`,
		`$a = 1; foreach ($i in 1..10000) { $a = , $a }; $a.Foo; $a -contains $env:X`,
		`$o = 'x'; foreach ($i in 1..3000) { $o = $o | Add-Member A 1 -PassThru }; "$o"; $o.A; $o.Length; $o -eq 'x'`,
	} {
		if _, _, err := runText(t, text, WindowsPowerShell); err != nil && !isLimit(err) {
			if _, ok := err.(*Thrown); !ok {
				t.Errorf("%s: %v", text, err)
			}
		}
	}
}

// Nothing is made of the size that a text asks for before it fits the budget.
func TestBudgets(t *testing.T) {
	for _, text := range []string{
		`'x' * 1e9`, `(1, 2) * 1e9`, `1..1e9`, `'x'.PadLeft(1e9)`, `[string]::new('x', 1e9)`, `'{0,999999}' -f 'x' * 100000`, `'{0:d999999999}' -f 5`,
		`$s = 'x' * 1mb; while ($true) { $s += $s }`, `New-Object 'byte[]' 2000000000`, `[bigint]$b = 3; while ($true) { $b = $b * $b }`,
		`('a' * 40) + '!' -match '^(a+)+$'; 'x' * 1e9`, `$sb = [Text.StringBuilder]::new(); while ($true) { [void]$sb.Append('x' * 1mb) }`,
		`$l = [Collections.ArrayList]@(1); while ($true) { $l.AddRange($l) }`, `[Linq.Enumerable]::Range(0, 2000000000)`, `'a' * 1mb -split ''`,
	} {
		got := evaluate(t, text, WindowsPowerShell)
		if !strings.HasPrefix(got, "stops: ") && !strings.HasPrefix(got, "throws ") {
			t.Errorf("%s: %.100s", text, got)
		}
	}
}
