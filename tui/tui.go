// Package tui is the terminal interface: one Bubble Tea model, a stack of pages
// that are plain structs, and charts that are functions of data.
//
//	files -> store.Feed -> updateMsg -> page.Data  -> Page.Update -> state -> View
//	key   -> Page.Keys  -> Site.Do   -> engine.Client -> page.Reply
//	star, hide -> the same -> marks.jsonl -> store.Feed
//
// Everything that touches a file, a socket or the clock happens in a Cmd; Update
// and View only compute. What runs does not depend on any of this: leaving the
// interface leaves the runs going.
package tui

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/term"

	"ablate/engine"
	"ablate/experiments"
	"ablate/experiments/store"
	"ablate/gpu"
	"ablate/tui/chart"
	"ablate/tui/page"
)

// Config is what the interface works on.
type Config struct {
	File       *experiments.File
	Path       string // of the file, to see that it changed
	Load       func() (*experiments.File, error)
	Recipes    []experiments.Recipe
	Store      *store.Store
	Client     *engine.Client
	Workdir    string        // absolute: where the experiment file stands, and trainers work
	Slots      int           // runs at a time on this machine
	Experiment string        // to open on; "" for where something goes on
	Ran        *engine.Reply // to whoever asked to run it; nil if nobody did
}

// InTerminal reports whether there is a terminal to show an interface in, and to
// hear keys from.
func InTerminal() bool {
	return term.IsTerminal(os.Stdin.Fd()) && term.IsTerminal(os.Stdout.Fd()) && os.Getenv("TERM") != "dumb"
}

// refresh is the time between two looks at the store: a written point is on the
// screen within it.
const refresh = 400 * time.Millisecond

// Run shows the interface until the user leaves it or ctx ends. It says on
// standard error what goes on without it.
func Run(ctx context.Context, c Config) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ledger := store.OpenLedger(c.Store)
	if c.Experiment == "" {
		summaries, err := ledger.Summaries()
		if err != nil {
			return err
		}
		c.Experiment = openOn(summaries)
	}
	site := &page.Site{
		Store: c.Store, Path: c.Path, Workdir: c.Workdir, Recipes: c.Recipes, File: c.File, Slots: c.Slots, Client: c.Client,
	}
	l := live{ctx: ctx, client: c.Client, source: newSource(c), gpus: gpu.NewWatch(ctx, gpu.Open, time.Second)}
	site.Do = l.do
	m := newModel(site, styleOf(os.Environ()), c.Experiment)
	l.feed = ledger.Feed(ctx, refresh, m.asked)
	m.backend = l
	if c.Ran != nil {
		m.hear(page.Reply{Verb: "run", Reply: *c.Ran})
	}
	last, err := tea.NewProgram(m, tea.WithContext(ctx)).Run()
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

// styleOf reads from the environment what the terminal can show: no colour where
// NO_COLOR says so, plain characters where the locale is not UTF-8.
func styleOf(environ []string) chart.Style {
	env := map[string]string{}
	for _, kv := range environ {
		name, value, _ := strings.Cut(kv, "=")
		env[name] = value
	}
	s := chart.Style{Theme: chart.Theme{NoColor: env["NO_COLOR"] != "" || env["TERM"] == "dumb"}}
	locale := env["LC_ALL"]
	for _, name := range []string{"LC_CTYPE", "LANG"} {
		if locale == "" {
			locale = env[name]
		}
	}
	if l := strings.ToUpper(locale); !strings.Contains(l, "UTF-8") && !strings.Contains(l, "UTF8") {
		s.Glyphs = chart.ASCII
	} else if env["TERM"] == "linux" {
		s.Glyphs = chart.Blocks
	}
	return s
}
