package run_test

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"ablate/experiments"
	"ablate/experiments/store"
	"ablate/gpu"
	"ablate/gpu/record"
	"ablate/tui/page"
	"ablate/tui/run"
	"ablate/tui/screentest"
)

// h20 is a reading of the GPU of a number, busy by so many percent.
func h20(i int, busy, power, energy float64) gpu.Device {
	return gpu.Device{
		Index: i, UUID: gpu.Text(fmt.Sprintf("GPU-%d", i)), Name: "NVIDIA H20", BusyPct: &busy, SMActivePct: new(busy / 2), PowerW: &power, EnergyJ: &energy,
		MemoryUsedBytes: new(uint64(48 << 30)), MemoryTotalBytes: new(uint64(96 << 30)), SMClockMHz: new(1980.0),
	}
}

// readings are n samples of GPUs 2 and 3 every 5 s from a time on: sample j has j and
// j + 2 percent busy, 200 and 300 W, and counters that say the same.
func readings(t testing.TB, from float64, n int) []byte {
	t.Helper()
	var b bytes.Buffer
	w := record.NewWriter(&b)
	for j := range n {
		x := float64(j)
		err := w.Write(record.Sample{Time: from + 5*x, Devices: []gpu.Device{h20(2, x, 200, 1000+1000*x), h20(3, x+2, 300, 7000+1500*x)}})
		if err != nil {
			t.Fatal(err)
		}
	}
	return b.Bytes()
}

func saveReadings(t testing.TB, s *store.Store, id string, attempt int, b []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(store.AttemptDir(s.RunDir(id), attempt), "gpu.jsonl"), b, 0o644); err != nil {
		t.Fatal(err)
	}
}

// tens are points of steps from one to the other, ten seconds a step.
func tens(attempt, from, to int) (points []store.Point) {
	for i := from; i <= to; i++ {
		points = append(points, store.Point{Step: int64(i), Time: began + 1000*float64(attempt-1) + 10*float64(i), M: store.Values{
			"loss": 1 / float64(i), "perf/tokens_per_s": 1e4, "tokens": float64(1000 * i),
		}})
	}
	return points
}

// onGPUs is a run of a command with readings from its start on, before its first point.
func onGPUs(t *testing.T) (*store.Store, string) {
	t.Helper()
	s, id := written(t, experiments.Run{Recipe: experiments.Command, Argv: []string{"train"}}, tried{points: tens(1, 1, 6), log: "x\n", exit: &store.Exit{Seconds: 70, Outcome: store.Outcome{Time: began + 70}}})
	save(t, filepath.Join(store.AttemptDir(s.RunDir(id), 1), "start.json"), store.Start{Time: began, Held: []string{"GPU-2", "GPU-3"}})
	saveReadings(t, s, id, 1, readings(t, began, 15))
	if err := s.WritePlan(&experiments.Plan{Experiment: "exp", Model: &experiments.Model{Params: 1e9}}); err != nil {
		t.Fatal(err)
	}
	return s, id
}

// By hand: readings at 0, 5, .. 70 s; step k is at 10k s, from 1 to 6. Sample j has a mean
// of j + 1 percent and j x 2500 J.
func TestGPUCurves(t *testing.T) {
	t.Parallel()
	tests := []struct {
		turns  int // of the x axis
		metric string
		xs, ys []float64
	}{
		{turns: 0, metric: "gpu/busy_pct", xs: []float64{1, 1.5, 2, 2.5, 3, 3.5, 4, 4.5, 5, 5.5, 6}, ys: []float64{3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13}},
		{turns: 2, metric: "gpu/busy_pct", xs: []float64{1000, 1000, 2000, 2000, 3000, 3000, 4000, 4000, 5000, 5000, 6000}, ys: []float64{3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13}},
		{turns: 3, metric: "gpu/sm_active_pct", xs: []float64{0, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55, 60}, ys: []float64{1.5, 2, 2.5, 3, 3.5, 4, 4.5, 5, 5.5, 6, 6.5, 7, 7.5}},
		{turns: 0, metric: "gpu/memory_gb", xs: []float64{1, 1.5, 2, 2.5, 3, 3.5, 4, 4.5, 5, 5.5, 6}, ys: []float64{48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48}},
		{turns: 0, metric: "gpu/energy_kwh", xs: []float64{1, 1.5, 2, 2.5, 3, 3.5, 4, 4.5, 5, 5.5, 6},
			ys: []float64{5e3 / 3.6e6, 7.5e3 / 3.6e6, 10e3 / 3.6e6, 12.5e3 / 3.6e6, 15e3 / 3.6e6, 17.5e3 / 3.6e6, 20e3 / 3.6e6, 22.5e3 / 3.6e6, 25e3 / 3.6e6, 27.5e3 / 3.6e6, 30e3 / 3.6e6}},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprint(tt.metric, tt.turns), func(t *testing.T) {
			t.Parallel()
			s, id := onGPUs(t)
			r := open(t, s, id, 80, 22)
			r.press("tab", "tab", "tab", "m").typing(tt.metric)
			for range tt.turns {
				r.press("tab")
				for r.page.Focus() != "left chart" {
					r.press("tab")
				}
				r.press("x")
			}
			xs, ys := r.page.GPUCurve(1)
			near := cmpopts.EquateApprox(0, 1e-6)
			if diff := cmp.Diff(tt.xs, xs, near); diff != "" {
				t.Errorf("x (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.ys, ys, near); diff != "" {
				t.Errorf("y (-want +got):\n%s", diff)
			}
		})
	}
}

// The second attempt goes on from step 4 at 1040 s: the first one's readings stay before
// that. The energy goes on from where the first attempt was.
func TestGPUCurvesOfAttempts(t *testing.T) {
	t.Parallel()
	s, id := written(t, experiments.Run{Recipe: experiments.Command}, tried{points: tens(1, 1, 6), exit: done}, tried{points: tens(2, 4, 5), exit: done})
	saveReadings(t, s, id, 1, readings(t, began, 15))
	saveReadings(t, s, id, 2, readings(t, began+1040, 3))
	r := open(t, s, id, 80, 22)
	r.press("tab", "m").typing("gpu/busy")
	near := cmpopts.EquateApprox(0, 1e-6)
	xs, ys := r.page.GPUCurve(1)
	if diff := cmp.Diff([]float64{1, 1.5, 2, 2.5, 3, 3.5, 4, 4.5, 5}, xs, near); diff != "" {
		t.Errorf("x (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]float64{3, 4, 5, 6, 7, 8, 1, 2, 3}, ys, near); diff != "" {
		t.Errorf("y (-want +got):\n%s", diff)
	}
	r.press("m").typing("gpu/energy")
	if _, ys = r.page.GPUCurve(1); math.Abs(ys[len(ys)-1]-(14+2)*2500/3.6e6) > 1e-6 {
		t.Errorf("in all %v kWh", ys[len(ys)-1])
	}
}

// A command that writes no points has a curve over the time since its first reading.
func TestGPUCurvesWithoutPoints(t *testing.T) {
	t.Parallel()
	s, id := written(t, experiments.Run{Recipe: experiments.Command}, tried{log: "x\n", exit: done})
	saveReadings(t, s, id, 1, readings(t, began, 4))
	r := open(t, s, id, 80, 22)
	r.press("tab", "m").typing("gpu/busy").sees("mean of 2 GPUs", "time")
	xs, _ := r.page.GPUCurve(1)
	if diff := cmp.Diff([]float64{0, 5, 10, 15}, xs, cmpopts.EquateApprox(0, 1e-6)); diff != "" {
		t.Errorf("x (-want +got):\n%s", diff)
	}
}

// What is written while the page is open appears, a half line once it is whole.
func TestGPUCurvesGrow(t *testing.T) {
	t.Parallel()
	s, id := written(t, experiments.Run{Recipe: experiments.Command}, tried{points: tens(1, 1, 6)})
	all := readings(t, began+10, 8)
	lines := bytes.SplitAfter(all, []byte("\n"))
	saveReadings(t, s, id, 1, append(bytes.Join(lines[:4], nil), lines[4][:5]...)) // a header and three rows
	lock, err := store.Lock(store.LockFile(s.RunDir(id)), 1)
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Close()
	r := open(t, s, id, 80, 22)
	r.press("tab", "m").typing("gpu/busy")
	if xs, _ := r.page.GPUCurve(1); len(xs) != 3 {
		t.Errorf("%d readings of three", len(xs))
	}
	saveReadings(t, s, id, 1, all)
	r.send(page.Tick{Now: now + 1})
	if xs, _ := r.page.GPUCurve(1); len(xs) != 8 {
		t.Errorf("%d readings after five were added to three", len(xs))
	}
}

// A week at one in 5 s is read in pieces and takes no more room than two days.
func TestManyReadings(t *testing.T) {
	t.Parallel()
	const week = 7 * 24 * 720
	s, id := written(t, experiments.Run{Recipe: experiments.Command}, tried{
		points: []store.Point{{Step: 0, Time: began, M: store.Values{"loss": 1}}, {Step: week, Time: began + 5*week, M: store.Values{"loss": 0}}}, exit: done,
	})
	saveReadings(t, s, id, 1, readings(t, began, week))
	r := open(t, s, id, 80, 22)
	r.press("tab", "m").typing("gpu/energy")
	xs, ys := r.page.GPUCurve(1)
	n := len(xs)
	if n > run.MostReadings || n < run.MostReadings/4 {
		t.Fatalf("%d readings are kept of %d", n, week)
	}
	if math.Abs(xs[n-1]-(week-1)) > 1e-3 || math.Abs(ys[n-1]-(week-1)*2500/3.6e6) > 1e-6 {
		t.Errorf("the last is %v at %v", ys[n-1], xs[n-1])
	}
	for i, x := range xs {
		if math.Abs(ys[i]-x*2500/3.6e6) > 1e-3 {
			t.Fatalf("reading %d is %v kWh at step %v", i, ys[i], x)
		}
	}
	r.press("m").typing("gpu/busy")
	xs, ys = r.page.GPUCurve(1)
	for i, x := range xs { // the mean of j + 1 over one, two or four samples up to x
		if d := ys[i] - x; d < -0.6 || d > 1.1 {
			t.Fatalf("reading %d is %v percent at step %v", i, ys[i], x)
		}
	}
}

// By hand: 70 s x 2 GPUs are 0.0389 GPU-hours with readings for all of it; 14 x 2500 J are
// 0.00972 kWh; 1e4 tok/s x 6 GFLOP of 2 x 148 TFLOP/s are 20.3 %; sample 0 of GPU 2 speaks
// for no time, so none is idle.
func TestGPUScreens(t *testing.T) {
	t.Parallel()
	for _, size := range [][2]int{{80, 22}, {160, 43}} {
		name := fmt.Sprintf("-%dx%d", size[0], size[1]+2)
		s, id := onGPUs(t)
		r := open(t, s, id, size[0], size[1])
		r.press("tab", "m").typing("gpu/busy").golden("gpus" + name)
		r.press("i", "z")
		r.sees("GPUs, over all attempts", "GPU 2", "NVIDIA H20  GPU-2", "0.0389, 0 of them idle while held (0 %)", "0.00972 kWh",
			"20.3 % = 10k tok/s x 6 GFLOP / (2 x 148 TFLOP/s)")
		_, section, _ := strings.Cut(r.view(), "GPUs, over all attempts")
		section, _, _ = strings.Cut(section, " environment")
		screentest.Golden(t, filepath.Join("testdata", "gpuinfo"+name+".golden"), section)
		before := r.press("z", "E").view()
		if err := store.Pack(s.RunDir(id)); err != nil {
			t.Fatal(err)
		}
		packed := open(t, s, id, size[0], size[1])
		packed.press("tab", "m").typing("gpu/busy").press("E")
		if diff := cmp.Diff(before, packed.view()); diff != "" {
			t.Errorf("packed (-before +after):\n%s", diff)
		}
	}
}

// A run that lost its GPU says so before what its program made of it.
func TestLostGPU(t *testing.T) {
	t.Parallel()
	xid := store.Event{Time: began + 5, Kind: "gpu", Text: "GPU 3: XID 79, fallen off the bus; restart the machine"}
	cap := store.Event{Time: began + 4, Kind: "gpu", Text: "GPU 3: held at 1200 of 1980 MHz: power cap of 500 W"}
	lost := store.Event{Time: began + 6, Kind: "gpu", Text: "GPU 3: lost, it fell off the bus; restart the machine"}
	over := store.Event{Time: began + 7, Kind: "gpu", Text: "GPU 3: XID 79: none for 10m0s"}
	busy := store.Event{Time: began + 5, Kind: "gpu", Text: "driver: it does not answer; some GPU hangs"}
	back := store.Event{Time: began + 9, Kind: "gpu", Text: "driver: not answering: over after 4s"}
	failed := &store.Exit{Code: 1, Reason: "exit code 1", Outcome: store.Outcome{Time: began + 10}}
	tests := []struct {
		name   string
		events []store.Event
		exit   *store.Exit
		log    string
		says   string
		lacks  string
	}{
		{"xid", []store.Event{cap, xid, lost, over}, failed, "RuntimeError: CUDA error: unspecified launch failure\n", "GPU 3: XID 79, fallen off the bus; restart the machine.", "power cap"},
		{"no words of the program", []store.Event{lost}, failed, "bye\n", "GPU 3: lost, it fell off the bus; restart the machine.", "Its program ended with an error."},
		{"only a note", []store.Event{cap}, failed, "bye\n", "Its program ended with an error.", "power cap"},
		{"nothing is alive", []store.Event{xid}, nil, "bye\n", "GPU 3: XID 79, fallen off the bus; restart the machine. Nothing of it is alive", "ended with an error"},
		{"long ago", []store.Event{xid}, &store.Exit{Code: 1, Reason: "exit code 1", Outcome: store.Outcome{Time: began + 5000}}, "bye\n", "Its program ended with an error.", "XID 79, fallen off the bus; restart the machine."},
		{"it came back", []store.Event{busy, back}, failed, "bye\n", "Its program ended with an error.", "does not answer"},
		{"a stop rule", []store.Event{xid}, &store.Exit{Code: 1, Reason: "rule nan: train/loss is NaN at step 3"}, "bye\n", "the training diverged", "XID 79, fallen off the bus."},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s, id := written(t, experiments.Run{Recipe: experiments.Command}, tried{log: tt.log, events: tt.events, exit: tt.exit})
			r := open(t, s, id, 220, 38).press("!").sees(tt.says)
			if card := r.view(); strings.Contains(card[:strings.Index(card, "L the whole log")], tt.lacks) {
				t.Errorf("the card says %q:\n%s", tt.lacks, card)
			}
			r.press("E").sees(tt.events[0].Text)
		})
	}
}

// What was wrong with a GPU stands on the axis of both charts, at the first step if it was
// before that; the crosshair names it. So does the beginning of a second attempt.
func TestHappenings(t *testing.T) {
	t.Parallel()
	said := []store.Event{{Time: began + 1001, Kind: "gpu", Text: "GPU 2: power cap"}, {Time: began + 1300, Kind: "gpu", Text: "GPU 3: too \x1b[31mhot"}, {Time: began + 1400, Kind: "phase", Text: "x"}}
	s, id := written(t, experiments.Run{Recipe: experiments.Command, Argv: []string{"train"}},
		tried{points: tens(1, 1, 6), exit: &store.Exit{Code: 1, Outcome: store.Outcome{Time: began + 70}}},
		tried{points: tens(2, 5, 60), events: said, log: "x\n"})
	r := open(t, s, id, 120, 38)
	for line := range strings.SplitSeq(r.view(), "\n") {
		if got := strings.Count(line, "▲"); strings.Contains(line, "┼") && strings.Contains(line, "▲") && got != 4 { // two charts
			t.Errorf("%d signs, want four: %q", got, line)
		}
	}
	r.sees("▲")
	for range 60 {
		if r.press("h"); strings.Contains(r.view(), "too hot") {
			return
		}
	}
	t.Errorf("no crosshair names it:\n%s", r.view())
}
