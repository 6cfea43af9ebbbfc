package nodes

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"ablate/engine"
	"ablate/gpu"
)

// holder is who has a GPU.
type holder struct {
	run    string // of this store
	name   string // a user's
	text   string // for people, in a column
	claim  string // of another store, or of somebody who does not say, in full
	free   bool   // nobody has it
	off    bool   // nobody has it, and no run may: keep_off names it
	broken bool   // it cannot be read
}

// unseen stands for somebody who can only be told from a GPU's memory or its work.
const unseen = "in use, unseen"

// held is who has what by the engine's word.
type held struct {
	byUUID map[string]*engine.Holder
	byPID  map[int]*engine.Holder // of trainers and runners
}

// index finds holders fast.
func (x answer) index() held {
	h := held{byUUID: map[string]*engine.Holder{}, byPID: map[int]*engine.Holder{}}
	for i := range x.status.Runs {
		r := &x.status.Runs[i]
		for _, uuid := range r.GPUs {
			h.byUUID[uuid] = r
		}
		for _, pid := range []int{r.Trainer, r.Runner} {
			if pid > 0 {
				h.byPID[pid] = r
			}
		}
	}
	return h
}

// whoHas finds who has a GPU: a run of this store that was given it, or whose
// process is on it; then whoever has claimed it; then whose process is on it.
func (f *fleet) whoHas(d *device, by held) holder {
	if d.blind() {
		h := f.claimed(d, by)
		h.broken, h.free, h.text = true, false, brief("! "+string(d.Error), h.run)
		return h
	}
	if h := f.claimed(d, by); h.text != "" {
		return h
	}
	switch {
	case d.slices == 1:
		return holder{text: "– in 1 slice"}
	case d.slices > 1:
		return holder{text: fmt.Sprintf("– in %d slices", d.slices)}
	case len(d.Processes) > 0:
		return strangers(d.Processes)
	case d.Unseen():
		return holder{text: unseen, claim: "in use of somebody whose processes cannot be seen"}
	case f.keptOff(d):
		return holder{off: true, text: "– kept off"}
	case d.Processes == nil:
		return holder{text: "– not claimed"}
	}
	return holder{free: true, text: "– free"}
}

// keptOff reports whether the experiment file keeps runs off a device.
func (f *fleet) keptOff(d *device) bool {
	return slices.ContainsFunc(f.off[d.node.Name], func(word string) bool { return d.Meant(d.node.Devices, word) })
}

// claimed is the run that has a device, or who has claimed it; no text: nobody.
func (f *fleet) claimed(d *device, by held) holder {
	r := by.byUUID[string(d.UUID)]
	if d.UUID == "" {
		r = nil
	}
	if r == nil && d.node.local() {
		r = runOn(d, by)
	}
	switch h := d.ClaimedBy; {
	case r != nil:
		return holder{run: r.ID, text: r.ID + doing(*r)}
	case h == nil:
		return holder{}
	case d.node.local() && h.Store == f.store && h.Run != "":
		return holder{run: h.Run, name: h.User, text: h.Run}
	default:
		return foreign(*h)
	}
}

// runOn is the run one of whose processes uses a device of this machine: process
// numbers are another machine's elsewhere.
func runOn(d *device, by held) *engine.Holder {
	for _, x := range d.Processes {
		for _, pid := range append([]int{x.PID}, x.Parents...) {
			if r := by.byPID[pid]; r != nil && (r.Host == "" || d.Host == "" || r.Host == string(d.Host)) {
				return r
			}
		}
	}
	return nil
}

// doing is what a run does that is not going as usual.
func doing(r engine.Holder) string {
	switch {
	case r.Ends != "":
		return " (being " + r.Ends + ")"
	case r.Halted:
		return " (halted)"
	}
	return ""
}

// foreign is who has claimed a device that no run of this store has.
func foreign(h gpu.Holder) holder {
	if h == (gpu.Holder{}) {
		return holder{text: "claimed", claim: "claimed by " + h.String()}
	}
	return holder{
		name: h.User, text: fmt.Sprintf("%s: %s", h.User, h.Run),
		claim: fmt.Sprintf("claimed by %s for %s of %s", h.User, h.Run, h.Store),
	}
}

// strangers are processes of no run, the one with the most memory first.
func strangers(list []gpu.Process) holder {
	list = gpu.ByMemory(list)
	h := holder{name: string(list[0].User), text: process(list[0])}
	if n := len(list) - 1; n > 0 {
		h.text += fmt.Sprintf(" +%d", n)
	}
	return h
}

// process is one on a GPU for people.
func process(x gpu.Process) string {
	text := fmt.Sprintf("process %d", x.PID)
	if x.Command != "" {
		text = fmt.Sprintf("%s %d", x.Command, x.PID)
	}
	if x.User != "" {
		text = string(x.User) + ": " + text
	}
	return text
}

// heldBy is who has a device, as far as that is known.
func (f *fleet) heldBy(d *device) string {
	if f.age(d) > stale {
		return "? " + strings.TrimPrefix(d.user.text, "– ")
	}
	return d.user.text
}

// why says that a GPU has no run of this store.
func (h holder) why() string {
	switch {
	case h.free:
		return "it is free, nobody has it"
	case h.off:
		return "keep_off of its host names it, so no run may have it"
	case h.broken:
		return "it cannot be read: " + strings.TrimPrefix(h.text, "! ")
	case h.name == "" && strings.HasPrefix(h.text, "–"):
		return "no run of this store has it"
	}
	return cmp.Or(h.claim, h.text) + ": no run of this store, so nothing here can stop it"
}

// status is what a filter asks for.
func (h holder) status() string {
	switch {
	case h.broken:
		return "error"
	case h.run != "":
		return "run"
	case h.free:
		return "free"
	case h.off:
		return "kept off"
	case h.name == "" && strings.HasPrefix(h.text, "–"):
		return "unknown"
	}
	return "other"
}
