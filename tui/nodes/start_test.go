package nodes

import (
	"strings"
	"testing"

	"ablate/experiments"
	"ablate/experiments/store"
	"ablate/gpu"
	"ablate/tui/page"
)

const commands = `schema = 1
project = "lab"
[host.far]
kind  = "ssh"
login = "ada@far"
nodes = ["far"]
[experiment.one]
question = "does one GPU do?"
recipe = "command"
gpus   = 1
seeds  = 3
argv   = ["train", "{n}"]
axes   = { n = [1, 2] }
[experiment.two]
recipe = "command"
gpus   = 2
argv   = ["train", "{n}"]
axes   = { n = [1, 2] }
[experiment.never]
recipe   = "command"
gpus     = 1
keep_off = "0"
argv     = ["train", "{n}"]
axes     = { n = [1, 2] }
[experiment.other]
recipe   = "command"
gpus     = 1
gpu_type = "H200"
argv     = ["train", "{n}"]
axes     = { n = [1, 2] }
[experiment.cores]
recipe = "command"
argv   = ["train", "{n}"]
axes   = { n = [1, 2] }
`

// withFile is a page of a lab that has commands, with hosts.
func withFile(t *testing.T, text string) (*driver, *GPUs) {
	t.Helper()
	d, p := gpus(t)
	f, err := experiments.Parse("experiments.toml", []byte(text), nil)
	if err != nil {
		t.Fatal(err)
	}
	p.site.File, p.site.Workdir = f, "/work"
	d.send(page.Readings{Nodes: lab(), Now: noon() + 301}, page.Data{Update: store.Update{Focus: store.Focus{Experiment: "two"}}})
	d.press("g")
	return d, p
}

// To run something on marked GPUs is r, a choice that begins with the experiment that
// is open, and a question that says what is begun.
func TestRunHere(t *testing.T) {
	t.Parallel()
	d, p := withFile(t, commands)
	d.press("G", "k", "k", "k", "k", "space", "space") // to GPUs 6 and 7
	d.press("r")
	d.sees("run on GPU 6, GPU 7: which experiment?", "one", "does one GPU do?", "› two")
	if strings.Contains(d.screen(160, 40), "cores") {
		t.Error("one that takes no GPUs is offered")
	}
	d.press("enter")
	if d.ask == nil || d.ask.Text != "run two, 6 runs of 2 GPUs each, on GPU 6, GPU 7?" {
		t.Fatalf("asked %+v", d.ask)
	}
	if p.chooser != nil || len(d.asked) > 0 {
		t.Error("it was done before the answer")
	}
	d.yes()
	r := d.asked[0]
	if r.Verb != "run" || r.Plan.Experiment != "two" || r.GPUs != "GPU-h20-1-6,GPU-h20-1-7" || r.Workdir != "/work" {
		t.Errorf("asked of the engine: %+v", r)
	}
}

// What is in use is said before, and what cannot be is said instead.
func TestRunHereSays(t *testing.T) {
	t.Parallel()
	d, p := withFile(t, commands)
	fails := func(want string) {
		t.Helper()
		if n := len(d.said); n == 0 || d.said[n-1] != want || d.ask != nil || p.chooser != nil {
			t.Errorf("said %q, want %q; asked %v", d.said, want, d.ask)
		}
		d.said = nil
	}
	d.press("j")
	d.do(p.runNamed("one"))
	if d.ask == nil || d.ask.Text != "run one, 6 runs of 1 GPU each, on GPU 0? GPU 0 is held by "+first+": who needs it waits." {
		t.Errorf("asked %+v", d.ask)
	}
	d.ask = nil
	d.do(p.runNamed("two"))
	fails("two takes 2 GPUs a run: mark as many with space")
	d.do(p.runNamed("cores"))
	fails("run here: cores is no experiment that takes GPUs of this machine")
	d.do(p.runNamed("never"))
	fails("run never: 1 are wanted and 0 can be had here; GPU 0: kept off")
	d.do(p.runNamed("other"))
	fails("run other: claim GPUs of type H200: 1 are wanted and 0 can be had here; GPU 0: of type H20")
	d.press("G", "r")
	fails("GPU 1 of h20-2: runs are started on the GPUs of this machine only")
	d.press("g")
	for range 6 {
		d.press("j")
	}
	d.press("r")
	fails("GPU 5: it cannot be read: the GPU is lost")
}

// A claim, a stranger, and one of whom nobody knows are named.
func TestOccupied(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		h    holder
		want string
	}{
		{foreign(gpu.Holder{User: "bob", Run: "x/y/s1", Store: "/s"}), "claimed by bob for x/y/s1 of /s"},
		{foreign(gpu.Holder{}), "claimed by somebody who does not say"},
		{strangers([]gpu.Process{{PID: 9, User: "eve"}}), "in use by eve: process 9"},
		{holder{text: "– not claimed"}, "not claimed"},
		{holder{run: "a/b/s1", text: "a/b/s1 (halted)"}, "held by a/b/s1"},
	} {
		if got := occupied(tt.h); got != tt.want {
			t.Errorf("%+v is %q, want %q", tt.h, got, tt.want)
		}
	}
}

// The choice is left by esc, and works with the mouse.
func TestChoice(t *testing.T) {
	t.Parallel()
	d, p := withFile(t, commands)
	d.press("G", "k", "k", "k", "k", "r")
	if !p.Back() || p.chooser != nil {
		t.Error("esc does not leave the choice")
	}
	d.press("r")
	d.screen(80, 22)
	d.send(page.Click{X: 4, Y: 2}, page.Wheel{Lines: -1})
	if got := p.chooser.table.Cursor(); got != "one" {
		t.Errorf("the mouse is on %q", got)
	}
	d.screen(12, 2)
	d.screen(80, 22)
	d.send(page.Click{X: 4, Y: 2})
	if d.ask == nil || !strings.HasPrefix(d.ask.Text, "run one, 6 runs") {
		t.Errorf("asked %+v", d.ask)
	}
}

// Without an experiment that takes GPUs it is said how one does.
func TestNothingToRun(t *testing.T) {
	t.Parallel()
	head, _, _ := strings.Cut(commands, "[experiment.one]")
	_, cores, _ := strings.Cut(commands, "[experiment.cores]")
	d, _ := withFile(t, head+"[experiment.cores]"+cores)
	d.press("j", "r")
	if len(d.said) != 1 || !strings.HasPrefix(d.said[0], "no experiment of the file takes GPUs") {
		t.Errorf("said %q", d.said)
	}
}
