package report_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ablate/experiments/stats"
	"ablate/experiments/store"
	"ablate/tui/report"
)

// files stand for files of results, by name.
type files map[string]store.Evaluation

func (f files) read(path string) (store.Evaluation, error) {
	e, ok := f[path]
	if !ok {
		return e, fmt.Errorf("read evaluation %s: %w", path, fs.ErrNotExist)
	}
	return e, nil
}

// solved are results of tasks a, b, c, ...: of each how many of n samples are right.
func solved(n int, right string) store.Evaluation {
	e := store.Evaluation{Format: "humaneval", Sets: []store.EvaluationSet{{Name: "current"}}}
	for i, c := range right {
		if c == '-' {
			continue
		}
		e.Sets[0].Items = append(e.Sets[0].Items, store.Item{ID: string(rune('a' + i)), N: n, C: int(c - '0')})
	}
	return e
}

// clustered gives the tasks of an evaluation clusters, a letter each.
func clustered(e store.Evaluation, of string) store.Evaluation {
	for i := range e.Sets[0].Items {
		e.Sets[0].Items[i].Cluster = of[i : i+1]
	}
	return e
}

func hashed(e store.Evaluation, format, hash string) store.Evaluation {
	e.Format, e.Hash = format, hash
	return e
}

// given compares files in a store that is not there, and must not be there after.
func given(t *testing.T, f files, o report.CompareOptions) (*report.Comparison, error) {
	t.Helper()
	s, err := store.Open(filepath.Join(t.TempDir(), "runs"))
	if err != nil {
		t.Fatal(err)
	}
	o.Read = f.read
	c, err := report.NewComparer(s).Compare(o)
	if _, err := os.Stat(s.Dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the store was made: %v", err)
	}
	return c, err
}

// What a file tells is known to all digits: the mean of C/N, and pass@k by binomials,
// 1 - C(n-c,k)/C(n,k), of tasks with 0, 1, 2 and 4 of 4 right.
func TestMetricsOfFiles(t *testing.T) {
	t.Parallel()
	a := solved(4, "0124")
	a.Sets = append(a.Sets, store.EvaluationSet{Name: "base", Items: solved(4, "0444").Sets[0].Items})
	b := solved(4, "0124")
	b.Sets[0].Items[0].N = 3 // another number of samples: no avg@4, no pass@4
	for name, c := range map[string]struct {
		e    store.Evaluation
		want store.Values
	}{
		"alike": {a, store.Values{
			"eval/pass@1": 7.0 / 16, "eval/avg@4": 7.0 / 16, "eval/pass@2": (3.0/6 + 5.0/6 + 1) / 4, "eval/pass@4": 3.0 / 4,
			"eval/base/pass@1": 0.75, "eval/base/avg@4": 0.75, "eval/base/pass@2": 0.75, "eval/base/pass@4": 0.75,
		}},
		"other n": {b, store.Values{"eval/pass@1": 7.0 / 16, "eval/pass@2": (3.0/6 + 5.0/6 + 1) / 4}},
		"one":     {solved(1, "0110"), store.Values{"eval/pass@1": 0.5}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out, err := given(t, files{"a.json": c.e, "b.json": solved(1, "0000")}, report.CompareOptions{Names: []string{"a.json", "b.json"}})
			if err != nil {
				t.Fatal(err)
			}
			got := out.Sides[0].Units[0].Done[0].Metrics
			if diff := cmp.Diff(c.want, got, near); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

var near = cmp.Comparer(func(a, b float64) bool { return math.Abs(a-b) < 1e-12 })

func TestFilesCompared(t *testing.T) {
	t.Parallel()
	const twelve = "aaabbbccdddd" // clusters of the oracle: 1,1,1 | 0,0,0 | 1,0 | 1,1,0,1
	f := files{
		"none.json": solved(1, "000000000000"), "all.json": solved(1, "111111111111"), "all2.json": solved(1, "111111111111"), "none2.json": solved(1, "000000000000"), "oracle.json": solved(1, "111000101101"),
		"none-in.json": clustered(solved(1, "000000000000"), twelve), "oracle-in.json": clustered(solved(1, "111000101101"), twelve),
		"some.json": solved(1, "--1000101101"), "eight.json": solved(8, "888000808808"), "half.json": solved(8, "444444444444"), "one.json": solved(1, "1"), "other.json": hashed(solved(1, "---------------11"), "humaneval", ""),
		"v1.json": hashed(solved(1, "0011"), "humaneval", "v1"), "v2.json": hashed(solved(1, "1111"), "humaneval", "v2"), "lcb.json": hashed(solved(1, "1111"), "livecodebench", ""),
	}
	for name, c := range map[string]struct {
		a, b       string
		metric     string
		force      bool
		mean, half float64 // NaN: none
		below      float64 // 0: as half
		apart      int
		words      string // a part
	}{
		// n-1: 0.148647 is the SE, and 2.2009852 the quantile of t with 11 degrees of freedom.
		"one sample each": {a: "none.json", b: "oracle.json", mean: 7.0 / 12, half: 2.2009852 * 0.1486470, words: "B better, by 58.3 points"},
		"two checkpoints": {a: "none.json", b: "oracle.json", mean: 7.0 / 12, half: 2.2009852 * 0.1486470, words: "this speaks of two checkpoints, not of two recipes"},
		"the other way":   {a: "oracle.json", b: "none.json", mean: -7.0 / 12, half: 2.2009852 * 0.1486470, words: "A better, by 58.3 points"},
		"another n":       {a: "none.json", b: "eight.json", mean: 7.0 / 12, half: 2.2009852 * 0.1486470, words: "B better, by 58.3 points"},
		// The sums of the clusters less the mean, 1.25, -1.75, -1/6 and 2/3, have the skewness -0.175786, so
		// that t is 4.13098 downwards.
		"clusters":          {a: "none-in.json", b: "oracle-in.json", mean: 7.0 / 12, half: 3.1824463 * 0.2172478, below: 4.13098 * 0.2172478, words: "12 tasks in 4 clusters"},
		"clusters of one":   {a: "none.json", b: "oracle-in.json", mean: 7.0 / 12, half: 3.1824463 * 0.2172478, below: 4.13098 * 0.2172478, words: "in 4 clusters"},
		"other tasks":       {a: "none.json", b: "some.json", mean: 5.0 / 10, half: 2.2621572 * 0.5270463 / math.Sqrt(10), apart: 2, words: "2 tasks left out that only one side has"},
		"nothing in common": {a: "none.json", b: "other.json", mean: math.NaN(), apart: 14, words: "no task in common (14 tasks in all)"},
		"one task":          {a: "none.json", b: "one.json", mean: 1, half: math.NaN(), apart: 11, words: "one task gives no interval"},
		"the same file":     {a: "all.json", b: "all.json", mean: math.NaN(), words: "the same runs"},
		"all pass":          {a: "all.json", b: "all2.json", mean: 0, half: 0, words: "no difference at all"},
		"all fail":          {a: "none.json", b: "none2.json", mean: 0, half: 0, words: "no difference at all"},
		"all and none":      {a: "none.json", b: "all.json", mean: 1, half: 0, words: "all tasks differ alike"},
		"k > n":             {a: "none.json", b: "eight.json", metric: "eval/pass@2", mean: math.NaN(), words: report.FewSamples},
		"its name in short": {a: "eight.json", b: "half.json", metric: "avg@8", mean: -1.0 / 12, half: 2.2009852 * 0.1486470, words: "this speaks of two checkpoints"},
		"k > n in short":    {a: "none.json", b: "eight.json", metric: "pass@2", mean: math.NaN(), words: report.FewSamples},
		"other data":        {a: "v1.json", b: "v2.json", mean: 0.5, half: 3.1824463 * 0.2886751, words: "no verdict: evaluations with eval_data v1 and v2"},
		"other data forced": {a: "v1.json", b: "v2.json", force: true, mean: 0.5, half: 3.1824463 * 0.2886751, words: "no evidence"},
		"other programs":    {a: "v1.json", b: "lcb.json", mean: 0.5, half: 3.1824463 * 0.2886751, words: "no verdict: evaluations with eval_format humaneval and livecodebench"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out, err := given(t, f, report.CompareOptions{Names: []string{c.a, c.b}, Metric: c.metric, Force: c.force})
			if err != nil {
				t.Fatal(err)
			}
			x := out.Rows[0].Against[1]
			if !same(x.Mean, c.mean) || x.Apart != c.apart || !strings.Contains(x.Words, c.words) {
				t.Errorf("mean %v, want %v; %d tasks apart, want %d; %q, want %q", x.Mean, c.mean, x.Apart, c.apart, x.Words, c.words)
			}
			if c.below == 0 {
				c.below = c.half
			}
			if !math.IsNaN(c.mean) && (!same(x.Lo, c.mean-c.below) || !same(x.Hi, c.mean+c.half)) {
				t.Errorf("from %v to %v, want %v ± %v", x.Lo, x.Hi, c.mean, c.half)
			}
		})
	}
}

func same(a, b float64) bool { return math.IsNaN(a) && math.IsNaN(b) || math.Abs(a-b) < 1e-5 }

// Seeds of files are those of one recipe, and pair with nothing: the means of tasks over
// the seeds of either are set against each other.
func TestSeedsOfFiles(t *testing.T) {
	t.Parallel()
	f := files{
		"a1.json": solved(1, "00010"), "a2.json": solved(1, "01010"), "a3.json": solved(1, "00011"),
		"b1.json": solved(1, "11010"), "b2.json": solved(1, "11111"), "i.json": {Format: "items", Sets: solved(1, "00000").Sets},
	}
	score := func(rows ...string) (s stats.Scores) {
		for _, row := range rows {
			var of []float64
			for _, c := range row {
				of = append(of, float64(c-'0'))
			}
			s.Of = append(s.Of, of)
		}
		return s
	}
	for name, c := range map[string]struct {
		a, b   string
		want   stats.Effect
		words  string
		gained int // means over seeds by hand: a 0 1/3 0 1 1/3, b 1 1 1/2 1 1/2
	}{
		"three and two": {"a1.json,a2.json,a3.json", "b1.json, b2.json", stats.Apart(score("00010", "01010", "00011"), score("11010", "11111")), "recipe level, 3 and 2 seeds, not paired x 5 tasks", 4},
		"one and two":   {"a1.json", "b1.json,b2.json", stats.Apart(score("00010"), score("11010", "11111")), "one seed of A: what its recipe varies by is not in the interval", 4},
		"two and one":   {"a1.json,a2.json", "b1.json", stats.Apart(score("00010", "01010"), score("11010")), "one seed of B", 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out, err := given(t, f, report.CompareOptions{Names: []string{c.a, c.b}})
			if err != nil {
				t.Fatal(err)
			}
			x := out.Rows[0].Against[1]
			if !same(x.Mean, c.want.Mean) || !same(x.Lo, c.want.Lo) || !same(x.Hi, c.want.Hi) || !strings.Contains(x.Words, c.words) {
				t.Errorf("%+v, want %+v and %q", x, c.want, c.words)
			}
			f := out.Detail.Flips
			if f == nil || f.Tasks != 5 || len(f.Strata) != 1 || !same(f.Strata[0].Diff.Lo, c.want.Lo) || f.Gained != c.gained || f.Lost != 0 {
				t.Errorf("flips are %+v (%s), want %d gained", f, out.Detail.NoFlips, c.gained)
			}
		})
	}
	for names, want := range map[string]string{
		"a1.json,a1.json": "a1.json stands there twice; each file is a seed", "a1.json,i.json": "no seeds of one recipe: eval_format humaneval and items",
		"none.json": "compare: read evaluation none.json: file does not exist",
	} {
		if _, err := given(t, f, report.CompareOptions{Names: []string{names, "b1.json"}}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", names, err, want)
		}
	}
}

// Where no seed pairs, all of either side did the same.
func TestSameOutcomesOfFiles(t *testing.T) {
	t.Parallel()
	all := solved(1, strings.Repeat("1", 14))
	f := files{"a1.json": all, "a2.json": all, "b1.json": all}
	out, err := given(t, f, report.CompareOptions{Names: []string{"a1.json,a2.json", "b1.json"}, Margin: 0.2})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := out.Rows[0].Against[1].Words, "equivalent within 20.0 points: the same outcomes on 14 tasks, in each of 2 and 1 seeds; one seed of B"; !strings.HasPrefix(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// Seeds of files may have other numbers of samples: pass@1 takes any, and pass@4 only where
// all have four. By hand, pass@1 of a is (1/4 + 1)/2 and (1/2 + 0)/2, and b's is 1 everywhere.
func TestSeedsOfOtherSamples(t *testing.T) {
	t.Parallel()
	f := files{"a1.json": solved(4, "14"), "a2.json": solved(2, "10"), "b1.json": solved(4, "44"), "b2.json": solved(4, "44")}
	out, err := given(t, f, report.CompareOptions{Names: []string{"a1.json,a2.json", "b1.json,b2.json"}})
	if err != nil {
		t.Fatal(err)
	}
	x := out.Rows[0].Against[1]
	if want := 1 - (0.625+0.25)/2; !same(x.Mean, want) || x.SeedsA != 2 || x.Tasks != 2 || x.TooFew {
		t.Errorf("%+v, want %v", x, want)
	}
	if notes := strings.Join(out.Sides[0].Notes, "; "); notes != "a1.json,a2.json: from 2 to 4 samples a task; pass@1 of any number is the same thing, to another precision" || len(out.Sides[1].Notes) > 0 {
		t.Errorf("notes are %q and %q", notes, out.Sides[1].Notes)
	}
	if out, err = given(t, f, report.CompareOptions{Names: []string{"a1.json,a2.json", "b1.json,b2.json"}, Metric: "pass@4"}); err != nil || !out.Rows[0].Against[1].TooFew {
		t.Errorf("pass@4: %v", err)
	}
	if got := out.Sides[0].Units[0].Runs[0].Params.Int("eval_samples"); got != 4 {
		t.Errorf("the file with four samples has %d", got)
	}
}

// A file beside a cell of the store: their tasks are other ones, and the seed 1 of both
// is not the same seed.
func TestFileBesideRuns(t *testing.T) {
	t.Parallel()
	s, _ := storeOf(t, compared, pairOfCells())
	f := files{"x.json": solved(1, "1101"), "t.json": {Format: "items", Sets: []store.EvaluationSet{{Name: "current", Items: []store.Item{{ID: "t0", N: 1}, {ID: "t1", N: 1, C: 1}}}}}}
	out := compare(t, s, report.CompareOptions{Names: []string{"e/8", "x.json"}, Read: f.read})
	if x := out.Rows[0].Against[1]; !math.IsNaN(x.Mean) || !strings.Contains(x.Words, "no task in common (6 tasks in all)") {
		t.Errorf("%+v", x)
	}
	out = compare(t, s, report.CompareOptions{Names: []string{"e/8", "t.json"}, Read: f.read})
	if x := out.Rows[0].Against[1]; x.SeedsA != 3 || x.SeedsB != 1 || x.Tasks != 2 || !strings.Contains(x.Words, "3 and 1 seeds, not paired x 2 tasks") {
		t.Errorf("%+v", x)
	}
	if _, err := report.NewComparer(s).Compare(report.CompareOptions{Names: []string{"e/8", "x.json"}}); err == nil {
		t.Error("without a reader a file is a side")
	}
}

func TestNotesOfFiles(t *testing.T) {
	t.Parallel()
	e := solved(1, "1100")
	e.Warnings = []string{"1 task without samples left out"}
	s, err := store.Open(filepath.Join(t.TempDir(), "runs"))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	o := report.CompareOptions{Names: []string{"a.json", "b.json"}, Read: files{"a.json": e, "b.json": solved(1, "1110")}.read}
	if err := report.Compare(&b, s, o, false, false); err != nil || !strings.Contains(b.String(), "A: a.json: 1 task without samples left out\n") {
		t.Errorf("%v\n%s", err, b.String())
	}
	if strings.Contains(b.String(), "core-hours") && !strings.Contains(b.String(), "–") {
		t.Errorf("a file took time:\n%s", b.String())
	}
}
