package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"ablate/experiments/store"
	"ablate/tui/chart"
)

// matrix has the first axis along and the second up; nil for a design without two.
func (s *study) matrix() *chart.Matrix {
	if len(s.plan.Axes) != 2 {
		return nil
	}
	cols, rows := s.values(s.plan.Axes[0]), s.values(s.plan.Axes[1])
	slices.Reverse(rows)
	m := &chart.Matrix{ColTitle: s.plan.Axes[0], RowTitle: s.plan.Axes[1], Cols: cols, Rows: rows, Cells: make([][]chart.MatrixCell, len(rows))}
	if note := oneSeed(s.units, s.compared.Metric); note != "" { // a matrix has no line for notes
		m.ColTitle += " · " + note
	}
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, e := range s.means {
		if !math.IsNaN(e.Mean) {
			lo, hi = min(lo, e.Mean), max(hi, e.Mean)
		}
	}
	for i := range rows {
		m.Cells[i] = make([]chart.MatrixCell, len(cols))
		for j := range cols {
			m.Cells[i][j] = chart.MatrixCell{Value: math.NaN(), Shade: math.NaN()}
		}
	}
	for _, u := range s.units {
		i, j := slices.Index(rows, settingText(u.Cell.Axes, s.plan.Axes[1])), slices.Index(cols, settingText(u.Cell.Axes, s.plan.Axes[0]))
		if i >= 0 && j >= 0 {
			m.Cells[i][j] = s.matrixCell(u, lo, hi)
		}
	}
	return m
}

func (s *study) matrixCell(u *Unit, lo, hi float64) chart.MatrixCell {
	e := s.means[u]
	c := chart.MatrixCell{Value: e.Mean, Label: number(e.Mean), Shade: math.NaN(), Status: fmt.Sprintf("%d/%d", len(u.Done), u.Planned)}
	if e.TooFew {
		c.Label = FewSamples
	}
	if u.Count(store.Failed)+u.Count(store.Lost) > 0 {
		c.Status += " ✗"
	}
	if span(e.Lo, e.Hi) != "–" {
		c.Sub = "±" + tight(short(max(e.Hi-e.Mean, e.Mean-e.Lo)))
	}
	const least = 0.08 // that the worst cell, too, is seen to have a result
	switch {
	case math.IsNaN(e.Mean):
	case hi > lo:
		c.Shade = least + (1-least)*(e.Mean-lo)/(hi-lo)
	default:
		c.Shade = 1
	}
	return c
}

// values are those of an axis as texts, numbers in ascending order.
func (s *study) values(axis string) []string {
	type value struct {
		text   string
		number float64
	}
	var all []value
	numbers := true
	for _, u := range s.units {
		for _, a := range u.Cell.Axes {
			text := fmt.Sprint(a.Value)
			if a.Name != axis || slices.ContainsFunc(all, func(v value) bool { return v.text == text }) {
				continue
			}
			x, ok := numeric(a.Value)
			all, numbers = append(all, value{text, x}), numbers && ok
		}
	}
	if numbers {
		slices.SortFunc(all, func(a, b value) int { return cmp.Compare(a.number, b.number) })
	}
	texts := make([]string, len(all))
	for i, v := range all {
		texts[i] = v.text
	}
	return texts
}
