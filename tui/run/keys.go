package run

import (
	"fmt"

	tea "charm.land/bubbletea/v2"

	"ablate/engine"
	"ablate/experiments/store"
	"ablate/tui/look"
	"ablate/tui/page"
	"ablate/tui/report"
)

// Keys are those of the pane with the focus, and those of the run.
func (p *Page) Keys() []page.Key {
	switch {
	case p.chooser.open:
		return []page.Key{{Keys: "enter", Hint: "choose"}, {Keys: "↓", Hint: "next"}, {Keys: "↑", Hint: "before"}, {Keys: "esc", Hint: "leave it as it is"}}
	case p.log.prompt != nil:
		return []page.Key{{Keys: "enter", Hint: "search: a text, or /regular expression/"}, {Keys: "esc", Hint: "give up"}}
	case p.samples.prompt != nil:
		return []page.Key{{Keys: "enter", Hint: "keep this filter"}, {Keys: "esc", Hint: "all programs"}}
	}
	keys := p.verbs()
	switch p.focus {
	case paneLeft, paneRight:
		keys = append(keys, p.chartKeys(int(p.focus))...)
	case paneLog:
		keys = append(keys, p.logKeys()...)
	default:
		keys = append(keys, p.scrollKeys()...)
	}
	return append(keys, p.runKeys()...)
}

// verbs are what can be done to the run. Those that it calls for are in the last
// line.
func (p *Page) verbs() []page.Key {
	keys := []page.Key{
		{Keys: "t", Name: "retry", Help: "try again what failed or was lost", Do: p.retry},
		{Keys: "s", Name: "stop", Help: "stop it", Do: p.stop},
		{Keys: "p", Name: "pause", Help: "pause it, or go on", Do: p.pause},
		{Keys: "tab", Hint: "pane", Help: "the next pane", Do: func() tea.Cmd { p.next(1); return nil }},
		{Keys: "shift+tab", Help: "the pane before", Do: func() tea.Cmd { p.next(-1); return nil }},
	}
	for i := range keys {
		if p.offers(keys[i].Name) {
			keys[i].Hint = keys[i].Name
		}
	}
	if r := p.facts.record; r.Status == store.Paused || r.Status == store.Stopped {
		keys[2].Hint = "go on"
	}
	return keys
}

// chartKeys steer a chart, and the other one with it.
func (p *Page) chartKeys(i int) []page.Key {
	keys := p.plots[i].Keys()
	for k := range keys {
		do, with := keys[k].Do, keys[k].With
		keys[k].Do = func() tea.Cmd { return p.steered(i, do()) }
		if with != nil {
			keys[k].With = func(arg string) tea.Cmd { return p.steered(i, with(arg)) }
		}
	}
	return keys
}

// steered takes over what a key did with chart i; x may count something else now.
func (p *Page) steered(i int, cmd tea.Cmd) tea.Cmd {
	p.link(i)
	return tea.Batch(cmd, p.readPoints())
}

// scrollKeys are those of a pane of lines.
func (p *Page) scrollKeys() []page.Key {
	x := p.focus
	move := func(by func() int) func() tea.Cmd { return func() tea.Cmd { return p.scroll(x, by()) } }
	by := func(n int) func() int { return func() int { return n } }
	keys := []page.Key{
		{Keys: "j ↓", Help: "down", Do: move(by(1))},
		{Keys: "k ↑", Help: "up", Do: move(by(-1))},
		{Keys: "pgdn ctrl+d", Help: "a screen down", Do: move(func() int { return max(p.places.rooms[x]-1, 1) })},
		{Keys: "pgup ctrl+u", Help: "a screen up", Do: move(func() int { return -max(p.places.rooms[x]-1, 1) })},
		{Keys: "g home", Help: "the first line", Do: move(by(-1 << 30))},
		{Keys: "G end", Help: "the last line", Do: move(by(1 << 30))},
	}
	if x == paneSamples {
		keys = append(keys, page.Key{
			Keys: "/", Name: "filter programs", Hint: "filter", Help: "only programs of a verdict, or rollouts",
			Do: page.Do(p.samples.begin),
		})
	}
	return keys
}

// runKeys are those that mean the same in every pane.
func (p *Page) runKeys() []page.Key {
	to := func(x pane) func() tea.Cmd { return func() tea.Cmd { p.turnTo(x); return nil } }
	sample := func(turn func(int) tea.Cmd, by int) func() tea.Cmd {
		return func() tea.Cmd {
			if p.lower, p.chosen = paneSamples, true; p.focus > paneRight {
				p.focus = paneSamples
			}
			return turn(by)
		}
	}
	keys := []page.Key{
		{Keys: "]", Name: "next program", Hint: "program", Help: "the next program", Do: sample(p.samples.turn, 1)},
		{Keys: "[", Name: "program before", Help: "the program before", Do: sample(p.samples.turn, -1)},
		{Keys: "}", Name: "later step", Help: "the same task at the next step", Do: sample(p.samples.turnStep, 1)},
		{Keys: "{", Name: "earlier step", Help: "the same task at the step before", Do: sample(p.samples.turnStep, -1)},
		{Keys: "L", Name: "log", Hint: "log", Help: "the log", Do: to(paneLog)},
		{Keys: "E", Name: "events", Hint: "events", Help: "the events", Do: to(paneEvents)},
		{Keys: "i", Name: "parameters", Hint: "parameters", Help: "parameters, environment, attempts and files", Do: to(paneInfo)},
		{Keys: "m", Name: "metric", Hint: "metric", Help: "choose the metric of the chart", Do: p.openChooser, Args: p.metrics, With: p.chooseMetric},
		{Keys: "z", Name: "zoom pane", Hint: "all the room", Help: "give the pane all the room, or take it back", Do: func() tea.Cmd { p.whole = !p.whole; return nil }},
		{Keys: "*", Name: "star", Help: "star", Do: p.star},
		{Keys: "Y", Name: "copy", Help: "copy the error, the line, the program or the run's name", Do: p.copy, Args: copies, With: p.copyWhat},
		{Keys: "J )", Name: "next run", Help: "the next run of the experiment", Do: func() tea.Cmd { return p.turn(1) }},
		{Keys: "K (", Name: "run before", Help: "the run before", Do: func() tea.Cmd { return p.turn(-1) }},
	}
	if p.card() != nil {
		keys = append(keys, page.Key{Keys: "!", Name: "why", Help: "why it failed, or waits", Do: to(paneWhy)})
	}
	return keys
}

// offers reports whether a verb is what this run calls for.
func (p *Page) offers(verb string) bool {
	switch s := p.facts.record.Status; verb {
	case "retry":
		return s == store.Failed || s == store.Lost
	case "stop", "pause":
		return s.Live() || s == store.Paused
	default:
		return false
	}
}

func (p *Page) retry() tea.Cmd {
	switch s := p.facts.record.Status; s {
	case store.Failed, store.Lost:
		return p.again("retry")
	case store.Stopped, store.Paused:
		return page.Answer("it was " + string(s) + ", and has not failed: p goes on")
	default:
		return page.Answer("only what failed or was lost can be tried again")
	}
}

// again asks the engine for another attempt; of what a stop rule ended only after a
// question.
func (p *Page) again(verb string) tea.Cmd {
	ask := engine.Request{Verb: verb, Runs: []string{p.id}, Force: p.ruled()}
	if !ask.Force {
		return p.site.Do(ask)
	}
	why := look.Harmless(p.facts.record.Reason)
	return page.Send(page.Ask{Text: "A stop rule ended it, " + why + ", and would end it the same way. Try " + p.Title() + " again all the same?", Yes: p.site.Do(ask)})
}

func (p *Page) stop() tea.Cmd {
	r := p.facts.record
	if !r.Status.Live() && !(r.Status == store.Paused && r.Started > 0 && r.Ended == 0) {
		return page.Answer("it does not run")
	}
	return page.Send(page.Ask{
		Text: "stop " + p.Title() + "? p goes on later" + p.goesOn() + ".",
		Yes:  p.site.Do(engine.Request{Verb: "stop", Runs: []string{p.id}}),
	})
}

func (p *Page) pause() tea.Cmd {
	switch s := p.facts.record.Status; {
	case s.Live():
		return p.site.Do(engine.Request{Verb: "pause", Runs: []string{p.id}})
	case s == store.Paused || s == store.Stopped:
		return p.again("resume")
	case s == store.Failed || s == store.Lost:
		return page.Answer("it has failed: t tries again")
	default:
		return page.Answer("it does not run")
	}
}

func (p *Page) star() tea.Cmd {
	if p.facts.record.ID == "" {
		return page.Answer("only a run that was asked for can be marked")
	}
	kind := store.Starred
	if p.state.Starred {
		kind = store.Unstarred
	}
	return p.site.Do(engine.Request{Verb: "mark", Runs: []string{p.id}, Mark: &store.Mark{Kind: kind}})
}

func copies() []string { return []string{"name", "folder", "line", "program", "error", "values"} }

// copy copies what the pane with the focus is about.
func (p *Page) copy() tea.Cmd {
	switch p.focus {
	case paneWhy:
		return p.copyWhat("error")
	case paneLog:
		return p.copyWhat("line")
	case paneSamples:
		return p.copyWhat("program")
	case paneInfo:
		return p.copyWhat("folder")
	case paneLeft, paneRight:
		if p.card() != nil && p.card().bad {
			return p.copyWhat("error")
		}
	default: // the events have nothing of their own
	}
	return p.copyWhat("name")
}

// copyWhat copies one of copies.
func (p *Page) copyWhat(what string) tea.Cmd {
	text := map[string]func() string{
		"name":    func() string { return p.id },
		"folder":  func() string { return p.facts.record.Dir },
		"line":    func() string { return p.log.bottom(p.places.log) },
		"program": func() string { return p.samples.sample.Program },
		"error":   p.errorText,
		"values":  p.valuesText,
	}[what]
	if text == nil {
		return page.Fail(fmt.Sprintf("there is no %q to copy: name, folder, line, program, error or values", what))
	}
	if text() == "" {
		return page.Answer("there is no " + what + " to copy")
	}
	return page.Send(page.Copy{Text: text(), What: "the " + what})
}

// valuesText are the newest values, one a line.
func (p *Page) valuesText() (text string) {
	for _, name := range p.metrics() {
		v, _ := p.value(name)
		text += fmt.Sprintf("%s\t%s\n", name, report.Decimals(v))
	}
	return text
}
