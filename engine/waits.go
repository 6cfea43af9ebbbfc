package engine

import (
	"context"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"sync"
	"time"
)

// Place is how an experiment waits of which nothing goes.
type Place struct {
	Before int `json:"before"` // runs in the queue that come first
}

// place is nil if a run of the experiment goes, or none waits for its turn.
func (e *Engine) place(experiment string) *Place {
	for id := range e.slots.runs {
		if experimentOf(id) == experiment && e.slots.going(id) {
			return nil
		}
	}
	at := slices.IndexFunc(e.queue.wishes, func(w wish) bool { return experimentOf(w.id) == experiment })
	if experiment == "" || at < 0 || e.crowds.whyHeld(e.queue.wishes[at]) != "" {
		return nil
	}
	return &Place{Before: at}
}

// Kept is what who waits for the runs of an experiment hears of them.
type Kept struct {
	Trouble string // why runs that wait could not be launched
	Unsent  string // why the last notification did not go out
	Waits   string // in a few words, if all slots have other runs and none of these: how they wait
	before  int    // then: runs in the queue that come first
}

// Wake starts an engine where none answers. It is for whoever waits for runs of an
// experiment: a killed engine is replaced, and the next one takes them up.
func (c *Client) Wake(ctx context.Context, experiment string) (Kept, error) {
	reply, err := c.hello(ctx, experiment)
	if err == nil {
		return c.kept(ctx, experiment, reply), nil
	}
	if !replaceable(err) {
		return Kept{}, err
	}
	program, err := Install(filepath.Join(c.store.EngineDir(), "bin"))
	if err != nil {
		return Kept{}, err
	}
	return Kept{}, c.start(ctx, program)
}

// kept puts an answer into words. When its turn comes is asked for only where it
// waits.
func (c *Client) kept(ctx context.Context, experiment string, r Reply) Kept {
	k := Kept{Trouble: r.Trouble, Unsent: r.Unsent}
	if r.Place == nil || r.Live < r.Slots {
		return k
	}
	k.before = r.Place.Before
	k.Waits = fmt.Sprintf("%d/%d slots taken", r.Live, r.Slots)
	if k.before > 0 {
		k.Waits += fmt.Sprintf(", %d before it", k.before)
	}
	if at := c.guessed.of(experiment, k.before, func() string { return c.startOf(ctx, experiment) }); at != "" {
		k.Waits += ", from ~" + at
	}
	return k
}

// startOf is when the first run of an experiment may start, "" if nobody knows.
func (c *Client) startOf(ctx context.Context, experiment string) string {
	reply, err := c.send(ctx, Request{Verb: "status"})
	if err != nil || reply.State == nil {
		return ""
	}
	expect(c.store, reply.Slots, reply.State)
	for _, w := range reply.State.Queue {
		if experimentOf(w.ID) == experiment && w.Starts != nil {
			return shortClock(*w.Starts)
		}
	}
	return ""
}

// guess is what startOf last said: to ask it every two seconds costs too much where
// there are thousands of runs.
type guess struct {
	mu         sync.Mutex
	experiment string
	before     int
	at         time.Time
	said       string
}

// of is what ask says, or said half a minute ago or less of the same place.
func (g *guess) of(experiment string, before int, ask func() string) string {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.experiment != experiment || g.before != before || time.Since(g.at) > 30*time.Second {
		g.experiment, g.before, g.at, g.said = experiment, before, time.Now(), ask()
	}
	return g.said
}

// shortClock is clock to the minute: of a guess.
func shortClock(at float64) string {
	t, now := time.UnixMilli(int64(at*1000)), time.Now()
	if y, d := t.Year(), t.YearDay(); y == now.Year() && d == now.YearDay() {
		return t.Format("15:04")
	}
	return t.Format("Jan 2 15:04")
}

// WakeEvery is the time between two looks of those who wait.
const WakeEvery = 2 * time.Second

// Keep wakes the engine again and again until ctx ends, and tells what keeps the
// runs of an experiment from being launched whenever that changes; of a queue
// before them, whenever half of it is gone.
func (c *Client) Keep(ctx context.Context, experiment string, tell func(why string)) {
	told, before := "", math.MaxInt
	tick := time.NewTicker(WakeEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		k, err := c.Wake(ctx, experiment)
		if err != nil && ctx.Err() == nil {
			k.Trouble = err.Error()
		}
		switch {
		case k.Trouble != "" && k.Trouble != told:
			tell(lacks(k.Trouble))
		case k.Waits == "":
			before = math.MaxInt
		case k.before < before-before/2:
			tell(k.Waits)
			before = k.before
		}
		told = k.Trouble
	}
}
