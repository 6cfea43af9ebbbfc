package lab

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"ablate/experiments"
	"ablate/experiments/stats"
	"ablate/experiments/store"
	"ablate/tui/chart"
	"ablate/tui/look"
	"ablate/tui/report"
)

// matrix draws the cells over the first two axes, each with the mean of its
// objective, filling as runs finish; what is not final yet has a ●. It takes at
// most h lines and gives back those it needs.
func (p *Experiment) matrix(l look.Look, w, h int) []string {
	m := chart.Matrix{Empty: "the design appears here", Style: l.Chart}
	if p.plan != nil && len(p.plan.Axes) > 0 {
		p.fillMatrix(&m)
	}
	out := strings.Split(m.Render(w, max(h-1, 1)), "\n")
	for len(out) > 1 && strings.TrimSpace(out[len(out)-1]) == "" {
		out = out[:len(out)-1]
	}
	if h > 1 {
		out = append(out, l.Muted.Render(" "+p.matrixNote()))
	}
	return look.Box(out, w, min(h, len(out)))
}

func (p *Experiment) fillMatrix(m *chart.Matrix) {
	cols, rows := p.axisValues(0), []any{nil}
	m.ColTitle = p.plan.Axes[0]
	if len(p.plan.Axes) > 1 {
		m.RowTitle, rows = p.plan.Axes[1], p.axisValues(1)
		slices.Reverse(rows)
	}
	for _, v := range cols {
		m.Cols = append(m.Cols, fmt.Sprint(v))
	}
	cells, best := p.cells(), 0.0
	for _, c := range cells {
		if mean := p.score(c).mean; mean > best { // not if it is NaN
			best = mean
		}
	}
	for i, rv := range rows {
		m.Rows = append(m.Rows, "")
		if rv != nil {
			m.Rows[i] = fmt.Sprint(rv)
		}
		m.Cells = append(m.Cells, make([]chart.MatrixCell, len(cols)))
		for j, cv := range cols {
			m.Cells[i][j] = p.matrixCell(cells, cv, rv, best)
			if c := p.cellOf(p.cursor); c >= 0 && at(p.plan.Cells[c], cv, rv) {
				m.Cursor = &chart.At{Row: i, Col: j}
			}
		}
	}
}

// axisValues are the values of an axis over all cells: numbers ascending, others
// in their order.
func (p *Experiment) axisValues(axis int) (values []any) {
	for _, c := range p.plan.Cells {
		if !slices.Contains(values, c.Axes[axis].Value) {
			values = append(values, c.Axes[axis].Value)
		}
	}
	slices.SortStableFunc(values, func(a, b any) int {
		x, xok := asNumber(a)
		y, yok := asNumber(b)
		if !xok || !yok {
			return 0
		}
		return int(math.Copysign(1, x-y))
	})
	return values
}

func asNumber(v any) (float64, bool) {
	switch v := v.(type) {
	case int64:
		return float64(v), true
	case float64:
		return v, true
	}
	return 0, false
}

// at reports whether a cell stands at these values of the first two axes.
func at(c experiments.Cell, col, row any) bool {
	return c.Axes[0].Value == col && (row == nil || c.Axes[1].Value == row)
}

func (p *Experiment) cells() []report.Cell {
	records := make([]store.Record, 0, len(p.records))
	for _, r := range p.records {
		records = append(records, r)
	}
	kept, _ := report.Trusted(p.marks, records)
	return report.Cells(p.plan, kept)
}

// score is what a cell has come to: the mean of its runs that are done, else of
// the newest values of those that are going.
type score struct {
	mean  float64 // NaN: nothing yet
	sd    float64 // between seeds, NaN with fewer than two
	done  int
	going bool
}

func (p *Experiment) score(c report.Cell) score {
	s := score{done: len(c.Scores)}
	values := c.Scores
	var now []float64
	for _, r := range c.Runs {
		s.going = s.going || r.Status == store.Running
		if v, ok := p.history(r.ID).Series[p.metric()].Last(); ok && r.Status != store.Done {
			now = append(now, v)
		}
	}
	if len(values) == 0 {
		values = now
	}
	s.mean, s.sd = stats.Mean(values), stats.SD(values)
	return s
}

// matrixCell is what stands at one place; further axes are averaged over.
func (p *Experiment) matrixCell(cells []report.Cell, col, row any, best float64) chart.MatrixCell {
	out := chart.MatrixCell{Value: math.NaN(), Shade: math.NaN()}
	var means []float64
	var total score
	runs, few := 0, false
	for _, c := range cells {
		if !at(c.Cell, col, row) {
			continue
		}
		s := p.score(c)
		runs += len(p.plan.Seeds)
		few = few || c.TooFew
		total.done += s.done
		total.going = total.going || s.going
		total.sd = s.sd
		if !math.IsNaN(s.mean) {
			means = append(means, s.mean)
		}
	}
	if runs == 0 {
		return out
	}
	out.Status = fmt.Sprintf("%d/%d", total.done, runs)
	if total.going {
		out.Status += " ●"
	}
	out.Value, out.Label, out.Shade = stats.Mean(means), "–", 0
	if !math.IsNaN(out.Value) {
		out.Label = fmt.Sprintf("%.2f", out.Value)
		if isRate(p.metric()) {
			out.Label = strings.TrimPrefix(out.Label, "0")
		}
		out.Shade = out.Value / max(best, 1e-9)
	}
	if few {
		out.Value, out.Label, out.Shade = math.NaN(), report.FewSamples, 0
	}
	if len(means) == 1 && !math.IsNaN(total.sd) {
		out.Sub = "±" + strings.TrimPrefix(fmt.Sprintf("%.2f", total.sd), "0")
	}
	return out
}

// matrixNote explains the numbers of the matrix.
func (p *Experiment) matrixNote() string {
	if p.plan == nil {
		return ""
	}
	note := p.metricTitle()
	if p.plan.Equal != "" {
		note = "equal " + p.plan.Equal + " · " + note
	}
	if len(p.plan.Seeds) > 1 {
		return note + " · mean ± sd of seeds"
	}
	return note + " · one seed"
}
