package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"testing"

	"www.velocidex.com/golang/evtx"

	"pstrail/evtxscan/evtxtest"
)

// BenchmarkRun compares the whole program, from its arguments to its report,
// with what the Velocidex library needs to decode the same logs, and with
// reading the bytes. One worker, no hashes; speeds are of the logs' bytes.
func BenchmarkRun(b *testing.B) {
	const size = 64 << 20
	for _, bulk := range []evtxtest.Bulk{{Size: size, Units: 500}, {Size: size, Units: 5000}, {Size: size, Units: 500, Mixed: true}} {
		name := fmt.Sprintf("units=%d", bulk.Units)
		if bulk.Mixed {
			name += ",mixed"
		}
		path := filepath.Join(b.TempDir(), "bulk.evtx")
		file, err := os.Create(path)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := bulk.WriteTo(file); err != nil {
			b.Fatal(err)
		}
		if err := file.Close(); err != nil {
			b.Fatal(err)
		}
		b.Run(name+"/pstrail", func(b *testing.B) {
			b.SetBytes(size)
			for b.Loop() {
				if got := run(context.Background(), []string{"-j", "1", "--no-hash", "-q", "-f", "json", path}, nil, io.Discard, io.Discard, noEnv); got != 0 {
					b.Fatalf("exit status %d", got)
				}
			}
		})
		b.Run(name+"/library", func(b *testing.B) {
			b.SetBytes(size)
			for b.Loop() {
				decode(b, path)
			}
		})
		b.Run(name+"/read", func(b *testing.B) {
			b.SetBytes(size)
			buffer := make([]byte, 1<<20)
			for b.Loop() {
				file, err := os.Open(path)
				if err != nil {
					b.Fatal(err)
				}
				if _, err := io.CopyBuffer(struct{ io.Writer }{io.Discard}, struct{ io.Reader }{file}, buffer); err != nil {
					b.Fatal(err)
				}
				file.Close()
			}
		})
	}
}

// decode has the library decode every record of a log.
func decode(b *testing.B, path string) {
	file, err := os.Open(path)
	if err != nil {
		b.Fatal(err)
	}
	defer file.Close()
	chunks, err := evtx.GetChunks(file)
	if err != nil {
		b.Fatal(err)
	}
	for _, c := range chunks {
		if _, err := c.Parse(math.MinInt); err != nil {
			b.Fatal(err)
		}
	}
}
