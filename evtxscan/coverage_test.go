package evtxscan

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"pstrail/evtxscan/evtxtest"
)

// The coverage says per host and channel from when to when, with which gaps and
// clearings, and what was logged; copies add nothing to it, other logs of the
// same host do.
func TestCoverage(t *testing.T) {
	at := func(minute int) evtxtest.FileTime { return testTime.Add(time.Duration(minute) * time.Minute) }
	host := func(name string) evtxtest.Origin {
		from := testOrigin
		from.Computer = name
		return from
	}
	n := 0
	script := func(from evtxtest.Origin, kind evtxtest.Kind, level uint8, id uint64, minute int) evtxtest.Event {
		n++
		kind.Level = level
		e := evtxtest.ScriptBlock{ID: testGUID(n), Text: "exit"}.Events(kind, from, at(minute))[0]
		e.RecordID = id
		return e
	}
	core := evtxtest.ScriptBlockLoggedCore
	starting := evtxtest.ConsoleStarting
	starting.Provider, starting.Channel = core.Provider, core.Channel
	started := starting.Event(host("b"), at(50))
	started.RecordID = 7
	cleared := func(minute int, channel string) evtxtest.Event {
		return evtxtest.LogCleared.Event(host("a"), at(minute), "admin", "CORP", channel, "")
	}
	one := []evtxtest.Event{
		script(host("a"), evtxtest.ScriptBlockLogged, 5, 101, 1), script(host("a"), evtxtest.ScriptBlockLogged, 3, 102, 2),
		script(host("b"), evtxtest.ScriptBlockLogged, 3, 11, 3),
		evtxtest.CommandLogged.Event(host("a"), at(4), "context", "", "payload"),
		script(host("a"), core, 5, 1, 5), started,
		cleared(30, ChannelWindowsPowerShell), cleared(20, ChannelWindowsPowerShell), cleared(10, "Security"),
	}
	one[3].RecordID = 109
	two := []evtxtest.Event{ // of other times, and what was missing
		script(host("a"), evtxtest.ScriptBlockLogged, 5, 105, 60), script(host("a"), evtxtest.ScriptBlockLogged, 5, 106, 0),
		script(host("b"), evtxtest.ScriptBlockLogged, 3, 12, 0),
	}
	two[1].Time = 0
	want := []Coverage{
		{Host: "a", First: FileTime(at(1)), Last: FileTime(at(60)), Records: 5, ScriptBlocks: 4, Logging: LoggingFull, IDGaps: [][2]uint64{{103, 104}, {107, 108}}, Cleared: []FileTime{FileTime(at(20)), FileTime(at(30))}},
		{Host: "a", First: FileTime(at(5)), Last: FileTime(at(5)), Records: 1, ScriptBlocks: 1, Logging: LoggingFull, IDGaps: [][2]uint64{}},
		{Host: "b", First: FileTime(at(0)), Last: FileTime(at(3)), Records: 2, ScriptBlocks: 2, Logging: LoggingSuspicious, IDGaps: [][2]uint64{}},
		{Host: "b", First: FileTime(at(50)), Last: FileTime(at(50)), Records: 1, Logging: LoggingNone, IDGaps: [][2]uint64{}},
	}
	for i := range want {
		want[i].Channel = []string{ChannelWindowsPowerShell, ChannelPowerShellCore}[i%2]
	}
	for name, shape := range shapes {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			for name, events := range map[string][]evtxtest.Event{"1.evtx": one, "2.evtx": two, "copy of 1.evtx": one} {
				log := evtxtest.Log{Shape: shape}
				log.Add(events...)
				if err := os.WriteFile(filepath.Join(dir, name), log.Bytes(), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			ev := scanPaths(t, Options{Hash: true}, dir)
			if d := cmp.Diff(want, ev.Coverage); d != "" {
				t.Error(d)
			}
			// That a log was cleared is a record of the channel System.
			if d := cmp.Diff([]string{ChannelWindowsPowerShell, ChannelPowerShellCore, "System"}, ev.Items[0].Channels); d != "" {
				t.Error(d)
			}
		})
	}
}
