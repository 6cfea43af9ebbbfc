package store

import (
	"cmp"
	"fmt"
	"math"
	"strings"
	"time"

	"ablate/experiments"
)

// Status is what a run is doing, derived from its folder at every look.
type Status string

// Every status a run can have.
const (
	Queued  Status = "queued"
	Running Status = "running"
	Stalled Status = "stalled" // alive, and silent for too long
	Paused  Status = "paused"  // halted where it stands, or ended with a checkpoint; it waits for resume
	Stopped Status = "stopped" // by the user, a budget, or a rule that saw no progress
	Failed  Status = "failed"
	Lost    Status = "lost" // nothing of it lives and nothing says how it ended
	Done    Status = "done"
)

// Live reports whether something of the run is there or on its way.
func (s Status) Live() bool { return s == Queued || s == Running || s == Stalled }

// Asked is one line of asked.jsonl: what the engine was told to do with the run.
type Asked struct {
	Time    float64 `json:"time"`
	Verb    string  `json:"verb"` // run, retry, resume, stop, pause
	Key     string  `json:"key"`
	By      string  `json:"by"`      // ByEngine: nobody asked, for the reason in Text
	Attempt int     `json:"attempt"` // but for stop and pause: the attempt that is wanted
	Order   int     `json:"order"`   // likewise: its place among the runs of the same wish
	// Workdir is the absolute folder in which the trainer works: the one that
	// relative paths in its argv mean. Without it that is the one that holds the
	// store.
	Workdir string `json:"workdir,omitempty"`

	// Halted says that the run's processes stand still from this line until the
	// next one without it.
	Halted bool   `json:"halted,omitempty"`
	Text   string `json:"text,omitempty"`

	// GPUs are the only ones that the run may have from now on, as the design writes them
	// ("0-3", "GPU-1a2b,GPU-3c4d"); "": as that says.
	GPUs string `json:"gpus,omitempty"`

	// Of a retry by the engine: which one it is, of how many, and the time before
	// which it does not begin.
	Retry int     `json:"retry,omitempty"`
	Of    int     `json:"of,omitempty"`
	Due   float64 `json:"due,omitempty"`
}

// ByEngine stands in asked.jsonl for what the engine did by itself.
const ByEngine = "engine"

// Wish reports whether an attempt was asked for.
func (a Asked) Wish() bool { return a.Verb == "run" || a.Verb == "retry" || a.Verb == "resume" }

// LastWish is the newest line by which an attempt was asked for; zero if none was.
func LastWish(asked []Asked) (last Asked) {
	for _, a := range asked {
		if a.Wish() {
			last = a
		}
	}
	return last
}

// Ends is what a run is to end as by this line, Stopped or Paused; else "".
func (a Asked) Ends() Status {
	switch a.Verb {
	case "stop":
		return Stopped
	case "pause":
		return Paused
	default:
		return ""
	}
}

// LastAsked is the last thing that was asked of the run in dir; the zero value if
// nothing was.
func LastAsked(dir string) (Asked, error) {
	asked, err := ReadAsked(dir)
	if err != nil || len(asked) == 0 {
		return Asked{}, err
	}
	return asked[len(asked)-1], nil
}

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
// before the end of the last one. What is halted is neither running nor stalled.
func (f Facts) Status() (Status, string) {
	wanted, last := f.wish()
	ends := last.Ends()
	live := f.Alive && f.Exit == nil
	switch {
	case live && f.Begun && last.Halted && ends == Paused:
		return Paused, cmp.Or(last.Text, "halted by the user; it keeps its memory")
	case live && f.Begun && last.Halted:
		return Queued, "halted; it goes on when a slot is free"
	case live && f.Begun && f.quiet() > max(silence.Seconds(), 10*f.Gap):
		return Stalled, fmt.Sprintf("no sign of life for %.0f s", f.quiet())
	case live && (f.Begun || ends == ""):
		return Running, being(ends)
	case f.launching() && ends != "": // its runner may still come, see that, and say so
		return Queued, being(ends)
	case wanted > f.Attempt && ends == "":
		return Queued, f.waiting()
	case f.launching():
		return Queued, ""
	case wanted > f.Attempt && ends == Paused:
		return Paused, "paused before it started"
	case f.Exit != nil:
		return f.ended(last)
	case f.Outcome != nil:
		return Done, ""
	default:
		return f.vanished(last)
	}
}

func being(ends Status) string {
	if ends == "" {
		return ""
	}
	return "being " + string(ends)
}

// ended is what exit.json says, with what the engine said when it ended the run
// or called its next attempt off.
func (f Facts) ended(last Asked) (Status, string) {
	s, reason := f.Exit.status()
	switch {
	case s == Done || last.Verb != "stop" || last.Text == "":
		return s, reason
	case s == Stopped:
		return s, last.Text
	default:
		return s, reason + "; " + last.Text
	}
}

// vanished is a run that is not alive and left no record.
func (f Facts) vanished(last Asked) (Status, string) {
	ends := last.Ends()
	switch {
	case ends == Paused:
		return Paused, "paused by the user; its runner left no exit record"
	case ends == Stopped && !f.Begun:
		return Stopped, cmp.Or(last.Text, "cancelled before it started")
	case ends == Stopped:
		return Stopped, cmp.Or(last.Text, "stopped by the user") + "; its runner left no exit record"
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

// wish returns the newest attempt that was asked for, and the last line of all.
func (f Facts) wish() (attempt int, last Asked) {
	for _, a := range f.Asked {
		if last = a; a.Wish() {
			attempt = a.Attempt
		}
	}
	return attempt, last
}

// waiting is why a run that waits does so: for a retry by the engine.
func (f Facts) waiting() string {
	_, last := f.wish()
	switch {
	case last.Retry == 0:
		return ""
	case f.counting():
		return fmt.Sprintf("retry %d of %d in %.0f s: %s", last.Retry, last.Of, math.Ceil(last.Due-f.Now), last.Text)
	default:
		return fmt.Sprintf("retry %d of %d: %s", last.Retry, last.Of, last.Text)
	}
}

// counting reports whether the reason tells of seconds to a retry: it changes
// though no file does.
func (f Facts) counting() bool {
	_, last := f.wish()
	return last.Due > f.Now
}

func (f Facts) quiet() float64 { return f.Now - f.Sign }

// byRule begins the reason of an exit to which a stop rule led: "rule nan: ...".
const byRule = "rule "

// RuleReason is the reason of an exit to which a stop rule of that kind led.
func RuleReason(kind, words string) string { return byRule + kind + ": " + words }

// Rule is the kind of the stop rule that ended the run, "" for none.
func (e *Exit) Rule() string {
	rest, ok := strings.CutPrefix(e.Reason, byRule)
	if !ok {
		return ""
	}
	kind, _, _ := strings.Cut(rest, ":")
	return kind
}

func (e *Exit) status() (Status, string) {
	switch {
	case e.Reason == string(Stopped):
		return Stopped, "stopped by the user"
	case e.Reason == string(Paused):
		return Paused, "paused by the user"
	case e.Rule() == experiments.StopPlateau: // nothing went wrong
		return Stopped, "stopped by " + e.Reason
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
