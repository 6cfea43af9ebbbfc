package nodes

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"ablate/gpu"
	"ablate/gpu/alert"
)

// fleet is all machines as they were told of last, with all devices that were read.
type fleet struct {
	nodes   []*node            // this machine first
	devices map[string]*device // by row: GPUs, and what stands for a node without any
	ids     []string           // the rows, by node, then by number
	answer  answer
	store   string              // the folder of this store
	off     map[string][]string // the GPUs that no run may have, by node
	now     float64
	watch   alert.Watch
}

// node is a machine as it was told of last.
type node struct {
	gpu.Node
	at     float64       // when it was told, in seconds since 1970
	wrong  []alert.Alert // with it and its devices, the gravest first
	cards  []*device     // by number, the slices of a GPU after it
	hollow *device       // stands for the node in the table while it has no cards
}

// device is a GPU, or a slice of one, as it was read last, which may have been a
// while ago.
type device struct {
	gpu.Device
	id      string
	node    *node
	model   string  // what people call it, short; of a slice it is its size
	at      float64 // when it came, in seconds since 1970
	history history
	user    holder
	slices  int // it is cut into
	part    int // which slice of its GPU it is, from 0
	mfu     mfu
	wrong   []alert.Alert // the gravest first
	seen    impression
}

// stale is the age from which on a reading is not what goes on now, in seconds.
const stale = 10

// label is what people call a device.
func (d *device) label() string {
	text := fmt.Sprintf("GPU %d", d.Index)
	if d.Slice != nil {
		text = fmt.Sprintf("slice %d/%d", *d.Slice, d.part)
	}
	if d.node.Name != gpu.Local {
		text += " of " + d.node.Name
	}
	return text
}

// whole is the number of the GPU that a device is, or is part of.
func (d *device) whole() int {
	if d.Slice != nil {
		return *d.Slice
	}
	return d.Index
}

// local reports whether a node is the machine that the interface runs on.
func (n *node) local() bool { return n.Name == gpu.Local }

// take brings in what nodes are now. Those that are not among them are gone.
func (f *fleet) take(list []gpu.Node, now float64) {
	f.now = max(f.now, now)
	was := f.nodes
	f.nodes = make([]*node, 0, len(list))
	for _, told := range list {
		i := slices.IndexFunc(was, func(n *node) bool { return n.Name == told.Name })
		n := &node{}
		if i >= 0 {
			n = was[i]
		}
		n.Node, n.at = told, now
		n.take(now)
		f.nodes = append(f.nodes, n)
	}
}

// model is the short name of a device; that of a slice is its size.
func model(name string) string {
	switch _, size, _ := strings.Cut(name, " MIG "); {
	case size != "":
		return size
	case name == "":
		return ""
	}
	return gpu.ShortName(name)
}

// take brings in the devices of a sample. A GPU that is not in it stays as it was,
// with its age, unless another one has its place; a slice goes.
func (n *node) take(now float64) {
	if len(n.Devices) == 0 {
		return
	}
	was := n.cards
	n.cards = make([]*device, 0, len(n.Devices))
	for _, d := range n.Devices {
		is := func(x *device) bool { return x.is(&d) }
		if slices.ContainsFunc(n.cards, is) { // listed twice: the first counts
			continue
		}
		var x *device
		if i := slices.IndexFunc(was, is); i >= 0 {
			x = was[i]
			d.UUID, d.Name = cmp.Or(d.UUID, x.UUID), cmp.Or(d.Name, x.Name)
		} else {
			x = &device{node: n}
		}
		if x.model == "" || x.Name != d.Name {
			x.model = model(string(d.Name))
		}
		x.Device, x.at = d, now
		if d.AgeS < stale {
			x.history.add(now, d)
		}
		n.cards = append(n.cards, x)
	}
	for _, x := range was {
		taken := func(y *device) bool { return y == x || y.Slice == nil && y.Index == x.Index }
		if x.Slice == nil && !slices.ContainsFunc(n.cards, taken) {
			n.cards = append(n.cards, x)
		}
	}
	n.number()
}

// number puts the devices in order, and gives slices their numbers and all their rows.
func (n *node) number() {
	slices.SortStableFunc(n.cards, func(a, b *device) int {
		return cmp.Or(cmp.Compare(a.whole(), b.whole()), cmp.Compare(boolean(a.Slice != nil), boolean(b.Slice != nil)))
	})
	part := 0
	for i, d := range n.cards {
		if part++; d.Slice == nil || i == 0 || n.cards[i-1].Slice == nil {
			part = 0
		}
		d.part = part
		switch d.id = n.Name + "/" + string(d.UUID); {
		case d.UUID != "":
		case d.Slice != nil:
			d.id += fmt.Sprintf("#%d.%d", *d.Slice, d.part)
		default:
			d.id += fmt.Sprintf("#%d", d.Index)
		}
	}
}

func boolean(b bool) int {
	if b {
		return 1
	}
	return 0
}

// is reports whether a reading is of this device. Of a GPU that is lost the driver may
// not tell more than its number; slices come and go under one.
func (d *device) is(r *gpu.Device) bool {
	if r.UUID != "" && d.UUID != "" || r.Slice != nil || d.Slice != nil {
		return r.UUID == d.UUID && r.UUID != ""
	}
	return r.Index == d.Index
}

// settle works out the rows, and who has which device.
func (f *fleet) settle() {
	f.ids, f.devices = f.ids[:0], make(map[string]*device, len(f.devices))
	held := f.answer.index()
	names := map[string][]string{} // of the devices of runs
	for _, n := range f.nodes {
		n.settle()
		if n.hollow != nil {
			f.add(n.hollow)
		}
		for _, d := range n.cards {
			f.add(d)
			d.user = f.whoHas(d, held)
			if d.user.run != "" {
				names[d.user.run] = append(names[d.user.run], string(d.Name))
			}
		}
	}
	for _, d := range f.devices {
		d.mfu = f.answer.speeds[d.user.run].mfu(names[d.user.run])
	}
}

func (f *fleet) add(d *device) {
	f.ids = append(f.ids, d.id)
	f.devices[d.id] = d
}

// settle counts slices, and sees to it that a node without devices has a row.
func (n *node) settle() {
	if n.hollow = nil; len(n.cards) == 0 {
		n.hollow = &device{id: n.Name + "/", node: n}
	}
	for _, d := range n.cards {
		d.slices = 0
		for _, x := range n.cards {
			if d.Slice == nil && x.Slice != nil && *x.Slice == d.Index {
				d.slices++
			}
		}
	}
}

// hollow reports whether a row only stands for its node.
func (f *fleet) hollow(id string) bool { return f.devices[id].node.hollow != nil }

// all are the devices in the order of the rows.
func (f *fleet) all() (list []*device) {
	for _, n := range f.nodes {
		list = append(list, n.cards...)
	}
	return list
}

// of are the GPUs of rows: no slices, and no rows that only stand for a node.
func (f *fleet) of(ids []string) (list []*device) {
	for _, id := range ids {
		if d := f.devices[id]; d.Slice == nil && d.node.hollow == nil {
			list = append(list, d)
		}
	}
	return list
}

// age is how old what is known of a device is, in seconds.
func (f *fleet) age(d *device) float64 { return max(f.now-d.at, 0) + d.AgeS }

// ageOf is how old what is known of a node is, in seconds: that of its newest reading.
func (f *fleet) ageOf(n *node) float64 {
	age := max(f.now-n.at, 0) + n.Age.Seconds()
	for i, d := range n.cards {
		if x := f.age(d); i == 0 || x < age {
			age = x
		}
	}
	return age
}

// live reports whether what is known of a node is what goes on there.
func (f *fleet) live(n *node) bool { return len(n.cards) > 0 && f.ageOf(n) <= stale }

func (f *fleet) any(has func(*device) bool) bool {
	for _, n := range f.nodes {
		if slices.ContainsFunc(n.cards, has) {
			return true
		}
	}
	return false
}
