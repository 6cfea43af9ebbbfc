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
	m.value = m.value*((m.weight-1)/m.weight) + y/m.weight // their difference may overflow
}

// smooths reports whether s has a mean to draw over it.
func (s *Series) smooths() bool { return s.Smooth > 0 && s.Smooth < 1 }

// memory is how many values matter to a mean: the older ones have a thousandth
// of its weight.
func (s *Series) memory() int {
	const most = 1 << 14
	return int(min(most, math.Ceil(math.Log(1e-3)/math.Log(s.Smooth))))
}

// smooth draws the exponential mean of s.
func (p *plot) smooth(s *Series) {
	t := tracer{plot: p, s: s, endTo: math.Inf(-1)}
	t.means(t.step)
}

// means gives the exponential mean of the series as it is at the last point of
// each dot column; t.open tells whether the line goes on. The mean counts values,
// not x, and no zoom changes it. Gaps are no values; they break the line where
// they fill a column.
func (t *tracer) means(step func(x, y float64)) {
	s, p := t.s, t.plot
	m := mean{decay: s.Smooth}
	i, n := t.reach()
	t.feed(&m, 0, i)
	before, torn := -2, false // dot column of the last point, and whether a gap followed
	for i = t.skip(i, n); i < n; i = t.skip(i, n) {
		x, _, _ := s.at(i)
		col, from, to := p.column(x, p.x.dot(x))
		t.open = t.open && (col <= before+1 || !torn)
		end := t.columnEnd(i+1, n, from, to)
		x = t.feed(&m, i, end)
		before, torn, i = col, false, end
		step(x, m.value)
		if i < n {
			v, y, _ := s.at(i)
			torn = !p.ok(v, y)
		}
	}
}

// step joins the last place with the next one, if that is on the axes.
func (t *tracer) step(x, y float64) {
	if !t.ok(x, y) {
		t.open = false
		return
	}
	fx, fy := t.x.dot(x), t.y.dot(y)
	if t.open {
		t.join(t.px, t.py, fx, fy)
	} else {
		t.join(fx, fy, fx, fy)
	}
	t.open, t.px, t.py = true, fx, fy
}

// feed adds the points from i to below end to a mean, and gives the x of the
// last one that is no gap. Of a pyramid it takes only those that matter.
func (t *tracer) feed(m *mean, i, end int) (x float64) {
	if t.s.Data != nil {
		if from := t.back(i, end, t.s.memory()); from > i {
			i, *m = from, mean{decay: m.decay}
		}
	}
	for ; i < end; i++ {
		v, y, _ := t.s.at(i)
		switch {
		case t.ok(v, y):
			m.add(y)
			x = v
		case t.s.Data != nil:
			i = t.s.Data.after(i+1, end, t.y.floor) - 1
		}
	}
	return x
}

// back is where the last values before point end begin, so many of them, but not
// before point i.
func (t *tracer) back(i, end, values int) int {
	if end-i <= values {
		return i
	}
	for ; values > 0 && end > i; values-- {
		end = t.s.Data.before(end, t.y.floor)
	}
	return max(i, end)
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
