package remote

import (
	"errors"
	"os"
	"syscall"
)

// killGroup ends a process and all of its group at once.
func killGroup(pid int) error {
	err := syscall.Kill(-pid, syscall.SIGKILL)
	if errors.Is(err, syscall.ESRCH) {
		return os.ErrProcessDone
	}
	return err
}
