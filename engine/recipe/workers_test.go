package recipe

import (
	"encoding/json"
	"path/filepath"
	"testing"

	"ablate/experiments/store"
)

// The number of workers, which depends on what else runs on the machine, does not
// change a bit of what a run leaves.
func TestWorkersDoNotShow(t *testing.T) {
	t.Parallel()
	files := func(workers int) map[string]string {
		// 12 rows a step do not divide evenly among workers.
		dir, err := trainWith(t.Context(), t, tiny(map[string]any{"batch": int64(12)}), workers)
		if err != nil {
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
