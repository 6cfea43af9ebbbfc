// Package engine runs what was asked: a queue, slots, and a socket to hear from.
//
// The engine is a process of its own, one for each store, started when first
// needed and gone when idle. It launches runners and reads their folders; it
// knows no model and no screen, and no metric passes through it:
//
//	out   key -> Client.Do -> journal, run folder -> slot -> Launcher.Launch -> ablate runner DIR
//	back  trainer -> metrics.jsonl -> the interface's Follower -> chart
//
// Whatever kills it, runs go on, and the next engine takes them up by their lock.
package engine

import (
	"context"
	"log/slog"
	"syscall"
	"time"

	"ablate/experiments/store"
)

// Launcher starts attempts: on this machine, and later through SSH and Slurm.
type Launcher interface {
	// Launch starts the runner of an attempt's folder and returns when it holds
	// the run's lock and its trainer lives. An error says that nothing of the
	// attempt lives, unless ctx has ended: then nobody knows.
	Launch(ctx context.Context, s Spec) (Job, error)
	// Attach returns the job of an attempt that another engine launched.
	Attach(attemptDir string) Job
}

// Spec says what is to be launched.
type Spec struct {
	Dir     string // the attempt's folder, absolute
	Workers int    // cores for a trainer of ours; its results do not depend on it
}

// Job is a launched attempt.
type Job interface {
	// Wait returns once the attempt has ended: nothing of it lives, or its
	// exit.json is there and only what its trainer left behind lives.
	Wait() error
	// Signal brings TERM to the runner, which ends the trainer within the grace
	// also when nobody else lives by then. Where there is no runner any more, and
	// for every other signal, it goes to the trainer's process group. None goes to
	// processes that are not those that were started.
	Signal(s syscall.Signal) error
}

// Grace is how long a trainer has between TERM and KILL.
const Grace = 10 * time.Second

// Config is what an Engine is made of.
type Config struct {
	Store    *store.Store
	Launcher Launcher
	Build    string        // build id of this program
	Lock     string        // names the lock file that this engine holds
	Slots    int           // runs at a time
	Cores    int           // that they share
	Idle     time.Duration // with nothing to do and nobody asking, the engine ends
	Grace    time.Duration // between TERM and KILL
	Retry    time.Duration // before a launch that failed for the disk's sake is tried again
	Log      *slog.Logger
}

// Engine owns the queue of one store. One goroutine, Run, holds all its state.
type Engine struct {
	Config
	calls   chan call
	ended   chan string // ids of runs that have ended
	started chan launched
	gone    chan struct{}   // closed when Run returns
	retries chan string     // ids of runs to queue again
	queue   []string        // ids of runs
	later   map[string]bool // ids of runs that wait to be queued again
	live    map[string]*liveRun
	answers map[string]Reply // by idempotency key; a new engine finds the keys in the run folders
	journal *store.Lines
	leaving bool
	trouble string // why the last launch failed without a trace, until one succeeds
}

type call struct {
	request Request
	answer  chan Reply
}

type liveRun struct {
	job  Job           // nil while it is being launched
	stop bool          // somebody asked to stop it
	gone chan struct{} // closed when the job has ended
}

type launched struct {
	id  string
	job Job
	err error
}

// New returns an engine; Run sets it going.
func New(c Config) *Engine {
	return &Engine{
		Config: c, calls: make(chan call), ended: make(chan string), started: make(chan launched), gone: make(chan struct{}),
		live: map[string]*liveRun{}, later: map[string]bool{}, retries: make(chan string), answers: map[string]Reply{},
	}
}

// Run takes up what the store holds and serves until ctx ends, somebody asks the
// engine to quit, or it has been idle for long enough. Runs outlive it.
func (e *Engine) Run(ctx context.Context) error {
	defer close(e.gone)
	if err := e.openJournal(); err != nil {
		return err
	}
	defer e.journal.Close()
	if err := e.takeUp(); err != nil {
		return err
	}
	idle := time.NewTimer(e.Idle)
	defer idle.Stop()
	for !e.leaving {
		e.fill(ctx)
		select {
		case <-ctx.Done():
			return nil
		case c := <-e.calls:
			c.answer <- e.answer(c.request)
			idle.Reset(e.Idle)
		case l := <-e.started:
			e.onStarted(l)
		case id := <-e.retries:
			if e.later[id] {
				delete(e.later, id)
				e.queue = append(e.queue, id)
			}
		case id := <-e.ended:
			e.onEnded(id)
			idle.Reset(e.Idle)
		case <-idle.C:
			if len(e.live)+len(e.queue)+len(e.later) == 0 {
				e.Log.Info("nothing to do, leaving", "idle", e.Idle)
				return nil
			}
			idle.Reset(e.Idle)
		}
	}
	return nil
}

func (e *Engine) onStarted(l launched) {
	run := e.live[l.id]
	if l.err != nil {
		e.Log.Error("launch run", "run", l.id, "err", l.err)
		delete(e.live, l.id)
		e.again(l.id, l.err)
		return
	}
	run.job, e.trouble = l.job, ""
	if run.stop {
		e.end(l.id, run)
	}
	go e.await(l.id, run)
}

// again sees to a run whose launch failed before anything could be written down,
// on a full disk for one: it stays queued and is tried again after a while.
func (e *Engine) again(id string, cause error) {
	w, err := e.takeUpRun(id)
	if err != nil {
		e.Log.Error("look at run that was not launched", "run", id, "err", err)
	}
	if w == nil {
		return
	}
	e.trouble = cause.Error()
	e.later[id] = true
	go func() {
		select {
		case <-time.After(e.Retry):
			select {
			case e.retries <- id:
			case <-e.gone:
			}
		case <-e.gone:
		}
	}()
}

// onEnded frees the slot. A run that was taken up while its runner was about to
// begin may wait again: that runner can have died first.
func (e *Engine) onEnded(id string) {
	e.Log.Info("run ended", "run", id)
	delete(e.live, id)
	w, err := e.takeUpRun(id)
	if err != nil {
		e.Log.Error("look at ended run", "run", id, "err", err)
	}
	if w != nil && !e.has(id) { // it waits already if its folder was made anew meanwhile
		e.enqueue([]wish{*w})
	}
}

// await reports the end of a run. It outlives Run on purpose: a wait for a lock
// cannot be called off, and the process ends with Run.
func (e *Engine) await(id string, run *liveRun) {
	if err := run.job.Wait(); err != nil {
		e.Log.Error("wait for run", "run", id, "err", err)
	}
	close(run.gone)
	if err := e.settle(id); err != nil {
		e.Log.Error("settle run", "run", id, "err", err)
	}
	select {
	case e.ended <- id:
	case <-e.gone:
	}
}

// end sends TERM, and KILL if the run is still there after the grace time: its
// runner does the same, but may have been killed.
func (e *Engine) end(id string, run *liveRun) {
	e.Log.Info("stop run", "run", id)
	if err := run.job.Signal(syscall.SIGTERM); err != nil {
		e.Log.Error("stop run", "run", id, "err", err)
	}
	go func() {
		select {
		case <-run.gone:
		case <-e.gone: // the next engine goes on from here
		case <-time.After(e.Grace):
			e.Log.Warn("run ignores TERM, killing it", "run", id)
			if err := run.job.Signal(syscall.SIGKILL); err != nil {
				e.Log.Error("kill run", "run", id, "err", err)
			}
		}
	}()
}
