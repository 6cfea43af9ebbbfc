package engine

import (
	"context"
	"fmt"
	"io"
)

// Ask puts a verb about the runs that names mean to the engine, and says what
// came of it.
func (c *Client) Ask(ctx context.Context, w io.Writer, verb string, names []string) error {
	if len(names) == 0 {
		return fmt.Errorf("read command line: say what to %s, a run or an experiment; `ablate ls` shows them", verb)
	}
	var ids []string
	for _, name := range names {
		found, err := c.store.Find(name)
		if err != nil {
			return err
		}
		ids = append(ids, found...)
	}
	r, err := c.Do(ctx, Request{Verb: verb, Runs: ids})
	if err == nil {
		fmt.Fprintf(w, "%s: %d queued, %d stopping, %d needed nothing\n", verb, r.Queued, r.Stopped, r.Done+r.Going)
	}
	return err
}

// StopAll ends every run of the store, where there are any.
func (c *Client) StopAll(ctx context.Context, w io.Writer) error {
	names, err := c.store.Experiments()
	if err != nil || len(names) == 0 {
		return err
	}
	return c.Ask(ctx, w, "stop", names)
}

// Tell says what came of the wish to run an experiment.
func (r Reply) Tell(w io.Writer, experiment string) {
	fmt.Fprintf(w, "%s: %d queued, %d going, %d reused (done with these parameters); %d at a time\n", experiment, r.Queued, r.Going, r.Done, r.Slots)
	if r.Warning != "" {
		fmt.Fprintln(w, "warning:", r.Warning)
	}
	if r.Stopped > 0 {
		fmt.Fprintf(w, "%d are being stopped: ask again when they have ended\n", r.Stopped)
	}
}
