package report

import (
	"reflect"
	"slices"
	"time"

	"ablate/experiments"
	"ablate/experiments/store"
)

// provenance is where the numbers of a report come from.
type provenance struct {
	Runs       int      `json:"runs"`       // that are done
	Newest     string   `json:"newest"`     // the day the last of them ended, UTC; "": none
	Recipes    []string `json:"recipes"`    // with their versions
	Programs   []string `json:"programs"`   // git commits, or versions where there is none
	Arithmetic []string `json:"arithmetic"` // of the CPU
	Cores      int      `json:"cores"`      // of the machine with the newest run
	newest     float64
}

// environment is what a report needs of env.json.
type environment struct {
	Version    string `json:"version"`
	Commit     string `json:"git_commit"`
	Diff       string `json:"git_diff"`
	CPUs       int    `json:"cpus"`
	Arithmetic string `json:"arithmetic"`
	OS         string `json:"os"`
	Arch       string `json:"arch"`
	Host       string `json:"host"`
	CPU        string `json:"cpu_model"`
	Driver     string `json:"nvidia_driver"`
	GPUs       []struct {
		Name string `json:"name"`
	} `json:"gpus"`
}

func environmentOf(r store.Record) (e environment) {
	_ = store.ReadRunJSON(r.Dir, r.Attempt, "env.json", &e) // old or damaged: it says nothing
	return e
}

// add takes up a run that is done, and gives what it ran in.
func (p *provenance) add(r store.Record, recipe string) environment {
	e := environmentOf(r)
	program := e.Version
	if e.Commit != "" {
		program = e.Commit[:min(len(e.Commit), 12)]
	}
	p.Runs++
	note(&p.Recipes, recipe)
	note(&p.Programs, program)
	note(&p.Arithmetic, e.Arithmetic)
	if r.Ended > p.newest {
		p.newest, p.Cores = r.Ended, e.CPUs
		p.Newest = time.UnixMilli(int64(r.Ended * 1000)).UTC().Format(time.DateOnly)
	}
	return e
}

// note keeps a word once, in alphabetical order.
func note(list *[]string, word string) {
	if i, found := slices.BinarySearch(*list, word); !found && word != "" {
		*list = slices.Insert(*list, i, word)
	}
}

// coresOf is how many cores a run was given.
func coresOf(r store.Record) int {
	var s store.Start
	_ = store.ReadRunJSON(r.Dir, r.Attempt, "start.json", &s) // it had one at least
	return max(1, s.Workers)
}

// cores is how many cores the machine of the evidence has, 1 where nobody knows.
func (e *evidence) cores() int {
	n := 1
	for _, run := range e.plan.Runs() {
		if r, ok := e.runs[run.ID]; ok && r.Attempt > 0 {
			n = max(n, environmentOf(r).CPUs)
		}
	}
	return n
}

// askedBefore is true if the design that a run was started with asks the finding:
// the same effect, expected on the same side. Its words may have changed since.
func (e *evidence) askedBefore(r store.Record, f experiments.Finding) bool {
	p, ok := e.plans[r.PlanHash]
	if !ok {
		p = new(experiments.Plan)
		_ = store.ReadJSON(e.comparer.store.KeptPlan(r.Experiment, r.PlanHash), p) // a design that is gone asks nothing
		e.plans[r.PlanHash] = p
	}
	bare := func(f experiments.Finding) experiments.Finding {
		f.Letter, f.Claim, f.Paper, f.Note = "", "", "", ""
		return f
	}
	return slices.ContainsFunc(p.Findings, func(g experiments.Finding) bool { return reflect.DeepEqual(bare(f), bare(g)) })
}
