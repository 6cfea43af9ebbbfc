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
	"os"

	"github.com/charmbracelet/x/term"

	"ablate/engine"
	"ablate/experiments"
	"ablate/experiments/store"
	"ablate/tui/report"
)

// Config is what the interface works on.
type Config struct {
	File       *experiments.File
	Shipped    *experiments.File // what comes with the program
	Path       string            // of the file, to see that it changed
	Load       func() (*experiments.File, error)
	Recipes    []experiments.Recipe
	Store      *store.Store
	Client     *engine.Client
	Workdir    string        // absolute: where the experiment file stands, and trainers work
	Slots      int           // runs at a time on this machine
	Experiment string        // to open on; "" for where something goes on
	Ran        *engine.Reply // to whoever asked to run it; nil if nobody did
	Nodes      report.Fleet  // whose GPUs are shown
	Options    Options
}

// InTerminal reports whether there is a terminal to show an interface in, and to
// hear keys from.
func InTerminal() bool {
	return term.IsTerminal(os.Stdin.Fd()) && term.IsTerminal(os.Stdout.Fd()) && os.Getenv("TERM") != "dumb"
}
