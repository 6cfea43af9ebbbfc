// Package bench measures what this machine does with the program's own parts:
// matrix products, training, sampling, the judge, verification of tasks, training
// by reward, and from a small real experiment the time until two cells that differ
// by 10 points are told apart.
//
// A machine that others use too is slower at one moment than at the next, so
// everything is put beside something that was measured at the same moments: the
// products and models beside the peak, a loop of multiply-adds that touches no
// memory, and the judge beside the bare interpreter. What is compared takes
// turns, round by round. Of products and of the peak the best round counts,
// since their question is what the machine can do; of all else the median, since
// theirs is what one gets.
//
// The files apart from what is measured: flops.go and resolve.go are the
// formulas, figures.go and table.go the result as JSON and as a table.
package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"time"
)

// Sizes say what is measured, and for how long.
type Sizes struct {
	Rounds    int           // of everything that takes turns
	Window    time.Duration // that one timing fills, at least
	Limit     time.Duration // of the rounds of one part; a part whose time is over ends with fewer
	Total     time.Duration // of everything; what is left when the pilot begins is the pilot's
	Layers    []Layer
	Models    []Model
	Sequences int    // that are sampled at once
	Programs  int    // of a batch for the judge
	Tasks     int    // that are verified in a round
	Policy    string // an experiment file with the experiment policy, a run of sft+grpo
	Pilot     string // one with the experiment pilot
}

// Layer is a layer of a model as the three products that training takes of it.
type Layer struct{ Rows, Out, In int }

// Model is the shape of a model and of the batch that it is trained on.
type Model struct {
	Dim     int `json:"d"`
	Layers  int `json:"layers"`
	Context int `json:"context"`
	Batch   int `json:"batch"`
}

// DefaultSizes end within two minutes on two cores.
func DefaultSizes() Sizes {
	return Sizes{
		Rounds: 5,
		Window: 20 * time.Millisecond,
		Limit:  20 * time.Second,
		Total:  115 * time.Second,
		Layers: []Layer{{4096, 128, 128}, {4096, 512, 128}, {4096, 128, 512}, {4096, 1024, 256}, {8192, 256, 64}},
		Models: []Model{
			{Dim: 64, Layers: 2, Context: 64, Batch: 64},
			{Dim: 128, Layers: 4, Context: 128, Batch: 32},
			{Dim: 256, Layers: 6, Context: 128, Batch: 16},
		},
		Sequences: 256,
		Programs:  500,
		Tasks:     1024,
		Policy:    policy,
		Pilot:     pilot,
	}
}

// pilot is two cells of the question that ships, at the size of quick.
const pilot = `
schema = 1

[experiment.pilot]
recipe    = "sft"
equal     = "rows"
objective = { metric = "eval/pass@1", goal = "max" }
seeds     = 5

[[experiment.pilot.cell]]
tasks     = 1024
solutions = 1

[[experiment.pilot.cell]]
tasks     = 512
solutions = 2

[experiment.pilot.params]
steps      = 240
lr         = 8e-3
dim        = 64
layers     = 2
eval_tasks = 1024
eval_every = 240
`

// Bench is a measurement to be made.
type Bench struct {
	Sizes
	Judge   []string // the command line of one of the judge's processes
	Temp    string   // the folder for the pilot's runs; "" for the system's
	Log     io.Writer
	workers int
	began   time.Time
}

// Main is `ablate bench`: it measures this machine and writes the figures to w.
// What it is doing goes to log.
func Main(ctx context.Context, w, log io.Writer, asJSON bool) error {
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find program: %w", err)
	}
	b := Bench{Sizes: DefaultSizes(), Judge: []string{self, "judge"}, Log: log}
	f, err := b.Measure(ctx)
	if err != nil {
		return err
	}
	if !asJSON {
		return f.WriteTable(w)
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(f)
}

// Measure measures everything. An error means that there are no figures; it is
// ctx's if that ended.
func (b Bench) Measure(ctx context.Context) (f Figures, err error) {
	b.began = time.Now()
	b.workers = min(2, runtime.GOMAXPROCS(0))
	f.Machine, f.Formulas = machine(b.workers), formulas()
	peaks := newPeaks(b.Window)
	for _, part := range []struct {
		name    string
		measure func() error
	}{
		{"products of matrices", func() (err error) { f.GEMM, err = b.gemm(ctx, peaks); return err }},
		{"training", func() (err error) { f.Train, err = b.train(ctx, peaks); return err }},
		{"sampling", func() (err error) { f.Sample, err = b.sample(ctx, peaks, f.Train); return err }},
		{"the judge", func() (err error) { f.Judge, err = b.judge(ctx); return err }},
		{"verification of tasks", func() (err error) { f.Verify, err = b.verify(ctx); return err }},
		{"steps by reward", func() (err error) { f.GRPO, err = b.grpo(ctx); return err }},
		{"two cells, trained for real", func() (err error) { f.Resolve, err = b.resolve(ctx); return err }},
	} {
		fmt.Fprintln(b.Log, "measuring "+part.name)
		err := part.measure()
		if ctx.Err() != nil { // err is that too, or what it led to
			err = errors.Join(ctx.Err(), err)
		}
		if err != nil {
			return Figures{}, fmt.Errorf("measure %s: %w", part.name, err)
		}
		runtime.GC() // so that no part pays for what another left
	}
	f.Peak = Peak{One: peaks.best[0] / giga, Two: peaks.best[1] / giga}
	f.relate()
	f.Minutes = f.Resolve.minutes()
	f.Seconds = time.Since(b.began).Seconds()
	return f, nil
}

// rounds calls do for every round, at least once, until the part has used up
// its time.
func (b Bench) rounds(ctx context.Context, do func() error) error {
	began := time.Now()
	for i := range b.Rounds {
		if err := ctx.Err(); err != nil {
			return err
		}
		if i > 0 && time.Since(began) > b.Limit {
			return nil
		}
		if err := do(); err != nil {
			return err
		}
	}
	return nil
}

// median is the middle value, or the mean of the two in the middle.
func median(xs []float64) float64 {
	xs = slices.Sorted(slices.Values(xs))
	n := len(xs)
	return (xs[(n-1)/2] + xs[n/2]) / 2
}
