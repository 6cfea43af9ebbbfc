package recipe

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ablate/engine/lm"
	"ablate/experiments"
	"ablate/experiments/store"
)

// What is wrong with a checkpoint is said, and the one before it is taken.
func TestDamagedCheckpoint(t *testing.T) {
	t.Parallel()
	run := tiny(map[string]any{"steps": int64(7), "eval_every": int64(5), "checkpoint_every": int64(2), "eval_tasks": int64(16)})
	want := undisturbed(t, run)
	// Stopped at step 5: that is the newest, and 4 is before it.
	halfway := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	log := &hook{on: "step 5 of", do: cancel}
	if err := trainIn(ctx, t, attempt(t, halfway, 1), run, log); !errors.Is(err, ErrStopped) {
		t.Fatal(err)
	}
	edit := func(place string, change func([]byte) []byte) func(*testing.T, string) {
		return func(t *testing.T, runDir string) {
			path := filepath.Join(runDir, "a1", place, stateName)
			if err := os.WriteFile(path, change(read(t, "", path)), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	flip := func(at func(int) int) func([]byte) []byte {
		return func(b []byte) []byte { b[at(len(b))] ^= 4; return b }
	}
	half := func(n int) int { return n / 2 }
	cut := func(b []byte) []byte { return b[:len(b)-1] }
	replaced := func(dim int, at progress) func([]byte) []byte {
		return func([]byte) []byte { return training(t, run, dim, at) }
	}
	both := func(a, b func(*testing.T, string)) func(*testing.T, string) {
		return func(t *testing.T, runDir string) { a(t, runDir); b(t, runDir) }
	}
	remove := func(name string) func(*testing.T, string) {
		return func(t *testing.T, runDir string) {
			if err := os.RemoveAll(filepath.Join(runDir, "a1", name)); err != nil {
				t.Fatal(err)
			}
		}
	}
	pipe := func(name string) func(*testing.T, string) {
		return func(t *testing.T, runDir string) {
			if err := syscall.Mkfifo(filepath.Join(runDir, "a1", name), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	good := progress{Run: run.ID, Version: Version, Step: 6, Epoch: 1, Dealt: 48, Arithmetic: lm.Arithmetic()}
	with := func(set func(*progress)) progress { at := good; set(&at); return at }
	for name, c := range map[string]struct {
		damage func(*testing.T, string)
		steps  int // that are left to make
		says   []string
	}{
		"whole":          {func(*testing.T, string) {}, 2, []string{"phase resume from step 5 of attempt a1\n"}},
		"a bit":          {edit("checkpoint", flip(half)), 3, []string{"checkpoint a1/checkpoint/state cannot be used: ", "checksum", "phase resume from step 4 of attempt a1\n"}},
		"a header's bit": {edit("checkpoint", flip(func(int) int { return 40 })), 3, []string{"a1/checkpoint/state cannot be used", "damaged file", "from step 4"}},
		"cut":            {edit("checkpoint", cut), 3, []string{"a1/checkpoint/state cannot be used", "file ends early", "from step 4"}},
		"empty":          {edit("checkpoint", func([]byte) []byte { return nil }), 3, []string{"file ends early", "from step 4"}},
		"no state":       {remove("checkpoint/state"), 3, []string{"a1/checkpoint/state cannot be used", "no such file", "from step 4"}},
		"no folder":      {remove("checkpoint"), 3, []string{"from step 4"}},
		"the one before": {edit("checkpoint.old", cut), 2, []string{"from step 5"}},
		"both": {both(edit("checkpoint", flip(half)), edit("checkpoint.old", cut)), 7,
			[]string{"a1/checkpoint/state cannot be used", "a1/checkpoint.old/state cannot be used", "phase begin anew: of 2 checkpoints none can be used\n"}},
		"none":           {both(remove("checkpoint"), remove("checkpoint.old")), 7, []string{"phase data\n"}},
		"other shape":    {edit("checkpoint", replaced(32, good)), 3, []string{"cannot be used: restore training: shape {", "from step 4"}},
		"other version":  {edit("checkpoint", replaced(16, with(func(at *progress) { at.Version++ }))), 3, []string{"of the recipe", "from step 4"}},
		"other run":      {edit("checkpoint", replaced(16, with(func(at *progress) { at.Run = "a/b/s2" }))), 3, []string{`it is of run "a/b/s2"`, "from step 4"}},
		"a pipe":         {both(remove("checkpoint/state"), pipe("checkpoint/state")), 3, []string{"it is no file", "from step 4"}},
		"beyond the end": {edit("checkpoint", replaced(16, with(func(at *progress) { at.Step = 8 }))), 3, []string{"it is of step 8, the run has 7", "from step 4"}},
		"no such row":    {edit("checkpoint", replaced(16, with(func(at *progress) { at.Dealt = 49 }))), 3, []string{"49 dealt of epoch 1", "from step 4"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			runDir := t.TempDir()
			if err := os.CopyFS(runDir, os.DirFS(halfway)); err != nil {
				t.Fatal(err)
			}
			c.damage(t, runDir)
			var log bytes.Buffer
			dir := attempt(t, runDir, 2)
			if err := trainIn(t.Context(), t, dir, run, &log); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, outcomeOf(t, runDir)); diff != "" {
				t.Errorf("another result:\n%s", diff)
			}
			if n := stepsIn(dir); n != c.steps {
				t.Errorf("%d steps were made, want %d", n, c.steps)
			}
			for _, says := range c.says {
				if !strings.Contains(log.String(), says) {
					t.Errorf("the log has not %q:\n%s", says, &log)
				}
			}
		})
	}
}

// A checkpoint of other arithmetic is neither used nor thrown away: the run fails
// and says where it can go on.
func TestOtherArithmetic(t *testing.T) {
	t.Parallel()
	run := tiny(nil)
	runDir := t.TempDir()
	for _, file := range []string{"state", "weights"} {
		path := filepath.Join(runDir, "a1", "checkpoint", file)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		at := progress{Run: run.ID, Version: Version, Step: 2, Epoch: 1, Dealt: 16, Arithmetic: "slide rule"}
		if err := os.WriteFile(path, training(t, run, 16, at), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	err := trainIn(t.Context(), t, attempt(t, runDir, 2), run, io.Discard)
	if err == nil || !strings.Contains(err.Error(), "is of slide rule and this machine has "+lm.Arithmetic()) {
		t.Errorf("error %v, want one about the arithmetic", err)
	}
}

// training is a saved one of the run's shape but for its width.
func training(t *testing.T, run experiments.Run, dim int, at progress) []byte {
	t.Helper()
	c := newConfig(run)
	d, err := newCorpus(t.Context(), c, Means{})
	if err != nil {
		t.Fatal(err)
	}
	m, err := lm.New(lm.Config{Vocab: d.tok.Size(), Dim: dim, Layers: c.Layers, Heads: c.Heads, Context: c.Context}, 1)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := lm.NewTrainer(m, lm.AdamW{}, 1).Save(&b, lm.NewAverage(m, 0.5), at); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// A run whose loss explodes says at which step, and keeps the checkpoint of
// before.
func TestNotFiniteKeepsCheckpoint(t *testing.T) {
	t.Parallel()
	run := tiny(map[string]any{"lr": 1e30, "clip": 0.0, "steps": int64(40), "eval_every": int64(40), "checkpoint_every": int64(1)})
	dir, err := train(t.Context(), t, run)
	if !errors.Is(err, lm.ErrNotFinite) {
		t.Fatalf("error %v, want ErrNotFinite", err)
	}
	at, noteErr := noted(filepath.Join(dir, "checkpoint"))
	if noteErr != nil || at.Step != stepsIn(dir) && at.Step != stepsIn(dir)-1 {
		t.Fatalf("after %d steps the checkpoint is of step %d, %v", stepsIn(dir), at.Step, noteErr)
	}
	if want := fmt.Sprintf("step %d", at.Step+1); !strings.Contains(err.Error(), want) {
		t.Errorf("error %v, want one with %q", err, want)
	}
	m, err := lm.Load(bytes.NewReader(read(t, dir, "checkpoint/weights")))
	if err != nil {
		t.Fatal(err)
	}
	tr, avg := lm.NewTrainer(m, lm.AdamW{}, 1), lm.NewAverage(m, 0.5)
	if err := tr.Restore(bytes.NewReader(read(t, dir, "checkpoint/state")), avg); err != nil {
		t.Errorf("the last checkpoint is no good: %v", err)
	}
}

// trainOnFullDisk is Main where no file can have more than so many bytes.
func trainOnFullDisk(args []string) error {
	signal.Ignore(syscall.SIGXFSZ)
	limit := syscall.Rlimit{Cur: 20_000, Max: 20_000}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		return err
	}
	return Main(context.Background(), args, 1, os.Stdout)
}

// A checkpoint that cannot be written ends the run and names the file.
func TestSaveFails(t *testing.T) {
	t.Parallel()
	runDir := t.TempDir()
	a1 := attempt(t, runDir, 1)
	if err := store.WriteJSON(filepath.Join(runDir, "run.json"), tiny(map[string]any{"checkpoint_every": int64(2)})); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(os.Args[0], "train on a full disk", a1).CombinedOutput()
	for _, want := range []string{"step 2: write checkpoint: save training: write " + filepath.Join(a1, "checkpoint.part", "state"), "file too large"} {
		if err == nil || !strings.Contains(string(out), want) {
			t.Errorf("%v, want an end with %q:\n%s", err, want, out)
		}
	}
	if stepsIn(a1) != 2 {
		t.Errorf("%d steps were made", stepsIn(a1))
	}
	for _, name := range []string{"result.json", "checkpoint", "checkpoint.part"} {
		if _, err := os.Stat(filepath.Join(a1, name)); err == nil {
			t.Errorf("there is a %s", name)
		}
	}
}
