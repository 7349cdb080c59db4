package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"pstrail/evtxscan/evtxtest"
)

func TestMain(m *testing.M) { testscript.Main(m, map[string]func(){"pstrail": main}) }

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			env.Setenv("ESC", "\x1b")
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"status": expectStatus,
			"log":    writeLog,
		},
	})
}

// expectStatus runs a program and fails unless it exits with a status:
//
//	status 64 pstrail --no-such-flag
func expectStatus(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: status N program [argument...]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	var exit *exec.ExitError
	if err := ts.Exec(args[1], args[2:]...); errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit status %d, want %d", got, want)
	}
}

// writeLog writes a log that holds the texts of some files as script blocks,
// one after the other:
//
//	log case/a.evtx first.ps1 second.ps1
func writeLog(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: log FILE [script...]")
	}
	var scripts []string
	for _, name := range args[1:] {
		scripts = append(scripts, ts.ReadFile(name))
	}
	path := ts.MkAbs(args[0])
	ts.Check(os.MkdirAll(filepath.Dir(path), 0o777))
	ts.Check(os.WriteFile(path, logOf(scripts...), 0o666))
}

// logOf returns a log of script blocks, a second apart; without scripts it is
// a sound log that holds nothing.
func logOf(scripts ...string) []byte {
	host := evtxtest.Origin{Computer: "EX01.corp.example", UserSID: "S-1-5-21-1-2-3-1104", ProcessID: 4242, ThreadID: 7}
	at := evtxtest.Clock("2026-01-12T08:14:03.1234567Z")
	var log evtxtest.Log
	for i, text := range scripts {
		block := evtxtest.ScriptBlock{ID: fmt.Sprintf("00000000-0000-4000-8000-%012d", i), Text: text}
		log.Add(block.Events(evtxtest.ScriptBlockLogged, host, at.Add(time.Duration(i)*time.Second))...)
	}
	return log.Bytes()
}

// emptyLogFile writes a log that holds nothing, and returns its path.
func emptyLogFile(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a.evtx")
	if err := os.WriteFile(path, logOf(), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}
