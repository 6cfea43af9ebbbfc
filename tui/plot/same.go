package plot

import (
	"math"

	"ablate/tui/chart"
)

// drawing is all that a picture of one long series depends on. A page is drawn a few
// times for each point that comes: what is the same is not drawn again.
type drawing struct {
	w, h               int
	title, note, empty string
	x, y               chart.Axis
	window             chart.Window
	cursor             uint64
	crossed, legend    bool
	style              chart.Style

	data                 *chart.Pyramid
	points               int
	lastX, lastY         uint64
	ghosts               int
	name                 string
	smooth               float64
	goal                 chart.Goal
	color                chart.Color
	dashed, marked, dots bool
	marks                uint64 // of where something happened
}

// drawingOf is false for what can be changed without its being seen here: series in
// slices, or several.
func drawingOf(line *chart.Line, w, h int) (d drawing, ok bool) {
	if len(line.Series) != 1 || line.Series[0].Data == nil || line.Series[0].Low != nil {
		return d, false
	}
	s := &line.Series[0]
	d = drawing{
		w: w, h: h, title: line.Title, note: line.Note, empty: line.Empty, x: line.X, y: line.Y, window: line.Window, legend: !line.NoLegend, style: line.Style,
		data: s.Data, points: s.Data.Len(), ghosts: len(s.Ghosts), name: s.Name, smooth: s.Smooth, goal: s.Goal, color: s.Color,
		dashed: s.Dashed, marked: s.Points, dots: s.Dots,
	}
	for _, x := range line.Marks {
		d.marks = d.marks*31 + math.Float64bits(x) + 1
	}
	if line.Cursor != nil {
		d.cursor, d.crossed = math.Float64bits(*line.Cursor), true
	}
	if d.points > 0 {
		x, y := s.Data.At(d.points - 1)
		d.lastX, d.lastY = math.Float64bits(x), math.Float64bits(y)
	}
	return d, true
}
