package chart

import (
	"cmp"
	"math"
	"slices"
)

// Lengths of a legend in pixels.
const (
	leadW  = 14.0 // from the plot to a sample
	keyPx  = 24.0 // a sample of the curve with the blank behind
	valGap = 12.0
)

// layoutLegend finds the place of the names and the values that are shown: beside
// the plot, each at the end of its curve, the richest that leaves the plot its
// room; else over it, in as many lines as a third of its height has.
func (f *svgFrame) layoutLegend(b box) {
	f.plotW = max(1, int(f.pw))
	f.fillEntries(f.l, b)
	if len(f.entries) == 0 {
		return
	}
	f.frame.column, f.columns = [3]int{valueLast, valueBest}, 2
	if f.l.Cursor != nil {
		f.frame.column, f.columns = [3]int{valueAt, valueLast, valueBest}, 3
	}
	if f.widthOf(valueBest) == 0 {
		f.columns--
	}
	for ; f.columns > 0 && f.ph >= minSVGLegendH; f.columns-- {
		if w := f.besidesPx(); f.pw-w >= max(minSVGLegendW, w) {
			f.legend = legendRight
			f.pw -= w
			return
		}
	}
	f.columns = 1
	lines, room := len(f.wrap()), int(f.ph/3/rowHeight)
	if lines > room {
		f.bestFirst(f.l)
	}
	if f.titled = min(lines, room); f.titled > 0 {
		f.legend = legendTop
		f.top += rowHeight*float64(f.titled) + 4
	}
}

// besidesPx is the width of a legend beside the plot.
func (f *svgFrame) besidesPx() float64 {
	return leadW + keyPx + f.nameW() + f.valuesPx()
}

// nameW is the width of the widest name, which may be a quarter of the picture.
func (f *svgFrame) nameW() (w float64) {
	for i := range f.entries {
		w = max(w, textWidth(f.entries[i].name.s, fontSize))
	}
	return math.Ceil(min(w, f.w/4))
}

// valuePx is the width of a column of values.
func (f *svgFrame) valuePx(column int) float64 {
	w := 0.0
	if f.columns > 1 {
		w = textWidth(heads[column], fontSize)
	}
	for i := range f.entries {
		w = max(w, textWidth(string(f.entries[i].values[column].text()), fontSize))
	}
	return math.Ceil(w)
}

func (f *svgFrame) valuesPx() (w float64) {
	for i := range f.columns {
		w += valGap + f.valuePx(f.frame.column[i])
	}
	return w
}

func (f *svgFrame) drawLegend() {
	if f.legend == legendRight {
		f.beside()
	} else if f.legend == legendTop {
		f.above()
	}
}

// beside writes the entries at the ends of their curves, or as near as the others
// allow. Where there is no room for all, the best have it, and the last line counts
// the others.
func (f *svgFrame) beside() {
	e, room := f.entries, max(1, int(f.ph/rowHeight))
	more := len(e) - room
	if more > 0 {
		f.bestFirst(f.l)
		e = e[:room-1]
	}
	slices.SortStableFunc(e, func(a, b entry) int { return cmp.Compare(f.ends[a.series].y, f.ends[b.series].y) })
	at := make([]float64, len(e))
	for i := range e {
		at[i] = f.top + f.ends[e[i].series].y
	}
	bottom := f.top + f.ph
	if more > 0 {
		bottom -= rowHeight
	}
	left := f.left + f.pw + leadW
	for i, y := range spread(at, f.top, bottom) {
		f.leader(&e[i], y)
		f.entry(&e[i], left, y+4)
	}
	if more > 0 {
		f.text(left+keyPx, f.top+f.ph+4, f.more(more+1).s, hand{color: Muted})
	}
	if f.columns > 1 {
		f.columnHeads()
	}
}

// spread moves sorted places apart by a line each, within the ends.
func spread(at []float64, first, last float64) []float64 {
	out, next := slices.Clone(at), first
	for i := range out {
		out[i] = max(next, out[i])
		next = out[i] + rowHeight
	}
	limit := last
	for i := len(out) - 1; i >= 0; i-- {
		out[i] = min(limit, out[i])
		limit = out[i] - rowHeight
	}
	return out
}

// leader ties an entry at the height y to the end of its curve, where that is
// beside it but not at its height.
func (f *svgFrame) leader(e *entry, y float64) {
	end := f.ends[e.series]
	if math.Abs(f.top+end.y-y) < 3 || end.x < f.pw-leadW {
		return
	}
	x := f.left + end.x
	f.line(x, f.top+end.y, f.left+f.pw+leadW-1, y, f.class(e.color)+` stroke="currentColor" stroke-opacity=".6"`)
}

// entry writes a sample of the curve, its name and its values.
func (f *svgFrame) entry(e *entry, x, y float64) {
	f.sample(e, x, y-4)
	w := f.nameW()
	f.text(x+keyPx, y, cut(e.name.s, w+1, fontSize), hand{color: e.color})
	x += keyPx + w
	for i := range f.columns {
		column := f.frame.column[i]
		x += valGap + f.valuePx(column)
		f.text(x, y, string(e.values[column].text()), hand{anchor: "end"})
	}
}

// sample draws a bit of a curve with its mark.
func (f *svgFrame) sample(e *entry, x, y float64) {
	s, shape := &f.l.Series[e.series], f.shape(e.series)
	f.open(e.color, "")
	if !s.Dots {
		dash := ""
		if s.Dashed {
			dash = ` stroke-dasharray="5 4"`
		}
		f.line(x, y, x+18, y, ` stroke="currentColor" stroke-width="2"`+dash)
	}
	var mark svgPath
	shape.draw(&mark, x+9, y)
	f.path(&mark, shape.attributes())
	f.close()
}

// columnHeads writes the names of the columns over them.
func (f *svgFrame) columnHeads() {
	x := f.left + f.pw + leadW + keyPx + f.nameW()
	for i := range f.columns {
		column := f.frame.column[i]
		x += valGap + f.valuePx(column)
		f.text(x, f.top-10, heads[column], hand{color: Muted, anchor: "end"})
	}
}

// entryPx is the width of an entry in a line.
func (f *svgFrame) entryPx(i int) float64 {
	e := &f.entries[i]
	return keyPx + min(textWidth(e.name.s, fontSize), f.mostName()) + 6 + textWidth(string(e.values[f.frame.column[0]].text()), fontSize) + 18
}

// mostName is how wide a name in a line may be.
func (f *svgFrame) mostName() float64 { return max(0, (f.right-f.left)/2-keyPx) }

// wrap breaks the entries into lines over the plot; it gives the first of each.
func (f *svgFrame) wrap() (first []int) {
	used := math.Inf(1)
	for i := range f.entries {
		w := f.entryPx(i)
		if used+w-18 > f.right-f.left {
			first, used = append(first, i), 0
		}
		used += w
	}
	return first
}

// above writes the entries in lines over the plot, and the number of those that
// have no room.
func (f *svgFrame) above() {
	first := f.wrap()
	y := f.top - rowHeight*float64(f.titled) - 2
	for line, i := range first[:f.titled] {
		end := len(f.entries)
		if line+1 < len(first) {
			end = first[line+1]
		}
		x := f.left
		for ; i < end; i++ {
			if line+1 == f.titled && i == end-1 && end < len(f.entries) {
				f.text(x, y, f.more(len(f.entries)-i).s, hand{color: Muted})
				break
			}
			e := &f.entries[i]
			f.sample(e, x, y-4)
			f.begin(x+keyPx, y, hand{})
			f.put("<tspan", f.class(e.color), ">")
			f.escape(cut(e.name.s, f.mostName(), fontSize))
			f.put(`</tspan><tspan dx="6">`, string(e.values[f.frame.column[0]].text()), "</tspan></text>\n")
			x += f.entryPx(i)
		}
		y += rowHeight
	}
}
