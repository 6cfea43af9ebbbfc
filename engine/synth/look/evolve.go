package look

import (
	"cmp"
	"context"
	"fmt"
	"slices"
)

// evolved is the stage evolve.
type evolved struct {
	header
	Corpus     string     `json:"corpus"`
	Categories []category `json:"categories"`
	Operations []child    `json:"operations"` // that evolution made
	Dropped    []dropped  `json:"dropped"`    // by reason, the most frequent first
}

type child struct {
	Name   string `json:"name"`
	Phrase string `json:"phrase"`
	From   string `json:"from"`
	Depth  bool   `json:"depth"` // it is finer than what it comes from; else it stands beside it
}

type dropped struct {
	Reason  string `json:"reason"`
	Tried   int    `json:"tried"`
	Example string `json:"example"`
}

func lookEvolve(_ context.Context, s *session) (result, error) {
	c, err := s.catalogue()
	if err != nil {
		return nil, err
	}
	out := evolved{header: s.header(), Corpus: s.source(), Categories: categories(c), Operations: []child{}, Dropped: []dropped{}}
	made, drops := c.Evolution()
	for _, m := range made {
		out.Operations = append(out.Operations, child{m.Name, m.Phrase, m.From, m.Finer})
	}
	for _, d := range drops {
		out.Dropped = append(out.Dropped, dropped{d.Reason, d.Shapes, d.Example})
	}
	slices.SortStableFunc(out.Dropped, func(a, b dropped) int { return cmp.Compare(b.Tried, a.Tried) })
	return out, nil
}

func (o evolved) text(p *page) {
	p.line("evolve: %s from %s", plural(len(o.Operations), "new operation"), o.Corpus)
	p.line("")
	rows := [][]string{}
	for _, c := range o.Categories {
		growth := "-"
		if c.Extracted > 0 {
			growth = fmt.Sprintf("x%.2f", c.Growth)
		}
		rows = append(rows, []string{c.Name, fmt.Sprint(c.Extracted), fmt.Sprint(c.Evolved), growth, fmt.Sprintf("x%.2f", c.Paper)})
	}
	p.table([]string{"category", ">extracted", ">after evolution", ">growth", ">paper (T8)"}, rows)
	o.children(p, "breadth: siblings, which differ in one place", false)
	o.children(p, "depth: children, which say more", true)
	if len(o.Dropped) > 0 {
		rows = [][]string{}
		for _, d := range o.Dropped {
			rows = append(rows, []string{fmt.Sprint(d.Tried), d.Reason, cut(d.Example, 36)})
		}
		p.title("tried and dropped")
		p.table([]string{">times", "why", "the first"}, rows)
	}
	p.title("next: --stage tree shows all in their places; --set evolution=false does without")
}

// children shows some that one way has made.
func (o evolved) children(p *page, title string, depth bool) {
	const most = 6
	of := slices.DeleteFunc(slices.Clone(o.Operations), func(c child) bool { return c.Depth != depth })
	if len(of) == 0 {
		return
	}
	rows := [][]string{}
	for i := range min(most, len(of)) {
		c := of[i*len(of)/min(most, len(of))] // all over the tree
		rows = append(rows, []string{cut(c.From, 26), cut(c.Phrase, 48)})
	}
	p.title("%s: %d", title, len(of))
	p.table([]string{"from", "a new operation"}, rows)
}
