package experiments_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ablate/experiments"
)

// drafted is a small design without mistakes.
func drafted(t *testing.T) *experiments.Draft {
	t.Helper()
	f, err := experiments.Parse("x", []byte(grid), recipes())
	if err != nil {
		t.Fatal(err)
	}
	return experiments.DraftOf(f.Experiments[0])
}

func TestCheckNamesTheField(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		change func(*experiments.Draft)
		want   string // field: part of the message
	}{
		{"nothing", func(*experiments.Draft) {}, ""},
		{"name", func(d *experiments.Draft) { d.Name = "a b" }, `name: "a b" cannot name an experiment`},
		{"no name", func(d *experiments.Draft) { d.Name = "" }, `name: "" cannot name an experiment`},
		{"no recipe", func(d *experiments.Draft) { d.Recipe = "x" }, `recipe: recipe cannot be "x"`},
		{"no axes", func(d *experiments.Draft) { d.Axes = nil }, ": the design is empty"},
		{"a value twice", func(d *experiments.Draft) { d.Axes[1].Values = []any{1.0, 1.0} }, "axes.lr: axis lr has the value 1.0 twice"},
		{"a value out of range", func(d *experiments.Draft) { d.Axes[0].Values[1] = int64(0) }, "axes.tasks: tasks is 0; it must be at least 1"},
		{"too many cells", func(d *experiments.Draft) {
			for i := range 120 {
				d.Axes[0].Values = append(d.Axes[0].Values, int64(1000+i))
				d.Axes[1].Values = append(d.Axes[1].Values, float64(i)/1000+0.2)
			}
		}, "axes: the product of the axes has more than 10000 cells"},
		{"a parameter", func(d *experiments.Draft) { d.Params[0].Value = "x" }, `params.steps: steps is "x", a string; it takes an int`},
		{"an axis fixed", func(d *experiments.Draft) {
			d.Params = append(d.Params, experiments.Setting{Name: "lr", Value: 1.0})
		}, "params.lr: lr is an axis and stands in params too"},
		{"unknown", func(d *experiments.Draft) { d.Params[0].Name = "stesp" }, `params.stesp: recipe sft has no parameter "stesp"`},
		{"between parameters", func(d *experiments.Draft) {
			d.Params = append(d.Params, experiments.Setting{Name: "heads", Value: int64(3)})
		}, "params.heads: heads = 3 does not divide dim = 64"},
		{"seeds", func(d *experiments.Draft) { d.Seeds = []int64{1, -5} }, "seeds: seed -5 is negative"},
		{"no seeds", func(d *experiments.Draft) { d.Seeds = nil }, "seeds: seeds has 0 seeds"},
		{"objective", func(d *experiments.Draft) { d.Objective.Goal = "up" }, `objective.goal: goal cannot be "up"`},
		{"equal", func(d *experiments.Draft) { d.Equal = "rows" }, `equal: equal is "rows"`},
		{"limits", func(d *experiments.Draft) { d.Limits.GPUHours = -1 }, ""}, // is left out
		{"a cell", func(d *experiments.Draft) {
			d.Cells = [][]any{{int64(1), 1.0}, {int64(2), 7.0}}
		}, "cell.1.lr: lr is 7.0; it must be from 0 to 1"},
		{"twins", func(d *experiments.Draft) { d.Cells = [][]any{{int64(1), 1.0}, {int64(1), 1.0}} }, "cell.1: cell 2 is the same as cell 1"},
		{"pause", func(d *experiments.Draft) { d.Pause = "halt" }, "pause: pause is for recipe command"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := drafted(t)
			tt.change(d)
			var got strings.Builder
			mistakes, _ := d.Check(recipes())
			for _, m := range mistakes {
				got.WriteString(m.Field + ": " + m.Words() + "\n")
			}
			if tt.want == "" && got.String() != "" || !strings.HasPrefix(got.String(), tt.want) {
				t.Errorf("got %q, want %q", got.String(), tt.want)
			}
		})
	}
}

func TestCheckWarns(t *testing.T) {
	t.Parallel()
	d := drafted(t)
	d.Limits.Runs = 2
	mistakes, warnings := d.Check(recipes())
	if len(mistakes) > 0 || len(warnings) != 1 || warnings[0].Field != "limits.runs" || !strings.Contains(warnings[0].Words(), "the design has 8 runs and the limit is 2") {
		t.Errorf("got %v and %v", mistakes, warnings)
	}
}

func TestSeedsText(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]int64{
		"3": {1, 2, 3}, "[3]": {3}, "5,3": {5, 3}, "101-104": {101, 102, 103, 104}, "1,5-7,9,10": {1, 5, 6, 7, 9, 10}, "7,8": {7, 8},
	} {
		got, err := experiments.ReadSeeds(text)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%s: %v %s", text, err, diff)
		}
		if back := experiments.SeedsText(got); back != text {
			t.Errorf("%s is written %s", text, back)
		}
	}
	for _, text := range []string{"", "0", "1001", "x", "-3", "5-3", "1,1", "1,,2", "1-5000", "1.5"} {
		if got, err := experiments.ReadSeeds(text); err == nil {
			t.Errorf("%q is read as %v", text, got)
		}
	}
}

// Each mistake is refused, says what to do and leaves the draft as it is.
func TestSetRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		do   func(*experiments.Draft) error
		want string
	}{
		{"unknown", func(d *experiments.Draft) error { return d.SetParam("stesp", "3", recipes()) }, `no parameter "stesp". Did you mean "steps"?`},
		{"kind", func(d *experiments.Draft) error { return d.SetParam("steps", "many", recipes()) }, `"many" is not an int`},
		{"range", func(d *experiments.Draft) error { return d.SetParam("solutions", "65", recipes()) }, "solutions is 65; it must be from 1 to 64"},
		{"choice", func(d *experiments.Draft) error { return d.SetParam("optimizer", "adam", recipes()) }, `Did you mean "adamw"?`},
		{"axis", func(d *experiments.Draft) error { return d.SetParam("tasks", "3", recipes()) }, "tasks is an axis, with the values 64, 128"},
		{"axis twice", func(d *experiments.Draft) error { return d.SetAxes([]string{"dim=8,16", "dim=8"}, recipes()) }, "dim: it is given twice"},
		{"axis without values", func(d *experiments.Draft) error { return d.SetAxis("dim", "", recipes()) }, "axis dim has no values"},
		{"axis with a gap", func(d *experiments.Draft) error { return d.SetAxis("dim", "8,,16", recipes()) }, "axis dim has a comma too many"},
		{"axis of an empty list", func(d *experiments.Draft) error { return d.SetAxis("dim", "[]", recipes()) }, "axis dim has no values"},
		{"equal values", func(d *experiments.Draft) error { return d.SetAxis("lr", "0.1,1e-1", recipes()) }, "the value 0.1 twice"},
		{"no list", func(d *experiments.Draft) error { return d.SetAxis("lr", "[0.1", recipes()) }, "is no list"},
		{"cell of a grid", func(d *experiments.Draft) error { return d.SetCell(0, "1,1", recipes()) }, "every combination"},
		{"key", func(d *experiments.Draft) error { return d.Set("titel", "x", recipes()) }, `Did you mean "title"?`},
		{"recipe", func(d *experiments.Draft) error { return d.Set("recipe", "stf", recipes()) }, `Did you mean "sft"?`},
		{"wall", func(d *experiments.Draft) error { return d.Set("limits.wall", "90", recipes()) }, "is no duration"},
		{"runs", func(d *experiments.Draft) error { return d.Set("limits.runs", "0", recipes()) }, "no whole number of at least 1"},
		{"hours", func(d *experiments.Draft) error { return d.Set("limits.gpu_hours", "NaN", recipes()) }, "no number above 0"},
		{"order", func(d *experiments.Draft) error { return d.Set("order", "bredth", recipes()) }, `Did you mean "breadth"?`},
		{"metric", func(d *experiments.Draft) error { return d.Set("objective.metric", " ", recipes()) }, "it is empty"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := drafted(t)
			if err := tt.do(d); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
			if !d.Same(drafted(t)) {
				t.Errorf("the draft changed: %s", d.Text())
			}
		})
	}
}

func TestSteps(t *testing.T) {
	t.Parallel()
	d := drafted(t)
	if err := d.SetParam("epochs", "3", recipes()); err != nil {
		t.Fatal(err)
	}
	if _, there := d.Value("steps"); there {
		t.Error("steps and epochs are both given")
	}
	if m, _ := d.Check(recipes()); len(m) > 0 {
		t.Error(m)
	}
}

// A trainer of one's own has the parameters that its argv names.
func TestDraftOfACommand(t *testing.T) {
	t.Parallel()
	f, err := experiments.Parse("x", []byte("schema = 1\n"+own), recipes())
	if err != nil {
		t.Fatal(err)
	}
	d := experiments.DraftOf(f.Experiments[0])
	for _, err := range []error{
		d.SetAxis("size", "S,M,1.5", recipes()), d.SetAxis("lr", "1,0.5", recipes()), d.Set("pause", "checkpoint", recipes()), d.Set("gpus", "8", recipes()),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	want := []experiments.Axis{{Name: "size", Values: []any{"S", "M", "1.5"}}, {Name: "lr", Values: []any{1.0, 0.5}}}
	if diff := cmp.Diff(want, d.Axes); diff != "" {
		t.Error(diff)
	}
	if err := d.SetAxis("size", "S,,M", recipes()); err == nil || !strings.Contains(err.Error(), "a comma too many") {
		t.Errorf("two commas: %v", err)
	}
	if err := d.SetAxis("size", `["S", "", "M,L"]`, recipes()); err != nil || !slices.Equal(d.Axes[0].Values, []any{"S", "", "M,L"}) {
		t.Errorf("a list: %v, %q", err, d.Axes[0].Values)
	}
	single := d.Clone()
	single.Cells = [][]any{{"S", 0.5}, {"M", 0.5}}
	if err := single.SetCell(1, `["M,L", 1.5]`, recipes()); err != nil || !slices.Equal(single.Cells[1], []any{"M,L", 1.5}) {
		t.Errorf("a cell: %v, %q", err, single.Cells)
	}
	if m, _ := d.Check(recipes()); len(m) > 0 {
		t.Error(m)
	}
}
