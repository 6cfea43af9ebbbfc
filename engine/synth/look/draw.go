package look

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"ablate/engine/synth"
)

// sampled are the stages sample and select.
type sampled struct {
	header
	Subtrees []subtree `json:"subtrees"`
	Gates    []gate    `json:"funnel"` // of select: what became of the sets that were looked at
}

type subtree struct {
	Leaves   []string `json:"leaves"`   // paths, as drawn
	Selected []string `json:"selected"` // features in the order of execution; none that fit if empty
}

// subtrees are the first n of the seed.
func (s *session) subtrees(n int) ([]subtree, error) {
	c, err := s.catalogue()
	if err != nil {
		return nil, err
	}
	all := []subtree{}
	for _, sub := range c.Subtrees(s.Seed, n, s.options) {
		all = append(all, subtree{sub.Leaves, append([]string{}, sub.Selected...)})
	}
	return all, nil
}

func lookSample(_ context.Context, s *session) (result, error) {
	all, err := s.subtrees(s.N)
	return sampled{s.header(), all, []gate{}}, err
}

func lookSelect(_ context.Context, s *session) (result, error) {
	_, sets, err := s.draw()
	if err != nil {
		return nil, err
	}
	const examples = 4
	all, err := s.subtrees(min(s.N, examples))
	return sampled{s.header(), all, setGates(sets)}, err
}

// draw gives the tasks that the request asks for, and what became of the sets of
// features that were looked at for them.
func (s *session) draw() ([]synth.Task, synth.Choices, error) {
	c, err := s.catalogue()
	if err != nil {
		return nil, synth.Choices{}, err
	}
	tasks, sets := c.Draw(s.Seed, s.N, s.options)
	switch {
	case len(tasks) == 0:
		return nil, sets, errors.New("no set of the features makes a task: there is no compatible subtree; add programs to the corpus")
	case len(tasks) < s.N:
		return nil, sets, fmt.Errorf("there are only %d tasks with these parameters; lower --n %d", len(tasks), s.N)
	}
	return tasks, sets, nil
}

// setGates are the lines of the funnel before anything is written.
func setGates(f synth.Choices) []gate {
	left := f.Sampled
	lines := []gate{{Name: "sampled", Left: left, Words: "sets of features"}}
	for _, g := range []struct {
		name string
		n    int
		why  string
	}{
		{"incompatible", f.Incompatible, "too few that go together"},
		{"unbounded", f.Unbounded, "a number or list may grow too large"},
		{"held_out", f.OtherSide, "a behaviour of the benchmarks"},
		{"known", f.Known, "a behaviour that another task has"},
		{"constant", f.Constant, "nearly always one output"},
		{"idle", f.Idle, "a feature changes nothing"},
	} {
		left -= g.n
		lines = append(lines, gate{g.name, g.n, left, share(g.n, f.Sampled), g.why})
	}
	return lines
}

// writeGates writes a funnel; what begins or ends a part of it has no share.
func (p *page) writeGates(gates []gate) {
	p.line("")
	rows := make([][]string, len(gates))
	for i, g := range gates {
		rows[i] = []string{g.Name, fmt.Sprint(g.Dropped), percent(g.Share, 1), fmt.Sprint(g.Left), g.Words}
		switch g.Name {
		case "sampled", "written", "kept":
			rows[i][1], rows[i][2] = "", ""
		}
	}
	p.table([]string{"gate", ">dropped", ">share", ">left", ""}, rows)
}

func (o sampled) text(p *page) {
	if o.Stage == "select" {
		left := o.Gates[len(o.Gates)-1].Left
		p.line("select: %s of seed %d, out of %d sets of features", plural(left, "task"), o.Seed, o.Gates[0].Left)
		p.writeGates(o.Gates)
	} else {
		p.line("sample: %s of seed %d", plural(len(o.Subtrees), "subtree"), o.Seed)
	}
	for i, s := range o.Subtrees {
		p.title("-- subtree %d: %d leaves", i+1, len(s.Leaves))
		s.write(p)
		switch {
		case o.Stage != "select":
		case len(s.Selected) == 0:
			p.hang(2, fmt.Sprintf("%-20s", "selected"), "none: no set of them makes a task")
		default:
			p.hang(2, fmt.Sprintf("%-20s", "selected"), strings.Join(s.Selected, ", "))
		}
	}
	if o.Stage == "select" {
		p.title("next: --stage write words such sets; --set two_stage=false leaves selection out")
	} else {
		p.title("next: --stage select chooses features of each that go together")
	}
}

// write lists the leaves by category.
func (s subtree) write(p *page) {
	of := map[string][]string{}
	for _, path := range s.Leaves {
		category, _, _ := strings.Cut(path, "/")
		of[category] = append(of[category], feature{Path: path}.name())
	}
	for _, category := range synth.Categories() {
		if len(of[category]) > 0 {
			p.hang(2, fmt.Sprintf("%-20s", category), strings.Join(of[category], ", "))
		}
	}
}
