package driver

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

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
