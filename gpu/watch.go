package gpu

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"time"
)

const (
	// every is the time between the starts of two samples. Drivers renew their counters
	// about once a second; polling faster slows the GPU.
	every = time.Second
	// patience is how long a call may take before a reader hears of it: a hang is to be
	// named within 5 s, calls are a second apart, and a reader looks once a second.
	patience = 3 * time.Second
	// opening is that before the first sample: a driver that nobody keeps loaded starts
	// its GPUs then, which takes seconds.
	opening = 10 * time.Second
)

// What a Watch says while it has nothing new.
var (
	// ErrNotYet says that the first sample is still under way.
	ErrNotYet = errors.New("no GPU has been read yet")
	// ErrNotAnswering says that a call has been in the driver for over 3 s, the first one for 10 s.
	ErrNotAnswering = errors.New("the NVIDIA driver does not answer")
)

// Watch keeps the newest sample of a Sampler for readers that must not wait.
// One goroutine does all the calls, one after the other: while one hangs there
// is no second one behind it.
type Watch struct {
	state atomic.Pointer[watched]
	done  chan struct{}
}

// watched is what readers see; it is replaced, never changed.
type watched struct {
	devices []Device
	at      time.Time // when the sample began, so that its age is never told too small; zero before the first
	err     error     // of the newest call
	since   time.Time // when the call under way began; zero between calls
}

// NewWatch opens a Sampler and polls it once a second until ctx ends, then closes it;
// all of that in the background, since opening a driver may take seconds too. If open
// fails the Watch ends, and Latest says why.
func NewWatch(ctx context.Context, open func() (Sampler, error)) *Watch {
	w := &Watch{done: make(chan struct{})}
	w.state.Store(&watched{since: time.Now()})
	go w.run(ctx, open)
	return w
}

// Latest returns the newest sample that was taken, its age, and what is wrong
// now: nil, ErrNotYet, ErrNotAnswering, or the error of opening or of the
// newest call. It never waits. A sample and an error come together when there
// was a good sample before. The slice is the caller's, with the age in every
// Device; age is that of the oldest reading in it, 0 without a sample.
func (w *Watch) Latest() (devices []Device, age time.Duration, err error) {
	s := w.state.Load()
	err = s.err
	limit := patience
	if s.at.IsZero() {
		limit = opening
	}
	if !s.since.IsZero() && time.Since(s.since) > limit {
		err = ErrNotAnswering
	}
	if s.at.IsZero() {
		if err == nil {
			err = ErrNotYet
		}
		return nil, 0, err
	}
	since := time.Since(s.at)
	age = since
	devices = slices.Clone(s.devices)
	for i := range devices {
		devices[i].AgeS += since.Seconds()
		age = max(age, time.Duration(devices[i].AgeS*float64(time.Second)))
	}
	return devices, age, err
}

// Done is closed when the Watch has ended and its Sampler is closed. A driver
// that hangs keeps it open: do not wait for it without a limit.
func (w *Watch) Done() <-chan struct{} { return w.done }

func (w *Watch) run(ctx context.Context, open func() (Sampler, error)) {
	defer close(w.done)
	s, err := open()
	w.state.Store(&watched{err: err})
	if err != nil {
		return
	}
	for ctx.Err() == nil {
		began := time.Now()
		w.sample(ctx, s, began)
		select {
		case <-ctx.Done():
		case <-time.After(every - time.Since(began)):
		}
	}
	if err := s.Close(); err != nil {
		last := *w.state.Load()
		last.err = err
		w.state.Store(&last)
	}
}

// sample makes one call. A sample that fails leaves the one before in place;
// one that fails because the Watch ends is no news.
func (w *Watch) sample(ctx context.Context, s Sampler, began time.Time) {
	next := *w.state.Load()
	calling := next
	calling.since = began
	w.state.Store(&calling)
	devices, err := s.Sample(ctx)
	switch {
	case err == nil:
		next.devices, next.at, next.err = devices, began, nil
	case ctx.Err() == nil:
		next.err = err
	}
	w.state.Store(&next)
}
