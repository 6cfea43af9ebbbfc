package nodes

import (
	"fmt"
	"slices"

	tea "charm.land/bubbletea/v2"

	"ablate/engine"
	"ablate/tui/filter"
	"ablate/tui/look"
	"ablate/tui/page"
)

// Queue is the page of what goes, what waits, and in which order.
type Queue struct {
	asker
	rows
	status  engine.Status
	entries map[string]entry
	ids     []string
	heard   bool  // the engine has told
	err     error // of the newest question
	now     float64
	top     int // lines above the table, as last drawn
}

// entry is a run in the table: one that lives, or one that waits.
type entry struct {
	live  *engine.Holder
	waits *engine.Waiting
	place int // in the queue, from 1; 0: in none
}

// NewQueue is the page.
func NewQueue(site *page.Site) *Queue {
	p := &Queue{asker: asker{site: site, every: 2}}
	p.filter = filter.New(&p.table, p.values, p.candidates, "waiting    time > 1h    why ~ GPU")
	p.table.SetColumns(p.columns())
	return p
}

// Title is where this is.
func (p *Queue) Title() string { return "queue" }

// Typing reports whether the filter is typed.
func (p *Queue) Typing() bool { return p.filter.Typing() }

// Back leaves the filter and the marks.
func (p *Queue) Back() bool { return p.back() }

// Keys in the order in which they are shown.
func (p *Queue) Keys() []page.Key {
	if p.filter.Typing() {
		return p.filter.Keys()
	}
	move := func(where func([]string, []string) string) func() tea.Cmd {
		return func() tea.Cmd { return p.move(where) }
	}
	slots := func(by int) func() tea.Cmd {
		return func() tea.Cmd { return p.setSlots(by) }
	}
	keys := []page.Key{
		{Keys: "enter", Name: "open", Hint: "open", Help: "open the run", Do: p.open},
		{Keys: "<", Name: "move first", Hint: "first", Help: "the marked runs, or the one under the cursor, start next", Do: move(toFirst)},
		{Keys: ">", Name: "move last", Hint: "last", Help: "they start last", Do: move(toLast)},
		{Keys: "K", Name: "move up", Hint: "up", Help: "they start one earlier", Do: move(up)},
		{Keys: "J", Name: "move down", Hint: "down", Help: "they start one later", Do: move(down)},
		{Keys: "+ =", Name: "more slots", Hint: "slots", Help: "one more run at a time on this machine", Do: slots(1)},
		{Keys: "-", Name: "fewer slots", Help: "one run fewer at a time; what goes is left to end", Do: slots(-1)},
		{Keys: "s", Name: "stop", Hint: "stop", Help: "stop them", Do: p.stop},
		{Keys: "p", Name: "pause", Hint: "pause", Help: "pause them; those that are halted go on", Do: p.pause},
	}
	return append(keys, p.keys()...)
}

// Update takes in a message.
func (p *Queue) Update(msg tea.Msg) tea.Cmd {
	var said tea.Cmd
	switch msg := msg.(type) {
	case page.Tick:
		p.now = max(p.now, msg.Now)
	case page.Reply:
		p.changed()
		said = words(msg)
	case answer:
		if msg.to != &p.asker {
			return nil
		}
		p.answered(msg, p.now)
		p.err = msg.err
		if msg.err == nil {
			p.heard, p.status = true, msg.status
		}
		p.arrange()
	case page.Click:
		if msg.Y != p.top && p.update(msg, p.top) { // the order is the point: a head does not sort
			return p.open()
		}
		return nil
	default:
		p.update(msg, p.top)
		return nil
	}
	return tea.Batch(said, p.due(p.now, nil))
}

// words are the answer to the verbs of this page.
func words(msg page.Reply) tea.Cmd {
	switch {
	case msg.Err != nil:
	case msg.Verb == "move":
		return page.Answer(fmt.Sprintf("%d moved", msg.Reply.Moved))
	case msg.Verb == "slots":
		return page.Answer(runs(msg.Reply.Slots) + " at a time from now on")
	}
	return nil
}

// arrange makes the rows: what lives, then what waits.
func (p *Queue) arrange() {
	p.ids, p.entries = p.ids[:0], map[string]entry{}
	for i := range p.status.Runs {
		r := &p.status.Runs[i]
		p.ids = append(p.ids, r.ID)
		p.entries[r.ID] = entry{live: r}
	}
	place := 0
	for i := range p.status.Queue {
		x := &p.status.Queue[i]
		e, lives := p.entries[x.ID] // one that is halted lives and waits
		if !lives {
			p.ids = append(p.ids, x.ID)
		}
		if e.waits = x; x.Due == nil {
			place++
			e.place = place
		}
		p.entries[x.ID] = e
	}
	p.table.SetRows(p.ids)
}

// order are the runs that wait in the queue.
func (p *Queue) order() (ids []string) {
	for _, x := range p.status.Queue {
		if x.Due == nil {
			ids = append(ids, x.ID)
		}
	}
	return ids
}

// Where what is moved goes, given the order and what is moved, in their order.
func toFirst(_, _ []string) string { return engine.First }

func toLast(_, _ []string) string { return engine.Last }

func up(order, ids []string) string {
	if at := slices.Index(order, ids[0]); at > 0 {
		return order[at-1]
	}
	return engine.First
}

func down(order, ids []string) string {
	at := slices.Index(order, ids[len(ids)-1])
	rest := slices.DeleteFunc(slices.Clone(order[at+1:]), func(id string) bool { return slices.Contains(ids, id) })
	if len(rest) > 1 {
		return rest[1]
	}
	return engine.Last
}

// move asks for another order, and shows it until the engine tells.
func (p *Queue) move(where func(order, ids []string) string) tea.Cmd {
	order := p.order()
	picked := p.table.Picked()
	ids := slices.DeleteFunc(slices.Clone(order), func(id string) bool { return !slices.Contains(picked, id) })
	if len(ids) == 0 {
		return page.Answer("only what waits in the queue can be moved")
	}
	place := where(order, ids)
	rest := slices.DeleteFunc(slices.Clone(p.status.Queue), func(x engine.Waiting) bool { return slices.Contains(ids, x.ID) })
	at := slices.IndexFunc(rest, func(x engine.Waiting) bool { return x.ID == place })
	switch place {
	case engine.First:
		at = 0
	case engine.Last:
		at = len(order) - len(ids)
	}
	if at < 0 {
		return nil
	}
	var those []engine.Waiting
	for _, x := range p.status.Queue {
		if slices.Contains(ids, x.ID) {
			x.Starts = nil // nobody knows now
			those = append(those, x)
		}
	}
	p.status.Queue = slices.Insert(rest, at, those...)
	p.arrange()
	return p.site.Do(engine.Request{Verb: "move", Order: ids, Place: place})
}

func (p *Queue) setSlots(by int) tea.Cmd {
	n := p.slots() + by
	if n < 1 {
		return page.Answer("one slot is the least: p pauses a run, s stops it")
	}
	p.status.Slots = n
	return p.site.Do(engine.Request{Verb: "slots", Slots: n})
}

// slots is how many runs there may be at a time.
func (p *Queue) slots() int {
	if p.status.Slots > 0 {
		return p.status.Slots
	}
	return p.site.Slots
}

func (p *Queue) open() tea.Cmd {
	id := p.table.Cursor()
	if id == "" {
		return nil
	}
	return page.Send(page.Open{Place: page.Run, Names: []string{id}})
}

func (p *Queue) stop() tea.Cmd {
	ids := p.table.Picked()
	switch len(ids) {
	case 0:
		return page.Answer("nothing goes and nothing waits")
	case 1:
		return p.ask("stop "+ids[0]+"?", ids)
	}
	return p.ask(fmt.Sprintf("stop %d runs?", len(ids)), ids)
}

func (p *Queue) ask(text string, ids []string) tea.Cmd {
	text += " What was trained until the last checkpoint is kept."
	return page.Send(page.Ask{Text: text, Yes: p.site.Do(engine.Request{Verb: "stop", Runs: ids})})
}

// pause pauses; what is halted all of it goes on.
func (p *Queue) pause() tea.Cmd {
	ids := p.table.Picked()
	if len(ids) == 0 {
		return page.Answer("nothing goes and nothing waits")
	}
	verb := "resume"
	for _, id := range ids {
		if e := p.entries[id]; e.live == nil || !e.live.Halted || e.waits != nil {
			verb = "pause"
		}
	}
	return p.site.Do(engine.Request{Verb: verb, Runs: ids})
}

// State is how many go and wait.
func (p *Queue) State(l look.Look) (parts []string) {
	if !p.heard {
		return nil
	}
	if n := p.status.Live; n > 0 {
		parts = append(parts, l.Accent.Render(fmt.Sprintf("● %d running", n)))
	}
	return append(parts, fmt.Sprintf("%d waiting", p.status.Waiting))
}
