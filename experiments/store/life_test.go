package store_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ablate/experiments/store"
)

// lives reads the lives of a run of which a is an attempt, at time 9000.
func lives(t *testing.T, dir string) []store.Life {
	t.Helper()
	got, err := store.Lives(dir, 9000)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// at gives a file a time.
func at(t *testing.T, path string, seconds int64) {
	t.Helper()
	add(t, path, "x\n")
	if err := os.Chtimes(path, time.Unix(seconds, 0), time.Unix(seconds, 0)); err != nil {
		t.Fatal(err)
	}
}

// What an attempt took is what its runner's own clock says, whatever the clock on
// the wall did; without a record it is as long as it wrote.
func TestLifeEnds(t *testing.T) {
	t.Parallel()
	exit := func(e store.Exit) func(string) {
		return func(a string) { put(t, filepath.Join(a, "exit.json"), e) }
	}
	tests := []struct {
		name string
		end  func(attempt string)
		want float64
	}{
		{"by the runner's clock", exit(store.Exit{Seconds: 60, Outcome: store.Outcome{Time: 5000}}), 1060},
		{"a clock that jumped back", exit(store.Exit{Outcome: store.Outcome{Time: 10}}), 1000},
		{"by the wall", exit(store.Exit{Outcome: store.Outcome{Time: 1100}}), 1100},
		{"its last beat", func(a string) {
			at(t, filepath.Join(a, "events.jsonl"), 1030)
			at(t, filepath.Join(a, "out.log"), 1020)
		}, 1030},
		{"nothing", func(string) {}, 1000},
	}
	for _, tt := range tests {
		_, _, dir := newRun(t)
		a1 := filepath.Join(dir, "a1")
		mkdir(t, a1)
		put(t, filepath.Join(a1, "start.json"), store.Start{Time: 1000, Held: []string{"GPU-0", "GPU-1"}})
		tt.end(a1)
		want := []store.Life{{Attempt: 1, Began: 1000, Ended: tt.want, GPUs: 2, Going: store.Spans{}.With(store.Span{From: 1000, To: tt.want})}}
		if diff := cmp.Diff(want, lives(t, dir)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

// A run that was halted from 1020 to 1050, lost at 1100 and tried again, and whose
// second attempt lives, halted since 8000; an attempt that never began between.
func TestLivesOfHaltedRun(t *testing.T) {
	t.Parallel()
	_, _, dir := newRun(t)
	for _, name := range []string{"a1", "a2", "a3"} {
		mkdir(t, filepath.Join(dir, name))
	}
	for _, line := range []string{
		`{"time":999,"verb":"run","attempt":1}`, `{"time":1020,"verb":"pause","halted":true}`, `{"time":1050,"verb":"resume","attempt":1}`,
		`{"time":2000,"verb":"retry","attempt":2}`, `{"time":8000,"verb":"pause","halted":true}`,
	} {
		add(t, filepath.Join(dir, "asked.jsonl"), line+"\n")
	}
	put(t, filepath.Join(dir, "a1", "start.json"), store.Start{Time: 1000})
	at(t, filepath.Join(dir, "a1", "out.log"), 1100)
	put(t, filepath.Join(dir, "a3", "start.json"), store.Start{Time: 7000, Held: []string{"GPU-0"}})
	want := []store.Life{
		{Attempt: 1, Began: 1000, Ended: 1100, Going: store.Spans{{From: 1000, To: 1020}, {From: 1050, To: 1100}}},
		{Attempt: 3, Began: 7000, Ended: 9000, Alive: true, Halted: true, GPUs: 1, Going: store.Spans{{From: 7000, To: 8000}}},
	}
	hold(t, store.LockFile(dir))
	if diff := cmp.Diff(want, lives(t, dir)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Packing changes nothing of it, also of an earlier attempt without a record.
func TestLivesOfPackedRun(t *testing.T) {
	t.Parallel()
	s := endedRun(t)
	dir := s.RunDir(runID)
	if err := os.Remove(filepath.Join(dir, "a1", "exit.json")); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"events.jsonl", "out.log", "metrics.jsonl", "result.json"} {
		at(t, filepath.Join(dir, "a1", name), 170)
	}
	before := lives(t, dir)
	if len(before) != 2 || before[0].Ended != 170 || before[1].Ended != 220 {
		t.Fatalf("they lived %+v, want until 170 and 220", before)
	}
	if err := store.Pack(dir); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, lives(t, dir)); diff != "" {
		t.Errorf("(-before +packed):\n%s", diff)
	}
}

// An end that is recorded long after it was counts until the last write.
func TestRecordEnd(t *testing.T) {
	t.Parallel()
	_, _, dir := newRun(t)
	a1 := filepath.Join(dir, "a1")
	put(t, filepath.Join(a1, "start.json"), store.Start{Time: 1000, Held: []string{"GPU-0"}})
	add(t, filepath.Join(a1, "metrics.jsonl"), `{"step":3,"time":1030,"m":{"train/loss":2}}`+"\n")
	at(t, filepath.Join(a1, "out.log"), 1040)
	for _, name := range []string{"metrics.jsonl", "start.json"} {
		if err := os.Chtimes(filepath.Join(a1, name), time.Unix(1030, 0), time.Unix(1030, 0)); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 { // the first word stays
		if err := store.RecordEnd(a1, "stopped"); err != nil {
			t.Fatal(err)
		}
	}
	var got store.Exit
	if err := store.ReadJSON(filepath.Join(a1, "exit.json"), &got); err != nil {
		t.Fatal(err)
	}
	if got.Time < 1040 {
		t.Errorf("it was recorded at %v", got.Time)
	}
	got.Time = 0
	want := store.Exit{Code: 1, Reason: "stopped", Seconds: 40, Outcome: store.Outcome{Metrics: store.Values{"train/loss": 2}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if l := lives(t, dir); len(l) != 1 || l[0].Ended != 1040 {
		t.Errorf("it lived %+v, want until 1040", l)
	}
}
