package report

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"

	"ablate/experiments"
	"ablate/experiments/reference"
	"ablate/experiments/stats"
	"ablate/experiments/store"
)

// FitFlags are those of `fit`.
type FitFlags struct{ Metric, Axis string }

func (o *FitFlags) flags(f *flag.FlagSet) {
	f.StringVar(&o.Metric, "metric", "", "")
	f.StringVar(&o.Axis, "axis", "", "")
}

// Fits are a metric of an experiment against its sizes.
type Fits struct {
	Plan         *experiments.Plan
	Metric, Goal string
	Curves       []FitCurve
	// Diversity is nil where the design has no axes of tasks and solutions.
	Diversity *stats.Diversity
	Published []FitCurve
	LeftOut   []LeftOut
	Unread    error // runs that could not be read
}

// Fit is `fit EXP`.
func Fit(w io.Writer, s *store.Store, names []string, o FitFlags, asJSON bool) error {
	if len(names) != 1 {
		return fmt.Errorf("fit: want the name of one experiment, got %d", len(names))
	}
	f, err := NewComparer(s).Fits(names[0], o)
	if err != nil {
		return err
	}
	if asJSON {
		return errors.Join(writeJSON(w, f.document()), f.Unread)
	}
	return errors.Join(f.write(w), f.Unread)
}

// Fits reads what an experiment came to by size, along each axis with three numbers or
// the one that was asked for.
func (c *Comparer) Fits(name string, o FitFlags) (*Fits, error) {
	side, err := c.whole(name)
	if err != nil {
		return nil, err
	}
	out := &Comparison{Sides: []Side{side}, Plan: side.Plan}
	if err := c.fill(out); err != nil {
		return nil, err
	}
	known := out.metrics()
	f := &Fits{Plan: side.Plan, Metric: cmp.Or(called(o.Metric, known), side.Plan.Objective.Metric), LeftOut: out.LeftOut, Unread: out.Unread}
	f.Goal = out.goalOf(f.Metric)
	if !slices.Contains(known, f.Metric) {
		if len(known) == 0 {
			return nil, fmt.Errorf("fit %s: none of its runs is done yet; `ablate run %s` runs them", name, name)
		}
		return nil, fmt.Errorf("fit %s: no run reports %q%s", name, f.Metric, instead(f.Metric, known))
	}
	axes, err := fitAxes(side.Plan, o.Axis)
	if err != nil {
		return nil, fmt.Errorf("fit %s: %w", name, err)
	}
	for _, axis := range axes {
		curves, err := c.curvesAlong(side, axis, f.Metric, f.Goal)
		if err != nil {
			return nil, err
		}
		f.Curves = append(f.Curves, curves...)
	}
	if len(f.Curves) == 0 {
		return nil, fmt.Errorf("fit %s: along %s no three sizes with the other axes equal have a result, and a law needs three", name, strings.Join(axes, " and "))
	}
	f.Diversity, err = c.diversity(side, f.Metric, f.Goal)
	f.Published = fitPublished(side.Plan, f.Metric, o.Axis)
	return f, err
}

// whole is the design of an experiment with all its cells.
func (c *Comparer) whole(name string) (Side, error) {
	known, err := c.store.Experiments()
	if err != nil {
		return Side{}, err
	}
	if slices.Contains(known, name) {
		return c.side(name, nil)
	}
	if len(known) == 0 {
		return Side{}, fmt.Errorf("fit %q: no runs in %s yet; `ablate run quick` makes the first ones", name, c.store.Dir)
	}
	return Side{}, fmt.Errorf("fit %q: no experiment of that name was run in %s%s", name, c.store.Dir, instead(name, known))
}

// instead says what a name was probably meant to be, and what there is.
func instead(name string, known []string) string {
	list := "; there are " + strings.Join(known, ", ")
	if n := experiments.Nearest(name, known); n != "" {
		return fmt.Sprintf("; did you mean %q?%s", n, list)
	}
	return list
}

// fitAxes are the axes with three numbers, or the one that was asked for.
func fitAxes(p *experiments.Plan, asked string) (axes []string, err error) {
	if asked != "" && !slices.Contains(p.Axes, asked) {
		return nil, fmt.Errorf("no axis %q%s", asked, instead(asked, p.Axes))
	}
	var counts []string
	for i, axis := range p.Axes {
		n := map[float64]bool{}
		for _, cell := range p.Cells {
			if x, ok := numeric(cell.Axes[i].Value); ok && x > 0 {
				n[x] = true
			}
		}
		if asked == "" || axis == asked {
			counts = append(counts, fmt.Sprintf("%s has %d", axis, len(n)))
			if len(n) >= 3 {
				axes = append(axes, axis)
			}
		}
	}
	if len(axes) == 0 {
		return nil, fmt.Errorf("no axis with three sizes above 0, which a law needs: %s", cmp.Or(strings.Join(counts, ", "), "it has no axes"))
	}
	return axes, nil
}

// curvesAlong are the curves along an axis, one for each combination of the other
// axes that has three points, in the order of the design.
func (c *Comparer) curvesAlong(side Side, axis, metric, goal string) (curves []FitCurve, err error) {
	type group struct {
		held   []experiments.Setting
		points []FitPoint
	}
	var order []string
	groups := map[string]*group{}
	for _, u := range side.Units {
		p, ok, err := c.fitPoint(u, metric)
		if err != nil {
			return nil, err
		}
		at := slices.IndexFunc(u.Cell.Axes, func(a experiments.Setting) bool { return a.Name == axis })
		if at < 0 || !ok {
			continue
		}
		if p.X, ok = numeric(u.Cell.Axes[at].Value); !ok || p.X <= 0 {
			continue
		}
		held := slices.Concat(u.Cell.Axes[:at], u.Cell.Axes[at+1:])
		key := fmt.Sprint(held)
		if groups[key] == nil {
			groups[key], order = &group{held: held}, append(order, key)
		}
		groups[key].points = append(groups[key].points, p)
	}
	for _, key := range order {
		g := groups[key]
		if len(g.points) < 3 {
			continue
		}
		slices.SortFunc(g.points, func(a, b FitPoint) int { return cmp.Compare(a.X, b.X) })
		curve := FitOf(g.points, metric, goal)
		curve.Axis, curve.Held = axis, g.held
		curves = append(curves, curve)
	}
	return curves, nil
}

// fitPoint is what a cell came to; ok is false where it has no result.
func (c *Comparer) fitPoint(u *Unit, metric string) (p FitPoint, ok bool, err error) {
	e, err := c.estimate(u, metric)
	runs := u.having(metric)
	if err != nil || e.TooFew || len(runs) == 0 {
		return p, false, err
	}
	lo, hi := e.Spread()
	return FitPoint{Mean: e.Mean, Lo: lo, Hi: hi, Runs: finals(runs, metric), Tasks: e.Tasks}, true, nil
}

// diversity sets further solutions of a task against new tasks.
func (c *Comparer) diversity(side Side, metric, goal string) (*stats.Diversity, error) {
	if !slices.Contains(side.Plan.Axes, "tasks") || !slices.Contains(side.Plan.Axes, "solutions") {
		return nil, nil
	}
	var points []stats.Spread
	for _, u := range side.Units {
		p, ok, err := c.fitPoint(u, metric)
		if err != nil {
			return nil, err
		}
		var at stats.Spread
		for _, a := range u.Cell.Axes {
			switch x, _ := numeric(a.Value); a.Name {
			case "tasks":
				at.Tasks = x
			case "solutions":
				at.Solutions = x
			}
		}
		if !ok || changesElsewhere(side, u) {
			continue
		}
		curve := FitOf(nil, metric, goal)
		at.Y = curve.turned(p.Mean)
		for _, r := range p.Runs {
			at.Runs = append(at.Runs, curve.turned(r))
		}
		points = append(points, at)
	}
	d := stats.Diverse(points, fitSeed)
	return &d, nil
}

// changesElsewhere is true of a cell that differs from the first in an axis other than
// tasks and solutions.
func changesElsewhere(side Side, u *Unit) bool {
	for i, a := range u.Cell.Axes {
		if first := side.Units[0].Cell.Axes[i]; a.Name != "tasks" && a.Name != "solutions" && a.Value != first.Value {
			return true
		}
	}
	return false
}

// fitPublished are the published curves that a design names, along its axes.
func fitPublished(p *experiments.Plan, metric, asked string) (curves []FitCurve) {
	if metric != p.Objective.Metric || !IsRate(metric) {
		return nil
	}
	for _, name := range p.References {
		s, ok := reference.Lookup(name)
		if !ok {
			continue
		}
		for _, axis := range p.Axes {
			if asked != "" && axis != asked || !speaksOf(s, axis) {
				continue
			}
			if c, ok := publishedCurve(s, axis, metric); ok {
				curves = append(curves, c)
			}
		}
	}
	return curves
}
