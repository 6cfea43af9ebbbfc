package report

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ablate/experiments/store"
)

// The outcomes behind a metric are those whose mean the run reports: avg@8 of 16
// samples is of the first 8, which have a file of their own.
func TestScoresOf(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	items := filepath.Join(dir, "a1", "items")
	if err := os.MkdirAll(items, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"current@9":           `{"id":"a","n":1,"c":1}` + "\n" + `{"id":"b","n":1,"c":0}` + "\n",
		"current-samples@9":   `{"id":"a","n":16,"c":4}` + "\n" + `{"id":"b","n":16,"c":16}` + "\n",
		"current-samples-8@9": `{"id":"a","n":8,"c":4}` + "\n" + `{"id":"b","n":8,"c":8}` + "\n",
	} {
		if err := os.WriteFile(filepath.Join(items, name+".jsonl"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	r := store.Record{Dir: dir, Attempt: 1, Metrics: store.Values{
		"eval/pass@1": 0.5, "eval/avg@8": 0.75, "eval/avg@16": 0.625, "eval/pass@16": 1, "eval/pass@2": 0.1, "train/reward": 1,
	}}
	for metric, want := range map[string]map[string]float64{
		"eval/pass@1": {"a": 1, "b": 0}, "eval/avg@8": {"a": 0.5, "b": 1}, "eval/avg@16": {"a": 0.25, "b": 1}, "eval/pass@16": {"a": 1, "b": 1},
		"eval/pass@2": nil, "eval/avg@32": nil, "train/reward": nil, // another mean, too few samples, no outcome a task
	} {
		s, err := NewComparer(&store.Store{Dir: t.TempDir()}).scoresOf(r, metric)
		var got map[string]float64
		if s != nil {
			got = map[string]float64{}
			for i, id := range s.ids {
				got[id] = s.values[i]
			}
		}
		if err != nil || !maps.Equal(got, want) {
			t.Errorf("%s: %v, %v; want %v", metric, got, err, want)
		}
	}
}

// Where nothing ran, nothing is known of the machine.
func TestWordsOfNoRun(t *testing.T) {
	t.Parallel()
	for cores, want := range map[int]string{0: "on the cores of the machine", 1: "on the 1 core of the machine", 2: "on the 2 cores of the machine"} {
		if got := strings.Join(strings.Fields(provenance{Cores: cores}.words()), " "); !strings.Contains(got, want) {
			t.Errorf("%d cores: no %q in\n%s", cores, want, got)
		}
	}
}
