package recipe

import (
	"io"
	"path/filepath"
	"strings"
	"testing"

	"ablate/experiments/store"
)

// A run that trains by reward is asked at its end what any other is, and a plan
// before its programs does no harm.
func TestRewardedRunIsAskedAlike(t *testing.T) {
	t.Parallel()
	run := quickStage(map[string]any{
		"eval_sets": allSets, "eval_samples": int64(8), "at": bestOnDev, "trace": long, "rl_steps": int64(2), "eval_every": int64(1),
	})
	dir := attempt(t, runFolder(t, run), 1)
	if err := trainIn(t.Context(), t, dir, run, io.Discard); err != nil {
		t.Fatal(err)
	}
	var out store.Outcome
	if err := store.ReadJSON(filepath.Join(dir, "result.json"), &out); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"eval/pass@1", "eval/avg@8", "eval/pass@8", "eval/older/pass@1", "eval/harder/pass@1", "eval/at", "eval/depth=2/pass@1"} {
		if _, ok := out.Metrics[name]; !ok {
			t.Errorf("the result has no %s: %v", name, out.Metrics)
		}
	}
	if _, ok := out.Metrics["eval/avg@16"]; ok {
		t.Error("8 samples give an avg@16")
	}
	// The first step is the start itself, which nothing is better than here.
	if out.Metrics["eval/at"] != 0 {
		t.Errorf("the result is of step %v, want the start", out.Metrics["eval/at"])
	}
	if n := strings.Count(string(read(t, dir, "items/current-samples@2.jsonl")), "\n"); n != 16 {
		t.Errorf("samples of %d tasks, want 16", n)
	}
}
