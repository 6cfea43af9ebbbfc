package chart

import (
	"cmp"
	"fmt"
	"strings"
)

// maxSide is the greatest width and height of a picture, in pixels.
const maxSide = 8192

// side keeps a width or a height of a picture within reason.
func side(n int) float64 { return float64(min(max(n, 1), maxSide)) }

// SVG draws the chart as an <svg> element of w x h pixels that shows what
// Render shows: the same ranges, ticks, values and marks. It needs nothing from
// elsewhere, follows the reader's choice of light or dark (Theme.NoColor does not
// matter to it), and keeps a few points a pixel column however long the series
// are. Sizes below 1 count as 1.
func (l *Line) SVG(w, h int) string {
	f := svgFrame{l: l, w: side(w), h: side(h)}
	f.draw()
	f.about = f.values()
	return f.document(f.w, f.h, l.Title, l.Style.Theme)
}

// values are the last ones of the curves, for those who do not see them.
func (f *svgFrame) values() string {
	var out []string
	for i := range f.entries {
		e := &f.entries[i]
		out = append(out, strings.TrimSpace(e.name.s+" "+string(e.values[valueLast].text())))
	}
	return strings.Join(out, ", ")
}

// SVG draws the scatter like a Line.
func (s *Scatter) SVG(w, h int) string { return s.Line().SVG(w, h) }

// document is the picture of what was drawn.
func (p *svgPen) document(w, h float64, name string, t Theme) string {
	body := p.buf
	p.buf = make([]byte, 0, len(body)+2048)
	p.put(fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" class="%s" role="img" width="%g" height="%g" viewBox="0 0 %[2]g %[3]g" `+
		`font-family="system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans','Liberation Sans',Arial,sans-serif" font-size="%d" `+
		`fill="currentColor" color="%s" style="font-variant-numeric:tabular-nums;color-scheme:light dark">`, svgClass, w, h, fontSize, svgInk[0]), "\n")
	p.title(cmp.Or(clean(name, Braille), "chart"))
	if p.about != "" {
		p.put("<desc>")
		p.escape(p.about)
		p.put("</desc>")
	}
	p.styleSheet(t)
	p.rect(0, 0, w, h, fmt.Sprintf(` class="paper" fill="%s"`, svgPaper[0]))
	p.buf = append(p.buf, body...)
	p.put("</svg>\n")
	return string(p.buf)
}
