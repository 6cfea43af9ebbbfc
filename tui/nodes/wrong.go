package nodes

import (
	"ablate/gpu"
	"ablate/gpu/alert"
	"ablate/tui/look"
)

// lasting is how long, in seconds, what one reading tells has to be told before it is
// shown: a clock touches its limit for moments all the time.
const lasting = 3

// impression is what the newest readings tell of a device by themselves.
type impression struct {
	text  string
	grave bool
	since float64 // seconds since 1970
}

// look takes in what is wrong with the devices as they were told of now.
func (f *fleet) look(now float64) {
	of := map[*node]map[gpu.Text]*device{}
	for _, n := range f.nodes {
		of[n] = map[gpu.Text]*device{}
		for _, d := range n.cards {
			of[n][d.UUID] = d
		}
		f.watch.Look(now, n.Node, func(r gpu.Device) bool {
			d := of[n][r.UUID]
			return d != nil && d.user.run != ""
		})
	}
	all := f.watch.Now()
	for _, n := range f.nodes {
		n.wrong = n.wrong[:0]
		for _, d := range n.cards {
			d.wrong = d.wrong[:0]
			d.impress(now)
		}
		for _, a := range all {
			if a.Node != n.Name {
				continue
			}
			n.wrong = append(n.wrong, a)
			for _, d := range n.cards {
				if a.UUID != "" && a.UUID == d.UUID || a.UUID == "" && d.UUID == "" && a.Index == d.Index {
					d.wrong = append(d.wrong, a)
				}
			}
		}
	}
}

// impress takes in what the newest reading tells by itself.
func (d *device) impress(now float64) {
	text, grave := alert.Condition(d.Device, now, d.user.run != "")
	if text != d.seen.text {
		d.seen = impression{text: text, since: now}
	}
	d.seen.grave = grave
}

// blind reports whether nothing of a device could be read.
func (d *device) blind() bool {
	return d.Error != "" && d.BusyPct == nil && d.MemoryUsedBytes == nil && d.PowerW == nil && d.TemperatureC == nil
}

// short is what is wrong with a device, for a column, and whether that is grave; of
// several the gravest.
func (f *fleet) short(d *device) (text string, grave bool) {
	switch {
	case f.age(d) > stale && f.live(d.node):
		return "gone for " + coarse(f.age(d)), true
	case f.age(d) > stale:
		return "", false
	case len(d.wrong) > 0:
		return d.wrong[0].Short, d.wrong[0].Grave
	case d.seen.text != "" && f.now-d.seen.since >= lasting:
		return d.seen.text, d.seen.grave
	}
	return "", false
}

// marked reports whether something is wrong with a device that is more than a note,
// which a mark and the first line tell, and whether that is grave.
func (f *fleet) marked(d *device) (told, grave bool) {
	text, grave := f.short(d)
	blind := d.blind() && f.age(d) <= stale
	return blind || text != "" && !d.noted(), grave || blind
}

// noted reports whether what is wrong with a device is but a note: it works.
func (d *device) noted() bool { return len(d.wrong) > 0 && d.wrong[0].Kind == alert.PowerCap }

// what is wrong with a device, in a sentence without its name.
func (f *fleet) what(d *device) string {
	if len(d.wrong) > 0 {
		return d.wrong[0].Words
	}
	return string(d.Error)
}

// wrongStyle is that of something that is wrong.
func wrongStyle(l look.Look, grave bool) look.Style {
	if grave {
		return l.Bad
	}
	return l.Warn
}

func (y *layout) wrongOf(l look.Look, d *device) look.Style {
	_, grave := y.short(d)
	return wrongStyle(l, grave)
}
