package report_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"ablate/experiments"
	"ablate/experiments/store"
	"ablate/tui/report"
)

// trainer is an experiment of somebody else's trainer with more lines.
func trainer(t *testing.T, more string) *experiments.Plan {
	t.Helper()
	text := "schema = 1\n[experiment.own]\nrecipe = 'command'\nargv = ['train', '{size}', '{seed}']\n" + more
	f, err := experiments.Parse("t.toml", []byte(text), nil)
	if err != nil {
		t.Fatal(err)
	}
	return f.Experiments[0].Plan()
}

// attempt puts down the n-th attempt of a run: it lived for a time from began on
// and held GPUs.
func attempt(t *testing.T, dir string, n int, from, seconds float64, gpus int) {
	t.Helper()
	at := filepath.Join(dir, fmt.Sprintf("a%d", n))
	put(t, filepath.Join(at, "start.json"), map[string]any{"time": began + from, "held": make([]string, gpus)})
	put(t, filepath.Join(at, "exit.json"), store.Exit{Seconds: seconds, Outcome: store.Outcome{Time: began + from + seconds}})
}

// By hand: 0 to 100, 50 to 90 and 95 to 115 s cover 115 s, 300 to 310 s ten
// more. GPU-hours: 100 x 2, 40 x 0, 20 x 4 and 10 x 4 seconds.
func TestSpent(t *testing.T) {
	t.Parallel()
	p := trainer(t, "seeds = 2\naxes = { size = [1, 2] }")
	s := fill(t, p,
		func(dir string, _ float64) { attempt(t, dir, 1, 0, 100, 2) },
		func(dir string, _ float64) { attempt(t, dir, 1, 50, 40, 0) },
		func(dir string, _ float64) { attempt(t, dir, 1, 95, 20, 4); attempt(t, dir, 2, 300, 10, 4) },
		queued)
	got, err := report.ReadSpent(records(t, s, p))
	if err != nil {
		t.Fatal(err)
	}
	want := report.Spent{Wall: 125, Runs: 4, GPUHours: 320. / 3600}
	if diff := cmp.Diff(want, got, cmpopts.EquateApprox(1e-9, 0)); diff != "" {
		t.Error(diff)
	}
	if none, err := report.ReadSpent(nil); none != (report.Spent{}) || err != nil {
		t.Errorf("nothing has spent %+v, %v", none, err)
	}
}

// A halted run takes no wall time but keeps its GPUs, and an attempt without a
// record counts for as long as it wrote.
func TestSpentWhileHalted(t *testing.T) {
	t.Parallel()
	p := trainer(t, "seeds = 1\naxes = { size = [1, 2] }")
	s := fill(t, p,
		func(dir string, _ float64) {
			attempt(t, dir, 1, 0, 100, 3)
			put(t, filepath.Join(dir, "asked.jsonl"), store.Asked{Time: began + 40, Verb: "pause", Halted: true})
		},
		func(dir string, _ float64) {
			attempt(t, dir, 1, 200, 60, 0)
			if err := os.Remove(filepath.Join(dir, "a1", "exit.json")); err != nil {
				t.Fatal(err)
			}
			log := filepath.Join(dir, "a1", "out.log")
			put(t, log, 1)
			if err := os.Chtimes(log, time.Time{}, time.Unix(began+230, 0)); err != nil {
				t.Fatal(err)
			}
			attempt(t, dir, 2, 300, 10, 0)
		})
	got, err := report.ReadSpent(records(t, s, p))
	want := report.Spent{Wall: 80, Runs: 3, GPUHours: 300. / 3600}
	if diff := cmp.Diff(want, got, cmpopts.EquateApprox(1e-9, 0)); diff != "" || err != nil {
		t.Error(err, diff)
	}
}

// What is left of two sizes and three seeds when one run took 60 s on 2 GPUs: five
// runs of 60 s on two slots take 180 s, and 5 x 2 x 60 s are a sixth of an hour.
func TestLimitsAreProjected(t *testing.T) {
	t.Parallel()
	one := func(dir string, _ float64) { attempt(t, dir, 1, 0, 60, 2) }
	live := func(dir string, _ float64) {
		put(t, filepath.Join(dir, "a1", "start.json"), store.Start{Time: began})
	}
	tests := []struct {
		name, limits string
		ends         []func(string, float64)
		want         string
	}{
		{"within", "wall = '5m', runs = 6, gpu_hours = 1", []func(string, float64){one},
			"limit of wall time 5m00s: 1m00s used, 3m00s to go\nlimit of runs 6: 1 used, 5 to go\nlimit of GPU-hours 1: 0.0333 used, 0.167 to go\n"},
		{"over", "wall = '3m', runs = 2, gpu_hours = 0.1", []func(string, float64){one},
			"limit of wall time 3m00s: may go over by 1m00s: 1m00s used, 3m00s to go\n" +
				"limit of runs 2: may go over by 4: 1 used, 5 to go\nlimit of GPU-hours 0.1: may go over by 0.1: 0.0333 used, 0.167 to go\n"},
		{"used up", "wall = '60s'", []func(string, float64){one}, "limit of wall time 1m00s: used up: what is left will not start\n"},
		{"not known", "wall = '1h', gpu_hours = 1", nil,
			"limit of wall time 1h00m: 0s used; what the rest takes is not known\nlimit of GPU-hours 1: 0 used; what the rest takes is not known\n"},
		{"all done", "wall = '1h', runs = 6", []func(string, float64){one, one, one, one, one, one},
			"limit of wall time 1h00m: 1m00s used, 0s to go\nlimit of runs 6: 6 used, 0 to go\n"},
		{"a lost one begins again", "runs = 6", []func(string, float64){one, live}, "limit of runs 6: may go over by 1: 2 used, 5 to go\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := trainer(t, "gpus = 2\naxes = { size = [1, 2] }\nlimits = { "+tt.limits+" }")
			s := fill(t, p, tt.ends...)
			var b bytes.Buffer
			if err := report.Plan(&b, s, p, report.Ahead{Slots: 2}, false); err != nil {
				t.Fatal(err)
			}
			i := strings.Index(b.String(), "limit of")
			if got, _, _ := strings.Cut(b.String()[max(i, 0):], "what it could see"); got != tt.want {
				t.Errorf("got\n%swant\n%s", got, tt.want)
			}
		})
	}
}

// A run that is going needs no new attempt, and what it has done is done.
func TestLiveRunsGoOn(t *testing.T) {
	t.Parallel()
	p := trainer(t, "seeds = 1\naxes = { size = [1, 2, 3] }\nlimits = { runs = 9 }")
	runs := p.Runs()
	record := func(i int, status store.Status, seconds float64) store.Record {
		return store.Record{Run: runs[i], Status: status, Attempt: 1, Seconds: seconds}
	}
	kept := report.Kept{Records: []store.Record{record(0, store.Done, 60), record(1, store.Running, 45)}, Spent: report.Spent{Runs: 2}}
	got := report.NewPlanned(p, kept, 1)
	if got.Estimate.Minutes == nil || *got.Estimate.Minutes != 1.25 {
		t.Errorf("%v minutes to go, want 15 s and 60 s", got.Estimate.Minutes)
	}
	if total := got.Projected.Runs.Total; total == nil || *total != 3 {
		t.Errorf("%v attempts in all, want 3", total)
	}
	if over := got.Projected.Runs.Over; over == nil || *over != 0 {
		t.Errorf("over by %v, want 0", over)
	}
}

// Values that are added to an axis add cells; what is done is reused and the
// difference is told before anything starts.
func TestPlanAndRunTellTheDifference(t *testing.T) {
	t.Parallel()
	old := trainer(t, "seeds = 1\naxes = { size = [1, 2] }")
	one := func(dir string, _ float64) { attempt(t, dir, 1, 0, 60, 0) }
	s := fill(t, old, one, one)
	var b bytes.Buffer
	if report.Differs(&b, s, old); b.Len() > 0 {
		t.Errorf("the same design differs: %s", b.String())
	}
	p := trainer(t, "seeds = 1\naxes = { size = [1, 2, 4] }\nlimits = { runs = 3 }")
	const told = "the design is another than the one in the store:\n  size + 4: 1 new cell\n  limit of runs none -> 3\n"
	if report.Differs(&b, s, p); b.String() != told {
		t.Errorf("told\n%swant\n%s", b.String(), told)
	}
	b.Reset()
	if err := report.Plan(&b, s, p, report.Ahead{Slots: 2}, false); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{told, "3 cells x 1 seed = 3 runs, 2 reused (done with these parameters); about 1m00s to go", "limit of runs 3: 2 used, 1 to go\n"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the plan is\n%swant %s", b.String(), want)
		}
	}
	b.Reset()
	empty, err := store.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if report.Differs(&b, empty, p); b.Len() > 0 {
		t.Errorf("a first run differs: %s", b.String())
	}
}
