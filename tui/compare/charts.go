package compare

import (
	"fmt"
	"math"
	"strings"

	"ablate/tui/chart"
	"ablate/tui/look"
	"ablate/tui/report"
)

// curveChart is a metric along training: a curve a side.
func (p *Compare) curveChart(l look.Look, w int, metric string, curves []report.Curve) chart.Line {
	line := chart.Line{
		Title: look.Harmless(report.ShortName(metric)) + report.Arrow(p.goal(metric)),
		Note:  curvesNote(curves), X: chart.Axis{Label: "step", Min: 0, Max: p.end()},
		Y: chart.Axis{Rate: report.IsRate(metric), Width: 5}, Empty: p.nothing(),
	}
	for i := range p.data.Sides {
		s := chart.Series{Name: p.curveName(l, w, i), Color: chart.Categorical(i), Goal: report.ChartGoal(p.goal(metric))}
		if i < len(curves) { // one without points keeps its letter free
			c := curves[i]
			s.X, s.Y, s.Low, s.High, s.Points = c.Steps, c.Mean, c.Low, c.High, len(c.Steps) < 20
		}
		line.Series = append(line.Series, s)
	}
	return line
}

// curveName is what a side is called in the legend of a chart of w cells: by its letter
// alone, which the first line says what it stands for, where the name of any side would
// take the room of the others'. Where there are no colours the letter is there already.
func (p *Compare) curveName(l look.Look, w, i int) string {
	const share = 4 // of the width that a name may take
	long := false
	for j := range p.data.Sides {
		long = long || look.Width(p.sideLabel(j)) > w/share
	}
	letter, label := p.data.Sides[i].Letter, p.sideLabel(i)
	switch {
	case l.Chart.Theme.NoColor && long:
		return strings.TrimRight(look.Fit(label, w/share), " ")
	case l.Chart.Theme.NoColor:
		return label
	case long:
		return letter
	}
	return letter + " " + label
}

// sideLabel is a side by its cell, or where there are several by what was named.
func (p *Compare) sideLabel(i int) string {
	if u := p.data.Chosen.Units[i]; u != nil && !p.has(paneCells) {
		return look.Harmless(u.Label)
	}
	return look.Harmless(p.data.Sides[i].Label)
}

// curvesNote says what a curve is.
func curvesNote(curves []report.Curve) string {
	most := 0
	for _, c := range curves {
		most = max(most, c.Runs)
	}
	if most < 2 {
		return ""
	}
	return "mean of seeds, band lowest to highest"
}

// end is the last step of any curve, so that both charts have the same axis.
func (p *Compare) end() float64 {
	end := 1.0
	for _, curves := range [][]report.Curve{p.reader.got.curves, p.reader.got.course} {
		for _, c := range curves {
			if n := len(c.Steps); n > 0 {
				end = max(end, c.Steps[n-1])
			}
		}
	}
	return end
}

func (p *Compare) nothing() string {
	if p.reader.got.light {
		return "reading the points"
	}
	for _, u := range p.data.Chosen.Units {
		if u != nil && len(u.Runs) > 0 {
			return "the runs wrote no points of this metric"
		}
	}
	return "not run yet"
}

// goal says which values of a metric are better.
func (p *Compare) goal(metric string) string {
	for _, m := range p.data.Detail.Metrics {
		if m.Metric == metric {
			return m.Goal
		}
	}
	return ""
}

// scaling is the view along the chosen axis.
func (p *Compare) scaling() report.Scaling {
	for _, s := range p.data.Scaling {
		if s.Axis == p.axis {
			return s
		}
	}
	if len(p.data.Scaling) == 0 {
		return report.Scaling{}
	}
	return p.data.Scaling[0]
}

// scalingChart is the metric against a size, with error bars, and what was published
// dashed.
func (p *Compare) scalingChart(l look.Look, w int) chart.Line {
	view := p.scaling()
	line := chart.Line{
		Title: fmt.Sprintf("%s against %s", look.Harmless(report.ShortName(p.data.Metric)), look.Harmless(view.Axis)),
		X:     chart.Axis{Label: look.Harmless(view.Axis)}, Y: chart.Axis{Rate: report.IsRate(p.data.Metric), Width: 5},
		Empty: "no cell has a result yet",
	}
	bars, folded, atMost, brief := false, false, false, ""
	var laws []chart.Series
	for _, c := range view.Curves {
		s := p.scalingSeries(l, w, c)
		for _, at := range c.Points {
			bars, folded = bars || !math.IsNaN(at.Lo), folded || at.Cells > 1
		}
		atMost = atMost || c.AtMost
		if f := c.Fit; f != nil {
			if brief == "" {
				if brief = f.Brief; len(p.data.Sides) > 1 && c.Side >= 0 {
					brief = p.data.Sides[c.Side].Letter + ": " + brief
				}
			}
			if len(f.X) > 0 { // it takes the place of the line through the points
				s.Dots = true
				laws = append(laws, chart.Series{X: f.X, Y: f.Y, Low: f.Lo, High: f.Hi, Color: s.Color})
			}
		}
		line.Series = append(line.Series, s)
	}
	line.X.Log = sizes(line.Series)
	line.Series = append(line.Series, laws...)
	var notes []string
	if len(view.Besides) > 0 {
		notes = append(notes, look.Harmless(strings.Join(view.Besides, ", "))+" changes along")
	}
	if brief != "" {
		notes = append(notes, brief)
	}
	switch {
	case folded:
		notes = append(notes, "mean of the cells at a place")
	case bars && atMost:
		notes = append(notes, "bars 95 %, published at most")
	case bars:
		notes = append(notes, "bars 95 %")
	}
	line.Note = strings.Join(notes, " · ")
	return line
}

// sizes reports whether the points stand at sizes: all above 0, the greatest many times
// the least.
func sizes(all []chart.Series) bool {
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, s := range all {
		for _, x := range s.X {
			lo, hi = min(lo, x), max(hi, x)
		}
	}
	return lo > 0 && hi >= 8*lo
}

// scalingSeries is a curve of the scaling view, as points that are joined.
func (p *Compare) scalingSeries(l look.Look, w int, c report.ScalingCurve) chart.Series {
	s := chart.Series{Name: look.Harmless(c.Name), Points: true, Bars: true, Dashed: c.Source != "", Color: chart.Muted}
	switch {
	case c.Source != "":
		s.Name = look.Harmless(c.Source)
	case c.Side >= 0:
		s.Color, s.Name = chart.Categorical(c.Side), p.curveName(l, w, c.Side)
	default:
		s.Color = chart.Categorical(0)
	}
	for _, at := range c.Points {
		s.X, s.Y = append(s.X, at.X), append(s.Y, at.Mean)
		s.Low, s.High = append(s.Low, at.Lo), append(s.High, at.Hi)
	}
	return s
}
