package engine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"time"

	"ablate/experiments/store"
)

// Presence is engine.json: who serves a store.
type Presence struct {
	store.Process
	Build  string  `json:"build"`
	Socket string  `json:"socket"`
	Slots  int     `json:"slots"`
	Time   float64 `json:"time"`
}

// Slots is how many runs this machine takes at a time by default: one for each
// core, at most 8.
func Slots() int { return min(cores(), 8) }

// cores is how many cores affinity and cgroup quota leave to the process: the Go
// runtime derives GOMAXPROCS from both.
func cores() int { return runtime.GOMAXPROCS(0) }

// Serve is the engine process of a store. It returns store.ErrLocked, wrapped,
// if another engine serves the store already.
func Serve(ctx context.Context, s *store.Store, launcher Launcher, build string) error {
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
	e := New(Config{
		Store: s, Launcher: launcher, Build: build, Lock: fileID(lock.Name()), Slots: Slots(), Cores: cores(),
		Idle: 2 * time.Minute, Grace: Grace, Retry: 10 * time.Second, Log: slog.New(slog.NewTextHandler(logFile, nil)),
	})
	listener, err := listen(s)
	if err != nil {
		return err
	}
	d := door{engine: e, listener: listener}
	defer removeSocket(listener, lock)
	defer d.close()
	ctx, leave := context.WithCancel(ctx)
	defer leave()
	go func() {
		if watchPlace(ctx, lock) {
			e.Log.Warn("the store's lock file is gone or another one: leaving it to the next engine")
			leave()
		}
	}()
	open, showOut := context.WithCancel(ctx)
	defer showOut()
	err = store.WriteJSON(filepath.Join(s.EngineDir(), "engine.json"), Presence{
		Process: store.Self(), Build: build, Socket: listener.Addr().String(), Slots: e.Slots, Time: store.Now(),
	})
	if err != nil {
		return err
	}
	d.open(open)
	e.Log.Info("engine serves", "store", s.Dir, "build", build, "slots", e.Slots)
	err = e.Run(ctx)
	e.Log.Info("engine leaves", "err", err)
	return err
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

// removeSocket takes the socket's name away, but never that of the next engine.
func removeSocket(l net.Listener, lock *os.File) {
	if inPlace(lock) {
		_ = os.Remove(l.Addr().String()) // the next engine removes what is left
	}
}

// listen opens the store's socket; the lock is held, so what is left of an older
// one may go.
func listen(s *store.Store) (net.Listener, error) {
	path, err := socketPath(s.Dir)
	if err != nil {
		return nil, err
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("remove old socket: %w", err)
	}
	l, err := net.Listen("unix", path) //nolint:noctx // nothing is looked up
	if err != nil {
		return nil, fmt.Errorf("listen on socket: %w", err)
	}
	if u, ok := l.(*net.UnixListener); ok {
		u.SetUnlinkOnClose(false) // by then the name may be another engine\'s
	}
	return l, nil
}
