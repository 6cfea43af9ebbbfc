// Package notify tells programs what happened to runs: that one failed, is lost or
// stalled, that an experiment is done, and what its runs say.
//
//	run EXP  -> Heed -> notify.json, who hears of the experiment
//	engine   -> Look -> the run's folder -> Notice -> the program's standard input -> notified.jsonl
//
// What happened is read from the folders, and what was told is written down: an
// engine that takes over tells what the one before it did not.
package notify

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"sync/atomic"

	"ablate/experiments"
	"ablate/experiments/store"
)

// Notifier tells programs what happened, in a goroutine of its own: no program
// makes the engine wait. What was told is written down after the program has heard
// it, so that the next engine repeats only what this one was killed over. Its
// exported methods are for one goroutine.
type Notifier struct {
	Config

	news   chan news
	missed atomic.Bool  // some news found no room: everything is to be told again
	busy   atomic.Int64 // news that were not looked at, and notices that did not go out
	mu     sync.Mutex
	unsent string // why the last notice did not go out; "" once one did

	// Of the goroutine alone.
	waiting []outgoing
	live    map[string]bool            // runs that may be stalled
	told    map[string]bool            // keys
	undone  map[string]map[string]bool // by experiment: runs that were not done when it was last looked at
	ledger  *store.Lines
}

// news are ids of runs to look at.
type news struct {
	rests []string // they came to rest
	lives []string // they live, or will again by themselves
	again string   // an experiment that was asked for anew
}

// newsRoom is how many news may wait to be looked at.
const newsRoom = 1024

// Config is what a Notifier is made of.
type Config struct {
	Store   *store.Store
	Log     *slog.Logger
	Verdict func(experiment string) string // what its runs say, in a line; nil or "": nothing
	Lives   func(id string) bool           // whether a run lives or waits: it has not come to rest
}

// New returns a notifier; Begin sets it going.
func New(c Config) *Notifier {
	return &Notifier{
		Config: c, news: make(chan news, newsRoom),
		live: map[string]bool{}, told: map[string]bool{}, undone: map[string]map[string]bool{},
	}
}

// Begin sets the notifier going, with every run of the experiments that somebody
// wants to hear of: an engine that was killed may have told of some of them and not
// of others. The function that it returns ends it.
func (n *Notifier) Begin() (end func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var serving sync.WaitGroup
	serving.Go(func() { n.serve(ctx) })
	n.lookAtAll()
	return func() { cancel(); serving.Wait() }
}

// Heed keeps who is to hear of an experiment from now on, nil for nobody, and in
// which folder that program works.
func (n *Notifier) Heed(experiment string, how *experiments.Notify, workdir string) error {
	err := keepHearer(n.Store, experiment, how, workdir)
	if err == nil {
		n.hear(news{again: experiment})
	}
	return err
}

// Look is for a run that was launched, or that may have come to rest.
func (n *Notifier) Look(id string) {
	if n.missed.Load() && n.idle() { // there is room again
		n.ToldAll()
	}
	if n.Lives(id) {
		n.hear(news{lives: []string{id}})
	} else {
		n.hear(news{rests: []string{id}})
	}
}

// ToldAll reports whether there is nothing left to tell.
func (n *Notifier) ToldAll() bool {
	if n.missed.Swap(false) {
		n.lookAtAll()
	}
	return n.idle()
}

// Trouble is why the last notice did not go out, "" if it did.
func (n *Notifier) Trouble() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.unsent
}

func (n *Notifier) lookAtAll() {
	all, err := readHearers(n.Store)
	if err != nil {
		n.Log.Warn("nobody hears what happens", "err", err)
		return
	}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		ids, err := n.Store.RunIDs(name)
		if err != nil {
			n.Log.Warn("look for news", "experiment", name, "err", err)
			continue
		}
		x := news{again: name}
		for _, id := range ids {
			if n.Lives(id) {
				x.lives = append(x.lives, id)
			} else {
				x.rests = append(x.rests, id)
			}
		}
		n.hear(x)
	}
}

// hear takes news without waiting.
func (n *Notifier) hear(x news) {
	n.busy.Add(1)
	select {
	case n.news <- x:
	default:
		n.busy.Add(-1)
		n.missed.Store(true)
	}
}

func (n *Notifier) idle() bool { return n.busy.Load() == 0 }
