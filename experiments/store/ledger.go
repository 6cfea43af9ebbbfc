package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"ablate/experiments"
)

// Summary is one experiment of the store in a list.
type Summary struct {
	Name       string
	Runs       map[Status]int
	Unreadable int     // runs whose folder is there and cannot be read
	Active     float64 // time of the last thing that happened in it, 0: nothing ever
}

// Records looks at every run of an experiment. Runs whose folder cannot be read
// are left out and named in the error.
func (s *Store) Records(experiment string) ([]Record, error) {
	return newLedger(s).records(experiment)
}

// Summaries counts the runs of every experiment by status.
func (s *Store) Summaries() ([]Summary, error) { return newLedger(s).summaries() }

// Ledger looks at runs again and again. Most of them have ended, and their files
// are not opened again as long as their times and sizes are what they were. One
// goroutine may use it.
type Ledger struct {
	store  *Store
	known  map[string]*known // by run id
	plans  map[string]knownPlan
	reads  int
	round  int                 // nothing is looked at twice in one
	ids    map[string][]string // seedDirs of experiments, in this round
	index  string              // file of the index, "" for none
	loaded bool                // it was read, if it was there
	news   int                 // things that are known and not in it
}

// known is what was read of a run.
type known struct {
	record  Record
	read    int    // when, in reads: another number, and it was read again
	seen    int    // round in which that was looked at
	paths   marked // what its record depends on; empty if on more than files
	marks   marks
	design  mark     // of run.json; zero where that is not to be trusted
	outline *outline // of its points, nil as long as they were not read
}

type knownPlan struct {
	plan *experiments.Plan
	mark mark
}

// mark tells one state of a file from another; the zero mark is of no file.
type mark struct {
	size, modified int64
}

type (
	marked [6]string
	marks  [6]mark
)

// racy is how old a file must be when it is read for its mark to be trusted:
// disks count time in steps of up to two seconds.
const racy = 2 * time.Second

func newLedger(s *Store) *Ledger {
	return &Ledger{store: s, known: map[string]*known{}, plans: map[string]knownPlan{}, ids: map[string][]string{}, round: 1}
}

// next begins another round.
func (l *Ledger) next() {
	l.round++
	clear(l.ids)
}

// list is seedDirs with a memory.
func (l *Ledger) list(experiment string) ([]string, error) {
	ids, ok := l.ids[experiment]
	if ok {
		return ids, nil
	}
	ids, err := l.store.seedDirs(experiment)
	if err == nil {
		l.ids[experiment] = ids
	}
	return ids, err
}

// OpenLedger returns a ledger of s that remembers what the user's cache folder
// has of it, and writes down there what took long to read.
func OpenLedger(s *Store) *Ledger {
	l := newLedger(s)
	l.index = indexFile(s.Dir)
	return l
}

// Feed reads the store every interval until ctx ends; the ledger is the feed's
// from then on.
func (l *Ledger) Feed(ctx context.Context, interval time.Duration, focus Focus) *Feed {
	f := newFeed(l, interval, focus)
	go f.serve(ctx)
	return f
}

func markOf(path string) mark {
	info, err := os.Stat(path)
	if err != nil {
		return mark{}
	}
	return mark{info.Size(), info.ModTime().UnixNano()}
}

func (m mark) before(t time.Time) bool { return m.modified < t.UnixNano() }

// dependsOn is what the record of a run with that newest attempt depends on once
// it has ended: the folders' names, the wishes and the points, and what an editor
// may have changed.
func dependsOn(dir string, attempt int) marked {
	a := AttemptDir(dir, attempt)
	return marked{
		dir, filepath.Join(dir, "run.json"), filepath.Join(dir, "asked.jsonl"),
		a, filepath.Join(a, "exit.json"), filepath.Join(a, metricsName),
	}
}

// marks are those of all paths; ok is false if one is too young to be trusted.
func (p marked) marks(read time.Time) (m marks, ok bool) {
	ok = true
	for i, path := range p {
		m[i] = markOf(path)
		ok = ok && m[i].before(read.Add(-racy))
	}
	return m, ok
}

// look is Look with a memory. What an ended attempt or a run without any depends
// on is files; a live one depends on its lock and the time too.
func (l *Ledger) look(id string) (Record, error) {
	k, ok := l.known[id]
	began := time.Now()
	if ok && k.seen == l.round {
		return k.record, nil
	}
	if ok && l.rests(k) {
		return k.record, nil
	}
	if ok && k.paths != (marked{}) {
		if m, _ := k.paths.marks(began); m == k.marks {
			k.seen = l.round
			return k.record, nil
		}
	}
	delete(l.known, id)
	design := markOf(filepath.Join(l.store.RunDir(id), "run.json"))
	if !ok || k.design != design || design == (mark{}) {
		k = &known{}
		if err := ReadJSON(filepath.Join(l.store.RunDir(id), "run.json"), &k.record.Run); err != nil {
			return Record{}, err
		}
	}
	r, f, err := l.store.lookAt(id, k.record.Run)
	if err != nil {
		return r, err
	}
	r.Status, r.Reason = f.Status()
	l.reads++
	k = &known{record: r, read: l.reads, seen: l.round}
	if design.before(began.Add(-racy)) {
		k.design = design
	}
	if (f.Attempt == 0 || f.Exit != nil) && !f.counting() {
		paths := dependsOn(r.Dir, r.Attempt)
		if k.marks, ok = paths.marks(began); ok {
			k.paths = paths
			l.news++
		}
	}
	l.known[id] = k
	return r, nil
}

// Of more than restful runs, those that have ended are looked at in turn, each in
// one of restTurns rounds: looking at thousands all the time costs a core's hundredths.
const (
	restful   = 256
	restTurns = 5
)

// rests reports whether it is not the turn of a run that has ended and that was
// looked at before.
func (l *Ledger) rests(k *known) bool {
	return k.paths != (marked{}) && k.seen > 0 && len(l.known) > restful && (k.read+l.round)%restTurns != 0
}

// Record is Store.Look with a memory.
func (l *Ledger) Record(id string) (Record, error) {
	l.next()
	r, err := l.look(id)
	if err != nil {
		return r, err
	}
	return r.told(), nil
}

// Look looks at runs as Store.Look does. The metrics of those that have not ended
// are the last of their points. Runs that cannot be read are left out
// and named in the error.
func (l *Ledger) Look(ids []string) ([]Record, error) {
	if l.next(); len(ids) > 1 {
		l.load()
	}
	var errs []error
	records := make([]Record, 0, len(ids))
	for _, id := range ids {
		r, err := l.look(id)
		if err == nil {
			r = r.told()
		}
		if err == nil && r.Metrics == nil && r.Attempt > 0 {
			var h *History
			if h, err = ReadHistory(r.Dir); err == nil {
				r.Metrics = h.Latest()
			}
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("look at run %s: %w", id, err))
			continue
		}
		records = append(records, r)
	}
	l.save()
	return records, errors.Join(errs...)
}

// records is Records with a memory.
func (l *Ledger) records(experiment string) ([]Record, error) {
	l.load()
	ids, err := l.list(experiment)
	if err != nil {
		return nil, err
	}
	var errs []error
	records := make([]Record, 0, len(ids))
	for _, id := range ids {
		r, err := l.look(id)
		switch {
		case err == nil:
			records = append(records, r)
		case !errors.Is(err, fs.ErrNotExist): // else it was deleted after it was listed, or is no run
			errs = append(errs, fmt.Errorf("look at run %s: %w", id, err))
		}
	}
	return records, errors.Join(errs...)
}

// Summaries counts the runs of every experiment by status.
func (l *Ledger) Summaries() ([]Summary, error) {
	l.next()
	return l.summaries()
}

func (l *Ledger) summaries() ([]Summary, error) {
	l.load()
	names, err := l.store.Experiments()
	if err != nil {
		return nil, err
	}
	all := make([]Summary, 0, len(names))
	for _, name := range names {
		ids, err := l.list(name)
		if err != nil {
			return nil, err
		}
		sum := Summary{Name: name, Runs: map[Status]int{}}
		for _, id := range ids {
			r, err := l.look(id)
			if errors.Is(err, fs.ErrNotExist) {
				continue
			}
			if err != nil {
				sum.Unreadable++
				continue
			}
			sum.Runs[r.Status]++
			sum.Active = max(sum.Active, r.Started, r.Ended)
		}
		all = append(all, sum)
	}
	return all, nil
}

// plan is ReadPlan with a memory: the same pointer as long as the file is the
// same. An experiment without a plan has none and that is no error.
func (l *Ledger) plan(experiment string) (*experiments.Plan, error) {
	began, path := time.Now(), l.store.PlanFile(experiment)
	m := markOf(path)
	if k, ok := l.plans[experiment]; ok && k.mark == m {
		return k.plan, nil
	}
	delete(l.plans, experiment)
	p, err := l.store.ReadPlan(experiment)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err == nil && m.before(began.Add(-racy)) {
		l.plans[experiment] = knownPlan{p, m}
	}
	return p, err
}
