package evtxscan

import (
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"pstrail/evtxscan/evtxtest"
)

// eachRecord calls do for every sound record of a log, wherever in its slot it
// stands, with the chunk begun.
func eachRecord(raw []byte, r *chunkReader, do func(rec rawRecord)) {
	for at := fileHeaderSize; at+chunkSize <= len(raw); at += chunkSize {
		var out chunkResult
		r.begin(raw[at:at+chunkSize], &out)
		for pos := r.nextMagic(0, chunkSize); pos < chunkSize; pos = r.nextMagic(pos+1, chunkSize) {
			if rec, ok := soundRecordAt(r.chunk, pos); ok {
				do(rec)
			}
		}
	}
}

// keep copies a fragment whose strings are valid for the moment only.
func keepFragment(f Fragment) Fragment {
	for _, s := range []*string{&f.Text, &f.BlockID, &f.ActivityID, &f.Path} {
		*s = strings.Clone(*s)
	}
	return f
}

// What is read straight from the arrays is what the general reader reads, of
// every script block whose definitions are there.
func TestDirectPath(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join(evtxtest.Corpus(t, "evidence"), "*", "*.evtx"))
	if err != nil {
		t.Fatal(err)
	}
	logs := map[string][]byte{"exported": damageBase(evtxtest.Exported), "native": damageBase(evtxtest.Native)}
	for _, path := range paths {
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		logs[path] = raw
	}
	compared, alone := 0, 0
	for name, raw := range logs {
		r := &chunkReader{}
		eachRecord(raw, r, func(rec rawRecord) {
			m, ok := manifestAt(r.chunk, rec)
			if !ok {
				return
			}
			r.fragment = Fragment{}
			if r.system(&m, &r.fragment.System); r.fragment.EventID != scriptBlockEvent || !m.isPowerShell(r.fragment.Provider) || !r.scriptBlock(&m) {
				return
			}
			direct := keepFragment(r.fragment)
			e, err := r.decode(rec)
			if err != nil {
				alone++
				return
			}
			compared++
			r.fragment = Fragment{}
			if !e.isScriptBlock() || !r.scriptBlockOf(e) {
				t.Errorf("%s: record %d is none to the general reader", name, rec.id)
			} else if d := cmp.Diff(direct, r.fragment); d != "" {
				t.Errorf("%s: record %d: %s", name, rec.id, d)
			}
		})
	}
	if compared != 5112 || alone != 137 {
		t.Errorf("%d were compared; of %d the definitions are elsewhere", compared, alone)
	}
}

// valueRecord is an event of a template whose data are the values.
func valueRecord(values []evtxtest.Value) []evtxtest.Node {
	data := []evtxtest.Node{}
	for i, v := range values {
		data = append(data, dataElement(fmt.Sprint("v", i), evtxtest.Substitution{Index: uint16(i), Type: v.Type}))
	}
	system := []evtxtest.Node{providerElement(text("made up")...), leafElement("EventID", "7")}
	root := renderedRecord(system, data)[1].(evtxtest.Element)
	guid := [16]byte{byte(len(values)), byte(len(values) >> 8), 1}
	return []evtxtest.Node{evtxtest.FragmentHeader{}, evtxtest.Instance{Template: &evtxtest.Template{GUID: guid, Root: root}, Values: values}}
}

// Values of every type are rendered, and one of a size that its type cannot have
// as its bytes; those behind it stay in their places.
func TestValues(t *testing.T) {
	type kind = evtxtest.Type
	for _, c := range []struct {
		kind
		raw  string // hex
		want string // fields, each in brackets
	}{
		{evtxtest.Null, "", "[]"}, {evtxtest.Null, "0000", "[]"}, {evtxtest.Null, strings.Repeat("ff", 16), "[]"},
		{evtxtest.UTF16, "6100e9003dd800de", "[a\u00e9\U0001f600]"}, {evtxtest.UTF16, "", "[]"},
		{evtxtest.UTF16, "610062", "[a]"},                               // half a unit at the end is none
		{evtxtest.UTF16, "3dd8610000de", "[\xed\xa0\xbda\xed\xb8\x80]"}, // halves of a pair
		{evtxtest.UTF16, "610000006200", "[a\x00b]"},
		{evtxtest.ANSI, "61e9", "[a\u00e9]"},
		{evtxtest.Int8, "fe", "[-2]"}, {evtxtest.UInt8, "fe", "[254]"}, {evtxtest.Int8, "feff", "[feff]"},
		{evtxtest.Int16, "feff", "[-2]"}, {evtxtest.UInt16, "feff", "[65534]"},
		{evtxtest.Int32, "feffffff", "[-2]"}, {evtxtest.UInt32, "feffffff", "[4294967294]"}, {evtxtest.UInt32, "feff", "[feff]"},
		{evtxtest.Int64, "feffffffffffffff", "[-2]"}, {evtxtest.UInt64, "feffffffffffffff", "[18446744073709551614]"},
		{evtxtest.Real32, "0000c03f", "[1.5]"}, {evtxtest.Real64, "00000000000000c0", "[-2]"},
		{evtxtest.Bool, "01000000", "[true]"}, {evtxtest.Bool, "00000000", "[false]"}, {evtxtest.Bool, "01", "[01]"},
		{evtxtest.Binary, "00ff", "[00ff]"},
		{evtxtest.GUID, "3b85c1a0405c154b87663cf1c58f985a", "[a0c1853b-5c40-4b15-8766-3cf1c58f985a]"}, {evtxtest.GUID, "3b85", "[3b85]"},
		{evtxtest.SizeT, "10000000", "[0x10]"}, {evtxtest.SizeT, "1000000000000000", "[0x10]"}, {evtxtest.SizeT, "100000", "[100000]"},
		{evtxtest.Filetime, "0000000000000000", "[0x0000000000000000]"}, {evtxtest.Filetime, "ffffffffffffffff", "[0xffffffffffffffff]"},
		{evtxtest.Filetime, "8096980000000000", "[1601-01-01T00:00:01.0000000Z]"}, {evtxtest.Filetime, "80969800", "[80969800]"},
		{evtxtest.SystemTime, "ea07010001000c0008000e0003007b00", "[2026-01-12T08:14:03.123Z]"},
		{evtxtest.SystemTime, "ea07010001000c00", "[ea07010001000c00]"},
		{evtxtest.SystemTime, strings.Repeat("ff", 16), "[65535-65535-65535T65535:65535:65535.65535Z]"},
		{evtxtest.SID, "010100000000000512000000", "[S-1-5-18]"}, {evtxtest.SID, "", "[]"}, {evtxtest.SID, "01020000", "[01020000]"},
		{evtxtest.SID, "0105000000000005", "[0105000000000005]"}, // it has no five parts
		{evtxtest.Hex32, "1f000000", "[0x1f]"}, {evtxtest.Hex64, "1f00000000000000", "[0x1f]"}, {evtxtest.Handle, "1f000000", "[0x1f]"},
		{evtxtest.EvtXML, "3c006100", "[<a]"},
		{0x77, "0102", "[0102]"}, // no type at all

		{evtxtest.Array | evtxtest.UTF16, "61000000" + "0000" + "6200", "[a][][b]"}, {evtxtest.Array | evtxtest.UTF16, "6100000062", "[a][]"},
		{evtxtest.Array | evtxtest.Int8, "01ff", "[1][-1]"}, {evtxtest.Array | evtxtest.UInt8, "01ff", "[1][255]"},
		{evtxtest.Array | evtxtest.Int16, "0100ffff", "[1][-1]"}, {evtxtest.Array | evtxtest.UInt16, "010003", "[010003]"},
		{evtxtest.Array | evtxtest.Int32, "01000000ffffffff", "[1][-1]"}, {evtxtest.Array | evtxtest.UInt32, "01000000", "[1]"},
		{evtxtest.Array | evtxtest.UInt64, "010000000000000002000000", "[010000000000000002000000]"},
		{evtxtest.Array | evtxtest.Hex64, "010000000000000002000000", "[010000000000000002000000]"},
		{evtxtest.Array | evtxtest.Real32, "0000c03f0000c03f", "[1.5][1.5]"}, {evtxtest.Array | evtxtest.Bool, "0100000000000000", "[true][false]"},
		{evtxtest.Array | evtxtest.GUID, "3b85c1a0405c154b87663cf1c58f985a", "[a0c1853b-5c40-4b15-8766-3cf1c58f985a]"},
		{evtxtest.Array | evtxtest.Filetime, "80969800000000000000000000000000", "[1601-01-01T00:00:01.0000000Z][0x0000000000000000]"},
		{evtxtest.Array | evtxtest.SID, "010100000000000512000000", "[010100000000000512000000]"}, // of no fixed size
	} {
		raw, err := hex.DecodeString(c.raw)
		if err != nil {
			t.Fatal(err)
		}
		last := evtxtest.Value{Type: evtxtest.UTF16, Raw: evtxtest.UTF16.Encode("last")}
		var log evtxtest.Log
		log.AddRecord(testTime, valueRecord([]evtxtest.Value{{Type: c.kind, Raw: raw}, last})...)
		r := &chunkReader{}
		eachRecord(log.Bytes(), r, func(rec rawRecord) {
			e, err := r.decode(rec)
			if err != nil {
				t.Fatalf("type %02x of %s: %v", byte(c.kind), c.raw, err)
			}
			got := ""
			for _, f := range e.fields {
				if f.name == "v0" {
					got += "[" + f.text + "]"
				}
			}
			if end := e.fields[len(e.fields)-1]; got != c.want || end != (field{"v1", "last"}) {
				t.Errorf("type %02x of %s: %s, then %v; want %s", byte(c.kind), c.raw, got, end, c.want)
			}
		})
	}
}

// nested is a value in which documents nest so deep.
func nested(depth int) evtxtest.Value {
	inner := evtxtest.Value{Type: evtxtest.UTF16, Raw: evtxtest.UTF16.Encode("inmost")}
	if depth > 1 {
		inner = nested(depth - 1)
	}
	guid := [16]byte{byte(depth), 2}
	root := evtxtest.Element{Name: "N", Content: []evtxtest.Node{evtxtest.Substitution{Index: 0, Type: inner.Type}}}
	return evtxtest.Value{Type: evtxtest.BinXML, Nested: []evtxtest.Node{
		evtxtest.FragmentHeader{}, evtxtest.Instance{Template: &evtxtest.Template{GUID: guid, Root: root}, Values: []evtxtest.Value{inner}},
	}}
}

// wide is a value in which documents nest so deep, each of which asks for the
// next one many times.
func wide(depth int) evtxtest.Value {
	v := nested(depth)
	in := v.Nested[1].(evtxtest.Instance)
	if depth > 1 {
		in.Values[0] = wide(depth - 1)
	}
	content := &in.Template.Root.Content
	for range 60 {
		*content = append(*content, (*content)[0])
	}
	return v
}

// elements is a record whose elements are so deep.
func elements(depth int) []evtxtest.Node {
	var content []evtxtest.Node
	for range depth - 3 { // Event, EventData, Data
		content = []evtxtest.Node{evtxtest.Element{Name: "E", Content: content}}
	}
	return renderedRecord([]evtxtest.Node{providerElement(text("made up")...), leafElement("EventID", "7")}, []evtxtest.Node{dataElement("d", content...)})
}

// Up to its limits the reader reads; what exceeds one costs its record alone,
// and says so.
func TestLimits(t *testing.T) {
	values := func(n int) []evtxtest.Node { // only the first of which the definition asks for
		nodes := valueRecord([]evtxtest.Value{{Type: evtxtest.UInt8, Raw: []byte{7}}})
		in := nodes[1].(evtxtest.Instance)
		for range n - 1 {
			in.Values = append(in.Values, in.Values[0])
		}
		return []evtxtest.Node{nodes[0], in}
	}
	rendered := func(data ...evtxtest.Node) []evtxtest.Node {
		return renderedRecord([]evtxtest.Node{providerElement(text("made up")...), leafElement("EventID", "7")}, data)
	}
	name := func(n int) []evtxtest.Node {
		return rendered(evtxtest.Element{Name: strings.Repeat("n", n)})
	}
	definition := func(n int) []evtxtest.Node {
		nodes := valueRecord([]evtxtest.Value{{Type: evtxtest.UInt8, Raw: []byte{7}}})
		root := &nodes[1].(evtxtest.Instance).Template.Root
		root.Content = append(root.Content, leafElement("Long", strings.Repeat("x", n)))
		return nodes
	}
	for _, c := range []struct {
		name  string
		nodes []evtxtest.Node
		err   error // nil: it is read
	}{
		{"256 values", values(256), nil},
		{"257 values", values(257), errValues},
		{"10,240 values", values(10240), errValues},
		{"values nested 4 deep", valueRecord([]evtxtest.Value{nested(4)}), nil},
		{"values nested 5 deep", valueRecord([]evtxtest.Value{nested(5)}), errDepth},
		{"values nested 22 deep", valueRecord([]evtxtest.Value{nested(22)}), errDepth},
		{"values that ask for each other", valueRecord([]evtxtest.Value{wide(4)}), errBudget},
		{"elements 64 deep", elements(64), nil},
		{"elements 65 deep", elements(65), errDepth},
		{"elements 5,000 deep", elements(1500), errDepth},
		{"a name of 1,024 characters", name(1024), nil},
		{"a name of 1,025 characters", name(1025), errName},
		{"a definition of 30,000 bytes", definition(15000), nil},
		{"a definition of 36,000 bytes", definition(18000), errTemplate},
	} {
		t.Run(c.name, func(t *testing.T) {
			log := evtxtest.Log{Shape: evtxtest.Exported}
			log.AddRecord(testTime, c.nodes...)
			log.Add(scripts(2)...)
			log.Shape = evtxtest.Forwarded
			log.Add(scripts(3)[2])
			ev := scanBytes(t, log.Bytes(), Options{})
			it := ev.Items[0]
			if it.Records.Read != 4 || it.Records.Fragments != 3 || it.Records.Lost != 0 || ev.Blocks[1].Computer != testOrigin.Computer {
				t.Errorf("%+v", it.Records)
			}
			detail := ""
			for _, i := range it.Issues {
				detail += i.Detail
			}
			if c.err == nil && detail != "" || c.err != nil && (len(it.Issues) != 1 || !strings.HasSuffix(detail, c.err.Error())) {
				t.Errorf("%v: %s", c.err, detail)
			}
		})
	}
}

// Which definition a record is of is told by its offset; the id, which two may
// have in common, only tells whether it can be the right one.
func TestDefinitionsWithOneID(t *testing.T) {
	var log evtxtest.Log
	value := []evtxtest.Value{{Type: evtxtest.UInt8, Raw: []byte{7}}}
	for i := range 4 {
		nodes := valueRecord(value)
		template := nodes[1].(evtxtest.Instance).Template
		template.GUID[15] = byte(i % 2)
		template.Root.Content = append(template.Root.Content, evtxtest.Element{Name: "EventData", Content: []evtxtest.Node{leafElement("Of", fmt.Sprint(i%2))}})
		log.AddRecord(testTime, nodes...)
	}
	r, n := &chunkReader{}, 0
	eachRecord(log.Bytes(), r, func(rec rawRecord) {
		e, err := r.decode(rec)
		if of, _ := e.get("Of"); err != nil || of != fmt.Sprint(n%2) {
			t.Errorf("record %d: %v, of definition %q", n, err, of)
		}
		n++
	})
	if n != 4 {
		t.Errorf("%d records", n)
	}
}
