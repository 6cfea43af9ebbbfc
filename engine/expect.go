package engine

import (
	"slices"

	"ablate/experiments/store"
)

// expect fills in when what waits may start, as far as the runs of before tell.
func expect(in *store.Store, places int, s *State) {
	known := map[string]float64{}
	takes := func(id string) float64 {
		name := experimentOf(id)
		if _, ok := known[name]; !ok {
			known[name] = meanSeconds(in, name)
		}
		return known[name]
	}
	now := store.Now()
	var ends []float64
	for _, r := range s.Runs {
		switch t := takes(r.ID); {
		case r.Halted:
		case t == 0:
			return
		default:
			ends = append(ends, max(now, r.Since+t))
		}
	}
	var waiting []*Waiting
	var take []float64
	for i := range s.Queue {
		if x := &s.Queue[i]; x.Due == nil && x.Lacks == "" { // else nobody knows
			waiting, take = append(waiting, x), append(take, takes(x.ID))
		}
	}
	for i, at := range starts(now, places, ends, take) {
		waiting[i].Starts = &at
	}
}

// starts is when the runs of a queue start, each in the place that is free first,
// given when the live ones end and how long each takes; behind one of which that
// is not known, 0, nobody knows.
func starts(now float64, places int, ends, take []float64) (at []float64) {
	free := slices.Sorted(slices.Values(ends))
	for len(free) < places {
		free = append([]float64{now}, free...)
	}
	free = free[len(free)-places:] // places that are too many go as their runs end
	for _, t := range take {
		at = append(at, free[0])
		if t == 0 {
			break
		}
		free[0] += t
		slices.Sort(free)
	}
	return at
}

// meanSeconds is how long the runs of an experiment took that are done, 0 if none
// is.
func meanSeconds(s *store.Store, experiment string) float64 {
	var sum, n float64
	records, _ := s.Records(experiment) // those that can be read are enough for a guess
	for _, r := range records {
		if r.Status == store.Done {
			sum += r.Seconds
			n++
		}
	}
	return sum / max(n, 1)
}
