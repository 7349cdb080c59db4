package evtxscan

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/Velocidex/ordereddict"
	"github.com/google/go-cmp/cmp"
	"www.velocidex.com/golang/evtx"

	"pstrail/evtxscan/evtxtest"
)

// Every record of a public log that the library reads, we read, with equal
// fields. What differs for a known fault of the library is counted by its name.
func TestDifferential(t *testing.T) {
	dir := evtxtest.Corpus(t, "evidence", "real")
	paths, err := filepath.Glob(filepath.Join(dir, "*.evtx"))
	if err != nil {
		t.Fatal(err)
	}
	records, fields, faults := 0, 0, map[string]int{}
	for _, path := range paths {
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for at := fileHeaderSize; at+chunkSize <= len(raw); at += chunkSize {
			slot := raw[at : at+chunkSize]
			h := parseChunkHeader(slot)
			if !h.magic {
				continue
			}
			var out chunkResult
			r := chunkReader{}
			r.begin(slot, &out)
			chunk, err := evtx.NewChunk(bytes.NewReader(bytes.Clone(slot)), 0)
			if err != nil {
				t.Fatal(err)
			}
			theirs, err := chunk.Parse(math.MinInt)
			if err != nil {
				t.Fatal(err)
			}
			pos := chunkHeaderSize
			for _, record := range theirs {
				rec, ok := soundRecordAt(slot, pos)
				if !ok || rec.id != record.Header.RecordID {
					t.Fatalf("%s 0x%x: record %d of the library is not there", path, at+pos, record.Header.RecordID)
				}
				pos += rec.size
				e, err := r.decode(rec)
				if err != nil {
					t.Fatalf("%s 0x%x: %v", path, at+rec.offset, err)
				}
				records++
				place := fmt.Sprintf("%s 0x%x, event %d", filepath.Base(path), at+rec.offset, e.EventID)
				root, _ := record.Event.(*ordereddict.Dict)
				event, _ := root.Get("Event")
				their, _ := event.(*ordereddict.Dict)
				fields += compareDecoded(t, place, e, their, faults)
			}
		}
	}
	t.Log(records, "records,", fields, "fields")
	want := map[string]int{
		"rendered record with an entity": 3,  // it ends, or loses its way, at the entity
		"attribute of EventData itself":  12, // which is no field
	}
	if d := cmp.Diff(want, faults); d != "" || records != 5971 {
		t.Errorf("%d records; faults of the library: %s", records, d)
	}
}

func compareDecoded(t *testing.T, place string, e *event, theirs *ordereddict.Dict, faults map[string]int) (fields int) {
	system := dictAt(theirs, "System")
	for _, c := range []struct{ name, ours, theirs string }{
		{"provider", e.Provider, leaf(system, "Provider", "Name")},
		{"event id", number(e.EventID), leaf(system, "EventID")},
		{"level", number(e.Level), leaf(system, "Level")},
		{"record id", number(e.RecordID), leaf(system, "EventRecordID")},
		{"activity", e.ActivityID, normalGUID(leaf(system, "Correlation", "ActivityID"))},
		{"process", number(e.ProcessID), leaf(system, "Execution", "ProcessID")},
		{"thread", number(e.ThreadID), leaf(system, "Execution", "ThreadID")},
		{"channel", e.Channel, leaf(system, "Channel")},
		{"computer", e.Computer, leaf(system, "Computer")},
		{"user", e.UserSID, leaf(system, "Security", "UserID")},
	} {
		fields++
		if c.ours != c.theirs && !(c.ours == "0" && c.theirs == "") {
			t.Errorf("%s: %s is %q, the library has %q", place, c.name, c.ours, c.theirs)
		}
	}
	if d := compareTimes(e.Time, system); d != "" {
		t.Errorf("%s: %s", place, d)
	}
	ours := e.fields
	for _, f := range libraryFields(theirs) {
		fields++
		i := slices.IndexFunc(ours, func(o field) bool { return o.name == f.name || f.name == "" && o.name != "Binary" })
		switch {
		case i >= 0 && equalValue(ours[i].text, f.value):
			ours = ours[i+1:]
		case e.shape == FormForwarded:
			faults["rendered record with an entity"]++
			return fields
		case f.name == "Name" && i < 0:
			faults["attribute of EventData itself"]++
		default:
			t.Errorf("%s: %s is %q in the library; ours: %v", place, f.name, libraryText(f.value), e.fields)
		}
	}
	return fields
}

// libraryField is a value of EventData as the library has it.
type libraryField struct {
	name  string
	value any
}

// libraryFields lists what the library has of EventData, whatever its shape.
func libraryFields(event *ordereddict.Dict) (fields []libraryField) {
	add := func(value any) {
		d, ok := value.(*ordereddict.Dict)
		if !ok {
			fields = append(fields, libraryField{"", value})
			return
		}
		inner, _ := d.Get("Value")
		fields = append(fields, libraryField{leaf(d, "Name"), inner})
	}
	data := dictAt(event, "EventData")
	for _, key := range data.Keys() {
		value, _ := data.Get(key)
		switch v := value.(type) {
		case []any:
			for _, x := range v {
				add(x)
			}
		case []string:
			for i, x := range v {
				if i < len(v)-1 || x != "" {
					add(x)
				}
			}
		default:
			if key == "Data" {
				add(v)
			} else {
				fields = append(fields, libraryField{key, v})
			}
		}
	}
	return fields
}

// equalValue compares a value with the library's: hexadecimal types are numbers
// to it, times are float64, GUIDs in capitals, binary data bytes.
func equalValue(ours string, theirs any) bool {
	text := libraryText(theirs)
	switch v := theirs.(type) {
	case string:
		return asLibraryText(ours) == asLibraryText(text) || isGUID(ours) && strings.EqualFold(ours, text)
	case float64:
		return (float64(parseSystemTime(ours))-unixEpochTicks)/ticksPerSecond == v
	case []byte:
		return ours == hex.EncodeToString(v)
	}
	if n, err := strconv.ParseUint(ours, 0, 64); err == nil && fmt.Sprint(n) == text {
		return true
	}
	return ours == text
}
