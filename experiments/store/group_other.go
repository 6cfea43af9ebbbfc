//go:build !linux

package store

import (
	"errors"
	"syscall"
)

// groupLives reports whether a process of the group is there.
func groupLives(group int) bool {
	err := syscall.Kill(-group, 0)
	return err == nil || errors.Is(err, syscall.EPERM)
}
