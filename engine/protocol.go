package engine

import (
	"ablate/experiments"
	"ablate/experiments/store"
)

// Request is what a client asks: one JSON line over the socket. Verbs are
// idempotent by Key.
type Request struct {
	Verb string            `json:"verb"` // hello, status, run, retry, resume, pause, stop, move, slots, quit
	Key  string            `json:"key,omitempty"`
	By   string            `json:"by,omitempty"`   // user@host, for the journal
	Plan *experiments.Plan `json:"plan,omitempty"` // run
	Runs []string          `json:"runs,omitempty"` // retry, resume, pause, stop: ids

	Force bool     `json:"force,omitempty"` // run, retry, resume: also what is done, or ended as no number
	Order []string `json:"order,omitempty"` // move: ids, in the order in which they are to start
	Place string   `json:"place,omitempty"` // move: First, Last, or the id of the run that comes next after them
	Slots int      `json:"slots,omitempty"` // slots: runs at a time from now on
	Text  string   `json:"text,omitempty"`  // why, for the journal
	Of    string   `json:"of,omitempty"`    // hello: an experiment, whose place is asked for

	Mark   *store.Mark         `json:"mark,omitempty"`   // mark: kind and text; Runs are what it is on, experiments and cells too
	Notify *experiments.Notify `json:"notify,omitempty"` // run: who hears of this experiment from now on

	// GPUs are the only ones that the runs may have, "0-3" or UUIDs: run, retry.
	GPUs string `json:"gpus,omitempty"`

	// Workdir is the absolute folder in which the trainers of a plan work: the
	// one that relative paths in its argv mean. Without it that is the folder
	// that holds the store.
	Workdir string `json:"workdir,omitempty"`
}

// Reply is the engine's answer: one JSON line, after which the connection ends.
type Reply struct {
	Error   string `json:"error,omitempty"`
	Warning string `json:"warning,omitempty"` // what was left out, and why
	Leaving bool   `json:"leaving,omitempty"` // the engine ends and did nothing: ask the next one
	Build   string `json:"build"`
	Lock    string `json:"lock,omitempty"`    // the lock file that it holds, as device and inode: whose engine it is
	Trouble string `json:"trouble,omitempty"` // why waiting runs could not be launched
	PID     int    `json:"pid"`
	Slots   int    `json:"slots"`
	Live    int    `json:"live"`    // runs in slots
	Waiting int    `json:"waiting"` // runs in the queue
	Queued  int    `json:"queued"`  // runs that this request queued
	Going   int    `json:"going"`   // runs that were live or waiting already
	Done    int    `json:"done"`    // runs that needed nothing
	Reused  int    `json:"reused"`  // of them, those that were done: the same cell and seed is not run again
	Stopped int    `json:"stopped"` // runs that are being stopped
	Paused  int    `json:"paused"`  // pause: runs that it pauses; else those that are paused and stay so
	Ruled   int    `json:"ruled"`   // runs that a stop rule ended: they need force
	Moved   int    `json:"moved"`   // runs that were moved in the queue

	Marked int    `json:"marked"`           // runs, cells and experiments that were marked
	Unsent string `json:"unsent,omitempty"` // why a notification did not go out, until one does

	State *State `json:"state,omitempty"` // status
	Place *Place `json:"place,omitempty"` // hello: of an experiment that waits
}
