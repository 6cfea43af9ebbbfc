package report_test

import (
	"math"
	"strings"
	"testing"

	"ablate/experiments/store"
	"ablate/tui/report"
)

// Where one file lacks the clusters of some tasks, or has others, the tasks that any file
// puts together belong together, and it makes no difference which file comes first.
func TestClustersOfEither(t *testing.T) {
	t.Parallel()
	in := func(right, clusters string) store.Evaluation {
		e := clustered(solved(1, right), clusters)
		for i, item := range e.Sets[0].Items {
			if item.Cluster == "-" {
				e.Sets[0].Items[i].Cluster = ""
			}
		}
		return e
	}
	const a, b = "001001011010", "111011011110"
	for name, c := range map[string]struct {
		a, b string
		want int
	}{
		"the same":      {"aaabbbccdddd", "aaabbbccdddd", 4},
		"other names":   {"aaabbbccdddd", "eeefffgghhhh", 4},
		"some missing":  {"aaa---ccd--d", "aaabbbccdddd", 4},
		"either's half": {"aaabbb------", "------ccdddd", 4},
		"none in one":   {"------------", "aaabbbccdddd", 4},
		"finer in one":  {"aaaaaaccdddd", "abcdefghijkk", 3},
		"across":        {"aabbccddeeff", "abbccddeeffg", 1},
		"all alone":     {"abcdefghijkl", "------------", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := files{"a.json": in(a, c.a), "b.json": in(b, c.b)}
			var got [2]report.Contrast
			for i, names := range [][]string{{"a.json", "b.json"}, {"b.json", "a.json"}} {
				out, err := given(t, f, report.CompareOptions{Names: names})
				if err != nil {
					t.Fatal(err)
				}
				got[i] = out.Chosen.Against[1]
			}
			x, y := got[0], got[1]
			if c.want > 1 && x.Clusters != c.want || c.want == 0 && x.Clusters != 0 {
				t.Errorf("%d clusters, want %d", x.Clusters, c.want)
			}
			if c.want == 1 && !strings.HasPrefix(x.Words, "no evidence: tasks that all belong together give no interval") {
				t.Errorf("of one cluster it says %q", x.Words)
			}
			if !same(x.Mean, -y.Mean) || !same(x.Lo, -y.Hi) || !same(x.Hi, -y.Lo) || !same(x.P(), y.P()) {
				t.Errorf("%+v is not the mirror of %+v", x, y)
			}
		})
	}
}

// Seeds give an interval where tasks are one or all belong together, and it is said that
// it speaks of no other tasks.
func TestOneCluster(t *testing.T) {
	t.Parallel()
	const words = "one task or cluster: what tasks vary by is not in the interval"
	f := files{}
	for i, right := range []string{"12", "13", "21", "67", "78", "77"} {
		f[string(rune('a'+i))+".json"] = clustered(solved(8, right), "xx")
		f[string(rune('a'+i))+"1.json"] = solved(8, right[:1])
		f[string(rune('a'+i))+"2.json"] = solved(8, right)
	}
	for names, want := range map[[2]string]bool{
		{"a.json,b.json,c.json", "d.json,e.json,f.json"}: true, {"a1.json,b1.json,c1.json", "d1.json,e1.json,f1.json"}: true,
		{"a2.json,b2.json,c2.json", "d2.json,e2.json,f2.json"}: false,
	} {
		out, err := given(t, f, report.CompareOptions{Names: names[:]})
		if err != nil {
			t.Fatal(err)
		}
		if x := out.Chosen.Against[1]; math.IsNaN(x.Lo) || strings.Contains(x.Words, words) != want {
			t.Errorf("%v: %q from %v to %v", names, x.Words, x.Lo, x.Hi)
		}
	}
}
