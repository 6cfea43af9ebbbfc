package recipe

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ablate/engine/judge"
	"ablate/engine/lm/kernel"
	"ablate/engine/synth"
	"ablate/experiments"
	"ablate/experiments/store"
)

// TestMain lets the test binary be the judge's child, and the trainer.
func TestMain(m *testing.M) {
	role := ""
	if len(os.Args) > 1 {
		role = os.Args[1]
	}
	var err error
	switch role {
	case "judge":
		err = judge.Serve(os.Stdin, os.Stdout)
	case "train":
		err = Main(context.Background(), os.Args[2:], 2, os.Stdout)
	case "train on a full disk":
		err = trainOnFullDisk(os.Args[2:])
	default:
		code := m.Run()
		_ = os.RemoveAll(stageStore)
		os.Exit(code)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// tiny is a run that takes a fraction of a second.
func tiny(set map[string]any) experiments.Run {
	p := experiments.Params{}
	for _, param := range sftTable().Params {
		p[param.Name] = param.Default
	}
	for name, v := range map[string]any{
		"tasks": 24, "solutions": 2, "steps": 6, "batch": 8, "dim": 16, "layers": 1, "heads": 2, "vocab": 200, "context": 256,
		"eval_every": 3, "eval_tasks": 32,
	} {
		p[name] = int64(v.(int))
	}
	p["lr"], p["weight_decay"] = 3e-3, 0.1 // recorded with these
	maps.Copy(p, set)
	return experiments.Run{ID: "x/y/s1", Recipe: "sft", RecipeVersion: Version, Params: p, Seed: 1}
}

// train carries a run out in a folder of its own.
func train(ctx context.Context, t *testing.T, run experiments.Run) (dir string, err error) {
	t.Helper()
	return trainWith(ctx, t, run, 1)
}

// trainWith does it with so many workers.
func trainWith(ctx context.Context, t *testing.T, run experiments.Run, workers int) (dir string, err error) {
	t.Helper()
	dir = t.TempDir()
	return dir, carryOut(ctx, t, dir, run, workers, io.Discard)
}

// trainIn carries out the attempt in dir.
func trainIn(ctx context.Context, t *testing.T, dir string, run experiments.Run, log io.Writer) error {
	t.Helper()
	return carryOut(ctx, t, dir, run, 1, log)
}

func carryOut(ctx context.Context, t *testing.T, dir string, run experiments.Run, workers int, log io.Writer) error {
	t.Helper()
	out, err := store.OpenAttempt(dir)
	if err != nil {
		t.Fatal(err)
	}
	err = Train(ctx, run, out, Means{Pool: newPool(t, workers), Workers: workers, Store: storeOf(dir), Log: log})
	return errors.Join(err, out.Close())
}

// sharedPool is that of all tests to which the number of judges is nothing: to
// start them takes longer than most of what they judge.
var sharedPool = sync.OnceValues(func() (*judge.Pool, error) { return openPool(2) })

func openPool(workers int) (*judge.Pool, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return judge.Open([]string{self, "judge"}, workers, judge.DefaultLimits())
}

// newPool is a pool of so many judges that ends with the test, the shared one if
// there is one worker.
func newPool(t testing.TB, workers int) *judge.Pool {
	t.Helper()
	open := sharedPool
	if workers > 1 {
		open = func() (*judge.Pool, error) { return openPool(workers) }
	}
	pool, err := open()
	if err != nil {
		t.Fatal(err)
	}
	if workers > 1 {
		t.Cleanup(func() { _ = pool.Close() })
	}
	return pool
}

func read(t *testing.T, dir, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// The same seed gives the same weights, metrics and outcomes; another seed does
// not; and what the bits are is recorded: raise Version when they change.
func TestSameSeedSameBits(t *testing.T) {
	t.Parallel()
	recorded := map[string]string{
		"avx2":  "a404e77cb3574c54a053683ee1cdbeaa4c55fcbc2ac19a724664ab9baa4cd737",
		"plain": "b3f1313c65cc399b361596c16d992a88e739e3384a22690a105cdf0a4c355a99",
	}[kernel.Name()]
	result := func(seed int64) (store.Outcome, string) {
		run := tiny(nil)
		run.Seed = seed
		dir, err := train(t.Context(), t, run)
		if err != nil {
			t.Fatal(err)
		}
		var out store.Outcome
		if err := store.ReadJSON(filepath.Join(dir, "result.json"), &out); err != nil {
			t.Fatal(err)
		}
		out.Time = 0
		return out, string(read(t, dir, "items/current@6.jsonl"))
	}
	a, itemsA := result(1)
	b, itemsB := result(1)
	if diff := cmp.Diff(a, b) + cmp.Diff(itemsA, itemsB); diff != "" {
		t.Errorf("two runs of one seed differ:\n%s", diff)
	}
	if c, _ := result(2); c.WeightsSHA256 == a.WeightsSHA256 {
		t.Error("two seeds give the same weights")
	}
	if a.WeightsSHA256 != recorded {
		t.Errorf("%s weights are %s, recorded %s: raise Version and record the new hash", kernel.Name(), a.WeightsSHA256, recorded)
	}
}

func TestAttemptFolder(t *testing.T) {
	t.Parallel()
	dir, err := train(t.Context(), t, tiny(nil))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{
		"metrics.jsonl", "samples.jsonl", "result.json", "checkpoint/weights", "checkpoint/tokenizer.json",
		"items/current@3.jsonl", "items/current@6.jsonl",
	} {
		if len(read(t, dir, name)) == 0 {
			t.Errorf("%s is empty", name)
		}
	}
	if n := bytes.Count(read(t, dir, "items/current@6.jsonl"), []byte("\n")); n != 32 {
		t.Errorf("%d items, want one for each of 32 held-out tasks", n)
	}
	h := &store.History{}
	f := store.Follower{Dir: filepath.Dir(moveToAttempt(t, dir))}
	batches, _, err := f.Next(0)
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range batches {
		h.Add(b)
	}
	for name, want := range map[string]int{"train/loss": 6, "eval/pass@1": 2, "train/total_steps": 1, "train/lr": 6} {
		if s := h.Series[name]; s == nil || len(s.Values) != want {
			t.Errorf("%s has not %d values: %+v", name, want, s)
		}
	}
	loss := h.Series["train/loss"].Values
	if loss[5] >= loss[0] {
		t.Errorf("the loss does not fall: %v", loss)
	}
}

// A model that learned nothing solves next to nothing: under 2 % of the tasks
// that quick asks.
func TestUntrainedModelFails(t *testing.T) {
	t.Parallel()
	dir, err := train(t.Context(), t, tiny(map[string]any{"lr": 0.0, "steps": int64(1), "eval_tasks": int64(256), "average": 0.0}))
	if err != nil {
		t.Fatal(err)
	}
	var out store.Outcome
	if err := store.ReadJSON(filepath.Join(dir, "result.json"), &out); err != nil {
		t.Fatal(err)
	}
	if rate := out.Metrics["eval/pass@1"]; rate >= 0.02 {
		t.Errorf("an untrained model has pass@1 %.3f, want under 0.02", rate)
	}
}

// moveToAttempt puts an attempt's files where a run's folder has them.
func moveToAttempt(t *testing.T, dir string) string {
	t.Helper()
	attempt := filepath.Join(t.TempDir(), "s1", "a1")
	if err := os.MkdirAll(filepath.Dir(attempt), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(dir, attempt); err != nil {
		t.Fatal(err)
	}
	return attempt
}

func TestTrainErrors(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		run  func() experiments.Run
		want string
	}{
		"a context shorter than a row": {func() experiments.Run { return tiny(map[string]any{"context": int64(16)}) }, "context is 16; raise context"},
		"a context shorter than a held-out task": {func() experiments.Run {
			return tiny(map[string]any{"tasks": int64(4), "solutions": int64(1), "vocab": int64(480), "context": int64(76)})
		}, "context is 76; raise context"},
		"a vocabulary too small": {func() experiments.Run { return tiny(map[string]any{"vocab": int64(20)}) }, "vocab is 20; raise vocab"},
		"another recipe": {func() experiments.Run {
			r := tiny(nil)
			r.Recipe = "command"
			return r
		}, `recipe "command" is not built in`},
		"another version": {func() experiments.Run {
			r := tiny(nil)
			r.RecipeVersion = Version + 1
			return r
		}, "run the experiment again"},
		"heads that do not divide": {func() experiments.Run { return tiny(map[string]any{"heads": int64(3)}) }, "heads"},
		"a loss that explodes":     {func() experiments.Run { return tiny(map[string]any{"lr": 1e30, "clip": 0.0, "steps": int64(40)}) }, "step"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := train(t.Context(), t, c.run())
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one with %q", err, c.want)
			}
		})
	}
}

func TestStop(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	dir, err := train(ctx, t, tiny(nil))
	if !errors.Is(err, ErrStopped) {
		t.Fatalf("error %v, want ErrStopped", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "result.json")); err == nil {
		t.Error("a stopped run has a result")
	}
}

// Rows of a small cell are the first rows of a large one with the same seed, and
// every epoch deals every row once.
func TestCorpus(t *testing.T) {
	t.Parallel()
	small, err := newCorpus(t.Context(), newConfig(tiny(map[string]any{"tasks": int64(10), "solutions": int64(1)})), Means{})
	if err != nil {
		t.Fatal(err)
	}
	large, err := newCorpus(t.Context(), newConfig(tiny(map[string]any{"tasks": int64(30), "solutions": int64(1)})), Means{})
	if err != nil {
		t.Fatal(err)
	}
	for i, row := range small.rows {
		a, b := small.tok.Decode(row.Tokens), large.tok.Decode(large.rows[i].Tokens)
		if a != b {
			t.Fatalf("row %d of 10 tasks is %q, of 30 tasks %q", i, a, b)
		}
	}
	o := &order{seed: 1, purpose: "order", n: len(large.rows)}
	seen := map[int]int{}
	batch := make([]int, 10)
	for range 6 {
		o.next(batch)
		for _, row := range batch {
			seen[row]++
		}
	}
	for row := range large.rows {
		if n := seen[row]; n != 2 {
			t.Errorf("row %d was dealt %d times in 2 epochs", row, n)
		}
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		set  map[string]any
		want string
	}{
		"good":                  {nil, ""},
		"by epochs":             {map[string]any{"steps": int64(0), "epochs": 2.0}, ""},
		"no length":             {map[string]any{"steps": int64(0)}, "neither steps nor epochs says how long to train"},
		"heads":                 {map[string]any{"dim": int64(10), "heads": int64(4)}, "heads = 4 does not divide dim = 10"},
		"odd head":              {map[string]any{"dim": int64(12), "heads": int64(4)}, "dim / heads = 3 is odd: rotary positions turn pairs"},
		"many solutions of one": {map[string]any{"source": fromHuman}, `solutions = 2 and source = "human" has one program for each task`},
		"more than people wrote": {map[string]any{"source": fromHuman, "solutions": int64(1), "tasks": int64(len(synth.Human()) + 1)},
			fmt.Sprintf(`tasks = %d and source = "human" has %d; raise epochs to repeat them`, len(synth.Human())+1, len(synth.Human()))},
		"all that people wrote": {map[string]any{"source": fromHuman, "solutions": int64(1), "tasks": int64(len(synth.Human()))}, ""},
		"a vote of one":         {map[string]any{"source": fromVerified, "candidates": int64(1), "solutions": int64(1)}, "candidates = 1 is no vote: it takes two"},
		"no vote, no mistake":   {map[string]any{"candidates": int64(1)}, ""},
		"too many solutions":    {map[string]any{"source": fromVerified, "solutions": int64(9)}, "solutions = 9 are more than candidates = 8 that they come from"},
		"a leak":                {map[string]any{"leak": 0.75}, ""},
		"a leak too large":      {map[string]any{"leak": 0.8}, "leak = 0.8 of eval_tasks = 32 is 26 tasks, and tasks = 24 leaves no room for them"},
		"equal samples":         {map[string]any{"eval_samples": int64(4), "eval_temperature": 0.0}, "eval_temperature = 0 makes all eval_samples = 4 equal"},
		"one greedy sample":     {map[string]any{"eval_samples": int64(1), "eval_temperature": 0.0}, ""},
		"nothing to choose":     {map[string]any{"at": bestOnDev, "eval_every": int64(6)}, `at = "dev" has one step to choose from: eval_every = 6 and the run has 6 steps`},
		"styles":                {map[string]any{"styles": "1:2"}, `styles = "1:2" has 2 weights; write three, like 70:15:15`},
		"two at the same": {map[string]any{"dim": int64(10), "heads": int64(4), "steps": int64(0)},
			"neither steps nor epochs says how long to train; heads = 4 does not divide dim = 10"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := strings.Join(check(tiny(c.set).Params), "; "); got != c.want {
				t.Errorf("check = %q, want %q", got, c.want)
			}
		})
	}
}

// By hand: 48 rows, 2.5 epochs, batches of 8: 15 steps.
func TestStepsOf(t *testing.T) {
	t.Parallel()
	for want, set := range map[int]map[string]any{
		6: nil, 15: {"steps": int64(0), "epochs": 2.5}, 1: {"steps": int64(0), "epochs": 0.001},
	} {
		if got := stepsOf(tiny(set).Params); got != want {
			t.Errorf("stepsOf(%v) = %d, want %d", set, got, want)
		}
	}
}

func TestEvaluationMetrics(t *testing.T) {
	t.Parallel()
	e := evaluation{results: []judge.Result{{Verdict: judge.AC}, {Verdict: judge.WA}, {Verdict: judge.AC}, {Verdict: judge.TLE}}}
	m := e.metrics()
	for name, want := range map[string]float64{"eval/pass@1": 0.5, "eval/verdict/AC": 0.5, "eval/verdict/WA": 0.25, "eval/verdict/TLE": 0.25, "eval/verdict/CE": 0} {
		if m[name] != want {
			t.Errorf("%s = %v, want %v", name, m[name], want)
		}
	}
}
