package store_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ablate/experiments"
	"ablate/experiments/store"
)

// ends are how the newest attempt of a run may have ended.
var ends = map[string]store.Exit{"done": {}, "failed": {Code: 1}, "stopped": {Code: 1, Reason: "stopped"}}

// addEnded adds a run of some attempts, all failed but the last, with checkpoints
// of these names in each.
func addEnded(t *testing.T, s *store.Store, id, end string, attempts ...[]string) {
	t.Helper()
	addRun(t, s, id)
	for i, places := range attempts {
		dir := filepath.Join(s.RunDir(id), fmt.Sprintf("a%d", i+1))
		exit := ends["failed"]
		if i == len(attempts)-1 {
			exit = ends[end]
		}
		exit.Time = float64(100 * (i + 1))
		put(t, filepath.Join(dir, "exit.json"), exit)
		if i == len(attempts)-1 && end == "done" {
			put(t, filepath.Join(dir, "result.json"), store.Outcome{})
		}
		for _, place := range places {
			for _, name := range []string{"weights", "tokenizer.json", "state", "best"} {
				add(t, filepath.Join(dir, place, name), strings.Repeat("x", 100))
			}
		}
	}
}

func noStage(experiments.Run) (string, error) { return "", nil }

// clear makes all room that may go, and returns what is left of folders of
// checkpoints, stages and kept models.
func clearAll(t *testing.T, s *store.Store, stage store.StageOf) (freed int64, left []string) {
	t.Helper()
	rooms, err := s.Rooms(nil, stage)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rooms {
		n, err := s.Clear(r)
		if err != nil {
			t.Fatal(err)
		}
		if r.Rule != store.RoomPack && n != r.Frees {
			t.Errorf("%s of %s freed %d and should free %d", r.Rule, r.Run, n, r.Frees)
		}
		freed += n
	}
	if rooms, err = s.Rooms(nil, stage); err != nil {
		t.Fatal(err)
	}
	for _, r := range rooms {
		if r.Frees > 0 {
			t.Errorf("%s of %s frees %d more", r.Rule, r.Run, r.Frees)
		}
	}
	for _, name := range filesOf(t, s.Dir) {
		if strings.Contains(name, "checkpoint") || strings.Contains(name, "kept/") || strings.Contains(name, ".stages/") {
			left = append(left, strings.Replace(name, cell+"/s1/", "", 1))
		}
	}
	return freed, left
}

func TestCheckpointsThatGo(t *testing.T) {
	t.Parallel()
	both := []string{"checkpoint", "checkpoint.old"}
	whole := func(place string) []string {
		return []string{place + "/best", place + "/state", place + "/tokenizer.json", place + "/weights"}
	}
	model := func(place string) []string { return []string{place + "/tokenizer.json", place + "/weights"} }
	for name, tt := range map[string]struct {
		end      string
		attempts [][]string
		want     []string
		freed    int64
	}{
		"only the model of a done run stays":       {"done", [][]string{both, append(both, "checkpoint.part")}, model("e/a2/checkpoint"), 400 + 400 + 400 + 400 + 200},
		"a done run without a model keeps all":     {"done", [][]string{{"checkpoint"}, nil}, whole("e/a1/checkpoint"), 0},
		"a failed run keeps the newest two":        {"failed", [][]string{both, {"checkpoint"}}, slices.Concat(whole("e/a1/checkpoint"), whole("e/a2/checkpoint")), 400},
		"of one attempt too":                       {"stopped", [][]string{append(both, "checkpoint.part")}, slices.Concat(whole("e/a1/checkpoint"), whole("e/a1/checkpoint.old")), 400},
		"what was kept is for others to remove":    {"done", [][]string{{"checkpoint", "kept/20"}}, slices.Concat(model("e/a1/checkpoint"), whole("e/a1/kept/20")), 200},
		"an attempt without any takes none's":      {"failed", [][]string{both, nil}, slices.Concat(whole("e/a1/checkpoint"), whole("e/a1/checkpoint.old")), 0},
		"the newest two may be of older attempts":  {"failed", [][]string{{"checkpoint"}, {"checkpoint.old"}, {"checkpoint.part"}}, slices.Concat(whole("e/a1/checkpoint"), whole("e/a2/checkpoint.old")), 400},
		"three attempts, each with one checkpoint": {"failed", [][]string{{"checkpoint"}, {"checkpoint"}, {"checkpoint"}}, slices.Concat(whole("e/a2/checkpoint"), whole("e/a3/checkpoint")), 400},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := store.Open(t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			put(t, s.PlanFile("e"), experiments.Plan{Experiment: "e"})
			addEnded(t, s, "e/"+cell+"/s1", tt.end, tt.attempts...)
			dir := s.RunDir("e/" + cell + "/s1")
			rooms, err := s.Rooms([]string{"e"}, noStage)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range rooms {
				if r.Rule == store.RoomCheckpoints && r.Frees != tt.freed {
					t.Errorf("of checkpoints may go %d bytes, want %d", r.Frees, tt.freed)
				}
			}
			_, left := clearAll(t, s, noStage)
			if diff := cmp.Diff(tt.want, left, cmp.Transformer("sorted", func(v []string) []string { return slices.Sorted(slices.Values(v)) })); diff != "" {
				t.Errorf("left (-want +got):\n%s", diff)
			}
			if _, err := os.Stat(filepath.Join(dir, "run.json")); err != nil {
				t.Error(err)
			}
		})
	}
}

// A forced attempt that fails leaves the model of the one that was done: others
// may go on from it.
func TestModelOfAnOlderAttemptStays(t *testing.T) {
	t.Parallel()
	s, id, dir := newRun(t)
	put(t, s.PlanFile("e"), experiments.Plan{Experiment: "e"})
	one := []string{"checkpoint"}
	addEnded(t, s, id, "failed", one, one, one, one)
	put(t, filepath.Join(dir, "a1", "result.json"), store.Outcome{})
	_, left := clearAll(t, s, noStage)
	for _, want := range []string{"e/a1/checkpoint/weights", "e/a3/checkpoint/state", "e/a4/checkpoint/state"} {
		if !slices.Contains(left, want) {
			t.Errorf("%s is gone: %v", want, left)
		}
	}
	if len(left) != 12 {
		t.Errorf("left are %v", left)
	}
}

// What is alive, or another's, is left alone, and the table says why.
func TestRoomsLeftAlone(t *testing.T) {
	t.Parallel()
	s, id, dir := newRun(t)
	put(t, s.PlanFile("e"), experiments.Plan{Experiment: "e"})
	addEnded(t, s, id, "done", []string{"checkpoint", "checkpoint.old"})
	own := "e/" + cell + "/s2"
	put(t, filepath.Join(s.RunDir(own), "run.json"), experiments.Run{Experiment: "e", Argv: []string{"train"}})
	put(t, filepath.Join(s.RunDir(own), "a1", "exit.json"), store.Exit{})
	put(t, filepath.Join(s.RunDir(own), "a1", "result.json"), store.Outcome{})
	add(t, filepath.Join(s.RunDir(own), "a1", "checkpoint.old", "model"), "mine")
	add(t, filepath.Join(s.RunDir(own), "a1", ".draft-1"), "not a day old")

	lock := hold(t, store.LockFile(dir))
	rooms, err := s.Rooms(nil, noStage)
	if err != nil {
		t.Fatal(err)
	}
	why := map[string]string{}
	for _, r := range rooms {
		if r.Rule == store.RoomCheckpoints {
			why[r.Run] = r.Why
		}
		if r.Rule != store.RoomPack && r.Frees > 0 {
			t.Errorf("%s of %s may go", r.Rule, r.Run)
		}
	}
	if diff := cmp.Diff(map[string]string{id: "processes that it left behind hold its lock", own: "of its own trainer"}, why); diff != "" {
		t.Errorf("left alone because (-want +got):\n%s", diff)
	}
	// Seen free and taken by the time it is cleared, it stays too.
	if err := lock.Close(); err != nil {
		t.Fatal(err)
	}
	if rooms, err = s.Rooms(nil, noStage); err != nil {
		t.Fatal(err)
	}
	hold(t, store.LockFile(dir))
	before := filesOf(t, dir)
	for _, r := range rooms {
		if _, err := s.Clear(r); r.Run == id && r.Frees > 0 && !errors.Is(err, store.ErrLocked) && r.Rule == store.RoomCheckpoints {
			t.Errorf("clear %s: %v", r.Rule, err)
		}
	}
	if diff := cmp.Diff(before, filesOf(t, dir)); diff != "" {
		t.Errorf("a held run lost files:\n%s", diff)
	}
}

func TestStagesThatGo(t *testing.T) {
	t.Parallel()
	s, id, _ := newRun(t)
	put(t, s.PlanFile("e"), experiments.Plan{Experiment: "e"})
	addEnded(t, s, id, "failed", nil)
	for _, name := range []string{"needed", "spent", "told", "trained"} {
		dir := filepath.Join(s.Dir, ".stages", name)
		add(t, filepath.Join(dir, "a1", "metrics.jsonl"), `{"step":1,"time":1,"m":{"train/loss":1}}`+"\n")
		add(t, filepath.Join(dir, "a1", "checkpoint", "weights"), "w")
		add(t, filepath.Join(dir, "lock"), "")
	}
	add(t, filepath.Join(s.Dir, ".stages", "told", "a1", "metrics.jsonl"), `{"step":1,"time":1,"m":{"data/made":9}}`+"\n")
	training := hold(t, filepath.Join(s.Dir, ".stages", "trained", "lock"))
	stage := func(experiments.Run) (string, error) { return "needed", nil }
	_, left := clearAll(t, s, stage)
	want := []string{
		".stages/needed/a1/checkpoint/weights", ".stages/needed/a1/metrics.jsonl", ".stages/needed/lock", ".stages/spent/lock",
		".stages/told/a1/metrics.jsonl", ".stages/told/lock",
		".stages/trained/a1/checkpoint/weights", ".stages/trained/a1/metrics.jsonl", ".stages/trained/lock",
	}
	if diff := cmp.Diff(want, left); diff != "" {
		t.Errorf("left (-want +got):\n%s", diff)
	}
	if err := training.Close(); err != nil {
		t.Fatal(err)
	}
	// Nobody can tell what a run goes on from that cannot be read.
	add(t, filepath.Join(s.RunDir("e/"+cell+"/s7"), "run.json"), "{")
	rooms, err := s.Rooms(nil, stage)
	if err == nil {
		t.Error("a run that cannot be read is not told")
	}
	for _, r := range rooms {
		if r.Rule == store.RoomStages && r.Frees > 0 {
			t.Errorf("%s may go", r.Run)
		}
	}
}

func TestStrayFilesGo(t *testing.T) {
	t.Parallel()
	s, id, dir := newRun(t)
	put(t, s.PlanFile("e"), experiments.Plan{Experiment: "e"})
	addEnded(t, s, id, "done", nil)
	old := time.Now().Add(-25 * time.Hour)
	stray := []string{
		filepath.Join(dir, ".points.pack-123"), filepath.Join(dir, "a1", ".exit.json-9"), filepath.Join(dir, "a1", "items", ".current@1.jsonl-77"),
		filepath.Join(s.Dir, "engine", ".probe42"), filepath.Join(s.Dir, "e", ".plan.json-1"), filepath.Join(s.Dir, "e", "plans", ".x.json-1"),
		filepath.Join(dir, ".clock-"+strings.Repeat("A", 26)),
	}
	others := []string{filepath.Join(dir, "a1", ".bashrc"), filepath.Join(dir, "a1", "kept", "2", ".weights-1"), filepath.Join(dir, "a1", ".notes-x"),
		filepath.Join(dir, "a1", ".snapshot-2024"), filepath.Join(dir, "a1", "items", ".note-1"), filepath.Join(dir, "a1", "outputs", ".state.json-12"), filepath.Join(dir, "a1", "checkpoint", ".x.json-3"),
	}
	for _, path := range slices.Concat(stray, others) {
		add(t, path, "half")
		if err := os.Chtimes(path, old, old); err != nil {
			t.Fatal(err)
		}
	}
	fresh := filepath.Join(dir, "a1", ".exit.json-10")
	add(t, fresh, "half")
	clearAll(t, s, noStage)
	for _, path := range stray {
		if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s is still there", path)
		}
	}
	for _, path := range append(others, fresh) {
		if _, err := os.Stat(path); err != nil {
			t.Error(err)
		}
	}
}

func TestPackEnded(t *testing.T) {
	t.Parallel()
	s := endedRun(t) // ended at 220
	put(t, s.PlanFile("e"), experiments.Plan{Experiment: "e"})
	live := "e/" + cell + "/s2"
	addRun(t, s, live)
	add(t, filepath.Join(s.RunDir(live), "a1", "metrics.jsonl"), `{"step":1,"time":1,"m":{}}`+"\n")
	hold(t, store.LockFile(s.RunDir(live)))
	if err := store.Pack(s.RunDir(live)); err == nil || !strings.Contains(err.Error(), "it is running") {
		t.Errorf("pack a live run: %v", err)
	}
	for _, tt := range []struct {
		before int64
		want   int
	}{{220, 0}, {221, 1}, {221, 0}} {
		if n, err := store.PackEnded(t.Context(), s, time.Unix(tt.before, 0)); n != tt.want || err != nil {
			t.Errorf("before %d: packed %d, %v; want %d", tt.before, n, err, tt.want)
		}
	}
	if _, err := os.Stat(filepath.Join(s.RunDir(live), "a1", "metrics.jsonl")); err != nil {
		t.Error(err)
	}
}
