package stats

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// Exponent is how fast the values fall between two neighbouring sizes: the exponent of
// the power law through both.
type Exponent struct {
	From, To      float64
	Value, Lo, Hi float64 // Lo and Hi are NaN without a bootstrap
}

// exponents are the slopes between neighbours, falling ones above 0.
func exponents(x, y []float64) []float64 {
	var out []float64
	for i := 1; i < len(x); i++ {
		out = append(out, -(y[i]-y[i-1])/(x[i]-x[i-1]))
	}
	return out
}

// A law whose exponents grow by less than faint from the smallest to the largest size
// predicts well enough, whatever a test says: at four times the largest one it is off by
// 6 to 8 %, over a range of 4 as over one of 10,000.
const faint = 0.05

// rises reports whether the local exponents grow with the size, to one above 0. A power
// law with an offset bends up in logarithms, one without is straight; where the parabola
// through the points bends down, by more than the spread of the points lets it in one
// case of twenty, and not only faintly, neither holds. Where nothing tells of the spread
// no exponent may be below the one before it instead.
func rises(sizes []Size) bool {
	x, y := logs(sizes)
	e := exponents(x, y)
	last := e[len(e)-1]
	if last <= 0 {
		return false
	}
	variance, freedom := spreads(sizes)
	if variance != nil {
		return bends(x, y, variance, freedom)
	}
	return slices.IsSorted(e) && last-e[0] > faint
}

// bends reports whether the parabola through the points bends down beyond chance, and
// not only faintly.
func bends(x, y, variance, freedom []float64) bool {
	bend, v, nu := 0.0, 0.0, 0.0
	for i, w := range parabola(x) {
		bend += w * y[i]
		part := w * w * variance[i]
		v += part
		nu += part * part / freedom[i]
	}
	if growth := -2 * bend * (slices.Max(x) - slices.Min(x)); growth < faint {
		return false
	}
	return v == 0 || bend < -tQuantile(0.05, v*v/nu)*math.Sqrt(v)
}

// spreads are the variances of log y by size and what they are known by: of runs where
// each size has two, since those of other sizes met the same tasks, else what the
// intervals say. Nil: some size has neither.
func spreads(sizes []Size) (variance, freedom []float64) {
	byRuns := true
	for _, s := range sizes {
		byRuns = byRuns && len(s.Runs) > 1
	}
	for _, s := range sizes {
		half := (s.Hi - s.Lo) / 2 / Z95
		v, nu := half*half, math.MaxFloat64
		if byRuns {
			e := overSeeds(s.Runs)
			v, nu = e.variance, e.freedom
		} else if math.IsNaN(v) {
			return nil, nil
		}
		variance, freedom = append(variance, v/(s.Y*s.Y)), append(freedom, nu)
	}
	return variance, freedom
}

// parabola is what each value counts in the quadratic term of the parabola of least
// squares over x.
func parabola(x []float64) []float64 {
	m, n := Mean(x), float64(len(x))
	var s2, s3 float64
	for _, v := range x {
		s2 += (v - m) * (v - m)
		s3 += (v - m) * (v - m) * (v - m)
	}
	w, sum := make([]float64, len(x)), 0.0
	for i, v := range x {
		d := v - m
		w[i] = d*d - s2/n - s3/s2*d // the square, less what constant and line have of it
		sum += w[i] * w[i]
	}
	for i := range w {
		w[i] /= sum
	}
	return w
}

// Laws that are off by less than slight predict well enough, whatever a test says; where
// nothing tells of the spread of the points, more than plain is too much.
const (
	slight = 0.05
	plain  = 0.1
)

// misses reports whether residuals are larger than the spread of the points lets them be
// in one case of a hundred, by an F test, and not only slight.
func misses(residuals []float64, sizes []Size, parameters int) bool {
	off := rms(residuals)
	variance, freedom := spreads(sizes)
	switch {
	case off <= slight:
		return false
	case variance == nil:
		return off > plain
	}
	sum, nu := 0.0, 0.0
	for i, r := range residuals {
		sum += r * r / variance[i]
		nu += freedom[i]
	}
	over := float64(len(residuals) - parameters)
	return over > 0 && sum/over > distuv.F{D1: over, D2: min(nu, 1e6)}.Quantile(0.99)
}

func rms(x []float64) float64 {
	sum := 0.0
	for _, v := range x {
		sum += v * v
	}
	return math.Sqrt(sum / float64(len(x)))
}
