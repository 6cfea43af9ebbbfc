package engine

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"ablate/experiments"
	"ablate/experiments/store"
)

// wish is a run that is to be started, and what decides its place in the queue.
type wish struct {
	id    string
	asked store.Asked
}

// answer carries out one request. A key that was answered before gets the same
// answer again and nothing is done twice.
func (e *Engine) answer(r Request) Reply {
	reply, known := e.answers[r.Key]
	if !known {
		reply = e.carryOut(r)
	}
	if r.Key != "" && reply.Error == "" {
		e.answers[r.Key] = reply
	}
	reply.Build, reply.Lock, reply.Trouble = e.Build, e.Lock, e.trouble
	reply.PID, reply.Slots = os.Getpid(), e.Slots
	reply.Live, reply.Waiting = len(e.live), len(e.queue)+len(e.later)
	return reply
}

func (e *Engine) carryOut(r Request) Reply {
	var reply Reply
	var err error
	switch r.Verb {
	case "hello":
	case "quit":
		e.leaving = true
	case "run":
		reply, err = e.run(r)
	case "retry", "resume": // one thing: a trainer goes on from the newest checkpoint that it finds
		reply, err = e.retry(r)
	case "stop":
		reply, err = e.stop(r)
	default:
		err = fmt.Errorf("answer request: unknown verb %q", r.Verb)
	}
	if err != nil {
		reply.Error = err.Error()
		e.Log.Error("answer request", "verb", r.Verb, "err", err)
	}
	return reply
}

// run queues every run of a plan that is neither done nor live.
func (e *Engine) run(r Request) (Reply, error) {
	var reply Reply
	if r.Plan == nil {
		return reply, fmt.Errorf("run experiment: the request has no plan")
	}
	if err := e.Store.WritePlan(r.Plan); err != nil {
		return reply, err
	}
	runs := r.Plan.Runs()
	if err := each(runs, e.makeFolder); err != nil {
		return reply, err
	}
	var start []string
	var unreadable []error
	for _, run := range runs {
		if !e.made(run.ID) {
			start = append(start, run.ID)
			continue
		}
		rec, err := e.Store.Look(run.ID)
		if err != nil {
			unreadable = append(unreadable, fmt.Errorf("left out run %s: %w; move its folder away to run it anew", run.ID, err))
			continue
		}
		switch {
		case rec.Status == store.Done:
			reply.Done++
		case e.stopping(run.ID):
			reply.Stopped++
		case e.has(run.ID):
			reply.Going++
		default:
			start = append(start, run.ID)
		}
	}
	if err := errors.Join(unreadable...); err != nil {
		reply.Warning = err.Error()
	}
	wishes, err := e.ask(r, start)
	if err != nil {
		return reply, err
	}
	// run.json comes last: with it the folder is a run, and by then it is one that
	// waits.
	if err := each(runs, e.makeRun); err != nil {
		return reply, err
	}
	e.enqueue(wishes)
	reply.Queued = len(start)
	return reply, nil
}

// each does something for many runs at a time: a disk syncs sixteen files about
// as fast as one.
func each(runs []experiments.Run, do func(experiments.Run) error) error {
	errs := make([]error, len(runs))
	var making sync.WaitGroup
	free := make(chan struct{}, 16)
	for i, run := range runs {
		free <- struct{}{}
		making.Go(func() {
			errs[i] = do(run)
			<-free
		})
	}
	making.Wait()
	return cmp.Or(errs...)
}

func (e *Engine) makeFolder(run experiments.Run) error {
	if err := os.MkdirAll(e.Store.RunDir(run.ID), 0o755); err != nil {
		return fmt.Errorf("make run folder: %w", err)
	}
	return nil
}

// made reports whether a folder is a run's: whether it has its run.json.
func (e *Engine) made(id string) bool {
	_, err := os.Stat(filepath.Join(e.Store.RunDir(id), "run.json"))
	return err == nil
}

// makeRun writes run.json, once.
func (e *Engine) makeRun(run experiments.Run) error {
	if e.made(run.ID) {
		return nil
	}
	return store.WriteJSON(filepath.Join(e.Store.RunDir(run.ID), "run.json"), run)
}

// retry queues new attempts of runs that ended without being done.
func (e *Engine) retry(r Request) (Reply, error) {
	var reply Reply
	var start []string
	for _, id := range r.Runs {
		rec, err := e.Store.Look(id)
		if err != nil {
			return reply, fmt.Errorf("%s run %s: %w", r.Verb, id, err)
		}
		switch {
		case rec.Status == store.Done:
			reply.Done++
		case e.stopping(id):
			reply.Stopped++
		case e.has(id):
			reply.Going++
		default:
			start = append(start, id)
		}
	}
	wishes, err := e.ask(r, start)
	e.enqueue(wishes)
	reply.Queued = len(wishes)
	return reply, err
}

// ask writes the wish for a new attempt into the journal and each run's folder.
func (e *Engine) ask(r Request, ids []string) (wishes []wish, err error) {
	defer func() {
		if err != nil { // all of it is written down or nothing
			err = errors.Join(err, e.takeBack(wishes))
			wishes = nil
		}
	}()
	if err := e.record(r, ids); err != nil {
		return nil, err
	}
	now := store.Now()
	for i, id := range ids {
		dir := e.Store.RunDir(id)
		asked, err := store.ReadAsked(dir)
		if err != nil {
			return wishes, err
		}
		if slices.ContainsFunc(asked, func(a store.Asked) bool { return a.Key == r.Key && r.Key != "" }) && e.made(id) {
			continue // the engine before this one did it and could not answer any more
		}
		n, err := store.Attempts(dir)
		if err != nil {
			return wishes, err
		}
		a := store.Asked{Time: now, Verb: r.Verb, Key: r.Key, By: r.By, Attempt: n + 1, Order: i, Workdir: r.Workdir}
		if err := e.tell(id, a); err != nil {
			return wishes, err
		}
		wishes = append(wishes, wish{id, a})
	}
	return wishes, nil
}

// takeBack removes wishes from the run folders again: that needs no room.
func (e *Engine) takeBack(wishes []wish) (err error) {
	for _, w := range wishes {
		err = errors.Join(err, store.TakeBack(filepath.Join(e.Store.RunDir(w.id), "asked.jsonl"), w.asked))
	}
	return err
}

// stop ends live runs and takes waiting ones out of the queue.
func (e *Engine) stop(r Request) (Reply, error) {
	var reply Reply
	if err := e.record(r, r.Runs); err != nil {
		return reply, err
	}
	for _, id := range r.Runs {
		if !e.has(id) {
			reply.Done++
			continue
		}
		reply.Stopped++
		delete(e.later, id)
		run := e.live[id]
		if run != nil && run.stop {
			continue // a second TERM means "at once" to some trainers
		}
		if err := e.tell(id, store.Asked{Time: store.Now(), Verb: "stop", Key: r.Key, By: r.By}); err != nil {
			return reply, err
		}
		if run == nil {
			e.queue = slices.DeleteFunc(e.queue, func(waiting string) bool { return waiting == id })
			continue
		}
		run.stop = true
		if run.job != nil {
			e.end(id, run)
		}
	}
	return reply, nil
}

// stopping reports whether the run was told to end and has not yet: nothing new
// can be asked of it before that.
func (e *Engine) stopping(id string) bool { return e.live[id] != nil && e.live[id].stop }

// has reports whether the run is live or waiting here.
func (e *Engine) has(id string) bool {
	if e.later[id] {
		return true
	}
	return e.live[id] != nil || slices.Contains(e.queue, id)
}

// tell appends to a run's asked.jsonl and syncs it before anything is done.
func (e *Engine) tell(id string, a store.Asked) error {
	l, err := store.AppendTo(filepath.Join(e.Store.RunDir(id), "asked.jsonl"))
	if err != nil {
		return err
	}
	defer l.Close()
	if err := l.Append(a); err != nil {
		return err
	}
	return l.Sync()
}

// enqueue puts runs at the end of the queue: by the time they were asked for,
// then by their place in that wish.
func (e *Engine) enqueue(wishes []wish) {
	slices.SortStableFunc(wishes, func(a, b wish) int {
		return cmp.Or(cmp.Compare(a.asked.Time, b.asked.Time), cmp.Compare(a.asked.Order, b.asked.Order))
	})
	for _, w := range wishes {
		e.queue = append(e.queue, w.id)
	}
}
