package gpu

import "fmt"

// What is in use of a GPU's memory while nothing is on it stays below both.
const (
	idleBytes = GB
	idleShare = 0.05
	idlePct   = 10 // of the time of the last second, which may have been that of a process that ended
)

// occupied says in words who is on a device, "" if nobody is.
func (d Device) occupied() string {
	if len(d.Processes) > 0 {
		first := ByMemory(d.Processes)[0]
		text := first.words() + " " + onIt(first.MemoryUsedBytes)
		if more := len(d.Processes) - 1; more > 0 {
			text += fmt.Sprintf(", and %d more", more)
		}
		return text
	}
	if !d.Unseen() {
		return ""
	}
	return "somebody " + onIt(d.MemoryUsedBytes)
}

// Unseen says that somebody uses the device whose processes cannot be seen: those of a
// container or of another user may not be listed. Its memory tells, or that it is busy.
func (d Device) Unseen() bool {
	if len(d.Processes) > 0 {
		return false
	}
	if d.BusyPct != nil && *d.BusyPct >= idlePct {
		return true
	}
	if d.MemoryUsedBytes == nil {
		return false
	}
	used := float64(*d.MemoryUsedBytes)
	return used > idleBytes || d.MemoryTotalBytes != nil && used > idleShare*float64(*d.MemoryTotalBytes)
}

func bytesOf(p Process) uint64 {
	if p.MemoryUsedBytes == nil {
		return 0
	}
	return *p.MemoryUsedBytes
}

// words are whose process it is: "ada's python 1234".
func (p Process) words() string {
	name := "process"
	if p.Command != "" {
		name = harmless(string(p.Command))
	}
	if p.User != "" {
		name = harmless(string(p.User)) + "'s " + name
	}
	return fmt.Sprintf("%s %d", name, p.PID)
}

func onIt(used *uint64) string {
	switch {
	case used == nil:
		return "is on it"
	case *used < GB:
		return fmt.Sprintf("has %d MB on it", *used>>20)
	}
	return fmt.Sprintf("has %.0f GB on it", float64(*used)/GB)
}
