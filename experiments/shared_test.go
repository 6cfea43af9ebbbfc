package experiments_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"ablate/experiments"
)

// By hand: the start takes 100 once for each of its sizes, a step 10.
func TestSharedWorkCountsOnce(t *testing.T) {
	t.Parallel()
	start := func(p experiments.Params) float64 { return 100 * p.Float("size") }
	recipe := experiments.Recipe{
		Name: "sft+grpo", Params: []experiments.Param{{Name: "size", Kind: experiments.Int}, {Name: "n", Kind: experiments.Int}},
		Work:   func(p experiments.Params) float64 { return start(p) + 10*p.Float("n") },
		Shared: func(p experiments.Params) (string, float64) { return string(rune('a' + p.Int("size"))), start(p) },
	}
	text := `schema = 1
[experiment.a]
recipe = "sft+grpo"
seeds  = 1
axes   = { size = [1, 2], n = [0, 3] }
`
	f, err := experiments.Parse("a.toml", []byte(text), []experiments.Recipe{recipe})
	if err != nil {
		t.Fatal(err)
	}
	want := []float64{100, 30, 200, 30}
	for range 2 { // a second plan counts anew
		if diff := cmp.Diff(want, f.Experiments[0].Plan().FLOPs); diff != "" {
			t.Errorf("FLOPs (-want +got):\n%s", diff)
		}
	}
}
