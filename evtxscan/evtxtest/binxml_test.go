package evtxtest_test

import (
	"encoding/hex"
	"testing"

	"pstrail/evtxscan/evtxtest"
)

func TestEncode(t *testing.T) {
	for _, c := range []struct {
		evtxtest.Type
		text, want string
	}{
		{evtxtest.Null, "x", ""},
		{evtxtest.UTF16, "aé", "6100e900"},
		{evtxtest.UTF16, "\xed\xa0\xbd", "3dd8"},
		{evtxtest.ANSI, "ab", "6162"},
		{evtxtest.Int8, "-2", "fe"},
		{evtxtest.UInt8, "255", "ff"},
		{evtxtest.Int16, "-2", "feff"},
		{evtxtest.UInt16, "0x1008", "0810"},
		{evtxtest.Int32, "-1", "ffffffff"},
		{evtxtest.UInt64, "18446744073709551615", "ffffffffffffffff"},
		{evtxtest.Hex32, "0x12", "12000000"},
		{evtxtest.Real32, "1.5", "0000c03f"},
		{evtxtest.Real64, "-2", "00000000000000c0"},
		{evtxtest.Bool, "true", "01000000"},
		{evtxtest.Binary, "00ff", "00ff"},
		{evtxtest.GUID, "{A0C1853B-5C40-4B15-8766-3CF1C58F985A}", "3b85c1a0405c154b87663cf1c58f985a"},
		{evtxtest.SID, "S-1-5-18", "010100000000000512000000"},
		{evtxtest.Filetime, "1601-01-01T00:00:01Z", "8096980000000000"},
		{evtxtest.Filetime, "0xffffffffffffffff", "ffffffffffffffff"},
		{evtxtest.SystemTime, "2026-01-12T08:14:03.123Z", "ea07010001000c0008000e0003007b00"},
		{evtxtest.Array | evtxtest.UTF16, "a\n\nb", "6100000000006200" + "0000"},
		{evtxtest.Array | evtxtest.UInt16, "1\n2", "01000200"},
	} {
		if got := hex.EncodeToString(c.Encode(c.text)); got != c.want {
			t.Errorf("type %02x of %q: %s, want %s", byte(c.Type), c.text, got, c.want)
		}
	}
}

// Every token that may stand in a document is read as what it means.
func TestTokens(t *testing.T) {
	data := func(name string, content ...evtxtest.Node) evtxtest.Node {
		return evtxtest.Element{
			Name: "Data", Content: content,
			Attributes: []evtxtest.Attribute{{Name: "Name", Value: []evtxtest.Node{evtxtest.Text(name)}}},
		}
	}
	leaf := func(name, text string) evtxtest.Node {
		return evtxtest.Element{Name: name, Content: []evtxtest.Node{evtxtest.Text(text)}}
	}
	record := func(text ...evtxtest.Node) []evtxtest.Node {
		return []evtxtest.Node{evtxtest.FragmentHeader{}, evtxtest.Element{Name: "Event", Content: []evtxtest.Node{
			evtxtest.Element{Name: "System", Content: []evtxtest.Node{
				evtxtest.Element{Name: "Provider", Attributes: []evtxtest.Attribute{
					{Name: "Name", Value: []evtxtest.Node{evtxtest.Text("Microsoft-Windows-PowerShell")}},
				}},
				leaf("EventID", "4104"), leaf("Channel", "Microsoft-Windows-PowerShell/Operational"), leaf("Computer", "h"),
			}},
			evtxtest.Element{Name: "EventData", Content: []evtxtest.Node{
				data("MessageNumber", evtxtest.Text("1")), data("MessageTotal", evtxtest.Text("1")),
				data("ScriptBlockText", text...), data("ScriptBlockId", evtxtest.Text(blockID)), data("Path"),
			}},
		}}}
	}
	for _, c := range []struct {
		name string
		text []evtxtest.Node
		want string
	}{
		{"text in pieces", []evtxtest.Node{evtxtest.Text("a"), evtxtest.Text("b")}, "ab"},
		{"entities", []evtxtest.Node{
			evtxtest.EntityRef("lt"), evtxtest.EntityRef("gt"), evtxtest.EntityRef("amp"), evtxtest.EntityRef("quot"), evtxtest.EntityRef("apos"),
		}, `<>&"'`},
		{"CDATA", []evtxtest.Node{evtxtest.Text("a"), evtxtest.CDATA("<b>"), evtxtest.Text("c")}, "a<b>c"},
		{"character references", []evtxtest.Node{evtxtest.Text("a"), evtxtest.CharRef(0xe9), evtxtest.CharRef('\n')}, "aé\n"},
		{"processing instruction", []evtxtest.Node{evtxtest.PI{Target: "x", Data: "y"}, evtxtest.Text("a")}, "a"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var log evtxtest.Log
			log.AddRecord(noon, record(c.text...)...)
			ev := intact(t, log.Bytes(), 1)
			if len(ev.Blocks) != 1 {
				t.Fatalf("%d blocks", len(ev.Blocks))
			}
			if got := ev.Blocks[0].Text; got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}
