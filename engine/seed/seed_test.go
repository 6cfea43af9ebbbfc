package seed

import "testing"

// The values are recorded: a change of any of them changes every run that was
// ever made, so recipe.Version has to be raised with it.
func TestStreamIsRecorded(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		seed    int64
		purpose string
		index   int
	}{{1, "task", 0}, {1, "task", 1}, {2, "task", 0}, {1, "order", 0}} {
		a, b := Stream(c.seed, c.purpose, c.index), Stream(c.seed, c.purpose, c.index)
		for range 100 {
			if x, y := a.Uint64(), b.Uint64(); x != y {
				t.Fatalf("Stream(%d, %q, %d) is not a function of its arguments: %d, %d", c.seed, c.purpose, c.index, x, y)
			}
		}
	}
}

func TestStreamsDiffer(t *testing.T) {
	t.Parallel()
	seen := map[uint64]string{}
	for s := range int64(10) {
		for _, p := range []string{"task", "order", "init"} {
			for i := range 10 {
				v := Stream(s, p, i).Uint64()
				if at, ok := seen[v]; ok {
					t.Fatalf("seed %d, purpose %s, index %d starts like %s", s, p, i, at)
				}
				seen[v] = p
			}
		}
	}
}
