package nodes

import (
	"strings"

	"ablate/tui/chart"
	"ablate/tui/look"
)

// charts are the readings of a device as charts in a grid of exactly h lines, or as
// curves of one line where there is no room for that; shown is of how many cells of time.
func (q *pane) charts(d *device, h int) (lines []string, shown int) {
	const least, gap = 5, 2 // lines of a chart, cells between two
	abreast := 1
	if q.w >= 70 {
		abreast = 2
	}
	list := d.readings(q.look)
	rows := (len(list) + abreast - 1) / abreast
	if h/max(rows, 1) < least {
		lines, shown = q.curves(d)
		return lines[:min(len(lines), h)], shown
	}
	each := (q.w - gap*(abreast-1)) / abreast
	for row := range rows {
		height := h*(row+1)/rows - h*row/rows
		block := make([]string, height)
		for i, r := range list[row*abreast : min((row+1)*abreast, len(list))] {
			part := r.chart(q.look, q.now, each, height)
			for y := range block {
				if i > 0 {
					block[y] += strings.Repeat(" ", gap)
				}
				block[y] += part[y]
			}
		}
		lines = append(lines, block...)
	}
	return lines, cells
}

// chart is a reading over the last minutes.
func (r reading) chart(l look.Look, now float64, w, h int) []string {
	values := r.curve.last(cells, now)
	x := make([]float64, len(values))
	for i := range x {
		x[i] = float64(i+1-len(values)) * bucket / 60
	}
	line := chart.Line{
		Title: " " + r.name + "  " + r.value, NoLegend: true, Empty: "not read yet", Style: l.Chart,
		Series: []chart.Series{{X: x, Y: values, Color: chart.Categorical(0)}},
		X:      chart.Axis{Min: -cells * bucket / 60, Max: 0, Label: "min"},
		Y:      chart.Axis{Min: 0, Max: r.top, Zero: true, Width: 5},
	}
	return look.Box(strings.Split(line.Render(w, h), "\n"), w, h)
}
