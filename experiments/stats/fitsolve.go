package stats

import "math"

// huberDelta is where the loss of a residual in log space turns from its square to its
// size, as in Hoffmann et al. 2022 (arXiv 2203.15556).
const huberDelta = 1e-3

// huber is the loss of a residual (Huber 1964).
func huber(r float64) float64 {
	if r = math.Abs(r); r > huberDelta {
		return huberDelta * (r - huberDelta/2)
	}
	return r * r / 2
}

// logSumExp is the logarithm of exp(a) + exp(b), also where these are no numbers any
// more.
func logSumExp(a, b float64) float64 {
	if a < b {
		a, b = b, a
	}
	if math.IsInf(a, -1) {
		return a
	}
	return a + math.Log1p(math.Exp(b-a))
}

// misfit is the loss of a law that predicts logarithms of y: what a fit makes least.
func misfit(logY []float64, predict func(theta []float64, i int) float64) func([]float64) float64 {
	return func(theta []float64) float64 {
		sum := 0.0
		for i, y := range logY {
			sum += huber(y - predict(theta, i))
		}
		if math.IsNaN(sum) {
			return math.Inf(1)
		}
		return sum
	}
}

// effort is how near a minimum somebody wants to be.
type effort struct {
	share  float64 // of the value within which the corners of a simplex count as equal
	rounds int     // again from what was found
}

var (
	exactly = effort{1e-12, 8}
	closely = effort{1e-4, 1} // for the draws of a bootstrap
)

// least is where f is least, by the method of Nelder and Mead from each start, and
// again round what each of those found, since a simplex may fold up before it is there.
// Of equal minima it is the first start's.
func (e effort) least(f func([]float64) float64, starts [][]float64) (theta []float64, value float64) {
	value = math.Inf(1)
	for _, start := range starts {
		at, v := e.descend(f, start, 0.1)
		for range e.rounds {
			next, w := e.descend(f, at, 0.02)
			better := w < v-1e-9*v
			if w < v {
				at, v = next, w
			}
			if !better {
				break
			}
		}
		if theta == nil || v < value {
			theta, value = at, v
		}
	}
	return theta, value
}

// descend goes down from a start by a simplex that begins with that size. gonum's does
// the same, but hands every value from one goroutine to another, which takes ten times
// as long as these functions do.
func (e effort) descend(f func([]float64) float64, start []float64, size float64) ([]float64, float64) {
	s := newSimplex(f, start, size)
	for range 1000 * len(start) {
		s.sort()
		if low, high := s.corners[0].value, s.corners[len(start)].value; high-low <= e.share*low+1e-18 && s.small() {
			break
		}
		s.step(f)
	}
	s.sort()
	return s.corners[0].at, s.corners[0].value
}
