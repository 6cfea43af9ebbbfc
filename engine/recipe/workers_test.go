package recipe

import (
	"encoding/json"
	"io"
	"path/filepath"
	"testing"

	"ablate/experiments"
	"ablate/experiments/store"
)

// The number of workers, which depends on what else runs on the machine, does not
// change a bit of what a run leaves.
func TestWorkersDoNotShow(t *testing.T) {
	t.Parallel()
	for name, run := range map[string]experiments.Run{
		"sft":      tiny(map[string]any{"batch": int64(12)}), // 12 rows a step do not divide evenly among workers
		"sft+grpo": tinyRL(map[string]any{"rl_steps": int64(6), "eval_every": int64(3), "updates": int64(2), "kl": 0.1, "entropy": 0.01, "rl_order": sortedOrder}),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			workersDoNotShow(t, run)
		})
	}
}

func workersDoNotShow(t *testing.T, run experiments.Run) {
	t.Helper()
	files := func(workers int) map[string]string {
		dir := attempt(t, runFolder(t, run), 1)
		if err := carryOut(t.Context(), t, dir, run, workers, io.Discard); err != nil {
			t.Fatal(err)
		}
		var out store.Outcome
		if err := store.ReadJSON(filepath.Join(dir, "result.json"), &out); err != nil {
			t.Fatal(err)
		}
		if len(out.Metrics) == 0 || out.WeightsSHA256 == "" {
			t.Fatalf("%d workers: result is %+v", workers, out)
		}
		out.Time = 0
		result, err := json.Marshal(out)
		if err != nil {
			t.Fatal(err)
		}
		all := map[string]string{"result.json": string(result)}
		for _, name := range []string{"samples.jsonl", "items/current@3.jsonl", "items/current@6.jsonl", "checkpoint/weights"} {
			all[name] = string(read(t, dir, name))
		}
		return all
	}
	one := files(1)
	for _, workers := range []int{2, 3} {
		for name, got := range files(workers) {
			if got != one[name] {
				t.Errorf("%d workers: %s is not that of one worker", workers, name)
			}
		}
	}
}
