package evtxscan

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// tree makes files and folders under a new folder and goes there. A name that
// ends in '/' is a folder; "->" makes a symbolic link.
func tree(t *testing.T, files map[string]string) {
	t.Helper()
	t.Chdir(t.TempDir())
	for name, content := range files {
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(name, "/") {
			continue
		}
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

const logHead = "ElfFile\x00"

func find(t *testing.T, paths ...string) (found []string) {
	t.Helper()
	c, err := Find(context.Background(), paths, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, it := range c.items {
		line := it.ID + " " + it.Path
		for _, i := range it.Issues {
			line += " | " + i.Detail
		}
		for _, a := range it.Also {
			line += " = " + a.Path
		}
		found = append(found, line)
	}
	return found
}

func TestFind(t *testing.T) {
	files := map[string]string{
		"c/b.evtx": logHead + "1", "c/A.EVTX": logHead + "2", "c/deep/er/x.evtx": logHead + "3",
		"c/log-by-content": logHead + "4", "c/chunks": "ElfChnk\x00" + "5", "c/notes.txt": "text", "c/text.evtx": "text!",
		"c/empty.evtx": "", "c/old.evt": "\x30\x00\x00\x00LfLe", "c/folder.evtx/": "", "other.txt": "other",
	}
	inC := []string{"c/A.EVTX", "c/b.evtx", "c/chunks", "c/deep/er/x.evtx", "c/empty.evtx", "c/log-by-content", "c/old.evt", "c/text.evtx"}
	for _, c := range []struct {
		name string
		args []string
		want []string
	}{
		{"a folder", []string{"c"}, inC},
		{"unclean", []string{"./c//"}, inC},
		{"twice", []string{"c", "c/deep", "c/b.evtx", "./c"}, inC},
		{"what is named is listed", []string{"c/b.evtx", "other.txt"}, []string{"c/b.evtx", "other.txt"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			tree(t, files)
			var want []string
			for i, p := range c.want {
				want = append(want, "e"+string(rune('1'+i))+" "+p)
			}
			if d := cmp.Diff(want, find(t, c.args...)); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestFindNothing(t *testing.T) {
	tree(t, map[string]string{"c/notes.txt": "text", "empty/": ""})
	for _, args := range [][]string{{"c"}, {"empty"}, {"c/notes.txt"}} {
		if _, err := Find(context.Background(), args, nil); !errors.Is(err, ErrNoEvidence) {
			t.Errorf("%v: %v", args, err)
		}
	}
	var missing *MissingError
	if _, err := Find(context.Background(), []string{"c", "nowhere"}, nil); !errors.As(err, &missing) || missing.Path != "nowhere" {
		t.Errorf("a path that does not exist: %v", err)
	}
}

func TestFindExcludes(t *testing.T) {
	tree(t, map[string]string{"c/a.evtx": logHead, "c/own.evtx": logHead + "x"})
	c, err := Find(context.Background(), []string{"c"}, func(path string, _ fs.FileInfo) bool { return filepath.Base(path) == "own.evtx" })
	if err != nil || len(c.items) != 1 {
		t.Errorf("%v, %v", c, err)
	}
}

func TestFindCancelled(t *testing.T) {
	tree(t, map[string]string{"c/a.evtx": logHead})
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Find(ctx, []string{"c"}, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// What is no event log is named, or shown by its first bytes.
func TestOtherFormats(t *testing.T) {
	trace := func(kind string) string {
		return "\x00\x00\x01\x00" + strings.Repeat("\x00", 0x48-4) + "\x02\x00" + kind + "\xc0"
	}
	for _, c := range []struct{ content, want string }{
		{"", "the file is empty"},
		{"This is not an event log", `not an event log: needs "ElfFile\x00", begins with the text "This is not an e"`},
		{"\x01\x02\x03", `not an event log: needs "ElfFile\x00", begins with 01 02 03`},
		{strings.Repeat("\x00", 20_000), `not an event log: needs "ElfFile\x00", begins with 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00`},
		{"\x30\x00\x00\x00LfLe\x01\x00\x00\x00", "it is an event log of the old .evt format (before Windows Vista)"},
		{"\x1f\x8b\x08\x00", "it is a gzip archive"},
		{"PK\x03\x04", "it is a zip archive"},
		{"PK\x05\x06", "it is an empty zip archive"},
		{"7z\xbc\xaf\x27\x1c", "it is a 7-Zip archive"},
		{"MSCF\x00", "it is a cabinet archive"},
		{"\x28\xb5\x2f\xfd", "it is a zstd archive"},
		{trace("\x01"), "it is an event trace (.etl)"},
		{trace("\x02"), "it is an event trace (.etl)"},
	} {
		it := scanBytes(t, []byte(c.content), Options{Hash: true}).Items[0]
		if it.State != Unread || it.Kind != KindOther || len(it.Issues) != 1 || it.Issues[0].Detail != c.want || it.SHA256 == "" {
			t.Errorf("%.20q: %s %s %+v", c.content, it.Kind, it.State, it.Issues)
		}
	}
}
