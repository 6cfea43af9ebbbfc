package store

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
)

// TaskOutcome is what became of one task in the evaluations of some runs.
type TaskOutcome struct {
	ID      string
	Stratum string
	Runs    int // that tried it
	N       int // programs, over all runs
	C       int // right ones among them
}

// Share is how many of the programs were right, from 0 to 1.
func (t TaskOutcome) Share() float64 { return float64(t.C) / float64(max(t.N, 1)) }

// Outcomes adds up what became of every task of a set in the evaluations behind the
// results of some runs, sorted by id. from is how many of the runs have one. With an
// error there is what could be read of the others.
func Outcomes(records []Record, set string) (tasks []TaskOutcome, from int, err error) {
	byID := map[string]*TaskOutcome{}
	for _, r := range records {
		items, wrong := resultItems(r, set)
		if wrong != nil {
			err = cmp.Or(err, fmt.Errorf("read outcomes of %s: %w", r.ID, wrong))
		}
		if len(items) > 0 {
			from++
		}
		for _, i := range items {
			t := byID[i.ID]
			if t == nil {
				t = &TaskOutcome{ID: i.ID, Stratum: i.Stratum}
				byID[i.ID] = t
			}
			t.Runs, t.N, t.C = t.Runs+1, t.N+i.N, t.C+i.C
		}
	}
	for _, id := range slices.Sorted(maps.Keys(byID)) {
		tasks = append(tasks, *byID[id])
	}
	return tasks, from, err
}

// resultItems are the items of the evaluation that a run's result is of: of the step
// that it says it chose, else the newest one. A task that is there twice, or that
// says of itself what cannot be, is left out.
func resultItems(r Record, set string) ([]Item, error) {
	names, err := ItemFiles(r, set)
	if err != nil || len(names) == 0 {
		return nil, err
	}
	name := names[0]
	if at, chosen := r.Metrics["eval/at"]; chosen {
		if of := inAttempt(r.Attempt, fmt.Sprintf("items/%s@%.0f.jsonl", set, at)); slices.Contains(names, of) {
			name = of
		}
	}
	items, err := ReadItems(r, name)
	seen := map[string]bool{}
	return slices.DeleteFunc(items, func(i Item) bool {
		wrong := i.ID == "" || i.N < 1 || i.C < 0 || i.C > i.N || i.N > math.MaxInt32 || seen[i.ID]
		seen[i.ID] = true
		return wrong
	}), err
}

// Flip is a task of which two sets of runs made something different.
type Flip struct{ A, B TaskOutcome }

// Flips are the tasks in both of which the shares of right programs differ: first
// those where b gains most over a, last those where it loses most; equal ones by id.
func Flips(a, b []TaskOutcome) []Flip {
	of := make(map[string]TaskOutcome, len(a))
	for _, t := range a {
		of[t.ID] = t
	}
	var flips []Flip
	for _, t := range b {
		if was, ok := of[t.ID]; ok && was.C*t.N != t.C*was.N {
			flips = append(flips, Flip{was, t})
		}
	}
	slices.SortFunc(flips, func(x, y Flip) int {
		return cmp.Or(cmp.Compare(y.B.Share()-y.A.Share(), x.B.Share()-x.A.Share()), cmp.Compare(x.A.ID, y.A.ID))
	})
	return flips
}
