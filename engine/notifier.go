package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"ablate/experiments/store"
)

// notifier tells programs what happened, in a goroutine of its own: no program
// makes the engine wait. What was told is written down after the program has heard
// it, so that the next engine repeats only what this one was killed over.
type notifier struct {
	store   *store.Store
	log     *slog.Logger
	verdict func(experiment string) string

	news   chan news
	missed atomic.Bool  // some news found no room: everything is to be told again
	busy   atomic.Int64 // news that were not looked at, and notices that did not go out
	mu     sync.Mutex
	unsent string // why the last notice did not go out; "" once one did

	// Of the goroutine alone.
	waiting []outgoing
	live    map[string]bool            // runs that may be stalled
	told    map[string]bool            // keys
	undone  map[string]map[string]bool // by experiment: runs that were not done when it was last looked at
	ledger  *store.Lines
}

// news are ids of runs to look at.
type news struct {
	rests []string // they came to rest
	lives []string // they live, or will again by themselves
	again string   // an experiment that was asked for anew
}

// outgoing is a notice on its way.
type outgoing struct {
	Notice
	key   string
	tries int
	due   time.Time
}

// entry of notified.jsonl.
type toldNotice struct {
	Time  float64 `json:"time"`
	Key   string  `json:"key"`
	Error string  `json:"error,omitempty"` // it was given up
}

// newsRoom is how many news may wait to be looked at.
const newsRoom = 1024

// tellPatience is how long the program of a notification may take.
const tellPatience = 30 * time.Second

// pauses are those before another try.
var pauses = []time.Duration{5 * time.Second, 30 * time.Second, 2 * time.Minute}

func newNotifier(c Config) *notifier {
	return &notifier{
		store: c.Store, log: c.Log, verdict: c.Verdict, news: make(chan news, newsRoom),
		live: map[string]bool{}, told: map[string]bool{}, undone: map[string]map[string]bool{},
	}
}

// begin sets the notifier going; the function that it returns ends it.
func (n *notifier) begin() (end func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var serving sync.WaitGroup
	serving.Go(func() { n.serve(ctx) })
	return func() { cancel(); serving.Wait() }
}

// hear takes news without waiting.
func (n *notifier) hear(x news) {
	n.busy.Add(1)
	select {
	case n.news <- x:
	default:
		n.busy.Add(-1)
		n.missed.Store(true)
	}
}

// idle reports whether there is nothing left to tell.
func (n *notifier) idle() bool { return n.busy.Load() == 0 }

// trouble is why the last notice did not go out, "" if it did.
func (n *notifier) trouble() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.unsent
}

func (n *notifier) serve(ctx context.Context) {
	if err := n.open(); err != nil {
		n.log.Error("notifications", "err", err)
		n.fail(err.Error())
	}
	defer func() {
		if n.ledger != nil {
			n.ledger.Close()
		}
	}()
	stalls := time.NewTicker(stallsEvery)
	defer stalls.Stop()
	for ctx.Err() == nil { // a notice that is due must not come before the end
		next, due := -1, (<-chan time.Time)(nil)
		for i, o := range n.waiting {
			if next < 0 || o.due.Before(n.waiting[next].due) {
				next = i
			}
		}
		if next >= 0 {
			due = time.After(time.Until(n.waiting[next].due))
		}
		select {
		case <-ctx.Done():
		case x := <-n.news:
			n.look(x)
			n.busy.Add(-1)
		case <-stalls.C:
			n.lookForStalls()
		case <-due:
			n.send(ctx, next)
		}
	}
}

// open reads what was told before.
func (n *notifier) open() error {
	path := filepath.Join(n.store.EngineDir(), "notified.jsonl")
	tail := store.Tail{Path: path}
	_, err := tail.Next(0, func(line []byte) {
		var t toldNotice
		if json.Unmarshal(line, &t) == nil {
			n.told[t.Key] = true
		}
	})
	return err
}

// look finds out what there is to tell of runs.
func (n *notifier) look(x news) {
	if x.again != "" {
		delete(n.undone, x.again)
	}
	for _, id := range x.lives {
		n.live[id] = true
	}
	if len(x.rests) == 0 {
		return
	}
	all, err := readHearers(n.store)
	if err != nil {
		n.log.Error("look who is to hear of it", "err", err)
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
	}
	for _, experiment := range slices.Sorted(maps.Keys(over)) {
		n.lookOver(all[experiment], experiment)
	}
}

// lookForStalls looks at live runs for those that stall. Of their end there will be
// news, once it is known whether they are tried again.
func (n *notifier) lookForStalls() {
	if len(n.live) == 0 {
		return
	}
	all, err := readHearers(n.store)
	if err != nil {
		n.log.Warn("look for stalled runs", "err", err)
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
func (n *notifier) heardOf(all hearers, id string) (h hearer, r store.Record, ok bool) {
	experiment, _, _ := strings.Cut(id, "/")
	if h, ok = all[experiment]; !ok {
		return h, r, false
	}
	r, err := n.store.Look(id)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		n.log.Warn("look at run for news", "run", id, "err", err)
	}
	return h, r, err == nil
}

// countDone takes a run out of those that are not done, and reports whether it may
// have been the last: to look at all of them at each end would take for ever.
func (n *notifier) countDone(h hearer, experiment, id string) bool {
	if !h.hears(noticeDone) && !h.hears(noticeVerdict) {
		return false
	}
	left, known := n.undone[experiment]
	if !known {
		left = map[string]bool{}
		n.undone[experiment] = left
		p, err := n.store.ReadPlan(experiment)
		if err != nil {
			n.log.Warn("look for the end of an experiment", "experiment", experiment, "err", err)
			return false
		}
		records, err := n.store.Records(experiment)
		if err != nil {
			n.log.Warn("look for the end of an experiment", "experiment", experiment, "err", err)
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

func (n *notifier) lookOver(h hearer, experiment string) {
	all, err := ofEnd(n.store, experiment, n.verdict)
	if err != nil {
		n.log.Warn("look for the end of an experiment", "experiment", experiment, "err", err)
	}
	for _, x := range all {
		n.queue(h, x)
	}
}

// queue puts a notice on its way, once.
func (n *notifier) queue(h hearer, x outgoing) {
	if !h.hears(x.Event) || x.Time < h.Since || n.told[x.key] {
		return
	}
	n.told[x.key] = true
	x.address(n.store)
	x.due = time.Now()
	n.busy.Add(1)
	n.waiting = append(n.waiting, x)
}

// send tries one notice. One that failed too often is given up, and stands in the
// engine's status until another goes out.
func (n *notifier) send(ctx context.Context, i int) {
	o := &n.waiting[i]
	all, err := readHearers(n.store)
	h, ok := all[o.Experiment]
	switch {
	case err == nil && !ok: // nobody wants to hear of it any more
		n.drop(i)
		return
	case err == nil:
		var said string
		said, err = tell(ctx, h, o.Notice, tellPatience)
		n.log.Info("notification", "key", o.key, "try", o.tries+1, "output", said, "err", err)
	}
	if ctx.Err() != nil && err != nil {
		return // the next engine tries again
	}
	if err != nil {
		n.fail(fmt.Sprintf("notification %s: %v", o.key, err))
		if o.tries < len(pauses) {
			o.due = time.Now().Add(pauses[o.tries])
			o.tries++
			return
		}
	} else {
		n.fail("")
	}
	n.writeDown(o.key, err)
	n.drop(i)
}

func (n *notifier) drop(i int) {
	n.waiting = slices.Delete(n.waiting, i, i+1)
	n.busy.Add(-1)
}

func (n *notifier) writeDown(key string, failed error) {
	t := toldNotice{Time: store.Now(), Key: key}
	if failed != nil {
		t.Error = failed.Error()
	}
	err := error(nil)
	if n.ledger == nil {
		n.ledger, err = store.AppendTo(filepath.Join(n.store.EngineDir(), "notified.jsonl"))
	}
	if err == nil {
		err = errors.Join(n.ledger.Append(t), n.ledger.Sync())
	}
	if err != nil {
		n.log.Error("write down what was told", "key", key, "err", err)
	}
}

func (n *notifier) fail(why string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.unsent = why
}
