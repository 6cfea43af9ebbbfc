package tui

import (
	"os"

	"golang.org/x/sys/unix"
)

// hasShell reports whether a shell with job control has started this program: its
// parent is of the same session and leads another job, or is what such a shell
// started. A stop signal to anything else is passed over by the system.
func hasShell() bool {
	session, err := unix.Getsid(0)
	if err != nil || session == os.Getpid() {
		return false
	}
	parent := os.Getppid()
	if of, err := unix.Getsid(parent); err != nil || of != session {
		return false
	}
	group, err := unix.Getpgid(parent)
	return err == nil && (group != unix.Getpgrp() || parent != session)
}
