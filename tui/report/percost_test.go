package report_test

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"ablate/experiments/store"
	"ablate/tui/report"
)

// By hand. A run of A holds two H20 for half an hour and takes 1 kWh, one of B for an hour
// and 2 kWh; B is better by 10 points. A point takes 0.1 GPU-hours, 0.1 kWh and, at 1.2 an
// hour, 0.12 USD.
func TestCompareSaysWhatAPointTakes(t *testing.T) {
	t.Parallel()
	p := trainsModel(t, "seeds = 4\naxes = { size = [1, 2] }")
	run := func(score, seconds float64) func(string, float64) {
		return func(dir string, at float64) {
			use := twoH20()
			use.Seconds, use.EnergyJ = 2*seconds, new(2000*seconds)
			put(t, filepath.Join(dir, "a1", "start.json"), map[string]any{"time": at, "held": make([]string, 2)})
			e := store.Exit{Seconds: seconds, GPU: use}
			e.Metrics, e.Time = store.Values{"eval/pass@1": score}, at+seconds
			put(t, filepath.Join(dir, "a1", "exit.json"), e)
		}
	}
	s := fill(t, p, run(0.50, 1800), run(0.60, 3600), run(0.51, 1800), run(0.611, 3600), run(0.52, 1800), run(0.619, 3600), run(0.53, 1800), run(0.63, 3600))
	written := func(o report.CompareOptions, asJSON bool) string {
		var b bytes.Buffer
		if err := report.Compare(&b, s, o, false, asJSON); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	pair := report.CompareOptions{Names: []string{"own/1", "own/2"}, Cost: prices()}
	golden(t, "compare-point", s.Dir, written(pair, false))
	pair.Markdown = true
	if text := written(pair, false); !strings.Contains(text, "| USD per point |  |  | 0.12 a run of B |") {
		t.Errorf("markdown:\n%s", text)
	}
	pair.Names = []string{"own/2", "own/1"}
	if text := written(pair, false); !strings.Contains(text, "| 0.12 a run of A |") {
		t.Errorf("the other way round:\n%s", text)
	}
	var doc struct {
		PerPoint *report.PointCost `json:"per_point"`
	}
	if err := json.Unmarshal([]byte(written(pair, true)), &doc); err != nil {
		t.Fatal(err)
	}
	want := &report.PointCost{By: "a", GPUHours: new(0.1), KWh: new(0.1), Price: new(0.12), Currency: "USD"}
	if diff := cmp.Diff(want, doc.PerPoint, cmpopts.IgnoreUnexported(report.PointCost{}), cmpopts.EquateApprox(1e-9, 0)); diff != "" {
		t.Error(diff)
	}
	pair.Cost = nil
	if text := written(pair, false); !strings.Contains(text, "kWh per point") || strings.Contains(text, "USD") {
		t.Errorf("without prices:\n%s", text)
	}
}
