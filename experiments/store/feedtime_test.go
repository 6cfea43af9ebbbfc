package store_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"ablate/experiments"
	"ablate/experiments/store"
)

// TestFeed drives a feed by a clock of its own and real files.
func TestFeed(t *testing.T) {
	t.Parallel()
	s, id, dir := newRun(t)
	put(t, s.PlanFile("e"), experiments.Plan{Experiment: "e", Hash: "p1"})
	put(t, s.PlanFile("f"), experiments.Plan{Experiment: "f"})
	add(t, filepath.Join(dir, "asked.jsonl"), `{"verb":"run","attempt":1}`+"\n")
	a1 := store.AttemptDir(dir, 1)
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		feed := store.NewFeed(ctx, s, 100*time.Millisecond, store.Focus{Experiment: "e", Metrics: []string{"a"}})
		// wait lets the feed look at what was written, n times.
		wait := func(n int) { time.Sleep(time.Duration(n)*100*time.Millisecond + time.Millisecond); synctest.Wait() }
		take := func() store.Update {
			t.Helper()
			synctest.Wait()
			select {
			case u := <-feed.Updates():
				return u
			default:
				t.Fatal("nothing is sent")
				panic("not reached")
			}
		}
		none := func(when string) {
			t.Helper()
			select {
			case u := <-feed.Updates():
				t.Fatalf("%s: %+v is sent", when, u)
			default:
			}
		}
		steps := func(u store.Update) (all []int64) {
			if h := u.Histories[id]; h != nil {
				for _, step := range h.Series["a"].Steps {
					all = append(all, int64(step))
				}
			}
			return all
		}
		u := take()
		if !u.Fresh || u.Plan.Hash != "p1" || len(u.Records) != 1 || u.Records[0].Status != store.Queued || len(u.Experiments) != 2 || u.Err != nil {
			t.Errorf("first update is %+v", u)
		}
		wait(20)
		none("nothing happened")

		// The reader is late: one update has everything.
		add(t, filepath.Join(a1, "metrics.jsonl"), `{"step":1,"m":{"a":1}}`+"\n"+`{"step":2`)
		wait(3)
		put(t, filepath.Join(a1, "start.json"), store.Start{Time: 3})
		add(t, filepath.Join(a1, "metrics.jsonl"), `,"m":{"a":2}}`+"\nnone\n"+`{"step":3,"m":{"a":"NaN"}}`+"\n")
		wait(3)
		u = take()
		if diff := cmp.Diff([]int64{1, 2, 3}, steps(u)); diff != "" || u.Fresh || u.Records[0].Status != store.Lost || u.Records[0].Damaged != 1 {
			t.Errorf("late update is %+v %s", u, diff)
		}
		wait(20)
		none("nothing happened after points")

		add(t, s.MarksFile(), `{"on":"`+id+`","kind":"star"}`+"\n")
		wait(3)
		if u = take(); !u.Marks.Of(id).Starred {
			t.Errorf("a star is not in %+v", u)
		}
		wait(20)
		none("nothing happened after a mark")

		// The texts of a run.
		add(t, filepath.Join(a1, "out.log"), "word\n")
		add(t, filepath.Join(a1, "events.jsonl"), `{"kind":"phase","text":"train"}`+"\n"+`{"kind":"beat"}`+"\n")
		wait(2)
		none("nobody looks at the log")
		feed.Focus(ctx, store.Focus{Experiment: "e", Run: id, Metrics: []string{"a"}})
		u = take()
		if diff := cmp.Diff([]string{"word"}, u.Log); diff != "" || u.Phase != "train" || u.Fresh || u.Focus.Run != id || len(steps(u)) > 0 {
			t.Errorf("focused update is %+v %s", u, diff)
		}
		feed.Focus(ctx, store.Focus{Experiment: "e", Run: id, Metrics: []string{"a"}})
		wait(1)
		none("the focus stayed")
		add(t, filepath.Join(a1, "out.log"), "more\n")
		wait(1)
		if u = take(); len(u.Log) != 2 {
			t.Errorf("log is %q", u.Log)
		}

		// Another experiment and back, before anybody reads: one fresh update with
		// all of its history, and nothing of the other.
		feed.Focus(ctx, store.Focus{Experiment: "f", Metrics: []string{"a"}})
		feed.Focus(ctx, store.Focus{Experiment: "e", Metrics: []string{"a"}})
		synctest.Wait()
		add(t, filepath.Join(a1, "metrics.jsonl"), `{"step":4,"m":{"a":1}}`+"\n")
		wait(1)
		u = take()
		if diff := cmp.Diff([]int64{1, 2, 3, 4}, steps(u)); diff != "" || !u.Fresh || u.Focus.Experiment != "e" {
			t.Errorf("update after turning twice is %+v %s", u, diff)
		}
		feed.Focus(ctx, store.Focus{Experiment: "f", Metrics: []string{"a"}})
		if u = take(); !u.Fresh || len(u.Records)+len(u.Histories) > 0 || u.Plan.Experiment != "f" {
			t.Errorf("update of the other experiment is %+v", u)
		}
		feed.Focus(ctx, store.Focus{})
		if u = take(); !u.Fresh || u.Plan != nil || len(u.Experiments) != 2 {
			t.Errorf("update of the list is %+v", u)
		}

		// A folder that becomes unreadable is said once, and that it is well again.
		feed.Focus(ctx, store.Focus{Experiment: "e", Metrics: []string{"a"}})
		take()
		whole := filepath.Join(dir, "run.json")
		if err := os.Rename(whole, whole+".away"); err != nil {
			t.Fatal(err)
		}
		add(t, whole, "{")
		wait(6)
		if u = take(); u.Err == nil || len(u.Records) != 0 || u.Experiments[0].Unreadable != 1 {
			t.Errorf("update of a damaged run is %+v", u)
		}
		wait(20)
		none("it is still damaged")
		if err := os.Rename(whole+".away", whole); err != nil {
			t.Fatal(err)
		}
		wait(6)
		if u = take(); u.Err != nil || len(u.Records) != 1 || len(steps(u)) != 0 {
			t.Errorf("update of a repaired run is %+v", u)
		}

		cancel()
		synctest.Wait()
		if _, ok := <-feed.Updates(); ok {
			t.Error("the feed outlives its context")
		}
		feed.Focus(ctx, store.Focus{Experiment: "f", Metrics: []string{"a"}}) // does not hang
	})
}

// TestFeedRemembers changes every file that an ended run depends on: it is read
// again then, and not otherwise.
func TestFeedRemembers(t *testing.T) {
	t.Parallel()
	s, id, dir := newRun(t)
	put(t, s.PlanFile("e"), experiments.Plan{Experiment: "e", Hash: "p1"})
	a1 := store.AttemptDir(dir, 1)
	add(t, filepath.Join(dir, "asked.jsonl"), `{"verb":"run","attempt":1}`+"\n")
	put(t, filepath.Join(a1, "start.json"), store.Start{Time: 1})
	add(t, filepath.Join(a1, "metrics.jsonl"), `{"step":1,"m":{"a":1}}`+"\n")
	put(t, filepath.Join(a1, "exit.json"), store.Exit{Outcome: store.Outcome{Time: 2}})
	feed := store.NewStillFeed(s, store.Focus{Experiment: "e", Run: id, Metrics: []string{"a"}})
	old := time.Now().Add(-time.Hour)
	look := func(when string, want bool) store.Update {
		t.Helper()
		u, news := feed.Read()
		if news != want || u.Err != nil {
			t.Errorf("%s: news %v, %v", when, news, u.Err)
		}
		return u
	}
	look("first", true)
	look("young files", false)
	if feed.Reads() < 2 {
		t.Error("the times of young files are trusted")
	}
	age(t, s.Dir, old)
	look("old files", false)
	reads := feed.Reads()
	for range 12 {
		look("still", false)
	}
	if feed.Reads() != reads {
		t.Errorf("what did not change was read %d times", feed.Reads()-reads)
	}
	changes := []struct {
		name   string
		change func()
		status store.Status
	}{
		{"late point", func() { add(t, filepath.Join(a1, "metrics.jsonl"), `{"step":2,"m":{"a":1}}`+"\n") }, store.Done},
		{"late log", func() { add(t, filepath.Join(a1, "out.log"), "bye\n") }, store.Done},
		{"late phase", func() { add(t, filepath.Join(a1, "events.jsonl"), `{"kind":"phase","text":"save"}`+"\n") }, store.Done},
		{"new design", func() { put(t, s.PlanFile("e"), experiments.Plan{Experiment: "e", Hash: "p2"}) }, store.Done},
		{"new exit record", func() { put(t, filepath.Join(a1, "exit.json"), store.Exit{Code: 1}) }, store.Failed},
		{"wish", func() { add(t, filepath.Join(dir, "asked.jsonl"), `{"verb":"retry","attempt":2}`+"\n") }, store.Queued},
		{"new attempt", func() { put(t, filepath.Join(store.AttemptDir(dir, 2), "start.json"), store.Start{Time: 5}) }, store.Lost},
		{"its points", func() { add(t, filepath.Join(dir, "a2", "metrics.jsonl"), `{"step":1,"m":{"a":3}}`+"\n") }, store.Lost},
	}
	for i, c := range changes {
		c.change()
		u := look(c.name, true)
		if u.Records[0].Status != c.status {
			t.Errorf("%s: status is %s", c.name, u.Records[0].Status)
		}
		for range 5 { // the list of experiments comes with one of five looks
			feed.Read()
		}
		look(c.name+", again", false)
		age(t, s.Dir, old.Add(time.Duration(i+1)*time.Minute))
		look(c.name+", old", false)
		look(c.name+", known", false)
	}
	// The other way to meet an ended run: after another experiment.
	feed.Turn(store.Focus{Experiment: "f", Metrics: []string{"a"}})
	look("other experiment", true)
	feed.Turn(store.Focus{Experiment: "e", Metrics: []string{"a"}})
	if u := look("back", true); u.Histories[id] == nil || u.Histories[id].Attempt != 2 {
		t.Errorf("history after turning back is %+v", u.Histories)
	}
}

// BenchmarkFeedIdle is one look at 18 runs of 400 points that have ended.
func BenchmarkFeedIdle(b *testing.B) {
	s, _, _ := newRun(b)
	put(b, s.PlanFile("e"), experiments.Plan{Experiment: "e", Hash: "p1"})
	var id string
	for i := range 18 {
		id = fmt.Sprintf("e/tasks=%d~0a1b2c/s%d", i/3, i%3+1)
		addRun(b, s, id)
		a1 := store.AttemptDir(s.RunDir(id), 1)
		put(b, filepath.Join(a1, "start.json"), store.Start{Time: 1})
		put(b, filepath.Join(a1, "exit.json"), store.Exit{Outcome: store.Outcome{Time: 2, Metrics: store.Values{"eval/pass@1": 0.5}}})
		var text strings.Builder
		for step := range 400 {
			text.WriteString(fmt.Sprintf(`{"step":%d,"time":%d.5,"m":{"train/loss":0.51,"train/lr":0.001,"tokens":%d}}`+"\n", step, step, step))
		}
		add(b, filepath.Join(a1, "metrics.jsonl"), text.String())
		add(b, filepath.Join(a1, "out.log"), "word\n")
	}
	age(b, s.Dir, time.Now().Add(-time.Hour))
	feed := store.NewStillFeed(s, store.Focus{Experiment: "e", Run: id, Metrics: []string{"a"}})
	began := time.Now()
	feed.Read()
	first := time.Since(began)
	for b.Loop() {
		if _, news := feed.Read(); news {
			b.Fatal("nothing changed and it was news")
		}
	}
	b.ReportMetric(float64(first.Microseconds())/1e3, "ms/first-look")
}
