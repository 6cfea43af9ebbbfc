package experiments_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"ablate/experiments"
)

// A margin is above 0, finite, and of a rate below 1; what is wrong with it is said where
// it stands.
func TestMargin(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		metric, margin string
		want           float64
		wrong          string
	}{
		{"eval/pass@1", "0.02", 0.02, ""},
		{"train/reward", "3", 3, ""},
		{"eval/pass@1", "0", 0, "margin is 0.0; of a rate it must be above 0 and below 1"},
		{"eval/avg@8", "2", 0, "margin is 2.0; of a rate it must be above 0 and below 1"},
		{"train/loss", "-0.1", 0, "margin is -0.1; it must be above 0"},
		{"train/loss", "nan", 0, "margin is NaN; it must be a finite number"},
		{"train/loss", "inf", 0, "margin is +Inf; it must be a finite number"},
		{"train/loss", "'x'", 0, "margin is a string; it takes a number"},
	} {
		t.Run(tt.metric+" "+tt.margin, func(t *testing.T) {
			t.Parallel()
			const before = "schema = 1\n[experiment.e]\nrecipe = 'sft'\naxes = { tasks = [1] }\nobjective = { metric = '"
			line := strings.TrimPrefix(before[strings.LastIndexByte(before, '\n'):], "\n") + tt.metric + "', goal = 'max', margin = "
			f, err := experiments.Parse("x.toml", []byte(before+tt.metric+"', goal = 'max', margin = "+tt.margin+" }\n"), recipes())
			if tt.wrong == "" {
				if err != nil || f.Experiments[0].Objective.Margin != tt.want {
					t.Errorf("%+v, %v", f.Experiments[0].Objective, err)
				}
				return
			}
			var ps *experiments.Problems
			if !errors.As(err, &ps) || len(ps.List) != 1 || ps.List[0].Message != tt.wrong || ps.List[0].Line != 5 || ps.List[0].Col != len(line)+1 {
				t.Errorf("%+v, want %q in column %d", ps, tt.wrong, len(line)+1)
			}
		})
	}
}

// A design says its margin in plan.json, and one without says nothing.
func TestMarginInThePlan(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{small: false, strings.Replace(small, "seeds", "objective = { metric = 'eval/pass@1', goal = 'max', margin = 0.02 }\nseeds", 1): true} {
		b, err := json.Marshal(one(t, text).Plan())
		if err != nil || strings.Contains(string(b), `"margin":0.02`) != want {
			t.Errorf("%v: %s", err, b)
		}
	}
}

func TestSetMargin(t *testing.T) {
	t.Parallel()
	d := experiments.DraftOf(one(t, small))
	for _, text := range []string{"0", "-1", "1", "NaN", "Inf", "two"} {
		if err := d.Set("objective.margin", text, recipes()); err == nil || !strings.Contains(err.Error(), "above 0 and below 1") || d.Objective.Margin != 0 {
			t.Errorf("%s: %v, %v", text, d.Objective, err)
		}
	}
	if err := d.Set("objective.margin", "0.05", recipes()); err != nil || d.Objective.Margin != 0.05 {
		t.Errorf("%v, %v", d.Objective, err)
	}
	if err := d.Set("objective.margin", "", recipes()); err != nil || d.Objective.Margin != 0 {
		t.Errorf("%v, %v", d.Objective, err)
	}
}
