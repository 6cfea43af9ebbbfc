package report_test

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ablate/experiments"
	"ablate/experiments/store"
	"ablate/tui/report"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares text with testdata/NAME. The store's folder is called STORE.
func golden(t *testing.T, name, dir, text string) {
	t.Helper()
	text = strings.ReplaceAll(text, dir, "STORE")
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), text); diff != "" {
		t.Error(diff)
	}
}

const file = `schema = 1

[experiment.e]
title = "Tasks x solutions"
recipe = "sft"
equal = "rows"
seeds = 3
cell = [{ tasks = 64, solutions = 2 }, { tasks = 128, solutions = 1 }]

[experiment.single]
recipe = "sft"
seeds = [7]
objective = { metric = "train/loss", goal = "min" }
axes = { lr = [1.0, 0.001] }

[experiment.own]
title = "Somebody else's trainer"
recipe = "command"
argv = ["train.sh", "{size}"]
axes = { size = ["7B", "32B"] }
`

func plans(t *testing.T) (*experiments.File, map[string]*experiments.Plan) {
	t.Helper()
	sft := experiments.Recipe{
		Name: "sft", Version: 1,
		Params: []experiments.Param{
			{Name: "tasks", Kind: experiments.Int, Default: 256}, {Name: "solutions", Kind: experiments.Int, Default: 1},
			{Name: "lr", Kind: experiments.Float, Default: 0.004}, {Name: "eval_tasks", Kind: experiments.Int, Default: 100},
		},
		Work:  func(p experiments.Params) float64 { return 2.5e9 * 60 * float64(p.Int("solutions")) },
		Speed: 2.5e9,
	}
	f, err := experiments.Parse("test.toml", []byte(file), []experiments.Recipe{sft})
	if err != nil {
		t.Fatal(err)
	}
	byName := map[string]*experiments.Plan{}
	for _, e := range f.Experiments {
		byName[e.Name] = e.Plan()
	}
	return f, byName
}

// began is when the first run of a test began.
const began = 1763790000

// fill makes a store in which the runs of a plan came to what ends says of each,
// in the order of the plan.
func fill(t *testing.T, p *experiments.Plan, ends ...func(dir string, at float64)) *store.Store {
	t.Helper()
	s, err := store.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.WritePlan(p); err != nil {
		t.Fatal(err)
	}
	for i, run := range p.Runs()[:len(ends)] {
		dir := s.RunDir(run.ID)
		put(t, filepath.Join(dir, "run.json"), run)
		add(t, filepath.Join(dir, "asked.jsonl"), `{"verb":"run","attempt":1}`+"\n")
		ends[i](dir, began+100*float64(i))
	}
	return s
}

func put(t *testing.T, path string, v any) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := store.WriteJSON(path, v); err != nil {
		t.Fatal(err)
	}
}

func add(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString(text); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

func ended(t *testing.T, e store.Exit) func(string, float64) {
	return func(dir string, at float64) {
		e.Time = at + 62.5
		e.Seconds = 61
		put(t, filepath.Join(dir, "a1", "start.json"), store.Start{Time: at})
		add(t, filepath.Join(dir, "a1", "events.jsonl"), fmt.Sprintf(`{"time":%.0f,"kind":"start","text":"ablate train"}`+"\n"+`{"time":%.0f,"kind":"beat"}`+"\n", at, at+10))
		add(t, filepath.Join(dir, "a1", "out.log"), "phase train\n\nlast word")
		put(t, filepath.Join(dir, "a1", "exit.json"), e)
	}
}

func done(t *testing.T, score, loss float64) func(string, float64) {
	m := store.Values{"eval/pass@1": score, "train/loss": loss}
	return ended(t, store.Exit{Outcome: store.Outcome{Metrics: m, WeightsSHA256: "abc123"}})
}

// ownLoss is the end of a trainer that calls its loss what it likes.
func ownLoss(t *testing.T) func(string, float64) {
	return ended(t, store.Exit{Outcome: store.Outcome{Metrics: store.Values{"loss": 0.75, "eval/pass@1": 0.25}}})
}

func failed(t *testing.T, reason string) func(string, float64) {
	return ended(t, store.Exit{Code: 1, Reason: reason, Outcome: store.Outcome{Metrics: store.Values{"train/loss": math.NaN()}}})
}

func queued(string, float64) {}

func lost(t *testing.T) func(string, float64) {
	return func(dir string, at float64) {
		put(t, filepath.Join(dir, "a1", "start.json"), store.Start{Time: at})
		add(t, filepath.Join(dir, "a1", "metrics.jsonl"), `{"step":3,"m":{"train/loss":1.5}}`+"\n")
		stamp(t, filepath.Join(dir, "a1", "metrics.jsonl"), at+30)
	}
}

func records(t *testing.T, s *store.Store, p *experiments.Plan) []store.Record {
	t.Helper()
	all, err := s.Records(p.Experiment)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestResult(t *testing.T) {
	t.Parallel()
	_, ps := plans(t)
	oneSeed := *ps["e"]
	oneSeed.Seeds = []int64{1}
	own := ownLoss(t)
	noMetric := ended(t, store.Exit{Outcome: store.Outcome{Metrics: store.Values{"train/loss": 0.5}}})
	tests := []struct {
		golden string
		plan   *experiments.Plan
		ends   []func(string, float64)
	}{
		{"result-none", ps["e"], nil},
		{"result-three-seeds", ps["e"], []func(string, float64){
			done(t, 0.50, 0.4), done(t, 0.60, 0.3), done(t, 0.52, 0.4), done(t, 0.60, 0.3), done(t, 0.54, 0.4), done(t, 0.60, 0.3),
		}},
		{"result-some-failed", ps["e"], []func(string, float64){
			done(t, 0.50, 0.4), failed(t, "\x1b[31mCUDA error\x1b[0m:\tout of\rmemory"), noMetric, queued, lost(t), done(t, 0.6, 0.3),
		}},
		{"result-one-seed", &oneSeed, []func(string, float64){done(t, 0.5, 0.25), done(t, 1, 0.2)}},
		{"result-own", ps["own"], []func(string, float64){own, own}},
		{"result-loss", ps["single"], []func(string, float64){done(t, 0.5, 0.25), failed(t, "exit code 3")}},
	}
	for _, tt := range tests {
		t.Run(tt.golden, func(t *testing.T) {
			t.Parallel()
			s := fill(t, tt.plan, tt.ends...)
			var b bytes.Buffer
			if err := report.Result(&b, tt.plan, records(t, s, tt.plan)); err != nil {
				t.Fatal(err)
			}
			golden(t, tt.golden, s.Dir, b.String())
		})
	}
}

// mixed is a store with a run of most statuses.
func mixed(t *testing.T) (*store.Store, *experiments.Plan) {
	t.Helper()
	_, ps := plans(t)
	p := ps["e"]
	return fill(t, p, done(t, 0.5, 0.4), failed(t, "exit code 3"), lost(t), queued,
		ended(t, store.Exit{Code: 1, Reason: "stopped"})), p
}

func TestCommands(t *testing.T) {
	t.Parallel()
	s, p := mixed(t)
	f, ps := plans(t)
	first := p.Runs()[0].ID
	fresh := fill(t, ps["own"])
	own := fill(t, ps["own"], ownLoss(t))
	tests := []struct {
		golden string
		write  func(*bytes.Buffer) error
	}{
		{"runs", func(b *bytes.Buffer) error { return list(b, s, report.RunsOptions{}) }},
		{"runs.json", func(b *bytes.Buffer) error { return list(b, s, report.RunsOptions{JSON: true}) }},
		{"runs-named", func(b *bytes.Buffer) error {
			return list(b, s, report.RunsOptions{Names: []string{first, "e/tasks=64,solutions=2"}})
		}},
		{"runs-own", func(b *bytes.Buffer) error { return list(b, own, report.RunsOptions{}) }},
		{"runs-empty", func(b *bytes.Buffer) error { return list(b, fresh, report.RunsOptions{}) }},
		{"runs-empty.json", func(b *bytes.Buffer) error { return list(b, fresh, report.RunsOptions{JSON: true}) }},
		{"run", func(b *bytes.Buffer) error { return report.Run(b, s, first, 0, false) }},
		{"run.json", func(b *bytes.Buffer) error { return report.Run(b, s, first, 0, true) }},
		{"run-queued.json", func(b *bytes.Buffer) error { return report.Run(b, s, p.Runs()[3].ID, 0, true) }},
		{"plan", func(b *bytes.Buffer) error { return report.Plan(b, s, p, report.Ahead{Slots: 2}, false) }},
		{"plan.json", func(b *bytes.Buffer) error { return report.Plan(b, s, p, report.Ahead{Slots: 2}, true) }},
		{"plan-fresh", func(b *bytes.Buffer) error { return report.Plan(b, fresh, ps["single"], report.Ahead{Slots: 0}, false) }},
		{"plan-command", func(b *bytes.Buffer) error { return report.Plan(b, fresh, ps["own"], report.Ahead{Slots: 2}, false) }},
		{"plan-command.json", func(b *bytes.Buffer) error { return report.Plan(b, fresh, ps["own"], report.Ahead{Slots: 2}, true) }},
		{"checked", func(b *bytes.Buffer) error { return report.Check(b, b, f, nil, false) }},
	}
	for _, tt := range tests {
		t.Run(tt.golden, func(t *testing.T) {
			t.Parallel()
			var b bytes.Buffer
			if err := tt.write(&b); err != nil {
				t.Fatal(err)
			}
			golden(t, tt.golden, s.Dir, b.String())
		})
	}
}

func TestCommandErrors(t *testing.T) {
	t.Parallel()
	s, p := mixed(t)
	queuedID := p.Runs()[3].ID
	add(t, filepath.Join(s.RunDir(p.Runs()[0].ID), "run.json"), "}")
	tests := []struct {
		name, want string
		lines      int // written before the error
		do         func(*bytes.Buffer) error
	}{
		{"unreadable run", p.Runs()[0].ID, 5, func(b *bytes.Buffer) error { return list(b, s, report.RunsOptions{}) }},
		{"unknown name", `"nothing"`, 0, func(b *bytes.Buffer) error { return list(b, s, report.RunsOptions{Names: []string{"nothing"}}) }},
		{"several runs", "it means 5 runs", 0, func(b *bytes.Buffer) error { return report.Run(b, s, "e", 0, false) }},
		{"log of a queued run", "it is queued and has not printed anything", 0, func(b *bytes.Buffer) error {
			return report.Log(t.Context(), b, s, queuedID, 0, true)
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var b bytes.Buffer
			if err := tt.do(&b); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one with %q", err, tt.want)
			}
			if n := strings.Count(b.String(), "\n"); n != tt.lines {
				t.Errorf("%d lines, want %d:\n%s", n, tt.lines, &b)
			}
		})
	}
}

func TestDuration(t *testing.T) {
	t.Parallel()
	tests := []struct {
		seconds float64
		want    string
	}{
		{0, "0s"}, {0.49, "0s"}, {0.5, "1s"}, {8, "8s"}, {59.4, "59s"}, {59.5, "1m00s"}, {161, "2m41s"}, {3599.4, "59m59s"},
		{3599.5, "1h00m"}, {11100, "3h05m"}, {360000, "100h00m"}, {-1, "–"}, {math.NaN(), "–"}, {math.Inf(1), "–"}, {1e18, "–"}, {1e300, "–"},
	}
	for _, tt := range tests {
		if got := report.Duration(tt.seconds); got != tt.want {
			t.Errorf("%v s is %q, want %q", tt.seconds, got, tt.want)
		}
	}
}

// The head of a column says what is in it: rewards are no losses.
func TestRunsOfTwoCourses(t *testing.T) {
	t.Parallel()
	_, ps := plans(t)
	reward := ended(t, store.Exit{Outcome: store.Outcome{Metrics: store.Values{"train/reward": -2}}})
	var b bytes.Buffer
	if err := report.Runs(&b, io.Discard, fill(t, ps["e"], done(t, 0.5, 0.4), reward), report.RunsOptions{}); err != nil {
		t.Fatal(err)
	}
	if head, _, _ := strings.Cut(b.String(), "\n"); !strings.Contains(head, "loss/reward") {
		t.Errorf("the head is %q", head)
	}
}

func TestDecimals(t *testing.T) {
	t.Parallel()
	for x, want := range map[float64]string{
		0: "0.000", -2.5: "-2.500", 9999999: "9999999.000", 1e7: "1e+07", -1.25e300: "-1.25e+300", math.Inf(1): "+Inf", math.Inf(-1): "-Inf",
	} {
		if got := report.Decimals(x); got != want {
			t.Errorf("%g is shown as %s, want %s", x, got, want)
		}
	}
}

func TestPlain(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, text, want string }{
		{"text", "loss 0.5 é 漢", "loss 0.5 é 漢"},
		{"colours", "\x1b[1;31mred\x1b[0m", "red"},
		{"title and cursor", "\x1b]0;owned\x07a\x1b[2J\x1b[Hb", "ab"},
		{"direction of writing", "a\u202eb\u2066c\u2028d", "abc d"},
		{"lines and tabs", "a\r\nb\tc", "a  b c"},
		{"single C1 controls", "a\u009b2Jb\x7f", "a2Jb"},
		{"long", strings.Repeat("漢", 100), strings.Repeat("漢", 79) + "…"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := report.Plain(tt.text); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

func TestETA(t *testing.T) {
	t.Parallel()
	points := func(total float64, steps ...int64) *store.History {
		var h store.History
		b := store.Batch{Attempt: 1}
		if total > 0 {
			b.Points = append(b.Points, store.Point{M: store.Values{"train/total_steps": total}})
		}
		for _, s := range steps {
			b.Points = append(b.Points, store.Point{Step: s, Time: began + 2*float64(s), M: store.Values{"train/loss": 1}})
		}
		h.Add(b)
		return &h
	}
	// Steps 21 to 120 are made again an hour later, at three seconds each.
	resumed := func(steps ...int64) *store.History {
		h := points(320, 20, 120)
		b := store.Batch{Attempt: 2}
		for _, s := range steps {
			b.Points = append(b.Points, store.Point{Step: s, Time: began + 3600 + 3*float64(s), M: store.Values{"train/loss": 1}})
		}
		h.Add(b)
		return h
	}
	// called has the same points under another name.
	called := func(name string, h *store.History) *store.History {
		h.Series[name] = h.Series["train/loss"]
		delete(h.Series, "train/loss")
		return h
	}
	// setBack goes on by a clock that was set back by a day.
	setBack := func() *store.History {
		h := points(320, 20)
		h.Add(store.Batch{Attempt: 1, Points: []store.Point{{Step: 120, Time: began - 86400, M: store.Values{"train/loss": 1}}}})
		return h
	}
	tests := []struct {
		name   string
		status store.Status
		h      *store.History
		eta    float64
		steps  string
	}{
		{"resumed, and no point yet", store.Running, resumed(), 400, "120/320"},
		{"resumed, one point", store.Running, resumed(21), 0, "21/320"},
		{"resumed", store.Running, resumed(21, 120), 600, "120/320"},
		{"begun anew", store.Running, resumed(1, 2), 954, "2/320"},
		{"two seconds a step", store.Running, points(320, 20, 120), 400, "120/320"},
		{"a loss of the trainer's own", store.Running, called("loss", points(320, 20, 120)), 400, "120/320"},
		{"no loss at all", store.Running, called("reward", points(320, 20, 120)), 400, "120/320"},
		{"at the end", store.Running, points(120, 20, 120), 0, "120/120"},
		{"nobody knows the end", store.Running, points(0, 20, 120), 0, "120"},
		{"one point", store.Running, points(320, 20), 0, "20/320"},
		{"no point", store.Running, points(320), 0, "0/320"},
		{"not running", store.Done, points(320, 20, 120), 0, "120/320"},
		{"the clock was set back", store.Running, setBack(), 0, "120/320"},
		{"nothing at all", store.Running, &store.History{}, 0, "0"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := report.ETA(store.Record{Status: tt.status}, tt.h); got != tt.eta {
				t.Errorf("eta is %v, want %v", got, tt.eta)
			}
			if got := report.Steps(tt.h); got != tt.steps {
				t.Errorf("steps are %q, want %q", got, tt.steps)
			}
		})
	}
}

func TestGlyphs(t *testing.T) {
	t.Parallel()
	seen := map[string]store.Status{}
	for _, s := range []store.Status{store.Queued, store.Running, store.Stalled, store.Paused, store.Stopped, store.Failed, store.Lost, store.Done} {
		g := report.Glyph(s)
		if other, ok := seen[g]; ok {
			t.Errorf("%s and %s have the mark %s", s, other, g)
		}
		seen[g] = s
	}
}
