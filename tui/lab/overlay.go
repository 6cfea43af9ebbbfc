package lab

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"ablate/experiments/reference"
	"ablate/tui/chart"
	"ablate/tui/report"
)

// overlay is what was published along the axis of the scaling chart.
type overlay struct {
	sets  []chart.Set
	cites []string
}

// papers are the published curves that the plan names and that speak of an axis.
func (s *scaling) papers(axis int) (o overlay) {
	for _, name := range s.grid.study.plan.References {
		if ref, ok := reference.Lookup(name); ok && s.speaksOf(ref, axis) {
			o.add(s, ref, axis)
		}
	}
	if len(o.sets) > 1 && o.sets[0].Name == o.sets[1].Name { // the source tells them apart
		for i := range o.sets {
			o.sets[i].Name, _, _ = strings.Cut(o.cites[i], ",")
		}
	}
	return o
}

// add takes in a published curve. Where it has other sizes than the cells have, as a
// cluster's are, its least and greatest stand where the axis has its own, and its name
// says which these are: its shape is what can be compared.
func (o *overlay) add(s *scaling, ref reference.Series, axis int) {
	xs := make([]float64, len(ref.Points))
	for i, p := range ref.Points {
		xs[i], _ = strconv.ParseFloat(p.X, 64)
	}
	set := chart.Set{Name: "paper", Color: chart.Muted, Reference: true}
	moved := ""
	if s.shared(ref, axis) < 2 {
		first, last := slices.Min(xs), slices.Max(xs)
		of := func(sep string, w int) string {
			return strings.TrimSpace(chart.Format(first, w)) + sep + strings.TrimSpace(chart.Format(last, w))
		}
		set.Name += " " + of("-", 4)
		moved = ", its " + of(" to ", 6) + " drawn over ours"
		lo, hi := s.ends(axis)
		for i, x := range xs {
			share := math.Log(x/first) / math.Log(last/first)
			xs[i] = lo * math.Pow(hi/lo, share)
			if !s.log(axis) {
				xs[i] = lo + (hi-lo)*(x-first)/(last-first)
			}
		}
	}
	for i, p := range ref.Points {
		y, lo, hi, _ := report.PublishedInterval(p)
		set.Points = append(set.Points, chart.Point{X: xs[i], Y: y, Low: lo, High: hi})
	}
	cite := ref.Cite()
	if n := ref.Points[0].N; n > 0 {
		cite += fmt.Sprintf(", n = %d", n)
	}
	if _, _, _, atMost := report.PublishedInterval(ref.Points[0]); atMost {
		cite += " (bars at most)"
	}
	o.sets, o.cites = append(o.sets, set), append(o.cites, cite+moved)
}

// sources are where they were published.
func (o *overlay) sources() string {
	if len(o.cites) == 0 {
		return ""
	}
	return "dashed: " + strings.Join(o.cites, "; ")
}
