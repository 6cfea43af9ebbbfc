package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"ablate/experiments"
	"ablate/experiments/reference"
)

// Scaling is the metric against a numeric axis.
type Scaling struct {
	Axis   string
	Curves []ScalingCurve
	// Besides are the other axes whose values change along this one: the metric may
	// follow them as well.
	Besides []string
}

// ScalingCurve is one side, or, where every side is one cell, all of them.
type ScalingCurve struct {
	Name   string
	Side   int // -1: all of them, or a reference
	Points []ScalingPoint
	// Source is where the numbers were published, "" for the store's own.
	Source string
	AtMost bool     // its intervals are no narrower than the true ones
	Fit    *FitLine // the law through the points, by Laws; nil where there is nothing to say of one
}

// ScalingPoint is what the cells with one value of the axis came to.
type ScalingPoint struct {
	X, Mean, Lo, Hi float64   // Lo and Hi are NaN where nothing tells of the spread
	Cells           int       // of several it is the mean, without an interval
	Runs            []float64 // by seed, of one cell
}

// Laws fits the laws of the scaling curves, which takes longer than all numbers beside
// them, and keeps those of the same points.
func (c *Comparer) Laws(out *Comparison) {
	for _, s := range out.Scaling {
		for i, curve := range s.Curves {
			if curve.Source == "" && len(s.Besides) == 0 { // else it follows those as well
				s.Curves[i].Fit = c.fitLine(curve.Points, out.Metric, out.Goal)
			}
		}
	}
}

// scaling has one entry for each axis on which two or more numbers stand.
func (c *Comparison) scaling() []Scaling {
	var all []Scaling
	for _, axis := range c.numericAxes() {
		s := Scaling{Axis: axis, Besides: c.besides(axis)}
		if slices.ContainsFunc(c.Sides, func(side Side) bool { return len(side.Units) > 1 }) {
			for i, side := range c.Sides {
				if points := c.points(side.Units, i, axis); len(points) > 0 {
					s.Curves = append(s.Curves, ScalingCurve{Name: side.Letter, Side: i, Points: points})
				}
			}
		} else {
			var points []ScalingPoint
			for i, side := range c.Sides {
				points = append(points, c.points(side.Units, i, axis)...)
			}
			s.Curves = []ScalingCurve{{Name: "A to " + c.Sides[len(c.Sides)-1].Letter, Side: -1, Points: merged(points)}}
		}
		s.Curves = append(s.Curves, c.references(axis)...)
		all = append(all, s)
	}
	return all
}

// fitLine is the law through points that are one cell each, worked out once.
func (c *Comparer) fitLine(points []ScalingPoint, metric, goal string) *FitLine {
	sizes := make([]FitPoint, len(points))
	for i, p := range points {
		if p.Cells > 1 || p.X <= 0 {
			return nil
		}
		sizes[i] = FitPoint{X: p.X, Mean: p.Mean, Lo: p.Lo, Hi: p.Hi, Runs: p.Runs}
	}
	if len(sizes) < 3 {
		return nil
	}
	key := fmt.Sprint(metric, goal, sizes)
	line, ok := c.fits[key]
	if !ok {
		line = FitOf(sizes, metric, goal).Line()
		c.fits[key] = line
	}
	return line
}

// numericAxes are those of A on which two or more positive numbers stand.
func (c *Comparison) numericAxes() (names []string) {
	values := map[string]map[float64]bool{}
	var order []string
	for _, s := range c.Sides {
		for _, u := range s.Units {
			for _, a := range u.Cell.Axes {
				x, ok := numeric(a.Value)
				if !ok {
					continue
				}
				if values[a.Name] == nil {
					values[a.Name], order = map[float64]bool{}, append(order, a.Name)
				}
				values[a.Name][x] = true
			}
		}
	}
	for _, name := range order {
		if len(values[name]) > 1 {
			names = append(names, name)
		}
	}
	return names
}

// besides are the axes that do not have the same values at all places of an axis, of
// one side or, where every side is one cell, of all.
func (c *Comparison) besides(axis string) (names []string) {
	groups := map[int][]*Unit{}
	whole := slices.ContainsFunc(c.Sides, func(side Side) bool { return len(side.Units) > 1 })
	for i, s := range c.Sides {
		if !whole {
			i = 0
		}
		groups[i] = append(groups[i], s.Units...)
	}
	for i := range len(c.Sides) {
		for _, name := range changing(groups[i], axis) {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names
}

// changing are the other axes of cells whose values are not the same at all places
// of an axis.
func changing(units []*Unit, axis string) (names []string) {
	values := map[string]map[float64][]string{} // by axis and place
	var order []string
	for _, u := range units {
		at := slices.IndexFunc(u.Cell.Axes, func(a experiments.Setting) bool { return a.Name == axis })
		if at < 0 {
			continue
		}
		x, ok := numeric(u.Cell.Axes[at].Value)
		if !ok {
			continue
		}
		for _, a := range u.Cell.Axes {
			if a.Name == axis {
				continue
			}
			if values[a.Name] == nil {
				values[a.Name], order = map[float64][]string{}, append(order, a.Name)
			}
			if v := fmt.Sprint(a.Value); !slices.Contains(values[a.Name][x], v) {
				values[a.Name][x] = append(values[a.Name][x], v)
			}
		}
	}
	for _, name := range order {
		var first []string
		for _, at := range values[name] {
			slices.Sort(at)
			if first == nil {
				first = at
			} else if !slices.Equal(first, at) {
				names = append(names, name)
				break
			}
		}
	}
	return names
}

// numeric is a value of an axis as a place on it; false for what is none.
func numeric(v any) (float64, bool) {
	x, ok := experiments.Number(v)
	return x, ok && finite(x) != nil
}

// points are the cells of a side along an axis.
func (c *Comparison) points(units []*Unit, side int, axis string) []ScalingPoint {
	var points []ScalingPoint
	for _, u := range units {
		e, ok := c.estimated(u, side)
		if !ok || math.IsNaN(e.Mean) || math.IsInf(e.Mean, 0) {
			continue
		}
		for _, a := range u.Cell.Axes {
			if x, ok := numeric(a.Value); ok && a.Name == axis {
				points = append(points, ScalingPoint{X: x, Mean: e.Mean, Lo: e.Lo, Hi: e.Hi, Cells: 1, Runs: finals(u.having(c.Metric), c.Metric)})
			}
		}
	}
	return merged(points)
}

// estimated is the mean of a unit, from the row that it is in.
func (c *Comparison) estimated(u *Unit, side int) (Interval, bool) {
	e, ok := c.alone[u]
	if ok {
		return e, true
	}
	for _, r := range c.Rows {
		if r.Units[side] == u {
			return r.Means[side], true
		}
	}
	return Interval{}, false
}

// merged are points in ascending order, one for each place.
func merged(points []ScalingPoint) []ScalingPoint {
	slices.SortStableFunc(points, func(a, b ScalingPoint) int { return cmp.Compare(a.X, b.X) })
	var out []ScalingPoint
	for _, p := range points {
		n := len(out)
		if n == 0 || out[n-1].X != p.X {
			out = append(out, p)
			continue
		}
		q := &out[n-1]
		q.Mean = (q.Mean*float64(q.Cells) + p.Mean*float64(p.Cells)) / float64(q.Cells+p.Cells)
		q.Cells += p.Cells
		q.Lo, q.Hi, q.Runs = math.NaN(), math.NaN(), nil
	}
	return out
}

// references are the published curves that a design names whose places are numbers
// on this axis, which their names say.
func (c *Comparison) references(axis string) (curves []ScalingCurve) {
	if !IsRate(c.Metric) {
		return nil
	}
	seen := map[string]bool{}
	for _, side := range c.Sides {
		for _, name := range side.Plan.References {
			s, ok := reference.Lookup(name)
			if !ok || seen[name] || !speaksOf(s, axis) {
				continue
			}
			seen[name] = true
			points, atMost := publishedPoints(s)
			curve := ScalingCurve{Name: name, Side: -1, Source: s.Cite(), AtMost: atMost}
			for _, p := range points {
				curve.Points = append(curve.Points, ScalingPoint{X: p.X, Mean: p.Mean, Lo: p.Lo, Hi: p.Hi, Cells: 1})
			}
			if len(curve.Points) > 1 {
				curves = append(curves, curve)
			}
		}
	}
	return curves
}
