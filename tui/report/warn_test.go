package report

import (
	"strings"
	"testing"

	"ablate/experiments"
)

// What is about to cost time is warned of; what the file says elsewhere is not.
func TestWarn(t *testing.T) {
	t.Parallel()
	recipe := experiments.Recipe{
		Name: "sft", Params: []experiments.Param{{Name: "n", Kind: experiments.Int}},
		Reports: func(metric string, _ experiments.Params) bool { return metric == "eval/pass@1" },
	}
	var text strings.Builder
	text.WriteString("schema = 1\n")
	for _, e := range [][2]string{{"a", "eval/pas@1"}, {"b", "eval/pass@1"}, {"c", "eval/pass@9"}} {
		text.WriteString("[experiment." + e[0] + "]\nrecipe = \"sft\"\nobjective = { metric = \"" + e[1] + "\", goal = \"max\" }\nseeds = 1\naxes = { n = [1, 2] }\n")
	}
	f, err := experiments.Parse("e.toml", []byte(text.String()), []experiments.Recipe{recipe})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"a": `runs of cell n=1 end without the metric "eval/pas@1"`, "b": "", "c": `runs of cell n=1 end without the metric "eval/pass@9"`, "d": ""} {
		var b strings.Builder
		Warn(&b, f, name)
		if got := b.String(); want == "" && got != "" || !strings.Contains(got, want) || strings.Count(got, "warning") > 1 {
			t.Errorf("%s: warned %q, want %q", name, got, want)
		}
	}
}
