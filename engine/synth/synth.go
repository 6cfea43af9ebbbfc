// Package synth makes list-processing tasks for a miniature X-Coder: a task is a
// composition of a few features (keep the even numbers, square each, sum), with a
// statement in words, any number of correct programs, and tests.
//
// The stages are those of the paper's SynthSmith, one idea a file:
//
//	extract    features are read from the syntax trees of a seed corpus: knowledge
//	           holds the listed operations, read, loop, body, accumulate, convert and
//	           unify find them, category names what else a program shows
//	evolve     siblings and finer children of what was extracted
//	tree       all features by category, group, form and name, with their counts
//	sample     subtrees of a dozen leaves, by weight
//	select     a compatible set of features out of a subtree
//	style      statements in three styles; statement has the clauses and noun phrases
//	plan       the reasoning of long traces
//	program    which idioms and names a program takes; writer puts them together
//	cases      the tests: few, chosen to tell a task from those near to it
//	solve      a teacher's candidate programs, wrong now and then; mistakes says how
//	tests      inputs of five classes, from a generator or as listed by hand
//	verify     labels by vote, a golden program, confirmation on held-out tests
//	pipeline   all of it on many tasks, with the judge; funnel counts what was dropped
//
// An operation has three faces, side by side: what it does to a list (the
// reference semantics, in Go), how it is asked for, and how it is programmed.
// feature says what a family of operations is; filters, maps, orders, windows and
// finals list the known ones. shape and expr are the form in which new ones are
// read and evolved; parameter, apply, words and idioms make families of it. compose
// runs several, one after the other; behaviour says when two compositions are one
// task, and which side of the split it is on. catalogue holds all of it together,
// human has people's programs as tasks, and report says what there is.
//
// Two promises hold for all callers. No training task shares a behaviour with a
// benchmark's, because a hash of the behaviour itself decides the side. And sets
// are nested: a longer one starts with the shorter one of the same seed.
package synth

import (
	"math/rand/v2"
	"slices"

	"ablate/engine/judge"
	"ablate/engine/seed"
)

// Task is one generated programming task: to define f, from a list of integers
// to an integer or a list.
type Task struct {
	ID        string       // canonical, of the features: "keep_even.square.sum"
	Statement string       // a line of lower-case words, numbers and commas; LeetCode's begin with a signature
	Style     string       // Codeforces, AtCoder or LeetCode
	Depth     int          // number of features, mostly 2 to 4
	Features  []string     // their names with constants, in order
	Cases     []judge.Case // tests, the most telling first after the empty list

	features composition
	element  string // usual name of an element in its programs
}

// Options shape a set of tasks. The zero value of each field means its default.
type Options struct {
	Depths   []float64 // weights of depth 2, 3, 4 and 5, of any sum; missing and negative ones are 0
	Cases    int       // tests of a task
	SeedOnly bool      // features of the seed corpus alone, without evolved ones
	OneStep  bool      // no selection: the features of a task are the first ones sampled

	Styles  []float64 // weights of Codeforces, AtCoder and LeetCode; they choose no task, only its words
	Element string    // usual name of an element in programs: x, n or v
}

// DefaultOptions gives the usual mix: mostly two and three features, a tenth four;
// stories, terse and signatures as in the paper.
func DefaultOptions() Options {
	return Options{
		Depths: []float64{0.45, 0.45, 0.10, 0}, Cases: 8,
		Styles: []float64{0.70, 0.15, 0.15}, Element: elements[0],
	}
}

// Train gives the first n training tasks of a run's seed, pairwise different in
// behaviour and from every task of a benchmark. It is shorter only if no depth of
// positive weight has enough behaviours; before that, a depth that has run out
// leaves its share to the others.
func Train(run int64, n int, o Options) []Task {
	tasks, _ := grown().Draw(run, n, o)
	return tasks
}

// Benchmark gives the first n tasks of a frozen set, none for a name that is not
// one of these. No two sets share a behaviour, nor does any with training tasks.
//
//	current  features drawn evenly from the whole tree
//	older    features as frequent as in the seed corpus: more like training
//	harder   mostly depth 4 and 5
//	dev      like current, to choose checkpoints by
func Benchmark(name string, n int) []Task {
	o, c := DefaultOptions(), grown()
	from, side := c.even, current
	switch name {
	case "current":
	case "older":
		from, side = c.asCorpus, older
	case "harder":
		o.Depths, side = []float64{0, 0.3, 0.5, 0.2}, harder
	case "dev":
		side = dev
	default:
		return nil
	}
	tasks, _ := generate(frozen, "set/"+name, n, o, from, side)
	return tasks
}

// Solution gives the j-th program of the task under a run's seed, in Starlark
// that is Python as well. Programs of different j differ as long as the task has
// more of them; the first ones stay when more are asked for. A negative j is 0.
func (t Task) Solution(run int64, j int) string {
	const patience = 64 // draws without a new program, after which there is none
	j = max(j, 0)
	var programs []string
	for draws, fruitless := 0, 0; len(programs) <= j && fruitless < patience; draws++ {
		p := program(t.features, drawHabits(seed.Stream(run, "solution/"+t.ID, draws), t.features, t.element))
		if slices.Contains(programs, p) {
			fruitless++
			continue
		}
		programs, fruitless = append(programs, p), 0
	}
	return programs[j%len(programs)]
}

// Run gives the reference output for an input, as a literal of Starlark and
// Python.
func (t Task) Run(input []int64) string {
	var m machine
	return literal(m.run(t.features, input), t.features.scalar())
}

// generate draws n tasks for one side of the split, one stream of randomness a
// task.
func generate(run int64, purpose string, n int, o Options, from weights, side side) ([]Task, Choices) {
	o = o.filled()
	g := generator{known: map[signature]bool{}, side: side, from: from, oneStep: o.OneStep, depths: slices.Clone(o.Depths)}
	tasks := make([]Task, 0, max(n, 0))
	for i := range n {
		c := g.next(seed.Stream(run, purpose, i))
		if c == nil {
			break
		}
		tasks = append(tasks, g.task(seed.Stream(run, purpose+"/words", i), c, o))
	}
	return tasks, g.Choices
}

// task writes a composition as a task, in words drawn with r.
func (m *machine) task(r *rand.Rand, c composition, o Options) Task {
	text, style := write(r, c, o.Styles)
	return Task{
		ID: c.id(), Statement: text, Style: style, Depth: len(c), Features: c.names(),
		Cases: m.cases(c, o.Cases), features: c, element: o.Element,
	}
}

// filled gives the options with defaults for what is missing or meaningless.
func (o Options) filled() Options {
	d := DefaultOptions()
	if o.Cases < 1 {
		o.Cases = d.Cases
	}
	if !slices.Contains(elements, o.Element) {
		o.Element = d.Element
	}
	o.Depths, o.Styles = mixture(o.Depths, d.Depths), mixture(o.Styles, d.Styles)
	return o
}

// mixture gives as many weights as there are defaults, which take over if none is
// positive.
func mixture(given, defaults []float64) []float64 {
	ws, sum := make([]float64, len(defaults)), 0.0
	for i := range min(len(ws), len(given)) {
		ws[i] = max(given[i], 0)
		sum += ws[i]
	}
	if sum <= 0 {
		return defaults
	}
	return ws
}
