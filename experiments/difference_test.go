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

// stored is a plan as it comes back from plan.json.
func stored(t *testing.T, p *experiments.Plan) *experiments.Plan {
	t.Helper()
	text, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	var back experiments.Plan
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	return &back
}

const own = `
[experiment.e]
recipe = "command"
argv = ["python", "train.py", "--size", "{size}", "--lr", "{lr}", "{seed}"]
seeds = 2
axes = { size = ["S", "M"] }
params = { lr = 0.003 }
`

const irregular = `
[experiment.e]
recipe = "sft"
cell = [{ tasks = 64, solutions = 4 }, { tasks = 128, solutions = 2 }, { tasks = 256, solutions = 1 }]
`

func TestDifference(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text string
		edit       []string // old, new pairs
		want       []string
	}{
		{"nothing", small, nil, nil},
		{"a title", small, []string{"seeds", "title = 'x'\nquestion = 'y'\nseeds"}, nil},
		{"a finding", small, []string{"seeds", "finding = [{ claim = 'c', metric = 'm', slope = 'tasks' }]\nseeds"}, nil},
		{"a parameter", small, []string{"steps = 10", "steps = 11"}, []string{"steps 10 -> 11: 4 new cells, the old ones stay"}},
		{"another kind of it", own, []string{"lr = 0.003", "lr = '0.003'"}, []string{`lr 0.003 -> "0.003": 2 new cells, the old ones stay`}},
		{"two parameters", small, []string{"steps = 10", "steps = 11, batch = 16"},
			[]string{"batch 32 -> 16", "steps 10 -> 11", "4 new cells, the old ones stay"}},
		{"a default written out", small, []string{"steps = 10", "steps = 10, batch = 32"}, nil},
		{"values added", small, []string{"[64, 128]", "[64, 256, 128, 512]"}, []string{"tasks + 256, 512: 4 new cells"}},
		{"a value removed", small, []string{"[64, 128]", "[128]"}, []string{"tasks - 64: 2 cells no longer in the design, kept in the store"}},
		{"a value replaced", small, []string{"[64, 128]", "[64, 129]"},
			[]string{"tasks + 129", "tasks - 128", "2 new cells", "2 cells no longer in the design, kept in the store"}},
		{"values in another order", small, []string{"[64, 128]", "[128, 64]"}, nil},
		{"axes in another order", small, []string{"tasks = [64, 128], lr = [1, 0.1]", "lr = [1, 0.1], tasks = [64, 128]"},
			[]string{"the axes in another order: lr, tasks: 4 new cells, the old ones stay"}},
		{"a new axis", small, []string{"lr = [1, 0.1]", "lr = [1, 0.1], batch = [16, 32]"},
			[]string{"batch is now an axis: 16, 32: 8 new cells, the old ones stay"}},
		{"an axis fixed", small, []string{", lr = [1, 0.1]", "", "steps = 10", "steps = 10, lr = 1"},
			[]string{"lr is no axis now: 2 new cells, the old ones stay"}},
		{"cells of no grid", irregular, []string{"{ tasks = 128, solutions = 2 }", "{ tasks = 128, solutions = 1 }, { tasks = 64, solutions = 2 }"},
			[]string{"2 new cells: tasks=128,solutions=1; tasks=64,solutions=2", "1 cell no longer in the design, kept in the store: tasks=128,solutions=2"}},
		{"seeds", small, []string{"[5, 3]", "[3, 4, 6]"}, []string{"seeds + 4, 6", "seeds - 5: their runs stay in the store"}},
		{"many seeds", own, []string{"seeds = 2", "seeds = 20"}, []string{"seeds + 3, 4, 5, 6, 7, 8, and 12 more"}},
		{"argv", own, []string{`"--lr", "{lr}"`, `"--learning-rate={lr}"`},
			[]string{"argv --lr {lr} -> --learning-rate={lr}: 2 new cells, the old ones stay"}},
		{"an argument more", own, []string{`"{seed}"]`, `"{seed}", "--deterministic"]`},
			[]string{"argv none -> --deterministic: 2 new cells, the old ones stay"}},
		{"limits", small, []string{"seeds", "limits = { wall = '90m', gpu_hours = 0.5 }\nseeds"},
			[]string{"limit of wall time none -> 1h30m", "limit of GPU-hours none -> 0.5"}},
		{"rules", small, []string{"seeds", "stop = [{ kind = 'nan' }]\nretry = { on = ['failed'], backoff = '1m' }\norder = 'depth'\nseeds"},
			[]string{"order breadth -> depth", "stop rule new: nan: train/loss is not a number, or infinite", "retry 3 after 10s on lost, node_fail, preempted -> 3 after 1m on failed"}},
		{"no retry", small, []string{"seeds", "retry = 0\nseeds"}, []string{"retry 3 after 10s on lost, node_fail, preempted -> none"}},
		{"pause and GPUs", own, []string{"seeds", "pause = 'checkpoint'\ngpus = 8\nseeds"}, []string{"pause halt -> checkpoint", "gpus 0 -> 8"}},
		{"which GPUs", own, []string{"seeds", "gpus = '0-3'\ngpu_type = 'H20'\nkeep_off = '6-7'\nmodel = { params = 7.6e9, layers = 2, hidden = 3, context = 4 }\nseeds"},
			[]string{"gpus 0 -> 0-3", "gpu_type none -> H20", "keep_off none -> 6-7", "model none -> 7.6e9 parameters, 2 layers of 3, 4 tokens of context"}},
		{"one GPU and one by its number", own + "gpus = 1\n", []string{"gpus = 1", "gpus = [1]"}, []string{"gpus 1 -> [1]"}},
		{"the usual written out", own, []string{"seeds", "pause = 'halt'\nretry = 3\norder = 'breadth'\nseeds"}, nil},
		{"objective", small, []string{"seeds", "objective = { metric = 'train/loss', goal = 'min' }\nseeds"},
			[]string{"objective eval/pass@1 max -> train/loss min"}},
		{"margin", small, []string{"seeds", "objective = { metric = 'eval/pass@1', goal = 'max', margin = 0.02 }\nseeds"},
			[]string{"margin none -> 0.02"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			text := strings.NewReplacer(tt.edit...).Replace(tt.text)
			if len(tt.edit) > 0 && text == tt.text {
				t.Fatal("nothing was changed")
			}
			old := stored(t, one(t, tt.text).Plan())
			got := one(t, text).Plan().Difference(old).Words
			if strings.Join(got, "\n") != strings.Join(tt.want, "\n") {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(tt.want, "\n"))
			}
		})
	}
}

func TestDifferenceFromNothing(t *testing.T) {
	t.Parallel()
	d := one(t, small).Plan().Difference(nil)
	text, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"cells_added":[],"cells_left":[],"seeds_added":[],"seeds_removed":[],"words":[]}`
	if string(text) != want {
		t.Errorf("got %s, want %s", text, want)
	}
}

func TestDifferenceOfVersions(t *testing.T) {
	t.Parallel()
	old := stored(t, one(t, small).Plan())
	r := recipes()
	r[0].Version++
	r[0].Params = append(r[0].Params, experiments.Param{Name: "decay", Kind: experiments.Float, Default: 0.1})
	f, err := experiments.Parse("x", []byte("schema = 1\n"+small), r)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"version of recipe sft 3 -> 4", "decay none -> 0.1", "4 new cells, the old ones stay"}
	if diff := cmp.Diff(want, f.Experiments[0].Plan().Difference(old).Words); diff != "" {
		t.Error(diff)
	}
}

// Adding values to an axis adds their cells and leaves every run there was.
func TestAddedValuesKeepEveryRun(t *testing.T) {
	t.Parallel()
	old := one(t, small).Plan()
	p := one(t, strings.NewReplacer("[64, 128]", "[32, 64, 128]", "[1, 0.1]", "[1, 0.1, 0.01]").Replace(small)).Plan()
	d := p.Difference(stored(t, old))
	ids := map[string]bool{}
	for _, r := range p.Runs() {
		ids[r.ID] = true
	}
	for _, r := range old.Runs() {
		if !ids[r.ID] {
			t.Errorf("run %s is not in the new design", r.ID)
		}
		delete(ids, r.ID)
	}
	if len(ids) != 5*2 || len(d.CellsAdded) != 5 || len(d.CellsLeft) != 0 {
		t.Errorf("%d new runs; difference %+v, want 5 new cells of 2 seeds", len(ids), d)
	}
	for id := range ids {
		if !slices.ContainsFunc(d.CellsAdded, func(cell string) bool { return strings.HasPrefix(id, fmt.Sprintf("e/%s/s", cell)) }) {
			t.Errorf("run %s is of no cell that was added", id)
		}
	}
}
