package report_test

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"ablate/experiments"
	"ablate/experiments/store"
	"ablate/tui/report"
)

// gcStore has a done run with checkpoints and a live one.
func gcStore(t *testing.T) (s *store.Store, id string) {
	t.Helper()
	s, p := mixed(t)
	id = p.Runs()[0].ID
	a := filepath.Join(s.RunDir(id), "a1")
	put(t, filepath.Join(a, "result.json"), store.Outcome{})
	add(t, filepath.Join(a, "checkpoint", "weights"), strings.Repeat("w", 5000))
	add(t, filepath.Join(a, "checkpoint", "state"), strings.Repeat("s", 123_456))
	add(t, filepath.Join(a, "kept", "10", "weights"), strings.Repeat("w", 999))
	add(t, filepath.Join(a, "samples.jsonl"), strings.Repeat(`{"step":1,"task":"t","program":"def f(a): return a"}`+"\n", 1000))
	live := filepath.Join(s.RunDir(p.Runs()[3].ID), "a1")
	add(t, filepath.Join(live, "checkpoint", "weights"), "w")
	return s, id
}

func collect(t *testing.T, s *store.Store, o report.GCOptions) string {
	t.Helper()
	o.Stage = func(experiments.Run) (string, error) { return "", nil }
	var b bytes.Buffer
	if err := report.GC(t.Context(), &b, s, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestGC(t *testing.T) {
	t.Parallel()
	s, id := gcStore(t)
	plan := collect(t, s, report.GCOptions{Plan: true})
	golden(t, "gc-plan", s.Dir, plan)
	if again := collect(t, s, report.GCOptions{Plan: true}); again != plan {
		t.Errorf("a plan changed something:\n%s\n%s", plan, again)
	}
	var rooms []struct {
		Run, Rule           string
		Files, Bytes, Frees int64
		Freed               *int64
	}
	if err := json.Unmarshal([]byte(collect(t, s, report.GCOptions{Names: []string{id}, JSON: true})), &rooms); err != nil {
		t.Fatal(err)
	}
	if r := rooms[0]; r.Run != id || r.Rule != "checkpoints" || r.Files != 2 || r.Bytes != 128_456 || r.Freed == nil || *r.Freed != 123_456 {
		t.Errorf("the first of %+v", rooms)
	}
	if r := rooms[1]; r.Rule != "kept" || r.Bytes != 999 || r.Freed != nil {
		t.Errorf("the second of %+v", rooms)
	}
	if r := rooms[2]; r.Rule != "pack" || r.Freed == nil || *r.Freed < 45_000 {
		t.Errorf("the third of %+v", rooms)
	}
	a := filepath.Join(s.RunDir(id), "a1")
	for name, want := range map[string]bool{"checkpoint/weights": true, "checkpoint/state": false, "samples.jsonl": false, "kept/10/weights": true} {
		if _, err := os.Stat(filepath.Join(a, name)); (err == nil) != want {
			t.Errorf("%s: %v", name, err)
		}
	}
	if text := collect(t, s, report.GCOptions{Names: []string{id}}); !strings.Contains(text, "freed 0 B") {
		t.Errorf("the second time:\n%s", text)
	}
}

// That somebody else packs a run, or runs it again, is told and no failure.
func TestGCMeanwhile(t *testing.T) {
	t.Parallel()
	s, id := gcStore(t)
	folder, err := os.Open(s.RunDir(id))
	if err != nil {
		t.Fatal(err)
	}
	defer folder.Close()
	if err := syscall.Flock(int(folder.Fd()), syscall.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	if text := collect(t, s, report.GCOptions{Names: []string{id}}); !strings.Contains(text, "somebody else is packing it") {
		t.Errorf("it is not told:\n%s", text)
	}
}

// Who names what is not there hears that and nothing else.
func TestNothingBesideAnError(t *testing.T) {
	t.Parallel()
	s, id := gcStore(t)
	for name, of := range map[string]func(w io.Writer) error{
		"gc": func(w io.Writer) error {
			return report.GC(t.Context(), w, s, report.GCOptions{Names: []string{"nope"}})
		},
		"list": func(w io.Writer) error { return report.Runs(w, w, s, report.RunsOptions{Names: []string{id}}) },
	} {
		if name == "list" {
			put(t, filepath.Join(s.RunDir(id), "run.json"), "no run")
		}
		var b bytes.Buffer
		if err := of(&b); err == nil || b.Len() > 0 {
			t.Errorf("%s: %v, and %q", name, err, b.String())
		}
	}
}

// A store that cannot be written is said to be one, and can be looked at.
func TestGCReadOnly(t *testing.T) {
	t.Parallel()
	s, _ := gcStore(t)
	if err := os.RemoveAll(s.EngineDir()); err != nil {
		t.Fatal(err)
	}
	add(t, s.EngineDir(), "in the way of the engine's folder")
	err := report.GC(t.Context(), new(bytes.Buffer), s, report.GCOptions{})
	if err == nil || !strings.Contains(err.Error(), "gc --plan` only looks") {
		t.Errorf("make room in a store that cannot be written: %v", err)
	}
	if err := os.Remove(s.EngineDir()); err != nil {
		t.Fatal(err)
	}
	if text := collect(t, s, report.GCOptions{Plan: true}); !strings.Contains(text, "may go") {
		t.Errorf("look at it:\n%s", text)
	}
}

func TestGCOfWhatStays(t *testing.T) {
	t.Parallel()
	s, _ := gcStore(t)
	collect(t, s, report.GCOptions{})
	if text := collect(t, s, report.GCOptions{Plan: true}); !strings.HasSuffix(text, "nothing of this may go\n") {
		t.Errorf("what stays:\n%s", text)
	}
}

func TestByteText(t *testing.T) {
	t.Parallel()
	for n, want := range map[int64]string{
		0: "0 B", 999: "999 B", 1000: "1.0 kB", 9949: "9.9 kB", 9950: "10 kB", 999_499: "999 kB", 999_500: "1.0 MB", 35_400_000_000: "35 GB", 2e18: "2000 PB",
	} {
		if got := report.ByteText(n); got != want {
			t.Errorf("%d bytes are %q, want %q", n, got, want)
		}
	}
}
