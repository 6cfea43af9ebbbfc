package alert

import (
	"errors"
	"math"
	"slices"

	"ablate/gpu"
)

const (
	// fresh is by how many seconds the time of a reading has to differ from that of
	// the one before to be another one: ages of other machines are told roughly.
	fresh = 0.2
	// forgets is after how many seconds a GPU that is listed no more is not waited for.
	forgets = 3600
	// mostStates bounds what is remembered, in GPUs and nodes.
	mostStates = 4096
)

// Watch remembers what is wrong with the GPUs of any number of nodes. The zero value is
// ready; it is used by one goroutine at a time.
type Watch struct {
	states map[key]*state
	order  []*state // as they were first seen
	looks  int
	found  []finding
}

// key is of a GPU by UUID, or of a node by "". A machine may be there under two names.
type key struct {
	node string
	uuid gpu.Text
}

// Look takes the newest reading of a node at time now, in seconds since 1970, and tells
// what began or ended with it. held says whether somebody's run has a GPU; nil: none
// has. A reading that was looked at before changes nothing, so Look may be called at any
// pace. While a node has an error its GPUs stay as they are.
func (w *Watch) Look(now float64, n gpu.Node, held func(gpu.Device) bool) []Alert {
	if math.IsNaN(now) || math.IsInf(now, 0) {
		return nil
	}
	w.looks++
	told := w.lookAtNode(now, n)
	if n.Err != nil {
		return told
	}
	for _, d := range n.Devices {
		if s := w.state(n.Name, d); s != nil && s.look < w.looks { // listed twice: the first counts
			told = w.lookAtGPU(now, d, s, held != nil && held(d), told)
		}
	}
	if n.Devices != nil && n.Doing == "" {
		told = w.lookForOthers(now, n.Name, told)
	}
	return told
}

// lookAtNode looks for what is wrong with the whole node. No driver is no fault, and a
// host that cannot be reached tells nothing of its GPUs.
func (w *Watch) lookAtNode(now float64, n gpu.Node) []Alert {
	w.found = w.found[:0]
	if n.Err != nil {
		kind := fault(n.Err.Error())
		if errors.Is(n.Err, gpu.ErrNotAnswering) {
			kind = NotAnswering
		}
		if kind != 0 {
			w.found = append(w.found, finding{kind: kind, cause: shortOf[kind], text: n.Err.Error(), grave: true})
		}
	}
	s := w.states[key{node: n.Name}]
	if s == nil && len(w.found) > 0 {
		s = w.add(key{node: n.Name}, gpu.Device{Index: -1})
	}
	if s == nil {
		return nil
	}
	return s.step(now, s.elapsed(now, w.looks), w.found, nil)
}

func (w *Watch) lookAtGPU(now float64, d gpu.Device, s *state, held bool, told []Alert) []Alert {
	at := now
	if d.AgeS > 0 {
		at -= d.AgeS
	}
	s.missing, s.looked = 0, now
	if s.look > 0 && math.Abs(at-s.at) <= fresh {
		s.look = w.looks
		return told
	}
	dt := s.elapsed(at, w.looks)
	s.device = d
	w.found = find(w.found[:0], d, held, s.inForce(MemoryFull))
	w.found = s.events.find(w.found, now, dt, d)
	return s.step(now, dt, w.found, told)
}

// lookForOthers looks for the GPUs of a node that were listed once and were not in this
// look. MIG slices are cut and joined by people, so those are forgotten.
func (w *Watch) lookForOthers(now float64, node string, told []Alert) []Alert {
	w.order = slices.DeleteFunc(w.order, func(s *state) bool {
		if s.node != node || s.uuid == "" || s.look == w.looks {
			return false
		}
		dt := max(now-s.looked, 0)
		s.at, s.looked = now, now
		s.missing += dt
		if s.device.Slice != nil || s.missing > forgets {
			told = s.end(now, told)
			delete(w.states, key{s.node, s.uuid})
			return true
		}
		told = s.step(now, dt, append(w.found[:0], finding{kind: Lost, cause: shortOf[Lost], grave: true}), told)
		return false
	})
	return told
}

// state finds what is known of a GPU. A lost one may have no UUID: it is then the one
// that had the same index. nil: there is room for no more.
func (w *Watch) state(node string, d gpu.Device) *state {
	k := key{node, d.UUID}
	if d.UUID == "" {
		for _, s := range w.order {
			if s.node == node && s.uuid != "" && s.device.Index == d.Index && sameSlice(s.device.Slice, d.Slice) {
				return s
			}
		}
		k.uuid = nameless + gpu.Text(nameOf(d))
	}
	if s := w.states[k]; s != nil {
		return s
	}
	return w.add(k, d)
}

func sameSlice(a, b *int) bool { return a == b || a != nil && b != nil && *a == *b }

// nameless begins the key of a GPU that never had a UUID.
const nameless = "index "

func (w *Watch) add(k key, d gpu.Device) *state {
	if len(w.order) >= mostStates {
		return nil
	}
	if w.states == nil {
		w.states = map[key]*state{}
	}
	s := &state{node: k.node, uuid: k.uuid, device: d}
	w.states[k] = s
	w.order = append(w.order, s)
	return s
}

// Now tells what is in force, gravest first.
func (w *Watch) Now() []Alert {
	var now []Alert
	for _, s := range w.order {
		for _, c := range s.conditions {
			if c.inForce {
				now = append(now, c.alert)
			}
		}
	}
	slices.SortFunc(now, gravest)
	return now
}
