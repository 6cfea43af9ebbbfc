// Package store holds what came out: run folders, read and written.
//
// A run is a folder and every file in it has one writer, so a crash of anything
// leaves at most one unfinished line. Status is a function of the files, the
// lock and the age of the last sign of life; it is never written down, so
// nothing can be "running" for ever.
//
// What shows runs keeps little of them: a Ledger opens the files of a run that has
// ended once, and keeps that in an index in the user's cache folder; a Feed reads
// the points of the metrics that are wanted into Series whose size is bounded:
//
//	metrics.jsonl or points.pack -> Follower -> Feed -> Series -> chart
//	run.json exit.json lock ...  -> Look, or Ledger with its index -> Record
//
// Runs go to another store as a Bundle, one file without weights; an Evaluation, made
// elsewhere, becomes a run of an experiment that nothing runs.
//
//	STORE/
//	  engine/                 lock engine.json settings.json journal.jsonl engine.log (the engine)
//	                          notify.json notified.jsonl
//	  marks.jsonl             what people said of runs                         (the engine)
//	  EXPERIMENT/plan.json    the current design; plans/HASH.json all of them  (the engine)
//	  EXPERIMENT/CELL/sSEED/
//	    run.json asked.jsonl  what the run is, and what was asked of it        (the engine)
//	    lock                  held while anything of the run lives
//	    a1/                   one folder an attempt
//	      start.json env.json events.jsonl gpu.jsonl exit.json                 (the runner)
//	      metrics.jsonl samples.jsonl items/ checkpoint/ kept/ result.json     (the trainer)
//	      out.log                                                              (what the trainer printed)
//	    points.pack           what Pack makes of most of this once the run has ended
//	    files.tar.zst
//	  .stages/                what runs share; no experiment                   (trainers, package recipe)
package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"ablate/experiments"
)

// StagesName is the folder of a store with what runs share.
const StagesName = ".stages"

// Store is a folder of runs.
type Store struct {
	Dir string // absolute
}

// Open names the store at dir; nothing is made until something is written.
func Open(dir string) (*Store, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("open store %s: %w", dir, err)
	}
	if info, err := os.Stat(abs); err == nil && !info.IsDir() {
		return nil, fmt.Errorf("open store %s: it is a file, not a folder; name another with --store DIR", abs)
	}
	return &Store{Dir: abs}, nil
}

// Writable makes the store's folder and proves that files can be made in it.
func (s *Store) Writable() error {
	dir := s.EngineDir()
	if err := MkdirAll(dir); err != nil {
		return unwritable("make store", err)
	}
	f, err := os.CreateTemp(dir, ".probe")
	if err != nil {
		return unwritable("write store", err)
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

// unwritable says what can be done with a store all the same.
func unwritable(what string, err error) error {
	hint := ""
	if errors.Is(err, syscall.EROFS) || errors.Is(err, fs.ErrPermission) {
		hint = "it can be looked at (ls, show, log, plan, findings) and not changed; to run or stop something make it writable, or "
	}
	return fmt.Errorf("%s: %w; %sname another with --store DIR or ABLATE_STORE", what, err, hint)
}

// EngineDir is where the store's engine keeps its own files.
func (s *Store) EngineDir() string { return filepath.Join(s.Dir, "engine") }

// RunDir is the folder of the run with this id.
func (s *Store) RunDir(id string) string { return filepath.Join(s.Dir, filepath.FromSlash(id)) }

// PlanFile is the current design of an experiment.
func (s *Store) PlanFile(experiment string) string {
	return filepath.Join(s.Dir, experiment, "plan.json")
}

// KeptPlan is the design of an experiment that has this hash, if it ever ran.
func (s *Store) KeptPlan(experiment, hash string) string {
	return filepath.Join(s.Dir, experiment, "plans", hash+".json")
}

// WritePlan puts down the design of an experiment: the current one, and a copy
// under its hash that stays.
func (s *Store) WritePlan(p *experiments.Plan) error {
	kept := s.KeptPlan(p.Experiment, p.Hash)
	if err := MkdirAll(filepath.Dir(kept)); err != nil {
		return fmt.Errorf("make plan folder: %w", err)
	}
	var old experiments.Plan
	if ReadJSON(kept, &old) != nil || old.Hash != p.Hash { // none yet, or one that a power cut damaged
		if err := WriteJSON(kept, p); err != nil {
			return err
		}
	}
	return WriteJSON(s.PlanFile(p.Experiment), p)
}

// ReadPlan reads the current design of an experiment.
func (s *Store) ReadPlan(experiment string) (*experiments.Plan, error) {
	var p experiments.Plan
	if err := ReadJSON(s.PlanFile(experiment), &p); err != nil {
		return nil, err
	}
	return &p, nil
}

// Experiments lists the experiments that have a folder here, by name.
func (s *Store) Experiments() ([]string, error) {
	names, err := linkedFolders(s.Dir)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(names, func(name string) bool {
		if name == "engine" {
			return true
		}
		_, err := os.Stat(filepath.Join(s.Dir, name, "plan.json"))
		return err != nil
	}), nil
}

// RunIDs lists the runs of an experiment: cells by name, seeds by number.
func (s *Store) RunIDs(experiment string) ([]string, error) {
	ids, err := s.seedDirs(experiment)
	return slices.DeleteFunc(ids, func(id string) bool {
		_, err := os.Stat(filepath.Join(s.RunDir(id), "run.json"))
		return err != nil
	}), err
}

// seedDirs is RunIDs with folders in which no run.json may be.
func (s *Store) seedDirs(experiment string) ([]string, error) {
	cells, err := linkedFolders(filepath.Join(s.Dir, experiment))
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, cell := range cells {
		if cell == "plans" {
			continue
		}
		place := experiment + "/" + cell
		seeds, err := linkedFolders(filepath.Join(s.Dir, place))
		if err != nil {
			return nil, err
		}
		for _, seed := range numbers(seeds, "s") {
			ids = append(ids, place+"/s"+strconv.FormatInt(seed, 10))
		}
	}
	return ids, nil
}

// subfolders lists the folders in dir by name; none if dir is not there.
func subfolders(dir string) ([]string, error) {
	return foldersThat(dir, fs.DirEntry.IsDir)
}

// linkedFolders is subfolders with links to folders: an experiment, a cell or a
// run may have been moved to a disk that has more room. What is in a run is where
// the run is.
func linkedFolders(dir string) ([]string, error) {
	return foldersThat(dir, func(e fs.DirEntry) bool {
		if e.Type()&fs.ModeSymlink == 0 {
			return e.IsDir()
		}
		info, err := os.Stat(filepath.Join(dir, e.Name()))
		return err == nil && info.IsDir()
	})
}

func foldersThat(dir string, are func(fs.DirEntry) bool) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list folder: %w", err)
	}
	var names []string
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), ".") && are(e) {
			names = append(names, e.Name())
		}
	}
	return names, nil
}

// attemptNumbers lists the numbers N of the folders aN of the run in dir, ascending.
func attemptNumbers(dir string) ([]int64, error) {
	names, err := subfolders(dir)
	return numbers(names, "a"), err
}

// numbers are those N of the names prefixN, ascending.
func numbers(names []string, prefix string) []int64 {
	var ns []int64
	for _, name := range names {
		digits, ok := strings.CutPrefix(name, prefix)
		n, err := strconv.ParseInt(digits, 10, 64)
		if ok && err == nil && digits == strconv.FormatInt(n, 10) { // s01 is no other name of s1
			ns = append(ns, n)
		}
	}
	slices.Sort(ns)
	return ns
}
