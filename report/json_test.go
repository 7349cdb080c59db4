package report

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"pstrail/detect"
	"pstrail/evtxscan"
)

// contractKeys are the keys of each object in their order. A key that is not
// here may only stand behind them.
var contractKeys = map[string]string{
	"":                              "schema tool scan options case rule summary findings timeline evidence",
	"tool":                          "name version commit",
	"scan":                          "started finished arguments workers",
	"options":                       "since until window expect live_only hash carve",
	"case":                          "id examiner",
	"rule":                          "id name version severity risk_score query attack",
	"rule.attack":                   "tactic technique",
	"summary":                       "status verdicts calls what_if_calls mailboxes mailbox_patterns pst_paths pst_patterns hosts accounts first_time last_time script_blocks script_blocks_incomplete script_blocks_encrypted coverage evidence statement",
	"summary.status":                "code found examined reasons",
	"summary.verdicts":              "call attempt undecided latent mention",
	"summary.coverage":              "host channel first last records script_blocks logging id_gaps cleared",
	"summary.evidence":              "intact damaged incomplete unread",
	"findings":                      "id source verdict reason contested time last_time time_means rule_match host account process activity_id channel provider level script records calls latent_calls calls_truncated nested context signals second_opinion",
	"findings.rule_match":           "script fragments",
	"findings.account":              "sid names",
	"findings.account.names":        "name record",
	"findings.process":              "pid thread_id",
	"findings.script":               "block_id total present missing complete holes path length sha256 text",
	"findings.script.holes":         "at numbers length",
	"findings.records":              "evidence number time written record_id header_id offset size chunk_offset class sha256 conflict",
	"findings.calls":                "cmdlet line column statement mailbox pst_path pst parameters targets what_if conditional via outcome outcome_records problems",
	"findings.calls.mailbox":        "text resolved basis parts values",
	"findings.calls.pst_path":       "text resolved basis parts values",
	"findings.calls.pst":            "kind host share loopback local_path",
	"findings.calls.parameters":     "name value",
	"findings.calls.targets":        "count enumerated_by",
	"findings.latent_calls":         "cmdlet line column statement mailbox pst_path pst parameters targets what_if conditional via outcome outcome_records problems",
	"findings.nested":               "block_id time records",
	"findings.context":              "block_id time records why",
	"findings.signals":              "name detail",
	"findings.second_opinion":       "library result detail",
	"timeline":                      "time time_means kind host account pid text basis finding record",
	"timeline.record":               "evidence record_id offset",
	"evidence":                      "id path member also size sha256 kind form state flags channels hosts chunks records record_ids time issues",
	"evidence.also":                 "path member",
	"evidence.chunks":               "slots empty skipped read foreign bad_checksum",
	"evidence.records":              "read recovered skipped lost slack fragments",
	"evidence.record_ids":           "first last gaps",
	"evidence.time":                 "first last",
	"evidence.issues":               "offset kind detail lost",
	"findings.calls.mailbox.values": "text resolved basis parts values",
}

// keyOrders returns the keys of every object of a document by the object's
// path, list positions left out.
func keyOrders(t *testing.T, document string) map[string][]string {
	t.Helper()
	orders := map[string][]string{}
	d := json.NewDecoder(strings.NewReader(document))
	d.UseNumber()
	var value func(path string)
	value = func(path string) {
		token, err := d.Token()
		if err != nil {
			t.Fatal(err)
		}
		switch token {
		case json.Delim('{'):
			var keys []string
			for d.More() {
				key, err := d.Token()
				if err != nil {
					t.Fatal(err)
				}
				keys = append(keys, key.(string))
				value(strings.TrimPrefix(path+"."+key.(string), "."))
			}
			d.Token()
			if known, ok := orders[path]; ok && !slices.Equal(known, keys) && !strings.HasSuffix(path, "parts") {
				t.Errorf("%s has keys %v here, and %v there", path, known, keys)
			}
			orders[path] = keys
		case json.Delim('['):
			for d.More() {
				value(path)
			}
			d.Token()
		}
	}
	value("")
	if _, err := d.Token(); err != io.EOF {
		t.Errorf("after the document: %v, want the end", err)
	}
	return orders
}

func TestJSONKeysAreTheContracts(t *testing.T) {
	orders := keyOrders(t, written(t, canonicalCase(), "json", Terminal{}))
	for _, path := range slices.Sorted(maps.Keys(contractKeys)) {
		want, got := strings.Fields(contractKeys[path]), orders[path]
		if len(got) < len(want) || !slices.Equal(got[:len(want)], want) {
			t.Errorf("%q has the keys\n%v, the contract\n%v", path, got, want)
		}
	}
}

func TestJSONEmptyListsAndNull(t *testing.T) {
	r := &Report{Evidence: &evtxscan.Evidence{Items: []*evtxscan.Item{{ID: "e1", Records: evtxscan.RecordCount{Lost: -1}}}}}
	text := written(t, r, "json", Terminal{})
	for _, want := range []string{
		`"arguments": []`, `"attack": []`, `"reasons": [`, `"mailboxes": []`, `"coverage": []`, `"findings": []`, `"timeline": []`,
		`"gaps": []`, `"issues": []`, `"also": []`, `"first_time": null`, `"since": null`, `"lost": null`, `"sha256": null`, `"form": null`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s in\n%s", want, text)
		}
	}
}

// decodeString reads a string of JSON into generalized UTF-8: what encoding/json
// cannot, since it replaces lone surrogates.
func decodeString(quoted string) (string, error) {
	s, ok := strings.CutPrefix(quoted, `"`)
	s, ok2 := strings.CutSuffix(s, `"`)
	if !ok || !ok2 {
		return "", fmt.Errorf("no quotes around %s", quoted)
	}
	var out []byte
	high := rune(0) // a high surrogate that waits for its low one
	flush := func() {
		if high != 0 {
			out = append(out, surrogateBytes(high)...)
		}
		high = 0
	}
	for len(s) > 0 {
		if s[0] != '\\' {
			flush()
			if s[0] < ' ' || s[0] == '"' {
				return "", fmt.Errorf("byte 0x%02x is not escaped", s[0])
			}
			r, n := utf8.DecodeRuneInString(s)
			if r == utf8.RuneError && n == 1 {
				return "", fmt.Errorf("byte 0x%02x is no UTF-8", s[0])
			}
			out = append(out, s[:n]...)
			s = s[n:]
			continue
		}
		if plain, ok := map[byte]byte{'"': '"', '\\': '\\', 'n': '\n', 'r': '\r', 't': '\t'}[s[1]]; ok {
			flush()
			out = append(out, plain)
			s = s[2:]
			continue
		}
		u, err := strconv.ParseUint(s[2:6], 16, 16)
		if s[1] != 'u' || err != nil {
			return "", fmt.Errorf("bad escape %s", s[:6])
		}
		s = s[6:]
		switch r := rune(u); {
		case r >= 0xdc00 && r <= 0xdfff && high != 0:
			out = utf8.AppendRune(out, 0x10000+(high-0xd800)<<10+(r-0xdc00))
			high = 0
		case r >= 0xd800 && r <= 0xdbff:
			flush()
			high = r
		case r >= 0xdc00 && r <= 0xdfff:
			flush()
			out = append(out, surrogateBytes(r)...)
		default:
			flush()
			out = utf8.AppendRune(out, r)
		}
	}
	flush()
	return string(out), nil
}

func surrogateBytes(r rune) []byte {
	return []byte{0xe0 | byte(r>>12), 0x80 | byte(r>>6&0x3f), 0x80 | byte(r&0x3f)}
}

// hostileText draws generalized UTF-8 with all that sinks must take care of. A
// low surrogate never follows a high one: they would be one character.
func hostileText() *rapid.Generator[string] {
	piece := rapid.OneOf(
		rapid.SampledFrom([]string{
			"=", "+", "-", "@", "＝", "'", "\"", "\\", ",", ";", "\n", "\r", "\r\n", "\t", "\x00", "\x1b[31m", "\x7f", "\u0085", "\u009b",
			"\u200b", "\u200d", "\u202e", "\u2066", "\u2069", "\u2028", "\ufeff", "\u00ad", "\ufe0f", "\u3164", "\U000e0041", "\ufffd", "\u00a0",
			"<", ">", "&", "日本", "e\u0301", "\u0301", "🙂", "👨\u200d👩", "\xed\xa0\xbdx", "\xed\xb0\x80", "\ue000", "\U0010ffff", " ", "  ", "\\u202e",
		}),
		rapid.StringN(0, 12, -1),
		rapid.StringMatching(`\\\\[a-z0-9]{1,12}\\[a-z$]{1,9}\\[a-z]{1,80}\.pst`),
	)
	return rapid.Map(rapid.SliceOfN(piece, 0, 12), func(pieces []string) string { return strings.Join(pieces, "") })
}

func TestJSONStringIsLossless(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := hostileText().Draw(t, "text")
		quoted := jsonString(text)
		got, err := decodeString(quoted)
		if err != nil {
			t.Fatalf("%s: %v", quoted, err)
		}
		if got != text {
			t.Fatalf("%s decodes to %q, want %q", quoted, got, text)
		}
		if !json.Valid([]byte(quoted)) {
			t.Fatalf("%s is not JSON", quoted)
		}
		for _, r := range quoted {
			if hostile(r) {
				t.Fatalf("%s holds %U as it is", quoted, r)
			}
		}
	})
}

// TestJSONReportIsLossless puts hostile text into every place that evidence
// fills and finds it again in the report.
func TestJSONReportIsLossless(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := canonicalCase()
		texts := disfigure(t, r)
		out := written(t, r, "json", Terminal{})
		if !json.Valid([]byte(out)) {
			t.Fatal("not JSON")
		}
		for _, text := range texts {
			if text != "" && !strings.Contains(out, jsonString(text)) {
				t.Fatalf("no %s in the report", jsonString(text))
			}
		}
	})
}

// disfigure puts hostile text into r and returns what it put.
func disfigure(t *rapid.T, r *Report) []string {
	var texts []string
	draw := func(to *string) {
		*to = hostileText().Draw(t, "text")
		texts = append(texts, *to)
	}
	f := r.Findings[0]
	b := f.Blocks[0]
	draw(&b.Text)
	draw(&b.BlockID)
	draw(&b.First().Path)
	draw(&b.First().Computer)
	draw(&b.First().Channel)
	draw(&f.Account.SID)
	draw(&f.Account.Names[0].Name)
	draw(&f.Reason)
	c := f.Calls[0]
	draw(&c.Statement)
	draw(&c.Mailbox.Parts[0].Text)
	draw(&c.PSTPath.Parts[0].Text)
	draw(&c.PST.LocalPath)
	draw(&c.Parameters[2].Value.Parts[0].Text)
	c.Problems = []string{""}
	draw(&c.Problems[0])
	c.Targets = detect.Targets{Count: -1}
	draw(&c.Targets.EnumeratedBy)
	draw(&r.Case.ID)
	draw(&r.Evidence.Items[0].Path)
	draw(&r.Evidence.Items[2].Path)
	draw(&r.Evidence.Items[2].Issues[0].Detail)
	draw(&r.Evidence.Coverage[0].Host)
	return texts
}

func jsonString(s string) string {
	var out strings.Builder
	w := bufio.NewWriter(&out)
	writeJSONString(w, s)
	w.Flush()
	return out.String()
}

func TestLongScriptIsLeftOut(t *testing.T) {
	r := canonicalCase()
	r.Findings = r.Findings[:1]
	b := r.Findings[0].Blocks[0]
	for _, c := range []struct {
		length int
		want   bool
	}{{maxText, true}, {maxText + 1, false}} {
		b.Text = strings.Repeat("x", c.length)
		d := flatten(r)
		if got := d.Findings[0].Script.Text != nil; got != c.want {
			t.Errorf("a text of %d bytes is in the report: %v, want %v", c.length, got, c.want)
		}
		if d.Findings[0].Script.Length != c.length {
			t.Errorf("length %d, want %d", d.Findings[0].Script.Length, c.length)
		}
	}
}

func TestMissingNumbersAreBounded(t *testing.T) {
	r := canonicalCase()
	b := r.Findings[3].Blocks[0]
	b.Total, b.Missing = 1<<31-1, [][2]int32{{2, 2}, {4, 1<<31 - 1}}
	s := flatten(r).Findings[3].Script
	if len(s.Missing) != maxMissing || s.Missing[0] != 2 || s.Missing[maxMissing-1] != 1002 {
		t.Errorf("missing numbers %v", s.Missing)
	}
	if want := int64(1<<31 - 3); s.MissingCount != want {
		t.Errorf("missing_count %d, want %d", s.MissingCount, want)
	}
}

func TestHolesCountUnits(t *testing.T) {
	s := flatten(canonicalCase()).Findings[3].Script
	// "# ", an envelope of two units, a line end, 14 letters; then 13 more.
	if len(s.Holes) != 2 || s.Holes[0].At != 2+2+1+14 || s.Holes[1].At != s.Length || s.Length != 19+13 {
		t.Errorf("holes %+v of a text of %d units", s.Holes, s.Length)
	}
}
