package recipe

import (
	"encoding/json"
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ablate/engine/judge"
	"ablate/engine/lm"
	"ablate/engine/synth"
	"ablate/experiments/store"
)

// asker is a session that can ask a fresh model.
func asker(t *testing.T, set map[string]any) *session {
	t.Helper()
	c := newConfig(tiny(set))
	d, err := newCorpus(t.Context(), c, Means{})
	if err != nil {
		t.Fatal(err)
	}
	m, err := lm.New(lm.Config{Vocab: d.tok.Size(), Dim: c.Dim, Layers: c.Layers, Heads: c.Heads, Context: c.Context}, 1)
	if err != nil {
		t.Fatal(err)
	}
	out, err := store.OpenAttempt(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = out.Close() })
	return &session{config: c, data: d, model: m, out: out, pool: newPool(t, 1), workers: 1, log: io.Discard, total: c.Steps}
}

// resultOf is what a run in one attempt ends with, and the names of its items.
func resultOf(t *testing.T, set map[string]any) (dir string, out store.Outcome, items []string) {
	t.Helper()
	dir, err := train(t.Context(), t, tiny(set))
	if err != nil {
		t.Fatal(err)
	}
	if err := store.ReadJSON(filepath.Join(dir, "result.json"), &out); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "items", "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		items = append(items, filepath.Base(file))
	}
	return dir, out, items
}

func TestStrata(t *testing.T) {
	t.Parallel()
	e := evaluation{
		tasks: []synth.Task{
			{Depth: 2, Style: "atcoder"}, {Depth: 2, Style: "codeforces"}, {Depth: 2, Style: "codeforces"}, {Depth: 3, Style: "codeforces"},
		},
		results: []judge.Result{{Verdict: judge.AC}, {Verdict: judge.WA}, {Verdict: judge.AC}, {Verdict: judge.RE}},
	}
	want := store.Values{
		"eval/depth=2/pass@1": 2.0 / 3, "eval/depth=3/pass@1": 0, "eval/style=atcoder/pass@1": 1, "eval/style=codeforces/pass@1": 1.0 / 3,
	}
	if diff := cmp.Diff(want, e.strata()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Only the end asks more than the current set, and the axes of evaluation change
// no weight.
func TestFinalEvaluation(t *testing.T) {
	t.Parallel()
	_, plain, items := resultOf(t, nil)
	if want := []string{"current@3.jsonl", "current@6.jsonl"}; !slices.Equal(items, want) {
		t.Errorf("items %q, want %q", items, want)
	}
	dir, full, items := resultOf(t, map[string]any{"eval_sets": allSets, "eval_samples": int64(4)})
	want := []string{"current-samples@6.jsonl", "current@3.jsonl", "current@6.jsonl", "harder@6.jsonl", "older@6.jsonl"}
	if !slices.Equal(items, want) {
		t.Errorf("items %q, want %q", items, want)
	}
	if plain.WeightsSHA256 != full.WeightsSHA256 {
		t.Error("to be asked more changes the weights")
	}
	for name, v := range plain.Metrics {
		if w, ok := full.Metrics[name]; !ok || v != w {
			t.Errorf("%s is %v, and %v when more is asked", name, v, w)
		}
	}
	more := slices.DeleteFunc(slices.Sorted(maps.Keys(full.Metrics)), func(name string) bool { _, ok := plain.Metrics[name]; return ok })
	if want := []string{"eval/harder/pass@1", "eval/older/pass@1", "eval/pass@2", "eval/pass@4"}; !slices.Equal(more, want) {
		t.Errorf("more metrics are %q, want %q", more, want)
	}
	for name, task := range map[string]synth.Task{
		"older@6.jsonl": synth.Benchmark(older, 1)[0], "harder@6.jsonl": synth.Benchmark(harder, 1)[0], "current-samples@6.jsonl": synth.Benchmark(current, 1)[0],
	} {
		lines := strings.Split(strings.TrimSpace(string(read(t, dir, "items/"+name))), "\n")
		var first store.Item
		if err := json.Unmarshal([]byte(lines[0]), &first); err != nil {
			t.Fatal(err)
		}
		if len(lines) != 32 || first.ID != task.ID {
			t.Errorf("%s has %d tasks, first %s; want 32, first %s", name, len(lines), first.ID, task.ID)
		}
		if n := first.N; strings.Contains(name, "samples") != (n == 4) {
			t.Errorf("%s says %d samples", name, n)
		}
	}
}

// Of more than 8 samples the first 8, which avg@8 is of, are written down too.
func TestFirstSamples(t *testing.T) {
	t.Parallel()
	right := [][]bool{samplesLike("+-+-+-+-++"), samplesLike("--------+-")}
	tasks := synth.Benchmark(current, 2)
	dir := t.TempDir()
	out, err := store.OpenAttempt(dir)
	if err != nil {
		t.Fatal(err)
	}
	s := &session{out: out, at: progress{Step: 6}}
	if err := errors.Join(s.writeSamples(tasks, right), out.Close()); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string][]int{"current-samples": {10, 6, 10, 1}, "current-samples-8": {8, 4, 8, 0}} {
		items, err := store.ReadItems(store.Record{Dir: dir}, "items/"+name+"@6.jsonl")
		if err != nil || len(items) != 2 {
			t.Fatal(items, err)
		}
		if got := []int{items[0].N, items[0].C, items[1].N, items[1].C}; !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
	if files, err := os.ReadDir(filepath.Join(dir, "items")); err != nil || len(files) != 2 {
		t.Errorf("%v, %v", files, err)
	}
}

// What the end asks is asked again after a kill and gives the same bits, whatever
// the number of workers.
func TestFinalEvaluationIsRepeated(t *testing.T) {
	t.Parallel()
	run := tiny(map[string]any{"eval_sets": allSets, "eval_samples": int64(3), "at": bestOnDev, "eval_every": int64(2), "checkpoint_every": int64(2), "lr": 0.02, "eval_tasks": int64(16)})
	want := undisturbed(t, run)
	for _, on := range []string{"older: ", "harder: ", "step 4 of", "step 6 of"} {
		runDir := t.TempDir()
		ctx := newCalledOff(t, 1<<40)
		log := &hook{on: on, do: ctx.end}
		err := trainIn(ctx, t, attempt(t, runDir, 1), run, log)
		if err == nil {
			t.Logf("stopped at %q: it had ended", on)
		}
		if err := carryOut(t.Context(), t, attempt(t, runDir, 2), run, 2, io.Discard); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, outcomeOf(t, runDir)); diff != "" {
			t.Errorf("stopped at %q, another result:\n%s", on, diff)
		}
	}
}
