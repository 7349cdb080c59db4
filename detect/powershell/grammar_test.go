package powershell

import (
	"fmt"
	"strings"
	"testing"
)

// shape shows an expression with a parenthesis for every operator.
func shape(e Expression) string {
	list := func(items []Expression) string {
		s := make([]string, len(items))
		for i, x := range items {
			s[i] = shape(x)
		}
		return strings.Join(s, " ")
	}
	switch e := e.(type) {
	case *Binary:
		return fmt.Sprintf("(%s %s %s)", shape(e.Left), e.Op, shape(e.Right))
	case *Unary:
		return fmt.Sprintf("(%s %s)", e.Op, shape(e.Operand))
	case *Ternary:
		return fmt.Sprintf("(%s ? %s : %s)", shape(e.Condition), shape(e.Then), shape(e.Else))
	case *ArrayLiteral:
		return "(, " + list(e.Elements) + ")"
	case *Convert:
		return fmt.Sprintf("(cast %s %s)", e.Type.Name, shape(e.Operand))
	case *Member:
		s := shape(e.Target) + map[bool]string{false: ".", true: "::"}[e.Static] + shape(e.Name)
		for _, t := range e.TypeArgs {
			s += "<" + t.Name + ">"
		}
		if e.Call {
			s += "(" + list(e.Arguments) + ")"
		}
		return s
	case *Index:
		return shape(e.Target) + "[" + shape(e.Index) + "]"
	case *String:
		if e.Kind == BareWord {
			return e.Value
		}
	case nil:
		return "nil"
	}
	return Print(e)
}

// onlyExpression returns the expression that a text consists of.
func onlyExpression(t *testing.T, tree *Tree) Expression {
	t.Helper()
	e, ok := pureExpression(tree.Root.EndBlock.Statements[0])
	if !ok || len(tree.Root.EndBlock.Statements) != 1 || len(tree.Errors) > 0 {
		t.Fatalf("%q is no expression: %v", tree.Text, tree.Errors)
	}
	return e
}

func TestPrecedence(t *testing.T) {
	for text, want := range map[string]string{
		"1 + 2 * 3":                     "(1 Plus (2 Multiply 3))",
		"1 - 2 - 3":                     "((1 Minus 2) Minus 3)",
		"1 * 2 % 3 / 4":                 "(((1 Multiply 2) Rem 3) Divide 4)",
		"'{0}' -f 1 + 2":                "(('{0}' Format 1) Plus 2)",
		"'{0}{1}' -f 1, 2":              "('{0}{1}' Format (, 1 2))",
		"1 .. 3 + 4":                    "((1 DotDot 3) Plus 4)",
		"2 * 1 .. 3":                    "(2 Multiply (1 DotDot 3))",
		"$a -eq 1 -and $b -or $c":       "((($a Ieq 1) And $b) Or $c)",
		"$a -or $b -and $c":             "(($a Or $b) And $c)",
		"1 -band 2 -eq 3":               "(1 Band (2 Ieq 3))",
		"1 -bor 2 -bxor 3 -and 4":       "(((1 Bor 2) Bxor 3) And 4)",
		"1 + 2 -eq 3":                   "((1 Plus 2) Ieq 3)",
		"$a ?? 1 + 2":                   "($a QuestionQuestion (1 Plus 2))",
		"$a ?? $b -eq 1":                "(($a QuestionQuestion $b) Ieq 1)",
		"-not $a -eq $b":                "((Not $a) Ieq $b)",
		"!$a -and $b":                   "((Exclaim $a) And $b)",
		"-join 'a', 'b'":                "(, (Join 'a') 'b')",
		"-split $a -join ','":           "((Isplit $a) Join ',')",
		"- 5 + 3":                       "((Minus 5) Plus 3)",
		"-5 + 3":                        "(-5 Plus 3)",
		"$a-1":                          "($a Minus 1)",
		"3 -1":                          "(3 Minus 1)",
		"1, 2 + 3":                      "((, 1 2) Plus 3)",
		", 1, 2":                        "(, (, 1) 2)",
		"[int]'1' + 2":                  "((cast int '1') Plus 2)",
		"[int][string]$a.b":             "(cast int (cast string $a.b))",
		"[int]::MaxValue + 1":           "([int]::MaxValue Plus 1)",
		"[char[]](1, 2) -join ''":       "((cast char (1, 2)) Join '')",
		"$a++ + ++$b":                   "((PostfixPlusPlus $a) Plus (PlusPlus $b))",
		"$a ? 1 : $b ? 2 : 3":           "($a ? 1 : ($b ? 2 : 3))",
		"$a -eq 1 ? 2:3":                "(($a Ieq 1) ? 2 : 3)",
		"$a.b[0].c(1, 2)::d":            "$a.b[0].c(1 2)::d",
		"$a.b[int](1)":                  "$a.b<int>(1)",
		"[a]::b[string, int](1)":        "[a]::b<string><int>(1)",
		"$a -replace 'b', 'c' -split 1": "(($a Ireplace (, 'b' 'c')) Isplit 1)",
		"1 -shl 2 + 1":                  "(1 Shl (2 Plus 1))",
		"$a -as [int] -is [int]":        "(($a As [int]) Is [int])",
		"$a.'b c'.$d.(1)":               "$a.'b c'.$d.(1)",
		"$a.if.foreach":                 "$a.if.foreach",
		"$a.f({ 1 }, 'x' + 'y')":        "$a.f({\n1\n} ('x' Plus 'y'))",
		"$a.f{ 1 }":                     "$a.f({\n1\n})",
		"'a' + 'b' -f 1":                "('a' Plus ('b' Format 1))",
	} {
		if got := shape(onlyExpression(t, Parse(text, PowerShellCore))); got != want {
			t.Errorf("%s\n got %s\nwant %s", text, got, want)
		}
	}
}

// TestOperators reads every operator in all its spellings.
func TestOperators(t *testing.T) {
	for kind := range numKinds {
		if kinds[kind].precedence == 0 || kind.Text()[0] != '-' || kind == KindMinus {
			continue
		}
		name := kind.Text()[1:]
		for _, dash := range []string{"-", "–", "—", "―"} {
			for _, word := range []string{name, strings.ToUpper(name)} {
				tree := Parse("1 "+dash+word+" 2", WindowsPowerShell)
				b, ok := onlyExpression(t, tree).(*Binary)
				if !ok || b.Op != kind {
					t.Errorf("%s%s is not %s", dash, word, kind)
				}
			}
		}
	}
}

func TestNumbers(t *testing.T) {
	for _, c := range []struct{ text, value, typ string }{
		{"0", "0", "Int32"}, {"007", "7", "Int32"}, {"2147483647", "2147483647", "Int32"}, {"2147483648", "2147483648", "Int64"},
		{"-2147483648", "-2147483648", "Int32"}, {"-2147483649", "-2147483649", "Int64"},
		{"9223372036854775807", "9223372036854775807", "Int64"}, {"9223372036854775808", "9223372036854775808", "Decimal"},
		{"79228162514264337593543950335", "79228162514264337593543950335", "Decimal"},
		{"79228162514264337593543950336", "7.922816251426434E+28", "Double"},
		{"0x7fffffff", "2147483647", "Int32"}, {"0xffffffff", "-1", "Int32"}, {"0x80000000", "-2147483648", "Int32"},
		{"0x100000000", "4294967296", "Int64"}, {"0xffffffffffffffff", "-1", "Int64"}, {"0x0000000000000001", "1", "Int64"},
		{"0xff", "255", "Int32"}, {"0xffL", "255", "Int64"}, {"0x10kb", "16384", "Int32"}, {"-0x10", "-16", "Int32"},
		{"0xffffffffu", "4294967295", "UInt32"}, {"0b101", "5", "Int32"}, {"0b11111111", "-1", "Int32"}, {"0b011111111", "255", "Int32"},
		{"1kb", "1024", "Int32"}, {"1mb", "1048576", "Int32"}, {"2gb", "2147483648", "Int64"}, {"1tb", "1099511627776", "Int64"},
		{"1pb", "1125899906842624", "Int64"}, {"1.5kb", "1536", "Double"}, {"1lkb", "1024", "Int64"}, {"1dkb", "1024", "Decimal"},
		{"1.0", "1", "Double"}, {"1.", "1", "Double"}, {".5", "0.5", "Double"}, {"1e3", "1000", "Double"}, {"1e–3", "0.001", "Double"},
		{"1.5e+2", "150", "Double"}, {"1e400", "+Inf", "Double"}, {"1.50d", "1.50", "Decimal"}, {"1e3d", "1000", "Decimal"}, {"1e-2d", "0.01", "Decimal"},
		{"127y", "127", "SByte"}, {"255uy", "255", "Byte"}, {"1s", "1", "Int16"}, {"65535us", "65535", "UInt16"},
		{"1u", "1", "UInt32"}, {"4294967296u", "4294967296", "UInt64"}, {"1ul", "1", "UInt64"}, {"12n", "12", "BigInteger"},
		{"1.6l", "2", "Int64"}, {"2.5l", "2", "Int64"},
	} {
		n, ok := onlyExpression(t, Parse(c.text, PowerShellCore)).(*Number)
		if !ok {
			t.Errorf("%s is no number", c.text)
			continue
		}
		if value, typ := showNumber(n.Value); value != c.value || typ != c.typ {
			t.Errorf("%s is %s %s, want %s %s", c.text, value, typ, c.value, c.typ)
		}
	}
	for _, text := range []string{"0b", "0b2", "1e", "1x", "7z", "1kbx", "1luk", "1dl", "1kk"} {
		tree := Parse(text, PowerShellCore)
		if c, ok := tree.Root.EndBlock.Statements[0].(*Pipeline).Elements[0].(*Command); !ok || len(c.Elements) != 1 {
			t.Errorf("%s is no command", text)
		}
	}
	for _, text := range []string{"0x", "300y", "256uy", "40000s", "9999999999999999999l", "0x10000000000000000", "99999999999999999999999999999999d"} {
		if tree := Parse("$x = "+text, PowerShellCore); len(tree.Errors) == 0 {
			t.Errorf("%s fits", text)
		}
	}
}

// TestGrammar reads every statement and compares with what it is printed as.
func TestGrammar(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"if(1){a}elseif(2){b}else{c}", "if (1) {\na\n} elseif (2) {\nb\n} else {\nc\n}"},
		{":x while($a){break x}", ":x while ($a) {\nbreak x\n}"},
		{"do{a}until(b)", "do {\na\n} until (b)"},
		{"for(){}", "for (; ; ) {\n}"},
		{"for($i=0\n$i -lt 3\n$i++){a}", "for ($i = 0; $i -lt 3; $i++) {\na\n}"},
		{"foreach($a in b){}", "foreach ($a in b) {\n}"},
		{"switch -r -c ($a){'x'{1}default{2}{$_}{3}}", "switch -regex -casesensitive ($a) {\n'x' {\n1\n}\n{\n$_\n} {\n3\n}\ndefault {\n2\n}\n}"},
		{"switch -file a.txt {b{}}", "switch -file a.txt {\nb {\n}\n}"},
		{"try{a}catch [B],[C]{d}catch{e}finally{f}", "try {\na\n} catch [B], [C] {\nd\n} catch {\ne\n} finally {\nf\n}"},
		{"trap [A]{continue}\nb", "trap [A] {\ncontinue\n}\nb"},
		{"data d -supportedcommand a,b {b}", "data d -SupportedCommand a, b {\nb\n}"},
		{"function a($b,[int]$c=1){d}", "function a ($b, [int] $c = 1) {\nd\n}"},
		{"filter f{$_}", "filter f {\n$_\n}"},
		{"function if {}", "function if {\n}"},
		{"function 7z {}", "function 7z {\n}"},
		{"workflow w{parallel{a}sequence{b}inlinescript{c};foreach -parallel($x in $y){d}}",
			"workflow w {\nparallel {\na\n}\nsequence {\nb\n}\ninlinescript {\nc\n}\nforeach -parallel ($x in $y) {\nd\n}\n}"},
		{"configuration c{Node n{File f{Ensure='x'}}}", "configuration c {\nNode n {\nFile f {\nEnsure=x\n}\n}\n}"},
		{"param($a)\nbegin{b}process{c}end{d}dynamicparam{e}", "param($a)\ndynamicparam {\ne\n}\nbegin {\nb\n}\nprocess {\nc\n}\nend {\nd\n}"},
		{"[CmdletBinding(a=1,b)]param([Parameter()][A('x','y')]$b)", "[CmdletBinding(a = 1, b)]\nparam([Parameter()] [A('x', 'y')] $b)"},
		{"class A:B,C{[int]$x=1;static [string]$y;hidden $z\nA([int]$a):base($a,2){}\n[string]m(){return 'x'}static [void]n(){}}",
			"class A : B, C {\n[int] $x = 1\n[string] static $y\nhidden $z\nA([int] $a) : base($a, 2) {\n}\n[string] m() {\nreturn 'x'\n}\n[void] static n() {\n}\n}"},
		{"class A{$if;[void]process(){};static end(){}\nif($x){}default(){}}",
			"class A {\n$if\n[void] process() {\n}\nstatic end() {\n}\nif($x) {\n}\ndefault() {\n}\n}"},
		{"[Flags()]enum E:byte{a=1;b\nc}", "[Flags()]\nenum E : byte {\na = 1\nb\nc\n}"},
		{"using namespace A.B\nusing module C\nusing assembly d.dll\ne", "using namespace A.B\nusing module C\nusing assembly d.dll\ne"},
		{"return\nthrow 'x'\nexit 1", "return\nthrow 'x'\nexit 1"},
		{"a && b || c &", "a && b || c &"},
		{"a|b|\nc", "a | b | c"},
		{"a\n|b", "a | b"},
		{"& $a b;. c", "& $a b\n. c"},
		{"a -b -c:d --e -- -f", "a -b -c:d --e -- `-'f'"},
		{"a 2>&1 >b *>>c", "a 2>&1 > b *>> c"},
		{"$a.b=$c,$d=1,2", "$a.b = $c, $d = 1, 2"},
		{"$a=if(1){2}", "$a = if (1) {\n2\n}"},
		{"@{a=1;'b c'=2;$d=3\n4=e}", "@{\na = 1\n'b c' = 2\n$d = 3\n4 = e\n}"},
		{"@(1;2)", "@(\n1\n2\n)"},
		{"\"a$b$($c)d\"", "\"a$b$($c)d\""},
		{"[A.B[C,D[]],e]$x", "[A.B[C, D[]], e] $x"},
		{"[ValidateRange(1,2)]$x=3", "[ValidateRange(1, 2)] $x = 3"},
		{"a --% b $c | d", "a --% b $c | d"},
		{"dir a`\nb", "dir a'\nb'"},
		{"$using:a;$env:b;${c d};$a:b:c", "$using:a\n$env:b\n${c d}\n$a:b:c"},
	} {
		tree := Parse(c.text, WindowsPowerShell)
		if len(tree.Errors) > 0 {
			t.Errorf("%q: %v", c.text, tree.Errors)
			continue
		}
		if got := strings.TrimSpace(Print(tree.Root)); got != c.want {
			t.Errorf("%q is printed as\n%s\nnot\n%s", c.text, got, c.want)
		}
		roundTrip(t, tree)
	}
}

// TestErrors reads what is wrong, and what is only not finished, and finds the
// commands that are there nevertheless.
func TestErrors(t *testing.T) {
	for _, c := range []struct {
		text       string
		incomplete bool
		commands   string
	}{
		{"a } b ) c", false, "a b c"},
		{"if ($x { a }\nb", false, "a b"},
		{"if $x { a }\nb", false, "a b"},
		{"while { a }; b", false, "a b"},
		{"foreach ($x) { a }\nb", false, "a b"},
		{"function { a }\nb", false, "a b"},
		{"$x = @{ a 1 }\nb", false, "b"},
		{"$x = 5 +\n\nb;c", false, "b c"},
		{"begin { a } b;", false, "a b"},
		{"a | | b", false, "a b"},
		{"a && && b", false, "a b"},
		{"'x' a b", false, "a"},
		{"class C { a }\nb", false, "b"},
		{"@x = 1", false, ""},
		{"5 = 3; a", false, "a"},
		{"a @x, b", false, "a"},
		{"@{ a = 1; A = 2 }; b", false, "b"},
		{"param($a, $A); b", false, "b"},
		{"[ValidateSet($x)]$y = 1", false, ""},
		{"try { a } finally { return }", false, "a"},
		{"try { a } catch { b } catch [C] { d }", false, "a b d"},
		{"parallel { a }", false, "a"},
		{"[ordered]5", false, ""},
		{"$using:x.y()", false, ""},
		{"a\n# SIG # Begin signature block\n# x\n# SIG # End signature block\nb", false, "a b"},
		{"try { a", true, "a"},
		{"try { a } catch {", true, "a"},
		{"switch ($x) { 'y' { a", true, "a"},
		{"foreach ($x in a) { b $(c", true, "a b c"},
		{"@{ a = b", true, "b"},
		{"a \"x $(b", true, "a b"},
		{"a @'\nx", true, "a"},
		{"a <# x", true, "a"},
		{"a -b:", true, "a"},
		{"a |", true, "a"},
		{"a &&", true, "a"},
		{"$x = ", true, ""},
		{"$x.", true, ""},
		{"$x[", true, ""},
		{"[int", true, ""},
		{"function f", true, ""},
		{"class C { [void] m() { a", true, "a"},
		{"$x = $y -e", true, ""},
	} {
		tree := Parse(c.text, WindowsPowerShell)
		if len(tree.Errors) == 0 {
			t.Errorf("%q: no error", c.text)
		}
		for _, e := range tree.Errors {
			if e.Incomplete != c.incomplete {
				t.Errorf("%q: %s: incomplete %v", c.text, e.Message, e.Incomplete)
			}
		}
		var names []string
		for _, f := range commandFacts(tree) {
			if f.Name != nil {
				names = append(names, *f.Name)
			}
		}
		if got := strings.Join(names, " "); got != c.commands {
			t.Errorf("%q: commands %q, want %q: %v", c.text, got, c.commands, tree.Errors)
		}
	}
}

// TestDialects reads what the versions read differently.
func TestDialects(t *testing.T) {
	for _, c := range []struct{ text, windows, core string }{
		{"a`eb", "aeb", "a\x1bb"},
		{"a`u{41}", "", "aA"},
		{"\"`e`u\"", "eu", ""},
		{"a 5y", "", ""},
	} {
		for dialect, want := range []string{c.windows, c.core} {
			tree := ParseTokens(c.text, Dialect(dialect))
			if want != "" && tree.Tokens[0].Value != want {
				t.Errorf("%q in dialect %d: %q, want %q", c.text, dialect, tree.Tokens[0].Value, want)
			}
		}
	}
	for text, want := range map[string][2]TokenKind{
		"a 0b1": {KindGeneric, KindNumber}, "a 5y": {KindGeneric, KindNumber}, "a 5ul": {KindGeneric, KindNumber},
		"a 5l": {KindNumber, KindNumber}, "a 5d": {KindNumber, KindNumber}, "a 0x1F": {KindNumber, KindNumber},
	} {
		for dialect, kind := range want {
			if got := ParseTokens(text, Dialect(dialect)).Tokens[1].Kind; got != kind {
				t.Errorf("%q in dialect %d: %s, want %s", text, dialect, got, kind)
			}
		}
	}
	if tree := Parse("clean { a }", WindowsPowerShell); tree.Root.Clean != nil {
		t.Error("clean was a block before PowerShell 7.3")
	}
	if tree := Parse("clean { a }", PowerShellCore); tree.Root.Clean == nil {
		t.Error("clean is no block")
	}
}

// TestPosition finds lines and columns as the engine counts them.
func TestPosition(t *testing.T) {
	tree := Parse("a\r\né😀b\rc\n\xed\xa0\x80d", PowerShellCore)
	for _, c := range []struct{ offset, line, column, units int }{
		{0, 1, 1, 0}, {1, 1, 2, 1}, {3, 2, 1, 3}, {5, 2, 2, 4}, {9, 2, 4, 6}, {11, 3, 1, 8}, {13, 4, 1, 10}, {16, 4, 2, 11}, {99, 4, 3, 12},
	} {
		line, column := tree.Position(c.offset)
		if units := tree.UTF16Offset(c.offset); line != c.line || column != c.column || units != c.units {
			t.Errorf("%d is %d:%d (%d), want %d:%d (%d)", c.offset, line, column, units, c.line, c.column, c.units)
		}
	}
}
