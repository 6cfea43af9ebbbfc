package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"ablate/experiments"
)

// Focus is what a reader wants to see: an experiment, some metrics of its runs,
// and the run whose log is shown.
type Focus struct {
	Experiment string
	Run        string
	Metrics    []string // whose series are wanted
}

// Equal reports whether two readers see the same.
func (f Focus) Equal(g Focus) bool {
	return f.Experiment == g.Experiment && f.Run == g.Run && slices.Equal(f.Metrics, g.Metrics)
}

// Update is what changed. A reader that is late gets one update with all of it.
// What it refers to is shared: readers change nothing in it.
type Update struct {
	Focus       Focus
	Fresh       bool // the first one of this experiment: forget what was before
	Experiments []Summary
	Plan        *experiments.Plan
	Records     []Record
	Marks       Marks
	Histories   map[string]*History // by run id, those that are others than in the last update; with series of Focus.Metrics
	Metrics     []string            // names of all that the runs are known to have, sorted
	Behind      bool                // there is more of the points than was read yet
	Log         []string            // the last lines of Focus.Run's newest attempt
	Phase       string              // of Focus.Run
	Err         error
}

// Feed reads a store for the screens: history and live data take one path, and
// nothing of it passes through the engine. Where nothing changed, nothing is
// sent; that a live run is a little older is no change.
type Feed struct {
	ledger    *Ledger
	interval  time.Duration
	focus     chan Focus
	updates   chan Update
	readings  map[string]*reading // by run id
	metrics   map[string]string   // all names that were met in the experiment, to themselves
	names     []string            // these, sorted
	wanted    map[string]bool
	now       Focus
	fresh     bool
	behind    bool
	looks     int  // how often the store was read
	seen      bool // its folder was there
	summaries []Summary
	run       runTexts
	trouble   error // of the last look, but for the points
	marks     markReader
	last      Update // what was read last
}

// runTexts is what was read of the newest attempt of the run in focus.
type runTexts struct {
	attempt string // its folder
	out     Tail
	logMark mark
	log     []string
	events  Tail
	phase   string // the last one in them
}

const (
	logLines     = 200 // as much of a log as a screen can show
	summaryEvery = 5   // looks at the focus for one at all experiments
)

// NewFeed reads s every interval until ctx ends.
func NewFeed(ctx context.Context, s *Store, interval time.Duration, focus Focus) *Feed {
	return newLedger(s).Feed(ctx, interval, focus)
}

func newFeed(l *Ledger, interval time.Duration, focus Focus) *Feed {
	f := &Feed{ledger: l, interval: interval, focus: make(chan Focus), updates: make(chan Update)}
	f.turn(focus)
	return f
}

// Updates is where what changed arrives; it is closed when the feed ends.
func (f *Feed) Updates() <-chan Update { return f.updates }

// Focus changes what is read.
func (f *Feed) Focus(ctx context.Context, focus Focus) {
	select {
	case f.focus <- focus:
	case <-ctx.Done():
	}
}

func (f *Feed) serve(ctx context.Context) {
	defer close(f.updates)
	tick := time.NewTicker(f.interval)
	defer tick.Stop()
	now := make(chan struct{})
	close(now)
	pending, out := f.read(), f.updates
	for {
		var more <-chan struct{}
		if f.behind && out == nil { // what was read last is with the reader
			more = now
		}
		var u Update
		before := f.last
		select {
		case <-ctx.Done():
			return
		case out <- pending:
			pending, out = Update{}, nil
			if !f.behind {
				f.ledger.save()
			}
			continue
		case focus := <-f.focus:
			f.turn(focus)
			u = f.read()
		case <-tick.C:
			u = f.read()
		case <-more:
			u = f.readMore()
		}
		if u.differs(before) {
			pending, out = merge(pending, u), f.updates
		}
	}
}

// turn moves the focus; another experiment is read from its beginning, and so are
// the runs of which other metrics are wanted now.
func (f *Feed) turn(focus Focus) {
	f.wanted = map[string]bool{}
	for _, name := range focus.Metrics {
		f.wanted[name] = true
	}
	if f.readings == nil || focus.Experiment != f.now.Experiment {
		f.readings, f.metrics, f.names, f.fresh = map[string]*reading{}, map[string]string{}, nil, true
	}
	f.reread()
	f.now = focus
}

// merge adds a later update to one that was not taken yet: states are replaced,
// one by one those of the histories.
func merge(old, u Update) Update {
	if u.Fresh || old.Histories == nil {
		u.Fresh = u.Fresh || old.Fresh
		return u
	}
	maps.Copy(old.Histories, u.Histories)
	u.Fresh, u.Histories = old.Fresh, old.Histories
	return u
}

// gone is the last update again, with an error, where the folder of the store is
// not there any more: that nothing was run is something else.
func (f *Feed) gone() (u Update, gone bool) {
	dir := f.ledger.store.Dir
	if _, err := os.Stat(dir); err == nil || !f.seen {
		f.seen = err == nil
		return u, false
	}
	if u = f.last; u.Focus.Experiment != f.now.Experiment {
		u = Update{Experiments: f.summaries}
	}
	u.Focus, u.Fresh, u.Histories = f.now, false, map[string]*History{}
	u.Err = fmt.Errorf("store %s is gone: it was moved or removed, or its disk is not there", dir)
	f.last = u
	return u, true
}

// read looks at everything in focus once.
func (f *Feed) read() Update {
	if u, gone := f.gone(); gone {
		return u
	}
	u := Update{Focus: f.now, Fresh: f.fresh, Histories: map[string]*History{}}
	f.fresh = false
	if f.looks > 0 { // who opened the ledger may have looked just now
		f.ledger.next()
	}
	var errs [5]error
	if f.looks%summaryEvery == 0 {
		f.summaries, errs[0] = f.ledger.summaries()
	}
	f.looks++
	u.Experiments = f.summaries
	if f.now.Experiment != "" {
		u.Plan, errs[1] = f.ledger.plan(f.now.Experiment)
		u.Records, errs[2] = f.ledger.records(f.now.Experiment)
	}
	if f.now.Run != "" {
		errs[3] = f.readRun(&u)
	}
	u.Marks, errs[4] = f.marks.read(f.ledger.store)
	f.trouble = errors.Join(errs[:]...)
	return f.readPoints(u)
}

// readMore reads on in the points of what was looked at last.
func (f *Feed) readMore() Update {
	u := f.last
	u.Fresh, u.Histories, u.Records = false, map[string]*History{}, slices.Clone(u.Records)
	return f.readPoints(u)
}

// readPoints adds points to an update, and keeps it to compare the next one with.
func (f *Feed) readPoints(u Update) Update {
	u.Err = errors.Join(f.trouble, f.points(&u))
	f.last = u
	f.last.Histories = nil // nobody compares them
	return u
}

// readRun reads the texts of the run in focus.
func (f *Feed) readRun(u *Update) error {
	dir := f.ledger.store.RunDir(f.now.Run)
	n, err := Attempts(dir)
	if err != nil || n == 0 {
		return err
	}
	if attempt := AttemptDir(dir, n); f.run.attempt != attempt {
		f.run = runTexts{
			attempt: attempt,
			out:     Tail{Run: dir, Path: inAttempt(n, "out.log")},
			events:  Tail{Run: dir, Path: inAttempt(n, "events.jsonl")},
		}
	}
	err = f.run.read()
	u.Log, u.Phase = f.run.log, f.run.phase
	return err
}

func (t *runTexts) read() error {
	began, m := time.Now(), markOf(filepath.Join(t.out.Run, t.out.Path))
	if m == (mark{}) {
		m = markOf(filepath.Join(t.out.Run, filesName))
	}
	if m != t.logMark || !m.before(began.Add(-racy)) {
		log, err := t.out.last(logLines)
		if err != nil {
			return err
		}
		t.log, t.logMark = log, m
	}
	_, err := t.events.Next(0, func(line []byte) {
		var e Event
		if json.Unmarshal(line, &e) == nil && e.Kind == "phase" {
			t.phase = e.Text
		}
	})
	return err
}
