package chart

import "math"

// bandPath is the polygons between the low and the high values of s; of the
// points of a pixel column it has the widest.
func (p *svgPlot) bandPath(s *Series) (out svgPath) {
	var run []edge
	for i := range min(len(s.Low), len(s.High), s.len()) {
		e, ok := p.edge(s, i)
		if !ok {
			p.polygon(&out, run)
			run = run[:0]
			continue
		}
		if k := len(run) - 1; k >= 0 && int(run[k].x) == int(e.x) {
			run[k].top, run[k].bottom = min(run[k].top, e.top), max(run[k].bottom, e.bottom)
			continue
		}
		run = append(run, e)
	}
	p.polygon(&out, run)
	return out
}

// polygon draws a stretch of a band, as far as it is on the plot: its upper side
// there and its lower side back. A single place is a stroke.
func (p *svgPlot) polygon(out *svgPath, run []edge) {
	run = p.between(run)
	if len(run) == 0 {
		return
	}
	if len(run) == 1 {
		run = append(run, edge{run[0].x + 1/p.step, run[0].top, run[0].bottom})
	}
	upper, lower := func(e edge) float64 { return e.top }, func(e edge) float64 { return e.bottom }
	out.move(p.px(run[0].x), p.inside(upper(run[0])))
	for i := 1; i < len(run); i++ {
		p.side(out, run[i-1], run[i], upper)
	}
	last := len(run) - 1
	out.line(p.px(run[last].x), p.inside(lower(run[last])))
	for i := last; i > 0; i-- {
		p.side(out, run[i], run[i-1], lower)
	}
	out.shut()
}

// between is the part of a stretch between the left and the right end of the
// plot; what goes back in x is left out.
func (p *svgPlot) between(run []edge) (out []edge) {
	left, right := 0.5, float64(p.dotW)-0.5
	for i, e := range run {
		last := run[max(0, i-1)]
		if last.x > e.x || e.x < left || last.x > right {
			continue
		}
		if last.x < left {
			out = append(out, last.between(e, left))
		}
		if e.x > right {
			e = last.between(e, right)
		}
		out = append(out, e)
	}
	return out
}

// inside is a height kept on the plot.
func (p *svgPlot) inside(y float64) float64 { return p.py(between(y, 0.5, float64(p.dotH)-0.5)) }

// side draws one side of a band from a to b, with the places where it crosses the
// upper or the lower end of the plot.
func (p *svgPlot) side(out *svgPath, a, b edge, y func(e edge) float64) {
	ends := [2]float64{0.5, float64(p.dotH) - 0.5}
	if y(a) > y(b) {
		ends[0], ends[1] = ends[1], ends[0]
	}
	for _, end := range ends {
		if (y(a)-end)*(y(b)-end) < 0 {
			share := (end - y(a)) / (y(b) - y(a))
			out.line(p.px(a.x+share*(b.x-a.x)), p.py(end))
		}
	}
	out.line(p.px(b.x), p.inside(y(b)))
}

// barsPath is the error bars of s, with caps at the ends that are on the plot.
func (p *svgPlot) barsPath(s *Series) (out svgPath) {
	const half = 3 // of a cap
	end := float64(p.dotH) - 0.5
	seen := sieve{p.mesh, map[[2]int]bool{}}
	for i := range min(len(s.Low), len(s.High), s.len()) {
		e, ok := p.edge(s, i)
		if !ok || e.x < 0.5-1e-6 || e.x > float64(p.dotW)-0.5+1e-6 || e.bottom < 0.5 || e.top > end || !seen.first(e.x, e.top) {
			continue
		}
		x, top, bottom := p.px(e.x), p.py(max(e.top, 0.5)), p.py(min(e.bottom, end))
		out.move(x, top)
		out.line(x, bottom)
		for _, y := range [...]float64{e.top, e.bottom} {
			if y >= 0.5 && y <= end {
				out.move(x-half, p.py(y))
				out.line(x+half, p.py(y))
			}
		}
	}
	return out
}

// sieve keeps one of the marks that would lie on each other.
type sieve struct {
	mesh float64
	seen map[[2]int]bool
}

// mesh is the distance that marks of one series keep, in pixels: one, and more
// where there are more marks in a chart than anybody tells apart.
func (l *Line) mesh() float64 {
	const many = 4000
	series, marks := 0, 0
	for i := range l.Series {
		if s := &l.Series[i]; s.Points || s.Dots || s.Bars {
			series, marks = series+1, marks+s.len()
		}
	}
	if marks <= many {
		return 1
	}
	return 6 * math.Sqrt(float64(series))
}

func (s *sieve) first(x, y float64) bool {
	at := [2]int{int(x / s.mesh), int(y / s.mesh)}
	if s.seen[at] {
		return false
	}
	s.seen[at] = true
	return true
}

// markPath is the visible points of s as marks.
func (p *svgPlot) markPath(s *Series, shape shape) (out svgPath) {
	seen := sieve{p.mesh, map[[2]int]bool{}}
	p.visiblePoints(s, func(x, y float64) {
		fx, fy := p.x.dot(x), p.y.dot(y)
		if seen.first(fx, fy) {
			shape.draw(&out, p.px(fx), p.py(fy))
		}
	})
	return out
}

// shape is the mark of a series: one of four forms, full or hollow.
type shape int

// shape is that of series i; with its colour, 64 are told apart.
func (f *svgFrame) shape(i int) shape {
	k := 0
	for j := range i {
		if f.l.listed(j) {
			k++
		}
	}
	return shape((k + k/categories) % categories)
}

// attributes say how a shape is painted.
func (s shape) attributes() string {
	if s >= 4 {
		return ` class="paper" fill="` + svgPaper[0] + `" stroke="currentColor" stroke-width="1.5"`
	}
	return ` fill="currentColor"`
}

// draw adds the shape round a place: a circle, a rhombus, a triangle, a square.
func (s shape) draw(out *svgPath, x, y float64) {
	out.move(x, y)
	out.dot = false
	forms := [...]string{"m-3 0a3 3 0 1 0 6 0a3 3 0 1 0-6 0z", "m0-4.2l4.2 4.2-4.2 4.2-4.2-4.2z",
		"m0-4l4 7h-8z", "m-3-3h6v6h-6z"}
	out.d = append(out.d, forms[s%4]...)
}
