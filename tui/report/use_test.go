package report_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"ablate/experiments"
	"ablate/experiments/store"
	"ablate/gpu"
	gpurecord "ablate/gpu/record"
	"ablate/tui/report"
)

// onGPUs puts down the n-th attempt of a run: it lived for a time from began on, held
// GPUs, and its end says what it made of them.
func onGPUs(t *testing.T, dir string, n int, from, seconds float64, gpus int, use *gpu.Use) {
	t.Helper()
	attempt(t, dir, n, from, seconds, gpus)
	m := store.Values{"eval/pass@1": 0.5}
	put(t, filepath.Join(dir, fmt.Sprintf("a%d", n), "exit.json"), store.Exit{Seconds: seconds, Outcome: store.Outcome{Metrics: m, Time: began + from + seconds}, GPU: use})
}

// twoH20 are 2 GPUs for 1800 s, of which together 600 s are idle, with 3.6 MJ, which is
// 1 kWh.
func twoH20() *gpu.Use {
	return &gpu.Use{
		UUIDs: []string{"GPU-0", "GPU-1"}, Names: []string{"NVIDIA H20", "NVIDIA H20"}, Seconds: 3600, IdleSeconds: new(600.0), EnergyJ: new(3.6e6),
		BusyPct: new(80.0), SMActivePct: new(60.0), TensorActivePct: new(30.0), DRAMActivePct: new(40.0), PeakMemoryBytes: new(uint64(50 << 30)),
	}
}

// useOf is what one run made of its GPUs.
func useOf(t *testing.T, p *experiments.Plan, attempts func(dir string)) report.Use {
	t.Helper()
	s := fill(t, p, func(dir string, _ float64) { attempts(dir) })
	c, err := report.ReadCost(p, records(t, s, p), 1, &report.Uses{})
	if err != nil {
		t.Fatal(err)
	}
	return c.Uses[p.Runs()[0].ID]
}

// By hand. Two attempts of 1800 and 900 s with 2 GPUs are 1.5 GPU-hours; means are
// weighted by 3600 and 1800 GPU-seconds: (2 x 80 + 50) / 3.
func TestUse(t *testing.T) {
	t.Parallel()
	p := trainer(t, "seeds = 1\naxes = { size = [1] }")
	second := twoH20()
	second.Seconds, second.IdleSeconds, second.EnergyJ, second.BusyPct, second.PeakMemoryBytes = 1800, new(0.0), new(1.8e6), new(50.0), new(uint64(60<<30))
	second.UUIDs, second.TensorActivePct = []string{"GPU-2", "GPU-3"}, nil
	half := twoH20()
	half.Seconds = 1800
	noModel := "n/a: the experiment does not say model = { params = ... }"
	tests := []struct {
		name     string
		attempts func(dir string)
		want     report.Use
	}{
		{"none", func(dir string) { attempt(t, dir, 1, 0, 100, 0) }, report.Use{}},
		{"claimed and not read", func(dir string) { attempt(t, dir, 1, 0, 1800, 4) }, report.Use{Hours: 2, MFUWords: noModel}},
		{"two attempts", func(dir string) {
			onGPUs(t, dir, 1, 0, 1800, 2, twoH20())
			onGPUs(t, dir, 2, 2000, 900, 2, second)
		}, report.Use{
			UUIDs: []string{"GPU-2", "GPU-3"}, Names: twoH20().Names, Hours: 1.5, ReadHours: 1.5, IdleHours: new(1.0 / 6), KWh: new(1.5), BusyPct: new(70.0), SMActivePct: new(60.0),
			TensorActivePct: new(30.0), DRAMActivePct: new(40.0), PeakMemoryBytes: new(uint64(60 << 30)), MFUWords: noModel,
		}},
		{"one of two attempts was read", func(dir string) {
			onGPUs(t, dir, 1, 0, 1800, 2, twoH20())
			onGPUs(t, dir, 2, 2000, 1800, 2, nil)
		}, report.Use{
			UUIDs: twoH20().UUIDs, Names: twoH20().Names, Hours: 2, ReadHours: 1, IdleHours: new(1.0 / 6), KWh: new(1.0), AtLeast: true, BusyPct: new(80.0), SMActivePct: new(60.0),
			TensorActivePct: new(30.0), DRAMActivePct: new(40.0), PeakMemoryBytes: new(uint64(50 << 30)), MFUWords: noModel,
		}},
		{"half of it was read", func(dir string) { onGPUs(t, dir, 1, 0, 1800, 2, half) }, report.Use{
			UUIDs: twoH20().UUIDs, Names: twoH20().Names, Hours: 1, ReadHours: 0.5, IdleHours: new(1.0 / 6), KWh: new(1.0), AtLeast: true, BusyPct: new(80.0), SMActivePct: new(60.0),
			TensorActivePct: new(30.0), DRAMActivePct: new(40.0), PeakMemoryBytes: new(uint64(50 << 30)), MFUWords: noModel,
		}},
		{"not claimed", func(dir string) {
			onGPUs(t, dir, 1, 0, 1900, 0, &gpu.Use{UUIDs: []string{"GPU-0"}, Names: []string{"NVIDIA H20"}, Seconds: 1800})
		}, report.Use{UUIDs: []string{"GPU-0"}, Names: []string{"NVIDIA H20"}, Hours: 0.5, ReadHours: 0.5, MFUWords: noModel}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, useOf(t, p, tt.attempts), cmpopts.EquateApprox(1e-9, 0)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// By hand: 10,000 tok/s x 6 x 7.6e9 FLOP are 456 TFLOP/s, of 8 x 148 TFLOP/s 38.5 %, and of
// 4 x 148 + 4 x 989 TFLOP/s 10.0 %.
func TestMFU(t *testing.T) {
	t.Parallel()
	h20 := func(n int) []string { return strings.Split(strings.Repeat("NVIDIA H20,", n-1)+"NVIDIA H20", ",") }
	mixed := append(h20(4), "NVIDIA H200", "NVIDIA H200", "NVIDIA H200", "NVIDIA H200")
	model := &experiments.Model{Params: 7.6e9}
	tests := []struct {
		name   string
		names  []string
		tokens *float64
		model  *experiments.Model
		want   float64 // 0: none
		words  string
	}{
		{"eight", h20(8), new(1e4), model, 456.0 / (8 * 148), "38.5 % = 10k tok/s x 45.6 GFLOP / (8 x 148 TFLOP/s)"},
		{"mixed", mixed, new(1e4), model, 456.0 / (4*148 + 4*989), "10 % = 10k tok/s x 45.6 GFLOP / (4 x 148 TFLOP/s + 4 x 989 TFLOP/s)"},
		{"with attention", h20(8), new(1e4), &experiments.Model{Params: 7.6e9, Layers: 28, Hidden: 3584, Context: 8192}, 1e4 * (45.6e9 + 12*28*3584*8192) / (8 * 148e12),
			"46.8 % = 10k tok/s x 55.5 GFLOP / (8 x 148 TFLOP/s)"},
		{"cannot be", h20(1), new(1e5), model, 4560.0 / 148, "3081 % cannot be: check model and tokens/s (100k tok/s x 45.6 GFLOP / (1 x 148 TFLOP/s))"},
		{"no model", h20(8), new(1e4), nil, 0, "n/a: the experiment does not say model = { params = ... }"},
		{"no tokens", h20(8), nil, model, 0, "n/a: the trainer reports no perf/tokens_per_s"},
		{"unknown device", []string{"NVIDIA H20", "NVIDIA H20Z"}, new(1e4), model, 0, `n/a: there is no datasheet of "NVIDIA H20Z" here`},
		{"one could not be read", []string{"NVIDIA H20", ""}, new(1e4), model, 0, "n/a: nobody wrote down what its GPUs are"},
		{"no name", nil, new(1e4), model, 0, "n/a: nobody wrote down what its GPUs are"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			u := report.Use{Hours: 1, Names: tt.names, TokensPerS: tt.tokens}.Against(tt.model)
			if u.MFUWords != tt.words {
				t.Errorf("in words %q, want %q", u.MFUWords, tt.words)
			}
			switch {
			case (u.MFU != nil) != (tt.want != 0):
				t.Errorf("MFU %v, want %v", u.MFU, tt.want)
			case u.MFU != nil && !cmp.Equal(*u.MFU, tt.want, cmpopts.EquateApprox(1e-12, 0)):
				t.Errorf("MFU %v, want %v", *u.MFU, tt.want)
			}
		})
	}
}

// points are metrics of an attempt, a step each.
func speeds(t *testing.T, dir string, n int, tokens ...float64) {
	t.Helper()
	for i, v := range tokens {
		add(t, filepath.Join(dir, fmt.Sprintf("a%d", n), "metrics.jsonl"),
			fmt.Sprintf(`{"step":%d,"time":%d,"m":{"perf/tokens_per_s":%v,"perf/mfu":0.25}}`+"\n", i+1, began+i, v))
	}
}

// trainsModel is trainer with 2 GPUs a run and a model of 1e9 parameters.
func trainsModel(t *testing.T, more string) *experiments.Plan {
	t.Helper()
	p := trainer(t, more+"\ngpus = 2\n")
	p.Model = &experiments.Model{Params: 1e9}
	return p
}

// The speed is the newest attempt's: (1000 + 3000) / 2 tok/s x 6 GFLOP of 2 x 148 TFLOP/s are
// 4.05 %, packed too.
func TestUseOfSpeed(t *testing.T) {
	t.Parallel()
	p := trainsModel(t, "seeds = 1\naxes = { size = [1] }")
	s := fill(t, p, func(dir string, _ float64) {
		onGPUs(t, dir, 1, 0, 1800, 2, twoH20())
		speeds(t, dir, 1, 9e9)
		onGPUs(t, dir, 2, 2000, 1800, 2, twoH20())
		speeds(t, dir, 2, 1000, 3000)
	})
	id := p.Runs()[0].ID
	show := func() report.Detail {
		var b bytes.Buffer
		if err := report.Run(&b, s, id, 0, true); err != nil {
			t.Fatal(err)
		}
		var d report.Detail
		if err := json.Unmarshal(b.Bytes(), &d); err != nil || d.GPU == nil {
			t.Fatalf("no GPU use (%v) in\n%s", err, &b)
		}
		return d
	}
	got := show().GPU
	if got.MFUWords != "4.05 % = 2k tok/s x 6 GFLOP / (2 x 148 TFLOP/s)" || *got.TrainerMFU != 0.25 || *got.KWh != 2 {
		t.Errorf("%+v", got)
	}
	if err := store.Pack(s.RunDir(id)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(got, show().GPU); diff != "" {
		t.Errorf("packed (-before +after):\n%s", diff)
	}
	var b bytes.Buffer
	var rows []report.Row
	if err := report.Runs(&b, &b, s, report.RunsOptions{JSON: true}); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b.Bytes(), &rows); err != nil || len(rows) != 1 {
		t.Fatalf("%v: %s", err, &b)
	}
	if diff := cmp.Diff(got, rows[0].GPU); diff != "" {
		t.Errorf("in the list (-show +ls):\n%s", diff)
	}
	b.Reset()
	if err := report.Run(&b, s, id, 0, false); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"GPUs over all attempts", "NVIDIA H20  GPU-0", "2, 0.333 of them idle while held (16.7 %)", "2 kWh", "busy 80 %  SM 60 %  tensor 30 %  HBM 40 %", "50 GB of one GPU", "4.05 % = ", "0.250, as the trainer counts it"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("show lacks %q:\n%s", want, &b)
		}
	}
}

// By hand: 1 kWh and a GPU-hour a run, 600 of 3600 s idle, 2.03 % MFU.
func TestUseOfCells(t *testing.T) {
	t.Parallel()
	p := trainsModel(t, "seeds = 2\naxes = { size = [1, 2] }")
	one := func(dir string, _ float64) {
		onGPUs(t, dir, 1, 0, 1800, 2, twoH20())
		speeds(t, dir, 1, 1000)
	}
	s := fill(t, p, one, one, func(dir string, _ float64) { attempt(t, dir, 1, 0, 60, 2) }, queued)
	all := records(t, s, p)
	var b bytes.Buffer
	if err := report.Result(&b, p, all); err != nil {
		t.Fatal(err)
	}
	golden(t, "result-gpus", s.Dir, b.String())
	var uses report.Uses
	for range 2 { // the second time out of what is known
		c, err := report.ReadCost(p, all, 1, &uses)
		if err != nil {
			t.Fatal(err)
		}
		if got := c.Use.Energy() + ", " + c.Use.Gain(); got != "≥ 2 kWh, 16.7 % idle, MFU 2.03 %" {
			t.Errorf("all runs: %q", got)
		}
	}
}

// One side on GPUs: the other has dashes.
func TestCompareUse(t *testing.T) {
	t.Parallel()
	p := trainsModel(t, "seeds = 2\naxes = { size = [1, 2] }")
	one := func(dir string, _ float64) {
		onGPUs(t, dir, 1, 0, 1800, 2, twoH20())
		speeds(t, dir, 1, 1000)
	}
	s := fill(t, p, one, func(dir string, _ float64) { attempt(t, dir, 1, 0, 60, 0) }, one, queued)
	runs := p.Runs()
	c, err := report.NewComparer(s).Compare(report.CompareOptions{Names: []string{"own/1", "own/2"}})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][]string{
		"GPU-hours": {"2", "0"}, "idle GPU-hours": {"0.333", "–"}, "kWh": {"2", "–"}, "busy": {"80 %", "–"}, "MFU": {"2.03 %", "–"},
	}
	got := map[string][]string{}
	for _, line := range c.Detail.CostLines() {
		if want[line[0]] != nil {
			got[line[0]] = line[1:]
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("runs %v:\n%s", runs, diff)
	}
}

func TestCompareWritesUse(t *testing.T) {
	t.Parallel()
	p := trainsModel(t, "seeds = 2\naxes = { size = [1, 2] }")
	run := func(tokens float64, use *gpu.Use) func(string, float64) {
		return func(dir string, _ float64) {
			onGPUs(t, dir, 1, 0, 1800, 2, use)
			speeds(t, dir, 1, tokens)
		}
	}
	slow := twoH20()
	slow.IdleSeconds, slow.EnergyJ = new(1800.0), new(2.7e6)
	s := fill(t, p, run(1000, twoH20()), run(500, slow), run(1000, twoH20()), run(500, slow))
	var b bytes.Buffer
	if err := report.Compare(&b, s, report.CompareOptions{Names: []string{"own/1", "own/2"}}, false, false); err != nil {
		t.Fatal(err)
	}
	golden(t, "compare-gpus", s.Dir, b.String())
}

// samples are those of GPUs 0 and 1 from one number to before another, 5 s apart from
// began on: busy 0 and 50 percent, 180 W each.
func samples(t *testing.T, from, to int) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gpurecord.NewWriter(&b)
	for i := from; i < to; i++ {
		var devices []gpu.Device
		for k, busy := range []float64{0, 50} {
			devices = append(devices, gpu.Device{Index: k, UUID: gpu.Text(fmt.Sprint("GPU-", k)), Name: "NVIDIA H20", BusyPct: &busy, PowerW: new(180.0)})
		}
		if err := w.Write(gpurecord.Sample{Time: began + 5*float64(i), Devices: devices}); err != nil {
			t.Fatal(err)
		}
	}
	return b.Bytes()
}

// By hand: 11 samples are 50 s of 2 GPUs, one of them idle, and 100 x 180 J are 0.005 kWh;
// with ten more it is twice as much. The runner was killed, or the attempt lives.
func TestUseOfReadings(t *testing.T) {
	t.Parallel()
	p := trainer(t, "seeds = 1\naxes = { size = [1] }")
	s := fill(t, p, func(dir string, _ float64) {
		put(t, filepath.Join(dir, "a1", "start.json"), store.Start{Time: began, Held: []string{"GPU-0", "GPU-1"}})
		add(t, filepath.Join(dir, "a1", "gpu.jsonl"), string(samples(t, 0, 11)))
		add(t, filepath.Join(dir, "a1", "out.log"), "x\n")
		stamp(t, filepath.Join(dir, "a1", "out.log"), began+50)
	})
	r := records(t, s, p)[0]
	check := func(u *report.Uses, hours, kWh float64) {
		t.Helper()
		got, err := u.Read(r, true)
		want := report.Use{
			UUIDs: []string{"GPU-0", "GPU-1"}, Names: []string{"NVIDIA H20", "NVIDIA H20"}, Hours: hours, ReadHours: hours, IdleHours: new(hours / 2), KWh: &kWh, BusyPct: new(25.0),
		}
		if diff := cmp.Diff(want, got, cmpopts.EquateApprox(1e-9, 0)); diff != "" || err != nil {
			t.Error(err, diff)
		}
	}
	check(&report.Uses{}, 100.0/3600, 0.005)
	lock, err := store.Lock(store.LockFile(r.Dir), 1)
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Close()
	var live report.Uses
	if u, err := live.Read(r, true); err != nil || *u.KWh != 0.005 || !u.AtLeast {
		t.Errorf("%+v, %v", u, err)
	}
	add(t, filepath.Join(r.Dir, "a1", "gpu.jsonl"), string(samples(t, 11, 21)))
	if u, err := live.Read(r, true); err != nil || *u.KWh != 0.01 || *u.IdleHours != 100.0/3600 {
		t.Errorf("ten more: %v kWh, %v idle, %v", *u.KWh, *u.IdleHours, err)
	}
}

// By hand: means by 1 and 3 GPU-hours, those without a value left out.
func TestTogether(t *testing.T) {
	t.Parallel()
	a := report.Use{UUIDs: []string{"GPU-0"}, Names: []string{"NVIDIA H20"}, Hours: 1, ReadHours: 1, IdleHours: new(0.5), KWh: new(0.25), BusyPct: new(40.0), PeakMemoryBytes: new(uint64(7)), MFU: new(0.2)}
	b := report.Use{UUIDs: []string{"GPU-1"}, Names: []string{"NVIDIA H20"}, Hours: 3, ReadHours: 3, IdleHours: new(0.25), KWh: new(2.0), BusyPct: new(80.0), PeakMemoryBytes: new(uint64(5)), MFU: new(0.4), TrainerMFU: new(0.5)}
	both := report.Use{
		UUIDs: []string{"GPU-0", "GPU-1"}, Names: []string{"NVIDIA H20", "NVIDIA H20"}, Hours: 4, ReadHours: 4, IdleHours: new(0.75), KWh: new(2.25), BusyPct: new(70.0),
		PeakMemoryBytes: new(uint64(7)), MFU: new(0.35), MFUWords: "35 %, mean of its runs by GPU-hours", TrainerMFU: new(0.5),
	}
	unread := both
	unread.Hours, unread.AtLeast = 6, true
	tests := []struct {
		name string
		all  []report.Use
		want report.Use
	}{
		{"none", nil, report.Use{}},
		{"no GPUs", []report.Use{{}, {}}, report.Use{}},
		{"two", []report.Use{a, {}, b}, both},
		{"one was not read", []report.Use{a, b, {Hours: 2}}, unread},
		{"nothing was read", []report.Use{{Hours: 2}, {Hours: 1}}, report.Use{Hours: 3}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, report.Together(tt.all), cmpopts.EquateApprox(1e-12, 0)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Points are read only for who wants rates, and later for who does so later.
func TestUseWithoutRates(t *testing.T) {
	t.Parallel()
	p := trainsModel(t, "seeds = 1\naxes = { size = [1] }")
	s := fill(t, p, func(dir string, _ float64) {
		onGPUs(t, dir, 1, 0, 1800, 2, twoH20())
		speeds(t, dir, 1, 1000)
	})
	r := records(t, s, p)[0]
	var uses report.Uses
	for _, speed := range []bool{false, true, false} {
		u, err := uses.Read(r, speed)
		if err != nil || speed && (u.TokensPerS == nil || *u.TokensPerS != 1000) {
			t.Errorf("rates %v: %+v, %v", speed, u, err)
		}
	}
}

// What fails before its trainer begins has events and no start: no time is made up.
func TestShowWithoutStart(t *testing.T) {
	t.Parallel()
	p := trainsModel(t, "seeds = 1\naxes = { size = [1] }")
	s := fill(t, p, func(dir string, at float64) {
		add(t, filepath.Join(dir, "a1", "events.jsonl"), fmt.Sprintf(`{"time":%.0f,"kind":"exit","text":"no such GPU"}`+"\n", at))
		put(t, filepath.Join(dir, "a1", "exit.json"), store.Exit{Code: 1, Reason: "no such GPU", Outcome: store.Outcome{Time: at}})
	})
	var b bytes.Buffer
	if err := report.Run(&b, s, p.Runs()[0].ID, 0, false); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.String(), "–  exit no such GPU\n") {
		t.Errorf("it says\n%s", &b)
	}
}
