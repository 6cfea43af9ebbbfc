package chart

import "math"

// svgPlot maps data onto the pixels of a plot, whose dots have no cells: one a
// pixel, in x fewer where there are many curves.
type svgPlot struct {
	plot
	step float64 // pixels a dot column
	mesh float64 // pixels between marks
}

// reset makes p the plot of w x h pixels for a range of data.
func (p *svgPlot) reset(l *Line, b box, w, h float64) {
	curves := float64(1 + len(l.Series)/8)
	p.dotW, p.dotH = 1+max(1, int(w/curves)), 1+int(h)
	p.step = w / float64(p.dotW-1)
	p.mesh = l.mesh()
	p.scales(l, b)
}

// px and py are pixels from the left and the top of the plot.
func (p *svgPlot) px(dot float64) float64 { return (dot - 0.5) * p.step }
func (p *svgPlot) py(dot float64) float64 { return dot - 0.5 }

// curves draws what lies lowest first, like Line.draw.
func (f *svgFrame) curves() {
	f.put("<g fill=\"none\" stroke-width=\"1.75\" stroke-linejoin=\"round\" stroke-linecap=\"round\" transform=\"translate(")
	f.buf = append(appendTenths(append(appendTenths(f.buf, tenths(f.left)), ' '), tenths(f.top)), ")\">\n"...)
	for i := range f.l.Series {
		if s := &f.l.Series[i]; !s.Bars {
			band := f.plot.bandPath(s)
			f.path(&band, f.class(s.Color)+` fill="currentColor" fill-opacity=".16"`)
		}
	}
	for i := range f.l.Series {
		for _, g := range f.l.Series[i].Ghosts {
			ghost := f.plot.tracePath(&Series{X: g.X, Y: g.Y})
			f.path(&ghost, f.class(Faint)+` stroke="currentColor" stroke-width="1.1"`)
		}
	}
	f.ends = make([]svgPlace, len(f.l.Series))
	for _, dashed := range [...]bool{true, false} {
		for i := range f.l.Series {
			if s := &f.l.Series[i]; s.Dashed == dashed {
				f.open(s.Color, s.Name)
				f.curve(s, i)
				f.close()
			}
		}
	}
	f.put("</g>\n")
}

// svgDash is the pattern of references.
const svgDash = ` stroke-dasharray="6 5" stroke-linecap="butt"`

// curve draws a series, faint with its mean on top where it has one, and marks
// its points, or else its end.
func (f *svgFrame) curve(s *Series, i int) {
	line, attributes := svgPath{}, ` stroke="currentColor"`
	if s.Dashed {
		attributes += svgDash
	}
	if !s.Dots {
		line = f.plot.tracePath(s)
		if s.smooths() {
			f.path(&line, attributes+` stroke-width="1" stroke-opacity=".3"`)
			line, attributes = f.plot.meanPath(s), ` stroke="currentColor"`
		}
		f.path(&line, attributes)
	}
	if s.Bars {
		bars := f.plot.barsPath(s)
		f.path(&bars, ` stroke="currentColor" stroke-width="1.25"`)
	}
	shape := f.shape(i)
	var marks svgPath
	end, ended := f.endOf(s, &line)
	switch {
	case s.Points || s.Dots || s.len() == 1:
		marks = f.plot.markPath(s, shape)
	case f.l.listed(i) && ended:
		shape.draw(&marks, end.x, end.y)
	}
	f.ends[i] = end
	f.path(&marks, shape.attributes())
}

// endOf is where a curve ends in the plot, in pixels: where its line does, or its
// last point, or as near as the plot comes.
func (f *svgFrame) endOf(s *Series, line *svgPath) (end svgPlace, ok bool) {
	if len(line.d) > 0 {
		return svgPlace{float64(line.x) / 10, float64(line.y) / 10}, true
	}
	x, y, ok := s.last(f.plot.y.floor)
	if !ok {
		return end, false
	}
	return svgPlace{between(f.plot.px(f.plot.x.dot(x)), 0, f.pw), between(f.plot.py(f.plot.y.dot(y)), 0, f.ph)}, f.plot.visible(x, y)
}

// trail is a path through places in dots; what lies outside the plot is cut off.
type trail struct {
	path svgPath
	plot *svgPlot
	x, y float64
	open bool
}

// to goes on to a place.
func (t *trail) to(x, y float64) {
	x, y = between(x, -far, far), between(y, -far, far)
	if !t.open {
		t.x, t.y, t.open = x, y, true
	}
	a, b, dx, dy, p := 0.0, 1.0, x-t.x, y-t.y, t.plot
	if clip(t.x, dx, float64(p.dotW), &a, &b) && clip(t.y, dy, float64(p.dotH), &a, &b) {
		t.path.segment(p.px(t.x+a*dx), p.py(t.y+a*dy), p.px(t.x+b*dx), p.py(t.y+b*dy))
	}
	t.x, t.y = x, y
}

// tracePath is the line through the points of s. Of the points of a dot column
// it has the first, the lowest, the highest and the last.
func (p *svgPlot) tracePath(s *Series) svgPath {
	t, out := tracer{plot: &p.plot, s: s, endTo: math.Inf(-1)}, trail{plot: p}
	for i, n := t.reach(); i < n; {
		x, y, _ := s.at(i)
		if !t.ok(x, y) {
			out.open = false
			i = t.skip(i+1, n)
			continue
		}
		fx, fy := t.x.dot(x), t.y.dot(y)
		out.to(fx, fy)
		t.col, t.from, t.to = t.column(x, fx)
		t.px, t.py, t.low, t.high = fx, fy, y, y
		first := i
		i = t.merge(i+1, n)
		if i > first+3 && t.col >= 0 {
			out.to(fx, t.y.dot(t.high))
			out.to(fx, t.y.dot(t.low))
		} else {
			for k := first + 1; k < i-1 && t.col >= 0; k++ {
				if x, y, _ := s.at(k); t.ok(x, y) {
					out.to(t.x.dot(x), t.y.dot(y))
				}
			}
		}
		if i > first+1 {
			out.to(t.px, t.py)
		}
	}
	return out.path
}

// meanPath is the line of the exponential mean of s.
func (p *svgPlot) meanPath(s *Series) svgPath {
	t, out := tracer{plot: &p.plot, s: s, endTo: math.Inf(-1)}, trail{plot: p}
	t.means(func(x, y float64) {
		out.open = t.open
		if t.open = t.ok(x, y); t.open {
			out.to(t.x.dot(x), t.y.dot(y))
		}
	})
	return out.path
}
