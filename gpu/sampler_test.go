package gpu

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// contractKeys are the keys of `gpu --json`, in the order of the contract.
var contractKeys = []string{
	"host", "index", "uuid", "name", "busy_pct", "sm_active_pct", "tensor_active_pct", "dram_active_pct",
	"memory_used_bytes", "memory_total_bytes", "power_w", "power_limit_w", "temperature_c", "throttle",
	"energy_j", "processes", "age_s", "error",
}

// testSampler is what every Sampler has to do. open gives one of a machine
// with at least one GPU.
func testSampler(t *testing.T, open func(t *testing.T) Sampler) {
	t.Run("tells GPUs apart", func(t *testing.T) {
		t.Parallel()
		s := open(t)
		for range 3 {
			seen := map[Text]bool{}
			devices := sample(t, s)
			if !slices.IsSortedFunc(devices, func(a, b Device) int { return a.Index - b.Index }) || len(devices) == 0 {
				t.Fatalf("devices not in the order of their index: %+v", devices)
			}
			for _, d := range devices {
				if d.UUID == "" || d.Host == "" || d.Name == "" || seen[d.UUID] {
					t.Errorf("GPU %d is not told apart: %+v", d.Index, d)
				}
				seen[d.UUID] = true
			}
		}
	})
	t.Run("keeps the contract's keys", func(t *testing.T) {
		t.Parallel()
		text, err := json.Marshal(sample(t, open(t)))
		if err != nil {
			t.Fatal(err)
		}
		var objects []map[string]any
		if err := json.Unmarshal(text, &objects); err != nil {
			t.Fatal(err)
		}
		for _, o := range objects {
			for _, k := range contractKeys {
				if v, there := o[k]; !there || v == "" {
					t.Errorf("key %s: %v, present %v", k, v, there)
				}
			}
			if len(o) != len(contractKeys) {
				t.Errorf("%d keys, want %d", len(o), len(contractKeys))
			}
		}
	})
	t.Run("gives its slice away", func(t *testing.T) {
		t.Parallel()
		s := open(t)
		first := sample(t, s)
		kept := slices.Clone(first)
		clear(first)
		for range 4 { // a replay comes back to its first sample
			if got := sample(t, s); slices.ContainsFunc(got, func(d Device) bool { return d.UUID == "" }) {
				t.Fatalf("a change in %v reached the sampler: %v", kept, got)
			}
		}
	})
	t.Run("ends with its context", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := open(t).Sample(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("error %v, want %v", err, context.Canceled)
		}
	})
	t.Run("closes once", func(t *testing.T) {
		t.Parallel()
		s := open(t)
		sample(t, s)
		for range 2 {
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := s.Sample(t.Context()); !errors.Is(err, ErrClosed) {
			t.Errorf("error %v, want %v", err, ErrClosed)
		}
	})
}

func sample(t *testing.T, s Sampler) []Device {
	t.Helper()
	devices, err := s.Sample(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return devices
}

// TestDeviceJSON holds the contract: what was not read is null, a reading of
// zero is 0, and both come back as they were.
func TestDeviceJSON(t *testing.T) {
	t.Parallel()
	d := Device{Index: 1, UUID: "GPU-1", BusyPct: new(0.0), MemoryUsedBytes: new(uint64(0)), Throttle: []string{}}
	const want = `{"host":null,"index":1,"uuid":"GPU-1","name":null,"busy_pct":0,"sm_active_pct":null,` +
		`"tensor_active_pct":null,"dram_active_pct":null,"memory_used_bytes":0,"memory_total_bytes":null,` +
		`"power_w":null,"power_limit_w":null,"temperature_c":null,"throttle":[],"energy_j":null,` +
		`"processes":null,"age_s":0,"error":null}`
	text, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(text)); diff != "" {
		t.Errorf("JSON (-want +got):\n%s", diff)
	}
	var back Device
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(d, back); diff != "" {
		t.Errorf("there and back (-want +got):\n%s", diff)
	}
}
