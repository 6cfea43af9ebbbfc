package synth

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

var inputsOnly = cmpopts.IgnoreUnexported(Test{})

func TestGeneratedTests(t *testing.T) {
	t.Parallel()
	sizes := map[string][2]int{Small: {1, 3}, Medium: {4, 7}, Large: {8, 10}, Boundary: {0, 10}, Stress: {10, 40}}
	stressed := 0
	for _, task := range trained(200) {
		tests := task.Tests(1, 15, TestsGenerated)
		count, seen := map[string]int{}, map[string]bool{}
		for _, test := range tests {
			count[test.Class]++
			seen[test.Input] = true
			n := len(numbers(test.Input))
			if span := sizes[test.Class]; n < span[0] || n > span[1] || test.Size != len(test.Input) {
				t.Errorf("%s: %s test %s has %d numbers, size %d", task.ID, test.Class, test.Input, n, test.Size)
			}
			if test.Class == Stress && n > maxLength {
				stressed++
			}
			for _, v := range numbers(test.Input) {
				if max(v, -v) > maxValue {
					t.Errorf("%s: %d in %s is past %d", task.ID, v, test.Input, maxValue)
				}
			}
		}
		if diff := cmp.Diff(map[string]int{Small: 3, Medium: 4, Large: 3, Boundary: 3, Stress: 2}, count); diff != "" {
			t.Errorf("%s: classes (-want +got):\n%s", task.ID, diff)
		}
		if len(seen) != 15 || tests[0].Input != "[]" {
			t.Errorf("%s: %d different inputs, the first %s, want 15 and []", task.ID, len(seen), tests[0].Input)
		}
		if diff := cmp.Diff(tests[:6], task.Tests(1, 6, TestsGenerated), inputsOnly); diff != "" {
			t.Errorf("%s: 6 of 15 tests (-longer +shorter):\n%s", task.ID, diff)
		}
		if cmp.Equal(tests, task.Tests(2, 15, TestsGenerated), inputsOnly) {
			t.Errorf("%s: two seeds give the same tests", task.ID)
		}
	}
	if stressed < 300 {
		t.Errorf("%d of 400 stress tests are longer than %d numbers", stressed, maxLength)
	}
}

// What a stress input may grow to stays within what a float64 holds, at the worst
// values there are.
func TestStressIsBounded(t *testing.T) {
	t.Parallel()
	for _, task := range append(trained(400), Train(2, 200, Options{Depths: []float64{0, 0, 1}})...) {
		n := task.features.stressLength()
		for _, pair := range [][]int64{{maxValue, maxValue}, {-maxValue, -maxValue}, {maxValue, -maxValue}} {
			out := task.Run(slices.Repeat(pair, n/2+1)[:n])
			for _, v := range numbers(out) {
				if max(v, -v) > largest {
					t.Errorf("%s gives %d on %d numbers, past 2^53", task.ID, v, n)
				}
			}
			if len(out) > 4096 {
				t.Errorf("%s gives %d bytes on %d numbers, more than the judge compares", task.ID, len(out), n)
			}
		}
	}
	for path, want := range map[string]int{"keep_even.sum": 40, "product": 10, "first_3.product": 40, "mirror.repeat_each": 40, "mirror.mirror.double": 40, "mirror.mirror.mirror": 20} {
		if got := named(t, path).stressLength(); got != want {
			t.Errorf("stress length of %s is %d, want %d", path, got, want)
		}
	}
}

func TestListedTests(t *testing.T) {
	t.Parallel()
	count, total, full := map[string]int{}, 0, 0
	tasks := trained(400)
	for _, task := range tasks {
		tests := task.Tests(1, 15, TestsListed)
		seen := map[string]bool{}
		for _, test := range tests {
			count[test.Class]++
			seen[test.Input] = true
		}
		if len(tests) < 5 || len(tests) > 15 || len(seen) != len(tests) {
			t.Errorf("%s: %d tests, %d different, want 5 to 15", task.ID, len(tests), len(seen))
		}
		total += len(tests)
		if len(tests) == 15 {
			full++
		}
	}
	if count[Stress] != 0 || count[Boundary] == 0 || 4*count[Boundary] > total || 2*(count[Small]+count[Medium]) < total {
		t.Errorf("classes of %d listed tests: %v", total, count)
	}
	// The paper's prompts gave 13.6 of 15 on average.
	if mean := float64(total) / float64(len(tasks)); mean < 12.5 || mean > 14.5 || full == len(tasks) {
		t.Errorf("%.1f lists a task, %d of %d full", mean, full, len(tasks))
	}
	for _, c := range []struct{ n, least, most int }{{0, 0, 0}, {1, 1, 1}, {5, 5, 5}, {1000, 5, len(byHand)}} {
		if n := len(tasks[0].Tests(1, c.n, TestsListed)); n < c.least || n > c.most {
			t.Errorf("%d lists of %d asked for, want %d to %d", n, c.n, c.least, c.most)
		}
	}
}
