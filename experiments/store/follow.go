package store

import "path/filepath"

// Batch is a piece of a run's points in the order in which they were written.
type Batch struct {
	Attempt int
	Points  []Point
}

// Follower reads the points of one run over all its attempts, from the first one
// on, and then what is added.
type Follower struct {
	Dir     string // the run's folder
	Damaged int    // lines that were skipped, of all attempts
	attempt int
	tail    *Tail
}

// Next returns the points that were added since the last call, at most about
// limit bytes of them (0: all), one batch an attempt; more says that there is
// more to read now.
func (f *Follower) Next(limit int64) (batches []Batch, more bool, err error) {
	newest, err := Attempts(f.Dir)
	if err != nil {
		return nil, false, err
	}
	for {
		if f.tail != nil {
			b, tooLong := Batch{Attempt: f.attempt}, f.tail.Damaged
			more, err := f.tail.Next(limit, func(line []byte) {
				p, ok := parsePoint(line)
				if !ok || len(unzeroed(line)) < len(line) { // lines are gone where zeros are
					f.Damaged++
				}
				if !ok {
					return
				}
				b.Points = append(b.Points, p)
			})
			f.Damaged += f.tail.Damaged - tooLong
			if len(b.Points) > 0 {
				batches = append(batches, b)
			}
			if err != nil || more {
				return batches, more, err
			}
		}
		if f.attempt >= newest {
			return batches, false, nil
		}
		f.attempt++
		f.tail = &Tail{Path: filepath.Join(AttemptDir(f.Dir, f.attempt), "metrics.jsonl")}
	}
}

// History is all series of one run.
type History struct {
	Series  map[string]*Series
	From    int64   // step from which the newest attempt went on, 0 if it began anew
	Last    int64   // last step
	Time    float64 // of the last point
	Attempt int     // that the newest points are from
}

// Add takes a batch in. From its first step on a later attempt replaces what
// earlier ones had, in every metric: it did not reach what they reached before it
// gets there itself.
func (h *History) Add(b Batch) {
	if h.Series == nil {
		h.Series = map[string]*Series{}
	}
	if b.Attempt > h.Attempt && len(b.Points) > 0 {
		h.Attempt, h.From = b.Attempt, 0
		for _, s := range h.Series {
			s.cut(float64(b.Points[0].Step), true)
			if n := len(s.Steps); n > 0 {
				h.From = max(h.From, int64(s.Steps[n-1]))
			}
		}
	}
	for _, p := range b.Points {
		for name, v := range p.M {
			s := h.Series[name]
			if s == nil {
				s = &Series{}
				h.Series[name] = s
			}
			s.Add(float64(p.Step), v, p.Time)
		}
		h.Last, h.Time = p.Step, p.Time
	}
}

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

// ReadHistory reads all points of the run in dir.
func ReadHistory(dir string) (*History, error) {
	f, h := Follower{Dir: dir}, &History{}
	batches, _, err := f.Next(0)
	for _, b := range batches {
		h.Add(b)
	}
	return h, err
}
