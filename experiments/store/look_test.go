package store_test

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ablate/experiments/store"
)

func TestLook(t *testing.T) {
	t.Parallel()
	s, id, dir := newRun(t)
	look := func(want store.Status) store.Record {
		t.Helper()
		r, err := s.Look(id)
		if err != nil || r.Status != want || r.ID != id || r.Dir != dir {
			t.Fatalf("run is %+v, %v, want %s", r, err, want)
		}
		return r
	}
	a1 := store.AttemptDir(dir, 1)
	add(t, filepath.Join(dir, "asked.jsonl"), `{"verb":"run","attempt":1}`+"\n")
	look(store.Queued)
	mkdir(t, a1)
	look(store.Queued)
	lock := hold(t, store.LockFile(dir))
	look(store.Running)
	began := store.Now() - 1000
	put(t, filepath.Join(a1, "start.json"), store.Start{Time: began})
	add(t, filepath.Join(a1, "metrics.jsonl"), "")
	if r := look(store.Running); r.Started != began || math.Abs(r.Seconds-1000) > 5 || r.Ended != 0 {
		t.Errorf("a running one is %+v", r)
	}
	// 40 s between points and 395 s of silence; then 405 s.
	for i := range 5 {
		add(t, filepath.Join(a1, "metrics.jsonl"), fmt.Sprintf(`{"step":%d,"time":%d,"m":{"a":1}}`+"\n", i, 40*i))
	}
	age(t, a1, time.Now().Add(-395*time.Second))
	look(store.Running)
	age(t, a1, time.Now().Add(-405*time.Second))
	look(store.Stalled)
	lock.Close()
	if r := look(store.Lost); math.Abs(r.Seconds-595) > 5 || r.Ended != 0 {
		t.Errorf("a lost one trained until its last sign of life, not %+v", r)
	}
	put(t, filepath.Join(a1, "result.json"), store.Outcome{Time: began + 7, WeightsSHA256: "ab", Metrics: store.Values{"x": 1}})
	if r := look(store.Done); r.Seconds != 7 || r.Ended != began+7 || r.SHA256 != "ab" || r.Metrics["x"] != 1 {
		t.Errorf("one without exit record is %+v", r)
	}
	put(t, filepath.Join(a1, "exit.json"), store.Exit{Code: 3, Seconds: 8, Outcome: store.Outcome{Time: began + 9}})
	leftover := hold(t, store.LockFile(dir))
	if r := look(store.Failed); r.Seconds != 8 || r.Ended != began+9 {
		t.Errorf("one with leftovers is %+v", r)
	}
	leftover.Close()
	add(t, filepath.Join(dir, "asked.jsonl"), `{"verb":"retry","attempt":2}`+"\n")
	look(store.Queued)
}

// TestLookAgain adds up what the attempts of a run took, as far as it is known.
func TestLookAgain(t *testing.T) {
	t.Parallel()
	s, id, dir := newRun(t)
	took := func(when string, before, seconds float64) {
		t.Helper()
		r, err := s.Look(id)
		if err != nil || math.Abs(r.Before-before) > 0.01 || math.Abs(r.Seconds-seconds) > 5 {
			t.Errorf("%s: %v s, %v of them before the newest attempt, %v, want %v and %v", when, r.Seconds, r.Before, err, seconds, before)
		}
	}
	start := func(n int, began float64) {
		put(t, filepath.Join(store.AttemptDir(dir, n), "start.json"), store.Start{Time: began})
	}
	exit := func(n int, seconds float64) {
		put(t, filepath.Join(store.AttemptDir(dir, n), "exit.json"), store.Exit{Code: 1, Seconds: seconds})
	}
	start(1, 1000)
	exit(1, 600)
	took("one attempt", 0, 600)
	mkdir(t, store.AttemptDir(dir, 2))
	took("the next has its folder", 600, 600)
	lock := hold(t, store.LockFile(dir))
	start(2, store.Now()-100)
	took("the next is going", 600, 700)
	lock.Close()
	exit(2, 120)
	took("the next ended", 600, 720)
	start(3, 5000) // lost: nobody knows for how long it trained
	start(4, 6000)
	add(t, filepath.Join(store.AttemptDir(dir, 4), "exit.json"), "[]")
	exit(10, 60)
	took("others left no record", 720, 780)
}

func TestLookUnreadable(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, file, text string }{
		{"no run.json", "run.json", ""},
		{"run.json", "run.json", "{"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s, id, dir := newRun(t)
			path := filepath.Join(dir, tt.file)
			if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
				t.Fatal(err)
			}
			if tt.text != "" {
				add(t, path, tt.text)
			}
			if r, err := s.Look(id); err == nil || !strings.Contains(err.Error(), path) {
				t.Errorf("run is %+v, error %v", r, err)
			}
		})
	}
	for name, tt := range map[string]struct {
		file, text string
		want       store.Status
		reason     string
	}{
		"start.json":               {"start.json", "\x00\x00", store.Lost, "no exit record"},
		"exit.json":                {"exit.json", "[]", store.Failed, "read record"},
		"a trainer's result.json":  {"result.json", `{"metrics":{"a":"b"}}`, store.Lost, "no exit record; its last words: disk full"},
		"another result.json":      {"result.json", `[1,2]`, store.Lost, "no exit record"},
		"a pipe for a result.json": {"result.json", "", store.Lost, "no exit record"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, id, dir := newRun(t)
			a1 := store.AttemptDir(dir, 1)
			if err := os.MkdirAll(a1, 0o755); err != nil {
				t.Fatal(err)
			}
			put(t, filepath.Join(a1, "start.json"), store.Start{Time: 1})
			add(t, filepath.Join(a1, "out.log"), "step 1\ndisk full\n")
			path := filepath.Join(a1, tt.file)
			if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
				t.Fatal(err)
			}
			if tt.text == "" {
				if err := syscall.Mkfifo(path, 0o644); err != nil {
					t.Fatal(err)
				}
			} else {
				add(t, path, tt.text)
			}
			if r, err := s.Look(id); err != nil || r.Status != tt.want || !strings.Contains(r.Reason, tt.reason) {
				t.Errorf("run is %s (%s), error %v; want %s (%s)", r.Status, r.Reason, err, tt.want, tt.reason)
			}
		})
	}
	t.Run("others are seen", func(t *testing.T) {
		t.Parallel()
		s, id, dir := newRun(t)
		put(t, s.PlanFile("e"), struct{}{})
		addRun(t, s, "e/other~000000/s1")
		add(t, filepath.Join(dir, "run.json"), "}")
		records, err := s.Records("e")
		if len(records) != 1 || err == nil || !strings.Contains(err.Error(), id) {
			t.Errorf("records are %+v, %v", records, err)
		}
		sums, err := s.Summaries()
		want := []store.Summary{{Name: "e", Runs: map[store.Status]int{store.Lost: 1}, Unreadable: 1}}
		if diff := cmp.Diff(want, sums); diff != "" || err != nil {
			t.Error(diff, err)
		}
	})
}

// step is one write of the life of a run, and what the run is after it while its
// processes live and if they all die there.
type step struct {
	file, text    string // text with a newline: a line that is appended; else the whole file
	alive, killed store.Status
}

func life() []step {
	point := func(n int) string {
		return fmt.Sprintf(`{"step":%d,"time":%d,"m":{"train/loss":%d.5}}`, n, n, n) + "\n"
	}
	return []step{
		{"asked.jsonl", `{"verb":"run","attempt":1,"key":"k1"}` + "\n", store.Queued, store.Queued},
		{"a1/", "", store.Queued, store.Queued},
		{"lock", "", store.Running, store.Queued},
		{"a1/start.json", `{"time":4e9}`, store.Running, store.Lost},
		{"a1/metrics.jsonl", point(1), store.Running, store.Lost},
		{"a1/metrics.jsonl", point(2), store.Running, store.Lost},
		{"a1/out.log", "a word\n", store.Running, store.Lost},
		{"asked.jsonl", `{"verb":"stop","key":"k2"}` + "\n", store.Running, store.Stopped},
		{"a1/exit.json", `{"code":1,"reason":"stopped"}`, store.Stopped, store.Stopped},
		{"asked.jsonl", `{"verb":"retry","attempt":2,"key":"k3"}` + "\n", store.Queued, store.Queued},
		{"a2/", "", store.Running, store.Queued}, // the lock is still held by leftovers
		{"a2/start.json", `{"time":4e9}`, store.Running, store.Lost},
		{"a2/metrics.jsonl", point(2), store.Running, store.Lost},
		{"a2/metrics.jsonl", point(3), store.Running, store.Lost},
		{"a2/result.json", `{"metrics":{"eval/pass@1":0.5}}`, store.Running, store.Done},
		{"a2/exit.json", `{"code":0,"metrics":{"eval/pass@1":0.5}}`, store.Done, store.Done},
	}
}

// TestCrash kills a run between any two writes and within every one of them: its
// folder stays readable and at most the unfinished line is lost.
func TestCrash(t *testing.T) {
	t.Parallel()
	s, id, dir := newRun(t)
	var lock *held
	points := 0
	check := func(when string, alive, killed store.Status) {
		t.Helper()
		if r, err := s.Look(id); err != nil || r.Status != alive && lock != nil {
			t.Fatalf("%s: alive, the run is %s, %v, want %s", when, r.Status, err, alive)
		}
		if lock != nil {
			lock.Close()
		}
		r, err := s.Look(id)
		if err != nil || r.Status != killed {
			t.Fatalf("%s: killed, the run is %s, %v, want %s", when, r.Status, err, killed)
		}
		if lock != nil {
			lock = hold(t, store.LockFile(dir))
		}
		f := store.Follower{Dir: dir}
		batches, _, err := f.Next(0)
		n := 0
		for _, b := range batches {
			n += len(b.Points)
		}
		if err != nil || n != points || f.Damaged != 0 {
			t.Fatalf("%s: %d points, %d damaged lines, %v, want %d", when, n, f.Damaged, err, points)
		}
	}
	alive, killed := store.Lost, store.Lost
	check("at first", alive, killed)
	for i, step := range life() {
		path := filepath.Join(dir, step.file)
		switch {
		case step.file == "lock":
			lock = hold(t, path)
		case strings.HasSuffix(step.file, "/"):
			mkdir(t, path)
		case strings.HasSuffix(step.text, "\n"):
			for k := range len(step.text) {
				if k > 0 {
					check(fmt.Sprintf("write %d, byte %d", i, k), alive, killed)
				}
				add(t, path, step.text[k:k+1])
			}
		default:
			// A file that is replaced is written under another name first.
			beside := filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+"-1")
			for k := range len(step.text) {
				add(t, beside, step.text[k:k+1])
				check(fmt.Sprintf("write %d, byte %d", i, k), alive, killed)
			}
			if err := os.Rename(beside, path); err != nil {
				t.Fatal(err)
			}
		}
		if strings.HasSuffix(step.file, "metrics.jsonl") {
			points++
		}
		alive, killed = step.alive, step.killed
		check(fmt.Sprintf("write %d", i), alive, killed)
	}
	h, err := store.ReadHistory(dir)
	if err != nil {
		t.Fatal(err)
	}
	want := &store.Series{
		Steps: []float64{1, 2, 3}, Values: []float64{1.5, 2.5, 3.5}, Times: []float64{1, 2, 3},
		Ghosts: []store.Ghost{{Steps: []float64{2}, Values: []float64{2.5}}},
	}
	if diff := cmp.Diff(want, h.Series["train/loss"]); diff != "" {
		t.Error(diff)
	}
}

// TestLookRace looks at a run while others begin, end and settle it: it may be
// seen as it was before or after, and never as lost or failed.
func TestLookRace(t *testing.T) {
	t.Parallel()
	s, id, dir := newRun(t)
	const rounds = 30
	add(t, filepath.Join(dir, "asked.jsonl"), `{"verb":"run","attempt":1}`+"\n")
	stop, ended := make(chan struct{}), make(chan error, 1)
	go func() { ended <- watchFor(s, id, stop) }()
	for n := 1; n <= rounds; n++ {
		add(t, filepath.Join(dir, "asked.jsonl"), fmt.Sprintf(`{"verb":"run","attempt":%d}`+"\n", n))
		attempt := store.AttemptDir(dir, n)
		mkdir(t, attempt)
		lock, err := store.Lock(store.LockFile(dir), 5*time.Second)
		if err != nil {
			t.Fatal(err)
		}
		put(t, filepath.Join(attempt, "start.json"), store.Start{Time: store.Now()})
		if n%2 == 0 { // its runner is killed, its trainer finishes
			put(t, filepath.Join(attempt, "result.json"), store.Outcome{Time: store.Now()})
		} else {
			put(t, filepath.Join(attempt, "exit.json"), store.Exit{})
		}
		lock.Close()
		if err := store.Settle(dir); err != nil {
			t.Fatal(err)
		}
	}
	close(stop)
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// watchFor looks at a run until it is told to stop or sees what cannot be.
func watchFor(s *store.Store, id string, stop <-chan struct{}) error {
	for {
		select {
		case <-stop:
			return nil
		default:
		}
		r, err := s.Look(id)
		if err != nil {
			return err
		}
		switch r.Status {
		case store.Queued, store.Running, store.Done:
		default:
			return fmt.Errorf("attempt %d was seen as %s: %s", r.Attempt, r.Status, r.Reason)
		}
	}
}

func TestSettle(t *testing.T) {
	t.Parallel()
	result := store.Outcome{Time: 12, WeightsSHA256: "ab", Metrics: store.Values{"a": 1, "b": math.Inf(1)}}
	tests := []struct {
		name   string
		files  map[string]any
		locked bool
		want   *store.Exit
	}{
		{"no attempt", nil, false, nil},
		{"lost", map[string]any{"start.json": store.Start{Time: 2}}, false, nil},
		{"finished without a runner", map[string]any{"start.json": store.Start{Time: 2}, "result.json": result}, false, &store.Exit{Seconds: 10, Outcome: result}},
		{"finished without a start record", map[string]any{"result.json": result}, false, &store.Exit{Outcome: result}},
		{"still alive", map[string]any{"start.json": store.Start{Time: 2}, "result.json": result}, true, nil},
		{"settled already", map[string]any{"result.json": result, "exit.json": store.Exit{Code: 7}}, false, &store.Exit{Code: 7}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, _, dir := newRun(t)
			for name, v := range tt.files {
				put(t, filepath.Join(dir, "a1", name), v)
			}
			if tt.locked {
				hold(t, store.LockFile(dir))
			}
			if err := store.Settle(dir); err != nil {
				t.Fatal(err)
			}
			var got store.Exit
			err := store.ReadJSON(filepath.Join(dir, "a1", "exit.json"), &got)
			if tt.want == nil {
				if !errors.Is(err, fs.ErrNotExist) {
					t.Errorf("exit.json is %+v, %v", got, err)
				}
				return
			}
			got.Metrics, tt.want.Metrics = values(got.Metrics), values(tt.want.Metrics)
			if diff := cmp.Diff(tt.want, &got); diff != "" || err != nil {
				t.Error(diff, err)
			}
		})
	}
	if err := store.Settle(filepath.Join(t.TempDir(), "gone")); err != nil {
		t.Errorf("a run that was deleted: %v", err)
	}
}

// values makes no difference between none and an empty map.
func values(v store.Values) store.Values {
	if len(v) == 0 {
		return nil
	}
	return v
}

// The time in which a run was halted is not time that it took, and to be told to go
// on is a sign of life: its trainer may need a while for the next word.
func TestLookHalted(t *testing.T) {
	t.Parallel()
	s, id, dir := newRun(t)
	now := store.Now()
	ask := func(verb string, ago float64, halted bool) {
		add(t, filepath.Join(dir, "asked.jsonl"), fmt.Sprintf(`{"time":%f,"verb":"%s","attempt":1,"halted":%v}`+"\n", now-ago, verb, halted))
	}
	look := func(want store.Status, seconds float64) {
		t.Helper()
		r, err := s.Look(id)
		if err != nil || r.Status != want || math.Abs(r.Seconds-seconds) > 5 {
			t.Errorf("run is %s after %.0f s, %v; want %s after %.0f s", r.Status, r.Seconds, err, want, seconds)
		}
	}
	a1 := store.AttemptDir(dir, 1)
	mkdir(t, a1)
	lock := hold(t, store.LockFile(dir))
	put(t, filepath.Join(a1, "start.json"), store.Start{Time: now - 1000})
	add(t, filepath.Join(a1, "out.log"), "x\n")
	age(t, a1, time.Now().Add(-900*time.Second))
	ask("run", 1001, false)
	ask("pause", 900, true)
	look(store.Paused, 100)
	ask("resume", 500, true) // it waits for a slot
	look(store.Queued, 100)
	ask("resume", 60, false)
	look(store.Running, 160)
	lock.Close()
	put(t, filepath.Join(a1, "exit.json"), store.Exit{Seconds: 1000, Outcome: store.Outcome{Time: now}})
	look(store.Done, 160)
	mkdir(t, store.AttemptDir(dir, 2))
	put(t, filepath.Join(dir, "a2", "start.json"), store.Start{Time: now})
	put(t, filepath.Join(dir, "a2", "exit.json"), store.Exit{Seconds: 7, Outcome: store.Outcome{Time: now + 7}})
	look(store.Done, 167)
}
