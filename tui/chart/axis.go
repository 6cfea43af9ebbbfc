package chart

import "math"

// Unit is what an axis counts.
type Unit uint8

// The units.
const (
	// Number is any number: 400, 12M, 1e-5.
	Number Unit = iota
	// Seconds is time: 30s, 2m, 1h30, 3d.
	Seconds
)

// Axis is one axis of a Line.
type Axis struct {
	// Log makes the axis logarithmic; values of 0 and below are gaps on it.
	Log bool
	// Unit is how ticks are chosen and written.
	Unit Unit
	// Label is the unit: "step" at the x axis, beside the title for y.
	Label string
	// Min and Max fix the range where Min < Max; otherwise it comes from the
	// data and snaps to round numbers. Data outside a fixed range is cut off.
	Min, Max float64
	// Hint is a value that an automatic range reaches in any case, such as the
	// planned number of steps; 0 means none.
	Hint float64
	// Zero puts 0 into an automatic range of a linear axis.
	Zero bool
	// Rate is for shares: the labels are 0.0 to 1.0, and a constant has the whole
	// range from 0 to 1.
	Rate bool
	// Width is the least width of the labels of a y axis, in cells, to align
	// charts that stand one above the other; never less than 4.
	Width int
}

// holds reports whether lo and hi can be the ends of the axis.
func (a *Axis) holds(lo, hi float64) bool {
	return spans(lo, hi) && (!a.Log || lo >= leastLog && hi >= lo*(1+1e-9))
}

// fixed reports whether the range is given.
func (a *Axis) fixed() bool { return a.holds(a.Min, a.Max) }

// floor is what every value on the axis must exceed.
func (a *Axis) floor() float64 {
	if a.Log {
		return 0
	}
	return math.Inf(-1)
}

// visible is the range of the axis as far as it is known without the data.
func (a *Axis) visible() (lo, hi float64) {
	switch {
	case a.fixed():
		return a.Min, a.Max
	case a.Log:
		return math.SmallestNonzeroFloat64, math.MaxFloat64
	}
	return -math.MaxFloat64, math.MaxFloat64
}

// bounds is the range of the axis for data in [lo, hi].
func (a *Axis) bounds(lo, hi float64) (float64, float64) {
	if a.fixed() {
		return a.Min, a.Max
	}
	lo0, hi0 := lo, hi
	if a.Hint != 0 && a.Hint-a.Hint == 0 && a.Hint > a.floor() { // NaN and infinities hint at nothing
		lo, hi = min(lo, a.Hint), max(hi, a.Hint)
	}
	if a.Log {
		return snapLog(lo, hi)
	}
	if a.Zero {
		lo, hi = min(lo, 0), max(hi, 0)
	}
	if a.Rate && lo == hi && lo0 >= 0 && hi0 <= 1 {
		return 0, 1 // one value says nothing about the spread
	}
	if a.Unit == Seconds {
		return snapClock(lo, hi)
	}
	return snap(lo, hi)
}

// planned is the range of an x axis: counts that start near zero start at
// zero, and a hint is the end itself, round or not.
func (a *Axis) planned(lo, hi float64) (float64, float64) {
	if a.fixed() {
		return a.Min, a.Max
	}
	if lo > 0 && lo <= hi/10 && !a.Log {
		lo = 0
	}
	if end := a.Hint; end > 0 && lo >= 0 && hi <= end && a.holds(lo, end) {
		return lo, end
	}
	return a.bounds(lo, hi)
}

// label is a tick with its text.
type label struct {
	at float64
	word
}

// ticks appends at most n ticks of [lo, hi] to out, and gives the notation that
// they share.
func (a *Axis) ticks(lo, hi float64, n int, out []label) ([]label, notation) {
	switch {
	case a.Log:
		return logTicks(lo, hi, n, out), notation{}
	case a.Unit == Seconds:
		return clockTicks(lo, hi, n, out), notation{}
	}
	s, ok := tickStep(lo, hi, n)
	if !ok {
		return out, notation{}
	}
	s = s.toEnds(lo, hi, n)
	form := notationFor(max(math.Abs(lo), math.Abs(hi)), s)
	if a.Rate && !form.scientific && form.exp == 0 {
		form.decimals = max(1, form.decimals)
	}
	first, last := s.within(lo, hi)
	for i := range int(last-first) + 1 {
		v := s.times(first+float64(i)) + 0
		out = append(out, label{v, form.word(v)})
	}
	return out, form
}

// value writes a value of the axis; the notation is that of its ticks, made
// finer.
func (a *Axis) value(v float64, form notation) (w word) {
	var buf [64]byte
	switch {
	case a.Unit == Seconds:
		w.set(appendClock(buf[:0], v, 0))
	case a.Log:
		w.set(appendNumber(buf[:0], v, maxLabel-2))
	default:
		return form.word(v)
	}
	return w
}
