package runner

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strings"
	"time"

	"ablate/engine"
	"ablate/experiments"
	"ablate/experiments/store"
	"ablate/gpu"
)

// visible is the variable by which CUDA is told which GPUs there are.
const visible = "CUDA_VISIBLE_DEVICES"

const (
	// driverPatience is how long a run that holds GPUs waits for the first readings: a
	// driver that nothing keeps loaded takes seconds for each GPU.
	driverPatience = 20 * time.Second
	// newerPatience is how long it waits for the next ones.
	newerPatience = 3 * time.Second
)

// claim takes as many GPUs as the run holds. The error is engine.ErrBusy, wrapped, if
// others have them, or if there is a driver that does not work now: one that was
// renewed under a long queue is not to fail all of it.
func (r *Runner) claim() (*gpu.Claim, error) {
	want, err := r.want()
	if err != nil || want.N == 0 {
		return &gpu.Claim{}, err
	}
	by := gpu.Holder{PID: os.Getpid(), Store: storeDir(r.Dir, r.run.ID), Run: r.run.ID}
	if u, err := user.Current(); err == nil {
		by.User = u.Username
	}
	dir := cmp.Or(r.Claims, gpu.ClaimsDir)
	devices, err := awaitSample(r.gpus, driverPatience, time.Time{})
	if err != nil && !errors.Is(err, gpu.ErrNoDriver) {
		return nil, fmt.Errorf("%w: %w", engine.ErrBusy, err)
	}
	var c *gpu.Claim
	if err == nil {
		c, err = gpu.Hold(dir, devices, want, by)
	}
	if errors.Is(err, gpu.ErrOccupied) { // maybe by a run that has just ended: its memory is free in a moment
		if newer, late := awaitSample(r.gpus, newerPatience, time.Now()); late == nil {
			c, err = gpu.Hold(dir, newer, want, by)
		}
	}
	switch {
	case errors.Is(err, gpu.ErrBusy):
		return nil, fmt.Errorf("%w: %w", engine.ErrBusy, err)
	case err != nil:
		return nil, fmt.Errorf("start trainer: %w", err)
	}
	return c, nil
}

// want is what the design says of the run's GPUs, and who asked for the attempt: a
// list of theirs stands in the place of the design's.
func (r *Runner) want() (gpu.Want, error) {
	if r.builtIn() {
		return gpu.Want{}, nil
	}
	place := r.design.Placement
	want := gpu.Want{N: r.design.GPUs, Only: place.Only, Type: place.Type, KeepOff: place.KeepOff, Last: suspects(filepath.Dir(r.Dir))}
	if list, ok := os.LookupEnv(visible); ok {
		want.Visible = &list
	}
	asked, err := store.ReadAsked(filepath.Dir(r.Dir))
	if list := store.LastWish(asked).GPUs; err == nil && list != "" {
		want.Only, err = experiments.ReadGPUs(list)
		want.N = cmp.Or(want.N, len(want.Only))
	}
	if err != nil {
		return want, fmt.Errorf("start trainer: %w", err)
	}
	return want, nil
}

// awaitSample waits for readings of this machine's GPUs that were begun after a time.
// The error says what is wrong if none come while patience lasts.
func awaitSample(w *gpu.Watch, patience time.Duration, after time.Time) ([]gpu.Device, error) {
	deadline := time.After(patience)
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for {
		now := time.Now() // before the age is told, or an old reading may look like a new one
		devices, age, err := w.Latest()
		waits := errors.Is(err, gpu.ErrNotYet) || errors.Is(err, gpu.ErrNotAnswering)
		switch {
		case err != nil && !waits:
			return nil, err
		case err == nil && now.Add(-age).After(after):
			return devices, nil
		}
		select {
		case <-deadline:
			return nil, cmp.Or(err, gpu.ErrNotAnswering)
		case <-tick.C:
		}
	}
}

// environ is what the trainer finds: this process's variables, and the GPUs that
// were claimed for it, if any were.
func environ(c *gpu.Claim) []string {
	env := os.Environ()
	if len(c.UUIDs) > 0 {
		env = append(env, visible+"="+strings.Join(c.UUIDs, ",")) // the last of a name counts
	}
	return env
}
