package judge

import (
	"errors"
	"fmt"
	"strings"

	"go.starlark.net/resolve"
	"go.starlark.net/starlark"
	"go.starlark.net/syntax"
)

const (
	maxSource = 64 << 10 // bytes of a source text; a longer one does not compile
	maxError  = 200      // bytes of an error that are kept
)

// evaluator runs programs, one after another, inside the bounds that the
// interpreter can keep by itself. Nothing of a program outlives its answer.
type evaluator struct {
	limits      Limits
	options     syntax.FileOptions
	predeclared starlark.StringDict
	thread      *starlark.Thread
	spent       bool // the thread has used up its steps
}

func newEvaluator(l Limits) *evaluator {
	e := &evaluator{limits: l}
	e.predeclared = starlark.StringDict{"sum": starlark.NewBuiltin("sum", e.sum)}
	e.thread = &starlark.Thread{
		Print: func(*starlark.Thread, string) {},
		OnMaxSteps: func(t *starlark.Thread) {
			e.spent = true
			t.Cancel("too many steps")
		},
	}
	e.thread.SetMaxExecutionSteps(l.Steps)
	return e
}

// judge runs a program on its cases.
func (e *evaluator) judge(p Program) Result {
	r := Result{Verdict: AC, Case: -1}
	f, failed := e.load(p.Source)
	if failed.Verdict != "" {
		r.Verdict, r.Error = failed.Verdict, failed.Err
		return r
	}
	for i, c := range p.Cases {
		out := e.call(f, c.Input)
		if out.Verdict == AC && sameLiteral(out.Value, c.Want, e.limits.Output) {
			r.Passed++
			continue
		}
		if r.Case < 0 {
			r.Case, r.Verdict, r.Error = i, out.Verdict, out.Err
			if out.Verdict == AC {
				r.Verdict, r.Got = WA, out.Value
			}
		}
		if !p.All {
			break
		}
	}
	return r
}

// outputs returns what a program's f returns for every case's input.
func (e *evaluator) outputs(p Program) []Output {
	f, failed := e.load(p.Source)
	outs := make([]Output, len(p.Cases))
	for i, c := range p.Cases {
		if outs[i] = failed; failed.Verdict == "" {
			outs[i] = e.call(f, c.Input)
		}
	}
	return outs
}

// load compiles a source text, runs its top level and returns its f, or an
// Output that says why there is none.
func (e *evaluator) load(source string) (f *starlark.Function, failed Output) {
	defer func() {
		if p := recover(); p != nil {
			failed = Output{Verdict: RE, Err: oneLine(fmt.Sprint("interpreter: ", p))}
		}
	}()
	if !definesF(source) {
		return nil, Output{Verdict: NC, Err: "the source has no def f"}
	}
	if len(source) > maxSource {
		return nil, Output{Verdict: CE, Err: fmt.Sprintf("the source has %d bytes, more than %d", len(source), maxSource)}
	}
	prog, err := e.compile(source)
	if err != nil {
		return nil, Output{Verdict: CE, Err: sourceError(err)}
	}
	e.refill()
	globals, err := prog.Init(e.thread, e.predeclared)
	if err != nil {
		return nil, e.failure(err)
	}
	// Cases must not see each other: what f changes must be its own.
	globals.Freeze()
	f, ok := globals["f"].(*starlark.Function)
	if !ok {
		return nil, Output{Verdict: NC, Err: "the source has no def f"}
	}
	return f, Output{}
}

// compile parses and resolves a source text.
func (e *evaluator) compile(source string) (*starlark.Program, error) {
	file, err := e.options.Parse("f", source, 0)
	if err != nil {
		return nil, err
	}
	prog, err := starlark.FileProgram(file, e.predeclared.Has)
	if err != nil {
		return nil, err
	}
	if prog.NumLoads() > 0 {
		return nil, errors.New("load is not allowed")
	}
	return prog, nil
}

// call calls f with one literal.
func (e *evaluator) call(f *starlark.Function, input string) (out Output) {
	defer func() {
		if p := recover(); p != nil {
			out = Output{Verdict: RE, Err: oneLine(fmt.Sprint("interpreter: ", p))}
		}
	}()
	arg, err := parseLiteral(input)
	if err != nil {
		return Output{Verdict: RE, Err: oneLine(err.Error())}
	}
	e.refill()
	v, err := starlark.Call(e.thread, f, starlark.Tuple{arg}, nil)
	if err != nil {
		return e.failure(err)
	}
	return Output{Verdict: AC, Value: represent(v, e.limits.Output)}
}

// refill gives the thread its full budget of steps.
func (e *evaluator) refill() {
	e.thread.Steps = 0
	if e.spent {
		e.spent = false
		e.thread.Uncancel()
	}
}

// sum is Python's sum over numbers; Starlark has none. Every element is a step.
func (e *evaluator) sum(t *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	var seq starlark.Iterable
	var total starlark.Value = starlark.MakeInt(0)
	if err := starlark.UnpackArgs(b.Name(), args, kwargs, "iterable", &seq, "start?", &total); err != nil {
		return nil, err
	}
	it := seq.Iterate()
	defer it.Done()
	var v starlark.Value
	for it.Next(&v) {
		if t.Steps++; t.Steps >= e.limits.Steps {
			t.OnMaxSteps(t)
			return nil, errors.New("too many steps")
		}
		switch v.(type) {
		case starlark.Int, starlark.Float:
		default:
			return nil, fmt.Errorf("sum: cannot add a %s", v.Type())
		}
		var err error
		if total, err = starlark.Binary(syntax.PLUS, total, v); err != nil {
			return nil, err
		}
	}
	return total, nil
}

// failure turns the error of a run into its verdict.
func (e *evaluator) failure(err error) Output {
	if e.spent {
		return Output{Verdict: TLE, Err: "too many steps"}
	}
	text := err.Error()
	var ee *starlark.EvalError
	if errors.As(err, &ee) {
		// The innermost frames may be built-ins, which have no line.
		for i := range ee.CallStack {
			if line := ee.CallStack.At(i).Pos.Line; line > 0 {
				text = fmt.Sprintf("line %d: %s", line, ee.Msg)
				break
			}
		}
	}
	return Output{Verdict: RE, Err: oneLine(text)}
}

// sourceError describes the first mistake that the parser or resolver found.
func sourceError(err error) string {
	var list resolve.ErrorList
	if errors.As(err, &list) && len(list) > 0 {
		return oneLine(fmt.Sprintf("line %d: %s", list[0].Pos.Line, list[0].Msg))
	}
	var se syntax.Error
	if errors.As(err, &se) {
		return oneLine(fmt.Sprintf("line %d: %s", se.Pos.Line, se.Msg))
	}
	return oneLine(err.Error())
}

// definesF reports whether some line of the source begins with "def f(". A
// completion without one is no program, whatever else is wrong with it.
func definesF(source string) bool {
	for line := range strings.Lines(source) {
		rest, ok := strings.CutPrefix(line, "def")
		name := strings.TrimLeft(rest, " \t")
		if !ok || len(name) == len(rest) {
			continue
		}
		if after, ok := strings.CutPrefix(name, "f"); ok && strings.HasPrefix(strings.TrimLeft(after, " \t"), "(") {
			return true
		}
	}
	return false
}

// oneLine returns the first line of an error, shortened.
func oneLine(s string) string {
	s, _, _ = strings.Cut(strings.TrimSpace(s), "\n")
	return strings.ToValidUTF8(cut(s, maxError), "")
}
