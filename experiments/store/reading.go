package store

import (
	"errors"
	"maps"
	"slices"
)

const (
	// lookBytes is how much of the points one look reads: the first update is there
	// at once, and what is long fills in.
	lookBytes = 4 << 20
	// packedBytes stands for the work of opening a packed run.
	packedBytes = 16 << 10
	// pointBytes is what a point in memory takes.
	pointBytes = 24
	// feedPoints bounds the series of all runs in focus.
	feedPoints = 256 << 10
)

// reading is how far the points of one run were read.
type reading struct {
	follower Follower
	history  *History // as far as it was read; nil before
	given    bool     // a reader has it, so it is cloned before it changes
	glanced  bool     // it is what the index had
	hold     bool     // readers have another one, and get this when it is whole
	of       int      // the ledger's read of the run that was read to its end
	damaged  int
	others   map[string]bool // metrics that nobody wants
	crowded  bool            // there are more of these than are remembered
}

// points reads on in the runs of u, as much as one look may.
func (f *Feed) points(u *Update) error {
	var errs []error
	room := int64(lookBytes)
	f.behind = false
	for i := range u.Records {
		r := &u.Records[i]
		rd := f.readings[r.ID]
		if rd == nil {
			rd = &reading{follower: Follower{Dir: r.Dir}}
			f.readings[r.ID] = rd
			f.glance(u, r.ID, rd)
		}
		switch read := f.ledger.known[r.ID].read; {
		case rd.of == read:
		case room > 0 && (u.Histories[r.ID] == nil || !rd.glanced): // what was glanced at is shown first
			used, err := f.readOn(u, r.ID, rd, room)
			room -= used
			errs = append(errs, err)
		default:
			f.behind = true
		}
		r.Damaged = rd.damaged
	}
	u.Behind = f.behind
	if len(f.metrics) != len(f.names) {
		f.names = slices.Sorted(maps.Keys(f.metrics))
	}
	u.Metrics = f.names
	return errors.Join(errs...)
}

// glance shows what the index has of a run before anything of it is read.
func (f *Feed) glance(u *Update, id string, rd *reading) {
	k := f.ledger.known[id]
	o := k.outline
	if o == nil || !o.open() || !o.has(f.wanted) {
		return
	}
	rd.history, rd.given, rd.glanced, rd.damaged = o.history, true, true, o.damaged
	for _, name := range o.metrics {
		if f.metrics[name] = name; o.history.Series[name] == nil {
			rd.ignore(name)
		}
	}
	if !o.rough {
		rd.of = k.read
	}
	if o.history.Attempt > 0 {
		u.Histories[id] = o.history
	}
}

// readOn reads at most about room bytes more of a run.
func (f *Feed) readOn(u *Update, id string, rd *reading, room int64) (used int64, err error) {
	if rd.glanced {
		*rd = reading{follower: Follower{Dir: rd.follower.Dir}, hold: true, damaged: rd.damaged}
	}
	keep := func(metric []byte) bool { return f.keep(rd, metric) }
	news := false
	if rd.history == nil {
		rd.history, rd.given = readPacked(&rd.follower, keep), false
		if news = rd.history.Series != nil; news {
			used = packedBytes
		}
		for _, s := range rd.history.Series {
			used += int64(len(s.Steps)) * pointBytes
		}
	}
	read, more, err := rd.follower.each(max(room-used, 1), func(attempt int, p *scanner) {
		if rd.given {
			rd.history, rd.given = rd.history.clone(), false
		}
		rd.history.add(attempt, p, keep)
		news = true
	})
	used += read
	if err != nil {
		return used, err
	}
	if more {
		f.behind = true
	} else {
		k := f.ledger.known[id]
		rd.of, rd.damaged = k.read, rd.follower.Damaged
		if k.paths != (marked{}) {
			rd.slim(len(u.Records))
			f.note(k, rd)
		}
	}
	if (news || rd.hold) && !(more && rd.hold) {
		u.Histories[id], rd.given, rd.hold = rd.history, true, false
	}
	return used, nil
}

// slim has a run that has ended, one of so many, take no more memory than there is
// for each.
func (rd *reading) slim(runs int) {
	if rd.given {
		return
	}
	limit := max(feedPoints/runs, outlinePoints)
	for name, s := range rd.history.Series {
		if len(s.Steps) > limit {
			s.thin(limit)
		}
		if cap(s.Steps) > len(s.Steps)+len(s.Steps)/8 {
			rd.history.Series[name] = s.clone()
		}
	}
}

// note leaves the outline of a run that has ended with the ledger, if that has none
// as good.
func (f *Feed) note(k *known, rd *reading) {
	if rd.crowded || k.outline != nil && k.outline.open() && k.outline.has(f.wanted) {
		return
	}
	names := slices.AppendSeq(slices.Collect(maps.Keys(rd.history.Series)), maps.Keys(rd.others))
	slices.Sort(names)
	k.outline = newOutline(rd.history, names, rd.damaged)
	f.ledger.news++
}

// keep notes a metric of a run and reports whether its series is wanted.
func (f *Feed) keep(rd *reading, metric []byte) bool {
	if rd.others[string(metric)] {
		return false
	}
	name, ok := f.metrics[string(metric)]
	if !ok {
		name = string(metric)
		f.metrics[name] = name
	}
	if f.wanted[name] {
		return true
	}
	rd.ignore(name)
	return false
}

func (rd *reading) ignore(metric string) {
	if rd.others == nil {
		rd.others = map[string]bool{}
	}
	if rd.crowded = len(rd.others) >= outlineMetrics; !rd.crowded {
		rd.others[metric] = true
	}
}

// reread begins again in the runs that have wanted metrics of which nothing was
// kept.
func (f *Feed) reread() {
	for _, rd := range f.readings {
		for name := range f.wanted {
			if rd.history != nil && rd.history.Series[name] == nil && (rd.others[name] || rd.crowded) {
				*rd = reading{follower: Follower{Dir: rd.follower.Dir}, hold: true, damaged: rd.damaged}
			}
		}
	}
}
