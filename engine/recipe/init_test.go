package recipe

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ablate/engine/lm"
	"ablate/experiments"
	"ablate/experiments/store"
)

// onlyRL is a run that goes on from another.
func onlyRL(id, from string, set map[string]any) experiments.Run {
	all := tiny(nil).Params
	p := experiments.Params{}
	for _, param := range grpoTable().Params {
		p[param.Name] = param.Default
		if v, ok := all[param.Name]; ok {
			p[param.Name] = v
		}
	}
	maps.Copy(p, experiments.Params{"init": from, "rl_steps": int64(1), "rl_tasks": int64(8), "prompts": int64(2), "rollouts": int64(2)})
	maps.Copy(p, set)
	return experiments.Run{ID: id, Recipe: onlyGRPO, RecipeVersion: Version, Params: p, Seed: 1}
}

// ran carries a run out in a store and returns its folder and log.
func ran(t *testing.T, dir string, run experiments.Run) (runDir, log string, err error) {
	t.Helper()
	runDir = filepath.Join(dir, filepath.FromSlash(run.ID))
	newest, err := store.Attempts(runDir)
	if err != nil {
		t.Fatal(err)
	}
	place := attempt(t, runDir, newest+1)
	if err := store.WriteJSON(filepath.Join(runDir, "run.json"), run); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	err = trainIn(t.Context(), t, place, run, &b)
	return runDir, b.String(), err
}

// mustRun is ran where nothing may go wrong.
func mustRun(t *testing.T, dir string, run experiments.Run) (runDir, log string) {
	t.Helper()
	runDir, log, err := ran(t, dir, run)
	if err != nil {
		t.Fatal(err)
	}
	return runDir, log
}

// A run goes on from the weights of another: its last, or those of a step that it
// kept, named with or without the seed.
func TestInit(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first := tiny(map[string]any{"keep_every": int64(2)})
	first.ID = "one/a~0123ab/s1"
	from, _ := mustRun(t, dir, first)
	other := tiny(nil)
	other.ID, other.Seed = "one/a~0123ab/s2", 2
	mustRun(t, dir, other)
	hash := func(name string) string {
		m, err := lm.Load(bytes.NewReader(read(t, from, name)))
		if err != nil {
			t.Fatal(err)
		}
		return m.WeightsSHA256()
	}
	last, fourth := hash("a1/checkpoint/weights"), hash("a1/kept/4/weights")
	if last == fourth || last != hash("a1/kept/6/weights") {
		t.Errorf("weights %.8s at the end, %.8s at step 4, %.8s at step 6 of 6", last, fourth, hash("a1/kept/6/weights"))
	}
	for i, c := range []struct{ init, says string }{
		{"one/a~0123ab/s1", "starts from attempt a1 of one/a~0123ab/s1, weights " + last},
		{"one/a~0123ab", "starts from attempt a1 of one/a~0123ab/s1, weights " + last},
		{"one", "starts from attempt a1 of one/a~0123ab/s1, weights " + last},
		{"one/a~0123ab/s1@4", "starts from step 4 of one/a~0123ab/s1, weights " + fourth},
		{"one/a~0123ab@4", "starts from step 4 of one/a~0123ab/s1, weights " + fourth},
		{"one/a~0123ab/s2", "starts from attempt a1 of one/a~0123ab/s2, weights "},
	} {
		id := "two/" + string(rune('a'+i)) + "/s1"
		if _, log := mustRun(t, dir, onlyRL(id, c.init, nil)); !strings.Contains(log, c.says) || !strings.Contains(log, "8 tasks to be rewarded for, after 24 of fine-tuning\n") {
			t.Errorf("init = %s: the log has not %q:\n%s", c.init, c.says, log)
		}
	}
	// Its tasks come after all that those before it had.
	if _, log := mustRun(t, dir, onlyRL("three/a/s1", "two/a/s1", nil)); !strings.Contains(log, "8 tasks to be rewarded for, after 32 of fine-tuning\n") {
		t.Errorf("init of init: the log is\n%s", log)
	}
}

// Tasks that verification dropped were taken too: what comes after is new only
// after these, whichever weights a run goes on from.
func TestInitAfterVerified(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	verified := map[string]any{"source": fromVerified, "teacher_error": 0.3, "solutions": int64(1), "keep_every": int64(2)}
	first := tiny(verified)
	first.ID = "one/a/s1"
	from, _ := mustRun(t, dir, first)
	both := quickStage(verified)
	both.ID = "one/b/s1"
	mustRun(t, dir, both)
	if err := os.RemoveAll(filepath.Join(from, "a1/result.json")); err != nil { // as of a run under way
		t.Fatal(err)
	}
	made, err := taken(from, first)
	if err != nil || made <= first.Params.Int("tasks") {
		t.Fatalf("%d tasks were made for %d, %v", made, first.Params.Int("tasks"), err)
	}
	large := map[string]any{"vocab": int64(300)}
	for _, c := range []struct {
		id, init string
		set      map[string]any
		after    int
	}{
		{"two/a/s1", "one/a/s1@2", nil, made},
		{"two/b/s1", "two/a/s1", nil, made + 8},
		{"two/c/s1", "one/b/s1", large, made + both.Params.Int("rl_tasks")},
	} {
		want := fmt.Sprintf("tasks to be rewarded for, after %d of fine-tuning\n", c.after)
		if _, log := mustRun(t, dir, onlyRL(c.id, c.init, c.set)); !strings.Contains(log, want) {
			t.Errorf("after %s the log has not %q:\n%s", c.init, want, log)
		}
	}
	if err := os.RemoveAll(filepath.Join(dir, stagesName)); err != nil {
		t.Fatal(err)
	}
	if _, _, err := ran(t, dir, onlyRL("two/d/s1", "one/b/s1", large)); err == nil || !strings.Contains(err.Error(), "does not say how many tasks") {
		t.Errorf("error %v", err)
	}
}

func TestInitErrors(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first := tiny(map[string]any{"keep_every": int64(2)})
	first.ID = "one/a/s1"
	mustRun(t, dir, first)
	third := first
	third.ID, third.Seed = "one/a/s3", 3
	if err := os.MkdirAll(filepath.Join(dir, "one/a/s3"), 0o755); err != nil {
		t.Fatal(err)
	}
	b := tiny(nil)
	b.ID = "one/b/s1"
	alien := experiments.Run{ID: "one/d/s1", Recipe: experiments.Command, Seed: 1}
	second, data := first, experiments.Run{ID: "one/g/s1", Recipe: onlyData, Seed: 1}
	second.ID, second.Seed = "one/f/s2", 2
	err := errors.Join(
		store.WriteJSON(filepath.Join(dir, "one/a/s3/run.json"), third),
		os.CopyFS(filepath.Join(dir, "one/b/s1"), os.DirFS(filepath.Join(dir, "one/a/s1"))), os.RemoveAll(filepath.Join(dir, "one/b/s1/a1/kept")),
		os.CopyFS(filepath.Join(dir, "one/c/s1"), os.DirFS(filepath.Join(dir, "one/a/s1"))), os.WriteFile(filepath.Join(dir, "one/c/s1/a1/checkpoint/weights"), []byte("x"), 0o600),
		os.CopyFS(filepath.Join(dir, "one/d/s1"), os.DirFS(filepath.Join(dir, "one/a/s1"))), store.WriteJSON(filepath.Join(dir, "one/d/s1/run.json"), alien),
		os.CopyFS(filepath.Join(dir, "one/e/s1"), os.DirFS(filepath.Join(dir, "one/a/s1"))), os.Rename(filepath.Join(dir, "one/e/s1/a1/kept/2/weights"), filepath.Join(dir, "one/e/s1/a1/checkpoint/weights")),
		os.CopyFS(filepath.Join(dir, "one/f/s2"), os.DirFS(filepath.Join(dir, "one/a/s1"))), store.WriteJSON(filepath.Join(dir, "one/f/s2/run.json"), second),
		os.MkdirAll(filepath.Join(dir, "one/g/s1/a1"), 0o755), store.WriteJSON(filepath.Join(dir, "one/g/s1/run.json"), data),
	)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		init string
		set  map[string]any
		want string
	}{
		"no run":       {"zero/a/s1", nil, `find run "zero/a/s1": no runs in `},
		"no cell":      {"one/x/s1", nil, "none of that name"},
		"no such seed": {"one/a/s9", nil, "none of that name"},
		"many":         {"one", nil, "it means 6 runs; name one, such as one/a/s1"},
		"other seed":   {"one/f", nil, "none of its runs has seed 1; name a seed, as in one/f/s1, or run it with seed 1"},
		"itself":       {"two/itself", nil, "that is this run itself; name another"},
		"no weights":   {"one/g/s1", nil, `is of recipe "data", whose weights are not of this program`},
		"not done":     {"one/a/s3", nil, "one/a/s3: no attempt at it is done"},
		"no step":      {"one/a/s1@3", nil, "it kept no weights of step 3, but of [2 4 6]"},
		"none kept":    {"one/b/s1@4", nil, "it kept no weights on the way: give it keep_every"},
		"damaged":      {"one/c/s1", nil, "damaged file"},
		"not its own":  {"one/e/s1", nil, "and its result says"},
		"a command":    {"one/d/s1", nil, `is of recipe "command"`},
		"nothing":      {"", nil, `init = "" names no run`},
		"bad step":     {"one/a/s1@last", nil, `"last" after the @ is no step`},
		"width": {"one/a/s1", map[string]any{"dim": int64(32)},
			"another shape: dim = 16 and the parameters say 32; set them to its"},
		"layers":  {"one/a/s1", map[string]any{"layers": int64(2), "dim": int64(32)}, "dim = 16 and the parameters say 32, layers = 1 and the parameters say 2;"},
		"heads":   {"one/a/s1", map[string]any{"heads": int64(1)}, ": heads = 2 and the parameters say 1;"},
		"context": {"one/a/s1", map[string]any{"context": int64(128)}, ": context = 256 and the parameters say 128;"},
		"vocab":   {"one/a/s1", map[string]any{"vocab": int64(100)}, ": vocab = 200 and the parameters say 100;"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, _, err := ran(t, dir, onlyRL("two/"+strings.ReplaceAll(name, " ", "-")+"/s1", c.init, c.set))
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "init = ") {
				t.Errorf("error %v, want one with %q", err, c.want)
			}
		})
	}
}

// What a run kept does not depend on how often it was stopped, and does not change
// what it ends with.
func TestKeepEvery(t *testing.T) {
	t.Parallel()
	run := tiny(map[string]any{"keep_every": int64(2), "checkpoint_every": int64(100)})
	plain := undisturbed(t, tiny(map[string]any{"checkpoint_every": int64(100)}))
	straight := filepath.Join(t.TempDir(), "s1")
	if err := trainIn(t.Context(), t, attempt(t, straight, 1), run, io.Discard); err != nil {
		t.Fatal(err)
	}
	runDir := filepath.Join(t.TempDir(), "s1")
	ctx := newCalledOff(t, 120)
	defer ctx.end()
	if err := trainIn(ctx, t, attempt(t, runDir, 1), run, io.Discard); !errors.Is(err, ErrStopped) {
		t.Fatal(err)
	}
	if err := trainIn(t.Context(), t, attempt(t, runDir, 2), run, io.Discard); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(plain.Result, outcomeOf(t, runDir).Result); diff != "" {
		t.Errorf("keeping changes the result:\n%s", diff)
	}
	for _, step := range []int{2, 4, 6} {
		a, errA := keptWeights(straight, step)
		b, errB := keptWeights(runDir, step)
		if err := errors.Join(errA, errB); err != nil {
			t.Fatal(err)
		}
		if a.model.WeightsSHA256() != b.model.WeightsSHA256() {
			t.Errorf("step %d: other weights after a stop", step)
		}
	}
}

func TestCheckRL(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		check func(experiments.Params) []string
		p     experiments.Params
		want  string
	}{
		"good":     {sftGRPOTable().Check, tinyRL(nil).Params, ""},
		"updates":  {sftGRPOTable().Check, tinyRL(map[string]any{"updates": int64(5)}).Params, "updates = 5 is more than prompts = 4: an update takes whole groups"},
		"a length": {sftGRPOTable().Check, tinyRL(map[string]any{"steps": int64(0)}).Params, "neither steps nor epochs says how long to train"},
		"good too": {grpoTable().Check, onlyRL("a/b/s1", "x/y@3", nil).Params, ""},
		"init":     {grpoTable().Check, onlyRL("a/b/s1", "@3", nil).Params, `init = "@3" names no run: want EXPERIMENT/CELL/sSEED or EXPERIMENT/CELL, and @STEP after it if you like`},
		"step":     {grpoTable().Check, onlyRL("a/b/s1", "x@0", nil).Params, `init = "x@0": "0" after the @ is no step`},
		"heads":    {grpoTable().Check, onlyRL("a/b/s1", "x", map[string]any{"heads": int64(3)}).Params, "heads = 3 does not divide dim = 16"},
	} {
		if got := strings.Join(c.check(c.p), "; "); got != c.want {
			t.Errorf("%s: check = %q, want %q", name, got, c.want)
		}
	}
}

// Where there is no store, who needs one says so.
func TestNoStore(t *testing.T) {
	t.Parallel()
	for _, run := range []experiments.Run{quickStage(nil), onlyRL("a/b/s1", "x/y/s1", nil)} {
		err := Train(t.Context(), run, nil, Means{Log: io.Discard})
		if err == nil || !strings.Contains(err.Error(), "no store") {
			t.Errorf("%s: error %v", run.Recipe, err)
		}
	}
}

func TestStoreOf(t *testing.T) {
	t.Parallel()
	if got := storeOf("/data/runs/one/a~1/s1/a3"); got != "/data/runs" {
		t.Errorf("the store is %s", got)
	}
}

// A run that is packed has weights to go on from as before, and says which tasks
// it took.
func TestInitFromPackedRun(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first := tiny(nil)
	first.ID = "one/a~0123ab/s1"
	from, _ := mustRun(t, dir, first)
	if err := store.WriteJSON(filepath.Join(from, "a1", "exit.json"), store.Exit{}); err != nil {
		t.Fatal(err)
	}
	onward := func(cell string) []byte {
		place, _ := mustRun(t, dir, onlyRL("two/"+cell+"/s1", first.ID, nil))
		return read(t, place, "a1/checkpoint/weights")
	}
	before := onward("b~0123ab")
	if err := store.Pack(from); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(from, "a1", "result.json")); err == nil {
		t.Fatal("it is not packed")
	}
	if !bytes.Equal(before, onward("c~0123ab")) {
		t.Error("from the packed run come other weights")
	}
}
