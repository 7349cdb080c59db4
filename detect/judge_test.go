package detect

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"pstrail/evtxscan"
	"pstrail/evtxscan/evtxtest"
)

// typed is a script block of a test case.
type typed struct {
	text  string
	path  string
	pid   uint32        // 0: 100
	after time.Duration // since the block before
	size  int           // of a fragment
	drop  []int         // numbers of fragments that are not logged
	core  bool          // logged by PowerShell 7
	// starts are records of the process that stand right before the block.
	starts []evtxtest.Kind
}

var caseStart = evtxtest.Clock("2026-01-12T08:00:00Z")

// findings logs the blocks, reads the log and judges what was read.
func findings(t testing.TB, blocks ...typed) []*Finding {
	t.Helper()
	log := evtxtest.Log{Shape: evtxtest.Native}
	at := caseStart
	for i, b := range blocks {
		at = at.Add(b.after + time.Second)
		if b.pid == 0 {
			b.pid = 100
		}
		kind := evtxtest.ScriptBlockLogged
		if b.core {
			kind = evtxtest.ScriptBlockLoggedCore
		}
		from := evtxtest.Origin{
			Computer: "EX01.corp.example", UserSID: "S-1-5-21-1-2-3-1105", ProcessID: b.pid, ThreadID: 4,
			ActivityID: "11111111-2222-3333-4444-555555555555",
		}
		for _, kind := range b.starts {
			log.Add(kind.Event(from, at.Add(-time.Millisecond), make([]string, len(kind.Fields))...))
		}
		script := evtxtest.ScriptBlock{ID: blockID(i), Text: b.text, Path: b.path, Segment: b.size}
		for n, ev := range script.Events(kind, from, at) {
			if !slices.Contains(b.drop, n+1) {
				log.Add(ev)
			} else {
				log.SkipIDs(1)
			}
		}
	}
	return findingsOf(t, map[string][]byte{"ps.evtx": log.Bytes()}, evtxscan.Options{})
}

func blockID(i int) string { return fmt.Sprintf("aaaaaaaa-0000-0000-0000-%012d", i) }

func findingsOf(t testing.TB, logs map[string][]byte, opt evtxscan.Options) []*Finding {
	t.Helper()
	dir := t.TempDir()
	for name, raw := range logs {
		if err := os.WriteFile(filepath.Join(dir, name), raw, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	found, err := evtxscan.Find(t.Context(), []string{dir}, nil)
	if err != nil {
		t.Fatal(err)
	}
	j := NewJudge()
	opt.Keep = j.Wants
	ev, err := found.Scan(t.Context(), opt)
	if err != nil {
		t.Fatal(err)
	}
	fs, _, err := j.Findings(t.Context(), ev, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range fs {
		// The library is known to cut rendered text at an entity.
		rendered := slices.ContainsFunc(f.Blocks[0].Pieces, func(p evtxscan.Piece) bool {
			return slices.ContainsFunc(p.Records, func(r *evtxscan.Fragment) bool { return r.Shape == evtxscan.FormForwarded })
		})
		if r := f.SecondOpinion.Result; r != evtxscan.OpinionAgrees && !(rendered && r == evtxscan.OpinionFault) {
			t.Errorf("%s: second opinion %+v", f.ID, f.SecondOpinion)
		}
	}
	return fs
}

// short is a finding in a line, calls as mailbox -> path.
func short(f *Finding) string {
	s := string(f.Verdict)
	if f.Blocks[0].BlockID != "" {
		var n int
		fmt.Sscanf(f.Blocks[0].BlockID[24:], "%d", &n)
		s = fmt.Sprint(n, " ", s)
	}
	for _, list := range []struct {
		name  string
		calls []*Call
	}{{"", f.Calls}, {"latent ", f.Latent}} {
		for _, c := range list.calls {
			s += "; " + list.name + valueText(c.Mailbox) + " -> " + valueText(c.PSTPath)
			if c.Conditional {
				s += " (conditional)"
			}
			if c.Outcome != OutcomeNotShown {
				s += " (" + string(c.Outcome) + ")"
			}
			if c.WhatIf != No {
				s += fmt.Sprint(" (what if ", c.WhatIf, ")")
			}
		}
	}
	return s
}

func valueText(v *Value) string {
	if v == nil {
		return "-"
	}
	return v.Text()
}

// logOf writes blocks of one process as they were given.
func logOf(shape evtxtest.Shape, blocks ...evtxtest.ScriptBlock) []byte {
	log := evtxtest.Log{Shape: shape}
	from := evtxtest.Origin{Computer: "EX01", UserSID: "S-1-5-18", ProcessID: 8, ThreadID: 4, ActivityID: "11111111-2222-3333-4444-555555555555"}
	for i, b := range blocks {
		log.Add(b.Events(evtxtest.ScriptBlockLogged, from, caseStart.Add(time.Duration(i)*time.Second))...)
	}
	return log.Bytes()
}

// A block that exceeds the budget has the calls that were worked out, and says
// that there may be more.
func TestUnfinished(t *testing.T) {
	fs := findings(t, typed{text: "New-MailboxExportRequest mia -FilePath \\\\fs07\\out\\mia.pst\n$i = 0; while ($true) { $i++ }\nNew-MailboxExportRequest ann -FilePath \\\\fs07\\out\\ann.pst"})
	if len(fs) != 1 || fs[0].Verdict != VerdictCall || len(fs[0].Calls) != 1 || !fs[0].CallsTruncated || !strings.Contains(fs[0].Reason, "steps") {
		t.Errorf("%+v", fs)
	}
}

// A block whose fragments contradict each other is judged by the better one,
// and says so if the other would be judged otherwise.
func TestContested(t *testing.T) {
	const call = `New-MailboxExportRequest -Mailbox mia -FilePath \\fs07\out\mia.pst`
	for _, c := range []struct {
		texts [2]string
		want  bool
	}{
		{[2]string{call, "# " + call}, true},
		{[2]string{call, call + " -Name x"}, false},
	} {
		fs := findingsOf(t, map[string][]byte{
			"a.evtx": logOf(evtxtest.Native, evtxtest.ScriptBlock{ID: blockID(0), Text: c.texts[0]}),
			"b.evtx": logOf(evtxtest.Native, evtxtest.ScriptBlock{ID: blockID(0), Text: c.texts[1]}),
		}, evtxscan.Options{})
		if len(fs) != 1 || fs[0].Contested != c.want || fs[0].Verdict != VerdictCall {
			t.Errorf("%q: %+v", c.texts, fs)
		}
	}
}

// What belongs to a call stands beside it.
func TestContextAndSignals(t *testing.T) {
	fs := findings(t,
		typed{text: `New-ManagementRoleAssignment -Role "Mailbox Import Export" -User mallory`},
		typed{text: `$root = '\\localhost\c$\inetpub'`},
		typed{text: `Get-Mailbox -Database DB1 | % { New-MailboxExportRequest $_.Alias -FilePath "$root\$($_.Alias).aspx" -CompletedRequestAgeLimit 0 }; 7z a x.7z C:\inetpub\*.pst; Get-MailboxExportRequest | Remove-MailboxExportRequest -Confirm:$false`},
	)
	if len(fs) != 1 || len(fs[0].Calls) != 1 {
		t.Fatalf("%d findings", len(fs))
	}
	f := fs[0]
	if len(f.Context) != 1 || f.Context[0].Block.BlockID != blockID(1) || f.Context[0].Why != "value of -FilePath" {
		t.Errorf("context: %+v", f.Context)
	}
	c := f.Calls[0]
	want := PST{Kind: PathUNC, Host: "localhost", Share: "c$", Loopback: true, LocalPath: `C:\inetpub\{$_.Alias}.aspx`}
	if d := cmp.Diff(want, c.PST); d != "" {
		t.Error(d)
	}
	if c.PSTPath.Basis != BasisEarlier || c.PSTPath.Parts[1].Origin != "mailbox" || c.Targets.Count != -1 || c.Targets.EnumeratedBy != "Get-Mailbox -Database DB1" {
		t.Errorf("%+v %+v", c.PSTPath, c.Targets)
	}
	var names []string
	for _, s := range f.Signals {
		names = append(names, s.Name)
	}
	slices.Sort(names)
	if d := cmp.Diff([]string{"admin-share-target", "archives-pst", "bulk", "loopback-target", "removes-request", "request-vanishes-when-done", "web-page-target"}, names); d != "" {
		t.Error(d)
	}
}

// A value is that of an earlier block if the text of another block than the
// call's says it, be it by a function or by a variable.
func TestBasis(t *testing.T) {
	const function = "function Go($Box, $Path = '\\\\fs07\\d.pst') { New-MailboxExportRequest -Mailbox $Box -FilePath $Path"
	for _, c := range []struct {
		blocks        []typed
		mailbox, path Basis
	}{
		{[]typed{{text: function + " }"}, {text: `Go mia \\fs07\x.pst`}}, BasisComputed, BasisComputed},
		{[]typed{{text: function + " }"}, {text: `Go mia`}}, BasisComputed, BasisEarlier},
		{[]typed{{text: function + " }; Go mia"}}, BasisComputed, BasisComputed},
		{[]typed{{text: "function Run { Go mia \\\\fs07\\x.pst }\n" + function + " }"}, {text: `Run`}}, BasisEarlier, BasisEarlier},
		{[]typed{{text: "function Go($p) { $p | % { New-MailboxExportRequest -Mailbox $_ -FilePath \"\\\\fs07\\$_.pst\" } }"}, {text: `Go mia`}}, BasisEarlier, BasisEarlier},
		{[]typed{{text: "function Go { foreach ($m in 'mia', 'noa') { $f = \"\\\\fs07\\$m.pst\"; New-MailboxExportRequest $m -FilePath $f } }"}, {text: `Go`}}, BasisEarlier, BasisEarlier},
		{[]typed{{text: "function Go { Set-Variable m 'mia'; New-MailboxExportRequest $m -FilePath \\\\fs07\\x.pst }"}, {text: `Go`}}, BasisEarlier, BasisLiteral},
		{[]typed{{text: "$p = @{Mailbox = 'mia'}"}, {text: `$p.FilePath = '\\fs07\x.pst'; New-MailboxExportRequest @p`}}, BasisEarlier, BasisEarlier},
	} {
		fs := findings(t, c.blocks...)
		f := fs[len(fs)-1]
		if len(f.Calls) == 0 {
			t.Errorf("%v: %s", c.blocks, short(f))
			continue
		}
		if call := f.Calls[0]; call.Mailbox.Basis != c.mailbox || call.PSTPath.Basis != c.path {
			t.Errorf("%v: %v, %v; want %v, %v", c.blocks, call.Mailbox.Basis, call.PSTPath.Basis, c.mailbox, c.path)
		}
	}
}

// A name with a prefix is told before the parameters that go with any name.
func TestVariantReason(t *testing.T) {
	const want = "the cmdlet's name with a prefix, New-Lab1_MailboxExportRequest: what brings a command of that name is not known"
	fs := findings(t, typed{text: `New-Lab1_MailboxExportRequest -Mailbox mia -FilePath \\fs07\x.pst`})
	if len(fs) != 1 || fs[0].Verdict != VerdictUndecided || fs[0].Reason != want {
		t.Errorf("%v", fs)
	}
}

// Loops may make more calls than anyone reads.
func TestManyCalls(t *testing.T) {
	f := findings(t, typed{text: `1..20000 | % { New-MailboxExportRequest "u$_" -FilePath "\\fs\p\$_.pst" }`})[0]
	if len(f.Calls) != maxCalls || !f.CallsTruncated {
		t.Errorf("%d calls, truncated %v", len(f.Calls), f.CallsTruncated)
	}
}

func TestFindings(t *testing.T) {
	const proxy = "{\nparam(\n ${Mailbox},\n ${FilePath},\n [switch]${AsJob})\nBegin {\n $scriptCmd = { & $script:InvokeCommand @clientSideParameters -Session (Get-PSImplicitRemotingSession -CommandName 'New-MailboxExportRequest') -Arg ('New-MailboxExportRequest', $PSBoundParameters) -Script { param($name, $p) & $name @p } }\n}\nProcess { }\nEnd { }\n}"
	const call = `New-MailboxExportRequest -Mailbox mia -FilePath \\fs07\out\mia.pst`
	for _, c := range []struct {
		name   string
		blocks []typed
		want   []string
	}{
		{"a call", []typed{{text: call}}, []string{`0 call; mia -> \\fs07\out\mia.pst`}},
		{"nothing", []typed{{text: "Get-Mailbox mia"}}, nil},
		{
			"parameters that a script may have been given",
			[]typed{{text: `param($Box, $Share) if ($PSBoundParameters.ContainsKey('Box')) { New-MailboxExportRequest $Box -FilePath "$Share\$Box.pst" }`, path: `C:\s\x.ps1`}},
			[]string{`0 call; {$Box} -> {$Share}\{$Box}.pst (conditional)`},
		},
		{
			"parameters that a script passes on",
			[]typed{{text: `param([string]$Mailbox, [string]$FilePath, [switch]$Log) [void]$PSBoundParameters.Remove('Log'); New-MailboxExportRequest @PSBoundParameters`, path: `C:\s\x.ps1`}},
			[]string{`0 call; {$Mailbox} -> {$FilePath}`},
		},
		{
			"what is not run is shown with its values",
			[]typed{{text: `$root = '\\fs07\out'; if ($false) { $sub = "$root\old"; Get-Mailbox | ForEach-Object { $p = "$sub\$($_.Alias).pst"; New-MailboxExportRequest $_.Alias -FilePath $p } }`}},
			[]string{`0 latent; latent {$_.Alias} -> \\fs07\out\old\{$_.Alias}.pst`},
		},
		{
			"a function that a function defines",
			[]typed{{text: `function Outer { param([Parameter(Mandatory)]$Kind) function Inner($m) { New-MailboxExportRequest $m -FilePath "\\fs07\out\$m.pst" }; if ($false) { Inner mia } }`}},
			[]string{`0 latent; latent {$m} -> \\fs07\out\{$m}.pst`},
		},
		{
			"again until it succeeds",
			[]typed{{text: "do { $failed = $false\ntry { " + call + " -ErrorAction Stop } catch { $failed = $true; Start-Sleep 60 } } while ($failed)"}},
			[]string{`0 call; mia -> \\fs07\out\mia.pst`},
		},
		{
			"as long as nothing ends it",
			[]typed{{text: "$on = $true; while ($on) { $m = Read-Host 'mailbox'; if (Test-Path $m) { break }; New-MailboxExportRequest $m -FilePath \"\\\\fs07\\out\\$m.pst\" }"}},
			[]string{`0 call; {Read-Host 'mailbox'} -> \\fs07\out\{Read-Host 'mailbox'}.pst (conditional)`},
		},
		{
			"the request may have failed",
			[]typed{
				{text: "$r = " + call + "\nif ($null -eq $r) { New-MailboxExportRequest mia -FilePath \\\\fs08\\out\\mia.pst }"},
				{text: call + "\nif (-not $?) { New-MailboxExportRequest mia -FilePath \\\\fs08\\out\\mia.pst }"},
				{text: "$Error.Clear()\n" + call + "\nif ($Error.Count) { New-MailboxExportRequest mia -FilePath \\\\fs08\\out\\mia.pst }"},
				{text: "try { " + call + " } catch { Add-PSSnapin *exchange*; New-MailboxExportRequest mia -FilePath \\\\fs08\\out\\mia.pst }"},
			},
			[]string{
				`0 call; mia -> \\fs07\out\mia.pst; mia -> \\fs08\out\mia.pst (conditional)`,
				`1 call; mia -> \\fs07\out\mia.pst; mia -> \\fs08\out\mia.pst (conditional)`,
				`2 call; mia -> \\fs07\out\mia.pst; mia -> \\fs08\out\mia.pst (conditional)`,
				`3 call; mia -> \\fs07\out\mia.pst; mia -> \\fs08\out\mia.pst (conditional)`,
			},
		},
		{
			"what a grant puts out is not known",
			[]typed{{text: "$g = New-ManagementRoleAssignment -Role 'Mailbox Import Export' -User eva\nif (!$g) { exit }\n" + call}},
			[]string{`0 call; mia -> \\fs07\out\mia.pst (conditional)`},
		},
		{
			"a task is set up",
			[]typed{
				{text: `schtasks /create /tn x /tr "powershell -enc ` + utf16Base64(call) + `"`},
				{text: "Register-ScheduledJob x { " + call + " }\nNew-MailboxExportRequest ann -FilePath \\\\fs07\\out\\ann.pst"},
				{text: `New-ScheduledTaskAction powershell "-c New-ManagementRoleAssignment -Role 'Mailbox Import Export' -User eva"`},
			},
			[]string{`0 latent; latent mia -> \\fs07\out\mia.pst`, `1 call; ann -> \\fs07\out\ann.pst; latent mia -> \\fs07\out\mia.pst`},
		},
		{"a comment", []typed{{text: "# " + call}}, []string{"0 mention"}},
		{"a string", []typed{{text: `"` + call + `"`}}, []string{"0 mention"}},
		{
			"an earlier block", []typed{{text: `$root = '\\fs07\out'`}, {text: `New-MailboxExportRequest mia -FilePath "$root\mia.pst"`}},
			[]string{`1 call; mia -> \\fs07\out\mia.pst`},
		},
		{
			"another process", []typed{{text: `$root = '\\fs07\out'`, pid: 5}, {text: `New-MailboxExportRequest mia -FilePath "$root\mia.pst"`, pid: 6}},
			[]string{`1 call; mia -> {$root}\mia.pst`},
		},
		{
			"the process id is used again", []typed{{text: `$root = '\\fs07\out'`}, {text: `New-MailboxExportRequest mia -FilePath "$root\mia.pst"`, after: 25 * time.Hour}},
			[]string{`1 call; mia -> {$root}\mia.pst`},
		},
		{
			"another console has the process id",
			[]typed{
				{text: `$root = '\\fs07\out'`},
				{text: `New-MailboxExportRequest mia -FilePath "$root\mia.pst"`, starts: []evtxtest.Kind{evtxtest.ConsoleStarting, evtxtest.IPCListening, evtxtest.ConsoleReady}},
			},
			[]string{`1 call; mia -> {$root}\mia.pst`},
		},
		{
			"another host of PowerShell has the process id",
			[]typed{
				{text: `$root = '\\fs07\out'`},
				{text: `New-MailboxExportRequest mia -FilePath "$root\mia.pst"`, starts: []evtxtest.Kind{evtxtest.IPCListening}},
			},
			[]string{`1 call; mia -> {$root}\mia.pst`},
		},
		{
			"a block between the records of one start",
			[]typed{
				{text: `$root = '\\fs07\out'`, starts: []evtxtest.Kind{evtxtest.ConsoleStarting}},
				{text: `New-MailboxExportRequest mia -FilePath "$root\mia.pst"`, starts: []evtxtest.Kind{evtxtest.IPCListening, evtxtest.ConsoleReady}},
			},
			[]string{`1 call; mia -> \\fs07\out\mia.pst`},
		},
		{
			"another process starts",
			[]typed{
				{text: `$root = '\\fs07\out'`},
				{text: `Get-Date`, pid: 7, starts: []evtxtest.Kind{evtxtest.ConsoleStarting}},
				{text: `New-MailboxExportRequest mia -FilePath "$root\mia.pst"`},
			},
			[]string{`2 call; mia -> \\fs07\out\mia.pst`},
		},
		{
			"the session ends, and yet a block follows",
			[]typed{{text: `$root = '\\fs07\out'; exit`}, {text: `New-MailboxExportRequest mia -FilePath "$root\mia.pst"`}},
			[]string{`1 call; mia -> {$root}\mia.pst`},
		},
		{
			"an earlier block is short, the one between takes too long",
			[]typed{
				{text: `$root = '\\fs07\out'`}, {text: "while ($true) { $i++ }"}, {text: `$box = 'mia'`},
				{text: `New-MailboxExportRequest $box -FilePath "$root\mia.pst"`},
			},
			[]string{`3 call; mia -> {$root}\mia.pst`},
		},
		{
			"a function called behind a block that takes too long",
			[]typed{
				{text: `Set-StrictMode -Version 2` + "\n" + `function Out-Box($m) { New-MailboxExportRequest -Mailbox $m -FilePath "\\fs07\out\$m.pst" }`},
				{text: "Out-Box mia"},
				{text: "while ($true) { $i++ }"},
				{text: "Out-Box ann"},
			},
			[]string{`0 mention`, `1 call; mia -> \\fs07\out\mia.pst`},
		},
		{
			"latent calls leave nothing to each other",
			[]typed{
				{text: `$root = '\\fs07\out'; function A { $root = '\\fs07\a'; New-MailboxExportRequest mia -FilePath "$root\a.pst" }; function B { New-MailboxExportRequest mia -FilePath "$root\b.pst" }`},
				{text: `if ($false) { New-MailboxExportRequest ann -FilePath "$root\c.pst" }`},
			},
			[]string{`0 latent; latent mia -> \\fs07\a\a.pst; latent mia -> \\fs07\out\b.pst`, `1 latent; latent ann -> \\fs07\out\c.pst`},
		},
		{
			"a name from an earlier block", []typed{{text: `$c = 'New-Mailbox' + 'ExportRequest'`}, {text: `& $c -Mailbox mia -FilePath \\fs07\out\mia.pst`}},
			[]string{`1 call; mia -> \\fs07\out\mia.pst`},
		},
		{
			"a function that is only defined", []typed{{text: `function Out-Box($m) { New-MailboxExportRequest -Mailbox $m -FilePath "\\fs07\out\$m.pst" }`, path: `C:\a.ps1`}},
			[]string{`0 latent; latent {$m} -> \\fs07\out\{$m}.pst`},
		},
		{
			"a function called in the same block", []typed{{text: `function Out-Box($m) { New-MailboxExportRequest -Mailbox $m -FilePath "\\fs07\out\$m.pst" }` + "\nOut-Box mia"}},
			[]string{`0 call; mia -> \\fs07\out\mia.pst`},
		},
		{
			"its body is logged too",
			[]typed{
				{text: `function Out-Box($m) { New-MailboxExportRequest -Mailbox $m -FilePath "\\fs07\out\$m.pst" }` + "\nOut-Box mia"},
				{text: `function Out-Box($m) { New-MailboxExportRequest -Mailbox $m -FilePath "\\fs07\out\$m.pst" }`},
			},
			[]string{`0 call; mia -> \\fs07\out\mia.pst (started)`},
		},
		{
			"its body is logged, and what called it is lost",
			[]typed{
				{text: "Set-StrictMode -Version 2\n" + `function Out-Box($m) { New-MailboxExportRequest -Mailbox $m -FilePath "\\fs07\out\$m.pst" }`},
				{text: `function Out-Box($m) { New-MailboxExportRequest -Mailbox $m -FilePath "\\fs07\out\$m.pst" }`},
			},
			[]string{`0 call; {$m} -> \\fs07\out\{$m}.pst (started)`},
		},
		{
			"called from a later block",
			[]typed{
				{text: "Set-StrictMode -Version 2\n" + `function Out-Box($m) { New-MailboxExportRequest -Mailbox $m -FilePath "\\fs07\out\$m.pst" }`},
				{text: `Out-Box mia`},
				{text: `function Out-Box($m) { New-MailboxExportRequest -Mailbox $m -FilePath "\\fs07\out\$m.pst" }`},
			},
			[]string{`0 mention`, `1 call; mia -> \\fs07\out\mia.pst (started)`},
		},
		{
			"a nested block",
			[]typed{
				{text: `Get-Mailbox -Database DB1 | % { New-MailboxExportRequest -Mailbox $_.Alias -FilePath "\\fs07\out\$($_.Alias).pst" }`},
				{text: `{ New-MailboxExportRequest -Mailbox $_.Alias -FilePath "\\fs07\out\$($_.Alias).pst" }`},
			},
			[]string{`0 call; {$_.Alias} -> \\fs07\out\{$_.Alias}.pst (started)`},
		},
		{
			"a nested block alone", []typed{{text: `{ New-MailboxExportRequest -Mailbox $_.Alias -FilePath "\\fs07\out\$($_.Alias).pst" }`}},
			[]string{`0 call; {$_.Alias} -> \\fs07\out\{$_.Alias}.pst (started)`},
		},
		{"a proxy's body after its call", []typed{{text: call}, {text: proxy}}, []string{`0 call; mia -> \\fs07\out\mia.pst (started)`}},
		{"a proxy's body alone", []typed{{text: proxy}}, []string{`0 call; - -> - (started) (what if 2)`}},
		{
			"a block before it takes too long", []typed{{text: "while ($true) { $i++ }"}, {text: call}},
			[]string{`1 call; mia -> \\fs07\out\mia.pst`},
		},
		{"no path", []typed{{text: "New-MailboxExportRequest mia"}}, []string{"0 call; mia -> -"}},
		{"an unknown parameter", []typed{{text: call + " -StartDate 1"}}, []string{`0 attempt; mia -> \\fs07\out\mia.pst`}},
		{"a dry run", []typed{{text: call + " -WhatIf"}}, []string{`0 call; mia -> \\fs07\out\mia.pst (what if 1)`}},
		{"no PowerShell", []typed{{text: call + "\nif ($true { }"}}, []string{`0 undecided; latent mia -> \\fs07\out\mia.pst`}},
		{
			"equal mentions fold", []typed{{text: "# " + call}, {text: "# " + call}, {text: "#  " + call}},
			[]string{"0 mention", "2 mention"},
		},
		{
			"equal calls are acts of their own", []typed{{text: call}, {text: call, pid: 7}},
			[]string{`0 call; mia -> \\fs07\out\mia.pst`, `1 call; mia -> \\fs07\out\mia.pst`},
		},
		{
			"the end is missing", []typed{{text: call + "\n" + strings.Repeat("# filler line\n", 1500), size: 10_000, drop: []int{3}}},
			[]string{`0 call; mia -> \\fs07\out\mia.pst`},
		},
		{
			"the beginning is missing", []typed{{text: strings.Repeat("# filler line\n", 1500) + call + "\n", size: 10_000, drop: []int{1}}},
			[]string{`0 undecided; mia -> \\fs07\out\mia.pst (conditional)`},
		},
		{
			"parameters for a name that is not known", []typed{{text: `$c = Read-Host; & $c -Mailbox mia -FilePath \\fs07\out\mia.pst`}},
			[]string{"0 undecided"},
		},
		{
			"hidden by a function", []typed{{text: "function New-MailboxExportRequest { 'no' }\n" + call}},
			[]string{"0 mention"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, f := range findings(t, c.blocks...) {
				got = append(got, short(f))
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

// openCases are scripts for which a report must say less than the engine knew,
// since evidence is never the whole session.
var openCases = map[string]string{
	"var-undefined-is-empty":                   "a variable that the evidence assigns nowhere may have been assigned before",
	"loop-foreach-begin-process-end":           "the same",
	"replace-double-quoted-dollar-one-is-lost": "the same",
	"str-null-methods-fail-statement":          "the same",
	"ses2-nothing-after-exit":                  "what is logged behind an exit was run by another session of the process",
	"dyn-comspec-characters":                   "the value of $env:ComSpec is the host's; the finding is undecided",
}

// Every script of the corpus, logged and read again, has the calls that the
// real engine made.
func TestFindingsOfCorpus(t *testing.T) { testFindings(t, exportCases(t)) }

// So has every script whose calls were worked out by hand.
func TestFindingsOfWrittenCases(t *testing.T) {
	testFindings(t, readCases(t, filepath.Join(evtxtest.Root(t), "testdata", "powershell", "cases.jsonl")))
}

// origins are those that the contract of the report names.
var origins = []string{"mailbox", "file", "prompt", "parameter", "directory", "environment", "clock", "variable", "command", "limit"}

func testFindings(t *testing.T, cases []exportCase) {
	wrong := map[string]int{}
	for _, c := range cases {
		core := slices.Contains(c.Tags, "ps7")
		var blocks []typed
		for _, text := range c.Blocks {
			blocks = append(blocks, typed{text: text, core: core})
		}
		var calls []*Call
		var undecided bool
		for _, f := range findings(t, blocks...) {
			undecided = undecided || f.Verdict == VerdictUndecided
			if f.Verdict == VerdictCall {
				for _, call := range f.Calls {
					if !call.refused {
						calls = append(calls, call)
					}
					for _, p := range call.Parameters {
						for _, part := range p.Value.Parts {
							if part.Expression != "" && !slices.Contains(origins, part.Origin) {
								t.Errorf("%s: {%s} has the origin %q", c.Name, part.Expression, part.Origin)
							}
						}
					}
				}
			}
		}
		problem := compareCalls(c, calls)
		if slices.Contains(c.Tags, "undecided") && !undecided {
			problem = "is not undecided"
		}
		if (problem != "") != (openCases[c.Name] != "") {
			if problem == "" {
				problem = "is no open case any more"
			}
			tag := slices.IndexFunc(c.Tags, func(tag string) bool {
				return tag == "static" || tag == "dynamic" || tag == "none" || tag == "undecided"
			})
			wrong[c.Tags[tag]]++
			t.Errorf("%s %v: %s\n%s", c.Name, c.Tags, problem, strings.Join(c.Blocks, "\n--\n"))
		}
	}
	t.Logf("%d scripts; wrong: %v", len(cases), wrong)
}

// compareCalls says what is wrong with calls that were found for a script.
func compareCalls(c exportCase, calls []*Call) string {
	switch {
	case slices.Contains(c.Tags, "none"), slices.Contains(c.Tags, "undecided"):
		if len(calls) > 0 {
			return "invented " + callList(calls)
		}
	case slices.Contains(c.Tags, "static"):
		var want, got []string
		for _, w := range c.Calls {
			want = append(want, fmt.Sprintf("%s -> %s %v", w.Mailbox, w.Filepath, w.Whatif))
		}
		for _, call := range calls {
			path := ""
			if call.PSTPath != nil {
				path = call.PSTPath.Text()
			}
			got = append(got, fmt.Sprintf("%s -> %s %v", valueText(call.Mailbox), path, call.WhatIf == Yes))
		}
		slices.Sort(want)
		slices.Sort(got)
		return cmp.Diff(want, got)
	default:
		for _, w := range c.Calls {
			if !slices.ContainsFunc(calls, func(call *Call) bool {
				return fits(call.Mailbox, w.Mailbox) && fits(call.PSTPath, w.Filepath) && (w.Fixed == nil || holdsPieces(call.Mailbox, w.Fixed.Mailbox) && holdsPieces(call.PSTPath, w.Fixed.Filepath))
			}) {
				return fmt.Sprintf("no template for %s -> %s: %s", w.Mailbox, w.Filepath, callList(calls))
			}
		}
	}
	return ""
}

func callList(calls []*Call) string {
	return short(&Finding{Calls: calls, Blocks: []*evtxscan.ScriptBlock{{}}})
}

// fits reports whether a value could be the text.
func fits(v *Value, text string) bool {
	if v == nil {
		return text == "" || text == "typed-value"
	}
	pattern := "(?s)^"
	for _, p := range v.Parts {
		if p.Expression != "" {
			pattern += ".*"
		} else {
			pattern += regexp.QuoteMeta(p.Text)
		}
	}
	return len(v.Values) == 0 && regexp.MustCompile(pattern+"$").MatchString(text)
}

// holdsPieces reports whether the known parts hold the pieces in order.
func holdsPieces(v *Value, pieces []string) bool {
	known := ""
	if v != nil {
		for _, p := range v.Parts {
			known += p.Text + "\x00"
		}
	}
	for _, piece := range pieces {
		i := strings.Index(known, piece)
		if i < 0 {
			return false
		}
		known = known[i+len(piece):]
	}
	return true
}
