package recipe

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"path/filepath"
	"strings"
	"testing"

	"ablate/experiments"
	"ablate/experiments/store"
)

// dataRun is a run of the recipe that trains nothing.
func dataRun(set map[string]any) experiments.Run {
	p := experiments.Params{}
	for _, param := range dataTable().Params {
		p[param.Name] = param.Default
	}
	p["tasks"] = int64(200)
	maps.Copy(p, set)
	return experiments.Run{ID: "x/y/s1", Recipe: onlyData, RecipeVersion: Version, Params: p, Seed: 1}
}

func dataOutcome(t *testing.T, run experiments.Run, workers int) (string, store.Outcome) {
	t.Helper()
	dir, err := trainWith(t.Context(), t, run, workers)
	if err != nil {
		t.Fatal(err)
	}
	var out store.Outcome
	if err := store.ReadJSON(filepath.Join(dir, "result.json"), &out); err != nil {
		t.Fatal(err)
	}
	return dir, out
}

// The labels by task add up to the label accuracy; points come as tasks are made.
func TestDataRun(t *testing.T) {
	t.Parallel()
	dir, out := dataOutcome(t, dataRun(nil), 1)
	sum, n := 0.0, 0
	for line := range strings.Lines(string(read(t, dir, "items/labels@0.jsonl"))) {
		var item store.Item
		if err := json.Unmarshal([]byte(line), &item); err != nil {
			t.Fatal(err)
		}
		if item.N < 1 || item.N > 15 || item.C > item.N || !strings.HasPrefix(item.Stratum, "depth") {
			t.Errorf("item %+v", item)
		}
		sum += float64(item.C) / float64(item.N)
		n++
	}
	if diff := sum/float64(n) - out.Metrics["data/label_accuracy"]; n < 190 || diff > 1e-9 || diff < -1e-9 {
		t.Errorf("%d tasks have labels, %v right; data/label_accuracy is %v", n, sum/float64(n), out.Metrics["data/label_accuracy"])
	}
	if got := out.Metrics["data/made"]; got != 200 {
		t.Errorf("%v tasks were made, want 200", got)
	}
	var steps []int64
	for line := range strings.Lines(string(read(t, dir, "metrics.jsonl"))) {
		var p store.Point
		if err := json.Unmarshal([]byte(line), &p); err != nil {
			t.Fatal(err)
		}
		steps = append(steps, p.Step)
	}
	if len(steps) != 5 || steps[0] != 0 || steps[1] != 64 || steps[4] != 200 {
		t.Errorf("points at %v, want 0, 64, 128, 192, 200", steps)
	}
}

func TestDataRunIsAFunctionOfItsSeed(t *testing.T) {
	t.Parallel()
	few := map[string]any{"tasks": int64(80)} // two points
	_, one := dataOutcome(t, dataRun(few), 1)
	_, three := dataOutcome(t, dataRun(few), 3)
	if one.WeightsSHA256 != three.WeightsSHA256 || len(one.WeightsSHA256) != 64 {
		t.Errorf("data of 1 worker is %s, of 3 %s", one.WeightsSHA256, three.WeightsSHA256)
	}
	other := dataRun(few)
	other.Seed = 2
	if _, two := dataOutcome(t, other, 1); two.WeightsSHA256 == one.WeightsSHA256 {
		t.Error("two seeds make the same data")
	}
}

// Each parameter changes the data that is made. The teacher errs so much that the
// weights of tests matter.
func TestAxesOfData(t *testing.T) {
	t.Parallel()
	sum := func(set map[string]any) string {
		all := map[string]any{"teacher_error": 0.4, "tasks": int64(80)}
		maps.Copy(all, set)
		_, out := dataOutcome(t, dataRun(all), 1)
		return out.WeightsSHA256
	}
	base := sum(nil)
	for name, value := range map[string]any{
		"tasks": int64(79), "candidates": int64(4), "tests": int64(8), "test_kind": "lists", "weighting": "none", "holdout": 0.25,
		"teacher_error": 0.1, "styles": "1:1:1",
	} {
		if sum(map[string]any{name: value}) == base {
			t.Errorf("%s = %v makes the same data", name, value)
		}
	}
}

func TestDataRunStops(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := trainWith(ctx, t, dataRun(nil), 1); !errors.Is(err, ErrStopped) {
		t.Errorf("error %v, want ErrStopped", err)
	}
}

func TestCheckData(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		set  map[string]any
		want string
	}{
		"good":            {nil, ""},
		"one candidate":   {map[string]any{"candidates": int64(1)}, "candidates = 1 is no vote: it takes two"},
		"all held out":    {map[string]any{"holdout": 1.0}, "holdout = 1 leaves none of tests = 15 to choose the golden solution on"},
		"one test":        {map[string]any{"tests": int64(1)}, "holdout = 0.5 leaves none of tests = 1 to choose the golden solution on"},
		"none held out":   {map[string]any{"holdout": 0.0}, ""},
		"two styles":      {map[string]any{"styles": "70:30"}, `styles = "70:30" has 2 weights; write three, like 70:15:15`},
		"no style":        {map[string]any{"styles": "0:0:0"}, `styles = "0:0:0" leaves no style; write three numbers that are not all 0, like 70:15:15`},
		"a negative":      {map[string]any{"styles": "-1:1:1"}, `styles = "-1:1:1": "-1" is no weight; write three numbers of 0 or more, like 70:15:15`},
		"no number":       {map[string]any{"styles": "a:1:1"}, `styles = "a:1:1": "a" is no weight; write three numbers of 0 or more, like 70:15:15`},
		"not a number":    {map[string]any{"styles": "NaN:1:1"}, `styles = "NaN:1:1": "NaN" is no weight; write three numbers of 0 or more, like 70:15:15`},
		"spaces, decimal": {map[string]any{"styles": "0.7 : 0.15 : .15"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := strings.Join(checkData(dataRun(c.set).Params), "; "); got != c.want {
				t.Errorf("checkData = %q, want %q", got, c.want)
			}
		})
	}
}
