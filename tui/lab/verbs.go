package lab

import (
	"fmt"
	"slices"

	tea "charm.land/bubbletea/v2"

	"ablate/engine"
	"ablate/experiments/store"
	"ablate/tui/page"
)

func (p *Experiment) askRun() tea.Cmd {
	if p.plan == nil {
		return page.Fail("the experiment file has no such experiment any more")
	}
	return tea.Batch(page.Answer("asking the engine ..."), p.site.Run(p.plan))
}

// askRunFile runs the design of the file where that is another.
func (p *Experiment) askRunFile() tea.Cmd {
	switch {
	case p.site.Mistaken:
		return page.Fail("the file has mistakes: `ablate check` says which")
	case !p.differs:
		return page.Answer("the file has the same design")
	}
	return page.Send(page.Ask{Text: fmt.Sprintf("run the file's design (%s)?", p.difference()), Yes: p.site.Run(p.design)})
}

func (p *Experiment) askStop() tea.Cmd {
	ids := p.chosen(stoppable)
	if len(ids) == 0 {
		return page.Answer("nothing to stop here: move to a run that is going, waiting or halted, or mark some")
	}
	return p.stop(ids)
}

func (p *Experiment) askStopAll() tea.Cmd {
	ids := p.stoppableIDs()
	if len(ids) == 0 {
		return page.Answer("nothing is going")
	}
	return p.stop(ids)
}

// stop asks before it does.
func (p *Experiment) stop(ids []string) tea.Cmd {
	text := fmt.Sprintf("stop %d runs?", len(ids))
	if len(ids) == 1 {
		text = "stop " + p.runName(ids[0]) + "?"
	}
	return page.Send(page.Ask{Text: text + " " + p.afterStop(), Yes: p.site.Do(engine.Request{Verb: "stop", Runs: ids})})
}

// toggle puts a mark on the chosen runs, or takes it away if all have it.
func (p *Experiment) toggle(has func(store.State) bool, set, unset string) tea.Cmd {
	ids := p.chosen(func(store.Record) bool { return true })
	if len(ids) == 0 {
		return page.Answer("only a run that was asked for can be marked: r runs it")
	}
	kind := unset
	if slices.ContainsFunc(ids, func(id string) bool { return !has(p.state(id)) }) {
		kind = set
	}
	return p.site.Do(engine.Request{Verb: "mark", Runs: ids, Mark: &store.Mark{Kind: kind}})
}

func (p *Experiment) toggleStar() tea.Cmd {
	return p.toggle(func(s store.State) bool { return s.Starred }, store.Starred, store.Unstarred)
}

func (p *Experiment) toggleHidden() tea.Cmd {
	return p.toggle(func(s store.State) bool { return s.Hidden }, store.Hidden, store.Unhidden)
}

// showHidden shows the runs that are hidden, or hides them again.
func (p *Experiment) showHidden() tea.Cmd {
	p.all = !p.all
	before := len(p.shown)
	p.show()
	switch n := len(p.shown) - before; {
	case n > 0:
		return page.Answer(plural(n, "hidden run") + " shown")
	case n == 0:
		return page.Answer("no run is hidden: x hides one")
	}
	return nil
}

// askPause pauses the chosen runs that are going; where none is, those that are
// paused or stopped go on.
func (p *Experiment) askPause() tea.Cmd {
	if ids := p.chosen(func(r store.Record) bool { return r.Status.Live() }); len(ids) > 0 {
		return p.site.Do(engine.Request{Verb: "pause", Runs: ids})
	}
	resting := func(r store.Record) bool { return r.Status == store.Paused || r.Status == store.Stopped }
	if ids := p.chosen(resting); len(ids) > 0 {
		return p.site.Do(engine.Request{Verb: "resume", Runs: ids})
	}
	return page.Answer("nothing to pause here: move to a run that is going or paused, or mark some")
}

// askRetry tries failed and lost runs again. Nothing is lost by it: a new attempt
// leaves those before it as they are.
func (p *Experiment) askRetry() tea.Cmd {
	ids := p.chosen(func(r store.Record) bool { return r.Status == store.Failed || r.Status == store.Lost })
	if len(ids) == 0 {
		return page.Answer("nothing to retry here: move to a run that failed or was lost, or mark some")
	}
	return p.site.Do(engine.Request{Verb: "retry", Runs: ids})
}
