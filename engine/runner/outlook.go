package runner

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"time"

	"ablate/engine"
	"ablate/experiments/store"
	"ablate/gpu"
	"ablate/gpu/driver"
)

// Outlook returns what tells of a run, by its folder, what it would wait for if it were
// launched now, for engine.Launcher.Foresee: GPUs. They are read by program, and only
// while somebody asks.
func Outlook(ctx context.Context, program string) func(runDir string) func() error {
	o := &outlook{ctx: ctx, open: func() (gpu.Sampler, error) { return driver.Open(program) }}
	return o.of
}

// askedFor is how long GPUs are read after the last question.
const askedFor = time.Minute

// outlook reads the GPUs of this machine for all runs that wait for some.
type outlook struct {
	ctx    context.Context //nolint:containedctx // the life of every watch, begun by whatever question comes
	open   func() (gpu.Sampler, error)
	claims string // "" is gpu.ClaimsDir

	mu    sync.Mutex
	watch *gpu.Watch // nil: nobody asks
	idle  *time.Timer
}

// of is nil of a run that holds none, or whose wishes cannot be read: its launch tells.
func (o *outlook) of(runDir string) func() error {
	r := &Runner{Dir: store.AttemptDir(runDir, 1)} // any attempt has the run's
	if store.ReadJSON(filepath.Join(runDir, "run.json"), &r.run) != nil {
		return nil
	}
	var err error
	if r.design, err = r.readDesign(); err != nil {
		return nil
	}
	want, err := r.want()
	if err != nil || want.N == 0 {
		return nil
	}
	return func() error { return o.lacks(want) }
}

func (o *outlook) lacks(want gpu.Want) error {
	devices, _, err := o.reads().Latest()
	switch {
	case errors.Is(err, gpu.ErrNotYet), errors.Is(err, gpu.ErrNoDriver):
		return err
	case err != nil:
		return fmt.Errorf("%w: %w", engine.ErrBusy, err)
	}
	if err := gpu.Lacks(cmp.Or(o.claims, gpu.ClaimsDir), devices, want); errors.Is(err, gpu.ErrBusy) {
		return fmt.Errorf("%w: %w", engine.ErrBusy, err)
	}
	return nil // what waiting does not mend its launch tells, too
}

// reads are readings for some while.
func (o *outlook) reads() *gpu.Watch {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.watch != nil && o.idle.Stop() {
		o.idle.Reset(askedFor)
		return o.watch
	}
	ctx, cancel := context.WithCancel(o.ctx)
	o.watch = gpu.NewWatch(ctx, o.open)
	o.idle = time.AfterFunc(askedFor, cancel)
	return o.watch
}
