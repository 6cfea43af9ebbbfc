package gputest

import (
	"embed"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

//go:embed testdata/fakenvml.c testdata/scenario.h
var source embed.FS

// built holds the compiled libraries, by the define they were built with.
var built = struct {
	sync.Mutex
	library map[string][]byte
}{library: map[string][]byte{}}

// Driver writes a driver's library that answers from a scenario into a folder of its
// own and returns its path. What a scenario holds stands in testdata/fakenvml.c;
// define is one of the defines there, NEW for all of it. Where no C compiler is, the
// test is skipped.
func Driver(t testing.TB, define, scenario string) (library string) {
	t.Helper()
	compiler, err := exec.LookPath("cc")
	if err != nil {
		t.Skip("skipped: the fake driver library needs a C compiler (cc)")
	}
	dir := t.TempDir()
	library = filepath.Join(dir, "libnvidia-ml.so.1")
	built.Lock()
	defer built.Unlock()
	if built.library[define] == nil {
		if err := os.CopyFS(dir, source); err != nil {
			t.Fatal(err)
		}
		text := filepath.Join(dir, "testdata", "fakenvml.c")
		args := []string{"-shared", "-fPIC", "-O1", "-Wall", "-Wextra", "-Werror", "-Wno-unused-function", "-D" + define, "-o", library, text, "-ldl", "-lm"}
		if out, err := exec.CommandContext(t.Context(), compiler, args...).CombinedOutput(); err != nil {
			t.Fatalf("compile the fake driver library: %v\n%s", err, out)
		}
		if built.library[define], err = os.ReadFile(library); err != nil {
			t.Fatal(err)
		}
	}
	write(t, library, built.library[define])
	write(t, filepath.Join(dir, "calls"), nil)
	Put(t, library, scenario)
	return library
}

// Put gives a library another scenario, in one step.
func Put(t testing.TB, library, scenario string) {
	t.Helper()
	path := filepath.Join(filepath.Dir(library), "scenario")
	write(t, path+".new", []byte(scenario))
	if err := os.Rename(path+".new", path); err != nil {
		t.Fatal(err)
	}
}

// Release lets the calls return that the scenario blocks.
func Release(t testing.TB, library string) {
	t.Helper()
	write(t, filepath.Join(filepath.Dir(library), "go"), nil)
}

// Calls counts the calls of one function that a library has seen.
func Calls(t testing.TB, library, function string) int {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(filepath.Dir(library), "calls"))
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for line := range strings.Lines(string(text)) {
		if line == function+"\n" {
			n++
		}
	}
	return n
}

func write(t testing.TB, path string, text []byte) {
	t.Helper()
	if err := os.WriteFile(path, text, 0o700); err != nil {
		t.Fatal(err)
	}
}
