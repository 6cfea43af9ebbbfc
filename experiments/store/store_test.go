package store_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ablate/experiments"
	"ablate/experiments/store"
)

// play names the part that this test binary plays when a test starts it again.
const play = "ABLATE_STORE_TEST_PLAY"

func TestMain(m *testing.M) {
	switch os.Getenv(play) {
	case "":
		os.Exit(m.Run())
	case "runner":
		playRunner()
	case "trainer": // holds what it inherited until its input ends
		if len(os.Args) > 1 {
			store.KeepLock(os.Args[1], 3)
		}
		_, _ = io.Copy(io.Discard, os.Stdin)
	case "holder":
		playHolder()
	case "full disk":
		playFullDisk()
	}
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// playRunner takes the lock that it is told, hands it to a trainer and dies.
func playRunner() {
	lock, err := store.Lock(os.Args[1], 0)
	must(err)
	cmd := exec.Command(os.Args[0], os.Args[1])
	cmd.Env = append(os.Environ(), play+"=trainer")
	cmd.Stdin, cmd.ExtraFiles = os.Stdin, []*os.File{lock.File}
	must(cmd.Start())
}

// playHolder tries to take the lock that it is told, says whether it has it, and
// stays until its input ends.
func playHolder() {
	lock, err := store.Lock(os.Args[1], 0)
	if errors.Is(err, store.ErrLocked) {
		fmt.Println("locked")
		return
	}
	must(err)
	fmt.Println("held")
	_, _ = io.Copy(io.Discard, os.Stdin)
	must(lock.Close())
}

// playFullDisk appends lines until a limit on the size of files tears one, and
// then, with room again, one more.
func playFullDisk() {
	signal.Ignore(syscall.SIGXFSZ)
	l, err := store.AppendTo(os.Args[1])
	must(err)
	var limit syscall.Rlimit
	must(syscall.Getrlimit(syscall.RLIMIT_FSIZE, &limit))
	small := syscall.Rlimit{Cur: 20, Max: limit.Max}
	must(syscall.Setrlimit(syscall.RLIMIT_FSIZE, &small))
	for err == nil {
		err = l.Append("line of 13")
	}
	if err = l.Append("another of 17"); err == nil {
		must(fmt.Errorf("append on a full disk: no error"))
	}
	must(syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit))
	must(l.Append("room again"))
}

const cell = "tasks=64~0a1b2c"

// newRun makes a store with the folder of one run in it.
func newRun(t testing.TB) (s *store.Store, id, dir string) {
	t.Helper()
	s, err := store.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	id = "e/" + cell + "/s1"
	addRun(t, s, id)
	return s, id, s.RunDir(id)
}

func addRun(t testing.TB, s *store.Store, id string) {
	t.Helper()
	parts := strings.Split(id, "/")
	put(t, filepath.Join(s.RunDir(id), "run.json"), experiments.Run{ID: id, Experiment: parts[0], Cell: parts[1], Seed: 1})
}

// put writes v as JSON, making the folders above.
func put(t testing.TB, path string, v any) {
	t.Helper()
	mkdir(t, filepath.Dir(path))
	if err := store.WriteJSON(path, v); err != nil {
		t.Fatal(err)
	}
}

func mkdir(t testing.TB, dir string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
}

// add appends text to a file as it is.
func add(t testing.TB, path, text string) {
	t.Helper()
	mkdir(t, filepath.Dir(path))
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.WriteString(text)
	if closed := f.Close(); err != nil || closed != nil {
		t.Fatal(err, closed)
	}
}

// age makes everything in dir look as if it was written at that time.
func age(t testing.TB, dir string, at time.Time) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Chtimes(path, at, at)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// hold takes a lock. It waits for a child that another test is starting: for a
// moment that has a copy of the lock of whoever looked at the run.
func hold(t testing.TB, path string) *held {
	t.Helper()
	lock, err := store.Lock(path, 5*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { lock.Close() })
	return &held{lock.File}
}

// held is a lock that is free once it is closed, also if a child that another
// test is starting has a copy of it for a moment.
type held struct{ *os.File }

func (h *held) Close() error {
	return errors.Join(syscall.Flock(int(h.Fd()), syscall.LOCK_UN), h.File.Close())
}

func TestListing(t *testing.T) {
	t.Parallel()
	s, _, _ := newRun(t)
	for _, id := range []string{"e/" + cell + "/s10", "e/" + cell + "/s2", "e/a~000000/s1", "planless/a~000000/s1"} {
		addRun(t, s, id)
	}
	put(t, s.PlanFile("e"), experiments.Plan{Experiment: "e"})
	put(t, s.PlanFile("none-yet"), experiments.Plan{Experiment: "none-yet"})
	for _, dir := range []string{"engine", ".trash", "e/plans", "e/" + cell + "/s01", "e/" + cell + "/sx", "e/" + cell + "/s3"} {
		mkdir(t, filepath.Join(s.Dir, dir))
	}
	add(t, filepath.Join(s.Dir, "e", cell, "s01", "run.json"), "{}")

	names, err := s.Experiments()
	if diff := cmp.Diff([]string{"e", "none-yet"}, names); diff != "" || err != nil {
		t.Error(diff, err)
	}
	ids, err := s.RunIDs("e")
	want := []string{"e/a~000000/s1", "e/" + cell + "/s1", "e/" + cell + "/s2", "e/" + cell + "/s10"}
	if diff := cmp.Diff(want, ids); diff != "" || err != nil {
		t.Error(diff, err)
	}
	if ids, err := s.RunIDs("nothing"); len(ids) > 0 || err != nil {
		t.Errorf("an experiment that is not there has runs %v, %v", ids, err)
	}
}

func TestWritePlanKeepsEveryDesign(t *testing.T) {
	t.Parallel()
	s, _, _ := newRun(t)
	for _, hash := range []string{"aa", "bb", "aa"} {
		if err := s.WritePlan(&experiments.Plan{Experiment: "e", Hash: hash}); err != nil {
			t.Fatal(err)
		}
		p, err := s.ReadPlan("e")
		if err != nil || p.Hash != hash {
			t.Errorf("current plan is %+v, %v, want %s", p, err, hash)
		}
	}
	kept, err := filepath.Glob(filepath.Join(s.Dir, "e", "plans", "*"))
	for i := range kept {
		kept[i] = filepath.Base(kept[i])
	}
	if diff := cmp.Diff([]string{"aa.json", "bb.json"}, kept); diff != "" || err != nil {
		t.Error(diff, err)
	}
}

func TestOpenAndWritable(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	add(t, file, "")
	if _, err := store.Open(file); err == nil || !strings.Contains(err.Error(), "--store") {
		t.Errorf("a file opened as a store: %v", err)
	}
	s, err := store.Open(filepath.Join(dir, "new", "runs"))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Writable(); err != nil {
		t.Error(err)
	}
	if left, err := os.ReadDir(s.EngineDir()); err != nil || len(left) > 0 {
		t.Errorf("the probe left %v, %v", left, err)
	}
	if err := (&store.Store{Dir: filepath.Join(file, "runs")}).Writable(); err == nil {
		t.Error("a store under a file is writable")
	}
}

func TestFind(t *testing.T) {
	t.Parallel()
	s, _, _ := newRun(t)
	addRun(t, s, "e/"+cell+"/s2")
	addRun(t, s, "e/tasks=64~old000/s1")
	put(t, s.PlanFile("e"), experiments.Plan{Experiment: "e", Cells: []experiments.Cell{{Name: cell}}})
	empty := &store.Store{Dir: t.TempDir()}
	both := []string{"e/" + cell + "/s1", "e/" + cell + "/s2"}
	tests := []struct {
		name    string
		store   *store.Store
		ask     string
		want    []string
		wantErr string
	}{
		{"experiment", s, "e", append(slices.Clone(both), "e/tasks=64~old000/s1"), ""},
		{"experiment with a slash", s, "e/", append(slices.Clone(both), "e/tasks=64~old000/s1"), ""},
		{"cell with hash", s, "e/" + cell, both, ""},
		{"cell without hash is the current plan's", s, "e/tasks=64", both, ""},
		{"cell of an earlier plan by its hash", s, "e/tasks=64~old000", []string{"e/tasks=64~old000/s1"}, ""},
		{"run", s, "e/" + cell + "/s2", both[1:], ""},
		{"run without hash", s, "e/tasks=64/s2", both[1:], ""},
		{"unknown seed", s, "e/tasks=64/s9", nil, "e has 3 runs and none of that name, such as e/" + cell + "/s1"},
		{"unknown cell", s, "e/tasks=65", nil, "none of that name"},
		{"unknown experiment", s, "f", nil, "there are some of e"},
		{"empty store", empty, "e", nil, "no runs in"},
		{"nothing", s, "", nil, "begins with that of an experiment"},
		{"out of the store", s, "../e", nil, "begins with that of an experiment"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := tt.store.Find(tt.ask)
			if tt.wantErr == "" && err != nil || tt.wantErr != "" && (err == nil || !strings.Contains(err.Error(), tt.wantErr)) {
				t.Errorf("error is %v, want %q", err, tt.wantErr)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// A cell goes by its values, too, where the current plan has one of them; the name of a
// folder means that folder all the same.
func TestFindByValues(t *testing.T) {
	t.Parallel()
	cell := func(name string, values ...any) experiments.Cell {
		c := experiments.Cell{Name: name}
		for _, v := range values {
			c.Axes = append(c.Axes, experiments.Setting{Name: "x", Value: v})
		}
		return c
	}
	s := &store.Store{Dir: t.TempDir()}
	for _, id := range []string{"e/a=1024,b=1~0a/s1", "e/a=1024,b=1~0a/s2", "e/a=1,b=x~0b/s1", "e/16~0c/s1", "e/a=16~0d/s1", "e/a=1024,b=1~01d/s3", "e/t~0e/s1", "e/t~0f/s1"} {
		addRun(t, s, id)
	}
	put(t, s.PlanFile("e"), experiments.Plan{Experiment: "e", Cells: []experiments.Cell{
		cell("a=1024,b=1~0a", int64(1024), int64(1)), cell("a=1,b=x~0b", int64(1), "x"), cell("16~0c", "none"), cell("a=16~0d", int64(16)),
		cell("t~0e", "1×2", int64(3)), cell("t~0f", int64(1), "2×3"), cell("never~10", int64(7)),
	}})
	const first, second = "e/a=1024,b=1~0a/s1", "e/a=1024,b=1~0a/s2"
	for ask, want := range map[string][]string{
		"e/1024x1": {first, second}, "e/1024×1": {first, second}, "e/1024x1/": {first, second}, "e/1024x1/s2": {second}, "e/1024x1/s3": nil,
		"e/1024x": nil, "e/1xx": {"e/a=1,b=x~0b/s1"}, "e/16": {"e/16~0c/s1"}, "e/7": nil, "f/1024x1": nil, "e/1x2x3": nil, "e/1024x1/s2/x": nil,
	} {
		got, err := s.Find(ask)
		if diff := cmp.Diff(want, got); diff != "" || (err == nil) != (want != nil) {
			t.Errorf("%s: %v\n%s", ask, err, diff)
		}
	}
	if _, err := s.Find("e/1x2x3"); err == nil || !strings.Contains(err.Error(), "2 cells have these values, such as t~0e and t~0f; name one") {
		t.Error(err)
	}
	for ask, want := range map[string]string{"e/1024x1": "e/a=1024,b=1~0a", "e/1024x1/s2": second} {
		if got, err := s.Target(ask); err != nil || got != want || s.HasTarget(ask) || !s.HasTarget(got) {
			t.Errorf("%s: %s, %v; only %s is to be marked", ask, got, err, want)
		}
	}
	if s.HasTarget("e/" + strings.Repeat("1024x1", 9)) {
		t.Error("the store has a target longer than any name")
	}
}
