package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"syscall"
)

// A store is shared by a group if its folder is setgid and group-writable, as
// `chmod 2770` makes it, and nobody else can write there. What is made in such a
// folder is the group's as well, whatever the umask of who makes it.

// Group is the number of the group that shares the store, 0 for none: the group of
// root is nobody's to share with.
func (s *Store) Group() int {
	info, err := os.Stat(s.Dir)
	if err != nil || !shared(info) {
		return 0
	}
	owner, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0
	}
	return int(owner.Gid)
}

func shared(info fs.FileInfo) bool {
	return info.IsDir() && info.Mode()&fs.ModeSetgid != 0 && info.Mode().Perm()&0o022 == 0o020
}

// Mkdir is os.Mkdir for a folder of a store: 0755, or the mode of the folder that
// it is made in if that is shared by a group.
func Mkdir(path string) error {
	if err := os.Mkdir(path, 0o755); err != nil {
		return err
	}
	if in, err := os.Stat(filepath.Dir(path)); err == nil && shared(in) {
		return os.Chmod(path, in.Mode().Perm()|fs.ModeSetgid)
	}
	return nil
}

// making is held by who makes folders: one that is there and has not got its mode
// yet would look like one that is not shared, and so would be what is made in it.
var making sync.Mutex

// MkdirAll is os.MkdirAll in the manner of Mkdir.
func MkdirAll(path string) error {
	making.Lock()
	defer making.Unlock()
	return mkdirAll(path)
}

func mkdirAll(path string) error {
	if info, err := os.Stat(path); err == nil {
		if !info.IsDir() {
			return fmt.Errorf("make folder %s: %w", path, syscall.ENOTDIR)
		}
		return nil
	}
	if parent := filepath.Dir(path); parent != path {
		if err := mkdirAll(parent); err != nil {
			return err
		}
	}
	if err := Mkdir(path); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}

// fileMode is that of a file in the folder dir: mode, and what others may do who
// share the folder.
func fileMode(dir string, mode fs.FileMode) fs.FileMode {
	if info, err := os.Stat(dir); err == nil && shared(info) {
		return mode | 0o060
	}
	return mode
}

// Share lets those write a file who share its folder. Another's file is as its
// owner left it.
func Share(f *os.File) {
	info, err := f.Stat()
	if err != nil {
		return
	}
	if mode := fileMode(filepath.Dir(f.Name()), info.Mode().Perm()); mode != info.Mode().Perm() {
		_ = f.Chmod(mode) // or it is another's
	}
}
