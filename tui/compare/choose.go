package compare

import (
	"fmt"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"ablate/experiments"
	"ablate/experiments/store"
	"ablate/tui/look"
	"ablate/tui/page"
	"ablate/tui/report"
	"ablate/tui/table"
)

// chooser asks what is to be compared.
type chooser struct {
	input  look.Input // that names are filtered by
	picked []string
	table  table.Table
	about  map[string]string // what a name means, by name
	names  []string          // experiments first, then cells, designs and runs
	loaded bool
	err    error
	above  int // lines above the names, at the last View
}

// candidatesMsg brings what there is to choose from.
type candidatesMsg struct {
	to    *Compare
	names []string
	about map[string]string
	err   error
}

func newChooser(picked []string) *chooser {
	c := &chooser{picked: slices.Clone(picked), about: map[string]string{}}
	c.table.SetColumns([]table.Column{
		{Key: "side", Head: "", Width: 1, Cell: c.letter, Paint: func(l look.Look, _, text string) string { return l.Accent.Render(text) }},
		{Key: "name", Head: "name", Width: 20, Min: 20, Cell: look.Harmless},
		{Key: "about", Head: "what it is", Priority: 1, Cell: func(id string) string { return look.Harmless(c.about[id]) }},
	})
	return c
}

// letter is the side that a name was picked as.
func (c *chooser) letter(name string) string {
	if i := slices.Index(c.picked, name); i >= 0 {
		return string(rune('A' + i))
	}
	return ""
}

// candidates lists the experiments, designs, cells and runs of the store in a Cmd.
func (p *Compare) candidates() tea.Cmd {
	s := p.site.Store
	if s == nil {
		return nil
	}
	return func() tea.Msg {
		msg := candidatesMsg{to: p, about: map[string]string{}}
		var late [3][]string
		known, err := s.Experiments()
		msg.err = err
		for _, e := range known {
			plan, err := s.ReadPlan(e)
			if err != nil {
				continue // it cannot be compared, either
			}
			msg.names = append(msg.names, e)
			msg.about[e] = fmt.Sprintf("experiment, %d cells, %d seeds", len(plan.Cells), len(plan.Seeds))
			msg.add(s, plan, &late)
		}
		msg.names = slices.Concat(msg.names, late[0], late[1], late[2])
		return msg
	}
}

// add lists what there is below one experiment: cells, earlier designs, runs.
func (m *candidatesMsg) add(s *store.Store, plan *experiments.Plan, late *[3][]string) {
	put := func(kind int, name, about string) {
		if m.about[name] == "" {
			late[kind] = append(late[kind], name)
			m.about[name] = about
		}
	}
	for _, c := range plan.Cells {
		put(0, plan.Experiment+"/"+typedCell(c), "cell")
		for _, seed := range plan.Seeds {
			put(2, fmt.Sprintf("%s/%s/s%d", plan.Experiment, typedCell(c), seed), "run")
		}
	}
	designs, _ := s.Designs(plan.Experiment) // those that can be read
	for _, d := range designs {
		if !d.Current {
			at := time.UnixMilli(int64(d.Asked * 1000)).Format("2006-01-02 15:04")
			put(1, plan.Experiment+"@"+d.Hash, "design of "+at)
		}
	}
	ids, _ := s.RunIDs(plan.Experiment)
	current := map[string]bool{}
	for _, c := range plan.Cells {
		current[c.Name] = true
	}
	for _, id := range ids {
		cell := experiments.CellOf(id)
		if !current[cell] {
			put(1, plan.Experiment+"/"+cell, "cell of an earlier design")
			put(2, id, "run of an earlier design")
		}
	}
}

// typedCell is a cell by its values, as a keyboard has them.
func typedCell(c experiments.Cell) string {
	label := strings.ReplaceAll(report.CellLabel(c.Axes), "×", "x")
	if label == "" || strings.ContainsAny(label, "/ ") {
		return c.Name
	}
	return label
}

func (c *chooser) take(msg candidatesMsg) {
	c.names, c.about, c.err, c.loaded = msg.names, msg.about, msg.err, true
	c.filter()
}

// filter shows what has all words of the text. A name with a time is none of the
// store's: it is offered as it is typed.
func (c *chooser) filter() {
	var ids []string
	text := c.input.Text()
	if exp, at, ok := strings.Cut(text, "@"); ok && exp != "" && at != "" && !slices.Contains(c.names, text) {
		ids = append(ids, text)
		c.about[text] = "the design of that time"
	}
	plain := func(s string) string { return strings.ToLower(strings.ReplaceAll(s, "×", "x")) }
	for _, name := range c.names {
		if strings.Contains(plain(name), plain(text)) {
			ids = append(ids, name)
		}
	}
	c.table.SetRows(ids)
}

// choose takes a key while something is chosen.
func (p *Compare) choose(msg tea.KeyPressMsg) tea.Cmd {
	c := p.choice
	switch key := msg.String(); key {
	case "esc":
		return p.unchoose()
	case "enter":
		return p.compare()
	case "space":
		return c.pick(c.table.Cursor())
	case "tab":
		c.complete()
	case "up", "ctrl+p", "ctrl+k":
		c.table.Move(-1)
	case "down", "ctrl+n", "ctrl+j":
		c.table.Move(1)
	case "pgup":
		c.table.Page(-1)
	case "pgdown":
		c.table.Page(1)
	case "backspace":
		if n := len(c.picked); n > 0 && c.input.Text() == "" {
			c.picked = c.picked[:n-1]
		}
		c.typed(msg)
	default:
		c.typed(msg)
	}
	return nil
}

// typed takes a key or a paste into the filter.
func (c *chooser) typed(msg tea.Msg) {
	before := c.input.Text()
	if c.input.Update(msg); c.input.Text() != before {
		c.filter()
		c.table.Top()
	}
}

// put has names filtered by another text.
func (c *chooser) put(text string) {
	c.input.Set(text)
	c.filter()
}

// unchoose empties the filter, else goes back to what was compared, or leaves.
func (p *Compare) unchoose() tea.Cmd {
	switch {
	case p.choice.input.Text() != "":
		p.choice.put("")
	case p.data != nil || p.err != nil:
		p.choice = nil
	default:
		return page.Send(page.Back{})
	}
	return nil
}

// pick adds a name, or takes it away.
func (c *chooser) pick(name string) tea.Cmd {
	switch i := slices.Index(c.picked, name); {
	case name == "":
		return page.Answer("nothing has that name: backspace")
	case i >= 0:
		c.picked = slices.Delete(c.picked, i, i+1)
	case len(c.picked) == report.MaxSides:
		return page.Answer(fmt.Sprintf("%d sides are the most: space on one takes it away", report.MaxSides))
	default:
		c.picked = append(c.picked, name)
	}
	return nil
}

// complete takes the name under the cursor into the text, to go on from there.
func (c *chooser) complete() {
	if name := c.table.Cursor(); name != "" {
		c.put(name)
	}
}

// compare compares what was picked; where that is less than two, the name under the
// cursor is picked first.
func (p *Compare) compare() tea.Cmd {
	c := p.choice
	if len(c.picked) < report.MinSides {
		name := c.table.Cursor()
		if slices.Contains(c.picked, name) || name == "" {
			return page.Answer("pick another one to set beside it")
		}
		c.picked = append(c.picked, name)
		c.put("")
	}
	if len(c.picked) < report.MinSides {
		return nil
	}
	return p.set(c.picked)
}

// set compares other things.
func (p *Compare) set(names []string) tea.Cmd {
	p.reader.names, p.choice, p.tasks, p.strata, p.force = names, nil, nil, nil, force{}
	p.reader.want, p.reader.list, p.reader.task = report.CompareOptions{}, false, ""
	p.data, p.err, p.zoomed, p.focus = nil, nil, false, paneFacts
	return p.read()
}

// earlierMsg brings what the experiment is set against.
type earlierMsg struct {
	to    *Compare
	names []string
}

// earlier sets the experiment of A against an earlier design of it: as it was at a
// time, or, for "", the one that was run before.
func (p *Compare) earlier(at string) tea.Cmd {
	if p.data == nil {
		return page.Answer("nothing is compared yet")
	}
	s, experiment := p.site.Store, p.data.Plan.Experiment
	if at != "" {
		return p.set([]string{experiment + "@" + at, experiment})
	}
	return func() tea.Msg {
		designs, err := s.Designs(experiment)
		if err != nil && len(designs) == 0 {
			return page.Say{Text: err.Error(), Failed: true}
		}
		for _, d := range designs { // the newest first
			if !d.Current {
				return earlierMsg{p, []string{experiment + "@" + d.Hash, experiment}}
			}
		}
		return page.Say{Text: experiment + " was run with one design only"}
	}
}

func (p *Compare) choiceKeys() []page.Key {
	return []page.Key{
		{Keys: "enter", Hint: "compare", Help: "compare what is picked; with fewer than two picked, pick the one under the cursor"},
		{Keys: "space", Hint: "pick", Help: "pick the one under the cursor, or not"},
		{Keys: "tab", Hint: "complete", Help: "take its name into the filter, to add a time: quick@7d"},
		{Keys: "↓", Help: "down"},
		{Keys: "↑", Help: "up"},
		{Keys: "backspace", Help: "take back a letter, then a pick"},
		{Keys: "esc", Hint: "back", Help: "empty the filter, then leave"},
	}
}

// view draws the choice.
func (c *chooser) view(l look.Look, w, h int) []string {
	lines := []string{l.Muted.Render(" two to eight: type filters, space picks, enter compares")}
	if len(c.picked) > 0 {
		lines = c.pickedLines(l, w)
	}
	lines = append(lines, " "+l.Key.Render("/")+" "+c.input.View(l, w-3))
	c.above = len(lines)
	c.table.Empty = "nothing of that name"
	switch {
	case c.err != nil:
		c.table.Empty = "cannot list the store: " + c.err.Error()
	case !c.loaded:
		c.table.Empty = "listing the store"
	case len(c.names) == 0:
		c.table.Empty = "nothing was run yet: r on an experiment runs it, and its cells can be compared then"
	}
	return look.Box(append(lines, c.table.View(l, w, h-len(lines))...), w, h)
}

// pickedLines are what was picked, each with its letter, in as many lines as it takes.
func (c *chooser) pickedLines(l look.Look, w int) []string {
	lines, used := []string{""}, 0
	for i, name := range c.picked {
		name = look.Fit(look.Harmless(name), min(look.Width(look.Harmless(name)), w-5))
		n := len(lines) - 1
		if i > 0 && used+4+look.Width(name) > w {
			lines, n, used = append(lines, ""), n+1, 0
		}
		lines[n] += " " + l.Accent.Render(string(rune('A'+i))) + " " + name + " "
		used += 4 + look.Width(name)
	}
	return lines
}
