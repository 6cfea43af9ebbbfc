package stats

import "math"

// Effect is an estimate with its 95 % interval.
type Effect struct {
	Mean, Lo, Hi float64 // Lo and Hi are NaN where nothing tells of the spread
	Seeds        int
	Tasks        int // 0: the interval is over seeds alone

	err, freedom float64 // its standard error and degrees of freedom; 0 where nothing tells of them
}

// P is how likely an estimate at least as far from 0 is where there is nothing,
// two-sided, by the t of the interval: below 0.05 where that leaves out 0. NaN where
// no two values differ.
func (e Effect) P() float64 {
	if e.err == 0 {
		return math.NaN()
	}
	return 2 * e.tail(math.Abs(e.Mean)/e.err)
}

// MDE is the least true effect that estimates as wide as this one find in 80 of 100
// cases: its standard error times the two quantiles of t (Bloom 1995). NaN as P.
func (e Effect) MDE() float64 {
	if e.err == 0 {
		return math.NaN()
	}
	return e.err * (solve(0.025, e.tail) + solve(0.2, e.tail))
}

// tail is P(T > c) with the effect's degrees of freedom.
func (e Effect) tail(c float64) float64 {
	if e.freedom == math.Trunc(e.freedom) {
		return centralTail(c, e.freedom)
	}
	return fractionalTail(c, e.freedom)
}

// OverSeeds is the mean of one value a seed with Student's t interval.
func OverSeeds(x []float64) Effect {
	e := Effect{Mean: Mean(x), Seeds: len(x)}
	return e.spread(SD(x)*SD(x)/float64(len(x)), float64(len(x)-1))
}

// Welch is the mean of b less that of a, which have no seed in common, with the
// interval of Welch's t for unequal spreads: its degrees of freedom are Satterthwaite's
// (Welch 1947). It needs two values of each.
func Welch(a, b []float64) Effect {
	e := Effect{Mean: Mean(b) - Mean(a), Lo: math.NaN(), Hi: math.NaN(), Seeds: min(len(a), len(b))}
	if e.Seeds < 2 {
		return e
	}
	va, vb := SD(a)*SD(a)/float64(len(a)), SD(b)*SD(b)/float64(len(b))
	nu := float64(len(a) - 1)
	if v := va + vb; v > 0 {
		nu = v * v / (va*va/float64(len(a)-1) + vb*vb/float64(len(b)-1))
	}
	return e.spread(va+vb, nu)
}

// Crossed is the mean of d[seed][task], a paired difference that every seed has
// for the same tasks, with an interval for new seeds and new tasks at once. The
// outcomes of one task in several seeds go together and so do those of one seed,
// so both count as clusters: the variance is that by task plus that by seed less
// that of single outcomes (Cameron, Gelbach & Miller 2011), each with n/(n-1), and
// no less than either of the first two. Student's t has the fewer of seeds and
// tasks, less one, degrees of freedom. One seed gives the interval over its tasks
// alone.
//
// Several parts, over tasks of their own, are added up: the difference between
// two sets of tasks is one part and the negative of another. All parts have the
// same seeds.
func Crossed(parts ...[][]float64) Effect {
	e, variance, freedom := crossed(parts...)
	return e.spread(variance, float64(freedom))
}

// crossed is Crossed before its interval.
func crossed(parts ...[][]float64) (e Effect, variance float64, freedom int) {
	seeds, fewest := len(parts[0]), math.MaxInt
	perSeed := make([]float64, seeds)
	e.Seeds = seeds
	var byTask, single float64
	for _, d := range parts {
		n := len(d[0])
		e.Tasks, fewest = e.Tasks+n, min(fewest, n)
		for s := range d {
			perSeed[s] += Mean(d[s])
		}
		t, v := clusters(d)
		byTask, single = byTask+t, single+v
	}
	e.Mean = Mean(perSeed)
	if seeds == 1 {
		return e, byTask, fewest - 1
	}
	bySeed := SD(perSeed) * SD(perSeed) / float64(seeds)
	if fewest == 1 {
		return e, bySeed, seeds - 1
	}
	return e, max(byTask+bySeed-single, byTask, bySeed), min(seeds, fewest) - 1
}

// clusters are the variances of the mean of d[seed][task] if tasks are what varies,
// and if every outcome is on its own.
func clusters(d [][]float64) (byTask, single float64) {
	n, mean := len(d[0]), 0.0
	for _, row := range d {
		mean += Mean(row) / float64(len(d))
	}
	perTask := make([]float64, n)
	for _, row := range d {
		for t, x := range row {
			perTask[t] += (x - mean) / float64(len(d))
			single += (x - mean) * (x - mean)
		}
	}
	all := float64(n * len(d))
	return SD(perTask) * SD(perTask) / float64(n), single / all / (all - 1)
}

// spread gives e the interval of a mean with this variance.
func (e Effect) spread(variance, freedom float64) Effect {
	half := math.NaN()
	switch {
	case variance == 0 && freedom > 0:
		half = 0
	case freedom > 0:
		e.err, e.freedom = math.Sqrt(variance), freedom
		half = e.err * solve(0.025, e.tail)
	}
	e.Lo, e.Hi = e.Mean-half, e.Mean+half
	return e
}
