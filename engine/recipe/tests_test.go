package recipe

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ablate/engine/judge"
	"ablate/engine/synth"
	"ablate/experiments/store"
)

// Every test of a program that is shown says what came of it, whether the judge went
// on after the first that failed or not, and only as many as people look at.
func TestShownTests(t *testing.T) {
	t.Parallel()
	cases := []judge.Case{{Input: "[1]", Want: "1"}, {Input: "[2, 3]", Want: "2"}, {Input: "[4]", Want: "1"}, {Input: "[]", Want: "0"}}
	long := `"` + strings.Repeat("汉", 100) + `"`
	ran := func(i int, verdict, got, err string) store.SampleTest {
		return store.SampleTest{Input: cases[i].Input, Want: cases[i].Want, Verdict: verdict, Got: got, Error: err}
	}
	pool := newPool(t, 1)
	for name, c := range map[string]struct {
		program string
		cases   []judge.Case
		all     bool
		want    []store.SampleTest
		passed  int
	}{
		"right": {"def f(a):\n return len(a)", cases, false, []store.SampleTest{ran(0, "AC", "", ""), ran(1, "AC", "", ""), ran(2, "AC", "", ""), ran(3, "AC", "", "")}, 4},
		"wrong once": {"def f(a):\n return 7 if len(a) == 2 else len(a)", cases, false,
			[]store.SampleTest{ran(0, "AC", "", ""), ran(1, "WA", "7", ""), ran(2, "AC", "", ""), ran(3, "AC", "", "")}, 3},
		"a crash behind a wrong one, all judged": {"def f(a):\n return a[0]", cases, true,
			[]store.SampleTest{ran(0, "AC", "", ""), ran(1, "AC", "", ""), ran(2, "WA", "4", ""), ran(3, "RE", "", "line 2: index 0 out of range: empty list")}, 2},
		"no program": {"hello", cases, false, []store.SampleTest{ran(0, "", "", ""), ran(1, "", "", ""), ran(2, "", "", ""), ran(3, "", "", "")}, 0},
		"too long a text": {"def f(a):\n return a", []judge.Case{{Input: long, Want: "0"}}, false,
			[]store.SampleTest{{Input: `"` + strings.Repeat("汉", 66) + "…", Want: "0", Verdict: "WA", Got: `"` + strings.Repeat("汉", 66) + "…"}}, 0},
		"too many": {"def f(a):\n return 1", repeated(cases[0], 20), false, repeated(ran(0, "AC", "", ""), 8), 20},
		"one that goes on for ever": {"def f(a):\n for i in range(10000000):\n  pass\n return 1", cases[:2], false,
			[]store.SampleTest{ran(0, "TLE", "", "too many steps"), ran(1, "", "", "")}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			results, err := pool.Judge(t.Context(), []judge.Program{{Source: c.program, Cases: c.cases, All: c.all}})
			if err != nil {
				t.Fatal(err)
			}
			samples, err := show(t.Context(), pool, []attempted{{synth.Task{ID: "x"}, c.cases, c.program, results[0]}})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, samples[0].Tests); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if samples[0].Passed != c.passed || samples[0].Total != len(c.cases) {
				t.Errorf("%d of %d passed, want %d", samples[0].Passed, samples[0].Total, c.passed)
			}
		})
	}
}

func repeated[T any](x T, n int) []T {
	all := make([]T, n)
	for i := range all {
		all[i] = x
	}
	return all
}
