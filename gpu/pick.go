package gpu

import (
	"fmt"
	"slices"
	"strings"
)

// ErrOccupied is an ErrBusy whose cause are, at least in part, processes that no run
// has claimed the GPU for. Those of a run that has just ended go on for a moment.
var ErrOccupied = fmt.Errorf("%w of processes", ErrBusy)

// Want says which GPUs a run may have, and how many of them it holds. A GPU is named
// by its index ("3") or by its UUID, which may be shortened ("GPU-1a2b"); a MIG slice
// by its whole UUID alone.
type Want struct {
	N       int
	Only    []string // none but these; empty: all whole GPUs
	Type    string   // what it has to be called, exactly, as ShortName says: "H20" is no "H200"; "": anything
	KeepOff []string // never these
	Last    []string // UUIDs of those that are taken last: an attempt of the run failed on them
	Visible *string  // the value of CUDA_VISIBLE_DEVICES; nil: it is not set
}

// Pick returns the UUIDs of the devices that a run may have now, the one to take
// first in front: in the order of want.Only, else in that of the driver, and those
// that are known to have no process before those of which that is not known, then
// those of which some reading fails, those of want.Last, and those that will need a
// repair last. If they are fewer than want.N the error says why each of the others was
// passed over. It is ErrBusy, wrapped, if waiting may mend that: they are claimed, other
// people's processes are on them, or they need to be repaired.
func Pick(devices []Device, want Want) (candidates []string, why error) {
	p, err := want.choose(devices)
	if err != nil {
		return nil, err
	}
	return uuids(p.free), p.why(want)
}

// Hold claims, as Take does, want.N of the devices that Pick finds. Who has claimed
// what is found out by claiming: the readings may be older than that.
func Hold(dir string, devices []Device, want Want, by Holder) (*Claim, error) {
	devices = slices.Clone(devices)
	holders := Holders(dir, uuids(devices))
	for i := range devices {
		d := &devices[i]
		d.ClaimedBy = nil
		if h, ok := holders[string(d.UUID)]; ok && d.occupied() != "" { // it says more than whose processes they are
			d.ClaimedBy = &h
		}
	}
	p, err := want.choose(devices)
	if err == nil {
		err = p.why(want)
	}
	if err != nil {
		return nil, err
	}
	return take(dir, uuids(p.free), want.N, by, p.without)
}

// Lacks says why Hold would fail now, by these readings and the files in dir; nil if
// it might not. It claims nothing.
func Lacks(dir string, devices []Device, want Want) error {
	devices = slices.Clone(devices)
	holders := Holders(dir, uuids(devices))
	for i := range devices {
		d := &devices[i]
		d.ClaimedBy = nil
		if h, ok := holders[string(d.UUID)]; ok {
			d.ClaimedBy = &h
		}
	}
	_, why := Pick(devices, want)
	return why
}

func uuids(devices []Device) (list []string) {
	for _, d := range devices {
		list = append(list, string(d.UUID))
	}
	return list
}

// obstacle is what speaks against a device.
type obstacle struct {
	text     string
	passing  bool // waiting may mend it
	occupied bool // processes are on it that no run claimed it for
}

// choice is what came of looking at the devices of a machine.
type choice struct {
	free   []Device
	passed []passed
}

type passed struct {
	device Device
	obstacle
}

// choose looks at every device that want may mean.
func (want Want) choose(devices []Device) (*choice, error) {
	meant, err := want.meant(devices)
	if err == nil {
		err = want.ambiguous(devices)
	}
	if err != nil {
		return nil, err
	}
	var visible []string
	if want.Visible != nil {
		visible = Visible(devices, *want.Visible)
	}
	c := &choice{}
	for _, d := range meant {
		o := want.against(d, visible, devices)
		if o == (obstacle{}) {
			c.free = append(c.free, d)
		} else {
			c.passed = append(c.passed, passed{d, o})
		}
	}
	doubts := func(d Device) int { return d.doubts(slices.Contains(want.Last, string(d.UUID))) }
	if len(want.Only) > 0 && len(c.free) <= want.N {
		return c, nil // all of them, in the order in which they were named
	}
	slices.SortStableFunc(c.free, func(a, b Device) int { return doubts(a) - doubts(b) })
	return c, nil
}

// doubts is how much speaks against a device that may be had: that nobody can tell
// which processes are on it, more than that a reading that fails, then a failure on it,
// and most a repair that can wait.
func (d Device) doubts(failed bool) (n int) {
	for i, doubt := range []bool{d.Processes == nil, d.Error != "", failed, d.Repair != ""} {
		if doubt {
			n += 1 << i
		}
	}
	return n
}

// onlyReading says whether what goes wrong with a device is that one of its readings
// fails, and not because it is lost, waits for a reset, or its driver does not work.
func (d Device) onlyReading() bool {
	is := func(code int) bool { return strings.HasSuffix(string(d.Error), resultNumber(code)) }
	return strings.HasPrefix(string(d.Error), "read ") && !slices.ContainsFunc([]int{9, 10, 15, 16, 18}, is)
}

// outOfUse says whether a GPU cannot do its work before it is repaired.
func outOfUse(repair Text) bool {
	return slices.ContainsFunc([]string{"reset", "reboot", "drained"}, func(word string) bool { return strings.Contains(string(repair), word) })
}

// against is what speaks against a device; what waiting cannot mend comes first.
func (want Want) against(d Device, visible []string, devices []Device) obstacle {
	sliced := func(s Device) bool { return s.Slice != nil && *s.Slice == d.Index }
	off := func(word string) bool { return d.Meant(devices, word) }
	kind := ShortName(string(d.Name))
	switch {
	case want.Visible != nil && !slices.Contains(visible, string(d.UUID)):
		return obstacle{text: "CUDA_VISIBLE_DEVICES leaves it out"}
	case slices.ContainsFunc(want.KeepOff, off):
		return obstacle{text: "kept off"}
	case d.Slice == nil && slices.ContainsFunc(devices, sliced):
		return obstacle{text: "divided into MIG slices"}
	case want.Type != "" && d.Name != "" && !strings.EqualFold(kind, ShortName(want.Type)):
		return obstacle{text: "of type " + kind}
	case d.Error != "" && !d.onlyReading():
		return obstacle{text: string(d.Error), passing: true}
	case want.Type != "" && d.Name == "":
		return obstacle{text: "its type cannot be read"}
	case d.UUID == "":
		return obstacle{text: "its UUID cannot be read"}
	case outOfUse(d.Repair):
		return obstacle{text: "needs " + string(d.Repair), passing: true}
	case d.ClaimedBy != nil:
		return obstacle{text: "held by " + d.ClaimedBy.String(), passing: true}
	}
	if who := d.occupied(); who != "" {
		return obstacle{text: who, passing: true, occupied: true}
	}
	return obstacle{}
}

// why is nil if enough are free.
func (c *choice) why(want Want) error {
	if len(c.free) >= want.N {
		return nil
	}
	had, occupied := len(c.free), false // had: with those that waiting may bring
	for _, p := range c.passed {
		if p.passing {
			had++
		}
		occupied = occupied || p.occupied
	}
	what := "claim GPUs"
	if want.Type != "" {
		what += " of type " + ShortName(want.Type)
	}
	words := c.words()
	if words == "" {
		words = "this machine has no other"
	}
	switch {
	case had < want.N:
		return fmt.Errorf("%s: %d are wanted and %d can be had here; %s", what, want.N, had, words)
	case occupied:
		return fmt.Errorf("%s: %w, %d of %d wanted; %s", what, ErrOccupied, len(c.free), want.N, words)
	}
	return fmt.Errorf("%s: %w, %d of %d wanted; %s", what, ErrBusy, len(c.free), want.N, words)
}

// words say why devices were passed over, those of one reason together.
func (c *choice) words() string {
	var order []string
	of := map[string][]Device{}
	for _, p := range c.passed {
		if of[p.text] == nil {
			order = append(order, p.text)
		}
		of[p.text] = append(of[p.text], p.device)
	}
	for i, text := range order {
		order[i] = names(of[text]) + ": " + text
	}
	return strings.Join(order, "; ")
}

// without are the words of a choice of which others have claimed some meanwhile.
func (c *choice) without(held map[string]Holder) string {
	var gone choice
	for _, d := range c.free {
		if h, ok := held[string(d.UUID)]; ok {
			gone.passed = append(gone.passed, passed{d, obstacle{text: "held by " + h.String()}})
		}
	}
	gone.passed = append(gone.passed, c.passed...)
	return gone.words()
}
