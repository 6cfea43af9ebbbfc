package synth

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSelectedFeaturesAreCompatible(t *testing.T) {
	t.Parallel()
	tasks, funnel := grown().Draw(1, 500, Options{})
	var m machine
	for _, task := range tasks {
		for i, f := range task.features {
			if f.final && i < task.Depth-1 {
				t.Errorf("%s goes on after an integer", task.ID)
			}
		}
		s, common := m.behaviour(task.features)
		if !task.features.bounded() || !varied(common) || !m.worthy(task.features, s) || s.side() != training {
			t.Errorf("%s is unbounded, constant, has an idle feature or is held out", task.ID)
		}
	}
	f := funnel
	if f.Kept != len(tasks) || f.Sampled != f.Incompatible+f.Unbounded+f.OtherSide+f.Known+f.Constant+f.Idle+f.Kept {
		t.Errorf("%d tasks of the funnel %+v, whose parts have to sum up", len(tasks), f)
	}
	if f.Unbounded == 0 || f.OtherSide == 0 || f.Constant == 0 || f.Idle == 0 {
		t.Errorf("nothing is dropped for one of the reasons: %+v", f)
	}
}

func TestOneStepTakesFeaturesAsSampled(t *testing.T) {
	t.Parallel()
	o := Options{OneStep: true}
	const n = 500
	tasks, funnel := grown().Draw(1, n, o)
	if len(tasks) != n || funnel.Constant+funnel.Idle != 0 || funnel.Unbounded == 0 {
		t.Errorf("%d tasks by %+v, want %d, no look at what features do, and unbounded ones dropped", len(tasks), funnel, n)
	}
	var m machine
	idle, depth := 0, 0
	for _, task := range tasks {
		s, common := m.behaviour(task.features)
		if !varied(common) || !m.worthy(task.features, s) {
			idle++
		}
		depth += task.Depth
	}
	selected := 0
	for _, task := range trained(n) {
		selected += task.Depth
	}
	if idle < n/20 || depth > selected-n/10 {
		t.Errorf("%d idle tasks of %d and %d features where selection has %d: it should be seen what selection is for",
			idle, n, depth, selected)
	}
	names := map[string]string{}
	for _, l := range executables(grown()) {
		names[l.path] = l.feature.String()
	}
	for i, s := range grown().Subtrees(1, 50, o) {
		executable := []string{}
		for _, path := range s.Leaves {
			if name, ok := names[path]; ok {
				executable = append(executable, name)
			}
		}
		if n := len(s.Selected); n > 0 && !slices.Equal(s.Selected, executable[:n]) {
			t.Errorf("subtree %d: selected %v of %v", i, s.Selected, executable)
		}
	}
}

func TestSeedOnly(t *testing.T) {
	t.Parallel()
	seeds := map[string]bool{}
	for _, l := range executables(grown()) {
		if l.count > 0 {
			seeds[l.feature.String()] = true
		}
	}
	evolved := 0
	for _, task := range Train(1, 500, Options{SeedOnly: true}) {
		for _, name := range task.Features {
			if !seeds[name] {
				t.Errorf("%s has %s, which no program of the corpus shows", task.ID, name)
			}
		}
	}
	for _, task := range trained(500) {
		if slices.ContainsFunc(task.Features, func(name string) bool { return !seeds[name] }) {
			evolved++
		}
	}
	if evolved < 100 {
		t.Errorf("%d of 500 tasks have an evolved feature, want at least 100", evolved)
	}
}

// Integers alone fit nothing: an end, not a hang.
func TestNoCompatibleSet(t *testing.T) {
	t.Parallel()
	c := tiny(t, "sum(a)", "len(a)")
	for i := range c.usual.leaves {
		if l := c.usual.leaves[i]; l.feature.family != nil && !l.feature.final {
			t.Fatalf("%s is a step", l.path)
		}
	}
	tasks, funnel := c.Draw(1, 5, Options{})
	if len(tasks) != 0 || funnel.Incompatible == 0 || funnel.Incompatible != funnel.Sampled {
		t.Errorf("%d tasks by %+v, want none, all incompatible", len(tasks), funnel)
	}
}

// A depth that has run out leaves its share to the others; alone, it ends the set.
func TestSetsEndWhereBehavioursEnd(t *testing.T) {
	t.Parallel()
	c := tiny(t, "a[::-1]", "sorted(a)", "[x * x for x in a]", "[x for x in a if x > 0]", "sum(a)")
	only, _ := c.Draw(1, 500, Options{Depths: []float64{1}})
	if len(only) < 20 || len(only) >= 500 {
		t.Errorf("%d tasks of depth 2, want between 20 and all 500", len(only))
	}
	if mixed, _ := c.Draw(1, len(only)+20, Options{Depths: []float64{1, 0.01}}); len(mixed) != len(only)+20 {
		t.Errorf("%d tasks of depths 2 and 3, want %d", len(mixed), len(only)+20)
	}
}

func TestSubtrees(t *testing.T) {
	t.Parallel()
	all := grown().Subtrees(3, 100, Options{})
	if diff := cmp.Diff(all[:30], grown().Subtrees(3, 30, Options{})); diff != "" {
		t.Errorf("subtrees (-longer +shorter):\n%s", diff)
	}
	selected := 0
	for _, s := range all {
		distinct := slices.Compact(slices.Sorted(slices.Values(s.Leaves)))
		if len(s.Leaves) < fewestLeaves || len(s.Leaves) > mostLeaves || len(distinct) != len(s.Leaves) {
			t.Errorf("%d leaves, %d of them distinct, want %d to %d", len(s.Leaves), len(distinct), fewestLeaves, mostLeaves)
		}
		if len(s.Selected) > 0 {
			selected++
		}
	}
	if selected < 80 {
		t.Errorf("%d of 100 subtrees make a task, want at least 80", selected)
	}
}
