package store_test

import (
	"bytes"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"ablate/experiments"
	"ablate/experiments/store"
)

// many makes a store of runs that have ended an hour ago: enough of them for an
// index, some packed, failed, without any attempt, or of an experiment of no plan.
func many(t testing.TB) *store.Store {
	t.Helper()
	s, err := store.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	jot(t, s.PlanFile("e"), experiments.Plan{Experiment: "e", Hash: "p1"})
	jot(t, s.PlanFile("f"), experiments.Plan{Experiment: "f", Hash: "p2"})
	for i := range 90 {
		id := fmt.Sprintf("e/tasks=%d~0a1b2c/s%d", i/3, i%3+1)
		if i >= 80 {
			id = fmt.Sprintf("f/tasks=%d~0a1b2c/s1", i)
		}
		dir := s.RunDir(id)
		parts := strings.Split(id, "/")
		jot(t, filepath.Join(dir, "run.json"), experiments.Run{
			ID: id, Experiment: parts[0], Cell: parts[1], Seed: int64(i%3 + 1), Axes: []experiments.Setting{{Name: "tasks", Value: int64(i / 3)}},
			Params: experiments.Params{"tasks": int64(i / 3), "lr": 0.5, "on": true, "kind": fmt.Sprint(i % 7)},
		})
		add(t, filepath.Join(dir, "asked.jsonl"), `{"verb":"run","attempt":1}`+"\n")
		if i%10 == 9 {
			continue
		}
		exit := store.Exit{Seconds: float64(i), Outcome: store.Outcome{Time: 2, Metrics: store.Values{"a": float64(i), "nan": math.NaN()}}}
		if i%10 == 8 {
			exit = store.Exit{Code: 1, Reason: "it broke"}
		}
		a1 := store.AttemptDir(dir, 1)
		jot(t, filepath.Join(a1, "start.json"), store.Start{Time: 1})
		jot(t, filepath.Join(a1, "exit.json"), exit)
		n := 10
		if i < 8 {
			n = 3000
		}
		var text strings.Builder
		for step := range n {
			fmt.Fprintf(&text, `{"step":%d,"time":%d.5,"m":{"a":%d.25,"b":%d,"c":"NaN"}}`+"\n", step, step, step%17+i, step)
		}
		add(t, filepath.Join(a1, "metrics.jsonl"), text.String()+"damaged\n")
		if i == 1 || i == 5 || i == 21 {
			if err := store.Pack(dir); err != nil {
				t.Fatal(err)
			}
		}
	}
	age(t, s.Dir, time.Now().Add(-time.Hour))
	return s
}

// over writes a file again as an editor does that keeps its inode.
func over(t testing.TB, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// whole reads a feed until it is not behind: the newest histories of all runs.
func whole(t *testing.T, f store.StillFeed) (last store.Update, histories map[string]*store.History) {
	t.Helper()
	histories = map[string]*store.History{}
	u, _ := f.Read()
	for ; ; u = f.More() {
		if u.Err != nil {
			t.Fatal(u.Err)
		}
		maps.Copy(histories, u.Histories)
		if !u.Behind {
			return u, histories
		}
	}
}

var equal = []cmp.Option{cmpopts.EquateNaNs(), cmpopts.EquateEmpty()}

// What the index has is what the files have, at once and after reading on.
func TestIndex(t *testing.T) {
	t.Parallel()
	s := many(t)
	index := filepath.Join(t.TempDir(), "cache", "index")
	focus := store.Focus{Experiment: "e", Metrics: []string{"a", "c"}}
	plain := store.NewStillFeed(s, focus)
	want, wantHistories := whole(t, plain)
	wantSums, err := s.Summaries()
	if err != nil || len(wantHistories) != 72 {
		t.Fatal(len(wantHistories), err)
	}
	first := store.OpenLedgerAt(s, index).StillFeed(focus)
	whole(t, first)
	first.Save()
	info, err := os.Stat(index)
	if err != nil {
		t.Fatal(err)
	}
	l := store.OpenLedgerAt(s, index)
	sums, err := l.Summaries()
	if diff := cmp.Diff(wantSums, sums); diff != "" || err != nil {
		t.Errorf("summaries %v %s", err, diff)
	}
	feed := l.StillFeed(focus)
	u, _ := feed.Read()
	if diff := cmp.Diff(want.Records, u.Records, equal...); diff != "" {
		t.Errorf("records of the first look: %s", diff)
	}
	if l.Reads() != 90 {
		t.Errorf("%d runs were read, want 90 from the index and none again", l.Reads())
	}
	if len(u.Histories) != len(wantHistories) || !u.Behind {
		t.Errorf("%d histories are there at once, more will come: %v", len(u.Histories), u.Behind)
	}
	for id, h := range u.Histories {
		for name, s := range h.Series {
			w := wantHistories[id].Series[name]
			v, _ := s.Last()
			x, _ := w.Last()
			if len(s.Steps) > 128 || !same(v, x) || s.Steps[0] != w.Steps[0] || s.Steps[len(s.Steps)-1] != w.Steps[len(w.Steps)-1] {
				t.Errorf("%s of %s has %d points", name, id, len(s.Steps))
			}
		}
		if h.Last != wantHistories[id].Last || h.Attempt != 1 {
			t.Errorf("history of %s is of attempt %d to %d", id, h.Attempt, h.Last)
		}
	}
	_, histories := whole(t, feed)
	for id, h := range u.Histories {
		if histories[id] == nil {
			histories[id] = h
		}
	}
	if diff := cmp.Diff(wantHistories, histories, equal...); diff != "" {
		t.Errorf("histories after reading on: %.3000s", diff)
	}
	if diff := cmp.Diff([]string{"a", "b", "c"}, u.Metrics); diff != "" {
		t.Error(diff)
	}
	feed.Save()
	if now, err := os.Stat(index); err != nil || !now.ModTime().Equal(info.ModTime()) {
		t.Errorf("the index was written again though nothing is new: %v", err)
	}
	// What nobody looked at before is not in the index.
	if u, _ = store.OpenLedgerAt(s, index).StillFeed(store.Focus{Experiment: "e", Metrics: []string{"b"}}).Read(); len(u.Histories) > 0 {
		if h := u.Histories["e/tasks=0~0a1b2c/s1"]; h != nil && h.Series["b"] == nil {
			t.Error("the index tells of a run without its metrics")
		}
	}
}

// Whatever happened to a run since: the index never shows it as it was.
func TestIndexIsStale(t *testing.T) {
	t.Parallel()
	s := many(t)
	index := filepath.Join(t.TempDir(), "index")
	focus := store.Focus{Experiment: "e", Metrics: []string{"a"}}
	first := store.OpenLedgerAt(s, index).StillFeed(focus)
	whole(t, first)
	first.Save()
	id := func(i int) string { return fmt.Sprintf("e/tasks=%d~0a1b2c/s%d", i/3, i%3+1) }
	dir := func(i int) string { return s.RunDir(id(i)) }
	put(t, filepath.Join(dir(0), "a1", "exit.json"), store.Exit{Code: 1, Reason: "changed"})
	add(t, filepath.Join(dir(2), "a1", "metrics.jsonl"), `{"step":5000,"m":{"a":7}}`+"\n")
	add(t, filepath.Join(dir(3), "asked.jsonl"), `{"verb":"retry","attempt":2}`+"\n")
	put(t, filepath.Join(dir(4), "a2", "start.json"), store.Start{Time: 9})
	add(t, filepath.Join(dir(5), "a2", "metrics.jsonl"), `{"step":2,"m":{"a":70}}`+"\n") // 5 is packed
	if err := os.RemoveAll(dir(6)); err != nil {
		t.Fatal(err)
	}
	if err := store.Pack(dir(7)); err != nil {
		t.Fatal(err)
	}
	// By hand, in their places.
	over(t, filepath.Join(dir(10), "a1", "exit.json"), `{"code":9,"seconds":1}`)
	over(t, filepath.Join(dir(11), "run.json"), `{"id":"x","seed":3,"params":{"tasks":77}}`)
	want, wantHistories := whole(t, store.NewStillFeed(s, focus))
	got, histories := whole(t, store.OpenLedgerAt(s, index).StillFeed(focus))
	if diff := cmp.Diff(want.Records, got.Records, equal...); diff != "" {
		t.Errorf("records: %s", diff)
	}
	for i := range 8 {
		if diff := cmp.Diff(wantHistories[id(i)], histories[id(i)], equal...); diff != "" {
			t.Errorf("history of run %d: %.2000s", i, diff)
		}
	}
	for _, r := range got.Records {
		if r.ID == id(10) && r.Reason != "exit code 9" || r.ID == id(11) && r.Params.Int("tasks") != 77 {
			t.Errorf("a run with an edited file is %+v", r)
		}
	}
	for i, status := range []store.Status{store.Failed, store.Done, store.Done, store.Queued, store.Lost, store.Lost} {
		if got.Records[0].ID != id(0) || got.Records[i].Status != status && i < 2 {
			t.Errorf("run %d is %s, want %s", i, got.Records[i].Status, status)
		}
	}
	if h := histories[id(5)]; h == nil || h.Attempt != 2 || h.Last != 2 {
		t.Errorf("a packed run with a new attempt is %+v", h)
	}
}

// The form of the index has another number whenever this is not what it was. It
// holds types, the bytes of an outline, and what is said of ends; what else a look
// makes of a run's files nobody but whoever changes it can tell.
func TestIndexForm(t *testing.T) {
	t.Parallel()
	const want = `form 2
[]Run{ID string; Experiment string; Cell string; Axes []Setting{Name string; Value interface {}}; Params map[string]interface {}; Seed int64; Recipe string; RecipeVersion int; Argv []string; PlanHash string}
indexed{ID string; Seed int64; Design int; Record Record{Run Run; Dir string; Status string; Reason string; Attempt int; Started float64; Ended float64; Seconds float64; Before float64; Metrics map[string]float64; SHA256 string; Damaged int}; Marks [12]int64; Outline []uint8}
outline 03020206140000000000002440010161016201016100000000000000400100000000000014400000000000001c400000000000002240
done: 
failed: it broke
failed: ended by signal 9
failed: exit code 3
stopped: stopped by the user
paused: paused by the user
failed: rule nan: train/loss
stopped: stopped by rule plateau: eval
stopped: budget runs 2 is used up
lost: its folder was made and it was never queued
`
	if diff := cmp.Diff(want, store.IndexForm()); diff != "" {
		t.Errorf("raise indexForm, and write down here what it is of (-want +got):\n%s", diff)
	}
}

// An index that is damaged, old or another store's is none, and is written again.
func TestIndexIsNoIndex(t *testing.T) {
	t.Parallel()
	s := many(t)
	index := filepath.Join(t.TempDir(), "index")
	var ids []string
	for _, e := range []string{"e", "f"} {
		more, err := s.RunIDs(e)
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, more...)
	}
	look := func() []store.Record {
		t.Helper()
		records, err := store.OpenLedgerAt(s, index).Look(ids)
		if err != nil {
			t.Fatal(err)
		}
		return records
	}
	want := look()
	whole, err := os.ReadFile(index)
	if err != nil {
		t.Fatal(err)
	}
	line := bytes.IndexByte(whole, '\n') + 1
	flip := func(i int) []byte { b := bytes.Clone(whole); b[i] ^= 0x40; return b }
	for name, text := range map[string][]byte{
		"whole": whole, "empty": {}, "no line": []byte("ablate index 2"), "only the line": whole[:line], "cut": whole[:len(whole)/2],
		"cut at its end": whole[:len(whole)-1], "longer": append(bytes.Clone(whole), 0), "another form": flip(13),
		"a flipped bit": flip(line + 100), "a flipped bit of its sum": flip(len(whole) - 1), "text": []byte(strings.Repeat("hello\n", 1000)),
	} {
		if err := os.WriteFile(index, text, 0o600); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, look(), equal...); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		again, err := os.ReadFile(index)
		if err != nil || len(again) != len(whole) || name != "whole" && bytes.Equal(again, text) {
			t.Errorf("%s: the index is not written again: %d bytes, want %d, %v", name, len(again), len(whole), err)
		}
	}
	// Where none can be written there is none.
	if err := os.RemoveAll(index); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(index, "in the way"), 0o755); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, look(), equal...); diff != "" {
		t.Errorf("a folder in its place: %s", diff)
	}
	if left, _ := filepath.Glob(index + ".*"); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}
