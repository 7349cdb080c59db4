package main

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
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
			"status":   expectStatus,
			"emptylog": func(ts *testscript.TestScript, _ bool, args []string) { writeEmptyLogs(ts, args) },
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

// writeEmptyLogs writes logs that hold no chunk.
func writeEmptyLogs(ts *testscript.TestScript, paths []string) {
	for _, path := range paths {
		path = ts.MkAbs(path)
		ts.Check(os.MkdirAll(filepath.Dir(path), 0o777))
		ts.Check(os.WriteFile(path, emptyLog(), 0o666))
	}
}

// emptyLog returns a sound file header with nothing behind it.
func emptyLog() []byte {
	log := make([]byte, 4096)
	copy(log, "ElfFile\x00")
	binary.LittleEndian.PutUint64(log[24:], 1)    // next record id
	binary.LittleEndian.PutUint32(log[32:], 128)  // header size
	binary.LittleEndian.PutUint16(log[36:], 1)    // minor version
	binary.LittleEndian.PutUint16(log[38:], 3)    // major version
	binary.LittleEndian.PutUint16(log[40:], 4096) // header block size
	binary.LittleEndian.PutUint32(log[124:], crc32.ChecksumIEEE(log[:120]))
	return log
}
