package recipe

import (
	"bytes"
	"encoding/json"
	"maps"
	"path/filepath"
	"strings"
	"testing"

	"ablate/engine/judge"
	"ablate/engine/lm"
	"ablate/experiments/store"
)

// The weights that are kept are those of the first of the best steps on the
// development set, and the last evaluation is of them.
func TestBestOnDev(t *testing.T) {
	t.Parallel()
	// So high a rate makes the model worse now and then.
	set := map[string]any{
		"steps": int64(60), "eval_every": int64(10), "lr": 0.05, "average": 0.0, "dim": int64(32), "eval_tasks": int64(64),
		"tasks": int64(48), "checkpoint_every": int64(7),
	}
	maps.Copy(set, map[string]any{"at": bestOnDev})
	dir, out, _ := resultOf(t, set)
	best, rate := 0, -1.0
	for line := range strings.Lines(string(read(t, dir, "metrics.jsonl"))) {
		var p store.Point
		if err := json.Unmarshal([]byte(line), &p); err != nil {
			t.Fatal(err)
		}
		if v, ok := p.M["dev/pass@1"]; ok && v > rate {
			best, rate = int(p.Step), v
		}
	}
	if best == 0 || best == 60 || out.Metrics["eval/at"] != float64(best) {
		t.Fatalf("the result is of step %v, the best on the development set is %d with %v", out.Metrics["eval/at"], best, rate)
	}
	m, err := lm.Load(bytes.NewReader(read(t, dir, "checkpoint/weights")))
	if err != nil {
		t.Fatal(err)
	}
	if m.WeightsSHA256() != out.WeightsSHA256 {
		t.Error("the saved weights are not those of the result")
	}
	// The same run evaluated at that step has the same programs.
	atBest := string(read(t, dir, filepath.Join("items", "current@"+itoa(best)+".jsonl")))
	if last := string(read(t, dir, "items/current@60.jsonl")); last != atBest {
		t.Error("the last evaluation is not of the chosen weights")
	}
	set["at"] = lastStep
	_, plain, _ := resultOf(t, set)
	if plain.WeightsSHA256 == out.WeightsSHA256 {
		t.Error("the choice is the last step's weights")
	}
}

func itoa(n int) string { b, _ := json.Marshal(n); return string(b) }

// Of equal steps the first is chosen, and only more solved tasks are better.
func TestChooseFirstOfEquals(t *testing.T) {
	t.Parallel()
	s := asker(t, map[string]any{"at": bestOnDev})
	for _, step := range []int{3, 6} {
		s.at.Step = step
		m, err := s.choose(t.Context())
		if err != nil || m["dev/pass@1"] != 0 {
			t.Fatalf("a fresh model solves %v: %v", m, err)
		}
		if s.at.Best.Step != 3 {
			t.Errorf("after step %d the best is step %d, want 3", step, s.at.Best.Step)
		}
	}
	s.at.Best.Rate = -1
	if _, err := s.choose(t.Context()); err != nil || s.at.Best.Step != 6 {
		t.Errorf("a better step is not chosen: %v, %v", s.at.Best, err)
	}
}

func TestRate(t *testing.T) {
	t.Parallel()
	e := evaluation{results: []judge.Result{{Verdict: judge.AC}, {Verdict: judge.WA}, {Verdict: judge.AC}, {Verdict: judge.NC}}}
	if got := e.rate(); got != 0.5 {
		t.Errorf("rate = %v, want 0.5", got)
	}
}
