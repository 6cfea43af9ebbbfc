package synth

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"ablate/engine/judge"
)

// column reads the outputs of one candidate: a word a test, - for a failed run.
func column(words string) []judge.Output {
	var outs []judge.Output
	for word := range strings.FieldsSeq(words) {
		if word == "-" {
			outs = append(outs, judge.Output{Verdict: judge.RE, Err: "line 2: it fails"})
		} else {
			outs = append(outs, judge.Output{Verdict: judge.AC, Value: word})
		}
	}
	return outs
}

// answered reads candidates a, b, c and so on.
func answered(columns ...string) []Executed {
	var executed []Executed
	for j, words := range columns {
		executed = append(executed, Executed{Source: string(rune('a' + j)), Outputs: column(words)})
	}
	return executed
}

// sized makes tests with inputs of the given sizes.
func sized(sizes ...int) []Test {
	tests := make([]Test, len(sizes))
	for i, n := range sizes {
		tests[i] = Test{Input: fmt.Sprint("input ", i), Class: Medium, Size: n}
	}
	return tests
}

// seeded finds rules of a seed that holds out just the given tests.
func seeded(t *testing.T, r Rules, n int, held ...int) Rules {
	t.Helper()
	for ; r.Seed < 100000; r.Seed++ {
		fits := true
		for i, h := range r.split(n) {
			fits = fits && h == slices.Contains(held, i)
		}
		if fits {
			return r
		}
	}
	t.Fatalf("no seed holds out %v of %d", held, n)
	return r
}

func TestWeights(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name      string
		weighting string
		sizes     []int
		want      []int
	}{
		{"quartiles of eight", WeightSize, []int{5, 80, 10, 40, 20, 70, 30, 60}, []int{1, 4, 1, 3, 2, 4, 2, 3}},
		{"quartiles of five", WeightSize, []int{50, 40, 30, 20, 10}, []int{4, 3, 2, 1, 1}},
		{"equal sizes in their order", WeightSize, []int{2, 2, 2, 2}, []int{1, 2, 3, 4}},
		{"one", WeightSize, []int{9}, []int{1}},
		{"two", WeightSize, []int{9, 3}, []int{3, 1}},
		{"none", WeightNone, []int{1, 2, 3}, []int{1, 1, 1}},
		{"no test", WeightSize, nil, nil},
	} {
		if diff := gocmp.Diff(c.want, (Rules{Weighting: c.weighting}).weigh(sized(c.sizes...))); diff != "" && len(c.want) > 0 {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
	var tests []Test
	for _, class := range []string{Small, Medium, Large, Boundary, Stress} {
		tests = append(tests, Test{Class: class, Size: 9})
	}
	if diff := gocmp.Diff([]int{1, 2, 2, 3, 4}, (Rules{Weighting: WeightSemantic}).weigh(tests)); diff != "" {
		t.Errorf("by meaning (-want +got):\n%s", diff)
	}
}

// Worked by hand: by size the tests weigh 1, 1, 2, 3, 3, 4; 4 and 5 are held out.
func TestVerify(t *testing.T) {
	t.Parallel()
	bySize := Rules{Weighting: WeightSize, HoldOut: 2.0 / 6}
	unweighted := Rules{Weighting: WeightNone, HoldOut: 2.0 / 6}
	// Of 1 2 3 4, a has the first three, weight 4, and b the last two, weight 5.
	torn := answered("1 2 3 0 5 6", "0 9 3 4 5 6", "1 2 8 7 5 6", "8 7 9 4 5 6")
	right := answered("1 2 3 4 5 6")
	for _, c := range []struct {
		name     string
		rules    Rules
		executed []Executed
		solver   string
		labels   string
		golden   string // the sources that may be it
		dropped  string
	}{
		{"weights select", bySize, torn, "", "1 2 3 4 5 6", "b", ""},
		{"counts select", unweighted, torn, "", "1 2 3 4 5 6", "a", ""},
		{"failed runs do not vote", bySize, answered("- - - - - -", "- - - - - -", "1 2 3 4 5 6", "- - - - - -"), "",
			"1 2 3 4 5 6", "c", ""},
		{"another is best on the held-out tests", bySize, answered("1 2 3 4 9 9", "1 2 3 0 5 6", "1 2 0 4 5 6"), "",
			"1 2 3 4 5 6", "a", Disagreement},
		{"nothing is held out", Rules{}, answered("1 2 3 4 9 6", "0 2 3 0 5 6", "1 2 0 4 5 6"), "",
			"1 2 3 4 5 6", "ac", ""},
		{"all fail", bySize, answered("- - - - - -", "- - - - - -"), "1 1 1 1 1 1", "- - - - - -", "", NoOutput},
		{"no candidates", bySize, nil, "", "- - - - - -", "", NoOutput},
		{"most are wrong in one way", bySize, answered("7 7 7 7 7 7", "7 7 7 7 7 7", "1 2 3 4 5 6"), "",
			"7 7 7 7 7 7", "ab", ""},
		{"nothing is left to confirm", bySize, answered("1 2 3 4 - -"), "", "1 2 3 4 - -", "", NoTests},
		{"nothing is left to select", bySize, answered("- - - - 5 6"), "", "- - - - 5 6", "", NoTests},
		{"one candidate", bySize, answered("1 2 - 4 5 6"), "", "1 2 - 4 5 6", "a", ""},
		{"the solver passes nothing", bySize, right, "2 3 4 5 6 -", "1 2 3 4 5 6", "a", Unsolvable},
		{"the solver passes one", bySize, right, "- - - - - 6", "1 2 3 4 5 6", "a", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			rules := c.rules
			if rules.HoldOut > 0 {
				rules = seeded(t, rules, 6, 4, 5)
			}
			got := rules.Verify(sized(10, 20, 30, 40, 50, 60), c.executed, column(c.solver))
			var labels []string
			for _, label := range got.Labels {
				labels = append(labels, cmp.Or(label, "-"))
			}
			if diff := gocmp.Diff(c.labels, strings.Join(labels, " ")); diff != "" {
				t.Errorf("labels (-want +got):\n%s", diff)
			}
			switch {
			case got.Golden < 0 && c.golden != "":
				t.Errorf("no golden program, want one of %s", c.golden)
			case got.Golden >= 0 && !strings.Contains(c.golden, c.executed[got.Golden].Source):
				t.Errorf("golden is %s, want one of %q", c.executed[got.Golden].Source, c.golden)
			}
			for i, agreed := range got.Agreed {
				if y := c.executed[got.Golden].Outputs[i]; agreed != (y.Verdict == judge.AC && y.Value == got.Labels[i]) {
					t.Errorf("on test %d golden gives %q, the label is %q, agreed: %v", i, y.Value, got.Labels[i], agreed)
				}
			}
			if (got.Agreed == nil) != (got.Golden < 0) {
				t.Errorf("agreed: %v, golden %d", got.Agreed, got.Golden)
			}
			if got.Dropped != c.dropped {
				t.Errorf("dropped for %q, want %q", got.Dropped, c.dropped)
			}
		})
	}
}

// drawn makes outputs in which candidates agree, differ and fail at random.
func drawn(r *rand.Rand, tests, candidates int) []Executed {
	executed := make([]Executed, candidates)
	for j := range executed {
		executed[j] = Executed{Source: fmt.Sprint("program ", j), Outputs: make([]judge.Output, tests)}
		for i := range executed[j].Outputs {
			if v := r.IntN(5); v > 0 {
				executed[j].Outputs[i] = judge.Output{Verdict: judge.AC, Value: fmt.Sprint(v)}
			} else {
				executed[j].Outputs[i] = judge.Output{Verdict: judge.TLE, Err: "too many steps"}
			}
		}
	}
	return executed
}

// decided is what may not depend on the order of candidates.
type decided struct {
	Labels          []string
	HeldOut         []bool
	Golden, Dropped string
	Passed          map[string]float64
}

func decide(d Decision, executed []Executed) decided {
	out := decided{Labels: d.Labels, HeldOut: d.HeldOut, Dropped: d.Dropped, Passed: map[string]float64{}}
	if d.Golden >= 0 {
		out.Golden = executed[d.Golden].Source
	}
	for j, a := range executed {
		out.Passed[a.Source] = d.Passed[j]
	}
	return out
}

func FuzzVerify(f *testing.F) {
	f.Add(int64(1), uint8(15), uint8(8), uint8(5))
	f.Add(int64(2), uint8(1), uint8(1), uint8(5))
	f.Add(int64(3), uint8(0), uint8(3), uint8(0))
	f.Add(int64(4), uint8(7), uint8(0), uint8(10))
	f.Fuzz(func(t *testing.T, draw int64, n, m, tenths uint8) {
		checkVerify(t, draw, int(n%40), int(m%20), float64(tenths%11)/10)
	})
}

func TestVerifyProperties(t *testing.T) {
	t.Parallel()
	for i := range 1000 {
		checkVerify(t, int64(i), i%16, i%17, float64(i%11)/10)
	}
}

// checkVerify holds what is true of any outputs.
func checkVerify(t *testing.T, draw int64, n, m int, holdOut float64) {
	t.Helper()
	r := rand.New(rand.NewPCG(uint64(draw), 1))
	tests := sized(r.Perm(n)...)
	executed, solver := drawn(r, n, m), drawn(r, n, 1)[0].Outputs
	rules := Rules{Weighting: []string{WeightSize, WeightSemantic, WeightNone}[r.IntN(3)], HoldOut: holdOut, Seed: draw}
	d := rules.Verify(tests, executed, solver)

	shuffled := slices.Clone(executed)
	r.Shuffle(m, func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
	if diff := gocmp.Diff(decide(d, executed), decide(rules.Verify(tests, shuffled, solver), shuffled)); diff != "" {
		t.Fatalf("another order of candidates (-before +after):\n%s", diff)
	}
	if d.Golden < 0 {
		return
	}
	for j := range executed {
		if a, b := weight(d, executed[j], false), weight(d, executed[d.Golden], false); a > b {
			t.Fatalf("candidate %d passes %d of the selection, the golden one %d", j, a, b)
		}
		if a, b := weight(d, executed[j], true), weight(d, executed[d.Golden], true); a > b && d.Dropped != Disagreement {
			t.Fatalf("candidate %d passes %d of the held-out tests, the golden one %d of a task that is kept", j, a, b)
		}
	}
	other := drawn(r, n, m) // anything at all on the held-out tests
	for j := range other {
		for i, held := range d.HeldOut {
			if !held {
				other[j].Outputs[i] = executed[j].Outputs[i]
			}
		}
	}
	if e := rules.Verify(tests, other, solver); e.Golden >= 0 && e.Golden != d.Golden {
		t.Fatalf("held-out outputs move the golden program from %d to %d", d.Golden, e.Golden)
	}
}

// weight is that of the tests on one side of the split that an answer passes,
// each held-out one counting 1.
func weight(d Decision, a Executed, heldOut bool) int {
	sum := 0
	for i, y := range a.Outputs {
		if d.HeldOut[i] != heldOut || y.Verdict != judge.AC || y.Value != d.Labels[i] {
			continue
		}
		if heldOut {
			sum++
		} else {
			sum += d.Weights[i]
		}
	}
	return sum
}

// A tie is broken by the seed, either way as often.
func TestTiesAreDrawn(t *testing.T) {
	t.Parallel()
	executed := answered("1 1", "2 2")
	ones, firsts := 0, 0
	for s := range int64(1000) {
		d := Rules{Weighting: WeightNone, Seed: s}.Verify(sized(1, 2), executed, nil)
		if d.Labels[0] == "1" {
			ones++
		}
		if e := (Rules{Seed: s}).Verify(sized(1), answered("1", "1"), nil); e.Golden == 0 {
			firsts++
		}
	}
	if ones < 430 || ones > 570 || firsts < 430 || firsts > 570 {
		t.Errorf("of 1000 ties %d go to one output and %d to one candidate, want about 500", ones, firsts)
	}
}

func TestSplit(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		share   float64
		n, held int
	}{{0.5, 15, 8}, {0.5, 1, 1}, {0, 15, 0}, {1, 15, 15}, {0.01, 15, 1}, {0.2, 15, 3}, {7, 3, 3}, {-1, 3, 0}, {0.5, 0, 0}} {
		seen := map[string]bool{}
		for s := range int64(20) {
			split := Rules{HoldOut: c.share, Seed: s}.split(c.n)
			held := 0
			for _, h := range split {
				if h {
					held++
				}
			}
			if held != c.held {
				t.Errorf("share %g of %d tests holds out %d, want %d", c.share, c.n, held, c.held)
			}
			seen[fmt.Sprint(split)] = true
		}
		if c.n == 15 && c.held > 0 && c.held < 15 && len(seen) < 5 {
			t.Errorf("20 seeds split 15 tests in %d ways", len(seen))
		}
	}
}
