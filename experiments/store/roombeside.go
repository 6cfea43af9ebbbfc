package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"time"
)

// needs adds the stage of a run that is not done.
func (s *Store) needs(needed map[string]bool, id string, stage StageOf) error {
	r, f, err := s.look(id)
	if err != nil {
		return err
	}
	if status, _ := f.Status(); status == Done || len(r.Argv) > 0 {
		return nil
	}
	name, err := stage(r.Run)
	needed[name] = true
	return err
}

// stages looks at the stages of the store. If not every run could be read, none
// may go.
func (s *Store) stages(needed map[string]bool, unsure bool) ([]Room, error) {
	names, err := subfolders(filepath.Join(s.Dir, StagesName))
	if err != nil {
		return nil, err
	}
	var rooms []Room
	for _, name := range names {
		dir := filepath.Join(s.Dir, StagesName, name)
		room, err := Room{Rule: RoomStages, Run: StagesName + "/" + name}, error(nil)
		switch {
		case needed[name]:
			room.Why = "a run that is not done goes on from it"
		case unsure:
			room.Why = "a run that cannot be read may go on from it"
		case Locked(LockFile(dir)):
			room.Why = "it is being trained"
		default:
			room.goes, err = spentStage(dir)
		}
		if err != nil {
			return rooms, err
		}
		if room, err = measure(room, []string{dir}, room.goes); err != nil {
			return rooms, err
		}
		if room.Bytes > 0 && (room.Frees > 0 || room.Why != "") {
			rooms = append(rooms, room)
		}
	}
	return rooms, nil
}

// spentStage is what may go of a stage: all but its lock, which somebody may be
// waiting for, and the points of one that says how many tasks it took, which is
// asked of a run that others go on from.
func spentStage(dir string) ([]string, error) {
	h, err := ReadHistory(dir)
	if err != nil {
		return nil, err
	}
	told := h.Series["data/made"] != nil
	var paths []string
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && path != LockFile(dir) && (!told || d.Name() != metricsName) {
			paths = append(paths, path)
		}
		return err
	})
	return paths, err
}

// A file that is being written, or asked for the time, has such a name: one of the
// kinds that ablate writes, since trainers have files of their own that begin with
// a dot and end in a number.
var temporary = regexp.MustCompile(`^\.(?:.+\.(?:json|jsonl|pack|zst)-|probe)[0-9]+$|^\.clock-[A-Z2-7]{26}$`)

// unpacked is the name of a folder in which a bundle is unpacked.
var unpacked = regexp.MustCompile(`^\` + importing + `[0-9]+$`)

const strayAge = 24 * time.Hour

// straysBelow lists temporary files in the folder of a run that nobody finished:
// there, in its attempts, and where items are. Other folders are their trainer's.
func straysBelow(dir string) (paths []string, err error) {
	attempts, err := attemptNumbers(dir)
	if err != nil {
		return nil, err
	}
	folders := []string{dir}
	for _, n := range attempts {
		folders = append(folders, AttemptDir(dir, int(n)))
	}
	items, err := foldersOf(dir, "items")
	if err != nil {
		return nil, err
	}
	folders = append(folders, items...)
	for _, folder := range folders {
		of, err := straysIn(folder)
		if err != nil {
			return nil, err
		}
		paths = append(paths, of...)
	}
	return paths, nil
}

// straysIn lists temporary files in one folder; none if it is not there.
func straysIn(folder string) (paths []string, err error) {
	entries, err := os.ReadDir(folder)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("list folder: %w", err)
	}
	for _, d := range entries {
		if stray(d) {
			paths = append(paths, filepath.Join(folder, d.Name()))
		}
	}
	return paths, nil
}

func stray(d fs.DirEntry) bool {
	if !(d.Type().IsRegular() && temporary.MatchString(d.Name()) || d.IsDir() && unpacked.MatchString(d.Name())) {
		return false
	}
	info, err := d.Info()
	return err == nil && time.Since(info.ModTime()) > strayAge
}

// strays looks for temporary files beside runs: the engine's, and of plans.
func (s *Store) strays() ([]Room, error) {
	experiments, err := s.Experiments()
	if err != nil {
		return nil, err
	}
	folders := []string{"", "engine"}
	for _, e := range experiments {
		folders = append(folders, e, filepath.Join(e, "plans"))
	}
	var rooms []Room
	for _, folder := range folders {
		paths, err := straysIn(filepath.Join(s.Dir, folder))
		if err != nil {
			return rooms, err
		}
		room, err := measure(Room{Run: filepath.Join(folder, "."), Rule: RoomTemporary}, paths, paths)
		if err != nil {
			return rooms, err
		}
		if room.Files > 0 {
			rooms = append(rooms, room)
		}
	}
	return rooms, nil
}
