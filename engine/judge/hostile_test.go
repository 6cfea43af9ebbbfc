package judge_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"ablate/engine/judge"
)

// hostile programs try to hang, exhaust or crash the judge. Where two verdicts
// are wanted, what ends the program depends on the machine.
var hostile = []struct {
	name   string
	source string
	want   string // verdicts, separated by spaces
}{
	{"endless loop", body("for i in range(1000000000000):", "    pass"), "TLE"},
	{"nested loops", body("for i in range(100000):", "    for j in range(100000):", "        x = i * j"), "TLE"},
	{"endless loop at the top level", "y = [i for i in range(1000000000)]\n" + body("return x"), "TLE"},
	{"sum of a long range", body("return sum(range(1000000000000))"), "TLE"},
	{"max of a long range", body("return max(range(1000000000000))"), "TLE"},
	{"squares", body("x = 3", "for i in range(28):", "    x = x * x", "return x % 7"), "TLE"},
	{"power by shift", body("return (1 << 500) * x", "return 0"), "WA"},
	{"decimal of a huge number", body("x = 3", "for i in range(22):", "    x = x * x", "return str(x)"), "TLE MLE WA"},
	{"result is a huge number", body("x = 3", "for i in range(20):", "    x = x * x", "return x"), "WA"},
	{"list by one star", body("return [0] * 1000000000"), "MLE RE"},
	{"list by one star, allowed by the interpreter", body("return [0] * 60000000"), "MLE"},
	{"list by one star at the top level", "y = [0] * 60000000\n" + body("return x"), "MLE"},
	{"string by one star", body("return 'a' * 1000000000"), "MLE"},
	{"doubling list", body("x = [0]", "for i in range(40):", "    x = x + x", "return x"), "MLE TLE"},
	{"doubling string", body("x = 'a'", "for i in range(40):", "    x = x + x", "return x"), "MLE TLE"},
	{"list of a long range", body("return list(range(1000000000000))"), "MLE TLE"},
	{"sorted long list", body("return sorted(range(100000000))"), "MLE TLE"},
	{"list of long lists", body("return [[i] * 10000 for i in range(50000)]"), "MLE TLE"},
	{"dict of long strings", body("return {i: str(i) * 10000 for i in range(50000)}"), "MLE TLE"},
	{"giant replace", body("x = 'a' * 100000", "return x.replace('a', x)"), "MLE TLE"},
	{"giant join", body("x = 'a' * 100000", "return x.join([x] * 10000)"), "MLE TLE"},
	{"giant repr", body("return repr([['a'] * 1000] * 100000)"), "MLE TLE"},
	{"result with a giant repr", body("x = [0]", "for i in range(50):", "    x = [x, x]", "return x"), "WA"},
	{"result contains itself", body("x = []", "x.append(x)", "return x"), "WA"},
	{"deep result", body("x = []", "for i in range(5000):", "    x = [x]", "return x"), "WA"},
	{"long string result", body("return 'a' * 1000000"), "WA"},
	{"format with a wide field", body("return '%d' % x + '{}'.format(x) * 10000000"), "WA MLE"},
	{"nested brackets", body("return " + strings.Repeat("(", 30000) + "x" + strings.Repeat(")", 30000)), "CE"},
	{"unclosed brackets", body("return " + strings.Repeat("[", 60000)), "CE"},
	{"nested minus", body("return " + strings.Repeat("-", 60000) + "1"), "AC WA RE CE"},
	{"nested not", body("return " + strings.Repeat("not ", 16000) + "1"), "AC WA RE CE"},
	{"nested lambda", body("return " + strings.Repeat("lambda:", 9000) + "1"), "WA RE CE"},
	{"nested if else", body("return " + strings.Repeat("1 if x else ", 5000) + "1"), "AC WA RE CE"},
	{"nested blocks", "def f(x):\n" + nestedBlocks(300) + "\n", "AC WA RE CE"},
	{"long sum of terms", body("return " + strings.Repeat("x+", 30000) + "x"), "WA RE CE"},
	{"source too long", body("return x") + strings.Repeat("#", 100_000), "CE"},
	{"many functions", strings.Repeat("def g(x):\n    return x\n", 2000) + body("return x"), "CE AC"},
	{"zero bytes", body("return x") + "\x00\x00", "AC CE"},
	{"not UTF-8", body("return x") + "\xff\xfe", "CE"},
	{"calls fail", body("fail('boom')"), "RE"},
	{"hash bomb", body("return {(i,) * 1000: i for i in range(50000)}"), "MLE TLE"},
	{"mutates what it walks", body("y = [1]", "for v in y:", "    y.append(v)"), "RE"},
	{"shift too far", body("return 1 << 100000000"), "RE"},
}

// nestedBlocks returns n if-statements inside each other.
func nestedBlocks(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.Repeat(" ", i+1) + "if x:\n")
	}
	return b.String() + strings.Repeat(" ", n+1) + "return 1"
}

func TestHostile(t *testing.T) {
	t.Parallel()
	p := openPool(t, 1, testLimits())
	for _, tt := range hostile {
		// In the middle of a batch: neither neighbour may notice.
		batch := []judge.Program{on(body("return x + 1"), "1", "2"), on(tt.source, "1", "1"), on(body("return x"), "1", "2")}
		start := time.Now()
		rs, err := p.Judge(t.Context(), batch)
		if err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		if d := time.Since(start); d > 20*time.Second {
			t.Errorf("%s took %v", tt.name, d)
		} else {
			t.Logf("%-46s %s %v %s", tt.name, rs[1].Verdict, d.Round(time.Millisecond), rs[1].Error)
		}
		if !strings.Contains(tt.want, string(rs[1].Verdict)) {
			t.Errorf("%s: got %+v, want %s", tt.name, rs[1], tt.want)
		}
		if rs[0].Verdict != judge.AC || rs[2].Verdict != judge.WA {
			t.Errorf("%s changed its neighbours: %+v, %+v", tt.name, rs[0], rs[2])
		}
		if n := len(rs[1].Got); n > testLimits().Output {
			t.Errorf("%s: Got has %d bytes", tt.name, n)
		}
	}
}

// A batch of nothing but deadly programs still answers each of them.
func TestHostileBatch(t *testing.T) {
	t.Parallel()
	p := openPool(t, 2, testLimits())
	var batch []judge.Program
	for i := range 30 {
		batch = append(batch, on(body("return 'a' * 900000000"), "1", "1"), on(body("return x"), fmt.Sprint(i), fmt.Sprint(i)))
	}
	rs, err := p.Judge(t.Context(), batch)
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range rs {
		if want := []judge.Verdict{judge.MLE, judge.AC}[i%2]; r.Verdict != want {
			t.Errorf("program %d: got %+v, want %s", i, r, want)
		}
	}
}

func FuzzSource(f *testing.F) {
	for _, h := range hostile {
		f.Add(h.source)
	}
	f.Add(body("return x"))
	l := testLimits()
	l.Time = 100 * time.Millisecond
	p := openPool(f, 1, l)
	known := map[judge.Verdict]bool{}
	for _, v := range judge.Verdicts {
		known[v] = true
	}
	f.Fuzz(func(t *testing.T, source string) {
		start := time.Now()
		rs, err := p.Judge(t.Context(), []judge.Program{on(source, "[3, 1]", "1"), on(body("return x"), "1", "1")})
		if err != nil {
			t.Fatal(err)
		}
		if d := time.Since(start); d > 20*time.Second {
			t.Errorf("it took %v", d)
		}
		if !known[rs[0].Verdict] {
			t.Errorf("verdict %q is unknown", rs[0].Verdict)
		}
		if rs[1].Verdict != judge.AC {
			t.Errorf("the next program got %+v", rs[1])
		}
	})
}

// With steps enough to build something very deep, the interpreter's own
// recursion overflows the stack.
func TestStackOverflow(t *testing.T) {
	t.Parallel()
	p := openPool(t, 1, judge.Limits{Steps: 1 << 40, Time: 5 * time.Second})
	deep := body("x = ()", "for i in range(500000):", "    x = (x,)", "return {x: 1}[x]")
	rs, err := p.Judge(t.Context(), []judge.Program{on(deep, "1", "1"), on(body("return x"), "1", "1")})
	if err != nil {
		t.Fatal(err)
	}
	if rs[0].Verdict != judge.RE || rs[0].Error != "stack overflow" || rs[1].Verdict != judge.AC {
		t.Errorf("got %+v", rs)
	}
}
