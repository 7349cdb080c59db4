package evtxscan

// This file finds the names of computers whose definition is lost. A record of
// the template forms names its definition by an id, and the definition the
// computer; so another definition with that id, anywhere in the evidence, tells
// the name.

// hostNames are the computers that definitions name, by the key that stands for
// the id; "" where two definitions with one id name different ones.
type hostNames map[string]string

// maxHostNames bounds what hostile evidence can make us keep.
const maxHostNames = 1 << 16

func (h hostNames) learn(id uint32, name string) {
	key := hostKey(id)
	switch known, ok := h[key]; {
	case !ok && len(h) < maxHostNames:
		h[key] = name
	case ok && known != name:
		h[key] = ""
	}
}

// name returns the computer for a key, or "".
func (h hostNames) name(key string) string { return h[key] }

// computer returns what stands for the computer in the key of a block.
func (h hostNames) computer(key string) string {
	if name := h[key]; name != "" {
		return name
	}
	return "\x00" + key
}

// unknownBlocks counts distinct blocks of computers that are not known yet.
type unknownBlocks struct {
	sets      map[string]*blockSet // by the key of the computer
	encrypted map[encryptedBlock]struct{}
}

type encryptedBlock struct {
	hostKey string
	hash    uint64
}

// Limits of what is counted exactly.
const (
	maxUnknownHosts     = 64
	maxUnknownEncrypted = 1 << 12
)

// add takes a block, or reports that it is beyond the limits.
func (u *unknownBlocks) add(d droppedBlock) bool {
	if u.sets == nil {
		u.sets, u.encrypted = map[string]*blockSet{}, map[encryptedBlock]struct{}{}
	}
	if d.encrypted {
		if len(u.encrypted) >= maxUnknownEncrypted {
			return false
		}
		u.encrypted[encryptedBlock{d.hostKey, d.hash}] = struct{}{}
		return true
	}
	set := u.sets[d.hostKey]
	if set == nil {
		if len(u.sets) >= maxUnknownHosts {
			return false
		}
		set = &blockSet{}
		u.sets[d.hostKey] = set
	}
	set.add(d.hash, d.text)
	return true
}

// count adds the blocks to those of known computers. It returns how many
// encrypted ones are new among them, and the hashes of the blocks that are known
// with another text.
func (u *unknownBlocks) count(all *blockSet, names hostNames) (encrypted int, other map[uint64]bool) {
	other = map[uint64]bool{}
	for key, set := range u.sets {
		computer := computerHash(names.computer(key))
		for entry := range set.entries() {
			entry ^= computer &^ textMask
			if all.addEntry(entry) == setDifferent {
				other[entry&^textMask] = true
			}
		}
	}
	for key := range u.encrypted {
		if all.add(key.hash^computerHash(names.computer(key.hostKey)), 0) == setNew {
			encrypted++
		}
	}
	return encrypted, other
}
