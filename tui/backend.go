package tui

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"ablate/engine"
	"ablate/experiments"
	"ablate/experiments/store"
	"ablate/tui/page"
	"ablate/tui/report"
)

// updateMsg brings what changed in the store.
type updateMsg struct{ store.Update }

// wokenMsg says that the engine was looked after.
type wokenMsg struct {
	trouble string // what keeps runs waiting
	unsent  string // why the last notification did not go out
	waits   string // why none of the experiment goes, in a few words
	err     error
}

// startedMsg says what the store has, where that was not known at once.
type startedMsg struct {
	open string // the experiment to open, "" for none
	err  error
}

// closedMsg says that there will be no more updates.
type closedMsg struct{}

// backend is where a page's verbs go; all of it happens in Cmds.
type backend interface {
	next() tea.Cmd              // the next updateMsg or closedMsg
	readings(slow bool) tea.Cmd // the next page.Readings
	sources() tea.Cmd           // the next sourceMsg
	tick() tea.Cmd              // the next page.Tick
	wake(of string) tea.Cmd     // for live runs of an experiment start an engine where none answers; "": there are none; wokenMsg comes later
	focus(store.Focus) tea.Cmd
	show([]experiments.Host) tea.Cmd // reaches hosts, whose readings come with the others
}

// live is the backend of a terminal: the store's files and the engine's socket.
type live struct {
	ctx    context.Context //nolint:containedctx // Cmds take no arguments
	client *engine.Client
	feed   func() *store.Feed // waits until the store was looked at once
	nodes  report.Fleet
	source *source
}

func (l live) next() tea.Cmd {
	return func() tea.Msg {
		u, ok := <-l.feed().Updates()
		if !ok {
			return closedMsg{}
		}
		return updateMsg{u}
	}
}

func (l live) tick() tea.Cmd {
	return tea.Tick(time.Second, func(now time.Time) tea.Msg {
		return page.Tick{Now: float64(now.UnixNano()) / 1e9}
	})
}

// readings waits for the next second's, on a thin link for those of every third: most
// of what stands on the page of the GPUs changes with each, over 1 kB where there are
// eight.
func (l live) readings(slow bool) tea.Cmd {
	every := time.Second
	if slow {
		every *= 3
	}
	return tea.Tick(every, func(now time.Time) tea.Msg {
		return page.Readings{Nodes: l.nodes.Nodes(), Now: float64(now.UnixNano()) / 1e9}
	})
}

// sources looks again after a second.
func (l live) sources() tea.Cmd {
	return tea.Tick(time.Second, func(time.Time) tea.Msg { return l.source.look() })
}

func (l live) wake(of string) tea.Cmd {
	return func() tea.Msg {
		var msg wokenMsg
		if of != "" {
			var kept engine.Kept
			kept, msg.err = l.client.Wake(l.ctx, of)
			msg.trouble, msg.unsent, msg.waits = kept.Trouble, kept.Unsent, kept.Waits
		}
		select {
		case <-l.ctx.Done():
		case <-time.After(engine.WakeEvery):
		}
		return msg
	}
}

func (l live) focus(f store.Focus) tea.Cmd {
	return func() tea.Msg {
		l.feed().Focus(l.ctx, f)
		return nil
	}
}

func (l live) show(hosts []experiments.Host) tea.Cmd {
	return func() tea.Msg {
		l.nodes.Show(hosts)
		return nil
	}
}

// do asks the engine.
func (l live) do(r engine.Request) tea.Cmd {
	return func() tea.Msg {
		reply, err := l.client.Do(l.ctx, r)
		return page.Reply{Verb: r.Verb, Reply: reply, Err: err}
	}
}
