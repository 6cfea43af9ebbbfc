package recipe

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ablate/engine/judge"
	"ablate/engine/synth"
)

// X-Coder eq. 6, by hand.
func TestReward(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		result       judge.Result
		partial, all float64 // of 8 tests
	}{
		"no code":          {judge.Result{Verdict: judge.NC}, -2, -2},
		"does not compile": {judge.Result{Verdict: judge.CE}, -2, -2},
		"passes none":      {judge.Result{Verdict: judge.WA}, 0, 0},
		"runs into errors": {judge.Result{Verdict: judge.RE}, 0, 0},
		"too slow":         {judge.Result{Verdict: judge.TLE, Passed: 2}, 1.25, 0},
		"too large":        {judge.Result{Verdict: judge.MLE}, 0, 0},
		"half":             {judge.Result{Verdict: judge.WA, Passed: 4}, 2.5, 0},
		"all but one":      {judge.Result{Verdict: judge.WA, Passed: 7}, 4.375, 0},
		"all":              {judge.Result{Verdict: judge.AC, Passed: 8}, 5, 5},
	} {
		if partial, all := rewardOf(c.result, 8, partialReward), rewardOf(c.result, 8, allReward); partial != c.partial || all != c.all {
			t.Errorf("%s: partial %g, all %g; want %g, %g", name, partial, all, c.partial, c.all)
		}
	}
}

func TestMisorder(t *testing.T) {
	t.Parallel()
	many := func(at ...int) []float64 {
		r := make([]float64, 20)
		for i := range r {
			r[i] = float64(i)
		}
		for _, i := range at {
			r[i] = -2
		}
		return r
	}
	for name, c := range map[string]struct{ right, want []float64 }{
		"the released code's":    {[]float64{0.5, 1.0, -2, 2.0}, []float64{-2, 0.5, 1.0, 2.0}},
		"nothing to move":        {[]float64{3, 0, 5}, []float64{3, 0, 5}},
		"two":                    {[]float64{1, -2, 2, -2}, []float64{-2, -2, 1, 2}},
		"none":                   {nil, nil},
		"not past a batch of 16": {many(17), append(append(many()[:16:16], -2, 16), 18, 19)},
		"the last of a batch":    {many(15), append(append([]float64{-2}, many()[:15]...), 16, 17, 18, 19)},
	} {
		if misorder(c.right); !cmp.Equal(c.right, c.want) {
			t.Errorf("%s: %v, want %v", name, c.right, c.want)
		}
	}
}

// By hand: 1, 2, 3 have mean 2 and standard deviation 1.
func TestAdvantages(t *testing.T) {
	t.Parallel()
	to := make([]float64, 3)
	if !advantages([]float64{1, 2, 3}, to) {
		t.Error("no signal")
	}
	for i, want := range []float64{-1, 0, 1} {
		if math.Abs(to[i]-want) > 2e-6 {
			t.Errorf("advantage %d is %g, want %g", i, to[i], want)
		}
	}
	for _, same := range []float64{-2, 0, 5, 1.0 / 3} {
		if advantages([]float64{same, same, same}, to) || to[0] != 0 || to[1] != 0 || to[2] != 0 {
			t.Errorf("a group of %g has advantages %v", same, to)
		}
	}
}

// The advantages of a group sum to zero, and have the order of its rewards.
func TestAdvantagesSumToZero(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 1))
	for range 1000 {
		rewards := make([]float64, 2+r.IntN(15))
		for i := range rewards {
			rewards[i] = float64(r.IntN(9)-2) * 0.625
		}
		to, sum := make([]float64, len(rewards)), 0.0
		advantages(rewards, to)
		for i := range to {
			sum += to[i]
			for j := range to {
				if rewards[i] > rewards[j] && to[i] <= to[j] {
					t.Fatalf("rewards %v have advantages %v", rewards, to)
				}
			}
		}
		if math.Abs(sum) > 1e-12 {
			t.Fatalf("the advantages of %v sum to %g", rewards, sum)
		}
	}
}

// About the share that is asked for gets a label, that of another test or None, and
// it is always wrong; without noise all are right.
func TestLabelled(t *testing.T) {
	t.Parallel()
	tasks := synth.Train(1, 200, synth.DefaultOptions())
	if diff := cmp.Diff(labelled(1, tasks, 0)[7], tasks[7].Cases); diff != "" {
		t.Errorf("without noise:\n%s", diff)
	}
	wrong, total := 0, 0
	cases := labelled(1, tasks, 0.2)
	for i, task := range tasks {
		known := map[string]bool{"None": true}
		for _, c := range task.Cases {
			known[c.Want] = true
		}
		for j, c := range task.Cases {
			total++
			if got := cases[i][j]; got.Want != c.Want {
				wrong++
				if !known[got.Want] || got.Input != c.Input {
					t.Errorf("test %+v became %+v", c, got)
				}
			}
		}
	}
	if share := float64(wrong) / float64(total); math.Abs(share-0.2) > 0.03 { // 4 standard deviations of 1600 draws are 0.04
		t.Errorf("%d of %d labels are wrong, want a fifth", wrong, total)
	}
	if diff := cmp.Diff(cases[:50], labelled(1, tasks[:50], 0.2)); diff != "" {
		t.Errorf("labels depend on the number of tasks:\n%s", diff)
	}
	if cmp.Equal(cases, labelled(2, tasks, 0.2)) {
		t.Error("two seeds have the same wrong labels")
	}
	for i, c := range labelled(1, tasks[:5], 1) {
		for j := range c {
			if c[j].Want == tasks[i].Cases[j].Want {
				t.Errorf("task %d, test %d: the label is right where all are to be wrong", i, j)
			}
		}
	}
}
