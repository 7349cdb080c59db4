package powershell

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// readLines reads a file of one JSON value per line.
func readLines[T any](t testing.TB, name string) []T {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var all []T
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<22)
	for lines.Scan() {
		var v T
		if err := json.Unmarshal(lines.Bytes(), &v); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		all = append(all, v)
	}
	if len(all) == 0 {
		t.Fatalf("%s is empty", name)
	}
	return all
}

// tokenFact is a token as the engine reports it.
type tokenFact struct {
	Kind       string
	Text       string
	Start, End int
	Value      *string
	Colon      bool
	Type       string
	Nested     []tokenFact
}

type tokenCase struct {
	Name   string
	Script string
	Tokens []tokenFact
	Errors int
}

func tokenCases(t testing.TB) []tokenCase {
	return readLines[tokenCase](t, filepath.Join("..", "..", "testdata", "powershell", "tokens.jsonl"))
}

// TestTokens compares tokens with those of the engine's own parser: kinds,
// places, values and what is nested, exactly.
func TestTokens(t *testing.T) {
	for _, c := range tokenCases(t) {
		t.Run(c.Name, func(t *testing.T) {
			tree := ParseTokens(c.Script, PowerShellCore)
			compareTokens(t, tree, tree.Tokens, c.Tokens)
			if (len(tree.Errors) > 0) != (c.Errors > 0) {
				t.Errorf("%d errors %v, want %d", len(tree.Errors), tree.Errors, c.Errors)
			}
		})
	}
}

func compareTokens(t *testing.T, tree *Tree, got []Token, want []tokenFact) {
	t.Helper()
	for i := 0; i < max(len(got), len(want)); i++ {
		g, w := "nothing", "nothing"
		if i < len(got) {
			g = showToken(tree, &got[i])
		}
		if i < len(want) {
			w = want[i].show()
		}
		if g != w {
			t.Fatalf("token %d:\n got %s\nwant %s\ntext %q", i, g, w, tree.Text)
		}
		compareTokens(t, tree, got[i].Nested, want[i].Nested)
	}
}

func (f *tokenFact) show() string {
	value := ""
	if f.Value != nil {
		value = *f.Value
	}
	return fmt.Sprintf("%s %q %d-%d value %q colon %v type %s", f.Kind, f.Text, f.Start, f.End, value, f.Colon, f.Type)
}

func showToken(tree *Tree, k *Token) string {
	value, typ := k.Value, ""
	if k.Kind == KindNumber {
		value, typ = showNumber(k.Number)
	}
	return fmt.Sprintf("%s %q %d-%d value %q colon %v type %s", k.Kind, tree.Text[k.From:k.To],
		tree.UTF16Offset(k.Pos()), tree.UTF16Offset(k.End()), value, k.Colon, typ)
}

// showNumber shows a number as the facts do: as .NET's invariant culture.
func showNumber(n any) (value, typ string) {
	switch n := n.(type) {
	case nil:
		return "", ""
	case float64:
		s := strconv.FormatFloat(n, 'G', -1, 64)
		if mantissa, exponent, ok := strings.Cut(s, "E"); ok {
			if e, _ := strconv.Atoi(exponent); e >= -5 && e < 15 {
				s = strconv.FormatFloat(n, 'f', -1, 64)
			} else {
				s = fmt.Sprintf("%sE%+03d", mantissa, e)
			}
		}
		return s, "Double"
	case Decimal:
		s := n.Unscaled.String()
		if n.Scale > 0 {
			s = strings.Repeat("0", max(0, n.Scale+1-len(s))) + s
			s = s[:len(s)-n.Scale] + "." + s[len(s)-n.Scale:]
		}
		return s, "Decimal"
	case *big.Int:
		return n.String(), "BigInteger"
	}
	names := map[string]string{"int8": "SByte", "uint8": "Byte", "uint16": "UInt16", "int16": "Int16",
		"uint32": "UInt32", "int32": "Int32", "uint64": "UInt64", "int64": "Int64"}
	return fmt.Sprint(n), names[fmt.Sprintf("%T", n)]
}
