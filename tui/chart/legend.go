package chart

import (
	"math"
	"slices"
	"strconv"
)

// legendPlace is where the names of the curves stand.
type legendPlace uint8

const (
	legendNone legendPlace = iota
	// legendRight puts each name beside the end of its curve.
	legendRight
	// legendTop puts the names in one line under the title.
	legendTop
	// legendTitle puts them into the line of the title.
	legendTitle
)

// The values of a legend.
const (
	valueAt   = iota // at the crosshair
	valueLast        // the last one
	valueBest        // the best one by the series' goal
)

// heads are their names over the legend.
var heads = [...]string{valueAt: "at", valueLast: "last", valueBest: "best"}

// legendLayout is the legend of a frame.
type legendLayout struct {
	legend  legendPlace
	legendW int // cells right of the plot, the gap included
	titled  int // entries in the line of the title, with legendTitle
	entries []entry
	columns int    // how many values an entry shows
	column  [3]int // which
	valueW  [3]int // how wide
}

// entry is one curve in the legend.
type entry struct {
	key    rune // ties it to its curve beside the colour; 0 for none
	name   text
	values [3]word
	color  Color
	row    int     // plot row, with legendRight
	last   float64 // last value
	series int     // of the chart
}

// valueGap is the blanks before a value.
const valueGap = 2

// keyW is the width of the keys with their blank.
func (f *legendLayout) keyW() int {
	if len(f.entries) > 0 && f.entries[0].key != 0 {
		return 2
	}
	return 0
}

// lead is the blanks before an entry; a value alone has its own.
func (f *legendLayout) lead(nameW int) int { return min(1, nameW+f.keyW()) }

// valuesW is the width of the values shown, with their gaps.
func (f *legendLayout) valuesW() (w int) {
	for i := range f.columns {
		w += valueGap + f.valueW[i]
	}
	return w
}

// chooseLegend makes the entries and finds their place and their values: the
// richest that leaves the plot its room. Long names are cut before values are
// left out. Where there is no room beside the plot, they stand in the line of the
// title, or else above the plot.
func (f *frame) chooseLegend(l *Line, b box) {
	f.fillEntries(l, b)
	if len(f.entries) == 0 {
		return
	}
	f.column, f.columns = [3]int{valueLast, valueBest}, 2
	if l.Cursor != nil {
		f.column, f.columns = [3]int{valueAt, valueLast, valueBest}, 3
	}
	if f.widthOf(valueBest) == 0 {
		f.columns--
	}
	for ; f.columns > 0; f.columns-- {
		if f.columns > 1 && !f.title {
			continue // nothing says which value is which
		}
		if w, least := f.besides(); f.plotH >= minLegendH && f.plotW-w >= least {
			f.legend, f.legendW = legendRight, w
			f.plotW -= w
			return
		}
	}
	f.chooseAbove(l)
}

// besides is the width of a legend at the right with the present columns, and
// the least width of a plot beside it.
func (f *frame) besides() (w, least int) {
	nameW, most := 0, (f.gutter+f.plotW)/3
	if f.columns > 1 {
		most = (f.gutter + f.plotW) / 5
	}
	for i := range f.entries {
		nameW = max(nameW, f.entries[i].name.w)
	}
	for i := range f.columns {
		f.valueW[i] = f.widthOf(f.column[i])
		if f.columns > 1 {
			f.valueW[i] = max(f.valueW[i], len(heads[f.column[i]]))
		}
	}
	if f.plotW >= roomyW && (f.columns < 2 || f.gutter+f.plotW < wideW) {
		least = roomyW
		most = min(most, max(minNameW, f.plotW-roomyW-1-f.keyW()-f.valuesW()))
	}
	nameW = min(nameW, most)
	w = f.lead(nameW) + f.keyW() + nameW + f.valuesW()
	if f.columns > 1 {
		return w, max(least, minManyW, w*3/2)
	}
	return w, max(least, minLegendW, w)
}

// widthOf is the width of a value over all entries.
func (f *legendLayout) widthOf(value int) (w int) {
	for i := range f.entries {
		w = max(w, int(f.entries[i].values[value].n))
	}
	return w
}

// fillEntries makes an entry of every curve that has a point and something to
// say.
func (f *frame) fillEntries(l *Line, b box) {
	form := f.yForm.finer(max(math.Abs(b.y0), math.Abs(b.y1)), l.Y.Rate)
	keyed := l.lettered() || slices.ContainsFunc(l.Series, func(s Series) bool { return s.Dashed || s.Dots })
	for i := range l.Series {
		s := &l.Series[i]
		_, y, ok := s.last(l.Y.floor())
		if !ok || !l.listed(i) {
			continue
		}
		e := entry{name: f.fit(s.Name, unlimited), color: s.Color, last: y, series: i}
		e.values[valueLast] = l.Y.value(y, form)
		if v := s.best(); v == v {
			e.values[valueBest] = l.Y.value(v, form)
		}
		if l.Cursor != nil {
			e.values[valueAt].set(missing)
			if v := s.near(*l.Cursor, (b.x1-b.x0)/float64(max(1, f.plotW))); v == v {
				e.values[valueAt] = l.Y.value(v, form)
			}
		}
		if keyed {
			e.key = l.key(i)
		}
		f.entries = append(f.entries, e)
	}
}

// missing stands for a value that is not there.
var missing = []byte("-")

// key is what ties an entry to its curve beside the colour.
func (l *Line) key(i int) rune {
	s := &l.Series[i]
	switch {
	case s.Dots:
		return l.marker(i)
	case l.lettered():
		return letter(i)
	case s.Dashed:
		return strokes(l.Style.Set())[1]
	default:
		return strokes(l.Style.Set())[0]
	}
}

// strokes are samples of a full and of a dashed curve.
func strokes(g Glyphs) [2]rune {
	switch {
	case g.plain():
		return [2]rune{'_', '-'}
	case g == Blocks:
		return [2]rune{'─', '-'}
	default:
		return [2]rune{'━', '╌'}
	}
}

// placeEntries puts each entry at the row of its last value, or as near as the
// others allow. Where there are more than rows, the best have one, and the last row
// counts the others.
func (f *frame) placeEntries(l *Line, p *plot) {
	e := f.entries
	if n := len(e) - f.plotH; n > 0 {
		f.bestFirst(l)
		e = e[:f.plotH]
		e[f.plotH-1] = entry{name: f.more(n + 1), color: Muted, last: math.Inf(-1)}
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

// more says how many were left out.
func (t *texts) more(n int) text {
	if t.count != n || t.said.w == 0 {
		t.count = n
		s := "+" + strconv.Itoa(n) + " more"
		t.said = text{s, len(s)}
	}
	return t.said
}

// writeRight writes the entry of a row, or blanks.
func (f *frame) writeRight(p *pen, row int) {
	i := slices.IndexFunc(f.entries, func(e entry) bool { return e.row == row })
	if i < 0 {
		p.blank(f.legendW)
		return
	}
	e := &f.entries[i]
	used := min(1, f.legendW-f.valuesW())
	p.blank(used)
	if e.key != 0 {
		p.rune(e.color, e.key)
		p.blank(1)
		used += 2
	}
	values := f.valuesW()
	if e.last == math.Inf(-1) { // the count of the others
		values = 0
	}
	name := f.fit(e.name.s, f.legendW-used-values)
	p.text(e.color, name.s)
	p.blank(f.legendW - used - name.w - values)
	if values == 0 {
		return
	}
	for i := range f.columns {
		v := &e.values[f.column[i]]
		p.blank(valueGap + f.valueW[i] - int(v.n))
		p.bytes(e.color, v.text())
	}
}
