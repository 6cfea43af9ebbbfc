package main

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/testscript"

	"ablate/engine/recipe"
	"ablate/experiments"
	"ablate/experiments/store"
	"ablate/tui"
)

// TestMain lets the test binary be the program itself, in scripts and in every
// process that the program starts.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"ablate": main})
}

// The scripts are the command line's specification. Every store gets an engine
// of its own, which is ended when its script is.
func TestScripts(t *testing.T) {
	t.Parallel()
	cache := t.TempDir()
	testscript.Run(t, testscript.Params{
		Dir: "engine/testdata/script",
		Setup: func(e *testscript.Env) error {
			e.Setenv("XDG_CACHE_HOME", cache)
			e.Setenv("XDG_RUNTIME_DIR", filepath.Join(e.WorkDir, "r"))
			e.Defer(func() { stopEngines(e.WorkDir) })
			return os.Mkdir(filepath.Join(e.WorkDir, "r"), 0o700)
		},
		Condition: func(cond string) (bool, error) {
			path, ok := strings.CutPrefix(cond, "exists:")
			if !ok {
				return false, fmt.Errorf("unknown condition %q", cond)
			}
			_, err := os.Stat(path)
			return err == nil, nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"await": await, "settled": settled, "sigkill": sigkill},
	})
}

// await FILE TEXT waits until a file has a text.
func await(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: await file text")
	}
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); {
		files, _ := filepath.Glob(ts.MkAbs(args[0]))
		for _, f := range files {
			if b, err := os.ReadFile(f); err == nil && strings.Contains(string(b), args[1]) {
				return
			}
		}
		<-time.After(20 * time.Millisecond)
	}
	ts.Fatalf("%s never had %q", args[0], args[1])
}

// settled STORE EXPERIMENT waits until no run of an experiment is live.
func settled(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: settled store experiment")
	}
	s, err := store.Open(ts.MkAbs(args[0]))
	ts.Check(err)
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); {
		records, err := s.Records(args[1])
		ts.Check(err)
		if !slices.ContainsFunc(records, func(r store.Record) bool { return r.Status.Live() }) {
			return
		}
		<-time.After(20 * time.Millisecond)
	}
	ts.Fatalf("%s is still going", args[1])
}

// sigkill ROLE DIR sends SIGKILL to the engine, the runners or the trainers of what
// is below DIR.
func sigkill(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: sigkill engine|runner|train dir")
	}
	if signalProcesses(ts.MkAbs(args[1]), args[0], syscall.SIGKILL) == 0 {
		ts.Fatalf("no %s below %s", args[0], args[1])
	}
}

// stopEngines ends everything that still runs on the stores below dir.
func stopEngines(dir string) {
	for _, role := range []string{"engine", "runner", "train"} {
		signalProcesses(dir, role, syscall.SIGKILL)
	}
}

// signalProcesses signals every `ablate ROLE ...` with a path below dir among its
// arguments and tells how many there were.
func signalProcesses(dir, role string, s syscall.Signal) (n int) {
	for _, pid := range processes(dir, role) {
		if syscall.Kill(pid, s) == nil {
			n++
		}
	}
	return n
}

// processes lists every `ablate ROLE ...`, or whatever it is for no role, with a path
// below dir among its arguments.
func processes(dir, role string) (pids []int) {
	out, err := exec.Command("ps", "-axww", "-o", "pid=,args=").Output()
	if err != nil {
		return nil
	}
	for line := range strings.Lines(string(out)) {
		var pid int
		if _, err := fmt.Sscan(line, &pid); err != nil {
			continue
		}
		if f := strings.Fields(line); strings.Contains(line, dir) && (role == "" || len(f) > 3 && f[2] == role) {
			pids = append(pids, pid)
		}
	}
	return pids
}

// What ships has no mistakes, and quick keeps its promises.
func TestShippedExperiments(t *testing.T) {
	t.Parallel()
	f, err := experiments.Parse("experiments.toml", shipped, recipe.Table())
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"quick", "tasks-vs-solutions"} {
		e, err := f.Experiment(name)
		if err != nil {
			t.Fatal(err)
		}
		p := e.Plan()
		if p.Equal == "" {
			t.Errorf("%s does not state what it holds equal", name)
		}
		if len(p.FLOPs) != len(p.Cells) {
			t.Errorf("%s has no estimate", name)
		}
	}
	quick, err := f.Experiment("quick")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range quick.Plan().Cells {
		if n := c.Params.Int("eval_tasks"); n < 256 {
			t.Errorf("quick keeps %d held-out tasks, want 256 or more", n)
		}
	}
}

// FINDINGS.md answers every question that the shipped experiments ask, from seeds
// that no design was settled on.
func TestFindingsAreOfTheShippedQuestions(t *testing.T) {
	t.Parallel()
	f, err := experiments.Parse("experiments.toml", shipped, recipe.Table())
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("experiments/FINDINGS.md")
	if err != nil {
		t.Fatal(err)
	}
	asked := 0
	for _, e := range f.Experiments {
		p := e.Plan()
		for _, q := range p.Findings {
			asked++
			if !strings.Contains(string(text), "| "+q.Letter+" | "+q.Claim+" |") {
				t.Errorf("FINDINGS.md has no line for (%s) %s of %s: run it, and ablate findings -o experiments/FINDINGS.md", q.Letter, q.Claim, e.Name)
			}
			if len(p.Seeds) < 8 || slices.Min(p.Seeds) <= 100 {
				t.Errorf("%s reports on the seeds %v, want 8 or more from 101 on", e.Name, p.Seeds)
			}
		}
	}
	if asked < 16 {
		t.Errorf("the shipped experiments ask %d questions, want 16", asked)
	}
	if strings.Contains(string(text), "runs missing") {
		t.Error("FINDINGS.md was written before all runs were done")
	}
}

var update = flag.Bool("update", false, "write what is generated of README.md and experiments/PARAMETERS.md")

// What the README and PARAMETERS.md list is generated from the tables that the
// program uses.
func TestReadme(t *testing.T) {
	t.Parallel()
	text := generated(t, "README.md", "keys", tui.Reference())
	generated(t, "experiments/PARAMETERS.md", "parameters", experiments.Reference(recipe.Table()))
	for _, command := range []string{"go run . run quick", "go test ./..."} {
		if !strings.Contains(text, "    "+command+"\n") {
			t.Errorf("the README does not show %q", command)
		}
	}
}

// generated holds a part of a file to what it is generated from, and returns the
// whole text.
func generated(t *testing.T, file, name, part string) string {
	t.Helper()
	old, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	mark := "<!-- " + name + ": go test . -update -->\n"
	head, rest, ok := strings.Cut(string(old), mark)
	_, tail, ended := strings.Cut(rest, "<!-- end -->")
	if !ok || !ended {
		t.Fatalf("%s has no place for the %s", file, name)
	}
	text := head + mark + part + "<!-- end -->" + tail
	if *update {
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return text
	}
	if diff := cmp.Diff(string(old), text); diff != "" {
		t.Errorf("%s is stale, run go test . -update (-have +want):\n%s", file, diff)
	}
	return text
}

// The README's example is an experiment as it stands there.
func TestReadmeExample(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(b), "## An experiment in five lines\n\n")
	example, _, _ := strings.Cut(rest, "\nunder")
	if n := strings.Count(strings.TrimSpace(example), "\n") + 1; n != 5 {
		t.Errorf("it has %d lines", n)
	}
	f, err := experiments.Parse("README.md", []byte("schema = 1\n"+example), recipe.Table())
	if err != nil {
		t.Fatal(err)
	}
	if e, err := f.Experiment("mine"); err != nil || len(e.Plan().Runs()) != 4 {
		t.Errorf("experiment %+v, %v; want one of 4 runs", e, err)
	}
}

// ofPages is what any page may import: no other page.
var ofPages = []string{
	"ablate/tui/page", "ablate/tui/look", "ablate/tui/plot", "ablate/tui/table", "ablate/tui/filter", "ablate/tui/query", "ablate/tui/chart", "ablate/tui/report",
	"ablate/engine", "ablate/experiments", "ablate/experiments/store", "ablate/experiments/stats", "ablate/experiments/reference", "ablate/gpu",
}

// allowed is the table of arrows between rooms; a room may import what stands
// behind it, and of the program nothing else.
var allowed = map[string][]string{
	"ablate/experiments":           {"ablate/experiments/reference"},
	"ablate/experiments/store":     {"ablate/experiments", "ablate/gpu"},
	"ablate/experiments/stats":     {},
	"ablate/experiments/reference": {},
	"ablate/engine":                {"ablate/engine/notify", "ablate/experiments", "ablate/experiments/store"},
	"ablate/engine/formats":        {"ablate/experiments/store"},
	"ablate/engine/notify":         {"ablate/experiments", "ablate/experiments/store"},
	"ablate/engine/launch":         {"ablate/engine", "ablate/experiments/store"},
	"ablate/engine/runner": {
		"ablate/engine", "ablate/experiments", "ablate/experiments/store", "ablate/gpu", "ablate/gpu/alert", "ablate/gpu/driver", "ablate/gpu/record",
	},
	"ablate/engine/agent":  {"ablate/gpu", "ablate/gpu/driver"},
	"ablate/engine/remote": {"ablate/engine", "ablate/engine/agent", "ablate/experiments", "ablate/gpu", "ablate/gpu/driver"},
	"ablate/engine/recipe": {
		"ablate/engine/lm", "ablate/engine/synth", "ablate/engine/judge", "ablate/engine/seed",
		"ablate/experiments", "ablate/experiments/store", "ablate/experiments/stats",
	},
	"ablate/engine/bench": {
		"ablate/engine/lm", "ablate/engine/lm/kernel", "ablate/engine/judge", "ablate/engine/seed", "ablate/engine/recipe", "ablate/engine/synth",
		"ablate/experiments", "ablate/experiments/store", "ablate/experiments/stats",
	},
	"ablate/engine/lm":         {"ablate/engine/lm/kernel", "ablate/engine/seed"},
	"ablate/engine/lm/kernel":  {},
	"ablate/engine/synth":      {"ablate/engine/judge", "ablate/engine/seed"},
	"ablate/engine/synth/look": {"ablate/engine/synth", "ablate/engine/judge", "ablate/experiments"},
	"ablate/engine/judge":      {},
	"ablate/engine/seed":       {},
	"ablate/gpu":               {},
	"ablate/gpu/nvml":          {"ablate/gpu"},
	"ablate/gpu/driver":        {"ablate/gpu", "ablate/gpu/nvml", "ablate/gpu/record"},
	"ablate/gpu/record":        {"ablate/gpu"},
	"ablate/gpu/alert":         {"ablate/gpu"},
	"ablate/gpu/gputest":       {"ablate/gpu"},
	"ablate/tui": append([]string{
		"ablate/tui/lab", "ablate/tui/run", "ablate/tui/compare", "ablate/tui/form", "ablate/tui/nodes",
	}, ofPages...),
	"ablate/tui/lab":        ofPages,
	"ablate/tui/run":        append([]string{"ablate/gpu/record"}, ofPages...),
	"ablate/tui/compare":    ofPages,
	"ablate/tui/form":       ofPages,
	"ablate/tui/nodes":      append([]string{"ablate/gpu/alert"}, ofPages...),
	"ablate/tui/page":       {"ablate/tui/look", "ablate/engine", "ablate/experiments", "ablate/experiments/store", "ablate/gpu"},
	"ablate/tui/look":       {"ablate/tui/chart", "ablate/tui/report", "ablate/experiments/store"},
	"ablate/tui/plot":       {"ablate/tui/page", "ablate/tui/look", "ablate/tui/chart"},
	"ablate/tui/table":      {"ablate/tui/look"},
	"ablate/tui/filter":     {"ablate/tui/look", "ablate/tui/page", "ablate/tui/query", "ablate/tui/table"},
	"ablate/tui/query":      {},
	"ablate/tui/screentest": {},
	"ablate/tui/chart":      {},
	"ablate/tui/report": {
		"ablate/tui/chart", "ablate/experiments", "ablate/experiments/store", "ablate/experiments/stats", "ablate/experiments/reference", "ablate/gpu", "ablate/gpu/record",
	},
}

// screens are the rooms that draw for a terminal.
var screens = []string{
	"ablate/tui", "ablate/tui/page", "ablate/tui/screentest", "ablate/tui/look", "ablate/tui/plot", "ablate/tui/table", "ablate/tui/filter",
	"ablate/tui/lab", "ablate/tui/run", "ablate/tui/compare", "ablate/tui/form", "ablate/tui/nodes",
}

// outside are the modules that only some rooms may import.
var outside = map[string][]string{
	"charm.land/":                   screens,
	"github.com/BurntSushi/toml":    {"ablate/experiments"},
	"go.starlark.net/":              {"ablate/engine/judge", "ablate/engine/synth"},
	"github.com/ebitengine/purego":  {"ablate/gpu/nvml"},
	"github.com/klauspost/compress": {"ablate/experiments/store", "ablate/gpu/record"},
	"gonum.org/":                    {"ablate/experiments/stats"},
	"golang.org/x/sys/":             {"ablate/tui", "ablate/gpu", "ablate/gpu/driver", "ablate/engine", "ablate/engine/judge", "ablate/engine/lm/kernel", "ablate/engine/runner", "ablate/experiments/store"},
	"github.com/charmbracelet/x/":   append([]string{"ablate", "ablate/tui/chart", "ablate/tui/report"}, screens...),
	"github.com/google/go-cmp":      {"ablate/tui/screentest"},
	"github.com/rogpeppe/go-intern": {},
	"github.com/clipperhouse/":      {"ablate/tui/look", "ablate/tui/chart"},
	"github.com/creack/pty":         {},
}

func TestImportArrows(t *testing.T) {
	t.Parallel()
	out, err := exec.Command("go", "list", "-f", `{{.ImportPath}}: {{join .Imports " "}}`, "./...").Output()
	if err != nil {
		t.Skipf("arrows are not checked: go list: %v", err)
	}
	for line := range strings.Lines(string(out)) {
		room, list, _ := strings.Cut(strings.TrimSpace(line), ": ")
		may, known := allowed[room]
		if !known && room != "ablate" {
			t.Errorf("room %s is not in the table of arrows", room)
		}
		for imp := range strings.FieldsSeq(list) {
			if strings.HasPrefix(imp, "ablate/") && room != "ablate" && !slices.Contains(may, imp) {
				t.Errorf("%s imports %s: that arrow is not in the table", room, imp)
			}
			for prefix, rooms := range outside {
				if strings.HasPrefix(imp, prefix) && !slices.Contains(rooms, room) {
					t.Errorf("%s imports %s: only %v may", room, imp, rooms)
				}
			}
		}
	}
}

// Every run starts several processes of this program, so what the rooms do
// before main counts: the least of what the runtime traces, package by package, as a
// busy machine takes the processor away in the middle of it.
func TestNoWorkBeforeMain(t *testing.T) {
	t.Parallel()
	long := workBeforeMain(t)
	for try := 0; len(long) > 0 && try < 50; try++ {
		again := workBeforeMain(t)
		maps.DeleteFunc(long, func(name string, _ float64) bool { return again[name] == 0 })
	}
	for name, took := range long {
		t.Errorf("package %s works for %v ms before main", name, took)
	}
}

// workBeforeMain are the packages that work for more than a millisecond, and for how many.
func workBeforeMain(t *testing.T) map[string]float64 {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe, "-test.run=^$")
	cmd.Env = append(os.Environ(), "GODEBUG=inittrace=1")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatal(err)
	}
	long := map[string]float64{}
	for line := range strings.Lines(string(out)) {
		var name string
		var at, took float64
		if n, _ := fmt.Sscanf(line, "init %s @%f ms, %f ms clock", &name, &at, &took); n == 3 && strings.HasPrefix(name, "ablate") && took > 1 {
			long[name] = took
		}
	}
	return long
}
