package stats

import (
	"fmt"
	"math"
	"testing"
)

// Computed independently, by the series of Lenth's algorithm AS 243. That 34 pairs
// see half a standard deviation with a power of 0.8077775 is also what G*Power
// prints. With no difference the power is the level.
func TestPairedPower(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		n    int
		d    float64 // the difference in standard deviations
		want float64
	}{
		{2, 5, 0.42096140915}, {2, 16, 0.92415603683}, {3, 3, 0.74526800701}, {4, 2, 0.75498391711}, {5, 2, 0.90888486810},
		{9, 1, 0.74801709223}, {10, 1, 0.80309685663}, {15, 0.8, 0.82131053872}, {33, 0.5, 0.79536584149}, {34, 0.5, 0.80777750128},
		{20, 0, 0.05},
	} {
		t.Run(fmt.Sprintf("%d pairs, d = %v", c.n, c.d), func(t *testing.T) {
			t.Parallel()
			if got := PairedPower(c.n, c.d*0.07, 0.07, 0.05); !(math.Abs(got-c.want) < 1e-9) {
				t.Errorf("PairedPower = %.11f, want %.11f", got, c.want)
			}
		})
	}
	if got := PairedPower(1, 1, 1, 0.05); !math.IsNaN(got) {
		t.Errorf("one pair has power %v, want NaN", got)
	}
	if got := PairedPower(2, 1, 0, 0.05); got != 1 {
		t.Errorf("without spread the power is %v, want 1", got)
	}
}

// R's power.t.test for paired tests gives 198.15, 33.37, 14.30 and 9.94 pairs for
// the first four; the others are AS 243 again.
func TestPairsFor(t *testing.T) {
	t.Parallel()
	for d, want := range map[float64]int{0.2: 199, 0.5: 34, 0.8: 15, 1: 10, 1.5: 6, 2: 5, 3: 4, 4: 3, 10: 3, 15: 2, math.Inf(1): 2} {
		if got := PairsFor(0.1, 0.1/d, 0.05, 0.8); got != want {
			t.Errorf("PairsFor a difference of %v standard deviations = %d, want %d", d, got, want)
		}
	}
	for name, sd := range map[string]float64{"no spread known": math.NaN(), "no end": 1e6} {
		if got := PairsFor(0.1, sd, 0.05, 0.8); got != 0 {
			t.Errorf("%s: PairsFor = %d, want 0", name, got)
		}
	}
}

func TestPairedMDEAtTheEnds(t *testing.T) {
	t.Parallel()
	if got := PairedMDE(0.1, 0.2, 4, 0.2, 4, 0, 0.8); !math.IsInf(got, 1) {
		t.Errorf("no tasks find %v", got)
	}
	if got := PairedMDE(0, 0, 1, 0, 1, 10, 0.8); got != 0 {
		t.Errorf("without any spread %v is found", got)
	}
	if got := PairedMDE(math.NaN(), 0, 1, 0, 1, 10, 0.8); !math.IsNaN(got) {
		t.Errorf("of an unknown spread %v is found", got)
	}
}
