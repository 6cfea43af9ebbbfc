package store

import (
	"fmt"
	"strings"
	"time"
)

// Status is what a run is doing, derived from its folder at every look.
type Status string

// Every status a run can have.
const (
	Queued  Status = "queued"
	Running Status = "running"
	Stalled Status = "stalled" // alive, and silent for too long
	Paused  Status = "paused"
	Stopped Status = "stopped" // by the user
	Failed  Status = "failed"
	Lost    Status = "lost" // nothing of it lives and nothing says how it ended
	Done    Status = "done"
)

// Live reports whether something of the run is there or on its way.
func (s Status) Live() bool { return s == Queued || s == Running || s == Stalled }

// Asked is one line of asked.jsonl: what the engine was told to do with the run.
type Asked struct {
	Time    float64 `json:"time"`
	Verb    string  `json:"verb"` // run, retry, resume, stop
	Key     string  `json:"key"`
	By      string  `json:"by"`
	Attempt int     `json:"attempt"` // but for stop: the attempt that is wanted
	Order   int     `json:"order"`   // likewise: its place among the runs of the same wish
	// Workdir is the absolute folder in which the trainer works: the one that
	// relative paths in its argv mean. Without it that is the one that holds the
	// store.
	Workdir string `json:"workdir,omitempty"`
}

// Wish reports whether an attempt was asked for.
func (a Asked) Wish() bool { return a.Verb == "run" || a.Verb == "retry" || a.Verb == "resume" }

// Facts are what the files of a run say.
type Facts struct {
	Asked   []Asked
	Attempt int // the newest, 0 for none
	Begun   bool
	Alive   bool // the lock is held
	Exit    *Exit
	Outcome *Outcome
	Sign    float64 // time of the last sign of life of a live attempt
	Gap     float64 // median seconds between its points
	Now     float64
	Damaged []string // names of records that a crash damaged
}

// silence is how long a live run may say nothing before it counts as stalled.
const silence = 2 * time.Minute

// Status derives what the run is doing, and the reason where there is one to
// tell. exit.json decides; a wish for an attempt that is not there yet comes
// before the end of the last one.
func (f Facts) Status() (Status, string) {
	wanted, stopped := f.wish()
	switch {
	case f.Alive && f.Begun && f.Exit == nil && f.quiet() > max(silence.Seconds(), 10*f.Gap):
		return Stalled, fmt.Sprintf("no sign of life for %.0f s", f.quiet())
	case f.Alive && f.Exit == nil && (f.Begun || !stopped):
		return Running, ""
	case f.launching() && stopped: // its runner may still come, see that, and say so
		return Queued, "being stopped"
	case wanted > f.Attempt && !stopped, f.launching():
		return Queued, ""
	case f.Exit != nil:
		return f.Exit.status()
	case f.Outcome != nil:
		return Done, ""
	case stopped && !f.Begun:
		return Stopped, "cancelled before it started"
	case stopped:
		return Stopped, "stopped by the user; its runner left no exit record"
	case f.Attempt == 0:
		return Lost, "its folder was made and it was never queued" + f.damage()
	default:
		return Lost, "nothing of it is alive and it left no exit record" + f.damage()
	}
}

// damage is what a lost run has to say of its files.
func (f Facts) damage() string {
	if len(f.Damaged) == 0 {
		return ""
	}
	return "; unreadable: " + strings.Join(f.Damaged, ", ")
}

// launching is true for an attempt whose folder is there and whose trainer is
// not yet: it has left the queue and waits for its runner.
func (f Facts) launching() bool {
	return f.Attempt > 0 && !f.Begun && f.Exit == nil && f.Outcome == nil
}

// wish returns the newest attempt that was asked for, and whether a stop came
// after that.
func (f Facts) wish() (attempt int, stopped bool) {
	for _, a := range f.Asked {
		switch {
		case a.Wish():
			attempt, stopped = a.Attempt, false
		case a.Verb == "stop":
			stopped = true
		}
	}
	return attempt, stopped
}

func (f Facts) quiet() float64 { return f.Now - f.Sign }

func (e *Exit) status() (Status, string) {
	switch {
	case e.Reason == "stopped":
		return Stopped, "stopped by the user"
	case e.Code == 0 && e.Signal == "":
		return Done, ""
	case e.Reason != "":
		return Failed, e.Reason
	case e.Signal != "":
		return Failed, "ended by signal " + e.Signal
	default:
		return Failed, fmt.Sprintf("exit code %d", e.Code)
	}
}

// Now is the time that is written into files: seconds since 1970, UTC.
func Now() float64 { return float64(time.Now().UnixNano()) / 1e9 }
