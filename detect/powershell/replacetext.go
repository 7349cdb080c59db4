package powershell

// Replacing of literal text in a text of which parts are unknown.

import "slices"

// literalReplacement is what is replaced in a text.
type literalReplacement struct {
	old, with  string // with is empty where it is not known
	ignoreCase bool
	inText     func(string) (Value, error) // in known text
	inRest     func(Value) Value           // in what is not known
}

// replacePartly replaces in the known parts of a text.
//
// The rules are:
//   - The end of a known part that an occurrence may begin with which goes on in
//     the unknown part behind it goes with that, as does the beginning that may
//     be the end of one.
//   - What stands at such an end is known all the same as far as the replacement
//     begins alike.
func (in *Interpreter) replacePartly(t *Text, r literalReplacement) (Value, error) {
	var b textBuilder
	var open []Value
	said := 0 // of what is open, units that are written already
	flush := func() error {
		if len(open) == 0 {
			return nil
		}
		whole, err := in.boundedText(open...)
		if err != nil {
			return err
		}
		rest := r.inRest(whole)
		if said > 0 {
			u := derivedFrom(rest, nameOf(operand(expressionOf(rest))+".Substring("+decimalText(said)+")", ""), "rest")
			u.Type = typeString
			rest = u
		}
		b.write(rest)
		open, said = nil, 0
		return in.fits(int64(b.size))
	}
	old := utf16Units(r.old)
	for k, p := range t.Parts {
		if p.Hole != nil {
			open = append(open, p.Hole)
			continue
		}
		units := utf16Units(p.Text)
		if err := in.spend(len(units) * len(old) / 64); err != nil {
			return nil, err
		}
		from, to := 0, len(units)
		if k > 0 {
			from = r.mayHaveBegun(units, old, k+1 < len(t.Parts))
		}
		if k+1 < len(t.Parts) {
			to = r.mayGoOn(units, old, from)
		}
		if from > 0 {
			open = append(open, stringFromUnits(units[:from]))
		}
		if from < to {
			if err := flush(); err != nil {
				return nil, err
			}
			v, err := r.inText(stringFromUnits(units[from:to]))
			if err != nil {
				return nil, err
			}
			b.write(v)
		}
		if to < len(units) {
			if len(open) == 0 {
				said = r.sameStart(units, old, to)
				b.writeString(stringFromUnits(units[to : to+said]))
			}
			open = append(open, stringFromUnits(units[to:]))
		}
	}
	err := flush()
	return b.value(), err
}

func (r *literalReplacement) sameUnits(a, b []uint16) bool {
	return slices.EqualFunc(a, b, func(u, v uint16) bool { return u == v || r.ignoreCase && foldUnit(u) == foldUnit(v) })
}

// mayGoOn is where an occurrence may begin that goes on behind the text, after
// those in it from a place on; its length if there is none.
func (r *literalReplacement) mayGoOn(units, old []uint16, from int) int {
	for at := from; at < len(units); at++ {
		if len(units)-at < len(old) {
			if r.sameUnits(units[at:], old[:len(units)-at]) {
				return at
			}
		} else if r.sameUnits(units[at:at+len(old)], old) {
			at += len(old) - 1
		}
	}
	return len(units)
}

// mayHaveBegun is behind the longest beginning of the text that may be the end
// of an occurrence which began in front of it, and behind what lies across that.
// A text that lies within one, where it may go on too, is all of it.
func (r *literalReplacement) mayHaveBegun(units, old []uint16, goesOn bool) int {
	if goesOn {
		for at := 1; at+len(units) < len(old); at++ {
			if r.sameUnits(units, old[at:at+len(units)]) {
				return len(units)
			}
		}
	}
	for n := min(len(units), len(old)-1); n > 0; n-- {
		if !r.sameUnits(units[:n], old[len(old)-n:]) {
			continue
		}
		for at := 0; at < n; at++ {
			if at+len(old) > n && at+len(old) <= len(units) && r.sameUnits(units[at:at+len(old)], old) {
				n = at + len(old)
			}
		}
		return n
	}
	return 0
}

// sameStart is how much of the text from that place on stands there whether or
// not an occurrence begins in it that goes on behind it.
func (r *literalReplacement) sameStart(units, old []uint16, from int) int {
	with := utf16Units(r.with)
	same := len(units) - from
	for at := from; at < len(units); at++ {
		if len(units)-at >= len(old) || !r.sameUnits(units[at:], old[:len(units)-at]) {
			continue
		}
		n := at - from
		for i := 0; i < len(with) && at+i < len(units) && with[i] == units[at+i]; i++ {
			n++
		}
		same = min(same, n)
	}
	return same
}
