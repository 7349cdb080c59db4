package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pstrail/evtxscan"
	"pstrail/evtxscan/evtxtest"
)

func caseFolder(t *testing.T) string {
	return filepath.Join(evtxtest.Root(t), "testdata", "evidence")
}

// The files in the project are those that the generator writes, and no others.
func TestCommittedCase(t *testing.T) {
	folder := caseFolder(t)
	var names []string
	for _, f := range logs() {
		path := filepath.Join(folder, filepath.FromSlash(f.name))
		names = append(names, path)
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Error(err)
		} else if !bytes.Equal(raw, f.data) {
			t.Errorf("%s is not what go generate writes", f.name)
		}
	}
	err := filepath.WalkDir(folder, func(path string, entry os.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && !slices.Contains(names, path) {
			t.Errorf("%s is of no use", path)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// The logs are read as the description says, and every script is complete.
func TestCase(t *testing.T) {
	const archive = ex01 + "/Archive-" + powerShellLogs + "-" + archivedAt + ".evtx"
	ev, byName := scanCase(t)
	for _, want := range []struct {
		name                  string
		form                  evtxscan.Form
		state                 evtxscan.State
		flags                 []string
		read, fragments, lost int64
	}{
		{archive, evtxscan.FormNative, evtxscan.Intact, nil, 133, 61, 0},
		{ex01 + "/" + powerShellLogs + ".evtx", evtxscan.FormNative, evtxscan.Intact, []string{"dirty", "preallocated"}, 54, 25, 0},
		{ex01 + "/MSExchange Management.evtx", evtxscan.FormExported, evtxscan.Intact, nil, 18, 0, 0},
		{ex01 + "/Security.evtx", evtxscan.FormNative, evtxscan.Intact, nil, 14, 0, 0},
		{ex01 + "/Windows PowerShell.evtx", evtxscan.FormNative, evtxscan.Intact, nil, 7, 0, 0},
		{wec01 + "/ForwardedEvents.evtx", evtxscan.FormForwarded, evtxscan.Intact, nil, 9, 9, 0},
		{ws07 + "/" + powerShellLogs + ".evtx", evtxscan.FormNative, evtxscan.Incomplete, nil, 64, 19, 33},
		{ws07 + "/Security.evtx", evtxscan.FormNative, evtxscan.Intact, nil, 5, 0, 0},
	} {
		it := byName[want.name]
		if it == nil {
			t.Errorf("no %s", want.name)
			continue
		}
		r := it.Records
		if it.Form != want.form || it.State != want.state || !slices.Equal(it.Flags, want.flags) ||
			r.Read+r.Skipped != want.read || r.Fragments != want.fragments || r.Lost != want.lost {
			t.Errorf("%s: %s, %s, %v, %+v", want.name, it.Form, it.State, it.Flags, r)
		}
	}
	if ev.ScriptBlocks != 112 || ev.Incomplete != 0 || len(ev.Items) != len(logs()) {
		t.Errorf("%d blocks, %d of them incomplete, in %d logs", ev.ScriptBlocks, ev.Incomplete, len(ev.Items))
	}
}

// The blocks with the calls are where the description puts them.
func TestCalls(t *testing.T) {
	ev, _ := scanCase(t)
	for _, want := range []struct {
		clock, host string
		by          account
		pid         uint32
		text        string // what it begins with
		ids         []uint64
	}{
		{"2026-01-12T20:33:02", ex01, kessler, 10344, "New-MailboxExportRequest -Mailbox e.dahl ", []uint64{48330}},
		{"2026-01-12T20:35:27", ex01, kessler, 10344, `New-MailboxExportRequest -Mailbox "j.marchetti" `, []uint64{48332}},
		{"2026-01-12T21:40:05", ex01, exarchive, 8812, "<#\r\n.SYNOPSIS", []uint64{48345, 48346, 48348}},
		{"2026-01-12T21:40:24", ex01, exarchive, 8812, "function Submit-MailboxArchive {", []uint64{48355}},
		{"2026-01-13T02:17:46", ws07, fontaine, 9704, "Invoke-Command -Session $s -ScriptBlock {", []uint64{9121}},
	} {
		i := slices.IndexFunc(ev.Blocks, func(b *evtxscan.ScriptBlock) bool {
			return strings.HasPrefix(b.First().Time.String(), want.clock) && strings.HasPrefix(b.Text, want.text)
		})
		if i < 0 {
			t.Errorf("no block of %s", want.clock)
			continue
		}
		var ids []uint64
		for _, p := range ev.Blocks[i].Pieces {
			ids = append(ids, p.Records[0].RecordID)
		}
		f := ev.Blocks[i].First()
		if f.Computer != want.host || f.UserSID != want.by.sid || f.ProcessID != want.pid || !slices.Equal(ids, want.ids) {
			t.Errorf("%s: %s, %s, process %d, records %d", want.clock, f.Computer, f.UserSID, f.ProcessID, ids)
		}
	}
}

// The bulk script is one, although its fragments lie in two logs and three
// chunks and no fragment names the cmdlet.
func TestBulkScript(t *testing.T) {
	ev, byName := scanCase(t)
	live := byName[ex01+"/"+powerShellLogs+".evtx"]
	i := slices.IndexFunc(ev.Blocks, func(b *evtxscan.ScriptBlock) bool { return b.Total > 1 })
	if i < 0 || ev.Blocks[i].Text != script(bulkScript) || len(ev.Blocks[i].Pieces) != 3 {
		t.Fatal("the script is not rebuilt")
	}
	var places []evtxscan.Place
	for _, p := range ev.Blocks[i].Pieces {
		places = append(places, p.Records[0].Place)
		if strings.Contains(p.Text, "New-MailboxExportRequest") {
			t.Errorf("fragment %d names the cmdlet", p.Number)
		}
	}
	if places[0].Item == live || places[1].Item != live || places[2].Item != live || places[1].ChunkOffset == places[2].ChunkOffset {
		t.Errorf("the fragments lie at %+v", places)
	}
}

// PowerShell would have cut a longer text.
func TestWholeScripts(t *testing.T) {
	for _, name := range []string{"ex01.txt", "ws07.txt"} {
		for _, e := range transcript(name) {
			if e.segment == 0 && len(e.text) >= 20_000 {
				t.Errorf("%s: %.40q has %d units", name, e.text, len(e.text))
			}
		}
	}
}

func scanCase(t *testing.T) (*evtxscan.Evidence, map[string]*evtxscan.Item) {
	t.Helper()
	folder := t.TempDir()
	if err := write(folder); err != nil {
		t.Fatal(err)
	}
	c, err := evtxscan.Find(t.Context(), []string{folder}, nil)
	if err != nil {
		t.Fatal(err)
	}
	ev, err := c.Scan(t.Context(), evtxscan.Options{})
	if err != nil {
		t.Fatal(err)
	}
	byName := map[string]*evtxscan.Item{}
	for _, it := range ev.Items {
		name, err := filepath.Rel(filepath.ToSlash(folder), it.Path)
		if err != nil {
			t.Fatal(err)
		}
		byName[filepath.ToSlash(name)] = it
	}
	return ev, byName
}
