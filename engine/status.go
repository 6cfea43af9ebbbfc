package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"
)

// Status is `engine status --json`.
type Status struct {
	Store   string `json:"store"`
	Serving bool   `json:"serving"`
	Build   string `json:"build"`
	PID     int    `json:"pid"`
	Slots   int    `json:"slots"`
	Live    int    `json:"live"`    // runs in slots
	Waiting int    `json:"waiting"` // in the queue, or not due yet
	Trouble string `json:"trouble"`
	Unsent  string `json:"unsent"` // why the last notification did not go out
	State
}

// status asks who serves the store, without starting an engine. One of before
// that does not tell who holds what has an empty state.
func (c *Client) status(ctx context.Context) (Status, error) {
	reply, err := c.Hello(ctx)
	gone := errors.Is(err, ErrUnreachable) && !c.served()
	if err != nil && !gone {
		return Status{}, err
	}
	s := Status{
		Store: c.store.Dir, Serving: !gone, Build: reply.Build, PID: reply.PID, Slots: reply.Slots, Live: reply.Live,
		Waiting: reply.Waiting, Trouble: reply.Trouble, Unsent: reply.Unsent, State: State{Runs: []Holder{}, Queue: []Waiting{}, Budgets: []Budget{}},
	}
	if gone {
		return s, nil
	}
	more, err := c.send(ctx, Request{Verb: "status"})
	if err != nil {
		return s, err
	}
	if more.State != nil {
		s.State = *more.State
		c.expect(s.Slots, &s.State)
	}
	return s, nil
}

// WriteStatus tells who serves the store and who holds what.
func (c *Client) WriteStatus(ctx context.Context, w io.Writer, asJSON bool) error {
	s, err := c.status(ctx)
	if err != nil {
		return err
	}
	if asJSON {
		return json.NewEncoder(w).Encode(s)
	}
	if !s.Serving {
		_, err = fmt.Fprintf(w, "no engine serves %s; the next run starts one\n", s.Store)
		return err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "engine %d (build %s) serves %s: %d of %d slots busy, %d waiting\n", s.PID, s.Build, s.Store, s.Live, s.Slots, s.Waiting)
	if s.Trouble != "" {
		fmt.Fprintf(&b, "runs wait because: %s\n", s.Trouble)
	}
	if s.Unsent != "" {
		fmt.Fprintf(&b, "not told: %s\n", s.Unsent)
	}
	writeHolders(&b, s.Runs)
	writeBudgets(&b, s.Budgets)
	_, err = io.WriteString(w, b.String())
	return err
}

func writeHolders(w io.Writer, runs []Holder) {
	if len(runs) == 0 {
		return
	}
	t := newTable(w)
	defer t.Flush()
	fmt.Fprintln(t, "run\tattempt\tsince\thost\trunner\ttrainer\tworkers\tGPUs\t")
	for _, r := range runs {
		does := ""
		switch {
		case r.Ends != "":
			does = "being " + r.Ends
		case r.Halted:
			does = "halted"
		case r.Since == 0:
			does = "being launched"
		}
		fmt.Fprintf(t, "%s\ta%d\t%s\t%s\t%d\t%d\t%d\t%s\t%s\n",
			r.ID, r.Attempt, clock(&r.Since), r.Host, r.Runner, r.Trainer, r.Workers, strings.Join(r.GPUs, " "), does)
	}
}

// writeBudgets is what experiments used of their limits.
func writeBudgets(w io.Writer, budgets []Budget) {
	for _, b := range budgets {
		var parts []string
		if b.Runs != nil {
			parts = append(parts, fmt.Sprintf("%.0f of %.0f runs", b.Runs.Used, b.Runs.Limit))
		}
		if b.Wall != nil {
			parts = append(parts, fmt.Sprintf("%v of %v", seconds(b.Wall.Used), seconds(b.Wall.Limit)))
		}
		if b.GPUHours != nil {
			parts = append(parts, fmt.Sprintf("%.2f of %g GPU-hours", b.GPUHours.Used, b.GPUHours.Limit))
		}
		fmt.Fprintf(w, "%s used %s\n", b.Experiment, strings.Join(parts, ", "))
	}
}

func seconds(s float64) time.Duration {
	return time.Duration(s * float64(time.Second)).Round(time.Second)
}

func newTable(w io.Writer) *tabwriter.Writer { return tabwriter.NewWriter(w, 0, 0, 2, ' ', 0) }

// clock is a time for people, in their zone: with the day if that is another one.
func clock(at *float64) string {
	if at == nil || *at == 0 {
		return ""
	}
	t := time.UnixMilli(int64(*at * 1000))
	if y, d := t.Year(), t.YearDay(); y == time.Now().Year() && d == time.Now().YearDay() {
		return t.Format(time.TimeOnly)
	}
	return t.Format(time.DateTime)
}

// WriteQueue is `ablate queue`: what waits, the next one first.
func (c *Client) WriteQueue(ctx context.Context, w io.Writer, asJSON bool) error {
	s, err := c.status(ctx)
	if err != nil {
		return err
	}
	if asJSON {
		return json.NewEncoder(w).Encode(s.Queue)
	}
	var b strings.Builder
	switch {
	case !s.Serving:
		fmt.Fprintf(&b, "no engine serves %s; the next run starts one\n", s.Store)
	case len(s.Queue) == 0:
		fmt.Fprintf(&b, "nothing waits; %d of %d slots busy\n", s.Live, s.Slots)
	default:
		t := newTable(&b)
		fmt.Fprintln(t, "run\tasked\tby\tstarts\t")
		for _, x := range s.Queue {
			fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\n", x.ID, clock(&x.Asked), x.By, clock(x.Starts), x.note())
		}
		t.Flush()
	}
	writeBudgets(&b, s.Budgets)
	_, err = io.WriteString(w, b.String())
	return err
}

func (x Waiting) note() string {
	switch {
	case x.Due != nil && x.Retries != "":
		return fmt.Sprintf("tried again at %s: %s", clock(x.Due), x.Retries)
	case x.Due != nil:
		return "launched again at " + clock(x.Due)
	case x.Halted:
		return "halted"
	case x.Lacks != "":
		return "waits: " + x.Lacks
	default:
		return ""
	}
}
