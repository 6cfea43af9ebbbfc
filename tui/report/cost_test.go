package report_test

import (
	"bytes"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"ablate/experiments"
	"ablate/experiments/stats"
	"ablate/experiments/store"
	"ablate/tui/report"
)

func prices() *experiments.Cost {
	return &experiments.Cost{
		Currency: "USD", TeacherTokens: 60_000, TokenPrice: 0.8, KeepRate: 0.6, HumanTask: 0.2,
		GPUHour: map[string]float64{"H20": 1.2, "h200": 3.5}, MFU: map[string]float64{"H200": 0.5, "H20": 0.9},
	}
}

// By hand. The run that is done trained 2000 tok/s for 1800 s at 6 GFLOP a token: 2.16e16
// FLOP, and three like it are left: 6.48e16. Its MFU on two H20 is 12 TFLOP/s of 296, its
// GPUs drew 1 kWh in their hour: so 3 GPU-hours, 3 kWh and 3.6 USD. On H200, at the half
// of 989 TFLOP/s that was stated, 0.0364 hours of at most 0.7 kW.
func TestCostOnTypesOfGPU(t *testing.T) {
	t.Parallel()
	p := trainsModel(t, "seeds = 2\naxes = { size = [1, 2] }")
	s := fill(t, p, func(dir string, _ float64) {
		onGPUs(t, dir, 1, 0, 1800, 2, twoH20())
		speeds(t, dir, 1, 1000, 3000)
	})
	hours := 6.48e16 / (0.5 * 989e12) / 3600
	want := []report.TypeCost{
		{Type: "H20", MFU: new(12.0 / 296), From: "measured in 1 run of own", GPUHours: new(3.0), Watts: new(1000.0), KWh: new(3.0), HourPrice: new(1.2), Price: new(3.6)},
		{Type: "H200", MFU: new(0.5), From: "stated", GPUHours: &hours, Watts: new(700.0), KWh: new(hours * 0.7), AtMost: true, HourPrice: new(3.5), Price: new(hours * 3.5)},
	}
	got := report.CostOf(s, p, report.Kept{Records: records(t, s, p)}, prices())
	if diff := cmp.Diff(want, got.Types, cmpopts.IgnoreUnexported(report.TypeCost{}), cmpopts.EquateApprox(1e-9, 0)); diff != "" {
		t.Error(diff)
	}
	if got.FLOPs == nil || math.Abs(*got.FLOPs-6.48e16) > 1e6 {
		t.Errorf("%v FLOP are left", got.FLOPs)
	}
	var b bytes.Buffer
	if err := report.Plan(&b, s, p, report.Ahead{Slots: 1, Cost: prices()}, false); err != nil {
		t.Fatal(err)
	}
	golden(t, "plan-cost", s.Dir, b.String())
	if report.CostOf(s, p, report.Kept{}, nil) == nil || report.CostOf(s, trainer(t, "axes = { size = [1] }"), report.Kept{}, nil) != nil {
		t.Error("without prices a model tells of hours, and nothing else does")
	}
}

// Of a run that goes on the part counts that is still to come: 450 of 1800 s are done.
func TestCostOfLiveRuns(t *testing.T) {
	t.Parallel()
	p := trainsModel(t, "seeds = 2\naxes = { size = [1, 2] }")
	s := fill(t, p, func(dir string, _ float64) {
		onGPUs(t, dir, 1, 0, 1800, 2, twoH20())
		speeds(t, dir, 1, 2000)
	})
	all := append(records(t, s, p), store.Record{Run: p.Runs()[1], Status: store.Running, Attempt: 1, Seconds: 450})
	got := report.CostOf(s, p, report.Kept{Records: all}, prices())
	if want := 2.75 * 2.16e16; got.FLOPs == nil || math.Abs(*got.FLOPs-want) > 1e6 {
		t.Errorf("%v FLOP are left, want %v", got.FLOPs, want)
	}
}

// Where nothing is left to run, it is the whole design that costs something: the runs that
// went on for 1800 s each, 2.16e16 FLOP, and both of them.
func TestCostOfWhatIsDone(t *testing.T) {
	t.Parallel()
	p := trainsModel(t, "seeds = 1\naxes = { size = [1, 2] }")
	run := func(dir string, _ float64) {
		onGPUs(t, dir, 1, 0, 1800, 2, twoH20())
		speeds(t, dir, 1, 1000, 3000)
	}
	s := fill(t, p, run, run)
	got := report.CostOf(s, p, report.Kept{Records: records(t, s, p)}, prices())
	if got.Of != "all" || got.FLOPs == nil || math.Abs(*got.FLOPs-2*2.16e16) > 1e6 || *got.Types[0].GPUHours != 2 {
		t.Errorf("%+v", got)
	}
	var b bytes.Buffer
	if err := report.Plan(&b, s, p, report.Ahead{Slots: 1, Cost: prices()}, false); err != nil || !strings.Contains(b.String(), "\nthe whole design: ") || !strings.Contains(b.String(), "\nGPU-hours ") {
		t.Errorf("%v:\n%s", err, &b)
	}
}

// Runs of a command are taken to share their tasks: the most that one needs.
func TestCostOfACommandsData(t *testing.T) {
	t.Parallel()
	f, err := experiments.Parse("t.toml", []byte("schema = 1\n[experiment.own]\nrecipe = 'command'\nargv = ['train', '{tasks}', '{seed}']\naxes = { tasks = [64, 512] }\n"), nil)
	if err != nil {
		t.Fatal(err)
	}
	p := f.Experiments[0].Plan()
	got := report.CostOf(opened(t), p, report.Kept{}, prices())
	if got.Tasks == nil || *got.Tasks != 512 || math.Abs(*got.Data-512*0.08) > 1e-9 {
		t.Errorf("%+v", got)
	}
}

// What nobody knows is null, and a dash: never 0. Without a model it is the speed of the
// design's own runs that tells of the type which they had.
func TestCostThatNobodyKnows(t *testing.T) {
	t.Parallel()
	p := trainer(t, "gpus = 2\nseeds = 1\naxes = { size = [1, 2] }")
	s := fill(t, p)
	cost := &experiments.Cost{GPUHour: map[string]float64{"H20": 1.2, "H2O": 7}}
	got := report.CostOf(s, p, report.Kept{Records: records(t, s, p)}, cost)
	want := []report.TypeCost{
		{Type: "H20", Watts: new(400.0), AtMost: true, HourPrice: new(1.2)}, {Type: "H200", Watts: new(700.0), AtMost: true}, {Type: "H2O", HourPrice: new(7.0)},
	}
	if diff := cmp.Diff(want, got.Types, cmpopts.IgnoreUnexported(report.TypeCost{})); diff != "" {
		t.Error(diff)
	}
	if got.KeptTask != nil || got.Data != nil || got.FLOPs != nil || got.Saves != nil || got.Tasks != nil {
		t.Errorf("%+v", got)
	}
	s = fill(t, p, func(dir string, _ float64) { onGPUs(t, dir, 1, 0, 1800, 2, twoH20()) })
	got = report.CostOf(s, p, report.Kept{Records: records(t, s, p)}, cost)
	if c := got.Types[0]; c.GPUHours == nil || *c.GPUHours != 1 || *c.KWh != 1 || *c.Price != 1.2 || c.MFU != nil {
		t.Errorf("one run of half an hour on two GPUs is left: %+v", c)
	}
	if got.Types[1].GPUHours != nil {
		t.Errorf("%+v", got.Types[1])
	}
}

// 60,000 tokens at 0.8 a million are 0.048 a task, and 0.08 one that is kept, of 0.2 by
// people: 60 % are saved. Cells that make tasks alike share those of a seed: 2 seeds need
// 512 verified ones and 256 as they come.
func TestCostOfData(t *testing.T) {
	t.Parallel()
	making := experiments.Recipe{Name: "sft", Version: 1, Params: []experiments.Param{
		{Name: "tasks", Kind: experiments.Int, Default: 256}, {Name: "source", Kind: experiments.String, Default: "verified"}, {Name: "lr", Kind: experiments.Float, Default: 1.0},
	}}
	f, err := experiments.Parse("t.toml", []byte(`schema = 1
[experiment.e]
recipe = "sft"
seeds = 2
cell = [
  { tasks = 512, source = "verified", lr = 1.0 },
  { tasks = 512, source = "verified", lr = 2.0 },
  { tasks = 64, source = "verified", lr = 1.0 },
  { tasks = 256, source = "raw", lr = 1.0 },
  { tasks = 9999, source = "human", lr = 1.0 },
]

[experiment.f]
recipe = "sft"
axes = { tasks = [1, 2] }
`), []experiments.Recipe{making})
	if err != nil {
		t.Fatal(err)
	}
	p := f.Experiments[0].Plan()
	s := opened(t, p)
	near := func(what string, got *float64, want float64) {
		t.Helper()
		if got == nil || math.Abs(*got-want) > 1e-9 {
			t.Errorf("%s is %v, want %v", what, got, want)
		}
	}
	got := report.CostOf(s, p, report.Kept{}, prices())
	near("a kept task", got.KeptTask, 0.08)
	near("what is saved", got.Saves, 0.6)
	near("its data", got.Data, 2*(512*0.08+256*0.048))
	if *got.Tasks != 2*(512+256) || got.KeepFrom != "stated" {
		t.Errorf("%+v", got)
	}
	run := p.Runs()[0]
	finish(t, s, run, store.Exit{Outcome: store.Outcome{Metrics: store.Values{"data/kept": 0.96}}})
	got = report.CostOf(s, p, report.Kept{Records: records(t, s, p)}, prices())
	near("a kept task as measured", got.KeptTask, 0.05)
	if got.KeepFrom != "measured in 1 run of its own; stated: 60 %" {
		t.Errorf("from %q", got.KeepFrom)
	}
	for kind, plan := range map[string]*experiments.Plan{"stated": trainer(t, "axes = { size = [1, 2] }"), "measured in 1 run of e; stated: 60 %": f.Experiments[1].Plan()} {
		if got := report.CostOf(s, plan, report.Kept{}, prices()); got.KeepFrom != kind {
			t.Errorf("%s: from %q, want %q", plan.Experiment, got.KeepFrom, kind)
		}
	}
	dear := prices()
	dear.HumanTask = 0.04
	var b bytes.Buffer
	if err := report.Plan(&b, s, p, report.Ahead{Slots: 1, Cost: dear}, false); err != nil || !strings.Contains(b.String(), "made by people a task costs 0.04 USD: the teacher's is 25 % dearer; ") {
		t.Errorf("%v:\n%s", err, &b)
	}
}

const costly = `schema = 1
[cost]
currency = "USD"
teacher_tokens = 144_000
token_price = 0.55
keep_rate = 0.631
human_task = 5.0
gpu_hour = { H20 = 1.2, H200 = 3.5 }
mfu = { H20 = 0.41, H200 = 0.35 }
[experiment.own]
recipe = "command"
argv = ["train", "{tasks}", "{tokens}", "{seed}"]
gpus = 8
seeds = 3
model = { params = 7.6e9, layers = 28, hidden = 3584, context = 32768 }
params = { tokens = 1_000_000_000 }
axes = { tasks = [4000, 8000] }
[experiment.e]
recipe = "sft"
seeds = 3
axes = { tasks = [64, 128] }
`

// By hand: 8 candidates of 18,000 tokens at 0.55 a million are 0.0792, and 0.1255 a kept
// task of 63.1 %, which is 97.5 % below 5. A token takes 6 x 7.6e9 + 12 x 28 x 3584 x 32768 =
// 8.506e10 FLOP, 6 runs of 1e9 tokens 5.104e20: on H20 at 41 % of 148 TFLOP/s 2336.3 hours,
// at most 400 W, 1.2 each; on H200 at 35 % of 989 TFLOP/s 409.6 hours, 700 W, 3.5 each.
func TestCostByHand(t *testing.T) {
	t.Parallel()
	making := experiments.Recipe{Name: "sft", Version: 1, Params: []experiments.Param{{Name: "tasks", Kind: experiments.Int, Default: 256}}}
	plan := func(text, name string) string {
		t.Helper()
		f, err := experiments.Parse("t.toml", []byte(text), []experiments.Recipe{making})
		if err != nil {
			t.Fatal(err)
		}
		e, err := f.Experiment(name)
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if err := report.Plan(&b, opened(t), e.Plan(), report.Ahead{Slots: 1, Cost: f.Cost}, false); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	unstated := strings.Replace(costly, "keep_rate = 0.631\n", "", 1)
	for _, c := range []struct{ text, name, want string }{
		{costly, "own", `a kept task costs 0.126 USD (keep rate 63.1 %, stated)
made by people a task costs 5 USD: the teacher's is 97.5 % cheaper; the X-Coder article says up to 70 %
its data: 8000 tasks, 1004 USD (if all its runs share the tasks)
what is left: 510 EFLOP          H20         H200
MFU                      41 % stated  35 % stated
GPU-hours                       2336          410
kWh                      at most 935  at most 287
USD                             2804         1433
`},
		{costly, "e", `by a teacher at these prices a kept task costs 0.126 USD (keep rate 63.1 %, stated)
made by people a task costs 5 USD: the teacher's is 97.5 % cheaper; the X-Coder article says up to 70 %
its data by such a teacher: 384 tasks, 48.2 USD (3 seeds, whose tasks their cells share)
what is left, if it ran on GPUs          H20         H200
MFU                              41 % stated  35 % stated
GPU-hours                                  –            –
kWh                                        –            –
USD                                        –            –
`},
		{unstated, "own", `
a task costs 0.0792 USD to write; a kept one costs more, by a keep rate that nobody said or measured
made by people a task costs 5 USD
what is left: 510 EFLOP`},
	} {
		if got := plan(c.text, c.name); !strings.Contains(got, c.want) {
			t.Errorf("%s:\n%s\nwant\n%s", c.name, got, c.want)
		}
	}
}

// A run of A holds 2 GPU-hours and 1 kWh, one of B 5 and 4: 3 points cost 1 hour and 1 kWh
// each, and 1.2 USD.
func TestPerPoint(t *testing.T) {
	t.Parallel()
	unit := func(runs int, hours, kWh float64, names ...string) report.UnitCost {
		return report.UnitCost{Runs: runs, GPUHours: hours, CoreHours: math.NaN(), Use: report.Use{Names: names, KWh: &kWh}}
	}
	a, b := unit(3, 6, 3, "NVIDIA H20", "NVIDIA H20"), unit(2, 10, 8, "NVIDIA H20")
	cores, more := report.UnitCost{Runs: 1, CoreHours: 0.5}, report.UnitCost{Runs: 2, CoreHours: 3}
	mixed, part, going := unit(2, 10, 8, "NVIDIA H20", "NVIDIA H200"), unit(2, 10, 8, "NVIDIA H20"), b
	part.Use.AtLeast, going.Live = true, 1
	none := prices()
	none.GPUHour = nil
	for _, c := range []struct {
		name    string
		a, b    report.UnitCost
		diff    float64
		verdict string
		cost    *experiments.Cost
		want    *report.PointCost
	}{
		{"all is known", a, b, 0.03, report.Better, prices(), &report.PointCost{By: "b", GPUHours: new(1.0), KWh: new(1.0), Price: new(1.2), Currency: "USD"}},
		{"A is better", b, a, -0.03, report.Worse, prices(), &report.PointCost{By: "a", GPUHours: new(1.0), KWh: new(1.0), Price: new(1.2), Currency: "USD"}},
		{"less is better", a, b, -0.03, report.Better, nil, &report.PointCost{By: "b", GPUHours: new(1.0), KWh: new(1.0)}},
		{"no price of it", a, b, 0.03, report.Better, none, &report.PointCost{By: "b", GPUHours: new(1.0), KWh: new(1.0), Currency: "USD"}},
		{"two prices", a, mixed, 0.03, report.Better, prices(), &report.PointCost{By: "b", GPUHours: new(1.0), KWh: new(1.0), Currency: "USD"}},
		{"energy in part", a, part, 0.03, report.Better, nil, &report.PointCost{By: "b", GPUHours: new(1.0)}},
		{"it takes less", b, a, 0.03, report.Better, nil, &report.PointCost{By: "b", GPUHours: new(-1.0), KWh: new(-1.0)}},
		{"cores", cores, more, 0.1, report.Better, prices(), &report.PointCost{By: "b", CoreHours: new(0.1)}},
		{"no gain that is seen", a, b, 0.03, report.NoEvidence, prices(), nil},
		{"equivalent", a, b, 0.03, report.Equivalent, prices(), nil},
		{"nobody said which is better", a, b, 0.03, "", prices(), nil},
		{"no run", a, report.UnitCost{}, 0.1, report.Better, prices(), nil},
		{"runs go on", a, going, 0.1, report.Better, prices(), nil},
	} {
		x := report.Contrast{Metric: "eval/pass@1", A: "A", B: "B", Effect: stats.Effect{Mean: c.diff}, Judged: report.Judged{Verdict: c.verdict}}
		if diff := cmp.Diff(c.want, report.PerPoint(x, c.a, c.b, c.cost), cmpopts.IgnoreUnexported(report.PointCost{}), cmpopts.EquateApprox(1e-12, 0)); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
	if x := (report.Contrast{Metric: "train/loss", Effect: stats.Effect{Mean: 1}, Judged: report.Judged{Verdict: report.Better}}); report.PerPoint(x, a, b, nil) != nil {
		t.Error("a loss has points")
	}
}
