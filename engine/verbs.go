package engine

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"ablate/experiments"
	"ablate/experiments/store"
)

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
	reply.Build, reply.Lock, reply.Trouble = e.Build, e.Lock, cmp.Or(e.trouble, e.crowds.trouble())
	reply.Unsent = e.notifier.Trouble()
	reply.PID, reply.Slots = os.Getpid(), e.slots.most
	reply.Live, reply.Waiting = e.slots.busy(), e.queue.len()
	return reply
}

func (e *Engine) carryOut(r Request) Reply {
	var reply Reply
	var err error
	switch r.Verb {
	case "hello":
		reply.Place = e.place(r.Of)
	case "status":
		reply.State = e.state()
	case "quit":
		e.leaving = true
	case "run":
		reply, err = e.run(r)
		e.warn(&reply)
	case "retry", "resume": // one thing: a trainer goes on from the newest checkpoint that it finds
		reply, err = e.retry(r)
	case "stop":
		reply, err = e.stop(r)
	case "mark":
		reply, err = e.mark(r)
	case "pause":
		reply, err = e.pause(r)
	case "move":
		reply, err = e.move(r)
	case "slots":
		err = e.setSlots(r)
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
	if err := pinnable(r, r.Plan); err != nil {
		return reply, err
	}
	if old, err := e.Store.ReadPlan(r.Plan.Experiment); err == nil && old.Recipe == experiments.Imported {
		return reply, fmt.Errorf("run experiment %s: the store has results of that name that were imported; name it otherwise", r.Plan.Experiment)
	}
	if err := e.Store.WritePlan(r.Plan); err != nil {
		return reply, err
	}
	if err := e.notifier.Heed(r.Plan.Experiment, r.Notify, r.Workdir); err != nil {
		return reply, err
	}
	if err := e.takeTerms(r.Plan); err != nil {
		return reply, err
	}
	runs := r.Plan.Runs()
	if err := each(runs, e.folders.makeFolder); err != nil {
		return reply, err
	}
	var start []string
	var warnings []error
	for _, run := range runs {
		if !e.folders.made(run.ID) {
			start = append(start, run.ID)
			continue
		}
		rec, err := e.Store.Look(run.ID)
		if err != nil {
			warnings = append(warnings, fmt.Errorf("left out run %s: %w; move its folder away to run it anew", run.ID, err))
			continue
		}
		if e.startable(rec, r, &reply) {
			start = append(start, run.ID)
		}
	}
	wishes, err := e.ask(r, start)
	if err != nil {
		return reply, err
	}
	// run.json comes last: with it the folder is a run, and by then it is one that
	// waits.
	if err := each(runs, e.folders.makeRun); err != nil {
		return reply, err
	}
	e.queue.add(wishes...)
	reply.Queued = len(start)
	if err := errors.Join(append(warnings, e.unpaid(start), e.leftOver(r.Plan.Experiment), unpinned(r, reply))...); err != nil {
		reply.Warning = err.Error()
	}
	return reply, nil
}

// leftOver tells of the runs that wait or live of earlier designs of an experiment:
// who took a value out of the file may think that they do not.
func (e *Engine) leftOver(experiment string) error {
	var ids []string
	for _, w := range e.queue.all() {
		ids = append(ids, w.id)
	}
	ids = slices.DeleteFunc(slices.AppendSeq(ids, maps.Keys(e.slots.runs)), func(id string) bool {
		_, planned := e.books.of(id).place[id]
		return planned || experimentOf(id) != experiment || e.slots.ending(id)
	})
	ids = unique(ids)
	if len(ids) == 0 {
		return nil
	}
	return fmt.Errorf("%d runs of earlier designs still wait or go on, such as %s: `ablate stop RUN` ends them", len(ids), ids[0])
}

// takeTerms takes a new design. Runs that are on their way count from the moment
// that their experiment has limits.
func (e *Engine) takeTerms(p *experiments.Plan) error {
	old := e.books.known[p.Experiment]
	t, err := e.books.set(p)
	if err != nil || t.meter == nil || old != nil && old.meter != nil {
		return err
	}
	for id, run := range e.slots.runs {
		if run.job == nil && experimentOf(id) == p.Experiment {
			t.meter.launch(id)
		}
	}
	return nil
}

// startable reports whether a request starts a run, and counts it if not.
func (e *Engine) startable(rec store.Record, r Request, reply *Reply) bool {
	switch {
	case rec.Status == store.Done && !r.Force: // though its slot may not have heard of it
		reply.Done++
		reply.Reused++
	case e.slots.ending(rec.ID):
		reply.Stopped++
	case e.queue.later[rec.ID].id != "": // who asks for it need not wait
		return true
	case e.has(rec.ID):
		reply.Going++
	case rec.Status == store.Paused && r.Verb != "resume":
		reply.Paused++
	case !r.Force && ruledOut(rec):
		reply.Ruled++
	default:
		return true
	}
	return false
}

// ruledOut reports whether the newest attempt of a run that does not live was ended
// by a stop rule: from the same checkpoint it would be again.
func ruledOut(rec store.Record) bool {
	var exit store.Exit
	err := store.ReadJSON(filepath.Join(store.AttemptDir(rec.Dir, rec.Attempt), "exit.json"), &exit)
	return err == nil && exit.Rule() != ""
}

// retry queues new attempts of runs that ended without being done.
func (e *Engine) retry(r Request) (Reply, error) {
	var reply Reply
	var start []string
	if err := e.mayPin(r); err != nil {
		return reply, err
	}
	for _, id := range e.books.inOrder(r.Runs) {
		rec, err := e.Store.Look(id)
		if err != nil {
			return reply, fmt.Errorf("%s run %s: %w", r.Verb, id, err)
		}
		if rec.Recipe == experiments.Imported {
			return reply, fmt.Errorf("%s run %s: its results were made elsewhere and imported: there is nothing to run", r.Verb, id)
		}
		if e.startable(rec, r, &reply) {
			start = append(start, id)
		}
	}
	wishes, err := e.ask(r, start)
	e.queue.add(wishes...)
	reply.Queued = len(wishes)
	if warning := errors.Join(e.unpaid(start), unpinned(r, reply)); warning != nil {
		reply.Warning = warning.Error()
	}
	return reply, err
}

// ask writes the wish for a new attempt into the journal and each run's folder; of
// a halted run it is the one that there is.
func (e *Engine) ask(r Request, ids []string) (wishes []wish, err error) {
	defer func() {
		if err != nil { // all of it is written down or nothing
			err = errors.Join(err, e.takeBack(wishes))
			wishes = nil
		}
	}()
	if err := e.journal.record(r, ids); err != nil {
		return nil, err
	}
	now := store.Now()
	asked := make([]*wish, len(ids))
	err = each(ids, func(i int, id string) error {
		a := store.Asked{Time: now, Verb: r.Verb, Key: r.Key, By: r.By, Order: i, Workdir: r.Workdir, GPUs: r.GPUs}
		var err error
		if a.Attempt, err = e.wanted(id); err != nil {
			return err
		}
		if r.Verb == "resume" { // it goes on where it was
			before, err := store.ReadAsked(e.Store.RunDir(id))
			if err != nil {
				return err
			}
			a.GPUs = store.LastWish(before).GPUs
		}
		a.Halted = e.slots.halted(id)
		isNew, err := e.folders.tellOnce(id, a)
		if err == nil && (isNew || !e.folders.made(id)) { // what is not made yet was not taken up either
			asked[i] = &wish{id: id, asked: a}
		}
		return err
	})
	for _, w := range asked {
		if w != nil {
			wishes = append(wishes, *w)
		}
	}
	return wishes, err
}

// takeBack removes wishes from the run folders again: that needs no room.
func (e *Engine) takeBack(wishes []wish) (err error) {
	for _, w := range wishes {
		err = errors.Join(err, store.TakeBack(filepath.Join(e.Store.RunDir(w.id), "asked.jsonl"), w.asked))
	}
	return err
}

// wanted is the attempt that a wish for a run is for: the next one, or that of a
// halted run, for which it was launched.
func (e *Engine) wanted(id string) (int, error) {
	if e.slots.halted(id) {
		asked, err := store.ReadAsked(e.Store.RunDir(id))
		return store.LastWish(asked).Attempt, err
	}
	n, err := store.Attempts(e.Store.RunDir(id))
	return n + 1, err
}

// has reports whether the run is going or waiting here.
func (e *Engine) has(id string) bool { return e.slots.going(id) || e.queue.has(id) }

// move brings runs to another place in the queue.
func (e *Engine) move(r Request) (Reply, error) {
	if e.journal.done(r) {
		return Reply{}, nil
	}
	// What cannot be done is refused before it is written down.
	if _, _, err := rearranged(e.queue.order(), r.Order, r.Place); err != nil {
		return Reply{}, err
	}
	if err := e.journal.record(r, r.Order); err != nil {
		return Reply{}, err
	}
	moved, err := e.queue.move(r.Order, r.Place)
	return Reply{Moved: moved, Done: len(r.Order) - moved}, err
}

// setSlots changes how many runs there are at a time: more begin at once, and
// where they are to be fewer those that go on are left to end.
func (e *Engine) setSlots(r Request) error {
	if r.Slots < 1 {
		return fmt.Errorf("change slots: want 1 or more, got %d", r.Slots)
	}
	if e.journal.done(r) {
		return nil
	}
	if err := e.journal.record(r, nil); err != nil {
		return err
	}
	if err := e.Store.WriteSettings(store.Settings{Program: e.Program, Slots: r.Slots}); err != nil {
		return err
	}
	e.slots.most = r.Slots
	return nil
}
