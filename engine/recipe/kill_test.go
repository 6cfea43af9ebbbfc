package recipe

import (
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ablate/experiments"
	"ablate/experiments/store"
)

// A trainer that is killed at 20 random moments ends with the weights, metrics
// and outcomes of an undisturbed one, and makes at most so many steps again as
// lie between two checkpoints, each time.
func TestKilledAtRandomMoments(t *testing.T) {
	t.Parallel()
	often := map[string]any{"eval_every": int64(10), "checkpoint_every": int64(5), "eval_tasks": int64(16)}
	set := func(more map[string]any) map[string]any { maps.Copy(more, often); return more }
	for name, c := range map[string]struct {
		run          experiments.Run
		kills, steps int
	}{
		"sft":      {tiny(set(map[string]any{"steps": int64(150), "tasks": int64(12), "vocab": int64(100), "batch": int64(4)})), 20, 150},
		"sft+grpo": {tinyRL(set(map[string]any{"rl_steps": int64(60), "prompts": int64(2), "updates": int64(2), "kl": 0.1})), 10, 60},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			killed(t, c.run, c.kills, c.steps)
		})
	}
}

func killed(t *testing.T, run experiments.Run, kills, steps int) {
	t.Helper()
	const interval = 5
	want := undisturbed(t, run)
	k := killer{t: t, r: rand.New(rand.NewPCG(1, 2)), left: kills, hit: map[string]int{}}
	for k.left > 0 { // a second run, if the first one ends before it was killed so often
		before, runDir := k.left, runFolder(t, run)
		attempts := k.through(runDir, run)
		if diff := cmp.Diff(want, outcomeOf(t, runDir)); diff != "" {
			t.Errorf("killed %d times, another result:\n%s", before-k.left, diff)
		}
		made := 0
		for n := 1; n <= attempts; n++ {
			made += stepsIn(store.AttemptDir(runDir, n))
		}
		if again, most := made-steps, (before-k.left)*interval; again < 0 || again > most {
			t.Errorf("killed %d times: %d steps were made again, want at most %d", before-k.left, again, most)
		}
		t.Logf("killed %d times, %d of %d steps made again", before-k.left, made-steps, steps)
	}
	t.Logf("killed %v", k.hit)
}

// killer ends trainers.
type killer struct {
	t    *testing.T
	r    *rand.Rand
	left int            // kills
	hit  map[string]int // where
}

// through carries a run through, attempt after attempt, and returns their number.
func (k *killer) through(runDir string, run experiments.Run) (attempts int) {
	k.t.Helper()
	for {
		attempts++
		dir := attempt(k.t, runDir, attempts)
		if err := store.WriteJSON(filepath.Join(runDir, "run.json"), run); err != nil {
			k.t.Fatal(err)
		}
		log, err := os.Create(filepath.Join(dir, "out.log"))
		if err != nil {
			k.t.Fatal(err)
		}
		cmd := exec.Command(os.Args[0], "train", dir)
		cmd.Stdout, cmd.Stderr = log, log
		if err := cmd.Start(); err != nil {
			k.t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- cmd.Wait() }()
		if k.left > 0 {
			k.end(cmd, dir, ended)
		} else if err := <-ended; err != nil {
			k.t.Fatalf("attempt %d: %v\n%s", attempts, err, read(k.t, dir, "out.log"))
		}
		_ = log.Close() // the child has its own
		if _, err := os.Stat(filepath.Join(dir, "result.json")); err == nil {
			return attempts
		}
	}
}

// end kills a trainer after a few of its points or in its next checkpoint, and
// then some more of a moment.
func (k *killer) end(cmd *exec.Cmd, dir string, ended chan error) {
	k.t.Helper()
	points := k.r.IntN(11)
	moment := func() bool { return written(dir, "\n") >= points }
	if k.r.IntN(3) == 0 {
		moment = func() bool { _, err := os.Stat(filepath.Join(dir, "checkpoint.part")); return err == nil }
	}
	tick := time.NewTicker(500 * time.Microsecond)
	defer tick.Stop()
	for !moment() {
		select {
		case err := <-ended:
			if err != nil {
				k.t.Fatalf("%v\n%s", err, read(k.t, dir, "out.log"))
			}
			return
		case <-tick.C:
		}
	}
	<-time.After(time.Duration(k.r.IntN(4000)) * time.Microsecond)
	if err := cmd.Process.Signal(syscall.SIGKILL); err != nil {
		return // it has just ended
	}
	if err := <-ended; err == nil {
		return // it had just ended
	}
	if cmd.ProcessState.Sys().(syscall.WaitStatus).Signal() == syscall.SIGKILL {
		k.left--
		k.hit[where(dir)]++
	}
}

// where says what a killed trainer was doing.
func where(dir string) string {
	b, _ := os.ReadFile(filepath.Join(dir, "metrics.jsonl"))
	lines := strings.Split(strings.TrimSuffix(string(b), "\n"), "\n")
	last := lines[len(lines)-1]
	switch _, err := os.Stat(filepath.Join(dir, "checkpoint.part")); {
	case err == nil:
		return "in a checkpoint"
	case strings.Contains(last, "0,\"time\"") && strings.Contains(last, "train/lr"):
		return "in an evaluation"
	case len(b) == 0:
		return "before a step"
	}
	return "between steps"
}
