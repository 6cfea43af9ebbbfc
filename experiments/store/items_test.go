package store_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ablate/experiments/store"
)

// Steps are numbers, a set is not the beginning of another, and what is no
// evaluation is passed over.
func TestItemFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, name := range []string{
		"a1/items/current@300.jsonl", "a2/items/current@90.jsonl", "a2/items/current@120.jsonl", "a2/items/current-samples@500.jsonl",
		"a2/items/.current@700.jsonl-1", "a2/items/current@x.jsonl", "a3/out.log",
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(`{"id":"t1","n":4,"c":2,"stratum":""}`+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := store.ItemFiles(store.Record{Dir: dir, Attempt: 3}, "current")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"a2/items/current@120.jsonl", "a2/items/current@90.jsonl", "a1/items/current@300.jsonl",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatal(diff)
	}
	items, err := store.ReadItems(store.Record{Dir: dir}, got[0])
	if diff := cmp.Diff([]store.Item{{ID: "t1", N: 4, C: 2}}, items); diff != "" || err != nil {
		t.Errorf("%v:\n%s", err, diff)
	}
}
