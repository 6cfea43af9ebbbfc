package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"ablate/experiments"
	"ablate/experiments/store"
)

// Status is `engine status --json`.
type Status struct {
	Store   string `json:"store"`
	Serving bool   `json:"serving"`
	Build   string `json:"build"`
	PID     int    `json:"pid"`
	Slots   int    `json:"slots"`
	Live    int    `json:"live"`    // runs in slots; without an engine those of which something lives
	Waiting int    `json:"waiting"` // in the queue, or not due yet; without an engine those that would be
	Trouble string `json:"trouble"`
	Unsent  string `json:"unsent"` // why the last notification did not go out
	State
}

// left counts the runs that live or wait in the folders of a store that no engine
// serves.
func (c *Client) left() (live, waiting int) {
	names, _ := c.store.Experiments() // of what cannot be read there is nothing to tell
	for _, name := range names {
		records, _ := c.store.Records(name)
		for _, r := range records {
			switch {
			case r.Status == store.Queued:
				waiting++
			case r.Status.Live(), r.Status == store.Paused && holds(r): // halted: it keeps its memory
				live++
			}
		}
	}
	return live, waiting
}

// notServed says that no engine serves the store, and what waits for one.
func (s Status) notServed() string {
	if s.Live+s.Waiting == 0 {
		return fmt.Sprintf("no engine serves %s; the next run starts one\n", s.Store)
	}
	return fmt.Sprintf("no engine serves %s, which holds %d live and %d waiting runs: `ablate`, or the next command that changes anything, starts one that takes them up\n",
		s.Store, s.Live, s.Waiting)
}

// Status asks who serves the store, without starting an engine. One of before
// that does not tell who holds what has an empty state.
func (c *Client) Status(ctx context.Context) (Status, error) {
	var s Status
	var err error
	// One that is killed meanwhile, or that only begins to serve, is asked again.
	_ = poll(ctx, statusPatience, func() bool {
		s, err = c.statusNow(ctx)
		return !replaceable(err)
	})
	return s, err
}

// statusPatience is how long who asks for the status waits for an engine that
// holds the store and does not answer.
const statusPatience = 3 * time.Second

func (c *Client) statusNow(ctx context.Context) (Status, error) {
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
		s.Live, s.Waiting = c.left()
		return s, nil
	}
	more, err := c.send(ctx, Request{Verb: "status"})
	if err != nil {
		return s, err
	}
	if more.State != nil {
		s.State = *more.State
		expect(c.store, s.Slots, &s.State)
	}
	return s, nil
}

// WriteStatus tells who serves the store and who holds what.
func (c *Client) WriteStatus(ctx context.Context, w io.Writer, asJSON bool) error {
	s, err := c.Status(ctx)
	if err != nil {
		return err
	}
	if asJSON {
		return json.NewEncoder(w).Encode(s)
	}
	if !s.Serving {
		_, err = io.WriteString(w, s.notServed())
		return err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "engine %d (build %s) serves %s: %s, %d waiting\n", s.PID, s.Build, s.Store, s.busy(), s.Waiting)
	if s.Trouble != "" {
		fmt.Fprintf(&b, "runs wait because: %s\n", lacks(s.Trouble))
	}
	if s.Unsent != "" {
		fmt.Fprintf(&b, "not told: %s\n", s.Unsent)
	}
	writeHolders(&b, s.Runs)
	writeBudgets(&b, s.Budgets)
	_, err = io.WriteString(w, b.String())
	return err
}

// busy is how many runs there are at a time, and may be.
func (s Status) busy() string {
	if s.Live > s.Slots {
		return fmt.Sprintf("%d runs in %d slots (there were more; what runs goes on)", s.Live, s.Slots)
	}
	return fmt.Sprintf("%d of %d slots busy", s.Live, s.Slots)
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
		fmt.Fprintf(t, "%s\ta%d\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n",
			r.ID, r.Attempt, clock(&r.Since), r.Host, known(r.Runner), known(r.Trainer), known(r.Workers), strings.Join(r.GPUs, " "), does)
	}
}

// known is a number for people, nothing while nobody knows it.
func known(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// writeBudgets is what experiments used of their limits.
func writeBudgets(w io.Writer, budgets []Budget) {
	for _, b := range budgets {
		var parts []string
		if b.Runs != nil {
			parts = append(parts, fmt.Sprintf("%.0f of %.0f runs", b.Runs.Used, b.Runs.Limit))
		}
		if b.Wall != nil {
			parts = append(parts, fmt.Sprintf("%s of %s", experiments.DurationText(b.Wall.Used), experiments.DurationText(b.Wall.Limit)))
		}
		if b.GPUHours != nil {
			parts = append(parts, fmt.Sprintf("%.2f of %g GPU-hours", b.GPUHours.Used, b.GPUHours.Limit))
		}
		fmt.Fprintf(w, "%s used %s\n", b.Experiment, strings.Join(parts, ", "))
	}
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
	s, err := c.Status(ctx)
	if err != nil {
		return err
	}
	if asJSON {
		return json.NewEncoder(w).Encode(s.Queue)
	}
	var b strings.Builder
	switch {
	case !s.Serving:
		b.WriteString(s.notServed())
	case len(s.Queue) == 0:
		fmt.Fprintf(&b, "nothing waits; %s\n", s.busy())
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
