package report

import (
	"fmt"

	"pstrail/detect"
	"pstrail/evtxscan"
)

// The scalars of the report that may be null. plain returns what stands in
// JSON: nil, or a bool, a number or a string.
type nullable interface{ plain() any }

// optional is a string; the empty one is null.
type optional string

func (o optional) plain() any {
	if o == "" {
		return nil
	}
	return string(o)
}

// unknown is a number; a negative one is not known and null.
type unknown int64

func (u unknown) plain() any {
	if u < 0 {
		return nil
	}
	return int64(u)
}

// instant is a time; an invalid one is null.
type instant evtxscan.FileTime

func (t instant) plain() any {
	if !evtxscan.FileTime(t).Valid() {
		return nil
	}
	return evtxscan.FileTime(t).String()
}

// rawTime is the stored value of a time that is not valid, in hex since it is
// too large for a number of JSON; of a valid one it is null.
type rawTime evtxscan.FileTime

func (t rawTime) plain() any {
	if evtxscan.FileTime(t).Valid() {
		return nil
	}
	return fmt.Sprintf("0x%016x", uint64(t))
}

// tri is true, false or null.
type tri detect.Tri

func (t tri) plain() any {
	if detect.Tri(t) == detect.Unknown {
		return nil
	}
	return detect.Tri(t) == detect.Yes
}
