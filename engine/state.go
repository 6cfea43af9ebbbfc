package engine

import (
	"cmp"
	"path/filepath"
	"slices"

	"ablate/experiments"
	"ablate/experiments/store"
)

// State tells who holds what of an engine, for `engine status` and `queue`.
type State struct {
	Runs    []Holder  `json:"runs"`    // that live: in slots, then the halted ones
	Queue   []Waiting `json:"queue"`   // the next one first; then those that are not due
	Budgets []Budget  `json:"budgets"` // of the experiments that have any and had runs here
}

// Holder is a run that lives.
type Holder struct {
	ID      string   `json:"id"`
	Attempt int      `json:"attempt"`
	Since   float64  `json:"since"` // seconds since 1970; 0 while it is being launched
	Host    string   `json:"host"`
	Runner  int      `json:"runner_pid"`
	Trainer int      `json:"trainer_pid"`
	Workers int      `json:"workers"`
	GPUs    []string `json:"gpus"`   // UUIDs that were claimed for it
	Pinned  string   `json:"pinned"` // the list that it was asked for with, "0-3": in the place of the design's; else ""
	Halted  bool     `json:"halted"`
	Ends    string   `json:"ends"` // what it was asked to end as: stopped, paused; else ""
}

// Waiting is a run that waits.
type Waiting struct {
	ID      string   `json:"id"`
	By      string   `json:"by"`
	Asked   float64  `json:"asked"`   // seconds since 1970
	Due     *float64 `json:"due"`     // likewise: it comes into the queue then; null: it is there
	Starts  *float64 `json:"starts"`  // likewise, as far as runs before it tell; null: not known
	Halted  bool     `json:"halted"`  // it goes on then
	Retries string   `json:"retries"` // why the engine tries it again; else ""
	Lacks   string   `json:"lacks"`   // what it needs and others have in use, and who; else ""
	Pinned  string   `json:"pinned"`  // as of a Holder
}

// Budget is what the runs of an experiment used of its limits; null: no limit.
type Budget struct {
	Experiment string `json:"experiment"`
	Runs       *Used  `json:"runs"`
	Wall       *Used  `json:"wall_s"`
	GPUHours   *Used  `json:"gpu_hours"`
}

// Used is how much of a limit was used.
type Used struct {
	Used  float64 `json:"used"`
	Limit float64 `json:"limit"`
}

func (e *Engine) state() *State {
	s := &State{Runs: []Holder{}, Queue: []Waiting{}, Budgets: []Budget{}}
	for id, run := range e.slots.runs {
		s.Runs = append(s.Runs, e.folders.holder(id, run))
	}
	slices.SortFunc(s.Runs, func(a, b Holder) int {
		return cmp.Or(compareFalse(a.Halted, b.Halted), compareFalse(a.Since == 0, b.Since == 0), cmp.Compare(a.Since, b.Since), cmp.Compare(a.ID, b.ID))
	})
	for _, w := range e.queue.all() {
		x := Waiting{ID: w.id, By: w.asked.By, Asked: w.asked.Time, Halted: e.slots.halted(w.id), Lacks: e.crowds.whyHeld(w), Pinned: w.asked.GPUs}
		if d, ok := e.queue.later[w.id]; ok {
			x.Due = new(float64(d.at.UnixMicro()) / 1e6)
		}
		if w.asked.Retry > 0 {
			x.Retries = w.asked.Text
		}
		s.Queue = append(s.Queue, x)
	}
	now := store.Now()
	for name, t := range e.books.known {
		if t.meter != nil && t.limits != (experiments.Limits{}) {
			used, _, _ := t.meter.used(now)
			s.Budgets = append(s.Budgets, newBudget(name, used, t.limits))
		}
	}
	slices.SortFunc(s.Budgets, func(a, b Budget) int { return cmp.Compare(a.Experiment, b.Experiment) })
	return s
}

// compareFalse puts what is not so first.
func compareFalse(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	default:
		return 1
	}
}

func (f folders) holder(id string, run *liveRun) Holder {
	h := Holder{ID: id, GPUs: []string{}, Halted: run.halted, Ends: string(run.ends)}
	dir := f.RunDir(id)
	h.Attempt, _ = store.Attempts(dir) // what cannot be read is left out: this is for people
	if asked, err := store.ReadAsked(dir); err == nil {
		h.Pinned = store.LastWish(asked).GPUs
	}
	if run.job == nil {
		return h
	}
	var start store.Start
	if store.ReadJSON(filepath.Join(store.AttemptDir(dir, h.Attempt), "start.json"), &start) == nil {
		h.Since, h.Host, h.Workers = start.Time, start.Host, start.Workers
		h.Runner, h.Trainer = start.Runner.PID, start.Trainer.PID
		h.GPUs = append(h.GPUs, start.Held...)
	}
	return h
}

func newBudget(name string, used, limits experiments.Limits) Budget {
	b := Budget{Experiment: name}
	if limits.Runs > 0 {
		b.Runs = &Used{float64(used.Runs), float64(limits.Runs)}
	}
	if limits.Wall > 0 {
		b.Wall = &Used{used.Wall, limits.Wall}
	}
	if limits.GPUHours > 0 {
		b.GPUHours = &Used{used.GPUHours, limits.GPUHours}
	}
	return b
}
