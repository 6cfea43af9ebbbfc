package engine

import (
	"errors"
	"maps"
	"slices"
	"time"

	"ablate/experiments/store"
)

// crowds are the experiments whose runs lack what others have in use, GPUs, by
// name and by the GPUs that were asked for them, if any were. Their runs keep their
// places in the queue and let others pass. Whether what they lack is free is looked
// up every second, which takes no slot; one at a time is launched if it is, and
// where nobody can tell, when some while has gone by or a run of this store has let
// GPUs go.
type crowds map[string]*crowd

const (
	lookEvery = time.Second
	// anyway is after how long one is launched whatever the looks say.
	anyway = time.Minute
)

// crowd is the name of the crowd that a run would wait in.
func (w wish) crowd() string { return experimentOf(w.id) + " " + w.asked.GPUs }

type crowd struct {
	why   string    // who has what they need, "" if the last one had it
	told  time.Time // since when that is said
	until time.Time // none is tried before
	tried string    // id of the run that is being launched to see, "" for none
	woken bool      // something was let go since it was

	lacks   func() error // what a launch would fail for now; nil: nobody can tell
	next    time.Time    // when that is looked up
	anyway  time.Time    // when one is launched whatever it says
	vouched bool         // the last look found that nothing is lacking
	wrong   int          // launches that failed after that
}

// next is the first run in the queue that may be launched.
func (e *Engine) next() (wish, bool) {
	at := slices.IndexFunc(e.queue.wishes, func(w wish) bool {
		return e.slots.halted(w.id) || !e.crowds.hold(w) // a halted one has what it needs
	})
	if at < 0 {
		return wish{}, false
	}
	return e.queue.wishes[at], true
}

// hold reports whether a run is not to be launched now.
func (c crowds) hold(w wish) bool {
	x := c[w.crowd()]
	return x != nil && (x.tried != "" || x.until.After(time.Now()))
}

// trying is for a run that is being launched.
func (c crowds) trying(w wish) {
	if x := c[w.crowd()]; x != nil {
		x.tried, x.woken = w.id, false
	}
}

// tried is for a run whose launch has an answer: if it was launched, the next one
// may be too.
func (c crowds) tried(id string, launched bool) {
	for _, x := range c {
		if x.tried != id {
			continue
		}
		if x.tried = ""; launched {
			x.why, x.next, x.wrong = "", time.Time{}, 0
		}
	}
}

// refused is for a run that lacks what others have in use; lacks looks whether one
// like it still does.
func (c crowds) refused(w wish, cause error, lacks func() error, wait time.Duration) {
	x := c[w.crowd()]
	if x == nil {
		x = &crowd{}
		c[w.crowd()] = x
	}
	now := time.Now()
	x.why, x.told, x.lacks, x.anyway = cause.Error(), now, lacks, now.Add(anyway)
	if x.vouched { // others were quicker, or the looks see less than a runner does
		x.wrong++
		x.next = now.Add(min(wait, time.Duration(x.wrong)*lookEvery))
	}
	if !x.woken {
		x.until = now.Add(wait)
	}
}

// look looks whether what is lacking is free, for all at a time, or who is looked at
// first would get it. What is said of it changes as seldom as if one were launched to
// see.
func (c crowds) look(wait time.Duration) {
	now := time.Now()
	due := func(within time.Duration) func(*crowd) bool {
		return func(x *crowd) bool { return x.lacks != nil && x.tried == "" && !x.next.After(now.Add(within)) }
	}
	all := slices.Collect(maps.Values(c))
	if !slices.ContainsFunc(all, due(0)) {
		return
	}
	soon := due(lookEvery)
	for _, x := range all {
		if !soon(x) {
			continue
		}
		x.next = now.Add(lookEvery)
		err := x.lacks()
		x.vouched = err == nil
		switch {
		case err == nil:
			x.why, x.until = "", time.Time{}
		case errors.Is(err, ErrBusy) && now.Before(x.anyway):
			x.until = x.anyway
			if x.why == "" || now.Sub(x.told) >= wait {
				x.why, x.told = err.Error(), now
			}
		}
	}
}

// wake lets one of each be tried at once: GPUs were let go.
func (c crowds) wake() {
	for _, x := range c {
		x.woken, x.until, x.next = true, time.Time{}, time.Time{}
	}
}

// prune forgets those of which nothing waits any more.
func (c crowds) prune(q *queue) {
	maps.DeleteFunc(c, func(name string, x *crowd) bool {
		return x.tried == "" && !slices.ContainsFunc(q.wishes, func(w wish) bool { return w.crowd() == name })
	})
}

// untilTry is how long it takes until one is tried again, at most so long.
func (c crowds) untilTry(most time.Duration) time.Duration {
	for _, x := range c {
		wait := time.Until(x.until)
		if x.tried != "" || wait <= 0 { // it waits for a slot
			continue
		}
		if x.lacks != nil {
			wait = min(wait, max(time.Until(x.next), 0))
		}
		most = min(most, wait)
	}
	return most
}

// trouble is why runs wait, of the experiment that is first by name.
func (c crowds) trouble() string {
	for _, name := range slices.Sorted(maps.Keys(c)) {
		if why := c[name].why; why != "" {
			return why
		}
	}
	return ""
}

// whyHeld is why a run in the queue waits also while slots are free, "" if it does
// not.
func (c crowds) whyHeld(w wish) string {
	if x := c[w.crowd()]; x != nil {
		return lacks(x.why)
	}
	return ""
}

// heldGPUs reports whether the newest attempt of a run had GPUs of its own, as far
// as anybody can tell.
func (f folders) heldGPUs(id string) bool {
	dir := f.RunDir(id)
	n, err := store.Attempts(dir)
	var start store.Start
	if err == nil {
		err = store.ReadRunJSON(dir, n, "start.json", &start)
	}
	return err != nil || len(start.Held) > 0
}
