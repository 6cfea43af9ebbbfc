//go:build !linux

package store

import "golang.org/x/sys/unix"

// copiesOnWrite is true: APFS does.
func copiesOnWrite(string) bool { return true }

func networkDisk(dir string, _ uint64) bool {
	var s unix.Statfs_t
	return unix.Statfs(dir, &s) == nil && s.Flags&unix.MNT_LOCAL == 0
}
