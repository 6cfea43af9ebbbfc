package gpu

import (
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// Owner is what this machine tells of a process.
type Owner struct {
	User    string // its name, or its number where it has none
	Command string // short
	Parents []int  // the processes above it, the nearest first
}

// Owners tells of those processes that can be seen, which in a container are not
// all, and on another system than Linux none.
func Owners(pids []int) map[int]Owner {
	owners := map[int]Owner{}
	for _, pid := range pids {
		info, err := os.Stat(procFile(pid, ""))
		if err != nil || pid <= 0 {
			continue
		}
		var o Owner
		if stat, ok := info.Sys().(*syscall.Stat_t); ok {
			o.User = strconv.Itoa(int(stat.Uid))
			if u, err := user.LookupId(o.User); err == nil {
				o.User = u.Username
			}
		}
		var parent int
		o.Command, parent = commandOf(pid)
		for range 16 { // no run has more between it and its trainer
			if parent < 1 {
				break
			}
			o.Parents = append(o.Parents, parent)
			_, parent = commandOf(parent)
		}
		owners[pid] = o
	}
	return owners
}

func procFile(pid int, name string) string {
	return filepath.Join("/proc", strconv.Itoa(pid), name)
}

// commandOf reads the name and the parent of a process. The name stands in
// parentheses and may have some itself.
func commandOf(pid int) (name string, parent int) {
	b, err := os.ReadFile(procFile(pid, "stat"))
	if err != nil {
		return "", 0
	}
	text := string(b)
	from, to := strings.IndexByte(text, '('), strings.LastIndexByte(text, ')')
	if from < 0 || to < from {
		return "", 0
	}
	if words := strings.Fields(text[to+1:]); len(words) > 1 {
		parent, _ = strconv.Atoi(words[1]) // 0 is no process
	}
	return text[from+1 : to], parent
}
