package stats

import (
	"encoding/csv"
	"math"
	"os"
	"slices"
	"strconv"
	"testing"
)

// twoAxes fits L = E + A/N^alpha + B/D^beta: the logarithms of A, B and E, alpha, beta.
func twoAxes(n, d, loss []float64, starts [][]float64) ([]float64, float64) {
	logN, logD, logL := make([]float64, len(n)), make([]float64, len(n)), make([]float64, len(n))
	for i := range n {
		logN[i], logD[i], logL[i] = math.Log(n[i]), math.Log(d[i]), math.Log(loss[i])
	}
	return exactly.least(misfit(logL, func(t []float64, i int) float64 {
		return logSumExp(logSumExp(t[0]-t[3]*logN[i], t[1]-t[4]*logD[i]), t[2])
	}), starts)
}

var chinchillaStarts = [][]float64{{6, 7, 0.5, 0.3, 0.3}, {5, 5, 0, 0.5, 0.5}, {10, 10, 0.5, 0.5, 0.5}, {4, 8, 1, 0.2, 0.4}, {8, 6, 0, 0.4, 0.2}}

// What made the points comes back: Hoffmann's own law on a grid of sizes.
func TestTwoAxesExactly(t *testing.T) {
	t.Parallel()
	var n, d, loss []float64
	for _, x := range []float64{1e8, 3e8, 1e9, 3e9, 1e10} {
		for _, y := range []float64{1e9, 4e9, 2e10, 8e10, 4e11} {
			n, d, loss = append(n, x), append(d, y), append(loss, 1.69+406.4*math.Pow(x, -0.34)+410.7*math.Pow(y, -0.28))
		}
	}
	if math.Abs(1.69+406.4*math.Pow(70e9, -0.34)+410.7*math.Pow(1.4e12, -0.28)-1.93665) > 5e-6 {
		t.Error("the law itself is another")
	}
	got, value := twoAxes(n, d, loss, chinchillaStarts)
	for i, want := range []float64{math.Log(406.4), math.Log(410.7), math.Log(1.69), 0.34, 0.28} {
		if math.Abs(got[i]-want) > 2e-3 {
			t.Errorf("parameter %d is %v, want %v", i, got[i], want)
		}
	}
	if value > 1e-9 {
		t.Errorf("the misfit is %v", value)
	}
}

// The replication of Chinchilla by Besiroglu et al. 2024 (arXiv 2404.10102): their
// objective and their parameters, from the data that they published without a license.
func TestChinchilla(t *testing.T) {
	t.Parallel()
	path := os.Getenv("ABLATE_CHINCHILLA")
	if path == "" {
		t.Skip("skipped: the refit of Chinchilla; ABLATE_CHINCHILLA names data/svg_extracted_data.csv of epoch-research/analyzing-chinchilla")
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var all [][3]float64 // N, D, loss
	for _, row := range rows[1:] {
		var v [3]float64
		for i, name := range []string{"Model Size", "Training FLOP", "loss"} {
			if v[i], err = strconv.ParseFloat(row[slices.Index(rows[0], name)], 64); err != nil {
				t.Fatal(err)
			}
		}
		v[1] /= 6 * v[0]
		all = append(all, v)
	}
	slices.SortFunc(all, func(a, b [3]float64) int { return int(math.Copysign(1, a[2]-b[2])) })
	worst := all[len(all)-5][2]
	var n, d, loss []float64
	for _, v := range all {
		if v[2] < worst {
			n, d, loss = append(n, v[0]), append(d, v[1]), append(loss, v[2])
		}
	}
	if len(n) != 240 {
		t.Fatalf("%d rows, want 240", len(n))
	}
	got, value := twoAxes(n, d, loss, chinchillaStarts)
	t.Logf("objective %.10f, a b e alpha beta %.5f", value, got)
	if math.Abs(value-0.0010182740) > 5e-11 {
		t.Errorf("the objective is %.10f, want 0.0010182740", value)
	}
	within := []float64{5e-4, 5e-4, 5e-5, 5e-5, 5e-5}
	for i, want := range []float64{6.169, 7.670, 0.5973, 0.3473, 0.3672} {
		if math.Abs(got[i]-want) > within[i] {
			t.Errorf("parameter %d is %.5f, want %v", i, got[i], want)
		}
	}
}
