package store

import (
	"path/filepath"
	"strconv"
)

// Left are the processes that live of an attempt that began so, its runner and
// what that started for itself not among them: they are in its trainer's process
// group or its runner's session. A trainer that closes the files it inherits lets
// go of the lock and is found here. Only Linux can tell; elsewhere there are none.
func (s Start) Left() []int {
	if s.Runner.Boot != bootID() {
		return nil
	}
	group, session := s.Group, s.Session
	if taken(s.Trainer) {
		group = 0
	}
	if taken(s.Runner) {
		session = 0
	}
	files, _ := filepath.Glob("/proc/[0-9]*/stat") // only a bad pattern is an error
	var pids []int
	for _, file := range files {
		pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(file)))
		if !in(pid, group, session) {
			continue
		}
		if ticks, ok := startTicks(pid); ok && ticks >= s.Runner.Ticks {
			pids = append(pids, pid)
		}
	}
	return pids
}

// taken reports whether the pid of a process that is gone is another one's now.
// Then a group or session of that number is another one too.
func taken(p Process) bool {
	ticks, ok := startTicks(p.PID)
	return ok && ticks != p.Ticks
}

// in reports whether a process is in the process group or in the session, but not
// in the group of the session's leader; 0 is none.
func in(pid, group, session int) bool {
	fields := statFields(pid)
	if len(fields) < 4 {
		return false
	}
	is := func(field string, id int) bool { return id > 0 && field == strconv.Itoa(id) }
	return is(fields[2], group) || is(fields[3], session) && !is(fields[2], session)
}
