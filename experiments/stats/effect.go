package stats

import "math"

// Effect is an estimate with its 95 % interval.
type Effect struct {
	Mean, Lo, Hi float64 // Lo and Hi are NaN where nothing tells of the spread
	Seeds        int
	Tasks        int // 0: the interval is over seeds alone
	Clusters     int // of tasks; 0: every task counts by itself

	sources   [3]source // of its variance; zero ones are none
	unchanged bool      // what is compared did the same on every task
}

// source is what makes an estimate vary: seeds, or tasks.
type source struct {
	variance float64 // of the mean
	third    float64 // central moment of the mean, where its skewness is to be counted
	freedom  float64 // degrees of freedom by which it is known; 0: there is no such source
}

// Interval is the interval of a level such as 0.95. NaN where nothing tells of the
// spread.
//
// Its half widths are the root of the sum of t^2 times the variance over the sources,
// each with Student's t of its own degrees of freedom (Cochran's approximation; Mickey
// & Brown 1966 on its level). With one source it is Student's interval. Where few
// seeds stand beside many tasks it is as wide as the seeds make it, and no wider where
// seeds make no difference. With clusters it is longer to the side to which these are
// skewed.
func (e Effect) Interval(level float64) (lo, hi float64) {
	tail := (1 - level) / 2
	return e.Mean - e.half(tail, -1), e.Mean + e.half(tail, 1)
}

// half is how far the estimate is from the truth, on the side of that sign, with that
// probability at most.
func (e Effect) half(tail, side float64) float64 {
	known, sum := false, 0.0
	for _, s := range e.sources {
		if s.freedom == 0 {
			continue
		}
		known = true
		if s.variance != 0 { // or is NaN
			t := s.quantile(tail, side)
			sum += t * t * s.variance
		}
	}
	if !known {
		return math.NaN()
	}
	return math.Sqrt(sum)
}

// quantile is that of Student's t, on the side to which the mean is skewed that of a
// t whose skewness was taken away by Hall's cubic transformation (Hall 1992), which is
// farther out.
func (s source) quantile(tail, side float64) float64 {
	t := tQuantile(tail, s.freedom)
	if g := side * s.third / math.Pow(s.variance, 1.5); g > 1e-6 { // less makes no difference but that of rounding
		return max(t, 3/g*(1-math.Cbrt(1-g*(t+g/6))))
	}
	return t
}

// P is how likely an estimate at least as far from 0 is where there is nothing,
// two-sided: 1 less the level of the interval that just reaches 0, so that it is below
// 0.05 where the 95 % one leaves out 0. NaN where no two values differ.
func (e Effect) P() float64 {
	return 2 * e.beyond(math.Abs(e.Mean), math.Copysign(1, -e.Mean))
}

// MDE is the least true effect that estimates as wide as this one find in 80 of 100
// cases: the sum of the half widths of the two-sided test at 0.05 and of that chance
// (Bloom 1995), which is 72 of 100 with two seeds that differ. NaN as P.
func (e Effect) MDE() float64 { return e.MDEAt(0.05) }

// MDEAt is the same of a test at another level, such as 0.05 over the number of tests.
func (e Effect) MDEAt(level float64) float64 {
	if !e.varies() {
		return math.NaN()
	}
	return e.half(level/2, 0) + e.half(0.2, 0)
}

// Equivalence is the p of two one-sided tests that the effect is below -margin or
// above it (Schuirmann 1987): below 0.05 where the 90 % interval lies within the
// margin. NaN without a margin, or as P; where no two values differ, 0 within the
// margin is certain. Where only some 2 % of answers are right, a true effect just at the
// margin passes in up to 8 of 100 cases instead of 5.
func (e Effect) Equivalence(margin float64) float64 {
	if !(margin > 0) || !e.varies() {
		return math.NaN()
	}
	above := math.Copysign(1, e.Mean)
	far := math.Abs(e.Mean)
	if far > margin {
		return 1 - e.beyond(far-margin, -above)
	}
	return max(e.beyond(margin-far, above), e.beyond(margin+far, -above))
}

// Unchanged is the p that scores from 0 to 1 differ on as large a share of all tasks as the
// margin, where they do on none of those that were seen: (1 - margin)^n of n tasks, or of as
// many clusters. It is below 0.05 where the one-sided 95 % bound on that share, 1 -
// 0.05^(1/n), is below the margin (Clopper & Pearson 1934). NaN without a margin, and
// where any score differs.
func (e Effect) Unchanged(margin float64) float64 {
	n := e.units()
	if !(margin > 0) || !e.unchanged || n == 0 {
		return math.NaN()
	}
	return math.Pow(max(0, 1-margin), float64(n))
}

// AllOrNone is the interval of a pass rate where every task of every seed passed, or none
// did, which the number of tasks, or of clusters, alone implies: Wilson's of all or none
// of them. Of anything else it is the one that there is.
func (e Effect) AllOrNone() (lo, hi float64) {
	n := float64(e.units())
	if n == 0 || e.Mean != 0 && e.Mean != 1 || e.Lo != e.Hi {
		return e.Lo, e.Hi
	}
	return Wilson(e.Mean*n, n, Z95)
}

// units are the tasks, or clusters of them, that vary by themselves.
func (e Effect) units() int {
	if e.Clusters > 0 {
		return e.Clusters
	}
	return e.Tasks
}

func (e Effect) varies() bool { return e.half(0.25, 0) > 0 }

// beyond is the tail probability, at most 1/2, whose half width on a side is distance.
func (e Effect) beyond(distance, side float64) float64 {
	if !e.varies() || math.IsNaN(distance) {
		return math.NaN()
	}
	lo, hi := 0.0, 0.5
	for range 100 {
		if hi-lo < 1e-15*hi {
			break
		}
		if mid := (lo + hi) / 2; e.half(mid, side) > distance {
			lo = mid
		} else {
			hi = mid
		}
	}
	return (lo + hi) / 2
}

// by gives e its sources, and the interval that follows.
func (e Effect) by(sources ...source) Effect {
	copy(e.sources[:], sources)
	e.Lo, e.Hi = e.Interval(0.95)
	return e
}

// OverSeeds is the mean of one value a seed with Student's t interval.
func OverSeeds(x []float64) Effect {
	e := Effect{Mean: Mean(x), Seeds: len(x)}
	return e.by(overSeeds(x))
}

func overSeeds(x []float64) source {
	if len(x) < 2 {
		return source{}
	}
	return source{variance: exact(square(SD(x))/float64(len(x)), Mean(x)), freedom: float64(len(x) - 1)}
}

// exact is a variance without what rounding makes of values that are all the same.
func exact(variance, mean float64) float64 {
	if variance < 1e-28*mean*mean {
		return 0
	}
	return variance
}

func square(x float64) float64 { return x * x }

// Welch is the mean of b less that of a, which have no seed in common, with the
// interval of [apart]. It needs two values of each.
func Welch(a, b []float64) Effect {
	e := Effect{Mean: Mean(b) - Mean(a), Lo: math.NaN(), Hi: math.NaN(), Seeds: min(len(a), len(b))}
	if e.Seeds < 2 {
		return e
	}
	return e.by(apart(overSeeds(a), overSeeds(b))...)
}

// apart are the sources of the difference of two means that have nothing to do with each
// other. Of as many values each, they are one, as in Welch's t for unequal spreads (Welch
// 1947, by Satterthwaite's degrees of freedom), which is narrower. Of unlike numbers each
// counts by its own: Welch's t finds a difference where there is none in 10 of 100 cases
// of 2 values against 8.
func apart(a, b source) []source {
	v := a.variance + b.variance
	if a.freedom != b.freedom || v == 0 {
		return []source{a, b}
	}
	return []source{{variance: v, freedom: a.freedom / (square(a.variance/v) + square(b.variance/v))}}
}
