package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"ablate/experiments/store"
)

// Ask puts a verb about the runs that names mean to the engine, and says what
// came of it.
func (c *Client) Ask(ctx context.Context, w io.Writer, r Request, names []string) error {
	ids, err := c.find(r.Verb, names)
	if err != nil {
		return err
	}
	r.Runs = ids
	reply, err := c.Do(ctx, r)
	if err == nil {
		reply.tell(w, r.Verb)
	}
	return err
}

// find returns the ids of the runs that the names mean.
func (c *Client) find(verb string, names []string) (ids []string, err error) {
	if len(names) == 0 {
		return nil, fmt.Errorf("read command line: say what to %s, a run or an experiment; `ablate ls` shows them", verb)
	}
	for _, name := range names {
		found, err := c.store.Find(name)
		if err != nil {
			return nil, err
		}
		ids = append(ids, found...)
	}
	return ids, nil
}

// tell says what came of a verb about runs.
func (r Reply) tell(w io.Writer, verb string) {
	text := fmt.Sprintf("%s: %d queued, %d stopping, %d needed nothing", verb, r.Queued, r.Stopped, r.Done+r.Going)
	if verb == "pause" {
		text = fmt.Sprintf("%s: %d paused, %d ending, %d needed nothing", verb, r.Paused, r.Stopped, r.Done+r.Going)
	} else if r.Paused > 0 {
		text += fmt.Sprintf(", %d paused", r.Paused)
	}
	fmt.Fprintln(w, text)
	r.tellWhatWaits(w, verb)
}

// tellWhatWaits says which runs are left as they are, and what takes them up.
func (r Reply) tellWhatWaits(w io.Writer, verb string) {
	if r.Warning != "" {
		fmt.Fprintln(w, "warning:", r.Warning)
	}
	if r.Stopped > 0 && verb != "pause" && verb != "stop" {
		fmt.Fprintf(w, "%d are being ended: ask again when they have\n", r.Stopped)
	}
	if r.Paused > 0 && verb != "pause" {
		fmt.Fprintf(w, "%d paused: `ablate resume` goes on with them\n", r.Paused)
	}
	if r.Ruled > 0 {
		fmt.Fprintf(w, "%d ended by a stop rule and would again: `ablate %s --force` runs them all the same\n", r.Ruled, verb)
	}
}

// Tell says what came of the wish to run an experiment.
func (r Reply) Tell(w io.Writer, experiment string) {
	fmt.Fprintf(w, "%s: %d queued, %d going, %d reused (done with these parameters); %d at a time\n", experiment, r.Queued, r.Going, r.Reused, r.Slots)
	r.tellWhatWaits(w, "run")
}

// endPatience is how long whoever stops all runs waits for their ends: what their
// runners give them, and as much as a busy disk may take.
const endPatience = Grace + 5*time.Second

// StopAll ends every run of the store, where there are any, and waits for that.
func (c *Client) StopAll(ctx context.Context, w io.Writer) error {
	names, err := c.store.Experiments()
	if err != nil || len(names) == 0 {
		return err
	}
	if err := c.Ask(ctx, w, Request{Verb: "stop"}, names); err != nil {
		return err
	}
	told := ""
	var alive []string
	err = poll(ctx, endPatience, func() bool {
		alive = unended(c.store, names)
		if text := strings.Join(alive, ", "); text != told && text != "" {
			told = text
			fmt.Fprintf(w, "waiting up to %v for the end of %s\n", endPatience, text)
		}
		return len(alive) == 0
	})
	if err != nil && ctx.Err() == nil {
		return fmt.Errorf("stop runs: %s still live after %v; `ablate engine stop` ends the engine without them", told, endPatience)
	}
	return ctx.Err()
}

// unended are the runs that have not ended: live, or halted.
func unended(s *store.Store, experiments []string) (ids []string) {
	for _, name := range experiments {
		all, _ := s.RunIDs(name) // what cannot be listed cannot be waited for
		for _, id := range all {
			if r, err := s.Look(id); err == nil && r.Attempt > 0 && (r.Status.Live() || r.Status == store.Paused && holds(r)) {
				ids = append(ids, id)
			}
		}
	}
	return ids
}

// Move is `ablate move RUN|EXP... first|last|before RUN`.
func (c *Client) Move(ctx context.Context, w io.Writer, args []string) error {
	var names []string
	var place string
	switch n := len(args); {
	case n > 1 && (args[n-1] == First || args[n-1] == Last):
		names, place = args[:n-1], args[n-1]
	case n > 2 && args[n-2] == "before":
		names = args[:n-2]
	default:
		return errors.New("read command line: want `ablate move RUN|EXP first|last|before RUN`; `ablate queue` shows the order")
	}
	waiting, later, err := c.waiting(ctx)
	if err != nil {
		return err
	}
	if place == "" {
		before, err := c.find("move", args[len(args)-1:])
		if err != nil {
			return err
		}
		if place = firstOf(waiting, before); place == "" {
			return notQueued(args[len(args)-1], firstOf(later, before))
		}
	}
	var order, named []string
	for _, name := range names { // the runs of one name stay in their order
		found, err := c.find("move", []string{name})
		if err != nil {
			return err
		}
		named = append(named, found...)
		for _, id := range waiting {
			if slices.Contains(found, id) {
				order = append(order, id)
			}
		}
	}
	if len(order) == 0 {
		return notQueued(strings.Join(names, ", "), firstOf(later, named))
	}
	reply, err := c.Do(ctx, Request{Verb: "move", Order: order, Place: place})
	if err == nil {
		fmt.Fprintf(w, "move: %d moved, %d do not wait\n", reply.Moved, reply.Done)
	}
	return err
}

// notQueued is the error for names of which no run has a place in the queue; later
// is one of them that comes into it at its time, "" for none.
func notQueued(names, later string) error {
	if later != "" {
		return fmt.Errorf("move runs: %s has no place in the queue before its time comes: `ablate retry %s` brings it in now", later, later)
	}
	return fmt.Errorf("move runs: nothing of %s waits in the queue; `ablate queue` shows what does", names)
}

// waiting are the ids in the queue, the next one first, and those that come into
// it at their time.
func (c *Client) waiting(ctx context.Context) (ids, later []string, err error) {
	reply, err := c.Do(ctx, Request{Verb: "status"})
	if err != nil {
		return nil, nil, err
	}
	for _, w := range reply.State.Queue {
		if w.Due == nil {
			ids = append(ids, w.ID)
		} else {
			later = append(later, w.ID)
		}
	}
	return ids, later, nil
}

// firstOf is the first in order that is one of ids, "" if none is.
func firstOf(order, ids []string) string {
	i := slices.IndexFunc(order, func(id string) bool { return slices.Contains(ids, id) })
	if i < 0 {
		return ""
	}
	return order[i]
}
