package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"ablate/gpu"
)

// Start is start.json: how an attempt began.
type Start struct {
	Launcher string   `json:"launcher"`
	Host     string   `json:"host"`
	Runner   Process  `json:"runner"`
	Trainer  Process  `json:"trainer"`
	Group    int      `json:"group"`             // the trainer's process group, for signals
	Session  int      `json:"session,omitempty"` // that the runner leads and the trainer is in; 0: it leads none
	Argv     []string `json:"argv"`
	GPUs     []string `json:"gpus"`           // UUIDs of the machine's
	Held     []string `json:"held,omitempty"` // UUIDs of those that no other run has meanwhile
	Workers  int      `json:"workers"`        // cores it was given; a command is not told
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
	Reason  string  `json:"reason"` // "" done, "stopped" or "paused" by the user, "rule KIND: ..." by a stop rule, else the cause in words
	Seconds float64 `json:"seconds"`
	Outcome
	GPU *gpu.Use `json:"gpu,omitempty"` // of those claimed for it, else of those that its processes were on; nil: it had none
}

// Event is one line of events.jsonl.
type Event struct {
	Time float64 `json:"time"`
	Kind string  `json:"kind"` // start, phase, rule, halted, continued, signal, alert, gpu, beat, exit
	Text string  `json:"text,omitempty"`
}

// Sample is one line of samples.jsonl: a program the model wrote, greedily for an
// evaluation or as a rollout, which has a reward.
type Sample struct {
	Step      int64    `json:"step"`
	Task      string   `json:"task"` // its id
	Statement string   `json:"statement"`
	Program   string   `json:"program"`
	Verdict   string   `json:"verdict"`
	Reward    *float64 `json:"reward,omitempty"`    // of a rollout
	Advantage float64  `json:"advantage,omitempty"` // of a rollout over its group
	Passed    int      `json:"passed"`
	Total     int      `json:"total"`
	Input     string   `json:"input,omitempty"` // of the first case that failed
	Want      string   `json:"want,omitempty"`
	Got       string   `json:"got,omitempty"`
	Error     string   `json:"error,omitempty"`

	Tests []SampleTest `json:"tests,omitempty"` // the first ones, texts cut
}

// SampleTest is what came of a program on one test.
type SampleTest struct {
	Input   string `json:"input"`
	Want    string `json:"want"`
	Verdict string `json:"verdict,omitempty"` // "" where it was not run
	Got     string `json:"got,omitempty"`     // of a wrong answer
	Error   string `json:"error,omitempty"`
}

// Item is one line of items/SET@STEP.jsonl: what an evaluation made of a task.
type Item struct {
	ID      string `json:"id"`
	N       int    `json:"n"` // samples
	C       int    `json:"c"` // correct ones
	Stratum string `json:"stratum"`
	Cluster string `json:"cluster,omitempty"` // tasks of one cluster are not independent: one contest, one template
	Verdict string `json:"verdict,omitempty"` // with one sample
}

// Attempt writes what a trainer has to say into the folder of its attempt. It is
// the only writer of metrics.jsonl, samples.jsonl, items/, checkpoint/ and
// result.json there. Points and samples are not synced one by one: its runner
// does that every few seconds, as for trainers that are not ours.
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
	if err := MkdirAll(dir); err != nil {
		return fmt.Errorf("make items folder: %w", err)
	}
	return writeLines(filepath.Join(dir, fmt.Sprintf("%s@%d.jsonl", set, step)), items)
}

// Finish writes result.json: from here on the run is done, and of all its
// attempts' checkpoints only the newest of this one is kept, without the files
// of these names.
func (a *Attempt) Finish(metrics Values, weightsSHA256 string, drop ...string) error {
	if err := a.sync(); err != nil {
		return err
	}
	err := WriteJSON(filepath.Join(a.Dir, "result.json"), Outcome{Metrics: metrics, WeightsSHA256: weightsSHA256, Time: Now()})
	if err != nil {
		return err
	}
	// The attempt is done whether or not the disk gives this room back.
	place := filepath.Join(a.Dir, checkpointName)
	for _, name := range drop {
		_ = os.Remove(filepath.Join(place, name))
	}
	all, _ := checkpointFolders(filepath.Dir(a.Dir))
	for _, other := range all {
		if other != place {
			_ = os.RemoveAll(other)
		}
	}
	return nil
}

// sync makes all points and samples so far survive a power cut.
func (a *Attempt) sync() error { return errors.Join(a.metrics.Sync(), a.samples.Sync()) }

// Close closes the attempt's files.
func (a *Attempt) Close() error { return errors.Join(a.metrics.Close(), a.samples.Close()) }
