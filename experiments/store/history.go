package store

import "path/filepath"

// History is the series of one run.
type History struct {
	Series  map[string]*Series
	From    int64   // step from which the newest attempt went on, 0 if it began anew
	Last    int64   // last step
	Time    float64 // of the last point
	Attempt int     // that the newest points are from
}

// historyPoints bounds all series of a run: where it has thousands of metrics,
// each has few points.
const historyPoints = 64 << 10

// Add takes a batch in. From its first step on a later attempt replaces what
// earlier ones had, in every metric: it did not reach what they reached before it
// gets there itself.
func (h *History) Add(b Batch) {
	for _, p := range b.Points {
		h.begin(b.Attempt, p.Step)
		limit := h.limit()
		for name, v := range p.M {
			s := h.Series[name]
			if s == nil {
				s = &Series{}
				h.Series[name] = s
			}
			s.add(float64(p.Step), v, p.Time, limit)
		}
		h.Last, h.Time = p.Step, p.Time
	}
}

// add is Add for a point as it is read, and the series that are to be kept.
func (h *History) add(attempt int, p *scanner, keep func(metric []byte) bool) {
	h.begin(attempt, p.step)
	limit := h.limit()
	for i, name := range p.names {
		s := h.Series[string(name)]
		if s == nil {
			if !keep(name) {
				continue
			}
			s = &Series{}
			h.Series[string(name)] = s
		}
		s.add(float64(p.step), p.values[i], p.time, limit)
	}
	h.Last, h.Time = p.step, p.time
}

// begin makes room for the points of an attempt from its first step on.
func (h *History) begin(attempt int, first int64) {
	if h.Series == nil {
		h.Series = map[string]*Series{}
	}
	if attempt <= h.Attempt {
		return
	}
	h.Attempt, h.From = attempt, 0
	for _, s := range h.Series {
		s.cut(float64(first), true)
		switch n := len(s.Steps); {
		case n == 0:
		case s.Width > 0: // the last one before may have been left out
			h.From = max(h.From, first-1)
		default:
			h.From = max(h.From, int64(s.Steps[n-1]))
		}
	}
}

// limit is how many points a series may have.
func (h *History) limit() int { return min(max(historyPoints/max(len(h.Series), 1), 16), maxPoints) }

// Latest returns the last value of every metric.
func (h *History) Latest() Values {
	m := Values{}
	for name, s := range h.Series {
		if v, ok := s.Last(); ok {
			m[name] = v
		}
	}
	return m
}

// clone shares no memory that Add changes.
func (h *History) clone() *History {
	c := *h
	c.Series = make(map[string]*Series, len(h.Series))
	for name, s := range h.Series {
		c.Series[name] = s.clone()
	}
	return &c
}

// ReadHistory reads all points of the run in dir.
func ReadHistory(dir string) (*History, error) {
	all := func([]byte) bool { return true }
	f := Follower{Dir: dir}
	h := readPacked(&f, all)
	_, _, err := f.each(0, func(attempt int, p *scanner) { h.add(attempt, p, all) })
	return h, err
}

// readPacked returns the outlines of what is packed of the run that f follows, of
// the series that are to be kept, and has f go on behind it. Where nothing is, or
// the originals are there too, or it is damaged, f has everything before it.
func readPacked(f *Follower, keep func(metric []byte) bool) *History {
	p, err := openPoints(f.Dir)
	if err != nil {
		return &History{}
	}
	defer p.Close()
	if m := markOf(filepath.Join(AttemptDir(f.Dir, p.Attempt()), metricsName)); m != (mark{}) {
		return &History{}
	}
	h := &History{Series: map[string]*Series{}, From: p.foot.from, Last: p.foot.last, Time: p.foot.time, Attempt: p.foot.points}
	for _, m := range p.foot.metrics {
		if !keep([]byte(m.name)) {
			continue
		}
		s, err := p.Outline(m.name)
		if err != nil {
			return &History{}
		}
		h.Series[m.name] = &s
	}
	f.passed(p)
	return h
}
