package evtxscan

// Class says how a record was reached; the weaker the class, the less a record
// is certain to belong to the log it was found in.
type Class uint8

const (
	Live      Class = iota // in the walk of a chunk
	Recovered              // by resynchronising, or beyond a stale header
	Slack                  // in the space of a chunk that no live record uses
	Carved                 // found by its bytes alone
)

func (c Class) String() string {
	return [...]string{"live", "recovered", "slack", "carved"}[c]
}

// Place says where a record lies.
type Place struct {
	Item        *Item
	Offset      int64 // of the record in the item, bytes
	Size        uint32
	ChunkOffset int64 // of its chunk in the item
	Sound       bool  // the checksums of its chunk hold, or are declared absent
	Class       Class
}

// System is the System part of an event, as far as pstrail uses it. A string
// is empty where the record has none; Computer is also empty where the
// template that holds it is lost, and HostKey then tells hosts apart.
type System struct {
	Provider, Channel, Computer string
	HostKey                     string // template id, only where Computer is empty
	EventID                     uint32
	Level                       uint8
	ProcessID, ThreadID         uint32
	ActivityID                  string // lower case, no braces
	UserSID                     string
	RecordID                    uint64   // EventRecordID: survives an export
	Time                        FileTime // TimeCreated
}

// Host names the host in a report; one whose name is lost everywhere is told by
// the id of the template that held it.
func (s *System) Host() string {
	if s.Computer == "" && s.HostKey != "" {
		return "unknown (template " + s.HostKey + ")"
	}
	return s.Computer
}

// Fragment is one PowerShell 4104 record: one piece of a script block.
type Fragment struct {
	Place
	System
	HeaderID uint64   // of the record header: renumbered by an export
	Written  FileTime // of the record header
	Shape    Form     // of this record: native, exported or forwarded

	// MessageNumber and MessageTotal as stored; hostile values happen.
	Number, Total int32
	// BlockID is lower case without braces if it is a GUID, else as stored.
	BlockID string
	// Path is the script's file, empty for typed text.
	Path string
	// Text is in generalized UTF-8: a lone surrogate stands as its three bytes.
	Text string
	// SHA256 is of the record's bytes [Offset, Offset+Size) in the item. It is
	// set for the fragments of blocks that are kept.
	SHA256 [32]byte
}
