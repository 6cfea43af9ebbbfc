package experiments_test

import (
	"strings"
	"testing"

	"ablate/experiments"
)

// A metric that no run will have is said before any run, where it stands.
func TestUnreportedMetrics(t *testing.T) {
	t.Parallel()
	recipe := experiments.Recipe{
		Name: "sft", Params: []experiments.Param{{Name: "n", Kind: experiments.Int}},
		Reports: func(metric string, p experiments.Params) bool {
			return metric == "eval/pass@1" || metric == "eval/pass@8" && p.Int("n") >= 8
		},
	}
	text := `schema = 1
[experiment.a]
recipe    = "sft"
objective = { metric = "eval/pas@1", goal = "max" }
seeds     = 1
axes      = { n = [1, 8, 16] }

[[experiment.a.finding]]
claim  = "more is more"
metric = "eval/pass@8"
plus   = [{ n = 16 }]
minus  = [{ n = 1 }]

[[experiment.a.finding]]
claim  = "more is more where it is reported"
metric = "eval/pass@8"
plus   = [{ n = 16 }]
minus  = [{ n = 8 }]

[experiment.b]
recipe = "sft"
seeds  = 1
axes   = { n = [1, 16] }
`
	f, err := experiments.Parse("a.toml", []byte(text), []experiments.Recipe{recipe})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range f.Warnings.List {
		got = append(got, strings.TrimSpace(strings.Split(text, "\n")[p.Line-1])+": "+p.Message)
	}
	want := []string{
		`objective = { metric = "eval/pas@1", goal = "max" }: runs of cell n=1 end without the metric "eval/pas@1"`,
		`metric = "eval/pass@8": runs of cell n=1 end without the metric "eval/pass@8"`,
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("warnings\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
