package stats

import (
	"math"
	"slices"
)

// Scores are what single tasks counted in several runs: the same tasks in each. Rows of
// unlike lengths, or a cluster for some tasks only, are mistakes in the program.
type Scores struct {
	Of      [][]float64 // by seed and task
	Cluster []int       // of each task, from 0; nil: each task counts by itself
}

// Crossed is the mean of d, a paired difference that every seed has for the same
// tasks, with an interval for new seeds and new tasks at once. Outcomes of one task in
// several seeds go together, and so do those of one seed: its variance is that between
// seeds, which has what single outcomes vary by in it, and that between tasks less what
// single outcomes vary by in those (the variance components of two crossed random
// factors; Searle, Casella & McCulloch 1992). With clusters of tasks, the same with
// these for tasks. One seed gives the interval over its tasks alone.
//
// Several parts, over tasks of their own, are added up: the difference between two sets
// of tasks is one part and the negative of another. All parts have the same seeds.
//
// Without scores, and where one is NaN, everything is NaN.
func Crossed(parts ...Scores) Effect {
	if len(parts) == 0 || slices.ContainsFunc(parts, Scores.empty) {
		return Effect{Mean: math.NaN(), Lo: math.NaN(), Hi: math.NaN()}
	}
	seeds := len(parts[0].Of)
	perSeed := make([]float64, seeds)
	e := Effect{Seeds: seeds}
	tasks := source{freedom: math.Inf(1)}
	for _, p := range parts {
		e.Tasks += len(p.Of[0])
		for s := range p.Of {
			perSeed[s] += Mean(p.Of[s])
		}
		e.Clusters += p.clusters()
		if one := p.betweenTasks(); one.freedom > 0 {
			tasks.variance += one.variance
			tasks.freedom = min(tasks.freedom, one.freedom)
			tasks.third += one.third
		}
	}
	if math.IsInf(tasks.freedom, 1) {
		tasks = source{}
	}
	e.Mean = Mean(perSeed)
	e.unchanged = len(parts) == 1 && !slices.ContainsFunc(parts[0].Of, func(row []float64) bool { return !constant(row, 0) })
	return e.by(overSeeds(perSeed), tasks)
}

// Apart is the mean of b less that of a, which have no seed in common but the same
// tasks, with an interval for new seeds and new tasks at once, as of [Crossed]; as for seeds,
// that of [Welch].
func Apart(a, b Scores) Effect {
	if a.empty() || b.empty() {
		return Crossed()
	}
	e := Effect{Seeds: min(len(a.Of), len(b.Of)), Tasks: len(a.Of[0])}
	ma, mb := a.perSeed(), b.perSeed()
	e.Mean = Mean(mb) - Mean(ma)
	e.unchanged = sameRows(slices.Concat(a.Of, b.Of))
	d := Scores{Of: [][]float64{difference(b.perTask(), a.perTask())}, Cluster: a.Cluster}
	e.Clusters = d.clusters()
	tasks := d.betweenTasks()
	_, noiseA := a.components()
	_, noiseB := b.components()
	tasks.variance = max(0, tasks.variance-noiseA-noiseB)
	return e.by(append(apart(overSeeds(ma), overSeeds(mb)), tasks)...)
}

// betweenTasks is the variance of the mean that comes from the choice of tasks. One task,
// or cluster, tells of none.
func (s Scores) betweenTasks() source {
	tasks, noise := s.components()
	tasks.variance = max(0, tasks.variance-noise)
	return tasks
}

// components are the variances of the mean of all scores by tasks, single outcomes
// among them, and by single outcomes alone; the latter is 0 with one seed, where no
// outcome is ever seen again.
//
// Clusters are weighed by their tasks, with n/(n-1): with one seed, tasks is the sum over
// clusters that is called CR1 without its (N-1)/(N-k). Few clusters tell little of how
// far out others are, so these count by the degrees of freedom that their sizes and
// scores show, and by their skewness.
func (s Scores) components() (tasks source, noise float64) {
	sums, groups := s.sums()
	if groups < 2 {
		return source{}, 0
	}
	seeds, n := len(s.Of), float64(len(s.Of[0]))
	perSeed := s.perSeed()
	mean := Mean(perSeed)
	squares, cubes := make([]float64, groups), 0.0
	for i, g := range sums {
		size := g[seeds]
		column := Mean(g[:seeds]) // of the cluster
		x := (column - mean*size) / n
		squares[i] = x * x
		cubes += x * x * x
		for r, x := range g[:seeds] {
			noise += square((x - column - (perSeed[r]-mean)*size) / n)
		}
	}
	correct := float64(groups) / float64(groups-1)
	tasks.variance = exact(correct*total(squares), mean)
	tasks.freedom = float64(groups - 1)
	if s.Cluster != nil {
		tasks.freedom = min(tasks.freedom, known(squares))
		tasks.third = cubes
	}
	return tasks, exact(correct*noise/float64(max(1, seeds*(seeds-1))), mean)
}

// known is by how many degrees of freedom a sum of squares of normal values of mean 0 is
// known (Lipsitz, Ibrahim & Parzen 1999): by their fourth powers, twice the square of
// the sum over its variance. Few clusters that tell nearly all are few.
func known(squares []float64) float64 {
	largest := slices.Max(squares)
	if largest == 0 {
		return float64(len(squares))
	}
	sum, fourth := 0.0, 0.0
	for _, x := range squares {
		sum += x / largest
		fourth += square(x / largest)
	}
	return 3*sum*sum/fourth - 2
}

// empty is true where there is no score.
func (s Scores) empty() bool { return len(s.Of) == 0 || len(s.Of[0]) == 0 }

// groups is how many numbers of clusters there are, or else tasks.
func (s Scores) groups() int {
	if s.Cluster == nil {
		return len(s.Of[0])
	}
	return slices.Max(s.Cluster) + 1
}

// clusters is how many there are, 0 where each task counts by itself.
func (s Scores) clusters() int {
	if s.Cluster == nil {
		return 0
	}
	seen := map[int]bool{}
	for _, g := range s.Cluster {
		seen[g] = true
	}
	return len(seen)
}

func (s Scores) group(task int) int {
	if s.Cluster == nil {
		return task
	}
	return s.Cluster[task]
}

func (s Scores) perSeed() []float64 {
	means := make([]float64, len(s.Of))
	for r, row := range s.Of {
		means[r] = Mean(row)
	}
	return means
}

func (s Scores) perTask() []float64 {
	means := make([]float64, len(s.Of[0]))
	for _, row := range s.Of {
		for t, x := range row {
			means[t] += x / float64(len(s.Of))
		}
	}
	return means
}

func difference(b, a []float64) []float64 {
	d := make([]float64, len(b))
	for i := range b {
		d[i] = b[i] - a[i]
	}
	return d
}

// constant is true of values that are all x.
func constant(values []float64, x float64) bool {
	return !slices.ContainsFunc(values, func(v float64) bool { return v != x })
}

// sameRows is true if every run scored what the first did.
func sameRows(of [][]float64) bool {
	return !slices.ContainsFunc(of, func(row []float64) bool { return !slices.Equal(row, of[0]) })
}
