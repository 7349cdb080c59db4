package powershell

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"pstrail/evtxscan/evtxtest"
)

// actHost knows Act, which takes one value; what else is called is unknown.
type actHost struct{}

var actCommand = &CommandInfo{Name: "Act", Parameters: []ParameterInfo{{Name: "Value", Type: "System.String", Position: 0, Pipeline: true}}}

func (actHost) Command(name string) *CommandInfo {
	if strings.EqualFold(name, "Act") {
		return actCommand
	}
	return nil
}
func (actHost) Commands() []string   { return []string{"Act"} }
func (actHost) Origin(string) Origin { return OriginCommand }

// tester is what testing.TB and rapid.T have in common.
type tester interface {
	Helper()
	Fatalf(string, ...any)
}

// act runs a script and writes what it makes Act do: "value", "value?" where a
// condition decides, "value*" where it stands for any number.
func act(t tester, script string) []string {
	t.Helper()
	acts, limit := actLimit(t, script, Budget{})
	if limit != "" {
		t.Fatalf("limit %q exceeded by\n%s", limit, script)
	}
	return acts
}

func actLimit(t tester, script string, budget Budget) (acts []string, limit string) {
	t.Helper()
	tree := Parse(script, WindowsPowerShell)
	if len(tree.Errors) > 0 {
		t.Fatalf("%s: %v", script, tree.Errors)
	}
	result := Run(actHost{}, []Logged{{Tree: tree, Fresh: true}}, budget)
	return actsOf(result), result.Limit
}

func actsOf(result *Result) (acts []string) {
	for _, e := range result.Events {
		s := ""
		for _, a := range e.Arguments {
			s += partsText(Parts(a.Value))
		}
		if e.Many {
			s += "*"
		}
		if e.Conditional {
			s += "?"
		}
		acts = append(acts, s)
	}
	return acts
}

func TestRegions(t *testing.T) {
	for _, c := range []struct{ name, script, want string }{
		{"equal outcomes are one", `if (Get-X) { $a = 1 } else { $a = 1 }; Act $a`, "1"},
		{"other outcomes are two", `if (Get-X) { $a = 1 } else { $a = 2 }; Act $a; Act z`, "1? 2? z"},
		{"together", `if (Get-X) { $a = 'x'; $b = 1 } else { $a = 'y'; $b = 2 }; Act "$a$b"`, "x1? y2?"},
		{"one side", `if (Get-X) { Act 1 }; Act 2`, "1? 2"},
		{"else", `if (Get-X) { Act 1 } elseif (Get-Y) { Act 2 } else { Act 3 }`, "1? 2? 3?"},
		{"same condition, same answer", `$c = Get-X; if ($c) { $a = 1 } else { $a = 2 }; if ($c) { Act "c$a" } else { Act "d$a" }`, "c1? d2?"},
		{"two conditions", `if (Get-X) { $a = 1 } else { $a = 2 }; if (Get-Y) { $b = 1 } else { $b = 2 }; Act "$a$b"`, "11? 12? 21? 22?"},
		{"return", `function F { if (Get-X) { return }; Act 1 }; F; Act 2`, "1? 2"},
		{"return of values", `function F { if (Get-X) { return 'a' }; 'b' }; Act (F); Act z`, "a? b? z"},
		{"continue", `foreach ($i in 1..3) { if (Get-X $i) { continue }; Act $i }; Act z`, "1? 2? 3? z"},
		{"break", `foreach ($i in 1..2) { if (Get-X $i) { break }; Act $i }; Act z`, "1? 2? z"},
		{"throw", `if (Get-X) { throw 'x' }; Act 1`, "1?"},
		{"exit", `function F { if (Get-X) { exit } }; F; Act 1`, "1?"},
		{"throw caught", `try { if (Get-X) { throw 'x' }; $a = 1 } catch { $a = 2 }; Act $a`, "2? 1?"},
		{"catch of a risk", `try { Get-X; $a = 1 } catch { Act c; continue } finally { Act f }; Act $a`, "c? f 1?"},
		{"catch without risk", `try { $a = 1 } catch { Act c }; Act $a`, "1"},
		{"unknown items", `foreach ($m in Get-X) { Act "a$($m.Name)" }; Act z`, "a{$m.Name}* z"},
		{"counter", `$n = 0; foreach ($m in Get-X) { $n++; Act "$n" }; Act $n`, "{$n}* {$n}"},
		{"kept in a loop", `$r = 'k'; foreach ($m in Get-X) { $s = $r; Act $r }; Act $r`, "k* k"},
		{"grown text", `$p = 'k'; foreach ($m in Get-X) { $p += $m }; Act $p`, "k{$p}"},
		{"known before unknown", `$i = 0; while ($i -lt 2 -or (Get-X)) { $i++; Act $i }; Act z`, "1 2 {$i}* z"},
		{"list of objects", `$l = foreach ($m in Get-X) { @{ P = "p$($m.A)" } }; foreach ($j in $l) { Act $j.P }`, "p{$m.A}*"},
		{"array grown", `$l = @(); foreach ($m in Get-X) { $l += "p$($m.A)" }; foreach ($j in $l) { Act $j }; Act $l.Count`, `p{$m.A}* {("p$($m.A)", ...).Count}`},
		{"pipeline", `Get-X | ForEach-Object { $s = $_.A; "x$s" } | ForEach-Object { Act $_ }`, "x{$_.A}*"},
		{"filter", `Get-X | Where-Object { $_.A -eq 'x' } | ForEach-Object { Act $_.B }`, "{$_.B}*"},
		{"filter of known items", `'a', 'b' | Where-Object { Get-X $_ } | ForEach-Object { Act $_ }; Act z`, "a? b? z"},
		{"switch", `switch (Read-Host) { 'a' { Act 1 } 'b' { Act 2 } default { Act 3 } }; Act z`, "1? 2? 3? z"},
		{"no end", `while ($true) { if (Get-X) { break }; Act 1 }; Act z`, "1? 1*? z"},
		{"recursion", `function F($d) { foreach ($x in Get-X $d) { Act $x.N; F $x } }; F 'a'`, "{$x.N}* {$x.N}*"},
		{"side effects of -and", `if ((Get-X) -and ($a = 1)) { Act "t$a" }; Act "a$a"`, "t1? a1? a?"},
		{"output", `$x = if (Get-X) { 1; 2 } else { 3 }; Act "$x"`, "1 2? 3?"},
	} {
		got := strings.Join(act(t, c.script), " ")
		if got != c.want {
			t.Errorf("%s:\n  %s\n  got  %s\n  want %s", c.name, c.script, got, c.want)
		}
	}
}

// TestManyConditions runs a hundred unknown conditions for each of a hundred
// items: each is two ways, but they come to the same.
func TestManyConditions(t *testing.T) {
	body := strings.Repeat("if (Get-X) { Act $i }\n", 100)
	in := newInterpreter(actHost{}, Budget{})
	tree := Parse("foreach ($i in 1..100) {\n"+body+"}\nAct end", WindowsPowerShell)
	in.runBlock(0, Logged{Tree: tree})
	events := in.events.list()
	if len(events) != 100*100+1 || events[len(events)-1].Conditional {
		t.Fatalf("%d events, the last of them conditional: %v", len(events), events[len(events)-1].Conditional)
	}
	if in.limit != nil || in.steps > 1_000_000 {
		t.Fatalf("%d steps, limit %v", in.steps, in.limit)
	}
}

// TestManyStates leaves more states than there may be: they are joined.
func TestManyStates(t *testing.T) {
	var b strings.Builder
	for i := range 20 {
		fmt.Fprintf(&b, "if (Get-X %d) { $a%d = 1 } else { $a%d = 2 }\n", i, i, i)
	}
	b.WriteString("Act \"<$a0>\"\nAct k\n")
	acts, limit := actLimit(t, b.String(), Budget{Paths: 16})
	if limit != "" {
		t.Errorf("limit %q", limit)
	}
	if !slices.Contains(acts, "k") {
		t.Errorf("the call that always happens is not reported as such: %q", acts)
	}
	for _, a := range acts {
		if a != "k" && a != "<1>?" && a != "<2>?" && a != "<{$a0}>" && a != "<{$a0}>?" {
			t.Errorf("unexpected %q", a)
		}
	}
}

// TestTrail changes objects at random between marks: undo restores, redo
// restores what was undone.
func TestTrail(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := newInterpreter(actHost{}, Budget{})
		array := newArray([]Value{"a", "b", "c"})
		list := newList(typeArrayList, "x")
		hash, object := newHash(), newObject("o")
		v := in.declare(in.global, "v")
		items := in.newCollector()
		everything := func() string {
			var b strings.Builder
			for _, e := range [][]Value{array.Elements, list.Elements, hash.keys, hash.values, items.values} {
				fmt.Fprintf(&b, "%q ", e)
			}
			for _, name := range object.names {
				fmt.Fprintf(&b, "%s=%v ", name, object.values[foldCase(name)])
			}
			fmt.Fprintf(&b, "%v %v", v.value, in.variableNames())
			return b.String()
		}
		change := func(k, n int) {
			s := strconv.Itoa(n)
			switch k {
			case 0:
				in.touchElement(array, n%3)
				array.Elements[n%3] = s
			case 1:
				in.touchAppend(list)
				list.Elements = append(list.Elements, s)
			case 2:
				in.touchEntry(hash, s)
				hash.Set(s, n)
			case 3:
				in.touch(hash)
				hash.Delete(s)
			case 4:
				in.touch(object)
				object.Set("p"+s, n)
			case 5:
				in.store(v, s, nil)
			case 6:
				in.store(in.declare(in.global, "n"+s), s, nil)
			case 7:
				_ = in.collect(items, s)
			case 8:
				in.touch(list)
				list.Elements = list.Elements[:len(list.Elements)/2]
			case 9:
				in.touch(in.global)
				delete(in.global.variables, "n"+s)
			}
		}
		random := func() {
			for range rapid.IntRange(0, 12).Draw(t, "changes") {
				change(rapid.IntRange(0, 9).Draw(t, "kind"), rapid.IntRange(0, 5).Draw(t, "n"))
			}
		}
		random()
		for range 4 {
			before := everything()
			mark := in.trail.mark()
			since := in.trail.epoch
			random()
			inner := in.trail.mark()
			innerSince := in.trail.epoch
			middle := everything()
			random()
			if rapid.Bool().Draw(t, "undo inner") {
				in.trail.undo(inner, innerSince)
				if got := everything(); got != middle {
					t.Fatalf("inner undo:\n%s\n%s", got, middle)
				}
				random()
			}
			after := everything()
			changes := in.trail.undo(mark, since)
			if got := everything(); got != before {
				t.Fatalf("undo:\n%s\n%s", got, before)
			}
			in.trail.mark()
			in.trail.redo(changes)
			if got := everything(); got != after {
				t.Fatalf("redo:\n%s\n%s", got, after)
			}
		}
	})
}

// standsFor tells whether what is reported may be a value.
func standsFor(reported, value string) bool {
	var pattern strings.Builder
	for i, piece := range strings.Split(strings.TrimSuffix(strings.TrimSuffix(reported, "?"), "*"), "{") {
		if i > 0 {
			_, piece, _ = strings.Cut(piece, "}")
			pattern.WriteString(".*")
		}
		pattern.WriteString(regexp.QuoteMeta(piece))
	}
	return regexp.MustCompile("^" + pattern.String() + "$").MatchString(value)
}

// program draws a script in which (Get-B n) are conditions.
type program struct {
	t          *rapid.T
	b          strings.Builder
	conditions int
	functions  int
	lists      int // that are not known; -1: there is to be none
}

func (p *program) statements(depth int) {
	for range rapid.IntRange(1, 3).Draw(p.t, "statements") {
		p.statement(depth)
	}
}

func (p *program) condition() string {
	p.conditions++
	return fmt.Sprintf("(Get-B %d)", p.conditions-1)
}

func (p *program) statement(depth int) {
	name := []string{"$a", "$b", "$script:c"}[rapid.IntRange(0, 2).Draw(p.t, "variable")]
	value := rapid.IntRange(0, 3).Draw(p.t, "value")
	kind := rapid.IntRange(0, 17).Draw(p.t, "statement")
	if p.lists >= 0 && depth > 0 && rapid.IntRange(0, 3).Draw(p.t, "over a list") == 0 {
		p.overList(depth)
		return
	}
	if depth == 0 || p.conditions >= 4 && kind > 3 {
		kind %= 4
	}
	switch kind {
	case 0, 1:
		p.b.WriteString([]string{
			"Act \"$a$b$c.$i\"\n", "Act \"$a$b$c.$i\"\n", "Act \"$($h.k).$l\"\n", "$h.k += $a\n", "$l += , $b\n", "$h.k = \"$l\"\n",
		}[rapid.IntRange(0, 5).Draw(p.t, "act")])
	case 2:
		// A text: an unknown value is taken for one where a text is added to it,
		// while a number would be an error.
		fmt.Fprintf(&p.b, "%s = '%d'\n", name, value)
	case 3:
		fmt.Fprintf(&p.b, "%s += 'x%d'\n", name, value)
	case 4, 5:
		fmt.Fprintf(&p.b, "if %s {\n", p.condition())
		p.statements(depth - 1)
		p.b.WriteString("}")
		if kind == 5 {
			p.b.WriteString(" else {\n")
			p.statements(depth - 1)
			p.b.WriteString("}")
		}
		p.b.WriteString("\n")
	case 6:
		p.b.WriteString("foreach ($i in 1, 2) {\n")
		p.statements(depth - 1)
		fmt.Fprintf(&p.b, "if %s { %s }\n", p.condition(), []string{"break", "continue", "$b = '1'"}[value%3])
		p.statements(depth - 1)
		p.b.WriteString("}\n")
	case 7:
		fmt.Fprintf(&p.b, "$a = %s\n", p.function("return 'r'", "'s'", depth))
	case 8:
		// Nothing in it may throw but what does.
		fmt.Fprintf(&p.b, "try {\n%s = '%d'\nif %s { throw 'x' }\n%s = '7'\n", name, value, p.condition(), name)
		p.b.WriteString("} catch {\n")
		p.statements(depth - 1)
		p.b.WriteString("} finally { Act f }\n")
	case 9:
		p.body("1, 2 | ForEach-Object { $i = $_\n", depth)
	case 10:
		p.b.WriteString("$b = & {\n")
		p.statements(depth - 1)
		fmt.Fprintf(&p.b, "if %s { 'o' }\n}\n", p.condition())
	case 11:
		fmt.Fprintf(&p.b, "if %s { exit }\n", p.condition())
	case 12:
		fmt.Fprintf(&p.b, "switch (%s) {\n'0' {\n", name)
		p.statements(depth - 1)
		p.b.WriteString("}\n'1' {\n")
		p.statements(depth - 1)
		fmt.Fprintf(&p.b, "if %s { break }\n}\n'1' { Act s }\ndefault {\n", p.condition())
		p.statements(depth - 1)
		p.b.WriteString("}\n}\n")
	case 13:
		name := p.function("throw 't'", "'u'", depth)
		p.body(fmt.Sprintf("try { $a = \"$b$(%s)\"; Act \"$a\" } catch { $b = \"$_\"\n", name), depth)
	case 14:
		p.body(fmt.Sprintf("1, 2, 3 | ForEach-Object { if %s { $_ } else { \"$_$_\"; 'e' } } | Select-Object -First %d | ForEach-Object { $i = $_\n", p.condition(), value), depth)
	case 15:
		fmt.Fprintf(&p.b, "for ($j%[1]d = 0; $j%[1]d -lt 3; $j%[1]d++) {\n", depth)
		p.statements(depth - 1)
		fmt.Fprintf(&p.b, "if %s { break }\n}\n", p.condition())
	case 16:
		p.body(fmt.Sprintf("if (%s -and %s -eq '%d') {\n", p.condition(), name, value), depth)
	case 17:
		p.body(fmt.Sprintf("1, 2, 3 | Where-Object { $_ -ne 2 -or %s } | ForEach-Object { $i = $_\n", p.condition()), depth)
	}
}

// body draws what stands between a beginning and its brace.
func (p *program) body(begin string, depth int) {
	p.b.WriteString(begin)
	p.statements(depth - 1)
	p.b.WriteString("}\n")
}

// function draws a function that may end early, and returns its name.
func (p *program) function(early, last string, depth int) string {
	p.functions++
	name := fmt.Sprintf("F%d", p.functions)
	fmt.Fprintf(&p.b, "function %s {\n", name)
	p.statements(depth - 1)
	fmt.Fprintf(&p.b, "if %s { %s }\n", p.condition(), early)
	p.statements(depth - 1)
	p.b.WriteString(last + " }\n")
	return name
}

// script draws the program, in which each condition is one that is equal
// wherever it is asked.
func (p *program) script() string {
	p.statements(3)
	p.b.WriteString("Act \"end$a$b$c\"\n")
	script := "$h = @{}\n$l = @()\n" + p.b.String()
	for i := range p.conditions {
		script = strings.ReplaceAll(script, fmt.Sprintf("(Get-B %d)", i), fmt.Sprintf("($q%d)", i))
	}
	return script
}

// unknown is what stands before the script where no condition is known.
func (p *program) unknown() string {
	var head strings.Builder
	for i := range p.conditions {
		fmt.Fprintf(&head, "$q%d = Get-Q %d\n", i, i)
	}
	return head.String()
}

// known is what stands before the script where all are.
func (p *program) known(answers int) string {
	var head strings.Builder
	for i := range p.conditions {
		fmt.Fprintf(&head, "$q%d = $%v\n", i, answers>>i&1 == 1)
	}
	return head.String()
}

// overList draws a loop over $q, which is not known or a list.
func (p *program) overList(depth int) {
	p.lists++
	switch rapid.IntRange(0, 4).Draw(p.t, "loop") {
	case 0, 1:
		p.body("foreach ($i in $q) {\n", depth)
	case 2:
		p.body("$q | ForEach-Object { $i = $_\n", depth)
	case 3:
		p.b.WriteString("$l = @($q | Where-Object { $_ -ne '2' } | ForEach-Object { \"<$_>\" })\n")
	case 4:
		p.b.WriteString("foreach ($i in $q) {\n")
		p.statements(depth - 1)
		fmt.Fprintf(&p.b, "if ($i -eq '2') { %s }\n}\n", rapid.SampledFrom([]string{"break", "continue", "exit", "$a = \"$i\""}).Draw(p.t, "end"))
	}
}

// TestPaths compares what a script with unknown conditions is said to do with
// what it does for each of their answers.
func TestPaths(t *testing.T) {
	evtxtest.SameEachTime(t)
	rapid.Check(t, func(t *rapid.T) {
		p := &program{t: t, lists: -1}
		script := p.script()
		if p.conditions > 4 {
			return
		}
		// Each call of (Get-Q n) is unknown; the catch that its risk makes
		// does not concern the script, which stands behind it.
		few := Budget{Paths: rapid.SampledFrom([]int{0, 1, 2, 4}).Draw(t, "paths")}
		abstract, limit := actLimit(t, p.unknown()+script, few)
		if limit != "" {
			t.Fatalf("limit %q exceeded by\n%s", limit, script)
		}
		all, sure := map[string]int{}, map[string]int{}
		for _, a := range abstract {
			s := strings.TrimSuffix(a, "?")
			all[s]++
			if s == a {
				sure[s]++
			}
		}
		joined := slices.ContainsFunc(abstract, func(a string) bool { return strings.ContainsAny(a, "{*") })
		union := map[string]int{}
		for answers := range 1 << p.conditions {
			concrete := map[string]int{}
			for _, a := range act(t, p.known(answers)+script) {
				concrete[a]++
			}
			if joined {
				// There were too many states: what is known must still fit.
				for a := range concrete {
					if !slices.ContainsFunc(abstract, func(s string) bool { return standsFor(s, a) }) {
						t.Fatalf("with answers %b the script does %q, which nothing stands for\n%s\nreported %q", answers, a, script, abstract)
					}
				}
				continue
			}
			for a, n := range concrete {
				union[a] = max(union[a], n)
				if all[a] < n {
					t.Fatalf("with answers %b the script does %q %d times, %d are reported\n%s\nreported %q", answers, a, n, all[a], script, abstract)
				}
			}
			for a, n := range sure {
				if concrete[a] < n {
					t.Fatalf("with answers %b the script does %q %d times, %d are reported as sure\n%s\nreported %q", answers, a, concrete[a], n, script, abstract)
				}
			}
		}
		if joined || few.Paths > 0 || strings.Contains(script, "for") || strings.Contains(script, "For") {
			return // where a condition is asked twice, joined states forget its answer
		}
		for a, n := range all {
			// The same value from two places is two calls.
			if union[a] == 0 {
				t.Fatalf("%q is reported %d times, and never happens\n%s\nreported %q", a, n, script, abstract)
			}
		}
	})
}

// TestLists compares what a script with loops over a list that is not known is
// said to do with what it does for lists.
func TestLists(t *testing.T) {
	evtxtest.SameEachTime(t)
	rapid.Check(t, func(t *rapid.T) {
		p := &program{t: t}
		script := p.script()
		if p.conditions > 3 || p.lists > 3 {
			return
		}
		lists := []string{"@('1')", "@('2', '1')", "@('1', '2', '3')"}
		if !strings.Contains(script, "<$_>") { // whose text is taken for that of one or more
			lists = append(lists, "@()")
		}
		abstract := act(t, "$q = Get-Q x\n"+p.unknown()+script)
		for _, list := range lists {
			for answers := range 1 << p.conditions {
				for _, a := range act(t, "$q = "+list+"\n"+p.known(answers)+script) {
					if !slices.ContainsFunc(abstract, func(s string) bool { return standsFor(s, a) }) {
						t.Fatalf("with %s and answers %b the script does %q, which nothing stands for\n%s\nreported %q", list, answers, a, script, abstract)
					}
				}
			}
		}
	})
}

// TestTextAddedToUnknown adds text to what may be a number, to which the engine
// does not join it.
func TestTextAddedToUnknown(t *testing.T) {
	for _, c := range []struct{ script, want string }{
		{`$n = 1; if ($env:x) { $n = 2 }; Act ($n + 'x')`, "{$n + 'x'}"},
		{`$n = 1; if ($env:x) { $n = 'a' }; Act ($n + 'x')`, "{$n + 'x'}"},
		{`$n = 'b'; if ($env:x) { $n = 'a' }; Act ($n + 'x')`, "{$n}x"},
		{`$n = 1; if ($env:x) { $n = 2 }; Act "$n$($n + 1 + 'x')"`, "{$n}{($n + 1) + 'x'}"},
		{`$n = 0; foreach ($m in Get-X) { $n++; Act ($n + 'x') }`, "{$n + 'x'}*"},
		{`$m = Get-X; Act ($m.A + 'x'); Act ($m.A - 1 + 'x'); Act ($m.Count + 'x'); Act ((Get-Date) + 'x')`,
			"{(Get-X).A}x {((Get-X).A - 1) + 'x'} {(Get-X).Count + 'x'} {(Get-Date) + 'x'}"},
	} {
		acts, limit := actLimit(t, c.script, Budget{Paths: 1})
		if got := strings.Join(acts, " "); got != c.want || limit != "" {
			t.Errorf("%s\n  got  %s %s\n  want %s", c.script, got, limit, c.want)
		}
	}
}
