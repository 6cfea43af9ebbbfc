package bench

import (
	"context"
	"runtime"
	"sync"
	"time"

	"ablate/engine/lm/kernel"
	"ablate/engine/seed"
)

// peaks are the best speeds of the loop that touches no memory so far, on one
// thread and on two, in FLOP/s.
type peaks struct {
	turns int // of the loop, to fill a window
	best  [2]float64
}

func newPeaks(window time.Duration) *peaks {
	p := &peaks{turns: 1 << 10}
	for p.turns < 1<<40 && elapsed(func() { kernel.Peak(p.turns) }) < window {
		p.turns *= 2
	}
	return p
}

// tries is how often a look at two threads is repeated: on a machine that others
// use too, both cores are free less often than one.
const tries = 5

// one looks at the peak of this moment on one thread.
func (p *peaks) one() { p.look(1) }

// two looks at the peak of this moment on two threads.
func (p *peaks) two() {
	for range tries {
		p.look(2)
	}
}

// look measures the peak on a number of threads, one or two.
func (p *peaks) look(threads int) {
	work := make([]float64, threads)
	start := make(chan struct{})
	var ready, done sync.WaitGroup
	ready.Add(threads)
	for i := range threads {
		done.Go(func() {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			ready.Done()
			<-start
			work[i] = kernel.Peak(p.turns)
		})
	}
	ready.Wait()
	took := elapsed(func() { close(start); done.Wait() })
	sum := 0.0
	for _, w := range work {
		sum += w
	}
	p.best[threads-1] = max(p.best[threads-1], sum/took.Seconds())
}

func elapsed(do func()) time.Duration {
	began := time.Now()
	do()
	return time.Since(began)
}

// timing is one product and how often it is taken to fill a window.
type timing struct {
	Product
	times int
	take  func()
}

// gemm times all products on this thread, in turns with the peak.
func (b Bench) gemm(ctx context.Context, p *peaks) ([]Product, error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var timings []timing
	for i, l := range b.Layers {
		timings = append(timings, l.timings(seed.Stream(1, "bench", i).Float32)...)
	}
	for i := range timings {
		t := &timings[i]
		t.take() // makes room for the packed factors
		t.times = 1 + int(b.Window/max(1, elapsed(t.take)))
	}
	err := b.rounds(ctx, func() error {
		p.one()
		p.two()
		for i := range timings {
			timings[i].round()
		}
		return nil
	})
	products := make([]Product, len(timings))
	for i, t := range timings {
		products[i] = t.Product
	}
	return products, err
}

func (t *timing) round() {
	took := elapsed(func() {
		for range t.times {
			t.take()
		}
	})
	speed := float64(t.times) * productFLOPs(t.M, t.N, t.K) / took.Seconds()
	t.GFLOPs = max(t.GFLOPs, speed/giga)
}

// timings are a layer's y = x w and the two products of its gradients, dx = dy
// w^T and dw = x^T dy.
func (l Layer) timings(random func() float32) []timing {
	matrix := func(rows, cols int) kernel.Mat {
		data := make([]float32, rows*cols)
		for i := range data {
			data[i] = random() - 0.5
		}
		return kernel.Dense(data, rows, cols)
	}
	work := new(kernel.Work)
	x, y, w := matrix(l.Rows, l.In), matrix(l.Rows, l.Out), matrix(l.In, l.Out)
	dx, dy, dw := matrix(l.Rows, l.In), matrix(l.Rows, l.Out), matrix(l.In, l.Out)
	return []timing{
		{Product: Product{Op: "nn", M: l.Rows, N: l.Out, K: l.In}, take: func() { work.NN(y, x, w) }},
		{Product: Product{Op: "nt", M: l.Rows, N: l.In, K: l.Out}, take: func() { work.NT(dx, dy, w) }},
		{Product: Product{Op: "tn", M: l.In, N: l.Out, K: l.Rows}, take: func() { work.TN(dw, x, dy) }},
	}
}
