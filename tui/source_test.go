package tui

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ablate/experiments"
	"ablate/experiments/store"
)

// A file that is edited while it is shown is the one that R runs.
func TestSourceIsReadAgain(t *testing.T) {
	f := parse(t)
	edited := parse(t)
	for _, e := range edited.Experiments {
		e.Seeds = append(e.Seeds, 7)
	}
	d := drive(t, 120, 40, "quick").send(midway(t)).lacks("R runs the file's design")
	d.send(sourceMsg{file: edited, slots: 5}).sees("R runs the file's design: seeds + 7").sees("/5")
	d.send(sourceMsg{err: errors.New("line 3"), slots: 5}).sees("the experiment file has mistakes")
	d.press("R").sees("`ablate check` says which").asked()
	d.send(sourceMsg{file: f, slots: 5}).lacks("has mistakes, as").lacks("R runs the file's design")
	d.press("R").sees("the same design").asked()
}

func TestSourceLooksAtTheFileOnlyWhenItChanged(t *testing.T) {
	path, loads := filepath.Join(t.TempDir(), "experiments.toml"), 0
	write := func(text string, at time.Time) {
		t.Helper()
		if err := errors.Join(os.WriteFile(path, []byte(text), 0o600), os.Chtimes(path, at, at)); err != nil {
			t.Fatal(err)
		}
	}
	noon := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	write("a", noon)
	s := newSource(Config{Path: path, Store: &store.Store{Dir: t.TempDir()}, Load: func() (*experiments.File, error) {
		loads++
		text, err := os.ReadFile(path)
		if strings.HasPrefix(string(text), "!") {
			err = errors.New("a mistake")
		}
		return &experiments.File{}, err
	}})
	if msg := s.look(); loads != 0 || msg.file != nil || msg.slots < 1 {
		t.Errorf("an unchanged file was read %d times; slots %d", loads, msg.slots)
	}
	write("b", noon.Add(time.Second))
	if msg := s.look(); loads != 1 || msg.file == nil || msg.err != nil {
		t.Errorf("a changed file was read %d times, err %v", loads, msg.err)
	}
	write("!", noon.Add(2*time.Second))
	if msg := s.look(); msg.err == nil {
		t.Error("a file with mistakes gave no error")
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if msg := s.look(); loads != 2 || msg.file != nil || msg.err != nil {
		t.Errorf("a file that is gone was read, err %v", msg.err)
	}
}
