package remote

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"ablate/gpu"
)

// takes is a sampler whose calls take a time.
type takes time.Duration

func (s takes) Sample(context.Context) ([]gpu.Device, error) {
	time.Sleep(time.Duration(s))
	return nil, nil
}

func (s takes) Close() error { return nil }

// A fleet that is closed has nothing left of itself, but of a driver that hangs, for
// which nobody waits.
func TestClose(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		call, most time.Duration
		left       bool
	}{
		{50 * time.Millisecond, 50 * time.Millisecond, false},
		{time.Hour, closing, true},
	} {
		synctest.Test(t, func(t *testing.T) {
			local := func(ctx context.Context) *gpu.Watch {
				return gpu.NewWatch(ctx, func() (gpu.Sampler, error) { return takes(c.call), nil })
			}
			f := newFleet(t.Context(), local, newSSH("ssh"))
			synctest.Wait() // it is in its first call
			began := time.Now()
			f.Close()
			if took := time.Since(began); took != c.most {
				t.Errorf("a call of %v: closed after %v, want %v", c.call, took, c.most)
			}
			synctest.Wait()
			select {
			case <-f.local.Done():
				if c.left {
					t.Error("a driver that hangs has ended")
				}
			default:
				if !c.left {
					t.Error("the reader of this machine is left")
				}
			}
			time.Sleep(c.call)
			<-f.local.Done()
		})
	}
}
