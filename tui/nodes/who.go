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
	text   string // for people
	free   bool   // nobody has it
	broken bool   // it cannot be read
}

// whoHas finds who has a GPU: a run of this store that was given it, or whose
// process is on it; then whoever has claimed it; then whose process is on it.
func (f *fleet) whoHas(d gpu.Device) holder {
	if d.Error != "" {
		return holder{broken: true, text: "! " + string(d.Error)}
	}
	for _, r := range f.answer.status.Runs {
		if slices.Contains(r.GPUs, string(d.UUID)) && d.UUID != "" || f.runsOn(r, d) {
			return holder{run: r.ID, text: r.ID + doing(r)}
		}
	}
	if h, ok := f.answer.holders[string(d.UUID)]; ok {
		if h.Store == f.store && h.Run != "" {
			return holder{run: h.Run, name: h.User, text: h.Run}
		}
		return holder{name: h.User, text: "claimed by " + claimant(h)}
	}
	if len(d.Processes) > 0 {
		return f.strangers(d.Processes)
	}
	if d.Processes == nil {
		return holder{text: "– not claimed"}
	}
	return holder{free: true, text: "– free"}
}

// runsOn reports whether a process of a run uses a GPU.
func (f *fleet) runsOn(r engine.Holder, d gpu.Device) bool {
	if r.Host != "" && d.Host != "" && r.Host != string(d.Host) {
		return false // process numbers are another machine's
	}
	return slices.ContainsFunc(d.Processes, func(x gpu.Process) bool {
		for _, pid := range append([]int{x.PID}, f.answer.owners[x.PID].Parents...) {
			if pid > 0 && (pid == r.Trainer || pid == r.Runner) {
				return true
			}
		}
		return false
	})
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

func claimant(h gpu.Holder) string {
	if h == (gpu.Holder{}) {
		return h.String()
	}
	return fmt.Sprintf("%s for %s of %s", h.User, h.Run, h.Store)
}

// strangers are processes of no run, the one with the most memory first.
func (f *fleet) strangers(list []gpu.Process) holder {
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b gpu.Process) int { return cmp.Compare(used(b), used(a)) })
	h := holder{name: f.answer.owners[list[0].PID].User, text: f.process(list[0])}
	if n := len(list) - 1; n > 0 {
		h.text += fmt.Sprintf(" +%d", n)
	}
	return h
}

func used(p gpu.Process) uint64 {
	if p.MemoryUsedBytes == nil {
		return 0
	}
	return *p.MemoryUsedBytes
}

// process is one on a GPU for people.
func (f *fleet) process(x gpu.Process) string {
	o := f.answer.owners[x.PID]
	text := fmt.Sprintf("process %d", x.PID)
	if o.Command != "" {
		text = fmt.Sprintf("%s %d", o.Command, x.PID)
	}
	if o.User != "" {
		text = o.User + ": " + text
	}
	return text
}

// why says that a GPU has no run of this store.
func (h holder) why() string {
	switch {
	case h.free:
		return "it is free, nobody has it"
	case h.broken:
		return "it cannot be read: " + strings.TrimPrefix(h.text, "! ")
	case h.name == "" && strings.HasPrefix(h.text, "–"):
		return "no run of this store has it"
	}
	return h.text + ": no run of this store, so nothing here can stop it"
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
	case h.name == "" && strings.HasPrefix(h.text, "–"):
		return "unknown"
	}
	return "other"
}
