package report

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"ablate/experiments"
	"ablate/experiments/stats"
	"ablate/experiments/store"
)

// CompareDetail is one row in full.
type CompareDetail struct {
	Side    int // that is set against A
	Params  []CompareParam
	Differ  int // of Params: those come first
	Metrics []MetricRow
	Cost    []UnitCost // by side
	Flips   *Flips     // nil: no outcomes of single tasks to set against each other
	NoFlips string     // why
}

// CompareParam is one parameter of all sides; "" where a side does not have it.
type CompareParam struct {
	Name   string
	Values []string
	Equal  bool
}

// MetricRow is one metric of all sides.
type MetricRow struct {
	Metric  string
	Goal    string
	Means   []Interval
	Against []Contrast
}

// Equal is true if the metric is the same on all sides, to the last digit.
func (m MetricRow) Equal() bool {
	for _, x := range m.Against[1:] {
		if !x.Lacking && x.Text() != "equal" {
			return false
		}
	}
	return true
}

// UnitCost is what the runs of a unit took.
type UnitCost struct {
	Runs      int     // whose times count: those that are done
	Live      int     // that go on
	Minutes   float64 // of one of them, on average; NaN: none is done
	CoreHours float64 // of all runs; NaN: a trainer was told no number of cores
	GPUHours  float64 // likewise, of GPUs that were theirs alone
	Use       Use     // what they made of GPUs, together
}

// detail reads the chosen row in full.
func (c *Comparer) detail(out *Comparison, o CompareOptions) error {
	if len(out.Rows) == 0 {
		return nil
	}
	at := slices.IndexFunc(out.Rows, func(r *CompareRow) bool { return r.Key == o.Row })
	row := out.Rows[max(at, 0)]
	d := CompareDetail{Side: o.Side}
	if d.Side < 1 || d.Side >= len(row.Units) || row.Units[d.Side] == nil {
		d.Side = max(1, slices.IndexFunc(row.Units, func(u *Unit) bool { return u != nil && u != row.Units[0] }))
	}
	out.Chosen = row
	d.Params, d.Differ = settings(row)
	var errs []error
	for i := 1; i < len(row.Against); i++ {
		errs = append(errs, c.test(&row.Against[i], row.Units[0], row.Units[i]))
	}
	errs = append(errs, c.metricRows(out, row, &d))
	for i, u := range row.Units {
		cost, err := c.cost(u, out.Sides[i].Plan.Model)
		d.Cost, errs = append(d.Cost, cost), append(errs, err)
	}
	var err error
	d.Flips, d.NoFlips, err = c.flips(row.Units[0], row.Units[d.Side], out.Metric, out.Plan.Objective.Metric)
	out.Detail, out.Scaling = d, out.scaling()
	return errors.Join(append(errs, err)...)
}

// metricRows works out every metric of a row.
func (c *Comparer) metricRows(out *Comparison, row *CompareRow, d *CompareDetail) error {
	var errs []error
	for _, name := range out.Metrics {
		if !slices.ContainsFunc(row.Units, func(u *Unit) bool { return len(u.having(name)) > 0 }) {
			continue
		}
		if name == out.Metric { // judged among the other rows
			d.Metrics = append(d.Metrics, MetricRow{name, out.goalOf(name), row.Means, row.Against})
			continue
		}
		means, against, err := c.across(out, row, name)
		judge(&CompareRow{Against: against})
		d.Metrics, errs = append(d.Metrics, MetricRow{name, out.goalOf(name), means, against}), append(errs, err)
	}
	return errors.Join(errs...)
}

// settings are the parameters of a row, those that differ first, and how many do.
func settings(row *CompareRow) (all []CompareParam, differ int) {
	var params []experiments.Params
	for _, u := range row.Units {
		if u != nil {
			params = append(params, withProgram(u))
		}
	}
	names := experiments.Differing(params)
	differ = len(names)
	var rest []string
	for name := range params[0] {
		if !slices.Contains(names, name) {
			rest = append(rest, name)
		}
	}
	slices.Sort(rest)
	for i, name := range append(names, rest...) {
		s := CompareParam{Name: name, Values: make([]string, len(row.Units)), Equal: i >= differ}
		for j, u := range row.Units {
			if u == nil {
				continue
			}
			if v, ok := withProgram(u)[name]; ok {
				s.Values[j] = fmt.Sprint(v)
			}
		}
		all = append(all, s)
	}
	return all, differ
}

// withProgram are the parameters of a unit and what else decides its numbers.
func withProgram(u *Unit) experiments.Params {
	p := experiments.Params{}
	maps.Copy(p, u.Cell.Params)
	if len(u.Runs) > 0 {
		r := u.Runs[0]
		p["(recipe)"] = r.Recipe
		if r.RecipeVersion > 0 {
			p["(recipe)"] = fmt.Sprintf("%s version %d", r.Recipe, r.RecipeVersion)
		}
		if len(r.Argv) > 0 {
			p["(argv)"] = strings.Join(r.Argv, " ")
		}
	}
	return p
}

// cost adds up the runs of a unit, which train that model as far as anybody said.
func (c *Comparer) cost(u *Unit, model *experiments.Model) (UnitCost, error) {
	sum := UnitCost{Minutes: math.NaN()}
	if u == nil {
		sum.CoreHours, sum.GPUHours = math.NaN(), math.NaN()
		return sum, nil
	}
	minutes := 0.0
	var errs []error
	uses := make([]Use, 0, len(u.Runs))
	for _, r := range u.Runs {
		one, err := c.costOf(r)
		errs, uses = append(errs, err), append(uses, one.Use.Against(model))
		sum.CoreHours += one.CoreHours
		sum.GPUHours += one.GPUHours
		if r.Status == store.Done && r.Recipe != experiments.Imported { // nobody knows what that took
			minutes += r.Seconds / 60
			sum.Runs++
		}
		if r.Status == store.Running || r.Status == store.Stalled {
			sum.Live++
		}
	}
	if sum.Runs > 0 {
		sum.Minutes = minutes / float64(sum.Runs)
	}
	sum.Use = Together(uses)
	return sum, errors.Join(errs...)
}

// costOf is what one run held, read once for one that is at rest.
func (c *Comparer) costOf(r store.Record) (UnitCost, error) {
	key := fmt.Sprintf("%s a%d %s", r.ID, r.Attempt, r.Status)
	if cost, ok := c.spent[key]; ok && !r.Status.Live() {
		return cost, nil
	}
	lives, err := store.Lives(r.Dir, store.Now())
	cost := UnitCost{}
	for _, l := range lives {
		cost.GPUHours += (l.Ended - l.Began) / 3600 * float64(l.GPUs)
		var s store.Start
		if store.ReadRunJSON(r.Dir, l.Attempt, "start.json", &s) == nil && s.Workers > 0 {
			cost.CoreHours += l.Going.Total() / 3600 * float64(s.Workers)
		} else {
			cost.CoreHours = math.NaN()
		}
	}
	if err == nil {
		cost.Use, err = c.uses.Of(r, lives, true)
	}
	if err == nil {
		c.spent[key] = cost
	}
	return cost, err
}

// Flips are the tasks that came out otherwise in B than in A.
type Flips struct {
	Metric                      string
	Seeds                       int // that both have
	Tasks                       int
	Gained, Lost, Both, Neither int // solved in more runs of B; of A; in as many; in none
	Strata                      []Stratum
	List                        []Flip // that changed: the largest change first
	RunsA, RunsB                []store.Record
}

// Stratum is a kind of task.
type Stratum struct {
	Name         string
	Tasks        int
	Gained, Lost int
	A, B         float64      // means of the sides
	Change       float64      // of the mean
	Diff         stats.Effect // B less A over its tasks, of which Change is the mean
}

// Flip is one task that changed.
type Flip struct {
	ID, Stratum          string
	A, B                 float64  // its mean over seeds
	VerdictsA, VerdictsB []string // by seed; "" where there were several samples
}

// flips sets single tasks against each other in a metric that has outcomes, else
// in the objective.
func (c *Comparer) flips(a, b *Unit, metric, objective string) (*Flips, string, error) {
	if a == nil || b == nil {
		return nil, "a side has no such cell", nil
	}
	if sharedRuns(a.Runs, b.Runs) {
		return nil, "the same runs on both sides", nil
	}
	if _, ok := outcomeOf(metric); !ok {
		metric = objective
	}
	pa, pb := facing(a, b, metric)
	loose := len(pa) == 0
	if loose { // all of both, by their means over seeds
		pa, pb = a.having(metric), b.having(metric)
	}
	if len(pa) == 0 || len(pb) == 0 {
		return nil, "no run of one side is done yet", nil
	}
	o, err := c.outcomesOf(pa, pb, metric)
	if o.ids == nil || err != nil {
		return nil, "the runs wrote down no outcomes of single tasks", err
	}
	f := &Flips{Metric: metric, Seeds: min(len(pa), len(pb)), Tasks: len(o.ids), RunsA: pa, RunsB: pb}
	places := map[string][]int{} // of tasks, by stratum
	for t, id := range o.ids {
		one := Flip{ID: id, A: overRuns(o.a, t), B: overRuns(o.b, t)}
		if err := c.describe(&one, f); err != nil {
			return nil, "", err
		}
		f.add(one)
		places[one.Stratum] = append(places[one.Stratum], t)
	}
	f.sort()
	for i, s := range f.Strata {
		f.Strata[i].Diff = o.effect(places[s.Name], loose)
		f.Strata[i].Change = f.Strata[i].Diff.Mean
	}
	return f, "", nil
}

// overRuns is the mean of one task over runs.
func overRuns(of [][]float64, task int) (mean float64) {
	for _, row := range of {
		mean += row[task] / float64(len(of))
	}
	return clean(mean)
}

// describe fills in what a task is and what became of it in each run.
func (c *Comparer) describe(one *Flip, f *Flips) error {
	for side, runs := range [][]store.Record{f.RunsA, f.RunsB} {
		for _, r := range runs {
			s, err := c.scoresOf(r, f.Metric)
			if err != nil {
				return err
			}
			at, ok := slices.BinarySearch(s.ids, one.ID)
			if !ok {
				continue
			}
			one.Stratum = s.strata[at]
			if side == 0 {
				one.VerdictsA = append(one.VerdictsA, s.verdicts[at])
			} else {
				one.VerdictsB = append(one.VerdictsB, s.verdicts[at])
			}
		}
	}
	return nil
}

// add counts one task.
func (f *Flips) add(one Flip) {
	i := slices.IndexFunc(f.Strata, func(s Stratum) bool { return s.Name == one.Stratum })
	if i < 0 {
		i = len(f.Strata)
		f.Strata = append(f.Strata, Stratum{Name: one.Stratum})
	}
	s := &f.Strata[i]
	s.Tasks++
	s.A += (one.A - s.A) / float64(s.Tasks)
	s.B += (one.B - s.B) / float64(s.Tasks)
	switch d := clean(one.B - one.A); {
	case d > 0:
		f.Gained++
		s.Gained++
	case d < 0:
		f.Lost++
		s.Lost++
	case one.A > 0:
		f.Both++
		return
	default:
		f.Neither++
		return
	}
	f.List = append(f.List, one)
}

// sort puts strata in the order of their names and tasks by the size of the change.
func (f *Flips) sort() {
	slices.SortFunc(f.Strata, func(a, b Stratum) int { return strings.Compare(a.Name, b.Name) })
	slices.SortStableFunc(f.List, func(a, b Flip) int {
		switch x, y := math.Abs(a.B-a.A), math.Abs(b.B-b.A); {
		case x > y+1e-9:
			return -1
		case y > x+1e-9:
			return 1
		}
		return strings.Compare(a.ID, b.ID)
	})
}

// Programs are what the runs of each side wrote for a task in the newest evaluation
// that kept it, by seed; those that kept none are left out.
func (c *Comparer) Programs(f *Flips, task string) (a, b []store.Sample, err error) {
	var errs []error
	for side, runs := range [][]store.Record{f.RunsA, f.RunsB} {
		for _, r := range runs {
			of, err := c.samples(r)
			errs = append(errs, err)
			s, ok := of[task]
			if !ok {
				continue
			}
			if side == 0 {
				a = append(a, s)
			} else {
				b = append(b, s)
			}
		}
	}
	return a, b, errors.Join(errs...)
}

// Kept are the tasks that flipped of which some run kept a program.
func (c *Comparer) Kept(f *Flips) (map[string]bool, error) {
	kept := map[string]bool{}
	var errs []error
	for _, r := range slices.Concat(f.RunsA, f.RunsB) {
		of, err := c.samples(r)
		errs = append(errs, err)
		for _, one := range f.List {
			if _, ok := of[one.ID]; ok {
				kept[one.ID] = true
			}
		}
	}
	return kept, errors.Join(errs...)
}

// samples are the newest programs of a run that is done by task, rollouts apart.
func (c *Comparer) samples(r store.Record) (map[string]store.Sample, error) {
	key := fmt.Sprintf("%s a%d", r.ID, r.Attempt)
	if of, ok := c.progs[key]; ok {
		return of, nil
	}
	all, err := store.ReadSamples(r)
	if err != nil {
		return nil, fmt.Errorf("read programs of %s: %w", r.ID, err)
	}
	of := map[string]store.Sample{}
	for _, s := range all {
		if s.Reward == nil && s.Step >= of[s.Task].Step {
			of[s.Task] = s
		}
	}
	c.progs[key] = of
	return of, nil
}
