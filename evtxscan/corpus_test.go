package evtxscan

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pstrail/evtxscan/evtxtest"
)

// table reads a tab-separated file into maps by the names of its first line.
func table(t *testing.T, path string) []map[string]string {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(string(raw), "\n"), "\n")
	names := strings.Split(lines[0], "\t")
	var rows []map[string]string
	for _, line := range lines[1:] {
		row := map[string]string{}
		for i, cell := range strings.Split(line, "\t") {
			row[names[i]] = cell
		}
		rows = append(rows, row)
	}
	return rows
}

// scanPaths scans and checks what holds for every input.
func scanPaths(t testing.TB, opt Options, paths ...string) *Evidence {
	t.Helper()
	c, err := Find(context.Background(), paths, nil)
	if err != nil {
		t.Fatal(err)
	}
	ev, err := c.Scan(context.Background(), opt)
	if err != nil {
		t.Fatal(err)
	}
	for _, it := range ev.Items {
		checkLedger(t, it)
	}
	return ev
}

// checkLedger asserts the sums that every item keeps.
func checkLedger(t testing.TB, it *Item) {
	t.Helper()
	c := it.Chunks
	if c.Slots != c.Empty+c.Skipped+c.Read+c.Foreign {
		t.Errorf("%s: slots do not add up: %+v", it.Path, c)
	}
	if it.State == Unread {
		return
	}
	if it.Kind == KindEVTX && it.Size > fileHeaderSize && c.Slots < (it.Size-fileHeaderSize)/chunkSize {
		t.Errorf("%s: %d slots in %d bytes", it.Path, c.Slots, it.Size)
	}
	r := it.Records
	if r.Read < r.Recovered || r.Read < r.Fragments {
		t.Errorf("%s: parts are more than the whole: %+v", it.Path, r)
	}
	losses := int64(0)
	for _, i := range it.Issues {
		losses += max(0, i.Lost)
	}
	if ids := it.RecordIDs; ids.Known && r.Lost >= 0 {
		inGaps := int64(0)
		for _, g := range ids.Gaps {
			inGaps += int64(g[1] - g[0] + 1)
		}
		if len(ids.Gaps) < maxGaps && inGaps != r.Lost || int64(ids.Last-ids.First+1) != r.Read+r.Skipped+r.Lost {
			t.Errorf("%s: ids %d to %d, but %d read, %d skipped, %d lost, %d in gaps", it.Path, ids.First, ids.Last, r.Read, r.Skipped, r.Lost, inGaps)
		}
	}
	if r.Lost >= 0 && it.IssuesTruncated == 0 && losses != r.Lost {
		t.Errorf("%s: %d lost, but the issues account for %d: %+v", it.Path, r.Lost, losses, it.Issues)
	}
	unknown := func(i Issue) bool { return i.Lost < 0 }
	if r.Lost < 0 && it.IssuesTruncated == 0 && !slices.ContainsFunc(it.Issues, unknown) {
		t.Errorf("%s: nobody says why the loss is not known: %+v", it.Path, it.Issues)
	}
	if r.Lost != 0 && it.State != Incomplete {
		t.Errorf("%s: %d lost, but %s", it.Path, r.Lost, it.State)
	}
}

// Public logs: every record is read or, in a skipped chunk, counted.
func TestRealLogs(t *testing.T) {
	dir := evtxtest.Corpus(t, "evidence")
	damaged := map[string]string{ // "intact 0" where there is nothing
		"damaged/bad-chunk-magic.evtx": "incomplete 113 chunk-data-checksum chunk-data-checksum chunk-data-checksum " +
			"chunk-magic chunk-magic record record record record record record zeroed",
		"damaged/bad-string-cache.evtx": "damaged 0 chunk-header-checksum",
		"damaged/torn-records-rdp.evtx": "incomplete 65 chunk-data-checksum chunk-data-checksum record record record-id-gap",
		"damaged/zero-size-record.evtx": "incomplete 114 chunk-data-checksum record",
		"damaged/zero-tail-hello.evtx":  "incomplete 0 chunk-data-checksum record",
		"real/sysmon.evtx":              "damaged 0" + strings.Repeat(" foreign-data", 8),
	}
	lost := map[string]int64{
		"damaged/bad-chunk-magic.evtx": 1635, "damaged/zero-size-record.evtx": 1, "damaged/zero-tail-hello.evtx": 15,
		"damaged/torn-records-rdp.evtx": -1, // a ring whose ids fall more than once
	}
	resynchronised := map[string]int64{ // more than a plain walk finds, or less where it takes rubbish
		"damaged/bad-chunk-magic.evtx":  380,
		"damaged/torn-records-rdp.evtx": 1975,
		"damaged/zero-size-record.evtx": 449,
		"damaged/zero-tail-hello.evtx":  5,
	}
	slack := map[string]int64{ // script blocks that exporting left behind; most repeat live ones
		"real/ps-crackmapexec.evtx": 4, "real/ps-defender-features.evtx": 2, "real/ps-forwarded-pipeshell.evtx": 5,
		"real/ps-obfuscation-encoding.evtx": 25, "real/ps-obfuscation-many.evtx": 328, "real/ps-payload-download.evtx": 42,
	}
	slackOnly := map[string]map[Form]int{"real/ps-payload-download.evtx": {FormExported: 15, FormNative: 27}}
	for _, row := range table(t, filepath.Join(dir, "index.tsv")) {
		t.Run(row["file"], func(t *testing.T) {
			ev := scanPaths(t, Options{Hash: true}, filepath.Join(dir, row["file"]))
			it := ev.Items[0]
			want, _ := strconv.ParseInt(row["records"], 10, 64)
			if n, ok := resynchronised[row["file"]]; ok {
				want = n
			}
			if got := it.Records.Read + it.Records.Skipped; got != want {
				t.Errorf("%d records, want %d: %+v", got, want, it.Records)
			}
			if got := strconv.FormatInt(it.Records.Fragments, 10); got != row["powershell_4104"] {
				t.Errorf("%s fragments, want %s", got, row["powershell_4104"])
			}
			if it.Records.Slack != slack[row["file"]] {
				t.Errorf("%d script blocks in slack, want %d", it.Records.Slack, slack[row["file"]])
			}
			shapes := map[Form]int{} // of those that stand nowhere else
			for _, b := range ev.Blocks {
				for _, p := range b.Pieces {
					if f := p.Records[0]; f.Class == Slack {
						shapes[f.Shape]++
					}
				}
			}
			if !maps.Equal(shapes, slackOnly[row["file"]]) {
				t.Errorf("in slack only: %v", shapes)
			}
			if it.SHA256 != row["sha256"] {
				t.Errorf("sha256 %s", it.SHA256)
			}
			if got, want := told(it), cmp.Or(damaged[row["file"]], "intact 0"); got != want || it.Records.Lost != lost[row["file"]] {
				t.Errorf("%s, %d lost; want %s, %d", got, it.Records.Lost, want, lost[row["file"]])
			}
		})
	}
}

// told is what an item says of itself in a line: its state, how many records
// were recovered, the kinds of its issues.
func told(it *Item) string {
	kinds := []string{string(it.State), strconv.FormatInt(it.Records.Recovered, 10)}
	for _, i := range it.Issues {
		kinds = append(kinds, i.Kind)
	}
	slices.Sort(kinds[2:])
	return strings.Join(kinds, " ")
}

func TestMadeLogs(t *testing.T) {
	dir := evtxtest.Corpus(t, "evidence")
	says := map[string]string{ // where that is not "intact 0"
		"04_trunc_20B_into_last_chunk":           "incomplete 0 chunk-header chunk-header-checksum truncated",
		"05_trunc_inside_hdr_2000B":              "incomplete 0 chunk-count truncated",
		"07_count_too_large":                     "damaged 0 chunk-count",
		"08_bad_file_crc":                        "damaged 0 file-checksum",
		"09_bad_chunk_hdr_crc":                   "damaged 0 chunk-header-checksum",
		"10_bad_chunk_data_crc":                  "damaged 0 chunk-data-checksum chunk-header-checksum",
		"11_zeroed_chunk_middle":                 "incomplete 0 zeroed",
		"12_chunk_magic_gone":                    "damaged 32 chunk-magic",
		"14_rec_size0":                           "incomplete 11 record",
		"15_rec_size_huge":                       "incomplete 11 chunk-data-checksum record",
		"16_rec_size_small8":                     "incomplete 11 chunk-data-checksum record",
		"17_rec_size_off_by_8":                   "incomplete 11 chunk-data-checksum record",
		"19_rec_copy_mismatch":                   "damaged 0 chunk-data-checksum record-size-copy",
		"20_first_rec_magic_gone_templates_lost": "incomplete 14 chunk-data-checksum record",
		"22_last_recnum_low-stale-chunk-hdr-":    "damaged 12 chunk-header",
		"23_first_gt_last":                       "damaged 0 chunk-header-checksum",
		"25_last_recnum_ff_recid_ok":             "damaged 0 chunk-header-checksum",
		"26_free_off_huge":                       "damaged 0 chunk-header chunk-header-checksum",
		"27_free_off_0":                          "damaged 0 chunk-header chunk-header-checksum",
		"30_hdr_block_size_0":                    "damaged 0 file-header",
		"31_hdr_block_size_512":                  "damaged 0 file-header",
		"32_version_3_3":                         "damaged 0 version",
		"35_file_header_destroyed":               "damaged 0 file-header",
		"36_no_file_header_chunks_only":          "damaged 0 file-header",
		"37_header_only":                         "incomplete 0 chunk-count record-id-gap",
		"38_zero_bytes":                          "unread 0 not-a-log",
		"39_text_renamed":                        "unread 0 not-a-log",
		"40_old_evt":                             "unread 0 not-a-log",
		"41_gzip":                                "unread 0 not-a-log",
		"42_trailing_garbage":                    "damaged 0 trailing-bytes",
		"48_text_len_overrun":                    "incomplete 0 record-value",
		"49_ids_descending_gaps":                 "incomplete 0 record-id-gap",
	}
	walked := map[string]string{ // the same of those that are skipped, when they are not
		"60b_systime_ffff":    "damaged 0 record-value",
		"70_nested21_depth12": "damaged 0 record-value",
		"70_nested21_depth16": "damaged 0 record-value",
		"70_nested21_depth22": "damaged 0 record-value",
		"71_mem_1000args":     "damaged 0 record-value",
		"71_mem_10240args":    "damaged 0 record-value",
	}
	for _, row := range table(t, filepath.Join(dir, "made.tsv")) {
		t.Run(row["file"], func(t *testing.T) {
			path := filepath.Join(dir, row["file"])
			it := scanPaths(t, Options{Hash: true}, path).Items[0]
			if got := strconv.FormatInt(it.Records.Fragments, 10); got != row["fragments"] {
				t.Errorf("%s fragments, want %s; %s %+v", got, row["fragments"], it.State, it.Issues)
			}
			name := strings.TrimSuffix(filepath.Base(path), ".evtx")
			want := cmp.Or(says[name], "intact 0")
			if got := told(it); got != want {
				t.Errorf("%s, want %s", got, want)
			}
			if got, want := told(scanPaths(t, Options{noSkip: true}, path).Items[0]), cmp.Or(walked[name], want); got != want {
				t.Errorf("%s without skipping, want %s", got, want)
			}
			lost := strconv.FormatInt(it.Records.Lost, 10)
			switch row["lost"] {
			case "-":
			case "?":
				if it.Records.Lost != -1 {
					t.Errorf("lost %s, but that cannot be known", lost)
				}
			default:
				if it.State != Unread && lost != row["lost"] {
					t.Errorf("lost %s, want %s; %s %+v", lost, row["lost"], it.State, it.Issues)
				}
			}
		})
	}
}

// What the records of some made logs hold, beyond how many they are: a line for
// each block.
func TestMadeContent(t *testing.T) {
	dir := evtxtest.Corpus(t, "evidence", "made")
	scan := func(name string) *Evidence { return scanPaths(t, Options{}, filepath.Join(dir, name+".evtx")) }
	exported, native := scan("00_base_export"), scan("00_base_native")
	for i, b := range exported.Blocks {
		if n := native.Blocks[i]; n.Text != b.Text || n.BlockID != b.BlockID || n.First().Path != b.First().Path || n.First().System != b.First().System {
			t.Errorf("block %d differs in native shape", i)
		}
	}
	for _, name := range []string{"00_base_export", "34_first_chunk_rotated"} {
		for i, b := range scan(name).Blocks {
			if b.First().HeaderID != uint64(i+1) {
				t.Fatalf("%s: record %d comes as number %d", name, b.First().HeaderID, i+1)
			}
		}
	}
	falling := scan("49_ids_descending_gaps").Items[0].RecordIDs
	for i, gap := range falling.Gaps {
		if want := [2]uint64{868 + 7*uint64(i), 873 + 7*uint64(i)}; gap != want {
			t.Errorf("gap %v, want %v", gap, want)
		}
	}
	if falling.First != 867 || falling.Last != 1000 || len(falling.Gaps) != 19 {
		t.Errorf("falling ids: %+v", falling)
	}
	describe := func(b *ScriptBlock) string {
		f := b.First()
		return fmt.Sprintf("%d of %d, record %d, %v, written %v, %q, %s, %.21q... holes %v", f.Number, b.Total, f.RecordID, f.Time, f.Written, f.Path, b.Computer, b.Text, b.Holes)
	}
	line := func(what string, id int, time, path, holes string) string {
		return fmt.Sprintf("%s, record %d, %s, written %s, %q, LAB-PC, \"Write-Host 'record %d'\"... holes %s", what, id, time, time, path, id, holes)
	}
	const script = `C:\t.ps1`
	for name, want := range map[string]map[int]string{ // by their places among the blocks
		"51_filetime_0_max": {
			17: line("1 of 1", 6, "9999-12-31T23:59:59.9999999Z", script, "[]"),
			18: line("1 of 1", 4, "invalid time 0x0000000000000000", script, "[]"),
			19: line("1 of 1", 5, "invalid time 0xffffffffffffffff", script, "[]"),
		},
		"53_path_nulltype": {
			1: line("1 of 1", 2, "2020-12-29T16:00:01.0000001Z", script, "[]"),
			2: line("1 of 1", 3, "2020-12-29T16:00:02.0000001Z", "", "[]"),
		},
		"54_fragments_missing_0of0_5of2": {
			0: line("1 of 3", 1, "2020-12-29T16:00:00.0000001Z", script, "[{22 [2 2] 22}]"),
			1: line("0 of 0", 3, "2020-12-29T16:00:02.0000001Z", script, "[]"),
			2: line("5 of 2", 4, "2020-12-29T16:00:03.0000001Z", script, "[{0 [1 2] -1}]"),
		},
		"73_template_defined_twice_inline": {
			0: line("1 of 1", 1, "2020-12-29T16:00:00.0000001Z", script, "[]"),
			1: line("1 of 1", 2, "2020-12-29T16:00:01.0000001Z", script, "[]"),
		},
	} {
		blocks := scan(name).Blocks
		for i, want := range want {
			if got := describe(blocks[i]); got != want {
				t.Errorf("%s: block %d\n%s\n%s", name, i, got, want)
			}
		}
	}
	if entity := scan("67_forwarded_entity").Blocks[0]; entity.Text != "a > b & c" || entity.BlockID != "id-1" {
		t.Errorf("entities: %q of %q", entity.Text, entity.BlockID)
	}
}

// The scripts of public logs, rebuilt, have the hashes that the real engine's
// parser was given.
func TestRealScripts(t *testing.T) {
	facts := table(t, evtxtest.Corpus(t, "conformance", "real-scripts.tsv"))
	ev := scanPaths(t, Options{LiveOnly: true}, evtxtest.Corpus(t, "evidence", "real"))
	type key struct{ file, block, total string }
	got := map[key]*ScriptBlock{}
	for _, b := range ev.Blocks {
		f := b.First()
		got[key{filepath.Base(f.Item.Path), b.BlockID, strconv.Itoa(int(b.Total))}] = b
	}
	for _, row := range facts {
		b := got[key{row["file"], row["block_id"], row["total"]}]
		if b == nil {
			t.Errorf("%s %s: not found", row["file"], row["block_id"])
			continue
		}
		sum := sha256.Sum256([]byte(b.Text))
		if hex.EncodeToString(sum[:]) != row["sha256"] || strconv.Itoa(UTF16Len(b.Text)) != row["units"] {
			t.Errorf("%s %s: another text of %d units", row["file"], row["block_id"], UTF16Len(b.Text))
		}
	}
}
