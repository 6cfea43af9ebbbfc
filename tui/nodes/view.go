package nodes

import (
	"errors"

	"ablate/gpu"
	"ablate/tui/look"
)

// View draws the page.
func (p *GPUs) View(l look.Look, w, h int) []string {
	p.layout.style = l.Chart
	if narrow := w < slim; narrow != p.layout.narrow {
		p.layout.narrow = narrow
		p.columns()
	}
	if p.chooser != nil {
		return p.chooser.view(l, w, h)
	}
	if p.bare() {
		return look.Box(p.nothing(l, w), w, h)
	}
	q := &pane{layout: &p.layout, look: l, w: w, zoomed: p.zoomed, whole: p.zoomed && p.whole}
	if p.zoomed {
		return q.under(&p.table, h)
	}
	lines := p.filter.View(l, w, 2)
	if text, fault := p.says(p.nodes[0]); p.alone() && fault {
		lines = append(lines, l.Bad.Render(look.Fit(" "+look.Harmless(text), w)))
	}
	p.top = len(lines)
	room := h - len(lines)
	below := q.under(&p.table, detailHeight(room, max(p.table.Len()+1, 3)))
	lines = append(lines, p.table.View(l, w, room-len(below))...)
	return look.Box(append(lines, below...), w, h)
}

// alone reports whether there is this machine and no other.
func (f *fleet) alone() bool { return len(f.nodes) == 1 }

// detailHeight is what a table of some lines leaves of the room, or takes from it
// where there is much.
func detailHeight(room, lines int) int {
	const least, much = 3, 18
	n := room - lines - 1
	if room >= much {
		n = max(n, 7, min(room/3, 12)) // eight GPUs of a node
	}
	if n < least {
		return 0
	}
	return n
}

// nothing says why there are no GPUs.
func (p *GPUs) nothing(l look.Look, w int) []string {
	lines := []string{"", " " + l.Bold.Render("no GPUs here"), ""}
	text := "Here stands what each GPU does, how much of its memory is used, how hot it is, and which run has it."
	more := " [host.NAME] in the experiment file brings the GPUs of other machines here, over ssh."
	var err error
	if len(p.nodes) > 0 {
		err = p.nodes[0].Err
	}
	switch {
	case len(p.nodes) == 0, errors.Is(err, gpu.ErrNotYet):
		lines[1], text = "", "reading the GPUs ..."
	case errors.Is(err, gpu.ErrNoDriver):
		text = "This machine has no NVIDIA driver: runs train on its cores, which is fine. " + text + more
	case err == nil:
		text += more
	default:
		text = look.Harmless(err.Error()) + ". " + text
	}
	for _, s := range look.Wrap(text, w-2) {
		lines = append(lines, " "+s)
	}
	return lines
}
