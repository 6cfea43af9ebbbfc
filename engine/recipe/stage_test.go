package recipe

import (
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ablate/engine/lm"
	"ablate/experiments"
	"ablate/experiments/store"
)

// tinyRL is a run that goes on by reward from a model which writes programs that
// compile now and then.
func tinyRL(set map[string]any) experiments.Run {
	run := tiny(map[string]any{
		"tasks": int64(256), "solutions": int64(1), "steps": int64(250), "batch": int64(32), "lr": 1.5e-2,
		"dim": int64(32), "vocab": int64(300), "eval_every": int64(50), "eval_tasks": int64(16),
	})
	for _, param := range rlParams() {
		run.Params[param.Name] = param.Default
	}
	maps.Copy(run.Params, map[string]any{"rl_steps": int64(4), "rl_tasks": int64(16), "prompts": int64(4), "rollouts": int64(4), "rl_lr": 1e-3})
	maps.Copy(run.Params, set)
	run.Recipe = sftGRPO
	return run
}

var (
	stageStore string // has the stage that all tests of tinyRL begin with
	stageOnce  sync.Once
)

// runFolder is the folder of a run in a store of its own, in which its stage is
// there already if it is tinyRL's.
func runFolder(t *testing.T, run experiments.Run) string {
	t.Helper()
	dir := t.TempDir()
	if run.Recipe != "sft" {
		stageOnce.Do(func() {
			var err error
			if stageStore, err = os.MkdirTemp("", "ablate-stage-*"); err != nil {
				t.Fatal(err)
			}
			first := tinyRL(map[string]any{"rl_steps": int64(0)})
			if err := trainIn(t.Context(), t, attempt(t, filepath.Join(stageStore, first.ID), 1), first, io.Discard); err != nil {
				t.Fatal(err)
			}
		})
		from := filepath.Join(stageStore, stagesName)
		if err := os.CopyFS(filepath.Join(dir, stagesName), os.DirFS(from)); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, filepath.FromSlash(run.ID))
}

// quickStage is a run whose stage takes no time and is of no use.
func quickStage(set map[string]any) experiments.Run {
	run := tinyRL(map[string]any{"tasks": int64(24), "steps": int64(6), "eval_every": int64(3), "checkpoint_every": int64(2), "dim": int64(16), "rl_steps": int64(1)})
	maps.Copy(run.Params, set)
	return run
}

// Two arms of a seed begin with the weights of one stage, which the first trains;
// an arm of another seed or another fine-tuning has its own.
func TestStageIsShared(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	log := func(id string, seed int64, set map[string]any) string {
		t.Helper()
		run := quickStage(set)
		run.ID, run.Seed = id, seed
		var b bytes.Buffer
		if err := trainIn(t.Context(), t, attempt(t, filepath.Join(dir, id), 1), run, &b); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	started := func(text string) string {
		_, rest, _ := strings.Cut(text, "starts from ")
		line, _, _ := strings.Cut(rest, "\n")
		return line
	}
	first := log("x/a/s1", 1, nil)
	second := log("x/b/s1", 1, map[string]any{"reward": allReward, "eval_every": int64(2), "checkpoint_every": int64(100), "keep_every": int64(3)})
	if !strings.Contains(first, "phase sft (shared stage ") || strings.Contains(second, "phase sft") {
		t.Errorf("the first arm says\n%s\nand the second\n%s", first, second)
	}
	if started(first) == "" || started(first) != started(second) {
		t.Errorf("one starts from %q, the other from %q", started(first), started(second))
	}
	if other := log("x/a/s2", 2, nil); started(other) == started(first) || !strings.Contains(other, "phase sft") {
		t.Errorf("another seed starts from %q", started(other))
	}
	if other := log("x/c/s1", 1, map[string]any{"lr": 1e-3}); started(other) == started(first) {
		t.Errorf("another learning rate of the stage starts from %q", started(other))
	}
	s, err := store.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if names, err := s.Experiments(); err != nil || len(names) != 0 { // none has a plan
		t.Errorf("experiments %q, %v", names, err)
	}
	if _, err := s.Find(stagesName); err == nil {
		t.Error("the stages are found as an experiment")
	}
}

// A run of no steps is its stage, evaluated and kept.
func TestNoStepsByReward(t *testing.T) {
	t.Parallel()
	run := quickStage(map[string]any{"rl_steps": int64(0)})
	runDir := filepath.Join(t.TempDir(), run.ID)
	dir := attempt(t, runDir, 1)
	if err := trainIn(t.Context(), t, dir, run, io.Discard); err != nil {
		t.Fatal(err)
	}
	stages, err := filepath.Glob(filepath.Join(storeOf(dir), stagesName, "*", "a1"))
	if err != nil || len(stages) != 1 {
		t.Fatalf("stages %q, %v", stages, err)
	}
	var stage, out store.Outcome
	if err := errors.Join(store.ReadJSON(filepath.Join(stages[0], "result.json"), &stage), store.ReadJSON(filepath.Join(dir, "result.json"), &out)); err != nil {
		t.Fatal(err)
	}
	if _, ok := out.Metrics["eval/pass@1"]; !ok || out.WeightsSHA256 != stage.WeightsSHA256 {
		t.Errorf("result %+v of stage %+v", out, stage)
	}
	if !bytes.Equal(read(t, dir, "checkpoint/weights"), read(t, stages[0], "checkpoint/weights")) {
		t.Error("the weights of the run are not those of the stage")
	}
	if len(read(t, dir, "items/current@0.jsonl")) == 0 {
		t.Error("no outcomes at step 0")
	}
}

// Whoever comes after a trainer of the stage that was stopped goes on where it
// was, and ends with the same weights.
func TestStageIsTakenUp(t *testing.T) {
	t.Parallel()
	run := quickStage(nil)
	want := undisturbed(t, run) // in a store with other stages
	runDir := filepath.Join(t.TempDir(), run.ID)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	if err := trainIn(ctx, t, attempt(t, runDir, 1), run, &hook{on: "step 3 of 6", do: cancel}); !errors.Is(err, ErrStopped) {
		t.Fatal(err)
	}
	log := &hook{}
	if err := trainIn(t.Context(), t, attempt(t, runDir, 2), run, log); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(log.String(), "phase resume from step 3 of attempt a1\n") {
		t.Errorf("the log is\n%s", log)
	}
	if diff := cmp.Diff(want, outcomeOf(t, runDir)); diff != "" {
		t.Errorf("another result:\n%s", diff)
	}
}

// A run waits for a stage that another one trains, and no longer than it may.
func TestWaitForStage(t *testing.T) {
	t.Parallel()
	run := quickStage(nil)
	name, err := stageName(run)
	if err != nil {
		t.Fatal(err)
	}
	runDir := filepath.Join(t.TempDir(), run.ID)
	dir := attempt(t, runDir, 1)
	stage := filepath.Join(storeOf(dir), stagesName, name)
	if err := os.MkdirAll(stage, 0o755); err != nil {
		t.Fatal(err)
	}
	lock, err := store.Lock(store.LockFile(stage), time.Second)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	err = trainIn(ctx, t, dir, run, &hook{on: "phase wait for stage " + name, do: cancel})
	if !errors.Is(err, ErrStopped) || !strings.Contains(err.Error(), "waited for stage") {
		t.Errorf("error %v, want that it was stopped while it waited", err)
	}
	log := &hook{on: "phase wait", do: func() { _ = lock.Close() }}
	if err := trainIn(t.Context(), t, attempt(t, runDir, 2), run, log); err != nil || !strings.Contains(log.String(), "phase sft") {
		t.Errorf("%v; the log is\n%s", err, log)
	}
}

// If the folder of a stage is removed, whoever waits for it trains it.
func TestWaitForRemovedStage(t *testing.T) {
	t.Parallel()
	run := quickStage(nil)
	name, err := stageName(run)
	if err != nil {
		t.Fatal(err)
	}
	dir := attempt(t, filepath.Join(t.TempDir(), run.ID), 1)
	stage := filepath.Join(storeOf(dir), stagesName, name)
	if err := os.MkdirAll(stage, 0o755); err != nil {
		t.Fatal(err)
	}
	lock, err := store.Lock(store.LockFile(stage), time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Close()
	log := &hook{on: "phase wait", do: func() { _ = os.RemoveAll(filepath.Dir(stage)) }}
	if err := trainIn(t.Context(), t, dir, run, log); err != nil || !strings.Contains(log.String(), "phase sft") {
		t.Errorf("%v; the log is\n%s", err, log)
	}
}

// A stage whose weights are damaged is trained again.
func TestDamagedStage(t *testing.T) {
	t.Parallel()
	run := quickStage(nil)
	runDir := filepath.Join(t.TempDir(), run.ID)
	if err := trainIn(t.Context(), t, attempt(t, runDir, 1), run, io.Discard); err != nil {
		t.Fatal(err)
	}
	name, err := stageName(run)
	if err != nil {
		t.Fatal(err)
	}
	weights := filepath.Join(storeOf(filepath.Join(runDir, "a1")), stagesName, name, "a1", "checkpoint", weightsName)
	if err := os.WriteFile(weights, []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	run.ID = "x/z/s1"
	if err := trainIn(t.Context(), t, attempt(t, filepath.Join(filepath.Dir(filepath.Dir(runDir)), "z", "s1"), 1), run, &log); err != nil {
		t.Fatal(err)
	}
	for _, says := range []string{"stage " + name + " cannot be used: load model: ", "phase sft (shared stage " + name} {
		if !strings.Contains(log.String(), says) {
			t.Errorf("the log has not %q:\n%s", says, &log)
		}
	}
}

// A checkpoint of a run that began with other weights is not one to go on from.
func TestCheckpointOfAnotherStart(t *testing.T) {
	t.Parallel()
	s := &session{config: config{Run: "x/y/s1"}, total: 9, from: "there"}
	model, err := lm.New(lm.Config{Vocab: 4, Dim: 4, Layers: 1, Heads: 1, Context: 8}, 1)
	if err != nil {
		t.Fatal(err)
	}
	for from, want := range map[string]string{"there": "", "here": `it began with weights here, this run begins with there`} {
		place := t.TempDir()
		at := progress{Run: s.Run, Version: Version, Step: 3, From: from}
		err := writeTo(filepath.Join(place, stateName), func(w io.Writer) error { return lm.NewTrainer(model, adamW(0, 0), 1).Save(w, nil, at) })
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.look(place); want == "" && err != nil || want != "" && (err == nil || err.Error() != want) {
			t.Errorf("from %s: error %v, want %q", from, err, want)
		}
	}
}

// Of arms that begin at one time one trains the stage, and the others wait.
func TestStageIsTrainedOnce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	logs := make([]bytes.Buffer, 3)
	places := make([]string, len(logs))
	for i := range places {
		places[i] = attempt(t, filepath.Join(dir, "x", string(rune('a'+i)), "s1"), 1)
	}
	var wait sync.WaitGroup
	for i := range logs {
		wait.Go(func() {
			run := quickStage(map[string]any{"steps": int64(40)})
			run.ID = "x/" + string(rune('a'+i)) + "/s1"
			if err := trainIn(t.Context(), t, places[i], run, &logs[i]); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	trained := 0
	for i := range logs {
		trained += strings.Count(logs[i].String(), "phase sft")
	}
	attempts, err := filepath.Glob(filepath.Join(dir, stagesName, "*", "a*"))
	if trained != 1 || len(attempts) != 1 || err != nil {
		t.Errorf("the stage was trained %d times in %q, %v", trained, attempts, err)
	}
}
