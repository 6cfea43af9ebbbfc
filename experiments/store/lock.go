package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// ErrLocked says that somebody else holds a lock.
var ErrLocked = errors.New("it is locked")

// LockFile is the lock of the run in dir.
func LockFile(dir string) string { return filepath.Join(dir, "lock") }

// Lock takes the exclusive lock at path for as long as the returned file, or a
// copy of it in a child, is open. It tries for patience, since a probe holds the
// lock shared for an instant, and then returns ErrLocked.
func Lock(path string, patience time.Duration) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, fmt.Errorf("take lock: %w", err)
	}
	Share(f)
	deadline := time.Now().Add(patience)
	for {
		err = flock(f, syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return f, nil
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) || time.Now().After(deadline) {
			break
		}
		<-time.After(5 * time.Millisecond)
	}
	if errors.Is(err, syscall.EWOULDBLOCK) {
		err = ErrLocked
	}
	return nil, errors.Join(fmt.Errorf("take lock %s: %w", path, err), f.Close())
}

// Locked reports whether somebody holds the exclusive lock at path.
func Locked(path string) bool {
	held, err := locked(path)
	return held && err == nil
}

// locked is Locked for who must not take "I cannot tell" for "no": without it, a
// program that is out of file descriptors would declare every run lost.
func locked(path string) (bool, error) {
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("probe lock: %w", err)
	}
	defer f.Close()
	err = flock(f, syscall.LOCK_SH|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return true, nil
	}
	if err != nil {
		return false, fmt.Errorf("probe lock %s: %w", path, err)
	}
	return false, nil
}

// AwaitUnlock returns once nobody holds the exclusive lock at path.
func AwaitUnlock(path string) error {
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("await lock: %w", err)
	}
	defer f.Close()
	if err := flock(f, syscall.LOCK_SH); err != nil {
		return fmt.Errorf("await lock %s: %w", path, err)
	}
	return nil
}

func flock(f *os.File, how int) error {
	for {
		err := syscall.Flock(int(f.Fd()), how)
		if !errors.Is(err, syscall.EINTR) {
			return err
		}
	}
}
