package engine

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"ablate/experiments"
	"ablate/experiments/store"
)

// Notices that a program can hear of: see [experiments.Notify].
const (
	noticeDone    = "done"
	noticeFailed  = "failed"
	noticeVerdict = "verdict"
	noticeStalled = "stalled"
)

// Notice is what the program of a notification reads, one JSON object on its
// standard input.
type Notice struct {
	Event      string       `json:"event"` // done, failed, verdict, stalled
	Experiment string       `json:"experiment"`
	Run        string       `json:"run"` // id; "" if it is about the experiment
	Status     store.Status `json:"status"`
	Reason     string       `json:"reason"`
	Text       string       `json:"text"` // one line for people
	Time       float64      `json:"time"`
	Host       string       `json:"host"`
	Store      string       `json:"store"`
}

// hearer is who hears of one experiment, in notify.json. It is in force for what
// happened since.
type hearer struct {
	experiments.Notify
	Workdir string  `json:"workdir,omitempty"` // in which the program works
	Since   float64 `json:"since"`
}

func (h hearer) hears(event string) bool { return slices.Contains(h.On, event) }

// hearers are by experiment.
type hearers map[string]hearer

func hearersFile(s *store.Store) string { return filepath.Join(s.EngineDir(), "notify.json") }

func readHearers(s *store.Store) (hearers, error) {
	all := hearers{}
	if err := store.ReadJSON(hearersFile(s), &all); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	return all, nil
}

// heed keeps who is to hear of the experiment that a request runs. The file may
// hold secrets among the arguments: it is for its owner alone.
func (e *Engine) heed(r Request) error {
	all, err := readHearers(e.Store)
	if err != nil {
		return err
	}
	was, known := all[r.Plan.Experiment]
	if r.Notify == nil || len(r.Notify.Argv) == 0 {
		if !known {
			return nil
		}
		delete(all, r.Plan.Experiment)
		return store.WriteSecret(hearersFile(e.Store), all)
	}
	is := hearer{Notify: *r.Notify, Workdir: r.Workdir, Since: store.Now()}
	if known {
		is.Since = was.Since
	}
	if known && is.Workdir == was.Workdir && slices.Equal(is.On, was.On) && slices.Equal(is.Argv, was.Argv) {
		return nil
	}
	all[r.Plan.Experiment] = is
	return store.WriteSecret(hearersFile(e.Store), all)
}

// notice tells the notifier of a run that was launched, or that has come to rest:
// one that waits to be tried again has not.
func (e *Engine) notice(id string) {
	if e.notifier.missed.Load() && e.notifier.idle() { // there is room again
		e.toldAll()
	}
	if e.has(id) {
		e.notifier.hear(news{lives: []string{id}})
	} else {
		e.notifier.hear(news{rests: []string{id}})
	}
}

// toldAll reports whether the notifier has nothing left to tell.
func (e *Engine) toldAll() bool {
	if e.notifier.missed.Swap(false) {
		e.retell()
	}
	return e.notifier.idle()
}

// retell tells the notifier of every run of the experiments that somebody wants to
// hear of: an engine that was killed may have told of some of them and not of
// others.
func (e *Engine) retell() {
	all, err := readHearers(e.Store)
	if err != nil {
		e.Log.Warn("nobody hears what happens", "err", err)
		return
	}
	for name := range all {
		ids, err := e.Store.RunIDs(name)
		if err != nil {
			e.Log.Warn("look for news", "experiment", name, "err", err)
			continue
		}
		x := news{again: name}
		for _, id := range ids {
			if e.has(id) {
				x.lives = append(x.lives, id)
			} else {
				x.rests = append(x.rests, id)
			}
		}
		e.notifier.hear(x)
	}
}

// stallsEvery is the time between two looks whether live runs are stalled.
const stallsEvery = time.Minute

// ofRun is the notice of a run that failed, is lost or stalled.
func ofRun(r store.Record) outgoing {
	n := Notice{Event: noticeFailed, Experiment: r.Experiment, Run: r.ID, Status: r.Status, Reason: r.Reason, Time: max(r.Ended, r.Started)}
	var was string
	switch r.Status {
	default:
		was = "failed"
	case store.Lost:
		was = "is lost"
	case store.Stalled:
		n.Event, n.Time, was = noticeStalled, store.Now(), "is stalled"
	}
	n.Text = fmt.Sprintf("%s %s (attempt %d): %s", r.ID, was, r.Attempt, r.Reason)
	return outgoing{Notice: n, key: fmt.Sprintf("%s %s a%d", n.Event, r.ID, r.Attempt)}
}

// ofEnd are the notices of an experiment of which every run is done; none while
// one is not. The keys count attempts, so that what was run again ends again.
func ofEnd(s *store.Store, experiment string, verdict func(string) string) ([]outgoing, error) {
	p, err := s.ReadPlan(experiment)
	if err != nil {
		return nil, err
	}
	records, err := s.Records(experiment)
	if err != nil {
		return nil, err
	}
	byID := map[string]store.Record{}
	for _, r := range records {
		byID[r.ID] = r
	}
	attempts, last := 0, 0.0
	for _, run := range p.Runs() {
		r, ok := byID[run.ID]
		if !ok || r.Status != store.Done {
			return nil, nil
		}
		attempts, last = attempts+r.Attempt, max(last, r.Ended)
	}
	runs := len(p.Cells) * len(p.Seeds)
	n := Notice{
		Event: noticeDone, Experiment: experiment, Status: store.Done, Time: last,
		Text: fmt.Sprintf("%s is done: %d of %d runs", experiment, runs, runs),
	}
	key := fmt.Sprintf(" %s %s %d", experiment, p.Hash, attempts)
	all := []outgoing{{Notice: n, key: noticeDone + key}}
	if verdict != nil {
		if words := verdict(experiment); words != "" {
			n.Event, n.Text = noticeVerdict, experiment+": "+words
			all = append(all, outgoing{Notice: n, key: noticeVerdict + key})
		}
	}
	return all, nil
}

// address fills in what every notice has, and keeps its text in one line.
func (n *Notice) address(s *store.Store) {
	n.Host, _ = os.Hostname() // without one it says nothing
	n.Store = s.Dir
	n.Text = strings.Join(strings.Fields(n.Text), " ")
}
