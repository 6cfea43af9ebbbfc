// Package driver reads this machine's GPUs from a process of its own, so that a sick
// GPU, whose calls may never return, cannot hold up whoever shows its readings.
//
//	gpu.Watch -> child (a pipe) -> `ablate sample` -> NVML, else nvidia-smi
//
// The child opens the driver once and keeps it. It is asked for a sample by a line, and
// answers with one. One that hangs is killed after a minute; a new one is started only
// once nothing of it is left, because a process that is stuck in the driver does not
// die, and a second one would be stuck beside it. So is one that crashed, after a wait.
// Nor does another program of this user start one while a child has been in a call for
// over 10 s, which its mark tells: a locked file.
package driver

import (
	"context"
	"errors"
	"fmt"
	"os"

	"ablate/gpu"
)

// Watch reads this machine's GPUs once a second until ctx ends.
func Watch(ctx context.Context) *gpu.Watch {
	return gpu.NewWatch(ctx, func() (gpu.Sampler, error) {
		program, err := os.Executable()
		if err != nil {
			return nil, fmt.Errorf("find program: %w", err)
		}
		return Open(program)
	})
}

// Open returns a sampler of this machine's GPUs. program is the executable that
// samples, as `program sample`. Where nothing of a driver is, the error is
// gpu.ErrNoDriver and no process is started; one that turns out not to work is an
// error of Sample, which tries again now and then.
func Open(program string) (gpu.Sampler, error) {
	if os.Getenv(inChild) != "" {
		return nil, errors.New("open GPUs: the process that reads them was asked to start another")
	}
	if !present() {
		return nil, gpu.ErrNoDriver
	}
	return newChild(program), nil
}
