package stats

import (
	"math"
	"sort"
)

// Components are by what a paired difference between two cells varies, as variances of
// single values: of a difference d of seed s on task t, which is its mean, plus what is
// of the seed, plus what is of the task, plus what is of this one outcome alone.
type Components struct {
	Seeds      float64 // between seeds, on all tasks alike; NaN: nobody knows
	Tasks      float64 // between tasks, in all seeds alike: what is gained here and lost there
	Outcomes   float64 // of one task in one seed, however many samples are drawn of it
	Samples    float64 // of one sample of a task, both cells together; 0: programs are greedy
	PerCluster float64 // tasks that count as one, since clusters of them go together; 0: 1
}

// Design is how much is measured of each cell.
type Design struct {
	Seeds   int
	Tasks   int // 0: one value a seed, and no outcomes of tasks
	Samples int // of a task; 0: 1
}

// ComponentsOf estimates the variance components of paired differences, pooled over pairs
// of cells by degrees of freedom: those of two crossed random factors by the analysis of
// variance (Searle, Casella & McCulloch 1992), negative estimates as 0. Pairs of one
// seed each tell nothing of seeds, and no difference between tasks from single outcomes:
// those of several seeds are preferred, and without one Seeds is NaN and all that tasks
// vary by is in Outcomes. Scores of one task each are differences a seed. The zero
// Components but for a NaN: nothing tells of any.
func ComponentsOf(pairs ...Scores) Components {
	var seeds, tasks, outcomes, alone, perCluster pooled
	for _, p := range pairs {
		r, n, g := float64(len(p.Of)), float64(len(p.Of[0])), float64(p.groups())
		byTask, noise := p.components()
		perCluster.add(n/(byTask.freedom+1), 1)
		if r < 2 {
			alone.add(n*byTask.variance, g-1)
			continue
		}
		seeds.add(r*(overSeeds(p.perSeed()).variance-noise), r-1)
		tasks.add(n*(byTask.variance-noise), g-1)
		outcomes.add(n*r*noise, (r-1)*(g-1))
	}
	v := Components{Seeds: seeds.value(), Tasks: tasks.value(), Outcomes: outcomes.value(), PerCluster: perCluster.value()}
	if seeds.weight == 0 {
		v.Seeds, v.Outcomes = math.NaN(), alone.value()
	}
	return v
}

// Sampled is v where a part of what single outcomes vary by comes from n samples a
// task: noise is the variance of one of them, p(1-p) on average, both cells together.
func (v Components) Sampled(noise float64, n int) Components {
	v.Samples = min(noise, v.Outcomes*float64(n))
	v.Outcomes -= v.Samples / float64(n)
	return v
}

// MDE is the least true difference that a design finds in 80 of 100 cases, two-sided at
// 0.05, by the rule of [Effect.MDE]. With one seed it is one between two checkpoints.
// NaN where the spread between several seeds is not known, where nothing varies, and
// where a design is too small to tell.
func (v Components) MDE(d Design) float64 {
	one := v.Outcomes + v.Samples/float64(max(d.Samples, 1))
	r, n := float64(d.Seeds), float64(d.Tasks)
	seeds := source{variance: v.Seeds / r, freedom: r - 1}
	tasks := source{variance: v.Tasks / n, freedom: n/max(v.PerCluster, 1) - 1}
	switch {
	case d.Tasks == 0:
		tasks = source{}
	case d.Seeds == 1:
		seeds, tasks.variance = source{}, (v.Tasks+one)/n
	default:
		seeds.variance += one / n / r
	}
	if d.Seeds < 1 || math.IsNaN(seeds.variance) || seeds.freedom < 0 || tasks.freedom < 0 || seeds.freedom+tasks.freedom == 0 {
		return math.NaN()
	}
	return Effect{sources: [3]source{seeds, tasks}}.MDE()
}

// MostSeeds, MostTasks and MostSamples are how far a number is looked for.
const (
	MostSeeds   = 1000
	MostTasks   = 1_000_000
	MostSamples = 10_000
)

// SeedsFor is the smallest number of seeds, two or more, with which d finds a difference
// of delta in 80 of 100 cases; 0 where no number of up to MostSeeds does.
func (v Components) SeedsFor(d Design, delta float64) int {
	return smallest(2, MostSeeds, func(n int) bool { d.Seeds = n; return v.MDE(d) <= delta })
}

// TasksFor is likewise the smallest number of tasks: none is enough where seeds alone
// make a difference of delta hard to see.
func (v Components) TasksFor(d Design, delta float64) int {
	return smallest(2, MostTasks, func(n int) bool { d.Tasks = n; return v.MDE(d) <= delta })
}

// SamplesFor is likewise the smallest number of samples a task.
func (v Components) SamplesFor(d Design, delta float64) int {
	return smallest(1, MostSamples, func(n int) bool { d.Samples = n; return v.MDE(d) <= delta })
}

// smallest is the smallest number for which enough is true, as it is for all above it; 0
// for none.
func smallest(least, most int, enough func(int) bool) int {
	n := least + sort.Search(most-least+1, func(i int) bool { return enough(least + i) })
	if n > most {
		return 0
	}
	return n
}

// pooled is a mean of values with weights.
type pooled struct{ sum, weight float64 }

func (m *pooled) add(v, weight float64) { m.sum, m.weight = m.sum+v*weight, m.weight+weight }

// value is the mean, 0 where it is negative or there is none.
func (m *pooled) value() float64 {
	if m.weight == 0 {
		return 0
	}
	return max(0, m.sum/m.weight)
}
