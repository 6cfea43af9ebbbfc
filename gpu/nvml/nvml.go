//go:build (linux || darwin) && !nonvml

// Package nvml reads GPUs through the driver's own library, which is opened at run
// time: each function is looked up by name, and one that an old driver lacks is a
// reading that is not there.
package nvml

import (
	"context"
	"fmt"
	"os"
	"time"

	"ablate/gpu"
)

// nvml reads GPUs through the driver's library. NVML is started once and kept:
// where persistence mode is off, the first client starts the GPUs and the last
// one to leave stops them, which takes seconds each time.
type nvml struct {
	lib     *library
	host    gpu.Text
	boards  []*board // by index
	set     uintptr  // of events
	request gpmRequest
	now     func() time.Time
	closed  bool
}

// Open loads the driver's library from path and starts it. An empty path
// means libnvidia-ml.so.1 where the system's loader finds it. Without a library
// the error is gpu.ErrNoDriver. The library stays mapped after Close.
func Open(path string) (gpu.Sampler, error) {
	lib, err := load(path)
	if err != nil {
		return nil, err
	}
	host, err := os.Hostname()
	if err != nil {
		return nil, fmt.Errorf("read host name: %w", err)
	}
	if r := lib.initialise(); r != ok {
		return nil, fmt.Errorf("start NVML: %w", r)
	}
	return &nvml{lib: lib, host: gpu.Text(host), set: lib.eventSet(), now: time.Now}, nil
}

// Sample reads every GPU: some 15 calls each, and some 25 now and then. The slices of a
// GPU in MIG mode come after it, under its index.
func (n *nvml) Sample(ctx context.Context) ([]gpu.Device, error) {
	if n.closed {
		return nil, gpu.ErrClosed
	}
	count, r := n.lib.count()
	if r != ok {
		return nil, fmt.Errorf("count GPUs: %w", r)
	}
	for i := len(n.boards); i < count; i++ {
		n.boards = append(n.boards, &board{kept: gpu.Device{Host: n.host, Index: i}})
	}
	now := n.now()
	n.collect(now)
	devices := make([]gpu.Device, 0, count)
	for i, b := range n.boards[:count] {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("sample GPU %d: %w", i, err)
		}
		devices = n.read(b, devices, now)
	}
	return devices, nil
}

// Close stops NVML for this sampler; another one in the process goes on.
func (n *nvml) Close() error {
	if n.closed {
		return nil
	}
	n.closed = true
	for _, b := range n.boards {
		b.profile.close(n.lib)
	}
	n.lib.closeSet(n.set)
	if r := n.lib.shutdown(); r != ok {
		return fmt.Errorf("stop NVML: %w", r)
	}
	return nil
}
