package main

import (
	"slices"
	"strings"
	"testing"

	"pstrail/report"
)

// The table has every flag of the contract and no other.
func TestFlagTable(t *testing.T) {
	want := strings.Fields(`format/f output/o force scripts scripts-of since until
		expect-user expect-host expect-pst expect-script window case examiner live-only
		carve no-hash manifest verify print-kit workers/j color progress quiet/q exit-zero
		help/h version`)
	var got []string
	for _, d := range new(options).flagTable() {
		name := d.name
		if d.short != "" {
			name += "/" + d.short
		}
		got = append(got, name)
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("flags\n got %q\nwant %q", got, want)
	}
}

// The help names each flag that is built and none that is not, in lines that
// fit a terminal.
func TestHelp(t *testing.T) {
	help, _ := call(t, 0, "--help")
	for _, d := range new(options).flagTable() {
		if named := strings.Contains(help, " --"+d.name+" "); named != (d.target != nil) {
			t.Errorf("--%s: in the help: %v, built: %v", d.name, named, d.target != nil)
		}
	}
	for line := range strings.Lines(help) {
		if len(line) > 81 {
			t.Errorf("%d columns: %s", len(line)-1, line)
		}
	}
}

// The contract's formats are built or refused as not built, not both.
func TestFormats(t *testing.T) {
	var names, endings []string
	for _, f := range report.Formats() {
		names, endings = append(names, f.Name), append(endings, f.Ending)
	}
	for _, f := range unbuiltFormats {
		names, endings = append(names, f.name), append(endings, f.ending)
	}
	slices.Sort(names)
	slices.Sort(endings)
	if got, want := strings.Join(names, " "), "csv ecs excel html json jsonl table timesketch"; got != want {
		t.Errorf("formats %s, want %s", got, want)
	}
	if got, want := strings.Join(endings, " "), ".csv .ecs.jsonl .excel.csv .html .json .jsonl .timesketch.jsonl .txt"; got != want {
		t.Errorf("endings %s, want %s", got, want)
	}
}

func TestInstant(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"2026-01-12", "2026-01-12T00:00:00.0000000Z"},
		{"2026-01-12T08:14:03", "2026-01-12T08:14:03.0000000Z"},
		{"2026-01-12T08:14:03Z", "2026-01-12T08:14:03.0000000Z"},
		{"2026-01-12t08:14:03z", "2026-01-12T08:14:03.0000000Z"},
		{"2026-01-12T08:14:03.1234567Z", "2026-01-12T08:14:03.1234567Z"},
		{"2026-01-12T08:14:03.123456789Z", "2026-01-12T08:14:03.1234567Z"},
		{"2026-01-12T08:14:03.5", "2026-01-12T08:14:03.5000000Z"},
		{"2026-01-12T00:30:00+01:00", "2026-01-11T23:30:00.0000000Z"},
		{"9999-12-31T23:59:59.9999999Z", "9999-12-31T23:59:59.9999999Z"},
		{"1601-01-01", ""}, // FILETIME 0 means no time
		{"1600-12-31", ""},
		{"9999-12-31T23:59:59-01:00", ""},
		{"2026-02-30", ""},
		{"2026-1-2", ""},
		{"12.01.2026", ""},
		{"08:14", ""},
		{"", ""},
	} {
		var got instant
		err := got.Set(c.in)
		if (err == nil) != (c.want != "") || got.String() != c.want {
			t.Errorf("%q: %q, %v; want %q", c.in, got.String(), err, c.want)
		}
	}
}
