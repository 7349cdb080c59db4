package evtxtest_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/Velocidex/ordereddict"
	"github.com/google/go-cmp/cmp"
	velocidex "www.velocidex.com/golang/evtx"

	"pstrail/evtxscan"
	"pstrail/evtxscan/evtxtest"
)

var from = evtxtest.Origin{
	Computer: "EX01.corp.example", UserSID: "S-1-5-21-1004336348-1177238915-682003330-1107",
	ActivityID: "93fd0727-512b-0007-3195-0b942b51d701", ProcessID: 6620, ThreadID: 6340,
}

var noon = evtxtest.Clock("2026-01-12T12:00:00.1234567Z")

const blockID = "6a0647ce-0f80-454c-8023-03e0cf659055"

// scan reads a log with the reader of the project.
func scan(t *testing.T, log []byte) *evtxscan.Evidence {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a.evtx")
	if err := os.WriteFile(path, log, 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := evtxscan.Find(context.Background(), []string{path}, nil)
	if err != nil {
		t.Fatal(err)
	}
	ev, err := c.Scan(context.Background(), evtxscan.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return ev
}

// intact scans a log that must be sound and hold n records.
func intact(t *testing.T, log []byte, n int64) *evtxscan.Evidence {
	t.Helper()
	ev := scan(t, log)
	it := ev.Items[0]
	if it.State != evtxscan.Intact || it.Records.Read+it.Records.Skipped != n {
		t.Errorf("%s, %+v, %+v", it.State, it.Records, it.Issues)
	}
	return ev
}

// texts are what a script block may hold.
var texts = []struct{ name, text string }{
	{"plain", "Get-Mailbox -Identity mia | Format-List"},
	{"lines", "if ($a -lt 3) {\r\n\t\"x\"\r\n}\n"},
	{"entities", `'<a> & "b"' > c; & "d"`},
	{"only an entity", "&"},
	{"beyond ASCII", "Write-Host 'Grüße 東京 \U0001f600'"},
	{"halves of a surrogate pair", "\xed\xb8\x80 a \xed\xa0\xbd"},
	{"empty", ""},
}

var shapes = []struct {
	name string
	evtxtest.Shape
	form evtxscan.Form
}{
	{"exported", evtxtest.Exported, evtxscan.FormExported},
	{"native", evtxtest.Native, evtxscan.FormNative},
	{"forwarded", evtxtest.Forwarded, evtxscan.FormForwarded},
}

// Whatever the writer writes, the reader reads.
func TestScriptBlocks(t *testing.T) {
	kinds := []struct {
		name string
		evtxtest.Kind
		path string
	}{
		{"PowerShell 5", evtxtest.ScriptBlockLogged, `C:\Scripts\a b.ps1`},
		{"PowerShell 5, typed", evtxtest.ScriptBlockLogged, ""},
		{"PowerShell 4", evtxtest.ScriptBlockLogged4, ""},
		{"PowerShell 7", evtxtest.ScriptBlockLoggedCore, `C:\Scripts\a.ps1`},
	}
	for _, shape := range shapes {
		for _, kind := range kinds {
			for _, text := range texts {
				t.Run(shape.name+", "+kind.name+", "+text.name, func(t *testing.T) {
					log := evtxtest.Log{Shape: shape.Shape}
					block := evtxtest.ScriptBlock{ID: blockID, Text: text.text, Path: kind.path}
					log.Add(block.Events(kind.Kind, from, noon)...)
					ev := intact(t, log.Bytes(), 1)
					if len(ev.Blocks) != 1 {
						t.Fatalf("%d blocks", len(ev.Blocks))
					}
					want := evtxscan.Fragment{
						System: evtxscan.System{
							Provider: kind.Provider, Channel: kind.Channel, Computer: from.Computer,
							EventID: 4104, Level: 5, UserSID: from.UserSID, ActivityID: from.ActivityID,
							ProcessID: from.ProcessID, ThreadID: from.ThreadID, RecordID: 1, Time: evtxscan.FileTime(noon),
						},
						HeaderID: 1, Written: evtxscan.FileTime(noon), Shape: shape.form,
						Number: 1, Total: 1, BlockID: blockID, Path: kind.path, Text: text.text,
					}
					got := *ev.Blocks[0].First()
					got.Place, got.SHA256 = evtxscan.Place{}, [32]byte{}
					if d := cmp.Diff(want, got); d != "" {
						t.Error(d)
					}
				})
			}
		}
	}
}

// The reader sees every record of the other kinds of events too.
func TestOtherEvents(t *testing.T) {
	for _, shape := range shapes {
		t.Run(shape.name, func(t *testing.T) {
			log := evtxtest.Log{Shape: shape.Shape}
			events := everyKind()
			log.Add(events...)
			log.Add(evtxtest.ScriptBlock{ID: blockID, Text: "a"}.Events(evtxtest.ScriptBlockLogged, from, noon)...)
			ev := intact(t, log.Bytes(), int64(len(events)+1))
			channels := map[string]bool{}
			for _, e := range events {
				channels[e.Channel] = true
			}
			if it := ev.Items[0]; len(it.Channels) != len(channels) || !cmp.Equal(it.Hosts, []string{from.Computer}) {
				t.Errorf("channels %v, hosts %v", it.Channels, it.Hosts)
			}
		})
	}
}

// everyKind returns an event of each kind that is no script block, with
// values for all its fields.
func everyKind() []evtxtest.Event {
	var events []evtxtest.Event
	for _, kind := range []evtxtest.Kind{
		evtxtest.CommandLogged, evtxtest.ConsoleStarting, evtxtest.ConsoleReady, evtxtest.IPCListening,
		evtxtest.Logon, evtxtest.ProcessCreated, evtxtest.ShareAccessed,
		evtxtest.SecurityLogCleared, evtxtest.LogCleared, evtxtest.SysmonProcessCreated, evtxtest.SysmonFileCreated,
	} {
		var values []string
		for _, f := range kind.Fields {
			text := f.Name + " <value>"
			if f.Name == "Channel" {
				text = "Security"
			}
			values = append(values, map[evtxtest.Type]string{
				evtxtest.UTF16: text, evtxtest.SID: "S-1-5-18", evtxtest.GUID: blockID,
				evtxtest.UInt32: "7", evtxtest.Hex32: "0x1f", evtxtest.Hex64: "0x3e7",
			}[f.Type])
		}
		events = append(events, kind.Event(from, noon, values...))
	}
	events = append(events,
		evtxtest.EngineStarted.Event(from, noon, "Available", "None", "\tNewEngineState=Available\r\n"),
		evtxtest.PipelineExecuted.Event(from, noon, "Get-Date", "\tDetailSequence=1\r\n", ""))
	parameters := make([]string, 27)
	parameters[0], parameters[1] = "New-MailboxExportRequest", ` -Mailbox "mia"`
	return append(events, evtxtest.ExchangeCommand.Event(from, noon, parameters...), evtxtest.ExchangeFailure.Event(from, noon, parameters...))
}

// The Velocidex library, which shares no code with the reader or the writer,
// reads the same from the shapes it can read.
func TestVelocidex(t *testing.T) {
	for _, shape := range shapes[:2] {
		for _, text := range texts[:5] {
			t.Run(shape.name+", "+text.name, func(t *testing.T) {
				log := evtxtest.Log{Shape: shape.Shape}
				log.Add(everyKind()...)
				block := evtxtest.ScriptBlock{ID: blockID, Text: text.text, Path: `C:\a.ps1`}
				log.Add(block.Events(evtxtest.ScriptBlockLogged, from, noon)...)
				records := parse(t, log.Bytes())
				if len(records) != len(everyKind())+1 {
					t.Fatalf("%d records", len(records))
				}
				last := records[len(records)-1]
				for path, want := range map[string]string{
					"System.Provider.Name":      "Microsoft-Windows-PowerShell",
					"System.EventID.Value":      "4104",
					"System.Computer":           from.Computer,
					"System.Security.UserID":    from.UserSID,
					"System.EventRecordID":      fmt.Sprint(len(records)),
					"EventData.MessageNumber":   "1",
					"EventData.MessageTotal":    "1",
					"EventData.ScriptBlockText": text.text,
					"EventData.ScriptBlockId":   blockID,
					"EventData.Path":            `C:\a.ps1`,
				} {
					if got := at(last, path); got != want {
						t.Errorf("%s is %q, not %q", path, got, want)
					}
				}
				for i, e := range everyKind() {
					if got := at(records[i], "System.EventID.Value"); got != fmt.Sprint(e.ID) {
						t.Errorf("record %d has id %s, not %d", i+1, got, e.ID)
					}
				}
			})
		}
	}
}

// Values of every type that the library renders as what it is.
func TestVelocidexValues(t *testing.T) {
	values := []struct {
		evtxtest.Type
		text, want string
	}{
		{evtxtest.UTF16, "a é \U0001f600", "a é \U0001f600"},
		{evtxtest.UInt8, "200", "200"},
		{evtxtest.UInt16, "40000", "40000"},
		{evtxtest.Int32, "7", "7"},
		{evtxtest.UInt32, "4000000000", "4000000000"},
		{evtxtest.Int64, "70000000000", "70000000000"},
		{evtxtest.UInt64, "70000000000", "70000000000"},
		{evtxtest.Bool, "true", "true"},
		{evtxtest.GUID, blockID, strings.ToUpper(blockID)},
		{evtxtest.SID, from.UserSID, from.UserSID},
		{evtxtest.Hex32, "0x1f", "31"},
		{evtxtest.Hex64, "0x3e7", "999"},
		{evtxtest.Array | evtxtest.UTF16, "a\nb c", "[a b c]"},
		{evtxtest.Array | evtxtest.UInt16, "1\n515", "[1 515]"},
		{evtxtest.Array | evtxtest.UInt64, "1\n70000000000", "[1 70000000000]"},
	}
	kind := evtxtest.CommandLogged
	kind.Fields = nil
	var texts []string
	for i, v := range values {
		kind.Fields = append(kind.Fields, evtxtest.Field{Name: fmt.Sprint("v", i), Type: v.Type})
		texts = append(texts, v.text)
	}
	var log evtxtest.Log
	log.Add(kind.Event(from, noon, texts...))
	event := parse(t, log.Bytes())[0]
	for i, v := range values {
		if got := at(event, fmt.Sprint("EventData.v", i)); got != v.want {
			t.Errorf("type %02x of %q: %s, want %s", byte(v.Type), v.text, got, v.want)
		}
	}
}

func parse(t *testing.T, log []byte) (events []*ordereddict.Dict) {
	t.Helper()
	chunks, err := velocidex.GetChunks(bytes.NewReader(log))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range chunks {
		records, err := c.Parse(0)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range records {
			event, ok := ordereddict.GetMap(r.Event.(*ordereddict.Dict), "Event")
			if !ok {
				t.Fatal("no event")
			}
			events = append(events, event)
		}
	}
	return events
}

// at returns the value at a path of names as text.
func at(event *ordereddict.Dict, path string) string {
	names := strings.Split(path, ".")
	for _, name := range names[:len(names)-1] {
		event, _ = ordereddict.GetMap(event, name)
		if event == nil {
			return ""
		}
	}
	value, _ := event.Get(names[len(names)-1])
	return fmt.Sprint(value)
}
