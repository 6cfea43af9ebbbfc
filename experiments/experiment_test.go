package experiments_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ablate/experiments"
)

func TestWith(t *testing.T) {
	t.Parallel()
	e := one(t, small)
	before := e.Plan()
	got, err := e.With([]string{"steps=1_000", "warmup = 0", "optimizer=sgd", "tie=true"}, 2)
	if err != nil {
		t.Fatal(err)
	}
	p := got.Plan()
	want := experiments.Params{
		"tasks": int64(64), "lr": 1.0, "steps": int64(1000), "epochs": int64(0), "warmup": 0.0, "optimizer": "sgd", "tie": true,
		"solutions": int64(1), "batch": int64(32), "dim": int64(64), "layers": int64(2), "heads": int64(4),
	}
	if diff := cmp.Diff(want, p.Cells[0].Params); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]int64{1, 2}, p.Seeds); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(before, e.Plan()); diff != "" {
		t.Errorf("the experiment itself changed:\n%s", diff)
	}
}

func TestWithRefuses(t *testing.T) {
	t.Parallel()
	command := "[experiment.e]\nrecipe='command'\nargv=['{x}','{lr}','{n}']\naxes={x=[1]}\nparams={lr=0.1,n=1}"
	tests := []struct {
		name, text, set string
		seeds           int
		want            string // part of the error
	}{
		{"axis", small, "tasks=64", 0, "tasks is an axis of e, with the values 64, 128"},
		{"unknown", small, "step=3", 0, `no parameter "step". Did you mean "steps"?`},
		{"no value", small, "steps", 0, "want key=value"},
		{"no key", small, "=3", 0, "want key=value"},
		{"kind", small, "steps=many", 0, `"many" is not an int`},
		{"float for an int", small, "steps=1.5", 0, `"1.5" is not an int`},
		{"range", small, "batch=0", 0, "batch is 0; it must be from 1 to 4096"},
		{"infinite", small, "warmup=inf", 0, "finite"},
		{"choice", small, "optimizer=adam", 0, `Did you mean "adamw"?`},
		{"both lengths", small, "epochs=3", 0, "steps and epochs stand in one experiment"},
		{"recipe's check", small, "heads=3", 0, "heads = 3 does not divide dim = 64"},
		{"equal", strings.Replace(small, "seeds", "equal='steps'\nseeds", 1), "steps=0", 0, "steps is 0"},
		{"negative seeds", small, "", -1, "set seeds: -1"},
		{"many seeds", small, "", 1001, "set seeds: 1001"},
		{"command unknown", command, "lrr=1", 0, `no parameter "lrr". Did you mean "lr"?`},
		{"command kind", command, "n=x", 0, `"x" is not an int`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var set []string
			if tt.set != "" {
				set = []string{tt.set}
			}
			_, err := one(t, tt.text).With(set, tt.seeds)
			if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), tt.set) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

func TestWithCommand(t *testing.T) {
	t.Parallel()
	e, err := one(t, "[experiment.e]\nrecipe='command'\nargv=['{x}','{lr}']\naxes={x=[1]}\nparams={lr=0.1}").With([]string{"lr=2"}, 0)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(experiments.Params{"x": int64(1), "lr": 2.0}, e.Plan().Cells[0].Params); diff != "" {
		t.Error(diff)
	}
}

func TestExperiment(t *testing.T) {
	t.Parallel()
	f := parse(t, small+strings.Replace(small, ".e]", ".sweep]", 1))
	if e, err := f.Experiment("sweep"); err != nil || e.Name != "sweep" || e.Line != 9 {
		t.Errorf("got %+v, %v", e, err)
	}
	_, err := f.Experiment("sweeps")
	if err == nil || !strings.Contains(err.Error(), `Did you mean "sweep"? Known here: e, sweep`) {
		t.Errorf("got %v", err)
	}
}

func TestDefaults(t *testing.T) {
	t.Parallel()
	e := one(t, "[experiment.e]\nrecipe='sft'\naxes={tasks=[1]}")
	want := experiments.Objective{Metric: "eval/pass@1", Goal: experiments.Max}
	if e.Title != "e" || e.Host != "local" || e.Order != "breadth" || e.Objective != want {
		t.Errorf("got %+v", e)
	}
	if diff := cmp.Diff([]int64{1, 2, 3}, e.Seeds); diff != "" {
		t.Error(diff)
	}
}

func TestEpochsSilenceSteps(t *testing.T) {
	t.Parallel()
	p := one(t, "[experiment.e]\nrecipe='sft'\naxes={epochs=[1,2]}").Plan().Cells[1].Params
	if p.Int("epochs") != 2 || p["steps"] != int64(0) {
		t.Errorf("got %v", p)
	}
}

func TestHosts(t *testing.T) {
	t.Parallel()
	f := parse(t, "[host.a]\nkind='slurm'\nnodes=['x','y']\ngpus=8\ngpu_type='H20'\nqos='q'\n[host.b]\nkind='local'\nnodes=3\n")
	want := []experiments.Host{
		{Name: "a", Kind: "slurm", Nodes: []string{"x", "y"}, NodeCount: 2, GPUs: 8, GPUType: "H20", QOS: "q"},
		{Name: "b", Kind: "local", NodeCount: 3},
	}
	if diff := cmp.Diff(want, f.Hosts); diff != "" {
		t.Error(diff)
	}
}

func TestUnreadable(t *testing.T) {
	t.Parallel()
	deep := "schema = 1\na = " + strings.Repeat("{a=", 10_000)
	tests := []struct{ name, text, want string }{
		{"long line", "a = 1\nb = \"" + strings.Repeat("x", 100_000) + "\"\n", "this line has 100007 bytes"},
		{"large file", strings.Repeat("# x\n", 1<<18+1), "the file has 1048580 bytes"},
		{"10 MB in one line", strings.Repeat("x", 10<<20), "the file has 10485760 bytes"},
		{"deep tables", deep, "more than 32 levels of nesting"},
		{"deep lists", "a = " + strings.Repeat("[\n", 100_000), "more than 32 levels of nesting"},
		{"deep keys", "a" + strings.Repeat(".a", 1000) + " = 1", "more than 32 levels of nesting"},
		{"deep behind a mistake", "x 1\n" + deep, "not valid TOML"},
		{"only a quote", `"`, "not valid TOML"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := experiments.Parse("x.toml", []byte(tt.text), nil)
			var p *experiments.Problems
			if !errors.As(err, &p) || len(p.List) != 1 || !strings.Contains(p.List[0].Message, tt.want) {
				t.Fatalf("got %.300v, want %q", err, tt.want)
			}
			if text := err.Error(); len(text) > 2000 {
				t.Errorf("the error has %d bytes", len(text))
			}
		})
	}
}

func TestLoad(t *testing.T) {
	t.Parallel()
	if _, err := experiments.Load(filepath.Join(t.TempDir(), "none.toml"), nil); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
	large := filepath.Join(t.TempDir(), "large.toml")
	if err := os.WriteFile(large, make([]byte, 2<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := experiments.Load(large, nil); err == nil || !strings.Contains(err.Error(), "2097152 bytes") {
		t.Errorf("got %v", err)
	}
}

func TestRecipeMistakes(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		list []experiments.Param
		want string
	}{
		{"seed", []experiments.Param{{Name: "seed", Kind: experiments.Int}}, `"seed" cannot name`},
		{"twice", []experiments.Param{{Name: "a", Kind: experiments.Int}, {Name: "a", Kind: experiments.Int}}, `"a" cannot name`},
		{"kind", []experiments.Param{{Name: "a", Kind: "integer"}}, `unknown kind "integer"`},
		{"default", []experiments.Param{{Name: "a", Kind: experiments.Int, Default: "x"}}, "default of a"},
		{"range", []experiments.Param{{Name: "a", Kind: experiments.Float, Default: 2, Max: new(1.0)}}, "at most 1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := experiments.Parse("x", nil, []experiments.Recipe{{Name: "r", Params: tt.list}})
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

func TestRequiredParameter(t *testing.T) {
	t.Parallel()
	r := recipes()
	r[0].Params = append(r[0].Params, experiments.Param{Name: "data", Kind: experiments.String, Doc: "where the tasks are"})
	_, err := experiments.Parse("x", []byte("schema = 1\n"+small), r)
	if err == nil || !strings.Contains(err.Error(), "parameter data has no default and is not given") {
		t.Errorf("got %v", err)
	}
}

func TestReference(t *testing.T) {
	t.Parallel()
	golden(t, "testdata/reference.md", experiments.Reference(recipes()))
}

func FuzzParse(f *testing.F) {
	for _, folder := range []string{"good", "bad"} {
		for _, path := range files(f, folder) {
			text, err := os.ReadFile(path)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(text)
		}
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		kept := bytes.Clone(text)
		file, err := experiments.Parse("fuzz.toml", text, recipes())
		if err != nil {
			var p *experiments.Problems
			if !errors.As(err, &p) || len(p.List) == 0 || p.Error() == "" {
				t.Fatalf("got %v", err)
			}
			lines := bytes.Count(p.Text, []byte("\n")) + 1
			for _, q := range p.List {
				if q.Line < 1 || q.Line > lines || q.Col < 1 || q.Len < 1 || q.Message == "" {
					t.Fatalf("problem is %+v", q)
				}
			}
			return
		}
		again, err := experiments.Parse("fuzz.toml", kept, recipes())
		if err != nil {
			t.Fatal(err)
		}
		for i, e := range file.Experiments {
			p := e.Plan()
			if len(p.Cells) == 0 || len(p.Seeds) == 0 {
				t.Fatalf("plan is empty: %+v", p)
			}
			if diff := cmp.Diff(p, again.Experiments[i].Plan()); diff != "" {
				t.Fatal(diff)
			}
			names := map[string]bool{}
			for _, c := range p.Cells {
				if names[c.Name] || len(c.Name) > 120 || strings.ContainsAny(c.Name, "/\x00") {
					t.Fatalf("cell is named %q", c.Name)
				}
				names[c.Name] = true
			}
			if e.Recipe == experiments.Command {
				if _, err := p.Runs()[0].Command("dir"); err != nil {
					t.Fatal(err)
				}
			}
		}
	})
}
