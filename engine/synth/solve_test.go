package synth

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ablate/engine/judge"
)

// form is how the first line of a program's body begins.
func form(source string) string {
	_, body, _ := strings.Cut(source, "\n")
	return body[:min(len(body), 9)]
}

func TestCandidates(t *testing.T) {
	t.Parallel()
	first, last := map[string]int{}, map[string]int{} // texts, by candidate
	for _, task := range trained(300) {
		cs := DefaultTeacher().Candidates(1, task, 8)
		if diff := cmp.Diff(cs[:3], DefaultTeacher().Candidates(1, task, 3)); diff != "" {
			t.Errorf("%s: 3 of 8 candidates (-longer +shorter):\n%s", task.ID, diff)
		}
		first[form(cs[0].Source)]++
		last[form(cs[7].Source)]++
	}
	// All are drawn alike: the last is not the odd one that was left.
	if a, b := first["    a = ["], last["    a = ["]; a < 100 || b < a*8/10 || b > a*12/10 {
		t.Errorf("of first candidates %d begin as usual, of last ones %d", a, b)
	}
	task := Train(1, 1, Options{})[0]
	if n := len(DefaultTeacher().Candidates(1, task, 0)); n != 0 {
		t.Errorf("no candidates asked for, got %d", n)
	}
	if cmp.Equal(DefaultTeacher().Candidates(1, task, 8), DefaultTeacher().Candidates(2, task, 8)) {
		t.Error("two seeds give the same candidates")
	}
}

// differs says whether a candidate's outputs are not the task's on the probes and
// the extras.
func differs(t *testing.T, task Task, c Candidate, inputs []Test) bool {
	t.Helper()
	return wrong(task, interpreted(t, c.Source, inputs), inputs)
}

func wrong(task Task, outs []judge.Output, inputs []Test) bool {
	for i, out := range outs {
		if out.Value != task.Run(inputs[i].values) {
			return true
		}
	}
	return false
}

func probing() []Test {
	var inputs []Test
	for _, values := range append(slices.Clone(probes()), extras(40)...) {
		inputs = append(inputs, newTest("", values))
	}
	return inputs
}

// A teacher of rate zero is right, and one that always errs nearly always wrong;
// each fault occurs, and does harm as a rule.
func TestFaultsAreReal(t *testing.T) {
	t.Parallel()
	inputs := probing()
	tasks := trained(150)
	for _, task := range tasks {
		for _, c := range TeacherOf(0).Candidates(5, task, 2) {
			if c.Fault != "" || c.Shared || differs(t, task, c, inputs) {
				t.Errorf("%s: a candidate of rate 0 is wrong:\n%s", task.ID, c.Source)
			}
		}
	}
	made, harmful := map[string]int{}, map[string]int{}
	for _, task := range tasks {
		for _, c := range (Teacher{Slip: 1}).Candidates(5, task, 8) {
			made[c.Fault]++
			if differs(t, task, c, inputs) {
				harmful[c.Fault]++
			}
		}
	}
	for _, fault := range []string{wrongConstant, wrongOrder, forgottenStep, siblingStep, offByOne, wrongComparison, missingEdge} {
		least := 0.99 // of the mistakes about the task, which are checked when made
		if slices.Contains([]string{offByOne, wrongComparison, missingEdge}, fault) {
			least = 0.75 // a slip in a text may change nothing
		}
		if share := float64(harmful[fault]) / float64(made[fault]); made[fault] < 10 || share < least {
			t.Errorf("%s: %d of %d candidates are wrong, want a share of %.2f", fault, harmful[fault], made[fault], least)
		}
	}
	if made[""] > 0 {
		t.Errorf("%d candidates of a teacher that always slips did not", made[""])
	}
}

// Those who share a misreading write different programs of one wrong behaviour.
func TestMisreadingsAreShared(t *testing.T) {
	t.Parallel()
	inputs := probing()
	misread, sharers, harmed := 0, 0, 0
	for _, task := range trained(200) {
		behaviours := map[string]bool{}
		n := 0
		for _, c := range (Teacher{Misread: 1}).Candidates(6, task, 8) {
			if !c.Shared {
				if c.Fault != "" {
					t.Errorf("%s: a fault without a rate of slips: %s", task.ID, c.Fault)
				}
				continue
			}
			n++
			outs := interpreted(t, c.Source, inputs)
			behaviours[fmt.Sprint(outs)] = true
			if wrong(task, outs, inputs) {
				harmed++
			}
		}
		if n > 0 {
			misread++
			sharers += n
		}
		if len(behaviours) > 1 {
			t.Errorf("%s: %d sharers of one misreading behave in %d ways", task.ID, n, len(behaviours))
		}
	}
	if misread < 150 || harmed != sharers {
		t.Errorf("%d of 200 tasks are misread, %d of %d sharers wrong", misread, harmed, sharers)
	}
	if mean := float64(sharers) / float64(misread); mean < 3.5 || mean > 6 {
		t.Errorf("%.1f of 8 candidates share a misreading, want about half", mean)
	}
}

// Who misreads and slips has both faults, in that order.
func TestFaultsAdd(t *testing.T) {
	t.Parallel()
	both := 0
	for _, task := range Train(6, 50, Options{}) {
		for _, c := range (Teacher{Slip: 1, Misread: 1}).Candidates(6, task, 8) {
			if strings.Contains(c.Fault, ", ") != c.Shared {
				t.Errorf("%s: shared is %t with the fault %q", task.ID, c.Shared, c.Fault)
			}
			both += strings.Count(c.Fault, ", ")
		}
	}
	if both < 100 {
		t.Errorf("%d of 400 candidates have two faults, want at least 100", both)
	}
}

// All that a slip of the pen may make of a program, by hand.
func TestPenSlips(t *testing.T) {
	t.Parallel()
	for source, want := range map[string][]string{
		"def f(a):\n    return max(a or [0])\n": {
			"def f(a):\n    return max(a)\n", "def f(a):\n    return max(a or [1])\n"},
		"def f(a):\n    a = [x for x in a if x > 3]\n    return a[:2]\n": {
			"def f(a):\n    a = [x for x in a if x >= 3]\n    return a[:2]\n",
			"def f(a):\n    a = [x for x in a if x > 3]\n    return a[:1]\n",
			"def f(a):\n    a = [x for x in a if x > 3]\n    return a[:3]\n"},
		"def f(a):\n    return a[-3:]\n": {"def f(a):\n    return a[-2:]\n", "def f(a):\n    return a[-4:]\n"},
		"def f(a):\n    return [a[i] - a[i - 1] for i in range(1, len(a))]\n": {
			"def f(a):\n    return [a[i] - a[i - 1] for i in range(len(a))]\n",
			"def f(a):\n    return [a[i] - a[i - 1] for i in range(1, len(a) - 1)]\n"},
		"def f(a):\n    return a\n": {""},
	} {
		got := map[string]bool{}
		for i := range 100 {
			slipped, _ := penSlip(stream(i), source)
			got[slipped] = true
		}
		wanted := map[string]bool{}
		for _, w := range want {
			wanted[w] = true
		}
		if diff := cmp.Diff(wanted, got); diff != "" {
			t.Errorf("slips of\n%s(-want +got):\n%s", source, diff)
		}
	}
}

// The strong solver errs little, and more on deeper tasks.
func TestSolver(t *testing.T) {
	t.Parallel()
	var wrong [2]float64
	for i, depths := range [][]float64{{1}, {0, 0, 1}} {
		for _, task := range Train(3, 600, Options{Depths: depths}) {
			if c := DefaultSolver().Solve(3, task); c.Fault != "" {
				wrong[i] += 1.0 / 600
				if (c.Source == "") != (c.Fault == "no program") {
					t.Errorf("%s: fault %q of the program %q", task.ID, c.Fault, c.Source)
				}
			}
		}
	}
	if wrong[0] < 0.04 || wrong[0] > 0.12 || wrong[1] < 1.5*wrong[0] {
		t.Errorf("the solver errs on %.3f of the tasks of depth 2 and %.3f of depth 4", wrong[0], wrong[1])
	}
	if c := (Solver{}).Solve(3, Train(3, 1, Options{})[0]); c.Fault != "" {
		t.Errorf("a solver of rate 0 makes the fault %q", c.Fault)
	}
}
