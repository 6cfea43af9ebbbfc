package stats

import (
	"fmt"
	"math"
	"testing"
)

func TestProportionsAtTheEnds(t *testing.T) {
	t.Parallel()
	nan := math.NaN()
	for _, c := range []struct{ x, n, lo, hi float64 }{
		{0, 0, 0, 1}, {-1, 4, nan, nan}, {5, 4, nan, nan}, {nan, 4, nan, nan}, {1, nan, nan, nan},
		{20, 20, 0.8834, 1}, // the mirror of 0 of 20
	} {
		t.Run(fmt.Sprintf("%v of %v", c.x, c.n), func(t *testing.T) {
			t.Parallel()
			if lo, hi := Jeffreys(c.x, c.n, 0.95); !same(lo, c.lo) || !same(hi, c.hi) {
				t.Errorf("Jeffreys = %.4f, %.4f; want %.4f, %.4f", lo, hi, c.lo, c.hi)
			}
		})
	}
	if lo, hi := Wilson(20, 20, Z95); !same(lo, 0.8389) || hi != 1 {
		t.Errorf("Wilson of 20 of 20 = %v, %v", lo, hi)
	}
	if lo, hi := ClopperPearson(20, 20, 0.95); !same(lo, 0.8316) || hi != 1 {
		t.Errorf("Clopper-Pearson of 20 of 20 = %v, %v", lo, hi)
	}
}

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
