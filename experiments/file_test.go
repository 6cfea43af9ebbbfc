package experiments_test

import (
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ablate/experiments"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares got with a recorded file.
func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}

// files are the test files of a folder.
func files(t testing.TB, folder string) []string {
	t.Helper()
	list, err := filepath.Glob(filepath.Join("testdata", folder, "*.toml"))
	if err != nil || len(list) == 0 {
		t.Fatalf("no test files in %s: %v", folder, err)
	}
	return list
}

func TestGoodFiles(t *testing.T) {
	t.Parallel()
	for _, path := range files(t, "good") {
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			f, err := experiments.Load(path, recipes())
			if err != nil {
				t.Fatal(err)
			}
			var b strings.Builder
			for _, e := range f.Experiments {
				text, err := json.MarshalIndent(e.Plan(), "", " ")
				if err != nil {
					t.Fatal(err)
				}
				b.Write(append(text, '\n'))
			}
			for i := range f.Warnings.List {
				b.WriteString(f.Warnings.Excerpt(i))
			}
			golden(t, strings.TrimSuffix(path, ".toml")+".golden", b.String())
		})
	}
}

func TestBadFiles(t *testing.T) {
	t.Parallel()
	for _, path := range files(t, "bad") {
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			_, err := experiments.Load(path, recipes())
			var p *experiments.Problems
			if !errors.As(err, &p) {
				t.Fatalf("want problems, got %v", err)
			}
			p.Name = filepath.Base(path)
			var text strings.Builder
			text.WriteString(p.Error())
			for i := 25; i < len(p.List); i++ {
				text.WriteString("\n" + p.Excerpt(i))
			}
			golden(t, strings.TrimSuffix(path, ".toml")+".golden", text.String())
		})
	}
}

// What ships can be run beside a file of one's own; the file comes first.
func TestOr(t *testing.T) {
	t.Parallel()
	file := func(name string) *experiments.File {
		return &experiments.File{Name: name, Experiments: []*experiments.Experiment{{Name: "both"}, {Name: name}}}
	}
	own, ships := file("own"), file("ships")
	for name, want := range map[string]*experiments.File{"both": own, "own": own, "ships": ships, "nosuch": own} {
		if got := own.Or(ships, name); got != want {
			t.Errorf("%s is taken from %s, want %s", name, got.Name, want.Name)
		}
	}
	if got := own.Or(nil, "ships"); got != own {
		t.Errorf("without another file it is %v", got)
	}
}
