package stats

import (
	"math"
	"testing"
)

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
