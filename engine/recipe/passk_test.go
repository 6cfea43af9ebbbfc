package recipe

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ablate/engine/synth"
	"ablate/experiments/store"
)

// samplesLike is a task's samples, + for a right one.
func samplesLike(marks string) []bool {
	right := make([]bool, len(marks))
	for i, m := range marks {
		right[i] = m == '+'
	}
	return right
}

// By hand. Two tasks of four samples, one and three of them right: pass@2 is
// (1 - 3/6 + 1 - 0)/2, pass@4 is 1. Eight samples with 2 right: pass@2 is
// 1 - (6*5)/(8*7) = 26/56, pass@4 is 1 - C(6,4)/C(8,4) = 1 - 15/70.
func TestSampleMetrics(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		samples []string
		want    store.Values
	}{
		"none":          {nil, store.Values{}},
		"one":           {[]string{"+", "-"}, store.Values{}},
		"three":         {[]string{"+--", "---"}, store.Values{"eval/pass@2": (2.0 / 3) / 2}},
		"four":          {[]string{"+---", "-+++"}, store.Values{"eval/pass@2": 0.75, "eval/pass@4": 1}},
		"eight":         {[]string{"++------"}, store.Values{"eval/avg@8": 0.25, "eval/pass@2": 26.0 / 56, "eval/pass@4": 1 - 15.0/70, "eval/pass@8": 1}},
		"eight of nine": {[]string{"+-------+"}, store.Values{"eval/avg@8": 0.125, "eval/pass@2": 1 - 21.0/36, "eval/pass@4": 1 - 35.0/126, "eval/pass@8": 1}},
		"sixteen": {[]string{strings.Repeat("-", 15) + "+"}, store.Values{
			"eval/avg@8": 0, "eval/avg@16": 1.0 / 16, "eval/pass@2": 2.0 / 16, "eval/pass@4": 4.0 / 16, "eval/pass@8": 0.5, "eval/pass@16": 1}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var right [][]bool
			for _, marks := range c.samples {
				right = append(right, samplesLike(marks))
			}
			near := cmp.Comparer(func(a, b float64) bool { return math.Abs(a-b) < 1e-12 })
			if diff := cmp.Diff(c.want, sampleMetrics(right), near); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestSampleItems(t *testing.T) {
	t.Parallel()
	tasks := []synth.Task{{ID: "a", Depth: 2, Style: "terse"}, {ID: "b", Depth: 3, Style: "story"}}
	got := sampleItems(tasks, [][]bool{samplesLike("+-+"), samplesLike("---")})
	want := []store.Item{{ID: "a", N: 3, C: 2, Stratum: "depth2/terse"}, {ID: "b", N: 3, Stratum: "depth3/story"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// More samples begin with the fewer, and a sample depends on no other: it is
// drawn from a stream of its own.
func TestSamplesAreNested(t *testing.T) {
	t.Parallel()
	drawn := func(n int) []string {
		s := asker(t, map[string]any{"eval_samples": int64(n), "eval_temperature": 1.0})
		completions, err := s.draw(t.Context(), s.data.heldOut)
		if err != nil {
			t.Fatal(err)
		}
		return completions
	}
	few, many := drawn(2), drawn(5)
	if len(few) != 2*32 || len(many) != 5*32 {
		t.Fatalf("%d and %d samples of 32 tasks", len(few), len(many))
	}
	for i := range few {
		if task, j := i/2, i%2; few[i] != many[5*task+j] {
			t.Errorf("task %d: sample %d of 2 is %q, of 5 %q", task, j, few[i], many[5*task+j])
		}
	}
	if few[0] == few[1] || few[0] == few[2] {
		t.Errorf("samples are alike: %q", few[0])
	}
}

// Of each task's programs the right ones are told, the equal ones alike.
func TestJudgeOnce(t *testing.T) {
	t.Parallel()
	s := asker(t, nil)
	tasks := s.data.heldOut[:2]
	right := func(i int) string { return "# plan: any\n" + tasks[i].Solution(1, 0) }
	wrong := "def f(a):\n    return 'no'\n"
	got, err := s.judgeOnce(t.Context(), tasks, []string{right(0), wrong, right(0), wrong, right(0), right(1)}, 3)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([][]bool{samplesLike("+-+"), samplesLike("--+")}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
