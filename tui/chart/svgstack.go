package chart

import "strconv"

// StackSVG draws the counts of Stack as an <svg> element of w x h pixels: a bar
// in a line of its own for each part, with its name and its count. Where there is
// no room for all, those without a count go first, then the last ones, and it says
// how many.
func StackSVG(title string, parts []Part, w, h int, style Style) string {
	var p svgPen
	width, height := side(w), side(h)
	margin := marginOf(width, height)
	top := p.heading(title, width, height)
	s := newStack(parts, unlimited, Style{})
	room := max(1, int((height-margin-top)/rowHeight))
	for len(s.parts) > room || s.hidden > 0 && len(s.parts) >= max(2, room) {
		s.drop()
	}
	nameW, countW := 0.0, 0.0
	for _, part := range s.parts {
		nameW = max(nameW, textWidth(part.Name, fontSize))
		countW = max(countW, textWidth(strconv.Itoa(part.Count), fontSize))
	}
	nameW = min(nameW, width/3)
	left := margin + nameW + 8
	longest := max(0, width-margin-left-countW-8)
	for _, part := range s.parts {
		base := top + rowHeight - 4
		p.text(margin, base, cut(part.Name, nameW+1, fontSize), hand{})
		bar := 0.0
		if part.Count > 0 {
			bar = max(1.5, longest*float64(part.Count)/float64(s.most))
			p.rect(left, top+2, bar, rowHeight-5, p.class(part.Color)+` rx="1.5"`)
		}
		p.text(left+bar+6, base, strconv.Itoa(part.Count), hand{})
		top += rowHeight
	}
	if s.hidden > 0 {
		p.text(margin, top+rowHeight-4, "+"+strconv.Itoa(s.hidden)+" more", hand{color: Muted})
	}
	return p.document(width, height, title, style.Theme)
}

// marginOf is the margin of a picture, which shrinks with it.
func marginOf(w, h float64) float64 { return min(svgMargin, w/8, h/8) }

// heading writes the title where there is room for one, and gives where the rest
// begins.
func (p *svgPen) heading(title string, w, h float64) (top float64) {
	margin := marginOf(w, h)
	if title == "" || w < minTitleSide || h < minTitleSide {
		return margin
	}
	p.text(margin, margin+titleSize, cut(title, w-2*margin, titleSize*1.06), hand{size: titleSize, bold: true})
	return margin + titleSize + 8
}
