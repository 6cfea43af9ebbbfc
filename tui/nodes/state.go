package nodes

import (
	"fmt"

	"ablate/tui/look"
)

// fresh is the age in seconds up to which readings are those of now.
const fresh = 4

// tally is what all machines come to.
type tally struct {
	silent           []*node // that had GPUs, and do not answer
	gpus, free, held int
	unknown          int  // whose processes cannot be seen
	wrong            int  // that begin with ! where there is no column for what is wrong
	grave            bool // one of them is gravely
	watts            float64
	power            bool
	oldest           float64 // of the nodes that answer, in seconds
}

func (f *fleet) tally() (t tally) {
	for _, n := range f.nodes {
		switch age := f.ageOf(n); {
		case f.live(n):
			t.oldest = max(t.oldest, age)
		case len(n.cards) > 0:
			t.silent = append(t.silent, n)
		}
	}
	for _, d := range f.of(f.ids) {
		now := f.age(d) <= stale
		t.gpus++
		t.free += boolean(now && d.user.free)
		t.held += boolean(d.user.run != "")
		t.unknown += boolean(d.user.status() == "unknown" && d.slices == 0)
		if told, grave := f.marked(d); told {
			t.wrong, t.grave = t.wrong+1, t.grave || grave
		}
		if d.PowerW != nil && now {
			t.watts, t.power = t.watts+*d.PowerW, true
		}
	}
	return t
}

// State is how the machines stand.
func (p *GPUs) State(l look.Look) (parts []string) {
	t := p.tally()
	if t.gpus == 0 {
		return nil
	}
	switch n := len(t.silent); {
	case n > 1:
		parts = append(parts, l.Bad.Render(fmt.Sprintf("? no answer from %d nodes", n)))
	case n == 1 && p.alone():
		parts = append(parts, l.Bad.Render("? no answer for "+coarse(p.ageOf(t.silent[0]))))
	case n == 1:
		parts = append(parts, l.Bad.Render(fmt.Sprintf("? no answer from %s for %s", look.Harmless(t.silent[0].Name), coarse(p.ageOf(t.silent[0])))))
	}
	if t.wrong > 0 {
		parts = append(parts, wrongStyle(l, t.grave).Render(fmt.Sprintf("! %d in trouble", t.wrong)))
	}
	if t.free > 0 || t.unknown == 0 {
		parts = append(parts, l.Good.Render(fmt.Sprintf("%d of %d free", t.free, t.gpus)))
	}
	if t.unknown > 0 {
		parts = append(parts, fmt.Sprintf("%d not claimed", t.unknown))
	}
	parts = append(parts, fmt.Sprintf("%d held by runs", t.held))
	if n := len(p.nodes); n > 1 {
		parts = append(parts, fmt.Sprintf("%d nodes", n))
	}
	if t.power {
		parts = append(parts, kilowatts(t.watts))
	}
	if len(t.silent) == len(p.nodes) {
		return parts
	}
	if t.oldest <= fresh {
		return append(parts, "read now")
	}
	return append(parts, "read seconds ago")
}
