package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Start is start.json: how an attempt began.
type Start struct {
	Launcher string   `json:"launcher"`
	Host     string   `json:"host"`
	Runner   Process  `json:"runner"`
	Trainer  Process  `json:"trainer"`
	Group    int      `json:"group"` // the trainer's process group, for signals
	Argv     []string `json:"argv"`
	GPUs     []string `json:"gpus"`    // UUIDs
	Workers  int      `json:"workers"` // cores it was given; a command is not told
	Time     float64  `json:"time"`
}

// Outcome is result.json, the trainer's last write.
type Outcome struct {
	Metrics       Values  `json:"metrics"`
	WeightsSHA256 string  `json:"weights_sha256"`
	Time          float64 `json:"time"`
}

// Exit is exit.json, the runner's last write. It decides how an attempt ended.
type Exit struct {
	Code    int     `json:"code"`
	Signal  string  `json:"signal"`
	Reason  string  `json:"reason"` // "" done, "stopped" by the user, else the cause in words
	Seconds float64 `json:"seconds"`
	Outcome
}

// Event is one line of events.jsonl.
type Event struct {
	Time float64 `json:"time"`
	Kind string  `json:"kind"` // start, phase, checkpoint, alert, beat, exit
	Text string  `json:"text,omitempty"`
}

// Sample is one line of samples.jsonl: a program the model wrote.
type Sample struct {
	Step      int64   `json:"step"`
	Task      string  `json:"task"` // its id
	Statement string  `json:"statement"`
	Program   string  `json:"program"`
	Verdict   string  `json:"verdict"`
	Reward    float64 `json:"reward"`
	Passed    int     `json:"passed"`
	Total     int     `json:"total"`
	Input     string  `json:"input,omitempty"` // of the first case that failed
	Want      string  `json:"want,omitempty"`
	Got       string  `json:"got,omitempty"`
	Error     string  `json:"error,omitempty"`
}

// Item is one line of items/SET@STEP.jsonl: what an evaluation made of a task.
type Item struct {
	ID      string `json:"id"`
	N       int    `json:"n"` // samples
	C       int    `json:"c"` // correct ones
	Stratum string `json:"stratum"`
	Verdict string `json:"verdict,omitempty"` // with one sample
}

// Attempt writes what a trainer has to say into the folder of its attempt. It is
// the only writer of metrics.jsonl, samples.jsonl, items/, checkpoint/ and
// result.json there.
type Attempt struct {
	Dir     string
	metrics *Lines
	samples *Lines
}

// OpenAttempt opens the folder of an attempt for its trainer.
func OpenAttempt(dir string) (*Attempt, error) {
	metrics, err := AppendTo(filepath.Join(dir, "metrics.jsonl"))
	if err != nil {
		return nil, err
	}
	samples, err := AppendTo(filepath.Join(dir, "samples.jsonl"))
	if err != nil {
		return nil, errors.Join(err, metrics.Close())
	}
	return &Attempt{Dir: dir, metrics: metrics, samples: samples}, nil
}

// Point appends the values of some metrics at one step.
func (a *Attempt) Point(step int64, m Values) error {
	return a.metrics.Append(Point{Step: step, Time: Now(), M: m})
}

// Sample appends one program that the model wrote.
func (a *Attempt) Sample(s Sample) error { return a.samples.Append(s) }

// Items writes the per-task outcomes of the evaluation on set at step; readers
// see all of them or none.
func (a *Attempt) Items(set string, step int64, items []Item) error {
	dir := filepath.Join(a.Dir, "items")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("make items folder: %w", err)
	}
	return writeLines(filepath.Join(dir, fmt.Sprintf("%s@%d.jsonl", set, step)), items)
}

// Checkpoint fills a folder beside checkpoint/ by write and puts it in its
// place, so that nobody ever sees a torn one. If it fails, the old one stands.
func (a *Attempt) Checkpoint(write func(dir string) error) error {
	place := filepath.Join(a.Dir, "checkpoint")
	part := place + ".part"
	if err := os.RemoveAll(part); err != nil { // of a trainer that was killed
		return fmt.Errorf("write checkpoint: %w", err)
	}
	if err := os.MkdirAll(part, 0o755); err != nil {
		return fmt.Errorf("write checkpoint: %w", err)
	}
	err := write(part)
	if err == nil {
		err = syncTree(part)
	}
	if err == nil {
		err = swap(part, place)
	}
	if err == nil {
		err = SyncDir(a.Dir)
	}
	// What is in part now is the old checkpoint, or a new one that failed, perhaps
	// for want of the space that it takes.
	if err := errors.Join(err, os.RemoveAll(part)); err != nil {
		return fmt.Errorf("write checkpoint: %w", err)
	}
	return nil
}

// swap puts the folder part in the place of another in one step. Disks that
// cannot do that, network disks mostly, take two, and for an instant the old one
// is called place.old.
func swap(part, place string) error {
	if _, err := os.Lstat(place); errors.Is(err, fs.ErrNotExist) {
		return os.Rename(part, place)
	}
	if exchange(part, place) == nil {
		return nil
	}
	return swapInTwo(part, place)
}

func swapInTwo(part, place string) error {
	old := place + ".old"
	if err := os.RemoveAll(old); err != nil {
		return err
	}
	if err := os.Rename(place, old); err != nil {
		return err
	}
	if err := os.Rename(part, place); err != nil {
		return errors.Join(err, os.Rename(old, place))
	}
	return os.RemoveAll(old)
}

// Finish writes result.json: from here on the attempt is done.
func (a *Attempt) Finish(metrics Values, weightsSHA256 string) error {
	if err := errors.Join(a.metrics.Sync(), a.samples.Sync()); err != nil {
		return err
	}
	return WriteJSON(filepath.Join(a.Dir, "result.json"), Outcome{Metrics: metrics, WeightsSHA256: weightsSHA256, Time: Now()})
}

// Close closes the attempt's files.
func (a *Attempt) Close() error { return errors.Join(a.metrics.Close(), a.samples.Close()) }
