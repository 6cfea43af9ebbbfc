package experiments_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ablate/experiments"
)

const grid = `# about the file
schema = 1

# about a
[experiment.a]
recipe = "sft"   # the only one
seeds  = [5, 3] # paired

[experiment.a.axes] # a grid
tasks = [64, 128]
lr    = [1e-2, 0.1]

[experiment.a.params]
steps = 1_0   # few
batch = 16

# about b
[experiment.b]
recipe = "sft"
axes   = { tasks = [1, 2], lr = [1] }
params = { steps = 10 }
`

const lists = `schema = 1
[experiment.a]
recipe = "sft"
seeds = [
  101, # one
  102, # two
  103 # three
]
cell = [{ tasks = 64, solutions = 4 }, { tasks = 128, solutions = 2 }, { tasks = 256, solutions = 1 }]
limits = { runs = 9, wall = "1h" }
params.steps = 10
[experiment.b]
recipe = "sft"
axes.tasks = [1, 2]
params.steps = 10
`

const blocks = `schema = 1
[experiment.a]
recipe = "sft"

[[experiment.a.cell]]
tasks     = 64
solutions = 4

# the second
[[experiment.a.cell]]
tasks     = 128
solutions = 2

[[experiment.a.cell]]
tasks     = 256
solutions = 1

[[experiment.a.finding]]
claim  = "c"
metric = "eval/pass@1"
plus   = [{ tasks = 64 }]
minus  = [{ tasks = 256 }]

[experiment.a.params]
steps = 10`

// Each change writes what differs, and leaves all else to the byte.
func TestReplace(t *testing.T) {
	t.Parallel()
	set := func(key, text string) func(*experiments.Draft) error {
		return func(d *experiments.Draft) error { return d.Set(key, text, recipes()) }
	}
	param := func(name, text string) func(*experiments.Draft) error {
		return func(d *experiments.Draft) error { return d.SetParam(name, text, recipes()) }
	}
	axis := func(name, text string) func(*experiments.Draft) error {
		return func(d *experiments.Draft) error { return d.SetAxis(name, text, recipes()) }
	}
	reset := func(name string) func(*experiments.Draft) error {
		return func(d *experiments.Draft) error { d.ResetParam(name); return nil }
	}
	gone := func(name string) func(*experiments.Draft) error {
		return func(d *experiments.Draft) error { d.RemoveAxis(name); return nil }
	}
	cell := func(i int, text string) func(*experiments.Draft) error {
		return func(d *experiments.Draft) error { return d.SetCell(i, text, recipes()) }
	}
	less := func(i int) func(*experiments.Draft) error {
		return func(d *experiments.Draft) error { d.RemoveCell(i); return nil }
	}
	tests := []struct {
		name, text string
		changes    []func(*experiments.Draft) error
		edit       []string // pairs of old and new text
	}{
		{"nothing", grid, nil, nil},
		{"a value", grid, []func(*experiments.Draft) error{param("steps", "20")}, []string{"steps = 1_0 ", "steps = 20 "}},
		{"the same value", grid, []func(*experiments.Draft) error{param("steps", "10")}, nil},
		{"a new parameter", grid, []func(*experiments.Draft) error{param("dim", "32")}, []string{"batch = 16\n", "batch = 16\ndim   = 32\n"}},
		{"a default again", grid, []func(*experiments.Draft) error{reset("batch")}, []string{"batch = 16\n", ""}},
		{"no parameters", grid, []func(*experiments.Draft) error{reset("batch"), reset("steps")},
			[]string{"[experiment.a.params]\nsteps = 1_0   # few\nbatch = 16\n\n", ""}},
		{"a title", grid, []func(*experiments.Draft) error{set("title", "T")}, []string{"[experiment.a]\n", "[experiment.a]\ntitle  = \"T\"\n"}},
		{"seeds more", grid, []func(*experiments.Draft) error{set("seeds", "5,3,9")}, []string{"[5, 3]", "[5, 3, 9]"}},
		{"seeds less", grid, []func(*experiments.Draft) error{set("seeds", "[3]")}, []string{"[5, 3]", "[3]"}},
		{"seeds counted", grid, []func(*experiments.Draft) error{set("seeds", "2")}, []string{"[5, 3]", "2"}},
		{"a value of an axis more", grid, []func(*experiments.Draft) error{axis("lr", "0.01,0.05,0.1")}, []string{"[1e-2, 0.1]", "[1e-2, 0.05, 0.1]"}},
		{"a value of an axis in front", grid, []func(*experiments.Draft) error{axis("lr", "0.5,0.01,0.1")}, []string{"[1e-2, 0.1]", "[0.5, 1e-2, 0.1]"}},
		{"a value of an axis less", grid, []func(*experiments.Draft) error{axis("lr", "0.01")}, []string{"[1e-2, 0.1]", "[1e-2]"}},
		{"an axis more", grid, []func(*experiments.Draft) error{axis("batch", "16,32")},
			[]string{"lr    = [1e-2, 0.1]\n", "lr    = [1e-2, 0.1]\nbatch = [16, 32]\n", "batch = 16\n", ""}},
		{"an axis less", grid, []func(*experiments.Draft) error{gone("lr")}, []string{"lr    = [1e-2, 0.1]\n", ""}},
		{"axes in another order", grid, []func(*experiments.Draft) error{gone("tasks"), axis("tasks", "64")},
			[]string{"tasks = [64, 128]\nlr    = [1e-2, 0.1]\n", "lr    = [1e-2, 0.1]\ntasks = [64]\n"}},
		{"limits", grid, []func(*experiments.Draft) error{set("limits.wall", "2h")}, []string{"# paired\n", "# paired\nlimits = { wall = \"2h\" }\n"}},
		{"a margin", grid, []func(*experiments.Draft) error{set("objective.margin", "0.02")},
			[]string{"the only one\n", "the only one\nobjective = { metric = \"eval/pass@1\", goal = \"max\", margin = 0.02 }\n"}},
		{"an objective", grid, []func(*experiments.Draft) error{set("objective.goal", "min")},
			[]string{"the only one\n", "the only one\nobjective = { metric = \"eval/pass@1\", goal = \"min\" }\n"}},

		{"seeds in lines, more", lists, []func(*experiments.Draft) error{set("seeds", "101-105")},
			[]string{"103 # three\n", "103, # three\n  104,\n  105\n"}},
		{"seeds in lines, less", lists, []func(*experiments.Draft) error{set("seeds", "101,103")}, []string{"  102, # two\n", ""}},
		{"the last seed in lines", lists, []func(*experiments.Draft) error{set("seeds", "101,102")}, []string{"  103 # three\n", ""}},
		{"a cell in a line", lists, []func(*experiments.Draft) error{cell(1, "100, 2")}, []string{"tasks = 128", "tasks = 100"}},
		{"a cell in a line more", lists, []func(*experiments.Draft) error{cell(3, "9,9")},
			[]string{"solutions = 1 }]", "solutions = 1 }, { tasks = 9, solutions = 9 }]"}},
		{"a cell in a line less", lists, []func(*experiments.Draft) error{less(0)}, []string{"{ tasks = 64, solutions = 4 }, ", ""}},
		{"an axis of cells in a line", lists, []func(*experiments.Draft) error{gone("tasks")},
			[]string{"tasks = 64, ", "", "tasks = 128, ", "", "tasks = 256, ", ""}},
		{"a limit less", lists, []func(*experiments.Draft) error{set("limits.runs", "")}, []string{"runs = 9, ", ""}},
		{"a limit more", lists, []func(*experiments.Draft) error{set("limits.gpu_hours", "4")}, []string{`"1h" }`, `"1h", gpu_hours = 4 }`}},
		{"dotted", lists, []func(*experiments.Draft) error{param("lr", "0.5"), param("steps", "7")},
			[]string{"params.steps = 10\n[", "params.steps = 7\nparams.lr = 0.5\n["}},

		{"a cell", blocks, []func(*experiments.Draft) error{cell(1, "128,3")}, []string{"solutions = 2", "solutions = 3"}},
		{"a cell less", blocks, []func(*experiments.Draft) error{less(1)},
			[]string{"[[experiment.a.cell]]\ntasks     = 128\nsolutions = 2\n", ""}},
		{"a cell more", blocks, []func(*experiments.Draft) error{cell(3, "512,8")},
			[]string{"solutions = 1\n", "solutions = 1\n\n[[experiment.a.cell]]\ntasks     = 512\nsolutions = 8\n"}},
		{"cells times an axis", blocks, []func(*experiments.Draft) error{less(2), less(1), axis("lr", "0.1,0.2")},
			[]string{"solutions = 4\n\n# the second\n[[experiment.a.cell]]\ntasks     = 128\nsolutions = 2\n\n[[experiment.a.cell]]\ntasks     = 256\nsolutions = 1\n",
				"solutions = 4\nlr        = 0.1\n\n# the second\n[[experiment.a.cell]]\ntasks     = 64\nsolutions = 4\nlr        = 0.2\n",
				"[[experiment.a.finding]]\nclaim  = \"c\"\nmetric = \"eval/pass@1\"\nplus   = [{ tasks = 64 }]\nminus  = [{ tasks = 256 }]\n\n", ""}},
		{"at the end without a newline", blocks, []func(*experiments.Draft) error{param("lr", "0.5")}, []string{"steps = 10", "steps = 10\nlr    = 0.5"}},
	}
	for _, tt := range tests {
		for _, eol := range []string{"\n", "\r\n"} {
			t.Run(tt.name, func(t *testing.T) {
				t.Parallel()
				f, err := experiments.Parse("x", []byte(tt.text), recipes())
				if err != nil {
					t.Fatal(err)
				}
				d := experiments.DraftOf(f.Experiments[0])
				for _, change := range tt.changes {
					if err := change(d); err != nil {
						t.Fatal(err)
					}
				}
				d, _ = d.Settled()
				want := tt.text
				for pair := range slices.Chunk(tt.edit, 2) {
					if strings.Count(want, pair[0]) < 1 {
						t.Fatalf("%q is not there", pair[0])
					}
					want = strings.Replace(want, pair[0], pair[1], 1)
				}
				text := strings.ReplaceAll(tt.text, "\n", eol)
				got, err := experiments.Replace([]byte(text), nil, d, recipes())
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(strings.ReplaceAll(want, "\n", eol), string(got)); diff != "" {
					t.Error(diff)
				}
			})
		}
	}
}

func TestInsert(t *testing.T) {
	t.Parallel()
	d := experiments.NewDraft("n", recipes()[0])
	for _, err := range []error{d.SetAxis("tasks", "1,2", recipes()), d.SetParam("steps", "5", recipes())} {
		if err != nil {
			t.Fatal(err)
		}
	}
	const added = "[experiment.n]\nrecipe    = \"sft\"\nobjective = { metric = \"eval/pass@1\", goal = \"max\" }\nseeds     = 3\n\n" +
		"[experiment.n.axes]\ntasks = [1, 2]\n\n[experiment.n.params]\nsteps = 5\n"
	loose := strings.ReplaceAll(strings.ReplaceAll(added, "recipe    ", "recipe "), "seeds     ", "seeds ")
	tests := []struct{ name, text, want string }{
		{"nothing there", "", "schema = 1\n\n" + added},
		{"behind", grid, grid + "\n" + added},
		{"no newline", strings.TrimSpace(grid), grid + "\n" + added},
		{"a blank line there", grid + "\n", grid + "\n" + added},
		{"a comment last", grid + "# end\n", grid + "# end\n\n" + added},
		{"in the file's way", lists, lists + "\n" + loose},
		{"CRLF", strings.ReplaceAll(grid, "\n", "\r\n"), strings.ReplaceAll(grid+"\n"+added, "\n", "\r\n")},
		{"tabs", "schema = 1\n[experiment.t]\n\trecipe = \"sft\"\n\taxes   = { lr = [1] }\n",
			"schema = 1\n[experiment.t]\n\trecipe = \"sft\"\n\taxes   = { lr = [1] }\n\n" +
				strings.NewReplacer("\nrecipe", "\n\trecipe", "\nobj", "\n\tobj", "\nseeds", "\n\tseeds", "\ntasks", "\n\ttasks", "\nsteps", "\n\tsteps").Replace(added)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := experiments.Insert([]byte(tt.text), nil, d, recipes())
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, string(got)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestCloneKeepsComments(t *testing.T) {
	t.Parallel()
	f, err := experiments.Parse("x", []byte(grid), recipes())
	if err != nil {
		t.Fatal(err)
	}
	d := experiments.DraftOf(f.Experiments[0])
	d.Name = "n"
	if err := d.SetParam("steps", "20", recipes()); err != nil {
		t.Fatal(err)
	}
	got, err := experiments.Clone([]byte(grid), f, "a", d, recipes())
	if err != nil {
		t.Fatal(err)
	}
	section := grid[strings.Index(grid, "# about a"):strings.Index(grid, "\n# about b")]
	want := grid + "\n" + strings.NewReplacer("experiment.a", "experiment.n", "1_0", "20").Replace(section)
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Error(diff)
	}

	d = experiments.DraftOf(f.Experiments[0])
	d.Name = "B"
	if _, err := experiments.Clone([]byte(grid), f, "a", d, recipes()); err == nil || !strings.Contains(err.Error(), `"b" is taken, in line 18`) {
		t.Errorf("a name that is taken: %v", err)
	}
}
