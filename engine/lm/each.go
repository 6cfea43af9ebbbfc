package lm

import (
	"sync"
	"sync/atomic"
)

// each calls do for every i below n, on as many goroutines as there are
// workers: whoever is free takes the next. One worker needs no goroutine.
func each(workers, n int, do func(worker, i int)) {
	if workers == 1 {
		for i := range n {
			do(0, i)
		}
		return
	}
	var next atomic.Int64
	var all sync.WaitGroup
	for w := range workers {
		all.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				do(w, i)
			}
		})
	}
	all.Wait()
}
