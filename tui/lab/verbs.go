package lab

import (
	"fmt"
	"slices"

	tea "charm.land/bubbletea/v2"

	"ablate/engine"
	"ablate/experiments"
	"ablate/experiments/store"
	"ablate/tui/page"
	"ablate/tui/report"
)

// verbs ask the engine to do something with runs, or open a page about them.
type verbs struct{ *screen }

func (p verbs) askRun() tea.Cmd {
	if p.study.plan == nil {
		return page.Fail("the experiment file has no such experiment any more")
	}
	return tea.Batch(page.Answer("asking the engine ..."), p.study.site.Run(p.study.plan))
}

// askRunFile runs the design of the file where that is another.
func (p verbs) askRunFile() tea.Cmd {
	switch {
	case p.study.site.Mistaken:
		return page.Fail("the file has mistakes: `ablate check` says which")
	case !p.study.differs:
		return page.Answer("the file has the same design")
	}
	return page.Send(page.Ask{Text: fmt.Sprintf("run the file's design (%s)?", p.study.difference()), Yes: p.study.site.Run(p.study.file)})
}

func (p verbs) askStop() tea.Cmd {
	ids := p.chosen(stoppable)
	if len(ids) == 0 {
		return page.Answer("nothing to stop here: move to a run that is going, waiting or halted, or mark some")
	}
	return p.stop(ids)
}

func (p verbs) askStopAll() tea.Cmd {
	ids := p.stoppableIDs()
	if len(ids) == 0 {
		return page.Answer("nothing is going")
	}
	return p.stop(ids)
}

// stop asks before it does.
func (p verbs) stop(ids []string) tea.Cmd {
	text := fmt.Sprintf("stop %d runs?", len(ids))
	if len(ids) == 1 {
		text = "stop " + p.study.runName(ids[0]) + "?"
	}
	return page.Send(page.Ask{Text: text + " " + p.afterStop(), Yes: p.study.site.Do(engine.Request{Verb: "stop", Runs: ids})})
}

// toggle puts a mark on the chosen runs, or takes it away if all have it.
func (p verbs) toggle(has func(store.State) bool, set, unset string) tea.Cmd {
	ids := p.chosen(func(store.Record) bool { return true })
	if len(ids) == 0 {
		return page.Answer("only a run that was asked for can be marked: r runs it")
	}
	kind := unset
	if slices.ContainsFunc(ids, func(id string) bool { return !has(p.study.states[id]) }) {
		kind = set
	}
	return p.study.site.Do(engine.Request{Verb: "mark", Runs: ids, Mark: &store.Mark{Kind: kind}})
}

func (p verbs) toggleStar() tea.Cmd {
	return p.toggle(func(s store.State) bool { return s.Starred }, store.Starred, store.Unstarred)
}

func (p verbs) toggleHidden() tea.Cmd {
	return p.toggle(func(s store.State) bool { return s.Hidden }, store.Hidden, store.Unhidden)
}

// showHidden shows the runs that are hidden, or hides them again.
func (p verbs) showHidden() tea.Cmd {
	hidden := p.runs.hidden()
	if !p.runs.all && hidden == 0 {
		return page.Answer("no run is hidden: x hides one")
	}
	p.runs.all = !p.runs.all
	p.runs.take()
	if p.runs.all {
		return page.Answer(report.Count(hidden, "hidden run") + " shown")
	}
	return nil
}

// askPause pauses the chosen runs that are going; where none is, those that are
// paused or stopped go on.
func (p verbs) askPause() tea.Cmd {
	if ids := p.chosen(func(r store.Record) bool { return r.Status.Live() }); len(ids) > 0 {
		return p.study.site.Do(engine.Request{Verb: "pause", Runs: ids})
	}
	resting := func(r store.Record) bool { return r.Status == store.Paused || r.Status == store.Stopped }
	if ids := p.chosen(resting); len(ids) > 0 {
		return p.study.site.Do(engine.Request{Verb: "resume", Runs: ids})
	}
	return page.Answer("nothing to pause here: move to a run that is going or paused, or mark some")
}

// askRetry tries failed and lost runs again: those marked or under the cursor; on a
// cell, where nothing is marked, all that there are. Nothing is lost by it: a new
// attempt leaves those before it as they are.
func (p verbs) askRetry() tea.Cmd {
	ids := p.chosen(broken)
	_, _, cell := p.runs.table.CursorGroup()
	if len(p.runs.table.Marked()) == 0 && (cell || p.focus == paneMatrix) {
		ids = p.broken()
	}
	if len(ids) > 0 {
		return p.study.site.Do(engine.Request{Verb: "retry", Runs: ids})
	}
	if all := p.broken(); len(all) > 0 && len(p.runs.table.Marked()) == 0 {
		return page.Send(page.Ask{
			Text: fmt.Sprintf("what is under the cursor did not fail; retry the %s that did?", report.Count(len(all), "run")),
			Yes:  p.study.site.Do(engine.Request{Verb: "retry", Runs: all}),
		})
	}
	return page.Answer("nothing to retry here: no run of it failed or was lost")
}

// broken reports whether a run ended badly.
func broken(r store.Record) bool { return r.Status == store.Failed || r.Status == store.Lost }

// broken are the runs of the plan that ended badly.
func (p verbs) broken() (ids []string) {
	for _, id := range p.study.rows {
		if p.study.planned(id) && broken(p.study.records[id]) {
			ids = append(ids, id)
		}
	}
	return ids
}

// chosen are of the marked runs, else of those under the cursor, in the matrix too,
// those that a key is for.
func (p verbs) chosen(want func(store.Record) bool) (ids []string) {
	if p.focus != paneMatrix || len(p.runs.table.Marked()) > 0 {
		return p.runs.picked(want)
	}
	for _, id := range p.study.runsOf(p.grid.under()) {
		if want(p.study.records[id]) {
			ids = append(ids, id)
		}
	}
	return ids
}

// stoppable reports whether there is something of a run to be stopped: it goes, it
// waits, or it was halted and keeps its memory and GPUs.
func stoppable(r store.Record) bool {
	return r.Status.Live() || r.Status == store.Paused && r.Started > 0 && r.Ended == 0
}

func (p verbs) stoppableIDs() (ids []string) {
	for _, id := range p.study.rows {
		if r, ok := p.study.records[id]; ok && stoppable(r) {
			ids = append(ids, id)
		}
	}
	return ids
}

// afterStop says what becomes of a run that is stopped.
func (p verbs) afterStop() string {
	if p.study.plan != nil && p.study.plan.Recipe == experiments.Command {
		return "A new attempt starts its command again."
	}
	return "It keeps a checkpoint: r goes on from there."
}

// compare opens what is marked beside each other: runs, or where the seeds are
// folded cells. Without marks it is the two cells that are ahead; where there are none
// yet, the page asks.
func (p verbs) compare() tea.Cmd {
	names := p.runs.markedCells()
	if names == nil {
		names = p.runs.table.Marked()
	}
	if len(names) > 0 {
		return openCompare(names)
	}
	objective, _ := p.study.objective()
	for _, c := range p.study.ranked(objective) {
		if names = append(names, p.study.name+"/"+p.study.plan.Cells[c].Name); len(names) == 2 {
			return tea.Batch(page.Send(page.Open{Place: page.Compare, Names: names}), page.Answer("nothing was marked: these are the two best cells"))
		}
	}
	return page.Send(page.Open{Place: page.Compare}) // it asks what
}

// openCompare sets what was marked beside each other, and asks where that is less
// than two.
func openCompare(names []string) tea.Cmd {
	if n := len(names); n > report.MaxSides {
		return page.Fail(fmt.Sprintf("%d are marked, and at most %d can be compared: u unmarks", n, report.MaxSides))
	}
	return page.Send(page.Open{Place: page.Compare, Names: names})
}

// form opens one.
func (p verbs) form(place page.Place) func() tea.Cmd {
	return func() tea.Cmd {
		names := []string{p.study.name}
		if place == page.New {
			names = nil
		}
		return page.Send(page.Open{Place: place, Names: names})
	}
}
