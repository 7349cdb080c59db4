package evtxscan

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync/atomic"
	"testing"
	"time"
)

func count(n int, taken *atomic.Int64) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := range n {
			taken.Add(1)
			if !yield(i) {
				return
			}
		}
	}
}

func TestOrderedMap(t *testing.T) {
	for _, workers := range []int{1, 2, 8} {
		t.Run(fmt.Sprint(workers), func(t *testing.T) {
			const n, inFlight = 500, 10
			var taken atomic.Int64
			next := 0
			err := orderedMap(context.Background(), workers, inFlight, count(n, &taken),
				func(_, i int) int {
					if i%7 == 0 {
						time.Sleep(time.Millisecond) // so that later jobs end first
					}
					return i
				},
				func(i int) {
					if i != next {
						t.Errorf("delivered %d, not %d", i, next)
					}
					if ahead := int(taken.Load()) - next; ahead > inFlight+2 {
						t.Errorf("%d jobs in flight", ahead)
					}
					next++
				})
			if err != nil || next != n {
				t.Errorf("%d delivered, %v", next, err)
			}
		})
	}
}

// After a cancel it ends soon, delivers nothing more and leaves no goroutine
// behind that would still work.
func TestOrderedMapCancel(t *testing.T) {
	for _, workers := range []int{1, 2, 8} {
		t.Run(fmt.Sprint(workers), func(t *testing.T) {
			ctx, cancel := context.WithCancel(context.Background())
			var taken, running atomic.Int64
			delivered := 0
			err := orderedMap(ctx, workers, 4, count(1<<40, &taken),
				func(_, i int) int {
					running.Add(1)
					defer running.Add(-1)
					return i
				},
				func(i int) {
					if delivered++; delivered == 20 {
						cancel()
					}
				})
			if !errors.Is(err, context.Canceled) || delivered != 20 || running.Load() != 0 {
				t.Errorf("%v after %d, %d still run", err, delivered, running.Load())
			}
		})
	}
}
