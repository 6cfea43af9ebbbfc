package chart

// What tests of the axes alone need.
var (
	Snap      = snap
	SnapLog   = snapLog
	SnapClock = snapClock
)

// TickTexts are the labels of an axis.
func TickTexts(a Axis, lo, hi float64, n int) (at []float64, texts []string) {
	labels, _ := a.ticks(lo, hi, n, nil)
	for _, l := range labels {
		at, texts = append(at, l.at), append(texts, string(l.text()))
	}
	return at, texts
}

// Means are the exponential means of the values so far; gaps are no values.
func Means(decay float64, ys []float64) (out []float64) {
	m := mean{decay: decay}
	for _, y := range ys {
		if y-y == 0 {
			m.add(y)
		}
		out = append(out, m.value)
	}
	return out
}
