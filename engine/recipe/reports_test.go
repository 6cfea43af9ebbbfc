package recipe

import (
	"path/filepath"
	"testing"

	"ablate/experiments"
	"ablate/experiments/store"
)

func TestReports(t *testing.T) {
	t.Parallel()
	none, all := experiments.Params{"source": fromReference}, experiments.Params{
		"source": fromVerified, "eval_samples": int64(8), "eval_sets": allSets, "at": bestOnDev,
	}
	for metric, want := range map[string][2]bool{ // of none, of all
		"eval/pass@1": {true, true}, "eval/pas@1": {}, "eval/pass@3": {}, "eval/pass@8": {false, true}, "eval/pass@16": {},
		"eval/avg@8": {false, true}, "eval/avg@16": {}, "eval/older/pass@1": {false, true}, "eval/older/pass@8": {},
		"eval/newer/pass@1": {}, "eval/depth=3/pass@1": {true, true}, "eval/verdict/WA": {true, true}, "eval/at": {false, true},
		"data/kept": {false, true}, "train/loss": {true, true},
	} {
		if got := [2]bool{reports(metric, none), reports(metric, all)}; got != want {
			t.Errorf("%s: reported %v, want %v", metric, got, want)
		}
	}
	rewarded, not := experiments.Params{"rl_steps": int64(10)}, experiments.Params{"rl_steps": int64(0)}
	for _, metric := range []string{"train/reward", "train/entropy", "rl/no_signal"} {
		if !reportsRL(metric, rewarded) || reportsRL(metric, not) || reports(metric, none) {
			t.Errorf("%s is reported by others than those who take steps by reward", metric)
		}
	}
	if reportsRL("train/loss", rewarded) || !reportsRL("eval/pass@1", not) {
		t.Error("training by reward has no loss, and is evaluated")
	}
	raw := experiments.Params{"source": fromRaw}
	if !reports("data/right", raw) || reports("data/kept", raw) {
		t.Error("raw data are counted right and nothing else")
	}
	if !reportsData("data/dropped/unsolvable", nil) || reportsData("eval/pass@1", nil) {
		t.Error("making data drops tasks and evaluates nothing")
	}
}

// What an evaluation writes is what reports says.
func TestReportsWhatIsWritten(t *testing.T) {
	t.Parallel()
	run := tiny(map[string]any{"eval_samples": int64(16), "eval_sets": allSets, "source": fromVerified, "at": bestOnDev})
	dir, err := train(t.Context(), t, run)
	if err != nil {
		t.Fatal(err)
	}
	var out store.Outcome
	if err := store.ReadJSON(filepath.Join(dir, "result.json"), &out); err != nil {
		t.Fatal(err)
	}
	for name := range out.Metrics {
		if !reports(name, run.Params) && name != "dev/pass@1" {
			t.Errorf("the run ends with %s, and reports does not know it", name)
		}
	}
}
