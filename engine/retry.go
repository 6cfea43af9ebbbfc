package engine

import (
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"time"

	"ablate/experiments"
	"ablate/experiments/store"
)

// tryAgain asks for another attempt of a run that ended, where its experiment says
// that such an end is tried again; it returns the wish, nil if it stays as it is.
func (e *Engine) tryAgain(r store.Record) (*wish, error) {
	if store.Imported(r.Dir) {
		return nil, nil // it ran elsewhere
	}
	if err := e.folders.settle(r.ID); err != nil {
		return nil, err
	}
	t := e.books.of(r.ID)
	if _, planned := t.place[r.ID]; !planned {
		return nil, nil // of a design that is not asked for any more
	}
	attempt := store.AttemptDir(r.Dir, r.Attempt)
	if r.Status == store.Lost && trainerThere(attempt) {
		e.queue.lookAt(r.ID, time.Now().Add(e.Retry))
		return nil, nil
	}
	reason, err := endReason(attempt)
	if err != nil || !slices.Contains(t.retry.On, reason) {
		return nil, err
	}
	asked, err := store.ReadAsked(r.Dir)
	if err != nil {
		return nil, err
	}
	a, ok := nextRetry(t.retry, asked)
	if !ok {
		return nil, nil
	}
	a.Time, a.Attempt, a.Text, a.GPUs = store.Now(), r.Attempt+1, reason, store.LastWish(asked).GPUs
	a.Due = a.Time + a.Due
	err = e.journal.record(Request{Verb: a.Verb, By: a.By, Text: a.Text}, []string{r.ID})
	if err == nil {
		err = e.folders.tell(r.ID, a)
	}
	if err != nil { // a full disk: it is looked at again
		e.queue.lookAt(r.ID, time.Now().Add(e.Retry))
		return nil, err
	}
	e.Log.Info("run is tried again", "run", r.ID, "why", reason, "retry", a.Retry, "of", a.Of)
	return &wish{id: r.ID, asked: a}, nil
}

// nextRetry is the next retry by the engine since somebody asked for the run, with
// the seconds until then as Due; there is none when all were tried.
func nextRetry(how experiments.Retry, asked []store.Asked) (store.Asked, bool) {
	k := 0
	for _, a := range asked {
		switch {
		case a.Retry > 0:
			k = a.Retry
		case a.Wish() && a.By != store.ByEngine:
			k = 0
		}
	}
	wait := how.Backoff * math.Pow(2, float64(k))
	return store.Asked{Verb: "retry", By: store.ByEngine, Retry: k + 1, Of: how.Max, Due: wait}, k < how.Max
}

// endReason names the end of an attempt in the words of an experiment's retries;
// "" is one that nobody tries again unasked: a person's doing, or a stop rule's.
func endReason(attempt string) (string, error) {
	var start store.Start
	var exit store.Exit
	err := store.ReadJSON(filepath.Join(attempt, "exit.json"), &exit)
	switch {
	case err == nil && exit.Rule() == "" && !byHand(exit.Signal):
		return experiments.RetryFailed, nil
	case err == nil:
		return "", nil
	case !errors.Is(err, fs.ErrNotExist):
		return "", err
	}
	err = store.ReadJSON(filepath.Join(attempt, "start.json"), &start)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", nil // it was never begun
	case err != nil:
		return "", err
	case start.Launcher == "local" && start.Host != hostName():
		return "", nil // on another machine it may live: nobody can tell from here
	case start.Trainer.Boot != "" && start.Trainer.Boot != store.Self().Boot:
		return experiments.RetryNode, nil
	default:
		return experiments.RetryLost, nil
	}
}

// trainerThere reports whether the trainer of an attempt lives though it let go of
// the lock: some close every file that they were not told of.
func trainerThere(attempt string) bool {
	var start store.Start
	return store.ReadJSON(filepath.Join(attempt, "start.json"), &start) == nil && start.Trainer.Alive()
}

// hostName is that of this machine, as runners write it down.
func hostName() string {
	name, _ := os.Hostname()
	return name
}

// byHand reports whether a signal is one that people send to end a program.
func byHand(signal string) bool {
	return slices.Contains([]string{"SIGKILL", "SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT"}, signal)
}
