// Package gputest is what tests of GPUs share: the rules that every sampler keeps,
// and a driver's library that answers from a file.
package gputest

import (
	"context"
	"errors"
	"slices"
	"testing"

	"ablate/gpu"
)

// Sampler is what every gpu.Sampler has to do. open gives one of a machine
// with at least one GPU.
func Sampler(t *testing.T, open func(t *testing.T) gpu.Sampler) {
	for name, rule := range map[string]func(*testing.T, gpu.Sampler){
		"tells GPUs apart": tellsApart, "gives its slice away": givesAway, "ends with its context": ends, "closes once": closes,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rule(t, open(t))
		})
	}
}

func tellsApart(t *testing.T, s gpu.Sampler) {
	for range 3 {
		seen := map[gpu.Text]bool{}
		devices := Sample(t, s)
		if !slices.IsSortedFunc(devices, func(a, b gpu.Device) int { return a.Index - b.Index }) || len(devices) == 0 {
			t.Fatalf("devices not in the order of their index: %+v", devices)
		}
		for _, d := range devices {
			if d.UUID == "" || d.Host == "" || d.Name == "" || seen[d.UUID] {
				t.Errorf("GPU %d is not told apart: %+v", d.Index, d)
			}
			seen[d.UUID] = true
		}
	}
}

func givesAway(t *testing.T, s gpu.Sampler) {
	first := Sample(t, s)
	kept := slices.Clone(first)
	clear(first)
	for range 4 { // a replay comes back to its first sample
		if got := Sample(t, s); slices.ContainsFunc(got, func(d gpu.Device) bool { return d.UUID == "" }) {
			t.Fatalf("a change in %v reached the sampler: %v", kept, got)
		}
	}
}

func ends(t *testing.T, s gpu.Sampler) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Sample(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want %v", err, context.Canceled)
	}
}

func closes(t *testing.T, s gpu.Sampler) {
	Sample(t, s)
	for range 2 {
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Sample(t.Context()); !errors.Is(err, gpu.ErrClosed) {
		t.Errorf("error %v, want %v", err, gpu.ErrClosed)
	}
}

// Sample takes one reading.
func Sample(t testing.TB, s gpu.Sampler) []gpu.Device {
	t.Helper()
	devices, err := s.Sample(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return devices
}
