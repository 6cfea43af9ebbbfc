package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// ErrLocked says that somebody else holds a lock.
var ErrLocked = errors.New("it is locked")

// LockFile is the lock of the run in dir.
func LockFile(dir string) string { return filepath.Join(dir, "lock") }

// locks is a way to keep two from having one lock: flock where the kernel knows
// of everyone, leases on network disks.
type locks interface {
	lock(path string, patience time.Duration) (*Held, error)
	locked(path string) (bool, error)
	await(path string) error
}

// Held is a lock that this process has. With flock it is held for as long as the
// file, or a copy of it in a child, is open; a lease is kept alive by whoever took
// it, and by a child that calls KeepLock.
type Held struct {
	*os.File
	lease *lease // nil: flock
}

// Close lets go of the lock, unless a child has a copy of its file and the disk
// knows of that.
func (h *Held) Close() error {
	if h.lease != nil {
		return h.lease.release()
	}
	return h.File.Close()
}

// Lost is closed once somebody else has taken the lock over, because no beat of
// it arrived for as long as a lease lasts. It is nil where that cannot be.
func (h *Held) Lost() <-chan struct{} {
	if h.lease == nil {
		return nil
	}
	return h.lease.lost
}

// Lock takes the exclusive lock at path. It tries for patience, since a probe may
// be in the way for an instant, and then returns ErrLocked.
func Lock(path string, patience time.Duration) (*Held, error) {
	l, err := locksAt(path)
	if err != nil {
		return nil, fmt.Errorf("take lock: %w", err)
	}
	return l.lock(path, patience)
}

// Locked reports whether somebody holds the exclusive lock at path.
func Locked(path string) bool {
	held, err := locked(path)
	return held && err == nil
}

// locked is Locked for who must not take "I cannot tell" for "no": without it, a
// program that is out of file descriptors would declare every run lost.
func locked(path string) (bool, error) {
	l, err := locksAt(path)
	if err != nil {
		return false, fmt.Errorf("probe lock: %w", err)
	}
	return l.locked(path)
}

// AwaitUnlock returns once nobody holds the exclusive lock at path.
func AwaitUnlock(path string) error {
	l, err := locksAt(path)
	if err != nil {
		return fmt.Errorf("await lock: %w", err)
	}
	return l.await(path)
}

// locksAt is how the lock at path is kept: as ABLATE_LOCKS says, else as its disk
// needs it.
func locksAt(path string) (locks, error) {
	switch kind := os.Getenv("ABLATE_LOCKS"); kind {
	case "lease":
		return leases{}, nil
	case "flock":
		return flocks{}, nil
	case "":
	default:
		return nil, fmt.Errorf("ABLATE_LOCKS is %q: set it to lease or flock, or to nothing", kind)
	}
	if onNetwork(filepath.Dir(path)) {
		return leases{}, nil
	}
	return flocks{}, nil
}
