package compare

import (
	"math"
	"testing"

	"ablate/experiments/stats"
)

// By hand: 15 cells on either side of 0 are 30 points, so a cell is two points.
func TestForest(t *testing.T) {
	t.Parallel()
	effect := func(mean, lo, hi float64) stats.Effect { return stats.Effect{Mean: mean, Lo: lo, Hi: hi} }
	f := forest{}
	f.add(effect(-0.2, -0.3, -0.1))
	f.add(effect(math.NaN(), math.NaN(), math.Inf(1)))
	if want := "-0.300         0         +0.300"; f.head() != want {
		t.Errorf("the scale is %q, want %q", f.head(), want)
	}
	for want, e := range map[string]stats.Effect{
		"─────•─────    │               ": effect(-0.2, -0.3, -0.1),
		"             ──┼─•──           ": effect(0.04, -0.04, 0.08),
		"               │         •     ": effect(0.2, math.NaN(), math.NaN()),
		"               •               ": effect(0, 0, 0),
		"              ─┼──────────────•": effect(9, -0.02, 9),
		"": effect(math.NaN(), 0, 0),
	} {
		if got := f.line(e); got != want {
			t.Errorf("%v is %q, want %q", e, got, want)
		}
	}
	if none := (&forest{}).line(effect(0, 0, 0)); none != "" {
		t.Errorf("where nothing differs there is a scale: %q", none)
	}
}
