//go:build unix

package evtxscan

import (
	"os"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFindOddFiles(t *testing.T) {
	tree(t, map[string]string{"c/a.evtx": logHead + "1", "c/with%4sign.evtx": logHead + "4", "c/sub/": "", "away/far.evtx": logHead + "2"})
	for link, target := range map[string]string{
		"c/sub/loop": "..", "c/self.evtx": "self.evtx", "c/inside.evtx": "a.evtx", "c/outside.evtx": "../away/far.evtx", "c/gone.evtx": "nowhere",
	} {
		if err := os.Symlink(target, link); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Link("c/a.evtx", "c/sub/hard.evtx"); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo("c/pipe.evtx", 0o600); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo("c/pipe", 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("c/\xff\xfe.evtx", []byte(logHead+"3"), 0o600); err != nil {
		t.Fatal(err)
	}
	link := " | symbolic link, not followed; name it to have it read"
	want := []string{
		`e1 c/\xff\xfe.evtx`,
		"e2 c/a.evtx = c/sub/hard.evtx",
		"e3 c/gone.evtx" + link,
		"e4 c/outside.evtx" + link,
		"e5 c/pipe.evtx | not a regular file (p---------); not opened",
		"e6 c/self.evtx" + link,
		"e7 c/with%4sign.evtx",
	}
	if d := cmp.Diff(want, find(t, "c")); d != "" {
		t.Error(d)
	}
	want = []string{"e1 c/outside.evtx"}
	if d := cmp.Diff(want, find(t, "c/outside.evtx")); d != "" {
		t.Error("a link that is named is followed:", d)
	}
	want = []string{"e1 /dev/null | not a regular file (Dc---------); not opened", "e2 c/a.evtx", "e3 c/pipe | not a regular file (p---------); not opened"}
	if d := cmp.Diff(want, find(t, "c/pipe", "c/a.evtx", "/dev/null")); d != "" {
		t.Error("what is no file is not opened, though it is named:", d)
	}
}

// What may not be opened is listed, and the rest is read.
func TestFindWithoutPermission(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("skipped: root may open everything")
	}
	tree(t, map[string]string{"c/a.evtx": logHead, "c/closed.evtx": logHead, "c/closed/b.evtx": logHead, "c/closed.txt": logHead})
	for name, mode := range map[string]os.FileMode{"c/closed.evtx": 0, "c/closed.txt": 0, "c/closed": 0} {
		if err := os.Chmod(name, mode); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() { _ = os.Chmod("c/closed", 0o700) })
	want := []string{"e1 c/a.evtx", "e2 c/closed | folder cannot be read: permission denied", "e3 c/closed.evtx | cannot be opened: permission denied"}
	if d := cmp.Diff(want, find(t, "c")); d != "" {
		t.Error(d)
	}
}
