package detect

import (
	"crypto/sha256"
	"sync"

	"pstrail/detect/powershell"
)

// worthCache remembers what was found out about texts, since PowerShell logs
// the same text again in each process. It holds a bounded number of hashes and
// may be used by several goroutines at once.
type worthCache struct {
	mu    sync.Mutex
	known map[cacheKey]worth
}

// cacheKey is all that the answer hangs on.
type cacheKey struct {
	text       [sha256.Size]byte
	dialect    powershell.Dialect
	typed, cut bool
}

func cacheKeyOf(text string, dialect powershell.Dialect, typed, cut bool) cacheKey {
	return cacheKey{sha256.Sum256([]byte(text)), dialect, typed, cut}
}

// maxCached bounds the cache to some megabytes.
const maxCached = 1 << 16

// get returns the answer for a text, and asks only if it is not known. Two
// goroutines may ask at once; they get the same answer.
func (c *worthCache) get(key cacheKey, ask func() worth) worth {
	c.mu.Lock()
	answer, ok := c.known[key]
	c.mu.Unlock()
	if ok {
		return answer
	}
	answer = ask()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.known == nil || len(c.known) >= maxCached {
		c.known = map[cacheKey]worth{}
	}
	c.known[key] = answer
	return answer
}
