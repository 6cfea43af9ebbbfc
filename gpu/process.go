package gpu

import (
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// process is a process as /proc/PID/stat has it. Its number may be another's later,
// its number and its start may not.
type process struct {
	name   string // cut to 15 bytes
	parent int    // 0: none
	start  string // in ticks since the machine started
}

// processOf reads a process that can be seen, which in a container are not all, and on
// another system than Linux none. The name stands in parentheses and may have some
// itself.
func processOf(pid int) (p process, ok bool) {
	if pid < 1 {
		return p, false
	}
	b, err := os.ReadFile(procFile(pid, "stat"))
	if err != nil {
		return p, false
	}
	text := string(b)
	from, to := strings.IndexByte(text, '('), strings.LastIndexByte(text, ')')
	if from < 0 || to < from {
		return p, false
	}
	words := strings.Fields(text[to+1:]) // the third field of the line is the first here
	if len(words) < 20 {
		return p, false
	}
	p.name, p.start = text[from+1:to], words[19]
	p.parent, _ = strconv.Atoi(words[1])
	return p, true
}

// maxParents is more than a run has between it and its trainer.
const maxParents = 16

// parents are the processes above one, the nearest first.
func (p process) parents() (above []int) {
	for p.parent > 0 && len(above) < maxParents {
		above = append(above, p.parent)
		p, _ = processOf(p.parent)
	}
	return above
}

func procFile(pid int, name string) string {
	return filepath.Join("/proc", strconv.Itoa(pid), name)
}

// userOf is the name of who runs a process, or his number.
func userOf(pid int) string {
	info, err := os.Stat(procFile(pid, ""))
	if err != nil {
		return ""
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return ""
	}
	id := strconv.Itoa(int(stat.Uid))
	if u, err := user.LookupId(id); err == nil {
		return u.Username
	}
	return id
}
