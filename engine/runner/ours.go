package runner

import (
	"os"
	"slices"

	"golang.org/x/sys/unix"

	"ablate/gpu"
)

// ours says which processes are of a run whose trainer leads this process group: those
// that the trainer started and those that it left to this process, in whatever session
// they are, and all of its group.
func ours(trainer int) func(gpu.Process) bool {
	runner, session := os.Getpid(), ownSession()
	return func(p gpu.Process) bool {
		if p.PID <= 0 {
			return false
		}
		if p.PID == trainer || slices.Contains(p.Parents, trainer) || slices.Contains(p.Parents, runner) {
			return true
		}
		if group, err := unix.Getpgid(p.PID); err == nil && group == trainer {
			return true
		}
		of, err := unix.Getsid(p.PID)
		return err == nil && session > 0 && of == session
	}
}
