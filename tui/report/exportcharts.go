package report

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"ablate/experiments"
	"ablate/experiments/reference"
	"ablate/tui/chart"
)

// figure is a chart with what is to be said of it.
type figure struct {
	Name    string // as --chart has it: curves, loss, scaling:AXIS, matrix
	Caption string
	Chart   picture
	Height  int // in pixels, that it needs at most; 0: as much as there is
}

// svg draws the chart in w x h pixels, or less where it needs no more.
func (f figure) svg(w, h int) string {
	if f.Height > 0 {
		h = min(h, f.Height)
	}
	return f.Chart.SVG(w, h)
}

// picture is a chart that draws itself as an <svg> element of w x h pixels.
type picture interface{ SVG(w, h int) string }

// maxCurves is how many curves a chart can tell apart.
const maxCurves = 8

// figures are the charts of a study, those left out that would be empty.
func (s *study) figures() ([]figure, error) {
	var all []figure
	names := []string{s.compared.Metric}
	if course := s.course(); course != s.compared.Metric {
		names = append(names, course)
	}
	for i, metric := range names {
		line, caption, err := s.curveLine(metric)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(line.Series, func(x chart.Series) bool { return len(x.X) > 1 }) {
			all = append(all, figure{Name: []string{"curves", "loss"}[i], Caption: caption, Chart: &line})
		}
	}
	for _, axis := range s.grouped("").numericAxes() {
		if !s.hasResults() {
			break
		}
		sides := s.grouped(axis)
		sides.Scaling = sides.scaling()
		s.comparer.Laws(sides)
		for _, view := range sides.Scaling {
			if view.Axis == axis {
				line, caption := s.scalingLine(view)
				if axis == "tasks" || axis == "solutions" {
					caption = strings.Join(append([]string{caption}, s.gamma()...), "; ")
				}
				all = append(all, figure{Name: "scaling:" + axis, Caption: caption, Chart: &line})
			}
		}
	}
	if m := s.matrix(); m != nil {
		caption := fmt.Sprintf("%s of each cell: mean ± how far its 95 %% interval goes, and how many runs are done", ShortName(s.compared.Metric))
		const row, rest = 66, 90
		all = append(all, figure{"matrix", caption, m, rest + row*len(m.Rows)})
	}
	return all, nil
}

// curveLine is a metric along training: a curve a cell, those that are ahead where
// there are many.
func (s *study) curveLine(metric string) (line chart.Line, caption string, err error) {
	var units []*Unit
	for _, side := range s.compared.Sides {
		units = append(units, side.Units[0])
	}
	more := max(len(units)-maxCurves, 0)
	units = units[:len(units)-more]
	curves, err := s.comparer.Curves(units, metric)
	goal := s.compared.goalOf(metric)
	lo, hi, seeds, open := math.Inf(1), math.Inf(-1), 0, 0
	for i, c := range curves {
		if len(c.Steps) == 0 {
			continue
		}
		line.Series = append(line.Series, chart.Series{
			Name: units[i].Label, X: c.Steps, Y: c.Mean, Low: c.Low, High: c.High, Points: len(c.Steps) < 20,
			Color: chart.Categorical(i), Goal: ChartGoal(goal),
		})
		for _, y := range c.Mean {
			lo, hi = min(lo, y), max(hi, y)
		}
		seeds, open = max(seeds, c.Runs), open+len(units[i].Runs)-len(units[i].Done)
	}
	line.Note = oneSeed(units, metric)
	line.Title, line.X = ShortName(metric)+Arrow(goal), chart.Axis{Label: "step"}
	line.Y = chart.Axis{Rate: IsRate(metric), Zero: IsRate(metric), Log: lo > 0 && hi > 10*lo && !IsRate(metric)}
	caption = ShortName(metric) + " along training, a curve a cell"
	if seeds > 1 {
		caption += ": mean of its seeds, with a band from the lowest to the highest of them"
	}
	if more > 0 {
		caption += fmt.Sprintf("; %d of the %d cells, those with the best results", maxCurves, maxCurves+more)
	}
	if open > 0 {
		caption += fmt.Sprintf("; runs that are not done (%d) are drawn as far as they came", open)
	}
	return line, caption, err
}

// oneSeed says what cells are of which one seed speaks; "" where each has more.
func oneSeed(units []*Unit, metric string) string {
	one, some := 0, 0
	for _, u := range units {
		switch n := len(u.having(metric)); {
		case n == 1:
			one++
			fallthrough
		case n > 1:
			some++
		}
	}
	const what = ": checkpoints, not recipes"
	switch {
	case one == 0:
		return ""
	case one == some:
		return "one seed" + what
	}
	return fmt.Sprintf("one seed in %d of %d cells", one, some) + what
}

// Arrow is behind a metric which of its values are better, "" where nobody said.
func Arrow(goal string) string {
	switch goal {
	case experiments.Max:
		return " ↑"
	case experiments.Min:
		return " ↓"
	}
	return ""
}

// ChartGoal is the same for a chart.
func ChartGoal(goal string) chart.Goal {
	switch goal {
	case experiments.Max:
		return chart.Highest
	case experiments.Min:
		return chart.Lowest
	}
	return 0
}

// grouped has the cells as sides that share all axes but one; all together where no
// two do, or the axis is "".
func (s *study) grouped(axis string) *Comparison {
	out := &Comparison{Metric: s.compared.Metric, Goal: s.compared.Goal, Plan: s.plan, alone: s.means}
	together := Side{Letter: "cells", Plan: s.plan, Units: s.units}
	alone := true
	for _, u := range s.units {
		name := otherAxes(u.Cell.Axes, axis)
		i := slices.IndexFunc(out.Sides, func(side Side) bool { return side.Letter == name })
		if i < 0 {
			i = len(out.Sides)
			out.Sides = append(out.Sides, Side{Letter: name, Plan: s.plan})
		}
		out.Sides[i].Units = append(out.Sides[i].Units, u)
		alone = alone && len(out.Sides[i].Units) < 2
	}
	if alone || axis == "" || len(out.Sides) == 1 {
		out.Sides = []Side{together}
	}
	return out
}

// otherAxes are the values of all axes but one: "solutions 4".
func otherAxes(axes []experiments.Setting, axis string) string {
	var parts []string
	for _, a := range axes {
		if a.Name != axis {
			parts = append(parts, fmt.Sprintf("%s %v", a.Name, a.Value))
		}
	}
	return strings.Join(parts, ", ")
}

// scalingLine is the metric against a size, with what was published dashed.
func (s *study) scalingLine(view Scaling) (line chart.Line, caption string) {
	metric := ShortName(s.compared.Metric)
	line = chart.Line{
		Title: metric + " by " + view.Axis, Note: oneSeed(s.units, s.compared.Metric), X: chart.Axis{Label: view.Axis},
		Y: chart.Axis{Rate: IsRate(s.compared.Metric), Zero: IsRate(s.compared.Metric)},
	}
	lo, hi := math.Inf(1), math.Inf(-1)
	var sources, laws []string
	for _, c := range view.Curves {
		x := chart.Series{Name: c.Name, Points: true, Bars: true, Color: chart.Categorical(max(c.Side, 0))}
		if c.Source != "" {
			x.Name, x.Dashed, x.Color = c.Source, true, chart.Muted
			if ref, ok := reference.Lookup(c.Name); ok && ref.Points[0].N > 0 {
				x.Name += fmt.Sprintf(", n = %d", ref.Points[0].N)
			}
			sources = append(sources, x.Name)
		}
		for _, p := range c.Points {
			x.X, x.Y = append(x.X, p.X), append(x.Y, p.Mean)
			x.Low, x.High = append(x.Low, p.Lo), append(x.High, p.Hi)
			lo, hi = min(lo, p.X), max(hi, p.X)
		}
		if f := c.Fit; f != nil {
			laws = append(laws, c.Name+": "+f.Words)
			if x.Dots = len(f.X) > 0; x.Dots { // the law takes the place of the line through the points
				line.Series = append(line.Series, chart.Series{X: f.X, Y: f.Y, Low: f.Lo, High: f.Hi, Color: x.Color})
			}
		}
		line.Series = append(line.Series, x)
	}
	line.X.Log = lo > 0 && hi >= 8*lo
	caption = fmt.Sprintf("%s against %s, bars 95 %%", metric, view.Axis)
	if len(view.Besides) > 0 && len(view.Curves)-len(sources) == 1 {
		caption += "; " + strings.Join(view.Besides, ", ") + " changes along"
	}
	if len(laws) > 0 {
		caption += "; " + strings.Join(laws, "; ")
	}
	if len(sources) > 0 {
		caption += "; dashed what was published: " + strings.Join(sources, "; ")
	}
	return line, caption
}
