package detect

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime/metrics"
	"testing"
	"time"

	"pstrail/evtxscan"
	"pstrail/evtxscan/evtxtest"
)

// longProcess writes the logs of a process that logs scripts all the time, and
// now and then a call that uses what the block before it defines.
func longProcess(t testing.TB, size int64, calls int) (dir string, blocks int64) {
	t.Helper()
	dir = t.TempDir()
	file, err := os.Create(filepath.Join(dir, "a.evtx"))
	if err != nil {
		t.Fatal(err)
	}
	bulk := evtxtest.Bulk{Size: size, Units: 2000}
	if _, err := bulk.WriteTo(file); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	blocks = bulk.Blocks()
	log := evtxtest.Log{Shape: evtxtest.Native}
	from := evtxtest.Origin{
		Computer: "EX01.corp.example", UserSID: "S-1-5-21-1004336348-1177238915-682003330-1107",
		ActivityID: "93fd0727-512b-0007-3195-0b942b51d701", ProcessID: 6620, ThreadID: 6340,
	}
	for i := range calls {
		at := evtxtest.Clock("2026-01-12T00:00:00Z").Add(time.Duration(int64(i+1)*blocks/int64(calls))*37*time.Millisecond + time.Millisecond)
		for k, text := range []string{
			fmt.Sprintf(`$box = 'u%d'`, i),
			`New-MailboxExportRequest $box -FilePath "\\fs07\out\$box.pst"`,
		} {
			script := evtxtest.ScriptBlock{ID: blockID(2*i + k), Text: text}
			log.Add(script.Events(evtxtest.ScriptBlockLogged, from, at.Add(time.Duration(k)*time.Millisecond))...)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "b.evtx"), log.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir, blocks
}

// judged scans and judges the logs of a folder as the program does.
func judged(t testing.TB, dir string) []*Finding {
	t.Helper()
	found, err := evtxscan.Find(t.Context(), []string{dir}, nil)
	if err != nil {
		t.Fatal(err)
	}
	j := NewJudge()
	ev, err := found.Scan(t.Context(), evtxscan.Options{Keep: j.Wants, Glance: j.Glance})
	if err != nil {
		t.Fatal(err)
	}
	fs, _, err := j.Findings(t.Context(), ev, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return fs
}

// peak returns the most memory, in bytes, that the program holds while do runs.
func peak(do func()) uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	stop, most := make(chan struct{}), make(chan uint64)
	go func() {
		var top uint64
		tick := time.NewTicker(2 * time.Millisecond)
		defer tick.Stop()
		for {
			metrics.Read(sample)
			top = max(top, sample[0].Value.Uint64()-sample[1].Value.Uint64())
			select {
			case <-tick.C:
			case <-stop:
				most <- top
				return
			}
		}
	}()
	do()
	close(stop)
	return <-most
}

// A process that logs for weeks is judged in bounded memory, however many of
// its blocks are judged, and the values that the block before defines are known.
func TestLongProcess(t *testing.T) {
	for _, c := range []struct {
		size  int64
		calls int
		lacks bool
	}{{8 << 20, 1, true}, {2 << 20, 100, false}} {
		dir, blocks := longProcess(t, c.size, c.calls)
		var fs []*Finding
		most := peak(func() { fs = judged(t, dir) })
		t.Logf("%d blocks, %d calls: %d MiB", blocks, c.calls, most>>20)
		if most > 256<<20 {
			t.Errorf("%d calls take %d MiB", c.calls, most>>20)
		}
		if len(fs) != c.calls {
			t.Fatalf("%d findings, want %d", len(fs), c.calls)
		}
		for i, f := range fs {
			if want := fmt.Sprintf(`\\fs07\out\u%d.pst`, i); len(f.Calls) != 1 || f.Calls[0].PSTPath.Text() != want || c.lacks && f.Reason == "" {
				t.Fatalf("%s: %q, want %s", short(f), f.Reason, want)
			}
		}
	}
}

// BenchmarkLongProcess judges a process with more and more blocks, and one with
// more and more calls.
func BenchmarkLongProcess(b *testing.B) {
	for _, c := range []struct {
		size  int64
		calls int
	}{{64 << 20, 1}, {256 << 20, 1}, {1 << 30, 1}, {256 << 20, 100}, {256 << 20, 1000}, {256 << 20, 10_000}} {
		b.Run(fmt.Sprintf("%dMiB/%d", c.size>>20, c.calls), func(b *testing.B) {
			dir, _ := longProcess(b, c.size, c.calls)
			b.SetBytes(c.size)
			var most uint64
			for b.Loop() {
				most = max(most, peak(func() {
					if n := len(judged(b, dir)); n != c.calls {
						b.Fatalf("%d findings", n)
					}
				}))
			}
			b.ReportMetric(float64(most>>20), "MiB")
		})
	}
}
