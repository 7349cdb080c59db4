package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pstrail/evtxscan/evtxtest"
)

// source is a Go file of the project.
type source struct {
	path   string // from the top, with '/'
	folder string
	test   bool
	tree   *ast.File
	files  *token.FileSet
}

func (s source) at(n ast.Node) string {
	return s.path + ":" + strconv.Itoa(s.files.Position(n.Pos()).Line)
}

// in reports whether the file lies in one of the folders or below.
func (s source) in(folders ...string) bool {
	return slices.ContainsFunc(folders, func(f string) bool { return s.folder == f || strings.HasPrefix(s.folder, f+"/") })
}

// sources returns all Go files.
func sources(t *testing.T) []source {
	t.Helper()
	top := os.DirFS(evtxtest.Root(t))
	var all []source
	err := fs.WalkDir(top, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if base := entry.Name(); base != "." && strings.HasPrefix(base, ".") || base == "testdata" || base == "dist" {
				return fs.SkipDir
			}
			return nil
		}
		if path.Ext(name) != ".go" {
			return nil
		}
		text, err := fs.ReadFile(top, name)
		if err != nil {
			return err
		}
		files := token.NewFileSet()
		tree, err := parser.ParseFile(files, name, text, 0)
		if err != nil {
			return err
		}
		all = append(all, source{name, path.Dir(name), strings.HasSuffix(name, "_test.go"), tree, files})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 10 {
		t.Fatalf("only %d Go files found", len(all))
	}
	return all
}

// rooms say who may import what, for the imports that have a rule: an import
// path, or what begins with it and a slash. The longest one that fits counts.
var rooms = []struct {
	imported string
	allowed  func(source) bool
	why      string
}{
	{"pstrail/evtxscan", func(s source) bool {
		return s.in("evtxscan", "detect", "report", "cmd") && (s.test || !s.in("detect/powershell"))
	},
		"imports go leftwards only, evtxscan <- detect <- report <- cmd, and the PowerShell language knows nothing of event logs, but for tests on logged scripts: so each can be changed without fear for the others"},
	{"pstrail/evtxscan/evtxtest", func(s source) bool { return s.test || s.in("evtxscan/evtxtest") },
		"evtxtest writes logs for tests; the program only reads evidence"},
	{"pstrail/detect", func(s source) bool { return s.in("detect", "report", "cmd") && !s.in("detect/powershell") },
		"evtxscan must not know what is looked for, and the PowerShell language must not know Exchange"},
	{"pstrail/detect/powershell", func(s source) bool { return s.in("detect") },
		"what a script means is asked of detect, in terms of findings; nobody else reads its trees"},
	{"pstrail/report", func(s source) bool { return s.in("report", "cmd") },
		"findings do not know how they are written"},
	{"pstrail/cmd", func(source) bool { return false },
		"the program is the end of the line"},

	{"github.com/spf13/pflag", func(s source) bool { return s.in("cmd") },
		"only the program has a command line; everything else takes options as values"},
	{"golang.org/x/term", func(s source) bool { return s.in("cmd") },
		"only the program knows whether there is a terminal; a report is told its width"},
	{"golang.org/x/sys", func(s source) bool { return s.in("cmd") },
		"only the program meets the system's console; everything else is portable"},
	{"golang.org/x/text/unicode/norm", func(s source) bool { return s.in("detect/powershell") },
		"scripts take marks off letters; everything else leaves text as it is"},
	{"github.com/olekukonko/tablewriter", func(s source) bool { return s.path == "report/table.go" },
		"one format draws tables; the others must not depend on how"},
	{"www.velocidex.com/golang/evtx", func(s source) bool { return s.test || s.path == "evtxscan/secondopinion.go" },
		"the library is a second reader that hangs and loses records on hostile logs: it is asked in one guarded place"},
	{"github.com/Velocidex/ordereddict", func(s source) bool { return s.test || s.path == "evtxscan/secondopinion.go" },
		"it is the second reader's type, and must not leak out of the one place that asks it"},
	{"github.com/google/go-cmp", func(s source) bool { return s.test },
		"a library for tests has no place in the program"},
	{"pgregory.net/rapid", func(s source) bool { return s.test },
		"a library for tests has no place in the program"},
	{"github.com/rogpeppe/go-internal", func(s source) bool { return s.test },
		"a library for tests has no place in the program"},

	{"net", func(source) bool { return false },
		"pstrail makes no network connection, ever"},
	{"net/netip", func(source) bool { return true }, "it parses addresses and opens nothing"},
	{"net/url", func(source) bool { return true }, "it parses addresses and opens nothing"},
	{"os/exec", func(s source) bool { return s.test },
		"pstrail starts no other program: nothing in the evidence may be run"},
	{"os/signal", func(s source) bool { return s.path == "cmd/pstrail/main.go" },
		"signals end a context in main; everything else heeds the context"},
	{"plugin", func(source) bool { return false }, "pstrail loads no code"},
	{"unsafe", func(s source) bool { return s.path == "evtxscan/utf16.go" },
		"hostile logs are read with bounds checked; only text that is glanced at and dropped is looked at without a copy"},
	{"C", func(source) bool { return false }, "cgo stays off: one static binary"},
	{"math/rand", func(s source) bool { return s.test }, "no random number reaches a report"},
	{"math/rand/v2", func(s source) bool { return s.test }, "no random number reaches a report"},
	{"testing", func(s source) bool { return s.test || s.in("evtxscan/evtxtest") }, "tests stay out of the program"},
}

func TestImports(t *testing.T) {
	for _, s := range sources(t) {
		for _, spec := range s.tree.Imports {
			imported, _ := strconv.Unquote(spec.Path.Value)
			best := -1
			for i, room := range rooms {
				fits := imported == room.imported || strings.HasPrefix(imported, room.imported+"/")
				if fits && (best < 0 || len(room.imported) > len(rooms[best].imported)) {
					best = i
				}
			}
			first, _, _ := strings.Cut(imported, "/")
			switch {
			case best >= 0:
				if !rooms[best].allowed(s) {
					t.Errorf("%s: must not import %s: %s", s.at(spec), imported, rooms[best].why)
				}
			case first == "pstrail" || strings.Contains(first, "."):
				t.Errorf("%s: %s has no rule: a new package or dependency is entered in the table above, with who may import it and why", s.at(spec), imported)
			}
		}
	}
}

// What ends the process, or happens before main, cannot be called in a test.
func TestEntryAndExit(t *testing.T) {
	exits := map[string][]string{"os": {"Exit"}, "log": {"Fatal", "Fatalf", "Fatalln"}, "syscall": {"Exit"}}
	for _, s := range sources(t) {
		if s.test {
			continue
		}
		ast.Inspect(s.tree, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				if n.Name.Name == "init" && n.Recv == nil {
					t.Errorf("%s: init: what runs before main runs in every test, and cannot be given other arguments", s.at(n))
				}
			case *ast.SelectorExpr:
				pkg, ok := n.X.(*ast.Ident)
				if ok && slices.Contains(exits[pkg.Name], n.Sel.Name) && path.Base(s.path) != "main.go" {
					t.Errorf("%s: %s.%s: only main.go ends the process, so that the whole program can be called in a test and no temporary file stays behind", s.at(n), pkg.Name, n.Sel.Name)
				}
			}
			return true
		})
	}
}

// The top level shows the house; what else there is nests under its owner.
func TestTopLevel(t *testing.T) {
	agreed := []string{"cmd", "detect", "evtxscan", "report", "testdata", "go.mod", "go.sum", "README.md"}
	built := []string{"pstrail", "pstrail.exe", "dist"} // what .gitignore names
	entries, err := os.ReadDir(evtxtest.Root(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		name := entry.Name()
		if !strings.HasPrefix(name, ".") && !slices.Contains(agreed, name) && !slices.Contains(built, name) {
			t.Errorf("%s stands at the top level: only %s do, and dot files", filepath.ToSlash(name), strings.Join(agreed, ", "))
		}
	}
}
