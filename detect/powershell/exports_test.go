package powershell

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"sort"
	"strings"
	"testing"
)

// exportHost knows one command, and where values come from.
type exportHost struct{ command *CommandInfo }

func newExportHost() *exportHost {
	info := &CommandInfo{Name: "New-MailboxExportRequest", Module: "Exchange"}
	text := func(v Value) (Value, error) {
		if _, ok := Items(v); ok {
			return nil, errors.New("array")
		}
		return v, nil
	}
	add := func(names string, typeName string) {
		for _, n := range strings.Fields(names) {
			info.Parameters = append(info.Parameters, ParameterInfo{Name: n, Type: typeName, Position: -1})
		}
	}
	info.Parameters = append(info.Parameters, ParameterInfo{
		Name: "Mailbox", Type: "MailboxOrMailUserIdParameter", Mandatory: true, Pipeline: true, Property: true, Convert: toMailbox,
	})
	add("FilePath ContentFilter ContentFilterLanguage SourceRootFolder TargetRootFolder Name BatchName BadItemLimit LargeItemLimit "+
		"Priority DomainController CompletedRequestAgeLimit AssociatedMessagesCopyOption ConflictResolutionOption RemoteHostName "+
		"RemoteCredential ComplianceStorePath InternalFlags SkipMerging WorkloadType PreferredMessageFormat RequestExpiryInterval "+
		"SuspendComment", "System.String")
	for i := range info.Parameters[1:] {
		if info.Parameters[i+1].Name == "FilePath" {
			info.Parameters[i+1].Convert = text
		}
	}
	add("IncludeFolders ExcludeFolders", "System.String[]")
	add("IsArchive ExcludeDumpster AcceptLargeDataLoss Suspend WhatIf Confirm", "switch")
	info.Run = func(inv *Invocation) []Value {
		o := NewObject("System.Management.Automation.PSCustomObject")
		for _, name := range []string{"Mailbox", "FilePath", "Name", "BatchName"} {
			for _, a := range inv.Arguments {
				if a.Name == name {
					o.Set(name, a.Value)
				}
			}
		}
		o.Set("Status", "Queued")
		return []Value{o}
	}
	return &exportHost{info}
}

// toMailbox accepts text, numbers and recipients.
func toMailbox(v Value) (Value, error) {
	switch v := v.(type) {
	case nil:
		return nil, errors.New("null")
	case string:
		if v == "" {
			return nil, errors.New("empty")
		}
		return v, nil
	case *Text, *Unknown:
		return v, nil
	case *Object:
		return nil, errors.New("no recipient")
	}
	if isNumber(v) {
		return v, nil
	}
	return nil, errors.New("no recipient")
}

func (h *exportHost) Command(name string) *CommandInfo {
	if strings.EqualFold(name, h.command.Name) {
		return h.command
	}
	return nil
}

// Variant is the name with a prefix.
func (h *exportHost) Variant(name string) bool {
	verb, noun, _ := strings.Cut(strings.ToLower(name), "-")
	return verb == "new" && strings.HasSuffix(noun, "mailboxexportrequest")
}

func (h *exportHost) Commands() []string { return []string{h.command.Name} }

func (h *exportHost) Origin(command string) Origin {
	name := strings.ToLower(command)
	switch {
	case strings.HasPrefix(name, "get-mailbox"), strings.HasPrefix(name, "get-recipient"), strings.HasPrefix(name, "get-distributiongroup"):
		return OriginMailbox
	case name == "import-csv", name == "get-content":
		return OriginFile
	case name == "read-host", name == "get-credential":
		return OriginPrompt
	case strings.HasPrefix(name, "get-ad"), name == "get-user":
		return OriginDirectory
	}
	return OriginCommand
}

// recordedScript is a line of exports.jsonl.
type recordedScript struct {
	Name   string
	Tags   []string
	Blocks []string
	Calls  []recordedCall
}

type recordedCall struct {
	Mailbox, FilePath string
	WhatIf            bool
	Child, Remote     bool
	Block             int
	Fixed             map[string][]string
}

func (c *recordedScript) tagged(tag string) bool { return slices.Contains(c.Tags, tag) }

// madeCall is a call that the interpreter reports.
type madeCall struct {
	mailbox, filePath []TextPart
	whatIf            Tri
	child, remote     bool
	open              bool // a table that is not known was splatted
}

// runExport runs the blocks of a case and returns the calls that it reports as
// made. A block with a syntax error never ran.
func runExport(c *recordedScript) ([]madeCall, *Result) {
	dialect := WindowsPowerShell
	if c.tagged("ps7") {
		dialect = PowerShellCore
	}
	var blocks []Logged
	for _, text := range c.Blocks {
		tree := Parse(text, dialect)
		if len(tree.Errors) == 0 {
			blocks = append(blocks, Logged{Tree: tree, Fresh: true})
		}
	}
	result := Run(newExportHost(), blocks, Budget{})
	var calls []madeCall
	for _, e := range result.Events {
		if len(e.Faults) > 0 || e.Place.Later {
			continue
		}
		m := madeCall{child: e.Place.Child, remote: e.Place.Remote}
		m.mailbox = []TextPart{{Hole: &Unknown{Expression: "asked for"}}}
		for _, a := range e.Arguments {
			switch a.Name {
			case "Mailbox":
				m.mailbox = Parts(a.Value)
			case "FilePath":
				m.filePath = Parts(a.Value)
			case "WhatIf":
				in := newInterpreter(newExportHost(), Budget{})
				m.whatIf = in.truth(a.Value)
			case "":
				m.open = true
			}
		}
		calls = append(calls, m)
	}
	return calls, result
}

func partsText(parts []TextPart) string {
	var b strings.Builder
	for _, p := range parts {
		if p.Hole != nil {
			b.WriteString("{" + p.Hole.Expression + "}")
		} else {
			b.WriteString(p.Text)
		}
	}
	return b.String()
}

func (m madeCall) String() string {
	return fmt.Sprintf("%s | %s | whatif %v child %v remote %v", partsText(m.mailbox), partsText(m.filePath), m.whatIf, m.child, m.remote)
}

// fits tells whether a template stands for a value and holds the pieces of it
// that do not depend on the run.
func fits(parts []TextPart, value string, fixed []string) bool {
	var pattern, text strings.Builder
	for _, p := range parts {
		if p.Hole != nil {
			pattern.WriteString(".*")
			text.WriteByte(0)
		} else {
			pattern.WriteString(regexp.QuoteMeta(p.Text))
			text.WriteString(p.Text)
		}
	}
	if !regexp.MustCompile("(?s)^" + pattern.String() + "$").MatchString(value) {
		return false
	}
	rest := text.String()
	for _, piece := range fixed {
		i := strings.Index(rest, piece)
		if i < 0 {
			return false
		}
		rest = rest[i+len(piece):]
	}
	return true
}

func checkExport(c *recordedScript) string {
	calls, result := runExport(c)
	var got []string
	for _, m := range calls {
		got = append(got, m.String())
	}
	problem := func(s string) string {
		return fmt.Sprintf("%s (limit %q)\n  made:\n    %s", s, result.Limit, strings.Join(got, "\n    "))
	}
	switch {
	case c.tagged("undecided"):
		if len(calls) > 0 || len(result.Opaque) == 0 {
			return problem("it should be opaque")
		}
	case c.tagged("none"):
		if len(calls) > 0 {
			return problem("nothing should be reported as run")
		}
	case c.tagged("static"):
		var want, have []string
		for _, k := range c.Calls {
			want = append(want, fmt.Sprintf("%s | %s | %v %v %v", k.Mailbox, k.FilePath, k.WhatIf, k.Child, k.Remote))
		}
		for _, m := range calls {
			have = append(have, fmt.Sprintf("%s | %s | %v %v %v", partsText(m.mailbox), partsText(m.filePath), m.whatIf == Yes, m.child, m.remote))
		}
		sort.Strings(want)
		sort.Strings(have)
		if !slices.Equal(want, have) {
			return problem("want\n    " + strings.Join(want, "\n    "))
		}
	default:
		if c.Name == "dyn-comspec-characters" && len(calls) == 0 && len(result.Opaque) == 1 {
			return "" // what runs hangs on the environment, and is said to be opaque
		}
		if len(calls) == 0 {
			return problem("no call is reported")
		}
		for _, k := range c.Calls {
			if !slices.ContainsFunc(calls, func(m madeCall) bool {
				return (m.whatIf == Maybe || (m.whatIf == Yes) == k.WhatIf) &&
					fits(m.mailbox, k.Mailbox, k.Fixed["mailbox"]) && fits(m.filePath, k.FilePath, k.Fixed["filepath"])
			}) {
				return problem(fmt.Sprintf("no template fits %s | %s", k.Mailbox, k.FilePath))
			}
		}
	}
	return ""
}

func readRecorded(t *testing.T, name string) []recordedScript {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var cases []recordedScript
	scanner := bufio.NewScanner(f)
	scanner.Buffer(nil, 1<<20)
	for scanner.Scan() {
		var c recordedScript
		if err := json.Unmarshal(scanner.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		cases = append(cases, c)
	}
	if err := scanner.Err(); err != nil {
		t.Fatal(err)
	}
	return cases
}

// TestRecordedCalls runs the snippets whose calls were recorded from the engine.
func TestRecordedCalls(t *testing.T) {
	cases := readRecorded(t, "../../testdata/powershell/exports.jsonl")
	if len(cases) != 610 {
		t.Fatalf("%d cases, want 610", len(cases))
	}
	total, failed := map[string]int{}, map[string]int{}
	for i := range cases {
		c := &cases[i]
		problem := checkExport(c)
		for _, tag := range c.Tags {
			total[tag]++
			if problem != "" {
				failed[tag]++
			}
		}
		if problem != "" {
			t.Errorf("%s: %s\n  script:\n    %s", c.Name, problem, strings.ReplaceAll(strings.Join(c.Blocks, "\n----\n"), "\n", "\n    "))
		}
	}
	for _, tag := range sortedKeys(total) {
		t.Logf("%-12s %3d of %3d", tag, total[tag]-failed[tag], total[tag])
	}
}

// readSeeds returns the texts of the recorded snippets.
func readSeeds(f *testing.F) []string {
	f.Helper()
	file, err := os.Open("../../testdata/powershell/exports.jsonl")
	if err != nil {
		f.Fatal(err)
	}
	defer file.Close()
	var seeds []string
	scanner := bufio.NewScanner(file)
	scanner.Buffer(nil, 1<<20)
	for scanner.Scan() {
		var c recordedScript
		if err := json.Unmarshal(scanner.Bytes(), &c); err != nil {
			f.Fatal(err)
		}
		seeds = append(seeds, c.Blocks...)
	}
	return seeds
}
