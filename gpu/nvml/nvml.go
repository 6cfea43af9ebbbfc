//go:build (linux || darwin) && !nonvml

// Package nvml reads GPUs through the driver's own library, which is opened at run
// time: each function is looked up by name, and one that an old driver lacks is a
// reading that is not there.
package nvml

import (
	"context"
	"fmt"
	"os"

	"ablate/gpu"
)

// nvml reads GPUs through the driver's library. NVML is started once and kept:
// where persistence mode is off, the first client starts the GPUs and the last
// one to leave stops them, which takes seconds each time.
type nvml struct {
	lib    *library
	host   gpu.Text
	known  map[int]identity
	closed bool
}

// identity is what stays the same while NVML is started, kept so that a GPU
// that falls off the bus can still be named.
type identity struct{ uuid, name gpu.Text }

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
	if r := lib.start(); r != ok {
		return nil, fmt.Errorf("start NVML: %w", r)
	}
	return &nvml{lib: lib, host: gpu.Text(host), known: map[int]identity{}}, nil
}

// Sample reads what a status line shows: about 8 calls a GPU.
func (n *nvml) Sample(ctx context.Context) ([]gpu.Device, error) {
	if n.closed {
		return nil, gpu.ErrClosed
	}
	count, r := n.lib.count()
	if r != ok {
		return nil, fmt.Errorf("count GPUs: %w", r)
	}
	devices := make([]gpu.Device, 0, count)
	for i := range count {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("sample GPU %d: %w", i, err)
		}
		devices = append(devices, n.read(i))
	}
	return devices, nil
}

// Close stops NVML for this sampler; another one in the process goes on.
func (n *nvml) Close() error {
	if n.closed {
		return nil
	}
	n.closed = true
	if r := n.lib.shutdown(); r != ok {
		return fmt.Errorf("stop NVML: %w", r)
	}
	return nil
}

// read takes one GPU's reading. The handle is asked for each time (a look-up
// in the library's memory), since one kept over a reset stays invalid.
func (n *nvml) read(index int) gpu.Device {
	d := gpu.Device{Host: n.host, Index: index}
	h, r := n.lib.handle(index)
	if r != ok {
		d.UUID, d.Name = n.known[index].uuid, n.known[index].name
		d.Error = gpu.Text(fmt.Sprintf("open GPU: %v", r))
		return d
	}
	n.readings(h, &d)
	id := n.known[index]
	if d.UUID == "" {
		d.UUID = id.uuid
	}
	if d.Name == "" {
		d.Name = id.name
	}
	n.known[index] = identity{uuid: d.UUID, name: d.Name}
	return d
}

// readings fills d, each value by itself: one that this driver or this GPU
// does not offer stays null without a word, any other failure is d.Error. A
// GPU that is lost is asked nothing more, because such calls are slow or hang.
func (n *nvml) readings(h handle, d *gpu.Device) {
	for _, step := range []struct {
		what string
		read func() result
	}{
		{"UUID", func() result { return n.lib.text(n.lib.uuid, h, &d.UUID) }},
		{"name", func() result { return n.lib.text(n.lib.name, h, &d.Name) }},
		{"busy share", func() result { return n.lib.busy(h, &d.BusyPct) }},
		{"memory", func() result { return n.lib.memory(h, &d.MemoryUsedBytes, &d.MemoryTotalBytes) }},
		{"power", func() result { return n.lib.watts(n.lib.power, h, &d.PowerW) }},
		{"power limit", func() result { return n.lib.watts(n.lib.limit, h, &d.PowerLimitW) }},
		{"temperature", func() result { return n.lib.celsius(h, &d.TemperatureC) }},
	} {
		r := step.read()
		if r == ok || r == notSupported || r == functionNotFound {
			continue
		}
		if d.Error == "" {
			d.Error = gpu.Text(fmt.Sprintf("read %s: %v", step.what, r))
		}
		if r == gpuLost || r == resetRequired {
			return
		}
	}
}
