package evtxscan

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/Velocidex/ordereddict"
	"www.velocidex.com/golang/evtx"

	"pstrail/evtxscan/evtxtest"
)

// The benchmarks compare, in one run and on the same logs: pstrail's reader,
// the Velocidex library, and reading alone. Sizes are of the logs, so that a
// ratio of speeds is one of MB/s.

const benchSize = 256 << 20

// bulkLog writes a log for a benchmark.
func bulkLog(b *testing.B, bulk evtxtest.Bulk) string {
	b.Helper()
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
	return path
}

// keepNone keeps nothing, and nothing gets past the first glance either.
func keepNone(*ScriptBlock) bool { return false }

func glanceNone(string) bool { return false }

func benchScan(b *testing.B, paths []string, size int64, opt Options, blocks int64) {
	c, err := Find(context.Background(), paths, nil)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(size)
	b.ReportAllocs()
	for b.Loop() {
		ev, err := c.Scan(context.Background(), opt)
		if err != nil {
			b.Fatal(err)
		}
		if int64(ev.ScriptBlocks) != blocks {
			b.Fatalf("%d blocks, want %d", ev.ScriptBlocks, blocks)
		}
	}
}

// BenchmarkScriptBlocks reads logs that hold nothing but script blocks, from
// bytes to rebuilt scripts.
func BenchmarkScriptBlocks(b *testing.B) {
	for _, units := range []int{500, 5000} {
		bulk := evtxtest.Bulk{Size: benchSize, Units: units}
		path := bulkLog(b, bulk)
		for _, workers := range []int{1, 2} {
			b.Run(fmt.Sprintf("units=%d/pstrail-%d", units, workers), func(b *testing.B) {
				benchScan(b, []string{path}, benchSize, Options{Workers: workers, Keep: keepNone, Glance: glanceNone}, bulk.Blocks())
			})
		}
		b.Run(fmt.Sprintf("units=%d/library", units), func(b *testing.B) {
			b.SetBytes(benchSize)
			for b.Loop() {
				if n := libraryBlocks(b, path); n != bulk.Blocks() {
					b.Fatalf("%d blocks", n)
				}
			}
		})
		b.Run(fmt.Sprintf("units=%d/read+crc+index", units), func(b *testing.B) { benchRead(b, path, readChecked) })
	}
}

// BenchmarkMixed reads logs of which 19 of 20 chunks belong to others.
func BenchmarkMixed(b *testing.B) {
	bulk := evtxtest.Bulk{Size: benchSize, Units: 500, Mixed: true}
	path := bulkLog(b, bulk)
	for _, workers := range []int{1, 2} {
		for _, hash := range []bool{false, true} {
			b.Run(fmt.Sprintf("pstrail-%d/hash=%v", workers, hash), func(b *testing.B) {
				benchScan(b, []string{path}, benchSize, Options{Workers: workers, Keep: keepNone, Glance: glanceNone, Hash: hash}, bulk.Blocks())
			})
		}
	}
	b.Run("read+crc+index", func(b *testing.B) { benchRead(b, path, readChecked) })
	b.Run("read+hash", func(b *testing.B) { benchRead(b, path, readHashed) })
}

// BenchmarkManyLogs reads many logs of one MiB.
func BenchmarkManyLogs(b *testing.B) {
	const logs = 200
	dir := b.TempDir()
	bulk := evtxtest.Bulk{Size: fileHeaderSize + 16*chunkSize, Units: 500}
	var log bytes.Buffer
	if _, err := bulk.WriteTo(&log); err != nil {
		b.Fatal(err)
	}
	raw := log.Bytes()
	for i := range logs {
		raw[300] = byte(i) // so that none is a copy
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%d.evtx", i)), raw, 0o600); err != nil {
			b.Fatal(err)
		}
	}
	size := int64(logs * len(raw))
	for _, workers := range []int{1, 2} {
		for _, hash := range []bool{false, true} {
			b.Run(fmt.Sprintf("pstrail-%d/hash=%v", workers, hash), func(b *testing.B) {
				benchScan(b, []string{dir}, size, Options{Workers: workers, Keep: keepNone, Glance: glanceNone, Hash: hash}, bulk.Blocks())
			})
		}
	}
	b.Run("read+hash", func(b *testing.B) {
		b.SetBytes(size)
		for b.Loop() {
			for i := range logs {
				readHashed(b, filepath.Join(dir, fmt.Sprintf("%d.evtx", i)))
			}
		}
	})
}

func benchRead(b *testing.B, path string, read func(*testing.B, string)) {
	b.SetBytes(benchSize)
	for b.Loop() {
		read(b, path)
	}
}

// inSpans reads a log in the spans of a scan.
func inSpans(b *testing.B, path string, do func([]byte)) {
	file, err := os.Open(path)
	if err != nil {
		b.Fatal(err)
	}
	defer file.Close()
	buffer := make([]byte, slotsPerSpan*chunkSize)
	for {
		n, err := io.ReadFull(file, buffer)
		do(buffer[:n])
		if err != nil {
			return
		}
	}
}

var benchSink uint32

func readChecked(b *testing.B, path string) {
	inSpans(b, path, func(span []byte) {
		for ; len(span) > 0; span = span[min(chunkSize, len(span)):] {
			slot := span[:min(chunkSize, len(span))]
			benchSink += crc32.ChecksumIEEE(slot)
			if bytes.Contains(slot, []byte("no such text")) {
				benchSink++
			}
		}
	})
}

func readHashed(b *testing.B, path string) {
	hash := sha256.New()
	inSpans(b, path, func(span []byte) { hash.Write(span) })
	benchSink += uint32(hash.Sum(nil)[0])
}

// libraryBlocks reads a log with the library and counts its script blocks.
func libraryBlocks(b *testing.B, path string) int64 {
	file, err := os.Open(path)
	if err != nil {
		b.Fatal(err)
	}
	defer file.Close()
	chunks, err := evtx.GetChunks(file)
	if err != nil {
		b.Fatal(err)
	}
	blocks := map[string]bool{}
	for _, chunk := range chunks {
		records, err := chunk.Parse(math.MinInt)
		if err != nil {
			b.Fatal(err)
		}
		for _, record := range records {
			root, _ := record.Event.(*ordereddict.Dict)
			value, _ := root.Get("Event")
			event, _ := value.(*ordereddict.Dict)
			if leaf(dictAt(event, "System"), "EventID") != "4104" {
				continue
			}
			data := eventData(event)
			blocks[data["ScriptBlockId"]] = len(data["ScriptBlockText"]) > 0
		}
	}
	return int64(len(blocks))
}
