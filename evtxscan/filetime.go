package evtxscan

import (
	"cmp"
	"fmt"
	"time"
)

// FileTime is a Windows FILETIME as stored: 100 ns ticks since 1601-01-01 UTC.
// It stays an integer, since a float64 loses ticks.
type FileTime uint64

const (
	ticksPerSecond = 10_000_000
	unixEpochTicks = 116_444_736_000_000_000   // 1970-01-01 UTC
	maxFileTime    = 2_650_467_743_999_999_999 // 9999-12-31T23:59:59.9999999Z
)

// Valid reports whether t is a time that a log can hold: not zero and not
// after the year 9999.
func (t FileTime) Valid() bool { return t > 0 && t <= maxFileTime }

// Time returns t in UTC. It is meaningful only if t is valid.
func (t FileTime) Time() time.Time {
	s := int64(t/ticksPerSecond) - unixEpochTicks/ticksPerSecond
	return time.Unix(s, int64(t%ticksPerSecond)*100).UTC()
}

// String returns t as RFC 3339 in UTC with seven digits,
// 2026-01-12T08:14:03.1234567Z, or its raw value if it is not valid.
func (t FileTime) String() string {
	if !t.Valid() {
		return fmt.Sprintf("invalid time 0x%016x", uint64(t))
	}
	return t.Time().Format("2006-01-02T15:04:05.0000000Z")
}

// FileTimeOf returns the FILETIME of t, rounded down to 100 ns, and 0 for a
// time outside the range of valid ones.
func FileTimeOf(t time.Time) FileTime {
	s := t.Unix() + unixEpochTicks/ticksPerSecond
	if s < 0 || s > maxFileTime/ticksPerSecond {
		return 0
	}
	return FileTime(s)*ticksPerSecond + FileTime(t.Nanosecond()/100)
}

// CompareTime orders times for a report: ascending, invalid ones last and
// among themselves by their raw value.
func CompareTime(a, b FileTime) int {
	if a.Valid() != b.Valid() {
		if a.Valid() {
			return -1
		}
		return 1
	}
	return cmp.Compare(a, b)
}
