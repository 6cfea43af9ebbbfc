package launch_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"ablate/engine"
	"ablate/experiments"
	"ablate/experiments/store"
)

// design writes the plan of the site's experiment.
func (s site) design(p experiments.Plan) {
	s.Helper()
	if err := os.MkdirAll(filepath.Dir(s.store.PlanFile("e")), 0o755); err != nil {
		s.Fatal(err)
	}
	s.write(s.store.PlanFile("e"), p)
}

// saw reports whether the attempt's events have one that begins so.
func (s site) saw(event string) bool {
	return slices.ContainsFunc(s.events(), func(e string) bool { return strings.HasPrefix(e, event) })
}

// A halted trainer stays halted until it is told to go on, and its runner says so.
func testHalt(t *testing.T, l engine.Launcher) {
	s := newSite(t, l, `touch "$1/begun"; await "$1/go"; touch "$1/gone"`)
	job := s.launch()
	start := s.begun()
	s.signal(job, syscall.SIGSTOP)
	s.eventually("no event halted", func() bool { return s.saw("halted") })
	if !start.Trainer.Halted() || start.Runner.Halted() {
		t.Error("the trainer is not halted, or its runner is")
	}
	s.touch("go")
	s.signal(job, syscall.SIGCONT)
	s.wait(job)
	s.sees(store.Done, "")
	if start.Trainer.Halted() {
		t.Error("an ended trainer is halted")
	}
	s.file("gone")
}

// A run that is paused by a signal that ends it can go on.
func testPaused(t *testing.T, l engine.Launcher) {
	tests := []struct{ name, script, want string }{
		{"ended by TERM", "", "paused"},
		{"exits with 0", "trap 'exit 0' TERM", "paused"},
		{"finishes", `dir=$1; trap 'echo "{}" > "$dir/result.json"; exit 0' TERM`, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, l, tt.script+"\n"+`touch "$1/begun"; await "$1/go"`)
			job := s.launch()
			s.begun()
			s.ask("pause")
			s.signal(job, syscall.SIGTERM)
			s.wait(job)
			if e := s.exit(); e.Reason != tt.want {
				t.Errorf("exit.json has the reason %q, want %q", e.Reason, tt.want)
			}
		})
	}
}

// A stop rule ends a trainer, and says so also where that ends by itself.
func testRule(t *testing.T, l engine.Launcher) {
	point := func(step int, loss string) string {
		return `echo '{"step":` + strconv.Itoa(step) + `,"time":7,"m":{"loss":` + loss + `}}' >> "$1/metrics.jsonl"` + "\n"
	}
	diverge := []experiments.StopRule{{Kind: experiments.StopDiverge, Metric: "train/loss", Above: 10, Window: 2}}
	plateau := []experiments.StopRule{{Kind: experiments.StopPlateau, Metric: "train/loss", Window: 1, Goal: experiments.Min}}
	const nan, tooHigh = "rule nan: train/loss is NaN at step 2", "rule diverge: train/loss is 12 at step 3, above 10 for 2 points in a row"
	tests := []struct {
		name   string
		stop   []experiments.StopRule
		script string
		want   string
		event  string
	}{
		{"NaN by default", nil, point(1, "2") + point(2, `"NaN"`) + `await "$1/go"`, nan, "signal terminated"},
		{"exits with 0 on TERM", nil, "trap 'exit 0' TERM\n" + point(2, `"NaN"`) + `await "$1/go"`, nan, "signal terminated"},
		{"deaf to TERM", nil, "trap '' TERM\n" + point(2, `"NaN"`) + `await "$1/go"`, nan, "signal killed"},
		{"of the plan", diverge, point(1, "11") + point(2, `11`) + point(3, "12") + `await "$1/go"`, "rule diverge: train/loss is 11 at step 2, above 10 for 2 points in a row", "signal terminated"},
		{"ends by itself in NaN", nil, point(2, `"NaN"`) + "exit 0", nan, "rule nan"},
		{"fails in NaN", nil, point(2, `"NaN"`) + "exit 3", nan, "rule nan"},
		{"another rule than NaN's", diverge, point(2, `"NaN"`), "", "exit"},
		{"done on a plateau", plateau, point(1, "2") + point(2, "2"), "", "exit"},
		{"damaged plan", nil, `echo '{"stop":[{' > "$1/../../../plan.json"`, "", "exit"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, l, tt.script)
			s.design(experiments.Plan{Experiment: "e", Stop: tt.stop})
			s.wait(s.launch())
			want := store.Failed
			if tt.want == "" {
				want = store.Done
			}
			s.sees(want, tt.want)
			if e := s.exit(); e.Reason != tt.want {
				t.Errorf("exit.json has the reason %q, want %q", e.Reason, tt.want)
			}
			if !s.saw(tt.event) {
				t.Errorf("no event %q in %q", tt.event, s.events())
			}
			if rule, ok := strings.CutPrefix(tt.want, "rule "); ok && !s.saw("rule "+rule) {
				t.Errorf("no event of the rule in %q", s.events())
			}
		})
	}
}

// Who closes the lock that it inherits is found all the same, in the trainer's
// group and in a group of its own.
func testLeftWithoutLock(t *testing.T, l engine.Launcher) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux tells which session a process is in")
	}
	for _, shell := range []string{"sh", "bash"} {
		t.Run(shell, func(t *testing.T) {
			t.Parallel()
			if _, err := exec.LookPath("bash"); err != nil {
				t.Skip("this machine has no bash")
			}
			s := newSite(t, l, shell+` -c 'set -m; sleep 1000 3>&- & echo $! > "$1/child"' sh "$1"; exit 1`)
			s.wait(s.launch())
			s.eventually("the lock stays", func() bool { return !store.Locked(store.LockFile(s.run)) })
			second := store.AttemptDir(s.run, 2)
			if err := os.Mkdir(second, 0o755); err != nil {
				t.Fatal(err)
			}
			want := "processes of a1 live on without the lock: [" + s.file("child") + "]"
			if _, err := l.Launch(t.Context(), spec(second)); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("a new attempt beside the child: %v, want an error with %q", err, want)
			}
			s.killChild(s.dir)
			job, err := l.Launch(t.Context(), spec(second))
			if err != nil {
				t.Fatalf("a new attempt after the child: %v", err)
			}
			s.wait(job)
			s.killChild(second)
		})
	}
}

// killChild kills the process that a trainer wrote into the file child.
func (s site) killChild(dir string) {
	s.Helper()
	b, err := os.ReadFile(filepath.Join(dir, "child"))
	if err != nil {
		s.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(b)))
	if err != nil {
		s.Fatal(err)
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		s.Fatal(err)
	}
}

// Children whose runner and trainer are gone can be ended all the same. What is
// out of reach, in a session of its own, is named.
func testChildrenOnly(t *testing.T, l engine.Launcher) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux tells which session a process is in")
	}
	for _, out := range []string{"", "setsid "} {
		t.Run(out+"child", func(t *testing.T) {
			t.Parallel()
			if _, err := exec.LookPath("setsid"); err != nil {
				t.Skip("this machine has no setsid")
			}
			s := newSite(t, l, out+`sh -c 'echo $$ > "$1/child.new"; mv "$1/child.new" "$1/child"; exec sleep 1000' sh "$1" &
				await "$1/child"; touch "$1/begun"; await "$1/go"`)
			job := s.launch()
			start := s.begun()
			s.killRunner()
			if err := syscall.Kill(start.Trainer.PID, syscall.SIGKILL); err != nil {
				t.Fatal(err)
			}
			s.eventually("the trainer does not die", func() bool { return !start.Trainer.Alive() })
			if !store.Locked(store.LockFile(s.run)) {
				t.Fatal("the child does not hold the lock")
			}
			child := s.file("child")
			s.eventually("the child is not all that holds the lock", func() bool { // a sleep of the trainer's may be there
				return fmt.Sprint(store.Holders(store.LockFile(s.run))) == "["+child+"]"
			})
			err := job.Signal(syscall.SIGKILL)
			if out == "" {
				if err != nil {
					t.Error(err)
				}
				s.wait(job)
				return
			}
			if err == nil || !strings.Contains(err.Error(), "after KILL processes ["+child+"] still hold its lock") {
				t.Errorf("KILL: %v, want an error that names process %s", err, child)
			}
			s.killChild(s.dir)
		})
	}
}
