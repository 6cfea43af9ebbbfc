package synth

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// named finds the composition of a path like keep_greater_3.square.sum, of listed
// families.
func named(t *testing.T, path string) composition {
	t.Helper()
	all := families()
	var c composition
	for name := range strings.SplitSeq(path, ".") {
		found := false
		for _, fam := range append(append([]*family{}, all.steps...), all.finals...) {
			ks := fam.constants
			if len(ks) == 0 {
				ks = []int64{0}
			}
			for _, k := range ks {
				if f := (feature{family: fam, k: k}); f.String() == name {
					c, found = append(c, f), true
				}
			}
		}
		if !found {
			t.Fatalf("no feature is called %s", name)
		}
	}
	return c
}

// Worked by hand, from the words of the statements rather than from the code.
func TestFeatures(t *testing.T) {
	t.Parallel()
	long := []int64{3, -4, 7, 0, 6, -5, 3}
	for _, c := range []struct {
		path  string
		input []int64
		want  string
	}{
		{"keep_even", long, "[-4, 0, 6]"},
		{"keep_odd", long, "[3, 7, -5, 3]"},
		{"keep_positive", long, "[3, 7, 6, 3]"},
		{"keep_negative", long, "[-4, -5]"},
		{"keep_greater_3", long, "[7, 6]"},
		{"keep_less_3", long, "[-4, 0, -5]"},
		{"keep_divisible_3", long, "[3, 0, 6, 3]"},
		{"square", long, "[9, 16, 49, 0, 36, 25, 9]"},
		{"double", long, "[6, -8, 14, 0, 12, -10, 6]"},
		{"add_5", long, "[8, 1, 12, 5, 11, 0, 8]"},
		{"subtract_3", long, "[0, -7, 4, -3, 3, -8, 0]"},
		{"multiply_3", long, "[9, -12, 21, 0, 18, -15, 9]"},
		{"negate", long, "[-3, 4, -7, 0, -6, 5, -3]"},
		{"absolute", long, "[3, 4, 7, 0, 6, 5, 3]"},
		{"modulo_3", long, "[0, 2, 1, 0, 0, 1, 0]"},
		{"cap_5", long, "[3, -4, 5, 0, 5, -5, 3]"},
		{"raise_negatives", long, "[3, 0, 7, 0, 6, 0, 3]"},
		{"halve", long, "[1, -2, 3, 0, 3, -3, 1]"},
		{"reverse", long, "[3, -5, 6, 0, 7, -4, 3]"},
		{"sort", long, "[-5, -4, 0, 3, 3, 6, 7]"},
		{"sort_down", long, "[7, 6, 3, 3, 0, -4, -5]"},
		{"rotate", long, "[-4, 7, 0, 6, -5, 3, 3]"},
		{"unique", long, "[3, -4, 7, 0, 6, -5]"},
		{"first_2", long, "[3, -4]"},
		{"last_2", long, "[-5, 3]"},
		{"drop_first_2", long, "[7, 0, 6, -5, 3]"},
		{"drop_last_2", long, "[3, -4, 7, 0, 6]"},
		{"first_3", []int64{1}, "[1]"},
		{"last_3", []int64{1}, "[1]"},
		{"drop_first_2", []int64{1}, "[]"},
		{"drop_last_2", []int64{1}, "[]"},
		{"every_second", long, "[3, 7, 6, 3]"},
		{"prefix_sums", long, "[3, -1, 6, 6, 12, 7, 10]"},
		{"differences", long, "[-7, 11, -7, 6, -11, 8]"},
		{"pair_sums", long, "[-1, 3, 7, 6, 1, -2]"},
		{"differences", []int64{1}, "[]"},
		{"times_index", long, "[0, -4, 14, 0, 24, -25, 18]"},
		{"repeat_each", []int64{3, -4}, "[3, 3, -4, -4]"},
		{"mirror", []int64{3, -4}, "[3, -4, -4, 3]"},
		{"sum", long, "10"},
		{"sum_squares", long, "144"},
		{"alternating", long, "28"},
		{"product", []int64{3, -4, 2}, "-24"},
		{"product", nil, "1"},
		{"max", long, "7"},
		{"min", long, "-5"},
		{"range", long, "12"},
		{"head", long, "3"},
		{"tail", long, "3"},
		{"max", nil, "0"},
		{"min", nil, "0"},
		{"range", nil, "0"},
		{"head", nil, "0"},
		{"tail", nil, "0"},
		{"count", long, "7"},
		{"distinct", long, "6"},
		{"count_even", long, "3"},
		{"count_positive", long, "4"},
		{"count_greater_5", long, "2"},
		{"keep_even.square.sum", long, "52"},
		{"sort.first_2.double", long, "[-10, -8]"},
	} {
		t.Run(c.path, func(t *testing.T) {
			t.Parallel()
			if got := (Task{features: named(t, c.path)}).Run(c.input); got != c.want {
				t.Errorf("%s of %v is %s, want %s", c.path, c.input, got, c.want)
			}
		})
	}
}

func TestBounded(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]bool{
		"keep_even.square.sum":             true,
		"product":                          true,
		"first_3.product":                  true,
		"double.product":                   false, // 40 to the tenth is past 2^53
		"square.square.square":             true,
		"square.square.square.sum_squares": false,
		"mirror.repeat_each":               true,
		"mirror.mirror.mirror":             false,
	} {
		if got := named(t, path).bounded(); got != want {
			t.Errorf("bounded %s is %t, want %t", path, got, want)
		}
	}
}

func TestWorthy(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]bool{
		"keep_even.square.sum":        true,
		"negate.negate":               false, // the identity
		"sort.reverse.sort_down":      false, // sort_down alone
		"keep_positive.absolute.sum":  false, // absolute does nothing
		"square.count":                false, // count alone
		"keep_even.count_even":        false, // count_even alone
		"keep_positive.keep_negative": false, // always empty
		"keep_even.modulo_5":          true,
	} {
		var m machine
		c := named(t, path)
		s, common := m.behaviour(c)
		if got := varied(common) && m.worthy(c, s); got != want {
			t.Errorf("worthy %s is %t, want %t", path, got, want)
		}
	}
}

// The layouts of one composition, from a statement a step to a single expression.
func TestProgramLayouts(t *testing.T) {
	t.Parallel()
	none := []bool{false, false, false}
	for _, c := range []struct {
		name, path string
		habits     habits
		want       string
	}{
		{
			"a statement a step", "keep_even.square.sum",
			habits{element: "x", idioms: []int{0, 0, 0}, joined: none, fused: none},
			"def f(a):\n    a = [x for x in a if x % 2 == 0]\n    a = [x * x for x in a]\n    return sum(a)\n",
		},
		{
			"last two joined", "keep_even.square.sum",
			habits{element: "x", idioms: []int{0, 0, 0}, joined: []bool{false, true, false}, fused: none},
			"def f(a):\n    a = [x for x in a if x % 2 == 0]\n    return sum([x * x for x in a])\n",
		},
		{
			"fused", "keep_greater_3.add_5.sum",
			habits{element: "n", idioms: []int{0, 0, 0}, joined: []bool{true, true, true}, fused: []bool{true, true, true}},
			"def f(a):\n    return sum([n + 5 for n in a if n > 3])\n",
		},
		{
			"blocks and fresh names", "keep_even.reverse.sum",
			habits{element: "v", fresh: true, idioms: []int{3, 0, 2}, joined: none, fused: none},
			"def f(a):\n    b = []\n    for v in a:\n        if v % 2 == 0:\n            b.append(v)\n" +
				"    c = b[::-1]\n    s = 0\n    for v in c:\n        s += v\n    return s\n",
		},
		{
			"an operand in parentheses", "mirror.every_second.max",
			habits{element: "x", idioms: []int{0, 0, 0}, joined: []bool{true, true, true}, fused: none},
			"def f(a):\n    return max((a + a[::-1])[::2] or [0])\n",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, program(named(t, c.path), c.habits)); diff != "" {
				t.Errorf("program (-want +got):\n%s", diff)
			}
		})
	}
}
