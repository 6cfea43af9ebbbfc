package nodes

import (
	"strings"
)

// trouble is a stand-in.
type trouble struct {
	Short, Text string
	Grave       bool
}

// look sees what is wrong with the devices of a node.
func (n *node) look(float64) {
	for _, d := range n.cards {
		d.wrong = nil
		if d.Error != "" {
			d.wrong = append(d.wrong, trouble{Short: string(d.Error), Text: string(d.Error), Grave: true})
		}
		if len(d.Throttle) > 0 {
			d.wrong = append(d.wrong, trouble{Short: strings.Join(d.Throttle, ", "), Text: "held down by " + strings.Join(d.Throttle, ", ")})
		}
	}
}

// blind reports whether nothing of a device could be read.
func (d *device) blind() bool {
	return d.Error != "" && d.BusyPct == nil && d.MemoryUsedBytes == nil && d.PowerW == nil && d.TemperatureC == nil
}

// short is what is wrong with a device, for a column; of several the gravest.
func (f *fleet) short(d *device) string {
	switch {
	case f.age(d) > stale && f.live(d.node):
		return "gone for " + coarse(f.age(d))
	case f.age(d) > stale || len(d.wrong) == 0:
		return ""
	}
	return d.wrong[0].Short
}

// what is wrong with a device, in a sentence.
func (f *fleet) what(d *device) string {
	if len(d.wrong) > 0 {
		return d.wrong[0].Text
	}
	return string(d.Error)
}
