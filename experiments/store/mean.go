package store

import "math"

// Mean averages series, such as a cell's seeds, step by step over those that have
// a value there. Where one was thinned, only the ends of its buckets are steps that
// the others have too: then the mean is taken there, and of series that were
// written at other steps over the last values in each bucket.
func Mean(all []*Series) (steps, values []float64) {
	width := 0.0
	for _, s := range all {
		width = max(width, s.Width)
	}
	if len(all) == 1 {
		return all[0].Steps, all[0].Values
	}
	var m mean
	for _, s := range all {
		m.add(s, width)
	}
	values = make([]float64, len(m.steps))
	for i, sum := range m.sums {
		values[i] = sum / m.counts[i]
	}
	if width > 0 {
		return m.withFirst(all, values)
	}
	return m.steps, values
}

// mean is a sum over series.
type mean struct {
	keys, steps, sums, counts []float64 // keys ascending: the steps, or the buckets that they are in
}

// add takes a series in.
func (m *mean) add(s *Series, width float64) {
	var to mean
	at := 0
	put := func(key, step, sum, count float64) {
		to.keys, to.steps = append(to.keys, key), append(to.steps, step)
		to.sums, to.counts = append(to.sums, sum), append(to.counts, count)
	}
	before := func(key float64) {
		for ; at < len(m.keys) && m.keys[at] < key; at++ {
			put(m.keys[at], m.steps[at], m.sums[at], m.counts[at])
		}
	}
	for i, step := range s.Steps {
		key := bucketOf(step, width)
		last := i == len(s.Steps)-1
		if !last && bucketOf(s.Steps[i+1], width) == key {
			continue // no end
		}
		before(key)
		if at == len(m.keys) || m.keys[at] != key {
			put(key, step, s.Values[i], 1)
			continue
		}
		switch was := m.steps[at]; {
		case last && step < was: // it stands in the middle of its last bucket
			put(key, was, m.sums[at], m.counts[at])
		case step > was && at == len(m.keys)-1: // the others do
			put(key, step, s.Values[i], 1)
		default:
			put(key, max(step, was), m.sums[at]+s.Values[i], m.counts[at]+1)
		}
		at++
	}
	before(math.Inf(1))
	*m = to
}

// bucketOf is the bucket that a step is in, with a width of 0 the step itself.
func bucketOf(step, width float64) float64 {
	if width == 0 {
		return step
	}
	return math.Floor(step / width)
}

// withFirst puts the first step of all series before the ends, if it is the same.
func (m *mean) withFirst(all []*Series, values []float64) ([]float64, []float64) {
	first, sum := m.steps[0], 0.0
	for i, s := range all {
		if len(s.Steps) == 0 || i > 0 && s.Steps[0] != all[0].Steps[0] {
			return m.steps, values
		}
		first, sum = s.Steps[0], sum+s.Values[0]
	}
	if first >= m.steps[0] {
		return m.steps, values
	}
	return append([]float64{first}, m.steps...), append([]float64{sum / float64(len(all))}, values...)
}
