package powershell

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"math/big"
	"os"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"pstrail/evtxscan"
	"pstrail/evtxscan/evtxtest"
)

// realScript is a script from a public log, and what the engine's parser
// counts in it.
type realScript struct {
	name                                                  string
	text                                                  string
	tokens, commands, named, functions, variables, errors int
}

func realScripts(t testing.TB) []realScript {
	t.Helper()
	raw, err := os.ReadFile(evtxtest.Corpus(t, "conformance", "real-scripts.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	texts := realTexts(t)
	var all []realScript
	for i, line := range strings.Split(strings.TrimSpace(string(raw)), "\n") {
		if i == 0 {
			continue
		}
		f := strings.Split(strings.TrimSpace(line), "\t")
		n := make([]int, len(f))
		for j := 5; j < len(f); j++ {
			n[j], _ = strconv.Atoi(f[j])
		}
		text, ok := texts[f[4]]
		if !ok {
			t.Errorf("%s %s: the script was not rebuilt", f[0], f[1])
			continue
		}
		all = append(all, realScript{
			name: f[0] + " " + f[1], text: text,
			tokens: n[5], commands: n[6], named: n[7], functions: n[8], variables: n[9], errors: n[10],
		})
	}
	return all
}

// realTexts returns the scripts of the public logs by the hash of their text.
func realTexts(t testing.TB) map[string]string {
	t.Helper()
	collection, err := evtxscan.Find(context.Background(), []string{evtxtest.Corpus(t, "evidence", "real")}, nil)
	if err != nil {
		t.Fatal(err)
	}
	ev, err := collection.Scan(context.Background(), evtxscan.Options{LiveOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{}
	for _, b := range ev.Blocks {
		sum := sha256.Sum256([]byte(b.Text))
		texts[hex.EncodeToString(sum[:])] = b.Text
	}
	return texts
}

// TestRealScripts counts what is in scripts that nobody wrote for a test, many
// of them obfuscated.
func TestRealScripts(t *testing.T) {
	total := 0
	for _, s := range realScripts(t) {
		tree := ParseTokens(s.text, PowerShellCore)
		got := countNodes(tree)
		got.name, got.text = s.name, s.text
		if got != s {
			t.Errorf("%s:\n got %+v\nwant %+v", s.name, counts(got), counts(s))
			for _, e := range tree.Errors {
				line, column := tree.Position(e.Pos())
				t.Logf("%d:%d %s", line, column, e.Message)
			}
		}
		total += got.tokens
	}
	t.Logf("%d tokens", total)
}

func counts(s realScript) [6]int {
	return [6]int{s.tokens, s.commands, s.named, s.functions, s.variables, s.errors}
}

// countNodes counts as the engine's facts do.
func countNodes(tree *Tree) realScript {
	c := realScript{tokens: len(tree.Tokens), errors: len(tree.Errors)}
	visit(reflect.ValueOf(tree.Root), func(n any) {
		switch n := n.(type) {
		case *Variable:
			c.variables++
		case *Function:
			c.functions++
		case *TypeMember:
			if n.Body != nil {
				c.functions++
			}
		case *Command:
			c.commands++
			if len(n.Elements) > 0 {
				if _, ok := n.Elements[0].(*String); ok {
					c.named++
				}
			}
		}
	})
	return c
}

// visit calls f for every pointer in a tree.
func visit(v reflect.Value, f func(any)) {
	switch v.Kind() {
	case reflect.Interface:
		if !v.IsNil() {
			visit(v.Elem(), f)
		}
	case reflect.Pointer:
		if v.IsNil() || v.Type() == reflect.TypeFor[*big.Int]() {
			return
		}
		f(v.Interface())
		visit(v.Elem(), f)
	case reflect.Slice:
		for i := range v.Len() {
			visit(v.Index(i), f)
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[Decimal]() {
			return
		}
		for i := range v.NumField() {
			visit(v.Field(i), f)
		}
	}
}
