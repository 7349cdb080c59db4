package evtxscan

// ScriptBlock is a script as PowerShell logged it, rebuilt from its fragments.
// Fragments belong together if computer, block id and total are equal.
type ScriptBlock struct {
	Computer, BlockID string
	Total             int32
	// Pieces are in the order of their numbers; where two different texts
	// claim one number, the one to trust more comes first.
	Pieces []Piece
	// Text joins the first piece of each number, in order, in generalized
	// UTF-8. A pair of surrogates that a cut split is whole again.
	Text string
	// Holes say where in Text pieces are missing.
	Holes []Hole
	// Missing are the numbers not seen, as ranges with both ends inclusive,
	// since the total is only a claim.
	Missing [][2]int32
	// Encrypted is set if a piece is a CMS message (Protected Event Logging).
	Encrypted bool
}

// Piece is one text for one number and all records that hold it, the most
// trustworthy first.
type Piece struct {
	Number  int32
	Text    string
	Records []*Fragment
}

// Hole is a place in a script's text where fragments are missing.
type Hole struct {
	At      int      // in Text, bytes
	Numbers [2]int32 // first and last missing number
	Length  int64    // UTF-16 units missing; -1 if that cannot be known
}

// Complete reports whether every piece is there.
func (b *ScriptBlock) Complete() bool { return len(b.Missing) == 0 && len(b.Holes) == 0 }

// First returns the record that speaks for the block: that of its lowest
// number, in its most trustworthy copy.
func (b *ScriptBlock) First() *Fragment { return b.Pieces[0].Records[0] }

// Conflicted reports whether two different texts claim the same number.
func (b *ScriptBlock) Conflicted() bool {
	for i := 1; i < len(b.Pieces); i++ {
		if b.Pieces[i].Number == b.Pieces[i-1].Number {
			return true
		}
	}
	return false
}

// OtherText returns the text that the block has if every conflict is decided
// the other way: the least trustworthy text of each number instead of the most
// trustworthy one.
func (b *ScriptBlock) OtherText() string {
	text, _, _ := join(b.Total, b.Pieces, true)
	return text
}
