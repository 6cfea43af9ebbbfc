package driver

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// apart is a session of its own: ctrl-c is for whoever is in front. The child ends with
// its input, but not while it is loading a library: the loader has a lock then that each
// new thread needs, also those that would see that end. So the kernel ends it with this
// process.
func apart() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setsid: true, Pdeathsig: syscall.SIGKILL}
}

// inherited is how a child starts nvidia-smi: it ends with the child, whose group it is in.
func inherited() *syscall.SysProcAttr { return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }

// empty says that nobody lives in a process group. The dead count for the kernel until
// somebody takes note of them, which in a container may be never.
func empty(group int) bool {
	if syscall.Kill(-group, 0) != nil {
		return true
	}
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil || len(stats) == 0 {
		return false
	}
	for _, stat := range stats {
		text, err := os.ReadFile(stat)
		if err != nil {
			continue
		}
		words := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:])) // state, parent, group
		if len(words) > 2 && words[2] == strconv.Itoa(group) && words[0] != "Z" && words[0] != "X" {
			return false
		}
	}
	return true
}
