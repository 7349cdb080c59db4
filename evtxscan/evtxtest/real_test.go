package evtxtest

import (
	"bytes"
	"encoding/binary"
	"os"
	"testing"
)

func realChunk(t *testing.T, name string) []byte {
	t.Helper()
	raw, err := os.ReadFile(Corpus(t, "evidence", "real", name))
	if err != nil {
		t.Fatal(err)
	}
	return raw[Slot(0):Slot(1)]
}

// A record that Windows wrote, written again from its values, has the same
// bytes, and so have the chunk's header and its table of strings. The log is
// of version 3.2, whose table of templates has another order than ours.
func TestRealRecord(t *testing.T) {
	want := realChunk(t, "ps-emotet.evtx")
	const ( // where in the record
		id       = 0x22a
		written  = 0x210
		activity = 0x736
		recordID = 0x74e
		text     = 0x999
		blockID  = text + 0xc92
		end      = blockID + 2*36 + 2 // padding is what happened to be there
		size     = 0x1680 - 4
	)
	e := ScriptBlock{ID: utf16Text(want[blockID : end-2]), Text: utf16Text(want[text:blockID])}.Events(
		ScriptBlockLogged, Origin{
			Computer: "DESKTOP-RIPCLIP", UserSID: "S-1-5-21-2895499743-3664716236-3399808827-1001",
			ActivityID: ScriptBlockLogged.GUID, ProcessID: 6620, ThreadID: 6340,
		}, FileTime(binary.LittleEndian.Uint64(want[written:])))[0]
	in := e.instance(Exported, binary.LittleEndian.Uint64(want[recordID:]))
	copy(in.Template.GUID[:], want[id:])
	in.Values[7].Raw = want[activity : activity+16]
	var l Log
	l.AddRecord(e.Time, FragmentHeader{}, in)
	got := l.Bytes()[Slot(0):Slot(1)]

	for _, part := range []struct {
		name     string
		from, to int
	}{
		{"header", 0, 52}, {"strings", stringTable, templateTable}, {"record", chunkHeaderSize, end}, {"size copy", size, size + 4},
	} {
		for i := part.from; i < part.to; i++ {
			if got[i] != want[i] {
				t.Errorf("%s differs from 0x%x on: % x, want % x", part.name, i, got[i:i+16], want[i:i+16])
				break
			}
		}
	}
}

func utf16Text(raw []byte) string {
	units := make([]uint16, len(raw)/2)
	for i := range units {
		units[i] = binary.LittleEndian.Uint16(raw[2*i:])
	}
	return textOf(units)
}

// Definitions that Windows wrote in version 3.1 stand in the bucket that we
// would put them into.
func TestRealTemplateBuckets(t *testing.T) {
	c := realChunk(t, "ps-minidump.evtx")
	seen := 0
	for n := range templateBuckets {
		at := binary.LittleEndian.Uint32(c[templateTable+4*n:])
		for ; at != 0; at = binary.LittleEndian.Uint32(c[at:]) {
			seen++
			if got := templateBucket([16]byte(c[at+4 : at+20])); got != templateTable+4*n {
				t.Errorf("the definition at 0x%x stands in bucket %d, not %d", at, n, (got-templateTable)/4)
			}
		}
	}
	if seen < 4 {
		t.Errorf("only %d definitions", seen)
	}
}

// A record that does not fit leaves no trace in the chunk.
func TestRecordThatDoesNotFit(t *testing.T) {
	from := Origin{Computer: "h"}
	small := ScriptBlock{ID: "a", Text: "b"}.Events(ScriptBlockLogged, from, 1)[0]
	large := CommandLogged.Event(from, 1, string(bytes.Repeat([]byte("x"), 32000)), "", "")
	c := newChunk()
	if !c.add(1, 1, small.document(Exported, 1)) {
		t.Fatal("the first record does not fit")
	}
	before := bytes.Clone(c.data)
	if c.add(2, 1, large.document(Exported, 2)) {
		t.Fatal("the large record fits")
	}
	if !bytes.Equal(before, c.data) || c.records != 1 {
		t.Error("the chunk has changed")
	}
}
