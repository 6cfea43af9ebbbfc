package chart

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

// polygon draws a stretch of a band: its upper side there and its lower side
// back, as far as they are on the plot. A single place is a stroke.
func (p *svgPlot) polygon(out *svgPath, run []edge) {
	var visible []edge
	left, right := 0.5, float64(p.dotW)-0.5
	for i, e := range run {
		last := e
		if i > 0 {
			last = run[i-1]
		}
		if last.x > e.x || max(last.x, e.x) < left || min(last.x, e.x) > right {
			continue
		}
		if last.x < left {
			visible = append(visible, last.between(e, left))
		}
		if e.x > right {
			visible = append(visible, last.between(e, right))
		} else if e.x >= left {
			visible = append(visible, e)
		}
	}
	if len(visible) == 0 {
		return
	}
	if len(visible) == 1 {
		visible = append(visible, edge{visible[0].x + 1/p.step, visible[0].top, visible[0].bottom})
	}
	first := len(out.d)
	side := func(k int, y func(e edge) float64, step int) {
		for ; k >= 0 && k < len(visible); k += step {
			if from := k - step; from >= 0 && from < len(visible) {
				p.crossings(out, visible[from], visible[k], y)
			}
			x, y := p.px(visible[k].x), p.py(between(y(visible[k]), 0.5, float64(p.dotH)-0.5))
			if len(out.d) == first {
				out.move(x, y)
			} else {
				out.line(x, y)
			}
		}
	}
	side(0, func(e edge) float64 { return e.top }, 1)
	side(len(visible)-1, func(e edge) float64 { return e.bottom }, -1)
	out.shut()
}

// crossings draws to where one side of a band, on its way from a to b, crosses
// the upper or the lower end of the plot.
func (p *svgPlot) crossings(out *svgPath, a, b edge, y func(e edge) float64) {
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
}

// barsPath is the error bars of s, with caps at the ends that are on the plot.
func (p *svgPlot) barsPath(s *Series) (out svgPath) {
	const cap = 3
	end := float64(p.dotH) - 0.5
	seen := p.sieve(s)
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
				out.move(x-cap, p.py(y))
				out.line(x+cap, p.py(y))
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

// sieve is as fine as a pixel, and coarser where there are more marks than
// anybody tells apart.
func (p *svgPlot) sieve(s *Series) sieve {
	mesh := 1.0
	if s.len() > 1000 {
		mesh = 6
	}
	return sieve{mesh, map[[2]int]bool{}}
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
	seen := p.sieve(s)
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
	forms := [...]string{"m-3.2 0a3.2 3.2 0 1 0 6.4 0a3.2 3.2 0 1 0-6.4 0z", "m0-4.2l4.2 4.2-4.2 4.2-4.2-4.2z",
		"m0-4l4 7h-8z", "m-3-3h6v6h-6z"}
	out.d = append(out.d, forms[s%4]...)
}
