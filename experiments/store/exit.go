package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// room is how many bytes are kept for an exit record. A disk that never writes in
// place uses none of it again: there the record is written once it is given back,
// and takes more, for the tree above it.
const (
	room       = 4 << 10
	roomToCopy = 128 << 10
)

func exitFile(attempt string) string { return filepath.Join(attempt, "exit.json") }
func roomFile(attempt string) string { return filepath.Join(attempt, ".exit.json.room") }

// ReserveExit sets room for the attempt's exit.json aside while there is some: the
// disk that its trainer fills must not keep the end from being written down.
func ReserveExit(attempt string) error {
	size := room
	if copiesOnWrite(attempt) {
		size = roomToCopy
	}
	if err := os.WriteFile(roomFile(attempt), []byte(strings.Repeat(" ", size)), 0o644); err != nil {
		return errors.Join(fmt.Errorf("reserve room for exit.json: %w", err), os.Remove(roomFile(attempt)))
	}
	return nil
}

// WriteExit writes the attempt's exit.json as WriteJSON does, on a full disk into
// the room that was reserved for it. What was reserved is given back.
func WriteExit(attempt string, e Exit) error {
	err := WriteJSON(exitFile(attempt), e)
	if noRoom(err) && useRoom(attempt, e) == nil {
		return nil
	}
	_ = os.Remove(roomFile(attempt)) // most often it is not there
	if noRoom(err) {
		_ = SyncDir(attempt)
		err = WriteJSON(exitFile(attempt), e)
	}
	return err
}

// useRoom overwrites what is reserved, which needs no new block, and names it
// exit.json. The last values are left out if they do not fit: the points have them.
func useRoom(attempt string, e Exit) error {
	b, err := json.Marshal(e)
	if err == nil && len(b) >= room {
		e.Metrics = nil
		e.Reason = e.Reason[:min(len(e.Reason), room/4)]
		b, err = json.Marshal(e)
	}
	if err != nil {
		return err
	}
	f, err := os.OpenFile(roomFile(attempt), os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.Write(append(b, '\n'))
	err = errors.Join(err, f.Truncate(int64(len(b)+1)), f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(roomFile(attempt), exitFile(attempt))
	}
	if err != nil {
		return err
	}
	return SyncDir(attempt)
}

// noRoom reports whether an error is of a full disk or a full quota.
func noRoom(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}

// NoRoom is the error of a disk or a quota that has no room for one more block in
// dir; nil if it has, or if that cannot be told.
func NoRoom(dir string) error {
	f, err := os.CreateTemp(dir, ".room-*")
	if err == nil {
		_, err = f.Write(make([]byte, room))
		_ = f.Close()
		_ = os.Remove(f.Name())
	}
	for _, full := range []error{syscall.ENOSPC, syscall.EDQUOT} {
		if errors.Is(err, full) {
			return full
		}
	}
	return nil
}
