package synth

import (
	"strings"
	"testing"
	"testing/fstest"
)

// What is read from a program does what the program does.
func TestExtractionIsExecution(t *testing.T) {
	t.Parallel()
	var m machine
	read := 0
	for _, p := range grown().programs {
		if p.unread != nil {
			continue
		}
		read++
		program, err := compile(p.asSolution())
		if err != nil {
			t.Fatalf("%v in\n%s", err, p.asSolution())
		}
		for _, input := range append(probes(), extras(100)...) {
			if got, want := program.on(input), literal(m.run(p.features, input), p.features.scalar()); got != want {
				t.Errorf("f(%v) = %s, but %s gives %s, of\n%s", input, got, p.features.id(), want, p.text)
				break
			}
		}
	}
	if all := len(grown().programs); all < 300 || read*10 < all*8 {
		t.Errorf("%d of %d programs read, want at least 80 %% of 300 or more", read, all)
	}
}

func TestRead(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, body, want string }{
		{"a condition", "return [x for x in a if not x % 2]", "keep_even"},
		{"a condition turned round", "return [n for n in a if 3 < n]", "keep_greater_3"},
		{"of whole numbers", "return [n for n in a if n >= 4]", "keep_greater_3"},
		{"and a value", "return [2 * x for x in a if x > 0]", "keep_positive.double"},
		{"two clauses", "return [x for x in a if x > 0 if x % 2 == 0]", "keep_positive_even"},
		{"by places", "return [a[i] for i in range(len(a)) if a[i] < 0]", "keep_negative"},
		{"a name on the way", "b = []\n    for x in a:\n        y = x + 3\n        if y % 2 == 1:\n            continue\n        b.append(y)\n    return b",
			"keep_odd.add_3"},
		{"a choice of branches", "b = []\n    for x in a:\n        if x < 0:\n            b += [0]\n        else:\n            b.append(x)\n    return b",
			"raise_negatives"},
		{"slices", "return a[1:-1][::3]", "drop_last_1.drop_first_1.keep_at_index_divisible_by_3"},
		{"a fused sum", "return sum([x * x for x in a if x < 5])", "keep_less_5.sum_squares"},
		{"a sum of a list", "b = [x * x for x in a]\n    return sum(b)", "square.sum"},
		{"an early return", "if not a:\n        return 0\n    best = a[0]\n    for x in a:\n        if best < x:\n            best = x\n    return best", "max"},
		{"an early return otherwise", "if len(a) == 0:\n        return 1\n    return max(a)", "line 4: an empty list gives another value than 0"},
		{"nothing for no elements", "return max(a)", "line 2: no value for an empty list"},
		{"membership", "b = []\n    for x in a:\n        if x not in b:\n            b.append(x)\n    return b", "unique"},
		{"neighbours by places", "return [abs(a[i] - a[i - 1]) for i in range(1, len(a))]", "absolute_differences"},
		{"neighbours by other places", "return [abs(a[i + 1] - a[i]) for i in range(len(a) - 1)]", "absolute_differences"},
		{"places that are no neighbours", "return [a[i + 2] - a[i] for i in range(len(a) - 1)]", "line 2: an element by a place that is not of the loop"},
		{"a product from elsewhere", "p = 2\n    for x in a:\n        p *= x\n    return p", "line 3: a total that starts elsewhere"},
		{"membership of another value", "b = []\n    for x in a:\n        if x not in b:\n            b.append(x * x)\n    return b",
			"line 4: a membership test that is not of what came before"},
		{"membership elsewhere", "return [x for x in a if x not in [1]]", "line 2: a membership test that is not of what came before"},
		{"a division by the element", "return [5 % x for x in a]", "line 2: a division that may be by 0"},
		{"past all bounds", "p = 1\n    for x in a:\n        p *= x * x\n    return p", "line 5: a value may pass 2^53, or a list 40 elements"},
		{"two things at once", "s = 0\n    for x in a:\n        s += x\n        s += 1\n    return s", "line 4: a loop that does two things"},
		{"nothing", "return a", "line 2: nothing is done"},
		{"the index of what is left", "return [i * x for i, x in enumerate(a) if x > 0]", "line 2: the index of an element of a filtered list"},
		{"a name from outside", "return [x + y for x in a]", "line 2: y is not of the loop"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			def, err := parseProgram("def f(a):\n    " + c.body + "\n")
			if err != nil {
				t.Fatal(err)
			}
			features, err := learn().read(def)
			got := features.id()
			if err != nil {
				got = err.Error()
			}
			if got != c.want {
				t.Errorf("read as %q, want %q", got, c.want)
			}
		})
	}
}

func TestGrowRefuses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, file, text, want string }{
		{"what does not parse", "a.star", "def f(a):\n    return a +\n", "parse corpus: a.star:2:15: got newline, want primary expression"},
		{"what is no function", "b/c.star", "x = 1\n", "parse corpus: b/c.star:1:1: not a function; a program is a def"},
		{"an empty corpus", "a.txt", "", "list corpus: no file of the form *.star; put programs there"},
		{"a corpus that shows nothing", "a.star", "def f(a):\n    return a\n", "grow catalogue: no operation is shown by two programs; add programs to the corpus"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := Grow(fstest.MapFS{c.file: {Data: []byte(c.text)}})
			if err == nil || err.Error() != c.want {
				t.Errorf("error %v, want %s", err, c.want)
			}
		})
	}
}

// tiny grows a catalogue of expressions, each in as many programs as it takes.
func tiny(t *testing.T, expressions ...string) *Catalogue {
	t.Helper()
	var b strings.Builder
	for _, e := range expressions {
		for _, name := range []string{"f", "g"} {
			b.WriteString("def " + name + "(a):\n    return " + e + "\n")
		}
	}
	c, err := Grow(fstest.MapFS{"a.star": {Data: []byte(b.String())}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestHuman(t *testing.T) {
	t.Parallel()
	examples := Human()
	if len(examples) < 200 {
		t.Errorf("%d programs of people, want at least 200", len(examples))
	}
	for _, e := range examples {
		program, err := compile(e.Program)
		if err != nil {
			t.Fatalf("%v in\n%s", err, e.Program)
		}
		for _, c := range e.Task.Cases {
			if got := program.on(numbers(c.Input)); got != c.Want {
				t.Errorf("%s: f(%s) = %s, want %s, of\n%s", e.Task.ID, c.Input, got, c.Want, e.Program)
			}
		}
		if strings.Contains(e.Program, "#") || !strings.HasPrefix(e.Program, "def f(a):\n") {
			t.Errorf("%s: comments or another head in\n%s", e.Task.ID, e.Program)
		}
	}
}
