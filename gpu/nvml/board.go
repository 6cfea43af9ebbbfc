//go:build (linux || darwin) && !nonvml

package nvml

import (
	"fmt"
	"slices"
	"time"

	"ablate/gpu"
)

// step reads one thing of a GPU into a Device, or makes it null.
type step struct {
	what string
	read func(*library, handle, *gpu.Device) result
}

// run takes steps, each by itself: what this driver or this GPU does not offer stays
// null without a word; any other failure is told, the first one. A GPU that is gone is
// asked nothing more, because such calls are slow or hang.
func (l *library) run(h handle, steps []step, d *gpu.Device) (trouble gpu.Text, gone result) {
	for _, s := range steps {
		r := s.read(l, h, d)
		if r == ok || r == notSupported || r == functionNotFound {
			continue
		}
		if trouble == "" {
			trouble = failed("read "+s.what, r)
		}
		if r.gone() {
			return trouble, r
		}
	}
	return trouble, ok
}

func failed(what string, r result) gpu.Text { return gpu.Text(fmt.Sprintf("%s: %v", what, r)) }

// tiers are what is read less often than each sample. Each has been read once in the
// first sample. The times are a little short of 2, 4 and 15 s, so that a sample that
// comes a moment early counts.
var tiers = [...]struct {
	steps []step
	every time.Duration
}{
	tierIdentity: {identity, 1 << 62},
	tierCounters: {counters, 3500 * time.Millisecond},
	tierHealth:   {health, 14500 * time.Millisecond},
	tierUsers:    {users, 1500 * time.Millisecond},
}

const (
	tierIdentity = iota
	tierCounters
	tierHealth
	tierUsers
)

// board is what is known of one GPU between samples.
type board struct {
	handle  handle
	opened  bool       // the handle is one to go on with
	kept    gpu.Device // what is not read in each sample
	at      [len(tiers)]time.Time
	trouble [len(tiers)]gpu.Text
	sliced  bool // in MIG mode
	slices  []gpu.Device
	profile profile
}

// open takes a GPU's handle. Another one than before is a GPU that was reset, or
// another GPU: nothing that was known of it holds, and its events are asked for anew.
func (n *nvml) open(b *board, h handle) {
	if b.opened && b.handle == h {
		return
	}
	b.handle, b.opened = h, true
	b.at, b.trouble = [len(tiers)]time.Time{}, [len(tiers)]gpu.Text{}
	b.profile.restart()
	if n.set != 0 && n.lib.register(h, eventXID, n.set) == ok && b.kept.XIDs == nil {
		b.kept.XIDs = []gpu.XID{}
	}
}

// lose is a GPU of which nothing can be read but who it is and what happened to it.
func (b *board) lose(trouble gpu.Text, r result) gpu.Device {
	b.opened = false
	d := gpu.Device{
		Host: b.kept.Host, Index: b.kept.Index, UUID: b.kept.UUID, Name: b.kept.Name,
		XIDs: b.kept.XIDs, Error: trouble,
	}
	if r == resetRequired {
		d.Repair = reset
	}
	return d
}

// read appends a GPU's reading to devices, and those of its slices. The handle is
// asked for each time (a look-up in the library's memory), since one kept over a
// reset stays invalid.
func (n *nvml) read(b *board, devices []gpu.Device, now time.Time) []gpu.Device {
	h, r := n.lib.handle(b.kept.Index)
	if r != ok {
		return append(devices, b.lose(failed("open GPU", r), r))
	}
	n.open(b, h)
	for i, t := range tiers {
		if now.Sub(b.at[i]) < t.every {
			continue
		}
		if b.trouble[i], r = n.lib.run(h, t.steps, &b.kept); r != ok {
			return append(devices, b.lose(b.trouble[i], r))
		}
		if i != tierIdentity || b.kept.UUID != "" {
			b.at[i] = now
		}
		if i == tierUsers {
			b.slices, b.sliced = n.lib.slices(h, b.kept)
		}
	}
	d := b.kept
	if d.Error, r = n.lib.run(h, readings, &d); r != ok {
		return append(devices, b.lose(d.Error, r))
	}
	if !b.sliced {
		if r := b.profile.read(n.lib, h, &n.request, &d); r.gone() {
			return append(devices, b.lose(failed("read profile", r), r))
		}
	}
	for _, trouble := range b.trouble {
		if d.Error == "" {
			d.Error = trouble
		}
	}
	first := len(devices)
	devices = append(append(devices, d), b.slices...)
	for i := range devices[first:] {
		devices[first+i].Processes = slices.Clone(devices[first+i].Processes)
	}
	return devices
}
