package chart

import (
	"cmp"
	"math"
	"strings"
)

// svgFrame is the layout of one Line as a picture, and what was drawn of it.
type svgFrame struct {
	svgPen
	frame // the entries of the legend, the ticks of y and their notation
	l     *Line
	plot  svgPlot
	w, h  float64 // of the picture
	left  float64 // of the plot
	top   float64
	pw    float64
	ph    float64
	right float64    // of all but the margin
	ends  []svgPlace // of the curves, in the plot
}

// svgPlace is a place in pixels.
type svgPlace struct{ x, y float64 }

// Lengths in pixels.
const (
	svgMargin = 12.0
	rowHeight = 17.0 // of a line of text
	titleSize = 14.0
)

// Below these sizes in pixels a part is left out.
const (
	minTitleSide  = 90
	minLabelsW    = 150
	minLabelsH    = 70
	minUnitH      = 150
	minSVGLegendW = 200 // of a plot beside a legend
	minSVGLegendH = 50
)

func (f *svgFrame) draw() {
	f.texts.glyphs = Braille
	b := f.l.bounds()
	f.margins()
	f.header()
	if b.empty() {
		f.text(f.w/2, (f.top+f.h)/2, cut(cmp.Or(f.l.Empty, defaultEmpty), f.w, fontSize), hand{color: Muted, anchor: "middle"})
		return
	}
	labelled := f.layoutPlot(b)
	if labelled {
		f.grid()
	}
	f.curves()
	if labelled {
		f.axisX()
	}
	f.drawLegend()
}

// margins gives all to the plot but a margin that a small picture has not.
func (f *svgFrame) margins() {
	m := svgMargin
	if f.w < minTitleSide || f.h < minTitleSide {
		m = min(4, f.w/4, f.h/4)
	}
	f.left, f.top, f.right = m, m, f.w-m
}

// header writes the title, the unit of y, and the note: at the right end, or in
// a line of its own where there is no room.
func (f *svgFrame) header() {
	title, unit, note := cut(f.l.Title, f.right-f.left, titleSize*1.06), clean(f.l.Y.Label, Braille), clean(f.l.Note, Braille)
	if f.w < minTitleSide || f.h < minTitleSide || title+unit+note == "" {
		return
	}
	used := textWidth(title, titleSize*1.06)
	if unit != "" && used+12+textWidth(unit, fontSize) > f.right-f.left {
		unit = ""
	}
	y := f.top + titleSize
	f.begin(f.left, y, hand{size: titleSize, bold: true})
	f.escape(title)
	if unit != "" {
		f.put(`<tspan`, f.class(Muted))
		if title != "" {
			f.at("dx", 8)
		}
		f.at("font-size", fontSize)
		f.put(` font-weight="400">`)
		f.escape(unit)
		f.put("</tspan>")
		used += 8 + textWidth(unit, fontSize)
	}
	f.put("</text>\n")
	f.top += titleSize + 6
	if note == "" {
		return
	}
	if used == 0 || used+24+textWidth(note, fontSize) <= f.right-f.left {
		f.text(f.right, y, note, hand{color: Muted, anchor: "end"})
		return
	}
	for textWidth(note, fontSize) > f.right-f.left && strings.Contains(note, " · ") {
		note = note[:strings.LastIndex(note, " · ")]
	}
	f.text(f.left, y+rowHeight, cut(note, f.right-f.left, fontSize), hand{color: Muted})
	f.top += rowHeight
}

// layoutPlot finds the place of the plot and of the legend, and reports whether
// the axes have labels.
func (f *svgFrame) layoutPlot(b box) (labelled bool) {
	bottom := f.h - f.left
	labelled = f.w >= minLabelsW && f.h >= minLabelsH
	if labelled {
		f.top += 8 // half a label
		bottom -= rowHeight + 2
		if f.l.X.Label != "" && f.h >= minUnitH {
			bottom -= rowHeight
		}
	}
	f.ph = bottom - f.top
	f.ticksY(b)
	if labelled {
		widest := 0.0
		for i := range f.yTicks {
			widest = max(widest, textWidth(string(f.yTicks[i].text()), fontSize))
		}
		f.left += math.Ceil(max(24, widest)) + 8
	}
	f.pw = f.right - f.left
	if labelled && !f.l.NoLegend {
		f.layoutLegend(b)
		if f.legend == legendRight && f.columns > 1 {
			f.top += rowHeight - 3 // their heads
		}
	}
	f.pw, f.ph = max(1, math.Floor(f.pw)), max(1, math.Floor(bottom-f.top))
	f.ticksY(b)
	f.plot.reset(f.l, b, f.pw, f.ph)
	return labelled
}

func (f *svgFrame) ticksY(b box) {
	f.yTicks, f.yForm = f.l.Y.ticks(b.y0, b.y1, min(intervals+1, max(2, int(f.ph/25))), f.yTicks[:0])
}

// x and y are where a value lies in the picture.
func (f *svgFrame) x(v float64) float64 { return f.left + f.plot.px(f.plot.plot.x.dot(v)) }
func (f *svgFrame) y(v float64) float64 { return f.top + f.plot.py(f.plot.plot.y.dot(v)) }

// grid draws a line at each label of y, and the x axis.
func (f *svgFrame) grid() {
	f.open(Muted, "")
	for i := range f.yTicks {
		t := &f.yTicks[i]
		y := f.y(t.at)
		f.line(f.left, y, f.left+f.pw, y, ` stroke="currentColor" stroke-opacity=".25"`)
		f.text(f.left-7, y+4, string(t.text()), hand{anchor: "end"})
	}
	f.line(f.left, f.top+f.ph, f.left+f.pw, f.top+f.ph, ` stroke="currentColor"`)
	f.close()
}

// axisX writes the labels of x where they do not touch, the one of the cursor
// before all others, then the unit, and marks where something happened.
func (f *svgFrame) axisX() {
	bottom := f.top + f.ph
	ticks, form := f.l.X.ticks(f.plot.plot.x.lo, f.plot.plot.x.hi, max(2, min(8, int(f.pw/70))), nil)
	from, to := f.cursor(form)
	f.open(Muted, "")
	end := math.Inf(-1)
	for i := range ticks {
		t := string(ticks[i].text())
		x, half := f.x(ticks[i].at), textWidth(t, fontSize)/2
		at := min(x, f.w-half-3)
		if at-half < end+6 || at+half > from-6 && at-half < to+6 {
			continue
		}
		end = at + half
		f.line(x, bottom, x, bottom+4, ` stroke="currentColor"`)
		f.text(at, bottom+rowHeight, t, hand{anchor: "middle"})
	}
	if f.l.X.Label != "" && f.h >= minUnitH {
		f.text(f.left+f.pw/2, bottom+2*rowHeight, cut(f.l.X.Label, f.w-f.left, fontSize), hand{anchor: "middle"})
	}
	f.close()
	var marks svgPath
	for _, x := range f.l.Marks {
		if f.plot.plot.x.has(x) && len(marks.d) < 16<<10 {
			marks.move(f.x(x), bottom-8)
			marks.line(f.x(x)+4.5, bottom)
			marks.line(f.x(x)-4.5, bottom)
			marks.shut()
		}
	}
	f.path(&marks, "")
}

// cursor draws the vertical line with its x, and gives where that stands.
func (f *svgFrame) cursor(form notation) (from, to float64) {
	c := f.l.Cursor
	if c == nil || !f.plot.plot.x.has(*c) {
		return math.Inf(1), math.Inf(-1)
	}
	apart := f.plot.plot.x.value(f.x(*c)-f.left+8) - f.plot.plot.x.value(f.x(*c)-f.left)
	for apart < math.Pow10(form.exp-form.decimals) && form.decimals < 4 {
		form.decimals++ // a cursor stands between ticks
	}
	value := f.l.X.value(*c, form)
	text := string(value.text())
	x, half := f.x(*c), textWidth(text, fontSize)/2
	f.line(x, f.top, x, f.top+f.ph+4, ` stroke="currentColor" stroke-opacity=".6"`)
	x = min(x, f.w-half-3)
	f.text(x, f.top+f.ph+rowHeight, text, hand{anchor: "middle", bold: true})
	return x - half, x + half
}
