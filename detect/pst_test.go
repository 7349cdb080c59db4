package detect

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestClassifyPST(t *testing.T) {
	hole := func(e string) Part { return Part{Expression: e} }
	text := func(s string) Part { return Part{Text: s} }
	for _, c := range []struct {
		parts []Part
		want  PST
	}{
		{[]Part{text(`\\fs07\out\mia.pst`)}, PST{Kind: PathUNC, Host: "fs07", Share: "out"}},
		{[]Part{text(`//fs07/out/mia.pst`)}, PST{Kind: PathUNC, Host: "fs07", Share: "out"}},
		{[]Part{text(`\\ex01\C$\t\mia.pst`)}, PST{Kind: PathUNC, Host: "ex01", Share: "C$", LocalPath: `C:\t\mia.pst`}},
		{[]Part{text(`\\localhost\d$\`), hole("$u"), text(`.pst`)}, PST{Kind: PathUNC, Host: "localhost", Share: "d$", Loopback: true, LocalPath: `D:\{$u}.pst`}},
		{[]Part{text(`\\127.0.0.1\c$\a`)}, PST{Kind: PathUNC, Host: "127.0.0.1", Share: "c$", Loopback: true, LocalPath: `C:\a`}},
		{[]Part{text(`\\127.1.2.3\x\a`)}, PST{Kind: PathUNC, Host: "127.1.2.3", Share: "x", Loopback: true}},
		{[]Part{text(`\\`), hole("$env:COMPUTERNAME"), text(`\d$\a.pst`)}, PST{Kind: PathUNC, Host: "{$env:COMPUTERNAME}", Share: "d$", LocalPath: `D:\a.pst`}},
		{[]Part{text(`\\fs`), hole("$n"), text(`\`), hole(`$a\b`), text(`\x.pst`)}, PST{Kind: PathUNC, Host: "fs{$n}", Share: `{$a\b}`}},
		{[]Part{text(`\\fs07`)}, PST{Kind: PathUNC, Host: "fs07"}},
		{[]Part{text(`\\?\UNC\fs07\out\x.pst`)}, PST{Kind: PathUNC, Host: "fs07", Share: "out"}},
		{[]Part{text(`\\?\C:\x.pst`)}, PST{Kind: PathDrive, LocalPath: `C:\x.pst`}},
		{[]Part{text(`C:\t\x.pst`)}, PST{Kind: PathDrive, LocalPath: `C:\t\x.pst`}},
		{[]Part{text(`x.pst`)}, PST{Kind: PathRelative}},
		{[]Part{text(`\x.pst`)}, PST{Kind: PathRelative}},
		{[]Part{text(`file://fs07/out/x.pst`)}, PST{Kind: PathOther}},
		{[]Part{hole("$p")}, PST{Kind: PathUnknown}},
		{[]Part{hole("$root"), text(`\x.pst`)}, PST{Kind: PathUnknown}},
		{[]Part{text(`\`), hole("$root")}, PST{Kind: PathUnknown}},
		{[]Part{text(``)}, PST{Kind: PathOther}},
		{nil, PST{Kind: PathUnknown}},
	} {
		if d := cmp.Diff(c.want, classifyPST(&Value{Parts: c.parts})); d != "" {
			t.Errorf("%s: %s", Value{Parts: c.parts}.Text(), d)
		}
	}
	if got := classifyPST(nil); got.Kind != PathUnknown {
		t.Errorf("no path: %v", got)
	}
}
