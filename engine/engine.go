// Package engine runs what was asked: a queue, slots, and a socket to hear from.
//
// The engine is a process of its own, one for each store, started when first
// needed and gone when idle. It launches runners and reads their folders; it
// knows no model and no screen, and no metric passes through it:
//
//	out   key -> Client.Do -> journal, asked.jsonl -> queue -> slot -> Launcher.Launch -> ablate runner DIR
//	back  trainer -> metrics.jsonl -> the interface's Feed -> chart
//	end   Job.Wait -> exit.json -> retried, or at rest -> notify.Notifier -> a program
//
// What is asked is written down before it is answered, and by its key it is done
// once. One goroutine owns queue, slots and books (what experiments may use and
// used); starts, waits and notifications have their own and tell it.
//
// Whatever kills it, runs go on, and the next engine takes them up by their lock,
// the queue by the folders in the order of the journal.
package engine

import (
	"context"
	"errors"
	"log/slog"
	"syscall"
	"time"

	"ablate/engine/notify"
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
	// Foresee returns what tells, whenever it is called and at once, what a launch of
	// the run in a folder would fail for now: ErrBusy, wrapped; nil if for nothing that
	// is known; any other error if nobody can tell. It is nil where nobody ever can.
	Foresee(runDir string) func() error
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
	Program  string        // the same in words, for who cannot read what it wrote
	Lock     string        // names the lock file that this engine holds
	Slots    int           // runs at a time
	Cores    int           // that they share
	Idle     time.Duration // with nothing to do and nobody asking, the engine ends
	Grace    time.Duration // between TERM and KILL
	Retry    time.Duration // before a launch is tried again that failed for the disk's sake, or for that of GPUs in use
	Log      *slog.Logger
	Risk     func() string                  // what will end runs that start now, in words; nil or "": nothing is known to
	Verdict  func(experiment string) string // what its runs say, in a line; nil or "": nothing
}

// Engine owns the queue of one store. One goroutine, Run, holds all its state.
type Engine struct {
	Config
	calls   chan call
	started chan launched
	ended   chan string   // ids of runs that have ended
	gone    chan struct{} // closed when Run returns

	folders folders
	queue   queue
	slots   slots
	crowds  crowds
	books   books
	answers map[string]Reply // by idempotency key; a new engine finds the keys in the run folders
	journal *journal
	leaving bool

	notifier *notify.Notifier
	trouble  string // why the last launch failed without a trace, until one succeeds
}

type call struct {
	request Request
	answer  chan Reply
}

type launched struct {
	id  string
	job Job
	err error
}

// New returns an engine; Run sets it going.
func New(c Config) *Engine {
	e := &Engine{
		Config: c, calls: make(chan call), started: make(chan launched), ended: make(chan string), gone: make(chan struct{}),
		folders: folders{c.Store}, crowds: crowds{}, books: books{store: c.Store, log: c.Log, known: map[string]*terms{}}, answers: map[string]Reply{},
	}
	e.queue = newQueue(e.gone)
	e.slots = slots{most: c.Slots, runs: map[string]*liveRun{}, books: &e.books, grace: c.Grace, gone: e.gone, log: c.Log}
	e.notifier = notify.New(notify.Config{Store: c.Store, Log: c.Log, Verdict: c.Verdict, Lives: e.has})
	return e
}

// Run takes up what the store holds and serves until ctx ends, somebody asks the
// engine to quit, or it has been idle for long enough. Runs outlive it.
func (e *Engine) Run(ctx context.Context) (err error) {
	defer close(e.gone)
	if e.journal, err = openJournal(e.Store.EngineDir()); err != nil {
		return err
	}
	defer e.journal.lines.Close()
	if err := e.takeUp(); err != nil {
		return err
	}
	defer e.notifier.Begin()()
	idle, alarm := time.NewTimer(e.Idle), time.NewTimer(e.Idle)
	defer idle.Stop()
	defer alarm.Stop()
	for !e.leaving {
		e.fill(ctx)
		alarm.Reset(min(e.books.untilSpent(e.Idle), e.crowds.untilTry(e.Idle)))
		select {
		case <-ctx.Done():
			return nil
		case c := <-e.calls:
			c.answer <- e.answer(c.request)
			idle.Reset(e.Idle)
		case l := <-e.started:
			e.onStarted(l)
			e.notifier.Look(l.id)
		case id := <-e.queue.due:
			e.onDue(id)
			e.notifier.Look(id)
		case id := <-e.ended:
			e.onEnded(id)
			e.notifier.Look(id)
			idle.Reset(e.Idle)
		case <-alarm.C:
			e.enforce()
		case <-idle.C:
			if e.slots.busy() == 0 && e.queue.idle() && e.notifier.ToldAll() { // halted runs need nobody
				e.Log.Info("nothing to do, leaving", "idle", e.Idle)
				return nil
			}
			idle.Reset(e.Idle)
		}
	}
	return nil
}

func (e *Engine) onStarted(l launched) {
	e.crowds.tried(l.id, l.err == nil)
	if l.err != nil {
		if errors.Is(l.err, ErrBusy) {
			e.Log.Info("run waits", "run", l.id, "why", l.err)
		} else {
			e.Log.Error("launch run", "run", l.id, "err", l.err)
		}
		turn := e.slots.runs[l.id].turn
		delete(e.slots.runs, l.id)
		e.books.ended(l.id)
		e.again(l.id, turn, l.err)
		return
	}
	e.trouble = ""
	go e.await(l.id, e.slots.launched(l.id, l.job))
}

// again sees to a run whose launch failed before anything could be written down,
// on a full disk for one: it stays queued and is tried again after a while. One
// that lacks what others have in use keeps its turn.
func (e *Engine) again(id string, turn int, cause error) {
	w, err := e.takeUpRun(id)
	if err != nil {
		e.Log.Error("look at run that was not launched", "run", id, "err", err)
	}
	switch {
	case w == nil:
	case w.asked.Due > store.Now(): // it has failed, and that is how long it waits for its retry
		e.queue.add(*w)
	case errors.Is(cause, ErrBusy):
		w.turn = turn
		e.queue.putBack(*w)
		e.crowds.refused(*w, cause, e.Launcher.Foresee(e.folders.RunDir(id)), e.Retry)
	default:
		e.trouble = cause.Error()
		e.queue.wait(*w, time.Now().Add(e.Retry))
	}
}

// onDue queues a run that waited long enough; one that does not wait and does not
// live is looked at again.
func (e *Engine) onDue(id string) {
	delete(e.queue.looks, id)
	if e.queue.has(id) {
		e.queue.ripen(id)
	} else if e.slots.runs[id] == nil {
		e.onEnded(id)
	}
}

// onEnded frees the slot. The run may wait again: the engine tries it once more by
// itself, or its runner died before it could begin.
func (e *Engine) onEnded(id string) {
	e.Log.Info("run ended", "run", id)
	delete(e.slots.runs, id)
	e.queue.remove(id)
	e.books.ended(id)
	if len(e.crowds) > 0 && e.folders.heldGPUs(id) {
		e.crowds.wake()
	}
	w, err := e.takeUpRun(id)
	if err != nil {
		e.Log.Error("look at ended run", "run", id, "err", err)
	}
	if w != nil {
		e.queue.add(*w)
	}
}

// await reports the end of a run. It outlives Run on purpose: a wait for a lock
// cannot be called off, and the process ends with Run.
func (e *Engine) await(id string, run *liveRun) {
	if err := run.job.Wait(); err != nil {
		e.Log.Error("wait for run", "run", id, "err", err)
	}
	close(run.gone)
	if err := e.folders.settle(id); err != nil {
		e.Log.Error("settle run", "run", id, "err", err)
	}
	select {
	case e.ended <- id:
	case <-e.gone:
	}
}
