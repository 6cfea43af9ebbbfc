package store

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"ablate/experiments"
)

// The rules by which room is found and made.
const (
	RoomCheckpoints = "checkpoints" // of runs; those that nothing goes on from any more may go
	RoomKept        = "kept"        // models of some steps, which only who asked for them removes
	RoomStages      = "stages"      // training that runs share; may go when every run that has it is done
	RoomPack        = "pack"        // files of runs that have ended, which Pack makes few and small
	RoomTemporary   = "temporary"   // files that a crash left half written, a day old or more
)

var roomRules = []string{RoomCheckpoints, RoomKept, RoomStages, RoomPack, RoomTemporary}

// Room is what some files take, and what of it may go.
type Room struct {
	Run   string // its id; ".stages/HASH" of a stage; the folder of temporary files outside runs
	Rule  string
	Files int
	Bytes int64
	Frees int64  // bytes that may go; of files to pack an estimate
	Why   string // nothing of it goes

	goes []string // paths: files and whole folders
}

// Goes reports whether there is anything to clear: runs of a few steps are packed
// for the sake of their many files.
func (r Room) Goes() bool { return r.Frees > 0 || r.Rule == RoomPack }

// StageOf names the stage that a run goes on from, "" if it has none.
type StageOf func(experiments.Run) (string, error)

// Rooms looks at what takes the disk, by run and rule: checkpoints first, of each
// rule first what frees most. With names, as Find takes them, it looks at these
// runs only.
func (s *Store) Rooms(names []string, stage StageOf) ([]Room, error) {
	ids, err := s.named(names)
	if err != nil {
		return nil, err
	}
	var rooms []Room
	var errs []error
	needed := map[string]bool{}
	for _, id := range ids {
		of, err := s.roomsOf(id, len(names) > 0)
		if err == nil && len(names) == 0 {
			err = s.needs(needed, id, stage)
		}
		if errors.Is(err, fs.ErrNotExist) {
			continue // it was deleted after it was listed
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("look at run %s: %w", id, err))
		}
		rooms = append(rooms, of...)
	}
	if len(names) == 0 {
		stages, err := s.stages(needed, len(errs) > 0)
		strays, err2 := s.strays()
		errs = append(errs, err, err2)
		rooms = append(append(rooms, stages...), strays...)
	}
	slices.SortStableFunc(rooms, func(a, b Room) int {
		return cmp.Or(
			cmp.Compare(slices.Index(roomRules, a.Rule), slices.Index(roomRules, b.Rule)),
			cmp.Compare(b.Frees, a.Frees), cmp.Compare(b.Bytes, a.Bytes))
	})
	return rooms, errors.Join(errs...)
}

func (s *Store) named(names []string) (ids []string, err error) {
	search := s.Find
	if len(names) == 0 {
		search = s.RunIDs
		if names, err = s.Experiments(); err != nil {
			return nil, err
		}
	}
	for _, name := range names {
		found, err := search(name)
		if err != nil {
			return nil, err
		}
		ids = append(ids, found...)
	}
	slices.Sort(ids)
	return slices.Compact(ids), nil
}

// roomsOf looks at one run. One that is live is left alone.
func (s *Store) roomsOf(id string, named bool) ([]Room, error) {
	r, f, err := s.look(id)
	if err != nil {
		return nil, err
	}
	var rooms []Room
	add := func(room Room, err error) error {
		if err == nil && (room.Files > 0 || named && room.Why != "") {
			room.Run = id
			rooms = append(rooms, room)
		}
		return err
	}
	if why := held(f); why != "" {
		all, err := checkpointFolders(r.Dir)
		return rooms, errors.Join(err, add(measure(Room{Rule: RoomCheckpoints, Why: why}, all, nil)))
	}
	all, drop, err := spentCheckpoints(r, f)
	if err != nil {
		return nil, err
	}
	kept, err := foldersOf(r.Dir, keptName)
	if err != nil {
		return nil, err
	}
	strays, err := straysBelow(r.Dir)
	return rooms, errors.Join(err,
		add(measure(Room{Rule: RoomCheckpoints, Why: whyKept(r, f, drop)}, all, drop)),
		add(measure(Room{Rule: RoomKept, Why: "asked for by keep_every"}, kept, nil)),
		add(packRoom(r.Dir)),
		add(measure(Room{Rule: RoomTemporary}, strays, strays)))
}

// held says why a run is left alone, "" if it is not.
func held(f Facts) string {
	switch status, _ := f.Status(); {
	case status.Live() || f.Alive && f.Exit == nil:
		return "it is " + string(status)
	case f.Alive:
		return "processes that it left behind hold its lock"
	}
	return ""
}

// whyKept says why none of a run's checkpoints goes, "" if some do.
func whyKept(r Record, f Facts, drop []string) string {
	switch status, _ := f.Status(); {
	case len(drop) > 0:
		return ""
	case len(r.Argv) > 0:
		return "of its own trainer"
	case status == Done:
		return "its model"
	}
	return "it may go on from there"
}

// spentCheckpoints lists all checkpoints of a run that has ended, and what may go
// of them: but for the model of the newest attempt with a result everything if
// the run is done, and else all but the newest two, from which it may go on. What
// is called a checkpoint by a command's own trainer is not for others to judge.
func spentCheckpoints(r Record, f Facts) (all, drop []string, err error) {
	all, err = checkpointFolders(r.Dir)
	if err != nil || len(r.Argv) > 0 {
		return all, nil, err
	}
	keep, err := resumable(r, f)
	if err != nil || len(keep) == 0 {
		return all, nil, err
	}
	for _, place := range all {
		if !slices.Contains(keep, place) {
			drop = append(drop, place)
		}
	}
	if status, _ := f.Status(); status == Done {
		for _, name := range []string{StateName, BestName} {
			path := filepath.Join(keep[0], name)
			if isFile(path) {
				drop = append(drop, path)
			}
		}
	}
	return all, drop, nil
}

// resumable are the checkpoints that a run needs, the model of a done one first.
func resumable(r Record, f Facts) (keep []string, err error) {
	for n := f.Attempt; n > 0; n-- {
		place := filepath.Join(AttemptDir(r.Dir, n), checkpointName)
		var out Outcome
		if ReadRunJSON(r.Dir, n, "result.json", &out) == nil {
			if _, err := os.Stat(place); err == nil {
				keep = append(keep, place)
			}
			break
		}
	}
	if status, _ := f.Status(); status == Done {
		return keep, nil
	}
	newest, err := Checkpoints(r.Dir)
	return append(keep, newest[:min(2, len(newest))]...), err
}

// checkpointFolders are all folders of checkpoints of a run, those that were
// never finished among them.
func checkpointFolders(dir string) ([]string, error) {
	return foldersOf(dir, checkpointName, checkpointName+oldSuffix, checkpointName+partSuffix)
}

// foldersOf are the folders of these names in the attempts of a run.
func foldersOf(dir string, names ...string) (places []string, err error) {
	attempts, err := attemptNumbers(dir)
	for _, n := range attempts {
		for _, name := range names {
			place := filepath.Join(AttemptDir(dir, int(n)), name)
			if info, err := os.Lstat(place); err == nil && info.IsDir() {
				places = append(places, place)
			}
		}
	}
	return places, err
}

// packRoom is what a run takes that could be packed.
func packRoom(dir string) (Room, error) {
	room := Room{Rule: RoomPack}
	p := packer{dir: dir}
	if err := p.find(); err != nil {
		if errors.Is(err, ErrLive) {
			err = nil
		}
		return room, err
	}
	var points int64
	for _, f := range p.plain {
		room.Files++
		room.Bytes += f.info.Size()
		if strings.HasSuffix(f.name, metricsName) {
			points += f.info.Size()
		}
	}
	room.Frees = points*6/7 + (room.Bytes-points)*5/6 // as is usual of the built-in recipes
	return room, nil
}

// measure counts files and bytes below some paths, and the bytes of those that go.
func measure(room Room, all, drop []string) (Room, error) {
	room.goes = drop
	for _, path := range all {
		files, bytes, err := usage(path)
		if err != nil {
			return room, err
		}
		room.Files, room.Bytes = room.Files+files, room.Bytes+bytes
	}
	for _, path := range drop {
		_, bytes, err := usage(path)
		if err != nil {
			return room, err
		}
		room.Frees += bytes
	}
	return room, nil
}

// usage counts the files below a path, and their bytes.
func usage(path string) (files int, bytes int64, err error) {
	err = filepath.WalkDir(path, func(_ string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || d.IsDir() {
			return err
		}
		if info, err := d.Info(); err == nil {
			files, bytes = files+1, bytes+info.Size()
		}
		return nil
	})
	return files, bytes, err
}
