package synth

import (
	"math/rand/v2"
	"slices"

	"ablate/engine/seed"
)

// The two ways to get test inputs. A generator reaches all classes; lists are
// what one writes down by hand, few and tame (the paper's tool and prompt).
const (
	TestsGenerated = "generator"
	TestsListed    = "lists"
)

// The classes of a test's input.
const (
	Small    = "small"    // up to 3 numbers, up to 9 in magnitude
	Medium   = "medium"   // up to 7 numbers
	Large    = "large"    // up to maxLength numbers
	Boundary = "boundary" // empty, one number, equal numbers, extremes, the constants of the task
	Stress   = "stress"   // longer than any list the task was made for
)

// Test is one input of a task. It has no output: that is for the candidates to
// vote on.
type Test struct {
	Input string // a literal of Starlark and Python
	Class string // Small, Medium, Large, Boundary or Stress
	Size  int    // bytes of Input

	values []int64
}

// classes is the order in which a generator goes through the classes: of 15
// tests, 3 are small, 4 medium, 3 large, 3 boundary and 2 stress. The first,
// the empty list, comes whatever the number of tests.
var classes = []string{
	Boundary, Small, Medium, Large, Stress, Boundary, Medium, Small,
	Large, Stress, Boundary, Medium, Small, Large, Medium,
}

// Tests gives n different inputs under a run's seed by a generator of the task's
// own, or 5 to n by lists (n if n is less than 5); the first ones stay when more
// are asked for of a generator. A kind that is not TestsListed is TestsGenerated.
func (t Task) Tests(run int64, n int, kind string) []Test {
	r := seed.Stream(run, "tests/"+t.ID, 0)
	if kind == TestsListed {
		return listed(r, n)
	}
	tests := make([]Test, 0, max(n, 0))
	length := t.features.stressLength()
	for i := range n {
		class := classes[i%len(classes)]
		add := newTest(class, nil)
		const patience = 16 // draws for one that is new
		for draw := 0; draw == 0 || draw < patience && has(tests, add); draw++ {
			if i > 0 {
				add = newTest(class, t.features.input(r, class, length))
			}
		}
		tests = append(tests, add)
	}
	return tests
}

func newTest(class string, values []int64) Test {
	text := literal(values, false)
	return Test{Input: text, Class: class, Size: len(text), values: values}
}

func has(tests []Test, t Test) bool {
	return slices.ContainsFunc(tests, func(other Test) bool { return other.Input == t.Input })
}

// input draws an input of a class; stress is the length of one of that class.
func (c composition) input(r *rand.Rand, class string, stress int) []int64 {
	switch class {
	case Small:
		return randomList(r, 1+r.IntN(3), 9)
	case Medium:
		return randomList(r, 4+r.IntN(4), []int64{9, maxValue}[r.IntN(2)])
	case Large:
		return randomList(r, maxLength-2+r.IntN(3), []int64{5, maxValue}[r.IntN(2)])
	case Stress:
		return randomList(r, stress, maxValue)
	}
	return c.edge(r)
}

// edge draws an input at a bound of what may be asked, or at a constant of c.
func (c composition) edge(r *rand.Rand) []int64 {
	extreme := int64(maxValue) * int64(1-2*r.IntN(2))
	k := min(c[r.IntN(len(c))].k, maxValue-1)
	switch r.IntN(5) {
	case 0:
		return []int64{[]int64{0, 1, -1, extreme}[r.IntN(4)]}
	case 1:
		return slices.Repeat([]int64{r.Int64N(9) - 4}, 2+r.IntN(4))
	case 2:
		return slices.Repeat([]int64{extreme}, maxLength)
	case 3:
		return []int64{k - 1, k, k + 1}[r.IntN(2):]
	default:
		return []int64{extreme, 0, -extreme, k}
	}
}

// stressLength is the greatest of a few lengths at which no value of c passes
// what a float64 holds exactly, and no output what the judge compares.
func (c composition) stressLength() int {
	const outputs = 160 // numbers of 17 digits in 4096 bytes, with room
	for _, n := range []int{40, 30, 20, 15} {
		if c.within(float64(n), outputs) {
			return n
		}
	}
	return maxLength
}

// byHand are the lists one writes down when asked for examples. Those before
// tame are small or medium, the others boundary.
var byHand = [][]int64{
	{1, 2, 3}, {3, 1, 2}, {5, 3, 8}, {2, 4, 6}, {-1, 2, -3}, {4, -2}, {10, 7, 3},
	{1, 2, 3, 4, 5}, {5, 4, 3, 2, 1}, {2, 4, 6, 8, 10}, {1, 3, 5, 7}, {3, 1, 4, 1, 5, 9}, {-1, -2, -3, -4},
	{1, -1, 2, -2}, {6, 2, 9, 4, 7}, {10, 20, 5, 15}, {2, 2, 3, 3}, {1, 2, 2, 3, 3, 3}, {7, -5, 3, 0, 2},
	{8, 6, 7, 5, 3, 0, 9}, {-3, 5, -7, 9}, {12, 9, 15, 18}, {4, 8, 1, 6, 2}, {0, 1, 2, 3},
	{}, {0}, {1}, {5, 5, 5}, {0, 0},
}

const (
	tame      = 24   // lists of byHand that are small or medium
	edgeShare = 0.15 // of the lists of a task are boundary
	fullShare = 0.75 // of the tasks get as many lists as asked for
)

// listed draws different lists of byHand.
func listed(r *rand.Rand, n int) []Test {
	const fewest = 5
	if n > fewest && r.Float64() >= fullShare {
		n = fewest + r.IntN(n-fewest)
	}
	common, edges := r.Perm(tame), r.Perm(len(byHand)-tame)
	var tests []Test
	for len(tests) < n && len(common)+len(edges) > 0 {
		if len(common) == 0 || len(edges) > 0 && r.Float64() < edgeShare {
			tests = append(tests, newTest(Boundary, byHand[tame+edges[0]]))
			edges = edges[1:]
			continue
		}
		values, class := byHand[common[0]], Medium
		if len(values) < 4 {
			class = Small
		}
		tests, common = append(tests, newTest(class, values)), common[1:]
	}
	return tests
}
