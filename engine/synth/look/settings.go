package look

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"ablate/engine/synth"
	"ablate/experiments"
)

// making is how tasks are made and verified.
type making struct {
	params   experiments.Params
	options  synth.Options
	pipeline synth.Pipeline
	long     bool // a plan before the program
}

// settings resolves key=value by the table of the recipe that makes data, and the
// trace, which is a matter of those that train on it.
func settings(recipes []experiments.Recipe, set []string, run int64, n int) (making, error) {
	table := experiments.Recipe{Name: "data"}
	for _, r := range recipes {
		for _, p := range r.Params {
			if r.Name == "data" || r.Name == "sft" && p.Name == "trace" {
				table.Params = append(table.Params, p)
			}
		}
		if r.Name == "data" {
			table.Check = r.Check
		}
	}
	if table.Check == nil {
		return making{}, errors.New("read parameters: there is no recipe that makes data")
	}
	if i := slices.IndexFunc(set, func(kv string) bool { return strings.HasPrefix(kv, "tasks=") }); i >= 0 {
		return making{}, fmt.Errorf("set %s: how many is said by --n", set[i])
	}
	text := fmt.Sprintf("schema = 1\n[experiment.synth]\nrecipe = \"data\"\naxes = { tasks = [%d] }\n", n)
	f, err := experiments.Parse("ablate synth", []byte(text), []experiments.Recipe{table})
	if err != nil {
		return making{}, err
	}
	plan, err := f.Plan("synth", set, 0)
	if err != nil {
		return making{}, err
	}
	return newMaking(plan.Cells[0].Params, run), nil
}

func newMaking(p experiments.Params, run int64) making {
	m := making{params: p, options: synth.DefaultOptions(), pipeline: synth.DefaultPipeline(run), long: p.Text("trace") == "long"}
	m.options.SeedOnly, m.options.OneStep = !p.Bool("evolution"), !p.Bool("two_stage")
	m.options.Styles = m.options.Styles[:0:0]
	for weight := range strings.SplitSeq(p.Text("styles"), ":") {
		w, _ := strconv.ParseFloat(strings.TrimSpace(weight), 64) // the recipe has checked it
		m.options.Styles = append(m.options.Styles, w)
	}
	l := &m.pipeline
	l.Teacher = synth.TeacherOf(p.Float("teacher_error"))
	l.Candidates, l.Tests, l.TestKind = p.Int("candidates"), p.Int("tests"), p.Text("test_kind")
	l.Rules = synth.Rules{Weighting: p.Text("weighting"), HoldOut: p.Float("holdout")}
	return m
}
