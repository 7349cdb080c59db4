package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pstrail/evtxscan/evtxtest"
)

func noEnv(string) string { return "" }

// call runs the program and returns what it wrote to standard output and to
// standard error.
func call(t *testing.T, want int, args ...string) (stdout, stderr string) {
	t.Helper()
	var out, err bytes.Buffer
	if got := run(t.Context(), args, strings.NewReader(""), &out, &err, noEnv); got != want {
		t.Errorf("pstrail %q: exit status %d, want %d; it said: %s", args, got, want, err.String())
	}
	return out.String(), err.String()
}

// pstrail returns the command pstrail as a process of its own.
func pstrail(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return &exec.Cmd{Path: self, Args: append([]string{"pstrail"}, args...)}
}

// longLog writes a log that takes seconds to read, all of it zeros that need
// no room on a disk.
func longLog(t *testing.T) string {
	t.Helper()
	path := emptyLogFile(t)
	if err := os.Truncate(path, 16<<30); err != nil {
		t.Skipf("skipped: needs a file system with sparse files: %v", err)
	}
	return path
}

// cancelling cancels a context at the first write.
type cancelling struct {
	cancel context.CancelFunc
	w      io.Writer
}

func (c cancelling) Write(p []byte) (int, error) {
	c.cancel()
	return c.w.Write(p)
}

// An interruption while evidence is read leaves no report and no temporary
// file.
func TestInterruptedReading(t *testing.T) {
	t.Parallel()
	log, folder := longLog(t), t.TempDir()
	var stdout, stderr bytes.Buffer
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	args := []string{"--progress", "always", "-o", filepath.Join(folder, "r.json"), "-o", filepath.Join(folder, "r.csv"), log}
	if got := run(ctx, args, nil, &stdout, cancelling{cancel, &stderr}, noEnv); got != 130 {
		t.Errorf("exit status %d, want 130", got)
	}
	if stdout.Len() > 0 {
		t.Errorf("standard output has %q", stdout.String())
	}
	if !strings.HasSuffix(stderr.String(), "\rpstrail: interrupted: no complete report was written\n") {
		t.Errorf("standard error ends wrongly: %q", stderr.String())
	}
	if left, err := os.ReadDir(folder); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// An interruption before anything has begun.
func TestInterruptedBefore(t *testing.T) {
	t.Parallel()
	log := emptyLogFile(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var stdout, stderr bytes.Buffer
	if got := run(ctx, []string{log}, nil, &stdout, &stderr, noEnv); got != 130 || stdout.Len() > 0 {
		t.Errorf("exit status %d, standard output %q", got, stdout.String())
	}
}

// A reader that has gone is no error, and takes nothing from the status.
func TestClosedPipe(t *testing.T) {
	t.Parallel()
	log := emptyLogFile(t)
	for _, c := range []struct {
		args []string
		want int
	}{
		{[]string{log}, 20},
		{[]string{"--exit-zero", log}, 0},
		{[]string{"--help"}, 0},
		{[]string{"--version"}, 0},
	} {
		reader, writer, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		reader.Close()
		var stderr bytes.Buffer
		cmd := pstrail(t, c.args...)
		cmd.Stdout, cmd.Stderr = writer, &stderr
		cmd.Run()
		writer.Close()
		if got := cmd.ProcessState.ExitCode(); got != c.want || stderr.Len() > 0 {
			t.Errorf("%q: exit status %d, want %d; it said %q", c.args, got, c.want, stderr.String())
		}
	}
}

// Neither the number of workers nor the order of the arguments reaches a
// report, except the object "scan" of JSON.
func TestDeterminism(t *testing.T) {
	t.Run("case", func(t *testing.T) {
		t.Parallel()
		paths, err := filepath.Glob(filepath.Join(evtxtest.Root(t), "testdata", "evidence", "*"))
		if err != nil {
			t.Fatal(err)
		}
		expectEqualReports(t, paths)
	})
	t.Run("corpus", func(t *testing.T) {
		t.Parallel()
		expectEqualReports(t, []string{
			evtxtest.Corpus(t, "evidence", "made"),
			evtxtest.Corpus(t, "evidence", "damaged"),
			evtxtest.Corpus(t, "evidence", "real", "ps-obfuscation-many.evtx"),
		})
	})
}

func expectEqualReports(t *testing.T, paths []string) {
	t.Helper()
	if len(paths) < 2 {
		t.Fatalf("too little evidence: %q", paths)
	}
	shuffled := slices.Clone(paths)
	slices.Reverse(shuffled)
	shuffled = append(shuffled, paths[1]) // named twice
	for _, format := range []string{"table", "csv", "json"} {
		report := func(workers string, paths []string) string {
			var stdout, stderr bytes.Buffer
			run(t.Context(), append([]string{"-f", format, "-j", workers}, paths...), nil, &stdout, &stderr, noEnv)
			return withoutScan(t, format, stdout.String())
		}
		want := report("1", paths)
		if want == "" {
			t.Fatalf("no %s", format)
		}
		for _, workers := range []string{"1", "8"} {
			if report(workers, shuffled) != want {
				t.Errorf("%s with %s workers and shuffled arguments differs", format, workers)
			}
		}
	}
}

// withoutScan cuts the object "scan" out of a JSON report.
func withoutScan(t *testing.T, format, report string) string {
	t.Helper()
	if format != "json" {
		return report
	}
	from := strings.Index(report, `"scan"`)
	to := strings.Index(report, `"options"`)
	if from < 0 || to < from {
		t.Fatal("no scan before options in the JSON report")
	}
	return report[:from] + report[to:]
}

// Several runs in one process do not disturb each other.
func TestParallelRuns(t *testing.T) {
	t.Parallel()
	log := emptyLogFile(t)
	want, _ := call(t, 20, "-f", "csv", log)
	for range 8 {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			if got, _ := call(t, 20, "-f", "csv", log); got != want {
				t.Errorf("%q differs from %q", got, want)
			}
			call(t, 0, "--help")
			call(t, 64, "-j", "0", log)
		})
	}
}

// waitFor fails the test unless a process ends in time, and returns its state.
func waitFor(t *testing.T, cmd *exec.Cmd, limit time.Duration) *os.ProcessState {
	t.Helper()
	timer := time.AfterFunc(limit, func() { cmd.Process.Kill() })
	cmd.Wait()
	if !timer.Stop() {
		t.Errorf("still running after %v", limit)
	}
	return cmd.ProcessState
}
