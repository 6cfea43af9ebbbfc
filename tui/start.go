package tui

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"

	"ablate/experiments/store"
	"ablate/tui/page"
)

// The time between two looks at the store: a written point is on the screen within
// it.
const (
	refresh     = 800 * time.Millisecond
	slowRefresh = time.Second
)

// atOnce is how long the first frame waits for the store to say what goes on in it.
const atOnce = 50 * time.Millisecond

// Frames a second: a key is on the screen within one, half of one in the median. Each
// wakes the program, also where there is nothing to draw.
const (
	frames     = 50
	slowFrames = 20
)

// Run shows the interface until the user leaves it or ctx ends. It says on
// standard error what goes on without it.
func Run(ctx context.Context, c Config) error {
	if c.Options.mistake != nil {
		return c.Options.mistake
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	site := &page.Site{
		Store: c.Store, Path: c.Path, Workdir: c.Workdir, Recipes: c.Recipes, File: c.File, Shipped: c.Shipped, Slots: c.Slots, Client: c.Client, Slow: c.Options.Slow,
	}
	defer c.Nodes.Close()
	l := &live{ctx: ctx, client: c.Client, source: newSource(c), nodes: c.Nodes}
	site.Do = l.do
	first := lookFirst(c.Store, c.Experiment)
	var starts tea.Cmd
	select {
	case <-first.done:
		if first.err != nil {
			return first.err
		}
		c.Experiment = first.open
	case <-time.After(atOnce):
		starts = first.started
	}
	m := newModel(site, terminal{style: styleOf(os.Environ()), theme: c.Options.Theme, noMouse: inScreen(os.Environ())}, c.Experiment)
	m.term.env, m.crashLog, m.backend, m.starts = environment(os.Environ()), writeCrash, l, starts
	focus := m.asked
	l.feed = sync.OnceValue(func() *store.Feed {
		<-first.done
		if c.Options.Slow {
			return first.ledger.Feed(ctx, slowRefresh, focus)
		}
		return first.ledger.Feed(ctx, refresh, focus)
	})
	if c.Ran != nil {
		m.hear(page.Reply{Verb: "run", Reply: *c.Ran})
	}
	last, err := tea.NewProgram(m, programOptions(ctx, c.Options)...).Run()
	if errors.Is(err, tea.ErrProgramKilled) && ctx.Err() != nil {
		err = nil // a signal asked us to leave; the terminal is restored
	}
	if m, ok := last.(*Model); ok && m.exp != nil && m.exp.Live() > 0 {
		fmt.Fprintf(os.Stderr, "live runs: %d, and they go on; `ablate` shows them again, `ablate stop %s` ends them\n", m.exp.Live(), m.exp.Title())
	}
	if err != nil {
		return fmt.Errorf("show interface: %w", err)
	}
	return nil
}

func programOptions(ctx context.Context, o Options) []tea.ProgramOption {
	fps := frames
	if o.Slow {
		fps = slowFrames
	}
	return []tea.ProgramOption{
		tea.WithContext(ctx), tea.WithFPS(fps), tea.WithOutput(newProbe(os.Stdout, styleOf(os.Environ()))), tea.WithEnvironment(environOf(os.Environ(), o.Sync)),
	}
}

// firstLook is the look at the store that says where to open.
type firstLook struct {
	ledger *store.Ledger
	done   chan struct{} // closed when the rest is there
	open   string        // the experiment to open; "" for the list
	err    error
}

// lookFirst looks at a store beside the rest; where it is known what to open it is
// done at once.
func lookFirst(s *store.Store, open string) *firstLook {
	f := &firstLook{ledger: store.OpenLedger(s), done: make(chan struct{}), open: open}
	if open != "" {
		close(f.done)
		return f
	}
	go func() {
		defer close(f.done)
		all, err := f.ledger.Summaries()
		f.open, f.err = openOn(all), err
	}()
	return f
}

// started brings what was found, when it is.
func (f *firstLook) started() tea.Msg {
	<-f.done
	return startedMsg{f.open, f.err}
}

// started opens what goes on, unless somebody was faster.
func (m *Model) started(msg startedMsg) tea.Cmd {
	switch {
	case msg.err != nil:
		m.say("cannot read all of the store: "+msg.err.Error(), true)
	case msg.open != "" && m.exp == nil && m.help == nil && m.palette == nil:
		return page.Send(page.Open{Place: page.Experiment, Names: []string{msg.open}})
	}
	return nil
}

// openOn is the experiment with live runs, else the one last touched, else none.
func openOn(all []store.Summary) string {
	name, best := "", 0.0
	for _, s := range all {
		active := s.Active
		if s.Runs[store.Running]+s.Runs[store.Queued]+s.Runs[store.Stalled] > 0 {
			active += 1e12
		}
		if active > best {
			name, best = s.Name, active
		}
	}
	return name
}
