package experiments_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ablate/experiments"
)

// turns are the runs of a plan as "steps/seed", in the order they start.
func turns(p *experiments.Plan) string {
	var words []string
	for _, r := range p.Runs() {
		words = append(words, fmt.Sprintf("%d/%d", r.Params.Int("steps"), r.Seed))
	}
	return strings.Join(words, " ")
}

// A run costs steps x batch: 30 x 32, 10 x 64, 20 x 32 and 10 x 32, of which the
// middle two are equal.
func TestCheapRunsComeFirst(t *testing.T) {
	t.Parallel()
	p := one(t, `
[experiment.e]
recipe = "sft"
order = "cheap"
seeds = [2, 1]
cell = [{ steps = 30, batch = 32 }, { steps = 10, batch = 64 }, { steps = 20, batch = 32 }, { steps = 10, batch = 32 }]
`).Plan()
	want := "10/2 10/1 10/2 20/2 10/1 20/1 30/2 30/1"
	if got := turns(p); got != want {
		t.Errorf("runs %s, want %s", got, want)
	}
	if diff := cmp.Diff([]float64{320, 320, 640, 640, 640, 640, 960, 960}, p.Work()); diff != "" {
		t.Error(diff)
	}
}

// What one cell does for another does not make it the dearer one: by itself the
// cell with n = 0 takes 100 and the other 130.
func TestCheapGoesByTheWholeCost(t *testing.T) {
	t.Parallel()
	recipe := experiments.Recipe{
		Name: "sft+grpo", Params: []experiments.Param{{Name: "n", Kind: experiments.Int}},
		Work:   func(p experiments.Params) float64 { return 100 + 10*p.Float("n") },
		Shared: func(experiments.Params) (string, float64) { return "start", 100 },
	}
	f, err := experiments.Parse("a.toml", []byte("schema = 1\n[experiment.a]\nrecipe = 'sft+grpo'\norder = 'cheap'\nseeds = 1\naxes = { n = [0, 3] }\n"),
		[]experiments.Recipe{recipe})
	if err != nil {
		t.Fatal(err)
	}
	p := f.Experiments[0].Plan()
	if got := p.Runs()[0].Params.Int("n"); got != 0 {
		t.Errorf("n = %d runs first, want 0", got)
	}
	if diff := cmp.Diff([]float64{100, 130}, p.Costs); diff != "" {
		t.Error(diff)
	}
}

const many = "[experiment.%s]\nrecipe = 'sft'\norder = 'random'\nseeds = 3\naxes = { steps = [%s] }\n"

// A random order is one of all runs, is the same in every plan of the file, stays
// when it goes through plan.json, and is another for another name.
func TestRandomOrderIsFixedByTheName(t *testing.T) {
	t.Parallel()
	text := fmt.Sprintf(many, "a", "1, 2, 3, 4, 5, 6, 7, 8")
	p := one(t, text).Plan()
	got := turns(p)
	// The SHA-256 of `"a" "steps=3" 1` and so on, sorted: computed with Python's hashlib.
	const want = "8/1 7/3 8/2 2/3 4/3 5/3"
	if !strings.HasPrefix(got, want) {
		t.Errorf("order begins with %.40s, want %s", got, want)
	}
	if again := turns(one(t, text).Plan()); again != got {
		t.Errorf("the same file gives\n%s\nand\n%s", got, again)
	}
	var back experiments.Plan
	raw, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &back); err != nil {
		t.Fatal(err)
	}
	if read := turns(&back); read != got {
		t.Errorf("read back it is\n%s, want\n%s", read, got)
	}
	if other := turns(one(t, fmt.Sprintf(many, "b", "1, 2, 3, 4, 5, 6, 7, 8")).Plan()); other == got {
		t.Error("another experiment has the same order")
	}
	var all []string
	for seed := 1; seed <= 3; seed++ {
		for steps := 1; steps <= 8; steps++ {
			all = append(all, fmt.Sprintf("%d/%d", steps, seed))
		}
	}
	sorted := slices.Sorted(slices.Values(strings.Fields(got)))
	slices.Sort(all)
	if diff := cmp.Diff(all, sorted); diff != "" {
		t.Errorf("not every run once (-want +got):\n%s", diff)
	}
}

// Values that are added to an axis come between the others, whose order stays.
func TestRandomOrderStaysForOldRuns(t *testing.T) {
	t.Parallel()
	before := strings.Fields(turns(one(t, fmt.Sprintf(many, "a", "1, 2, 3, 4")).Plan()))
	after := strings.Fields(turns(one(t, fmt.Sprintf(many, "a", "9, 4, 3, 2, 1")).Plan()))
	after = slices.DeleteFunc(after, func(run string) bool { return strings.HasPrefix(run, "9/") })
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("the old runs come in another order (-before +after):\n%s", diff)
	}
}
