package store_test

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"ablate/experiments/store"
)

const runID = "e/" + cell + "/s1"

// endedRun makes a store with a run of two attempts, of which the first failed
// and the second is done, with files of all kinds.
func endedRun(t testing.TB) *store.Store {
	t.Helper()
	s, id, dir := newRun(t)
	if id != runID {
		t.Fatalf("the run is %s", id)
	}
	put(t, filepath.Join(dir, "asked.jsonl"), store.Asked{Time: 1, Verb: "run", Attempt: 1})
	add(t, filepath.Join(dir, "asked.jsonl"), `{"time":2,"verb":"retry","attempt":2}`+"\n")
	for n := 1; n <= 2; n++ {
		writeAttempt(t, dir, n)
	}
	add(t, filepath.Join(dir, "a1", "metrics.jsonl"), "damaged\n"+`{"step":99,"time":9,"m":{"train/loss":"NaN"},"more":1}`+"\n{")
	mkdir(t, filepath.Join(dir, "a1", "checkpoint.old"))
	add(t, filepath.Join(dir, "a1", "checkpoint.old", "weights"), "w")
	return s
}

func writeAttempt(t testing.TB, dir string, n int) {
	t.Helper()
	a := filepath.Join(dir, fmt.Sprintf("a%d", n))
	for _, sub := range []string{"items", "checkpoint", "kept/20"} {
		mkdir(t, filepath.Join(a, sub))
	}
	put(t, filepath.Join(a, "start.json"), store.Start{Time: float64(100 * n), Workers: n})
	put(t, filepath.Join(a, "env.json"), map[string]any{"version": n})
	put(t, filepath.Join(a, "result.json"), store.Outcome{Metrics: store.Values{"eval/pass@1": 0.5}, WeightsSHA256: "ab", Time: 150})
	exit := store.Exit{Seconds: float64(10 * n)}
	if n == 1 {
		exit.Code, exit.Reason = 1, "diverged"
	}
	exit.Time = float64(100*n + 10*n)
	put(t, filepath.Join(a, "exit.json"), exit)
	for i := range 50 {
		add(t, filepath.Join(a, "metrics.jsonl"), fmt.Sprintf(`{"step":%d,"time":%d.25,"m":{"train/loss":%d.5}}`+"\n", i+20*(n-1), 100*n+i, i))
		add(t, filepath.Join(a, "events.jsonl"), fmt.Sprintf(`{"time":%d,"kind":"phase","text":"train %d"}`+"\n", 100*n+i, i))
		add(t, filepath.Join(a, "samples.jsonl"), fmt.Sprintf(`{"step":%d,"task":"t%d","program":"def f(a):\n return %d"}`+"\n", i, i, n))
	}
	for step := range 3 {
		add(t, filepath.Join(a, "items", fmt.Sprintf("current@%d.jsonl", step)), fmt.Sprintf(`{"id":"t%d","n":1,"c":%d,"stratum":""}`+"\n", n, step%2))
	}
	add(t, filepath.Join(a, "gpu.jsonl"), "{}\n")
	add(t, filepath.Join(a, "out.log"), strings.Repeat(fmt.Sprintf("attempt %d\n", n), 110_000)+"last line") // more than a frame
	add(t, filepath.Join(a, "checkpoint", "weights"), "w")
	add(t, filepath.Join(a, "checkpoint", "tokenizer.json"), "{}")
	add(t, filepath.Join(a, "kept/20", "weights"), "w")
	add(t, filepath.Join(a, "notes.txt"), "of the user's own trainer")
}

// picture is what readers find in a run.
type picture struct {
	Record  store.Record
	History *store.History
	Damaged int
	Events  []store.Event
	Samples []store.Sample
	Items   map[string][]store.Item
	Files   map[string]string
	Words   []string
	Places  []string
}

func look(t testing.TB, s *store.Store) picture {
	t.Helper()
	var p picture
	var errs [7]error
	p.Record, errs[0] = s.Look(runID)
	r := p.Record
	p.Record.Dir = ""
	p.History, errs[1] = store.ReadHistory(r.Dir)
	f := store.Follower{Dir: r.Dir}
	_, _, errs[2] = f.Next(0)
	p.Damaged = f.Damaged
	p.Events, errs[3] = store.ReadEvents(r)
	p.Samples, errs[4] = store.ReadSamples(r)
	names, err := store.ItemFiles(r, "current")
	errs[5] = err
	p.Items, p.Files = map[string][]store.Item{}, map[string]string{}
	for _, name := range names {
		items, err := store.ReadItems(r, name)
		p.Items[name], errs[6] = items, errors.Join(errs[6], err)
	}
	for n := range 4 {
		for _, name := range []string{"out.log", "env.json", "result.json", "start.json", "exit.json", "gpu.jsonl", "notes.txt"} {
			name = fmt.Sprintf("a%d/%s", n, name)
			text, err := readRunFile(r.Dir, name)
			if err != nil && !errors.Is(err, fs.ErrNotExist) {
				t.Error(err)
			}
			p.Files[name] = fmt.Sprintf("%d bytes, %x", len(text), sha256.Sum256([]byte(text)))
		}
	}
	feed := store.NewStillFeed(s, store.Focus{Experiment: "e", Run: runID})
	u, _ := feed.Read()
	p.Words = append(u.Log, u.Phase)
	p.Places, err = store.Checkpoints(r.Dir)
	for i, place := range p.Places {
		p.Places[i] = strings.TrimPrefix(place, s.Dir)
	}
	if err := errors.Join(append(errs[:], u.Err, err)...); err != nil {
		t.Error(err)
	}
	return p
}

func readRunFile(dir, name string) (string, error) {
	f, err := store.OpenRunFile(dir, name)
	if err != nil {
		return "", err
	}
	b, err := io.ReadAll(f)
	return string(b), errors.Join(err, f.Close())
}

func samePicture(t *testing.T, when string, want, got picture) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateNaNs(), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("%s readers find something else (-want +got):\n%.3000s", when, diff)
	}
}

// filesOf lists the files below a folder.
func filesOf(t testing.TB, dir string) (names []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			name, _ := filepath.Rel(dir, path)
			names = append(names, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestPack(t *testing.T) {
	t.Parallel()
	s := endedRun(t)
	dir := s.RunDir(runID)
	before := look(t, s)
	if before.Record.Status != store.Done || before.Record.Seconds != 30 || before.Damaged != 1 || len(before.Words) != 201 {
		t.Fatalf("the run is not what it should be: %+v", before.Record)
	}
	for range 2 { // the second time there is nothing to do
		if err := store.Pack(dir); err != nil {
			t.Fatal(err)
		}
		samePicture(t, "packed", before, look(t, s))
	}
	want := []string{
		"a1/checkpoint/tokenizer.json", "a1/checkpoint/weights", "a1/checkpoint.old/weights", "a1/kept/20/weights", "a1/notes.txt",
		"a2/checkpoint/tokenizer.json", "a2/checkpoint/weights", "a2/exit.json", "a2/kept/20/weights", "a2/notes.txt", "a2/start.json",
		"asked.jsonl", "files.tar.zst", "lock", "points.pack", "run.json",
	}
	got := filesOf(t, dir)
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	if raw, err := readRunFile(dir, "a1/metrics.jsonl"); err != nil || !strings.Contains(raw, "damaged\n") {
		t.Errorf("a file with more than points in it was not kept: %v", err)
	}
	if _, err := readRunFile(dir, "a2/metrics.jsonl"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("points are there twice: %v", err)
	}
}

// A retry puts its attempt beside what is packed, and is packed in its turn.
func TestPackAgain(t *testing.T) {
	t.Parallel()
	s := endedRun(t)
	dir := s.RunDir(runID)
	add(t, filepath.Join(dir, "a2", "metrics.jsonl"), "damaged\n")
	packed := func() *store.PackedPoints {
		if err := store.Pack(dir); err != nil {
			t.Fatal(err)
		}
		p, err := store.OpenPoints(dir)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = p.Close() })
		return p
	}
	follower, whole := store.Follower{Dir: dir}, store.Follower{Dir: dir}
	want, _, err := whole.Next(0)
	if err != nil {
		t.Fatal(err)
	}
	got, more, err := follower.Next(300) // it is in the middle of the first attempt
	if err != nil || !more {
		t.Fatal(more, err)
	}
	packed()
	rest, _, err := follower.Next(0)
	if err != nil || len(rest) != 2 {
		t.Fatal(rest, err)
	}
	got[0].Points = append(got[0].Points, rest[0].Points...)
	got = append(got, rest[1])
	if diff := cmp.Diff(want, got, cmpopts.EquateNaNs()); diff != "" || follower.Damaged != whole.Damaged {
		t.Errorf("%d damaged lines, want %d; points (-want +got):\n%s", follower.Damaged, whole.Damaged, diff)
	}
	if rest, _, err = follower.Next(0); err != nil || len(rest) > 0 || follower.Damaged != whole.Damaged {
		t.Errorf("then came %v, %v", rest, err)
	}
	writeAttempt(t, dir, 3)
	before := look(t, s)
	if before.Record.Attempt != 3 || before.Record.Before != 30 || before.History.Attempt != 3 {
		t.Errorf("a retry of a packed run is seen as %+v", before.Record)
	}
	if p := packed(); p.Attempt() != 3 {
		t.Errorf("the pack has attempts up to %d", p.Attempt())
	}
	samePicture(t, "packed again", before, look(t, s))
}

// A file of points that has anything else in it is kept as it was.
func TestPackKeepsWhatIsNoPoint(t *testing.T) {
	t.Parallel()
	point := `{"step":1,"time":2,"m":{"train/loss":0.5}}` + "\n"
	for name, tt := range map[string]struct {
		text string
		kept bool
	}{
		"only points":       {point + "\n" + `{"m":{},"step":3}` + "\r\n", false},
		"empty":             {"", false},
		"a damaged line":    {point + "damaged\n" + point, true},
		"one key more":      {point + `{"step":2,"time":3,"m":{},"epoch":1}` + "\n", true},
		"more than a point": {point + strings.TrimSpace(point) + point, true},
		"a torn line":       {point + point[:20], true},
		"a line too long":   {point + strings.Repeat(" ", store.MaxLine) + "\n", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, _, dir := newRun(t)
			put(t, filepath.Join(dir, "a1", "exit.json"), store.Exit{})
			add(t, filepath.Join(dir, "a1", "metrics.jsonl"), tt.text)
			read := func() (picture, error) {
				f := store.Follower{Dir: dir}
				_, _, err := f.Next(0)
				h, err2 := store.ReadHistory(dir)
				return picture{History: h, Damaged: f.Damaged}, errors.Join(err, err2)
			}
			before, err := read()
			if err != nil {
				t.Fatal(err)
			}
			if err := store.Pack(dir); err != nil {
				t.Fatal(err)
			}
			after, err := read()
			if err != nil {
				t.Fatal(err)
			}
			samePicture(t, "packed", before, after)
			raw, err := readRunFile(dir, "a1/metrics.jsonl")
			if tt.kept && (err != nil || raw != tt.text) {
				t.Errorf("it was not kept: %v", err)
			}
			if !tt.kept && !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("it was kept: %v", err)
			}
		})
	}
}

// What goes on while it is packed, or is still written to, stays as it is.
func TestPackMeanwhile(t *testing.T) {
	t.Parallel()
	for name, happens := range map[string]func(t *testing.T, dir string){
		"a retry":         func(t *testing.T, dir string) { mkdir(t, filepath.Join(dir, "a3")) },
		"a leaked daemon": func(t *testing.T, dir string) { add(t, filepath.Join(dir, "a2", "out.log"), "late") },
		"a lock":          func(t *testing.T, dir string) { hold(t, store.LockFile(dir)) },
		"a new file": func(t *testing.T, dir string) {
			put(t, filepath.Join(dir, "a2", "env.json"), 2)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := endedRun(t)
			dir := s.RunDir(runID)
			var before []string
			steps := 0
			err := store.PackSteps(dir, func() {
				if steps++; steps == 4 { // both files are written
					happens(t, dir)
					before = slices.DeleteFunc(filesOf(t, dir), func(name string) bool { return name[0] == '.' })
				}
			})
			if err == nil {
				t.Error("it was packed")
			}
			after := slices.DeleteFunc(filesOf(t, dir), func(name string) bool { return name == "lock" })
			before = slices.DeleteFunc(before, func(name string) bool { return name == "lock" })
			if diff := cmp.Diff(before, after); diff != "" {
				t.Errorf("files (-before +after):\n%s", diff)
			}
		})
	}
}

// Wherever packing is cut short, readers find what they found before, and the
// next try ends well.
func TestPackCrash(t *testing.T) {
	t.Parallel()
	for name, again := range map[string]bool{"first": false, "again": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := endedRun(t)
			dir := s.RunDir(runID)
			if again {
				if err := store.Pack(dir); err != nil {
					t.Fatal(err)
				}
				writeAttempt(t, dir, 3)
			}
			before := look(t, s)
			var states []string
			err := store.PackSteps(dir, func() {
				state := t.TempDir()
				if err := os.CopyFS(state, os.DirFS(s.Dir)); err != nil {
					t.Error(err)
				}
				states = append(states, state)
			})
			if err != nil || len(states) < 10 {
				t.Fatal(len(states), err)
			}
			for i, state := range states {
				if i > 8 && i < len(states)-8 && i%5 > 0 {
					continue // one file after the other is removed
				}
				s, err := store.Open(state)
				if err != nil {
					t.Fatal(err)
				}
				samePicture(t, fmt.Sprintf("after step %d", i), before, look(t, s))
				if err := store.Pack(s.RunDir(runID)); err != nil {
					t.Error(err)
				}
				samePicture(t, fmt.Sprintf("packed after step %d", i), before, look(t, s))
				if n := len(filesOf(t, s.RunDir(runID))); n > 24 {
					t.Errorf("%d files are left", n)
				}
			}
		})
	}
}
