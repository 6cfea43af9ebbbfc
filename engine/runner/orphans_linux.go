package runner

import (
	"errors"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// adoptOrphans makes the trainer's abandoned children this process's own, so
// that they are reaped and found.
func adoptOrphans() {
	_ = unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) // Linux 3.4 has it
}

// orphans lists the children of this process but for the one that reads GPUs. Not every
// kernel can tell; then there seem to be none.
func orphans() []int {
	// To look into /proc costs more than the rest of a short run's end, and the
	// kernel as much again to forget what was seen.
	if err := unix.Waitid(unix.P_ALL, 0, nil, unix.WEXITED|unix.WNOHANG|unix.WNOWAIT, nil); errors.Is(err, unix.ECHILD) {
		return nil
	}
	threads, _ := os.ReadDir("/proc/self/task") // without a /proc there seem to be none
	var pids []int
	for _, thread := range threads {
		b, _ := os.ReadFile("/proc/self/task/" + thread.Name() + "/children") // a thread may end meanwhile
		for field := range strings.FieldsSeq(string(b)) {
			if pid, err := strconv.Atoi(field); err == nil && !readsGPUs(field) {
				pids = append(pids, pid)
			}
		}
	}
	return pids
}

// readsGPUs says whether a process is a `ablate sample` of this runner, which may take as
// long to end as the driver likes, and whose end somebody else waits for.
func readsGPUs(pid string) bool {
	line, err := os.ReadFile("/proc/" + pid + "/cmdline")
	return err == nil && string(line) == "ablate\x00sample\x00"
}

// reapOrphans buries adopted children that have ended. The trainer's own end is
// not taken from whoever waits for it.
func reapOrphans(trainer int) {
	for _, pid := range orphans() {
		if pid != trainer {
			_, _ = unix.Wait4(pid, nil, unix.WNOHANG, nil) // it lives, or is nobody's child any more
		}
	}
}
