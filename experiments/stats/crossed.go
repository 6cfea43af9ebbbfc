package stats

import (
	"math"
	"slices"
)

// Scores are what single tasks counted in several runs: the same tasks in each.
type Scores struct {
	Of      [][]float64 // by seed and task
	Cluster []int       // of each task, counted from 0; nil: each task counts by itself
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
func Crossed(parts ...Scores) Effect {
	seeds := len(parts[0].Of)
	perSeed := make([]float64, seeds)
	e := Effect{Seeds: seeds}
	tasks := source{freedom: math.Inf(1)}
	for _, p := range parts {
		e.Tasks += len(p.Of[0])
		for s := range p.Of {
			perSeed[s] += Mean(p.Of[s])
		}
		one, groups := p.betweenTasks()
		tasks.variance += one.variance
		tasks.freedom = min(tasks.freedom, one.freedom)
		e.Clusters += groups
	}
	e.Mean = Mean(perSeed)
	return e.by(overSeeds(perSeed), tasks)
}

// Apart is the mean of b less that of a, which have no seed in common but the same
// tasks, with an interval for new seeds and new tasks at once, as of [Crossed].
func Apart(a, b Scores) Effect {
	e := Effect{Seeds: min(len(a.Of), len(b.Of)), Tasks: len(a.Of[0])}
	ma, mb := a.perSeed(), b.perSeed()
	e.Mean = Mean(mb) - Mean(ma)
	d := Scores{Of: [][]float64{difference(b.perTask(), a.perTask())}, Cluster: a.Cluster}
	tasks, groups := d.betweenTasks()
	e.Clusters = groups
	_, noiseA := a.components()
	_, noiseB := b.components()
	tasks.variance = max(0, tasks.variance-noiseA-noiseB)
	return e.by(overSeeds(ma), overSeeds(mb), tasks)
}

// betweenTasks is the variance of the mean that comes from the choice of tasks, and how
// many clusters there are, 0 for none. One task tells of none.
func (s Scores) betweenTasks() (source, int) {
	groups := s.groups()
	clusters := 0
	if s.Cluster != nil {
		clusters = groups
	}
	if groups < 2 {
		return source{}, clusters
	}
	tasks, noise := s.components()
	return source{max(0, tasks-noise), float64(groups - 1)}, clusters
}

// components are the variances of the mean of all scores by tasks, single outcomes
// among them, and by single outcomes alone; the latter is 0 with one seed, where no
// outcome is ever seen again. Clusters are weighed by their tasks, with n/(n-1).
func (s Scores) components() (tasks, noise float64) {
	seeds, groups, n := len(s.Of), s.groups(), len(s.Of[0])
	if groups < 2 {
		return 0, 0
	}
	mean := Mean(s.perSeed())
	sizes, column := make([]float64, groups), make([]float64, groups)
	cells := make([][]float64, seeds) // by seed and cluster: what it adds to the mean of its seed
	for r, row := range s.Of {
		cells[r] = make([]float64, groups)
		for t, x := range row {
			cells[r][s.group(t)] += (x - mean) / float64(n)
		}
		for g, x := range cells[r] {
			column[g] += x / float64(seeds)
		}
	}
	for t := range n {
		sizes[s.group(t)]++
	}
	correct := float64(groups) / float64(groups-1)
	for _, x := range column {
		tasks += correct * x * x
	}
	if seeds < 2 {
		return tasks, 0
	}
	for r := range cells {
		of := 0.0 // of the seed
		for _, x := range cells[r] {
			of += x
		}
		for g, x := range cells[r] {
			w := x - column[g] - of*sizes[g]/float64(n)
			noise += correct * w * w / float64(seeds*(seeds-1))
		}
	}
	return tasks, noise
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
