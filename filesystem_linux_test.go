package main

import (
	"fmt"
	"syscall"
)

// fileSystem names the file system that a folder is on.
func fileSystem(dir string) string {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		return err.Error()
	}
	names := map[int64]string{0xef53: "ext4", 0x01021994: "tmpfs", 0x58465342: "xfs", 0x9123683e: "btrfs", 0x794c7630: "overlayfs", 0x6969: "nfs", 0x2fc12fc1: "zfs"}
	if name, ok := names[s.Type]; ok {
		return name
	}
	return fmt.Sprintf("file system %#x", s.Type)
}
