package lab

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"ablate/experiments"
	"ablate/experiments/reference"
	"ablate/tui/chart"
	"ablate/tui/look"
	"ablate/tui/plot"
	"ablate/tui/report"
)

// scaling is the chart of the matrix's metric against the values of an axis, each
// cell a point with its interval, and the published curves beside it, dashed.
type scaling struct {
	grid *grid
	plot plot.Plot
	made made
	line chart.Line
	axis int // -1: no axis has numbers
	laws laws
}

// ofAxis is the axis that the chart goes along: of the matrix's two the first that
// something was published on, else the first with numbers.
func (s *scaling) ofAxis() int {
	col, row := s.grid.chosen()
	numbers := -1
	for _, a := range []int{col, row} {
		if a < 0 || !s.numeric(a) {
			continue
		}
		if numbers < 0 {
			numbers = a
		}
		for _, name := range s.grid.study.plan.References {
			if ref, ok := reference.Lookup(name); ok && s.speaksOf(ref, a) {
				return a
			}
		}
	}
	return numbers
}

func (s *scaling) numeric(axis int) bool {
	values := s.grid.study.axisValues(axis)
	return len(values) > 1 && !slices.ContainsFunc(values, func(v any) bool { _, ok := experiments.Number(v); return !ok })
}

// speaksOf reports whether a published curve is about an axis: it has values in
// common with it, or its name says so.
func (s *scaling) speaksOf(ref reference.Series, axis int) bool {
	if slices.ContainsFunc(ref.Points, func(p reference.Point) bool { _, err := strconv.ParseFloat(p.X, 64); return err != nil }) {
		return false
	}
	return s.shared(ref, axis) > 1 || slices.Contains(strings.Split(ref.Name, "_"), s.grid.study.plan.Axes[axis])
}

// shared is how many values of an axis a published curve has, too.
func (s *scaling) shared(ref reference.Series, axis int) (n int) {
	for _, v := range s.grid.study.axisValues(axis) {
		if slices.ContainsFunc(ref.Points, func(p reference.Point) bool { return p.X == fmt.Sprint(v) }) {
			n++
		}
	}
	return n
}

// make fills the chart if the matrix has changed.
func (s *scaling) make() {
	s.grid.make()
	if s.made == s.grid.made && s.made != (made{}) {
		return
	}
	s.made, s.axis, s.laws.curves = s.grid.made, -1, nil
	if s.grid.study.plan == nil || len(s.grid.pairs()) == 0 {
		return
	}
	if s.axis = s.ofAxis(); s.axis < 0 {
		return
	}
	axis, metric := s.axis, s.grid.shown()
	sc := chart.Scatter{
		Title: look.Harmless(report.ShortName(metric)) + " by " + look.Harmless(s.grid.study.plan.Axes[axis]), Sets: s.sets(axis),
		X:     chart.Axis{Label: look.Harmless(s.grid.study.plan.Axes[axis]), Log: s.log(axis)},
		Y:     chart.Axis{Rate: report.IsRate(metric), Zero: true, Width: 5},
		Empty: "a point a cell, as soon as one is done",
	}
	var papers overlay
	if objective, _ := s.grid.study.objective(); metric == objective && report.IsRate(metric) {
		papers = s.papers(axis)
	}
	sc.Sets = append(sc.Sets, papers.sets...)
	brief := s.laws.draw(sc.Sets, metric)
	sc.Note = strings.Trim(brief+" · "+papers.sources(), " ·")
	s.plot.Scaling = true
	s.line = *sc.Line()
}

// log reports whether the values of an axis are those of a size: all above 0, the
// greatest many times the least.
func (s *scaling) log(axis int) bool {
	lo, hi := s.ends(axis)
	return lo > 0 && hi >= 8*lo
}

func (s *scaling) ends(axis int) (lo, hi float64) {
	lo, hi = math.Inf(1), math.Inf(-1)
	for _, v := range s.grid.study.axisValues(axis) {
		x, _ := experiments.Number(v)
		lo, hi = min(lo, x), max(hi, x)
	}
	return lo, hi
}

// sets are the points of the cells that are done, those together that share the
// other axis; if no two do, all are.
func (s *scaling) sets(axis int) (sets []chart.Set) {
	g := s.grid
	col, row := g.chosen()
	other, name := row, ""
	if axis == row {
		other = col
	}
	if other >= 0 {
		name = g.study.plan.Axes[other]
	}
	alone := true
	for k, v := range g.study.axisValues(other) {
		set := chart.Set{Color: chart.Categorical(k)}
		var curve []report.FitPoint
		if v != nil {
			set.Name = look.Harmless(fmt.Sprintf("%s %v", name, v))
		}
		for i, x := range g.study.axisValues(axis) {
			c, r := i, k
			if axis == row {
				c, r = k, i
			}
			sc := g.scores[len(g.scores)-1-r][c] // rows stand from the greatest down
			if math.IsNaN(sc.mean) || sc.now {
				continue
			}
			at, _ := experiments.Number(x)
			p := chart.Point{X: at, Y: sc.mean, Low: sc.mean, High: sc.mean}
			if lo, hi := sc.ends(); !math.IsNaN(lo) {
				p.Low, p.High = lo, hi
			}
			set.Points = append(set.Points, p)
			curve = append(curve, s.fitPoint(g.cells[len(g.scores)-1-r][c], at, sc))
		}
		if len(set.Points) == 0 {
			continue
		}
		alone = alone && len(set.Points) < 2
		sets, s.laws.curves = append(sets, set), append(s.laws.curves, curve)
	}
	if !alone || len(sets) < 2 {
		return sets
	}
	s.laws.curves = nil // the other axis changes along
	all := chart.Set{Name: "cells", Color: chart.Categorical(0)}
	for _, set := range sets {
		all.Points = append(all.Points, set.Points...)
	}
	slices.SortFunc(all.Points, func(a, b chart.Point) int { return int(math.Copysign(1, a.X-b.X)) })
	return []chart.Set{all}
}
