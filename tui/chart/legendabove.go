package chart

import (
	"cmp"
	"slices"
	"strconv"
)

// chooseAbove finds a place over the plot.
func (f *frame) chooseAbove(l *Line) {
	f.columns = 1
	w := f.gutter + f.plotW
	if f.title {
		f.inTitle(l, w)
		if f.titled == len(f.entries) || f.titled > 0 && f.plotH <= minTopH {
			f.legend = legendTitle
			return
		}
	}
	if f.plotH > minTopH {
		f.legend = legendTop
		f.plotH--
		room := w / min(4, len(f.entries)+1)
		for i := range f.entries {
			f.entries[i].name = f.fit(f.entries[i].name.s, room)
		}
		if f.oneLine(w-max(0, f.gutter-1)) < len(f.entries) {
			f.bestFirst(l)
		}
	}
}

// inTitle finds how many entries have room in the line of the title; where that is
// not for all, the best come first.
func (f *frame) inTitle(l *Line, w int) {
	room := w - f.fit(l.Title, unlimited).w
	if unit := f.fit(l.Y.Label, unlimited); unit.w > 0 {
		room -= 2 + unit.w
	}
	f.sign()
	if f.titled = f.oneLine(room - 2); f.titled < len(f.entries) {
		f.bestFirst(l)
		f.titled = f.oneLine(room - 2)
	}
}

// sign gives each entry a sign of its curve.
func (f *frame) sign() {
	for i := range f.entries {
		if f.entries[i].key == 0 {
			f.entries[i].key = strokes(f.glyphs)[0]
		}
	}
}

// bestFirst orders the entries by their last values, what is only for reference last.
func (f *frame) bestFirst(l *Line) {
	least := slices.ContainsFunc(l.Series, func(s Series) bool { return s.Goal == Lowest })
	slices.SortStableFunc(f.entries, func(a, b entry) int {
		switch dashed := l.Series[a.series].Dashed; {
		case dashed != l.Series[b.series].Dashed && dashed:
			return 1
		case dashed != l.Series[b.series].Dashed:
			return -1
		case least:
			return cmp.Compare(a.last, b.last)
		}
		return cmp.Compare(b.last, a.last)
	})
}

// oneLine is how many entries fit in a line of w cells, with the number of those
// that do not.
func (f *frame) oneLine(w int) int {
	used := 0
	for i := range f.entries {
		n := f.entryW(i)
		if used+n+f.countW(i+1) > w {
			return i
		}
		used += n + entryGap
	}
	return len(f.entries)
}

// entryGap is the blanks between entries in a line.
const entryGap = 2

// entryW is the width of an entry in a line.
func (f *frame) entryW(i int) int {
	return 2 + f.entries[i].name.w + 1 + int(f.entries[i].values[f.column[0]].n)
}

// countW is the width of the number of entries left out after n, with its gap.
func (f *frame) countW(n int) int {
	left := len(f.entries) - n
	if left == 0 {
		return 0
	}
	var buf [16]byte
	return entryGap + 1 + len(strconv.AppendInt(buf[:0], int64(left), 10))
}

// writeTop writes as many entries as fit in one line, from the y axis on, and
// the number of those left out.
func (f *frame) writeTop(p *pen, w int) {
	lead := max(0, f.gutter-1)
	f.sign()
	p.blank(lead)
	p.blank(w - lead - f.writeEntries(p, f.oneLine(w-lead), w-lead))
	p.endLine()
}

// writeEntries writes the first n entries, and in at most w cells the number of the
// others; it gives the cells that took.
func (f *frame) writeEntries(p *pen, n, w int) (used int) {
	for i := range f.entries[:n] {
		e := &f.entries[i]
		v := &e.values[f.column[0]]
		if i > 0 {
			p.blank(entryGap)
			used += entryGap
		}
		p.rune(e.color, e.key)
		p.blank(1)
		p.text(e.color, e.name.s)
		p.blank(1)
		p.bytes(e.color, v.text())
		used += f.entryW(i)
	}
	if n == len(f.entries) {
		return used
	}
	gap := min(entryGap, used)
	var buf [16]byte
	rest := strconv.AppendInt(append(buf[:0], '+'), int64(len(f.entries)-n), 10)
	rest = rest[:min(len(rest), max(0, w-used-gap))]
	p.blank(gap)
	p.bytes(Muted, rest)
	return used + gap + len(rest)
}
