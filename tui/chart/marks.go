package chart

// marks puts a marker on every visible point of s.
func (p *plot) marks(s *Series, r rune) {
	p.visiblePoints(s, func(x, y float64) { p.markAt(x, y, r) })
}

// visiblePoints gives the visible points of s; of a pyramid with more points
// than columns, one a dot column.
func (p *plot) visiblePoints(s *Series, mark func(x, y float64)) {
	t := tracer{plot: p, s: s}
	for i, n := t.reach(); i < n; i++ {
		x, y, _ := s.at(i)
		if !p.ok(x, y) {
			if s.Data != nil {
				i = s.Data.after(i+1, n, p.y.floor) - 1
			}
			continue
		}
		if p.visible(x, y) {
			mark(x, y)
		}
		if s.Data != nil {
			_, _, to := p.column(x, p.x.dot(x))
			i = max(i+1, s.Data.search(i, 1, to)) - 1
		}
	}
}

// marker is the character of the points of series i: one for all where they are
// joined by a line, else one for each.
func (l *Line) marker(i int) rune {
	ascii := l.Style.Set().plain()
	switch {
	case !l.Series[i].Dots && ascii:
		return 'o'
	case !l.Series[i].Dots:
		return '•'
	}
	k := 0
	for j := range i {
		if l.Series[j].Dots {
			k++
		}
	}
	if ascii {
		return rune("ox+*#@%&"[k%8])
	}
	return [8]rune{'●', '◆', '▲', '■', '○', '◇', '△', '□'}[k%8]
}

// lettered reports whether curves carry a letter beside their colour: where
// there is no colour, or where colours repeat.
func (l *Line) lettered() bool {
	n := 0
	for i := range l.Series {
		if l.letterable(i) {
			n++
		}
	}
	return n > 1 && !l.NoLegend && (l.Style.Theme.NoColor || n > categories)
}

// letterable reports whether curve i can carry a letter: it is a line with an
// entry in the legend.
func (l *Line) letterable(i int) bool { return !l.Series[i].Dots && l.listed(i) }

// listed reports whether curve i has an entry in the legend: a nameless one
// among others, such as a fit, has none.
func (l *Line) listed(i int) bool { return l.Series[i].Name != "" || len(l.Series) == 1 }

// letter names curve i where its colour does not.
func letter(i int) rune {
	const names = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	return rune(names[i%len(names)])
}

// letters puts the letter of each curve at its end, and once along it, at
// another place for each.
func (l *Line) letters(p *plot) {
	n := len(l.Series)
	for i := range l.Series {
		s := &l.Series[i]
		if !l.letterable(i) {
			continue
		}
		p.layer(s.Color, full)
		if x, y, ok := s.last(p.y.floor); ok && p.visible(x, y) {
			p.markAt(x, y, letter(i))
		}
		if s.smooths() {
			continue // the mean is not where the points are
		}
		k := s.nearest(p.x.value(float64((2*i+1)*p.dotW) / float64(2*n)))
		if k < 0 {
			continue
		}
		if x, y, _ := s.at(k); p.ok(x, y) && p.visible(x, y) {
			p.markAt(x, y, letter(i))
		}
	}
}
