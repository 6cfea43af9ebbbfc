package store

import (
	"bytes"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// startTicks is when the process began, for one that is no zombie.
func startTicks(pid int) (uint64, bool) {
	fields := statFields(pid)
	if len(fields) < 20 || fields[0] == "Z" || fields[0] == "X" {
		return 0, false
	}
	ticks, err := strconv.ParseUint(fields[19], 10, 64)
	return ticks, err == nil
}

// halted reports whether a process was stopped by a signal, or will be as soon
// as the kernel can: one in vfork waits until its child, which may be stopped
// itself, has come to its exec, and is not in the state T all that while.
func halted(pid int) bool {
	b, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	if err != nil {
		return false
	}
	for line := range strings.Lines(string(b)) {
		switch name, value, _ := strings.Cut(line, ":"); name {
		case "State":
			if strings.HasPrefix(strings.TrimSpace(value), "T") {
				return true
			}
		case "ShdPnd": // the signals that wait for the process, a bit each
			pending, err := strconv.ParseUint(strings.TrimSpace(value), 16, 64)
			return err == nil && pending>>(unix.SIGSTOP-1)&1 == 1
		}
	}
	return false
}

// statFields are the fields of /proc/PID/stat from the third on, the state; the
// second is the command in parentheses and may hold anything.
func statFields(pid int) []string {
	b, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return nil
	}
	return strings.Fields(string(b[bytes.LastIndexByte(b, ')')+1:]))
}

func bootID() string {
	b, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(b))
}
