package tui

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ablate/experiments/store"
	"ablate/tui/report"
)

// sealing has this test binary mount the store read-only, for itself alone, before
// it opens it.
const sealing = "ABLATE_TUI_TEST_SEAL"

// errNoMounts says that this process may not mount anything.
var errNoMounts = errors.New("no mounts of its own")

// sealed mounts the store read-only and reads it with the commands that read.
func sealed(dir string, seal bool) error {
	if !seal {
		return nil
	}
	if err := mountReadOnly(dir); err != nil {
		return fmt.Errorf("%w: %w", errNoMounts, err)
	}
	s, err := store.Open(dir)
	if err != nil {
		return err
	}
	if err := s.Writable(); err == nil || !strings.Contains(err.Error(), "read-only") {
		return fmt.Errorf("the store can be written: %w", err)
	}
	var ls, show bytes.Buffer
	if err := errors.Join(report.Runs(&ls, &ls, s, report.RunsOptions{}), report.Runs(&show, &show, s, report.RunsOptions{JSON: true})); err != nil {
		return err
	}
	ids, err := s.RunIDs("e")
	if err != nil || len(ids) == 0 {
		return fmt.Errorf("%d runs: %w", len(ids), err)
	}
	if err := report.Run(&show, s, ids[0], 0, false); err != nil {
		return err
	}
	fmt.Printf("%d runs\n", strings.Count(ls.String(), "e/tasks"))
	return nil
}

// TestReadOnlyStore opens a store on a read-only mount: everything is shown, and
// the index lies elsewhere.
func TestReadOnlyStore(t *testing.T) {
	t.Parallel()
	s, err := store.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	u := midway(t)
	plan := *u.Plan
	plan.Experiment = "e"
	if err := s.WritePlan(&plan); err != nil {
		t.Fatal(err)
	}
	const n = 80
	for i := range n {
		run := plan.Runs()[0]
		run.ID = fmt.Sprintf("e/tasks=%d~0a1b2c/s1", i)
		dir := s.RunDir(run.ID)
		point, err := json.Marshal(store.Point{Step: 7, M: store.Values{"train/loss": 0.5, "eval/pass@1": 0.25}})
		if err != nil {
			t.Fatal(err)
		}
		for name, v := range map[string]any{"run.json": run, "a1/start.json": store.Start{Time: 1}, "a1/exit.json": store.Exit{Outcome: store.Outcome{Time: 2}}} {
			text, err := json.Marshal(v)
			if err != nil {
				t.Fatal(err)
			}
			file(t, filepath.Join(dir, name), text)
		}
		file(t, filepath.Join(dir, "lock"), nil)
		file(t, filepath.Join(dir, "asked.jsonl"), []byte(`{"verb":"run","attempt":1}`+"\n"))
		file(t, filepath.Join(dir, "a1", "metrics.jsonl"), append(point, '\n'))
	}
	old := time.Now().Add(-time.Hour)
	err = filepath.WalkDir(s.Dir, func(path string, _ os.DirEntry, err error) error {
		return errors.Join(err, os.Chtimes(path, old, old))
	})
	if err != nil {
		t.Fatal(err)
	}
	cache := t.TempDir()
	for range 2 { // without an index, and with one
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), opening+"="+s.Dir, sealing+"=1", "XDG_CACHE_HOME="+cache, "HOME="+cache)
		inOwnMounts(cmd)
		out, err := cmd.CombinedOutput()
		if err != nil && (cmd.ProcessState == nil || strings.Contains(string(out), errNoMounts.Error())) {
			t.Skipf("mounting needs root: %v: %s", err, out)
		}
		if err != nil || !strings.Contains(string(out), fmt.Sprintf("%d runs\n", n)) || !strings.Contains(string(out), fmt.Sprintf("first %d histories", n)) {
			t.Fatalf("%v:\n%s", err, out)
		}
		if found, _ := filepath.Glob(filepath.Join(cache, "ablate", "index", "*")); len(found) != 1 {
			t.Errorf("index files are %v", found)
		}
	}
}

func file(t *testing.T, path string, text []byte) {
	t.Helper()
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, text, 0o644)); err != nil {
		t.Fatal(err)
	}
}
