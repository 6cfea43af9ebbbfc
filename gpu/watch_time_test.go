package gpu

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// fakeSampler takes as long as it is told and remembers when it was called.
// A test that looks between two calls needs the lock: synctest.Wait orders
// what the watch did before it, not what the test did before the next call.
type fakeSampler struct {
	took   func(call int) time.Duration
	fails  func(call int) error
	broken error // of Close

	mu     sync.Mutex
	starts []time.Time
	inside int // calls under way
	most   int
	closed int
}

// enter notes the start of a call and returns its number.
func (f *fakeSampler) enter() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.starts = append(f.starts, time.Now())
	f.inside++
	f.most = max(f.most, f.inside)
	return len(f.starts) - 1
}

func (f *fakeSampler) leave() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.inside--
}

// calls returns how many calls there were.
func (f *fakeSampler) calls() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.starts)
}

func (f *fakeSampler) Sample(context.Context) ([]Device, error) {
	call := f.enter()
	if f.took != nil {
		time.Sleep(f.took(call))
	}
	f.leave()
	if f.fails != nil {
		if err := f.fails(call); err != nil {
			return nil, err
		}
	}
	return []Device{{Index: 0, BusyPct: new(float64(call))}}, nil
}

func (f *fakeSampler) Close() error { f.closed++; return f.broken }

func (f *fakeSampler) open() (Sampler, error) { return f, nil }

// watch starts a Watch that ends with the test's bubble.
func watch(t *testing.T, f *fakeSampler) *Watch {
	ctx, cancel := context.WithCancel(t.Context())
	w := NewWatch(ctx, f.open)
	t.Cleanup(func() {
		cancel()
		<-w.Done()
		if f.closed != 1 || f.most > 1 {
			t.Errorf("closed %d times, %d calls at once; want 1, at most 1", f.closed, f.most)
		}
	})
	return w
}

func TestWatchPollsOnceASecond(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		took  time.Duration
		calls int
	}{
		{"quick calls", 0, 11},
		{"the call's time counts", 300 * time.Millisecond, 11},
		{"slow calls follow each other", 3 * time.Second, 4},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := &fakeSampler{took: func(int) time.Duration { return c.took }}
				watch(t, f)
				time.Sleep(10 * time.Second)
				synctest.Wait()
				if n := f.calls(); n != c.calls {
					t.Errorf("%d calls in 10 s, want %d", n, c.calls)
				}
			})
		})
	}
}

// After a slow call the next quick ones keep their distance too.
func TestWatchKeepsItsDistance(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := &fakeSampler{took: func(call int) time.Duration {
			if call%2 == 0 {
				return 1900 * time.Millisecond
			}
			return 0
		}}
		watch(t, f)
		time.Sleep(time.Minute)
		synctest.Wait()
		for i := 1; i < len(f.starts); i++ {
			if gap := f.starts[i].Sub(f.starts[i-1]); gap < time.Second {
				t.Errorf("call %d came %v after the one before", i, gap)
			}
		}
	})
}

func TestWatchLatest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := &fakeSampler{took: func(int) time.Duration { return 100 * time.Millisecond }}
		w := watch(t, f)
		if d, age, err := w.Latest(); d != nil || age != 0 || !errors.Is(err, ErrNotYet) {
			t.Errorf("before the first sample: %v, %v, %v", d, age, err)
		}
		time.Sleep(1050 * time.Millisecond) // in the middle of the second call
		d, age, err := w.Latest()
		if err != nil || age != 1050*time.Millisecond || len(d) != 1 || *d[0].BusyPct != 0 || d[0].AgeS != 1.05 {
			t.Errorf("got %+v, %v, %v", d, age, err)
		}
		d[0] = Device{}
		if again, _, _ := w.Latest(); again[0].BusyPct == nil {
			t.Error("the reader's slice is the watch's own")
		}
	})
}

// A reading that was old when it came is told to be older still.
func TestWatchOfOldReadings(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		old := sampled{{AgeS: 2}, {}}
		w := NewWatch(t.Context(), func() (Sampler, error) { return old, nil })
		time.Sleep(3500 * time.Millisecond)
		if d, age, err := w.Latest(); err != nil || age != 2500*time.Millisecond || d[0].AgeS != 2.5 || d[1].AgeS != 0.5 {
			t.Errorf("%+v, %v, %v", d, age, err)
		}
	})
}

// sampled is the same sample, for ever.
type sampled []Device

func (s sampled) Sample(context.Context) ([]Device, error) { return s, nil }
func (s sampled) Close() error                             { return nil }

// A driver that hangs: readers go on at once, no second call is made, the last
// sample stays with its age, and a driver that comes back is seen.
func TestWatchOverAHang(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := &fakeSampler{took: func(call int) time.Duration {
			if call == 2 {
				return 10 * time.Minute
			}
			return 0
		}}
		begun := time.Now()
		w := watch(t, f)
		for _, c := range []struct {
			at, age time.Duration // the call that hangs begins at 2 s
			err     error
		}{
			{1500 * time.Millisecond, 500 * time.Millisecond, nil},
			{4500 * time.Millisecond, 3500 * time.Millisecond, nil},
			{5500 * time.Millisecond, 4500 * time.Millisecond, ErrNotAnswering},
			{9 * time.Minute, 9*time.Minute - time.Second, ErrNotAnswering},
		} {
			time.Sleep(c.at - time.Since(begun))
			synctest.Wait()
			d, age, err := w.Latest()
			if !errors.Is(err, c.err) || age != c.age || *d[0].BusyPct != 1 {
				t.Errorf("at %v: busy %v, age %v, error %v", c.at, *d[0].BusyPct, age, err)
			}
			if n, want := f.calls(), min(3, 1+int(c.at/time.Second)); n != want {
				t.Errorf("at %v: %d calls, want %d: none behind one that hangs", c.at, n, want)
			}
		}
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		if _, age, err := w.Latest(); err != nil || age > time.Second {
			t.Errorf("after the driver came back: age %v, error %v", age, err)
		}
	})
}

func TestWatchTellsAFailedSample(t *testing.T) {
	t.Parallel()
	broken := errors.New("count GPUs: broken")
	synctest.Test(t, func(t *testing.T) {
		f := &fakeSampler{fails: func(call int) error {
			if call == 1 {
				return broken
			}
			return nil
		}}
		w := watch(t, f)
		time.Sleep(1500 * time.Millisecond)
		if d, age, err := w.Latest(); !errors.Is(err, broken) || len(d) != 1 || age != 1500*time.Millisecond {
			t.Errorf("during the failure: %v, %v, %v", d, age, err)
		}
		time.Sleep(time.Second)
		if d, _, err := w.Latest(); err != nil || *d[0].BusyPct != 2 {
			t.Errorf("after it: %v, %v", d, err)
		}
	})
}

func TestWatchWithoutADriver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := NewWatch(t.Context(), func() (Sampler, error) { return nil, ErrNoDriver })
		<-w.Done()
		if d, age, err := w.Latest(); d != nil || age != 0 || !errors.Is(err, ErrNoDriver) {
			t.Errorf("%v, %v, %v", d, age, err)
		}
	})
}

// Opening may hang like any other call.
func TestWatchWhileOpening(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := NewWatch(t.Context(), func() (Sampler, error) {
			time.Sleep(time.Minute)
			return nil, ErrNoDriver
		})
		time.Sleep(9 * time.Second)
		if _, _, err := w.Latest(); !errors.Is(err, ErrNotYet) {
			t.Errorf("after 9 s: %v", err)
		}
		time.Sleep(2 * time.Second)
		if _, _, err := w.Latest(); !errors.Is(err, ErrNotAnswering) {
			t.Errorf("after 11 s: %v", err)
		}
		<-w.Done()
	})
}

// A Watch that ends keeps what it had, and says nothing of its own ending.
func TestWatchEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		f := &fakeSampler{
			took: func(call int) time.Duration { return time.Duration(call) * 100 * time.Millisecond },
			fails: func(call int) error {
				if call == 1 {
					return ctx.Err()
				}
				return nil
			},
		}
		w := NewWatch(ctx, f.open)
		time.Sleep(1050 * time.Millisecond) // the second call is under way
		cancel()
		<-w.Done()
		time.Sleep(time.Hour)
		d, age, err := w.Latest()
		if err != nil || len(d) != 1 || age < time.Hour || f.closed != 1 || len(f.starts) != 2 {
			t.Errorf("%v, %v, %v; closed %d times, %d calls", d, age, err, f.closed, len(f.starts))
		}
	})
}

func TestWatchTellsAFailedClose(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		f := &fakeSampler{broken: errors.New("stop NVML: broken")}
		w := NewWatch(ctx, f.open)
		time.Sleep(1500 * time.Millisecond)
		cancel()
		<-w.Done()
		if d, _, err := w.Latest(); !errors.Is(err, f.broken) || len(d) != 1 {
			t.Errorf("%v, %v", d, err)
		}
	})
}
