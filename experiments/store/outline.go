package store

import (
	"encoding/binary"
	"maps"
	"math"
	"slices"
)

// outlinePoints bounds a series of an outline, and outlineMetrics the names.
const (
	outlinePoints  = 128
	outlineMetrics = 1024
)

// outline is as much of a run's points as the first screen shows.
type outline struct {
	history *History // of the metrics that somebody looked at
	metrics []string // all names, sorted
	damaged int      // lines that could not be read
	rough   bool     // series were thinned
	packed  []byte   // all of it as it is in the index, until it is needed
}

// newOutline makes the outline of a history.
func newOutline(h *History, metrics []string, damaged int) *outline {
	o := &outline{history: h.clone(), metrics: metrics, damaged: damaged}
	for name, s := range o.history.Series {
		s.Ghosts = nil
		if o.rough = o.rough || len(s.Steps) > outlinePoints || len(h.Series[name].Ghosts) > 0; len(s.Steps) > outlinePoints {
			s.thin(outlinePoints)
			o.history.Series[name] = s.clone()
		}
	}
	return o
}

// has reports whether all metrics are there that the run has of the wanted ones.
func (o *outline) has(wanted map[string]bool) bool {
	for _, name := range o.metrics {
		if wanted[name] && o.history.Series[name] == nil {
			return false
		}
	}
	return true
}

// bytes are the outline as it is in the index.
func (o *outline) bytes() []byte {
	if o.packed != nil {
		return o.packed
	}
	h := o.history
	b := appendCounts(nil, o.damaged, h.Attempt, len(o.metrics))
	b = binary.AppendVarint(binary.AppendVarint(b, h.From), h.Last)
	b = appendFloat(b, h.Time)
	if b = append(b, 0); o.rough {
		b[len(b)-1] = 1
	}
	for _, name := range o.metrics {
		b = appendText(b, name)
	}
	b = appendCounts(b, len(h.Series))
	for _, name := range slices.Sorted(maps.Keys(h.Series)) {
		s := h.Series[name]
		b = appendCounts(appendFloat(appendText(b, name), s.Width), len(s.Steps))
		for i := range s.Steps {
			b = appendFloat(appendFloat(appendFloat(b, s.Steps[i]), s.Values[i]), s.Times[i])
		}
	}
	return b
}

// open takes the bytes apart; false if they are no outline.
func (o *outline) open() bool {
	if o.packed == nil {
		return true
	}
	r := &footerReader{b: o.packed}
	h := &History{}
	o.damaged, h.Attempt = r.count(math.MaxInt), r.count(math.MaxInt)
	o.metrics = make([]string, r.count(len(r.b)))
	h.From, h.Last, h.Time = r.varint(), r.varint(), r.float()
	o.rough = r.count(1) == 1
	for i := range o.metrics {
		o.metrics[i] = r.text()
	}
	n := r.count(len(r.b))
	h.Series = make(map[string]*Series, n)
	for range n {
		name, s := r.text(), &Series{Width: r.float()}
		points := r.count(len(r.b) / 24)
		all := make([]float64, 3*points)
		s.Steps, s.Values, s.Times = all[:points:points], all[points:2*points:2*points], all[2*points:]
		for i := range points {
			s.Steps[i], s.Values[i], s.Times[i] = r.float(), r.float(), r.float()
		}
		h.Series[name] = s
	}
	if r.err != nil {
		return false
	}
	o.history, o.packed = h, nil
	return true
}
