package powershell

import (
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"
)

// checkTree holds for any text at all.
func checkTree(t *testing.T, text string, dialect Dialect) {
	t.Helper()
	tree := ParseTokens(text, dialect)
	end := 0
	for i := range tree.Tokens {
		k := &tree.Tokens[i]
		if k.Pos() < end || k.To < k.From || k.End() > len(text) {
			t.Fatalf("token %d %s %d-%d stands before %d in %q", i, k.Kind, k.From, k.To, end, text)
		}
		if between := text[end:k.From]; strings.Trim(between, " \t\v\f\u00a0\u0085\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000`") != "" {
			t.Fatalf("no token holds %q of %q", between, text)
		}
		end = k.End()
	}
	nodes := 0
	visit(reflect.ValueOf(tree.Root), func(n any) {
		nodes++
		if n, ok := n.(Node); ok && (n.Pos() < 0 || n.End() < n.Pos() || n.End() > len(text)) {
			t.Fatalf("%T stands at %d-%d of %d: %q", n, n.Pos(), n.End(), len(text), text)
		}
	})
	if nodes > 20*len(text)+20 {
		t.Fatalf("%d nodes for %d bytes", nodes, len(text))
	}
	for _, e := range tree.Errors {
		if e.From < 0 || e.To < e.From || e.End() > len(text)+1 {
			t.Fatalf("error at %d-%d of %d: %s", e.From, e.To, len(text), e.Message)
		}
	}
	// Bytes that are no text can become a character where quotes between them are
	// gone.
	if len(tree.Errors) == 0 && utf8.ValidString(text) {
		roundTrip(t, tree)
	} else {
		Print(tree.Root)
	}
}

func FuzzParse(f *testing.F) {
	for _, c := range tokenCases(f) {
		f.Add(c.Script, true)
	}
	for _, c := range commandCases(f) {
		f.Add(c.Script, false)
	}
	f.Fuzz(func(t *testing.T, text string, core bool) {
		if len(text) > 4096 {
			return
		}
		dialect := WindowsPowerShell
		if core {
			dialect = PowerShellCore
		}
		checkTree(t, text, dialect)
	})
}
