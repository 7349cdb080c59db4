//go:build unix

package main

import (
	"bytes"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// A signal ends the reading, and leaves nothing.
func TestSignals(t *testing.T) {
	log := longLog(t)
	for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		t.Run(sig.String(), func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			stderr, writer, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			defer stderr.Close()
			var stdout bytes.Buffer
			cmd := pstrail(t, "--progress", "always", "-o", filepath.Join(folder, "r.json"), log)
			cmd.Stdout, cmd.Stderr = &stdout, writer
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			writer.Close()
			// The first progress shows that it is reading.
			if _, err := stderr.Read(make([]byte, 1)); err != nil {
				t.Error(err)
			}
			if err := cmd.Process.Signal(sig); err != nil {
				t.Error(err)
			}
			if got := waitFor(t, cmd, 5*time.Second).ExitCode(); got != 130 {
				t.Errorf("exit status %d, want 130", got)
			}
			if left, err := os.ReadDir(folder); err != nil || len(left) > 0 || stdout.Len() > 0 {
				t.Errorf("left behind: %v, %v; standard output %q", left, err, stdout.String())
			}
		})
	}
}

// The second signal ends the program even where nothing heeds the first: here
// it writes into a full pipe that nobody reads.
func TestSecondSignal(t *testing.T) {
	t.Parallel()
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	defer writer.Close()
	if err := writer.SetWriteDeadline(time.Now().Add(50 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	for err == nil {
		_, err = writer.Write(make([]byte, 4096))
	}
	cmd := pstrail(t, emptyLogFile(t))
	cmd.Stdout = writer
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	signals := time.NewTicker(200 * time.Millisecond)
	defer signals.Stop()
	ended := make(chan struct{})
	go func() {
		for {
			select {
			case <-signals.C:
				cmd.Process.Signal(syscall.SIGINT)
			case <-ended:
				return
			}
		}
	}()
	state := waitFor(t, cmd, 5*time.Second)
	close(ended)
	if status := state.Sys().(syscall.WaitStatus); status.Signal() != syscall.SIGINT {
		t.Errorf("ended with %v, not by the signal", state)
	}
}
