package report_test

import (
	"math"
	"strings"
	"testing"

	"ablate/tui/report"
)

// The same outcomes are equivalent only on as many tasks as a margin needs: 149 for 2
// points, 14 for 20, after Holm for two comparisons 17 (0.8^16 = 0.0281, 0.8^17 = 0.0225).
func TestSameOutcomes(t *testing.T) {
	t.Parallel()
	mixed := func(n int) outcome { return bits(strings.Repeat("01", n)[:n]) }
	all := func(n int) outcome { return bits(strings.Repeat("1", n)) }
	only := func(n, runs int, of func(int) outcome) (list []outcome) {
		for range runs {
			list = append(list, of(n))
		}
		return list
	}
	for name, c := range map[string]struct {
		seeds  int
		runs   [][]outcome
		margin float64
		words  string
		p      float64
	}{
		"enough tasks":    {1, [][]outcome{only(149, 1, mixed), only(149, 1, mixed)}, 0.02, "equivalent within 2.0 points: the same outcomes on 149 tasks" + one, 0.049282},
		"one too few":     {1, [][]outcome{only(148, 1, mixed), only(148, 1, mixed)}, 0.02, "no evidence: no difference at all between A and B (task level, one seed x 148 tasks)" + one, 0.050287},
		"three seeds":     {3, [][]outcome{only(14, 3, all), only(14, 3, all)}, 0.2, "equivalent within 20.0 points: the same outcomes on 14 tasks, in each of 3 seeds; only 3 seeds", 0.043980},
		"no margin":       {1, [][]outcome{only(149, 1, mixed), only(149, 1, mixed)}, 0, "no evidence: no difference at all", math.NaN()},
		"Holm":            {1, [][]outcome{only(17, 1, all), only(17, 1, all), only(17, 1, all)}, 0.2, "equivalent within 20.0 points: the same outcomes on 17 tasks", 0.045036},
		"too few by Holm": {1, [][]outcome{only(16, 1, all), only(16, 1, all), only(16, 1, all)}, 0.2, "no evidence", 0.056295},
	} {
		names := []string{"1", "2", "3"}[:len(c.runs)]
		x := against(t, sides(t, c.seeds, nil, c.runs...), report.CompareOptions{Names: names, Margin: c.margin})
		if !strings.HasPrefix(x.Words, c.words) || !(math.Abs(x.PEquivalent-c.p) < 1e-6) && !(math.IsNaN(c.p) && math.IsNaN(x.PEquivalent)) {
			t.Errorf("%s: %q, p %v; want %q, p %v", name, x.Words, x.PEquivalent, c.words, c.p)
		}
	}
}

// Where every run has all tasks right, their number tells of the interval: 14 of 14 reach
// down to 14 / (14 + 1.96^2).
func TestMeanOfAllRight(t *testing.T) {
	t.Parallel()
	right := bits(strings.Repeat("1", 14))
	s := sides(t, 2, nil, []outcome{right, right}, []outcome{right, right})
	if m := compare(t, s, report.CompareOptions{Names: []string{"1", "2"}}).Chosen.Means[0]; m.Mean != 1 || m.Hi != 1 || math.Abs(m.Lo-0.784689) > 1e-6 {
		t.Errorf("%v, %v to %v", m.Mean, m.Lo, m.Hi)
	}
}
