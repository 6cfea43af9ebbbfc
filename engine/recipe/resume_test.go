package recipe

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ablate/engine/lm"
	"ablate/experiments"
	"ablate/experiments/store"
)

// outcome is everything of a run that must not depend on how often it was ended.
type outcome struct {
	Result store.Outcome                  // of the newest attempt
	Items  map[string]string              // by name, of the newest attempt that has them
	Points map[string]map[float64]float64 // by metric and step, over all attempts
}

func outcomeOf(t *testing.T, runDir string) outcome {
	t.Helper()
	o := outcome{Items: map[string]string{}, Points: map[string]map[float64]float64{}}
	newest, err := store.Attempts(runDir)
	if err != nil {
		t.Fatal(err)
	}
	if err := store.ReadJSON(filepath.Join(store.AttemptDir(runDir, newest), "result.json"), &o.Result); err != nil {
		t.Fatal(err)
	}
	o.Result.Time = 0
	for n := 1; n <= newest; n++ {
		files, err := filepath.Glob(filepath.Join(store.AttemptDir(runDir, n), "items", "*.jsonl"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			o.Items[filepath.Base(file)] = string(read(t, "", file))
		}
	}
	h, err := store.ReadHistory(runDir)
	if err != nil {
		t.Fatal(err)
	}
	delete(h.Series, "perf/tokens_per_s")
	for name, s := range h.Series {
		o.Points[name] = map[float64]float64{}
		for i, step := range s.Steps {
			o.Points[name][step] = s.Values[i]
		}
	}
	return o
}

// attempt makes the folder of a run's n-th attempt.
func attempt(t *testing.T, runDir string, n int) string {
	t.Helper()
	dir := store.AttemptDir(runDir, n)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// undisturbed is what comes of a run in one attempt.
func undisturbed(t *testing.T, run experiments.Run) outcome {
	t.Helper()
	runDir := runFolder(t, run)
	if err := trainIn(t.Context(), t, attempt(t, runDir, 1), run, io.Discard); err != nil {
		t.Fatal(err)
	}
	return outcomeOf(t, runDir)
}

// hook is a log that acts on a line.
type hook struct {
	bytes.Buffer
	on string
	do func()
}

func (h *hook) Write(p []byte) (int, error) {
	if h.do != nil && strings.Contains(string(p), h.on) {
		h.do()
	}
	return h.Buffer.Write(p)
}

// stepsIn counts the steps that an attempt made.
func stepsIn(dir string) int { return written(dir, `"train/lr"`) }

// written counts a text in the points of an attempt, which may not have begun.
func written(dir, text string) int {
	b, _ := os.ReadFile(filepath.Join(dir, "metrics.jsonl"))
	return strings.Count(string(b), text)
}

// calledOff ends by itself after so many looks at it.
type calledOff struct {
	context.Context //nolint:containedctx // it is one
	left            atomic.Int64
	end             context.CancelFunc
}

func newCalledOff(t *testing.T, looks int) *calledOff {
	c := &calledOff{}
	c.Context, c.end = context.WithCancel(t.Context())
	c.left.Store(int64(looks))
	return c
}

func (c *calledOff) look() {
	if c.left.Add(-1) < 0 {
		c.end()
	}
}

func (c *calledOff) Err() error {
	c.look()
	return c.Context.Err()
}

func (c *calledOff) Done() <-chan struct{} {
	c.look()
	return c.Context.Done()
}

// A run that is stopped again and again, between steps and inside evaluations,
// makes no step twice and ends with the same bits.
func TestStopAndResume(t *testing.T) {
	t.Parallel()
	type set = map[string]any
	for _, every := range []int64{1, 3, 100} {
		often := set{"steps": int64(9), "eval_every": every, "checkpoint_every": int64(2), "eval_tasks": int64(16), "tasks": int64(8), "vocab": int64(100)}
		stoppedOften(t, tiny(often), every, 5)
	}
	rl := set{"rl_steps": int64(9), "eval_every": int64(3), "checkpoint_every": int64(2), "prompts": int64(2), "updates": int64(2), "kl": 0.1}
	stoppedOften(t, tinyRL(rl), 3, 100) // a step takes about 50
}

// stoppedOften stops a run of 9 steps after fewer looks than given, most times.
func stoppedOften(t *testing.T, run experiments.Run, every int64, few int) {
	t.Helper()
	want := undisturbed(t, run)
	r := rand.New(rand.NewPCG(1, uint64(every)))
	runDir, steps, stops, due := runFolder(t, run), 0, 0, 0
	for n := 1; ; n++ {
		dir := attempt(t, runDir, n)
		looks := few
		if n%4 == 0 {
			looks = 300 // an evaluation takes about 70
		}
		ctx := newCalledOff(t, r.IntN(looks))
		err := trainIn(ctx, t, dir, run, io.Discard)
		ctx.end()
		steps += stepsIn(dir)
		if err == nil {
			break
		}
		if stops++; !errors.Is(err, ErrStopped) || stops > 100 {
			t.Fatalf("attempt %d: %v", n, err)
		}
		if at, err := noted(filepath.Join(dir, "checkpoint")); err == nil && at.Due {
			due++
		}
	}
	if diff := cmp.Diff(want, outcomeOf(t, runDir)); diff != "" {
		t.Errorf("evaluated every %d steps and stopped %d times, another result:\n%s", every, stops, diff)
	}
	// The point of a step whose evaluation was called off is written once more.
	if steps < 9 || steps > 9+due {
		t.Errorf("evaluated every %d steps: %d points of 9 steps, %d of them for an evaluation", every, steps, due)
	}
	t.Logf("stopped %d times, %d in an evaluation", stops, due)
}

// noted is how far a checkpoint says it is.
func noted(place string) (at progress, err error) {
	err = readFrom(filepath.Join(place, stateName), func(r io.Reader) error { return lm.ReadNote(r, &at) })
	return at, err
}

// A trainer that was killed when all steps were made and nothing said so makes
// none again, and leaves what an undisturbed one leaves.
func TestKilledBeforeResult(t *testing.T) {
	t.Parallel()
	run := tiny(map[string]any{"checkpoint_every": int64(3)})
	before, runDir := t.TempDir(), t.TempDir()
	log := &hook{on: "phase save", do: func() {
		if err := os.CopyFS(runDir, os.DirFS(before)); err != nil {
			t.Error(err)
		}
	}}
	if err := trainIn(t.Context(), t, attempt(t, before, 1), run, log); err != nil {
		t.Fatal(err)
	}
	want := outcomeOf(t, before)
	log = &hook{}
	a2 := attempt(t, runDir, 2)
	if err := trainIn(t.Context(), t, a2, run, log); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, outcomeOf(t, runDir)); diff != "" {
		t.Errorf("another result:\n%s", diff)
	}
	if !strings.Contains(log.String(), "phase resume from step 6 of attempt a1\n") || stepsIn(a2) != 0 {
		t.Errorf("%d steps were made again; the log is\n%s", stepsIn(a2), log)
	}
	for _, runDir := range []string{before, runDir} {
		newest, _ := store.Attempts(runDir)
		dir := store.AttemptDir(runDir, newest)
		m, err := lm.Load(bytes.NewReader(read(t, dir, "checkpoint/weights")))
		if err != nil || m.WeightsSHA256() != want.Result.WeightsSHA256 {
			t.Errorf("the weights in %s are not the result's: %v", dir, err)
		}
		for _, name := range []string{"checkpoint/state", "checkpoint.old", "checkpoint.part"} {
			if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
				t.Errorf("a finished attempt still has %s", name)
			}
		}
		if len(read(t, dir, "items/current@6.jsonl")) == 0 || len(read(t, dir, "samples.jsonl")) == 0 {
			t.Errorf("%s has no outcome of the last evaluation", dir)
		}
	}
}

// The highest step is the newest, whichever attempt it is of.
func TestResumeFromHighestStep(t *testing.T) {
	t.Parallel()
	run := tiny(map[string]any{"steps": int64(7), "eval_every": int64(2), "checkpoint_every": int64(100), "eval_tasks": int64(16)})
	runDir := t.TempDir()
	for n, on := range []string{"step 4 of", "step 2 of"} {
		ctx, cancel := context.WithCancel(t.Context())
		elsewhere := t.TempDir()
		if err := trainIn(ctx, t, attempt(t, elsewhere, n+1), run, &hook{on: on, do: cancel}); !errors.Is(err, ErrStopped) {
			t.Fatal(err)
		}
		if err := os.CopyFS(runDir, os.DirFS(elsewhere)); err != nil {
			t.Fatal(err)
		}
	}
	log := &hook{}
	if err := trainIn(t.Context(), t, attempt(t, runDir, 3), run, log); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(log.String(), "resume from step 4 of attempt a1") {
		t.Errorf("the log is\n%s", log)
	}
}
