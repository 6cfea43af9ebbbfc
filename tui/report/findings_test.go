package report_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ablate/experiments"
	"ablate/experiments/store"
	"ablate/tui/report"
)

const silent = `schema = 1

[experiment.silent]
recipe = "sft"
axes = { tasks = [1, 2] }
`

const questions = silent + `
[experiment.rows]
title = "Tasks | solutions"
question = "Does diversity beat repetition?"
recipe = "sft"
equal = "rows"
seeds = [101, 102, 103, 104]
reference = "lcb5_solutions_per_task_64k_rows"
cell = [{ tasks = 64, solutions = 2 }, { tasks = 128, solutions = 1 }]

[[experiment.rows.finding]]
letter = "a"
claim = "more tasks | beat more solutions"
metric = "eval/pass@1"
plus = [{ tasks = 128 }]
minus = [{ tasks = 64 }]
paper = "47.0 against 44.4"
note = "at equal rows"

[[experiment.rows.finding]]
claim = "the other way round"
metric = "eval/pass@1"
plus = [{ tasks = 128 }]
minus = [{ tasks = 64 }]
expect = "below"

[[experiment.rows.finding]]
claim = "wrongly called a placebo"
metric = "eval/pass@1"
plus = [{ tasks = 128 }]
minus = [{ tasks = 64 }]
expect = "nothing"

[[experiment.rows.finding]]
claim = "the old set is easier in one than in the other"
metric = "eval/older/pass@1"
minus_metric = "eval/pass@1"
plus = [{ tasks = 128 }]
minus = [{ tasks = 64 }]

[[experiment.rows.finding]]
claim = "sampling gains more from more tasks"
metric = "eval/pass@4"
minus_metric = "eval/pass@1"
plus = [{ tasks = 128 }]
minus = [{ tasks = 64 }]

[[experiment.rows.finding]]
claim = "eight tries of four samples"
metric = "eval/pass@8"
plus = [{ tasks = 128 }]
minus = [{ tasks = 64 }]

[experiment.placebo]
recipe = "sft"
seeds = [101, 102]
axes = { tasks = [4, 8], spare = [0, 1] }

[[experiment.placebo.finding]]
claim = "an unused number changes nothing"
metric = "eval/pass@1"
plus = [{ spare = 1 }]
minus = [{ spare = 0 }]
expect = "nothing"

[[experiment.placebo.finding]]
claim = "no difference between models that differ"
metric = "train/reward"
plus = [{ tasks = 8 }]
minus = [{ tasks = 4 }]
minus_metric = "train/reward"

[experiment.trend]
recipe = "sft"
seeds = 3
axes = { tasks = [4, 8, 16, 32] }

[[experiment.trend.finding]]
letter = "d"
claim = "labels get better with candidates"
metric = "data/label_accuracy"
slope = "tasks"

[[experiment.trend.finding]]
claim = "reward falls"
metric = "train/reward"
slope = "tasks"
expect = "below"

[[experiment.trend.finding]]
claim = "reward rises with every doubling"
metric = "train/reward"
slope = "tasks"

[[experiment.trend.finding]]
claim = "no run reports this"
metric = "eval/harder/pass@1"
slope = "tasks"

[experiment.single]
recipe = "sft"
seeds = [7]
axes = { tasks = [4, 8] }

[[experiment.single.finding]]
claim = "one seed each"
metric = "eval/pass@1"
plus = [{ tasks = 8 }]
minus = [{ tasks = 4 }]

[[experiment.single.finding]]
claim = "one seed and no tasks"
metric = "train/reward"
plus = [{ tasks = 8 }]
minus = [{ tasks = 4 }]

[experiment.missing]
recipe = "sft"
seeds = 3
axes = { tasks = [4, 8] }

[[experiment.missing.finding]]
claim = "some runs are there"
metric = "eval/pass@1"
plus = [{ tasks = 8 }]
minus = [{ tasks = 4 }]

[experiment.never]
recipe = "sft"
axes = { tasks = [4, 8] }

[[experiment.never.finding]]
claim = "no run is there"
metric = "eval/pass@1"
plus = [{ tasks = 8 }]
minus = [{ tasks = 4 }]
`

func asking(t *testing.T, text string) *experiments.File {
	t.Helper()
	sft := experiments.Recipe{Name: "sft", Version: 3, Params: []experiments.Param{
		{Name: "tasks", Kind: experiments.Int, Default: 256}, {Name: "solutions", Kind: experiments.Int, Default: 1},
		{Name: "spare", Kind: experiments.Int, Default: 0}, {Name: "eval_samples", Kind: experiments.Int, Default: 4},
	}}
	f, err := experiments.Parse("test.toml", []byte(text), []experiments.Recipe{sft})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// answered is a store with runs of every experiment that asks something.
func answered(t *testing.T, f *experiments.File) *store.Store {
	t.Helper()
	s, err := store.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range f.Experiments {
		p := e.Plan()
		if err := s.WritePlan(p); err != nil {
			t.Fatal(err)
		}
		for i, run := range p.Runs() {
			switch {
			case e.Name == "never", e.Name == "silent", e.Name == "missing" && i == 5:
			case e.Name == "missing" && i == 4:
				finish(t, s, run, store.Exit{Code: 1, Reason: "exit code 1"})
			default:
				finish(t, s, run, trained(t, s, run))
			}
		}
	}
	return s
}

// finish makes the folder of a run that ended so after a minute on one of two cores.
func finish(t *testing.T, s *store.Store, run experiments.Run, e store.Exit) {
	t.Helper()
	dir := s.RunDir(run.ID)
	e.Seconds, e.Time = 60, began+60
	write(t, filepath.Join(dir, "run.json"), run)
	write(t, filepath.Join(dir, "asked.jsonl"), store.Asked{Verb: "run", Attempt: 1})
	write(t, filepath.Join(dir, "a1", "start.json"), store.Start{Time: began, Workers: 1})
	write(t, filepath.Join(dir, "a1", "env.json"), map[string]any{"version": "devel", "git_commit": "0123456789abcdef", "cpus": 2, "arithmetic": "avx2"})
	write(t, filepath.Join(dir, "a1", "exit.json"), e)
}

// write is put without waiting for the disk: there are hundreds of files.
func write[T any](t testing.TB, path string, values ...T) {
	t.Helper()
	var b bytes.Buffer
	for _, v := range values {
		if err := json.NewEncoder(&b).Encode(v); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// trained writes down what became of the 200 tasks of each set in a run: those
// below a bar pass, which rises with the tasks trained on and differs a little
// from seed to seed; sampling reaches ten tasks more if these are many.
func trained(t *testing.T, s *store.Store, run experiments.Run) store.Exit {
	t.Helper()
	n := run.Params.Int("tasks")
	bar := map[int]int{64: 80, 128: 130, 4: 80, 8: 120, 16: 140, 32: 150, 256: 90}[n] + int(run.Seed)*(n+1)%7
	reward := map[int]float64{4: 0.5, 8: 1, 16: 2, 32: 1.5}[n]
	m := store.Values{"train/reward": reward + float64(bar%3)/50, "data/label_accuracy": 0.9 + float64(bar)/2000}
	for set, shift := range map[string]int{"current": 0, "older": n / 2} {
		pass := [2]int{bar + shift, bar + shift + n/64*5}
		var greedy, sampled []store.Item
		for i := range 200 {
			g, c := store.Item{ID: fmt.Sprintf("%s-%d", set, i), N: 1}, store.Item{ID: fmt.Sprintf("%s-%d", set, i), N: 4}
			if i < pass[0] {
				g.C = 1
			}
			if i < pass[1] {
				c.C = 1 + i%4
			}
			greedy, sampled = append(greedy, g), append(sampled, c)
		}
		items := filepath.Join(s.RunDir(run.ID), "a1", "items", set)
		write(t, items+"@9.jsonl", sampled[:3]...) // an earlier step, which sorts behind the last as text
		write(t, items+"@10.jsonl", greedy...)
		write(t, items+"-samples@10.jsonl", sampled...)
		prefix := map[string]string{"current": "eval/", "older": "eval/older/"}[set]
		m[prefix+"pass@1"], m[prefix+"pass@4"] = float64(pass[0])/200, float64(pass[1])/200
	}
	m["eval/pass@8"] = 0.99 // of four samples: no number that may be shown
	return store.Exit{Outcome: store.Outcome{Metrics: m, WeightsSHA256: fmt.Sprintf("%d-%d", n, run.Seed)}}
}

func TestFindings(t *testing.T) {
	t.Parallel()
	f := asking(t, questions)
	s := answered(t, f)
	for name, o := range map[string]report.FindingsOptions{
		"findings.md":   {},
		"findings.json": {Names: []string{"trend", "missing"}, JSON: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var b bytes.Buffer
			if err := report.Findings(&b, s, f, o); err != nil {
				t.Fatal(err)
			}
			golden(t, name, s.Dir, b.String())
		})
	}
}

// A design says what it asks before it runs; a metric of more samples than there
// are is no number in any table.
func TestQuestionsAndFewSamples(t *testing.T) {
	t.Parallel()
	f := asking(t, strings.Replace(questions, `equal = "rows"`, `equal = "rows"
objective = { metric = "eval/pass@8", goal = "max" }`, 1))
	s := answered(t, f)
	p, err := f.Plan("rows", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		golden string
		write  func(*bytes.Buffer) error
	}{
		{"plan-asks", func(b *bytes.Buffer) error { return report.Plan(b, s, p, report.Ahead{Slots: 2}, false) }},
		{"plan-asks.json", func(b *bytes.Buffer) error { return report.Plan(b, s, p, report.Ahead{Slots: 2}, true) }},
		{"result-few-samples", func(b *bytes.Buffer) error { return report.Result(b, p, records(t, s, p)) }},
		{"runs-few-samples", func(b *bytes.Buffer) error { return list(b, s, report.RunsOptions{Names: []string{"rows"}}) }},
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

// What is written to a file is what is printed.
func TestFindingsFile(t *testing.T) {
	t.Parallel()
	f := asking(t, questions)
	s := answered(t, f)
	path := filepath.Join(t.TempDir(), "FINDINGS.md")
	var printed, nothing bytes.Buffer
	if err := report.Findings(&printed, s, f, report.FindingsOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := report.Findings(&nothing, s, f, report.FindingsOptions{Path: path}); err != nil {
		t.Fatal(err)
	}
	written, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(printed.String(), string(written)); diff != "" || nothing.Len() > 0 {
		t.Errorf("printed %q beside the file, which differs:\n%s", &nothing, diff)
	}
}

func TestFindingsErrors(t *testing.T) {
	t.Parallel()
	f := asking(t, questions)
	s := answered(t, f)
	tests := []struct {
		name, want string
		file       *experiments.File
		o          report.FindingsOptions
	}{
		{"unknown", `Did you mean "rows"?`, f, report.FindingsOptions{Names: []string{"row"}}},
		{"asks nothing", "silent: it asks nothing; write [[experiment.silent.finding]]", f, report.FindingsOptions{Names: []string{"silent"}}},
		{"nothing asked at all", "no experiment in test.toml asks anything", asking(t, silent), report.FindingsOptions{}},
		{"no folder", "write findings: ", f, report.FindingsOptions{Path: filepath.Join(s.Dir, "none", "x.md")}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var b bytes.Buffer
			if err := report.Findings(&b, s, tt.file, tt.o); err == nil || !strings.Contains(err.Error(), tt.want) || b.Len() > 0 {
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
}

// answers are the findings of one experiment, from --json.
func answers(t *testing.T, s *store.Store, f *experiments.File, name string) []report.Answer {
	t.Helper()
	var b bytes.Buffer
	if err := report.Findings(&b, s, f, report.FindingsOptions{Names: []string{name}, JSON: true}); err != nil {
		t.Fatal(err)
	}
	var out struct {
		Experiments []struct{ Findings []report.Answer }
	}
	if err := json.Unmarshal(b.Bytes(), &out); err != nil {
		t.Fatal(err)
	}
	return out.Experiments[0].Findings
}

// A question that stands in the file only after the runs is told from one that
// they were started with; other words for the same effect make no new question.
func TestAskedLater(t *testing.T) {
	t.Parallel()
	s := answered(t, asking(t, questions))
	for _, c := range []struct {
		old, new string
		want     int
	}{
		{`claim = "one seed each"`, `claim = "two runs"`, 0},
		{"tasks = 8 }]\nminus = [{ tasks = 4 }]", "tasks = 4 }]\nminus = [{ tasks = 8 }]", 2},
	} {
		f := asking(t, strings.ReplaceAll(questions, c.old, c.new))
		if got := answers(t, s, f, "single")[0].Later; got != c.want {
			t.Errorf("%s: asked later than %d runs, want %d", c.new, got, c.want)
		}
	}
}

// Items of another checkpoint than the one whose metrics a run reports say nothing.
func TestItemsOfAnotherCheckpoint(t *testing.T) {
	t.Parallel()
	f := asking(t, questions)
	s := answered(t, f)
	if got := answers(t, s, f, "rows")[0].Tasks; got != 200 {
		t.Fatalf("the interval is over %d tasks, want 200", got)
	}
	e, err := f.Experiment("rows")
	if err != nil {
		t.Fatal(err)
	}
	run := e.Plan().Runs()[0]
	x := trained(t, s, run)
	x.Metrics["eval/pass@1"] = 0.9
	finish(t, s, run, x)
	if got := answers(t, s, f, "rows")[0]; got.Tasks != 0 || got.Verdict == "" {
		t.Errorf("the interval is over %d tasks, want none: %+v", got.Tasks, got)
	}
}

func TestTooFew(t *testing.T) {
	t.Parallel()
	four := experiments.Params{"eval_samples": int64(4)}
	tests := []struct {
		metric string
		p      experiments.Params
		want   bool
	}{
		{"eval/pass@4", four, false}, {"eval/pass@8", four, true}, {"eval/avg@8", four, true}, {"eval/older/pass@8", four, true},
		{"eval/pass@1", experiments.Params{"eval_samples": int64(0)}, false}, {"eval/avg@1", experiments.Params{"eval_samples": int64(0)}, true},
		{"eval/pass@8", experiments.Params{}, false}, {"train/loss", four, false}, {"", four, false},
	}
	for _, tt := range tests {
		if got := report.TooFew(tt.metric, tt.p); got != tt.want {
			t.Errorf("TooFew(%q, %v) = %v", tt.metric, tt.p, got)
		}
	}
}
