package store

import (
	"os"
)

// Process names one process for ever: the pid alone comes round again.
type Process struct {
	PID   int    `json:"pid"`
	Ticks uint64 `json:"start_ticks"` // its start, in the kernel's units
	Boot  string `json:"boot_id"`     // the machine's boot that these ticks belong to
}

// ProcessOf identifies the process with this pid; ok is false if there is none.
func ProcessOf(pid int) (p Process, ok bool) {
	ticks, ok := startTicks(pid)
	return Process{PID: pid, Ticks: ticks, Boot: bootID()}, ok
}

// Self identifies the calling process.
func Self() Process {
	p, _ := ProcessOf(os.Getpid())
	return p
}

// Alive reports whether this very process, and not a later one with its pid, is
// still there. A zombie is not.
func (p Process) Alive() bool {
	now, ok := ProcessOf(p.PID)
	return ok && p == now
}

// Halted reports whether this very process was stopped by a signal (SIGSTOP) and
// not continued since.
func (p Process) Halted() bool { return p.Alive() && halted(p.PID) }
