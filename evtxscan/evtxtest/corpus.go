package evtxtest

import (
	"os"
	"path/filepath"
	"testing"
)

// Corpus returns the path of something in the folder "shared" that may lie
// beside the project, with logs of other people and facts recorded from the
// real PowerShell. Where it is missing, the test is skipped, and says so.
func Corpus(t testing.TB, elem ...string) string {
	t.Helper()
	path := filepath.Join(append([]string{Root(t), "..", "shared"}, elem...)...)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("skipped: needs %s beside the project", filepath.Join(elem...))
	}
	return path
}

// Root returns the folder of the project's go.mod.
func Root(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		up := filepath.Dir(dir)
		if up == dir {
			t.Fatal("no go.mod above the test's folder")
		}
		dir = up
	}
}
