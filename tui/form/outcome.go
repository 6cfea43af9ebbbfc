package form

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	tea "charm.land/bubbletea/v2"

	"ablate/engine"
	"ablate/experiments"
	"ablate/experiments/store"
	"ablate/tui/page"
	"ablate/tui/report"
)

// outcome is what would come of a draft.
type outcome struct {
	mistakes, warnings []experiments.FieldProblem
	left               []string          // findings that its design does not have the cells for
	plan               *experiments.Plan // nil while there are mistakes
	planned            report.Planned
	diff               []experiments.DiffLine
	trouble            string // why it cannot be written though it has no mistake
	fresh              bool   // there is no experiment file yet
}

// Messages of the page's own Cmds.
type (
	worked   struct{ outcome }
	foreseen struct {
		plan  *experiments.Plan
		words string
	}
	saved struct {
		err  error
		run  bool
		name string
		file *experiments.File // with it
		path string
		new  bool // the file was not there before
	}
)

// job is all that working out an outcome needs: it runs beside the page.
type job struct {
	place   page.Place
	from    string
	draft   *experiments.Draft
	origin  *experiments.File
	file    *experiments.File // as it was read last
	path    string
	recipes []experiments.Recipe
	store   *store.Store
	slots   int
}

func (f *Form) job() job {
	d := f.draft
	if f.typing.on && f.typing.draft != nil {
		d = f.typing.draft
	}
	return job{f.place, f.from, d.Clone(), f.origin, f.site.File, f.site.Path, f.site.Recipes, f.site.Store, f.site.Slots}
}

// work works out what comes of the draft, one at a time.
func (f *Form) work() tea.Cmd {
	if f.absent != "" {
		f.begun = true
		return nil
	}
	if f.busy {
		f.stale = true
		return nil
	}
	f.begun, f.busy, f.stale = true, true, false
	j := f.job()
	return func() tea.Msg { return worked{j.outcome()} }
}

// take brings an outcome in, and begins the next if there was news meanwhile.
func (f *Form) take(msg worked) tea.Cmd {
	f.seen, f.busy = msg.outcome, false
	if f.stale {
		return f.work()
	}
	return f.foresee()
}

// foresee reads in the store what the design could see, after all else, since it may
// take a while.
func (f *Form) foresee() tea.Cmd {
	p, s, slots := f.seen.plan, f.site.Store, f.site.Slots
	if p == nil || s == nil || f.looking {
		return nil
	}
	f.looking = true
	return func() tea.Msg {
		records, _ := s.Records(p.Experiment) // what cannot be read tells nothing
		see, err := report.SeeOf(s, p, records, 0, slots)
		if err != nil {
			return foreseen{p, ""}
		}
		return foreseen{p, see.Short()}
	}
}

// sight takes it in, and looks again if the design changed meanwhile.
func (f *Form) sight(msg foreseen) tea.Cmd {
	f.looking, f.sees = false, msg.words
	if msg.plan != f.seen.plan {
		return f.foresee()
	}
	return nil
}

func (j job) outcome() outcome {
	d, left := j.draft.Settled()
	o := outcome{left: left}
	if o.plan, o.mistakes, o.warnings = d.Resolve(j.recipes); len(o.mistakes) > 0 {
		o.mistakes = friendly(o.mistakes)
		return o
	}
	o.planned = report.NewPlanned(o.plan, j.kept(d.Name), j.slots)
	source, text, err := j.text(d)
	if err != nil {
		o.trouble = trouble(err, j.path)
		return o
	}
	o.fresh = source.Text == nil
	o.diff = experiments.Diff(source.Text, text, 3)
	return o
}

// friendly says in the words of the form what is only not there yet.
func friendly(mistakes []experiments.FieldProblem) []experiments.FieldProblem {
	for i, m := range mistakes {
		switch {
		case strings.HasPrefix(m.Message, `"" cannot name`):
			mistakes[i].Message, mistakes[i].Hint = "it has no name yet", ""
		case strings.HasPrefix(m.Message, "the design is empty: there is neither"):
			mistakes[i].Message, mistakes[i].Hint = "it has no axis yet: a on a parameter makes it one", ""
		case strings.HasSuffix(m.Message, " has no default and is not given"):
			mistakes[i].Field = "params." + strings.Fields(m.Message)[1]
		}
	}
	return mistakes
}

// kept is what the store has of an experiment of that name; of what cannot be
// read, nothing.
func (j job) kept(name string) report.Kept {
	var kept report.Kept
	if j.store == nil {
		return kept
	}
	kept.Records, _ = j.store.Records(name)
	kept.Spent, _ = report.ReadSpent(kept.Records)
	kept.Design, _ = j.store.ReadPlan(name)
	return kept
}

// text is the file as it is, and as it would be.
func (j job) text(d *experiments.Draft) (*experiments.Source, []byte, error) {
	source, err := experiments.ReadSource(j.path)
	if err != nil {
		return nil, nil, err
	}
	var text []byte
	switch {
	case j.place == page.New:
		text, err = experiments.Insert(source.Base(), j.file, d, j.recipes)
	case j.place == page.Edit && source.Text != nil && j.origin == j.file:
		text, err = experiments.Replace(source.Base(), j.file, d, j.recipes)
	default: // also what ships, edited: it then stands in a file of one's own
		text, err = experiments.Clone(source.Base(), j.origin, j.from, d, j.recipes)
	}
	return source, text, err
}

// trouble is an error in a few lines: of mistakes in the file the first.
func trouble(err error, path string) string {
	var p *experiments.Problems
	if errors.As(err, &p) && len(p.List) > 0 {
		q := p.List[0]
		return fmt.Sprintf("%s has %s, mend the file first; line %d: %s", filepath.Base(path), report.Count(len(p.List), "mistake"), q.Line, q.Message)
	}
	return strings.ReplaceAll(err.Error(), "\n", "; ")
}

// save writes the experiment, and runs it if asked to. A mistake puts the cursor
// on its field.
func (f *Form) save(run bool) tea.Cmd {
	if f.absent != "" {
		return page.Fail(f.absent)
	}
	d, _ := f.draft.Settled()
	if f.place == page.Edit && d.Same(f.base) {
		if !run {
			return page.Answer("nothing to save: nothing was changed")
		}
		p, err := d.Plan(f.site.Recipes)
		if err != nil {
			return page.Fail(trouble(err, f.site.Path))
		}
		return tea.Sequence(f.site.Run(p), page.Send(page.Open{Place: page.Experiment, Names: []string{d.Name}}))
	}
	if d.Name == "" {
		f.cursor = "name"
		return page.Fail("give the experiment a name first")
	}
	if mistakes, _ := d.Check(f.site.Recipes); len(mistakes) > 0 {
		first := friendly(mistakes)[0]
		f.point(first.Field)
		return page.Fail(first.Words())
	}
	if f.saving || f.finished {
		return nil // the key was pressed twice
	}
	f.saving = true
	j := f.job()
	j.draft = d
	return func() tea.Msg { return j.save(run) }
}

func (j job) save(run bool) tea.Msg {
	msg := saved{run: run, name: j.draft.Name, path: j.path}
	source, text, err := j.text(j.draft)
	if err != nil {
		msg.err = err
		return msg
	}
	msg.new = source.Text == nil
	if msg.file, msg.err = experiments.Parse(j.path, text, j.recipes); msg.err == nil {
		msg.err = source.Write(text)
	}
	return msg
}

// written goes to the experiment that was saved, which is run if that was asked.
func (f *Form) written(msg saved) tea.Cmd {
	f.saving = false
	if msg.err != nil {
		return tea.Batch(page.Fail(trouble(msg.err, msg.path)), f.work())
	}
	f.finished = true
	f.site.File = msg.file // as the root will read it: the page that opens has it at once
	text := fmt.Sprintf("%s is in %s; r runs it", msg.name, filepath.Base(msg.path))
	if msg.new {
		text = fmt.Sprintf("%s is in %s, which is new; r runs it. What ships is still in the list", msg.name, filepath.Base(msg.path))
	}
	cmds := []tea.Cmd{page.Send(page.Source{}), page.Send(page.Open{Place: page.Experiment, Names: []string{msg.name}})}
	if !msg.run {
		return tea.Sequence(append(cmds, page.Answer(text))...)
	}
	e, err := msg.file.Experiment(msg.name)
	if err != nil {
		return page.Fail(err.Error())
	}
	return tea.Sequence(append(cmds, f.site.Do(engine.Request{Verb: "run", Plan: e.Plan(), Workdir: f.site.Workdir, Notify: msg.file.Notify}))...)
}

// point puts the cursor on the field that a problem is about, or the nearest.
func (f *Form) point(key string) {
	f.filter, f.preview = "", false
	f.sift()
	for _, want := range []string{key, "params." + key, "axes." + key} {
		for _, q := range f.rows {
			if q.key == want || strings.HasPrefix(want, q.key+".") {
				f.cursor = q.key
				return
			}
		}
	}
}
