package evtxscan

import "iter"

// blockSet counts distinct script blocks in eight bytes each: 52 bits of the
// hash of a block's key and 12 bits of the hash of its text. It is cut into
// shards that grow on their own and, once they are large, little at a time, so
// that all of it never takes more than two MiB or twelve bytes a block.
type blockSet struct {
	shards [64]blockShard
}

// blockShard is a table with linear probing, at most four fifths full.
type blockShard struct {
	slots []uint64 // 0: empty
	used  int
}

// thriftyShard is the number of slots from which on a shard grows little by
// little: below, all shards together take two MiB, which nobody misses.
const thriftyShard = 1 << 12

// setResult says what a blockSet knew of a block.
type setResult uint8

const (
	setNew       setResult = iota // not seen before
	setSame                       // seen with the same text
	setDifferent                  // seen with another text
)

const (
	textBits = 12
	textMask = 1<<textBits - 1
)

// add takes the hash of a block's key and that of its text.
func (s *blockSet) add(key, text uint64) setResult {
	return s.addEntry(key&^textMask | text>>(64-textBits))
}

// addEntry takes the two in one.
func (s *blockSet) addEntry(entry uint64) setResult {
	if entry == 0 {
		entry = 1
	}
	return s.shards[entry>>58].add(entry)
}

// entries yields what the set holds.
func (s *blockSet) entries() iter.Seq[uint64] {
	return func(yield func(uint64) bool) {
		for i := range s.shards {
			for _, entry := range s.shards[i].slots {
				if entry != 0 && !yield(entry) {
					return
				}
			}
		}
	}
}

// len returns how many keys the set holds.
func (s *blockSet) len() int {
	n := 0
	for i := range s.shards {
		n += s.shards[i].used
	}
	return n
}

func (s *blockShard) add(entry uint64) setResult {
	if 5*(s.used+1) > 4*len(s.slots) {
		s.grow()
	}
	i := s.find(entry)
	switch found := s.slots[i]; {
	case found == 0:
		s.slots[i] = entry
		s.used++
		return setNew
	case found == entry:
		return setSame
	default:
		return setDifferent
	}
}

// find returns the slot of an entry's key, or the empty slot where it belongs.
func (s *blockShard) find(entry uint64) int {
	// The shard has used up the top six bits; the next 32, scaled to a table
	// that is no power of two, say where the search begins.
	i := int((entry << 6 >> 32) * uint64(len(s.slots)) >> 32)
	for s.slots[i] != 0 && s.slots[i]>>textBits != entry>>textBits {
		if i++; i == len(s.slots) {
			i = 0
		}
	}
	return i
}

func (s *blockShard) grow() {
	old := s.slots
	size := len(old) + len(old)/7
	if len(old) < thriftyShard {
		size = max(64, 2*len(old))
	}
	s.slots = make([]uint64, size)
	for _, entry := range old {
		if entry != 0 {
			s.slots[s.find(entry)] = entry
		}
	}
}

// hash64 is a fast 64-bit hash of text that is the same in every run; a seed
// chains several strings. It does not withstand an adversary, and nothing
// rests on that: a collision makes a count one too small.
func hash64(seed uint64, s string) uint64 {
	h := seed ^ uint64(len(s))*hashKey0
	if len(s) >= 32 {
		// A multiplication takes longer than it takes to begin the next one, so
		// four words are on their way at a time.
		a, b, c, d := h, h^hashKey1, h+hashKey0, h-hashKey1
		for ; len(s) >= 32; s = s[32:] {
			a = mixWord(a, word(s))
			b = mixWord(b, word(s[8:]))
			c = mixWord(c, word(s[16:]))
			d = mixWord(d, word(s[24:]))
		}
		h = mixWord(mixWord(a, b), mixWord(c, d))
	}
	for ; len(s) >= 8; s = s[8:] {
		h = mixWord(h, word(s))
	}
	var w uint64
	for i := range len(s) {
		w |= uint64(s[i]) << (8 * i)
	}
	h = (h ^ w) * hashKey1
	h ^= h >> 32
	h *= hashKey0
	return h ^ h>>29
}

// The constants of hash64: odd, with about as many bits set as not.
const hashKey0, hashKey1 = 0x9e3779b97f4a7c15, 0xd6e8feb86659fd93

func mixWord(h, w uint64) uint64 {
	h = (h ^ w) * hashKey0
	return h ^ h>>29
}

// word returns the first eight bytes of s.
func word(s string) uint64 {
	_ = s[7]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}
