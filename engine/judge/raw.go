package judge

import (
	"fmt"
	"strings"

	"go.starlark.net/starlark"
	"go.starlark.net/syntax"
)

// Raw runs programs that one trusts as plainly as the interpreter can: in this
// process, without limits, on inputs that are ready as values. It is what the
// speed of a Pool is measured against.
type Raw struct {
	programs []Program
	inputs   [][]starlark.Value // of every case of every program
}

// NewRaw prepares programs, which must not change their arguments.
func NewRaw(ps []Program) (*Raw, error) {
	r := &Raw{programs: ps, inputs: make([][]starlark.Value, len(ps))}
	for i, p := range ps {
		for _, c := range p.Cases {
			v, err := parseLiteral(c.Input)
			if err != nil {
				return nil, fmt.Errorf("prepare program %d: %w", i, err)
			}
			r.inputs[i] = append(r.inputs[i], v)
		}
	}
	return r, nil
}

// Run parses every program and calls its f on every case. The error is that one
// is not accepted.
func (r *Raw) Run() error {
	thread := &starlark.Thread{}
	for i, p := range r.programs {
		globals, err := starlark.ExecFileOptions(&syntax.FileOptions{}, thread, "f", p.Source, nil)
		if err != nil {
			return fmt.Errorf("run program %d: %w", i, err)
		}
		for j, c := range p.Cases {
			v, err := starlark.Call(thread, globals["f"], starlark.Tuple{r.inputs[i][j]}, nil)
			if err != nil {
				return fmt.Errorf("run program %d on %s: %w", i, c.Input, err)
			}
			if got := v.String(); got != c.Want {
				return fmt.Errorf("run program %d on %s: got %s, want %s", i, c.Input, got, c.Want)
			}
		}
	}
	return nil
}

// Distinct returns n programs of the size that a small model writes, no two
// alike, each with 8 small cases that it passes.
func Distinct(n int) []Program {
	ps := make([]Program, n)
	for i := range ps {
		ps[i].Source = fmt.Sprintf(`def f(x):
    x = [v + %d for v in x if v %% 2 == 0]
    total = 0
    for v in x:
        total += v
    return total - %d
`, i, i)
		for c := range 8 {
			var input strings.Builder
			want := -i
			for v := range c + 1 {
				fmt.Fprintf(&input, "%d, ", v)
				if v%2 == 0 {
					want += v + i
				}
			}
			ps[i].Cases = append(ps[i].Cases, Case{Input: "[" + input.String() + "]", Want: fmt.Sprint(want)})
		}
	}
	return ps
}
