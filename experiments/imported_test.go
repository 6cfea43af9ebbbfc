package experiments

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWithModel(t *testing.T) {
	t.Parallel()
	few, many := Params{"eval_samples": int64(1)}, Params{"eval_samples": int64(8)}
	empty := NewImports("e", Objective{Metric: "eval/pass@1", Goal: Max})
	one, a := empty.WithModel("Qwen 7B/x", few, 2)
	same, again := one.WithModel("Qwen 7B/x", few, 1)
	two, b := one.WithModel("Qwen 7B/x", many, 1)
	if diff := cmp.Diff(one, same); diff != "" || a.Name != again.Name {
		t.Errorf("the same model changes the design (-first +again):\n%s", diff)
	}
	if len(empty.Cells) != 0 || len(one.Cells) != 1 || len(two.Cells) != 2 {
		t.Errorf("%d, %d and %d cells", len(empty.Cells), len(one.Cells), len(two.Cells))
	}
	if diff := cmp.Diff([]int64{1, 2}, two.Seeds); diff != "" {
		t.Errorf("seeds (-want +got):\n%s", diff)
	}
	if two.Hash == one.Hash || one.Hash == "" {
		t.Errorf("hashes are %q and %q", one.Hash, two.Hash)
	}
	if !strings.HasPrefix(a.Name, "model=Qwen 7B%2Fx~") || b.Params.Text("model") != "Qwen 7B/x-2" || b.Params.Int("eval_samples") != 8 {
		t.Errorf("cells are %+v and %+v", a, b)
	}
}

func TestCheckName(t *testing.T) {
	t.Parallel()
	for name, legal := range map[string]bool{"imported": true, "a.b-c_1": true, "": false, "../x": false, "engine": false, ".x": false, strings.Repeat("a", 300): false} {
		if err := CheckName(name); (err == nil) != legal {
			t.Errorf("%q: %v", name, err)
		}
	}
}
