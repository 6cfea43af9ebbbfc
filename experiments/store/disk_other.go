//go:build !linux

package store

import "golang.org/x/sys/unix"

func networkDisk(dir string, _ uint64) bool {
	var s unix.Statfs_t
	return unix.Statfs(dir, &s) == nil && s.Flags&unix.MNT_LOCAL == 0
}
