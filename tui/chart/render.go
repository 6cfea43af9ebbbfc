package chart

import "sync"

// Renderer draws line charts one after the other and keeps its canvas, so that
// it allocates nothing once it is warm. The zero Renderer is ready. It must not
// be used by two at a time.
type Renderer struct {
	pen   pen
	plot  plot
	frame frame
}

// RenderTo appends l, drawn in exactly h lines of w cells joined by newlines, to
// buf.
func (r *Renderer) RenderTo(buf []byte, l *Line, w, h int) []byte {
	if w < 1 || h < 1 {
		return buf
	}
	r.pen = pen{buf: buf, style: l.Style}
	r.frame.texts.glyphs = l.Style.Set()
	r.render(l, w, h)
	out := r.pen.buf
	r.pen.buf = nil
	return out[:len(out)-1] // without the last newline
}

func (r *Renderer) render(l *Line, w, h int) {
	p, f, pl := &r.pen, &r.frame, &r.plot
	b := l.bounds()
	if b.empty() {
		f.reset(l, w, h)
		f.writeEmpty(p, l, w, h)
		return
	}
	f.layout(l, b, w, h)
	pl.reset(l, b, f.plotW, f.plotH)
	l.draw(pl)
	f.place(l, pl)
	if f.title {
		f.writeTitle(p, l, w)
	}
	if f.legend == legendTop {
		f.writeTop(p, w)
	}
	for row := range f.plotH {
		f.writeRow(p, pl, row)
	}
	if f.xRow {
		f.writeX(p, w)
	}
}

// renderers are for callers that keep none themselves.
var renderers = sync.Pool{New: func() any { return new(Renderer) }}

// RenderTo appends what Render gives to buf; like a Renderer's, it allocates
// nothing once it is warm.
func (l *Line) RenderTo(buf []byte, w, h int) []byte {
	r := renderers.Get().(*Renderer)
	defer renderers.Put(r)
	return r.RenderTo(buf, l, w, h)
}

// Render draws the chart in exactly h lines of w cells, joined by newlines.
// Parts go by priority as the room shrinks: the legend's further values, the
// legend, the labels of x, the title, the labels of y. Below 1x1 it is empty.
func (l *Line) Render(w, h int) string {
	if w < 1 || h < 1 {
		return ""
	}
	return string(l.RenderTo(make([]byte, 0, h*(3*w+32)), w, h))
}
