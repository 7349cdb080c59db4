package powershell

import (
	"reflect"
	"strings"
	"testing"
)

// hostileTexts repeat what nests, what is looked ahead for, and what is read
// twice.
func hostileTexts(size int) map[string]string {
	texts := map[string]string{}
	for _, unit := range []string{
		"(", "{", "[", "$(", "@(", "@{", "@{a=", "\"$(", "a$(", "$a[", "[a(", "[a({", "{[a({", "[a(){", "[a]", "[a[", "[a()]", "[int]",
		"!", "-not ", "- ", "++", ",", "1,", "1+", "$a=", "$a ? ", "$a ?? ", "$a.b", "$a.b(", "$a.b{", "$a[0]", "a::", "a&&", "a|", "a|\n",
		"if(", "if(1){", "else ", "elseif ", "while(", "for(", "foreach($a in ", "switch(1){", "switch(1){a{", "do{", "try{", "catch ", "trap{",
		"class A{", "class A{a(){", "enum E{", "function f{", "function f(", "param(", "data{", "begin{", "using namespace ", "${", "`", "``",
		"'", "\"", "@'\n", "@\"\n", "\n\"@", "<#", "#", "#\n", "\n", ";", "}", ")", "]", "\"\"", "$(\"", "\"`\"", ":a ", "--%", "-a:", "-a ", "> ", "2>&1 ",
		"0x", "1e", "9", "&", ". ", "&{", "$a++ ", "\xed\xa0\x80", "\xff", "\x00", "é", "“", "$a-b ", "return ", "[a(\"$(",
	} {
		texts[unit] = strings.Repeat(unit, size/len(unit))
	}
	return texts
}

// TestHostile reads texts that nest without end. Trees stay small and shallow.
func TestHostile(t *testing.T) {
	for unit, text := range hostileTexts(1 << 17) {
		tree := Parse(text, PowerShellCore)
		nodes := 0
		visit(reflect.ValueOf(tree.Root), func(any) { nodes++ })
		if nodes > 4*len(text) {
			t.Errorf("%q: %d nodes for %d bytes", unit, nodes, len(text))
		}
		if len(tree.Errors) > len(text) {
			t.Errorf("%q: %d errors for %d bytes", unit, len(tree.Errors), len(text))
		}
		Print(tree.Root)
	}
}

func BenchmarkHostile(b *testing.B) {
	for _, size := range []int{1 << 16, 1 << 18} {
		for unit, text := range hostileTexts(size) {
			b.Run(strings.ReplaceAll(unit, "\n", "n"), func(b *testing.B) {
				b.SetBytes(int64(len(text)))
				for b.Loop() {
					Parse(text, PowerShellCore)
				}
			})
		}
	}
}
