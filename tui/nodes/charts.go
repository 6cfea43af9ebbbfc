package nodes

import (
	"cmp"
	"strings"

	"ablate/tui/chart"
	"ablate/tui/look"
)

// Cells of a chart.
const (
	chartLines = 5 // at least
	chartGap   = 2 // between two abreast
)

// abreast is how many charts stand side by side.
func (q *pane) abreast() int {
	switch {
	case q.w >= 190:
		return 4
	case q.w >= 70:
		return 2
	}
	return 1
}

// chartRoom is how many lines the charts of a device take at least.
func (q *pane) chartRoom(d *device) int {
	n := len(d.readings(q.look))
	return (n + q.abreast() - 1) / q.abreast() * chartLines
}

// charts are the readings of a device as charts in a grid of exactly h lines, or as
// curves of one line where there is no room for that; shown is of how many cells of time.
func (q *pane) charts(d *device, h int) (lines []string, shown int) {
	list, abreast := d.readings(q.look), q.abreast()
	if h < q.chartRoom(d) {
		lines, shown = q.curves(d)
		return lines[:min(len(lines), h)], shown
	}
	rows := (len(list) + abreast - 1) / abreast
	span := d.span(q.now)
	each := (q.w - chartGap*(abreast-1)) / abreast
	for row := range rows {
		height := h*(row+1)/rows - h*row/rows
		block := make([]string, height)
		for i, r := range list[row*abreast : min((row+1)*abreast, len(list))] {
			part := r.chart(q.look, q.now, span, each, height)
			for y := range block {
				if i > 0 {
					block[y] += strings.Repeat(" ", chartGap)
				}
				block[y] += part[y]
			}
		}
		lines = append(lines, block...)
	}
	return lines, span
}

// span is how many cells the charts of a device show: all, or few while it has few.
func (d *device) span(now float64) int {
	read := len(d.history.busy.last(cells, now))
	for _, few := range []int{2 * minute, 5 * minute} {
		if read <= few {
			return few
		}
	}
	return cells
}

// chart is a reading over the last minutes, so many cells.
func (r reading) chart(l look.Look, now float64, span, w, h int) []string {
	values := r.curve.last(span, now)
	x := make([]float64, len(values))
	for i := range x {
		x[i] = float64(i+1-len(values)) * bucket / 60
	}
	line := chart.Line{
		Title: " " + r.name + "  " + cmp.Or(r.value, "not read"), NoLegend: true, Empty: "not read yet", Style: l.Chart,
		Series: []chart.Series{{X: x, Y: values, Color: chart.Categorical(0)}},
		X:      chart.Axis{Min: -float64(span) * bucket / 60, Max: 0, Label: "min"},
		Y:      chart.Axis{Min: 0, Max: r.top, Zero: true, Width: 5},
	}
	return look.Box(strings.Split(line.Render(w, h), "\n"), w, h)
}
