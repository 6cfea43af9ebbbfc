package synth

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// In every style, alone and in the mix, no two tasks are asked for alike.
func TestStatements(t *testing.T) {
	t.Parallel()
	words := `[a-z0-9]+(,? [a-z0-9]+)*$`
	forms := map[string]*regexp.Regexp{
		Codeforces: regexp.MustCompile(`^(ann|bob|eva|tom) (has|takes|plays|is) ` + words),
		AtCoder:    regexp.MustCompile(`^` + words),
		LeetCode:   regexp.MustCompile(`^f\(a: list\) -> (int|list): ` + words),
	}
	for name, tasks := range map[string][]Task{
		"default": trained(2048), Codeforces: Train(1, 1024, Options{Styles: []float64{1}}),
		AtCoder: Train(1, 1024, Options{Styles: []float64{0, 1}}), LeetCode: Train(1, 1024, Options{Styles: []float64{0, 0, 1}}),
	} {
		asked := map[string]string{}
		for _, task := range tasks {
			if form, ok := forms[task.Style]; !ok || !form.MatchString(task.Statement) {
				t.Errorf("%s: %s has the statement %q of style %s", name, task.ID, task.Statement, task.Style)
			}
			if name != "default" && name != task.Style {
				t.Errorf("%s: %s is asked for in style %s", name, task.ID, task.Style)
			}
			told := tale.ReplaceAllString(task.Statement, "")
			if twin, ok := asked[told]; ok {
				t.Errorf("%s: %s and %s are asked for alike: %q", name, task.ID, twin, task.Statement)
			}
			asked[told] = task.ID
		}
	}
}

// tale is what a story adds, and what may not be all that tells two tasks apart.
var tale = regexp.MustCompile(`^(ann|bob|eva|tom) .* must `)

func TestWrite(t *testing.T) {
	t.Parallel()
	clauses := "keep the even numbers, then square each number, then return the sum"
	for style, c := range map[string]struct {
		weights []float64
		want    string
	}{
		Codeforces: {[]float64{1, 0, 0}, clauses},
		AtCoder:    {[]float64{0, 1, 0}, "the sum of the squares of the even numbers of the list"},
		LeetCode:   {[]float64{0, 0, 1}, "f(a: list) -> int: " + clauses},
	} {
		seen := false
		for i := range 20 { // some draw has the usual phrases only
			text, got := write(stream(i), named(t, "keep_even.square.sum"), c.weights)
			if got != style {
				t.Fatalf("style %s, want %s", got, style)
			}
			seen = seen || tale.ReplaceAllString(text, "") == c.want
		}
		if !seen {
			t.Errorf("no statement of style %s asks %q", style, c.want)
		}
	}
}

func TestStyleMix(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		weights []float64
		tasks   []Task
	}{
		{[]float64{0.70, 0.15, 0.15}, trained(2048)},
		{[]float64{1, 1, 2}, Train(1, 1024, Options{Styles: []float64{1, 1, 2}})},
	} {
		weights, share := c.weights, map[string]float64{}
		for _, task := range c.tasks {
			share[task.Style] += 1 / float64(len(c.tasks))
		}
		sum := weights[0] + weights[1] + weights[2]
		want := map[string]float64{}
		for i, w := range weights {
			want[styles[i]] = w / sum
		}
		if diff := cmp.Diff(want, share, cmpopts.EquateApprox(0, 0.03)); diff != "" {
			t.Errorf("shares of the styles (-want +got):\n%s", diff)
		}
	}
}

// The mix chooses words and no tasks, and a task that keeps its style keeps its words.
func TestStylesChangeOnlyStatements(t *testing.T) {
	t.Parallel()
	before, after := Train(4, 300, Options{}), Train(4, 300, Options{Styles: []float64{1, 1, 1}})
	worded := cmpopts.IgnoreFields(Task{}, "Statement", "Style")
	if diff := cmp.Diff(before, after, exported, worded); diff != "" {
		t.Errorf("tasks of two mixes (-default +even):\n%s", diff)
	}
	kept := 0
	for i := range before {
		if before[i].Style == after[i].Style {
			kept++
			if before[i].Statement != after[i].Statement {
				t.Errorf("%q became %q of the same style", before[i].Statement, after[i].Statement)
			}
		}
	}
	if kept < 100 || kept > 250 {
		t.Errorf("%d of 300 tasks keep their style, want 100 to 250", kept)
	}
}

// Another name of the element renames, and does nothing else.
func TestElementIsAName(t *testing.T) {
	t.Parallel()
	x, n := Train(4, 200, Options{}), Train(4, 200, Options{Element: "n"})
	if diff := cmp.Diff(x, n, exported); diff != "" {
		t.Errorf("tasks of two names (-x +n):\n%s", diff)
	}
	letters := regexp.MustCompile(`\b[xnv]\b`)
	usual := 0
	for i := range x {
		for j := range 4 {
			a, b := x[i].Solution(1, j), n[i].Solution(1, j)
			if a, b := letters.ReplaceAllString(a, "E"), letters.ReplaceAllString(b, "E"); a != b {
				t.Errorf("%s: programs differ by more than a name:\n%s%s", x[i].ID, a, b)
			}
			if regexp.MustCompile(`\bn\b`).MatchString(b) {
				usual++
			}
		}
	}
	if usual < 400 {
		t.Errorf("%d of 800 programs call an element n", usual)
	}
}

func TestPlan(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"keep_even.square.sum":                  "# plan: keep even; square; sum",
		"keep_greater_3.first_2.count_even":     "# plan: keep greater 3; first 2; count even",
		"raise_negatives.times_index.max":       "# plan: make negative zero; multiply index; maximum",
		"unique.every_second.drop_last_2":       "# plan: drop duplicates; keep second; drop last 2",
		"prefix_sums.mirror.rotate.alternating": "# plan: prefix sums; append reverse; rotate left one; alternating sum",
	} {
		if got := (Task{features: named(t, path)}).Plan(); got != want {
			t.Errorf("plan of %s is %q, want %q", path, got, want)
		}
	}
}

// A plan tells every feature from every other, constants included, in words that
// statements have.
func TestPlanTellsFeaturesApart(t *testing.T) {
	t.Parallel()
	all := families()
	seen := map[string]string{}
	for _, fam := range append(slices.Clone(all.steps), all.finals...) {
		ks := fam.constants
		if len(ks) == 0 {
			ks = []int64{0}
		}
		for _, k := range ks {
			f := feature{family: fam, k: k}
			words := f.brief()
			if twin, ok := seen[words]; ok {
				t.Errorf("%s and %s are both planned as %q", f, twin, words)
			}
			seen[words] = f.String()
			if n := len(strings.Fields(words)); n == 0 || n > 4 || strings.ContainsAny(words, ";\nK") {
				t.Errorf("%s is planned as %q", f, words)
			}
		}
	}
	for _, task := range trained(200) {
		if n := strings.Count(task.Plan(), ";") + 1; n != task.Depth {
			t.Errorf("%s has a plan of %d steps: %s", task.ID, n, task.Plan())
		}
	}
}
