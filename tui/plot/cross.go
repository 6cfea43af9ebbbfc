package plot

import (
	"math"
	"sort"

	"ablate/tui/chart"
)

// step moves the crosshair to the next point that is at least a column away, or
// as far as there are points. A new one begins at the newest visible point.
func (p *Plot) step(dir float64) {
	x0, x1 := p.Visible()
	if !(x0 < x1) {
		return
	}
	from, to := p.cursor, p.columnOn(x0, x1, dir)
	if !p.crossed {
		from = math.Nextafter(x1, math.Inf(1))
		to, dir = from, -1
	}
	at, found := math.NaN(), false
	for i := range p.drawn.Series {
		if x, ok := beyond(&p.drawn.Series[i], to, dir); ok && (!found || math.Abs(x-from) < math.Abs(at-from)) {
			at, found = x, true
		}
	}
	if !found {
		return
	}
	p.SetCursor(at, true)
	if at < x0 || at > x1 {
		p.pan(dir * share)
	}
}

// columnOn is the place a column beside the crosshair.
func (p *Plot) columnOn(x0, x1, dir float64) float64 {
	const beside = 8 // cells of labels, more or less
	columns := float64(max(p.w-beside, 1))
	if p.drawn.X.Log && x0 > 0 && p.cursor > 0 {
		return p.cursor * math.Pow(x1/x0, dir/columns)
	}
	return p.cursor + dir*(x1-x0)/columns
}

// beyond is the x of the point nearest to a place, on its side in the direction.
func beyond(s *chart.Series, from, dir float64) (x float64, ok bool) {
	n, at := points(s)
	i := sort.Search(n, func(i int) bool { return at(i) >= from })
	if dir < 0 && (i == n || at(i) > from) {
		i--
	}
	if i < 0 || i >= n {
		return 0, false
	}
	return at(i), true
}

// points are how many points a series has, and their x.
func points(s *chart.Series) (n int, at func(int) float64) {
	switch {
	case s.Data != nil:
		return s.Data.Len(), func(i int) float64 { x, _ := s.Data.At(i); return x }
	case s.X != nil:
		return min(len(s.X), len(s.Y)), func(i int) float64 { return s.X[i] }
	default:
		return len(s.Y), func(i int) float64 { return float64(i) }
	}
}
