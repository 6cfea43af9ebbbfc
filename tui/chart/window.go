package chart

import "math"

// Window is the part of a chart that is shown. An axis whose two ends are equal,
// as in the zero Window, shows all. It is a plain value: its methods give a new
// one, kept within the Space of the chart.
type Window struct {
	X0, X1, Y0, Y1 float64
	// Follow moves the window with the data: in jumps of a fifth of its width,
	// when the newest point reaches its right edge.
	Follow bool
}

// Space is what can be seen of a chart: the ranges of both axes without a
// window, and the x of the newest point.
type Space struct {
	X0, X1, Y0, Y1 float64
	End            float64
	LogX, LogY     bool
	// Shown is what is seen at present: in a window that leaves y to the data, y
	// zooms from there.
	Shown Window
}

// deepest is how many times larger than the window the whole may become.
const deepest = 1e9

// jump is the share of its width by which a following window moves.
const jump = 0.2

// ZoomX shows 1/factor of the x range, with the point at x staying where it is;
// NaN for the middle. A factor below 1 shows more. A log axis zooms in its
// decades.
func (w Window) ZoomX(s Space, at, factor float64) Window {
	w = w.Seen(s)
	w.X0, w.X1 = zoom(w.X0, w.X1, s.X0, s.X1, at, factor, s.LogX)
	return w
}

// ZoomY does for y what ZoomX does for x.
func (w Window) ZoomY(s Space, at, factor float64) Window {
	w = w.Seen(s)
	if w.Y0 == w.Y1 && spans(s.Shown.Y0, s.Shown.Y1) {
		w.Y0, w.Y1 = s.Shown.Y0, s.Shown.Y1
	}
	w.Y0, w.Y1 = zoom(w.Y0, w.Y1, s.Y0, s.Y1, at, factor, s.LogY)
	return w
}

// Pan moves the window by a share of its size to the right and up. A window
// that shows all has nowhere to go.
func (w Window) Pan(s Space, dx, dy float64) Window {
	w = w.Seen(s)
	w.X0, w.X1 = pan(w.X0, w.X1, s.X0, s.X1, dx, s.LogX)
	w.Y0, w.Y1 = pan(w.Y0, w.Y1, s.Y0, s.Y1, dy, s.LogY)
	return w
}

// Reset shows all; whether it follows stays.
func (w Window) Reset() Window { return Window{Follow: w.Follow} }

// Seen is the window that is shown: with Follow, moved right until the newest
// point is inside.
func (w Window) Seen(s Space) Window {
	if !spans(w.X0, w.X1) {
		w.X0, w.X1 = 0, 0
	}
	if !spans(w.Y0, w.Y1) {
		w.Y0, w.Y1 = 0, 0
	}
	if !w.Follow || w.X0 == w.X1 || !(s.End > w.X1) || s.End > huge || s.LogX && w.X0 <= 0 {
		return w
	}
	a, b, end := w.X0, w.X1, s.End
	if s.LogX {
		a, b, end = math.Log10(a), math.Log10(b), math.Log10(end)
	}
	by := (b - a) * jump
	by *= math.Ceil((end - b) / by)
	w.X0, w.X1 = restore(a+by, b+by, s.LogX)
	return w
}

// zoom narrows or widens [a, b] about at within [lo, hi]; 0, 0 stands for all.
func zoom(a, b, lo, hi, at, factor float64, log bool) (float64, float64) {
	if !(factor > 0) || !spans(lo, hi) || log && lo <= 0 {
		return a, b
	}
	a, b, lo, hi = inside(a, b, lo, hi, log)
	if log {
		at = math.Log10(at)
	}
	if !(at >= a && at <= b) {
		at = a + (b-a)/2
	}
	size := max((b-a)/factor, (hi-lo)/deepest)
	share := (at - a) / (b - a)
	return settle(at-share*size, at+(1-share)*size, lo, hi, log)
}

// pan moves [a, b] by a share of its size within [lo, hi].
func pan(a, b, lo, hi, share float64, log bool) (float64, float64) {
	if a == b || share-share != 0 || !spans(lo, hi) || log && lo <= 0 {
		return a, b
	}
	a, b, lo, hi = inside(a, b, lo, hi, log)
	by := between((b-a)*share, lo-a, hi-b)
	return settle(a+by, b+by, lo, hi, log)
}

// inside puts a range into the whole, which it stands for if it is empty, in
// decades on a log axis.
func inside(a, b, lo, hi float64, log bool) (_, _, _, _ float64) {
	if a == b || log && a <= 0 || b <= lo || a >= hi {
		a, b = lo, hi
	}
	a, b = max(a, lo), min(b, hi)
	if log {
		return math.Log10(a), math.Log10(b), math.Log10(lo), math.Log10(hi)
	}
	return a, b, lo, hi
}

// settle keeps [a, b] in [lo, hi] and gives it back as a window's ends: 0, 0
// where it is all, and the whole where it has become too narrow to draw.
func settle(a, b, lo, hi float64, log bool) (float64, float64) {
	a, b = max(a, lo), min(b, hi)
	if b-a >= (hi-lo)*(1-1e-9) {
		return 0, 0
	}
	return restore(a, b, log)
}

// restore takes a range back from decades.
func restore(a, b float64, log bool) (float64, float64) {
	if log {
		return math.Pow(10, a), math.Pow(10, b)
	}
	return a, b
}
