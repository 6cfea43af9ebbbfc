package store

import (
	"context"
	"encoding/json"
	"errors"
	"path/filepath"
	"time"

	"ablate/experiments"
)

// Focus is what a reader wants to see: an experiment, and the run whose log and
// samples are shown.
type Focus struct {
	Experiment string
	Run        string
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
	Batches     map[string][]Batch // by run id, new since the last update
	Log         []string           // the last lines of Focus.Run's newest attempt
	Phase       string             // of Focus.Run
	Err         error
}

// Feed reads a store for the screens: history and live data take one path, and
// nothing of it passes through the engine. Where nothing changed, nothing is
// sent; that a live run is a little older is no change.
type Feed struct {
	ledger    *ledger
	interval  time.Duration
	focus     chan Focus
	updates   chan Update
	followers map[string]*Follower
	followed  map[string]int // by run id: the read of the ledger that its points are of
	now       Focus
	fresh     bool
	looks     int // how often the store was read
	summaries []Summary
	run       runTexts
	marks     markReader
	last      Update // what was read last
}

// runTexts is what was read of the newest attempt of the run in focus.
type runTexts struct {
	attempt string // its folder
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
	f := newFeed(s, interval, focus)
	go f.serve(ctx)
	return f
}

func newFeed(s *Store, interval time.Duration, focus Focus) *Feed {
	f := &Feed{ledger: newLedger(s), interval: interval, focus: make(chan Focus), updates: make(chan Update)}
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
	pending, out := f.read(), f.updates
	for {
		select {
		case <-ctx.Done():
			return
		case out <- pending:
			pending, out = Update{}, nil
			continue
		case focus := <-f.focus:
			f.turn(focus)
		case <-tick.C:
		}
		before := f.last
		if u := f.read(); u.differs(before) {
			pending, out = merge(pending, u), f.updates
		}
	}
}

// turn moves the focus; another experiment is read from its beginning.
func (f *Feed) turn(focus Focus) {
	if f.followers == nil || focus.Experiment != f.now.Experiment {
		f.followers, f.followed, f.fresh = map[string]*Follower{}, map[string]int{}, true
	}
	f.now = focus
}

// merge adds a later update to one that was not taken yet: states are replaced,
// points are appended.
func merge(old, u Update) Update {
	if u.Fresh {
		return u
	}
	u.Fresh = old.Fresh
	for id, later := range u.Batches {
		if old.Batches == nil {
			old.Batches = map[string][]Batch{}
		}
		old.Batches[id] = append(old.Batches[id], later...)
	}
	u.Batches = old.Batches
	return u
}

// read looks at everything in focus once.
func (f *Feed) read() Update {
	u := Update{Focus: f.now, Fresh: f.fresh, Batches: map[string][]Batch{}}
	f.fresh = false
	var errs [6]error
	if f.looks%summaryEvery == 0 {
		f.summaries, errs[0] = f.ledger.summaries()
	}
	f.looks++
	u.Experiments = f.summaries
	if f.now.Experiment != "" {
		u.Plan, errs[1] = f.ledger.plan(f.now.Experiment)
		u.Records, errs[2] = f.ledger.records(f.now.Experiment)
	}
	for i := range u.Records {
		errs[3] = errors.Join(errs[3], f.follow(&u, &u.Records[i]))
	}
	if f.now.Run != "" {
		errs[4] = f.readRun(&u)
	}
	u.Marks, errs[5] = f.marks.read(f.ledger.store)
	u.Err = errors.Join(errs[:]...)
	f.last = u
	f.last.Batches = nil // nobody compares them, and they are all of the history
	return u
}

// follow adds the points that a run has more than at the last look.
func (f *Feed) follow(u *Update, r *Record) error {
	follower := f.followers[r.ID]
	if follower == nil {
		follower = &Follower{Dir: r.Dir}
		f.followers[r.ID] = follower
	}
	var err error
	if read := f.ledger.known[r.ID].read; f.followed[r.ID] != read {
		var batches []Batch
		if batches, _, err = follower.Next(0); err == nil {
			f.followed[r.ID] = read
		}
		if len(batches) > 0 {
			u.Batches[r.ID] = batches
		}
	}
	r.Damaged = follower.Damaged
	return err
}

// readRun reads the texts of the run in focus.
func (f *Feed) readRun(u *Update) error {
	dir := f.ledger.store.RunDir(f.now.Run)
	n, err := Attempts(dir)
	if err != nil || n == 0 {
		return err
	}
	if attempt := AttemptDir(dir, n); f.run.attempt != attempt {
		f.run = runTexts{attempt: attempt, events: Tail{Path: filepath.Join(attempt, "events.jsonl")}}
	}
	err = f.run.read()
	u.Log, u.Phase = f.run.log, f.run.phase
	return err
}

func (t *runTexts) read() error {
	path := filepath.Join(t.attempt, "out.log")
	began, m := time.Now(), markOf(path)
	if m != t.logMark || !m.before(began.Add(-racy)) {
		log, err := LastLines(path, logLines)
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
