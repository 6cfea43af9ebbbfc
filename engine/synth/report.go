package synth

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.starlark.net/syntax"

	"ablate/engine/seed"
)

// Unread is a program of the corpus that is none of the operations known.
type Unread struct {
	File, Function string
	Line           int // of what could not be read
	Reason         string
}

// Read says how many programs the corpus has, and which could not be read.
func (c *Catalogue) Read() (programs int, unread []Unread) {
	for _, p := range c.programs {
		if u := new(unreadError); errors.As(p.unread, &u) {
			unread = append(unread, Unread{p.file, p.def.Name.Name, int(u.at.Line), u.reason})
		}
	}
	return len(c.programs), unread
}

// Feature is a leaf of the tree.
type Feature struct {
	Path     string // category/group/form/name
	Programs int    // of the corpus that show it, 0 if it is evolved
	Phrase   string // how tasks ask for it, "" outside the category algorithm
	Program  string // the usual program for it, likewise
}

// Features are the leaves of the tree, by path.
func (c *Catalogue) Features() []Feature {
	all := make([]Feature, len(c.leaves))
	for i, l := range c.leaves {
		all[i] = Feature{Path: l.path, Programs: l.count}
		if l.executable() {
			all[i].Phrase = l.feature.say(l.feature.ask[0])
			all[i].Program = l.feature.program(0)
		}
	}
	return all
}

// program is the i-th program for the feature alone, the first being the usual one.
func (f feature) program(i int) string {
	h := habits{element: elements[0], idioms: []int{i}, joined: []bool{false}, fused: []bool{false}}
	return program(composition{f}, h)
}

// Growth is how many features a category has, as extracted and after evolution.
type Growth struct {
	Category           string
	Extracted, Evolved int
}

// Growth counts the features of each category. Those that came by evolution are
// counted by reading all programs of the evolved operations as the corpus was
// read.
func (c *Catalogue) Growth() []Growth {
	before, after := map[string]bool{}, map[string]bool{}
	for _, l := range c.seeds {
		before[l.path], after[l.path] = true, true
	}
	for _, l := range c.leaves {
		if l.count > 0 {
			continue
		}
		after[l.path] = true
		for i := range l.feature.idioms {
			def, err := parseProgram(l.feature.program(i))
			if err != nil {
				continue // a test reads every program
			}
			for _, path := range traits(def, composition{l.feature}) {
				after[path] = true
			}
		}
	}
	var all []Growth
	for _, category := range Categories() {
		g := Growth{Category: category}
		for path := range after {
			if strings.HasPrefix(path, category+"/") {
				g.Evolved++
				g.Extracted += int(truth(before[path]))
			}
		}
		all = append(all, g)
	}
	return all
}

// Evolved is an operation that evolution made.
type Evolved struct {
	Name, Phrase string
	From         string // the feature that it differs from
	Finer        bool   // it says more (depth), rather than something else (breadth)
}

// Drop is a reason why evolution dropped what it tried.
type Drop struct {
	Reason  string
	Shapes  int    // that were dropped
	Example string // the first of them
}

// Evolution says what evolution made of the seed features, by path, and what it
// dropped on the way.
func (c *Catalogue) Evolution() (made []Evolved, drops []Drop) {
	for _, l := range c.evolution.leaves {
		from := c.evolution.from[l.path]
		made = append(made, Evolved{l.feature.String(), l.feature.say(l.feature.ask[0]), from.parent, from.finer})
	}
	return made, slices.Clone(c.evolution.drops)
}

// parseProgram reads the one function of a program.
func parseProgram(text string) (*syntax.DefStmt, error) {
	file, err := dialect.Parse("program", text, 0)
	if err != nil {
		return nil, fmt.Errorf("parse program: %w", err)
	}
	if len(file.Stmts) == 1 {
		if def, ok := file.Stmts[0].(*syntax.DefStmt); ok {
			return def, nil
		}
	}
	return nil, errors.New("parse program: it is no single function")
}

// Subtree is what was sampled for a task, and what was selected of it.
type Subtree struct {
	Leaves   []string // paths, in the order of sampling
	Selected []string // names of features, in the order of execution; none if no set of them made a task
}

// Subtrees are the first n that are sampled for training tasks of a run's seed.
func (c *Catalogue) Subtrees(run int64, n int, o Options) []Subtree {
	o = o.filled()
	g := generator{known: map[signature]bool{}, side: training, oneStep: o.OneStep}
	all := make([]Subtree, n)
	for i := range all {
		r := seed.Stream(run, "subtree", i)
		sub := c.weights(o).subtree(r)
		for _, l := range sub {
			all[i].Leaves = append(all[i].Leaves, l.path)
		}
		depth := weighted(r, o.Depths)
		for range selections {
			if chosen := g.choose(r, sub, depth+2); g.accept(chosen) {
				all[i].Selected = chosen.names()
				break
			}
		}
	}
	return all
}
