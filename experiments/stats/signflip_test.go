package stats

import (
	"fmt"
	"math"
	"math/big"
	"slices"
	"testing"

	"ablate/engine/seed"
)

func TestSignFlipByHand(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		d     []float64
		p     float64
		flips int
	}{
		{nil, math.NaN(), 0},
		{[]float64{1, math.NaN()}, math.NaN(), 2},
		{[]float64{1, math.Inf(1)}, math.NaN(), 2},
		{[]float64{0, 0}, 1, 0},
		{[]float64{3}, 1, 1},
		{[]float64{1, 0, 2}, 0.5, 2},                // 3 1 -1 -3
		{[]float64{1, 1, -1}, 1, 3},                 // no sum is nearer to 0 than 1
		{[]float64{0.6, -0.1, -0.2, 0.3}, 0.625, 4}, // 10 of 16 by tenths, whatever the last bits
		{[]float64{-1, -1, -1, -1, -1}, 2.0 / 32, 5},
	} {
		t.Run(fmt.Sprint(c.d), func(t *testing.T) {
			t.Parallel()
			p, flips := SignFlip(c.d, 1)
			if p != c.p && !(math.IsNaN(p) && math.IsNaN(c.p)) || flips != c.flips {
				t.Errorf("p %v by %d flips, want %v by %d", p, flips, c.p, c.flips)
			}
		})
	}
}

// Of values of one size the sum is binomial: exact tails for 21, 70 and 1,000 of them.
func TestSignFlipDrawn(t *testing.T) {
	t.Parallel()
	for n, minus := range map[int]int{20: 5, 21: 5, 70: 26, 1000: 460} {
		d := make([]float64, n+3) // three zeros
		for i := range n {
			d[i] = 0.125
			if i < minus {
				d[i] = -0.125
			}
		}
		sum := new(big.Int)
		for k := range minus + 1 {
			sum.Add(sum, new(big.Int).Binomial(int64(n), int64(k)))
		}
		want, _ := new(big.Rat).SetFrac(sum.Lsh(sum, 1), new(big.Int).Lsh(big.NewInt(1), uint(n))).Float64()
		within := 4 * math.Sqrt(want/100_000)
		if n <= 20 {
			within = 1e-12
		}
		p, flips := SignFlip(d, 7)
		again, _ := SignFlip(d, 7)
		if !(math.Abs(p-want) < within) || flips != n || p != again {
			t.Errorf("%d of %d are lost: p %v and %v by %d flips, want %v", minus, n, p, again, flips, want)
		}
	}
}

func TestSignFlipIsNeverNothing(t *testing.T) {
	t.Parallel()
	if p, _ := SignFlip(slices.Repeat([]float64{1}, 60), 1); p != 1.0/100_001 {
		t.Errorf("p of 60 values of one sign is %v", p)
	}
}

// Where nothing differs between two sides, p below 0.05 is as rare as it says.
func TestSignFlipLevel(t *testing.T) {
	t.Parallel()
	rng := seed.Stream(5, "flip", 0)
	const draws = 2000
	rejected := 0
	for range draws {
		d := make([]float64, 9)
		for i := range d {
			d[i] = float64(rng.IntN(9)-4) / 8
		}
		if p, _ := SignFlip(d, 1); p < 0.05 {
			rejected++
		}
	}
	if rejected > draws*6/100 || rejected < draws*2/100 {
		t.Errorf("%d of %d rejected", rejected, draws)
	}
}

func BenchmarkSignFlip(b *testing.B) {
	d := make([]float64, 1000)
	rng := seed.Stream(5, "flip", 0)
	for i := range d {
		d[i] = float64(1+rng.IntN(8)) / 8
	}
	for b.Loop() {
		SignFlip(d, 1)
	}
}
