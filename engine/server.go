package engine

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"
	"time"

	"ablate/experiments/store"
)

// Presence is engine.json: who serves a store.
type Presence struct {
	store.Process
	Build  string  `json:"build"`
	Socket string  `json:"socket"`
	Time   float64 `json:"time"`
}

// defaultSlots is how many runs this machine takes at a time by default: ABLATE_SLOTS, or
// one for each core and at most 8.
func defaultSlots() int {
	if n, err := strconv.Atoi(os.Getenv("ABLATE_SLOTS")); err == nil && n > 0 {
		return n
	}
	return min(cores(), 8)
}

// SlotsOf is how many runs a store has at a time: as was asked by `ablate engine
// slots N`, else by default.
func SlotsOf(s *store.Store) int {
	if set, err := s.Settings(); err == nil && set.Slots > 0 {
		return set.Slots
	}
	return defaultSlots()
}

// cores is how many cores affinity and cgroup quota leave to the process: the Go
// runtime derives GOMAXPROCS from both.
func cores() int { return runtime.GOMAXPROCS(0) }

// Serve is the engine process of a store. It returns store.ErrLocked, wrapped,
// if another engine serves the store already. What the runs of an experiment say is
// in the words of verdict.
func Serve(ctx context.Context, s *store.Store, launcher Launcher, build string, verdict func(experiment string) string) error {
	if err := s.Writable(); err != nil {
		return err
	}
	// An engine that leaves holds the lock until its last client has its answer.
	lock, err := store.Lock(filepath.Join(s.EngineDir(), "lock"), time.Second)
	if err != nil {
		return fmt.Errorf("serve store: %w", err)
	}
	defer packOld(ctx, s) // once the lock is gone
	defer lock.Close()
	logFile, err := os.OpenFile(filepath.Join(s.EngineDir(), "engine.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return fmt.Errorf("open engine log: %w", err)
	}
	defer logFile.Close()
	store.Share(logFile)
	if s.Group() != 0 {
		syscall.Umask(0o002) // what trainers leave is the group's too
	}
	set, err := settings(s, build)
	if err != nil {
		return err
	}
	e := New(Config{
		Store: s, Launcher: launcher, Build: build, Program: set.Program, Lock: fileID(lock.Name()), Slots: SlotsOf(s), Cores: cores(),
		Idle: 2 * time.Minute, Grace: Grace, Retry: 10 * time.Second, Log: slog.New(slog.NewTextHandler(logFile, nil)), Risk: logoutRisk, Verdict: verdict,
	})
	listener, err := listen(s)
	if err != nil {
		return err
	}
	ctx, leave := context.WithCancel(ctx)
	defer leave()
	d := door{engine: e, listener: listener, moved: func() bool {
		if inPlace(lock.File) {
			return false
		}
		leave()
		return true
	}}
	defer removeSocket(listener, lock.File)
	defer d.close()
	go func() {
		if watchPlace(ctx, lock.File) {
			e.Log.Warn("the store's lock file is gone or another one: leaving it to the next engine")
			leave()
		}
	}()
	open, showOut := context.WithCancel(ctx)
	defer showOut()
	err = store.WriteJSON(filepath.Join(s.EngineDir(), "engine.json"), Presence{
		Process: store.Self(), Build: build, Socket: listener.Addr().String(), Time: store.Now(),
	})
	if err != nil {
		return err
	}
	d.open(open)
	e.Log.Info("engine serves", "store", s.Dir, "build", build, "slots", e.Config.Slots, "socket", listener.Addr().String())
	err = e.Run(ctx)
	e.Log.Info("engine leaves", "err", err)
	return err
}

// settings are those of the store, which say from now on that this program wrote
// it.
func settings(s *store.Store, build string) (store.Settings, error) {
	set, err := s.Settings()
	if err != nil {
		return set, err
	}
	program := fmt.Sprintf("ablate %s (build %s)", thisVersion().Version, build)
	if set.Program == program {
		return set, nil
	}
	set.Program = program
	return set, s.WriteSettings(set)
}

// placeEvery is the time between two looks whether the store is still there.
const placeEvery = 2 * time.Second

// watchPlace returns true once the lock file is no longer the one at its path:
// the store was deleted or moved, and what is made in its place has an engine of
// its own. It returns false when ctx ends.
func watchPlace(ctx context.Context, lock *os.File) bool {
	tick := time.NewTicker(placeEvery)
	defer tick.Stop()
	for inPlace(lock) {
		select {
		case <-ctx.Done():
			return false
		case <-tick.C:
		}
	}
	return true
}

// fileID names a file whatever its path: a store that was moved or copied has an
// engine.json that tells of another store's engine. It is empty if there is none.
func fileID(path string) string {
	info, err := os.Stat(path)
	if err != nil {
		return ""
	}
	s, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return ""
	}
	return fmt.Sprintf("%d:%d", s.Dev, s.Ino)
}

func inPlace(lock *os.File) bool {
	here, err := lock.Stat()
	if err != nil {
		return false
	}
	there, err := os.Stat(lock.Name())
	return err == nil && os.SameFile(here, there)
}
