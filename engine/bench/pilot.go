package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"

	"ablate/engine/judge"
	"ablate/engine/recipe"
	"ablate/experiments"
	"ablate/experiments/store"
)

// mostSlots is how many runs the engine takes at a time, at most.
const mostSlots = 8

// lab is a folder for runs and judges for them, which end with leave.
func (b Bench) lab(judges int) (dir string, pool *judge.Pool, leave func() error, err error) {
	if dir, err = os.MkdirTemp(b.Temp, "ablate-bench-*"); err != nil {
		return "", nil, nil, fmt.Errorf("make folder for runs: %w", err)
	}
	if pool, err = judge.Open(b.Judge, judges, judge.DefaultLimits()); err != nil {
		return "", nil, nil, errors.Join(err, os.RemoveAll(dir))
	}
	return dir, pool, func() error { return errors.Join(pool.Close(), os.RemoveAll(dir)) }, nil
}

// resolve trains the pilot, as many runs at a time as the engine would, until
// the time for everything is used up.
func (b Bench) resolve(ctx context.Context) (r Resolve, err error) {
	plan, err := planOf(b.Pilot, "pilot")
	if err != nil {
		return r, err
	}
	slots := min(runtime.GOMAXPROCS(0), mostSlots, len(plan.Cells)*len(plan.Seeds))
	dir, pool, leave, err := b.lab(slots)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, leave()) }()

	inTime, cancel := context.WithDeadline(ctx, b.began.Add(b.Total))
	defer cancel()
	p := &pilotRuns{plan: plan, left: plan.Runs(), dir: dir, pool: pool, log: b.Log, scores: map[runKey]float64{}}
	var wait sync.WaitGroup
	for range slots {
		wait.Go(func() {
			if err := p.work(inTime); err != nil {
				cancel() // nothing that is left would be used
			}
		})
	}
	wait.Wait()
	return newResolve(p.cells(), p.seconds, slots), p.failed
}

// planOf reads the design of the experiment that a file names.
func planOf(file, name string) (*experiments.Plan, error) {
	f, err := experiments.Parse(name, []byte(file), recipe.Table())
	if err != nil {
		return nil, err
	}
	e, err := f.Experiment(name)
	if err != nil {
		return nil, err
	}
	return e.Plan(), nil
}

// pilotRuns are the runs of the pilot, shared by the goroutines that carry them
// out.
type pilotRuns struct {
	plan *experiments.Plan
	dir  string
	pool *judge.Pool

	mu      sync.Mutex
	log     io.Writer
	left    []experiments.Run // all cells of a seed before the next seed
	scores  map[runKey]float64
	seconds []float64 // of every run that ended
	failed  error
}

type runKey struct {
	cell string
	seed int64
}

// work carries out runs until none is left or ctx ends. A run that was cut off
// is no error, but has no score.
func (p *pilotRuns) work(ctx context.Context) error {
	for {
		run, dir, ok := p.next()
		if !ok || ctx.Err() != nil {
			return nil
		}
		var score float64
		var err error
		took := elapsed(func() { score, err = p.score(ctx, run, dir) })
		if errors.Is(err, recipe.ErrStopped) {
			return nil
		}
		p.mu.Lock()
		if err == nil {
			p.scores[runKey{run.Cell, run.Seed}] = score
			p.seconds = append(p.seconds, took.Seconds())
			fmt.Fprintf(p.log, "  %s s%d: %s %.3f in %.1f s\n", plainName(run.Cell), run.Seed, p.plan.Objective.Metric, score, took.Seconds())
		}
		p.failed = errors.Join(p.failed, err)
		p.mu.Unlock()
		if err != nil {
			return err
		}
	}
}

// next takes a run from those that are left and names a folder for it.
func (p *pilotRuns) next() (run experiments.Run, dir string, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.left) == 0 {
		return run, "", false
	}
	run, dir = p.left[0], filepath.Join(p.dir, strconv.Itoa(len(p.left)))
	p.left = p.left[1:]
	return run, dir, true
}

// score trains one run and returns its score.
func (p *pilotRuns) score(ctx context.Context, run experiments.Run, dir string) (float64, error) {
	if err := carryOut(ctx, run, dir, recipe.Means{Pool: p.pool, Workers: 1, Log: io.Discard}); err != nil {
		return 0, err
	}
	var result store.Outcome
	if err := store.ReadJSON(filepath.Join(dir, "result.json"), &result); err != nil {
		return 0, err
	}
	return result.Metrics[p.plan.Objective.Metric], nil
}

// cells are the cells with the scores of those seeds that are done in all of
// them.
func (p *pilotRuns) cells() []PilotCell {
	cells := make([]PilotCell, len(p.plan.Cells))
	for i, c := range p.plan.Cells {
		cells[i] = PilotCell{Name: plainName(c.Name), Scores: []float64{}}
	}
	for _, s := range p.plan.Seeds {
		var row []float64
		for _, c := range p.plan.Cells {
			if v, ok := p.scores[runKey{c.Name, s}]; ok {
				row = append(row, v)
			}
		}
		if len(row) < len(cells) {
			continue
		}
		for i, v := range row {
			cells[i].Scores = append(cells[i].Scores, v)
		}
	}
	return cells
}

// plainName is a cell's name without its hash: "tasks=1024,solutions=1".
func plainName(cell string) string {
	name, _, _ := strings.Cut(cell, "~")
	return name
}
