package chart

import (
	"math"
	"slices"
	"strconv"
	"strings"
)

// legendPlace is where the names of the curves stand.
type legendPlace uint8

const (
	_ legendPlace = iota // no legend
	// legendRight puts each name beside the end of its curve.
	legendRight
	// legendTop puts the names in one line under the title.
	legendTop
)

// entry is one curve in the legend.
type entry struct {
	key, name, value string
	color            Color
	row              int     // plot row, with legendRight
	last             float64 // last value
}

// chooseLegend makes the entries and finds their place.
func (f *frame) chooseLegend(l *Line, b box) {
	f.entries = l.entries(b, f.yForm)
	if len(f.entries) == 0 {
		return
	}
	total := f.gutter + f.plotW
	nameW := min(total/3, f.align())
	w := 2 + width(f.entries[0].key) + nameW + len(f.entries[0].value)
	if nameW > 0 {
		w++
	}
	switch {
	case f.plotH >= minLegendH && f.plotW-w >= max(minLegendW, w):
		f.legend, f.legendW = legendRight, w
		f.plotW -= w
	case f.plotH > minTopH:
		f.legend = legendTop
		f.plotH--
		for i := range f.entries {
			f.entries[i].name = fit(f.entries[i].name, total/2, f.glyphs)
		}
	}
}

// entries are the curves that have a point and something to say.
func (l *Line) entries(b box, form notation) []entry {
	form = form.finer(max(math.Abs(b.y0), math.Abs(b.y1)), l.Y.Rate)
	dashed := slices.ContainsFunc(l.Series, func(s Series) bool { return s.Dashed })
	out := make([]entry, 0, len(l.Series))
	for i := range l.Series {
		s := &l.Series[i]
		_, y, ok := s.last()
		if !ok {
			continue
		}
		value := form.format(y)
		if len(value) > maxLabel {
			value = strings.TrimSpace(Format(y, maxLabel))
		}
		out = append(out, entry{key: l.key(i, dashed), name: clean(s.Name, l.Style.Glyphs),
			value: value, color: s.Color, last: y})
	}
	return out
}

// finer is n with the digits that a single value deserves beyond a tick's: four
// significant ones for a value of the given size, as far as two more go.
func (n notation) finer(size float64, rate bool) notation {
	switch {
	case n.scientific:
		n.decimals = max(n.decimals, 2)
	case rate && n.exp == 0:
		n.decimals = max(n.decimals, 3)
	case size > 0:
		want := 3 - (exponent(size, 3) - n.exp)
		n.decimals = max(n.decimals, min(n.decimals+2, want))
	}
	return n
}

// key is what ties an entry to its curve beside the colour, "" where the
// entry's place and colour suffice.
func (l *Line) key(i int, dashed bool) string {
	switch {
	case l.lettered():
		return string(letter(i)) + " "
	case !dashed:
		return ""
	case l.Series[i].Dashed:
		return strokes(l.Style.Glyphs)[1]
	default:
		return strokes(l.Style.Glyphs)[0]
	}
}

// strokes are samples of a full and of a dashed curve.
func strokes(g Glyphs) [2]string {
	switch g {
	case ASCII:
		return [2]string{"_ ", "- "}
	case Blocks:
		return [2]string{"─ ", "- "}
	default:
		return [2]string{"━ ", "╌ "}
	}
}

// align pads the values to one width and gives the width of the longest name.
func (f *frame) align() int {
	nameW, valueW := 0, 0
	for _, e := range f.entries {
		nameW, valueW = max(nameW, width(e.name)), max(valueW, len(e.value))
	}
	for i := range f.entries {
		e := &f.entries[i]
		e.value = strings.Repeat(" ", valueW-len(e.value)) + e.value
	}
	return nameW
}

// placeEntries puts each entry at the row of its last value, or as near as the
// others allow. Entries beyond the number of rows are counted in the last row.
func (f *frame) placeEntries(p *plot) {
	e := f.entries
	if n := len(e) - f.plotH; n > 0 {
		e = e[:f.plotH]
		e[f.plotH-1] = entry{name: "+" + strconv.Itoa(n+1) + " more", color: Muted, last: math.Inf(-1)}
	}
	slices.SortStableFunc(e, func(a, b entry) int {
		switch {
		case a.last > b.last:
			return -1
		case a.last < b.last:
			return 1
		}
		return 0
	})
	next := 0
	for i := range e {
		e[i].row = max(next, p.cellY(e[i].last))
		next = e[i].row + 1
	}
	limit := f.plotH - 1
	for i := len(e) - 1; i >= 0; i-- {
		e[i].row = min(limit, e[i].row)
		limit = e[i].row - 1
	}
	f.entries = e
}

// writeRight writes the entry of a row, or blanks.
func (f *frame) writeRight(p *pen, row int) {
	i := slices.IndexFunc(f.entries, func(e entry) bool { return e.row == row })
	if i < 0 {
		p.blank(f.legendW)
		return
	}
	e := f.entries[i]
	name := fit(e.name, f.legendW-1-width(e.key)-len(e.value), f.glyphs)
	p.blank(1)
	p.text(e.color, e.key)
	p.text(e.color, name)
	p.blank(f.legendW - 1 - width(e.key) - width(name) - len(e.value))
	p.text(e.color, e.value)
}

// writeTop writes as many entries as fit in one line, from the y axis on, and
// the number of those left out.
func (f *frame) writeTop(p *pen, w int) {
	used := max(0, f.gutter-1)
	p.blank(used)
	for i, e := range f.entries {
		if e.key == "" {
			e.key = strokes(f.glyphs)[0]
		}
		n, rest := width(e.key)+width(e.name)+1+len(e.value), "+"+strconv.Itoa(len(f.entries)-i)
		need := n
		if i < len(f.entries)-1 {
			need += 2 + len(rest)
		}
		if used+need > w {
			rest = fit(rest, w-used, f.glyphs)
			p.text(Muted, rest)
			used += width(rest)
			break
		}
		p.text(e.color, e.key+e.name+" "+e.value)
		gap := min(2, w-used-n)
		p.blank(gap)
		used += n + gap
	}
	p.blank(w - used)
	p.endLine()
}
