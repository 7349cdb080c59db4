package evtxscan

import "sync/atomic"

// Progress tells, while a scan runs, how far it is. Its methods may be called
// at any time from any goroutine.
type Progress struct {
	total, done atomic.Int64
}

// Bytes returns how many bytes have been read and how many there are.
func (p *Progress) Bytes() (done, total int64) { return p.done.Load(), p.total.Load() }

func (p *Progress) start(items []*Item) {
	var total int64
	for _, it := range items {
		if it.file != "" {
			total += it.Size
		}
	}
	p.total.Store(total)
	p.done.Store(0)
}
