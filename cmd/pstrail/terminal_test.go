package main

import (
	"bytes"
	"errors"
	"testing"
)

// The order is: the flag, FORCE_COLOR, NO_COLOR or TERM=dumb, the terminal. A
// buffer is none.
func TestColor(t *testing.T) {
	for _, c := range []struct {
		flag when
		env  map[string]string
		want bool
	}{
		{"", nil, false},
		{"auto", nil, false},
		{"always", nil, true},
		{"always", map[string]string{"NO_COLOR": "1", "TERM": "dumb"}, true},
		{"never", map[string]string{"FORCE_COLOR": "1"}, false},
		{"auto", map[string]string{"FORCE_COLOR": "1"}, true},
		{"auto", map[string]string{"FORCE_COLOR": "1", "NO_COLOR": "1", "TERM": "dumb"}, true},
		{"auto", map[string]string{"FORCE_COLOR": ""}, false},
		{"auto", map[string]string{"NO_COLOR": "1"}, false},
	} {
		got := tableTerminal(new(bytes.Buffer), c.flag, func(name string) string { return c.env[name] })
		if got.Color != c.want || got.Width != 0 {
			t.Errorf("--color %s, %v: %+v, want colour %v", c.flag, c.env, got, c.want)
		}
	}
}

func TestPrintable(t *testing.T) {
	for in, want := range map[string]string{
		"C:\\Logs\\Sicherheit für Ärzte.evtx": "C:\\Logs\\Sicherheit für Ärzte.evtx",
		"a\x1b[31mb":                          `a\x1b[31mb`,
		"a\nb\tc\x7f":                         `a\nb\tc\x7f`,
		"a\u202eb\u200bc\u2066d":              `a\u202eb\u200bc\u2066d`,
		"a\xffb":                              `a\xffb`,
		"\U000e0041":                          `\U000e0041`,
		"\u0085":                              `\u0085`,
	} {
		if got := printable(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestVoice(t *testing.T) {
	var out bytes.Buffer
	voice{w: &out, errorsOnly: true}.say("nothing")
	voice{w: &out, errorsOnly: true}.fail(errors.New("a\x1bb"))
	voice{w: &out}.fail(&refusedError{"r.json", "exists", "--force replaces it"})
	want := "pstrail: a\\x1bb\npstrail: r.json: exists\nhint: --force replaces it\n"
	if out.String() != want {
		t.Errorf("said %q, want %q", out.String(), want)
	}
}
