package stats

import (
	"math"
	"slices"
)

// Kind tells the laws apart, the simplest first.
type Kind int

// The laws.
const (
	Constant Kind = iota // E
	Line                 // A x^-Alpha, a line in logarithms
	Offset               // E + A x^-Alpha with E >= 0
)

func (k Kind) String() string { return [...]string{"constant", "line", "offset"}[k] }

// Law is an error or a loss by size: E + A x^-Alpha.
type Law struct {
	Kind        Kind
	E, A, Alpha float64 // what the kind does not have is 0
	// Score is how far it misses a size that was left out: the root mean square of the
	// residuals in logarithms, so that 0.03 is about 3 %.
	Score float64
}

// At is the law at a size.
func (l Law) At(x float64) float64 { return math.Exp(l.log(math.Log(x))) }

// log is the logarithm of the law at the logarithm of a size.
func (l Law) log(x float64) float64 {
	if l.Kind == Constant {
		return math.Log(l.E)
	}
	power := math.Log(l.A) - l.Alpha*x
	if l.E <= 0 {
		return power
	}
	return logSumExp(power, math.Log(l.E))
}

// needs is how many sizes a kind needs to be fitted: one for each of its parameters.
func (k Kind) needs() int { return int(k) + 1 }

// rivals are the laws with their scores, of all kinds that may leave a size out.
func rivals(x, y []float64) []Law {
	var laws []Law
	for _, kind := range []Kind{Constant, Line, Offset} {
		if len(x) <= kind.needs() {
			break
		}
		l := kind.fit(x, y, nil, exactly)
		l.Score = kind.leaveOneOut(x, y)
		laws = append(laws, l)
	}
	return laws
}

// leaveOneOut predicts every size from the others.
func (k Kind) leaveOneOut(x, y []float64) float64 {
	sum := 0.0
	for i := range x {
		l := k.fit(without(x, i), without(y, i), nil, exactly)
		r := y[i] - l.log(x[i])
		sum += r * r
	}
	return math.Sqrt(sum / float64(len(x)))
}

func without(x []float64, i int) []float64 { return slices.Concat(x[:i], x[i+1:]) }

// A law with more parameters has to miss less by more than this share; scores below
// the least are exact.
const (
	clearly    = 0.1
	exactScore = 1e-6
)

// choose is the law that misses least, or the simplest of those that are near.
func choose(laws []Law) Law {
	best := laws[0]
	for _, l := range laws[1:] {
		if max(l.Score, exactScore) < (1-clearly)*max(best.Score, exactScore) {
			best = l
		}
	}
	return best
}

// fit is the law of a kind that fits best. A start from near saves those that a fit
// from nowhere tries.
func (k Kind) fit(x, y []float64, near *Law, e effort) Law {
	switch k {
	case Constant:
		return Law{Kind: Constant, E: math.Exp(center(y))}
	case Line:
		return fitLine(x, y, e)
	default:
		return fitOffset(x, y, near, e)
	}
}

// center is where the Huber loss of values round it is least: it falls between two
// neighbours in order, near the median.
func center(y []float64) float64 {
	lo, hi := slices.Min(y), slices.Max(y)
	for range 60 {
		mid, slope := (lo+hi)/2, 0.0
		for _, v := range y {
			slope += max(-huberDelta, min(huberDelta, mid-v))
		}
		switch {
		case slope > 0:
			hi = mid
		case slope < 0:
			lo = mid
		default: // the middle of where it is flat
			return flat(y, mid)
		}
	}
	return (lo + hi) / 2
}

// flat is the middle of the values round one where the loss has no slope.
func flat(y []float64, at float64) float64 {
	below, above := math.Inf(-1), math.Inf(1)
	for _, v := range y {
		if v <= at {
			below = max(below, v)
		}
		if v >= at {
			above = min(above, v)
		}
	}
	if math.IsInf(below, 0) || math.IsInf(above, 0) {
		return at
	}
	return (below + above) / 2
}

// fitLine fits log y = a - alpha x.
func fitLine(x, y []float64, e effort) Law {
	a, alpha := squares(x, y)
	theta, _ := e.least(misfit(y, func(t []float64, i int) float64 { return t[0] - t[1]*x[i] }), [][]float64{{a, alpha}})
	return Law{Kind: Line, A: math.Exp(theta[0]), Alpha: theta[1]}
}

// noFloor is the logarithm of an offset that is none.
const noFloor = -25

// fitOffset fits y = E + A x^-alpha from offsets of several shares of the least value.
func fitOffset(x, y []float64, near *Law, e effort) Law {
	var starts [][]float64
	if near != nil {
		starts = append(starts, []float64{math.Log(near.A), near.Alpha, max(math.Log(near.E), noFloor)})
	}
	lowest := slices.Min(y)
	for _, share := range []float64{0.02, 0.3, 0.7, 0.95} {
		if near != nil && share != 0.3 {
			continue
		}
		floor := lowest + math.Log(share)
		above := make([]float64, len(y))
		for i, v := range y {
			above[i] = v + math.Log1p(-math.Exp(floor-v))
		}
		a, alpha := squares(x, above)
		starts = append(starts, []float64{a, alpha, floor})
	}
	theta, _ := e.least(misfit(y, func(t []float64, i int) float64 { return logSumExp(t[0]-t[1]*x[i], t[2]) }), starts)
	l := Law{Kind: Offset, A: math.Exp(theta[0]), Alpha: theta[1], E: math.Exp(theta[2])}
	if theta[2] < noFloor {
		l.E = 0
	}
	return l
}

// squares is the line a - alpha x of least squares.
func squares(x, y []float64) (a, alpha float64) {
	mx, my, xx, xy := Mean(x), Mean(y), 0.0, 0.0
	for i := range x {
		xx += (x[i] - mx) * (x[i] - mx)
		xy += (x[i] - mx) * (y[i] - my)
	}
	alpha = -xy / xx
	return my + alpha*mx, alpha
}
