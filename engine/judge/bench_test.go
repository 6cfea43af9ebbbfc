package judge_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.starlark.net/starlark"
	"go.starlark.net/syntax"

	"ablate/engine/judge"
)

// distinctPrograms returns programs of the size that a small model writes, no
// two alike, each with 8 small tests that they pass.
func distinctPrograms(n int) []judge.Program {
	ps := make([]judge.Program, n)
	for i := range ps {
		p := judge.Program{Source: body(
			fmt.Sprintf("x = [v + %d for v in x if v %% 2 == 0]", i),
			"total = 0",
			"for v in x:",
			"    total += v",
			fmt.Sprintf("return total - %d", i))}
		for c := range 8 {
			want := 0
			var input strings.Builder
			input.WriteString("[")
			for v := range c + 1 {
				input.WriteString(strconv.Itoa(v) + ", ")
				if v%2 == 0 {
					want += v + i
				}
			}
			p.Cases = append(p.Cases, judge.Case{Input: input.String() + "]", Want: strconv.Itoa(want - i)})
		}
		ps[i] = p
	}
	return ps
}

// raw runs a program in this process as plainly as it can be done: parse, and
// call f on values that are ready.
func raw(tb testing.TB, p judge.Program, inputs []starlark.Value) {
	thread := &starlark.Thread{}
	globals, err := starlark.ExecFileOptions(&syntax.FileOptions{}, thread, "f", p.Source, nil)
	if err != nil {
		tb.Fatal(err)
	}
	for i, c := range p.Cases {
		v, err := starlark.Call(thread, globals["f"], starlark.Tuple{inputs[i]}, nil)
		if err != nil || v.String() != c.Want {
			tb.Fatalf("raw: %v, %v, want %s", v, err, c.Want)
		}
	}
}

// rawInputs are the inputs of distinctPrograms as values.
func rawInputs() []starlark.Value {
	inputs := make([]starlark.Value, 8)
	for c := range inputs {
		var elems []starlark.Value
		for v := range c + 1 {
			elems = append(elems, starlark.MakeInt(v))
		}
		inputs[c] = starlark.NewList(elems)
	}
	return inputs
}

// BenchmarkPool measures one child against the interpreter in this process, in
// turns within one run, so that their ratio does not hang on the machine's mood.
func BenchmarkPool(b *testing.B) {
	const batch = 500
	pool := openPool(b, 1, judge.DefaultLimits())
	ps, inputs := distinctPrograms(batch), rawInputs()
	if _, err := pool.Judge(b.Context(), ps); err != nil {
		b.Fatal(err)
	}
	var inPool, inProcess time.Duration
	n := 0
	for b.Loop() {
		start := time.Now()
		rs, err := pool.Judge(b.Context(), ps)
		if err != nil {
			b.Fatal(err)
		}
		inPool += time.Since(start)
		for i, r := range rs {
			if r.Verdict != judge.AC {
				b.Fatalf("program %d: %+v", i, r)
			}
		}
		start = time.Now()
		for _, p := range ps {
			raw(b, p, inputs)
		}
		inProcess += time.Since(start)
		n += batch
	}
	b.ReportMetric(float64(n)/inPool.Seconds(), "programs/s")
	b.ReportMetric(float64(n)/inProcess.Seconds(), "raw/s")
	b.ReportMetric(inProcess.Seconds()/inPool.Seconds(), "of_raw")
}

// BenchmarkStart measures the birth of a child, with its first verdict.
func BenchmarkStart(b *testing.B) {
	ps := distinctPrograms(1)
	for b.Loop() {
		p := openPool(b, 1, judge.DefaultLimits())
		if _, err := p.Judge(b.Context(), ps); err != nil {
			b.Fatal(err)
		}
		if err := p.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
