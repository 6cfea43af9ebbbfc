package chart

import "math"

// Scatter is a chart of single points, as of a scaling law: each with its error
// bar, the curves fitted through them with their bands, and published curves,
// dashed.
type Scatter struct {
	Title, Note string
	Sets        []Set
	X, Y        Axis
	Empty       string
	Cursor      *float64
	Window      Window
	Style       Style
}

// Set is the points that belong together, or a curve, or both.
type Set struct {
	Name   string
	Color  Color
	Points []Point
	// Fit is a curve through the points with its band (see Series); without a name
	// it has no entry in the legend.
	Fit Series
	// Reference is for numbers published elsewhere: their points are joined by a
	// dashed line that carries its name.
	Reference bool
}

// Point is one point of a Scatter. Low and High are the ends of its error bar;
// equal ends draw none.
type Point struct{ X, Y, Low, High float64 }

// Line is the scatter as a line chart, which has its keys and its cursor.
func (s *Scatter) Line() *Line {
	l := &Line{Title: s.Title, Note: s.Note, X: s.X, Y: s.Y, Empty: s.Empty,
		Cursor: s.Cursor, Window: s.Window, Style: s.Style}
	for _, set := range s.Sets {
		if n := len(set.Fit.Y); n > 0 {
			fit := set.Fit
			fit.Color = set.Color
			l.Series = append(l.Series, fit)
		}
		out := Series{Name: set.Name, Color: set.Color, Dots: !set.Reference, Dashed: set.Reference, Bars: true}
		for _, p := range set.Points {
			out.X, out.Y = append(out.X, p.X), append(out.Y, p.Y)
			if p.Low == p.High {
				p.Low, p.High = math.NaN(), math.NaN()
			}
			out.Low, out.High = append(out.Low, p.Low), append(out.High, p.High)
		}
		l.Series = append(l.Series, out)
	}
	return l
}

// Render draws the scatter in exactly h lines of w cells.
func (s *Scatter) Render(w, h int) string { return s.Line().Render(w, h) }
