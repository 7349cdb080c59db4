package evtxtest

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Type is the type of a BinXML value. [Array] makes an array of it.
type Type byte

// The value types; source: [MS-EVEN6] 2.2.12, measurements for the sizes.
const (
	Null       Type = 0x00
	UTF16      Type = 0x01
	ANSI       Type = 0x02
	Int8       Type = 0x03
	UInt8      Type = 0x04
	Int16      Type = 0x05
	UInt16     Type = 0x06
	Int32      Type = 0x07
	UInt32     Type = 0x08
	Int64      Type = 0x09
	UInt64     Type = 0x0a
	Real32     Type = 0x0b
	Real64     Type = 0x0c
	Bool       Type = 0x0d
	Binary     Type = 0x0e
	GUID       Type = 0x0f
	SizeT      Type = 0x10
	Filetime   Type = 0x11
	SystemTime Type = 0x12
	SID        Type = 0x13
	Hex32      Type = 0x14
	Hex64      Type = 0x15
	Handle     Type = 0x20
	BinXML     Type = 0x21
	EvtXML     Type = 0x23
	Array      Type = 0x80
)

// Encode returns the bytes of a value given as text: numbers in decimal or as
// 0x..., times as RFC 3339 or, for a FILETIME, as raw ticks, GUIDs and SIDs as
// Windows writes them, binary in hex, booleans as true and false. The elements
// of an array stand one a line. It panics on text that is none of the type.
func (t Type) Encode(text string) []byte {
	if t&Array != 0 {
		var raw []byte
		for _, element := range strings.Split(text, "\n") {
			raw = append(raw, (t &^ Array).Encode(element)...)
			if t&^Array == UTF16 {
				raw = append(raw, 0, 0)
			}
		}
		return raw
	}
	raw, err := t.encode(text)
	if err != nil {
		panic(fmt.Sprintf("evtxtest: value of type 0x%02x: %v", byte(t), err))
	}
	return raw
}

// integers are the types that hold whole numbers, with their sizes in bytes.
var integers = map[Type]int{
	Int8: 1, UInt8: 1, Int16: 2, UInt16: 2, Int32: 4, UInt32: 4, Int64: 8, UInt64: 8,
	SizeT: 8, Hex32: 4, Hex64: 8, Handle: 4,
}

func (t Type) encode(text string) ([]byte, error) {
	if size, ok := integers[t]; ok {
		return integer(text, size)
	}
	le := binary.LittleEndian
	switch t {
	case Null:
		return nil, nil
	case UTF16, EvtXML:
		return appendText(nil, text), nil
	case ANSI:
		return []byte(text), nil
	case Binary:
		return hex.DecodeString(text)
	case GUID:
		guid, err := parseGUID(text)
		return guid[:], err
	case SID:
		return parseSID(text)
	case Real32:
		f, err := strconv.ParseFloat(text, 32)
		return le.AppendUint32(nil, math.Float32bits(float32(f))), err
	case Real64:
		f, err := strconv.ParseFloat(text, 64)
		return le.AppendUint64(nil, math.Float64bits(f)), err
	case Bool:
		b, err := strconv.ParseBool(text)
		if b {
			return le.AppendUint32(nil, 1), err
		}
		return le.AppendUint32(nil, 0), err
	case Filetime:
		if ticks, err := strconv.ParseUint(text, 0, 64); err == nil {
			return le.AppendUint64(nil, ticks), nil
		}
		at, err := time.Parse(time.RFC3339Nano, text)
		return le.AppendUint64(nil, uint64(At(at))), err
	case SystemTime:
		at, err := time.Parse(time.RFC3339Nano, text)
		var raw []byte
		for _, part := range []int{
			at.Year(), int(at.Month()), int(at.Weekday()), at.Day(),
			at.Hour(), at.Minute(), at.Second(), at.Nanosecond() / 1e6,
		} {
			raw = le.AppendUint16(raw, uint16(part))
		}
		return raw, err
	}
	return nil, fmt.Errorf("cannot be made from text %q", text)
}

// integer encodes a number, signed or not, in size bytes.
func integer(text string, size int) ([]byte, error) {
	n, err := strconv.ParseUint(text, 0, 8*size)
	if strings.HasPrefix(text, "-") {
		var signed int64
		signed, err = strconv.ParseInt(text, 0, 8*size)
		n = uint64(signed)
	}
	return binary.LittleEndian.AppendUint64(nil, n)[:size], err
}

// parseGUID returns the bytes of a GUID in text, with or without braces: its
// first three groups are little-endian.
func parseGUID(text string) (guid [16]byte, err error) {
	digits := strings.ReplaceAll(strings.Trim(text, "{}"), "-", "")
	raw, err := hex.DecodeString(digits)
	if err != nil || len(raw) != 16 {
		return guid, fmt.Errorf("no GUID: %q", text)
	}
	copy(guid[:], raw)
	for _, group := range [][]byte{guid[0:4], guid[4:6], guid[6:8]} {
		for i, j := 0, len(group)-1; i < j; i, j = i+1, j-1 {
			group[i], group[j] = group[j], group[i]
		}
	}
	return guid, nil
}

// parseSID returns the bytes of a SID in text, S-1-5-21-1-2-3-500.
func parseSID(text string) ([]byte, error) {
	parts := strings.Split(text, "-")
	if len(parts) < 3 || parts[0] != "S" || parts[1] != "1" {
		return nil, fmt.Errorf("no SID: %q", text)
	}
	authority, err := strconv.ParseUint(parts[2], 0, 48)
	if err != nil {
		return nil, fmt.Errorf("no SID: %q", text)
	}
	raw := binary.BigEndian.AppendUint64(nil, authority)
	raw[0], raw[1] = 1, byte(len(parts)-3)
	for _, part := range parts[3:] {
		sub, err := strconv.ParseUint(part, 10, 32)
		if err != nil {
			return nil, fmt.Errorf("no SID: %q", text)
		}
		raw = binary.LittleEndian.AppendUint32(raw, uint32(sub))
	}
	return raw, nil
}

// FileTime is a Windows FILETIME: 100 ns ticks since 1601-01-01 UTC.
type FileTime uint64

const (
	ticksPerSecond = 10_000_000
	unixEpoch      = 11_644_473_600 // seconds from 1601 to 1970
)

// At returns the FILETIME of a moment, rounded down to 100 ns.
func At(t time.Time) FileTime {
	return FileTime(t.Unix()+unixEpoch)*ticksPerSecond + FileTime(t.Nanosecond()/100)
}

// Clock returns the FILETIME of a moment in RFC 3339. It panics on other text.
func Clock(text string) FileTime {
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		panic("evtxtest: " + err.Error())
	}
	return At(t)
}

// Add returns the time d later, to 100 ns.
func (t FileTime) Add(d time.Duration) FileTime { return t + FileTime(d/100) }

// rendered returns t as Windows renders it: RFC 3339 with nine digits.
func (t FileTime) rendered() string {
	at := time.Unix(int64(t/ticksPerSecond)-unixEpoch, int64(t%ticksPerSecond)*100).UTC()
	return at.Format("2006-01-02T15:04:05.000000000Z")
}
