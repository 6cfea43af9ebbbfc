package report

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"ablate/experiments"
	"ablate/experiments/store"
)

// study is what the runs of one experiment came to, for a report: its cells, and the
// best of them against every other one.
type study struct {
	comparer *Comparer
	plan     *experiments.Plan
	units    []*Unit     // in the design's order
	compared *Comparison // every cell is a side: the baseline, then the others from the best down
	means    map[*Unit]Interval
	picked   bool     // the baseline is the best cell by its mean, and that was looked at
	answers  []Answer // to the questions of the design
	records  []store.Record
	leftOut  []LeftOut

	// Of a whole design alone; nil where nobody knows, and of some of its cells.
	see  *See
	cost *CostTable
	fits *Fits
}

// studies reads the experiments that names are of, in their order. A name may be of a
// cell or a run: then the study has no others.
func (e *exporter) studies(names []string, whole bool) ([]*study, error) {
	var order []string
	wanted := map[string]map[string]bool{} // by experiment; nil: all of its design
	for _, name := range names {
		ids, err := e.store.Find(name)
		if err != nil {
			return nil, err
		}
		experiment, rest, _ := strings.Cut(strings.Trim(name, "/"), "/")
		if rest != "" && whole {
			return nil, fmt.Errorf("report on %s: a report is on a whole experiment; name %s, or take csv or json", name, experiment)
		}
		known, before := wanted[experiment]
		if !before {
			order, known = append(order, experiment), map[string]bool{}
		}
		if rest == "" {
			known = nil
		}
		if known != nil {
			for _, id := range ids {
				known[id] = true
			}
		}
		wanted[experiment] = known
	}
	var all []*study
	for _, name := range order {
		s, err := e.study(name, wanted[name])
		if err != nil {
			return nil, fmt.Errorf("report on %s: %w", name, err)
		}
		all = append(all, s)
	}
	return all, nil
}

// study reads one experiment, of its runs those that are wanted; nil: all.
func (e *exporter) study(name string, wanted map[string]bool) (*study, error) {
	p, err := e.store.ReadPlan(name)
	if err != nil {
		return nil, err
	}
	there, err := e.store.RunIDs(name)
	if err != nil {
		return nil, err
	}
	s := &study{comparer: NewComparer(e.store), plan: e.newest(p), means: map[*Unit]Interval{}}
	for _, u := range planUnits(s.plan) {
		u.Runs = slices.DeleteFunc(u.Runs, func(r store.Record) bool { return wanted != nil && !wanted[r.ID] })
		if len(u.Runs) == 0 {
			continue
		}
		u.Runs = slices.DeleteFunc(u.Runs, func(r store.Record) bool { return !slices.Contains(there, r.ID) }) // never asked for
		if len(u.Cell.Axes) == 1 {                                                                             // a value alone says too little
			u.Label = otherAxes(u.Cell.Axes, "")
		}
		s.units = append(s.units, u)
	}
	if len(s.units) == 0 {
		return nil, errors.New("its design has none of these runs; --format csv has those of earlier designs, too")
	}
	if err := s.compare(e.flags.Metric); err != nil {
		return nil, err
	}
	e.reading(s.compared.Unread)
	for _, u := range s.units {
		s.records = append(s.records, u.Runs...)
	}
	s.leftOut = s.compared.LeftOut
	if len(s.units) == len(s.plan.Cells) {
		if err := s.ahead(e.store, e.from.Cost()); err != nil {
			return nil, err
		}
	}
	evidence := newEvidence(s.comparer, s.plan, s.records)
	for _, f := range s.plan.Findings {
		a, err := evidence.answer(f)
		if err != nil {
			return nil, err
		}
		s.answers = append(s.answers, a)
	}
	return s, nil
}

// newest is the design with the words and the questions that the experiment file has
// now, where cells and seeds are those that ran.
func (e *exporter) newest(p *experiments.Plan) *experiments.Plan {
	f, err := e.from.With(p.Experiment)
	if err != nil {
		return p
	}
	x, err := f.Experiment(p.Experiment)
	if err != nil {
		return p
	}
	now := x.Plan()
	same := func(a, b experiments.Cell) bool { return a.Name == b.Name }
	if !slices.EqualFunc(now.Cells, p.Cells, same) || !slices.Equal(now.Seeds, p.Seeds) || now.Objective != p.Objective {
		return p
	}
	return now
}

// compare sets the best cell against every other one. A cell is called by its values
// where other comparisons have a letter.
func (s *study) compare(metric string) error {
	out := &Comparison{Plan: s.plan, alone: map[*Unit]Interval{}}
	for _, u := range s.units {
		out.Sides = append(out.Sides, Side{Letter: u.Label, Name: s.plan.Experiment + "/" + u.Cell.Name, Label: u.Label, Plan: s.plan, Units: []*Unit{u}})
	}
	s.compared = out
	if err := s.comparer.fill(out); err != nil {
		return err
	}
	out.Metrics = out.metrics()
	var err error
	if out.Metric, err = s.metric(metric); err != nil {
		return err
	}
	out.Goal = out.goalOf(out.Metric)
	out.Margin = out.marginOf(out.Metric)
	for _, u := range s.units {
		if s.means[u], err = s.comparer.mean(u, out.Metric); err != nil {
			return err
		}
	}
	s.rank()
	if err := s.comparer.rows(out); err != nil {
		return err
	}
	if len(out.Rows) > 0 {
		out.Chosen = out.Rows[0]
	}
	return nil
}

// metric is the one that the report is about.
func (s *study) metric(asked string) (string, error) {
	if asked == "" {
		return s.plan.Objective.Metric, nil
	}
	if name := called(asked, s.compared.Metrics); slices.Contains(s.compared.Metrics, name) {
		return name, nil
	}
	if len(s.compared.Metrics) == 0 {
		return "", fmt.Errorf("no run has the metric %q: none is done yet", asked)
	}
	return "", fmt.Errorf("no run has the metric %q; there are %s", asked, strings.Join(s.compared.Metrics, ", "))
}

// rank puts the sides in order, from the best mean down; without a goal they stay as
// the design has them, and the first is the baseline.
func (s *study) rank() {
	sign := map[string]float64{experiments.Max: -1, experiments.Min: 1}[s.compared.Goal]
	value := func(side Side) float64 {
		m := sign * s.means[side.Units[0]].Mean
		if math.IsNaN(m) {
			return math.Inf(1)
		}
		return m
	}
	if sign == 0 {
		return
	}
	slices.SortStableFunc(s.compared.Sides, func(a, b Side) int { return cmp.Compare(value(a), value(b)) })
	s.picked = s.hasResults()
}

// hasResults reports whether any cell has a mean.
func (s *study) hasResults() bool {
	return slices.ContainsFunc(s.units, func(u *Unit) bool { return !math.IsNaN(s.means[u].Mean) })
}

// against are the differences of every other cell from the baseline.
func (s *study) against() []Contrast {
	if s.compared.Chosen == nil {
		return nil
	}
	return s.compared.Chosen.Against[1:]
}

// done is how many runs of the design there are, and how many of them are done.
func (s *study) done() (done, planned int) {
	for _, u := range s.units {
		done, planned = done+len(u.Done), planned+u.Planned
	}
	return done, planned
}

// course is the metric that says how training went.
func (s *study) course() string {
	return CourseName(func(name string) bool { return slices.Contains(s.compared.Metrics, name) })
}
