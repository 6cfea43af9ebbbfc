package experiments_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ablate/experiments"
)

// parse reads an experiment file that must be good.
func parse(t *testing.T, text string) *experiments.File {
	t.Helper()
	f, err := experiments.Parse("test.toml", []byte("schema = 1\n"+text), recipes())
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// one is the only experiment of a file.
func one(t *testing.T, text string) *experiments.Experiment {
	t.Helper()
	return parse(t, text).Experiments[0]
}

const small = `
[experiment.e]
recipe = "sft"
seeds = [5, 3]
axes = { tasks = [64, 128], lr = [1, 0.1] }
params = { steps = 10 }
`

func TestRunsOrder(t *testing.T) {
	t.Parallel()
	tests := []struct{ order, want string }{
		{"breadth", "64/1/5 64/0.1/5 128/1/5 128/0.1/5 64/1/3 64/0.1/3 128/1/3 128/0.1/3"},
		{"cheap", "64/1/5 64/0.1/5 128/1/5 128/0.1/5 64/1/3 64/0.1/3 128/1/3 128/0.1/3"}, // all cost the same
		{"depth", "64/1/5 64/1/3 64/0.1/5 64/0.1/3 128/1/5 128/1/3 128/0.1/5 128/0.1/3"},
	}
	for _, tt := range tests {
		t.Run(tt.order, func(t *testing.T) {
			t.Parallel()
			p := one(t, small+"order = \""+tt.order+"\"\n").Plan()
			var got []string
			for _, r := range p.Runs() {
				got = append(got, fmt.Sprintf("%d/%v/%d", r.Params.Int("tasks"), r.Params.Float("lr"), r.Seed))
				if r.ID != fmt.Sprintf("e/%s/s%d", r.Cell, r.Seed) || r.PlanHash != p.Hash || r.RecipeVersion != 3 {
					t.Errorf("run is %+v", r)
				}
			}
			if diff := cmp.Diff(strings.Fields(tt.want), got); diff != "" {
				t.Error(diff)
			}
			// 10 steps of 32: what the recipe of these tests counts as work.
			if diff := cmp.Diff([]float64{320, 320, 320, 320, 320, 320, 320, 320}, p.Work()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// The text that was hashed is written out here and was hashed by sha256sum: a
// difference means that every stored run loses its cell.
//
//	recipe="sft" version=3
//	"batch" int 32
//	"dim" int 64
//	"epochs" int 0
//	"heads" int 4
//	"layers" int 2
//	"lr" float 1.0
//	"optimizer" string "adamw"
//	"solutions" int 1
//	"steps" int 10
//	"tasks" int 64
//	"tie" bool false
//	"warmup" float 0.1
//
// and
//
//	recipe="command" version=1
//	argv "train"
//	argv "{x}"
//	"x" string "a/b"
func TestRecordedHash(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, text, want string }{
		{"sft", small, "tasks=64,lr=1~1a78eb"},
		{"command", "[experiment.e]\nrecipe='command'\nargv=['train','{x}']\naxes={x=['a/b']}", "x=a%2Fb~7db82f"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := one(t, tt.text).Plan().Cells[0].Name; got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func TestIdentity(t *testing.T) {
	t.Parallel()
	base := one(t, small).Plan()
	tests := []struct {
		name, old, new string
		same           bool // the cells' hashes stay
	}{
		{"title", "seeds", "title = 'x'\nquestion = 'y'\nseeds", true},
		{"seeds", "[5, 3]", "7", true},
		{"objective", "seeds", "objective = { metric = 'loss', goal = 'min' }\nseeds", true},
		{"margin", "seeds", "objective = { metric = 'eval/pass@1', goal = 'max', margin = 0.02 }\nseeds", true},
		{"reference", "seeds", "reference = 'label_acc'\nseeds", true},
		{"finding", "seeds", "finding = [{ claim = 'c', metric = 'm', slope = 'tasks' }]\nseeds", true},
		{"name", "[experiment.e]", "[experiment.other]", true},
		{"order", "seeds", "order = 'random'\nseeds", true},
		{"limits", "seeds", "limits = { wall = '2h', runs = 9, gpu_hours = 1 }\nseeds", true},
		{"stop", "seeds", "stop = [{ kind = 'nan' }]\nseeds", true},
		{"retry", "seeds", "retry = 0\nseeds", true},
		{"notify", "[experiment.e]", "[notify]\nargv = ['x']\n[experiment.e]", true},
		{"default written out", "steps = 10", "steps = 10, batch = 32", true},
		{"int for a float", "lr = [1, 0.1]", "lr = [1.0, 0.1]", true},
		{"param", "steps = 10", "steps = 11", false},
		{"default changed", "steps = 10", "steps = 10, batch = 33", false},
		{"epochs for steps", "steps = 10", "epochs = 10", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			text := strings.Replace(small, tt.old, tt.new, 1)
			if text == small {
				t.Fatal("nothing was changed")
			}
			p := one(t, text).Plan()
			if same := p.Cells[0].Name == base.Cells[0].Name; same != tt.same {
				t.Errorf("same hash: %v, want %v", same, tt.same)
			}
		})
	}
	t.Run("recipe version", func(t *testing.T) {
		t.Parallel()
		r := recipes()
		r[0].Version++
		f, err := experiments.Parse("x", []byte("schema = 1\n"+small), r)
		if err != nil {
			t.Fatal(err)
		}
		if p := f.Experiments[0].Plan(); p.Cells[0].Hash == base.Cells[0].Hash {
			t.Error("the hash is the same for another version")
		}
	})
}

func TestPlanJSON(t *testing.T) {
	t.Parallel()
	p := one(t, small).Plan()
	text, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	var back experiments.Plan
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(*p, back); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(p.Runs(), back.Runs()); diff != "" {
		t.Error(diff)
	}
}

func TestCellNames(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("long-value/", 30)
	wide := strings.Repeat("é", 100)
	text := fmt.Sprintf("[experiment.e]\nrecipe='command'\nargv=['{x}']\naxes={x=[%q,%q,%q,%q,%q,%q]}", long+"1", long+"2", wide, "a b", "..", "tab\there")
	p := one(t, text).Plan()
	seen := map[string]bool{}
	for _, c := range p.Cells {
		if len(c.Name) > 120 || strings.ContainsAny(c.Name, "/\x00\t") || !strings.HasSuffix(c.Name, "~"+c.Hash) || seen[c.Name] {
			t.Errorf("cell is named %q", c.Name)
		}
		if strings.ToValidUTF8(c.Name, "?") != c.Name {
			t.Errorf("cell is named %q, cut within a letter", c.Name)
		}
		seen[c.Name] = true
	}
	for i, want := range []string{"x=long-value%2F", "x=long-value%2F", "x=éé", "x=a b~", "x=..~", "x=tab%09here~"} {
		if !strings.HasPrefix(p.Cells[i].Name, want) {
			t.Errorf("cell %d is named %q, want %q first", i, p.Cells[i].Name, want)
		}
	}
}

// Between an escape's three characters no name is cut, wherever the cut falls.
func TestCutEscapes(t *testing.T) {
	t.Parallel()
	for n := range 4 {
		value := strings.Repeat("x", n) + strings.Repeat("/", 100)
		text := fmt.Sprintf("[experiment.e]\nrecipe='command'\nargv=['{x}']\naxes={x=[%q]}", value)
		name := one(t, text).Plan().Cells[0].Name
		head, _, ok := strings.Cut(name, "+")
		if !ok || strings.Trim(strings.ReplaceAll(strings.TrimPrefix(head, "x="), "%2F", ""), "x") != "" {
			t.Errorf("cell is named %q", name)
		}
	}
}

func TestMinusZero(t *testing.T) {
	t.Parallel()
	var hashes []string
	for _, zero := range []string{"0", "0.0", "-0.0"} {
		p := one(t, strings.Replace(small, "steps = 10", "warmup = "+zero, 1)).Plan()
		hashes = append(hashes, p.Cells[0].Hash)
	}
	if hashes[0] != hashes[1] || hashes[1] != hashes[2] {
		t.Errorf("one value has the hashes %q", hashes)
	}
}

func TestCommand(t *testing.T) {
	t.Parallel()
	e := one(t, `
[experiment.e]
recipe = "command"
argv = ["run", "{{x} {x}", "{lr}", "{whole}", "{flag}{seed}", "{run_dir}/out", "}"]
axes = { x = ["a {seed}", "b"] }
params = { lr = 5e-5, whole = 8.0, flag = true }
`)
	got, err := e.Plan().Runs()[0].Command("/store/e/c/s1")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"run", "{x} a {seed}", "5e-5", "8.0", "true1", "/store/e/c/s1/out", "}"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for _, arg := range []string{"{unknown}", "{open", "{}"} {
		if got, err := (experiments.Run{Argv: []string{arg}}).Command(""); err == nil {
			t.Errorf("%s became %q", arg, got)
		}
	}
}
