package engine

import (
	"slices"
	"time"

	"ablate/experiments/store"
)

// stop ends live runs and takes waiting ones out of the queue.
func (e *Engine) stop(r Request) (Reply, error) {
	var reply Reply
	if err := e.journal.record(r, r.Runs); err != nil {
		return reply, err
	}
	asked := store.Asked{Time: store.Now(), Verb: "stop", Key: r.Key, By: r.By, Text: r.Text}
	ids := slices.Compact(slices.Sorted(slices.Values(r.Runs)))
	ends := make([]bool, len(ids))
	err := each(ids, func(i int, id string) error {
		if !e.has(id) && !e.slots.halted(id) {
			return nil
		}
		told, err := e.folders.told(id, r)
		if run := e.slots.runs[id]; err == nil && !told && (run == nil || run.ends != store.Stopped) {
			err = e.folders.tell(id, asked)
		}
		ends[i] = err == nil && !told
		return err
	})
	for i, id := range ids {
		if !ends[i] {
			reply.Done++
			continue
		}
		reply.Stopped++
		e.queue.remove(id)
		e.end(id, store.Stopped)
	}
	return reply, err
}

// end ends a run that may be live. A second TERM means "at once" to some trainers:
// one that is being paused only ends as something else.
func (e *Engine) end(id string, ends store.Status) {
	switch run := e.slots.runs[id]; {
	case run == nil:
	case run.ends != "":
		run.ends = ends
	default:
		e.slots.end(id, ends)
	}
}

// pause takes waiting runs out of the queue, and live ones out of their slots:
// they are halted where their trainers have no better way, else they write a
// checkpoint and end.
func (e *Engine) pause(r Request) (Reply, error) {
	var reply Reply
	if err := e.journal.record(r, r.Runs); err != nil {
		return reply, err
	}
	for _, id := range r.Runs {
		told, err := e.folders.told(id, r)
		if err != nil {
			return reply, err
		}
		switch {
		case told, !e.has(id):
			reply.Done++
			continue
		case e.slots.ending(id):
			reply.Stopped++
			continue
		}
		halt := e.slots.halted(id) || e.slots.going(id) && e.books.of(id).halts
		if err := e.folders.tell(id, store.Asked{Time: store.Now(), Verb: "pause", Key: r.Key, By: r.By, Halted: halt}); err != nil {
			return reply, err
		}
		reply.Paused++
		e.queue.remove(id)
		if halt {
			e.slots.halt(id)
		} else {
			e.end(id, store.Paused)
		}
	}
	return reply, nil
}

// goOn lets a halted run go on in a slot that is free, once that is written down.
func (e *Engine) goOn(w wish) {
	a := store.Asked{Time: store.Now(), Verb: "resume", By: store.ByEngine, Attempt: w.asked.Attempt, Text: "a slot is free"}
	if err := e.folders.tell(w.id, a); err != nil {
		e.trouble = err.Error()
		e.queue.wait(w, time.Now().Add(e.Retry))
		return
	}
	e.slots.goOn(w.id)
}
