package powershell

import (
	"fmt"
	"math/big"
	"reflect"
	"strings"
	"testing"
)

// outline shows a tree without places, and without what merely quotes the
// text: a node a line.
func outline(n any) string {
	var b strings.Builder
	writeOutline(&b, reflect.ValueOf(n), 0)
	return b.String()
}

func writeOutline(b *strings.Builder, v reflect.Value, depth int) {
	switch v.Kind() {
	case reflect.Interface:
		writeOutline(b, v.Elem(), depth)
	case reflect.Pointer:
		if n, ok := v.Interface().(*big.Int); ok || v.IsNil() {
			fmt.Fprintf(b, " %v", n)
			return
		}
		writeOutline(b, v.Elem(), depth)
	case reflect.Slice:
		for i := range v.Len() {
			fmt.Fprintf(b, "\n%*s%d:", depth, "", i)
			writeOutline(b, v.Index(i), depth+1)
		}
	case reflect.Struct:
		b.WriteString(" " + v.Type().Name())
		for i := range v.NumField() {
			f := v.Type().Field(i)
			if f.Type == reflect.TypeFor[Span]() || f.Name == "Raw" || v.Field(i).IsZero() {
				continue
			}
			fmt.Fprintf(b, "\n%*s%s", depth, "", f.Name)
			writeOutline(b, v.Field(i), depth+1)
		}
	case reflect.Invalid:
		b.WriteString(" nil")
	default:
		fmt.Fprintf(b, " %#v", v)
	}
}

// roundTrip prints a tree and reads the print.
func roundTrip(t *testing.T, tree *Tree) {
	t.Helper()
	text := Print(tree.Root)
	again := Parse(text, tree.Dialect)
	if len(again.Errors) > 0 {
		e := again.Errors[0]
		line, column := again.Position(e.Pos())
		t.Fatalf("the print has an error at %d:%d: %s\n%q\nfrom %q", line, column, e.Message, text, tree.Text)
	}
	if got, want := outline(again.Root), outline(tree.Root); got != want {
		g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
		i := 0
		for i < len(g) && i < len(w) && g[i] == w[i] {
			i++
		}
		context := func(lines []string) string { return strings.Join(lines[max(0, i-8):min(len(lines), i+4)], "\n") }
		t.Fatalf("the print reads as\n%s\nnot\n%s\n%q\nfrom %q", context(g), context(w), text, tree.Text)
	}
	if twice := Print(again.Root); twice != text {
		t.Fatalf("printed again it is\n%q\nnot\n%q", twice, text)
	}
}

// TestPrint prints every text of the corpora that has no error, and reads it
// again.
func TestPrint(t *testing.T) {
	var texts []string
	for _, c := range tokenCases(t) {
		texts = append(texts, c.Script)
	}
	for _, c := range commandCases(t) {
		texts = append(texts, c.Script)
	}
	for _, dialect := range []Dialect{WindowsPowerShell, PowerShellCore} {
		for _, text := range texts {
			tree := Parse(text, dialect)
			if len(tree.Errors) == 0 {
				roundTrip(t, tree)
			}
		}
	}
}

func TestPrintRealScripts(t *testing.T) {
	for _, s := range realScripts(t) {
		roundTrip(t, Parse(s.text, WindowsPowerShell))
	}
}
