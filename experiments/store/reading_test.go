package store_test

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ablate/experiments"
	"ablate/experiments/store"
)

// long are lines of n points of three metrics, 100 bytes each.
func long(n int) string {
	var text strings.Builder
	for i := range n {
		fmt.Fprintf(&text, `{"step":%8d,"time":%14d,"m":{"a":%8d,"b":%10d,"train/loss":0.%09d}}`+"\n", i, i, i%1000, n-i, i*7919%1000000000)
	}
	return text.String()
}

// A long history fills in, and other metrics come when all of theirs are read.
func TestFeedFillsIn(t *testing.T) {
	t.Parallel()
	s, id, dir := newRun(t)
	put(t, s.PlanFile("e"), experiments.Plan{Experiment: "e"})
	const n = 150_000 // 15 MB
	path := filepath.Join(store.AttemptDir(dir, 1), "metrics.jsonl")
	add(t, path, long(n))
	want, err := store.ReadHistory(dir)
	if err != nil || want.Last != n-1 {
		t.Fatal(want.Last, err)
	}
	only := func(names ...string) *store.History {
		h := *want
		h.Series = maps.Clone(want.Series)
		maps.DeleteFunc(h.Series, func(name string, _ *store.Series) bool { return !slices.Contains(names, name) })
		return &h
	}
	feed := store.NewStillFeed(s, store.Focus{Experiment: "e", Metrics: []string{"a"}})
	u, _ := feed.Read()
	seen := []int64{}
	for ; ; u = feed.More() {
		if h := u.Histories[id]; h != nil {
			seen = append(seen, h.Last)
		}
		if !u.Behind {
			break
		}
	}
	if len(seen) < 4 || seen[0] < n/10 || seen[0] > n/2 || !slices.IsSorted(seen) {
		t.Errorf("history fills in at steps %v", seen)
	}
	if diff := cmp.Diff(only("a"), u.Histories[id]); diff != "" {
		t.Errorf("history: %.1000s", diff)
	}
	if diff := cmp.Diff([]string{"a", "b", "train/loss"}, u.Metrics); diff != "" {
		t.Error(diff)
	}
	// Another metric: nothing until it is whole.
	feed.Turn(store.Focus{Experiment: "e", Metrics: []string{"a", "b"}})
	u, news := feed.Read()
	if !news || u.Fresh || len(u.Histories) > 0 || !u.Behind {
		t.Errorf("an update in the middle of reading again: %+v", u)
	}
	for u.Behind {
		u = feed.More()
	}
	if diff := cmp.Diff(only("a", "b"), u.Histories[id]); diff != "" {
		t.Errorf("history with another metric: %.1000s", diff)
	}
	given := u.Histories[id]
	steps := slices.Clone(given.Series["a"].Steps)
	// One less, or one that no run has, needs no reading.
	feed.Turn(store.Focus{Experiment: "e", Metrics: []string{"b", "none"}})
	if u, _ = feed.Read(); u.Behind || len(u.Histories) > 0 {
		t.Errorf("fewer metrics are read again: %+v", u)
	}
	// What was given stays as it was.
	add(t, path, fmt.Sprintf(`{"step":%d,"m":{"a":1,"b":1}}`+"\n", n))
	if u, _ = feed.Read(); u.Histories[id] == nil || u.Histories[id].Last != n || given.Last != n-1 || !slices.Equal(steps, given.Series["a"].Steps) {
		t.Errorf("a point more: %+v", u.Histories[id])
	}
}

// A reader that takes what it gets sees all of a long history without another tick.
func TestFeedReadsOnAtOnce(t *testing.T) {
	t.Parallel()
	s, id, dir := newRun(t)
	put(t, s.PlanFile("e"), experiments.Plan{Experiment: "e"})
	add(t, filepath.Join(store.AttemptDir(dir, 1), "metrics.jsonl"), long(100_000))
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	feed := store.NewFeed(ctx, s, time.Hour, store.Focus{Experiment: "e", Metrics: []string{"a"}})
	updates := 0
	for u := range feed.Updates() {
		updates++
		if h := u.Histories[id]; !u.Behind {
			if h == nil || h.Last != 99_999 || updates < 3 {
				t.Errorf("after %d updates the history is %+v", updates, h)
			}
			return
		}
	}
	t.Error("the feed ended")
}

// A run of 10,000 metrics takes the memory of those that are looked at, and all of
// them together not more than a few long ones.
func TestTenThousandMetrics(t *testing.T) { // alone: it looks at what is allocated
	s, id, dir := newRun(t)
	put(t, s.PlanFile("e"), experiments.Plan{Experiment: "e"})
	var line strings.Builder
	for i := range 10_000 {
		fmt.Fprintf(&line, `,"metric/%d":%d.5`, i, i)
	}
	path := filepath.Join(store.AttemptDir(dir, 1), "metrics.jsonl")
	var text strings.Builder
	for step := range 60 {
		fmt.Fprintf(&text, `{"step":%d,"m":{%s}}`+"\n", step, line.String()[1:])
	}
	add(t, path, text.String())
	feed := store.NewStillFeed(s, store.Focus{Experiment: "e", Metrics: []string{"metric/7"}})
	before := allocated()
	_, histories := whole(t, feed)
	u, _ := feed.Read()
	h := histories[id]
	if h == nil || len(h.Series) != 1 || len(h.Series["metric/7"].Steps) != 60 || len(u.Metrics) != 10_000 {
		t.Fatalf("history %+v, %d metrics", h, len(u.Metrics))
	}
	// The names, and what it takes to read the lines.
	if took := allocated() - before; took > 60<<20 {
		t.Errorf("the feed allocated %d bytes", took)
	}
	before = allocated()
	all, err := store.ReadHistory(dir)
	if err != nil || len(all.Series) != 10_000 {
		t.Fatal(len(all.Series), err)
	}
	points := 0
	for name, s := range all.Series {
		points += len(s.Steps)
		if v, _ := s.Last(); "metric/"+fmt.Sprint(int(v)) != name {
			t.Fatalf("%s ends with %v", name, v)
		}
	}
	if took := allocated() - before; points > 200_000 || took > 100<<20 {
		t.Errorf("all series have %d points and took %d bytes", points, took)
	}
}

// allocated is how many bytes were ever allocated.
func allocated() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.TotalAlloc
}

// Names of any kind reach the reader as they are.
func TestHostileMetricNames(t *testing.T) {
	t.Parallel()
	s, id, dir := newRun(t)
	put(t, s.PlanFile("e"), experiments.Plan{Experiment: "e"})
	names := []string{"a/b/../c", "new\nline", "\x1b[2J\x07", "日本語", "", strings.Repeat("x", 4096), `"quoted\`, "\u0000", "../../etc"}
	a, err := store.OpenAttempt(mkdirs(t, store.AttemptDir(dir, 1)))
	if err != nil {
		t.Fatal(err)
	}
	m := store.Values{}
	for i, name := range names {
		m[name] = float64(i)
	}
	if err := a.Point(3, m); err != nil {
		t.Fatal(err)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	check := func(when string) {
		t.Helper()
		u, histories := whole(t, store.NewStillFeed(s, store.Focus{Experiment: "e", Metrics: names}))
		slices.Sort(names)
		if diff := cmp.Diff(names, u.Metrics) + cmp.Diff(m, histories[id].Latest()); diff != "" {
			t.Errorf("%s: %s", when, diff)
		}
	}
	check("plain")
	put(t, filepath.Join(dir, "a1", "exit.json"), store.Exit{})
	if err := store.Pack(dir); err != nil {
		t.Fatal(err)
	}
	check("packed")
}

func mkdirs(t testing.TB, dir string) string {
	t.Helper()
	mkdir(t, dir)
	return dir
}

// A store that goes away under a feed stays what it was, with an error, and when it
// is back everything is there again.
func TestStoreVanishes(t *testing.T) {
	t.Parallel()
	s, id, dir := newRun(t)
	put(t, s.PlanFile("e"), experiments.Plan{Experiment: "e", Hash: "p"})
	add(t, filepath.Join(store.AttemptDir(dir, 1), "metrics.jsonl"), `{"step":1,"m":{"a":1}}`+"\n")
	feed := store.NewStillFeed(s, store.Focus{Experiment: "e", Run: id, Metrics: []string{"a"}})
	if u, _ := feed.Read(); len(u.Records) != 1 || u.Histories[id] == nil || u.Err != nil {
		t.Fatalf("%+v", u)
	}
	away := filepath.Join(t.TempDir(), "away")
	if err := os.Rename(s.Dir, away); err != nil {
		t.Fatal(err)
	}
	for range 6 {
		feed.Read()
	}
	if u, _ := feed.Read(); len(u.Records) != 1 || len(u.Experiments) != 1 || u.Plan == nil || u.Err == nil || !strings.Contains(u.Err.Error(), "is gone") {
		t.Errorf("of a store that is not there: %+v", u)
	}
	if err := os.Rename(away, s.Dir); err != nil {
		t.Fatal(err)
	}
	add(t, filepath.Join(store.AttemptDir(dir, 1), "metrics.jsonl"), `{"step":2,"m":{"a":1}}`+"\n")
	for range 6 {
		u, _ := feed.Read()
		if h := u.Histories[id]; h != nil && h.Last == 2 && len(h.Series["a"].Steps) == 2 && len(u.Records) == 1 && u.Err == nil {
			return
		}
	}
	t.Error("the store is back and its points are not")
}

// The end of a log of 2 GB is read without the rest.
func TestHugeLog(t *testing.T) { // alone: it looks at what is allocated
	path := filepath.Join(t.TempDir(), "out.log")
	add(t, path, "first\n")
	if err := os.Truncate(path, 2<<30); err != nil {
		t.Skipf("no sparse file of 2 GB here: %v", err)
	}
	add(t, path, "\nphase train\nlast\n")
	before := allocated()
	lines, err := store.LastLines(path, 2)
	if diff := cmp.Diff([]string{"phase train", "last"}, lines); diff != "" || err != nil {
		t.Error(diff, err)
	}
	if took := allocated() - before; took > 1<<20 {
		t.Errorf("%d bytes were allocated for two lines", took)
	}
}

// Who follows a log, as a runner does, goes through it once and holds none of it.
func TestFollowHugeLog(t *testing.T) { // alone: it looks at what is allocated
	path := filepath.Join(t.TempDir(), "out.log")
	add(t, path, "first\n")
	if err := os.Truncate(path, 128<<20); err != nil {
		t.Skipf("no sparse file of 128 MB here: %v", err)
	}
	add(t, path, "\nphase train\n")
	tail := store.Tail{Path: path}
	var got []string
	next := func(most uint64) {
		t.Helper()
		before := allocated()
		if _, err := tail.Next(0, func(line []byte) { got = append(got, string(line)) }); err != nil {
			t.Fatal(err)
		}
		if took := allocated() - before; took > most {
			t.Errorf("%d bytes were allocated, want %d at most", took, most)
		}
	}
	next(8 << 20)
	add(t, path, "more\n")
	next(1 << 16)
	if diff := cmp.Diff([]string{"first", "phase train", "more"}, got); diff != "" || tail.Damaged != 1 {
		t.Errorf("%d damaged, %s", tail.Damaged, diff)
	}
}

// BenchmarkReadMillion reads a run of a million steps of one metric: what is open
// then, in how many milliseconds, with all that was allocated for it.
func BenchmarkReadMillion(b *testing.B) {
	s, id, dir := newRun(b)
	put(b, s.PlanFile("e"), experiments.Plan{Experiment: "e"})
	var text strings.Builder
	for i := range 1_000_000 {
		fmt.Fprintf(&text, `{"step":%d,"time":%d.25,"m":{"train/loss":0.%06d}}`+"\n", i, 1763790000+i, i*7919%1000000)
	}
	add(b, filepath.Join(store.AttemptDir(dir, 1), "metrics.jsonl"), text.String())
	b.SetBytes(int64(text.Len()))
	b.ReportAllocs()
	for b.Loop() {
		feed := store.NewStillFeed(s, store.Focus{Experiment: "e", Metrics: []string{"train/loss"}})
		u, _ := feed.Read()
		for u.Behind {
			u = feed.More()
		}
		if h := u.Histories[id]; h == nil || h.Last != 999_999 {
			b.Fatal(h)
		}
	}
}
