package stats

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
)

// Any table has the first of them; beyond one degree of freedom is an arctangent, beyond
// two a root.
func TestTQuantile(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ tail, nu, want, within float64 }{
		{0.025, 9, 2.262157, 5e-7},
		{0.2, 9, 0.883404, 5e-7},
		{0.025, 2, 4.3026527, 5e-8},
		{0.05, 17, 1.739607, 5e-7},
		{1e-6, 1, 1 / math.Tan(math.Pi*1e-6), 1e-4},
		{1e-12, 2, 0.5 * math.Sqrt2 / math.Sqrt(1e-12), 1e-3},
		{0.025, math.Inf(1), Z95, 1e-12},
		{0.5, 3, 0, 1e-12},
		{0, 3, math.Inf(1), 0},
	} {
		if got := tQuantile(c.tail, c.nu); !(math.Abs(got-c.want) <= c.within) && got != c.want {
			t.Errorf("the quantile of %v by %v degrees of freedom is %v, want %v", c.tail, c.nu, got, c.want)
		}
	}
	if got := tQuantile(0.025, math.NaN()); !math.IsNaN(got) {
		t.Errorf("of unknown degrees of freedom it is %v", got)
	}
}

// Beyond the quantile is the tail.
func TestTQuantileIsThere(t *testing.T) {
	t.Parallel()
	for _, nu := range []float64{1, 1.7, 2, 3, 17.776, 263, 1e3, 1e5} {
		for _, tail := range []float64{1e-30, 1e-12, 1e-6, 0.001, 0.025, 0.2, 0.49, 0.5} {
			x := tQuantile(tail, nu)
			if got := (distuv.StudentsT{Sigma: 1, Nu: nu}).Survival(x); !(math.Abs(got-tail) <= 1e-9*tail) {
				t.Errorf("beyond %v, by %v degrees of freedom, is %v, want %v", x, nu, got, tail)
			}
		}
	}
}
