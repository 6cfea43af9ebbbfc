package store_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ablate/experiments/store"
)

// evaluated makes a run whose first attempt has items files with these texts.
func evaluated(t testing.TB, metrics store.Values, files map[string]string) store.Record {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		add(t, filepath.Join(dir, "a1", "items", name), text)
	}
	r := store.Record{Dir: dir, Attempt: 1, Metrics: metrics}
	r.ID = "e/c/s1"
	return r
}

func TestOutcomes(t *testing.T) {
	t.Parallel()
	item := func(id string, n, c string) string {
		return `{"id":"` + id + `","n":` + n + `,"c":` + c + `,"stratum":"depth2"}` + "\n"
	}
	chosen := evaluated(t, store.Values{"eval/at": 10}, map[string]string{
		"current@10.jsonl": item("a", "1", "1") + item("b", "1", "0"), "current@20.jsonl": item("a", "1", "0"),
	})
	newest := evaluated(t, nil, map[string]string{
		"current@9.jsonl":  item("a", "1", "1"),
		"current@20.jsonl": item("a", "4", "3") + "damaged\n" + item("a", "1", "0") + item("c", "2", "3") + item("d", "0", "0") + item("", "1", "1") + item("e", "-1", "-1") + item("f", "1", "1") + `{"id":"g","n":1`,
	})
	none := evaluated(t, nil, nil)
	got, from, err := store.Outcomes([]store.Record{chosen, newest, none}, "current")
	if err != nil || from != 2 {
		t.Fatal(from, err)
	}
	want := []store.TaskOutcome{{"a", "depth2", 2, 5, 4}, {"b", "depth2", 1, 1, 0}, {"f", "depth2", 1, 1, 1}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if got, from, err := store.Outcomes([]store.Record{chosen}, "older"); got != nil || from != 0 || err != nil {
		t.Errorf("a set that was not asked: %v, %d, %v", got, from, err)
	}
	mkdir(t, filepath.Join(none.Dir, "a1", "items", "current@3.jsonl"))
	got, from, err = store.Outcomes([]store.Record{none, chosen}, "current")
	if len(got) != 2 || from != 1 || err == nil || !strings.Contains(err.Error(), "e/c/s1") {
		t.Errorf("a folder instead of items: %v, %d, %v", got, from, err)
	}
}

func TestOutcomesOfPacked(t *testing.T) {
	t.Parallel()
	s := endedRun(t)
	r, err := s.Look(runID)
	if err != nil {
		t.Fatal(err)
	}
	plain, _, err := store.Outcomes([]store.Record{r}, "current")
	if err != nil || len(plain) != 1 || plain[0].ID != "t2" {
		t.Fatal(plain, err)
	}
	if err := store.Pack(r.Dir); err != nil {
		t.Fatal(err)
	}
	packed, _, err := store.Outcomes([]store.Record{r}, "current")
	if diff := cmp.Diff(plain, packed); err != nil || diff != "" {
		t.Error(err, diff)
	}
}

func TestFlips(t *testing.T) {
	t.Parallel()
	of := func(id string, n, c int) store.TaskOutcome { return store.TaskOutcome{ID: id, N: n, C: c} }
	a := []store.TaskOutcome{of("gained", 2, 0), of("half", 2, 1), of("lost", 2, 2), of("only a", 1, 1), of("same", 2, 1), of("up too", 2, 0)}
	b := []store.TaskOutcome{of("gained", 4, 4), of("half", 2, 2), of("lost", 4, 0), of("only b", 1, 1), of("same", 4, 2), of("up too", 1, 1)}
	var names []string
	for _, f := range store.Flips(a, b) {
		if f.A.ID != f.B.ID {
			t.Errorf("%s became %s", f.A.ID, f.B.ID)
		}
		names = append(names, f.A.ID)
	}
	if diff := cmp.Diff([]string{"gained", "up too", "half", "lost"}, names); diff != "" {
		t.Error(diff)
	}
	if got := store.Flips(a, nil); got != nil {
		t.Errorf("of nothing: %v", got)
	}
	if got := of("x", 0, 0).Share(); got != 0 {
		t.Errorf("the share of no program is %v", got)
	}
}
