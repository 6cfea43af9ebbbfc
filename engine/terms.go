package engine

import (
	"cmp"
	"log/slog"
	"math"
	"slices"
	"strings"
	"time"

	"ablate/experiments"
	"ablate/experiments/store"
)

// terms are what the design of an experiment says about how its runs are handled.
type terms struct {
	limits experiments.Limits
	retry  experiments.Retry
	halts  bool           // a pause halts its trainers
	place  map[string]int // of its runs, by id, in the order in which they should start
	meter  *meter         // nil without limits
}

// spent says which budget of time is used up, in words; "" if none is.
func (t *terms) spent() string {
	if t.meter == nil {
		return ""
	}
	return t.meter.spent(t.limits, store.Now())
}

// full says in words why no attempt may begin any more; "" if one may.
func (t *terms) full() string {
	if t.meter == nil {
		return ""
	}
	return t.meter.full(t.limits, store.Now())
}

// books are the terms of all experiments that had runs to be handled, by name, and
// what they used of their budgets.
type books struct {
	store *store.Store
	log   *slog.Logger
	known map[string]*terms
}

// usual are the terms of an experiment whose design cannot be read.
var usual = terms{retry: experiments.DefaultRetry, halts: true}

func experimentOf(id string) string {
	name, _, _ := strings.Cut(id, "/")
	return name
}

// of are the terms of a run's experiment.
func (b *books) of(id string) *terms {
	name := experimentOf(id)
	if t := b.known[name]; t != nil {
		return t
	}
	t := &usual
	p, err := b.store.ReadPlan(name)
	if err == nil {
		t, err = b.set(p)
	}
	if err != nil {
		b.log.Error("read design of run", "run", id, "err", err)
		return &usual
	}
	return t
}

// set takes a new design of an experiment.
func (b *books) set(p *experiments.Plan) (*terms, error) {
	t := &terms{
		limits: p.Limits, retry: experiments.DefaultRetry, place: map[string]int{},
		halts: p.Recipe == experiments.Command && p.Pause != experiments.PauseCheckpoint,
	}
	if p.Retry != nil {
		t.retry = *p.Retry
	}
	for i, run := range p.Runs() {
		t.place[run.ID] = i
	}
	if old := b.known[p.Experiment]; old != nil {
		t.meter = old.meter
	}
	if t.meter == nil && t.limits != (experiments.Limits{}) {
		var err error
		if t.meter, err = newMeter(b.store, p.Experiment); err != nil {
			return nil, err
		}
	}
	b.known[p.Experiment] = t
	return t, nil
}

// metered counts for a run where anything is limited.
func (b *books) metered(id string, count func(m *meter, now float64)) {
	if t := b.known[experimentOf(id)]; t != nil && t.meter != nil {
		count(t.meter, store.Now())
	}
}

func (b *books) launching(id string) {
	b.metered(id, func(m *meter, _ float64) { m.launch(id) })
}

// attached counts a run that was taken up: as one that may be about to begin, if
// it did not yet when its meter was made.
func (b *books) attached(id string) {
	b.metered(id, func(m *meter, _ float64) {
		if m.live[id] == nil {
			m.launch(id)
		}
	})
}

func (b *books) begun(id string) {
	b.metered(id, func(m *meter, _ float64) {
		dir := b.store.RunDir(id)
		n, _ := store.Attempts(dir) // one that cannot be read began now and holds no GPU
		m.begin(id, dir, n)
	})
}

func (b *books) halted(id string) {
	b.metered(id, func(m *meter, now float64) { m.halt(id, now) })
}

func (b *books) goesOn(id string) {
	b.metered(id, func(m *meter, now float64) { m.goOn(id, now) })
}

func (b *books) ended(id string) {
	b.metered(id, func(m *meter, now float64) { m.end(id, now) })
}

// lookAgain is how soon a budget is looked at again whose runs are still ending.
const lookAgain = time.Second

// untilSpent is how long it takes until the next budget of time is used up, at
// most so long.
func (b *books) untilSpent(most time.Duration) time.Duration {
	now := store.Now()
	for _, t := range b.known {
		if t.meter == nil {
			continue
		}
		left := t.meter.lasts(t.limits, now)
		switch {
		case left <= slack:
			most = min(most, lookAgain)
		case left < most.Seconds():
			most = time.Duration(left * float64(time.Second))
		}
	}
	return most
}

// inOrder sorts runs as their designs have them, each once; experiments, and runs
// of earlier designs behind the others, stay as they were named.
func (b *books) inOrder(named []string) []string {
	var ids []string
	seen, first := map[string]bool{}, map[string]int{}
	for i, id := range named {
		if seen[id] {
			continue
		}
		seen[id] = true
		ids = append(ids, id)
		if _, ok := first[experimentOf(id)]; !ok {
			first[experimentOf(id)] = i
		}
	}
	place := func(id string) int {
		if n, ok := b.of(id).place[id]; ok {
			return n
		}
		return math.MaxInt
	}
	slices.SortStableFunc(ids, func(a, b string) int {
		return cmp.Or(cmp.Compare(first[experimentOf(a)], first[experimentOf(b)]), cmp.Compare(place(a), place(b)))
	})
	return ids
}
