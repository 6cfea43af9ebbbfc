package gpu_test

import (
	"context"
	"testing"
	"time"

	"ablate/gpu"
)

// hung is a sampler whose second call does not return before its context ends.
type hung struct{ called bool }

func (h *hung) Sample(ctx context.Context) ([]gpu.Device, error) {
	if h.called {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	h.called = true
	return make([]gpu.Device, 8), nil
}

func (*hung) Close() error { return nil }

// BenchmarkWatchLatest is what a reader pays, also while the driver hangs.
func BenchmarkWatchLatest(b *testing.B) {
	w := gpu.NewWatch(b.Context(), func() (gpu.Sampler, error) { return &hung{}, nil })
	for devices, _, _ := w.Latest(); len(devices) == 0; devices, _, _ = w.Latest() {
		<-time.After(time.Millisecond)
	}
	for b.Loop() {
		_, _, _ = w.Latest()
	}
}
