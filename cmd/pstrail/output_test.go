package main

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"pstrail/report"
)

// formatThat returns a format whose writer writes something and then acts.
func formatThat(act func() error) report.Format {
	return report.Format{Name: "json", Ending: ".json", Write: func(w io.Writer, _ *report.Report, _ report.Terminal) error {
		if _, err := w.Write(make([]byte, 1<<20)); err != nil {
			return err
		}
		return act()
	}}
}

// Whatever goes wrong while reports are written, none of them is put in place,
// what was there before stays, and no temporary file is left.
func TestFailedWrite(t *testing.T) {
	for _, c := range []struct {
		name string
		act  func(interrupt func()) error
		want int
	}{
		{"write error", func(func()) error { return errors.New("no space left") }, statusWrite},
		{"interrupt", func(interrupt func()) error { interrupt(); return nil }, statusInterrupted},
	} {
		t.Run(c.name, func(t *testing.T) {
			folder := t.TempDir()
			first, second := filepath.Join(folder, "a.json"), filepath.Join(folder, "b.json")
			if err := os.WriteFile(first, []byte("before"), 0o666); err != nil {
				t.Fatal(err)
			}
			out, err := planOutputs(&options{outputs: []string{first, second}, force: true}, io.Discard)
			if err != nil {
				t.Fatal(err)
			}
			ctx, interrupt := context.WithCancel(t.Context())
			defer interrupt()
			out.files[0].format = formatThat(func() error { return nil })
			out.files[1].format = formatThat(func() error { return c.act(interrupt) })
			if err := out.open(); err != nil {
				t.Fatal(err)
			}
			err = out.write(ctx, &report.Report{}, io.Discard, report.Terminal{})
			if got := statusOf(err); got != c.want {
				t.Errorf("status %d (%v), want %d", got, err, c.want)
			}
			out.discard()
			expectFiles(t, folder, map[string]string{"a.json": "before"})
		})
	}
}

// A file that appears while evidence is read is not replaced.
func TestAppearedMeanwhile(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "a.json")
	out, err := planOutputs(&options{outputs: []string{path}}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if err := out.open(); err != nil {
		t.Fatal(err)
	}
	out.files[0].format = formatThat(func() error { return os.WriteFile(path, []byte("other"), 0o666) })
	err = out.write(t.Context(), &report.Report{}, io.Discard, report.Terminal{})
	if got := statusOf(err); got != statusRefused {
		t.Errorf("status %d (%v), want %d", got, err, statusRefused)
	}
	out.discard()
	expectFiles(t, folder, map[string]string{"a.json": "other"})
}

// expectFiles fails the test unless a folder holds these files and no other.
func expectFiles(t *testing.T, folder string, want map[string]string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != len(want) {
		t.Errorf("there are %v, want %d files", entries, len(want))
	}
	for name, text := range want {
		if got, err := os.ReadFile(filepath.Join(folder, name)); string(got) != text {
			t.Errorf("%s holds %d bytes, %v; want %q", name, len(got), err, text)
		}
	}
}
