// Package runner is the process that supervises one attempt of a run: it holds
// the run's lock, starts the trainer, waits for it and records how it ended.
//
// The lock is handed on to the trainer, so "the lock is held" means "something
// of the run lives", also when this process was killed. The trainer's output is
// a file and not a pipe: no reader of it can die.
//
//	lock -> GPUs claimed -> trainer -> start.json, env.json -> ready
//	  beats, phases, GPU samples, stop rules while it lives; TERM, then KILL where it is to end
//	-> exit.json -> lock and GPUs are free once nothing of the trainer lives
package runner

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"ablate/engine"
	"ablate/experiments"
	"ablate/experiments/store"
	"ablate/gpu"
	"ablate/gpu/driver"
)

const (
	niceness = 10               // trainers leave the machine usable
	beat     = 10 * time.Second // between signs of life in events.jsonl
)

// Runner supervises the attempt in Dir.
type Runner struct {
	Dir      string // .../sSEED/aN
	Program  string // the program's copy, for `ablate train`
	Build    string
	Launcher string        // who launched it: "local"
	Grace    time.Duration // of the trainer, between TERM and KILL

	// GPUs opens a reader of this machine's; nil is driver.Open. Claims is where all
	// users of the machine claim them; "" is gpu.ClaimsDir.
	GPUs   func() (gpu.Sampler, error)
	Claims string

	// Of trainers of ours: how many workers one gets, and what it computes with.
	Workers    int
	Arithmetic string
	NotFinite  string // how the last line of one ends whose numbers became none

	run    experiments.Run
	events *store.Lines
	gpus   *gpu.Watch // nil: there are none for this run
	used   gpuWatch   // what it did with them

	design  design
	claimed *gpu.Claim
	broken  chan breach // the first stop rule that was
	rule    breach      // that ended the trainer

	began time.Time   // when start.json says that it began
	place os.FileInfo // of Dir as it was in the beginning
}

// Run carries the attempt through. ready is called once: with nil when the lock
// is held and the trainer lives, else with the cause. Run returns an error only
// if the attempt could not be recorded; how the trainer ended is in exit.json.
func (r *Runner) Run(ready func(error)) error {
	// Like nohup, and for the trainer too, which inherits it: the terminal or the
	// link may go.
	signal.Ignore(syscall.SIGHUP)
	// From before start.json tells who the runner is until exit.json is there, a
	// signal must not end it.
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
	defer signal.Stop(signals)
	// On Linux the priority is a thread's, and a child has that of the thread
	// which started it.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	if r.GPUs == nil {
		r.GPUs = func() (gpu.Sampler, error) { return driver.Open(r.Program) }
	}
	lock, err := r.prepare()
	if err != nil {
		ready(err)
		return err
	}
	defer lock.Close()
	defer r.events.Close()
	go r.heedLoss(ctx, lock)
	if ends := askedToEnd(r.Dir); ends != "" {
		err := errors.Join(fmt.Errorf("start trainer: the run was %s before", ends), r.exit(store.Exit{Code: 1, Reason: string(ends)}))
		ready(err)
		return err
	}
	r.broken = make(chan breach, 1)
	r.openGPUs(ctx)
	r.claimed, err = r.claim()
	if errors.Is(err, engine.ErrBusy) { // it leaves no trace and is tried again
		err = errors.Join(err, lock.Close())
		ready(err)
		return err
	}
	var cmd *exec.Cmd
	if err == nil {
		defer r.claimed.Close()
		cmd, err = r.start(lock)
	}
	if err != nil {
		err = errors.Join(err, r.exit(store.Exit{Code: 127, Reason: err.Error()}))
		ready(err)
		return err
	}
	ready(nil)
	e := r.supervise(cmd, signals)
	e.Seconds, e.GPU = time.Since(r.began).Seconds(), r.used.use()
	return r.exit(e)
}

// prepare takes the lock and reads what the run is.
func (r *Runner) prepare() (*store.Held, error) {
	runDir := filepath.Dir(r.Dir)
	lock, err := store.Lock(store.LockFile(runDir), time.Second)
	if err != nil {
		return nil, err
	}
	if err := checkNewest(r.Dir); err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	if err := store.ReadJSON(filepath.Join(runDir, "run.json"), &r.run); err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	if !r.builtIn() { // ours keep the lock, and nothing outlives them
		if err := checkLeft(runDir, leftPatience); err != nil {
			return nil, errors.Join(err, lock.Close())
		}
	}
	if err := store.ReserveExit(r.Dir); err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	if r.events, err = store.AppendTo(filepath.Join(r.Dir, "events.jsonl")); err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	if r.place, err = os.Stat(r.Dir); err != nil {
		return nil, errors.Join(fmt.Errorf("run attempt: %w", err), r.events.Close(), lock.Close())
	}
	if r.design, err = r.readDesign(); err != nil {
		r.event("alert", "run without the rules of its experiment: "+err.Error())
	}
	adoptOrphans()
	if err := syscall.Setpriority(syscall.PRIO_PROCESS, 0, niceness); err != nil {
		r.event("alert", "run at the usual priority: "+err.Error())
	}
	return lock, nil
}

// heedLoss ends the trainer when another host has taken the run over, because
// this one was not heard of for too long: one of them must not go on.
func (r *Runner) heedLoss(ctx context.Context, lock *store.Held) {
	select {
	case <-ctx.Done():
	case <-lock.Lost():
		r.event("alert", "the run's lock is another's now: no beat of this runner arrived in time")
		_ = syscall.Kill(os.Getpid(), syscall.SIGTERM) // to itself: that ends the trainer
	}
}

// checkNewest refuses an attempt that began before, and one that another was
// made after: its engine died before this runner had the lock, and the next
// engine did not wait for it.
func checkNewest(attempt string) error {
	n, err := store.Attempts(filepath.Dir(attempt))
	if err != nil {
		return err
	}
	if want := store.AttemptDir(filepath.Dir(attempt), n); want != filepath.Clean(attempt) {
		return fmt.Errorf("run attempt %s: the newest is %s", attempt, filepath.Base(want))
	}
	for _, name := range []string{"start.json", "exit.json"} {
		if _, err := os.Stat(filepath.Join(attempt, name)); err == nil {
			return fmt.Errorf("run attempt %s: it ran before, %s is there", attempt, name)
		}
	}
	return nil
}

// start starts the trainer in a process group of its own and writes down who it
// is and where it runs.
func (r *Runner) start(lock *store.Held) (*exec.Cmd, error) {
	argv, err := r.argv()
	if err != nil {
		return nil, err
	}
	out, err := os.OpenFile(filepath.Join(r.Dir, "out.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, fmt.Errorf("open out.log: %w", err)
	}
	defer out.Close()
	cmd := exec.Command(argv[0], argv[1:]...) //nolint:noctx // it is ended by signals, and may outlive this process
	cmd.Dir = r.workdir()
	cmd.Stdout, cmd.Stderr = out, out
	cmd.ExtraFiles = []*os.File{lock.File}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	// Like the lock the GPUs are held as long as anything of the trainer lives.
	cmd.ExtraFiles = append(cmd.ExtraFiles, r.claimed.Files...)
	cmd.Env = environ(r.claimed)
	env := readEnvironment(r)
	env.Diff, env.Provenance = cleanDiff(env.Diff), r.provenance(argv, cmd.Env)
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start trainer: %w", err)
	}
	r.began = time.Now() // or budgets would count less than was used
	trainer, _ := store.ProcessOf(cmd.Process.Pid)
	host, _ := os.Hostname() // provenance: an empty name is no reason to stop
	err = store.WriteJSON(filepath.Join(r.Dir, "start.json"), store.Start{
		Launcher: r.Launcher, Host: host, Runner: store.Self(), Trainer: trainer, Group: cmd.Process.Pid, Session: ownSession(),
		Argv: env.Command, GPUs: env.gpuUUIDs(), Held: r.claimed.UUIDs, Workers: r.Workers, Time: float64(r.began.UnixNano()) / 1e9,
	})
	if err == nil {
		err = store.WriteJSON(filepath.Join(r.Dir, "env.json"), env)
	}
	if err != nil {
		return nil, errors.Join(err, syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL), cmd.Wait())
	}
	if r.gpus != nil && len(env.GPUs) == 0 {
		r.used.untold = &env
	}
	r.event("start", strings.Join(env.Command, " "))
	return cmd, nil
}

// argv is the trainer's command: the built-in recipes run in this program, a
// command is the user's own.
func (r *Runner) argv() ([]string, error) {
	if r.builtIn() {
		return []string{r.Program, "train", r.Dir, "--workers", strconv.Itoa(r.Workers)}, nil
	}
	return r.run.Command(r.Dir)
}

// builtIn reports whether the trainer is one of ours.
func (r *Runner) builtIn() bool { return len(r.run.Argv) == 0 }

// exit writes exit.json with the trainer's own final record in it.
func (r *Runner) exit(e store.Exit) error {
	if !r.inPlace() { // what is there now is another attempt's
		return fmt.Errorf("record end: the folder %s was deleted or moved", r.Dir)
	}
	var out store.Outcome
	if err := store.ReadJSON(filepath.Join(r.Dir, "result.json"), &out); err == nil {
		e.Outcome = out
	}
	if e.Metrics == nil {
		if h, err := store.ReadHistory(filepath.Dir(r.Dir)); err == nil {
			e.Metrics = h.Latest()
		}
	}
	e.Time = store.Now()
	r.event("exit", e.Reason)
	return store.WriteExit(r.Dir, e)
}

// saying guards events.jsonl: both who waits for the trainer and who watches it
// write there. A process has one runner.
var saying sync.Mutex

// event appends to events.jsonl; a full disk must not end the run's supervision.
func (r *Runner) event(kind, text string) {
	saying.Lock()
	defer saying.Unlock()
	_ = r.events.Append(store.Event{Time: store.Now(), Kind: kind, Text: text})
}
