package lab

import (
	"slices"
	"strings"
	"testing"

	"ablate/experiments/store"
)

// Laws are fitted beside, once for the same points, and drawn through those alone.
func TestLaws(t *testing.T) {
	t.Parallel()
	g := gridOf(t, "grid", slices.Repeat([]store.Status{store.Done}, 48)...)
	s := &scaling{grid: g}
	drawn := func() int {
		s.make()
		n := 0
		for _, c := range s.line.Series {
			if c.Name == "" && len(c.X) > 10 && !c.Dashed && !c.Dots {
				n++
			}
		}
		return n
	}
	cmd := s.askLaws()
	if cmd == nil || s.askLaws() != nil || drawn() != 0 {
		t.Fatal("it does not fit them once, beside")
	}
	s.hearLaws(cmd().(lawsMsg))
	// More solutions are worse there, by 0.01 each.
	if n := drawn(); n != 4 || !strings.HasPrefix(s.line.Note, "tasks 256: no falling power law · ") || !strings.Contains(s.line.Note, "dashed: X-Coder figure 3") {
		t.Errorf("%d laws are drawn, with the note %q", n, s.line.Note)
	}
	if s.askLaws() != nil {
		t.Error("it fits them again")
	}
	id := g.study.id(0, 0)
	r := g.study.records[id]
	r.Metrics = store.Values{"eval/pass@1": 0.5}
	g.study.records[id] = r
	g.study.version++
	if n := drawn(); n != 0 {
		t.Errorf("%d laws are drawn through other points", n)
	}
	if s.askLaws() == nil {
		t.Error("it does not fit the new points")
	}
}

// Where an axis is averaged over, a law would follow that as well: none is fitted.
func TestLawsOfMeans(t *testing.T) {
	t.Parallel()
	g := gridOf(t, "cube", slices.Repeat([]store.Status{store.Done}, 24)...)
	g.pair = slices.IndexFunc(g.pairs(), func(p [2]int) bool { return p == [2]int{2, 0} }) // lr by tasks, solutions averaged
	s := &scaling{grid: g}
	if s.askLaws() != nil {
		t.Error("a law through means of cells is asked for")
	}
}
