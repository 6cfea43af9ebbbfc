package store

import (
	"errors"
	"fmt"
	"io/fs"
)

// Tried is one attempt of a run. Times are in seconds since 1970, 0 where nobody
// knows.
type Tried struct {
	Attempt     int
	Asked       Asked  // the last wish for it; the zero value if it is not known
	Host        string // where it ran
	Status      Status // as it ended, whatever was asked of the run since
	Reason      string
	Started     float64
	Ended       float64 // 0 too while it lives
	Seconds     float64 // that it took or takes
	Points      int
	First, Last int64 // steps of its points, if it has any
	Metrics     Values
	SHA256      string // of the weights that it ended with
}

// ReadAttempts reads the attempts of a run that was looked at, packed or not, oldest
// first. One of which nothing is left but its number is left out. With an error
// there are all, but for points that could not be read.
func ReadAttempts(r Record) ([]Tried, error) {
	lives, err := Lives(r.Dir, Now())
	if err != nil {
		return nil, err
	}
	lived := map[int]Life{}
	for _, l := range lives {
		lived[l.Attempt] = l
	}
	asked, err := ReadAsked(r.Dir)
	if err != nil {
		return nil, err
	}
	wishes := map[int]Asked{}
	for _, a := range asked {
		if a.Wish() {
			wishes[a.Attempt] = a
		}
	}
	var all []Tried
	for k := 1; k <= r.Attempt; k++ {
		t := Tried{Attempt: k, Asked: wishes[k]}
		l, begun := lived[k]
		if begun {
			t.Started, t.Seconds = l.Began, l.Ended-l.Began
		}
		ended := t.end(r, begun, l.Alive)
		if begun && !ended && !l.Alive {
			t.Ended = l.Ended
		}
		if begun || ended || k == r.Attempt || wishes[k] != (Asked{}) {
			all = append(all, t)
		}
	}
	return all, countPoints(r.Dir, all)
}

// end fills in how an attempt ended, as its records say, and reports whether they
// do.
func (t *Tried) end(r Record, begun, alive bool) (recorded bool) {
	if start, _ := packedOptional[Start](r.Dir, t.Attempt, "start.json"); start != nil {
		t.Host = start.Host
	}
	exit, err := packedOptional[Exit](r.Dir, t.Attempt, "exit.json")
	if err != nil {
		exit = &Exit{Code: 1, Reason: err.Error()}
	}
	// Somebody else's trainer may call something of its own so.
	out, _ := packedOptional[Outcome](r.Dir, t.Attempt, "result.json")
	switch {
	case exit != nil:
		t.Status, t.Reason = exit.status()
		t.Ended, t.Seconds, t.Metrics, t.SHA256 = exit.Time, max(0, exit.Seconds), exit.Metrics, exit.WeightsSHA256
	case out != nil && !alive:
		t.Status, t.Ended, t.Metrics, t.SHA256 = Done, out.Time, out.Metrics, out.WeightsSHA256
		t.Seconds = between(t.Started, out.Time)
	case begun:
		t.Status, t.Reason = Lost, "it left no exit record"
	default:
		t.Status, t.Reason = Lost, "it never began"
	}
	// What is said of the run is said of its newest attempt, unless the run waits
	// for the next one.
	if waits := r.Status == Queued && (exit != nil || begun && !alive); t.Attempt == r.Attempt && !waits {
		t.Status, t.Reason = r.Status, r.Reason
	}
	return exit != nil || out != nil && !alive
}

// packedOptional reads a record that need not be there, packed or not.
func packedOptional[T any](dir string, attempt int, name string) (*T, error) {
	var v T
	return optional(&v, ReadRunJSON(dir, attempt, name, &v))
}

// countPoints fills in what the points of attempts tell, and the last values of
// those without a record.
func countPoints(dir string, all []Tried) error {
	byNumber := map[int]*Tried{}
	last := map[int]Values{}
	for i := range all {
		byNumber[all[i].Attempt] = &all[i]
		if len(all[i].Metrics) == 0 {
			last[all[i].Attempt] = Values{}
		}
	}
	f := Follower{Dir: dir}
	_, _, err := f.each(0, func(attempt int, p *scanner) {
		t := byNumber[attempt]
		if t == nil {
			return
		}
		if t.Points++; t.Points == 1 {
			t.First = p.step
		}
		t.Last = p.step
		if values := last[attempt]; values != nil {
			for i, name := range p.names {
				values[string(name)] = p.values[i]
			}
		}
	})
	for attempt, values := range last {
		byNumber[attempt].Metrics = values
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("read points of attempts: %w", err)
	}
	return nil
}
