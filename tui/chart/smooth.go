package chart

import "math"

// mean is an exponential mean that is right from its first value on: the weights
// of all values so far are divided by their sum.
type mean struct {
	decay  float64 // of the older values with each new one
	weight float64 // sum of the weights
	value  float64
}

func (m *mean) add(y float64) {
	m.weight = m.weight*m.decay + 1
	m.value += y/m.weight - m.value/m.weight // apart: their difference may overflow
}

// smooths reports whether s has a mean to draw over it.
func (s *Series) smooths() bool { return s.Smooth > 0 && s.Smooth < 1 }

// memory is how many values matter to a mean: the older ones have a thousandth
// of its weight.
func (s *Series) memory() int {
	const most = 1 << 14
	return int(min(most, math.Ceil(math.Log(1e-3)/math.Log(s.Smooth))))
}

// smooth draws the exponential mean of s as it is at the last point of each dot
// column. The mean counts values, not x, and no zoom changes it. Gaps are no
// values; they break the line where they fill a column.
func (p *plot) smooth(s *Series) {
	t := tracer{plot: p, s: s, endTo: math.Inf(-1)}
	m, memory, fed := mean{decay: s.Smooth}, s.memory(), 0
	i, n := t.reach()
	before, torn := -2, false // dot column of the last point, and whether a gap followed
	for i = t.skip(i, n); i < n; i = t.skip(i, n) {
		x, _, _ := s.at(i)
		col, from, to := p.column(x, p.x.dot(x))
		t.open = t.open && (col <= before+1 || !torn)
		i = t.columnEnd(i+1, n, from, to)
		if s.Data != nil && i-fed > memory {
			fed, m = i-memory, mean{decay: s.Smooth}
		}
		for ; fed < i; fed++ {
			if v, y, ok := s.at(fed); ok {
				m.add(y)
				x = v
			}
		}
		before, torn = col, false
		if !p.ok(x, m.value) {
			t.open = false
			continue
		}
		fx, fy := p.x.dot(x), p.y.dot(m.value)
		if t.open {
			t.join(t.px, t.py, fx, fy)
		} else {
			t.join(fx, fy, fx, fy)
		}
		t.open, t.px, t.py = true, fx, fy
		if i < n {
			v, y, _ := s.at(i)
			torn = !p.ok(v, y)
		}
	}
}

// columnEnd is the first point from i on that is not in [from, to).
func (t *tracer) columnEnd(i, n int, from, to float64) int {
	if t.s.Data != nil {
		end := max(i, min(n, t.s.Data.search(i, t.stride, to)))
		t.stride = end - i
		return end
	}
	for ; i < n; i++ {
		if x, _, _ := t.s.at(i); !(x >= from && x < to) {
			break
		}
	}
	return i
}
