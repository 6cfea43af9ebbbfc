package chart

// edge is one place of a band, in dots.
type edge struct{ x, top, bottom float64 }

// band fills what lies between the low and the high values of s; a gap in
// either, or in x, interrupts it.
func (p *plot) band(s *Series) {
	var last edge
	open := false
	for i := range min(len(s.Low), len(s.High), s.len()) {
		e, ok := p.edge(s, i)
		switch {
		case !ok:
		case open:
			p.fill(last, e)
		default:
			p.fill(e, e)
		}
		last, open = e, ok
	}
}

// edge is the band at point i.
func (p *plot) edge(s *Series, i int) (e edge, ok bool) {
	x, _, _ := s.at(i)
	lo, hi := min(s.Low[i], s.High[i]), max(s.Low[i], s.High[i])
	if (x-x)+(lo-lo)+(hi-hi) != 0 || !(x > p.x.floor) || !(hi > p.y.floor) {
		return edge{}, false
	}
	limit := func(v float64) float64 { return between(v, -far, far) }
	return edge{limit(p.x.dot(x)), limit(p.y.dot(hi)), limit(p.y.dot(lo))}, true
}

// fill fills the dot columns from a to b.
func (p *plot) fill(a, b edge) {
	if a.x > b.x {
		a, b = b, a
	}
	w := float64(p.dotW)
	if b.x < 0 || a.x >= w {
		return
	}
	first, last := int(between(a.x, 0, w-1)), int(between(b.x, 0, w-1))
	for col := first; col <= last; col++ {
		from, to := a.between(b, float64(col)), a.between(b, float64(col)+1)
		p.stroke(col, min(from.top, to.top), max(from.bottom, to.bottom))
	}
}

// between is the place at x on the straight way from a to b, or the nearer end.
func (a edge) between(b edge, x float64) edge {
	if b.x <= a.x {
		if x > a.x {
			return b
		}
		return a
	}
	share := between((x-a.x)/(b.x-a.x), 0, 1)
	return edge{x, a.top + share*(b.top-a.top), a.bottom + share*(b.bottom-a.bottom)}
}

// bars draws an error bar at every point that has one.
func (p *plot) bars(s *Series) {
	for i := range min(len(s.Low), len(s.High), s.len()) {
		if e, ok := p.edge(s, i); ok && e.x >= 0 && e.x < float64(p.dotW) {
			p.stroke(int(e.x), e.top, e.bottom)
		}
	}
}
