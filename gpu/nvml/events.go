//go:build (linux || darwin) && !nonvml

package nvml

import (
	"time"

	"ablate/gpu"
)

// eventCalls have the driver keep what happens to GPUs until it is asked for.
type eventCalls struct {
	newSet   func(set *uintptr) result
	freeSet  func(set uintptr) result
	register func(h handle, kinds uint64, set uintptr) result
	wait     func(set uintptr, e *event, ms uint32) result
}

// event has room for both versions of the call; the older one leaves the end out.
type event struct {
	handle handle
	kind   uint64
	data   uint64
	_, _   uint32 // of MIG
}

const (
	eventXID = 8
	keptXIDs = 16 // of a GPU, the newest
)

func (c *eventCalls) bind(lib symbols) {
	lib.bind(&c.newSet, "nvmlEventSetCreate")
	lib.bind(&c.freeSet, "nvmlEventSetFree")
	lib.bind(&c.register, "nvmlDeviceRegisterEvents")
	lib.bind(&c.wait, "nvmlEventSetWait_v2", "nvmlEventSetWait")
}

// eventSet makes the one set that all GPUs report to; 0 where there are no events.
func (l *library) eventSet() uintptr {
	if l.newSet == nil || l.register == nil || l.wait == nil {
		return 0
	}
	var set uintptr
	if l.newSet(&set) != ok {
		return 0
	}
	return set
}

func (l *library) closeSet(set uintptr) {
	if set != 0 && l.freeSet != nil {
		_ = l.freeSet(set) // there is nothing to be done about it
	}
}

// watch asks for a GPU's errors; it has a list of them, or null if that cannot be had.
func (n *nvml) watch(b *board) {
	if n.set != 0 && n.lib.register(b.handle, eventXID, n.set) == ok && b.kept.XIDs == nil {
		b.kept.XIDs = []gpu.XID{}
	}
}

// collect takes the errors that came since the last sample. What the driver sends of a
// GPU that is not known is dropped, and a flood is left for the next sample.
func (n *nvml) collect(now time.Time) {
	renewed := false
	for range 8 * keptXIDs {
		var e event
		if n.set == 0 {
			return
		}
		r := n.lib.wait(n.set, &e, 0)
		if r.gone() && !renewed {
			n.renew()
			renewed = true
			continue
		}
		if r != ok {
			return
		}
		for _, b := range n.boards {
			if b.handle == e.handle && e.kind == eventXID {
				b.note(int(e.data), now)
			}
		}
	}
}

// renew makes another set of events: one that has a lost GPU in it tells no more of the
// others.
func (n *nvml) renew() {
	n.lib.closeSet(n.set)
	n.set = n.lib.eventSet()
	for _, b := range n.boards {
		if b.opened {
			n.watch(b)
		}
	}
}

// note adds an error to those of a GPU, and has its health read at once. Samples that
// have the list as it was keep it.
func (b *board) note(code int, now time.Time) {
	x := gpu.XID{Time: float64(now.UnixMilli()) / 1000, Code: code, Text: xids[code]}
	b.kept.XIDs = append(b.kept.XIDs[max(0, len(b.kept.XIDs)-keptXIDs+1):], x)
	b.at[tierHealth] = time.Time{}
}
