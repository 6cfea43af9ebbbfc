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

// These were recorded before a design could say which GPUs: what it does not say
// leaves its plan, and so every run of it, as it was.
func TestPlansKeepTheirHash(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		own:                                  "acc4ee6a5d46",
		own + "gpus = 8\n":                   "f9ab1d25879e",
		own + "gpus = 8\npause = 'halt'\n":   "f66f0a65443d",
		own + "limits = { gpu_hours = 9 }\n": "7569a91a1f38",
		small:                                "4d3bff709063",
	} {
		if got := one(t, text).Plan().Hash; got != want {
			t.Errorf("the hash is %s, want %s, of%s", got, want, text)
		}
	}
}

func TestReadGPUs(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text string
		want string // the list, or part of the error
		back string // as it is written again; "": as it stands
	}{
		{"0", "[0]", ""},
		{"0-3", "[0 1 2 3]", ""},
		{" 0 , 2,5 ", "[0 2 5]", "0,2,5"},
		{"5-5", "[5]", "5"},
		{"0-1,GPU-1a2b,7", "[0 1 GPU-1a2b 7]", ""},
		{"3,1", "[3 1]", ""},
		{"0,1,2,4,5", "[0 1 2 4 5]", "0-2,4-5"},
		{"1-2,0,3", "[1 2 0 3]", ""},
		{"07", "[7]", "7"},
		{"GPU-5fd4f087-86f3-7a43-b711-4771313afc50", "[GPU-5fd4f087-86f3-7a43-b711-4771313afc50]", ""},
		{"MIG-5fd4f087-86f3-7a43-b711-4771313afc50,255", "[MIG-5fd4f087-86f3-7a43-b711-4771313afc50 255]", ""},
		{"", "an entry names no GPU", ""},
		{"0,", "an entry names no GPU", ""},
		{"3-1", "3-1 runs backwards. Write 1-3", ""},
		{"0-2,1", "GPU 1 stands there twice", ""},
		{"GPU-a,GPU-a", "GPU-a stands there twice", ""},
		{"0-", `"0-" is no GPU`, ""},
		{"-1", `"-1" is no GPU`, ""},
		{"0-1-2", `"0-1-2" is no GPU`, ""},
		{"0 1", `"0 1" is no GPU`, ""},
		{"all", `"all" is no GPU. Write numbers`, ""},
		{"gpu-1a", `"gpu-1a" is no GPU`, ""},
		{"GPU-", `"GPU-" is no UUID`, ""},
		{"GPU-a/b", `"GPU-a/b" is no UUID`, ""},
		{"GPU-\x1b[2J", `is no UUID`, ""},
		{"256", "no machine has a GPU 256", ""},
		{"0-99999999", "no machine has a GPU 99999999", ""},
		{"99999999999999999999", `is no GPU`, ""},
	}
	for _, tt := range tests {
		list, err := experiments.ReadGPUs(tt.text)
		if err != nil {
			if tt.want[0] == '[' || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "\x1b") {
				t.Errorf("%q: %v, want %s", tt.text, err, tt.want)
			}
			continue
		}
		if got := fmt.Sprint(list); got != tt.want {
			t.Errorf("%q is %s, want %s", tt.text, got, tt.want)
		}
		if tt.back == "" {
			tt.back = tt.text
		}
		if got := experiments.GPUsText(list); got != tt.back {
			t.Errorf("%q is written as %q, want %q", tt.text, got, tt.back)
		}
	}
}

// Whatever is read is written so that it reads as the same.
func FuzzReadGPUs(f *testing.F) {
	for _, text := range []string{"0-3", "GPU-1a,0", "MIG-a-1,2-3,9", "", "1-0", "0,0"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		list, err := experiments.ReadGPUs(text)
		if err != nil {
			return
		}
		back, err := experiments.ReadGPUs(experiments.GPUsText(list))
		if err != nil || !slices.Equal(list, back) || len(list) == 0 || len(slices.Compact(slices.Sorted(slices.Values(list)))) != len(list) {
			t.Errorf("%q is %q, then %q, %v", text, list, back, err)
		}
	})
}

func TestPlacement(t *testing.T) {
	t.Parallel()
	const host = "[host.local]\nkind = 'local'\nkeep_off = ['7', 'GPU-1a']\n"
	tests := []struct {
		name, host, keys, want, words string
	}{
		{"none", "", "", `0 null null`, ""},
		{"a number", "", "gpus = 8", `8 null null`, "8 GPUs"},
		{"one", "", "gpus = 1", `1 null null`, "1 GPU"},
		{"a span", "", "gpus = '0-3'", `4 {"only":["0","1","2","3"]} null`, "the GPUs 0-3"},
		{"one of them", "", "gpus = [5]", `1 {"only":["5"]} null`, "the GPU 5"},
		{"a mixed list", "", "gpus = [2, '4-5', 'GPU-1a']", `4 {"only":["2","4","5","GPU-1a"]} null`, "the GPUs 2,4-5,GPU-1a"},
		{"a type", "", "gpus = 4\ngpu_type = ' H20 '\nkeep_off = '6-7'", `4 {"type":"H20","keep_off":["6","7"]} null`, "4 GPUs of type H20, never 6-7"},
		{"what the host says", host, "gpus = 4", `4 {"keep_off":["7","GPU-1a"]} null`, "4 GPUs, never 7,GPU-1a"},
		{"what both say, once", host, "gpus = 4\nkeep_off = '6-7'", `4 {"keep_off":["7","GPU-1a","6"]} null`, "4 GPUs, never 7,GPU-1a,6"},
		{"who holds none may be given some", host, "", `0 {"keep_off":["7","GPU-1a"]} null`, ""},
		{"a model", "", "model = { params = 7.6e9, layers = 28, hidden = 3584, context = 8192 }",
			`0 null {"params":7600000000,"layers":28,"hidden":3584,"context":8192}`, ""},
		{"its parameters alone", "", "model = { params = 7_000_000_000 }", `0 null {"params":7000000000}`, ""},
		{"in a table of its own", "", "model.params = 7e9", `0 null {"params":7000000000}`, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := one(t, tt.host+own+tt.keys+"\n").Plan()
			place, _ := json.Marshal(p.Placement)
			model, _ := json.Marshal(p.Model)
			if got := fmt.Sprintf("%d %s %s", p.GPUs, place, model); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			if got := p.Holds(); got != tt.words {
				t.Errorf("in words %q, want %q", got, tt.words)
			}
			// None of it is part of a cell, and all of it of the plan.
			base := one(t, own).Plan()
			if diff := cmp.Diff(base.Cells, p.Cells); diff != "" || (base.Hash == p.Hash) != (tt.want == "0 null null") {
				t.Errorf("the plan's hash is %s, that of a design without these keys %s; its cells %s", p.Hash, base.Hash, diff)
			}
		})
	}
	if p := one(t, host+small).Plan(); p.Placement != nil {
		t.Error("what the host keeps runs off stands in the plan of a recipe that uses no GPU")
	}
}

// By hand: 6 x 7e9 is 4.2e10; 12 x 28 x 3584 x 8192 is 9,865,003,008.
func TestFLOPsPerToken(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		m    experiments.Model
		want float64
	}{{experiments.Model{Params: 7e9}, 4.2e10}, {experiments.Model{Params: 7e9, Layers: 28, Hidden: 3584, Context: 8192}, 4.2e10 + 9_865_003_008}} {
		if got := tt.m.FLOPsPerToken(); got != tt.want {
			t.Errorf("%+v takes %g, want %g", tt.m, got, tt.want)
		}
	}
}

func TestPinned(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text, list, want string
	}{
		{"any two of four", own + "gpus = 2\n", "0-3", "2"},
		{"as many", own + "gpus = 4\n", "0-3", "4"},
		{"others than the design's", own + "gpus = '0-1'\n", "4,GPU-1a,6", "2"},
		{"who holds none holds all of them", own, "4-6", "3"},
		{"too few", own + "gpus = 4\n", "0-2", "give GPUs to e: each run holds 4, and 0-2 are 3"},
		{"kept off", own + "gpus = 2\nkeep_off = '6-7'\n", "5-7", "give GPUs to e: GPU 6 is in keep_off, which says never"},
		{"no list", own, "0-x", `"0-x" is no GPU`},
		{"a recipe of ours", small, "0", "give GPUs to e: recipe sft uses none"},
	}
	for _, tt := range tests {
		n, err := one(t, tt.text).Plan().Pinned(tt.list)
		if err == nil && fmt.Sprint(n) != tt.want || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %d, %v; want %s", tt.name, n, err, tt.want)
		}
	}
}

// What a form or --set says reads back as it was meant, and stands in the file so.
func TestSetGPUs(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		set   []string // key=value
		text  string   // lines of the file
		field string   // as the form shows gpus
		wrong string
	}{
		{"a number", []string{"gpus=8"}, "gpus = 8", "8", ""},
		{"a list", []string{"gpus=0-1,GPU-1a"}, `gpus = "0-1,GPU-1a"`, "0-1,GPU-1a", ""},
		{"a number in brackets", []string{"gpus=[5]"}, "gpus = [5]", "[5]", ""},
		{"a list, then a number", []string{"gpus=0-3", "gpus=2"}, "gpus = 2", "2", ""},
		{"and none", []string{"gpus=0-3", "gpus="}, "", "", ""},
		{"all of it", []string{"gpus=4", "gpu_type=H20", "keep_off=6-7", "model.params=7.6e9", "model.layers=28", "model.hidden=3584", "model.context=8192"},
			"gpus = 4\ngpu_type = \"H20\"\nkeep_off = \"6-7\"\nmodel = { params = 7.6e9, layers = 28, hidden = 3584, context = 8192 }", "4", ""},
		{"and left out", []string{"gpus=4", "keep_off=6", "keep_off=", "model.params=1e9", "model.params="}, "gpus = 4", "4", ""},
		{"wrong", []string{"gpus=3-1"}, "", "", "set gpus: 3-1 runs backwards. Write 1-3"},
		{"no number", []string{"gpus=0"}, "", "", "no whole number of at least 1"},
		{"no list", []string{"keep_off=x"}, "", "", `set keep_off: "x" is no GPU`},
		{"no model", []string{"model.params=7B"}, "", "", "7.6e9 is 7.6 billion"},
		{"half a layer", []string{"model.layers=1.5"}, "", "", "no whole number"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := experiments.DraftOf(one(t, own))
			for _, kv := range tt.set {
				key, value, _ := strings.Cut(kv, "=")
				if err := d.Set(key, value, recipes()); err != nil {
					if tt.wrong == "" || !strings.Contains(err.Error(), tt.wrong) {
						t.Errorf("%v, want %q", err, tt.wrong)
					}
					return
				}
			}
			if tt.wrong != "" {
				t.Errorf("it was taken, want %s", tt.wrong)
			}
			if m, _ := d.Check(recipes()); len(m) > 0 {
				t.Fatal(m)
			}
			out, err := experiments.Replace([]byte("schema = 1\n"+own), nil, d, recipes())
			if err != nil {
				t.Fatal(err)
			}
			says(t, out, d)
			added := ""
			for _, l := range experiments.Diff([]byte("schema = 1\n"+own), out, 0) {
				if l.Sign == '+' {
					added += l.Text + "\n"
				}
			}
			if added = strings.TrimSpace(added); added != tt.text {
				t.Errorf("the file gains\n%s\nwant\n%s", added, tt.text)
			}
			if got := d.GPUsText(); got != tt.field {
				t.Errorf("the form shows %q, want %q", got, tt.field)
			}
		})
	}
}

// What stands there is changed in its place, also a model in a table of its own.
func TestReplaceGPUs(t *testing.T) {
	t.Parallel()
	text := "schema = 1\n" + own + `gpus = ["0-1", "GPU-1a"] # ours
keep_off = [ 6, 7 ] # the screen's

[experiment.e.model]
params = 7.6e9 # Qwen
layers = 28
hidden = 3584
context = 8192
`
	d := experiments.DraftOf(one(t, strings.TrimPrefix(text, "schema = 1\n")))
	for _, kv := range [][2]string{{"keep_off", "7"}, {"model.params", "8e9"}, {"gpu_type", "H200"}} {
		if err := d.Set(kv[0], kv[1], recipes()); err != nil {
			t.Fatal(err)
		}
	}
	out, err := experiments.Replace([]byte(text), nil, d, recipes())
	if err != nil {
		t.Fatal(err)
	}
	want := strings.NewReplacer(`[ 6, 7 ]`, `"7"`, "7.6e9 #", "8e9 #", "# ours\n", "# ours\ngpu_type = \"H200\"\n").Replace(text)
	if diff := cmp.Diff(want, string(out)); diff != "" {
		t.Error(diff)
	}
	if err := d.Set("recipe", "sft", recipes()); err != nil {
		t.Fatal(err)
	}
	if d.GPUs != 0 || d.Model != nil || d.Placement.Type != "" || d.Placement.Only != nil {
		t.Errorf("a recipe of ours keeps %+v, %+v", d.Placement, d.Model)
	}
}

// However a model is written, it is changed, and goes, without anything else.
func TestReplaceModel(t *testing.T) {
	t.Parallel()
	for _, model := range []string{
		"model = { params = 7e9, layers = 2, hidden = 3, context = 4 } # m\n",
		"model.params = 7e9\nmodel.layers = 2 # m\nmodel.hidden = 3\nmodel.context = 4\n",
		"\n[experiment.e.model]\nparams = 7e9\nlayers = 2\nhidden = 3 # m\ncontext = 4\n",
	} {
		text := "schema = 1\n" + own + model + "\n[experiment.f] # stays\nrecipe = 'sft'\naxes.tasks = [1]\n"
		f, err := experiments.Parse("x", []byte(text), recipes())
		if err != nil {
			t.Fatal(err)
		}
		for _, set := range [][][2]string{
			{{"model.params", "8e9"}},
			{{"model.layers", ""}, {"model.hidden", ""}, {"model.context", ""}},
			{{"model.params", ""}, {"model.layers", ""}, {"model.hidden", ""}, {"model.context", ""}},
			{{"gpus", "1"}},
		} {
			d := experiments.DraftOf(f.Experiments[0])
			for _, kv := range set {
				if err := d.Set(kv[0], kv[1], recipes()); err != nil {
					t.Fatal(err)
				}
			}
			out, err := experiments.Replace([]byte(text), nil, d, recipes())
			if err != nil {
				t.Errorf("%v in\n%s: %v", set, model, err)
				continue
			}
			says(t, out, d)
		}
	}
}

func TestCloneOfGPUs(t *testing.T) {
	t.Parallel()
	d := experiments.DraftOf(one(t, own+"gpus = '0-1'\nkeep_off = '6-7'\nmodel = { params = 7e9 }\n"))
	c := d.Clone()
	c.Placement.Only[0], c.Placement.KeepOff[0], c.Model.Params = "5", "3", -1
	if d.Placement.Only[0] != "0" || d.Placement.KeepOff[0] != "6" || d.Model.Params != 7e9 || d.Same(c) {
		t.Errorf("the clone shares with %+v, %+v", d.Placement, d.Model)
	}
	mistakes, _ := c.Check(recipes())
	if len(mistakes) != 1 || mistakes[0].Field != "model.params" {
		t.Errorf("mistakes %+v, want one of model.params", mistakes)
	}
}

// A draft is checked against the host that it is from, as the file has it.
func TestDraftKnowsItsHost(t *testing.T) {
	t.Parallel()
	d := experiments.DraftOf(one(t, "[host.local]\nkind = 'local'\ngpus = 4\nkeep_off = '3'\n"+own+"gpus = 2\n"))
	p, mistakes, _ := d.Resolve(recipes())
	if len(mistakes) > 0 || p.Holds() != "2 GPUs, never 3" {
		t.Errorf("%v, %v", p, mistakes)
	}
	if err := d.Set("gpus", "4", recipes()); err != nil {
		t.Fatal(err)
	}
	mistakes, _ = d.Check(recipes())
	if len(mistakes) != 1 || mistakes[0].Field != "gpus" || !strings.Contains(mistakes[0].Message, "keep_off leaves 3 of the 4 GPUs of host local") {
		t.Errorf("mistakes %+v", mistakes)
	}
}
