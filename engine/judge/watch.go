package judge

import (
	"fmt"
	"runtime"
	"runtime/metrics"
	"time"

	"golang.org/x/sys/unix"
)

// watchPeriod is how often the watch looks. A program can outrun its memory by
// what it allocates in this time.
const watchPeriod = 10 * time.Millisecond

// watch looks after the program in hand until the runner ends, or until a
// program exceeds its time or memory: then it answers for it and returns.
func (s *server) watch() error {
	m := newMeter()
	ticker := time.NewTicker(watchPeriod)
	defer ticker.Stop()
	var seen uint64         // the program at the last look
	var spent time.Duration // processor time of the process when it was first seen
	for {
		select {
		case err := <-s.ended:
			return err
		case <-s.wake:
			ticker.Reset(watchPeriod)
			continue
		case <-ticker.C:
		}
		n := s.current.Load()
		if n == 0 {
			s.sleep(ticker)
			continue
		}
		switch {
		case s.exhausted(m) && s.current.CompareAndSwap(n, 0):
			return s.end(MLE, fmt.Sprintf("more than %d MB of memory", s.limits.Memory>>20))
		case n != seen:
			seen, spent = n, processorTime()
		case processorTime()-spent > s.limits.Time && s.current.CompareAndSwap(n, 0):
			return s.end(TLE, fmt.Sprintf("more than %v of processor time", s.limits.Time))
		}
	}
}

// exhausted reports whether the heap has grown beyond the limit since the program
// in hand began, and stays there when its garbage is gone.
func (s *server) exhausted(m *meter) bool {
	grown := m.heap() - s.heap.Load()
	if grown <= s.limits.Memory || grown > hopeless*s.limits.Memory {
		return grown > s.limits.Memory
	}
	runtime.GC()
	return m.heap()-s.heap.Load() > s.limits.Memory
}

// sleep stops the ticker until the runner begins a program: an idle child costs
// no processor time.
func (s *server) sleep(ticker *time.Ticker) {
	ticker.Stop()
	s.asleep.Store(true)
	// The runner looks at asleep after it has set current, so one of the two
	// sees the other.
	if s.current.Load() != 0 && s.asleep.CompareAndSwap(true, false) {
		ticker.Reset(watchPeriod)
	}
}

// end sends the last answer of this child.
func (s *server) end(v Verdict, reason string) error {
	a := answer{last: true, result: Result{Verdict: v, Case: -1, Error: reason}}
	if n := s.outputs.Load(); n >= 0 {
		a.values = repeatOutput(Output{Verdict: v, Err: reason}, int(n))
	}
	s.unsent = appendFrame(s.unsent, appendAnswer(nil, a))
	return s.send()
}

func repeatOutput(o Output, n int) []Output {
	outs := make([]Output, n)
	for i := range outs {
		outs[i] = o
	}
	return outs
}

// meter reads the size of this process's heap without stopping it.
type meter [1]metrics.Sample

func newMeter() *meter {
	return &meter{{Name: "/memory/classes/heap/objects:bytes"}}
}

// heap returns the bytes of objects, alive or not yet collected.
func (m *meter) heap() int64 {
	metrics.Read(m[:])
	return int64(m[0].Value.Uint64())
}

// processorTime returns what this process has used, user and system together.
// It is 0 where the system does not say; the parent's deadline holds then.
func processorTime() time.Duration {
	var u unix.Rusage
	if unix.Getrusage(unix.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
