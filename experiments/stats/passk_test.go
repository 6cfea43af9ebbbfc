package stats

import (
	"math"
	"testing"
)

func TestPassAtKAtTheEnds(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		n, c, k int
		want    float64
		ok      bool
	}{
		{8, 0, 8, 0, true}, {8, 8, 1, 1, true}, {1, 1, 1, 1, true},
		{4, 1, 8, 0, false}, {0, 0, 1, 0, false}, {4, 5, 1, 0, false}, {4, -1, 1, 0, false}, {4, 1, 0, 0, false},
	} {
		if got, ok := PassAtK(c.n, c.c, c.k); got != c.want || ok != c.ok {
			t.Errorf("PassAtK(%d, %d, %d) = %v, %v; want %v, %v", c.n, c.c, c.k, got, ok, c.want, c.ok)
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
