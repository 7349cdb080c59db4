package evtxscan

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"io/fs"
	"os"
	"sync"
	"sync/atomic"
)

// content is the bytes of an item while it is read: opened when the first span
// asks, hashed span by span in order beside the reading, closed with the last.
type content struct {
	item   *Item
	header fileHeader
	base   int64  // offset of the first slot
	unread string // why the bytes are no log; they are hashed at most

	open    sync.Once
	file    evidenceFile
	openErr error
	broken  atomic.Bool // not every byte could be read or examined
	changed bool        // the file was written to meanwhile

	mu     sync.Mutex
	hash   hash.Hash     // nil: not asked for
	next   int           // the span to hash next
	ready  map[int]*span // read, but not yet hashed
	busy   bool          // a worker is hashing
	hashed chan struct{} // closed when the last span has been
}

// evidenceFile is an item's bytes.
type evidenceFile interface {
	io.ReaderAt
	io.Closer
	Stat() (fs.FileInfo, error)
}

// open opens an item for reading.
func (it *Item) open() (evidenceFile, error) {
	if it.openWith != nil {
		return it.openWith()
	}
	file, err := os.Open(it.file)
	if err != nil {
		return nil, err
	}
	return file, nil
}

func newContent(it *Item, hashed bool) *content {
	c := &content{item: it, base: fileHeaderSize, ready: map[int]*span{}, hashed: make(chan struct{})}
	c.header = parseFileHeader(it.head)
	switch {
	case c.header.startsWithChunk:
		c.base = 0
	case !c.header.present && !c.header.truncated:
		c.unread = otherFormat(it.head)
	}
	if hashed {
		c.hash = sha256.New()
	}
	return c
}

// fault is a stretch of an item, inside one slot, that cannot be read.
type fault struct {
	from, to int64
	why      string
}

func (f fault) issue() Issue {
	return Issue{Offset: f.from, Kind: IssueReadError, Detail: f.why, Lost: -1}
}

// readAt fills buf from the item. What cannot be read is zero in buf and a fault
// in the result.
func (c *content) readAt(buf []byte, offset int64) []fault {
	c.open.Do(func() { c.file, c.openErr = c.item.open() })
	if c.openErr != nil {
		c.broken.Store(true)
		clear(buf)
		if offset > 0 {
			return nil // said once
		}
		return []fault{{why: "cannot be opened: " + cause(c.openErr)}}
	}
	n, err := c.file.ReadAt(buf, offset)
	if err == nil || n == len(buf) {
		return nil
	}
	// One bad sector must cost no more than itself: go on in smaller steps.
	var faults []fault
	const step = 4096
	for n < len(buf) {
		at := offset + int64(n)
		part := buf[n:min(len(buf), n+step-int(at%step))]
		n += len(part)
		got, err := c.file.ReadAt(part, at)
		if got == len(part) {
			continue
		}
		clear(part[got:])
		c.broken.Store(true)
		f := fault{at + int64(got), at + int64(len(part)), "the file ends here, although it was longer when the scan began"}
		if !errors.Is(err, io.EOF) && err != nil {
			f.why = "cannot be read: " + cause(err)
		}
		if k := len(faults) - 1; k >= 0 && faults[k].to == f.from && faults[k].why == f.why && (f.from-c.base)%chunkSize != 0 {
			faults[k].to = f.to
		} else {
			faults = append(faults, f)
		}
	}
	return faults
}

// release is called once for each span when it has been examined. It adds the
// span to the hash as soon as all earlier ones are in it, and gives its buffer
// back.
func (c *content) release(sp *span, buffers chan<- []byte) {
	if c.hash == nil {
		buffers <- sp.buffer
		if sp.last {
			close(c.hashed)
		}
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ready[sp.index] = sp
	for !c.busy {
		next := c.ready[c.next]
		if next == nil {
			return
		}
		delete(c.ready, c.next)
		c.busy = true
		c.mu.Unlock()
		c.hash.Write(next.buffer[:next.size])
		buffers <- next.buffer
		c.mu.Lock()
		c.busy = false
		c.next++
		if next.last {
			close(c.hashed)
		}
	}
}

// finish waits for the hash, closes the item and returns the hash in hex, or
// nothing where it would not be the item's.
func (c *content) finish() string {
	<-c.hashed
	if c.file == nil {
		return ""
	}
	defer c.close()
	if info, err := c.file.Stat(); err == nil && (info.Size() != c.item.Size || !info.ModTime().Equal(c.item.modified)) {
		c.changed = true
		c.broken.Store(true)
	}
	if c.hash == nil || c.broken.Load() {
		return ""
	}
	return hex.EncodeToString(c.hash.Sum(nil))
}

func (c *content) close() {
	if c.file != nil {
		c.file.Close()
	}
}
