package chart

// PhasesSVG draws the time line of Phases as an <svg> element of w x h pixels:
// each phase with the sign of its state, its name, and its note or duration below.
func PhasesSVG(title string, parts []Phase, w, h int, style Style) string {
	var p svgPen
	width, height := side(w), side(h)
	top := p.heading(title, width, height)
	line := phases{parts: parts, last: len(parts), detail: len(details) - 1}
	room := width / float64(max(1, len(parts)))
	y := top + 12
	for i := range parts {
		x := (float64(i) + 0.5) * room
		if i > 0 {
			p.line(x-room+14, y, x-14, y, p.class(Muted)+` stroke="currentColor" stroke-opacity=".5"`)
		}
		p.phase(&line, i, x, y, room-6)
	}
	return p.document(width, height, title, style.Theme)
}

// phase draws one phase about x.
func (p *svgPen) phase(line *phases, i int, x, y, room float64) {
	sign, color := line.glyph(line.parts[i].State)
	p.put("<circle", p.class(color))
	p.at("cx", x)
	p.at("cy", y)
	p.put(` r="9" fill="none" stroke="currentColor" stroke-width="1.5"`)
	switch line.parts[i].State {
	case Going:
		share := between(line.parts[i].Share, 0, 1) * 56.5 // of the way round
		p.put(` stroke-opacity=".35"/><circle`, p.class(color))
		p.at("cx", x)
		p.at("cy", y)
		p.put(` r="9" fill="none" stroke="currentColor" stroke-width="3" stroke-dasharray="`)
		p.buf = appendTenths(p.buf, tenths(share))
		p.put(` 99" transform="rotate(-90 `)
		p.buf = append(appendTenths(append(appendTenths(p.buf, tenths(x)), ' '), tenths(y)), ")\"/>\n"...)
	case Waiting, Skipped:
		p.put(` stroke-dasharray="2 3"/>`)
	default:
		p.put("/>")
	}
	if line.parts[i].State != Waiting {
		p.text(x, y+4, string(sign), hand{color: color, anchor: "middle"})
	}
	name, note := line.texts(i)
	p.text(x, y+27, cut(name, room, fontSize), hand{anchor: "middle"})
	p.text(x, y+43, cut(note, room, subPx), hand{color: Muted, anchor: "middle", size: subPx})
}
