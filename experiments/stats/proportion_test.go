package stats

import (
	"math"
	"testing"
)

// The interval has the proportion in it, at 0 and n too, where rounding could leave it out.
func TestWilsonHoldsTheProportion(t *testing.T) {
	t.Parallel()
	for n := 1.0; n <= 600; n++ {
		for _, x := range []float64{0, 1, n / 2, n - 1, n} {
			if lo, hi := Wilson(x, n, Z95); !(0 <= lo && lo <= x/n && x/n <= hi && hi <= 1) {
				t.Errorf("Wilson of %v of %v = %v, %v", x, n, lo, hi)
			}
		}
	}
}

// same is equal to four digits, or both NaN.
func same(a, b float64) bool {
	return math.Abs(a-b) <= 5e-5 || math.IsNaN(a) && math.IsNaN(b)
}

func TestMcNemarAtTheEnds(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		gained, lost int
		exact, mid   float64
	}{
		{0, 0, 1, 1}, {3, 3, 1, 1}, {0, 1, 1, 0.5}, {5, 0, 0.0625, 0.03125}, {0, 5, 0.0625, 0.03125}, {-1, 2, math.NaN(), math.NaN()},
	} {
		if exact, mid := McNemar(c.gained, c.lost); !same(exact, c.exact) || !same(mid, c.mid) {
			t.Errorf("McNemar(%d, %d) = %v, %v; want %v, %v", c.gained, c.lost, exact, mid, c.exact, c.mid)
		}
	}
}
