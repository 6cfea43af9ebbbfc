package engine

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"ablate/experiments/store"
)

// enforce ends the runs of experiments whose budget of time is used up.
func (e *Engine) enforce() {
	for name, t := range e.books.known {
		if t.spent() == "" {
			continue
		}
		for _, id := range slices.Sorted(maps.Keys(e.slots.runs)) {
			if experimentOf(id) != name || !e.slots.going(id) || e.slots.ending(id) {
				continue
			}
			if err := e.folders.tell(id, stopFor(t.spent())); err != nil {
				e.trouble = err.Error() // until the next look
				continue
			}
			e.slots.end(id, store.Stopped)
		}
		e.cancel(name)
	}
}

func stopFor(why string) store.Asked {
	return store.Asked{Time: store.Now(), Verb: "stop", By: store.ByEngine, Text: why}
}

// refused is why a run may not begin or go on, "" if it may.
func (e *Engine) refused(id string) string {
	t := e.books.of(id)
	if e.slots.halted(id) { // it began long ago
		return t.spent()
	}
	return t.full()
}

// unpaid says of which experiments the budget lets none of the runs begin or go on
// that are asked for, and what to do about it; nil if of none.
func (e *Engine) unpaid(ids []string) error {
	var all []error
	said := map[string]bool{}
	for _, id := range ids {
		name := experimentOf(id)
		if why := e.refused(id); why != "" && !said[name] {
			said[name] = true
			all = append(all, fmt.Errorf("%s: raise it in the experiment file, then `ablate run %s`", why, name))
		}
	}
	return errors.Join(all...)
}

// cancel takes the runs of an experiment out of the queue for which there is no
// budget any more. A halted one stays so.
func (e *Engine) cancel(experiment string) {
	for _, w := range e.queue.all() {
		if experimentOf(w.id) != experiment {
			continue
		}
		why := e.refused(w.id)
		if why == "" {
			continue
		}
		a := stopFor(why)
		if e.slots.halted(w.id) {
			a.Verb, a.Halted = "pause", true
		}
		e.queue.remove(w.id)
		if err := e.folders.tell(w.id, a); err != nil {
			e.trouble = err.Error()
			e.queue.wait(w, time.Now().Add(e.Retry))
			continue
		}
		e.notifier.Look(w.id)
	}
}
