package store

import (
	"os"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// networked remembers by device what onNetwork found: a server need not be asked
// at every look.
var networked sync.Map

// onNetwork reports whether dir is on a disk that other hosts may write to, where
// a lock of this kernel says nothing about theirs. What cannot be told is taken
// for local.
func onNetwork(dir string) bool {
	info, err := os.Stat(dir)
	if err != nil {
		return false
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return false
	}
	if known, ok := networked.Load(stat.Dev); ok {
		return known == true
	}
	is := networkDisk(dir, uint64(stat.Dev)) //nolint:unconvert // it is 32 bits wide on macOS
	networked.Store(stat.Dev, is)
	return is
}

// freeOn is how many bytes of the disk that dir is on are free to who asks.
func freeOn(dir string) (bytes uint64, ok bool) {
	var s unix.Statfs_t
	if unix.Statfs(dir, &s) != nil {
		return 0, false
	}
	return s.Bavail * uint64(s.Bsize), true //nolint:gosec // a block has a size above 0
}
