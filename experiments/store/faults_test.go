package store_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ablate/experiments"
	"ablate/experiments/store"
)

const zeros = "\x00\x00\x00\x00\x00\x00\x00\x00"

// What a power cut may leave of a record: a file that had its name and not yet
// its blocks, or only some of them.
var cuts = map[string]func(whole string) string{
	"nothing":              func(string) string { return "" },
	"half":                 func(whole string) string { return whole[:len(whole)/2] },
	"zeros":                func(whole string) string { return strings.Repeat("\x00", len(whole)) },
	"half and zeros":       func(whole string) string { return whole[:len(whole)/2] + zeros },
	"its start and zeros":  func(string) string { return "{" + zeros },
	"zeros and its end":    func(whole string) string { return zeros + whole[len(whole)/2:] },
	"what is no record":    func(string) string { return "[1]\n" },
	"text that ends a map": func(string) string { return "}" },
}

// TestPowerCutRecords damages each record of a run in every way: nothing panics,
// the store opens, its other run is as it was, and the run or the experiment says
// in words which file it is.
func TestPowerCutRecords(t *testing.T) {
	t.Parallel()
	run := "e/" + cell + "/s1"
	records := []struct {
		file    string   // below the experiment
		without []string // files that are not there either
		status  store.Status
		words   string
	}{
		{file: cell + "/s1/run.json", words: "s1/run.json"},
		{file: cell + "/s1/a1/exit.json", status: store.Failed, words: "a1/exit.json"},
		{file: cell + "/s1/a1/start.json", without: []string{"exit.json", "result.json"}, status: store.Lost, words: "unreadable: start.json"},
		{file: cell + "/s1/a1/start.json", status: store.Done},
		{file: cell + "/s1/a1/result.json", without: []string{"exit.json"}, status: store.Lost, words: "unreadable: result.json"},
		{file: cell + "/s1/a1/result.json", status: store.Done},
		{file: cell + "/s1/asked.jsonl", status: store.Done},
		{file: cell + "/s1/asked.jsonl", without: []string{"start.json", "exit.json", "result.json", ""}, status: store.Lost, words: "unreadable: asked.jsonl"},
		{file: cell + "/s1/a1/events.jsonl", status: store.Done},
		{file: cell + "/s1/a1/samples.jsonl", status: store.Done},
		{file: cell + "/s1/a1/metrics.jsonl", status: store.Done},
		{file: "plan.json", status: store.Done, words: "e/plan.json"},
	}
	for _, r := range records {
		for cut, damage := range cuts {
			t.Run(filepath.Base(r.file)+"/"+string(r.status)+"/"+cut, func(t *testing.T) {
				t.Parallel()
				s := doneStore(t)
				path := filepath.Join(s.Dir, "e", filepath.FromSlash(r.file))
				for _, name := range r.without {
					if err := os.RemoveAll(filepath.Join(store.AttemptDir(s.RunDir(run), 1), name)); err != nil {
						t.Fatal(err)
					}
				}
				text := damage(read(t, path))
				if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
				words := r.words
				if text == "" && filepath.Base(path) == "asked.jsonl" && words != "" {
					words = "it was never queued" // an empty file says nothing
				}
				if cut == "what is no record" && filepath.Base(path) == "result.json" {
					words = "" // trainers of others have files of that name
				}
				checkDamaged(t, s, run, r.status, words)
			})
		}
	}
}

// doneStore has two runs that are done, with every record that there is.
func doneStore(t *testing.T) *store.Store {
	t.Helper()
	s, _, _ := newRun(t)
	addRun(t, s, "e/"+cell+"/s2")
	if err := s.WritePlan(&experiments.Plan{Experiment: "e", Hash: "0123456789ab"}); err != nil {
		t.Fatal(err)
	}
	for _, seed := range []string{"s1", "s2"} {
		dir := s.RunDir("e/" + cell + "/" + seed)
		a1 := store.AttemptDir(dir, 1)
		jot(t, filepath.Join(dir, "asked.jsonl"), store.Asked{Verb: "run", Attempt: 1})
		jot(t, filepath.Join(a1, "start.json"), store.Start{Host: "here", Time: 100})
		jot(t, filepath.Join(a1, "result.json"), store.Outcome{Metrics: store.Values{"m": 1}, Time: 110})
		jot(t, filepath.Join(a1, "exit.json"), store.Exit{Seconds: 10, Outcome: store.Outcome{Metrics: store.Values{"m": 1}, Time: 110}})
		jot(t, filepath.Join(a1, "metrics.jsonl"), store.Point{Step: 1, Time: 105, M: store.Values{"m": 1}})
		jot(t, filepath.Join(a1, "events.jsonl"), store.Event{Time: 100, Kind: "start"})
		jot(t, filepath.Join(a1, "samples.jsonl"), store.Sample{Step: 1, Task: "x", Verdict: "AC"})
	}
	return s
}

// jot writes v as JSON like put, and lets the disk take its time.
func jot(t testing.TB, path string, v any) {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	add(t, path, string(b)+"\n")
}

// checkDamaged looks at a store one of whose runs is damaged in every way in which
// one can look.
func checkDamaged(t *testing.T, s *store.Store, run string, status store.Status, words string) {
	t.Helper()
	dir := s.RunDir(run)
	var said strings.Builder
	hear := func(err error) {
		if err != nil {
			said.WriteString(err.Error() + "\n")
		}
	}
	hear(store.Settle(dir))
	names, err := s.Experiments()
	if err != nil || len(names) != 1 {
		t.Errorf("experiments are %q, %v", names, err)
	}
	_, err = s.ReadPlan("e")
	hear(err)
	records, err := s.Records("e")
	hear(err)
	if _, err := s.Summaries(); err != nil {
		t.Error(err)
	}
	for _, r := range records {
		switch {
		case r.ID != run && (r.Status != store.Done || r.Metrics["m"] != 1):
			t.Errorf("the other run is %+v", r)
		case r.ID == run && r.Status != status:
			t.Errorf("the run is %s (%s), want %s", r.Status, r.Reason, status)
		case r.ID == run:
			said.WriteString(r.Reason)
		}
		_, err := store.ReadEvents(r)
		hear(err)
		_, err = store.ReadSamples(r)
		hear(err)
	}
	if _, err := store.ReadHistory(dir); err != nil {
		t.Error(err)
	}
	if !strings.Contains(said.String(), words) {
		t.Errorf("it says %q, want %q", said.String(), words)
	}
	// Another plan, wish and attempt are as if nothing had been.
	p := &experiments.Plan{Experiment: "e", Hash: "0123456789ab"}
	if err := s.WritePlan(p); err != nil {
		t.Error(err)
	}
	if got, err := s.ReadPlan("e"); err != nil || got.Hash != p.Hash {
		t.Errorf("the plan is %+v, %v", got, err)
	}
	l, err := store.AppendTo(filepath.Join(dir, "asked.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(l.Append(store.Asked{Verb: "retry", Attempt: 2}), l.Sync(), l.Close()); err != nil {
		t.Error(err)
	}
	if status == "" { // the run cannot be read
		return
	}
	if r, err := s.Look(run); err != nil || r.Status != store.Queued {
		t.Errorf("after a retry it is %s (%s), %v", r.Status, r.Reason, err)
	}
}

// A design that a power cut damaged is written anew when it runs again, also the
// copy that stays.
func TestPowerCutKeptPlan(t *testing.T) {
	t.Parallel()
	s := doneStore(t)
	p := &experiments.Plan{Experiment: "e", Hash: "0123456789ab"}
	for name, damage := range cuts {
		kept := s.KeptPlan("e", p.Hash)
		if err := os.WriteFile(kept, []byte(damage(read(t, kept))), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := s.WritePlan(p); err != nil {
			t.Fatal(err)
		}
		var got experiments.Plan
		if err := store.ReadJSON(kept, &got); err != nil || got.Hash != p.Hash {
			t.Errorf("%s: the kept plan is %+v, %v", name, got, err)
		}
	}
}

// TestPowerCutLines damages a file of points: readers take what is whole, count
// what is not, and whoever appends begins a line of his own.
func TestPowerCutLines(t *testing.T) {
	t.Parallel()
	const one, two, three = `{"step":1,"time":1,"m":{"a":1}}`, `{"step":2,"time":2,"m":{"a":2}}`, `{"step":3,"time":3,"m":{"a":3}}`
	for _, tt := range []struct {
		name    string
		left    string
		steps   []float64 // before and after a point of step 9 is appended
		damaged int       // after
	}{
		{"a torn last line", one + "\n" + two[:20], []float64{1}, 1},
		{"zeros at the end", one + "\n" + two + "\n" + zeros, []float64{1, 2}, 1},
		{"a torn line and zeros", one + "\n" + two[:20] + zeros, []float64{1}, 1},
		{"a page of zeros", one + "\n" + strings.Repeat("\x00", 4096), []float64{1}, 1},
		{"more zeros than a line may have", one + "\n" + strings.Repeat("\x00", store.MaxLine+10), []float64{1}, 1},
		{"zeros in the middle", one + "\n" + zeros + "\n" + three + "\n", []float64{1, 3}, 1},
		{"a writer went on behind zeros", one + "\n" + zeros + two + "\n" + three + "\n", []float64{1, 2, 3}, 1},
		{"a line that lost its middle", one + "\n" + two[:9] + zeros + two[17:] + "\n" + three + "\n", []float64{1, 3}, 1},
		{"only zeros", zeros, nil, 1},
		{"nothing", "", nil, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s, id, dir := newRun(t)
			a1 := store.AttemptDir(dir, 1)
			add(t, filepath.Join(a1, "metrics.jsonl"), tt.left)
			put(t, filepath.Join(a1, "start.json"), store.Start{Time: 1})
			sees := func(steps []float64) {
				t.Helper()
				h, err := store.ReadHistory(dir)
				var got []float64
				if h.Series["a"] != nil {
					got = h.Series["a"].Steps
				}
				if diff := cmp.Diff(steps, got); diff != "" || err != nil {
					t.Errorf("steps (-want +got):\n%s%v", diff, err)
				}
			}
			sees(tt.steps)
			if r, err := s.Look(id); err != nil || r.Status != store.Lost {
				t.Errorf("the run is %s (%s), %v", r.Status, r.Reason, err)
			}
			a, err := store.OpenAttempt(a1)
			if err != nil {
				t.Fatal(err)
			}
			if err := errors.Join(a.Point(9, store.Values{"a": 9}), a.Close()); err != nil {
				t.Fatal(err)
			}
			sees(append(tt.steps, 9))
			f := store.Follower{Dir: dir}
			if _, _, err := f.Next(0); err != nil || f.Damaged != tt.damaged {
				t.Errorf("%d damaged lines, %v; want %d", f.Damaged, err, tt.damaged)
			}
		})
	}
}

// A record of the end fits on a disk that has no room left, if some was set aside.
// The disk is full for this process by a limit on the size of files: see
// TestDiskFull* of the program for real ones.
func TestExitOnAFullDisk(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := store.ReserveExit(dir); err != nil {
		t.Fatal(err)
	}
	if err := store.WriteExit(dir, store.Exit{Code: 3}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"exit.json"}, names(t, dir)); diff != "" {
		t.Errorf("what was set aside is still there:\n%s", diff)
	}
	if err := store.NoRoom(dir); err != nil || len(names(t, dir)) != 1 {
		t.Errorf("no room: %v, %q", err, names(t, dir))
	}
	if err := store.ReserveExit(filepath.Join(dir, "gone")); err == nil {
		t.Error("room was set aside in a folder that is not there")
	}
}

func TestTakeBack(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "asked.jsonl")
	first, second := store.Asked{Verb: "run", Attempt: 1}, store.Asked{Verb: "stop", Time: 2}
	if err := store.TakeBack(path, first); err == nil {
		t.Error("a line was taken back of a file that is not there")
	}
	l, err := store.AppendTo(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(l.Append(first), l.Append(second), l.Close()); err != nil {
		t.Fatal(err)
	}
	whole := read(t, path)
	if err := store.TakeBack(path, first); err != nil || read(t, path) != whole {
		t.Errorf("a line that is not the last was taken back: %v", err)
	}
	for _, a := range []store.Asked{second, first} {
		if err := store.TakeBack(path, a); err != nil || strings.Contains(read(t, path), a.Verb) {
			t.Errorf("%s is still there: %v", a.Verb, err)
		}
	}
}

// TestClockSetBack has files whose times are of before and after a writer's clock
// was set back by a day.
func TestClockSetBack(t *testing.T) {
	t.Parallel()
	const day = 86400
	now := store.Now()
	live := []struct {
		name   string
		start  float64
		events []float64
		wrote  float64 // the trainer, last
		want   store.Status
	}{
		{"just now", now + day - 600, []float64{now + day - 600, now + day - 5}, now + day - 1, store.Running},
		{"five minutes ago, silent since", now + day - 600, []float64{now + day - 600, now + day - 5, now - 300, now - 290, now - 10}, now + day - 1, store.Stalled},
		{"a minute ago, silent since", now + day - 600, []float64{now + day - 600, now + day - 5, now - 60, now - 50}, now + day - 1, store.Running},
		{"five minutes ago, and it writes", now + day - 600, []float64{now + day - 600, now - 300, now - 10}, now - 3, store.Running},
		{"twice", now + day - 600, []float64{now + day, now - 100, now - 90, now - 300, now - 280}, now + day, store.Stalled},
		{"never: another host's is 3 s ahead", now - 600, []float64{now - 600, now + 3}, now + 3, store.Running},
		{"never, and it is silent", now - 600, []float64{now - 600, now - 10}, now - 500, store.Stalled},
	}
	for _, tt := range live {
		t.Run("live/"+tt.name, func(t *testing.T) {
			t.Parallel()
			s, id, dir := newRun(t)
			a1 := store.AttemptDir(dir, 1)
			hold(t, store.LockFile(dir))
			put(t, filepath.Join(a1, "start.json"), store.Start{Time: tt.start})
			add(t, filepath.Join(a1, "metrics.jsonl"), `{"step":1,"time":1,"m":{"a":1}}`+"\n")
			at := time.UnixMilli(int64(tt.wrote * 1000))
			if err := os.Chtimes(filepath.Join(a1, "metrics.jsonl"), at, at); err != nil {
				t.Fatal(err)
			}
			l, err := store.AppendTo(filepath.Join(a1, "events.jsonl"))
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range tt.events {
				if err := l.Append(store.Event{Time: e, Kind: "beat"}); err != nil {
					t.Fatal(err)
				}
			}
			if err := l.Close(); err != nil {
				t.Fatal(err)
			}
			r, err := s.Look(id)
			if err != nil || r.Status != tt.want || r.Seconds < 0 {
				t.Errorf("it is %s (%s), %v s, %v; want %s", r.Status, r.Reason, r.Seconds, err, tt.want)
			}
		})
	}
	for name, left := range map[string]func(a1 string){
		"an exit before the start": func(a1 string) {
			put(t, filepath.Join(a1, "exit.json"), store.Exit{Seconds: 12, Outcome: store.Outcome{Time: now}})
		},
		"an exit by a clock that is none": func(a1 string) {
			put(t, filepath.Join(a1, "exit.json"), store.Exit{Seconds: -12, Outcome: store.Outcome{Time: now}})
		},
		"a result before the start": func(a1 string) { put(t, filepath.Join(a1, "result.json"), store.Outcome{Time: now}) },
		"nothing":                   func(string) {},
	} {
		t.Run("over/"+name, func(t *testing.T) {
			t.Parallel()
			s, id, dir := newRun(t)
			a1 := store.AttemptDir(dir, 1)
			put(t, filepath.Join(a1, "start.json"), store.Start{Time: now + day})
			left(a1)
			for _, step := range []string{"as it is", "settled"} {
				if r, err := s.Look(id); err != nil || r.Seconds < 0 {
					t.Errorf("%s it took %v s, %v", step, r.Seconds, err)
				}
				if err := store.Settle(dir); err != nil {
					t.Error(err)
				}
			}
			var e store.Exit
			_ = store.ReadJSON(filepath.Join(a1, "exit.json"), &e) // not every one has it
			if name == "a result before the start" && (e.Seconds != 0 || e.Time != now) {
				t.Errorf("exit.json says %+v", e)
			}
		})
	}
	// What was asked is told by the order of the lines.
	s, id, dir := newRun(t)
	put(t, filepath.Join(dir, "asked.jsonl"), store.Asked{Verb: "run", Attempt: 1, Time: now + day})
	l, err := store.AppendTo(filepath.Join(dir, "asked.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(l.Append(store.Asked{Verb: "stop", Time: now}), l.Close()); err != nil {
		t.Fatal(err)
	}
	if r, err := s.Look(id); err != nil || r.Status != store.Stopped {
		t.Errorf("a run that was stopped by an earlier time is %s (%s), %v", r.Status, r.Reason, err)
	}
}

// A folder that nobody may write to can be looked at.
func TestReadOnlyFolderIsRead(t *testing.T) {
	t.Parallel()
	if os.Getuid() == 0 {
		t.Skip("root may write everywhere; TestReadOnlyStore of the program does this as another user")
	}
	s := doneStore(t)
	err := filepath.WalkDir(s.Dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && d.IsDir() {
			err = os.Chmod(path, 0o555)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = filepath.WalkDir(s.Dir, func(path string, _ os.DirEntry, _ error) error { return os.Chmod(path, 0o755) })
	})
	if records, err := s.Records("e"); err != nil || len(records) != 2 {
		t.Errorf("records are %+v, %v", records, err)
	}
	if err := s.Writable(); !errors.Is(err, syscall.EACCES) || !strings.Contains(err.Error(), "--store") {
		t.Errorf("writable: %v", err)
	}
}
