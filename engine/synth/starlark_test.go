package synth

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"go.starlark.net/starlark"
	"go.starlark.net/syntax"

	"ablate/engine/seed"
)

// compiled is a program ready to be called, under the judge's rules: sum is
// predeclared, steps are bounded.
type compiled struct{ f starlark.Value }

func compile(source string) (compiled, error) {
	total := func(_ *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, _ []starlark.Tuple) (starlark.Value, error) {
		var list *starlark.List
		s := starlark.MakeInt(0)
		if err := starlark.UnpackPositionalArgs("sum", args, nil, 1, &list, &s); err != nil {
			return nil, err
		}
		for x := range list.Elements() {
			n, ok := x.(starlark.Int)
			if !ok {
				return nil, fmt.Errorf("sum %s: not an int", x)
			}
			s = s.Add(n)
		}
		return s, nil
	}
	globals, err := starlark.ExecFileOptions(&syntax.FileOptions{}, &starlark.Thread{}, "f.star", source,
		starlark.StringDict{"sum": starlark.NewBuiltin("sum", total)})
	if err != nil {
		return compiled{}, err
	}
	f, ok := globals["f"]
	if !ok {
		return compiled{}, errors.New("no f")
	}
	return compiled{f}, nil
}

// on gives what the program returns for an input, as text, or "error: ...".
func (c compiled) on(input []int64) string {
	values := make([]starlark.Value, len(input))
	for i, v := range input {
		values[i] = starlark.MakeInt64(v)
	}
	thread := &starlark.Thread{}
	thread.SetMaxExecutionSteps(20000)
	got, err := starlark.Call(thread, c.f, starlark.Tuple{starlark.NewList(values)}, nil)
	if err != nil {
		return "error: " + err.Error()
	}
	return got.String()
}

// extras are n random inputs that no task has as its cases.
func extras(n int) [][]int64 {
	r := seed.Stream(1, "extra", 0)
	all := make([][]int64, n)
	for i := range all {
		all[i] = randomList(r, r.IntN(maxLength+1), []int64{3, 7, maxValue}[r.IntN(3)])
	}
	return all
}

// checked is a program with the inputs it has to agree on.
type checked struct {
	Source string
	Inputs [][]int64
	Wants  []string
}

var everyIdiom = sync.OnceValue(newEveryIdiom)

// newEveryIdiom has each idiom of each feature, in a task of its own and behind
// another step, so that it meets a variable and an expression as its list.
func newEveryIdiom() []checked {
	inputs := append(probes(), extras(40)...)
	listed := families()
	before := feature{family: listed.steps[0], k: 2}
	var m machine
	var programs []checked
	all := append(append([]*family{}, listed.steps...), listed.finals...)
	for _, l := range executables(grown()) {
		if len(l.feature.constants) == 0 || l.feature.hidden {
			all = append(all, l.feature.family)
		}
	}
	for _, fam := range all {
		ks := fam.constants
		if len(ks) == 0 {
			ks = []int64{0}
		}
		for _, k := range ks {
			for i := range fam.idioms {
				f := feature{family: fam, k: k}
				for _, c := range []composition{{f}, {before, f}} {
					p := checked{Inputs: inputs}
					n := len(c)
					h := habits{element: "x", idioms: make([]int, n), joined: []bool{true, true}, fused: make([]bool, n)}
					h.idioms[n-1] = i
					p.Source = program(c, h)
					for _, input := range inputs {
						p.Wants = append(p.Wants, literal(m.run(c, input), c.scalar()))
					}
					programs = append(programs, p)
				}
			}
		}
	}
	return programs
}

// drawnPrograms has the first solutions of many tasks.
func drawnPrograms(tasks, each int) []checked {
	inputs := append(probes(), extras(12)...)
	var programs []checked
	for _, task := range trained(tasks) {
		wants := make([]string, len(inputs))
		for i, input := range inputs {
			wants[i] = task.Run(input)
		}
		for j := range each {
			programs = append(programs, checked{Source: task.Solution(5, j), Inputs: inputs, Wants: wants})
		}
	}
	return programs
}

func TestProgramsAgreeWithTheReferenceInStarlark(t *testing.T) {
	t.Parallel()
	for name, programs := range map[string][]checked{"every idiom": everyIdiom(), "drawn": drawnPrograms(400, 6)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, p := range programs {
				c, err := compile(p.Source)
				if err != nil {
					t.Fatalf("%v in\n%s", err, p.Source)
				}
				for i, input := range p.Inputs {
					if got := c.on(input); got != p.Wants[i] {
						t.Fatalf("f(%v) = %s, want %s, of\n%s", input, got, p.Wants[i], p.Source)
					}
				}
			}
		})
	}
}
