package runner

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"ablate/experiments/store"
)

// soonGone is how long the processes of a trainer that has ended may take to end
// too: a signal reaches all of a group, and not all of it at once.
const soonGone = time.Second

// leftBehind are the processes that a trainer left which has ended: what this
// process adopted, or where that cannot be told what has the run's lock open, if
// there is anybody in the trainer's group. Those that are about to end are not.
func (r *Runner) leftBehind(trainer, group int, patience time.Duration) []int {
	for deadline := time.Now().Add(patience); ; <-time.After(5 * time.Millisecond) {
		reapOrphans(trainer)
		left := orphans()
		if len(left) == 0 && syscall.Kill(group, 0) == nil {
			left = append(store.Holders(store.LockFile(filepath.Dir(r.Dir))), -group)
		}
		if len(left) == 0 || time.Now().After(deadline) {
			return left
		}
	}
}

// leftPatience is how long what an ended trainer started may take to go too.
const leftPatience = 2 * time.Second

// checkLeft refuses to begin beside processes of the last attempt that began: who
// closes the files that it inherits, and the lock with them, may still compute and
// write.
func checkLeft(runDir string, patience time.Duration) error {
	n, err := store.Attempts(runDir)
	if err != nil {
		return err
	}
	var start store.Start
	for n--; n > 0; n-- {
		if store.ReadJSON(filepath.Join(store.AttemptDir(runDir, n), "start.json"), &start) == nil {
			break
		}
	}
	deadline := time.Now().Add(patience)
	for {
		left := start.Left()
		if len(left) == 0 {
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("start trainer: processes of a%d live on without the lock: %v: end them first", n, left)
		}
		<-time.After(20 * time.Millisecond)
	}
}

// ownSession is the session that this process leads, 0 if that is another's: a
// runner that was started by hand is in the terminal's.
func ownSession() int {
	if id, err := unix.Getsid(0); err == nil && id == os.Getpid() {
		return id
	}
	return 0
}
