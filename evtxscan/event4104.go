package evtxscan

import (
	"bytes"
	"encoding/binary"
)

const scriptBlockEvent = 4104

// The providers of PowerShell; other ones use the event id too.
const (
	providerWindowsPowerShell = "Microsoft-Windows-PowerShell"
	providerPowerShellCore    = "PowerShellCore"
)

var (
	guidWindowsPowerShell = []byte("\x3b\x85\xc1\xa0\x40\x5c\x15\x4b\x87\x66\x3c\xf1\xc5\x8f\x98\x5a")
	guidPowerShellCore    = []byte("\xa8\x14\x97\xf9\x09\x55\x4a\x43\xbf\x6d\xb1\x62\x4c\x8a\x19\xa2")
)

func isPowerShellProvider(name string) bool {
	return name == providerWindowsPowerShell || name == providerPowerShellCore
}

// scriptBlock reads a script block record straight from its arrays, in exported
// and native shape, into the reader's fragment, whose System part is there. It
// returns false for what does not fit; that is for the general reader to judge.
func (r *chunkReader) scriptBlock(m *manifest) bool {
	f := &r.fragment
	kind, data, offset := m.types[4*valueData+2], m.raw(valueData), m.end-len(m.values)+m.at[valueData]
	if kind != 0x21 || len(data) < 14 {
		return false
	}
	end := offset + len(data)
	f.Shape = m.shape()
	if f.Shape == FormExported {
		offset += 4
	}
	in, err := instanceAt(r.chunk, offset, end)
	if err != nil || in.count != 4 && in.count != 5 {
		return false
	}
	var raws [5][]byte
	at := 0
	for i := range in.count {
		size := int(binary.LittleEndian.Uint16(in.types[4*i:]))
		kind := in.types[4*i+2]
		raw := in.values[at : at+size]
		at += size
		switch {
		case i < 2 && (kind != 0x07 || size != 4):
			return false
		case i >= 2 && kind != 0x01 && (kind != 0 || i < 4):
			return false
		case kind == 0:
			raw = nil
		}
		if f.Shape == FormNative {
			raw = trimNUL(kind, raw)
		}
		raws[i] = raw
	}
	r.origin(m, &f.System)
	f.Number = int32(binary.LittleEndian.Uint32(raws[0]))
	f.Total = int32(binary.LittleEndian.Uint32(raws[1]))
	r.script = decodeUTF16(r.script[:0], raws[2])
	f.Text = view(r.script)
	r.blockID = decodeUTF16(r.blockID[:0], raws[3])
	f.BlockID = view(lowerGUID(r.blockID))
	f.Path = r.path.of(r, raws[4])
	return true
}

// isPowerShell reports whether the record's provider, by name or by GUID, is
// PowerShell.
func (m *manifest) isPowerShell(provider string) bool {
	guid := m.raw(valueGUID)
	return isPowerShellProvider(provider) || bytes.Equal(guid, guidWindowsPowerShell) || bytes.Equal(guid, guidPowerShellCore)
}

// isScriptBlock reports whether an event is a script block record.
func (e *event) isScriptBlock() bool {
	return e.EventID == scriptBlockEvent && isPowerShellProvider(e.Provider)
}

// hasScriptBlock reports whether an event has the fields that every script block
// has.
func (e *event) hasScriptBlock() bool {
	for _, name := range scriptBlockFields[:4] {
		if _, ok := e.get(name); !ok {
			return false
		}
	}
	return true
}

// scriptBlockOf takes a decoded script block record into the reader's fragment;
// false if it has no text.
func (r *chunkReader) scriptBlockOf(e *event) bool {
	text, ok := e.get("ScriptBlockText")
	if !ok {
		return false
	}
	f := &r.fragment
	f.System, f.Shape, f.Text = e.System, e.shape, text
	number, _ := e.get("MessageNumber")
	total, _ := e.get("MessageTotal")
	f.Number, f.Total = parseInt32(number), parseInt32(total)
	id, _ := e.get("ScriptBlockId")
	f.BlockID = normalGUID(id)
	f.Path, _ = e.get("Path")
	return true
}
