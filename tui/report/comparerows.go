package report

import (
	"cmp"
	"errors"
	"fmt"
	"math"

	"ablate/experiments"
	"ablate/experiments/stats"
	"ablate/experiments/store"
)

// rows matches the cells of the sides and works out the metric of each.
func (c *Comparer) rows(out *Comparison) error {
	matched, single := out.matched()
	if len(matched) > 0 && !single {
		for _, s := range matched[0].Shared {
			out.Shared = append(out.Shared, s.Name)
		}
	}
	var errs []error
	for _, m := range matched {
		row, alone := out.row(m, single)
		if alone < 0 {
			out.Rows = append(out.Rows, row)
			continue
		}
		u := row.Units[alone]
		out.Unmatched = append(out.Unmatched, out.Sides[alone].Letter+" "+u.Label)
		e, err := c.mean(u, out.Metric)
		out.alone[u], errs = e, append(errs, err)
	}
	for _, row := range out.Rows {
		var err error
		row.Means, row.Against, err = c.across(out, row, out.Metric)
		errs = append(errs, err)
	}
	judge(out.Rows...)
	return errors.Join(errs...)
}

// matched are the cells that stand beside each other. Where every side is a single
// one they do, whatever they are.
func (c *Comparison) matched() (rows []experiments.Matched, single bool) {
	designs := make([][]experiments.Cell, len(c.Sides))
	single = true
	for i, s := range c.Sides {
		for _, u := range s.Units {
			designs[i] = append(designs[i], u.Cell)
		}
		single = single && len(s.Units) == 1
	}
	if single {
		return []experiments.Matched{{Cells: make([]int, len(designs))}}, true
	}
	return experiments.Match(designs), false
}

// row is the row of matched cells; alone is the only side that has one, -1 if several
// have.
func (c *Comparison) row(m experiments.Matched, single bool) (row *CompareRow, alone int) {
	row = &CompareRow{Units: make([]*Unit, len(m.Cells)), Label: CellLabel(m.Shared)}
	var have []int
	for i, at := range m.Cells {
		if at >= 0 {
			row.Units[i] = c.Sides[i].Units[at]
			row.Key += fmt.Sprintf("%d %s\n", i, row.Units[i].Cell.Name)
			have = append(have, i)
		}
	}
	first := row.Units[have[0]]
	if row.Label == "" || !single && len(first.Cell.Axes) > len(m.Shared) {
		row.Label = first.Label
	}
	if len(have) == 1 {
		return row, have[0]
	}
	return row, -1
}

// across are the means of a metric by side, and the differences from A, which nobody has
// judged yet.
func (c *Comparer) across(out *Comparison, row *CompareRow, metric string) ([]Interval, []Contrast, error) {
	means, against := make([]Interval, len(row.Units)), make([]Contrast, len(row.Units))
	var errs []error
	for i, u := range row.Units {
		var err error
		means[i], err = c.mean(u, metric)
		errs = append(errs, err)
		if i == 0 {
			continue
		}
		x := &against[i]
		*x, err = c.contrast(row.Units[0], u, metric)
		x.A, x.B, x.Goal = out.Sides[0].Letter, out.Sides[i].Letter, out.goalOf(metric)
		x.Judged = Judged{Margin: out.marginOf(metric), sides: len(out.Sides)}
		if !x.Lacking {
			x.FailedA, x.FailedB = row.Units[0].failed(metric), u.failed(metric)
			x.samples = samplesApart(row.Units[0], u, metric)
			x.Unlike = cmp.Or(x.Unlike, evaluationsApart(row.Units[0], u, metric))
		}
		if !out.force && x.nothing() == "" {
			x.Refused = x.Unlike
		}
		errs = append(errs, err)
	}
	return means, against, errors.Join(errs...)
}

// mean is what a unit came to: of a single run whose tasks are right or wrong, and of runs
// that have all of them right or wrong, by Wilson, else over seeds and tasks. A rate's interval ends where rates do.
func (c *Comparer) mean(u *Unit, metric string) (Interval, error) {
	e, err := c.estimate(u, metric)
	if err != nil || !IsRate(metric) || math.IsNaN(e.Mean) {
		return e, err
	}
	if runs := u.having(metric); len(runs) == 1 && e.Clusters == 0 {
		s, err := c.scoresOf(runs[0], metric)
		if err != nil {
			return e, err
		}
		if s != nil && binary(s.values) {
			n := float64(len(s.values))
			e.Lo, e.Hi = stats.Wilson(e.Mean*n, n, stats.Z95)
		}
	}
	e.Lo, e.Hi = e.AllOrNone()
	e.Lo, e.Hi = max(0, e.Lo), min(1, e.Hi)
	return e, nil
}

// failed is how many runs of a unit ended without a value that is a number.
func (u *Unit) failed(metric string) int {
	n := u.Count(store.Failed) + u.Count(store.Lost)
	for _, r := range u.Done {
		if _, ok := r.Metrics[metric]; ok && !reports(r, metric) {
			n++
		}
	}
	return n
}

// checkMargin says what no margin can be.
func checkMargin(o CompareOptions) error {
	if o.Margin < 0 || math.IsNaN(o.Margin) || math.IsInf(o.Margin, 0) {
		return fmt.Errorf("compare: --margin is %v; want a number above 0, in the unit of the metric: 0.02 of a rate are 2 points", o.Margin)
	}
	return nil
}

// marginOf is the margin of a metric: that of the comparison for its own, and what A's
// design says for its objective.
func (c *Comparison) marginOf(metric string) float64 {
	switch {
	case metric == c.Metric && c.Margin > 0:
		return c.Margin
	case metric == c.Plan.Objective.Metric:
		return c.Plan.Objective.Margin
	}
	return 0
}
