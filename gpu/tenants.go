package gpu

import "slices"

// Tenants tells whose the GPUs of this machine are, sample after sample: what it has
// learned of a process it keeps while that process has a GPU. The zero value is ready;
// it is used by one goroutine at a time.
type Tenants struct {
	known map[int]tenant
}

// tenant is a process that had a GPU in the newest sample.
type tenant struct {
	process
	user, command string
	parents       []int
}

// Fill says in devices of this machine who runs their processes, and, by the files in
// the folder claims, whose run has claimed them. What cannot be seen from here, as
// from in a container, stays null.
func (t *Tenants) Fill(devices []Device, claims string) {
	known := make(map[int]tenant, len(t.known))
	uuids := make([]string, 0, len(devices))
	for i := range devices {
		d := &devices[i]
		uuids = append(uuids, string(d.UUID))
		d.Processes = slices.Clone(d.Processes) // the sampler may still have the old ones
		for j := range d.Processes {
			p := &d.Processes[j]
			if x, ok := t.look(p.PID, known); ok {
				p.User, p.Command, p.Parents = Text(x.user), Text(x.command), x.parents
			}
		}
	}
	t.known = known
	holders := Holders(claims, uuids)
	for i := range devices {
		if h, ok := holders[uuids[i]]; ok {
			devices[i].ClaimedBy = &h
		}
	}
}

// look finds out about one process, and adds it to what is known. One that has
// another parent now was left behind by the one it had.
func (t *Tenants) look(pid int, known map[int]tenant) (tenant, bool) {
	if seen, ok := known[pid]; ok {
		return seen, true
	}
	now, ok := processOf(pid)
	if !ok {
		return tenant{}, false
	}
	seen, ok := t.known[pid]
	if !ok || seen.start != now.start || seen.parent != now.parent {
		seen = tenant{now, userOf(pid), commandOf(pid, now.name), now.parents()}
	}
	known[pid] = seen
	return seen, true
}
