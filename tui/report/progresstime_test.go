package report_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"ablate/experiments/store"
	"ablate/tui/report"
)

func stamp(t *testing.T, path string, at float64) {
	t.Helper()
	when := time.Unix(int64(at), 0)
	if err := os.Chtimes(path, when, when); err != nil {
		t.Fatal(err)
	}
}

// scripted follows the single experiment through updates and returns what was
// written, the statuses of the last look, how long it took and the error. The
// script gets the ids of the two runs; the updates end with the script's.
func scripted(t *testing.T, script func(send func(store.Update), a, b string, cancel func())) (text string, last []string, took time.Duration, err error) {
	t.Helper()
	_, ps := plans(t)
	p := ps["single"]
	runs := p.Runs()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	updates := make(chan store.Update)
	played := make(chan struct{})
	go func() {
		defer close(played)
		script(func(u store.Update) {
			select {
			case updates <- u:
			case <-ctx.Done():
			}
		}, runs[0].ID, runs[1].ID, cancel)
	}()
	began := time.Now()
	var b bytes.Buffer
	records, err := report.Follow(ctx, &b, p, updates)
	took = time.Since(began)
	cancel()
	<-played
	for _, r := range records {
		last = append(last, string(r.Status)+" "+strings.TrimPrefix(r.ID, "single/"))
	}
	return b.String(), last, took, err
}

func record(id string, s store.Status, reason string) store.Record {
	r := store.Record{Status: s, Reason: reason}
	r.ID = id
	return r
}

func TestProgress(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		text, last, _, err := scripted(t, func(send func(store.Update), a, b string, _ func()) {
			both := func(x, y store.Status, reason string) []store.Record {
				return []store.Record{record(a, x, ""), record(b, y, reason), record("single/earlier~1/s1", store.Running, "")}
			}
			points := func(id string, ps ...store.Point) map[string]*store.History {
				h := &store.History{}
				h.Add(store.Batch{Attempt: 1, Points: ps})
				return map[string]*store.History{id: h}
			}
			total := store.Point{M: store.Values{"train/total_steps": 30}}
			send(store.Update{Fresh: true, Records: both(store.Queued, store.Queued, "")})
			send(store.Update{Records: both(store.Running, store.Queued, ""), Histories: points(a, total)})
			send(store.Update{Records: both(store.Running, store.Queued, ""), Histories: points(a, total,
				store.Point{Step: 5, Time: 5, M: store.Values{"train/loss": 4}}), Behind: true})
			send(store.Update{Records: both(store.Running, store.Queued, ""), Histories: points(a, total,
				store.Point{Step: 10, Time: 10, M: store.Values{"train/loss": 2}}, store.Point{Step: 20, Time: 20, M: store.Values{"train/loss": 1}})})
			send(store.Update{Records: both(store.Running, store.Running, ""), Err: errors.New("disk trouble")})
			send(store.Update{Records: both(store.Running, store.Running, ""), Err: errors.New("disk trouble")})
			send(store.Update{Records: both(store.Done, store.Failed, "exit \x1b[2Jcode 3"), Histories: points(b, store.Point{Step: 5, M: store.Values{"loss": 3}})})
		})
		if err != nil {
			t.Error(err)
		}
		_, ps := plans(t)
		var names []string
		for _, c := range ps["single"].Cells {
			names = append(names, c.Name)
		}
		text = strings.NewReplacer(names[0], "A", names[1], "B").Replace(text)
		want := `◌ queued   A/s7
◌ queued   B/s7
● running  A/s7
● running  A/s7  step 20/30  loss 1.000  train/loss 1.000  eta 10s
warning: disk trouble
● running  B/s7
✓ done     A/s7  step 20/30  loss 1.000  train/loss 1.000
✗ failed   B/s7  step 5  loss 3.000  (exit code 3)
`
		if diff := cmp.Diff(want, text); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]string{"done " + names[0] + "/s7", "failed " + names[1] + "/s7"}, last); diff != "" {
			t.Error(diff)
		}
	})
}

// TestProgressEnds has every way in which a plan's runs may come to nothing.
func TestProgressEnds(t *testing.T) {
	t.Parallel()
	one := func(id string, s store.Status) store.Update {
		return store.Update{Records: []store.Record{record(id, s, "")}}
	}
	two := func(a, b string, x, y store.Status) store.Update {
		return store.Update{Records: []store.Record{record(a, x, ""), record(b, y, "")}}
	}
	tests := []struct {
		name   string
		script func(send func(store.Update), a, b string, cancel func())
		last   string // statuses
		took   time.Duration
		err    bool
	}{
		{"ended, and their points are still being read", func(send func(store.Update), a, b string, _ func()) {
			u := two(a, b, store.Done, store.Failed)
			u.Behind = true
			send(u)
			time.Sleep(10 * time.Second)
			u.Behind = false
			send(u)
		}, "done failed", 10 * time.Second, false},
		{"cancelled before they started", func(send func(store.Update), a, b string, _ func()) {
			send(two(a, b, store.Stopped, store.Stopped))
		}, "stopped stopped", 0, false},
		{"one missing for ever", func(send func(store.Update), a, _ string, _ func()) {
			send(one(a, store.Done))
		}, "done lost", report.Patience, false},
		{"all missing for ever", func(send func(store.Update), _, _ string, _ func()) {
			send(store.Update{Err: errors.New("no such disk")})
		}, "lost lost", report.Patience, false},
		{"missing, and the warning repeats", func(send func(store.Update), a, _ string, _ func()) {
			for range 100 {
				send(one(a, store.Done))
				time.Sleep(time.Second)
			}
		}, "done lost", report.Patience, false},
		{"missing while the other is live", func(send func(store.Update), a, _ string, _ func()) {
			send(one(a, store.Running))
			time.Sleep(time.Hour)
			send(one(a, store.Done))
		}, "done lost", time.Hour + report.Patience, false},
		{"missing for a moment", func(send func(store.Update), a, b string, _ func()) {
			send(one(a, store.Done))
			time.Sleep(time.Second)
			send(two(a, b, store.Done, store.Queued))
			time.Sleep(time.Hour)
			send(two(a, b, store.Done, store.Done))
		}, "done done", time.Hour + time.Second, false},
		{"lost for ever", func(send func(store.Update), a, b string, _ func()) {
			send(two(a, b, store.Done, store.Lost))
		}, "done lost", report.RetryPatience, false},
		{"lost with its engine, until the next one tries it again", func(send func(store.Update), a, b string, _ func()) {
			send(two(a, b, store.Lost, store.Lost))
			time.Sleep(5 * time.Second)
			send(two(a, b, store.Lost, store.Queued))
			time.Sleep(time.Hour)
			send(two(a, b, store.Lost, store.Done))
			time.Sleep(time.Second)
			send(two(a, b, store.Done, store.Done))
		}, "done done", time.Hour + 6*time.Second, false},
		{"given up by the user", func(send func(store.Update), a, b string, cancel func()) {
			send(two(a, b, store.Running, store.Queued))
			time.Sleep(time.Minute)
			cancel()
		}, "running queued", time.Minute, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				_, last, took, err := scripted(t, tt.script)
				for i := range last {
					last[i], _, _ = strings.Cut(last[i], " ")
				}
				if got := strings.Join(last, " "); got != tt.last || took != tt.took || (err != nil) != tt.err {
					t.Errorf("it ends with %q after %v, error %v; want %q after %v", got, took, err, tt.last, tt.took)
				}
			})
		})
	}
	t.Run("no more updates", func(t *testing.T) {
		t.Parallel()
		_, ps := plans(t)
		closed := make(chan store.Update)
		close(closed)
		if _, err := report.Follow(t.Context(), &bytes.Buffer{}, ps["e"], closed); err == nil {
			t.Error("it ends well without having seen a run")
		}
	})
}

// TestProgressOfStore follows real folders to the end.
func TestProgressOfStore(t *testing.T) {
	t.Parallel()
	_, ps := plans(t)
	p := ps["single"]
	s := fill(t, p, done(t, 0.5, 0.25), queued)
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		feed := store.NewFeed(ctx, s, 200*time.Millisecond, store.Focus{Experiment: "single", Metrics: report.Watched("train/loss")})
		go func() {
			time.Sleep(1100 * time.Millisecond) // between two looks
			ended(t, store.Exit{Code: 3})(s.RunDir(p.Runs()[1].ID), began)
		}()
		var b bytes.Buffer
		records, err := report.Progress(ctx, &b, p, feed)
		if err != nil || len(records) != 2 || strings.Count(b.String(), "\n") != 3 {
			t.Errorf("%d records, %v:\n%s", len(records), err, &b)
		}
	})
}

func TestLog(t *testing.T) {
	t.Parallel()
	s, p := mixed(t)
	var b bytes.Buffer
	if err := report.Log(t.Context(), &b, s, p.Runs()[0].ID, 0, true); err != nil {
		t.Fatal(err)
	}
	if b.String() != "phase train\n\nlast word" {
		t.Errorf("log is %q", &b)
	}
}

// TestLogFollows prints what a run prints until it ends, over a retry too.
func TestLogFollows(t *testing.T) {
	t.Parallel()
	s, p := mixed(t)
	id := p.Runs()[3].ID
	dir := s.RunDir(id)
	if err := os.Mkdir(filepath.Join(dir, "a1"), 0o755); err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		var b bytes.Buffer
		ended := make(chan error)
		go func() { ended <- report.Log(t.Context(), &b, s, id, 0, true) }()
		prints := func(attempt, text string) {
			add(t, filepath.Join(dir, attempt, "out.log"), text)
			time.Sleep(time.Second)
		}
		prints("a1", "one\n\r 10%")
		prints("a1", "\r 20%")
		add(t, filepath.Join(dir, "asked.jsonl"), `{"verb":"retry","attempt":2}`+"\n")
		put(t, filepath.Join(dir, "a1", "exit.json"), store.Exit{Code: 1})
		prints("a1", "\nlast\n")
		prints("a2", "two")
		add(t, filepath.Join(dir, "a2", "out.log"), "!")
		put(t, filepath.Join(dir, "a2", "exit.json"), store.Exit{})
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if want := "one\n\r 10%\r 20%\nlast\ntwo!"; b.String() != want {
			t.Errorf("log is %q, want %q", &b, want)
		}
	})
}
