package evtxscan

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"pstrail/evtxscan/evtxtest"
)

// opinionCounts asks for the opinions on all blocks of a file and counts them
// by their results.
func opinionCounts(t *testing.T, opt Options, path string) map[string]int {
	t.Helper()
	ev := scanPaths(t, opt, path)
	got, err := SecondOpinion(t.Context(), ev.Blocks)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != len(ev.Blocks) {
		t.Fatalf("%d opinions on %d blocks", len(got), len(ev.Blocks))
	}
	counts := map[string]int{}
	for _, o := range got {
		counts[o.Result]++
		if o.Library != velocidexModule+"@"+velocidexVersion || (o.Detail == "") != (o.Result == OpinionAgrees) {
			t.Errorf("%+v", o)
		}
		if o.Result == OpinionDiffers {
			t.Error(o.Detail)
		}
	}
	return counts
}

// Over all logs there are, the library agrees, but for what is known of it.
func TestSecondOpinion(t *testing.T) {
	dir := evtxtest.Corpus(t, "evidence")
	notAgreeing := map[string]map[string]int{
		// Texts with an entity, at which the library ends.
		"real/ps-forwarded-pipeshell.evtx": {OpinionFault: 1},
		"real/ps-forwarded-powerlurk.evtx": {OpinionFault: 1},
		"made/67_forwarded_entity.evtx":    {OpinionFault: 1},
		// Records in slack whose definition a live record has overwritten.
		"real/ps-payload-download.evtx": {OpinionWithheld: 42},
		// The record that defines the templates is damaged.
		"made/20_first_rec_magic_gone_templates_lost.evtx": {OpinionWithheld: 14},
		"made/47_tpl_size_huge.evtx":                       {OpinionWithheld: 15},
	}
	for _, row := range append(table(t, filepath.Join(dir, "index.tsv")), table(t, filepath.Join(dir, "made.tsv"))...) {
		t.Run(row["file"], func(t *testing.T) {
			got := opinionCounts(t, Options{}, filepath.Join(dir, row["file"]))
			delete(got, OpinionAgrees)
			want := notAgreeing[row["file"]]
			if want == nil {
				want = map[string]int{}
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

// Whatever is handed over, of any record, the library reads to its end.
func TestWhatIsHandedOverIsRead(t *testing.T) {
	dir := evtxtest.Corpus(t, "evidence")
	paths, err := filepath.Glob(filepath.Join(dir, "*", "*.evtx"))
	if err != nil {
		t.Fatal(err)
	}
	admitted, withheld := 0, map[string]int{}
	for _, path := range paths {
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		chunks := 0
		for at := fileHeaderSize; at+chunkSize <= len(raw) && chunks < 2; at += chunkSize {
			chunk := raw[at : at+chunkSize]
			records := recordsOf(chunk)
			if len(records) > 0 {
				chunks++
			}
			for _, rec := range records {
				p, err := isolate(chunk, records, rec)
				if err != nil {
					withheld[filepath.Base(path)]++
					continue
				}
				admitted++
				if _, err := decodeByLibrary(p); err != nil && !p.skipsTokens && !strings.Contains(err.Error(), "no event") {
					t.Errorf("%s, record at 0x%x: %v", path, at+rec.offset, err)
				}
			}
		}
	}
	if admitted < 3500 {
		t.Errorf("only %d records were handed over; withheld: %v", admitted, withheld)
	}
	for _, name := range []string{"70_nested21_depth12.evtx", "70_nested21_depth16.evtx", "70_nested21_depth22.evtx", "71_mem_1000args.evtx", "71_mem_10240args.evtx", "60_systime_len8.evtx", "62_u64array_12.evtx"} {
		if withheld[name] == 0 {
			t.Errorf("%s was handed over", name)
		}
	}
}

// One record that was changed after the scan is not compared with what the
// scan read.
func TestOpinionOnChangedRecord(t *testing.T) {
	raw, err := os.ReadFile(evtxtest.Corpus(t, "evidence", "real", "ps-emotet.evtx"))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "a.evtx")
	write := func() {
		if err := os.WriteFile(path, raw, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write()
	ev := scanPaths(t, Options{}, path)
	raw[ev.Blocks[0].First().Offset+2000]++
	write()
	got, err := SecondOpinion(t.Context(), ev.Blocks)
	if err != nil || len(got) != 1 || got[0].Result != OpinionWithheld {
		t.Errorf("%+v, %v", got, err)
	}
}

// If our own reading were wrong, the library would say so.
func TestOpinionDiffers(t *testing.T) {
	path := evtxtest.Corpus(t, "evidence", "real", "ps-obfuscation-many.evtx")
	for name, change := range map[string]func(*Fragment){
		"script text":    func(f *Fragment) { f.Text += "x" },
		"path":           func(f *Fragment) { f.Path = "x" },
		"block id":       func(f *Fragment) { f.BlockID = "x" },
		"message number": func(f *Fragment) { f.Number++ },
		"message total":  func(f *Fragment) { f.Total++ },
		"computer":       func(f *Fragment) { f.Computer = "x" },
		"channel":        func(f *Fragment) { f.Channel = "x" },
		"provider":       func(f *Fragment) { f.Provider = "x" },
		"user":           func(f *Fragment) { f.UserSID = "S-1-5-18-1" },
		"process id":     func(f *Fragment) { f.ProcessID++ },
		"thread id":      func(f *Fragment) { f.ThreadID++ },
		"activity id":    func(f *Fragment) { f.ActivityID = "x" },
		"event id":       func(f *Fragment) { f.EventID++ },
		"level":          func(f *Fragment) { f.Level++ },
		"record id":      func(f *Fragment) { f.RecordID++ },
		"time":           func(f *Fragment) { f.Time += 100 },
	} {
		t.Run(name, func(t *testing.T) {
			ev := scanPaths(t, Options{}, path)
			block := ev.Blocks[0]
			for _, b := range ev.Blocks {
				if len(b.Pieces) == 3 {
					block = b
				}
			}
			change(block.Pieces[1].Records[0])
			got, err := SecondOpinion(t.Context(), []*ScriptBlock{block})
			if err != nil {
				t.Fatal(err)
			}
			want := fmt.Sprintf("1 of 3 records; record at 0x%x: %s ", block.Pieces[1].Records[0].Offset, name)
			if got[0].Result != OpinionDiffers || !strings.HasPrefix(got[0].Detail, want) {
				t.Errorf("%+v", got[0])
			}
		})
	}
}

func TestAsLibraryText(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "a\x00b\x00\x00": "a\x00b", "a\xed\xa0\xbdb": "a\ufffdb", "\xed\xb8\x80": "\ufffd", "\U0001f600": "\U0001f600",
		"\ufffd": "\ufffd", "\xed\xa0\xbd\xed\xa0\xbd": "\ufffd\ufffd",
	} {
		if got := asLibraryText(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

// The version that a report names is the one the program is built with.
func TestLibraryVersion(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join(evtxtest.Root(t), "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(raw, []byte(velocidexModule+" "+velocidexVersion)) {
		t.Errorf("go.mod requires another version than %s", velocidexVersion)
	}
}
