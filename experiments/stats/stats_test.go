package stats

import (
	"fmt"
	"math"
	"testing"
)

// Intervals of Newcombe 1998 (81/263, 15/148, 0/20, 1/29) and of X-Coder's
// Table 7 (169/268), computed independently to four digits.
func TestWilson(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ x, n, lo, hi float64 }{
		{81, 263, 0.2553, 0.3662}, {15, 148, 0.0624, 0.1605}, {0, 20, 0, 0.1611}, {1, 29, 0.0061, 0.1718},
		{169, 268, 0.5713, 0.6862}, {20, 20, 0.8389, 1},
	} {
		t.Run(fmt.Sprintf("%v of %v", c.x, c.n), func(t *testing.T) {
			t.Parallel()
			lo, hi := Wilson(c.x, c.n, Z95)
			if math.Abs(lo-c.lo) > 5e-5 || math.Abs(hi-c.hi) > 5e-5 {
				t.Errorf("Wilson = %.4f, %.4f; want %.4f, %.4f", lo, hi, c.lo, c.hi)
			}
		})
	}
}

// Student's sleep data, as in R's t.test example: the paired differences have
// mean -1.58 and t = -4.0621, so their standard deviation is 1.58 sqrt(10)/4.0621.
func TestMeanAndSD(t *testing.T) {
	t.Parallel()
	d := []float64{-1.2, -2.4, -1.3, -1.3, 0, -1, -1.8, -0.8, -4.6, -1.4}
	if got := Mean(d); math.Abs(got+1.58) > 1e-12 {
		t.Errorf("Mean = %v, want -1.58", got)
	}
	if got, want := SD(d), 1.58*math.Sqrt(10)/4.0621; math.Abs(got-want) > 1e-4 {
		t.Errorf("SD = %v, want %v", got, want)
	}
}

func TestTooFewValues(t *testing.T) {
	t.Parallel()
	if got := Mean(nil); !math.IsNaN(got) {
		t.Errorf("Mean of nothing = %v, want NaN", got)
	}
	if got := SD([]float64{3}); !math.IsNaN(got) {
		t.Errorf("SD of one value = %v, want NaN", got)
	}
}
