package tui

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"syscall"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"ablate/experiments"
	"ablate/experiments/store"
	"ablate/gpu"
	"ablate/tui/page"
	"ablate/tui/screentest"
)

// perSecond is how many steps a live run does.
const perSecond = 40

// one is a store in which one run of an experiment of one is going, with so many
// seconds of noisy points.
type one struct {
	u updateMsg
	h *store.History
	r *rand.Rand
}

func newOne(t testing.TB) *one {
	t.Helper()
	o := &one{u: midway(t), h: &store.History{}, r: rand.New(rand.NewPCG(1, 1))}
	plan := *o.u.Plan
	plan.Cells, plan.Seeds = plan.Cells[:1], plan.Seeds[:1]
	run := plan.Runs()[0]
	o.u.Plan, o.u.Focus.Run, o.u.Phase = &plan, run.ID, "sft"
	o.u.Records = []store.Record{{Run: run, Status: store.Running, Attempt: 1}}
	o.u.Histories = map[string]*store.History{run.ID: o.h}
	o.u.Experiments = []store.Summary{{Name: "quick", Runs: map[store.Status]int{store.Running: 1}}}
	o.h.Add(store.Batch{Attempt: 1, Points: []store.Point{{M: store.Values{"train/total_steps": 200 * perSecond, "eval/pass@1": 0}}}})
	return o
}

// next is the update after another second. What it shares with the last one is
// not changed.
func (o *one) next() updateMsg {
	b := store.Batch{Attempt: 1}
	first := int64(o.u.Records[0].Seconds) * perSecond
	for s := first + 1; s <= first+perSecond; s++ {
		x := float64(s)
		m := store.Values{"train/loss": 0.1 + 5/(1+x/100) + 0.05*o.r.Float64(), "perf/tokens_per_s": 12000 + float64(o.r.IntN(900))}
		if s%100 == 0 {
			m["eval/pass@1"] = 0.4 * x / (x + 500)
		}
		b.Points = append(b.Points, store.Point{Step: s, Time: 1e9 + x/perSecond, M: m})
		if s%20 == 0 {
			o.u.Log = append(o.u.Log, fmt.Sprintf("step %d loss %.4f lr 0.00030", s, m["train/loss"]))
		}
	}
	o.h.Add(b)
	o.u.Log = slices.Clone(o.u.Log[max(len(o.u.Log)-200, 0):])
	o.u.Records = slices.Clone(o.u.Records)
	o.u.Records[0].Seconds++
	u := o.u
	o.u.Fresh = false
	return u
}

// bytesOf shows a live run for so many seconds, in no time, and returns the bytes
// that a second took.
func bytesOf(t testing.TB, slow bool, seconds int) float64 {
	t.Helper()
	s := startOn(t, 160, 45, xterm, true, "quick")
	if slow {
		for _, k := range []string{":", "s", "l", "o", "w", "enter", "u"} { // u: the answer was read
			s.p.Send(screentest.Key(k))
		}
	}
	run := newOne(t)
	second := func(n int) {
		s.p.Send(run.next())
		s.p.Send(page.Tick{Now: 1e9 + float64(n)})
		s.shows("a second")
	}
	for n := range 20 { // its axes have their first size
		second(n)
	}
	s.settles()
	for n := range seconds {
		second(n)
	}
	return float64(s.settles()) / float64(seconds)
}

// A live run at 160x45 costs a thin link little, and one where nothing happens
// costs it nothing. Bytes do not depend on the machine: the goals have some room.
func TestBytes(t *testing.T) {
	t.Parallel()
	if n := bytesOf(t, false, 60); n > 1500 {
		t.Errorf("a live run takes %.0f bytes a second, want at most 1000", n)
	}
	if n := bytesOf(t, true, 60); n > 600 {
		t.Errorf("a live run takes %.0f bytes a second of a thin link, want at most 400", n)
	}
	s := startOn(t, 160, 45, xterm, true, "quick")
	u := newOne(t).next()
	s.p.Send(u)
	s.p.Send(page.Tick{Now: 1e9})
	s.shows("the beginning")
	s.settles()
	u.Fresh = false
	for n := range 20 {
		s.p.Send(page.Tick{Now: 1e9 + float64(n)})
		s.p.Send(u)
	}
	if n := s.settles(); n > 0 {
		t.Errorf("%d bytes though nothing happened", n)
	}
}

// bytesOfGPUs shows eight GPUs at work for so many seconds at one reading a second, in
// no time, and returns the bytes that a second took.
func bytesOfGPUs(t testing.TB, seconds int) float64 {
	t.Helper()
	s := startOn(t, 160, 45, xterm, true, "quick")
	r := rand.New(rand.NewPCG(1, 2))
	second := func(n int) {
		list := make([]gpu.Device, 8)
		for i := range list {
			about := func(mean, most float64) *float64 { return new(min(mean+3*r.NormFloat64(), most)) }
			list[i] = gpu.Device{
				Index: i, UUID: gpu.Text(fmt.Sprintf("GPU-%d", i)), Name: "NVIDIA H20", Throttle: []string{}, Processes: []gpu.Process{},
				BusyPct: about(96, 100), SMActivePct: about(88, 100), TensorActivePct: about(70, 100), DRAMActivePct: about(40, 100),
				MemoryUsedBytes: new(uint64(70<<30 + i<<28)), MemoryTotalBytes: new(uint64(96 << 30)),
				PowerW: about(380, 400), PowerLimitW: new(400.0), TemperatureC: new(float64(60 + n/20%2)), SMClockMHz: new(1980.0), SMClockMaxMHz: new(1980.0),
			}
		}
		s.p.Send(page.Readings{Nodes: []gpu.Node{{Name: gpu.Local, Devices: list}}, Now: 1e9 + float64(n)})
		s.p.Send(page.Tick{Now: 1e9 + float64(n)})
		s.shows("a second")
	}
	s.p.Send(newOne(t).next())
	second(0)
	s.p.Send(screentest.Key("D"))
	for n := range 120 { // the curves have their length
		second(n + 1)
	}
	s.settles()
	for n := range seconds {
		second(n + 121)
	}
	return float64(s.settles()) / float64(seconds)
}

// Eight GPUs at work cost a link little too, since what changes each second stands
// together: with the curve of two minutes among it they take half as much again.
func TestBytesOfGPUs(t *testing.T) {
	t.Parallel()
	if n := bytesOfGPUs(t, 60); n > 750 {
		t.Errorf("the page of eight GPUs takes %.0f bytes a second, want at most 600", n)
	}
}

// BenchmarkBytes measures what a live run sends to the terminal each second.
func BenchmarkBytes(b *testing.B) {
	for _, slow := range []bool{false, true} {
		b.Run(fmt.Sprintf("slow=%v", slow), func(b *testing.B) {
			per := 0.0
			for b.Loop() {
				per = bytesOf(b, slow, 120)
			}
			b.ReportMetric(per, "B/s")
			b.ReportMetric(0, "ns/op")
		})
	}
}

func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkLiveCPU measures the share of a core that a live run takes at one update
// a second, and the screen alone where nothing comes.
func BenchmarkLiveCPU(b *testing.B) {
	for _, live := range []bool{true, false} {
		b.Run(fmt.Sprintf("live=%v", live), func(b *testing.B) {
			s := startOn(b, 160, 45, xterm, true, "quick")
			run := newOne(b)
			for range 50 {
				s.p.Send(run.next())
			}
			s.shows("the data")
			s.settles()
			s.blind.Store(true)
			share := 0.0
			for b.Loop() {
				began, used := time.Now(), cpu()
				tick := time.NewTicker(time.Second)
				for n := range 10 {
					<-tick.C
					s.p.Send(page.Tick{Now: 1e9 + float64(n)})
					if live {
						s.p.Send(run.next())
					}
				}
				tick.Stop()
				share = float64(cpu()-used) / float64(time.Since(began))
			}
			b.ReportMetric(100*share, "%core")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// many is a store with 64 cells, each with a curve.
func many(t testing.TB) updateMsg {
	t.Helper()
	u := midway(t)
	plan := *u.Plan
	plan.Cells, plan.Seeds = nil, []int64{1}
	for i := range 64 {
		axes := []experiments.Setting{{Name: "tasks", Value: int64(i % 8)}, {Name: "solutions", Value: int64(i / 8)}}
		plan.Cells = append(plan.Cells, experiments.Cell{Name: fmt.Sprintf("c%d", i), Axes: axes})
	}
	u.Plan, u.Records, u.Histories = &plan, nil, map[string]*store.History{}
	for i, run := range plan.Runs() {
		u.Records = append(u.Records, store.Record{Run: run, Status: store.Running, Attempt: 1, Seconds: 60, Metrics: store.Values{"eval/pass@1": 0.3}})
		u.Histories[run.ID] = history(points(1000, float64(i%9)))
	}
	return u
}

// BenchmarkKey measures the time from a key to the changed screen, at 200x60 with 64
// series: key press, update, view, the renderer's wait for its frame, and the
// terminal. Keys come at any moment between two frames.
func BenchmarkKey(b *testing.B) {
	s := startOn(b, 200, 60, xterm, true, "quick")
	s.p.Send(many(b))
	s.shows("the data")
	s.settles()
	var took []time.Duration
	r := rand.New(rand.NewPCG(1, 1))
	keys := []tea.KeyPressMsg{screentest.Key("j"), screentest.Key("k")}
	for i := 0; b.Loop(); i++ {
		<-time.After(time.Duration(40+r.IntN(40)) * time.Millisecond)
		select {
		case <-s.wrote:
		default:
		}
		began := time.Now()
		s.p.Send(keys[i%2])
		<-s.wrote
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "ms-median")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "ms-p99")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkKeyView measures what of it is ours: the update and the view.
func BenchmarkKeyView(b *testing.B) {
	d := drive(&testing.T{}, 200, 60, "quick").send(many(b))
	keys := []tea.KeyPressMsg{screentest.Key("j"), screentest.Key("k")}
	for i := 0; b.Loop(); i++ {
		_, _ = d.m.Update(keys[i%2])
		_ = d.m.View()
	}
}
