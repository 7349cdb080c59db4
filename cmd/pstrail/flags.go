package main

import (
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"pstrail/evtxscan"
)

// options are what the command line says, each value checked for itself.
type options struct {
	format   string // empty: not given
	outputs  []string
	force    bool
	since    instant
	until    instant
	caseID   string
	examiner string
	liveOnly bool
	noHash   bool
	workers  workers
	color    when
	progress when
	quiet    bool
	exitZero bool
	help     bool
	version  bool
	evidence []string
}

// flagDef is one line of the flag table.
type flagDef struct {
	group       string
	name, short string
	target      any    // where the value goes; nil: not built yet
	usage       string // the value's name in back quotes; none for a switch
}

// Groups of flags, in the order of the help.
const (
	groupReport   = "Report"
	groupEvidence = "Evidence"
	groupProgram  = "Program"
)

// flagTable lists every flag of the contract. The parser, the help and the
// refusal of what is not built yet are made from it.
func (o *options) flagTable() []flagDef {
	return []flagDef{
		{groupReport, "format", "f", &o.format, "`NAME` of the report's format: " + formatNames() + " (default table); with -o only where FILE's ending names none"},
		{groupReport, "output", "o", &o.outputs, "write the report to `FILE` instead of standard output; repeatable. The ending picks the format: " + formatEndings()},
		{groupReport, "force", "", &o.force, "let an output replace an existing file (never an event log)"},
		{groupReport, "since", "", &o.since, "leave out findings that ended before `TIME`: RFC 3339 or a date, UTC unless an offset is given"},
		{groupReport, "until", "", &o.until, "leave out findings that began at or after `TIME`"},
		{groupReport, "case", "", &o.caseID, "case `TEXT` for the report's head"},
		{groupReport, "examiner", "", &o.examiner, "examiner `TEXT` for the report's head"},
		{groupReport, "scripts", "", nil, "also write every reported script as text into `DIR`"},
		{groupReport, "scripts-of", "", nil, "`WHICH` scripts to write"},
		{groupReport, "expect-user", "", nil, "approved account `GLOB`"},
		{groupReport, "expect-host", "", nil, "approved host `GLOB`"},
		{groupReport, "expect-pst", "", nil, "approved PST path `GLOB`"},
		{groupReport, "expect-script", "", nil, "approved script `GLOB|SHA256`"},
		{groupReport, "window", "", nil, "`DURATION` around a finding in which related activity is gathered"},
		{groupReport, "manifest", "", nil, "write the SHA-256 of every input and output to `FILE`"},
		{groupReport, "verify", "", nil, "check the JSON report `FILE` against the evidence"},
		{groupReport, "print-kit", "", nil, "print the KAPE module or the Velociraptor artifact `NAME`"},

		{groupEvidence, "live-only", "", &o.liveOnly, "do not recover records from slack and gaps"},
		{groupEvidence, "carve", "", nil, "search the files named for records at any offset"},
		{groupEvidence, "no-hash", "", &o.noHash, "do not hash the evidence"},

		{groupProgram, "workers", "j", &o.workers, "read with `N` workers (default: one per processor)"},
		{groupProgram, "color", "", &o.color, "colour the table: `WHEN` is auto, always or never"},
		{groupProgram, "progress", "", &o.progress, "show the progress: `WHEN` is auto, always or never"},
		{groupProgram, "quiet", "q", &o.quiet, "say nothing on standard error but errors"},
		{groupProgram, "exit-zero", "", &o.exitZero, "exit 0 also when something was found or not examined"},
		{groupProgram, "help", "h", &o.help, "print this help"},
		{groupProgram, "version", "", &o.version, "print the version"},
	}
}

// flagSet makes a flag set of the table's lines that want chooses.
func flagSet(table []flagDef, want func(flagDef) bool) *pflag.FlagSet {
	fs := pflag.NewFlagSet("pstrail", pflag.ContinueOnError)
	fs.SortFlags = false
	fs.SetOutput(io.Discard)
	fs.Usage = func() {}
	for _, d := range table {
		if !want(d) {
			continue
		}
		switch target := d.target.(type) {
		case *bool:
			fs.BoolVarP(target, d.name, d.short, false, d.usage)
		case *string:
			fs.StringVarP(target, d.name, d.short, "", d.usage)
		case *[]string:
			fs.StringArrayVarP(target, d.name, d.short, nil, d.usage)
		case pflag.Value:
			fs.VarP(target, d.name, d.short, d.usage)
		case nil:
			if strings.Contains(d.usage, "`") {
				fs.StringArray(d.name, nil, d.usage)
			} else {
				fs.Bool(d.name, false, d.usage)
			}
		}
	}
	return fs
}

// parseFlags reads the command line. Its errors are usage errors.
func parseFlags(args []string) (*options, error) {
	o := &options{}
	table := o.flagTable()
	fs := flagSet(table, func(flagDef) bool { return true })
	if err := fs.Parse(args); err != nil {
		return nil, &usageError{err.Error(), "pstrail --help lists the flags"}
	}
	for _, d := range table {
		if d.target == nil && fs.Changed(d.name) {
			return nil, &usageError{"--" + d.name + " is not built yet", "run without it; pstrail --help lists what there is"}
		}
	}
	o.evidence = fs.Args()
	if o.help || o.version {
		return o, nil
	}
	return o, o.check()
}

// check finds what single values cannot show.
func (o *options) check() error {
	switch {
	case o.since.set && o.until.set && o.since.time >= o.until.time:
		return &usageError{"--until must be later than --since", ""}
	case len(o.evidence) == 0:
		return &usageError{"no evidence named", "pstrail LOG-OR-FOLDER...; pstrail --help says more"}
	case slices.Contains(o.evidence, ""):
		return &usageError{"an EVIDENCE argument is empty", "is a variable of the shell not set?"}
	case slices.Contains(o.outputs, ""):
		return &usageError{"the FILE of an --output is empty", "is a variable of the shell not set?"}
	case slices.Contains(o.evidence, "-"):
		return &usageError{"reading evidence from standard input is not built yet", "save it to a file and name that; ./- is a file of that name"}
	case slices.Contains(o.outputs, "-"):
		return &usageError{"--output needs a file", "without --output the report goes to standard output"}
	}
	return nil
}

// when is the value of a flag that says when a terminal gets something.
type when string

func (w *when) Type() string { return "when" }

func (w *when) String() string {
	if *w == "" {
		return "auto"
	}
	return string(*w)
}

func (w *when) Set(s string) error {
	switch s {
	case "auto", "always", "never":
		*w = when(s)
		return nil
	}
	return errors.New("it is auto, always or never")
}

// workers is the value of --workers; 0 means not given.
type workers int

// maxWorkers bounds the memory that a typing error can ask for.
const maxWorkers = 256

func (n *workers) Type() string { return "number" }

func (n *workers) String() string { return strconv.Itoa(int(*n)) }

func (n *workers) Set(s string) error {
	v, err := strconv.Atoi(s)
	if err != nil || v < 1 || v > maxWorkers {
		return fmt.Errorf("it is a number from 1 to %d", maxWorkers)
	}
	*n = workers(v)
	return nil
}

func (n workers) count() int {
	if n == 0 {
		return min(runtime.GOMAXPROCS(0), maxWorkers)
	}
	return int(n)
}

// instant is the value of --since and --until.
type instant struct {
	time evtxscan.FileTime
	set  bool
}

// instantLayouts are RFC 3339, the same without an offset, which then is UTC,
// and a date, which is its 00:00.
var instantLayouts = [...]string{time.RFC3339, "2006-01-02T15:04:05", time.DateOnly}

func (t *instant) Type() string { return "time" }

func (t *instant) String() string {
	if !t.set {
		return ""
	}
	return t.time.String()
}

func (t *instant) Set(s string) error {
	for _, layout := range instantLayouts {
		v, err := time.Parse(layout, strings.ToUpper(s))
		if err != nil {
			continue
		}
		ticks := evtxscan.FileTimeOf(v)
		if !ticks.Valid() {
			return errors.New("a log holds times of the years 1601 to 9999 only")
		}
		t.time, t.set = ticks, true
		return nil
	}
	return errors.New("it is a time like 2026-01-12T08:14:03Z, or a date like 2026-01-12")
}
