package report

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"ablate/experiments"
	"ablate/experiments/store"
)

// Ends of a command that watched runs.
var (
	ErrNotDone     = errors.New("not every run is done")
	ErrInterrupted = errors.New("stopped watching")
)

// lookEvery is the time between two looks of who watches without a screen.
const lookEvery = 200 * time.Millisecond

// Watch is `run` without a screen: progress lines on progress until no run of the
// plan is live any more, then the result table on w. ErrNotDone says that some
// run is not done, ErrInterrupted that ctx ended first; the runs go on then.
func Watch(ctx context.Context, w, progress io.Writer, s *store.Store, p *experiments.Plan) error {
	feed := store.NewFeed(ctx, s, lookEvery, store.Focus{Experiment: p.Experiment, Metrics: Watched(p.Objective.Metric)})
	records, err := Progress(ctx, progress, p, feed)
	if ctx.Err() != nil {
		fmt.Fprintf(progress, "stopped watching; the runs go on: `ablate run %[1]s` watches again, `ablate stop %[1]s` ends them\n", p.Experiment)
		return ErrInterrupted
	}
	if err != nil {
		return err
	}
	defer ring(progress)
	if err := resultOf(w, s, p, records); err != nil {
		return err
	}
	if slices.ContainsFunc(records, func(r store.Record) bool { return r.Status != store.Done }) {
		return ErrNotDone
	}
	return nil
}
