// Package driver reads this machine's GPUs from a process of its own, so that a sick
// GPU, whose calls may never return, cannot hold up whoever shows its readings.
//
//	gpu.Watch -> child (a pipe) -> `ablate sample` -> NVML, else nvidia-smi
package driver

import (
	"context"
	"fmt"
	"os"
	"time"

	"ablate/gpu"
	"ablate/gpu/nvml"
)

// Watch reads this machine's GPUs once a second until ctx ends.
func Watch(ctx context.Context) *gpu.Watch {
	return gpu.NewWatch(ctx, func() (gpu.Sampler, error) {
		program, err := os.Executable()
		if err != nil {
			return nil, fmt.Errorf("find program: %w", err)
		}
		return Open(program)
	}, time.Second)
}

// Open returns a sampler of this machine's GPUs, or gpu.ErrNoDriver. program is the
// executable that samples, as `program sample`.
func Open(program string) (gpu.Sampler, error) { return nvml.Open("") }
