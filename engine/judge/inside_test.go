package judge

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestParseLiteral(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, text, want string }{ // want: as Starlark writes it; "" is an error
		{"zero", "0", "0"},
		{"negative", "-17", "-17"},
		{"beyond 64 bits", "-123456789012345678901234567890", "-123456789012345678901234567890"},
		{"19 digits", "9223372036854775807", "9223372036854775807"},
		{"empty list", "[]", "[]"},
		{"list", "[3, -4, 7, 0]", "[3, -4, 7, 0]"},
		{"no spaces", "[1,[2,3],[]]", "[1, [2, 3], []]"},
		{"many spaces", " [ 1 ,\n 2 ] ", "[1, 2]"},
		{"trailing comma", "[1,]", "[1]"},
		{"constants", "[True, False, None]", "[True, False, None]"},
		{"strings", `["a\n\"", 'b"']`, `["a\n\"", "b\""]`},
		{"tuple", "(1, 2)", "(1, 2)"},
		{"tuple of one", "(1,)", "(1,)"},
		{"empty tuple", "()", "()"},
		{"parenthesis", "(1)", "1"},
		{"nothing", "", ""},
		{"sum", "1+1", ""},
		{"two values", "1 2", ""},
		{"lone comma", "[,]", ""},
		{"two commas", "[1,,2]", ""},
		{"no comma", "[1 2]", ""},
		{"open", "[1", ""},
		{"wrong bracket", "[1)", ""},
		{"leading zero", "01", ""},
		{"lone minus", "-", ""},
		{"fraction", "1.5", ""},
		{"name", "x", ""},
		{"name that begins well", "Truest", ""},
		{"open string", `"a`, ""},
		{"string with a line break", "'a\n'", ""},
		{"unknown escape", `"\x41"`, ""},
		{"call", "f(1)", ""},
		{"deep", strings.Repeat("[", 60) + strings.Repeat("]", 60), strings.Repeat("[", 60) + strings.Repeat("]", 60)},
		{"too deep", strings.Repeat("[", 100000), ""},
	}
	for _, tt := range tests {
		v, err := parseLiteral(tt.text)
		if (err != nil) != (tt.want == "") {
			t.Errorf("%s: error %v", tt.name, err)
		} else if err == nil && v.String() != tt.want {
			t.Errorf("%s: got %s, want %s", tt.name, v, tt.want)
		}
	}
}

// FuzzLiteral: what parses is written back so that it parses to the same text,
// and our own writer agrees with the interpreter's.
func FuzzLiteral(f *testing.F) {
	for _, s := range []string{"[1, -2]", "'a'", "(1,)", "[[], ()]", "None", "-0", "\"\\\"\""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		v, err := parseLiteral(text)
		if err != nil || strings.ContainsAny(text, `'"`) {
			return
		}
		got := represent(v, 1<<20)
		if got != v.String() {
			t.Errorf("%q is written %q, by the interpreter %q", text, got, v)
		}
		if !sameLiteral(got, text, 1<<20) {
			t.Errorf("%q is not the same as %q", text, got)
		}
	})
}

func TestSameLiteral(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, got, want string
		same            bool
	}{
		{"equal", "[1, 2]", "[1, 2]", true},
		{"spaces", "[1, 2]", "[ 1,2 ]\n", true},
		{"quotes", `"a"`, "'a'", true},
		{"spaces in a string", `"a b"`, "'ab'", false},
		{"other order", "[2, 1]", "[1, 2]", false},
		{"prefix", "[1]", "[1, 2]", false},
		{"no literal of ours", "1.5", " 1.5 ", true},
		{"list and tuple", "[1]", "(1,)", false},
		{"cut at the limit", strings.Repeat("1", 50), strings.Repeat("1", 60), true},
	}
	for _, tt := range tests {
		if same := sameLiteral(tt.got, tt.want, 50); same != tt.same {
			t.Errorf("%s: same is %v", tt.name, same)
		}
	}
}

func TestFrames(t *testing.T) {
	t.Parallel()
	queries := []query{
		{program: Program{Source: "def f(x): return x", All: true, Cases: []Case{{"1", "2"}, {"", ""}}}},
		{program: Program{Cases: []Case{}}, outputs: true},
	}
	for _, want := range queries {
		got, err := parseQuery(appendQuery(nil, want))
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(query{})); diff != "" || err != nil {
			t.Errorf("query: %v (-want +got):\n%s", err, diff)
		}
	}
	answers := []answer{
		{result: Result{Verdict: WA, Passed: 3, Case: -1, Got: "[1]", Error: "e"}},
		{result: Result{Verdict: NC, Case: 200}, last: true},
		{values: []Output{{Value: "1", Verdict: AC}, {Err: "x", Verdict: TLE}}},
		{values: []Output{}, last: true},
	}
	for _, want := range answers {
		body := appendAnswer(nil, want)
		got, err := parseAnswer(body)
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(answer{})); diff != "" || err != nil {
			t.Errorf("answer: %v (-want +got):\n%s", err, diff)
		}
		for cut := range body { // no prefix is mistaken for the whole
			if _, err := parseAnswer(body[:cut]); err == nil {
				t.Errorf("answer %+v reads from %d of %d bytes", want, cut, len(body))
			}
		}
	}
	limits := Limits{Steps: 1, Time: time.Hour, Memory: 1 << 40, Output: 7}
	if got, err := parseLimits(appendLimits(nil, limits)); got != limits || err != nil {
		t.Errorf("limits: got %+v, %v", got, err)
	}
}

// FuzzFrames: no bytes make a reader panic or allocate beyond the frame's bound.
func FuzzFrames(f *testing.F) {
	f.Add(appendFrame(nil, appendQuery(nil, query{program: Program{Source: "s", Cases: []Case{{"1", "2"}}}})))
	f.Add(appendFrame(nil, appendAnswer(nil, answer{values: []Output{{Value: "1", Verdict: AC}}})))
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1})
	f.Fuzz(func(t *testing.T, stream []byte) {
		r := bufio.NewReader(bytes.NewReader(stream))
		for {
			body, err := readFrame(r, nil)
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				return
			}
			_, _ = parseLimits(body)
			_, _ = parseAnswer(body)
			if q, err := parseQuery(body); err == nil && len(q.program.Cases) > len(body) {
				t.Errorf("%d cases come out of %d bytes", len(q.program.Cases), len(body))
			}
		}
	})
}

func TestBlame(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, death string
		want        Verdict
		certain     bool
	}{
		{"go out of memory", "fatal error: runtime: out of memory", MLE, true},
		{"go cannot allocate", "runtime: cannot allocate memory", MLE, true},
		{"stack", "runtime: goroutine stack exceeds 16777216-byte limit\nfatal error: stack overflow", RE, true},
		{"killed", "signal: killed", RE, false},
	}
	for _, tt := range tests {
		if v, reason, certain := blame(io.EOF, tt.death); v != tt.want || certain != tt.certain || reason == "" {
			t.Errorf("%s: got %s %q %v", tt.name, v, reason, certain)
		}
	}
}
