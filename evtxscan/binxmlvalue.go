package evtxscan

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"strconv"
)

// This file renders the values of template instances as text.

// appendValue renders a value as text: integers in decimal, hex types as
// 0x..., times as RFC 3339 with seven digits, GUIDs and SIDs as Windows writes
// them, without braces. A value whose
// size does not fit its type is rendered as its bytes in hex.
func appendValue(dst []byte, kind byte, raw []byte) []byte {
	le := binary.LittleEndian
	if len(raw) == 0 || kind == 0 {
		return dst
	}
	if size := valueSize(kind); size != 0 && len(raw) != size {
		return hex.AppendEncode(dst, raw)
	}
	switch kind {
	case 0x01, 0x23:
		return decodeUTF16(dst, raw)
	case 0x02:
		for _, b := range raw {
			dst = append(dst, string(rune(b))...)
		}
		return dst
	case 0x03:
		return strconv.AppendInt(dst, int64(int8(raw[0])), 10)
	case 0x04:
		return strconv.AppendUint(dst, uint64(raw[0]), 10)
	case 0x05:
		return strconv.AppendInt(dst, int64(int16(le.Uint16(raw))), 10)
	case 0x06:
		return strconv.AppendUint(dst, uint64(le.Uint16(raw)), 10)
	case 0x07:
		return strconv.AppendInt(dst, int64(int32(le.Uint32(raw))), 10)
	case 0x08:
		return strconv.AppendUint(dst, uint64(le.Uint32(raw)), 10)
	case 0x09:
		return strconv.AppendInt(dst, int64(le.Uint64(raw)), 10)
	case 0x0a:
		return strconv.AppendUint(dst, le.Uint64(raw), 10)
	case 0x0b:
		return strconv.AppendFloat(dst, float64(math.Float32frombits(le.Uint32(raw))), 'g', -1, 32)
	case 0x0c:
		return strconv.AppendFloat(dst, math.Float64frombits(le.Uint64(raw)), 'g', -1, 64)
	case 0x0d:
		return strconv.AppendBool(dst, le.Uint32(raw) != 0)
	case 0x0f:
		return appendGUID(dst, raw)
	case 0x10, 0x14, 0x15, 0x20:
		switch len(raw) {
		case 4:
			return fmt.Appendf(dst, "0x%x", le.Uint32(raw))
		case 8:
			return fmt.Appendf(dst, "0x%x", le.Uint64(raw))
		}
	case 0x11:
		t := FileTime(le.Uint64(raw))
		if !t.Valid() {
			return fmt.Appendf(dst, "0x%016x", uint64(t))
		}
		return append(dst, t.String()...)
	case 0x12:
		return fmt.Appendf(dst, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", le.Uint16(raw), le.Uint16(raw[2:]), le.Uint16(raw[6:]),
			le.Uint16(raw[8:]), le.Uint16(raw[10:]), le.Uint16(raw[12:]), le.Uint16(raw[14:]))
	case 0x13:
		if s, ok := sidString(raw); ok {
			return append(dst, s...)
		}
	}
	return hex.AppendEncode(dst, raw)
}

// valueSizes are the sizes of the types that have one.
var valueSizes = [...]uint8{
	0x03: 1, 0x04: 1, 0x05: 2, 0x06: 2, 0x07: 4, 0x08: 4, 0x09: 8, 0x0a: 8, 0x0b: 4, 0x0c: 8, 0x0d: 4, 0x0f: 16,
	0x11: 8, 0x12: 16, 0x14: 4, 0x15: 8,
}

// valueSize returns the size of a type in bytes, 0 if it varies.
func valueSize(kind byte) int {
	if int(kind) >= len(valueSizes) {
		return 0
	}
	return int(valueSizes[kind])
}

// appendGUID renders a GUID in lower case, without braces.
func appendGUID(dst, raw []byte) []byte {
	const digits = "0123456789abcdef"
	for i, k := range guidOrder {
		if i == 4 || i == 6 || i == 8 || i == 10 {
			dst = append(dst, '-')
		}
		dst = append(dst, digits[raw[k]>>4], digits[raw[k]&15])
	}
	return dst
}

// guidOrder is the order in which a GUID's bytes are written.
var guidOrder = [16]uint8{3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15}

// sidString renders a SID as S-1-5-21-...
func sidString(raw []byte) (string, bool) {
	if len(raw) < 8 || raw[0] != 1 || len(raw) != 8+4*int(raw[1]) {
		return "", false
	}
	var authority uint64
	for _, b := range raw[2:8] {
		authority = authority<<8 | uint64(b)
	}
	s := "S-1-" + strconv.FormatUint(authority, 10)
	for i := 8; i < len(raw); i += 4 {
		s += "-" + strconv.FormatUint(uint64(binary.LittleEndian.Uint32(raw[i:])), 10)
	}
	return s, true
}
