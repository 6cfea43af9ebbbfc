package experiments_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ablate/experiments"
)

// fresh is what `ablate new` says with some flags, in a folder whose file has grid.
func fresh(t *testing.T, name string, flags ...string) (string, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "experiments.toml")
	if err := os.WriteFile(path, []byte(grid), 0o644); err != nil {
		t.Fatal(err)
	}
	var n experiments.NewFlags
	set := flag.NewFlagSet("new", flag.ContinueOnError)
	n.Flags(set)
	if err := set.Parse(flags); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	err := n.Run(&out, experiments.NewRequest{Path: path, Shipped: []byte("schema = 1\n"), Recipes: recipes(), Names: []string{name}})
	return out.String(), err
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		flags []string
		want  string
	}{
		{"n", nil, "the design is empty: there is neither axes nor cell. Give --axis NAME=VALUE,VALUE, or --from EXPERIMENT"},
		{"A", nil, `"a" is taken, in line 5`},
		{"n", []string{"-from", "aa"}, `no experiment "aa". Did you mean "a"?`},
		{"n", []string{"-recipe", "stf"}, `Did you mean "sft"?`},
		{"n", []string{"-axis", "tasks"}, "want name=value,value"},
	} {
		if out, err := fresh(t, tt.name, tt.flags...); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s %q: %v, want %q\n%s", tt.name, tt.flags, err, tt.want, out)
		}
	}
}
