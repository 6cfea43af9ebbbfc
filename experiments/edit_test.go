package experiments_test

import (
	"bytes"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ablate/engine/recipe"
	"ablate/experiments"
)

// shippedTexts is the file that ships, in several spellings.
func shippedTexts(t testing.TB) map[string][]byte {
	t.Helper()
	text, err := os.ReadFile("../experiments.toml")
	if err != nil {
		t.Fatal(err)
	}
	return map[string][]byte{
		"as it is":        text,
		"CRLF":            bytes.ReplaceAll(text, []byte("\n"), []byte("\r\n")),
		"byte order mark": append([]byte("\uFEFF"), text...),
		"no last newline": bytes.TrimSpace(text),
		"tabs":            bytes.ReplaceAll(text, []byte("\nseeds"), []byte("\n\tseeds")),
	}
}

// samePlan compares plans but for what has the experiment's name in it.
func samePlan(t *testing.T, want, got *experiments.Plan) {
	t.Helper()
	a, b := *want, *got
	a.Experiment, b.Experiment, a.Hash, b.Hash, a.Title, b.Title = "", "", "", "", "", ""
	if !reflect.DeepEqual(a, b) {
		t.Errorf("the plan is another (-want +got):\n%s", cmp.Diff(a, b))
	}
}

// Every experiment that ships can be cloned: the plan is the same under another
// name, and the file is the old one with something behind it.
func TestCloneOfEverythingShipped(t *testing.T) {
	t.Parallel()
	recipes := recipe.Table()
	for name, text := range shippedTexts(t) {
		f, err := experiments.Parse("experiments.toml", text, recipes)
		if err != nil {
			t.Fatal(err)
		}
		for i, e := range f.Experiments {
			if name != "as it is" && i%7 != 0 {
				continue
			}
			d := experiments.DraftOf(e)
			d.Name = "clone-of." + e.Name
			out, err := experiments.Clone(text, f, e.Name, d, recipes)
			if err != nil {
				t.Fatalf("%s, %s: %v", name, e.Name, err)
			}
			if !bytes.HasPrefix(out, text) {
				t.Fatalf("%s, %s: the old bytes are not all there", name, e.Name)
			}
			back, err := experiments.Parse("experiments.toml", out, recipes)
			if err != nil {
				t.Fatalf("%s, %s: %v", name, e.Name, err)
			}
			got, err := back.Experiment(d.Name)
			if err != nil {
				t.Fatal(err)
			}
			samePlan(t, e.Plan(), got.Plan())
			added := string(out[len(text):])
			if bare := strings.ReplaceAll(added, "\r\n", ""); name == "CRLF" && strings.ContainsAny(bare, "\r\n") {
				t.Fatalf("%s: mixed line ends in %q", e.Name, added)
			}
			if name == "as it is" && strings.Count(added, "8e-3") != strings.Count(sectionOf(string(text), e.Name), "8e-3") {
				t.Errorf("%s: another spelling of the numbers:\n%s", e.Name, added)
			}
		}
	}
}

// sectionOf are the lines from an experiment's header to the next experiment's.
func sectionOf(text, name string) string {
	_, rest, _ := strings.Cut(text, "[experiment."+name+"]")
	var b strings.Builder
	for line := range strings.Lines(rest) {
		if strings.HasPrefix(line, "[") && !strings.HasPrefix(strings.Trim(line, "[]\n"), "experiment."+name+".") {
			break
		}
		b.WriteString(line)
	}
	return b.String()
}

// A draft says all that an experiment says: written alone it is the same plan.
func TestDraftTextIsTheExperiment(t *testing.T) {
	t.Parallel()
	check := func(t *testing.T, f *experiments.File, recipes []experiments.Recipe) {
		for _, e := range f.Experiments {
			d := experiments.DraftOf(e)
			text := "schema = 1\n[host.box]\nkind = \"local\"\n" + d.Text()
			back, err := experiments.Parse(e.Name, []byte(text), recipes)
			if err != nil {
				t.Fatalf("%s: %v", e.Name, err)
			}
			if p, err := d.Plan(recipes); err != nil || p.Hash != e.Plan().Hash {
				t.Errorf("%s: another plan, %v:\n%s", e.Name, err, text)
			}
			if !d.Same(experiments.DraftOf(back.Experiments[0])) {
				t.Errorf("%s: another draft:\n%s", e.Name, text)
			}
			if m, _ := d.Check(recipes); len(m) > 0 {
				t.Errorf("%s: %v", e.Name, m)
			}
		}
	}
	f, err := experiments.Load("../experiments.toml", recipe.Table())
	if err != nil {
		t.Fatal(err)
	}
	check(t, f, recipe.Table())
	for _, path := range files(t, "good") {
		f, err := experiments.Load(path, recipes())
		if err != nil {
			t.Fatal(err)
		}
		check(t, f, recipes())
	}
}

func TestDraftText(t *testing.T) {
	t.Parallel()
	d := &experiments.Draft{
		Name: "a.b", Title: "a \"title\"\twith\nmuch \u0001 in it", Recipe: "sft", Order: "depth",
		Objective: experiments.Objective{Metric: "eval/pass@1", Goal: "max"}, Seeds: []int64{1, 2, 3},
		Axes:   []experiments.Axis{{Name: "tasks", Values: []any{int64(256), int64(512)}}, {Name: "lr", Values: []any{1.0, 1e-5}}},
		Params: []experiments.Setting{{Name: "optimizer", Value: "sgd"}, {Name: "tie", Value: true}},
		Limits: experiments.Limits{Wall: 5400, Runs: 20, GPUHours: 0.5},
		Stop:   []experiments.StopRule{{Kind: "nan", Metric: "train/loss"}},
		Retry:  &experiments.Retry{On: []string{}},
	}
	want := `[experiment."a.b"]
title     = "a \"title\"\twith\nmuch \u0001 in it"
recipe    = "sft"
order     = "depth"
objective = { metric = "eval/pass@1", goal = "max" }
seeds     = 3
limits    = { wall = "1h30m", runs = 20, gpu_hours = 0.5 }
retry     = 0

[experiment."a.b".axes]
tasks = [256, 512]
lr    = [1.0, 1e-5]

[experiment."a.b".params]
optimizer = "sgd"
tie       = true

[[experiment."a.b".stop]]
kind   = "nan"
metric = "train/loss"
`
	if diff := cmp.Diff(want, d.Text()); diff != "" {
		t.Error(diff)
	}
}
