package nodes

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"ablate/engine"
	"ablate/experiments"
	"ablate/gpu"
	"ablate/tui/look"
	"ablate/tui/page"
	"ablate/tui/table"
)

// chooser is a list of experiments to run on some GPUs, while one is chosen.
type chooser struct {
	table table.Table
	title string
}

// runnable are the names of the experiments that can be run on GPUs of this machine:
// those of a command that takes some.
func (p *GPUs) runnable() (names []string) {
	for _, f := range []*experiments.File{p.site.File, p.site.Shipped} {
		if f == nil {
			continue
		}
		for _, e := range f.Experiments {
			if e.Recipe == experiments.Command && p.site.PlanOf(e).GPUs > 0 && !slices.Contains(names, e.Name) {
				names = append(names, e.Name)
			}
		}
	}
	return names
}

// given are the GPUs that a run may be given, or why not.
func (p *GPUs) given() (list []*device, why string) {
	for _, d := range p.picked() {
		switch {
		case !d.node.local():
			return nil, d.label() + ": runs are started on the GPUs of this machine only"
		case d.UUID == "":
			return nil, d.label() + ": the driver does not tell its UUID, by which it would be given"
		case d.user.broken:
			return nil, d.label() + ": " + d.user.why()
		case d.slices > 0:
			return nil, d.label() + " is cut into slices: mark those"
		}
		list = append(list, d)
	}
	if len(list) == 0 {
		return nil, "there is no GPU of this machine here"
	}
	return list, ""
}

// choose asks for the experiment that is to run on the GPUs.
func (p *GPUs) choose() tea.Cmd {
	list, why := p.given()
	names := p.runnable()
	switch {
	case why != "":
		return page.Fail(why)
	case len(names) == 0:
		return page.Fail(`no experiment of the file takes GPUs: one with recipe = "command" and gpus = 1 or more does`)
	}
	c := &chooser{title: "run on " + labels(list)}
	c.table.SetColumns([]table.Column{
		{Key: "name", Head: "experiment", Min: 16, Cell: func(id string) string { return id }},
		{Key: "gpus", Head: "GPUs a run", Right: true, Priority: 1, Cell: func(id string) string { return fmt.Sprint(p.site.Design(id).GPUs) }, Paint: func(l look.Look, id, text string) string {
			return worn(l.Warn, p.site.Design(id).GPUs > len(list)).Render(text)
		}},
		{Key: "runs", Head: "runs", Right: true, Priority: 2, Cell: func(id string) string { return fmt.Sprint(len(p.site.Design(id).Runs())) }},
		{Key: "question", Head: "question", Min: 20, Words: true, Priority: 3, Cell: func(id string) string { return p.site.Design(id).Question }},
	})
	c.table.SetRows(names)
	c.table.Point(p.open)
	p.chooser = c
	return nil
}

// begin asks whether the experiment under the cursor is to be run.
func (p *GPUs) begin() tea.Cmd {
	name := p.chooser.table.Cursor()
	p.chooser = nil
	return p.runNamed(name)
}

// runNamed asks whether an experiment is to be run on the GPUs.
func (p *GPUs) runNamed(name string) tea.Cmd {
	list, why := p.given()
	if why != "" {
		return page.Fail(why)
	}
	if !slices.Contains(p.runnable(), name) {
		return page.Fail("run here: " + name + " is no experiment that takes GPUs of this machine")
	}
	plan := p.site.Design(name)
	if plan.GPUs > len(list) {
		return page.Fail(fmt.Sprintf("%s takes %d GPUs a run: mark as many with space", name, plan.GPUs))
	}
	uuids := make([]string, len(list))
	for i, d := range list {
		uuids[i] = string(d.UUID)
	}
	want := gpu.Want{N: plan.GPUs, Only: uuids}
	if rules := plan.Placement; rules != nil {
		want.Type, want.KeepOff = rules.Type, rules.KeepOff
	}
	if _, err := gpu.Pick(list[0].node.Devices, want); err != nil && !errors.Is(err, gpu.ErrBusy) {
		return page.Fail("run " + name + ": " + strings.TrimPrefix(err.Error(), "claim GPUs: "))
	}
	r := engine.Request{Verb: "run", Plan: plan, Workdir: p.site.Workdir, Notify: p.site.File.Notify, GPUs: strings.Join(uuids, ",")}
	return page.Send(page.Ask{Text: begins(plan, list), Yes: p.site.Do(r)})
}

// begins is the question about what would be started.
func begins(plan *experiments.Plan, list []*device) string {
	text := fmt.Sprintf("run %s, %s of %s each, on %s?", plan.Experiment, runs(len(plan.Runs())), count(plan.GPUs), labels(list))
	var busy []string
	for _, d := range list {
		if !d.user.free {
			busy = append(busy, fmt.Sprintf("%s is %s", d.label(), occupied(d.user)))
		}
	}
	if len(busy) > 0 {
		text += " " + strings.Join(busy, ", ") + ": who needs it waits."
	}
	return text
}

// occupied is how a device is that is not free.
func occupied(h holder) string {
	switch {
	case h.run != "":
		return "held by " + h.run
	case h.claim != "":
		return h.claim
	case strings.HasPrefix(h.text, "– "):
		return strings.TrimPrefix(h.text, "– ")
	}
	return "in use by " + h.text
}

func count(n int) string {
	if n == 1 {
		return "1 GPU"
	}
	return fmt.Sprintf("%d GPUs", n)
}

// labels are the names of a few devices, or how many there are.
func labels(list []*device) string {
	const few = 4
	if len(list) > few {
		return count(len(list))
	}
	names := make([]string, len(list))
	for i, d := range list {
		names[i] = d.label()
	}
	return strings.Join(names, ", ")
}

// keys are those of the choice.
func (c *chooser) keys(begin func() tea.Cmd) []page.Key {
	return append([]page.Key{
		{Keys: "enter r", Hint: "run it", Help: "run the experiment under the cursor, after a question", Do: begin},
	}, page.Moves(&c.table, nil)...)
}

// update takes in the mouse; again reports a click on what had the cursor already.
func (c *chooser) update(msg tea.Msg) (again bool) {
	switch msg := msg.(type) {
	case page.Click:
		return msg.Y > 1 && c.table.Click(msg.X, msg.Y-1)
	case page.Wheel:
		c.table.Move(msg.Lines)
	}
	return false
}

func (c *chooser) view(l look.Look, w, h int) []string {
	lines := []string{rule(l, c.title+": which experiment?", w)}
	return look.Box(append(lines, c.table.View(l, w, max(h-1, 0))...), w, h)
}
