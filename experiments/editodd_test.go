package experiments_test

import (
	"cmp"
	"slices"
	"strings"
	"testing"

	"ablate/experiments"
)

// Files that nobody writes and that are right all the same: each change to the
// experiment "a" in them, and each clone, says what was meant.
func TestChangesInOddFiles(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"dotted header spaces": "schema = 1\n[ experiment . \"a\" ]\nrecipe='sft'\nparams.steps=3\n[ experiment . a . axes ] # x\ntasks=[1,2,] # y\n",
		"super dotted":         "schema=1\nexperiment.a.recipe='sft'\nexperiment.a.params.steps=3\nexperiment.a.axes.tasks=[1,2]\nexperiment.b.recipe='sft'\nexperiment.b.axes.tasks=[1]\nexperiment.b.params.steps=1\n",
		"all inline":           "schema=1\nexperiment={a={recipe='sft',params={steps=3},axes={tasks=[1,2]}},b={recipe='sft',axes={tasks=[1]},params={steps=1}}}\n",
		"half inline":          "schema=1\n[experiment]\na={recipe='sft',params={steps=3},axes={tasks=[1,2]}}\nb={recipe='sft',axes={tasks=[1]},params={steps=1}}\n",
		"in experiment table":  "schema=1\n[experiment]\na.recipe='sft'\na.params.steps=3\na.axes.tasks=[1,2]\n",
		"huge comment":         "schema=1\n#" + strings.Repeat("x", 60000) + "\n[experiment.a]\nrecipe='sft'#" + strings.Repeat("世", 10000) + "\naxes.tasks=[1,2]#[3]\nparams.steps=3#=4\n",
		"literal keys":         "schema=1\n[experiment.'a']\n'recipe'=\"sft\"\n\"ax\\u0065s\".tasks=[1,2]\nparams.\"st\\u0065ps\"=3\n",
		"order":                "schema=1\n[experiment.a.params]\nsteps=3\n[experiment.a.axes]\ntasks=[1,2]\n[experiment.a]\nrecipe='sft'\n",
		"strings with marks":   "schema=1\n[experiment.a]\nrecipe='sft'\ntitle='''\n[experiment.b]\n# no comment\n'''\nquestion=\"\"\"\\\n   x = [1]\\\n \"\"\"\naxes={tasks=[1,2]}\nparams={steps=3}\n",
		"no eol":               "schema=1\n[experiment.a]\nrecipe='sft'\naxes.tasks=[1,2]\nparams.steps=3",
		"comment last":         "schema=1\n[experiment.a]\nrecipe='sft'\naxes.tasks=[1,2]\nparams.steps=3\n# end",
		"comments in lists":    "schema=1\n[experiment.a]\nrecipe='sft'\n[experiment.a.axes]\ntasks=[ # first\n# own\n1 # one\n, # comma\n2 # two\n# last\n]\n[experiment.a.params]\nsteps=3\n",
		"leading comma":        "schema=1\n[experiment.a]\nrecipe='sft'\n[experiment.a.axes]\ntasks=[\n  1\n  , 2\n  ]\nlr=[0.1,0.2]\n[experiment.a.params]\nsteps=3\n",
		"cell inline list":     "schema=1\n[experiment.a]\nrecipe='sft'\ncell=[\n {tasks=1, lr=0.1}, # one\n {tasks=2, lr=0.1} # two\n]\nparams.steps=3\n",
		"bom crlf":             "\uFEFFschema=1\r\n[experiment.a]\r\nrecipe='sft'\r\naxes.tasks=[1,2]\r\nparams.steps=3\r\n",
		"many in braces":       "schema=1\n[experiment.a]\nrecipe='sft'\naxes={tasks=[1,2],lr=[0.1,0.2],layers=[1,2]}\nparams={steps=3,warmup=1,dim=32}\nlimits={wall='1h',runs=900,gpu_hours=7}\n",
		"many on lines":        "schema=1\n[experiment.a]\nrecipe='sft'\naxes.tasks=[\n1, # one\n2,\n3 # three\n]\nparams.steps=3 # three\n\nparams.warmup=1\n# about dim\nparams.dim=32\n",
		"mixed eol":            "schema=1\n[experiment.a]\r\nrecipe='sft'\naxes.tasks=[1,2]\r\nparams.steps=3\n",
	} {
		f, err := experiments.Parse("x", []byte(text), recipes())
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		e, _ := f.Experiment("a")
		for what, do := range oddChanges() {
			d := experiments.DraftOf(e)
			if err := do(d); err != nil {
				if !strings.Contains(err.Error(), "one by one") {
					t.Errorf("%s, %s: %v", name, what, err)
				}
				continue
			}
			if m, _ := d.Check(recipes()); len(m) > 0 {
				continue
			}
			out, err := experiments.Replace([]byte(text), nil, d, recipes())
			if err != nil {
				t.Errorf("%s, %s: %v", name, what, err)
				continue
			}
			says(t, out, d)
			d.Name = "clone"
			if out, err = experiments.Clone([]byte(text), f, "a", d, recipes()); err != nil {
				t.Errorf("clone of %s, %s: %v", name, what, err)
				continue
			}
			says(t, out, d)
		}
	}
}

func oddChanges() map[string]func(*experiments.Draft) error {
	axis := func(name, text string) func(*experiments.Draft) error {
		return func(d *experiments.Draft) error { return d.SetAxis(name, text, recipes()) }
	}
	param := func(name, text string) func(*experiments.Draft) error {
		return func(d *experiments.Draft) error { return d.SetParam(name, text, recipes()) }
	}
	key := func(name, text string) func(*experiments.Draft) error {
		return func(d *experiments.Draft) error { return d.Set(name, text, recipes()) }
	}
	without := func(names ...string) func(*experiments.Draft) error {
		return func(d *experiments.Draft) error {
			for _, name := range names {
				d.ResetParam(name)
				d.RemoveAxis(name)
			}
			return nil
		}
	}
	return map[string]func(*experiments.Draft) error{
		"a value behind": axis("tasks", "1,2,4"), "a value in front": axis("tasks", "4,1,2"), "a value between": axis("tasks", "1,3,2"),
		"the first value goes": axis("tasks", "2"), "the last value goes": axis("tasks", "1"), "other values": axis("tasks", "7,8"),
		"a new axis": axis("batch", "16,32"), "a parameter": param("steps", "9"), "the only one goes": param("epochs", "2"), "a new one": param("dim", "32"),
		"two go": without("warmup", "dim"), "the last goes": without("dim"), "two axes go": without("tasks", "lr"), "the last axis goes": without("layers"),
		"title": key("title", "x # y"), "limits": key("limits.wall", "2h"), "no limit": key("limits.wall", ""), "no run limit": key("limits.runs", ""),
		"seeds": key("seeds", "4-6"), "objective": key("objective.metric", "train/loss"),
		"axes in another order": func(d *experiments.Draft) error {
			slices.Reverse(d.Axes)
			return nil
		},
		"the last axis first": func(d *experiments.Draft) error {
			n := len(d.Axes) - 1
			d.Axes = append([]experiments.Axis{d.Axes[n]}, d.Axes[:n]...)
			return nil
		},
		"one goes and one moves": func(d *experiments.Draft) error {
			slices.Reverse(d.Axes)
			return without("lr")(d)
		},
		"other axes": func(d *experiments.Draft) error {
			return cmp.Or(without("tasks", "lr", "layers")(d), axis("batch", "16,32")(d), axis("heads", "1,2")(d))
		},
		"first two of three": func(d *experiments.Draft) error {
			d.Limits.Wall, d.Limits.Runs = 0, 0
			return without("steps", "warmup")(d)
		},
		"first two, and one for them": func(d *experiments.Draft) error {
			d.Limits.Wall, d.Limits.Runs = 0, 0
			return cmp.Or(without("steps", "warmup")(d), param("epochs", "2")(d))
		},
	}
}
