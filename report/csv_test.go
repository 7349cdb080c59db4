package report

import (
	"encoding/csv"
	"io"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"pstrail/detect"
)

const contractHeader = "time,time_means,host,account,account_sid,verdict,outcome,basis,mailbox,mailbox_resolved,pst_path,pst_path_resolved," +
	"pst_host,targets,what_if,conditional,content_filter,request_name,problems,reason,signals,rule_script,rule_fragments,class,source," +
	"channel,pid,evidence,record_ids,offsets,script_block_id,fragments,missing,script_path,script_sha256,statement,finding"

func TestCSVHeader(t *testing.T) {
	for name, r := range map[string]*Report{"findings": canonicalCase(), "none": nothingFound()} {
		header, _, _ := strings.Cut(written(t, r, "csv", Terminal{}), "\n")
		if header != contractHeader {
			t.Errorf("%s: header\n%s, want\n%s", name, header, contractHeader)
		}
	}
}

// readCSV returns the rows behind the header, by column.
func readCSV(t failer, text string) []map[string]string {
	t.Helper()
	in := csv.NewReader(strings.NewReader(text))
	header, err := in.Read()
	if err != nil {
		t.Fatalf("header: %v", err)
	}
	var out []map[string]string
	for {
		// The reader refuses a line with another number of cells.
		cells, err := in.Read()
		if err == io.EOF {
			return out
		}
		if err != nil {
			t.Fatalf("row %d: %v", len(out), err)
		}
		row := map[string]string{}
		for i, c := range cells {
			row[header[i]] = c
		}
		out = append(out, row)
	}
}

// TestCSVReadsBack finds the evidence's text in the cells, but for the guard.
func TestCSVReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := canonicalCase()
		disfigure(t, r)
		f := r.Findings[0]
		f.ID = "hostile"
		rows := readCSV(t, written(t, r, "csv", Terminal{}))
		i := slices.IndexFunc(rows, func(row map[string]string) bool { return row["finding"] == "hostile" })
		if i < 0 {
			t.Fatalf("no row of the finding among %d", len(rows))
		}
		c := f.Calls[0]
		for column, want := range map[string]string{
			"host": f.Blocks[0].First().Computer, "account": f.Account.Names[0].Name, "account_sid": f.Account.SID,
			"mailbox": c.Mailbox.Text(), "pst_path": c.PSTPath.Text(), "request_name": c.Parameters[2].Value.Text(),
			"statement": c.Statement, "reason": f.Reason, "script_path": f.Blocks[0].First().Path,
			"script_block_id": f.Blocks[0].BlockID, "problems": c.Problems[0], "evidence": r.Evidence.Items[0].Path,
			"channel": f.Blocks[0].First().Channel,
		} {
			got := rows[i][column]
			want = strings.ReplaceAll(plainUTF8(want), "\r\n", "\n") // as the reader does
			if formula(got) {
				t.Fatalf("%s: a spreadsheet would run %q", column, got)
			}
			if unguarded := strings.TrimPrefix(got, "'"); got != want && unguarded != want {
				t.Fatalf("%s: %q, want %q", column, got, want)
			}
		}
	})
}

// TestCSVOrder says that rows are ordered by time, evidence, offset, call, and
// rows without a valid time are last.
func TestCSVOrder(t *testing.T) {
	r := canonicalCase()
	slices.Reverse(r.Findings)
	var got []string
	for _, row := range readCSV(t, written(t, r, "csv", Terminal{})) {
		got = append(got, row["finding"][:1]+" "+row["verdict"]+" "+row["mailbox"])
	}
	want := []string{
		"0 call mia.kern", "1 call {$m}", "1 call boss", "1 latent ceo", "2 attempt a, b", "6 mention ", "3 undecided ", "5 mention ",
		"4 latent {$args[0]}",
	}
	if !slices.Equal(got, want) {
		t.Errorf("rows\n%q, want\n%q", got, want)
	}
}

func TestCSVCells(t *testing.T) {
	r := canonicalCase()
	r.Findings[0].Calls[0].Outcome = "completed"
	r.Findings[0].Calls[0].Parameters[0] = detect.Parameter{Name: "ContentFilter", Value: *known("Received -ge '1.1.'", detect.BasisLiteral)}
	rows := readCSV(t, written(t, r, "csv", Terminal{}))
	for _, c := range []struct {
		row          int
		column, want string
	}{
		{0, "basis", "observed"},
		{0, "content_filter", "Received -ge '1.1.'"},
		{0, "time", "2026-01-10T08:14:03.1234567Z"},
		{0, "rule_script", "true"},
		{1, "targets", "many"},
		{1, "what_if", ""},
		{1, "basis", "predicted"},
		{1, "class", "recovered"},
		{1, "record_ids", "8809; 8802; 8810; 8803"},
		{2, "what_if", "true"},
		{3, "pst_path_resolved", ""},
		{4, "targets", "2"},
		{4, "problems", "local path: Exchange accepts UNC paths only; unknown parameter -StartDate"},
		{5, "basis", ""},
		{5, "host", "'=ws\u200b-114"},
		{6, "fragments", "2/9"},
		{6, "missing", "2; 4-9"},
		{6, "rule_script", ""},
		{8, "time", ""},
		{8, "time_means", "block started; first run logged (invalid time 0x0000000000000000)"},
	} {
		if got := rows[c.row][c.column]; got != c.want {
			t.Errorf("row %d: %s is %q, want %q", c.row, c.column, got, c.want)
		}
	}
}
