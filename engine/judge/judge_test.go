package judge_test

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ablate/engine/judge"
)

// TestMain makes the test binary its own child: run with the argument "judge" it
// serves, as `ablate judge` does. A further argument only marks whose child it is.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "judge" {
		if err := judge.Serve(os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	if len(os.Args) == 3 && os.Args[1] == "parent" {
		os.Exit(parent(os.Args[2]))
	}
	os.Exit(m.Run())
}

// parent opens a pool whose child hangs in a program, says so, and waits.
func parent(mark string) int {
	exe, err := os.Executable()
	if err != nil {
		return 1
	}
	p, err := judge.Open([]string{exe, "judge", mark}, 1, judge.Limits{Steps: 1 << 62, Time: time.Hour})
	if err != nil {
		return 1
	}
	if _, err = p.Judge(context.Background(), []judge.Program{on(body("return x"), "1", "1")}); err != nil {
		return 1
	}
	fmt.Println("ready")
	_, err = p.Judge(context.Background(), []judge.Program{on(body("for i in range(1000000000000):", "    pass"), "1", "1")})
	fmt.Println(err)
	return 0
}

// testLimits keep hostile programs short, so that the tests are.
func testLimits() judge.Limits {
	l := judge.DefaultLimits()
	l.Time = 300 * time.Millisecond
	return l
}

func openPool(tb testing.TB, workers int, l judge.Limits) *judge.Pool {
	tb.Helper()
	exe, err := os.Executable()
	if err != nil {
		tb.Fatal(err)
	}
	p, err := judge.Open([]string{exe, "judge", tb.Name()}, workers, l)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := p.Close(); err != nil {
			tb.Error(err)
		}
	})
	return p
}

// on returns a program that must turn input into want.
func on(source, input, want string) judge.Program {
	return judge.Program{Source: source, Cases: []judge.Case{{Input: input, Want: want}}}
}

// body returns the source of an f with the given lines.
func body(lines ...string) string {
	return "def f(x):\n    " + strings.Join(lines, "\n    ") + "\n"
}

func TestVerdicts(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		program judge.Program
		want    judge.Verdict
		says    string // part of the reason, or of Got for WA
	}{
		{"accepted", on(body("return [v + 1 for v in x]"), "[1, -2]", "[2, -1]"), judge.AC, ""},
		{"spaces of the case", on(body("return x"), "[1,2]", " [1,2] "), judge.AC, ""},
		{"quotes of the case", on(body("return x"), `'a"b'`, `'a"b'`), judge.AC, ""},
		{"no cases", judge.Program{Source: body("return x")}, judge.AC, ""},
		{"large integer", on(body("return x * x"), "100000000000", "10000000000000000000000"), judge.AC, ""},
		{"wrong", on(body("return x"), "1", "2"), judge.WA, "1"},
		{"bool is no int", on(body("return x == 1"), "1", "1"), judge.WA, "True"},
		{"returns nothing", on(body("pass"), "1", "1"), judge.WA, "None"},
		{"sum", on(body("return sum(x)"), "[1, 2, 3]", "6"), judge.AC, ""},
		{"sum with a start", on(body("return sum(x, 10)"), "[1, 2]", "13"), judge.AC, ""},
		{"sum of strings", on(body("return sum(['a'])"), "0", "0"), judge.RE, "line 2: sum: cannot add a string"},
		{"print is silent", on(body("print('hello')", "return x"), "1", "1"), judge.AC, ""},
		{"division by zero", on(body("return x // 0"), "1", "1"), judge.RE, "line 2: floored division by zero"},
		{"index out of range", on(body("return x[5]"), "[1]", "1"), judge.RE, "line 2: list index 5 out of range"},
		{"recursion", on(body("return f(x)"), "1", "1"), judge.RE, "called recursively"},
		{"two parameters", on("def f(a, b):\n    return a\n", "1", "1"), judge.RE, "missing 1 argument"},
		{"top level fails", on("y = [1][2]\n"+body("return x"), "1", "1"), judge.RE, "line 1:"},
		{"changes a global", on("y = []\n"+body("y.append(x)", "return len(y)"), "1", "1"), judge.RE, "frozen list"},
		{"input is no literal", on(body("return x"), "1+1", "2"), judge.RE, "parse literal"},
		{"syntax", on(body("return ("), "1", "1"), judge.CE, "line 3:"},
		{"unknown name", on(body("return y"), "1", "1"), judge.CE, "line 2: undefined: y"},
		{"load", on("load('x', 'y')\n"+body("return x"), "1", "1"), judge.CE, "load is not allowed"},
		{"while", on(body("while True:", "    pass"), "1", "1"), judge.CE, "line 2"},
		{"empty", on("", "1", "1"), judge.NC, ""},
		{"blank", on(" \n\t\n", "1", "1"), judge.NC, ""},
		{"prose", on("The answer is 42.\n", "1", "1"), judge.NC, ""},
		{"another name", on("def g(x):\n    return x\n", "1", "1"), judge.NC, ""},
		{"f in a string", on("y = '''\ndef f(x):\n'''\n", "1", "1"), judge.NC, ""},
		{"f is not a function", on("f = 1\n", "1", "1"), judge.NC, ""},
		{"spaced", on("def  f (x) :\n    return x", "1", "1"), judge.AC, ""},
	}
	p := openPool(t, 1, testLimits())
	ps := make([]judge.Program, len(tests))
	for i, tt := range tests {
		ps[i] = tt.program
	}
	rs, err := p.Judge(t.Context(), ps)
	if err != nil {
		t.Fatal(err)
	}
	for i, tt := range tests {
		if r := rs[i]; r.Verdict != tt.want || !strings.Contains(r.Error+r.Got, tt.says) {
			t.Errorf("%s: got %+v, want %s saying %q", tt.name, r, tt.want, tt.says)
		}
	}
}

func TestCases(t *testing.T) {
	t.Parallel()
	cases := []judge.Case{{"1", "1"}, {"2", "0"}, {"3", "3"}, {"0", "0"}}
	tests := []struct {
		name    string
		program judge.Program
		want    judge.Result
	}{
		{"stops at the first failure", judge.Program{Source: body("return x"), Cases: cases},
			judge.Result{Verdict: judge.WA, Passed: 1, Case: 1, Got: "2"}},
		{"all", judge.Program{Source: body("return x"), Cases: cases, All: true},
			judge.Result{Verdict: judge.WA, Passed: 3, Case: 1, Got: "2"}},
		{"all, the first failure is an error", judge.Program{Source: body("return 6 // x"), Cases: []judge.Case{{"1", "6"}, {"0", "0"}, {"3", "9"}, {"2", "3"}}, All: true},
			judge.Result{Verdict: judge.RE, Passed: 2, Case: 1, Error: "line 2: floored division by zero"}},
		{"steps are counted for each case", judge.Program{Source: body("for i in range(x):", "    pass", "return x"),
			Cases: []judge.Case{{"1000", "1000"}, {"1000000", "1000000"}, {"3", "3"}}, All: true},
			judge.Result{Verdict: judge.TLE, Passed: 2, Case: 1, Error: "too many steps"}},
		{"passes", judge.Program{Source: body("return x"), Cases: []judge.Case{{"1", "1"}, {"2", "2"}}},
			judge.Result{Verdict: judge.AC, Passed: 2, Case: -1}},
	}
	p := openPool(t, 1, testLimits())
	for _, tt := range tests {
		rs, err := p.Judge(t.Context(), []judge.Program{tt.program})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(tt.want, rs[0]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

// asked is a program whose outputs are asked for.
func asked(source string, inputs ...string) judge.Program {
	p := judge.Program{Source: source}
	for _, in := range inputs {
		p.Cases = append(p.Cases, judge.Case{Input: in})
	}
	return p
}

func TestOutputs(t *testing.T) {
	t.Parallel()
	p := openPool(t, 2, testLimits())
	many := make([]string, 1000)
	for i := range many {
		many[i] = fmt.Sprint(i)
	}
	got, err := p.Outputs(t.Context(), []judge.Program{
		asked(body("return [10 // x[0], x]"), "[3, 1]", "[]", "[0, 5]", "oops"),
		asked(body("return x")),
		asked(body("return ("), "1", "2"),
		asked("", "1", "2"),
		asked(body("return [0] * 60000000"), "1", "2"),
		asked(body("return -x"), many...),
		asked(body("return x + 1"), "1"),
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []judge.Output{
		{Value: "[3, [3, 1]]", Verdict: judge.AC},
		{Err: "line 2: index 0 out of range: empty list", Verdict: judge.RE},
		{Err: "line 2: floored division by zero", Verdict: judge.RE},
		{Err: `parse literal "oops": 'o' at byte 0 where a value was expected`, Verdict: judge.RE},
	}
	if diff := cmp.Diff(want, got[0]); diff != "" {
		t.Errorf("outputs (-want +got):\n%s", diff)
	}
	if len(got[1]) != 0 {
		t.Errorf("outputs of no input: %v", got[1])
	}
	for i, want := range []judge.Verdict{judge.CE, judge.NC, judge.MLE} {
		if outs := got[2+i]; len(outs) != 2 || outs[0].Verdict != want || outs[1].Verdict != want {
			t.Errorf("outputs of a %s: %+v", want, outs)
		}
	}
	if len(got[5]) != 1000 || got[5][999].Value != "-999" {
		t.Errorf("1000 outputs: %d of them", len(got[5]))
	}
	if len(got[6]) != 1 || got[6][0].Value != "2" {
		t.Errorf("outputs of the last program: %v", got[6])
	}
	if got, err = p.Outputs(t.Context(), nil); err != nil || len(got) != 0 {
		t.Errorf("outputs of no program: %v, %v", got, err)
	}
}

func TestOpenAndStartErrors(t *testing.T) {
	t.Parallel()
	if _, err := judge.Open(nil, 1, judge.Limits{}); err == nil {
		t.Error("an empty argv opens")
	}
	if _, err := judge.Open([]string{"x"}, 0, judge.Limits{}); err == nil {
		t.Error("no workers open")
	}
	for _, argv := range [][]string{{"/no/such/file"}, {"false"}, {"echo", "hello"}} {
		p, err := judge.Open(argv, 1, judge.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		_, err = p.Judge(t.Context(), []judge.Program{on(body("return x"), "1", "1")})
		if err == nil || !strings.Contains(err.Error(), argv[0]) {
			t.Errorf("%v judges: %v", argv, err)
		}
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	}
}

func ExamplePool() {
	exe, _ := os.Executable()
	p, err := judge.Open([]string{exe, "judge"}, runtime.NumCPU(), judge.DefaultLimits())
	if err != nil {
		fmt.Println(err)
		return
	}
	defer p.Close()
	rs, err := p.Judge(context.Background(), []judge.Program{{
		Source: "def f(x):\n    return [v for v in x if v > 0]\n",
		Cases:  []judge.Case{{Input: "[3, -4]", Want: "[3]"}, {Input: "[]", Want: "[]"}},
	}})
	fmt.Println(rs[0].Verdict, rs[0].Passed, err)
	// Output: AC 2 <nil>
}
