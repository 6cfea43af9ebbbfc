package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"ablate/experiments"
)

// Record is what a table shows of one run.
type Record struct {
	experiments.Run
	Dir     string
	Status  Status
	Reason  string
	Attempt int     // the newest one, 0 for none
	Started float64 // seconds since 1970, 0: not yet
	Ended   float64 // likewise; 0 too where nobody knows
	Seconds float64 // trained so far or in all, over all attempts, by the writer's own clock where one ended; not while it was halted
	Before  float64 // of them, those before the newest attempt
	Metrics Values  // last values, from the record of the end
	SHA256  string  // of the final weights, built-in recipes
	Damaged int     // lines of points that could not be read, if they were followed
}

// AttemptDir is the folder of the n-th attempt of the run in dir.
func AttemptDir(dir string, n int) string { return filepath.Join(dir, fmt.Sprintf("a%d", n)) }

// Attempts returns the number of the newest attempt of the run in dir, 0 for none.
func Attempts(dir string) (int, error) {
	ns, err := attemptNumbers(dir)
	if err != nil || len(ns) == 0 {
		return 0, err
	}
	return int(ns[len(ns)-1]), nil
}

// ReadAsked reads what was asked of the run in dir, oldest first.
func ReadAsked(dir string) ([]Asked, error) {
	return decodeLines[Asked](Tail{Path: filepath.Join(dir, "asked.jsonl")})
}

// ReadEvents reads the events of a run's newest attempt.
func ReadEvents(r Record) ([]Event, error) {
	return decodeLines[Event](Tail{Run: r.Dir, Path: inAttempt(r.Attempt, "events.jsonl")})
}

// ReadSamples reads the programs that the newest attempt of a run wrote down.
func ReadSamples(r Record) ([]Sample, error) {
	return decodeLines[Sample](Tail{Run: r.Dir, Path: inAttempt(r.Attempt, "samples.jsonl")})
}

// Look reads the folder of one run. The points are not read: a Follower has them.
func (s *Store) Look(id string) (Record, error) {
	r, f, err := s.look(id)
	if err != nil {
		return r, err
	}
	r.Status, r.Reason = f.Status()
	return r.told(), nil
}

// told adds to the reason of a lost run what it said last.
func (r Record) told() Record {
	if r.Status == Lost && r.Attempt > 0 {
		r.Reason += lastWords(r)
	}
	return r
}

// lastWords is what a lost attempt printed last: a full disk, say, that left no
// room for an exit record.
func lastWords(r Record) string {
	t := Tail{Run: r.Dir, Path: inAttempt(r.Attempt, "out.log")}
	lines, err := t.last(1)
	if err != nil || len(lines) == 0 {
		return ""
	}
	return "; its last words: " + lines[0]
}

// look reads a run's folder.
func (s *Store) look(id string) (Record, Facts, error) {
	var run experiments.Run
	if err := ReadJSON(filepath.Join(s.RunDir(id), "run.json"), &run); err != nil {
		return Record{Dir: s.RunDir(id)}, Facts{}, err
	}
	return s.lookAt(id, run)
}

// lookAt reads what becomes of a run, in an order that no run can slip through.
// What is wished comes before the attempts that fulfil it. start.json is written
// under the lock and exit.json before the lock is let go, so with start, lock, exit
// a run that begins or ends meanwhile is seen as it was before or after, and never
// as lost.
func (s *Store) lookAt(id string, run experiments.Run) (r Record, f Facts, err error) {
	r.Dir, r.Run = s.RunDir(id), run
	r.ID = id // a store may be moved or copied; the folder says who it is
	if f.Asked, err = ReadAsked(r.Dir); err != nil {
		return r, f, err
	}
	if info, err := os.Stat(filepath.Join(r.Dir, "asked.jsonl")); err == nil && info.Size() > 0 && len(f.Asked) == 0 {
		f.Damaged = append(f.Damaged, "asked.jsonl")
	}
	if f.Attempt, err = Attempts(r.Dir); err != nil {
		return r, f, err
	}
	r.Attempt, f.Now = f.Attempt, Now()
	if f.Attempt == 0 {
		return r, f, nil
	}
	dir := AttemptDir(r.Dir, f.Attempt)
	start, damaged := readOptional[Start](filepath.Join(dir, "start.json"))
	held, unknown := locked(LockFile(r.Dir))
	f.Alive = held
	if f.Exit, err = readOptional[Exit](filepath.Join(dir, "exit.json")); err != nil {
		f.Exit = &Exit{Code: 1, Reason: err.Error()} // it ended, and nobody can tell how
	}
	if f.Exit == nil && unknown != nil {
		return r, f, unknown
	}
	// Many trainers write a result.json of their own; what is none of ours says
	// nothing about the run.
	f.Outcome, err = readOptional[Outcome](filepath.Join(dir, "result.json"))
	var torn *json.SyntaxError
	if errors.As(err, &torn) {
		f.Damaged = append(f.Damaged, "result.json")
	}
	if damaged != nil {
		f.Damaged = append(f.Damaged, "start.json")
	}
	f.Begun = start != nil || damaged != nil || f.Exit != nil
	if start != nil {
		r.Started = start.Time
	}
	r.measure(dir, &f)
	r.Seconds = goingOf(r.Started, r.Seconds, f.Asked)
	r.Before = before(r.Dir, f.Attempt, f.Asked)
	r.Seconds += r.Before
	return r, f, nil
}

// before is how long the attempts before the newest took, those whose end was
// recorded: of the others nobody knows.
func before(dir string, newest int, asked []Asked) (seconds float64) {
	for n := 1; n < newest; n++ {
		var start Start
		var exit Exit
		if ReadRunJSON(dir, n, "exit.json", &exit) != nil { // a damaged one says nothing, as if there were none
			continue
		}
		if wasHalted(asked) {
			_ = ReadRunJSON(dir, n, "start.json", &start) // without one it was not halted
		}
		seconds += goingOf(start.Time, exit.Seconds, asked)
	}
	return seconds
}

// goingOf is for how long an attempt went on that began and lived so long: all of
// it, but for the time in which it was halted.
func goingOf(began, seconds float64, asked []Asked) float64 {
	if began == 0 || !wasHalted(asked) {
		return seconds
	}
	return going(Span{began, began + seconds}, asked).Total()
}

func wasHalted(asked []Asked) bool {
	return slices.ContainsFunc(asked, func(a Asked) bool { return a.Halted })
}

// wentOn is when a run that was halted was last told to go on, 0 if it never was.
func wentOn(asked []Asked) (at float64) {
	for i, a := range asked {
		if i > 0 && asked[i-1].Halted && !a.Halted {
			at = a.Time
		}
	}
	return at
}

// measure fills in times and last values of the newest attempt, and how long a
// live one has been silent.
func (r *Record) measure(dir string, f *Facts) {
	switch {
	case f.Exit != nil:
		r.Ended, r.Metrics, r.SHA256 = f.Exit.Time, f.Exit.Metrics, f.Exit.WeightsSHA256
		r.Seconds = max(0, f.Exit.Seconds)
	case f.Outcome != nil && !f.Alive:
		r.Ended, r.Metrics, r.SHA256 = f.Outcome.Time, f.Outcome.Metrics, f.Outcome.WeightsSHA256
		r.Seconds = between(r.Started, f.Outcome.Time)
	case f.Begun:
		f.Sign = lastSign(r.Dir, r.Attempt, max(r.Started, wentOn(f.Asked)), f.Now)
		r.Seconds = between(r.Started, f.Sign)
		if !f.Alive {
			return
		}
		r.Seconds = between(r.Started, f.Now)
		if f.Now-f.Sign > silence.Seconds() {
			f.Gap = medianGap(dir)
		}
	}
}

// between is how long it is from one time to another, as two clocks or one that was
// set meanwhile tell them: never less than nothing.
func between(from, to float64) float64 { return max(0, to-from) }

// lastSign is the time of the last sign of life of a trainer: its start or that
// after it was halted, or the last write to a file that it writes; the runner's
// beats say nothing about it. What happened after now happened before the clock was set back.
func lastSign(dir string, attempt int, started, now float64) float64 {
	signs := append(writes(dir, attempt, metricsName, "samples.jsonl", "out.log"), started)
	if slices.Max(signs) > now {
		signs = append(signs, setBack(AttemptDir(dir, attempt), now))
	}
	return slices.Max(slices.DeleteFunc(signs, func(t float64) bool { return t > now }))
}

// setBack is the time of the first event after the runner's clock was set back
// for the last time. If none is, that was this instant, or the clock is another
// host's that is a little ahead: now.
func setBack(dir string, now float64) float64 {
	at, before := now, 0.0
	events, _ := decodeLines[Event](Tail{Path: filepath.Join(dir, "events.jsonl")}) // without any it is now
	for _, e := range events {
		if e.Time < before {
			at = e.Time
		}
		before = e.Time
	}
	return min(at, now)
}

// medianGap is the median time between the points of an attempt, in seconds.
func medianGap(dir string) float64 {
	points, err := decodeLines[Point](Tail{Path: filepath.Join(dir, "metrics.jsonl")})
	if err != nil || len(points) < 2 {
		return 0
	}
	gaps := make([]float64, 0, len(points)-1)
	for i, p := range points[1:] {
		if gap := p.Time - points[i].Time; gap >= 0 { // else the clock was set back
			gaps = append(gaps, gap)
		}
	}
	if len(gaps) == 0 {
		return 0
	}
	slices.Sort(gaps)
	return gaps[len(gaps)/2]
}
