package report

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"pstrail/evtxscan"
)

var update = flag.Bool("update", false, "write the golden reports anew")

// failer is what a test and a property have in common.
type failer interface {
	Helper()
	Fatalf(format string, args ...any)
}

// written returns r in a format.
func written(t failer, r *Report, format string, terminal Terminal) string {
	t.Helper()
	for _, f := range Formats() {
		if f.Name != format {
			continue
		}
		var out bytes.Buffer
		if err := f.Write(&out, r, terminal); err != nil {
			t.Fatalf("%s: %v", format, err)
		}
		return out.String()
	}
	t.Fatalf("no format %q", format)
	return ""
}

// nothingFound is a case without findings whose evidence is whole.
func nothingFound() *Report {
	r := canonicalCase()
	r.Findings, r.Case, r.Options.Since = nil, Case{}, 0
	ev := *r.Evidence
	ev.Items, ev.Coverage = ev.Items[:1], ev.Coverage[:1]
	ev.Incomplete, ev.Encrypted = 0, 0
	r.Evidence = &ev
	return r
}

// shortRows is a case whose findings fit into columns.
func shortRows() *Report {
	r := nothingFound()
	wide := resolvedCall(r.Evidence.Items[0])
	wide.Calls[0].Mailbox = known("müller-日本", "literal")
	wide.Calls[0].PST.LocalPath = ""
	r.Findings = append(r.Findings, wide, mentions(r.Evidence.Items[0]))
	return r
}

func TestGolden(t *testing.T) {
	for _, c := range []struct {
		name     string
		report   *Report
		terminal Terminal
	}{
		{"case", canonicalCase(), Terminal{}},
		{"case-80", canonicalCase(), Terminal{Width: 80}},
		{"case-color", canonicalCase(), Terminal{Width: 120, Color: true}},
		{"rows", shortRows(), Terminal{Width: 160}},
		{"nothing", nothingFound(), Terminal{}},
	} {
		for _, f := range Formats() {
			if c.terminal != (Terminal{}) && f.Name != "table" {
				continue
			}
			t.Run(c.name+f.Ending, func(t *testing.T) {
				path := filepath.Join("..", "testdata", "golden", c.name+f.Ending)
				got := written(t, c.report, f.Name, c.terminal)
				if *update {
					if err := os.WriteFile(path, []byte(got), 0o666); err != nil {
						t.Fatal(err)
					}
				}
				want, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(string(want), got); diff != "" {
					t.Errorf("the report differs from %s (-want +got); if it should, run go test ./report -update\n%s", path, diff)
				}
			})
		}
	}
}

// TestWritingChangesNothing writes one report in every format, twice.
func TestWritingChangesNothing(t *testing.T) {
	r := canonicalCase()
	for _, f := range Formats() {
		first := written(t, r, f.Name, Terminal{})
		if second := written(t, r, f.Name, Terminal{}); first != second {
			t.Errorf("%s differs when it is written again", f.Name)
		}
	}
}

// limitedWriter fails when it has taken n bytes.
type limitedWriter struct{ n int }

var errFull = fmt.Errorf("no space left")

func (w *limitedWriter) Write(p []byte) (int, error) {
	if w.n -= len(p); w.n < 0 {
		return 0, errFull
	}
	return len(p), nil
}

func TestWriteErrorComesBack(t *testing.T) {
	for _, f := range Formats() {
		for _, n := range []int{0, 5000} {
			if err := f.Write(&limitedWriter{n}, canonicalCase(), Terminal{}); err != errFull {
				t.Errorf("%s after %d bytes: error %v, want %v", f.Name, n, err, errFull)
			}
		}
	}
}

// BenchmarkWrite writes a case with a script of 4 MiB.
func BenchmarkWrite(b *testing.B) {
	r := canonicalCase()
	block := *r.Findings[0].Blocks[0]
	block.Text = string(bytes.Repeat([]byte("$x = \"ä\" # <comment>\r\n"), 4<<20/24))
	r.Findings[0].Blocks = []*evtxscan.ScriptBlock{&block}
	for _, f := range Formats() {
		b.Run(f.Name, func(b *testing.B) {
			b.SetBytes(int64(len(block.Text)))
			b.ReportAllocs()
			for b.Loop() {
				if err := f.Write(&limitedWriter{1 << 60}, r, Terminal{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
