// Package page is what the root of the interface and its pages know of each other.
//
// A page is a plain struct, changed by Update alone. It never opens another page,
// writes to the terminal or waits: it returns a Cmd whose message asks the root
// (Open, Back, Say, Ask, Copy), the engine (Site.Do, answered by a Reply) or a
// file (any other Cmd of its own, whose message comes back to it).
package page

import (
	tea "charm.land/bubbletea/v2"

	"ablate/experiments/store"
	"ablate/tui/look"
)

// Page is one screen.
type Page interface {
	// Title is where the reader is, as one step of a path: "quick", "2048×1 s2".
	Title() string
	// State is what goes on here, styled, the most important part first; parts go
	// from the end where there is no room.
	State(look.Look) []string
	// Keys is the one table for dispatch, the last line, the help, the palette and
	// the README. While the page is Typing it lists what ends that.
	Keys() []Key
	// Typing reports whether letters are text here: keys then come to Update as
	// they are, and none but ctrl+c means anything else.
	Typing() bool
	// Back leaves the innermost layer of the page (a filter, a pane that has all
	// the room) and reports whether there was one; if not, the page is left.
	Back() bool
	// Update takes in a message: Data, Readings, Tick, Reply, Click, Wheel, keys
	// while Typing, and what the page's own Cmds bring. Others are passed over.
	Update(tea.Msg) tea.Cmd
	// View is exactly h lines of exactly w cells. It computes and changes nothing
	// but what it keeps to be faster.
	View(l look.Look, w, h int) []string
}

// Focuser is a page that wants the feed to read something.
type Focuser interface {
	// Focus is what the page shows of the store now; it is asked after every Update.
	Focus() store.Focus
}

// Legender is a page with signs of its own; the help shows them: {sign, meaning}.
type Legender interface{ Legend() [][2]string }

// Beginner is a page that has something to do as it is opened.
type Beginner interface {
	// Begin is carried out once, when the page has what the root knows.
	Begin() tea.Cmd
}

// Key is one thing that can be done on a page.
type Key struct {
	Keys string // what does it: "j ↓"; "" for what only the palette has
	Name string // what the palette calls it, one word or more: "stop all"; "" leaves it out there
	Hint string // in the last line; "" leaves it out there
	Help string // in the help and the README
	Do   func() tea.Cmd
	Args func() []string      // in the palette: what may follow the name; nil where nothing does
	With func(string) tea.Cmd // does it with what followed
}

// Place is a page that can be opened by name.
type Place uint8

// The places, and what Open.Names are there.
const (
	List       Place = iota // none
	Experiment              // an experiment
	Run                     // a run id
	Compare                 // two to eight runs, cells, experiments or EXP@TIME; fewer: those it begins with
	New                     // none, or a name
	Clone                   // the experiment that is cloned
	Edit                    // the experiment that is edited
	GPUs                    // none
	Queue                   // none
)

// Messages to the root.
type (
	// Open opens a page above the one that asks.
	Open struct {
		Place Place
		Names []string
	}
	// Back leaves the page.
	Back struct{}
	// Say shows a line until the next key.
	Say struct {
		Text   string
		Failed bool // it is an error, and stays
	}
	// Ask asks before what cannot be undone.
	Ask struct {
		Text string
		Yes  tea.Cmd
	}
	// ShowHosts asks for readings of the GPUs of all hosts of the experiment file, which
	// are reached from here on.
	ShowHosts struct{}
	// Copy puts a text into the clipboard of the terminal that shows the interface,
	// also over SSH (OSC 52).
	Copy struct{ Text, What string } // What: "the run's name", for the answer
)

// Messages to every page that is open.
type (
	// Data is what changed in the store for a focus, which may be another page's.
	Data struct{ store.Update }
	// Tick comes about once a second.
	Tick struct{ Now float64 } // seconds since 1970
	// Source says that the experiment file, or the number of slots, was changed:
	// the Site has them.
	Source struct{}
)

// Messages to the page on top.
type (
	// Click is a press of the left button on a cell of the page.
	Click struct{ X, Y int }
	// Wheel is a turn of the wheel over a cell of the page.
	Wheel struct{ X, Y, Lines int } // Lines: negative is up
)

// Send is the Cmd that brings a message.
func Send(msg tea.Msg) tea.Cmd { return func() tea.Msg { return msg } }

// Answer says what came of a key.
func Answer(text string) tea.Cmd { return Send(Say{Text: text}) }

// Fail says why a key did nothing.
func Fail(text string) tea.Cmd { return Send(Say{Text: text, Failed: true}) }
