package detect

import (
	"math/bits"
	"strings"
)

// This file finds which of many needles stand in a text, in one pass.
//
// A needle has a window: what bytes fit at a place, before and after it. Each
// byte is looked up three times, as the first, the second and the third of a
// window, which gives the needles it fits as bits. Only where three bytes in a
// row have a needle in common is the text looked at closely, and what would
// tell nothing new is not looked for any longer.

// needle is what is looked for.
type needle struct {
	gives  clues
	window window
	// stands reports whether it stands there, where the window fits with its
	// middle at i. The bytes beside may be outside the text.
	stands func(text string, i int) bool
}

// byteSet is a set of bytes.
type byteSet func(c byte) bool

// window is which bytes fit before a place, at it and after it. What is outside
// the text is a byte 0.
type window [3]byteSet

// needleSet is a table of up to 64 needles, one bit for each.
type needleSet struct {
	needles           []needle
	before, at, after [256]uint64 // the needles whose window the byte fits
	idle              [64]uint64  // by needle: those that tell no more if it stands
}

func newNeedleSet(needles []needle) *needleSet {
	s := needleSet{needles: needles}
	for k, n := range needles {
		for c := range 256 {
			for place, fit := range []*[256]uint64{&s.before, &s.at, &s.after} {
				if n.window[place](byte(c)) {
					fit[c] |= 1 << k
				}
			}
		}
		for i, other := range needles {
			if other.gives&^n.gives == 0 {
				s.idle[k] |= 1 << i
			}
		}
	}
	return &s
}

// find returns the clues of the needles that stand in a text. It ends where it
// finds the last one.
func (s *needleSet) find(text string, last clues) clues {
	f := search{needleSet: s, text: text, wanted: ^uint64(0)}
	if len(text) > 0 {
		f.look(0)
	}
	i := 1
	for wanted := f.wanted; i+9 <= len(text); i += 8 {
		b := text[i-1 : i+9]
		fit := s.before[b[0]] & s.at[b[1]] & s.after[b[2]]
		fit |= s.before[b[1]] & s.at[b[2]] & s.after[b[3]]
		fit |= s.before[b[2]] & s.at[b[3]] & s.after[b[4]]
		fit |= s.before[b[3]] & s.at[b[4]] & s.after[b[5]]
		fit |= s.before[b[4]] & s.at[b[5]] & s.after[b[6]]
		fit |= s.before[b[5]] & s.at[b[6]] & s.after[b[7]]
		fit |= s.before[b[6]] & s.at[b[7]] & s.after[b[8]]
		fit |= s.before[b[7]] & s.at[b[8]] & s.after[b[9]]
		if fit&wanted == 0 {
			continue
		}
		for k := range 8 {
			if fit := s.before[b[k]] & s.at[b[k+1]] & s.after[b[k+2]] & wanted; fit != 0 {
				f.check(fit, i+k)
			}
		}
		if wanted = f.wanted; f.found&last != 0 {
			return f.found
		}
	}
	for ; i < len(text); i++ {
		f.look(i)
	}
	return f.found
}

// search is the search of one text.
type search struct {
	*needleSet
	text   string
	found  clues
	wanted uint64 // the needles that may tell more
}

// look looks for the needles whose window's middle is at i.
func (f *search) look(i int) {
	var before, after byte
	if i > 0 {
		before = f.text[i-1]
	}
	if i+1 < len(f.text) {
		after = f.text[i+1]
	}
	f.check(f.before[before]&f.at[f.text[i]]&f.after[after], i)
}

// check looks closely for some needles whose window fits there.
func (f *search) check(fit uint64, i int) {
	for fit &= f.wanted; fit != 0; fit &= fit - 1 {
		k := bits.TrailingZeros64(fit)
		if n := &f.needles[k]; n.stands(f.text, i) {
			f.found |= n.gives
			f.wanted &^= f.idle[k]
		}
	}
}

// word returns a needle for texts, which are lower case, in any case of ASCII.
// All of them have the one to three bytes that its window is: the fewer other
// texts have those, the better.
func word(gives clues, rare string, texts ...string) needle {
	n := needle{gives: gives, window: window{anyByte, anyByte, anyByte}}
	first := (4 - len(rare)) / 2 // place in the window
	for k := range len(rare) {
		n.window[first+k] = fold(rare[k : k+1])
	}
	from := make([]int, len(texts)) // of the text, seen from the middle
	for k, s := range texts {
		from[k] = first - 1 - strings.Index(s, rare)
	}
	n.stands = func(text string, i int) bool {
		for k, s := range texts {
			if hasFold(text, i+from[k], s) {
				return true
			}
		}
		return false
	}
	return n
}

// either returns a needle for what two others are for that give the same clues,
// since there are no more needles than bits. Their windows become one.
func either(a, b needle) needle {
	n := needle{gives: a.gives, stands: func(text string, i int) bool { return a.stands(text, i) || b.stands(text, i) }}
	for place := range n.window {
		n.window[place] = a.window[place].or(b.window[place])
	}
	return n
}

func anyByte(byte) bool { return true }

// exactly returns the set of the given bytes.
func exactly(bytes string) byteSet {
	return func(c byte) bool { return strings.IndexByte(bytes, c) >= 0 }
}

// fold returns the set of the given bytes, which are lower case, in any case.
func fold(bytes string) byteSet { return exactly(bytes + strings.ToUpper(bytes)) }

// or returns the set of the bytes that either set has.
func (s byteSet) or(other byteSet) byteSet {
	return func(c byte) bool { return s(c) || other(c) }
}
