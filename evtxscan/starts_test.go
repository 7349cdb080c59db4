package evtxscan

import (
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"pstrail/evtxscan/evtxtest"
)

// What says that a process began is found in every shape, told once, and only
// of the processes that are asked for.
func TestSurvey(t *testing.T) {
	start := evtxtest.Clock("2026-01-12T08:00:00Z")
	origin := func(pid uint32) evtxtest.Origin {
		return evtxtest.Origin{Computer: "EX01", UserSID: "S-1-5-18", ProcessID: pid, ThreadID: 4, ActivityID: "11111111-2222-3333-4444-555555555555"}
	}
	for _, shape := range []evtxtest.Shape{evtxtest.Native, evtxtest.Exported, evtxtest.Forwarded} {
		log := evtxtest.Log{Shape: shape}
		log.Add(
			evtxtest.ConsoleStarting.Event(origin(8), start),
			evtxtest.IPCListening.Event(origin(8), start.Add(time.Second), "8", "DefaultAppDomain"),
			evtxtest.ConsoleReady.Event(origin(8), start.Add(2*time.Second)),
			evtxtest.ConsoleStarting.Event(origin(9), start.Add(3*time.Second)),
		)
		log.Add(evtxtest.ScriptBlock{ID: "a", Text: "Get-Date"}.Events(evtxtest.ScriptBlockLogged, origin(8), start.Add(4*time.Second))...)
		log.Add(evtxtest.ConsoleStarting.Event(origin(8), start.Add(time.Hour)))
		raw := log.Bytes()
		other := slices.Clone(raw) // the same records in another file
		other[100] = 1
		dir := t.TempDir()
		for name, log := range map[string][]byte{"a.evtx": raw, "b.evtx": other} {
			if err := os.WriteFile(filepath.Join(dir, name), log, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		ev := scanPaths(t, Options{Keep: func(*ScriptBlock) bool { return false }}, dir)
		var mu sync.Mutex
		var texts []string
		starts, err := ev.Survey(t.Context(), 2, func(b *ScriptBlock) {
			mu.Lock()
			defer mu.Unlock()
			texts = append(texts, b.Text)
		}, func(s Start) bool { return s.ProcessID == 8 })
		if err != nil {
			t.Fatal(err)
		}
		first := FileTime(start)
		want := []Start{
			{"EX01", "", 8, first, true},
			{"EX01", "", 8, first + ticksPerSecond, false},
			{"EX01", "", 8, first + 3600*ticksPerSecond, true},
		}
		if d := cmp.Diff(want, starts); d != "" {
			t.Errorf("%v: %s", shape, d)
		}
		if !slices.Equal(texts, []string{"Get-Date", "Get-Date"}) {
			t.Errorf("%v: saw %q", shape, texts)
		}
	}
}
