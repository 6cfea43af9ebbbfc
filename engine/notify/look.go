package notify

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"time"

	"ablate/experiments/store"
)

// stallsEvery is the time between two looks whether live runs are stalled.
const stallsEvery = time.Minute

// look finds out what there is to tell of runs.
func (n *Notifier) look(x news) {
	if x.again != "" {
		delete(n.undone, x.again)
	}
	for _, id := range x.lives {
		n.live[id] = true
	}
	if len(x.rests) == 0 {
		return
	}
	all, err := readHearers(n.Store)
	if err != nil {
		n.Log.Error("look who is to hear of it", "err", err)
		n.fail(err.Error())
		return
	}
	over := map[string]bool{}
	for _, id := range x.rests {
		delete(n.live, id)
		h, r, ok := n.heardOf(all, id)
		switch {
		case !ok:
		case r.Status == store.Done:
			if n.countDone(h, r.Experiment, id) {
				over[r.Experiment] = true
			}
		case r.Status == store.Failed, r.Status == store.Lost:
			n.queue(h, ofRun(r))
		}
		if ok {
			n.lookForBudget(h, r)
		}
	}
	for _, experiment := range slices.Sorted(maps.Keys(over)) {
		n.lookOver(all[experiment], experiment)
	}
}

// lookForBudget tells once of a budget that is used up, which ends an experiment as
// surely as a failure.
func (n *Notifier) lookForBudget(h hearer, r store.Record) {
	last, err := store.LastAsked(r.Dir)
	if err != nil || last.By != store.ByEngine || last.Ends() != store.Stopped {
		return
	}
	x := ofBudget(r.Experiment, last)
	if n.told[x.key] {
		return
	}
	records, err := n.Store.Records(r.Experiment)
	if err != nil {
		n.Log.Warn("look what is done within a budget", "experiment", r.Experiment, "err", err)
	}
	done := 0
	for _, r := range records {
		if r.Status == store.Done {
			done++
		}
	}
	x.Text += fmt.Sprintf("; %d of %d runs are done", done, len(records))
	n.queue(h, x)
}

// lookForStalls looks at live runs for those that stall. Of their end there will be
// news, once it is known whether they are tried again.
func (n *Notifier) lookForStalls() {
	if len(n.live) == 0 {
		return
	}
	all, err := readHearers(n.Store)
	if err != nil {
		n.Log.Warn("look for stalled runs", "err", err)
		return
	}
	for _, id := range slices.Sorted(maps.Keys(n.live)) {
		if experiment, _, _ := strings.Cut(id, "/"); !all[experiment].hears(noticeStalled) {
			continue
		}
		if h, r, ok := n.heardOf(all, id); ok && r.Status == store.Stalled {
			n.queue(h, ofRun(r))
		}
	}
}

// heardOf looks at a run, if somebody wants to hear of it.
func (n *Notifier) heardOf(all hearers, id string) (h hearer, r store.Record, ok bool) {
	experiment, _, _ := strings.Cut(id, "/")
	if h, ok = all[experiment]; !ok {
		return h, r, false
	}
	r, err := n.Store.Look(id)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		n.Log.Warn("look at run for news", "run", id, "err", err)
	}
	return h, r, err == nil
}

// countDone takes a run out of those that are not done, and reports whether it may
// have been the last: to look at all of them at each end would take for ever.
func (n *Notifier) countDone(h hearer, experiment, id string) bool {
	if !h.hears(noticeDone) && !h.hears(noticeVerdict) {
		return false
	}
	left, known := n.undone[experiment]
	if !known {
		left = map[string]bool{}
		n.undone[experiment] = left
		p, err := n.Store.ReadPlan(experiment)
		if err != nil {
			n.Log.Warn("look for the end of an experiment", "experiment", experiment, "err", err)
			return false
		}
		records, err := n.Store.Records(experiment)
		if err != nil {
			n.Log.Warn("look for the end of an experiment", "experiment", experiment, "err", err)
		}
		for _, run := range p.Runs() {
			left[run.ID] = true
		}
		for _, r := range records {
			if r.Status == store.Done {
				delete(left, r.ID)
			}
		}
	}
	delete(left, id)
	return len(left) == 0
}

func (n *Notifier) lookOver(h hearer, experiment string) {
	all, err := ofEnd(n.Store, experiment, n.Verdict)
	if err != nil {
		n.Log.Warn("look for the end of an experiment", "experiment", experiment, "err", err)
	}
	for _, x := range all {
		n.queue(h, x)
	}
}

// queue puts a notice on its way, once.
func (n *Notifier) queue(h hearer, x outgoing) {
	if !h.hears(x.Event) || x.Time < h.Since || n.told[x.key] {
		return
	}
	n.told[x.key] = true
	x.address(n.Store)
	x.due = time.Now()
	n.busy.Add(1)
	n.waiting = append(n.waiting, x)
}
