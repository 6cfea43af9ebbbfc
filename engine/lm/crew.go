package lm

import (
	"sync"
	"sync/atomic"
)

// crew shares numbered jobs among workers: whoever is free takes the next. It
// allocates nothing after it is made.
type crew struct {
	run  []func() // of workers 1 and on, made once
	do   func(worker, i int)
	n    int
	next atomic.Int64
	busy sync.WaitGroup
}

func newCrew(workers int) *crew {
	c := &crew{}
	for w := 1; w < workers; w++ {
		c.run = append(c.run, func() {
			defer c.busy.Done()
			c.work(w)
		})
	}
	return c
}

// each calls do for every i below n and returns when all are done. The caller
// is worker 0.
func (c *crew) each(n int, do func(worker, i int)) {
	c.do, c.n = do, n
	c.next.Store(0)
	c.busy.Add(len(c.run))
	for _, run := range c.run {
		go run()
	}
	c.work(0)
	c.busy.Wait()
}

func (c *crew) work(worker int) {
	for i := int(c.next.Add(1)) - 1; i < c.n; i = int(c.next.Add(1)) - 1 {
		c.do(worker, i)
	}
}
