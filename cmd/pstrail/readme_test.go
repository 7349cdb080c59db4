package main

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pstrail/evtxscan/evtxtest"
)

var update = flag.Bool("update", false, "write what the program prints into the README")

// The README shows what the program prints: its help, and the session with the
// sample case up to the statement.
func TestReadme(t *testing.T) {
	root := evtxtest.Root(t)
	t.Chdir(root)
	help, _ := call(t, 0, "--help")
	session, _ := call(t, 30, "testdata/evidence")
	head, _, found := strings.Cut(session, "\npstrail (devel) read ")
	if !found {
		t.Fatal("the session has no statement")
	}
	path := filepath.Join(root, "README.md")
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want := string(raw)
	for _, part := range []struct{ start, text string }{
		{"```\n$ pstrail testdata/evidence\n", head},
		{"```\nUsage: pstrail", strings.TrimPrefix(help, "Usage: pstrail")},
	} {
		before, rest, ok := strings.Cut(want, part.start)
		if !ok {
			t.Fatalf("the README has no part that starts with %q", part.start)
		}
		_, after, _ := strings.Cut(rest, "\n```\n")
		want = before + part.start + strings.TrimRight(part.text, "\n") + "\n```\n" + after
	}
	if want == string(raw) {
		return
	}
	if !*update {
		t.Fatal("the README does not show what the program prints; run go test ./cmd/pstrail -run Readme -update")
	}
	if err := os.WriteFile(path, []byte(want), 0o666); err != nil {
		t.Fatal(err)
	}
}
