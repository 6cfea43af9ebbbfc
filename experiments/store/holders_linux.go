package store

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
)

// Holders are the processes that have the file at path open, and so may hold its
// lock: those that this user may look at, without the calling one. Only Linux can
// tell; elsewhere there are none.
func Holders(path string) []int {
	want, err := os.Stat(path)
	if err != nil {
		return nil
	}
	fds, _ := filepath.Glob("/proc/[0-9]*/fd/*") // only a bad pattern is an error
	var pids []int
	for _, fd := range fds {
		pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(fd))))
		if pid == os.Getpid() || slices.Contains(pids, pid) {
			continue
		}
		if at, err := os.Stat(fd); err == nil && os.SameFile(at, want) {
			pids = append(pids, pid)
		}
	}
	slices.Sort(pids)
	return pids
}
