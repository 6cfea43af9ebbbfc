package stats

import (
	"fmt"
	"math"
	"testing"
)

// By exact binomials; the biased 1 - (1 - c/n)^k is another number in each row.
// The last one is what human-eval prints in its README, in its own floating point.
func TestPassAtK(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		n, c, k int
		want    float64
	}{
		{200, 1, 10, 0.0500000000}, {200, 1, 100, 0.5000000000}, {200, 10, 10, 0.4085478661}, {10, 3, 5, 0.9166666667},
		{8, 2, 4, 0.7857142857}, {5, 2, 3, 0.9000000000}, {16, 4, 8, 0.9615384615}, {6, 3, 1, 0.4999999999999999},
		{8, 0, 8, 0}, {8, 8, 1, 1}, {1, 1, 1, 1},
	} {
		t.Run(fmt.Sprintf("%d of %d, k = %d", c.c, c.n, c.k), func(t *testing.T) {
			t.Parallel()
			if got, ok := PassAtK(c.n, c.c, c.k); !ok || math.Abs(got-c.want) > 5e-11 {
				t.Errorf("PassAtK = %.11f, %v; want %.11f", got, ok, c.want)
			}
		})
	}
	for _, c := range [][3]int{{4, 1, 8}, {0, 0, 1}, {4, 5, 1}, {4, -1, 1}, {4, 1, 0}} {
		if got, ok := PassAtK(c[0], c[1], c[2]); ok {
			t.Errorf("PassAtK(%v) = %v, want none", c, got)
		}
	}
}

// avg@k is pass@1 of k samples.
func TestPassAt1IsTheMean(t *testing.T) {
	t.Parallel()
	for n := 1; n <= 16; n++ {
		for c := range n + 1 {
			if got, ok := PassAtK(n, c, 1); !ok || math.Abs(got-float64(c)/float64(n)) > 1e-12 {
				t.Errorf("PassAtK(%d, %d, 1) = %v", n, c, got)
			}
		}
	}
}
