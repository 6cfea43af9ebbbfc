package tui

import (
	"context"
	"errors"
	"time"

	tea "charm.land/bubbletea/v2"

	"ablate/engine"
	"ablate/experiments"
	"ablate/experiments/store"
	"ablate/gpu"
)

// updateMsg brings what changed in the store.
type updateMsg struct{ store.Update }

// gpuMsg brings the newest readings of this machine's GPUs.
type gpuMsg struct {
	devices []gpu.Device
	err     error
}

// replyMsg brings the engine's answer to a verb.
type replyMsg struct {
	verb  string
	reply engine.Reply
	err   error
}

// wokenMsg says that the engine was looked after.
type wokenMsg struct {
	trouble string // what keeps runs waiting
	unsent  string // why the last notification did not go out
	waits   string // why none of the experiment goes, in a few words
	err     error
}

// closedMsg says that there will be no more updates.
type closedMsg struct{}

// backend is where a page's verbs go; all of it happens in Cmds.
type backend interface {
	next() tea.Cmd          // the next updateMsg or closedMsg
	readings() tea.Cmd      // the next gpuMsg
	sources() tea.Cmd       // the next sourceMsg
	wake(of string) tea.Cmd // for live runs of an experiment start an engine where none answers; "": there are none; wokenMsg comes later
	focus(store.Focus) tea.Cmd
	run(*experiments.Plan, *experiments.Notify) tea.Cmd
	do(engine.Request) tea.Cmd // any other verb; replyMsg comes later
}

// live is the backend of a terminal: the store's files and the engine's socket.
type live struct {
	ctx     context.Context //nolint:containedctx // Cmds take no arguments
	client  *engine.Client
	workdir string
	feed    *store.Feed
	gpus    *gpu.Watch
	source  *source
}

func (l live) next() tea.Cmd {
	return func() tea.Msg {
		u, ok := <-l.feed.Updates()
		if !ok {
			return closedMsg{}
		}
		return updateMsg{u}
	}
}

// readings waits for the next second's.
func (l live) readings() tea.Cmd {
	return tea.Tick(time.Second, func(time.Time) tea.Msg {
		devices, _, err := l.gpus.Latest()
		return gpuMsg{devices, err}
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
		l.feed.Focus(l.ctx, f)
		return nil
	}
}

func (l live) run(p *experiments.Plan, n *experiments.Notify) tea.Cmd {
	if p == nil {
		return func() tea.Msg { return replyMsg{verb: "run", err: errors.New("run experiment: it has no design here")} }
	}
	return l.do(engine.Request{Verb: "run", Plan: p, Workdir: l.workdir, Notify: n})
}

func (l live) do(r engine.Request) tea.Cmd {
	return func() tea.Msg {
		reply, err := l.client.Do(l.ctx, r)
		return replyMsg{verb: r.Verb, reply: reply, err: err}
	}
}
