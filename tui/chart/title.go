package chart

import "strings"

// writeTitle writes the title, the unit of y, the legend where it stands there, the
// note, and over the legend what its values are. Of a note in parts, those that fit are there, the first first.
func (f *frame) writeTitle(p *pen, l *Line, w int) {
	heads := 0
	if f.legend == legendRight && f.columns > 1 {
		heads = f.valuesW()
	}
	room := w - heads
	title := f.fit(l.Title, room)
	used, gap := title.w, 2
	p.text(Default, title.s)
	if used == 0 {
		gap = 0
	}
	if unit := f.fit(l.Y.Label, unlimited); unit.w > 0 && used+gap+unit.w <= room {
		p.blank(gap)
		p.text(Muted, unit.s)
		used += gap + unit.w
		gap = 2
	}
	if f.legend == legendTitle {
		p.blank(gap)
		used += gap + f.writeEntries(p, f.titled, room-used-gap)
		gap = 2
	}
	note, text := f.fit(l.Note, unlimited), l.Note
	for note.w > 0 && used+gap+note.w > room {
		text = text[:max(strings.LastIndex(text, " · "), 0)]
		note = f.fit(text, unlimited)
	}
	if note.w > 0 {
		p.blank(room - used - note.w)
		p.text(Muted, note.s)
		used = room
	}
	p.blank(room - used)
	if heads > 0 {
		f.writeHeads(p)
	}
	p.endLine()
}

// writeHeads writes the names of the legend's columns.
func (f *frame) writeHeads(p *pen) {
	for i := range f.columns {
		head := heads[f.column[i]]
		p.blank(valueGap + f.valueW[i] - len(head))
		p.text(Muted, head)
	}
}

// writeEmpty writes the title and, in the middle, what would fill the chart.
func (f *frame) writeEmpty(p *pen, l *Line, w, h int) {
	if h >= 3 {
		f.writeTitle(p, l, w)
		h--
	}
	raw := l.Empty
	if raw == "" {
		raw = defaultEmpty
	}
	t := f.fit(raw, w)
	for row := range h {
		if row != (h-1)/2 {
			p.blank(w)
		} else {
			left := (w - t.w) / 2
			p.blank(left)
			p.text(Muted, t.s)
			p.blank(w - left - t.w)
		}
		p.endLine()
	}
}
