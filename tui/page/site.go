package page

import (
	tea "charm.land/bubbletea/v2"

	"ablate/engine"
	"ablate/experiments"
	"ablate/experiments/store"
	"ablate/gpu"
)

// Site is what all pages work on. The root keeps it up to date; pages read it in
// Update and View, and never in a Cmd, which runs beside them.
type Site struct {
	Store   *store.Store
	Path    string // of the experiment file, which need not be there
	Workdir string // absolute: where the experiment file stands, and trainers work
	Recipes []experiments.Recipe

	File      *experiments.File // as it was when it last had no mistakes
	Shipped   *experiments.File // what comes with the program, beside a file of one's own; nil: that is the file
	Mistaken  bool              // it has some now
	Slots     int               // runs at a time on this machine
	Summaries []store.Summary   // of all experiments in the store
	Waits     string            // why nothing of the open experiment goes though some of it waits; ""
	Slow      bool              // a thin link: draw seldom, animate nothing

	// Do asks the engine; a Reply comes to every page, and the root says it.
	Do func(engine.Request) tea.Cmd
	// Client asks the engine in a page's own Cmds, as for its status.
	Client *engine.Client

	plans   map[*experiments.Experiment]*experiments.Plan // those that were asked for
	planned *experiments.File                             // of which these are
}

// Design is the file's plan of an experiment, else that of one that ships; nil if
// neither has it. Nobody changes it.
func (s *Site) Design(name string) *experiments.Plan {
	for _, f := range []*experiments.File{s.File, s.Shipped} {
		if f == nil {
			continue
		}
		for _, e := range f.Experiments {
			if e.Name == name {
				return s.PlanOf(e)
			}
		}
	}
	return nil
}

// PlanOf is the plan of an experiment of the file, or of the one that is shipped.
// It is made once: to make those of all takes longer than to draw a screen.
func (s *Site) PlanOf(e *experiments.Experiment) *experiments.Plan {
	if s.plans == nil || s.planned != s.File {
		s.planned, s.plans = s.File, map[*experiments.Experiment]*experiments.Plan{}
	}
	if s.plans[e] == nil {
		s.plans[e] = e.Plan()
	}
	return s.plans[e]
}

// Run asks the engine to run a plan.
func (s *Site) Run(p *experiments.Plan) tea.Cmd {
	return s.Do(engine.Request{Verb: "run", Plan: p, Workdir: s.Workdir, Notify: s.File.Notify})
}

// Reply is the engine's answer to a verb.
type Reply struct {
	Verb  string
	Reply engine.Reply
	Err   error
}

// Readings are the newest ones of the GPUs of this machine, and of hosts once a page
// asked for them by ShowHosts.
type Readings struct {
	Nodes []gpu.Node // this machine first
	Now   float64    // when they were taken in, in seconds since 1970
}
