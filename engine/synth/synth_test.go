package synth

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"ablate/engine/judge"
)

var exported = cmpopts.IgnoreUnexported(Task{})

var benchmarks = []string{"current", "older", "harder", "dev"}

// The hashes are recorded: they move when any held-out task, statement, case or
// program does, and then results before and after are not comparable, so
// recipe.Version has to be raised with them.
func TestBenchmarksAreRecorded(t *testing.T) {
	t.Parallel()
	got := map[string]string{}
	for _, name := range benchmarks {
		h := sha256.New()
		for _, task := range heldOut(name, 64) {
			fmt.Fprintln(h, task.ID, task.Statement, task.Style, task.Depth, task.Features, task.Cases, task.Solution(1, 0))
		}
		got[name] = hex.EncodeToString(h.Sum(nil))[:16]
	}
	want := map[string]string{
		"current": "af625c2197be6a5a", "older": "f2c88c0bc1412561", "harder": "245afafc9bb7497b", "dev": "f2baaa0c14e97139",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("hashes of the first 64 tasks (-want +got):\n%s", diff)
	}
}

func TestSetsAreNested(t *testing.T) {
	t.Parallel()
	o := DefaultOptions()
	for _, name := range benchmarks {
		if diff := cmp.Diff(heldOut(name, 50), Benchmark(name, 50), exported); diff != "" {
			t.Errorf("tasks of %s (-longer +shorter):\n%s", name, diff)
		}
	}
	short := Train(1, 256, o)
	if diff := cmp.Diff(trained(2048)[:256], short, exported); diff != "" {
		t.Errorf("training tasks (-longer +shorter):\n%s", diff)
	}
	other := Train(8, 256, o)
	same := 0
	for i := range short {
		if short[i].ID == other[i].ID {
			same++
		}
	}
	if same > 10 {
		t.Errorf("%d of 256 tasks of two seeds are equal", same)
	}
}

// behaviours are independent of the generator's own signature: the outputs on
// 150 random inputs and on those that begin with each digit, as text.
func behaviours(tasks []Task) map[string]string {
	inputs := extras(150)
	for i, input := range inputs[:100] {
		inputs = append(inputs, append([]int64{int64(i % 10)}, input[:min(len(input), 9)]...))
	}
	of := map[string]string{}
	for _, task := range tasks {
		h := sha256.New()
		for _, input := range inputs {
			_, _ = io.WriteString(h, task.Run(input)+"\n")
		}
		of[string(h.Sum(nil))] = task.ID
	}
	return of
}

func TestBehavioursAreDistinct(t *testing.T) {
	t.Parallel()
	hidden := map[string]string{}
	for _, name := range benchmarks {
		tasks := heldOut(name, 256)
		own := behaviours(tasks)
		if len(tasks) != 256 || len(own) != 256 {
			t.Errorf("%s: %d tasks of %d behaviours, want 256 of each", name, len(tasks), len(own))
		}
		for b, id := range own {
			if twin, ok := hidden[b]; ok {
				t.Errorf("%s: %s behaves like %s of another benchmark", name, id, twin)
			}
			hidden[b] = id
		}
	}
	const n = 400
	for name, tasks := range map[string][]Task{
		"default": trained(n), "shallow": Train(1, n, Options{Depths: []float64{1}}),
		"deep":      Train(1, n, Options{Depths: []float64{0, 1, 1}}),
		"seed only": Train(1, n, Options{SeedOnly: true}), "one step": Train(1, n, Options{OneStep: true}),
	} {
		seen := behaviours(tasks)
		if len(tasks) != n || len(seen) != n {
			t.Errorf("%s: %d training tasks of %d behaviours, want %d of each", name, len(tasks), len(seen), n)
		}
		for b, id := range seen {
			if twin, ok := hidden[b]; ok {
				t.Errorf("%s: training task %s behaves like held-out task %s", name, id, twin)
			}
		}
	}
}

func TestNoTrivialTask(t *testing.T) {
	t.Parallel()
	identity, tasks := behaviours([]Task{{}}), append(heldOut("current", 512), trained(512)...)
	for _, task := range tasks {
		outputs := map[string]int{}
		for _, c := range task.Cases {
			outputs[c.Want]++
		}
		if len(task.Cases) != 8 || len(outputs) < 3 {
			t.Errorf("%s: %d cases of %d outputs, want 8 of 3 or more: %v", task.ID, len(task.Cases), len(outputs), task.Cases)
		}
	}
	for b, id := range behaviours(tasks) {
		if _, ok := identity[b]; ok {
			t.Errorf("%s returns its argument", id)
		}
	}
}

// No constant, and no program of a single step, may solve a share of the held-out
// tasks that could pass for learning.
func TestShallowProgramsSolveNothing(t *testing.T) {
	t.Parallel()
	tasks := heldOut("current", 512)
	solved := map[string]int{}
	for _, task := range tasks {
		first := task.Cases[0].Want
		if !slices.ContainsFunc(task.Cases, func(c judge.Case) bool { return c.Want != first }) {
			solved[first]++
		}
	}
	for _, body := range []string{"a", "a[::-1]", "sorted(a)", "sum(a)", "len(a)", "[x * x for x in a]", "[x for x in a if x > 0]"} {
		program, err := compile("def f(a):\n    return " + body + "\n")
		if err != nil {
			t.Fatal(err)
		}
		for _, task := range tasks {
			if !slices.ContainsFunc(task.Cases, func(c judge.Case) bool { return program.on(numbers(c.Input)) != c.Want }) {
				solved[body]++
			}
		}
	}
	for body, n := range solved {
		if n*50 >= len(tasks) {
			t.Errorf("return %s solves %d of %d held-out tasks", body, n, len(tasks))
		}
	}
}

func TestSolutions(t *testing.T) {
	t.Parallel()
	tasks := trained(500)
	few, plain := 0, 0
	for _, task := range tasks {
		distinct := map[string]bool{}
		for j := range 8 {
			distinct[task.Solution(1, j)] = true
		}
		if len(distinct) < 8 {
			few++
		}
		shortest := habits{element: "x", idioms: make([]int, 4), joined: make([]bool, 4), fused: make([]bool, 4)}
		whole := program(task.features, shortest)
		shortest.joined[task.Depth-2] = true
		if first := task.Solution(1, 0); first == whole || first == program(task.features, shortest) {
			plain++
		}
		if a, b := task.Solution(1, 3), task.Solution(1, 3); a != b {
			t.Errorf("%s: solution 3 is not a function of its arguments:\n%s%s", task.ID, a, b)
		}
	}
	if few > len(tasks)/50 {
		t.Errorf("%d of %d tasks have fewer than 8 programs", few, len(tasks))
	}
	if share := float64(plain) / float64(len(tasks)); share < 0.55 || share > 0.8 {
		t.Errorf("share of plain programs %.2f, want 0.55 to 0.8", share)
	}
}

func TestOptions(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		o      Options
		depths []int // that may occur
		cases  int
	}{
		{"zero value is the default", Options{}, []int{2, 3, 4}, 8},
		{"one depth", Options{Depths: []float64{0, 1, 0}}, []int{3}, 8},
		{"missing weights", Options{Depths: []float64{2}, Cases: 3}, []int{2}, 3},
		{"negative weights", Options{Depths: []float64{-1, -1, 5}, Cases: -1}, []int{4}, 8},
		{"more cases", Options{Cases: 20}, []int{2, 3, 4}, 20},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			for _, task := range Train(1, 64, c.o) {
				if !slices.Contains(c.depths, task.Depth) || len(task.Cases) != c.cases || len(task.Features) != task.Depth {
					t.Errorf("%s: depth %d of %v, %d cases, want depth in %v, %d cases",
						task.ID, task.Depth, task.Features, len(task.Cases), c.depths, c.cases)
				}
			}
		})
	}
}

func TestDepthMix(t *testing.T) {
	t.Parallel()
	const n = 2048
	share := map[int]float64{}
	for _, task := range trained(n) {
		share[task.Depth] += 1.0 / n
	}
	want := map[int]float64{2: 0.45, 3: 0.45, 4: 0.1}
	if diff := cmp.Diff(want, share, cmpopts.EquateApprox(0, 0.03)); diff != "" {
		t.Errorf("shares of the depths (-want +got):\n%s", diff)
	}
}

func TestThereAreEnoughFeatures(t *testing.T) {
	t.Parallel()
	all := families()
	names := map[string]bool{}
	for _, f := range append(slices.Clone(all.steps), all.finals...) {
		names[f.name] = true
		if len(f.ask) < 2 || len(f.of) < 2 || len(f.idioms) < 2 {
			t.Errorf("%s has %d and %d phrasings and %d idioms, want 2 of each", f.name, len(f.ask), len(f.of), len(f.idioms))
		}
	}
	if n := len(all.steps) + len(all.finals); n < 40 || len(names) != n {
		t.Errorf("%d families of %d names, want at least 40, each of its own name", n, len(names))
	}
}

func BenchmarkGenerate(b *testing.B) {
	for b.Loop() {
		Benchmark("current", 512)
		for _, task := range Train(1, 2048, DefaultOptions()) {
			task.Solution(1, 0)
		}
	}
}

// What the sets are for: older shares more with training, harder is deeper.
func TestBenchmarksDiffer(t *testing.T) {
	t.Parallel()
	evolved := map[string]bool{}
	for _, l := range executables(grown()) {
		evolved[l.feature.String()] = l.count == 0
	}
	share, depth := map[string]float64{}, map[string]float64{}
	for _, name := range benchmarks {
		features, n := 0, 0
		for _, task := range heldOut(name, 256) {
			for _, f := range task.Features {
				features++
				n += int(truth(evolved[f]))
			}
			depth[name] += float64(task.Depth) / 256
		}
		share[name] = float64(n) / float64(features)
	}
	if share["older"] > 0.1 || share["current"] < 0.35 || share["dev"] < 0.35 {
		t.Errorf("shares of evolved features %v, want few in older and many in current and dev", share)
	}
	if depth["harder"] < 3.7 || depth["current"] > 3 || depth["older"] > 3 {
		t.Errorf("mean depths %v, want harder to be deeper", depth)
	}
	if tasks := Benchmark("unheard of", 3); tasks != nil {
		t.Errorf("%d tasks of a set that there is not", len(tasks))
	}
}
