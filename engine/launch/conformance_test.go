package launch_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ablate/engine"
	"ablate/experiments/store"
)

// testLauncher holds a launcher to what the engine relies on.
func testLauncher(t *testing.T, l engine.Launcher) {
	t.Helper()
	testEnds(t, l)
	for name, test := range map[string]func(*testing.T, engine.Launcher){
		"deaf to TERM":                       testDeaf,
		"a child stays":                      testLeftover,
		"runner killed, trainer finishes":    testRunnerKilledAfterResult,
		"runner killed, trainer stopped":     testRunnerKilled,
		"runner killed, trainer deaf":        testRunnerKilledDeaf,
		"halted":                             testHalted,
		"stopped":                            testStopped,
		"hang-up":                            testHangUp,
		"missing program":                    testMissingProgram,
		"second runner":                      testSecondRunner,
		"attempts that are over":             testOldAttempts,
		"halted and continued":               testHalt,
		"paused":                             testPaused,
		"a stop rule":                        testRule,
		"a child without the lock stays":     testLeftWithoutLock,
		"runner and trainer killed":          testChildrenOnly,
		"signals do not hit others":          testOtherProcess,
		"attached job":                       testAttach,
		"the engine is gone before it began": testNobodyListens,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, l)
		})
	}
}

func testEnds(t *testing.T, l engine.Launcher) {
	tests := []struct {
		name   string
		script string
		want   store.Exit
		status store.Status
	}{
		{"0", "exit 0", store.Exit{}, store.Done},
		{"3", "echo boring; echo 'cannot open data'; exit 3", store.Exit{Code: 3, Reason: "exit code 3: cannot open data"}, store.Failed},
		{"3 in silence", "exit 3", store.Exit{Code: 3, Reason: "exit code 3: it left no word in out.log"}, store.Failed},
		{"KILL", "kill -9 $$", store.Exit{Code: -1, Signal: "SIGKILL", Reason: "ended by signal 9 (SIGKILL)"}, store.Failed},
		{"SEGV", "kill -11 $$", store.Exit{Code: -1, Signal: "SIGSEGV", Reason: "ended by signal 11 (SIGSEGV)"}, store.Failed},
		{"result", `echo '{"metrics":{"eval/pass@1":0.5},"weights_sha256":"ab","time":7}' > "$1/result.json"`,
			store.Exit{Outcome: store.Outcome{Metrics: store.Values{"eval/pass@1": 0.5}, WeightsSHA256: "ab"}}, store.Done},
		{"points only", `echo '{"step":1,"time":7,"m":{"train/loss":2,"x":2}}' > "$1/metrics.jsonl"
			echo '{"step":2,"time":8,"m":{"x":"NaN"}}' >> "$1/metrics.jsonl"
			echo '{"step":3,"time":9,"m":{"train/loss":1.5,"x":1}}' >> "$1/metrics.jsonl"`,
			store.Exit{Outcome: store.Outcome{Metrics: store.Values{"train/loss": 1.5, "x": 1}}}, store.Done},
	}
	for _, tt := range tests {
		t.Run("ends with "+tt.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, l, tt.script)
			s.wait(s.launch())
			got := s.exit()
			if got.Time == 0 || got.Seconds <= 0 {
				t.Errorf("exit.json has time %v and %v s", got.Time, got.Seconds)
			}
			got.Time, got.Seconds = 0, 0
			if len(got.Metrics) == 0 {
				got.Metrics = nil
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("exit.json (-want +got):\n%s", diff)
			}
			s.sees(tt.status, tt.want.Reason)
		})
	}
}

const deaf = `trap '' TERM; touch "$1/begun"; await "$1/go"; echo heard`

// A TERM is enough, and another does not put the end off: whoever sent it may be
// gone.
func testDeaf(t *testing.T, l engine.Launcher) {
	s := newSite(t, l, deaf)
	job := s.launch()
	s.begun()
	s.ask("stop")
	s.signal(job, syscall.SIGTERM)
	s.signal(job, syscall.SIGTERM)
	s.wait(job)
	if e := s.exit(); e.Signal != "SIGKILL" || e.Seconds < grace.Seconds() {
		t.Errorf("exit.json is %+v, want signal SIGKILL after %v", e, grace)
	}
	if diff := cmp.Diff([]string{"signal terminated", "signal killed", "exit stopped"}, s.events()[1:]); diff != "" {
		t.Errorf("events after the start (-want +got):\n%s", diff)
	}
	s.sees(store.Stopped, "")
}

// Halted processes hear TERM all the same: the trainer, and whoever is to pass it
// on.
func testHalted(t *testing.T, l engine.Launcher) {
	for _, who := range []string{"trainer", "runner", "orphan"} {
		t.Run(who, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, l, `touch "$1/begun"; await "$1/go"`)
			job := s.launch()
			start := s.begun()
			halted := -start.Group
			switch who {
			case "runner":
				halted = start.Runner.PID
			case "orphan":
				s.killRunner()
			}
			if err := syscall.Kill(halted, syscall.SIGSTOP); err != nil {
				t.Fatal(err)
			}
			s.signal(job, syscall.SIGTERM)
			s.wait(job)
			if who == "orphan" {
				return // nobody wrote down how it ended
			}
			if e := s.exit(); e.Signal != "SIGTERM" {
				t.Errorf("exit.json is %+v, want signal SIGTERM", e)
			}
		})
	}
}

// A daemon that the trainer left behind keeps the lock and nothing else.
func testLeftover(t *testing.T, l engine.Launcher) {
	s := newSite(t, l, `sleep 1000 & echo $! > "$1/child"; exit 0`)
	job := s.launch()
	s.wait(job)
	s.sees(store.Done, "")
	child, err := strconv.Atoi(s.file("child"))
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(s.events(), func(e string) bool { return strings.HasPrefix(e, "alert the trainer left processes behind") }) {
		t.Errorf("no alert in %q", s.events())
	}
	if !store.Locked(store.LockFile(s.run)) {
		t.Error("the lock is free while the child lives")
	}
	if err := os.Mkdir(store.AttemptDir(s.run, 2), 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Launch(t.Context(), spec(store.AttemptDir(s.run, 2))); err == nil || !strings.Contains(err.Error(), "locked") {
		t.Errorf("a new attempt beside the child: %v, want an error about the lock", err)
	}
	if err := syscall.Kill(child, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	s.eventually("the lock stays", func() bool { return !store.Locked(store.LockFile(s.run)) })
}

func testRunnerKilledAfterResult(t *testing.T, l engine.Launcher) {
	s := newSite(t, l, `echo '{"metrics":{"m":1},"time":4e9}' > "$1/result.json"; touch "$1/begun"; await "$1/go"`)
	job := s.launch()
	s.begun()
	s.killRunner()
	s.sees(store.Running, "")
	s.touch("go")
	s.wait(job)
	if err := store.Settle(s.run); err != nil {
		t.Fatal(err)
	}
	if e := s.exit(); e.Code != 0 || e.Metrics["m"] != 1 {
		t.Errorf("exit.json is %+v, want code 0 and the result", e)
	}
	s.sees(store.Done, "")
}

func testRunnerKilled(t *testing.T, l engine.Launcher) {
	s := newSite(t, l, `touch "$1/begun"; await "$1/go"`)
	job := s.launch()
	s.begun()
	s.killRunner()
	s.sees(store.Running, "")
	s.signal(job, syscall.SIGTERM)
	s.wait(job)
	s.sees(store.Lost, "") // that somebody asked for it is the engine's to record
}

// Without a runner there is nobody to follow TERM up but whoever sent it.
func testRunnerKilledDeaf(t *testing.T, l engine.Launcher) {
	s := newSite(t, l, deaf)
	job := s.launch()
	start := s.begun()
	s.killRunner()
	s.signal(job, syscall.SIGTERM)
	if !start.Trainer.Alive() {
		t.Error("the trainer is gone after TERM, which it ignores")
	}
	s.signal(job, syscall.SIGKILL)
	s.wait(job)
	s.sees(store.Lost, "")
}

func testStopped(t *testing.T, l engine.Launcher) {
	tests := []struct {
		name   string
		script string
		before bool // asked before the runner began
		want   store.Status
	}{
		{name: "ended by TERM", script: "", want: store.Stopped},
		{name: "exits with 1", script: "trap 'exit 1' TERM", want: store.Stopped},
		{name: "exits with 0", script: "trap 'exit 0' TERM", want: store.Stopped},
		{name: "finishes", script: `dir=$1; trap 'echo "{}" > "$dir/result.json"; exit 0' TERM`, want: store.Done},
		{name: "asked before it began", script: "", before: true, want: store.Stopped},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, l, tt.script+"\n"+`touch "$1/begun"; await "$1/go"`)
			if tt.before {
				s.ask("stop")
				s.signal(l.Attach(s.dir), syscall.SIGTERM) // nobody is there to hear it
				if _, err := l.Launch(t.Context(), spec(s.dir)); err == nil {
					t.Error("a run that was stopped before it began was launched")
				}
			} else {
				job := s.launch()
				s.begun()
				s.ask("stop")
				s.signal(job, syscall.SIGTERM)
				s.wait(job)
			}
			s.sees(tt.want, "")
		})
	}
}

// The terminal and the link may go.
func testHangUp(t *testing.T, l engine.Launcher) {
	s := newSite(t, l, `touch "$1/begun"; await "$1/go"`)
	job := s.launch()
	start := s.begun()
	for _, pid := range []int{start.Runner.PID, -start.Group} {
		if err := syscall.Kill(pid, syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
	}
	s.touch("go")
	s.wait(job)
	s.sees(store.Done, "")
}

func testMissingProgram(t *testing.T, l engine.Launcher) {
	s := newSite(t, l, "no-such-program", "--seed", "{seed}")
	_, err := l.Launch(t.Context(), spec(s.dir))
	if err == nil || !strings.Contains(err.Error(), `start trainer: exec: "no-such-program"`) {
		t.Errorf("error is %v, want one about the program", err)
	}
	s.sees(store.Failed, `start trainer: exec: "no-such-program": executable file not found`)
	if e := s.exit(); e.Code != 127 {
		t.Errorf("exit.json is %+v, want code 127", e)
	}
}

func testSecondRunner(t *testing.T, l engine.Launcher) {
	s := newSite(t, l, `touch "$1/begun"; await "$1/go"`)
	job := s.launch()
	s.begun()
	if _, err := l.Launch(t.Context(), spec(s.dir)); err == nil || !strings.Contains(err.Error(), "it is locked") {
		t.Errorf("a second runner: %v, want an error about the lock", err)
	}
	s.touch("go")
	s.wait(job)
	s.sees(store.Done, "")
}

func testOldAttempts(t *testing.T, l engine.Launcher) {
	s := newSite(t, l, `echo once >> "$1/times"`)
	s.wait(s.launch())
	if _, err := l.Launch(t.Context(), spec(s.dir)); err == nil || !strings.Contains(err.Error(), "it ran before") {
		t.Errorf("the same attempt again: %v, want an error", err)
	}
	if got := s.file("times"); got != "once" {
		t.Errorf("the trainer ran %q", got)
	}
	s = newSite(t, l, `echo once >> "$1/times"`)
	if err := os.Mkdir(store.AttemptDir(s.run, 2), 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Launch(t.Context(), spec(s.dir)); err == nil || !strings.Contains(err.Error(), "the newest is a2") {
		t.Errorf("an attempt that another followed: %v, want an error", err)
	}
}

// A later process may have the number of a trainer that is gone.
func testOtherProcess(t *testing.T, l engine.Launcher) {
	s := newSite(t, l, "")
	other := exec.Command("cat")
	other.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	in, err := other.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := other.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	gone := make(chan struct{})
	go func() {
		_ = other.Wait() // it is killed
		close(gone)
	}()
	p, ok := store.ProcessOf(other.Process.Pid)
	if !ok {
		t.Fatal("the other process is not there")
	}
	before := p
	before.Ticks--
	boot := p
	boot.Boot = "another"
	for _, trainer := range []store.Process{before, boot} {
		s.write(filepath.Join(s.dir, "start.json"), store.Start{Runner: trainer, Trainer: trainer, Group: p.PID})
		s.signal(l.Attach(s.dir), syscall.SIGTERM)
		s.signal(l.Attach(s.dir), syscall.SIGKILL)
	}
	if _, err := in.Write([]byte("x")); err != nil {
		t.Fatal(err)
	}
	if n, err := out.Read(make([]byte, 1)); n != 1 {
		t.Errorf("a process that is not the trainer was signalled: %v", err)
	}
	s.write(filepath.Join(s.dir, "start.json"), store.Start{Trainer: p, Group: p.PID})
	s.signal(l.Attach(s.dir), syscall.SIGKILL)
	<-gone
	s.signal(l.Attach(s.dir), syscall.SIGKILL) // gone already: no error
}

func testAttach(t *testing.T, l engine.Launcher) {
	s := newSite(t, l, `touch "$1/begun"; await "$1/go"`)
	s.launch()
	s.begun()
	job := l.Attach(s.dir)
	s.touch("go")
	s.wait(job)
	s.sees(store.Done, "")
	s.wait(l.Attach(s.dir)) // an ended one
}
