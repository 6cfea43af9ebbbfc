package compare

import (
	"errors"

	tea "charm.land/bubbletea/v2"

	"ablate/experiments/store"
	"ablate/tui/page"
	"ablate/tui/report"
)

// reader is what is read, and what is to be read next.
type reader struct {
	names    []string
	comparer *report.Comparer
	want     report.CompareOptions
	list     bool   // the tasks that flipped are shown
	task     string // of them, whose programs are wanted; "": none
	busy     bool
	again    bool // something was asked for meanwhile
	got      read
}

// read is what one look at the store brings.
type read struct {
	data           *report.Comparison
	curves, course []report.Curve // by side
	courseMetric   string
	task           string
	light          bool            // the curves are still to come
	kept           map[string]bool // tasks with a program; nil: nobody asked
	a, b           []store.Sample  // programs of the task
	err            error
}

// readMsg brings it.
type readMsg struct {
	to *Compare
	read
}

// read looks at the store in a Cmd, one at a time.
func (p *Compare) read() tea.Cmd {
	r := &p.reader
	if p.site.Store == nil {
		return nil
	}
	if r.busy {
		r.again = true
		return nil
	}
	if r.comparer == nil {
		r.comparer = report.NewComparer(p.site.Store)
	}
	r.busy, r.again = true, false
	c, want, list, task := r.comparer, r.want, r.list, r.task
	want.Names = r.names
	if f := p.site.File; f != nil {
		want.Cost = f.Cost
	}
	if p.data == nil { // numbers come before curves, which may be long
		return func() tea.Msg { return readMsg{p, numbers(c, want)} }
	}
	return func() tea.Msg { return readMsg{p, lookAt(c, want, list, task)} }
}

// numbers is a look at the store without the points of runs.
func numbers(c *report.Comparer, want report.CompareOptions) (out read) {
	out.data, out.err = c.Compare(want)
	if out.light = out.data != nil; out.light {
		out.err = errors.Join(out.err, out.data.Unread)
	}
	return out
}

// lookAt is one look at the store.
func lookAt(c *report.Comparer, want report.CompareOptions, list bool, task string) (out read) {
	out.data, out.err = c.Compare(want)
	if out.data == nil || out.data.Chosen == nil {
		return out
	}
	c.Laws(out.data)
	var errs [4]error
	units := out.data.Chosen.Units
	out.curves, errs[0] = c.Curves(units, out.data.Metric)
	out.courseMetric = courseOf(out.data)
	out.course, errs[1] = c.Curves(units, out.courseMetric)
	if f := out.data.Detail.Flips; f != nil && list {
		out.task = task
		out.kept, errs[2] = c.Kept(f)
		out.a, out.b, errs[3] = c.Programs(f, task)
	}
	out.err = errors.Join(out.err, out.data.Unread, errors.Join(errs[:]...))
	return out
}

// courseOf is the second metric whose curves are read: that of the course, or,
// where the comparison is about that, the objective.
func courseOf(c *report.Comparison) string {
	course := report.CourseName(func(name string) bool {
		for _, u := range c.Chosen.Units {
			if u == nil {
				continue
			}
			for _, r := range u.Runs {
				if _, ok := r.Metrics[name]; ok {
					return true
				}
			}
		}
		return false
	})
	if course == c.Metric {
		return c.Plan.Objective.Metric
	}
	return course
}

// take brings in what was read.
func (p *Compare) take(msg readMsg) tea.Cmd {
	r := &p.reader
	r.busy, p.err = false, msg.err
	if msg.data != nil {
		first := p.data == nil
		r.got, p.data = msg.read, msg.data
		p.arrange(first)
	}
	var say tea.Cmd
	if p.tasks != nil && msg.data != nil {
		p.tasks.take(p)
		say = p.programs()
	}
	if p.strata != nil && msg.data != nil {
		p.strata.take(p)
	}
	if msg.data == nil && p.data != nil { // what was there stays on the screen
		say = page.Fail(msg.err.Error())
	}
	if r.again || msg.light && p.data.Chosen != nil {
		return tea.Batch(say, p.read())
	}
	return say
}
