package engine

import (
	"slices"
	"time"

	"ablate/experiments/store"
)

// stop ends live runs and takes waiting ones out of the queue.
func (e *Engine) stop(r Request) (Reply, error) {
	var reply Reply
	var ids []string
	for _, id := range unique(r.Runs) {
		switch run := e.slots.runs[id]; {
		case run == nil && !e.queue.has(id):
			reply.Done++
		case run != nil && run.ends == store.Stopped:
			reply.Stopped++
		default:
			ids = append(ids, id)
		}
	}
	told, err := e.tellAll(r, ids, func(string) bool { return false })
	for _, id := range told {
		e.queue.remove(id)
		e.end(id, store.Stopped)
	}
	reply.Stopped += len(told)
	reply.Done += len(ids) - len(told)
	return reply, err
}

// tellAll writes a request into the journal and into the folders of runs, of some
// that they are halted by it, and returns those to which it was new.
func (e *Engine) tellAll(r Request, ids []string, halts func(id string) bool) (told []string, err error) {
	if err := e.journal.record(r, r.Runs); err != nil {
		return nil, err
	}
	now := store.Now()
	isNew := make([]bool, len(ids))
	err = each(ids, func(i int, id string) (err error) {
		isNew[i], err = e.folders.tellOnce(id, store.Asked{Time: now, Verb: r.Verb, Key: r.Key, By: r.By, Text: r.Text, Halted: halts(id)})
		return err
	})
	for i, id := range ids {
		if isNew[i] {
			told = append(told, id)
		}
	}
	return told, err
}

// unique are the ids without those that come again.
func unique(ids []string) []string { return slices.Compact(slices.Sorted(slices.Values(ids))) }

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
	var ids []string
	halts := map[string]bool{}
	for _, id := range unique(r.Runs) {
		switch {
		case !e.has(id):
			reply.Done++
		case e.slots.ending(id):
			reply.Stopped++
		default:
			ids = append(ids, id)
			halts[id] = e.slots.halted(id) || e.slots.going(id) && e.books.of(id).halts
		}
	}
	told, err := e.tellAll(r, ids, func(id string) bool { return halts[id] })
	for _, id := range told {
		e.queue.remove(id)
		if halts[id] {
			e.slots.halt(id)
		} else {
			e.end(id, store.Paused)
		}
	}
	reply.Paused = len(told)
	reply.Done += len(ids) - len(told)
	return reply, err
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
