package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"ablate/experiments/store"
)

// mark appends what somebody said about experiments, cells and runs to the
// store's marks.jsonl. A target that the request marked before, an engine ago, is
// left as it is.
func (e *Engine) mark(r Request) (Reply, error) {
	var reply Reply
	if r.Mark == nil || len(r.Runs) == 0 {
		return reply, errors.New("mark: the request does not say what to mark, or how")
	}
	for _, on := range r.Runs {
		m := store.Mark{On: on, Kind: r.Mark.Kind, Text: r.Mark.Text}
		if err := m.Check(); err != nil {
			return reply, err
		}
		if !e.Store.HasTarget(on) {
			return reply, fmt.Errorf("mark %q: the store has no such experiment, cell or run", on)
		}
	}
	known, err := store.ReadMarks(e.Store)
	if err != nil {
		return reply, err
	}
	if err := e.journal.record(r, r.Runs); err != nil {
		return reply, err
	}
	file, err := store.AppendTo(e.Store.MarksFile())
	if err != nil {
		return reply, err
	}
	defer file.Close()
	for _, on := range r.Runs {
		reply.Marked++
		if r.Key != "" && known.Has(r.Key, on) {
			continue
		}
		m := store.Mark{Time: store.Now(), By: r.By, On: on, Kind: r.Mark.Kind, Text: r.Mark.Text, Key: r.Key}
		if err := file.Append(m); err != nil {
			return reply, err
		}
	}
	if err := file.Sync(); err != nil {
		return reply, err
	}
	return reply, store.SyncDir(e.Store.Dir)
}

// Mark is `mark NAME KIND [TEXT]`.
func (c *Client) Mark(ctx context.Context, w io.Writer, args []string) error {
	if len(args) < 2 {
		return errors.New("read command line: want what to mark and how: ablate mark RUN|CELL|EXP note|tag|untag|star|unstar|hide|unhide|distrust|trust [TEXT]")
	}
	m := store.Mark{On: args[0], Kind: args[1], Text: strings.Join(args[2:], " ")}
	if err := m.Check(); err != nil {
		return err
	}
	target, err := c.store.Target(m.On)
	if err != nil {
		return err
	}
	if _, err := c.Do(ctx, Request{Verb: "mark", Runs: []string{target}, Mark: &m}); err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "%s: %s\n", target, m.Words())
	return err
}
