package evtxscan

import (
	"context"
	"iter"
	"sync"
)

// orderedMap calls work for every job, on as many goroutines as there are
// workers, and deliver for every result, in the order of the jobs and on the
// calling goroutine. At most inFlight jobs are taken from jobs and not yet
// delivered; each job taken is delivered or, once ctx is done, dropped. With
// one worker it starts no goroutine. It returns the context's error.
func orderedMap[J, R any](ctx context.Context, workers, inFlight int, jobs iter.Seq[J], work func(worker int, job J) R, deliver func(R)) error {
	if workers <= 1 {
		for job := range jobs {
			if ctx.Err() != nil {
				break
			}
			deliver(work(0, job))
		}
		return ctx.Err()
	}

	type task struct {
		job    J
		result chan R
	}
	tasks := make(chan task)
	pending := make(chan chan R, max(inFlight-1, 0))
	go func() {
		defer close(pending)
		defer close(tasks)
		for job := range jobs {
			t := task{job, make(chan R, 1)}
			select {
			case pending <- t.result:
			case <-ctx.Done():
				return
			}
			select {
			case tasks <- t:
			case <-ctx.Done():
				close(t.result)
				return
			}
		}
	}()
	var group sync.WaitGroup
	for worker := range workers {
		group.Go(func() {
			for t := range tasks {
				t.result <- work(worker, t.job)
			}
		})
	}
	for result := range pending {
		if r, ok := <-result; ok && ctx.Err() == nil {
			deliver(r)
		}
	}
	group.Wait()
	return ctx.Err()
}
